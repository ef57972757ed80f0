"""How long a memory takes, and how large it gets, with the sentences of a run's records.

    python benchmarks/memory_speed.py OUTPUT_FOLDER [--memory LOCATION] [--batch 4000] [--repeats 3]

Each record's source is split into sentences, its target into as many parts. Times are medians over repeats, each in an empty memory: a
new file, or the tables of LOCATION (postgresql://...), which must be a server's database made for this. CPU seconds are this
process's own: all of the work with a file, a part of it with a server.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from translator.document.sentences import split_sentences
from translator.memory import Context, Entry
from translator.memory.store import Memory

MODEL = Context("0" * 16, json.dumps({"beam_size": 4, "num_hypotheses": 4, "patience": 2.0}), name="digest-ko-en")


def sentences(folder: Path) -> list[Entry]:
    found = []
    for path in sorted(folder.rglob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            parts = split_sentences(record["source"])
            words = record["target"].split()
            for number, part in enumerate(parts):
                target = words[number * len(words) // len(parts) : (number + 1) * len(words) // len(parts)]
                detail = json.dumps({"tokens": len(target), "flags": []})
                found.append(Entry(record["source"][part.start : part.end], " ".join(target), score=record["score"], detail=detail))
    return found


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds, and CPU seconds."""
    began, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - cpu


def measure(location: str | Path, entries: list[Entry], size: int) -> tuple[dict[str, tuple[float, float]], float]:
    """Times by task, and MiB."""
    batches = [entries[start : start + size] for start in range(0, len(entries), size)]
    sources = [[entry.source for entry in batch] for batch in batches]
    unknown = [[f"{source} 아니다." for source in batch] for batch in sources]
    with Memory.open(location) as memory:
        found = {
            "store": timed(lambda: [memory.add(MODEL, batch) for batch in batches]),
            "store again": timed(lambda: [memory.add(MODEL, batch) for batch in batches]),
            "look up, all known": timed(lambda: [memory.machine(MODEL, batch) for batch in sources]),
            "look up, none known": timed(lambda: [memory.machine(MODEL, batch) for batch in unknown]),
            "look up corrections, none": timed(lambda: [memory.human(batch) for batch in sources]),
            "store as corrections": timed(lambda: [memory.add_human(batch) for batch in batches]),
            "search": timed(lambda: memory.search("없는 말", 20)),
        }
        assert all(len(memory.machine(MODEL, batch)) == len(set(batch)) for batch in sources)
        memory.prune(older_than=-1.0, origin="human")
        mebibytes = memory.statistics().size / 2**20
        memory.prune(older_than=-1.0)
    return found, mebibytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--memory")
    parser.add_argument("--batch", type=int, default=4000)
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    entries = sentences(args.folder)
    runs = []
    for _ in range(args.repeats):
        with tempfile.TemporaryDirectory() as folder:
            runs.append(measure(args.memory or Path(folder) / "memory.sqlite", entries, args.batch))
    print(f"{len(entries)} sentences, {len({entry.source for entry in entries})} of them different, {args.batch} at a time")
    for task in runs[0][0]:
        seconds, cpu = (statistics.median(times[task][clock] for times, _ in runs) for clock in (0, 1))
        print(f"{task:28}{seconds:6.2f} s{cpu:8.2f} s CPU")
    print(f"{'size':28}{runs[-1][1]:6.1f} MiB without the corrections")


if __name__ == "__main__":
    main()
