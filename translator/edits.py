"""What people changed in the outputs of an earlier run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from translator.config import Settings
from translator.document import Document
from translator.document.reading import read
from translator.errors import UserError
from translator.files import SourceFile, read_source
from translator.outputs import OutputState, output_paths, records_path
from translator.textfile import read_json_lines

_Targets = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Edits:
    """Corrected targets by their source, and, where something was changed that cannot be taken in, what and where."""

    corrections: Mapping[str, str]
    conflicts: tuple[str, ...]


def read_edits(source: SourceFile, state: OutputState, output: Path, settings: Settings) -> Edits:
    """What somebody changed in the outputs of a source since they were written: the English of units, or more than that."""
    document = Document.parse(read_source(source))
    outputs = _Outputs(document, output, {str(path): layout for layout, path in output_paths(source, settings.layouts).items()}, settings)
    written = next((path for path in (str(records_path(source)), *state.current) if path in state.current and path not in state.edited), None)
    if written is None:
        return Edits({}, (f"{output / source.relative}: all its outputs were changed, so that nobody can say what",))
    before = outputs.targets(written)
    conflicts = list(outputs.conflicts)
    corrections: dict[str, str] = {}
    for path in state.edited:
        ...
