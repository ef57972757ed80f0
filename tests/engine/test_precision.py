"""Every precision on every device says what float32 on the CPU says, but for rounding."""

import ctranslate2
import pytest

from translator.engine import Decoding, EngineOptions, Hypothesis, load_engine

DECODING = Decoding(beam_size=4, num_hypotheses=1, max_decoding_length=64)
SENTENCES = (
    "본 논문에서는 긴 문서를 요약하는 간단한 방법을 소개한다.",
    "실험 결과, 추론 속도가 두 배 빨라졌다.",
    "코드와 데이터는 곧 공개될 예정입니다.",
    "이 모델은 12개 언어를 지원합니다.",
    "작은 언어 모델도 강화 학습을 통해 충분히 쓸모 있는 답을 낸다는 것을 보였다.",
    "음성 인식 오류는 절반으로 줄어들었습니다.",
    "제안한 방법은 메모리 사용량을 30% 줄이면서도 정확도를 유지한다.",
    "데이터셋은 1,200개의 영상으로 구성된다.",
)
ROWS = (
    ("ctranslate2", "cpu", "int8"),
    ("transformers", "cpu", "bfloat16"),
    ("ctranslate2", "cuda", "float32"),
    ("ctranslate2", "cuda", "float16"),
    ("ctranslate2", "cuda", "bfloat16"),
    ("ctranslate2", "cuda", "int8_float16"),
    ("transformers", "cuda", "float32"),
    ("transformers", "cuda", "float16"),
    ("transformers", "cuda", "bfloat16"),
)


def translations(options: EngineOptions) -> list[Hypothesis]:
    engine = load_engine(options)
    try:
        return [hypotheses[0] for hypotheses in engine.translate(SENTENCES, DECODING)]
    finally:
        engine.close()


@pytest.fixture(scope="module")
def wanted() -> list[Hypothesis]:
    return translations(EngineOptions("digest-ko-en", engine="ctranslate2", device="cpu", compute_type="float32", threads=1))


@pytest.mark.parametrize("padded", [False, True], ids=["one-length", "padded"])
@pytest.mark.parametrize(("engine", "device", "compute_type"), ROWS)
def test_a_precision_changes_little(wanted, engine, device, compute_type, padded):
    if device == "cuda" and not ctranslate2.get_cuda_device_count():
        pytest.skip("no CUDA device on this machine")
    found = translations(EngineOptions("digest-ko-en", engine, device, compute_type, pad_batches=padded))
    pairs = list(zip(found, wanted, strict=True))
    assert sum(one.text == other.text for one, other in pairs) >= len(SENTENCES) - 2
    for one, other in pairs:
        assert one.score == pytest.approx(other.score, abs=0.05)
        assert not one.truncated
