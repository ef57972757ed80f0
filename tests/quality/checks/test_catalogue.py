"""The catalogue of checks, and the checks together."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from translator.document.protection import protected_spans
from translator.quality.checks import BY_ID, CATALOGUE, SEVERITIES, ScoredUnit, check_corpus, check_translation, check_unit, unknown_check


def checks(source: str, target: str, **options: bool) -> list[str]:
    return [flag.check for flag in check_translation(source, protected_spans(source), target, **options)]


def unit_checks(source: str, target: str) -> list[str]:
    return [flag.check for flag in check_unit(source, target)]


def test_every_check_has_an_id_of_its_own_a_severity_and_a_line_that_explains_it() -> None:
    assert len(BY_ID) == len(CATALOGUE)
    for check in CATALOGUE:
        assert check.severity in SEVERITIES
        assert 10 < len(check.explanation) < 100
        assert "\n" not in check.explanation


def test_an_unknown_id_is_told_with_those_that_there_are() -> None:
    assert unknown_check(["length", "lenght"]) == f"no check is named 'lenght'; there are {', '.join(BY_ID)}"
    assert unknown_check(BY_ID) == ""


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("이 모델은 GPT-4o보다 2배 빠르다.", "This model is twice as fast as GPT-4o."),
        ("강화 학습(reinforcement learning)을 사용한다.", "It uses reinforcement learning."),
        ("검색 증강 생성(Retrieval-Augmented Generation, RAG)을 쓴다.", "It uses retrieval augmented generation (RAG)."),
        ("환각(hallucinations)을 줄인다.", "It reduces hallucination."),
        ("아주 아주 크다.", "It is very very large."),
        ("이 모델은 한국어 토큰 `가나다`를 쓴다.", "This model uses the Korean token `가나다`."),
        ("1년 동안 모은 자료를 미세 조정(fine-tuning)에 썼다.", "Data collected over a year was used to fine-tune it."),
        ("오류가 50% 줄었다.", "Errors were halved."),
        ("여섯 개 과제에서 3.5배 빨라졌다. 코드는 공개된다.", "It became 3.5 times as fast on six tasks. Code will be released."),
        ("**핵심**은 'small' 모델(작다)이다.", "**The point** is a 'small' model (it is small)."),
        ("plain (English", "plain (English"),
    ],
)
def test_a_good_translation_has_no_flag(source: str, target: str) -> None:
    assert checks(source, target) == []
    assert unit_checks(source, target) == []


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("모델이다.", "  ", ["empty"]),
        ("`x`를 쓴다.", "It uses x.", ["lost-code"]),
        ("GPT-4o를 쓴다.", "It uses a model.", ["lost-name"]),
        ("3개의 모델이다.", "These are models.", ["lost-number"]),
        ("https://x.com/a를 보라.", "See the site.", ["lost-url"]),
        ("[글](https://x.com/a)을 보라.", "See the site.", ["lost-link"]),
        ("![표](a.png) 그림이다.", "It is a figure.", ["lost-image"]),
        ("$x^2$이다.", "It is x squared.", ["lost-math"]),
        ("<b>굵다.</b>", "<b>It is bold.", ["lost-html"]),
        ("a@example.org로 보내라.", "Send it by mail.", ["lost-email"]),
        ("새로운 모델이다.", "It is a new 모델.", ["hangul"]),
        ("TÜLU는 새로운 모델이다.", "TÜLU or T\ufffdousLU is a new model.", ["garbled"]),
        ("새로운 모델을 제안하고 평가한다.", "We propose a model we propose a model.", ["repetition"]),
        ("새로운 모델을 제안하고 평가한다.", "Yes.", ["length"]),
        ("새로운 모델을 제안하고 평가한다.", "word " + " ".join(f"w{n}" for n in range(40)), ["length"]),
        ("강화 학습(reinforcement learning)을 사용한다.", "It uses learning from human feedback.", ["gloss-missing"]),
        ("강화 학습(reinforcement learning)을 사용한다.", "Reinforcement learning (reinforcement learning) is used.", ["gloss-doubled"]),
    ],
)
def test_each_fault_that_steers_has_its_flag(source: str, target: str, expected: list[str]) -> None:
    assert checks(source, target) == expected
    assert expected[0] in unit_checks(source, target)


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("모델을 제안한다. 코드도 공개한다.", "We propose a model.", "dropped-sentence"),
        ("새로운 모델을 제안한다.", "새로운 모델을 제안한다.", "untranslated"),
        ("여섯 개 과제를 푼다.", "It solves five tasks.", "number-word"),
        ("1,700건이 나왔다.", "There were 1,7000 of them.", "invented-number"),
        ("18개월이 걸렸다.", "It took 18 in all.", "unit"),
        ("영상 과제를 푼다.", "It solves videoLINK tasks.", "invented-name"),
        ("효율적이고 효과적으로 푼다.", "It solves them efficiently and efficiently.", "doubled-word"),
        ("새로운 큰 모델을 제안한다.", "We propose a new large model, that is a new large model.", "said-twice"),
        ("모델(작다)이다.", "It is a model (small.", "brackets"),
    ],
)
def test_each_fault_of_a_finished_target_has_its_flag(source: str, target: str, expected: str) -> None:
    assert expected in unit_checks(source, target)
    assert expected not in checks(source, target)


def test_a_cut_off_translation_is_flagged() -> None:
    assert checks("모델이다.", "It is a model.", truncated=True) == ["truncated"]


def test_flags_say_what_they_saw() -> None:
    source = "`x`와 GPT-4o를 쓴다"
    flags = check_translation(source, protected_spans(source), "It is made with 모델.")
    assert [(flag.check, flag.detail) for flag in flags] == [("hangul", "모델"), ("lost-code", "`x`"), ("lost-name", "GPT-4o")]


def test_glossary_terms_are_looked_for_in_the_sentence_where_they_stand() -> None:
    source, terms = "확산 모델이다. 보상 모델이다.", {"확산 모델": "diffusion model", "보상 모델": "reward model"}
    flags = check_unit(source, "It is a reward model. It is a diffusion model.", terms)
    assert [flag.detail for flag in flags] == ["확산 모델 = diffusion model", "보상 모델 = reward model"]
    assert check_unit(source, "It is a diffusion model. It is a reward model.", terms) == ()


def test_a_name_that_only_another_sentence_holds_is_lost() -> None:
    source = "TideNet을 쓴다. TideNet은 작다."
    assert unit_checks(source, "It uses TideNet. It is small.") == ["lost-name"]


def test_a_check_that_is_off_is_not_made() -> None:
    units = [ScoredUnit("끝.", "The end."), ScoredUnit("끝.", "Over.")]
    assert [flag.check for _, flag in check_corpus(units)] == ["inconsistent-sentence"]
    assert list(check_corpus(units, {"inconsistent-sentence"})) == []


WORDS = st.sampled_from(
    [
        "`코드`",
        "TideNet은",
        "[글](https://x.com/a)을",
        "https://x.com/b에서",
        "$x_1$",
        "12.5%",
        "70억",
        "3개",
        "<br>",
        "여섯 개",
        "모델이다.",
        "(작다)",
    ]
)


@settings(deadline=None)
@given(st.lists(WORDS, max_size=8).map(" ".join))
def test_a_target_that_holds_every_span_as_it_is_has_lost_and_invented_nothing(source: str) -> None:
    """But for numbers with a Korean scale, which must be in English."""
    target = source.replace("70억", "7 billion").replace("여섯 개", "six")
    found = {flag.check for flag in check_unit(source, f"x {target}")}
    assert not {check for check in found if check.startswith(("lost-", "invented-")) or check in ("unit", "number-word")}


@settings(deadline=None)
@given(st.text(), st.text())
def test_any_pair_of_texts_can_be_checked(source: str, target: str) -> None:
    for flag in (*check_unit(source, target), *check_translation(source, protected_spans(source), target)):
        assert flag.check in BY_ID


@settings(deadline=None)
@given(st.lists(st.tuples(WORDS, st.sampled_from(["a model", "TideNet", "the model the model", ""])), max_size=6), st.integers())
def test_the_flags_of_a_unit_do_not_depend_on_the_order_of_the_units(pairs: list[tuple[str, str]], seed: int) -> None:
    """Nor on that of earlier calls; `inconsistent-sentence` prefers the first of equally frequent wordings and is left out."""
    units = [ScoredUnit(source, target, -0.1) for source, target in dict(pairs).items()]
    shuffled = random.Random(seed).sample(units, len(units))
    assert {u.source: check_unit(u.source, u.target) for u in units} == {u.source: check_unit(u.source, u.target) for u in shuffled}
    forth, back = ({(us[i].source, flag) for i, flag in check_corpus(us)} for us in (units, shuffled))
    assert forth == back
