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

_SCHEMAS = os.path.join(os.path.dirname(os.path.dirname(__file__)), "schemas")
_ANY_PATH = "usage.yaml"
"""Stands for a declaration where only the rest is looked at."""


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
        data = configs.read_data(path, path)
        declares = isinstance(data.get("usage"), dict)
        # The reader of declarations knows more of them than a schema can say.
        faults = [
            ConfigError(path, place and f"`{place}`", message)
            for place, message in schema_faults({**data, "usage": _ANY_PATH} if declares else data)
        ]
        if not faults:
            configs.load(path)  # what a schema cannot say: names of rules that exist
        if declares:
            faults += _declared_faults(path)
    except ConfigError as error:
        raise click.ClickException(str(error)) from None
    for fault in faults:
        click.echo(f"error: {safe(str(fault))}", err=True)
    if not faults:
        click.echo(f"{path}: no faults")
    return 2 if faults else 0


def _declared_faults(path: str) -> list[ConfigError]:
    """What is not understood in the table `usage`."""
    from bedrock_policy_lint.catalog import default
    from bedrock_policy_lint.declarations import loader, read_table
    from bedrock_policy_lint.sources import files
    from bedrock_policy_lint.sources.files import Refusal

    source = files.read(path)
    if isinstance(source, Refusal):
        return [ConfigError(path, "", source.message)]
    declared = read_table(source, loader(path), default())
    told = [(failure.span.start, failure.message, failure.hint) for failure in declared.document.failures]
    told += [(fault.node.start, fault.message, fault.hint) for fault in declared.faults]
    return [
        ConfigError(path, f"line {source.point(start).line}", f"{message}; {hint}" if hint else message)
        for start, message, hint in told
    ]


@command.command()
def schema() -> int:
    """Print the JSON Schema of the configuration, for editors that complete and check it."""
    import json

    click.echo(json.dumps(published_schema(), indent=2, ensure_ascii=False))
    return 0


def published_schema() -> Any:
    """The schema of the configuration with that of declarations in it, whole: editors need not find another file."""
    import json

    usage = json.loads(_schema_text("usage").replace('"#/$defs/', '"#/$defs/usage-'))
    config = json.loads(_schema_text("config").replace('"usage.schema.json"', '"#/$defs/usage"'))
    parts = {f"usage-{name}": part for name, part in usage.pop("$defs").items()}
    del usage["$schema"]
    config["$defs"] |= {"usage": usage, **parts}
    return config


def _schema_text(name: str) -> str:
    with open(os.path.join(_SCHEMAS, f"{name}.schema.json"), encoding="utf-8") as file:
        return file.read()


def schema_faults(data: object) -> Iterable[tuple[str, str]]:
    """Every breach of the schema, as a place and a sentence of ours."""
    import jsonschema

    validator = jsonschema.Draft202012Validator(published_schema())
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
    rules = {
        "minLength": "a text that is not empty",
        "pattern": str(error.schema.get("title")),
        "minimum": "a whole number from 0",
    }
    return rules.get(str(error.validator), str(error.schema.get("description", "another value")))


def _types(names: list[str]) -> str:
    words = {"string": "a text", "array": "a list", "object": "a table", "boolean": "true or false"}
    return " or ".join(words.get(name, "a whole number from 0") for name in names)
