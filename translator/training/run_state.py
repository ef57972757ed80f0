"""A run's state on disk: everything that the next step depends on, written whole or not at all."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from translator.errors import UserError
from translator.files import whole_file
from translator.training.batches import Position

if TYPE_CHECKING:
    from torch import Tensor

FILE = "state.pt"


@dataclass(slots=True)
class Counts:
    """How far a run is. Seconds are of training alone."""

    step: int = 0
    pairs: int = 0
    target_tokens: int = 0
    seconds: float = 0.0
    position: Position = field(default_factory=Position)


@dataclass(slots=True)
class RunState:
    """What a run resumes from: trained weights and their moving average by name, the optimiser, random generators, and the log.

    `settings` are those of the run by dotted name and `data` the fingerprint of its pairs: both must be the same to resume.
    """

    settings: dict[str, Any]
    data: str
    weights: "dict[str, Tensor]"
    average: "dict[str, Tensor]"
    optimizer: dict[str, Any]
    generators: "list[Tensor]"
    counts: Counts
    log: list[dict[str, Any]]
    best: "dict[str, Tensor]"


def refuse_another_run(folder: Path, state: RunState, settings: dict[str, Any], data: str) -> None:
    """Raises UserError where the fixed settings or the data's fingerprint are not those that a state was saved with."""
    other = sorted(key for key in settings.keys() | state.settings.keys() if settings.get(key) != state.settings.get(key))
    if other:
        raise UserError(f"{folder} was begun with other settings ({', '.join(other)}): give the same, or another --output")
    if state.data != data:
        raise UserError(f"{folder} was begun with other data: give the same files, or another --output")


def save_state(folder: Path, state: RunState) -> None:
    """Writes a state so that a kill at any moment leaves the old one or the new one.

    Raises UserError where the folder cannot be written or the disk is full.
    """
    import torch

    data = {name: getattr(state, name) for name in RunState.__slots__}
    data["counts"] = asdict(state.counts)
    try:
        with whole_file(folder / FILE) as file:
            torch.save(data, file)
    except RuntimeError as error:  # what torch's writer makes of a full disk
        raise UserError(f"{folder / FILE} cannot be written ({error}); the state saved before it is whole") from error


def load_state(folder: Path) -> RunState:
    """The state in a run's folder.

    Raises UserError where there is none or it is damaged.
    """
    import torch

    path = folder / FILE
    if not path.is_file():
        raise UserError(f"{folder} holds no run to resume ({FILE} is missing): leave --resume out to start one")
    try:
        data = torch.load(path, map_location="cpu", weights_only=True)
        counts = data.pop("counts")
        return RunState(**data, counts=Counts(**counts | {"position": Position(**counts["position"])}))
    except Exception as error:  # torch raises many kinds for a file that is not its own
        raise UserError(f"{path} cannot be read ({type(error).__name__}); start the run again in another folder") from error
