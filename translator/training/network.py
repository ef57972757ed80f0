"""The network that is trained: a new MarianMT one, or a MarianMT or NLLB checkpoint, with adapters where they are asked for."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from translator.engine.checkpoint import safe_weights
from translator.errors import UserError
from translator.training.settings import Architecture, Lora, Optimisation, Precision

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Parameter

    from translator.training.batches import Batch

_POSITIONS = 512
_ADAPTED = ["q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2"]


def new_marian(architecture: Architecture, vocabulary: Path) -> Any:
    """A MarianMTModel with initial weights for a vocabulary folder: token 0 ends, the last one pads and starts.

    Post-norm encoders collapse from large weights (every position becomes one vector): linear weights are Xavier's, embeddings
    have a standard deviation of d_model ** -0.5, and the starting embedding is zero, as Marian and CTranslate2 have it. Random
    by torch's generator.
    """
    import torch
    from transformers import MarianConfig, MarianMTModel

    size = len(json.loads((vocabulary / "vocab.json").read_text(encoding="utf-8")))
    config = MarianConfig(
        vocab_size=size, decoder_vocab_size=size, d_model=architecture.d_model, encoder_ffn_dim=architecture.ffn_dim,
        decoder_ffn_dim=architecture.ffn_dim, encoder_layers=architecture.encoder_layers, decoder_layers=architecture.decoder_layers,
        encoder_attention_heads=architecture.attention_heads, decoder_attention_heads=architecture.attention_heads,
        max_position_embeddings=_POSITIONS, activation_function="relu", scale_embedding=True, pad_token_id=size - 1, eos_token_id=0,
        bos_token_id=None, decoder_start_token_id=size - 1, forced_eos_token_id=0, attention_dropout=0.0, activation_dropout=0.0,
    )  # fmt: skip
    model = MarianMTModel(config)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() == 2 and weight.requires_grad and "shared" not in name:
                torch.nn.init.xavier_uniform_(weight)
        model.model.shared.weight.normal_(0, architecture.d_model**-0.5)
        model.model.shared.weight[config.pad_token_id] = 0.0
    return model


def load_network(checkpoint: Path) -> Any:
    """The MarianMT or NLLB model of a checkpoint folder, in float32. Raises UserError where it is damaged."""
    import torch
    from transformers import AutoModelForSeq2SeqLM
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        return AutoModelForSeq2SeqLM.from_pretrained(safe_weights(checkpoint), dtype=torch.float32, local_files_only=True)
    except (UserError, MemoryError):
        raise
    except Exception as error:  # whatever the libraries raise for a file that is cut off or not what it should be
        raise UserError(f"{checkpoint} cannot be loaded ({type(error).__name__}: {str(error)[:160]}); are its files whole?") from error


def made_trainable(model: Any, optimisation: Optimisation, lora: Lora | None, device: str) -> Any:
    """The model in training mode on its device, with dropout and attention as the settings have them and adapters if any."""
    for module in model.modules():
        if isinstance(getattr(module, "dropout", None), float):
            module.dropout = 0.0 if "Attention" in type(module).__name__ else optimisation.dropout
    attention = optimisation.attention if optimisation.attention != "auto" else ("sdpa" if device == "cuda" else "eager")
    model.set_attn_implementation(attention)
    if lora is not None:
        try:
            from peft import LoraConfig, inject_adapter_in_model
        except ImportError as error:
            raise UserError("lora needs the package peft: pip install 'translator[train]'") from error
        config = LoraConfig(r=lora.rank, lora_alpha=lora.alpha, lora_dropout=lora.dropout, target_modules=_ADAPTED)
        model = inject_adapter_in_model(config, model)
    zero_start(model)
    if optimisation.compile:
        model.model.compile(dynamic=True)
    return model.to(device).train()


def bfloat16_wanted(precision: Precision, device: str) -> bool:
    """True for bfloat16, and for `auto` where the processor or GPU computes it natively (elsewhere it is many times slower)."""
    import torch

    if precision != "auto":
        return precision == "bfloat16"
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16") or able.get("bf16"))


def trainable(model: Any) -> Iterator[tuple[str, "Parameter"]]:
    """The weights that training changes, by name, in order."""
    return ((name, weight) for name, weight in model.named_parameters() if weight.requires_grad)


def merge_adapters(model: Any) -> None:
    """Adds adapters to the weights that they adapt and takes them out; nothing where there are none."""
    layers = [(name, module) for name, module in model.named_modules() if hasattr(module, "base_layer") and hasattr(module, "merge")]
    for name, layer in layers:
        layer.merge()
        parent = model.get_submodule(name.rpartition(".")[0])
        setattr(parent, name.rpartition(".")[2], layer.base_layer)


def zero_start(model: Any) -> None:
    """Holds a Marian model's starting embedding at zero, which CTranslate2 takes for granted (docs/engines.md)."""
    if model.config.model_type == "marian":
        model.model.shared.weight.data[model.config.decoder_start_token_id] = 0.0


def target_losses(model: Any, batch: "Batch", label_smoothing: float) -> "Tensor":
    """The sum of the cross entropies of a batch's target tokens, a scalar; the vocabulary is only scored where there is a token."""
    import torch

    mask = (batch.source != model.config.pad_token_id).long()
    output = model.model(input_ids=batch.source, attention_mask=mask, decoder_input_ids=batch.decoder_input, use_cache=False)
    wanted = batch.labels != -100
    logits = model.lm_head(output.last_hidden_state[wanted]) + getattr(model, "final_logits_bias", 0.0)
    return torch.nn.functional.cross_entropy(logits.float(), batch.labels[wanted], label_smoothing=label_smoothing, reduction="sum")
