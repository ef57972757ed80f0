"""What people changed in the outputs of an earlier run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from translator.config import Settings
from translator.document import Document, Layout
from translator.document.reading import Reading
from translator.document.reconstruction import reconstruct
from translator.errors import UserError
from translator.files import SourceFile, read_source
from translator.outputs import OutputState, output_paths, records_path
from translator.textfile import read_json_lines, read_text


@dataclass(frozen=True, slots=True)
class Edits:
    """Corrected targets by their source, and, where more was changed than can be taken in, what and where."""

    corrections: Mapping[str, str]
    conflicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Content:
    """What an output says: sources and targets by unit id, and the lines of those units that could not be read."""

    sources: Mapping[str, str]
    targets: Mapping[str, str | None]
    unread: Mapping[str, int]


def read_edits(source: SourceFile, state: OutputState, output: Path, settings: Settings) -> Edits:
    """What somebody changed in the outputs of a source since a run wrote them, told by those outputs that are as they were."""
    layouts = {str(path): layout for layout, path in output_paths(source, settings.layouts).items()}
    unchanged = [path for path in (str(records_path(source)), *layouts) if path in state.current and path not in state.edited]
    if not unchanged:
        return Edits({}, (f"{output / source.relative}: all its outputs were changed, so that nobody can say what in them",))
    document = Document.parse(read_source(source))

    def content(path: str, before: Mapping[str, object]) -> _Content:
        if path not in layouts:
            return _records(output / path)
        return _markdown(output / path, layouts[path], document, settings, before)

    found = _Comparison(content(unchanged[0], {}))
    for path in state.edited:
        found.add(output / path, content(path, found.before.targets))
    return Edits(found.corrections, tuple(dict.fromkeys(found.conflicts)))


def _records(path: Path) -> _Content:
    rows = [row for _, row in read_json_lines(path)]
    sources = {str(row.get("id")): str(row.get("source", "")) for row in rows}
    return _Content(sources, {str(row.get("id")): str(row.get("target", "")) for row in rows}, {})


def _markdown(path: Path, layout: Layout, document: Document, settings: Settings, before: Mapping[str, object]) -> _Content:
    """Read with its source; where that has changed since, a bilingual file says itself what it was."""
    text = read_text(path)
    if layout != "english" and not set(before) <= {unit.id for unit in document.units}:
        try:
            return _content(*reconstruct(text, str(path)))
        except UserError:  # more than the English was changed: the present source says where
            pass
    return _content(document, document.read(text, layout, settings.order))


def _content(document: Document, reading: Reading) -> _Content:
    sources = {unit.id: unit.text for unit in document.units}
    return _Content(sources, reading.targets, {lost.unit.id: lost.first_line for lost in reading.unread})


@dataclass(slots=True)
class _Comparison:
    """Edited outputs beside what stood in them before."""

    before: _Content
    corrections: dict[str, str] = field(default_factory=dict)
    conflicts: list[str] = field(default_factory=list)

    def add(self, path: Path, content: _Content) -> None:
        """Takes in an edited output."""
        for unit_id, before in self.before.targets.items():
            if unit_id in content.unread:
                self.conflicts.append(f"{path}, line {content.unread[unit_id]}: more was changed than the English")
            elif unit_id not in content.targets:
                self.conflicts.append(f"{path}: edited, and its source was changed as well")
            elif content.targets[unit_id] != before:
                self._correct(path, self.before.sources[unit_id], content.targets[unit_id])

    def _correct(self, path: Path, source: str, target: str | None) -> None:
        if not target or not target.strip():
            self.conflicts.append(f"{path}: the English of {source[:30]!r} was taken away")
        elif self.corrections.setdefault(source, target) != target:
            self.conflicts.append(f"{path}: the English of {source[:30]!r} was changed twice, to other words")
