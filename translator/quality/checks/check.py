"""What a check is, what it looks at, and what it says."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from translator.document.inline import prose_only
from translator.document.protection import Span, protected_spans

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""From the gravest down: the reader is misled or something is missing; something is probably wrong; a matter of style."""


@dataclass(frozen=True, slots=True)
class Flag:
    """Something a reader should look at: which check, and what it saw."""

    check: str
    detail: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence (or a unit that cannot be told apart into sentences) and its target.

    `spans` are the source's protected spans, `terms` the glossary terms that stand in it, `prose` the target without code,
    maths, tags, URLs and link destinations.
    """

    source: str
    target: str
    spans: tuple[Span, ...]
    prose: str
    terms: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, source: str, target: str, spans: Sequence[Span] | None = None, terms: Mapping[str, str] | None = None) -> "Pair":
        """A pair with what follows from its two texts."""
        return cls(source, target, tuple(protected_spans(source) if spans is None else spans), prose_only(target), terms or {})


@dataclass(frozen=True, slots=True)
class ScoredUnit:
    """A unit of a corpus: its texts and the model's mean token log-probability, None where no model is known to have made it."""

    source: str
    target: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A check by its id. This class alone stands for those that only a translation run can make (see translator/repair.py)."""

    id: str
    severity: Severity
    explanation: str


@dataclass(frozen=True, slots=True)
class PairCheck(Check):
    """Looks at one pair; `find` may serve several checks and yields the flags of them all.

    `steers`: its flags choose among hypotheses and lead to second rounds of decoding.
    """

    find: Callable[[Pair], Iterable[Flag]]
    steers: bool = False


@dataclass(frozen=True, slots=True)
class UnitCheck(Check):
    """Looks at a unit as a whole: source and target."""

    find: Callable[[str, str], Iterable[Flag]]


@dataclass(frozen=True, slots=True)
class CorpusCheck(Check):
    """Looks at all units beside each other, and yields the flags with the index of their unit."""

    find: Callable[[Sequence[ScoredUnit]], Iterable[tuple[int, Flag]]]
