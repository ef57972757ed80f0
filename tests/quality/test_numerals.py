"""The values of Korean and English numbers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.document.protection import protected_spans
from translator.quality.numerals import english_number, english_values, korean_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", "7"),
        ("3.5", "3.5"),
        ("12.5%", "12.5"),
        ("1,234", "1234"),
        ("1,234.5", "1234.5"),
        ("70억", "7000000000"),
        ("1.5억", "150000000"),
        ("1억 2천만", "120000000"),
        ("1억2000만", "120000000"),
        ("3천", "3000"),
        ("2만 5천", "25000"),
        ("5백", "500"),
        ("1조", "1000000000000"),
        ("10만", "100000"),
        ("1,200만", "12000000"),
        ("3십만", "300000"),
        ("3천6백만", "36000000"),
        ("5억8천2백만", "582000000"),
        ("1억 3천 4백 6십만", "134600000"),
        ("32만 6천 9백", "326900"),
    ],
)
def test_value_of_a_korean_number(text, value):
    assert korean_value(text) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7 billion parameters", "7000000000"),
        ("a 7B model", "7000000000"),
        ("7.5K steps", "7500"),
        ("1.2 million", "1200000"),
        ("1,200", "1200"),
        ("12.5%", "12.5"),
        ("three models", "3"),
        ("twice as fast", "2"),
        ("in May", "5"),
        ("20-million-word", "20000000"),
        ("3x", "3"),
        ("half", "2"),
        ("a 2-trillion-token corpus", "2000000000000"),
        ("5 hundred", "500"),
        ("Ten", "10"),
        ("over a year", "1"),
        ("per second", "1"),
        ("annual", "1"),
        ("halved", "50"),
        ("half", "0.5"),
        ("a third", "1"),
        ("a quarter", "25"),
        ("twofold", "2"),
        ("doubles", "2"),
        ("a dozen", "12"),
        ("zeroth-order", "0"),
        ("forty", "40"),
    ],
)
def test_values_of_english_numbers(text, value):
    assert Decimal(value) in english_values(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234", "234"),
        ("3.14", "14"),
        ("7 billion", "8"),
        ("7 Models", "7000000"),
        ("someone", "1"),
        ("none", "1"),
        ("3.5", "5"),
        ("1,7000", "1700"),
        ("a model", "1"),
    ],
)
def test_values_that_are_not_there(text, value):
    assert Decimal(value) not in english_values(text)


@given(st.integers(1, 9999), st.sampled_from([("만", 10**4), ("억", 10**8), ("조", 10**12)]))
def test_korean_scales_agree_with_english_ones(number, scale):
    word, factor = scale
    value = number * factor
    assert korean_value(f"{number}{word}") == value
    assert value in english_values(f"it has {value:,} of them")
    assert value in english_values(f"{value / 10**9:.10f} billion")


@given(st.decimals(0, 10**6, places=2, allow_nan=False))
def test_a_plain_number_has_the_same_value_in_both_languages(number):
    assert korean_value(str(number)) == number
    assert number in english_values(f"about {number} of them")


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("70억", "7 billion"),
        ("3천6백만", "36 million"),
        ("5억8천2백만", "582 million"),
        ("1만2천", "12,000"),
        ("12.5%", "12.5%"),
        ("3천", "3,000"),
    ],
)
def test_a_korean_number_as_english_writes_it(text, english):
    assert english_number(text) == english
    assert korean_value(text) in english_values(english)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9))
def test_thousands_and_hundreds_add_up_before_a_large_scale(thousands, hundreds, tens):
    assert korean_value(f"{thousands}천{hundreds}백{tens}십만") == (1000 * thousands + 100 * hundreds + 10 * tens) * 10**4


@pytest.mark.parametrize("text", ["3개", "7B", "2.5배", "70억 개", "1,000만 건", "3만큼"])
def test_spans_of_numbers_have_a_value(text):
    (span,) = protected_spans(text)
    assert korean_value(span.text) > 0
