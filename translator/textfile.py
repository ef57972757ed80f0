"""Text files and JSON Lines, read with errors that name the file and the line."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from translator.errors import UserError


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, without byte order mark, line ends as `\\n`. Raises UserError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 (byte {error.start}); convert it, e.g. with iconv -f cp949") from error


def to_json_lines(rows: Iterable[Mapping[str, Any]]) -> str:
    """Objects as JSON Lines, Korean as Korean."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def read_json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSON Lines file with the numbers of their lines. Raises UserError for a line that holds none."""
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            json.dumps(row, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise UserError(f"{path}, line {number}: half a character (a lone surrogate, {line[:40]!r})") from error
        except ValueError as error:
            raise UserError(f"{path}, line {number}: not valid JSON ({error})") from error
        if not isinstance(row, dict):
            raise UserError(f"{path}, line {number}: expected a JSON object, found a {type(row).__name__}")
        yield number, row
