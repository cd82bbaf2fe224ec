"""What well-known clients call: models beside the main one, lists at start, credentials; every claim has its source."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Use(NamedTuple):
    """One way in which a client calls Bedrock."""

    api: str
    """A name of `usage.apis`."""
    model: str
    """An id or ARN; in a preset `{parameter}` stands for one; empty for the list API."""
    part: str = ""
    """`small model`, `embedding`, …: what it is beside the main model; empty for the main one."""
    credentials: str = ""
    """What the client uses unless it is told otherwise, one of `usage.CREDENTIALS`; empty when that is open."""


class Parameter(NamedTuple):
    """What a preset wants to be told."""

    name: str
    required: bool
    default: str
    """Empty when there is none: a use of it is left out when nothing is given."""
    meaning: str


class Claim(NamedTuple):
    """Something that is said of a client, and who says so."""

    text: str
    source: str
    """The address of a page, thread or file."""
    read: str
    """When, as an ISO date."""


class Preset(NamedTuple):
    """A client."""

    name: str
    title: str
    parameters: tuple[Parameter, ...]
    uses: tuple[Use, ...]
    claims: tuple[Claim, ...]


class PresetError(Exception):
    """A parameter is missing or unknown."""

    def __init__(self, message: str, parameter: str) -> None:
        """Keep the parameter's name beside the message."""
        super().__init__(message)
        self.parameter = parameter


def find(name: str) -> Preset | None:
    """The preset of this name."""
    return _presets().get(name)


def names() -> tuple[str, ...]:
    """The names of all presets."""
    return tuple(_presets())


def expand(preset: Preset, given: Mapping[str, str]) -> tuple[Use, ...]:
    """The uses with these models in their places; the same call is told once, as the part that comes first."""
    values = {parameter.name: given.get(parameter.name) or parameter.default for parameter in preset.parameters}
    for name in given:
        if name not in values:
            raise PresetError(f"the preset {preset.name} has no parameter {name!r}{_or_nearest(name, values)}", name)
    for parameter in preset.parameters:
        if parameter.required and not values[parameter.name]:
            raise PresetError(f"the preset {preset.name} needs {parameter.name}: {parameter.meaning}", parameter.name)
    calls: dict[Use, Use] = {}
    for use in preset.uses:
        model = use.model.format_map(values)
        if model or not use.model:
            call = use._replace(model=model)
            calls.setdefault(call._replace(part=""), call)
    return tuple(calls.values())


def _or_nearest(word: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(word.lower(), list(known), 3, 0.6)
    return f"; nearest: {', '.join(close)}" if close else ""


@cache
def _presets() -> dict[str, Preset]:
    import json

    with open(os.path.join(os.path.dirname(__file__), "data", "presets.json"), encoding="utf-8") as file:
        written = json.load(file)
    return {
        name: Preset(
            name,
            preset["title"],
            tuple(Parameter(**parameter) for parameter in preset["parameters"]),
            tuple(Use(**use) for use in preset["uses"]),
            tuple(Claim(**claim) for claim in preset["claims"]),
        )
        for name, preset in written.items()
    }
