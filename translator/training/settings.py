"""What a training run is: data, tokenizer, model, optimisation, evaluation; YAML in configs/train/."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from translator.settings_file import read_yaml, validated

Precision = Literal["auto", "float32", "bfloat16"]


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class DataSource(_Group):
    """A file of pairs (TSV, JSONL, records, TMX)."""

    file: str = Field(min_length=1)
    weight: float = Field(1.0, gt=0.0, description="its share in an epoch: 0.5 half of the pairs, drawn anew; 2 all of them twice")


class Filters(_Group):
    """Which pairs are fit to learn from."""

    min_characters: int = Field(2, ge=1)
    max_characters: int = Field(600, ge=1)
    max_length_ratio: float = Field(6.0, ge=1.0, description="the longer side's characters by the shorter's, Korean counted 2.6-fold")
    min_korean: float = Field(0.1, ge=0.0, le=1.0, description="least share of Hangul among the source's letters")
    max_korean_in_target: float = Field(0.0, ge=0.0, le=1.0, description="greatest share of Hangul among the target's letters")
    numbers_agree: bool = Field(True, description="every number of the source is in the target, by value")
    duplicates: bool = Field(False, description="keep pairs that occur more than once")


class Augmentation(_Group):
    """Share of the pairs, drawn anew in every epoch, that are changed in a way that the pipeline or real digests change them."""

    placeholders: float = Field(0.0, ge=0.0, le=1.0, description="a name or URL on both sides behind a placeholder of the pipeline's")
    spacing: float = Field(0.0, ge=0.0, le=1.0, description="a space too many or too few in the Korean")
    final_stop: float = Field(0.0, ge=0.0, le=1.0, description="no full stop at the end of either side")
    joined: float = Field(0.0, ge=0.0, le=1.0, description="with the pair that follows it in its file, as one text")
    labels: float = Field(0.0, ge=0.0, le=1.0, description="after a label such as `핵심 내용:`")


class Tokenizer(_Group):
    """A SentencePiece unigram vocabulary for both languages; only for a model from scratch."""

    vocab_size: int = Field(8000, ge=200, le=256_000)
    character_coverage: float = Field(0.9995, gt=0.9, le=1.0)
    max_sentences: int = Field(400_000, ge=100, description="texts that it is trained on, drawn at random")


class Architecture(_Group):
    """A MarianMT model from scratch, or what the first model (init) is grown to."""

    d_model: int = Field(256, ge=8, le=4096)
    ffn_dim: int = Field(1536, ge=8, le=16384)
    encoder_layers: int = Field(6, ge=1, le=48)
    decoder_layers: int = Field(2, ge=1, le=48)
    attention_heads: int = Field(4, ge=1, le=64)

    @model_validator(mode="after")
    def _heads_divide(self) -> "Architecture":
        if self.d_model % self.attention_heads:
            raise ValueError(f"d_model {self.d_model} is not a multiple of attention_heads {self.attention_heads}")
        return self


class Lora(_Group):
    """Low-rank adapters in place of full fine-tuning, merged into the weights at the end (package peft)."""

    rank: int = Field(16, ge=1, le=512)
    alpha: int = Field(32, ge=1)
    dropout: float = Field(0.05, ge=0.0, lt=1.0)


class Optimisation(_Group):
    """Batches, learning rate, regularisation, and when to stop."""

    learning_rate: float = Field(7e-4, gt=0.0, le=1.0)
    warmup_steps: int = Field(800, ge=0)
    schedule: Literal["constant", "inverse-sqrt", "cosine"] = "constant"
    cooldown: float = Field(0.3, ge=0.0, le=1.0, description="last share of the run over which the rate falls to zero")
    batch_tokens: int = Field(1500, ge=8, description="padded tokens of the longer side in a batch")
    accumulate: int = Field(1, ge=1, description="batches in a step")
    max_tokens: int = Field(250, ge=8, description="longer pairs are left out")
    dropout: float = Field(0.1, ge=0.0, lt=1.0)
    label_smoothing: float = Field(0.1, ge=0.0, lt=1.0)
    sampling: float = Field(0.0, ge=0.0, le=1.0, description="share of the sources with sampled subwords (Marian only)")
    weight_decay: float = Field(0.01, ge=0.0)
    gradient_clip: float = Field(1.0, gt=0.0)
    ema_decay: float = Field(0.9995, ge=0.0, lt=1.0, description="of the moving average of the weights, which is what is kept")
    blend: float = Field(1.0, gt=0.0, le=1.0, description="share of the tuned weights in the result; the rest is the first model's")
    precision: Precision = Field("auto", description="auto: bfloat16 where the processor computes it, else float32")
    attention: Literal["auto", "eager", "sdpa"] = Field("auto", description="auto: eager on the CPU, sdpa on a GPU")
    compile: bool = Field(False, description="torch.compile: minutes of start-up")
    max_steps: int | None = Field(None, ge=1)
    max_minutes: float | None = Field(None, gt=0.0, description="of training; evaluations and the end come on top")
    max_epochs: float | None = Field(None, gt=0.0)

    @model_validator(mode="after")
    def _ends(self) -> "Optimisation":
        if self.max_steps is None and self.max_minutes is None and self.max_epochs is None:
            raise ValueError("one of max_steps, max_minutes and max_epochs must be given, or the run never ends")
        return self


class Evaluation(_Group):
    """Decoding held-out sets through CTranslate2 as users do; the moving average of the weights is what is evaluated."""

    every_steps: int | None = Field(None, ge=1, description="none: only at the end")
    beam_size: int = Field(4, ge=1, le=64)
    metric: Literal["bleu", "chrf++"] = Field("bleu", description="decides which weights are kept and when to stop early")
    patience: int | None = Field(None, ge=1, description="evaluations without a gain after which the run stops; none: it goes on")


class TrainingSettings(_Group):
    """Everything that shapes a training run."""

    output: str | None = Field(None, description="the run's folder; the command's --output wins")
    data_folder: str = Field(".", description="where the files below are; --data-folder wins")
    data: list[DataSource] = Field(min_length=1)
    dev: str | None = Field(None, description="pairs to evaluate on; none: held_out_share of the data, taken out of it")
    held_out_share: float = Field(0.1, gt=0.0, lt=1.0)
    tests: list[str] = Field([], description="further pairs to evaluate the result on")
    refuse: list[str] = Field([], description="further evaluation sets (pairs, or text of one language), never to be trained on")
    name: str = Field("my-model", pattern=r"^[A-Za-z0-9._-]+$")
    licence: str = Field("not stated", description="for the model card: what the data allows")
    init: str | None = Field(None, description="model to go on from: a name or a folder; none: from scratch")
    source_language: str | None = None
    target_language: str | None = None
    seed: int = Field(1, ge=0)
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = Field(0, ge=0, le=1024, description="of the CPU; 0 is all")
    filters: Filters = Filters()
    augmentation: Augmentation = Augmentation()
    tokenizer: Tokenizer = Tokenizer()
    architecture: Architecture = Architecture()
    lora: Lora | None = None
    optimisation: Optimisation
    evaluation: Evaluation = Evaluation()
    save_minutes: float = Field(10.0, gt=0.0, description="how often the run's state is saved")

    @model_validator(mode="after")
    def _fits(self) -> "TrainingSettings":
        if self.init is None and (self.lora is not None or self.optimisation.blend < 1.0):
            raise ValueError("lora and optimisation.blend need a model to go on from (init)")
        if self.lora is not None and self.optimisation.blend < 1.0:
            raise ValueError("with lora, optimisation.blend must be 1: half of each of two factors is not half of their product")
        if self.evaluation.patience is not None and self.evaluation.every_steps is None:
            raise ValueError("evaluation.patience counts evaluations: give evaluation.every_steps as well")
        return self

    def path(self, file: str) -> Path:
        """Where a file of the settings is."""
        return Path(self.data_folder).expanduser() / file


# Settings that may differ between a run and the run that resumes it: they move its end, its speed or its folder, not its way.
RESUMABLE = frozenset({
    "output", "data_folder", "device", "threads", "save_minutes", "licence", "name", "tests", "evaluation.patience",
    "optimisation.max_steps", "optimisation.max_minutes", "optimisation.max_epochs",
})  # fmt: skip


def fixed_settings(settings: TrainingSettings) -> dict[str, Any]:
    """The settings that a run keeps from its start to its end, by dotted name."""
    return {key: value for key, value in _flat(settings.model_dump(), "") if key not in RESUMABLE}


def _flat(values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def read_training_settings(path: Path, overrides: dict[str, Any]) -> TrainingSettings:
    """Settings from a YAML file with overrides on top: dotted names of settings (`optimisation.max_minutes`); None does not count.

    Raises UserError naming the file, the key, what was given and what is allowed.
    """
    return with_overrides(read_yaml(path), overrides, str(path))


def with_overrides(values: dict[str, Any], overrides: dict[str, Any], source: str) -> TrainingSettings:
    """Settings from plain values with dotted overrides on top; `source` is what messages call them.

    Raises UserError naming the key, what was given and what is allowed.
    """
    values = dict(values)
    for name, value in overrides.items():
        if value is None:
            continue
        *groups, key = name.split(".")
        place = values
        for group in groups:
            inner = place.get(group) or {}
            if not isinstance(inner, dict):
                break  # told below, by what it was given as
            place[group] = place = dict(inner)
        else:
            place[key] = value
    return validated(TrainingSettings, values, source)


def fine_tuning_values() -> dict[str, Any]:
    """The settings of `translator finetune`, as in configs/train/finetune.yaml, without its data."""
    return {
        "optimisation": {
            "learning_rate": 1e-4, "warmup_steps": 20, "schedule": "constant", "cooldown": 0.5, "max_epochs": 8.0,
            "ema_decay": 0.98, "blend": 0.7, "batch_tokens": 1000,
        },
    }  # fmt: skip
