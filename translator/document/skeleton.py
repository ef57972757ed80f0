"""What a rendering of a document can look like: its lines, with gaps for the English, and where they may differ.

A skeleton is a graph. Each way through it, from node 0 to its last node, is the lines of one possible rendering; units and blocks that
were left untranslated are ways of their own. It is made by the functions that write the layouts, with marks in place of English.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product

from translator.document.blocks import SourceLines
from translator.document.document import Document, Layout, Order
from translator.document.layouts import HEADS, IN_PLACE, LINE_BREAK, RULES, Page
from translator.document.segmenter import Unit


@dataclass(frozen=True, slots=True)
class Slot:
    """A gap that the English of a unit fills.

    `alone` is what stands there where the unit is left untranslated. Otherwise the English stands between the two texts of one of
    `forms`, whose third member is put around it to get the text that was fitted to the unit's place. `piped` tells that pipes have one
    more backslash, as in table rows.
    """

    unit: Unit
    alone: str
    forms: tuple[tuple[str, str, str], ...] = (("", "", ""),)
    piped: bool = False


Pattern = tuple[str | Slot, ...]
"""A line: texts, and slots between them."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A line between two nodes, the second of which has the greater number; without a pattern, a way that takes no line."""

    start: int
    end: int
    pattern: Pattern | None

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The slots of the line."""
        return tuple(piece for piece in self.pattern or () if isinstance(piece, Slot))


@dataclass(slots=True)
class Skeleton:
    """See the module. `blocks` are stretches of nodes that belong to one block of the source, in order."""

    edges: list[Edge] = field(default_factory=list)
    nodes: int = 1
    blocks: list[tuple[int, int]] = field(default_factory=list)

    def chain(self, start: int, patterns: Iterable[Pattern]) -> int:
        """Adds lines that follow each other, and says where they end."""
        for pattern in patterns:
            start = self._edge(start, pattern)
        return start

    def fork(self, start: int, ways: Sequence[Sequence[Pattern]]) -> int:
        """Adds ways between one node and another, and says where they end."""
        if len(ways) == 1:
            return self.chain(start, ways[0])
        return self.join([self.chain(start, way) for way in ways])

    def join(self, ends: Sequence[int]) -> int:
        """A node that all these nodes lead to without a line."""
        joint, self.nodes = self.nodes, self.nodes + 1
        self.edges += [Edge(end, joint, None) for end in ends]
        return joint

    def _edge(self, start: int, pattern: Pattern) -> int:
        end, self.nodes = self.nodes, self.nodes + 1
        self.edges.append(Edge(start, end, pattern))
        return end


def skeleton(document: Document, layout: Layout, order: Order) -> Skeleton:
    """The skeleton of all renderings of a document in a layout."""
    return _Builder(document, layout, order).build()


@dataclass(frozen=True, slots=True)
class _Region:
    """Lines of the source, first to last, whose part of the skeleton `build` adds at a node."""

    first: int
    last: int
    build: Callable[[int], int]


class _Builder:
    def __init__(self, document: Document, layout: Layout, order: Order) -> None:
        self.page, self.units, self.layout, self.order = Page(document), document.units, layout, order
        self.lines = SourceLines(document.source)
        self.starts = [int(document.source.startswith("\ufeff")), *self.lines.starts[1:]]  # of lines, without a byte order mark
        self.skeleton = Skeleton()
        self.mark = next(char for char in map(chr, range(0xE000, 0x10FFFE)) if char not in document.source)
        self.marks = {unit.id: f"{self.mark}{number}{self.mark}" for number, unit in enumerate(document.units)}

    def build(self) -> Skeleton:
        node, line = 0, 1
        for region in sorted(self._regions(), key=lambda region: region.first):
            node = self.skeleton.chain(node, self._source(line, region.first - 1))
            node, line = region.build(node), region.last + 1
        self.skeleton.chain(node, self._source(line, len(self.lines)))
        return self.skeleton

    def _regions(self) -> Iterator[_Region]:
        """The stretches of lines that are not always as in the source."""
        page, in_tables = self.page, set[int]()
        if self.layout == "table":
            for run in self._runs():
                in_tables.update(number for group in run for number in group)
                yield self._region(page.line_start(page.blocks[run[0][0]]), page.blocks[run[-1][-1]].insert_at, self._table, run)
        below = set[int]()
        if self.layout != "english":
            below = {n for n in page.units if page.blocks[n].kind not in IN_PLACE and n not in in_tables}
        for number in below:
            block = page.blocks[number]
            yield self._region(block.lines[0].start, block.insert_at, self._quoted, number)
        rest = [unit for unit in self.units if unit.block not in below | in_tables]
        for units in self._sharing_lines(rest):
            yield self._region(units[0].start, units[-1].end, self._in_place, units)

    def _region(self, start: int, end: int, build: Callable[..., int], what: object) -> _Region:
        first, last = self.lines.number_at(start), self.lines.number_at(end)
        return _Region(first, last, partial(build, first, last, what))

    def _sharing_lines(self, units: Iterable[Unit]) -> list[list[Unit]]:
        found: list[list[Unit]] = []
        for unit in units:
            if found and self.lines.number_at(found[-1][-1].end) >= unit.line:
                found[-1].append(unit)
            else:
                found.append([unit])
        return found

    def _source(self, first: int, last: int) -> list[Pattern]:
        """Lines of the source as they are."""
        return [(self.page.source[self.starts[number] : self.lines.ends[number]].rstrip(),) for number in range(first - 1, last)]

    def _pattern(self, text: str, slots: Mapping[str, Slot]) -> Pattern:
        parts = re.split(f"{self.mark}(\\d+){self.mark}", text.rstrip())
        return tuple(slots[self.units[int(part)].id] if i % 2 else part for i, part in enumerate(parts) if i % 2 or part) or ("",)

    def _english(self, units: Iterable[Unit]) -> Iterator[dict[str, str]]:
        """Marks for the English of the units: of all of them, or without some that take several lines in Korean."""
        units = tuple(units)
        tall = [unit.id for unit in units if LINE_BREAK.search(self.page.source, unit.start, unit.end)]
        for left in product((False, True), repeat=len(tall)):
            without = {unit_id for unit_id, korean in zip(tall, left, strict=True) if korean}
            yield {unit.id: self.marks[unit.id] for unit in units if unit.id not in without}

    def _lines_in_place(self, node: int, first: int, last: int, units: Sequence[Unit], slots: Mapping[str, Slot]) -> int:
        """Lines of the source with English in the place of Korean."""
        start, end = self.starts[first - 1], self.lines.ends[last - 1]
        texts = (self.page.text(start, end, units, english) for english in self._english(units))
        return self.skeleton.fork(node, [[self._pattern(line, slots) for line in LINE_BREAK.split(text)] for text in texts])

    def _in_place(self, first: int, last: int, units: Sequence[Unit], node: int) -> int:
        slots = {unit.id: Slot(unit, self._korean(unit)) for unit in units}
        if self.layout != "english":
            slots = {unit.id: Slot(unit, self._korean(unit), self._forms(unit)) for unit in units}
        end = self._lines_in_place(node, first, last, units, slots)
        self.skeleton.blocks.append((node, end))
        return end

    def _forms(self, unit: Unit) -> tuple[tuple[str, str, str], ...]:
        """How both languages stand side by side in one place."""
        wraps = ("", '"') if unit.quoting == "yaml-plain" else ("",)
        pairs = (self.page.beside(unit, f"{wrap}{self.mark}{wrap}", self.order).split(self.mark) for wrap in wraps)
        return tuple((lead, tail, wrap) for (lead, tail), wrap in zip(pairs, wraps, strict=True))

    def _korean(self, unit: Unit) -> str:
        return self.page.source[unit.start : unit.end]

    def _quoted(self, first: int, last: int, number: int, node: int) -> int:
        """A block with a quote below it, or without where nothing is translated."""
        start, page = node, self.page
        if self.order == "source-first":
            node = untranslated = self.skeleton.chain(node, self._source(first, last))
            slots = {unit.id: Slot(unit, self._korean(unit)) for unit in page.units[number]}
            for chunk in page.chunks(number):
                quotes = (page.quoted(number, chunk, english) for english in self._english(chunk.units))
                node = self.skeleton.fork(node, [[self._pattern(line, slots) for line in lines] for lines in quotes])
        else:
            node = self._block_in_place(first, last, number, node)
            node = self.skeleton.chain(node, [(line.rstrip(),) for line in page.quote(number, {})])
            untranslated = self.skeleton.chain(start, self._source(first, last))
        node = self.skeleton.chain(node, [(line,) for line in page.after_quote(number)])
        end = self.skeleton.join([untranslated, node])
        self.skeleton.blocks.append((start, end))
        return end

    def _block_in_place(self, first: int, last: int, number: int, node: int) -> int:
        slots = {unit.id: Slot(unit, self._korean(unit)) for unit in self.page.units[number]}
        for chunk in self.page.chunks(number):
            top, bottom = self.lines.number_at(chunk.start), self.lines.number_at(chunk.end)
            node = self.skeleton.chain(node, self._source(first, top - 1))
            node = self._lines_in_place(node, top, bottom, chunk.units, slots)
            first = bottom + 1
        return self.skeleton.chain(node, self._source(first, last))

    def _runs(self) -> list[list[list[int]]]:
        """Groups of blocks that can become one table."""
        runs: list[list[list[int]]] = []
        for group in self.page.table_groups:
            if runs and self.page.adjacent(runs[-1][-1][-1], group[0]):
                runs[-1].append(group)
            else:
                runs.append([group])
        return runs

    def _table(self, first: int, last: int, run: Sequence[Sequence[int]], node: int) -> int:
        """Groups of blocks in one table, in several, or as they are where nothing of a group is translated."""
        make, page = self.skeleton, self.page
        kinds = (False, True) if any(page.has_paragraph(group) for group in run) else (False,)
        inside: dict[bool, int] = {}  # where tables that can go on end, by whether they may hold paragraphs
        above = run[0]
        for group in run:
            top = self.lines.number_at(page.line_start(page.blocks[group[0]]))
            bottom = self.lines.number_at(page.blocks[group[-1]].insert_at)
            node = make.chain(self._left(node, inside, above), self._source(first, top - 1))
            tables = {}
            for bulleted in kinds:
                if bulleted or not page.has_paragraph(group):
                    heads = [*page.before_table(group[0]), HEADS[self.order], RULES[bulleted]]
                    opened = make.chain(node, [(line,) for line in heads])
                    opened = make.join([opened, inside[bulleted]]) if bulleted in inside else opened
                    tables[bulleted] = make.chain(opened, [self._row(n, bulleted) for n in group])
            node, inside, above, first = make.chain(node, self._source(top, bottom)), tables, group, bottom + 1
        return self._left(node, inside, above)

    def _left(self, node: int, inside: Mapping[bool, int], above: Sequence[int]) -> int:
        """Where a table ends, whichever way was taken to here."""
        after = [(line,) for line in self.page.after_table(above[-1])]
        return self.skeleton.join([node, *(self.skeleton.chain(table, after) for table in inside.values())])

    def _row(self, number: int, bulleted: bool) -> Pattern:
        slots = {}
        for unit in self.page.units.get(number, ()):
            korean = [part.lstrip("> \t").rstrip() for part in LINE_BREAK.split(self._korean(unit))]
            slots[unit.id] = Slot(unit, self.page.on_one_line(korean).replace("|", "\\|"), piped=True)
        english = {unit_id: self.marks[unit_id] for unit_id in slots}
        return self._pattern(self.page.row(number, english, self.order, bulleted=bulleted), slots)
