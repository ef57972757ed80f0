"""The page of an evaluation: one HTML file that needs no other and asks for none."""

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from translator.quality.evaluation import is_significant
from translator.quality.metrics import NAMES, Comparison
from translator.quality.report.report import Report

_FOLDER = Path(__file__).parent
# What would act on the text around it, or be nothing to look at: control characters and those that set the direction of writing.
_UNSEEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def render_page(report: Report) -> str:
    """The page as HTML. Everything from files is text in it and can do nothing: it is escaped, and no script or style but the page's own
    runs.
    """
    environment = Environment(
        loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        finalize=_visible, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters |= {"signed": _signed, "standing": _standing}
    style, script = ((_FOLDER / f"page.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    return environment.get_template("page.html.j2").render(
        report=report, names=NAMES, style=style, script=script, style_hash=_hash(style), script_hash=_hash(script)
    )


def _visible(value: object) -> object:
    """Text with its unseen characters named, for every expression of the template."""
    if not isinstance(value, str) or hasattr(value, "__html__"):  # what is HTML already went through here in parts
        return value
    return _UNSEEN.sub(lambda found: f"\u27e8U+{ord(found[0]):04X}\u27e9", value)


def _signed(change: float, digits: int = 1) -> str:
    return f"{change:+.{digits}f}".replace("-", "\u2212")


def _standing(change: Comparison) -> str:
    """How a change is marked: better, worse or same."""
    return ("better" if change.gain > 0 else "worse") if is_significant(change) else "same"


def _hash(text: str) -> str:
    """A Content-Security-Policy source for an element with this text."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
