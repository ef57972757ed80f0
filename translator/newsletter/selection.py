"""Which digests and papers a newsletter takes: by date, by votes, the first of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from translator.errors import UserError
from translator.newsletter.digest import Digest, Paper

_FORMS = "top=10, votes>=20, since=2026-11-01, until=2026-11-07"


@dataclass(frozen=True, slots=True)
class Selection:
    """`since` and `until` are the first and the last day; `votes` the fewest a paper may have; `top` how many an issue takes."""

    since: date | None = None
    until: date | None = None
    votes: int | None = None
    top: int | None = None


def parse_selection(given: Sequence[str]) -> Selection:
    """A selection from texts such as `top=10,since=2026-11-01`. Raises UserError for what is none."""
    found: dict[str, date | int] = {}
    for part in (part.strip() for text in given for part in text.split(",")):
        match = re.fullmatch(r"(since|until)=(\d{4}-\d{2}-\d{2})|(top|votes)>?=(\d{1,9})", part)
        if not match or part.startswith("top>"):
            raise UserError(f"--select {part!r}: expected one of {_FORMS}")
        name = match[1] or match[3]
        if name in found:
            raise UserError(f"--select: {name} is given twice")
        try:
            found[name] = date.fromisoformat(match[2]) if match[1] else int(match[4])
        except ValueError as error:
            raise UserError(f"--select {part!r}: there is no such day") from error
    if found.get("top") == 0:
        raise UserError("--select top=0 would leave nothing")
    return Selection(**found)  # type: ignore[arg-type]


def select_papers(digests: Sequence[Digest], selection: Selection) -> list[Digest]:
    """The digests of the days wanted, with the papers that have the votes wanted; one that has none of them left is left out.

    A digest without a date is on no day. Raises UserError where nothing is left.
    """
    kept = []
    for digest in digests:
        if (selection.since or selection.until) and digest.date is None:
            continue
        if digest.date and not (selection.since or digest.date) <= digest.date <= (selection.until or digest.date):
            continue
        fewest = selection.votes
        papers = digest.papers if fewest is None else tuple(p for p in digest.papers if p.votes is not None and p.votes >= fewest)
        if papers or fewest is None:
            kept.append(replace(digest, papers=papers))
    if not kept:
        raise UserError("--select leaves no digest")
    return kept


def top_papers(papers: Sequence[Paper], top: int | None) -> tuple[Paper, ...]:
    """The `top` papers with the most votes (all without it), in the order given; among equals the first."""
    ranked = sorted(range(len(papers)), key=lambda i: (-(papers[i].votes or 0), i))[:top]
    return tuple(papers[i] for i in sorted(ranked))
