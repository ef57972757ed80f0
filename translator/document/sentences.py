"""A unit's text into sentences and back.

Rules for written Korean rather than a statistical splitter: the text is never altered, brackets, quotes, links, decimals and
abbreviations never split, and the cost is microseconds (docs/segmentation.md compares this with kiwipiepy on the archive).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from translator.document.inline import Inline, find_inline
from translator.document.regions import Regions


@dataclass(frozen=True, slots=True)
class Sentence:
    """The offsets of one sentence in its unit's text, without the white space around it."""

    start: int
    end: int


_STOPS = r"[.!?\u2026\u3002\uff01\uff1f]"
_STOP = re.compile(rf"(?<!{_STOPS})(?P<stop>{_STOPS}++)(?P<close>[\"'”’)\]】」』*_~]*)(?P<gap>\s+|$|(?=[가-힣]))")
_SENTENCE_END = re.compile(r"[다요죠까음함임됨]$")
_ABBREVIATION = re.compile(
    r"(?:^|[^A-Za-z])(?:et al|etc|e\.g|i\.e|vs|cf|Figs?|Eqs?|Secs?|Tab|Ch|Vol|No|pp?|approx|ca|resp|"
    r"Inc|Ltd|Corp|Co|Dr|Mr|Mrs|Ms|Prof|Jr|Sr|St|[A-Z])$",
    re.I,
)
_ENUMERATOR = re.compile(r"(?:^|[^\w가-힣.])\d{1,2}$")
_BREAK_TAG = re.compile(r"<br\s*/?>", re.I)
_PAIRS = {"(": ")", "[": "]", "{": "}", "“": "”", "‘": "’", "「": "」", "『": "』", "《": "》", "〈": "〉", "【": "】"}


def split_sentences(text: str, inline: Sequence[Inline] | None = None) -> tuple[Sentence, ...]:
    """The sentences of a text, in order; everything between them is white space (or a `<br>`)."""
    spans = find_inline(text) if inline is None else inline
    closed = Regions([(s.start, s.end) for s in spans] + _bracketed(text))
    cuts = [(m.end("close"), m.end("gap")) for m in _STOP.finditer(text) if _ends_sentence(text, m, closed)]
    breaks = [s for s in spans if s.kind == "html" and _BREAK_TAG.fullmatch(text[s.start : s.end])]
    cuts += [(s.start, s.end) for s in breaks if not closed.holds(s.start)]
    found, start = [], 0
    for end, resume in [*sorted(cuts), (len(text), len(text))]:
        left, right = _stripped(text, start, end)
        if left < right:
            found.append(Sentence(left, right))
        start = max(start, resume)
    return tuple(found)


def join_sentences(text: str, sentences: Sequence[Sentence], targets: Sequence[str]) -> str:
    """The targets in the places of their sentences; where Korean had no space between two, English gets one.

    Raises ValueError unless there is a target for each sentence.
    """
    parts, position = [], 0
    for sentence, target in zip(sentences, targets, strict=True):
        gap = text[position : sentence.start]
        parts += [" " if position and not gap and target else gap, target]
        position = sentence.end
    return "".join([*parts, text[position:]])


def _ends_sentence(text: str, stop: re.Match[str], closed: Regions) -> bool:
    before = text[max(0, stop.start() - 24) : stop.start()]
    if closed.holds(stop.start()) and closed.holds(stop.end("close")):
        return False
    if not stop["gap"] and stop.end() < len(text):  # Korean follows without a space
        return bool(_SENTENCE_END.search(before)) and not stop["close"]
    if re.search(r"[\"'”’)\]】」』]", stop["close"]) and stop.end() < len(text) and not _SENTENCE_END.search(before):
        return False  # a title or a remark inside the sentence: 'Let it Wag!' 벤치마크
    if stop["stop"] == ".":
        return not (_ABBREVIATION.search(before) or _ENUMERATOR.search(before)) or stop.end() == len(text)
    if stop["stop"].startswith(("..", "\u2026")):
        return bool(_SENTENCE_END.search(before)) or stop.end() == len(text)
    return True


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), start + len(part.rstrip()) if part.strip() else start


def _bracketed(text: str) -> list[tuple[int, int]]:
    """Offsets of what stands in matching brackets or quotes; a bracket without a partner counts for nothing."""
    found: list[tuple[int, int]] = []
    opened: list[tuple[str, int]] = []
    for match in re.finditer(r"[()\[\]{}“”‘’「」『』《》〈〉【】\"']", text):
        char, at = match[0], match.start()
        if char in _PAIRS:
            opened.append((_PAIRS[char], at))
        elif char in "\"'":
            _straight_quote(text, char, at, opened, found)
        else:
            _close(char, at, opened, found)
    return found


def _straight_quote(text: str, char: str, at: int, opened: list[tuple[str, int]], found: list[tuple[int, int]]) -> None:
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if char == "'" and before.isalnum() and after.isalnum() and (before + after).isascii():
        return  # an apostrophe
    if any(close == char for close, _ in opened[-4:]):
        _close(char, at, opened, found)
    elif after and not after.isspace() and (not before or not before.isalnum()):
        opened.append((char, at))


def _close(char: str, at: int, opened: list[tuple[str, int]], found: list[tuple[int, int]]) -> None:
    for back in range(1, min(len(opened), 8) + 1):
        if opened[-back][0] == char:
            found.append((opened[-back][1], at + 1))
            del opened[-back:]
            return
