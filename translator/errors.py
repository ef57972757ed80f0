"""The errors that end a command: each is one sentence for the person at the keyboard."""


class TranslatorError(Exception):
    """Something failed that the user could not have prevented (exit code 1)."""

    exit_code = 1


class Interrupted(TranslatorError):  # noqa: N818 - not an error
    """The user pressed Ctrl-C (exit code 130)."""

    exit_code = 130


class UserError(TranslatorError):
    """The input, a setting or an option is wrong, and the message says how to mend it (exit code 2)."""

    exit_code = 2
