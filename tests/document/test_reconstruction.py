"""Bilingual files taken apart without their source: the same units and targets, or a sentence that says where it cannot be."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_strategies import markdown
from markdown_structure import in_english

from translator.document import Document
from translator.document.reconstruction import reconstruct
from translator.errors import UserError

GOLDEN = Path(__file__).parent / "golden"
RENDERINGS = [(layout, order) for layout in ("interleaved", "table") for order in ("source-first", "target-first")]
WORDS = ["model", "is fast.", "`code`", "A* search", "**bold**", "it's", '"x"', "1. one", "- x", "a: b", "# t", "https://x.io/a", "(LLM)"]


def told(document: Document, targets: dict[str, str | None]) -> list[tuple[object, ...]]:
    """What records say of a document's units, but for the line."""
    return [(unit.id, unit.kind, unit.title, unit.text, targets[unit.id]) for unit in document.units]


def taken_apart(text: str) -> list[tuple[object, ...]]:
    document, reading = reconstruct(text, "x.md")
    assert document.render(reading.translations, reading.layout, reading.order) == text
    return told(document, dict(reading.targets))


@pytest.mark.parametrize(("layout", "order"), RENDERINGS)
def test_the_golden_digest(layout, order):
    source = Document.parse((GOLDEN / "digest.md").read_bytes().decode())
    targets = {unit.id: f"EN-{number} {in_english(unit, 'en')}" for number, unit in enumerate(source.units, 1)}
    document, reading = reconstruct((GOLDEN / f"digest.{layout}.{order}.md").read_bytes().decode(), "digest.md")
    assert (reading.layout, reading.order) == (layout, order)
    assert told(document, dict(reading.targets)) == told(source, targets)
    if layout == "interleaved":
        assert [unit.line for unit in document.units] == [unit.line for unit in source.units]


@settings(deadline=None, max_examples=300)
@given(markdown(), st.data(), st.sampled_from(RENDERINGS))
def test_any_markdown_is_taken_apart_as_it_was_put_together_or_refused(text, data, rendering):
    document = Document.parse(text)
    words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
    targets = {unit.id: f"The {data.draw(words)}" for unit in document.units}
    found = None
    with contextlib.suppress(UserError):
        found = taken_apart(document.render(targets, *rendering))
    assert found in (None, told(document, document.canonical(targets)))


@pytest.mark.parametrize(
    "text",
    [
        "- 하나이다.\n- 둘이다.\n  - 셋이다.\n    - 넷이다.\n- 다섯이다.\n",
        "1. 하나이다.\n2. 둘이다.\n   - 셋이다.\n10. 넷이다.\n",
        "3) 셋이다.\n4) 넷이다.\n",
        "- 하나이다.\n- 2) 둘이다.\n- 3) 셋이다.\n",
        "- 하나이다.\n\n2. 둘이다.\n",
        "- 하나이다.\n\n  이어진다.\n- 둘이다.\n",
        "1. 하나이다.\n\n   이어진다.\n\n문단이다.\n\n- 둘이다.\n- • 셋이다.\n",
        "문단이다.\n\n• 둘째 문단이다.\n\n- 하나이다.\n",
        "문단 하나가\n두 줄이다.\n\n끝이다.\n",
        "- - 하나이다.\n- 둘이다.\n",
        "- 하나이다.\n- English only\n- 값은 a|b이다.\n",
        "# 제목이다\n\n- [ ] 할 일이다.\n- **라벨**: 글이다.\n- ['하나', \"둘\"]\n",
        "> 인용이다.\n> 이어진다.\n\n> > 안이다.\n",
        "제목이다\n===\n\n문단이다.\n---\n",
        "---\ntitle: 하나\n---\n\n| 이름 | 값 |\n| - | - |\n| 하나 | 2 |\n\n<p>글이다.</p>\n",
        "\ufeff- 하나이다.\r\n- 둘이다.\r\n",
    ],
)
@pytest.mark.parametrize("rendering", RENDERINGS)
def test_what_layouts_keep_of_lists_and_paragraphs(text, rendering):
    document = Document.parse(text)
    targets = {unit.id: f"Number {number}." for number, unit in enumerate(document.units)}
    assert taken_apart(document.render(targets, *rendering)) == told(document, targets)


@pytest.mark.parametrize("rendering", RENDERINGS)
def test_what_was_left_untranslated_stays_so(rendering):
    document = Document.parse("# 제목\n\n- 하나이다.\n- 둘이다.\n\n## 절\n\n- 셋이다.\n- 넷이다.\n")
    targets = {unit.id: f"Number {number}." for number, unit in enumerate(document.units) if number % 2}
    assert taken_apart(document.render(targets, *rendering)) == told(document, {unit.id: targets.get(unit.id) for unit in document.units})


@pytest.mark.parametrize("text", ["- 하나이다.\n- 둘이다.\n", "# Title\n\n- One.\n- Two.\n\n> A quote.\n", ""])
def test_a_file_in_one_language_has_no_translations(text):
    document, reading = reconstruct(text, "x.md")
    assert document.source == text
    assert not reading.translations


def test_markdown_that_a_person_put_into_the_english_is_read():
    document, reading = reconstruct("- 하나이다.\n  > One.\n- 둘이다.\n  > Two is **not** two.\n", "x.md")
    assert reading.translations == {document.units[0].id: "One.", document.units[1].id: "Two is **not** two."}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("- 하나이다.\n  > One.\n- 둘이다.\n  > Two is <b>not</b> two.\n", 4),
        ("- 하나이다.\n  > One.\n- 둘이다.\n  > Two\n  > and more.\n", 4),
        ("| 한국어 | English |\n| --- | --- |\n| 하나이다. | One. |\n| 둘이다. | Two | three. |\n", 4),
        ("| 한국어 | English |\n| --- | --- |\n| 하나<br>이다. | One. |\n", 3),
        ("<p>하나 / 둘 / One / Two</p>\n", 1),
        ("- One.\n  and so on\n  > 하나이다.\n", 1),
        ("- 하나이다.\n  > 둘이다, 셋이다.\n", 1),
    ],
)
def test_what_does_not_fit_is_named_with_its_line(text, line):
    with pytest.raises(UserError, match=f"^x.md, line {line}: .*read the file with its source$"):
        reconstruct(text, "x.md")
