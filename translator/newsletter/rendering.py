"""Markdown that nobody vouches for into HTML that does nothing, with its plain text.

Block structure and inline marks are markdown-it-py's. Every stretch of inline HTML is sanitised on its own, before it is put
into the page's own markup: whatever a digest opens, it cannot close what is ours.
"""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from pylatexenc.latex2text import LatexNodes2Text

from translator.document.inline import Inline, find_inline

SCHEMES = frozenset({"http", "https", "mailto"})
_INLINE_TAGS = {
    "a", "abbr", "b", "br", "code", "del", "em", "i", "img", "ins", "kbd", "mark", "q", "s", "samp", "small", "strong", "sub", "sup", "u",
    "var",
}  # fmt: skip
_BLOCK_TAGS = _INLINE_TAGS | {
    "blockquote", "caption", "dd", "details", "div", "dl", "dt", "figcaption", "figure", "hr", "li", "ol", "p", "pre", "summary", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
_FORMATTING = nh3.ALLOWED_TAGS | {"font", "big", "blink", "label", "nobr", "u"}  # tags that are left out without their name being shown
_ATTRIBUTES: dict[str, set[str]] = {"a": {"href", "title"}, "abbr": {"title"}, "img": {"src", "alt", "title"}, "ol": {"start"}}
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
_FRONT_MATTER = re.compile(
    r"\ufeff?---[ \t]*(?:\r\n?|\n)(?=(?:#[^\r\n]*(?:\r\n?|\n))*[\w-]+[ \t]*:).*?(?:\r\n?|\n)(?:---|\.\.\.)[ \t]*(?:\r\n?|\n|$)", re.S
)
_IMAGE_TAG = re.compile(r'<img((?:\s+[\w-]+="[^"]*")*)\s*/?>')
_LINK = re.compile(r'<a((?:\s+[\w-]+="[^"]*")*)\s*>(.*?)</a>', re.S)  # in sanitised HTML no link is within another
_TAG_NAME = re.compile(r"</?([A-Za-z][\w-]*)")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_EXPONENT = re.compile(r"[\^]([0-9+\-n]{1,3})")
_RAISED = str.maketrans("0123456789+-n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ")


@dataclass(frozen=True, slots=True)
class Fragment:
    """A stretch of a digest: HTML that is safe to put into a page, and its text as a reader reads it."""

    html: str
    text: str


def _cleaner(tags: set[str]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=tags, attributes={tag: names for tag, names in _ATTRIBUTES.items() if tag in tags}, url_schemes=set(SCHEMES),
        url_relative="deny", link_rel="noopener noreferrer",
    )  # fmt: skip


_INLINE_CLEANER, _BLOCK_CLEANER, _NO_TAGS = _cleaner(_INLINE_TAGS), _cleaner(_BLOCK_TAGS), nh3.Cleaner(tags=set())
_PARSER = MarkdownIt("commonmark", {"maxNesting": 100}).enable("table")
_RENDERER = RendererHTML(_PARSER)
_PARSER.core.ruler.disable(["inline", "text_join"])
_LATEX = LatexNodes2Text(keep_comments=True)


def parse_blocks(text: str) -> tuple[list[Token], dict[str, Any]]:
    """The block tokens of a Markdown text without its front matter, and the environment that inline_fragment wants."""
    env: dict[str, Any] = {}
    front = front_matter(text)
    blank = "\n" * len(re.findall(r"\r\n?|\n", front))  # the lines below keep their numbers
    return _PARSER.parse(blank + text[len(front) :].removeprefix("\ufeff"), env), env


def front_matter(text: str) -> str:
    """The front matter that a text begins with, or nothing."""
    found = _FRONT_MATTER.match(text)
    return found[0] if found else ""


def printable(text: str) -> str:
    """The text without control characters, which no page may hold, and without marks that turn the direction of what follows."""
    return _UNPRINTABLE.sub("", text)


def inline_fragment(content: str, env: dict[str, Any], *, images: bool = True) -> Fragment:
    """Inline Markdown as HTML of phrasing elements; without `images`, their alternative text stands for them."""
    children: list[Token] = []
    _PARSER.inline.parse(readable(printable(content)), _PARSER, env, children)
    shown = [Token("text", "", 0, content=token.content) if _is_text(token, images) else token for token in children]
    return Fragment(_sanitised(_RENDERER.renderInline(shown, _PARSER.options, env), _INLINE_CLEANER), _plain(shown))


def block_fragment(raw: str) -> Fragment:
    """An HTML block of a digest, sanitised."""
    safe = _sanitised(printable(raw), _BLOCK_CLEANER)
    return Fragment(safe, " ".join(html.unescape(_NO_TAGS.clean(re.sub(r"<(?=[a-z/])", " <", safe))).split()))


def code_fragment(content: str) -> Fragment:
    """A code block."""
    text = printable(content)
    return Fragment(f"<pre><code>{html.escape(text, quote=False)}</code></pre>", text.rstrip("\n"))


def text_fragment(text: str) -> Fragment:
    """Plain text."""
    return Fragment(html.escape(text, quote=False), text)


def safe_url(url: str) -> str:
    """The URL if it is absolute with a scheme that does nothing but fetch or address; otherwise nothing."""
    url = printable(url).strip()
    scheme, colon, rest = url.partition(":")
    return url if colon and scheme.lower() in SCHEMES and rest and not re.search(r"[\s\"<>\\^`{|}]", url) else ""


def readable(content: str) -> str:
    """Inline Markdown with bare URLs as links, and its maths as the Unicode text that comes closest."""
    found = find_inline(content)
    links = [(span.start, span.end) for span in found if span.kind == "link"]
    parts, position = [], 0
    for span in found:
        text = _replacement(content, span)
        within = any(start <= span.start and span.end <= end for start, end in links) and span.kind != "math"
        if text is not None and span.start >= position and not within:
            parts += [content[position : span.start], text]
            position = span.end
    return "".join([*parts, content[position:]])


def _replacement(content: str, span: Inline) -> str | None:
    text = content[span.start : span.end]
    if span.kind == "math":
        return _PUNCTUATION.sub(r"\\\1", _unicode_maths(text))
    if span.kind == "email" or (span.kind == "url" and re.match(r"https?://", text, re.I)):
        return f"<{text}>"
    if span.kind == "url" and text[:4].lower() == "www.":
        return f"[{_PUNCTUATION.sub(chr(92) + chr(92) + chr(92) + '1', text)}](<http://{text}>)"
    return None


def _unicode_maths(maths: str) -> str:
    try:
        text = _LATEX.latex_to_text(maths)
    except Exception:  # the library raises whatever it meets on broken LaTeX; the source is then what a reader gets
        return maths
    return _EXPONENT.sub(lambda m: m[1].translate(_RAISED), " ".join(str(text).split())) or maths


def _is_text(token: Token, images: bool) -> bool:
    if token.type == "text_special":
        return True
    if token.type == "image":
        return not images or not safe_url(str(token.attrGet("src") or "")).startswith("http")
    if token.type != "html_inline":
        return False
    name = _TAG_NAME.match(token.content)
    return name is not None and name[1].lower() not in _FORMATTING  # `<think>` is what the digest writes about


def _plain(children: Iterable[Token]) -> str:
    parts = []
    for token in children:
        if token.type in ("text", "code_inline", "image"):
            parts.append(token.content)
        elif token.type in ("softbreak", "hardbreak") or (token.type == "html_inline" and re.match(r"<br\b", token.content, re.I)):
            parts.append(" ")
    return " ".join("".join(parts).split())


def _sanitised(markup: str, cleaner: nh3.Cleaner) -> str:
    safe = str(cleaner.clean(markup))
    safe = _IMAGE_TAG.sub(_complete_image, safe) if "<img" in safe else safe
    return _LINK.sub(lambda m: m[0] if ' href="' in m[1] else m[2], safe) if "<a" in safe else safe


def _complete_image(tag: re.Match[str]) -> str:
    """An image whose source was refused is no image; one without an alternative text has an empty one; none loads before it is seen."""
    if ' src="http' not in tag[1]:
        return ""
    alternative = "" if " alt=" in tag[1] else ' alt=""'
    return f'<img{tag[1]}{alternative} loading="lazy" referrerpolicy="no-referrer">'
