"""Translations read back out of rendered Markdown, also where a person has edited the English since."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from translator.document.document import Document, Layout, Order
from translator.document.layouts import HEADS, LINE_BREAK, Page
from translator.document.matching import match
from translator.document.segmenter import Unit
from translator.document.skeleton import skeleton


@dataclass(frozen=True, slots=True)
class Unread:
    """A unit whose target could not be told, because more than the English was altered, or the English reads in several ways.

    It is somewhere in the lines first_line to last_line of the rendered text (from 1; last_line is first_line - 1 where there are none).
    """

    unit: Unit
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a rendered text says of a document's units.

    `targets` has the target of each unit that could be read, by id in the order of the source: None where the unit was left
    untranslated. `lines` has the lines (from 1) at which targets stand in the rendered text. `unread` are the other units.
    `altered` are first and last line of the stretches of the text that are not as in any rendering (last is first - 1 where lines are
    missing).
    """

    layout: Layout
    order: Order
    targets: Mapping[str, str | None]
    lines: Mapping[str, int]
    unread: tuple[Unread, ...]
    altered: tuple[tuple[int, int], ...]

    @property
    def translations(self) -> dict[str, str]:
        """The targets that there are, as Document.render takes them."""
        return {unit_id: target for unit_id, target in self.targets.items() if target is not None}


def canonical(document: Document, translations: Mapping[str, str], human: Collection[str]) -> dict[str, str | None]:
    """The targets that a rendering of these translations reads as; see Document.canonical."""
    page = Page(document)
    english = {unit.id: page.english(unit, translations.get(unit.id, ""), human=unit.id in human) for unit in document.units}
    return {unit.id: None if (text := english[unit.id]) is None else page.target(unit, text) for unit in document.units}


def read(document: Document, text: str, layout: Layout, order: Order) -> Reading:
    """Reads a rendering of a document in a known layout; see Document.read."""
    page = Page(document)

    def possible(unit: Unit, english: str) -> bool:
        target = page.target(unit, english)
        return any(page.english(unit, target, human=human) == english for human in (False, True))

    def span(first: int, end: int) -> tuple[int, int]:
        """lines[first:end] as numbers of lines, without blank lines around."""
        full = [number for number in range(first, end) if lines[number].strip()] or [first, end - 1]
        return full[0] + 1, full[-1] + 1

    lines = _lines(text, document.source)
    found = match(skeleton(document, layout, order), lines, possible)
    targets: dict[str, str | None] = {}
    numbers: dict[str, int] = {}
    unread = []
    for unit in document.units:
        place, lost = found.found.get(unit.id), found.lost.get(unit.id)
        if place is None:
            unread.append(Unread(unit, *span(lost.first, lost.end) if lost else (1, len(lines))))
        elif place.text is None or page.is_source(unit, place.text):
            targets[unit.id] = None
        else:
            targets[unit.id], numbers[unit.id] = page.target(unit, place.text), place.line + 1
    altered = tuple(span(stretch.first, stretch.last) for stretch in found.altered)
    return Reading(layout, order, targets, numbers, tuple(unread), altered)


def detect(document: Document, text: str) -> Reading:
    """Reads a rendering of a document in the layout that fits it best."""
    best: tuple[int, Reading] | None = None
    for layout, order in _likely(text):
        reading = read(document, text, layout, order)
        misfit = len(reading.unread) + sum(last - first + 2 for first, last in reading.altered)
        if misfit == 0:
            return reading
        if best is None or misfit < best[0]:
            best = misfit, reading
    assert best is not None
    return best[1]


def _lines(text: str, source: str) -> list[str]:
    """The lines of a rendering, without a byte order mark and with as many blank lines at the end as the source: editors change these."""
    lines, of_source = LINE_BREAK.split(text.removeprefix("\ufeff")), LINE_BREAK.split(source)
    blank = next((n for n, line in enumerate(reversed(of_source)) if line.strip(" \t")), 0)
    while len(lines) > 1 and not lines[-1].strip(" \t"):
        lines.pop()
    return lines + [""] * blank


def _likely(text: str) -> Iterator[tuple[Layout, Order]]:
    """Layouts in which to try a text; the bilingual ones first, because a pair of languages could also pass for English."""
    orders: tuple[Order, ...] = ("source-first", "target-first")
    lines = set(LINE_BREAK.split(text.removeprefix("\ufeff")))
    for order in orders:
        if HEADS[order] in lines:
            yield "table", order
    for order in orders:
        yield "interleaved", order
    yield "english", "source-first"
    for order in orders:
        if HEADS[order] not in lines:
            yield "table", order
