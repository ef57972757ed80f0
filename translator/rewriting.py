"""Corrections put into the outputs of an earlier run: the records of a source, and its Markdown in every layout, at once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from translator.document import Document
from translator.edits import read_edits
from translator.errors import UserError
from translator.files import SourceFile
from translator.journal import Done, Journal, content_key
from translator.memory import Entry
from translator.outputs import OutputState, output_state, write_outputs
from translator.records import corrected_row
from translator.textfile import read_json_lines

if TYPE_CHECKING:
    from translator.memory.store import Memory

Row = dict[str, Any]
"""A record as its line of JSON has it, fields of later versions included."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """A source's records as they were before they were corrected, and the outputs that changed."""

    before: tuple[Row, ...]
    changed: tuple[Path, ...]


def records_of(output: Path, done: Done) -> Path:
    """The file of a source's records. Raises UserError where its run wrote none."""
    paths = [output / path for path, written in done.outputs.items() if written.layout is None]
    if not paths:
        raise UserError(f"{output}: an earlier run wrote no records; run `translator translate` again")
    return paths[0]


def read_rows(path: Path) -> list[Row]:
    """The rows of a file of records. Raises UserError naming file and line."""
    return [row for _, row in read_json_lines(path)]


def take_in_edits(output: Path, file: str, journal: Journal, memory: "Memory") -> None:
    """What somebody changed by hand in a source's outputs goes into the memory and the other outputs, as a run would take it in.

    Raises UserError where more was changed than the English; then nothing is written.
    """
    done, state = _standing(output, file, journal)
    if not state.edited:
        return
    edits = read_edits(state, output)
    if edits.conflicts:
        raise UserError(f"{'; '.join(edits.conflicts)}: undo this, or overwrite it with `translator translate --force`")
    memory.add_human(Entry(source, target, "human") for source, target in edits.corrections.items())
    rows = read_rows(records_of(output, done))
    targets = {row["id"]: edits.corrections[row["source"]] for row in rows if row["source"] in edits.corrections}
    _write(output, file, done, _corrected(done, rows, targets), journal)


def correct_outputs(output: Path, file: str, targets: Mapping[str, str], journal: Journal) -> Corrected:
    """Puts a person's targets (by unit id) into the records and the Markdown of a source, each file whole.

    Markdown of earlier runs in other layouts stays as it is. Raises UserError where an output was edited by hand since it was
    written (see take_in_edits), or cannot be written: what is then missing in it the next `translator translate` writes.
    """
    done, before = _unedited(output, file, journal)
    return Corrected(tuple(before), _write(output, file, done, _corrected(done, before, targets), journal))


def restore_outputs(output: Path, file: str, rows: Mapping[str, Row], journal: Journal) -> None:
    """Puts rows (by unit id) back as they were before they were corrected. Raises UserError as correct_outputs does."""
    done, now = _unedited(output, file, journal)
    _write(output, file, done, [rows.get(row["id"], row) for row in now], journal)


def readable_target(done: Done, unit_id: str, target: str) -> str:
    """A target as it will be read back from the Markdown of its source. Raises UserError for one that leaves the Korean as it is."""
    shown = Document.parse(done.text).canonical({unit_id: target}).get(unit_id)
    if shown is None:
        raise UserError("this would leave the Korean in place of the English: write a translation")
    return shown


def _standing(output: Path, file: str, journal: Journal) -> tuple[Done, OutputState]:
    done = journal.done(file)
    if done is None:
        raise UserError(f"{output / file}: no run has finished this file; run `translator translate` again")
    return done, output_state(SourceFile(None, Path(file)), done.text, output, (), journal)


def _unedited(output: Path, file: str, journal: Journal) -> tuple[Done, list[Row]]:
    done, state = _standing(output, file, journal)
    if state.edited:
        raise UserError(f"{output / state.edited[0]} was changed in the meantime; try again")
    return done, read_rows(records_of(output, done))


def _corrected(done: Done, rows: list[Row], targets: Mapping[str, str]) -> list[Row]:
    shown = Document.parse(done.text).canonical(targets)
    return [corrected_row(row, shown.get(row["id"]) or targets[row["id"]]) if row["id"] in targets else row for row in rows]


def _write(output: Path, file: str, done: Done, rows: list[Row], journal: Journal) -> tuple[Path, ...]:
    """Gives the outputs that changed."""
    contents = _contents(done, rows)
    keys = {path: content_key(data) for path, data in contents.items()}
    journal.intend({file: keys})
    write_outputs(output, contents)
    written = {path: replace(done.outputs[path], key=key) for path, key in keys.items()}
    figures = {**done.figures, "human_units": sum(row.get("origin") == "human" for row in rows)}
    journal.finish(file, replace(done, outputs={**done.outputs, **written}, figures=figures))
    return tuple(output / path for path, key in keys.items() if key != done.outputs[path].key)


def _contents(done: Done, rows: list[Row]) -> dict[str, bytes]:
    """The outputs of the latest run, from rows of records."""
    document, targets = Document.parse(done.text), {row["id"]: row["target"] for row in rows}
    contents = {}
    for path, written in done.outputs.items():
        if written.current and written.layout:
            contents[path] = document.render(targets, written.layout, written.order).encode()
        elif written.current:
            contents[path] = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    return contents
