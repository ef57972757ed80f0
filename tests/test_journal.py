"""What is known of an output folder's files, across runs and accidents."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from translator.errors import UserError
from translator.files import MARKER
from translator.journal import Done, Written, content_key, open_journal, read_journal

OUTPUTS = {"a.md": Written("1", "interleaved", "source-first"), "a.jsonl": Written("2", None, "source-first")}
DONE = Done("key", "- 원문이다.\n", "run", OUTPUTS, {"units": 3})


def test_a_finished_file_is_known_to_the_next_run(tmp_path: Path) -> None:
    with open_journal(tmp_path) as journal:
        assert journal.done("a.md") is None
        journal.finish("a.md", DONE)
    with open_journal(tmp_path) as journal:
        assert journal.done("a.md") == DONE
        assert journal.done("b.md") is None


def test_what_a_run_was_about_to_write_is_known_until_it_is_finished(tmp_path: Path) -> None:
    with open_journal(tmp_path) as journal:
        journal.intend({"a.md": {"a.md": "1"}, "b.md": {"b.md": "2"}})
    with open_journal(tmp_path) as journal:
        journal.intend({"a.md": {"a.md": "3", "a.jsonl": "4"}})
        assert journal.intended("a.md") == {"a.md": ["1", "3"], "a.jsonl": ["4"]}
        journal.finish("a.md", DONE)
        assert journal.intended("a.md") == {}
        assert journal.intended("b.md") == {"b.md": ["2"]}


def test_the_latest_word_on_a_file_counts(tmp_path: Path) -> None:
    later = Done("changed", "", "run", {}, {})
    with open_journal(tmp_path) as journal:
        journal.finish("a.md", DONE)
        journal.finish("a.md", later)
        assert journal.done("a.md") == later


def test_where_a_source_was_is_known_from_its_latest_run(tmp_path: Path) -> None:
    with open_journal(tmp_path) as journal:
        assert journal.place("a.md") is None
        journal.note_places({"a.md": "/old/a.md", "stdin.md": ""})
        journal.finish("a.md", DONE)
        journal.note_places({"a.md": "/new/a.md"})
    with open_journal(tmp_path) as journal:
        assert journal.place("stdin.md") == ""
        assert dict(journal.places()) == {"a.md": "/new/a.md", "stdin.md": ""}
        assert journal.done("a.md") == DONE


def test_reading_makes_nothing_and_needs_nothing(tmp_path: Path) -> None:
    with read_journal(tmp_path / "none") as journal:
        assert journal.done("a.md") is None
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_unmerged_is_read_and_stays(tmp_path: Path) -> None:
    code = (
        "import os\nfrom tests.test_journal import *\n"
        f"with open_journal(Path({str(tmp_path)!r})) as journal:\n    journal.finish('a.md', DONE)\n    os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent.parent)
    before = {path.name: path.read_bytes() for path in (tmp_path / MARKER).iterdir()}
    assert before["journal.sqlite-wal"]
    with read_journal(tmp_path) as journal:
        assert journal.done("a.md") == DONE
    assert {path.name: path.read_bytes() for path in (tmp_path / MARKER).iterdir()} == before


def test_a_folder_has_one_run_at_a_time(tmp_path: Path) -> None:
    code = f"from pathlib import Path\nfrom translator.journal import open_journal\nwith open_journal(Path({str(tmp_path)!r})): pass"
    with open_journal(tmp_path):
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert "another run is writing to" in other.stderr
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_damaged_journal_is_told_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / MARKER / "journal.sqlite"
    path.parent.mkdir()
    path.write_bytes(b"no database at all, but long enough to be taken for one" * 40)
    for opened in (open_journal, read_journal):
        with pytest.raises(UserError, match=r"journal\.sqlite is damaged .* --force"), opened(tmp_path):
            pass


def test_a_journal_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    with open_journal(tmp_path):
        pass
    path = tmp_path / MARKER / "journal.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(UserError, match="newer version"), open_journal(tmp_path):
        pass
    assert path.read_bytes() == before


def test_equal_bytes_have_equal_keys_and_others_do_not() -> None:
    assert content_key(b"abc") == content_key(b"abc") != content_key(b"abd")
