"""A printed Python list of strings, as which some digests have a bullet's sentences or a paper's authors."""

import ast
import re
from typing import Any

_PRINTED_LIST = re.compile(r"(?P<label>(?P<mark>[*_]{1,3})[^*_]{1,80}(?P=mark)\s*[:\uff1a]\s*)?(?P<list>\[\s*['\"].*['\"]\s*,?\s*\])", re.S)
_LONGEST_LIST = 20_000


def unlisted(content: str) -> str:
    """A printed Python list of strings as its strings, a line each."""
    match = _PRINTED_LIST.fullmatch(content.strip())
    if not match:
        return content
    values = literal(match["list"])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        return content
    lines = [value.strip() for value in values]
    return (match["label"] or "") + (lines[0] if len(lines) == 1 else "<br>".join(f"– {line}" for line in lines))


def literal(text: str) -> Any:
    """What a printed Python value says, None where it is none or too long to be read."""
    if len(text) > _LONGEST_LIST:
        return None
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
