"""A memory's entries in files that other programs read and write: TMX, JSON Lines, TSV."""

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from translator.errors import UserError
from translator.files import whole_file
from translator.memory.entry import Context, Entry, Stored, parse_date
from translator.memory.tmx import read_tmx, write_tmx
from translator.textfile import read_columns, read_json_lines

_FORMATS = (".tmx", ".jsonl", ".tsv")


def write_entries(path: Path, entries: Iterable[Stored]) -> int:
    """Writes entries to a file, whole or not at all, and returns how many.

    .tmx and .jsonl hold all that an entry has (TMX without the control characters that XML cannot hold); .tsv a source and a
    target a line, each on one line. Raises UserError for another ending.
    """
    _check_ending(path)
    count = 0

    def counted() -> Iterator[Stored]:
        nonlocal count
        for stored in entries:
            count += 1
            yield stored

    with whole_file(path) as file:
        if path.suffix.lower() == ".tmx":
            write_tmx(file, counted())
        else:
            to_line = _to_json if path.suffix.lower() == ".jsonl" else _to_tsv
            for stored in counted():
                file.write(to_line(stored).encode())
    return count


def read_entries(path: Path, *, as_human: bool = False) -> Iterator[Stored | None]:
    """The entries of a file, in order; None for what has no source or no target. With `as_human`, all are a person's.

    TMX of any program: Korean and English segments. JSON Lines: `source` and `target`; TSV: source, tab, target.
    Raises UserError naming file and line: for a file that cannot be read, and for an entry that does not say whether a machine or a
    person made it, or of a machine's that does not say which.
    """
    _check_ending(path)
    reader = {".tmx": read_tmx, ".jsonl": _from_jsonl, ".tsv": _from_tsv}[path.suffix.lower()]
    for line, values in reader(path):
        yield _entry(f"{path}, line {line}", values, as_human)


def _check_ending(path: Path) -> None:
    if path.suffix.lower() not in _FORMATS:
        raise UserError(f"{path}: entries are kept in {', '.join(_FORMATS)}, not in {path.suffix or 'files without an ending'}")


def _entry(where: str, values: dict[str, Any], as_human: bool) -> Stored | None:
    source, target = _text(where, values, "source"), _text(where, values, "target")
    if not source.strip() or not target.strip():
        return None
    created = _date(where, _text(where, values, "created"))
    entry = Entry(source, target, "human", _score(where, values.get("score") or 0.0), created, _text(where, values, "detail"))
    origin = "human" if as_human else values.get("origin")
    if origin == "human":
        return Stored(entry)
    if origin != "machine":
        raise UserError(
            f"{where}: it is not said whether a person or a machine made this translation; "
            "if people did, say so with --as-human: such entries win over what any model says"
        )
    context = values.get("context")
    if not isinstance(context, dict) or not context.get("fingerprint"):
        raise UserError(f"{where}: a machine's translation without the content hash of its model cannot be used: leave it out")
    names = {name: _text(where, context, name) for name in ("fingerprint", "settings", "glossary", "name")}
    return Stored(replace(entry, origin="machine"), Context(**names))


def _text(where: str, values: dict[str, Any], name: str) -> str:
    text = values.get(name)
    if not isinstance(text, str | None):
        raise UserError(f"{where}: expected a text named {name}, found {text!r}")
    if text and "\0" in text:
        raise UserError(f"{where}: {name} has a NUL character, which no memory can hold")
    return text or ""


def _score(where: str, given: object) -> float:
    try:
        score = float(given)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        score = math.nan
    if not math.isfinite(score):
        raise UserError(f"{where}: expected a number named score, found {given!r}")
    return score


def _date(where: str, given: str) -> str:
    try:
        return parse_date(given) if given else ""
    except (ValueError, OverflowError) as error:
        raise UserError(f"{where}: expected a date such as 2026-11-02T09:30:00Z, found {given!r}") from error


def _to_json(stored: Stored) -> str:
    row = asdict(stored.entry)
    if stored.context:
        row["context"] = asdict(stored.context)
    if stored.replaced:
        row["replaced"] = True
    return json.dumps(row, ensure_ascii=False) + "\n"


def _to_tsv(stored: Stored) -> str:
    return "\t".join(" ".join(text.split()) for text in (stored.entry.source, stored.entry.target)) + "\n"


def _from_jsonl(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, row in read_json_lines(path):
        if not {"source", "target"} <= row.keys():
            raise UserError(f"{path}, line {number}: expected the texts `source` and `target`")
        yield number, row


def _from_tsv(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, columns in read_columns(path):
        yield number, {"source": columns[0], "target": columns[1]}
