"""`translator evaluate` and `compare`: matching, figures, verdicts, gates, exit codes."""

import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from random import Random

import pytest
import sacrebleu

from tests.conftest import ENGLISH, Result, Run
from translator.quality.metrics import corpus_scores

GOOD = tuple(text.replace(" the ", " a ") for text in ENGLISH)
BAD = tuple(" ".join(sorted(text.split())) for text in ENGLISH)
FLORES = Path(__file__).resolve().parents[3] / "shared" / "eval" / "flores"


def lines(path: Path, texts: Sequence[str]) -> Path:
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    return path


def records(path: Path, texts: Sequence[str], start: int = 0) -> Path:
    rows = [
        {"id": f"u{i}", "title": f"Paper {i % 3}", "kind": "bullet" if i % 2 else "heading", "source": "한국어", "target": text}
        for i, text in enumerate(texts, start)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    return lines(tmp_path / "reference.en", ENGLISH)


class TestFigures:
    def test_they_are_sacrebleus(self, tmp_path: Path, reference: Path, run: Run) -> None:
        out = tmp_path / "figures.json"
        metrics = [part for name in ("bleu", "chrf++", "ter") for part in ("--metric", name)]
        done = run("evaluate", lines(tmp_path / "good.en", GOOD), "--reference", reference, *metrics, "--json", out)
        assert done.code == 0, done.err
        [system] = json.loads(out.read_text(encoding="utf-8"))["systems"]
        assert system["scores"]["bleu"]["value"] == sacrebleu.corpus_bleu(GOOD, [ENGLISH]).score
        assert system["scores"]["chrf++"]["value"] == sacrebleu.corpus_chrf(GOOD, [ENGLISH], word_order=2).score
        assert system["scores"]["ter"]["value"] == sacrebleu.corpus_ter(GOOD, [ENGLISH]).score
        assert f"{system['scores']['bleu']['value']:.2f} ± {system['scores']['bleu']['interval']:.2f}" in done.text
        assert "tok:13a" in done.text

    def test_two_references_are_better_than_one(self, tmp_path: Path, reference: Path, run: Run) -> None:
        other = lines(tmp_path / "other.en", GOOD)
        done = run("evaluate", lines(tmp_path / "good.en", GOOD), "-r", reference, "-r", other, "--bootstrap", 0)
        assert "BLEU    100.00" in done.text
        assert "nrefs:2" in done.text

    @pytest.mark.parametrize("by", ["section", "kind", "length"])
    def test_groups_have_scores_of_their_own(self, tmp_path: Path, run: Run, by: str) -> None:
        half, wanted = [*BAD[:5], *GOOD[5:]], [*ENGLISH[:-1], " ".join([ENGLISH[-1]] * 2)]
        arguments = [records(tmp_path / "a.jsonl", half), "--reference", records(tmp_path / "b.jsonl", wanted), "--bootstrap", 100]
        done = run("evaluate", *arguments, "--by", by, "--json", tmp_path / "out.json")
        groups = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["systems"][0]["groups"]
        members = {
            "section": {f"Paper {i}": list(range(i, 12, 3)) for i in range(3)},
            "kind": {"heading": list(range(0, 12, 2)), "bullet": list(range(1, 12, 2))},
            "length": {"1-10 words": list(range(11)), "11-20 words": [11]},
        }[by]
        assert {label: size for label, (size, _) in groups.items()} == {label: len(rows) for label, rows in members.items()}
        for label, rows in members.items():
            alone = corpus_scores([half[i] for i in rows], [[wanted[i] for i in rows]], bootstrap=100)
            assert groups[label][1] == {name: asdict(score) for name, score in alone.items()}
            figures = [f"{score.value:.2f}{f' ± {score.interval:5.2f}' if len(rows) > 1 else ''}" for score in alone.values()]
            assert re.search(rf"{len(rows)} +{' +'.join(map(re.escape, figures))} +{label}\n", done.text)


class TestMatching:
    def test_records_match_by_id_in_any_order_and_the_rest_is_named(self, tmp_path: Path, run: Run) -> None:
        mine = records(tmp_path / "a.jsonl", ENGLISH)
        shuffled = mine.read_text(encoding="utf-8").splitlines()[:-1]
        Random(0).shuffle(shuffled)
        mine.write_text("\n".join(shuffled) + "\n", encoding="utf-8")
        done = run("evaluate", mine, "--reference", records(tmp_path / "b.jsonl", ENGLISH), "--bootstrap", 0)
        assert "(11 segments)" in done.text
        assert "BLEU    100.00" in done.text
        assert "1 segments have no partner and do not count: u11" in done.err

    def test_numbers_are_ids_too(self, tmp_path: Path, run: Run) -> None:
        for name, order in (("a.jsonl", 1), ("b.jsonl", -1)):
            rows = [json.dumps({"id": i, "en": text}) for i, text in enumerate(ENGLISH)][::order]
            (tmp_path / name).write_text("\n".join(rows), encoding="utf-8")
        done = run("evaluate", tmp_path / "a.jsonl", "--reference", tmp_path / "b.jsonl", "--bootstrap", 0)
        assert "BLEU    100.00" in done.text

    def test_tables_and_the_line_ends_of_other_systems_are_read(self, tmp_path: Path, reference: Path, run: Run) -> None:
        table, windows = tmp_path / "a.tsv", tmp_path / "b.en"
        table.write_text("".join(f"한국어\t{text}\tremark\n" for text in ENGLISH), encoding="utf-8")
        windows.write_bytes(("\ufeff" + "\r\n".join(ENGLISH) + "\r\n").encode())
        done = run("evaluate", table, windows, "--reference", reference, "--bootstrap", 0)
        assert done.text.count("BLEU    100.00") == 2

    def test_folders_match_by_file_and_id(self, tmp_path: Path, run: Run) -> None:
        for name, texts in (("mine", [ENGLISH, GOOD]), ("reference", [ENGLISH, GOOD])):
            for number, part in enumerate(texts):
                records(tmp_path / name / "2026" / f"{number}.jsonl", part)
        done = run("evaluate", tmp_path / "mine", "--reference", tmp_path / "reference", "--bootstrap", 0, "--by", "file")
        assert "(24 segments)" in done.text
        assert re.search(r"12 +100\.00 +100\.00 +2026/0\n", done.text)

    def test_lines_of_different_number_are_refused(
        self, tmp_path: Path, reference: Path, run: Run, refused: Callable[[Result], str]
    ) -> None:
        sentence = refused(run("evaluate", lines(tmp_path / "short.en", ENGLISH[:-1]), "--reference", reference))
        assert "short.en has 11" in sentence
        assert "reference.en has 12" in sentence

    def test_blank_lines_are_segments(self, tmp_path: Path, reference: Path, run: Run) -> None:
        done = run("evaluate", lines(tmp_path / "a.en", ["", *ENGLISH[1:]]), "--reference", reference, "--bootstrap", 0)
        assert "(12 segments)" in done.text

    @pytest.mark.parametrize(
        ("name", "text", "word"),
        [
            ("a.jsonl", '{"id": "u0"}\n', "line 1"),
            ("a.jsonl", "[", "not valid JSON"),
            ("a.jsonl", '{"id": "u0", "target": "a"}\n{"id": "u0", "target": "b"}\n', "u0 occurs twice"),
            ("a.jsonl", '{"id": "x", "target": "a"}\n', "no segment id"),
            ("a.jsonl", '{"id": "u0", "target": "a"}\n{"target": "b"}\n', "line 2: no id"),
            ("a.jsonl", '{"id": "u0", "target": "\\ud83d"}\n', "line 1: half a character"),
            ("a.jsonl", "[1]\n", "line 1: expected a JSON object"),
            ("a.md", "# English\n", "--source"),
            ("missing.en", None, "cannot be read"),
        ],
    )
    def test_what_cannot_be_matched_is_a_sentence(
        self, tmp_path: Path, run: Run, refused: Callable[[Result], str], name: str, text: str | None, word: str
    ) -> None:
        if text is not None:
            (tmp_path / name).write_text(text, encoding="utf-8")
        assert word in refused(run("evaluate", tmp_path / name, "--reference", records(tmp_path / "b.jsonl", ENGLISH)))


def flagged(path: Path, count: int) -> Path:
    """Records of perfect translations, the first `count` of them flagged twice."""
    flags = [{"check": "lost-name", "detail": name} for name in ("Sora", "GPT-4")]
    rows = [{"source": "원문", "target": text, "checks": flags if i < count else []} for i, text in enumerate(ENGLISH)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


class TestBaselineAndGates:
    @pytest.mark.parametrize(
        ("system", "baseline", "words"), [(GOOD, BAD, "significantly better (+"), (BAD, GOOD, "significantly worse (-")]
    )
    def test_a_verdict_in_words(
        self, tmp_path: Path, reference: Path, run: Run, system: Sequence[str], baseline: Sequence[str], words: str
    ) -> None:
        paths = lines(tmp_path / "a.en", system), "--baseline", lines(tmp_path / "b.en", baseline)
        assert words in run("evaluate", *paths, "--reference", reference).text

    def test_the_same_output_is_no_difference(self, tmp_path: Path, reference: Path, run: Run) -> None:
        good = lines(tmp_path / "a.en", GOOD)
        assert "no significant difference (+0.00 BLEU" in run("evaluate", good, "--baseline", good, "--reference", reference).text

    def test_a_floor_holds_and_breaks(self, tmp_path: Path, reference: Path, run: Run) -> None:
        for texts, code in ((GOOD, 0), (BAD, 3)):
            done = run("evaluate", lines(tmp_path / "a.en", texts), "--reference", reference, "--bootstrap", 0, "--fail-under", "bleu=40")
            assert done.code == code, done.err
        assert "BLEU is" in done.err
        assert "at least 40 is asked for" in done.err

    def test_a_drop_is_measured_against_the_baseline(self, tmp_path: Path, reference: Path, run: Run) -> None:
        gate = tmp_path / "gate.yaml"
        gate.write_text("drops: {bleu: 1.0, ter: 1.0}\n", encoding="utf-8")
        good, bad = lines(tmp_path / "good.en", GOOD), lines(tmp_path / "bad.en", BAD)
        options = ("--reference", reference, "--bootstrap", 100, "--gate", gate)
        assert run("evaluate", good, "--baseline", bad, *options).code == 0
        broken = run("evaluate", bad, "--baseline", good, *options)
        assert broken.code == 3
        assert "BLEU lost" in broken.err
        assert "TER lost" in broken.err
        assert "--baseline" in run("evaluate", good, *options).err

    def test_missing_translations_fail_a_gate(self, tmp_path: Path, run: Run) -> None:
        few, all_of_them = records(tmp_path / "a.jsonl", ENGLISH[:2]), records(tmp_path / "b.jsonl", ENGLISH)
        done = run("evaluate", few, "--reference", all_of_them, "--bootstrap", 0, "--fail-under", "bleu=36")
        assert done.code == 3
        assert "10 segments of" in done.err

    def test_the_example_gate_can_be_used(self, tmp_path: Path, reference: Path, run: Run) -> None:
        good = flagged(tmp_path / "good.jsonl", 0)
        gate = Path(__file__).resolve().parents[2] / "configs" / "gates" / "digests.yaml"
        assert run("evaluate", good, "--baseline", good, "--reference", reference, "--gate", gate, "--bootstrap", 100).code == 0

    def test_a_gate_counts_the_segments_that_a_check_flags(self, tmp_path: Path, reference: Path, run: Run) -> None:
        gate = tmp_path / "gate.yaml"
        gate.write_text("flags: {lost-name: 10}", encoding="utf-8")  # of a hundred; here are twelve
        for count, code in ((0, 0), (1, 0), (2, 3)):
            done = run("evaluate", flagged(tmp_path / f"{count}.jsonl", count), "--reference", reference, "--gate", gate, "--bootstrap", 0)
            assert done.code == code
        assert "lost-name flags 16.67 of 100 segments, 10 are allowed" in done.err

    def test_a_gate_on_flags_needs_records(self, tmp_path: Path, reference: Path, run: Run) -> None:
        gate = tmp_path / "gate.yaml"
        gate.write_text("flags: {lost-name: 10}", encoding="utf-8")
        unchecked = [json.dumps({"source": "원문", "target": text}) for text in ENGLISH]
        for given in (lines(tmp_path / "a.en", ENGLISH), lines(tmp_path / "a.jsonl", unchecked)):
            done = run("evaluate", given, "--reference", reference, "--gate", gate, "--bootstrap", 0)
            assert done.code == 2
            assert "only records have" in done.err

    def test_missing_translations_fail_a_gate_on_flags_too(self, tmp_path: Path, run: Run) -> None:
        gate = tmp_path / "gate.yaml"
        gate.write_text("flags: {lost-name: 100}", encoding="utf-8")
        rows = [{"id": str(i), "source": "원문", "target": text, "checks": []} for i, text in enumerate(ENGLISH)]
        few, whole = (lines(tmp_path / name, map(json.dumps, some)) for name, some in (("a.jsonl", rows[:2]), ("b.jsonl", rows)))
        done = run("evaluate", few, "--reference", whole, "--gate", gate, "--bootstrap", 0)
        assert done.code == 3
        assert "10 segments of" in done.err

    @pytest.mark.parametrize("command", ["evaluate", "compare"])
    def test_a_comet_model_is_for_comet(
        self, tmp_path: Path, reference: Path, run: Run, refused: Callable[[Result], str], command: str
    ) -> None:
        paths = lines(tmp_path / "a.en", GOOD), lines(tmp_path / "b.en", BAD)
        assert "--metric comet" in refused(run(command, *paths, "--reference", reference, "--comet-model", "any"))

    def test_one_segment_proves_nothing(self, tmp_path: Path, run: Run) -> None:
        paths = lines(tmp_path / "a.en", ENGLISH[:1]), "--baseline", lines(tmp_path / "b.en", ["Nothing of it."])
        assert "p = 1.000" in run("evaluate", *paths, "--reference", lines(tmp_path / "r.en", ENGLISH[:1])).text

    @pytest.mark.parametrize(
        ("text", "word"),
        [
            ("", "asks for nothing"),
            ("floors: {bleu: .nan}", "nan"),
            ("floors: 36", "{bleu: 36.0}"),
            ("floors: {bleu: x}", "floors.bleu: 'x' was given, allowed is a number"),
            ("floors: {rouge: 1.0}", "'rouge'"),
            ("flags: {nonsense: 1.0}", "'nonsense'"),
            ("flags: {low-score: 0.0}", "translator check"),
        ],
    )
    def test_a_gate_that_could_not_fail_is_refused(
        self, tmp_path: Path, reference: Path, run: Run, refused: Callable[[Result], str], text: str, word: str
    ) -> None:
        gate = tmp_path / "gate.yaml"
        gate.write_text(text, encoding="utf-8")
        assert word in refused(run("evaluate", lines(tmp_path / "a.en", GOOD), "--reference", reference, "--gate", gate))

    @pytest.mark.parametrize(
        ("arguments", "word"),
        [
            (("--fail-under", "bleu"), "bleu=25"),
            (("--fail-under", "rouge=3"), "'rouge'"),
            (("--fail-under", "bleu=nan"), "nan"),
            (("--bootstrap", "20"), "fewer than 100"),
            (("--gate", "nowhere.yaml"), "nowhere.yaml"),
        ],
    )
    def test_mistakes_are_sentences(
        self, tmp_path: Path, reference: Path, run: Run, refused: Callable[[Result], str], arguments: tuple[str, str], word: str
    ) -> None:
        assert word in refused(run("evaluate", lines(tmp_path / "a.en", GOOD), "--reference", reference, *arguments))


class TestCompare:
    def test_systems_are_ranked_with_groups(self, tmp_path: Path, reference: Path, run: Run) -> None:
        paths = [lines(tmp_path / f"{name}.en", texts) for name, texts in (("bad", BAD), ("good", GOOD), ("same", GOOD))]
        for metric in ("bleu", "ter"):
            done = run("compare", *paths, "--reference", reference, "--bootstrap", 200, "--metric", metric)
            rows = [line.split() for line in done.text.splitlines()[1:4]]
            assert [Path(row[1]).stem for row in rows] == ["good", "same", "bad"], metric
            assert [row[-1] for row in rows][:2] == ["1", "1.000"]
            assert [row[-2] for row in rows][1:] == ["1", "2"]
            assert float(rows[2][-1]) < 0.05

    def test_segments_that_do_not_count_are_named_and_a_system_comes_once(
        self, tmp_path: Path, run: Run, refused: Callable[[Result], str]
    ) -> None:
        some, others, wanted = (records(tmp_path / f"{n}.jsonl", ENGLISH[:k]) for n, k in (("a", 8), ("b", 9), ("c", 12)))
        done = run("compare", some, others, "--reference", wanted, "--bootstrap", 100)
        assert "8 segments." in done.text
        assert "c.jsonl: 4 segments have no partner" in done.err
        assert "given twice" in refused(run("compare", some, some, "--reference", wanted))

    @pytest.mark.skipif(not FLORES.is_dir(), reason=f"the FLORES-200 outputs are not at {FLORES}")
    def test_seven_published_systems_have_their_published_scores_and_order(self, tmp_path: Path, run: Run) -> None:
        published = {name: row["bleu"] for name, row in json.loads((FLORES / "published.json").read_text(encoding="utf-8")).items()}
        paths = [FLORES / f"flores-dev.{name}.en" for name in published]
        out = tmp_path / "out.json"
        assert run("evaluate", *paths, "-r", FLORES / "flores-dev.ref.en", "--metric", "bleu", "--bootstrap", 0, "--json", out).code == 0
        found = {Path(s["name"]).stem.split(".")[1]: s["scores"]["bleu"]["value"] for s in json.loads(out.read_text())["systems"]}
        assert found == pytest.approx(published, abs=0.1)
        ranks = run("compare", *paths, "-r", FLORES / "flores-dev.ref.en", "--bootstrap", 300).text.splitlines()[1:-2]
        names = [line.split()[1].split("flores-dev.")[1].removesuffix(".en") for line in ranks]
        assert names == ["google", "microsoft", "bergamot-base", "bergamot-base-memory", "nllb", "opusmt", "argos"]
        assert [int(line.split()[-2 if number else -1]) for number, line in enumerate(ranks)] == [1, 1, 2, 3, 4, 5, 6]


def test_the_exit_code_of_a_gate_is_its_own(tmp_path: Path, reference: Path) -> None:
    """Scripts tell a failed gate (3) from a mistake (2)."""
    import subprocess
    import sys

    bad = lines(tmp_path / "bad.en", BAD)
    gate = ("--fail-under", "bleu=99", "--bootstrap", "0")
    command = [sys.executable, "-m", "translator", "evaluate", str(bad), "-r", str(reference), *gate]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
