"""Throughput against tokens in a batch, for each precision, as a table and a plot; and what each precision does to the translations.

    python benchmarks/batch_tokens.py FOLDER_OF_MARKDOWN [--dev DEV.jsonl] [--plot PLOT.png] [--device cuda --compute-types float16 ...]

Decodes the same sentences of the digests with every budget, in turns; figures are medians over the turns. On a GPU batches mix
lengths, as configs/gpu.yaml has it, on the CPU they hold one length. Precisions are compared at the largest budget: the sentences
whose translation is not that of the first precision, and the BLEU of --dev ({"ko", "en"} a line).
"""

import argparse
import json
import random
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from speed import bleu, machine, sentences_of

from translator.engine import Decoding, Engine, EngineOptions, load_engine
from translator.engine.loading import Device, choose_device

_BUDGETS = {"cpu": (64, 128, 256, 512, 1024, 2048, 4096), "cuda": (1024, 2048, 4096, 8192, 16384, 32768, 65536)}
_COMPUTE_TYPES = {"cpu": ("float32", "int8"), "cuda": ("float32", "float16", "bfloat16", "int8_float16")}
_DECODING = Decoding(beam_size=4, num_hypotheses=4)
Rates = Mapping[str, Mapping[int, float]]  # sentences a second by precision and budget


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dev", type=Path)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--model", default="digest-ko-en")
    parser.add_argument("--engine", default="ctranslate2", choices=("ctranslate2", "transformers"))
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--compute-types", nargs="+", metavar="TYPE")
    parser.add_argument("--budgets", nargs="+", type=int, metavar="TOKENS")
    parser.add_argument("--sentences", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    device = choose_device(args.device)
    budgets, types = args.budgets or _BUDGETS[device], args.compute_types or _COMPUTE_TYPES[device]
    sentences = sample(args.folder, args.sentences)
    dev = [json.loads(line) for line in args.dev.read_text(encoding="utf-8").splitlines()] if args.dev else []
    print(f"{len(sentences)} sentences, {args.engine} on {device}, {machine()}")
    rates, first = {}, None
    for compute_type in types:
        engines = {budget: loaded(args, device, compute_type, budget) for budget in budgets}
        rates[compute_type] = measured(engines, sentences, args.repeats)
        texts = translations(engines[budgets[-1]], sentences)
        first = first or texts
        differing = sum(one != other for one, other in zip(texts, first, strict=True))
        score = bleu(translations(engines[budgets[-1]], [row["ko"] for row in dev]), [row["en"] for row in dev]) if dev else None
        print(f"{compute_type}: {differing} translations are not those of {types[0]}" + (f", BLEU {score}" if dev else ""))
        for engine in engines.values():
            engine.close()
    show(rates)
    if args.plot:
        draw(rates, args.plot)


def sample(folder: Path, count: int) -> list[str]:
    found = [s for path in sorted(folder.rglob("*.md")) for unit in sentences_of(path) for s in unit]
    distinct = sorted(set(found))
    return random.Random(0).sample(distinct, min(count, len(distinct)))


def loaded(args: argparse.Namespace, device: Device, compute_type: str, budget: int) -> Engine:
    options = EngineOptions(
        args.model,
        engine=args.engine,
        device=device,
        compute_type=compute_type,  # type: ignore[arg-type]  # the engine says which there are
        max_batch_tokens=budget,
    )
    return load_engine(options)


def measured(engines: Mapping[int, Engine], sentences: Sequence[str], repeats: int) -> dict[int, float]:
    """Sentences a second by budget: the median of the turns."""
    turns: dict[int, list[float]] = {budget: [] for budget in engines}
    for engine in engines.values():
        engine.translate(sentences[:100], _DECODING)
    for _ in range(repeats):
        for budget, engine in engines.items():
            began = time.perf_counter()
            engine.translate(sentences, _DECODING)
            turns[budget].append(len(sentences) / (time.perf_counter() - began))
    return {budget: statistics.median(found) for budget, found in turns.items()}


def translations(engine: Engine, sentences: Sequence[str]) -> list[str]:
    return [hypotheses[0].text for hypotheses in engine.translate(sentences, _DECODING)]


def show(rates: Rates) -> None:
    print(f"{'tokens':>8}" + "".join(f"{compute_type:>16}" for compute_type in rates) + "  sentences/s (of the best)")
    for budget in next(iter(rates.values())):
        cells = (f"{found[budget]:>8.1f} ({found[budget] / max(found.values()):.2f})" for found in rates.values())
        print(f"{budget:>8}" + "".join(f"{cell:>16}" for cell in cells))


def draw(rates: Rates, path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 4), layout="constrained")
    for compute_type, found in rates.items():
        axes.plot(list(found), list(found.values()), marker="o", markersize=3, label=compute_type)
    axes.set_xscale("log", base=2)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("tokens in a batch, at most")
    axes.set_ylabel("sentences/s")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
