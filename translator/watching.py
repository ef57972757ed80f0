"""Translating what is added to an archive, as it is added."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from translator.archive import translate_archive
from translator.config import Settings
from translator.errors import Interrupted, UserError
from translator.report import Report

_SETTLED = 800  # milliseconds without another change
_LOOK = 1000  # milliseconds between two looks at whether a folder is still the same


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
    UTF-8, a full disk or a folder that is gone, is told, and tried again at the next change.
    """
    folders = {path if path.is_dir() else path.parent for path in map(Path, inputs)}

    def run() -> None:
        report = translate_archive(inputs, output, settings, **options)
        on_report(report)
        if report.stopped:
            raise Interrupted("interrupted: what was there is done; the same command goes on watching")

    run()
    try:
        for _ in _changes(folders, output):
            try:
                run()
            except UserError as error:
                on_error(error)
    except KeyboardInterrupt as error:
        raise Interrupted("no longer watching") from error


def _changes(folders: Collection[Path], output: Path) -> Iterator[None]:
    """Comes once at first, for what was added before anybody watched, and after each change of a source, whatever becomes of folders.

    The system watches a folder, not its name: one that is deleted, renamed or made anew is waited for and watched again.
    """
    import watchfiles

    written = output.resolve()
    inside = any(folder.resolve() in written.parents for folder in folders)
    roots = {folder.absolute() for folder in folders}

    def is_lost(change: watchfiles.Change, path: str) -> bool:
        return change is watchfiles.Change.deleted and Path(path).absolute() in roots

    def counts(change: watchfiles.Change, path: str) -> bool:
        is_source = path.endswith(".md") and not (inside and written in Path(path).resolve().parents)
        return is_source or is_lost(change, path)

    while True:
        while not (watched := _identities(folders)):
            time.sleep(_LOOK / 1000)
        changes = watchfiles.watch(
            *folders, watch_filter=counts, debounce=_SETTLED, rust_timeout=_LOOK, yield_on_timeout=True, raise_interrupt=True
        )
        # FileNotFoundError: a folder went away before it was watched
        with closing(changes), suppress(FileNotFoundError):
            for number, changed in enumerate(changes):
                is_away = any(is_lost(*each) for each in changed) or _identities(folders) != watched
                if changed or number == 0 or is_away:
                    yield
                if is_away:
                    break


def _identities(folders: Collection[Path]) -> list[tuple[int, int]]:
    """What the system knows folders by; nothing where one of them is not there."""
    try:
        return [(found.st_dev, found.st_ino) for found in (folder.stat() for folder in folders)]
    except OSError:
        return []
