"""Settings: from a YAML file, checked key by key, with the command's options on top."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from translator.document import Layout, Order
from translator.engine.base import Decoding
from translator.engine.loading import ComputeType, Device, EngineName, EngineOptions
from translator.quality.checks import unknown_check
from translator.settings_file import read_yaml, validated


class Settings(BaseModel):
    """Everything that shapes a translation. The defaults are those of configs/default.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    model: str = Field("digest-ko-en", min_length=1, description="a name from `translator models list`, a hub name, or a folder")
    source_language: str | None = Field(None, description="the model's code for Korean, where it needs one (NLLB: kor_Hang)")
    target_language: str | None = Field(None, description="the model's code for English, where it needs one (NLLB: eng_Latn)")
    engine: EngineName = "auto"
    device: Device = "auto"
    compute_type: ComputeType = "auto"
    threads: int = Field(0, ge=0, le=1024, description="CPU workers; 0 is one for each core")
    max_batch_tokens: int = Field(0, ge=0, le=10_000_000, description="0 is 1024 on the CPU, 16384 on a GPU")
    pad_batches: bool | None = Field(None, description="batches of mixed lengths, no longer the same bits in any company; null: on a GPU")
    beam_size: int = Field(4, ge=1, le=64)
    num_hypotheses: int = Field(4, ge=1, le=64, description="hypotheses to choose among; at most beam_size")
    length_penalty: float = Field(1.0, ge=0.0, le=5.0)
    patience: float = Field(2.0, ge=1.0, le=16.0, description="the search ends once patience * beam_size hypotheses have ended")
    no_repeat_ngram_size: int = Field(0, ge=0, le=20)
    max_source_length: int = Field(200, ge=8, le=4096, description="tokens; a longer sentence is split at clauses")
    max_decoding_length: int = Field(256, ge=8, le=4096, description="tokens")
    layouts: list[Layout] = Field(["interleaved"], min_length=1)
    order: Order = "source-first"
    glossary: str | None = Field(None, description="a TSV or YAML file of source and target terms; in a configuration, relative to it")
    checks_off: list[str] = Field([], description="checks whose flags are not wanted; never changes a translation")

    @field_validator("checks_off")
    @classmethod
    def _known(cls, ids: list[str]) -> list[str]:
        if unknown := unknown_check(ids):
            raise ValueError(unknown)
        return ids

    def engine_options(self) -> EngineOptions:
        """What it takes to load the engine."""
        return EngineOptions(**{name: getattr(self, name) for name in EngineOptions.__dataclass_fields__})

    def decoding(self) -> Decoding:
        """What it takes to decode."""
        return Decoding(
            beam_size=self.beam_size,
            num_hypotheses=min(self.num_hypotheses, self.beam_size),
            length_penalty=self.length_penalty,
            patience=self.patience,
            no_repeat_ngram_size=self.no_repeat_ngram_size,
            max_decoding_length=self.max_decoding_length,
        )


def read_settings(path: Path | None, overrides: dict[str, Any] | None = None) -> Settings:
    """Settings from a YAML file (the defaults where path is None), with overrides on top; those that are None do not count.

    A relative `glossary` of the file is beside the file, one of the overrides in the current folder. Raises UserError naming the file,
    the key, what was given and what is allowed.
    """
    given = read_yaml(path) if path else {}
    options = {key: value for key, value in (overrides or {}).items() if value is not None}
    validated(Settings, given, str(path))
    if path and given.get("glossary"):
        given["glossary"] = str(path.parent / given["glossary"])
    validated(Settings, options, "the command line")
    return Settings(**{**given, **options})
