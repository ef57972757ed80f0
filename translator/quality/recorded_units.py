"""Units read from records, with what their checks find now."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from translator.errors import UserError
from translator.quality.checks import Flag, ScoredUnit, check_corpus, check_unit
from translator.textfile import read_json_lines


@dataclass(frozen=True, slots=True)
class RecordedUnit:
    """A record: the file and line where it stands, its id, texts and score (None: not said), and the flags of its run."""

    path: Path
    line: int
    id: str
    source: str
    target: str
    score: float | None
    flags: tuple[Flag, ...]


def read_recorded_units(paths: Sequence[Path]) -> list[RecordedUnit]:
    """The units of records and of folders of records, in order. Raises UserError for what cannot be read or is no record."""
    files: list[Path] = []
    for path in paths:
        found = sorted(p for p in path.rglob("*.jsonl") if p.is_file()) if path.is_dir() else [path]
        if not found:
            raise UserError(f"{path}: no records (*.jsonl) in this folder")
        files += found
    return [_unit(path, number, row) for path in dict.fromkeys(files) for number, row in read_json_lines(path)]


def _unit(path: Path, number: int, row: Mapping[str, Any]) -> RecordedUnit:
    source, target, score = row.get("source"), row.get("target"), row.get("score")
    if not isinstance(source, str) or not isinstance(target, str):
        raise UserError(f"{path}, line {number}: expected texts named source and target, as the records of `translator translate` have")
    if score is not None and (isinstance(score, bool) or not isinstance(score, int | float)):
        raise UserError(f"{path}, line {number}: the score {score!r} is no number")
    if row.get("origin") == "human":
        score = None  # no model made it
    checks = row.get("checks") or []
    try:
        flags = tuple(Flag(str(check["check"]), str(check["detail"])) for check in checks)
    except (TypeError, KeyError) as error:
        raise UserError(f"{path}, line {number}: expected checks as a list of {{check, detail}}, found {str(checks)[:60]}") from error
    return RecordedUnit(path, number, str(row.get("id") or ""), source, target, score, flags)


def check_units(
    units: Sequence[RecordedUnit], *, terms_in: Callable[[str], Mapping[str, str]] | None = None, off: Collection[str] = ()
) -> list[tuple[Flag, ...]]:
    """The flags of each unit, found anew from its texts, then those beside the other units, then those that only its run could know.

    `terms_in` gives the glossary terms that stand in a source; without it the run's own flags of its glossary count.
    """
    found = [[*check_unit(u.source, u.target, terms_in(u.source) if terms_in else None)] for u in units]
    for i, flag in check_corpus([ScoredUnit(unit.source, unit.target, unit.score) for unit in units], off):
        found[i].append(flag)
    return [
        tuple(flag for flag in dict.fromkeys([*flags, *_of_the_run(unit, terms_in is None)]) if flag.check not in off)
        for unit, flags in zip(units, found, strict=True)
    ]


def _of_the_run(unit: RecordedUnit, glossary: bool) -> list[Flag]:
    """A record's flags that cannot be found again, as far as its target still bears them out."""
    target = unit.target.casefold()
    kept = []
    for flag in unit.flags:
        wanted = flag.detail.rpartition(" = ")[2].casefold()
        if (
            flag.check == "truncated"
            or (flag.check == "appended" and flag.detail in unit.target)
            or (flag.check == "glossary" and glossary and wanted not in target)
        ):
            kept.append(flag)
    return kept


def count_flags(found: Sequence[Sequence[Flag]]) -> Counter[str]:
    """How many units each check flags."""
    return Counter(check for flags in found for check in {flag.check for flag in flags})
