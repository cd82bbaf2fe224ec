"""Which values name a model, told by the value alone, and what can be done with the model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import APPLICATION, MODEL, PROFILE
from bedrock_policy_lint.model import arn as arns
from bedrock_policy_lint.model.text import Hole, Text, fill, from_policy, join, parts_of
from bedrock_policy_lint.usage import targets
from bedrock_policy_lint.usage.invocations import model_behind
from bedrock_policy_lint.usage.usage import Target

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bedrock_policy_lint.catalog import Catalog, Model
    from bedrock_policy_lint.deployment.deployment import Setting

INVOKED = frozenset(
    {MODEL, PROFILE, APPLICATION, "provisioned-model", "imported-model", "custom-model-deployment"}
    | {"prompt-router", "default-prompt-router"}
)
"""The types of what an invocation can name."""

_PREFIXES = ("bedrock/converse/", "bedrock/invoke/", "bedrock/", "bedrock_converse:", "bedrock:")
"""What libraries that serve many providers write before the id; the longer ones first."""
_VERSIONED = re.compile(r"(?:(?P<geography>[a-z-]+)\.)?(?P<provider>[a-z0-9]+)\.[a-z0-9][a-z0-9.-]*-v\d+(?::\d+)?")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
_PSEUDO = "AWS::"
_USUAL_NAMES = ("AWS_REGION", "AWS_DEFAULT_REGION")

_PLAIN, _STREAMED = "invoke-model", "invoke-model-stream"
_PLAIN_FAMILIES = ("invoke", "converse", "async_invoke", "bidirectional_stream")
"""What `bedrock:InvokeModel` authorises."""


def target_of(text: Text, region: str, catalog: Catalog) -> Target | None:
    """The model, or what stands for one, that a value names beyond doubt by its id or ARN; else None."""
    if not isinstance(text, str):
        return _from_open_arn(text, region, catalog)
    rest = next((text[len(prefix) :] for prefix in _PREFIXES if text.startswith(prefix)), text)
    if not rest.startswith("arn:") and not _is_model_id(rest, catalog):
        return None
    found = targets.parse(rest, region, catalog)
    return found if found is not None and found.kind in INVOKED else None


def _is_model_id(written: str, catalog: Catalog) -> bool:
    """Whether an id is a known one, or looks like no word of any other trade: much is written `meta.something`."""
    if any(find(written) for find in (catalog.model, catalog.other_model, catalog.profile)):
        return True
    shape = _VERSIONED.fullmatch(written)
    if shape is None or shape["provider"] not in catalog.provider_tokens():
        return False
    return shape["geography"] is None or shape["geography"] in catalog.geographies()


def _from_open_arn(text: Text, region: str, catalog: Catalog) -> Target | None:
    """An ARN in which no more is open than the place where it is deployed."""
    place = {"AWS::Region": region, "AWS::Partition": catalog.partition_of(region) or ""}
    text = fill(text, {name: value for name, value in place.items() if value})
    arn = arns.parse(text)
    if arn is None or arn.service != "bedrock" or arn.type not in INVOKED:
        return None
    partition, where, owner, name = arn.partition, arn.region, arn.account, arn.id
    if not (isinstance(partition, str) and isinstance(where, str) and isinstance(name, str)):
        return None
    if not name or "*" in str(text) or "?" in name or not (written := restated(text)):
        return None
    return Target(arn.type, name, written, where, restated(owner), partition)


def restated(text: Text) -> str:
    """A text as a declaration of usage would have it; empty where that reads as another text.

    The parameters of AWS are called by their names there, however the template spells them.
    """
    parts = [
        part._replace(written=f"${{{part.name}}}") if isinstance(part, Hole) and part.name.startswith(_PSEUDO) else part
        for part in parts_of(text)
    ]
    plain = join(parts)
    return str(plain) if from_policy(str(plain), variables=False) == plain else ""


def regions_named(settings: Iterable[Setting]) -> frozenset[str]:
    """Every Region that settings name for Bedrock, or else for all of AWS; one that is not known is empty."""
    of_bedrock, usual = set(), set()
    for setting in settings:
        name, value = setting.name.upper(), setting.node.value
        literal = value if isinstance(value, str) and _REGION.fullmatch(value) else ""
        if "BEDROCK" in name and name.endswith("REGION"):
            of_bedrock.add(literal)
        elif name in _USUAL_NAMES:
            usual.add(literal)
    return frozenset(of_bedrock or usual)


def apis_for(target: Target, catalog: Catalog) -> tuple[str, ...]:
    """Whether a model may be invoked with one answer, with a stream, or both; a model that nobody knows both."""
    known = _model(target, catalog)
    if known is None:
        return _PLAIN, _STREAMED
    plain = any(known.apis.get(family) is not False for family in _PLAIN_FAMILIES)
    no_invoked_stream = known.apis.get("invoke") is False or known.streaming is False
    streamed = not (no_invoked_stream and known.apis.get("converse_stream") is False)
    return (_PLAIN,) * plain + (_STREAMED,) * streamed


def regions_for(target: Target, catalog: Catalog) -> tuple[str, ...]:
    """All Regions in which a model can be called by this name; those that have Bedrock where nobody knows better.

    An ARN names one, in which nothing can be called when the model is not there.
    """
    found: set[str] = set()
    profile = catalog.profile(target.id) if target.kind == PROFILE else None
    model = catalog.model(target.id) if target.kind == MODEL else None
    if profile is not None:
        found.update(profile.source_regions, profile.documented_unscanned_sources)
    elif model is not None:
        found.update(model.on_demand_regions, model.on_demand_unconfirmed_regions)
        found.update(model.govcloud_regions, model.profile_only_regions)
    if not found:
        found.update(region.name for region in catalog.regions() if region.bedrock)
    if target.region:
        found &= {target.region}
    return tuple(sorted(found))


def _model(target: Target, catalog: Catalog) -> Model | None:
    if target.kind in (MODEL, PROFILE):
        return catalog.model(model_behind(target, catalog))
    known = [_model(source, catalog) for source in target.sources]
    return known[0] if len(known) == 1 else None
