"""The outputs of a run as a person reviews them: units to look at, corrections saved, corrections taken back."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from translator.errors import UserError
from translator.files import MARKER
from translator.journal import Journal, open_journal
from translator.memory import Entry, Origin
from translator.memory.entry import source_key
from translator.memory.store import Memory
from translator.postediting.units import digest
from translator.quality.checks import Flag
from translator.records import Record, read_records
from translator.rewriting import Row, correct_outputs, readable_target, records_of, restore_outputs, take_in_edits

_PATIENCE = 5.0  # seconds to wait for a run that has the folder


@dataclass(frozen=True, slots=True)
class ReviewUnit:
    """A unit of a source's records; `file` is the source's path relative to the folder that was translated."""

    file: str
    id: str
    line: int
    kind: str
    title: str
    source: str
    target: str
    score: float
    flags: tuple[Flag, ...]
    origin: Origin
    key: bytes
    """The same for units with the same Korean."""

    @property
    def is_open(self) -> bool:
        """True where a check found something and no person has seen to it."""
        return bool(self.flags) and self.origin == "machine"

    @property
    def version(self) -> str:
        """By which it is known whether somebody else has changed the target."""
        return digest(self.target)


@dataclass(frozen=True, slots=True)
class Saved:
    """A unit as it was saved; `others`: how many units with the same Korean got the same English; `notes`: what could not be done."""

    unit: ReviewUnit
    others: int
    notes: tuple[str, ...] = ()


class ConflictError(Exception):
    """The unit is not any more as it was when the person began; `unit` is as it is now."""

    def __init__(self, unit: ReviewUnit) -> None:
        super().__init__("this was changed in the meantime, in another window or by another program")
        self.unit = unit


@dataclass(frozen=True, slots=True)
class _Step:
    """What a save did: its unit, whether the memory took it in by this, and what it changed, by file and id: rows before, targets now."""

    unit: ReviewUnit
    is_new: bool
    before: Mapping[str, Mapping[str, Row]]
    after: Mapping[str, Mapping[str, str]]


@dataclass(slots=True)
class _File:
    records: Path
    stamp: tuple[int, int] = (0, 0)
    units: dict[str, ReviewUnit] = field(default_factory=dict)


class ReviewFolder:
    """An output folder of `translator translate` under review. Several threads may call it at once.

    The folder is locked only while something is saved, so that runs can go on; what they or anybody else writes is seen.
    Raises UserError where no run has written to the folder, or its records cannot be read.
    """

    def __init__(self, output: Path, memory: Memory) -> None:
        if not (output / MARKER).is_dir():
            what = "not an output folder of `translator translate`" if output.is_dir() else "no such folder"
            raise UserError(f"{output}: {what}; give the --output of an earlier run, which has a folder {MARKER} in it")
        self.output, self._memory = output, memory
        self._lock = threading.RLock()
        self._files: dict[str, _File] = {}
        self._steps: list[_Step] = []
        with open_journal(output, _PATIENCE) as journal:
            self._find(journal)
        if not self._files:
            raise UserError(f"{output}: no run has finished a file here yet")

    @property
    def files(self) -> list[str]:
        """The sources that were translated, by name."""
        return list(self._files)

    def refresh(self) -> None:
        """Looks for files that runs have added since; where a run has the folder just now, later."""
        with self._lock:
            try:
                with open_journal(self.output) as journal:
                    self._find(journal)
            except UserError:
                return

    def units(self, file: str | None = None) -> Iterator[ReviewUnit]:
        """The units of a file, or of all files that are still there, as they are on disk now. Raises KeyError for a file that is none."""
        for name in [file] if file else [name for name, known in self._files.items() if known.records.is_file()]:
            with self._lock:
                yield from self._read(name).values()

    def unit(self, file: str, unit_id: str) -> ReviewUnit:
        """One unit. Raises KeyError where there is none."""
        with self._lock:
            return self._read(file)[unit_id]

    def save(self, file: str, unit_id: str, target: str, version: str) -> Saved:
        """Saves a correction, or the target as it is as approved: to the memory, then to every unit with the same Korean.

        Raises ConflictError where the unit is not of that version any more, UserError where it cannot be saved, with what to do, and
        KeyError for a unit that is none. What is in the memory by then stays there; the next `translator translate` puts it in place.
        """
        with self._lock, open_journal(self.output, _PATIENCE) as journal:
            take_in_edits(self.output, file, journal, self._memory)
            unit = self._read(file)[unit_id]
            if unit.version != version:
                raise ConflictError(unit)
            done = journal.done(file)
            assert done is not None  # take_in_edits has looked
            shown = readable_target(done, unit_id, target)
            is_new = self._memory.add_human([Entry(unit.source, shown, "human")]) > 0
            before, notes = self._correct_everywhere(unit, shown, journal)
            after = {name: {each: self._read(name)[each].target for each in rows} for name, rows in before.items()}
            saved = self._read(file)[unit_id]
            self._steps.append(_Step(saved, is_new, before, after))
            return Saved(saved, sum(map(len, before.values())) - 1, notes)

    def undo(self) -> ReviewUnit:
        """Takes the last save back, in the memory and in the outputs; gives its unit as it is then.

        Saves are known until the program ends. Raises UserError where there is none, or its units were changed since.
        """
        with self._lock, open_journal(self.output, _PATIENCE) as journal:
            if not self._steps:
                raise UserError("nothing was saved since the review began")
            step = self._steps[-1]
            for file, targets in step.after.items():
                take_in_edits(self.output, file, journal, self._memory)
                now = self._read(file)
                if any(unit_id not in now or now[unit_id].target != target for unit_id, target in targets.items()):
                    raise UserError(f"{file} was changed since: correct it by hand")
            if step.is_new:
                self._memory.withdraw(step.unit.source, step.unit.target)
            for file, rows in step.before.items():
                restore_outputs(self.output, file, rows, journal)
            self._steps.pop()
            return self._read(step.unit.file)[step.unit.id]

    def _correct_everywhere(self, unit: ReviewUnit, target: str, journal: Journal) -> tuple[dict[str, dict[str, Row]], tuple[str, ...]]:
        """The rows before, by file and id; the unit's own file comes first, and what is wrong there is raised."""
        same: dict[str, list[str]] = {unit.file: []}
        for other in self.units():
            if other.key == unit.key:
                same.setdefault(other.file, []).append(other.id)
        before: dict[str, dict[str, Row]] = {}
        notes = []
        for file, ids in same.items():
            try:
                if file != unit.file:
                    take_in_edits(self.output, file, journal, self._memory)
                rows = correct_outputs(self.output, file, dict.fromkeys(ids, target), journal).before
            except UserError as error:
                if file == unit.file:
                    raise UserError(f"it is in the memory, but not in the outputs: {error}") from error
                notes.append(f"not put into {file}: {error}")
            else:
                before[file] = {row["id"]: row for row in rows if row["id"] in ids}
        return before, tuple(notes)

    def _find(self, journal: Journal) -> None:
        for file in journal.files():
            done = journal.done(file)
            if file not in self._files and done is not None:
                self._files[file] = _File(records_of(self.output, done))

    def _read(self, file: str) -> Mapping[str, ReviewUnit]:
        """The units of a file by id, read anew where its records have changed."""
        known = self._files[file]
        try:
            status = known.records.stat()
        except OSError as error:
            raise UserError(f"{known.records} cannot be read: {error.strerror}; run `translator translate` again") from error
        stamp = status.st_mtime_ns, status.st_ino
        if stamp != known.stamp:
            known.units = {record.id: _unit(file, record) for record in read_records(known.records)}
            known.stamp = stamp
        return known.units


def _unit(file: str, r: Record) -> ReviewUnit:
    return ReviewUnit(file, r.id, r.line, r.kind, r.title, r.source, r.target, r.score, r.checks, r.origin, source_key(r.source))
