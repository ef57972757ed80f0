"""The command: arguments in, calls out. Everything heavy is imported by the command that needs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from translator import checking_cli, evaluation_cli, memory_cli, newsletter_cli, postediting_cli, review_cli, training_cli
from translator.cli_options import (
    ConfigOption,
    DeviceOption,
    EngineOption,
    GlossaryOption,
    Layout,
    ModelOption,
    Order,
    QuietOption,
    VerboseOption,
    log_to_stderr,
    opened_memory,
    output_option,
    progress_bar,
    read_options,
    say,
    write_out,
)
from translator.evaluation_cli import print_evaluation

app = typer.Typer(
    help="Translates Korean Markdown digests into bilingual or English Markdown, offline.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def _say_version(wanted: bool) -> None:
    if wanted:
        from translator import __version__

        typer.echo(f"translator {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is, and end.", callback=_say_version, is_eager=True)
    ] = False,
) -> None:
    """The options of the command itself; the version is said before anything else is read."""


models_app = typer.Typer(help="Lists, describes and fetches models.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(models_app, name="models")
app.add_typer(memory_cli.app, name="memory")


@app.command(epilog="Example: translator translate digests/ --output outputs/ --layout interleaved --layout english")
def translate(
    inputs: Annotated[list[str], typer.Argument(help="Files, folders (their *.md, recursively), or - for standard input.")],
    output: Annotated[Path | None, output_option("The folder to write to; only - may do without.")] = None,
    layout: Annotated[list[Layout] | None, typer.Option("--layout", help="May be given several times. [default: interleaved]")] = None,
    order: Annotated[Order | None, typer.Option("--order", help="Which language comes first. [default: source-first]")] = None,
    model: ModelOption = None,
    engine: EngineOption = None,
    device: DeviceOption = None,
    config: ConfigOption = None,
    glossary: GlossaryOption = None,
    memory: Annotated[str | None, typer.Option("--memory", help="As for `translator memory`; `none`: remember nothing.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done and how long it would take.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on: translate what is added or changed, until Ctrl-C.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite output that no run wrote, or whose edits cannot be read.")] = False,
    cluster: Annotated[
        str | None, typer.Option("--cluster", metavar="ADDRESS", help="A Ray cluster: `local` (this machine), `auto`, or host:port.")
    ] = None,
    actors: Annotated[int | None, typer.Option("--actors", min=1, help="Engines on the cluster. [default: one a GPU, or a CPU]")] = None,
    references: Annotated[Path | None, typer.Option("--references", help="Records that say what the translations should be.")] = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Translates Markdown files and folders into a mirrored tree, with a record for each unit beside them.

    What an earlier run has done is not done again; English edited in the output is kept.
    """
    from translator import archive, files
    from translator.errors import UserError
    from translator.planning import plan_archive
    from translator.watching import watch_archive

    log_to_stderr(verbose, quiet)
    layouts = [str(name) for name in layout] if layout else None
    settings = read_options(config, model=model, engine=engine, device=device, glossary=glossary, order=order, layouts=layouts)
    written = {"--references": references, "--watch": watch, "--cluster": cluster}
    if any(written.values()) and (dry_run or output is None):
        name = next(name for name, given in written.items() if given)
        raise UserError(f"{name} is for what is written: give --output, and leave --dry-run out")
    if actors and not cluster:
        raise UserError("--actors is for --cluster: give it an address, such as --cluster local")
    if output is None and not dry_run and inputs != ["-"]:
        raise UserError("--output DIR is missing: the folder to write the translations to")
    if output is None and not dry_run and len(settings.layouts) > 1:
        raise UserError("standard output takes one layout: give one --layout, or --output DIR")
    if watch and "-" in inputs:
        raise UserError("--watch is for files and folders: standard input comes once")
    with opened_memory(memory) as opened:
        if dry_run:
            _print_plan(plan_archive(inputs, output, settings, memory=opened))
        elif output is None:
            text = files.read_source(files.standard_input())
            write_out(archive.translate_text(text, settings, memory=opened, progress=progress_bar(quiet, "char")))
        else:
            options = {"memory": opened, "force": force, "references": references, "progress": progress_bar(quiet, "char")}
            tell = partial(_say_report, quiet, output)
            with _on_cluster(cluster, settings, memory, actors) as cluster_options:
                options |= cluster_options
                if watch:
                    watch_archive(inputs, output, settings, tell, lambda error: say(f"translator: {error}"), **options)
                else:
                    tell(archive.translate_archive(inputs, output, settings, **options))


@contextmanager
def _on_cluster(address: str | None, settings: Any, memory: str | None, actors: int | None) -> Iterator[dict[str, Any]]:
    """The options of translate_archive for a run on a cluster; none without an address."""
    import os

    if address is None:
        yield {}
        return
    from translator.cluster import open_cluster

    with open_cluster(address, settings, memory or os.environ.get("TRANSLATOR_MEMORY"), actors) as cluster:
        yield {"translate_files": cluster.translate_files}


def _say_report(quiet: bool, output: Path, report: Any) -> None:
    from translator.errors import UserError

    if not quiet:
        _say_figures(output, report)
    if report.conflicts:
        raise UserError(f"left as it was: {'; '.join(report.conflicts)}. Undo these edits, or overwrite them with --force")


def _say_figures(output: Path, report: Any) -> None:
    before = f" ({report.skipped} as they were)" if report.skipped else ""
    say(f"{report.files} files{before}, {report.units} units, {report.sentences} sentences in {report.seconds:.1f} s -> {output}")
    if report.corrections:
        say(f"{report.corrections} edits of the English were taken into the memory")
    if report.recovered:
        say(f"{report.recovered} translations that people wrote stood in the records alone and were taken into the memory")
    if report.orphaned:
        count, first = len(report.orphaned), output / report.orphaned[0]
        say(f"{count} outputs have no source any more and were left as they are (see report.json): {first}{', ...' if count > 1 else ''}")
    say(f"{report.flagged_units} units to look at" + "".join(f", {check} {n}" for check, n in report.flags.most_common()))
    if report.corpus_flags:
        found = ", ".join(f"{check} {n}" for check, n in report.corpus_flags.items())
        say(f"beside each other: {found}; translator check {output} names them")
    if report.quality:
        print_evaluation(report.quality)


@app.command(epilog="Example: translator lines < korean.txt > english.txt")
def lines(
    file: Annotated[Path | None, typer.Argument(help="A text file; standard input without one.")] = None,
    model: ModelOption = None,
    engine: EngineOption = None,
    device: DeviceOption = None,
    config: ConfigOption = None,
    glossary: GlossaryOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Translates one sentence a line to one line each, for evaluation sets; blank lines stay blank."""
    from translator import files
    from translator.translation import Translator
    from translator.windows import in_proportion

    log_to_stderr(verbose, quiet)
    settings = read_options(config, model=model, engine=engine, device=device, glossary=glossary)
    text = files.read_source(files.SourceFile(file, Path("lines")) if file else files.standard_input())
    source = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    with Translator(settings) as translator, progress_bar(quiet, "line")(len(source)) as tell:
        target = translator.translate_lines(source, in_proportion(tell, len(source)))
    write_out("\n".join(" ".join(line.split("\n")) for line in target))


@models_app.command("list", epilog="Example: translator models list")
def list_models() -> None:
    """Lists the models known by name; any MarianMT or NLLB model of the hub, or a folder, can be used as well."""
    from translator.engine.catalog import entries

    for entry, here in entries():
        _print(f"{entry.name:26} {'on this machine' if here else 'not fetched':16} {entry.parameters:>6}  {entry.licence}; {entry.note}")


@models_app.command("info", epilog="Example: translator models info digest-ko-en")
def model_info(name: str) -> None:
    """Says what a model is, its licence, where it is, and its content hash."""
    from translator.engine.catalog import CATALOG, find, is_here
    from translator.engine.checkpoint import content_hash, locate

    entry = find(name)
    folder = None if entry in CATALOG and not is_here(entry) and not Path(name).is_dir() else locate(name)
    rows = {"repository": entry.repository, "licence": entry.licence, "parameters": entry.parameters, "for": entry.note}
    rows |= {"folder": str(folder or f"not fetched; `translator models fetch {entry.name}` does that")}
    rows |= {"content hash": content_hash(folder)} if folder else {}
    for key, value in rows.items():
        _print(f"{key:14}{value}")
    card = folder / "README.md" if folder else None
    if card and card.is_file():
        _print("\n" + card.read_text(encoding="utf-8"))


@models_app.command("fetch", epilog="Example: translator models fetch opus-mt-ko-en")
def fetch_model(name: str) -> None:
    """Downloads a model from the Hugging Face hub into its cache, for use offline."""
    from translator.engine.catalog import fetch, find

    folder = fetch(name)
    say(f"{name}: {folder} (licence: {find(name).licence})")


def _print_plan(plan: Any) -> None:
    known = f" ({plan.remembered} in the memory)" if plan.remembered else ""
    done = f" ({plan.done} done already), the rest has" if plan.done else ","
    counts = f"{plan.units} units, {plan.sentences} sentences{known}"
    _print(f"{plan.files} files{done} {counts}, about {_duration(plan.seconds)} on this machine")
    if plan.edited:
        _print(f"{plan.edited} files were edited since: a run takes that in, and then looks at all files again")
    for name, line, reason, text in plan.untouched:
        _print(f"left as it is: {name}, line {line} ({reason}): {text[:80]}")


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _print(text: str) -> None:
    typer.echo(text)


_COMMANDS = (
    checking_cli.check,
    newsletter_cli.newsletter,
    newsletter_cli.terms,
    review_cli.review,
    evaluation_cli.evaluate,
    evaluation_cli.compare,
    training_cli.train,
    training_cli.finetune,
    training_cli.distill,
)
for _command in _COMMANDS:
    app.command()(_command)
app.command("export", epilog="Example: translator export outputs/digests --xliff digests.xliff")(postediting_cli.export_units)
app.command("import", epilog="Example: translator import digests.xliff --records outputs/digests")(postediting_cli.import_file)
