"""A target in its place: plain English as it is, all else without effect on the Markdown, lists and YAML around it."""

import ast
import warnings

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_strategies import NASTY, nasty_targets
from markdown_structure import visible

from translator.document import Document


def english(text: str, target: str) -> str:
    document = Document.parse(text)
    return document.render({unit.id: target for unit in document.units})


def squeezed(target: str) -> str:
    return " ".join(target.replace("\0", " ").replace("\u2028", " ").split())


printable_targets = nasty_targets.filter(lambda target: all(c.isprintable() or c in "\r\n\t" for c in target))

PLAIN = [
    "It is 2.5x faster.",
    "5 < 6 and 7 > 6",
    "a_b and snake_case_name",
    "50% [EoT] tokens",
    "C++ & Rust",
    'Smith & Sons\' "quoted" words',
    "2 * 3 = 6",
    "see https://x.com/a_b?c=d",
    "an e-mail to me@example.com",
    "costs $5 and $6",
    "[1, 2] and (3)",
    "It's #1!",
    "100,000 ~ 200,000",
    "x = y | z",
    "1.5 is not a list",
    "-5 degrees",
    "#hashtag first",
    "a < b > c",
    "path\\to",
    "Let's go - now",
    "…and “so on”",
]


@pytest.mark.parametrize("target", PLAIN)
@pytest.mark.parametrize("place", ["한국어다.", "- 한국어다.", "> 한국어다.", "## 한국어"])
def test_plain_english_stays_as_it_is(place, target):
    opener = place[: place.index("한")]
    assert english(place, target) == opener + target


@pytest.mark.parametrize("target", [t for t in PLAIN if "|" not in t])
def test_plain_english_stays_as_it_is_in_a_cell(target):
    text = "| 한국어 | b |\n| --- | --- |\n"
    assert english(text, target) == text.replace("한국어", target)


PLACES = ["{}\n", "- {}\n", "1. {}\n", "> {}\n", "# {}\n", "| a | {} |\n| --- | --- |\n", "- **{}**: text\n"]
# Without $, & and backslashes: formulas, entities and escapes pass on purpose.
SPELLED = st.text("ab `*_[](){}<>!#-+=|~:.'\"1", min_size=1, max_size=16)


@settings(deadline=None, max_examples=500)
@given(SPELLED, st.sampled_from(PLACES))
def test_a_reader_sees_the_target_to_the_letter(target, place):
    text = place.format("한국어")
    want = squeezed(target)
    if want:
        assert visible(english(text, target)) == visible(text).replace("한국어", want)


@pytest.mark.parametrize("target", [t for t in NASTY if not set(t) & set("$&\\\\")])
@pytest.mark.parametrize("place", PLACES)
def test_a_reader_sees_each_nasty_target_to_the_letter(place, target):
    text = place.format("한국어")
    want = squeezed(target)
    if want:
        assert visible(english(text, target)) == visible(text).replace("한국어", want)


def test_the_units_own_constructs_pass_unescaped():
    text = '- `코드`와 [글](https://x.com "t") 그리고 <b>굵게</b> **강조** $x^2$ ![그림](a.png)이다\n'
    target = '**bold** ![figure](a.png), $x^2$, `코드` and [text](https://x.com "t") in <b>bold</b>'
    assert english(text, target) == f"- {target}\n"


def test_a_reference_link_of_the_unit_stays_a_link_around_its_words():
    text = "자세히는 [여기를][p] 보라.\n\n[p]: https://x.com/p\n"
    assert english(text, "See [here][p] for more.") == "See [here][p] for more.\n\n[p]: https://x.com/p\n"


def test_the_units_own_constructs_pass_only_as_often_as_the_unit_has_them():
    assert visible(english("`x` 코드\n", "`x` and `x`")) == "x and `x`"


@pytest.mark.parametrize(
    "target",
    ["**Bold** and *soft*.", "The `code`.", "See [here](https://x.com/a).", "A fish: ![fish](a.png)", "$a^*b^*$", "It is <https://x.com>."],
)
@pytest.mark.parametrize("place", ["한국어다.", "- 한국어다.", "## 한국어", "> 한국어다.", "- **라벨**: 한국어다.", "|가|\n|-|\n|나|"])
def test_what_a_person_adds_within_the_line_passes_and_what_a_machine_adds_does_not(place, target):
    document = Document.parse(place)
    unit = document.units[-1]
    assert document.render({unit.id: target}, human={unit.id}) == place[: unit.start] + target + place[unit.end :]
    assert document.render({unit.id: target}) != document.render({unit.id: target}, human={unit.id})


@pytest.mark.parametrize(
    ("target", "shown"),
    [("- a **b**", "\\- a **b**"), ("<b>x</b> **y**", "\\<b>x\\</b> **y**"), ("**a and *b", "\\*\\*a and \\*b"), ("`a", "\\`a")],
)
def test_of_a_person_what_begins_a_block_is_a_tag_or_is_not_closed_is_text(target, shown):
    document = Document.parse("한국어다.")
    assert document.render({document.units[0].id: target}, human={document.units[0].id}) == shown


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("<https://x.com/a> 사이트다.", "<https://x.com/a> is the site."),
        ("사이트는 <https://x.com/a> 이다.", "<https://x.com/a> is the site."),
        ("굵은 <b>글</b>이다.", "<b>text</b> is bold."),
        ("명령은 ```x``` 이다.", "```x``` is the command."),
        ("[글](https://x.com)이다.", "[text](https://x.com) it is."),
        ("글은 **굵다**.", "**Bold** it is."),
    ],
)
@pytest.mark.parametrize("opener", ["", "- ", "> "])
def test_the_units_own_constructs_pass_at_the_start_of_a_line(opener, source, target):
    assert english(opener + source + "\n", target) == opener + target + "\n"


@settings(deadline=None, max_examples=300)
@given(nasty_targets, nasty_targets)
def test_a_printed_list_stays_a_list_of_as_many_strings(first, second):
    text = "- ['가나', \"다라\", 'b\\'c']\n"
    document = Document.parse(text)
    out = document.render({unit.id: target for unit, target in zip(document.units, [first, second], strict=True)})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a Markdown escape is no Python escape: SyntaxWarning
        values = ast.literal_eval(out.removeprefix("- ").removesuffix("\n"))
    assert len(values) == 3
    assert all(isinstance(value, str) for value in values)
    assert values[2] == "b'c"
    assert out.count("\n") == 1


@pytest.mark.parametrize("target", ["It's good.", 'A "quoted" word', "a, b", "plain", "['x', 'y']"])
def test_a_printed_list_holds_the_target(target):
    values = ast.literal_eval(english("['가나', \"다라\"]", target))
    assert values in ([target, target], [target.replace("[", "\\["), target.replace("[", "\\[")])


@settings(deadline=None, max_examples=400)
@given(printable_targets, st.sampled_from(["title: 제목", "title: '제목'", 'title: "제목"', "title:   제목   "]))
def test_front_matter_stays_a_mapping_that_holds_the_target(target, line):
    text = f"---\ndate: x\n{line}\nb: c\n---\n"
    values = yaml.safe_load(english(text, target).split("---\n", 1)[1].rsplit("\n---\n", 1)[0])
    assert set(values) == {"date", "title", "b"}
    want = squeezed(target)
    assert isinstance(values["title"], str)
    assert " ".join(values["title"].split()) == want or not want


@pytest.mark.parametrize(
    "target",
    [
        "Today: the best",
        "Papers # 1",
        "it's",
        'a "b"',
        "- x",
        "[a]",
        "{a}",
        "yes",
        "null",
        "123",
        "1.5",
        "2024-01-01",
        "x:",
        ": x",
        "~",
        "a #",
        "=",
        "<<",
        "!x",
        "0x1F",
        "1_000",
        "12:30:45",
        "on",
        "True",
        ".inf",
        "---",
        "...",
    ],
)
@pytest.mark.parametrize("line", ["title: 제목", "title: '제목'", 'title: "제목"'])
def test_front_matter_reads_back_as_the_target(line, target):
    out = english(f"---\n{line}\ntags: [a, b]\n---\nText\n", target)
    assert yaml.safe_load(out.split("---\n", 1)[1].rsplit("\n---\n", 1)[0]) == {"title": target, "tags": ["a", "b"]}
    assert out.endswith("\n---\nText\n")


@settings(deadline=None, max_examples=300)
@given(
    printable_targets,
    st.sampled_from(["title: 제목", "title: '제목'", 'title: "제목"', "title: '제''목'"]),
    st.sampled_from(["source-first", "target-first"]),
)
def test_bilingual_front_matter_stays_a_mapping_with_both_languages(target, line, order):
    document = Document.parse(f"---\n{line}\nb: c\n---\n")
    out = document.render({document.units[0].id: target}, layout="interleaved", order=order)
    values = yaml.safe_load(out.split("---\n", 1)[1].rsplit("\n---\n", 1)[0])
    assert set(values) == {"title", "b"}
    assert document.units[0].text in values["title"]
    assert " ".join(squeezed(target).split()) in " ".join(values["title"].split())


@pytest.mark.parametrize("target", ["a < b", "<i>x</i>", "--> x", "5 > 3"])
def test_html_text_stays_text(target):
    out = english("<p>한국어</p>\n", target)
    assert out == f"<p>{target.replace('<', '&lt;')}</p>\n"


@pytest.mark.parametrize("target", ["one\ntwo", "one\r\ntwo", "one \r\n\r\n two", "one\u2028two", "one\x85two"])
def test_line_breaks_in_a_target_become_spaces(target):
    assert english("- 한국어\n- b\n", target) == "- one two\n- b\n"


@pytest.mark.parametrize("text", ["- 한국어\n", "---\ntitle: 한국어\n---\n", "| 한국어 |\n| --- |\n"])
@pytest.mark.parametrize("target", ["\u2028\n", "\0"])
def test_a_target_of_nothing_but_line_breaks_and_control_characters_leaves_the_korean(text, target):
    assert english(text, target) == text
