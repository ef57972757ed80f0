"""Translations back into Markdown: English alone, Korean and English interleaved, or side by side in tables."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from translator.document.blocks import Block
from translator.document.document import Document, Layout, Order
from translator.document.fitting import fitted
from translator.document.segmenter import Unit

_RULE_BELOW = re.compile(r"[^\r\n]*(?:\r\n?|\n)[ \t>]*[|:]?[ \t]*:?-[-:| \t]*(?:[\r\n]|$)")
_ORDERED_MARKER = re.compile(r"\d{1,9}[.)](?=\s*$)")


@dataclass(frozen=True, slots=True)
class _Edit:
    """Replace source[start:end] by text."""

    start: int
    end: int
    text: str


def render(document: Document, translations: Mapping[str, str], layout: Layout, order: Order) -> str:
    """The document's source with translations in a layout; see Document.render."""
    known = {unit.id for unit in document.units}
    strange = [unit_id for unit_id in translations if unit_id not in known]
    if strange:
        raise KeyError(f"no unit of this document has the id {strange[0]!r}")
    pages = _Pages(document, translations)
    if layout == "english":
        return pages.apply(pages.edits.values())
    tables = list(_tables(pages)) if layout == "table" else []
    in_tables = {number for table in tables for number in table}
    edits = [edit for table in tables for edit in _table_edits(pages, table, order)]
    for number in pages.translated:
        if number not in in_tables:
            edits += _interleaved_edits(pages, number, order)
    return pages.apply(edits)


class _Pages:
    """A document with the English of its translated units, as edits of the source."""

    def __init__(self, document: Document, translations: Mapping[str, str]) -> None:
        self.source, self.blocks = document.source, document.blocks
        self.edits: dict[str, _Edit] = {}
        self.units: dict[int, list[Unit]] = defaultdict(list)
        for unit in document.units:
            self.units[unit.block].append(unit)
            target = translations.get(unit.id, "").strip()
            if target and target != unit.text:
                text = fitted(target, unit, starts_line=self._starts_line(unit), above_rule=self._above_rule(unit))
                if text:
                    self.edits[unit.id] = _Edit(unit.start, unit.end, text)
        self.translated = [n for n in range(len(self.blocks)) if any(u.id in self.edits for u in self.units.get(n, ()))]
        line_break = re.search(r"\r\n?|\n", self.source)
        self.newline = line_break[0] if line_break else "\n"

    def _starts_line(self, unit: Unit) -> bool:
        block = self.blocks[unit.block]
        atx = block.kind == "heading" and "#" in self.source[_line_start(self, block) : unit.start]
        return not atx and any(line.start == unit.start for line in block.lines)

    def _above_rule(self, unit: Unit) -> bool:
        return unit.kind != "cell" and _RULE_BELOW.match(self.source, unit.end) is not None

    def apply(self, edits: Iterable[_Edit], start: int = 0, end: int | None = None) -> str:
        """source[start:end] with the edits that lie in it."""
        stop = len(self.source) if end is None else end
        parts, position = [], start
        for edit in sorted(edits, key=lambda e: (e.start, e.end)):
            if edit.start >= start and edit.end <= stop:
                parts += [self.source[position : edit.start], edit.text]
                position = edit.end
        return "".join([*parts, self.source[position:stop]])

    def block_lines(self, number: int, *, english: bool) -> list[str]:
        """The lines of a block that hold units, in Korean or English, without container prefixes."""
        block, units = self.blocks[number], self.units[number]
        found, position = [], -1
        for line in block.lines:
            here = [u for u in units if line.start <= u.start < line.end]
            if not here or line.start < position:
                continue
            position = max(line.end, *(u.end for u in here))
            edits = [self.edits[u.id] for u in here if english and u.id in self.edits]
            text = self.apply(edits, line.start, position)
            found += [part.strip("> \t") if i else part.strip() for i, part in enumerate(re.split(r"\r\n?|\n", text))]
        return found


def _interleaved_edits(pages: _Pages, number: int, order: Order) -> list[_Edit]:
    block = pages.blocks[number]
    units = [u for u in pages.units[number] if u.id in pages.edits]
    edits = [pages.edits[u.id] for u in units]
    if block.kind in ("cell", "html", "front-matter"):
        return [_beside(pages, unit, order) for unit in units]
    second = pages.block_lines(number, english=order == "source-first")
    quote = "".join(f"{pages.newline}{block.prefix}> {line}" for line in second)
    if _runs_on(pages, block):
        quote += pages.newline + block.prefix.rstrip()
    inserted = _Edit(block.insert_at, block.insert_at, quote)
    return [inserted] if order == "source-first" else [*edits, inserted]


def _runs_on(pages: _Pages, block: Block) -> bool:
    """True where the next line of the source would become part of a quote inserted after the block."""
    rest = re.match(r"(?:\r\n?|\n)([ \t>]*)([^\r\n]?)", pages.source[block.insert_at : block.insert_at + 400])
    if rest is None:
        return False
    quote_follows = rest[1].startswith(f"{block.prefix.rstrip(' ')}>")
    return quote_follows or rest[2] == "|" or (rest[2] != "" and (block.kind == "heading" or block.depth == 0))


def _beside(pages: _Pages, unit: Unit, order: Order) -> _Edit:
    """Korean and English one after the other in the same place, where a quote cannot be inserted."""
    edit, joint = pages.edits[unit.id], "<br>" if unit.kind == "cell" else " / "
    korean, english = pages.source[edit.start : edit.end], edit.text
    quote = '"' if unit.quoting == "yaml-plain" and english.startswith('"') else ""  # a YAML value that needs quotes
    english = english[1:-1] if quote else english
    first, second = (korean, english) if order == "source-first" else (english, korean)
    return _Edit(edit.start, edit.end, f"{quote}{first}{joint}{second}{quote}")


def _tables(pages: _Pages) -> Iterator[list[int]]:
    """Runs of blocks that become one table: neighbouring top-level lists and paragraphs of text alone, some of it Korean."""
    run: list[int] = []
    translated = set(pages.translated)
    for group, numbers in groupby(range(len(pages.blocks)), key=lambda n: pages.blocks[n].group):
        members = list(numbers)
        fits = group >= 0 and any(n in translated for n in members) and all(_fits(pages, n) for n in members)
        if run and not (fits and _adjacent(pages, run[-1], members[0])):
            yield run
            run = []
        if fits:
            run += members
    if run:
        yield run


def _fits(pages: _Pages, number: int) -> bool:
    """A block fits a table row if all its lines are Korean units, or if it is an item of a list."""
    units = pages.units.get(number, [])
    covered = all(any(u.start < line.end and line.start < u.end for u in units) for line in pages.blocks[number].lines)
    return covered or (pages.blocks[number].depth > 0 and not units)


def _adjacent(pages: _Pages, left: int, right: int) -> bool:
    between = pages.source[pages.blocks[left].insert_at : _line_start(pages, pages.blocks[right])]
    return not between.strip()


def _line_start(pages: _Pages, block: Block) -> int:
    start = block.lines[0].start
    return max(pages.source.rfind("\n", 0, start), pages.source.rfind("\r", 0, start)) + 1


def _table_edits(pages: _Pages, table: list[int], order: Order) -> list[_Edit]:
    start, end = _line_start(pages, pages.blocks[table[0]]), pages.blocks[table[-1]].insert_at
    heads = ("한국어", "English") if order == "source-first" else ("English", "한국어")
    rows = [f"| {heads[0]} | {heads[1]} |", "| --- | --- |"]
    for number in table:
        cells = [_cell(pages, number, english=english) for english in (False, True)]
        first, second = cells if order == "source-first" else cells[::-1]
        rows.append(f"| {first} | {second} |")
    before = "" if _blank_before(pages, start) else pages.newline
    after = pages.newline if re.match(r"(?:\r\n?|\n)(?![\r\n]|$)", pages.source[end : end + 3]) else ""
    return [_Edit(start, end, before + pages.newline.join(rows) + after)]


def _blank_before(pages: _Pages, start: int) -> bool:
    before = pages.source[max(0, start - 80) : start]
    return start == 0 or re.search(r"(?:^|\n|\r(?!\n))[ \t]*(?:\r\n?|\n)$", before) is not None


def _cell(pages: _Pages, number: int, *, english: bool) -> str:
    block = pages.blocks[number]
    if pages.units.get(number):
        text = "<br>".join(pages.block_lines(number, english=english))
    else:
        text = "<br>".join(pages.source[line.start : line.end] for line in block.lines)
    lead = pages.source[_line_start(pages, block) : block.lines[0].start]
    marker = _ORDERED_MARKER.search(lead)
    nested = "&emsp;" * (block.depth - 1) + ("" if marker else "• ") if block.depth > 1 else ""
    return nested + (f"{marker[0]} " if marker else "") + re.sub(r"(?<!\\)((?:\\\\)*)\|", r"\1\\|", text)
