"""Whether a gate lets a good run pass and stops broken ones, on a JSONL file of {"ko", "en"} sentences.

    python benchmarks/gate_trips.py DEV.jsonl [--gate configs/gates/digests.yaml]

The good run is the bundled model through protection and repair, as `translator translate` runs it, and the baseline of the others:
one hypothesis instead of four; greedy search; a model that lost a layer of its decoder; English taken for Korean and Korean for
English, so that nothing is translated.
"""

import argparse
import contextlib
import io
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from translator.__main__ import main as command
from translator.config import Settings
from translator.engine import load_engine
from translator.engine.catalog import bundled_path
from translator.glossary import Glossary
from translator.repair import SentenceTranslation, translate_sentences


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dev", type=Path)
    parser.add_argument("--gate", type=Path, default=Path("configs/gates/digests.yaml"))
    args = parser.parse_args()
    rows = [json.loads(line) for line in args.dev.read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as work:
        good = None
        for name, found in runs([row["ko"] for row in rows], Path(work)):
            records = Path(work, f"{name}.jsonl")
            records.write_text("".join(json.dumps(record(*pair), ensure_ascii=False) + "\n" for pair in zip(rows, found, strict=True)))
            good = good or records
            code, said = evaluated(records, args.dev, good, args.gate)
            print(f"{name}: exit code {code}. {said}")


def runs(source: Sequence[str], work: Path) -> Iterator[tuple[str, Sequence[SentenceTranslation]]]:
    yield "good", translated(source, Settings())
    yield "one hypothesis", translated(source, Settings(num_hypotheses=1))
    yield "greedy", translated(source, Settings(beam_size=1))
    yield "decoder layer lost", translated(source, Settings(model=str(without_a_layer(work))))
    yield "languages swapped", [SentenceTranslation(text, 0.0, 0) for text in source]


def translated(source: Sequence[str], settings: Settings) -> list[SentenceTranslation]:
    engine = load_engine(settings.engine_options())
    return translate_sentences(engine, source, settings.decoding(), Glossary())


def without_a_layer(work: Path) -> Path:
    """The bundled checkpoint with the first layer of its decoder alone."""
    folder = work / "truncated"
    shutil.copytree(bundled_path("digest-ko-en"), folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "decoder_layers": 1}))
    return folder


def record(row: dict[str, Any], found: SentenceTranslation) -> dict[str, Any]:
    checks = [{"check": flag.check, "detail": flag.detail} for flag in found.flags]
    return {"id": row["id"], "source": row["ko"], "target": found.target, "checks": checks}


def evaluated(records: Path, reference: Path, baseline: Path, gate: Path) -> tuple[object, str]:
    """The exit code of `translator evaluate`, and what it says of the gate."""
    sys.argv = ["translator", "evaluate", str(records), "-r", str(reference), "--baseline", str(baseline), "--gate", str(gate), "-q"]
    errors = io.StringIO()
    code: object = 0
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(errors):
        try:
            command()
        except SystemExit as stop:
            code = stop.code or 0
    return code, errors.getvalue().strip().replace(str(records), "").replace(": : ", ": ")


if __name__ == "__main__":
    main()
