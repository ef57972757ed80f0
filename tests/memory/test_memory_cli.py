"""`translator memory`: stats, search, export, import, prune."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ENGLISH, KOREAN, Result, Run
from tests.memory.test_durability import pages_of
from translator.memory import Context, Entry
from translator.memory.store import Memory

MODEL = Context("3f2a", '{"beam_size": 4}', "77", "small")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the memory of these tests is; there is none yet."""
    monkeypatch.setenv("TRANSLATOR_MEMORY", str(tmp_path / "memory.sqlite"))
    return tmp_path / "memory.sqlite"


@pytest.fixture
def filled(place: Path) -> Path:
    with Memory.open(place) as memory:
        memory.add(MODEL, [Entry(ko, en, created="2024-11-02T09:30:00Z") for ko, en in zip(KOREAN, ENGLISH, strict=True)])
        memory.add_human([Entry(KOREAN[0], text, "human", created=f"2024-11-0{n}T00:00:00Z") for n, text in enumerate(("A", "B"), 3)])
    return place


def test_stats(filled: Path, run: Run) -> None:
    text = run("memory", "stats").text
    assert text.splitlines()[0].startswith(f"{filled}, 0.")
    assert "       12 by small@3f2a, 2024-11-02T09:30:00Z to 2024-11-02T09:30:00Z" in text
    assert 'settings {"beam_size": 4}, glossary 77' in text
    assert "        1 by people, 2024-11-04T00:00:00Z to 2024-11-04T00:00:00Z" in text
    assert "        1 earlier corrections that later ones replaced" in text


def test_search(filled: Path, run: Run) -> None:
    done = run("memory", "search", "확산 모델", "--limit", 2)
    assert done.text.splitlines()[1:3] == ["  B", "  (human, 2024-11-04T00:00:00Z)"]
    assert "  (human, replaced, 2024-11-03T00:00:00Z)" in done.text
    assert "2 found, perhaps more: --limit 2" in done.err
    done = run("memory", "search", "reinforcement", "--origin", "machine")
    assert f"{KOREAN[8]}\n  {ENGLISH[8]}\n  (small@3f2a, 2024-11-02T09:30:00Z)\n" == done.text
    assert run("memory", "search", "없는 말").text == ""


@pytest.mark.parametrize("ending", ["tmx", "jsonl"])
def test_export_and_import_move_a_memory(filled: Path, tmp_path: Path, run: Run, ending: str) -> None:
    file = tmp_path / f"all.{ending}"
    assert "13 entries" in run("memory", "export", file).err
    done = run("memory", "import", file, "--memory", tmp_path / "other.sqlite")
    assert "12 of machines and 1 of people, 1 of these new" in done.err
    assert run("memory", "export", tmp_path / f"again.{ending}", "--memory", tmp_path / "other.sqlite").code == 0
    assert (tmp_path / f"again.{ending}").read_bytes() == file.read_bytes()
    assert "1 of people, 0 of these new" in run("memory", "import", file, "--memory", tmp_path / "other.sqlite").err


def test_history_is_exported_where_it_is_asked_for(filled: Path, tmp_path: Path, run: Run, refused: Callable[[Result], str]) -> None:
    assert run("memory", "export", tmp_path / "a.jsonl", "--history", "--origin", "human").code == 0
    rows = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(row["target"], row.get("replaced", False)) for row in rows] == [("A", True), ("B", False)]
    assert "only .jsonl says which" in refused(run("memory", "export", tmp_path / "a.tmx", "--history"))


def test_tables_are_for_training_and_come_in_as_peoples_work(
    filled: Path, tmp_path: Path, run: Run, refused: Callable[[Result], str]
) -> None:
    from translator.training.corpus import Pair, read_pairs

    file = tmp_path / "pairs.tsv"
    assert run("memory", "export", file, "--origin", "machine").code == 0
    assert set(read_pairs(file)) == {Pair(ko, en) for ko, en in zip(KOREAN, ENGLISH, strict=True)}
    assert "pairs.tsv, line 1: it is not said whether a person" in refused(run("memory", "import", file))
    assert "12 of people, 12 of these new" in run("memory", "import", file, "--as-human").err
    with Memory.open(filled) as memory:
        assert memory.human(KOREAN)[KOREAN[0]].target == ENGLISH[0]


def test_a_file_with_a_mistake_at_its_end_is_not_taken_in_by_halves(
    filled: Path, tmp_path: Path, run: Run, refused: Callable[[Result], str]
) -> None:
    file = tmp_path / "pairs.tsv"
    file.write_text("하나\tone\n" * 5000 + "둘\n", encoding="utf-8")
    assert "line 5001" in refused(run("memory", "import", file, "--as-human"))
    assert run("memory", "search", "하나").text == ""


def test_what_has_no_text_is_left_out_and_counted(tmp_path: Path, run: Run) -> None:
    file = tmp_path / "pairs.tsv"
    file.write_text("하나\tone\n둘\t \n", encoding="utf-8")
    assert "1 without a source or a target were left out" in run("memory", "import", file, "--as-human").err


def test_prune(filled: Path, run: Run, refused: Callable[[Result], str]) -> None:
    assert "give --keep-model, --older-than, or both" in refused(run("memory", "prune"))
    assert "about machines' entries" in refused(run("memory", "prune", "--keep-model", "small", "--origin", "human"))
    assert "nothing of the model large; it has: small@3f2a" in refused(run("memory", "prune", "--keep-model", "large"))
    assert run("memory", "prune", "--keep-model", "small").text == "0 deleted\n"
    assert run("memory", "prune", "--older-than", 0, "--dry-run").text == "12 would be deleted\n"
    assert run("memory", "prune", "--older-than", 0).text == "12 deleted\n"
    assert "by people" in run("memory", "stats").text
    assert run("memory", "prune", "--older-than", 0, "--origin", "human").text == "2 deleted\n"
    assert run("memory", "stats").text.endswith("\nempty\n")


@pytest.mark.parametrize("command", [("stats",), ("search", "가"), ("export", "a.jsonl"), ("prune", "--older-than", "1")])
def test_looking_into_no_memory(place: Path, run: Run, refused: Callable[[Result], str], command: tuple[str, ...]) -> None:
    assert f"there is no memory in {place} yet" in refused(run("memory", *command))
    assert not place.exists()


def test_a_damaged_memory_is_saved_and_the_loss_is_said(place: Path, tmp_path: Path, run: Run) -> None:
    with Memory.open(place) as memory:
        memory.add(MODEL, [Entry(f"문장 {number}", "A sentence. " * 8) for number in range(2000)])
        memory.add_human([Entry(KOREAN[0], "A", "human")])
    with place.open("r+b") as file:
        file.seek((pages_of(place, "memory_machine")[20] - 1) * 4096)
        file.write(b"\xff" * 4096)
    done = run("memory", "export", tmp_path / "saved.jsonl")
    assert done.code == 2
    lines = (tmp_path / "saved.jsonl").read_text(encoding="utf-8").splitlines()
    assert f"is damaged: {len(lines)} entries were saved in" in done.err
    assert f"{2001 - len(lines)} could not be read" in done.err
    assert json.loads(lines[-1])["target"] == "A"


def test_an_unknown_file_ending_is_refused_before_anything_is_read(
    filled: Path, tmp_path: Path, run: Run, refused: Callable[[Result], str]
) -> None:
    assert "kept in .tmx, .jsonl, .tsv, not in .xlsx" in refused(run("memory", "export", tmp_path / "a.xlsx"))
    assert "kept in .tmx, .jsonl, .tsv, not in .xlsx" in refused(run("memory", "import", tmp_path / "a.xlsx"))
    assert not (tmp_path / "a.xlsx").exists()
