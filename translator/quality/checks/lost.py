"""What the source protects and the target lacks."""

from collections.abc import Iterator

from translator.quality.checks.check import Flag, Pair
from translator.quality.survival import lost_spans


def lost(pair: Pair) -> Iterator[Flag]:
    """`lost-<kind>` for each protected span that does not survive; see translator/quality/survival.py for what survives."""
    return (Flag(f"lost-{span.kind}", span.text) for span in lost_spans(pair.spans, pair.target))
