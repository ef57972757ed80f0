"""The review page's server on this machine's own address, until Ctrl-C."""

import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn

from translator.errors import Interrupted, UserError
from translator.glossary import Glossary
from translator.memory.store import Memory
from translator.review.access import HOSTS, Access, Keys
from translator.review.app import make_app
from translator.review.folder import ReviewFolder
from translator.review.suggestions import Suggestions


class ReviewServer:
    """A review of a folder on a port of this machine alone; port 0 is any that is free.

    Raises UserError where the port is taken, and as ReviewFolder does.
    """

    def __init__(self, folder: ReviewFolder, memory: Memory, glossary: Glossary, port: int) -> None:
        self._socket = _listening(port)
        port = self._socket.getsockname()[1]
        suggestions = Suggestions(memory, glossary, lambda: [unit.source for unit in folder.units()])
        keys = Keys()
        app = Access(make_app(folder, suggestions, keys.csrf, memory.location), port, keys)
        self.url = f"http://{HOSTS[0]}:{port}/?token={keys.link}"
        """The link, good for one browser."""
        config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=5)
        self._server = uvicorn.Server(config)

    def run(self, on_ready: Callable[[str], object] = lambda url: None) -> None:
        """Serves until Ctrl-C, a SIGTERM, or `stop`; what is being saved then is saved to its end."""
        on_ready(self.url)  # the socket listens already: a browser that comes now waits
        with suppress(Interrupted):  # uvicorn ends in good order, and then lets the signal through
            self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """Ends `run`, which another thread is in."""
        self._server.should_exit = True


def _listening(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOSTS[0], port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise UserError(f"port {port} cannot be had ({error.strerror}): choose another with --port") from error
    return listener
