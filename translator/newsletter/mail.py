"""Issues as e-mails that any mail program opens: HTML with its style inlined, a text part of the same content."""

import hashlib
import logging
import textwrap
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, time
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any

import css_inline
import jinja2

from translator.errors import UserError
from translator.newsletter.issues import Entry, Issue
from translator.newsletter.pages import environment, filled, filled_text
from translator.newsletter.pictures import RASTER, local_picture, web_picture
from translator.newsletter.theme import Theme

LARGEST_HTML = 100_000  # bytes; Gmail cuts a message off at 102 KB
_LARGEST_PICTURE = 2**20
_TIMEOUT = 15  # seconds
_LOG = logging.getLogger(__name__)
_STYLE = css_inline.CSSInliner(load_remote_stylesheets=False)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture within a message."""

    id: str
    kind: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """An issue's message; without addressee, which sending gives it."""

    issue: Issue
    message: EmailMessage

    @property
    def path(self) -> str:
        """Its file's name."""
        return f"{self.issue.id}.eml"

    def to_bytes(self) -> bytes:
        """As a file or a server takes it."""
        return self.message.as_bytes()


def make_mails(issues: Sequence[Issue], theme: Theme, addresses: Callable[[Entry], str]) -> Iterator[Mail]:
    """A mail for each issue. `addresses` gives the place of a paper in the site, below the theme's base_url.

    Raises UserError for a fault in the theme, and for an issue that is too large where there is no site to read the rest on.
    """
    composer = _Composer(theme, environment(theme), addresses)
    for issue in issues:
        yield Mail(issue, composer.message(issue))


@dataclass(slots=True)
class _Composer:
    theme: Theme
    templates: jinja2.Environment
    addresses: Callable[[Entry], str]

    def message(self, issue: Issue) -> EmailMessage:
        """The whole message of an issue, with as many of its papers as stay below the size at which Gmail cuts."""
        pictures = self._pictures(issue.entries)
        values = self._values(issue)
        count = self._fitting(issue, pictures, values)
        text, html = self._parts(issue, count, pictures, values)
        message = EmailMessage(policy=SMTP.clone(max_line_length=76))
        message["From"] = self.theme.mail.sender
        message["Subject"] = values["subject"]
        day = max((digest.date for digest in issue.digests if digest.date), default=None)
        if day:
            message["Date"] = format_datetime(datetime.combine(day, time(), UTC))
        digest = hashlib.sha256(f"{issue.id}\0{html}".encode()).hexdigest()
        domain = parseaddr(self.theme.mail.sender)[1].rpartition("@")[2]
        message["Message-ID"] = f"<{issue.id.encode('ascii', 'ignore').decode()}.{digest[:16]}@{domain}>"
        if self.theme.mail.unsubscribe:
            message["List-Unsubscribe"] = f"<{self.theme.mail.unsubscribe}>"
        message.set_content(text, cte="base64")
        message.add_alternative(html, subtype="html", cte="base64")
        for picture in (picture for picture in pictures.values() if isinstance(picture, Picture) and f"cid:{picture.id}" in html):
            message.get_payload()[1].add_related(picture.data, "image", picture.kind, cid=f"<{picture.id}>")  # type: ignore[union-attr, index]
        for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
            part.set_boundary(f"=_{digest[16:40]}_{number}")
        return message

    def _fitting(self, issue: Issue, pictures: Mapping[str, str | Picture], values: dict[str, Any]) -> int:
        """How many papers fit."""
        fits, breaks = 0, len(issue.entries) + 1
        count = len(issue.entries)
        while fits + 1 < breaks:
            if len(self._parts(issue, count, pictures, values)[1].encode()) <= LARGEST_HTML:
                fits = count
            else:
                breaks = count
            count = (fits + breaks) // 2
        if fits < len(issue.entries) and not self.theme.base_url:
            raise UserError(
                f"the e-mail of {issue.period} is larger than the {LARGEST_HTML // 1000} KB that Gmail shows whole: give the theme a"
                " base_url, so that it can link to the rest, or take fewer papers with --select top=10"
            )
        return fits

    def _parts(self, issue: Issue, count: int, pictures: Mapping[str, str | Picture], values: dict[str, Any]) -> tuple[str, str]:
        sources = {key: f"cid:{value.id}" if isinstance(value, Picture) else value for key, value in pictures.items()}
        shown = [(entry, sources.get(_key(entry), ""), self._address(entry)) for entry in issue.entries[:count]]
        rest = [(entry, self._address(entry)) for entry in issue.entries[count:]]
        page = "index.html" if issue.round_up else f"{issue.digests[0].slug}.html"
        whole = self.theme.base_url and self.theme.base_url + page
        given = {**values, "issue": issue, "language": self.theme.mail.language, "shown": shown, "rest": rest, "whole": whole}
        html = _STYLE.inline(str(filled(self.templates, "mail.html", **given)))
        return str(filled(self.templates, "mail.txt", **given)), html

    def _values(self, issue: Issue) -> dict[str, Any]:
        papers = [
            {"title": entry.paper.title.english.text, "votes": entry.paper.votes, "link": entry.paper.link} for entry in issue.entries
        ]
        named = {"title": self.theme.title, "period": issue.period, "papers": papers, "count": sum(bool(p["link"]) for p in papers)}
        subject = filled_text(self.templates, "mail.subject", self.theme.mail.subject, named)
        preheader = filled_text(self.templates, "mail.preheader", self.theme.mail.preheader, named)
        return {"subject": subject, "preheader": textwrap.shorten(preheader, 180, placeholder=" …")}

    def _address(self, entry: Entry) -> str:
        return self.theme.base_url + self.addresses(entry) if self.theme.base_url else ""

    def _pictures(self, entries: Sequence[Entry]) -> dict[str, str | Picture]:
        """For each paper with a picture its address, or its data where that is to be in the message."""
        if self.theme.mail.images == "none":
            return {}
        found: dict[str, str | Picture] = {}
        for entry in entries:
            path = local_picture(entry.digest, entry.paper.image)
            if path is not None:
                found[_key(entry)] = _embedded(RASTER[path.suffix.lower()], path.read_bytes())
            elif url := web_picture(entry.paper.image):
                found[_key(entry)] = url
        if self.theme.mail.images == "embed":
            wanted = [(key, url) for key, url in found.items() if isinstance(url, str)]
            with ThreadPoolExecutor(8) as pool:
                fetched = list(pool.map(_fetched, [url for _, url in wanted]))
            found |= {key: picture for (key, _), picture in zip(wanted, fetched, strict=True) if picture}
        return found


def _key(entry: Entry) -> str:
    return f"{entry.digest.slug}#{entry.paper.anchor}"


def _embedded(kind: str, data: bytes) -> Picture:
    return Picture(f"{hashlib.sha256(data).hexdigest()[:20]}@newsletter", kind, data)


def _fetched(url: str) -> Picture | None:
    """A picture from the web; None, which the log tells of, where it cannot be had or is none."""
    request = urllib.request.Request(url, headers={"User-Agent": "translator-newsletter"})
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
            kind = answer.headers.get_content_type().partition("/")[2]
            data = answer.read(_LARGEST_PICTURE + 1)
    except (OSError, ValueError, urllib.error.URLError) as error:
        _LOG.warning("%s: not embedded, linked instead: %s", url, error)
        return None
    if kind not in RASTER.values() or len(data) > _LARGEST_PICTURE:
        _LOG.warning("%s: not embedded, linked instead: no picture of up to 1 MiB", url)
        return None
    return _embedded(kind, data)
