"""How Terraform writes what only the place of a deployment settles: the data sources, and their attributes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.terraform.validations import bare
from bedrock_policy_lint.sources import hcl_tree as tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.terraform.module import Module

REGION, ACCOUNT, PARTITION, SUFFIX = "AWS::Region", "AWS::AccountId", "AWS::Partition", "AWS::URLSuffix"

_FORMS = {
    REGION: ("data.aws_region", ("id", "name", "region")),
    ACCOUNT: ("data.aws_caller_identity", ("account_id", "id")),
    PARTITION: ("data.aws_partition", ("partition", "id")),
    SUFFIX: ("data.aws_partition", ("dns_suffix",)),
}
"""By what it is: the type of the data source, and the attributes that tell it."""
_RENAMED_IN = 6
"""The major version of the provider that has `region` and deprecates `name`; `id` is in all of them.
(Terraform AWS provider, "Data Source: aws_region" of 5.100.0 and of 6.0.0.)"""

_terms = re.compile(r"(~>|[<>!]=?|=|)\s*v?(\d+)((?:\.\d+)*)").findall


def forms(name: str, module: Module) -> tuple[str, tuple[str, ...]]:
    """The type of the data source that tells what is asked for, and its attributes that do, the best one first."""
    type_, attributes = _FORMS[name]
    if name == REGION:
        best = _region_attribute(",".join(_constraints(module)))
        attributes = (best, *(one for one in attributes if one != best))
    return type_, attributes


def places(module: Module) -> dict[str, str]:
    """By what it is: the expression for it, with the module's own data sources as far as there are any."""
    text = text_of(module)
    found: dict[str, str] = {}
    for name in _FORMS:
        type_, attributes = forms(name, module)
        own = next((one.address for one in module.resources.values() if one.type == type_), f"{type_}.current")
        found[name] = favourite([f"{own}.{attribute}" for attribute in attributes], (text,))
    return found


def text_of(module: Module) -> str:
    """All files of a module."""
    return "\n".join(file.source.text for file in module.files)


def favourite(names: list[str], texts: tuple[str, ...]) -> str:
    """The name that the first text uses most, or else the next one; else the first."""
    return max(names, key=lambda name: [_times(name, text) for text in texts])


def _times(name: str, text: str) -> int:
    """How often a name is used."""
    return len(uses(name).findall(text)) if name in text else 0  # most are in no text


def uses(name: str) -> re.Pattern[str]:
    """Finds a name where it stands by itself."""
    literal = re.escape(name)
    # It is searched for sooner if nothing stands before it in the pattern.
    return re.compile(rf"{literal}(?<![\w.]{literal})(?![\w-])")


def _region_attribute(constraint: str) -> str:
    """The attribute for the name of the Region that no version of the provider lacks or deprecates."""
    oldest, newest = 0, _RENAMED_IN
    for operator, major, minor in _terms(constraint):
        number = int(major)
        if operator in ("", "=", ">", ">=", "~>"):
            oldest = max(oldest, number)
        if operator in ("", "=", "<=") or (operator == "~>" and minor):
            newest = min(newest, number)
        elif operator == "<":
            newest = min(newest, number if minor.strip(".0") else number - 1)
    if oldest >= _RENAMED_IN:
        return "region"
    return "name" if newest < _RENAMED_IN else "id"


def _constraints(module: Module) -> Iterator[str]:
    """The versions of the provider that a module allows, in the words of its `required_providers`."""
    for file in module.files:
        for settings in file.body.blocks("terraform"):
            for required in settings.body.blocks("required_providers"):
                provider = required.body.attribute("aws")
                yield from _versions(provider.value) if provider is not None else ()


def _versions(written: tree.Expression) -> Iterator[str]:
    written = bare(written)
    if type(written) is not tree.ObjectCons:
        yield tree.plain_text(written) or ""
        return
    for item in written.items:
        if tree.plain_text(item.key) == "version":
            yield tree.plain_text(item.value) or ""
