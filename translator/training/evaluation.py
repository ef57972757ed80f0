"""Evaluating weights as users run them: a checkpoint decoded through CTranslate2, scored by sacreBLEU."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from translator.engine import Decoding, EngineOptions, load_engine
from translator.quality.metrics import Score, corpus_scores
from translator.training.corpus import Pair


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """A checkpoint's translations of a set of pairs, their scores by metric name, and how they were computed."""

    hypotheses: tuple[str, ...]
    scores: Mapping[str, Score]
    engine: str
    compute_type: str


def evaluate(
    checkpoint: Path,
    pairs: Sequence[Pair],
    *,
    beam_size: int,
    device: str,
    compute_type: str = "auto",
    threads: int = 0,
    bootstrap: int = 0,
) -> EvaluationResult:
    """Translates the sources of pairs with a checkpoint alone, without protection or repair, and scores them.

    The conversion for CTranslate2 is made in a folder of its own and deleted.
    """
    with tempfile.TemporaryDirectory(prefix="translator-evaluation-") as cache:
        options = EngineOptions(str(checkpoint), device=device, compute_type=compute_type, threads=threads)  # type: ignore[arg-type]
        engine = load_engine(options, Path(cache))
        try:
            found = engine.translate([pair.source for pair in pairs], Decoding(beam_size=beam_size))
        finally:
            engine.close()
    hypotheses = tuple(hypotheses[0].text for hypotheses in found)
    scores = corpus_scores(hypotheses, [pair.target for pair in pairs], bootstrap=bootstrap)
    return EvaluationResult(hypotheses, scores, engine.name, compute_type)
