"""Records, the digests they are of, and the places that these get."""

from collections.abc import Callable
from pathlib import Path

import pytest

from translator.errors import UserError
from translator.newsletter.collection import read_digests
from translator.newsletter.sources import find_records, source_in

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


def test_without_folders_it_is_looked_for_beside_the_records(write_digest: Callable[..., Path], tmp_path: Path) -> None:
    records = write_digest("a", NOTE)
    with pytest.raises(UserError, match=r"a\.jsonl: the digest it is of is not beside it; give .* --sources DIR"):
        read_digests([records], source_in([]))
    (tmp_path / "digests/a.md").rename(records.with_suffix(".md"))
    assert len(read_digests([records], source_in([]))) == 1
    with pytest.raises(UserError, match="is not in "):
        read_digests([records], source_in([tmp_path / "digests"]))


def test_what_holds_no_records_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.md").write_text("글", encoding="utf-8")
    for given, said in (("empty", "no records"), ("a.md", "give the records"), ("gone", "no such file or folder")):
        with pytest.raises(UserError, match=said):
            find_records([tmp_path / given])


def test_records_given_twice_count_once(write_digest: Callable[..., Path], tmp_path: Path) -> None:
    records = write_digest("a", NOTE)
    assert len(find_records([tmp_path / "records", records])) == 1
