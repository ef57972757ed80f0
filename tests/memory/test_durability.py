"""What kills, other writers, full disks, damaged files and servers that go away do to a memory."""

import contextlib
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.memory.conftest import Server
from tests.memory.writing import CONTEXT, batch
from translator.errors import UserError
from translator.memory.exchange import read_entries, write_entries
from translator.memory.store import Memory

REPOSITORY = Path(__file__).resolve().parents[2]


def writer(location: str | Path, first: int, batches: int, size: int, *human: str) -> "subprocess.Popen[str]":
    arguments = [str(part) for part in (location, first, batches, size, *human)]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.memory.writing", *arguments],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def stored(memory: Memory, number: int, size: int) -> int:
    return len(memory.machine(CONTEXT, [entry.source for entry in batch(number, size)]))


def pages_of(path: Path, table: str) -> list[int]:
    """The leaf pages of a table, in the order of its rows."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        try:
            query = "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path"
            return [number for (number,) in connection.execute(query, (table,))]
        except sqlite3.OperationalError:
            pytest.skip("this SQLite does not say where its pages are")


def check(path: Path) -> str:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


class TestKills:
    def test_a_killed_writer_leaves_whole_batches_and_a_sound_file(self, tmp_path: Path) -> None:
        path, chance, first = tmp_path / "memory.sqlite", random.Random(5), 0
        for _ in range(5):
            process = writer(path, first, 10_000, 200)
            assert process.stdout is not None
            assert process.stdout.readline() == "open\n"
            time.sleep(chance.uniform(0.0, 0.4))
            process.kill()
            done = [int(line) for line in process.stdout.read().split("\n")[:-1]]
            process.wait()
            assert check(path) == "ok"
            last = max(done, default=first - 1)
            with Memory.open(path) as memory:
                assert {stored(memory, number, 200) for number in range(last + 1)} <= {200}
                assert stored(memory, last + 1, 200) in (0, 200)  # stored, and killed before it was said
                assert stored(memory, last + 2, 200) == 0
            first = last + 1
        assert first > 5

    def test_a_kill_while_it_is_made_is_no_harm(self, tmp_path: Path) -> None:
        path = tmp_path / "memory.sqlite"
        for delay in (0.0, 0.3, 0.5, 0.6, 0.7, 0.8):
            process = writer(path, 0, 1, 10)
            time.sleep(delay)
            process.kill()
            process.communicate()
            with Memory.open(path) as memory:
                assert stored(memory, 0, 10) in (0, 10)
            assert check(path) == "ok"


class TestSeveralWriters:
    def test_two_processes_lose_nothing(self, location: str) -> None:
        Memory.open(location).close()
        processes = [writer(location, first, 30, 50) for first in (0, 20)]  # ten batches are the same
        outcomes = [process.communicate() for process in processes]
        assert [process.returncode for process in processes] == [0, 0], outcomes
        with Memory.open(location) as memory:
            assert {stored(memory, number, 50) for number in range(50)} == {50}
            assert memory.statistics().parts[0].entries == 2500

    def test_two_processes_make_the_same_memory(self, location: str) -> None:
        processes = [writer(location, first, 5, 50, "human") for first in (0, 5)]
        outcomes = [process.communicate() for process in processes]
        assert [process.returncode for process in processes] == [0, 0], outcomes
        with Memory.open(location) as memory:
            assert len(memory.human([entry.source for number in range(10) for entry in batch(number, 50)])) == 500

    def test_a_lock_is_waited_for(self, tmp_path: Path) -> None:
        path = tmp_path / "memory.sqlite"
        with Memory.open(path) as memory, locked(path) as connection:
            threading.Timer(1.5, connection.rollback).start()
            memory.add(CONTEXT, batch(0, 10))
            assert stored(memory, 0, 10) == 10

    def test_a_lock_that_stays_is_a_sentence_and_the_run_can_go_on(self, tmp_path: Path) -> None:
        path = tmp_path / "memory.sqlite"
        with Memory.open(path, patience=0.5) as memory:
            memory.add(CONTEXT, batch(0, 10))
            with locked(path) as connection:
                with pytest.raises(
                    UserError, match=r"memory\.sqlite could not be used for 0\.5 s \(database is locked\).*the same command again"
                ):
                    memory.add(CONTEXT, batch(1, 10))
                assert stored(memory, 0, 10) == 10  # reading goes on
                connection.rollback()
            memory.add(CONTEXT, batch(1, 10))
            assert stored(memory, 1, 10) == 10


@contextlib.contextmanager
def locked(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN EXCLUSIVE")
    with contextlib.closing(connection):
        yield connection


class TestFiles:
    def test_a_file_that_is_no_memory(self, tmp_path: Path) -> None:
        path = tmp_path / "notes.txt"
        path.write_text("작은 모델도 쓸모 있는 답을 냅니다. " * 200, encoding="utf-8")
        with pytest.raises(UserError, match=r"notes\.txt is damaged \(file is not a database\): move it .* begins a new memory"):
            Memory.open(path)
        assert path.read_text(encoding="utf-8").startswith("작은 모델도")

    def test_a_database_of_something_else(self, tmp_path: Path) -> None:
        path = tmp_path / "photos.sqlite"
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE photos (name TEXT)")
        with pytest.raises(UserError, match="not a translation memory"):
            Memory.open(path)

    def test_a_memory_of_a_newer_version(self, location: str) -> None:
        with Memory.open(location) as memory:
            memory.add(CONTEXT, batch(0, 10))
            memory._database.write(lambda connection: connection.exec_driver_sql("UPDATE memory_version SET version = 7"))
        with pytest.raises(UserError, match=r"newer version of translator \(its tables are of version 7, this one knows 1\): update"):
            Memory.open(location)

    @pytest.mark.parametrize("place", ["middle", "end"])
    def test_what_can_be_read_of_a_damaged_file_is_saved(self, tmp_path: Path, place: str) -> None:
        path, saved = tmp_path / "memory.sqlite", tmp_path / "saved.jsonl"
        with Memory.open(path) as memory:
            memory.add(CONTEXT, batch(0, 3000))
            memory.add_human(batch(1, 300))
        pages = pages_of(path, "memory_machine")
        page = pages[len(pages) // 2 if place == "middle" else -1]
        with path.open("r+b") as file:
            file.seek((page - 1) * 4096)
            file.write(b"\xff" * 4096)
        with Memory.open(path) as memory:
            with pytest.raises(
                UserError, match=r"is damaged \(database disk image is malformed\).*memory export all\.jsonl --memory MOVED"
            ):
                list(memory.entries())
            lost: list[int] = []
            count = write_entries(saved, memory.entries(damaged=lost))
        assert 0 < len(lost) < 100
        assert count == 3300 - len(lost)
        with Memory.open(tmp_path / "new.sqlite") as memory:
            memory.add_all(found for found in read_entries(saved) if found)
            assert len(memory.human([entry.source for entry in batch(1, 300)])) == 300
            assert stored(memory, 0, 3000) == 3000 - len(lost)

    @pytest.mark.parametrize(
        ("location", "words"),
        [
            ("folder", "is a folder"),
            ("mysql://host/db", "a memory is a file or postgresql://"),
            ("postgresql://host:port/db", "not of the form postgresql://"),
            ("file.txt/memory.sqlite", "cannot be made"),
        ],
    )
    def test_places_that_are_none(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, location: str, words: str) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "folder").mkdir()
        (tmp_path / "file.txt").touch()
        with pytest.raises(UserError, match=words):
            Memory.open(location)

    def test_looking_makes_no_memory(self, tmp_path: Path) -> None:
        with pytest.raises(UserError, match="there is no memory in"):
            Memory.open(tmp_path / "memory.sqlite", create=False)
        assert list(tmp_path.iterdir()) == []

    def test_the_environment_says_where(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TRANSLATOR_MEMORY", str(tmp_path / "mine" / "memory.sqlite"))
        with Memory.open() as memory:
            assert memory.location == str(tmp_path / "mine" / "memory.sqlite")
        monkeypatch.delenv("TRANSLATOR_MEMORY")
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
        with Memory.open() as memory:
            assert memory.location.startswith(str(tmp_path)) or sys.platform != "linux"


class TestDisks:
    def test_a_folder_that_cannot_be_written(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "shelf"
            folder.mkdir()
            Memory.open(folder / "old.sqlite").close()
            Path(name).chmod(0o755)
            folder.chmod(0o555)
            with anybody():
                for file in ("old.sqlite", "new.sqlite"):
                    with pytest.raises(UserError, match=r"sqlite: it cannot be (opened|written): check the rights"):
                        Memory.open(folder / file).add(CONTEXT, batch(0, 10))

    def test_a_full_disk_is_a_sentence_and_what_was_stored_stays(self, tmp_path: Path) -> None:
        disk = tmp_path / "disk"
        disk.mkdir()
        if (
            os.name != "posix"
            or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", disk], capture_output=True, check=False).returncode
        ):
            pytest.skip("a small disk cannot be mounted here: that takes root")
        try:
            with Memory.open(disk / "memory.sqlite") as memory:
                with pytest.raises(UserError, match="the disk is full: make room and run the same command again"):
                    deque((memory.add(CONTEXT, batch(number, 200)) for number in range(100)), 0)
                number = memory.statistics().parts[0].entries // 200
                assert number > 1
                assert [stored(memory, n, 200) for n in range(number + 1)] == [200] * number + [0]
            assert check(disk / "memory.sqlite") == "ok"
            subprocess.run(["mount", "-o", "remount,size=8m", disk], check=True)
            with Memory.open(disk / "memory.sqlite") as memory:
                memory.add(CONTEXT, batch(number, 200))
                assert stored(memory, number, 200) == 200
        finally:
            subprocess.run(["umount", disk], check=True)


@contextlib.contextmanager
def anybody() -> Iterator[None]:
    """Without root's rights."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


class TestServer:
    @pytest.mark.parametrize("mode", ["fast", "immediate"])
    def test_a_restart_in_the_middle_of_a_run_loses_nothing(self, postgresql: Server, mode: str) -> None:
        postgresql.empty()
        process = writer(postgresql.url, 0, 200, 100)
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(5)] == ["open\n", "0\n", "1\n", "2\n", "3\n"]
        postgresql.stop(mode)
        assert process.poll() is None
        postgresql.start()
        assert process.communicate()[0].split("\n")[-2] == "199"
        assert process.returncode == 0
        with Memory.open(postgresql.url) as memory:
            assert {stored(memory, number, 100) for number in range(200)} == {100}

    def test_a_server_that_stays_away_is_a_sentence_without_the_password(self, postgresql: Server) -> None:
        postgresql.empty()
        address = postgresql.url.replace("translator@", "translator:sesame@")
        with Memory.open(address, patience=1.0) as memory:
            memory.add(CONTEXT, batch(0, 10))
            postgresql.stop()
            try:
                with pytest.raises(UserError, match=r"translator:\*\*\*@127\.0\.0\.1.* could not be used for 1 s") as found:
                    memory.add(CONTEXT, batch(1, 10))
                with pytest.raises(UserError, match="could not be used for 1 s"):
                    Memory.open(address, patience=1.0)
            finally:
                postgresql.start()
            assert "sesame" not in str(found.value)
            assert len(str(found.value).splitlines()) == 1
            memory.add(CONTEXT, batch(1, 10))
            assert stored(memory, 0, 10) + stored(memory, 1, 10) == 20

    def test_a_user_without_rights(self, postgresql: Server) -> None:
        import psycopg

        postgresql.empty()
        with psycopg.connect(postgresql.url, autocommit=True) as connection:
            connection.execute("DROP ROLE IF EXISTS reader")
            connection.execute("CREATE ROLE reader LOGIN")
        with pytest.raises(UserError, match="does not let this user write: ask for the rights"):
            Memory.open(postgresql.url.replace("translator@", "reader@"))
