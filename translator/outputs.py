"""The files that a source becomes: where they go, what they hold, and whether they are as a run left them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from translator.document import Document, Layout
from translator.files import SourceFile, write_whole
from translator.journal import Done, Journal, content_key
from translator.records import make_records, to_jsonl
from translator.report import Figures
from translator.translation import Translation, Translator


@dataclass(frozen=True, slots=True)
class OutputState:
    """A source's outputs beside what the journal knows of them.

    `source` is the key of the source's bytes, `current` that of each output that exists, by path relative to the output folder;
    `edited` are those that a run wrote and somebody changed since, `foreign` those that no run wrote.
    """

    source: str
    current: Mapping[str, str]
    edited: tuple[str, ...]
    foreign: tuple[str, ...]
    done: Done | None

    def is_done(self, run: str, wanted: Sequence[str]) -> bool:
        """True where a run with this key would write the same again."""
        done = self.done
        return done is not None and done.run == run and done.source == self.source and dict(self.current) == {
            path: done.outputs.get(path) for path in wanted
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a source became: contents by path relative to the output folder, and figures for the report.

    `file` is the source's own path relative to its folder, `source` the key of its bytes.
    """

    file: str
    source: str
    contents: Mapping[str, bytes]
    figures: Figures


def output_paths(source: SourceFile, layouts: Sequence[Layout]) -> dict[Layout, Path]:
    """Where each layout of a source goes, relative to the output folder: `<relative>.md`, `<relative>.<layout>.md` for several."""
    base = source.relative
    return {layout: base if len(layouts) == 1 else base.with_name(f"{base.stem}.{layout}.md") for layout in layouts}


def records_path(source: SourceFile) -> Path:
    """Where the records of a source go, relative to the output folder."""
    return source.relative.with_suffix(".jsonl")


def all_paths(source: SourceFile, layouts: Sequence[Layout]) -> list[str]:
    """Every output of a source, relative to the output folder."""
    return [str(path) for path in (*output_paths(source, layouts).values(), records_path(source))]


def output_state(source: SourceFile, text: str, output: Path, layouts: Sequence[Layout], journal: Journal) -> OutputState:
    """What stands in the output folder for a source with this text."""
    done, intended = journal.done(str(source.relative)), journal.intended(str(source.relative))
    current = {path: content_key((output / path).read_bytes()) for path in all_paths(source, layouts) if (output / path).is_file()}
    written = done.outputs if done else {}
    changed = [path for path, key in current.items() if key not in (written.get(path), intended.get(path))]
    ours = {*written, *intended}
    return OutputState(
        content_key(text.encode()), current,
        tuple(path for path in changed if path in ours), tuple(path for path in changed if path not in ours), done,
    )  # fmt: skip


def run_key(translator: Translator, human_version: str) -> str:
    """The key of everything besides a source that its outputs depend on; `human_version` is that of the memory's human entries."""
    settings = translator.settings
    parts = [asdict(translator.context), settings.model, settings.layouts, settings.order, settings.checks_off, human_version]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def outputs_of(source: SourceFile, document: Document, found: Sequence[Translation], translator: Translator) -> Outputs:
    """The outputs of a source in all layouts, and its records."""
    settings, targets = translator.settings, {t.unit_id: t.target for t in found}
    contents = {
        str(path): document.render(targets, layout, settings.order).encode()
        for layout, path in output_paths(source, settings.layouts).items()
    }
    records = make_records(document, found, f"{settings.model}@{translator.fingerprint}")
    contents[str(records_path(source))] = to_jsonl(records).encode()
    return Outputs(str(source.relative), content_key(document.source.encode()), contents, Figures.of(found))


def write_outputs(output: Path, contents: Mapping[str, bytes]) -> None:
    """Writes what is not already there, each file whole or not at all. Raises UserError where a file cannot be written."""
    for name, content in contents.items():
        path = output / name
        if not path.is_file() or path.read_bytes() != content:
            write_whole(path, content)
