"""The verb `config`: check a configuration file against its published schema, or print the schema."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import click

from bedrock_policy_lint import config as configs
from bedrock_policy_lint.config import ConfigError
from bedrock_policy_lint.report.screen import safe
from bedrock_policy_lint.wording import did_you_mean, found, one_of

_SCHEMA = os.path.join(os.path.dirname(os.path.dirname(__file__)), "schemas", "config.schema.json")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Check a configuration file, or print its schema."""


@command.command()
@click.argument("path", required=False, type=click.Path())
def check(path: str | None) -> int:
    """Check PATH, or the configuration in force in this folder; every fault is told, not only the first."""
    path = path or configs.shown(configs.path_of_nearest(os.getcwd()))
    if not path:
        click.echo("no configuration is in force here: the defaults hold")
        return 0
    try:
        faults = list(schema_faults(configs.read_data(path, path)))
        if not faults:
            configs.load(path)  # what a schema cannot say: names of rules that exist
    except ConfigError as error:
        raise click.ClickException(str(error)) from None
    for place, message in faults:
        click.echo(f"error: {safe(str(ConfigError(path, place and f'`{place}`', message)))}", err=True)
    if not faults:
        click.echo(f"{path}: no faults")
    return 2 if faults else 0


@command.command()
def schema() -> int:
    """Print the JSON Schema of the configuration, for editors that complete and check it."""
    with open(_SCHEMA, encoding="utf-8") as file:
        click.echo(file.read(), nl=False)
    return 0


def schema_faults(data: object) -> Iterable[tuple[str, str]]:
    """Every breach of the schema, as a place and a sentence of ours."""
    import json

    import jsonschema

    with open(_SCHEMA, encoding="utf-8") as file:
        validator = jsonschema.Draft202012Validator(json.load(file))
    faults = [fault for error in validator.iter_errors(data) for fault in _faults(error)]
    yield from sorted(set(faults))


def _faults(error: Any) -> Iterable[tuple[str, str]]:
    place = _place(error.absolute_path)
    if error.validator == "anyOf" and error.context:
        meant = _meant(error)
        for cause in meant:
            yield from _faults(cause)
        if not meant:
            yield (
                place,
                f"expected {_types([kind.validator_value for kind in error.context])}, found {found(error.instance)}",
            )
    elif error.validator == "additionalProperties":
        allowed = error.schema.get("properties", {})
        for key in error.instance:
            if key not in allowed:
                yield f"{place}.{key}".lstrip("."), f"no such key{did_you_mean(key, allowed)}"
    elif error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        yield place, f"add {' and '.join(f'`{key}`' for key in missing)}"
    elif error.validator == "enum":
        near = did_you_mean(str(error.instance), error.validator_value)
        yield place, f"expected {one_of(error.validator_value)}, found {found(error.instance)}{near}"
    else:
        yield place, f"expected {_expected(error)}, found {found(error.instance)}"


def _meant(error: Any) -> list[Any]:
    """The complaints about that alternative which is of the value's type; none when no alternative is."""
    branches: dict[int, list[Any]] = {}
    for cause in error.context:
        branches.setdefault(cause.schema_path[0], []).append(cause)
    depth = len(error.absolute_path)
    for causes in branches.values():
        if not any(cause.validator == "type" and len(cause.absolute_path) == depth for cause in causes):
            return causes
    return []


def _place(path: Iterable[Any]) -> str:
    place = ""
    for step in path:
        place += f"[{step}]" if isinstance(step, int) else f".{step}" if place else str(step)
    return place


def _expected(error: Any) -> str:
    if error.validator == "type":
        return _types([error.validator_value])
    rules = {"minLength": "a text that is not empty", "pattern": "FORMAT=FILE", "minimum": "a whole number from 0"}
    return rules.get(str(error.validator), str(error.schema.get("description", "another value")))


def _types(names: list[str]) -> str:
    words = {"string": "a text", "array": "a list", "object": "a table", "boolean": "true or false"}
    return " or ".join(words.get(name, "a whole number from 0") for name in names)
