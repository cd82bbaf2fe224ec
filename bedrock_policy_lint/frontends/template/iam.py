"""Roles, users, groups and permission sets of a template, each with everything that is attached to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment.deployment import Role
from bedrock_policy_lint.frontends.attached import NOTHING, ORGANIZATIONS, UNKNOWN, Attached, of_aws, unread, written
from bedrock_policy_lint.frontends.template.handed import handed_out
from bedrock_policy_lint.model.policy import Attachment
from bedrock_policy_lint.model.text import Hole, Template
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bedrock_policy_lint.frontends.template.policies import Policies
    from bedrock_policy_lint.frontends.template.stack import Component, Stack
    from bedrock_policy_lint.model.policy import Policy

_KINDS = {"AWS::IAM::Role": "role", "AWS::IAM::User": "user", "AWS::IAM::Group": "group"}
_PERMISSION_SET = "AWS::SSO::PermissionSet"
_MANAGED = "AWS::IAM::ManagedPolicy"
_ADDITION = "AWS::IAM::UserToGroupAddition"

_ROLE, _USER, _GROUP = _KINDS
_SEVERAL = {"Roles": _ROLE, "Users": _USER, "Groups": _GROUP}
_HOLDERS = {
    "AWS::IAM::Policy": _SEVERAL,
    _MANAGED: _SEVERAL,
    "AWS::IAM::RolePolicy": {"RoleName": _ROLE},
    "AWS::IAM::UserPolicy": {"UserName": _USER},
    "AWS::IAM::GroupPolicy": {"GroupName": _GROUP},
}
"""Policies that name whom they are attached to: in which properties, and of which types those are."""


def roles(stack: Stack, policies: Policies) -> list[Role]:
    """Every role, user, group and permission set; policies of others, whom the template does not make, are read too."""
    identities = Identities(stack, policies)
    return [
        identities.permission_set(component) if component.type == _PERMISSION_SET else identities.role(component)
        for component in stack.components(*_KINDS, _PERMISSION_SET)
    ]


def limits(stack: Stack, policies: Policies) -> list[Policy]:
    """The policies of an organisation and of VPC endpoints."""
    found = []
    for component in stack.components("AWS::Organizations::Policy", "AWS::EC2::VPCEndpoint"):
        if component.type == "AWS::EC2::VPCEndpoint":
            policy = policies.read(component.get("PolicyDocument"), Attachment("vpc-endpoint", True))
        else:
            kind = component.get("Type")
            attachment = ORGANIZATIONS.get(kind.value) if kind and isinstance(kind.value, str) else None
            policy = policies.read(component.get("Content"), attachment) if attachment else None
        if policy is not None:
            found.append(policy)
    return found


class Identities:
    """Gathers what is attached to identities, whichever of the two names the other."""

    __slots__ = ("_boundaries", "_groups", "_handed_out", "_policies", "_stack", "_theirs")

    def __init__(self, stack: Stack, policies: Policies) -> None:
        """Reads every policy that the template makes on its own."""
        self._stack = stack
        self._policies = policies
        self._handed_out = handed_out(stack)
        self._boundaries = set(self._named_as_boundary())
        self._theirs: dict[str, Attached] = {}
        """By the logical id of an identity: what policies say that they are attached to it."""
        for component in stack.components(*_HOLDERS):
            self._attach(component)
        self._groups: dict[str, list[Node]] = {}
        for component in stack.components(_ADDITION):
            group = component.get("GroupName")
            for user in component.items("Users"):
                if group is not None:
                    self._groups.setdefault(self._named(user, _USER), []).append(group)

    # Whole identities

    def role(self, component: Component) -> Role:
        """A role, user or group with all that is attached to it."""
        kind = _KINDS[component.type]
        attached = self._own(component, kind)
        if kind == "user":
            for group in (*component.items("Groups"), *self._groups.get(component.name, ())):
                attached = attached.plus(self._of_group(group))
        document = component.get("AssumeRolePolicyDocument")
        trust = self._read(document, Attachment("trust", True, kind))
        boundary = self.boundary(component.get("PermissionsBoundary"))
        return Role(
            name=component.name,
            kind=kind,
            arn=self._stack.attribute(component, "Arn"),
            node=component.node,
            policies=attached.policies,
            boundary=boundary.policies,
            limits=boundary.managed,
            trust=trust.policies[0] if trust.policies else None,
            managed=attached.managed,
            unread=unread(identity=attached, boundary=boundary, trust=trust),
        )

    def permission_set(self, component: Component) -> Role:
        """A permission set, which becomes a role in each account that it is assigned to."""
        attached = self._read(component.get("InlinePolicy"), Attachment("identity", True))
        attached = attached.plus(self.by_arn(component.items("ManagedPolicies")))
        if component.items("CustomerManagedPolicyReferences"):
            attached = attached.plus(UNKNOWN)
        boundary = self.boundary(component.get("PermissionsBoundary", "ManagedPolicyArn"))
        if not boundary.policies and component.get("PermissionsBoundary") is not None:
            boundary = UNKNOWN
        return Role(
            name=component.name,
            kind="permission set",
            arn="",
            node=component.node,
            policies=attached.policies,
            boundary=boundary.policies,
            limits=boundary.managed,
            managed=attached.managed,
            unread=unread(identity=attached, boundary=boundary),
        )

    # Parts of them

    def attached_to(self, name: str) -> Attached:
        """What policies of their own say that they are attached to the identity of that logical id, generated ones
        included."""
        found = self._theirs.get(name, NOTHING)
        return found.plus(UNKNOWN) if name in self._handed_out else found

    def by_arn(self, nodes: Iterable[Node]) -> Attached:
        """The managed policies that these name: of the template, or of AWS."""
        found = NOTHING
        for node in nodes:
            found = found.plus(self._managed(node, "identity"))
        return found

    def boundary(self, node: Node | None) -> Attached:
        """The managed policy that is named as a permissions boundary."""
        return self._managed(node, "boundary") if node is not None else NOTHING

    def inline(self, nodes: Iterable[Node], holder: str) -> Attached:
        """Inline policies: objects with a name and a document."""
        found = NOTHING
        for node in nodes:
            if isinstance(node.value, Object):
                document = node.value.get("PolicyDocument")
                found = found.plus(self._read(document, Attachment("identity", True, holder)))
            else:
                self._policies.refuse(node, "a list of objects with `PolicyName` and `PolicyDocument`")
                found = found.plus(UNKNOWN)
        return found

    def _own(self, component: Component, kind: str) -> Attached:
        inline = self.inline(component.items("Policies"), kind)
        own = inline.plus(self.by_arn(component.items("ManagedPolicyArns")))
        return own.plus(self.attached_to(component.name))

    def _of_group(self, node: Node) -> Attached:
        group = self._stack.owner(node, _GROUP)
        return self._own(group, "group") if group is not None else UNKNOWN

    def _managed(self, node: Node, kind: str) -> Attached:
        component = self._stack.owner(node, _MANAGED)
        if component is not None:
            return self._read(component.get("PolicyDocument"), Attachment(kind, True, "managed"))
        return of_aws(node, kind)

    def _read(self, node: Node | None, attachment: Attachment) -> Attached:
        return written(self._policies, node, attachment)

    def _attach(self, component: Component) -> None:
        """Read a policy that is a resource of its own, and note whom it names."""
        holders = _HOLDERS[component.type]
        named = [(kind, node) for prop, kind in holders.items() for node in component.items(prop)]
        if component.type == _MANAGED:
            as_boundary = component.name in self._boundaries and not named
            attachment = Attachment("boundary" if as_boundary else "identity", True, "managed")
        else:
            attachment = Attachment("identity", True, _KINDS[named[0][0] if named else _ROLE])
        attached = self._read(component.get("PolicyDocument"), attachment)
        for kind, node in named:
            name = self._named(node, kind)
            self._theirs[name] = self._theirs.get(name, NOTHING).plus(attached)

    def _named_as_boundary(self) -> Iterator[str]:
        for component in self._stack.components(*_KINDS):
            node = component.get("PermissionsBoundary")
            policy = self._stack.owner(node, _MANAGED) if node is not None else None
            if policy is not None:
                yield policy.name

    def _named(self, node: Node, kind: str) -> str:
        """The logical id of the identity that a value names; of one that SAM generates, it is the name of a hole."""
        component = self._stack.owner(node, kind)
        if component is not None:
            return component.name
        value = node.value
        if isinstance(value, Template) and len(value.parts) == 1 and isinstance(value.parts[0], Hole):
            return value.parts[0].name
        return ""
