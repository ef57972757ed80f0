"""What stands between a paper's title and its text: a picture, a film, votes, authors."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it.token import Token

from translator.newsletter.printed_list import literal
from translator.newsletter.rendering import printable

Pair = tuple[Token, Token]
_VOTES = re.compile(r"[*_]*(?:Up)?votes?[*_]*\s*:[*_]*\s*(?P<votes>[\d,]*)\D*", re.I)
_AUTHORS = re.compile(r"[*_]*Authors?[*_]*\s*:[*_]*\s*(?P<authors>.*)", re.I | re.S)
_IMAGE = re.compile(r"!\[[^\]]*\]\(\s*<?(?P<image>(?:[^\s()<>]|\([^\s()<>]*\))+)>?(?:\s+[\"'(].*)?\s*\)")
_VIDEO_LINK = re.compile(r"\[[^\]]*\]\(\s*(?P<video>[^\s()<>]+\.(?:mp4|webm|mov))\s*\)", re.I)
_MEDIA = re.compile(r"<(?P<kind>video|source|img)\b[^>]*?\ssrc\s*=\s*[\"']?(?P<url>[^\s\"'>]+)", re.I)


@dataclass(slots=True)
class Facts:
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
        closes = pair[0].type in ("bullet_list_close", "ordered_list_close")
        if closes and kept and kept[-1][0].type == pair[0].type.replace("close", "open"):
            kept.pop()
        else:
            kept.append(pair)
    return kept


def _authors(text: str) -> tuple[str, ...]:
    """Names from `A, B` or from a printed Python list; the `+` that stands for authors left out is no name."""
    names: Iterable[Any] = text.split(",")
    if text.lstrip().startswith("["):
        values = literal(text.strip())
        names = values if isinstance(values, list) else text.strip("[] ").split(",")
    cleaned = (" ".join(str(name).split()).strip("'\"*_ ") for name in names)
    return tuple(name for name in cleaned if name and name != "+")
