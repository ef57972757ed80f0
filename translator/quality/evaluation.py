"""Systems evaluated against references: scores, changes against a baseline, scores by group, a ranking."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any, Literal

from translator.errors import UserError
from translator.quality.bootstrap import Progress, SegmentStatistics, no_progress
from translator.quality.comet import Comet, comet_statistics
from translator.quality.metrics import LOWER_IS_BETTER, NAMES, Comparison, Measured, Score, measure, segment_statistics
from translator.quality.segments import Segment, align, sources_of

Grouping = Literal["section", "file", "kind", "length"]
_LENGTHS = (10, 20, 40)
_SIGNIFICANT = 0.05
DEFAULT_COMET = Comet()
_SAMPLES = 1000  # for p-values where no intervals are asked for


@dataclass(frozen=True, slots=True)
class SystemResult:
    """A system's scores and changes against the baseline (if any) by metric, its scores by group, with the group's size, and, for COMET,
    the scores of its segments, by file and id, or line.
    """

    name: str
    scores: Mapping[str, Score]
    changes: Mapping[str, Comparison]
    groups: Mapping[str, tuple[int, Mapping[str, Score]]]
    segment_scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


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
    systems: Sequence[Named], references: Sequence[Named], *, baseline: Named | None = None, source: Named | None = None,
    metrics: Sequence[str], bootstrap: int, by: Grouping | None = None, comet: Comet = DEFAULT_COMET, progress: Progress = no_progress,
) -> Evaluation:  # fmt: skip
    """Scores systems on the segments that all systems and references (and the baseline) have.

    `source` is what was translated, for COMET, where the others do not say it. `progress` sees a step for segments judged by COMET,
    one for segments counted by other metrics, one for samples drawn and one for samples of groups.
    Raises UserError where segments do not match, an unknown metric is asked for, or COMET cannot be had.
    """
    outputs = [*systems, *([baseline] if baseline else [])]
    aligned = _Aligned(outputs, references, source)
    labels = _labels(aligned.rows, (aligned.wanted or aligned.outputs)[0], by) if by else []
    try:
        counted = _counted(aligned, metrics, comet, progress)
        measured = measure(counted, bootstrap or (_SAMPLES if baseline else 0), progress)
        groups = _grouped(counted[: len(systems)], labels, bootstrap, progress)
    except ValueError as error:
        raise UserError(str(error)) from error
    before = measured[len(systems)] if baseline else {}
    results = [
        SystemResult(
            name, {m: each.score(intervals=bootstrap > 0) for m, each in found.items()}, _changes(before, found), in_groups,
            _by_segment(found, aligned.rows[0]),
        )
        for (name, _), found, in_groups in zip(systems, measured, groups, strict=False)
    ]  # fmt: skip
    return Evaluation(len(aligned.outputs[0]), aligned.unmatched, results)


def rank(
    systems: Sequence[Named], references: Sequence[Named], *, source: Named | None = None, metric: str, bootstrap: int,
    comet: Comet = DEFAULT_COMET, progress: Progress = no_progress,
) -> Ranking:  # fmt: skip
    """Systems from best to worst by a metric, with significance groups. `source` and `progress` as in evaluate_systems.

    Raises UserError as evaluate_systems does, and where two systems have one name.
    """
    names = [name for name, _ in systems]
    if len(set(names)) < len(names):
        raise UserError(f"{next(name for name in names if names.count(name) > 1)} is given twice")
    aligned = _Aligned(systems, references, source)
    try:
        counted = _counted(aligned, [metric], comet, progress)
        measured = dict(zip(names, (found[metric] for found in measure(counted, bootstrap, progress)), strict=True))
    except ValueError as error:
        raise UserError(str(error)) from error
    scores = {name: found.score() for name, found in measured.items()}
    order = sorted(names, key=lambda name: scores[name].value, reverse=metric not in LOWER_IS_BETTER)

    def p_value(one: str, other: str) -> float:
        return measured[other].against(measured[one]).p_value

    best, group = order[0], 1
    ranks = [Rank(best, scores[best], group, 1.0)]
    for above, name in pairwise(order):
        from_above = p_value(above, name)
        if (from_above if best == above else p_value(best, name)) < _SIGNIFICANT:
            best, group = name, group + 1
        ranks.append(Rank(name, scores[name], group, from_above))
    return Ranking(len(aligned.outputs[0]), aligned.unmatched, ranks)


def verdict(change: Comparison) -> str:
    """What a change against a baseline amounts to, in words."""
    size = f"{change.gain:+.2f} {NAMES[change.metric]}, p = {change.p_value:.3f}"
    if not is_significant(change):
        return f"no significant difference ({size})"
    return f"significantly {'better' if change.gain > 0 else 'worse'} ({size})"


def is_significant(change: Comparison) -> bool:
    """True for a change that chance alone would seldom make."""
    return change.p_value < _SIGNIFICANT


class _Aligned:
    """The texts of outputs and of references on the segments that all of them (and the source, if given) have."""

    def __init__(self, outputs: Sequence[Named], references: Sequence[Named], source: Named | None) -> None:
        alignment = align([*outputs, *references, *([source] if source else [])])
        self.rows, self.unmatched = alignment.rows, alignment.unmatched
        texts = [[segment.text for segment in row] for row in alignment.rows]
        self.outputs, self.wanted = texts[: len(outputs)], texts[len(outputs) : len(outputs) + len(references)]


def _counted(aligned: _Aligned, metrics: Sequence[str], comet: Comet, progress: Progress) -> list[dict[str, SegmentStatistics]]:
    """What the metrics counted in the segments of each output."""
    if len(aligned.wanted) > 1 and "comet" in metrics:
        raise UserError("COMET compares with one reference: give one --reference")
    found: list[dict[str, SegmentStatistics]] = [{} for _ in aligned.outputs]
    if "comet" in metrics:  # first, since it may not be had
        reference = aligned.wanted[0] if aligned.wanted else None
        judged = comet_statistics(comet, aligned.outputs, sources_of(aligned.rows), reference, progress)
        found = [{"comet": each} for each in judged]
    if others := [name for name in metrics if name != "comet"]:
        counted = segment_statistics(aligned.outputs, aligned.wanted, metrics=others, progress=progress)
        found = [a | b for a, b in zip(found, counted, strict=True)]
    return [{name: each[name] for name in metrics} for each in found]


def _by_segment(measured: Mapping[str, Measured], row: Sequence[Segment]) -> dict[str, dict[str, float]]:
    """The scores of single segments, by what these are known by, of metrics that judge each for itself."""
    return {
        name: {segment.name: float(score) for segment, score in zip(row, each.statistics.rows[:, 0], strict=True)}
        for name, each in measured.items()
        if name == "comet"
    }


def _labels(rows: Sequence[Sequence[Segment]], reference: Sequence[str], by: Grouping) -> list[str]:
    """The group of each segment; what one file does not say of a segment, another may."""
    if by == "length":
        return [length_group(text) for text in reference]
    name = {"section": "title", "file": "file", "kind": "kind"}[by]
    return [next((label for segment in same if (label := getattr(segment, name))), "(none)") for same in zip(*rows, strict=True)]


def length_group(text: str) -> str:
    """The group of texts of about as many words, such as `11-20 words`."""
    words, low = len(text.split()), 1
    for high in _LENGTHS:
        if words <= high:
            return f"{low}-{high} words"
        low = high + 1
    return f"{low}+ words"


def _changes(baseline: Mapping[str, Measured], system: Mapping[str, Measured]) -> dict[str, Comparison]:
    return {name: system[name].against(before) for name, before in baseline.items()}


def _grouped(
    systems: Sequence[Mapping[str, SegmentStatistics]], labels: Sequence[str], bootstrap: int, progress: Progress
) -> list[dict[str, tuple[int, Mapping[str, Score]]]]:
    """For each system, the size and the scores of each group, in the order of the groups' first segments."""
    members: dict[str, list[int]] = defaultdict(list)
    for i, label in enumerate(labels):
        members[label].append(i)
    groups: list[dict[str, tuple[int, Mapping[str, Score]]]] = [{} for _ in systems]
    shown = progress if members and bootstrap else no_progress
    with shown(len(members) * bootstrap, "sample of a group") as tell:
        for label, chosen in members.items():
            parts = [{name: each.part(chosen) for name, each in system.items()} for system in systems]
            for found, measured in zip(groups, measure(parts, bootstrap, lambda *_: nullcontext(tell)), strict=True):
                found[label] = len(chosen), {name: each.score() for name, each in measured.items()}
    return groups
