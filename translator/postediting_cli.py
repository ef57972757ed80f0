"""The commands of post-editing: units out to a translator's editor, corrections back."""

from pathlib import Path
from typing import Annotated

import typer

from translator.cli_options import MemoryOption, QuietOption, say

Records = Annotated[list[Path], typer.Argument(help="Records (.jsonl) of `translator translate`, or folders of them.")]


def export_units(
    records: Records,
    xliff: Annotated[Path | None, typer.Option("--xliff", help="Write XLIFF 1.2, for memoQ, Trados, Weblate, Poedit.")] = None,
    po: Annotated[Path | None, typer.Option("--po", help="Write PO, for Poedit, Weblate, Lokalize.")] = None,
    tsv: Annotated[Path | None, typer.Option("--tsv", help="Write a table, for spreadsheets.")] = None,
    quiet: QuietOption = False,
) -> None:
    """Writes the units of records for a translator to correct; `translator import` brings the corrections back."""
    from translator.errors import UserError
    from translator.files import write_whole
    from translator.postediting.po import to_po
    from translator.postediting.table import to_tsv
    from translator.postediting.units import read_units
    from translator.postediting.xliff import to_xliff

    wanted = [(path, write) for path, write in ((xliff, to_xliff), (po, to_po), (tsv, to_tsv)) if path]
    if not wanted:
        raise UserError("give --xliff FILE, --po FILE or --tsv FILE: what to write")
    for option, path, endings in (("--xliff", xliff, (".xliff", ".xlf")), ("--po", po, (".po",)), ("--tsv", tsv, (".tsv",))):
        if path and path.suffix.lower() not in endings:
            raise UserError(f"{option} {path}: name a file that ends in {' or '.join(endings)}, by which it is known when it comes back")
    units = list(read_units(records))
    for path, write in wanted:
        write_whole(path, write(units))
        if not quiet:
            say(f"{len(units)} units, {sum(unit.state == 'review' for unit in units)} of them to review -> {path}")


def import_file(
    file: Annotated[Path, typer.Argument(help="What came back: .xliff, .xlf, .po or .tsv.")],
    records: Annotated[Path | None, typer.Option("--records", help="The exported records or outputs, to be corrected as well.")] = None,
    memory: MemoryOption = None,
    quiet: QuietOption = False,
) -> None:
    """Takes a translator's corrections into the memory, where they win over any model, and into records."""
    from translator.errors import UserError
    from translator.memory.store import Memory
    from translator.postediting.corrections import import_corrections

    with Memory.open(memory) as store:
        found = import_corrections(file, store, records)
        location = store.location
    for correction in found.missing:
        say(f"not in the records (any more): {correction.file}, unit {correction.id}: {correction.source[:60]}")
    for replaced, held in found.contradictions:
        say(
            f"two corrections of the same Korean, {replaced.source[:60]!r}: {held.target[:60]!r} ({held.file}, unit {held.id}) is what the "
            f"next run writes everywhere, not {replaced.target[:60]!r} ({replaced.file}, unit {replaced.id})"
        )
    if not quiet:
        say(f"{found.units} units, {len(found.corrections)} corrections, {found.new} of them new -> {location}")
        for path in found.rewritten:
            say(f"corrected {path}")
    if found.conflicts:
        raise UserError(f"in the memory, but not in the outputs: {'; '.join(found.conflicts)}")
