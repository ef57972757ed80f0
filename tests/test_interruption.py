"""Ctrl-C once and twice."""

import os
import signal
import threading

import pytest

from translator.errors import Interrupted
from translator.interruption import Stop, stop_on_interrupt


def test_it_asks_once_for_a_good_end_and_twice_for_a_quick_one(capsys: pytest.CaptureFixture[str]) -> None:
    with stop_on_interrupt("finishing") as stop:
        assert not stop.requested
        os.kill(os.getpid(), signal.SIGINT)
        assert (stop.requested, stop.at_once) == (True, False)
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.at_once
    assert capsys.readouterr().err.count("finishing") == 1


def test_a_call_that_waits_is_broken_off_by_the_second(capsys: pytest.CaptureFixture[str]) -> None:
    with stop_on_interrupt("finishing") as stop:
        with stop.breaking():
            os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(Interrupted), stop.breaking():
            os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(Interrupted), stop.breaking():
            pytest.fail("it is not begun any more")
        os.kill(os.getpid(), signal.SIGINT)  # outside such a call nothing is raised


def test_afterwards_the_signal_means_what_it_meant() -> None:
    before = signal.getsignal(signal.SIGINT)
    with stop_on_interrupt("finishing"):
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_a_thread_that_gets_no_signals_is_never_asked() -> None:
    seen: list[Stop] = []

    def work() -> None:
        with stop_on_interrupt("finishing") as stop:
            seen.append(stop)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert [stop.requested for stop in seen] == [False]
