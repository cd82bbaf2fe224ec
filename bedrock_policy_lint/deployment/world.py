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


class Variant(NamedTuple):
    """One of several deployments of the same files, each with values of its own."""

    name: str = ""
    """Of its set of values; empty where there is only one."""
    workspace: str = ""
    parameters: Mapping[str, str] = {}
    """All that are supplied in it."""
    regions: tuple[str, ...] = ()


class Inputs(NamedTuple):
    """What is known of a deployment beside its template: from flags, parameter files and configurations."""

    parameters: Mapping[str, str] = {}
    regions: tuple[str, ...] = ()
    """Where it is deployed; empty when nobody says so."""
    account: str = ""
    unknown: frozenset[str] = frozenset()
    """Parameters that are given a value which is nowhere written: they do not have their defaults."""
    variants: tuple[Variant, ...] = ()
    """The deployments that are looked at, where there are several; what they say stands for the above."""
    environment: Mapping[str, str] = {}
    """Parameters that the environment names, which yield to everything else that supplies one."""
    files: tuple[str, ...] = ()
    """Files of variables that were read, the strongest first: values stand there."""


def over(stronger: Inputs, weaker: Inputs) -> Inputs:
    """Both together; what the first says comes first."""
    said = {*stronger.parameters, *stronger.unknown}
    return Inputs(
        parameters={name: value for name, value in weaker.parameters.items() if name not in said}
        | dict(stronger.parameters),
        regions=stronger.regions or weaker.regions,
        account=stronger.account or weaker.account,
        unknown=stronger.unknown.difference(stronger.parameters) | weaker.unknown.difference(said),
        variants=stronger.variants or weaker.variants,
        environment={**weaker.environment, **stronger.environment},
        files=(*stronger.files, *weaker.files),
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
    variant: str = ""
    """Which of several sets of values is supplied; empty where there is only one."""
    workspace: str = ""
    """Of Terraform; empty when it is not known."""
