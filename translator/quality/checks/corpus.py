"""Units that stand out among the others of a corpus: by length, by score, by how they render what recurs."""

import math
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from translator.document.protection import protected_spans
from translator.document.sentences import split_sentences
from translator.quality.checks.check import Flag, ScoredUnit
from translator.quality.checks.completeness import expected_length
from translator.quality.checks.glosses import find_glosses, holds_stems, letters
from translator.quality.sentence_pairs import sentence_pairs

_FEWEST = 100  # units, before their median says anything
_BIN = 500  # units of about the same length that are compared with each other
_LENGTH_DEVIATIONS = 4.0  # robust standard deviations
_SCORE_DEVIATIONS = 2.5
_SHORTEST = 40  # expected characters
_EXACT = re.compile(r"`|\]\(|://|www\.")  # without these there is no URL, link, image or code
_TO_SIGMA = 1.4826  # the median absolute deviation of a normal distribution to its standard deviation
_GLOSSED, _AGREED = 3, 0.8  # how often, and how unanimously, a term's glosses must say the same
_SEEN, _SETTLED = 8, 0.9  # how often a term must occur, and how often be rendered that way


def length_outliers(units: Sequence[ScoredUnit]) -> Iterator[tuple[int, Flag]]:
    """`length-outlier`: the ratio of lengths is far from the median of the units of about the same length (median and MAD of its log)."""
    measured = sorted((expected, i, ratio) for i, unit in enumerate(units) if (found := _ratio(unit)) for expected, ratio in [found])
    if len(measured) < _FEWEST:
        return
    count = max(1, round(len(measured) / _BIN))
    edges = [len(measured) * k // count for k in range(count + 1)]
    for start, end in pairwise(edges):
        middle, sigma = _median_and_sigma([ratio for *_, ratio in measured[start:end]])
        for _, i, ratio in measured[start:end]:
            if abs(ratio - middle) > _LENGTH_DEVIATIONS * sigma:
                yield i, Flag("length-outlier", f"{math.exp(ratio - middle):.2f} times the length to be expected")


def low_scores(units: Sequence[ScoredUnit]) -> Iterator[tuple[int, Flag]]:
    """`low-score`: the model's mean log-probability is far below the corpus's median (median and MAD)."""
    scored = [(i, unit.score) for i, unit in enumerate(units) if unit.score]  # 0: nothing was decoded
    if len(scored) < _FEWEST:
        return
    middle, sigma = _median_and_sigma([score for _, score in scored])
    for i, score in scored:
        if score < middle - _SCORE_DEVIATIONS * sigma:
            yield i, Flag("low-score", f"{score:.2f}, the median is {middle:.2f}")


def inconsistent_sentences(units: Sequence[ScoredUnit]) -> Iterator[tuple[int, Flag]]:
    """`inconsistent-sentence`: a sentence that the corpus translates otherwise more often (or, of as many, did so first)."""
    split = [[unit.source[s.start : s.end] for s in split_sentences(unit.source)] for unit in units]
    counts = Counter(sentence for sentences in split for sentence in sentences)
    places = [
        (i, source, target)
        for i, (unit, sentences) in enumerate(zip(units, split, strict=True))
        if any(counts[sentence] > 1 for sentence in sentences)
        for source, target in sentence_pairs(unit.source, unit.target)
    ]
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for _, source, target in places:
        seen[source][letters(target)] += 1
    usual = {source: max(found, key=found.__getitem__) for source, found in seen.items() if len(found) > 1}
    wording = {source: target for _, source, target in reversed(places) if letters(target) == usual.get(source)}
    for i, source, target in places:
        if source in usual and letters(target) != usual[source]:
            yield i, Flag("inconsistent-sentence", f"{_short(target)}; elsewhere: {_short(wording[source])}")


def inconsistent_terms(units: Sequence[ScoredUnit]) -> Iterator[tuple[int, Flag]]:
    """`inconsistent-term`: a term that the corpus glosses and nearly always renders one way, and this unit does not."""
    terms = _glossed_terms(units)
    if not terms:
        return
    pattern = re.compile("|".join(f"(?<![가-힣]){re.escape(term)}" for term in sorted(terms, key=len, reverse=True)))
    seen: Counter[str] = Counter()
    missing: dict[str, list[int]] = defaultdict(list)
    for i, unit in enumerate(units):
        solid = letters(unit.target)
        for term in dict.fromkeys(pattern.findall(unit.source)):
            seen[term] += 1
            if not _renders(unit.target, solid, terms[term]):
                missing[term].append(i)
    for term, places in missing.items():
        kept = seen[term] - len(places)
        if seen[term] >= _SEEN and kept >= _SETTLED * seen[term]:
            for i in places:
                yield i, Flag("inconsistent-term", f"{term} = {terms[term]} in {kept} of {seen[term]} units")


def _glossed_terms(units: Sequence[ScoredUnit]) -> dict[str, str]:
    """Korean terms that the sources gloss with one and the same English term, in lower case and the singular."""
    glossed: dict[str, Counter[str]] = defaultdict(Counter)
    for unit in units:
        for gloss in find_glosses(unit.source):
            words = len(gloss.term.split())
            before = re.search(rf"(?<![가-힣])((?:[가-힣]+ ){{{words - 1}}}[가-힣]+)['\"’”* ]*$", unit.source[: gloss.start][-60:])
            if before and len(before[1]) > 2:
                glossed[before[1]][_singular(gloss.term)] += 1
    agreed = {term: found.most_common(1)[0] for term, found in glossed.items()}
    return {term: name for term, (name, n) in agreed.items() if n >= _GLOSSED and n >= _AGREED * glossed[term].total()}


def _singular(term: str) -> str:
    return " ".join(re.sub(r"(?<=[a-z]{3})(?<![su])s$", "", word) for word in re.split(r"[ -]+", term.casefold()))


def _renders(target: str, solid: str, term: str) -> bool:
    acronym = "".join(word[0] for word in term.split())
    return holds_stems(solid, term) or (len(acronym) > 1 and re.search(rf"\b{acronym}s?\b", target, re.I) is not None)


def _ratio(unit: ScoredUnit) -> tuple[float, float] | None:
    """The length that a target should have, without what source and target say in Latin anyway, and the log of what it has to it."""
    spans = protected_spans(unit.source) if _EXACT.search(unit.source) else ()
    expected, exact = expected_length(unit.source, spans)
    for gloss in find_glosses(unit.source):
        expected -= len(gloss.term)  # said twice in the source, once in the target
    length = len(unit.target) - exact
    has_url = any(span.kind in ("url", "link") for span in spans)
    return (expected, math.log(length / expected)) if expected >= _SHORTEST * (1 + has_url) and length > 0 else None


def _median_and_sigma(values: Sequence[float]) -> tuple[float, float]:
    middle = statistics.median(values)
    return middle, _TO_SIGMA * statistics.median(abs(value - middle) for value in values)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
