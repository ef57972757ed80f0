"""Whole runs of the tiny configuration: what they learn, what they leave behind, being killed and going on."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.conftest import FORTY_KOREAN, KOREAN, Result, Run
from tests.training.conftest import REPOSITORY, Configure
from translator.engine import Decoding, EngineOptions, load_engine
from translator.training.corpus import read_pairs
from translator.training.held_out import carried_by, fingerprint
from translator.training.run_state import load_state

DEV = REPOSITORY / "examples" / "train" / "tiny.dev.tsv"
TRAIN = REPOSITORY / "examples" / "train" / "tiny.train.tsv"


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A current folder with a file of one pair, and one of pairs that all share their English."""
    (tmp_path / "two.tsv").write_text("좋은 모델이다.\tIt is a good model.\n", encoding="utf-8")
    (tmp_path / "same.tsv").write_text("".join(f"{text}\tThe same answer.\n" for text in KOREAN), encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def weights(run: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (run / "model").glob("*.safetensors")}


def log(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "log.jsonl").read_text(encoding="utf-8").splitlines()]


def few(path: Path, folder: Path, count: int) -> Path:
    target = folder / path.name
    target.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:count]), encoding="utf-8")
    return target


class TestTinyRun:
    def test_it_translates_held_out_sentences_of_its_pattern_to_the_letter(self, tiny_run: Path, run: Run) -> None:
        pairs = read_pairs(DEV)
        assert not {pair.source for pair in pairs} & {pair.source for pair in read_pairs(TRAIN)}
        done = run("lines", "--model", tiny_run / "model", stdin="\n".join(pair.source for pair in pairs).encode())
        assert done.text.splitlines() == [pair.target for pair in pairs]

    @pytest.mark.parametrize("engine", ["ctranslate2", "transformers"])
    def test_both_engines_take_the_checkpoint(self, tiny_run: Path, engine: str) -> None:
        loaded = load_engine(EngineOptions(str(tiny_run / "model"), engine=engine, compute_type="float32", threads=1))  # type: ignore[arg-type]
        pairs = read_pairs(DEV)[:5]
        found = loaded.translate([pair.source for pair in pairs], Decoding(beam_size=4))
        assert [hypotheses[0].text for hypotheses in found] == [pair.target for pair in pairs]
        loaded.close()

    def test_the_report_holds_scores_with_intervals_and_signatures(self, tiny_run: Path) -> None:
        report = json.loads((tiny_run / "report.json").read_text(encoding="utf-8"))
        [result] = report["results"]
        assert set(result["scores"]) == {"float32", "int8"}
        assert result["scores"]["int8"]["bleu"]["value"] == pytest.approx(100.0)
        assert "bs:1000" in result["scores"]["int8"]["chrf++"]["signature"]
        assert report["steps"] == 400
        assert report["data"]["files"][0]["kept"] == 1200

    def test_the_loss_falls_and_the_source_comes_to_matter(self, tiny_run: Path) -> None:
        rows = [row for row in log(tiny_run) if "loss" in row]
        assert rows[-1]["loss"] < rows[0]["loss"] / 2
        assert rows[-1]["source_gap"] > 0.5

    def test_the_card_says_what_it_is(self, tiny_run: Path) -> None:
        card = (tiny_run / "model" / "README.md").read_text(encoding="utf-8")
        for words in ("# tiny", "Apache-2.0", "tiny.train.tsv", "100.00", "tok:13a", "learning_rate: 0.002", "400 steps"):
            assert words in card, words

    def test_the_curves_are_a_picture_and_the_events_are_tensorboards(self, tiny_run: Path) -> None:
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

        assert (tiny_run / "curves.png").read_bytes().startswith(b"\x89PNG")
        events = EventAccumulator(str(tiny_run / "tensorboard"))
        events.Reload()
        scored = [(row["step"], row["bleu"]) for row in log(tiny_run) if "bleu" in row]
        assert [(event.step, pytest.approx(event.value, rel=1e-4)) for event in events.Scalars("bleu")] == scored

    def test_the_model_carries_the_hashes_of_what_it_was_evaluated_on(self, tiny_run: Path) -> None:
        assert fingerprint(read_pairs(DEV)[0].source) in carried_by(tiny_run / "model")

    def test_it_cannot_be_fine_tuned_on_what_it_was_evaluated_on(
        self, tiny_run: Path, tmp_path: Path, run: Run, refused: Callable[[Result], str]
    ) -> None:
        done = run("finetune", "--model", tiny_run / "model", "--data", DEV, "--output", tmp_path / "run")
        assert "in an evaluation set 60" in refused(done)

    def test_a_run_is_not_begun_anew_over_another(
        self, tiny_run: Path, configure: Configure, run: Run, refused: Callable[[Result], str]
    ) -> None:
        assert "--resume" in refused(run("train", configure(), "--output", tiny_run))

    def test_other_settings_do_not_resume_it(
        self, tiny_run: Path, configure: Configure, run: Run, refused: Callable[[Result], str]
    ) -> None:
        config = configure(optimisation__learning_rate=1e-4)
        assert "optimisation.learning_rate" in refused(run("train", config, "--output", tiny_run, "--resume"))

    def test_other_data_does_not_resume_it(
        self, tiny_run: Path, configure: Configure, tmp_path: Path, run: Run, refused: Callable[[Result], str]
    ) -> None:
        few(TRAIN, tmp_path, 50)
        few(DEV, tmp_path, 60)
        config = configure(data_folder=str(tmp_path))
        assert "other data" in refused(run("train", config, "--output", tiny_run, "--resume"))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_that_was_stopped_goes_on_to_the_same_weights(
    number: int, tiny_run: Path, configure: Configure, tmp_path: Path, run: Run
) -> None:
    config, folder = configure(save_minutes=0.005), tmp_path / "run"
    command = [sys.executable, "-m", "translator", "train", str(config)]
    process = subprocess.Popen(command, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    state = folder / "state.pt"
    deadline = time.monotonic() + 300
    while not state.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.5)
    process.send_signal(number)
    _, err = process.communicate()
    if number == signal.SIGTERM:
        assert process.returncode == 130
        assert "--resume" in err
        assert "Traceback" not in err
    assert not (folder / "model").exists()
    done = run("train", config, "--resume")
    assert done.code == 0, done.err
    assert weights(folder) == weights(tiny_run)
    assert [row for row in log(folder) if "bleu" in row][-1]["bleu"] == [row for row in log(tiny_run) if "bleu" in row][-1]["bleu"]


RICH = {
    "optimisation__dropout": 0.2, "optimisation__sampling": 0.5, "optimisation__accumulate": 2, "optimisation__cooldown": 0.0,
    "optimisation__batch_tokens": 400, "augmentation": {"spacing": 0.3, "joined": 0.3, "final_stop": 0.3, "labels": 0.2},
    "evaluation": {"every_steps": 4, "beam_size": 1, "patience": 9},
}  # fmt: skip


@pytest.mark.parametrize("change", [{}, {"blend": 0.6}, {"lora": {"rank": 4}}], ids=["scratch", "blended", "adapters"])
def test_all_that_is_random_goes_on_where_it_was(
    change: dict[str, Any], configure: Configure, tmp_path: Path, run: Run, tiny_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("translator.training.batches._CHUNK", 100)
    rich = {**RICH, **({"init": str(tiny_run / "model"), "optimisation__blend": change.get("blend", 1.0)} if change else {})}
    rich |= {"lora": change["lora"]} if "lora" in change else {}
    for folder, steps in (("whole", (10,)), ("parts", (5, 10))):
        for number, last in enumerate(steps):
            arguments = ["--output", tmp_path / folder, *(["--resume"] if number else [])]
            done = run("train", configure(**rich, optimisation__max_steps=last), *arguments)
            assert done.code == 0, done.err
    parts, whole = load_state(tmp_path / "parts"), load_state(tmp_path / "whole")
    for name in ("weights", "average"):
        for key, tensor in getattr(whole, name).items():
            assert torch.equal(getattr(parts, name)[key], tensor), (name, key)
    assert (parts.counts.position, parts.counts.pairs) == (whole.counts.position, whole.counts.pairs)


def test_a_finished_run_stays_finished(configure: Configure, tmp_path: Path, run: Run) -> None:
    slow = {"optimisation__learning_rate": 1e-9, "evaluation__every_steps": 5, "evaluation__patience": 2}
    config = configure(**slow)
    assert run("train", config).code == 0
    before = log(tmp_path / "run"), weights(tmp_path / "run")
    assert run("train", config, "--resume").code == 0
    assert (log(tmp_path / "run"), weights(tmp_path / "run")) == before
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(tmp_path / "run" / "tensorboard"))
    events.Reload()
    assert [event.step for event in events.Scalars("bleu")] == [row["step"] for row in before[0] if "bleu" in row]


def test_a_model_that_is_already_there_is_not_overwritten(
    configure: Configure, tmp_path: Path, run: Run, refused: Callable[[Result], str]
) -> None:
    mine = tmp_path / "run" / "model" / "notes.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    assert "model exists" in refused(run("train", configure()))
    assert mine.read_text() == "mine"


def test_a_refused_resume_leaves_the_record_of_the_run(
    tiny_run: Path, configure: Configure, run: Run, refused: Callable[[Result], str]
) -> None:
    before = (tiny_run / "settings.yaml").read_bytes(), (tiny_run / "data.json").read_bytes()
    refused(run("train", configure(optimisation__learning_rate=1e-4), "--output", tiny_run, "--resume"))
    assert ((tiny_run / "settings.yaml").read_bytes(), (tiny_run / "data.json").read_bytes()) == before


def test_a_run_that_failed_early_leaves_no_vocabulary_for_the_next(configure: Configure, tmp_path: Path, run: Run) -> None:
    quick = {"optimisation__max_steps": 1, "evaluation": {"beam_size": 1}}
    assert run("train", configure(**quick, optimisation__max_tokens=8)).code == 2  # after the vocabulary is made
    assert run("train", configure(**quick, tokenizer__vocab_size=340)).code == 0
    assert len(json.loads((tmp_path / "run" / "model" / "vocab.json").read_text(encoding="utf-8"))) == 340


def test_a_first_model_that_starts_from_something_is_made_to_start_from_zero(
    tiny_run: Path, configure: Configure, tmp_path: Path, run: Run
) -> None:
    from safetensors.torch import load_file, save_file

    first = tmp_path / "first"
    shutil.copytree(tiny_run / "model", first)
    state = load_file(first / "model.safetensors")
    state["model.shared.weight"][-1] = 0.5
    save_file(state, first / "model.safetensors", metadata={"format": "pt"})
    config = configure(init=str(first), optimisation__blend=0.5, optimisation__max_steps=2)
    done = run("train", config)
    assert done.code == 0, done.err
    assert load_file(tmp_path / "run" / "model" / "model.safetensors")["model.shared.weight"][-1].abs().max() == 0


def test_a_loss_that_is_no_number_ends_the_run_and_keeps_the_state(
    tiny_run: Path, configure: Configure, tmp_path: Path, run: Run, refused: Callable[[Result], str]
) -> None:
    wild = {"optimisation__learning_rate": 1.0, "optimisation__warmup_steps": 0, "optimisation__gradient_clip": 1e30}
    config = configure(init=str(tiny_run / "model"), **wild, optimisation__weight_decay=1e30, optimisation__max_steps=5)
    assert "learning_rate" in refused(run("train", config))
    assert not (tmp_path / "run" / "model").exists()


def test_there_must_be_a_run_to_resume(configure: Configure, run: Run, refused: Callable[[Result], str]) -> None:
    assert "no run to resume" in refused(run("train", configure(), "--resume"))


def test_a_damaged_state_is_a_sentence(configure: Configure, tmp_path: Path, run: Run, refused: Callable[[Result], str]) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "state.pt").write_bytes(b"half a fi")
    assert "state.pt cannot be read" in refused(run("train", configure(), "--resume"))


def test_a_second_run_in_the_same_folder_is_kept_out(
    configure: Configure, tmp_path: Path, run: Run, refused: Callable[[Result], str]
) -> None:
    from filelock import FileLock

    (tmp_path / "run").mkdir()
    with FileLock(tmp_path / "run" / ".lock"):
        assert "another run" in refused(run("train", configure()))


def test_the_output_may_not_be_a_file(configure: Configure, tmp_path: Path, run: Run, refused: Callable[[Result], str]) -> None:
    (tmp_path / "run").write_text("mine", encoding="utf-8")
    assert "is a file; name a folder" in refused(run("train", configure()))
    assert (tmp_path / "run").read_text(encoding="utf-8") == "mine"


def test_minutes_end_a_run_with_an_evaluated_model(configure: Configure, tmp_path: Path, run: Run) -> None:
    done = run("train", configure(optimisation__max_steps=None), "--max-minutes", "0.02")
    assert done.code == 0, done.err
    report = json.loads((tmp_path / "run" / "report.json").read_text(encoding="utf-8"))
    assert 0.02 <= report["minutes"] < 0.1
    assert (tmp_path / "run" / "model" / "config.json").exists()
    assert "the model:" in done.err


def test_a_run_stops_early_when_nothing_is_gained(configure: Configure, tmp_path: Path, run: Run) -> None:
    slow = {"optimisation__learning_rate": 1e-9, "evaluation__every_steps": 5, "evaluation__patience": 2}
    assert run("train", configure(**slow)).code == 0
    assert log(tmp_path / "run")[-1]["step"] <= 25


def test_the_best_weights_are_kept_not_the_last(configure: Configure, tmp_path: Path, run: Run, tiny_run: Path) -> None:
    """Fine-tuned on shuffled targets, the model gets worse: the evaluation before the damage is the one to keep."""
    pairs = read_pairs(TRAIN)[:200]
    wrong = tmp_path / "wrong.tsv"
    wrong.write_text("".join(f"{a.source}\t{b.target}\n" for a, b in pairwise(pairs)), encoding="utf-8")
    bad = {"init": str(tiny_run / "model"), "data": [{"file": str(wrong)}], "evaluation__every_steps": 1}
    assert run("train", configure(**bad, optimisation__max_steps=60, optimisation__ema_decay=0.0)).code == 0
    scores = [row["bleu"] for row in log(tmp_path / "run") if "bleu" in row]
    report = json.loads((tmp_path / "run" / "report.json").read_text(encoding="utf-8"))
    assert scores[-1] < max(scores)
    assert report["results"][0]["scores"]["int8"]["bleu"]["value"] == pytest.approx(max(scores), abs=0.5)


class TestFinetune:
    def test_a_new_domain_is_learnt_and_the_change_is_told(self, tiny_run: Path, tmp_path: Path, run: Run) -> None:
        """The tiny model knows `changes`; its new users say `alters`."""
        pairs = [pair for pair in read_pairs(TRAIN) if "바꾼다" in pair.source][:80]
        train, test = tmp_path / "corrections.jsonl", tmp_path / "test.tsv"
        rows = [(pair.source, pair.target.replace("changes", "alters")) for pair in pairs]
        train.write_text("".join(json.dumps({"source": s, "target": t}) + "\n" for s, t in rows[:60]), encoding="utf-8")
        test.write_text("".join(f"{s}\t{t}\n" for s, t in rows[60:]), encoding="utf-8")
        config = tmp_path / "config.yaml"
        config.write_text("optimisation: {learning_rate: 0.001, max_epochs: 40, batch_tokens: 300, ema_decay: 0.9, blend: 0.9}\n")
        where = ("--output", tmp_path / "run", "--name", "altered", "--config", config)
        done = run("finetune", "--model", tiny_run / "model", "--data", train, "--test", test, *where)
        assert done.code == 0, done.err
        report = json.loads((tmp_path / "run" / "report.json").read_text(encoding="utf-8"))
        change = report["results"][1]["change"]["bleu"]
        assert change["system"] > change["baseline"]
        assert "(p = " in done.err
        assert (tmp_path / "run" / "model" / "README.md").read_text(encoding="utf-8").startswith("# altered")

    def test_adapters_of_a_multilingual_model_learn_and_are_merged(self, tiny_nllb: Path, tmp_path: Path, run: Run) -> None:
        data, config = tmp_path / "pairs.tsv", tmp_path / "config.yaml"
        data.write_text("".join(f"{korean}\tThe answer.\n" for korean in FORTY_KOREAN), encoding="utf-8")
        config.write_text(
            "lora: {rank: 8, dropout: 0.0}\nfilters: {numbers_agree: false}\nsource_language: kor_Hang\ntarget_language: eng_Latn\n"
            "optimisation: {learning_rate: 0.02, warmup_steps: 0, max_steps: 40, batch_tokens: 400, ema_decay: 0.5}\n", encoding="utf-8"
        )  # fmt: skip
        done = run("finetune", "--model", tiny_nllb, "--config", config, "--data", data, "--output", tmp_path / "run")
        assert done.code == 0, done.err
        loaded = load_engine(EngineOptions(str(tmp_path / "run" / "model"), device="cpu", threads=1))
        [[found]] = loaded.translate(["로봇은 긴 문서를 요약한다."], Decoding(beam_size=2))
        assert found.text == "The answer."
        loaded.close()

    @pytest.mark.usefixtures("elsewhere")
    @pytest.mark.parametrize(
        ("arguments", "word"),
        [
            (("--data", "nothing.tsv", "--output", "out"), "nothing.tsv"),
            (("--output", "out"), "--data"),
            (("--data", str(TRAIN)), "--output"),
            (("--data", str(TRAIN), "--output", "out", "--model", "./nowhere"), "nowhere"),
            (("--data", str(TRAIN), "--output", "out", "--max-minutes", "0"), "max_minutes"),
            (("--data", "two.tsv", "--output", "out"), "too few"),
            (("--data", "same.tsv", "--output", "out"), "nothing is left"),
        ],
    )
    def test_mistakes_are_sentences(self, arguments: tuple[str, ...], word: str, run: Run, refused: Callable[[Result], str]) -> None:
        assert word in refused(run("finetune", *arguments))
