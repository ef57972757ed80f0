"""A newsletter from end to end: records in, files out."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from translator.errors import UserError
from translator.newsletter.collection import read_digests
from translator.newsletter.digest import Digest
from translator.newsletter.epub import epub_files
from translator.newsletter.feed import feed_files
from translator.newsletter.issues import Entry, Grouping, make_issues, top_of_each
from translator.newsletter.mail import Mail, make_mails
from translator.newsletter.output import Written, write_output
from translator.newsletter.selection import Selection, select_papers
from translator.newsletter.site import File, paper_addresses, site_files
from translator.newsletter.sources import FindSource, find_records
from translator.newsletter.theme import Theme

FORMATS = ("site", "email", "feed", "epub")
Progress = Callable[[int], AbstractContextManager[Callable[[int], object]]]


def parse_formats(text: str) -> tuple[str, ...]:
    """Formats from a list with commas, in the order of FORMATS. Raises UserError for an unknown one."""
    given = {part.strip() for part in text.split(",") if part.strip()}
    unknown = sorted(given - set(FORMATS))
    if unknown or not given:
        raise UserError(f"--format {', '.join(unknown) or repr(text)}: the formats are {', '.join(FORMATS)}")
    return tuple(name for name in FORMATS if name in given)


def no_progress(total: int) -> AbstractContextManager[Callable[[int], object]]:
    """Progress that nobody sees."""
    return nullcontext(lambda count: None)


@dataclass(frozen=True, slots=True)
class Newsletter:
    """What was written, and the mails, where those were wanted."""

    written: Written
    mails: tuple[Mail, ...]


def build_newsletter(
    inputs: Sequence[Path],
    output: Path,
    formats: Sequence[str],
    theme: Theme,
    find_source: FindSource,
    selection: Selection | None = None,
    *,
    grouping: Grouping = "digest",
    force: bool = False,
    progress: Progress = no_progress,
) -> Newsletter:
    """Makes the formats wanted: `site` (feeds in it), `email` with a message for each issue of the grouping, `epub` with a book a month.

    Raises UserError for input, theme or selection that nothing can be made of, before anything is written.
    """
    chosen = selection or Selection()
    with progress(len(find_records(inputs))) as tell:
        digests = select_papers(read_digests(inputs, find_source, tell), chosen)
    issues = make_issues(digests, grouping, chosen.top)
    digests = top_of_each(digests, chosen.top)
    parts: dict[str, list[File]] = {}  # by folder
    if "site" in formats:
        parts["site"] = list(site_files(digests, theme, has_feed="feed" in formats))
    if "feed" in formats:
        parts.setdefault("feed" if "site" not in formats else "site", []).extend(feed_files(digests, theme))
    mails = tuple(make_mails(issues, theme, _Addresses(digests, theme).of)) if "email" in formats else ()
    if mails:
        parts["email"] = [(mail.path, mail.to_bytes()) for mail in mails]
    if "epub" in formats:
        parts["epub"] = list(epub_files(digests, theme))
    return Newsletter(write_output(output, parts, force=force), mails)


class _Addresses:
    """Where in the site papers are, laid out when asked for."""

    def __init__(self, digests: Sequence[Digest], theme: Theme) -> None:
        self._digests = {digest.slug: digest for digest in digests}
        self._theme = theme
        self._known: dict[str, dict[str, str]] = {}

    def of(self, entry: Entry) -> str:
        """A paper's address below the base_url; its issue's, where the site has only the issue's top papers."""
        slug = entry.digest.slug
        if slug not in self._known:
            self._known[slug] = paper_addresses(self._digests[slug], self._theme)
        return self._known[slug].get(entry.paper.anchor, f"{slug}.html")
