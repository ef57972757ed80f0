"""Settings from YAML: complete examples, errors that name file, key, value and choice, overrides that win."""

from pathlib import Path

import pytest
import yaml

from translator import Settings
from translator.config import read_settings
from translator.errors import UserError

CONFIGS = sorted((Path(__file__).parent.parent / "configs").glob("*.yaml"))


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "settings.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
class TestExamples:
    def test_it_is_valid(self, path: Path) -> None:
        assert isinstance(read_settings(path), Settings)

    def test_it_lists_every_setting_in_the_order_of_the_model(self, path: Path) -> None:
        assert set(yaml.safe_load(path.read_text(encoding="utf-8"))) == set(Settings.model_fields)


def test_there_are_examples() -> None:
    assert len(CONFIGS) >= 2


def test_the_default_example_has_the_defaults() -> None:
    assert read_settings(CONFIGS[0].with_name("default.yaml")) == Settings()


def test_no_file_and_an_empty_file_are_the_defaults(tmp_path: Path) -> None:
    assert read_settings(None) == Settings()
    assert read_settings(written(tmp_path, "")) == Settings()
    assert read_settings(written(tmp_path, "# nothing\n")) == Settings()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("beam_sizes: 4", ["beam_sizes", "beam_size"]),
        ("beam_size: four", ["beam_size", "'four'", "from 1 to 64"]),
        ("beam_size: '4'", ["beam_size", "'4'", "whole number"]),
        ("beam_size: 0", ["beam_size", "0", "from 1 to 64"]),
        ("beam_size: true", ["beam_size", "True"]),
        ("beam_size: 4.5", ["beam_size", "4.5"]),
        ("length_penalty: .nan", ["length_penalty", "nan"]),
        ("length_penalty: .inf", ["length_penalty", "inf"]),
        ("device: tpu", ["device", "'tpu'", "auto, cpu, cuda"]),
        ("engine: onnx", ["engine", "'onnx'", "ctranslate2, transformers"]),
        ("order: korean", ["order", "'korean'", "source-first, target-first"]),
        ("layouts: interleaved", ["layouts", "'interleaved'", "english"]),
        ("layouts: []", ["layouts", "[]", "english"]),
        ("layouts: [english, latin]", ["layouts", "'latin'", "english"]),
        ("pad_batches: 1", ["pad_batches", "1", "true or false"]),
        ("glossary: 5", ["glossary", "5"]),
        ("checks_off: [lost-nmae]", ["checks_off", "lost-nmae", "lost-name, invented-name"]),
        ("checks_off: length", ["checks_off", "'length'", "a list of"]),
        ("model: ''", ["model", "''"]),
        ("model:", ["model", "None"]),
        ("model: [a]", ["model"]),
        ("1: 2", ["'1'"]),
        ("- a", ["list"]),
        ("just words", ["str"]),
        ("a: [", ["YAML"]),
        ("a: b: c", ["YAML", "line 1"]),
        ("model: a\n\tb: c", ["YAML", "line 2"]),
        ("model: !!python/object:os.system a", ["YAML"]),
        ("model: 2026-13-45", ["settings.yaml"]),
        ("model: \x00", ["settings.yaml"]),
        (b"model: \xff\xfe", ["UTF-8"]),
    ],
)
def test_a_wrong_setting_is_told_with_file_key_value_and_choice(tmp_path: Path, text: str | bytes, words: list[str]) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UserError) as caught:
        read_settings(path)
    message = str(caught.value)
    assert str(path) in message
    assert all(word in message for word in words), message


def test_every_wrong_setting_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        read_settings(written(tmp_path, "beam_size: 0\ndevice: tpu\n"))
    assert "beam_size" in str(caught.value)
    assert "device" in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(UserError, match="cannot be read"):
            read_settings(path)


def test_overrides_win_and_none_does_not_count(tmp_path: Path) -> None:
    path = written(tmp_path, "beam_size: 2\nlayouts: [table]\n")
    settings = read_settings(path, {"beam_size": 6, "layouts": None, "device": "cpu"})
    assert (settings.beam_size, settings.layouts, settings.device) == (6, ["table"], "cpu")


def test_a_glossary_is_beside_its_configuration_and_one_of_the_command_line_is_not(tmp_path: Path) -> None:
    path = written(tmp_path, "glossary: terms.tsv\n")
    assert read_settings(path).glossary == str(tmp_path / "terms.tsv")
    assert read_settings(path, {"glossary": "terms.tsv"}).glossary == "terms.tsv"
    assert read_settings(written(tmp_path, "glossary: /terms/all.tsv\n")).glossary == "/terms/all.tsv"


def test_a_wrong_override_is_blamed_on_the_command_line() -> None:
    with pytest.raises(UserError, match=r"command line.*model"):
        read_settings(None, {"model": ""})


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().beam_size = 2  # type: ignore[misc]


def test_hypotheses_are_at_most_as_many_as_beams() -> None:
    assert Settings(beam_size=2, num_hypotheses=8).decoding().num_hypotheses == 2


def test_engine_options_and_decoding_take_over_every_setting_of_theirs() -> None:
    settings = Settings(model="m", threads=3, max_batch_tokens=77, pad_batches=True, max_source_length=50, no_repeat_ngram_size=2)
    options, decoding = settings.engine_options(), settings.decoding()
    assert (options.model, options.threads, options.max_batch_tokens) == ("m", 3, 77)
    assert (options.pad_batches, options.max_source_length) == (True, 50)
    assert decoding.no_repeat_ngram_size == 2
