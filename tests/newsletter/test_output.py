"""What is written into the folder of a newsletter, and what is left alone."""

import json
from pathlib import Path

import pytest

from translator.errors import UserError
from translator.newsletter.output import LIST, Written, write_output


def test_files_are_written_once_and_removed_when_no_longer_made(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert write_output(out, {"site": [("a/b.html", b"1"), ("c.html", b"2")], "email": [("x.eml", b"3")]}) == Written(3, 3, 0)
    before = (out / "site/c.html").stat().st_mtime_ns
    assert write_output(out, {"site": [("c.html", b"2"), ("d.html", b"4")]}) == Written(2, 1, 1)
    assert (out / "site/c.html").stat().st_mtime_ns == before
    assert not (out / "site/a/b.html").exists()
    assert (out / "email/x.eml").read_bytes() == b"3"  # of a format that this run did not make
    assert json.loads((out / LIST).read_text(encoding="utf-8"))["files"] == ["email/x.eml", "site/c.html", "site/d.html"]


def test_a_file_of_other_origin_is_not_overwritten_unless_asked(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text("mine", encoding="utf-8")
    with pytest.raises(UserError, match=r"index\.html exists and is of no earlier newsletter; --force overwrites it"):
        write_output(tmp_path, {"site": [("a.html", b"1"), ("index.html", b"2")]})
    assert not (tmp_path / "site/a.html").exists()
    assert write_output(tmp_path, {"site": [("index.html", b"2")]}, force=True).changed == 1


def test_a_list_that_names_files_elsewhere_removes_none_of_them(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "precious").write_text("x", encoding="utf-8")
    (out / LIST).write_text(json.dumps({"files": ["site/../../precious", str(tmp_path / "precious")]}), encoding="utf-8")
    write_output(out, {"site": [("a.html", b"1")]})
    assert (tmp_path / "precious").exists()
    (out / LIST).write_text("{", encoding="utf-8")
    with pytest.raises(UserError, match="is not the list of files"):
        write_output(out, {"site": []})


def test_the_output_may_not_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x", encoding="utf-8")
    with pytest.raises(UserError, match="is a file; name a folder"):
        write_output(tmp_path / "out", {"site": []})
