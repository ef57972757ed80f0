"""A unit as the page gets it: texts in parts that say what they are, so that the page never reads markup out of a digest."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from translator.document.protection import protected_spans
from translator.quality.checks import BY_ID
from translator.review.folder import ReviewUnit

# invisible, or turning the direction of what follows: such a character is named instead of shown
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")


def shown_unit(unit: ReviewUnit) -> dict[str, Any]:
    """All that the page shows of a unit, and `version`, which it sends back with a correction."""
    flags = [{**asdict(flag), **_meaning(flag.check)} for flag in unit.flags]
    return {
        "file": unit.file, "id": unit.id, "line": unit.line, "kind": unit.kind, "title": unit.title, "source": shown_text(unit.source),
        "target": unit.target, "score": unit.score, "flags": flags, "origin": unit.origin, "open": unit.is_open, "version": unit.version,
    }  # fmt: skip


def shown_text(text: str) -> list[list[str]]:
    """A text as pairs of a stretch and what it is: `text`, `unseen` (its name), or the kind of a protected span."""
    parts, position = [], 0
    for span in protected_spans(text):
        parts += [*_named(text[position : span.start], "text"), *_named(text[span.start : span.end], span.kind)]
        position = span.end
    return [*parts, *_named(text[position:], "text")]


def _named(text: str, kind: str) -> Iterator[list[str]]:
    position = 0
    for found in _UNSEEN.finditer(text):
        if found.start() > position:
            yield [text[position : found.start()], kind]
        yield [f"U+{ord(found[0]):04X}", "unseen"]
        position = found.end()
    if position < len(text):
        yield [text[position:], kind]


def _meaning(check: str) -> dict[str, str]:
    known = BY_ID.get(check)  # records of a later version may have other checks
    return {"severity": known.severity if known else "note", "explanation": known.explanation if known else ""}
