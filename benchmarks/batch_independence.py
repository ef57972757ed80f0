"""How many sentences' translations depend on the batch they are decoded in (law: the same bytes in any company).

    python benchmarks/batch_independence.py FOLDER_OF_MARKDOWN [--sentences 2000] [--compute-type int8]

Decodes the same sentences with several batch budgets, in equal-length and in padded batches, and counts texts and scores that
differ from those of sentences decoded alone. Prints the time of each relative to equal-length batches of 1024 tokens.
"""

import argparse
import random
import time
from pathlib import Path

from translator.document import Document
from translator.document.sentences import split_sentences
from translator.engine import Decoding, EngineOptions, load_engine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sentences", type=int, default=2000)
    parser.add_argument("--compute-type", default="int8")
    args = parser.parse_args()
    texts = [u.text for p in sorted(args.folder.rglob("*.md")) for u in Document.parse(p.read_bytes().decode()).units]
    sentences = list(dict.fromkeys(text[s.start : s.end] for text in texts for s in split_sentences(text)))
    sentences = random.Random(0).sample(sentences, min(args.sentences, len(sentences)))
    ways = [(1024, False), (1, False), (256, False), (4096, False), (256, True), (1024, True), (4096, True)]
    found, seconds = {}, {}
    for budget, padded in ways:
        options = EngineOptions("digest-ko-en", compute_type=args.compute_type, max_batch_tokens=budget, pad_batches=padded)
        engine = load_engine(options)
        began = time.perf_counter()
        found[budget, padded] = [hypotheses[0] for hypotheses in engine.translate(sentences, Decoding())]
        seconds[budget, padded] = time.perf_counter() - began
        engine.close()
    alone = found[1, False]
    print(f"{len(sentences)} sentences, {args.compute_type}; differing from sentences decoded alone:")
    for budget, padded in ways:
        pairs = list(zip(found[budget, padded], alone, strict=True))
        texts_differ, scores_differ = sum(a.text != b.text for a, b in pairs), sum(a.score != b.score for a, b in pairs)
        ratio = seconds[budget, padded] / seconds[1024, False]
        kind = "padded" if padded else "equal length"
        print(f"{kind:13}{budget:>6} tokens: {texts_differ:>4} texts, {scores_differ:>5} scores, {ratio:.2f}x the time")


if __name__ == "__main__":
    main()
