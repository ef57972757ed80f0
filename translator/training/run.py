"""A training run from settings to a checkpoint with its figures."""

import json
import os
import platform
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from filelock import FileLock, Timeout

from translator.engine.checkpoint import locate
from translator.engine.loading import choose_device
from translator.errors import UserError
from translator.quality.metrics import compare
from translator.training.corpus import Pair
from translator.training.curves import EventLog, draw_curves
from translator.training.data import TrainingData, prepare
from translator.training.evaluation import evaluate
from translator.training.export import RunSummary, SetResult, export_checkpoint, write_card, write_report
from translator.training.growth import grown
from translator.training.network import load_network, made_trainable, new_marian
from translator.training.run_state import FILE, load_state
from translator.training.settings import TrainingSettings
from translator.training.subwords import load_subwords, train_vocabulary
from translator.training.trainer import Trainer, bfloat16_wanted

Bar = Callable[[str, float, str], AbstractContextManager[Callable[[float, str], object]]]
"""A progress bar from a title, a total and a unit; what it yields is told of an advance and of what to show beside it."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """Where the checkpoint is, and the scores of each evaluation set."""

    checkpoint: Path
    results: tuple[SetResult, ...]


def run_training(settings: TrainingSettings, output: Path, *, resume: bool, bar: Bar) -> RunResult:
    """Trains as the settings have it and writes the run into `output`: model/, report.json, log.jsonl, curves.png, events.

    Raises UserError for data, settings or folders that do not fit, Interrupted where the user stopped it (the state is saved).
    """
    import torch
    from transformers.utils import logging

    logging.disable_progress_bar()
    if settings.threads:
        torch.set_num_threads(settings.threads)
    with _alone(output):
        if (output / FILE).exists() and not resume:
            raise UserError(f"{output} already holds a run: go on with --resume, or give another --output")
        state = load_state(output) if resume else None
        device = choose_device(settings.device)
        init = locate(settings.init) if settings.init else None
        data = prepare(settings, init, _counter(bar))
        (output / "data.json").write_text(json.dumps(data.summary(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        (output / "settings.yaml").write_text(yaml.safe_dump(settings.model_dump(), sort_keys=False, allow_unicode=True), encoding="utf-8")
        vocabulary = init or _vocabulary(output / "vocabulary", settings, data)
        subwords = load_subwords(vocabulary, settings.source_language, settings.target_language)
        model = made_trainable(_network(settings, init, vocabulary), settings.optimisation, settings.lora, device)
        trainer = Trainer(settings, data, model, subwords, output, device)
        if state:
            trainer.resume(state)
        _train(trainer, bar)
        return _finish(trainer, init)


@contextmanager
def _alone(output: Path) -> Iterator[None]:
    """Keeps a second run out of the same folder."""
    lock = FileLock(output / ".lock", timeout=0)
    try:
        output.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise UserError(f"another run is at work in {output}") from error
    except OSError as error:
        raise UserError(f"{output} cannot be written: {error.strerror}") from error
    try:
        yield
    finally:
        lock.release()


def _counter(bar: Bar) -> Callable[[int, str], AbstractContextManager[Callable[[int], object]]]:
    @contextmanager
    def counting(total: int, title: str) -> Iterator[Callable[[int], object]]:
        with bar(title, total, "pair") as advance:
            yield lambda count: advance(count, "")

    return counting


def _vocabulary(folder: Path, settings: TrainingSettings, data: TrainingData) -> Path:
    """The run's own vocabulary, trained now or by the run that is resumed."""
    if not (folder / "tokenizer_config.json").exists():
        texts = (text for corpus in data.corpora for pair in corpus.pairs for text in (pair.source, pair.target))
        train_vocabulary(texts, settings.tokenizer, settings.seed, folder)
    (folder / "config.json").write_text('{"model_type": "marian"}\n', encoding="utf-8")
    return folder


def _network(settings: TrainingSettings, init: Path | None, vocabulary: Path) -> Any:
    if init is None:
        return new_marian(settings.architecture, vocabulary, settings.seed)
    model = load_network(init)
    return grown(model, settings.architecture, settings.seed) if "architecture" in settings.model_fields_set else model


def _train(trainer: Trainer, bar: Bar) -> None:
    """Runs the trainer with a progress bar in tenths of a percent, events beside it, and the log on disk."""
    events = EventLog(trainer.folder / "tensorboard", trainer.counts.step)
    events.write(trainer.log)
    try:
        with bar("training", 1.0, "run") as advance:
            told = 0.0

            def tell(tokens: int, shown: str) -> None:
                nonlocal told
                done = min(1.0, trainer.progress())
                seconds = max(trainer.counts.seconds, 1e-9)
                advance(done - told, f"{shown}, {trainer.counts.target_tokens / seconds:,.0f} tokens/s")
                told = done
                events.write(trainer.log)

            trainer.run(tell)
    finally:
        events.write(trainer.log)
        events.close()
        rows = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in trainer.log)
        (trainer.folder / "log.jsonl").write_text(rows, encoding="utf-8")
        draw_curves(trainer.log, trainer.folder / "curves.png")


def _finish(trainer: Trainer, init: Path | None) -> RunResult:
    """Exports the best weights, evaluates them as users run them, and writes card and report."""
    trained_on = machine(trainer)
    folder, settings = trainer.folder / "model", trainer.settings
    shutil.rmtree(folder, ignore_errors=True)
    trainer.put_best()
    export_checkpoint(trainer.model, trainer.subwords, trainer.data.refused, folder)
    sets = {settings.dev or "held out": trainer.data.dev, **trainer.data.tests}
    results = tuple(_set_result(name, pairs, folder, init, trainer) for name, pairs in sets.items())
    counts = trainer.counts
    parameters = sum(weight.numel() for weight in trainer.model.parameters() if weight.requires_grad or weight.dim() != 2)
    summary = RunSummary(
        parameters, counts.step, counts.pairs, counts.seconds / 60, trained_on, trainer.data.summary(), results
    )
    write_card(folder, settings, summary)
    write_report(trainer.folder / "report.json", summary)
    return RunResult(folder, results)


def _set_result(name: str, pairs: Sequence[Pair], folder: Path, init: Path | None, trainer: Trainer) -> SetResult:
    kinds = ("float32", "int8") if trainer.device == "cpu" else ("float16",)
    score = partial(
        evaluate, pairs=pairs, beam_size=trainer.settings.evaluation.beam_size, device=trainer.device, threads=trainer.settings.threads
    )
    found = {kind: score(folder, compute_type=kind, bootstrap=1000) for kind in kinds}
    change = {}
    if init:
        before = score(init, compute_type=kinds[-1])
        change = compare(before.hypotheses, found[kinds[-1]].hypotheses, [pair.target for pair in pairs])
    return SetResult(name, len(pairs), {kind: result.scores for kind, result in found.items()}, change)


def machine(trainer: Trainer) -> str:
    """What a run was trained on, for people."""
    import torch

    number = "bfloat16" if bfloat16_wanted(trainer.settings.optimisation.precision, trainer.device) else "float32"
    if trainer.device == "cuda":
        return f"one {torch.cuda.get_device_name()}, {number}"
    return f"{torch.get_num_threads()} of {os.cpu_count()} cores ({platform.machine()}), {number}"
