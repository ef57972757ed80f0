"""Units that stand out among the others."""

import pytest

from translator.quality.checks.check import ScoredUnit
from translator.quality.checks.outliers import length_outliers, low_scores

SOURCE = "제안한 방법은 여러 과제에서 기존 방법보다 높은 정확도를 안정적으로 보였다. {} 번째 결과다."
TARGET = "The proposed method showed stably higher accuracy than existing methods on several tasks{}. This is result {}."


def corpus(count: int) -> list[ScoredUnit]:
    return [ScoredUnit(SOURCE.format(n), TARGET.format(" at hand" * (n % 4), n), -0.3 - 0.01 * (n % 7)) for n in range(count)]


def test_a_much_shorter_and_a_much_longer_target_stand_out() -> None:
    units = corpus(200)
    units[20] = ScoredUnit(units[20].source, "The method did well.", -0.3)
    units[90] = ScoredUnit(units[90].source, units[90].target * 3, -0.3)
    assert sorted(i for i, _ in length_outliers(units)) == [20, 90]


def test_targets_of_usual_length_do_not_stand_out() -> None:
    assert list(length_outliers(corpus(200))) == []


def test_a_much_lower_score_stands_out_and_a_copy_has_none() -> None:
    units = corpus(200)
    units[3] = ScoredUnit(units[3].source, units[3].target, -0.9)
    units[4] = ScoredUnit("plain", "plain", 0.0)
    units[5] = ScoredUnit(units[5].source, units[5].target)
    assert [(i, flag.check) for i, flag in low_scores(units)] == [(3, "low-score")]


@pytest.mark.parametrize("count", [0, 1, 50])
def test_a_few_units_are_no_corpus(count: int) -> None:
    units = [ScoredUnit("모델을 제안하고 여러 과제에서 평가한다." * 3, "x", -9.0), *corpus(count)]
    assert list(length_outliers(units)) == []
    assert list(low_scores(units)) == []


def test_a_gloss_counts_once_in_the_length() -> None:
    """The source says the term in both languages, the target in one."""
    glossed = "이 연구는 지식 증류(knowledge distillation)와 강화 학습(reinforcement learning)을 함께 쓰는 방법을 다룬다."
    units = [*corpus(200), ScoredUnit(glossed, "This study covers using knowledge distillation and reinforcement learning together.", -0.3)]
    assert list(length_outliers(units)) == []
