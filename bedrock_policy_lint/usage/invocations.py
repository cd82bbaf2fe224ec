"""What it takes to invoke a model, by each way to name one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.authorize.request import Unknown
from bedrock_policy_lint.bedrock.arns import APPLICATION, MODEL, PROFILE
from bedrock_policy_lint.model.text import Text, from_policy
from bedrock_policy_lint.usage import basis
from bedrock_policy_lint.usage.basis import Basis
from bedrock_policy_lint.usage.call import (
    NOTHING,
    PROFILE_KEY,
    PROJECT_KEY,
    ROUTER_KEY,
    Call,
    Keys,
    concat,
    hole,
    unsure,
    via,
)
from bedrock_policy_lint.usage.targets import ENDPOINT

if TYPE_CHECKING:
    from bedrock_policy_lint.authorize.request import ContextValue
    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.usage.row import Row
    from bedrock_policy_lint.usage.usage import Target, Usage

BEDROCK = "bedrock.amazonaws.com"
UNSPECIFIED = "unspecified"
"""What `aws:RequestedRegion` holds where a global profile may run the call anywhere."""

_GLOBAL = "global"
_ALL_ENDPOINTS = "marketplace/model-endpoint/all-access"


class Way(NamedTuple):
    """How a model is invoked."""

    action: str
    keys: Keys = NOTHING
    """What the rows on the model carry."""
    rests: Basis | None = None
    """What all rows rest on, where that is not the page on a way to name a model."""

    def on(self, named: Basis) -> Basis:
        """What a row rests on, given what says that the way to name the model causes it."""
        return self.rests or named

    def adding(self, key: str, value: ContextValue) -> Way:
        """The same, with one more key."""
        return self._replace(keys={**self.keys, key: value})


def invocations(call: Call, way: Way, target: Target | None) -> Iterator[Row]:
    """The rows of invoking what a target names."""
    if target is None:
        return _behind_nothing(call, way, "the call")
    return _BY_KIND.get(target.kind, _owned)(call, way, target)


def model_behind(target: Target, catalog: Catalog) -> str:
    """The id of the model that a foundation model's or a system-defined profile's id names."""
    if target.kind == MODEL:
        return target.id
    profile = catalog.profile(target.id)
    return profile.model_id if profile else target.id.partition(".")[2] or target.id


def destinations(usage: Usage, target: Target, catalog: Catalog) -> tuple[str, ...] | None:
    """Where a geographic profile may run the call; None where nobody says."""
    if usage.destinations is not None:
        return usage.destinations
    profile = catalog.profile(target.id)
    return profile.destinations(target.region or usage.region) if profile else None


def is_global(target: Target) -> bool:
    """Whether a system-defined profile runs calls anywhere."""
    return target.kind == PROFILE and target.id.partition(".")[0] == _GLOBAL


def _model(call: Call, way: Way, target: Target) -> Iterator[Row]:
    arn = call.model_arn(from_policy(target.id, variables=False), target.region or None)
    yield call.row(way.action, arn, "model", way.on(basis.MODEL), way.keys)


def _profile(call: Call, way: Way, target: Target) -> Iterator[Row]:
    arn = call.arn_of(target)
    rests = basis.GLOBAL if is_global(target) else basis.GEOGRAPHIC
    yield call.row(way.action, arn, "profile", way.on(rests), _on_profile(way.keys))
    behind = way._replace(keys={**way.keys, **unsure(_of_project(way.keys), "a model behind a profile")})
    yield from _routes(call, behind.adding(PROFILE_KEY, (arn,)), target)


def _routes(call: Call, way: Way, target: Target) -> Iterator[Row]:
    """The model rows of a system-defined profile; `way` carries the key that names the profile."""
    model = from_policy(model_behind(target, call.catalog), variables=False)
    rests = way.on(basis.GLOBAL if is_global(target) else basis.GEOGRAPHIC)
    source = target.region or call.region
    known = None if is_global(target) else destinations(call.usage, target, call.catalog)
    # The guide asks for the model in the caller's Region; that AWS weighs it where no call runs is not settled.
    asked = rests.doubted if known and source not in known else rests
    yield call.row(way.action, call.model_arn(model, source), "source-model", asked, way.keys)
    if is_global(target):
        arn = call.model_arn(model, "")
        yield call.row_in(UNSPECIFIED, way.action, arn, "global-model", rests, way.keys)
        return
    places: tuple[Text, ...] = (hole(f"destination Region of {target.id}"),) if known is None else known
    for place in places:
        if place != source:
            arn = call.model_arn(model, place)
            yield call.row_in(place, way.action, arn, "destination-model", rests, way.keys)


def _application(call: Call, way: Way, target: Target) -> Iterator[Row]:
    arn = call.arn_of(target)
    yield call.row(way.action, arn, "profile", way.on(basis.APPLICATION), _on_profile(way.keys))
    copied = Unknown("AWS does not say which profile's ARN a call through a copied profile carries", present=True)
    for source in target.sources:
        if source.kind == PROFILE:
            through = way._replace(rests=way.on(basis.APPLICATION_ROUTES)).adding(PROFILE_KEY, copied)
            yield from _routes(call, through, source)
        else:
            through = way._replace(rests=way.on(basis.APPLICATION_MODELS)).adding(PROFILE_KEY, (arn,))
            yield from invocations(call, through, source)
    if not target.sources:
        through = way._replace(rests=way.on(basis.APPLICATION_MODELS)).adding(PROFILE_KEY, copied)
        yield from _undeclared(call, through, target.id)


def _router(call: Call, way: Way, target: Target) -> Iterator[Row]:
    arn = call.arn_of(target)
    of_router = unsure({**way.keys, ROUTER_KEY: (arn,)}, "the router's own row")
    yield call.row(way.action, arn, "model", way.on(basis.REFERENCE), of_router)
    routed = way._replace(rests=way.on(basis.REFERENCE.doubted)).adding(ROUTER_KEY, (arn,))
    yield from _behind(call, routed, target)


def _prompt(call: Call, way: Way, target: Target) -> Iterator[Row]:
    yield render(call, target)
    yield from _behind(call, way._replace(rests=way.on(basis.MODEL.doubted)), target)


def render(call: Call, prompt: Target) -> Row:
    """The row of reading a managed prompt."""
    return call.row("bedrock:RenderPrompt", call.arn_of(prompt), "prompt", basis.MODEL)


def _behind(call: Call, way: Way, target: Target) -> Iterator[Row]:
    """What a router or a prompt invokes in turn."""
    for source in target.sources:
        yield from invocations(call, way, source)
    if not target.sources:
        yield from _behind_nothing(call, way, target.id)


def _behind_nothing(call: Call, way: Way, of: str) -> Iterator[Row]:
    """What nobody declared: a model, or a profile that is asked for as well."""
    profile = call.arn(concat(f"{PROFILE}/", hole(f"inference profile of {of}")))
    yield call.row(way.action, profile, "profile", way.on(basis.MODEL).doubted, _on_profile(way.keys))
    yield from _undeclared(call, way, of)


def _undeclared(call: Call, way: Way, of: str) -> Iterator[Row]:
    """A model that nobody declared, in the call's Region and in whatever Region a profile may send the call to."""
    model, rests = hole(f"model of {of}"), way.on(basis.MODEL).doubted
    keys = {PROFILE_KEY: Unknown(f"the model of {of} is not declared"), **way.keys}
    yield call.row(way.action, call.model_arn(model), "model", rests, keys)
    place = hole(f"destination Region of {of}")
    yield call.row_in(place, way.action, call.model_arn(model, place), "destination-model", rests, keys)


def _marketplace(call: Call, way: Way, target: Target) -> Iterator[Row]:
    where, owner = target.region or call.region, call.owner_of(target)
    arn = call.arn(_ALL_ENDPOINTS, region=where, account=owner)
    yield call.row(way.action, arn, "model", way.on(basis.REFERENCE), way.keys)
    if target.kind == ENDPOINT:
        endpoint = call.arn_of(target, "sagemaker")
    else:
        endpoint = call.arn(hole("endpoint"), region=where, account=owner, service="sagemaker")
    action = way.action.replace("bedrock:InvokeModel", "sagemaker:InvokeEndpoint")
    yield call.forwarded(action, endpoint, "endpoint", way.on(basis.MARKETPLACE), via(BEDROCK))


def _owned(call: Call, way: Way, target: Target) -> Iterator[Row]:
    yield call.row(way.action, call.arn_of(target), "model", way.on(_OF_OWNED.get(target.kind, _NEITHER)), way.keys)


def _on_profile(keys: Keys) -> Keys:
    """What a profile's own row carries: the project, since it is what the request names, and never the profile."""
    return {**unsure(keys, "the profile's own row"), **_of_project(keys), PROFILE_KEY: ()}


def _of_project(keys: Keys) -> Keys:
    """What names the project, if anything does."""
    return {PROJECT_KEY: keys[PROJECT_KEY]} if PROJECT_KEY in keys else NOTHING


_NEITHER = basis.REFERENCE.doubted
_OF_OWNED = {
    "provisioned-model": basis.PROVISIONED,
    "imported-model": basis.REFERENCE,
    "custom-model-deployment": basis.REFERENCE,
}
_BY_KIND: dict[str, Callable[[Call, Way, Target], Iterator[Row]]] = {
    MODEL: _model,
    PROFILE: _profile,
    APPLICATION: _application,
    "prompt-router": _router,
    "default-prompt-router": _router,
    "prompt": _prompt,
    "marketplace": _marketplace,
    ENDPOINT: _marketplace,
}
