"""A teacher's translations as training data."""

from collections.abc import Callable
from pathlib import Path

from tests.conftest import Result, Run
from tests.training.conftest import REPOSITORY
from translator.training.corpus import read_pairs

DIGEST = """## 오늘의 논문

- 본 논문에서는 이미지 생성을 위한 새로운 확산 모델을 제안합니다. 코드와 데이터는 공개될 예정입니다.
- An English bullet stays out.

```text
코드 안의 한국어는 문장이 아니다.
```
"""


def test_sentences_of_digests_and_lists_become_pairs(tmp_path: Path, run: Run) -> None:
    (tmp_path / "digest.md").write_text(DIGEST, encoding="utf-8")
    (tmp_path / "lines.txt").write_text("우리는 새로운 언어 모델을 제안합니다.\n\n코드와 데이터는 공개될 예정입니다.\n", encoding="utf-8")
    done = run("distill", "--data", tmp_path / "digest.md", "--data", tmp_path / "lines.txt", "--output", tmp_path / "pairs.tsv")
    assert done.code == 0, done.err
    pairs = read_pairs(tmp_path / "pairs.tsv")
    assert [pair.source for pair in pairs] == [
        "오늘의 논문",
        "본 논문에서는 이미지 생성을 위한 새로운 확산 모델을 제안합니다.",
        "코드와 데이터는 공개될 예정입니다.",
        "우리는 새로운 언어 모델을 제안합니다.",
    ]
    assert "diffusion model" in pairs[1].target
    assert "4 pairs of 4 sentences" in done.err


def test_what_the_checks_flag_is_left_out_and_counted(tiny_run: Path, tmp_path: Path, run: Run) -> None:
    """The tiny teacher knows nothing of names and numbers: it loses them."""
    (tmp_path / "lines.txt").write_text("RiverFlow의 정확도는 71.2%입니다.\n로봇은 두 개의 표를 바꾼다.\n", encoding="utf-8")
    out = tmp_path / "pairs.tsv"
    done = run("distill", "--teacher", tiny_run / "model", "--data", tmp_path / "lines.txt", "--output", out)
    assert done.code == 0, done.err
    assert out.read_text(encoding="utf-8") == "로봇은 두 개의 표를 바꾼다.\tThe robot changes two tables.\n"
    assert "1 pairs of 2 sentences" in done.err
    assert "lost-" in done.err


def test_a_student_can_be_trained_on_what_comes_out(tiny_run: Path, tmp_path: Path, run: Run) -> None:
    data = REPOSITORY / "examples" / "train" / "tiny.train.tsv"
    assert run("distill", "--teacher", tiny_run / "model", "--data", data, "--output", tmp_path / "pairs.tsv").code == 0
    wanted = {(pair.source, pair.target) for pair in read_pairs(data)}
    found = read_pairs(tmp_path / "pairs.tsv")
    assert len(found) > 1100
    assert sum((pair.source, pair.target) in wanted for pair in found) > 0.99 * len(found)


def test_an_existing_file_is_not_overwritten_without_being_told_to(tmp_path: Path, run: Run, refused: Callable[[Result], str]) -> None:
    (tmp_path / "lines.txt").write_text("우리는 새로운 언어 모델을 제안합니다.\n", encoding="utf-8")
    out = tmp_path / "pairs.tsv"
    out.write_text("mine")
    arguments = ("distill", "--data", tmp_path / "lines.txt", "--output", out)
    assert "--force" in refused(run(*arguments))
    assert out.read_text() == "mine"
    assert run(*arguments, "--force").code == 0
    assert len(read_pairs(out)) == 1


def test_a_teacher_that_is_not_there_leaves_the_old_file(tmp_path: Path, run: Run, refused: Callable[[Result], str]) -> None:
    (tmp_path / "lines.txt").write_text("\ufeff우리는 새로운 언어 모델을 제안합니다.\n", encoding="utf-8")
    out = tmp_path / "pairs.tsv"
    out.write_text("mine")
    arguments = ("distill", "--data", tmp_path / "lines.txt", "--output", out, "--force")
    assert "nowhere" in refused(run(*arguments, "--teacher", "./nowhere"))
    assert out.read_text() == "mine"


def test_nothing_that_passes_is_told_with_the_reasons(tmp_path: Path, run: Run, refused: Callable[[Result], str]) -> None:
    (tmp_path / "lines.txt").write_text("우리는 새로운 언어 모델을 제안합니다.\n", encoding="utf-8")
    done = run("distill", "--data", tmp_path / "lines.txt", "--output", tmp_path / "pairs.tsv", "--lowest-score", "0")
    assert "low-score 1" in refused(done)


def test_inputs_without_korean_are_refused(tmp_path: Path, run: Run, refused: Callable[[Result], str]) -> None:
    (tmp_path / "lines.txt").write_text("No Korean here.\n", encoding="utf-8")
    assert "no Korean" in refused(run("distill", "--data", tmp_path / "lines.txt", "--output", tmp_path / "pairs.tsv"))
