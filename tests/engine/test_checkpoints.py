"""Checkpoint folders: found, checked, hashed, made safe, refused."""

import json
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from translator.engine import Decoding, EngineOptions, load_engine
from translator.engine.catalog import BUNDLED, bundled_path
from translator.engine.checkpoint import build_once, content_hash, locate, safe_weights
from translator.engine.loading import resolved
from translator.engine.tokenizer import load_tokenizer
from translator.errors import TranslatorError, UserError

SENTENCES = ("우리는 긴 문서를 요약하는 간단한 방법을 소개한다.", "추론 속도가 두 배 빨라졌다.")
GREEDY = Decoding(beam_size=1, max_decoding_length=20)

Spoilt = Callable[[str], Path]


@pytest.fixture
def copy(tiny_marian: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_marian, tmp_path / "copy"))


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRANSLATOR_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def options(model: Path | str, engine: str = "ctranslate2") -> EngineOptions:
    return EngineOptions(model=str(model), engine=engine, device="cpu", compute_type="float32", threads=1)


def pickled(folder: Path) -> Path:
    """The folder with its weights as pytorch_model.bin instead of safetensors."""
    import torch
    from safetensors.torch import load_file

    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    return folder


class TestPickles:
    @pytest.mark.parametrize("engine", ["ctranslate2", "transformers"])
    def test_a_pickled_checkpoint_is_rewritten_and_translates_the_same(
        self, tiny_marian: Path, copy: Path, own_cache: Path, engine: str
    ) -> None:
        safe, plain = load_engine(options(tiny_marian, engine)), load_engine(options(pickled(copy), engine))
        texts = [[h[0].text for h in loaded.translate(SENTENCES, GREEDY)] for loaded in (safe, plain)]
        assert texts[0] == texts[1]
        rewritten = list((own_cache / "checkpoints").iterdir())
        assert [folder.name for folder in rewritten] == [content_hash(copy)]
        assert (rewritten[0] / "model.safetensors").is_file()
        assert not (rewritten[0] / "pytorch_model.bin").exists()
        assert not (copy / "model.safetensors").exists()  # the user's folder is left as it was

    def test_the_copy_is_made_once(self, copy: Path, own_cache: Path) -> None:
        pickled(copy)
        first = safe_weights(copy)
        stamp = (first / "model.safetensors").stat().st_mtime_ns
        assert safe_weights(copy) == first
        assert (first / "model.safetensors").stat().st_mtime_ns == stamp

    def test_safetensors_are_used_where_they_are(self, copy: Path, own_cache: Path) -> None:
        assert safe_weights(copy) == copy
        assert not own_cache.exists()

    def test_a_pickle_with_code_is_refused_and_does_not_run(self, copy: Path, own_cache: Path, tmp_path: Path) -> None:
        mark = tmp_path / "ran"

        class Evil:
            def __reduce__(self) -> tuple[object, tuple[str]]:
                return os.system, (f"touch {mark}",)

        pickled(copy)
        import torch

        for write in (lambda p: p.write_bytes(pickle.dumps(Evil())), lambda p: torch.save({"a": Evil()}, p)):
            write(copy / "pytorch_model.bin")
            with pytest.raises(UserError, match=r"pytorch_model\.bin"):
                load_engine(options(copy))
            assert not mark.exists()
        assert not any((own_cache / "checkpoints").glob("*"))
        assert not any((own_cache / "checkpoints").glob(".*"))

    @pytest.mark.parametrize("content", [b"", b"not a pickle", b"PK\x03\x04 broken zip"])
    def test_a_file_that_is_no_pickle_is_refused(self, copy: Path, own_cache: Path, content: bytes) -> None:
        (pickled(copy) / "pytorch_model.bin").write_bytes(content)
        with pytest.raises(UserError, match=r"pytorch_model\.bin"):
            load_engine(options(copy))

    def test_a_pickle_that_holds_no_weights_is_refused(self, copy: Path, own_cache: Path) -> None:
        import torch

        torch.save([1, 2, 3], pickled(copy) / "pytorch_model.bin")
        with pytest.raises(UserError, match=r"pytorch_model\.bin"):
            load_engine(options(copy))


def _without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _with(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(content) and None


SPOILT = {
    "no config.json": (_without("config.json"), "config.json"),
    "broken config.json": (_with("config.json", b"{"), "config.json"),
    "config.json is no mapping": (_with("config.json", b"[1]"), "config.json"),
    "config.json is not UTF-8": (_with("config.json", b"\xff\xfe{}"), "config.json"),
    "another kind of model": (_with("config.json", b'{"model_type": "bert"}'), "bert"),
    "a model without a kind": (_with("config.json", b"{}"), "nameless"),
    "no weights": (_without("model.safetensors"), "no weights"),
    "truncated weights": (_with("model.safetensors", b"\x08\x00\x00"), "copy"),
    "no source vocabulary": (_without("source.spm"), "copy"),
    "no target vocabulary": (_without("target.spm"), "copy"),
    "broken source vocabulary": (_with("source.spm", b"nothing"), "copy"),
    "no shared vocabulary": (_without("vocab.json"), "copy"),
    "broken shared vocabulary": (_with("vocab.json", b"{"), "copy"),
    "shared vocabulary is no mapping": (_with("vocab.json", b"3"), "copy"),
    "broken tokenizer configuration": (_with("tokenizer_config.json", b"{"), "copy"),
}


@pytest.mark.parametrize("engine", ["ctranslate2", "transformers", "auto"])
@pytest.mark.parametrize("spoil", SPOILT)
def test_a_spoilt_checkpoint_is_refused_in_a_sentence(copy: Path, own_cache: Path, spoil: str, engine: str) -> None:
    act, named = SPOILT[spoil]
    act(copy)
    with pytest.raises(UserError) as caught:
        load_engine(options(copy, engine))
    assert named in str(caught.value)


def test_a_vocabulary_without_korean_is_refused(copy: Path) -> None:
    vocabulary = json.loads((copy / "vocab.json").read_text(encoding="utf-8"))
    latin = {token: number for token, number in vocabulary.items() if token.isascii() and not token.startswith("<0x")}
    (copy / "vocab.json").write_text(json.dumps(latin), encoding="utf-8")
    with pytest.raises(UserError, match="unknown"):
        load_tokenizer(copy, None, None)
    with pytest.raises(UserError, match="unknown"):
        load_engine(options(copy))


def test_a_language_that_the_model_does_not_know_is_refused(tiny_nllb: Path) -> None:
    for engine in ("ctranslate2", "transformers"):
        with pytest.raises(UserError, match="xxx_Yyyy"):
            load_engine(EngineOptions(model=str(tiny_nllb), engine=engine, device="cpu", target_language="xxx_Yyyy"))


class TestNames:
    @pytest.mark.parametrize("name", BUNDLED)
    def test_bundled_models_are_found_by_name(self, name: str) -> None:
        assert locate(name) == bundled_path(name)

    def test_a_folder_is_found_by_path(self, tiny_marian: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert locate(str(tiny_marian)) == tiny_marian
        monkeypatch.chdir(tiny_marian.parent)
        assert locate("tiny-marian").resolve() == tiny_marian.resolve()
        assert locate("./tiny-marian").resolve() == tiny_marian.resolve()

    @pytest.mark.parametrize("name", ["opus-mt-ko-en", "Helsinki-NLP/opus-mt-ko-en", "someone/some-nllb"])
    def test_a_hub_model_that_is_not_here_is_named_with_the_command_that_fetches_it(self, name: str) -> None:
        with pytest.raises(UserError, match=r"translator models fetch \S+/\S+") as caught:
            locate(name)
        assert name in str(caught.value)

    @pytest.mark.parametrize("name", ["bad/small.md", "./none", "../none", "/nowhere/at/all", "~/nowhere", "runs/mine/model"])
    def test_a_path_is_not_taken_for_a_name_of_the_hub(self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "bad").mkdir()
        (tmp_path / "bad/small.md").touch()
        monkeypatch.chdir(tmp_path)
        with pytest.raises(UserError, match=f"no model folder at {name}") as caught:
            locate(name)
        assert "fetch" not in str(caught.value)

    def test_no_option_is_named_where_every_command_has_its_own(self) -> None:
        with pytest.raises(UserError, match="give the path of a folder") as caught:
            locate("nosuch")
        assert "--" not in str(caught.value)

    @pytest.mark.parametrize(
        "name",
        ["a/b/c/d", "nonsense", "/nowhere/at/all", "./nowhere", "~/nowhere", "~nobody-of-that-name/x", "a b", "..", "a\0b", "x" * 300],
    )
    def test_names_of_nothing_are_refused(self, name: str) -> None:
        with pytest.raises(UserError):
            locate(name)


class TestContentHash:
    def test_it_is_of_the_content_not_the_place(self, tiny_marian: Path, copy: Path) -> None:
        assert content_hash(tiny_marian) == content_hash(copy)
        assert len(content_hash(copy)) == 16

    @pytest.mark.parametrize("name", ["model.safetensors", "source.spm", "vocab.json", "config.json"])
    def test_a_byte_changes_it(self, copy: Path, name: str) -> None:
        before = content_hash(copy)
        data = bytearray((copy / name).read_bytes())
        data[-1] ^= 1
        (copy / name).write_bytes(data)
        assert content_hash(copy) != before

    def test_a_readme_does_not(self, copy: Path) -> None:
        before = content_hash(copy)
        (copy / "README.md").write_text("hello", encoding="utf-8")
        assert content_hash(copy) == before


class TestBuildOnce:
    def test_a_failure_leaves_nothing_behind(self, tmp_path: Path) -> None:
        def build(draft: Path) -> None:
            (draft / "half").write_text("x", encoding="utf-8")
            raise RuntimeError("no")

        with pytest.raises(RuntimeError):
            build_once(tmp_path / "cache" / "thing", build)
        assert list((tmp_path / "cache").iterdir()) == []

    def test_it_builds_once(self, tmp_path: Path) -> None:
        built: list[Path] = []
        for _ in range(2):
            assert build_once(tmp_path / "thing", built.append) == tmp_path / "thing"
        assert len(built) == 1

    def test_another_process_may_be_first(self, tmp_path: Path) -> None:
        target = tmp_path / "thing"

        def build(draft: Path) -> None:
            (draft / "mine").touch()
            target.mkdir()
            (target / "theirs").touch()

        assert build_once(target, build) == target
        assert [path.name for path in tmp_path.iterdir()] == ["thing"]
        assert (target / "theirs").exists()


class TestLoading:
    def test_auto_takes_ctranslate2_and_int8(self) -> None:
        engine = load_engine(EngineOptions("digest-ko-en", device="cpu", threads=1))
        assert engine.name == "ctranslate2"
        engine.close()

    @pytest.mark.parametrize("compute_type", ["int8", "int8_float32"])
    def test_transformers_has_no_int8(self, compute_type: str) -> None:
        with pytest.raises(UserError, match="ctranslate2"):
            load_engine(EngineOptions("digest-ko-en", engine="transformers", device="cpu", compute_type=compute_type))

    @pytest.mark.parametrize(
        ("gpus", "asked", "tokens", "padded", "compute_type"),
        [
            (0, EngineOptions("m"), 1024, False, "int8"),
            (1, EngineOptions("m"), 16384, True, "float16"),
            (1, EngineOptions("m", device="cpu"), 1024, False, "int8"),
            (1, EngineOptions("m", max_batch_tokens=99, pad_batches=False), 99, False, "float16"),
            (0, EngineOptions("m", max_batch_tokens=99, pad_batches=True), 99, True, "int8"),
        ],
    )
    def test_batches_suit_the_device_unless_they_are_asked_for(self, monkeypatch, gpus, asked, tokens, padded, compute_type) -> None:
        monkeypatch.setattr("ctranslate2.get_cuda_device_count", lambda: gpus)
        here = resolved(asked)
        assert (here.max_batch_tokens, here.pad_batches, here.compute_type) == (tokens, padded, compute_type)

    def test_a_gpu_that_is_not_there_is_missed_in_a_sentence(self) -> None:
        import ctranslate2

        if ctranslate2.get_cuda_device_count():
            pytest.skip("there is a GPU")
        with pytest.raises(UserError, match="--device cpu"):
            load_engine(EngineOptions("digest-ko-en", device="cuda"))

    def test_auto_falls_back_to_transformers_where_a_model_does_not_convert(self, copy: Path) -> None:
        from safetensors.torch import load_file, save_file

        weights = load_file(copy / "model.safetensors")
        weights["model.shared.weight"][-1] = 1.0
        save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
        engine = load_engine(EngineOptions(str(copy), device="cpu", threads=1))
        assert engine.name == "transformers"
        engine.close()
        with pytest.raises(UserError, match="--engine transformers"):
            load_engine(EngineOptions(str(copy), engine="ctranslate2", device="cpu", threads=1))

    def test_a_cache_that_cannot_be_written_is_told(self, copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        blocked = tmp_path / "file"
        blocked.touch()
        monkeypatch.setenv("TRANSLATOR_CACHE", str(blocked))
        with pytest.raises(TranslatorError):
            load_engine(options(copy))
