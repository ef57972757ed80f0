"""Lines of a file put beside the lines of a skeleton: what fills the slots, and where that cannot be told.

A stretch of lines is read if there is a way through the skeleton that fits it, and all such ways agree. Where there is none, because
somebody altered more than the English, lines that can be at one place only hold the rest together: the stretches between these are read
for themselves, and what is left without a reading is reported, not guessed.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from translator.document.segmenter import Unit
from translator.document.skeleton import Edge, Pattern, Skeleton, Slot

_MOST_WAYS = 64  # ways that fit the same lines: more are not told apart
_LONGEST_BREAK = 40  # lines that one English text may be broken into
_STARTS_BLOCK = re.compile(r"[-*+]\s|\d{1,9}[.)]\s|#{1,6}\s|```|~~~|\||[-*_=]{3,}\s*$|<[A-Za-z/!?]")


@dataclass(frozen=True, slots=True)
class Found:
    """What stands in a unit's slot, as it was fitted to the unit's place (None: nothing, it was left untranslated), and its line,
    from 0.
    """

    text: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Lost:
    """A unit that could not be read, and the lines where it must be: lines[first:end]."""

    unit: Unit
    first: int
    end: int


class Judge(Protocol):
    """Says whether a text is one that rendering can put in a unit's place."""

    def __call__(self, unit: Unit, text: str) -> bool: ...


@dataclass(slots=True)
class Matching:
    """What was found of the units, by id, and what was lost."""

    found: dict[str, Found] = field(default_factory=dict)
    lost: dict[str, Lost] = field(default_factory=dict)


Filling = tuple[tuple[Slot, str | None], ...]


def match(skeleton: Skeleton, lines: Sequence[str], judge: Judge) -> Matching:
    """Finds a file's lines in a skeleton."""
    matcher = _Matcher(skeleton, [line.rstrip() for line in lines], judge)
    matcher.solve(_Stretch(0, skeleton.nodes - 1, 0, len(lines)))
    return matcher.result


def fillings(pattern: Pattern, line: str, judge: Judge) -> list[Filling]:
    """How a line can fill a pattern's slots; of several ways, those that a rendering can have, else those that read most naturally."""
    if len(pattern) == 1 and isinstance(pattern[0], str):
        return [()] if pattern[0] == line else []
    found = list(dict.fromkeys(islice(_fillings(pattern, line, 0, 0, set()), _MOST_WAYS)))
    if len(found) < 2:
        return found or _emptied(pattern, line)
    for fits in (judge, _natural):
        fitting = [filling for filling in found if all(text is None or fits(slot.unit, text) for slot, text in filling)]
        if fitting:
            return fitting
    return found


def _fillings(pattern: Pattern, line: str, part: int, at: int, dead: set[tuple[int, int]]) -> Iterator[Filling]:
    """The fillings of pattern[part:] by line[at:]; `dead` are the places from where there are none."""
    if part == len(pattern):
        if at == len(line):
            yield ()
        return
    if (part, at) in dead:
        return
    piece, alive = pattern[part], False
    for end, value in [(at + len(piece), None)] if isinstance(piece, str) else _values(piece, pattern, line, part, at):
        if isinstance(piece, str) and not line.startswith(piece, at):
            break
        for rest in _fillings(pattern, line, part + 1, end, dead):
            alive = True
            yield rest if isinstance(piece, str) else ((piece, value), *rest)
    if not alive:
        dead.add((part, at))


def _values(slot: Slot, pattern: Pattern, line: str, part: int, at: int) -> Iterator[tuple[int, str | None]]:
    """What may fill the slot pattern[part] from line[at:], and where it ends."""
    if line.startswith(slot.alone, at):
        yield at + len(slot.alone), None
    following = pattern[part + 1] if part + 1 < len(pattern) else ""
    for lead, tail, wrap in slot.forms:
        start = at + len(lead)
        stop = tail + (following if isinstance(following, str) else "")
        if not line.startswith(lead, at):
            continue
        if part + 2 >= len(pattern):
            ends = [len(line) - len(stop)] if line.endswith(stop) else []
        else:
            ends = [match.start() for match in re.finditer(f"(?={re.escape(stop)})", line[start:])]
            ends = [start + end for end in ends]
        for end in ends:
            text = line[start:end].strip()
            if text and line[at : end + len(tail)] != slot.alone:
                yield end + len(tail), wrap + (text.replace("\\|", "|") if slot.piped else text) + wrap


def _emptied(pattern: Pattern, line: str) -> list[Filling]:
    """A line whose English somebody deleted."""
    lead, slot = (pattern[0], pattern[-1]) if len(pattern) == 2 else ("", "")
    if isinstance(lead, str) and isinstance(slot, Slot) and ("", "", "") in slot.forms and line and line == lead.rstrip():
        return [((slot, ""),)]
    return []


def _natural(unit: Unit, text: str) -> bool:
    """True where a text does not hold what ends a text in the unit's place."""
    if unit.kind == "label":
        return not re.search(r"(?<!\\)[*_]", text)
    if unit.kind == "html":
        return "<" not in text
    if unit.quoting == "cell":
        return not re.search(r"(?<!\\)\|", text)
    if unit.quoting.startswith("python"):
        quote = "'" if unit.quoting == "python-single" else '"'
        return re.fullmatch(rf"(?:\\.|[^{quote}\\])*", text) is not None
    return True


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Nodes start to end of the skeleton, and lines[first:last] of the file."""

    start: int
    end: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Step:
    """An edge and the lines it takes; `choices` are its fillings."""

    edge: Edge
    first: int
    last: int
    choices: tuple[Filling, ...]


_State = tuple[int, int]  # node, line


class _Matcher:
    def __init__(self, skeleton: Skeleton, lines: list[str], judge: Judge) -> None:
        self.skeleton, self.lines, self.judge = skeleton, lines, judge
        self.result = Matching()
        self.leaving: dict[int, list[Edge]] = defaultdict(list)
        self.arriving: dict[int, list[Edge]] = defaultdict(list)
        for edge in skeleton.edges:
            self.leaving[edge.start].append(edge)
            self.arriving[edge.end].append(edge)

    def solve(self, stretch: _Stretch) -> None:
        """Reads a stretch, or the stretches between lines whose place is certain, or reports its units."""
        if self._read(stretch):
            return
        certain = self._certain(stretch)
        node, line = stretch.start, stretch.first
        for part in certain:
            self.solve(_Stretch(node, part.start, line, part.first))
            self._read(part)
            node, line = part.end, part.last
        if certain:
            self.solve(_Stretch(node, stretch.end, line, stretch.last))
        else:
            self._lose(self._units(stretch), stretch)

    def _read(self, stretch: _Stretch) -> bool:
        """True where a stretch fits the skeleton; each unit on which all ways agree is found, the others are lost."""
        for longest in (1, _LONGEST_BREAK):
            ways = self._ways(stretch, longest)
            if ways:
                self._settle(stretch, ways)
                return True
        return False

    def _settle(self, stretch: _Stretch, ways: list[list[_Step]]) -> None:
        units = self._units(stretch)
        if len(ways) >= _MOST_WAYS:
            self._lose(units, stretch)
            return
        if len(ways) > 1:
            common = set.intersection(*map(set, ways))
            ways = [way for way in ways if all(self._judged(step) for step in way if step not in common)] or ways
        readings: dict[str, dict[str | None, Found]] = {unit.id: {} for unit in units}
        for way in ways:
            filled = [(slot.unit.id, Found(text, step.first)) for step in way for choice in step.choices for slot, text in choice]
            for unit_id, found in filled:
                readings[unit_id].setdefault(found.text, found)
            for unit_id in readings.keys() - dict(filled).keys():
                readings[unit_id].setdefault(None, Found(None, stretch.first))
        for unit in units:
            if len(readings[unit.id]) > 1:
                places = [found.line for found in readings[unit.id].values() if found.text is not None]
                self.result.lost[unit.id] = Lost(unit, min(places), max(places) + 1)
        self.result.found.update({key: found for key, [found, *others] in ((k, r.values()) for k, r in readings.items()) if not others})

    def _judged(self, step: _Step) -> bool:
        return any(all(text is None or self.judge(slot.unit, text) for slot, text in choice) for choice in step.choices)

    def _lose(self, units: Iterable[Unit], stretch: _Stretch) -> None:
        self.result.lost.update({unit.id: Lost(unit, stretch.first, stretch.last) for unit in units})

    def _units(self, stretch: _Stretch) -> list[Unit]:
        """The units with a slot in a stretch."""
        pieces = (piece for edge in self._edges(stretch) for piece in edge.pattern or ())
        return list({piece.unit.id: piece.unit for piece in pieces if isinstance(piece, Slot)}.values())

    def _edges(self, stretch: _Stretch) -> list[Edge]:
        """The edges of the skeleton that lie between a stretch's nodes."""
        reached, reaching = {stretch.start}, {stretch.end}
        for node in range(stretch.start, stretch.end):
            if node in reached:
                reached.update(edge.end for edge in self.leaving[node])
        for node in range(stretch.end, stretch.start, -1):
            if node in reaching:
                reaching.update(edge.start for edge in self.arriving[node])
        nodes = sorted(reached & reaching)
        return [edge for node in nodes for edge in self.leaving[node] if edge.end in reaching and edge.end <= stretch.end]

    def _ways(self, stretch: _Stretch, longest: int) -> list[list[_Step]]:
        """The ways from a stretch's start to its end that take all its lines, `_MOST_WAYS` at most."""
        onward: dict[_State, list[tuple[_Step, _State]]] = {}
        back: dict[_State, list[_State]] = defaultdict(list)
        reached: dict[int, set[int]] = {stretch.start: {stretch.first}}
        for node in range(stretch.start, stretch.end):
            for line in sorted(reached.get(node, ())):
                steps = (step for edge in self.leaving[node] if edge.end <= stretch.end for step in self._steps(edge, line, stretch.last, longest))
                onward[node, line] = [(step, (step.edge.end, step.last)) for step in steps]
                for _, state in onward[node, line]:
                    reached.setdefault(state[0], set()).add(state[1])
                    back[state].append((node, line))
        goal = stretch.end, stretch.last
        alive, pending = {goal}, [goal]
        while pending:
            new = [state for state in back[pending.pop()] if state not in alive]
            alive.update(new)
            pending += new
        return list(islice(_walks((stretch.start, stretch.first), goal, onward, alive), _MOST_WAYS))

    def _steps(self, edge: Edge, line: int, last: int, longest: int) -> Iterator[_Step]:
        """The ways to take an edge from a line on."""
        if edge.pattern is None:
            yield _Step(edge, line, line, ((),))
            return
        if line >= last:
            return
        text, end = self.lines[line], line + 1
        while True:
            choices = fillings(edge.pattern, text, self.judge)
            if choices:
                yield _Step(edge, line, end, tuple(choices))
            following = self.lines[end].lstrip("> \t") if end < min(last, line + longest) else ""
            if not following or _STARTS_BLOCK.match(following) or all(isinstance(piece, str) for piece in edge.pattern):
                return
            text, end = f"{text} {following}", end + 1

    def _certain(self, stretch: _Stretch) -> list[_Stretch]:
        """Parts of a stretch whose place is certain: lines that fit one place only, which fits them only, with their blocks."""
        edges = [edge for edge in self._edges(stretch) if edge.pattern and _telling(edge.pattern)]
        index = _Index(self.lines, stretch.first, stretch.last)
        places = {edge: [n for n in index.candidates(edge.pattern or ()) if fillings(edge.pattern or (), self.lines[n], self.judge)] for edge in edges}
        taken = Counter(line for lines in places.values() for line in lines)
        single = [(edge, lines[0]) for edge, lines in places.items() if len(lines) == 1 and taken[lines[0]] == 1]
        parts: list[_Stretch] = []
        for edge, line in _rising(single):
            part = self._with_block(edge, line, stretch)
            if not parts or (part.start >= parts[-1].end and part.first >= parts[-1].last):
                parts.append(part)
        return parts

    def _with_block(self, edge: Edge, line: int, stretch: _Stretch) -> _Stretch:
        """A certain line with the rest of its block, where that is all there; what may follow in the block belongs to it."""
        alone = _Stretch(edge.start, edge.end, line, line + 1)
        at = bisect_right(self.skeleton.blocks, (edge.start, self.skeleton.nodes)) - 1
        start, end = self.skeleton.blocks[at] if at >= 0 else (0, 0)
        if not stretch.start <= start <= edge.start < edge.end <= end <= stretch.end:
            return alone
        firsts = [n for n in range(line, max(stretch.first, line - edge.start + start) - 1, -1) if self._ways(_Stretch(start, edge.start, n, line), 1)]
        lasts = [n for n in range(line + 1, min(stretch.last, line + 1 + end - edge.end) + 1) if self._ways(_Stretch(edge.end, end, line + 1, n), 1)]
        return _Stretch(start, end, firsts[0], lasts[-1]) if len(firsts) == 1 and lasts else alone


def _walks(
    start: _State, goal: _State, onward: dict[_State, list[tuple[_Step, _State]]], alive: set[_State]
) -> Iterator[list[_Step]]:
    """Each walk from start to goal, without the steps that take no line."""
    pending: list[tuple[_State, tuple[object, ...]]] = [(start, ())] if start in alive else []
    while pending:
        state, steps = pending.pop()
        if state == goal:
            walk = []
            while steps:
                steps, step = steps  # type: ignore[assignment]
                walk.append(step)
            yield walk[::-1]  # type: ignore[misc]
        for step, after in onward.get(state, ()):
            if after in alive:
                pending.append((after, (steps, step) if step.edge.pattern is not None else steps))


def _telling(pattern: Pattern) -> bool:
    """True where a pattern has words of its own, beside the English."""
    texts = [piece if isinstance(piece, str) else "".join(piece.forms[0][:2]) for piece in pattern]
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
        start = bisect_left(lines, (prefix, -1))
        found = []
        for text, number in lines[start:]:
            if not text.startswith(prefix):
                break
            found.append(number)
        return found


def _rising(places: Sequence[tuple[Edge, int]]) -> list[tuple[Edge, int]]:
    """The longest part of the places in which the lines rise with the edges."""
    ends: list[int] = []  # the lowest line that ends a rising part of each length
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
