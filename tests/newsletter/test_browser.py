"""The site and the e-mail in a real browser: what a reader does, what a hostile digest does not."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from translator.newsletter.digest import Digest
from translator.newsletter.issues import make_issues
from translator.newsletter.mail import make_mails
from translator.newsletter.site import site_files
from translator.newsletter.theme import Theme

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
THEME = Theme(base_url="https://papers.example.org/")


@pytest.fixture
def site(digests: list[Digest], tmp_path: Path) -> Path:
    for name, content in site_files(digests, THEME):
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "site"


class Reader:
    """A page in a window; what it asked the network for, what it wrote to the console, which dialogues it opened."""

    def __init__(self, context: Any) -> None:
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.dialogs: list[str] = []
        context.route("**/*", self._answer)
        self.page = context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))

    def _answer(self, route: Any) -> None:
        if route.request.url.startswith("file:"):
            route.continue_()
        else:
            self.asked.append(route.request.url)
            route.abort()

    def open(self, path: Path, query: str = "") -> Any:
        self.page.goto(path.as_uri() + query)
        return self.page


@pytest.fixture
def reader(chromium: Any) -> Iterator[Reader]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    yield Reader(context)
    context.close()


@pytest.fixture
def scriptless(chromium: Any) -> Iterator[Reader]:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    yield Reader(context)
    context.close()


def shown(page: Any) -> tuple[bool, bool]:
    """Whether the Korean and the English of the first passage are to be seen."""
    pair = page.locator(".pair").first
    return pair.locator("> .ko").is_visible(), pair.locator("> .en").is_visible()


def test_the_reader_chooses_a_language_and_it_is_remembered(reader: Reader, site: Path) -> None:
    page = reader.open(site / "2026/05/06.html")
    assert shown(page) == (True, True)
    page.get_by_text("한국어", exact=True).click()
    assert shown(page) == (True, False)
    page.locator("#language-korean").press("ArrowRight")
    assert shown(page) == (False, True)
    page = reader.open(site / "2026/05/07.html")
    assert shown(page) == (False, True)
    assert page.locator("#language-english").is_checked()
    page.locator("#language-english").press("ArrowRight")
    assert shown(page) == (True, True)
    assert not reader.errors


def test_choosing_works_without_scripts(scriptless: Reader, site: Path) -> None:
    page = scriptless.open(site / "2026/05/06.html")
    assert shown(page) == (True, True)
    page.locator("label[for=language-english]").click()
    assert shown(page) == (False, True)
    page.locator("label[for=language-korean]").click()
    assert shown(page) == (True, False)


def test_both_languages_are_side_by_side_where_there_is_room(reader: Reader, site: Path) -> None:
    page = reader.open(site / "2026/05/06.html")
    korean, english = (page.locator(f".pair > .{name}").first.bounding_box() for name in ("ko", "en"))
    assert english["x"] > korean["x"] + korean["width"] - 1
    page.set_viewport_size({"width": 390, "height": 844})
    korean, english = (page.locator(f".pair > .{name}").first.bounding_box() for name in ("ko", "en"))
    assert english["y"] >= korean["y"] + korean["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def search(page: Any, query: str) -> tuple[list[str], list[str]]:
    """The titles found by title and by text."""
    page.fill("#query", query)
    expect(page.locator("#status")).to_have_text(re.compile(f"^“{re.escape(query)}”: .* in all issues$"))
    return tuple(page.locator(f"#{name} .hits a").all_inner_texts() for name in ("titles", "texts"))  # type: ignore[return-value]


def test_the_search_finds_titles_and_text_in_both_languages(reader: Reader, site: Path) -> None:
    page = reader.open(site / "search.html")
    assert search(page, "small")[0] == ["SmallLamp: Light for Reading"]
    assert search(page, "SmalLamp")[0] == ["SmallLamp: Light for Reading"]  # a letter is missing
    assert search(page, "확산모델") == ([], [])
    assert search(page, "확산 모델") == ([], ["SmallLamp: Light for Reading"])
    assert page.locator("#texts mark").all_inner_texts() == ["모델", "확산", "모델"]
    assert search(page, "의를")[1] == ["WaveNote: Summaries of Speech"]  # a part of a word
    assert search(page, "says in english wavenote")[1] == ["WaveNote: Summaries of Speech"]
    assert search(page, "jo roe")[1] == ["SmallLamp: Light for Reading", "TideMap: Charts of the Sea"]
    assert search(page, "첫째")[0] == ["This says in English:"]  # a Korean title
    assert search(page, "없는말이다") == ([], [])
    page.fill("#query", "small")
    page.locator("#titles .hits a").first.click()
    page.wait_for_url("**/2026/05/07.html#2605.02345")
    assert not reader.errors


def test_a_search_can_be_linked_to(reader: Reader, site: Path) -> None:
    page = reader.open(site / "search.html", "?q=wavenote")
    page.wait_for_selector("#titles .hits a")
    assert page.locator("#titles .hits a").all_inner_texts() == ["WaveNote: Summaries of Speech"]


def test_the_calendar_leads_to_the_issues(reader: Reader, site: Path) -> None:
    page = reader.open(site / "archive.html")
    assert page.locator(".month caption").all_inner_texts() == ["May 2026"]
    assert page.locator(".month a").all_inner_texts() == ["6", "7", "8"]
    page.get_by_role("link", name="Wednesday, 6 May 2026, 2 papers").click()
    page.wait_for_url("**/2026/05/06.html")
    page.get_by_role("link", name="Newer issue: Thursday, 7 May 2026").click()
    page.wait_for_url("**/2026/05/07.html")


def test_a_picture_that_cannot_be_had_leaves_its_place_filled(reader: Reader, site: Path) -> None:
    page = reader.open(site / "2026/05/06.html")
    expect(page.locator(".picture img")).to_have_count(0)
    assert page.locator(".picture span").first.is_visible()
    assert page.locator(".picture").first.bounding_box()["height"] > 80


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(chromium: Any, site: Path, width: int, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    script = (Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    reader = Reader(context)
    for name in ("index.html", "2026/05/06.html", "2026/05/08.html", "memo.html", "archive.html", "search.html"):
        page = reader.open(site / name)
        if name == "search.html":
            search(page, "모델")
        page.evaluate(script)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert not [(name, v["id"], v["impact"], v["nodes"][0]["html"]) for v in found["violations"]]
    page.add_style_tag(content="body { color: #888 !important; background: #999 !important; } p { color: #888 !important; }")
    assert page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]  # axe does find what is wrong
    context.close()


ACTIVE = (
    "script, style, iframe, object, embed, form, input, svg, math, meta, link, base, [onclick], [onerror], [onload], [onmouseover], [style]"
)


def test_a_hostile_digest_is_inert_on_the_site(reader: Reader, site: Path) -> None:
    page = reader.open(site / "2026/05/08.html")
    page.wait_for_timeout(300)
    assert reader.dialogs == []
    assert reader.errors == []
    assert {url.split("/")[2] for url in reader.asked} <= {"pictures.example.org"}
    assert page.locator("article").count() == 1
    assert page.locator("main").evaluate(f"main => main.querySelectorAll('article :is({ACTIVE})').length") == 0
    hrefs = page.locator("main a").evaluate_all("links => links.map(link => link.href)")
    assert all(href.startswith(("http:", "https:", "mailto:", "file:")) for href in hrefs)
    for link in page.locator("article a:visible").all():  # whatever can be clicked opens nothing but web pages
        assert not (link.get_attribute("href") or "").lower().startswith(("javascript", "data", "vbscript"))
    text = page.locator("article").inner_text()
    assert "<script>alert(14)</script>" in text
    assert "\u202e" not in text
    assert page.url.endswith("/2026/05/08.html")  # nothing led away


def test_a_hostile_digest_is_inert_in_the_mail(reader: Reader, digests: list[Digest], tmp_path: Path) -> None:
    digest = next(digest for digest in digests if digest.slug == "2026/05/08")
    [mail] = make_mails(make_issues([digest], "digest", None), THEME, lambda entry: "x.html")
    body = mail.message.get_body(("html",))
    assert body is not None
    (tmp_path / "mail.html").write_text(body.get_content(), encoding="utf-8")
    page = reader.open(tmp_path / "mail.html")
    page.wait_for_timeout(300)
    assert reader.dialogs == []
    assert {url.split("/")[2] for url in reader.asked} <= {"pictures.example.org"}
    active = ACTIVE.replace(", style", "").replace(", [style]", "").replace(", meta", "")
    assert page.locator("body").evaluate(f"body => body.querySelectorAll('{active}').length") == 0
    assert not page.locator("a").evaluate_all(
        "links => links.filter(link => link.hasAttribute('href') && !/^(https?|mailto):/.test(link.href)).length"
    )


def test_the_mail_says_in_the_browser_what_the_site_says(reader: Reader, site: Path, digests: list[Digest], tmp_path: Path) -> None:
    digest = next(digest for digest in digests if digest.slug == "2026/05/06")
    [mail] = make_mails(make_issues([digest], "digest", None), THEME, lambda entry: "x.html")
    body = mail.message.get_body(("html",))
    assert body is not None
    (tmp_path / "mail.html").write_text(body.get_content(), encoding="utf-8")
    mailed = " ".join(reader.open(tmp_path / "mail.html").locator("body").inner_text().split())
    page = reader.open(site / "2026/05/06.html")
    for text in page.locator(".text .ko, .text .en, .text .label, article h2 a").all_inner_texts():
        assert " ".join(text.removesuffix("?").split()) in mailed
    page.set_viewport_size({"width": 390, "height": 844})
    page = reader.open(tmp_path / "mail.html")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
