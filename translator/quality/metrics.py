"""BLEU and chrF2++ against references, through sacreBLEU, with its signatures and its significance tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Score:
    """A corpus score from 0 to 100, half the width of its 95 % interval (0 where none was asked for), and the signature."""

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


def corpus_scores(hypotheses: Sequence[str], references: Sequence[str], *, bootstrap: int = 0) -> dict[str, Score]:
    """BLEU (`bleu`) and chrF2++ (`chrf`) of a corpus; intervals from as many bootstrap samples, if any.

    Raises ValueError unless there is one reference for each hypothesis.
    """
    _refuse_lengths(hypotheses, references)
    metrics = _metrics(references)
    if not bootstrap:
        found = {name: metric.corpus_score(list(hypotheses), None) for name, metric in metrics.items()}
        return {name: Score(name, float(found[name].score), 0.0, str(metric.get_signature())) for name, metric in metrics.items()}
    signatures, rows = _paired_test([("system", hypotheses)], metrics, bootstrap)
    return {
        name: Score(name, float(row.score), float(row.ci), str(signature))
        for name, (row,), signature in zip(metrics, rows, signatures, strict=True)
    }


def compare(baseline: Sequence[str], system: Sequence[str], references: Sequence[str], *, bootstrap: int = 1000) -> dict[str, Comparison]:
    """How a system's translations of a corpus differ from a baseline's.

    Raises ValueError unless there is one reference for each hypothesis of both.
    """
    _refuse_lengths(baseline, references)
    _refuse_lengths(system, references)
    metrics = _metrics(references)
    _, rows = _paired_test([("baseline", baseline), ("system", system)], metrics, bootstrap)
    return {
        name: Comparison(name, float(first.score), float(second.score), _p_value(first, second))
        for name, (first, second) in zip(metrics, rows, strict=True)
    }


def _paired_test(systems: Sequence[tuple[str, Sequence[str]]], metrics: dict[str, Any], samples: int) -> tuple[list[Any], list[list[Any]]]:
    """sacreBLEU's signatures and results, a row a metric with a result a system.

    One system alone gets its interval here too: Metric.corpus_score fails where some samples score zero (float beside float32).
    """
    from sacrebleu.significance import PairedTest

    signatures, scores = PairedTest([(name, list(texts)) for name, texts in systems], metrics, None, test_type="bs", n_samples=samples)()
    names = [name for name in scores if name != "System"]
    return [signatures[name] for name in names], [list(scores[name]) for name in names]


def _p_value(baseline: Any, system: Any) -> float:
    """sacreBLEU's, but 1 for equal scores, of which its count of larger differences makes the smallest p-value there is."""
    return 1.0 if baseline.score == system.score else float(system.p_value)


def _metrics(references: Sequence[str]) -> dict[str, Any]:
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    return {"bleu": BLEU(references=[list(references)]), "chrf": CHRF(word_order=2, references=[list(references)])}


def _refuse_lengths(hypotheses: Sequence[str], references: Sequence[str]) -> None:
    if len(hypotheses) != len(references):
        raise ValueError(f"{len(hypotheses)} hypotheses for {len(references)} references")
