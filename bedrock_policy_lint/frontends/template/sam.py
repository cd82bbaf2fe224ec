"""What SAM makes of its functions and state machines: a role for each that names none, with what it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment import managed
from bedrock_policy_lint.deployment.deployment import Fault, Managed, Role, Workload
from bedrock_policy_lint.frontends.attached import UNKNOWN, Attached
from bedrock_policy_lint.frontends.code_places import CodeForm, code_of
from bedrock_policy_lint.frontends.template import sam_policies
from bedrock_policy_lint.frontends.template.builds import TemplateBuilds
from bedrock_policy_lint.frontends.template.iam import Identities
from bedrock_policy_lint.frontends.template.networks import network
from bedrock_policy_lint.frontends.template.role_names import role_of
from bedrock_policy_lint.frontends.workloads import settings_in
from bedrock_policy_lint.model.policy import Attachment
from bedrock_policy_lint.model.text import Hole, Text, is_text, join, parts_of
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.wording import all_of, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.template.policies import Policies
    from bedrock_policy_lint.frontends.template.stack import Component, Stack
    from bedrock_policy_lint.model.policy import Policy

FUNCTION, MACHINE = "AWS::Serverless::Function", "AWS::Serverless::StateMachine"
_CODE = CodeForm(
    ("CodeUri",),
    ("CodeUri.Key",),
    "InlineCode",
    "Handler",
    "Runtime",
    ("ImageUri",),
    "ImageConfig.EntryPoint",
    "ImageConfig.Command",
    layers="Layers[]",
)
_SERVICES = {FUNCTION: "lambda.amazonaws.com", MACHINE: "states.amazonaws.com"}
_ENTRY = "a document with `Statement`, a policy template, or the name or ARN of a managed policy"


def role_name(component: Component) -> str:
    """The logical id of the role that SAM makes."""
    return f"{component.name}Role"


def roles(stack: Stack, policies: Policies) -> list[Role]:
    """The role of every function and state machine that names none."""
    makers = [component for component in stack.components(*_SERVICES) if component.get("Role") is None]
    if not makers:
        return []
    maker = _Maker(stack, policies)
    return [maker.role(component) for component in makers]


def workloads(stack: Stack) -> list[Workload]:
    """Every function, with its environment."""
    return [_workload(stack, component) for component in stack.components(FUNCTION)]


def faults(stack: Stack) -> list[Fault]:
    """Entries of `Policies` that SAM refuses, and those that it passes over."""
    found = []
    for component in stack.components(*_SERVICES):
        entries = component.items("Policies")
        role = component.get("Role")
        if role is not None and entries:
            hint = "delete one of the two"
            is_warning = component.type == FUNCTION
            verb = "SAM passes over" if is_warning else "SAM refuses"
            found.append(Fault(role, f"{verb} `Policies` beside `Role`", hint, is_warning))
        found += [fault for entry in entries if (fault := _fault(entry)) is not None]
    return found


def _workload(stack: Stack, component: Component) -> Workload:
    role = component.get("Role")
    variables = component.get("Environment", "Variables")
    subnets = component.get("VpcConfig", "SubnetIds")
    return Workload(
        component.name,
        "Lambda function",
        component.node,
        role_name(component) if role is None else role_of(stack, role),
        tuple(settings_in(variables)) if variables is not None else (),
        network=network(stack, subnets) if subnets is not None else None,
        arn=stack.attribute(component, "Arn"),
        code=code_of(component, None, _CODE, TemplateBuilds(stack)),
    )


class _Maker:
    """Makes the roles of one template in one world."""

    def __init__(self, stack: Stack, policies: Policies) -> None:
        self.stack = stack
        self.policies = policies
        self.identities = Identities(stack, policies)
        region = stack.world.region
        self.partition = stack.catalog.partition_of(region) or ""
        known = {"AWS::Region": region, "AWS::AccountId": stack.world.account, "AWS::Partition": self.partition}
        self.values: dict[str, Text] = {name: value for name, value in known.items() if value}

    def role(self, component: Component) -> Role:
        attached = self.identities.attached_to(role_name(component))
        attached = attached.plus(Attached(tuple(self.always(component))))
        for entry in component.items("Policies"):
            attached = attached.plus(self.entry(entry))
        boundary = self.identities.boundary(component.get("PermissionsBoundary"))
        trust, knows_trust = self.trust(component)
        parts = {"identity": attached.is_known, "boundary": boundary.is_known, "trust": knows_trust}
        return Role(
            name=role_name(component),
            kind="role",
            arn=self.arn(component),
            node=component.node,
            policies=attached.policies,
            boundary=boundary.policies,
            limits=boundary.managed,
            trust=trust,
            managed=attached.managed,
            unread=frozenset(name for name, is_known in parts.items() if not is_known),
        )

    def arn(self, component: Component) -> Text:
        path = component.get("RolePath")
        hole = Hole(role_name(component), f"${{{role_name(component)}}}")
        start = sam_policies.fill("arn:${AWS::Partition}:iam::${AWS::AccountId}:role", self.values)
        middle: Text = path.value if path is not None and is_text(path) else "/"
        return join([*parts_of(start), *parts_of(middle), hole])

    def always(self, component: Component) -> Iterator[Policy]:
        """The policies that SAM attaches by itself; none of them grants anything of Bedrock."""
        names = _attached_by_sam(component) if self.partition in ("", "aws") else ()
        for name in names:
            policy = managed.find(name)
            if policy is not None:
                yield policy

    def trust(self, component: Component) -> tuple[Policy | None, bool]:
        attachment = Attachment("trust", True, "role")
        document = component.get("AssumeRolePolicyDocument") if component.type == FUNCTION else None
        if document is not None:
            policy = self.policies.read(document, attachment)
            return policy, policy is not None and not policy.is_open
        statement: dict[str, object] = {
            "Effect": "Allow",
            "Principal": {"Service": _SERVICES[component.type]},
            "Action": "sts:AssumeRole",
        }
        return self.make(component.node, attachment, [statement], {}), True

    def entry(self, entry: Node) -> Attached:
        """What one entry of `Policies` attaches."""
        if is_text(entry):
            return self.named(entry)
        if _fault(entry) is not None:
            return UNKNOWN
        attachment = Attachment("identity", True, "role")
        if entry.value.get("Statement") is not None:
            policy = self.policies.read(entry, attachment)
            return Attached((policy,), (), not policy.is_open) if policy else UNKNOWN
        key, given = entry.value
        statements = sam_policies.statements(key.value)
        values = {name.value: value.value for name, value in given.value.pairs() if is_text(value)}
        return Attached((self.make(key, attachment, statements, values),)) if statements else Attached()

    def named(self, entry: Node) -> Attached:
        """A managed policy by its ARN, by reference, or by its name alone."""
        policy = managed.find(entry.value) if self.partition in ("", "aws") else None
        if isinstance(entry.value, str) and not entry.value.startswith("arn:") and policy is not None:
            return Attached((policy,), (Managed(entry.value, entry),))
        found = self.identities.by_arn([entry])
        if isinstance(entry.value, str) and not entry.value.startswith("arn:"):
            return found.plus(Attached(managed=(Managed(entry.value, entry),)))  # SAM takes it for a name all the same
        return found

    def make(
        self, asker: Node, attachment: Attachment, statements: list[dict[str, object]], values: dict[str, Text]
    ) -> Policy:
        return sam_policies.make(asker, attachment, statements, self.values | values, self.stack.document)


def _attached_by_sam(component: Component) -> Iterator[str]:
    if component.type == MACHINE:
        tracing = component.get("Tracing", "Enabled")
        if tracing is not None and tracing.value is True:
            yield "AWSXrayWriteOnlyAccess"
        return
    is_durable = component.get("DurableConfig") is not None
    yield "AWSLambdaBasicDurableExecutionRolePolicy" if is_durable else "AWSLambdaBasicExecutionRole"
    tracing = component.get("Tracing")
    if tracing is not None and tracing.value != "Disabled":
        yield "AWSXrayWriteOnlyAccess"
    if component.get("VpcConfig") is not None:
        yield "AWSLambdaVPCAccessExecutionRole"


# What SAM refuses


def _fault(entry: Node) -> Fault | None:
    """Why SAM refuses an entry of `Policies`."""
    value = entry.value
    if isinstance(value, str) and value in sam_policies.names():
        wanted = ", ".join(f"{name}: …" for name in sam_policies.parameters(value))
        hint = f"write `{value}: {{{wanted}}}`"
        return Fault(entry, f"`{value}` is a policy template of SAM, which is given as a mapping", hint)
    if is_text(entry):
        return None
    if not isinstance(value, Object):
        return Fault(entry, f"SAM expects {_ENTRY}")
    if value.get("Statement") is not None:
        return None
    if len(value) == 2:
        return _template_fault(*value)
    return _mapping_fault(entry)


def _template_fault(key: Node, given: Node) -> Fault | None:
    """Why SAM refuses a policy template."""
    name = str(key.value)
    if name not in sam_policies.names():
        near = did_you_mean(name, sam_policies.names()).removeprefix("; ")
        hint = "write a document: SAM has none for Bedrock" if "bedrock" in name.lower() else near
        return Fault(key, f"SAM has no policy template `{name}`", hint)
    wanted = sam_policies.parameters(name)
    if not isinstance(given.value, Object):
        shown = ", ".join(f"{parameter}: …" for parameter in wanted)
        return Fault(key, f"the policy template `{name}` is given a mapping", f"write `{name}: {{{shown}}}`")
    missing = [parameter for parameter in wanted if given.value.get(parameter) is None]
    if not missing:
        return None
    others = [str(other.value) for other in given.value[::2] if other.value not in wanted]
    hint = f"write {all_of(missing)} in place of `{others[0]}`, which it does not take" if others else ""
    return Fault(key, f"the policy template `{name}` needs {all_of(missing)}", hint)


def _mapping_fault(entry: Node) -> Fault:
    """Why SAM refuses a mapping that is neither a document nor a policy template."""
    members = entry.value
    message = f"SAM expects {_ENTRY}"
    if members.get("PolicyDocument") is not None:
        return Fault(entry, message, "write what is under `PolicyDocument` in place of the entry")
    if members.get("Effect") is not None:
        return Fault(entry, message, "put the statement under `Statement:`")
    template = next((key for key in members[::2] if key.value in sam_policies.names()), None)
    if template is None:
        return Fault(entry, message)
    hint = f"indent its parameters below `{template.value}`, or make each template an entry of its own"
    return Fault(template, "a policy template is the only key of its entry", hint)
