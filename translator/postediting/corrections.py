"""A translator's corrections: found in a file, kept in memory, written into records."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from translator.errors import UserError
from translator.files import MARKER
from translator.journal import open_journal
from translator.memory.entry import Entry, source_key
from translator.memory.store import Memory
from translator.postediting.po import read_po
from translator.postediting.record_files import Correction, RecordFiles
from translator.postediting.table import read_tsv
from translator.postediting.units import ReturnedUnit
from translator.postediting.xliff import read_xliff
from translator.rewriting import Standing, standing, write_standing

_READERS: dict[str, Callable[[Path], Iterator[ReturnedUnit]]] = {
    ".xliff": read_xliff,
    ".xlf": read_xliff,
    ".po": read_po,
    ".tsv": read_tsv,
}


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: units with a target in the file, corrections among them, how many came in force in the memory by it.

    `rewritten` are the files that changed, `missing` the corrections whose units the records do not have (any more), `conflicts` says
    which outputs are as they were, and why; the memory has their corrections.
    """

    units: int
    corrections: tuple[Correction, ...]
    new: int
    rewritten: tuple[Path, ...] = ()
    missing: tuple[Correction, ...] = ()
    conflicts: tuple[str, ...] = ()

    @property
    def contradictions(self) -> list[tuple[Correction, Correction]]:
        """Corrections of which the memory keeps another one in force, each with that: the last in the file of the same Korean."""
        last = {source_key(correction.source): correction for correction in self.corrections}
        pairs = [(correction, last[source_key(correction.source)]) for correction in self.corrections]
        return [(correction, held) for correction, held in pairs if correction.target != held.target]


def import_corrections(path: Path, memory: Memory, records: Path | None = None) -> Imported:
    """Takes a translator's corrections into memory and, where they are given, records (a folder or a file, as exported).

    Where the records are the output folder of a run, its Markdown is rendered again as well.

    A unit counts as corrected where its target is no longer what was exported, where it was approved, and where its mark for
    review was taken off. It may be done again: it changes nothing the second time. Raises UserError for what cannot be read, and for
    a unit that has lost its stamp where there are no records to compare with; then nothing is stored.
    """
    output = _output_of(records) if records else None
    if records and output:
        return _import_into_outputs(path, memory, records, output)
    files = RecordFiles(records) if records else None
    units, corrections = _corrections(path, files)
    new = memory.add_human(Entry(c.source, c.target, "human") for c in corrections)
    if files is None:
        return Imported(units, corrections, new)
    missing = tuple(c for c in corrections if files.find(c.file, c.id, c.source) is None)
    return Imported(units, corrections, new, files.correct(corrections), missing)


def _corrections(path: Path, files: RecordFiles | None) -> tuple[int, tuple[Correction, ...]]:
    """How many units a translator's file has, and those that were corrected."""
    returned = read_returned(path)
    corrected = [unit for unit in returned if unit.is_correction(unit.stamp or _stamp(path, unit, files))]
    return len(returned), tuple(Correction(unit.file, unit.id, unit.source, unit.target) for unit in corrected)


def _output_of(records: Path) -> Path | None:
    """The output folder of a run that records are in, or nothing."""
    return next((folder for folder in (records, *records.absolute().parents) if (folder / MARKER).is_dir()), None)


def _import_into_outputs(path: Path, memory: Memory, records: Path, output: Path) -> Imported:
    """As import_corrections, for outputs of a run. What was edited in them by hand is taken in first, so that what comes in is later."""
    files = RecordFiles(records)
    units, corrections = _corrections(path, files)
    missing = tuple(c for c in corrections if files.find(c.file, c.id, c.source) is None)
    inside = (records if records.is_dir() else records.parent).absolute().relative_to(output.absolute())
    wanted: dict[str, list[Correction]] = {}
    for correction in corrections:
        wanted.setdefault((inside / correction.file).as_posix(), []).append(correction)
    found: dict[str, Standing] = {}
    conflicts = []
    with open_journal(output, patience=5.0) as journal:
        for file in journal.files():
            name = Path(file).with_suffix("").as_posix()
            try:
                found |= {name: standing(output, file, journal, memory)} if name in wanted else {}
            except UserError as error:
                conflicts.append(str(error))
        new = memory.add_human(Entry(c.source, c.target, "human") for c in corrections)
        corrected = [each.corrected({c.id: c.target for c in wanted[name] if c not in missing}) for name, each in found.items()]
        return Imported(units, corrections, new, tuple(write_standing(output, corrected, journal)), missing, tuple(conflicts))


def read_returned(path: Path) -> list[ReturnedUnit]:
    """The units of a translator's file that have a target: .xliff, .xlf, .po, .tsv. Raises UserError naming file and line."""
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise UserError(f"{path}: corrections are read from {', '.join(_READERS)}, not from {path.suffix or 'files without an ending'}")
    return list(reader(path))


def _stamp(path: Path, unit: ReturnedUnit, files: RecordFiles | None) -> str:
    """That of the unit's record, for a unit that has lost its own."""
    record = files.find(unit.file, unit.id, unit.source) if files else None
    if record is None:
        raise UserError(
            f"{path}: the unit {unit.id or unit.source[:40]!r} does not say any more what was exported: "
            "give the records that were, with --records"
        )
    return record.stamp
