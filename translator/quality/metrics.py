"""BLEU, chrF, chrF2++ and TER against references, through sacreBLEU, with its signatures and its significance tests.

COMET, the other metric, is in comet.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from translator.quality.bootstrap import Floats, Progress, SegmentStatistics, bootstrap_seed, interval, no_progress, p_value, resample

References = Sequence[Sequence[str]]
"""One or more references, each with a text for every segment."""

NAMES = {"bleu": "BLEU", "chrf++": "chrF2++", "chrf": "chrF2", "ter": "TER", "comet": "COMET"}
DEFAULT = ("bleu", "chrf++")
LOWER_IS_BETTER = frozenset({"ter"})
_TOGETHER = 500  # segments: what chrF keeps of a reference is a hundred times its size


@dataclass(frozen=True, slots=True)
class Score:
    """A corpus score from 0 to 100 (TER: 0 and up), half the width of its 95 % interval (0 where none was asked for), its signature."""

    metric: str
    value: float
    interval: float
    signature: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A system's score against a baseline's on the same segments; `p_value` of sacreBLEU's paired bootstrap resampling."""

    metric: str
    baseline: float
    system: float
    p_value: float

    @property
    def gain(self) -> float:
        """How much better the system is; worse is negative, also where lower scores are better."""
        change = self.system - self.baseline
        return -change if self.metric in LOWER_IS_BETTER else change


@dataclass(frozen=True, slots=True)
class Measured:
    """A system's segments by a metric: the score of all of them, and those of bootstrap samples (none: no interval)."""

    statistics: SegmentStatistics
    value: float
    samples: Floats

    def score(self, *, intervals: bool = True) -> Score:
        """Its score, with an interval where there are samples."""
        samples = self.samples if intervals else self.samples[:0]
        signature = self.statistics.arithmetic.signature(len(samples))
        return Score(self.statistics.metric, self.value, interval(samples) if len(samples) else 0.0, signature)

    def against(self, baseline: "Measured") -> Comparison:
        """How it differs from a baseline that was measured with the same samples.

        p is 1 for equal scores, of which sacreBLEU's count of larger differences makes the smallest p-value there is, and at least what
        exchanging the systems in each segment could give: samples of one segment are all alike and say nothing.
        """
        chance = p_value(baseline.samples, self.samples, self.value - baseline.value) if self.value != baseline.value else 1.0
        chance = max(chance, 2.0 ** (1 - len(self.statistics.rows)))
        return Comparison(self.statistics.metric, baseline.value, self.value, chance)


def corpus_scores(
    hypotheses: Sequence[str], references: References, *, metrics: Sequence[str] = DEFAULT, bootstrap: int = 0
) -> dict[str, Score]:
    """Scores of a corpus by metric name; intervals from as many bootstrap samples, if any.

    Raises ValueError for an unknown metric, for a reference that has not a text for each hypothesis, and for a text with a line break.
    """
    [found] = measure(segment_statistics([hypotheses], references, metrics=metrics), bootstrap)
    return {name: measured.score() for name, measured in found.items()}


def compare(
    baseline: Sequence[str], system: Sequence[str], references: References, *, metrics: Sequence[str] = DEFAULT, bootstrap: int = 1000
) -> dict[str, Comparison]:
    """How a system's translations of a corpus differ from a baseline's, by metric name.

    Raises ValueError as corpus_scores does.
    """
    before, after = measure(segment_statistics([baseline, system], references, metrics=metrics), bootstrap)
    return {name: measured.against(before[name]) for name, measured in after.items()}


def segment_statistics(
    systems: Sequence[Sequence[str]], references: References, *, metrics: Sequence[str] = DEFAULT, progress: Progress = no_progress
) -> list[dict[str, SegmentStatistics]]:
    """What each metric counts in the segments of each system, by metric name. Raises ValueError as corpus_scores does."""
    _refuse(systems, references)
    rows: list[dict[str, list[list[float]]]] = [{name: [] for name in metrics} for _ in systems]
    with progress(len(references[0]), "segment") as tell:
        for start in range(0, len(references[0]), _TOGETHER):
            here = slice(start, start + _TOGETHER)
            made = _metrics(metrics, [reference[here] for reference in references])
            for name, metric in made.items():
                for texts, found in zip(systems, rows, strict=True):
                    found[name] += metric._extract_corpus_statistics(texts[here], None)
            tell(len(references[0][here]))
    return [{name: SegmentStatistics(name, np.array(found[name], float), _SacreBleu(made[name])) for name in made} for found in rows]


def measure(
    statistics: Sequence[Mapping[str, SegmentStatistics]], bootstrap: int, progress: Progress = no_progress
) -> list[dict[str, Measured]]:
    """Scores of systems (all on the same segments) by metric name, and of as many bootstrap samples, if any."""
    every = [each for system in statistics for each in system.values()]
    samples = iter(resample(every, bootstrap, progress) if bootstrap else [np.empty(0)] * len(every))

    def measured(each: SegmentStatistics) -> Measured:
        return Measured(each, each.arithmetic.of_corpus(each.rows), next(samples))

    return [{name: measured(each) for name, each in system.items()} for system in statistics]


def segment_scores(hypotheses: Sequence[str], references: References, metric: str = "chrf++") -> list[float]:
    """A score for each segment alone: rough, for sorting and plotting; BLEU with effective order.

    Raises ValueError as corpus_scores does.
    """
    from sacrebleu.metrics.bleu import BLEU

    made = BLEU(effective_order=True) if metric == "bleu" else _metrics([metric], None)[metric]
    _refuse([hypotheses], references)
    return [float(made.sentence_score(text, list(wanted)).score) for text, *wanted in zip(hypotheses, *references, strict=True)]


def _metrics(names: Sequence[str], references: References | None) -> dict[str, Any]:
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF
    from sacrebleu.metrics.ter import TER

    cached = [list(reference) for reference in references] if references is not None else None
    makers: dict[str, Any] = {
        "bleu": lambda: BLEU(references=cached),
        "chrf++": lambda: CHRF(word_order=2, references=cached),
        "chrf": lambda: CHRF(references=cached),
        "ter": lambda: TER(references=cached),
    }
    unknown = [name for name in names if name not in makers]
    if unknown:
        raise ValueError(f"no metric is named {unknown[0]!r}; there are {', '.join(makers)}")
    return {name: makers[name]() for name in names}


class _SacreBleu:
    """The arithmetic of a sacreBLEU metric: float32 for samples, as in its own bootstrap, so that the figures are the same."""

    precision = np.float32

    def __init__(self, metric: Any) -> None:
        self._metric = metric

    def of_corpus(self, rows: NDArray[np.float64]) -> float:
        return float(self._metric._aggregate_and_compute(rows.tolist()).score)

    def of_sample(self, sums: Floats) -> float:
        score: float = self._metric._compute_score_from_stats(sums).score
        return score

    def signature(self, samples: int) -> str:
        signature = self._metric.get_signature()
        if samples:
            signature.update("seed", bootstrap_seed())
            signature.update("bs", samples)
        return str(signature)


def _refuse(systems: Sequence[Sequence[str]], references: References) -> None:
    """sacreBLEU's Python interface would cut lists of different lengths to the shortest."""
    if not references or not references[0]:
        raise ValueError("no reference was given")
    for texts in (*systems, *references):
        if len(texts) != len(references[0]):
            raise ValueError(f"{len(texts)} texts for {len(references[0])} references")
        broken = next((i for i, text in enumerate(texts) if "\n" in text or "\r" in text), None)
        if broken is not None:
            raise ValueError(f"text {broken + 1} has a line break: {texts[broken][:60]!r}")
