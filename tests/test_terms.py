"""Glossary candidates: the Korean term before the bracket, its usual English, and a file that --glossary takes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from translator.glossary import read_glossary
from translator.terms import Term, mine_terms, to_tsv

DIGEST = """## 오늘의 논문

- 우리는 새로운 확산 모델(diffusion model)을 제안한다.
- 이 확산 모델(diffusion models)은 빠르다.
- 비디오 확산 모델(Diffusion Model)을 소개한다.
- 영상용 디퓨전 모델(diffusion model)을 쓴다.
- 값싼 디퓨전 모델(diffusion model)과 다르다.
- 대표적인 환각(hallucination)을 줄인다.
- 모델의 환각(hallucination)과 지식의 환각(hallucination)을 다룬다.
- 대형 언어 모델(LLM)은 약어이다.
- 검색 증강 생성(retrieval-augmented generation)을 쓴다.
- 쉬운 검색 증강 생성(retrieval-augmented generation)을 고친다.
- 빠른 검색 증강 생성(retrieval-augmented generation)이다.
- 표현(representation)과 표현(expression)과 표현(embedding)은 다르다. 표현(representation)이다.
"""


def texts() -> list[str]:
    return [line.removeprefix("- ") for line in DIGEST.splitlines()]


def found(least: int) -> dict[str, Term]:
    return {term.source: term for term in mine_terms(texts(), least)}


def test_the_term_is_as_long_as_what_comes_back_before_its_english() -> None:
    terms = found(2)
    assert set(terms) == {"확산 모델", "디퓨전 모델", "환각", "검색 증강 생성", "표현"}
    assert terms["검색 증강 생성"].target == "retrieval-augmented generation"
    assert terms["환각"].count == 3


def test_case_and_number_make_no_other_term_and_variants_are_told() -> None:
    term = found(2)["확산 모델"]
    assert (term.target, term.count) == ("diffusion model", 3)
    assert term.sources == (("디퓨전 모델", 2),)


def test_a_korean_term_of_many_meanings_is_left_to_the_reader() -> None:
    terms = found(2)
    assert terms["표현"].targets == (("embedding", 1), ("expression", 1))
    assert terms["표현"].agreed
    many = mine_terms([*texts(), "표현(expression) 표현(wording)"], 2)
    assert not next(term for term in many if term.source == "표현").agreed
    narrower = mine_terms([*texts(), "표현(visual representation) 표현(text representation) 표현(word representation)"], 2)
    assert next(term for term in narrower if term.source == "표현").agreed


def test_rare_pairs_do_not_count() -> None:
    assert set(found(3)) == {"확산 모델", "환각", "검색 증강 생성"}
    assert mine_terms(["아무 것도 없다."], 1) == []


def test_the_file_is_a_glossary(tmp_path: Path, run: Callable[..., Any]) -> None:
    (tmp_path / "digests").mkdir()
    (tmp_path / "digests/a.md").write_text(DIGEST, encoding="utf-8")
    (tmp_path / "digests/away.md").symlink_to("gone.md")  # as `translator translate`, it passes over links that lead nowhere
    path = tmp_path / "terms.tsv"
    result = run("terms", tmp_path / "digests", "--output", path, "--min-count", "2")
    assert (result.code, result.out) == (0, b"")
    assert "5 terms" in result.err
    terms = read_glossary(path).terms
    assert terms["확산 모델"] == "diffusion model"
    assert len(terms) == 5
    assert "also 디퓨전 모델 (2)" in path.read_text(encoding="utf-8")
    assert run("terms", tmp_path / "digests").text == to_tsv(mine_terms(texts(), 3))


def test_what_is_not_agreed_is_a_comment(tmp_path: Path) -> None:
    path = tmp_path / "terms.tsv"
    path.write_text(to_tsv([Term("모델", "model", 3, 4), Term("환각", "hallucination", 5, 5)]), encoding="utf-8")
    assert read_glossary(path).terms == {"환각": "hallucination"}


def test_refusals(tmp_path: Path, run: Callable[..., Any], refused: Callable[[Any], str]) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "old.tsv").write_text("x", encoding="utf-8")
    assert "neither records (*.jsonl) nor digests (*.md)" in refused(run("terms", tmp_path / "empty"))
    assert "no such file or folder" in refused(run("terms", tmp_path / "gone"))
    assert "--force overwrites it" in refused(run("terms", tmp_path / "empty", "-o", tmp_path / "old.tsv"))
    assert (tmp_path / "old.tsv").read_text(encoding="utf-8") == "x"


def test_files_in_a_folder_that_are_no_records_are_left_aside(
    tmp_path: Path, run: Callable[..., Any], refused: Callable[[Any], str]
) -> None:
    (tmp_path / "a.md").write_text(DIGEST, encoding="utf-8")
    for name in ("pairs.jsonl", "deep/more.jsonl"):
        path = tmp_path / "digests" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('{"ko": "모델", "en": "model"}\n', encoding="utf-8")
    (tmp_path / "digests/a.md").write_text(DIGEST, encoding="utf-8")
    result = run("terms", tmp_path / "digests", "--min-count", "2")
    assert (result.code, result.text) == (0, to_tsv(mine_terms(texts(), 2)))
    [said] = result.err.splitlines()
    assert "left aside" in said
    assert "more.jsonl, line 1: no record of `translator translate`" in said
    assert said.endswith("and 1 more")
    assert "no record" in refused(run("terms", tmp_path / "digests/pairs.jsonl"))


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_of_the_texts_does_not_matter(order: int) -> None:
    assert mine_terms(texts()[::order], 1) == mine_terms(texts(), 1)
