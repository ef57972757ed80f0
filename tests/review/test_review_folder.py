"""What a review saves is in the memory, the records and the Markdown, and later runs keep it."""

import json
import unicodedata
from pathlib import Path

import pytest

from tests.review.conftest import SHARED, Translated
from translator import Settings
from translator.archive import translate_archive
from translator.errors import UserError
from translator.journal import content_key, open_journal
from translator.review.folder import ConflictError, ReviewFolder, ReviewUnit
from translator.review.selection import Filter, next_open

FIRST, SECOND = "2026/11/02.md", "2026/11/03.md"
MINE = "RiverFlow succeeds 7.4% more often than earlier methods."


def unit_with(folder: ReviewFolder, text: str, file: str = FIRST) -> ReviewUnit:
    return next(unit for unit in folder.units(file) if text in unit.source)


@pytest.fixture
def folder(translated: Translated) -> ReviewFolder:
    return ReviewFolder(translated.output, translated.memory)


def test_a_saved_correction_is_in_memory_records_and_every_layout(translated: Translated, folder: ReviewFolder) -> None:
    unit = unit_with(folder, "7.4%")
    before = translated.outputs()
    saved = folder.save(FIRST, unit.id, MINE, unit.version)
    assert (saved.unit.target, saved.unit.origin, saved.unit.flags, saved.others) == (MINE, "human", (), 0)
    assert translated.memory.human([unit.source])[unit.source].target == MINE
    rows = [json.loads(line) for line in (translated.output / "2026/11/02.jsonl").read_text(encoding="utf-8").splitlines()]
    assert next(row["target"] for row in rows if row["id"] == unit.id) == MINE
    changed = {name: data.decode() for name, data in translated.outputs().items() if data != before[name]}
    assert set(changed) == {f"2026/11/02.{ending}" for ending in ("jsonl", "english.md", "interleaved.md")}
    for layout in ("english", "interleaved"):
        name = f"2026/11/02.{layout}.md"
        assert changed[name].replace(MINE, unit.target) == before[name].decode()


def test_the_next_run_writes_nothing_else(translated: Translated, folder: ReviewFolder) -> None:
    for text, english in (("7.4%", MINE), (SHARED, "Results depend on **clean** data."), ("작은 언어", "Small models can judge.")):
        unit = unit_with(folder, text)
        folder.save(FIRST, unit.id, english, unit.version)
    reviewed = translated.outputs()
    report = translated.translate()
    assert (report.corrections, report.conflicts, report.human_units) == (0, [], 4)
    assert translated.outputs() == reviewed


def test_units_with_the_same_korean_get_the_same_english(translated: Translated, folder: ReviewFolder) -> None:
    unit = unit_with(folder, SHARED)
    saved = folder.save(FIRST, unit.id, "Data quality matters a great deal.", unit.version)
    assert saved.others == 1
    assert unit_with(folder, SHARED, SECOND).target == "Data quality matters a great deal."
    assert "Data quality matters a great deal." in (translated.output / "2026/11/03.english.md").read_text(encoding="utf-8")


def test_approving_as_it_is_makes_it_a_persons(translated: Translated, folder: ReviewFolder) -> None:
    translated.flag(FIRST, 0)
    flagged = folder.units(FIRST)[0]
    assert flagged.is_open
    saved = folder.save(FIRST, flagged.id, flagged.target, flagged.version)
    assert (saved.unit.target, saved.unit.origin, saved.unit.is_open) == (flagged.target, "human", False)
    assert translated.memory.human([flagged.source])[flagged.source].target == flagged.target


def test_of_two_people_the_second_is_told(folder: ReviewFolder) -> None:
    unit = unit_with(folder, "7.4%")
    folder.save(FIRST, unit.id, MINE, unit.version)
    with pytest.raises(ConflictError) as told:
        folder.save(FIRST, unit.id, "Something else.", unit.version)
    assert told.value.unit.target == MINE
    assert unit_with(folder, "7.4%").target == MINE
    folder.save(FIRST, unit.id, "Something else, 7.4%.", told.value.unit.version)
    assert unit_with(folder, "7.4%").target == "Something else, 7.4%."


def test_undo_takes_back_the_last_save_and_then_the_one_before(translated: Translated, folder: ReviewFolder) -> None:
    start = translated.outputs()
    unit = unit_with(folder, SHARED)
    first = folder.save(FIRST, unit.id, "Data matters.", unit.version)
    between = translated.outputs()
    folder.save(FIRST, unit.id, "Good data matters.", first.unit.version)
    assert folder.undo(folder.last_step).target == "Data matters."
    assert translated.outputs() == between
    assert translated.memory.human([SHARED])[SHARED].target == "Data matters."
    assert folder.undo(folder.last_step).target == unit.target
    assert translated.outputs() == start
    assert translated.memory.human([SHARED]) == {}
    with pytest.raises(UserError, match="nothing was saved"):
        folder.undo(folder.last_step)


def test_undoing_an_approval_keeps_what_the_memory_had_before(translated: Translated, folder: ReviewFolder) -> None:
    unit = unit_with(folder, "7.4%")
    first = folder.save(FIRST, unit.id, MINE, unit.version)
    folder.save(FIRST, unit.id, MINE, first.unit.version)
    folder.undo(folder.last_step)
    assert translated.memory.human([unit.source])[unit.source].target == MINE


def test_what_was_changed_since_is_not_undone(translated: Translated, folder: ReviewFolder) -> None:
    unit = unit_with(folder, "7.4%")
    folder.save(FIRST, unit.id, MINE, unit.version)
    other = ReviewFolder(translated.output, translated.memory)
    other.save(FIRST, unit.id, "Another's: 7.4%.", unit_with(other, "7.4%").version)
    with pytest.raises(UserError, match="changed since"):
        folder.undo(folder.last_step)
    assert unit_with(folder, "7.4%").target == "Another's: 7.4%."


def test_english_edited_in_the_markdown_meanwhile_is_taken_in(translated: Translated, folder: ReviewFolder) -> None:
    page = translated.output / "2026/11/02.english.md"
    judged, mine = unit_with(folder, "작은 언어"), unit_with(folder, "7.4%")
    page.write_text(page.read_text(encoding="utf-8").replace(judged.target, "Edited by hand."), encoding="utf-8")
    folder.save(FIRST, mine.id, MINE, mine.version)
    assert unit_with(folder, "작은 언어").target == "Edited by hand."
    assert unit_with(folder, "작은 언어").origin == "human"
    assert "Edited by hand." in (translated.output / "2026/11/02.interleaved.md").read_text(encoding="utf-8")
    assert MINE in page.read_text(encoding="utf-8")


def test_the_same_unit_edited_in_the_markdown_is_a_conflict(translated: Translated, folder: ReviewFolder) -> None:
    page = translated.output / "2026/11/02.english.md"
    unit = unit_with(folder, "작은 언어")
    page.write_text(page.read_text(encoding="utf-8").replace(unit.target, "Edited by hand."), encoding="utf-8")
    with pytest.raises(ConflictError) as told:
        folder.save(FIRST, unit.id, "Edited in the browser.", unit.version)
    assert told.value.unit.target == "Edited by hand."


def test_where_more_than_the_english_was_edited_nothing_is_written(translated: Translated, folder: ReviewFolder) -> None:
    page = translated.output / "2026/11/02.english.md"
    page.write_text("Something quite different.\n", encoding="utf-8")
    before = translated.outputs()
    unit = unit_with(folder, "7.4%")
    with pytest.raises(UserError, match="more was changed than the English"):
        folder.save(FIRST, unit.id, MINE, unit.version)
    assert translated.outputs() == before
    assert translated.memory.human([unit.source]) == {}


def test_a_hand_that_edited_the_same_korean_elsewhere_is_a_conflict(translated: Translated, folder: ReviewFolder) -> None:
    page = translated.output / "2026/11/03.english.md"
    unit, other = unit_with(folder, SHARED), unit_with(folder, SHARED, SECOND)
    page.write_text(page.read_text(encoding="utf-8").replace(other.target, "By hand, elsewhere."), encoding="utf-8")
    with pytest.raises(ConflictError) as told:
        folder.save(FIRST, unit.id, "In the browser.", unit.version)
    assert told.value.unit.target == "By hand, elsewhere."
    folder.save(FIRST, unit.id, "In the browser.", told.value.unit.version)
    reviewed = translated.outputs()
    translated.translate()
    assert translated.outputs() == reviewed
    assert translated.memory.human([SHARED])[SHARED].target == "In the browser."


def test_back_and_forth_the_last_word_holds(translated: Translated, folder: ReviewFolder) -> None:
    for english in ("One way.", "Another way.", "One way."):
        unit = unit_with(folder, SHARED)
        folder.save(FIRST, unit.id, english, unit.version)
    assert translated.memory.human([SHARED])[SHARED].target == "One way."
    reviewed = translated.outputs()
    translated.translate()
    assert translated.outputs() == reviewed


def test_an_approval_is_not_overwritten_unseen(folder: ReviewFolder) -> None:
    unit = unit_with(folder, "7.4%")
    folder.save(FIRST, unit.id, unit.target, unit.version)
    with pytest.raises(ConflictError):
        folder.save(FIRST, unit.id, MINE, unit.version)


def test_records_that_cannot_be_read_stop_only_their_own_file(translated: Translated, folder: ReviewFolder) -> None:
    with (translated.output / "2026/11/03.jsonl").open("a", encoding="utf-8") as records:
        records.write("no record\n")
    unit = unit_with(folder, SHARED)
    folder.save(FIRST, unit.id, "Data matters.", unit.version)
    assert unit_with(folder, SHARED).target == "Data matters."
    assert {each.file for each in folder.all_units()} == {FIRST}
    with pytest.raises(UserError, match="line 3: not"):
        folder.units(SECOND)


def test_after_a_run_that_was_cut_off_nothing_is_guessed(translated: Translated, folder: ReviewFolder) -> None:
    """The records are of the digest as it is now, the journal's text is of the digest as it was."""
    records = translated.output / "2026/11/02.jsonl"
    rows = records.read_text(encoding="utf-8").splitlines(keepends=True)
    new = "".join(rows[1:]).encode()
    with open_journal(translated.output) as journal:
        journal.intend({FIRST: {"2026/11/02.jsonl": content_key(new)}})
    records.write_bytes(new)
    unit, before = unit_with(folder, "7.4%"), translated.outputs()
    with pytest.raises(UserError, match="a run was cut off"):
        folder.save(FIRST, unit.id, MINE, unit.version)
    assert translated.outputs() == before
    assert translated.memory.human([unit.source]) == {}


def test_a_save_that_cannot_be_undone_does_not_block_the_one_before(translated: Translated, folder: ReviewFolder) -> None:
    start = translated.outputs()
    for text in ("작은 언어", "7.4%"):
        unit = unit_with(folder, text)
        folder.save(FIRST, unit.id, f"Mine: RiverFlow 7.4% {unit.line}.", unit.version)
    other = ReviewFolder(translated.output, translated.memory)
    theirs = unit_with(other, "7.4%")
    other.save(FIRST, theirs.id, "Another's: RiverFlow, 7.4%.", theirs.version)
    with pytest.raises(UserError, match="so this save stays"):
        folder.undo(folder.last_step)
    folder.undo(folder.last_step)
    other.undo(other.last_step)
    assert unit_with(folder, "작은 언어").origin == "machine"
    changed = {name for name, data in translated.outputs().items() if data != start[name]}
    assert all("Mine: RiverFlow 7.4%" in translated.outputs()[name].decode() for name in changed)


def test_what_a_run_has_taken_further_is_not_undone_by_halves(translated: Translated, folder: ReviewFolder) -> None:
    unit = unit_with(folder, SHARED)
    folder.save(FIRST, unit.id, "Data matters.", unit.version)
    (translated.sources / "2026/11/04.md").write_text(f"- {SHARED} 코드와 데이터는 곧 공개될 예정입니다.\n", encoding="utf-8")
    (translated.sources / "2026/11/05.md").write_text(f"- {SHARED}\n", encoding="utf-8")
    translated.translate()
    folder.refresh()
    before = translated.outputs()
    with pytest.raises(UserError, match=r"05\.md was changed since, so this save stays"):
        folder.undo(folder.last_step)
    assert translated.outputs() == before
    assert translated.memory.human([SHARED])[SHARED].target == "Data matters."


def test_an_undo_that_is_refused_can_be_asked_for_again(translated: Translated, folder: ReviewFolder) -> None:
    unit = unit_with(folder, "7.4%")
    folder.save(FIRST, unit.id, MINE, unit.version)
    page = translated.output / "2026/11/02.english.md"
    text = page.read_text(encoding="utf-8")
    page.write_text("Quite another text.\n", encoding="utf-8")
    with pytest.raises(UserError, match="more was changed than the English"):
        folder.undo(folder.last_step)
    page.write_text(text, encoding="utf-8")
    assert folder.undo(folder.last_step).target == unit.target


def test_words_edited_in_the_records_elsewhere_are_a_conflict(translated: Translated, folder: ReviewFolder) -> None:
    records, unit = translated.output / "2026/11/03.jsonl", unit_with(folder, SHARED)
    target = json.dumps(unit_with(folder, SHARED, SECOND).target)
    records.write_text(records.read_text(encoding="utf-8").replace(target, '"By hand, in the records."'), encoding="utf-8")
    with pytest.raises(ConflictError) as told:
        folder.save(FIRST, unit.id, "In the browser.", unit.version)
    assert told.value.unit.target == "By hand, in the records."


def test_a_window_undoes_only_the_save_it_knows(folder: ReviewFolder) -> None:
    unit = unit_with(folder, "7.4%")
    first = folder.save(FIRST, unit.id, MINE, unit.version)
    folder.save(FIRST, unit.id, "Later: RiverFlow, 7.4%.", first.unit.version)
    with pytest.raises(UserError, match="another window"):
        folder.undo(first.step)
    assert unit_with(folder, "7.4%").target == "Later: RiverFlow, 7.4%."


def test_korean_in_other_unicode_is_found(translated: Translated) -> None:
    (translated.sources / "2026/11/05.md").write_text(unicodedata.normalize("NFD", "- 음성 인식 오류는 줄었습니다.\n"), encoding="utf-8")
    translated.translate()
    folder = ReviewFolder(translated.output, translated.memory)
    assert [unit.file for unit in folder.all_units() if Filter(words="인식 오류").fits(unit)] == ["2026/11/05.md"]


@pytest.mark.parametrize("target", ["", "  \n", "RiverFlow는 기존 방법보다 7.4% 높은 성공률을 보였습니다."])
def test_a_translation_that_is_none_is_refused(folder: ReviewFolder, target: str) -> None:
    unit = unit_with(folder, "7.4%")
    with pytest.raises(UserError, match="write a translation"):
        folder.save(FIRST, unit.id, target, unit.version)
    assert unit_with(folder, "7.4%").origin == "machine"


def test_while_a_run_has_the_folder_nothing_is_saved(
    translated: Translated, folder: ReviewFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("translator.review.folder._PATIENCE", 0.0)
    unit = unit_with(folder, "7.4%")
    with open_journal(translated.output), pytest.raises(UserError, match="save again when it has ended"):
        folder.save(FIRST, unit.id, MINE, unit.version)
    folder.save(FIRST, unit.id, MINE, unit.version)
    assert unit_with(folder, "7.4%").target == MINE


def test_what_a_later_run_adds_is_found(translated: Translated, folder: ReviewFolder) -> None:
    (translated.sources / "2026/11/04.md").write_text("- 코드와 데이터는 곧 공개될 예정입니다.\n", encoding="utf-8")
    translated.translate()
    assert "2026/11/04.md" not in folder.files
    folder.refresh()
    assert len(folder.units("2026/11/04.md")) == 1


def test_a_file_whose_outputs_were_deleted_is_left_out(translated: Translated, folder: ReviewFolder) -> None:
    (translated.output / "2026/11/03.jsonl").unlink()
    assert {unit.file for unit in folder.all_units()} == {FIRST}


def test_a_folder_without_a_run_is_refused(translated: Translated, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not an output folder of `translator translate`"):
        ReviewFolder(tmp_path / "in", translated.memory)


def test_markdown_of_an_earlier_layout_stays_as_it_is(translated: Translated) -> None:
    table = Settings(threads=1, layouts=["table", "english"])
    translate_archive([str(translated.sources)], translated.output, table, memory=translated.memory)
    before = translated.outputs()
    folder = ReviewFolder(translated.output, translated.memory)
    unit = unit_with(folder, "7.4%")
    folder.save(FIRST, unit.id, MINE, unit.version)
    changed = {name for name, data in translated.outputs().items() if data != before[name]}
    assert changed == {"2026/11/02.jsonl", "2026/11/02.table.md", "2026/11/02.english.md"}


def test_filters(translated: Translated, folder: ReviewFolder) -> None:
    translated.flag(FIRST, 1)
    translated.flag(FIRST, 3, "lost-number", "7.4%")
    unit = unit_with(folder, SHARED)
    folder.save(FIRST, unit.id, "Data matters.", unit.version)
    units = list(folder.all_units())

    def found(**values: str) -> list[int]:
        return [unit.line for unit in units if Filter(**values).fits(unit)]

    assert len(found()) == len(units)
    assert found(show="open") == [units[1].line, units[3].line]
    assert found(show="open", check="lost-number") == [units[3].line]
    assert [u.source for u in units if Filter(show="reviewed").fits(u)] == [SHARED, SHARED]
    assert [u.source for u in units if Filter(words="MATTERS data").fits(u)] == [SHARED, SHARED]
    assert [u.file for u in units if Filter(words="wavenote 코드").fits(u)] == [SECOND]


def test_the_next_one_to_look_at_comes_round_again(translated: Translated, folder: ReviewFolder) -> None:
    translated.flag(FIRST, 1)
    translated.flag(SECOND, 0, "lost-number", "7")
    units = list(folder.all_units())
    first, last = (unit for unit in units if unit.is_open)
    assert next_open(units, "", "") == first
    assert next_open(units, first.file, first.id) == last
    assert next_open(units, last.file, last.id) == first
    assert next_open(units, first.file, first.id, "lost-name") is None
