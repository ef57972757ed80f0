"""`translator evaluate --html`: what the file holds, without a browser."""

import json
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
import sacrebleu

from tests.conftest import ENGLISH, KOREAN, Result, Run
from tests.quality.report.conftest import HOSTILE, Evaluated, reference, title
from translator.quality.evaluation import evaluate_systems
from translator.quality.report.page import render_page
from translator.quality.report.report import build_report
from translator.quality.segments import Segment

VOID = {"meta", "link", "input", "br"}


class Elements(HTMLParser):
    """The elements of a page with their attributes and text; refuses tags that do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, (tag, self.getpos())

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self.texts[tag][-1] += data


@pytest.fixture(scope="module")
def elements(evaluated: Evaluated) -> Elements:
    return Elements(evaluated.page.read_text(encoding="utf-8"))


class TestOneFile:
    def test_it_asks_for_nothing(self, elements: Elements) -> None:
        for tag, attributes in elements.found:
            assert "src" not in attributes, tag
            assert attributes.get("href", "#").startswith("#") or attributes == {"rel": "icon", "href": "data:,"}
        assert not {"img", "iframe", "object", "embed", "form", "base"} & {tag for tag, _ in elements.found}

    def test_only_its_own_script_and_style_may_run(self, elements: Elements) -> None:
        [policy] = [a["content"] for tag, a in elements.found if a.get("http-equiv") == "Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy
        for tag in ("style", "script"):
            [text] = elements.texts[tag]
            assert f"{tag}-src 'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" in policy
        for tag, attributes in elements.found:
            assert not any(name == "style" or name.startswith("on") for name in attributes), tag

    def test_text_of_files_is_text(self, elements: Elements, evaluated: Evaluated) -> None:
        tags = Counter(tag for tag, _ in elements.found)
        assert (tags["script"], tags["i"], tags["u"]) == (1, 0, 0)
        assert any(HOSTILE[0] in text for text in elements.texts["td"])
        assert title(0) in elements.texts["option"]
        written = evaluated.page.read_text(encoding="utf-8")
        assert "user\u27e8U+202E\u27e9gnp.exe\u27e8U+2066\u27e9 \u27e8U+0001\u27e9 end" in written
        assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08]", written)

    def test_ids_are_unique_and_links_lead_somewhere(self, elements: Elements) -> None:
        ids = Counter(attributes["id"] for _, attributes in elements.found if "id" in attributes)
        assert max(ids.values()) == 1
        for _, attributes in elements.found:
            for name in ("href", "for", "aria-labelledby"):
                for target in attributes.get(name, "").split() if name != "href" else [attributes.get("href", "#main")]:
                    assert target.removeprefix("#") in ids or target == "data:,", target

    def test_the_same_evaluation_is_the_same_page(self, tmp_path: Path, run: Run, evaluated: Evaluated) -> None:
        folder, again = evaluated.page.parent, tmp_path / "again.html"
        options = ("--baseline", folder / "old", "--bootstrap", 100, "--by", "file", "--html", again, "--html-segments", 6)
        assert run("evaluate", folder / "new <b>system", "--reference", folder / "reference", *options).code == 0
        assert again.read_bytes() == evaluated.page.read_bytes()


class TestContents:
    def test_figures_are_those_of_the_command(self, elements: Elements, evaluated: Evaluated) -> None:
        wanted = [reference(i) for i in range(40)]
        texts = [" ".join(text.split()) for text in evaluated.hypotheses]
        summary = elements.texts["table"][0]
        assert f"{sacrebleu.corpus_bleu(texts, [wanted]).score:.2f}" in summary
        assert f"{sacrebleu.corpus_chrf(texts, [wanted], word_order=2).score:.2f}" in summary
        assert "±" in summary
        assert summary.count("significant difference: ") == 2
        assert any("nw:2" in text for text in elements.texts["code"])

    def test_the_page_says_what_it_leaves_out(self, elements: Elements) -> None:
        rows = [attributes for tag, attributes in elements.found if tag == "tbody" and "data-score" in attributes]
        lists = Counter(name for row in rows for name in row["data-lists"].split())
        assert set(lists) == {"worst", "best", "gained", "lost"}
        assert max(lists.values()) == 6
        told = " ".join(text for text in elements.texts["p"] if "--html-segments" in text)
        assert f"{len(rows)} of 40 segments are here: worst 6, best 6, gained most 6, lost most 6, and up to 6" in told
        assert any("lost-name 8 segments, the 6 with the lowest score are here" in text for text in elements.texts["summary"])

    def test_scores_and_changes_are_those_of_sacrebleu(self, elements: Elements, evaluated: Evaluated) -> None:
        chrf = sacrebleu.CHRF(word_order=2)
        for tag, row in elements.found:
            if tag == "tbody" and "data-score" in row:
                i = int(row["data-number"]) - 1
                score = chrf.sentence_score(" ".join(evaluated.hypotheses[i].split()), [reference(i)]).score
                assert float(row["data-score"]) == pytest.approx(score, abs=1e-4)

    def test_every_plot_has_words(self, elements: Elements) -> None:
        assert elements.texts["title"][1:] == [
            "Segments by score: a histogram of chrF2++", "Score by length: box plots of chrF2++", "Files over their dates: mean chrF2++",
        ]  # fmt: skip
        assert all(len(text) > 40 for text in elements.texts["desc"])

    def test_plain_text_has_neither_source_nor_flags_nor_trend(self, two_systems: Path) -> None:
        page = Elements(two_systems.read_text(encoding="utf-8"))
        assert "Source" not in page.texts["th"]
        assert "Baseline" not in page.texts["th"]
        assert sum("No segment is flagged" in text for text in page.texts["p"]) == 2
        assert sum("No trend over dates" in text for text in page.texts["p"]) == 2
        assert page.texts["option"][:2] == ["good.en", "bad.en"]

    def test_a_table_of_source_and_target_has_its_source(self, tmp_path: Path, run: Run) -> None:
        (tmp_path / "a.tsv").write_text("".join(f"{k}\t{e}\n" for k, e in zip(KOREAN, ENGLISH, strict=True)), encoding="utf-8")
        (tmp_path / "b.en").write_text("".join(f"{e}\n" for e in ENGLISH), encoding="utf-8")
        done = run("evaluate", tmp_path / "b.en", "--reference", tmp_path / "a.tsv", "--bootstrap", 0, "--html", tmp_path / "p.html")
        assert done.code == 0
        assert KOREAN[0] in Elements((tmp_path / "p.html").read_text(encoding="utf-8")).texts["td"]


class TestReferences:
    def test_marks_are_against_the_nearest_and_the_others_stand_below(self) -> None:
        systems = [("a", [Segment("the small cat sat down", "", 1)])]
        wanted = [(name, [Segment(text, "", 1)]) for name, text in (("r", "dogs ran off"), ("s", "the small cat sat up"))]
        found = evaluate_systems(systems, wanted, metrics=["bleu"], bootstrap=0)
        [row] = build_report(found, systems, wanted, limit=5).systems[0].rows
        assert [piece.text for piece in row.reference if piece.differs] == ["up"]
        assert row.other_references == ("dogs ran off",)
        assert row.score == sacrebleu.sentence_chrf("the small cat sat down", ["dogs ran off", "the small cat sat up"], word_order=2).score

    def test_names_are_as_short_as_they_can_be(self) -> None:
        systems = [(name, [Segment("a b c", "", 1)]) for name in ("x/one/out.en", "x/two/out.en", "y/two.en")]
        found = evaluate_systems(systems, systems[:1], metrics=["bleu"], bootstrap=0)
        report = build_report(found, systems, systems[:1], limit=5)
        assert [system.label for system in report.systems] == ["one/out.en", "two/out.en", "y/two.en"]
        assert "x/two/out.en" in render_page(report)

    @pytest.mark.parametrize(
        ("names", "dated"),
        [
            (("2026/11/02", "2026/11/03"), True),
            (("a-2026.11.02", "b-2026.11.03"), True),
            (("2026-13-02", "2026-02-30"), False),
            (("", ""), False),
        ],
    )
    def test_dates_come_from_the_names_of_files(self, names: tuple[str, str], dated: bool) -> None:
        systems = [("a", [Segment(text, f"u{i}", i, file) for i, (text, file) in enumerate(zip(ENGLISH, names, strict=False))])]
        found = evaluate_systems(systems, systems, metrics=["bleu"], bootstrap=0)
        assert build_report(found, systems, systems, limit=5).systems[0].dated is dated


class TestCommand:
    def test_a_failed_gate_leaves_its_page(self, tmp_path: Path, run: Run) -> None:
        for name, texts in (("a.en", KOREAN), ("b.en", ENGLISH)):
            (tmp_path / name).write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
        options = ("--bootstrap", 0, "--fail-under", "bleu=50", "--html", tmp_path / "page.html")
        assert run("evaluate", tmp_path / "a.en", "--reference", tmp_path / "b.en", *options).code == 3
        assert (tmp_path / "page.html").read_text(encoding="utf-8").endswith("</html>\n")

    @pytest.mark.parametrize("checks", ["hangul", {"check": "hangul"}, [{"check": "hangul"}], [1]])
    def test_checks_of_another_form_are_refused(self, tmp_path: Path, run: Run, refused: Callable[[Result], str], checks: object) -> None:
        row = {"id": "u0", "target": "One cat.", "checks": checks}
        (tmp_path / "a.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
        sentence = refused(run("evaluate", tmp_path / "a.jsonl", "--reference", tmp_path / "a.jsonl", "--html", tmp_path / "p.html"))
        assert "a.jsonl, line 1" in sentence
        assert "`checks`" in sentence
        assert not (tmp_path / "p.html").exists()
