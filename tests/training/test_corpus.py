"""Pairs from each format, and sentences about what is wrong in a file."""

import json
from pathlib import Path

import pytest

from translator.errors import UserError
from translator.training.corpus import Pair, read_pairs, read_texts

TMX = """<?xml version="1.0" encoding="utf-8"?>
<tmx version="1.4"><header srclang="ko"/><body>
<tu><tuv xml:lang="ko-KR"><seg>모델을 <bpt i="1"/>제안한다.</seg></tuv><tuv xml:lang="EN"><seg>A model is proposed.</seg></tuv></tu>
<tu><tuv xml:lang="en_GB"><seg>The order does not matter.</seg></tuv><tuv xml:lang="ko"><seg>순서는 상관없다.</seg></tuv></tu>
<tu><tuv xml:lang="ko"><seg>영어가 없다.</seg></tuv><tuv xml:lang="ja"><seg>英語がない。</seg></tuv></tu>
</body></tmx>"""
WANTED = [Pair("모델을 제안한다.", "A model is proposed."), Pair("순서는 상관없다.", "The order does not matter.")]


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_bytes(text.encode("utf-8"))
    return path


def test_each_format_gives_the_same_pairs(tmp_path: Path) -> None:
    rows = [(pair.source, pair.target) for pair in WANTED]
    texts = {
        "a.tsv": "\ufeff" + "".join(f"{ko}\t{en}\tfurther column\r\n" for ko, en in rows) + "\n",
        "b.jsonl": "".join(json.dumps({"ko": ko, "en": en}) + "\n" for ko, en in rows),
        "c.jsonl": "".join(json.dumps({"id": 1, "source": ko, "target": en, "checks": []}) + "\n" for ko, en in rows),
        "d.tmx": TMX,
    }
    for name, text in texts.items():
        assert read_pairs(written(tmp_path, name, text)) == WANTED, name


def test_pairs_without_a_side_are_left_out(tmp_path: Path) -> None:
    assert read_pairs(written(tmp_path, "a.tsv", "모델\tmodel\n빈칸\t\n\t empty\n")) == [Pair("모델", "model")]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.tsv", "하나\tone\n둘 two\n", ["a.tsv, line 2", "<TAB>"]),
        ("a.tsv", "file\tline\tsection\tsource\ttarget\nx\t1\t\t하나\tone\n", ["`translator export --tsv`", "translator import"]),
        ("a.jsonl", '{"ko": "하나", "en": "one"}\n{"ko": "둘"}\n', ["a.jsonl, line 2", "`source` and `target`"]),
        ("a.jsonl", '{"ko": "하나", "en": "one"}\n[1\n', ["a.jsonl, line 2", "JSON"]),
        ("a.jsonl", '{"source": 1, "target": "one"}\n', ["a.jsonl, line 1"]),
        ("a.tmx", "<tmx><body>\n<tu></body></tmx>", ["a.tmx, line 2", "XML"]),
        ("a.tmx", "<tmx/>", ["a.tmx holds no pairs"]),
        ("a.tmx", '<?xml version="1.0" encoding="EUC-KR"?><tmx/>', ["a.tmx", "UTF-8"]),
        ("a.tmx", '<?xml version="1.0" encoding="nonsense"?><tmx/>', ["a.tmx", "UTF-8"]),
        ("a.csv", "하나,one\n", [".csv", ".tsv"]),
        ("a", "하나\tone\n", ["without an ending"]),
        ("a.tsv", "\n", ["no pairs"]),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_the_line(tmp_path: Path, name: str, text: str, words: list[str]) -> None:
    with pytest.raises(UserError) as caught:
        read_pairs(written(tmp_path, name, text))
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_missing_and_binary_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "b.tsv").write_bytes(b"\xff\xfe\x00")
    for name, word in (("a.tsv", "cannot be read"), ("a.tmx", "cannot be read"), ("b.tsv", "UTF-8")):
        with pytest.raises(UserError, match=word):
            read_pairs(tmp_path / name)


def test_line_breaks_and_doubled_spaces_become_one(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", json.dumps({"source": "두 줄로\n된  글", "target": " two\r\nlines "}))
    assert read_pairs(path) == [Pair("두 줄로 된 글", "two lines")]


def test_the_texts_of_a_set_are_both_sides_or_the_lines(tmp_path: Path) -> None:
    assert read_texts(written(tmp_path, "a.tsv", "하나\tone\n")) == ["하나", "one"]
    assert read_texts(written(tmp_path, "a.ko", "첫 줄\n\n둘째 줄\n")) == ["첫 줄", "둘째 줄"]


def test_the_corrections_of_a_memory_are_pairs_and_what_a_machine_made_is_not(tmp_path: Path) -> None:
    from translator.memory import Context, Entry
    from translator.memory.store import Memory

    with Memory.open(tmp_path / "memory.sqlite") as memory:
        memory.add(Context("model", "settings"), [Entry("모델은 작다.", "A machine wrote this.")])
        memory.add_human([Entry("모델은 작다.", "The model is smal.", "human")])
        memory.add_human([Entry("모델은 작다.", "The model is small.", "human")])
        memory.add_human([Entry("코드는 공개된다.", "The code is released.", "human")])
    found = read_pairs(tmp_path / "memory.sqlite")
    assert found == [Pair("모델은 작다.", "The model is small."), Pair("코드는 공개된다.", "The code is released.")]
