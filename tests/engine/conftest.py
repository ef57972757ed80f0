"""More checkpoints, made from the tiny ones."""

import json
import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny_endless(tmp_path_factory: pytest.TempPathFactory, tiny_marian: Path) -> Path:
    """A MarianMT checkpoint of 64 positions that never ends a sentence by itself."""
    import torch
    from transformers import MarianConfig, MarianMTModel

    folder = tmp_path_factory.mktemp("models") / "tiny-endless"
    shutil.copytree(tiny_marian, folder)
    values = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    values |= {"max_position_embeddings": 64, "forced_eos_token_id": None}
    torch.manual_seed(11)
    model = MarianMTModel(MarianConfig(**values))
    with torch.no_grad():
        model.model.shared.weight[values["pad_token_id"]] = 0.0
        model.final_logits_bias[0, values["pad_token_id"]] = -1e4
        model.final_logits_bias[0, 0] = -1e4
    model.save_pretrained(folder)
    return folder
