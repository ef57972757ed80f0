"""The values that numbers in Korean and English text stand for: 70억 = 7 billion = 7B."""

import re
from collections.abc import Iterator
from decimal import Decimal

_SMALL = {"십": 10, "백": 100, "천": 1000}
_LARGE = {"만": 10**4, "억": 10**8, "조": 10**12}
_KOREAN_TERM = re.compile(r"(\d+(?:,\d{3})*(?:\.\d+)?)\s?([십백천])?([만억조])?")
_SCALES = {
    "hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12,
}  # fmt: skip
_ENGLISH = re.compile(
    r"(?<![\d.])(\d+(?:,\d{3})*(?:\.\d+)?)(?:[\s-]?(hundred|thousand|million|billion|trillion)|([KMBT])(?![A-Za-z]))?", re.I
)
_WORDS = {
    "zero": 0, "one": 1, "once": 1, "first": 1, "single": 1, "two": 2, "twice": 2, "second": 2, "double": 2, "doubled": 2,
    "doubles": 2, "dual": 2, "both": 2, "half": 2, "three": 3, "third": 3, "thirds": 3, "triple": 3, "four": 4, "fourth": 4,
    "quarter": 4, "five": 5, "fifth": 5, "six": 6, "sixth": 6, "seven": 7, "seventh": 7, "eight": 8, "eighth": 8, "nine": 9,
    "ninth": 9, "ten": 10, "tenth": 10, "eleven": 11, "twelve": 12, "hundred": 100, "hundreds": 100, "thousand": 1000,
    "thousands": 1000, "million": 10**6, "billion": 10**9, "january": 1, "february": 2, "march": 3, "april": 4, "may": 5,
    "june": 6, "july": 7, "august": 8, "september": 9, "october": 10, "november": 11, "december": 12,
}  # fmt: skip


def korean_value(text: str) -> Decimal:
    """The value of a number as written in Korean text: `1억 2천만` is 120000000, `12.5%` is 12.5."""
    total = Decimal(0)
    for digits, small, large in _KOREAN_TERM.findall(text):
        total += Decimal(digits.replace(",", "")) * _SMALL.get(small, 1) * _LARGE.get(large, 1)
    return total


def english_number(text: str) -> str:
    """A number of Korean text as English writes it: 20억 is `2 billion`, 3,000만 `30 million`, 1만 `10,000`, 12.5% itself."""
    if not re.search("[십백천만억조]", text):
        return text
    value = korean_value(text)
    for word, scale in (("trillion", 10**12), ("billion", 10**9), ("million", 10**6)):
        if value >= scale:
            return f"{_plain(value / scale)} {word}" + ("%" if text.endswith("%") else "")
    return f"{_plain(value)}" + ("%" if text.endswith("%") else "")


def _plain(value: Decimal) -> str:
    whole = value == value.to_integral_value()
    return f"{int(value):,}" if whole else f"{value.normalize():f}"


def english_values(text: str) -> set[Decimal]:
    """Every value that a number or number word of an English text may stand for, with and without its scale word."""
    return set(_values(text))


def _values(text: str) -> Iterator[Decimal]:
    for digits, word, letter in _ENGLISH.findall(text):
        plain = Decimal(digits.replace(",", ""))
        yield plain
        if word or letter:
            yield plain * _SCALES[(word or letter).lower()]
    for word in re.findall(r"[a-z]+", text.lower()):
        if word in _WORDS:
            yield Decimal(_WORDS[word])
