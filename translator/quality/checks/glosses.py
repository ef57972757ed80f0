"""Terms that a translation must use: those that the source glosses in brackets, and the glossary's."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from translator.quality.checks.check import Flag, Pair

_ENDING = re.compile(r"(?<=[a-z]{3})(?:ations?|ions?|ings?|ers?|ies|ed|es|al|ive|ly|e|s|y)$")
_GLOSS = re.compile(r"(?<=[가-힣])['\"’”*]{0,3}\s?\((?P<term>[A-Za-z][A-Za-z0-9 '\u2019/+-]*[A-Za-z0-9])(?P<more>[,;:][^()]*)?\)")


@dataclass(frozen=True, slots=True)
class Gloss:
    """An English term that the source gives in brackets after a Korean one; offsets are of the bracketed part."""

    term: str
    start: int
    end: int


def find_glosses(source: str) -> tuple[Gloss, ...]:
    """The inline glosses `한국어(English term)` of a source; acronyms such as (LLM) are names, not glosses."""
    found = []
    for match in _GLOSS.finditer(source):
        words = match["term"].split()
        if len(words) > 1 or (match["term"][1:].islower() and len(match["term"]) > 2):
            found.append(Gloss(match["term"], match.start(), match.end()))
    return tuple(found)


def glosses(pair: Pair) -> Iterator[Flag]:
    """`gloss-missing` where the target has no word of a gloss's stem in one of its places, `gloss-doubled` for `term (term)`."""
    found = find_glosses(pair.source)
    if not found:
        return
    plain, solid = _comparable(pair.target), letters(pair.target)
    for gloss in found:
        term = _comparable(gloss.term)
        if not holds_stems(solid, gloss.term):
            yield Flag("gloss-missing", gloss.term)
        elif plain.count(term) > 1 and re.search(rf"{re.escape(term)}s? \({re.escape(term)}s?\)", plain):
            yield Flag("gloss-doubled", gloss.term)


def glossary(pair: Pair) -> Iterator[Flag]:
    """`glossary` for a glossary term whose target term is not in the target."""
    plain = pair.target.casefold()
    return (Flag("glossary", f"{term} = {wanted}") for term, wanted in pair.terms.items() if wanted.casefold() not in plain)


def letters(text: str) -> str:
    """The letters and digits of a text in lower case: `Pre-training` and `pre training` are both `pretraining`."""
    return re.sub(r"[\W_]+", "", text.casefold())


def holds_stems(solid: str, term: str) -> bool:
    """True where the letters of a text (see letters) hold the stem of each word of a term: fine-tuning is held by `finetuned`."""
    words = [letters(word) for word in re.split(r"[\s/-]+", term)]
    return all(_ENDING.sub("", word) in solid or word[: max(4, len(word) - 3)] in solid for word in words)


def _comparable(text: str) -> str:
    return re.sub(r"[\s\-\u2010-\u2013]+", " ", text.casefold())
