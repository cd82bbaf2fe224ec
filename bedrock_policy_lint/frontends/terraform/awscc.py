"""The provider awscc, made from the schemas of CloudFormation, whose types and names it spells in another way."""

from __future__ import annotations

import re
from functools import cache

from bedrock_policy_lint.frontends.template.attributes import FORMS

PREFIX = "awscc_"

_WORDS = {
    "CloudFormation": "Cloudformation",
    "CloudFront": "Cloudfront",
    "CloudWatch": "Cloudwatch",
    "FSx": "Fsx",
}
"""What it takes for one word."""

_boundary = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Za-z])|(?<=[A-Z])(?=[A-Z][a-z])")
_part = re.compile(r"<([^>]*)>")
_PLACES = ("P", "R", "A")
_MADE_UP = "<id>"


def snake(name: str) -> str:
    """A name of CloudFormation in small letters: `TextS3Location` is `text_s3_location`."""
    return _boundary.sub("_", name).lower()


@cache
def spelled(name: str) -> str:
    """A name of CloudFormation as the provider spells it."""
    for word, one in _WORDS.items():
        name = name.replace(word, one)
    return snake(name)


@cache
def type_of(kind: str) -> str:
    """The type for one of CloudFormation: `awscc_bedrock_knowledge_base`."""
    _, service, name = kind.split("::")
    return f"{PREFIX}{service.lower()}_{spelled(name)}"


@cache
def _kinds() -> dict[str, str]:
    """The types of CloudFormation of whose attributes the form is known, by those of the provider."""
    return {type_of(kind): kind for kind in FORMS}


@cache
def forms(type_: str) -> dict[str, str]:
    """The forms of attributes, as `attributes` has them; what `Ref` gives is the id."""
    kind = _kinds().get(type_, "")
    known = FORMS.get(kind, {})
    # What AWS makes up for an id is an attribute, too.
    own = next((spelled(name) for name, form in known.items() if name and form == _MADE_UP), "id")
    found = {}
    for name, form in known.items():
        if all(map(_is_plain, _part.findall(form))):
            found[spelled(name) or "id"] = _part.sub(lambda match: f"<{_spelled(match[1], own)}>", form)
    return found


def _is_plain(part: str) -> bool:
    """Whether a part names a place, an attribute or a property; others are composed in ways of their own."""
    return part == "id" or not (part.endswith("-") or part[:1].islower())


def _spelled(part: str, own: str) -> str:
    if part in _PLACES:
        return part
    if part == "id":
        return f".{own}"
    return f".{spelled(part[1:])}" if part.startswith(".") else spelled(part)
