"""How a system's segments score: over the scale, by length, over time; and systems beside each other."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean, quantiles
from typing import TYPE_CHECKING

from translator.quality.evaluation import Evaluation
from translator.quality.metrics import NAMES
from translator.quality.report.svg import BASELINE, SYSTEM, TEXT, drawing, inline_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_STEP = 5  # of the score, a bar of the histogram
_FEW = 60  # files that a line can join; more are dots, with a running mean over as many neighbours on either side:
_REACH = 7
_LONGEST_LABEL = 24  # characters; the end of a path says more than its beginning


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing as an `<svg>` element with alternative text, and the caption to stand under it."""

    caption: str
    svg: str


@dataclass(frozen=True, slots=True)
class Sample:
    """Scores of a system's segments and, where there is a baseline, of the baseline's; `metric` as people write it."""

    metric: str
    scores: Sequence[float]
    before: Sequence[float] | None


def draw_histogram(sample: Sample, name: str) -> Plot:
    """How many segments have which score."""
    from matplotlib.ticker import MaxNLocator

    edges = list(range(0, 100 + _STEP, _STEP))
    with drawing() as figure:
        axes = figure.add_subplot()
        axes.hist(_within(sample.scores), bins=edges, color=SYSTEM, alpha=0.55, label="system")
        if sample.before is not None:
            axes.hist(_within(sample.before), bins=edges, color=BASELINE, histtype="step", linewidth=1.6, label="baseline")
            _legend(figure)
        axes.set(xlabel=f"{sample.metric} of a segment", ylabel="segments", xlim=(0, 100))
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.grid(visible=False, axis="x")
        told = [f"The system's {_spread(sample.scores)}.", *([f"The baseline's {_spread(sample.before)}."] if sample.before else [])]
        caption = "Segments by score"
        return Plot(caption, inline_svg(figure, name, f"{caption}: a histogram of {sample.metric}", " ".join(told)))


def draw_lengths(sample: Sample, groups: Sequence[str], words: Sequence[int], name: str) -> Plot:
    """Scores by the length of the reference; `groups` and `words` have the length group and the words of each segment."""
    members: dict[str, list[int]] = defaultdict(list)
    for i in sorted(range(len(words)), key=lambda i: words[i]):
        members[groups[i]].append(i)
    with drawing() as figure:
        axes = figure.add_subplot()
        shift = 0.0 if sample.before is None else 0.19
        _boxes(axes, [[sample.scores[i] for i in indices] for indices in members.values()], -shift, SYSTEM, "system")
        if sample.before is not None:
            _boxes(axes, [[sample.before[i] for i in indices] for indices in members.values()], shift, BASELINE, "baseline")
            _legend(figure)
        ticks = [f"{label.removesuffix(' words')}\n({len(indices):,})" for label, indices in members.items()]
        axes.set_xticks(range(len(ticks)), ticks)
        axes.set(xlabel="words of the reference (segments)", ylabel=f"{sample.metric} of a segment", xlim=(-0.5, len(ticks) - 0.5))
        axes.grid(visible=False, axis="x")
        told = [f"{label}: {_spread([sample.scores[i] for i in indices])}." for label, indices in members.items()]
        caption = "Score by length: medians, middle halves, and the range without the outermost 5 % on either side"
        return Plot(caption, inline_svg(figure, name, f"Score by length: box plots of {sample.metric}", " ".join(told)))


def draw_trend(sample: Sample, files: Sequence[tuple[date, str] | None], name: str) -> Plot | None:
    """Mean scores of files over their dates; None where fewer than two files have dates. `files` has the file of each segment."""
    members: dict[tuple[date, str], list[int]] = defaultdict(list)
    for i, file in enumerate(files):
        if file is not None:
            members[file].append(i)
    if len(members) < 2:
        return None
    order = sorted(members)
    days = [day for day, _ in order]
    means = [fmean(sample.scores[i] for i in members[file]) for file in order]
    with drawing() as figure:
        axes = figure.add_subplot()
        _line(axes, days, means, SYSTEM, "system")
        if sample.before is not None:
            _line(axes, days, [fmean(sample.before[i] for i in members[file]) for file in order], BASELINE, "baseline")
            _legend(figure)
        _date_axis(axes, days[-1] - days[0])
        axes.set_ylabel(f"mean {sample.metric} of a file")
        (low, worst), (high, best) = min(zip(means, days, strict=True)), max(zip(means, days, strict=True))
        told = f"{len(order)} files from {days[0]} to {days[-1]}; lowest {low:.1f} ({worst}), highest {high:.1f} ({best})."
        caption = "Files over their dates" + ("" if len(order) <= _FEW else f"; lines are means of {2 * _REACH + 1} files")
        return Plot(caption, inline_svg(figure, name, f"{caption}: mean {sample.metric}", told))


def draw_intervals(found: Evaluation, metric: str, labels: Sequence[str], name: str) -> Plot:
    """A metric's scores of several systems with their intervals; a baseline is a line."""
    scores, changes = [system.scores[metric] for system in found.systems], found.systems[0].changes
    rows = range(len(scores))
    with drawing(height=0.9 + 0.2 * len(scores)) as figure:
        axes = figure.add_subplot()
        values, reach = [score.value for score in scores], [score.interval for score in scores]
        axes.errorbar(values, rows, xerr=reach, fmt="o", markersize=4, color=SYSTEM, capsize=2, label="system")
        if metric in changes:
            axes.axvline(changes[metric].baseline, color=BASELINE, linestyle="--", label="baseline")
            _legend(figure)
        axes.set_yticks(rows, [label if len(label) <= _LONGEST_LABEL else f"…{label[1 - _LONGEST_LABEL :]}" for label in labels])
        axes.set(xlabel=NAMES[metric], ylim=(len(scores) - 0.5, -0.5))
        told = "; ".join(f"{label}: {score.value:.1f} ± {score.interval:.1f}" for label, score in zip(labels, scores, strict=True))
        caption = f"{NAMES[metric]} of the systems" + (" with 95 % intervals" if any(reach) else "")
        return Plot(caption, inline_svg(figure, name, caption, f"{told}."))


def _legend(figure: "Figure") -> None:
    """Above the axes, where it hides nothing."""
    figure.legend(loc="outside upper right", ncols=2)


def _within(scores: Sequence[float]) -> list[float]:
    """Without the last digits by which a perfect score may pass 100."""
    return [min(score, 100.0) for score in scores]


def _spread(scores: Sequence[float]) -> str:
    if len(scores) == 1:
        return f"one segment, {scores[0]:.1f}"
    low, middle, high = quantiles(scores, n=4, method="inclusive")
    return f"{len(scores)} segments have a median of {middle:.1f}; half of them are between {low:.1f} and {high:.1f}"


def _boxes(axes: "Axes", groups: Sequence[Sequence[float]], shift: float, colour: str, label: str) -> None:
    line = {"color": colour, "linewidth": 1.2}
    drawn = axes.boxplot(
        groups, positions=[at + shift for at in range(len(groups))], widths=0.32, whis=(5, 95), showfliers=False, patch_artist=True,
        manage_ticks=False, whiskerprops=line, capprops=line, medianprops={"color": TEXT, "linewidth": 1.6},
        boxprops={"facecolor": colour, "edgecolor": colour, "alpha": 0.55},
    )  # fmt: skip
    drawn["boxes"][0].set_label(label)


def _line(axes: "Axes", days: Sequence[date], means: Sequence[float], colour: str, label: str) -> None:
    from matplotlib.dates import date2num

    at = date2num(days)  # type: ignore[no-untyped-call]
    if len(days) <= _FEW:
        axes.plot(at, means, color=colour, label=label, marker="o", markersize=3.5)
    else:
        axes.plot(at, means, color=colour, linestyle="none", marker="o", markersize=1.8, alpha=0.45)
        axes.plot(at, list(_smoothed(means)), color=colour, label=label)


def _smoothed(means: Sequence[float]) -> Iterator[float]:
    """Means over a file and its neighbours."""
    for i in range(len(means)):
        yield fmean(means[max(0, i - _REACH) : i + _REACH + 1])


def _date_axis(axes: "Axes", span: timedelta) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, DayLocator

    week = span < timedelta(days=7)  # within which the automatic one would tell hours
    locator = DayLocator() if week else AutoDateLocator(minticks=3, maxticks=6)  # type: ignore[no-untyped-call]
    axes.xaxis_date()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axes.margins(x=0.04)
