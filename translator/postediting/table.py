"""TSV, which spreadsheets edit."""

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from translator.errors import UserError
from translator.postediting.units import ExportedUnit, ReturnedUnit, State
from translator.textfile import read_text

_COLUMNS = ("file", "line", "section", "source", "target", "approved", "checks", "id", "stamp")
_NEEDED = ("file", "source", "target", "id")


def to_tsv(units: Iterable[ExportedUnit]) -> bytes:
    """Units as a table with a line of names, quoted as spreadsheets do, in UTF-8 with the mark by which they know it."""
    written = io.StringIO(newline="")
    table = csv.writer(written, dialect="excel-tab")
    table.writerow(_COLUMNS)
    for u in units:
        approved = "yes" if u.state == "approved" else ""
        table.writerow((u.file, u.line, u.title, u.source, u.target, approved, "; ".join(u.flags), u.id, u.stamp))
    return written.getvalue().encode("utf-8-sig")


def read_tsv(path: Path) -> Iterator[ReturnedUnit]:
    """The rows of such a table that have a target; any word in the column `approved` but `no` approves a row."""
    table = csv.DictReader(io.StringIO(read_text(path), newline=""), dialect="excel-tab", restval="")
    try:
        missing = [name for name in _NEEDED if name not in (table.fieldnames or ())]
        if missing:
            raise UserError(f"{path}, line 1: the table has no column {', '.join(missing)}; `translator export --tsv` writes them all")
        for row in table:
            if row["target"].strip():
                approved = row.get("approved", "").strip().lower() not in ("", "no")
                stamp = row.get("stamp", "")
                state: State = "approved" if approved else "review" if stamp.endswith(", review") else "translated"
                yield ReturnedUnit(row["file"], row["id"], row["source"], row["target"], state, stamp)
    except csv.Error as error:
        raise UserError(f"{path}, line {table.line_num}: not a table with tabs ({error})") from error
