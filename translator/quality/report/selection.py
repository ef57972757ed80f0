"""Which segments of a system are worth a look: a page cannot hold them all."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from translator.quality.checks import Flag


@dataclass(frozen=True, slots=True)
class Selection:
    """Indices of segments. `lists`: worst, best and, with a baseline, gained and lost, each with its extreme first; `flagged`: by kind
    of flag, in the order of the kinds' names, lowest score first; `flag_totals`: how many segments have such a flag at all.
    """

    lists: Mapping[str, tuple[int, ...]]
    flagged: Mapping[str, tuple[int, ...]]
    flag_totals: Mapping[str, int]

    @property
    def chosen(self) -> list[int]:
        """Every index that is in a list, once, ascending."""
        return sorted({i for group in (*self.lists.values(), *self.flagged.values()) for i in group})


def select(scores: Sequence[float], changes: Sequence[float] | None, flags: Sequence[Sequence[Flag]], limit: int) -> Selection:
    """At most `limit` segments a list and a kind of flag; of equal scores, the earlier segment comes first.

    No segment is both among the worst and the best, or counts as changed where its score is the baseline's.
    """
    rising = sorted(range(len(scores)), key=lambda i: scores[i])
    falling = sorted(range(len(scores)), key=lambda i: -scores[i])
    worst = rising[: min(limit, (len(scores) + 1) // 2)]
    taken = set(worst)
    lists = {"worst": tuple(worst), "best": tuple([i for i in falling if i not in taken][: min(limit, len(scores) // 2)])}
    if changes is not None:
        for name, sign in (("gained", 1), ("lost", -1)):
            changed = sorted((i for i, change in enumerate(changes) if sign * change > 0), key=lambda i: -sign * changes[i])
            lists[name] = tuple(changed[:limit])
    by_kind: dict[str, list[int]] = defaultdict(list)
    for i in rising:
        for kind in {flag.check for flag in flags[i]}:
            by_kind[kind].append(i)
    kinds = sorted(by_kind)
    return Selection(lists, {kind: tuple(by_kind[kind][:limit]) for kind in kinds}, {kind: len(by_kind[kind]) for kind in kinds})
