"""Settings: from a YAML file, checked key by key, with the command's options on top."""

from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from translator.document import Layout, Order
from translator.engine.base import Decoding
from translator.engine.loading import ComputeType, Device, EngineName, EngineOptions
from translator.errors import UserError


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
    max_batch_tokens: int = Field(1024, ge=1, le=10_000_000)
    pad_batches: bool = Field(False, description="batches of mixed lengths: faster on a GPU, and no longer the same bits in any company")
    beam_size: int = Field(4, ge=1, le=64)
    num_hypotheses: int = Field(4, ge=1, le=64, description="hypotheses to choose among; at most beam_size")
    length_penalty: float = Field(1.0, ge=0.0, le=5.0)
    no_repeat_ngram_size: int = Field(0, ge=0, le=20)
    max_source_length: int = Field(200, ge=8, le=4096, description="tokens; a longer sentence is split at clauses")
    max_decoding_length: int = Field(256, ge=8, le=4096, description="tokens")
    layouts: list[Layout] = Field(["interleaved"], min_length=1)
    order: Order = "source-first"
    glossary: str | None = Field(None, description="a TSV or YAML file of source terms and target terms")

    def engine_options(self) -> EngineOptions:
        """What it takes to load the engine."""
        return EngineOptions(**{name: getattr(self, name) for name in EngineOptions.__dataclass_fields__})

    def decoding(self) -> Decoding:
        """What it takes to decode."""
        return Decoding(
            beam_size=self.beam_size,
            num_hypotheses=min(self.num_hypotheses, self.beam_size),
            length_penalty=self.length_penalty,
            no_repeat_ngram_size=self.no_repeat_ngram_size,
            max_decoding_length=self.max_decoding_length,
        )


def read_settings(path: Path | None, overrides: dict[str, Any] | None = None) -> Settings:
    """Settings from a YAML file (the defaults where path is None), with overrides on top; those that are None do not count.

    Raises UserError naming the file, the key, what was given and what is allowed.
    """
    given = _read_yaml(path) if path else {}
    options = {key: value for key, value in (overrides or {}).items() if value is not None}
    for source, values in ((str(path), given), ("the command line", options)):
        try:
            Settings(**values)
        except ValidationError as error:
            raise UserError("\n".join(_sentence(source, detail) for detail in error.errors())) from error
    return Settings(**{**given, **options})


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"the configuration {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"the configuration {path} is not UTF-8 (byte {error.start})") from error
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise UserError(f"{path}{where}: not valid YAML ({getattr(error, 'problem', None) or error})") from error
    if not isinstance(data, dict | None):
        raise UserError(f"{path}: expected settings as `key: value`, found a {type(data).__name__}")
    return {str(key): value for key, value in (data or {}).items()}


def _sentence(source: str, detail: ErrorDetails) -> str:
    key = ".".join(str(part) for part in detail["loc"])
    name = str(detail["loc"][0]) if detail["loc"] else ""
    if detail["type"] == "extra_forbidden":
        return f"{source}: unknown setting {key!r}; the settings are {', '.join(Settings.model_fields)}"
    return f"{source}: {key}: {detail['input']!r} was given, allowed is {_allowed(name)}"


def _allowed(name: str) -> str:
    field = Settings.model_fields[name]
    choices = _choices(field.annotation)
    if choices:
        many = " (a list of)" if name == "layouts" else ""
        return f"one of{many}: {', '.join(choices)}"
    kinds = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}
    kind = kinds.get(field.annotation, "a text or nothing") if isinstance(field.annotation, type) else "a text or nothing"
    low = next((m.ge for m in field.metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in field.metadata if hasattr(m, "le")), None)
    return f"{kind} from {low} to {high}" if low is not None else kind


def _choices(annotation: Any) -> tuple[str, ...]:
    if getattr(annotation, "__origin__", None) is Literal:
        return tuple(get_args(annotation))
    return next((found for part in get_args(annotation) if (found := _choices(part))), ())
