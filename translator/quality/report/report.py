"""What the page of an evaluation shows."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath
from typing import NamedTuple

from translator.quality.checks import Flag
from translator.quality.evaluation import Evaluation, Named, SystemResult, length_group
from translator.quality.metrics import NAMES, References, segment_scores
from translator.quality.report.diff import Piece, closest, word_diff
from translator.quality.report.plots import Plot, Sample, draw_histogram, draw_intervals, draw_lengths, draw_trend
from translator.quality.report.selection import Selection, select
from translator.quality.segments import Segment, align

SEGMENT_METRIC = "chrf++"  # BLEU says little of a sentence alone
_DATE = re.compile(r"(?<!\d)(\d{4})([-/._])(\d{2})\2(\d{2})(?!\d)")


@dataclass(frozen=True, slots=True)
class Row:
    """A segment beside its source and reference; `number` counts from 1 in the order of the first system's file.

    `hypothesis` and `reference` are marked against each other, `before` (the baseline's hypothesis, if any) against the reference;
    `other_references` are those further from the hypothesis. `lists` names those of Selection.lists that it is in.
    """

    number: int
    place: str
    title: str
    source: str
    hypothesis: tuple[Piece, ...]
    reference: tuple[Piece, ...]
    before: tuple[Piece, ...]
    other_references: tuple[str, ...]
    score: float
    change: float | None
    words: int
    lists: tuple[str, ...]
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class FlagKind:
    """A kind of flag: how many segments have it, and what it saw in those that the page shows, by the number of the segment."""

    name: str
    total: int
    found: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class SystemReport:
    """A system in detail; `label` is its name as short as it can be, `lists` the sizes of the lists, `rows` have the lowest score first."""

    label: str
    result: SystemResult
    plots: tuple[Plot, ...]
    dated: bool
    lists: Mapping[str, int]
    flags: tuple[FlagKind, ...]
    titles: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """An evaluation with its systems in detail; `baseline` is empty where there is none, `overview` is drawn where there are several
    systems, `metric` is that of single segments.
    """

    evaluation: Evaluation
    references: tuple[str, ...]
    baseline: str
    baseline_label: str
    metric: str
    limit: int
    has_sources: bool
    overview: tuple[Plot, ...]
    systems: tuple[SystemReport, ...]


class _Facts(NamedTuple):
    """What is known of each segment whatever the system."""

    sources: list[str]
    places: list[str]
    titles: list[str]
    files: list[tuple[date, str] | None]
    words: list[int]
    groups: list[str]


def build_report(
    found: Evaluation, systems: Sequence[Named], references: Sequence[Named], *, baseline: Named | None = None, limit: int
) -> Report:
    """The report of an evaluation of the same systems, references and baseline, with at most `limit` segments of a system for a reason:
    worst, best, gained, lost, a kind of flag.
    """
    rows = align([*systems, *([baseline] if baseline else []), *references]).rows
    wanted = [[segment.text for segment in row] for row in rows[len(rows) - len(references) :]]
    before = [segment.text for segment in rows[len(systems)]] if baseline else None
    before_scores = segment_scores(before, wanted, SEGMENT_METRIC) if before is not None else None
    facts = _facts(rows, wanted[0])
    labels = _labels([name for name, _ in [*systems, *([baseline] if baseline else [])]])
    details = []
    for number, (label, segments, result) in enumerate(zip(labels, rows, found.systems, strict=False), 1):
        scores = segment_scores([segment.text for segment in segments], wanted, SEGMENT_METRIC)
        sample = Sample(NAMES[SEGMENT_METRIC], scores, before_scores)
        plots = (
            draw_histogram(sample, f"plot-{number}-scores"),
            draw_lengths(sample, facts.groups, facts.words, f"plot-{number}-lengths"),
            draw_trend(sample, facts.files, f"plot-{number}-trend"),
        )
        chosen, made = _rows(segments, sample, wanted, before, facts, limit)
        details.append(_system(label, result, plots, chosen, made))
    metrics = found.systems[0].scores if len(systems) > 1 else ()
    overview = tuple(draw_intervals(found, metric, labels[: len(systems)], f"plot-system-{i}") for i, metric in enumerate(metrics))
    return Report(
        found, tuple(name for name, _ in references), baseline[0] if baseline else "", labels[-1], NAMES[SEGMENT_METRIC], limit,
        any(facts.sources), overview, tuple(details),
    )  # fmt: skip


def _system(label: str, result: SystemResult, plots: Sequence[Plot | None], chosen: Selection, rows: Mapping[int, Row]) -> SystemReport:
    flags = tuple(
        FlagKind(kind, chosen.flag_totals[kind], tuple((rows[i].number, _details(rows[i], kind)) for i in sorted(indices)))
        for kind, indices in chosen.flagged.items()
    )
    drawn = tuple(plot for plot in plots if plot)
    lists = {name: len(indices) for name, indices in chosen.lists.items()}
    titles = tuple(sorted({row.title for row in rows.values() if row.title}))
    ordered = tuple(sorted(rows.values(), key=lambda row: (row.score, row.number)))
    return SystemReport(label, result, drawn, len(drawn) == len(plots), lists, flags, titles, ordered)


def _details(row: Row, kind: str) -> str:
    return ", ".join(flag.detail for flag in row.flags if flag.check == kind)


def _rows(
    segments: Sequence[Segment], sample: Sample, references: References, before: Sequence[str] | None, facts: _Facts, limit: int
) -> tuple[Selection, dict[int, Row]]:
    """The segments to show, by index."""
    changes = [new - old for new, old in zip(sample.scores, sample.before, strict=True)] if sample.before is not None else None
    chosen = select(sample.scores, changes, [segment.flags for segment in segments], limit)
    made = {}
    for i in chosen.chosen:
        wanted = [reference[i] for reference in references]
        nearest = wanted.pop(closest(segments[i].text, wanted))
        hypothesis, reference = word_diff(segments[i].text, nearest)
        made[i] = Row(
            number=i + 1,
            place=facts.places[i],
            title=facts.titles[i],
            source=facts.sources[i],
            hypothesis=hypothesis,
            reference=reference,
            before=word_diff(before[i], nearest)[0] if before is not None else (),
            other_references=tuple(wanted),
            score=sample.scores[i],
            change=changes[i] if changes is not None else None,
            words=facts.words[i],
            lists=tuple(name for name, indices in chosen.lists.items() if i in indices),
            flags=segments[i].flags,
        )
    return chosen, made


def _facts(rows: Sequence[Sequence[Segment]], reference: Sequence[str]) -> _Facts:
    """What one file does not say of a segment, another may."""
    facts = _Facts([], [], [], [], [], [length_group(text) for text in reference])
    for same, text in zip(zip(*rows, strict=True), reference, strict=True):
        source, title, file, known_by = (
            next((value for segment in same if (value := getattr(segment, name))), "") for name in ("source", "title", "file", "id")
        )
        facts.sources.append(source)
        facts.titles.append(title)
        facts.places.append(", ".join(part for part in (file, known_by) if part) or f"line {same[0].line}")
        day = _date_in(file) or _date_in(known_by)
        facts.files.append((day, file) if day else None)
        facts.words.append(len(text.split()))
    return facts


def _date_in(name: str) -> date | None:
    """The first date that a name such as 2024/04/09 or 2024-04-09:11:0 holds."""
    for year, _, month, day in _DATE.findall(name):
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            continue
    return None


def _labels(names: Sequence[str]) -> list[str]:
    """As many of each path's last parts as tell them all apart."""
    paths = [PurePath(name).parts for name in names]
    for length in range(1, max(map(len, paths)) + 1):
        labels = [str(PurePath(*parts[-length:])) for parts in paths]
        if len(set(labels)) == len(set(names)):
            return labels
    return list(names)
