"""Both engines on the same checkpoints: the same greedy output, the same scores, and the contract of Engine.translate."""

import random
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from translator.engine import Decoding, Engine, EngineOptions, load_engine

GREEDY = Decoding(beam_size=1, max_decoding_length=60)
SENTENCES = (
    "우리는 긴 문서를 요약하는 간단한 방법을 소개한다.",
    "추론 속도가 두 배 빨라졌다.",
    "코드와 데이터는 곧 공개될 예정입니다.",
    "로봇은 사람의 지시를 듣고 물건을 옮긴다.",
    "이 모델은 12개 언어를 지원합니다.",
    "작은 모델도 충분히 쓸모 있는 답을 낸다.",
    "음성 인식 오류는 절반으로 줄어들었습니다.",
)
MODELS = ("tiny_marian", "tiny_nllb", "digest-ko-en")
ENGINES = ("ctranslate2", "transformers")

Load = Callable[[str, str], Engine]


@pytest.fixture(scope="module")
def load(tiny_marian: Path, tiny_nllb: Path) -> Iterator[Load]:
    folders = {"tiny_marian": tiny_marian, "tiny_nllb": tiny_nllb}
    loaded: dict[tuple[str, str], Engine] = {}

    def get(model: str, engine: str) -> Engine:
        if (model, engine) not in loaded:
            options = EngineOptions(
                model=str(folders.get(model, model)), engine=engine, device="cpu", compute_type="float32", threads=1
            )
            loaded[model, engine] = load_engine(options)
        return loaded[model, engine]

    yield get
    for engine in loaded.values():
        engine.close()


@pytest.mark.parametrize("model", MODELS)
def test_the_engines_agree_on_greedy_output_and_scores(load: Load, model: str) -> None:
    left, right = load(model, "ctranslate2"), load(model, "transformers")
    assert (left.name, right.name) == ENGINES
    assert left.fingerprint == right.fingerprint
    for one, other in zip(left.translate(SENTENCES, GREEDY), right.translate(SENTENCES, GREEDY), strict=True):
        assert one[0].text == other[0].text
        assert one[0].tokens == other[0].tokens
        assert one[0].truncated == other[0].truncated
        if not one[0].truncated:
            assert one[0].score == pytest.approx(other[0].score, abs=1e-3)


@pytest.mark.parametrize("model", MODELS)
def test_the_engines_agree_on_the_scores_of_what_was_cut_off(load: Load, model: str) -> None:
    short = Decoding(beam_size=1, max_decoding_length=3)
    left, right = load(model, "ctranslate2"), load(model, "transformers")
    for one, other in zip(left.translate(SENTENCES, short), right.translate(SENTENCES, short), strict=True):
        assert (one[0].text, one[0].truncated) == (other[0].text, other[0].truncated)
        assert one[0].score == pytest.approx(other[0].score, abs=1e-3)


@pytest.mark.parametrize("model", MODELS)
def test_the_tiny_models_end_their_sentences(load: Load, model: str) -> None:
    """Else the agreement on scores is about nothing."""
    assert sum(not found[0].truncated for found in load(model, "ctranslate2").translate(SENTENCES, GREEDY)) >= 3


@pytest.mark.parametrize("model", MODELS)
def test_the_outputs_depend_on_the_input(load: Load, model: str) -> None:
    found = load(model, "ctranslate2").translate(SENTENCES, GREEDY)
    assert len({hypotheses[0].text for hypotheses in found}) >= 3


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("penalty", [0.0, 1.0, 2.0])
def test_scores_are_means_whatever_the_length_penalty(load: Load, model: str, penalty: float) -> None:
    """The best hypothesis of a beam differs in how it is ranked, not in what its score means."""
    decoding = Decoding(beam_size=1, length_penalty=penalty, max_decoding_length=60)
    plain = load(model, "ctranslate2").translate(SENTENCES[:3], GREEDY)
    for found, wanted in zip(load(model, "ctranslate2").translate(SENTENCES[:3], decoding), plain, strict=True):
        assert found[0].text == wanted[0].text
        assert found[0].score == pytest.approx(wanted[0].score, abs=1e-3)


def test_the_engines_agree_on_beams_of_a_trained_model(load: Load) -> None:
    decoding = Decoding(beam_size=4, num_hypotheses=4, max_decoding_length=64)
    left = load("digest-ko-en", "ctranslate2").translate(SENTENCES, decoding)
    right = load("digest-ko-en", "transformers").translate(SENTENCES, decoding)
    same = sum(a[0].text == b[0].text for a, b in zip(left, right, strict=True))
    assert same >= len(SENTENCES) - 1  # the two searches stop by slightly different rules
    for one, other in zip(left, right, strict=True):
        shared = {h.text: h.score for h in one}
        both = [(shared[h.text], h.score) for h in other if h.text in shared]
        assert both
        for left_score, right_score in both:
            assert left_score == pytest.approx(right_score, abs=1e-3)


@pytest.mark.parametrize("engine", ENGINES)
def test_padding_does_not_change_what_is_said(tiny_marian: Path, load: Load, engine: str) -> None:
    options = EngineOptions(model=str(tiny_marian), engine=engine, device="cpu", compute_type="float32", threads=1, pad_batches=True)
    padded = load_engine(options)
    for one, other in zip(padded.translate(SENTENCES, GREEDY), load("tiny_marian", engine).translate(SENTENCES, GREEDY), strict=True):
        assert one[0].text == other[0].text
        assert one[0].score == pytest.approx(other[0].score, abs=1e-3)
    padded.close()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("model", MODELS)
class TestContract:
    def test_results_are_in_input_order(self, load: Load, model: str, engine: str) -> None:
        loaded = load(model, engine)
        wanted = dict(zip(SENTENCES, loaded.translate(SENTENCES, GREEDY), strict=True))
        shuffled = list(SENTENCES)
        random.Random(4).shuffle(shuffled)
        for sentence, found in zip(shuffled, loaded.translate(shuffled, GREEDY), strict=True):
            assert found[0].text == wanted[sentence][0].text

    def test_duplicates_have_equal_results_and_are_all_counted(self, load: Load, model: str, engine: str) -> None:
        told: list[int] = []
        given = [SENTENCES[0], SENTENCES[1], SENTENCES[0], SENTENCES[0]]
        found = load(model, engine).translate(given, GREEDY, told.append)
        assert found[0] == found[2] == found[3]
        assert sum(told) == len(given)

    def test_hypotheses_are_best_first_with_mean_log_probabilities(self, load: Load, model: str, engine: str) -> None:
        decoding = Decoding(beam_size=4, num_hypotheses=3, max_decoding_length=60)
        for hypotheses in load(model, engine).translate(SENTENCES[:3], decoding):
            assert len(hypotheses) == 3
            assert all(h.score <= 0 for h in hypotheses)
            assert all(a.score >= b.score - 1e-4 for a, b in pairwise(hypotheses))

    def test_a_tiny_limit_truncates_and_says_so(self, load: Load, model: str, engine: str) -> None:
        for hypotheses in load(model, engine).translate(SENTENCES[:3], Decoding(beam_size=1, max_decoding_length=2)):
            assert hypotheses[0].tokens <= 2
            assert hypotheses[0].truncated

    def test_no_sentences_no_results(self, load: Load, model: str, engine: str) -> None:
        told: list[int] = []
        assert load(model, engine).translate([], GREEDY, told.append) == []
        assert sum(told) == 0

    def test_odd_sentences_do_not_fail(self, load: Load, model: str, engine: str) -> None:
        odd = ["", " ", "\u200b", "🙂" * 40, "뷁", "</s>", "kor_Hang", "a\tb\nc", "\ufeff가"]
        found = load(model, engine).translate(odd, Decoding(beam_size=2, max_decoding_length=8))
        assert len(found) == len(odd)
        assert all(hypotheses for hypotheses in found)

    def test_special_tokens_are_not_in_the_text(self, load: Load, model: str, engine: str) -> None:
        for hypotheses in load(model, engine).translate(SENTENCES, GREEDY):
            assert not any(token in hypotheses[0].text for token in ("</s>", "<pad>", "<unk>", "kor_Hang", "eng_Latn", "▁"))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_sentence_longer_than_the_model_takes_is_split_and_wholly_translated(tiny_marian: Path, engine: str) -> None:
    options = EngineOptions(model=str(tiny_marian), engine=engine, device="cpu", compute_type="float32", threads=1, max_source_length=24)
    loaded = load_engine(options)
    long = " ".join(SENTENCES * 3)
    told: list[int] = []
    [one], [other] = loaded.translate([long, SENTENCES[1]], GREEDY, told.append)
    assert sum(told) == 2
    assert one.tokens > other.tokens
    assert one.score <= 0
    pieces = long.replace(SENTENCES[-1], "")  # without its last clause the result is shorter
    [[fewer]] = loaded.translate([pieces], GREEDY)
    assert fewer.tokens < one.tokens
    loaded.close()


@pytest.mark.parametrize("engine", ENGINES)
def test_the_target_language_is_forced_for_nllb(tiny_nllb: Path, engine: str) -> None:
    """Another target language gives another output: the language token is what the decoder starts with."""
    texts = []
    for language in ("eng_Latn", "jpn_Jpan"):
        loaded = load_engine(EngineOptions(str(tiny_nllb), engine, "cpu", "float32", threads=1, target_language=language))
        texts.append([found[0].text for found in loaded.translate(SENTENCES, GREEDY)])
        loaded.close()
    assert texts[0] != texts[1]
    assert not any("_Latn" in text or "_Jpan" in text for text in texts[0] + texts[1])


@pytest.mark.parametrize("engine", ENGINES)
def test_an_output_that_never_ends_is_cut_where_the_model_has_no_more_positions(tiny_endless: Path, engine: str) -> None:
    options = EngineOptions(model=str(tiny_endless), engine=engine, device="cpu", compute_type="float32", threads=1)
    loaded = load_engine(options)
    [[found]] = loaded.translate([SENTENCES[1]], Decoding(beam_size=1, max_decoding_length=256))
    assert found.truncated
    assert found.tokens > 20
    loaded.close()
