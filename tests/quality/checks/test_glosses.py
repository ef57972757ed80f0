"""Terms that the source glosses, and the glossary's."""

import pytest

from translator.quality.checks.check import Pair
from translator.quality.checks.glosses import find_glosses, glossary, glosses, holds_stems, letters


def flags(source: str, target: str) -> list[str]:
    return [flag.check for flag in glosses(Pair.of(source, target))]


@pytest.mark.parametrize(
    ("source", "terms"),
    [
        ("강화 학습(reinforcement learning)을", ["reinforcement learning"]),
        ("**강화 학습**(reinforcement learning)을", ["reinforcement learning"]),
        ("환각 (hallucination)", ["hallucination"]),
        ("언어 모델(LLM)은", []),
        ("검색 증강 생성(Retrieval-Augmented Generation, RAG)", ["Retrieval-Augmented Generation"]),
        ("값(3)과, (note)", []),
        ("Model (large model)", []),
        ("모델(a)", []),
    ],
)
def test_glosses_are_english_terms_in_brackets_after_korean(source: str, terms: list[str]) -> None:
    assert [gloss.term for gloss in find_glosses(source)] == terms


def test_offsets_of_a_gloss() -> None:
    source = "강화 학습(reinforcement learning)을"
    (gloss,) = find_glosses(source)
    assert source[gloss.start : gloss.end].strip() == "(reinforcement learning)"


@pytest.mark.parametrize(
    "target",
    [
        "We use pre-training.",
        "We use pretraining.",
        "The model is pre-trained.",
        "Pre Training is used.",
    ],
)
def test_a_gloss_may_be_hyphenated_and_inflected_in_any_way(target: str) -> None:
    assert flags("사전 학습(pre-training)을 한다.", target) == []


@pytest.mark.parametrize("target", ["We train it.", "Tuning comes first.", ""])
def test_a_gloss_none_of_whose_stems_is_there_is_missing(target: str) -> None:
    assert flags("사전 학습(pre-training)을 한다.", target) == ["gloss-missing"]


def test_a_gloss_said_twice_is_doubled() -> None:
    assert flags("지식 증류(knowledge distillation)를 쓴다.", "It uses knowledge distillation (knowledge distillation).") == [
        "gloss-doubled"
    ]


@pytest.mark.parametrize(
    ("text", "term", "held"),
    [
        ("It fine-tuned them", "fine-tuning", True),
        ("pruned weights", "pruning", True),
        ("a verifier", "verifiers", True),
        ("quantized weights", "quantization", True),
        ("the prune juice", "pruning", True),
        ("a verdict", "verifiers", False),
        ("tuning", "fine-tuning", False),
    ],
)
def test_stems(text: str, term: str, held: bool) -> None:
    assert holds_stems(letters(text), term) is held


def test_a_glossary_term_must_stand_in_the_target_in_any_case() -> None:
    pair = Pair.of(
        "확산 모델과 보상 모델", "Diffusion models and a judge", terms={"확산 모델": "diffusion model", "보상 모델": "reward model"}
    )
    assert [(flag.check, flag.detail) for flag in glossary(pair)] == [("glossary", "보상 모델 = reward model")]
