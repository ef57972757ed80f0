"""What the search page searches: the titles of all papers in one file, their text in a file a month, each compressed.

The files are scripts rather than JSON, so that the search also works where a site is opened from a disk without a server: each
calls `received(NAME, BASE64)` with base64 of zlib-compressed JSON.
"""

import base64
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from translator.newsletter.digest import Digest, Paper, passages
from translator.newsletter.pages import short_day


def search_files(digests: Sequence[Digest], papers_at: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, bytes]]:
    """The files of the index, as path and content; `papers_at` has for each slug the addresses of its papers.

    titles: {"shards": [name, ...], "papers": [[shard, address, day, title, Korean title or "", votes], ...]}, newest first.
    A shard: [[authors, Korean text, English text], ...], in the order of its papers among the titles.
    """
    shards: dict[str, list[list[str]]] = {}
    papers: list[list[Any]] = []
    for digest in reversed(digests):
        shard = f"{digest.date:%Y-%m}" if digest.date else "undated"
        day = short_day(digest.date) if digest.date else digest.title.english.text
        rows = shards.setdefault(shard, [])
        for paper, address in zip(digest.papers, papers_at[digest.slug], strict=True):
            title, korean = paper.title.english.text, paper.title.korean.text if paper.title.translated else ""
            papers.append([shard, address, day, title, korean, paper.votes])
            rows.append([", ".join(paper.authors), *_texts(paper)])
    yield "search/titles.js", _script("titles", {"shards": list(shards), "papers": papers})
    for name, rows in shards.items():
        yield f"search/{name}.js", _script(name, rows)


def _texts(paper: Paper) -> tuple[str, str]:
    found = list(passages(paper.body))
    korean = " ".join(passage.korean.text for passage in found)
    return korean, " ".join(passage.english.text for passage in found if passage.translated)


def _script(name: str, data: Any) -> bytes:
    packed = zlib.compress(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(), 9)
    return f"received({json.dumps(name)},{json.dumps(base64.b64encode(packed).decode())});\n".encode()
