"""Who may speak to the review page: the browser that came with the link, from its own pages, on this machine."""

import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS = ("127.0.0.1", "localhost")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_READING = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of one review: in the link, in the cookie, and in each request that changes something."""

    link: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(24))


class Access:
    """ASGI middleware. The link is good once and becomes a cookie, which other sites cannot send nor scripts read.

    Beside the cookie a request that changes something must carry an X-CSRF-Token, which only our own page can know. A Host that is
    not this machine's is refused, so that no name made to point here speaks as us; so is another site's Origin.
    """

    def __init__(self, app: ASGIApp, port: int, keys: Keys) -> None:
        self.app, self.port = app, port
        self._keys = keys
        self._used = False

    @property
    def cookie(self) -> str:
        """Its name: cookies are of a host, not of a port, and two reviews may run at once."""
        return f"review-{self.port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers or passes on a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = self._answer(Request(scope))

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await (answer or self.app)(scope, receive, send_guarded)

    def _answer(self, request: Request) -> Response | None:
        """What is answered in place of the page, or None for a request to pass on."""
        headers = request.headers
        if not self._is_ours(f"http://{headers.get('host', '')}") or not self._is_own_origin(headers):
            return PlainTextResponse("This page is for the machine it runs on.", 403)
        known = secrets.compare_digest(request.cookies.get(self.cookie, "").encode(), self._keys.cookie.encode())
        token = request.query_params.get("token")
        if token is not None and request.method == "GET" and request.url.path == "/":
            return self._enter(token, known)
        if not known:
            return PlainTextResponse("Open the link that `translator review` printed; it is good for one browser.", 403)
        given = headers.get("x-csrf-token", "").encode()
        if request.method not in _READING and not secrets.compare_digest(given, self._keys.csrf.encode()):
            return PlainTextResponse("This did not come from the review page: load the page again.", 403)
        return None

    def _enter(self, token: str, known: bool) -> Response:
        if not known and (self._used or not secrets.compare_digest(token.encode(), self._keys.link.encode())):
            return PlainTextResponse("This link was used already, or is of an earlier run: start `translator review` again.", 403)
        self._used = True
        answer = RedirectResponse("/", 303)
        answer.set_cookie(self.cookie, self._keys.cookie, httponly=True, samesite="strict", path="/")
        return answer

    def _is_own_origin(self, headers: Headers) -> bool:
        return "origin" not in headers or self._is_ours(headers["origin"])

    def _is_ours(self, origin: str) -> bool:
        try:
            parts = urlsplit(origin)
            return parts.scheme == "http" and parts.hostname in HOSTS and (parts.port or 80) == self.port
        except ValueError:
            return False
