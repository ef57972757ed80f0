"""Which protected spans of a source its translation holds."""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from translator.document.protection import Span
from translator.quality.numerals import english_values, korean_value

_ORDINARY = re.compile(r"[A-Z]?[a-z]+(?:[-'\u2019][A-Z]?[a-z]+)*")
_ENDING = re.compile(r"(?:ations?|ions?|ings?|ed|al)$")
_PLURAL, _INFLECTED = re.compile(r"(?:e?s)?(?![A-Za-z0-9])"), re.compile(r"[a-z]{0,8}(?![A-Za-z0-9])")
_SHORTEST_STEM = 5


def lost_spans(spans: Sequence[Span], target: str) -> tuple[Span, ...]:
    """The spans of a source that are missing from its target, in order.

    URLs, links, images, code, maths, tags must stand in the target to the letter, as often as in the source; numbers by value
    (70억 as 7 billion); names as written, but for a plural s and, where they are ordinary capitalised words, for case and ending.
    """
    exact = [span.text for span in spans if is_exact(span)]
    short = {text: exact.count(text) - _occurrences(text, target) for text in dict.fromkeys(exact)}
    values = english_values(target) if len(exact) < len(spans) else frozenset()
    lost = []
    for span in spans:
        if is_exact(span):
            if short[span.text] > 0:
                short[span.text] -= 1
                lost.append(span)
        elif span.kind == "number":
            if korean_value(span.text) not in values:
                lost.append(span)
        elif not holds_name(target, span.text) and not _same_quantity(span.text, values):
            lost.append(span)
    return tuple(lost)


def _occurrences(text: str, target: str) -> int:
    """How often a span stands in target; a URL that only begins a longer one does not count."""
    longer = r"(?![A-Za-z0-9_/-]|\.[A-Za-z0-9])" if text[-1:].isalnum() or text.endswith("/") else ""
    return len(re.findall(re.escape(text) + longer, target))


def is_exact(span: Span) -> bool:
    """True for a span that must survive to the letter."""
    return span.kind not in ("number", "name")


def holds_name(target: str, name: str) -> bool:
    """True where target holds a Latin name; the last letter may be a plural s that only one of the two has.

    An ordinary capitalised word may also be in any case, with a hyphen or a space or neither, and with another ending of its kind:
    Fine-Tuning is held by `fine tuned`.
    """
    if not _ORDINARY.fullmatch(name):
        return _stands_in(target, _singular(name), _PLURAL)
    stem = _ENDING.sub("", name)
    inflected = stem != name and len(stem) >= _SHORTEST_STEM
    stem, ending = (stem, _INFLECTED) if inflected else (_singular(name), _PLURAL)
    if re.search(r"[-\u2010-\u2013]", stem):
        return _hyphenated(stem.lower(), ending.pattern).search(target.lower()) is not None
    return _stands_in(target.lower(), stem.lower(), ending)


def _singular(name: str) -> str:
    return name[:-1] if len(name) > 2 and name.endswith("s") else name


def _stands_in(target: str, stem: str, ending: re.Pattern[str]) -> bool:
    """True where a stem stands at the beginning of a word of target and only such an ending follows."""
    at = target.find(stem)
    while at >= 0:
        before = target[at - 1 : at]
        if not (before.isascii() and before.isalnum()) and ending.match(target, at + len(stem)):
            return True
        at = target.find(stem, at + 1)
    return False


@lru_cache(maxsize=4096)
def _hyphenated(stem: str, ending: str) -> re.Pattern[str]:
    pattern = "[- ]?".join(map(re.escape, re.split(r"[-\u2010-\u2013]", stem)))
    return re.compile(rf"(?<![A-Za-z0-9]){pattern}{ending}")


def _same_quantity(name: str, values: frozenset[Decimal]) -> bool:
    quantity = re.fullmatch(r"\d+(?:,\d{3})*(?:\.\d+)?[KMBT]", name)
    return bool(quantity) and bool(english_values(name) & values)
