"""Mails to their recipients through a server: with TLS, with retries, and to nobody twice.

At most once: a message whose fate is not known (the connection or the process died while the server had it) is not sent again
unless that is asked for. What surely failed is tried again, in this run where the server said that it may, else in the next.
"""

import copy
import ipaddress
import os
import re
import signal
import smtplib
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from translator.errors import Interrupted, TranslatorError, UserError
from translator.newsletter.journal import Journal
from translator.newsletter.mail import Mail
from translator.textfile import read_text

PASSWORD = "TRANSLATOR_SMTP_PASSWORD"  # the environment's variable, not the password
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_TIMEOUT = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Server:
    """Where to send through: `tls` is TLS from the start, `starttls` a plain connection that turns to TLS before anything is said."""

    host: str
    port: int
    security: Literal["tls", "starttls"]
    user: str = ""

    @property
    def local(self) -> bool:
        """True for this machine, which may be talked to without TLS."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


@dataclass(slots=True)
class Report:
    """What became of the messages: recipients sent to now, those that had it already, those unknown, and those that failed with why."""

    sent: int = 0
    had: int = 0
    uncertain: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str, str]] = field(default_factory=list)


def parse_server(url: str) -> Server:
    """A server from `smtp://USER@HOST:PORT` or `smtps://...`. Raises UserError for anything else, and for a password in it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UserError(f"--send: the address of the server is not valid ({error})") from error
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise UserError("--send: expected smtp://USER@HOST:PORT (STARTTLS) or smtps://USER@HOST:PORT (TLS); USER@ may be left out")
    if parts.password is not None:
        raise UserError(f"--send: leave the password out of the address, where others can see it, and put it into the variable {PASSWORD}")
    tls = parts.scheme == "smtps"
    return Server(parts.hostname, port or (465 if tls else 587), "tls" if tls else "starttls", unquote(parts.username or ""))


def read_recipients(path: Path) -> list[str]:
    """The addresses in a file, one a line, each once; `#` starts a comment line. Raises UserError naming the line."""
    found: dict[str, str] = {}
    for number, line in enumerate(read_text(path).split("\n"), 1):
        text = line.strip()
        if text and not text.startswith("#"):
            if not _ADDRESS.fullmatch(text):
                raise UserError(f"{path}, line {number}: {text!r} is no address such as reader@example.org")
            found.setdefault(text.lower(), text)
    if not found:
        raise UserError(f"{path}: no recipients")
    return list(found.values())


def send_mails(
    mails: Sequence[Mail],
    recipients: Sequence[str],
    server: Server,
    journal: Journal,
    *,
    retry_uncertain: bool = False,
    tries: int = 3,
    pause: float = 2.0,
    on_done: Callable[[int], object] = lambda count: None,
) -> Report:
    """Sends each mail to each recipient that did not have it; `pause` is in seconds, before the second try, and doubles.

    An interruption is heeded between two messages. Raises UserError where the server refuses the user or offers no TLS,
    TranslatorError where it cannot be reached.
    """
    report = Report()
    sender = _Sender(server, journal, tries, pause)
    try:
        with _interruptible() as stopped:
            for mail in mails:
                for recipient in recipients:
                    if stopped():
                        raise Interrupted("interrupted between two messages; run the same command again to send the rest")
                    _send(sender, mail, recipient, report, retry_uncertain)
                    on_done(1)
    finally:
        sender.close()
    return report


def _send(sender: "_Sender", mail: Mail, recipient: str, report: Report, retry_uncertain: bool) -> None:
    issue = mail.issue.id
    state = sender.journal.state(issue, recipient)
    if state == "sent":
        report.had += 1
    elif state == "intent" and not retry_uncertain:
        report.uncertain.append((issue, recipient))
    else:
        outcome = sender.deliver(mail, recipient)
        if outcome == "sent":
            report.sent += 1
        elif outcome == "uncertain":
            report.uncertain.append((issue, recipient))
        else:
            report.failed.append((issue, recipient, outcome))


class _Refused(Exception):  # noqa: N818 - an answer
    """The server surely did not take the message; `lasting` where it never will."""

    def __init__(self, code: int, answer: bytes | str) -> None:
        said = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
        super().__init__(f"{code} {' '.join(said.split())}")
        self.lasting = code >= 500


class _Uncertain(Exception):  # noqa: N818 - a state of knowledge
    """The connection was lost after the message went off and before the server answered."""


class _Sender:
    """A connection that is opened when first needed and again when lost."""

    def __init__(self, server: Server, journal: Journal, tries: int, pause: float) -> None:
        self.server, self.journal, self.tries, self.pause = server, journal, tries, pause
        self._smtp: smtplib.SMTP | None = None

    def deliver(self, mail: Mail, recipient: str) -> str:
        """`sent`, `uncertain`, or why it failed."""
        why = ""
        for attempt in range(self.tries):
            if attempt:
                time.sleep(self.pause * 2 ** (attempt - 1))
            try:
                self._hand_over(mail, recipient)
                return "sent"
            except _Uncertain:
                self.close()
                return "uncertain"
            except _Refused as refusal:
                why = str(refusal)
                if refusal.lasting:
                    break
            except (smtplib.SMTPException, OSError) as error:  # before the message went off: nothing was sent
                why = str(error) or type(error).__name__
                self.close()
        return why

    def _hand_over(self, mail: Mail, recipient: str) -> None:
        smtp = self._connected()
        issue = mail.issue.id
        try:
            _expect(smtp.mail(parseaddr(str(mail.message["From"]))[1]), 250)
            _expect(smtp.rcpt(recipient), 250, 251)
        except _Refused:
            with suppress(smtplib.SMTPException, OSError):
                smtp.rset()
            raise
        data = _addressed(mail.message, recipient).as_bytes()
        self.journal.note(issue, recipient, "intent")
        try:
            code, answer = smtp.data(data)
        except smtplib.SMTPDataError as error:  # not even begun
            code, answer = error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else error.smtp_error.encode()
        except (smtplib.SMTPException, OSError) as error:
            raise _Uncertain from error
        if code != 250:
            refusal = _Refused(code, answer)
            self.journal.note(issue, recipient, "refused", str(refusal))
            raise refusal
        self.journal.note(issue, recipient, "sent")

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            self._smtp = _connect(self.server)
        return self._smtp

    def close(self) -> None:
        """Says goodbye, if there is still somebody to say it to."""
        if self._smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()
            self._smtp = None


def _connect(server: Server) -> smtplib.SMTP:
    context = ssl.create_default_context()
    password = os.environ.get(PASSWORD, "")
    if server.user and not password:
        raise UserError(f"--send names the user {server.user}: put the password into the variable {PASSWORD}")
    try:
        if server.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=_TIMEOUT, context=context)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT)
            smtp.ehlo()
            if smtp.has_extn("starttls"):
                smtp.starttls(context=context)
            elif not server.local:
                smtp.quit()
                raise UserError(f"{server.host} offers no STARTTLS, and mail is not sent in the clear: use smtps:// or another port")
        if server.user:
            smtp.login(server.user, password)
    except ssl.SSLError as error:
        raise UserError(f"{server.host}:{server.port}: no TLS with a certificate that this machine trusts ({error.reason})") from error
    except smtplib.SMTPAuthenticationError as error:
        raise UserError(f"{server.host} does not accept the user {server.user} with the password in {PASSWORD}") from error
    return smtp


def _expect(answer: tuple[int, bytes], *codes: int) -> None:
    if answer[0] not in codes:
        raise _Refused(*answer)


def _addressed(message: EmailMessage, recipient: str) -> EmailMessage:
    """The message to one recipient, as of now."""
    own = copy.copy(message)
    own._headers = list(message._headers)  # type: ignore[attr-defined]  # a copy shares the list
    del own["To"], own["Date"]
    own["To"] = recipient
    own["Date"] = formatdate(localtime=False)
    return own


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Within it Ctrl-C does not cut a message off: the value tells whether it was pressed. A second one does."""
    pressed = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield pressed.is_set
        return
    before = signal.getsignal(signal.SIGINT)

    def note(number: int, frame: object) -> None:
        if pressed.is_set() and callable(before):
            before(number, None)
        pressed.set()

    signal.signal(signal.SIGINT, note)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def verdict(report: Report) -> None:
    """Raises TranslatorError telling of the messages that were not sent, or may not have been."""
    parts = []
    if report.failed:
        issue, recipient, why = report.failed[0]
        more = f" and {len(report.failed) - 1} more" if len(report.failed) > 1 else ""
        parts.append(f"not sent: {issue} to {recipient} ({why}){more}; run the same command again to try once more")
    if report.uncertain:
        named = ", ".join(recipient for _, recipient in report.uncertain[:5])
        more = f" and {len(report.uncertain) - 5} more" if len(report.uncertain) > 5 else ""
        parts.append(
            f"nobody can know whether these have it, since the connection or a run ended while the server had the message: {named}{more};"
            " --retry-uncertain sends it to them again"
        )
    if parts:
        raise TranslatorError("; ".join(parts))
