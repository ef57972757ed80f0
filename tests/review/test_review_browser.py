"""The review page in a real browser: what a reviewer does, what a hostile digest does not."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.review.conftest import SHARED, Serving, Translated, serve, translate
from translator.glossary import Glossary

pytest.importorskip("fastapi", reason="fastapi is not installed")
expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
FIRST = "2026/11/02.md"
MINE = "RiverFlow succeeds 7.4% more often than earlier methods."


class Reviewer:
    """A page in a window; what it wrote to the console, what it asked other hosts for, and which dialogues it opened."""

    def __init__(self, context: Any, serving: Serving) -> None:
        self.errors: list[str] = []
        self.asked: list[str] = []
        self.serving, self.context = serving, context
        self.page = self.new_page()
        self.page.goto(serving.url)
        self.loaded()

    def new_page(self) -> Any:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("dialog", lambda dialog: (self.errors.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: self.asked.append(request.url))
        return page

    def loaded(self, page: Any = None) -> None:
        expect((page or self.page).locator(".segment").first).to_be_visible()

    def another_window(self) -> Any:
        page = self.new_page()
        page.goto(f"http://127.0.0.1:{self.serving.port}/#file={FIRST}")
        self.loaded(page)
        return page

    def segment(self, korean: str, page: Any = None) -> Any:
        return (page or self.page).locator(".segment").filter(has_text=korean)

    def target(self, korean: str, page: Any = None) -> Any:
        return self.segment(korean, page).locator("textarea")


@pytest.fixture
def window(chromium: Any) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()


@pytest.fixture
def reviewer(window: Any, served: Serving) -> Reviewer:
    return Reviewer(window, served)


def records(translated: Translated) -> dict[str, str]:
    lines = (translated.output / "2026/11/02.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["source"]: row["target"] for row in map(json.loads, lines)}


def test_edit_save_reload(reviewer: Reviewer, translated: Translated) -> None:
    source = "RiverFlow는 기존 방법보다 7.4% 높은 성공률을 보였습니다."
    reviewer.target("7.4%").fill(MINE)
    expect(reviewer.segment("7.4%").locator(".said")).to_have_text("not saved")
    reviewer.target("7.4%").press("Control+Enter")
    expect(reviewer.segment("7.4%").locator(".state")).to_have_text("· reviewed")
    expect(reviewer.target(SHARED)).to_be_focused()
    reviewer.page.reload()
    expect(reviewer.target("7.4%")).to_have_value(MINE)
    expect(reviewer.page.locator("#progress")).to_contain_text("1 reviewed")
    assert translated.memory.human([source])[source].target == MINE
    assert records(translated)[source] == MINE
    for layout in ("english", "interleaved"):
        assert MINE in (translated.output / f"2026/11/02.{layout}.md").read_text(encoding="utf-8")
    assert reviewer.errors == []


def test_undo_puts_everything_back(reviewer: Reviewer, translated: Translated) -> None:
    before = translated.outputs()
    machine = reviewer.target(SHARED).input_value()
    reviewer.target(SHARED).fill("Data matters.")
    reviewer.segment(SHARED).get_by_role("button", name="Save").click()
    expect(reviewer.segment(SHARED).locator(".said")).to_have_text("saved, and 1 more with the same Korean")
    reviewer.page.keyboard.press("Alt+z")
    expect(reviewer.segment(SHARED).locator(".said")).to_have_text("taken back")
    expect(reviewer.target(SHARED)).to_have_value(machine)
    assert translated.outputs() == before


def test_two_windows_do_not_overwrite_each_other(reviewer: Reviewer, translated: Translated) -> None:
    other = reviewer.another_window()
    reviewer.target("7.4%").fill("The first one's: RiverFlow, 7.4%.")
    reviewer.target("7.4%").press("Control+Enter")
    expect(reviewer.segment("7.4%").locator(".state")).to_have_text("· reviewed")
    reviewer.target("7.4%", other).fill("The second one's: RiverFlow, 7.4%.")
    reviewer.target("7.4%", other).press("Control+Enter")
    conflict = reviewer.segment("7.4%", other).locator(".conflict")
    expect(conflict).to_contain_text("The first one's: RiverFlow, 7.4%.")
    expect(reviewer.target("7.4%", other)).to_have_value("The second one's: RiverFlow, 7.4%.")
    expect(other.locator("#notice")).to_contain_text("changed in the meantime")
    assert "The first one's: RiverFlow, 7.4%." in records(translated).values()
    conflict.get_by_role("button", name="Save mine over it").click()
    expect(reviewer.segment("7.4%", other).locator(".said")).to_have_text("saved")
    assert "The second one's: RiverFlow, 7.4%." in records(translated).values()


def test_taking_the_other_windows_words(reviewer: Reviewer) -> None:
    other = reviewer.another_window()
    reviewer.target("7.4%").fill("Theirs: RiverFlow, 7.4%.")
    reviewer.target("7.4%").press("Control+Enter")
    expect(reviewer.segment("7.4%").locator(".state")).to_have_text("· reviewed")
    reviewer.target("7.4%", other).fill("Mine.")
    reviewer.target("7.4%", other).press("Control+Enter")
    reviewer.segment("7.4%", other).get_by_role("button", name="Take it").click()
    expect(reviewer.target("7.4%", other)).to_have_value("Theirs: RiverFlow, 7.4%.")
    expect(reviewer.segment("7.4%", other).locator(".conflict")).to_be_hidden()


def test_what_is_not_saved_outlives_the_server_and_the_page(window: Any, translated: Translated) -> None:
    serving = serve(translated)
    reviewer = Reviewer(window, serving)
    reviewer.target("7.4%").fill(MINE)
    serving.stop()
    reviewer.target("7.4%").press("Control+Enter")
    expect(reviewer.page.locator("#notice")).to_contain_text("kept in this browser")
    expect(reviewer.target("7.4%")).to_have_value(MINE)
    reviewer.page.close()
    again = serve(translated, serving.port)
    later = Reviewer(window, again)
    expect(later.target("7.4%")).to_have_value(MINE)
    expect(later.segment("7.4%").locator(".said")).to_have_text("not saved")
    later.target("7.4%").press("Control+Enter")
    expect(later.segment("7.4%").locator(".state")).to_have_text("· reviewed")
    assert MINE in records(translated).values()
    again.stop()


def test_whoever_writes_on_is_not_disturbed_by_a_save(reviewer: Reviewer) -> None:
    """The next segment has the same Korean: it follows a save, unless something is being written there."""
    reviewer.page.get_by_label("in all digests").check()
    reviewer.page.locator("#words").fill("품질이")
    reviewer.page.locator("#words").press("Enter")
    expect(reviewer.page.locator(".segment")).to_have_count(2)
    first, second = (reviewer.page.locator(".segment").nth(n) for n in (0, 1))
    first.locator("textarea").fill("Data matters.")
    first.locator("textarea").press("Control+Enter")
    reviewer.page.keyboard.type("I write on. ")
    expect(first.locator(".said")).to_have_text("saved, and 1 more with the same Korean")
    expect(second.locator(".conflict")).to_contain_text("Data matters.")
    assert "I write on. " in second.locator("textarea").input_value()
    second.locator("textarea").press("Escape")
    expect(second.locator("textarea")).to_have_value("Data matters.")


def test_undo_keeps_what_was_written_since(reviewer: Reviewer, translated: Translated) -> None:
    reviewer.target("7.4%").fill("Saved: RiverFlow, 7.4%.")
    reviewer.target("7.4%").press("Control+Enter")
    expect(reviewer.segment("7.4%").locator(".state")).to_have_text("· reviewed")
    reviewer.target("7.4%").fill("Written since.")
    reviewer.page.keyboard.press("Alt+z")
    expect(reviewer.segment("7.4%").locator(".said")).to_contain_text("what you wrote since is not saved")
    expect(reviewer.target("7.4%")).to_have_value("Written since.")
    assert "Saved: RiverFlow, 7.4%." not in records(translated).values()
    reviewer.page.reload()
    expect(reviewer.target("7.4%")).to_have_value("Written since.")


def test_a_match_is_put_in_as_if_typed(reviewer: Reviewer) -> None:
    reviewer.target(SHARED).fill("Data matters.")
    reviewer.target(SHARED).press("Control+Enter")
    expect(reviewer.segment(SHARED).locator(".state")).to_have_text("· reviewed")
    reviewer.target(SHARED).fill("Half a sentence")
    reviewer.page.locator("#matches").get_by_role("button", name="Use").click()
    expect(reviewer.target(SHARED)).to_have_value("Data matters.")
    reviewer.page.keyboard.press("Control+z")
    expect(reviewer.target(SHARED)).to_have_value("Half a sentence")


def test_a_save_elsewhere_keeps_the_draft_of_this_window(reviewer: Reviewer) -> None:
    other = reviewer.another_window()
    reviewer.target("7.4%", other).fill("Only written.")
    reviewer.segment("7.4%").get_by_role("button", name="Approve").click()
    expect(reviewer.segment("7.4%").locator(".state")).to_have_text("· reviewed")
    other.reload()
    expect(reviewer.target("7.4%", other)).to_have_value("Only written.")
    expect(reviewer.segment("7.4%", other).locator(".conflict")).to_be_visible()


def test_what_was_written_for_korean_that_is_gone_is_kept_to_be_copied(reviewer: Reviewer, translated: Translated) -> None:
    reviewer.target("7.4%").fill(MINE)
    digest = translated.sources / FIRST
    digest.write_text(digest.read_text(encoding="utf-8").replace("7.4%", "9.1%"), encoding="utf-8")
    translated.translate()
    reviewer.target("7.4%").press("Control+Enter")
    expect(reviewer.page.locator("#notice")).to_contain_text("not in the folder any more")
    reviewer.page.reload()
    expect(reviewer.page.locator("#drafts")).to_contain_text(MINE)
    expect(reviewer.page.locator("#drafts")).to_contain_text("7.4% 높은 성공률")
    reviewer.page.locator("#drafts").get_by_role("button", name="Go there").click()
    expect(reviewer.page.locator("#notice")).to_contain_text("copy what you wrote")
    reviewer.page.locator("#drafts").get_by_role("button", name="Drop").click()
    expect(reviewer.page.locator("#unsaved")).to_be_hidden()


def test_saving_twice_quickly_saves_the_later_words(reviewer: Reviewer, translated: Translated) -> None:
    reviewer.page.route("**/api/unit", lambda route: (reviewer.page.wait_for_timeout(300), route.continue_()))
    reviewer.target("7.4%").fill("First: RiverFlow, 7.4%.")
    reviewer.target("7.4%").press("Control+Enter")
    reviewer.target("7.4%").fill("Second: RiverFlow, 7.4%.")
    reviewer.target("7.4%").press("Control+Enter")
    expect(reviewer.segment("7.4%").locator(".said")).to_have_text("saved")
    expect(reviewer.page.locator("#unsaved")).to_be_hidden()
    assert "Second: RiverFlow, 7.4%." in records(translated).values()


def test_quick_clicks_draw_one_list(reviewer: Reviewer) -> None:
    digests = reviewer.page.locator("#files button")
    digests.nth(1).dblclick()
    digests.nth(0).click()
    digests.nth(1).click()
    expect(reviewer.page.locator("#heading")).to_have_text("2026/11/03")
    expect(reviewer.page.locator(".segment")).to_have_count(2)


def test_keys_that_an_input_method_needs_do_nothing_else(reviewer: Reviewer) -> None:
    reviewer.target("7.4%").fill("Being written")
    reviewer.target("7.4%").evaluate(
        "field => { for (const init of [{ isComposing: true }, { keyCode: 229 }])"
        " field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', code: 'Escape', bubbles: true, ...init })); }"
    )
    expect(reviewer.target("7.4%")).to_have_value("Being written")


def test_escape_drops_what_is_not_saved(reviewer: Reviewer) -> None:
    machine = reviewer.target("7.4%").input_value()
    reviewer.target("7.4%").fill("Never mind.")
    reviewer.target("7.4%").press("Escape")
    expect(reviewer.target("7.4%")).to_have_value(machine)
    reviewer.page.reload()
    expect(reviewer.target("7.4%")).to_have_value(machine)


def test_from_one_flag_to_the_next(reviewer: Reviewer, translated: Translated) -> None:
    translated.flag(FIRST, 3)
    translated.flag("2026/11/03.md", 1, "lost-number", "7")
    reviewer.page.reload()
    expect(reviewer.page.locator("#progress")).to_contain_text("2 to look at")
    reviewer.page.keyboard.press("Alt+n")
    expect(reviewer.target("작은 언어")).to_be_focused()
    expect(reviewer.segment("작은 언어").locator(".flags")).to_have_text("lost-name: RiverFlow")
    reviewer.page.keyboard.press("Alt+n")
    expect(reviewer.target("wavenote")).to_be_focused()
    expect(reviewer.page.locator("#heading")).to_have_text("2026/11/03")
    reviewer.page.keyboard.press("Control+Enter")
    expect(reviewer.page.locator("#progress")).to_contain_text("1 to look at")
    reviewer.page.keyboard.press("Alt+n")
    expect(reviewer.target("작은 언어")).to_be_focused()
    reviewer.page.keyboard.press("Alt+ArrowDown")
    expect(reviewer.target("judge.py")).to_be_focused()


def test_search_filter_and_paper(reviewer: Reviewer) -> None:
    page = reviewer.page
    expect(page.locator(".segment")).to_have_count(5)
    page.locator("#paper").select_option("TinyJudge")
    expect(page.locator(".segment")).to_have_count(2)
    page.locator("#paper").select_option("")
    page.locator("#heading").click()
    page.keyboard.press("/")
    page.keyboard.type("품질")
    page.keyboard.press("Enter")
    expect(page.locator(".segment")).to_have_count(1)
    page.get_by_label("in all digests").check()
    expect(page.locator(".segment")).to_have_count(2)
    expect(page.locator(".place").last).to_contain_text("2026/11/03.md")
    page.locator("#show").select_option("reviewed")
    expect(page.locator(".segment")).to_have_count(0)
    expect(page.locator("#list")).to_have_text("Nothing here fits.")


def test_what_helps_is_beside_the_segment(window: Any, translated: Translated) -> None:
    serving = serve(translated, glossary=Glossary({"확산 모델": "diffusion model", "로봇": "automaton"}))
    reviewer = Reviewer(window, serving)
    reviewer.target(SHARED).fill("Data matters.")
    reviewer.target(SHARED).press("Control+Enter")
    expect(reviewer.segment(SHARED).locator(".state")).to_have_text("· reviewed")
    reviewer.target(SHARED).focus()
    expect(reviewer.page.locator("#matches")).to_contain_text("Data matters.")
    reviewer.target("로봇의").focus()
    expect(reviewer.page.locator("#terms")).to_contain_text("diffusion model")
    expect(reviewer.page.locator("#glossary .missed")).to_have_text("not used")
    serving.stop()


HOSTILE = """# 2026-11-05

## [<img src=x onerror=alert(1)> 논문](javascript:alert(2))

- 악성 <script>alert(3)</script> 글이다. <svg onload=alert(4)><style>*{display:none}</style></svg>
- 링크 [클릭](javascript:alert(5)) 와 <a href="https://evil.example/x" onclick="alert(6)">다른 링크</a>이다.
- 방향을 바꾸는 \u202e글자\u202c 와 보이지 않는 \u200b글자가 있다. ![그림](https://evil.example/pixel.png)
- <iframe src="https://evil.example/"></iframe> <base href="https://evil.example/"> 안녕하세요 세계입니다.
"""


def test_a_hostile_digest_is_inert(window: Any, tmp_path: Path) -> None:
    for translated in translate(tmp_path, {"2026/11/05.md": HOSTILE}):
        serving = serve(translated)
        reviewer = Reviewer(window, serving)
        evil = '</textarea><script>alert(7)</script><img src="https://evil.example/y" onerror="alert(8)">'
        reviewer.target("세계").fill(f"Hello {evil}")
        reviewer.target("세계").press("Control+Enter")
        expect(reviewer.segment("세계").locator(".state")).to_have_text("· reviewed")
        reviewer.target("악성").focus()
        expect(reviewer.page.locator("#matches li").first).to_be_visible()
        reviewer.page.reload()
        reviewer.loaded()
        assert reviewer.page.locator(".segment").locator("script, img, svg, a, iframe, style, base").count() == 0
        expect(reviewer.page.locator(".unseen").first).to_have_text("U+202E")
        assert not {"\u202e", "\u200b"} & set("".join(reviewer.page.locator(".source, h3, option").all_inner_texts()))
        assert reviewer.errors == []
        assert [url for url in reviewer.asked if not url.startswith((f"http://127.0.0.1:{serving.port}/", "data:"))] == []
        assert reviewer.page.evaluate("getComputedStyle(document.body).display") == "block"
        serving.stop()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_axe_finds_nothing(chromium: Any, served: Serving, translated: Translated, width: int, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    translated.flag(FIRST, 1)
    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    reviewer = Reviewer(context, served)
    reviewer.target("7.4%").fill("Changed.")
    expect(reviewer.page.locator("#terms li").first).to_be_visible()
    reviewer.page.get_by_role("button", name="Keys").click()
    found = axe.run(reviewer.page).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert reviewer.page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
