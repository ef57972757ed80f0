"""What a corpus renders one way here and another way there."""

from hypothesis import given
from hypothesis import strategies as st

from translator.quality.checks.check import ScoredUnit
from translator.quality.checks.consistency import inconsistent_sentences, inconsistent_terms


def test_the_rarer_wording_of_a_sentence_is_flagged() -> None:
    units = [
        ScoredUnit("코드는 공개됩니다.", "The code is open."),
        ScoredUnit("코드는 공개됩니다.", "Code will be released."),
        ScoredUnit("빠릅니다. 코드는 공개됩니다.", "It is fast. Code will be released."),
    ]
    assert [(i, flag.detail) for i, flag in inconsistent_sentences(units)] == [(0, "The code is open.; elsewhere: Code will be released.")]


def test_of_two_wordings_the_later_one_is_flagged_and_case_and_punctuation_are_none() -> None:
    units = [ScoredUnit("끝.", "The end."), ScoredUnit("끝.", "The End"), ScoredUnit("끝.", "Over.")]
    assert [i for i, _ in inconsistent_sentences(units)] == [2]


@given(st.lists(st.tuples(st.sampled_from(["끝.", "시작이다.", "모델이다. 끝."]), st.sampled_from(["A b.", "C d.", "E."])), max_size=12))
def test_one_wording_for_each_sentence_is_consistent(pairs: list[tuple[str, str]]) -> None:
    first: dict[str, str] = {}
    units = [ScoredUnit(source, first.setdefault(source, target)) for source, target in pairs if "." not in source[:-1]]
    assert list(inconsistent_sentences(units)) == []


def settled(term: str, target: str, count: int = 12) -> list[ScoredUnit]:
    glossed = [ScoredUnit(f"우리는 {term}(knowledge distillation)를 쓴다. {n}", f"We use knowledge distillation. {n}") for n in range(3)]
    return [*glossed, *(ScoredUnit(f"{n}번 모델은 {term}로 학습했다.", target) for n in range(count))]


def test_a_settled_term_that_is_rendered_otherwise_is_flagged() -> None:
    units = [
        *settled("지식 증류", "Trained by knowledge distillation."),
        ScoredUnit("지식 증류는 빠르다.", "Knowledge extraction is fast."),
    ]
    found = list(inconsistent_terms(units))
    assert [i for i, _ in found] == [len(units) - 1]
    assert found[0][1].detail == "지식 증류 = knowledge distillation in 15 of 16 units"


def test_inflections_and_acronyms_render_a_term() -> None:
    extra = [ScoredUnit("지식 증류로 줄였다.", "It was knowledge-distilled."), ScoredUnit("지식 증류를 쓴다.", "It uses KD.")]
    assert list(inconsistent_terms([*settled("지식 증류", "By knowledge distillation."), *extra])) == []


def test_a_term_that_is_not_settled_is_not_flagged() -> None:
    mixed = settled("지식 증류", "By extraction of knowledge.", count=4)
    assert list(inconsistent_terms([*settled("지식 증류", "By knowledge distillation.", count=4), *mixed])) == []


def test_a_term_inside_another_word_is_another_word() -> None:
    units = [*settled("지식 증류", "By knowledge distillation."), ScoredUnit("비지식 증류는 다르다.", "This differs.")]
    assert list(inconsistent_terms(units)) == []
