"""Finding sources, reading them, writing results."""

import io
import json
import os
import sys
from pathlib import Path

import pytest

from translator.document import Document
from translator.errors import UserError
from translator.files import LARGEST_SOURCE, SourceFile, find_sources, read_source, standard_input, write_whole
from translator.quality.checks import Flag
from translator.records import make_records, to_jsonl
from translator.translation import Translation


def names(inputs: list[Path | str], output: Path) -> list[str]:
    return [str(source.relative) for source in find_sources([str(given) for given in inputs], output)]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("in/b.md", "in/a.md", "in/deep/er/c.md", "in/notes.txt", "in/deep/d.MD"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name} 문서다.\n", encoding="utf-8")
    return tmp_path


class TestFindSources:
    def test_a_folder_is_its_markdown_files_by_name(self, tree: Path) -> None:
        assert names([tree / "in"], tree / "out") == ["a.md", "b.md", "deep/er/c.md"]

    def test_a_file_is_itself_whatever_its_ending(self, tree: Path) -> None:
        assert names([tree / "in" / "notes.txt"], tree / "out") == ["notes.txt"]

    def test_the_same_file_twice_is_once(self, tree: Path) -> None:
        assert names([tree / "in", tree / "in" / "a.md", tree / "in" / "a.md"], tree / "out") == ["a.md", "b.md", "deep/er/c.md"]

    def test_two_files_with_one_output_are_refused(self, tree: Path) -> None:
        other = tree / "other" / "a.md"
        other.parent.mkdir()
        other.write_text("다른 문서다.\n", encoding="utf-8")
        with pytest.raises(UserError, match=r"a\.md.*a\.md"):
            names([tree / "in", other], tree / "out")

    def test_two_files_whose_records_would_have_one_name_are_refused(self, tree: Path) -> None:
        (tree / "in" / "a.txt").write_text("다른 문서다.\n", encoding="utf-8")
        with pytest.raises(UserError, match=r"a\.(md|txt)"):
            names([tree / "in" / "a.md", tree / "in" / "a.txt"], tree / "out")

    def test_an_output_inside_the_input_is_no_input(self, tree: Path) -> None:
        (tree / "in" / "out").mkdir()
        (tree / "in" / "out" / "a.md").write_text("결과다.\n", encoding="utf-8")
        assert names([tree / "in"], tree / "in" / "out") == ["a.md", "b.md", "deep/er/c.md"]

    def test_an_input_inside_the_output_is_an_input(self, tree: Path) -> None:
        assert names([tree / "in"], tree) == ["a.md", "b.md", "deep/er/c.md"]

    @pytest.mark.parametrize("given", ["none.md", "none/", "", "x" * 300, "a\0b"], ids=["file", "folder", "empty", "long", "NUL"])
    def test_what_does_not_exist_is_refused(self, tree: Path, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
        monkeypatch.chdir(tree)
        with pytest.raises(UserError):
            names([given], tree / "out")

    def test_a_folder_without_markdown_is_refused(self, tree: Path) -> None:
        (tree / "empty").mkdir()
        with pytest.raises(UserError, match="empty"):
            names([tree / "empty"], tree / "out")

    def test_a_dash_is_standard_input(self, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"abc")))
        [source] = find_sources(["-"], tree / "out")
        assert (source.path, source.name, str(source.relative)) == (None, "standard input", "stdin.md")
        assert read_source(source) == read_source(source) == "abc"


class TestReadSource:
    def read(self, folder: Path, data: bytes) -> str:
        path = folder / "source.md"
        path.write_bytes(data)
        return read_source(SourceFile(path, Path("source.md")))

    @pytest.mark.parametrize("text", ["", "\ufeff가\r\n나\r다\n", "a\u2028b\u0085c\x0c", "\r\n\r\n"])
    def test_text_is_kept_to_the_byte(self, tmp_path: Path, text: str) -> None:
        assert self.read(tmp_path, text.encode()) == text

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            ("한글 문서".encode("cp949"), "line 1.*UTF-8.*cp949"),
            ("가\n나\n".encode() + "다".encode("cp949"), "line 3"),
            ("가나".encode("utf-16"), "is UTF-16.*iconv -f utf-16 -t utf-8"),
            (b"\xfe\xff" + "a".encode("utf-16-be"), "is UTF-16"),
            (b"a\0b", "NUL byte at 1"),
            ("가".encode()[:2], "UTF-8"),
        ],
    )
    def test_what_is_not_utf8_text_is_refused(self, tmp_path: Path, data: bytes, words: str) -> None:
        with pytest.raises(UserError, match=words) as caught:
            self.read(tmp_path, data)
        assert "source.md" in str(caught.value)

    def test_what_is_too_large_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(UserError, match="32 MiB"):
            self.read(tmp_path, b"a" * (LARGEST_SOURCE + 1))

    def test_the_largest_size_is_allowed(self, tmp_path: Path) -> None:
        assert len(self.read(tmp_path, b"a" * LARGEST_SOURCE)) == LARGEST_SOURCE

    def test_a_folder_or_nothing_is_refused(self, tmp_path: Path) -> None:
        for path in (tmp_path, tmp_path / "none"):
            with pytest.raises(UserError, match="cannot be read"):
                read_source(SourceFile(path, Path("x")))

    def test_standard_input(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("가\r\n".encode())))
        assert read_source(standard_input()) == "가\r\n"


class TestWriteWhole:
    def test_it_makes_folders_and_keeps_bytes(self, tmp_path: Path) -> None:
        write_whole(tmp_path / "a" / "b" / "c.md", "\ufeff가\r\n")
        assert (tmp_path / "a" / "b" / "c.md").read_bytes() == "\ufeff가\r\n".encode()

    def test_it_leaves_no_drafts(self, tmp_path: Path) -> None:
        write_whole(tmp_path / "c.md", "1")
        write_whole(tmp_path / "c.md", "2")
        assert [path.name for path in tmp_path.iterdir()] == ["c.md"]
        assert (tmp_path / "c.md").read_text(encoding="utf-8") == "2"

    def test_a_folder_in_the_way_is_told_and_leaves_no_drafts(self, tmp_path: Path) -> None:
        (tmp_path / "c.md").mkdir()
        with pytest.raises(UserError, match=r"c\.md cannot be written"):
            write_whole(tmp_path / "c.md", "1")
        assert [path.name for path in tmp_path.iterdir()] == ["c.md"]

    def test_a_file_in_place_of_a_folder_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(UserError, match="cannot be written"):
            write_whole(tmp_path / "file" / "c.md", "1")

    def test_permissions_follow_the_umask_or_the_old_file(self, tmp_path: Path) -> None:
        old = os.umask(0o027)
        try:
            write_whole(tmp_path / "new.md", "1")
        finally:
            os.umask(old)
        assert (tmp_path / "new.md").stat().st_mode & 0o777 == 0o640
        (tmp_path / "new.md").chmod(0o604)
        write_whole(tmp_path / "new.md", "2")
        assert (tmp_path / "new.md").stat().st_mode & 0o777 == 0o604


def test_records_say_where_a_unit_is_and_what_became_of_it() -> None:
    document = Document.parse("## 제목\n\n- 모델이 빠르다.\n")
    found = [
        Translation(unit.id, unit.text, f"T{i}", -0.5, 3, 1, (Flag("length", "odd"),) if i else (), "ctranslate2")
        for i, unit in enumerate(document.units)
    ]
    lines = to_jsonl(make_records(document, found, "m@1")).splitlines()
    first, second = map(json.loads, lines)
    assert list(first) == ["id", "line", "kind", "title", "source", "target", "model", "engine", "score", "checks", "origin"]
    assert (first["line"], first["kind"], first["target"], first["checks"]) == (1, "heading", "T0", [])
    assert (second["line"], second["kind"], second["title"], second["source"]) == (3, "bullet", "제목", "모델이 빠르다.")
    assert second["checks"] == [{"check": "length", "detail": "odd"}]
    assert "모델" in lines[1]  # Korean as Korean


def test_no_records_no_lines() -> None:
    assert to_jsonl([]) == ""


def test_records_say_what_a_reader_of_the_markdown_reads() -> None:
    document = Document.parse("- 하나이다.\n- 둘이다.\n")
    pairs = zip(document.units, ["One.\fAnd A* so.", ""], strict=True)
    found = [Translation(unit.id, unit.text, text, -0.5, 3, 1, (), "ctranslate2") for unit, text in pairs]
    records = make_records(document, found, "m@1")
    assert [record.target for record in records] == ["One. And A* so.", ""]
    reading = document.read(document.render({record.id: record.target for record in records}, "interleaved"), "interleaved")
    assert [reading.targets[record.id] or "" for record in records] == [record.target for record in records]
