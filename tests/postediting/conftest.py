"""Records as `translator translate` writes them, of one's own prose."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ENGLISH, KOREAN


def record(number: int, **values: Any) -> dict[str, Any]:
    row = {
        "id": f"{number:012x}", "line": 3 * number + 1, "kind": "bullet", "title": "RiverFlow: <강>의 흐름 & 길", "source": KOREAN[number],
        "target": ENGLISH[number], "model": "small@3f2a", "engine": "ctranslate2", "score": -0.25, "checks": [],
    }  # fmt: skip
    return {**row, **values}


ROWS = {
    "2026/11/02": [
        record(0),
        record(1, checks=[{"check": "lost-number", "detail": "7.4%"}, {"check": "hangul", "detail": "실험"}]),
        record(2, origin="human"),
        record(3, later_field={"kept": True}),
    ],
    "2026/11/03": [
        record(0),
        record(4, source="`코드`와 [링크](https://example.org/?a=1&b=2)가 있다.", target='There is `코드` "and" <b>more</b>.'),
    ],
}


@pytest.fixture
def records(tmp_path: Path) -> Path:
    folder = tmp_path / "records"
    for name, rows in ROWS.items():
        path = folder / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return folder


def read_rows(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
