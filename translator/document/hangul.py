"""What counts as Korean script."""

import re

HANGUL = re.compile("[\uac00-\ud7a3\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\ud7b0-\ud7ff]")


def has_hangul(text: str) -> bool:
    """True where text holds at least one Hangul syllable or jamo."""
    return HANGUL.search(text) is not None
