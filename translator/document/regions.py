"""Stretches of a text to look offsets up in."""

from bisect import bisect_right
from collections.abc import Iterable


class Regions:
    """Stretches of a text, those that overlap merged."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []
        for start, end in sorted(spans):
            if self.ends and start < self.ends[-1]:
                self.ends[-1] = max(self.ends[-1], end)
            else:
                self.starts.append(start)
                self.ends.append(end)

    def holds(self, offset: int) -> bool:
        """True where offset lies strictly inside a stretch."""
        at = bisect_right(self.starts, offset - 1) - 1
        return at >= 0 and offset < self.ends[at]
