"""Makes a target text fit the place of its unit: whatever it holds, the Markdown around it keeps its structure.

A target may carry the constructs of its own source (its links, code, images, tags, emphasis) and nothing else that Markdown
would act on: everything more is escaped.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable

import yaml
from markdown_it.common.html_blocks import block_names

from translator.document.inline import Inline, find_inline
from translator.document.segmenter import Unit

_BLOCK_START = re.compile(
    r"#{1,6}(?=\s|$)|[-+*](?=\s|$)|>|~~~|```|\||[=-]+\s*$|(?:[*_-]\s*){3,}$|\[(?=[^\]]*\]:)|<(?=[A-Za-z/!?])|:?-+:?\s*\|"
)
_ORDERED_START = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
# What Markdown would act on outside the constructs a target may have: code, tags, links, emphasis next to a word.
_MARKS = re.compile(r"`+|<(?=[A-Za-z/!?])|\](?=[(\[:])|(?<!\s)(?:\*+|(?<![A-Za-z0-9])_+|_+(?![A-Za-z0-9])|~~+)|(?:\*+|~~+)(?!\s)")
_CONTROLS = re.compile(r"[ \t]*[\x00-\x08\n-\x1f\x7f-\x9f\u2028\u2029]+[ \t]*")


def fitted(target: str, unit: Unit, *, starts_line: bool = False, above_rule: bool = False) -> str:
    """The target as it can stand in the source at the unit's place.

    `starts_line` tells that nothing but container markers precedes the unit on its line, so that its first characters could
    open a block; `above_rule` that the next line is one of dashes, which a pipe would turn into a table's.
    """
    text = _CONTROLS.sub(" ", target).strip(" \t")
    if unit.quoting.startswith("yaml"):
        return _yaml(text, unit.quoting)
    if unit.kind == "html":  # inside an HTML block Markdown's escapes do not count
        return text.replace("<", "&lt;")
    if unit.quoting.startswith("python"):
        return _inline(_python(text, unit.quoting), unit.text)
    text = _inline(text, unit.text)
    if starts_line:
        text = _not_a_block(text, unit)
    if unit.quoting == "cell":  # a row is cut at pipes even after an escaped backslash
        text = re.sub(r"(?<!\\)((?:\\\\)*)\|", r"\1\\|", text)
        return re.sub(r"\\+$", lambda m: "&#92;" * ((len(m[0]) + 1) // 2), text)
    if unit.kind == "heading":
        text = re.sub(r"(?<!\\)#(?=#*$)", r"\\#", text)
    if above_rule:
        text = _without_pipes(text)
    return text + "\\" if _ends_in_escape(text) else text


def _without_pipes(text: str) -> str:
    parts, position = [], 0
    solid = [(span.start, span.end) for span in find_inline(text) if not span.wraps]
    for start, end in [*solid, (len(text), len(text))]:
        parts += [text[position:start].replace("\\|", "|").replace("|", "&#124;"), text[start:end]]
        position = end
    return "".join(parts)


def _not_a_block(text: str, unit: Unit) -> str:
    """With the first character escaped where it would open a block; a construct of the unit's own does not."""
    first = next(iter(find_inline(text)), None)
    if first and first.start == 0 and (first.kind != "html" or _stays_inline(text[: first.end], text[first.end :])):
        return text
    text = _ORDERED_START.sub(r"\1\\\2", text, count=1) if _ORDERED_START.match(text) else text
    return "\\" + text if _BLOCK_START.match(text) else text


def _stays_inline(tag: str, rest: str) -> bool:
    """True where a tag at the start of a line does not open an HTML block."""
    name = re.match(r"</?([A-Za-z][A-Za-z0-9-]*)", tag)
    return name is not None and name[1].lower() not in (*block_names, "pre", "script", "style", "textarea") and rest.strip() != ""


def _yaml(text: str, quoting: str) -> str:
    if quoting == "yaml-single":
        return text.replace("'", "''")
    if quoting == "yaml-double":
        return json.dumps(text, ensure_ascii=False)[1:-1]
    try:
        plain = yaml.safe_load(f"key: {text}") == {"key": text}
    except (yaml.YAMLError, ValueError):
        plain = False
    return text if plain else json.dumps(text, ensure_ascii=False)


def _python(text: str, quoting: str) -> str:
    quote = "'" if quoting == "python-single" else '"'
    return re.sub(rf"\\|{quote}", lambda m: "\\" + m[0], text)


def _ends_in_escape(text: str) -> bool:
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1


def _signature(text: str, spans: Iterable[Inline]) -> list[tuple[str, str]]:
    """What each construct is, without the words in it that may be translated."""
    return [
        (span.kind, text[span.start : span.inner_start] + text[span.inner_end : span.end] if span.wraps else text[span.start : span.end])
        for span in spans
    ]


def _inline(target: str, source: str) -> str:
    """The target with what its source does not license escaped."""
    allowed = Counter(_signature(source, find_inline(source)))
    spans = find_inline(target)
    kept: list[tuple[int, int]] = []
    for span, sign in zip(spans, _signature(target, spans), strict=True):
        if span.kind in ("url", "email") and not sign[1].startswith("<"):
            kept.append((span.start, span.end))
        elif allowed[sign] > 0:
            allowed[sign] -= 1
            kept += [(span.start, span.inner_start), (span.inner_end, span.end)] if span.wraps else [(span.start, span.end)]
    return _escaped(target, sorted(kept))


def _escaped(text: str, kept: list[tuple[int, int]]) -> str:
    parts, position = [], 0
    for start, end in [*kept, (len(text), len(text))]:
        if start >= position:
            parts += [_escape_between(text, position, start), text[start:end]]
            position = end
    return "".join(parts)


def _escape_between(text: str, start: int, end: int) -> str:
    """text[start:end] with a backslash before each match, unless there is one already."""
    parts, position = [], start
    for match in _MARKS.finditer(text, start, end):
        if not _ends_in_escape(text[position : match.start()]):
            parts += [text[position : match.start()], "".join("\\" + char for char in match[0])]
            position = match.end()
    return "".join([*parts, text[position:end]])
