"""What is put right in the model's English, and above all what is not touched."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.orthography import spelled_right

SOURCE = "이 연구는 물고기 떼의 움직임을 살핀다."


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("It is a impressive result.", "It is an impressive result."),
        ("A evaluation shows this.", "An evaluation shows this."),
        ("It swims. A eel follows.", "It swims. An eel follows."),
        ("with a end-to-end pipeline", "with an end-to-end pipeline"),
        ("a unsupervised method and a in-context one", "an unsupervised method and an in-context one"),
        ("a OpenFish model", "an OpenFish model"),
        ("a LLM, a MLP-based net and a F1 score", "an LLM, an MLP-based net and an F1 score"),
        ("a AI agent", "an AI agent"),
        ("a 8% gain, a 11.5 score, a 18-layer net", "an 8% gain, an 11.5 score, an 18-layer net"),
        ("an real pond and an Large Pond", "a real pond and a Large Pond"),
        ("an PSNR of 30 and an 30,000 sample set", "a PSNR of 30 and a 30,000 sample set"),
    ],
)
def test_articles_follow_the_sound(written: str, wanted: str) -> None:
    assert spelled_right(written, SOURCE) == wanted


@pytest.mark.parametrize(
    "right",
    [
        "a unified user model, a one-step method, a European fish, a unit, a Once-for-all net",
        "an hour, an honest fish, an x-ray, an LLM, an 8B model, an 11B model, an 18% gain",
        "a RAG system, a SOTA result, a SAM mask, a SMPL body, a SQL query, a UNet, a LoRA layer",
        "an mRNA, an nth step, an mbox, an lzma file, an sLLM, an fMRI scan, an MoE layer, an LSTM",
        "a 110M model, a 180-degree turn, a 1.8% gain",
        "a Unet decoder, a oneness, an 1890s painting, an 1100-word essay, an 11,000 sample set",
        "option a is right, and (a) and a) too; a, e and i",
        "the Q&A annotations and vitamin A in Plan A",
        "From A to B, class A is here.",
    ],
)
def test_right_articles_stay(right: str) -> None:
    assert spelled_right(right, SOURCE) == right


def test_a_letter_that_is_a_name_in_the_source_is_no_article() -> None:
    assert spelled_right("A outperforms B, and a is small.", "A는 B를 넘고 a는 작다.") == "A outperforms B, and a is small."


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("It works in in water.", "It works in water."),
        ("an average average of 3, of the norm norm, too", "an average of 3, of the norm, too"),
        ("the learning learning rate", "the learning rate"),
    ],
)
def test_a_word_stands_once(written: str, wanted: str) -> None:
    assert spelled_right(written, SOURCE) == wanted


@pytest.mark.parametrize(
    "right",
    ["It works in in-context tests.", "O(n log log n)", "that that had had, very very", "New New York", "go go go", "a a.py"],
)
def test_what_may_stand_twice_does(right: str) -> None:
    """Three times running is a loop, which the checks flag; it must not be hidden from them."""
    assert spelled_right(right, SOURCE) == right


def test_what_the_source_doubles_stays_doubled() -> None:
    assert spelled_right("the mini mini pond", "mini mini 연못") == "the mini mini pond"


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("two vocabularys and many identitys.", "two vocabularies and many identities."),
        ("It copys branchs, batchs and two losss", "It copies branches, batches and two losses"),
        ("Batchs are small", "Batches are small"),
    ],
)
def test_plurals(written: str, wanted: str) -> None:
    assert spelled_right(written, SOURCE) == wanted


@pytest.mark.parametrize(
    "right",
    ["epochs, stomachs, monarchs, days, keys, surveys, always, analysis, losses, tries, flybys, Gladys", "chat.lmsys.org, sys.path"],
)
def test_right_plurals_stay(right: str) -> None:
    assert spelled_right(right, SOURCE) == right


def test_a_name_of_the_source_that_looks_like_a_wrong_plural_stays() -> None:
    assert spelled_right("the tinysys project", "tinysys 과제") == "the tinysys project"


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("a shoal ( SHL) of fish", "a shoal (SHL) of fish"),
        ("by 10~20%, 1.5% ~ 3% and 8K~1M", "by 10-20%, 1.5%-3% and 8K-1M"),
        ("about ~20 fish, x ~ N(0, 1)", "about ~20 fish, x ~ N(0, 1)"),
        ("a smile :( here", "a smile :( here"),
        ("GPT-4 ~1.8T, K ~ 10 and an A100 80GB ~10 hours", "GPT-4 ~1.8T, K ~ 10 and an A100 80GB ~10 hours"),
        ("18GB~24GB from 2024-04-01~2024-04-07", "18GB-24GB from 2024-04-01~2024-04-07"),
    ],
)
def test_blanks_in_brackets_and_ranges(written: str, wanted: str) -> None:
    assert spelled_right(written, SOURCE) == wanted


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("The hidden layers (Hidden Layer) grow.", "The hidden layers grow."),
        ("FishNet (FishNet) swims.", "FishNet swims."),
        ("a policy called mode (MoDE) wins", "a policy called MoDE wins"),
        ("a GNN (GNN, graph neural network) swims", "a GNN (graph neural network) swims"),
        ("a GNN (GNN; Graph Neural Network) swims", "a GNN (Graph Neural Network) swims"),
        ("the few-shot (Few Shot) case", "the few-shot case"),
        ("video LMMs (video-LMM) are", "video LMMs are"),
    ],
)
def test_a_term_does_not_explain_itself(written: str, wanted: str) -> None:
    assert spelled_right(written, SOURCE) == wanted


@pytest.mark.parametrize(
    "right",
    [
        "a graph neural network (GNN) swims",
        "classes (CLASS) and functions (FUNCTION)",
        "FishNet-R1 (R1) and state-of-the-art (the-art)",
        "the residual R (R, what remains)",
        "nets (fish nets)",
        "FB (FBS) and GN (GNS)",
    ],
)
def test_brackets_that_say_something_stay(right: str) -> None:
    assert spelled_right(right, SOURCE) == right


def test_two_forms_of_a_name_in_the_source_stay() -> None:
    assert spelled_right("fishnet (FishNet) swims", "fishnet(FishNet)은 헤엄친다.") == "fishnet (FishNet) swims"


_WORDS = st.sampled_from(
    ("a", "an", "A", "in", "fish", "fishs", "GPT-4", "MoDE", "mode", "(MoDE)", "(GNN,", "GNN", "net)", "12%~15%", "3.5", "eel", "LLM", "8B",
     "( x)", "energys")
)  # fmt: skip


@given(st.lists(_WORDS, max_size=14).map(" ".join))
def test_no_name_and_no_number_is_lost_and_nothing_is_added(text: str) -> None:
    found = spelled_right(text, SOURCE)
    for part in re.findall(r"GPT-4|MoDE|GNN|LLM|8B|12%|15%|3\.5|eel|net", text):
        assert part in found
    assert len(found) <= len(text) + len(text.split())
