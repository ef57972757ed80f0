"""Where the prose of a Markdown text stands, whatever its language, so that two renderings of one digest can be put side by side."""

from bisect import bisect_right
from collections import Counter, defaultdict

from translator.document.document import Document
from translator.document.hangul import has_letters
from translator.document.segmenter import STANDALONE, Unit, find_units


def find_places(text: str) -> dict[str, Unit]:
    """The stretches of prose of a Markdown text in any language, by place (`section 3 of 14, bullet 2 of 5`), in order.

    A translation in the layout `english` has the places of its source. Places say how many sections and blocks there are, so that
    where texts differ in structure none of their places is the same. Labels, votes, authors and links alone (which titles of papers
    often are) have no place: they are mostly not translated.
    """
    blocks, units, _ = find_units(text, has_letters)
    sections, section = [], 0
    for block in blocks:
        section += block.kind == "heading"
        sections.append(section)
    seen: Counter[tuple[int, str]] = Counter()
    ordinals = []
    for number, block in zip(sections, blocks, strict=True):
        seen[number, block.kind] += 1
        ordinals.append(seen[number, block.kind])
    members: dict[int, list[Unit]] = defaultdict(list)
    for unit in units:
        if unit.kind != "label" and not STANDALONE.fullmatch(unit.text):
            members[unit.block].append(unit)
    found = {}
    for index, parts in members.items():
        kind, number = blocks[index].kind, sections[index]
        place = f"section {number} of {section}, {kind} {ordinals[index]} of {seen[number, kind]}"
        for part, unit in enumerate(parts, 1):
            found[place if len(parts) == 1 else f"{place}, part {part} of {len(parts)}"] = unit
    return found


def unit_places(document: Document) -> dict[str, str]:
    """The places of a document's units, by unit id; units without a place are not in it."""
    found = {unit.start: (unit.end, place) for place, unit in find_places(document.source).items()}
    starts, places = sorted(found), {}
    for unit in document.units:
        at = bisect_right(starts, unit.start) - 1
        if at >= 0 and unit.start < found[starts[at]][0]:
            places[unit.id] = found[starts[at]][1]
    return places
