"""What can be said of all targets of a run together: scores against references, flags of units beside each other."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from translator.document import Document
from translator.files import SourceFile, read_sources
from translator.outputs import records_path

if TYPE_CHECKING:
    from translator.quality.evaluation import Evaluation

_BOOTSTRAP = 1000  # samples


def refuse_others(references: Path, sources: Sequence[SourceFile]) -> None:
    """Raises UserError where references speak of no unit of the sources: before anything is translated."""
    from translator.quality.segment_files import read_segments
    from translator.quality.segments import Segment, align

    units = [
        Segment("", unit.id, unit.line, _name(source), unit.title, unit.kind)
        for source, text in read_sources(sources)
        for unit in Document.parse(text).units
    ]
    align([("this run", units), (str(references), read_segments(references))])


def evaluation(references: Path, sources: Sequence[SourceFile], output: Path) -> "Evaluation":
    """The scores of the records of sources, with intervals, on the units that the references speak of."""
    from translator.quality.evaluation import evaluate_systems
    from translator.quality.metrics import DEFAULT
    from translator.quality.segment_files import read_segments

    found = [replace(segment, file=_name(source)) for source in sources for segment in read_segments(output / records_path(source))]
    return evaluate_systems([("this run", found)], [(str(references), read_segments(references))], metrics=DEFAULT, bootstrap=_BOOTSTRAP)


def corpus_flags(sources: Sequence[SourceFile], output: Path, off: Collection[str]) -> dict[str, int]:
    """How many flags each check that compares units raises in the records of sources, the most frequent first."""
    from translator.quality.checks import ScoredUnit, check_corpus
    from translator.quality.recorded_units import read_recorded_units

    recorded = read_recorded_units([path for source in sources if (path := output / records_path(source)).is_file()])
    units = [ScoredUnit(unit.source, unit.target, unit.score) for unit in recorded]
    return dict(Counter(flag.check for _, flag in check_corpus(units, off)).most_common())


def _name(source: SourceFile) -> str:
    return source.relative.with_suffix("").as_posix()
