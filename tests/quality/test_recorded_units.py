"""Records read back and checked anew."""

import json
from pathlib import Path

import pytest

from translator.errors import UserError
from translator.glossary import Glossary
from translator.quality.checks import Flag
from translator.quality.recorded_units import RecordedUnit, check_units, count_flags, read_recorded_units


def record(source: str, target: str, **more: object) -> str:
    return json.dumps({"id": "a1", "source": source, "target": target, **more}, ensure_ascii=False) + "\n"


def unit(source: str, target: str, *flags: Flag) -> RecordedUnit:
    return RecordedUnit(Path("a.jsonl"), 1, "a1", source, target, -0.2, flags)


def test_files_and_folders_are_read_once_in_order_with_the_place_of_each_record(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b/2.jsonl").write_text(record("둘.", "Two.", score=-0.5), encoding="utf-8")
    (tmp_path / "1.jsonl").write_text(record("하나.", "One.") + "\n" + record("셋.", "Three.", score=-1), encoding="utf-8")
    units = read_recorded_units([tmp_path / "1.jsonl", tmp_path])
    assert [(u.path, u.line, u.target, u.score) for u in units] == [
        (tmp_path / "1.jsonl", 1, "One.", None),
        (tmp_path / "1.jsonl", 3, "Three.", -1),
        (tmp_path / "b/2.jsonl", 1, "Two.", -0.5),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"source": "가"}', ["line 1", "source and target"]),
        ('{"source": "가", "target": 5}', ["line 1", "source and target"]),
        ('{"source": "가", "target": "a", "score": "high"}', ["line 1", "'high'"]),
        ('{"source": "가", "target": "a", "score": true}', ["line 1", "True"]),
        ('{"source": "가", "target": "a", "checks": ["length"]}', ["line 1", "length"]),
        ("[1]", ["line 1", "list"]),
        ("{", ["line 1", "JSON"]),
    ],
)
def test_what_is_no_record_is_told_with_file_and_line(tmp_path: Path, text: str, words: list[str]) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(text + "\n", encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read_recorded_units([path])
    assert all(word in str(caught.value) for word in (str(path), *words))


def test_a_missing_file_and_an_empty_folder_are_told(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.jsonl"):
        with pytest.raises(UserError, match=str(path)):
            read_recorded_units([path])


def test_flags_are_found_anew_from_the_texts() -> None:
    """The record's own flag is of a target that has since been edited; the new fault is of the edit."""
    edited = unit("GPT-4o는 3개의 모델이다.", "GPT-4o is some models.", Flag("lost-name", "GPT-4o"))
    assert check_units([edited]) == [(Flag("lost-number", "3"),)]


def test_what_only_the_run_knew_is_taken_over_as_far_as_the_target_bears_it_out() -> None:
    flags = (Flag("truncated", "cut"), Flag("appended", "https://x.com/a"), Flag("glossary", "모델 = system"))
    assert check_units([unit("모델이다.", "It is a model (https://x.com/a).", *flags)]) == [flags]
    assert check_units([unit("모델이다.", "It is a system.", *flags)]) == [(Flag("truncated", "cut"),)]


def test_a_glossary_at_hand_counts_for_the_one_of_the_run() -> None:
    found = unit("모델이다.", "It is a model.", Flag("glossary", "모델 = machine"))
    assert check_units([found], terms_in=Glossary({"모델": "system"}).terms_in) == [(Flag("glossary", "모델 = system"),)]
    assert check_units([found], terms_in=Glossary({"모델": "model"}).terms_in) == [()]


def test_checks_that_are_off_leave_no_flag() -> None:
    found = unit("GPT-4o는 3개의 모델이다.", "It is some models.", Flag("truncated", "cut"))
    assert count_flags(check_units([found])) == {"lost-name": 1, "lost-number": 1, "truncated": 1}
    assert count_flags(check_units([found], off={"lost-name", "truncated"})) == {"lost-number": 1}


def test_units_are_seen_beside_each_other() -> None:
    units = [unit("끝입니다.", "The end."), unit("끝입니다.", "It is over.")]
    assert [[flag.check for flag in flags] for flags in check_units(units)] == [[], ["inconsistent-sentence"]]
