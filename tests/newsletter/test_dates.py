"""The day of a digest, from where it is told."""

from pathlib import Path

import pytest

from translator.newsletter.dates import find_date


@pytest.mark.parametrize(
    ("path", "front", "title", "day"),
    [
        ("2024/04/09.jsonl", "", "", "2024-04-09"),
        ("daily/2024-04-09.jsonl", "date: 2020-01-01", "", "2024-04-09"),
        ("20240409-papers.jsonl", "", "", "2024-04-09"),
        ("a.jsonl", "---\ntitle: x\ndate: '2024-04-09'\n---\n", "2020-01-01", "2024-04-09"),
        ("a.jsonl", "---\ndate: 2024.4.9\n---\n", "", "2024-04-09"),
        ("a.jsonl", "", "Daily Papers (2024-04-09)", "2024-04-09"),
        ("a.jsonl", "", "2024년 4월 9일 논문 소식", "2024-04-09"),
        ("a.jsonl", "---\ndate: 2024년 4월 9일\n---\n", "", "2024-04-09"),
        ("2024/13/40.jsonl", "", "", "None"),
        ("1234567890.jsonl", "", "", "None"),
        ("notes.jsonl", "", "메모", "None"),
    ],
)
def test_the_first_place_that_tells_a_day_counts(path: str, front: str, title: str, day: str) -> None:
    assert str(find_date(Path(path), front, title)) == day
