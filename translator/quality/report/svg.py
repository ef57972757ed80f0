"""matplotlib's figures as SVG that can stand inside a page: its colours and fonts, no inline style, no names of other figures."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# What a figure is drawn in, and what the page shows instead, in light and in dark.
TEXT, SYSTEM, BASELINE, GRID = "#010101", "#020202", "#030303", "#040404"
_COLOURS = {TEXT: "currentColor", SYSTEM: "var(--system)", BASELINE: "var(--baseline)", GRID: "var(--grid)"}
_WIDTH, _HEIGHT = 4.0, 2.9  # inches of 72 units; the page gives a unit about 1.25 pixels
_FONT_SIZE = 9  # units; page.css has the same
_SVG, _LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
_DRAWING: dict[Any, Any] = {
    "svg.fonttype": "none", "svg.hashsalt": "translator", "text.parse_math": False, "font.size": _FONT_SIZE, "text.color": TEXT,
    "axes.labelcolor": TEXT, "axes.edgecolor": TEXT, "xtick.color": TEXT, "ytick.color": TEXT, "grid.color": GRID,
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "axes.axisbelow": True, "legend.frameon": False,
    "axes.facecolor": "none", "figure.facecolor": "none", "lines.linewidth": 1.4,
}  # fmt: skip


@contextmanager
def drawing(height: float = _HEIGHT) -> Iterator["Figure"]:
    """An empty figure, drawn on with the page's stand-in colours."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(_DRAWING):
        yield Figure(figsize=(_WIDTH, height), layout="constrained")


def inline_svg(figure: "Figure", name: str, title: str, description: str) -> str:
    """An `<svg>` element, to be called within `drawing`; ids begin with `name`, title and description are its alternative text."""
    written = io.BytesIO()
    figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    root = ElementTree.fromstring(written.getvalue())
    for child in list(root):
        if child.tag == f"{_SVG}metadata" or child.find(f"{_SVG}style") is not None:
            root.remove(child)  # the style sheet would hold for the whole page
    names = {element.attrib.get("id"): f"{name}-{i}" for i, element in enumerate(root.iter()) if "id" in element.attrib}
    used = {value for element in root.iter() for value in _references(element.attrib)}
    for element in root.iter():
        _tidy(element, names, used)
    root.attrib = {
        "viewBox": root.attrib["viewBox"], "role": "img", "aria-labelledby": f"{name}-title {name}-desc",
        "stroke-linejoin": "round", "stroke-linecap": "butt",
    }  # fmt: skip
    for number, (tag, text) in enumerate((("title", title), ("desc", description))):
        label = ElementTree.Element(tag, id=f"{name}-{tag}")
        label.text = text
        root.insert(number, label)
    return ElementTree.tostring(root, encoding="unicode")


def _references(attributes: Mapping[str, str]) -> Iterator[str]:
    """The ids that an element's attributes point to."""
    if _LINK in attributes:
        yield attributes[_LINK].removeprefix("#")
    for value in attributes.values():
        if value.startswith("url(#"):
            yield value[5:-1]


def _tidy(element: ElementTree.Element, names: Mapping[str | None, str], used: set[str]) -> None:
    """Without namespace, unused ids, fonts and the style attribute, whose settings become attributes."""
    element.tag = element.tag.removeprefix(_SVG)
    given = element.attrib
    settings = dict(part.split(":", 1) for part in given.pop("style", "").split(";") if ":" in part)
    kept = {"href" if key == _LINK else key: value for key, value in given.items() if key != "id" or value in used}
    kept |= {key.strip(): value.strip() for key, value in settings.items() if not key.strip().startswith("font")}
    for key, value in kept.items():
        if key == "id":
            value = names[value]
        elif key == "href":
            value = f"#{names[value.removeprefix('#')]}"
        elif value.startswith("url(#"):
            value = f"url(#{names[value[5:-1]]})"
        kept[key] = _COLOURS.get(value, value)
    element.attrib = kept
