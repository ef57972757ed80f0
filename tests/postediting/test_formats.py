"""XLIFF, PO and TSV: what goes out comes back, as a translator's program leaves it."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.conftest import ENGLISH
from translator.errors import UserError
from translator.postediting.corrections import read_returned
from translator.postediting.po import to_po
from translator.postediting.table import to_tsv
from translator.postediting.units import ExportedUnit, ReturnedUnit, read_units
from translator.postediting.xliff import to_xliff

Write = Callable[[Iterable[ExportedUnit]], bytes]
FORMATS: dict[str, Write] = {".xliff": to_xliff, ".po": to_po, ".tsv": to_tsv}
PIECES = st.sampled_from(
    ["<b>굵게</b>", "&amp;", "&", "]]>", '"', "\\n", "\\", "`code`", "[링크](https://example.org/?a=1)", " ", "#, fuzzy"]
)
CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff\u2028\u2029")
TEXT = st.lists(st.one_of(st.text(CHARACTERS, max_size=8), PIECES), min_size=1, max_size=5).map("".join).filter(str.strip)
UNITS = st.lists(
    st.builds(
        ExportedUnit, st.sampled_from(["2026/11/02", "메모 (1)", "a#b"]), st.just(""), st.integers(1, 999), TEXT, TEXT, TEXT,
        st.lists(TEXT, max_size=2).map(tuple), st.sampled_from(["review", "translated", "approved"]),
    ),
    max_size=4,
).map(lambda units: [replace(unit, id=f"{number:012x}") for number, unit in enumerate(units)])  # fmt: skip


def back(path: Path, write: Write, units: Iterable[ExportedUnit]) -> list[ReturnedUnit]:
    path.write_bytes(write(units))
    return read_returned(path)


@pytest.mark.parametrize("ending", FORMATS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(units=UNITS)
def test_what_goes_out_comes_back_and_is_no_correction(tmp_path: Path, ending: str, units: list[ExportedUnit]) -> None:
    found = back(tmp_path / f"units{ending}", FORMATS[ending], units)
    by_file = sorted(units, key=lambda unit: unit.file) if ending == ".xliff" else units  # XLIFF keeps a file's units together
    order = sorted(found, key=lambda unit: unit.file) if ending == ".xliff" else found
    assert [(u.file, u.id, u.source, u.target, u.stamp) for u in order] == [(u.file, u.id, u.source, u.target, u.stamp) for u in by_file]
    assert not any(unit.is_correction(unit.stamp) for unit in found)


def changed(path: Path, *changes: tuple[str, str]) -> list[ReturnedUnit]:
    """A file edited as text: each pattern once."""
    text = path.read_text(encoding="utf-8-sig")
    for pattern, new in changes:
        text, count = re.subn(pattern, new, text, count=1, flags=re.S)
        assert count == 1, pattern
    path.write_text(text, encoding="utf-8")
    return [unit for unit in read_returned(path) if unit.is_correction(unit.stamp)]


@pytest.fixture
def files(tmp_path: Path, records: Path) -> Callable[[str], Path]:
    def write(ending: str) -> Path:
        path = tmp_path / f"units{ending}"
        path.write_bytes(FORMATS[ending](list(read_units([records]))))
        return path

    return write


class TestXliff:
    def test_it_is_xliff_12_with_files_notes_and_states(self, files: Callable[[str], Path]) -> None:
        root = etree.parse(files(".xliff")).getroot()
        space = {"x": "urn:oasis:names:tc:xliff:document:1.2"}
        assert (root.tag, root.get("version")) == ("{urn:oasis:names:tc:xliff:document:1.2}xliff", "1.2")
        parts = root.findall("x:file", space)
        assert [(f.get("original"), f.get("source-language"), f.get("target-language"), f.get("datatype")) for f in parts] == [
            ("2026/11/02", "ko", "en", "plaintext"),
            ("2026/11/03", "ko", "en", "plaintext"),
        ]
        units = root.findall(".//x:trans-unit", space)
        assert [unit.get("id") for unit in units[:3]] == [f"{number:012x}" for number in range(3)]
        assert [unit.find("x:target", space).get("state") for unit in units[:3]] == ["translated", "needs-review-translation", "final"]
        assert [unit.get("approved") for unit in units[:3]] == ["no", "no", "yes"]
        assert "lost-number: 7.4%" in [note.text for note in units[1].findall("x:note", space)]
        assert [c.text for c in units[1].findall(".//x:context", space)] == ["2026/11/02", "4"]

    def test_a_changed_target_is_a_correction(self, files: Callable[[str], Path]) -> None:
        [unit] = changed(files(".xliff"), ("Code and data will be released soon", "We will release code &amp; data"))
        assert (unit.file, unit.id, unit.target) == ("2026/11/02", f"{3:012x}", "We will release code & data.")

    def test_approving_and_reviewing_are_corrections(self, files: Callable[[str], Path]) -> None:
        first = changed(files(".xliff"), ('approved="no"', 'approved="yes"'))
        second = changed(files(".xliff"), ('state="translated"', 'state="signed-off"'))
        third = changed(files(".xliff"), ('state="needs-review-translation"', 'state="translated"'))
        assert [[unit.id for unit in units] for units in (first, second, third)] == [[f"{0:012x}"], [f"{0:012x}"], [f"{1:012x}"]]

    def test_white_space_and_an_emptied_target_are_none(self, files: Callable[[str], Path]) -> None:
        assert changed(files(".xliff"), ("Code and data", "Code  and\n data"), ("<target[^>]*>We propose[^<]*</target>", "<target/>")) == []

    def test_inline_tags_and_segments_of_12(self, files: Callable[[str], Path]) -> None:
        path = files(".xliff")
        tagged = r'\1<g id="1"><mrk mtype="seg" mid="0">Data</mrk></g> and<!-- no --> <x id="2"/>code'
        [unit] = changed(path, ("(<target[^>]*>)Code and data", tagged))
        assert unit.target == "Data and code will be released soon."

    def test_suggestions_are_no_targets(self, files: Callable[[str], Path]) -> None:
        alternative = "<alt-trans><source>가</source><target>Something else</target></alt-trans></trans-unit>"
        assert changed(files(".xliff"), ("</trans-unit>", alternative)) == []

    def test_xliff_20_is_read(self, tmp_path: Path) -> None:
        path = tmp_path / "units.xlf"
        path.write_text(
            """<xliff version="2.0" xmlns="urn:oasis:names:tc:xliff:document:2.0" srcLang="ko" trgLang="en">
            <file id="f1" original="2026/11/02">
            <unit id="00a1"><notes><note>as exported: 000000000000, translated</note></notes>
            <segment state="translated"><source>가다.</source><target>Go.</target></segment>
            <ignorable><source> </source><target> </target></ignorable>
            <segment state="final"><source>오다.</source><target>Come <ph id="1"/>here.</target></segment></unit>
            <unit id="00a2"><segment state="final"><source>나다.</source><target>I.</target></segment></unit>
            <unit id="00a3"><segment state="initial"><source>다.</source></segment></unit></file></xliff>""",
            encoding="utf-8",
        )
        assert read_returned(path) == [
            ReturnedUnit("2026/11/02", "00a1", "가다. 오다.", "Go. Come here.", "translated", "as exported: 000000000000, translated"),
            ReturnedUnit("2026/11/02", "00a2", "나다.", "I.", "approved", ""),
        ]


class TestPo:
    def test_flagged_units_are_fuzzy_and_flags_are_comments(self, files: Callable[[str], Path]) -> None:
        text = files(".po").read_text(encoding="utf-8")
        assert text.count("#, fuzzy") == 1
        assert "#. lost-number: 7.4%\n#. hangul: 실험\n" in text
        assert '#: 2026/11/02:4\n#, fuzzy\nmsgctxt "2026/11/02#000000000001"\n' in text

    @pytest.mark.skipif(not shutil.which("msgfmt"), reason="gettext's msgfmt is not installed")
    def test_gettext_finds_nothing_wrong(self, files: Callable[[str], Path]) -> None:
        command = ["msgfmt", "--check", "--output-file=-", str(files(".po"))]
        done = subprocess.run(command, capture_output=True, check=True)
        assert done.stderr == b""
        assert ENGLISH[0].encode() in done.stdout

    def test_a_changed_target_is_a_correction(self, files: Callable[[str], Path]) -> None:
        [unit] = changed(files(".po"), ("Code and data will be", r'Code \\\\ \\"data\\" will be'))
        assert (unit.file, unit.id, unit.target) == ("2026/11/02", f"{3:012x}", 'Code \\ "data" will be released soon.')

    def test_taking_fuzzy_off_is_one_and_setting_it_is_none(self, files: Callable[[str], Path]) -> None:
        assert [unit.id for unit in changed(files(".po"), ("#, fuzzy\n", ""))] == [f"{1:012x}"]
        assert changed(files(".po"), ('msgctxt "2026/11/02#000000000000"', '#, fuzzy\nmsgctxt "2026/11/02#000000000000"')) == []

    def test_what_is_no_po_is_a_sentence(self, tmp_path: Path) -> None:
        path = tmp_path / "a.po"
        for data in (b"\xff\xfe\x00\x01msgid", b'msgid "a\nmsgstr'):
            path.write_bytes(data)
            with pytest.raises(UserError, match=r"a\.po: not valid PO"):
                read_returned(path)


class TestTable:
    def test_it_is_a_table_that_spreadsheets_know(self, files: Callable[[str], Path]) -> None:
        data = files(".tsv").read_bytes()
        assert data.startswith(b"\xef\xbb\xbffile\tline\tsection\tsource\ttarget\tapproved\tchecks\tid\tstamp\r\n")
        assert '"There is `코드` ""and"" <b>more</b>."'.encode() in data

    def test_changes_and_approvals(self, files: Callable[[str], Path]) -> None:
        assert [u.target for u in changed(files(".tsv"), ("Code and data", "Data and code"))] == ["Data and code will be released soon."]
        assert [u.id for u in changed(files(".tsv"), ("soon\\.\t\t", "soon.\tx\t"))] == [f"{3:012x}"]
        assert changed(files(".tsv"), ("soon\\.\t\t", "soon.\tno\t")) == []

    def test_columns_may_be_moved_but_not_missing(self, tmp_path: Path) -> None:
        path = tmp_path / "a.tsv"
        path.write_text("target\tid\tsource\tfile\nGo.\t00a1\t가다.\ta\n\t00a2\t나다.\ta\n", encoding="utf-8")
        assert read_returned(path) == [ReturnedUnit("a", "00a1", "가다.", "Go.", "translated", "")]
        path.write_text("target\tsource\nGo.\t가다.\n", encoding="utf-8")
        with pytest.raises(UserError, match=r"a\.tsv, line 1: the table has no column file, id"):
            read_returned(path)
