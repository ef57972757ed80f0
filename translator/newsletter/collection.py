"""All the digests of a newsletter, in order, each with a place of its own."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from translator.newsletter.digest import Digest
from translator.newsletter.digest_reader import make_digest
from translator.newsletter.sources import FindSource, RecordsFile, find_records
from translator.records import read_records

_RESERVED = {"index", "archive", "search", "sitemap", "atom", "rss"}


def read_digests(inputs: Sequence[Path], find_source: FindSource, on_done: Callable[[int], object] = lambda count: None) -> list[Digest]:
    """The digests that files and folders of records are of: by date, then those without one by name.

    `on_done` is told of each digest read. Raises UserError for what cannot be read or does not belong together.
    """
    found = []
    for file in find_records(inputs):
        found.append(_read(file, find_source))
        on_done(1)
    found.sort(key=lambda digest: (digest.date is None, digest.date.isoformat() if digest.date else "", digest.name))
    taken: set[str] = set()
    return [replace(digest, slug=_slug(digest, taken)) for digest in found]


def _read(file: RecordsFile, find_source: FindSource) -> Digest:
    return make_digest(file, read_records(file.path), find_source(file))


def _slug(digest: Digest, taken: set[str]) -> str:
    named = re.sub(r"[^a-z0-9가-힣]+", "-", digest.name.lower()).strip("-") or "digest"
    base = f"{digest.date:%Y/%m/%d}" if digest.date else named
    slug, number = (f"digest-{base}" if base in _RESERVED else base), 1
    while slug in taken:
        number += 1
        slug = f"{base}-{chr(96 + number) if number <= 26 else number}"  # -2 is a digest's second page
    taken.add(slug)
    return slug
