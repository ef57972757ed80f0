"""XLIFF, which programs for translators edit: 1.2 is written, 1.2 and 2.0 are read."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from lxml import etree
from translate.storage import xliff

from translator.errors import UserError
from translator.postediting.units import ExportedUnit, ReturnedUnit, State
from translator.xmlfile import read_elements

_NAMESPACE = "urn:oasis:names:tc:xliff:document:1.2"
_TO_XLIFF = {"review": "needs-review-translation", "translated": "translated", "approved": "final"}
_APPROVED = ("final", "signed-off", "reviewed")  # the last one is of 2.0


class _Unit(xliff.xliffunit):  # type: ignore[misc] # no types are read from translate-toolkit
    namespace = _NAMESPACE


class _File(xliff.xlifffile):  # type: ignore[misc]
    UnitClass = _Unit
    namespace = _NAMESPACE
    XMLskeleton = f"""<?xml version="1.0"?>
<xliff version="1.2" xmlns="{_NAMESPACE}">
<file original="NoName" source-language="ko" target-language="en" datatype="plaintext"><body></body></file>
</xliff>"""


def to_xliff(units: Iterable[ExportedUnit]) -> bytes:
    """Units as XLIFF 1.2, a <file> for each file of records: flags and sections as notes, flagged units marked for review."""
    store = _File(sourcelanguage="ko", targetlanguage="en")
    for given in units:
        unit = store.addsourceunit(given.source, given.file, createifmissing=True)
        unit.setid(given.id)
        unit.settarget(given.target, "en")
        unit.markapproved(given.state == "approved")
        unit.target_dom.set("state", _TO_XLIFF[given.state])
        for flag in given.flags:
            unit.addnote(flag, origin="check")
        if given.title:
            unit.addnote(given.title, origin="section")
        unit.addnote(given.stamp, origin="translator")
        unit.addlocation(f"{given.file}:{given.line}")
    written = io.BytesIO()
    store.serialize(written)
    return written.getvalue()


def read_xliff(path: Path) -> Iterator[ReturnedUnit]:
    """The units of an XLIFF file that have a target; inline tags count by what they stand for."""
    for element in read_elements(path, "xliff", "trans-unit", "unit"):
        name = etree.QName(element)
        if name.localname == "unit" and ":2." not in (name.namespace or ""):
            raise UserError(f"{path}, line {element.sourceline}: <unit> is of XLIFF 2.0, and the file does not say that it is XLIFF 2.0")
        file = next(element.iterancestors("{*}file"), None)
        known = (file.get("original") or file.get("id") or "" if file is not None else ""), element.get("id") or ""
        targets = list(_of(element, "target"))
        if targets:
            notes = [_text(note) for note in element.iterdescendants("{*}note")]
            stamp = next((note.strip() for note in notes if note.strip().startswith("as exported: ")), "")
            source, target = ("".join(map(_text, part)) for part in (_of(element, "source"), targets))
            yield ReturnedUnit(*known, source, target, _state(element, targets), stamp)


def _of(unit: etree._Element, side: str) -> Iterator[etree._Element]:
    """The sources or targets of a unit: those of its segments and what is between them in 2.0, not those of suggestions."""
    for place in (unit, *unit.iterchildren("{*}segment", "{*}ignorable")):
        yield from place.iterchildren(f"{{*}}{side}")


def _text(element: etree._Element) -> str:
    return str(element.xpath("string()"))


def _state(unit: etree._Element, targets: Iterable[etree._Element]) -> State:
    """The least of a unit's segments: approved only where all are."""
    segments = [*unit.iterchildren("{*}segment")]
    states = [place.get("state") or "" for place in (segments or targets)]
    if unit.get("approved") == "yes" or all(state in _APPROVED for state in states):
        return "approved"
    return "review" if any(state.startswith("needs-") or state == "initial" for state in states) else "translated"
