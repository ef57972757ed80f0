"""Units that stand out among the others of a corpus, by length and by score."""

import math
import re
import statistics
from collections.abc import Iterator, Sequence
from itertools import pairwise

from translator.document.protection import protected_spans
from translator.quality.checks.check import Flag, ScoredUnit
from translator.quality.checks.completeness import expected_length
from translator.quality.checks.glosses import find_glosses

_FEWEST = 100  # units, before their median says anything
_BIN = 500  # units of about the same length that are compared with each other
_LENGTH_DEVIATIONS = 4.0  # robust standard deviations
_SCORE_DEVIATIONS = 2.5
_SHORTEST = 40  # expected characters
_EXACT = re.compile(r"`|\]\(|://|www\.")  # without these there is no URL, link, image or code
_TO_SIGMA = 1.4826  # the median absolute deviation of a normal distribution to its standard deviation


def length_outliers(units: Sequence[ScoredUnit]) -> Iterator[tuple[int, Flag]]:
    """`length-outlier`: the ratio of lengths is far from the median of the units of about the same length (median and MAD of its log)."""
    measured = sorted((expected, i, ratio) for i, unit in enumerate(units) if (found := _ratio(unit)) for expected, ratio in [found])
    if len(measured) < _FEWEST:
        return
    count = max(1, round(len(measured) / _BIN))
    edges = [len(measured) * k // count for k in range(count + 1)]
    for start, end in pairwise(edges):
        middle, sigma = _median_and_sigma([ratio for *_, ratio in measured[start:end]])
        for _, i, ratio in measured[start:end]:
            if abs(ratio - middle) > _LENGTH_DEVIATIONS * sigma:
                yield i, Flag("length-outlier", f"{math.exp(ratio - middle):.2f} times the length to be expected")


def low_scores(units: Sequence[ScoredUnit]) -> Iterator[tuple[int, Flag]]:
    """`low-score`: the model's mean log-probability is far below the corpus's median (median and MAD)."""
    scored = [(i, unit.score) for i, unit in enumerate(units) if unit.score]  # 0: nothing was decoded
    if len(scored) < _FEWEST:
        return
    middle, sigma = _median_and_sigma([score for _, score in scored])
    for i, score in scored:
        if score < middle - _SCORE_DEVIATIONS * sigma:
            yield i, Flag("low-score", f"{score:.2f}, the median is {middle:.2f}")


def _ratio(unit: ScoredUnit) -> tuple[float, float] | None:
    """The length that a target should have, without what source and target say in Latin anyway, and the log of what it has to it."""
    spans = protected_spans(unit.source) if _EXACT.search(unit.source) else ()
    expected, exact = expected_length(unit.source, spans)
    for gloss in find_glosses(unit.source):
        expected -= len(gloss.term)  # said twice in the source, once in the target
    length = len(unit.target) - exact
    has_url = any(span.kind in ("url", "link") for span in spans)
    return (expected, math.log(length / expected)) if expected >= _SHORTEST * (1 + has_url) and length > 0 else None


def _median_and_sigma(values: Sequence[float]) -> tuple[float, float]:
    middle = statistics.median(values)
    return middle, _TO_SIGMA * statistics.median(abs(value - middle) for value in values)
