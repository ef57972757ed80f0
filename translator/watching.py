"""Translating what is added to an archive, as it is added."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from translator.archive import translate_archive
from translator.config import Settings
from translator.errors import Interrupted, UserError
from translator.report import Report

_SETTLED = 800  # milliseconds without another change


def watch_archive(
    inputs: Sequence[str],
    output: Path,
    settings: Settings,
    on_report: Callable[[Report], object],
    on_error: Callable[[UserError], object],
    **options: Any,
) -> None:
    """translate_archive now and after each change of a Markdown file among the inputs, until Ctrl-C (Interrupted).

    `options` are those of translate_archive. What is wrong at first is raised; what goes wrong later, such as a file that is not
    UTF-8 or a full disk, is told, and tried again at the next change.
    """
    import watchfiles

    folders = {path if path.is_dir() else path.parent for path in map(Path, inputs)}
    written = output.resolve()
    inside = any(folder.resolve() in written.parents for folder in folders)

    def is_source(change: watchfiles.Change, path: str) -> bool:
        return path.endswith(".md") and not (inside and written in Path(path).resolve().parents)

    def run() -> None:
        report = translate_archive(inputs, output, settings, **options)
        on_report(report)
        if report.stopped:
            raise Interrupted("interrupted: what was there is done; the same command goes on watching")

    run()
    changes = watchfiles.watch(*folders, watch_filter=is_source, debounce=_SETTLED, yield_on_timeout=True, raise_interrupt=True)
    try:
        for number, changed in enumerate(changes):
            if changed or number == 0:  # what was added during the first run, before anybody watched
                try:
                    run()
                except UserError as error:
                    on_error(error)
    except KeyboardInterrupt as error:
        raise Interrupted("no longer watching") from error
