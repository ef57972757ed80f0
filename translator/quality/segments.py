"""Segments of a system's output or of a reference, put beside each other."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from translator.errors import UserError
from translator.quality.checks import Flag


@dataclass(frozen=True, slots=True)
class Segment:
    """A text with what it is known by: its id, its place in the structure of a Markdown file, its line (from 1), its file; its section
    and kind of unit; what it was translated from, and what checks found in it, if they looked (`checked`). What is not known is empty.
    """

    text: str
    id: str
    line: int
    file: str = ""
    title: str = ""
    kind: str = ""
    place: str = ""
    source: str = ""
    flags: tuple[Flag, ...] = ()
    checked: bool = False

    @property
    def name(self) -> str:
        """What it is known by, in words."""
        return ":".join(part for part in (self.file, self.id or str(self.line)) if part)


@dataclass(frozen=True, slots=True)
class Alignment:
    """Segments of several sources that are the same segment, a list a source, and those that only some of them have, by name."""

    rows: tuple[tuple[Segment, ...], ...]
    unmatched: dict[str, tuple[str, ...]]


Named = tuple[str, Sequence[Segment]]


def sources_of(rows: Sequence[Sequence[Segment]]) -> list[str]:
    """What aligned segments were translated from, as the last of the files says that does. Raises UserError naming a segment without."""
    found = []
    for same in zip(*rows, strict=True):
        source = next((segment.source for segment in reversed(same) if segment.source), "")
        if not source and any(segment.text for segment in same):
            raise UserError(f"segment {same[0].name}: no file says what it was translated from, which COMET needs: give --source FILE")
        found.append(source)
    return found


def align(sources: Sequence[Named]) -> Alignment:
    """Puts the segments of named sources beside each other: by id where all have ids, else by place where all have one, else by line.

    Raises UserError where lines are to be matched and their numbers differ, and where nothing matches.
    """
    everything = [segment for _, segments in sources for segment in segments]
    if all(segment.id for segment in everything):
        return _by_key(sources, lambda segment: segment.id, "id")
    if all(segment.place for segment in everything):
        return _by_key(sources, lambda segment: segment.place, "place")
    for name, segments in sources:
        without = [segment for segment in segments if not segment.id]
        if without and len(without) < len(segments):
            where = f"{name}, {without[0].file}" if without[0].file else name
            remedy = "English Markdown gets them by --source" if without[0].place else "give each an id, or none"
            raise UserError(f"{where}, line {without[0].line}: no id, and other segments have one: {remedy}")
    _refuse_two_ways(sources)
    return _by_line(sources)


def _refuse_two_ways(sources: Sequence[Named]) -> None:
    """English Markdown has places and no ids, records have ids and no places: their order says nothing."""
    placed = next((name for name, segments in sources for segment in segments if segment.place and not segment.id), None)
    known = next((name for name, segments in sources for segment in segments if segment.id and not segment.place), None)
    if placed and known:
        remedy = "give records, or bilingual Markdown, or, where the command has --source, the Korean digests as that"
        raise UserError(f"{placed} is English Markdown without its source, and {known} has ids: {remedy}")


def _by_line(sources: Sequence[Named]) -> Alignment:
    counts = {name: Counter(segment.file for segment in segments) for name, segments in sources}
    files = all(segment.file for _, segments in sources for segment in segments)
    if len({count.total() for count in counts.values()}) > 1:
        told = ", ".join(f"{name} has {count.total()}" for name, count in counts.items())
        raise UserError(f"the files have different numbers of segments ({told}), and not all have ids to match them by")
    first = next(iter(counts.values()))
    for name, count in counts.items():
        if files and count != first:
            file = min(set((count - first) | (first - count)))
            told = f"{name} has {count[file]} in {file}, {sources[0][0]} has {first[file]}"
            raise UserError(f"the files have different numbers of segments ({told}), and not all have ids to match them by")
    return Alignment(tuple(tuple(segments) for _, segments in sources), {})


def _by_key(sources: Sequence[Named], key_of: Callable[[Segment], str], what: str) -> Alignment:
    in_files = all(segment.file for _, segments in sources for segment in segments)
    keyed = []
    for name, segments in sources:
        found: dict[tuple[str, str], Segment] = {}
        for segment in segments:
            key = (segment.file if in_files else "", key_of(segment))
            if key in found:
                places = " and ".join(f"{s.file or name}, line {s.line}" for s in (found[key], segment))
                raise UserError(f"{name}: the {what} {key[1]} occurs twice ({places}); {what}s of several files are matched by folder")
            found[key] = segment
        keyed.append(found)
    shared = [key for key in keyed[0] if all(key in found for found in keyed)]
    if not shared:
        raise UserError(f"no segment {what} of {sources[0][0]} occurs in {', '.join(name for name, _ in sources[1:])}")
    everywhere = set(shared)
    unmatched = {
        name: tuple(":".join(part for part in key if part) for key in found if key not in everywhere)
        for (name, _), found in zip(sources, keyed, strict=True)
    }
    rows = tuple(tuple(found[key] for key in shared) for found in keyed)
    return Alignment(rows, {name: keys for name, keys in unmatched.items() if keys})
