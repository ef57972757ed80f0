"""Dry runs: what there is to do, told without a trace in the output folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from translator import Document, Settings
from translator.archive import translate_archive
from translator.journal import open_journal
from translator.memory.store import Memory
from translator.planning import Plan, plan_archive

SETTINGS = Settings(threads=1, layouts=["english"])
TEXTS = {"a": "- 모델은 작습니다. 코드는 곧 공개됩니다.\n", "b": "- 로봇은 물건을 옮긴다.\n", "c": "- 학습 데이터의 품질이 중요하다.\n"}


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for name, text in TEXTS.items():
        (tmp_path / "in" / f"{name}.md").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with Memory.open(tmp_path / "memory.sqlite") as opened:
        yield opened


def plan(work: Path, memory: Memory | None = None, settings: Settings = SETTINGS) -> Plan:
    return plan_archive([str(work / "in")], work / "out", settings, memory=memory)


def translate(work: Path, memory: Memory | None = None) -> None:
    translate_archive([str(work / "in")], work / "out", SETTINGS, memory=memory)


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    """All files with their dates, the journal's included."""
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"") for path in [folder, *folder.rglob("*")]}


def test_what_is_done_is_left_out(work: Path) -> None:
    assert (plan(work).done, (work / "out").exists()) == (0, False)
    translate(work)
    before = everything(work / "out")
    found = plan(work)
    assert (found.files, found.done, found.units, found.sentences, found.seconds) == (3, 3, 0, 0, 0.0)
    (work / "in/a.md").write_text("- 확산 모델을 제안합니다. 새로운 방법이다.\n", encoding="utf-8")
    found = plan(work)
    assert (found.files, found.done, found.units, found.sentences) == (3, 2, 1, 2)
    assert found.seconds > 0
    assert plan(work, settings=SETTINGS.model_copy(update={"beam_size": 2})).done == 0
    assert everything(work / "out") == before


def test_korean_that_stays_is_named_for_all_files(work: Path) -> None:
    (work / "in/b.md").write_text("모델이다.\n\n```\n그대로 둔다\n```\n", encoding="utf-8")
    translate(work)
    [(name, line, _, text)] = plan(work).untouched
    assert (name, line, text) == (str(work / "in/b.md"), 4, "그대로 둔다")


def test_edits_are_counted(work: Path, memory: Memory) -> None:
    translate(work, memory)
    path = work / "out/b.md"
    path.write_text("- By hand.\n", encoding="utf-8")
    found = plan(work, memory)
    assert (found.done, found.edited) == (2, 1)
    assert path.read_text(encoding="utf-8") == "- By hand.\n"
    assert memory.human_version() == ""


def test_while_another_run_is_writing(work: Path) -> None:
    """Its journal is not merged into one file yet."""
    translate(work)
    (work / "in/d.md").write_text("- 새 글이다.\n", encoding="utf-8")
    with open_journal(work / "out") as journal:
        done = journal.done("a.md")
        assert done is not None
        journal.finish("d.md", done)
        before = everything(work / "out")
        assert plan(work).done == 3  # d.md is not what the journal says
        journal.finish("b.md", done)
        assert plan(work).done == 2
        assert set(everything(work / "out")) == set(before)


def test_without_an_output_nothing_is_done(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(work)
    translate_archive(["in"], Path("outputs"), SETTINGS)
    found = plan_archive(["in"], None, SETTINGS)
    assert (found.done, found.units) == (0, sum(len(Document.parse(text).units) for text in TEXTS.values()))
