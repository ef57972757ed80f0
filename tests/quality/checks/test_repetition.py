"""What a target says over and over."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from translator.quality.checks.check import Pair
from translator.quality.checks.repetition import doubled_words, repeated_phrase, repetition, said_twice


def details(find, source: str, target: str) -> list[str]:
    return [flag.detail for flag in find(Pair.of(source, target))]


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("the model the model", "the model"),
        ("no no no", "no"),
        ("very very good", ""),
        ("The model, the model.", "The model"),
        ("a b c d x a b c d y a b c d", "a b c d"),
        ("a b c d x a b c d", ""),
        ("it uses words that all differ", ""),
        ("", ""),
        ("one", ""),
    ],
)
def test_repeated_phrase(text: str, phrase: str) -> None:
    assert repeated_phrase(text) == phrase


@settings(deadline=None)
@given(st.lists(st.integers(), unique=True, max_size=40))
def test_words_that_all_differ_never_repeat(numbers: list[int]) -> None:
    assert repeated_phrase(" ".join(f"w{n}" for n in numbers)) == ""


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=6, unique=True), st.lists(st.integers(), max_size=5, unique=True))
def test_a_phrase_said_twice_running_is_found(phrase: list[str], before: list[int]) -> None:
    text = " ".join([*(f"w{n}" for n in before), *phrase, *phrase])
    assert repeated_phrase(text) == " ".join(phrase)


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("It uses the reward model. The reward model is small.", []),
        ("The model is fast. The model is fast.", ["The model is fast."]),
        ("It is fast fast fast. Fine.", ["fast"]),
    ],
)
def test_a_loop_is_looked_for_within_a_sentence_and_from_sentence_to_sentence(target: str, found: list[str]) -> None:
    assert details(repetition, "모델이다.", target) == found


@pytest.mark.parametrize(
    ("source", "target", "found"),
    [
        ("모델을 효율적이고 효과적으로 키운다.", "It scales models efficiently and efficiently.", ["efficiently and efficiently"]),
        ("활용도를 높인다.", "It increases the use of use.", ["use of use"]),
        ("외관을 제어한다.", "It controls the appearance of the appearance.", ["the appearance of the appearance"]),
        ("성능 면에서 앞선다.", "It leads performance in performance.", ["performance in performance"]),
        ("손실과 손실의 관계", "the relation of loss and loss", []),
        ("RiverNet과 RiverNet+를 비교한다.", "It compares RiverNet and RiverNet+.", []),
        ("긴 과제와 어려운 것을 다룬다.", "It covers long tasks and tasks that are hard.", []),
        ("이미지를 이미지로 바꾼다.", "It is image-to-image and image-text work.", []),
        ("이것은 그것이다.", "It is as it is.", []),
    ],
)
def test_the_same_words_on_both_sides(source: str, target: str, found: list[str]) -> None:
    assert details(doubled_words, source, target) == found


@pytest.mark.parametrize(
    ("source", "target", "found"),
    [
        (
            "영상 품질을 높이는 새로운 방법을 제안한다.",
            "We propose a new video method that raises quality, a new video method.",
            ["a new video method"],
        ),
        ("짧은 영상과 긴 영상을 만든다.", "It makes short videos and long videos.", []),
        (
            "보상 모델을 학습하고 보상 모델을 평가한다.",
            "It trains a small reward model well and evaluates a small reward model.",
            [],
        ),
        ("코드는 링크에 있다.", "See [https://example.org/a-b/c-d](https://example.org/a-b/c-d).", []),
    ],
)
def test_four_words_that_come_back(source: str, target: str, found: list[str]) -> None:
    assert details(said_twice, source, target) == found
