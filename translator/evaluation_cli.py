"""The commands that measure translations: arguments in, calls out."""

import json
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
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


Systems = Annotated[list[Path], typer.Argument(help="Translations: .jsonl (records), .tsv, text (a line a segment), folders of records.")]
Reference = Annotated[list[Path], typer.Option("--reference", "-r", help="What they should say, in the same forms. May be given again.")]
Bootstrap = Annotated[int, typer.Option("--bootstrap", help="Samples for intervals and p-values, 100 or more; 0: no intervals.")]


def evaluate(
    hypotheses: Systems,
    reference: Reference,
    baseline: Annotated[Path | None, typer.Option("--baseline", help="The translations to be better than.")] = None,
    metric: Annotated[list[Metric] | None, typer.Option("--metric", help="May be given again. [default: bleu, chrf++]")] = None,
    bootstrap: Bootstrap = 1000,
    by: Annotated[Grouping | None, typer.Option("--by", help="Scores by group as well.")] = None,
    gate: Annotated[Path | None, typer.Option("--gate", help="YAML: floors and allowed drops; exit code 3 where broken.")] = None,
    fail_under: Annotated[list[str] | None, typer.Option("--fail-under", help="A floor, such as bleu=25.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
    quiet: QuietOption = False,
) -> None:
    """Scores translations against references, with confidence intervals, significance and gates."""
    from translator.errors import UserError
    from translator.files import write_whole
    from translator.quality.evaluation import evaluate_systems
    from translator.quality.gates import GateFailed, read_gate, shortfalls
    from translator.quality.metrics import DEFAULT
    from translator.quality.segments import read_segments

    if 0 < bootstrap < 100:
        raise UserError(f"--bootstrap {bootstrap}: fewer than 100 samples show no difference as significant; 0 is for no intervals")
    bounds = read_gate(gate, fail_under or [])
    if bounds.drops and not baseline:
        raise UserError("the gate allows drops against a baseline: give --baseline")
    metrics = list(dict.fromkeys([*map(str, metric or DEFAULT), *bounds.metrics]))
    found = evaluate_systems(
        [(str(path), read_segments(path)) for path in hypotheses],
        [(str(path), read_segments(path)) for path in reference],
        baseline=(f"{baseline} (baseline)", read_segments(baseline)) if baseline else None,
        metrics=metrics, bootstrap=bootstrap, by=by.value if by else None, progress=_progress(quiet),
    )  # fmt: skip
    print_evaluation(found)
    if json_file:
        write_whole(json_file, json.dumps(found.as_json(), ensure_ascii=False, indent=1) + "\n")
    broken = [f"{s.name}: {short}" for s in found.systems for short in shortfalls(bounds, s.scores, s.changes)]
    if bounds.metrics:
        missing = {str(path): len(found.unmatched.get(str(path), ())) for path in reference}
        broken += [f"{count} segments of {path} have no translation" for path, count in missing.items() if count]
    if broken:
        raise GateFailed("the gate failed: " + "; ".join(broken))


def compare(
    systems: Systems,
    reference: Reference,
    metric: Annotated[Metric, typer.Option("--metric", help="What they are ranked by.")] = Metric.bleu,
    bootstrap: Annotated[int, typer.Option("--bootstrap", min=100, help="Samples for intervals and p-values.")] = 1000,
    quiet: QuietOption = False,
) -> None:
    """Ranks several systems' translations, with groups that do not differ significantly."""
    from translator.quality.evaluation import rank
    from translator.quality.metrics import NAMES
    from translator.quality.segments import read_segments

    named = [[(str(path), read_segments(path)) for path in paths] for paths in (systems, reference)]
    found = rank(named[0], named[1], metric=metric.value, bootstrap=bootstrap, progress=_progress(quiet))
    _say_unmatched(found.unmatched)
    ranks = found.ranks
    width = max(len(place.name) for place in ranks)
    typer.echo(f"{'':2}{'system':{width}}  {NAMES[metric.value]:>8}  {'95 %':>6}  group  p, from the one above")
    for number, place in enumerate(ranks, 1):
        p_value = f"{place.p_value:.3f}" if number > 1 else ""
        typer.echo(f"{number:<2}{place.name:{width}}  {place.score.value:8.2f}  ±{place.score.interval:5.2f}  {place.group:5}  {p_value}")
    typer.echo(f"{found.segments} segments. Systems of one group do not differ significantly from its best (p >= 0.05).")
    typer.echo(f"{ranks[0].score.signature}")


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
