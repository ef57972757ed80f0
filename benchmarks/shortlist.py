"""Would a shortlist of target tokens pay? Decoding with and without CTranslate2's vocabulary map, side by side.

    python benchmarks/shortlist.py CORPUS.tsv DEV.jsonl FOLDER_OF_MARKDOWN [--candidates 100] [--fixed 1000] [--sentences 2000]

For each source token, the map has the --candidates target tokens that most come with it in the corpus (by how much more often than
by chance), and the --fixed most frequent ones always. Prints the time of decoding the same sentences, the BLEU of the dev set ({"ko",
"en"} a line), and how many sentences' translations depend on those they are decoded with: a batch shares one shortlist.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
from speed import converted, decode, encode, sentences_of

from translator.engine.batching import plan_batches
from translator.quality.metrics import corpus_scores

_OPTIONS = {"max_batch_size": 0, "beam_size": 4, "num_hypotheses": 4, "patience": 2.0, "max_input_length": 0, "return_scores": True}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("dev", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--candidates", type=int, default=100)
    parser.add_argument("--fixed", type=int, default=1000)
    parser.add_argument("--sentences", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    rows = [json.loads(line) for line in args.dev.read_text(encoding="utf-8").splitlines()]
    found = [s for path in sorted(args.folder.rglob("*.md")) for unit in sentences_of(path) for s in unit]
    sample = [encode(s) for s in random.Random(0).sample(sorted(set(found)), args.sentences)]
    with tempfile.TemporaryDirectory() as work:
        model = Path(work, "model")
        shutil.copytree(converted(), model)
        (model / "vmap.txt").write_text(shortlist(args.corpus, args.candidates, args.fixed), encoding="utf-8")
        workers = os.cpu_count() or 1
        translator = ctranslate2.Translator(str(model), device="cpu", compute_type="int8", inter_threads=workers, intra_threads=1)
        times: dict[bool, list[float]] = {False: [], True: []}
        for _ in range(args.repeats):
            for use in times:
                began = time.perf_counter()
                run(translator, sample, use, 1024)
                times[use].append(time.perf_counter() - began)
        print(f"time with the shortlist: {statistics.median(times[True]) / statistics.median(times[False]):.2f} of that without")
        for use in times:
            outputs = [decode(tokens) for tokens in run(translator, [encode(row["ko"]) for row in rows], use, 1024)]
            score = corpus_scores(outputs, [[row["en"] for row in rows]], metrics=["bleu"])["bleu"].value
            depend = sum(a != b for a, b in zip(run(translator, sample, use, 1024), run(translator, sample, use, 1), strict=True))
            print(f"{'with' if use else 'without':8} BLEU {score:.2f}; {depend} of {len(sample)} sentences depend on their company")


def run(translator: Any, sentences: Sequence[Sequence[str]], use: bool, budget: int) -> list[list[str]]:
    """The best hypothesis of each sentence, decoded as the engine does: in batches of one length."""
    batches = plan_batches([len(tokens) for tokens in sentences], budget, padded=False)
    asked = [translator.translate_batch([sentences[i] for i in b], asynchronous=True, use_vmap=use, **_OPTIONS) for b in batches]
    found: list[list[str]] = [[] for _ in sentences]
    for batch, results in zip(batches, asked, strict=True):
        for i, result in zip(batch, results, strict=True):
            found[i] = result.result().hypotheses[0]
    return found


def shortlist(corpus: Path, candidates: int, fixed: int) -> str:
    """The vocabulary map in CTranslate2's form: source token, tab, target tokens; an empty source token for those always there."""
    number: dict[str, int] = {}
    pairs = []
    for line in corpus.read_text(encoding="utf-8").splitlines():
        korean, _, english = line.partition("\t")
        sides = [sorted({number.setdefault(token, len(number)) for token in encode(text)}) for text in (korean, english)]
        pairs.append((np.array(sides[0]), np.array(sides[1])))
    names, size = list(number), len(number)
    together = np.zeros((size, size), dtype=np.int32)
    for source, target in pairs:
        together[np.ix_(source, target)] += 1
    of_source = np.bincount(np.concatenate([s for s, _ in pairs]), minlength=size)
    of_target = np.bincount(np.concatenate([t for _, t in pairs]), minlength=size)
    always = np.argsort(-of_target, kind="stable")[:fixed]
    lines = ["\t" + " ".join(["</s>", *(names[t] for t in always)])]
    for source in np.flatnonzero(of_source):
        row = together[source].astype(float)
        likely = row * np.log(np.maximum(row, 1e-9) * len(pairs) / np.maximum(of_source[source] * of_target, 1))
        best = [t for t in np.argsort(-likely, kind="stable")[:candidates] if row[t] > 0]
        lines.append(f"{names[source]}\t{' '.join(names[t] for t in best)}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
