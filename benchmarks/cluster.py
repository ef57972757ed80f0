"""A run on a Ray cluster beside the same run without: seconds, processor seconds, memory, and whether the bytes are the same.

    python benchmarks/cluster.py FOLDER_OF_MARKDOWN [--files 40] [--actors 1 2 4] [--repeats 3]

Ways take turns, each in a process of its own with a cluster of its own on this machine, without a translation memory; figures are
medians over the turns.

    start     seconds until the cluster can be used
    run       seconds of the run after that, workers' imports and loading of the model included
    CPU       processor seconds of all processes, Ray's own included; a busy machine changes these least
    MiB       the most memory that all processes had to themselves at one time
    killed    the same with as many actors as there are processors, one of them killed when the first window has come
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

PLAIN, KILLED = "plain", "killed"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--actors", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--way", help=argparse.SUPPRESS)
    parser.add_argument("--output", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.way:
        print(json.dumps(measured(args.way, args.folder, args.output)))
        return
    ways = [PLAIN, *map(str, args.actors), KILLED]
    turns: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}
    with tempfile.TemporaryDirectory() as work:
        source = copied(args.folder, args.files, Path(work, "in"))
        convert_model()
        for _ in range(args.repeats):
            for way in ways:
                turns[way].append(in_its_own_process(way, source, Path(work, way)))
                same = pages(Path(work, way)) == pages(Path(work, PLAIN))
                turns[way][-1]["same"] = same
                if way != PLAIN:
                    shutil.rmtree(Path(work, way))
            shutil.rmtree(Path(work, PLAIN))
    show(turns)


def copied(folder: Path, count: int, target: Path) -> Path:
    files = sorted(folder.rglob("*.md"))
    for path in files[:: max(1, len(files) // count)][:count]:
        copy = target / path.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    return target


def convert_model() -> None:
    """So that no way has to."""
    from translator.engine import EngineOptions, load_engine

    load_engine(EngineOptions("digest-ko-en", device="cpu")).close()


def in_its_own_process(way: str, source: Path, output: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, str(source), "--way", way, "--output", str(output)]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    processor, memory = watched(run)
    assert run.stdout is not None
    figures = dict(json.loads(run.stdout.read().splitlines()[-1]))
    assert run.returncode == 0
    return figures | {"cpu": processor, "mib": memory}


def watched(run: subprocess.Popen[str]) -> tuple[float, float]:
    """Processor seconds of a process and its descendants until it ends, and the most MiB that were theirs alone at one time."""
    spent: dict[int, float] = {}
    most = 0
    while run.poll() is None:
        total = 0
        with suppress(psutil.NoSuchProcess):
            me = psutil.Process(run.pid)
            for process in (me, *me.children(recursive=True)):
                with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                    times = process.cpu_times()
                    spent[process.pid] = times.user + times.system
                    total += process.memory_full_info().uss
        most = max(most, total)
        time.sleep(0.25)
    return sum(spent.values()), most / 2**20


def measured(way: str, source: Path, output: Path) -> dict[str, Any]:
    """One way's run, in this process."""
    from translator import Settings
    from translator.archive import translate_archive
    from translator.cluster import open_cluster

    settings = Settings(device="cpu")
    if way == PLAIN:
        report = translate_archive([str(source)], output, settings)
        return {"start": 0.0, "run": report.seconds, "sentences": report.sentences}
    began = time.monotonic()
    actors = os.cpu_count() if way == KILLED else int(way)
    with open_cluster("local", settings, "none", actors) as cluster:
        start = time.monotonic() - began
        progress = killing() if way == KILLED else quietly
        report = translate_archive([str(source)], output, settings, translate_files=cluster.translate_files, progress=progress)
    return {"start": start, "run": report.seconds, "sentences": report.sentences}


Progress = Callable[[int], Any]


@contextmanager
def quietly(total: int) -> Iterator[Callable[[int], object]]:
    yield lambda count: None


def killing() -> Progress:
    """Progress that kills an engine when the first window has come."""

    @contextmanager
    def progress(total: int) -> Iterator[Callable[[int], object]]:
        left = [True]

        def tell(count: int) -> None:
            if left:
                left.pop()
                children = psutil.Process().children(recursive=True)
                next(process for process in children if "MapWorker" in "".join(process.cmdline())).kill()

        yield tell

    return progress


def pages(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file() and ".translator" not in path.parts and path.name != "report.json"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def show(turns: dict[str, list[dict[str, Any]]]) -> None:
    def median(way: str, figure: str) -> float:
        return statistics.median(turn[figure] for turn in turns[way])

    versions = ", ".join(f"{name} {version(name)}" for name in ("ray", "ctranslate2"))
    load = " ".join(f"{figure:.1f}" for figure in os.getloadavg())
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {versions}; load {load}")
    print(f"{turns[PLAIN][0]['sentences']} sentences; ratios are to `{PLAIN}`, the least and the most of the turns in brackets")
    print(f"{'actors':8}{'start':>7}{'run':>8}{'ratio':>22}{'CPU':>8}{'ratio':>22}{'MiB':>7}  same bytes")
    for way in turns:
        cells = [f"{median(way, 'start'):>7.1f}"]
        for figure in ("run", "cpu"):
            ratios = [turn[figure] / plain[figure] for turn, plain in zip(turns[way], turns[PLAIN], strict=True)]
            cells.append(f"{median(way, figure):>8.1f}{statistics.median(ratios):>8.2f} ({min(ratios):.2f} - {max(ratios):.2f})")
        same = all(turn["same"] for turn in turns[way])
        print(f"{way:8}{''.join(cells)}{median(way, 'mib'):>7.0f}  {'yes' if same else 'NO'}")


if __name__ == "__main__":
    main()
