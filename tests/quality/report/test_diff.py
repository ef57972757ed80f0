"""Word-level differences: nothing is lost, nothing that is the same is marked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.quality.report.diff import Piece, closest, word_diff

WORDS = st.sampled_from(["the", "a", "cat", "4.2", "GPT-4V", "don't", ",", ".", "(", "고양이", "\u202e", "é", "<b>"])
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from(["", " ", "  ", "\t"])), max_size=25).map(lambda parts: "".join(w + s for w, s in parts))


def texts_of(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece.text for piece in pieces)


def same_words(pieces: tuple[Piece, ...]) -> str:
    return "".join("".join(piece.text for piece in pieces if not piece.differs).split())


@given(TEXTS | st.text(max_size=60), TEXTS | st.text(max_size=60))
def test_pieces_make_the_texts_and_agree_where_they_do_not_differ(one: str, other: str) -> None:
    first, second = word_diff(one, other)
    assert (texts_of(first), texts_of(second)) == (one, other)
    assert same_words(first) == same_words(second)


@given(TEXTS | st.text(max_size=60))
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    for pieces in word_diff(text, text):
        assert not any(piece.differs for piece in pieces)


@given(TEXTS, TEXTS)
def test_marks_begin_and_end_with_a_word(one: str, other: str) -> None:
    for pieces in word_diff(one, other):
        assert all(piece.text == piece.text.strip() != "" for piece in pieces if piece.differs)


@pytest.mark.parametrize(
    ("one", "other", "marked"),
    [
        ("the big cat sat", "the dog sat", (["big cat"], ["dog"])),
        ("It is 4.2% better.", "It is 4.5% better.", (["4.2"], ["4.5"])),
        ("two  blanks", "two blanks", ([], [])),
        ("nothing", "", (["nothing"], [])),
        ("Same but the end", "Same but the end, added later", ([], [", added later"])),
        ("case matters", "Case matters", (["case"], ["Case"])),
        ("one two", "three four", (["one two"], ["three four"])),
    ],
)
def test_what_is_marked(one: str, other: str, marked: tuple[list[str], list[str]]) -> None:
    found = word_diff(one, other)
    assert tuple([piece.text for piece in pieces if piece.differs] for pieces in found) == marked


def test_the_closest_text_shares_the_most_words() -> None:
    assert closest("a small cat sat", ["dogs run", "a big cat sat", "a cat"]) == 1
    assert closest("", ["one", "two"]) == 0
