"""`translator check`: records in, flags out, exit codes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from translator.quality.checks import CATALOGUE

Run = Callable[..., Any]
ROWS = [
    ("u1", "GPT-4o보다 3배 빠르다.", "It is fast."),
    ("u2", "강화 학습(reinforcement learning)을 쓴다.", "It uses reinforcement learning (reinforcement learning)."),
    ("u3", "모델(작다)이다.", "It is a model (small."),
    ("u4", "코드는 공개된다.", "Code will be released."),
]


@pytest.fixture
def records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of records in the current folder."""
    monkeypatch.chdir(tmp_path)
    rows = ({"id": key, "line": 9, "source": source, "target": target, "score": -0.2, "checks": []} for key, source, target in ROWS)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return Path("out/a.jsonl")


def test_counts_with_severity_and_explanation_and_then_the_flags_with_their_places(records: Path, run: Run) -> None:
    result = run("check", records)
    assert (result.code, result.err) == (0, "")
    lines = result.text.splitlines()
    assert lines[0] == "3 of 4 units have flags"
    assert "      1 error    lost-number            a number of the source has no equal in value (70억 = 7 billion = 7B)" in lines
    assert "out/a.jsonl:1 u1 lost-name GPT-4o" in lines
    assert "out/a.jsonl:2 u2 gloss-doubled reinforcement learning" in lines
    assert "out/a.jsonl:3 u3 brackets (" in lines


def test_a_folder_is_its_records(records: Path, run: Run) -> None:
    assert run("check", "out").out == run("check", records).out


def test_the_catalogue_is_listed_without_records(run: Run) -> None:
    result = run("check", "--list")
    assert result.code == 0
    assert [line.split()[:2] for line in result.text.splitlines()] == [[check.id, check.severity] for check in CATALOGUE]


def test_checks_are_switched_off_one_by_one(records: Path, run: Run) -> None:
    text = run("check", records, "--off", "lost-name", "--off", "brackets").text
    assert "lost-name" not in text
    assert "u3" not in text
    assert "lost-number" in text


def test_less_grave_flags_are_left_out(records: Path, run: Run) -> None:
    assert "gloss-doubled" not in run("check", records, "--severity", "warning").text
    text = run("check", records, "--severity", "error").text
    assert "u3" not in text
    assert "lost-number" in text


def test_what_goes_over_the_limit_is_counted(records: Path, run: Run) -> None:
    row = json.dumps({"id": "n", "source": "모델은 5개다.", "target": "There are models."}, ensure_ascii=False) + "\n"
    records.write_text(row * 30, encoding="utf-8")
    text = run("check", records, "--limit", "4").text
    assert text.count(" n lost-number 5") == 4
    assert "... and 26 more lost-number; --limit 0 shows all" in text
    assert run("check", records, "--limit", "0").text.count(" n lost-number 5") == 30


def test_all_flags_are_written_as_json(records: Path, run: Run) -> None:
    assert run("check", records, "--json", "flags.json", "--limit", "1", "--severity", "error").code == 0
    data = json.loads(Path("flags.json").read_text(encoding="utf-8"))
    assert (data["units"], data["flagged_units"]) == (4, 3)
    assert data["checks"]["brackets"] == {"severity": "warning", "explanation": "a bracket or quote has no partner", "units": 1}
    assert {"file": "out/a.jsonl", "line": 3, "id": "u3", "check": "brackets", "severity": "warning", "detail": "("} in data["flags"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--fail-on", "error"], 3),
        (["--fail-on", "note"], 3),
        (["--fail-on", "error", "--off", "lost-name", "--off", "lost-number", "--off", "length"], 0),
        (["--fail-on", "warning", "--off", "lost-name", "--off", "lost-number", "--off", "length"], 3),
        (["--severity", "error", "--fail-on", "error"], 3),
        (["--severity", "error", "--fail-on", "warning", "--off", "lost-name", "--off", "lost-number", "--off", "length"], 3),
    ],
)
def test_flags_that_are_grave_enough_fail(records: Path, run: Run, options: list[str], code: int) -> None:
    result = run("check", records, *options)
    assert result.code == code
    assert ("units have a flag of severity error" in result.err) is (code == 3)
    assert "units have flags" in result.text


def test_a_file_without_records_passes_no_gate(records: Path, run: Run, refused: Callable[[Any], str]) -> None:
    records.write_text("", encoding="utf-8")
    assert "nothing can be checked" in refused(run("check", records, "--fail-on", "error"))


def test_a_glossary_is_held_against_the_targets(records: Path, run: Run) -> None:
    Path("terms.tsv").write_text("코드\tsource code\n", encoding="utf-8")
    assert "out/a.jsonl:4 u4 glossary 코드 = source code" in run("check", records, "--glossary", "terms.tsv").text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["RECORDS", "jsonl"]),
        (["out/a.jsonl", "--off", "lost-nmae"], ["--off", "lost-nmae", "lost-name"]),
        (["--list", "--off", "nothing"], ["nothing"]),
        (["none.jsonl"], ["none.jsonl", "cannot be read"]),
        (["empty"], ["empty", "no records"]),
        (["out/a.jsonl", "--glossary", "none.tsv"], ["none.tsv"]),
    ],
)
def test_a_mistake_is_told_in_one_sentence(
    records: Path, run: Run, refused: Callable[[Any], str], arguments: list[str], words: list[str]
) -> None:
    Path("empty").mkdir()
    sentence = refused(run("check", *arguments))
    assert all(word in sentence for word in words)


def test_what_a_run_writes_can_be_checked_and_has_the_flags_of_its_records(records: Path, run: Run) -> None:
    """Sentence by sentence as in the run, so that the same flags come back but for those of the corpus."""
    text = "# 메모\n\n- 모델 RiverFlow는 여섯 개 과제에서 3.5배 빠릅니다. 코드는 https://example.org/r 에 있습니다.\n"
    Path("in.md").write_text(text, encoding="utf-8")
    assert run("translate", "in.md", "-o", "made", "--layout", "english", "-q").code == 0
    rows = [json.loads(line) for line in Path("made/in.jsonl").read_text(encoding="utf-8").splitlines()]
    recorded = {(row["id"], flag["check"], flag["detail"]) for row in rows for flag in row["checks"]}
    assert run("check", "made", "--json", "flags.json").code == 0
    found = json.loads(Path("flags.json").read_text(encoding="utf-8"))["flags"]
    assert {(flag["id"], flag["check"], flag["detail"]) for flag in found} == recorded
