"""From a usage to every authorisation that AWS makes for it, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from bedrock_policy_lint.authorize.request import Unknown
from bedrock_policy_lint.bedrock.arns import APPLICATION, MODEL, PROFILE
from bedrock_policy_lint.model.text import Text, from_policy
from bedrock_policy_lint.usage import apis, basis, carried, routes
from bedrock_policy_lint.usage.basis import Basis
from bedrock_policy_lint.usage.call import (
    NOTHING,
    PROFILE_KEY,
    PROJECT_KEY,
    REGION_KEY,
    Call,
    concat,
    hole,
    unsure,
    via,
)
from bedrock_policy_lint.usage.invocations import (
    BEDROCK,
    Way,
    destinations,
    invocations,
    is_global,
    model_behind,
    render,
)
from bedrock_policy_lint.usage.row import INFERRED

if TYPE_CHECKING:
    from bedrock_policy_lint.authorize.request import ContextValue, Identity
    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.usage.row import Row
    from bedrock_policy_lint.usage.usage import Target, Usage

_MANTLE_SERVICE = "bedrock-mantle.amazonaws.com"
_OF_MODELS = ("async-invoke", "bidirectional-stream")
"""APIs that the reference lists with foundation models alone among what can be invoked."""
_NO_REGION = Unknown("AWS does not say which Region this row names", present=True)


def rows(usage: Usage, identity: Identity, catalog: Catalog) -> tuple[Row, ...]:
    """Every authorisation of a usage; none for an API that nobody knows."""
    call = _call(usage, identity, catalog)
    if call is None:
        return ()
    found = (*_BY_API[call.api.name](call), *carried.token_rows(call))
    return tuple(row._replace(confidence=INFERRED) for row in found) if usage.is_likely else found


def subscription_rows(usage: Usage, identity: Identity, catalog: Catalog) -> tuple[Row, ...]:
    """What the first call of a model sold through AWS Marketplace asks besides, unless that has been settled."""
    call = _call(usage, identity, catalog)
    if call is None or usage.subscribed or not call.api.takes_model or call.api.name == "get-profile":
        return ()
    known = (catalog.model(name) for name in _models(usage.target, catalog))
    sold = [model for model in known if model is not None and model.marketplace_required]
    service = _MANTLE_SERVICE if call.api.service == apis.MANTLE else BEDROCK
    found = []
    for model in sold:
        product: ContextValue = (model.product_id,) if model.product_id else Unknown("the product is unknown", True)
        for action in catalog.first_use().actions:
            keys = {**via(service), REGION_KEY: _NO_REGION}
            if action == "aws-marketplace:Subscribe":
                keys["aws-marketplace:productid"] = product
            found.append(call.forwarded(action, "*", "subscription", basis.SUBSCRIPTION, keys))
    return tuple(found)


def notes(usage: Usage, catalog: Catalog) -> tuple[str, ...]:
    """What there is to know of a usage that no row says, a sentence each."""
    api = apis.find(usage.api)
    return tuple(_notes(usage, api, catalog)) if api is not None else ()


def _call(usage: Usage, identity: Identity, catalog: Catalog) -> Call | None:
    api = apis.of(usage)
    return Call(usage, identity, catalog, api) if api is not None else None


# API by API


def _invoke(call: Call) -> Iterator[Row]:
    """A call that invokes a model in the caller's name, and nothing else."""
    yield from invocations(call, _way(call), call.usage.target)
    yield from _guardrail(call)
    yield from carried.tool_rows(call)


def _way(call: Call) -> Way:
    """How the call invokes; inferred where the reference knows the API with foundation models alone."""
    target = call.usage.target
    is_other = call.api.name in _OF_MODELS and target is not None and target.kind != MODEL
    return Way(call.action, carried.invocation_keys(call), basis.REFERENCE.doubted if is_other else None)


def _guardrail(call: Call) -> Iterator[Row]:
    if call.usage.guardrail is not None:
        yield from carried.guardrail_rows(call, call.usage.guardrail)


def _async_invoke(call: Call) -> Iterator[Row]:
    way = _way(call)
    yield from invocations(call, way, call.usage.target)
    own = unsure(way.keys, "the row of the asynchronous invocation")
    yield call.row(call.action, call.arn("async-invoke/*"), "job", basis.REFERENCE, own)
    yield from _guardrail(call)


def _count_tokens(call: Call) -> Iterator[Row]:
    target = call.usage.target
    action = "bedrock:CountTokens"
    if target is not None and target.kind == MODEL:
        yield from invocations(call, Way(action, rests=basis.REFERENCE), target)
    else:
        # The reference knows foundation models only; what a profile or router leads to is then the likely resource.
        arn = call.model_arn(_model_name(call, target))
        keys = {PROFILE_KEY: Unknown("AWS does not say how tokens are counted through a profile")}
        yield call.row(action, arn, "model", basis.REFERENCE.doubted, keys)


def _model_name(call: Call, target: Target | None) -> Text:
    names = _models(target, call.catalog)
    if len(names) == 1:
        return from_policy(names[0], variables=False)
    return hole(f"model of {target.id if target else 'the call'}")


def _apply_guardrail(call: Call) -> Iterator[Row]:
    if call.usage.guardrail is not None:
        yield from _guardrail(call)
        return
    arn = _resource(call, "guardrail", "guardrail")
    yield call.row("bedrock:ApplyGuardrail", arn, "guardrail", basis.GUARDRAIL_USE)


def _resource(call: Call, kind: str, name: str) -> Text:
    """The ARN of the resource that is called, of which only the kind may be known."""
    resource = call.usage.resource
    if resource is not None:
        return call.arn_of(resource)
    return call.arn(concat(f"{kind}/", hole(name)))


def _batch(call: Call) -> Iterator[Row]:
    action, target = "bedrock:CreateModelInvocationJob", call.usage.target
    if target is not None and target.kind == MODEL:
        yield from invocations(call, Way(action, rests=basis.BATCH), target)
    elif target is not None and target.kind == "custom-model":
        yield call.row(action, call.arn_of(target), "model", basis.REFERENCE)
    else:
        keys = {PROFILE_KEY: Unknown("AWS does not say what a job through a profile carries")}
        yield call.row(action, call.model_arn(_model_name(call, target)), "model", basis.BATCH.doubted, keys)
    yield call.row(action, call.arn("model-invocation-job/*"), "job", basis.REFERENCE)
    passed: dict[str, ContextValue] = {
        REGION_KEY: _NO_REGION,
        "iam:passedtoservice": (BEDROCK,),
        "iam:associatedresourcearn": Unknown("the job has no ARN yet"),
    }
    role = from_policy(call.usage.role, variables=False)
    if not role:  # a job cannot be without one
        role = call.arn(concat("role/", hole("service role of the job")), region="", service="iam")
    yield call.row("iam:PassRole", role, "role", basis.BATCH, passed)


def _only(action: str, kind: str, name: str) -> Callable[[Call], Iterator[Row]]:
    """An API that asks for one action on one resource of the account."""

    def found(call: Call) -> Iterator[Row]:
        yield call.row(action, _resource(call, kind, name), "resource", basis.REFERENCE)

    return found


def _inline_agent(call: Call) -> Iterator[Row]:
    keys = {"bedrock:inlineagentname": Unknown("the name of the inline agent is not declared")}
    yield call.row("bedrock:InvokeInlineAgent", "*", "resource", basis.REFERENCE, keys)
    way = Way(call.action, unsure(carried.invocation_keys(call), "what an inline agent invokes"), basis.INLINE_MODEL)
    yield from invocations(call, way, call.usage.target)
    yield from _guardrail(call)


def _retrieve_and_generate(call: Call) -> Iterator[Row]:
    base = _resource(call, "knowledge-base", "knowledge base")
    # The reference knows no resource type for it, and other pages of AWS grant it on a knowledge base.
    yield call.row("bedrock:RetrieveAndGenerate", "*", "resource", basis.KNOWLEDGE)._replace(contested=base)
    # Documents that the call brings along can stand in for a knowledge base.
    rests = basis.KNOWLEDGE if call.usage.resource is not None else basis.KNOWLEDGE.doubted
    yield call.row("bedrock:Retrieve", base, "resource", rests)
    # Some of its inner calls carry no guardrail.
    keys = unsure(carried.invocation_keys(call), "what a knowledge base invokes")
    yield from invocations(call, Way(call.action, keys), call.usage.target)
    yield from _guardrail(call)


def _rerank(call: Call) -> Iterator[Row]:
    yield call.row("bedrock:Rerank", "*", "resource", basis.REFERENCE)
    yield from invocations(call, Way(call.action, NOTHING, basis.RERANK_MODEL), call.usage.target)


def _render_prompt(call: Call) -> Iterator[Row]:
    prompt = call.usage.resource or call.usage.target
    if prompt is not None:
        yield render(call, prompt)
    else:
        arn = _resource(call, "prompt", "prompt")
        yield call.row("bedrock:RenderPrompt", arn, "prompt", basis.MODEL)


def _data_automation(call: Call) -> Iterator[Row]:
    action = "bedrock:InvokeDataAutomationAsync"
    # Blueprints can stand in for a project, so that one that is not declared may not be asked for.
    rests = basis.REFERENCE if call.usage.resource is not None else basis.REFERENCE.doubted
    yield call.row(action, _resource(call, "data-automation-project", "project"), "resource", rests)
    known = next(iter(routes.routes(routes.DATA_AUTOMATION, call.region)), None)
    profile: Text = known.profile if known else hole("data automation profile")
    reach: tuple[Text, ...] = carried.places(call, routes.DATA_AUTOMATION, known.profile if known else "the profile")
    if call.usage.destinations is not None:
        reach = (call.region, *(place for place in call.usage.destinations if place != call.region))
    for place in reach:
        arn = call.arn(concat(f"{routes.DATA_AUTOMATION}/", profile), region=place)
        keys = NOTHING if place == call.region else carried.ROUTE_KEYS
        yield call.row_in(place, action, arn, "data-automation-profile", basis.DATA_AUTOMATION, keys)


def _mantle(call: Call) -> Iterator[Row]:
    return carried.mantle_rows(call)


def _with_project(rests: Basis) -> Callable[[Call], Iterator[Row]]:
    """An OpenAI-style API on bedrock-runtime, which concerns a project too."""

    def found(call: Call) -> Iterator[Row]:
        keys = carried.invocation_keys(call)
        project: ContextValue = (carried.project_arn(call),)
        if rests != basis.MODEL:
            project = Unknown("sources differ on whether this API concerns a project")
        yield from invocations(call, Way(call.action, {**keys, PROJECT_KEY: project}), call.usage.target)
        yield from carried.project_rows(call, rests, keys)
        yield from _guardrail(call)
        yield from carried.tool_rows(call)

    return found


def _listing(*actions: str) -> Callable[[Call], Iterator[Row]]:
    """Calls that list what there is."""

    def found(call: Call) -> Iterator[Row]:
        for action in actions:
            yield call.row(action, "*", "listing", basis.REFERENCE)

    return found


def _get_profile(call: Call) -> Iterator[Row]:
    target = call.usage.target
    is_profile = target is not None and target.kind in (PROFILE, APPLICATION)
    arn = call.arn_of(target) if target and is_profile else call.arn(concat(f"{PROFILE}/", hole("inference profile")))
    yield call.row("bedrock:GetInferenceProfile", arn, "listing", basis.REFERENCE)


def _service_role(call: Call) -> Iterator[Row]:
    """One row for each need, in their order."""
    detailed = call.catalog.detailed_services()
    for need in call.usage.needs:
        service = need.action.partition(":")[0]
        # Data is decrypted on behalf of whoever reads it: by which service the request then comes is not known.
        make = call.forwarded if service == "kms" else call.row
        row = make(need.action, need.resource, "resource", Basis(need.confidence, need.source), need.context)
        unsettled = () if service in detailed else (f"{service}:",)
        yield row._replace(request=row.request._replace(unsettled=unsettled))


_MODELS, _PROFILES = "bedrock:ListFoundationModels", "bedrock:ListInferenceProfiles"

_BY_API: dict[str, Callable[[Call], Iterator[Row]]] = {
    "invoke-model": _invoke,
    "invoke-model-stream": _invoke,
    "converse": _invoke,
    "converse-stream": _invoke,
    "bidirectional-stream": _invoke,
    "async-invoke": _async_invoke,
    "count-tokens": _count_tokens,
    "apply-guardrail": _apply_guardrail,
    "batch": _batch,
    "invoke-agent": _only("bedrock:InvokeAgent", "agent-alias", "agent alias"),
    "invoke-inline-agent": _inline_agent,
    "invoke-flow": _only("bedrock:InvokeFlow", "flow", "flow alias"),
    "retrieve": _only("bedrock:Retrieve", "knowledge-base", "knowledge base"),
    "retrieve-and-generate": _retrieve_and_generate,
    "rerank": _rerank,
    "render-prompt": _render_prompt,
    "data-automation": _data_automation,
    "mantle": _mantle,
    "responses": _with_project(basis.MODEL),
    "chat-completions": _with_project(basis.MODEL.doubted),
    "list": _listing(_MODELS, _PROFILES),
    "list-models": _listing(_MODELS),
    "list-profiles": _listing(_PROFILES),
    "get-profile": _get_profile,
    apis.SERVICE_ROLE.name: _service_role,
}


# Models and remarks


def _models(target: Target | None, catalog: Catalog) -> tuple[str, ...]:
    """The ids of the models that a target leads to, as far as they are declared."""
    if target is None:
        return ()
    if target.kind in (MODEL, PROFILE):
        return (model_behind(target, catalog),)
    return tuple(dict.fromkeys(name for source in target.sources for name in _models(source, catalog)))


def _notes(usage: Usage, api: apis.Api, catalog: Catalog) -> Iterator[str]:
    operation = api.operation(catalog)
    if operation is not None:
        for action in operation.uncertain:
            yield f"AWS also lists `{action}` for {operation.name}; policies without it are reported to work."
        for action in operation.caller_also:
            yield f"{operation.name} also needs `{action}` of the caller, which is not checked."
        if _STREAMED in operation.sometimes:
            yield f"When {operation.sometimes[_STREAMED]}, AWS asks for `{_STREAMED}`."
    if api.name in _BESIDE:
        yield _BESIDE[api.name]
    if api.name == "batch" and not usage.role:
        yield "The job's service role is not declared: which one it is can decide whether the caller may pass it."
    if api.name == "retrieve-and-generate" and usage.resource is None:
        yield "No knowledge base is declared; without one, on documents of the call's own, AWS asks for no `Retrieve`."
    if api.client == apis.RUNTIME and "project" in api.resources:
        yield from _project_notes(usage, api)
    yield from _target_notes(usage, api, catalog)


def _project_notes(usage: Usage, api: apis.Api) -> Iterator[str]:
    if usage.resource is not None and usage.resource.id != "default":
        yield f"On bedrock-runtime AWS knows the default project alone, and rejects {usage.resource.written}."
    if api.name != "responses":
        return
    if usage.guardrail is not None:
        yield "AWS says that guardrails do not apply to the Responses API on bedrock-runtime."
    if usage.tools:
        yield "AWS says that the Responses API on bedrock-runtime has no system tools."
    if usage.target is not None and usage.target.kind == APPLICATION:
        yield "AWS says that the Responses API on bedrock-runtime rejects application inference profiles."


def _target_notes(usage: Usage, api: apis.Api, catalog: Catalog) -> Iterator[str]:
    target = usage.target
    if target is None:
        return
    if target.region not in ("", usage.region):
        yield f"{target.written} lies in {target.region}: a call from {usage.region} is not known to find it."
    if target.kind in (APPLICATION, *_INDIRECT):
        if not target.sources:
            yield f"What stands behind {target.written} is not declared, so that its models are not known."
        elif target.kind != APPLICATION:
            yield f"AWS does not settle who is asked for what stands behind {target.written}, nor with which keys."
        elif any(source.kind == PROFILE for source in target.sources):
            yield f"AWS does not say whether the profile that {target.written} was copied from is asked for too."
    if target.kind == PROFILE:
        yield from _profile_notes(usage, api, target, catalog)


def _profile_notes(usage: Usage, api: apis.Api, target: Target, catalog: Catalog) -> Iterator[str]:
    if api.service == apis.MANTLE:
        yield f"bedrock-mantle knows models by their ids, and no inference profile such as {target.id}."
        return
    profile = catalog.profile(target.id)
    if profile is not None and profile.status == "gone":
        yield f"{target.id} was listed last on {profile.last_seen}; its routes are those of that day."
    if profile is not None and profile.status == "unconfirmed":
        yield f"Neither AWS nor a scan shows {target.id}, only a table that others keep."
    if api.name in (*_OF_MODELS, "count-tokens"):
        yield f"AWS's reference knows {api.operations[0]} with foundation models alone, and not through a profile."
    if is_global(target):
        return
    known = destinations(usage, target, catalog)
    if known is None:
        yield f"The Regions to which {target.id} sends calls from {usage.region} are not known."
    elif known and (target.region or usage.region) not in known:
        yield f"{target.id} does not run calls in {usage.region}; AWS does not settle whether it is asked for there."


_STREAMED = "bedrock:InvokeModelWithResponseStream"
_INDIRECT = ("prompt", "prompt-router", "default-prompt-router")
_SERVICE_ROLE = "The service role of the {}, not the caller, invokes models, retrieves and applies guardrails."
_BESIDE = {
    "invoke-agent": _SERVICE_ROLE.format("agent"),
    "invoke-flow": _SERVICE_ROLE.format("flow"),
    "invoke-inline-agent": "AWS does not settle whether the caller is asked for the model of an inline agent.",
    "rerank": "AWS's guide grants the caller the reranking model too; its reference asks for `bedrock:Rerank` alone.",
    "chat-completions": "AWS does not settle whether Chat Completions on bedrock-runtime concerns a project.",
    "mantle": "No `bedrock:` action and no guardrail condition reaches the bedrock-mantle endpoint.",
}
