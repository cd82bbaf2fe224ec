"""Texts with holes against the texts of a request: are they equal, do they match? In three values."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from bedrock_policy_lint.model.bounds import widest
from bedrock_policy_lint.model.pattern import choices, glob, is_wild, meets
from bedrock_policy_lint.model.text import Hole, Template, Text, fill, split

if TYPE_CHECKING:
    from bedrock_policy_lint.model.pattern import Tri

_LAST_FIELD = 5
_LITERAL = {ord("*"): "\3", ord("?"): "\4"}
"""Where holes are involved, a star or question mark that is no wildcard is written like this on both sides."""
_WITHOUT_TYPES = ("s3", "execute-api")
"""Services in whose ARNs a name stands where others have the type: `arn:aws:s3:::logs-*/2026/*` is well-formed."""


def like(pattern: Text, value: Text) -> Tri:
    """Whether the pattern matches the value, in which `*` and `?` are ordinary characters."""
    if isinstance(pattern, str) and isinstance(value, str):
        return glob(pattern, value)
    return _weigh(pattern, literal(value))


def like_arn(pattern: Text, value: Text) -> Tri:
    """The same for an entry of `Resource`, whose wildcards heed the colons of an ARN.

    In the first five fields a `?`, and a `*` that is not the last character of its field, never match a colon; a `*`
    at the end of a field may reach beyond it (reference_policies_elements_resource, "Using wildcards"). Where a
    wildcard hides the type, a match is never certain.
    """
    if isinstance(pattern, str) and isinstance(value, str):
        if not glob(pattern, value) or (heeds_colons(pattern) and not _takes(pattern, value, fielded=True)):
            return False
        return None if hides_type(pattern) else True
    return _weigh(pattern, literal(value), fielded=True)


def same(one: Text, other: Text) -> Tri:
    """Whether two texts without wildcards are equal."""
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    return _weigh(literal(one), literal(other), wild=False)


def heeds_colons(pattern: str) -> bool:
    """Whether some wildcard of it must not match a colon."""
    return any("?" in field or "*" in field[:-1] for field in pattern.split(":", _LAST_FIELD)[:_LAST_FIELD])


def hides_type(pattern: Text) -> bool:
    """Whether the resource type of an ARN pattern is written with a wildcard: `*-model/x` or `*:x`, but not `*/x`.

    AWS calls that incorrect (reference-arns) and does not say what it matches, though a policy of its own writes
    `*-model/*` (SageMakerStudioProjectUserRolePermissionsBoundary). A star that is the whole type is common there
    (`*/SaaSProduct/*` in AWSVendorInsightsVendorFullAccess): it is taken for a wildcard like others.
    """
    fields = split(pattern, ":", _LAST_FIELD)
    if len(fields) <= _LAST_FIELD or fields[2] in _WITHOUT_TYPES:
        return False
    resource = fields[_LAST_FIELD]
    before_slash = split(resource, "/", 1)[0]
    kind = split(before_slash, ":", 1)[0]
    return kind != resource and before_slash != "*" and is_wild(kind)


def literal(text: Text) -> Text:
    """The text with its stars and question marks made ordinary characters."""
    if isinstance(text, str):
        return text.translate(_LITERAL)
    return Template(tuple(part.translate(_LITERAL) if isinstance(part, str) else part for part in text.parts))


def lowered(text: Text) -> Text:
    """The text in lower case; holes stay what they are, their closed values in lower case too."""
    if isinstance(text, str):
        return text.lower()
    return Template(
        tuple(
            part.lower() if isinstance(part, str) else part._replace(values=tuple(v.lower() for v in part.values))
            for part in text.parts
        )
    )


@lru_cache(maxsize=4096)
def _weigh(pattern: Text, value: Text, *, fielded: bool = False, wild: bool = True) -> Tri:
    """The answer that all ways to fill the holes give, else None."""
    answers: set[Tri] = set()
    for given in choices(pattern, value):
        tame = {name: text.translate(_LITERAL) for name, text in given.items()}
        answers.add(_weigh_open(fill(pattern, given if wild else tame), fill(value, tame), fielded))
    return answers.pop() if len(answers) == 1 else None


def _weigh_open(pattern: Text, value: Text, fielded: bool) -> Tri:
    if not meets(widest(pattern), widest(value)):
        return False
    if _takes(pattern, value, fielded):
        return None if fielded and hides_type(pattern) else True
    return False if isinstance(pattern, str) and isinstance(value, str) else None


def holes_of(text: Text) -> tuple[Hole, ...]:
    """The holes of a text; none of a plain one."""
    return () if isinstance(text, str) else text.holes


_Unit = str | tuple[str]
"""One character, or a hole by its name."""


def _units(text: Text) -> list[_Unit]:
    if isinstance(text, str):
        return list(text)
    return [unit for part in text.parts for unit in (part if isinstance(part, str) else ((part.name,),))]


def _takes(pattern: Text, value: Text, fielded: bool) -> bool:
    """Whether the pattern matches for certain: a hole of the value falls to a star or to the same hole.

    Bit n of `reach`: what has been read of the pattern can match the first n units of the value.
    """
    places: dict[_Unit, int] = {}
    characters = 0
    units = _units(value)
    for at, unit in enumerate(units):
        places[unit] = places.get(unit, 0) | 1 << at
        characters |= isinstance(unit, str) << at
    inside = (1 << len(units) + 1) - 1
    # A hole may hold a colon, so what must not take a colon does not take a hole either.
    word = characters & ~places.get(":", 0)
    reach, field = 1, 0
    read = _units(pattern)
    for at, unit in enumerate(read):
        free = not fielded or field >= _LAST_FIELD
        if unit == "*":
            if free or at + 1 == len(read) or read[at + 1] == ":":
                reach = inside & -(reach & -reach)
            else:
                # The sum carries each bit through the run of units that stands before it.
                reach |= ((reach & word) + word) ^ word
        elif unit == "?":
            reach = (reach & (characters if free else word)) << 1
        else:
            field += unit == ":"
            reach = (reach & places.get(unit, 0)) << 1
        if not reach:
            return False
    return bool(reach >> len(units) & 1)


def lacking(pattern: Text, value: Text) -> Iterator[str]:
    """Clauses that say which values of holes would settle a match; variables have said so already."""
    for hole in holes_of(pattern):
        if not hole.at_request:
            yield f"the value of {hole.written} is not in the policy"
    for hole in holes_of(value):
        yield f"the value of {hole.written} is not declared"


def lacking_of_arn(pattern: Text, value: Text) -> Iterator[str]:
    """The same for an entry of `Resource`."""
    yield from lacking(pattern, value)
    if hides_type(pattern):
        yield "AWS does not say what a wildcard in the type of a resource matches, as in `*-model/x`"
