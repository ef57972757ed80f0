"""Systems evaluated against references: scores, changes against a baseline, scores by group, a ranking."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Literal

from translator.errors import UserError
from translator.quality.metrics import LOWER_IS_BETTER, NAMES, Comparison, References, Score, compare, corpus_scores
from translator.quality.segments import Segment, align

Grouping = Literal["section", "file", "kind", "length"]
_LENGTHS = (10, 20, 40)
_SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class SystemResult:
    """A system's scores and changes against the baseline (if any) by metric, and its scores by group, with the group's size."""

    name: str
    scores: Mapping[str, Score]
    changes: Mapping[str, Comparison]
    groups: Mapping[str, tuple[int, Mapping[str, Score]]]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Results on the segments that all files have; `unmatched` are the ids of the others by file."""

    segments: int
    unmatched: Mapping[str, Sequence[str]]
    systems: Sequence[SystemResult]

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return {"segments": self.segments, "unmatched": dict(self.unmatched), "systems": [asdict(system) for system in self.systems]}


@dataclass(frozen=True, slots=True)
class Rank:
    """A system's place: its score, its group (systems of one group do not differ significantly from the group's best), and the p-value
    of the difference from the system above it (1 for the first).
    """

    name: str
    score: Score
    group: int
    p_value: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """Ranks on the segments that all files have; `unmatched` are the ids of the others by file."""

    segments: int
    unmatched: Mapping[str, Sequence[str]]
    ranks: Sequence[Rank]


Named = tuple[str, Sequence[Segment]]


def evaluate_systems(
    systems: Sequence[Named], references: Sequence[Named], *, baseline: Named | None = None, metrics: Sequence[str], bootstrap: int,
    by: Grouping | None = None, on_done: Callable[[str], object] | None = None,
) -> Evaluation:  # fmt: skip
    """Scores systems on the segments that all systems and references (and the baseline) have. `on_done` is told of each system.

    Raises UserError where segments do not match, or an unknown metric is asked for.
    """
    sources = [*systems, *([baseline] if baseline else []), *references]
    alignment = align(sources)
    texts = [[segment.text for segment in row] for row in alignment.rows]
    wanted = texts[len(texts) - len(references) :]
    before = texts[len(systems)] if baseline else None
    labels = _labels(alignment.rows, wanted[0], by) if by else []
    results = []
    for (name, _), output in zip(systems, texts, strict=False):
        try:
            scores = corpus_scores(output, wanted, metrics=metrics, bootstrap=bootstrap)
            changes = compare(before, output, wanted, metrics=metrics, bootstrap=bootstrap or 1000) if before is not None else {}
        except ValueError as error:
            raise UserError(f"{name}: {error}") from error
        results.append(SystemResult(name, scores, changes, _grouped(output, wanted, labels, metrics)))
        if on_done:
            on_done(name)
    return Evaluation(len(texts[0]), alignment.unmatched, results)


def rank(systems: Sequence[Named], references: Sequence[Named], *, metric: str, bootstrap: int) -> Ranking:
    """Systems from best to worst by a metric, with significance groups.

    Raises UserError where segments do not match, or two systems have one name.
    """
    names = [name for name, _ in systems]
    if len(set(names)) < len(names):
        raise UserError(f"{next(name for name in names if names.count(name) > 1)} is given twice")
    alignment = align([*systems, *references])
    rows = [[segment.text for segment in row] for row in alignment.rows]
    texts, wanted = dict(zip(names, rows, strict=False)), rows[len(systems) :]
    scores = {name: corpus_scores(output, wanted, metrics=[metric], bootstrap=bootstrap)[metric] for name, output in texts.items()}
    order = sorted(names, key=lambda name: scores[name].value, reverse=metric not in LOWER_IS_BETTER)

    def p_value(one: str, other: str) -> float:
        return compare(texts[one], texts[other], wanted, metrics=[metric], bootstrap=bootstrap)[metric].p_value

    best, group = order[0], 1
    ranks = [Rank(best, scores[best], group, 1.0)]
    for above, name in pairwise(order):
        from_above = p_value(above, name)
        if (from_above if best == above else p_value(best, name)) < _SIGNIFICANT:
            best, group = name, group + 1
        ranks.append(Rank(name, scores[name], group, from_above))
    return Ranking(len(rows[0]), alignment.unmatched, ranks)


def verdict(change: Comparison) -> str:
    """What a change against a baseline amounts to, in words."""
    size = f"{change.gain:+.2f} {NAMES[change.metric]}, p = {change.p_value:.3f}"
    if change.p_value >= _SIGNIFICANT:
        return f"no significant difference ({size})"
    return f"significantly {'better' if change.gain > 0 else 'worse'} ({size})"


def _labels(rows: Sequence[Sequence[Segment]], reference: Sequence[str], by: Grouping) -> list[str]:
    """The group of each segment; what one file does not say of a segment, another may."""
    if by == "length":
        return [_length(text) for text in reference]
    name = {"section": "title", "file": "file", "kind": "kind"}[by]
    return [next((label for segment in same if (label := getattr(segment, name))), "(none)") for same in zip(*rows, strict=True)]


def _length(text: str) -> str:
    words, low = len(text.split()), 1
    for high in _LENGTHS:
        if words <= high:
            return f"{low}-{high} words"
        low = high + 1
    return f"{low}+ words"


def _grouped(
    output: Sequence[str], references: References, labels: Sequence[str], metrics: Sequence[str]
) -> dict[str, tuple[int, Mapping[str, Score]]]:
    members: dict[str, list[int]] = defaultdict(list)
    for i, label in enumerate(labels):
        members[label].append(i)
    return {
        label: (len(indices), corpus_scores(*_picked(output, references, indices), metrics=metrics)) for label, indices in members.items()
    }


def _picked(output: Sequence[str], references: References, indices: Sequence[int]) -> tuple[list[str], list[list[str]]]:
    return [output[i] for i in indices], [[reference[i] for i in indices] for reference in references]
