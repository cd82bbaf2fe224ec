"""What CloudFormation's handlers for Bedrock's resource types call, as AWS's schemas say."""

from __future__ import annotations

import os
from functools import cache
from typing import NamedTuple

_FILE = os.path.join(os.path.dirname(__file__), "data", "handlers.txt")


class Handlers(NamedTuple):
    """The actions that create, read and delete resources of a type, with their prefix."""

    type: str
    """`AWS::Bedrock::Guardrail`."""
    create: str
    read: str
    """What the handlers that create and read both call; empty where there is none."""
    delete: str
    """Empty where there is none of the kind."""
    further: tuple[str, ...]
    """Of the update and of tags: not every template needs them."""
    within: tuple[str, ...]
    """What creates other types whose handlers call `create` too, without all the rest."""


@cache
def types() -> tuple[Handlers, ...]:
    """Every type that an action of its own creates."""
    fields = (line.split("\t") for line in _text().splitlines()[1:])
    return tuple(
        Handlers(name, create, read, delete, tuple(further.split()), tuple(within.split()))
        for name, create, read, delete, further, within in fields
    )


def as_of() -> str:
    """The date of the schemas."""
    return _text().partition("# as_of ")[2].partition(",")[0]


@cache
def _text() -> str:
    with open(_FILE, encoding="utf-8") as file:
        return file.read()
