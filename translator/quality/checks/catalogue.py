"""All checks: what each is called, how grave it is, what it means, and how they are run."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from translator.document.hangul import has_hangul
from translator.document.protection import Span
from translator.quality.checks import completeness, consistency, glosses, names, numbers, outliers, punctuation, repetition
from translator.quality.checks.check import Check, CorpusCheck, Flag, Pair, PairCheck, ScoredUnit, UnitCheck
from translator.quality.checks.lost import lost
from translator.quality.sentence_pairs import sentence_pairs

CATALOGUE: tuple[Check, ...] = (
    PairCheck("empty", "error", "the target is empty", completeness.empty, steers=True),
    UnitCheck("dropped-sentence", "error", "the target has fewer sentences than the source", completeness.dropped_sentence),
    PairCheck("untranslated", "error", "at least half of the Korean words stand in the target as they are", completeness.untranslated),
    PairCheck("hangul", "error", "Korean is left over in the target", completeness.hangul, steers=True),
    PairCheck("garbled", "error", "bytes that are no character", completeness.garbled, steers=True),
    PairCheck("lost-number", "error", "a number of the source has no equal in value (70억 = 7 billion = 7B)", lost, steers=True),
    PairCheck("number-word", "error", "a Korean numeral before a counter (여섯 개) has no equal in value", numbers.number_words),
    PairCheck("invented-number", "error", "a number above twelve or with a decimal point comes from nowhere", numbers.invented_numbers),
    PairCheck("unit", "error", "a number is there and the unit after it (3.5배, 2년, 10초) is not", numbers.units),
    PairCheck("lost-name", "error", "a Latin name of the source is not in the target", lost, steers=True),
    PairCheck("invented-name", "error", "a name in capitals comes from nowhere", names.invented_names),
    PairCheck("lost-url", "error", "a URL is not in the target to the letter", lost, steers=True),
    PairCheck("lost-link", "error", "a link's destination is not in the target to the letter", lost, steers=True),
    PairCheck("lost-image", "error", "an image's address is not in the target to the letter", lost, steers=True),
    PairCheck("lost-code", "error", "code is not in the target to the letter", lost, steers=True),
    PairCheck("lost-math", "error", "a formula is not in the target to the letter", lost, steers=True),
    PairCheck("lost-html", "error", "an HTML tag is not in the target to the letter", lost, steers=True),
    PairCheck("lost-email", "error", "an e-mail address is not in the target to the letter", lost, steers=True),
    PairCheck("glossary", "error", "a term of the glossary is not rendered as the glossary says", glosses.glossary, steers=True),
    PairCheck("gloss-missing", "warning", "the English term that the source has in brackets is missing", glosses.glosses, steers=True),
    PairCheck("gloss-doubled", "note", "a term is followed by itself in brackets", glosses.glosses, steers=True),
    PairCheck("repetition", "error", "a loop: the same words over and over", repetition.repetition, steers=True),
    PairCheck("doubled-word", "warning", "the same words on both sides of and, or, of, in, as, on", repetition.doubled_words),
    PairCheck("said-twice", "warning", "four words come back within a sentence, and the source says nothing twice", repetition.said_twice),
    PairCheck("brackets", "warning", "a bracket or quote has no partner", punctuation.brackets),
    PairCheck("length", "warning", "less than half or nearly twice as long as is to be expected", completeness.length, steers=True),
    CorpusCheck("length-outlier", "warning", "much shorter or longer than other targets of such sources", outliers.length_outliers),
    CorpusCheck("low-score", "warning", "the model is much less sure of it than of other targets", outliers.low_scores),
    CorpusCheck("inconsistent-term", "warning", "a term that nearly all render one way is not rendered so", consistency.inconsistent_terms),
    CorpusCheck("inconsistent-sentence", "note", "the same sentence is translated otherwise elsewhere", consistency.inconsistent_sentences),
    Check("truncated", "error", "the length limit cut the translation off (known to the run alone)"),
    Check("appended", "warning", "a URL or code that the model dropped is appended in brackets (known to the run alone)"),
)  # fmt: skip
BY_ID: Mapping[str, Check] = {check.id: check for check in CATALOGUE}

Finder = Callable[[Pair], Iterable[Flag]]


def _finders(checks: Iterable[Check]) -> dict[Finder, frozenset[str]]:
    """The functions of checks of pairs, each with the ids that it may yield."""
    found: dict[Finder, frozenset[str]] = {}
    for check in checks:
        if isinstance(check, PairCheck):
            found[check.find] = found.get(check.find, frozenset()) | {check.id}
    return found


_STEERING = _finders(check for check in CATALOGUE if isinstance(check, PairCheck) and check.steers)
_OTHERS = _finders(check for check in CATALOGUE if isinstance(check, PairCheck) and not check.steers)
_UNIT_CHECKS = tuple(check for check in CATALOGUE if isinstance(check, UnitCheck))
_CORPUS_CHECKS = tuple(check for check in CATALOGUE if isinstance(check, CorpusCheck))


def unknown_check(ids: Iterable[str]) -> str:
    """A sentence about an id that no check has, with those that there are; empty where all are known."""
    unknown = next((check for check in ids if check not in BY_ID), None)
    return f"no check is named {unknown!r}; there are {', '.join(BY_ID)}" if unknown is not None else ""


def check_translation(
    source: str, spans: Sequence[Span], target: str, *, terms: Mapping[str, str] | None = None, truncated: bool = False
) -> tuple[Flag, ...]:
    """What chooses among a sentence's hypotheses: spans, glosses, glossary terms, loops, left-over Korean, odd length."""
    flags = [*_flags(_STEERING, Pair.of(source, target, spans, terms))]
    return (*flags, Flag("truncated", "the length limit cut the translation off")) if truncated else tuple(flags)


def check_further(source: str, spans: Sequence[Span], target: str, terms: Mapping[str, str] | None = None) -> tuple[Flag, ...]:
    """The checks of a sentence that choose nothing, for the target that was chosen."""
    return tuple(_flags(_OTHERS, Pair.of(source, target, spans, terms)))


def check_unit(source: str, target: str, terms: Mapping[str, str] | None = None) -> tuple[Flag, ...]:
    """The flags of a unit, sentence by sentence where source and target have as many; none for a copy without Korean.

    `terms` are the glossary terms that stand in the source.
    """
    if target == source and not has_hangul(source):
        return ()
    flags, pairs = [], sentence_pairs(source, target)
    for korean, english in pairs:
        there = {term: wanted for term, wanted in (terms or {}).items() if term in korean}
        pair = Pair.of(korean, english, terms=there)
        flags += [*_flags(_STEERING, pair), *_flags(_OTHERS, pair)]
    return tuple(dict.fromkeys([*flags, *(check_whole(source, target) if len(pairs) == 1 else ())]))


def check_whole(source: str, target: str) -> tuple[Flag, ...]:
    """The checks of a unit as a whole."""
    return tuple(flag for check in _UNIT_CHECKS for flag in check.find(source, target)) if target.strip() else ()


def check_corpus(units: Sequence[ScoredUnit], off: Collection[str] = ()) -> Iterator[tuple[int, Flag]]:
    """The flags that units get beside each other, with the index of the unit; a unit may get the same check several times."""
    for check in _CORPUS_CHECKS:
        if check.id not in off:
            yield from check.find(units)


def _flags(finders: Mapping[Finder, frozenset[str]], pair: Pair) -> Iterator[Flag]:
    if not pair.target.strip():
        yield from completeness.empty(pair) if completeness.empty in finders else ()
        return
    for find, ids in finders.items():
        yield from (flag for flag in find(pair) if flag.check in ids)
