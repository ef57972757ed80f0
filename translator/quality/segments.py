"""Segments of a system's output or of a reference, read from files and folders and put beside each other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from translator.errors import UserError
from translator.quality.checks import Flag
from translator.textfile import read_json_lines, read_text

_TEXT_KEYS = ("target", "en", "text")
_SOURCE_KEYS = ("source", "ko")


@dataclass(frozen=True, slots=True)
class Segment:
    """A text with what it is known by: its id (empty where only its line is known) and line, file, section and kind of unit; and, where
    its file says so, what it was translated from and what checks found in it.
    """

    text: str
    id: str
    line: int
    file: str = ""
    title: str = ""
    kind: str = ""
    source: str = ""
    flags: tuple[Flag, ...] = ()

    @property
    def place(self) -> str:
        """What it is known by, in words."""
        return ":".join(part for part in (self.file, self.id or str(self.line)) if part)


@dataclass(frozen=True, slots=True)
class Alignment:
    """Segments of several sources that are the same segment, a list a source, and those that only some of them have, by name."""

    rows: tuple[tuple[Segment, ...], ...]
    unmatched: dict[str, tuple[str, ...]]


def read_segments(path: Path) -> list[Segment]:
    """The segments of a file, or of all the .jsonl files of a folder.

    JSON Lines: `target`, `en` or `text`, known by `id`, from `source` or `ko`; the records of `translator translate` are such. TSV: the
    second column, from the first, or the only one. Any other file: a line a segment, blank ones too. Raises UserError naming file and line.
    """
    if path.is_dir():
        files = sorted(p for p in path.rglob("*.jsonl") if p.is_file())
        if not files:
            raise UserError(f"{path}: no records (*.jsonl) in this folder")
        return [segment for file in files for segment in _from_jsonl(file, str(file.relative_to(path).with_suffix("")))]
    if path.suffix.lower() == ".jsonl":
        return list(_from_jsonl(path, ""))
    if path.suffix.lower() in (".md", ".markdown"):
        raise UserError(f"{path}: Markdown is not read back; give the records beside it (.jsonl)")
    lines = read_text(path).split("\n")
    lines = lines[:-1] if lines[-1] == "" else lines
    if path.suffix.lower() == ".tsv":
        rows = [line.split("\t") for line in lines]
        return [Segment(row[min(1, len(row) - 1)], "", i, source=row[0] if len(row) > 1 else "") for i, row in enumerate(rows, 1)]
    return [Segment(line, "", number) for number, line in enumerate(lines, 1)]


def read_sources(path: Path) -> list[Segment]:
    """The same of a file of what was translated, in which a text without a source is one. Raises as read_segments does."""
    return [replace(segment, source=segment.source or segment.text) for segment in read_segments(path)]


def sources_of(rows: Sequence[Sequence[Segment]]) -> list[str]:
    """What aligned segments were translated from, as the last of the files says that does. Raises UserError naming a segment without."""
    found = []
    for same in zip(*rows, strict=True):
        source = next((segment.source for segment in reversed(same) if segment.source), "")
        if not source and any(segment.text for segment in same):
            raise UserError(f"segment {same[0].place}: no file says what it was translated from, which COMET needs: give --source FILE")
        found.append(source)
    return found


def align(sources: Sequence[tuple[str, Sequence[Segment]]]) -> Alignment:
    """Puts the segments of named sources beside each other: by id where all have ids, else by line.

    Raises UserError where lines are to be matched and their numbers differ, and where nothing matches.
    """
    if all(segment.id for _, segments in sources for segment in segments):
        return _by_id(sources)
    for name, segments in sources:
        without = [segment.line for segment in segments if not segment.id]
        if without and len(without) < len(segments):
            raise UserError(f"{name}, line {without[0]}: no id, and other lines have one: give each an id, or none")
    counts = {name: len(segments) for name, segments in sources}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{name} has {count}" for name, count in counts.items())
        raise UserError(f"the files have different numbers of segments ({told}), and not all have ids to match them by")
    return Alignment(tuple(tuple(segments) for _, segments in sources), {})


def _by_id(sources: Sequence[tuple[str, Sequence[Segment]]]) -> Alignment:
    in_files = all(segment.file for _, segments in sources for segment in segments)
    keyed = []
    for name, segments in sources:
        found: dict[tuple[str, str], Segment] = {}
        for segment in segments:
            key = (segment.file if in_files else "", segment.id)
            if key in found:
                places = " and ".join(f"{s.file or name}, line {s.line}" for s in (found[key], segment))
                raise UserError(f"{name}: the id {segment.id} occurs twice ({places}); ids of several files are matched by folder")
            found[key] = segment
        keyed.append(found)
    shared = [key for key in keyed[0] if all(key in found for found in keyed)]
    if not shared:
        raise UserError(f"no segment id of {sources[0][0]} occurs in {', '.join(name for name, _ in sources[1:])}")
    everywhere = set(shared)
    unmatched = {
        name: tuple(":".join(part for part in key if part) for key in found if key not in everywhere)
        for (name, _), found in zip(sources, keyed, strict=True)
    }
    rows = tuple(tuple(found[key] for key in shared) for found in keyed)
    return Alignment(rows, {name: ids for name, ids in unmatched.items() if ids})


def _from_jsonl(path: Path, file: str) -> Iterator[Segment]:
    for number, row in read_json_lines(path):
        text = next((row[key] for key in _TEXT_KEYS if isinstance(row.get(key), str)), None)
        if text is None:
            raise UserError(f"{path}, line {number}: expected a text named {', '.join(_TEXT_KEYS)}")
        known = {key: "" if row.get(key) is None else str(row[key]) for key in ("id", "title", "kind")}
        source = next((row[key] for key in _SOURCE_KEYS if isinstance(row.get(key), str)), "")
        flags = _flags(row.get("checks") or [], f"{path}, line {number}")
        yield Segment(" ".join(text.split()), known["id"], number, file, known["title"], known["kind"], " ".join(source.split()), flags)


def _flags(checks: Any, place: str) -> tuple[Flag, ...]:
    try:
        return tuple(Flag(str(found["check"]), str(found["detail"])) for found in checks)
    except (TypeError, KeyError) as error:
        raise UserError(f'{place}: expected `checks` to be a list such as [{{"check": "lost-name", "detail": "Sora"}}]') from error
