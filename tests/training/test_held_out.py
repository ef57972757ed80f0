"""Evaluation sets are recognised by what they say, however it is written."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from translator.training.corpus import Pair
from translator.training.held_out import carried_by, carry, fingerprint, fingerprints, of_pair, of_pairs

SENTENCE = "본 논문에서는 RiverFlow를 제안하며, 정확도는 71.2%입니다."


@given(st.data())
def test_spacing_case_and_punctuation_do_not_hide_a_text(data: st.DataObject) -> None:
    disguised = "".join(
        data.draw(st.sampled_from(["", " ", "\u00a0", "-", "!", "**", "\n"])) + data.draw(st.sampled_from([c.lower(), c.upper()]))
        for c in SENTENCE
    )
    assert fingerprint(disguised) == fingerprint(SENTENCE)


@given(st.text(alphabet="가나다라마바사abc123", min_size=12), st.text(alphabet="가나다라마바사abc123", min_size=12))
def test_other_texts_have_other_hashes(one: str, other: str) -> None:
    assert (fingerprint(one) == fingerprint(other)) == (one == other)


def test_unicode_forms_are_one() -> None:
    import unicodedata

    assert fingerprint(unicodedata.normalize("NFD", SENTENCE)) == fingerprint(SENTENCE)


def test_short_texts_are_anybodys() -> None:
    assert fingerprint("Conclusion:") == ""
    assert fingerprints(["결론", SENTENCE]) == {fingerprint(SENTENCE)}


def test_short_sides_are_recognised_together() -> None:
    pair = Pair("모델이 빠르다.", "It is fast.")
    assert fingerprints([pair.source, pair.target]) == frozenset()
    assert of_pairs([pair]) == of_pair(Pair("모델이  빠르다", "it is fast!"))
    assert of_pair(pair) != of_pair(Pair(pair.source, "It is slow."))


def test_a_checkpoint_carries_hashes(tmp_path: Path) -> None:
    assert carried_by(tmp_path) == frozenset()
    hashes = fingerprints([SENTENCE, "Another sentence of the evaluation set."])
    carry(tmp_path, hashes)
    assert carried_by(tmp_path) == hashes
