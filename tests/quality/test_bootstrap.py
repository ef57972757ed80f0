"""The bootstrap's figures are those of sacreBLEU's own, to the last digit, and do not depend on how a corpus is cut."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.metrics.ter import TER
from sacrebleu.significance import PairedTest

from tests.conftest import ENGLISH
from translator.quality import metrics as quality_metrics
from translator.quality.bootstrap import resample
from translator.quality.metrics import compare, corpus_scores, measure, segment_statistics

WORDS = ("the", "robot", "reads", "three", "papers", "quickly", ",", "(12.5%)", "언어", "diffusion-based")
METRICS = ("bleu", "chrf++", "chrf", "ter")
TEXTS = st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join)


def of_sacrebleu(systems: Sequence[Sequence[str]], references: Sequence[Sequence[str]], samples: int) -> dict[str, tuple[str, list]]:
    """Signature and results of PairedTest by this project's names of metrics."""
    made = {"bleu": BLEU(references=references), "chrf++": CHRF(word_order=2, references=references)}
    made |= {"chrf": CHRF(references=references), "ter": TER(references=references)}
    found = {}
    for name, metric in made.items():
        named = [(f"system {number}", list(texts)) for number, texts in enumerate(systems)]
        signatures, results = PairedTest(named, {name: metric}, None, test_type="bs", n_samples=samples)()
        [(title, signature)] = signatures.items()
        found[name] = str(signature), results[title]
    return found


@settings(max_examples=25)
@given(
    st.integers(1, 3).flatmap(lambda nrefs: st.lists(st.tuples(*[TEXTS] * (2 + nrefs)), min_size=1, max_size=12)),
    st.integers(1, 120),
)
def test_figures_are_those_of_sacrebleus_paired_test(rows: list[tuple[str, ...]], samples: int) -> None:
    baseline, system, *references = [list(texts) for texts in zip(*rows, strict=True)]
    wanted = of_sacrebleu([baseline, system], references, samples)
    changes = compare(baseline, system, references, metrics=METRICS, bootstrap=samples)
    for texts, place in ((baseline, 0), (system, 1)):
        for name, score in corpus_scores(texts, references, metrics=METRICS, bootstrap=samples).items():
            signature, results = wanted[name]
            assert (score.value, score.interval) == (results[place].score, results[place].ci)
            assert score.signature == signature
    for name, change in changes.items():
        first, second = wanted[name][1]
        assert (change.baseline, change.system) == (first.score, second.score)
        assert change.p_value == max(second.p_value if first.score != second.score else 1.0, 2.0 ** (1 - len(rows)))


@pytest.mark.parametrize("together", [1, 5, 7])
def test_how_many_segments_are_counted_together_changes_nothing(together: int, monkeypatch: pytest.MonkeyPatch) -> None:
    worse = [" ".join(sorted(text.split())) for text in ENGLISH]
    whole = corpus_scores(worse, [ENGLISH, worse[::-1]], metrics=METRICS, bootstrap=100)
    monkeypatch.setattr(quality_metrics, "_TOGETHER", together)
    assert corpus_scores(worse, [ENGLISH, worse[::-1]], metrics=METRICS, bootstrap=100) == whole


@given(st.sets(st.integers(0, 11), min_size=1))
def test_a_part_of_a_corpus_has_the_figures_that_it_has_alone(members: set[int]) -> None:
    chosen = sorted(members)
    worse = [" ".join(sorted(text.split())) for text in ENGLISH]
    [whole] = segment_statistics([worse], [ENGLISH], metrics=METRICS)
    [found] = measure([{name: each.part(chosen) for name, each in whole.items()}], 100)
    alone = corpus_scores([worse[i] for i in chosen], [[ENGLISH[i] for i in chosen]], metrics=METRICS, bootstrap=100)
    assert {name: measured.score() for name, measured in found.items()} == alone


def test_samples_of_several_systems_are_of_the_same_segments_even_with_a_seed_of_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SACREBLEU_SEED", "none")
    [one, other] = segment_statistics([ENGLISH[::-1]] * 2, [ENGLISH], metrics=("chrf",))
    same, again = resample([one["chrf"], other["chrf"]], 100)
    assert np.array_equal(same, again)
    assert not np.array_equal(same, resample([one["chrf"]], 100)[0])


def test_the_seed_is_sacrebleus(monkeypatch: pytest.MonkeyPatch) -> None:
    before = corpus_scores(ENGLISH[::-1], [ENGLISH], bootstrap=100)["bleu"]
    monkeypatch.setenv("SACREBLEU_SEED", "7")
    after = corpus_scores(ENGLISH[::-1], [ENGLISH], bootstrap=100)["bleu"]
    assert "seed:7" in after.signature
    assert after.interval != before.interval
    monkeypatch.setenv("SACREBLEU_SEED", "seven")
    with pytest.raises(ValueError, match="SACREBLEU_SEED is 'seven'"):
        corpus_scores(ENGLISH, [ENGLISH], bootstrap=100)
