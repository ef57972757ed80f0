"""The laws on the examples of the CommonMark specification: as they are, and with Korean in them.

Needs the environment variable COMMONMARK_SPEC: the path of a spec.txt (in the npm package commonmark-spec, or in the source
distribution of the PyPI package commonmark) or of the JSON that `spec_tests.py --dump-tests` makes of it.
"""

import json
import os
import re
from pathlib import Path

import pytest
from markdown_structure import in_english
from test_laws import assert_identity, assert_local, assert_nothing_overlooked, assert_structure_kept, assert_units_tell_the_truth

from translator.document import Document

SPEC = os.environ.get("COMMONMARK_SPEC", "")
_EXAMPLE = re.compile(r"^`{32} example\n(.*?)^\.\n.*?^`{32}$", re.S | re.M)


def examples() -> list[str]:
    if not SPEC or not Path(SPEC).is_file():
        return []
    text = Path(SPEC).read_text(encoding="utf-8")
    if SPEC.endswith(".json"):
        return [example["markdown"] for example in json.loads(text)]
    return [match[1].replace("→", "\t") for match in _EXAMPLE.finditer(text)]


EXAMPLES = examples()
NUMBERED = [pytest.param(text, id=str(number)) for number, text in enumerate(EXAMPLES, 1)]

pytestmark = pytest.mark.skipif(not EXAMPLES, reason="COMMONMARK_SPEC names no spec.txt or JSON of the CommonMark examples")


def first_line_korean(text: str) -> str:
    head, line_break, rest = text.partition("\n")
    return f"{head} 한국어 문장이다.{line_break}{rest}"


def each_line_korean(text: str) -> str:
    return "".join(f"{line.rstrip()} 한국어 문장이다.\n" if line.strip() else line for line in text.splitlines(keepends=True))


def words_korean(text: str) -> str:
    return re.sub(r"\b(?:foo|bar|baz|aaa|bbb|ccc)\b", "한국어", text)


FORMS = [pytest.param(form, id=form.__name__) for form in (str, first_line_korean, each_line_korean, words_korean)]


def test_the_specification_has_its_examples():
    assert len(EXAMPLES) > 600


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", NUMBERED)
def test_example_is_itself_and_its_korean_is_found(text, form):
    assert_identity(form(text))
    document = Document.parse(form(text))
    assert_units_tell_the_truth(document)
    assert_nothing_overlooked(document)


@pytest.mark.parametrize("form", FORMS[1:])
@pytest.mark.parametrize("text", NUMBERED)
def test_translated_example_keeps_its_structure(text, form):
    document = Document.parse(form(text))
    for target in ("A plain sentence.", "# <b>`x`</b> [a](b)"):
        targets = {unit.id: target for unit in document.units}
        assert_local(document, targets)
        assert_structure_kept(document, targets)


@pytest.mark.parametrize("text", NUMBERED)
def test_translation_with_the_constructs_of_the_example_keeps_them_all(text):
    document = Document.parse(first_line_korean(text))
    assert_structure_kept(document, {unit.id: in_english(unit) for unit in document.units}, constructs_kept=True)
