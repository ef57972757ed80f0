"""TMX 1.4b, which programs for translators exchange their memories in, an entry at a time."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from lxml import etree
from translate.misc.xml_helpers import getXMLlang, safely_set_text
from translate.storage.tmx import tmxfile, tmxunit

from translator import __version__
from translator.memory.entry import Context, Stored
from translator.xmlfile import read_elements

_SOURCE, _TARGET = "ko", "en"
_LANGUAGES = {"kor": _SOURCE, "eng": _TARGET}
_OF_CONTEXT = {"fingerprint": "x-model", "settings": "x-settings", "glossary": "x-glossary", "name": "x-model-name"}


def write_tmx(file: IO[bytes], entries: Iterable[Stored]) -> None:
    """Writes entries as TMX; what TMX has no place for goes into properties whose types begin with `x-`."""
    empty = tmxfile(sourcelanguage=_SOURCE)
    header = empty.document.getroot().find("header")
    header.attrib.update({"creationtool": "translator", "creationtoolversion": __version__, "o-tmf": "translator", "datatype": "plaintext"})
    with etree.xmlfile(file, encoding="utf-8") as xml:
        xml.write_declaration()
        xml.write_doctype('<!DOCTYPE tmx SYSTEM "tmx14.dtd">')
        with xml.element("tmx", version="1.4"):
            xml.write("\n", header, "\n")
            with xml.element("body"):
                xml.write("\n")
                for stored in entries:
                    xml.write(_unit(stored).xmlelement, "\n")


def read_tmx(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The translation units of a TMX file as the line and what is known of each; absent texts are absent.

    Segments are those whose language is Korean and English in any of their forms, inline tags by what they stand for.
    """
    for element in read_elements(path, "tmx", "tu"):
        unit = tmxunit.createfromxmlElement(element)
        nodes = {_language(node): node for node in reversed(unit.getlanguageNodes())}
        values: dict[str, Any] = {"created": _date(element, nodes.get(_TARGET))}
        values |= {name: unit.getNodeText(nodes[code]) for name, code in (("source", _SOURCE), ("target", _TARGET)) if code in nodes}
        properties = {prop.get("type"): prop.text or "" for prop in element.iterchildren("prop")}
        values |= {name: properties[f"x-{name}"] for name in ("origin", "score", "detail") if f"x-{name}" in properties}
        values["context"] = {name: properties[kind] for name, kind in _OF_CONTEXT.items() if kind in properties}
        yield element.sourceline or 0, values


def _unit(stored: Stored) -> tmxunit:
    entry = stored.entry
    unit = tmxunit(None)
    unit.setsource(entry.source, _SOURCE)
    unit.settarget(entry.target, _TARGET, append=True)
    unit.xmlelement.set("creationdate", re.sub("[-:]", "", entry.created))
    for place, (kind, text) in enumerate(_properties(stored)):
        prop = etree.Element("prop", type=kind)
        safely_set_text(prop, text)
        unit.xmlelement.insert(place, prop)
    return unit


def _properties(stored: Stored) -> Iterator[tuple[str, str]]:
    entry = stored.entry
    yield "x-origin", entry.origin
    if entry.score:
        yield "x-score", repr(entry.score)
    if entry.detail:
        yield "x-detail", entry.detail
    if stored.context:
        yield from _context_properties(stored.context)


def _context_properties(context: Context) -> Iterator[tuple[str, str]]:
    for name, kind in _OF_CONTEXT.items():
        if text := getattr(context, name):
            yield kind, text


def _language(node: etree._Element) -> str:
    code = (getXMLlang(node) or node.get("lang") or "").lower().replace("_", "-").partition("-")[0]
    return _LANGUAGES.get(code, code)


def _date(unit: etree._Element, target: etree._Element | None) -> str:
    """When the unit or its English was last changed; the dates of TMX sort as texts."""
    places = [unit] if target is None else [unit, target]
    return max((place.get(name, "") for place in places for name in ("creationdate", "changedate")), default="")
