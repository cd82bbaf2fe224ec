"""Who calls Bedrock in a deployment: its roles, with what the things that work with them ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.authorize.decide import Authorizer
from bedrock_policy_lint.authorize.decision import DENIED
from bedrock_policy_lint.authorize.layers import Layers
from bedrock_policy_lint.authorize.request import Identity, Unknown
from bedrock_policy_lint.bedrock.actions import INVOKE
from bedrock_policy_lint.deployment import duties
from bedrock_policy_lint.deployment.granted import allows, takes_in
from bedrock_policy_lint.deployment.models import INVOKED, apis_for, regions_named, restated
from bedrock_policy_lint.deployment.references import References
from bedrock_policy_lint.deployment.users import is_known
from bedrock_policy_lint.model import arn as arns
from bedrock_policy_lint.model.pattern import matches
from bedrock_policy_lint.model.text import fill, from_policy, is_text
from bedrock_policy_lint.usage import apis, targets
from bedrock_policy_lint.usage.call import REGION_KEY
from bedrock_policy_lint.usage.carried import GUARDRAIL_KEY, TIER_KEY
from bedrock_policy_lint.usage.invocations import BEDROCK
from bedrock_policy_lint.usage.rows import rows
from bedrock_policy_lint.usage.usage import Caller, Guardrail, Need, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bedrock_policy_lint.authorize.request import ContextValue
    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.deployment.deployment import Call, Deployment, Role, Setting, Workload
    from bedrock_policy_lint.model.policy import Statement
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.usage.usage import Target

_MANTLE = "bedrock-mantle:createinference"
_PASS = "iam:PassRole"  # noqa: S105 - an action
_PASSING = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"
_OF_THE_CODE: Mapping[str, ContextValue] = {
    key: Unknown("whether the code asks for one is not known") for key in (GUARDRAIL_KEY, TIER_KEY)
}
"""What only the code of a workload decides."""
_RUNTIME = "AgentCore runtime"
"""The kind of workload whose code is an agent: a model that it is told is hardly for anybody else."""


def callers(deployment: Deployment, catalog: Catalog, *, api: str = "invoke-model") -> tuple[Caller, ...]:
    """The roles that workloads and features of a deployment work with, its Region being known.

    A setting that names a model counts as an invocation by `api` where the role may invoke some model at all: one that
    may not works for something that only hands the name on. It is left out as well where the model is none for `api`,
    where the Region of the call is open, and where the call may go to the endpoint bedrock-mantle instead.
    """
    if not deployment.world.region:
        return ()
    names = References(deployment, catalog)
    found = (_caller(role, deployment, names, api) for role in deployment.roles if role.kind == "role")
    return tuple(caller for caller in found if caller.usages)


def holders(deployment: Deployment, catalog: Catalog) -> tuple[Caller, ...]:
    """All roles, users and groups with what they call; complete where everything is known that runs with one."""
    names = References(deployment, catalog)
    found = {caller.name: caller for caller in callers(deployment, catalog)}
    return tuple(
        found[role.name]._replace(complete=is_known(role, deployment) and _are_all_told(role, deployment, names))
        if role.name in found
        else _with(role, deployment, names, ())
        for role in deployment.roles
    )


def _are_all_told(role: Role, deployment: Deployment, names: References) -> bool:
    """Whether every call that is made with a role is judged."""
    own = (workload for workload in deployment.workloads if workload.role == role.name)
    return all(any(of_call(workload, call, names)) for workload in own for call in workload.calls)


def passers(deployment: Deployment, catalog: Catalog) -> tuple[Caller, ...]:
    """Whoever may pass a role on, whatever it calls: all that a caller of these does is to be in the Region."""
    names = References(deployment, catalog)
    usage = Usage(apis.SERVICE_ROLE.name, names.region, names.account)
    found = (role for role in deployment.roles if may_pass(role))
    return tuple(_with(role, deployment, names, (usage,)) for role in found)


def may_pass(role: Role) -> bool:
    """Whether an identity policy names `iam:PassRole`, or may do so."""
    return any(takes_in(statement, _PASS) for statement in allows(role.policies))


def _caller(role: Role, deployment: Deployment, names: References, api: str) -> Caller:
    caller = _with(role, deployment, names, tuple(_usages(role, deployment, names, api)))
    return with_doubts(caller, names.catalog)


def with_doubts(caller: Caller, catalog: Catalog) -> Caller:
    """The same with models that may merely be shown or handed on: such as settings name beside others that are granted,
    for then no grant is left over that was meant for them; and with those that code need not choose."""
    named = {_key(usage): usage for usage in caller.usages if usage.target is not None}
    if len(named) < 2 or not any(usage.is_setting or usage.is_one_of_several for usage in named.values()):
        return caller
    authorizer = Authorizer(caller.layers)
    meant = {key for key, usage in named.items() if _is_meant(usage, caller, authorizer, catalog)}
    chosen = {(id(usage.node), usage.part) for usage in caller.usages if _key(usage) in meant}

    def is_doubtful(usage: Usage) -> bool:
        has_other = (
            bool(meant) if usage.is_setting else usage.is_one_of_several and (id(usage.node), usage.part) in chosen
        )
        return has_other and _key(usage) not in meant

    usages = (usage._replace(is_likely=True) if is_doubtful(usage) else usage for usage in caller.usages)
    return caller._replace(usages=tuple(usages))


def _key(usage: Usage) -> tuple[str, Target | None, str]:
    """What tells calls apart: of a model in a setting it is not known by which API it is called."""
    return "" if usage.is_setting else usage.api, usage.target, usage.region


def _is_meant(usage: Usage, caller: Caller, authorizer: Authorizer, catalog: Catalog) -> bool:
    """Whether anything that is asked for a call may be allowed."""
    asked = rows(usage, caller.identity, catalog)
    return any(authorizer.decide(row.request).outcome != DENIED for row in asked)


def _with(role: Role, deployment: Deployment, names: References, made: tuple[Usage, ...]) -> Caller:
    is_principal = role.kind in ("role", "user")
    return Caller(
        role.name,
        Identity(names.account, (role.arn or None) if is_principal else None),
        Layers(role.policies, role.boundary, resources=deployment.resource_policies),
        made,
        complete=False,
        node=role.node,
        endpoints=deployment.endpoints if any(usage.network for usage in made) else {},
        unread=role.unread - {"trust"},
    )


def _usages(role: Role, deployment: Deployment, names: References, api: str) -> Iterator[Usage]:
    for workload in deployment.workloads:
        there = _seen_from(workload.region, deployment) if workload.role == role.name else None
        if there is not None:
            known = names if there is deployment else References(there, names.catalog)
            made = (
                *_of_settings(workload, role, known, api),
                *(usage for call in workload.calls for usage in of_call(workload, call, known)),
            )
            yield from (_through_network(usage, workload, deployment) for usage in made)
    for feature in deployment.features:
        there = _seen_from(feature.region, deployment) if feature.role == role.name else None
        if there is not None:
            yield from duties.usages(feature, there, names.catalog)


def _seen_from(region: Text, deployment: Deployment) -> Deployment | None:
    """The deployment for something in a Region of its own, which none stands for; None where that is not known."""
    if not region:
        return deployment
    return deployment._replace(world=deployment.world._replace(region=region)) if isinstance(region, str) else None


def _through_network(usage: Usage, workload: Workload, deployment: Deployment) -> Usage:
    """The same with the VPC endpoint that it takes for certain, where all is known that this one lets through."""
    network, api = workload.network, apis.of(usage)
    if network is None or api is None or usage.needs or usage.region != deployment.world.region:
        return usage
    endpoint = network.paths.get(api.client, "")
    if endpoint not in deployment.endpoints:
        return usage
    return usage._replace(network=endpoint, context={"aws:sourcevpc": (network.vpc,), **usage.context})


# Settings


def _of_settings(workload: Workload, role: Role, names: References, api: str) -> Iterator[Usage]:
    if workload.is_code_known:
        return
    left = (setting for setting in workload.settings if setting.name not in workload.read)
    found = [(setting, target) for setting in left if (target := _named(setting, names)) is not None]
    is_runtime, is_likely = workload.kind == _RUNTIME, not _may_invoke(role, names.catalog)
    if not found or (is_likely and not is_runtime):
        return
    regions = regions_named(workload.settings)
    if len(regions) > 1 or "" in regions:
        return
    region = next(iter(regions), names.region)
    for setting, target in found:
        if api in apis_for(target, names.catalog) and not _may_go_to_mantle(target, role, names.catalog):
            words = f"invoking `{target.written}` (`{setting.name}` of `{workload.name}`)"
            yield Usage(
                api,
                target.region or region,
                names.account,
                target,
                rule=duties.RUNTIME if is_runtime else "",
                words=words,
                is_likely=is_likely,
                is_setting=True,
                context=_OF_THE_CODE,
                node=setting.node,
                nodes={"model": setting.node},
            )


def _named(setting: Setting, names: References) -> Target | None:
    return names.declared_model(setting.node.value) if is_text(setting.node) else None


def _may_invoke(role: Role, catalog: Catalog) -> bool:
    """Whether an identity policy is meant to allow the invocation of some model."""
    return any(_invokes(statement, catalog) for statement in allows(role.policies))


def _invokes(statement: Statement, catalog: Catalog) -> bool:
    if not statement.not_resource_nodes and not any(_may_be_model(entry.arn) for entry in statement.resources):
        return False
    return any(takes_in(statement, action) for action in INVOKE) or any(
        not INVOKE.isdisjoint(never.authorised_by)
        for entry in statement.actions
        if isinstance(entry.text, str) and (never := catalog.never_action(entry.text)) is not None
    )


def _may_be_model(arn: arns.Arn | None) -> bool:
    """Whether an entry of `Resource` may stand for what an invocation names; `*` is no ARN, and may."""
    if arn is None:
        return True
    return matches(arn.service, "bedrock") is not False and (arn.type is None or arn.type in INVOKED)


def _may_go_to_mantle(target: Target, role: Role, catalog: Catalog) -> bool:
    """Whether a model is served by bedrock-mantle too, and the role may use that."""
    model = catalog.model(target.id)
    served = model is not None and bool(model.mantle_regions)
    return served and any(takes_in(statement, _MANTLE) for statement in allows(role.policies))


# Calls without code


def of_call(workload: Workload, call: Call, names: References) -> Iterator[Usage]:
    """A call as a usage; nothing where it cannot be told what it calls, or in which Region."""
    api = apis.called(call.operation, call.client)
    if api is None:
        yield from _of_job(workload, call, names)
        return
    target = names.model(call.model.value) if call.model is not None and is_text(call.model) else None
    resource = _resource(call, api, names)
    if api.takes_model and target is None and call.model is None:
        return
    named = target or resource
    nodes = {"model": call.model, "resource": call.resource, "guardrail": call.guardrail, "region": call.region}
    region = _region(call, target, names)
    if not region:
        return
    yield Usage(
        api.name,
        region,
        names.account,
        target,
        resource,
        _guardrail(call, names),
        role=_role(call),
        part=call.part,
        words=_words(workload, call, named),
        is_one_of_several=call.is_one_of_several,
        is_code=call.is_code,
        node=call.node,
        nodes={field: node for field, node in nodes.items() if node is not None},
    )


def _words(workload: Workload, call: Call, named: Target | None) -> str:
    on = f" of `{named.written}`" if named else ""
    why = f" ({call.choice})" if call.choice else ""
    return f"the {workload.kind} `{workload.name}` calling {call.operation}{on}{why}"


def _region(call: Call, target: Target | None, names: References) -> str:
    """Where a call is made; empty where that cannot be told."""
    if target is not None and target.region:
        return target.region
    if call.region is None:
        return names.region
    text = fill(call.region.value, {"AWS::Region": names.region}) if is_text(call.region) else ""
    return text if isinstance(text, str) else ""


def _of_job(workload: Workload, call: Call, names: References) -> Iterator[Usage]:
    """A call of which no more is judged than that it hands a role on to Bedrock."""
    role = _role(call)
    if not role or call.client != apis.CONTROL:
        return
    context: dict[str, ContextValue] = {
        REGION_KEY: Unknown("AWS does not say which Region PassRole names", present=True),
        "iam:passedtoservice": (BEDROCK,),
        "iam:associatedresourcearn": Unknown("the job has no ARN yet"),
    }
    need = Need(_PASS, from_policy(role, variables=False), _PASSING, call.role, context=context)
    words = f"the {workload.kind} `{workload.name}` calling {call.operation}"
    yield Usage(
        apis.SERVICE_ROLE.name,
        names.region,
        names.account,
        needs=(need,),
        rule="passrole-missing",
        words=words,
        node=call.node,
    )


def _resource(call: Call, api: apis.Api, names: References) -> Target | None:
    if call.resource is None or not is_text(call.resource) or not api.resources:
        return None
    text, kind = call.resource.value, api.resources[0]
    if isinstance(text, str):
        return targets.parse_resource(text, kind, names.region, names.catalog)
    return names.named(names.bedrock(text, kind), kind)


def _role(call: Call) -> str:
    """The ARN of the role that the call hands on, where it can be spelled."""
    node = call.role
    if node is None or not is_text(node) or arns.parse(node.value) is None:
        return ""
    return restated(node.value)


def _guardrail(call: Call, names: References) -> Guardrail | None:
    if call.guardrail is None or not is_text(call.guardrail):
        return None
    arn = names.bedrock(call.guardrail.value, "guardrail")
    named = restated(arn) if arns.parse(arn) is not None else ""
    version = call.guardrail_version.value if call.guardrail_version is not None else ""
    return Guardrail(named, version if isinstance(version, str) else "") if named else None
