"""A newsletter from end to end: records in, files out."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from translator.errors import UserError
from translator.newsletter.collection import read_digests
from translator.newsletter.digest import Digest
from translator.newsletter.output import Written, write_output
from translator.newsletter.selection import Selection, select_papers
from translator.newsletter.site import File, site_files
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


def build_newsletter(
    inputs: Sequence[Path],
    output: Path,
    formats: Sequence[str],
    theme: Theme,
    find_source: FindSource,
    selection: Selection | None = None,
    *,
    force: bool = False,
    progress: Progress = no_progress,
) -> Written:
    """Makes the formats wanted, each in a folder of its name under output (feeds in that of the site). Raises UserError."""
    with progress(len(find_records(inputs))) as tell:
        digests = select_papers(read_digests(inputs, find_source, tell), selection or Selection())
    return write_output(output, {name: files for name, files in _parts(digests, formats, theme)}, force=force)


def _parts(digests: Sequence[Digest], formats: Sequence[str], theme: Theme) -> Iterable[tuple[str, Iterable[File]]]:
    if "site" in formats:
        yield "site", site_files(digests, theme, has_feed="feed" in formats)
