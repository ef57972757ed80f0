"""A line of a file and a line of a skeleton: what stands in the slots."""

import re
from collections.abc import Callable, Iterator
from itertools import islice

from translator.document.segmenter import Unit
from translator.document.skeleton import Pattern, Slot

MOST_WAYS = 64  # ways that fit the same text: more are not told apart

Judge = Callable[[Unit, str], bool]
"""Says whether a text is one that rendering can put in a unit's place."""

Filling = tuple[tuple[Slot, str | None], ...]
"""What stands in each slot of a line: the text fitted to the unit's place, None where the unit was left untranslated."""


def fillings(pattern: Pattern, line: str, judge: Judge) -> list[Filling]:
    """How a line can fill a pattern's slots; of several ways, those that a rendering can have, else those that read most naturally."""
    if len(pattern) == 1 and isinstance(pattern[0], str):
        return [()] if pattern[0] == line else []
    found = list(dict.fromkeys(islice(_fillings(pattern, line, 0, 0, set()), MOST_WAYS)))
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
