"""The training loop: steps, a moving average of the weights, evaluations, saved states, and an end by steps, epochs or minutes."""

import logging
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from translator.errors import Interrupted, UserError
from translator.training.batches import Batch, Stream
from translator.training.data import TrainingData
from translator.training.evaluation import evaluate
from translator.training.network import target_losses, trainable, zero_start
from translator.training.run_state import Counts, RunState, save_state
from translator.training.schedule import learning_rate
from translator.training.settings import RESUMABLE, Optimisation, Precision, TrainingSettings
from translator.training.subwords import Subwords

if TYPE_CHECKING:
    from torch import Tensor

_log = logging.getLogger(__name__)
_REPORT_STEPS = 100
_COLLAPSED = 0.02
_WATCHED_STEPS = 2000

Tell = Callable[[int, str], object]


@dataclass(slots=True)
class Trainer:
    """A run in progress. `average` is the moving average of the trained weights by name; `initial` what they began as, if blended."""

    settings: TrainingSettings
    data: TrainingData
    model: Any
    subwords: Subwords
    folder: Path
    device: str
    counts: Counts = field(default_factory=Counts)
    log: "list[dict[str, Any]]" = field(default_factory=list)
    best: "dict[str, Tensor]" = field(default_factory=dict)
    average: "dict[str, Tensor]" = field(default_factory=dict)
    initial: "dict[str, Tensor]" = field(default_factory=dict)
    optimizer: Any = None
    stopping: bool = False

    def __post_init__(self) -> None:
        import torch

        optimisation = self.settings.optimisation
        weights = dict(trainable(self.model))
        self.average = {name: weight.detach().clone() for name, weight in weights.items()}
        if optimisation.blend < 1.0:
            self.initial = {name: weight.detach().clone() for name, weight in weights.items()}
        self.optimizer = torch.optim.AdamW(
            list(weights.values()), lr=optimisation.learning_rate, betas=(0.9, 0.98), weight_decay=optimisation.weight_decay, fused=True
        )
        torch.manual_seed(self.settings.seed)

    def resume(self, state: RunState) -> None:
        """Goes on where a state was saved.

        Raises UserError where the settings or the data are not those of the state.
        """
        import torch

        now = fixed_settings(self.settings)
        other = sorted(key for key in now.keys() | state.settings.keys() if now.get(key) != state.settings.get(key))
        if other:
            raise UserError(f"{self.folder} was begun with other settings ({', '.join(other)}): give the same, or another --output")
        if state.data != self.data.fingerprint:
            raise UserError(f"{self.folder} was begun with other data: give the same files, or another --output")
        with torch.no_grad():
            for name, weight in trainable(self.model):
                weight.copy_(state.weights[name])
                self.average[name].copy_(state.average[name])
        self.optimizer.load_state_dict(state.optimizer)
        self.counts, self.log, self.best = state.counts, state.log, state.best
        torch.set_rng_state(state.generators[0])
        if self.device == "cuda" and len(state.generators) > 1:
            torch.cuda.set_rng_state(state.generators[1])

    def run(self, tell: Tell) -> None:
        """Trains to the end of the run; `tell` is told of each step's target tokens and of what to show beside them.

        On SIGINT or SIGTERM the state is saved and Interrupted is raised.
        """
        evaluation = self.settings.evaluation
        stream = self._stream().batches(self.counts.position)
        losses, reported, saved = [], time.monotonic(), time.monotonic()
        with self._stoppable():
            while self.progress() < 1.0 and not self.stopping:
                began = time.monotonic()
                batches = [next(stream) for _ in range(self.settings.optimisation.accumulate)]
                losses.append(self._step(batches))
                tokens = sum(batch.target_tokens for batch in batches)
                self._count(batches, time.monotonic() - began)
                if self.counts.step % _REPORT_STEPS == 0:
                    self._report(batches[-1], losses, time.monotonic() - reported)
                    losses, reported = [], time.monotonic()
                tell(tokens, self._shown())
                if evaluation.every_steps and self.counts.step % evaluation.every_steps == 0 and self.progress() < 1.0:
                    self._evaluate()
                    if self._out_of_patience():
                        break
                if time.monotonic() - saved > 60 * self.settings.save_minutes:
                    self.save()
                    saved = time.monotonic()
        self.save()
        if self.stopping:
            raise Interrupted(f"stopped at step {self.counts.step}; the run is saved: go on with --resume")
        self._evaluate()
        self.save()

    def progress(self) -> float:
        """How much of the run is done, from 0 to 1 and beyond: of its steps, its epochs or its minutes, whichever is most."""
        optimisation, counts = self.settings.optimisation, self.counts
        done = [0.0]
        if optimisation.max_steps:
            done.append(counts.step / optimisation.max_steps)
        if optimisation.max_epochs:
            done.append(counts.pairs / (optimisation.max_epochs * self._stream().pairs_per_epoch()))
        if optimisation.max_minutes:
            done.append(counts.seconds / (60 * optimisation.max_minutes))
        return max(done)

    def save(self) -> None:
        """Writes the run's state."""
        import torch

        generators = [torch.get_rng_state()] + ([torch.cuda.get_rng_state()] if self.device == "cuda" else [])
        weights = {name: weight.detach() for name, weight in trainable(self.model)}
        state = RunState(
            fixed_settings(self.settings), self.data.fingerprint, weights, self.average, self.optimizer.state_dict(), generators,
            self.counts, self.log, self.best,
        )  # fmt: skip
        save_state(self.folder, state)

    def put_best(self) -> None:
        """Gives the model the weights of its best evaluation."""
        import torch

        with torch.no_grad():
            for name, weight in trainable(self.model):
                weight.copy_(self.best[name])

    def evaluations(self) -> list[dict[str, Any]]:
        """The log's rows that hold scores of the dev set."""
        return [row for row in self.log if "bleu" in row]

    def _stream(self) -> Stream:
        optimisation = self.settings.optimisation
        return Stream(
            self.data.corpora, self.subwords, optimisation.batch_tokens, optimisation.max_tokens, self.settings.seed, optimisation.sampling,
            self.settings.augmentation,
        )  # fmt: skip

    def _step(self, batches: list[Batch]) -> "Tensor":
        """One step of the optimiser; the mean loss of a target token."""
        import torch

        optimisation = self.settings.optimisation
        tokens = sum(batch.target_tokens for batch in batches)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(optimisation, self.counts.step, self.progress())
        self.optimizer.zero_grad(set_to_none=True)
        total = torch.zeros((), device=self.device)
        for batch in batches:
            with self._precision():
                loss = target_losses(self.model, batch.to(self.device), optimisation.label_smoothing) / tokens
            loss.backward()  # type: ignore[no-untyped-call]
            total += loss.detach()
        parameters: list[Tensor] = [weight for _, weight in trainable(self.model)]
        torch.nn.utils.clip_grad_norm_(parameters, optimisation.gradient_clip)
        self.optimizer.step()
        zero_start(self.model)
        with torch.no_grad():
            decay = min(optimisation.ema_decay, (1 + self.counts.step) / (10 + self.counts.step))
            torch._foreach_lerp_(list(self.average.values()), parameters, 1 - decay)
        return total

    def _count(self, batches: list[Batch], seconds: float) -> None:
        counts = self.counts
        counts.step += 1
        counts.pairs += sum(batch.pairs for batch in batches)
        counts.target_tokens += sum(batch.target_tokens for batch in batches)
        counts.seconds += seconds
        counts.position = batches[-1].position

    def _report(self, batch: Batch, losses: "list[Tensor]", seconds: float) -> None:
        loss, gap = float(sum(losses)) / len(losses), self._source_gap(batch)
        rate = self.optimizer.param_groups[0]["lr"]
        counts = self.counts
        row = {"step": counts.step, "pairs": counts.pairs, "minutes": counts.seconds / 60, "loss": loss, "source_gap": gap, "rate": rate}
        self.log.append({**row, "steps_per_second": len(losses) / seconds})
        if counts.step >= _WATCHED_STEPS and gap < _COLLAPSED and self.settings.init is None:
            _log.warning(
                "step %d: the loss is the same with another sentence's source (gap %.3f): the encoder may have collapsed; a lower "
                "optimisation.learning_rate or more warmup_steps avoid that", counts.step, gap,
            )  # fmt: skip

    def _source_gap(self, batch: Batch) -> float:
        """How much worse the model explains targets from other sources than from their own, in nats a token; 0 is collapse."""
        import torch

        own, other = batch.to(self.device), batch.to(self.device).with_rolled_sources()
        self.model.eval()
        with torch.no_grad(), self._precision():
            losses = [float(target_losses(self.model, either, 0.0)) / batch.target_tokens for either in (own, other)]
        self.model.train()
        return losses[1] - losses[0]

    def _evaluate(self) -> None:
        """Scores the average on the dev set, adds a row to the log, and keeps the average if it is the best so far."""
        import torch

        average, evaluation, threads = self._blended(), self.settings.evaluation, torch.get_num_threads()
        with tempfile.TemporaryDirectory(prefix="translator-training-") as folder:
            write_checkpoint(self.model, average, self.subwords, Path(folder))
            found = evaluate(
                Path(folder), self.data.dev, beam_size=evaluation.beam_size, device=self.device, threads=self.settings.threads
            )
        torch.set_num_threads(threads)  # CTranslate2's single-threaded workers lower it for the whole process
        scores = {name: score.value for name, score in found.scores.items()}
        rows = self.evaluations()
        if not rows or scores[evaluation.metric] >= max(row[evaluation.metric] for row in rows):
            self.best = average
        counts = self.counts
        row = {"step": counts.step, "pairs": counts.pairs, "minutes": counts.seconds / 60}
        self.log.append({**row, **scores, "examples": list(found.hypotheses[:3])})
        _log.info("step %d: dev BLEU %.2f, chrF2++ %.2f", counts.step, scores["bleu"], scores["chrf"])

    def _blended(self) -> "dict[str, Tensor]":
        """The average, or what lies `blend` of the way from the initial weights to it."""
        blend = self.settings.optimisation.blend
        return {
            name: (self.initial[name].lerp(average, blend) if self.initial else average).detach().cpu().clone()
            for name, average in self.average.items()
        }

    def _out_of_patience(self) -> bool:
        evaluation = self.settings.evaluation
        scores = [row[evaluation.metric] for row in self.evaluations()]
        best = scores.index(max(scores))
        return evaluation.patience is not None and len(scores) - 1 - best >= evaluation.patience

    def _shown(self) -> str:
        rows = [row for row in self.log if "loss" in row][-1:]
        scored = self.evaluations()[-1:]
        parts = [f"step {self.counts.step}", *(f"loss {row['loss']:.3f}" for row in rows), *(f"BLEU {row['bleu']:.1f}" for row in scored)]
        return ", ".join(parts)

    def _precision(self) -> AbstractContextManager[Any]:
        import torch

        if bfloat16_wanted(self.settings.optimisation.precision, self.device):
            return torch.autocast(self.device, torch.bfloat16)
        return nullcontext()

    @contextmanager
    def _stoppable(self) -> Iterator[None]:
        """SIGINT and SIGTERM end the run after the step in hand."""

        def stop(number: int, frame: FrameType | None) -> None:
            self.stopping = True

        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def write_checkpoint(model: Any, weights: "Mapping[str, Tensor]", subwords: Subwords, folder: Path) -> None:
    """Writes the model with other trained weights as a float32 checkpoint; the model itself stays as it is."""
    import copy

    import torch

    from translator.training.network import merge_adapters

    other = copy.deepcopy(model)
    with torch.no_grad():
        for name, weight in trainable(other):
            weight.copy_(weights[name])
    merge_adapters(other)
    other.save_pretrained(folder)
    subwords.save(folder)


def bfloat16_wanted(precision: Precision, device: str) -> bool:
    """True for bfloat16, and for `auto` where the processor or GPU computes it natively (elsewhere it is many times slower)."""
    import torch

    if precision != "auto":
        return precision == "bfloat16"
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16") or able.get("bf16"))


def fixed_settings(settings: TrainingSettings) -> dict[str, Any]:
    """The settings that a run keeps from its start to its end, by dotted name."""
    return {key: value for key, value in _flat(settings.model_dump(), "") if key not in RESUMABLE}


def _flat(values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def target_of(optimisation: Optimisation) -> str:
    """How a run ends, for people."""
    ends = [(optimisation.max_steps, "steps"), (optimisation.max_epochs, "epochs"), (optimisation.max_minutes, "minutes")]
    return " or ".join(f"{value:g} {unit}" for value, unit in ends if value)
