"""What survives a translation and what is reported lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from translator.document.protection import protected_spans
from translator.quality.survival import holds_name, lost_spans


def lost(source: str, target: str) -> list[str]:
    return [span.text for span in lost_spans(protected_spans(source), target)]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("70억 개의 매개변수", "7 billion parameters"),
        ("70억 개의 매개변수", "7B parameters"),
        ("7B 모델", "a 7 billion parameter model"),
        ("3개의 모델", "three models"),
        ("2배 빠르다", "twice as fast"),
        ("1,200만 건", "12 million items"),
        ("정확도 92.5%", "an accuracy of 92.5%"),
        ("LLM을 쓴다", "it uses LLMs"),
        ("Transformers를 쓴다", "it uses a transformer"),
        ("Fine-Tuning 기법", "the fine tuning technique"),
        ("`x` 와 [글](https://x.com)", "[text](https://x.com) and `x`"),
        ("https://x.com/a에서", "at https://x.com/a."),
        ("$x^2$ 이다", "it is $x^2$"),
        ("그림 ![가](a.png)", "figure ![a](a.png)"),
        ("GPT-4o는", "GPT-4o is"),
        ("3만큼 크다", "larger by 3"),
        ("한국어만 있다", "Korean only"),
        ("1년 동안", "over a year"),
        ("1초마다", "every second"),
        ("1,900K까지", "up to 1,900K"),
        ("1,024×1,024 해상도", "a resolution of 1,024×1,024"),
        ("3천6백만 쌍", "36 million pairs"),
        ("미세 조정(Fine-tuning)했다", "it was fine-tuned"),
        ("정확도가 50% 줄었다", "accuracy was halved"),
    ],
)
def test_nothing_is_lost(source, target):
    assert lost(source, target) == []


@pytest.mark.parametrize(
    ("source", "target", "missing"),
    [
        ("70억 개의 매개변수", "7 million parameters", ["70억"]),
        ("3개와 5개", "three of them", ["5"]),
        ("GPT-4o와 GPT-4", "GPT-4o only", ["GPT-4"]),
        ("LLaMA를 쓴다", "it uses llama", ["LLaMA"]),
        ("BERT를 쓴다", "it uses ROBERTA and BERTScore", ["BERT"]),
        ("`x` 와 `x`", "`x` once", ["`x`"]),
        ("`x` 코드", "the code x", ["`x`"]),
        ("[글](https://x.com)", "[text](https://x.org)", ["](https://x.com)"]),
        ("https://x.com/a에서", "at https://x.com/", ["https://x.com/a"]),
        ("$x^2$ 이다", "it is x^2", ["$x^2$"]),
        ("<b>글</b>", "<b>text", ["</b>"]),
        ("정확도 92.5%", "an accuracy of 92%", ["92.5%"]),
        ("1,700건", "1,7000 cases", ["1,700"]),
        ("5억8천2백만 개", "502.008 million", ["5억8천2백만"]),
        ("1위를 했다", "it won a prize", ["1"]),
        ("20만 장", "more than 20만 images", ["20만"]),
        ("정확도 2.5%", "an accuracy of 12.5%", ["2.5%"]),
        ("70억, 8B", "", ["70억", "8B"]),
    ],
)
def test_what_is_lost_is_named_in_order(source, target, missing):
    assert lost(source, target) == missing


def test_a_url_that_is_part_of_a_longer_one_is_lost():
    assert lost("https://x.com/a 와 https://x.com/ab", "https://x.com/ab and https://x.com/ab") == ["https://x.com/a"]


@pytest.mark.parametrize(
    ("target", "name", "held"),
    [
        ("two LLMs", "LLM", True),
        ("one LLM", "LLMs", True),
        ("LLMsX", "LLM", False),
        ("xLLM", "LLM", False),
        ("the transformer", "Transformer", True),
        ("Few-shot", "Few-Shot", True),
        ("llm", "LLM", False),
        ("C++ code", "C++", True),
        ("C code", "C++", False),
        ("", "A", False),
        ("hallucinated", "Hallucination", True),
        ("fine tuned", "Fine-Tuning", True),
        ("an automatic search", "Automated", True),
        ("a stationary robot", "Station", False),
        ("the finer one", "Fining", False),
        ("Tangoed", "Tango", False),
    ],
)
def test_holds_name(target, name, held):
    assert holds_name(target, name) is held


SOURCES = st.lists(
    st.sampled_from(
        [
            "`코드`",
            "GPT-4o는",
            "[글](https://x.com/a)을",
            "https://x.com/b에서",
            "$x_1$",
            "12.5%",
            "3개",
            "<br>",
            "![가](a.png)",
            "문장이다.",
            "MMLU",
        ]
    ),
    max_size=8,
).map(" ".join)


@settings(deadline=None)
@given(SOURCES)
def test_a_text_loses_nothing_of_itself(source):
    assert lost(source, source) == []


@settings(deadline=None)
@given(SOURCES)
def test_an_empty_target_loses_everything(source):
    assert lost_spans(protected_spans(source), "") == protected_spans(source)
