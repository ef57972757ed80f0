"""Marian and NLLB checkpoints through CTranslate2: int8 on the CPU, float16 on a GPU."""

import json
import os
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from translator.engine.base import Decoding, Hypothesis
from translator.engine.batching import BatchedEngine, Limits, Tokens
from translator.engine.checkpoint import build_once, content_hash, safe_weights
from translator.engine.tokenizer import Tokenizer

_STORED_AS = {"int8_float32": "int8", "int8_float16": "int8"}  # other compute types are stored as they are computed


class CTranslate2Engine(BatchedEngine):
    """A checkpoint converted once into the user's cache, decoded by several workers at a time.

    `threads` workers of one thread each decode one batch each: for models of this size that is several times faster than
    threads within a batch.
    """

    name = "ctranslate2"

    def __init__(
        self, checkpoint: Path, tokenizer: Tokenizer, limits: Limits, *, cache: Path, device: str, compute_type: str, threads: int
    ) -> None:
        import ctranslate2

        super().__init__(limits)
        self._tokenizer = tokenizer
        self.fingerprint = content_hash(checkpoint)
        self._workers = max(1, threads or _cores()) if device == "cpu" else 1
        self._translator = ctranslate2.Translator(
            str(_converted(checkpoint, cache, _STORED_AS.get(compute_type, compute_type), self.fingerprint)),
            device=device,
            compute_type=compute_type,
            inter_threads=self._workers,
            intra_threads=1,
        )

    def encode(self, sentence: str) -> Tokens:
        return self._tokenizer.encode(sentence)

    def _decode(self, batches: Sequence[Sequence[Tokens]], decoding: Decoding) -> Iterator[list[tuple[Hypothesis, ...]] | None]:
        waiting: deque[list[Any]] = deque()
        for batch in batches:
            waiting.append(self._submit(batch, decoding))
            if len(waiting) > 4 * self._workers:
                yield self._collect(waiting.popleft(), decoding)
        while waiting:
            yield self._collect(waiting.popleft(), decoding)

    def _submit(self, batch: Sequence[Tokens], decoding: Decoding) -> list[Any]:
        prefix = self._tokenizer.target_prefix
        return list(
            self._translator.translate_batch(
                batch,
                target_prefix=[prefix] * len(batch) if prefix else None,
                max_batch_size=0,
                asynchronous=True,
                beam_size=decoding.beam_size,
                num_hypotheses=decoding.num_hypotheses,
                length_penalty=decoding.length_penalty,
                patience=decoding.patience,
                repetition_penalty=decoding.repetition_penalty,
                no_repeat_ngram_size=decoding.no_repeat_ngram_size,
                max_decoding_length=decoding.max_decoding_length + len(prefix),
                max_input_length=0,
                return_scores=True,
            )
        )

    def _collect(self, results: list[Any], decoding: Decoding) -> list[tuple[Hypothesis, ...]] | None:
        try:
            return [self._hypotheses(result.result(), decoding) for result in results]
        except (RuntimeError, MemoryError) as error:
            if not isinstance(error, MemoryError) and "out of memory" not in str(error) and "bad_alloc" not in str(error):
                raise
            return None

    def _hypotheses(self, result: Any, decoding: Decoding) -> tuple[Hypothesis, ...]:
        found = []
        prefix = self._tokenizer.target_prefix
        for tokens, score in zip(result.hypotheses, result.scores, strict=True):
            words = tokens[len(prefix) :] if prefix and tokens[: len(prefix)] == prefix else tokens
            truncated = len(words) >= decoding.max_decoding_length
            scored = len(words) + (0 if truncated else 1)  # with the end of sentence, if it was reached
            mean = score * (scored + len(prefix)) ** decoding.length_penalty / max(1, scored)
            found.append(Hypothesis(self._tokenizer.decode(words), mean, len(words), truncated))
        return tuple(found)

    def close(self) -> None:
        self._translator.unload_model()


def _refuse_nonzero_start(checkpoint: Path) -> None:
    """CTranslate2 starts Marian decoders from a zero embedding; a checkpoint that learnt another start is not the same there."""
    from safetensors import safe_open

    config = json.loads((checkpoint / "config.json").read_text(encoding="utf-8"))
    if config["model_type"] != "marian":
        return
    start = config["decoder_start_token_id"]
    for path in checkpoint.glob("*.safetensors"):
        with safe_open(path, framework="pt") as tensors:
            for name in {"model.shared.weight", "model.decoder.embed_tokens.weight"} & set(tensors.keys()):
                if tensors.get_slice(name)[start : start + 1].abs().max() > 0:
                    raise ValueError(f"its decoder does not start from a zero embedding (row {start} of {name})")


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _converted(checkpoint: Path, cache: Path, quantisation: str, fingerprint: str) -> Path:
    """The CTranslate2 form of a checkpoint, from the cache folder or made now."""
    import ctranslate2
    version = ctranslate2.__version__.partition(".")[0]
    target = cache / f"{checkpoint.name}-{fingerprint}-{quantisation}-v{version}"

    def convert(draft: Path) -> None:
        import torch
        from transformers.utils import logging

        class _Float32Converter(ctranslate2.converters.TransformersConverter):  # type: ignore[misc]
            """Reads half-precision checkpoints at full precision, or their position encodings would be rounded."""

            def load_model(self, model_class: Any, name: str, **options: Any) -> Any:
                return model_class.from_pretrained(name, **{**options, "dtype": torch.float32})

        logging.disable_progress_bar()
        safe = safe_weights(checkpoint)
        _refuse_nonzero_start(safe)
        with warnings.catch_warnings():  # transformers' advice on tokenizers does not concern the user of this command
            warnings.simplefilter("ignore")
            _Float32Converter(str(safe)).convert(str(draft), quantization=quantisation, force=True)

    return build_once(target, convert)
