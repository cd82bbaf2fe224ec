"""One of the ways in which the values that a template leaves open can come out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Choice(NamedTuple):
    """An open question on which parts of a template hang, with one answer to it."""

    key: str
    """The question: a parameter, or a comparison that nobody can settle."""
    answer: str
    """A value of the parameter, or `OTHER` for none that it is compared to; of a comparison `true` or `false`."""
    words: str
    """Where it holds, as a clause: "`Environment` is `prod`"."""


OTHER = "\0other"
"""The answer that a parameter has none of the values that the template compares it to."""


class Inputs(NamedTuple):
    """What is known of a deployment beside its template: from flags, parameter files and configurations."""

    parameters: Mapping[str, str] = {}
    regions: tuple[str, ...] = ()
    """Where it is deployed; empty when nobody says so."""
    account: str = ""
    unknown: frozenset[str] = frozenset()
    """Parameters that are given a value which is nowhere written: they do not have their defaults."""


def over(stronger: Inputs, weaker: Inputs) -> Inputs:
    """Both together; what the first says comes first."""
    said = {*stronger.parameters, *stronger.unknown}
    return Inputs(
        parameters={name: value for name, value in weaker.parameters.items() if name not in said}
        | dict(stronger.parameters),
        regions=stronger.regions or weaker.regions,
        account=stronger.account or weaker.account,
        unknown=stronger.unknown.difference(stronger.parameters) | weaker.unknown.difference(said),
    )


class World(NamedTuple):
    """A deployment with everything settled that is settled in it; what is left are holes."""

    region: str = ""
    """Empty when it is not known."""
    account: str = ""
    parameters: Mapping[str, str] = {}
    """Values that are supplied, by name."""
    choices: tuple[Choice, ...] = ()
    """Questions that are answered otherwise than at first."""
    takes_defaults: bool = True
    """Whether a parameter that nobody supplies has its declared default; else it is a hole."""
    unknown: frozenset[str] = frozenset()
    """Parameters that are given a value which is nowhere written: holes, whatever their defaults."""
