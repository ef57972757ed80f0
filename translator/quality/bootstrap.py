"""Paired bootstrap resampling over segments (Koehn 2004): sacreBLEU's samples and figures, with few samples in memory at a time.

sacreBLEU's PairedTest lays all samples beside each other, which for 100,000 segments takes 15 GB. Here the same generator draws the
same segments for a few samples after another, sums them in the same order and precision, and has sacreBLEU make scores of the sums.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

_DRAWN_TOGETHER = 100_000  # segments

Floats = NDArray[np.floating[Any]]
Progress = Callable[[int, str], AbstractContextManager[Callable[[int], object]]]
"""For a total and the name of what it counts, a context whose value is told of each part that is done."""


def no_progress(total: int, counted: str) -> AbstractContextManager[Callable[[int], object]]:
    """Progress that nobody sees."""
    return nullcontext(lambda count: None)


class Arithmetic(Protocol):
    """How a metric makes scores of what it counted in segments."""

    @property
    def precision(self) -> type[np.floating[Any]]:
        """In which the counts of a sample are summed."""
        ...

    def of_corpus(self, rows: NDArray[np.float64]) -> float:
        """The score of segments, of which each row has the counts."""
        ...

    def of_sample(self, sums: Floats) -> float:
        """The score of segments of whose counts these are the sums."""
        ...

    def signature(self, samples: int) -> str:
        """What reproduces the score; with the seed and the number of samples, where there are any."""
        ...


@dataclass(frozen=True, slots=True)
class SegmentStatistics:
    """What a metric counted in a system's segments: `rows` are segments x counts."""

    metric: str
    rows: NDArray[np.float64]
    arithmetic: Arithmetic

    def part(self, members: Sequence[int]) -> "SegmentStatistics":
        """Those of some of the segments."""
        return replace(self, rows=self.rows[members])


def resample(statistics: Sequence[SegmentStatistics], samples: int, progress: Progress = no_progress) -> list[Floats]:
    """The scores of as many samples, an array for each of the statistics, all of which must be of the same segments.

    The n-th score of each is of the same draw of segments (as many as there are, with replacement), so that differences are paired.
    """
    seed = bootstrap_seed()
    random = np.random.default_rng(None if seed == "none" else int(seed))
    summed = [each.rows.astype(each.arithmetic.precision) for each in statistics]
    scores: list[list[float]] = [[] for _ in statistics]
    known: list[dict[bytes, float]] = [{} for _ in statistics]  # small groups have few different samples
    segments = len(summed[0])
    together = max(1, _DRAWN_TOGETHER // segments)
    with progress(samples, "sample") as tell:
        for start in range(0, samples, together):
            drawn = random.choice(segments, size=(min(together, samples - start), segments))
            for place, each in enumerate(statistics):
                for sums in summed[place].take(drawn, axis=0).sum(axis=1):
                    key = sums.tobytes()
                    if key not in known[place]:
                        known[place][key] = each.arithmetic.of_sample(sums)
                    scores[place].append(known[place][key])
            tell(len(drawn))
    return [np.array(found) for found in scores]


def interval(samples: Floats) -> float:
    """Half the width of the 95 % interval."""
    from sacrebleu.significance import estimate_ci

    return float(estimate_ci(samples)[1])


def p_value(baseline: Floats, system: Floats, difference: float) -> float:
    """How likely a difference of corpus scores as large as this one (or its opposite) is by chance; `baseline` and `system` are
    the scores of the same samples.
    """
    from sacrebleu.significance import _compute_p_value

    found = np.abs(system - baseline)
    return float(_compute_p_value(found - found.mean(), abs(difference)))


def bootstrap_seed() -> str:
    """sacreBLEU's: SACREBLEU_SEED, a number or `none` (another at each run); 12345 where it is not set. Raises ValueError for others."""
    seed = os.environ.get("SACREBLEU_SEED", "12345").lower()
    if seed != "none" and not seed.isdecimal():
        raise ValueError(f"SACREBLEU_SEED is {seed!r}: expected a number, or none")
    return seed
