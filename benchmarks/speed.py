"""This pipeline against other ways to run the same weights: sentences and source tokens a second, peak memory, BLEU.

    python benchmarks/speed.py FOLDER_OF_MARKDOWN [--dev DEV.jsonl] [--files 60] [--slow 300] [--repeats 3]

All ways translate the sentences of the same digests with the same model at beam 4 on the CPU, one after the other, in processes of
their own, in turns; figures are medians over the turns.

    one at a time   transformers' generate, a sentence a call, as one writes it at first
    batches of 16   generate, in the order of the text
    EasyNMT's way   generate, sorted by length in characters, batches of 32
    Argos's way     CTranslate2 int8, paragraph by paragraph, batches of 32 tokens, its threads as CTranslate2 chooses them
    the same, 1 thread  with one thread, which is faster where threads of one batch wait for each other
    ceiling         CTranslate2 int8, all sentences at once, tokenised and sorted before the clock starts
    translator      files to files: parsed, segmented, protected, translated, mended, checked, written

Those that use generate are timed on every n-th sentence only, --slow of them, for they take long; Argos's way on every n-th paragraph.
BLEU is that of the sentences of --dev ({"ko", "en"} a line), each translated in that way.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

BEAM, PATIENCE = 4, 2.0
GENERATE = {"one at a time": 1, "batches of 16": 16, "EasyNMT's way": 32}  # sentences in a batch
ARGOS = {"Argos's way": 0, "the same, 1 thread": 1}  # threads
WAYS = (*GENERATE, *ARGOS, "ceiling", "translator")
Paragraphs = Sequence[Sequence[str]]
Translate = Callable[[Paragraphs], list[str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dev", type=Path)
    parser.add_argument("--files", type=int, default=60)
    parser.add_argument("--slow", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=WAYS, default=WAYS, metavar="WAY", help="the ways to take turns; translator is one")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.way:
        print(json.dumps(measure(args.way, args)))
        return
    turns: dict[str, list[dict[str, Any]]] = {way: [] for way in args.only}
    for _ in range(args.repeats):
        for way in turns:
            turns[way].append(in_its_own_process(way))
    show(turns)


def in_its_own_process(way: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, *sys.argv, "--way", way], stdout=subprocess.PIPE, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def show(turns: dict[str, list[dict[str, Any]]]) -> None:
    def median(way: str, figure: str) -> float:
        return statistics.median(turn[figure] for turn in turns[way])

    print(machine())
    ours = median("translator", "sentences_per_second")
    print(f"{'':18} {'sentences/s':>11} {'tokens/s':>9} {'peak MiB':>9} {'BLEU':>6}  ours is")
    for way in turns:
        speed, tokens, memory = (median(way, figure) for figure in ("sentences_per_second", "tokens_per_second", "peak_mib"))
        score = turns[way][0]["bleu"] or ""
        print(f"{way:18} {speed:>11.1f} {tokens:>9.0f} {memory:>9.0f} {score:>6}  {ours / speed:.2f} times as fast")


def machine() -> str:
    """Cores, processor, and the versions that figures depend on."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("ctranslate2", "transformers", "torch"))
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {versions}"


def measure(way: str, args: argparse.Namespace) -> dict[str, Any]:
    """A way's figures from one turn."""
    files = chosen_files(args.folder, args.files)
    paragraphs = [sentences for path in files for sentences in sentences_of(path)]
    if way in ARGOS:
        paragraphs = paragraphs[:: max(1, sum(map(len, paragraphs)) // args.slow)]
    if way in GENERATE:
        flat = [sentence for sentences in paragraphs for sentence in sentences]
        paragraphs = [[sentence] for sentence in flat[:: max(1, len(flat) // args.slow)][: args.slow]]
    count, tokens = sum(map(len, paragraphs)), sum(len(encode(s)) for sentences in paragraphs for s in sentences)
    dev = [json.loads(line) for line in args.dev.read_text(encoding="utf-8").splitlines()] if args.dev else []
    if way == "translator":
        seconds, outputs = run_translator(files, args.folder, [row["ko"] for row in dev])
    else:
        seconds, outputs = run_other(way, paragraphs, [row["ko"] for row in dev])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {"sentences_per_second": count / seconds, "tokens_per_second": tokens / seconds, "peak_mib": peak, "bleu": None}
    return figures | ({"bleu": bleu(outputs, [row["en"] for row in dev])} if dev else {})


def chosen_files(folder: Path, count: int) -> list[Path]:
    files = sorted(folder.rglob("*.md"))
    return files[:: max(1, len(files) // count)][:count]


def sentences_of(path: Path) -> list[list[str]]:
    from translator.document import Document
    from translator.document.sentences import split_sentences

    units = Document.parse(path.read_bytes().decode()).units
    return [[unit.text[s.start : s.end] for s in split_sentences(unit.text)] for unit in units]


def run_translator(files: Sequence[Path], folder: Path, dev: Sequence[str]) -> tuple[float, list[str]]:
    from translator import Settings, Translator
    from translator.archive import translate_archive

    with tempfile.TemporaryDirectory() as work:
        for path in files:
            copy = Path(work, "in") / path.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        began = time.perf_counter()
        translate_archive([str(Path(work, "in"))], Path(work, "out"), Settings(device="cpu", beam_size=BEAM, patience=PATIENCE))
        seconds = time.perf_counter() - began
    with Translator(Settings(device="cpu")) as translator:
        return seconds, translator.translate_lines(dev)


def run_other(way: str, paragraphs: Paragraphs, dev: Sequence[str]) -> tuple[float, list[str]]:
    if way == "ceiling":
        ceiling = ceiling_way()
        prepared = sorted((encode(s) for sentences in paragraphs for s in sentences), key=len, reverse=True)
        began = time.perf_counter()
        ceiling(prepared)
        return time.perf_counter() - began, [decode(tokens) for tokens in ceiling([encode(text) for text in dev])]
    translate = argos_way(ARGOS[way]) if way in ARGOS else generate_way(way)
    translate(paragraphs[:1])
    began = time.perf_counter()
    translate(paragraphs)
    return time.perf_counter() - began, translate([[text] for text in dev])


def encode(sentence: str) -> list[str]:
    return list(_tokenizer().encode(sentence))


def decode(tokens: Sequence[str]) -> str:
    return str(_tokenizer().decode(list(tokens)))


def _tokenizer() -> Any:
    from translator.engine.catalog import bundled_path
    from translator.engine.tokenizer import load_tokenizer

    if "tokenizer" not in _loaded:
        _loaded["tokenizer"] = load_tokenizer(bundled_path("digest-ko-en"), None, None)
    return _loaded["tokenizer"]


_loaded: dict[str, Any] = {}


def converted() -> str:
    """The bundled model in CTranslate2's form, as the pipeline itself keeps it."""
    from translator.engine import EngineOptions, load_engine
    from translator.engine.checkpoint import cache_folder

    load_engine(EngineOptions("digest-ko-en", device="cpu")).close()
    return str(max(cache_folder("ctranslate2").glob("digest-ko-en-*-int8-*"), key=lambda path: path.stat().st_mtime))


def ceiling_way() -> Callable[[list[list[str]]], list[list[str]]]:
    import ctranslate2

    model = ctranslate2.Translator(converted(), device="cpu", compute_type="int8", inter_threads=os.cpu_count() or 1, intra_threads=1)

    def translate(batch: list[list[str]]) -> list[list[str]]:
        options = {"max_batch_size": 1024, "batch_type": "tokens", "beam_size": BEAM, "patience": PATIENCE, "max_input_length": 0}
        found = model.translate_batch(batch, **options)
        return [result.hypotheses[0] for result in found]

    return translate


def argos_way(threads: int) -> Translate:
    import ctranslate2

    model = ctranslate2.Translator(converted(), device="cpu", compute_type="int8", intra_threads=threads)

    def translate(paragraphs: Paragraphs) -> list[str]:
        found = []
        for sentences in paragraphs:
            batch = [encode(sentence) for sentence in sentences]
            options = {"max_batch_size": 32, "batch_type": "tokens", "beam_size": BEAM, "patience": PATIENCE, "max_input_length": 0}
            found += [decode(result.hypotheses[0]) for result in model.translate_batch(batch, **options)]
        return found

    return translate


def generate_way(way: str) -> Translate:
    import torch
    from transformers import AutoTokenizer, MarianMTModel

    from translator.engine.catalog import bundled_path

    tokenizer = AutoTokenizer.from_pretrained(bundled_path("digest-ko-en"))
    model = MarianMTModel.from_pretrained(bundled_path("digest-ko-en"), dtype=torch.float32).eval()
    size = GENERATE[way]

    def translate(paragraphs: Paragraphs) -> list[str]:
        texts = [sentence for sentences in paragraphs for sentence in sentences]
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]), reverse=True) if way == "EasyNMT's way" else range(len(texts))
        found = [""] * len(texts)
        for start in range(0, len(texts), size):
            numbers = [order[i] for i in range(start, min(start + size, len(texts)))]
            batch = tokenizer([texts[i] for i in numbers], return_tensors="pt", padding=True, truncation=True)
            with torch.inference_mode():
                made = model.generate(**batch, num_beams=BEAM, max_new_tokens=256)
            for i, text in zip(numbers, tokenizer.batch_decode(made, skip_special_tokens=True), strict=True):
                found[i] = text
        return found

    return translate


def bleu(outputs: Sequence[str], references: Sequence[str]) -> float:
    from translator.quality.metrics import corpus_scores

    return round(corpus_scores(outputs, [references], metrics=["bleu"])["bleu"].value, 2)


if __name__ == "__main__":
    main()
