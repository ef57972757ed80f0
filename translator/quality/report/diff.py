"""The words in which two texts differ."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

_TOKEN = re.compile(r"\s+|\w+(?:[-'\u2019.,]\w+)*|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text; `differs` where the other text has not the same words at this place."""

    text: str
    differs: bool


def word_diff(one: str, other: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts in pieces: joined they give the text; those that do not differ hold the same words in the same order on both sides.

    A word is compared as written; punctuation marks are words; whitespace never differs by itself.
    """
    first, second = _TOKEN.findall(one), _TOKEN.findall(other)
    blocks = SequenceMatcher(str.isspace, first, second).get_matching_blocks()
    return (
        tuple(_pieces(first, {block.a + i for block in blocks for i in range(block.size)})),
        tuple(_pieces(second, {block.b + i for block in blocks for i in range(block.size)})),
    )


def closest(text: str, others: Sequence[str]) -> int:
    """Which of several texts shares the largest part of its words with a text; the first of equals."""
    words = _TOKEN.findall(text)
    ratios = [SequenceMatcher(str.isspace, words, _TOKEN.findall(other)).ratio() for other in others]
    return ratios.index(max(ratios))


def _pieces(tokens: Sequence[str], same: set[int]) -> Iterator[Piece]:
    for differs, run in groupby(range(len(tokens)), key=lambda i: i not in same):
        text = "".join(tokens[i] for i in run)
        core = text.strip()
        if not differs or not core:
            yield Piece(text, False)
            continue
        start = text.index(core)
        parts = (Piece(text[:start], False), Piece(core, True), Piece(text[start + len(core) :], False))
        yield from (part for part in parts if part.text)
