"""Networks: growth that keeps the function, adapters that merge, a loss that is transformers' own, and seeing a collapse."""

import copy
import shutil
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.conftest import ENGLISH, KOREAN
from translator.errors import UserError
from translator.training.batches import Batch, Corpus, Position, Stream
from translator.training.corpus import Pair
from translator.training.growth import grown
from translator.training.network import load_network, made_trainable, merge_adapters, new_marian, target_losses, trainable
from translator.training.settings import Architecture, Lora, Optimisation
from translator.training.subwords import load_subwords

PAIRS = [Pair(korean, english) for korean, english in zip(KOREAN, ENGLISH, strict=True)]
TINY = {"d_model": 48, "attention_heads": 4, "ffn_dim": 96, "encoder_layers": 2, "decoder_layers": 2}


def batch_of(checkpoint: Path, pairs: Sequence[Pair] = PAIRS) -> Batch:
    [batch] = islice(Stream([Corpus(pairs, 1.0)], load_subwords(checkpoint, None, None), 4000, 250, 1).batches(Position()), 1)
    return batch


def mean_loss(model: Any, batch: Batch) -> float:
    with torch.no_grad():
        return float(target_losses(model.eval(), batch, 0.0)) / batch.target_tokens


@pytest.mark.parametrize("name", ["tiny_marian", "tiny_nllb"])
def test_the_loss_is_that_of_transformers(name: str, request: pytest.FixtureRequest) -> None:
    checkpoint = request.getfixturevalue(name)
    model, batch = load_network(checkpoint).eval(), batch_of(checkpoint)
    mask = (batch.source != model.config.pad_token_id).long()
    with torch.no_grad():
        theirs = float(model(input_ids=batch.source, attention_mask=mask, labels=batch.labels).loss)
    assert mean_loss(model, batch) == pytest.approx(theirs, rel=1e-5)


def test_a_collapsed_encoder_shows_in_the_loss_with_other_sources(tiny_marian: Path) -> None:
    model, batch = load_network(tiny_marian), batch_of(tiny_marian)
    assert mean_loss(model, batch.with_rolled_sources()) > mean_loss(model, batch) + 0.2
    with torch.no_grad():
        model.model.encoder.layers[-1].final_layer_norm.weight.zero_()  # every position becomes one vector
    assert mean_loss(model, batch.with_rolled_sources()) == pytest.approx(mean_loss(model, batch), abs=1e-4)


def test_a_grown_model_begins_as_the_same_function(tiny_marian: Path) -> None:
    model, batch = load_network(tiny_marian), batch_of(tiny_marian)
    wider = grown(model, Architecture(**{**TINY, "ffn_dim": 160}))
    assert mean_loss(wider, batch) == pytest.approx(mean_loss(model, batch), rel=1e-5)
    deeper = grown(model, Architecture(**{**TINY, "encoder_layers": 4, "decoder_layers": 3}))
    assert (len(deeper.model.encoder.layers), len(deeper.model.decoder.layers)) == (4, 3)
    assert mean_loss(deeper, batch) < mean_loss(model, batch) + 0.1
    assert mean_loss(new_marian(Architecture(**TINY), tiny_marian), batch) > mean_loss(deeper, batch) + 1.0


def test_new_units_learn(tiny_marian: Path) -> None:
    model = grown(load_network(tiny_marian), Architecture(**{**TINY, "ffn_dim": 160, "encoder_layers": 3}))
    target_losses(model, batch_of(tiny_marian), 0.0).backward()
    for name, weight in trainable(model):
        if "fc2.weight" in name:
            assert weight.grad is not None
            assert weight.grad[:, 96:].abs().max() > 0, name


@pytest.mark.parametrize(
    ("change", "word"), [({"ffn_dim": 64}, "ffn_dim 64"), ({"decoder_layers": 1}, "decoder_layers 1"), ({"d_model": 96}, "d_model 48")]
)
def test_what_is_no_growth_is_refused(tiny_marian: Path, change: dict[str, int], word: str) -> None:
    with pytest.raises(UserError, match=word):
        grown(load_network(tiny_marian), Architecture(**{**TINY, **change}))


def test_a_damaged_first_model_is_a_sentence(tiny_marian: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(tiny_marian, broken)
    (broken / "model.safetensors").write_bytes((tiny_marian / "model.safetensors").read_bytes()[:5000])
    with pytest.raises(UserError, match="broken cannot be loaded"):
        load_network(broken)
    (broken / "vocab.json").unlink()
    with pytest.raises(UserError, match="broken"):
        load_subwords(broken, None, None)


def test_another_kind_of_model_is_not_grown(tiny_nllb: Path) -> None:
    with pytest.raises(UserError, match="MarianMT"):
        grown(load_network(tiny_nllb), Architecture())


@pytest.mark.parametrize("name", ["tiny_marian", "tiny_nllb"])
def test_adapters_train_alone_and_merge_into_the_weights(name: str, request: pytest.FixtureRequest) -> None:
    checkpoint = request.getfixturevalue(name)
    batch, before = batch_of(checkpoint), load_network(checkpoint)
    model = made_trainable(load_network(checkpoint), Optimisation(max_steps=1), Lora(rank=4, dropout=0.0), "cpu")
    weights = dict(trainable(model))
    assert weights
    assert all("lora_" in weight for weight in weights)
    assert mean_loss(model, batch) == pytest.approx(mean_loss(before, batch), rel=1e-5)
    with torch.no_grad():
        for weight in weights.values():
            weight.add_(0.05 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(1)))
    adapted = mean_loss(model, batch)
    merged = copy.deepcopy(model)
    merge_adapters(merged)
    assert not any("lora" in weight for weight in merged.state_dict())
    assert set(merged.state_dict()) == set(before.state_dict())
    assert mean_loss(merged, batch) == pytest.approx(adapted, rel=1e-4)
    assert abs(adapted - mean_loss(before, batch)) > 1e-3
