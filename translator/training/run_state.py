"""A run's state on disk: everything that the next step depends on, written whole or not at all."""

import os
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from translator.errors import UserError
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


def save_state(folder: Path, state: RunState) -> None:
    """Writes a state so that a kill at any moment leaves the old one or the new one."""
    import torch

    data = {name: getattr(state, name) for name in RunState.__slots__}
    data["counts"] = asdict(state.counts)
    handle, draft = tempfile.mkstemp(prefix=f".{FILE}.", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            torch.save(data, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, folder / FILE)
    except OSError as error:
        raise UserError(f"{folder / FILE} cannot be written: {error.strerror}; the run can go on from its last saved state") from error
    finally:
        Path(draft).unlink(missing_ok=True)


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
