"""YAML files of settings, and sentences about what is wrong in them."""

from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from translator.errors import UserError
from translator.textfile import read_text

Model = TypeVar("Model", bound=BaseModel)


def read_yaml(path: Path) -> dict[str, Any]:
    """The settings in a YAML file, not yet validated.

    Raises UserError naming the file and the line for what cannot be read, is not UTF-8, not YAML or no map.
    """
    data = parsed_yaml(path)
    if not isinstance(data, dict | None):
        raise UserError(f"{path}: expected settings as `key: value`, found a {type(data).__name__}")
    return {str(key): value for key, value in (data or {}).items()}


def parsed_yaml(path: Path) -> Any:
    """What a YAML file says. Raises UserError naming the file, the line and the problem for what cannot be read or is not YAML."""
    text = read_text(path)
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise UserError(f"{path}{where}: not valid YAML ({getattr(error, 'problem', None) or error})") from error


def validated(model: type[Model], values: dict[str, Any], source: str) -> Model:
    """The model filled with values; `source` is what messages call the place they come from.

    Raises UserError with a sentence for each value that is wrong: the key, what was given and what is allowed.
    """
    try:
        return model(**values)
    except ValidationError as error:
        raise UserError("\n".join(_sentence(model, source, detail) for detail in error.errors())) from error


def _sentence(model: type[BaseModel], source: str, detail: ErrorDetails) -> str:
    key = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        parent = _model_at(model, detail["loc"][:-1])
        return f"{source}: unknown setting {key!r}; the settings are {', '.join(parent.model_fields)}"
    if detail["type"] == "value_error":
        return f"{source}: {key + ': ' if key else ''}{detail['msg'].removeprefix('Value error, ')}"
    if detail["type"] == "missing":
        return f"{source}: the setting {key!r} is missing"
    return f"{source}: {key}: {detail['input']!r} was given, allowed is {_allowed(model, detail['loc'])}"


def _model_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> type[BaseModel]:
    """The model whose settings stand at a place in nested settings."""
    for part in loc:
        if isinstance(part, str) and part in model.model_fields:
            model = next((m for m in _nested(model.model_fields[part].annotation)), model)
    return model


def _nested(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in _nested(part)]


def _allowed(model: type[BaseModel], loc: tuple[int | str, ...]) -> str:
    names = [part for part in loc if isinstance(part, str)]
    parent = _model_at(model, tuple(names[:-1]))
    if field := parent.model_fields.get(names[-1]):
        return _allowed_in(field, whole=isinstance(loc[-1], str))
    if loc[-1] == "[key]":
        return "a name"
    around = parent.model_fields.get(names[-2]) if len(names) > 1 else None
    if around and getattr(around.annotation, "__origin__", None) is dict:  # what is wrong is an entry of a map
        return _allowed_in(FieldInfo(annotation=get_args(around.annotation)[1]), whole=True)
    return "something else"


def _allowed_in(field: FieldInfo, *, whole: bool) -> str:
    """What a setting may be; `whole`: the setting itself is wrong rather than an item of its list."""
    many = "a list of " if whole and getattr(field.annotation, "__origin__", None) is list else ""
    choices = _choices(field.annotation)
    if choices:
        return f"one of{' (a list of)' if many else ''}: {', '.join(choices)}"
    nested = _nested(field.annotation)
    if nested:
        return f"{many}a group of settings: {', '.join(nested[0].model_fields)}"
    if getattr(field.annotation, "__origin__", None) is dict:
        return "names with numbers, such as {bleu: 36.0}"
    kinds = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}
    inside = (field.annotation, *get_args(field.annotation))
    kind = many + next((kinds[part] for part in inside if part in kinds), "a text") + _bounds(field)
    if float in inside:
        kind += " (with a decimal point: 5.0e-4)"
    return f"{kind} or nothing" if type(None) in inside else kind


def _bounds(field: FieldInfo) -> str:
    words = {"ge": "at least {}", "gt": "above {}", "le": "at most {}", "lt": "below {}", "pattern": "like {}"}
    found = {name: getattr(m, name) for m in field.metadata for name in words if getattr(m, name, None) is not None}
    if "ge" in found and "le" in found:
        return f" from {found['ge']} to {found['le']}"
    parts = [words[name].format(value) for name, value in found.items()]
    return f" {' and '.join(parts)}" if parts else ""


def _choices(annotation: Any) -> tuple[str, ...]:
    if getattr(annotation, "__origin__", None) is Literal:
        return tuple(get_args(annotation))
    return next((found for part in get_args(annotation) if (found := _choices(part))), ())
