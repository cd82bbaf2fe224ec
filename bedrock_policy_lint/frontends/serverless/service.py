"""The template of CloudFormation that the framework makes of a service: its roles, and what runs with them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.serverless.nodes import function, made, mapping, member, members_of, merged
from bedrock_policy_lint.frontends.template.computed import Piece, text_node
from bedrock_policy_lint.model.text import Hole, Text, is_text, join, parts_of
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.serverless.resolve import Resolver

ROLE = "IamRoleLambdaExecution"
PER_FUNCTION = "serverless-iam-roles-per-function"
_PSEUDO = "serverless-pseudo-parameters"
_SECTIONS = ("Parameters", "Mappings", "Conditions", "Resources", "Outputs")
_ASSIGNED = ("Properties", "Metadata")
_SET = ("Condition", "DeletionPolicy", "UpdateReplacePolicy", "CreationPolicy", "UpdatePolicy")
_LATEST = "2012-10-17"
_pseudo_parameter = re.compile(r"#(?=\{AWS::[A-Za-z]+\})")


def template(resolver: Resolver) -> Node:
    """The template of the service that a resolver reads."""
    return _Service(resolver).template()


class _Service:
    """One service; it keeps what is used in more than one place."""

    def __init__(self, resolver: Resolver) -> None:
        self.root = root = resolver.root
        self.resolver = resolver
        self.provider = self._section("provider")
        self.service = _text(self._section("service")) or _text(member(self._section("service"), "name"))
        self.stage = resolver.stage()
        self.functions = list(self._functions())
        self.plugin = resolver.resolve(found) if (found := member(self._opened("custom"), PER_FUNCTION)) else None
        self.resources: list[tuple[Node, Node]] = []
        self.at = _key(root, "provider") or root

    def _section(self, name: str) -> Node | None:
        found = member(self.root, name)
        return self.resolver.resolve(found) if found is not None else None

    def _opened(self, name: str) -> Node | None:
        """A section of which not every part is of interest, so that its other variables stay unasked."""
        found = member(self.root, name)
        return found if found is None or isinstance(found.value, Object) else self.resolver.resolve(found)

    def _functions(self) -> list[tuple[Node, Node]]:
        section = self._section("functions")
        parts = [] if section is None else section.items
        return [pair for part in parts for pair in members_of(part) if isinstance(pair[1].value, Object)]

    def template(self) -> Node:
        if any(not self._has_role(entry) for _, entry in self.functions):
            self._default_role()
        for name, entry in members_of(self._section("layers")):
            self._layer(name, entry)
        for name, entry in self.functions:
            self._function(name, entry)
        for name, entry in members_of(member(self._section("stepFunctions"), "stateMachines")):
            self._state_machine(name, entry)
        flat = Object(node for pair in self.resources for node in pair)
        whole: Node = mapping(self.at, {"Resources": made(flat, self.at)})
        section = self._section("resources")
        parts = [] if section is None else section.items
        for part in parts:
            chosen = Object(node for pair in members_of(part) if pair[0].value in _SECTIONS for node in pair)
            whole = merged(whole, made(chosen, part))
        for part in parts:
            whole = _extended(whole, member(part, "extensions"))
        plugins = self._section("plugins")
        plugins = member(plugins, "modules") or plugins
        if plugins is not None and any(entry.value == _PSEUDO for entry in plugins.items):
            return _substituted(whole)
        return whole

    def _add(
        self,
        name: str,
        at: Node,
        kind: str,
        properties: dict[str, Node | Text | None],
        metadata: dict[str, Node | Text | None] | None = None,
    ) -> None:
        # A logical id stands where the person who edits sees what it is for.
        members: dict[str, Node | Text | None] = {"Type": kind, "Properties": mapping(at, properties)}
        if metadata:
            members["Metadata"] = mapping(at, metadata)
        self.resources.append((made(name, at), mapping(at, members)))

    # Roles

    def _has_role(self, entry: Node) -> bool:
        return any(member(entry, name) is not None for name in ("role", "iamRoleStatements")) or (
            self._existing_role() is not None
        )

    def _existing_role(self) -> Node | None:
        """The role of all functions, when one is named that lies elsewhere or among the resources."""
        role = member(self.provider, "iam", "role") or member(self.provider, "role")
        if role is None:
            return None
        is_function = isinstance(role.value, Object) and any(
            key.value.startswith("Fn::") or key.value == "Ref" for key, _ in role.value.pairs()
        )
        return role if is_function or is_text(role) else None

    def _default_role(self) -> None:
        role = member(self.provider, "iam", "role")
        at = _key(self.provider, "iam", "role") or _key(self.provider, "iamRoleStatements") or self.at
        general = member(self.plugin, "iamGlobalPermissionsBoundary")
        properties: dict[str, Node | Text | None] = {
            **self._lambda_role(at, self._default_statements()),
            "ManagedPolicyArns": member(role, "managedPolicies") or member(self.provider, "iamManagedPolicies"),
            "PermissionsBoundary": general or self._default_boundary(),
            "RoleName": member(role, "name") or self._name(at, "lambdaRole"),
            "Path": member(role, "path"),
        }
        self._add(ROLE, at, "AWS::IAM::Role", properties)

    def _default_boundary(self) -> Node | None:
        role = member(self.provider, "iam", "role")
        found = member(role, "permissionsBoundary") or member(role, "permissionBoundary")
        return found or member(self.provider, "rolePermissionsBoundary")

    def _default_statements(self) -> Node | None:
        found = member(self.provider, "iam", "role", "statements")
        return found or member(self.provider, "iamRoleStatements")

    def _lambda_role(self, at: Node, *statements: Node | None) -> dict[str, Node | Text | None]:
        """The properties of a role that functions can have."""
        # The framework grants the role its logs, and event sources, beside these; nothing of that is Bedrock's.
        policies: list[Node] = [self._policy(at, entry) for entry in statements if entry is not None]
        trust: dict[str, Node | Text | None] = {
            "Effect": "Allow",
            "Principal": mapping(at, {"Service": "lambda.amazonaws.com"}),
            "Action": "sts:AssumeRole",
        }
        return {
            "AssumeRolePolicyDocument": _document(at, made([mapping(at, trust)], at)),
            "Policies": made(policies, at) if policies else None,
        }

    def _policy(self, at: Node, statements: Node) -> Node:
        name = self._name(at, "lambda", has_region=False)
        return mapping(at, {"PolicyName": name, "PolicyDocument": _document(statements, statements)})

    def _name(self, at: Node, *ends: str, has_region: bool = True) -> Node | None:
        if not self.service:
            return None
        parts: list[Node] = [made(self.service, at), made(self.stage, at)]
        if has_region:
            parts.append(function("Ref", "AWS::Region", at))
        parts += [made(end, at) for end in ends]
        return function("Fn::Join", [made("-", at), made(parts, at)], at)

    def _role_of(self, name: Node, entry: Node, logical: str) -> Node | None:
        """What the function's property `Role` is made of."""
        own = member(entry, "iamRoleStatements")
        given = member(entry, "role")
        if own is not None and given is None and self._existing_role() is None:
            return self._own_role(name, entry, own, logical)
        role = given or self._existing_role()
        if role is None:
            at = _key(entry, "role") or name
            return function("Fn::GetAtt", [made(ROLE, at), made("Arn", at)], at)
        if isinstance(role.value, str) and not role.value.startswith("arn:"):
            return function("Fn::GetAtt", [role, made("Arn", role)], role)
        return role

    def _own_role(self, name: Node, entry: Node, own: Node, logical: str) -> Node:
        at = _key(entry, "iamRoleStatements") or name
        inherits = member(entry, "iamRoleStatementsInherit")
        by_default = member(self.plugin, "defaultInherit")
        is_heir = (inherits if inherits is not None else by_default or at).value is True
        boundary = member(entry, "iamPermissionsBoundary") or member(self.plugin, "iamGlobalPermissionsBoundary")
        properties: dict[str, Node | Text | None] = {
            **self._lambda_role(at, self._default_statements() if is_heir else None, own),
            "PermissionsBoundary": boundary or self._default_boundary(),
            "RoleName": member(entry, "iamRoleStatementsName"),
        }
        self._add(f"{logical}{ROLE}", at, "AWS::IAM::Role", properties)
        return function("Fn::GetAtt", [made(f"{logical}{ROLE}", at), made("Arn", at)], at)

    # What runs with them

    def _function(self, name: Node, entry: Node) -> None:
        logical = _logical(str(name.value))
        variables = self._environment(entry)
        properties: dict[str, Node | Text | None] = {
            "FunctionName": member(entry, "name") or self._function_name(name),
            "Handler": member(entry, "handler"),
            "Runtime": member(entry, "runtime") or member(self.provider, "runtime"),
            "Role": self._role_of(name, entry, logical),
            "Environment": mapping(variables, {"Variables": variables}) if variables is not None else None,
            "VpcConfig": self._vpc(entry),
            "Layers": member(entry, "layers") or member(self.provider, "layers"),
            "Code": self._code(entry),
        }
        image, metadata = self._image(entry)
        self._add(f"{logical}LambdaFunction", name, "AWS::Lambda::Function", {**properties, **image}, metadata)

    def _code(self, entry: Node) -> Node | None:
        """The folder that a function is packaged from, as a rule that of the service; none of a package made before."""
        handler = member(entry, "handler")
        package = member(entry, "package", "artifact") or member(self._opened("package"), "artifact")
        if handler is None or package is not None:
            return None
        # (serverless-python-requirements: a function that is packaged by itself may lie in a folder of its own.)
        return member(entry, "module") or made(".", handler)

    def _image(self, entry: Node) -> tuple[dict[str, Node | Text | None], dict[str, Node | Text | None]]:
        """The properties and metadata of a function that runs an image which the framework builds."""
        image = member(entry, "image")
        name = member(image, "name") or image
        images = members_of(member(self.provider, "ecr", "images"))
        found = next((built for key, built in images if name is not None and key.value == name.value), None)
        if image is None or found is None:
            return {}, {}
        path = member(found, "path") or (found if isinstance(found.value, str) else None)
        if path is None or not isinstance(path.value, str) or member(found, "uri") is not None:
            return {}, {}
        names = {"EntryPoint": "entryPoint", "Command": "command", "WorkingDirectory": "workingDirectory"}
        config: dict[str, Node | Text | None] = {name: member(image, own) for name, own in names.items()}
        metadata = {"DockerContext": path, "Dockerfile": member(found, "file") or made("Dockerfile", path)}
        return {"PackageType": "Image", "ImageConfig": mapping(image, config)}, dict(metadata)

    def _layer(self, name: Node, entry: Node) -> None:
        path = member(entry, "path")
        if path is not None:
            self._add(f"{_logical(str(name.value))}LambdaLayer", name, "AWS::Lambda::LayerVersion", {"Content": path})

    def _function_name(self, name: Node) -> Node | None:
        if not self.service:
            return None
        parts: list[str | Hole] = []
        for text in (self.service, "-", self.stage, f"-{name.value}"):
            parts.extend(parts_of(text))
        return made(join(parts), name)

    def _environment(self, entry: Node) -> Node | None:
        """The variables of a function; those of the provider are everybody's."""
        found: dict[str, tuple[Node, Node]] = {}
        own = member(entry, "environment")
        for section in (member(self.provider, "environment"), own):
            for key, value in members_of(section):
                if value.value is not None:
                    found[str(key.value)] = key, value
        if not found:
            return None
        at = own or next(iter(found.values()))[0]
        return made(Object(node for pair in found.values() for node in pair), at)

    def _vpc(self, entry: Node) -> Node | None:
        vpc = member(entry, "vpc") or member(self.provider, "vpc")
        if vpc is None or not isinstance(vpc.value, Object):
            return None
        given = {"SubnetIds": member(vpc, "subnetIds"), "SecurityGroupIds": member(vpc, "securityGroupIds")}
        return mapping(vpc, dict(given))

    def _state_machine(self, name: Node, entry: Node) -> None:
        """A state machine of the plugin `serverless-step-functions`; it makes up a role unless one is named."""
        definition = member(entry, "definition")
        if definition is None:
            return
        role = member(entry, "role")
        if role is not None and isinstance(role.value, str) and not role.value.startswith("arn:"):
            role = function("Fn::GetAtt", [role, made("Arn", role)], role)
        properties: dict[str, Node | Text | None] = {
            "Definition": definition,
            "RoleArn": role,
            "StateMachineName": member(entry, "name"),
        }
        logical = f"{_logical(str(name.value))}StepFunctionsStateMachine"
        self._add(logical, name, "AWS::StepFunctions::StateMachine", properties)


def _document(at: Node, statements: Node) -> Node:
    return mapping(at, {"Version": _LATEST, "Statement": statements})


def _extended(whole: Node, extensions: Node | None) -> Node:
    """The template with what `extensions` say of resources in it: a property that is named there is replaced whole."""
    for name, extension in members_of(extensions):
        resource = member(whole, "Resources", str(name.value))
        if resource is None or not isinstance(resource.value, Object):
            continue
        found = {key.value: (key, value) for key, value in resource.value.pairs()}
        for key, value in members_of(extension):
            old = found.get(key.value)
            if key.value in _ASSIGNED and old is not None:
                inner = {k.value: (k, v) for k, v in (*members_of(old[1]), *members_of(value))}
                found[key.value] = key, made(Object(node for pair in inner.values() for node in pair), value)
            elif key.value in (*_SET, *_ASSIGNED):
                found[key.value] = key, value
        changed = made(Object(node for pair in found.values() for node in pair), resource)
        whole = _with(whole, str(name.value), changed)
    return whole


def _substituted(node: Node) -> Node:
    """The tree with `#{AWS::Region}` in its texts as the plugin `serverless-pseudo-parameters` rewrites it."""
    if isinstance(node.value, str) and (text := _pseudo_parameter.sub("$", node.value)) != node.value:
        return function("Fn::Sub", text_node((Piece(text, node, 0),), node), node)
    if not isinstance(node.value, list):
        return node
    step = 2 if isinstance(node.value, Object) else 1
    kept = list(node.value)
    if step == 2 and kept and kept[0].value == "Fn::Sub":
        return node
    for at in range(step - 1, len(kept), step):
        kept[at] = _substituted(kept[at])
    if all(new is old for new, old in zip(kept, node.value, strict=True)):
        return node
    return made(Object(kept) if step == 2 else kept, node)


def _with(whole: Node, name: str, resource: Node) -> Node:
    sections = Object(whole.value)
    at = next(at for at in range(0, len(sections), 2) if sections[at].value == "Resources")
    resources = Object(sections[at + 1].value)
    place = next(place for place in range(0, len(resources), 2) if resources[place].value == name)
    resources[place + 1] = resource
    sections[at + 1] = made(resources, sections[at + 1])
    return made(sections, whole)


def _key(node: Node | None, *path: str) -> Node | None:
    """The name of the last member on that path."""
    for name in path[:-1]:
        node = member(node, name)
    found = node.value.member(path[-1]) if node is not None and isinstance(node.value, Object) else None
    return found[0] if found is not None else None


def _text(node: Node | None) -> Text:
    return node.value if node is not None and is_text(node) else ""


def _logical(name: str) -> str:
    """The logical id that begins with a name: dashes and underscores are spelled out."""
    spelled = name.replace("-", "Dash").replace("_", "Underscore")
    return spelled[:1].upper() + spelled[1:]
