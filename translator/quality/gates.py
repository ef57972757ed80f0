"""Gates: scores that a system must reach, and losses against a baseline that are still allowed."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, field_validator

from translator.errors import TranslatorError, UserError
from translator.quality.checks import BY_ID, unknown_check
from translator.quality.checks.check import CorpusCheck
from translator.quality.metrics import LOWER_IS_BETTER, NAMES, Comparison, Score
from translator.quality.segments import Segment
from translator.settings_file import read_yaml, validated


class GateFailed(TranslatorError):  # noqa: N818 - not an error of the program
    """A system fell short of a gate (exit code 3)."""

    exit_code = 3


class Gate(BaseModel):
    """Bounds by metric name: `floors` for scores (TER: at most), `drops` for losses against the baseline; and by check, `flags`: how many
    of a hundred segments it may flag.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    floors: dict[str, float] = {}
    drops: dict[str, float] = {}
    flags: dict[str, float] = {}

    @field_validator("floors", "drops")
    @classmethod
    def _known(cls, bounds: dict[str, float]) -> dict[str, float]:
        for name in bounds:
            if name not in NAMES:
                raise ValueError(f"no metric is named {name!r}; there are {', '.join(NAMES)}")
        return bounds

    @field_validator("flags")
    @classmethod
    def _known_checks(cls, bounds: dict[str, float]) -> dict[str, float]:
        if unknown := unknown_check(bounds):
            raise ValueError(unknown)
        for check in bounds:
            if isinstance(BY_ID[check], CorpusCheck):
                raise ValueError(f"{check} compares units with each other, which no record has: `translator check --fail-on` does")
        return bounds

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that it asks about."""
        return tuple(name for name in NAMES if name in self.floors or name in self.drops)


def read_gate(path: Path | None, floors: Sequence[str]) -> Gate:
    """A gate from a YAML file, if any, with floors such as `bleu=25` on top. Raises UserError for what cannot be read or is unknown."""
    given = validated(Gate, read_yaml(path), str(path)) if path else Gate()
    if path and not given.metrics and not given.flags:
        raise UserError(f"{path} asks for nothing: give floors, drops or flags, such as `floors: {{bleu: 36.0}}`")
    more = {}
    for floor in floors:
        name, _, value = floor.partition("=")
        try:
            more[name] = float(value)
        except ValueError as error:
            raise UserError(f"--fail-under {floor!r}: expected METRIC=NUMBER, such as bleu=25") from error
    return validated(Gate, {**given.model_dump(), "floors": {**given.floors, **more}}, "--fail-under")


def shortfalls(gate: Gate, scores: Mapping[str, Score], changes: Mapping[str, Comparison]) -> list[str]:
    """A sentence for each bound of a gate that a system breaks; every metric with a drop must have a change."""
    found = []
    for name, bound in gate.floors.items():
        value, lower = scores[name].value, name in LOWER_IS_BETTER
        if value > bound if lower else value < bound:
            found.append(f"{NAMES[name]} is {value:.2f}, {'at most' if lower else 'at least'} {bound:g} is asked for")
    for name, bound in gate.drops.items():
        if -changes[name].gain > bound:
            found.append(f"{NAMES[name]} lost {-changes[name].gain:.2f} against the baseline, {bound:g} is allowed")
    return found


def too_many_flags(gate: Gate, segments: Sequence[Segment]) -> list[str]:
    """A sentence for each check that flags more of a system's segments than a gate allows.

    Raises UserError where a segment does not say what checks found.
    """
    if gate.flags and not all(segment.checked for segment in segments):
        raise UserError("the gate asks for flags, which only records have: give the .jsonl files that `translator translate` writes")
    found = []
    for check, bound in gate.flags.items():
        share = 100 * sum(any(flag.check == check for flag in segment.flags) for segment in segments) / max(1, len(segments))
        if share > bound:
            found.append(f"{check} flags {share:.2f} of 100 segments, {bound:g} are allowed")
    return found
