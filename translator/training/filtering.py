"""Which pairs are fit to learn from, and a report of what was left out and why."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from translator.document.hangul import HANGUL
from translator.document.protection import protected_spans
from translator.quality.survival import lost_spans
from translator.training.corpus import Pair
from translator.training.held_out import fingerprint, of_pair
from translator.training.settings import Filters

_ENGLISH_PER_KOREAN = 2.6  # characters of English for a Hangul syllable, see quality/checks.py
_EXAMPLES = 3


@dataclass(slots=True)
class FileReport:
    """What became of the pairs of a file: counts, and a few sources that were left out, by reason."""

    file: str
    pairs: int = 0
    kept: int = 0
    weight: float = 1.0
    dropped: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def drop(self, reason: str, pair: Pair) -> None:
        """Counts a pair as left out."""
        self.dropped[reason] = self.dropped.get(reason, 0) + 1
        examples = self.examples.setdefault(reason, [])
        if len(examples) < _EXAMPLES:
            examples.append(pair.source[:120])


@dataclass(frozen=True, slots=True)
class Sieve:
    """Filters with what they have seen so far, over all files of a run; `refused` are the hashes of evaluation sets."""

    filters: Filters
    refused: frozenset[str]
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def sift(self, pairs: Iterable[Pair], report: FileReport, on_done: Callable[[int], object] | None = None) -> list[Pair]:
        """The pairs that pass, in order; the report is filled."""
        kept = []
        for pair in pairs:
            report.pairs += 1
            reason = self._reason(pair)
            if reason:
                report.drop(reason, pair)
            else:
                kept.append(pair)
            if on_done:
                on_done(1)
        report.kept = len(kept)
        return kept

    def _reason(self, pair: Pair) -> str:
        """Why a pair is left out; empty where it is kept."""
        if of_pair(pair) & self.refused:
            return "in an evaluation set"
        for reason, unfit in (("length", _bad_length), ("ratio", _bad_ratio), ("language", _bad_language), ("numbers", _bad_numbers)):
            if unfit(pair, self.filters):
                return reason
        key = (fingerprint(pair.source) or pair.source, fingerprint(pair.target) or pair.target)
        if not self.filters.duplicates and key in self._seen:
            return "duplicate"
        self._seen.add(key)
        return ""


def _bad_length(pair: Pair, filters: Filters) -> bool:
    lengths = len(pair.source), len(pair.target)
    return min(lengths) < filters.min_characters or max(lengths) > filters.max_characters


def _bad_ratio(pair: Pair, filters: Filters) -> bool:
    syllables = len(HANGUL.findall(pair.source))
    expected = _ENGLISH_PER_KOREAN * syllables + len(pair.source) - syllables
    return not 1 / filters.max_length_ratio <= len(pair.target) / expected <= filters.max_length_ratio


def _bad_language(pair: Pair, filters: Filters) -> bool:
    return _korean_share(pair.source) < filters.min_korean or _korean_share(pair.target) > filters.max_korean_in_target


def _korean_share(text: str) -> float:
    letters = sum(map(str.isalpha, text))
    return len(HANGUL.findall(text)) / letters if letters else 0.0


def _bad_numbers(pair: Pair, filters: Filters) -> bool:
    if not filters.numbers_agree or not re.search(r"\d", pair.source):
        return False
    numbers = [span for span in protected_spans(pair.source) if span.kind == "number"]
    return bool(lost_spans(numbers, pair.target))
