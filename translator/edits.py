"""What people changed in the outputs of an earlier run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from translator.config import Settings
from translator.document import Document, Layout, Unit
from translator.document.layouts import Page
from translator.document.reading import read
from translator.files import SourceFile, read_source
from translator.outputs import OutputState, output_paths, records_path
from translator.textfile import read_json_lines, read_text

_Targets = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Edits:
    """Corrected targets by their source, and, where more was changed than can be taken in, what and where."""

    corrections: Mapping[str, str]
    conflicts: tuple[str, ...]


def read_edits(source: SourceFile, state: OutputState, output: Path, settings: Settings) -> Edits:
    """What somebody changed in the outputs of a source since a run wrote them, told by those outputs that are as they were."""
    document = Document.parse(read_source(source))
    layouts = {str(path): layout for layout, path in output_paths(source, settings.layouts).items()}
    unchanged = [path for path in (str(records_path(source)), *layouts) if path in state.current and path not in state.edited]
    if not unchanged:
        return Edits({}, (f"{output / source.relative}: all its outputs were changed, so that nobody can say what in them",))
    outputs = _Outputs(document, output, layouts, settings)
    before = outputs.targets(unchanged[0])
    found = _Comparison(document, before)
    for path in state.edited:
        found.add(output / path, outputs.targets(path), outputs.unread(path))
    return found.edits()


class _Outputs:
    """The targets in a source's outputs."""

    def __init__(self, document: Document, output: Path, layouts: Mapping[str, Layout], settings: Settings) -> None:
        self._document, self._output, self._layouts, self._order = document, output, layouts, settings.order

    def targets(self, path: str) -> _Targets:
        """By unit id; a unit that is not there could not be read."""
        if path not in self._layouts:
            return {str(row.get("id")): str(row.get("target", "")) for _, row in read_json_lines(self._output / path)}
        return read(self._document, read_text(self._output / path), self._layouts[path], self._order).targets

    def unread(self, path: str) -> Mapping[str, str]:
        """Where units stand that could not be read, by id."""
        if path not in self._layouts:
            return {}
        found = read(self._document, read_text(self._output / path), self._layouts[path], self._order)
        return {lost.unit.id: f"line {lost.first_line}" for lost in found.unread}


@dataclass(slots=True)
class _Comparison:
    """The outputs that were edited beside what stood there before."""

    document: Document
    before: _Targets
    corrections: dict[str, str] = field(default_factory=dict)
    conflicts: list[str] = field(default_factory=list)

    def add(self, path: Path, targets: _Targets, unread: Mapping[str, str]) -> None:
        """Takes in an edited output."""
        page = Page(self.document)
        for unit in self.document.units:
            if unit.id in self.before and unit.id in unread:
                self.conflicts.append(f"{path}, {unread[unit.id]}: more was changed than the English")
            elif unit.id in self.before and unit.id in targets and self._is_other(page, unit, targets[unit.id]):
                self._correct(path, unit, targets[unit.id])
        gone = set(self.before) - {unit.id for unit in self.document.units}
        if gone:
            self.conflicts.append(f"{path}: edited, and its source was changed as well")

    def edits(self) -> Edits:
        """What was found."""
        sources = {unit.id: unit.text for unit in self.document.units}
        return Edits({sources[unit_id]: target for unit_id, target in self.corrections.items()}, tuple(dict.fromkeys(self.conflicts)))

    def _is_other(self, page: Page, unit: Unit, target: str | None) -> bool:
        before = self.before[unit.id]
        return target != before and page.english(unit, target or "") != page.english(unit, before or "")

    def _correct(self, path: Path, unit: Unit, target: str | None) -> None:
        if not target or not target.strip():
            self.conflicts.append(f"{path}: the English of {unit.text[:30]!r} was taken away")
        elif self.corrections.setdefault(unit.id, target) != target:
            self.conflicts.append(f"{path}: the English of {unit.text[:30]!r} was changed in another output as well, to other words")
