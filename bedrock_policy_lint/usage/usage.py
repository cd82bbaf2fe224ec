"""A declared usage and who makes it: plain values, every default already filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.usage.terms import CREDENTIALS

if TYPE_CHECKING:
    from bedrock_policy_lint.authorize.layers import Layers
    from bedrock_policy_lint.authorize.request import ContextValue, Identity
    from bedrock_policy_lint.model.policy import Policy
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.sources.node import Node


class Target(NamedTuple):
    """What a call names."""

    kind: str
    """A Bedrock resource type as it stands in ARNs: `foundation-model`, `inference-profile`, `agent-alias`, …"""
    id: str
    """What stands behind the type."""
    written: str
    """As declared: an id or an ARN."""
    region: str = ""
    """Of an ARN; empty when an id was declared."""
    account: str = ""
    partition: str = ""
    sources: tuple[Target, ...] = ()
    """What stands behind it, as far as that is declared: the profile that an application profile copies, the models
    of a router, the model of a prompt."""


class Guardrail(NamedTuple):
    """A guardrail that the request carries or that an account enforces."""

    id: str
    version: str = ""
    """A number, `DRAFT`, or empty when it is not declared."""
    account: str = ""
    """Its owner, when that is not the caller's account."""
    profile: str = ""
    """The geography of its cross-Region profile, `us` for `us.guardrail.v1:0`; empty without one."""
    enforced: bool = False
    """Whether an account or organisation adds it, not the caller."""
    reasoning: tuple[str, ...] = ()
    """ARNs of the automated reasoning policies in it."""


class Need(NamedTuple):
    """A request that a service makes with the role that it was given."""

    action: str
    resource: Text
    source: str
    """The address of the page that says so."""
    node: Node | None = None
    """Where stands what asks for it."""
    confidence: str = "A"
    """One of the words of `usage.row`."""
    context: Mapping[str, ContextValue] = {}


class Usage(NamedTuple):
    """One way in which Bedrock is called."""

    api: str
    """A name of `usage.apis`."""
    region: str
    account: Text
    """A hole when it is not declared."""
    target: Target | None = None
    """The model, or what is named in its stead: a profile, a router, a prompt; None for an API without one."""
    resource: Target | None = None
    """What is called beside or without a model: an agent alias, a flow alias, a knowledge base, a project."""
    guardrail: Guardrail | None = None
    tier: str = ""
    """One of `TIERS`, or empty when the caller names none."""
    credentials: str = CREDENTIALS[0]
    network: Text = ""
    """`public`, the id of a VPC endpoint, or empty when it is not declared."""
    destinations: tuple[str, ...] | None = None
    """Overrides the catalogue."""
    residency: str = ""
    """The geography that data must not leave, as a profile prefix; empty for none."""
    tools: tuple[str, ...] = ()
    """Ids of system tools."""
    stored: bool = False
    """Whether stored responses are read, cancelled and deleted: to store them asks for nothing more."""
    role: str = ""
    """The ARN of the service role that a job is given."""
    part: str = ""
    """`small model`, `embedding`, …: what it is beside the main model; empty for the main one."""
    preset: str = ""
    """The preset that it comes from."""
    subscribed: bool = False
    """Whether the account is declared to have the model's subscription already."""
    context: Mapping[str, ContextValue] = {}
    """Further context keys that are declared, in lower case."""
    needs: tuple[Need, ...] = ()
    """What a service asks for with the role that it was given; such a usage has the API `service-role`."""
    rule: str = ""
    """The rule that tells when no identity policy allows it; empty where the kind of call decides that."""
    words: str = ""
    """What is done, when a message should not name an API: "the agent `Support` invoking `…`"."""
    is_likely: bool = False
    """Whether it is no more than likely that the call is made, so that none of its requests is certain."""
    is_setting: bool = False
    """Whether no more is known than that a workload is told the model."""
    is_one_of_several: bool = False
    """Whether the code that makes the call chooses between it and others."""
    is_code: bool = False
    """Whether it was found in application code."""
    node: Node | None = None
    """Where it is declared; None for the command line."""
    nodes: Mapping[str, Node] = {}
    """Where its values stand, by the name of the field; a value that is inherited from further up stands there."""

    def at(self, field: str) -> Node | None:
        """Where a value stands, or the usage when the value was not written."""
        return self.nodes.get(field, self.node)


class Caller(NamedTuple):
    """A principal: who it is, what it calls, and the policies that apply to it."""

    name: str
    identity: Identity
    layers: Layers
    usages: tuple[Usage, ...]
    complete: bool = True
    """Whether all its usage is declared, so that what no usage needs is too much."""
    node: Node | None = None
    """Where it is declared."""
    endpoints: Mapping[Text, tuple[Policy, ...]] = {}
    """The policies of VPC endpoints by id, for calls that take another network than most."""
    unread: frozenset[str] = frozenset()
    """Keys of `layers.WORDS`: layers of which not every policy could be read."""

    def layers_of(self, usage: Usage) -> Layers:
        """The layers that bear on one of its calls, with the policy of the endpoint that the call takes."""
        if not self.endpoints:
            return self.layers  # a policy given on the command line is that of the one path which every call takes
        return self.layers._replace(endpoint=self.endpoints.get(usage.network, ()))
