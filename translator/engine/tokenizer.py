"""Text to a checkpoint's subword tokens and back."""

import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from translator.errors import UserError

_SAMPLE = (
    "본 논문에서는 이미지 생성을 위한 새로운 확산 모델을 제안합니다.",
    "실험 결과, 제안한 방법은 기존 방법보다 12.5% 높은 성능을 보였습니다.",
    "대규모 언어 모델은 다양한 작업에서 뛰어난 능력을 보여주었다.",
    "코드와 데이터는 공개될 예정입니다.",
)
_TOLERATED_UNKNOWN = 0.02


class Tokenizer(Protocol):
    """Both directions, with the special tokens the model expects."""

    def encode(self, text: str) -> list[str]:
        """Source tokens, special tokens included; what the vocabulary lacks is `unknown`."""

    def decode(self, tokens: Sequence[str]) -> str:
        """Target text; special tokens are dropped."""

    @property
    def unknown(self) -> str:
        """The token that stands for what the vocabulary lacks."""

    @property
    def target_prefix(self) -> list[str]:
        """Tokens that the decoder is made to start with (NLLB: the target language), often none."""


class MarianTokenizer:
    """SentencePiece with Marian's shared vocabulary: what transformers' MarianTokenizer does, without importing torch."""

    unknown = "<unk>"
    target_prefix: list[str] = []  # noqa: RUF012 - nothing writes to it

    def __init__(self, checkpoint: Path) -> None:
        import sentencepiece

        self._source = sentencepiece.SentencePieceProcessor(model_file=str(checkpoint / "source.spm"))
        self._target = sentencepiece.SentencePieceProcessor(model_file=str(checkpoint / "target.spm"))
        self._known = frozenset(json.loads((checkpoint / "vocab.json").read_text(encoding="utf-8")))

    def encode(self, text: str) -> list[str]:
        pieces = self._source.encode(text, out_type=str)
        return [piece if piece in self._known else self.unknown for piece in pieces] + ["</s>"]

    def decode(self, tokens: Sequence[str]) -> str:
        return str(self._target.decode([t for t in tokens if t not in ("</s>", "<pad>", "<unk>")])).strip()


class HubTokenizer:
    """Any other checkpoint's tokenizer, through transformers."""

    def __init__(self, checkpoint: Path, source_language: str | None, target_language: str | None) -> None:
        from transformers import AutoTokenizer

        languages = {"src_lang": source_language, "tgt_lang": target_language} if source_language else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._tokenizer: Any = AutoTokenizer.from_pretrained(checkpoint, local_files_only=True, **languages)
        self.unknown = str(self._tokenizer.unk_token)
        self.target_prefix = [target_language] if target_language else []
        for language in (source_language, target_language):
            if language and self._tokenizer.convert_tokens_to_ids(language) in (None, self._tokenizer.unk_token_id):
                raise UserError(f"{checkpoint.name} has no language code {language!r}; NLLB's are like kor_Hang and eng_Latn")

    def encode(self, text: str) -> list[str]:
        return list(self._tokenizer.convert_ids_to_tokens(self.encode_numbers(text)))

    def encode_numbers(self, text: str) -> list[int]:
        """The tokens' numbers, as training takes them."""
        return list(self._tokenizer(text).input_ids)

    def save(self, folder: Path) -> None:
        """Writes the tokenizer's files into a checkpoint folder."""
        self._tokenizer.save_pretrained(folder)

    def decode(self, tokens: Sequence[str]) -> str:
        ids = self._tokenizer.convert_tokens_to_ids(list(tokens))
        return str(self._tokenizer.decode(ids, skip_special_tokens=True)).strip()


def load_tokenizer(checkpoint: Path, source_language: str | None, target_language: str | None) -> Tokenizer:
    """The tokenizer of a checkpoint folder; refuses one that turns Korean into unknown tokens.

    Raises UserError where files are missing or more than 2 % of the tokens of a few Korean sentences are unknown.
    """
    try:
        config = json.loads((checkpoint / "tokenizer_config.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        config = {}
    if config.get("separate_vocabs"):
        raise UserError(f"{checkpoint.name} keeps two vocabularies (separate_vocabs), which cannot be used; choose another model")
    shared = (checkpoint / "source.spm").is_file() and (checkpoint / "vocab.json").is_file()
    tokenizer: Tokenizer
    try:
        tokenizer = MarianTokenizer(checkpoint) if shared else HubTokenizer(checkpoint, source_language, target_language)
    except (OSError, ValueError, KeyError, RuntimeError, TypeError, AttributeError) as error:
        raise UserError(f"the tokenizer in {checkpoint} cannot be read ({error}); the folder may be incomplete") from error
    tokens = [token for sentence in _SAMPLE for token in tokenizer.encode(sentence)]
    share = tokens.count(tokenizer.unknown) / len(tokens)
    if share > _TOLERATED_UNKNOWN:
        raise UserError(
            f"{checkpoint.name} cannot read Korean: {share:.0%} of the tokens of a few Korean sentences are unknown to its "
            "vocabulary (some ports of two-vocabulary models keep only one); choose another model, `translator models list`"
        )
    return tokenizer
