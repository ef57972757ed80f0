"""`python -m translator` and the console script."""

import signal
import sys
from types import FrameType


def main() -> None:
    """Runs the command; every expected failure is one sentence on standard error and an exit code."""
    from translator.cli import app
    from translator.errors import TranslatorError

    signal.signal(signal.SIGINT, _interrupt)
    try:
        app()
    except TranslatorError as error:
        print(f"translator: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def _interrupt(number: int, frame: FrameType | None) -> None:
    from translator.errors import Interrupted

    raise Interrupted("interrupted; the files already written are whole, and the same command goes on from there")


if __name__ == "__main__":
    main()
