"""Scores are sacreBLEU's, to the last digit."""

import pytest
import sacrebleu

from tests.conftest import ENGLISH
from translator.quality.metrics import compare, corpus_scores, segment_scores

WORSE = [" ".join(text.split()[:-1]) + " thing." for text in ENGLISH]
WORST = [" ".join(reversed(text.split())) for text in ENGLISH]


def test_scores_are_those_of_sacrebleu_with_its_signatures() -> None:
    found = corpus_scores(WORSE, [ENGLISH])
    assert found["bleu"].value == sacrebleu.corpus_bleu(WORSE, [list(ENGLISH)]).score
    assert found["chrf++"].value == sacrebleu.corpus_chrf(WORSE, [list(ENGLISH)], word_order=2).score
    assert found["bleu"].interval == 0.0
    assert found["bleu"].signature.startswith("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:")
    assert "nc:6|nw:2" in found["chrf++"].signature


def test_intervals_come_from_the_bootstrap_and_say_so() -> None:
    found = corpus_scores(WORSE, [ENGLISH], bootstrap=100)
    assert 0.0 < found["bleu"].interval < found["bleu"].value
    assert "bs:100" in found["bleu"].signature


def test_output_without_any_match_has_an_interval_too() -> None:
    found = corpus_scores(["", " a", "b"], [["the cat sat on", "a dog is", "xx yy zz"]], bootstrap=50)
    assert found["bleu"].value == 0.0
    assert found["chrf++"].interval > 0.0


def test_a_better_system_is_significantly_better_and_an_equal_one_is_not() -> None:
    better = compare(WORST, WORSE, [ENGLISH], bootstrap=200)
    assert better["bleu"].system > better["bleu"].baseline
    assert better["chrf++"].p_value < 0.05
    equal = compare(WORSE, WORSE, [ENGLISH], bootstrap=200)
    assert equal["bleu"].system == equal["bleu"].baseline
    assert equal["bleu"].p_value > 0.05


def test_lists_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="11 texts for 12 references"):
        corpus_scores(WORSE[1:], [ENGLISH])
    with pytest.raises(ValueError, match="11 texts for 12 references"):
        compare(WORSE, WORST[1:], [ENGLISH])


def test_a_line_break_in_a_segment_is_refused() -> None:
    with pytest.raises(ValueError, match="text 1 has a line break"):
        corpus_scores(["two\nlines", *WORSE[1:]], [ENGLISH])


def test_every_metric_is_sacrebleus_with_several_references() -> None:
    references = [list(ENGLISH), WORST]
    found = corpus_scores(WORSE, references, metrics=("bleu", "chrf", "chrf++", "ter"))
    assert found["bleu"].value == sacrebleu.corpus_bleu(WORSE, references).score
    assert found["chrf"].value == sacrebleu.corpus_chrf(WORSE, references).score
    assert found["ter"].value == sacrebleu.corpus_ter(WORSE, references).score
    assert all(score.signature.startswith("nrefs:2") for score in found.values())


def test_a_lower_ter_is_a_gain() -> None:
    assert compare(WORST, WORSE, [ENGLISH], metrics=("ter",), bootstrap=100)["ter"].gain > 0


def test_segments_are_scored_alone() -> None:
    found = segment_scores([ENGLISH[0], WORST[1]], [[ENGLISH[0], ENGLISH[1]]])
    assert found[0] == pytest.approx(100.0)
    assert found[1] == sacrebleu.sentence_chrf(WORST[1], [ENGLISH[1]], word_order=2).score


def test_an_unknown_metric_is_named() -> None:
    with pytest.raises(ValueError, match=r"'rouge'.*bleu, chrf"):
        corpus_scores(WORSE, [ENGLISH], metrics=("rouge",))
