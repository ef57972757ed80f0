"""The commands of the translation memory: arguments in, calls out."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from translator.cli_options import MemoryOption, QuietOption, say

app = typer.Typer(help="Looks into, exchanges and prunes the translation memory.", no_args_is_help=True, rich_markup_mode=None)


class Origin(StrEnum):
    """See translator.memory.entry."""

    machine = "machine"
    human = "human"


OriginOption = Annotated[Origin | None, typer.Option("--origin", help="Only what machines made, or only what people did.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say how many there are.")]


@app.command(epilog="Example: translator memory stats")
def stats(memory: MemoryOption = None) -> None:
    """Says what the memory holds: entries by model and settings, corrections, dates, size."""
    from translator.memory.store import Memory

    with Memory.open(memory, create=False) as store:
        found = store.statistics()
        typer.echo(f"{store.location}, {found.size / 2**20:.1f} MiB")
    for part in found.parts:
        made_by = f"{part.context.name or 'model'}@{part.context.fingerprint}" if part.context else "people"
        typer.echo(f"{part.entries:>9} by {made_by}, {part.first} to {part.last}")
        if part.context:
            typer.echo(f"{'':9}    settings {part.context.settings or 'none'}, glossary {part.context.glossary or 'none'}")
    if found.replaced:
        typer.echo(f"{found.replaced:>9} earlier corrections that later ones replaced")
    if not found.parts:
        typer.echo("empty")


@app.command(epilog="Example: translator memory search '확산 모델'")
def search(
    text: Annotated[str, typer.Argument(help="Part of a source or a target, in any case.")],
    limit: Annotated[int, typer.Option("--limit", min=1, help="The most to show.")] = 20,
    origin: OriginOption = None,
    memory: MemoryOption = None,
) -> None:
    """Shows entries that hold a text: corrections first (also those that were replaced), the latest first."""
    from translator.errors import UserError
    from translator.memory.store import Memory

    if not text.strip():
        raise UserError("search for what? the text is empty")
    with Memory.open(memory, create=False) as store:
        found = store.search(text, limit, origin.value if origin else None)
    for stored in found:
        made_by = f"{stored.context.name or 'model'}@{stored.context.fingerprint}" if stored.context else "human"
        typer.echo(f"{stored.entry.source}\n  {stored.entry.target}")
        typer.echo(f"  ({made_by}{', replaced' if stored.replaced else ''}, {stored.entry.created})")
    say(f"{len(found)} found" + (f", perhaps more: --limit {limit}" if len(found) == limit else ""))


@app.command("export", epilog="Example: translator memory export corrections.tmx --origin human")
def export_entries(
    file: Annotated[Path, typer.Argument(help="What to write: .tmx, .jsonl or .tsv.")],
    origin: OriginOption = None,
    history: Annotated[bool, typer.Option("--history", help="Also corrections that later ones replaced (.jsonl).")] = False,
    memory: MemoryOption = None,
    quiet: QuietOption = False,
) -> None:
    """Writes entries to a file for other programs, other machines, training, or safety."""
    from translator.errors import UserError
    from translator.memory.exchange import write_entries
    from translator.memory.store import Memory

    if history and file.suffix.lower() != ".jsonl":
        raise UserError(f"--history: only .jsonl says which corrections were replaced, {file} would not")
    damaged: list[int] = []
    with Memory.open(memory, create=False) as store:
        found = store.entries(origin.value if origin else None, history=history, damaged=damaged)
        count = write_entries(file, found)
        location = store.location
    if damaged:
        raise UserError(f"the memory {location} is damaged: {count} entries were saved in {file}, {len(damaged)} could not be read")
    if not quiet:
        say(f"{count} entries -> {file}")


@app.command("import", epilog="Example: translator memory import project_save.tmx --as-human")
def import_entries(
    file: Annotated[Path, typer.Argument(help="What to read: .tmx, .jsonl or .tsv.")],
    as_human: Annotated[bool, typer.Option("--as-human", help="All of it is people's work, whatever the file says.")] = False,
    memory: MemoryOption = None,
    quiet: QuietOption = False,
) -> None:
    """Takes entries of a file into the memory; the file is read to its end before the first is stored."""
    from translator.memory.exchange import read_entries
    from translator.memory.store import Memory

    total = sum(1 for _ in read_entries(file, as_human=as_human))
    with Memory.open(memory) as store:
        machine, human, new = store.add_all(stored for stored in read_entries(file, as_human=as_human) if stored)
        location = store.location
    if not quiet:
        say(f"{machine} of machines and {human} of people, {new} of these new -> {location}")
        if total > machine + human:
            say(f"{total - machine - human} without a source or a target were left out")


@app.command(epilog="Example: translator memory prune --keep-model digest-ko-en --older-than 365 --dry-run")
def prune(
    keep_model: Annotated[
        list[str] | None, typer.Option("--keep-model", help="Delete what other models made: a name or a content hash. May be given again.")
    ] = None,
    older_than: Annotated[float | None, typer.Option("--older-than", min=0, help="Delete what is older than so many days.")] = None,
    origin: Annotated[Origin, typer.Option("--origin", help="People's corrections are deleted only if you say human.")] = Origin.machine,
    dry_run: DryRun = False,
    memory: MemoryOption = None,
) -> None:
    """Deletes what machines made with models no longer used, or long ago; with both options, what is both."""
    from translator.errors import UserError
    from translator.memory.store import Memory

    if not keep_model and older_than is None:
        raise UserError("prune what? give --keep-model, --older-than, or both")
    if keep_model and origin is Origin.human:
        raise UserError("--keep-model is about machines' entries; corrections are pruned by --older-than")
    with Memory.open(memory, create=False) as store:
        count = store.prune(keep_models=keep_model or [], older_than=older_than, origin=origin.value, dry_run=dry_run)
    typer.echo(f"{count} {'would be ' if dry_run else ''}deleted")
