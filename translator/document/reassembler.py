"""Translations back into Markdown: English alone, Korean and English interleaved, or side by side in tables."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from translator.document.document import Document, Layout, Order
from translator.document.layouts import HEADS, IN_PLACE, RULES, English, Page


@dataclass(frozen=True, slots=True)
class _Edit:
    """Replace source[start:end] by text."""

    start: int
    end: int
    text: str


def render(document: Document, translations: Mapping[str, str], layout: Layout, order: Order, human: Collection[str]) -> str:
    """The document's source with translations in a layout; see Document.render."""
    known = {unit.id for unit in document.units}
    strange = [unit_id for unit_id in translations if unit_id not in known]
    if strange:
        raise KeyError(f"no unit of this document has the id {strange[0]!r}")
    page = Page(document)
    texts = ((unit, page.english(unit, translations.get(unit.id, ""), human=unit.id in human)) for unit in document.units)
    english = {unit.id: text for unit, text in texts if text is not None}
    if layout == "english":
        return page.text(0, len(page.source), document.units, english)
    tables = list(_tables(page, english)) if layout == "table" else []
    edits = [_table_edit(page, table, english, order) for table in tables]
    in_tables = {number for table in tables for number in table}
    for number in _translated(page, range(len(page.blocks)), english):
        if number not in in_tables:
            edits += _interleaved_edits(page, number, english, order)
    return _applied(page.source, edits)


def _applied(source: str, edits: Iterable[_Edit]) -> str:
    parts, position = [], 0
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        parts += [source[position : edit.start], edit.text]
        position = edit.end
    return "".join([*parts, source[position:]])


def _translated(page: Page, numbers: Iterable[int], english: English) -> list[int]:
    return [n for n in numbers if any(unit.id in english for unit in page.units.get(n, ()))]


def _interleaved_edits(page: Page, number: int, english: English, order: Order) -> list[_Edit]:
    block = page.blocks[number]
    units = [unit for unit in page.units[number] if unit.id in english]
    if block.kind in IN_PLACE:
        return [_Edit(unit.start, unit.end, page.beside(unit, english[unit.id], order)) for unit in units]
    lines = page.quote(number, english if order == "source-first" else {}) + page.after_quote(number)
    inserted = _Edit(block.insert_at, block.insert_at, "".join(page.newline + line for line in lines))
    if order == "source-first":
        return [inserted]
    return [*(_Edit(unit.start, unit.end, english[unit.id]) for unit in units), inserted]


def _tables(page: Page, english: English) -> Iterator[list[int]]:
    """Runs of blocks that become one table: neighbouring groups with something translated in each."""
    run: list[int] = []
    for group in page.table_groups:
        if not _translated(page, group, english):
            continue
        if run and not page.adjacent(run[-1], group[0]):
            yield run
            run = []
        run += group
    if run:
        yield run


def _table_edit(page: Page, table: list[int], english: English, order: Order) -> _Edit:
    bulleted = page.has_paragraph(table)
    rows = [HEADS[order], RULES[bulleted], *(page.row(n, english, order, bulleted=bulleted) for n in table)]
    text = page.newline.join([*page.before_table(table[0]), *rows, *page.after_table(table[-1])])
    return _Edit(page.line_start(page.blocks[table[0]]), page.blocks[table[-1]].insert_at, text)
