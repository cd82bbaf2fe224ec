"""What a call names: an id or an ARN becomes a kind and an id."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import MODEL, PROFILE, types_by_head
from bedrock_policy_lint.model import arn as arns
from bedrock_policy_lint.model.text import from_policy
from bedrock_policy_lint.usage.usage import Target

if TYPE_CHECKING:
    from bedrock_policy_lint.catalog import Catalog

ENDPOINT = "endpoint"
"""The kind of an endpoint of Amazon SageMaker AI, which serves a model of the Bedrock Marketplace."""

_SERVICES = ("bedrock", "bedrock-mantle")
_ID = re.compile(r"[A-Za-z0-9][\w.:+=@,-]*", re.ASCII)
_GEOGRAPHY = re.compile(r"[a-z]+(-[a-z]+)*")
_BARE = {
    # An alias is named by two ids; its ARN says what each of them is.
    "agent-alias": (re.compile(r"(?:agent-alias/)?([\w-]+)/([\w-]+)"), r"\1/\2"),
    "flow": (re.compile(r"(?:flow/)?([\w-]+)/(?:alias/)?([\w-]+)"), r"\1/alias/\2"),
}


def parse(written: str, region: str, catalog: Catalog) -> Target | None:
    """What stands for a model, by its id or by the ARN of anything of Bedrock's; None for what is neither."""
    if written.startswith("arn:"):
        return _from_arn(written, catalog)
    kind = _kind_of_id(written, catalog)
    return Target(kind, written, written, partition=_partition(region, catalog)) if kind else None


def parse_resource(written: str, kind: str, region: str, catalog: Catalog) -> Target | None:
    """What is called of a kind, by its id, such as `AGENT/ALIAS`, or by its ARN; None for an ARN of another kind."""
    if written.startswith("arn:"):
        found = _from_arn(written, catalog)
        return found if found is not None and found.kind == kind else None
    pattern, form = _BARE.get(kind, (re.compile(rf"(?:{re.escape(kind)}/)?({_ID.pattern})"), r"\1"))
    match = pattern.fullmatch(written)
    return Target(kind, match.expand(form), written, partition=_partition(region, catalog)) if match else None


def _kind_of_id(written: str, catalog: Catalog) -> str:
    if not _ID.fullmatch(written):
        return ""
    first, dot, rest = written.partition(".")
    second, _, name = rest.partition(".")
    tokens = catalog.provider_tokens()
    if dot and rest and first in tokens:
        return MODEL
    # A geography may be younger than the catalogue; what no provider is called can only be one.
    if name and second in tokens and _GEOGRAPHY.fullmatch(first):
        return PROFILE
    return ""


def _from_arn(written: str, catalog: Catalog) -> Target | None:
    arn = arns.parse(from_policy(written, variables=False))
    if arn is None or arn.type is None or "*" in written or "?" in written:
        return None
    partition, service, region, account, _ = map(str, arn.fields[1:])
    known = (arn.type == ENDPOINT) if service == "sagemaker" else _is_bedrock(service, arn.type, catalog)
    if not known or not str(arn.id):
        return None
    return Target(arn.type, str(arn.id), written, region, account, partition)


def _is_bedrock(service: str, kind: str, catalog: Catalog) -> bool:
    return service in _SERVICES and kind in types_by_head(service, catalog)


def first_unknown(target: Target | None, catalog: Catalog) -> Target | None:
    """The first model or profile that the catalogue does not know: the target itself, or what stands behind it."""
    if target is None:
        return None
    if target.kind == MODEL:
        known = bool(catalog.model(target.id) or catalog.other_model(target.id))
    else:
        known = target.kind != PROFILE or catalog.profile(target.id) is not None
    if not known:
        return target
    behind = (first_unknown(source, catalog) for source in target.sources)
    return next((found for found in behind if found is not None), None)


def _partition(region: str, catalog: Catalog) -> str:
    return catalog.partition_of(region) or "aws"
