"""Checkpoint folders: found by name or path, checked, hashed, and made safe to load."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from platformdirs import user_cache_path

from translator.engine.catalog import BUNDLED, bundled_path, find
from translator.errors import UserError

_WEIGHTS = ("model.safetensors", "model.safetensors.index.json")
_PICKLED = "pytorch_model.bin"
_CONTENT = (".safetensors", ".bin", ".json", ".spm", ".model")


def cache_folder(kind: str) -> Path:
    """Where derived files live: TRANSLATOR_CACHE, or the user's cache directory."""
    root = os.environ.get("TRANSLATOR_CACHE")
    return (Path(root) if root else user_cache_path("translator")) / kind


def locate(model: str) -> Path:
    """The folder of a model: a local folder, a bundled name, or a hub name whose files are in the hub's cache.

    Never asks the network. Raises UserError naming the model and the cure.
    """
    try:
        folder = Path(model).expanduser()
        if folder.is_dir():
            return _checked(folder, model)
    except (OSError, RuntimeError) as error:  # a name too long for a path, a home that does not exist
        raise UserError(f"no model folder at {model[:80]} ({error})") from error
    if model in BUNDLED:
        return _checked(bundled_path(model), model)
    if folder.is_file():
        raise UserError(f"no model folder at {model}: it is a file")
    if folder.is_absolute() or model.startswith((".", "~")) or model.count("/") > 1:
        raise UserError(f"no model folder at {model}")
    return _checked(_in_hub_cache(find(model).repository), model)


def safe_weights(folder: Path) -> Path:
    """A folder with the same checkpoint in safetensors: the folder itself, or a converted copy in the cache.

    A pickle is read by torch's weights-only loader, which runs no code, and written once as safetensors.
    """
    if any((folder / name).is_file() for name in _WEIGHTS):
        return folder
    target = cache_folder("checkpoints") / content_hash(folder)
    return build_once(target, lambda draft: _rewrite_pickle(folder, draft))


def content_hash(folder: Path) -> str:
    """SHA-256 over the names and bytes of a checkpoint's weights, vocabulary and configuration, 16 hex digits of it."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.iterdir() if p.suffix in _CONTENT and p.is_file()):
        with path.open("rb") as file:
            digest.update(f"{path.name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\0".encode())
    return digest.hexdigest()[:16]


def build_once(target: Path, build: Callable[[Path], None]) -> Path:
    """Makes a folder whole or not at all: `build` fills a draft beside it, which then takes its name."""
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        build(draft)
        draft.rename(target)
    except OSError:
        if not target.is_dir():  # else another process was first
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target


def _checked(folder: Path, model: str) -> Path:
    if not (folder / "config.json").is_file():
        raise UserError(f"{model} is not a model: {folder} has no config.json")
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(f"{folder / 'config.json'} is not valid JSON ({error})") from error
    if not isinstance(config, dict):
        raise UserError(f"{folder / 'config.json'} is not a model's configuration")
    kind = config.get("model_type")
    if kind not in ("marian", "m2m_100"):
        raise UserError(f"{model} is a {kind or 'nameless'} model; MarianMT (OPUS-MT) and NLLB models can be used")
    if not any((folder / name).is_file() for name in (*_WEIGHTS, _PICKLED)):
        raise UserError(f"{model} has no weights: {folder} holds neither model.safetensors nor {_PICKLED}")
    return folder


def _in_hub_cache(repository: str) -> Path:
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        config = try_to_load_from_cache(repository, "config.json")
    except HFValidationError as error:
        raise UserError(f"{repository!r} is neither a folder nor a model name; `translator models list` shows names") from error
    if not isinstance(config, str):
        raise UserError(
            f"the model {repository} is not on this machine: run `translator models fetch {repository}` where there is a "
            "network, or give the path of a folder that holds it"
        )
    return Path(config).parent


def _rewrite_pickle(folder: Path, draft: Path) -> None:
    import pickle

    import torch
    from safetensors.torch import save_file

    try:
        state = torch.load(folder / _PICKLED, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise UserError(f"{folder / _PICKLED} is not a plain weights file and is not loaded: {str(error)[:120]}") from error
    if not isinstance(state, dict):
        raise UserError(f"{folder / _PICKLED} holds a {type(state).__name__} instead of named weights")
    tensors = {name: tensor.clone().contiguous() for name, tensor in state.items() if isinstance(tensor, torch.Tensor)}
    for path in folder.iterdir():
        if path.is_file() and path.suffix in _CONTENT and path.name != _PICKLED:
            shutil.copy(path, draft / path.name)
    save_file(tensors, draft / "model.safetensors", metadata={"format": "pt"})
