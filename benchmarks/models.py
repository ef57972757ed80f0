"""Models side by side on a JSONL file of {"ko", "en"} sentences: BLEU, chrF2++, significance, sentences a second.

    python benchmarks/models.py DEV.jsonl --model BASELINE --model OTHER [--model ...] [--repeats 5]

Each model alone (no protection, no repair), int8 on the CPU with one worker a core, at the default beam. Speeds are medians over
repeats in which the models take turns; ratios are to the first model's.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

from translator.config import Settings
from translator.engine import load_engine
from translator.quality.metrics import compare, corpus_scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dev", type=Path)
    parser.add_argument("--model", action="append", required=True)
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()
    rows = [json.loads(line) for line in args.dev.read_text(encoding="utf-8").splitlines()]
    source, reference = [row["ko"] for row in rows], [row["en"] for row in rows]
    settings = [Settings(model=model) for model in args.model]
    engines = [load_engine(setting.engine_options()) for setting in settings]
    outputs = [[found[0].text for found in engine.translate(source, settings[0].decoding())] for engine in engines]
    seconds: list[list[float]] = [[] for _ in engines]
    for _ in range(args.repeats):
        for engine, times in zip(engines, seconds, strict=True):
            began = time.perf_counter()
            engine.translate(source, settings[0].decoding())
            times.append(time.perf_counter() - began)
    speeds = [len(source) / statistics.median(times) for times in seconds]
    for model, output, speed in zip(args.model, outputs, speeds, strict=True):
        scores = corpus_scores(output, [reference], bootstrap=1000)
        bleu, chrf = scores["bleu"], scores["chrf++"]
        print(f"{model}: BLEU {bleu.value:.2f} ± {bleu.interval:.2f}, chrF2++ {chrf.value:.2f} ± {chrf.interval:.2f}", end="")
        print(f", {speed:.0f} sentences/s, {speed / speeds[0]:.2f} of the first")
        if output is not outputs[0]:
            for change in compare(outputs[0], output, [reference]).values():
                print(f"    {change.metric} {change.system - change.baseline:+.2f} against the first, p = {change.p_value:.3f}")
    print(bleu.signature, chrf.signature, sep="\n")


if __name__ == "__main__":
    main()
