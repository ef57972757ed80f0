"""Lines of a file put beside the lines of a skeleton: what fills the slots, and where that cannot be told.

A stretch of lines is read if there is a way through the skeleton that fits it, and all such ways agree. Where there is none, because
somebody altered more than the English, lines that can be at one place only hold the rest together: the stretches between these are read
for themselves, and what is left without a reading is reported, not guessed.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

from translator.document.filling import MOST_WAYS, Judge
from translator.document.segmenter import Unit
from translator.document.skeleton import Edge, Pattern, Skeleton
from translator.document.ways import Step, Stretch, Ways

_LONGEST_BREAK = 40  # lines that one English text may be broken into


@dataclass(frozen=True, slots=True)
class Found:
    """What stands in a unit's slot, as it was fitted to the unit's place (None: Korean, or nothing), and where: lines[line:line+count].

    `count` is 0 where there is no line for the unit's English, because nothing of its block was translated.
    """

    text: str | None
    line: int
    count: int


@dataclass(frozen=True, slots=True)
class Lost:
    """A unit that could not be read, and the lines where it must be: lines[first:end]."""

    unit: Unit
    first: int
    end: int


@dataclass(slots=True)
class Matching:
    """What was found of the units, by id, what was lost, and the stretches that are not as in any rendering."""

    found: dict[str, Found] = field(default_factory=dict)
    lost: dict[str, Lost] = field(default_factory=dict)
    altered: list[Stretch] = field(default_factory=list)


def match(skeleton: Skeleton, lines: Sequence[str], judge: Judge) -> Matching:
    """Finds a file's lines in a skeleton."""
    matcher = _Matcher(skeleton, [line.rstrip() for line in lines], judge)
    matcher.solve(Stretch(0, skeleton.nodes - 1, 0, len(lines)))
    matcher.doubt()
    return matcher.result


class _Matcher:
    def __init__(self, skeleton: Skeleton, lines: list[str], judge: Judge) -> None:
        self.skeleton, self.lines, self.judge = skeleton, lines, judge
        self.ways = Ways(skeleton, lines, judge)
        self.result = Matching()
        self.worded = {self._block(edge) for edge in skeleton.edges if edge.pattern and _has_words(edge.pattern)} - {None}

    def solve(self, stretch: Stretch) -> None:
        """Reads a stretch, or the stretches between parts whose place is certain, or reports its units."""
        if self._read(stretch):
            return
        certain = self._certain(stretch)
        if not certain:
            self.result.altered.append(stretch)
            self._lose(self.ways.units(stretch), stretch.first, stretch.last)
            return
        node, line = stretch.start, stretch.first
        for part in certain:
            self.solve(Stretch(node, part.start, line, part.first))
            self._read(part)
            node, line = part.end, part.last
        self.solve(Stretch(node, stretch.end, line, stretch.last))

    def _read(self, stretch: Stretch) -> bool:
        """True where a stretch fits the skeleton; each unit on which all ways agree is found, the others are lost."""
        for most_lines in (1, _LONGEST_BREAK):
            ways = self.ways.through(stretch, most_lines)
            if ways:
                self._settle(stretch, ways)
                return True
        return False

    def _settle(self, stretch: Stretch, ways: list[list[Step]]) -> None:
        units = self.ways.units(stretch)
        if len(ways) >= MOST_WAYS:
            self._lose(units, stretch.first, stretch.last)
            return
        if len(ways) > 1:
            common = set.intersection(*map(set, ways))
            ways = [way for way in ways if all(self._possible(step) for step in way if step not in common)] or ways
        for unit, places in _places(units, ways, stretch.first).items():
            if len(places) == 1:
                self.result.found[unit.id] = places[0]
            else:
                lines = [place.line for place in places if place.text is not None]
                self._lose([unit], min(lines), max(lines) + 1)

    def _possible(self, step: Step) -> bool:
        """True where a rendering can have filled a step's slots."""
        return any(all(text is None or self.judge(slot.unit, text) for slot, text in choice) for choice in step.choices)

    def _lose(self, units: Iterable[Unit], first: int, end: int) -> None:
        self.result.lost.update({unit.id: Lost(unit, first, end) for unit in units})

    def doubt(self) -> None:
        """Loses units whose English is missing next to something altered or broken into lines: it may have been moved there."""
        nodes: dict[Unit, int] = {}
        for edge in self.skeleton.edges:
            nodes.update({slot.unit: edge.start for slot in edge.slots if slot.unit not in nodes})
        items: list[tuple[int, Unit | None]] = [(stretch.start, None) for stretch in self.result.altered]
        items += [(node, unit) for unit, node in nodes.items()]
        items.sort(key=lambda item: item[0])
        for odd, run in groupby(items, lambda item: self._state(item[1]) != "read"):
            members = [unit for _, unit in run]
            states = {self._state(unit) for unit in members}
            if odd and "missing" in states and len(states) > 1:
                for unit in filter(None, members):
                    found = self.result.found.pop(unit.id, None)
                    if found:
                        self._lose([unit], found.line, found.line + found.count)

    def _state(self, unit: Unit | None) -> Literal["read", "missing", "broken", "lost"]:
        found = self.result.found.get(unit.id) if unit else None
        if found is None:
            return "lost"
        return "missing" if found.count == 0 else "broken" if found.count > 1 else "read"

    def _certain(self, stretch: Stretch) -> list[Stretch]:
        """Parts of a stretch whose place is certain: lines that fit one place only, which fits them only, with their blocks."""
        index = _Index(self.lines, stretch.first, stretch.last)
        alike: dict[object, list[Edge]] = defaultdict(list)
        for edge in self.ways.edges(stretch):
            if edge.pattern and self._telling(edge, edge.pattern):
                alike[tuple(piece if isinstance(piece, str) else piece.forms for piece in edge.pattern)].append(edge)
        places = [(edges, [n for n in index.candidates(edges[0].pattern or ()) if self.ways.fits(edges[0], n)]) for edges in alike.values()]
        taken = Counter(line for edges, lines in places for line in lines for _ in edges)
        single = [(edges[0], lines[0]) for edges, lines in places if len(edges) == len(lines) == 1 and taken[lines[0]] == 1]
        parts: list[Stretch] = []
        for edge, line in _rising(sorted(single, key=lambda place: place[0].start)):
            if parts and edge.start < parts[-1].end:
                continue
            part = self._with_block(edge, line, stretch)
            if not parts or (part.start >= parts[-1].end and part.first >= parts[-1].last):
                parts.append(part)
        return parts

    def _telling(self, edge: Edge, pattern: Pattern) -> bool:
        """True where a line has something of its own beside the English: words, or a mark where no line of its block has words.

        Numbers do not count: people number anew what they move.
        """
        if _has_words(pattern):
            return True
        marked = any(re.search(r"[-#>*+]", piece) for piece in pattern if isinstance(piece, str))
        return marked and self._block(edge) not in self.worded

    def _block(self, edge: Edge) -> tuple[int, int] | None:
        """The block that an edge is of, as nodes of the skeleton."""
        at = bisect_right(self.skeleton.blocks, (edge.start, self.skeleton.nodes)) - 1
        block = self.skeleton.blocks[at] if at >= 0 else (0, 0)
        return block if block[0] <= edge.start < edge.end <= block[1] else None

    def _with_block(self, edge: Edge, line: int, stretch: Stretch) -> Stretch:
        """A certain line with the rest of its block, where all of that is there and the lines around could not be part of it too."""
        alone = Stretch(edge.start, edge.end, line, line + 1)
        start, end = self._block(edge) or (-1, -1)
        if not stretch.start <= start < end <= stretch.end:
            return alone
        highest, lowest = max(stretch.first, line - edge.start + start), min(stretch.last, line + 1 + end - edge.end)
        above = self._whole([Stretch(start, edge.start, n, line) for n in range(highest, line + 1)], lambda part: part.first - 1, stretch)
        ends = self.ways.ends(Stretch(edge.end, end, line + 1, lowest))[::-1]
        below = self._whole([Stretch(edge.end, end, line + 1, n) for n in ends], lambda part: part.last, stretch)
        return Stretch(start, end, above.first, below.last) if above and below else alone

    def _whole(self, parts: Sequence[Stretch], beyond: Callable[[Stretch], int], stretch: Stretch) -> Stretch | None:
        """The longest part of a block beside a certain line that can be read, unless the line `beyond` it could belong to it as well."""
        found, ways = next(((part, ways) for part in parts if (ways := self.ways.through(part))), (None, []))
        slotted = [edge for edge in self.ways.edges(found) if edge.slots] if found else []
        if found is None or not slotted:
            return found
        more = stretch.first <= beyond(found) < stretch.last and any(self.ways.fits(edge, beyond(found)) for edge in slotted)
        return found if not more and any(step.edge.slots for step in ways[0]) else None


def _places(units: Iterable[Unit], ways: Iterable[Iterable[Step]], line: int) -> dict[Unit, list[Found]]:
    """What ways say of units: one thing if they agree. Units that they say nothing of are not translated."""
    said: dict[Unit, dict[str | None, Found]] = {unit: {} for unit in units}
    for way in ways:
        silent = set(said)
        for step in way:
            for slot, text in (pair for choice in step.choices for pair in choice):
                said[slot.unit].setdefault(text, Found(text, step.first, step.last - step.first))
                silent.discard(slot.unit)
        for unit in silent:
            said[unit].setdefault(None, Found(None, line, 0))
    return {unit: list(places.values()) for unit, places in said.items()}


def _has_words(pattern: Pattern) -> bool:
    """True where a pattern has words of its own, beside the English."""
    texts = (piece if isinstance(piece, str) else "".join(piece.forms[0][:2]) for piece in pattern)
    return len(re.findall(r"\w", "".join(texts))) >= 3


class _Index:
    """Lines by how they begin and end."""

    def __init__(self, lines: Sequence[str], first: int, last: int) -> None:
        self.ahead = sorted((lines[n], n) for n in range(first, last))
        self.behind = sorted((lines[n][::-1], n) for n in range(first, last))

    def candidates(self, pattern: Pattern) -> list[int]:
        """The numbers of lines that begin or end as a pattern does."""
        lead, trail = ("".join(piece for piece in (pattern[end],) if isinstance(piece, str)) for end in (0, -1))
        lines, prefix = (self.ahead, lead) if len(lead) >= len(trail) else (self.behind, trail[::-1])
        found, at = [], bisect_left(lines, (prefix, -1))
        while at < len(lines) and lines[at][0].startswith(prefix):
            found.append(lines[at][1])
            at += 1
        return found


def _rising(places: Sequence[tuple[Edge, int]]) -> list[tuple[Edge, int]]:
    """The longest part of the places in which the lines rise with the edges."""
    ends: list[int] = []  # the lowest line that ends a rising part of each length, and which place that is
    tails: list[int] = []
    before: list[int] = []
    for number, (_, line) in enumerate(places):
        at = bisect_left(ends, line)
        ends[at : at + 1], tails[at : at + 1] = [line], [number]
        before.append(tails[at - 1] if at else -1)
    found, number = [], tails[-1] if tails else -1
    while number >= 0:
        found.append(places[number])
        number = before[number]
    return found[::-1]
