"""What a declaration says once for many calls: account, Region, credentials, network, residency, context."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.frontends.declared_policies import Slots
from bedrock_policy_lint.frontends.declared_values import UNDECLARED_ACCOUNT, Members, Values
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.usage.terms import CREDENTIALS, PUBLIC

if TYPE_CHECKING:
    from bedrock_policy_lint.authorize.request import ContextValue
    from bedrock_policy_lint.model.policy import Policy
    from bedrock_policy_lint.model.text import Text

KEYS = ("account", "region", "credentials", "residency", "endpoint", "context", "subscribed")
"""What may stand at the top, with a principal and with a single use; the innermost holds."""

ORGANIZATION = "aws:principalorgid"
_ENDPOINT = "vpce-"


class Scope(NamedTuple):
    """What holds for every call below a place that does not say otherwise."""

    account: Text = UNDECLARED_ACCOUNT
    regions: tuple[tuple[str, Node], ...] = ()
    credentials: str = CREDENTIALS[0]
    residency: str = ""
    network: str = ""
    subscribed: bool = False
    context: Mapping[str, ContextValue] = {}
    nodes: Mapping[str, Node] = {}
    """Where the values stand, by key; also those that could not be read."""


class Scopes:
    """Reads scopes, one inside the other."""

    def __init__(self, values: Values, slots: Slots) -> None:
        self.values = values
        self.slots = slots
        self.endpoints: dict[Text, tuple[Policy, ...]] = {}
        """The policies of VPC endpoints, by id: an endpoint has the same policy for whoever takes it."""
        self.unread: set[str] = set()
        """Endpoints with a policy that could not be read."""

    def within(self, outer: Scope, members: Members) -> Scope:
        """The outer scope with what these members say."""
        given = {key: members[key][1] for key in (*KEYS, "organization") if key in members}
        if not given:
            return outer
        values = self.values
        scope = outer._replace(nodes={**outer.nodes, **given})
        if "account" in given:
            scope = scope._replace(account=values.account(given["account"]) or UNDECLARED_ACCOUNT)
        if "region" in given:
            scope = scope._replace(regions=values.regions(given["region"], "region"))
        if "credentials" in given:
            word = values.choice(given["credentials"], "credentials", CREDENTIALS)
            scope = scope._replace(credentials=word or outer.credentials)
        if "residency" in given:
            scope = scope._replace(residency=values.geography(given["residency"], "residency"))
        if "endpoint" in given:
            scope = scope._replace(network=self._endpoint(given["endpoint"]))
        if "subscribed" in given:
            scope = scope._replace(subscribed=values.flag(given["subscribed"], "subscribed"))
        return self._context(scope, given)

    def _context(self, scope: Scope, given: Mapping[str, Node]) -> Scope:
        context = self.values.context(given["context"]) if "context" in given else {}
        organization = self.values.organization(given["organization"]) if "organization" in given else ""
        if organization and context.setdefault(ORGANIZATION, (organization,)) != (organization,):
            message = f"`context` gives `aws:PrincipalOrgID` another value than `{organization}`"
            self.values.tell(given["context"], message, "leave `organization` or that key out")
        return scope._replace(context={**scope.context, **context}) if context else scope

    def _endpoint(self, node: Node) -> str:
        """The id of a VPC endpoint or `public`; the policies of an endpoint are kept beside."""
        if not isinstance(node.value, Object):
            return self._network(node)
        members = self.values.members(node, "endpoint", ("id", "policies")) or {}
        if "id" not in members:
            self.values.tell(node, "`endpoint`: no `id` is given", "add the `id` of the VPC endpoint, `vpce-…`")
            return ""
        network = self._network(members["id"][1])
        if "policies" not in members or not network:
            return network
        key, policies = members["policies"]
        if network == PUBLIC:
            self.values.tell(key, "the public endpoint has no policy", "leave `policies` out, or name the VPC endpoint")
        elif network in self.endpoints:
            self.values.tell(
                key, f"the policy of `{network}` is declared twice", "keep one and name the endpoint by its id"
            )
        else:
            self.endpoints[network] = self.slots.slot(policies, "policies", "vpc-endpoint")
            if "endpoint" in self.slots.missed:
                self.slots.missed.remove("endpoint")
                self.unread.add(network)
        return network

    def _network(self, node: Node) -> str:
        text = self.values.text(node, "endpoint")
        if not text or text == PUBLIC or (text.startswith(_ENDPOINT) and text[len(_ENDPOINT) :].isalnum()):
            return text
        near = self.values.nearest(text, (PUBLIC,))
        self.values.tell(
            node, f"`endpoint`: expected `{PUBLIC}` or the id of a VPC endpoint, found `{text[:60]}`{near}"
        )
        return ""
