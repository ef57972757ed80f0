"""Batches, long sentences, memory: laws of plan_batches and split_near_middle, and an engine that runs out of memory."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from translator.engine import Decoding, EngineOptions, Hypothesis, load_engine
from translator.engine.batching import BatchedEngine, Limits, plan_batches, split_near_middle

lengths = st.lists(st.integers(0, 60), max_size=60)
KOREAN_LIKE = st.text(st.sampled_from("가나다라고며 ,;.、:時a1"), min_size=2, max_size=80)


@settings(deadline=None)
@given(lengths, st.integers(1, 200), st.booleans())
def test_batches_hold_every_sentence_once_within_the_budget(given_lengths: list[int], budget: int, padded: bool) -> None:
    batches = plan_batches(given_lengths, budget, padded=padded)
    assert sorted(i for batch in batches for i in batch) == list(range(len(given_lengths)))
    for batch in batches:
        longest = max(given_lengths[i] for i in batch)
        assert len(batch) == 1 or len(batch) * longest <= budget or longest == 0
        if not padded:
            assert len({given_lengths[i] for i in batch}) == 1
    longest_first = [max(given_lengths[i] for i in batch) for batch in batches]
    assert longest_first == sorted(longest_first, reverse=True)


@settings(deadline=None)
@given(KOREAN_LIKE)
def test_a_split_loses_nothing_and_gets_shorter(sentence: str) -> None:
    left, right = split_near_middle(sentence)
    assert left + right == sentence
    assert left
    assert right


def test_a_split_prefers_punctuation_then_clause_endings_then_spaces() -> None:
    assert split_near_middle("먼저 데이터를 모으고, 다음에 모델을 학습한다") == ("먼저 데이터를 모으고, ", "다음에 모델을 학습한다")
    assert split_near_middle("데이터를 아주 많이 모으고 큰 모델을 학습한다") == ("데이터를 아주 많이 모으고 ", "큰 모델을 학습한다")
    assert split_near_middle("데이터 모델 학습 평가")[0] == "데이터 모델 "
    assert split_near_middle("가나다라마바사아") == ("가나다라", "마바사아")


class Letters(BatchedEngine):
    """Translates a sentence to itself in capitals, a token a letter, and takes `fits` sentences at a time."""

    def __init__(self, fits: int = 10**6, *, max_batch_tokens: int = 64, max_source_length: int = 12, padded: bool = False) -> None:
        super().__init__(Limits(max_batch_tokens, max_source_length, max_target_length=100, padded=padded))
        self.fits = fits
        self.tried: list[int] = []
        self.seen: list[str] = []

    def encode(self, sentence: str) -> list[str]:
        return list(sentence)

    def _decode(self, batches: Sequence[Sequence[list[str]]], decoding: Decoding) -> Iterator[list[tuple[Hypothesis, ...]] | None]:
        for batch in batches:
            self.tried.append(len(batch))
            if len(batch) > self.fits:
                yield None
                continue
            self.seen += ["".join(tokens) for tokens in batch]
            yield [
                tuple(Hypothesis("".join(tokens).strip().upper(), -rank / 2, len(tokens)) for rank in range(decoding.num_hypotheses))
                for tokens in batch
            ]


words = st.lists(st.text("abcdef", max_size=9), max_size=30)


@settings(deadline=None)
@given(words, st.integers(1, 40), st.integers(1, 8), st.booleans())
def test_results_are_in_order_whatever_the_batches_and_the_memory(sentences: list[str], budget: int, fits: int, padded: bool) -> None:
    engine, told = Letters(fits, max_batch_tokens=budget, padded=padded), []
    found = engine.translate(sentences, Decoding(), told.append)
    assert [hypotheses[0].text for hypotheses in found] == [sentence.upper() for sentence in sentences]
    assert sum(told) == len(sentences)
    assert sorted(engine.seen) == sorted(set(sentences))  # each distinct sentence decoded once


@settings(deadline=None)
@given(st.lists(st.text("abc, ", min_size=1, max_size=60), max_size=12), st.integers(1, 3))
def test_long_sentences_are_decoded_in_parts_and_nothing_is_dropped(sentences: list[str], fits: int) -> None:
    engine, told = Letters(fits), []
    found = engine.translate(sentences, Decoding(), told.append)
    for sentence, hypotheses in zip(sentences, found, strict=True):
        assert "".join(hypotheses[0].text.split()) == "".join(sentence.upper().split())
        assert hypotheses[0].tokens == len(sentence)
    assert all(len(part) <= 12 for part in engine.seen)


@pytest.mark.parametrize("sentences", [["a" * 40], ["a" * 40, "b"], ["a" * 40, "a" * 40, "b, " * 20]])
def test_every_sentence_is_told_as_done_once_however_many_parts_it_has(sentences: list[str]) -> None:
    told: list[int] = []
    Letters().translate(sentences, Decoding(), told.append)
    assert sum(told) == len(sentences)


def test_a_batch_that_memory_does_not_take_is_halved_until_it_fits() -> None:
    engine = Letters(2, max_batch_tokens=16)
    sentences = [f"{a}{b}" for a in "abcd" for b in "ab"]  # eight of one length: one batch
    found = engine.translate(sentences, Decoding())
    assert engine.tried == [8, 4, 4, 2, 2, 2, 2]
    assert [hypotheses[0].text for hypotheses in found] == [sentence.upper() for sentence in sentences]


def test_a_sentence_that_memory_does_not_take_alone_is_an_error() -> None:
    with pytest.raises(MemoryError, match="3 tokens"):
        Letters(0).translate(["abc"], Decoding())


def test_the_ranks_of_parts_are_put_together() -> None:
    [hypotheses] = Letters().translate(["abcdef, abcdef, abcdef"], Decoding(num_hypotheses=3))
    assert [h.score for h in hypotheses] == [0.0, -0.5, -1.0]
    assert len({h.text for h in hypotheses}) == 1


class TestCompany:
    """With int8 weights and unpadded batches a sentence's translation has the same bits in any company."""

    DECODING = Decoding(beam_size=2, num_hypotheses=2, max_decoding_length=48)

    def translated(self, sentences: Sequence[str], budget: int, threads: int = 1) -> dict[str, tuple[Hypothesis, ...]]:
        engine = load_engine(
            EngineOptions("digest-ko-en", engine="ctranslate2", device="cpu", compute_type="int8", threads=threads, max_batch_tokens=budget)
        )
        found = engine.translate(sentences, self.DECODING)
        engine.close()
        return dict(zip(sentences, found, strict=True))

    def test_translations_do_not_depend_on_batches_or_neighbours(self, forty_korean: tuple[str, ...]) -> None:
        wanted = self.translated(forty_korean, 1024)
        assert self.translated(forty_korean, 50) == wanted
        assert self.translated(forty_korean[::-1], 100, threads=2) == wanted
        few = self.translated(forty_korean[3::7], 1024)
        assert few == {sentence: wanted[sentence] for sentence in few}
        assert all(h.score <= 0 for hypotheses in wanted.values() for h in hypotheses)
