"""Where the text-bearing blocks of a Markdown source are: paragraphs, list items, headings, table cells, HTML text.

Block structure is markdown-it-py's (CommonMark and GFM tables). Its tokens say which lines a block has and what its text is;
this module finds the exact offsets of that text, adds front matter, and looks into HTML blocks, which CommonMark leaves
opaque until the next blank line.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from translator.document.hangul import Prose, has_hangul

BlockKind = Literal["heading", "paragraph", "bullet", "ordered", "quote", "cell", "html", "front-matter"]


@dataclass(frozen=True, slots=True)
class Line:
    """The text of one line of a block: its number in the file (from 1) and the offsets of its content."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """One text-bearing block.

    `prefix` is what a line inserted after the block needs before it to stay in the same container, and `insert_at` the offset
    for it: the end of the block's last line, before its line break. `group` numbers the top-level list or run of paragraphs
    that the block belongs to, -1 where there is none or it holds more than text (code, tables, ...); `depth` is the list
    nesting, 0 outside lists.
    """

    kind: BlockKind
    lines: tuple[Line, ...]
    prefix: str = ""
    insert_at: int = 0
    group: int = -1
    depth: int = 0


class SourceLines:
    """Offsets of a text's lines, split as CommonMark splits them (LF, CRLF, CR and nothing else)."""

    def __init__(self, text: str) -> None:
        self.text = text
        breaks = [(m.start(), m.end()) for m in re.finditer(r"\r\n?|\n", text)]
        self.starts = [0] + [end for _, end in breaks]
        self.ends = [start for start, _ in breaks] + [len(text)]

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, index: int) -> str:
        return self.text[self.starts[index] : self.ends[index]]

    def number_at(self, offset: int) -> int:
        """The line (from 1) that an offset stands in."""
        return bisect_right(self.starts, offset)


_LIST_MARKER = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s+")
_QUOTE_MARKERS = re.compile(r"(?:[ \t]*>)*")
_FRONT_MATTER = re.compile(r"\ufeff?---[ \t]*(?:\r\n?|\n)(?=(?:#[^\r\n]*(?:\r\n?|\n))*[\w-]+[ \t]*:)")
_FRONT_MATTER_VALUE = re.compile(r"(?:title|description)[ \t]*:[ \t]+(?=[^\s|>&*#\[{])(.*?)[ \t]*$")
_HTML_OPAQUE = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|pre|textarea|code|svg|math)\b.*?(?:</\1\s*>|\Z)|</?[A-Za-z](?:\"[^\"]*\"|'[^']*'|[^>\"']){0,2000}+(?:>|\Z)"
    r"|<\?(?:(?!<\?).)*?\?>|<!(?:(?!<!)[^>])*+>",
    re.S | re.I,
)
_OPAQUE_IN_TABLE = {"fence", "code_block", "html_block", "table_open", "hr", "heading_open", "blockquote_open"}


def find_blocks(lines: SourceLines, is_prose: Prose = has_hangul) -> tuple[list[Block], frozenset[str]]:
    """The text-bearing blocks of a source, in order, and the (normalised) labels of its link definitions.

    Of front matter and HTML, only what `is_prose` is a block.
    """
    body_start = _front_matter_end(lines)
    blocks = list(_front_matter_values(lines, body_start, is_prose))
    tokens, labels = _block_tokens(lines, body_start)
    groups = _table_groups(tokens)
    walk = _Walk()
    for index, token in enumerate(tokens):
        walk.enter(token)
        if token.type == "inline" and token.map:
            if tokens[index - 1].type in ("th_open", "td_open"):
                blocks.extend(walk.cell(lines, token))
            else:
                block = walk.block(lines, token, tokens[index - 1])
                blocks.extend([replace(block, group=groups[index])] if block else [])
        elif token.type == "html_block" and token.map:
            blocks.extend(_html_texts(lines, is_prose, *token.map))
    return blocks, labels


def korean_lines(lines: SourceLines) -> Iterator[int]:
    """The numbers (from 1) of the lines that hold Hangul."""
    return (i + 1 for i in range(len(lines)) if has_hangul(lines[i]))


def _block_tokens(lines: SourceLines, body_start: int) -> tuple[list[Token], frozenset[str]]:
    parser = MarkdownIt("commonmark", {"maxNesting": 100}).enable("table")
    parser.core.ruler.disable(["inline", "text_join"])
    body = "\n" * body_start + "\n".join(lines[i] for i in range(body_start, len(lines)))
    found: dict[str, Any] = {}
    tokens = parser.parse(" " + body[1:] if body.startswith("\ufeff") else body, found)
    return tokens, frozenset(found.get("references", ()))


def _front_matter_end(lines: SourceLines) -> int:
    """How many lines front matter takes, 0 where there is none."""
    if not _FRONT_MATTER.match(lines.text):
        return 0
    for index in range(1, len(lines)):
        if lines[index].rstrip() in ("---", "..."):
            return index + 1
    return 0


def _front_matter_values(lines: SourceLines, end: int, is_prose: Prose) -> Iterator[Block]:
    for index in range(1, end - 1):
        value = _FRONT_MATTER_VALUE.match(lines[index])
        if value and is_prose(value[1]):
            start = lines.starts[index] + value.start(1)
            yield Block("front-matter", (Line(index + 1, start, start + len(value[1])),))


def _table_groups(tokens: Sequence[Token]) -> list[int]:
    """For each token its group: one number for a run of neighbouring top-level lists and paragraphs that hold text alone."""
    groups, current, opened = [-1] * len(tokens), -1, 0
    for index, token in enumerate(tokens):
        if token.level == 0 and token.nesting >= 0:
            opened = index
            current = index if token.type in ("bullet_list_open", "ordered_list_open", "paragraph_open") else -1
        if token.type in _OPAQUE_IN_TABLE and current >= 0:
            groups[opened:index] = [-1] * (index - opened)
            current = -1
        groups[index] = current
    return groups


@dataclass(slots=True)
class _Walk:
    """The containers that the token at hand stands in."""

    containers: list[str] = field(default_factory=list)
    row: int = -1
    row_text: str = ""
    cell_from: int = 0

    def enter(self, token: Token) -> None:
        if token.type in ("bullet_list_open", "ordered_list_open", "blockquote_open"):
            self.containers.append(token.type)
        elif token.type in ("bullet_list_close", "ordered_list_close", "blockquote_close"):
            self.containers.pop()

    def block(self, lines: SourceLines, token: Token, opener: Token) -> Block | None:
        first, last = opener.map or token.map or (0, 0)
        found = []
        for index, content in zip(range(first, last), token.content.split("\n"), strict=False):
            text = content.strip()
            at = lines[index].replace("\0", "\ufffd").find(text)
            if text and at >= 0:
                start = lines.starts[index] + at
                found.append(Line(index + 1, start, start + len(text)))
        if not found:
            return None
        lead = lines[found[0].number - 1][: found[0].start - lines.starts[found[0].number - 1]]
        if opener.type == "heading_open":
            lead = lead.partition("#")[0]
        prefix = re.sub(r"[^> \t]", " ", re.sub(r">(?=[^> \t])", "> ", lead))  # a space right after > is part of it
        depth = sum(1 for c in self.containers if c != "blockquote_open")
        return Block(self._kind(opener.type), tuple(found), prefix, lines.ends[last - 1], depth=depth)

    def _kind(self, opener: str) -> BlockKind:
        if opener == "heading_open":
            return "heading"
        kinds: dict[str, BlockKind] = {"bullet_list_open": "bullet", "ordered_list_open": "ordered", "blockquote_open": "quote"}
        return kinds[self.containers[-1]] if self.containers else "paragraph"

    def cell(self, lines: SourceLines, token: Token) -> Iterator[Block]:
        row = (token.map or (0, 0))[0]
        if row != self.row:
            self.row, self.row_text, self.cell_from = row, lines[row].replace("\0", "\ufffd"), 0
        text = token.content.strip()
        for form in (text.replace("|", "\\|"), text):
            at = self.row_text.find(form, self.cell_from)
            if form and at >= 0:
                self.cell_from = at + len(form)
                start = lines.starts[row] + at
                yield Block("cell", (Line(row + 1, start, start + len(form)),))
                return


def _html_texts(lines: SourceLines, is_prose: Prose, first: int, last: int) -> Iterator[Block]:
    """The prose between the tags of an HTML block, a block for each run within a line."""
    start, end = lines.starts[first], lines.ends[min(last, len(lines)) - 1]
    html = lines.text[start:end]
    edges = [0, *(edge for m in _HTML_OPAQUE.finditer(html) for edge in m.span()), len(html)]
    for left, right in zip(edges[::2], edges[1::2], strict=True):
        for run in re.finditer(r"[^\r\n]+", html[left:right]):
            at, text = start + left + run.start(), run[0]
            starts_line = at == lines.starts[lines.number_at(at) - 1]
            quoted = _QUOTE_MARKERS.match(text).end() if starts_line else 0  # type: ignore[union-attr]
            marker = _LIST_MARKER.match(text, quoted) if starts_line else None
            lead = marker.end() if marker else quoted + len(text[quoted:]) - len(text[quoted:].lstrip())
            if is_prose(text):
                found = Line(lines.number_at(at), at + lead, at + len(text.rstrip()))
                yield Block("html", (found,))
