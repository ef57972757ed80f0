"""Settings to a loaded engine."""

import json
import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from translator.engine.base import Engine
from translator.engine.batching import Limits
from translator.engine.catalog import find
from translator.engine.checkpoint import cache_folder, locate
from translator.engine.tokenizer import load_tokenizer
from translator.errors import TranslatorError, UserError

_log = logging.getLogger(__name__)

EngineName = Literal["auto", "ctranslate2", "transformers"]
Device = Literal["auto", "cpu", "cuda"]
ComputeType = Literal["auto", "float32", "float16", "bfloat16", "int8", "int8_float32", "int8_float16"]

_BATCH_TOKENS = {"cpu": 1024, "cuda": 16384}


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Which model to load, where and how; the fields are those of Settings.

    What is `auto`, no batch tokens (0) and no choice of padding (None) depend on the machine, see resolved.
    """

    model: str
    engine: EngineName = "auto"
    device: Device = "auto"
    compute_type: ComputeType = "auto"
    threads: int = 0
    max_batch_tokens: int = 0
    max_source_length: int = 200
    pad_batches: bool | None = None
    source_language: str | None = None
    target_language: str | None = None


def load_engine(options: EngineOptions, cache: Path | None = None) -> Engine:
    """The engine for options, its model loaded and tested on a few Korean sentences.

    `cache` is the folder that a converted model is kept in, the user's cache without one.
    Raises UserError where the model, the device or the combination of options cannot be had, or the checkpoint is damaged.
    """
    checkpoint = locate(options.model)
    try:
        return _load(options, checkpoint, cache or cache_folder("ctranslate2"))
    except (TranslatorError, MemoryError):
        raise
    except Exception as error:  # whatever the libraries raise for a file that is cut off or not what it should be
        reason = f"{type(error).__name__}: {str(error)[:160]}"
        raise UserError(f"{options.model} cannot be loaded ({reason}); are its files whole, and {cache_folder('')} writable?") from error


def _load(options: EngineOptions, checkpoint: Path, cache: Path) -> Engine:
    entry = find(options.model)
    here = resolved(options)
    device, compute_type = here.device, here.compute_type
    config = json.loads((checkpoint / "config.json").read_text(encoding="utf-8"))
    positions = _positions(config)
    limits = Limits(here.max_batch_tokens, min(here.max_source_length, positions), positions, bool(here.pad_batches))
    source = options.source_language or _code(config, entry.source_language, "kor_Hang")
    target = options.target_language or _code(config, entry.target_language, "eng_Latn")
    tokenizer = load_tokenizer(checkpoint, source, target)
    _log.info("model %s, engine %s, %s on %s", options.model, here.engine, compute_type, device)
    if here.engine == "ctranslate2":
        from translator.engine.ctranslate2 import CTranslate2Engine

        try:
            return CTranslate2Engine(
                checkpoint, tokenizer, limits, cache=cache, device=device, compute_type=compute_type, threads=options.threads
            )
        except (ValueError, NotImplementedError) as error:
            if options.engine != "auto":
                raise UserError(f"{options.model} does not convert to CTranslate2 ({error}); try --engine transformers") from error
            _log.warning("%s does not convert to CTranslate2 (%s): using transformers", options.model, error)
            compute_type = _compute_type("transformers", device, "auto")
    from translator.engine.transformers import TransformersEngine

    return TransformersEngine(checkpoint, tokenizer, limits, device=device, compute_type=compute_type, threads=options.threads)


def resolved(options: EngineOptions) -> EngineOptions:
    """Options with engine, device, precision and batches as they are on this machine, without loading a model.

    On a GPU batches are large, and lengths mixed: in half precision a translation can depend on its neighbours anyway.
    Raises UserError as loading does.
    """
    engine: EngineName = "ctranslate2" if options.engine == "auto" else options.engine
    device = choose_device(options.device)
    return replace(
        options,
        engine=engine,
        device=device,
        compute_type=_compute_type(engine, device, options.compute_type),
        max_batch_tokens=options.max_batch_tokens or _BATCH_TOKENS[device],
        pad_batches=device == "cuda" if options.pad_batches is None else options.pad_batches,
    )


def _positions(config: dict[str, Any]) -> int:
    """The most tokens that the model has positions for, special tokens aside."""
    return int(config.get("max_position_embeddings", 512)) - 4


def _code(config: dict[str, Any], listed: str | None, default: str) -> str | None:
    """The language code of a multilingual checkpoint; None for a Marian one, which has a single direction."""
    return (listed or default) if config.get("model_type") == "m2m_100" else None


def choose_device(wanted: Device) -> Literal["cpu", "cuda"]:
    """`cpu` or `cuda`. Raises UserError where a GPU is wanted and there is none."""
    if wanted == "cpu":
        return "cpu"
    import ctranslate2

    available = ctranslate2.get_cuda_device_count() > 0
    if wanted == "cuda" and not available:
        raise UserError("device cuda: no CUDA device was found on this machine; use --device cpu, and compute_type auto")
    return "cuda" if available else "cpu"


def _compute_type(engine: EngineName, device: Device, wanted: ComputeType) -> ComputeType:
    if engine == "transformers":
        if wanted.startswith("int8"):
            raise UserError(f"compute_type {wanted} needs the engine ctranslate2; transformers takes float32, bfloat16 or float16")
        return wanted if wanted != "auto" else ("float16" if device == "cuda" else "float32")
    if wanted == "auto":
        return "float16" if device == "cuda" else "int8"
    import ctranslate2

    supported = ctranslate2.get_supported_compute_types(device)
    if wanted not in supported:
        raise UserError(f"compute_type {wanted} is not supported on this {device}; it takes {', '.join(sorted(supported))}")
    return wanted
