"""Glossaries from TSV and YAML, and their terms in translations of the bundled model."""

from pathlib import Path

import pytest

from translator import Document, Settings, Translator
from translator.errors import UserError
from translator.glossary import read_glossary


def written(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def test_tsv_with_comments_blank_lines_and_terms_not_to_translate(tmp_path: Path) -> None:
    path = written(tmp_path, "g.tsv", "\ufeff# terms\n\n확산 모델\tdiffusion model\r\n 정렬 \t alignment \n김치\n라면\t\n")
    assert read_glossary(path).terms == {"확산 모델": "diffusion model", "정렬": "alignment", "김치": "김치", "라면": "라면"}


def test_yaml(tmp_path: Path) -> None:
    for name in ("g.yaml", "g.yml", "G.YAML"):
        path = written(tmp_path, name, "# terms\n확산 모델: diffusion model\n김치:\n라면: ''\n")
        assert read_glossary(path).terms == {"확산 모델": "diffusion model", "김치": "김치", "라면": "라면"}


@pytest.mark.parametrize("name", ["empty.tsv", "empty.yaml"])
def test_an_empty_glossary_has_no_terms(tmp_path: Path, name: str) -> None:
    assert read_glossary(written(tmp_path, name, "")).terms == {}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("g.tsv", "가\ta\n나\tb\tc\n", "line 2"),
        ("g.tsv", "# x\n\ttarget\n", "line 2"),
        ("g.tsv", "가\ta\n\n가\tb\n", "line 3.*'a'"),
        ("g.tsv", b"\xb0\xa1\ta\n", "UTF-8"),
        ("g.tsv", "가\ta\n".encode("utf-16"), "is UTF-16.*iconv -f utf-16 -t utf-8"),
        ("g.tsv", "가\ta\n".encode() + "나\tb\n".encode("cp949"), "line 2: not UTF-8"),
        ("g.yaml", "- 가\n- 나\n", "list"),
        ("g.yaml", "가: [a, b]\n", "'가'"),
        ("g.yaml", "5: a\n", "5"),
        ("g.yaml", "가: [", "line 1: not valid YAML .*expected"),
        ("g.yaml", "가: a\n나: b: c\n", "line 2: not valid YAML .*mapping values"),
        ("g.yaml", "가: 2026-13-45", "g.yaml"),
        ("g.yaml", "'': a\n", "''"),
        ("g.yaml", b"\xff", "UTF-8"),
    ],
)
def test_a_wrong_glossary_is_told_with_its_place(tmp_path: Path, name: str, text: str | bytes, words: str) -> None:
    path = written(tmp_path, name, text)
    with pytest.raises(UserError, match=words) as caught:
        read_glossary(path)
    assert str(path) in str(caught.value)


def test_a_glossary_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_glossary(tmp_path / "none.tsv")


def test_terms_come_through_the_bundled_model_or_are_flagged(tmp_path: Path) -> None:
    terms = {"확산 모델": "diffusion generator", "보상 모델": "RewardNet", "김치찌개": "", "벤치마크": "testbed", "별빛": "Starlight"}
    path = written(tmp_path, "g.tsv", "".join(f"{korean}\t{english}\n" for korean, english in terms.items()))
    text = "\n\n".join(
        (
            "우리는 새로운 확산 모델을 제안합니다.",
            "보상 모델은 학습에서 중요한 역할을 합니다.",
            "이 로봇은 김치찌개를 끓일 수 있습니다.",
            "별빛은 세 개의 벤치마크에서 높은 성능을 보였습니다.",
            "확산 모델과 보상 모델을 함께 학습합니다.",
        )
    )
    document = Document.parse(text)
    with Translator(Settings(glossary=str(path), threads=1)) as translator:
        found = translator.translate(document)
    present = 0
    for unit, translation in zip(document.units, found, strict=True):
        for korean, english in terms.items():
            if korean in unit.text:
                there = (english or korean).casefold() in translation.target.casefold()
                present += there
                assert there or "glossary" in {flag.check for flag in translation.flags}, translation
    assert present >= 4
