"""A run of configs/train/tiny.yaml that the tests share, and other settings made from it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import run_command

REPOSITORY = Path(__file__).resolve().parents[2]
TINY = REPOSITORY / "configs" / "train" / "tiny.yaml"

Configure = Callable[..., Path]


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory, one_thread: None) -> Path:
    """The folder of a finished run of the tiny configuration."""
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    done = run_command("train", TINY, "--output", folder, "--data-folder", REPOSITORY / "examples" / "train")
    assert done.code == 0, done.err
    return folder


@pytest.fixture
def configure(tmp_path: Path) -> Configure:
    """Writes the tiny configuration with dotted settings changed, and says where."""

    def write(**changes: Any) -> Path:
        values = yaml.safe_load(TINY.read_text(encoding="utf-8"))
        values |= {"output": str(tmp_path / "run"), "data_folder": str(REPOSITORY / "examples" / "train")}
        for name, value in changes.items():
            place = values
            *groups, key = name.split("__")
            for group in groups:
                place = place.setdefault(group, {})
            place[key] = value
        path = tmp_path / "config.yaml"
        path.write_text(yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")
        return path

    return write
