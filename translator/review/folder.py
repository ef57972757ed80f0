"""The outputs of a run as a person reviews them: units to look at, corrections saved, corrections taken back."""

import itertools
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from translator.document.sentences import split_sentences
from translator.errors import UserError
from translator.files import MARKER
from translator.journal import Journal, LockedError, open_journal, read_journal
from translator.memory import Entry, Origin
from translator.memory.entry import source_key
from translator.memory.store import Memory
from translator.postediting.units import digest
from translator.quality.checks import Flag
from translator.records import Record, read_records
from translator.rewriting import Row, Standing, records_of, standing, write_standing

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
        """By which it is known whether somebody else has changed or approved it."""
        return f"{self.origin} {digest(self.target)}"


@dataclass(frozen=True, slots=True)
class Saved:
    """A unit as it was saved; `others`: how many units with the same Korean got the same English; `notes`: what could not be done.

    `step` is what `undo` is told to take this save back.
    """

    unit: ReviewUnit
    others: int
    notes: tuple[str, ...]
    step: int


class ConflictError(Exception):
    """The unit is not any more as it was when the person began; `unit` is as it is now."""

    def __init__(self, unit: ReviewUnit) -> None:
        super().__init__("this was changed in the meantime, in another window or by another program")
        self.unit = unit


class MissingUnitError(Exception):
    """There is no such file or unit in the folder (any more)."""


@dataclass(slots=True)
class _Step:
    """What a save did: its unit before, the target in the memory, whether it is there by this, and rows before, by file and id."""

    number: int
    unit: ReviewUnit
    target: str
    is_new: bool
    before: dict[str, dict[str, Row]] = field(default_factory=dict)


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
        self._reading, self._saving = threading.Lock(), threading.Lock()
        self._files: dict[str, _File] = {}
        self._steps: list[_Step] = []
        self._numbers = itertools.count(1)
        self.refresh()
        if not self._files:
            raise UserError(f"{output}: no run has finished a file here yet")

    @property
    def files(self) -> list[str]:
        """The sources that were translated and whose records are still there, by name."""
        with self._reading:
            return [name for name, known in self._files.items() if known.records.is_file()]

    @property
    def last_step(self) -> int:
        """The save that can be taken back now; 0 where there is none."""
        return self._steps[-1].number if self._steps else 0

    def refresh(self) -> None:
        """Looks for files that runs have added since."""
        with read_journal(self.output) as journal:
            new = [file for file in journal.files() if file not in self._files]
            found = {file: done for file in new if (done := journal.done(file))}
        with self._reading:
            self._files |= {file: _File(records_of(self.output, done)) for file, done in found.items()}

    def units(self, file: str) -> list[ReviewUnit]:
        """The units of a file as they are on disk now. Raises MissingUnitError, and UserError for records that cannot be read."""
        return list(self._read(file).values())

    def all_units(self) -> Iterator[ReviewUnit]:
        """The units of all files that can be read."""
        for file in self.files:
            try:
                yield from self.units(file)
            except UserError:
                continue  # whoever lists the files is told

    def unit(self, file: str, unit_id: str) -> ReviewUnit:
        """One unit. Raises as units does."""
        try:
            return self._read(file)[unit_id]
        except KeyError:
            raise MissingUnitError from None

    def save(self, file: str, unit_id: str, target: str, version: str) -> Saved:
        """Saves a correction, or the target as it is as approved: to the memory, then to every unit with the same Korean.

        Raises ConflictError where the unit is not of that version any more, UserError where it cannot be saved, with what to do, and
        MissingUnitError. What is in the memory by then stays there; the next `translator translate` puts it in place.
        """
        with self._saving, self._journal() as journal:
            key = self.unit(file, unit_id).key
            found, notes = self._with_same_korean(file, key, journal)
            unit = self.unit(file, unit_id)
            if unit.version != version:
                raise ConflictError(unit)
            shown = found[file].document.canonical({unit_id: target}, human={unit_id}).get(unit_id)
            if shown is None:
                raise UserError("this would leave the Korean in place of the English: write a translation")
            is_new = self._memory.add_human([Entry(unit.source, shown, "human")]) > 0
            step = _Step(next(self._numbers), unit, shown, is_new)
            self._steps.append(step)
            self._correct(list(found.values()), step, journal)
            others = sum(map(len, step.before.values())) - 1
            return Saved(self.unit(file, unit_id), others, notes, step.number)

    def undo(self, step: int) -> ReviewUnit:
        """Takes the save of that step back, which must be the last one; gives its unit as it is then.

        Saves are known until the program ends. Raises UserError where there is none, a later one was made, or its units were changed or
        taken to more places since; then that save stays, and the one before it may be taken back.
        """
        with self._saving, self._journal() as journal:
            if not self._steps:
                raise UserError("nothing was saved since the review began")
            last = self._steps[-1]
            if step != last.number:
                raise UserError(f"another window has saved or undone something since: {last.unit.file} comes next, if you undo once more")
            now = [standing(self.output, file, journal, self._memory) for file in last.before]
            changed = next((each.file for each in now if _is_changed(each, last)), "") or self._elsewhere(last)
            if changed:
                self._steps.pop()
                raise UserError(f"{changed} was changed since, so this save stays: save other words; the one before can be taken back now")
            write_standing(self.output, [each.restored(last.before[each.file]) for each in now], journal)
            if last.is_new:
                self._memory.withdraw(last.unit.source, last.target)
            self._steps.pop()
            return self.unit(last.unit.file, last.unit.id)

    def _elsewhere(self, step: _Step) -> str:
        """A file where a run has put the words of a save since, alone or in a longer unit: an undo here would not undo them there."""
        for unit in self.all_units():
            if unit.origin == "human" and unit.id not in step.before.get(unit.file, ()):
                sentences = (unit.source[s.start : s.end] for s in split_sentences(unit.source))
                if step.unit.key == unit.key or any(source_key(sentence) == step.unit.key for sentence in sentences):
                    return unit.file
        return ""

    @contextmanager
    def _journal(self) -> Iterator[Journal]:
        try:
            with open_journal(self.output, _PATIENCE) as journal:
                yield journal
        except LockedError as error:
            raise UserError(f"a run is writing to {self.output} just now: save again when it has ended") from error

    def _with_same_korean(self, file: str, key: bytes, journal: Journal) -> tuple[dict[str, Standing], tuple[str, ...]]:
        """The sources with units of a key, the file's own first, after what was edited in them by hand was taken in.

        Where somebody's hand changed the very units in another file, that counts for this one too. What is wrong with the file is
        raised, what is wrong with others is noted.
        """
        others = dict.fromkeys(unit.file for unit in self.all_units() if unit.key == key and unit.file != file)
        found: dict[str, Standing] = {}
        notes, own = [], False
        for name in [file, *others]:
            before = {unit.id: unit for unit in self.units(name) if unit.key == key}
            try:
                found[name] = standing(self.output, name, journal, self._memory)
            except UserError as error:
                if name == file:
                    raise
                notes.append(f"not put into {name}: {error}")
                continue
            now = [unit for unit in self.units(name) if unit.id in before]
            edited = [u for u in now if (u.target, u.origin) != (before[u.id].target, before[u.id].origin)]
            own = own or (bool(edited) and name == file)
            if edited and not own:
                ids = [unit.id for unit in self.units(file) if unit.key == key]
                write_standing(self.output, [found[file].corrected(dict.fromkeys(ids, edited[0].target))], journal)
                found[file] = standing(self.output, file, journal, self._memory)
        return found, tuple(notes)

    def _correct(self, found: list[Standing], step: _Step, journal: Journal) -> None:
        ids = {each.file: [unit.id for unit in self.units(each.file) if unit.key == step.unit.key] for each in found}
        corrected = [each.corrected(dict.fromkeys(ids[each.file], step.target)) for each in found]
        for each in found:
            step.before[each.file] = {row["id"]: row for row in each.rows if row["id"] in ids[each.file]}
        try:
            write_standing(self.output, corrected, journal)
        except UserError as error:
            raise UserError(f"it is in the memory, and not in all outputs: {error}. `translator translate` puts it there") from error

    def _read(self, file: str) -> Mapping[str, ReviewUnit]:
        """The units of a file by id, read anew where its records have changed."""
        with self._reading:
            known = self._files.get(file)
            if known is None:
                raise MissingUnitError
            try:
                status = known.records.stat()
            except OSError as error:
                raise UserError(f"{known.records} cannot be read: {error.strerror}; run `translator translate` again") from error
            stamp = status.st_mtime_ns, status.st_ino
            if stamp != known.stamp:
                known.units = {record.id: _unit(file, record) for record in read_records(known.records)}
                known.stamp = stamp
            return known.units


def _is_changed(now: Standing, step: _Step) -> bool:
    """Whether a unit of a save is neither as it left it nor, where it was cut off, as before."""
    before = step.before[now.file]
    saved = {row["id"]: row for row in now.corrected(dict.fromkeys(before, step.target)).rows}
    rows = {row["id"]: row for row in now.rows}
    return any(unit_id not in rows or rows[unit_id] not in (row, saved[unit_id]) for unit_id, row in before.items())


def _unit(file: str, r: Record) -> ReviewUnit:
    return ReviewUnit(file, r.id, r.line, r.kind, r.title, r.source, r.target, r.score, r.checks, r.origin, source_key(r.source))
