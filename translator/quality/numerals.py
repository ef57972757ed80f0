"""The values that numbers in Korean and English text stand for: 70억 = 7 billion = 7B, 여섯 = six."""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

_SMALL = {"십": 10, "백": 100, "천": 1000}
_LARGE = {"만": 10**4, "억": 10**8, "조": 10**12}
_KOREAN_TERM = re.compile(r"(\d+(?:,\d{3})*(?:\.\d+)?)\s?([십백천])?([만억조])?")
_SCALES = {
    "hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12,
}  # fmt: skip
_ENGLISH = re.compile(
    r"(?<![\d.])(\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:[\s-]?(hundred|thousand|million|billion|trillion)|([KMBT])(?![A-Za-z]))?",
    re.I,
)
_ONES = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"]
_MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORDS: dict[str, tuple[str, ...]] = {
    **{word: (str(n),) for names in (_ONES, _ORDINALS, _MONTHS) for n, word in enumerate(names, 1)},
    **{f"{word}s": (str(n),) for n, word in enumerate(_ORDINALS, 1) if n > 2},
    **{f"{word}fold": (str(n),) for n, word in enumerate(_ONES, 1)},
    **{word: (str(10 * n),) for n, word in enumerate(_TENS, 2)},
    **dict.fromkeys(("twice", "double", "doubles", "doubled", "doubling", "dual", "both", "pair", "pairs", "couple"), ("2",)),
    **dict.fromkeys(("half", "halve", "halves", "halved", "halving"), ("2", "1", "0.5", "50")),
    **dict.fromkeys(("quarter", "quarters"), ("4", "1", "0.25", "25")),
    **dict.fromkeys(("triple", "triples", "tripled", "thrice"), ("3",)), **dict.fromkeys(("quadruple", "quadrupled"), ("4",)),
    **dict.fromkeys(("hundred", "hundreds"), ("100",)), **dict.fromkeys(("thousand", "thousands"), ("1000",)),
    **dict.fromkeys(("annual", "annually", "yearly", "monthly", "weekly", "daily", "hourly", "once", "single"), ("1",)),
    "zero": ("0",), "zeroth": ("0",), "dozen": ("12",), "decade": ("10",), "century": ("100",), "quadrupedal": ("4",),
    "million": ("1000000",), "billion": ("1000000000",),
}  # fmt: skip
_UNITS = (
    "year|month|week|day|night|hour|minute|second|step|stage|point|time|epoch|sentence|word|page|person|image|half|third|fourth|fifth|tenth"
)
_ARTICLE = re.compile(rf"\b(?:an?|per|each|every|last|past|this|next)[ -](?:[a-z]+[ -])?(?:{_UNITS})\b", re.I)
NATIVE = {"두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9, "열": 10, "열한": 11, "열두": 12}
"""Korean numerals that are words, in the form that stands before a counter; 한 (one) is an article more often than a number."""


def korean_value(text: str) -> Decimal:
    """The value of a number as written in Korean text: `1억 2천만` is 120000000, `3천6백만` 36000000, `12.5%` 12.5."""
    total = section = Decimal(0)  # a section is what stands before 만, 억 or 조
    for digits, small, large in _KOREAN_TERM.findall(text):
        section += Decimal(digits.replace(",", "")) * _SMALL.get(small, 1)
        if large:
            total, section = total + section * _LARGE[large], Decimal(0)
    return total + section


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


@lru_cache(maxsize=1024)  # a target is looked at when it is mended and when it is checked
def english_values(text: str) -> frozenset[Decimal]:
    """Every value that a number or number word of an English text may stand for, with and without its scale word.

    `a` and the like are 1 before a unit (`a year`, `per second`); 1,7000 is no number of thousands.
    """
    return frozenset(_values(text))


def _values(text: str) -> Iterator[Decimal]:
    for digits, word, letter in _ENGLISH.findall(text):
        plain = Decimal(digits.replace(",", ""))
        yield plain
        if word or letter:
            yield plain * _SCALES[(word or letter).lower()]
    if _ARTICLE.search(text):
        yield Decimal(1)
    for word in re.findall(r"[a-z]+", text.lower()):
        yield from map(Decimal, _WORDS.get(word, ()))
