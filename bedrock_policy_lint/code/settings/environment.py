"""What files of a project set in the environment of its code."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.settings import compose, dotenv
from bedrock_policy_lint.code.site import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bedrock_policy_lint.code.reader import Files
    from bedrock_policy_lint.code.settings.compose import Service

_DOTENV = ".env"
_COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")


def environment(files: Files, path: str) -> Mapping[str, Value]:
    """What the code of a file finds in its environment where nothing else sets it.

    What the service of a compose file sets whose build context holds the file is there wherever that service runs.
    What the nearest `.env` says is one of several values, since a variable that is set comes before it. Of what several
    services set differently nothing is told.
    """
    found: dict[str, Value] = {}
    for folder in files.roots(path):
        for variable, values in _of_services(files, folder, path).items():
            if len(values) == 1:
                found.setdefault(variable, *values.values())
    for folder in files.roots(path):
        file = os.path.join(folder, _DOTENV)
        source = files.source(file) if files.is_file(file) else None
        if source is not None:
            for name, node in dotenv.read(source):
                found.setdefault(name.value, Value(node, (name,), is_one_of_several=True))
            break
    return found


def _of_services(files: Files, folder: str, path: str) -> dict[str, dict[str, Value]]:
    """What the services that run a file set, by name and text."""
    found: dict[str, dict[str, Value]] = {}
    for service in _services(files, folder):
        context = os.path.normpath(os.path.join(folder, service.context))
        if not service.context or not _is_below(path, context):
            continue
        variables = {name: values[0] for name, values in service.variables.items() if len(values) == 1}
        for file in service.files:
            source = files.source(os.path.join(folder, file))
            for name, node in dotenv.read(source) if source is not None else ():
                variables.setdefault(name.value, Value(node, (name,)))
        for variable, value in variables.items():
            found.setdefault(variable, {}).setdefault(str(value.node.value), value)
    return found


def _services(files: Files, folder: str) -> Iterator[Service]:
    from bedrock_policy_lint.sources import yaml
    from bedrock_policy_lint.sources.yaml import LimitError, YamlError

    names = set(files.names(folder))
    for name in _COMPOSE:
        source = files.source(os.path.join(folder, name)) if name in names else None
        if source is not None:
            try:
                yield from compose.services(yaml.read(source)[0])
            except (YamlError, LimitError):
                continue


def _is_below(path: str, folder: str) -> bool:
    inside = os.path.relpath(os.path.abspath(path), os.path.abspath(folder))
    return not inside.startswith(os.pardir)
