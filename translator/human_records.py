"""What people wrote, as the records of earlier runs say it: it may be in no memory that a run is given."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from translator.document import Document
from translator.document.sentences import split_sentences
from translator.errors import UserError
from translator.outputs import OutputState
from translator.textfile import read_json_lines

if TYPE_CHECKING:
    from translator.memory.store import Memory


def has_human_records(state: OutputState, records: str) -> bool:
    """Whether records, by path below the output folder, may have targets that people wrote; told without opening them."""
    if records in state.foreign:
        return False
    if state.done and state.done.figures.get("human_units"):
        return bool(state.current)
    return records in state.current and (records in state.edited or state.cut_off)


def read_human_records(state: OutputState, records: Path, memory: "Memory | None") -> dict[str, str]:
    """The targets that people wrote, by their source.

    Raises UserError where the records are gone, nobody else says which targets those are, and the memory does not know as many.
    """
    if records.is_file():
        rows = [row for _, row in read_json_lines(records) if row.get("origin") == "human"]
        texts = [(row.get("source"), row.get("target")) for row in rows]
        return {source: target for source, target in texts if isinstance(source, str) and isinstance(target, str) and target}
    assert state.done is not None
    units = [unit.text for unit in Document.parse(state.done.text).units]
    known = memory.human(list(dict.fromkeys(units))) if memory else {}
    if sum(unit in known for unit in units) < state.done.figures["human_units"]:
        raise UserError(f"{records} is gone, which said what people wrote of the English beside it")
    return {}


def unknown_to(memory: "Memory", targets: Mapping[str, str]) -> dict[str, str]:
    """The targets whose source has no correction in the memory: neither the whole of it nor each of its sentences."""
    sentences = {source: [source[s.start : s.end] for s in split_sentences(source)] for source in targets}
    known = memory.human(list(dict.fromkeys([*targets, *(sentence for each in sentences.values() for sentence in each)])))
    return {
        source: target
        for source, target in targets.items()
        if source not in known and not (sentences[source] and all(sentence in known for sentence in sentences[source]))
    }
