"""The laws of the document room on open input: identity, locality, ids, nothing Korean overlooked, line endings."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_strategies import NASTY, any_text, markdown, nasty_targets
from markdown_structure import constructs_of_units, in_english, structure_below_front_matter

from translator.document import Document
from translator.document.hangul import has_hangul

LAYOUTS = ("english", "interleaved", "table")
MANY = settings(deadline=None, max_examples=250)
SOME = settings(deadline=None, max_examples=120)


def assert_identity_of(document: Document) -> None:
    for layout in LAYOUTS:
        assert document.render({}, layout=layout) == document.source


def assert_identity(text: str) -> None:
    document = Document.parse(text)
    assert document.source == text
    assert_identity_of(document)


def assert_units_tell_the_truth(document: Document) -> None:
    """Units are in order, do not overlap, lie on their line, hold Hangul, have ids of their own."""
    position = 0
    for unit in document.units:
        assert position <= unit.start < unit.end
        assert has_hangul(document.source[unit.start : unit.end])
        assert unit.line == len(re.findall(r"\r\n?|\n", document.source[: unit.start])) + 1
        position = unit.end
    assert len({unit.id for unit in document.units}) == len(document.units)


def assert_nothing_overlooked(document: Document) -> None:
    lines = re.split(r"\r\n?|\n", document.source)
    korean = {number for number, line in enumerate(lines, 1) if has_hangul(line)}
    in_units = set()
    for unit in document.units:
        in_units.update(range(unit.line, unit.line + len(re.findall(r"\r\n?|\n", document.source[unit.start : unit.end])) + 1))
    left = [entry.line for entry in document.untouched]
    assert all(entry.reason and entry.text == lines[entry.line - 1].strip() for entry in document.untouched)
    assert len(left) == len(set(left))
    assert korean - in_units == set(left)


def assert_local(document: Document, targets: dict[str, str]) -> str:
    """Text outside the units with a target is as it was; the rendering comes back."""
    out = document.render(targets)
    rest, position = out, 0
    for unit in document.units:
        if unit.id in targets:
            between = document.source[position : unit.start]
            at = rest.find(between) if position else 0
            assert at >= 0
            assert rest[at : at + len(between)] == between
            rest = rest[at + len(between) :]
            position = unit.end
    assert rest.endswith(document.source[position:])
    return out


def assert_structure_kept(document: Document, targets: dict[str, str], *, constructs_kept: bool = False) -> None:
    """Blocks are the same; no inline construct is new; those outside the units are all there (or simply all of them)."""
    before = structure_below_front_matter(document.source, document)
    after = structure_below_front_matter(document.render(targets), document)
    assert after.blocks == before.blocks
    for old, new in zip(before.inline, after.inline, strict=True):
        assert new <= old
    if constructs_kept:
        assert after.constructs == before.constructs
    elif before.constructs:
        own = constructs_of_units(document, [unit for unit in document.units if unit.id in targets])
        assert before.constructs - own <= after.constructs


@MANY
@given(any_text)
def test_any_text_without_translations_is_itself(text):
    assert_identity(text)


@MANY
@given(st.text("가a \\`*_~[]()<>!$|:#-+=.&'\"\n", max_size=30))
def test_any_pile_of_markdown_marks_without_translations_is_itself(text):
    assert_identity(text)


@MANY
@given(markdown(odd=True))
def test_any_markdown_without_translations_is_itself(text):
    assert_identity(text)


@SOME
@given(
    st.lists(st.sampled_from(["가", "\r", "\n", "\r\n", "- ", "> ", "| ", " ", "\t", "'", "[", "]", "`", "\x85", "\x0c"]), max_size=14).map(
        "".join
    )
)
def test_odd_white_space_and_line_breaks_without_translations_are_themselves(text):
    assert_identity(text)


@MANY
@given(markdown(odd=True))
def test_units_lie_in_order_on_their_lines_with_ids_of_their_own(text):
    assert_units_tell_the_truth(Document.parse(text))


@MANY
@given(st.one_of(markdown(odd=True), any_text.map(lambda text: "가 " + text)))
def test_every_korean_line_is_in_a_unit_or_named_as_untouched(text):
    assert_nothing_overlooked(Document.parse(text))


@MANY
@given(markdown(odd=True), st.data())
def test_translating_some_units_leaves_all_other_text_as_it_was(text, data):
    document = Document.parse(text)
    chosen = [unit for unit in document.units if data.draw(st.booleans())]
    assert_local(document, {unit.id: data.draw(nasty_targets) for unit in chosen})


@settings(deadline=None, max_examples=400)
@given(markdown(), st.data())
def test_arbitrary_targets_leave_the_markdown_structure_as_it_was(text, data):
    document = Document.parse(text)
    assert_structure_kept(document, {unit.id: data.draw(nasty_targets) for unit in document.units})


@MANY
@given(markdown(), st.data())
def test_what_a_person_writes_leaves_the_blocks_and_the_tags_as_they_were(text, data):
    document = Document.parse(text)
    targets = {unit.id: data.draw(nasty_targets) for unit in document.units}
    before = structure_below_front_matter(document.source, document)
    after = structure_below_front_matter(document.render(targets, human=targets), document)
    assert after.blocks == before.blocks
    assert {kind for kind in after.constructs - before.constructs if kind[0] in ("html_inline", "hardbreak")} == set()


@MANY
@given(markdown())
def test_targets_with_their_units_constructs_keep_every_link_image_code_and_tag(text):
    document = Document.parse(text)
    assert_structure_kept(document, {unit.id: in_english(unit) for unit in document.units}, constructs_kept=True)


@MANY
@given(markdown(), st.data())
def test_targets_that_mix_constructs_with_trouble_add_nothing(text, data):
    document = Document.parse(text)
    trouble = st.sampled_from(NASTY)
    targets = {}
    for unit in document.units:
        words = in_english(unit).split(" ")
        words.insert(data.draw(st.integers(0, len(words))), data.draw(trouble))
        targets[unit.id] = " ".join(words)
    assert_structure_kept(document, targets)


PLACES = {
    "paragraph": "한국어 문장이다.\n",
    "bullet": "- 하나\n- 한국어 문장이다.\n- 셋\n",
    "nested bullet": "- 하나\n  - 한국어 문장이다.\n",
    "ordered": "1. 한국어 문장이다.\n2. 둘\n",
    "heading": "## 한국어 제목\n\n본문이다.\n",
    "closed heading": "## 한국어 제목 ##\n",
    "setext heading": "한국어 제목\n===\n",
    "dashed heading": "한국어 제목\n---\n",
    "quote": "> 한국어 문장이다.\n> 둘째 줄이다.\n",
    "cell": "| 모델 | 점수 |\n| --- | --- |\n| 한국어 | 2 |\n",
    "bare cell": "모델|점수\n-|-\n한국어|둘\n",
    "html": "<p>한국어 문장이다.</p>\n",
    "html in a quote": "> <div>\n> 한국어 문장이다.\n> </div>\n",
    "html in a list": "- <div>\n  한국어 문장이다.\n  </div>\n- 둘\n",
    "label": "- **한국어**: 문장이다.\n",
    "label with colon inside": "- **한국어:** 문장이다.\n",
    "list string": "- ['가나다', \"라마's\"]\n",
    "second line": "English first\\\n한국어 문장이다.\nthird 줄\n",
    "after image": "![](a.png) 한국어 문장이다.\n",
    "before link": "한국어 [링크](https://x.com) 뒤\n",
    "footnote": "본문[^1]\n\n[^1]: 각주다.\n",
    "task": "- [ ] 할 일이다\n",
    "emphasis": "**한국어** 문장이다\n",
}


@pytest.mark.parametrize("target", NASTY)
@pytest.mark.parametrize("place", PLACES)
def test_each_nasty_target_in_each_place_leaves_the_structure_as_it_was(place, target):
    document = Document.parse(PLACES[place])
    assert document.units
    assert_structure_kept(document, {unit.id: target for unit in document.units})


@SOME
@given(markdown(), st.sampled_from(["머리말이다.\n\n", "- Votes: 3\n\n", "```\ncode\n```\n\n"]))
def test_ids_survive_edits_elsewhere_in_the_file(text, added):
    text = text.removeprefix("\ufeff")
    if text.startswith("---"):
        return
    body = "\n# 절 제목\n\n- 변하지 않는 문장이다.\n- 또 하나의 문장이다.\n"
    ids = [unit.id for unit in Document.parse(body).units]
    edited = [unit.id for unit in Document.parse(added + body).units]
    assert edited[-len(ids) :] == ids
    assert [unit.id for unit in Document.parse(body + "\n# 다음 절\n\n" + text).units][: len(ids)] == ids


@SOME
@given(markdown(), st.sampled_from(LAYOUTS), st.sampled_from(["source-first", "target-first"]), st.sampled_from(["\n", "\r\n", "\r"]))
def test_all_layouts_keep_the_line_endings_of_the_document(text, layout, order, line_break):
    text = re.sub(r"\r\n?|\n", line_break, text) + line_break
    document = Document.parse(text)
    out = document.render({unit.id: "one\ntwo\r\nthree" for unit in document.units}, layout=layout, order=order)
    assert set(re.findall(r"\r\n?|\n", out)) <= {line_break}
    assert re.split(r"\r\n?|\n", out)[-1] == re.split(r"\r\n?|\n", text)[-1]


@SOME
@given(markdown(), st.sampled_from(LAYOUTS))
def test_a_rendering_is_a_function_of_the_source_and_the_translations(text, layout):
    document = Document.parse(text)
    targets = {unit.id: in_english(unit) for unit in document.units}
    backwards = dict(reversed(targets.items()))
    assert Document.parse(text) == document
    assert document.render(targets, layout=layout) == document.render(backwards, layout=layout)
