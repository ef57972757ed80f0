"""Time, processor time and peak memory of `translator evaluate` on a large corpus, made on the spot.

    python benchmarks/evaluation_at_scale.py 100000 --metric bleu --metric chrf++ --baseline

The sentences are random words of this project's own documentation, 8 to 32 each; a system's are the reference's with every seventh
word changed, dropped or moved, the baseline's with every fifth.
"""

import argparse
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

DOCUMENTATION = Path(__file__).resolve().parent.parent / "docs"


def sentences(count: int, random: Random) -> list[list[str]]:
    pages = sorted(DOCUMENTATION.glob("*.md"))
    words = [word for page in pages for word in re.findall(r"[A-Za-z]+", page.read_text(encoding="utf-8"))]
    return [[*random.choices(words, k=random.randint(8, 32)), "."] for _ in range(count)]


def changed(sentence: list[str], share: float, random: Random) -> list[str]:
    found: list[str] = []
    for word in sentence:
        kind = random.random() / share
        if kind < 0.5:
            found.append(word[::-1])
        elif kind < 0.8:
            continue
        elif kind < 1:
            found.insert(random.randint(max(0, len(found) - 6), len(found)), word)
        else:
            found.append(word)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("segments", type=int)
    parser.add_argument("--baseline", action="store_true", help="compare with a baseline too")
    parser.add_argument("--metric", action="append", default=[])
    parser.add_argument("--bootstrap", default="1000")
    given = parser.parse_args()
    random = Random(0)
    reference = sentences(given.segments, random)
    with tempfile.TemporaryDirectory() as folder:
        texts = {"reference": reference}
        texts |= {name: [changed(s, share, random) for s in reference] for name, share in (("system", 1 / 7), ("baseline", 1 / 5))}
        paths = {name: Path(folder) / f"{name}.en" for name in texts}
        for name, rows in texts.items():
            paths[name].write_text("".join(" ".join(row).replace(" .", ".") + "\n" for row in rows), encoding="utf-8")
        del reference, texts
        command = [sys.executable, "-m", "translator", "evaluate", str(paths["system"]), "--reference", str(paths["reference"])]
        command += ["--bootstrap", given.bootstrap, *(part for name in given.metric for part in ("--metric", name))]
        began = time.monotonic()
        subprocess.run([*command, *(["--baseline", str(paths["baseline"])] if given.baseline else [])], check=True)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        peak = used.ru_maxrss // (2**20 if sys.platform == "darwin" else 2**10)
        print(f"{time.monotonic() - began:.0f} s, {used.ru_utime + used.ru_stime:.0f} s of a processor, {peak} MiB at the peak")


if __name__ == "__main__":
    main()
