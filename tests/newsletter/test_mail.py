"""E-mails as a mail program gets them."""

import email
import email.policy
import http.server
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from lxml import html

from translator.errors import UserError
from translator.newsletter.collection import read_digests
from translator.newsletter.digest import Digest, passages
from translator.newsletter.issues import Entry, Issue, make_issues
from translator.newsletter.mail import LARGEST_HTML, make_mails
from translator.newsletter.sources import source_in
from translator.newsletter.theme import MailTheme, Theme

THEME = Theme(
    title="논문 소식", base_url="https://papers.example.org/",
    mail=MailTheme(sender="편집부 <papers@example.org>", unsubscribe="mailto:leave@example.org"),
)  # fmt: skip


def address(entry: Entry) -> str:
    return f"{entry.digest.slug}.html#{entry.paper.anchor}"


def parsed(issue: Issue, theme: Theme = THEME) -> EmailMessage:
    [mail] = make_mails([issue], theme, address)
    message = email.message_from_bytes(mail.to_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def parts(message: EmailMessage) -> tuple[str, str]:
    """The text and the HTML of a message."""
    found = [message.get_body((kind,)) for kind in ("plain", "html")]
    assert found[0] is not None
    assert found[1] is not None
    return found[0].get_content(), found[1].get_content()


@pytest.fixture
def issue(digests: list[Digest]) -> Issue:
    return make_issues([next(digest for digest in digests if digest.slug == "2026/05/06")], "digest", None)[0]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_the_head_of_a_message(issue: Issue) -> None:
    message = parsed(issue)
    assert str(message["From"]) == "편집부 <papers@example.org>"
    assert message["Subject"] == "논문 소식: Wednesday, 6 May 2026"
    assert message["Date"] == "Wed, 06 May 2026 00:00:00 +0000"
    assert re.fullmatch(r"<2026-05-06\.[0-9a-f]{16}@example\.org>", message["Message-ID"])
    assert message["List-Unsubscribe"] == "<mailto:leave@example.org>"
    assert message.get_content_type() == "multipart/alternative"
    assert all(len(line) <= 998 for line in message.as_bytes().splitlines())


def test_both_parts_say_the_same(issue: Issue) -> None:
    text, page = parts(parsed(issue))
    body = html.fromstring(page).find("body")
    assert body is not None
    for mark in body.xpath(".//sup | .//div[@class='hidden']"):
        mark.drop_tree()
    seen, read = squeezed(body.text_content()), squeezed(text)
    said = 0
    for paper in issue.entries:
        for passage in (paper.paper.title, *passages(paper.paper.body)):
            for fragment in (passage.korean, passage.english):
                for line in fragment.text.split("<br>"):
                    assert squeezed(line) in seen
                    assert squeezed(line) in read
                    said += 1
        for name in paper.paper.authors:
            assert squeezed(name) in seen
            assert squeezed(name) in read
    assert said > 20
    words = set(re.findall(r"\w+", text)) - {"https", "http"}
    lost = words - set(re.findall(r"\w+", page))
    assert not lost
    links = set(body.xpath(".//a/@href"))
    assert all(link in text or link == "mailto:leave@example.org" for link in links), [link for link in links if link not in text]


def test_the_style_is_on_the_elements_and_nothing_is_active(issue: Issue) -> None:
    page = parts(parsed(issue))[1]
    tree = html.fromstring(page)
    assert tree.xpath("//h2/a[contains(@style, 'text-decoration: none')]")
    assert tree.xpath("//table[@role='presentation']")
    assert not tree.xpath("//script | //link | //form | //iframe | //video")
    [kept] = tree.xpath("//style")
    assert "prefers-color-scheme: dark" in kept.text
    assert len(page.encode()) <= LARGEST_HTML


def test_the_mail_of_one_language(issue: Issue) -> None:
    korean, _ = parts(parsed(issue, THEME.model_copy(update={"mail": MailTheme(language="korean")})))
    english, _ = parts(parsed(issue, THEME.model_copy(update={"mail": MailTheme(language="english")})))
    assert "긴 회의를 요약하는" in korean
    assert "This says in English" not in korean
    assert "This says in English" in english
    assert "긴 회의를 요약하는" not in english


def test_the_same_issue_makes_the_same_bytes(issue: Issue) -> None:
    assert [mail.to_bytes() for mail in make_mails([issue], THEME, address)] == [
        mail.to_bytes() for mail in make_mails([issue], THEME, address)
    ]


def test_subject_and_preheader_are_the_themes(issue: Issue) -> None:
    mail = MailTheme(subject="{{ count }} papers\n of {{ period }}", preheader="{{ papers[0].title }} & <more>")
    message = parsed(issue, THEME.model_copy(update={"mail": mail}))
    assert message["Subject"] == "2 papers of Wednesday, 6 May 2026"
    assert "WaveNote: Summaries of Speech &amp; &lt;more&gt;" in parts(message)[1]
    for wrong in ("{{ nothing }}", "{{ ", "{{ papers.__class__.__mro__ }}"):
        with pytest.raises(UserError, match=r"the theme's mail\.subject: "):
            parsed(issue, THEME.model_copy(update={"mail": MailTheme(subject=wrong)}))


def long(issue: Issue) -> Issue:
    [first, *_] = issue.entries
    papers = [replace(first.paper, anchor=f"9999.{i:05}", title=replace(first.paper.title)) for i in range(120)]
    return replace(issue, entries=tuple(Entry(paper, first.digest) for paper in papers))


def test_a_long_issue_links_to_its_rest(issue: Issue) -> None:
    message = parsed(long(issue))
    text, page = parts(message)
    assert LARGEST_HTML - 8000 < len(page.encode()) <= LARGEST_HTML
    more = re.search(r"(\d+) more on the web:", text)
    assert more is not None
    assert f"{more[0]}" in page
    left = int(more[1])
    assert page.count("https://papers.example.org/2026/05/06.html#9999.") == 120
    assert text.count("What's New") == page.count("What's New") == 120 - left
    assert html.fromstring(page).xpath("//a[.='Read the rest']/@href") == ["https://papers.example.org/2026/05/06.html"]


def test_a_long_issue_without_a_site_is_refused(issue: Issue) -> None:
    with pytest.raises(UserError, match=r"the e-mail of Wednesday, 6 May 2026 is larger .* base_url"):
        parsed(long(issue), Theme())


def test_a_round_up_tells_the_day_of_each_paper(digests: list[Digest]) -> None:
    [issue] = make_issues([digest for digest in digests if digest.slug in ("2026/05/06", "2026/05/07")], "week", 3)
    message = parsed(issue)
    text, page = parts(message)
    assert message["Subject"] == "논문 소식: Week 19, 2026"
    assert text.index("SmallLamp") < text.index("WaveNote")
    assert "Thursday, 7 May 2026" in page
    assert "2 issues · 3 papers · 52 votes" in text


@pytest.fixture
def picture_server() -> Iterator[tuple[str, list[str]]]:
    """A server of one picture and some that are none; its address, and the paths asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            kinds = {
                "/a.png": ("image/png", b"\x89PNG data"),
                "/page.png": ("text/html", b"<script>"),
                "/huge.png": ("image/png", b"x" * (2**20 + 1)),
            }
            if self.path not in kinds:
                self.send_error(404)
                return
            kind, data = kinds[self.path]
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def with_pictures(issue: Issue, images: list[str]) -> Issue:
    [first, *_] = issue.entries
    papers = [replace(first.paper, image=image, anchor=str(i)) for i, image in enumerate(images)]
    return replace(issue, entries=tuple(Entry(paper, first.digest) for paper in papers))


def test_pictures_are_linked_embedded_or_left_out(issue: Issue, picture_server: tuple[str, list[str]]) -> None:
    host, asked = picture_server
    images = [f"{host}/{name}.png" for name in ("a", "page", "huge", "gone")]

    def sources(kind: str) -> tuple[list[str], EmailMessage]:
        message = parsed(with_pictures(issue, images), THEME.model_copy(update={"mail": MailTheme(images=kind)}))  # type: ignore[arg-type]
        return html.fromstring(parts(message)[1]).xpath("//img/@src"), message

    assert sources("none")[0] == []
    assert sources("link")[0] == images
    assert asked == []  # linking asks nobody
    found, message = sources("embed")
    assert found[0].startswith("cid:")
    assert found[1:] == images[1:]
    assert sorted(asked) == ["/a.png", "/gone.png", "/huge.png", "/page.png"]
    [attached] = [part for part in message.walk() if part.get_content_maintype() == "image"]
    assert attached["Content-ID"] == f"<{found[0].removeprefix('cid:')}>"
    assert attached.get_content() == b"\x89PNG data"


def test_a_picture_beside_the_digest_is_in_the_message(write_digest: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "digests").mkdir()
    (tmp_path / "digests/a.png").write_bytes(b"\x89PNG data")
    write_digest("b", "### [Title](https://example.org/p)\n\n![](a.png)\n\n- 글이다.\n")
    digests = read_digests([tmp_path / "records"], source_in([tmp_path / "digests"]))
    message = parsed(make_issues(digests, "digest", None)[0])
    assert [part.get_content() for part in message.walk() if part.get_content_maintype() == "image"] == [b"\x89PNG data"]
    assert message["Date"] is None  # a digest without a date
