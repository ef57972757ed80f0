"""An endless, seeded stream of length-bucketed batches that can be entered anywhere, so that a run resumes where it was."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from random import Random
from typing import TYPE_CHECKING

from translator.training.augmentation import augmented
from translator.training.corpus import Pair
from translator.training.settings import Augmentation
from translator.training.subwords import Subwords

if TYPE_CHECKING:
    from torch import Tensor

_MULTIPLE = 8  # lengths are padded to a multiple: fewer shapes for the kernels
_CHUNK = 16_000  # pairs that are encoded, sorted by length and shuffled together
_MIX = 1_000_003
_AHEAD = 2


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch of B pairs, padded: source (B, S), decoder input (B, T) and labels (B, T), int64; labels are -100 at padding."""

    source: "Tensor"
    decoder_input: "Tensor"
    labels: "Tensor"
    pairs: int
    target_tokens: int
    position: "Position"

    def to(self, device: str) -> "Batch":
        """The batch on a device."""
        source, decoder_input, labels = (side.to(device, non_blocking=True) for side in (self.source, self.decoder_input, self.labels))
        return replace(self, source=source, decoder_input=decoder_input, labels=labels)

    def with_rolled_sources(self) -> "Batch":
        """The batch with each target under the source of the pair before it."""
        return replace(self, source=self.source.roll(1, 0))


@dataclass(frozen=True, slots=True)
class Position:
    """Where a stream is: epoch, chunk of the epoch, batches of the chunk already given."""

    epoch: int = 0
    chunk: int = 0
    batch: int = 0


@dataclass(frozen=True, slots=True)
class Corpus:
    """Pairs of one file and the share of them in an epoch."""

    pairs: Sequence[Pair]
    weight: float

    @property
    def pairs_per_epoch(self) -> int:
        """How many pairs an epoch has of it."""
        return round(self.weight * len(self.pairs))


@dataclass(frozen=True, slots=True)
class Stream:
    """How batches are made of corpora, of which at least one pair must have max_tokens or less.

    Everything random follows from the seed and the place in the stream.
    """

    corpora: Sequence[Corpus]
    subwords: Subwords
    batch_tokens: int
    max_tokens: int
    seed: int
    sampling: float = 0.0
    augmentation: Augmentation = field(default_factory=Augmentation)

    @property
    def pairs_per_epoch(self) -> int:
        """How many pairs an epoch has."""
        return sum(corpus.pairs_per_epoch for corpus in self.corpora)

    def batches(self, start: Position) -> Iterator[Batch]:
        """Batches from a position on, without end; the next chunks are encoded in the background."""
        with ThreadPoolExecutor(_AHEAD) as pool:
            places = self._chunks(start)
            ahead = [(place, pool.submit(self._encoded, *place)) for place in islice(places, _AHEAD)]
            while True:
                (epoch, chunk, _), future = ahead.pop(0)
                following = next(places)
                ahead.append((following, pool.submit(self._encoded, *following)))
                planned = future.result()
                skip = start.batch if (epoch, chunk) == (start.epoch, start.chunk) else 0
                for number, rows in enumerate(planned[skip:], skip + 1):
                    yield self._padded(rows, Position(epoch, chunk, number))

    def _chunks(self, start: Position) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
        """Epoch, chunk and the chunk's (corpus, pair) numbers, without end."""
        epoch, first = start.epoch, start.chunk
        while True:
            order = self._order(epoch)
            for chunk in range(first, -(-len(order) // _CHUNK)):
                yield epoch, chunk, order[chunk * _CHUNK : (chunk + 1) * _CHUNK]
            epoch, first = epoch + 1, 0

    def _order(self, epoch: int) -> list[tuple[int, int]]:
        rng = Random(self.seed * _MIX + epoch)
        order = []
        for number, corpus in enumerate(self.corpora):
            indices = range(len(corpus.pairs))
            whole = int(corpus.weight)
            rest = corpus.pairs_per_epoch - whole * len(indices)
            order += [(number, i) for _ in range(whole) for i in indices] + [(number, i) for i in rng.sample(indices, rest)]
        rng.shuffle(order)
        return order

    def _encoded(self, epoch: int, chunk: int, order: Sequence[tuple[int, int]]) -> list[list[tuple[list[int], list[int]]]]:
        """A chunk's pairs as token numbers, in batches in the order in which they are given."""
        seed = (self.seed * _MIX + epoch) * _MIX + chunk
        rng = Random(seed)
        pairs = [augmented(self.corpora[number].pairs, i, self.augmentation, rng) for number, i in order]
        sources = self.subwords.encode([pair.source for pair in pairs], target=False)
        drawn = [i for i in range(len(pairs)) if rng.random() < self.sampling]
        if drawn:
            for i, tokens in zip(drawn, self.subwords.sample([pairs[i].source for i in drawn], seed), strict=True):
                sources[i] = tokens
        targets = self.subwords.encode([pair.target for pair in pairs], target=True)
        rows = [row for row in zip(sources, targets, strict=True) if max(map(len, row)) <= self.max_tokens]  # augmenting made some longer
        rows.sort(key=lambda row: (rounded(max(map(len, row))), len(row[1]), len(row[0])))
        batches = list(_bucketed(rows, self.batch_tokens))
        rng.shuffle(batches)
        return batches

    def _padded(self, rows: Sequence[tuple[list[int], list[int]]], position: Position) -> Batch:
        import torch

        def tensor(side: list[list[int]], fill: int) -> "Tensor":
            width = rounded(max(map(len, side)))
            return torch.tensor([row + [fill] * (width - len(row)) for row in side])

        targets = [target for _, target in rows]
        shifted = [[self.subwords.start, *target[:-1]] for target in targets]
        return Batch(
            tensor([source for source, _ in rows], self.subwords.pad),
            tensor(shifted, self.subwords.pad),
            tensor(targets, -100),
            len(rows),
            sum(map(len, targets)),
            position,
        )


def rounded(length: int) -> int:
    """A length padded to the multiple that batches use."""
    return -(-length // _MULTIPLE) * _MULTIPLE


def _bucketed(rows: Sequence[tuple[list[int], list[int]]], budget: int) -> Iterator[list[tuple[list[int], list[int]]]]:
    """Rows, sorted by length, in batches whose longer side has budget tokens at most, padding counted, or one row."""
    batch: list[tuple[list[int], list[int]]] = []
    width = 0
    for row in rows:
        wider = max(width, rounded(max(map(len, row))))
        if batch and wider * (len(batch) + 1) > budget:
            yield batch
            batch, wider = [], rounded(max(map(len, row)))
        batch.append(row)
        width = wider
    if batch:
        yield batch
