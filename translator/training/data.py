"""The data of a run: pairs read, evaluation sets taken out by hash, filtered, and reported."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from translator.errors import UserError
from translator.training.batches import Corpus
from translator.training.corpus import Pair, read_pairs, read_texts
from translator.training.filtering import FileReport, Sieve
from translator.training.held_out import carried_by, fingerprints
from translator.training.settings import TrainingSettings

Progress = Callable[[int, str], AbstractContextManager[Callable[[int], object]]]
_MOST_HELD_OUT = 500


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What to learn from, what to evaluate on, the hashes that no pair of the former has, and what became of each file."""

    corpora: Sequence[Corpus]
    dev: Sequence[Pair]
    tests: Mapping[str, Sequence[Pair]]
    refused: frozenset[str]
    reports: Sequence[FileReport]

    @property
    def fingerprint(self) -> str:
        """A hash of the pairs to learn from, in order, 16 hex digits."""
        digest = hashlib.sha256()
        for corpus in self.corpora:
            for pair in corpus.pairs:
                digest.update(f"{pair.source}\t{pair.target}\n".encode())
        return digest.hexdigest()[:16]

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
    refused = fingerprints(text for pairs in (dev, *tests.values()) for pair in pairs for text in (pair.source, pair.target))
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
        corpora, dev = _split(corpora, settings)
        refused |= fingerprints(text for pair in dev for text in (pair.source, pair.target))
    return TrainingData(corpora, dev, tests, refused, reports)


def _reasons(reports: Sequence[FileReport]) -> str:
    return ", ".join(f"{reason} {count}" for report in reports for reason, count in report.dropped.items())


def _split(corpora: Sequence[Corpus], settings: TrainingSettings) -> tuple[list[Corpus], list[Pair]]:
    """A dev set taken out of the corpora at random; pairs that share a side with it leave as well."""
    numbered = [(number, i) for number, corpus in enumerate(corpora) for i in range(len(corpus.pairs))]
    size = min(_MOST_HELD_OUT, max(1, round(settings.held_out_share * len(numbered))))
    if size >= len(numbered):
        raise UserError(f"{len(numbered)} pairs are too few to hold some out for evaluation: give more, or a dev set (`dev`, --dev)")
    dev = [corpora[number].pairs[i] for number, i in sorted(Random(settings.seed).sample(numbered, size))]
    sieve = Sieve(settings.filters.model_copy(update={"duplicates": True}), fingerprints(t for p in dev for t in (p.source, p.target)))
    taken = set(dev)
    kept = [sieve.sift((p for p in corpus.pairs if p not in taken), FileReport("")) for corpus in corpora]
    return [Corpus(pairs, corpus.weight) for pairs, corpus in zip(kept, corpora, strict=True)], dev
