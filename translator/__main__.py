"""`python -m translator` and the console script."""

import sys


def main() -> None:
    """Runs the command; every expected failure is one sentence on standard error and an exit code."""
    from translator.cli import app
    from translator.errors import TranslatorError

    try:
        app()
    except TranslatorError as error:
        print(f"translator: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("translator: interrupted; files already written are whole", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    main()
