"""Vocabularies: what transformers makes of them, sampling, and those of other checkpoints."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import ENGLISH, FORTY_KOREAN, KOREAN
from translator.engine.tokenizer import MarianTokenizer
from translator.errors import UserError
from translator.training.settings import Tokenizer
from translator.training.subwords import MarianSubwords, load_subwords, train_vocabulary

SENTENCE = "정확도는 71.2%로, 대규모 언어 모델보다 높은 성능을 보였습니다."


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vocabulary")
    train_vocabulary([*KOREAN, *ENGLISH, *FORTY_KOREAN], Tokenizer(vocab_size=500, character_coverage=1.0), 1, folder)
    return folder


def test_transformers_loads_it_and_sees_the_same_tokens(vocabulary: Path) -> None:
    from transformers import AutoTokenizer

    (vocabulary / "config.json").write_text('{"model_type": "marian"}')
    theirs = AutoTokenizer.from_pretrained(vocabulary)
    ours = MarianSubwords(vocabulary)
    assert type(theirs).__name__ == "MarianTokenizer"
    assert ours.encode([SENTENCE], target=False) == [theirs(SENTENCE).input_ids]
    assert ours.encode([ENGLISH[0]], target=True) == [theirs(text_target=ENGLISH[0]).input_ids]
    assert (ours.pad, len(theirs) - 1) == (theirs.pad_token_id, theirs.pad_token_id)


def test_digits_stand_alone_and_bytes_stand_in_for_what_it_lacks(vocabulary: Path) -> None:
    tokens = MarianTokenizer(vocabulary).encode("12.5% 뷁 ⟨")
    assert {"1", "2", "5"} <= {token.lstrip("▁") for token in tokens}
    assert "<unk>" not in tokens
    assert "<0xEB>" in tokens


def test_text_comes_back_as_it_was(vocabulary: Path) -> None:
    tokenizer = MarianTokenizer(vocabulary)
    for text in (SENTENCE, "ﬁne ① Ⅳ x² — 뷁"):
        assert tokenizer.decode(tokenizer.encode(text)) == text


def test_samples_say_the_same_in_other_tokens_and_follow_from_the_seed(vocabulary: Path) -> None:
    subwords, text = MarianSubwords(vocabulary), " ".join(KOREAN[:3])
    one, again, other = (subwords.sample([text] * 8, seed) for seed in (1, 1, 2))
    assert one == again != other
    assert len({tuple(tokens) for tokens in one}) > 2
    pieces = {number: piece for piece, number in subwords._number.items()}
    for tokens in one:
        assert "".join(pieces[i] for i in tokens[:-1]).replace("▁", " ").strip() == text
        assert tokens[-1] == 0


def test_samples_are_the_same_beside_other_threads(vocabulary: Path) -> None:
    subwords, text = MarianSubwords(vocabulary), " ".join(KOREAN[:3])
    alone = [subwords.sample([text] * 4, seed) for seed in range(24)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda seed: subwords.sample([text] * 4, seed), range(24))) == alone


def test_more_pieces_than_the_texts_have_are_refused_with_the_most(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"vocab_size 9000.*<= \d+"):
        train_vocabulary(KOREAN, Tokenizer(vocab_size=9000), 1, tmp_path)


def test_the_same_texts_give_the_same_vocabulary(vocabulary: Path, tmp_path: Path) -> None:
    train_vocabulary([*KOREAN, *ENGLISH, *FORTY_KOREAN], Tokenizer(vocab_size=500, character_coverage=1.0), 1, tmp_path)
    assert (tmp_path / "source.spm").read_bytes() == (vocabulary / "source.spm").read_bytes()


def test_a_multilingual_target_begins_with_its_language(tiny_nllb: Path) -> None:
    from transformers import AutoTokenizer

    subwords = load_subwords(tiny_nllb, None, None)
    theirs = AutoTokenizer.from_pretrained(tiny_nllb, src_lang="kor_Hang", tgt_lang="eng_Latn")
    assert subwords.encode([KOREAN[0]], target=False) == [theirs(KOREAN[0]).input_ids]
    [target] = subwords.encode([ENGLISH[0]], target=True)
    assert target == theirs(text_target=ENGLISH[0]).input_ids
    assert (target[0], target[-1], subwords.start) == (theirs.convert_tokens_to_ids("eng_Latn"), 2, 2)
