"""Folders that are watched while things are done to them."""

import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from translator import Settings
from translator.errors import Interrupted, UserError
from translator.report import Report
from translator.watching import watch_archive

SETTINGS = Settings(threads=1, layouts=["english"])
TEXT = "- 작은 모델도 쓸모 있는 답을 냅니다.\n"


@pytest.fixture(autouse=True)
def _given_up() -> Iterator[None]:
    """Ends a test that would watch for ever."""
    timer = threading.Timer(300, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    yield
    timer.cancel()


def make(folder: Path, *names: str) -> None:
    folder.mkdir()
    for name in names:
        (folder / f"{name}.md").write_text(TEXT, encoding="utf-8")


def watch(work: Path, deed: Callable[[], object], wanted: str, on_error: Callable[[UserError], object] | None = None) -> list[Report]:
    """The reports of watching `in`: does a deed once the folder is watched, and ends when the wanted output is there."""
    reports: list[Report] = []

    def tell(report: Report) -> None:
        reports.append(report)
        if (work / "out" / f"{wanted}.md").exists():
            raise Interrupted("seen")
        if len(reports) == 2:  # the first run, and the one for what was added during it
            deed()

    def fail(error: UserError) -> None:
        raise error

    with pytest.raises(Interrupted, match="seen"):
        watch_archive([str(work / "in")], work / "out", SETTINGS, tell, on_error or fail)
    return reports


def test_what_is_added_is_translated(tmp_path: Path) -> None:
    make(tmp_path / "in", "a")
    reports = watch(tmp_path, lambda: (tmp_path / "in/b.md").write_text(TEXT, encoding="utf-8"), "b")
    assert (reports[-1].files, reports[-1].skipped) == (2, 1)


def test_a_folder_that_is_made_anew_is_watched_again(tmp_path: Path) -> None:
    make(tmp_path / "in", "a")
    steps = iter(["b", "c"])

    def make_anew() -> None:
        shutil.rmtree(tmp_path / "in")
        make(tmp_path / "in", "a", next(steps))

    watch(tmp_path, make_anew, "b")
    watch(tmp_path, make_anew, "c")


def test_a_folder_that_another_takes_the_place_of(tmp_path: Path) -> None:
    make(tmp_path / "in", "a")
    make(tmp_path / "new", "a", "b")

    def exchange() -> None:
        (tmp_path / "in").rename(tmp_path / "old")
        (tmp_path / "new").rename(tmp_path / "in")

    watch(tmp_path, exchange, "b")


def test_files_that_turn_bad_are_told_and_waited_for(tmp_path: Path) -> None:
    make(tmp_path / "in", "a", "b")
    told: list[str] = []

    def spoil() -> None:
        for name in ("a", "b"):
            (tmp_path / f"in/{name}.md").write_bytes("한글".encode("cp949"))

    def mend(error: UserError) -> None:
        told.append(str(error))
        for name in ("a", "b", "c"):
            (tmp_path / f"in/{name}.md").write_text(TEXT, encoding="utf-8")

    reports = watch(tmp_path, spoil, "c", mend)
    assert len(told) == 1
    assert "a.md, line 1: not UTF-8" in told[0]
    assert "b.md, line 1: not UTF-8" in told[0]
    assert (reports[-1].files, reports[-1].skipped) == (3, 2)


def test_a_folder_that_is_gone_is_told_and_waited_for(tmp_path: Path) -> None:
    make(tmp_path / "in", "a")
    told: list[str] = []

    def bring_back(error: UserError) -> None:
        told.append(str(error))
        make(tmp_path / "in", "a", "b")

    watch(tmp_path, lambda: shutil.rmtree(tmp_path / "in"), "b", bring_back)
    assert len(told) == 1
    assert "no such file or folder" in told[0]
