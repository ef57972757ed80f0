"""The sentences of English targets, and whose they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.quality.sentence_pairs import english_sentences, most_sentences, sentence_pairs


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two.", ["One.", "Two."]),
        ("It is 3.5 times faster. wav2x is small.", ["It is 3.5 times faster.", "wav2x is small."]),
        ("See Kim et al. for more, e.g. Fig. 2 of Dr. Lee.", ["See Kim et al. for more, e.g. Fig. 2 of Dr. Lee."]),
        ("1. First. 2. Second.", ["1. First.", "2. Second."]),
        ("It ranks 2. Then it stops.", ["It ranks 2.", "Then it stops."]),
        ('He said "yes." Then no!', ['He said "yes."', "Then no!"]),
        ("The code `a. b` is here. See https://example.org/a. End.", ["The code `a. b` is here.", "See https://example.org/a.", "End."]),
        ("One<br>two. Three", ["One", "two.", "Three"]),
        ("", []),
        ("no stop", ["no stop"]),
    ],
)
def test_english_sentences(text: str, sentences: list[str]) -> None:
    assert english_sentences(text) == sentences


@given(st.text(st.sampled_from("aB. !?'\")")))
def test_no_letter_is_lost_or_moved(text: str) -> None:
    assert "".join("".join(english_sentences(text)).split()) == "".join(text.split())


@given(st.text(st.sampled_from('aB. :!?e.g")')))
def test_the_generous_count_is_never_below_the_strict_one(text: str) -> None:
    assert most_sentences(text) >= len(english_sentences(text))


def test_equal_counts_are_paired_and_others_stay_whole() -> None:
    source = "모델을 제안한다. 코드도 있다."
    assert sentence_pairs(source, "We propose a model. There is code.") == [
        ("모델을 제안한다.", "We propose a model."),
        ("코드도 있다.", "There is code."),
    ]
    assert sentence_pairs(source, "We propose a model with code.") == [(source, "We propose a model with code.")]
