"""MarianMT and NLLB through transformers and torch, on CPU or GPU."""

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForSeq2SeqLM
from transformers.utils import logging

from translator.engine.base import Decoding, Hypothesis
from translator.engine.batching import BatchedEngine, Limits, Tokens
from translator.engine.checkpoint import content_hash, safe_weights
from translator.engine.tokenizer import Tokenizer

_DTYPE = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


class TransformersEngine(BatchedEngine):
    """A checkpoint run by `generate`."""

    name = "transformers"

    def __init__(
        self, checkpoint: Path, tokenizer: Tokenizer, limits: Limits, *, device: str, compute_type: str, threads: int
    ) -> None:
        super().__init__(limits)
        if threads:
            torch.set_num_threads(threads)
        logging.disable_progress_bar()
        self._tokenizer = tokenizer
        self.fingerprint = content_hash(checkpoint)
        model: Any = AutoModelForSeq2SeqLM.from_pretrained(
            safe_weights(checkpoint), dtype=_DTYPE[compute_type], local_files_only=True, use_safetensors=True
        )
        self._model = model.to(device).eval()
        self._device = device
        self._ids, self._pieces = _vocabulary(checkpoint, model.config.vocab_size)

    def encode(self, sentence: str) -> Tokens:
        return self._tokenizer.encode(sentence)

    def _decode(self, batches: Sequence[Sequence[Tokens]], decoding: Decoding) -> Iterator[list[tuple[Hypothesis, ...]] | None]:
        for batch in batches:
            try:
                yield self._generate(batch, decoding)
            except (torch.cuda.OutOfMemoryError, MemoryError):
                torch.cuda.empty_cache()
                yield None

    @torch.inference_mode()
    def _generate(self, batch: Sequence[Tokens], decoding: Decoding) -> list[tuple[Hypothesis, ...]]:
        config = self._model.config
        width = max(map(len, batch))
        unknown = self._ids[self._tokenizer.unknown]
        rows = [[self._ids.get(t, unknown) for t in tokens] + [config.pad_token_id] * (width - len(tokens)) for tokens in batch]
        mask = self._moved([[1] * len(tokens) + [0] * (width - len(tokens)) for tokens in batch])
        source = self._moved(rows)  # (B, S)
        prefix = [self._ids[token] for token in self._tokenizer.target_prefix]
        sampling: dict[str, Any] = {"forced_bos_token_id": prefix[0]} if prefix else {}
        if decoding.beam_size > 1:
            sampling |= {"early_stopping": decoding.patience <= 1, "length_penalty": decoding.length_penalty}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            output = self._model.generate(  # (B * N, T), the decoder's start token first
                input_ids=source,
                attention_mask=mask,
                do_sample=False,
                num_beams=decoding.beam_size,
                num_return_sequences=decoding.num_hypotheses,
                repetition_penalty=decoding.repetition_penalty,
                no_repeat_ngram_size=decoding.no_repeat_ngram_size,
                max_new_tokens=decoding.max_decoding_length + len(prefix) + 1,
                **sampling,
            )
        scores = self._scores(source, mask, output, decoding, len(prefix))
        found = [self._hypothesis(row, score, decoding) for row, score in zip(output.tolist(), scores, strict=True)]
        n = decoding.num_hypotheses
        return [tuple(found[i * n : (i + 1) * n]) for i in range(len(batch))]

    def _moved(self, rows: list[list[int]]) -> torch.Tensor:
        """Rows of numbers on the model's device; to a GPU from pinned memory, so that nobody waits for the copy."""
        return torch.tensor(rows, pin_memory=self._device == "cuda").to(self._device, non_blocking=True)

    def _scores(self, source: torch.Tensor, mask: torch.Tensor, output: torch.Tensor, decoding: Decoding, skip: int) -> list[float]:
        """Mean log-probability of each output (B * N, T), from one teacher-forced pass.

        A forced prefix does not count, nor the end of sentence that is forced at the length limit.
        """
        n = decoding.num_hypotheses
        pad, eos = self._model.config.pad_token_id, self._model.config.eos_token_id
        targets = output[:, 1:]
        logits = self._model(
            input_ids=source.repeat_interleave(n, 0), attention_mask=mask.repeat_interleave(n, 0), decoder_input_ids=output[:, :-1]
        ).logits
        picked = logits.float().log_softmax(-1).gather(-1, targets.unsqueeze(-1)).squeeze(-1)  # (B * N, T - 1)
        ended = (targets == eos).cumsum(1) - (targets == eos).long()  # tokens after the first end of sentence are padding
        counted = (ended == 0) & ((targets != pad) | (targets == eos))
        counted[:, :skip] = False
        counted[:, skip + decoding.max_decoding_length :] = False
        total = (picked * counted).sum(1) / counted.sum(1).clamp_min(1)
        return [float(score) for score in total.tolist()]

    def _hypothesis(self, row: list[int], score: float, decoding: Decoding) -> Hypothesis:
        config, prefix = self._model.config, self._tokenizer.target_prefix
        words = [i for i in row[1:] if i not in (config.eos_token_id, config.pad_token_id)]
        tokens = [self._pieces[i] for i in words if self._pieces[i] not in prefix]
        truncated = config.eos_token_id not in row[1:] or len(tokens) >= decoding.max_decoding_length
        tokens = tokens[: decoding.max_decoding_length]
        return Hypothesis(self._tokenizer.decode(tokens), score, len(tokens), truncated)

    def close(self) -> None:
        del self._model


def _vocabulary(checkpoint: Path, size: int) -> tuple[dict[str, int], list[str]]:
    """Token to id and id to token, as the checkpoint's own tokenizer has them."""
    import json

    from transformers import AutoTokenizer

    if (checkpoint / "vocab.json").is_file() and (checkpoint / "source.spm").is_file():
        ids: dict[str, int] = json.loads((checkpoint / "vocab.json").read_text(encoding="utf-8"))
    else:
        ids = dict(AutoTokenizer.from_pretrained(checkpoint, local_files_only=True).get_vocab())
    pieces = ["<unk>"] * max(size, max(ids.values()) + 1)
    for token, number in ids.items():
        pieces[number] = token
    return ids, pieces
