"""How often the checks are right, judged by a reader on a sample of an archive's records.

    python benchmarks/check_precision.py draw RECORDS_FOLDER SAMPLE.tsv [--each 16] [--unflagged 200] [--seed 1] [--only CHECK ...]
    python benchmarks/check_precision.py table JUDGED.tsv [JUDGED.tsv ...]

`draw` writes up to EACH flagged units of each check, and units that no check flags (check: -), a row each, to judge in the column
`verdict`: of a flagged unit y or n (is there something of this check's kind that a translator would mend?), of an unflagged one what
is wrong with it, in words of one's own with commas between, or ok. `table` prints precision with a Wilson 95 % interval, and what
the unflagged units hide. Where a check and unit stand in several files, the last one counts.
"""

import argparse
import csv
import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from translator.quality.checks import CATALOGUE, Flag
from translator.quality.recorded_units import RecordedUnit, check_units, count_flags, read_recorded_units

UNFLAGGED = "-"
COLUMNS = ("check", "flagged_units", "detail", "file", "line", "source", "target", "verdict")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    drawing = commands.add_parser("draw")
    drawing.add_argument("folder", type=Path)
    drawing.add_argument("sample", type=Path)
    drawing.add_argument("--each", type=int, default=16)
    drawing.add_argument("--unflagged", type=int, default=200)
    drawing.add_argument("--seed", type=int, default=1)
    drawing.add_argument("--only", nargs="*", default=[])
    commands.add_parser("table").add_argument("judged", type=Path, nargs="+")
    args = parser.parse_args()
    if args.command == "table":
        print_table([row for path in args.judged for row in read(path)])
    else:
        units = read_recorded_units([args.folder])
        rows = [*draw(units, check_units(units), args.each, args.unflagged, random.Random(args.seed), args.only)]
        write(args.sample, rows)
        print(f"{len(rows)} units of {len(units)} to judge in {args.sample}")


def draw(
    units: Sequence[RecordedUnit], found: Sequence[Sequence[Flag]], each: int, unflagged: int, rng: random.Random, only: Sequence[str]
) -> Iterator[dict[str, object]]:
    counts = count_flags(found)
    for check in CATALOGUE:
        flagged = [(i, flag) for i, flags in enumerate(found) for flag in flags if flag.check == check.id]
        firsts = list({i: (i, flag) for i, flag in reversed(flagged)}.values())
        if not only or check.id in only:
            for i, flag in rng.sample(firsts, min(each, len(firsts))):
                yield row(check.id, counts[check.id], flag.detail, units[i])
    silent = [unit for unit, flags in zip(units, found, strict=True) if not flags]
    for unit in rng.sample(silent, min(unflagged, len(silent))):
        yield row(UNFLAGGED, len(silent), "", unit)


def row(check: str, count: int, detail: str, unit: RecordedUnit) -> dict[str, object]:
    texts = {"detail": detail, "source": unit.source, "target": unit.target}
    flat = {name: " ".join(text.split()) for name, text in texts.items()}
    return {"check": check, "flagged_units": count, **flat, "file": unit.path, "line": unit.line, "verdict": ""}


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def write(path: Path, rows: Sequence[dict[str, object]]) -> None:
    lines = ["\t".join(COLUMNS), *("\t".join(str(entry[name]) for name in COLUMNS) for entry in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def print_table(rows: Sequence[dict[str, str]]) -> None:
    judged = list({(entry["check"], entry["file"], entry["line"]): entry for entry in rows if entry["verdict"].strip()}.values())
    by_check: dict[str, list[dict[str, str]]] = defaultdict(list)
    for entry in judged:
        by_check[entry["check"]].append(entry)
    print("| check | units flagged | judged | right | precision | 95 % |\n| --- | --- | --- | --- | --- | --- |")
    for check in CATALOGUE:
        if check.id in by_check:
            entries = by_check[check.id]
            right = sum(entry["verdict"].strip().lower().startswith("y") for entry in entries)
            low, high = wilson(right, len(entries))
            share = f"{100 * right / len(entries):.0f} % | {100 * low:.0f}-{100 * high:.0f}"
            print(f"| `{check.id}` | {entries[-1]['flagged_units']} | {len(entries)} | {right} | {share} |")
    if silent := by_check[UNFLAGGED]:
        faults = Counter(word.strip() for entry in silent for word in entry["verdict"].lower().split(","))
        good = faults.pop("ok", 0)
        low, high = wilson(good, len(silent))
        share = f"{good} of {len(silent)} judged are right ({100 * low:.0f}-{100 * high:.0f} %)"
        print(f"\n{silent[-1]['flagged_units']} units have no flag; {share}")
        for fault, count in faults.most_common():
            print(f"{count:5} {fault}")


def wilson(right: int, judged: int, z: float = 1.96) -> tuple[float, float]:
    """The Wilson score interval of a share."""
    share, spread = right / judged, z * z / judged
    middle, half = share + spread / 2, z * math.sqrt(share * (1 - share) / judged + spread / (4 * judged))
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


if __name__ == "__main__":
    main()
