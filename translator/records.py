"""Records: one JSON object a line for each unit, beside its Markdown."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from translator.document import Document
from translator.memory import Origin
from translator.quality.checks import Flag
from translator.translation import Translation


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
    shown = document.canonical({found.unit_id: found.target for found in translations})
    targets = (shown[found.unit_id] or found.target for found in translations)
    return [
        Record(unit.id, unit.line, unit.kind, unit.title, unit.text, target, model, found.engine, found.score, found.flags, found.origin)
        for unit, target, found in zip(document.units, targets, translations, strict=True)
    ]


def to_jsonl(records: Iterable[Record]) -> str:
    """Records as JSON Lines, Korean as Korean."""
    return "".join(json.dumps(asdict(record), ensure_ascii=False) + "\n" for record in records)
