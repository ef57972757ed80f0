"""Brackets and quotes that do not pair."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.quality.checks.check import Pair
from translator.quality.checks.punctuation import brackets


def alone(source: str, target: str) -> list[str]:
    return [flag.detail for flag in brackets(Pair.of(source, target))]


@pytest.mark.parametrize(
    "target",
    [
        "It uses a model (small).",
        "It uses 'small models' and \"large ones\".",
        "It's the users' and James's model, isn't it?",
        "1) one, b) two, (iii) three",
        "The '2D plane' of '90s and '24 models.",
        "It is [a [b] c] {d}.",
        "It uses “quotes” and ‘others’, the model’s own.",
        "the code `f(x` and $(a$",
        "",
    ],
)
def test_what_pairs(target: str) -> None:
    assert alone("모델이다.", target) == []


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("It uses a model (small.", "("),
        ("It uses a model small).", ")"),
        ("It uses a (model (small).", "("),
        ('It says "yes.', '"'),
        ("It uses 'small models.", "'"),
        ("It uses small models' way of a stronger' kind.", "'"),
        ("It is (a] b.", "] ("),
        ("the “quote", "“"),
    ],
)
def test_what_stands_alone(target: str, found: str) -> None:
    assert alone("모델이다.", target) == [found]


def test_a_source_with_a_lone_bracket_excuses_its_target() -> None:
    assert alone("모델(작다", "a model (small") == []
    assert alone("상태 h'을 쓴다.", "It uses the state h' of it.") == []


@given(
    st.recursive(st.just("word"), lambda inner: st.one_of(inner.map("({})".format), inner.map("[{}] x".format), inner.map("“{}”".format)))
)
def test_nested_pairs_are_pairs(text: str) -> None:
    assert alone("모델이다.", text) == []
