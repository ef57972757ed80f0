"""Scores segments with COMET: a script for the interpreter of an environment that has unbabel-comet, and imports nothing of this package.

Reads JSON Lines: {"model": path or hub name, "batch_size": segments}, then a segment a line as {"src": ..., "mt": ...}, all of them with
"ref" or none. Writes JSON Lines: {"done": count} for each part of the segments; last {"scores": [...], ...}, or {"error": its kind,
"detail": ...}.
"""

import json
import os
import pickle
import sys
from pathlib import Path
from typing import Any

_PART = 512  # segments between two signs of progress


class Refusal(Exception):  # noqa: N818 - an answer
    """What keeps the segments from being scored: the kind and the detail of an error."""


def main() -> None:
    """Answers what standard input asks."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no answer

    def tell(**answer: object) -> None:
        print(json.dumps(answer), file=answers, flush=True)

    asked = [json.loads(line) for line in sys.stdin.buffer]
    try:
        model, about = _load(asked[0]["model"], with_references=any("ref" in segment for segment in asked[1:2]))
    except Refusal as refusal:
        kind, detail = refusal.args
        tell(error=kind, detail=detail)
        return
    kept = ("src", "mt", "ref") if about["references"] else ("src", "mt")
    segments = [{key: segment[key] for key in kept} for segment in asked[1:]]
    scores: list[float] = []
    for start in range(0, len(segments), _PART):  # gpus=1: one, or the CPU where there is none
        part = segments[start : start + _PART]
        scores += model.predict(part, batch_size=asked[0]["batch_size"], gpus=1, num_workers=0, progress_bar=False).scores
        tell(done=len(part))
    tell(scores=scores, **about)


def _load(name: str, *, with_references: bool) -> tuple[Any, dict[str, Any]]:
    """The model, and what is to be said of it."""
    try:
        from importlib.metadata import version

        from comet import load_from_checkpoint

        about: dict[str, Any] = {"version": version("unbabel-comet")}
    except ImportError as error:
        raise Refusal("environment", _line(error)) from error
    checkpoint, about["revision"] = _checkpoint(name)
    try:
        model = load_from_checkpoint(checkpoint, local_files_only=True)
    except pickle.UnpicklingError as error:
        raise Refusal("pickle", _line(error)) from error
    except Exception as error:  # the libraries below raise anything
        raise Refusal("checkpoint", _line(error)) from error
    if model.requires_references() and not with_references:
        raise Refusal("reference", "")
    takes = model.requires_references() or "ref" in (model.hparams.get("input_segments") or ())
    return model, {**about, "kind": type(model).__name__, "references": with_references and takes}


def _checkpoint(name: str) -> tuple[str, str]:
    """The path of a model's checkpoint, and its revision in the hub's cache, if it is from there."""
    path, revision = Path(name).resolve(), ""
    if not path.exists():
        try:
            from huggingface_hub import snapshot_download

            path = Path(snapshot_download(name, local_files_only=True))
        except Exception as error:  # not there, or no name of the hub
            raise Refusal("model", _line(error)) from error
        revision = path.name
    return str(path / "checkpoints" / "model.ckpt" if path.is_dir() else path), revision


def _line(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"


if __name__ == "__main__":
    main()
