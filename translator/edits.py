"""What people changed in the outputs of an earlier run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from translator.config import Settings
from translator.document import Document
from translator.files import SourceFile
from translator.outputs import OutputState


@dataclass(frozen=True, slots=True)
class Edits:
    """Corrected targets by unit id, and why, if so, the outputs must not be overwritten."""

    corrections: Mapping[str, str]
    conflicts: tuple[str, ...]


def read_edits(source: SourceFile, document: Document, state: OutputState, output: Path, settings: Settings) -> Edits:
    return Edits({}, tuple(f"{output / path}: edited" for path in state.edited))
