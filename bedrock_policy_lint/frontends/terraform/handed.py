"""Identities whose names a configuration hands out, so that policies may be attached where nobody can see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bedrock_policy_lint.sources import hcl_tree as tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bedrock_policy_lint.frontends.terraform.configuration import Configuration, Instance
    from bedrock_policy_lint.frontends.terraform.registry_modules import Called

_IDENTITIES = frozenset(f"{provider}_iam_{kind}" for provider in ("aws", "awscc") for kind in ("role", "user", "group"))
_NAMES = ("", "name", "id", "role_name", "user_name", "group_name")
"""Attributes by which policies can be attached to an identity, or all of them; to an ARN alone nothing can be."""
_TAKERS = ("aws_cloudformation_stack", "aws_cloudformation_stack_set")
_MOST = 100_000


def handed_out(configuration: Configuration) -> frozenset[str]:
    """The addresses of identities that a module from elsewhere is told the name of, or whoever calls the root module.

    Nobody calls one that says where it keeps its state, or which provider it uses.
    """
    found: set[str] = set()
    for instance in configuration.instances():
        for kind, name in _referred(_expressions(configuration, instance)):
            declared = instance.module.resources.get(f"{kind}.{name}")
            if declared is not None:
                members = configuration.members(instance, declared).found
                found.update(f"{instance.path}{declared.address}{member.key}" for member in members)
    return frozenset(found)


def named_outputs(configuration: Configuration, called: Called) -> frozenset[str]:
    """The outputs of a module from elsewhere that something is made of; an empty name stands for all of them."""
    named = _outputs(_everything(configuration, called.instance))
    return frozenset(name for call, name in named if call == called.declared.name)


def _everything(configuration: Configuration, instance: Instance) -> Iterator[tree.Expression]:
    """Whatever in a module a policy can be attached by, or somebody else be told of."""
    module = instance.module
    yield from (local.value for local in module.locals.values())
    bodies = [resource.body for resource in module.resources.values()]
    bodies += [call.body for call in module.calls.values()]
    if instance is not configuration.root or _is_called(configuration):
        bodies += [output.body for output in module.outputs.values()]
    for body in bodies:
        yield from (argument.value for argument in body.attributes())


def _outputs(expressions: Iterable[tree.Expression]) -> Iterator[tuple[str, str]]:
    """The outputs of modules that expressions name, each with the name of the call."""
    left: list[tuple[Any, str]] = [(expression, "") for expression in expressions]
    for _ in range(_MOST):
        if not left:
            return
        node, behind = left.pop()
        if type(node) is tree.GetAttr:
            first = node.subject
            if type(first) is tree.Variable and first.name == "module":
                yield node.name.text, behind
            else:
                left.append((first, node.name.text))
        elif type(node) is tree.Index:
            left += [(node.subject, behind), (node.key, "")]
        elif type(node) is tree.Splat:
            left.append((node.subject, _first(node.each)))
        else:
            left += [(child, "") for child in node if isinstance(child, tuple)]


def _expressions(configuration: Configuration, instance: Instance) -> Iterator[tree.Expression]:
    """What is handed out."""
    for branch in instance.branch.branches.values():
        if branch.module is None and branch.call is not None:
            yield from (argument.value for argument in branch.call.body.attributes())
    for declared in instance.module.resources.values():
        if declared.type in _TAKERS:
            yield from (argument.value for argument in declared.body.attributes())
    if instance is configuration.root and _is_called(configuration):
        for output in instance.module.outputs.values():
            value = output.body.attribute("value")
            if value is not None:
                yield value.value


def _is_called(configuration: Configuration) -> bool:
    module = configuration.root.module
    settings = [block.body for file in module.files for block in file.body.blocks("terraform")]
    keeps = any(body.blocks("backend", 1) or body.blocks("cloud") for body in settings)
    return not module.providers and not keeps and bool(module.variables)


def _referred(expressions: Iterable[tree.Expression]) -> Iterator[tuple[str, str]]:
    """The identities that expressions name, by type and name, in such a way that policies can be attached to them."""
    left: list[tuple[Any, str]] = [(expression, "") for expression in expressions]
    for _ in range(_MOST):
        if not left:
            return
        node, behind = left.pop()
        if type(node) is tree.GetAttr:
            first = node.subject
            if type(first) is tree.Variable and first.name in _IDENTITIES:
                if behind in _NAMES:
                    yield first.name, node.name.text
            else:
                left.append((first, node.name.text))
        elif type(node) is tree.Index:
            left += [(node.subject, behind), (node.key, "")]
        elif type(node) is tree.Splat:
            left.append((node.subject, _first(node.each)))
        else:
            left += [(child, "") for child in node if isinstance(child, tuple)]


def _first(expression: tree.Expression) -> str:
    """The first attribute of an element that a splat takes."""
    name = ""
    while type(expression) in (tree.GetAttr, tree.Index):
        name = expression.name.text if type(expression) is tree.GetAttr else ""
        expression = expression.subject  # type: ignore[union-attr]
    return name
