"""A bilingual file taken apart without its source: the Korean digest, and the English of its units.

The source is guessed from the shape of the file, read with the file, and rendered again: only if that gives the file byte for byte is it
believed. What a layout does not keep is lost (blank lines between the items of a table, how a list is marked), but no word is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from translator.document.blocks import Block, SourceLines
from translator.document.document import Document, Layout, Order
from translator.document.hangul import HANGUL, has_hangul
from translator.document.inline import prose_only
from translator.document.layouts import HEADS, IN_PLACE, JOINTS, LINE_BREAK, RULES, Page
from translator.document.reading import Reading, read
from translator.document.segmenter import Unit
from translator.errors import UserError

_ROW = re.compile(r"\| (?P<first>(?:\\\||[^|])*) \| (?P<second>(?:\\\||[^|])*) \|")
_ROW_LEAD = re.compile(r"(?P<deeper>(?:&emsp;)*)(?:(?:(?P<bullet>•)|(?P<number>\d{1,9}[.)])) )?(?P<text>.*)", re.S)


@dataclass(slots=True)
class _Guess:
    """A source that may be a file's, the words kept and dropped to get it, and by line of the file what speaks against it."""

    layout: Layout
    order: Order
    source: str = ""
    kept: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    doubts: list[tuple[int, str]] = field(default_factory=list)

    @property
    def score(self) -> tuple[bool, int]:
        """Whether translations were found, and how much more Hangul is in what was kept, as it should be, than in what was dropped."""
        return bool(self.kept), sum(map(_hangul, self.kept)) - sum(map(_hangul, self.dropped))

    def pair(self, line: int, korean: str, english: str, doubt: str = "") -> None:
        """Takes note of a unit or block in both languages, unless it is twice the same: then it was not translated."""
        if korean != english:
            self.kept.append(korean)
            self.dropped.append(english)
            if _is_korean_too(english, korean):
                doubt = doubt or "it cannot be told which of two texts is the translation"
        if doubt:
            self.doubts.append((line, doubt))


def _hangul(text: str) -> int:
    return len(HANGUL.findall(prose_only(text)))


def _is_korean_too(english: str, korean: str) -> bool:
    """True where what should be the English of a text has too much Hangul for it."""
    return 2 * _hangul(english) > _hangul(korean)


def reconstruct(text: str, name: str) -> tuple[Document, Reading]:
    """The document that an interleaved or table rendering was made of, and what the rendering says of its units.

    A text without translations is a document of its own with none. Raises UserError naming the file (`name`) and the first line that
    does not fit, where somebody altered the file, or where the layout does not tell what was in the source.
    """
    orders: tuple[Order, ...] = ("source-first", "target-first")
    guess = max((_guessed(text, order) for order in orders), key=lambda guess: guess.score)
    if guess.doubts:
        line, why = min(guess.doubts)
        raise UserError(f"{name}, line {line}: {why}; read the file with its source")
    document = Document.parse(guess.source)
    reading = read(document, text, guess.layout, guess.order)
    again = document.render(reading.translations, guess.layout, guess.order, human=reading.targets)  # it may have been edited
    if reading.unread or again != text:
        line = min([*(unread.first_line for unread in reading.unread), _first_difference(again, text)])
        why = f"this is not as the {guess.layout} layout puts Korean and English"
        raise UserError(f"{name}, line {line}: {why}; read the file with its source")
    return document, reading


def _first_difference(one: str, other: str) -> int:
    same = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return len(LINE_BREAK.findall(other, 0, same)) + 1


def _guessed(text: str, order: Order) -> _Guess:
    """The source that a file has if it is in this order."""
    mark = "\ufeff" * text.startswith("\ufeff")
    lines = [text[start:end] for start, end in pairwise([len(mark), *SourceLines(text).starts[1:], len(text)])]
    guess = _Guess("table" if any(line.rstrip("\r\n") == HEADS[order] for line in lines) else "interleaved", order)
    listed = list(_with_lists(lines, guess))
    source = mark + "".join(line for _, line in listed)
    parts, position, numbers = [], 0, SourceLines(source)
    for pair in _Pairs(Document.parse(source), order).find():
        guess.pair(listed[numbers.number_at(pair.start) - 1][0], pair.korean, pair.english, pair.doubt)
        parts += [source[position : pair.start], pair.source]
        position = pair.end
    guess.source = "".join([*parts, source[position:]])
    return guess


def _with_lists(lines: Sequence[str], guess: _Guess) -> Iterator[tuple[int, str]]:
    """The file's lines with their numbers, lists and paragraphs in the place of tables of both languages."""
    items = None
    rules = {rule: bulleted for bulleted, rule in RULES.items()}
    for number, whole in enumerate(lines, 1):
        line = whole.rstrip("\r\n")
        below = lines[number].rstrip("\r\n") if number < len(lines) else ""
        row = _ROW.fullmatch(line) if items else None
        if line == HEADS[guess.order] and below in rules:
            items = _Items(bulleted=rules[below])
        elif items and line in rules and not items.started:
            pass
        elif items and row:
            korean, english = row.groups() if guess.order == "source-first" else row.groups()[::-1]
            broken = "<br>" in korean and has_hangul(prose_only(korean))
            guess.pair(number, korean, english, "<br> may be a line break of the source or a tag in it" if broken else "")
            *blank, item = items.lines(korean.replace("\\|", "|"))
            yield from ((number, lines[number - 2][len(lines[number - 2].rstrip("\r\n")) :]) for _ in blank)
            yield number, item + whole[len(line) :]
        else:
            if items and line.startswith("|"):
                guess.doubts.append((number, "this row of a table has not one cell for each language"))
            items = None
            yield number, whole


@dataclass(slots=True)
class _Items:
    """List items and paragraphs, written one after the other as the rows of a table tell of them."""

    bulleted: bool
    markers: list[str] = field(default_factory=list)  # of the item at hand and of those around it; none in a paragraph
    started: bool = False

    def lines(self, cell: str) -> list[str]:
        """The source lines of a row: one, after a blank one where it would run on from the one before."""
        lead = _ROW_LEAD.fullmatch(cell)
        assert lead is not None
        text, depth = re.sub("^&bull;", "•", lead["text"]), len(lead["deeper"]) // len("&emsp;")
        apart, new = self.started, []
        if lead["bullet"] or lead["number"] or (depth == 0 and not self.bulleted):
            late = self._opens_late(lead["number"], depth)
            apart = self.started and (not self.markers or (late and depth == 0))
            del self.markers[max(0, depth - late) :]
            new = ["- "] * (depth - len(self.markers)) + [f"{lead['number'] or '-'} "]
        else:  # a paragraph, of its own or of the item above
            del self.markers[depth:]
        line = " " * len("".join(self.markers)) + "".join(new) + text
        self.markers += new
        self.started = True
        return ["", line] if apart else [line]

    def _opens_late(self, number: str | None, depth: int) -> bool:
        """True for the first item of a list that does not begin with 1: such a list cannot follow a line of text."""
        if number is None or number[:-1] == "1" or not self.started:
            return False
        return len(self.markers) <= depth or self.markers[depth].strip()[-1] != number[-1]


@dataclass(frozen=True, slots=True)
class _Pair:
    """Korean and English in text[start:end] of a rendering, and the `source` that stood there; a doubt where that is not certain."""

    start: int
    end: int
    korean: str
    english: str
    source: str
    doubt: str = ""


class _Pairs:
    """Where the languages are one below or beside the other, in a rendering parsed as if it were a source."""

    def __init__(self, document: Document, order: Order) -> None:
        self.page, self.order = Page(document), order
        self.lines = SourceLines(document.source)

    def find(self) -> Iterator[_Pair]:
        """The pairs in order."""
        done = 0
        for number, block in enumerate(self.page.blocks):
            if block.kind in IN_PLACE:
                pairs = (self._beside(unit) for unit in self.page.units.get(number, ()))
                yield from (pair for pair in pairs if pair)
            elif block.lines[0].start >= done:  # else it is in a quote that is a translation
                quote = self._quote(number)
                if quote:
                    done = self.lines.ends[quote[-1]]
                    yield self._below(block, [self.lines[index][len(block.prefix) + 2 :] for index in quote], done)

    def _quote(self, number: int) -> list[int]:
        """The lines (from 0) of a quote right below a block, if that can be the block in the other language."""
        block, found = self.page.blocks[number], []
        if self.order == "source-first" and not self.page.units.get(number):
            return []
        for index in range(self.lines.number_at(block.insert_at), len(self.lines)):
            line = self.lines[index]
            if not line.startswith(f"{block.prefix}> ") or line.startswith(">", len(block.prefix) + 2):
                break
            found.append(index)
        korean = any(has_hangul(prose_only(self.lines[index])) for index in found)
        return found if korean or self.order == "source-first" else []

    def _below(self, block: Block, quote: Sequence[str], end: int) -> _Pair:
        """A block and the lines of the quote below it: without English the quote goes, or its words take the place of the block's."""
        text, start, words = self.page.source, block.lines[0].start, "\n".join(quote)
        above = "\n".join(text[line.start : line.end] for line in block.lines)
        if self.order == "source-first":
            return _Pair(block.insert_at, end, above, words, "")
        parts, position, doubt = [], start, ""
        if len(block.lines) == 1:  # several lines of Korean can be one of English
            quote = [f"{self.page.newline}{block.prefix}".join(quote)]
        elif len(block.lines) != len(quote):
            doubt = "the lines of the quote cannot be matched with those above it"
        for line, korean in zip(block.lines, quote, strict=False):
            if _is_korean_too(text[line.start : line.end], korean):
                doubt = doubt or "it cannot be told of which line this is the translation"
            parts += [text[position : line.start], korean]
            position = line.end
        return _Pair(start, end, words, above, "".join([*parts, text[position : block.insert_at]]), doubt)

    def _beside(self, unit: Unit) -> _Pair | None:
        """Korean and English in one place."""
        joint, text = JOINTS[self.page.blocks[unit.block].kind], self.page.source[unit.start : unit.end]
        pairs = []
        for match in re.finditer(re.escape(joint), text):
            first, second = text[: match.start()], text[match.end() :]
            korean, english = (first, second) if self.order == "source-first" else (second, first)
            if has_hangul(prose_only(korean)) and english.strip() and not has_hangul(prose_only(english)):
                pairs.append(_Pair(unit.start, unit.end, korean, english, korean))
        if len(pairs) == 1:
            return pairs[0]
        doubt = f"it cannot be told where the Korean ends in {text[:60]!r}"
        return _Pair(unit.start, unit.end, "", "", text, doubt) if joint in text else None
