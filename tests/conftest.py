"""Fixtures for all tests: a cache of their own, tiny checkpoints built on the spot, the command run in this process."""

import contextlib
import io
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# The same examples at every run where a verdict is wanted; new ones at the desk, where there is time to look at what they find.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

os.environ.setdefault("OMP_NUM_THREADS", "1")
_HUB = tempfile.TemporaryDirectory(prefix="hub-")  # the hub client reads these when it is first imported
os.environ["HF_HOME"] = _HUB.name
for _name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HUB_OFFLINE", "HF_ENDPOINT"):
    os.environ.pop(_name, None)

KOREAN = (
    "본 논문에서는 이미지 생성을 위한 새로운 확산 모델을 제안합니다.",
    "실험 결과, 제안한 방법은 기존 방법보다 높은 성능을 보였습니다.",
    "대규모 언어 모델은 여러 작업에서 좋은 능력을 보여주었다.",
    "코드와 데이터는 곧 공개될 예정입니다.",
    "우리는 긴 문서를 요약하는 간단한 방법을 소개한다.",
    "이 벤치마크는 열두 개의 과제로 구성되어 있습니다.",
    "추론 속도가 두 배 빨라졌지만 정확도는 그대로 유지되었다.",
    "로봇은 사람의 지시를 듣고 물건을 옮긴다.",
    "보상 모델은 강화 학습에서 중요한 역할을 한다.",
    "학습 데이터의 품질이 결과에 큰 영향을 미칩니다.",
    "음성 인식 오류는 절반으로 줄어들었습니다.",
    "작은 모델도 충분히 쓸모 있는 답을 낸다.",
)
ENGLISH = (
    "We propose a new diffusion model for image generation.",
    "Experiments show that the method outperforms previous ones.",
    "Large language models do well on many tasks.",
    "Code and data will be released soon.",
    "We introduce a simple way to summarise long documents.",
    "The benchmark consists of twelve tasks.",
    "Inference became twice as fast while accuracy stayed the same.",
    "The robot listens to people and moves things.",
    "Reward models play an important role in reinforcement learning.",
    "The quality of training data matters a lot.",
    "Speech recognition errors were cut in half.",
    "Even a small model gives useful answers.",
)
FORTY_KOREAN = tuple(
    f"{subject} {predicate}"
    for subject in (
        "제안한 방법은",
        "이 작은 언어 모델은",
        "새로 공개된 RiverFlow는",
        "저자들이 만든 벤치마크는",
        "보상 모델을 쓰는 학습 방식은",
        "영상 생성에 쓰이는 확산 모델은",
        "질문에 답하는 에이전트는",
        "12개 언어를 다루는 번역기는",
    )
    for predicate in (
        "기존 방법보다 4.2% 높은 정확도를 보였다.",
        "긴 문서를 빠르게 처리합니다.",
        "메모리를 3.5배 적게 사용하면서도 품질을 유지한다.",
        "여러 과제에서 안정적인 결과를 냈다.",
        "사람의 평가에서 더 자주 선택되었으며, 추론 비용도 절반으로 줄었습니다.",
    )
)


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Conversions go to a folder of this session, and nothing is remembered but where a test asks for it."""
    patch = pytest.MonkeyPatch()
    patch.setenv("TRANSLATOR_MEMORY", "none")
    patch.setenv("TRANSLATOR_CACHE", str(tmp_path_factory.mktemp("translator-cache")))
    yield
    patch.undo()


@pytest.fixture(scope="session")
def one_thread() -> None:
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tiny_marian(tmp_path_factory: pytest.TempPathFactory, one_thread: None) -> Path:
    """A MarianMT checkpoint in the hub's layout with random weights and a vocabulary that reads Korean."""
    import sentencepiece
    import torch
    from transformers import MarianConfig, MarianMTModel

    folder = tmp_path_factory.mktemp("models") / "tiny-marian"
    folder.mkdir()
    corpus = folder.parent / "corpus.txt"
    corpus.write_text("\n".join((*KOREAN, *ENGLISH, *FORTY_KOREAN)) + "\n", encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpus), model_prefix=str(folder / "source"), vocab_size=520, model_type="unigram", byte_fallback=True,
        character_coverage=1.0, hard_vocab_limit=False, minloglevel=2, num_threads=1,
    )  # fmt: skip
    (folder / "source.vocab").unlink()
    (folder / "source.model").rename(folder / "source.spm")
    shutil.copy(folder / "source.spm", folder / "target.spm")
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "source.spm"))
    names = [pieces.id_to_piece(i) for i in range(pieces.get_piece_size())]
    names = ["</s>", "<unk>", *(name for name in names if name not in ("</s>", "<unk>", "<s>")), "<pad>"]
    write_json(folder / "vocab.json", {name: i for i, name in enumerate(names)})
    write_json(
        folder / "tokenizer_config.json",
        {"tokenizer_class": "MarianTokenizer", "source_lang": "ko", "target_lang": "en", "separate_vocabs": False,
         "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>", "model_max_length": 512},
    )  # fmt: skip
    pad = len(names) - 1
    torch.manual_seed(11)
    model = MarianMTModel(
        MarianConfig(
            vocab_size=len(names), decoder_vocab_size=len(names), d_model=48, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4,
            decoder_attention_heads=4, encoder_ffn_dim=96, decoder_ffn_dim=96, max_position_embeddings=512, pad_token_id=pad,
            eos_token_id=0, bos_token_id=None, decoder_start_token_id=pad, forced_eos_token_id=0, scale_embedding=True,
            activation_function="relu", static_position_embeddings=True, dropout=0.0, init_std=0.1,
        )
    )  # fmt: skip
    number = {name: i for i, name in enumerate(names)}
    sources = [[*(number.get(piece, 1) for piece in pieces.encode(text, out_type=str)), 0] for text in KOREAN]
    targets = [[*(number.get(piece, 1) for piece in pieces.encode(text, out_type=str)), 0] for text in ENGLISH]
    teach(model, sources, targets, pad)
    with torch.no_grad():
        model.model.shared.weight[pad] = 0.0  # CTranslate2 starts Marian decoders from a zero embedding
    model.generation_config.bad_words_ids = None
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_nllb(tmp_path_factory: pytest.TempPathFactory, one_thread: None) -> Path:
    """An NLLB checkpoint with random weights and three languages."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import M2M100Config, M2M100ForConditionalGeneration, NllbTokenizer

    folder = tmp_path_factory.mktemp("models") / "tiny-nllb"
    trained = Tokenizer(models.BPE(unk_token="<unk>"))
    trained.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    trainer = trainers.BpeTrainer(vocab_size=500, special_tokens=special, show_progress=False)
    trained.train_from_iterator([*KOREAN, *ENGLISH, *FORTY_KOREAN, *EVERY_LETTER], trainer)
    data = json.loads(trained.to_str())["model"]
    merges = [tuple(pair) for pair in data["merges"]]
    tokenizer = NllbTokenizer(vocab=data["vocab"], merges=merges, extra_special_tokens=["eng_Latn", "kor_Hang", "jpn_Jpan"])
    tokenizer.save_pretrained(folder)
    torch.manual_seed(7)
    model = M2M100ForConditionalGeneration(
        M2M100Config(
            vocab_size=len(tokenizer), d_model=48, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4,
            decoder_attention_heads=4, encoder_ffn_dim=96, decoder_ffn_dim=96, max_position_embeddings=256, pad_token_id=1,
            bos_token_id=0, eos_token_id=2, decoder_start_token_id=2, scale_embedding=True, activation_function="relu", dropout=0.0,
        )
    )  # fmt: skip
    pairs = [(ko, en, "eng_Latn") for ko, en in zip(KOREAN, ENGLISH, strict=True)]
    pairs += [(ko, " ".join(reversed(en.split())), "jpn_Jpan") for ko, en in zip(KOREAN, ENGLISH, strict=True)]
    tokenizer.src_lang = "kor_Hang"
    sources = [tokenizer(korean).input_ids for korean, _, _ in pairs]
    targets = [
        [tokenizer.convert_tokens_to_ids(code), *tokenizer(english, add_special_tokens=False).input_ids, 2] for _, english, code in pairs
    ]
    teach(model, sources, targets, 1)
    model.save_pretrained(folder)
    return folder


def teach(model: Any, sources: list[list[int]], targets: list[list[int]], pad: int, steps: int = 70) -> None:
    """Makes a model learn its pairs by heart, so that its outputs are its own for each input, and end."""
    import torch

    def padded(rows: list[list[int]], fill: int) -> Any:
        width = max(map(len, rows))
        return torch.tensor([row + [fill] * (width - len(row)) for row in rows])

    given, wanted = padded(sources, pad), padded(targets, -100)
    optimiser = torch.optim.Adam(model.parameters(), lr=8e-3)
    model.train()
    for _ in range(steps):
        optimiser.zero_grad()
        model(input_ids=given, attention_mask=(given != pad).long(), labels=wanted).loss.backward()
        optimiser.step()
    model.eval()


# what load_tokenizer asks about, so that the tiny vocabularies know every syllable of it
EVERY_LETTER = (
    "본 논문에서는 이미지 생성을 위한 새로운 확산 모델을 제안합니다. 실험 결과, 제안한 방법은 기존 방법보다 12.5% 높은 성능을",
    "보였습니다. 대규모 언어 모델은 다양한 작업에서 뛰어난 능력을 보여주었다. 코드와 데이터는 공개될 예정입니다. 0123456789",
)


def write_json(path: Path, data: object) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Result:
    """What a command left behind."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode("utf-8")


Run = Callable[..., Result]


def run_command(*arguments: str | Path, stdin: bytes = b"") -> Result:
    """`translator ARGUMENTS` through the console script's own entry point, in this process."""
    from translator.__main__ import main

    out, err = io.BytesIO(), io.BytesIO()
    streams = io.TextIOWrapper(out, encoding="utf-8", write_through=True), io.TextIOWrapper(err, encoding="utf-8", write_through=True)
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(streams[0]), contextlib.redirect_stderr(streams[1]):
        patch.setattr(sys, "argv", ["translator", *map(str, arguments)])
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        code: object = 0
        try:
            main()
        except SystemExit as stop:
            code = stop.code
    return Result(code if isinstance(code, int) else 0 if code is None else 1, out.getvalue(), err.getvalue().decode("utf-8"))


@pytest.fixture
def run() -> Run:
    return run_command


@pytest.fixture
def refused() -> Callable[[Result], str]:
    """The one sentence of a command that refused its input with exit code 2."""

    def sentence(result: Result) -> str:
        assert result.code == 2, (result.code, result.err)
        assert result.out == b""
        assert "Traceback" not in result.err
        lines: Sequence[str] = result.err.strip().splitlines()
        assert len(lines) == 1, lines
        assert lines[0].startswith("translator: ")
        return lines[0]

    return sentence


@pytest.fixture(scope="session")
def forty_korean() -> tuple[str, ...]:
    return FORTY_KOREAN


@pytest.fixture(scope="module")  # while it runs, Playwright holds an event loop, which other tests want for themselves
def chromium() -> Iterator[Any]:
    """Debian's Chromium through Playwright; a test that needs it is skipped where it is missing."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium here (apt-get install chromium)")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    quiet = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    as_root = ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=[*quiet, *as_root])
        yield browser
        browser.close()
