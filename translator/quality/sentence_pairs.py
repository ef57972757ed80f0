"""The sentences of an English target, and which sentence of a source each belongs to."""

import re
from collections.abc import Iterator
from itertools import pairwise

from translator.document.inline import find_inline
from translator.document.regions import Regions
from translator.document.sentences import split_sentences

_STOP = re.compile(r"(?<![.!?\u2026])[.!?\u2026]++[\"'”’)\]*_]*(?=\s|$)")
_BREAK_TAG = re.compile(r"<br\s*/?>", re.I)
_COLON = re.compile(r":[\"'”’)\]*_]*\s")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:et al|e\.g|i\.e|vs|cf|Figs?|Eqs?|Secs?|No|pp?|approx|Inc|Ltd|Corp|Co|Dr|Mr|Mrs|Ms|Prof|Jr|Sr|St)\.$|"
    r"(?:^|[.!?:;,]\s+)\d{1,2}\.$",  # 1. the label of a list
    re.I,
)
_LONGEST_ABBREVIATION = 24  # characters, with what must stand before it


def sentence_pairs(source: str, target: str) -> list[tuple[str, str]]:
    """Each sentence of a unit with its target where both have as many, else the unit as one pair."""
    korean = [source[s.start : s.end] for s in split_sentences(source)]
    english = english_sentences(target)
    return list(zip(korean, english, strict=True)) if len(korean) == len(english) > 1 else [(source, target)]


def english_sentences(text: str) -> list[str]:
    """The sentences of an English text, without the white space and the `<br>` between them."""
    ends = [end for end in _stops(text) if not _ABBREVIATION.search(text, max(0, end - _LONGEST_ABBREVIATION), end)]
    parts = [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]
    return [sentence for part in parts for line in _BREAK_TAG.split(part) if (sentence := line.strip())]


def most_sentences(text: str) -> int:
    """How many sentences an English text may be said to have: colons end one too, and abbreviations are not made out."""
    ends = [0, *_stops(text), *(m.end() for pattern in (_COLON, _BREAK_TAG) for m in pattern.finditer(text)), len(text)]
    ordered = sorted(set(ends))
    return sum(bool(text[start:end].strip()) for start, end in pairwise(ordered))


def _stops(text: str) -> Iterator[int]:
    """The offsets after full stops and the like that stand outside code, URLs and links."""
    inside = Regions((span.start, span.end) for span in find_inline(text) if span.kind != "emphasis")
    return (match.end() for match in _STOP.finditer(text) if not inside.holds(match.start()))
