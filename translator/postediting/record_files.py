"""Files of records whose targets are corrected in place."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from translator.files import write_whole
from translator.memory.entry import normalised
from translator.postediting.units import ExportedUnit, find_records, unit_of
from translator.records import corrected_row
from translator.textfile import read_json_lines, to_json_lines


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person made of a unit; `file` is that of its records without .jsonl, from the exported folder on."""

    file: str
    id: str
    source: str
    target: str


class RecordFiles:
    """The records of a folder, or of a file alone. Raises UserError naming file and line."""

    def __init__(self, path: Path) -> None:
        self._paths = find_records(path)
        self._rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._units: dict[tuple[str, str], ExportedUnit] = {}
        for name, file in self._paths.items():
            for number, row in read_json_lines(file):
                unit = unit_of(name, f"{file}, line {number}", row)
                self._units[name, unit.id] = unit
                self._rows[name].append(row)

    def find(self, file: str, unit_id: str, source: str) -> ExportedUnit | None:
        """The unit of a record, if it still has that source."""
        unit = self._units.get((file, unit_id))
        return unit if unit and normalised(unit.source) == normalised(source) else None

    def correct(self, corrections: Iterable[Correction]) -> tuple[Path, ...]:
        """Writes corrections into the records that have their units, each file whole; gives the files that changed."""
        wanted: dict[str, dict[str, Correction]] = defaultdict(dict)
        for correction in corrections:
            if self.find(correction.file, correction.id, correction.source):
                wanted[correction.file][correction.id] = correction
        changed = []
        for file, of_file in wanted.items():
            rows = [_corrected(row, of_file.get(row["id"])) for row in self._rows[file]]
            if rows != self._rows[file]:
                write_whole(self._paths[file], to_json_lines(rows))
                self._rows[file] = rows
                changed.append(self._paths[file])
        return tuple(changed)


def _corrected(row: dict[str, Any], correction: Correction | None) -> dict[str, Any]:
    """A record with a person's target, checked anew; whatever else it has stays."""
    if correction is None:
        return row
    return corrected_row(row, correction.target)
