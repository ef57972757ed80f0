"""What counts as Korean script, and as writing in any."""

import re
from collections.abc import Callable

HANGUL = re.compile("[\uac00-\ud7a3\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\ud7b0-\ud7ff]")
_LETTER = re.compile(r"[^\W\d_]")

Prose = Callable[[str], bool]
"""Says whether a text is prose of some language."""


def has_hangul(text: str) -> bool:
    """True where text holds at least one Hangul syllable or jamo."""
    return HANGUL.search(text) is not None


def has_letters(text: str) -> bool:
    """True where text holds at least one letter of any script."""
    return _LETTER.search(text) is not None
