"""Plots: what they say in words, and SVG that can stand in a page."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from tests.conftest import ENGLISH
from translator.quality.evaluation import evaluate_systems
from translator.quality.report.plots import Plot, Sample, draw_histogram, draw_intervals, draw_lengths, draw_trend
from translator.quality.segments import Segment

SCORES = (10.0, 20.0, 30.0, 40.0, 100.00000001)
BEFORE = (10.0, 10.0, 20.0, 20.0, 30.0)


def described(plot: Plot) -> str:
    root = ElementTree.fromstring(plot.svg)
    title, description = root[0], root[1]
    assert (title.tag, description.tag) == ("title", "desc")
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == f"{title.attrib['id']} {description.attrib['id']}"
    return f"{title.text} | {description.text}"


def dates(count: int, step: int = 1) -> list[tuple[date, str]]:
    return [(date(2026, 1, 1) + timedelta(days=step * i), f"file {i}") for i in range(count)]


class TestWords:
    def test_the_histogram_tells_medians_and_quartiles(self) -> None:
        told = described(draw_histogram(Sample("chrF2++", SCORES, BEFORE), "a"))
        assert "chrF2++" in told
        assert "The system's 5 segments have a median of 30.0; half of them are between 20.0 and 40.0." in told
        assert "The baseline's 5 segments have a median of 20.0" in told
        assert "baseline" not in described(draw_histogram(Sample("chrF2++", SCORES, None), "a"))

    def test_lengths_come_in_order_with_their_medians(self) -> None:
        groups = ["11-20 words", "1-10 words", "11-20 words", "1-10 words", "41+ words"]
        plot = draw_lengths(Sample("chrF2++", SCORES, BEFORE), groups, [15, 3, 12, 9, 50], "a")
        told = described(plot).split(" | ")[1]
        assert re.findall(r"([\d+-]+ words):", told) == ["1-10 words", "11-20 words", "41+ words"]
        assert "1-10 words: 2 segments have a median of 30.0" in told
        assert "41+ words: one segment, 100.0." in told

    def test_the_trend_has_a_mean_for_each_file(self) -> None:
        days = dates(2, step=30)
        files = [days[1], days[0], days[0], None, days[1]]
        told = described(draw_trend(Sample("chrF2++", SCORES, BEFORE), files, "a") or Plot("", ""))
        assert "2 files from 2026-01-01 to 2026-01-31; lowest 25.0 (2026-01-01), highest 55.0 (2026-01-31)." in told

    def test_days_are_not_divided_into_hours(self) -> None:
        plot = draw_trend(Sample("chrF2++", SCORES, None), dates(5), "a")
        assert plot is not None
        assert not re.search(r">\d\d:\d\d<", plot.svg)

    @pytest.mark.parametrize("files", [[None] * 5, [*dates(1) * 4, None]])
    def test_there_is_no_trend_without_two_dated_files(self, files: list[tuple[date, str] | None]) -> None:
        assert draw_trend(Sample("chrF2++", SCORES, None), files, "a") is None

    def test_many_files_say_how_they_were_smoothed(self) -> None:
        plot = draw_trend(Sample("chrF2++", [50.0 + i % 7 for i in range(100)], None), dates(100), "a")
        assert plot is not None
        assert "means of 15 files" in plot.caption

    def test_systems_stand_beside_each_other_with_their_intervals(self) -> None:
        def named(name: str, texts: Sequence[str]) -> tuple[str, list[Segment]]:
            return name, [Segment(text, "", i) for i, text in enumerate(texts, 1)]

        reference, worse = named("reference", ENGLISH), named("b", [text.rpartition(" ")[0] for text in ENGLISH])
        found = evaluate_systems([reference, worse], [reference], metrics=["bleu"], bootstrap=100)
        told = described(draw_intervals(found, "bleu", ["$x_$ <1>", "a/very/long/path/to/some/hypotheses.txt"], "a"))
        score = found.systems[1].scores["bleu"]
        assert "$x_$ <1>: 100.0 ± 0.0" in told
        assert f"hypotheses.txt: {score.value:.1f} ± {score.interval:.1f}" in told


@pytest.fixture(scope="module")
def plots() -> list[Plot]:
    sample = Sample("chrF2++", [float(i % 90) for i in range(100)], [float(i % 80) for i in range(100)])
    trend = draw_trend(sample, dates(100), "c")
    assert trend is not None
    return [draw_histogram(sample, "a"), draw_lengths(sample, ["1-10 words"] * 100, [5] * 100, "b"), trend]


class TestSvg:
    def test_a_strict_policy_has_nothing_to_forbid(self, plots: list[Plot]) -> None:
        """No style attribute or element, no script, no link but to its own parts, no namespace prefix that HTML would not know."""
        for plot in plots:
            for element in ElementTree.fromstring(plot.svg).iter():
                assert element.tag in {"svg", "title", "desc", "g", "path", "use", "defs", "clipPath", "rect", "text"}
                assert not {"style", "class"} & set(element.attrib)
                assert element.attrib.get("href", "#").startswith("#")
            assert "xlink" not in plot.svg
            assert "http" not in plot.svg

    def test_ids_are_each_plots_own_and_every_reference_has_one(self, plots: list[Plot]) -> None:
        ids = [re.findall(r' id="([^"]+)"', plot.svg) for plot in plots]
        everything = [name for names in ids for name in names]
        assert len(set(everything)) == len(everything)
        for plot, names in zip(plots, ids, strict=True):
            assert set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', plot.svg)) <= {(n, "") for n in names} | {("", n) for n in names}

    def test_colours_are_the_pages(self, plots: list[Plot]) -> None:
        for plot in plots:
            used = set(re.findall(r'(?:fill|stroke)="([^"]+)"', plot.svg))
            assert used - {"none"} == {"currentColor", "var(--system)", "var(--baseline)", "var(--grid)"}

    def test_the_same_plot_is_the_same_text(self) -> None:
        first, second = (draw_histogram(Sample("chrF2++", SCORES, BEFORE), "a") for _ in range(2))
        assert first == second
