"""Peak memory of a run as the archive grows: once, ten times and a hundred times the same digests under other titles.

    python benchmarks/memory_growth.py FOLDER_OF_MARKDOWN [--files 35] [--times 1 10 100]

Each copy of a digest has its number in every heading, so that every unit is another one. A translation memory is used, or the largest
run would take hours: the sentences of later copies come from it, by the way that all sentences go.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=35)
    parser.add_argument("--times", type=int, nargs="+", default=[1, 10, 100])
    args = parser.parse_args()
    files = sorted(args.folder.rglob("*.md"))
    chosen = files[:: max(1, len(files) // args.files)][: args.files]
    first = None
    with tempfile.TemporaryDirectory() as work:
        for times in args.times:
            source = Path(work, f"in-{times}")
            for copy in range(times):
                for path in chosen:
                    target = source / str(copy) / path.relative_to(args.folder)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    text = path.read_text(encoding="utf-8")
                    target.write_text(re.sub(r"^(#+ )", rf"\g<1>{copy}. ", text, flags=re.M), encoding="utf-8")
            peak, seconds = run(source, Path(work, f"out-{times}"), Path(work, f"memory-{times}.sqlite"))
            first = first or peak
            print(f"{times:>4} x {len(chosen)} files: {peak / 1024:.0f} MiB at the peak, {peak / first:.2f} of the first; {seconds:.0f} s")


def run(source: Path, output: Path, memory: Path) -> tuple[int, float]:
    """Peak resident memory in KiB, and seconds."""
    command = [sys.executable, "-m", "translator", "translate", str(source), "-o", str(output), "--memory", str(memory), "-q"]
    began = time.monotonic()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, status
    return usage.ru_maxrss, time.monotonic() - began


if __name__ == "__main__":
    main()
