"""Memories in files: what is written is read back, and what others write is read."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from translator.errors import UserError
from translator.memory import Context, Entry
from translator.memory.entry import Stored, normalised, source_key
from translator.memory.exchange import read_entries, write_entries

PLAIN = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
IN_XML = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff", include_characters="\t\n\r\x85")
PIECES = st.sampled_from(
    ["<b>굵게</b>", "&amp;", "&", "]]>", "<!-- ", "<seg>", '"', "'", "`code`", "[링크](https://example.org/?a=1&b=2)", "한글", " "]
)


def texts(characters: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(st.one_of(st.text(characters, max_size=8), PIECES), min_size=1, max_size=6).map("".join).filter(str.strip)


def stored(characters: st.SearchStrategy[str]) -> st.SearchStrategy[Stored]:
    text, maybe = texts(characters), st.text(characters, max_size=8)
    dates = st.datetimes().map(lambda date: date.replace(microsecond=0).isoformat() + "Z")
    scores = st.floats(allow_nan=False, allow_infinity=False)
    contexts = st.builds(Context, st.sampled_from(["3f2a", "77"]), maybe, maybe, maybe)
    machine = st.builds(Stored, st.builds(Entry, text, text, st.just("machine"), scores, dates, maybe), contexts)
    return st.one_of(machine, st.builds(Stored, st.builds(Entry, text, text, st.just("human"), scores, dates, maybe)))


def round_trip(path: Path, entries: Sequence[Stored]) -> list[Stored | None]:
    assert write_entries(path, entries) == len(entries)
    return list(read_entries(path))


TO_FILE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


class TestRoundTrip:
    @TO_FILE
    @given(entries=st.lists(stored(IN_XML), max_size=4))
    def test_tmx(self, tmp_path: Path, entries: list[Stored]) -> None:
        back = round_trip(tmp_path / "memory.tmx", entries)
        assert back == entries
        assert [e.context.name for e in back if e and e.context] == [e.context.name for e in entries if e.context]

    @TO_FILE
    @given(entries=st.lists(stored(PLAIN), max_size=4))
    def test_json_lines(self, tmp_path: Path, entries: list[Stored]) -> None:
        assert round_trip(tmp_path / "memory.jsonl", entries) == entries

    @TO_FILE
    @given(entries=st.lists(stored(PLAIN), max_size=4))
    def test_what_xml_cannot_hold_does_not_change_what_a_source_is_found_by(self, tmp_path: Path, entries: list[Stored]) -> None:
        back = round_trip(tmp_path / "memory.tmx", entries)
        for before, after in zip(entries, back, strict=True):
            if after is None:  # nothing but control characters
                assert not normalised(before.entry.source) or not normalised(before.entry.target)
            else:
                assert source_key(after.entry.source) == source_key(before.entry.source)
                assert normalised(after.entry.target) == normalised(before.entry.target)

    @TO_FILE
    @given(entries=st.lists(stored(PLAIN), max_size=4))
    def test_tsv_keeps_words(self, tmp_path: Path, entries: list[Stored]) -> None:
        path = tmp_path / "memory.tsv"
        write_entries(path, entries)
        back = [(e.entry.source, e.entry.target) for e in read_entries(path, as_human=True) if e]
        assert back == [(" ".join(e.entry.source.split()), " ".join(e.entry.target.split())) for e in entries]

    def test_a_replaced_correction_says_so_in_json_lines(self, tmp_path: Path) -> None:
        old = Stored(Entry("모델이다.", "Model.", "human", created="2024-11-02T09:30:00Z"), replaced=True)
        assert '"replaced": true' in (write_entries(tmp_path / "a.jsonl", [old]), (tmp_path / "a.jsonl").read_text(encoding="utf-8"))[1]
        assert list(read_entries(tmp_path / "a.jsonl")) == [Stored(old.entry)]


class TestTmx:
    ENTRY = Stored(
        Entry("확산 모델이다.", "It is a diffusion model.", "machine", -0.5, "2024-11-02T09:30:00Z"), Context("3f2a", "{}", "", "small")
    )

    def test_it_is_tmx_14(self, tmp_path: Path) -> None:
        """What the standard's DTD asks of the elements used: names, order, attributes."""
        path = tmp_path / "memory.tmx"
        write_entries(path, [self.ENTRY])
        dtd = tmp_path / "tmx14.dtd"
        dtd.write_text(
            """<!ELEMENT tmx (header, body)> <!ATTLIST tmx version CDATA #REQUIRED>
            <!ELEMENT header (note|prop|ude)*> <!ELEMENT note (#PCDATA)> <!ELEMENT ude (#PCDATA)>
            <!ATTLIST header creationtool CDATA #REQUIRED creationtoolversion CDATA #REQUIRED adminlang CDATA #REQUIRED
              segtype (block|paragraph|sentence|phrase) #REQUIRED o-tmf CDATA #REQUIRED srclang CDATA #REQUIRED datatype CDATA #REQUIRED>
            <!ELEMENT prop (#PCDATA)> <!ATTLIST prop type CDATA #REQUIRED>
            <!ELEMENT body (tu*)> <!ELEMENT tu ((note|prop)*, tuv+)> <!ATTLIST tu creationdate CDATA #IMPLIED>
            <!ELEMENT tuv (note|prop|seg)*> <!ATTLIST tuv xml:lang CDATA #REQUIRED> <!ELEMENT seg (#PCDATA)>""",
            encoding="utf-8",
        )
        tree = etree.parse(path)
        assert tree.docinfo.system_url == "tmx14.dtd"
        with dtd.open("rb") as file:
            etree.DTD(file).assertValid(tree)
        assert tree.getroot().get("version") == "1.4"
        assert tree.find("header").get("srclang") == "ko"
        assert tree.find(".//tu").get("creationdate") == "20241102T093000Z"
        assert [tuv.get("{http://www.w3.org/XML/1998/namespace}lang") for tuv in tree.iter("tuv")] == ["ko", "en"]

    def test_translate_toolkit_reads_it(self, tmp_path: Path) -> None:
        from translate.storage.tmx import tmxfile

        path = tmp_path / "memory.tmx"
        write_entries(path, [self.ENTRY])
        [unit] = tmxfile.parsefile(str(path)).units
        assert (unit.gettarget("ko"), unit.gettarget("en")) == ("확산 모델이다.", "It is a diffusion model.")

    def test_what_other_programs_write(self, tmp_path: Path) -> None:
        path = tmp_path / "project_save.tmx"
        text = """<?xml version="1.0" encoding="UTF-16"?>
<!DOCTYPE tmx SYSTEM "tmx11.dtd">
<tmx version="1.1"><header creationtool="X" segtype="sentence" adminlang="EN-US" srclang="KO-KR" datatype="plaintext"/>
<body>
<tu><note>met</note><tuv lang="KO-KR"><seg>작은 <bpt i="1">&lt;b&gt;</bpt>모델<ept i="1">&lt;/b&gt;</ept>이다.</seg></tuv>
<tuv lang="EN-US" changeid="mina" changedate="20240215T120000Z" creationdate="20230101T000000Z">
<seg>A <hi>small</hi> model.</seg></tuv></tu>
<tu creationdate="20220101T000000Z"><tuv xml:lang="en_GB"><seg>Colour.</seg></tuv><tuv xml:lang="kor"><seg>색이다.</seg></tuv></tu>
<tu><tuv xml:lang="ko"><seg>영어가 없다.</seg></tuv><tuv xml:lang="fr"><seg>Rien.</seg></tuv></tu>
<tu><tuv xml:lang="ko"><seg>비었다.</seg></tuv><tuv xml:lang="en"><seg></seg></tuv></tu>
</body></tmx>"""
        path.write_bytes(text.encode("utf-16"))
        first, second, *rest = read_entries(path, as_human=True)
        assert first == Stored(Entry("작은 <b>모델</b>이다.", "A small model.", "human", created="2024-02-15T12:00:00Z"))
        assert second == Stored(Entry("색이다.", "Colour.", "human", created="2022-01-01T00:00:00Z"))
        assert rest == [None, None]

    def test_who_translated_must_be_said(self, tmp_path: Path) -> None:
        path = tmp_path / "a.tmx"
        path.write_text(
            '<tmx><body><tu>\n<tuv xml:lang="ko"><seg>가다.</seg></tuv><tuv xml:lang="en"><seg>Go.</seg></tuv></tu></body></tmx>',
            encoding="utf-8",
        )
        with pytest.raises(UserError, match=r"a\.tmx, line 1: it is not said whether a person or a machine .* --as-human"):
            list(read_entries(path))


class TestMistakes:
    @pytest.mark.parametrize(
        ("name", "text", "words"),
        [
            ("a.txt", "", r"kept in \.tmx, \.jsonl, \.tsv"),
            ("a", "", "files without an ending"),
            ("a.tmx", "", r"a\.tmx, line 1: not valid XML"),
            ("a.tmx", "<tmx><body><tu>\n<tuv></tu>", r"a\.tmx, line 2: not valid XML"),
            ("a.tsv", "하나\tone\n둘", "line 2: expected `source<TAB>target`"),
            ("a.tsv", "file\tline\tsection\tsource\ttarget\nx\t1\t\t하나\tone\n", r"is a table of `translator export --tsv`"),
            ("a.jsonl", '{"source": "가다."}', "line 1: expected the texts"),
            ("a.jsonl", '{"source": "가다.", "target": 3}', "a text named target, found 3"),
            ("a.jsonl", '{"source": "가\\u0000다.", "target": "Go.", "origin": "human"}', "NUL character"),
            ("a.jsonl", '{"source": "가다.", "target": "Go.", "origin": "human", "score": "high"}', "number named score, found 'high'"),
            ("a.jsonl", '{"source": "가다.", "target": "Go.", "origin": "human", "score": NaN}', "number named score"),
            ("a.jsonl", '{"source": "가다.", "target": "Go.", "origin": "human", "created": "yesterday"}', "found 'yesterday'"),
            ("a.jsonl", '{"source": "가다.", "target": "Go.", "origin": "machine"}', "without the content hash of its model"),
            ("a.jsonl", '{"source": "가다.", "target": "Go.", "origin": "dog"}', "whether a person or a machine"),
        ],
    )
    def test_each_is_a_sentence_with_its_place(self, tmp_path: Path, name: str, text: str, words: str) -> None:
        (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(UserError, match=words):
            list(read_entries(tmp_path / name, as_human=name.endswith("tsv")))

    def test_a_file_is_written_whole_or_not_at_all(self, tmp_path: Path) -> None:
        path = tmp_path / "memory.tmx"
        path.write_text("as it was", encoding="utf-8")

        def entries() -> object:
            yield TestTmx.ENTRY
            raise UserError("the memory went away")

        with pytest.raises(UserError, match="went away"):
            write_entries(path, entries())  # type: ignore[arg-type]
        assert path.read_text(encoding="utf-8") == "as it was"
        assert list(tmp_path.iterdir()) == [path]
