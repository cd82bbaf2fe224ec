"""Roles, users, groups and permission sets of a configuration, each with everything that is attached to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.deployment.deployment import Role
from bedrock_policy_lint.frontends.attached import NOTHING, ORGANIZATIONS, UNKNOWN, Attached, of_aws, unread, written
from bedrock_policy_lint.frontends.template.computed import text_of
from bedrock_policy_lint.frontends.terraform.handed import handed_out
from bedrock_policy_lint.frontends.terraform.values import can_meet, is_many
from bedrock_policy_lint.model.policy import Attachment
from bedrock_policy_lint.model.text import Template, is_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bedrock_policy_lint.frontends.terraform.configuration import Component, Configuration, Instance
    from bedrock_policy_lint.frontends.terraform.policies import Policies
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.sources.node import Node


class _Identity(NamedTuple):
    """How a type of identity is declared."""

    kind: str
    trust: str = ""
    inline: tuple[str, str] = ("", "")
    """The blocks with inline policies, and the argument in them that holds the document."""
    managed: str = ""
    boundary: str = ""
    groups: str = ""


_IDENTITIES = {
    "aws_iam_role": _Identity(
        "role", "assume_role_policy", ("inline_policy", "policy"), "managed_policy_arns", "permissions_boundary"
    ),
    "aws_iam_user": _Identity("user", boundary="permissions_boundary"),
    "aws_iam_group": _Identity("group"),
    "awscc_iam_role": _Identity(
        "role",
        "assume_role_policy_document",
        ("policies", "policy_document"),
        "managed_policy_arns",
        "permissions_boundary",
    ),
    "awscc_iam_user": _Identity(
        "user", "", ("policies", "policy_document"), "managed_policy_arns", "permissions_boundary", "groups"
    ),
    "awscc_iam_group": _Identity("group", "", ("policies", "policy_document"), "managed_policy_arns"),
}
ROLES = ("aws_iam_role", "awscc_iam_role")
_OF_KIND = {
    kind: tuple(name for name, identity in _IDENTITIES.items() if identity.kind == kind)
    for kind in ("role", "user", "group")
}
_BOUND = tuple(name for name, identity in _IDENTITIES.items() if identity.boundary)

_MANAGED = {"aws_iam_policy": "policy", "awscc_iam_managed_policy": "policy_document"}
"""Policies of their own, with the argument that holds the document."""
_SEVERAL = {"roles": "role", "users": "user", "groups": "group"}


class _Given(NamedTuple):
    """How something that is attached says what it is and whom it is attached to."""

    what: str
    """The argument with the document, or with the ARNs of policies."""
    holders: dict[str, str]
    """By argument: the kind of those whom it names."""


_INLINE = {
    "aws_iam_role_policy": _Given("policy", {"role": "role"}),
    "aws_iam_user_policy": _Given("policy", {"user": "user"}),
    "aws_iam_group_policy": _Given("policy", {"group": "group"}),
    "awscc_iam_role_policy": _Given("policy_document", {"role_name": "role"}),
    "awscc_iam_user_policy": _Given("policy_document", {"user_name": "user"}),
    "awscc_iam_group_policy": _Given("policy_document", {"group_name": "group"}),
}
_BY_ARN = {
    "aws_iam_role_policy_attachment": _Given("policy_arn", {"role": "role"}),
    "aws_iam_user_policy_attachment": _Given("policy_arn", {"user": "user"}),
    "aws_iam_group_policy_attachment": _Given("policy_arn", {"group": "group"}),
    "aws_iam_policy_attachment": _Given("policy_arn", _SEVERAL),
    "aws_iam_role_policy_attachments_exclusive": _Given("policy_arns", {"role_name": "role"}),
    "aws_iam_user_policy_attachments_exclusive": _Given("policy_arns", {"user_name": "user"}),
    "aws_iam_group_policy_attachments_exclusive": _Given("policy_arns", {"group_name": "group"}),
}
_BY_NAME = {
    "aws_iam_role_policies_exclusive": _Given("policy_names", {"role_name": "role"}),
    "aws_iam_user_policies_exclusive": _Given("policy_names", {"user_name": "user"}),
    "aws_iam_group_policies_exclusive": _Given("policy_names", {"group_name": "group"}),
}
"""Which inline policies may stay: what they say is written elsewhere."""

_PERMISSION_SET = "aws_ssoadmin_permission_set"
_SET_INLINE = "aws_ssoadmin_permission_set_inline_policy"
_SET_MANAGED = "aws_ssoadmin_managed_policy_attachment"
_SET_CUSTOMER = "aws_ssoadmin_customer_managed_policy_attachment"
_SET_BOUNDARY = "aws_ssoadmin_permissions_boundary_attachment"
_CUSTOMER = ("customer_managed_policy_reference", "name")


def roles(configuration: Configuration, policies: Policies) -> list[Role]:
    """Every role, user, group and permission set; policies of others, whom the configuration does not make, are read
    too."""
    identities = Identities(configuration, policies)
    sets = _PermissionSets(configuration, policies, identities)
    return [
        sets.role(component) if component.type == _PERMISSION_SET else identities.role(component)
        for component in configuration.components(*_IDENTITIES, _PERMISSION_SET)
    ]


def limits(configuration: Configuration, policies: Policies) -> None:
    """Read the policies of an organisation."""
    for component in configuration.components("aws_organizations_policy"):
        kind = component.get("type")
        type_ = kind.value if kind is not None else "SERVICE_CONTROL_POLICY"
        attachment = ORGANIZATIONS.get(type_) if isinstance(type_, str) else None
        if attachment is not None:
            policies.read(component.get("content"), attachment)


def managed(configuration: Configuration, policies: Policies, node: Node, kind: str) -> Attached:
    """The managed policy that a value names, as an `identity` policy or a `boundary`."""
    component = configuration.owner(node, *_MANAGED)
    if component is None:
        found = of_aws(node, kind)
    else:
        found = written(policies, component.get(_MANAGED[component.type]), Attachment(kind, True, "managed"))
    return found.plus(UNKNOWN if is_many(node) else NOTHING)


class Identities:
    """Gathers what is attached to identities, whichever of the two names the other."""

    __slots__ = (
        "_boundaries",
        "_by_name",
        "_configuration",
        "_groups",
        "_handed_out",
        "_inline_names",
        "_policies",
        "_theirs",
    )

    def __init__(self, configuration: Configuration, policies: Policies) -> None:
        """Reads every policy that the configuration makes on its own."""
        self._configuration = configuration
        self._policies = policies
        self._handed_out = handed_out(configuration)
        self._boundaries = set(self._named_as_boundary())
        self._by_name: dict[str, dict[Text, list[Component]]] = {}
        self._theirs: dict[str, Attached] = {}
        """By the address of an identity: what is attached to it by resources of their own."""
        self._inline_names: dict[str, set[object]] = {}
        """By the address of an identity: the names of inline policies that are resources of their own."""
        attached = self._managed_by_arn()
        for component in configuration.components(*_INLINE):
            self._attach_document(component, _INLINE[component.type])
        for component in configuration.components("awscc_iam_managed_policy"):
            for kind, node in _named(component, _SEVERAL):
                self._attach(component, kind, node, attached[component.name])
        for component in configuration.components(*_BY_ARN):
            given = _BY_ARN[component.type]
            found = self.by_arn(component.items(given.what))
            for kind, node in _named(component, given.holders):
                self._attach(component, kind, node, found)
        for component in configuration.components(*_BY_NAME):
            self._keep(component, _BY_NAME[component.type])
        self._groups = dict(self._members_of_groups())

    def role(self, component: Component) -> Role:
        """A role, user or group with all that is attached to it."""
        identity = _IDENTITIES[component.type]
        attached = self._own(component, identity)
        if identity.kind == "user":
            for group in (*component.items(identity.groups), *self._groups.get(component.name, ())):
                attached = attached.plus(self._of_group(group))
        trust = self._read(component.get(identity.trust), Attachment("trust", True, identity.kind))
        boundary = self.boundary(component.get(identity.boundary))
        return Role(
            name=component.name,
            kind=identity.kind,
            arn=self._configuration.attribute(component, "arn"),
            node=component.node,
            policies=attached.policies,
            boundary=boundary.policies,
            limits=boundary.managed,
            trust=trust.policies[0] if trust.policies else None,
            managed=attached.managed,
            unread=unread(identity=attached, boundary=boundary, trust=trust),
        )

    def by_arn(self, nodes: Iterable[Node]) -> Attached:
        """The managed policies that these name: of the configuration, or of AWS."""
        found = NOTHING
        for node in nodes:
            found = found.plus(self.managed(node, "identity"))
        return found

    def boundary(self, node: Node | None) -> Attached:
        """The managed policy that is named as a permissions boundary."""
        return self.managed(node, "boundary") if node is not None else NOTHING

    def managed(self, node: Node, kind: str) -> Attached:
        """The managed policy that a value names."""
        return managed(self._configuration, self._policies, node, kind)

    # What is attached

    def _own(self, component: Component, identity: _Identity) -> Attached:
        found = NOTHING
        blocks, argument = identity.inline
        for node in component.items(blocks) if blocks else ():
            document = node.get(argument)
            if document is None and is_text(node):
                found = found.plus(UNKNOWN)
            read = self._read(document, Attachment("identity", True, identity.kind))
            found = found.plus(read).plus(UNKNOWN if is_many(node) else NOTHING)
        if identity.managed:
            found = found.plus(self.by_arn(component.items(identity.managed)))
        found = found.plus(self._theirs.get(component.name, NOTHING))
        return found.plus(UNKNOWN) if component.name in self._handed_out else found

    def _of_group(self, node: Node) -> Attached:
        group = self._configuration.owner(node, *_OF_KIND["group"])
        return self._own(group, _IDENTITIES[group.type]) if group is not None else UNKNOWN

    def _read(self, node: Node | None, attachment: Attachment) -> Attached:
        return written(self._policies, node, attachment)

    def _managed_by_arn(self) -> dict[str, Attached]:
        """By address: the managed policies, all of which are read."""
        found = {}
        for component in self._configuration.components(*_MANAGED):
            kind = "boundary" if component.name in self._boundaries else "identity"
            document = component.get(_MANAGED[component.type])
            found[component.name] = self._read(document, Attachment(kind, True, "managed"))
        return found

    def _attach_document(self, component: Component, given: _Given) -> None:
        holders = _named(component, given.holders)
        (kind,) = given.holders.values()
        attached = self._read(component.get(given.what), Attachment("identity", True, kind))
        name = component.get("name") or component.get("policy_name")
        for one, node in holders:
            for holder in self._attach(component, one, node, attached):
                self._inline_names.setdefault(holder, set()).add(text_of(name) if name is not None else None)

    def _attach(self, component: Component, kind: str, node: Node, attached: Attached) -> list[str]:
        """Note that something is attached to the identity which a value names."""
        owner = self._holder(component, kind, node)
        if owner is None:
            for name in self._possible(node, kind):
                self._theirs[name] = self._theirs.get(name, NOTHING).plus(UNKNOWN)
            return []
        is_certain = not is_many(node) and _is_beside(component, owner)
        found = self._theirs.get(owner.name, NOTHING).plus(attached)
        self._theirs[owner.name] = found if is_certain else found.plus(UNKNOWN)
        return [owner.name]

    def _holder(self, component: Component, kind: str, node: Node) -> Component | None:
        """The identity that a value names; of several with one name, such as a module makes that is called for several
        accounts, the one beside it."""
        owner = self._configuration.owner(node, *_OF_KIND[kind])
        if owner is None and is_text(node):
            beside = [one for one in self._named(kind).get(node.value, ()) if one.instance is component.instance]
            owner = beside[0] if len(beside) == 1 else None
        return owner

    def _possible(self, node: Node, kind: str) -> Iterator[str]:
        """The identities that a name may be the name of: it is that of several, or made of what is gone through or
        chosen."""
        text = node.value
        if not is_text(node):
            return
        named = self._named(kind)
        yield from (one.name for one in named.get(text, ()))
        if isinstance(text, Template) and any("[" in hole.name or "?" in hole.name for hole in text.holes):
            yield from (one.name for name, some in named.items() if can_meet(text, name) for one in some)

    def _named(self, kind: str) -> dict[Text, list[Component]]:
        """The identities of a kind by their names."""
        found = self._by_name.get(kind)
        if found is None:
            found = self._by_name[kind] = {}
            for component in self._configuration.components(*_OF_KIND[kind]):
                name = "name" if component.type.startswith("aws_") else f"{kind}_name"
                found.setdefault(self._configuration.attribute(component, name), []).append(component)
        return found

    def _keep(self, component: Component, given: _Given) -> None:
        """Note that there are inline policies of which nothing is known but the names."""
        for kind, node in _named(component, given.holders):
            owner = self._holder(component, kind, node)
            if owner is None:
                continue
            blocks = _IDENTITIES[owner.type].inline[0]
            own = [block.get("name") for block in owner.items(blocks)] if blocks else []
            names = {text_of(name) for name in own if name is not None} | self._inline_names.get(owner.name, set())
            if any(name.value not in names for name in component.items(given.what)):
                self._theirs[owner.name] = self._theirs.get(owner.name, NOTHING).plus(UNKNOWN)

    def _named_as_boundary(self) -> Iterator[str]:
        """The managed policies that are boundaries and nothing else."""
        bounding = {
            policy.name
            for component in self._configuration.components(*_BOUND)
            for policy in self._owners([component.get(_IDENTITIES[component.type].boundary)])
        }
        if not bounding:
            return
        attached = [
            node for one in self._configuration.components(*_BY_ARN) for node in one.items(_BY_ARN[one.type].what)
        ]
        for component in self._configuration.components(*_IDENTITIES):
            argument = _IDENTITIES[component.type].managed
            attached += component.items(argument) if argument else []
        yield from bounding.difference(policy.name for policy in self._owners(attached))

    def _owners(self, nodes: Iterable[Node | None]) -> Iterator[Component]:
        for node in nodes:
            owner = self._configuration.owner(node, *_MANAGED) if node is not None else None
            if owner is not None:
                yield owner

    def _members_of_groups(self) -> Iterator[tuple[str, list[Node]]]:
        """By the address of a user: the groups that it is put into."""
        found: dict[str, list[Node]] = {}
        for component in self._configuration.components("aws_iam_user_group_membership", "aws_iam_group_membership"):
            groups = component.items("groups") + component.items("group")
            for node in component.items("user") + component.items("users"):
                user = self._configuration.owner(node, *_OF_KIND["user"])
                if user is not None:
                    found.setdefault(user.name, []).extend(groups)
        yield from found.items()


class _PermissionSets:
    """Permission sets, each of which becomes a role in the accounts that it is assigned to."""

    __slots__ = ("_configuration", "_identities", "_policies", "_theirs")

    def __init__(self, configuration: Configuration, policies: Policies, identities: Identities) -> None:
        self._configuration = configuration
        self._policies = policies
        self._identities = identities
        self._theirs: dict[str, tuple[Attached, Attached]] = {}
        """By address: policies and boundary."""
        for component in configuration.components(_SET_INLINE, _SET_MANAGED, _SET_CUSTOMER, _SET_BOUNDARY):
            node = component.get("permission_set_arn")
            attached, boundary = self._of(component)
            owner = configuration.owner(node, _PERMISSION_SET) if node is not None else None
            if owner is not None:
                known = self._theirs.get(owner.name, (NOTHING, NOTHING))
                self._theirs[owner.name] = known[0].plus(attached), known[1].plus(boundary)

    def role(self, component: Component) -> Role:
        """A permission set with all that is attached to it."""
        attached, boundary = self._theirs.get(component.name, (NOTHING, NOTHING))
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

    def _of(self, component: Component) -> tuple[Attached, Attached]:
        if component.type == _SET_INLINE:
            return written(self._policies, component.get("inline_policy"), Attachment("identity", True)), NOTHING
        if component.type == _SET_MANAGED:
            return self._identities.by_arn(component.items("managed_policy_arn")), NOTHING
        if component.type == _SET_CUSTOMER:
            return self._by_name(component.get(*_CUSTOMER), "identity"), NOTHING
        arn = component.get("permissions_boundary", "managed_policy_arn")
        if arn is not None:
            return NOTHING, self._identities.boundary(arn)
        return NOTHING, self._by_name(component.get("permissions_boundary", *_CUSTOMER), "boundary")

    def _by_name(self, node: Node | None, kind: str) -> Attached:
        return self._identities.managed(node, kind) if node is not None else UNKNOWN


def _named(component: Component, holders: dict[str, str]) -> list[tuple[str, Node]]:
    """The identities that something says it is attached to, each with its kind."""
    return [(kind, node) for argument, kind in holders.items() for node in component.items(argument)]


def _is_beside(component: Component, holder: Component) -> bool:
    """Whether there is something certainly as often as what it is attached to."""
    around = set(_around(holder.instance))
    is_loose = component.member.is_symbolic
    return not is_loose and all(one in around or not one.key.startswith("[*") for one in _around(component.instance))


def _around(instance: Instance | None) -> Iterator[Instance]:
    while instance is not None:
        yield instance
        instance = instance.parent
