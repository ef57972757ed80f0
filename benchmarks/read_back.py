"""How much of a run's Markdown reads back to exactly the records beside it.

    python benchmarks/read_back.py ARCHIVE OUTPUT_FOLDER [--render]

ARCHIVE are the Korean digests, OUTPUT_FOLDER what `translator translate ARCHIVE --output OUTPUT_FOLDER` wrote with all three layouts.
With --render, both orders of each layout are rendered anew from the records, instead of reading the run's files. For each layout: the
units whose id, source, target, kind, title and line are those of the record, read with the source; the same, but for the line, read
without it; and the files in which lines are the same as well.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from translator.document import Document, Layout, Order
from translator.document.reading import Reading
from translator.document.reconstruction import reconstruct
from translator.errors import UserError

LAYOUTS: tuple[Layout, ...] = ("english", "interleaved", "table")
ORDERS: tuple[Order, ...] = ("source-first", "target-first")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--render", action="store_true", help="Render the records anew, in both orders.")
    given = parser.parse_args()
    counts: dict[str, Counter[str]] = {}
    for path in sorted(given.archive.rglob("*.md")):
        document = Document.parse(path.read_bytes().decode())
        base = given.output / path.relative_to(given.archive)
        rows = [json.loads(line) for line in base.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines()]
        records = {tuple(row[key] for key in ("id", "source", "target", "kind", "title", "line")) for row in rows}
        targets = {row["id"]: row["target"] for row in rows}
        for layout, order, text in renderings(document, targets, base, given.render):
            count_file(counts.setdefault(f"{layout}, {order}", Counter()), document, records, text, layout, order)
    print(f"{'layout, order':28}{'files':>7}{'units':>8}{'with source':>13}{'s':>7}{'without':>9}{'s':>7}{'lines too':>11}{'refused':>9}")
    for name, count in counts.items():
        with_source = f"{count['with']:>13}{count['ns with'] / 1e9:>7.1f}"
        without = f"{count['without']:>9}{count['ns without'] / 1e9:>7.1f}{count['lines']:>11}{count['refused']:>9}"
        print(f"{name:28}{count['files']:>7}{count['units']:>8}{with_source}{without}")


def renderings(document: Document, targets: dict[str, str], base: Path, anew: bool) -> Iterator[tuple[Layout, Order, str]]:
    for layout in LAYOUTS:
        if not anew:
            yield layout, "source-first", base.with_suffix(f".{layout}.md").read_bytes().decode()
            continue
        for order in ORDERS[: 1 if layout == "english" else 2]:
            yield layout, order, document.render(targets, layout, order)


def count_file(count: Counter[str], document: Document, records: set[Any], text: str, layout: Layout, order: Order) -> None:
    count["files"] += 1
    count["units"] += len(records)
    began = time.process_time_ns()
    reading = document.read(text, layout, order)
    count["ns with"] += time.process_time_ns() - began
    count["with"] += len(told(document, reading) & records)
    if layout == "english":
        return
    began = time.process_time_ns()
    try:
        found, reading = reconstruct(text, "digest")
    except UserError as error:
        count["refused"] += 1
        print(error)
        return
    finally:
        count["ns without"] += time.process_time_ns() - began
    same = told(found, reading)
    count["without"] += len({row[:-1] for row in same} & {row[:-1] for row in records})
    count["lines"] += same == records


def told(document: Document, reading: Reading) -> set[Any]:
    """Units as records tell of them."""
    return {(unit.id, unit.text, reading.targets.get(unit.id), unit.kind, unit.title, unit.line) for unit in document.units}


if __name__ == "__main__":
    main()
