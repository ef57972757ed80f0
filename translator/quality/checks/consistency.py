"""What a corpus renders one way here and another way there."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from translator.document.sentences import split_sentences
from translator.quality.checks.check import Flag, ScoredUnit
from translator.quality.checks.glosses import find_glosses, holds_stems, letters
from translator.quality.sentence_pairs import sentence_pairs

_GLOSSED, _AGREED = 3, 0.8  # how often, and how unanimously, a term's glosses must say the same
_WORD_START, _START = re.compile("(?<![가-힣])[가-힣]"), 2  # letters
_SEEN, _SETTLED = 8, 0.9  # how often a term must occur, and how often be rendered that way


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
    starting: dict[str, list[str]] = defaultdict(list)  # an alternation of all terms takes a second for 5,000 units
    for term in sorted(terms, key=len, reverse=True):
        starting[term[:_START]].append(term)
    seen: Counter[str] = Counter()
    missing: dict[str, list[int]] = defaultdict(list)
    for i, unit in enumerate(units):
        solid = letters(unit.target)
        for term in dict.fromkeys(_terms_in(unit.source, starting)):
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


def _terms_in(source: str, starting: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The terms that words of a source begin with, none overlapping; `starting` has them by their first letters, longest first."""
    end = 0
    for word in _WORD_START.finditer(source):
        at = word.start()
        if at >= end and (term := next((t for t in starting.get(source[at : at + _START], ()) if source.startswith(t, at)), "")):
            end = at + len(term)
            yield term


def _singular(term: str) -> str:
    return " ".join(re.sub(r"(?<=[a-z]{3})(?<![su])s$", "", word) for word in re.split(r"[ -]+", term.casefold()))


def _renders(target: str, solid: str, term: str) -> bool:
    acronym = "".join(word[0] for word in term.split())
    return holds_stems(solid, term) or (len(acronym) > 1 and re.search(rf"\b{acronym}s?\b", target, re.I) is not None)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
