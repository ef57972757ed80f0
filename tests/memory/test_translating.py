"""A run of the command with a memory in PostgreSQL whose server goes away."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import translator
from tests.memory.conftest import Server
from translator import Settings
from translator.archive import translate_archive

Run = Callable[..., Any]
FILES = 12


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for i in range(FILES):
        bullets = "".join(f"- 모델 RiverNet{i}은 과제 {n}개에서 {n + 20}% 빠릅니다.\n" for n in range(6))
        (tmp_path / "in" / f"{i:02}.md").write_text(bullets, encoding="utf-8")
    return tmp_path


def pages(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.name != "report.json"}


def wanted(work: Path) -> dict[str, bytes]:
    """The outputs of an undisturbed run without a memory."""
    translate_archive([str(work / "in")], work / "wanted", Settings())
    return pages(work / "wanted")


# `translator translate` in windows of a file each; after the third that is stored it waits for a line on standard input
PROGRAM = """
import itertools
import sys
import translator.windows
from translator.__main__ import main
from translator.memory.store import Memory
translator.windows.WINDOW = 1
add, number = Memory.add, itertools.count(1)
def add_and_tell(self, context, entries):
    add(self, context, entries)
    if next(number) == 3:
        print("stored", flush=True)
        sys.stdin.readline()
Memory.add = add_and_tell
main()
"""


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_restart_in_the_middle_of_a_run_is_waited_for(postgresql: Server, archive: Path, mode: str) -> None:
    postgresql.empty()
    command = [sys.executable, "-c", PROGRAM, "translate", "in", "-o", "out", "-q", "--memory", postgresql.url]
    environment = {**os.environ, "PYTHONPATH": str(Path(translator.__file__).parent.parent)}
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, cwd=archive, env=environment, text=True, stdin=pipe, stdout=pipe, stderr=pipe)
    assert process.stdout is not None
    assert process.stdout.readline() == "stored\n"
    postgresql.stop(mode)
    assert process.poll() is None
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()
    postgresql.start()
    _, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert pages(archive / "out") == wanted(archive)


def test_a_server_that_is_away_is_a_sentence_and_the_same_command_goes_on(
    postgresql: Server, archive: Path, run: Run, refused: Callable[..., str]
) -> None:
    postgresql.empty()
    command = ("translate", archive / "in", "-o", archive / "out", "-q", "--memory", postgresql.url)
    assert run(*command).code == 0
    before = pages(archive / "out")
    (archive / "in/00.md").write_text("- 모델 StormNet은 작습니다.\n", encoding="utf-8")
    postgresql.stop()
    try:
        assert "could not be used" in refused(run(*command))
    finally:
        postgresql.start()
    assert pages(archive / "out") == before
    assert run(*command).code == 0
    assert pages(archive / "out") == wanted(archive)
