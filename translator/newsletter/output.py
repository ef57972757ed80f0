"""The output folder: what a newsletter writes there, and what an earlier one wrote and this one no longer does."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from translator.errors import UserError
from translator.files import refuse_file, write_whole
from translator.newsletter.site import File

LIST = "newsletter-files.json"


@dataclass(frozen=True, slots=True)
class Written:
    """How many files there are, how many of them are new or changed, and how many of an earlier run are gone."""

    files: int
    changed: int
    removed: int


def write_output(output: Path, parts: Mapping[str, Iterable[File]], *, force: bool = False) -> Written:
    """Writes the files of each part (`site`, `email`, ...) into the folder of its name, each whole; leaves what is the same alone.

    Files of the same parts that an earlier run wrote and that are no longer made are removed; the list of what was written is
    newsletter-files.json. Raises UserError, before anything is written, for a file that no earlier run wrote, unless `force`.
    """
    refuse_file(output)
    earlier = _earlier(output)
    made = {f"{part}/{path}": content for part, files in parts.items() for path, content in files}
    for path in made:
        if path not in earlier and not force and (output / path).exists():
            raise UserError(f"{output / path} exists and is of no earlier newsletter; --force overwrites it")
    kept = {path for path in earlier if path.partition("/")[0] not in parts}
    _write_list(output, earlier | set(made))  # should this run be cut off, the next one knows what is its own
    changed = [path for path, content in made.items() if not _same(output / path, content)]
    for path in changed:
        write_whole(output / path, made[path])
    gone = [path for path in sorted(earlier - kept - set(made)) if (output / path).is_file()]
    for path in gone:
        (output / path).unlink()
    _write_list(output, kept | set(made))
    return Written(len(made), len(changed), len(gone))


def _same(path: Path, content: bytes) -> bool:
    return path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content


def _write_list(output: Path, paths: set[str]) -> None:
    write_whole(output / LIST, json.dumps({"files": sorted(paths)}, ensure_ascii=False, indent=0) + "\n")


def _earlier(output: Path) -> set[str]:
    path = output / LIST
    if not path.is_file():
        return set()
    try:
        names = json.loads(path.read_text(encoding="utf-8"))["files"]
        safe = {name for name in names if not PurePosixPath(name).is_absolute() and ".." not in PurePosixPath(name).parts}
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path} is not the list of files that an earlier run wrote; remove it to start anew") from error
    return safe
