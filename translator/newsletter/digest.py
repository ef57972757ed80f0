"""A digest as a newsletter sees it: papers with title, link, picture, votes, authors, and their text in both languages."""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from markdown_it.token import Token

from translator.document import Document, Unit
from translator.errors import TranslatorError, UserError
from translator.newsletter.dates import find_date
from translator.newsletter.rendering import (
    Fragment,
    block_fragment,
    code_fragment,
    inline_fragment,
    parse_blocks,
    printable,
    safe_url,
    text_fragment,
)
from translator.newsletter.sources import DigestSource, RecordsFile
from translator.quality.checks import Flag
from translator.records import Record


@dataclass(frozen=True, slots=True)
class Note:
    """Why a reader should look twice at a passage; `number` counts from 1 within the digest."""

    number: int
    flag: Flag

    @property
    def reason(self) -> str:
        """In words."""
        return _REASONS.get(self.flag.check, "{check}: {detail}").format(check=self.flag.check, detail=printable(self.flag.detail))


@dataclass(frozen=True, slots=True)
class Tag:
    """Markup of the page's own between passages."""

    html: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a digest in both languages, which are equal where there was nothing to translate.

    `label` is what both begin with (`What's New`), `marker` and `depth` the list item it begins, `whole` tells that it is a block
    of its own rather than the inside of one.
    """

    korean: Fragment
    english: Fragment
    label: Fragment | None = None
    marker: str = ""
    depth: int = 0
    whole: bool = False
    notes: tuple[Note, ...] = ()

    @property
    def translated(self) -> bool:
        """True where the two languages differ."""
        return self.korean.html != self.english.html


Body = tuple[Tag | Passage, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A section of a digest. `anchor` is its name within the digest; `link` and `video` are safe URLs or empty; `image` is as given."""

    anchor: str
    title: Passage
    link: str
    image: str
    video: str
    votes: int | None
    authors: tuple[str, ...]
    body: Body

    @property
    def arxiv(self) -> str:
        """The arXiv identifier, empty where the link has none."""
        return arxiv_id(self.link)

    @property
    def notes(self) -> tuple[Note, ...]:
        """Those of the title and of every passage."""
        return self.title.notes + tuple(note for passage in passages(self.body) for note in passage.notes)


@dataclass(frozen=True, slots=True)
class Digest:
    """One digest. `name` is its path without suffix below the folder given, `folder` where its relative images are.

    `slug` is its path in a site, without suffix: `2024/04/09`, or one made of its name where it has no date.
    """

    name: str
    date: date | None
    title: Passage
    intro: Body
    papers: tuple[Paper, ...]
    folder: Path | None = None
    slug: str = ""

    @property
    def count(self) -> int:
        """How many papers it has; a section without a link, such as one of remarks, is none."""
        return sum(bool(paper.link) for paper in self.papers)

    @property
    def votes(self) -> int:
        """All votes together."""
        return sum(paper.votes or 0 for paper in self.papers)


_REASONS = {
    "lost-name": "the name “{detail}” may be missing",
    "lost-number": "the number {detail} may be missing or changed",
    "lost-url": "the address {detail} may be missing",
    "lost-code": "the code {detail} may be missing",
    "lost-math": "the formula {detail} may be missing",
    "gloss-missing": "the Korean gives the term “{detail}”, which is missing here",
    "gloss-doubled": "the term “{detail}” is given twice",
    "glossary": "the glossary wants {detail}",
    "appended": "{detail} lost its place and stands at the end",
    "repetition": "“{detail}” is repeated",
    "length": "the length is unusual ({detail})",
    "hangul": "Korean is left: {detail}",
    "empty": "nothing was translated",
    "truncated": "the text may be cut off",
}
_LINKED = re.compile(r"\[(?P<title>.+)\]\(\s*<?(?P<link>(?:[^\s()<>]|\([^\s()<>]*\))*)>?(?:\s+[\"'(].*)?\s*\)")
_ARXIV = re.compile(r"https?://(?:www\.)?(?:arxiv\.org/(?:abs|pdf|html)|huggingface\.co/papers)/(\d{4}\.\d{4,5})(?:v\d+)?", re.I)
_VOTES = re.compile(r"[*_]*(?:Up)?votes?[*_]*\s*:[*_]*\s*(?P<votes>[\d,]*)\D*", re.I)
_AUTHORS = re.compile(r"[*_]*Authors?[*_]*\s*:[*_]*\s*(?P<authors>.*)", re.I | re.S)
_IMAGE = re.compile(r"!\[[^\]]*\]\(\s*<?(?P<image>[^\s()<>]+)>?(?:\s+[\"'(].*)?\s*\)")
_VIDEO_LINK = re.compile(r"\[[^\]]*\]\(\s*(?P<video>[^\s()<>]+\.(?:mp4|webm|mov))\s*\)", re.I)
_MEDIA = re.compile(r"<(?P<kind>video|source|img)\b[^>]*?\ssrc\s*=\s*[\"']?(?P<url>[^\s\"'>]+)", re.I)
_LABEL = re.compile(r"(?P<open>(?:<(?:strong|em|b|i)>){1,3})(?P<name>[^<]{1,80})(?P<close>(?:</(?:strong|em|b|i)>){1,3})(?P<colon>\s*[:\uff1a]\s*)?")
_PRINTED_LIST = re.compile(r"(?P<label>(?P<mark>[*_]{1,3})[^*_]{1,80}(?P=mark)\s*[:\uff1a]\s*)?(?P<list>\[\s*['\"].*['\"]\s*,?\s*\])", re.S)
_LONGEST_LIST = 20_000
_CONTAINERS = {"bullet_list": "ul", "ordered_list": "ol", "blockquote": "blockquote", "table": "table", "thead": "thead", "tbody": "tbody",
               "tr": "tr", "th": "th", "td": "td", "list_item": "li"}  # fmt: skip
Pair = tuple[Token, Token]


def arxiv_id(link: str) -> str:
    """The arXiv identifier in a link to arXiv or to its page at Hugging Face, or nothing."""
    found = _ARXIV.match(link)
    return found[1] if found else ""


def passages(body: Body) -> Iterator[Passage]:
    """The passages of a body, in order."""
    return (piece for piece in body if isinstance(piece, Passage))


def make_digest(file: RecordsFile, records: Sequence[Record], source: DigestSource) -> Digest:
    """A digest from its Markdown and its records.

    Raises UserError where the records are not of this Markdown.
    """
    document = Document.parse(source.text)
    units = {unit.id: unit for unit in document.units}
    strange = next((record for record in records if record.id not in units), None)
    if strange is not None:
        raise UserError(
            f"{file.path}: its record {strange.id} (line {strange.line}) is of no text in the digest: the digest was changed since it was"
            " translated, or --sources has another one; translate it again"
        )
    english = document.render({record.id: record.target for record in records}, "english")
    reader = _Reader(document.source, english, [(units[r.id], r.checks) for r in records if r.checks])
    title, intro, papers = reader.sections()
    name = file.relative.with_suffix("").as_posix()
    day = find_date(file.relative, reader.front_matter, title.korean.text)
    shown = title if title.korean.text else _plain_passage(name)
    return Digest(name, day, shown, intro, papers, source.folder)


def _plain_passage(text: str) -> Passage:
    return Passage(text_fragment(text), text_fragment(text))


class _Reader:
    """The block tokens of a digest in both languages, taken apart."""

    def __init__(self, korean: str, english: str, flagged: Iterable[tuple[Unit, tuple[Flag, ...]]]) -> None:
        source, self.env = parse_blocks(korean)
        target, _ = parse_blocks(english)
        shape = [(token.type, token.tag, token.level) for token in source]
        if shape != [(token.type, token.tag, token.level) for token in target]:  # Document.render promises that they agree
            raise TranslatorError("the English of a digest has other blocks than its Korean: this is a fault of ours; please report it")
        self.pairs = list(zip(source, target, strict=True))
        self.front_matter = "".join(token.content for token in source if token.type == "front_matter")
        self.flagged = list(flagged)
        self.count = 0

    def sections(self) -> tuple[Passage, Body, tuple[Paper, ...]]:
        """The digest's title, what stands before its first paper, and its papers."""
        headings = [i for i, (token, _) in enumerate(self.pairs) if token.type == "heading_open" and token.level == 0]
        linked = [i for i in headings if _LINKED.fullmatch(self.pairs[i + 1][0].content.strip())]
        levels = [int(self.pairs[i][0].tag[1]) for i in linked]
        title, rest = (headings[0], self._without_repeated(headings)) if self._is_title(headings, linked) else (None, headings)
        deepest = min(levels or [int(self.pairs[i][0].tag[1]) for i in rest], default=0)
        starts = [i for i in rest if int(self.pairs[i][0].tag[1]) <= deepest]
        shown = self._passage(self.pairs[title + 1], images=False) if title is not None else _plain_passage("")
        first = starts[0] if starts else len(self.pairs)
        titles = {i + offset for i in headings if i not in rest for offset in range(3)}
        before = [pair for i, pair in enumerate(self.pairs[:first]) if i not in titles]
        intro = self._body(before)
        taken: set[str] = set()
        ends = [*starts[1:], len(self.pairs)]
        papers = tuple(self._paper(self.pairs[i:end], taken) for i, end in zip(starts, ends, strict=True))
        return shown, intro, papers

    def _is_title(self, headings: Sequence[int], linked: Sequence[int]) -> bool:
        """The first heading is the digest's title if it stands above all papers, or above all other headings where none is a paper's."""
        if not headings or headings[0] in linked:
            return False
        below = linked or self._without_repeated(headings)
        return all(self.pairs[headings[0]][0].tag < self.pairs[i][0].tag for i in below)

    def _without_repeated(self, headings: Sequence[int]) -> list[int]:
        """The headings but for the first and those that say the same again."""
        return [i for i in headings[1:] if self.pairs[i + 1][0].content != self.pairs[headings[0] + 1][0].content]

    def _paper(self, pairs: list[Pair], taken: set[str]) -> Paper:
        heads = [pairs[1][i].content.strip() for i in (0, 1)]
        found = [_LINKED.fullmatch(head) for head in heads]
        link = safe_url(found[0]["link"]) if found[0] else ""
        bare = [match["title"] if match else re.sub(r"^\[([^\[\]]*)\]$", r"\1", head) for match, head in zip(found, heads, strict=True)]
        title = self._passage(pairs[1], bare, images=False)
        facts = _Facts()
        body = self._body(facts.taken_from(pairs[3:]))
        anchor = _anchor(arxiv_id(link) or title.english.text, taken)
        image = facts.image or ""
        return Paper(anchor, title, link, image, safe_url(facts.video), facts.votes, facts.authors, body)

    def _body(self, pairs: Iterable[Pair]) -> Body:
        body: list[Tag | Passage] = []
        lists: list[tuple[str, int]] = []
        marker = ""
        for korean, english in pairs:
            kind, nesting = korean.type, korean.nesting
            if kind in ("bullet_list_open", "ordered_list_open"):
                lists.append((kind, int(korean.attrGet("start") or 1) - 1))
            elif kind in ("bullet_list_close", "ordered_list_close"):
                lists.pop()
            elif kind == "list_item_open" and lists:
                lists[-1] = (lists[-1][0], lists[-1][1] + 1)
                marker = "•" if lists[-1][0] == "bullet_list_open" else f"{lists[-1][1]}."
            if nesting:
                body += _tags(korean)
            elif kind == "hr":
                body.append(Tag("<hr>"))
            elif kind != "front_matter":
                passage = self._passage((korean, english))
                body.append(replace(passage, marker=marker, depth=len(lists)))
                marker = ""
        return tuple(body)

    def _passage(self, pair: Pair, contents: Sequence[str] | None = None, *, images: bool = True) -> Passage:
        kind = pair[0].type
        texts = contents or [token.content for token in pair]
        notes = self._notes(pair[0])
        if kind in ("fence", "code_block"):
            return Passage(*(code_fragment(text) for text in texts), whole=True, notes=notes)  # type: ignore[misc]
        if kind == "html_block":
            return Passage(*(block_fragment(text) for text in texts), whole=True, notes=notes)  # type: ignore[misc]
        korean, english = (inline_fragment(_unlisted(text), self.env, images=images) for text in texts)
        return _labelled(Passage(korean, english, notes=notes))

    def _notes(self, token: Token) -> tuple[Note, ...]:
        """Those of the flagged units that stand on the token's lines; cells of a row are told apart by their text."""
        first, last = token.map or (0, 0)
        notes, left = [], []
        for unit, flags in self.flagged:
            here = first < unit.line <= last and (unit.kind != "cell" or unit.text in token.content)
            for flag in flags if here else ():
                self.count += 1
                notes.append(Note(self.count, flag))
            if not here:
                left.append((unit, flags))
        self.flagged = left
        return tuple(notes)


def _tags(token: Token) -> list[Tag]:
    name, _, part = token.type.rpartition("_")
    if name == "paragraph":
        tag = "" if token.hidden else "p"
    elif name == "heading":
        tag = f"h{min(6, max(3, int(token.tag[1])))}"
    else:
        tag = _CONTAINERS.get(name, "")
    if not tag:
        return []
    start = token.attrGet("start") if name == "ordered_list" and part == "open" else None
    return [Tag(f"</{tag}>" if part == "close" else f'<{tag} start="{int(start)}">' if start else f"<{tag}>")]


@dataclass(slots=True)
class _Facts:
    """What stands between a paper's title and its text: picture, film, votes, authors."""

    image: str = ""
    video: str = ""
    votes: int | None = None
    authors: tuple[str, ...] = ()
    _dropped: set[int] = field(default_factory=set)

    def taken_from(self, pairs: Sequence[Pair]) -> list[Pair]:
        """Takes the facts in, up to the first line that is none, and gives back the rest."""
        for index, (token, _) in enumerate(pairs):
            if token.type == "html_block" and self._media(token.content):
                self._dropped.add(index)
            elif token.type == "inline":
                if not all(self._fact(line.strip()) for line in self._lines(token.content)):
                    break
                self._drop(pairs, index)
            elif token.nesting == 0:
                break
        return _without_empty_lists([pair for index, pair in enumerate(pairs) if index not in self._dropped])

    def _lines(self, content: str) -> list[str]:
        return [content] if _AUTHORS.match(content) else content.split("\n")

    def _fact(self, line: str) -> bool:
        if match := _VOTES.fullmatch(line):
            digits = match["votes"].replace(",", "")
            self.votes = int(digits) if digits and len(digits) < 10 else self.votes
        elif match := _AUTHORS.fullmatch(line):
            self.authors = _authors(printable(match["authors"]))
        elif match := _IMAGE.fullmatch(line):
            if self.image:
                return False
            self.image = match["image"]
        elif match := _VIDEO_LINK.fullmatch(line):
            self.video = self.video or match["video"]
        else:
            return self._media(line)
        return True

    def _media(self, markup: str) -> bool:
        """Takes in HTML that is nothing but a film or a picture."""
        found = _MEDIA.search(markup)
        if not found or re.sub(r"<[^>]*>", "", markup).strip():
            return False
        if found["kind"].lower() == "img":
            self.image = self.image or found["url"]
        else:
            self.video = self.video or found["url"]
        return True

    def _drop(self, pairs: Sequence[Pair], index: int) -> None:
        left, right = index, index
        while left > 0 and right + 1 < len(pairs) and pairs[left - 1][0].type in ("paragraph_open", "list_item_open"):
            if pairs[right + 1][0].type != pairs[left - 1][0].type.replace("open", "close"):
                break
            left, right = left - 1, right + 1
        self._dropped |= set(range(left, right + 1))


def _without_empty_lists(pairs: list[Pair]) -> list[Pair]:
    kept: list[Pair] = []
    for pair in pairs:
        if kept and pair[0].type in ("bullet_list_close", "ordered_list_close") and kept[-1][0].type == pair[0].type.replace("close", "open"):
            kept.pop()
        else:
            kept.append(pair)
    return kept


def _authors(text: str) -> tuple[str, ...]:
    """Names from `A, B` or from a printed Python list; the `+` that stands for authors left out is no name."""
    names: Iterable[Any] = text.split(",")
    if text.lstrip().startswith("["):
        values = _literal(text.strip())
        names = values if isinstance(values, list) else text.strip("[] ").split(",")
    cleaned = (" ".join(str(name).split()).strip("'\"*_ ") for name in names)
    return tuple(name for name in cleaned if name and name != "+")


def _unlisted(content: str) -> str:
    """A printed Python list of strings as its strings, a line each."""
    match = _PRINTED_LIST.fullmatch(content.strip())
    if not match:
        return content
    values = _literal(match["list"])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        return content
    lines = [value.strip() for value in values]
    return (match["label"] or "") + (lines[0] if len(lines) == 1 else "<br>".join(f"– {line}" for line in lines))


def _literal(text: str) -> Any:
    if len(text) > _LONGEST_LIST:
        return None
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _labelled(passage: Passage) -> Passage:
    """With the label that both languages begin with told apart from what it labels."""
    korean, english = _LABEL.match(passage.korean.html), _LABEL.match(passage.english.html)
    if not korean or not english or korean[0] != english[0] or not (korean["colon"] or korean["name"].rstrip().endswith(":")):
        return passage
    label = text_fragment(_unescaped(korean["name"]).strip().rstrip(":\uff1a").strip())
    rests = [_after(part, match.end(), label.text) for part, match in ((passage.korean, korean), (passage.english, english))]
    return replace(passage, korean=rests[0], english=rests[1], label=label) if all(rest.html.strip() for rest in rests) else passage


def _after(fragment: Fragment, end: int, label: str) -> Fragment:
    return Fragment(fragment.html[end:].lstrip(), fragment.text.lstrip().removeprefix(label).lstrip(":\uff1a "))


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", " ").replace("&amp;", "&")


def _anchor(wanted: str, taken: set[str]) -> str:
    """A name that no other paper of the digest has, of the characters that a URL may hold as they are."""
    base = re.sub(r"[^\w.]+", "-", wanted.lower(), flags=re.A).strip("-.")[:60].strip("-.") or "paper"
    base = base if base[0].isdigit() else f"paper-{base}"
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    taken.add(name)
    return name
