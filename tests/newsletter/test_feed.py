"""Feeds as a feed reader gets them."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import feedparser
import pytest
from lxml import etree, html

from translator.errors import UserError
from translator.newsletter.digest import Digest
from translator.newsletter.feed import feed_files
from translator.newsletter.theme import Theme

THEME = Theme(title="논문 & 소식", base_url="https://papers.example.org/")
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def feeds(digests: list[Digest]) -> dict[str, bytes]:
    return dict(feed_files(digests, THEME))


def test_a_reader_finds_the_dated_issues_newest_first(feeds: dict[str, bytes]) -> None:
    for name, version in (("atom.xml", "atom10"), ("rss.xml", "rss20")):
        found = feedparser.parse(feeds[name])
        assert not found.bozo, found.get("bozo_exception")
        assert found.version == version
        assert found.feed.title == "논문 & 소식"
        assert [entry.link for entry in found.entries] == [f"https://papers.example.org/2026/05/0{day}.html" for day in (8, 7, 6)]
        assert [entry.published_parsed[:3] for entry in found.entries] == [(2026, 5, day) for day in (8, 7, 6)]
        content = found.entries[2].content[0].value
        assert "긴 회의를 요약하는" in content
        assert "This says in English" in content
        assert "may be missing" in content or "is missing here" in content


def test_atom_has_what_its_standard_asks_for(feeds: dict[str, bytes]) -> None:
    """RFC 4287, section 4.1: each feed and entry has one id (an IRI), one title and one updated; authors; a self link."""
    feed = etree.fromstring(feeds["atom.xml"])
    assert feed.tag == f"{ATOM}feed"
    entries = feed.findall(f"{ATOM}entry")
    for element in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert len(element.findall(ATOM + name)) == 1
        assert re.match(r"https://", element.findtext(f"{ATOM}id") or "")
        datetime.fromisoformat(element.findtext(f"{ATOM}updated") or "")
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {"self": "https://papers.example.org/atom.xml", "alternate": "https://papers.example.org/"}
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == len(entries)
    assert feed.findtext(f"{ATOM}updated") == max(entry.findtext(f"{ATOM}updated") or "" for entry in entries)


def test_rss_has_what_its_specification_asks_for(feeds: dict[str, bytes]) -> None:
    channel = etree.fromstring(feeds["rss.xml"]).find("channel")
    assert channel is not None
    assert all(channel.findtext(name) for name in ("title", "link", "description"))
    assert channel.find("{http://www.w3.org/2005/Atom}link").get("href") == "https://papers.example.org/rss.xml"
    for item in channel.findall("item"):
        assert item.find("guid").get("isPermaLink") == "true"
        assert parsedate_to_datetime(item.findtext("pubDate") or "").tzinfo == UTC


def test_a_hostile_digest_is_inert_in_a_feed(feeds: dict[str, bytes]) -> None:
    entry = next(entry for entry in feedparser.parse(feeds["atom.xml"], sanitize_html=False).entries if "05/08" in entry.link)
    tree = html.fromstring(f"<div>{entry.content[0].value}</div>")
    assert not tree.xpath("//script | //style | //iframe | //svg | //form | //*[@onclick or @onerror or @onload or @onmouseover or @style]")
    assert all(re.match(r"(?:https?|mailto):", link) for link in tree.xpath("//@href | //@src"))


def test_the_same_digests_make_the_same_feeds(digests: list[Digest], feeds: dict[str, bytes]) -> None:
    assert dict(feed_files(digests, THEME)) == feeds


def test_only_the_newest_are_in_a_feed(digests: list[Digest]) -> None:
    found = feedparser.parse(dict(feed_files(digests, THEME.model_copy(update={"feed_entries": 1})))["atom.xml"])
    assert [entry.link[-7:] for entry in found.entries] == ["08.html"]


def test_a_feed_needs_an_address_and_a_day(digests: list[Digest]) -> None:
    with pytest.raises(UserError, match="needs a base_url"):
        list(feed_files(digests, Theme()))
    with pytest.raises(UserError, match="no digest has a date"):
        list(feed_files([digest for digest in digests if digest.date is None], THEME))
