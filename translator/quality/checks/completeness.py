"""Targets that are empty, too short or too long, still Korean, unreadable, or short of a sentence."""

import re
from collections.abc import Iterator, Sequence

from translator.document.hangul import has_hangul
from translator.document.protection import Span
from translator.document.sentences import split_sentences
from translator.quality.checks.check import Flag, Pair
from translator.quality.sentence_pairs import most_sentences

# How many characters English takes for a Hangul syllable and for any other character: least squares over 39,010 sentence pairs
# of AI digests, where 99.98 % are within 0.59 and 1.50 times of it.
_PER_SYLLABLE, _PER_OTHER = 2.62, 0.67
_LENGTH_RATIO = (0.45, 1.8)
_SHORTEST_FOR_RATIO = 30
_COPIED = 0.5  # of the Korean words


def empty(pair: Pair) -> Iterator[Flag]:
    """`empty` for a target without a character."""
    if not pair.target.strip():
        yield Flag("empty", "nothing was translated")


def hangul(pair: Pair) -> Iterator[Flag]:
    """`hangul` for Korean in the target outside code and the like."""
    if has_hangul(pair.prose):
        yield Flag("hangul", "".join(re.findall(r"[가-힣ㄱ-ㅎㅏ-ㅣ]+", pair.prose))[:40])


def garbled(pair: Pair) -> Iterator[Flag]:
    """`garbled` for bytes that are no character, which a model with byte fallback can write: U+FFFD where the source has none."""
    if "\ufffd" in pair.target and "\ufffd" not in pair.source:
        yield Flag("garbled", "".join(re.findall(r"\S*\ufffd\S*", pair.target))[:40])


def untranslated(pair: Pair) -> Iterator[Flag]:
    """`untranslated` where at least half of the source's Korean words stand in the target as they are."""
    words = re.findall(r"[가-힣]+", pair.source)
    left = set(re.findall(r"[가-힣]+", pair.target)) if has_hangul(pair.prose) else set()
    copied = sum(word in left for word in words)
    if copied and copied >= _COPIED * len(words):
        yield Flag("untranslated", f"{copied} of {len(words)} Korean words")


def length(pair: Pair) -> Iterator[Flag]:
    """`length` for a target of less than half or nearly twice the length that is to be expected."""
    expected, exact = expected_length(pair.source, pair.spans)
    found = len(pair.target) - exact
    if expected >= _SHORTEST_FOR_RATIO and not _LENGTH_RATIO[0] <= found / expected <= _LENGTH_RATIO[1]:
        yield Flag("length", f"{found} characters, {expected:.0f} expected")


def expected_length(source: str, spans: Sequence[Span]) -> tuple[float, int]:
    """How many characters a target should have, but for those of URLs, links, images and code; and how many these have."""
    exact = sum(len(span.text) for span in spans if span.kind in ("url", "link", "image", "code"))
    syllables = len(re.findall("[가-힣]", source))
    return _PER_SYLLABLE * syllables + _PER_OTHER * (len(source) - syllables - exact), exact


def dropped_sentence(source: str, target: str) -> Iterator[Flag]:
    """`dropped-sentence` for a unit whose target has, however generously counted, fewer sentences than its source."""
    wanted, found = len(split_sentences(source)), most_sentences(target)
    if found < wanted:
        yield Flag("dropped-sentence", f"{wanted} sentences, {found} in the target")
