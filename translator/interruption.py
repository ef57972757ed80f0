"""Ctrl-C in a long run: once to end it in good order, twice to end it at once."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from translator.errors import Interrupted


class Stop:
    """Whether the user asked a run to end: `requested` after what is in hand, `at_once` without it."""

    def __init__(self) -> None:
        self.requested = False
        self.at_once = False
        self._breaks = False

    def ask(self) -> None:
        """Asks once more: the first time for a good end, then for a quick one."""
        self.at_once = self.requested
        self.requested = True
        if self.at_once and self._breaks:
            self._breaks = False
            raise Interrupted("interrupted")

    @contextmanager
    def breaking(self) -> Iterator[None]:
        """For a call that waits and cannot look: Interrupted is raised from it, or before it, where an end at once is asked for."""
        if self.at_once:
            raise Interrupted("interrupted")
        self._breaks = True
        try:
            yield
        finally:
            self._breaks = False


@contextmanager
def stop_on_interrupt(say: str) -> Iterator[Stop]:
    """While it lasts, SIGINT asks the Stop instead of raising; `say` is what the first one is answered with, on standard error.

    Outside the main thread, which alone receives signals, nobody asks.
    """
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def ask(number: int, frame: FrameType | None) -> None:
        stop.ask()
        if not stop.at_once:
            import sys

            print(f"\n{say}", file=sys.stderr)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
