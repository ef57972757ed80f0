"""A larger MarianMT model that begins as the same function as a smaller one.

Feed-forward layers get new units that contribute nothing yet (exact). New encoder and decoder layers are spread between the old
ones; their branches add nothing yet, and their layer norms undo themselves as far as the statistics of their input allow (nearly exact:
the norm's scale is a mean over tokens). Chen et al. 2016, "Net2Net", is where the idea comes from; layer norms after the residual
sum, as Marian has them, are what is added here.
"""

import re
from typing import Any

from translator.errors import UserError
from translator.training.settings import Architecture

_NEW_WEIGHTS = 0.5  # of Xavier's scale, so that new units do not swamp old ones


def grown(model: Any, architecture: Architecture) -> Any:
    """A new MarianMTModel of an architecture that computes (nearly) what model computes.

    Raises UserError where the architecture is smaller anywhere, or has another width: that is no growth.
    """
    import torch
    from transformers import MarianConfig, MarianMTModel

    old = model.config
    if old.model_type != "marian":
        raise UserError("architecture: only MarianMT models are grown; leave it out to go on from another model as it is")
    if (architecture.d_model, architecture.attention_heads) != (old.d_model, old.encoder_attention_heads):
        had = f"d_model {old.d_model}, attention_heads {old.encoder_attention_heads}"
        raise UserError(f"architecture: what the first model has must stay ({had})")
    least = {"ffn_dim": old.encoder_ffn_dim, "encoder_layers": old.encoder_layers, "decoder_layers": old.decoder_layers}
    wanted = {name: getattr(architecture, name) for name in least}
    smaller = [f"{name} {wanted[name]} is less than {size}" for name, size in least.items() if wanted[name] < size]
    if smaller:
        raise UserError(f"architecture: {', '.join(smaller)}, which is what the first model has")
    values = old.to_dict() | {
        "encoder_ffn_dim": architecture.ffn_dim, "decoder_ffn_dim": architecture.ffn_dim,
        "encoder_layers": architecture.encoder_layers, "decoder_layers": architecture.decoder_layers,
    }  # fmt: skip
    new = MarianMTModel(MarianConfig(**values))
    weights = model.state_dict()
    origin = {
        side: _origins(getattr(old, f"{side}_layers"), getattr(architecture, f"{side}_layers")) for side in ("encoder", "decoder")
    }
    with torch.no_grad():
        for name, tensor in new.state_dict().items():
            _fill(name, tensor, weights, origin)
    return new


def _origins(old: int, new: int) -> list[tuple[int, bool]]:
    """For each new layer the old layer it follows from, and whether it is that layer or an addition after it."""
    layers = []
    for i in range(old):
        copies = (i + 1) * new // old - i * new // old
        layers += [(i, True)] + [(i, False)] * (copies - 1)
    return layers


def _fill(name: str, tensor: Any, weights: dict[str, Any], origin: dict[str, list[tuple[int, bool]]]) -> None:
    place = re.match(r"model\.(encoder|decoder)\.layers\.(\d+)\.(.+)", name)
    if not place:
        tensor.copy_(weights[name])
        return
    number, same = origin[place[1]][int(place[2])]
    prefix = f"model.{place[1]}.layers.{number}."
    if "layer_norm" in name and not same:
        gain, offset = weights[f"{prefix}final_layer_norm.weight"], weights[f"{prefix}final_layer_norm.bias"]
        spread = (gain.square().mean() + offset.var(unbiased=False)).sqrt()
        tensor.fill_(float(spread if name.endswith("weight") else offset.mean()))
    elif not same and re.search(r"(out_proj|fc2)\.", name):
        tensor.zero_()
    else:
        _widen(name, tensor, weights[prefix + place[3]])


def _widen(name: str, tensor: Any, old: Any) -> None:
    """Old weights in the first rows and columns; new units of fc1 at random, and nothing from them in fc2."""
    import torch

    if tensor.shape == old.shape:
        tensor.copy_(old)
        return
    tensor.zero_()
    if "fc1.weight" in name:
        torch.nn.init.xavier_uniform_(tensor, gain=_NEW_WEIGHTS)
    tensor[tuple(slice(size) for size in old.shape)] = old
