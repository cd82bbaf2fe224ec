"""What a request carries beside the model: guardrail, tier, tools, projects and API keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bedrock_policy_lint.authorize.request import Unknown
from bedrock_policy_lint.bedrock.arns import MODEL, PROFILE
from bedrock_policy_lint.model.text import Text, from_policy
from bedrock_policy_lint.usage import apis, basis, routes
from bedrock_policy_lint.usage.call import NOTHING, REGION_KEY, Call, Keys, concat, hole, unsure

if TYPE_CHECKING:
    from bedrock_policy_lint.authorize.request import ContextValue
    from bedrock_policy_lint.usage.basis import Basis
    from bedrock_policy_lint.usage.row import Row
    from bedrock_policy_lint.usage.usage import Guardrail

GUARDRAIL_KEY, TIER_KEY = "bedrock:guardrailidentifier", "bedrock:servicetier"
ROUTE_KEYS: Keys = {REGION_KEY: Unknown("AWS does not say which Region this row names", present=True)}
"""Of rows on what a service uses in other Regions, or in none."""

_DRAFT = "DRAFT"
_APPLY = "bedrock:ApplyGuardrail"
_MANTLE_KNOWS_MODELS = "bedrock-mantle knows models by their ids, and nothing that stands for one"
_TOKEN_TYPES = {"short-term-key": "SHORT_TERM", "long-term-key": "LONG_TERM"}


def invocation_keys(call: Call) -> Keys:
    """What guardrail and tier leave on the rows of an invocation."""
    found: dict[str, ContextValue] = {}
    if call.usage.guardrail is not None:
        found[GUARDRAIL_KEY] = _identifier(call, call.usage.guardrail)
        if not call.asks_sometimes(_APPLY):
            found[GUARDRAIL_KEY] = Unknown("AWS does not say that this API takes a guardrail")
    if call.usage.tier:
        found[TIER_KEY] = (call.usage.tier,)
    return found


def _identifier(call: Call, guardrail: Guardrail) -> ContextValue:
    if guardrail.enforced:
        return Unknown("AWS does not say whether an enforced guardrail sets the key")
    if not guardrail.version:
        return Unknown("the version of the guardrail is not declared", present=True)
    arn = guardrail_arn(call, guardrail)
    return (arn if guardrail.version == _DRAFT else concat(arn, ":", guardrail.version),)


def guardrail_arn(call: Call, guardrail: Guardrail) -> Text:
    """Its ARN, which never names a version."""
    name = from_policy(guardrail.id, variables=False)
    return name if guardrail.id.startswith("arn:") else call.arn(concat("guardrail/", name), account=_owner(guardrail))


def _owner(guardrail: Guardrail) -> Text | None:
    return from_policy(guardrail.account, variables=False) if guardrail.account else None


def guardrail_rows(call: Call, guardrail: Guardrail) -> Iterator[Row]:
    """The rows of applying a guardrail."""
    known = basis.ENFORCED if guardrail.enforced else basis.GUARDRAIL_USE
    yield call.row(_APPLY, guardrail_arn(call, guardrail), "guardrail", _said(call, _APPLY, known))
    if guardrail.profile:
        yield from _profile_rows(call, guardrail, _said(call, _APPLY, basis.GUARDRAIL_PROFILE))
    action = "bedrock:InvokeAutomatedReasoningPolicy"
    for policy in guardrail.reasoning:
        arn = from_policy(policy, variables=False)
        yield call.row(action, arn, "reasoning", _said(call, action, basis.REFERENCE))


def _profile_rows(call: Call, guardrail: Guardrail, rests: Basis) -> Iterator[Row]:
    profile = guardrail.profile if "." in guardrail.profile else f"{guardrail.profile}.guardrail.v1:0"
    for place in places(call, routes.GUARDRAIL, profile):
        arn = call.arn(f"{routes.GUARDRAIL}/{profile}", region=place, account=_owner(guardrail))
        keys = NOTHING if place == call.region else ROUTE_KEYS
        yield call.row_in(place, _APPLY, arn, "guardrail-profile", rests, keys)


def places(call: Call, kind: str, profile: str) -> tuple[Text, ...]:
    """The call's own Region, then every other one to which a profile that is no inference profile may send it."""
    known = routes.destinations(kind, profile, call.region)
    if known is None:
        return call.region, hole(f"destination Region of {profile}")
    return call.region, *(place for place in known if place != call.region)


def tool_rows(call: Call) -> Iterator[Row]:
    """The rows of using system tools, whose ARNs name no Region."""
    action = "bedrock:InvokeTool"
    for tool in call.usage.tools:
        arn = call.arn(concat("system-tool/", from_policy(tool, variables=False)), region="")
        yield call.row(action, arn, "tool", _said(call, action, basis.REFERENCE), ROUTE_KEYS)


def token_rows(call: Call) -> Iterator[Row]:
    """The row of calling with a Bedrock API key."""
    kind = _TOKEN_TYPES.get(call.usage.credentials)
    if kind is not None:
        service = call.api.service
        action = f"{service}:CallWithBearerToken"
        keys: Keys = {f"{service}:bearertokentype": (kind,)}
        yield call.row(action, "*", "token", _said(call, action, basis.TOKEN), keys)


def project_arn(call: Call) -> Text:
    """The project of the call; its account's default one where none is named."""
    project = call.usage.resource
    if project is not None and project.kind == "project":
        return call.arn_of(project, call.api.service)
    return call.arn("project/default", service=call.api.service)


def project_rows(call: Call, rests: Basis, keys: Keys) -> Iterator[Row]:
    """The rows of an OpenAI-style API on the project; `keys` are those of the invocation."""
    arn = project_arn(call)
    target = call.usage.target
    model: ContextValue = Unknown("AWS does not say which ARN names the model here", present=True)
    if target is not None and target.kind == MODEL:
        model = (call.model_arn(from_policy(target.id, variables=False), target.region or None),)
    elif target is not None and target.kind == PROFILE:
        model = (call.arn_of(target),)  # never the models behind it
    own = {**unsure(keys, "the project's row"), "bedrock:modelarn": model}
    yield call.row(call.action, arn, "project", rests, own)
    if call.usage.stored:
        for action in ("bedrock:GetInvoke", "bedrock:CancelInvoke", "bedrock:DeleteInvoke"):
            yield call.row(action, arn, "project", _said(call, action, basis.MODEL))


def mantle_rows(call: Call) -> Iterator[Row]:
    """The rows of the bedrock-mantle endpoint."""
    model: ContextValue = Unknown("the model is not declared", present=True)
    target = call.usage.target
    if target is not None:
        known = target.kind == MODEL
        model = (from_policy(target.id, variables=False),) if known else Unknown(_MANTLE_KNOWS_MODELS, present=True)
    keys: dict[str, ContextValue] = {f"{apis.MANTLE}:model": model}
    if call.usage.tier:
        keys[f"{apis.MANTLE}:servicetier"] = (call.usage.tier,)
    arn = project_arn(call)
    yield call.row("bedrock-mantle:CreateInference", arn, "project", basis.MANTLE, keys)
    if call.usage.stored:
        for action in ("GetInference", "CancelInference", "DeleteInference"):
            yield call.row(f"{apis.MANTLE}:{action}", arn, "project", basis.MANTLE.doubted)


def _said(call: Call, action: str, known: Basis) -> Basis:
    """What a row rests on; inferred where AWS does not list the action for the operation."""
    return known if call.asks_sometimes(action) else known.doubted
