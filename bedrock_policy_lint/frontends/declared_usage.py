"""The calls that a declaration lists: each entry of `uses` becomes one usage for each Region and each call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.frontends import declared_guardrail, declared_preset
from bedrock_policy_lint.frontends.declared_scope import KEYS as SCOPE_KEYS
from bedrock_policy_lint.frontends.declared_scope import Scope, Scopes
from bedrock_policy_lint.frontends.declared_values import Members, PrincipalArn, Values
from bedrock_policy_lint.model import arn as arns
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.usage import apis, targets
from bedrock_policy_lint.usage.terms import CREDENTIALS, TIERS
from bedrock_policy_lint.usage.usage import Guardrail, Target, Usage
from bedrock_policy_lint.wording import found

if TYPE_CHECKING:
    from bedrock_policy_lint.usage.apis import Api

MOST_USAGES = 10_000

_CALL_KEYS = (
    "api",
    "model",
    "source",
    "resource",
    "role",
    "guardrail",
    "tier",
    "destinations",
    "tools",
    "stored",
    "part",
)
_MAY_LACK = ("data-automation",)
"""APIs whose usage may name a model or resource and need not."""
_LONG_TERM = CREDENTIALS[2]
_STORING = ("responses", "chat-completions", "mantle")
_PASSING = ("batch",)
_GUARDED = ("apply-guardrail", "retrieve-and-generate", "invoke-inline-agent")
_OF_THEMSELVES = ("foundation-model", "inference-profile")
"""Targets of which the catalogue knows what stands behind them."""
_ROUTED = ("inference-profile", "application-inference-profile", "prompt-router", "default-prompt-router", "prompt")
_FORMS = {
    "agent-alias": "`AGENT/ALIAS`, the ids of the agent and its alias",
    "flow": "`FLOW/ALIAS`, the ids of the flow and its alias",
}


class _Call(NamedTuple):
    """One API with what it names."""

    api: Api
    model: str = ""
    model_node: Node | None = None
    resource: str = ""
    resource_node: Node | None = None
    part: str = ""
    credentials: str = ""


class _Entry(NamedTuple):
    """What holds for all usages that come of one entry."""

    node: Node
    scope: Scope
    principal: PrincipalArn | None
    nodes: dict[str, Node]
    sources: tuple[tuple[str, Node], ...] = ()
    guardrail: Guardrail | None = None
    tier: str = ""
    destinations: tuple[str, ...] | None = None
    tools: tuple[str, ...] = ()
    stored: bool = False
    role: str = ""
    preset: str = ""
    good: bool = True
    """False when something in it was not understood: what would be called is then not known."""


class Uses:
    """Reads lists of uses and counts what comes of them."""

    def __init__(self, values: Values, scopes: Scopes) -> None:
        self.values = values
        self.catalog = values.catalog
        self.scopes = scopes
        self._count = 0

    def read(self, node: Node, scope: Scope, principal: PrincipalArn | None) -> tuple[Usage, ...]:
        """The usages of one principal."""
        usages: list[Usage] = []
        for entry in node.items:
            for usage in self._entry(entry, scope, principal):
                if self._count == MOST_USAGES:
                    message = f"more than {MOST_USAGES:,} usages are declared"
                    self.values.tell(entry, message, "divide the declaration")
                    return tuple(usages)
                self._count += 1
                usages.append(usage)
        return tuple(usages)

    def _entry(self, entry: Node, scope: Scope, principal: PrincipalArn | None) -> Iterator[Usage]:
        if isinstance(entry.value, Object):
            return self._long(entry, scope, principal)
        if isinstance(entry.value, str) and entry.value.strip():
            return self._short(entry, scope, principal)
        self.values.expect(entry, "uses", "an API and a model, as in `converse MODEL`, or a mapping")
        return iter(())

    # One entry

    def _short(self, entry: Node, scope: Scope, principal: PrincipalArn | None) -> Iterator[Usage]:
        """`converse-stream MODEL`, or `retrieve KNOWLEDGE_BASE` for an API without models."""
        word, *named = entry.value.split(maxsplit=3)
        api = self._api(entry, word)
        if api is None:
            return
        if len(named) > 1:
            message = f"{found(entry.value)} has more than the two words for an API and what it calls"
            self.values.tell(entry, message, "write it as a mapping, with `api:` and `model:`")
            return
        target = named[0] if named else ""
        if target and not (api.takes_model or api.resources):
            self.values.tell(entry, f"{found(target)} does not go with the API `{api.name}`", "leave it out")
            return
        call = _Call(api, model=target, model_node=entry)
        if not api.takes_model:
            call = _Call(api, resource=target, resource_node=entry)
        nodes = {"api": entry}
        yield from self._usages(_Entry(entry, scope, principal, nodes), [call])

    def _long(self, entry: Node, scope: Scope, principal: PrincipalArn | None) -> Iterator[Usage]:
        told = self.values.told
        preset = entry.value.get("preset")
        keys: tuple[str, ...] = (*_CALL_KEYS, "preset", *SCOPE_KEYS)
        if preset is not None:
            keys += declared_preset.parameters()
        members = self.values.members(entry, "uses", keys) or {}
        nodes = {key: members[key][1] for key in (*_CALL_KEYS, "preset") if key in members}
        inner = self.scopes.within(scope, members)
        self._same_account(members, principal)
        common = self._common(_Entry(entry, inner, principal, nodes), members)
        calls = self._plain(entry, members) if preset is None else self._of_preset(entry, members)
        if calls:
            yield from self._usages(common._replace(good=self.values.told == told), calls)

    def _same_account(self, members: Members, principal: PrincipalArn | None) -> None:
        if "account" in members and principal is not None:
            node = members["account"][1]
            account = self.values.account(node)
            if account and account != principal.account:
                message = f"the {principal.kind} that calls is in the account {principal.account}, not in {account}"
                self.values.tell(node, message, "leave `account` out here")

    def _common(self, entry: _Entry, members: Members) -> _Entry:
        values, given = self.values, entry.nodes
        if "source" in given:
            entry = entry._replace(sources=tuple(values.texts(given["source"], "source")))
        if "guardrail" in given:
            guardrail = declared_guardrail.read(values, given["guardrail"], entry.scope.account)
            entry = entry._replace(guardrail=guardrail)
        if "tier" in given:
            entry = entry._replace(tier=values.choice(given["tier"], "tier", TIERS))
        if "destinations" in given:
            regions = tuple(name for name, _ in values.regions(given["destinations"], "destinations"))
            entry = entry._replace(destinations=regions or None)
        if "tools" in given:
            entry = entry._replace(tools=tuple(text for text, _ in values.texts(given["tools"], "tools")))
        if "stored" in given:
            entry = entry._replace(stored=values.flag(given["stored"], "stored"))
        if "role" in given and (role := values.principal(given["role"], "role")) is not None:
            entry = entry._replace(role=role.text)
        return entry._replace(preset=str(given["preset"].value)) if "preset" in given else entry

    def _plain(self, entry: Node, members: Members) -> list[_Call]:
        if "api" not in members:
            self.values.tell(entry, "no `api` is given", "add an `api`, such as `converse`, or a `preset`")
            return []
        node = members["api"][1]
        word = self.values.text(node, "api")
        api = self._api(node, word) if word else None
        given: dict[str, str] = {}
        for key in ("model", "resource", "part"):
            if key in members:
                given[key] = self.values.identifier(members[key][1], key)
                if not given[key]:
                    return []
        if api is None or not self._fits(api, members):
            return []
        model, resource = members.get("model", (None, None))[1], members.get("resource", (None, None))[1]
        text = given.get
        return [_Call(api, text("model", ""), model, text("resource", ""), resource, text("part", ""))]

    def _fits(self, api: Api, members: Members) -> bool:
        """Whether everything that is said goes with the API."""
        infers = api.takes_model and api.client in (apis.RUNTIME, apis.MANTLE) and api.name != "count-tokens"
        allowed = {
            "model": api.takes_model,
            "source": api.takes_model,
            "destinations": api.takes_model,
            "resource": bool(api.resources),
            "role": api.name in _PASSING,
            "stored": api.name in _STORING,
            "guardrail": infers or api.name in _GUARDED,
            "tier": infers,
            "tools": infers,
        }
        good = True
        for key, (node, _) in members.items():
            if not allowed.get(key, True):
                hint = "the role that calls stands with its principal" if key == "role" else "leave it out"
                self.values.tell(node, f"`{key}` does not go with the API `{api.name}`", hint)
                good = False
        return good

    def _of_preset(self, entry: Node, members: Members) -> list[_Call]:
        calls = []
        for use, node in declared_preset.read(self.values, entry, members):
            api = apis.find(use.api)
            if api is not None:
                calls.append(_Call(api, use.model, node, part=use.part, credentials=use.credentials))
        return calls

    def _api(self, node: Node, word: str) -> Api | None:
        api = apis.find(word)
        if api is None:
            from bedrock_policy_lint.usage import presets

            near = self.values.nearest(word.rpartition(":")[2], apis.names())
            hint = f"`{word}` is a preset: write `preset: {word}`" if presets.find(word) else ""
            self.values.tell(node, f"no API is called {found(word)}{near}", hint)
        return api

    # From entries to usages

    def _usages(self, entry: _Entry, calls: list[_Call]) -> Iterator[Usage]:
        scope = entry.scope
        if not scope.regions and "region" not in scope.nodes:
            self.values.tell(entry.node, "no Region is given for this call", _region_hint(calls))
        self._check_key(entry)
        calls = [call for call in calls if self._is_whole(entry, call)]
        if not scope.regions:
            for call in calls:
                self._usage(entry, call, "", entry.node)  # tells what is wrong whatever the Region
        if not entry.good:
            return
        for region, at in scope.regions:
            if self._is_reachable(region, at, entry.principal):
                for call in calls:
                    usage = self._usage(entry, call, region, at)
                    if usage is not None:
                        yield usage

    def _is_whole(self, entry: _Entry, call: _Call) -> bool:
        """Whether a call names what its API cannot be without."""
        api = call.api
        names_nothing = not (api.takes_model or api.resources)
        if names_nothing or api.name in _MAY_LACK or (call.model if api.takes_model else call.resource):
            return True
        if api.takes_model:
            self.values.tell(entry.node, f"no model is given for `{api.name}`", "add a `model`, by its id or ARN")
            return False
        kind = api.resources[0]
        if kind == "guardrail" and "guardrail" in entry.nodes:
            return entry.guardrail is not None
        key = "guardrail" if kind == "guardrail" else "resource"
        message = f"no {_spoken(kind)} is given for `{api.name}`"
        self.values.tell(entry.node, message, f"add a `{key}`: {_form(kind)}")
        return False

    def _check_key(self, entry: _Entry) -> None:
        scope, principal = entry.scope, entry.principal
        if scope.credentials == _LONG_TERM and principal is not None and principal.kind == "role":
            message = f"a long-term API key belongs to a user, and {found(principal.name)} is a role"
            self.values.tell(scope.nodes["credentials"], message, "name the `user`, or write `short-term-key`")

    def _is_reachable(self, region: str, node: Node, principal: PrincipalArn | None) -> bool:
        partition = self.catalog.partition_of(region)
        if principal is None or partition == principal.partition:
            return True
        message = (
            f"the Region `{region}` is in the partition `{partition}`, the {principal.kind} in `{principal.partition}`"
        )
        self.values.tell(node, message, "nobody can call from one partition into another")
        return False

    def _usage(self, entry: _Entry, call: _Call, region: str, at: Node) -> Usage | None:
        target = self._target(entry, call, region)
        resource = self._resource(call, region)
        if (call.model and target is None) or (call.resource and resource is None):
            return None
        scope, api = entry.scope, call.api
        infers = api.takes_model and api.client in (apis.RUNTIME, apis.MANTLE)
        nodes = {**scope.nodes, **entry.nodes, "region": at}
        if call.model and call.model_node is not None:
            nodes["model"] = call.model_node
        if call.resource and call.resource_node is not None:
            nodes["resource"] = call.resource_node
        own = "credentials" in scope.nodes
        return Usage(
            api=api.name,
            region=region,
            account=scope.account,
            target=target,
            resource=resource,
            guardrail=entry.guardrail if infers or api.name in _GUARDED else None,
            tier=entry.tier if infers else "",
            credentials=scope.credentials if own or not call.credentials else call.credentials,
            network=scope.network,
            destinations=entry.destinations if target is not None and target.kind in _ROUTED else None,
            residency=scope.residency,
            tools=entry.tools,
            stored=entry.stored,
            role=entry.role,
            part=call.part,
            preset=entry.preset,
            subscribed=scope.subscribed,
            context=scope.context,
            node=entry.node,
            nodes=nodes,
        )

    def _target(self, entry: _Entry, call: _Call, region: str) -> Target | None:
        node = call.model_node or entry.node
        target = self._model(call.model, node, region) if call.model else None
        if target is None:
            return None
        if entry.destinations and target.kind not in _ROUTED and not entry.preset:
            message = f"`destinations` does not go with {found(call.model)}, which runs in one Region"
            self.values.tell(entry.nodes["destinations"], message, "leave it out, or name an inference profile")
        if not entry.sources or (entry.preset and call.part):
            return target  # in a preset, what is said of the main model holds for no other
        if target.kind in _OF_THEMSELVES:
            message = f"`source` does not go with {found(call.model)}: the catalogue knows what stands behind it"
            self.values.tell(entry.nodes["source"], message, "leave it out")
            return target
        sources = [self._model(text, at, region) for text, at in entry.sources]
        return target._replace(sources=tuple(source for source in sources if source is not None))

    def _model(self, written: str, node: Node, region: str) -> Target | None:
        target = targets.parse(written, region, self.catalog)
        if target is None:
            known = [model.id for model in self.catalog.models()] + [profile.id for profile in self.catalog.profiles()]
            near = self.values.nearest(written, known)
            self.values.tell(
                node, f"{found(written)} is neither the id of a model or profile nor an ARN of Bedrock{near}"
            )
        return target

    def _resource(self, call: _Call, region: str) -> Target | None:
        if not call.resource or call.resource_node is None:
            return None
        for kind in call.api.resources:
            target = targets.parse_resource(call.resource, kind, region, self.catalog)
            if target is not None:
                return target
        kind = call.api.resources[0]
        self.values.tell(call.resource_node, f"{found(call.resource)} is no {_spoken(kind)}", f"give {_form(kind)}")
        return None


def _region_hint(calls: list[_Call]) -> str:
    for call in calls:
        arn = arns.parse(call.model or call.resource)
        if arn is not None and arn.region:
            return f"add `region: {arn.region}`"
    return "add a `region` here, to the principal or at the top"


def _spoken(kind: str) -> str:
    return kind.replace("-", " ")


def _form(kind: str) -> str:
    return f"{_FORMS.get(kind, 'its id')}, or its ARN"
