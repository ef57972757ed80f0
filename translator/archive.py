"""Many files at once: sources to units, units to the engine in windows, results to a mirrored tree; what is done is not done again."""

import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from translator import scoring
from translator.config import Settings
from translator.document import Document
from translator.edits import read_edits
from translator.errors import Interrupted, UserError
from translator.files import SourceFile, find_sources, last_change, read_source, read_sources, refuse_file, remove_drafts, write_whole
from translator.human_records import has_human_records, read_human_records, unknown_to
from translator.interruption import Stop, stop_on_interrupt
from translator.journal import Done, Journal, Written, content_key, open_journal
from translator.memory import Entry
from translator.memory.entry import format_date, source_key
from translator.outputs import Outputs, OutputState, all_paths, output_state, outputs_of, records_path, run_key, write_outputs
from translator.report import Figures, Report, peak_memory, refuse_foreign_report
from translator.translation import Translator, human_units
from translator.windows import Tell, in_proportion, translate_files

if TYPE_CHECKING:
    from translator.memory.store import Memory

_log = logging.getLogger(__name__)
_PATIENCE = 2.0  # seconds: the review page has the folder for as long as it saves
_MOST_BESIDE_EACH_OTHER = 100_000  # units: more take more memory than the run itself; `translator check` looks at any number


Progress = Callable[[int], AbstractContextManager[Callable[[int], object]]]


def no_progress(total: int) -> AbstractContextManager[Callable[[int], object]]:
    """Progress that nobody sees."""
    return nullcontext(lambda count: None)


TranslateFiles = Callable[[Translator, Sequence[SourceFile], Tell, Stop], Iterator[Sequence[Outputs]]]
"""Turns sources into their outputs, window by window, as `here` does; the windows may come in any order."""


def here(translator: Translator, sources: Sequence[SourceFile], tell: Tell, stop: Stop) -> Iterator[Sequence[Outputs]]:
    """The outputs of sources, made in this process; see translate_files of translator.windows."""
    for window in translate_files(translator, sources, tell, stop):
        yield [outputs_of(file.source, file.document, found, translator) for file, found in window]


def translate_archive(
    inputs: Sequence[str],
    output: Path,
    settings: Settings,
    *,
    memory: "Memory | None" = None,
    force: bool = False,
    references: Path | None = None,
    progress: Progress = no_progress,
    translate_files: TranslateFiles = here,
) -> Report:
    """Translates files and folders into a mirrored tree under output, with records beside the Markdown and a report.json.

    A file whose source, settings, model and outputs are as an earlier run left them is skipped. English that was edited in the
    outputs is taken into the memory first, as human translations, and so is what the records say a person wrote, where the memory
    does not know it. Nothing is written before every source has been read; what no run of this command wrote, what was made from
    another source that still exists, and what cannot be read back is not overwritten without `force`. `progress` takes the number
    of characters to translate and gives a context whose value is told of those done. `references` are records (a file or a folder
    of them) with what the targets should be: the run's targets are scored against those with the same file and id.
    `translate_files` is what does the work; everything else, writing included, is done here.

    Raises UserError for what the user can mend, Interrupted after Ctrl-C; whatever ends a run, the next one goes on where it was.
    """
    began = time.monotonic()
    sources = find_sources(inputs, output)
    _refuse_collisions(sources, output, settings)
    if not force:
        refuse_foreign_report(output / "report.json")
    if references:
        scoring.refuse_others(references, sources)
    with open_journal(output, _PATIENCE) as journal, Translator(settings, memory) as translator:
        run = _Run(translator, output, journal, force, translate_files)
        gone = _gone(inputs, journal)
        run.prepare(sources, gone)
        run.translate(progress)
        report = run.report
        report.orphaned = _orphaned(gone, output, journal)
        if report.skipped < report.files and report.units <= _MOST_BESIDE_EACH_OTHER:
            report.corpus_flags = scoring.corpus_flags([s for s in sources if s not in run.left_alone], output, settings.checks_off)
        report.seconds = round(time.monotonic() - began, 2)
        report.peak_memory_mib = peak_memory()
        if references:  # beside the run's own figures, not among them
            report.quality = scoring.evaluation(references, sources, output)
        remove_drafts(output / "report.json")
        write_whole(output / "report.json", report.as_json(translator))
    return report


class _Run:
    """One run over an archive: what there is to do, and doing it."""

    def __init__(self, translator: Translator, output: Path, journal: Journal, force: bool, translate_files: TranslateFiles) -> None:
        self.report = Report()
        self._translator, self._output, self._journal, self._force = translator, output, journal, force
        self._translate_files = translate_files
        self._settings = translator.settings
        self._pending: list[SourceFile] = []
        self._in_conflict: set[SourceFile] = set()
        self._accepted: dict[str, str] = {}  # edited outputs whose edits are in the memory, with the keys that they had then
        self._characters = 0
        self._key = ""

    @property
    def left_alone(self) -> Collection[SourceFile]:
        """Files that this run does not write to."""
        return () if self._force else self._in_conflict

    def prepare(self, sources: Sequence[SourceFile], gone: Sequence[str]) -> None:
        """Reads every source, takes in what people wrote in the outputs, and finds what there is to do.

        `gone` are the files whose sources are there no longer: one may have been renamed after its outputs were edited.
        """
        edited, human = self._survey(sources)
        from_orphans = self._take_in_orphaned(gone)
        from_edits = self._take_in(edited) if edited else False  # before what is kept: they are the newer ones
        if (self._keep(human) if human else False) or from_edits or from_orphans:
            self._survey(sources)  # what people wrote may stand in any file
        self._pending = [source for source in self._pending if source not in self.left_alone]

    def translate(self, progress: Progress) -> None:
        """Translates and writes what there is to do."""
        total = self.report.files + len(self._pending)
        if not self._pending:
            return
        answer = "finishing the files in hand; Ctrl-C again to end at once"
        with stop_on_interrupt(answer) as stop, progress(self._characters) as tell:
            for window in self._translate_files(self._translator, self._pending, tell, stop):
                self._write(window)
            self.report.stopped = stop.requested
            if stop.requested and self.report.files < total:
                raise Interrupted(f"interrupted: {self.report.files} of {total} files are done; the same command goes on from there")

    def _survey(self, sources: Sequence[SourceFile]) -> tuple[list[SourceFile], list[SourceFile]]:
        """Sorts sources into done and to do; of these, gives those whose outputs somebody changed, and those with human translations."""
        memory = self._translator.memory
        self._key = run_key(self._translator, memory.human_version() if memory else "")
        before = self.report
        self.report = Report(conflicts=before.conflicts, corrections=before.corrections, recovered=before.recovered)
        self._pending, self._characters = [], 0
        edited, human, places = [], [], {}
        for source, text in read_sources(sources):
            state = output_state(source, text, self._output, self._settings.layouts, self._journal)
            if self._may_place(source, state):
                places[source.file] = source.place
            if state.done and state.is_done(self._key, all_paths(source, self._settings.layouts)):
                self.report.count(Figures(**state.done.figures), skipped=True)
                continue
            self._pending.append(source)
            self._characters += len(text)
            if state.edited:
                edited.append(source)
            if has_human_records(state, records_path(source).as_posix()):
                human.append(source)
        self._journal.note_places(places)
        return edited, human

    def _may_place(self, source: SourceFile, state: OutputState) -> bool:
        """Whether the journal is to say anew where the source is; refuses what this run may not overwrite."""
        if state.foreign and not self._force:
            raise UserError(f"{self._output / state.foreign[0]} exists and was not written by an earlier run; --force overwrites it")
        place = self._journal.place(source.file)
        if not place or place == source.place or not Path(place).is_file():
            return place != source.place
        if source.path and source.path.samefile(place):
            return False
        is_another = state.done is None or state.done.source != state.source
        if is_another and state.current and not self._force:
            where = self._output / min(state.current)
            raise UserError(f"{where} was made from {place}, not from {source.name}: choose another --output, or --force")
        return is_another

    def _take_in(self, edited: Sequence[SourceFile]) -> bool:
        """Saves edits as human translations, and says whether there were any.

        A file whose edits cannot be read or saved, or contradict another's, is left out of this run, as it is, unless it is forced;
        then its edits are not taken in.
        """
        memory = self._translator.memory
        found: dict[SourceFile, Mapping[str, str]] = {}
        for source in edited:
            state = output_state(source, read_source(source), self._output, self._settings.layouts, self._journal)
            edits = read_edits(state, self._output)
            conflicts = [*edits.conflicts]
            if edits.corrections and memory is None:
                conflicts.append(f"{self._output / state.edited[0]}: edited, and there is no memory to keep the edits in")
            if conflicts:
                self._leave_alone(source, conflicts)
            else:
                found[source] = edits.corrections
                self._accepted |= {path: state.current[path] for path in state.edited}
        saved = self._save(found, "edited to other words than another file that says the same in Korean")
        self.report.corrections += saved
        return saved > 0

    def _take_in_orphaned(self, gone: Sequence[str]) -> bool:
        """Saves what people wrote in outputs whose source is gone, and says whether the memory has anything new by it.

        Where it cannot be read nothing is taken, and that is said; no run writes to these files, so that nothing of them is lost.
        """
        memory = self._translator.memory
        corrections = recovered = 0
        if memory is None:
            return False
        for file in gone:
            source, done = SourceFile(None, Path(file)), self._journal.done(file)
            if done is None:
                continue
            state = output_state(source, done.text, self._output, (), self._journal)
            if state.edited:
                corrections += self._take_in_old_edits(memory, source, done, state)
            if has_human_records(state, records_path(source).as_posix()):
                try:
                    written = unknown_to(memory, read_human_records(state, self._output / records_path(source), memory))
                    recovered += memory.add_human(Entry(text, target, "human") for text, target in written.items())
                except UserError as error:
                    _log.warning("not taken into the memory, the source is gone: %s", error)
        self.report.corrections += corrections
        self.report.recovered += recovered
        return corrections + recovered > 0

    def _take_in_old_edits(self, memory: "Memory", source: SourceFile, done: Done, state: OutputState) -> int:
        """Saves edits as of the day they were made, since when others may have been said of the same Korean; how many are in force."""
        edits = read_edits(state, self._output)
        if edits.conflicts:
            _log.warning("not taken into the memory, the source is gone: %s", "; ".join(edits.conflicts))
            return 0
        earlier = memory.has_held(edits.corrections)  # they stay in the file, and are found again at its next edit
        made = format_date(max(last_change(self._output / path) for path in state.edited))
        later = {text: target for text, target in edits.corrections.items() if text not in earlier}
        new = memory.add_human(Entry(text, target, "human", created=made) for text, target in later.items())
        accepted = {path: replace(done.outputs[path], key=state.current[path]) for path in state.edited}
        self._journal.finish(source.file, replace(done, outputs={**done.outputs, **accepted}))
        return new

    def _keep(self, human: Sequence[SourceFile]) -> bool:
        """Saves what the records say people wrote and the memory does not know, as it may be another than then; says if there was any.

        A file whose human translations cannot be read or saved, or contradict another's, is left as it is, unless it is forced.
        """
        memory = self._translator.memory
        found: dict[SourceFile, Mapping[str, str]] = {}
        for source in human:
            if source in self._in_conflict:
                continue
            state = output_state(source, read_source(source), self._output, self._settings.layouts, self._journal)
            path = self._output / records_path(source)
            try:
                written = read_human_records(state, path, memory)
            except UserError as error:
                self._leave_alone(source, [str(error)])
                continue
            if memory:
                found[source] = unknown_to(memory, written)
            elif written:
                self._leave_alone(source, [f"{path}: people wrote {len(written)} of its targets, and there is no memory to keep them in"])
        saved = self._save(found, "people translated its Korean to other words than that of another file")
        self.report.recovered += saved
        return saved > 0

    def _save(self, found: dict[SourceFile, Mapping[str, str]], contradiction: str) -> int:
        """Takes translations into the memory and says how many, but those of files that contradict each other, which are conflicts."""
        for source in _contradicting(found):
            self._leave_alone(source, [f"{self._output / source.file}: {contradiction}"])
            del found[source]
        entries = [Entry(text, target, "human") for corrections in found.values() for text, target in corrections.items()]
        if self._translator.memory and entries:
            self._translator.memory.add_human(entries)
        return len(entries)

    def _leave_alone(self, source: SourceFile, conflicts: Sequence[str]) -> None:
        self._in_conflict.add(source)
        if not self._force:
            self.report.conflicts += conflicts

    def _write(self, window: Sequence[Outputs]) -> None:
        keys = {file.file: {path: content_key(data) for path, data in file.contents.items()} for file in window}
        changed = {file.file: self._changed_meanwhile(file) for file in window}
        for path in {path for file in window for path in self._journal.intended(file.file)}:
            remove_drafts(self._output / path)  # an earlier run was killed while it wrote
        self._journal.intend({file: outputs for file, outputs in keys.items() if not changed[file]})
        for file in window:
            if changed[file.file]:
                self.report.conflicts.append(f"{self._output / changed[file.file]}: changed while the run went on")
                continue
            write_outputs(self._output, file.contents)
            self._journal.finish(file.file, self._done(file, keys[file.file]))
            self.report.count(file.figures)

    def _changed_meanwhile(self, file: Outputs) -> str:
        """An output that somebody made or changed since the survey, if there is one."""
        done, intended = self._journal.done(file.file), self._journal.intended(file.file)
        for path in file.contents:
            if self._force or not (self._output / path).is_file():
                continue
            known = {*intended.get(path, ()), self._accepted.get(path)}
            if done and path in done.outputs:
                known.add(done.outputs[path].key)
            if content_key((self._output / path).read_bytes()) not in known:
                return path
        return ""

    def _done(self, file: Outputs, keys: Mapping[str, str]) -> Done:
        """What the journal is to say of a file, outputs of earlier runs in other layouts included."""
        before = self._journal.done(file.file)
        earlier = {
            path: replace(written, key=self._accepted.get(path, written.key), current=False)
            for path, written in (before.outputs.items() if before else ())
        }
        now = {path: Written(key, file.layouts[path], self._settings.order) for path, key in keys.items()}
        return Done(content_key(file.text.encode()), file.text, self._key, {**earlier, **now}, asdict(file.figures))


def _contradicting(found: Mapping[SourceFile, Mapping[str, str]]) -> set[SourceFile]:
    """The files that correct the same Korean to other words than another file does."""
    said: dict[bytes, dict[str, list[SourceFile]]] = {}
    for source, corrections in found.items():
        for text, target in corrections.items():
            said.setdefault(source_key(text), {}).setdefault(target, []).append(source)
    return {source for targets in said.values() if len(targets) > 1 for sources in targets.values() for source in sources}


def _gone(inputs: Sequence[str], journal: Journal) -> list[str]:
    """The files whose sources were in a folder of the inputs and are there no longer."""
    folders = [Path(given).resolve() for given in inputs if given != "-" and Path(given).is_dir()]
    return [file for file, place in journal.places() if any(place == str(folder / file) for folder in folders) and not Path(place).exists()]


def _orphaned(gone: Sequence[str], output: Path, journal: Journal) -> list[str]:
    """The outputs of files whose sources are gone, by path below the output folder."""
    found: list[str] = []
    for file in gone:
        done = journal.done(file)
        paths = dict.fromkeys([*(done.outputs if done else ()), *journal.intended(file)])
        found += [path for path in paths if (output / path).is_file()]
    return found


def translate_text(text: str, settings: Settings, *, memory: "Memory | None" = None, progress: Progress = no_progress) -> str:
    """One document's text in the first layout of the settings, for use in a pipe."""
    document = Document.parse(text)
    with Translator(settings, memory) as translator, progress(len(text)) as tell:
        found = translator.translate(document, in_proportion(tell, len(text)))
    return document.render({t.unit_id: t.target for t in found}, settings.layouts[0], settings.order, human=human_units(found))


def _refuse_collisions(sources: Sequence[SourceFile], output: Path, settings: Settings) -> None:
    refuse_file(output)
    written: set[str] = set()
    for source in sources:
        for path in all_paths(source, settings.layouts):
            if source.path and (output / path).resolve() == source.path.resolve():
                raise UserError(f"{output / path} is itself a source: choose another --output")
            if path in written:
                raise UserError(f"two sources would both write {output / path}: translate them into two folders")
            written.add(path)
