"""A digest's Markdown and its records into its papers."""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from markdown_it.token import Token

from translator.document import Document, Unit
from translator.errors import TranslatorError, UserError
from translator.newsletter.dates import find_date
from translator.newsletter.digest import Body, Digest, Note, Paper, Passage, Tag, arxiv_id
from translator.newsletter.facts import Facts, Pair
from translator.newsletter.printed_list import unlisted
from translator.newsletter.rendering import (
    Fragment,
    block_fragment,
    code_fragment,
    front_matter,
    inline_fragment,
    parse_blocks,
    safe_url,
    text_fragment,
)
from translator.newsletter.sources import DigestSource, RecordsFile
from translator.quality.checks import Flag
from translator.records import Record

_LINKED = re.compile(r"\[(?P<title>.+)\]\(\s*<?(?P<link>(?:[^\s()<>]|\([^\s()<>]*\))*)>?(?:\s+[\"'(].*)?\s*\)")
_LABEL = re.compile(r"(?:<(?:strong|em|b|i)>){1,3}(?P<name>[^<]{1,80})(?:</(?:strong|em|b|i)>){1,3}(?P<colon>\s*[:\uff1a]\s*)?")
_CONTAINERS = {"bullet_list": "ul", "ordered_list": "ol", "blockquote": "blockquote", "table": "table", "thead": "thead", "tbody": "tbody",
               "tr": "tr", "th": "th", "td": "td", "list_item": "li"}  # fmt: skip


def make_digest(file: RecordsFile, records: Sequence[Record], source: DigestSource) -> Digest:
    """A digest from its Markdown and its records.

    Raises UserError where the records are not of this Markdown.
    """
    document = Document.parse(source.text)
    units = {unit.id: unit for unit in document.units}
    strange = next((record for record in records if record.id not in units), None)
    if strange is not None and source.folder is None and not any(record.id in units for record in records):
        raise UserError(
            f"{file.path}: the Markdown beside it has none of its Korean, as in the layout english alone: give the folder of the digests"
            " with --sources DIR"
        )
    if strange is not None:
        raise UserError(
            f"{file.path}: its record {strange.id} (line {strange.line}) is of no text in the digest: the digest was changed since it was"
            " translated, or --sources has another one; translate it again"
        )
    known = {record.id for record in records}
    missing = next((unit for unit in document.units if unit.id not in known), None)
    if missing is not None:
        raise UserError(
            f"{file.path}: no record is of line {missing.line} of the digest, {missing.text[:30]!r}: the digest was changed since it was"
            " translated, or a record was lost; translate it again"
        )
    human = {record.id for record in records if record.origin == "human"}
    english = document.render({record.id: record.target for record in records}, "english", human=human)
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
        self.front_matter = front_matter(korean)
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
        ends = [*starts[1:], len(self.pairs)][: len(starts)]
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
        facts = Facts()
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
            else:
                passage = self._passage((korean, english))
                body.append(replace(passage, marker=marker, depth=len(lists)))
                marker = ""
        return tuple(body)

    def _passage(self, pair: Pair, contents: Sequence[str] | None = None, *, images: bool = True) -> Passage:
        kind = pair[0].type
        texts = contents or [token.content for token in pair]
        notes = self._notes(pair[0])
        if kind in ("fence", "code_block"):
            return Passage(code_fragment(texts[0]), code_fragment(texts[1]), whole=True, notes=notes)
        if kind == "html_block":
            return Passage(block_fragment(texts[0]), block_fragment(texts[1]), whole=True, notes=notes)
        korean, english = (inline_fragment(unlisted(text), self.env, images=images) for text in texts)
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


def _labelled(passage: Passage) -> Passage:
    """With the label that both languages begin with told apart from what it labels."""
    korean, english = _LABEL.match(passage.korean.html), _LABEL.match(passage.english.html)
    if not korean or not english or korean[0] != english[0] or not (korean["colon"] or korean["name"].rstrip().endswith(":")):
        return passage
    label = text_fragment(html.unescape(korean["name"]).strip().rstrip(":\uff1a").strip())
    rests = [_after(part, match.end(), label.text) for part, match in ((passage.korean, korean), (passage.english, english))]
    return replace(passage, korean=rests[0], english=rests[1], label=label) if all(rest.html.strip() for rest in rests) else passage


def _after(fragment: Fragment, end: int, label: str) -> Fragment:
    return Fragment(fragment.html[end:].lstrip(), fragment.text.lstrip().removeprefix(label).lstrip(":\uff1a "))


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
