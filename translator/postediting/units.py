"""The units of records, as a translator gets them, and as they come back."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from translator.errors import UserError
from translator.memory.entry import normalised
from translator.textfile import read_json_lines

State = Literal["review", "translated", "approved"]


@dataclass(frozen=True, slots=True)
class ExportedUnit:
    """A record's unit: `file` is that of its records without .jsonl, from the exported folder on; `flags` say what to look at.

    `state`: `review` where there are flags, `approved` where a person made the target, else `translated`.
    """

    file: str
    id: str
    line: int
    title: str
    source: str
    target: str
    flags: tuple[str, ...]
    state: State

    @property
    def stamp(self) -> str:
        """What travels with the unit, to tell later whether somebody changed or approved it: `as exported: 0f1e2d3c4b5a, review`."""
        return f"as exported: {digest(self.target)}, {self.state}"


@dataclass(frozen=True, slots=True)
class ReturnedUnit:
    """A unit out of a translator's file. `stamp` is empty where the translator's program has lost it."""

    file: str
    id: str
    source: str
    target: str
    state: State
    stamp: str

    def is_correction(self, exported: str) -> bool:
        """Whether a person has changed, approved, or taken the mark for review off what was `exported` (a stamp)."""
        before, _, state = exported.removeprefix("as exported: ").partition(", ")
        approved = self.state == "approved" and state != "approved"
        reviewed = self.state != "review" and state == "review"
        return bool(self.target.strip()) and (digest(self.target) != before or approved or reviewed)


def digest(target: str) -> str:
    """What a target is recognised by, whatever its white space: 12 hex digits."""
    return hashlib.sha256(normalised(target).encode()).hexdigest()[:12]


def find_records(path: Path) -> dict[str, Path]:
    """The files of records that a path stands for, by their names without .jsonl: a file alone, or those of a folder.

    Raises UserError where there are none.
    """
    if path.is_file():
        return {path.stem: path}
    files = sorted(file for file in path.rglob("*.jsonl") if file.is_file())
    if not files:
        raise UserError(f"{path}: no such file or folder" if not path.exists() else f"{path}: no records (*.jsonl) in this folder")
    return {file.relative_to(path).with_suffix("").as_posix(): file for file in files}


def read_units(paths: Sequence[Path]) -> Iterator[ExportedUnit]:
    """The units of records, in order. Raises UserError naming file and line, and for two files of one name."""
    seen: dict[str, Path] = {}
    for path in paths:
        for name, file in find_records(path).items():
            if name in seen:
                raise UserError(f"{seen[name]} and {file} are both called {name}: export them into two files")
            seen[name] = file
            for number, row in read_json_lines(file):
                yield unit_of(name, f"{file}, line {number}", row)


def unit_of(name: str, where: str, row: dict[str, Any]) -> ExportedUnit:
    """The unit of a record in the file called `name`; `where` is what messages call its place. Raises UserError."""
    if not all(isinstance(row.get(key), str) for key in ("id", "source", "target")):
        raise UserError(f"{where}: not a record of `translator translate`, which has the texts id, source and target")
    checks, line = row.get("checks") or [], row.get("line")
    if not isinstance(checks, list) or not all(isinstance(check, dict) for check in checks):
        raise UserError(f"{where}: `checks` is not a list of checks")
    flags = tuple(f"{check.get('check')}: {check.get('detail')}" for check in checks)
    state: State = "approved" if row.get("origin") == "human" else "review" if flags else "translated"
    number = line if isinstance(line, int) else 0
    return ExportedUnit(name, row["id"], number, str(row.get("title") or ""), row["source"], row["target"], flags, state)
