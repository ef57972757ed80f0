"""A run over an archive killed again and again at random moments: are its outputs whole at any time, and in the end the same?

    python benchmarks/kills.py FOLDER_OF_MARKDOWN [--files 40] [--kills 50]

Kills `translator translate` with SIGKILL, at a moment drawn anew each time, and looks after each kill whether every output is, byte for
byte, that of an undisturbed run or not there, and whether the memory passes SQLite's integrity check. Then lets one run end.
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
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--kills", type=int, default=50)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        source = Path(work, "in")
        files = sorted(args.folder.rglob("*.md"))
        for path in files[:: max(1, len(files) // args.files)][: args.files]:
            copy = source / path.relative_to(args.folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        began = time.monotonic()
        subprocess.run(command(source, Path(work, "undisturbed"), "none"), check=True)
        longest = time.monotonic() - began
        wanted = outputs(Path(work, "undisturbed"))
        survive(source, Path(work, "out"), Path(work, "memory.sqlite"), wanted, args.kills, longest)


def survive(source: Path, output: Path, memory: Path, wanted: dict[str, bytes], kills: int, longest: float) -> None:
    moments, broken, progress = random.Random(0), 0, []
    for _ in range(kills):
        run = subprocess.Popen(command(source, output, str(memory)))
        try:
            run.wait(moments.uniform(0.2, 1.2 * longest))
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
            run.wait()
        found = outputs(output)
        broken += sum(data != wanted[name] for name, data in found.items())
        progress.append(len(found))
        if memory.exists():
            [answer] = sqlite3.connect(memory).execute("PRAGMA integrity_check").fetchone()
            assert answer == "ok", answer
    last = subprocess.run(command(source, output, str(memory)), check=True)
    found = outputs(output)
    print(f"{kills} kills, {len(wanted)} outputs; there after each kill: {progress}")
    print(f"partial or foreign outputs seen: {broken}; memory: ok after each")
    print(f"the last run ended with {last.returncode}; outputs equal to an undisturbed run's: {found == wanted}")


def command(source: Path, output: Path, memory: str) -> list[str]:
    layouts = ["--layout", "interleaved", "--layout", "english"]
    return [sys.executable, "-m", "translator", "translate", str(source), "-o", str(output), "--memory", memory, "-q", *layouts]


def outputs(folder: Path) -> dict[str, bytes]:
    """What a reader of the folder sees, but for the report, which has times in it."""
    found = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    visible = {str(name): path for name, path in found.items() if not any(part.startswith(".") for part in name.parts)}
    return {name: path.read_bytes() for name, path in visible.items() if name != "report.json"}


if __name__ == "__main__":
    main()
