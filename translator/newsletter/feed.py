"""Atom and RSS feeds of the newest issues, with their text."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time

import jinja2
from feedgen.feed import FeedGenerator

from translator.errors import UserError
from translator.newsletter.digest import Digest
from translator.newsletter.pages import digest_name, environment, filled, highlights
from translator.newsletter.theme import Theme

File = tuple[str, bytes]


def feed_files(digests: Sequence[Digest], theme: Theme) -> Iterator[File]:
    """atom.xml and rss.xml. Digests without a date are in no feed, since every entry must tell when it is of.

    Raises UserError where the theme has no base_url, since a feed's links are absolute.
    """
    if not theme.base_url:
        raise UserError("--format feed: the theme needs a base_url (--theme FILE), since the links in a feed are absolute")
    dated = [digest for digest in digests if digest.date][-theme.feed_entries :]
    if not dated:
        raise UserError("--format feed: no digest has a date, which each entry of a feed needs")
    feed, templates = FeedGenerator(), environment(theme)
    feed.id(theme.base_url)
    feed.title(theme.title)
    feed.subtitle(theme.tagline)
    feed.description(theme.tagline)
    feed.author({"name": theme.title})
    feed.link(href=theme.base_url, rel="alternate")
    feed.language("en")
    feed.updated(_moment(dated[-1]))
    feed.lastBuildDate(_moment(dated[-1]))
    for digest in dated:
        _add(feed, digest, theme, templates)
    feed.link(href=f"{theme.base_url}atom.xml", rel="self")
    yield "atom.xml", feed.atom_str(pretty=True)
    feed.link(href=f"{theme.base_url}rss.xml", rel="self", replace=True)
    feed.link(href=theme.base_url, rel="alternate")
    yield "rss.xml", feed.rss_str(pretty=True)


def _add(feed: FeedGenerator, digest: Digest, theme: Theme, templates: jinja2.Environment) -> None:
    address = f"{theme.base_url}{digest.slug}.html"
    entry = feed.add_entry()
    entry.id(address)
    entry.guid(address, permalink=True)
    entry.title(digest_name(digest))
    entry.link(href=address, rel="alternate")
    entry.updated(_moment(digest))
    entry.published(_moment(digest))
    entry.summary(highlights(digest, 5) or digest_name(digest))
    entry.content(str(filled(templates, "feed_entry.html", digest=digest, address=address, language=theme.language)), type="html")


def _moment(digest: Digest) -> datetime:
    assert digest.date is not None  # only dated digests are in a feed
    return datetime.combine(digest.date, time(), UTC)
