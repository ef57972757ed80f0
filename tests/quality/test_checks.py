"""Checks of a translation without a reference."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from translator.document.protection import protected_spans
from translator.quality.checks import check_translation
from translator.quality.checks.glosses import find_glosses
from translator.quality.checks.repetition import repeated_phrase


def checks(source: str, target: str, **options: bool) -> list[str]:
    return [flag.check for flag in check_translation(source, protected_spans(source), target, **options)]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("이 모델은 GPT-4o보다 2배 빠르다.", "This model is twice as fast as GPT-4o."),
        ("강화 학습(reinforcement learning)을 사용한다.", "It uses reinforcement learning."),
        ("검색 증강 생성(Retrieval-Augmented Generation, RAG)을 쓴다.", "It uses retrieval augmented generation (RAG)."),
        ("환각(hallucinations)을 줄인다.", "It reduces hallucination."),
        ("아주 아주 크다.", "It is very very large."),
        ("이 모델은 한국어 토큰 `가나다`를 쓴다.", "This model uses the Korean token `가나다`."),
    ],
)
def test_a_good_translation_has_no_flag(source, target):
    assert checks(source, target) == []


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("모델이다.", "  ", ["empty"]),
        ("`x`를 쓴다.", "It uses x.", ["lost-code"]),
        ("GPT-4o를 쓴다.", "It uses a model.", ["lost-name"]),
        ("3개의 모델이다.", "These are models.", ["lost-number"]),
        ("https://x.com/a를 보라.", "See the site.", ["lost-url"]),
        ("새로운 모델이다.", "It is a new 모델.", ["hangul"]),
        ("새로운 모델을 제안하고 평가한다.", "We propose a model we propose a model.", ["repetition"]),
        ("새로운 모델을 제안하고 평가한다.", "Yes.", ["length"]),
        ("새로운 모델을 제안하고 평가한다.", "word " + " ".join(f"w{n}" for n in range(40)), ["length"]),
        ("강화 학습(reinforcement learning)을 사용한다.", "It uses learning from human feedback.", ["gloss-missing"]),
        ("강화 학습(reinforcement learning)을 사용한다.", "Reinforcement learning (reinforcement learning) is used.", ["gloss-doubled"]),
    ],
)
def test_each_fault_has_its_flag(source, target, expected):
    assert checks(source, target) == expected


def test_a_cut_off_translation_is_flagged():
    assert checks("모델이다.", "It is a model.", truncated=True) == ["truncated"]


def test_flags_say_what_they_saw():
    source = "`x`와 GPT-4o를 쓴다"
    flags = check_translation(source, protected_spans(source), "It is made with 모델.")
    assert [(flag.check, flag.detail) for flag in flags] == [("hangul", "모델"), ("lost-code", "`x`"), ("lost-name", "GPT-4o")]


@pytest.mark.parametrize(
    ("source", "terms"),
    [
        ("강화 학습(reinforcement learning)을", ["reinforcement learning"]),
        ("**강화 학습**(reinforcement learning)을", ["reinforcement learning"]),
        ("환각 (hallucination)", ["hallucination"]),
        ("언어 모델(LLM)은", []),
        ("검색 증강 생성(Retrieval-Augmented Generation, RAG)", ["Retrieval-Augmented Generation"]),
        ("값(3)과, (note)", []),
        ("Model (large model)", []),
        ("모델(a)", []),
    ],
)
def test_glosses_are_english_terms_in_brackets_after_korean(source, terms):
    assert [gloss.term for gloss in find_glosses(source)] == terms


def test_offsets_of_a_gloss():
    source = "강화 학습(reinforcement learning)을"
    (gloss,) = find_glosses(source)
    assert source[gloss.start : gloss.end].strip() == "(reinforcement learning)"


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("the model the model", "the model"),
        ("no no no", "no"),
        ("very very good", ""),
        ("The model, the model.", "The model"),
        ("a b c d x a b c d y a b c d", "a b c d"),
        ("a b c d x a b c d", ""),
        ("it uses words that all differ", ""),
        ("", ""),
        ("one", ""),
    ],
)
def test_repeated_phrase(text, phrase):
    assert repeated_phrase(text) == phrase


@settings(deadline=None)
@given(st.lists(st.integers(), unique=True, max_size=40))
def test_words_that_all_differ_never_repeat(numbers):
    assert repeated_phrase(" ".join(f"w{n}" for n in numbers)) == ""


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=6, unique=True), st.lists(st.integers(), max_size=5, unique=True))
def test_a_phrase_said_twice_running_is_found(phrase, before):
    text = " ".join([*(f"w{n}" for n in before), *phrase, *phrase])
    assert repeated_phrase(text) == " ".join(phrase)


@settings(deadline=None)
@given(st.text(), st.text())
def test_any_pair_of_texts_can_be_checked(source, target):
    flags = check_translation(source, protected_spans(source), target)
    assert all(flag.check for flag in flags)
