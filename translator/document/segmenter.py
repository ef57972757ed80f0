"""Digest Markdown into units: the stretches of Korean prose that are translated, each with its exact place in the source."""

import ast
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from markdown_it.common.utils import normalizeReference

from translator.document.blocks import Block, Line, SourceLines, find_blocks, korean_lines
from translator.document.hangul import Prose, has_hangul
from translator.document.inline import find_inline, prose_only
from translator.document.protection import Span, protected_spans
from translator.document.regions import Regions

UnitKind = Literal["heading", "paragraph", "bullet", "ordered", "quote", "cell", "html", "front-matter", "label", "list-string"]
Quoting = Literal["none", "cell", "python-single", "python-double", "yaml-plain", "yaml-single", "yaml-double"]


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of Korean prose.

    `source[start:end]` is its exact place (code points); `text` is the same as a reader reads it: soft line breaks are one
    space, escapes of the surrounding quotes (`quoting`) are undone. `id` depends on the section, the kind and the text, not
    on the position, so it survives edits elsewhere in the file. `line` counts from 1, `title` is the heading above,
    `block` the index of the block the unit stands in, `spans` the protected spans of `text`.
    """

    id: str
    kind: UnitKind
    start: int
    end: int
    line: int
    title: str
    text: str
    spans: tuple[Span, ...]
    block: int
    quoting: Quoting = "none"


@dataclass(frozen=True, slots=True)
class Untouched:
    """A line with Korean that is left as it is, and why."""

    line: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """A unit in the making: consecutive line contents of one block."""

    kind: UnitKind
    lines: tuple[Line, ...]
    quoting: Quoting = "none"


_METADATA = re.compile(r"(?:Up)?[Vv]otes?\s*:|Authors?\s*:")
STANDALONE = re.compile(r"\[![A-Z]+\]|(?:!?\[[^\]]*+\]\([^)]*+\)|<[^>]*+>|https?://\S++|\s++)++")
_LEAD = re.compile(r"(?:\[[ xX]\]\s+|\[\^[^\]\s]+\]:\s+|\(?\d{1,3}[.)]\s+|[-*+•]\s+)*")
_LABEL = re.compile(r"(?P<mark>\*{1,3}|_{1,3})(?P<name>[^*_\n]{1,80}?)(?:\*{1,3}|_{1,3})\s*[:\uff1a]\s*")
_LABEL_COLON_INSIDE = re.compile(r"(?P<mark>\*{1,3}|_{1,3})(?P<name>[^*_\n]{1,80}?)[:\uff1a](?:\*{1,3}|_{1,3})\s+")
_PYTHON_STRING = re.compile(r"'((?:\\.|[^'\\])*)'|\"((?:\\.|[^\"\\])*)\"")
_PYTHON_LIST = re.compile(r"\[\s*(?=['\"]).*['\"]\s*,?\s*\]", re.S)
_SHORT_REFERENCE = re.compile(r"(?<![\]\\])\[([^\[\]]+)\](?:\[\]|(?![\[(]))")
_LONGEST_PYTHON_LIST = 20_000


def find_units(text: str, is_prose: Prose = has_hangul) -> tuple[tuple[Block, ...], tuple[Unit, ...], tuple[Untouched, ...]]:
    """The blocks, units and untouched Korean lines of a Markdown text; `is_prose` says what of it is prose of the language wanted."""
    lines = SourceLines(text)
    found, labels = find_blocks(lines, is_prose)
    blocks = tuple(found)
    units: list[Unit] = []
    seen: Counter[str] = Counter()
    title = ""
    for number, block in enumerate(blocks):
        if block.kind == "heading":
            title = _plain(" ".join(text[line.start : line.end] for line in block.lines))
        for piece in _pieces(text, block, is_prose):
            units.append(_unit(_readable(text, piece, labels), piece, title, number, seen))
    return blocks, tuple(units), tuple(_untouched(lines, blocks, units))


def _unit(readable: str, piece: _Piece, title: str, block: int, seen: Counter[str]) -> Unit:
    digest = hashlib.sha256("\0".join((title, piece.kind, readable)).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    seen[digest] += 1
    unit_id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
    start, end, line = piece.lines[0].start, piece.lines[-1].end, piece.lines[0].number
    return Unit(unit_id, piece.kind, start, end, line, title, readable, protected_spans(readable), block, piece.quoting)


def _readable(text: str, piece: _Piece, labels: frozenset[str]) -> str:
    joined = _with_full_references(" ".join(text[line.start : line.end] for line in piece.lines), labels)
    if piece.quoting in ("python-single", "python-double"):
        return re.sub(r"\\(['\"\\])", r"\1", joined)
    if piece.quoting == "yaml-single":
        return joined.replace("''", "'")
    if piece.quoting == "yaml-double":
        return re.sub(r"\\([\"\\])", r"\1", joined)
    return joined.replace("\\|", "|") if piece.quoting == "cell" else joined


def _with_full_references(text: str, labels: frozenset[str]) -> str:
    """`[논문]` and `[논문][]` as `[논문][논문]` where the source defines that label, so that its words can be translated."""
    if not labels or "[" not in text:
        return text
    solid = Regions([(span.start, span.end) for span in find_inline(text) if not span.wraps])

    def full(match: re.Match[str]) -> str:
        known = not solid.holds(match.start(1)) and normalizeReference(match[1]) in labels
        return f"[{match[1]}][{match[1]}]" if known else match[0]

    return _SHORT_REFERENCE.sub(full, text)


def _plain(heading: str) -> str:
    """A heading as a reader reads it: links and emphasis without their marks."""
    keep = [True] * len(heading)
    for span in find_inline(heading):
        if span.wraps:
            keep[span.start : span.inner_start] = [False] * (span.inner_start - span.start)
            keep[span.inner_end : span.end] = [False] * (span.end - span.inner_end)
    return "".join(char for char, kept in zip(heading, keep, strict=True) if kept).strip()


def _pieces(text: str, block: Block, is_prose: Prose) -> Iterator[_Piece]:
    if block.kind == "front-matter":
        yield from _front_matter_piece(text, block.lines[0])
        return
    quoting: Quoting = "cell" if block.kind == "cell" else "none"
    for run in _runs(text, block, is_prose):
        for piece in _run_pieces(text, block.kind, run, is_prose):
            yield piece if piece.quoting != "none" else _Piece(piece.kind, piece.lines, quoting)


def _runs(text: str, block: Block, is_prose: Prose) -> Iterator[tuple[Line, ...]]:
    """The block's lines in runs that are one stretch of prose: cut at hard breaks, metadata, images, list markers."""
    run: list[Line] = []
    broken = _hard_breaks(text, block)
    for line in block.lines:
        content = text[line.start : line.end]
        alone = bool(_METADATA.match(content) or STANDALONE.fullmatch(content))
        starts_item = bool(run) and _LEAD.match(content).end() > 0  # type: ignore[union-attr]
        if run and (alone or starts_item):
            yield tuple(run)
            run = []
        if alone and not (STANDALONE.fullmatch(content) and is_prose(prose_only(content))):
            continue
        run.append(line)
        if line.end in broken:
            yield tuple(run)
            run = []
    if run:
        yield tuple(run)


def _hard_breaks(text: str, block: Block) -> frozenset[int]:
    """The ends of the lines that have a hard break after them: one inside code or a tag only looks like it."""
    found = [line.end for line in block.lines if text[line.end : line.end + 2] == "  " or text.endswith("\\", line.start, line.end)]
    if not found:
        return frozenset()
    start, end = block.lines[0].start, block.lines[-1].end
    solid = Regions([(start + s.start, start + s.end) for s in find_inline(text[start:end]) if not s.wraps])
    return frozenset(offset for offset in found if not solid.holds(offset))


def _run_pieces(text: str, kind: UnitKind, run: tuple[Line, ...], is_prose: Prose) -> Iterator[_Piece]:
    """Splits the list marker, the label and the printed Python list off a run."""
    first = run[0]
    content = text[first.start : first.end]
    lead = _LEAD.match(content).end()  # type: ignore[union-attr]
    label = _LABEL.match(content, lead) or _LABEL_COLON_INSIDE.match(content, lead)
    if label:
        if is_prose(label["name"]) and kind != "html":
            name = Line(first.number, first.start + label.start("name"), first.start + label.end("name"))
            yield _Piece("label", (name,))
        lead = label.end()
    rest = (Line(first.number, first.start + lead, first.end), *run[1:])
    strings = _python_strings(text, rest, is_prose) if kind != "html" else []
    if strings:
        yield from strings
        return
    trimmed = _trimmed(text, rest, is_prose)
    if trimmed and is_prose(prose_only(" ".join(text[line.start : line.end] for line in trimmed))):
        yield _Piece(kind, trimmed)


def _python_strings(text: str, run: tuple[Line, ...], is_prose: Prose) -> list[_Piece]:
    """The Korean strings of a printed Python list of strings, if that is what the run is."""
    content = text[run[0].start : run[0].end]
    if len(run) > 1 or len(content) > _LONGEST_PYTHON_LIST or not _PYTHON_LIST.fullmatch(content.rstrip()):
        return []
    try:
        values = ast.literal_eval(content.rstrip())
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return []
    strings = list(_PYTHON_STRING.finditer(content))
    if not all(isinstance(value, str) for value in values) or len(strings) != len(values):
        return []
    pieces = []
    for string in strings:
        group, quoting = (1, "python-single") if string[1] is not None else (2, "python-double")
        if is_prose(string[group]):
            line = Line(run[0].number, run[0].start + string.start(group), run[0].start + string.end(group))
            pieces.append(_Piece("list-string", (line,), quoting))  # type: ignore[arg-type]
    return pieces


def _trimmed(text: str, run: tuple[Line, ...], is_prose: Prose) -> tuple[Line, ...]:
    """Without the images, tags and space before the first word and after the last."""
    lines = [line for line in run if text[line.start : line.end].strip()]
    while lines:
        first = lines[0]
        content = text[first.start : first.end]
        image = next((s for s in find_inline(content)[:1] if s.start == 0 and s.kind in ("image", "html")), None)
        if image and not is_prose(content[image.inner_start : image.inner_end]):
            skip = image.end + len(content[image.end :]) - len(content[image.end :].lstrip())
            lines[0] = Line(first.number, first.start + skip, first.end)
            if skip < len(content):
                continue
            lines.pop(0)
        else:
            break
    if lines:
        last = lines[-1]
        content = text[last.start : last.end]
        lines[-1] = Line(last.number, last.start, last.start + len(content.rstrip(" \t\\")))
    return tuple(lines)


def _front_matter_piece(text: str, line: Line) -> Iterator[_Piece]:
    value = text[line.start : line.end]
    quoted = re.fullmatch(r"'((?:''|[^'])*)'|\"((?:\\.|[^\"\\])*)\"", value)
    if not quoted:
        if value[0] not in "'\"" and " #" not in value:
            yield _Piece("front-matter", (line,), "yaml-plain")
        return
    inner = Line(line.number, line.start + 1, line.end - 1)
    yield _Piece("front-matter", (inner,), "yaml-single" if value[0] == "'" else "yaml-double")


def _untouched(lines: SourceLines, blocks: Sequence[Block], units: Sequence[Unit]) -> Iterator[Untouched]:
    covered = {n for u in units for n in range(u.line, lines.number_at(u.end) + 1)}
    in_block = {line.number for block in blocks for line in block.lines}
    for number in korean_lines(lines):
        if number in covered:
            continue
        text = lines[number - 1].strip()
        if number not in in_block:
            reason = "code, HTML, front matter or a link definition"
        else:
            reason = "votes or authors" if _METADATA.match(text) else "code, a URL or a tag"
        yield Untouched(number, reason, text)


