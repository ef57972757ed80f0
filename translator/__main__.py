"""`python -m translator` and the console script."""

import errno
import io
import os
import signal
import sys
from types import FrameType

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def main() -> None:
    """Runs the command; every expected failure is one sentence on standard error and an exit code."""
    from translator.cli import app
    from translator.errors import TranslatorError

    signal.signal(signal.SIGINT, _interrupt)
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal that lacks Korean shows its numbers, as standard error does
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app()
    except TranslatorError as error:
        print(f"translator: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        if error.errno not in _NO_ROOM or error.filename:
            raise
        print(f"translator: standard output cannot be written: {error.strerror}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left in the buffer is written when Python ends
        sys.exit(2)


def _interrupt(number: int, frame: FrameType | None) -> None:
    from translator.errors import Interrupted

    raise Interrupted("interrupted; the files already written are whole, and the same command goes on from there")


if __name__ == "__main__":
    main()
