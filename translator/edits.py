"""What people changed in the outputs of an earlier run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from translator.document import Document
from translator.errors import UserError
from translator.journal import Written
from translator.outputs import OutputState
from translator.textfile import read_json_lines, read_text


@dataclass(frozen=True, slots=True)
class Edits:
    """Corrected targets by their source, and, where more was changed than can be taken in, what and where."""

    corrections: Mapping[str, str]
    conflicts: tuple[str, ...]


def read_edits(state: OutputState, output: Path) -> Edits:
    """What somebody changed in the outputs of a source since a run wrote them, told by one of them that is as it was.

    All are read with the source as it was then. Nothing is guessed: where a change is not of the English alone, it is a conflict.
    """
    done = state.done
    if done is None or state.cut_off:
        return Edits({}, (f"{output / state.edited[0]}: edited, and an earlier run was cut off while it wrote it",))
    latest = {path: written for path, written in done.outputs.items() if written.current}
    unchanged = [path for path, written in latest.items() if state.current.get(path) == written.key]
    if not unchanged:
        return Edits({}, (f"{output / state.edited[0]}: all outputs of its source were changed, so that nobody can say what in them",))
    document = Document.parse(done.text)
    found = _Comparison(document, _targets(output / min(unchanged, key=lambda path: latest[path].layout is not None), latest, document))
    for path in state.edited:
        found.add(output / path, done.outputs.get(path))
    return Edits(found.corrections, tuple(dict.fromkeys(found.conflicts)))


def _targets(path: Path, latest: Mapping[str, Written], document: Document) -> Mapping[str, str | None]:
    """The targets in an output that is as it was."""
    written = next(each for name, each in latest.items() if path.as_posix().endswith(name))
    if written.layout is None:
        return {str(row["id"]): str(row["target"]) for _, row in read_json_lines(path)}
    return document.read(read_text(path), written.layout, written.order).targets


@dataclass(slots=True)
class _Comparison:
    """Edited outputs beside the targets that stood in them before."""

    document: Document
    before: Mapping[str, str | None]
    corrections: dict[str, str] = field(default_factory=dict)
    conflicts: list[str] = field(default_factory=list)

    def add(self, path: Path, written: Written | None) -> None:
        """Takes in an edited output."""
        if written is None or not written.current:
            self.conflicts.append(f"{path}: edited, and not of the latest run of its source")
            return
        try:
            targets = self._records(path) if written.layout is None else self._markdown(path, written)
        except UserError as error:
            self.conflicts.append(str(error))
            return
        for unit in self.document.units:
            before, now = (self._english(unit.text, found.get(unit.id)) for found in (self.before, targets))
            if now != before and unit.id in targets:
                self._correct(path, unit.text, now)

    def _records(self, path: Path) -> Mapping[str, str | None]:
        rows = {str(row.get("id")): (number, row) for number, row in read_json_lines(path)}
        found: dict[str, str | None] = {}
        for unit in self.document.units:
            number, row = rows.get(unit.id, (0, {}))
            target = row.get("target")
            if not isinstance(target, str) or row.get("source") != unit.text:
                place = f"line {number}" if number else f"no record of {unit.text[:30]!r}"
                self.conflicts.append(f"{path}, {place}: more was changed than the target")
            else:
                found[unit.id] = target
        return found

    def _markdown(self, path: Path, written: Written) -> Mapping[str, str | None]:
        assert written.layout is not None
        reading = self.document.read(read_text(path), written.layout, written.order)
        lines = [*(lost.first_line for lost in reading.unread), *(first for first, _ in reading.altered)]
        self.conflicts += [f"{path}, line {line}: more was changed than the English" for line in sorted(lines)[:1]]
        return reading.targets

    @staticmethod
    def _english(source: str, target: str | None) -> str:
        """Empty for a unit that was left untranslated, however an output says so."""
        return "" if target is None or target.strip() == source else target.strip()

    def _correct(self, path: Path, source: str, target: str) -> None:
        if not target:
            self.conflicts.append(f"{path}: the English of {source[:30]!r} was taken away")
        elif self.corrections.setdefault(source, target) != target:
            self.conflicts.append(f"{path}: the English of {source[:30]!r} was changed twice, to other words")
