"""What the source protects and the target lacks."""

from collections.abc import Iterator

from translator.document.protection import protected_spans
from translator.quality.checks.check import Flag, Pair
from translator.quality.survival import lost_spans


def lost(pair: Pair) -> Iterator[Flag]:
    """`lost-<kind>` for each protected span that does not survive; see translator/quality/survival.py for what survives."""
    return (Flag(f"lost-{span.kind}", span.text) for span in lost_spans(pair.spans, pair.target))


def check_facts(source: str, target: str) -> tuple[Flag, ...]:
    """What is asked of a person's translation: that names, numbers, links and the like are still there. Its words are theirs."""
    return tuple(lost(Pair(source, target, tuple(protected_spans(source)), target)))
