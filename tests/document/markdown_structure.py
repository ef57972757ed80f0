"""What tests compare of a Markdown text: its block tokens, and the links, images, code and tags of its inline tokens."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token

from translator.document import Document, Unit
from translator.document.hangul import HANGUL
from translator.document.inline import prose_only

_PARSER = MarkdownIt("commonmark", {"maxNesting": 100}).enable("table")
_SHOWN = ("text", "code_inline", "html_inline")


def parse(text: str) -> list[Token]:
    return _PARSER.parse(text.removeprefix("\ufeff"))


@dataclass(frozen=True)
class Structure:
    """The block tokens of a text, and the constructs of each of its inline tokens."""

    blocks: tuple[tuple[object, ...], ...]
    inline: tuple[Counter, ...]

    @property
    def constructs(self) -> Counter:
        return sum(self.inline, Counter())


def structure(text: str) -> Structure:
    tokens = parse(text)
    return Structure(tuple(_block(t) for t in tokens), tuple(constructs(t) for t in tokens if t.type == "inline"))


def below_front_matter(text: str, document: Document) -> str:
    """A document's text (or a rendering of it) without front matter, which is YAML, if that has units."""
    if not any(unit.kind == "front-matter" for unit in document.units):
        return text
    lines = re.split(r"\r\n?|\n", text)
    end = next(i for i, line in enumerate(lines) if i and line.rstrip() in ("---", "..."))
    return "\n".join(lines[end + 1 :])


def structure_below_front_matter(text: str, document: Document) -> Structure:
    """The structure of a document's text (or a rendering of it) below its front matter."""
    return structure(below_front_matter(text, document))


def constructs(inline: Token) -> Counter:
    """Links, images, code, tags (their white space squeezed) and hard breaks, counted."""
    found: Counter = Counter()
    for child in inline.children or []:
        if child.type == "link_open":
            found["link", child.attrs["href"], child.attrs.get("title")] += 1
        elif child.type == "image":
            found["image", child.attrs["src"], child.attrs.get("title")] += 1
            found.update(constructs(child))
        elif child.type in ("code_inline", "html_inline"):
            found[child.type, " ".join(child.content.split())] += 1
        elif child.type == "hardbreak":
            found["hardbreak",] += 1
    return found


def constructs_of_units(document: Document, units: Sequence[Unit]) -> Counter:
    """The constructs in units of a document, which may define the links they refer to."""
    definitions: dict = {}
    _PARSER.parse(document.source, definitions)
    return sum((constructs(_PARSER.parseInline(unit.text, definitions)[0]) for unit in units), Counter())


def visible(text: str) -> str:
    """All that a reader of the rendered text reads, white space squeezed."""
    return " ".join(" ".join(shown(token) for token in parse(text) if token.type == "inline").split())


def shown(inline: Token) -> str:
    parts = []
    for child in inline.children or []:
        parts.append(child.content if child.type in _SHOWN or child.type == "image" else " " if child.type.endswith("break") else "")
    return "".join(parts)


def texts_in(tokens: Sequence[Token], container: str) -> list[str]:
    """What is shown inside each outermost container (`blockquote`, `list_item`, ...)."""
    found, depth = [], 0
    for token in tokens:
        if token.type == f"{container}_open":
            depth += 1
            if depth == 1:
                found.append("")
        elif token.type == f"{container}_close":
            depth -= 1
        elif token.type == "inline" and depth:
            found[-1] += shown(token) + "\n"
    return found


def without_quotes(tokens: Sequence[Token], mark: str) -> list[tuple[int, str, str]]:
    """Level, type and shown text of the tokens that are not in a block quote whose text begins with `mark`."""
    kept: list[tuple[int, str, str]] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.type == "blockquote_open":
            close = next(i for i in range(index, len(tokens)) if tokens[i].type == "blockquote_close" and tokens[i].level == token.level)
            first = next((t for t in tokens[index:close] if t.type == "inline"), None)
            if first is not None and shown(first).startswith(mark):
                index = close + 1
                continue
        text = shown(token) if token.type == "inline" else token.content
        kept.append((token.level, token.type, text))
        index += 1
    return kept


def in_english(unit: Unit, word: str = "word") -> str:
    """The unit's text with a word for each run of Hangul in its prose; its links, code and all else stay as they are."""
    visible_part = prose_only(unit.text)
    parts, position = [], 0
    while match := HANGUL.search(visible_part, position):
        end = match.end()
        while end < len(visible_part) and HANGUL.match(visible_part[end]):
            end += 1
        parts += [unit.text[position : match.start()], word]
        position = end
    return "".join([*parts, unit.text[position:]])


def _block(token: Token) -> tuple[object, ...]:
    content: object = token.content if token.type in ("fence", "code_block") else None
    if token.type == "html_block":
        content = _tags(token.content)
    return token.type, token.level, token.tag, token.markup, token.info, token.hidden, token.attrs.get("start"), content


def _tags(html: str) -> list[tuple[object, ...]]:
    reader = _Tags()
    reader.feed(html)
    reader.close()
    return reader.found


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[object, ...]] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, tuple(attrs)))

    def handle_endtag(self, tag):
        self.found.append(("/" + tag,))

    def handle_comment(self, data):
        self.found.append(("comment", data))
