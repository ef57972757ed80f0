"""The command as a process of its own: it ends in good order, and loses nothing where it is killed."""

import json
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.review.conftest import Caller, Translated

pytest.importorskip("fastapi", reason="fastapi is not installed")
FIRST = "2026/11/02.md"


def start(translated: Translated, memory: Path) -> tuple["subprocess.Popen[str]", Caller]:
    command = [sys.executable, "-m", "translator", "review", str(translated.output), "--memory", str(memory), "--port", "0", "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    return process, Caller(process.stdout.readline().strip()).enter()


def units(caller: Caller) -> list[dict[str, str]]:
    return list(json.loads(caller.ask("GET", f"/api/units?file={FIRST}")[2])["units"])


def save(caller: Caller, unit: dict[str, str], target: str) -> int:
    edit = {"file": unit["file"], "id": unit["id"], "version": unit["version"], "target": target}
    return caller.ask("PUT", "/api/unit", edit)[0]


def test_ctrl_c_ends_it_in_good_order(translated: Translated, tmp_path: Path) -> None:
    process, caller = start(translated, tmp_path / "own.sqlite")
    assert save(caller, units(caller)[0], "Saved before the end: RiverFlow.") == 200
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert (process.returncode, "Traceback" in told) == (0, False)
    assert "Saved before the end: RiverFlow." in (translated.output / "2026/11/02.english.md").read_text(encoding="utf-8")


def test_what_was_answered_outlives_a_kill_and_all_files_are_whole(translated: Translated, tmp_path: Path) -> None:
    moments, memory, known = random.Random(3), tmp_path / "own.sqlite", dict[str, str]()
    for turn in range(3):
        process, caller = start(translated, memory)
        answered: dict[str, str] = {}
        threading.Timer(moments.uniform(0.05, 0.6), process.kill).start()
        try:
            for count in range(1000):
                unit = units(caller)[count % 3]
                target = f"Written in turn {turn}, number {count}."
                if save(caller, unit, target) == 200:
                    answered[unit["id"]] = target
        except (OSError, ValueError, AssertionError, HTTPException):
            pass  # the server is gone, perhaps in the middle of an answer
        known |= answered
        process.communicate(timeout=30)
        assert process.returncode == -signal.SIGKILL
        with sqlite3.connect(memory) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        lines = (translated.output / "2026/11/02.jsonl").read_text(encoding="utf-8").splitlines()
        rows = {row["id"]: row for row in map(json.loads, lines)}
        for unit_id, target in answered.items():  # or what was being saved when the kill came
            number = int(rows[unit_id]["target"].rstrip(".").rpartition(" ")[2])
            assert number >= int(target.rstrip(".").rpartition(" ")[2])
    assert known  # or every kill came too early to show anything
    process, caller = start(translated, memory)
    for unit in units(caller)[:3]:
        assert save(caller, unit, f"At the end: {unit['id']}.") == 200
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    text = (translated.output / "2026/11/02.interleaved.md").read_text(encoding="utf-8")
    assert text.count("At the end: ") == 3
