"""XML of others: nothing in it reaches out or blows up."""

import re
from pathlib import Path

import pytest

from translator.errors import UserError
from translator.xmlfile import read_elements

LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(12))
HOSTILE = {
    "a bomb": f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a><tu>&l12;</tu></a>',
    "a bomb in an attribute": f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a><tu x="&l12;">x</tu></a>',
    "a long text many times": f'<!DOCTYPE a [<!ENTITY x "{"x" * 100_000}">]><a><tu>{"&x;" * 10_000}</tu></a>',
    "a file": '<!DOCTYPE a [<!ENTITY x SYSTEM "SECRET">]><a><tu>&x;</tu></a>',
    "a file by a parameter": '<!DOCTYPE a [<!ENTITY % x SYSTEM "SECRET"> %x;]><a><tu>x</tu></a>',
    "a host": '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]><a><tu>&x;</tu></a>',
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_entities_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "secret.txt").write_text("sesame", encoding="utf-8")
    path = tmp_path / "a.xml"
    path.write_text(text.replace("SECRET", (tmp_path / "secret.txt").as_uri()), encoding="utf-8")
    with pytest.raises(UserError, match=r"a\.xml(, line 1: not valid XML| declares XML entities)") as found:
        list(read_elements(path, "a", "tu"))
    assert "sesame" not in str(found.value)


def test_entities_are_refused_in_a_file_without_any_such_element(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text('<!DOCTYPE a [<!ENTITY x "y">]><a/>', encoding="utf-8")
    with pytest.raises(UserError, match=r"a\.xml declares XML entities"):
        list(read_elements(path, "a", "tu"))


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tmx"
    path.write_text("<html><body/></html>", encoding="utf-8")
    with pytest.raises(UserError, match=r"a\.tmx is not TMX: its outermost element is <html>, not <tmx>"):
        list(read_elements(path, "tmx", "tu"))


def test_an_outer_definition_is_not_fetched_and_its_entities_are_not_lost_silently(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    (tmp_path / "a.dtd").write_text('<!ENTITY nbsp "&#160;">', encoding="utf-8")
    path.write_text('<!DOCTYPE a SYSTEM "a.dtd">\n<a><tu>x</tu>\n<tu>a&nbsp;b</tu></a>', encoding="utf-8")
    elements = read_elements(path, "a", "tu")
    assert next(elements).text == "x"
    with pytest.raises(UserError, match=re.escape("a.xml, line 3: the entity &nbsp; is not known")):
        next(elements)


def test_elements_come_one_at_a_time_and_are_let_go(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text("<n:a xmlns:n='urn:x'>" + "<n:tu>x &lt; <![CDATA[&amp;]]></n:tu><!-- no --><b/>" * 5000 + "</n:a>", encoding="utf-8")
    seen = 0
    for element in read_elements(path, "a", "tu"):
        seen += 1
        assert element.text == "x < &amp;"
        assert len(element.getparent()) < 3000  # what the parser has read ahead, at most
    assert seen == 5000


@pytest.mark.parametrize(
    ("text", "words"), [("", "line 1: not valid XML"), ("<a>\n<b>", "line 2"), ("<a>\x01</a>", "line 1"), ("no", "not valid XML")]
)
def test_what_is_no_xml_is_a_sentence(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "a.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=words) as found:
        list(read_elements(path, "a", "tu"))
    assert len(str(found.value).splitlines()) == 1


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read: No such file"):
        list(read_elements(tmp_path / "none.xml", "a", "tu"))
