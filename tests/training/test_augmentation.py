"""Augmented pairs still say the same on both sides."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.masking import PLACEHOLDERS
from translator.training.augmentation import LABELS, augmented
from translator.training.corpus import Pair
from translator.training.settings import Augmentation

PAIRS = (
    Pair("우리는 RiverFlow를 제안한다.", "We propose RiverFlow."),
    Pair("코드는 https://example.org/river 에 있다.", "The code is at https://example.org/river."),
    Pair("이 모델은 이름 없이도 잘 작동한다.", "This model works well even without a name."),
)


def changed(index: int, seed: int, **shares: float) -> Pair:
    return augmented(PAIRS, index, Augmentation(**shares), Random(seed))


@given(st.integers(0, 2), st.integers())
def test_nothing_is_changed_where_no_share_is(index: int, seed: int) -> None:
    assert changed(index, seed) == PAIRS[index]


@given(st.integers(0, 1), st.integers())
def test_a_placeholder_takes_the_place_of_one_name_on_both_sides(index: int, seed: int) -> None:
    pair = changed(index, seed, placeholders=1.0)
    name = ("RiverFlow", "https://example.org/river")[index]
    placeholder = next(p for p in PLACEHOLDERS if p in pair.source)
    assert pair == Pair(PAIRS[index].source.replace(name, placeholder), PAIRS[index].target.replace(name, placeholder))


def test_without_a_name_there_is_no_placeholder() -> None:
    assert changed(2, 1, placeholders=1.0) == PAIRS[2]


@given(st.integers())
def test_spacing_changes_one_space_of_the_korean_alone(seed: int) -> None:
    pair = changed(2, seed, spacing=1.0)
    assert pair.target == PAIRS[2].target
    assert pair.source.replace(" ", "") == PAIRS[2].source.replace(" ", "")
    assert abs(len(pair.source) - len(PAIRS[2].source)) == 1


def test_joined_pairs_are_neighbours_in_their_file() -> None:
    assert changed(0, 1, joined=1.0) == Pair(f"{PAIRS[0].source} {PAIRS[1].source}", f"{PAIRS[0].target} {PAIRS[1].target}")
    assert changed(2, 1, joined=1.0) == PAIRS[2]


def test_the_final_stop_goes_on_both_sides() -> None:
    assert changed(0, 1, final_stop=1.0) == Pair(PAIRS[0].source[:-1], PAIRS[0].target[:-1])


@given(st.integers())
def test_labels_are_translated(seed: int) -> None:
    pair = changed(0, seed, labels=1.0)
    assert (pair.source.partition(": ")[0], pair.target.partition(": ")[0]) in LABELS


@pytest.mark.parametrize("name", ["spacing", "final_stop", "joined", "labels", "placeholders"])
def test_a_share_is_about_the_share_of_changed_pairs(name: str) -> None:
    found = Counter(changed(0, seed, **{name: 0.25}) != PAIRS[0] for seed in range(1000))
    assert 200 < found[True] < 300
