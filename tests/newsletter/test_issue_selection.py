"""What --select takes, and which papers an issue has."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.errors import UserError
from translator.newsletter.digest import Digest, Paper, Passage
from translator.newsletter.issues import make_issues, top_of_each
from translator.newsletter.rendering import text_fragment
from translator.newsletter.selection import Selection, parse_selection, select_papers, top_papers


def paper(name: str, votes: int | None) -> Paper:
    title = Passage(text_fragment(name), text_fragment(name))
    return Paper(name, title, f"https://example.org/{name}", "", "", votes, (), ())


def digest(day: str, *votes: int | None) -> Digest:
    when = date.fromisoformat(day) if day else None
    title = Passage(text_fragment(day or "memo"), text_fragment(day or "memo"))
    return Digest(day, when, title, (), tuple(paper(f"{day}-{i}", v) for i, v in enumerate(votes)), None, day.replace("-", "/") or "memo")


ARCHIVE = [digest("2026-05-01", 5, None), digest("2026-05-04", 30, 2, 7), digest("2026-05-10", 9), digest("2026-06-01", 50), digest("", 4)]


def test_a_selection_is_read() -> None:
    found = parse_selection(["top=10, votes>=20", "since=2026-05-01,until=2026-05-31"])
    assert found == Selection(date(2026, 5, 1), date(2026, 5, 31), 20, 10)
    assert parse_selection(["votes=3"]).votes == 3
    assert parse_selection([]) == Selection()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("best=3", "expected one of top=10"),
        ("top=0", "would leave nothing"),
        ("top>=3", "expected one of"),
        ("since=2026-02-30", "there is no such day"),
        ("top=1,top=2", "top is given twice"),
        ("", "expected one of"),
        ("votes=-1", "expected one of"),
    ],
)
def test_what_is_no_selection_is_refused(text: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        parse_selection([text])


def test_digests_by_day_and_papers_by_votes() -> None:
    assert [d.name for d in select_papers(ARCHIVE, Selection())] == ["2026-05-01", "2026-05-04", "2026-05-10", "2026-06-01", ""]
    may = select_papers(ARCHIVE, Selection(since=date(2026, 5, 4), until=date(2026, 5, 10)))
    assert [d.name for d in may] == ["2026-05-04", "2026-05-10"]
    liked = select_papers(ARCHIVE, Selection(votes=7))
    assert [[p.votes for p in d.papers] for d in liked] == [[30, 7], [9], [50]]
    with pytest.raises(UserError, match="leaves no digest"):
        select_papers(ARCHIVE, Selection(votes=51))


@given(st.lists(st.none() | st.integers(0, 9), max_size=12), st.integers(1, 14))
def test_the_top_papers_keep_their_order_and_none_left_out_has_more_votes(votes: list[int | None], top: int) -> None:
    papers = [paper(str(i), v) for i, v in enumerate(votes)]
    kept = top_papers(papers, top)
    assert len(kept) == min(top, len(papers))
    assert [p for p in papers if p in kept] == list(kept)
    if kept:
        assert max((p.votes or 0 for p in papers if p not in kept), default=0) <= min(p.votes or 0 for p in kept)


def test_an_issue_of_a_day_keeps_the_order_of_its_digest() -> None:
    issue = make_issues(ARCHIVE, "digest", 2)[1]
    assert (issue.id, issue.period) == ("2026-05-04", "Monday, 4 May 2026")
    assert [entry.paper.votes for entry in issue.entries] == [30, 7]


def test_round_ups_of_weeks_and_months_stand_by_votes() -> None:
    weeks = make_issues(ARCHIVE, "week", None)
    assert [(issue.id, len(issue.digests)) for issue in weeks] == [("2026-W18", 1), ("2026-W19", 2), ("2026-W23", 1), ("memo", 1)]
    assert weeks[1].period == "Week 19, 2026"
    assert [entry.paper.votes for entry in weeks[1].entries] == [30, 9, 7, 2]
    months = make_issues(ARCHIVE, "month", 2)
    assert [(issue.id, issue.period) for issue in months] == [("2026-05", "May 2026"), ("2026-06", "June 2026"), ("memo", "memo")]
    assert [(entry.paper.votes, entry.digest.name) for entry in months[0].entries] == [(30, "2026-05-04"), (9, "2026-05-10")]


def test_a_round_up_of_a_whole_selection() -> None:
    [issue] = make_issues(ARCHIVE[:3], "selection", None)
    assert (issue.id, issue.period) == ("2026-05-01_2026-05-10", "1 May 2026 – 10 May 2026")
    [single] = make_issues(ARCHIVE[1:2], "selection", None)
    assert (single.id, single.period, single.round_up) == ("2026-05-04", "4 May 2026", False)


def test_the_top_of_each_digest() -> None:
    assert [len(d.papers) for d in top_of_each(ARCHIVE, 1)] == [1, 1, 1, 1, 1]
    assert top_of_each([replace(ARCHIVE[0], papers=())], 3)[0].papers == ()
