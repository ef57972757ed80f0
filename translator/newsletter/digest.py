"""A digest as a newsletter sees it: papers with title, link, picture, votes, authors, and their text in both languages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from translator.newsletter.rendering import Fragment, printable
from translator.quality.checks import Flag

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
_ARXIV = re.compile(r"https?://(?:www\.)?(?:arxiv\.org/(?:abs|pdf|html)|huggingface\.co/papers)/(\d{4}\.\d{4,5})(?:v\d+)?", re.I)


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


def arxiv_id(link: str) -> str:
    """The arXiv identifier in a link to arXiv or to its page at Hugging Face, or nothing."""
    found = _ARXIV.match(link)
    return found[1] if found else ""


def passages(body: Body) -> Iterator[Passage]:
    """The passages of a body, in order."""
    return (piece for piece in body if isinstance(piece, Passage))
