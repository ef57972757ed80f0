"""The command that checks translations without a reference: arguments in, calls out."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from translator.cli_options import GlossaryOption


class Severity(StrEnum):
    """See translator.quality.checks."""

    error = "error"
    warning = "warning"
    note = "note"


Records = Annotated[list[Path] | None, typer.Argument(help="Records (.jsonl) and folders of them.", show_default=False)]


def check(
    records: Records = None,
    off: Annotated[list[str] | None, typer.Option("--off", help="A check to leave out. May be given again.")] = None,
    severity: Annotated[Severity, typer.Option("--severity", help="The least grave flags to show.")] = Severity.note,
    glossary: GlossaryOption = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="Flags to show of each check; 0: all.")] = 20,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all flags here.")] = None,
    fail_on: Annotated[Severity | None, typer.Option("--fail-on", help="Exit code 3 for flags at least this grave.")] = None,
    list_checks: Annotated[bool, typer.Option("--list", help="Only list the checks there are.")] = False,
) -> None:
    """Says what may be wrong with translations, from their records alone: lost and invented things, loops, outliers, inconsistency."""
    from translator.errors import UserError
    from translator.files import write_whole
    from translator.glossary import read_glossary
    from translator.quality.checks import BY_ID, CATALOGUE, SEVERITIES, unknown_check
    from translator.quality.gates import GateFailed
    from translator.quality.recorded_units import check_units, read_recorded_units

    if unknown := unknown_check(off or []):
        raise UserError(f"--off: {unknown}")
    if list_checks:
        for entry in CATALOGUE:
            typer.echo(f"{entry.id:22} {entry.severity:8} {entry.explanation}")
        return
    if not records:
        raise UserError("RECORDS is missing: name the records (.jsonl) of `translator translate`, or a folder of them")
    terms_in = read_glossary(glossary).terms_in if glossary else None
    units = read_recorded_units(records)
    if not units:
        raise UserError(f"no record in {', '.join(map(str, records))}: nothing can be checked")
    found = check_units(units, terms_in=terms_in, off=off or [])
    if json_file:
        write_whole(json_file, json.dumps(_as_json(units, found), ensure_ascii=False, indent=1) + "\n")
    shown, grave = (SEVERITIES[: SEVERITIES.index(least.value) + 1] if least else () for least in (severity, fail_on))
    _print_flags(units, [[flag for flag in flags if BY_ID[flag.check].severity in shown] for flags in found], limit)
    failed = sum(any(BY_ID[flag.check].severity in grave for flag in flags) for flags in found)
    if failed:
        raise GateFailed(f"{failed} of {len(units)} units have a flag of severity {' or '.join(grave)}")


def _print_flags(units: Sequence[Any], found: Sequence[Sequence[Any]], limit: int) -> None:
    """Counts by check, then the flagged units by check: `file:line id check detail`."""
    from translator.quality.checks import CATALOGUE
    from translator.quality.recorded_units import count_flags

    counts = count_flags(found)
    typer.echo(f"{sum(map(bool, found))} of {len(units)} units have flags")
    for entry in CATALOGUE:
        if counts[entry.id]:
            typer.echo(f"{counts[entry.id]:7} {entry.severity:8} {entry.id:22} {entry.explanation}")
    shown: Counter[str] = Counter()
    lines: dict[str, list[str]] = {entry.id: [] for entry in CATALOGUE}
    for unit, flag in _flat(units, found):
        shown[flag.check] += 1
        if not limit or shown[flag.check] <= limit:
            lines[flag.check].append(f"{unit.path}:{unit.line} {unit.id} {flag.check} {' '.join(flag.detail.split())}")
    for check_id, texts in lines.items():
        for text in texts:
            typer.echo(text)
        if shown[check_id] > len(texts):
            typer.echo(f"... and {shown[check_id] - len(texts)} more {check_id}; --limit 0 shows all")


def _flat(units: Sequence[Any], found: Sequence[Sequence[Any]]) -> Iterator[tuple[Any, Any]]:
    return ((unit, flag) for unit, flags in zip(units, found, strict=True) for flag in flags)


def _as_json(units: Sequence[Any], found: Sequence[Sequence[Any]]) -> dict[str, Any]:
    from translator.quality.checks import BY_ID, CATALOGUE
    from translator.quality.recorded_units import count_flags

    counts = count_flags(found)
    flags = [
        {"file": str(unit.path), "line": unit.line, "id": unit.id, "check": flag.check, "severity": BY_ID[flag.check].severity,
         "detail": flag.detail}
        for unit, flag in _flat(units, found)
    ]  # fmt: skip
    checks = {
        entry.id: {"severity": entry.severity, "explanation": entry.explanation, "units": counts[entry.id]}
        for entry in CATALOGUE
        if counts[entry.id]
    }
    return {"units": len(units), "flagged_units": sum(map(bool, found)), "checks": checks, "flags": flags}
