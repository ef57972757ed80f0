"""Sending through a real server on this machine, with what goes wrong on the way."""

import email
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from translator.errors import Interrupted, TranslatorError, UserError
from translator.newsletter.digest import Digest
from translator.newsletter.issues import make_issues
from translator.newsletter.journal import opened
from translator.newsletter.mail import Mail, make_mails
from translator.newsletter.sending import PASSWORD, Report, Server, parse_server, read_recipients, send_mails, verdict
from translator.newsletter.theme import Theme

controller = pytest.importorskip("aiosmtpd.controller", reason="aiosmtpd is not installed")
smtp_module = pytest.importorskip("aiosmtpd.smtp", reason="aiosmtpd is not installed")
READERS = ["ann@example.org", "bo@example.org", "cy@example.org", "di@example.org"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


class Sink:
    """Takes messages in; `before` is called with each recipient before its message is taken, and its answer given if it has one."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str, bytes]] = []  # recipient, subject, content
        self.before: Callable[[str], str | None] = lambda recipient: None
        self.after: Callable[[str], None] = lambda recipient: None
        self.refused: dict[str, str] = {}
        self.secure: list[bool] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        [recipient] = envelope.rcpt_tos
        answer = self.before(recipient)
        if answer:
            return answer
        message = email.message_from_bytes(envelope.content, policy=default)
        assert message["To"] == recipient
        self.secure.append(server.transport.get_extra_info("ssl_object") is not None)
        self.taken.append((recipient, str(message["Subject"]), envelope.content))
        self.after(recipient)
        return "250 taken"

    def counts(self) -> dict[str, int]:
        return dict(Counter(recipient for recipient, _, _ in self.taken))


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def server(sink: Sink) -> Iterator[Server]:
    running = controller.Controller(sink, hostname="127.0.0.1", port=free_port())
    running.start()
    yield Server("127.0.0.1", running.port, "starttls")
    running.stop()


@pytest.fixture
def mails(digests: list[Digest]) -> list[Mail]:
    wanted = [digest for digest in digests if digest.slug in ("2026/05/06", "2026/05/07")]
    return list(make_mails(make_issues(wanted, "digest", None), Theme(base_url="https://papers.example.org/"), lambda entry: "x.html"))


def send(mails: list[Mail], server: Server, journal: Path, readers: list[str] = READERS, **options: Any) -> Report:
    with opened(journal) as open_journal:
        return send_mails(mails, readers, server, open_journal, pause=0.01, **options)


def test_everyone_gets_each_issue_once(mails: list[Mail], server: Server, sink: Sink, tmp_path: Path) -> None:
    journal = tmp_path / "sent.jsonl"
    assert send(mails, server, journal) == Report(sent=8)
    assert send(mails, server, journal, [*READERS, "eve@example.org"]) == Report(sent=2, had=8)
    assert sink.counts() == {**dict.fromkeys(READERS, 2), "eve@example.org": 2}
    assert len({(recipient, subject) for recipient, subject, _ in sink.taken}) == 10


def test_what_arrives_is_what_was_made_but_for_addressee_and_time(mails: list[Mail], server: Server, sink: Sink, tmp_path: Path) -> None:
    send(mails[:1], server, tmp_path / "sent.jsonl", ["ann@example.org"])
    arrived = email.message_from_bytes(sink.taken[0][2], policy=default)
    made = email.message_from_bytes(mails[0].to_bytes(), policy=default)
    assert [part.get_content() for part in arrived.walk() if not part.is_multipart()] == [
        part.get_content() for part in made.walk() if not part.is_multipart()
    ]
    assert arrived["Message-ID"] == made["Message-ID"]
    assert made["To"] is None


def test_an_issue_that_is_made_anew_is_still_the_issue_that_was_sent(
    digests: list[Digest], server: Server, sink: Sink, tmp_path: Path
) -> None:
    issues = make_issues(digests[:1], "digest", None)
    for title in ("One", "Another"):
        mails = list(make_mails(issues, Theme(title=title, base_url="https://papers.example.org/"), lambda entry: "x.html"))
        send(mails, server, tmp_path / "sent.jsonl")
    assert sink.counts() == dict.fromkeys(READERS, 1)


def test_a_server_that_is_busy_is_asked_again(mails: list[Mail], server: Server, sink: Sink, tmp_path: Path) -> None:
    answers = iter(["451 later", "421 busy"])
    sink.before = lambda recipient: next(answers, None) if recipient == "bo@example.org" else None
    assert send(mails[:1], server, tmp_path / "sent.jsonl") == Report(sent=4)
    assert sink.counts() == dict.fromkeys(READERS, 1)


def test_a_recipient_who_is_refused_does_not_stop_the_others(mails: list[Mail], server: Server, sink: Sink, tmp_path: Path) -> None:
    sink.refused["bo@example.org"] = "550 no such user"
    sink.before = lambda recipient: "554 spam" if recipient == "cy@example.org" else None
    journal = tmp_path / "sent.jsonl"
    report = send(mails[:1], server, journal)
    assert report.sent == 2
    assert report.failed == [("2026-05-06", "bo@example.org", "550 no such user"), ("2026-05-06", "cy@example.org", "554 spam")]
    with pytest.raises(TranslatorError, match=r"not sent: 2026-05-06 to bo@example\.org \(550 no such user\) and 1 more"):
        verdict(report)
    sink.refused.clear()
    sink.before = lambda recipient: None
    assert send(mails[:1], server, journal) == Report(sent=2, had=2)  # what surely failed may be tried again
    assert sink.counts() == dict.fromkeys(READERS, 1)


class Dropping(threading.Thread):
    """A server that takes one message's text and hangs up without an answer."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        self.bodies = 0
        self.start()

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as stream:
                self._talk(stream)

    def _talk(self, stream: Any) -> None:
        def say(text: str) -> None:
            stream.write(text.encode() + b"\r\n")
            stream.flush()

        say("220 here")
        for line in stream:
            if line[:4].upper() == b"DATA":
                say("354 go on")
                for body in stream:
                    if body == b".\r\n":
                        self.bodies += 1
                        return  # gone, with the message
            else:
                say("250 OK")


def test_a_message_whose_fate_is_unknown_is_told_of_and_not_sent_again_unasked(
    mails: list[Mail], server: Server, sink: Sink, tmp_path: Path
) -> None:
    journal, dropping = tmp_path / "sent.jsonl", Dropping()
    report = send(mails[:1], Server("127.0.0.1", dropping.port, "starttls"), journal, READERS[:2])
    dropping.socket.close()
    assert dropping.bodies == 2  # one for each, and no second try
    assert report == Report(uncertain=[("2026-05-06", "ann@example.org"), ("2026-05-06", "bo@example.org")])
    with pytest.raises(
        TranslatorError, match=r"nobody can know whether these have it.*ann@example\.org, bo@example\.org.*--retry-uncertain"
    ):
        verdict(report)
    assert send(mails[:1], server, journal) == Report(sent=2, uncertain=report.uncertain)
    assert sink.counts() == {"cy@example.org": 1, "di@example.org": 1}
    assert send(mails[:1], server, journal, retry_uncertain=True) == Report(sent=2, had=2)
    assert sink.counts() == dict.fromkeys(READERS, 1)


def test_ctrl_c_lets_the_message_at_hand_finish(mails: list[Mail], server: Server, sink: Sink, tmp_path: Path) -> None:
    sink.after = lambda recipient: signal.raise_signal(signal.SIGINT) if recipient == "bo@example.org" else None
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(Interrupted):
        send(mails[:1], server, tmp_path / "sent.jsonl")
    assert signal.getsignal(signal.SIGINT) is before
    assert sink.counts() == dict.fromkeys(READERS[:2], 1)
    sink.after = lambda recipient: None
    assert send(mails[:1], server, tmp_path / "sent.jsonl") == Report(sent=2, had=2)
    assert sink.counts() == dict.fromkeys(READERS, 1)


def command(tmp_path: Path, server: Server, *more: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "translator",
        "newsletter",
        str(tmp_path / "records/2026/05/06.jsonl"),
        "--sources",
        str(tmp_path / "digests"),
        "--output",
        str(tmp_path / "out"),
        "--format",
        "email",
        "--send",
        f"smtp://127.0.0.1:{server.port}",
        "--recipients",
        str(tmp_path / "readers.txt"),
        *more,
    ]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_run_that_is_killed_sends_nobody_the_same_twice(archive: Path, server: Server, sink: Sink, tmp_path: Path, moment: str) -> None:
    """Killed while the server has the third message: the two before it are known to be sent, the third is not, the rest is sent later."""
    (tmp_path / "readers.txt").write_text("\n".join(READERS), encoding="utf-8")
    reached = threading.Event()

    def stop(recipient: str) -> None:
        if recipient == READERS[2] and not reached.is_set():
            reached.set()
            time.sleep(1)  # while the client is killed

    setattr(sink, moment, stop)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(command(tmp_path, server), env=environment, stderr=subprocess.DEVNULL)
    assert reached.wait(120)
    process.kill()
    process.wait()
    deadline = time.monotonic() + 30
    while len(sink.taken) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert sink.counts() == dict.fromkeys(READERS[:3], 1)
    done = subprocess.run(command(tmp_path, server), env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "nobody can know whether these have it" in done.stderr
    assert READERS[2] in done.stderr
    assert sink.counts() == dict.fromkeys(READERS, 1)
    done = subprocess.run(command(tmp_path, server, "--retry-uncertain"), env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert sink.counts() == {**dict.fromkeys(READERS, 1), READERS[2]: 2}  # as was asked for


@pytest.fixture
def certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's TLS with a certificate of an authority that this process trusts."""
    trustme = pytest.importorskip("trustme", reason="trustme is not installed")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    return context


class Gate:
    """Knows one user."""

    def __call__(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> Any:
        right = (data.login, data.password) == (b"editor", b"open sesame")
        return smtp_module.AuthResult(success=right, handled=right)


def secured(sink: Sink, context: ssl.SSLContext, kind: str) -> Any:
    if kind == "tls":
        return controller.Controller(  # to aiosmtpd, TLS from the start is none, so it must not ask for it
            sink,
            hostname="localhost",
            port=free_port(),
            ssl_context=context,
            authenticator=Gate(),
            auth_required=True,
            auth_require_tls=False,
        )
    return controller.Controller(
        sink, hostname="localhost", port=free_port(), tls_context=context, require_starttls=True, authenticator=Gate(), auth_required=True
    )


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("kind", ["tls", "starttls"])
def test_tls_and_a_user(
    mails: list[Mail], sink: Sink, certificates: ssl.SSLContext, kind: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = secured(sink, certificates, kind)
    running.start()
    server = Server("localhost", running.port, kind, "editor")
    try:
        with pytest.raises(UserError, match=PASSWORD):
            send(mails[:1], server, tmp_path / "sent.jsonl")
        monkeypatch.setenv(PASSWORD, "wrong")
        with pytest.raises(UserError, match="does not accept the user editor"):
            send(mails[:1], server, tmp_path / "sent.jsonl")
        monkeypatch.setenv(PASSWORD, "open sesame")
        assert send(mails[:1], server, tmp_path / "sent.jsonl") == Report(sent=4)
        assert sink.secure == [True] * 4
        monkeypatch.delenv("SSL_CERT_FILE")
        with pytest.raises(UserError, match="no TLS with a certificate that this machine trusts"):
            send(mails[1:], server, tmp_path / "sent.jsonl")
        assert len(sink.taken) == 4
    finally:
        running.stop()
    assert "open sesame" not in (tmp_path / "sent.jsonl").read_text(encoding="utf-8")


def test_a_server_that_cannot_be_reached_is_a_failure_of_each(mails: list[Mail], tmp_path: Path) -> None:
    report = send(mails[:1], Server("127.0.0.1", free_port(), "starttls"), tmp_path / "sent.jsonl", READERS[:1])
    assert [(issue, recipient) for issue, recipient, _ in report.failed] == [("2026-05-06", "ann@example.org")]
    assert "refused" in report.failed[0][2]


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.org", Server("mail.example.org", 587, "starttls")),
        ("smtps://me%40example.org@mail.example.org:2465", Server("mail.example.org", 2465, "tls", "me@example.org")),
    ],
)
def test_the_address_of_a_server(url: str, server: Server) -> None:
    assert parse_server(url) == server
    assert not server.local
    assert Server("::1", 25, "starttls").local


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://example.org", "expected smtp://"),
        ("smtp://", "expected smtp://"),
        ("smtp://a:b@example.org", PASSWORD),
        ("smtp://example.org:x", "is not valid"),
        ("smtp://example.org/?tls=off", "expected smtp://"),
    ],
)
def test_what_is_no_server_is_refused(url: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as refused:
        parse_server(url)
    assert "a:b" not in str(refused.value)


def test_recipients_are_read_once_each(tmp_path: Path) -> None:
    path = tmp_path / "readers.txt"
    path.write_text("# readers\nAnn@Example.org\n\nbo@example.org\nann@example.org\n", encoding="utf-8")
    assert read_recipients(path) == ["Ann@Example.org", "bo@example.org"]
    for text, said in (
        ("# none\n", "no recipients"),
        ("a@example.org\nb, c\n", r"line 2: 'b, c' is no address"),
        ("a@b>\r\nRCPT TO:<c@d\n", "line 1"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(UserError, match=said):
            read_recipients(path)


def test_every_line_of_the_journal_is_json(mails: list[Mail], server: Server, tmp_path: Path) -> None:
    send(mails[:1], server, tmp_path / "sent.jsonl", READERS[:1])
    rows = [json.loads(line) for line in (tmp_path / "sent.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(row["issue"], row["recipient"], row["state"]) for row in rows] == [
        ("2026-05-06", "ann@example.org", "intent"), ("2026-05-06", "ann@example.org", "sent"),
    ]  # fmt: skip
