"""The spans of a text that must survive translation: URLs, links, images, code, maths, HTML, numbers, Latin names."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from translator.document.inline import Inline, find_inline

SpanKind = Literal["code", "math", "html", "image", "link", "url", "email", "number", "name"]

_LETTER = "A-Za-z\u00c0-\u024f\u0370-\u03ff"
_DIGITS = r"\d+(?:,\d{3})*(?:\.\d+)?"
_WORD = re.compile(
    rf"(?<![A-Za-z0-9-])\d{{1,3}}(?:,\d{{3}})+(?:[KMBT](?![{_LETTER}])|\u00d7{_DIGITS})|"  # 1,900K; 1,024\u00d71,024
    rf"[{_LETTER}0-9]+(?:[-\u2010-\u2013._+'\u2019&^@][{_LETTER}0-9]+)*(?:\+\+|[+#](?![{_LETTER}0-9]))?"
)
_LATIN = re.compile(rf"[{_LETTER}]")
_VERSION = re.compile(r"\d{1,3}(?:\.\d+){2,}")  # 4.2.1 is a name, not 4.2 and 1; 2026.11.02 is a date, which English writes otherwise
_SMALL = rf"{_DIGITS}[천백십](?=\s?\d|[개명여의]|(?![가-힣]))"
_COUNT = rf"(?:{_DIGITS}[천백]\s?)*{_DIGITS}[천백십]?"
_WORD_AFTER = "(?![큼각건직합립작])"  # 3만큼, 5조건
_MAN = rf"{_COUNT}만{_WORD_AFTER}"
_EOK = rf"{_COUNT}억{_WORD_AFTER}(?:\s?{_MAN})?"
_JO = rf"{_COUNT}조{_WORD_AFTER}(?:\s?(?:{_EOK}|{_MAN}))?"
_NUMBER = re.compile(rf"(?:{_JO}|{_EOK}|{_MAN})(?:\s?{_SMALL})*%?|{_SMALL}(?:\s?{_SMALL})*%?|{_DIGITS}%?")


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text that its translation must hold: the offsets are of the text, `text` is the part itself.

    For links and images it is the part from the closing bracket on, `](destination "title")`: the words before it are
    translated.
    """

    kind: SpanKind
    start: int
    end: int
    text: str


def protected_spans(text: str, inline: Iterable[Inline] | None = None) -> tuple[Span, ...]:
    """The protected spans of a text, by start; none overlap."""
    hard = []
    for found in find_inline(text) if inline is None else inline:
        if found.kind == "emphasis":
            continue
        start = found.inner_end if found.kind in ("link", "image") else found.start
        hard.append(Span(found.kind, start, found.end, text[start : found.end]))
    hard.sort(key=lambda span: span.start)
    return tuple(sorted(hard + _words(text, hard), key=lambda span: span.start))


def _words(text: str, hard: list[Span]) -> list[Span]:
    """Names and numbers between the hard spans."""
    masked = list(text)
    for span in hard:
        masked[span.start : span.end] = "\0" * (span.end - span.start)
    visible, found, position = "".join(masked), [], 0
    while match := _WORD.search(visible, position):
        word, kind = match, "name"
        if not _LATIN.search(match[0]) and not _VERSION.fullmatch(match[0]):
            word, kind = _NUMBER.match(visible, match.start()) or match, "number"
        if kind == "number" or not match[0].islower():
            found.append(Span(kind, word.start(), word.end(), text[word.start() : word.end()]))  # type: ignore[arg-type]
        position = max(word.end(), position + 1)
    return found
