"""The commands that make newsletters and glossaries: arguments in, calls out."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from translator.cli_options import QuietOption, log_to_stderr, need_packages, output_option, progress_bar, say, write_out


class RoundUp(StrEnum):
    """See translator.newsletter.issues."""

    week = "week"
    month = "month"
    selection = "selection"


def newsletter(
    records: Annotated[list[Path], typer.Argument(help="Records (.jsonl) that `translator translate` wrote, or folders of them.")],
    output: Annotated[Path, output_option("The folder to write to.")],
    sources: Annotated[list[Path] | None, typer.Option("--sources", help="The digests the records are of. May be given again.")] = None,
    formats: Annotated[str, typer.Option("--format", help="Of site, email, feed, epub: one or several, with commas.")] = "site",
    theme: Annotated[Path | None, typer.Option("--theme", help="YAML: title, address, colours, sender, templates.")] = None,
    select: Annotated[list[str] | None, typer.Option("--select", help="top=10, votes>=20, since=DATE, until=DATE.")] = None,
    round_up: Annotated[RoundUp | None, typer.Option("--round-up", help="An e-mail for all digests of a week, ... [default: each]")] = None,
    send: Annotated[str | None, typer.Option("--send", help="smtp://USER@HOST:PORT or smtps://...: send the e-mails.")] = None,
    recipients: Annotated[Path | None, typer.Option("--recipients", help="Whom to send to: an address a line.")] = None,
    journal: Annotated[Path | None, typer.Option("--journal", help="What was sent to whom. [default: OUTPUT/sent.jsonl]")] = None,
    retry_uncertain: Annotated[bool, typer.Option("--retry-uncertain", help="Send again where nobody knows if it was.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files of other origin.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Makes a bilingual site, e-mails, feeds and e-books from translated digests."""
    need_packages("newsletters need", "newsletter", ("css_inline", "feedgen", "nh3", "pylatexenc"))
    from translator.errors import UserError
    from translator.newsletter.building import build_newsletter, parse_formats
    from translator.newsletter.selection import parse_selection
    from translator.newsletter.sources import source_in
    from translator.newsletter.theme import read_theme

    log_to_stderr(0, quiet)
    wanted, selection, look = parse_formats(formats), parse_selection(select or []), read_theme(theme)
    if round_up and "email" not in wanted:
        raise UserError("--round-up is about e-mails: give --format email")
    if send is None and (journal or retry_uncertain):
        raise UserError(f"{'--journal' if journal else '--retry-uncertain'} is about sending: give --send and --recipients")
    addressed = _addressed(send, recipients, wanted)
    made = build_newsletter(
        records, output, wanted, look, source_in(sources or []), selection, grouping=round_up.value if round_up else "digest", force=force,
        progress=progress_bar(quiet, "digest"),
    )  # fmt: skip
    if not quiet:
        say(f"{made.written.files} files, {made.written.changed} new or changed, {made.written.removed} removed -> {output}")
    if addressed:
        _send(made.mails, addressed, journal or output / "sent.jsonl", retry_uncertain, quiet)


def _addressed(send: str | None, recipients: Path | None, formats: Sequence[str]) -> Any:
    """The server and the recipients, or nothing where nothing is to be sent."""
    from translator.errors import UserError
    from translator.newsletter.sending import parse_server, read_recipients

    if send is None and recipients is None:
        return None
    if send is None or recipients is None:
        raise UserError("sending takes both --send smtp://HOST:PORT and --recipients FILE")
    if "email" not in formats:
        raise UserError("--send sends e-mails: give --format email")
    return parse_server(send), read_recipients(recipients)


def _send(mails: Any, addressed: Any, journal: Path, retry_uncertain: bool, quiet: bool) -> None:
    from translator.newsletter.journal import opened
    from translator.newsletter.sending import send_mails, verdict

    server, recipients = addressed
    with opened(journal) as open_journal, progress_bar(quiet, "message")(len(mails) * len(recipients)) as tell:
        report = send_mails(mails, recipients, server, open_journal, retry_uncertain=retry_uncertain, on_done=tell)
    if not quiet:
        say(f"{report.sent} messages sent, {report.had} recipients had theirs already")
    verdict(report)


def terms(
    inputs: Annotated[list[Path], typer.Argument(help="Digests (.md), records (.jsonl), or folders of them.")],
    output: Annotated[Path | None, output_option("A glossary to write; standard output without it.")] = None,
    min_count: Annotated[int, typer.Option("--min-count", min=1, help="How often a pair must be seen.")] = 3,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Finds glossary candidates where the Korean gives the English in brackets: 확산 모델(diffusion model)."""
    from translator.errors import UserError
    from translator.files import write_whole
    from translator.terms import mine_terms, read_texts, to_tsv

    if output and output.exists() and not force:
        raise UserError(f"{output} exists; --force overwrites it")
    found = mine_terms(read_texts(inputs, say), min_count)
    if output is None:
        write_out(to_tsv(found))
        return
    write_whole(output, to_tsv(found))
    if not quiet:
        say(f"{len(found)} terms -> {output}; read them before you use them with --glossary")
