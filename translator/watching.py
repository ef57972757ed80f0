"""Translating what is added to an archive, as it is added."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from translator.archive import translate_archive
from translator.config import Settings
from translator.errors import UserError
from translator.report import Report


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

    written = output.resolve()

    def is_source(change: watchfiles.Change, path: str) -> bool:
        return path.endswith(".md") and written not in Path(path).resolve().parents

    on_report(translate_archive(inputs, output, settings, **options))
    folders = {str(path if path.is_dir() else path.parent) for path in map(Path, inputs)}
    for _ in watchfiles.watch(*folders, watch_filter=is_source, debounce=800, raise_interrupt=True):
        try:
            on_report(translate_archive(inputs, output, settings, **options))
        except UserError as error:
            on_error(error)
