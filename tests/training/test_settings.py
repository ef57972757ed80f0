"""Training configurations: the examples are whole, mistakes are sentences."""

from pathlib import Path

import pytest
import yaml

from translator.errors import UserError
from translator.training.settings import RESUMABLE, TrainingSettings, fine_tuning_values, read_training_settings, with_overrides
from translator.training.trainer import fixed_settings

CONFIGS = Path(__file__).resolve().parents[2] / "configs" / "train"
LEAST = {"data": [{"file": "a.tsv"}], "optimisation": {"max_steps": 3}}


@pytest.mark.parametrize("name", ["tiny.yaml", "digest-ko-en.yaml", "digest-ko-en-continued.yaml", "digest-ko-en-deeper.yaml"])
def test_the_examples_are_valid(name: str) -> None:
    assert read_training_settings(CONFIGS / name, {}).data


def test_the_example_of_fine_tuning_is_what_the_command_does() -> None:
    assert yaml.safe_load((CONFIGS / "finetune.yaml").read_text(encoding="utf-8")) == fine_tuning_values()


def test_overrides_win_in_groups_and_nothing_does_not_count() -> None:
    settings = with_overrides(LEAST, {"optimisation.max_minutes": 2.5, "lora.rank": 4, "init": "a", "seed": None}, "x.yaml")
    assert settings.optimisation.max_minutes == 2.5
    assert settings.optimisation.max_steps == 3
    assert settings.lora is not None
    assert settings.lora.rank == 4
    assert settings.seed == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"data": []}, ["data", "[]"]),
        ({"data": [{"fil": "a"}]}, ["'data.0.fil'", "file, weight"]),
        ({"optimisation": {}}, ["max_steps", "never ends"]),
        ({"optimisation": {"max_steps": "3"}}, ["optimisation.max_steps", "'3'", "a whole number"]),
        ({"optimisation": {"max_steps": 3, "schedule": "line"}}, ["optimisation.schedule", "'line'", "constant, inverse-sqrt, cosine"]),
        ({"optimisation": {"max_steps": 3, "dropout": 1.5}}, ["optimisation.dropout", "1.5"]),
        ({"architecture": {"d_model": 30}}, ["d_model 30", "attention_heads 4"]),
        ({"lora": {"rank": 4}}, ["init"]),
        ({"lora": {}, "init": "a", "optimisation": {"max_steps": 3, "blend": 0.5}}, ["lora", "blend"]),
        ({"evaluation": {"patience": 3}}, ["every_steps"]),
        ({"tests": "a.tsv"}, ["tests", "a list of a text"]),
        ({"data": {"file": "a.tsv"}}, ["data", "a list of a group of settings: file, weight"]),
        ({"optimisation": {"max_steps": 3, "learning_rate": "5e-4"}}, ["learning_rate", "'5e-4'", "5.0e-4"]),
        ({"optimisation": {"max_steps": 3, "learning_rate": 2.0}}, ["learning_rate", "2.0", "above 0.0 and at most 1.0"]),
        ({"optimisation": {"max_minutes": 0.0}}, ["max_minutes", "above 0.0"]),
        ({"optimisation": "fast"}, ["optimisation", "'fast'"]),
        ({"tokeniser": {}}, ["'tokeniser'", "tokenizer"]),
        ({"name": "a/b"}, ["name", "'a/b'"]),
    ],
)
def test_a_wrong_setting_is_told(change: dict[str, object], words: list[str]) -> None:
    with pytest.raises(UserError) as caught:
        with_overrides({**LEAST, **change}, {}, "x.yaml")
    assert str(caught.value).startswith("x.yaml: ")
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_what_may_change_when_resuming_exists_and_is_not_fixed() -> None:
    settings = with_overrides(LEAST, {}, "x.yaml")
    fixed = fixed_settings(settings)
    assert not RESUMABLE & fixed.keys()
    groups = {"optimisation": settings.optimisation, "evaluation": settings.evaluation}
    every = {*TrainingSettings.model_fields, *(f"{name}.{key}" for name, group in groups.items() for key in type(group).model_fields)}
    assert every >= RESUMABLE
    assert "optimisation.learning_rate" in fixed
