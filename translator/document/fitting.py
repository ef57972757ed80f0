"""Makes a target text fit the place of its unit: whatever it holds, the Markdown around it keeps its structure.

A machine's target may carry the constructs of its own source (its links, code, images, tags, emphasis), a person's also links, code,
formulas, images and emphasis of its own. Everything more that Markdown would act on is escaped.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

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
_ESCAPED = re.compile(r"\\[!-/:-@\[-`{-~]|&lt;|&#92;|&#124;|^\"|''")
_WITHIN_LINE = ("`", "*", "_", "~", "]")
_MOST_TRIED = 64
_OF_A_PERSON = ("code", "emphasis", "image", "link", "math", "url", "email")
_CONTROLS = re.compile(r"(?<![ \t])[ \t]*(?:[\x00-\x08\n-\x1f\x7f-\x9f\u2028\u2029][ \t]*)+")


def fitted(target: str, unit: Unit, *, human: bool = False, starts_line: bool = False, above_rule: bool = False) -> str:
    """The target as it can stand in the source at the unit's place.

    `human` tells that a person wrote it; `starts_line` that nothing but container markers precedes the unit on its line, so that
    its first characters could open a block; `above_rule` that the next line is one of dashes, which a pipe would turn into a table's.
    """
    text = _CONTROLS.sub(" ", target).strip()
    if not text:
        return ""
    if unit.quoting.startswith("yaml"):
        return _yaml(text, unit.quoting)
    if unit.kind == "html":  # inside an HTML block Markdown's escapes do not count
        return text.replace("<", "&lt;")
    if unit.quoting.startswith("python"):
        return _inline(_python(text, unit.quoting), unit.text, False)  # where \* is not to be told from a person's *
    text = _inline(text, unit.text, human)
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


def unfitted(text: str, unit: Unit, *, starts_line: bool = False, above_rule: bool = False) -> str:
    """The target that stands in the unit's place as `text`: what `fitted` escaped is as it was.

    Several targets can look alike in a place (`A* search` and `A\\* search`); this gives the one with the fewest escapes, but for
    escapes that the unit's own text has. `fitted` makes the same `text` of it again, whoever wrote it, wherever `text` is something
    that `fitted` gives; other texts lose the escapes that `fitted` could have made.
    """
    if not _ESCAPED.search(text):
        return text
    changes = list(_changes(text, unit, starts_line, above_rule))
    likely = [change for change in changes if change.was not in unit.text]
    of_blocks = [change for change in likely if change.now not in _WITHIN_LINE]  # marks within the line might be a person's without escapes

    def without(undone: Sequence[_Change]) -> str:
        return _decoded(_undo(text, undone), unit)

    def fits(undone: Sequence[_Change], writers: Sequence[bool]) -> bool:
        target = without(undone)
        return all(fitted(target, unit, human=human, starts_line=starts_line, above_rule=above_rule) == text for human in writers)

    for writers in ((False, True), (False,), (True,)):
        for undone in (likely, changes, of_blocks, []):
            if fits(undone, writers):
                return without(undone)
    undone = []
    for change in changes[:_MOST_TRIED]:
        if fits([*undone, change], (False,)):
            undone.append(change)
    return without(undone or likely)


@dataclass(frozen=True, slots=True)
class _Change:
    """Something that fitting may have put into a text: text[start:end], which reads `was`, for `now`."""

    start: int
    end: int
    was: str
    now: str


def _changes(text: str, unit: Unit, starts_line: bool, above_rule: bool) -> Iterator[_Change]:
    """What fitting may have escaped in a text, in order."""
    if unit.quoting.startswith("yaml"):
        return
    if unit.kind == "html":
        yield from (_Change(m.start(), m.end(), m[0], "<") for m in re.finditer("&lt;", text))
        return
    plain = not unit.quoting.startswith("python")
    numbered = re.match(r"\d{1,9}(?=\\[.)])", text) if starts_line and plain else None
    last = len(text) - len(re.sub(r"(?:\\#)+$", "", text)) if unit.kind == "heading" else 0
    for match in _ESCAPED.finditer(text):
        at, char = match.start(), match[0][1:]
        opens = starts_line and plain and (at == 0 or (numbered is not None and at == numbered.end()))
        if match[0] == "&#92;":
            trailing = unit.quoting == "cell" and not text[at:].replace("&#92;", "")
            change = "\\" if trailing else ""
        elif match[0] == "&#124;":
            change = "|" if above_rule and plain else ""
        elif char == "\\":
            change = "\\" if plain and match.end() == len(text) else ""
        elif char in "`<]*_~" or opens or (char == "|" and unit.quoting == "cell") or at >= len(text) - last:
            change = char
        else:
            change = ""
        if change:
            yield _Change(at, match.end(), match[0], change)


def _undo(text: str, changes: Iterable[_Change]) -> str:
    parts, position = [], 0
    for change in changes:
        parts += [text[position : change.start], change.now]
        position = change.end
    return "".join([*parts, text[position:]])


def _decoded(text: str, unit: Unit) -> str:
    """Without the escapes of the quotes that a text stands in."""
    if unit.quoting.startswith("python"):
        return re.sub(r"\\(['\"\\])", r"\1", text)
    if unit.quoting == "yaml-single":
        return text.replace("''", "'")
    quoted = f'"{text}"' if unit.quoting == "yaml-double" else text
    if unit.quoting.startswith("yaml") and quoted.startswith('"'):
        try:
            value = json.loads(quoted)
        except ValueError:
            return text
        return value if isinstance(value, str) else text
    return text


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


def _inline(target: str, source: str, human: bool) -> str:
    """The target with what neither its source nor its writer licenses escaped."""
    allowed = Counter(_signature(source, find_inline(source)))
    spans = find_inline(target)
    kept: list[tuple[int, int]] = []
    for span, sign in zip(spans, _signature(target, spans), strict=True):
        if span.kind in ("url", "email") and not sign[1].startswith("<"):
            kept.append((span.start, span.end))
        elif allowed[sign] > 0 or (human and span.kind in _OF_A_PERSON):
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
