"""The commands that measure translations: arguments in, calls out."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from translator.cli_options import QuietOption, say


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


Systems = Annotated[
    list[Path],
    typer.Argument(help="Translations: .jsonl (records), .md (bilingual or English), .tsv, text (a line a segment), folders of these."),
]
Reference = Annotated[list[Path], typer.Option("--reference", "-r", help="What they should say, in the same forms. May be given again.")]
Source = Annotated[Path | None, typer.Option("--source", help="The Korean digests (a file, a folder), to read Markdown with.")]
Bootstrap = Annotated[int, typer.Option("--bootstrap", help="Samples for intervals and p-values, 100 or more; 0: no intervals.")]


def evaluate(
    hypotheses: Systems,
    reference: Reference,
    baseline: Annotated[Path | None, typer.Option("--baseline", help="The translations to be better than.")] = None,
    source: Source = None,
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

    if 0 < bootstrap < 100:
        raise UserError(f"--bootstrap {bootstrap}: fewer than 100 samples show no difference as significant; 0 is for no intervals")
    bounds = read_gate(gate, fail_under or [])
    if bounds.drops and not baseline:
        raise UserError("the gate allows drops against a baseline: give --baseline")
    metrics = list(dict.fromkeys([*map(str, metric or DEFAULT), *bounds.metrics]))
    segments = _reader(source)
    found = evaluate_systems(
        [(str(path), segments(path)) for path in hypotheses],
        [(str(path), segments(path)) for path in reference],
        baseline=(f"{baseline} (baseline)", segments(baseline)) if baseline else None,
        metrics=metrics, bootstrap=bootstrap, by=by.value if by else None, on_done=_teller(quiet),
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
    source: Source = None,
) -> None:
    """Ranks several systems' translations, with groups that do not differ significantly."""
    from translator.quality.evaluation import rank
    from translator.quality.metrics import NAMES

    segments = _reader(source)
    named = [[(str(path), segments(path)) for path in paths] for paths in (systems, reference)]
    found = rank(named[0], named[1], metric=metric.value, bootstrap=bootstrap)
    _say_unmatched(found.unmatched)
    ranks = found.ranks
    width = max(len(place.name) for place in ranks)
    typer.echo(f"{'':2}{'system':{width}}  {NAMES[metric.value]:>8}  {'95 %':>6}  group  p, from the one above")
    for number, place in enumerate(ranks, 1):
        p_value = f"{place.p_value:.3f}" if number > 1 else ""
        typer.echo(f"{number:<2}{place.name:{width}}  {place.score.value:8.2f}  ±{place.score.interval:5.2f}  {place.group:5}  {p_value}")
    typer.echo(f"{found.segments} segments. Systems of one group do not differ significantly from its best (p >= 0.05).")
    typer.echo(f"{ranks[0].score.signature}")


def _reader(source: Path | None) -> Callable[[Path], list[Any]]:
    """Reads files and folders as segments, Markdown with its source where that is given."""
    from translator.quality.segment_files import Sources, read_segments

    return partial(read_segments, sources=Sources(source) if source else None, tell=say)


def _teller(quiet: bool) -> Any:
    return (lambda name: say(f"scored {name}")) if not quiet and sys.stderr.isatty() else None


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
        for label, (size, scores) in system.groups.items():
            figures = ", ".join(f"{NAMES[name]} {score.value:.2f}" for name, score in scores.items())
            typer.echo(f"    {label} ({size}): {figures}")
    for score in found.systems[0].scores.values():
        typer.echo(score.signature)
