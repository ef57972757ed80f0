"""What was sent to whom is not forgotten."""

import os
from pathlib import Path

import pytest

from translator.errors import UserError
from translator.newsletter.journal import opened


def test_states_outlive_the_process_and_know_no_case(tmp_path: Path) -> None:
    path = tmp_path / "deep/sent.jsonl"
    with opened(path) as journal:
        assert journal.state("a", "x@example.org") == "new"
        journal.note("a", "X@example.org", "intent")
        assert journal.state("a", "x@example.org") == "intent"
        journal.note("a", "x@example.org", "sent")
        journal.note("b", "x@example.org", "intent")
        journal.note("b", "y@example.org", "refused", "550 no")
    with opened(path) as journal:
        states = [
            journal.state(*key) for key in (("a", "x@EXAMPLE.org"), ("b", "x@example.org"), ("b", "y@example.org"), ("a", "y@example.org"))
        ]
        assert states == ["sent", "intent", "refused", "new"]


def test_a_line_that_a_crash_cut_off_did_not_happen(tmp_path: Path) -> None:
    path = tmp_path / "sent.jsonl"
    with opened(path) as journal:
        journal.note("a", "x@example.org", "intent")
        journal.note("a", "x@example.org", "sent")
    os.truncate(path, path.stat().st_size - 5)
    with opened(path) as journal:
        assert journal.state("a", "x@example.org") == "intent"
        journal.note("a", "y@example.org", "sent")
    with opened(path) as journal:
        assert journal.state("a", "y@example.org") == "sent"


def test_a_journal_is_one_runs_alone(tmp_path: Path) -> None:
    with opened(tmp_path / "sent.jsonl"), pytest.raises(UserError, match="another run is sending"), opened(tmp_path / "sent.jsonl"):
        pass


def test_a_journal_that_cannot_be_read_stops_everything(tmp_path: Path) -> None:
    path = tmp_path / "sent.jsonl"
    path.write_text('{"issue": "a", "recipient": "x@example.org", "state": "perhaps"}\n', encoding="utf-8")
    with pytest.raises(UserError, match=r"sent\.jsonl, line 1: no line of a journal"), opened(path):
        pass
