"""Which units of a review are shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from translator.review.folder import ReviewUnit


@dataclass(frozen=True, slots=True)
class Filter:
    """Which units to show: `show` is `all`, `open` (to look at) or `reviewed`; `check` an id; `words` stand in source or target."""

    words: str = ""
    show: str = "all"
    check: str = ""

    def fits(self, unit: ReviewUnit) -> bool:
        """True where a unit is to be shown."""
        if (self.show == "open" and not unit.is_open) or (self.show == "reviewed" and unit.origin != "human"):
            return False
        if self.check and self.check not in {flag.check for flag in unit.flags}:
            return False
        words = self.words.casefold().split()
        text = f"{unit.title}\n{unit.source}\n{unit.target}".casefold() if words else ""
        return all(word in text for word in words)


def next_open(units: Sequence[ReviewUnit], file: str, unit_id: str, check: str = "") -> ReviewUnit | None:
    """The next unit to look at after this one, from the start again after the last; None where there is no other."""
    wanted = Filter(show="open", check=check)
    here = next((n for n, unit in enumerate(units) if (unit.file, unit.id) == (file, unit_id)), -1)
    later = [*units[here + 1 :], *units[: max(here, 0)]]
    return next((unit for unit in later if wanted.fits(unit)), None)
