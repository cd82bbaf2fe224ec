"""How an ARN that is granted is akin to the one that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import APPLICATION, MODEL, PROFILE, geography_of
from bedrock_policy_lint.model.pattern import glob, matches

if TYPE_CHECKING:
    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.diagnosis.verdict import Verdict
    from bedrock_policy_lint.model.arn import Arn


def is_same_name(arn: Arn, asked: Arn) -> bool:
    """Whether an ARN names what is asked for, in another Region or account."""
    if arn.type != asked.type or matches(arn.resource, asked.resource) is not True:
        return False
    return False in (matches(arn.region, asked.region), matches(arn.account, asked.account))


def is_other_geography(arn: Arn, asked: Arn, catalog: Catalog) -> bool:
    if asked.type != PROFILE or arn.type != PROFILE or not glob(_model_in(arn, catalog), _model_in(asked, catalog)):
        return False
    granted, wanted = geography_of(arn.id, catalog), geography_of(asked.id, catalog)
    return granted is not None and wanted is not None and granted != wanted


def is_other_version(arn: Arn, asked: Arn, catalog: Catalog) -> bool:
    granted, wanted = _model_in(arn, catalog), _model_in(asked, catalog)
    if not granted or not wanted or glob(granted, wanted):
        return False
    return family(granted, catalog) == family(wanted, catalog) != ""


def is_copied(arn: Arn, verdict: Verdict) -> bool:
    """Whether an ARN names the profile that the call's application profile copies."""
    named = verdict.usage.target
    if named is None or named.kind != APPLICATION or arn.type != PROFILE:
        return False
    return any(source.kind == PROFILE and matches(arn.id, source.id) for source in named.sources)


def _model_in(arn: Arn, catalog: Catalog) -> str:
    """The id or pattern of the model that an ARN names, be it through a profile."""
    if arn.type not in (MODEL, PROFILE) or not isinstance(arn.id, str):
        return ""
    geography = geography_of(arn.id, catalog)
    return arn.id[len(geography) + 1 :] if geography else arn.id


def family(name: str, catalog: Catalog) -> str:
    """What versions of one model have in common: `anthropic.claude` of `anthropic.claude-sonnet-4-6`."""
    provider, dot, rest = name.partition(".")
    if not dot or provider not in catalog.provider_tokens():
        return ""
    return f"{provider}.{rest.split('-', 1)[0].split('*', 1)[0]}"
