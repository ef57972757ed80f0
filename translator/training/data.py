"""The data of a run: pairs read, evaluation sets taken out by hash, filtered, and reported."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

from translator.errors import UserError
from translator.training.batches import Corpus
from translator.training.corpus import Pair, read_pairs, read_texts
from translator.training.filtering import FileReport, Sieve
from translator.training.held_out import carried_by, fingerprints, of_pair, of_pairs
from translator.training.settings import TrainingSettings
from translator.training.subwords import Subwords

Progress = Callable[[int, str], AbstractContextManager[Callable[[int], object]]]
_MOST_HELD_OUT = 500


@dataclass(frozen=True)
class TrainingData:
    """What to learn from, what to evaluate on, the hashes that no pair of the former has, and what became of each file."""

    corpora: Sequence[Corpus]
    dev: Sequence[Pair]
    tests: Mapping[str, Sequence[Pair]]
    refused: frozenset[str]
    reports: Sequence[FileReport]

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the pairs to learn from, in order, 16 hex digits."""
        digest = hashlib.sha256()
        for corpus in self.corpora:
            for pair in corpus.pairs:
                digest.update(f"{pair.source}\t{pair.target}\n".encode())
        return digest.hexdigest()[:16]

    def within(self, subwords: Subwords, max_tokens: int) -> "TrainingData":
        """The same without pairs that have more tokens on either side, which the reports count.

        Raises UserError where none is left.
        """
        corpora, reports = [], []
        for corpus, report in zip(self.corpora, self.reports, strict=True):
            sides = [subwords.encode([getattr(p, side) for p in corpus.pairs], target=side == "target") for side in ("source", "target")]
            pairs = [p for p, *rows in zip(corpus.pairs, *sides, strict=True) if max(map(len, rows)) <= max_tokens]
            dropped = {**report.dropped, "tokens": len(corpus.pairs) - len(pairs)}
            corpora.append(replace(corpus, pairs=pairs))
            reports.append(replace(report, kept=len(pairs), dropped={reason: count for reason, count in dropped.items() if count}))
        if not any(corpus.pairs_per_epoch for corpus in corpora):
            raise UserError(f"no pair has as few tokens as optimisation.max_tokens ({max_tokens}) asks for")
        return replace(self, corpora=corpora, reports=reports)

    def summary(self) -> dict[str, Any]:
        """The data report, for JSON."""
        return {
            "files": [asdict(report) for report in self.reports],
            "dev": len(self.dev),
            "tests": {name: len(pairs) for name, pairs in self.tests.items()},
            "refused_hashes": len(self.refused),
            "fingerprint": self.fingerprint,
        }


def prepare(settings: TrainingSettings, init: Path | None, progress: Progress) -> TrainingData:
    """Reads, filters and splits the data of a run; what `init` was evaluated on is refused as well.

    Raises UserError for files that cannot be read, and where nothing is left to learn from.
    """
    tests = {file: read_pairs(settings.path(file)) for file in settings.tests}
    dev = read_pairs(settings.path(settings.dev)) if settings.dev else []
    refused = of_pairs(pair for pairs in (dev, *tests.values()) for pair in pairs)
    refused |= fingerprints(text for file in settings.refuse for text in read_texts(settings.path(file)))
    refused |= carried_by(init) if init else frozenset()
    sieve, corpora, reports = Sieve(settings.filters, refused), [], []
    for source in settings.data:
        pairs, report = read_pairs(settings.path(source.file)), FileReport(source.file, weight=source.weight)
        with progress(len(pairs), f"filtering {source.file}") as tell:
            corpora.append(Corpus(sieve.sift(pairs, report, tell), source.weight))
        reports.append(report)
    if not any(corpus.pairs for corpus in corpora):
        raise UserError(f"none of the {sum(r.pairs for r in reports)} pairs passed the filters: {_reasons(reports)}")
    if not dev:
        corpora, dev = _split(corpora, reports, settings)
        refused |= of_pairs(dev)
    if not sum(corpus.pairs_per_epoch for corpus in corpora):
        raise UserError("nothing is left to learn from in an epoch: give more data, larger weights, or a dev set (`dev`, --dev)")
    return TrainingData(corpora, dev, tests, refused, reports)


def _reasons(reports: Sequence[FileReport]) -> str:
    return ", ".join(f"{reason} {count}" for report in reports for reason, count in report.dropped.items())


def _split(corpora: Sequence[Corpus], reports: Sequence[FileReport], settings: TrainingSettings) -> tuple[list[Corpus], list[Pair]]:
    """A dev set taken out of the corpora at random; pairs that share a side with it leave as well. The reports count both."""
    numbered = [(number, i) for number, corpus in enumerate(corpora) for i in range(len(corpus.pairs))]
    size = min(_MOST_HELD_OUT, max(1, round(settings.held_out_share * len(numbered))))
    if size >= len(numbered):
        raise UserError(f"{len(numbered)} pairs are too few to hold some out for evaluation: give more, or a dev set (`dev`, --dev)")
    dev = [corpora[number].pairs[i] for number, i in sorted(Random(settings.seed).sample(numbered, size))]
    taken, hashes = set(dev), of_pairs(dev)
    kept = []
    for corpus, report in zip(corpora, reports, strict=True):
        pairs = [p for p in corpus.pairs if p not in taken and not of_pair(p) & hashes]
        report.dropped["held out"] = len(corpus.pairs) - len(pairs)
        report.kept = len(pairs)
        kept.append(Corpus(pairs, corpus.weight))
    return kept, dev
