"""PO, which gettext's editors and Weblate edit."""

import io
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from translate.storage.base import ParseError
from translate.storage.pypo import pofile

from translator.errors import UserError
from translator.postediting.units import ExportedUnit, ReturnedUnit

_HEADER = {
    "Project_Id_Version": "digests",
    "Last_Translator": "translator <translator@localhost>",
    "Language_Team": "English <en@localhost>",
    "Language": "en",
    "Content_Type": "text/plain; charset=UTF-8",
}


def to_po(units: Iterable[ExportedUnit]) -> bytes:
    """Units as PO: flagged ones fuzzy, flags and sections as comments, `file#id` as context."""
    store = pofile()
    store.updateheader(add=True, **_HEADER, PO_Revision_Date=time.strftime("%Y-%m-%d %H:%M%z"))
    for given in units:
        unit = store.addsourceunit(given.source)
        unit.target = given.target
        unit.setcontext(f"{given.file}#{given.id}")
        unit.addlocation(f"{given.file}:{given.line}")
        comments = [*given.flags, f"section: {given.title}" if given.title else "", given.stamp]
        unit.addnote("\n".join(" ".join(comment.split()) for comment in comments if comment), origin="developer")
        unit.markfuzzy(given.state == "review")
    written = io.BytesIO()
    store.serialize(written)
    return written.getvalue()


def read_po(path: Path) -> Iterator[ReturnedUnit]:
    """The units of a PO file that have a target. Raises UserError for what is not PO."""
    try:
        data = path.read_bytes()
        store = pofile.parsestring(data)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error
    except (ParseError, ValueError, LookupError) as error:
        raise UserError(f"{path}: not valid PO ({error})") from error
    for unit in store.units:
        if unit.isheader() or unit.isobsolete() or not unit.target:
            continue
        file, _, known = unit.getcontext().rpartition("#")
        notes = unit.getnotes(origin="developer").split("\n")
        stamp = next((note.strip() for note in notes if note.strip().startswith("as exported: ")), "")
        yield ReturnedUnit(file, known, str(unit.source), str(unit.target), "review" if unit.isfuzzy() else "translated", stamp)
