"""The commands that make newsletters and glossaries: arguments in, calls out."""

from pathlib import Path
from typing import Annotated, Any

import typer

from translator.cli_options import QuietOption, progress_bar, say


def newsletter(
    records: Annotated[list[Path], typer.Argument(help="Records (.jsonl) that `translator translate` wrote, or folders of them.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write to.")],
    sources: Annotated[list[Path] | None, typer.Option("--sources", help="The digests the records are of. May be given again.")] = None,
    formats: Annotated[str, typer.Option("--format", help="Of site, email, feed, epub: one or several, with commas.")] = "site",
    theme: Annotated[Path | None, typer.Option("--theme", help="YAML: title, address, colours, sender, templates.")] = None,
    select: Annotated[list[str] | None, typer.Option("--select", help="top=10, votes>=20, since=DATE, until=DATE.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files of other origin.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Makes a bilingual site, e-mails, feeds and e-books from translated digests."""
    from translator.newsletter.building import build_newsletter, parse_formats
    from translator.newsletter.selection import parse_selection
    from translator.newsletter.sources import source_in
    from translator.newsletter.theme import read_theme

    wanted, selection, look = parse_formats(formats), parse_selection(select or []), read_theme(theme)
    written = build_newsletter(
        records, output, wanted, look, source_in(sources or []), selection, force=force, progress=progress_bar(quiet, "digest")
    )
    if not quiet:
        say(f"{written.files} files, {written.changed} new or changed, {written.removed} removed -> {output}")
