"""What a file costs, measured, and what an archive of millions of them would: processors, the machine that starts a run, store.

    python benchmarks/scale.py FOLDER_OF_MARKDOWN [--files 40] [--archive 10000000] [--memory postgresql://user@host/database]

Translates some files on one engine of one thread, without and with a translation memory (--memory, which should be empty; else a file
of its own), then plays the machine that starts a run on a cluster: it surveys the sources, notes, writes and notes again what is handed
to it finished, and surveys them once more when all is done. Sizes on disk are as the file system counts them.
"""

import argparse
import shutil
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from translator import Settings
from translator.archive import here, translate_archive
from translator.files import MARKER, find_sources
from translator.memory.store import Memory
from translator.outputs import Outputs

LAYOUTS = ["interleaved", "english"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--archive", type=int, default=10_000_000)
    parser.add_argument("--memory")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        figures = measured(args.folder, args.files, Path(work), args.memory)
    show(figures, args.archive)


def measured(folder: Path, count: int, work: Path, location: str | None) -> dict[str, float]:
    """Costs of one file: seconds, bytes."""
    files = sorted(folder.rglob("*.md"))
    for path in files[:: max(1, len(files) // count)][:count]:
        copy = work / "in" / path.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    settings = Settings(device="cpu", threads=1, layouts=LAYOUTS)
    translate_archive([str(work / "in")], work / "warm", settings)  # the model converted, the files in the system's cache
    made: list[Sequence[Outputs]] = []

    def kept(*args: Any) -> Iterator[Sequence[Outputs]]:
        for window in here(*args):
            made.append(window)
            yield window

    report, seconds = timed(time.process_time, work, "plain", settings, translate_files=kept)
    n = report.files
    figures = {"sentences": report.sentences / n, "engine": seconds / n}
    with Memory.open(location or work / "memory.sqlite") as memory:
        _, first = timed(time.process_time, work, "first", settings, memory=memory)
        stored = memory.statistics()
        _, again = timed(time.monotonic, work, "again", settings, memory=memory)
    figures |= {"memory": stored.size / n, "entries": sum(part.entries for part in stored.parts) / n}
    figures |= {"saving": max(0.0, first - seconds) / n, "known": again / n}
    _, figures["driver"] = each(n, timed(time.monotonic, work, "driver", settings, translate_files=lambda *args: iter(made)))
    _, figures["survey"] = each(n, timed(time.monotonic, work, "driver", settings))
    figures["source"] = size(work / "in", "*.md") / n
    figures["outputs"] = (size(work / "driver", "*") - size(work / "driver" / MARKER, "*")) / n
    figures["journal"] = size(work / "driver" / MARKER, "*") / n
    tracemalloc.start()
    sources = find_sources([str(work / "in")], work / "nowhere")
    figures["listed"] = tracemalloc.get_traced_memory()[0] / len(sources)
    return figures


def timed(clock: Callable[[], float], work: Path, output: str, settings: Settings, **options: Any) -> tuple[Any, float]:
    began = clock()
    report = translate_archive([str(work / "in")], work / output, settings, **options)
    return report, clock() - began


def each(count: int, found: tuple[Any, float]) -> tuple[Any, float]:
    return found[0], found[1] / count


def size(folder: Path, pattern: str) -> int:
    """Bytes of the blocks that files take."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob(pattern) if path.is_file())


def show(figures: dict[str, float], archive: int) -> None:
    rows = [
        ("sentences", figures["sentences"], "", 1e9, "billion"),
        ("entries in the memory, at most", figures["entries"], "", 1e9, "billion"),
        ("processor, translating", figures["engine"], "s", 3600, "h"),
        ("processor, storing in the memory", figures["saving"], "s", 3600, "h"),
        ("everything from the memory, one process", figures["known"], "s", 3600, "h"),
        ("the starting machine: survey and writing", figures["driver"], "s", 3600, "h"),
        ("the starting machine: survey when all is done", figures["survey"], "s", 3600, "h"),
        ("the starting machine: list of files", figures["listed"], "B", 2**30, "GiB"),
        ("sources", figures["source"], "B", 2**30, "GiB"),
        (f"outputs ({', '.join(LAYOUTS)}, records)", figures["outputs"], "B", 2**30, "GiB"),
        ("journal", figures["journal"], "B", 2**30, "GiB"),
        ("memory", figures["memory"], "B", 2**30, "GiB"),
    ]
    print(f"{'':48}{'a file':>14}{f'{archive:,} files':>24}")
    for name, each_file, unit, scale, large in rows:
        digits = 4 if unit == "s" else 0
        print(f"{name:48}{f'{each_file:,.{digits}f} {unit}':>14}{f'{each_file * archive / scale:,.1f} {large}':>24}")


if __name__ == "__main__":
    main()
