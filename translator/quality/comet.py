"""COMET (Rei et al., 2020) as a metric: a learned score for each segment from source, translation and, mostly, reference.

unbabel-comet cannot be installed beside this package (it needs transformers < 5 and huggingface-hub < 1), so that it runs as a
process of another environment's interpreter: see comet_worker.py. Nothing is downloaded.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from translator.errors import UserError
from translator.quality.bootstrap import Floats, Progress, SegmentStatistics, bootstrap_seed, no_progress

DEFAULT_MODEL = "Unbabel/wmt22-comet-da"
INSTALL = "python3.11 -m venv comet && comet/bin/pip install 'unbabel-comet>=2.2.7' 'setuptools<81'"
_WORKER = Path(__file__).with_name("comet_worker.py")
_BATCH = 32  # segments


@dataclass(frozen=True, slots=True)
class Comet:
    """Which COMET model scores (a name of the hub that is in its cache, a checkpoint or its folder), and the interpreter of the
    environment that has unbabel-comet (None: this one).
    """

    model: str = DEFAULT_MODEL
    python: Path | None = None


def comet_statistics(
    comet: Comet, systems: Sequence[Sequence[str]], sources: Sequence[str], reference: Sequence[str] | None,
    progress: Progress = no_progress,
) -> list[SegmentStatistics]:  # fmt: skip
    """COMET's scores of each system's segments, times 100; a corpus has their mean.

    A segment that several systems have is scored once. Raises UserError where the environment, the model, or a reference that the
    model needs is missing.
    """
    given = [sources] if reference is None else [sources, reference]
    rows = [list(zip(texts, *given, strict=True)) for texts in systems]
    unique = list(dict.fromkeys(row for system in rows for row in system))
    with progress(len(unique), "segment judged") as tell:
        answer = _ask(comet, unique, tell)
    scores = dict(zip(unique, answer["scores"], strict=True))
    mean = _Mean(comet.model, answer)
    return [SegmentStatistics("comet", np.array([(100 * scores[row], 1.0) for row in system]), mean) for system in rows]


class _Mean:
    """The arithmetic of scores that stand for themselves: their sum and their number make a corpus' score."""

    precision = np.float64

    def __init__(self, model: str, answer: dict[str, Any]) -> None:
        revision = f"@{answer['revision'][:8]}" if answer["revision"] else ""
        self._about = f"nrefs:{int(answer['references'])}", f"model:{model}{revision}", f"kind:{answer['kind']}"
        self._version = answer["version"]

    def of_corpus(self, rows: NDArray[np.float64]) -> float:
        return self.of_sample(rows.sum(axis=0))

    def of_sample(self, sums: Floats) -> float:
        return float(sums[0] / sums[1])

    def signature(self, samples: int) -> str:
        sampled = (f"bs:{samples}", f"seed:{bootstrap_seed()}") if samples else ()
        return "|".join((self._about[0], *sampled, *self._about[1:], "scale:100", f"version:{self._version}"))


def _ask(comet: Comet, rows: Sequence[Sequence[str]], tell: Callable[[int], object]) -> dict[str, Any]:
    """The worker's last answer for segments, each of translation, source and, mostly, reference."""
    python = _interpreter(comet)
    asked = [{"model": comet.model, "batch_size": _BATCH}, *(dict(zip(("mt", "src", "ref"), row, strict=False)) for row in rows)]
    with tempfile.TemporaryFile() as log:
        try:
            process = subprocess.Popen(
                [python, "-I", _WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=_environment(), encoding="utf-8"
            )
        except OSError as error:
            raise UserError(f"the interpreter for COMET, {python}, cannot be run: {error.strerror}") from error
        with process:
            try:
                answer = _conversation(process, asked, tell)
            except BaseException:
                process.kill()
                raise
        if "error" in answer:
            raise UserError(_sentence(comet, python, answer))
        if "scores" not in answer:
            raise UserError(f"COMET stopped with exit code {process.returncode} ({python}): {_last_line(log)}")
        return answer


def _conversation(process: "subprocess.Popen[str]", asked: Sequence[object], tell: Callable[[int], object]) -> dict[str, Any]:
    assert process.stdin
    assert process.stdout
    try:
        with process.stdin as questions:
            questions.writelines(json.dumps(each) + "\n" for each in asked)
    except BrokenPipeError:  # it stopped; what it said before says why
        pass
    answer: dict[str, Any] = {}
    for line in process.stdout:
        answer = json.loads(line)
        if "done" in answer:
            tell(answer["done"])
    return answer


def _interpreter(comet: Comet) -> str:
    if comet.python:
        return str(comet.python.expanduser())
    try:
        version("unbabel-comet")
    except PackageNotFoundError:
        raise UserError(
            f"COMET is not installed here, and needs an environment of its own: {INSTALL}; then give its interpreter, comet/bin/python, "
            "as --comet-python or in TRANSLATOR_COMET_PYTHON"
        ) from None
    return sys.executable


def _environment() -> dict[str, str]:
    """Offline, and without running what a pickled checkpoint may hold besides weights, unless torch's own variable allows it."""
    safe = {} if "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD" in os.environ else {"TORCH_FORCE_WEIGHTS_ONLY_LOAD": "1"}
    return {**os.environ, **safe, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


def _sentence(comet: Comet, python: str, answer: dict[str, Any]) -> str:
    fetch = f"""{python} -c "from comet import *; load_from_checkpoint(download_model('{comet.model}'))\""""
    return {
        "environment": f"{python} has no working COMET ({answer['detail']}): {INSTALL}",
        "model": f"no COMET model {comet.model} on this machine; where there is a network: {fetch}",
        "checkpoint": f"the COMET model {comet.model} cannot be loaded ({answer['detail']}); its encoder must be in the hub's cache, "
        "which loading it once where there is a network sees to",
        "pickle": f"the COMET model {comet.model} is no checkpoint, or holds more than weights, which could run code: if you trust it, set "
        "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD=1",
        "reference": f"the COMET model {comet.model} compares with references: give --reference, or a reference-free --comet-model",
    }[answer["error"]]


def _last_line(log: IO[bytes]) -> str:
    log.seek(0)
    lines = log.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1].strip() if lines else "it said nothing"
