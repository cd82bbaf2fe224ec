"""Who assumes the role of what Bedrock runs, and what that service says of itself when it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.authorize import principals
from bedrock_policy_lint.authorize.conditions import Condition
from bedrock_policy_lint.authorize.logic import every
from bedrock_policy_lint.authorize.request import Identity, Request
from bedrock_policy_lint.authorize.statements import Clause
from bedrock_policy_lint.authorize.texts import holes_of, like, literal
from bedrock_policy_lint.model.arn import parse
from bedrock_policy_lint.model.pattern import is_wild
from bedrock_policy_lint.model.text import Hole, Text, fill, join

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.deployment.deployment import Deployment, Feature, Role
    from bedrock_policy_lint.deployment.world import World
    from bedrock_policy_lint.model.pattern import Tri
    from bedrock_policy_lint.model.policy import Policy, Statement, Test

SOURCE_ARN, SOURCE_ACCOUNT = "aws:sourcearn", "aws:sourceaccount"
"""Keys that tell on whose behalf a service acts."""

_PLACES = ("AWS::Partition", "AWS::Region", "AWS::AccountId")
_SUFFIX = "amazonaws.com"
"""Of service principals, and the value of `AWS::URLSuffix` outside of China."""


class Service(NamedTuple):
    """The service that assumes the role of a kind of feature."""

    name: str
    """As a service principal, without its domain; also the service in `aws:SourceArn`."""
    type: str
    """The resource type in `aws:SourceArn`; empty where AWS shows none that every call has."""
    source: str
    """The address of the page that says so."""

    @property
    def principal(self) -> str:
        """The service principal."""
        return f"{self.name}.{_SUFFIX}"


_GUIDE = "https://docs.aws.amazon.com/bedrock/latest/userguide/"
_CORE_GUIDE = "https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/"

SERVICES = {
    "agent": Service("bedrock", "agent", f"{_GUIDE}agents-permissions.html"),
    "knowledge-base": Service("bedrock", "knowledge-base", f"{_GUIDE}kb-permissions.html"),
    "flow": Service("bedrock", "flow", f"{_GUIDE}flows-permissions.html"),
    "batch-job": Service("bedrock", "model-invocation-job", f"{_GUIDE}batch-iam-sr.html"),
    "custom-model": Service("bedrock", "model-customization-job", f"{_GUIDE}model-customization-iam-role.html"),
    "logging": Service("bedrock", "", f"{_GUIDE}model-invocation-logging.html"),
    "agentcore-runtime": Service("bedrock-agentcore", "", f"{_CORE_GUIDE}runtime-permissions.html"),
    "agentcore-gateway": Service(
        "bedrock-agentcore", "gateway", f"{_CORE_GUIDE}gateway-prerequisites-permissions.html"
    ),
    "agentcore-memory": Service("bedrock-agentcore", "memory", f"{_CORE_GUIDE}memory-self-managed-strategies.html"),
    "agentcore-browser": Service("bedrock-agentcore", "", f"{_CORE_GUIDE}browser-resource-session-management.html"),
    "agentcore-code-interpreter": Service(
        "bedrock-agentcore", "", f"{_CORE_GUIDE}code-interpreter-resource-session-management.html"
    ),
    "agentcore-online-evaluation": Service("bedrock-agentcore", "", f"{_CORE_GUIDE}evaluations-prerequisites.html"),
}
"""By kind of feature."""

PRINCIPALS = frozenset(service.principal for service in SERVICES.values())
"""The service principals of Bedrock."""


class Given(NamedTuple):
    """A role that is given to a feature, with its trust policy, which is known."""

    role: Role
    trust: Policy
    service: Service
    feature: Feature


def given_roles(deployment: Deployment) -> Iterator[Given]:
    """The roles of features, as far as role and trust policy are declared and the service is known."""
    if deployment.world.region.startswith("cn-"):
        return  # AWS does not say what the principals are called there
    roles = {role.name: role for role in deployment.roles if role.kind == "role" and "trust" not in role.unread}
    for feature in deployment.features:
        service, role = SERVICES.get(feature.kind), roles.get(feature.role or "")
        if service and role and role.trust is not None:
            yield Given(role, role.trust, service, feature)


def lets_assume(statement: Statement, principal: str) -> Tri:
    """Whether a statement of a trust policy lets a service assume the role, conditions aside."""
    if not statement.allows:
        return False
    action = Clause(statement, asks_who=True).action("sts:assumerole", [])
    return every((action, _names(statement, principal)))


def _names(statement: Statement, principal: str) -> Tri:
    if statement.principal_node is not None and any(is_service(who.text, principal) for who in statement.principals):
        return True
    return principals.names(statement, Identity("", service=principal), [])


def is_service(text: Text, principal: str) -> bool:
    """Whether a text is that service principal, be its domain written as `AWS::URLSuffix` or not."""
    return fill(text, {"AWS::URLSuffix": _SUFFIX}) == principal


def request(given: Given, world: World, catalog: Catalog) -> Request:
    """What the service asks for when it takes the role on behalf of the feature."""
    principal = given.service.principal
    account = join([_account(world)])
    keys = {SOURCE_ACCOUNT: (account,), SOURCE_ARN: (source_arn(given, world, catalog),)}
    return Request("sts:AssumeRole", given.role.arn or "*", Identity(account, service=principal), keys)


def source_arn(given: Given, world: World, catalog: Catalog) -> Text:
    """The value of `aws:SourceArn`, as far as AWS documents it; the rest are holes."""
    service, feature = given.service, given.feature
    own = parse(feature.arn)
    if service.type and own is not None and own.type == service.type:
        return feature.arn
    partition = catalog.partition_of(world.region) if world.region else None
    where = (partition or _pseudo("Partition"), world.region or _pseudo("Region"), _account(world))
    unknown = Hole(f"source of {feature.name}", "${" + feature.name + "}")
    kind = f":{service.type}/" if service.type else ":"
    return join(["arn:", where[0], f":{service.name}:", where[1], ":", where[2], kind, unknown])


def _account(world: World) -> str | Hole:
    return world.account or _pseudo("AccountId")


def _pseudo(name: str) -> Hole:
    return Hole(f"AWS::{name}", f"${{AWS::{name}}}")


def can_hold(test: Test, asked: Request) -> Tri:
    """Whether a test of what the service says of itself holds."""
    outcome, value = Condition(test).holds(asked, []), asked.value(test.key.lower())
    if outcome is None and isinstance(value, tuple) and not (test.operator.negated or test.operator.if_exists):
        is_arn = test.operator.family == "Arn"
        if test.values and all(_differs(text, value[0], fielded=is_arn) for text in test.texts()):
            return False
    return outcome


def _differs(pattern: Text, value: Text, *, fielded: bool) -> bool:
    """Whether a field of the one certainly is not that of the other: in what a place is called there is no colon."""
    one, other = parse(pattern), parse(value)
    if one is None or other is None:
        return False
    holes = [hole for field in one.fields[:-1] for hole in holes_of(field)]
    if any(hole.name not in _PLACES for hole in holes) or not (fielded or not any(map(is_wild, one.fields[:-1]))):
        return False
    return any(like(field, literal(given)) is False for field, given in zip(one.fields, other.fields, strict=True))
