"""What is left out, and what is reported of it."""

import pytest

from translator.training.corpus import Pair
from translator.training.filtering import FileReport, Sieve
from translator.training.held_out import fingerprints
from translator.training.settings import Filters

GOOD = Pair("우리는 70억 개의 매개변수를 가진 모델을 3.5배 빠르게 학습한다.", "We train a model of 7 billion parameters 3.5 times faster.")


def reason(pair: Pair, filters: Filters | None = None, refused: frozenset[str] = frozenset()) -> str:
    report = FileReport("a.tsv")
    kept = Sieve(filters or Filters(), refused).sift([pair], report)
    assert (report.pairs, report.kept) == (1, len(kept))
    return "".join(report.dropped)


@pytest.mark.parametrize(
    ("pair", "wanted"),
    [
        (GOOD, ""),
        (Pair("긴 문장 " * 300, "A long sentence. " * 30), "length"),
        (Pair("가", "The letter ga."), "length"),
        (Pair("짧은 문장이다.", "This is an English sentence that goes on and on and on. " * 4), "ratio"),
        (Pair("이 문장은 길지만 번역은 그렇지 않아서 비율이 맞지 않는다.", "Long."), "ratio"),
        (Pair("This source is English.", "This source is English."), "language"),
        (Pair("번역이 되지 않은 문장이다.", "번역이 되지 않은 문장이다."), "language"),
        (Pair("정확도는 71.2%이다.", "The accuracy is 72.1%."), "numbers"),
        (Pair("모델의 크기는 20억이다.", "The model has 2 million parameters."), "numbers"),
    ],
)
def test_a_pair_is_left_out_for_a_reason(pair: Pair, wanted: str) -> None:
    assert reason(pair) == wanted


def test_numbers_may_be_let_through() -> None:
    assert reason(Pair("정확도는 71.2%이다.", "The accuracy is 72.1%."), Filters(numbers_agree=False)) == ""


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_pair_of_an_evaluation_set_is_refused_by_either_side(side: str) -> None:
    refused = fingerprints([getattr(GOOD, side).upper().replace(" ", "  ")])
    assert reason(GOOD, refused=refused) == "in an evaluation set"


def test_duplicates_count_over_all_files_of_a_run() -> None:
    sieve, first, second = Sieve(Filters(), frozenset()), FileReport("a"), FileReport("b")
    assert len(sieve.sift([GOOD, GOOD], first)) == 1
    assert sieve.sift([Pair(GOOD.source + " ", GOOD.target)], second) == []
    assert (first.dropped, second.dropped) == ({"duplicate": 1}, {"duplicate": 1})
    assert len(Sieve(Filters(duplicates=True), frozenset()).sift([GOOD, GOOD], FileReport("a"))) == 2


def test_the_report_shows_a_few_examples_by_reason() -> None:
    report = FileReport("a.tsv")
    wrong = [Pair(f"{word} 정확도는 71.2%이다.", "The accuracy is 72.1%.") for word in ("첫", "둘째", "셋째", "넷째", "다섯째")]
    Sieve(Filters(), frozenset()).sift([*wrong, GOOD], report)
    assert report.dropped == {"numbers": 5}
    assert len(report.examples["numbers"]) == 3
