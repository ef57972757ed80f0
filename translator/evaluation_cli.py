"""The commands that measure translations: arguments in, calls out."""

import json
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from translator.cli_options import QuietOption, progress_bar, say


class Grouping(StrEnum):
    """See translator.quality.evaluation."""

    section = "section"
    file = "file"
    kind = "kind"
    length = "length"


class Metric(StrEnum):
    """See translator.quality.metrics."""

    bleu = "bleu"
    chrf2pp = "chrf++"
    chrf = "chrf"
    ter = "ter"
    comet = "comet"


Systems = Annotated[
    list[Path],
    typer.Argument(help="Translations: .jsonl (records), .md (bilingual or English), .tsv, text (a line a segment), folders of these."),
]
Reference = Annotated[
    list[Path] | None, typer.Option("--reference", "-r", help="What they should say, in the same forms. May be given again.")
]
Source = Annotated[
    Path | None, typer.Option("--source", help="The Korean: digests (a file, a folder) to read Markdown with; lines or records for COMET.")
]
CometModel = Annotated[
    str | None, typer.Option("--comet-model", help="A hub name, a checkpoint or its folder. [default: Unbabel/wmt22-comet-da]")
]
CometPython = Annotated[
    Path | None,
    typer.Option("--comet-python", envvar="TRANSLATOR_COMET_PYTHON", help="The interpreter of an environment with unbabel-comet."),
]
Bootstrap = Annotated[int, typer.Option("--bootstrap", help="Samples for intervals and p-values, 100 or more; 0: no intervals.")]


def evaluate(
    hypotheses: Systems,
    reference: Reference = None,
    baseline: Annotated[Path | None, typer.Option("--baseline", help="The translations to be better than.")] = None,
    metric: Annotated[list[Metric] | None, typer.Option("--metric", help="May be given again. [default: bleu, chrf++]")] = None,
    bootstrap: Bootstrap = 1000,
    by: Annotated[Grouping | None, typer.Option("--by", help="Scores by group as well.")] = None,
    gate: Annotated[Path | None, typer.Option("--gate", help="YAML: floors, allowed drops, flags; exit code 3 where broken.")] = None,
    fail_under: Annotated[list[str] | None, typer.Option("--fail-under", help="A floor, such as bleu=25.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
    source: Source = None,
    comet_model: CometModel = None,
    comet_python: CometPython = None,
    html_file: Annotated[Path | None, typer.Option("--html", help="Write a page to read here: figures, plots, segments.")] = None,
    html_segments: Annotated[int, typer.Option("--html-segments", min=1, help="Most segments of a kind on the page.")] = 50,
    quiet: QuietOption = False,
) -> None:
    """Scores translations against references, with confidence intervals, significance and gates."""
    from translator.errors import UserError
    from translator.files import write_whole
    from translator.quality.evaluation import evaluate_systems
    from translator.quality.gates import GateFailed, read_gate, shortfalls, too_many_flags
    from translator.quality.metrics import DEFAULT

    if bootstrap != 0 and bootstrap < 100:
        raise UserError(f"--bootstrap {bootstrap}: fewer than 100 samples show no difference as significant; 0 is for no intervals")
    bounds = read_gate(gate, fail_under or [])
    if bounds.drops and not baseline:
        raise UserError("the gate allows drops against a baseline: give --baseline")
    if html_file and not reference:
        raise UserError("--html shows translations beside references: give --reference")
    metrics = list(dict.fromkeys([*map(str, metric or DEFAULT), *bounds.metrics]))
    comet = _comet(comet_model, comet_python, metrics)
    segments, korean = _reader(source)
    systems, references = ([(str(path), segments(path)) for path in paths] for paths in (hypotheses, _references(reference, metrics)))
    before = (f"{baseline} (baseline)", segments(baseline)) if baseline else None
    found = evaluate_systems(
        systems, references, baseline=before, source=korean, metrics=metrics, bootstrap=bootstrap,
        by=by.value if by else None, comet=comet, progress=_progress(quiet),
    )  # fmt: skip
    if json_file:
        write_whole(json_file, json.dumps(found.as_json(), ensure_ascii=False, indent=1) + "\n")
    if html_file:
        from translator.quality.report.page import render_page
        from translator.quality.report.report import build_report

        write_whole(html_file, render_page(build_report(found, systems, references, baseline=before, limit=html_segments)))
    print_evaluation(found)  # last, since who reads it may stop reading
    broken = [f"{s.name}: {short}" for s in found.systems for short in shortfalls(bounds, s.scores, s.changes)]
    broken += [f"{name}: {short}" for name, segments in systems for short in too_many_flags(bounds, segments)]
    if bounds.metrics or bounds.flags:
        missing = {str(path): len(found.unmatched.get(str(path), ())) for path in reference or ()}
        broken += [f"{count} segments of {path} have no translation" for path, count in missing.items() if count]
    if broken:
        raise GateFailed("the gate failed: " + "; ".join(broken))


def compare(
    systems: Systems,
    reference: Reference = None,
    metric: Annotated[Metric, typer.Option("--metric", help="What they are ranked by.")] = Metric.bleu,
    bootstrap: Annotated[int, typer.Option("--bootstrap", min=100, help="Samples for intervals and p-values.")] = 1000,
    source: Source = None,
    comet_model: CometModel = None,
    comet_python: CometPython = None,
    quiet: QuietOption = False,
) -> None:
    """Ranks several systems' translations, with groups that do not differ significantly."""
    from translator.quality.evaluation import rank
    from translator.quality.metrics import NAMES

    comet = _comet(comet_model, comet_python, [metric.value])
    segments, korean = _reader(source)
    named = [[(str(path), segments(path)) for path in paths] for paths in (systems, _references(reference, [metric.value]))]
    found = rank(
        named[0], named[1], source=korean, metric=metric.value, bootstrap=bootstrap, comet=comet, progress=_progress(quiet),
    )  # fmt: skip
    _say_unmatched(found.unmatched)
    ranks = found.ranks
    width = max(len(place.name) for place in ranks)
    typer.echo(f"{'':2}{'system':{width}}  {NAMES[metric.value]:>8}  {'95 %':>6}  group  p, from the one above")
    for number, place in enumerate(ranks, 1):
        p_value = f"{place.p_value:.3f}" if number > 1 else ""
        typer.echo(f"{number:<2}{place.name:{width}}  {place.score.value:8.2f}  ±{place.score.interval:5.2f}  {place.group:5}  {p_value}")
    typer.echo(f"{found.segments} segments. Systems of one group do not differ significantly from its best (p >= 0.05).")
    typer.echo(f"{ranks[0].score.signature}")


def _references(given: list[Path] | None, metrics: Sequence[str]) -> list[Path]:
    from translator.errors import UserError

    if not given and list(metrics) != ["comet"]:
        raise UserError("--reference FILE is missing: what the translations should say (COMET alone may do without: --metric comet)")
    return given or []


def _reader(source: Path | None) -> tuple[Callable[[Path], list[Any]], Any]:
    """What reads files and folders as segments (Markdown with its source, where that is given), and the source's own segments, where
    it is no Markdown.
    """
    from translator.quality.segment_files import Sources, read_segments, read_sources

    if source is None or source.is_dir() or source.suffix.lower() in (".md", ".markdown"):
        return partial(read_segments, sources=Sources(source) if source else None, tell=say), None
    return partial(read_segments, tell=say), (str(source), read_sources(source))


def _comet(model: str | None, python: Path | None, metrics: Sequence[str]) -> Any:
    from translator.errors import UserError
    from translator.quality.comet import DEFAULT_MODEL, Comet

    if model and "comet" not in metrics:
        raise UserError("--comet-model is for COMET, which is not asked for: --metric comet")
    return Comet(model or DEFAULT_MODEL, python)


def _progress(quiet: bool) -> Callable[[int, str], Any]:
    return lambda total, counted: progress_bar(quiet, f" {counted}")(total)


def _print_groups(groups: Mapping[str, Any]) -> None:
    """A line a group; its name comes last, since no column fits the titles of sections."""
    from translator.quality.metrics import NAMES

    for number, (label, (size, scores)) in enumerate(groups.items()):
        if not number:
            typer.echo(f"    {'segments':>8}{''.join(f'{NAMES[name]:>17}' for name in scores)}")
        figures = (f"{score.value:.2f}{f' ± {score.interval:5.2f}' if score.interval else ' ' * 8}" for score in scores.values())
        typer.echo(f"    {size:8}{''.join(f'{figure:>17}' for figure in figures)}   {label}")


def _say_unmatched(unmatched: Mapping[str, Sequence[str]]) -> None:
    for name, ids in unmatched.items():
        say(f"{name}: {len(ids)} segments have no partner and do not count: {', '.join(ids[:5])}{', ...' if len(ids) > 5 else ''}")


def print_evaluation(found: Any) -> None:
    """Prints an Evaluation's figures, verdicts and groups."""
    from translator.quality.evaluation import verdict
    from translator.quality.metrics import NAMES

    _say_unmatched(found.unmatched)
    for system in found.systems:
        typer.echo(f"{system.name} ({found.segments} segments)")
        for score in system.scores.values():
            interval = f" ± {score.interval:.2f}" if score.interval else ""
            change = f"   {verdict(system.changes[score.metric])}" if score.metric in system.changes else ""
            typer.echo(f"  {NAMES[score.metric]:8}{score.value:.2f}{interval}{change}")
        _print_groups(system.groups)
    for score in found.systems[0].scores.values():
        typer.echo(score.signature)
