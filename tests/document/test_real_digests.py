"""The laws on the archive of real digests, where it is at hand."""

import re
from functools import cache
from pathlib import Path

import pytest
from test_laws import assert_identity_of, assert_local, assert_nothing_overlooked, assert_structure_kept, assert_units_tell_the_truth

from translator.document import Document
from translator.document.hangul import has_hangul

ARCHIVE = Path(__file__).parents[2].parent / "shared" / "digests"
FILES = sorted(ARCHIVE.rglob("*.md"))
KOREAN_LINES = 20_771

pytestmark = pytest.mark.skipif(not FILES, reason=f"no archive at {ARCHIVE}")


@cache
def documents() -> tuple[Document, ...]:
    return tuple(Document.parse(path.read_bytes().decode("utf-8")) for path in FILES)


def plain_targets(document: Document) -> dict[str, str]:
    return {unit.id: f"Translation {number} of a unit." for number, unit in enumerate(document.units, 1)}


def test_without_translations_each_digest_is_itself():
    for document in documents():
        assert_identity_of(document)


def test_every_korean_line_is_in_a_unit_or_named():
    lines = 0
    for document in documents():
        assert_units_tell_the_truth(document)
        assert_nothing_overlooked(document)
        lines += sum(has_hangul(line) for line in re.split(r"\r\n?|\n", document.source))
    assert lines == KOREAN_LINES


def test_hardly_a_korean_line_is_left_untouched():
    reasons = [entry.reason for document in documents() for entry in document.untouched]
    assert len(reasons) < KOREAN_LINES / 500


def test_translating_every_unit_leaves_all_else_and_no_korean_in_units():
    for document in documents():
        out = assert_local(document, plain_targets(document))
        left = sum(has_hangul(line) for line in re.split(r"\r\n?|\n", out))
        assert left <= len(document.untouched) + sum(1 for unit in document.units if unit.kind == "label" or unit.quoting != "none")


@pytest.mark.parametrize("start", range(0, 14, 7))
def test_translating_every_unit_keeps_the_markdown_structure(start):
    for document in documents()[start::14]:
        assert_structure_kept(document, plain_targets(document))
