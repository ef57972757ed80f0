"""Numbers that are words, numbers out of nowhere, units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.quality.checks.check import Pair
from translator.quality.checks.numbers import invented_numbers, number_words, units


def details(find, source: str, target: str) -> list[str]:
    return [flag.detail for flag in find(Pair.of(source, target))]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("여섯 개의 데이터셋을 쓴다.", "It uses six datasets."),
        ("여섯 가지 과제가 있다.", "There are 6 tasks."),
        ("두 번째로 빠르다.", "It is the second fastest."),
        ("두 배 빠르다.", "It is twice as fast."),
        ("두 배 빠르다.", "It is a twofold gain."),
        ("두 개 이상의 언어를 쓴다.", "It uses several languages."),
        ("두 언어로 답한다.", "It answers in either language."),
        ("세 단계로 나뉜다.", "It is a tripartite process."),
        ("열두 개 언어를 다룬다.", "It handles a dozen languages."),
        ("다음 세대 모델이다.", "It is a next-generation model."),
        ("세계 최초의 모델이다.", "It is the first model in the world."),
        ("열 기반 저장소를 쓴다.", "It uses column storage."),
        ("두개골 사진을 본다.", "It looks at pictures of skulls."),
        ("한 가지 문제가 있다.", "There is a problem."),
    ],
)
def test_a_numeral_that_is_there_or_none_at_all(source: str, target: str) -> None:
    assert details(number_words, source, target) == []


@pytest.mark.parametrize(
    ("source", "target", "found"),
    [
        ("여섯 개의 데이터셋을 쓴다.", "It uses five datasets.", ["여섯 개 = 6"]),
        ("속도가 두 배 빨라졌다.", "It became faster.", ["두 배 = 2"]),
        ("세 명의 심사자와 아홉 가지 기준", "Three judges and some criteria", ["아홉 가지 = 9"]),
        ("열 개의 과제", "open tasks", ["열 개 = 10"]),
        ("두 개 이상의 언어", "a language", ["두 개 = 2"]),
    ],
)
def test_a_numeral_that_is_lost_or_wrong(source: str, target: str, found: list[str]) -> None:
    assert details(number_words, source, target) == found


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("정확도는 92.5%다.", "Accuracy is 92.5%."),
        ("70억 개의 매개변수", "7 billion parameters"),
        ("70억 개의 매개변수", "a 7B model"),
        ("3천6백만 쌍", "36 million pairs"),
        ("12,000개", "12,000 of them"),
        ("k=3,5,10,25", "k=3,5,10,25"),
        ("백 개 이상", "more than 100"),
        ("열다섯 번이 아니라 여섯 번이다.", "Six times."),
        ("44.1kHz 오디오", "44.1kHz audio"),
        ("140억 모델", "a 14 billion-parameter model"),
        ("RiverNet-50을 쓴다.", "It uses RiverNet-50 at 1024x768."),
        ("https://example.org/4711 을 보라.", "See https://example.org/4711."),
        ("코드 `x = 99`", "the code `x = 99`"),
        ("세 단계", "step 1, step 2 and step 3"),
    ],
)
def test_a_number_that_the_source_accounts_for(source: str, target: str) -> None:
    assert details(invented_numbers, source, target) == []


@pytest.mark.parametrize(
    ("source", "target", "found"),
    [
        ("1,700건이 나왔다.", "There were 1,7000.", ["1,7000"]),
        ("17억 개", "170 billion", ["170 billion"]),
        ("2,500만 건", "2,5 million records", ["2,5 million"]),
        ("1.33배 빠르다.", "1.333x faster", ["1.333x"]),
        ("정확도가 올랐다.", "Accuracy rose to 48.2.", ["48.2"]),
        ("1,024×768 해상도", "1,024 by 76 pixels", ["76"]),
    ],
)
def test_a_number_from_nowhere(source: str, target: str, found: list[str]) -> None:
    assert details(invented_numbers, source, target) == found


def test_a_number_of_any_length_can_be_looked_at() -> None:
    assert details(invented_numbers, "수다.", "9" * 5000) == ["9" * 5000]


@given(st.integers(13, 10**7), st.sampled_from(["개", "건", "만 개", "억 개"]))
def test_a_number_as_it_stands_in_the_source_is_never_invented(number: int, counter: str) -> None:
    assert details(invented_numbers, f"모두 {number:,}{counter}다.", f"It is {number:,} in all, or {number}.") == []


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("3.5배 빠르다.", "It is 3.5 times as fast."),
        ("3.5배 빠르다.", "a 3.5x speedup"),
        ("2배 빠르다.", "twice as fast"),
        ("2년이 걸렸다.", "It took 2 years."),
        ("2024년에 나왔다.", "It came out in 2024."),
        ("6개월 만에", "in 6 months"),
        ("2024년 9월", "September 2024"),
        ("10초 만에", "within 10 s, 10 seconds"),
        ("3분의 1로 줄었다.", "cut to a third"),
        ("5분의 추론", "5 minutes of inference"),
        ("정확도 80%", "80 percent"),
        ("100달러", "$100"),
        ("3배 빠르다.", "It is faster."),  # the number itself is lost: that is lost-number
        ("5배치를 쓴다.", "It uses 5 batches."),
    ],
)
def test_a_unit_that_is_there(source: str, target: str) -> None:
    assert details(units, source, target) == []


@pytest.mark.parametrize(
    ("source", "target", "found"),
    [
        ("18개월 전", "18 ago", ["18개월"]),
        ("60일간 학습했다.", "It was trained for 60 hours.", ["60일"]),
        ("2024년 9월", "in 9 2024", ["9월"]),
        ("3분의 1로 줄었다.", "reduced to 3 minutes of 1", ["3분의"]),
        ("9달러", "only 9", ["9달러"]),
        ("4.1년의 오차", "an error of 4.1", ["4.1년"]),
    ],
)
def test_a_unit_that_is_lost_while_its_number_is_there(source: str, target: str, found: list[str]) -> None:
    assert [detail.strip() for detail in details(units, source, target)] == found
