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
from translator.engine.loading import Device, choose_device
from translator.errors import UserError
from translator.files import refuse_file, write_whole
from translator.quality.metrics import compare
from translator.textfile import to_json_lines
from translator.training.corpus import Pair
from translator.training.curves import EventLog, draw_curves
from translator.training.data import TrainingData, prepare
from translator.training.evaluation import DRAFT, evaluate
from translator.training.export import RunSummary, SetResult, export_checkpoint, write_card, write_report
from translator.training.growth import grown
from translator.training.network import bfloat16_wanted, load_network, made_trainable, new_marian
from translator.training.run_state import FILE, load_state, refuse_another_run
from translator.training.settings import TrainingSettings, fixed_settings
from translator.training.subwords import load_subwords, train_vocabulary
from translator.training.trainer import Trainer

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
        if not resume:
            _refuse_existing(output)
        state = load_state(output) if resume else None
        device = _device(settings.device)
        init = locate(settings.init) if settings.init else None
        data = prepare(settings, init, _counter(bar))
        vocabulary = init or _vocabulary(output / "vocabulary", settings, data, reuse=state is not None)
        subwords = load_subwords(vocabulary, settings.source_language, settings.target_language)
        data = data.within(subwords, settings.optimisation.max_tokens)
        if state:
            refuse_another_run(output, state, fixed_settings(settings), data.fingerprint)
        write_whole(output / "data.json", json.dumps(data.summary(), ensure_ascii=False, indent=1) + "\n")
        write_whole(output / "settings.yaml", yaml.safe_dump(settings.model_dump(), sort_keys=False, allow_unicode=True))
        trainer = Trainer(settings, data, _network(settings, init, vocabulary, device), subwords, output, device)
        if state:
            trainer.resume(state)
        _train(trainer, bar)
        return _finish(trainer, init)


@contextmanager
def _alone(output: Path) -> Iterator[None]:
    """Keeps a second run out of the same folder."""
    refuse_file(output)
    lock = FileLock(output / ".lock", timeout=0)
    try:
        output.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise UserError(f"another run is at work in {output}") from error
    except OSError as error:
        raise UserError(f"{output} cannot be written: {error.strerror}") from error
    for left in [*output.glob(f"{DRAFT}*"), *output.glob(f".{FILE}.*")]:  # by a run that was killed
        shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)
    try:
        yield
    finally:
        lock.release()


def _refuse_existing(output: Path) -> None:
    for name in (FILE, "model"):
        if (output / name).exists():
            raise UserError(f"{output / name} exists: go on with that run by --resume, or give another --output")


def _device(wanted: Device) -> str:
    """`cpu` or `cuda`, where torch itself has a GPU: a build for the CPU is common on machines with one."""
    import torch

    device = choose_device(wanted)
    if device == "cuda" and not torch.cuda.is_available():
        if wanted == "cuda":
            raise UserError("--device cuda: this torch is a build for the CPU; install one with CUDA, or use --device cpu")
        return "cpu"
    return device


def _counter(bar: Bar) -> Callable[[int, str], AbstractContextManager[Callable[[int], object]]]:
    @contextmanager
    def counting(total: int, title: str) -> Iterator[Callable[[int], object]]:
        with bar(title, total, "pair") as advance:
            yield lambda count: advance(count, "")

    return counting


def _vocabulary(folder: Path, settings: TrainingSettings, data: TrainingData, *, reuse: bool) -> Path:
    """The run's own vocabulary, trained now or by the run that is resumed."""
    if not reuse:
        texts = (text for corpus in data.corpora for pair in corpus.pairs for text in (pair.source, pair.target))
        train_vocabulary(texts, settings.tokenizer, settings.seed, folder)
    (folder / "config.json").write_text('{"model_type": "marian"}\n', encoding="utf-8")
    return folder


def _network(settings: TrainingSettings, init: Path | None, vocabulary: Path, device: str) -> Any:
    """The model to train: new, or the first one, grown and with adapters as the settings have it."""
    import torch

    torch.manual_seed(settings.seed)
    model = load_network(init) if init else new_marian(settings.architecture, vocabulary)
    if init and "architecture" in settings.model_fields_set:
        model = grown(model, settings.architecture)
    positions = model.config.max_position_embeddings
    if settings.optimisation.max_tokens > positions:
        raise UserError(f"optimisation.max_tokens {settings.optimisation.max_tokens}: the model has {positions} positions")
    return made_trainable(model, settings.optimisation, settings.lora, device)


def _train(trainer: Trainer, bar: Bar) -> None:
    """Runs the trainer with a progress bar, events beside it, and the log on disk."""
    events = EventLog(trainer.folder / "tensorboard")
    events.write(trainer.log)
    told = min(1.0, trainer.progress())
    try:
        with bar("training", 1.0 - told, "run") as advance:  # what is left, or the time to go would be too short after a resume

            def tell(shown: str) -> None:
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
        write_whole(trainer.folder / "log.jsonl", to_json_lines(trainer.log))
        draw_curves(trainer.log, trainer.folder / "curves.png")


def _finish(trainer: Trainer, init: Path | None) -> RunResult:
    """Exports the best weights, evaluates them as users run them, and writes card and report."""
    folder, settings, counts = trainer.folder / "model", trainer.settings, trainer.counts
    draft = folder.with_name(".model")
    shutil.rmtree(draft, ignore_errors=True)
    trainer.put_best()
    parameters = export_checkpoint(trainer.model, trainer.subwords, trainer.data.refused, draft)
    sets = {settings.dev or "held out": trainer.data.dev, **trainer.data.tests}
    results = tuple(_set_result(name, pairs, draft, init, trainer) for name, pairs in sets.items())
    summary = RunSummary(
        parameters, counts.step, counts.pairs, counts.seconds / 60, machine(trainer), trainer.data.summary(), results
    )
    write_card(draft, settings, summary)
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    write_report(trainer.folder / "report.json", summary)
    return RunResult(folder, results)


def _set_result(name: str, pairs: Sequence[Pair], checkpoint: Path, init: Path | None, trainer: Trainer) -> SetResult:
    """Scores on the CPU at float32 and int8, as most users run it, and on the GPU where the run had one."""
    evaluation, folder = trainer.settings.evaluation, trainer.folder
    score = partial(evaluate, pairs=pairs, beam_size=evaluation.beam_size, threads=trainer.settings.threads, workspace=folder)
    kinds = [("float32", "cpu"), ("int8", "cpu"), *([("float16", "cuda")] if trainer.device == "cuda" else [])]
    found = {kind: score(checkpoint, device=device, compute_type=kind, bootstrap=1000) for kind, device in kinds}
    change = {}
    if init:
        before = score(init, device="cpu", compute_type="int8", engine="auto")
        change = compare(before.hypotheses, found["int8"].hypotheses, [[pair.target for pair in pairs]])
    return SetResult(name, len(pairs), {kind: result.scores for kind, result in found.items()}, change)


def machine(trainer: Trainer) -> str:
    """What a run was trained on, for people."""
    import torch

    number = "bfloat16" if bfloat16_wanted(trainer.settings.optimisation.precision, trainer.device) else "float32"
    if trainer.device == "cuda":
        return f"one {torch.cuda.get_device_name()}, {number}"
    return f"{torch.get_num_threads()} of {os.cpu_count()} cores ({platform.machine()}), {number}"
