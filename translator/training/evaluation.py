"""Evaluating weights as users run them: a checkpoint decoded through CTranslate2, scored by sacreBLEU."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from translator.engine import Decoding, EngineOptions, load_engine
from translator.engine.loading import EngineName
from translator.quality.metrics import Score, corpus_scores
from translator.training.corpus import Pair

DRAFT = ".evaluation-"


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """A checkpoint's translations of a set of pairs and their scores by metric name."""

    hypotheses: tuple[str, ...]
    scores: Mapping[str, Score]


def evaluate(
    checkpoint: Path,
    pairs: Sequence[Pair],
    *,
    beam_size: int,
    device: str,
    compute_type: str = "auto",
    threads: int = 0,
    bootstrap: int = 0,
    engine: EngineName = "ctranslate2",
    workspace: Path | None = None,
) -> EvaluationResult:
    """Translates the sources of pairs with a checkpoint alone, without protection or repair, and scores them.

    The conversion for CTranslate2 is made in a folder of its own, under `workspace` if given, and deleted.
    Raises UserError where the engine cannot run the checkpoint.
    """
    import torch

    torch_threads = torch.get_num_threads()
    with tempfile.TemporaryDirectory(prefix=DRAFT, dir=workspace) as cache:
        options = EngineOptions(str(checkpoint), engine, device, compute_type, threads)  # type: ignore[arg-type]
        loaded = load_engine(options, Path(cache))
        try:
            found = loaded.translate([pair.source for pair in pairs], Decoding(beam_size=beam_size))
        finally:
            loaded.close()
            torch.set_num_threads(torch_threads)  # CTranslate2's workers of one thread each lower it for the whole process
    hypotheses = tuple(" ".join(best.text.split()) for best, *_ in found)  # a model with byte fallback can say a line break
    scores = corpus_scores(hypotheses, [[pair.target for pair in pairs]], bootstrap=bootstrap)
    return EvaluationResult(hypotheses, scores)
