"""The files that a source becomes: where they go, what they hold, and whether they are as a run left them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from translator.document import Document, Layout
from translator.files import SourceFile, write_whole
from translator.journal import Done, Journal, content_key
from translator.provenance import output_code
from translator.records import make_records, to_jsonl
from translator.report import Figures
from translator.translation import Translation, Translator, human_units


@dataclass(frozen=True, slots=True)
class OutputState:
    """A source's outputs beside what the journal knows of them.

    `source` is the key of the source's bytes, `current` that of each output that exists, by path relative to the output folder;
    `edited` are those that a run wrote and somebody changed since, `foreign` those that no run wrote. `cut_off`: a run was ended while
    it wrote them.
    """

    source: str
    current: Mapping[str, str]
    edited: tuple[str, ...]
    foreign: tuple[str, ...]
    done: Done | None
    cut_off: bool

    def is_done(self, run: str, wanted: Sequence[str]) -> bool:
        """True where a run with this key would write the same again."""
        done = self.done
        if done is None or done.run != run or done.source != self.source or self.edited or self.cut_off:
            return False
        written = [done.outputs.get(path) for path in wanted]
        return all(each and each.current and self.current.get(path) == each.key for path, each in zip(wanted, written, strict=True))


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a source became: contents and layouts (None: records) by path relative to the output folder, and figures for the report.

    `file` is the source's own path relative to its folder, `text` what it says.
    """

    file: str
    text: str
    contents: Mapping[str, bytes]
    layouts: Mapping[str, Layout | None]
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
    return [path.as_posix() for path in (*output_paths(source, layouts).values(), records_path(source))]


def output_state(source: SourceFile, text: str, output: Path, layouts: Sequence[Layout], journal: Journal) -> OutputState:
    """What stands in the output folder for a source with this text, in layouts of earlier runs as well."""
    done, intended = journal.done(source.file), journal.intended(source.file)
    written = done.outputs if done else {}
    paths = dict.fromkeys([*all_paths(source, layouts), *written, *intended])
    current = {path: content_key((output / path).read_bytes()) for path in paths if (output / path).is_file()}
    known = {path: {*intended.get(path, ()), *([written[path].key] if path in written else ())} for path in current}
    changed = [path for path, key in current.items() if key not in known[path]]
    edited = tuple(path for path in changed if known[path])
    foreign = tuple(path for path in changed if not known[path])
    return OutputState(content_key(text.encode()), current, edited, foreign, done, bool(intended))


def run_key(translator: Translator, human_version: str) -> str:
    """The key of everything besides a source that its outputs depend on; `human_version` is that of the memory's human entries."""
    settings = translator.settings
    shown = [settings.model, settings.layouts, settings.order, settings.checks_off]
    parts = [asdict(translator.context), shown, human_version, output_code()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def outputs_of(source: SourceFile, document: Document, found: Sequence[Translation], translator: Translator) -> Outputs:
    """The outputs of a source in all layouts, and its records."""
    settings, targets = translator.settings, {t.unit_id: t.target for t in found}
    human = human_units(found)
    paths = output_paths(source, settings.layouts)
    layouts: dict[str, Layout | None] = {path.as_posix(): layout for layout, path in paths.items()}
    contents = {path: document.render(targets, each, settings.order, human=human).encode() for path, each in layouts.items() if each}
    records = make_records(document, found, f"{settings.model}@{translator.fingerprint}")
    path = records_path(source).as_posix()
    contents[path], layouts[path] = to_jsonl(records).encode(), None
    return Outputs(source.file, document.source, contents, layouts, Figures.of(found))


def write_outputs(output: Path, contents: Mapping[str, bytes]) -> None:
    """Writes what is not already there, each file whole or not at all. Raises UserError where a file cannot be written."""
    for name, content in contents.items():
        path = output / name
        if not path.is_file() or path.read_bytes() != content:
            write_whole(path, content)
