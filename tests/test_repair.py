"""Choosing, mending, decoding again and flagging, with an engine whose answers the test knows."""

from collections.abc import Callable, Mapping, Sequence

import pytest

from translator.engine.base import Decoding, Hypothesis
from translator.glossary import Glossary
from translator.masking import PLACEHOLDERS
from translator.repair import translate_sentences

DECODING = Decoding(beam_size=4, num_hypotheses=4)


class Phrasebook:
    """An engine that looks answers up; what it does not know it repeats. A longer list of answers is for the safer settings."""

    name = "phrasebook"
    fingerprint = "0" * 16

    def __init__(
        self, answers: Mapping[str, Sequence[str]], safer: Mapping[str, Sequence[str]] | None = None, cut: Sequence[str] = ()
    ) -> None:
        self.answers, self.safer, self.cut = answers, safer or {}, cut
        self.calls: list[tuple[tuple[str, ...], Decoding]] = []

    @property
    def asked(self) -> list[str]:
        return [sentence for sentences, _ in self.calls for sentence in sentences]

    def translate(
        self, sentences: Sequence[str], decoding: Decoding, on_done: Callable[[int], None] | None = None
    ) -> list[tuple[Hypothesis, ...]]:
        self.calls.append((tuple(sentences), decoding))
        if on_done:
            on_done(len(set(sentences)))
        found = []
        for sentence in sentences:
            book = self.safer if decoding.no_repeat_ngram_size and sentence in self.safer else self.answers
            texts = list(book.get(sentence, [sentence]))[: decoding.num_hypotheses]
            found.append(
                tuple(Hypothesis(text, -0.1 - rank / 100, len(text.split()), text in self.cut) for rank, text in enumerate(texts))
            )
        return found

    def close(self) -> None:
        pass


def translated(engine: Phrasebook, sentence: str, glossary: Mapping[str, str] | None = None) -> tuple[str, list[str]]:
    [found] = translate_sentences(engine, [sentence], DECODING, Glossary(dict(glossary or {})))
    return found.target, [flag.check for flag in found.flags]


class TestChoice:
    @pytest.mark.parametrize(
        ("source", "answers", "wanted"),
        [
            ("RiverFlow는 빠르다.", ["It flows quickly.", "RiverFlow is fast."], "RiverFlow is fast."),
            ("정확도는 4.2% 올랐다.", ["Accuracy rose by 42%.", "Accuracy rose by 4.2%."], "Accuracy rose by 4.2%."),
            ("과제가 70억 개다.", ["There are 700 tasks.", "There are 7 billion tasks."], "There are 7 billion tasks."),
            ("모델이 문장을 아주 빠르게 읽는다.", ["", "The model reads sentences fast."], "The model reads sentences fast."),
            ("모델이 문장을 읽는다.", ["The 모델 reads.", "The model reads."], "The model reads."),
        ],
    )
    def test_the_hypothesis_with_what_must_survive_is_chosen(self, source: str, answers: list[str], wanted: str) -> None:
        assert translated(Phrasebook({source: answers}), source) == (wanted, [])

    def test_of_equally_good_hypotheses_the_likelier_is_chosen(self) -> None:
        source = "모델이 문장을 읽는다."
        assert translated(Phrasebook({source: ["The model reads.", "A model reads."]}), source)[0] == "The model reads."

    def test_the_hypothesis_with_the_url_is_chosen(self) -> None:
        source = "코드는 https://example.org/c 에 있다."
        engine = Phrasebook({"코드는 XYZ 에 있다.": ["Code is available.", "Code is at XYZ."]})
        assert translated(engine, source) == ("Code is at https://example.org/c.", [])


class TestMending:
    def test_a_bent_name_is_put_right(self) -> None:
        source = "RiverFlow는 빠르다."
        assert translated(Phrasebook({source: ["RiverFlew is fast."]}), source) == ("RiverFlow is fast.", [])

    def test_a_bent_name_is_put_right_outside_urls_only(self) -> None:
        source = "TinyLLaMA는 https://example.org/TinyLlama 에 있다."
        engine = Phrasebook({"TinyLLaMA는 XYZ 에 있다.": ["TinyLlama is at XYZ."]})
        assert translated(engine, source) == ("TinyLLaMA is at https://example.org/TinyLlama.", [])

    def test_a_doubled_gloss_is_collapsed(self) -> None:
        source = "모델은 잠재 공간(latent space)에서 움직인다."
        engine = Phrasebook({source: ["The model moves in a latent space (latent space)."]})
        assert translated(engine, source) == ("The model moves in a latent space.", [])

    @pytest.mark.parametrize(
        ("answer", "wanted"),
        [
            ("It uses agents (Small Robot Agents (SRA) to move.", "It uses agents (Small Robot Agents (SRA)) to move."),
            ("It uses agents (Small Robot Agents (SRA)) to move.", "It uses agents (Small Robot Agents (SRA)) to move."),
            ("It uses agents (e.g., robots, to move.", "It uses agents (e.g., robots, to move."),
            ("It uses (Robot Agents (RA) and (Sub Agents (SA) to move).", "It uses (Robot Agents (RA) and (Sub Agents (SA) to move)."),
        ],
    )
    def test_a_bracket_left_open_around_another_is_closed(self, answer: str, wanted: str) -> None:
        source = "로봇 에이전트를 써서 물건을 옮긴다."
        assert translated(Phrasebook({source: [answer]}), source)[0] == wanted

    def test_a_missing_gloss_is_decoded_again_with_the_term_in_its_place(self) -> None:
        source = "모델은 잠재 공간(latent space)에서 움직인다."
        again = {"모델은 latent space에서 움직인다.": ["The model moves in a latent space."]}
        engine = Phrasebook({source: ["The model moves in a hidden room."], **again})
        assert translated(engine, source) == ("The model moves in a latent space.", [])

    def test_a_lost_url_is_appended(self) -> None:
        source = "자세한 코드는 https://example.org/c 에 있다."
        engine = Phrasebook({f"자세한 코드는 {name} 에 있다.": ["The detailed code is available there."] for name in PLACEHOLDERS})
        target, flags = translated(engine, source)
        assert target == "The detailed code is available there (https://example.org/c)."
        assert flags == ["appended"]

    def test_a_lost_placeholder_is_tried_again_with_another(self) -> None:
        source = "자세한 코드는 https://example.org/c 에 있다."
        answers = {f"자세한 코드는 {name} 에 있다.": [f"The detailed code is at {name}."] for name in PLACEHOLDERS[1:]}
        engine = Phrasebook({"자세한 코드는 XYZ 에 있다.": ["The detailed code is there."], **answers})
        assert translated(engine, source)[0] == "The detailed code is at https://example.org/c."

    def test_a_lost_name_is_hidden_and_tried_again(self) -> None:
        source = "RiverFlow는 빠르다."
        engine = Phrasebook({source: ["It is fast."], "LINK는 빠르다.": ["LINK is fast."]})
        assert translated(engine, source) == ("RiverFlow is fast.", [])

    def test_the_english_is_put_right_and_code_is_not(self) -> None:
        source = "모델은 `a error in in x`를 잡는다."
        engine = Phrasebook({"모델은 XYZ를 잡는다.": ["a impressive model catches XYZ in in text."]})
        assert translated(engine, source) == ("An impressive model catches `a error in in x` in text.", [])

    def test_a_word_three_times_running_is_still_a_loop(self) -> None:
        source = "모델이 문장을 아주 빠르게 읽는다."
        assert "repetition" in translated(Phrasebook({source: ["The model reads reads reads fast."]}), source)[1]

    def test_a_sentence_that_starts_with_a_capital_in_english(self) -> None:
        source = "모델이 문장을 읽는다."
        assert translated(Phrasebook({source: ["the model reads."]}), source)[0] == "The model reads."

    def test_a_second_try_that_is_no_better_changes_nothing(self) -> None:
        source = "RiverFlow는 빠르다."
        engine = Phrasebook({source: ["It is very fast indeed."], "LINK는 빠르다.": ["하하 하하 하하"]})
        target, flags = translated(engine, source)
        assert target == "It is very fast indeed."
        assert flags == ["lost-name"]


class TestDegenerate:
    SOURCE = "이 모델은 여러 과제를 빠르게 풀어낸다."

    def test_a_loop_is_decoded_again_with_safer_settings(self) -> None:
        loop = "the model the model the model the model the model"
        engine = Phrasebook({self.SOURCE: [loop]}, safer={self.SOURCE: ["The model solves many tasks fast."]})
        assert translated(engine, self.SOURCE) == ("The model solves many tasks fast.", [])
        assert engine.calls[-1][1].no_repeat_ngram_size > 0

    def test_an_empty_answer_is_decoded_again(self) -> None:
        engine = Phrasebook({self.SOURCE: [""]}, safer={self.SOURCE: ["The model solves many tasks fast."]})
        assert translated(engine, self.SOURCE) == ("The model solves many tasks fast.", [])

    @pytest.mark.parametrize(
        ("answer", "flag"),
        [("go go go go go go", "repetition"), ("", "empty"), ("The 모델 solves many tasks.", "hangul"), ("No.", "length")],
    )
    def test_what_stays_wrong_is_flagged(self, answer: str, flag: str) -> None:
        assert flag in translated(Phrasebook({self.SOURCE: [answer]}), self.SOURCE)[1]

    def test_what_the_length_limit_cut_is_flagged(self) -> None:
        answer = "The model solves many"
        assert translated(Phrasebook({self.SOURCE: [answer]}, cut=[answer]), self.SOURCE)[1] == ["truncated"]

    def test_lost_numbers_and_names_are_flagged(self) -> None:
        source = "GlyphDiff는 과제 37개를 푼다."
        known = {text: ["It solves some tasks."] for text in (source, "LINK는 과제 CLIP개를 푼다.", "NeRF는 과제 37개를 푼다.")}
        assert set(translated(Phrasebook(known), source)[1]) == {"lost-name", "lost-number"}


class TestSentencesWithoutKorean:
    def test_they_come_back_as_they_are_and_are_not_decoded(self) -> None:
        plain = ["Daily Papers", "", "**Vote**: 42", "https://example.org", "日本語の文。", "`코드`".replace("코드", "code")]
        engine = Phrasebook({})
        found = translate_sentences(engine, plain, DECODING, Glossary())
        assert [f.target for f in found] == plain
        assert not any(f.flags for f in found)
        assert engine.asked == []

    def test_they_stand_in_order_among_others(self) -> None:
        engine = Phrasebook({"모델이다.": ["A model."]})
        found = translate_sentences(engine, ["a", "모델이다.", "b", "모델이다."], DECODING, Glossary())
        assert [f.target for f in found] == ["a", "A model.", "b", "A model."]
        assert engine.asked.count("모델이다.") == 1

    def test_no_sentences(self) -> None:
        assert translate_sentences(Phrasebook({}), [], DECODING, Glossary()) == []


@pytest.mark.parametrize("copies", [1, 2, 5])
def test_progress_counts_every_korean_sentence_once(copies: int) -> None:
    told: list[int] = []
    sentences = ["모델이다."] * copies + ["코드다.", "데이터다."]
    translate_sentences(Phrasebook({}), sentences, DECODING, Glossary(), told.append)
    assert sum(told) == len(sentences)
    assert all(count >= 0 for count in told)


class TestGlossary:
    def test_the_target_term_stands_in_the_source_and_is_in_the_target(self) -> None:
        engine = Phrasebook({"diffusion model을 쓴다.": ["It uses a diffusion model."]})
        assert translated(engine, "확산 모델을 쓴다.", {"확산 모델": "diffusion model"}) == ("It uses a diffusion model.", [])

    def test_a_term_that_starts_the_sentence_may_have_a_capital(self) -> None:
        engine = Phrasebook({"diffusion model은 그림을 그린다.": ["diffusion models draw pictures."]})
        target, flags = translated(engine, "확산 모델은 그림을 그린다.", {"확산 모델": "diffusion model"})
        assert target == "Diffusion models draw pictures."
        assert flags == []

    def test_a_lost_term_is_tried_behind_a_placeholder(self) -> None:
        engine = Phrasebook({"diffusion model을 쓴다.": ["It uses this."], "LINK을 쓴다.": ["It uses a LINK."]})
        assert translated(engine, "확산 모델을 쓴다.", {"확산 모델": "diffusion model"}) == ("It uses a diffusion model.", [])

    def test_a_term_that_stays_lost_is_flagged(self) -> None:
        known = {text: ["It uses that."] for text in ("diffusion model을 쓴다.", "LINK을 쓴다.", "NeRF을 쓴다.")}
        assert "glossary" in translated(Phrasebook(known), "확산 모델을 쓴다.", {"확산 모델": "diffusion model"})[1]

    def test_a_part_of_another_word_is_not_the_term(self) -> None:
        source = "OpenAI는 모델을 낸다."
        assert translated(Phrasebook({source: ["OpenAI releases models."]}), source, {"AI": "artificial intelligence"}) == (
            "OpenAI releases models.",
            [],
        )

    def test_the_longest_term_wins(self) -> None:
        engine = Phrasebook({"diffusion model을 쓴다.": ["It uses a diffusion model."]})
        target, flags = translated(engine, "확산 모델을 쓴다.", {"확산": "spread", "확산 모델": "diffusion model"})
        assert target == "It uses a diffusion model."
        assert flags == []


def test_a_phrase_under_emphasis_is_translated_on_its_own_and_found_again() -> None:
    engine = Phrasebook({"핵심 결과는 속도다.": ["The key result is speed."], "핵심 결과": ["Key result."]})
    assert translated(engine, "**핵심 결과**는 속도다.") == ("The **key result** is speed.", [])


def test_the_url_of_a_link_in_emphasised_words_survives() -> None:
    target, _ = translated(Phrasebook({}), "**자세한 내용은 [프로젝트](https://example.org/p)를 보라.**")
    assert "](https://example.org/p)" in target


def test_code_among_the_words_of_a_link_survives() -> None:
    engine = Phrasebook({"XYZ을 보라.": ["See XYZ."], "XYZ 파일": ["The file XYZ."]})
    target, flags = translated(engine, "[`model.py` 파일](https://example.org/m)을 보라.")
    assert target == "See [The file `model.py`](https://example.org/m)."
    assert flags == []
