"""Renderings read back with their source: what was put in comes out, edits are found, and what is in doubt is named."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_strategies import NASTY, markdown, nasty_targets
from markdown_structure import in_english

from translator.document import Document
from translator.document.reading import Reading

GOLDEN = Path(__file__).parent / "golden"
RENDERINGS = [
    ("english", "source-first"),
    ("interleaved", "source-first"),
    ("interleaved", "target-first"),
    ("table", "source-first"),
    ("table", "target-first"),
]
MANY = settings(deadline=None, max_examples=300)
SOME = settings(deadline=None, max_examples=120)
EDITS = [
    "Short.",
    "A longer sentence: with a colon, `code` and more - of it, quite a bit more than there was before.",
    "With **strong** and *slanted* words",
    "[a link](https://example.com/x) of one's own",
    "1. one",
    "Is it? Yes!",
    "50 % of C++ & A* < B",
    "***",
]


def digest() -> Document:
    return Document.parse((GOLDEN / "digest.md").read_bytes().decode())


def numbered(document: Document) -> dict[str, str]:
    return {unit.id: f"Number {number} of them." for number, unit in enumerate(document.units)}


def assert_nothing_wrong(
    reading: Reading, document: Document, expected: dict[str, str | None], altered: frozenset[str] = frozenset()
) -> None:
    """Each unit is read as expected or named as unread; of those altered anything may be read."""
    unread = {entry.unit.id for entry in reading.unread}
    assert unread | set(reading.targets) == {unit.id for unit in document.units}
    assert not unread & set(reading.targets)
    assert {key: target for key, target in reading.targets.items() if key not in altered} == {
        unit.id: expected[unit.id] for unit in document.units if unit.id not in unread | altered
    }


@MANY
@given(markdown(odd=True), st.data(), st.sampled_from(RENDERINGS))
def test_any_targets_of_any_markdown_are_read_back(text, data, rendering):
    document = Document.parse(text)
    targets = {unit.id: data.draw(nasty_targets) for unit in document.units if data.draw(st.booleans())}
    human = {unit_id for unit_id in targets if data.draw(st.booleans())}
    out = document.render(targets, *rendering, human=human)
    reading = document.read(out, *rendering)
    assert_nothing_wrong(reading, document, document.canonical(targets, human=human))
    assert not reading.unread or "<br>" in out


@MANY
@given(markdown(), st.data(), st.sampled_from(RENDERINGS))
def test_targets_with_links_and_code_and_trouble_are_read_back(text, data, rendering):
    document, targets = Document.parse(text), {}
    for unit in document.units:
        words = in_english(unit).split(" ")
        words.insert(data.draw(st.integers(0, len(words))), data.draw(st.sampled_from(NASTY)))
        targets[unit.id] = " ".join(words)
    out = document.render(targets, *rendering)
    reading = document.read(out, *rendering)
    assert_nothing_wrong(reading, document, document.canonical(targets))
    assert not reading.unread or "<br>" in out


@MANY
@given(markdown(odd=True), st.data(), st.sampled_from(RENDERINGS))
def test_what_is_read_renders_as_the_same_text(text, data, rendering):
    document = Document.parse(text)
    targets = {unit.id: data.draw(nasty_targets) for unit in document.units}
    human = {unit_id for unit_id in targets if data.draw(st.booleans())}
    read = {key: target for key, target in document.canonical(targets, human=human).items() if target is not None}
    assert document.render(read, *rendering, human=human) == document.render(targets, *rendering, human=human)
    assert document.canonical(read, human=human) == document.canonical(targets, human=human)


@pytest.mark.parametrize(
    "target",
    [
        "A* search on V*",
        "It's \"quoted\": 'so'",
        "a | b",
        "1. one",
        "# of them",
        "- so",
        "ends in a backslash \\",
        "{\\sc Bench} and \\textit{x}",
        "a_b_c and **bold",
        "<b> & <i>",
        "5 < 6 ~~ 7",
        "[x] and [y] (z)",
        "key: value # note",
    ],
)
@pytest.mark.parametrize("rendering", RENDERINGS)
@pytest.mark.parametrize(
    "place",
    ["{}\n", "- {}\n", "1. {}\n", "> {}\n", "## {}\n", "- **{}**: x\n", "- ['{}']\n", "---\ntitle: {}\n---\n", "<p>{}</p>\n"],
)
def test_targets_without_escapes_of_their_own_are_read_to_the_letter(place, rendering, target):
    document = Document.parse(place.format("한국어"))
    [unit] = document.units
    assert document.read(document.render({unit.id: target}, *rendering), *rendering).targets == {unit.id: target}


@pytest.mark.parametrize("rendering", RENDERINGS)
def test_marks_of_a_machine_look_the_same_when_a_person_has_taken_them_over(rendering):
    """In a person's words they would be emphasis and code; so what is read has the escapes."""
    document = Document.parse("- 가나다.\n")
    [unit] = document.units
    out = document.render({unit.id: "So **it** is `x` and A* search."}, *rendering)
    read = document.read(out, *rendering).targets
    assert read == {unit.id: "So \\*\\*it\\*\\* is \\`x\\` and A\\* search."}
    assert document.render(read, *rendering, human=read) == document.render(read, *rendering) == out


def test_escapes_that_the_source_has_are_kept():
    document = Document.parse("- 코드 \\*별\\*과 둘\n")
    [unit] = document.units
    assert document.canonical({unit.id: "Code \\*star\\* and two"}) == {unit.id: "Code \\*star\\* and two"}


@pytest.mark.parametrize("rendering", RENDERINGS)
def test_what_is_left_untranslated_is_read_as_none(rendering):
    document = digest()
    for start in range(4):
        targets = {key: text for number, (key, text) in enumerate(numbered(document).items()) if number % 4 != start}
        reading = document.read(document.render(targets, *rendering), *rendering)
        assert reading.targets == {unit.id: targets.get(unit.id) for unit in document.units}
        assert reading.translations == targets


@pytest.mark.parametrize("rendering", RENDERINGS)
def test_each_target_is_found_on_its_line(rendering):
    document = digest()
    out = document.render(numbered(document), *rendering)
    lines, targets = out.split("\n"), numbered(document)
    for unit_id, line in document.read(out, *rendering).lines.items():
        assert targets[unit_id] in lines[line - 1]


@pytest.mark.parametrize("rendering", RENDERINGS)
def test_layout_and_order_are_found_out(rendering):
    document = digest()
    reading = document.read(document.render(numbered(document), *rendering))
    assert (reading.layout, reading.order) == rendering
    assert reading.targets == numbered(document)


@SOME
@given(markdown(), st.sampled_from(RENDERINGS))
def test_an_unknown_layout_is_read_as_a_known_one(text, rendering):
    document = Document.parse(text)
    targets = {unit.id: f"The words {in_english(unit)}" for unit in document.units}
    out = document.render(targets, *rendering)
    assert_nothing_wrong(document.read(out), document, document.canonical(targets))


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("rendering", RENDERINGS)
def test_an_edit_changes_the_reading_of_its_unit_alone(rendering, edit):
    document = digest()
    for unit in document.units:
        if unit.quoting != "none" and edit != "Short.":
            continue
        targets = numbered(document) | {unit.id: "QQQ"}
        reading = document.read(document.render(targets, *rendering).replace("QQQ", edit), *rendering)
        assert reading.targets == targets | {unit.id: edit}, unit


@MANY
@given(markdown(), st.data(), st.sampled_from(RENDERINGS))
def test_no_edit_changes_the_reading_of_another_unit(text, data, rendering):
    document = Document.parse(text)
    if not document.units or "QQQ" in text:
        return
    edited = data.draw(st.sampled_from(document.units))
    targets = {unit.id: f"The words {in_english(unit)}" for unit in document.units} | {edited.id: "QQQ"}
    edit = data.draw(nasty_targets.map(lambda target: " ".join(target.split())).filter(bool))
    reading = document.read(document.render(targets, *rendering).replace("QQQ", edit), *rendering)
    assert_nothing_wrong(reading, document, document.canonical(targets), frozenset([edited.id]))


@pytest.mark.parametrize("rendering", RENDERINGS)
def test_an_english_text_that_was_deleted_is_empty(rendering):
    document = digest()
    unit = next(unit for unit in document.units if unit.text.startswith("먼저"))
    out = document.render(numbered(document) | {unit.id: "QQQ"}, *rendering).replace("QQQ", "")
    reading = document.read(re.sub(r"[ \t]+$", "", out, flags=re.M), *rendering)
    assert_nothing_wrong(reading, document, dict(numbered(document)), frozenset([unit.id]))
    assert not reading.targets.get(unit.id)


@pytest.mark.parametrize(
    ("text", "rendering", "broken"),
    [
        ("- 하나이다.\n- 둘이다.\n", RENDERINGS[0], "- One\n  and only.\n- Two.\n"),
        ("- 하나이다.\n- 둘이다.\n", RENDERINGS[1], "- 하나이다.\n  > One\n  > and only.\n- 둘이다.\n  > Two.\n"),
        ("- 하나이다.\n- 둘이다.\n", RENDERINGS[1], "- 하나이다.\n  > One\nand only.\n- 둘이다.\n  > Two.\n"),
        ("- 하나이다.\n- 둘이다.\n", RENDERINGS[2], "- One\n  and only.\n  > 하나이다.\n- Two.\n  > 둘이다.\n"),
        ("하나이다.\n\n둘이다.\n", RENDERINGS[0], "One\nand only.\n\nTwo.\n"),
        ("> 하나이다.\n\n> 둘이다.\n", RENDERINGS[0], "> One\n> and only.\n\n> Two.\n"),
    ],
)
def test_a_line_break_within_the_english_is_a_space(text, rendering, broken):
    document = Document.parse(text)
    assert list(document.read(broken, *rendering).targets.values()) == ["One and only.", "Two."]


@pytest.mark.parametrize("rendering", RENDERINGS)
def test_what_editors_change_by_themselves_is_no_edit(rendering):
    source = "\ufeff" + (GOLDEN / "digest.md").read_bytes().decode().replace("하나가", "하나가  ")
    document = Document.parse(source)
    out = document.render(numbered(document), *rendering)
    stripped = re.sub(r"[ \t]+$", "", out, flags=re.M)
    for text in (out, out.replace("\n", "\r\n"), out.removeprefix("\ufeff"), stripped, out.rstrip("\n"), out + "\n\n"):
        assert document.read(text, *rendering).targets == numbered(document)


@pytest.mark.parametrize("rendering", RENDERINGS)
@pytest.mark.parametrize("damage", ["delete", "double", "replace", "insert", "break"])
def test_damage_to_any_line_loses_what_is_around_it_and_makes_nothing_wrong(rendering, damage):
    document = digest()
    targets = numbered(document)
    lines = document.render(targets, *rendering).split("\n")
    for at, line in enumerate(lines):
        own = frozenset(key for key, target in targets.items() if target in line)
        new = {"delete": [], "double": [line, line], "replace": ["Some other words"], "insert": [line, "### New"], "break": ["", line]}
        reading = document.read("\n".join([*lines[:at], *new[damage], *lines[at + 1 :]]), *rendering)
        assert_nothing_wrong(reading, document, dict(targets), own)
        assert len(reading.unread) <= (5 if rendering[0] != "english" else len(document.units) - 2), line
        for entry in reading.unread:
            assert 1 <= entry.first_line <= entry.last_line + 1 <= len(lines) + 2
        assert reading.altered or not line or own


def test_a_line_too_many_in_the_english_makes_its_list_unreadable_and_no_more():
    document = Document.parse("# 제목\n\n- 하나이다.\n- 둘이다.\n\n## Next\n\n- 셋이다.\n")
    reading = document.read("# Title\n\n- One.\n- New.\n- Two.\n\n## Next\n\n- Three.\n", "english")
    assert list(reading.targets.values()) == ["Title", "Three."]
    assert [(entry.unit.text, entry.first_line, entry.last_line) for entry in reading.unread] == [("하나이다.", 3, 5), ("둘이다.", 3, 5)]


def test_english_that_moved_away_from_its_korean_is_not_taken_for_untranslated():
    document = Document.parse("- 하나이다.\n- 둘이다.\n- 셋이다.\n")
    reading = document.read("- 하나이다.\n- 둘이다.\n  > One.\n  > Two.\n- 셋이다.\n  > Three.\n", "interleaved")
    assert {entry.unit.text for entry in reading.unread} == {"하나이다.", "둘이다."}
    assert list(reading.targets.values()) == ["Three."]


def test_english_that_can_be_cut_in_two_ways_is_named_with_its_line():
    document = Document.parse("# 제목\n\n- 하나<br>이다.  \n  둘<br>이다.\n")
    targets = dict(zip((unit.id for unit in document.units), ["Title", "It is<br>one.", "Two."], strict=True))
    out = document.render(targets, "table")
    assert out.endswith("| It is<br>one.<br>Two. |\n")
    reading = document.read(out, "table")
    assert [(entry.unit.line, entry.first_line, entry.last_line) for entry in reading.unread] == [(3, 6, 6), (4, 6, 6)]


def test_english_is_cut_as_a_rendering_can_have_put_it_together():
    document = Document.parse("- 하나<br>이다.  \n  둘이다.\n")
    targets = dict(zip((unit.id for unit in document.units), ["It is<br>one.", "Two."], strict=True))
    assert document.read(document.render(targets, "table"), "table").targets == targets
