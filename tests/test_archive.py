"""Runs over an archive again and again: what is done is not done again, whatever ended the run before."""

import contextlib
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import translator.outputs
from translator import Settings
from translator.archive import translate_archive
from translator.errors import Interrupted, UserError
from translator.journal import open_journal
from translator.memory.store import Memory
from translator.rewriting import standing, write_standing

Run = Callable[..., Any]
SENTENCES = (
    "본 논문에서는 새로운 확산 모델 {name}을 제안합니다.",
    "실험 결과, {name}은 기존 방법보다 {number}% 높은 성능을 보였습니다.",
    "{name}의 코드는 https://example.org/{name} 에서 공개됩니다.",
    "우리는 {number}개의 과제로 {name}을 평가했다.",
)


def digest(name: str, number: int) -> str:
    bullets = "\n".join(f"- {sentence.format(name=name, number=number)}" for sentence in SENTENCES)
    return f"## [{name}](https://example.org/{name})\n\nVote: {number}\n\n{bullets}\n"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Six digests in `in`, two of them with a bullet in common."""
    folder = tmp_path / "in"
    folder.mkdir()
    for i in range(6):
        shared = "- 작은 모델도 쓸모 있는 답을 냅니다.\n" if i < 2 else ""
        (folder / f"{i}.md").write_text(digest(f"WaveNet{i}", i + 3) + shared, encoding="utf-8")
    return tmp_path


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with Memory.open(tmp_path / "memory.sqlite") as opened:
        yield opened


SETTINGS = Settings(threads=1, layouts=["interleaved", "english"])


def pages(folder: Path) -> dict[str, bytes]:
    """The outputs: all but the journal and the report, which has times in it."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and ".translator" not in path.parts]
    return {path.name: path.read_bytes() for path in files if path.name != "report.json"}


def dates(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir() if path.is_file() and path.name != "report.json"}


def translate(work: Path, memory: Memory | None = None, output: str = "out", settings: Settings = SETTINGS, **options: bool):  # type: ignore[no-untyped-def]
    return translate_archive([str(work / "in")], work / output, settings, memory=memory, **options)


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, (before, text)
    path.write_text(text.replace(before, after), encoding="utf-8")


def english(work: Path, file: str, number: int) -> str:
    """The target of a unit of a file."""
    return str(json.loads((work / f"out/{file}.jsonl").read_text(encoding="utf-8").splitlines()[number])["target"])


class TestAgain:
    def test_nothing_changed_nothing_is_done(self, archive: Path) -> None:
        first = translate(archive)
        before = dates(archive / "out")
        again = translate(archive)
        assert (first.files, first.skipped, again.files, again.skipped) == (6, 0, 6, 6)
        assert dates(archive / "out") == before
        assert (again.units, again.sentences, again.flags) == (first.units, first.sentences, first.flags)

    def test_a_changed_file_is_done_and_no_other(self, archive: Path) -> None:
        translate(archive)
        before = dates(archive / "out")
        (archive / "in/3.md").write_text(digest("RiverNet", 8), encoding="utf-8")
        assert translate(archive).skipped == 5
        changed = {name for name, date in dates(archive / "out").items() if date != before[name]}
        assert changed == {"3.interleaved.md", "3.english.md", "3.jsonl"}

    def test_a_new_file_is_done_and_no_other(self, archive: Path) -> None:
        translate(archive)
        (archive / "in/9.md").write_text(digest("NewNet", 9), encoding="utf-8")
        report = translate(archive)
        assert (report.files, report.skipped) == (7, 6)

    def test_a_lost_output_is_written_again(self, archive: Path) -> None:
        translate(archive)
        before = pages(archive / "out")
        (archive / "out/2.english.md").unlink()
        assert translate(archive).skipped == 5
        assert pages(archive / "out") == before

    @pytest.mark.parametrize("changed", [{"order": "target-first"}, {"beam_size": 2}, {"layouts": ["table"]}], ids=str)
    def test_other_settings_do_everything(self, archive: Path, changed: dict[str, object]) -> None:
        translate(archive)
        assert translate(archive, settings=SETTINGS.model_copy(update=changed)).skipped == 0

    def test_settings_that_change_no_byte_do_nothing(self, archive: Path) -> None:
        translate(archive)
        assert translate(archive, settings=SETTINGS.model_copy(update={"threads": 2})).skipped == 6

    def test_a_glossary_that_changed_does_everything(self, archive: Path) -> None:
        glossary = archive / "terms.tsv"
        settings = SETTINGS.model_copy(update={"glossary": str(glossary)})
        glossary.write_text("확산 모델\tdiffusion model\n", encoding="utf-8")
        translate(archive, settings=settings)
        assert translate(archive, settings=settings).skipped == 6
        glossary.write_text("확산 모델\tDIFFUSION MODEL\n", encoding="utf-8")
        assert translate(archive, settings=settings).skipped == 0
        assert b"DIFFUSION MODEL" in pages(archive / "out")["0.english.md"]

    def test_an_output_that_no_run_wrote_is_refused_and_kept(self, archive: Path) -> None:
        (archive / "out").mkdir()
        (archive / "out/4.jsonl").write_text("mine", encoding="utf-8")
        with pytest.raises(UserError, match=r"4\.jsonl exists .* --force"):
            translate(archive)
        assert pages(archive / "out") == {"4.jsonl": b"mine"}
        translate(archive, force=True)
        assert pages(archive / "out")["4.jsonl"] != b"mine"


class TestMemory:
    def test_the_same_bytes_with_and_without_it(self, archive: Path, memory: Memory) -> None:
        translate(archive, output="without")
        translate(archive, memory, output="first")
        translate(archive, memory, output="second")
        assert pages(archive / "without") == pages(archive / "first") == pages(archive / "second")

    def test_what_is_known_is_not_decoded_again(self, archive: Path, memory: Memory) -> None:
        """The model is gone, and still the archive can be translated from memory alone."""
        from translator.translation import Translator

        translate(archive, memory, output="first")
        with Translator(SETTINGS, memory) as translator:
            found = translator.translate_lines([s.format(name="WaveNet0", number=3) for s in SENTENCES])
            assert translator._engine is None
        assert all(found)

    def test_human_words_win_in_every_file_whatever_the_model(self, archive: Path, memory: Memory) -> None:
        from translator.memory import Entry

        translate(archive, memory)
        memory.add_human([Entry("작은 모델도 쓸모 있는 답을 냅니다.", "Small models are useful, too.", "human")])
        for settings in (SETTINGS, SETTINGS.model_copy(update={"beam_size": 1})):
            report = translate(archive, memory, settings=settings)
            assert report.human_units == 2
            found = pages(archive / "out")
            assert all(b"Small models are useful, too." in found[f"{i}.english.md"] for i in (0, 1))
        record = json.loads(found["0.jsonl"].decode().splitlines()[-1])
        assert (record["origin"], record["target"]) == ("human", "Small models are useful, too.")

    def test_a_human_sentence_is_used_inside_a_longer_unit(self, archive: Path, memory: Memory) -> None:
        from translator.memory import Entry

        memory.add_human([Entry("코드는 곧 공개됩니다.", "The code is on its way.", "human")])
        (archive / "in/0.md").write_text("- 모델은 작습니다. 코드는 곧 공개됩니다.\n", encoding="utf-8")
        translate(archive, memory)
        assert pages(archive / "out")["0.english.md"].endswith(b". The code is on its way.\n")

    def test_a_fact_that_a_human_lost_is_flagged(self, archive: Path, memory: Memory) -> None:
        from translator.memory import Entry

        memory.add_human([Entry("정확도는 42% 높아졌습니다.", "Accuracy rose a lot.", "human")])
        (archive / "in/0.md").write_text("- 정확도는 42% 높아졌습니다.\n", encoding="utf-8")
        assert translate(archive, memory).flags["lost-number"] == 1


class TestEdits:
    """A person corrects the English of an output and runs the same command."""

    @pytest.mark.parametrize("output", ["0.interleaved.md", "0.english.md", "0.jsonl"])
    def test_an_edit_survives_and_goes_everywhere(self, archive: Path, memory: Memory, output: str) -> None:
        translate(archive, memory)
        others = {name: data for name, data in pages(archive / "out").items() if name[0] > "1"}
        shared = english(archive, "0", -1)
        assert shared == english(archive, "1", -1)
        edit(archive / "out" / output, shared, "Small models answer usefully, too.")
        report = translate(archive, memory)
        assert (report.corrections, report.conflicts, report.human_units) == (1, [], 2)
        found = pages(archive / "out")
        for file in "01":
            assert english(archive, file, -1) == "Small models answer usefully, too."
            for layout in ("interleaved", "english"):
                assert found[f"{file}.{layout}.md"].count(b"Small models answer usefully, too.") == 1
        assert {name: data for name, data in found.items() if name[0] > "1"} == others
        assert translate(archive, memory).skipped == 6
        again = translate(archive, memory, settings=SETTINGS.model_copy(update={"beam_size": 1}))
        assert (again.corrections, again.human_units) == (0, 2)

    def test_edits_in_two_outputs_that_disagree_are_a_conflict_and_nothing_is_lost(self, archive: Path, memory: Memory) -> None:
        translate(archive, memory)
        target = english(archive, "2", 1)
        edit(archive / "out/2.interleaved.md", target, "One way to say it.")
        edit(archive / "out/2.english.md", target, "Another way to say it.")
        (archive / "in/3.md").write_text(digest("RiverNet", 8), encoding="utf-8")
        before = pages(archive / "out")
        report = translate(archive, memory)
        assert len(report.conflicts) == 1
        assert "changed twice, to other words" in report.conflicts[0]
        after = pages(archive / "out")
        assert {name for name in after if after[name] != before[name]} == {"3.interleaved.md", "3.english.md", "3.jsonl"}

    def test_a_change_of_the_korean_is_a_conflict_that_names_the_line(self, archive: Path, memory: Memory) -> None:
        translate(archive, memory)
        edit(archive / "out/2.interleaved.md", "본 논문에서는", "이 글에서는")
        before = pages(archive / "out")
        [conflict] = translate(archive, memory).conflicts
        assert re.search(r"2\.interleaved\.md, line \d+: more was changed than the English", conflict)
        assert pages(archive / "out") == before
        assert translate(archive, memory, force=True).conflicts == []
        assert "본 논문에서는".encode() in pages(archive / "out")["2.interleaved.md"]

    @pytest.mark.parametrize("output", ["2.interleaved.md", "2.english.md", "2.jsonl"])
    def test_an_edit_survives_changes_of_the_source(self, archive: Path, memory: Memory, output: str) -> None:
        """Bullets are put in another order and one is changed, after the output was edited and before the next run."""
        translate(archive, memory)
        edited = english(archive, "2", 1)
        others = [english(archive, "2", i) for i in (0, 2)]
        edit(archive / "out" / output, edited, "By hand.")
        lines = (archive / "in/2.md").read_text(encoding="utf-8").replace("5개의 과제", "6개의 과제").splitlines()
        lines[4:] = lines[:3:-1]
        (archive / "in/2.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
        report = translate(archive, memory)
        assert (report.corrections, report.conflicts, report.human_units) == (1, [], 1)
        assert english(archive, "2", 2) == "By hand."
        assert [english(archive, "2", i) for i in (3, 1)] == others

    def test_an_edit_in_layouts_that_are_asked_for_no_longer(self, archive: Path, memory: Memory) -> None:
        translate(archive, memory, settings=Settings(threads=1, order="target-first"))
        edit(archive / "out/2.md", english(archive, "2", 1), "By hand.")
        for settings in (SETTINGS, Settings(threads=1), SETTINGS):
            report = translate(archive, memory, settings=settings)
            assert (report.conflicts, report.human_units) == ([], 1)
            assert english(archive, "2", 1) == "By hand."
        assert b"By hand." in pages(archive / "out")["2.md"]

    @pytest.mark.parametrize("name", ["2.interleaved.md", "2.english.md"])
    @pytest.mark.parametrize("edited", [False, True])
    def test_what_is_added_beside_the_english_is_not_overwritten(self, archive: Path, memory: Memory, name: str, edited: bool) -> None:
        translate(archive, memory)
        if edited:
            edit(archive / "out" / name, english(archive, "2", 1), "By hand.")
        path = archive / "out" / name
        path.write_text(path.read_text(encoding="utf-8") + "\nA paragraph of my own.\n", encoding="utf-8")
        before = pages(archive / "out")
        [conflict] = translate(archive, memory).conflicts
        assert re.search(rf"{name}, line \d+: more was changed", conflict)
        assert pages(archive / "out") == before
        assert memory.human_version() == ""

    @pytest.mark.parametrize("name", ["2.interleaved.md", "2.english.md", "2.jsonl"])
    def test_markdown_that_a_person_adds_to_the_english_stays_as_written(self, archive: Path, memory: Memory, name: str) -> None:
        translate(archive, memory)
        words = "**By hand**: `code`, see [the paper](https://example.org/p)."
        edit(archive / "out" / name, english(archive, "2", 1), words)
        edited = pages(archive / "out")[name]
        assert translate(archive, memory).conflicts == []
        assert pages(archive / "out")[name] == edited or name == "2.jsonl"
        assert all(words.encode() in pages(archive / "out")[f"2.{layout}.md"] for layout in ("english", "interleaved"))
        assert english(archive, "2", 1) == words

    def test_two_files_that_correct_the_same_korean_to_different_words(self, archive: Path, memory: Memory) -> None:
        translate(archive, memory)
        shared = english(archive, "0", -1)
        for file, words in (("0", "First wording."), ("1", "Second wording.")):
            edit(archive / f"out/{file}.english.md", shared, words)
        before = pages(archive / "out")
        assert len(translate(archive, memory).conflicts) == 2
        assert pages(archive / "out") == before
        edit(archive / "out/1.english.md", "Second wording.", "First wording.")
        assert translate(archive, memory).human_units == 2

    def test_force_takes_nothing_in_from_a_file_in_conflict(self, archive: Path, memory: Memory) -> None:
        translate(archive, memory)
        target = english(archive, "2", 1)
        edit(archive / "out/2.interleaved.md", target, "One way to say it.")
        edit(archive / "out/2.english.md", target, "Another way to say it.")
        report = translate(archive, memory, force=True)
        assert (report.conflicts, report.human_units, memory.human_version()) == ([], 0, "")
        assert english(archive, "2", 1) == target

    def test_an_output_that_is_changed_while_the_run_goes_on(self, archive: Path, memory: Memory) -> None:
        translate(archive, memory)

        @contextmanager
        def meddling(total: int) -> Iterator[Callable[[int], object]]:
            (archive / "out/2.english.md").write_text("Written just now.", encoding="utf-8")
            yield lambda count: None

        settings = SETTINGS.model_copy(update={"order": "target-first"})
        report = translate_archive([str(archive / "in")], archive / "out", settings, memory=memory, progress=meddling)
        assert [c.split(": ")[1] for c in report.conflicts] == ["changed while the run went on"]
        assert pages(archive / "out")["2.english.md"] == b"Written just now."

    @pytest.mark.parametrize("broken", [b"\xff\xfe", b"{oops\n"])
    def test_a_broken_output_stops_no_other_file(self, archive: Path, memory: Memory, broken: bytes) -> None:
        translate(archive, memory)
        (archive / "out/2.jsonl").write_bytes(broken)
        (archive / "in/3.md").write_text(digest("RiverNet", 8), encoding="utf-8")
        report = translate(archive, memory)
        assert (len(report.conflicts), report.files) == (1, 5)
        assert b"RiverNet" in pages(archive / "out")["3.english.md"]
        assert translate(archive, memory, force=True).conflicts == []

    def test_what_cut_off_runs_left_is_no_edit(self, archive: Path, memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
        """Two runs with other settings are ended while they write; nobody edited anything."""
        translate(archive, memory)
        write = translator.outputs.write_whole
        for beam_size, whole_files in ((1, 1), (2, 0)):
            left = [None] * whole_files

            def write_some(path: Path, content: bytes | str, left: list[None] = left) -> None:
                if not left:
                    raise UserError("the power is gone")
                left.pop()
                write(path, content)

            monkeypatch.setattr("translator.outputs.write_whole", write_some)
            with pytest.raises(UserError, match="power"):
                translate(archive, memory, settings=SETTINGS.model_copy(update={"beam_size": beam_size, "order": "target-first"}))
        monkeypatch.undo()
        report = translate(archive, memory)
        assert (report.corrections, report.conflicts, report.human_units) == (0, [], 0)

    @pytest.mark.parametrize("output", ["2.english.md", "2.interleaved.md", "2.jsonl"])
    def test_an_edit_whose_source_was_renamed_before_the_next_run(self, archive: Path, memory: Memory, output: str) -> None:
        translate(archive, memory)
        edit(archive / "out" / output, english(archive, "2", 1), "By hand.")
        (archive / "in/2.md").rename(archive / "in/new.md")
        left = (archive / "out" / output).read_bytes()
        report = translate(archive, memory)
        assert (report.corrections, report.conflicts, english(archive, "new", 1)) == (1, [], "By hand.")
        assert (archive / "out" / output).read_bytes() == left
        again = translate(archive, memory)
        assert (again.corrections, again.skipped) == (0, 6)

    def test_a_second_edit_of_an_output_whose_source_is_gone_brings_its_first_not_back(self, archive: Path, memory: Memory) -> None:
        translate(archive, memory)
        first, other = english(archive, "2", 0), english(archive, "2", 1)
        edit(archive / "out/2.english.md", other, "First words.")
        (archive / "in/2.md").rename(archive / "in/new.md")
        translate(archive, memory)
        edit(archive / "out/new.english.md", "First words.", "Later words.")
        translate(archive, memory)
        edit(archive / "out/2.english.md", first, "More words.")
        translate(archive, memory)
        assert [english(archive, "new", number) for number in (0, 1)] == ["More words.", "Later words."]

    def test_an_edit_that_cannot_be_read_and_whose_source_is_gone_is_named(
        self, archive: Path, memory: Memory, caplog: pytest.LogCaptureFixture
    ) -> None:
        translate(archive, memory)
        path = archive / "out/2.english.md"
        path.write_text(path.read_text(encoding="utf-8") + "\nA paragraph of my own.\n", encoding="utf-8")
        (archive / "in/2.md").rename(archive / "in/new.md")
        assert translate(archive, memory).conflicts == []
        assert re.search(r"not taken into the memory, the source is gone: .*2\.english\.md, line \d+: more was changed", caplog.text)

    def test_an_older_edit_of_an_output_whose_source_is_gone_undoes_no_later_one(self, archive: Path, memory: Memory) -> None:
        translate(archive, memory)
        shared = english(archive, "1", -1)
        edit(archive / "out/1.english.md", shared, "Older words.")
        an_hour_ago = time.time() - 3600
        os.utime(archive / "out/1.english.md", (an_hour_ago, an_hour_ago))
        edit(archive / "out/0.english.md", shared, "Later words.")
        (archive / "in/1.md").rename(archive / "in/new.md")
        assert translate(archive, memory).conflicts == []
        assert [english(archive, file, -1) for file in ("0", "new")] == ["Later words."] * 2

    def test_edits_without_a_memory_are_not_overwritten(self, archive: Path) -> None:
        translate(archive)
        edit(archive / "out/2.english.md", english(archive, "2", 1), "By hand.")
        before = pages(archive / "out")
        [conflict] = translate(archive).conflicts
        assert "no memory" in conflict
        assert pages(archive / "out") == before


class TestHumanRecords:
    """What people wrote is known from the records alone: the memory that had it is not the run's."""

    @pytest.fixture
    def other(self, tmp_path: Path) -> Iterator[Memory]:
        with Memory.open(tmp_path / "other.sqlite") as opened:
            yield opened

    @pytest.fixture
    def corrected(self, archive: Path, memory: Memory) -> Path:
        """The archive after somebody corrected the second unit of 2.md and its run."""
        translate(archive, memory)
        edit(archive / "out/2.english.md", english(archive, "2", 1), "By hand.")
        assert translate(archive, memory).human_units == 1
        return archive

    @pytest.mark.parametrize("changed", [{}, {"beam_size": 1}, {"layouts": ["table"]}], ids=str)
    def test_they_are_taken_into_another_memory(self, corrected: Path, other: Memory, changed: dict[str, object]) -> None:
        settings = SETTINGS.model_copy(update=changed)
        report = translate(corrected, other, settings=settings)
        assert (report.recovered, report.corrections, report.conflicts, report.human_units) == (1, 0, [], 1)
        assert english(corrected, "2", 1) == "By hand."
        again = translate(corrected, other, settings=settings)
        assert (again.skipped, again.recovered) == (6, 0)

    def test_they_follow_the_korean_to_other_files(self, corrected: Path, other: Memory) -> None:
        source = json.loads((corrected / "out/2.jsonl").read_text(encoding="utf-8").splitlines()[1])["source"]
        (corrected / "in/9.md").write_text(f"- {source}\n", encoding="utf-8")
        translate(corrected, other)
        assert english(corrected, "9", 0) == "By hand."

    def test_without_a_memory_the_file_is_left_as_it_is_unless_forced(self, corrected: Path) -> None:
        before, settings = pages(corrected / "out"), SETTINGS.model_copy(update={"order": "target-first"})
        report = translate(corrected, settings=settings)
        assert len(report.conflicts) == 1
        assert re.search(r"2\.jsonl: people wrote 1 of its targets, and there is no memory", report.conflicts[0])
        after = pages(corrected / "out")
        assert {name for name in after if after[name] != before[name]} == {f"{i}.interleaved.md" for i in (0, 1, 3, 4, 5)}
        assert translate(corrected, settings=settings, force=True).conflicts == []
        assert english(corrected, "2", 1) != "By hand."

    def test_the_memorys_own_words_win(self, corrected: Path, other: Memory) -> None:
        from translator.memory import Entry

        source = json.loads((corrected / "out/2.jsonl").read_text(encoding="utf-8").splitlines()[1])["source"]
        other.add_human([Entry(source, "Better by hand.", "human")])
        report = translate(corrected, other)
        assert (report.recovered, report.human_units) == (0, 1)
        assert english(corrected, "2", 1) == "Better by hand."

    def test_sentences_that_were_corrected_one_by_one(self, archive: Path, memory: Memory, other: Memory) -> None:
        """In their own memory they stay sentences, which can be corrected again; in another the unit they make is kept whole."""
        from translator.memory import Entry

        (archive / "in/0.md").write_text("- 모델은 작습니다. 코드는 곧 공개됩니다.\n", encoding="utf-8")
        memory.add_human([Entry("모델은 작습니다.", "It is small.", "human"), Entry("코드는 곧 공개됩니다.", "Code soon.", "human")])
        assert translate(archive, memory).human_units == 1
        memory.add_human([Entry("코드는 곧 공개됩니다.", "The code is on its way.", "human")])
        assert translate(archive, memory).recovered == 0
        assert english(archive, "0", 0) == "It is small. The code is on its way."
        other.add_human([Entry("모델은 작습니다.", "Tiny.", "human")])
        assert translate(archive, other).recovered == 1
        assert english(archive, "0", 0) == "It is small. The code is on its way."

    def test_an_edit_is_newer_than_any_record(self, archive: Path, memory: Memory, other: Memory) -> None:
        translate(archive, memory)
        edit(archive / "out/0.english.md", english(archive, "0", -1), "By hand.")
        assert translate(archive, memory).human_units == 2
        edit(archive / "out/0.interleaved.md", "By hand.", "By hand again.")
        report = translate(archive, other)
        assert (report.corrections, report.recovered, report.conflicts) == (1, 0, [])
        assert [english(archive, file, -1) for file in "01"] == ["By hand again."] * 2

    def test_a_target_that_was_approved_as_it_is(self, archive: Path, memory: Memory, other: Memory) -> None:
        """`translator import --records` says so in the records, where nothing else changes."""
        translate(archive, memory)
        target = english(archive, "2", 1)
        lines = (archive / "out/2.jsonl").read_text(encoding="utf-8").splitlines()
        lines[1] = json.dumps(json.loads(lines[1]) | {"origin": "human"}, ensure_ascii=False)
        (archive / "out/2.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        report = translate(archive, other, settings=SETTINGS.model_copy(update={"beam_size": 1}))
        assert (report.recovered, report.human_units, english(archive, "2", 1)) == (1, 1, target)

    def test_what_was_put_into_the_outputs_between_two_runs(self, archive: Path, memory: Memory, other: Memory) -> None:
        """As `translator review` does, which leaves nothing behind that looks edited."""
        translate(archive, memory)
        unit = json.loads((archive / "out/2.jsonl").read_text(encoding="utf-8").splitlines()[1])["id"]
        with open_journal(archive / "out") as journal:
            found = standing(archive / "out", "2.md", journal, memory)
            write_standing(archive / "out", [found.corrected({unit: "By hand."})], journal)
        report = translate(archive, other, settings=SETTINGS.model_copy(update={"beam_size": 1}))
        assert (report.recovered, report.human_units, english(archive, "2", 1)) == (1, 1, "By hand.")

    def test_records_that_are_gone(self, corrected: Path, memory: Memory, other: Memory) -> None:
        (corrected / "out/2.jsonl").unlink()
        before = pages(corrected / "out")
        [conflict] = translate(corrected, other).conflicts
        assert re.search(r"2\.jsonl is gone, which said what people wrote", conflict)
        assert pages(corrected / "out") == before
        assert translate(corrected, memory).conflicts == []  # which knows them
        assert english(corrected, "2", 1) == "By hand."

    def test_a_digest_that_was_renamed_since(self, corrected: Path, other: Memory) -> None:
        (corrected / "in/2.md").rename(corrected / "in/new.md")
        report = translate(corrected, other)
        assert (report.recovered, report.conflicts, english(corrected, "new", 1)) == (1, [], "By hand.")
        assert translate(corrected, other).recovered == 0

    def test_files_whose_people_disagree(self, archive: Path, memory: Memory, other: Memory) -> None:
        """The same Korean, corrected in two files under two memories."""
        translate(archive, memory)
        for file, words, known in (("0", "First wording.", memory), ("1", "Second wording.", other)):
            edit(archive / f"out/{file}.english.md", english(archive, file, -1), words)
            translate_archive([str(archive / f"in/{file}.md")], archive / "out", SETTINGS, memory=known)
        before = pages(archive / "out")
        with Memory.open(archive / "third.sqlite") as third:
            conflicts = translate(archive, third).conflicts
            assert len(conflicts) == 2
            assert "to other words than that of another file" in conflicts[0]
            assert pages(archive / "out") == before
            edit(archive / "out/1.english.md", "Second wording.", "First wording.")
            assert translate(archive, third).conflicts == []
        assert [english(archive, file, -1) for file in "01"] == ["First wording."] * 2


class TestPlaces:
    """Outputs are those of one source, wherever the folder has moved."""

    def test_outputs_whose_source_is_gone_are_named_and_left(self, archive: Path, run: Run) -> None:
        translate(archive)
        before = pages(archive / "out")
        (archive / "in/5.md").unlink()
        report = translate(archive)
        assert (report.orphaned, report.files, report.skipped) == (["5.interleaved.md", "5.english.md", "5.jsonl"], 5, 5)
        assert pages(archive / "out") == before
        assert json.loads((archive / "out/report.json").read_text(encoding="utf-8"))["orphaned"] == report.orphaned
        layouts = ["--layout", "interleaved", "--layout", "english"]
        said = run("translate", archive / "in", "-o", archive / "out", *layouts).err
        assert f"3 outputs have no source any more and were left as they are (see report.json): {archive / 'out/5.interleaved.md'}" in said
        (archive / "in/5.md").write_text("- 돌아온 글이다.\n", encoding="utf-8")
        assert translate(archive).orphaned == []

    def test_nothing_is_said_of_outputs_that_the_run_is_not_about(self, archive: Path) -> None:
        (archive / "in/2026").mkdir()
        for name in ("6", "7"):
            (archive / f"in/2026/{name}.md").write_text(digest("WaveNet", 8), encoding="utf-8")
        translate(archive)
        (archive / "in/2026/6.md").unlink()
        for given in ("in/0.md", "in/2026"):
            assert translate_archive([str(archive / given)], archive / "out", SETTINGS).orphaned == []
        assert len(translate(archive).orphaned) == 3

    def test_a_folder_that_was_renamed_goes_on_as_before(self, archive: Path) -> None:
        translate(archive)
        (archive / "in").rename(archive / "digests")
        (archive / "digests/3.md").write_text(digest("RiverNet", 8), encoding="utf-8")
        report = translate_archive([str(archive / "digests")], archive / "out", SETTINGS)
        assert (report.skipped, report.orphaned) == (5, [])
        (archive / "digests/4.md").unlink()
        assert len(translate_archive([str(archive / "digests")], archive / "out", SETTINGS).orphaned) == 3

    def test_another_folder_with_the_same_names_is_refused(self, archive: Path) -> None:
        translate(archive)
        (archive / "more").mkdir()
        (archive / "more/3.md").write_text(digest("RiverNet", 8), encoding="utf-8")
        before = pages(archive / "out")
        with pytest.raises(UserError, match=r"out.3\.english\.md was made from .*in.3\.md, not from .*more.3\.md: choose another --output"):
            translate_archive([str(archive / "more")], archive / "out", SETTINGS)
        assert pages(archive / "out") == before
        translate_archive([str(archive / "more")], archive / "out", SETTINGS, force=True)
        assert b"RiverNet" in pages(archive / "out")["3.english.md"]
        (archive / "more/3.md").write_text(digest("StormNet", 8), encoding="utf-8")
        translate_archive([str(archive / "more")], archive / "out", SETTINGS)  # whose outputs they are now
        with pytest.raises(UserError, match=r"was made from .*more.3\.md"):
            translate(archive)

    def test_a_copy_of_the_folder_is_no_other_source(self, archive: Path) -> None:
        translate(archive)
        shutil.copytree(archive / "in", archive / "copy")
        assert translate_archive([str(archive / "copy")], archive / "out", SETTINGS).skipped == 6

    def test_a_folder_may_be_spelled_in_any_way(self, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        translate(archive)
        monkeypatch.chdir(archive)
        (archive / "link").symlink_to(archive / "in")
        for number, given in enumerate(("in", "./in/../in", "link", "link/3.md")):
            (archive / "in/3.md").write_text(digest("RiverNet", number), encoding="utf-8")
            assert translate_archive([given], Path("out"), SETTINGS).orphaned == []

    def test_standard_input_has_no_place(self, archive: Path, run: Run) -> None:
        for text in ("- 모델은 작습니다.\n", "- 코드는 곧 공개됩니다.\n"):
            assert run("translate", "-", "-o", archive / "out", "-q", stdin=text.encode()).code == 0
        assert "코드는".encode() in pages(archive / "out")["stdin.md"]

    def test_an_older_journal_learns_where_its_sources_are(self, archive: Path) -> None:
        translate(archive)
        with contextlib.closing(sqlite3.connect(archive / "out/.translator/journal.sqlite")) as journal:
            journal.execute("DROP TABLE place")
        (archive / "in/5.md").unlink()
        report = translate(archive)
        assert (report.skipped, report.orphaned) == (5, [])  # it cannot know of 5.md
        (archive / "in/4.md").unlink()
        assert len(translate(archive).orphaned) == 3


def start(work: Path, output: str, *more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "translator", "translate", "in", "-o", output, "--memory", "memory.sqlite", *more]
    layouts = ["--layout", "interleaved", "--layout", "english"]
    return subprocess.Popen([*command, *layouts], cwd=work, stderr=subprocess.PIPE)


def whole(name: str, data: bytes, wanted: dict[str, bytes]) -> bool:
    return name.startswith(".") or data == wanted[name]  # a draft has a hidden name


def spoil(memory: Path, harm: str) -> None:
    with contextlib.closing(sqlite3.connect(memory)) as connection:
        if harm == "newer":
            connection.execute("UPDATE memory_version SET version = 7")
            connection.commit()
            return
        [[page]] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'memory_machine'")
    with memory.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)


class TestAccidents:
    def test_kills_at_any_moment_leave_whole_files_and_the_next_run_goes_on(
        self, archive: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for i in range(6, 24):
            (archive / f"in/{i}.md").write_text(digest(f"StormNet{i}", i), encoding="utf-8")
        translate(archive, output="undisturbed")
        wanted = pages(archive / "undisturbed")
        rng = random.Random(4)
        monkeypatch.setenv("PYTHONPATH", str(Path(translator.__file__).parent.parent))
        for _ in range(6):
            run = start(archive, "out")
            time.sleep(rng.uniform(0.4, 2.5))
            run.send_signal(signal.SIGKILL)
            run.wait()
            if (archive / "out").exists():
                assert all(whole(name, data, wanted) for name, data in pages(archive / "out").items())
        last = start(archive, "out")
        assert last.wait() == 0, last.stderr
        assert pages(archive / "out") == wanted  # and no draft is left

    @pytest.mark.parametrize("times", [1, 2])
    def test_control_c_ends_a_run_and_the_next_one_goes_on(self, archive: Path, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
        """Once, and the files in hand are finished; twice, and they are not."""
        monkeypatch.setattr("translator.windows.WINDOW", 10)  # units: a window every two files
        translate(archive, output="undisturbed")

        @contextmanager
        def interrupting(total: int) -> Iterator[Callable[[int], object]]:
            left = [signal.SIGINT] * times

            def tell(count: int) -> None:
                while count and left:
                    os.kill(os.getpid(), left.pop())
                    time.sleep(0.05)  # the main thread takes its signals one at a time

            yield tell

        with pytest.raises(Interrupted, match="the same command goes on" if times == 1 else "interrupted"):
            translate_archive([str(archive / "in")], archive / "out", SETTINGS, progress=interrupting)
        done = pages(archive / "out")
        assert all(data == pages(archive / "undisturbed")[name] for name, data in done.items())
        assert 0 < len(done) < 18 if times == 1 else len(done) < 18
        assert translate(archive).skipped == len(done) // 3
        assert pages(archive / "out") == pages(archive / "undisturbed")

    def test_two_runs_on_one_output(self, archive: Path, memory: Memory, run: Run, refused: Callable[..., str]) -> None:
        with open_journal(archive / "out"):
            assert "another run is writing" in refused(run("translate", archive / "in", "-o", archive / "out"))

    def test_a_folder_that_cannot_be_written(self, archive: Path, run: Run, refused: Callable[..., str]) -> None:
        (archive / "out").write_text("a file", encoding="utf-8")
        assert "is a file" in refused(run("translate", archive / "in", "-o", archive / "out"))

    @pytest.mark.parametrize("blocked", [".translator", "2026"])
    def test_a_file_in_place_of_a_folder_in_the_output(
        self, archive: Path, run: Run, refused: Callable[..., str], blocked: str
    ) -> None:
        (archive / "in/2026").mkdir()
        (archive / "in/5.md").rename(archive / "in/2026/5.md")
        (archive / "out").mkdir()
        (archive / "out" / blocked).write_text("mine", encoding="utf-8")
        command = ("translate", archive / "in", "-o", archive / "out", "-q")
        assert f"{archive / 'out' / blocked}" in refused(run(*command))
        assert (archive / "out" / blocked).read_text(encoding="utf-8") == "mine"
        (archive / "out" / blocked).unlink()
        assert run(*command).code == 0
        assert (archive / "out/2026/5.md").exists()

    @pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() != 0, reason="mounting a folder read-only needs root")
    @pytest.mark.parametrize("is_new", [True, False])
    def test_a_read_only_output_is_told_and_the_run_can_go_on(
        self, archive: Path, run: Run, refused: Callable[..., str], is_new: bool
    ) -> None:
        output = archive / "out"
        output.mkdir()
        command = ("translate", archive / "in", "-o", output, "-q")
        if not is_new:
            assert run(*command).code == 0
            (archive / "in/3.md").write_text(digest("RiverNet", 8), encoding="utf-8")
        before = pages(output)
        if subprocess.run(["mount", "--bind", output, output], capture_output=True, check=False).returncode:
            pytest.skip("a folder cannot be mounted here")
        try:
            subprocess.run(["mount", "-o", "remount,bind,ro", output], check=True)
            said = refused(run(*command))
            assert str(output) in said
            assert "cannot be written" in said
        finally:
            subprocess.run(["umount", output], check=True)
        assert pages(output) == before
        assert run(*command).code == 0
        assert ("RiverNet" in (output / "3.md").read_text(encoding="utf-8")) is not is_new

    @pytest.mark.parametrize("harm", ["no database", "a page is lost", "newer"])
    def test_a_memory_that_cannot_be_used_is_told_and_the_run_goes_on_with_another(
        self, archive: Path, run: Run, refused: Callable[..., str], harm: str
    ) -> None:
        path = archive / "memory.sqlite"
        command = ("translate", archive / "in", "-o", archive / "out", "-q", "--memory")
        if harm == "no database":
            path.write_text("지난 일을 적은 글 " * 500, encoding="utf-8")
        else:
            assert run(*command, path).code == 0
            (archive / "in/3.md").write_text(digest("RiverNet", 8), encoding="utf-8")
            spoil(path, harm)
        before, kept = pages(archive / "out") if (archive / "out").exists() else {}, path.read_bytes()
        said = refused(run(*command, path))
        assert str(path) in said
        assert ("newer version of translator" if harm == "newer" else "is damaged") in said
        assert path.read_bytes() == kept
        assert (pages(archive / "out") if (archive / "out").exists() else {}) == before
        assert run(*command, archive / "another.sqlite").code == 0
        translate_archive([str(archive / "in")], archive / "wanted", Settings())
        assert pages(archive / "out") == pages(archive / "wanted")

    @pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() != 0, reason="mounting a small file system needs root")
    def test_a_full_disk_is_told_and_the_run_can_go_on(self, archive: Path, run: Run, refused: Callable[..., str]) -> None:
        output = archive / "out"
        output.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", output], capture_output=True, check=False)
        if mounted.returncode:
            pytest.skip("a file system cannot be mounted here")
        try:
            assert "No space left" in refused(run("translate", archive / "in", "-o", output, "-q"))
            subprocess.run(["mount", "-o", "remount,size=8m", output], check=True)
            assert run("translate", archive / "in", "-o", output, "-q").code == 0
            found = pages(output)
        finally:
            subprocess.run(["umount", output], check=True)
        translate_archive([str(archive / "in")], archive / "wanted", Settings())
        assert found == pages(archive / "wanted")
