"""Records: one JSON object a line for each unit, beside its Markdown."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from translator.document import Document
from translator.errors import UserError
from translator.memory import Origin
from translator.quality.checks import Flag, check_facts
from translator.textfile import read_json_lines, to_json_lines
from translator.translation import Translation, human_units


@dataclass(frozen=True, slots=True)
class Record:
    """A unit with its translation and where both come from; `line` counts from 1, `score` is a mean token log-probability.

    `origin` says whether a machine or a human wrote the target; of a human's, `engine` is empty and the score 0.
    """

    id: str
    line: int
    kind: str
    title: str
    source: str
    target: str
    model: str
    engine: str
    score: float
    checks: tuple[Flag, ...]
    origin: Origin = "machine"


def make_records(document: Document, translations: Sequence[Translation], model: str) -> list[Record]:
    """A record for each unit of a document, in order; targets are as they are read back from a rendering."""
    shown = document.canonical({found.unit_id: found.target for found in translations}, human=human_units(translations))
    targets = (shown[found.unit_id] or found.target for found in translations)
    return [
        Record(unit.id, unit.line, unit.kind, unit.title, unit.text, target, model, found.engine, found.score, found.flags, found.origin)
        for unit, target, found in zip(document.units, targets, translations, strict=True)
    ]


def to_jsonl(records: Iterable[Record]) -> str:
    """Records as JSON Lines."""
    return to_json_lines(map(asdict, records))


def corrected_row(row: dict[str, Any], target: str) -> dict[str, Any]:
    """A record's JSON with a person's target, as a run writes it that finds this target in the memory; whatever else it has stays."""
    flags = [asdict(flag) for flag in check_facts(row["source"], target)]
    return {**row, "target": target, "engine": "", "score": 0.0, "checks": flags, "origin": "human"}


def read_records(path: Path) -> list[Record]:
    """The records of a file, in its order. Raises UserError naming file and line for what is no record."""
    return [_record(path, number, row) for number, row in read_json_lines(path)]


def _record(path: Path, number: int, row: dict[str, Any]) -> Record:
    kinds = {"id": str, "line": int, "kind": str, "title": str, "source": str, "target": str, "model": str, "engine": str}
    values = {name: row.get(name) for name in kinds}
    wrong = next((name for name, kind in kinds.items() if not isinstance(values[name], kind)), None)
    checks, score = row.get("checks"), row.get("score")
    if wrong is not None:
        raise UserError(f"{path}, line {number}: no record of `translator translate`: {wrong!r} is missing or of another type")
    if not isinstance(checks, list) or not all(isinstance(c, dict) and isinstance(c.get("check"), str) for c in checks):
        raise UserError(f"{path}, line {number}: no record of `translator translate`: 'checks' must be a list of checks")
    flags = tuple(Flag(c["check"], str(c.get("detail", ""))) for c in checks)
    origin: Origin = "human" if row.get("origin") == "human" else "machine"  # records of older versions do not say
    return Record(**values, score=float(score) if isinstance(score, int | float) else 0.0, checks=flags, origin=origin)  # type: ignore[arg-type]
