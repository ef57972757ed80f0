"""The stream of batches: budgets, epochs, weights, and entering it anywhere."""

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from translator.training.batches import Batch, Corpus, Position, Stream, rounded
from translator.training.corpus import Pair
from translator.training.settings import Augmentation


class Letters:
    """A vocabulary of letters: a text's token numbers are its letters' code points, and 1 ends it."""

    pad, start = 0, 0

    def encode(self, texts: Sequence[str], *, target: bool) -> list[list[int]]:
        return [[*map(ord, text), 1] for text in texts]

    def sample(self, texts: Sequence[str], seed: int) -> list[list[int]]:
        return [[ord(text[0]), seed % 1000 + 2, 1] for text in texts]

    def save(self, folder: Path) -> None:
        raise AssertionError("not needed here")


texts = st.text(alphabet="abcdefgh", min_size=1, max_size=40)
pairs = st.lists(st.builds(Pair, texts, texts), min_size=1, max_size=60)


def stream(given_pairs: Sequence[Pair], weight: float = 1.0, **values: object) -> Stream:
    options = {"batch_tokens": 120, "max_tokens": 64, "seed": 3, **values}
    return Stream([Corpus(given_pairs, weight)], Letters(), **options)  # type: ignore[arg-type]


def content(batch: Batch) -> list[tuple[list[int], list[int]]]:
    sources = [[i for i in row if i != 0] for row in batch.source.tolist()]
    targets = [[i for i in row if i != -100] for row in batch.labels.tolist()]
    return list(zip(sources, targets, strict=True))


def epoch(made: Stream, number: int) -> list[Batch]:
    found = []
    for batch in made.batches(Position(number)):
        if batch.position.epoch != number:
            return found
        found.append(batch)
    return found


@settings(max_examples=30)
@given(pairs)
def test_an_epoch_has_every_pair_once_within_the_budget(given_pairs: list[Pair]) -> None:
    batches = epoch(stream(given_pairs), 0)
    wanted = Counter((pair.source, pair.target) for pair in given_pairs)
    rows = [row for batch in batches for row in content(batch)]
    assert Counter(("".join(map(chr, s[:-1])), "".join(map(chr, t[:-1]))) for s, t in rows) == wanted
    for batch in batches:
        longest = max(batch.source.shape[1], batch.labels.shape[1])
        assert longest * batch.pairs <= 120 or batch.pairs == 1
        assert batch.source.shape[1] % 8 == 0
        assert batch.target_tokens == sum(len(target) for _, target in content(batch))


@settings(max_examples=20)
@given(pairs, st.integers(0, 40))
def test_entered_anywhere_it_goes_on_the_same(given_pairs: list[Pair], place: int) -> None:
    made = stream(given_pairs, sampling=0.5, augmentation=Augmentation(joined=0.3, final_stop=0.2))
    whole = list(islice(made.batches(Position()), place + 6))
    later = list(islice(made.batches(whole[place].position), 5))
    assert [content(batch) for batch in later] == [content(batch) for batch in whole[place + 1 :]]


def test_the_decoder_input_is_the_labels_one_to_the_right() -> None:
    [batch] = islice(stream([Pair("ab", "cde"), Pair("a", "c")]).batches(Position()), 1)
    for given_row, label_row in zip(batch.decoder_input.tolist(), batch.labels.tolist(), strict=True):
        labels = [label for label in label_row if label != -100]
        assert given_row[: len(labels)] == [0, *labels[:-1]]
        assert not any(given_row[len(labels) :])


@pytest.mark.parametrize(("weight", "least", "most"), [(2.0, 2, 2), (0.5, 0, 1), (1.5, 1, 2)])
def test_a_weight_is_the_share_of_an_epoch(weight: float, least: int, most: int) -> None:
    given_pairs = [Pair(letter * 3, letter) for letter in "abcdefghij"]
    counts = Counter(chr(s[0]) for batch in epoch(stream(given_pairs, weight), 1) for s, _ in content(batch))
    assert sum(counts.values()) == stream(given_pairs, weight).pairs_per_epoch == round(10 * weight)
    assert all(least <= counts[letter] <= most for letter in "abcdefghij")


def test_epochs_seeds_and_samples_differ() -> None:
    given_pairs = [Pair(letter * 3, letter) for letter in "abcdefghij"]
    made = [epoch(stream(given_pairs, seed=seed, sampling=1.0, batch_tokens=16), number) for seed, number in ((1, 0), (1, 1), (2, 0))]
    found = [[content(batch) for batch in batches] for batches in made]
    assert found[0] != found[1] != found[2] != found[0]


def test_pairs_that_are_too_long_are_left_out() -> None:
    batches = epoch(stream([Pair("a" * 80, "b"), Pair("a", "b" * 80), Pair("a", "b")]), 0)
    assert [content(batch) for batch in batches] == [[([97, 1], [98, 1])]]


def test_rolled_sources_are_other_sources() -> None:
    [batch] = islice(stream([Pair("aa", "c"), Pair("bb", "d")]).batches(Position()), 1)
    rolled = batch.with_rolled_sources()
    assert [s for s, _ in content(rolled)] == [s for s, _ in reversed(content(batch))]
    assert torch.equal(rolled.labels, batch.labels)


@given(st.integers(1, 10_000))
def test_lengths_are_rounded_up_to_the_next_multiple(length: int) -> None:
    assert rounded(length) % 8 == 0
    assert 0 <= rounded(length) - length < 8
