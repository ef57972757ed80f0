"""The page in a real browser: quiet, usable by keyboard, in the dark, on a phone, without JavaScript, whatever its texts hold."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.quality.report.conftest import HOSTILE, Evaluated

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
Open = Callable[..., Any]
SIZES = ((390, 844), (1280, 900))


@pytest.fixture
def open_page(chromium: Any) -> Iterator[Open]:
    """Opens a file; at the end of the test no page may have said anything, or asked for anything but its file."""
    contexts, heard, asked, opened = [], [], [], []

    def opening(path: Path, width: int = 1280, height: int = 900, fragment: str = "", **options: Any) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("dialog", lambda dialog: heard.append(dialog.message))
        page.on("request", lambda request: asked.append(request.url.partition("#")[0]))
        page.goto(f"{path.as_uri()}{fragment}")
        opened.append(path.as_uri())
        return page

    yield opening
    for context in contexts:
        context.close()
    assert heard == []
    assert asked == opened


@pytest.fixture
def page(open_page: Open, evaluated: Evaluated) -> Any:
    return open_page(evaluated.page)


def numbers(page: Any) -> list[int]:
    """The numbers of the segments that can be seen, from the top."""
    return [int(row.get_attribute("data-number")) for row in page.locator(".segments > tbody:visible").all()]


def values(page: Any, name: str) -> list[float]:
    return [float(row.get_attribute(f"data-{name}")) for row in page.locator(".segments > tbody:visible").all()]


def told(page: Any) -> str:
    return str(page.locator(".count:visible").inner_text())


class TestFilters:
    def test_all_are_shown_first_from_the_lowest_score_on(self, page: Any) -> None:
        assert values(page, "score") == sorted(values(page, "score"))
        total = page.locator(".segments > tbody").count()
        assert told(page) == f"{total} of {total} segments shown"

    def test_text_is_found_in_any_case_across_marks(self, page: Any, evaluated: Evaluated) -> None:
        number = numbers(page)[3]
        page.get_by_label("Text").fill(f"IN STUDY {number},")
        assert numbers(page) == [number]
        assert told(page).startswith("1 of ")
        page.get_by_label("Text").fill("nowhere to be found")
        assert numbers(page) == []
        assert told(page).startswith("0 of ")
        page.get_by_role("button", name="Show all").click()
        assert len(numbers(page)) == page.locator(".segments > tbody").count()
        assert page.get_by_label("Text").input_value() == ""

    def test_flags_and_sections_add_up(self, page: Any, evaluated: Evaluated) -> None:
        everything = numbers(page)
        flagged = {n for n in everything if "lost-name" in evaluated.flags[n - 1]}
        in_section = {n for n in everything if evaluated.titles[n - 1] == evaluated.titles[0]}
        assert flagged & in_section < flagged
        page.get_by_role("combobox", name="Flag").select_option("lost-name")
        assert set(numbers(page)) == flagged
        page.get_by_label("Section").select_option(evaluated.titles[0])
        assert set(numbers(page)) == flagged & in_section
        assert told(page) == f"{len(flagged & in_section)} of {len(everything)} segments shown"

    @pytest.mark.parametrize(
        ("name", "key", "falling"),
        [("Worst", "score", False), ("Best", "score", True), ("Gained", "change", True), ("Lost", "change", False)],
    )
    def test_each_list_comes_in_its_order(self, page: Any, name: str, key: str, falling: bool) -> None:
        label = page.get_by_role("radio", name=name)
        page.locator("label", has=label).click()
        found = values(page, key)
        assert len(found) == 6
        assert found == sorted(found, reverse=falling)
        if key == "change":
            assert all(change > 0 if falling else change < 0 for change in found)

    def test_the_flagged_alone(self, page: Any, evaluated: Evaluated) -> None:
        everything = numbers(page)
        page.locator("label", has=page.get_by_role("radio", name="Flagged")).click()
        assert numbers(page) == sorted(n for n in everything if evaluated.flags[n - 1])

    @pytest.mark.parametrize(
        ("order", "key", "falling"),
        [
            ("highest score first", "score", True),
            ("largest loss first", "change", False),
            ("largest gain first", "change", True),
            ("shortest first", "words", False),
            ("longest first", "words", True),
            ("as in the file", "number", False),
        ],
    )
    def test_order(self, page: Any, order: str, key: str, falling: bool) -> None:
        before = set(numbers(page))
        page.get_by_label("Order").select_option(order)
        found = values(page, key)
        assert found == sorted(found, reverse=falling)
        assert set(numbers(page)) == before


# How the focus is shown; a radio button's by the label beside it.
OUTLINE = """() => {
    const focused = document.activeElement;
    return getComputedStyle(focused.matches("[type=radio]") ? focused.nextElementSibling : focused).outlineStyle;
}"""


class TestKeyboard:
    def test_tab_reaches_every_segment_and_every_control(self, page: Any) -> None:
        wanted = {f"#{row.get_attribute('id')}" for row in page.locator(".segments > tbody").all()}
        reached, controls = set(), set()
        for _ in range(len(wanted) + 60):
            page.keyboard.press("Tab")
            tag, link = page.evaluate("[document.activeElement.tagName, document.activeElement.getAttribute('href')]")
            reached.add(link)
            controls.add(tag)
            assert page.evaluate(OUTLINE) != "none" or tag == "BODY"
        assert wanted <= reached
        assert {"A", "SUMMARY", "INPUT", "SELECT", "BUTTON"} <= controls

    def test_the_first_key_leads_past_the_head(self, page: Any) -> None:
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"

    def test_a_flag_leads_to_its_segment_even_where_it_was_filtered_out(self, page: Any) -> None:
        page.get_by_label("Text").fill("nowhere to be found")
        kind = page.locator(".flag", has_text="hangul").first
        kind.locator("summary").press("Enter")
        link = kind.locator("a").first
        for _ in range(2):  # the second time the address is already that of the segment
            link.press("Enter")
            number = link.inner_text()
            sync_api.expect(page.locator(f"#s1-{number}")).to_be_focused()
            assert int(number) in numbers(page)
            assert page.evaluate("document.activeElement.getBoundingClientRect().top >= 0")
            page.get_by_label("Text").fill("nowhere to be found")

    def test_lists_change_with_the_arrows(self, page: Any) -> None:
        page.get_by_role("radio", name="All").focus()
        page.keyboard.press("ArrowRight")
        assert told(page).startswith("6 of ")


class TestSystems:
    def test_one_system_is_shown_at_a_time(self, open_page: Open, two_systems: Path) -> None:
        page = open_page(two_systems)
        assert page.locator(".system:visible h2").all_inner_texts() == ["good.en"]
        page.get_by_label("System in detail").select_option("bad.en")
        assert page.locator(".system:visible h2").all_inner_texts() == ["bad.en"]
        page.get_by_role("link", name="good.en").click()
        sync_api.expect(page.locator("#system-1")).to_be_visible()
        assert page.get_by_label("System in detail").locator(":checked").inner_text() == "good.en"

    def test_an_address_opens_its_segment(self, open_page: Open, two_systems: Path) -> None:
        [*_, last] = re.findall(r'id="(s2-\d+)"', two_systems.read_text(encoding="utf-8"))
        page = open_page(two_systems, fragment=f"#{last}")
        assert page.locator(".system:visible h2").all_inner_texts() == ["bad.en"]
        sync_api.expect(page.locator(f"#{last}")).to_be_focused()
        sync_api.expect(page.locator(f"#{last}")).to_be_in_viewport()


class TestHostileTexts:
    def test_nothing_in_a_segment_acts(self, page: Any, evaluated: Evaluated) -> None:
        for control in ("Gained", "Lost", "Flagged", "All"):
            page.locator("label", has=page.get_by_role("radio", name=control)).click()
        assert page.title().startswith("Translation quality: ")
        assert page.locator("script").count() == 1
        assert page.locator("main img, main b:not(.mark b), main i, main u").count() == 0
        hostile = 0
        for row in page.locator(".segments > tbody").all():
            text = evaluated.hypotheses[int(row.get_attribute("data-number")) - 1]
            hostile += any(part in text for part in HOSTILE)
            shown = re.sub("[\u202e\u2066\u0001]", lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)
            assert row.locator(".texts td").nth(2).inner_text() == shown
        assert hostile >= 6

    def test_what_got_in_could_not_act_either(self, chromium: Any, evaluated: Evaluated) -> None:
        page = chromium.new_page()
        refusals: list[str] = []
        page.on("console", lambda message: refusals.append(message.text))
        page.goto(evaluated.page.as_uri())
        code = "document.title = 'owned'"
        page.evaluate(f"""() => {{
            document.body.insertAdjacentHTML("beforeend", `<img src="data:," onerror="{code}"><b onclick="{code}">click</b>`);
            document.body.append(Object.assign(document.createElement("script"), {{ textContent: "{code}" }}));
            document.body.append(Object.assign(document.createElement("img"), {{ src: "https://example.org/owned.png" }}));
        }}""")
        page.get_by_text("click", exact=True).click()
        page.wait_for_timeout(100)
        assert page.title().startswith("Translation quality: ")
        assert sum("Content Security Policy" in refusal for refusal in refusals) >= 3
        page.close()


# The colour of an element's text and of what is under it, and how far apart they are (WCAG 2).
CONTRAST = """element => {
    const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    let under = element;
    while (under.parentElement && channels(getComputedStyle(under).backgroundColor)[3] === 0) under = under.parentElement;
    const style = getComputedStyle(element);
    const colours = [element.closest("svg") ? style.fill : style.color, getComputedStyle(under).backgroundColor];
    const [a, b] = colours.map((colour) => light(channels(colour)));
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
class TestLooks:
    def test_every_text_can_be_read(self, open_page: Open, evaluated: Evaluated, scheme: str) -> None:
        page = open_page(evaluated.page, color_scheme=scheme)
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (int(re.findall(r"\d+", background)[0]) < 60) is (scheme == "dark")
        for selector in (
            "h1", ".lead", "h2 + nav a", ".path", ".range", ".verdict", ".plot text", "figcaption", "summary", ".number", "del", "ins",
            ".texts td", ".place", ".title", ".list", ".change.better", ".change.worse", ".mark", ".about a", ".fields label", "select",
            ".count", "fieldset :checked + span", "fieldset :not(:checked) + span", "dt", "code",
        ):  # fmt: skip
            found = page.locator(selector)
            assert found.count(), selector
            assert found.first.evaluate(CONTRAST) >= 4.5, selector

    @pytest.mark.parametrize("size", SIZES)
    def test_nothing_is_wider_than_the_window(self, open_page: Open, evaluated: Evaluated, scheme: str, size: tuple[int, int]) -> None:
        page = open_page(evaluated.page, *size, color_scheme=scheme)
        page.evaluate("document.querySelectorAll('details').forEach((part) => (part.open = true))")
        assert page.evaluate("document.documentElement.scrollWidth") == size[0]
        everything = "[...document.querySelectorAll('main *')].filter((element) => !element.closest('thead'))"
        wide = f"{everything}.filter((element) => element.getBoundingClientRect().right > innerWidth + 1)"
        assert page.evaluate(f"{wide}.map((element) => element.outerHTML.slice(0, 200))") == []

    def test_a_phone_gets_cards_with_names(self, open_page: Open, evaluated: Evaluated, scheme: str) -> None:
        page = open_page(evaluated.page, *SIZES[0], color_scheme=scheme)
        cells = page.locator(".texts").first.locator("td")
        boxes = [cell.bounding_box() for cell in cells.all()]
        assert len({round(box["x"]) for box in boxes}) == 1
        assert [box["y"] for box in boxes] == sorted(box["y"] for box in boxes)
        names = cells.evaluate_all("cells => cells.map((cell) => getComputedStyle(cell, '::before').content)")
        assert names == ['"Source"', '"Baseline"', '"Hypothesis"', '"Reference"']
        assert page.locator(".plot text").first.evaluate("text => text.getBoundingClientRect().height") >= 10

    def test_paper_is_white_and_has_no_controls(self, open_page: Open, evaluated: Evaluated, scheme: str) -> None:
        page = open_page(evaluated.page, color_scheme=scheme)
        page.emulate_media(media="print", color_scheme=scheme)
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.locator(".controls:visible, nav:visible, .skip:visible").count() == 0
        assert page.locator(".plot text").first.evaluate(CONTRAST) >= 4.5


def test_without_javascript_everything_can_be_read(open_page: Open, two_systems: Path, evaluated: Evaluated) -> None:
    for path in (two_systems, evaluated.page):
        page = open_page(path, java_script_enabled=False)
        assert page.locator(".segments > tbody:visible").count() == page.locator(".segments > tbody").count() > 0
        assert page.locator(".controls:visible, .chooser:visible").count() == 0
        assert page.locator(".plot svg:visible").count() == page.locator(".plot svg").count() > 0
