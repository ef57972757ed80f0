"""BLEU and chrF2++ of the pipeline beside those of the bare model, on a JSONL file of {"ko", "en"} sentences.

    python benchmarks/pipeline_bleu.py DEV.jsonl [--model NAME]

Rows: the model alone; protection with one hypothesis; n-best reranking as well (the default).
"""

import argparse
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import sacrebleu

from translator.config import Settings
from translator.engine import load_engine
from translator.glossary import Glossary
from translator.repair import translate_sentences


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dev", type=Path)
    parser.add_argument("--model", default="digest-ko-en")
    args = parser.parse_args()
    rows = [json.loads(line) for line in args.dev.read_text(encoding="utf-8").splitlines()]
    source, reference = [row["ko"] for row in rows], [[row["en"] for row in rows]]
    settings = Settings(model=args.model)
    engine, decoding = load_engine(settings.engine_options()), settings.decoding()
    single = replace(decoding, num_hypotheses=1)
    bleu, chrf = sacrebleu.BLEU(), sacrebleu.CHRF(word_order=2)

    def show(name: str, targets: list[str], flags: Counter[str] | None = None) -> None:
        print(f"{name:32} BLEU {bleu.corpus_score(targets, reference).score:.2f}  ", end="")
        print(f"chrF2++ {chrf.corpus_score(targets, reference).score:.2f}  {dict(flags) if flags else ''}")

    show("bare model, beam 4", [found[0].text for found in engine.translate(source, single)])
    for name, setting in (("protection and repair, 1-best", single), ("protection and repair, 4-best", decoding)):
        found = translate_sentences(engine, source, setting, Glossary())
        show(name, [t.target for t in found], Counter(flag.check for t in found for flag in t.flags))
    print(bleu.get_signature(), chrf.get_signature(), sep="\n")


if __name__ == "__main__":
    main()
