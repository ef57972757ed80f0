"""XML files of others, read an element at a time; entities, by which a file may blow up or reach for other files, are refused."""

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from translator.errors import UserError


def read_elements(path: Path, root: str, *tags: str) -> Iterator[etree._Element]:
    """The elements of a file with any of the tags, whatever their namespace. Each is gone when the next is asked for.

    Raises UserError naming file and line: for what cannot be read, is not XML, or declares or uses an entity of its own; and, at its
    end, for a file whose outermost element is not `root`.
    """
    try:
        with path.open("rb") as file:
            wanted = [f"{{*}}{tag}" for tag in tags]
            options = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
            elements = etree.iterparse(file, events=("end",), tag=wanted, **options)
            for _, element in elements:
                _refuse_entities(path, element)
                yield element
                _forget(element)
            _refuse_entities(path, elements.root)
            if (name := etree.QName(elements.root).localname) != root:
                raise UserError(f"{path} is not {root.upper()}: its outermost element is <{name}>, not <{root}>")
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error
    except etree.XMLSyntaxError as error:
        raise UserError(f"{path}, line {error.lineno or 1}: not valid XML ({(error.msg or 'nothing is in it').splitlines()[0]})") from error


def _refuse_entities(path: Path, element: etree._Element) -> None:
    declared = element.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _ in declared.iterentities()):
        raise UserError(f"{path} declares XML entities, which are not read: they could reach for other files")
    for entity in element.iter(etree.Entity):
        raise UserError(f"{path}, line {element.sourceline}: the entity {entity.text} is not known; write the character itself")


def _forget(element: etree._Element) -> None:
    element.clear()
    while (before := element.getprevious()) is not None:
        parent = element.getparent()
        if parent is None:
            return
        parent.remove(before)
