"""Latin names out of nowhere."""

import pytest

from translator.quality.checks.check import Pair
from translator.quality.checks.names import invented_names


def details(source: str, target: str) -> list[str]:
    return [flag.detail for flag in invented_names(Pair.of(source, target))]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("RiverFlow를 쓴다.", "It uses RiverFlow."),
        ("RiverFlow의 코드", "RiverFlow's code is RiverFlow-based"),
        ("작은 LLM을 쓴다.", "It uses small LLMs."),
        ("인공지능 연구", "AI research"),
        ("3차원 장면", "a 3D scene"),
        ("오픈AI의 발표", "an announcement by OpenAI"),
        ("70억 모델", "a 7B model"),
        ("2배 빠르다.", "2x faster, the 2nd time"),
        ("`myName` 값", "the value of `myName`"),
        ("모델이다.", "This is a Model in the English Language."),
    ],
)
def test_a_name_that_the_source_accounts_for(source: str, target: str) -> None:
    assert details(source, target) == []


@pytest.mark.parametrize(
    ("source", "target", "found"),
    [
        ("영상QA 과제", "the videoLINK task", ["videoLINK"]),
        ("ELFA 방법", "the ELFB method", ["ELFB"]),
        ("모델을 제안한다.", "We propose TideNet-XL.", ["TideNet", "XL"]),
    ],
)
def test_a_name_from_nowhere(source: str, target: str, found: list[str]) -> None:
    assert details(source, target) == found


def test_a_name_that_the_glossary_asks_for_is_not_invented() -> None:
    pair = Pair.of("검색 증강 생성을 쓴다.", "It uses RAG.", terms={"검색 증강 생성": "RAG"})
    assert not list(invented_names(pair))
    assert list(invented_names(Pair.of(pair.source, pair.target)))
