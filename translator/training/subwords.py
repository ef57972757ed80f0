"""Subword vocabularies for training: a SentencePiece model trained here, or that of the checkpoint to go on from."""

import io
import json
import random
import shutil
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Protocol

from translator.engine.tokenizer import HubTokenizer, load_tokenizer
from translator.errors import UserError
from translator.training.settings import Tokenizer

_SAMPLING = Lock()  # SentencePiece has one seed for the process
_ALPHA = 0.2  # of subword sampling: the smaller, the more unlikely segmentations


class Subwords(Protocol):
    """Texts to token numbers, end of sentence included, and which numbers are special."""

    pad: int
    start: int

    def encode(self, texts: Sequence[str], *, target: bool) -> list[list[int]]:
        """Token numbers of texts of one side, as the model is trained on them."""

    def sample(self, texts: Sequence[str], seed: int) -> list[list[int]]:
        """Token numbers of source texts by sampled segmentations, the same for the same seed."""

    def save(self, folder: Path) -> None:
        """Writes the vocabulary's files into a checkpoint folder."""


def train_vocabulary(texts: Iterable[str], settings: Tokenizer, seed: int, folder: Path) -> None:
    """Trains one SentencePiece vocabulary for both languages and writes it into folder as Marian's tokenizer.

    Unigram, bytes for what it lacks, every digit a token of its own, text taken as it is.
    Raises UserError where the texts are too few for the vocabulary.
    """
    import sentencepiece
    from transformers import MarianTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    chosen = _drawn(list(texts), settings.max_sentences, seed)
    written = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(  # from memory to memory: it would write the paths of files into the model
            sentence_iterator=iter(chosen), model_writer=written, vocab_size=settings.vocab_size, model_type="unigram",
            byte_fallback=True, split_digits=True, character_coverage=settings.character_coverage,
            normalization_rule_name="identity", minloglevel=2,
        )  # fmt: skip
    except RuntimeError as error:
        reason = str(error).rpartition("] ")[2].strip() or str(error)
        size = settings.vocab_size
        raise UserError(f"tokenizer.vocab_size {size}: no vocabulary of that size from {len(chosen)} texts ({reason})") from error
    for side in ("source", "target"):
        (folder / f"{side}.spm").write_bytes(written.getvalue())
    pieces = sentencepiece.SentencePieceProcessor(model_proto=written.getvalue())
    names = [pieces.id_to_piece(i) for i in range(pieces.get_piece_size())]
    names = ["</s>", "<unk>", *(name for name in names if name not in ("</s>", "<unk>", "<s>")), "<pad>"]
    vocabulary = {name: i for i, name in enumerate(names)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        files = (str(folder / name) for name in ("source.spm", "target.spm", "vocab.json"))
        MarianTokenizer(*files, source_lang="ko", target_lang="en").save_pretrained(folder)


def _drawn(texts: list[str], limit: int, seed: int) -> list[str]:
    return texts if len(texts) <= limit else random.Random(seed).sample(texts, limit)


class MarianSubwords:
    """Marian's SentencePiece vocabularies with sampling; the two sides may have pieces of their own but share the numbers."""

    def __init__(self, checkpoint: Path) -> None:
        import sentencepiece

        self._checkpoint = checkpoint
        self._sides = [sentencepiece.SentencePieceProcessor(model_file=str(checkpoint / f"{side}.spm")) for side in ("source", "target")]
        self._number: dict[str, int] = json.loads((checkpoint / "vocab.json").read_text(encoding="utf-8"))
        self._unknown, self._end = self._number["<unk>"], self._number["</s>"]
        self.pad = self.start = self._number["<pad>"]

    def encode(self, texts: Sequence[str], *, target: bool) -> list[list[int]]:
        return self._numbers(self._sides[target].encode(list(texts), out_type=str))

    def sample(self, texts: Sequence[str], seed: int) -> list[list[int]]:
        import sentencepiece

        found: list[list[str]] = []

        def draw() -> None:  # SentencePiece seeds a thread's generator when the thread first draws, and never again
            found.extend(self._sides[0].encode(list(texts), out_type=str, enable_sampling=True, alpha=_ALPHA, nbest_size=-1, num_threads=1))

        with _SAMPLING:
            sentencepiece.set_random_generator_seed(seed % 2**32)
            thread = Thread(target=draw)
            thread.start()
            thread.join()
        return self._numbers(found)

    def _numbers(self, texts: Sequence[Sequence[str]]) -> list[list[int]]:
        return [[*(self._number.get(piece, self._unknown) for piece in pieces), self._end] for pieces in texts]

    def save(self, folder: Path) -> None:
        for name in ("source.spm", "target.spm", "vocab.json", "tokenizer_config.json"):
            if (self._checkpoint / name).exists():  # the engine does without the last
                shutil.copy(self._checkpoint / name, folder / name)


class HubSubwords:
    """A multilingual checkpoint's tokenizer (NLLB): targets begin with the language, as its decoder does."""

    def __init__(self, checkpoint: Path, source_language: str, target_language: str) -> None:
        config = json.loads((checkpoint / "config.json").read_text(encoding="utf-8"))
        self._source = HubTokenizer(checkpoint, source_language, target_language)
        self._target = HubTokenizer(checkpoint, target_language, source_language)
        self.pad, self.start = int(config["pad_token_id"]), int(config["decoder_start_token_id"])

    def encode(self, texts: Sequence[str], *, target: bool) -> list[list[int]]:
        side = self._target if target else self._source
        return [side.encode_numbers(text) for text in texts]

    def sample(self, texts: Sequence[str], seed: int) -> list[list[int]]:
        return self.encode(texts, target=False)

    def save(self, folder: Path) -> None:
        self._source.save(folder)


def load_subwords(checkpoint: Path, source_language: str | None, target_language: str | None) -> Subwords:
    """The vocabulary of a checkpoint folder.

    Raises UserError for one that the engines would refuse to run.
    """
    load_tokenizer(checkpoint, source_language, target_language)
    config: Any = json.loads((checkpoint / "config.json").read_text(encoding="utf-8"))
    if config["model_type"] == "marian":
        return MarianSubwords(checkpoint)
    return HubSubwords(checkpoint, source_language or "kor_Hang", target_language or "eng_Latn")
