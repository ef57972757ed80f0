"""BLEU, chrF, chrF2++ and TER against references, through sacreBLEU, with its signatures and its significance tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

References = Sequence[Sequence[str]]
"""One or more references, each with a text for every segment."""

NAMES = {"bleu": "BLEU", "chrf++": "chrF2++", "chrf": "chrF2", "ter": "TER"}
DEFAULT = ("bleu", "chrf++")
LOWER_IS_BETTER = frozenset({"ter"})


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


def corpus_scores(
    hypotheses: Sequence[str], references: References, *, metrics: Sequence[str] = DEFAULT, bootstrap: int = 0
) -> dict[str, Score]:
    """Scores of a corpus by metric name; intervals from as many bootstrap samples, if any.

    Raises ValueError for an unknown metric, for a reference that has not a text for each hypothesis, and for a text with a line break.
    """
    made = _metrics(metrics, references)
    _refuse([hypotheses], references)
    if not bootstrap:
        found = {name: metric.corpus_score(list(hypotheses), None) for name, metric in made.items()}
        return {name: Score(name, float(found[name].score), 0.0, str(metric.get_signature())) for name, metric in made.items()}
    signatures, rows = _paired_test([("system", hypotheses)], made, bootstrap)
    return {
        name: Score(name, float(row.score), float(row.ci), str(signature))
        for name, (row,), signature in zip(made, rows, signatures, strict=True)
    }


def compare(
    baseline: Sequence[str], system: Sequence[str], references: References, *, metrics: Sequence[str] = DEFAULT, bootstrap: int = 1000
) -> dict[str, Comparison]:
    """How a system's translations of a corpus differ from a baseline's, by metric name.

    Raises ValueError as corpus_scores does.
    """
    made = _metrics(metrics, references)
    _refuse([baseline, system], references)
    _, rows = _paired_test([("baseline", baseline), ("system", system)], made, bootstrap)
    return {
        name: Comparison(name, float(first.score), float(second.score), _p_value(first, second))
        for name, (first, second) in zip(made, rows, strict=True)
    }


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

    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise ValueError(f"no metric is named {unknown[0]!r}; there are {', '.join(NAMES)}")
    cached = [list(reference) for reference in references] if references is not None else None
    makers: dict[str, Any] = {
        "bleu": lambda: BLEU(references=cached),
        "chrf++": lambda: CHRF(word_order=2, references=cached),
        "chrf": lambda: CHRF(references=cached),
        "ter": lambda: TER(references=cached),
    }
    return {name: makers[name]() for name in names}


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


def _refuse(systems: Sequence[Sequence[str]], references: References) -> None:
    """sacreBLEU's Python interface would cut lists of different lengths to the shortest."""
    if not references:
        raise ValueError("no reference was given")
    for texts in (*systems, *references):
        if len(texts) != len(references[0]):
            raise ValueError(f"{len(texts)} texts for {len(references[0])} references")
        broken = next((i for i, text in enumerate(texts) if "\n" in text or "\r" in text), None)
        if broken is not None:
            raise ValueError(f"text {broken + 1} has a line break: {texts[broken][:60]!r}")
