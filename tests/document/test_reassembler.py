"""The three layouts: what stands where, in valid Markdown."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_strategies import markdown
from markdown_structure import below_front_matter, in_english, parse, shown, texts_in, visible, without_quotes

from translator.document import Document

GOLDEN = Path(__file__).parent / "golden"
MARK = "ENGLISH"
IN_PLACE = ("cell", "html", "front-matter")  # kinds of block whose English stands beside the Korean, not below


def rendered(text: str, targets: list[str], layout: str = "english", order: str = "source-first") -> str:
    document = Document.parse(text)
    assert len(document.units) == len(targets)
    return document.render({unit.id: target for unit, target in zip(document.units, targets, strict=True)}, layout=layout, order=order)


def table_rows(text: str) -> list[list[str]]:
    rows: list[list[str]] = []
    for token in (tokens := parse(text)):
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and token.level and tokens[tokens.index(token) - 1].type in ("th_open", "td_open"):
            rows[-1].append(shown(token))
    return rows


@pytest.mark.parametrize("layout", ["english", "interleaved", "table"])
@pytest.mark.parametrize("order", ["source-first", "target-first"])
def test_golden_digest(layout, order):
    source = (GOLDEN / "digest.md").read_bytes().decode()
    document = Document.parse(source)
    targets = {unit.id: f"EN-{number} {in_english(unit, 'en')}" for number, unit in enumerate(document.units, 1)}
    name = f"digest.{layout}.md" if layout == "english" else f"digest.{layout}.{order}.md"
    assert document.render(targets, layout=layout, order=order) == (GOLDEN / name).read_bytes().decode()


def test_unknown_ids_are_an_error():
    with pytest.raises(KeyError, match="no unit of this document has the id 'nope'"):
        Document.parse("한국어\n").render({"nope": "Korean"})


@pytest.mark.parametrize("target", ["", "  ", "\n"])
@pytest.mark.parametrize("layout", ["english", "interleaved", "table"])
def test_a_blank_target_counts_as_none(layout, target):
    text = "- 하나이다.\n"
    document = Document.parse(text)
    assert document.render({document.units[0].id: target}, layout=layout) == text


@pytest.mark.parametrize("layout", ["english", "interleaved", "table"])
def test_a_target_equal_to_the_source_changes_nothing(layout):
    text = "- 하나이다.\n"
    document = Document.parse(text)
    assert document.render({document.units[0].id: "하나이다."}, layout=layout) == text


def test_interleaved_puts_english_in_a_quote_of_the_same_list_item():
    out = rendered("- 하나이다.\n- 둘이다.\n", ["It is one.", "It is two."], "interleaved")
    assert out == "- 하나이다.\n  > It is one.\n- 둘이다.\n  > It is two.\n"


def test_interleaved_target_first_puts_korean_in_the_quote():
    out = rendered("- 하나이다.\n- 둘이다.\n", ["It is one.", "It is two."], "interleaved", "target-first")
    assert out == "- It is one.\n  > 하나이다.\n- It is two.\n  > 둘이다.\n"


def test_interleaved_keeps_crlf():
    assert (
        rendered("- 하나이다.\r\n- 둘\r\n", ["It is one.", "Two"], "interleaved") == "- 하나이다.\r\n  > It is one.\r\n- 둘\r\n  > Two\r\n"
    )


@pytest.mark.parametrize("layout", ["interleaved", "table"])
def test_a_blank_line_stays_one_where_line_breaks_are_mixed(layout):
    out = rendered("# One\r하나이다.\n> Quote\n", [f"{MARK} words"], layout)
    assert "Quote\n" in texts_in(parse(out), "blockquote")


def test_interleaved_quote_below_a_line_that_begins_with_odd_white_space():
    assert rendered("\x0b하나이다.\n", ["It is one."], "interleaved") == "\x0b하나이다.\n > It is one.\n"


def test_interleaved_keeps_the_quote_of_the_source_apart():
    out = rendered("한국어 문단\n> 인용이다.\n", [f"{MARK} paragraph", f"{MARK} quote"], "interleaved")
    quotes = texts_in(parse(out), "blockquote")
    assert quotes == [f"{MARK} paragraph\n", f"인용이다.\n{MARK} quote\n"]


@pytest.mark.parametrize(
    "following",
    [
        "문단이다.\n",
        "English paragraph.\n",
        "    code\n",
        "2. two\n",
        "| a | b |\n| --- | --- |\n",
        "<custom-tag>\n",
        "[x]: https://x.com\n",
    ],
)
@pytest.mark.parametrize("heading", ["# 제목\n", "제목\n===\n"])
def test_interleaved_quote_of_a_heading_does_not_swallow_what_follows(heading, following):
    text = heading + following
    document = Document.parse(text)
    out = document.render({document.units[0].id: f"{MARK} heading"}, layout="interleaved")
    assert texts_in(parse(out), "blockquote") == [f"{MARK} heading\n"]
    assert without_quotes(parse(out), MARK) == without_quotes(parse(text), MARK)


@pytest.mark.parametrize(
    "text",
    [
        "- 하나이다.\n  - 둘이다.\n    - 셋이다.\n- 넷이다.\n",
        "1. 하나이다.\n2. 둘이다.\n10. 열이다.\n",
        "- 하나이다.\n\n  둘째 문단이다.\n\n- 셋이다.\n",
        "-\t탭이다.\n-\t둘이다.\n",
        "- 하나\n  이어진 줄이다.\n- 둘이다.\n",
        "- 하나\n이어진 줄이다.\n- 둘이다.\n",
        "* > 인용이다.\n* 둘이다.\n",
        "> - 하나이다.\n>   - 둘이다.\n> - 셋이다.\n",
        ">- 하나이다.\n>  - 둘이다.\n>- 셋이다.\n",
        ">1. 하나이다.\n>2. 둘이다.\n",
        "- 하나이다.\n  ```\n  code\n  ```\n- 둘이다.\n",
        "- 하나이다.\n+ 둘이다.\n* 셋이다.\n",
        "10) 하나이다.\n    - 둘이다.\n",
        "- - 하나이다.\n- 1. 둘이다.\n",
        "-\n  하나이다.\n",
        "- # 제목이다\n- 둘이다.\n",
    ],
)
def test_interleaved_lists_are_the_lists_of_the_source_plus_a_quote_per_item(text):
    document = Document.parse(text)
    out = document.render({unit.id: f"{MARK}-{n}" for n, unit in enumerate(document.units)}, layout="interleaved")
    tokens = parse(out)
    assert without_quotes(tokens, MARK) == without_quotes(parse(text), MARK)
    for n, unit in enumerate(document.units):
        items = [item for item in innermost_items(tokens) if f"{MARK}-{n}" in item]
        assert len(items) == 1
        assert unit.text.split()[0] in items[0]


def test_interleaved_quote_of_a_labelled_item_repeats_the_label():
    out = rendered("- **What's New**: 하나이다.\n- ['둘이다', \"셋\"]\n", ["One.", "Two", "Three"], "interleaved")
    assert out == "- **What's New**: 하나이다.\n  > **What's New**: One.\n- ['둘이다', \"셋\"]\n  > ['Two', \"Three\"]\n"


@pytest.mark.parametrize("underline", ["===", "---"])
def test_interleaved_quote_of_a_setext_heading_stands_below_its_underline(underline):
    out = rendered(f"제목이다\n{underline}\n\nText.\n", [f"{MARK} title"], "interleaved")
    assert out.startswith(f"제목이다\n{underline}\n")
    assert [token.type for token in parse(out) if token.level == 0 and token.nesting > 0] == [
        "heading_open",
        "blockquote_open",
        "paragraph_open",
    ]


def innermost_items(tokens) -> list[str]:
    """The text of each list item, without that of the items inside it."""
    done, stack = [], []
    for token in tokens:
        if token.type == "list_item_open":
            stack.append("")
        elif token.type == "list_item_close":
            done.append(stack.pop())
        elif token.type == "inline" and stack:
            stack[-1] += shown(token) + "\n"
    return done


@settings(deadline=None, max_examples=250)
@given(markdown())
def test_interleaved_is_the_source_with_lines_added(text):
    document = Document.parse(text)
    targets = {unit.id: f"{MARK} {in_english(unit)}" for unit in document.units if document.blocks[unit.block].kind not in IN_PLACE}
    out = document.render(targets, layout="interleaved")
    added = re.split(r"\r\n?|\n", out)
    for line in re.split(r"\r\n?|\n", text):
        while added[0] != line:
            assert added[0].strip("> \t") == "" or re.match(r"[ \t>]*>", added[0]), added[0]
            added.pop(0)
        added.pop(0)
    assert all(re.match(r"[ \t>]*>", line) for line in added)


@settings(deadline=None, max_examples=250)
@given(markdown())
def test_interleaved_without_its_quotes_has_the_structure_of_the_source(text):
    document = Document.parse(text)
    line_starts = {line.start for block in document.blocks for line in block.lines if block.kind not in IN_PLACE}
    led = {unit.block for unit in document.units if unit.start not in line_starts}  # a label or an image would begin their quote
    out = document.render({unit.id: f"{MARK} words" for unit in document.units if unit.block not in led}, layout="interleaved")
    before, after = (parse(below_front_matter(whole, document)) for whole in (text, out))
    assert structure_of(without_quotes(after, MARK)) == structure_of(without_quotes(before, MARK))


def structure_of(tokens):
    return [(level, kind, " ".join(text.split())) for level, kind, text in tokens]


def test_table_of_a_list():
    out = rendered("- 하나이다.\n- 둘이다.\n", ["It is one.", "It is two."], "table")
    assert out == "| 한국어 | English |\n| --- | --- |\n| 하나이다. | It is one. |\n| 둘이다. | It is two. |\n"


def test_table_target_first():
    out = rendered("- 하나이다.\n", ["It is one."], "table", "target-first")
    assert out == "| English | 한국어 |\n| --- | --- |\n| It is one. | 하나이다. |\n"


def test_table_escapes_pipes():
    out = rendered("- 값은 a|b이다.\n- `x|y` 코드이다.\n", ["The value is a|b.", "The code `x|y`."], "table")
    assert table_rows(out) == [["한국어", "English"], ["값은 a|b이다.", "The value is a|b."], ["x|y 코드이다.", "The code x|y."]]


def test_table_has_a_row_for_a_list_item_without_korean():
    out = rendered("- 하나이다.\n- English only\n- 셋이다.\n", ["One.", "Three."], "table")
    assert table_rows(out)[1:] == [["하나이다.", "One."], ["English only", "English only"], ["셋이다.", "Three."]]


def test_table_keeps_numbers_and_nesting_visible():
    out = rendered("1. 하나이다.\n   - 둘이다.\n", ["One.", "Two."], "table")
    assert [row[1].replace("\u2003", "").strip() for row in table_rows(out)[1:]] == ["1. One.", "• Two."]


def test_table_shows_what_is_a_paragraph_of_an_item():
    out = rendered("- 하나이다.\n\n  이어진다.\n- 둘이다.\n", ["One.", "It goes on.", "Two."], "table")
    assert [row[1] for row in table_rows(out)[1:]] == ["One.", "\u2003It goes on.", "Two."]


def test_table_shows_lines_that_a_paragraph_is_broken_into_as_one():
    out = rendered("- 하나\n  둘이다.\n", ["One and two."], "table")
    assert out.endswith("| 하나 둘이다. | One and two. |\n")


def test_table_keeps_escaped_pipes_escaped():
    out = rendered("- `a\\|b` 코드이다.\n", ["Code `a\\|b`."], "table")
    assert table_rows(out)[1] == ["a\\|b 코드이다.", "Code a\\|b."]


def test_a_table_at_the_start_keeps_the_byte_order_mark():
    assert rendered("\ufeff- 하나이다.\n", ["One."], "table").startswith("\ufeff| 한국어 | English |\n")


@pytest.mark.parametrize("layout", ["interleaved", "table"])
def test_a_closing_bracket_at_the_end_of_a_line_stays(layout):
    assert "둘 <b>셋</b>" in rendered("- 하나\n  둘 <b>셋</b>\n", ["One two three."], layout, "target-first")


@pytest.mark.parametrize(
    "around",
    ["# Title\n{}\n## Next\n", "# Title\n\n{}\n\nPlain text.\n", "> quote\n\n{}\n\n```\ncode\n```\n", "{}\n\n| a |\n| - |\n| b |\n"],
)
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_table_is_set_off_from_what_is_around_it(around, line_break):
    text = around.format("- 하나이다.\n- 둘이다.").replace("\n", line_break)
    out = rendered(text, ["One.", "Two."], "table")
    assert table_rows(out)[:3] == [["한국어", "English"], ["하나이다.", "One."], ["둘이다.", "Two."]]
    kinds = [token.type for token in parse(out) if token.level == 0 and token.nesting >= 0]
    expected = [token.type.replace("bullet_list_open", "table_open") for token in parse(text) if token.level == 0 and token.nesting >= 0]
    assert kinds == expected


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_table_after_a_heading_or_image_line(line_break):
    text = line_break.join(["# Title", "- 하나이다.", "- 둘이다.", "", "문단이다.", "", "# Next", "- 셋이다."])
    out = rendered(text, ["One.", "Two.", "Paragraph.", "Three."], "table")
    assert table_rows(out) == [
        ["한국어", "English"],
        ["• 하나이다.", "• One."],
        ["• 둘이다.", "• Two."],
        ["문단이다.", "Paragraph."],
        ["한국어", "English"],
        ["셋이다.", "Three."],
    ]
    assert set(re.findall(r"\r\n?|\n", out)) == {line_break}


@settings(deadline=None, max_examples=250)
@given(markdown(), st.sampled_from(["source-first", "target-first"]))
def test_tables_have_two_columns_and_all_korean_of_the_source(text, order):
    document = Document.parse(text)
    targets = {unit.id: f"{MARK} words" for unit in document.units if document.blocks[unit.block].kind not in IN_PLACE}
    out = document.render(targets, layout="table", order=order)
    heads = ["한국어", "English"] if order == "source-first" else ["English", "한국어"]
    lines = re.split(r"\r\n?|\n", out)
    for number, line in enumerate(lines):
        if line == f"| {heads[0]} | {heads[1]} |":
            assert lines[number + 1] in ("| --- | --- |", "| :-- | :-- |")
            height = next(i for i, row in enumerate([*lines[number + 2 :], ""]) if not row.startswith("| "))
            rows = table_rows("\n".join(lines[number : number + 2 + height]))
            assert len(rows) == 1 + height
            assert all(len(row) == 2 for row in rows)
            assert heads in table_rows(below_front_matter(out, document))
    for unit in document.units:
        if unit.quoting == "none" and "|" not in unit.text:
            parts = re.split(r"[\r\n> \t]+", document.source[unit.start : unit.end])
            assert all(part in out for part in parts if part.strip())


def test_cells_html_and_front_matter_hold_both_languages_in_place():
    text = "---\ntitle: 오늘의 논문\n---\n\n| 모델 |\n| --- |\n| 하나 |\n\n<p>문단이다.</p>\n"
    out = rendered(text, ["Today's papers", "Model", "One", "A paragraph."], "interleaved")
    assert out == (
        "---\ntitle: 오늘의 논문 / Today's papers\n---\n\n| 모델<br>Model |\n| --- |\n| 하나<br>One |\n\n<p>문단이다. / A paragraph.</p>\n"
    )


@pytest.mark.parametrize("title", ["새 소식", '새 "모델" 소식', "경로 C:\\\\나"])
@pytest.mark.parametrize("english", ["News", 'The "model": news', "1. one"])
@pytest.mark.parametrize("order", ["source-first", "target-first"])
def test_front_matter_of_both_languages_is_yaml_that_says_both(title, english, order):
    out = rendered(f"---\ntitle: {title}\n---\n", [english], "interleaved", order)
    pair = (title, english) if order == "source-first" else (english, title)
    assert yaml.safe_load(out.split("---")[1]) == {"title": " / ".join(pair)}
    document = Document.parse(f"---\ntitle: {title}\n---\n")
    assert list(document.read(out, "interleaved", order).targets.values()) == [english]


def test_english_layout_shows_plain_english_as_it_is():
    out = rendered("# 제목\n\n- 하나이다.\n- 둘이다.\n", ["Title", "It is 2.5x, 5 < 6.", "C++ & Rust"])
    assert out == "# Title\n\n- It is 2.5x, 5 < 6.\n- C++ & Rust\n"
    assert visible(out) == "Title It is 2.5x, 5 < 6. C++ & Rust"


def test_partial_translation_leaves_the_rest_korean():
    document = Document.parse("- 하나이다.\n- 둘이다.\n")
    assert document.render({document.units[1].id: "Two."}) == "- 하나이다.\n- Two.\n"
