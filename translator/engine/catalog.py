"""Models by name: what they are, where they live, their language codes and licences."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from translator.errors import TranslatorError, UserError


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model that is known by name. Language codes are None where the checkpoint has one direction only."""

    name: str
    repository: str
    licence: str
    parameters: str
    note: str
    source_language: str | None = None
    target_language: str | None = None


BUNDLED = ("digest-ko-en",)
_MODELS = Path(__file__).resolve().parent.parent / "models"
_VOCABULARY_AND_CONFIGURATION = (
    "config.json",
    "generation_config.json",
    "*.spm",
    "*.model",
    "vocab.json",
    "target_vocab.json",
    "tokenizer*.json",
    "special_tokens_map.json",
)

CATALOG = (
    ModelEntry(
        "digest-ko-en",
        "(in this package)",
        "CC BY-NC 4.0 (from its training data)",
        "13.1 M",
        "AI digests; the default, works offline",
    ),
    ModelEntry("opus-mt-ko-en", "Helsinki-NLP/opus-mt-ko-en", "Apache-2.0", "78 M", "general text, short sentences"),
    *(
        ModelEntry(name, f"facebook/{name}", "CC BY-NC 4.0 (no commercial use)", size, note, "kor_Hang", "eng_Latn")
        for name, size, note in (
            ("nllb-200-distilled-600M", "615 M", "general text"),
            ("nllb-200-distilled-1.3B", "1.4 B", "general text; GPU advised"),
            ("nllb-200-3.3B", "3.3 B", "general text; GPU needed"),
        )
    ),
)


def bundled_path(name: str) -> Path:
    """The folder of a model that comes with the package."""
    return _MODELS / name


def find(model: str) -> ModelEntry:
    """The catalogue's entry for a short or full name; an entry of unknown licence for any other hub name."""
    for entry in CATALOG:
        if model in (entry.name, entry.repository):
            return entry
    nllb = "nllb" in model.lower()
    return ModelEntry(model, model, "see its model card", "?", "not in the catalogue", *(("kor_Hang", "eng_Latn") if nllb else ()))


def entries() -> Iterator[tuple[ModelEntry, bool]]:
    """Every known model, with whether it is on this machine."""
    for entry in CATALOG:
        yield entry, is_here(entry)


def is_here(entry: ModelEntry) -> bool:
    """Whether a model comes with the package or is in the hub's cache on this machine."""
    from huggingface_hub import try_to_load_from_cache

    return entry.name in BUNDLED or isinstance(try_to_load_from_cache(entry.repository, "config.json"), str)


def fetch(model: str) -> Path:
    """Downloads a hub model into the hub's cache: weights once (safetensors if there are any), vocabulary, configuration.

    Raises UserError for a name the hub does not know, TranslatorError where the hub cannot be reached.
    """
    if model in BUNDLED:
        return bundled_path(model)
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import GatedRepoError, HFValidationError, OfflineModeIsEnabled, RepositoryNotFoundError

    repository = find(model).repository
    try:
        files = [file.rfilename for file in HfApi().model_info(repository, timeout=10).siblings or []]
        safe = any(name.endswith(".safetensors") for name in files)
        weights = ["*.safetensors", "*.safetensors.index.json"] if safe else ["pytorch_model.bin"]
        wanted = [*_VOCABULARY_AND_CONFIGURATION, *weights]
        return Path(snapshot_download(repository, allow_patterns=wanted))
    except (RepositoryNotFoundError, HFValidationError, GatedRepoError) as error:
        raise UserError(f"the hub has no open model named {repository!r}; `translator models list` shows some") from error
    except OfflineModeIsEnabled as error:
        raise UserError(f"{repository} cannot be fetched while HF_HUB_OFFLINE is set") from error
    except Exception as error:  # the hub client's HTTP library, and so its errors, differ from version to version
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise TranslatorError(f"{repository} could not be fetched ({reason}); check the connection and try again") from error
