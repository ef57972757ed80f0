"""Where the inline Markdown of a piece of text is: code, maths, links, images, HTML, URLs, emphasis.

markdown-it-py's inline tokens carry no positions, and exact positions are what protection is about, so this module finds
them itself, with markdown-it-py's own parsers for link destinations, link titles and HTML tags. Offsets are code points.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from markdown_it.common.html_re import HTML_TAG_RE
from markdown_it.helpers import parseLinkDestination, parseLinkTitle

from translator.document.hangul import has_hangul

InlineKind = Literal["code", "math", "html", "image", "link", "url", "email", "emphasis"]


@dataclass(frozen=True, slots=True)
class Inline:
    """One inline construct of a text.

    `start`/`end` enclose the whole construct. `inner_start`/`inner_end` enclose the part a reader reads as text: a link's
    text, an image's alternative text, the words under emphasis; they are equal where there is none (code, URL, ...).
    """

    kind: InlineKind
    start: int
    end: int
    inner_start: int
    inner_end: int

    @property
    def wraps(self) -> bool:
        """True where there is readable text inside."""
        return self.inner_end > self.inner_start


_ESCAPE = re.compile(r"\\[!-/:-@\[-`{-~]")
_TICKS = re.compile(r"`+")
_MATH = re.compile(
    r"\$\$(?P<d>[^$]+?)\$\$|\$(?=[^\s$])(?P<s>[^$\n]*?[^\s$\\])\$(?!\d)|\\\((?P<p>(?:[^\\\n]|\\[^()\n])++)\\\)"
    r"|\\\[(?P<b>(?:[^\\\n]|\\[^\[\]\n])++)\\\]",
    re.S,
)
_AUTOLINK = re.compile(r"<(?:[A-Za-z][A-Za-z0-9.+-]{1,31}:[^<>\x00-\x20]*|[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9.-]+)>")
_URL = re.compile(r"(?:(?:https?|ftp)://|www\.[A-Za-z0-9-]{1,63}\.)[A-Za-z0-9\-._~:/?#@!$&'()*+,;=%]{1,2048}", re.I)
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{2,63})+")
_STOPS = re.compile(r"[\\`$<!\[\]]|https?://|ftp://|www\.|[A-Za-z0-9]@", re.I)
_EMPHASIS = re.compile(r"\*{1,3}|_{1,3}|~~")
_MARK = re.compile(r"[\\`$<\[*_~@]")  # one of these, :// or www. stands in every construct
_REFERENCE = re.compile(r"\[[^\[\]\n]{1,200}\]")
_LONGEST_MATH = 2000
_LONGEST_TAG = 2000
_LONGEST_DESTINATION = 2048


def find_inline(text: str) -> tuple[Inline, ...]:
    """The inline constructs of text, by start. A link or emphasis may enclose others; nothing else overlaps."""
    if not _MARK.search(text) and "://" not in text and "www." not in text.lower():
        return ()  # as in most sentences, which are looked at many times
    solid, brackets = _solid(text)
    links = _links(text, brackets)
    spans = _outside_destinations(solid, links) + links
    spans += _emphasis(text, spans)
    return tuple(sorted(spans, key=lambda s: (s.start, -s.end)))


def prose_only(text: str) -> str:
    """The text with blanks for its code, maths, tags, URLs, and the destinations of links."""
    spans = find_inline(text)
    if not spans:
        return text
    kept = list(text)
    for span in spans:
        if span.kind != "emphasis":
            start = span.inner_end if span.wraps else span.start
            kept[start : span.end] = " " * (span.end - start)
    return "".join(kept)


def _atom(kind: InlineKind, start: int, end: int) -> Inline:
    return Inline(kind, start, end, start, start)


def _solid(text: str) -> tuple[list[Inline], list[int]]:
    """Constructs that hold no readable text, and the positions of the square brackets left outside them."""
    found: list[Inline] = []
    brackets: list[int] = []
    closers = _closing_ticks(text)
    position = 0
    while stop := _STOPS.search(text, position):
        at = stop.start()
        span = _solid_at(text, at, position, closers)
        if span is not None:
            found.append(span)
            position = span.end
        elif _ESCAPE.match(text, at):
            position = at + 2
        elif text[at] == "`":
            position = at + len(_TICKS.match(text, at)[0])  # type: ignore[index]
        else:
            if text[at] in "[]":
                brackets.append(at)
            position = at + 1
    return found, brackets


def _solid_at(text: str, at: int, floor: int, closers: dict[int, list[int]]) -> Inline | None:
    char = text[at]
    if char == "`":
        width = len(_TICKS.match(text, at)[0])  # type: ignore[index]
        ends = closers.get(width, [])
        later = bisect_right(ends, at)
        return _atom("code", at, ends[later] + width) if later < len(ends) else None
    if char in "$\\":
        maths = _MATH.match(text, at, at + _LONGEST_MATH)
        return _atom("math", at, maths.end()) if maths and not has_hangul(maths[0]) else None
    if char == "<":
        if link := _AUTOLINK.match(text, at):
            return _atom("url", at, link.end())
        close = text.find(">", at, at + _LONGEST_TAG)
        tag = HTML_TAG_RE.match(text[at : at + _LONGEST_TAG]) if close >= 0 else None
        return _atom("html", at, at + tag.end()) if tag else None
    if text.startswith("@", at + 1):
        start = at
        while start > floor and start > at - 64 and re.match(r"[A-Za-z0-9._%+-]", text[start - 1]):
            start -= 1
        mail = _EMAIL.match(text, start)
        return _atom("email", start, mail.end()) if mail else None
    url = _URL.match(text, at)
    return _atom("url", at, at + len(_trimmed(url[0]))) if url else None


def _closing_ticks(text: str) -> dict[int, list[int]]:
    ends: dict[int, list[int]] = {}
    for run in _TICKS.finditer(text):
        ends.setdefault(len(run[0]), []).append(run.start())
    return ends


def _trimmed(url: str) -> str:
    """Without the punctuation of the sentence around it."""
    while url:
        last = url[-1]
        if last in ".,;:!?'\"*_~" or (last == ")" and url.count(")") > url.count("(")) or (last == "]" and url.count("]") > url.count("[")):
            url = url[:-1]
        else:
            break
    return url


def _outside_destinations(solid: list[Inline], links: list[Inline]) -> list[Inline]:
    """Without what stands inside a link's destination: it is part of the link."""
    destinations = sorted((link.inner_end, link.end) for link in links)
    starts = [d[0] for d in destinations]

    def free(span: Inline) -> bool:
        before = bisect_right(starts, span.start) - 1
        return before < 0 or span.start >= destinations[before][1]

    return [span for span in solid if free(span)]


def _links(text: str, brackets: list[int]) -> list[Inline]:
    """Links and images, `[text](destination "title")` or `[text][reference]`, innermost first, links never inside links."""
    found: list[Inline] = []
    opened: list[int] = []
    covered = -1
    for at in brackets:
        if at < covered:
            continue
        if text[at] == "[":
            opened.append(at)
            continue
        if not opened:
            continue
        start = opened.pop()
        end = _destination_end(text, at + 1)
        if end is None:
            continue
        image = start > 0 and text[start - 1] == "!" and not (start > 1 and text[start - 2] == "\\")
        found.append(Inline("image" if image else "link", start - image, end, start + 1, at))
        covered = end
        if not image:
            opened.clear()
    return found


def _destination_end(text: str, at: int) -> int | None:
    """The offset after the `(destination "title")` or `[reference]` that starts at `at`, or None."""
    if reference := _REFERENCE.match(text, at):
        is_link_itself = text.startswith("(", reference.end()) and _destination_end(text, reference.end()) is not None
        return None if is_link_itself else reference.end()  # [note][paper](address): a link beside a note
    limit = min(len(text), at + _LONGEST_DESTINATION)
    if not text.startswith("(", at) or text.find(")", at, limit) < 0:
        return None
    position = _skip_space(text, at + 1, limit)
    destination = parseLinkDestination(text, position, limit)
    if destination.ok:  # else it may be left out
        position = destination.pos
    after = _skip_space(text, position, limit)
    if after > position:
        title = parseLinkTitle(text, after, limit)
        if title.ok:
            after = _skip_space(text, title.pos, limit)
    return after + 1 if text.startswith(")", after) and after < limit else None


def _skip_space(text: str, at: int, limit: int) -> int:
    while at < limit and text[at] in " \t\n":
        at += 1
    return at


def _emphasis(text: str, spans: list[Inline]) -> list[Inline]:
    """Pairs of equal emphasis runs, nearest first, both within the same link or both outside any.

    Looser than CommonMark on purpose: Korean particles follow a closing run directly (`**모델(LLM)**은`), which
    CommonMark does not always close; writer and reader both take it for emphasis.
    """
    found: list[Inline] = []
    opened: dict[tuple[int, str], int] = {}
    for at, run, link in _runs(text, spans):
        end = at + len(run)
        start = opened.get((link, run))
        if start is not None and at > start + len(run) and not text[at - 1].isspace():
            found.append(Inline("emphasis", start, end, start + len(run), at))
            opened.clear()
        elif end < len(text) and not text[end].isspace():
            opened[link, run] = at
    return found


def _runs(text: str, spans: list[Inline]) -> Iterator[tuple[int, str, int]]:
    """Each emphasis run that is not hidden in code and the like: offset, run, and which link's text it stands in."""
    hidden = sorted((s.inner_end if s.wraps else s.start, s.end) for s in spans)
    starts = [h[0] for h in hidden]
    edges, inside = _regions(spans)
    escaped = {m.start() + 1 for m in _ESCAPE.finditer(text)}
    for run in _EMPHASIS.finditer(text):
        at = run.start()
        before = bisect_right(starts, at) - 1
        if at in escaped or (before >= 0 and at < hidden[before][1]):
            continue
        if run[0][0] == "_" and _within_word(text, at, run.end()):
            continue
        yield at, run[0], inside[bisect_right(edges, at) - 1]


def _within_word(text: str, start: int, end: int) -> bool:
    around = text[start - 1 : start] + text[end : end + 1]
    return len(around) == 2 and around.isascii() and around.isalnum()


def _regions(spans: list[Inline]) -> tuple[list[int], list[int]]:
    """Offsets at which the innermost link changes, and the number of that link from there on (-1: none)."""
    events = sorted(e for i, s in enumerate(spans) if s.wraps for e in ((s.inner_start, 1, i), (s.inner_end, 0, i)))
    edges, inside, stack = [-1], [-1], [-1]
    for offset, opens, number in events:
        if opens:
            stack.append(number)
        else:
            stack.pop()
        edges.append(offset)
        inside.append(stack[-1])
    return edges, inside
