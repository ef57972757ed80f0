"""Text files and JSON Lines, read with errors that name the file and the line."""

import codecs
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from translator.errors import UserError


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, without byte order mark, line ends as `\\n`. Raises UserError where it cannot be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error
    return decoded(data, str(path)).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def decoded(data: bytes, name: str) -> str:
    """What UTF-8 says, byte order mark and line ends included; `name` is what messages call it. Raises UserError for other encodings."""
    if is_utf16(data):
        raise UserError(f"{name} is UTF-16, not UTF-8; convert it with iconv -f utf-16 -t utf-8")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(f"{name}, line {line}: not UTF-8 (byte {error.start}); convert it, e.g. with iconv -f cp949 -t utf-8") from error


def is_utf16(data: bytes) -> bool:
    """True for what begins with the mark of UTF-16, such as Excel's "Unicode text"; no UTF-8 begins so."""
    return data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


def read_columns(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The cells of a table of two columns or more, source and target first, with the numbers of its lines, blank ones left out.

    Raises UserError for a line that has one cell, and for the table of `translator export --tsv`, whose first cells are a file and a line.
    """
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        columns = line.split("\t")
        if len(columns) < 2:
            raise UserError(f"{path}, line {number}: expected `source<TAB>target`, found {line.strip()[:60]!r}")
        if columns[:4] == ["file", "line", "section", "source"]:
            raise UserError(
                f"{path} is a table of `translator export --tsv`: take it in with `translator import`; "
                "`translator memory export pairs.tsv --origin human` then gives pairs of source and target"
            )
        yield number, columns


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
