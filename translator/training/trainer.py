"""The training loop: steps, a moving average of the weights, evaluations, saved states, and an end by steps, epochs or minutes."""

import logging
import math
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from translator.errors import Interrupted, UserError
from translator.training.batches import Batch, Stream
from translator.training.data import TrainingData
from translator.training.evaluation import DRAFT, evaluate
from translator.training.export import write_checkpoint
from translator.training.network import bfloat16_wanted, target_losses, trainable, zero_start
from translator.training.run_state import Counts, RunState, save_state
from translator.training.schedule import learning_rate
from translator.training.settings import TrainingSettings, fixed_settings
from translator.training.subwords import Subwords

if TYPE_CHECKING:
    from torch import Tensor

_log = logging.getLogger(__name__)
_REPORT_STEPS = 100
_COLLAPSED = 0.02
_WATCHED_STEPS = 2000

Tell = Callable[[str], object]


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
        """Goes on where a state was saved."""
        import torch

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
        """Trains to the end of the run; `tell` is told after each step what to show.

        On SIGINT or SIGTERM the state is saved and Interrupted is raised. Raises UserError where the loss is no number any more:
        the state saved last is kept.
        """
        stream = self._stream().batches(self.counts.position)
        losses, reported, saved = [], time.monotonic(), time.monotonic()
        with self._stoppable():
            while self.progress() < 1.0 and not self.stopping and not self._out_of_patience():
                if self._evaluation_due():
                    self._evaluate()
                    continue
                began = time.monotonic()
                batches = [next(stream) for _ in range(self.settings.optimisation.accumulate)]
                losses.append(self._step(batches))
                self._count(batches, time.monotonic() - began)
                if self.counts.step % _REPORT_STEPS == 0:
                    self._report(batches[-1], losses, time.monotonic() - reported)
                    losses, reported = [], time.monotonic()
                tell(self._shown())
                if self._evaluation_due() or time.monotonic() - saved > 60 * self.settings.save_minutes:
                    self._refuse_no_number(losses)
                    self.save()
                    saved = time.monotonic()
            self._refuse_no_number(losses)
            self.save()
        if self.stopping:
            raise Interrupted(f"stopped at step {self.counts.step}; the run is saved: go on with --resume")
        if not self._evaluated():
            self._evaluate()
        self.save()

    def progress(self) -> float:
        """How much of the run is done, from 0 to 1 and beyond: of its steps, its epochs or its minutes, whichever is most."""
        optimisation, counts = self.settings.optimisation, self.counts
        done = [0.0]
        if optimisation.max_steps:
            done.append(counts.step / optimisation.max_steps)
        if optimisation.max_epochs:
            done.append(counts.pairs / (optimisation.max_epochs * self._stream().pairs_per_epoch))
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

    def _evaluation_due(self) -> bool:
        every, step = self.settings.evaluation.every_steps, self.counts.step
        return every is not None and step > 0 and step % every == 0 and not self._evaluated()

    def _evaluated(self) -> bool:
        """True where the weights of this step have been scored."""
        return [row["step"] for row in self.evaluations()[-1:]] == [self.counts.step]

    def _refuse_no_number(self, losses: "list[Tensor]") -> None:
        if losses and not math.isfinite(float(losses[-1])):
            raise UserError(
                f"step {self.counts.step}: the loss is {float(losses[-1])}; the run's state is that of before: start again with a lower "
                "optimisation.learning_rate or a longer warm-up"
            )

    def _report(self, batch: Batch, losses: "list[Tensor]", seconds: float) -> None:
        self._refuse_no_number(losses)
        gap = self._source_gap(batch) if batch.pairs > 1 else None
        counts, rate = self.counts, self.optimizer.param_groups[0]["lr"]
        row = {"step": counts.step, "pairs": counts.pairs, "minutes": counts.seconds / 60, "loss": float(sum(losses)) / len(losses)}
        row |= {"rate": rate, "steps_per_second": len(losses) / seconds} | ({} if gap is None else {"source_gap": gap})
        self.log.append(row)
        if gap is not None and counts.step >= _WATCHED_STEPS and gap < _COLLAPSED and self.settings.init is None:
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

        average, evaluation = self._blended(), self.settings.evaluation
        score = partial(evaluate, beam_size=evaluation.beam_size, device=self.device, threads=self.settings.threads)
        with torch.random.fork_rng(), tempfile.TemporaryDirectory(prefix=DRAFT, dir=self.folder) as folder:  # loading a model draws
            write_checkpoint(self.model, average, self.subwords, Path(folder))
            found = score(Path(folder), self.data.dev, workspace=self.folder)
        scores = {name: score.value for name, score in found.scores.items()}
        rows = self.evaluations()
        if not rows or scores[evaluation.metric] >= max(row[evaluation.metric] for row in rows):
            self.best = average
        counts = self.counts
        row = {"step": counts.step, "pairs": counts.pairs, "minutes": counts.seconds / 60}
        self.log.append({**row, **scores, "examples": list(found.hypotheses[:3])})
        _log.info("step %d: dev BLEU %.2f, chrF2++ %.2f", counts.step, scores["bleu"], scores["chrf++"])

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
        if evaluation.patience is None or not scores:
            return False
        return len(scores) - 1 - scores.index(max(scores)) >= evaluation.patience

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
