"""COMET as a metric: its own scores, through a process of another environment.

What the command makes of the answers is tested with a small package in COMET's place, in an environment of its own; the figures
with COMET itself, where TRANSLATOR_COMET_PYTHON names an interpreter that has it.
"""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.conftest import ENGLISH, KOREAN, Result, Run
from translator.quality.comet import Comet, comet_statistics

REAL = os.environ.get("TRANSLATOR_COMET_PYTHON")
GOOD = tuple(text.replace(" the ", " a ") for text in ENGLISH)
IN_ITS_PLACE = """
from types import SimpleNamespace

print("libraries print what they like")


class Judge:
    hparams = {}

    def __init__(self, free):
        self.free = free

    def requires_references(self):
        return not self.free

    def predict(self, samples, batch_size, gpus, num_workers, progress_bar):
        wanted = ("mt", "src") if self.free else ("mt", "ref", "src")
        assert all(sorted(sample) == sorted(wanted) for sample in samples)
        print(len(samples), "segments")
        scores = []
        for sample in samples:
            said = set(sample["mt"].split())
            if "crash" in said:
                raise SystemExit("Killed")
            known = {sample["src"]} if self.free else set(sample["ref"].split())
            scores.append(len(said & known) / max(1, len(said | known)))
        return SimpleNamespace(scores=scores)


def load_from_checkpoint(path, local_files_only):
    text = open(path).read()
    if "judge" not in text:
        raise KeyError("state_dict")
    return Judge("free" in text)
"""


@pytest.fixture(autouse=True)
def _no_comet_of_the_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRANSLATOR_COMET_PYTHON", raising=False)


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that has a `comet` whose scores are the share of words in common."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=os.name != "nt")
    [packages] = [*folder.glob("lib/python*/site-packages"), *folder.glob("Lib/site-packages")]
    (packages / "comet").mkdir()
    (packages / "comet" / "__init__.py").write_text(IN_ITS_PLACE, encoding="utf-8")
    (packages / "unbabel_comet-9.8.7.dist-info").mkdir()
    (packages / "unbabel_comet-9.8.7.dist-info" / "METADATA").write_text("Name: unbabel-comet\nVersion: 9.8.7\n", encoding="utf-8")
    return folder / ("Scripts" if os.name == "nt" else "bin") / "python"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "judge.ckpt"
    path.write_text("a judge", encoding="utf-8")
    return path


def lines(path: Path, texts: Sequence[str]) -> Path:
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    return path


def overlap(one: str, other: str) -> float:
    return 100 * len(set(one.split()) & set(other.split())) / len(set(one.split()) | set(other.split()))


class TestFigures:
    def test_a_system_has_the_mean_of_its_segments_an_interval_and_a_verdict(
        self, tmp_path: Path, python: Path, model: Path, run: Run
    ) -> None:
        system, source, reference = (lines(tmp_path / n, t) for n, t in (("a.en", GOOD), ("a.ko", KOREAN), ("r.en", ENGLISH)))
        before, out = lines(tmp_path / "b.en", ENGLISH[::-1]), tmp_path / "out.json"
        options = ("--metric", "comet", "--metric", "bleu", "--comet-model", model, "--comet-python", python, "--source", source)
        done = run("evaluate", system, "--reference", reference, "--baseline", before, *options, "--json", out, "--by", "length")
        assert done.code == 0, done.err
        [found] = json.loads(out.read_text(encoding="utf-8"))["systems"]
        wanted = [overlap(*pair) for pair in zip(GOOD, ENGLISH, strict=True)]
        assert list(found["segment_scores"]["comet"].values()) == pytest.approx(wanted)
        assert found["scores"]["comet"]["value"] == pytest.approx(sum(wanted) / 12)
        assert 0 < found["scores"]["comet"]["interval"] < 20
        assert found["changes"]["comet"]["p_value"] < 0.05
        assert "significantly better (+" in next(line for line in done.text.splitlines() if "COMET" in line)
        assert found["groups"]["1-10 words"][1]["comet"]["value"] == pytest.approx(sum(wanted) / 12)
        assert found["scores"]["comet"]["signature"] == f"nrefs:1|bs:1000|seed:12345|model:{model}|kind:Judge|scale:100|version:9.8.7"

    def test_the_same_text_has_the_same_score_in_every_system_and_is_judged_once(self, python: Path, model: Path) -> None:
        told: list[int] = []

        class Bar:
            def __init__(self, total: int, counted: str) -> None:
                told.append(total)

            def __enter__(self) -> Callable[[int], object]:
                return told.append

            def __exit__(self, *_: object) -> None:
                pass

        systems = [GOOD, [*GOOD[:6], *ENGLISH[6:]]]
        one, other = comet_statistics(Comet(str(model), python), systems, KOREAN, ENGLISH, Bar)
        assert one.rows[:6].tolist() == other.rows[:6].tolist()
        different = len({*zip(GOOD, KOREAN, strict=True), *zip(systems[1], KOREAN, strict=True)})
        assert told == [different, different]

    def test_a_reference_free_model_needs_no_reference_and_does_not_see_any(
        self, tmp_path: Path, python: Path, model: Path, run: Run
    ) -> None:
        model.write_text("a free judge", encoding="utf-8")
        rows = [
            json.dumps({"id": i, "source": ko, "target": f"{ko.split()[0]} {en}"})
            for i, (ko, en) in enumerate(zip(KOREAN, GOOD, strict=True))
        ]
        system = lines(tmp_path / "a.jsonl", rows)
        options = ("--metric", "comet", "--comet-model", model, "--comet-python", python)
        alone = run("evaluate", system, *options)
        assert alone.code == 0, alone.err
        assert "nrefs:0|" in alone.text
        assert run("evaluate", system, "--reference", system, *options).text == alone.text

    def test_systems_are_ranked_by_it_and_gates_know_it(self, tmp_path: Path, python: Path, model: Path, run: Run) -> None:
        tables = [
            lines(tmp_path / f"{name}.tsv", [f"{ko}\t{en}" for ko, en in zip(KOREAN, texts, strict=True)])
            for name, texts in (("bad", ENGLISH[::-1]), ("good", GOOD), ("reference", ENGLISH))
        ]
        options = ("--reference", tables[2], "--metric", "comet", "--comet-model", model, "--comet-python", python)
        ranked = run("compare", *tables[:2], *options)
        assert [Path(line.split()[1]).stem for line in ranked.text.splitlines()[1:3]] == ["good", "bad"]
        assert run("evaluate", tables[0], *options, "--fail-under", "comet=60").code == 3

    @pytest.mark.skipif(REAL is None, reason="TRANSLATOR_COMET_PYTHON names no interpreter with COMET")
    def test_they_are_those_of_comet_itself(self, tmp_path: Path, run: Run) -> None:
        assert REAL
        triples = [{"src": s, "mt": m, "ref": r} for s, m, r in zip(KOREAN, GOOD[::-1], ENGLISH, strict=True)]
        maker = Path(__file__).with_name("tiny_comet.py")
        made = subprocess.run([REAL, "-I", maker, tmp_path], input=json.dumps(triples), capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stderr
        files = [lines(tmp_path / key, [triple[key] for triple in triples]) for key in ("src", "mt", "ref")]
        for kind, reference in (("da", ("--reference", files[2])), ("qe", ())):
            options = ("--metric", "comet", "--comet-model", tmp_path / kind, "--comet-python", REAL, "--json", tmp_path / "out.json")
            done = run("evaluate", files[1], "--source", files[0], *reference, *options)
            assert done.code == 0, done.err
            [found] = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["systems"]
            own = [100 * score for score in json.loads((tmp_path / kind / "scores.json").read_text(encoding="utf-8"))]
            assert len({round(score, 2) for score in own}) > 6
            assert list(found["segment_scores"]["comet"].values()) == pytest.approx(own, abs=1e-3)
            assert found["scores"]["comet"]["value"] == pytest.approx(sum(own) / len(own), abs=1e-3)


class TestWhatIsMissing:
    @pytest.fixture
    def evaluate(self, tmp_path: Path, run: Run) -> Callable[..., Result]:
        system, source, reference = (lines(tmp_path / n, t) for n, t in (("a.en", GOOD), ("a.ko", KOREAN), ("r.en", ENGLISH)))

        def evaluated(*options: str | Path, text: Path = system, given: Sequence[str | Path] = ("-r", reference)) -> Result:
            return run("evaluate", text, *given, "--source", source, "--metric", "comet", *options)

        return evaluated

    def test_comet_is_not_installed(self, evaluate: Callable[..., Result], refused: Callable[[Result], str]) -> None:
        sentence = refused(evaluate())
        assert "pip install 'unbabel-comet" in sentence
        assert "TRANSLATOR_COMET_PYTHON" in sentence
        assert "pip install 'unbabel-comet" in refused(evaluate("--comet-python", sys.executable))

    def test_there_is_no_such_interpreter(
        self, tmp_path: Path, evaluate: Callable[..., Result], refused: Callable[[Result], str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TRANSLATOR_COMET_PYTHON", str(tmp_path / "none"))
        assert "none, cannot be run" in refused(evaluate())

    def test_the_model_is_not_here_or_is_none(
        self, tmp_path: Path, python: Path, evaluate: Callable[..., Result], refused: Callable[[Result], str]
    ) -> None:
        sentence = refused(evaluate("--comet-python", python))
        assert "no COMET model Unbabel/wmt22-comet-da on this machine; where there is a network: " in sentence
        other = lines(tmp_path / "other.ckpt", ["something else"])
        assert "cannot be loaded (KeyError: 'state_dict')" in refused(evaluate("--comet-python", python, "--comet-model", other))

    def test_a_reference_that_the_model_needs(
        self, python: Path, model: Path, evaluate: Callable[..., Result], refused: Callable[[Result], str]
    ) -> None:
        sentence = refused(evaluate("--comet-python", python, "--comet-model", model, given=()))
        assert "give --reference, or a reference-free --comet-model" in sentence

    def test_other_metrics_need_references_and_comet_one(
        self, tmp_path: Path, evaluate: Callable[..., Result], refused: Callable[[Result], str]
    ) -> None:
        assert "--reference FILE is missing" in refused(evaluate("--metric", "bleu", given=()))
        other = tmp_path / "r.en"
        assert "one reference" in refused(evaluate("-r", other))

    def test_the_source(self, tmp_path: Path, run: Run, refused: Callable[[Result], str]) -> None:
        system = lines(tmp_path / "a.en", GOOD)
        assert "segment 1: no file says" in refused(run("evaluate", system, "-r", system, "--metric", "comet"))

    def test_a_process_that_dies_is_told_of(
        self, tmp_path: Path, python: Path, model: Path, evaluate: Callable[..., Result], refused: Callable[[Result], str]
    ) -> None:
        crashing = lines(tmp_path / "c.en", ["crash", *GOOD[1:]])
        sentence = refused(evaluate("--comet-python", python, "--comet-model", model, text=crashing))
        assert "exit code 1" in sentence
        assert sentence.endswith("Killed")
