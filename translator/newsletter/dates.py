"""The day of a digest."""

import re
from datetime import date
from pathlib import Path

_IN_PATH = re.compile(r"(?<!\d)(\d{4})[/._-]?(\d{2})[/._-]?(\d{2})(?!\d)")
_IN_TEXT = re.compile(r"(?<!\d)(\d{4})(?:[./-]|년) ?(\d{1,2})(?:[./-]|월) ?(\d{1,2})(?!\d)")


def find_date(relative: Path, front_matter: str, title: str) -> date | None:
    """From the path (`2024/04/09.jsonl`, `2024-04-09.jsonl`), else the `date` of the front matter, else the title; None without any."""
    stem = relative.with_suffix("").as_posix()
    stated = re.search(r"^date[ \t]*:[ \t]*['\"]?(.*)", front_matter, re.M)
    for pattern, text in ((_IN_PATH, stem), (_IN_TEXT, stated[1] if stated else ""), (_IN_TEXT, title)):
        for match in reversed(list(pattern.finditer(text))):
            try:
                return date(*map(int, match.groups()))
            except ValueError:
                continue
    return None
