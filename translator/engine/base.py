"""What every engine takes and returns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Decoding:
    """How to search. Names and meanings are those of CTranslate2 and transformers; lengths count subword tokens.

    `patience`: the search ends once patience * beam_size hypotheses have ended. At 1 a sure model's best hypothesis is lost to
    shorter, worse ones that end a step or two earlier (docs/engines.md). transformers knows no factor: above 1 it goes on while it
    expects something better.
    """

    beam_size: int = 4
    num_hypotheses: int = 1
    length_penalty: float = 1.0
    patience: float = 2.0
    repetition_penalty: float = 1.0
    no_repeat_ngram_size: int = 0
    max_decoding_length: int = 256


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One translation of a sentence.

    `score` is the mean log-probability of its tokens, end of sentence included (0 is certain); `tokens` how many tokens it
    has; `truncated` tells that the length limit cut it off.
    """

    text: str
    score: float
    tokens: int
    truncated: bool = False


class Engine(Protocol):
    """Sentences in, sentences out; knows no Markdown."""

    @property
    def name(self) -> str:
        """`ctranslate2` or `transformers`."""

    @property
    def fingerprint(self) -> str:
        """The checkpoint's content hash, the same on every machine."""

    def translate(
        self, sentences: Sequence[str], decoding: Decoding, on_done: Callable[[int], None] | None = None
    ) -> list[tuple[Hypothesis, ...]]:
        """For each sentence its best hypotheses, best first, `decoding.num_hypotheses` at most.

        Equal sentences are decoded once. `on_done` is told how many of the sentences each finished batch settled.
        """

    def close(self) -> None:
        """Frees the model; the engine is of no use afterwards."""
