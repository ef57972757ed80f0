"""What the engines share: deduplication, length-sorted batches within a token budget, long sentences, memory errors.

Batches hold sentences of equal token length unless `padded` is asked for. With int8 weights on the CPU a sentence's translation
then has the same bits in any company; in padded batches some do not, since padding changes the order of floating-point sums
(docs/engines.md has the counts).
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from translator.engine.base import Decoding, Hypothesis

Tokens = list[str]


@dataclass(frozen=True, slots=True)
class _Part:
    """A sentence, or one clause of a sentence that is too long: its sentence's number and its tokens."""

    sentence: int
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class Limits:
    """How batches are made: tokens in one, tokens of a sentence on either side, and whether lengths are mixed and padded."""

    max_batch_tokens: int
    max_source_length: int
    max_target_length: int
    padded: bool


class BatchedEngine(ABC):
    """An engine that has only to decode one batch; subclasses say how."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    @abstractmethod
    def encode(self, sentence: str) -> Tokens:
        """The model's source tokens, special tokens included."""

    @abstractmethod
    def _decode(self, batches: Sequence[Sequence[Tokens]], decoding: Decoding) -> Iterator[list[tuple[Hypothesis, ...]] | None]:
        """For each batch, in order, the hypotheses of its sentences, or None where memory did not suffice."""

    def translate(
        self, sentences: Sequence[str], decoding: Decoding, on_done: Callable[[int], None] | None = None
    ) -> list[tuple[Hypothesis, ...]]:
        """See Engine.translate."""
        decoding = replace(decoding, max_decoding_length=min(decoding.max_decoding_length, self._limits.max_target_length))
        unique = list(dict.fromkeys(sentences))
        number_of = {sentence: i for i, sentence in enumerate(unique)}
        copies = [0] * len(unique)
        for sentence in sentences:
            copies[number_of[sentence]] += 1
        parts = [_Part(i, tokens) for i, sentence in enumerate(unique) for tokens in self._clauses(sentence)]
        results: list[tuple[Hypothesis, ...] | None] = [None] * len(parts)
        remaining = [0] * len(unique)
        for part in parts:
            remaining[part.sentence] += 1
        for batch, found in self._decoded(parts, decoding):
            for index, hypotheses in zip(batch, found, strict=True):
                results[index] = _best_first(hypotheses, decoding)
                remaining[parts[index].sentence] -= 1
            if on_done:
                on_done(sum(copies[number] for number in {parts[i].sentence for i in batch} if remaining[number] == 0))
        joined = dict(_joined(parts, results))
        return [joined[number_of[sentence]] for sentence in sentences]

    def _clauses(self, sentence: str) -> list[Tokens]:
        """The sentence's tokens, or those of its clauses where it is longer than the model takes."""
        tokens = self.encode(sentence)
        if len(tokens) <= self._limits.max_source_length or len(sentence.strip()) < 2:
            return [tokens[: self._limits.max_source_length]]
        left, right = split_near_middle(sentence)
        return self._clauses(left) + self._clauses(right)

    def _decoded(self, parts: list[_Part], decoding: Decoding) -> Iterator[tuple[list[int], list[tuple[Hypothesis, ...]]]]:
        """Batches of part numbers with their results; a batch that memory does not take is halved and goes last."""
        queue = plan_batches([len(part.tokens) for part in parts], self._limits.max_batch_tokens, padded=self._limits.padded)
        while queue:
            again: list[list[int]] = []
            tokens = [[parts[i].tokens for i in batch] for batch in queue]
            for batch, found in zip(queue, self._decode(tokens, decoding), strict=True):
                if found is not None:
                    yield batch, found
                elif len(batch) == 1:
                    raise MemoryError(f"one sentence of {len(parts[batch[0]].tokens)} tokens does not fit into memory")
                else:
                    half = len(batch) // 2
                    again += [batch[:half], batch[half:]]
            queue = again


def plan_batches(lengths: Sequence[int], max_batch_tokens: int, *, padded: bool) -> list[list[int]]:
    """Numbers of sentences in batches, longest first; a batch has max_batch_tokens at most, padding counted, or one sentence.

    The make-up of a batch depends on the lengths alone; without `padded` a batch holds one length only.
    """
    order = sorted(range(len(lengths)), key=lambda i: (-lengths[i], i))
    runs = [order] if padded else [list(run) for _, run in groupby(order, key=lambda i: lengths[i])]
    batches = []
    for run in runs:
        start = 0
        while start < len(run):
            size = max(1, max_batch_tokens // max(1, lengths[run[start]]))
            batches.append(run[start : start + size])
            start += size
    return batches


def _best_first(hypotheses: tuple[Hypothesis, ...], decoding: Decoding) -> tuple[Hypothesis, ...]:
    """In the order of their scores where the search ranks by means too: it counts a forced prefix, which the scores leave out."""
    return tuple(sorted(hypotheses, key=lambda h: -h.score)) if decoding.length_penalty == 1.0 else hypotheses


_CLAUSE_END = (re.compile(r"[,;:，、]\s+"), re.compile(r"(?:고|며|면서|지만|으나|므로|어서|아서|여|때|후|위해)\s+"), re.compile(r"\s+"))


def split_near_middle(sentence: str) -> tuple[str, str]:
    """A sentence in two: at the punctuation, clause ending or space nearest its middle (in its inner half), else in the middle."""
    middle = len(sentence) // 2
    for boundary in _CLAUSE_END:
        ends = [m.end() for m in boundary.finditer(sentence) if len(sentence) // 4 < m.end() <= len(sentence) * 3 // 4]
        if ends:
            cut = min(ends, key=lambda end: abs(end - middle))
            return sentence[:cut], sentence[cut:]
    return sentence[:middle], sentence[middle:]


def _joined(parts: list[_Part], results: list[tuple[Hypothesis, ...] | None]) -> Iterator[tuple[int, tuple[Hypothesis, ...]]]:
    """For each sentence its hypotheses; those of several clauses are put together rank by rank."""
    numbered = [(part.sentence, hypotheses or ()) for part, hypotheses in zip(parts, results, strict=True)]
    for sentence, group in groupby(numbered, key=lambda pair: pair[0]):
        clauses = [hypotheses for _, hypotheses in group]
        if len(clauses) == 1:
            yield sentence, clauses[0]
            continue
        depth = max(len(hypotheses) for hypotheses in clauses)
        yield sentence, tuple(_together([h[min(rank, len(h) - 1)] for h in clauses]) for rank in range(depth))


def _together(clauses: list[Hypothesis]) -> Hypothesis:
    tokens = sum(h.tokens for h in clauses)
    score = sum(h.score * (h.tokens + 1) for h in clauses) / (tokens + len(clauses))
    return Hypothesis(" ".join(h.text for h in clauses), score, tokens, any(h.truncated for h in clauses))
