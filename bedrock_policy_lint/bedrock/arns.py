"""What a Bedrock ARN pattern means: the model or profile it names, its Regions, and whether that lives there."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.model.bounds import head, widest
from bedrock_policy_lint.model.overlap import may_meet
from bedrock_policy_lint.model.pattern import glob, is_wild, matches

if TYPE_CHECKING:
    from bedrock_policy_lint.catalog import Catalog, Model, OtherModel, Profile, Region, ResourceType
    from bedrock_policy_lint.model.arn import Arn
    from bedrock_policy_lint.model.policy import Resource
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.rule import Context

MODEL, PROFILE, APPLICATION = "foundation-model", "inference-profile", "application-inference-profile"

SERVICES = frozenset({"bedrock", "bedrock-agentcore", "bedrock-mantle"})
"""The services whose ARN forms are known in full."""


class Target(NamedTuple):
    """What an ARN pattern of the service `bedrock` names."""

    kind: str
    """The resource type as written."""
    id: Text
    exact: str
    """The id where it is written in full, without wildcard or hole; else empty."""


def target(arn: Arn | None) -> Target | None:
    """What the ARN names, or None when it is none of Bedrock's or hides its type."""
    if arn is None or arn.service != "bedrock":
        return None
    kind = arn.type
    if not isinstance(kind, str):
        return None
    written = arn.id
    exact = written if isinstance(written, str) and not is_wild(written) else ""
    return Target(kind, written, exact)


def allowed_target(resource: Resource) -> tuple[Target, Arn] | None:
    """What an entry of an Allow's `Resource` names, with its ARN."""
    arn = resource.arn
    named = target(arn)
    if named is None or arn is None or not resource.statement.allows or resource.in_not_resource:
        return None
    return named, arn


@lru_cache(maxsize=8)
def types_by_head(service: str, catalog: Catalog) -> dict[str, list[ResourceType]]:
    """The resource types of a service by what stands before the first slash of their ARNs' last part."""
    found: dict[str, list[ResourceType]] = {}
    known = catalog.service(service)
    for kind in known.resource_types.values() if known else ():
        found.setdefault(kind.resource_prefix.partition("/")[0], []).append(kind)
    return found


def type_of(arn: Arn, catalog: Catalog) -> ResourceType | None:
    """The resource type that an ARN of one of `SERVICES` shows by its head; the first where several share it."""
    kind = arn.type
    if not isinstance(arn.service, str) or not isinstance(kind, str):
        return None
    known = types_by_head(arn.service, catalog).get(kind)
    return known[0] if known else None


def last_field(kind: ResourceType) -> str:
    """How the last field of a type's ARNs reads, with a star for whatever varies."""
    return kind.arns[0].split(":", 5)[5]


def owner(kind: ResourceType) -> str:
    """The account in a type's ARNs: empty for what AWS owns, a star for what anybody may own."""
    return kind.arns[0].split(":")[4]


def can_be(arn: Arn, kind: str) -> bool:
    """Whether an ARN pattern, its holes filled in some way, can stand for a model or profile of this kind."""
    owned = matches(arn.account, "") is not False if kind == MODEL else arn.account != ""
    return owned and matches(arn.service, "bedrock") is not False and may_meet(arn.resource, f"{kind}/*")


# Ids


def geography_of(text: Text, catalog: Catalog) -> str | None:
    """The geography that an id or a pattern of ids begins with, where what follows can only be a model id."""
    start = head(text)
    prefix, _, rest = start.partition(".")
    if not prefix or prefix == start or prefix not in catalog.geographies():
        return None
    token, dot, _ = rest.partition(".")
    tokens = catalog.provider_tokens()
    whole = dot or start == text
    known = token in tokens if whole else any(name.startswith(token) for name in tokens)
    return prefix if known else None


def provider_of(text: Text, catalog: Catalog) -> str | None:
    """The provider's token that an id or a pattern of ids begins with."""
    start = head(text)
    token, dot, _ = start.partition(".")
    return token if (dot or start != text) and token in catalog.provider_tokens() else None


def is_misplaced(named: Target, catalog: Catalog) -> bool:
    """Whether a profile's id stands where only a model's can match, or the reverse."""
    if named.kind == MODEL:
        return geography_of(named.id, catalog) is not None or _hides_geography(named.id, catalog)
    return named.kind == PROFILE and provider_of(named.id, catalog) is not None


def _hides_geography(text: Text, catalog: Catalog) -> bool:
    """Whether it reads `${geography}.anthropic.…`: no model id has anything before its provider's token."""
    if isinstance(text, str) or len(text.parts) < 2:
        return False
    first, second = text.parts[0], text.parts[1]
    if isinstance(first, str) or not isinstance(second, str) or not second.startswith("."):
        return False
    token, dot, _ = second[1:].partition(".")
    return bool(dot) and token in catalog.provider_tokens()


@lru_cache(maxsize=8)
def model_ids(catalog: Catalog) -> tuple[str, ...]:
    """Every model id that is known, listed by the API or not."""
    return (*(model.id for model in catalog.models()), *(model.id for model in catalog.other_models()))


@lru_cache(maxsize=8)
def profile_ids(catalog: Catalog) -> tuple[str, ...]:
    """The id of every system-defined profile, whatever its status."""
    return tuple(profile.id for profile in catalog.profiles())


def can_match(text: Text, ids: tuple[str, ...]) -> bool:
    """Whether a pattern of ids, with its holes filled in some way, matches one of these."""
    wide = widest(text)
    return any(glob(wide, known) and matches(text, known) is not False for known in ids)


# Regions


def regions(arn: Arn, catalog: Catalog) -> tuple[Region, ...] | None:
    """The known Regions of its partition that an ARN stands for; None where a hole hides them."""
    if isinstance(arn.region, str) and isinstance(arn.partition, str):
        return _regions(arn.partition, arn.region, catalog)
    return None


@lru_cache(maxsize=256)
def _regions(partition: str, region: str, catalog: Catalog) -> tuple[Region, ...]:
    return tuple(known for known in regions_like(region, catalog) if glob(partition, known.partition))


def are_settled(where: tuple[Region, ...]) -> bool:
    """Whether it is known of each of these Regions what Bedrock offers there."""
    return all(region.scanned or not region.bedrock for region in where)


@lru_cache(maxsize=256)
def regions_like(pattern: str, catalog: Catalog) -> tuple[Region, ...]:
    """The known Regions of any partition that a pattern matches."""
    if is_wild(pattern):
        return tuple(known for known in catalog.regions() if glob(pattern, known.name))
    found = catalog.region(pattern)
    return (found,) if found else ()


@lru_cache(maxsize=256)
def offered(model_id: str, catalog: Catalog) -> frozenset[str]:
    """Where a grant of a listed model has a use: by its id on either endpoint, or on a profile's route."""
    model = catalog.model(model_id)
    if model is None:
        return frozenset()
    found = {
        *model.on_demand_regions,
        *model.on_demand_unconfirmed_regions,
        *model.profile_only_regions,
        *model.mantle_regions,
        *model.govcloud_regions,
        *model.govcloud_geo_regions,
    }
    for profile_id in model.profiles:
        profile = catalog.profile(profile_id)
        if profile is not None:
            found.update(profile.source_regions, profile.documented_unscanned_sources)
            for routes in (profile.routes, profile.unconfirmed_routes):
                found.update(*(routes or {}).values())
    return frozenset(found)


def profiles_from(model: Model, region: str, catalog: Catalog) -> tuple[str, ...]:
    """The profiles of a model that can be called from a Region, those that stay in a geography first."""
    found = [
        profile for profile in map(catalog.profile, model.profiles) if profile and region in profile.source_regions
    ]
    return tuple(profile.id for profile in sorted(found, key=lambda profile: (profile.scope == "global", profile.id)))


def model_of(named: Target, catalog: Catalog) -> Model | OtherModel | None:
    """The known model that an exact id names, by itself or as the one behind a profile."""
    name = _model_id(named, catalog)
    return (catalog.model(name) or catalog.other_model(name)) if name else None


def listed_model_of(named: Target, catalog: Catalog) -> Model | None:
    """The same, where it is a model that the API lists."""
    name = _model_id(named, catalog)
    return catalog.model(name) if name else None


def _model_id(named: Target, catalog: Catalog) -> str:
    if named.kind == PROFILE:
        profile = profile_of(named, catalog)
        return profile.model_id if profile else ""
    return named.exact if named.kind == MODEL else ""


def profile_of(named: Target, catalog: Catalog) -> Profile | None:
    """The known system-defined profile that an exact id names."""
    return catalog.profile(named.exact) if named.kind == PROFILE and named.exact else None


def needs_profile(arn: Arn | None, context: Context) -> bool:
    """Whether, in each Region that an ARN of an exact model names, on-demand calls could go through a profile only."""
    named = target(arn)
    model = context.catalog.model(named.exact) if named and named.kind == MODEL else None
    if arn is None or model is None or arn.region == "":
        return False
    if model.apis.get("async_invoke"):
        return False  # asynchronous calls take the model's own id
    only = bool(model.inference_profile_only)
    where = regions(arn, context.catalog)
    if where is None:
        return only and not model.govcloud_regions
    names = {region.name for region in where}
    through_profile = names & set(model.profile_only_regions)
    return bool(through_profile) and names.isdisjoint(model.govcloud_regions) and (only or names == through_profile)


def ended(named: Target, arn: Arn, context: Context) -> bool:
    """Whether the end of life of what an ARN names by an exact id has passed in all of its Regions."""
    catalog = context.catalog
    model = model_of(named, catalog)
    if model is None or not model.eol_date or model.eol_date >= context.today:
        return False
    listed = listed_model_of(named, catalog)
    if listed is None or listed.eol_regions is None:
        return True
    live: set[str] = set()
    profile = profile_of(named, catalog)
    if model.eol_date < catalog.models_date and not (profile and profile.status == "gone"):
        live.update(profile.source_regions if profile else offered(model.id, catalog))
    names = {region.name for region in regions(arn, catalog) or ()} & {*live, *listed.eol_regions}
    return bool(names) and names.isdisjoint(live)
