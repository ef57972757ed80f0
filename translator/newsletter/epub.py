"""E-books of the archive, one a month: EPUB 3 that is the same bytes for the same digests.

Written with zipfile and templates of our own: ebooklib is under the AGPL, which an Apache-2.0 package should not ask for, and
mkepub gives every book a random identifier and today's date.
"""

import io
import uuid
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time
from importlib.resources import files

import jinja2
import lxml.html
from lxml import etree

from translator.newsletter.digest import Digest
from translator.newsletter.issues import Issue, make_issues
from translator.newsletter.pages import environment, filled
from translator.newsletter.theme import Theme

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of the zip format
_CONTAINER = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<rootfiles><rootfile full-path="book/package.opf" media-type="application/oebps-package+xml"/></rootfiles></container>\n'
)
File = tuple[str, bytes]


def epub_files(digests: Sequence[Digest], theme: Theme) -> Iterator[File]:
    """A book for each month, and for each digest without a date. Pictures on the web are not in it: a book must be whole by itself."""
    templates = environment(theme)
    for issue in make_issues(digests, "month", None):
        yield f"{issue.id}.epub", _book(issue, theme, templates)


def _book(issue: Issue, theme: Theme, templates: jinja2.Environment) -> bytes:
    day = max((digest.date for digest in issue.digests if digest.date), default=None)
    moment = datetime.combine(day, time(), UTC) if day else datetime(*_FIRST_DAY, tzinfo=UTC)
    shared = {
        "issue": issue, "language": theme.language, "modified": f"{moment:%Y-%m-%dT%H:%M:%SZ}", "day": day,
        "identifier": uuid.uuid5(uuid.NAMESPACE_URL, f"{theme.base_url or theme.title}#{issue.id}"),
    }  # fmt: skip
    parts = {"META-INF/container.xml": _CONTAINER, "book/package.opf": str(filled(templates, "package.opf", **shared))}
    parts["book/style.css"] = (files("translator.newsletter") / "assets" / "book.css").read_text(encoding="utf-8")
    for name in ("nav.xhtml", "title.xhtml"):
        parts[f"book/{name}"] = _as_xhtml(str(filled(templates, name, **shared)))
    for number, digest in enumerate(issue.digests, 1):
        parts[f"book/{number:03}.xhtml"] = _as_xhtml(str(filled(templates, "chapter.xhtml", digest=digest, **shared)))
    return _zipped(parts)


def _as_xhtml(page: str) -> str:
    """An HTML page as XML: every tag closed, no entity but XML's, no picture from elsewhere."""
    tree = lxml.html.document_fromstring(page)
    for image in list(tree.iter("img")):
        image.drop_tag() if not image.get("alt") else _replaced(image, str(image.get("alt")))
    lxml.html.html_to_xhtml(tree)
    for element in tree.iter("{*}html"):
        element.set("{http://www.w3.org/XML/1998/namespace}lang", element.get("lang", "en"))
    for element in tree.iter():
        if isinstance(element.tag, str) and element.get("lang") and not element.tag.endswith("}html"):
            element.set("{http://www.w3.org/XML/1998/namespace}lang", element.get("lang"))
    text = etree.tostring(tree, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n{text}\n'


def _replaced(image: lxml.html.HtmlElement, text: str) -> None:
    image.tail = f"[{text}]{image.tail or ''}"
    image.drop_tag()


def _zipped(parts: dict[str, str]) -> bytes:
    """An EPUB's zip: its kind first and not compressed, all with the same time."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(zipfile.ZipInfo("mimetype", _FIRST_DAY), "application/epub+zip", zipfile.ZIP_STORED)
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _FIRST_DAY), text.encode(), zipfile.ZIP_DEFLATED, 9)
    return target.getvalue()
