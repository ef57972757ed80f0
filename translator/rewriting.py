"""Corrections put into the outputs of an earlier run: the records of a source, and its Markdown in every layout, at once."""

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
from translator.textfile import read_json_lines, to_json_lines

if TYPE_CHECKING:
    from translator.memory.store import Memory

Row = dict[str, Any]
"""A record as its line of JSON has it, fields of later versions included."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A source whose outputs stand in the output folder as the journal says: its document, and the rows of its records."""

    file: str
    done: Done
    document: Document
    rows: tuple[Row, ...]

    def corrected(self, targets: Mapping[str, str]) -> "Standing":
        """With a person's targets by unit id, as they will be read back from the Markdown."""
        targets = {unit.id: targets[unit.id] for unit in self.document.units if unit.id in targets}
        shown = self.document.canonical(targets, human=targets)
        rows = (corrected_row(r, shown.get(r["id"]) or targets[r["id"]]) if r["id"] in targets else r for r in self.rows)
        return replace(self, rows=tuple(rows))

    def restored(self, rows: Mapping[str, Row]) -> "Standing":
        """With rows, by unit id, as they were before."""
        return replace(self, rows=tuple(rows.get(row["id"], row) for row in self.rows))

    def contents(self) -> dict[str, bytes]:
        """The outputs of the latest run, by path; Markdown of earlier ones in other layouts stays as it is."""
        targets = {row["id"]: row["target"] for row in self.rows}
        human = {row["id"] for row in self.rows if row.get("origin") == "human"}
        contents = {}
        for path, written in self.done.outputs.items():
            if written.current and written.layout:
                contents[path] = self.document.render(targets, written.layout, written.order, human=human).encode()
            elif written.current:
                contents[path] = to_json_lines(self.rows).encode()
        return contents


def records_of(output: Path, done: Done) -> Path:
    """The file of a source's records. Raises UserError where its run wrote none."""
    paths = [output / path for path, written in done.outputs.items() if written.layout is None]
    if not paths:
        raise UserError(f"{output}: an earlier run wrote no records; run `translator translate` again")
    return paths[0]


def standing(output: Path, file: str, journal: Journal, memory: "Memory") -> Standing:
    """The outputs of a source, after what somebody changed in them by hand was taken in, as a run would take it in.

    Raises UserError where more was changed than the English, or a run was cut off so that records and source are not of each other.
    """
    done, state = _state(output, file, journal)
    found = _read(output, file, done)
    if not state.edited:
        return found
    edits = read_edits(state, output)
    if edits.conflicts:
        raise UserError(f"{'; '.join(edits.conflicts)}: undo this, or overwrite it with `translator translate --force`")
    memory.add_human(Entry(source, target, "human") for source, target in edits.corrections.items())
    edited = found.corrected({row["id"]: edits.corrections[row["source"]] for row in found.rows if row["source"] in edits.corrections})
    write_standing(output, [edited], journal)
    return standing(output, file, journal, memory)


def write_standing(output: Path, changed: list[Standing], journal: Journal) -> list[Path]:
    """Writes the outputs of sources, each file whole; gives those that changed.

    Raises UserError where one cannot be written: what is then missing the next `translator translate` writes.
    """
    contents = {each.file: each.contents() for each in changed}
    keys = {file: {path: content_key(data) for path, data in of_file.items()} for file, of_file in contents.items()}
    journal.intend(keys)
    written = []
    for each in changed:
        write_outputs(output, contents[each.file])
        outputs = {path: replace(each.done.outputs[path], key=key) for path, key in keys[each.file].items()}
        figures = {**each.done.figures, "human_units": sum(row.get("origin") == "human" for row in each.rows)}
        journal.finish(each.file, replace(each.done, outputs={**each.done.outputs, **outputs}, figures=figures))
        written += [output / path for path, now in outputs.items() if now != each.done.outputs[path]]
    return written


def _state(output: Path, file: str, journal: Journal) -> tuple[Done, OutputState]:
    done = journal.done(file)
    if done is None:
        raise UserError(f"{output / file}: no run has finished this file; run `translator translate` again")
    return done, output_state(SourceFile(None, Path(file)), done.text, output, (), journal)


def _read(output: Path, file: str, done: Done) -> Standing:
    path = records_of(output, done)
    rows = tuple(row for _, row in read_json_lines(path))
    document = Document.parse(done.text)
    if [(row.get("id"), row.get("source")) for row in rows] != [(unit.id, unit.text) for unit in document.units]:
        raise UserError(f"{path}: a run was cut off, or more than the English was changed: run `translator translate` again")
    return Standing(file, done, document, rows)
