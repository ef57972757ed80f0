"""The result of a run: float16 weights in shards, vocabulary, hashes of its evaluation sets, and a model card with its figures."""

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from translator.files import write_whole
from translator.quality.metrics import NAMES, Comparison, Score
from translator.training.held_out import carry
from translator.training.network import merge_adapters, trainable
from translator.training.settings import TrainingSettings
from translator.training.subwords import Subwords

if TYPE_CHECKING:
    from torch import Tensor

_SHARD = "14MB"  # what most hosts of Git repositories take without complaint


@dataclass(frozen=True, slots=True)
class SetResult:
    """A checkpoint's scores on one evaluation set, by compute type and metric; `change` against the first model, if any."""

    name: str
    sentences: int
    scores: Mapping[str, Mapping[str, Score]]
    change: Mapping[str, Comparison]


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a model card says of a run."""

    parameters: int
    steps: int
    pairs: int
    minutes: float
    machine: str
    data: Mapping[str, Any]
    results: Sequence[SetResult]


def write_checkpoint(model: Any, weights: "Mapping[str, Tensor]", subwords: Subwords, folder: Path) -> None:
    """Writes the model with other trained weights as a float32 checkpoint; the model itself stays as it is."""
    import torch

    other = copy.deepcopy(model)
    with torch.no_grad():
        for name, weight in trainable(other):
            weight.copy_(weights[name])
    merge_adapters(other)
    other.save_pretrained(folder)
    subwords.save(folder)


def export_checkpoint(model: Any, subwords: Subwords, refused: frozenset[str], folder: Path) -> int:
    """Writes a trained model as a checkpoint, adapters merged into it; how many parameters it has, fixed positions aside."""
    import torch

    merge_adapters(model)
    model.generation_config.bad_words_ids = None
    model.to("cpu").to(torch.float16).save_pretrained(folder, max_shard_size=_SHARD)
    subwords.save(folder)
    carry(folder, refused)
    return sum(weight.numel() for name, weight in model.named_parameters() if "embed_positions" not in name)


def write_card(folder: Path, settings: TrainingSettings, summary: RunSummary) -> None:
    """Writes README.md into a checkpoint folder: what it is, data, recipe, figures with signatures."""
    rows = [
        f"| {Path(result.name).name} | {result.sentences} | {compute_type} | {_score(scores['bleu'])} | {_score(scores['chrf++'])} "
        f"| {_change(result)} |"
        for result in summary.results
        for compute_type, scores in result.scores.items()
    ]
    files = [
        f"| {Path(file['file']).name} | {file['pairs']:,} | {file['kept']:,} | {file['weight']:g} | {_dropped(file['dropped'])} |"
        for file in summary.data["files"]
    ]
    signatures = sorted({score.signature for result in summary.results for scores in result.scores.values() for score in scores.values()})
    recipe = settings.model_dump(exclude_defaults=True, exclude={"output", "data_folder", "data", "dev", "tests", "refuse"})
    text = f"""# {settings.name}

Korean to English. {summary.parameters / 1e6:.1f} million parameters, float16 safetensors. Licence: {settings.licence}.

| evaluated on | segments | weights | BLEU | chrF2++ | against the model it began from |
| --- | --- | --- | --- | --- | --- |
{chr(10).join(rows)}

The model alone, beam {settings.evaluation.beam_size}, with 95 % bootstrap intervals. Signatures: {", ".join(f"`{s}`" for s in signatures)}.

| trained on | pairs | fit | weight | left out |
| --- | --- | --- | --- | --- |
{chr(10).join(files)}

{summary.steps:,} steps, {summary.pairs:,} pairs, {summary.minutes:.0f} minutes of training on {summary.machine}. Hashes of the
evaluation sets are in `held-out.txt`: `translator train` and `translator finetune` refuse to train this model on them.

```yaml
{yaml.safe_dump(recipe, sort_keys=False, allow_unicode=True).strip()}
```
"""
    write_whole(folder / "README.md", text)


def write_report(path: Path, summary: RunSummary) -> None:
    """Writes a run's figures as JSON."""
    results = [
        {
            "name": result.name,
            "sentences": result.sentences,
            "scores": {kind: {name: _plain(score) for name, score in scores.items()} for kind, scores in result.scores.items()},
            "change": {name: _plain(comparison) for name, comparison in result.change.items()},
        }
        for result in summary.results
    ]
    values = _plain(summary) | {"results": results}
    write_whole(path, json.dumps(values, ensure_ascii=False, indent=1) + "\n")


def _plain(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}


def _score(score: Score) -> str:
    return f"{score.value:.2f} ± {score.interval:.2f}"


def _change(result: SetResult) -> str:
    return ", ".join(f"{c.gain:+.2f} {NAMES[c.metric]} (p = {c.p_value:.3f})" for c in result.change.values()) or "-"


def _dropped(dropped: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {count:,}" for reason, count in dropped.items()) or "-"
