"""Ways through a stretch of a skeleton that take just the lines of a stretch of a file."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from translator.document.filling import MOST_WAYS, Filling, Judge, fillings
from translator.document.segmenter import Unit
from translator.document.skeleton import Edge, Skeleton, Slot

_CONTAINERS = re.compile(r"(?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*")
_CONTAINERS_GO_ON = re.compile(r"[ \t>]*")
_STARTS_BLOCK = re.compile(r"[-*+]\s|\d{1,9}[.)]\s|#{1,6}\s|```|~~~|\||[-*_=]{3,}\s*$|<[A-Za-z/!?]")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Nodes start to end of a skeleton, and lines[first:last] of a file."""

    start: int
    end: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Step:
    """An edge and the lines it takes, lines[first:last]; `choices` are the ways to fill its slots."""

    edge: Edge
    first: int
    last: int
    choices: tuple[Filling, ...]


_State = tuple[int, int]  # node, line


class Ways:
    """The ways through a skeleton for the lines of a file."""

    def __init__(self, skeleton: Skeleton, lines: Sequence[str], judge: Judge) -> None:
        self.lines, self._judge = lines, judge
        self._leaving: dict[int, list[Edge]] = defaultdict(list)
        self._arriving: dict[int, list[Edge]] = defaultdict(list)
        for edge in skeleton.edges:
            self._leaving[edge.start].append(edge)
            self._arriving[edge.end].append(edge)

    def fits(self, edge: Edge, line: int) -> list[Filling]:
        """The ways in which a line fills an edge's slots."""
        return fillings(edge.pattern, self.lines[line], self._judge) if edge.pattern else []

    def edges(self, stretch: Stretch) -> list[Edge]:
        """The edges that ways between a stretch's nodes can take, in order."""
        reached, reaching = {stretch.start}, {stretch.end}
        for node in range(stretch.start, stretch.end):
            if node in reached:
                reached.update(edge.end for edge in self._leaving[node])
        for node in range(stretch.end, stretch.start, -1):
            if node in reaching:
                reaching.update(edge.start for edge in self._arriving[node])
        return [edge for node in sorted(reached & reaching) for edge in self._leaving[node] if edge.end in reaching]

    def units(self, stretch: Stretch) -> list[Unit]:
        """The units with a slot in a stretch."""
        return list({slot.unit.id: slot.unit for edge in self.edges(stretch) for slot in edge.slots}.values())

    def through(self, stretch: Stretch, most_lines: int = 1) -> list[list[Step]]:
        """The ways from a stretch's start to its end that take all its lines, `MOST_WAYS` at most.

        `most_lines` is into how many lines an English text may have been broken.
        """
        onward = self._onward(stretch, most_lines)
        back: dict[_State, list[_State]] = defaultdict(list)
        for state, steps in onward.items():
            for _, after in steps:
                back[after].append(state)
        goal = stretch.end, stretch.last
        alive, pending = {goal}, [goal]
        while pending:
            new = [state for state in back[pending.pop()] if state not in alive]
            alive.update(new)
            pending += new
        fruitful = {state: [(step, after) for step, after in steps if after in alive] for state, steps in onward.items()}
        return list(islice(_walks((stretch.start, stretch.first), goal, fruitful), MOST_WAYS))

    def ends(self, stretch: Stretch) -> list[int]:
        """The lines of a stretch that a way from its start to its end, from its first line on, can lead to, in order."""
        after = {state for steps in self._onward(stretch, 1).values() for _, state in steps}
        if stretch.start == stretch.end:
            after.add((stretch.start, stretch.first))
        return sorted(line for node, line in after if node == stretch.end)

    def _onward(self, stretch: Stretch, most_lines: int) -> dict[_State, list[tuple[Step, _State]]]:
        """The states that can be come to in a stretch, and the steps from each."""
        onward: dict[_State, list[tuple[Step, _State]]] = {}
        reached: dict[int, set[int]] = defaultdict(set, {stretch.start: {stretch.first}})
        furthest = node = stretch.start
        while node <= furthest and node < stretch.end:
            edges = [edge for edge in self._leaving[node] if edge.end <= stretch.end]
            for line in sorted(reached[node]):
                steps = [step for edge in edges for step in self._steps(edge, line, stretch.last, most_lines)]
                onward[node, line] = [(step, (step.edge.end, step.last)) for step in steps]
                for step in steps:
                    reached[step.edge.end].add(step.last)
                    furthest = max(furthest, step.edge.end)
            node += 1
        return onward

    def _steps(self, edge: Edge, line: int, last: int, most_lines: int) -> Iterator[Step]:
        """The ways to take an edge from a line on."""
        if edge.pattern is None:
            yield Step(edge, line, line, ((),))
            return
        if line >= last:
            return
        text, end = self.lines[line], line + 1
        longest = most_lines if _breakable(edge, text) else 1
        deepest = _CONTAINERS.match(text)[0].count(">")  # type: ignore[index]
        while True:
            choices = fillings(edge.pattern, text, self._judge)
            if choices:
                yield Step(edge, line, end, tuple(choices))
            following = self.lines[end] if end < min(last, line + longest) else ""
            lead = _CONTAINERS_GO_ON.match(following)[0]  # type: ignore[index]
            following = following.removeprefix(lead)
            if not following or lead.count(">") > deepest or _STARTS_BLOCK.match(following):
                return
            text, end = f"{text} {following}", end + 1


def _breakable(edge: Edge, line: str) -> bool:
    """True where the English on a line can be broken into several."""
    pattern = edge.pattern or ("",)
    if not isinstance(pattern[-1], Slot) or pattern[-1].unit.kind not in ("paragraph", "bullet", "ordered", "quote"):
        return False
    return isinstance(pattern[0], str) or not _STARTS_BLOCK.match(line)


def _walks(start: _State, goal: _State, onward: dict[_State, list[tuple[Step, _State]]]) -> Iterator[list[Step]]:
    """Each walk from start to goal, without the steps that take no line."""
    walk: list[Step] = []
    pending: list[tuple[_State, Step | None, int]] = [(start, None, 0)]  # a state, the step to it, and how long the walk was before
    while pending:
        state, step, length = pending.pop()
        del walk[length:]
        if step is not None and step.edge.pattern is not None:
            walk.append(step)
        if state == goal:
            yield list(walk)
        pending += [(after, taken, len(walk)) for taken, after in onward.get(state, ())]
