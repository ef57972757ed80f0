"""The curves of a run: a picture at its end, and TensorBoard events while it goes on, which need the extra `train`."""

import io
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from translator.files import write_whole

_log = logging.getLogger(__name__)
_SCALARS = ("loss", "source_gap", "rate", "bleu", "chrf++")


def draw_curves(log: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draws loss and scores over steps as a PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (above, below) = pyplot.subplots(2, 1, sharex=True, figsize=(8, 6), layout="constrained")
    losses = [row for row in log if "loss" in row]
    scores = [row for row in log if "bleu" in row]
    above.plot([row["step"] for row in losses], [row["loss"] for row in losses], color="tab:blue", label="loss")
    above.set_ylabel("training loss (nats a token)")
    gap = above.twinx()
    gaps = [row for row in losses if "source_gap" in row]
    gap.plot([row["step"] for row in gaps], [row["source_gap"] for row in gaps], color="tab:orange", label="source gap")
    gap.set_ylabel("source gap (nats a token)")
    for key, name in (("bleu", "BLEU"), ("chrf++", "chrF2++")):
        below.plot([row["step"] for row in scores], [row[key] for row in scores], marker="o", markersize=3, label=name)
    below.set_xlabel("step")
    below.set_ylabel("dev score")
    below.grid(alpha=0.3)
    below.legend()
    above.legend(handles=[*above.get_lines(), *gap.get_lines()], loc="lower left")
    written = io.BytesIO()
    figure.savefig(written, format="png", dpi=120)
    pyplot.close(figure)
    write_whole(path, written.getvalue())


class EventLog:
    """TensorBoard events of a run's log; does nothing but say so once where tensorboard is not installed."""

    def __init__(self, folder: Path) -> None:
        """A run that resumes writes its whole log again: events of earlier files are purged."""
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            _log.warning("no TensorBoard events: pip install 'translator[train]'")
            self._writer: Any = None
        else:
            self._writer = SummaryWriter(str(folder), purge_step=0)
        self._written = 0

    def write(self, log: Sequence[Mapping[str, Any]]) -> None:
        """Writes the rows that are new since the last call."""
        for row in log[self._written :] if self._writer else ():
            for name in _SCALARS:
                if name in row:
                    self._writer.add_scalar(name, row[name], row["step"])
        self._written = len(log)

    def close(self) -> None:
        """Ends the file."""
        if self._writer:
            self._writer.close()
