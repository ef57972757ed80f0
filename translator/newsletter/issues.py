"""What an e-mail or a book is of: one digest, or those of a week, of a month, or of the whole selection."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from translator.newsletter.digest import Digest, Paper
from translator.newsletter.pages import digest_name, short_day
from translator.newsletter.selection import top_papers

Grouping = Literal["digest", "week", "month", "selection"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper of an issue, and the digest that it is from."""

    paper: Paper
    digest: Digest


@dataclass(frozen=True, slots=True)
class Issue:
    """Digests that go out together. `id` names the issue for good: what was sent is remembered by it. `period` is when it is of."""

    id: str
    period: str
    digests: tuple[Digest, ...]
    entries: tuple[Entry, ...]

    @property
    def round_up(self) -> bool:
        """True where there is more than one digest, so that papers stand by their votes rather than in a digest's order."""
        return len(self.digests) > 1


def make_issues(digests: Sequence[Digest], grouping: Grouping, top: int | None) -> list[Issue]:
    """Issues in the order of their first digests, each with its `top` papers (all without it).

    A digest without a date is an issue of its own, but for the grouping `selection`.
    """
    groups: dict[str, list[Digest]] = {}
    for digest in digests:
        groups.setdefault(_key(digest, grouping), []).append(digest)
    return [_issue(key, members, grouping, top) for key, members in groups.items()]


def _key(digest: Digest, grouping: Grouping) -> str:
    if grouping == "selection":
        return ""
    if digest.date and grouping == "week":
        year, week, _ = digest.date.isocalendar()
        return f"{year}-W{week:02}"
    return f"{digest.date:%Y-%m}" if digest.date and grouping == "month" else digest.slug.replace("/", "-")


def _issue(key: str, digests: Sequence[Digest], grouping: Grouping, top: int | None) -> Issue:
    first, last = digests[0], digests[-1]
    if grouping == "digest" or first.date is None:
        period = digest_name(first)
    elif grouping == "month":
        period = f"{first.date:%B %Y}"
    elif grouping == "week":
        period = f"Week {first.date.isocalendar().week}, {first.date.isocalendar().year}"
    else:
        period = short_day(first.date) if last.date in (None, first.date) else f"{short_day(first.date)} – {short_day(last.date)}"
    name = key or (first.slug if len(digests) == 1 else f"{first.slug}_{last.slug}").replace("/", "-")
    entries = [Entry(paper, digest) for digest in digests for paper in digest.papers]
    kept = {id(paper) for paper in top_papers([entry.paper for entry in entries], top)}
    entries = [entry for entry in entries if id(entry.paper) in kept]
    if len(digests) > 1:
        entries.sort(key=lambda entry: -(entry.paper.votes or 0))
    return Issue(name, period, tuple(digests), tuple(entries))


def top_of_each(digests: Sequence[Digest], top: int | None) -> list[Digest]:
    """The digests with the `top` papers of each."""
    return [replace(digest, papers=top_papers(digest.papers, top)) for digest in digests]
