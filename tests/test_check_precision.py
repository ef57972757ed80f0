"""The tool that measures the checks: a sample to judge, and the table of what was judged."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parent.parent / "benchmarks/check_precision.py"


def run_tool(*arguments: str | Path) -> str:
    done = subprocess.run([sys.executable, TOOL, *map(str, arguments)], capture_output=True, text=True, check=True, cwd=TOOL.parent.parent)
    return done.stdout


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A sample of twelve units that lost a number and of eight that are right."""
    rows = [{"id": f"{n}", "source": f"모델 {n}개는\t빠르다.", "target": "The models are fast."} for n in range(20, 32)]
    rows += [{"id": f"{n}", "source": f"모델 {n}개는 빠르다.", "target": f"The {n} models are fast."} for n in range(40, 48)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    assert "16 units of 20" in run_tool("draw", tmp_path, tmp_path / "sample.tsv", "--each", "10", "--unflagged", "6")
    return tmp_path / "sample.tsv"


def judged(sample: Path, verdicts: dict[str, list[str]]) -> Path:
    lines = sample.read_text(encoding="utf-8").splitlines()
    filled = [lines[0], *(line + verdicts[line.partition("\t")[0]].pop(0) for line in lines[1:])]
    path = sample.with_name("judged.tsv")
    path.write_text("\n".join(filled) + "\n", encoding="utf-8")
    return path


def test_the_sample_is_stratified_and_repeatable(sample: Path) -> None:
    first = sample.read_text(encoding="utf-8")
    kinds = [line.partition("\t")[0] for line in first.splitlines()[1:]]
    assert (kinds.count("lost-number"), kinds.count("-")) == (10, 6)
    run_tool("draw", sample.parent, sample, "--each", "10", "--unflagged", "6")
    assert sample.read_text(encoding="utf-8") == first


def test_the_table_has_precision_with_its_interval_and_what_the_others_hide(sample: Path) -> None:
    verdicts = {"lost-number": ["y"] * 9 + ["n"], "-": ["ok"] * 4 + ["dropped words, grammar", "grammar"]}
    table = run_tool("table", judged(sample, verdicts))
    assert "| `lost-number` | 12 | 10 | 9 | 90 % | 60-98 |" in table
    assert "8 units have no flag; 4 of 6 judged are right (30-90 %)" in table
    assert table.index("    2 grammar") < table.index("    1 dropped words")


def test_what_is_not_judged_does_not_count(sample: Path) -> None:
    table = run_tool("table", judged(sample, {"lost-number": ["y", "", "n"] + [""] * 7, "-": [""] * 6}))
    assert "| `lost-number` | 12 | 2 | 1 | 50 % | 9-91 |" in table
    assert "judged are right" not in table
