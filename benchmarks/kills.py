"""A run over an archive killed again and again while it decodes and writes: are its outputs whole at any time, and in the end the same?

    python benchmarks/kills.py FOLDER_OF_MARKDOWN [--files 40] [--kills 50]

Two sets of settings, under which nearly all outputs differ, take turns, so that each run has much to do; every second run finds no memory
and decodes. A run of `translator translate` is killed with SIGKILL: half of them at a moment drawn from the whole length of such a run,
half at one drawn from the time after its first output changed. After each kill, every output must be, byte for byte, that of an
undisturbed run with either settings or not there, and memory and journal must pass SQLite's integrity check. Then one run ends.
"""

import argparse
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SETTINGS = {"a": "order: source-first\nbeam_size: 1\n", "b": "order: target-first\nbeam_size: 2\n"}
LAYOUTS = ("interleaved", "table")
POLL = 0.003  # seconds

Contents = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Length:
    """Seconds from the start of a run to its first written output, to the last, and to its end."""

    first: float
    last: float
    end: float


@dataclass(frozen=True, slots=True)
class Bench:
    """Where things are, and what undisturbed runs with either settings made."""

    work: Path
    wanted: Mapping[str, Contents]
    lengths: Mapping[bool, Length]  # with a memory that knows everything, and with an empty one

    def known(self, name: str) -> list[bytes]:
        """What undisturbed runs made of an output."""
        return [made[name] for made in self.wanted.values()]

    @property
    def output(self) -> Path:
        return self.work / "out"

    @property
    def memory(self) -> Path:
        return self.work / "memory.sqlite"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--kills", type=int, default=50)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        copy_sources(args.folder, work / "in", args.files)
        for settings, text in SETTINGS.items():
            (work / f"{settings}.yaml").write_text(text, encoding="utf-8")
        bench = undisturbed(work)
        first, second = bench.wanted.values()
        print(f"{len(first)} outputs, {sum(data != second[name] for name, data in first.items())} of them other with the other settings")
        print(f"undisturbed: {bench.lengths[False]}; with a full memory: {bench.lengths[True]}", flush=True)
        survive(bench, args.kills)
        end(bench)


def copy_sources(folder: Path, source: Path, count: int) -> None:
    files = sorted(folder.rglob("*.md"))
    for path in files[:: max(1, len(files) // count)][:count]:
        copy = source / path.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


def undisturbed(work: Path) -> Bench:
    """Runs to the end with either settings, and once more with a memory that knows everything."""
    wanted, lengths = {}, {}
    for settings, folder, is_known in (("a", "a", False), ("b", "b", False), ("a", "known", True)):
        began = time.time()
        subprocess.run(command(work, settings, work / folder, work / "undisturbed.sqlite"), check=True)
        moments = [path.stat().st_mtime - began for path in visible(work / folder).values()]
        lengths[is_known] = Length(min(moments), max(moments), time.time() - began)
        wanted[settings] = contents(work / folder)
    assert wanted["a"].keys() == wanted["b"].keys()
    return Bench(work, wanted, lengths)


def survive(bench: Bench, kills: int) -> None:
    rng, seen = random.Random(0), Counter[str]()
    while seen["kills"] < kills:
        before = contents(bench.output)
        goal = min(bench.wanted, key=lambda each: sum(data == bench.wanted[each][name] for name, data in before.items()))
        if seen["runs"] % 2 == 0:
            for ending in ("", "-wal", "-shm"):
                Path(f"{bench.memory}{ending}").unlink(missing_ok=True)
        seen["runs"] += 1
        code = killed(bench, goal, rng, is_known=seen["runs"] % 2 == 0, in_writing=seen["kills"] // 2 % 2 == 0)
        after = contents(bench.output)
        seen["outputs partial or foreign"] += sum(
            data not in [made[name] for made in bench.wanted.values()] for name, data in after.items()
        )
        assert integrity(bench.memory) == integrity(bench.output / ".translator/journal.sqlite") == "ok"
        if code != -signal.SIGKILL:
            assert code == 0, f"a run ended with {code}"
            seen["runs that ended before they were killed"] += 1
            continue
        seen["kills"] += 1
        is_begun, is_over = after != before, after == bench.wanted[goal]
        seen["before the first write" if not is_begun else "after the last write" if is_over else "between the first and the last"] += 1
        if is_begun and not is_over:
            seen["of these, with an empty memory at the start"] += seen["runs"] % 2
    for name, count in seen.items():
        print(f"{name}: {count}")


def killed(bench: Bench, goal: str, rng: random.Random, *, is_known: bool, in_writing: bool) -> int:
    """The exit code of a run that is killed at a random moment, if it does not end before."""
    length, before = bench.lengths[is_known], dates(bench.output)
    run = subprocess.Popen(command(bench.work, goal, bench.output, bench.memory))
    if in_writing:
        while run.poll() is None and dates(bench.output) == before:
            time.sleep(POLL)
        moment = rng.uniform(0, length.last - length.first)
    else:
        moment = rng.uniform(0.2, length.end)
    try:
        return run.wait(moment)
    except subprocess.TimeoutExpired:
        run.send_signal(signal.SIGKILL)
        return run.wait()


def end(bench: Bench) -> None:
    """Lets a run end and says whether its outputs are those of an undisturbed one."""
    drafts = sum(path.is_file() and path.name.startswith(".") and ".translator" not in path.parts for path in bench.output.rglob("*"))
    done = subprocess.run(command(bench.work, "a", bench.output, bench.memory), check=True)
    equal = contents(bench.output) == bench.wanted["a"]
    print(f"hidden drafts that killed runs left: {drafts}")
    print(f"the last run ended with {done.returncode}; outputs equal to an undisturbed run's: {equal}")


def command(work: Path, settings: str, output: Path, memory: Path) -> list[str]:
    layouts = [part for layout in LAYOUTS for part in ("--layout", layout)]
    where = ["-o", str(output), "--memory", str(memory), "--config", str(work / f"{settings}.yaml")]
    return [sys.executable, "-m", "translator", "translate", str(work / "in"), *where, "-q", *layouts]


def visible(folder: Path) -> dict[str, Path]:
    """What a reader of the folder sees, but for the report, which has times in it."""
    found = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    seen = {str(name): path for name, path in found.items() if not any(part.startswith(".") for part in name.parts)}
    return {name: path for name, path in seen.items() if name != "report.json"}


def contents(folder: Path) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in visible(folder).items()}


def dates(folder: Path) -> dict[str, int]:
    """When the outputs were changed; they may be replaced meanwhile."""
    return {name: path.stat().st_mtime_ns for name, path in visible(folder).items() if path.exists()}


def integrity(database: Path) -> str:
    """What SQLite says of a copy, so that the next run finds the database as the kill left it."""
    if not database.exists():
        return "ok"
    with tempfile.TemporaryDirectory() as folder:
        for path in (database, Path(f"{database}-wal")):
            if path.exists():
                shutil.copy(path, folder)
        connection = sqlite3.connect(Path(folder, database.name))
        [answer] = connection.execute("PRAGMA integrity_check").fetchone()
        connection.close()
    return str(answer)


if __name__ == "__main__":
    main()
