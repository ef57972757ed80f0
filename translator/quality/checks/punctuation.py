"""Brackets and quotes that do not pair."""

import re
from collections import Counter
from collections.abc import Iterator

from translator.document.inline import prose_only
from translator.quality.checks.check import Flag, Pair

_CLOSING = {")": "(", "]": "[", "}": "{", "”": "“", "’": "‘", "」": "「", "』": "『", "》": "《", "〉": "〈", "】": "【"}
_LIST_LABEL = re.compile(r"(?:^|[\s(,;:])(?:\d{1,2}|[A-Za-z]|[ivx]{1,4})$")
_OPENING_QUOTE = re.compile(r"(?<![\w)\]'\u2032])'(?![\s']|\d\ds?\b|$)")
_CLOSING_QUOTE = re.compile(r"(?<=[^\s('])'(?![A-Za-z0-9])")


def brackets(pair: Pair) -> Iterator[Flag]:
    """`brackets` for the brackets and quotes that stand alone in the target, unless some stand alone in the source as well."""
    alone = _unpaired(pair.prose)
    if alone and not _unpaired(prose_only(pair.source)):
        yield Flag("brackets", " ".join(alone))


def _unpaired(text: str) -> list[str]:
    """The brackets and quotes of a text that have no partner; list labels such as `1)` and apostrophes need none."""
    opened: list[str] = []
    waiting: Counter[str] = Counter()  # how many of each are opened
    alone: list[str] = []
    for match in re.finditer(r"[()\[\]{}“”‘’「」『』《》〈〉【】]", text):
        char, before = match[0], text[max(0, match.start() - 5) : match.start()]
        if char not in _CLOSING:
            opened.append(char)
            waiting[char] += 1
        elif waiting[_CLOSING[char]]:
            while (inner := opened.pop()) != _CLOSING[char]:
                waiting[inner] -= 1
                alone.append(inner)
            waiting[inner] -= 1
        elif not (char == "’" and before[-1:].isalnum()) and not (char == ")" and _LIST_LABEL.search(before)):
            alone.append(char)
    alone += opened
    return alone + ['"'] * (text.count('"') % 2) + _single_quotes(text)


def _single_quotes(text: str) -> list[str]:
    """Straight single quotes: one that opens must close; one that closes nothing is an apostrophe after s."""
    marks = [(m.start(), True) for m in _OPENING_QUOTE.finditer(text)] + [(m.start(), False) for m in _CLOSING_QUOTE.finditer(text)]
    open_since, alone = None, []
    for at, opens in sorted(marks):
        if opens and open_since is None:
            open_since = at
        elif opens:
            alone.append("'")
        elif open_since is not None:
            open_since = None
        elif text[at - 1] not in "sS":
            alone.append("'")
    return alone + ["'"] * (open_since is not None)
