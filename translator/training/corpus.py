"""Sentence pairs from files: TSV, JSON Lines (our records among them), TMX, translation memories, and plain text of one language."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from translator.errors import UserError
from translator.textfile import read_columns, read_json_lines, read_text

_XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class Pair:
    """A Korean text and its English, each without line breaks and doubled spaces."""

    source: str
    target: str


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a file, in order; those without one of the sides are left out.

    TSV: source, tab, target; further columns do not count. JSON Lines: `source` and `target`, or `ko` and `en`; the records that
    `translator translate` writes are such. TMX: segments whose language is Korean and English. A translation memory (.sqlite): what
    people wrote.
    Raises UserError naming file and line.
    """
    readers = {".tsv": _from_tsv, ".jsonl": _from_jsonl, ".tmx": _from_tmx, ".sqlite": _from_memory}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise UserError(f"{path}: pairs are read from .tsv, .jsonl, .tmx and .sqlite, not from {path.suffix or 'files without an ending'}")
    found = [Pair(source, target) for pair in reader(path) if (source := _one_line(pair.source)) and (target := _one_line(pair.target))]
    if not found:
        raise UserError(f"{path} holds no pairs")
    return found


def read_texts(path: Path) -> list[str]:
    """The texts of an evaluation set, of either language: both sides of a file of pairs, or the lines of any other text file."""
    if path.suffix.lower() in (".tsv", ".jsonl", ".tmx"):
        return [text for pair in read_pairs(path) for text in (pair.source, pair.target)]
    return [line.strip() for line in read_text(path).split("\n") if line.strip()]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _from_tsv(path: Path) -> Iterator[Pair]:
    for _, columns in read_columns(path):
        yield Pair(columns[0], columns[1])


def _from_jsonl(path: Path) -> Iterator[Pair]:
    for number, row in read_json_lines(path):
        keys = ("source", "target") if "source" in row else ("ko", "en")
        if not all(isinstance(row.get(key), str) for key in keys):
            raise UserError(f"{path}, line {number}: expected the texts `source` and `target`, or `ko` and `en`")
        yield Pair(row[keys[0]], row[keys[1]])


def _from_tmx(path: Path) -> Iterator[Pair]:
    try:
        for _, unit in ElementTree.iterparse(path):
            if unit.tag.rpartition("}")[2] != "tu":
                continue
            found = dict(_segments(unit))
            unit.clear()
            yield Pair(found.get("ko", ""), found.get("en", ""))
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error
    except ElementTree.ParseError as error:
        raise UserError(f"{path}, line {error.position[0]}: not valid XML ({error})") from error
    except (ValueError, LookupError) as error:  # what the parser says of encodings that it does not know
        raise UserError(f"{path}: its encoding cannot be read ({error}); convert it to UTF-8") from error


def _from_memory(path: Path) -> Iterator[Pair]:
    from translator.memory.store import Memory

    with Memory.open(path, create=False) as memory:
        for found in memory.entries("human"):
            yield Pair(found.entry.source, found.entry.target)


def _segments(unit: ElementTree.Element) -> Iterator[tuple[str, str]]:
    for variant in unit.iter():
        if variant.tag.rpartition("}")[2] == "tuv":
            language = (variant.get(_XML_LANGUAGE) or variant.get("lang") or "").lower().replace("_", "-").partition("-")[0]
            segment = next((e for e in variant.iter() if e.tag.rpartition("}")[2] == "seg"), None)
            yield {"kor": "ko", "eng": "en"}.get(language, language), "".join(segment.itertext()) if segment is not None else ""
