"""`translator export` and `translator import`: out to an editor, back into memory and records."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ENGLISH, KOREAN, Result, Run
from tests.postediting.conftest import ROWS, read_rows
from translator.memory.store import Memory

FORMATS = ("xliff", "po", "tsv")


@pytest.fixture(autouse=True)
def _own_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRANSLATOR_MEMORY", str(tmp_path / "memory.sqlite"))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def corrections() -> dict[str, str]:
    with Memory.open() as memory:
        return {source: entry.target for source, entry in memory.human([*KOREAN, "새 문장이다."]).items()}


class TestThereAndBack:
    @pytest.mark.parametrize("kind", FORMATS)
    def test_a_correction_reaches_memory_and_records(self, tmp_path: Path, records: Path, run: Run, kind: str) -> None:
        path = tmp_path / f"units.{kind}"
        done = run("export", records, f"--{kind}", path)
        assert (done.code, done.out) == (0, b"")
        assert "6 units, 1 of them to review" in done.err
        edit(path, ENGLISH[3], "Data and code come out soon.")
        done = run("import", path, "--records", records)
        assert done.code == 0
        assert "6 units, 1 corrections, 1 of them new" in done.err
        assert corrections() == {KOREAN[3]: "Data and code come out soon."}
        by_hand = {"engine": "", "score": 0.0, "checks": [], "origin": "human"}
        changed = {**ROWS["2026/11/02"][3], "target": "Data and code come out soon.", **by_hand}
        assert read_rows(records, "2026/11/02") == [*ROWS["2026/11/02"][:3], changed]
        assert read_rows(records, "2026/11/03") == ROWS["2026/11/03"]

    @pytest.mark.parametrize("kind", FORMATS)
    def test_without_changes_nothing_changes(self, tmp_path: Path, records: Path, run: Run, kind: str) -> None:
        before = {path: path.stat().st_mtime_ns for path in records.rglob("*.jsonl")}
        run("export", records, f"--{kind}", tmp_path / f"units.{kind}")
        assert "0 corrections" in run("import", tmp_path / f"units.{kind}", "--records", records).err
        assert corrections() == {}
        assert {path: path.stat().st_mtime_ns for path in records.rglob("*.jsonl")} == before

    def test_it_may_be_done_again(self, tmp_path: Path, records: Path, run: Run) -> None:
        path = tmp_path / "units.xliff"
        run("export", records, "--xliff", path)
        edit(path, ENGLISH[3], "Data and code come out soon.")
        run("import", path, "--records", records)
        after = read_rows(records, "2026/11/02")
        again = run("import", path, "--records", records)
        assert "1 corrections, 0 of them new" in again.err
        assert "corrected" not in again.err
        assert read_rows(records, "2026/11/02") == after
        run("export", records, "--xliff", path)
        assert "0 corrections" in run("import", path, "--records", records).err

    def test_corrected_targets_are_checked_anew(self, tmp_path: Path, records: Path, run: Run) -> None:
        path = tmp_path / "units.tsv"
        run("export", records, "--tsv", path)
        edit(path, ENGLISH[1], "")
        edit(path, '"There is `코드` ""and"" <b>more</b>."', "There is code, 한글.")
        assert run("import", path, "--records", records).code == 0
        row = read_rows(records, "2026/11/03")[1]
        assert {check["check"] for check in row["checks"]} == {"lost-code", "lost-link"}  # its words are the person's
        assert read_rows(records, "2026/11/02") == ROWS["2026/11/02"]  # an emptied target is no correction

    def test_the_markdown_of_a_run_is_rendered_again_at_once(self, tmp_path: Path, run: Run) -> None:
        (tmp_path / "in").mkdir()
        (tmp_path / "in/02.md").write_text(f"- {KOREAN[3]}\n- {KOREAN[7]}\n", encoding="utf-8")
        run("translate", tmp_path / "in", "-o", tmp_path / "out", "--layout", "english", "--layout", "table")
        run("export", tmp_path / "out", "--tsv", tmp_path / "units.tsv")
        page = tmp_path / "out/02.english.md"
        machine = page.read_text(encoding="utf-8").splitlines()[0].removeprefix("- ")
        edit(tmp_path / "units.tsv", machine, "Code and data come out soon.")
        done = run("import", tmp_path / "units.tsv", "--records", tmp_path / "out")
        assert [line.rpartition("/")[2] for line in done.err.splitlines()[1:]] == ["02.english.md", "02.table.md", "02.jsonl"]
        assert page.read_text(encoding="utf-8").startswith("- Code and data come out soon.\n")
        imported = {path.name: path.read_bytes() for path in (tmp_path / "out").glob("02.*")}
        run("translate", tmp_path / "in", "-o", tmp_path / "out", "--layout", "english", "--layout", "table")
        assert {path.name: path.read_bytes() for path in (tmp_path / "out").glob("02.*")} == imported

    def test_a_part_of_a_run_is_corrected_in_place(self, tmp_path: Path, run: Run) -> None:
        for name in ("2025/02", "2026/02"):
            (tmp_path / f"in/{name}.md").parent.mkdir(parents=True)
            (tmp_path / f"in/{name}.md").write_text(f"- {KOREAN[3]}\n", encoding="utf-8")
        run("translate", tmp_path / "in", "-o", tmp_path / "out", "--layout", "english")
        page = tmp_path / "out/2026/02.md"
        machine = page.read_text(encoding="utf-8").strip().removeprefix("- ")
        for part, english in (("2026", "Soon."), ("2026/02.jsonl", "Quite soon.")):
            run("export", tmp_path / "out" / part, "--tsv", tmp_path / "units.tsv")
            edit(tmp_path / "units.tsv", machine, english)
            done = run("import", tmp_path / "units.tsv", "--records", tmp_path / "out" / part)
            assert [line.rpartition("/")[2] for line in done.err.splitlines()[1:]] == ["02.md", "02.jsonl"]
            assert page.read_text(encoding="utf-8") == f"- {english}\n"
            machine = english

    @pytest.mark.parametrize("kind", FORMATS)
    def test_two_corrections_of_the_same_korean_are_told_with_the_one_that_holds(
        self, tmp_path: Path, records: Path, run: Run, kind: str
    ) -> None:
        path = tmp_path / f"units.{kind}"
        run("export", records, f"--{kind}", path)
        first, rest = path.read_text(encoding="utf-8").split(ENGLISH[0], 1)
        path.write_text(f"{first}First words.{rest.replace(ENGLISH[0], 'Other words.')}", encoding="utf-8")
        done = run("import", path, "--records", records)
        assert (done.code, corrections()) == (0, {KOREAN[0]: "Other words."})
        [told] = [line for line in done.err.splitlines() if line.startswith("two corrections of the same Korean")]
        assert f"'Other words.' (2026/11/03, unit {0:012x}) is what the next run writes everywhere" in told
        assert f"not 'First words.' (2026/11/02, unit {0:012x})" in told
        path.write_text(f"{first}Other words.{rest.replace(ENGLISH[0], 'Other words.')}", encoding="utf-8")
        assert "two corrections" not in run("import", path, "--records", records).err

    def test_what_cannot_be_read_leaves_everything_as_it_is(self, tmp_path: Path, run: Run, refused: Callable[[Result], str]) -> None:
        (tmp_path / "in").mkdir()
        (tmp_path / "in/02.md").write_text(f"- {KOREAN[3]}\n", encoding="utf-8")
        run("translate", tmp_path / "in", "-o", tmp_path / "out", "--layout", "english")
        page = tmp_path / "out/02.md"
        page.write_text("- Edited by hand.\n", encoding="utf-8")
        (tmp_path / "bad.tsv").write_text("neither\there\n", encoding="utf-8")
        assert "no column" in refused(run("import", tmp_path / "bad.tsv", "--records", tmp_path / "out"))
        assert corrections() == {}
        assert page.read_text(encoding="utf-8") == "- Edited by hand.\n"

    def test_markdown_whose_form_was_edited_is_left_and_named(self, tmp_path: Path, run: Run, refused: Callable[[Result], str]) -> None:
        (tmp_path / "in").mkdir()
        (tmp_path / "in/02.md").write_text(f"- {KOREAN[3]}\n", encoding="utf-8")
        run("translate", tmp_path / "in", "-o", tmp_path / "out", "--layout", "english")
        run("export", tmp_path / "out", "--po", tmp_path / "units.po")
        page = tmp_path / "out/02.md"
        edit(tmp_path / "units.po", page.read_text(encoding="utf-8").strip().removeprefix("- "), "Code and data come out soon.")
        page.write_text("Quite another text.\n", encoding="utf-8")
        told = run("import", tmp_path / "units.po", "--records", tmp_path / "out", "--quiet")
        assert "in the memory, but not in the outputs" in refused(told)
        assert corrections() == {KOREAN[3]: "Code and data come out soon."}
        assert page.read_text(encoding="utf-8") == "Quite another text.\n"

    def test_memory_alone(self, tmp_path: Path, records: Path, run: Run) -> None:
        path, memory = tmp_path / "units.po", tmp_path / "mine.sqlite"
        run("export", records, "--po", path, "-q")
        edit(path, "Code and data will be released soon.", "Data and code come out soon.")
        assert run("import", path, "--memory", memory).code == 0
        assert corrections() == {}
        with Memory.open(memory) as mine:
            assert mine.human(KOREAN)[KOREAN[3]].target == "Data and code come out soon."
        assert read_rows(records, "2026/11/02") == ROWS["2026/11/02"]

    def test_one_file_of_records(self, tmp_path: Path, records: Path, run: Run) -> None:
        path = tmp_path / "units.tsv"
        assert "4 units" in run("export", records / "2026/11/02.jsonl", "--tsv", path).err
        edit(path, ENGLISH[3], "Data and code come out soon.")
        assert "corrected" in run("import", path, "--records", records / "2026/11/02.jsonl").err
        assert read_rows(records, "2026/11/02")[3]["target"] == "Data and code come out soon."

    def test_what_the_records_no_longer_have_is_named_and_kept_in_memory(self, tmp_path: Path, records: Path, run: Run) -> None:
        path = tmp_path / "units.tsv"
        run("export", records, "--tsv", path)
        edit(path, ENGLISH[3], "Data and code come out soon.")
        rows = read_rows(records, "2026/11/02")
        rows[3]["source"] = "새 문장이다."
        (records / "2026/11/02.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        done = run("import", path, "--records", records)
        assert f"not in the records (any more): 2026/11/02, unit 000000000003: {KOREAN[3]}" in done.err
        assert corrections() == {KOREAN[3]: "Data and code come out soon."}
        assert read_rows(records, "2026/11/02") == rows

    def test_a_unit_that_lost_its_stamp_is_compared_with_the_records(
        self, tmp_path: Path, records: Path, run: Run, refused: Callable[[Result], str]
    ) -> None:
        path = tmp_path / "units.tsv"
        path.write_text(f"file\tid\tsource\ttarget\n2026/11/02\t{3:012x}\t{KOREAN[3]}\tData and code come out soon.\n", encoding="utf-8")
        assert "give the records that were, with --records" in refused(run("import", path))
        assert corrections() == {}
        assert run("import", path, "--records", records).code == 0
        assert corrections() == {KOREAN[3]: "Data and code come out soon."}

    def test_a_file_cannot_reach_out_of_the_records(self, tmp_path: Path, records: Path, run: Run) -> None:
        outside = tmp_path / "other.jsonl"
        outside.write_text(json.dumps(ROWS["2026/11/02"][3]), encoding="utf-8")
        before = outside.read_bytes()
        path = tmp_path / "units.tsv"
        path.write_text(
            f"file\tid\tsource\ttarget\tstamp\n../other\t{3:012x}\t{KOREAN[3]}\tx\tas exported: 0, translated\n", encoding="utf-8"
        )
        assert "not in the records" in run("import", path, "--records", records).err
        assert outside.read_bytes() == before


class TestMistakes:
    def test_export(self, tmp_path: Path, records: Path, run: Run, refused: Callable[[Result], str]) -> None:
        assert "give --xliff FILE" in refused(run("export", records))
        assert "ends in .po" in refused(run("export", records, "--po", tmp_path / "a.txt"))
        assert "no such file or folder" in refused(run("export", tmp_path / "none", "--po", tmp_path / "a.po"))
        (tmp_path / "empty").mkdir()
        assert "no records" in refused(run("export", tmp_path / "empty", "--po", tmp_path / "a.po"))
        assert "are both called 02" in refused(
            run("export", records / "2026/11/02.jsonl", records / "2026/11", "--po", tmp_path / "a.po")
        )  # fmt: skip
        (tmp_path / "empty/a.jsonl").write_text('{"source": "가다."}', encoding="utf-8")
        assert "a.jsonl, line 1: not a record" in refused(run("export", tmp_path / "empty", "--po", tmp_path / "a.po"))
        assert not (tmp_path / "a.po").exists()

    def test_import(self, tmp_path: Path, run: Run, refused: Callable[[Result], str]) -> None:
        (tmp_path / "a.docx").touch()
        assert "corrections are read from .xliff, .xlf, .po, .tsv, not from .docx" in refused(run("import", tmp_path / "a.docx"))
        assert "cannot be read" in refused(run("import", tmp_path / "a.po"))
        (tmp_path / "a.xliff").write_text('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x><trans-unit>&e;</trans-unit></x>')
        assert "declares XML entities" in refused(run("import", tmp_path / "a.xliff"))
