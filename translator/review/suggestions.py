"""What helps to translate a unit: the archive's own terms, the glossary, and what people wrote for sentences like it."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

from translator.glossary import Glossary
from translator.memory.entry import normalised
from translator.memory.store import Memory
from translator.terms import Term, mine_terms

_ALIKE = 60.0  # per cent of the characters, from which on a match is worth reading
_SEEN = 2  # how often a term must be seen to be told


@dataclass(frozen=True, slots=True)
class Match:
    """What a person wrote for the same Korean or one like it; `likeness` is in per cent, 100 for the same."""

    source: str
    target: str
    likeness: int


@dataclass(frozen=True, slots=True)
class TermHit:
    """A term that stands in the Korean, what it is to be in English, and whether the translation says so."""

    source: str
    target: str
    is_met: bool


class Suggestions:
    """Suggestions out of a memory, a glossary, and the Korean of an archive, whose terms are mined when they are first wanted."""

    def __init__(self, memory: Memory, glossary: Glossary, sources: Callable[[], Iterable[str]]) -> None:
        self._memory, self._glossary, self._sources = memory, glossary, sources
        self._mining = threading.Lock()

    def matches(self, source: str, most: int = 5) -> list[Match]:
        """What people wrote for this Korean and the Korean most like it, the most alike first."""
        written = {normalised(stored.entry.source): stored.entry for stored in self._memory.entries("human")}
        found = process.extract(normalised(source), list(written), scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=most)
        return [Match(written[key].source, written[key].target, int(score)) for key, score, _ in found]

    def glossary(self, source: str, target: str) -> list[TermHit]:
        """The glossary's terms in the Korean."""
        said = target.casefold()
        return [TermHit(korean, english, english.casefold() in said) for korean, english in self._glossary.terms_in(source).items()]

    def terms(self, source: str) -> list[Term]:
        """The archive's own terms in the Korean, those seen most first."""
        return [term for term in self._mined if term.source in source]

    def find_terms(self, words: str, most: int = 50) -> list[Term]:
        """The archive's own terms whose Korean or English holds these words, those seen most first."""
        wanted = words.casefold()
        return [term for term in self._mined if wanted in term.source.casefold() or wanted in term.target.casefold()][:most]

    @property
    def _mined(self) -> list[Term]:
        with self._mining:
            return self._of_archive

    @cached_property
    def _of_archive(self) -> list[Term]:
        return mine_terms(self._sources(), _SEEN)
