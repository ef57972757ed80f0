"""The figures of a run over an archive, as written to report.json."""

import json
import platform
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from translator.errors import UserError
from translator.translation import Translation, Translator

if TYPE_CHECKING:
    from translator.quality.evaluation import Evaluation

_PACKAGES = ("translator", "ctranslate2", "transformers", "torch", "sentencepiece", "markdown-it-py")


@dataclass(frozen=True, slots=True)
class Figures:
    """What a file adds to the report; `tokens` are target tokens, `flags` counts by check."""

    units: int
    sentences: int
    tokens: int
    human_units: int
    flagged_units: int
    flags: Mapping[str, int]

    @classmethod
    def of(cls, found: Sequence[Translation]) -> "Figures":
        """The figures of a file's translations."""
        flags = Counter(flag.check for t in found for flag in t.flags)
        return cls(
            len(found), sum(t.sentences for t in found), sum(t.tokens for t in found), sum(t.origin == "human" for t in found),
            sum(bool(t.flags) for t in found), dict(sorted(flags.items())),
        )  # fmt: skip


@dataclass(slots=True)
class Report:
    """The figures of all files of a run, those that were already done included. Times are seconds, memory is MiB.

    `skipped` files were done by an earlier run; `corrections` are units whose English was found edited in the outputs, `recovered`
    those that records say people wrote and the memory did not know; `conflicts` says which files were left as they are, and why.
    `orphaned` are outputs, by path below the output folder, whose source is gone. `flags` counts what the records' checks found,
    `corpus_flags` what the units of all files show beside each other, which no record can say (None: nobody looked). `quality` is
    the evaluation against references, where there were any. `stopped`: the user asked for an end.
    """

    files: int = 0
    skipped: int = 0
    units: int = 0
    sentences: int = 0
    tokens: int = 0
    human_units: int = 0
    seconds: float = 0.0
    peak_memory_mib: int = 0
    stopped: bool = False
    corrections: int = 0
    recovered: int = 0
    conflicts: list[str] = field(default_factory=list)
    orphaned: list[str] = field(default_factory=list)
    flagged_units: int = 0
    flags: Counter[str] = field(default_factory=Counter)
    corpus_flags: Mapping[str, int] | None = None
    quality: "Evaluation | None" = None

    def count(self, figures: Figures, *, skipped: bool = False) -> None:
        """Adds a file."""
        self.files += 1
        self.skipped += skipped
        self.units += figures.units
        self.sentences += figures.sentences
        self.tokens += figures.tokens
        self.human_units += figures.human_units
        self.flagged_units += figures.flagged_units
        self.flags.update(figures.flags)

    def as_json(self, translator: Translator) -> str:
        """The same with what made it: model, settings, versions."""
        data: dict[str, Any] = asdict(self)
        data["flags"] = dict(self.flags.most_common())
        data["quality"] = self.quality.as_json() if self.quality else None
        data["model"] = f"{translator.settings.model}@{translator.fingerprint}"
        data["engine"] = translator.engine_name
        data["settings"] = translator.settings.model_dump()
        data["versions"] = {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}
        return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def refuse_foreign_report(path: Path) -> None:
    """Raises UserError where a file that is no report of a run has the name of one."""
    if not path.exists():
        return
    try:
        ours = {"files", "settings", "versions"} <= set(json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        ours = False
    if not ours:
        raise UserError(f"{path} exists and is no report of an earlier run; --force overwrites it")


def peak_memory() -> int:
    """The most memory this process has had, MiB; 0 where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (2**20 if sys.platform == "darwin" else 2**10)
