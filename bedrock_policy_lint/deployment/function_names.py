"""Which texts name the same function: its name, its ARN, a reference to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.authorize.texts import same
from bedrock_policy_lint.model.arn import parse
from bedrock_policy_lint.model.text import Text, only_hole, split

if TYPE_CHECKING:
    from bedrock_policy_lint.model.pattern import Tri

_ARN = ".Arn"


class Named(NamedTuple):
    """A function as a text names it."""

    name: Text
    qualifier: Text
    """Of a version or alias; empty for the function itself."""


def named(text: Text) -> Named:
    """The function that a name, an ARN or an unresolved reference stands for."""
    arn = parse(text)
    fields = split(arn.resource, ":", 2)[1:] if arn else split(text, ":", 1)
    name = fields[0] if fields else ""
    return Named(name, fields[1] if len(fields) > 1 else "")


def owner(name: Text, declared: Mapping[str, Text]) -> str:
    """The logical id of the function that a name stands for, of those declared; empty when it is none of them.

    `declared` has the name of each by its logical id, empty where it is not known.
    """
    hole = only_hole(name)
    if hole is not None:
        named_so = hole.name.removesuffix(_ARN)
        if named_so in declared:
            return named_so
    return next((made for made, own in declared.items() if own and same(name, own)), "")


def are_same(one: Named, other: Named, declared: Mapping[str, Text]) -> Tri:
    """Whether both name one function, given those that the template declares as `owner` takes them."""
    ids = owner(one.name, declared), owner(other.name, declared)
    found: Tri = ids[0] == ids[1] if all(ids) else same(one.name, other.name)
    if found:
        return True if one.qualifier == other.qualifier else None
    return found
