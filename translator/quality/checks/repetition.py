"""What a target says over and over."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from translator.quality.checks.check import Flag, Pair

_CIRCLE = re.compile(
    r"(?<![\w'\u2019-])(?P<phrase>[A-Za-z][\w'\u2019-]+(?: [\w'\u2019-]+){0,3}?)"
    r" (?:(?:of|in|as|on|of the) (?P=phrase)s?(?![\w+*'\u2019@/-])|"
    r"(?:and|or) (?P=phrase)(?![\w+*'\u2019@/-]| (?:with|that|which|for|from|of|in|to|whose|where|\w+ing)\b))",  # tasks and tasks that
    re.I,
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_WORD = re.compile(r"[\w'\u2019-]+")
_PHRASE = 4  # words
_PARTICLE = re.compile(r"(?<=[가-힣])[이가은는을를의에도로와과만]$")
_STEM, _NEAR = 2, 6  # letters of a word that particles leave alone; words
_FUNCTION_WORD = re.compile(
    r"an?|and|are|as|at|be|by|can|for|from|has|have|in|into|is|its?|not|of|on|or|such|than|that|the|their|these|they|this|those|to|"
    r"was|were|which|while|with"
)


def repetition(pair: Pair) -> Iterator[Flag]:
    """`repetition` for a loop within a sentence (see repeated_phrase), or of sentences."""
    sentences = _SENTENCE_END.split(pair.target)
    again = (one for one, other in pairwise(sentences) if one == other)
    if loop := next(again, "") or next(filter(None, map(repeated_phrase, sentences)), ""):
        yield Flag("repetition", loop)


def repeated_phrase(text: str) -> str:
    """A phrase that a text says over and over, or an empty string.

    That is: a word three times running, a phrase of two to six words twice running, or one of four words three times anywhere.
    """
    words = re.findall(r"[()\[\]]|[^\s,.;:!?()\[\]]+", text)  # a bracket keeps a term and its repetition in brackets apart
    lowered = [word.lower() for word in words]
    for size in range(1, 7):
        wanted, equal = max(size, 2), 0  # words running that are the same `size` words further on
        for at, (word, later) in enumerate(zip(lowered, lowered[size:], strict=False)):
            equal = equal + 1 if word == later else 0
            if equal == wanted:
                return " ".join(words[at + 1 - equal : at + 1 - equal + size])
    often = {word for word, count in Counter(lowered).items() if count >= 3}
    grams = Counter(tuple(lowered[i : i + 4]) for i in range(len(lowered) - 3) if lowered[i] in often)
    most, count = max(grams.items(), key=lambda item: item[1], default=((), 0))
    return " ".join(most) if count >= 3 else ""


def doubled_words(pair: Pair) -> Iterator[Flag]:
    """`doubled-word` for the same words on both sides of and, or, of, in, as or on (`efficiently and efficiently`)."""
    found = [m for m in _CIRCLE.finditer(pair.prose) if not all(map(_FUNCTION_WORD.fullmatch, m["phrase"].lower().split()))]
    if found and not _comes_back(pair.source):
        yield from (Flag("doubled-word", match[0]) for match in found)


def said_twice(pair: Pair) -> Iterator[Flag]:
    """`said-twice` for a phrase of four words that comes back in a target whose source says no two words twice."""
    words = _WORD.findall(pair.prose)
    phrase = _first_said_twice([word.lower() for word in words], _PHRASE)
    if phrase and sum(len(word) > 3 and not _FUNCTION_WORD.fullmatch(word) for word in phrase) >= 2 and not _repeats(pair.source):
        yield Flag("said-twice", " ".join(phrase))


def _first_said_twice(words: Sequence[str], size: int) -> tuple[str, ...]:
    seen: dict[tuple[str, ...], int] = {}
    for at in range(len(words) - size + 1):
        gram = tuple(words[at : at + size])
        if at - seen.setdefault(gram, at) >= size:
            return gram
    return ()


def _comes_back(source: str) -> bool:
    """True where a source says a word again within a few words: A와 새로운 A."""
    words = _stems(source)
    return any(len(word) > 1 and word in words[at + 1 : at + 1 + _NEAR] for at, word in enumerate(words))


def _repeats(source: str) -> bool:
    """True where a source says two words twice."""
    return bool(_first_said_twice(_stems(source), 2))


def _stems(source: str) -> list[str]:
    """The words of a source without their particles, roughly: their first two letters, or one where the second is a particle."""
    return [_PARTICLE.sub("", word.lower()[:_STEM]) if len(word) <= _STEM else word[:_STEM].lower() for word in _WORD.findall(source)]
