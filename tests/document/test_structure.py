"""Places in a Markdown file: the same in a digest and in its English, and different where the structures are."""

from pathlib import Path

from hypothesis import given, settings
from markdown_strategies import markdown
from markdown_structure import in_english

from translator.document import Document
from translator.document.structure import find_places, unit_places

GOLDEN = Path(__file__).parent / "golden"


def test_places_say_where_prose_stands():
    text = "# Title\n\nVote: 3\n\n- One.\n- **Label**: two.\n\n## [Link](https://x.com)\n\nA paragraph\nof two lines.\n\n- ['a', \"b\"]\n"
    assert {place: unit.text for place, unit in find_places(text).items()} == {
        "section 1 of 2, heading 1 of 1": "Title",
        "section 1 of 2, bullet 1 of 2": "One.",
        "section 1 of 2, bullet 2 of 2": "two.",
        "section 2 of 2, paragraph 1 of 1": "A paragraph of two lines.",
        "section 2 of 2, bullet 1 of 1, part 1 of 2": "a",
        "section 2 of 2, bullet 1 of 1, part 2 of 2": "b",
    }


def test_the_english_of_a_unit_is_in_its_place():
    document = Document.parse((GOLDEN / "digest.md").read_bytes().decode())
    targets = {unit.id: f"EN-{number} word" for number, unit in enumerate(document.units)}
    places, english = unit_places(document), find_places(document.render(targets))
    assert {unit.id for unit in document.units} - places.keys() == {unit.id for unit in document.units if unit.kind == "label"}
    assert {unit_id: english[place].text for unit_id, place in places.items()} == {unit_id: targets[unit_id] for unit_id in places}


@settings(deadline=None, max_examples=200)
@given(markdown())
def test_the_english_of_any_unit_is_in_its_place_or_in_none(text):
    document = Document.parse(text)
    targets = {unit.id: f"E{number}N {in_english(unit)}" for number, unit in enumerate(document.units)}
    english = find_places(document.render(targets))
    for number, unit in enumerate(document.units):
        place = unit_places(document).get(unit.id)
        if place in english:
            assert f"E{number}N" in english[place].text


def test_a_paragraph_more_changes_all_places_of_its_section_and_a_section_more_all_places():
    one = "# A\n\nOne.\n\nTwo.\n\n- x\n\n# B\n\nThree.\n"
    assert find_places(one).keys() & find_places(one.replace("Two.", "Two.\n\nAnd.")).keys() == find_places(one).keys() - {
        "section 1 of 2, paragraph 1 of 2",
        "section 1 of 2, paragraph 2 of 2",
    }
    assert not find_places(one).keys() & find_places(one + "# C\n").keys()
