"""Which segments go on the page."""

from hypothesis import given
from hypothesis import strategies as st

from translator.quality.checks import Flag
from translator.quality.report.selection import select

SCORES = st.lists(st.integers(0, 10), min_size=1, max_size=30)


def test_each_list_has_its_extremes_first() -> None:
    scores, changes = [50.0, 10.0, 90.0, 30.0, 70.0, 20.0], [0.0, -8.0, 1.0, 5.0, -2.0, 9.0]
    found = select(scores, changes, [()] * 6, 2)
    assert found.lists == {"worst": (1, 5), "best": (2, 4), "gained": (5, 3), "lost": (1, 4)}
    assert found.chosen == [1, 2, 3, 4, 5]


def test_flags_keep_their_worst_segments_and_their_totals() -> None:
    flags = [(Flag("hangul", "가"), Flag("hangul", "나")), (), (Flag("hangul", "다"), Flag("empty", "")), (Flag("hangul", "라"),)]
    found = select([80.0, 1.0, 20.0, 50.0], None, flags, 2)
    assert found.flagged == {"empty": (2,), "hangul": (2, 3)}
    assert found.flag_totals == {"empty": 1, "hangul": 3}
    assert "gained" not in found.lists


@given(SCORES, st.data(), st.integers(1, 40))
def test_no_list_is_longer_than_the_limit_or_holds_what_it_should_not(scores: list[float], data: st.DataObject, limit: int) -> None:
    changes = data.draw(st.lists(st.integers(-3, 3), min_size=len(scores), max_size=len(scores)))
    found = select(scores, changes, [()] * len(scores), limit)
    assert all(len(set(indices)) == len(indices) <= limit for indices in found.lists.values())
    assert not set(found.lists["worst"]) & set(found.lists["best"])
    left_out = set(range(len(scores))) - set(found.lists["worst"])
    assert all(scores[i] >= max(scores[j] for j in found.lists["worst"]) for i in left_out)
    for name, sign in (("gained", 1), ("lost", -1)):
        wanted = sorted((sign * change for change in changes if sign * change > 0), reverse=True)[:limit]
        assert [sign * changes[i] for i in found.lists[name]] == wanted


@given(SCORES)
def test_a_limit_above_the_number_of_segments_shows_all(scores: list[float]) -> None:
    assert select(scores, None, [()] * len(scores), len(scores)).chosen == list(range(len(scores)))
