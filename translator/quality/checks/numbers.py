"""Numbers that are words, numbers out of nowhere, and the units after numbers."""

import re
from collections.abc import Iterator
from decimal import Decimal

from translator.quality.checks.check import Flag, Pair
from translator.quality.numerals import NATIVE, english_values, korean_value

_COUNTERS = (
    "개(?!체|념|발|선)|곳|과제|달|대|데이터셋|도메인|명|모델|모듈|배|번|번째|범주|벤치마크|방법|방식|부분|분야|시나리오|쌍|언어|영역|요소|유형|작업|"
    "전략|종|종류|차례|축|측면|편|단계"
)
_NUMERAL = re.compile(
    rf"(?<![가-힣])(?:(?P<a>열한|열두|두|세|네|다섯|여섯|일곱|여덟|아홉)(?:\s(?:{_COUNTERS})|\s?(?:가지|번째|배|개의|명의))|"
    r"(?P<b>열)\s?(?:가지|개|명|번째|배)(?![가-힣]{3}))"
)
_OTHER_WORDS = {
    2: re.compile(r"\b(?:another|each|other|between|bi[a-z]+|twin|either|respectively|former|latter|dyadic)\b", re.I),
    3: re.compile(r"\btri[a-z]+", re.I),
    4: re.compile(r"\bquad[a-z]+", re.I),
}
_AT_LEAST, _MANY = re.compile(r"\s?(?:이상|넘)"), re.compile(r"\b(?:multiple|several|many|more than one)\b", re.I)
_NUMBER = re.compile(
    r"(?<![\w.,\u2010-\u2013'\u2019-])(?P<number>(?>\d+(?:[.,]\d+)*))"
    r"(?:[\s-](?P<word>hundred|thousand|million|billion|trillion)\b|(?:[KMBTkx]\b)?(?![\w\u2010-\u2013-]))"
)
_ROUND = {100: "백", 1000: "천", 10_000: "만", 100_000: "십만", 10**6: "백만", 10**8: "억"}
_LARGEST_WORD = 12
_UNITS = (
    (r"배(?![가-힣]{2}|치|열|경|포|럴)", r"times|\dx\b|x\b|\u00d7|fold\b|twice|doubl|tripl|quadrupl|half|halv|factor|multipl|orders? of"),
    (r"년(?!도|생|대)", r"years?|yr|annual|decade|centur"),
    (r"월(?!드|등)", r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b|\d[-/]\d|\d\.\d"),
    (r"개월", r"months?|years?"),
    (r"일(?=간|\s동안|\s만에|\s이내)", r"days?|daily|weeks?"),
    (r"시간", r"hours?|\bhrs?\b|\dh\b"),
    (r"분(?=간|\s?만|\s?이내|\s?미만|\s?이상|짜리|\s길이|\s?동안|마다|\s\d)", r"minutes?|\bmins?\b|hours?"),
    (r"분의\s?(?=[\d일이삼사])", r"\d/\d|third|quarter|half|fourth|fifth|sixth|seventh|eighth|ninth|tenth|%|percent|out of"),
    (r"초(?=간|\s?만|\s?이내|\s?미만|\s?이상|짜리|\s길이|\s?동안|마다|의|에|당)", r"seconds?|\bsecs?\b|\ds\b"),
    (r"(?:%|퍼센트)", r"%|percent|per cent|half|halv|quarter"),
    (r"달러", r"\$|dollars?|USD"),
)
_CALENDAR_YEAR = re.compile(r"1[0-9]\d\d|20\d\d")
_UNIT = re.compile("|".join(rf"(?P<u{i}>{korean})" for i, (korean, _) in enumerate(_UNITS)))
_ENGLISH_UNITS = tuple(re.compile(english, re.I) for _, english in _UNITS)


def number_words(pair: Pair) -> Iterator[Flag]:
    """`number-word` for a Korean numeral before a counter (여섯 개) whose value (6, six, sixth) the target has not."""
    found = list(_NUMERAL.finditer(pair.source))
    if not found:
        return
    values = english_values(pair.target)
    for match in found:
        value = NATIVE[match["a"] or match["b"]]
        if _AT_LEAST.match(pair.source, match.end()) and _MANY.search(pair.target):
            continue
        other = _OTHER_WORDS.get(value)
        if Decimal(value) not in values and not (other and other.search(pair.target)):
            yield Flag("number-word", f"{match[0]} = {value}")


def invented_numbers(pair: Pair) -> Iterator[Flag]:
    """`invented-number` for a number above twelve, or with a decimal point, that nothing in the source stands for."""
    digits = values = None
    for match in _NUMBER.finditer(pair.prose):
        number = match["number"]
        if "," in number and re.search(rf"(?<!\d){re.escape(number)}(?![\d,])", pair.source):
            continue
        plain = number.replace(",", "")
        if plain.isdigit() and len(plain) <= 2 and int(plain) <= _LARGEST_WORD and not match["word"]:
            continue
        if digits is None or values is None:
            digits, values = _digits(pair.source), _source_values(pair)
        if plain in digits and _grouped_well(number):
            continue
        if not (english_values(match[0]) & values) or not _grouped_well(number):
            yield Flag("invented-number", match[0])


def _digits(source: str) -> set[str]:
    """The numbers of a source as they are written, without the commas of thousands."""
    return set(re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d{3})", "", source)))


def _source_values(pair: Pair) -> set[Decimal]:
    values = {korean_value(span.text) for span in pair.spans if span.kind == "number"} | english_values(pair.source)
    return values | {Decimal(value) for value, word in _ROUND.items() if word in pair.source}


def _grouped_well(number: str) -> bool:
    return "," not in number or re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", number) is not None


def units(pair: Pair) -> Iterator[Flag]:
    """`unit` for a number that survives while the unit after it (3.5배, 2년, 10초, 3분의 1) has no counterpart in the target."""
    values: frozenset[Decimal] | None = None
    for span in pair.spans:
        if span.kind != "number":
            continue
        match = _UNIT.match(pair.source, span.end - span.text.endswith("%"))
        if match is None or match.lastgroup is None or (match[0] == "년" and _CALENDAR_YEAR.fullmatch(span.text)):
            continue
        if _ENGLISH_UNITS[int(match.lastgroup[1:])].search(pair.prose):
            continue
        values = english_values(pair.target) if values is None else values
        if korean_value(span.text) in values:
            yield Flag("unit", span.text.rstrip("%") + match[0])
