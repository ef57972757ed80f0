"""The laws on the archive of real digests, where it is at hand."""

import re
from functools import cache
from pathlib import Path

import pytest
from markdown_structure import in_english
from test_laws import assert_identity_of, assert_local, assert_nothing_overlooked, assert_structure_kept, assert_units_tell_the_truth

from translator.document import Document
from translator.document.hangul import has_hangul
from translator.document.reconstruction import reconstruct

ARCHIVE = Path(__file__).parents[2].parent / "shared" / "digests"
FILES = sorted(ARCHIVE.rglob("*.md"))
KOREAN_LINES = 20_771

pytestmark = pytest.mark.skipif(not FILES, reason=f"no archive at {ARCHIVE}")


@cache
def documents() -> tuple[Document, ...]:
    return tuple(Document.parse(path.read_bytes().decode("utf-8")) for path in FILES)


def plain_targets(document: Document) -> dict[str, str]:
    return {unit.id: f"Translation {number} of a unit." for number, unit in enumerate(document.units, 1)}


SENTENCES = (
    "The model is 3.5 times faster: it reads {}.",
    'It\'s "quoted" and \'so\' | {}',
    "1. {} of **them**, *not* so",
    "A* search on V*, {} (LLM; 70B) & more",
    "- {} #1",
    "[{}](https://example.com/x_y) at https://example.com/a_b, `a|b` and $x^2$",
    "{}",
    "\\textit{{HR}} _and_ {} ~~ 5 < 6 \\",
)


def varied_targets(document: Document) -> dict[str, str]:
    """Targets with quotes, pipes, emphasis, colons, numbers at the start, links; some with the source's own names and links."""
    words = [in_english(unit) if number % 3 else f"number {number}" for number, unit in enumerate(document.units)]
    return {unit.id: SENTENCES[n % len(SENTENCES)].format(words[n]) for n, unit in enumerate(document.units) if n % 11 != 5}


def squeezed(targets: dict[str, str]) -> dict[str, str]:
    """Targets without form feeds and the like, which a few digests have within their lines and no rendering keeps, and without escapes."""
    plain = {unit_id: re.sub(r"\\(?=[*_`\]])", "", re.sub(r"[\x00-\x1f]", " ", target)) for unit_id, target in targets.items()}
    return {unit_id: " ".join(target.split()) for unit_id, target in plain.items()}


RENDERINGS = [
    ("english", "source-first"),
    ("interleaved", "source-first"),
    ("interleaved", "target-first"),
    ("table", "source-first"),
    ("table", "target-first"),
]


@pytest.mark.parametrize("rendering", RENDERINGS)
def test_each_digest_in_each_layout_reads_back_to_what_made_it(rendering):
    units = 0
    for document in documents():
        targets = varied_targets(document)
        reading = document.read(document.render(targets, *rendering), *rendering)
        assert not reading.unread
        assert reading.targets == document.canonical(targets)
        assert squeezed(reading.translations) == squeezed(targets)
        assert document.render(reading.translations, *rendering) == document.render(targets, *rendering)
        units += len(reading.targets)
    assert units == sum(len(document.units) for document in documents())


@pytest.mark.parametrize("rendering", RENDERINGS[1:])
def test_bilingual_digests_are_taken_apart_without_their_source(rendering):
    for document in documents()[RENDERINGS.index(rendering) :: 8]:
        targets = varied_targets(document)
        found, reading = reconstruct(document.render(targets, *rendering), "digest.md")
        assert [(unit.id, unit.kind, unit.title, unit.text) for unit in found.units] == [
            (unit.id, unit.kind, unit.title, unit.text) for unit in document.units
        ]
        assert reading.targets == document.canonical(targets)


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
