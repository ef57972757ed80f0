"""Targets that are empty, Korean, too short, or short of a sentence."""

import pytest

from translator.quality.checks.check import Pair
from translator.quality.checks.completeness import dropped_sentence, empty, expected_length, garbled, hangul, length, untranslated

LONG = "새로운 확산 모델을 제안하고 여러 과제에서 평가한다."


def checks(find, source: str, target: str) -> list[str]:
    return [flag.check for flag in find(Pair.of(source, target))]


@pytest.mark.parametrize(("target", "found"), [("", ["empty"]), (" \n", ["empty"]), ("x", [])])
def test_empty(target: str, found: list[str]) -> None:
    assert checks(empty, "모델이다.", target) == found


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("It is a 모델.", ["hangul"]),
        ("It is `모델`.", []),
        ("See [it](https://example.org/모델).", []),
        ("It is a model.", []),
    ],
)
def test_hangul(target: str, found: list[str]) -> None:
    assert checks(hangul, "모델이다.", target) == found


@pytest.mark.parametrize(("source", "found"), [("모델이다.", ["garbled"]), ("모델\ufffd이다.", [])])
def test_garbled(source: str, found: list[str]) -> None:
    assert checks(garbled, source, "It is a m\ufffddel.") == found
    assert checks(garbled, source, "It is a model.") == []


@pytest.mark.parametrize(
    ("source", "target", "found"),
    [
        (LONG, LONG, ["untranslated"]),
        (LONG, "We propose 확산 모델을 제안하고 여러 과제에서 평가한다.", ["untranslated"]),
        (LONG, "We propose a new 확산 model and evaluate it on several tasks.", []),
        ("`모델`", "`모델`", []),
        ("plain English", "plain English", []),
    ],
)
def test_untranslated(source: str, target: str, found: list[str]) -> None:
    assert checks(untranslated, source, target) == found


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("We propose a new diffusion model and evaluate it on several tasks.", []),
        ("Yes.", ["length"]),
        ("word " * 40, ["length"]),
        ("We propose it, see https://example.org/" + "a" * 200, ["length"]),
    ],
)
def test_length(target: str, found: list[str]) -> None:
    assert checks(length, LONG, target) == found


def test_urls_do_not_count_in_the_length_to_be_expected() -> None:
    url = "https://example.org/" + "a" * 100
    plain = Pair.of("모델이다.", "")
    linked = Pair.of(f"모델이다. {url}", "")
    assert expected_length(linked.source, linked.spans)[0] == pytest.approx(expected_length(plain.source, plain.spans)[0], abs=1)
    assert expected_length(linked.source, linked.spans)[1] == len(url)


@pytest.mark.parametrize(
    ("source", "target", "dropped"),
    [
        ("모델을 제안한다. 코드도 공개한다.", "We propose a model.", True),
        ("모델을 제안한다. 코드도 공개한다.", "We propose a model. Code is released.", False),
        ("다음과 같다. 첫째, 빠르다.", "It is as follows: First, it is fast.", False),
        ("모델을 제안한다. wav2x는 작다.", "We propose a model. wav2x is small.", False),
        ("표, 그림 등을 쓴다. 빠르다.", "It uses tables, etc. It is fast.", False),
        ("모델을 제안한다. 코드도 공개한다. 끝이다.", "We propose a model and release code. The end.", True),
        ("모델을 제안한다.", "We propose a model. It is new.", False),
    ],
)
def test_dropped_sentence(source: str, target: str, dropped: bool) -> None:
    assert [flag.check for flag in dropped_sentence(source, target)] == ["dropped-sentence"] * dropped
