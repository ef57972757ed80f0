"""What the layouts are made of, for the module that writes them and the one that reads them."""

import json
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from translator.document.blocks import Block
from translator.document.document import Document, Order
from translator.document.fitting import fitted, unfitted
from translator.document.hangul import has_hangul
from translator.document.segmenter import Unit

IN_PLACE = ("cell", "html", "front-matter")  # kinds of block whose English stands beside the Korean, not below it
LINE_BREAK = re.compile(r"\r\n?|\n")
JOINTS = {"cell": "<br>", "html": " / ", "front-matter": " / "}
HEADS = {"source-first": "| 한국어 | English |", "target-first": "| English | 한국어 |"}
RULES = {False: "| --- | --- |", True: "| :-- | :-- |"}  # the second where a table holds paragraphs
_RULE_BELOW = re.compile(r"[^\r\n]*(?:\r\n?|\n)[ \t>]*[|:]?[ \t]*:?-[-:| \t]*(?:[\r\n]|$)")
_MARKER = re.compile(r"([-*+]|\d{1,9}[.)])\s*$")

English = Mapping[str, str]
"""By unit id, what stands in the place of the Korean; units that are not in it stay Korean."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lines of a block that hold units: all of source[start:end]."""

    start: int
    end: int
    units: tuple[Unit, ...]


class Page:
    """A document and the places in it that a layout changes."""

    def __init__(self, document: Document) -> None:
        self.source, self.blocks = document.source, document.blocks
        self.units: dict[int, list[Unit]] = defaultdict(list)
        for unit in document.units:
            self.units[unit.block].append(unit)
        self._line_starts = frozenset(line.start for block in self.blocks for line in block.lines)
        line_break = LINE_BREAK.search(self.source)
        self.newline = line_break[0] if line_break else "\n"
        if self.newline == "\r" and "\n" in self.source:
            self.newline = "\n"  # a CR put before an LF would be one line break with it

    def english(self, unit: Unit, target: str, *, human: bool = False) -> str | None:
        """The text that stands for a machine's or a human's target in the unit's place, None where the place stays as it is.

        It does for blank targets, and for such as would leave the very text of the source there.
        """
        target = target.strip()
        if not target or target == unit.text:
            return None
        text = self._fitted(unit, target, human)
        return None if not text or self.is_source(unit, text) else text

    def target(self, unit: Unit, english: str) -> str:
        """The target that `english` puts in the unit's place as the text `english`."""
        return unfitted(english, unit, starts_line=self._starts_line(unit), above_rule=self._above_rule(unit))

    def is_source(self, unit: Unit, text: str) -> bool:
        """True where a text in the unit's place is that of the source, or the unit's text on one line."""
        if not has_hangul(text):
            return False
        return text == self.source[unit.start : unit.end] or text == self._fitted(unit, unit.text)

    def _fitted(self, unit: Unit, target: str, human: bool = False) -> str:
        return fitted(target, unit, human=human, starts_line=self._starts_line(unit), above_rule=self._above_rule(unit))

    def _starts_line(self, unit: Unit) -> bool:
        block = self.blocks[unit.block]
        atx = block.kind == "heading" and "#" in self.source[self.line_start(block) : unit.start]
        return not atx and unit.start in self._line_starts

    def _above_rule(self, unit: Unit) -> bool:
        return unit.kind != "cell" and _RULE_BELOW.match(self.source, unit.end) is not None

    def text(self, start: int, end: int, units: Iterable[Unit], english: English) -> str:
        """source[start:end] with the English of these units, which lie in it in order."""
        parts, position = [], start
        for unit in units:
            if unit.id in english:
                parts += [self.source[position : unit.start], english[unit.id]]
                position = unit.end
        return "".join([*parts, self.source[position:end]])

    def beside(self, unit: Unit, text: str, order: Order) -> str:
        """Korean and English one after the other in the same place, where a quote cannot be inserted."""
        quote = '"' if unit.quoting == "yaml-plain" and text.startswith('"') else ""  # a YAML value that needs quotes
        korean = self.source[unit.start : unit.end]
        pair = (json.dumps(korean, ensure_ascii=False)[1:-1], text[1:-1]) if quote else (korean, text)
        first, second = pair if order == "source-first" else pair[::-1]
        return f"{quote}{first}{JOINTS[self.blocks[unit.block].kind]}{second}{quote}"

    def chunks(self, number: int) -> list[Chunk]:
        """The lines of a block that hold units, those together that a unit holds together."""
        lines, found, position = self.blocks[number].lines, [], -1
        starts = [line.start for line in lines]
        for at, units in groupby(self.units[number], lambda unit: bisect_right(starts, unit.start) - 1):
            line, here = lines[at], tuple(units)
            if line.start >= position:
                position = max(line.end, *(u.end for u in here))
                found.append(Chunk(line.start, position, here))
        return found

    def lines(self, chunk: Chunk, english: English) -> list[str]:
        """A chunk's lines without container prefixes."""
        parts = LINE_BREAK.split(self.text(chunk.start, chunk.end, chunk.units, english))
        return [part.lstrip("> \t" if i else None).rstrip() for i, part in enumerate(parts)]

    @staticmethod
    def on_one_line(lines: Iterable[str]) -> str:
        """Lines as one, as Markdown shows them."""
        return " ".join(line for line in lines if line.strip())

    def quote(self, number: int, english: English) -> list[str]:
        """The lines that put a block's units into a quote below it."""
        return [line for chunk in self.chunks(number) for line in self.quoted(number, chunk, english)]

    def quoted(self, number: int, chunk: Chunk, english: English) -> list[str]:
        """The lines of such a quote that are of one chunk."""
        return [f"{self.blocks[number].prefix}> {line}" for line in self.lines(chunk, english)]

    def after_quote(self, number: int) -> list[str]:
        """A blank line where the next line of the source would become part of a quote inserted after the block."""
        block = self.blocks[number]
        rest = re.match(r"(?:\r\n?|\n)([ \t>]*)([^\r\n]?)", self.source[block.insert_at : block.insert_at + 400])
        if rest is None:
            return []
        quote_follows = rest[1].startswith(f"{block.prefix.rstrip(' ')}>")
        runs_on = quote_follows or rest[2] == "|" or (rest[2] != "" and (block.kind == "heading" or block.depth == 0))
        return [block.prefix.rstrip()] if runs_on else []

    @cached_property
    def table_groups(self) -> list[list[int]]:
        """The blocks that become rows of a table together if one of them is translated: a top-level list or paragraph of text alone."""
        by_group = (list(numbers) for group, numbers in groupby(range(len(self.blocks)), self._group) if group >= 0)
        return [g for g in by_group if any(self.units.get(n) for n in g) and all(self._fits(n) for n in g)]

    def _group(self, number: int) -> int:
        return self.blocks[number].group

    def _fits(self, number: int) -> bool:
        """A block fits a table row if all its lines are Korean units, or if it is an item of a list."""
        units = self.units.get(number, [])
        ends = [unit.end for unit in units]
        after = ((line, bisect_right(ends, line.start)) for line in self.blocks[number].lines)  # the first unit that ends in or after it
        covered = all(at < len(units) and units[at].start < line.end for line, at in after)
        return covered or (self.blocks[number].depth > 0 and not units)

    def adjacent(self, left: int, right: int) -> bool:
        """True where nothing stands between two blocks, so that one table can hold them."""
        return not self.source[self.blocks[left].insert_at : self.line_start(self.blocks[right])].strip()

    def line_start(self, block: Block) -> int:
        """The offset at which a block's first line begins, with the container markers but without a byte order mark."""
        start = block.lines[0].start
        begins = max(self.source.rfind("\n", 0, start), self.source.rfind("\r", 0, start)) + 1
        return begins or int(self.source.startswith("\ufeff"))

    def before_table(self, number: int) -> list[str]:
        """A blank line where a table that begins with this block needs one above it."""
        start = self.line_start(self.blocks[number])
        before = self.source[max(0, start - 80) : start].removeprefix("\ufeff")
        return [] if before == "" or re.search(r"(?:^|\n|\r(?!\n))[ \t]*(?:\r\n?|\n)$", before) else [""]

    def after_table(self, number: int) -> list[str]:
        """A blank line where a table that ends with this block needs one below it."""
        end = self.blocks[number].insert_at
        return [""] if re.match(r"(?:\r\n?|\n)(?![\r\n]|$)", self.source[end : end + 3]) else []

    def has_paragraph(self, numbers: Iterable[int]) -> bool:
        """True where one of these blocks of a table is no list item."""
        return any(self.blocks[n].depth == 0 for n in numbers)

    def row(self, number: int, english: English, order: Order, *, bulleted: bool) -> str:
        """A block's row in a table; `bulleted` tells that the items of top-level lists show a bullet, as the table has paragraphs too."""
        pair = self._cell(number, {}, bulleted), self._cell(number, english, bulleted)
        first, second = pair if order == "source-first" else pair[::-1]
        return f"| {first} | {second} |"

    def _cell(self, number: int, english: English, bulleted: bool) -> str:
        if self.units.get(number):
            text = "<br>".join(self.on_one_line(self.lines(chunk, english)) for chunk in self.chunks(number))
        else:
            text = "<br>".join(self.source[line.start : line.end] for line in self.blocks[number].lines)
        lead = self._row_lead(number, bulleted)
        if text.startswith("•") and not english and not lead.endswith(" "):
            text = text.replace("•", "&bull;", 1)  # of the text, not the mark of a list item
        return lead + text.replace("|", "\\|")  # tables undo just this before all else is read

    def _row_lead(self, number: int, bulleted: bool) -> str:
        """What shows a list item's depth and number; a further paragraph of an item stands below its words, without a mark."""
        block = self.blocks[number]
        marker = _MARKER.search(self.source[self.line_start(block) : block.lines[0].start])
        if block.depth == 0 or marker is None:
            return "&emsp;" * block.depth
        bullet = "• " if bulleted or block.depth > 1 else ""
        return "&emsp;" * (block.depth - 1) + (f"{marker[1]} " if marker[1][0].isdigit() else bullet)
