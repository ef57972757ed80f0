"""Makes COMET checkpoints of the published architecture with tiny random weights, for the interpreter of an environment with COMET:

    python tiny_comet.py FOLDER < segments.json

FOLDER/da compares with references, FOLDER/qe does without; beside each, scores.json has what COMET itself says of the segments, each
alone in its batch.
"""

import json
import sys
from pathlib import Path
from typing import Any

import pytorch_lightning
import torch
import yaml
from comet import load_from_checkpoint
from comet.models import ReferencelessRegression, RegressionMetric
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
from transformers import XLMRobertaConfig, XLMRobertaModel, XLMRobertaTokenizerFast

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def make_encoder(folder: Path, texts: list[str]) -> None:
    trained = Tokenizer(models.Unigram())
    trained.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=200, special_tokens=SPECIAL, unk_token="<unk>", show_progress=False)
    trained.train_from_iterator(texts, trainer)
    trained.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    XLMRobertaTokenizerFast(tokenizer_object=trained).save_pretrained(folder)
    config = XLMRobertaConfig(
        vocab_size=trained.get_vocab_size(), hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        max_position_embeddings=130, type_vocab_size=1, pad_token_id=1, bos_token_id=0, eos_token_id=2,
    )  # fmt: skip
    XLMRobertaModel(config, add_pooling_layer=False).save_pretrained(folder)


def make_checkpoint(folder: Path, kind: Any, encoder: Path, segments: list[dict[str, str]]) -> None:
    model = kind(pretrained_model=str(encoder), hidden_sizes=[48, 24], local_files_only=True)
    trainer = pytorch_lightning.Trainer(logger=False, accelerator="cpu", enable_checkpointing=False)
    trainer.strategy.connect(model)
    checkpoint = folder / "checkpoints" / "model.ckpt"
    trainer.save_checkpoint(checkpoint)
    (folder / "hparams.yaml").write_text(yaml.safe_dump(dict(model.hparams)), encoding="utf-8")
    found = load_from_checkpoint(str(checkpoint), local_files_only=True).predict(segments, batch_size=1, gpus=0, progress_bar=False)
    (folder / "scores.json").write_text(json.dumps(found.scores), encoding="utf-8")


if __name__ == "__main__":
    target, given = Path(sys.argv[1]).resolve(), json.load(sys.stdin)
    torch.manual_seed(3)
    make_encoder(target / "encoder", [text for segment in given for text in segment.values()])
    make_checkpoint(target / "da", RegressionMetric, target / "encoder", given)
    make_checkpoint(target / "qe", ReferencelessRegression, target / "encoder", given)
