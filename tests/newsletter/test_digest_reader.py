"""What a newsletter finds in a digest."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator import Document
from translator.errors import UserError
from translator.newsletter.collection import read_digests
from translator.newsletter.digest import Digest, Passage, Tag, passages
from translator.newsletter.digest_reader import make_digest
from translator.newsletter.sources import DigestSource, RecordsFile, source_in
from translator.records import Record, read_records, to_jsonl


def only(digests: list[Digest], slug: str) -> Digest:
    return next(digest for digest in digests if digest.slug == slug)


def made(text: str, targets: dict[int, str] | None = None, path: Path = Path("x.jsonl")) -> Digest:
    """A digest of a text, its units translated by `targets` or by what stands for a translation."""
    units = Document.parse(text).units
    rows = [
        Record(u.id, u.line, u.kind, u.title, u.text, (targets or {}).get(i, f"English {i}."), "m", "e", 0.0, ())
        for i, u in enumerate(units)
    ]
    return make_digest(RecordsFile(path, path), rows, DigestSource(text, None))


def test_a_paper_has_its_title_link_picture_votes_authors_and_text(digests: list[Digest]) -> None:
    digest = only(digests, "2026/05/06")
    assert str(digest.date) == "2026-05-06"
    assert digest.title.korean.text == "오늘의 논문 (2026-05-06)"
    assert [paper.title.english.text for paper in digest.papers] == ["WaveNote: Summaries of Speech", "TideMap: Charts of the Sea", "Notes"]
    wave, tide, notes = digest.papers
    assert (wave.link, wave.arxiv, wave.anchor) == ("https://arxiv.org/abs/2605.01234", "2605.01234", "2605.01234")
    assert (wave.image, wave.votes) == ("https://pictures.example.org/wavenote.png", 12)
    assert wave.authors == ("Ha-neul Kim", "Ada Stone", "Lin Wu", "B. Four", "C. Five", "D. Six", "E. Seven", "F. Eight")
    assert (tide.video, tide.votes, tide.authors) == ("https://films.example.org/tidemap.mp4", None, ("Mi-na Park", "Jo Roe"))
    assert (notes.link, notes.votes, notes.authors) == ("", None, ())
    assert (digest.count, digest.votes) == (2, 12)


def test_the_text_is_in_both_languages_passage_by_passage(digests: list[Digest]) -> None:
    wave, tide, _ = only(digests, "2026/05/06").papers
    first, second, third = passages(wave.body)
    assert first.label is not None
    assert first.label.text == "What's New"
    assert first.korean.text == "본 논문에서는 긴 회의를 요약하는 새로운 음성 언어 모델(speech language model)인 WaveNote를 제안합니다."
    assert first.english.text.startswith("This says in English:")
    assert "L_1 + x²" in second.korean.text
    assert second.korean.html.count("<a ") == 1
    assert third.korean.text == "– MeetBench에서 7.4% 높은 정확도를 보였습니다. – 메모리는 절반으로 줄었습니다."
    assert third.english.html.startswith("– This says in English: 7.4%<br>– This says in English")
    assert [passage.marker for passage in passages(tide.body)][:2] == ["1.", "2."]
    assert Tag("<table>") in tide.body


def test_a_flag_is_a_note_on_its_passage_alone(digests: list[Digest]) -> None:
    wave = only(digests, "2026/05/06").papers[0]
    assert [bool(passage.notes) for passage in passages(wave.body)] == [True, False, False]
    assert wave.notes[0].reason == "the Korean gives the term “speech language model”, which is missing here"


def test_a_digest_without_papers_has_sections(digests: list[Digest]) -> None:
    memo = only(digests, "memo")
    assert memo.date is None
    assert memo.title.korean.text == "메모"
    assert [passage.korean.text for passage in passages(memo.intro)] == ["작은 모델도 쓸모 있는 답을 냅니다."]
    assert [paper.title.korean.text for paper in memo.papers] == ["첫째 절", "둘째 절"]
    assert memo.count == 0


@pytest.mark.parametrize(
    "head",
    [
        "![](https://example.org/a.png)\nVote: 3\nAuthors: A B, C D",
        "- Votes: 3\n- Authors: A B, C D\n- ![](https://example.org/a.png)",
        "Upvotes: 3\n\n**Authors**: ['A B', 'C D']\n\n<img src='https://example.org/a.png'>",
        "[Watch Video](https://example.org/v.mp4)\n\n![](https://example.org/a.png)\n\nVote: 3\n\nAuthors: A B, +, C D",
    ],
)
def test_the_facts_of_a_paper_in_the_forms_that_digests_have(head: str) -> None:
    digest = made(f"## Daily (2026-05-06)\n\n### [Title](https://example.org/p)\n\n{head}\n\n- 본문이다.\n")
    [paper] = digest.papers
    assert (paper.image, paper.votes, paper.authors) == ("https://example.org/a.png", 3, ("A B", "C D"))
    assert [passage.korean.text for passage in passages(paper.body)] == ["본문이다."]
    tags = [piece.html for piece in paper.body if isinstance(piece, Tag)]
    assert [tag for tag in tags if "p>" not in tag] == ["<ul>", "<li>", "</li>", "</ul>"]


def test_a_line_among_the_text_that_looks_like_a_fact_stays() -> None:
    [paper] = made("### [Title](https://example.org/p)\n\n- 본문이다.\n- Vote: 9\n").papers
    assert paper.votes is None
    assert [passage.korean.text for passage in passages(paper.body)] == ["본문이다.", "Vote: 9"]


def test_a_heading_given_twice_is_given_once() -> None:
    digest = made("## Daily (2026-05-06)\n\n## Daily (2026-05-06)\n\n### [A](https://example.org/a)\n\n- 글이다.\n")
    assert [paper.title.korean.text for paper in digest.papers] == ["A"]


def test_papers_of_one_name_have_different_anchors() -> None:
    digest = made("### [Same](https://example.org/a)\n\n- 하나이다.\n\n### [Same](https://example.org/b)\n\n- 둘이다.\n")
    assert [paper.anchor for paper in digest.papers] == ["paper-same", "paper-same-2"]


def test_an_unsafe_link_is_none_and_the_paper_stays(digests: list[Digest]) -> None:
    [paper] = only(digests, "2026/05/08").papers
    assert (paper.link, paper.votes) == ("", 7)
    assert "alert(4)" not in paper.title.english.html


def test_labels_that_differ_stay_in_the_text() -> None:
    [paper] = made("### [T](https://example.org/t)\n\n- **결과**: 좋아졌다.\n", {0: "Result", 1: "It got better."}).papers
    [passage] = passages(paper.body)
    assert passage.label is None
    assert passage.korean.html == "<strong>결과</strong>: 좋아졌다."
    assert passage.english.html == "<strong>Result</strong>: It got better."


def test_records_of_another_digest_are_refused(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "digests/2026/05/06.md").write_text("# 다른 글\n\n전혀 다른 내용이다.\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"06\.jsonl: its record \w+ \(line \d+\) is of no text in the digest"):
        read_digests([archive], source_in([tmp_path / "digests"]))


def test_a_passage_without_a_record_is_refused(archive: Path, tmp_path: Path) -> None:
    """Its Korean would stand among the English."""
    path = tmp_path / "digests/2026/05/06.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\n- 나중에 더한 글이다.\n", encoding="utf-8")
    told = rf"06\.jsonl: no record is of line {text.count(chr(10)) + 2} of the digest, '나중에 더한 글이다\.'.*translate it again"
    with pytest.raises(UserError, match=told):
        read_digests([archive], source_in([tmp_path / "digests"]))


BLOCKS = st.sampled_from(
    [
        "## 제목 하나",
        "### [논문](https://example.org/p)",
        "- 글머리 **강조** 글이다.",
        "1. 첫째이다.",
        "> 인용이다.",
        "| 표 | 칸 |\n| --- | --- |\n| 값이다 | 둘 |",
        "본문 문장이다.",
        "<div>블록 글이다.</div>",
        "```\n코드\n```",
        "Vote: 3",
        "Authors: 김, Lee",
        "***Label***: 글이다.",
        "---",
        "- ['하나이다.', '둘이다.']",
        "    들여쓴 코드",
        "- 바깥\n  - 안쪽 글이다.",
        "Setext\n======",
    ]
)
TARGETS = st.sampled_from(
    [
        "A sentence.",
        "Two **strong** words.",
        "확산 모델이다.",
        "# heading",
        "- item",
        "| a | b |",
        "```",
        "> quote",
        "---",
        "<div>",
        "1. one",
        "a\n\nb",
        "*",
        "",
        "[x]: y",
    ]
)


@given(st.lists(BLOCKS, max_size=8), st.lists(TARGETS, min_size=1, max_size=6))
def test_whatever_a_translation_holds_the_languages_stay_side_by_side(blocks: list[str], targets: list[str]) -> None:
    text = "\n\n".join(blocks)
    units = Document.parse(text).units
    digest = made(text, {i: targets[i % len(targets)] for i in range(len(units))})
    shown = [digest.title, *passages(digest.intro)]
    for paper in digest.papers:
        shown += [paper.title, *passages(paper.body)]
    assert all(isinstance(passage, Passage) for passage in shown)
    tags = [piece.html for body in (digest.intro, *(p.body for p in digest.papers)) for piece in body if isinstance(piece, Tag)]
    opened = [tag for tag in tags if not tag.startswith("</") and tag != "<hr>"]
    assert len(opened) == len(tags) - len(opened) - tags.count("<hr>")


REAL = Path(__file__).parents[2].parent / "shared" / "digests"


@pytest.mark.skipif(not REAL.is_dir(), reason="the real archive is not beside the repository")
def test_every_paper_of_a_real_archive_is_found() -> None:
    for path in sorted(REAL.rglob("*.md"))[::7]:
        text = path.read_text(encoding="utf-8")
        digest = made(text, path=path.relative_to(REAL))
        assert digest.date is not None
        assert sum(paper.arxiv != "" for paper in digest.papers) == text.count("\n### [")
        assert sum(paper.votes is not None for paper in digest.papers) == len(re.findall(r"^Vote: \d", text, re.M))
        assert not [p for p in digest.papers if "Authors:" in " ".join(passage.korean.text for passage in passages(p.body))]


def test_records_are_read_back_as_they_were_written(archive: Path) -> None:
    records = read_records(archive / "2026/05/06.jsonl")
    assert records[1].checks[0].check == "gloss-missing"
    assert records[1].origin == "machine"
    again = archive / "again.jsonl"
    again.write_text(to_jsonl([replace(records[0], origin="human"), *records[1:]]), encoding="utf-8")
    assert read_records(again) == [replace(records[0], origin="human"), *records[1:]]
    (archive / "bad.jsonl").write_text('{"id": "a", "line": 1}\n', encoding="utf-8")
    with pytest.raises(UserError, match=r"bad\.jsonl, line 1: no record of `translator translate`: 'kind' is missing"):
        read_records(archive / "bad.jsonl")
