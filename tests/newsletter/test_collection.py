"""Records, the digests they are of, and the places that these get."""

from collections.abc import Callable
from pathlib import Path

import pytest

from translator import Document
from translator.document import Layout
from translator.errors import UserError
from translator.newsletter.collection import read_digests
from translator.newsletter.digest import Digest, passages
from translator.newsletter.sources import find_records, source_in
from translator.records import read_records

NOTE = "# 메모\n\n글이다.\n"


def test_digests_are_in_order_of_their_days_each_with_a_place(write_digest: Callable[..., Path], tmp_path: Path) -> None:
    for name in ("2026/05/06", "b/2026-05-06", "2026/05/01", "search", "한글 메모", "index"):
        write_digest(name, NOTE)
    found = read_digests([tmp_path / "records"], source_in([tmp_path / "digests"]))
    assert [(digest.name, digest.slug) for digest in found] == [
        ("2026/05/01", "2026/05/01"), ("2026/05/06", "2026/05/06"), ("b/2026-05-06", "2026/05/06-b"), ("index", "digest-index"),
        ("search", "digest-search"), ("한글 메모", "한글-메모"),
    ]  # fmt: skip


def test_a_digest_is_found_by_the_longest_part_of_the_path(write_digest: Callable[..., Path], tmp_path: Path) -> None:
    records = write_digest("2026/05/06", NOTE)
    (tmp_path / "digests/06.md").write_text("# 다른 글\n", encoding="utf-8")
    [digest] = read_digests([records], source_in([tmp_path / "digests"]))
    assert digest.title.korean.text == "메모"


@pytest.mark.parametrize(("layout", "ending"), [("interleaved", ".md"), ("interleaved", ".interleaved.md"), ("table", ".table.md")])
def test_without_folders_it_is_read_out_of_the_bilingual_markdown(
    archive: Path, digests: list[Digest], tmp_path: Path, layout: Layout, ending: str
) -> None:
    records = archive / "2026/05/06.jsonl"
    document = Document.parse((tmp_path / "digests/2026/05/06.md").read_text(encoding="utf-8"))
    targets = {record.id: record.target for record in read_records(records)}
    records.with_suffix(ending).write_text(document.render(targets, layout), encoding="utf-8")
    [found] = read_digests([records], source_in([]))
    wanted = next(digest for digest in digests if digest.slug == "2026/05/06")
    assert [paper.title for paper in found.papers] == [paper.title for paper in wanted.papers]
    facts = [(p.link, p.image, p.video, p.votes, p.authors, p.notes) for p in wanted.papers]
    assert [(p.link, p.image, p.video, p.votes, p.authors, p.notes) for p in found.papers] == facts
    shown = [[(p.korean, p.english, p.label) for p in passages(paper.body)] for paper in wanted.papers]
    assert [[(p.korean, p.english, p.label) for p in passages(paper.body)] for paper in found.papers] == shown


def test_without_folders_and_bilingual_markdown_there_is_no_digest(write_digest: Callable[..., Path], tmp_path: Path) -> None:
    records = write_digest("a", NOTE)
    with pytest.raises(UserError, match=r"a\.jsonl: no bilingual Markdown is beside it; give .* --sources DIR"):
        read_digests([records], source_in([]))
    with pytest.raises(UserError, match="is not in "):
        read_digests([records], source_in([tmp_path / "records"]))


def test_what_holds_no_records_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.md").write_text("글", encoding="utf-8")
    for given, said in (("empty", "no records"), ("a.md", "give the records"), ("gone", "no such file or folder")):
        with pytest.raises(UserError, match=said):
            find_records([tmp_path / given])


def test_records_given_twice_count_once(write_digest: Callable[..., Path], tmp_path: Path) -> None:
    records = write_digest("a", NOTE)
    assert len(find_records([tmp_path / "records", records])) == 1
