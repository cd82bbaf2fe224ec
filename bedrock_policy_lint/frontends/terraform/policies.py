"""The policy documents of a configuration, wherever a resource holds one, and those that nothing uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment.world import OTHER
from bedrock_policy_lint.frontends.policies import Memory, PolicyReader
from bedrock_policy_lint.frontends.policy_json import likely_attachment, refined
from bedrock_policy_lint.frontends.terraform import policy_documents
from bedrock_policy_lint.frontends.terraform.types import STRING
from bedrock_policy_lint.frontends.terraform.values import Value, is_many, name_of, unknown
from bedrock_policy_lint.model.text import Template, is_text
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bedrock_policy_lint.frontends.terraform.configuration import Component, Configuration
    from bedrock_policy_lint.model.policy import Attachment, Policy, Statement

    Place = tuple[int, int]


class Policies(PolicyReader):
    """Reads the policy documents of one configuration in one world into its document."""

    def __init__(self, configuration: Configuration, memory: Memory | None = None) -> None:
        """`memory` hands over what was read in other worlds."""
        super().__init__(configuration, memory)
        self._configuration = configuration
        self._is_odd: bool | None = None

    def read(self, node: Node | None, attachment: Attachment) -> Policy | None:
        """The policy that a node holds; None for a resource where its document is meant."""
        if isinstance(node, Value) and node.is_open and isinstance(node.value, Object):
            return None
        return super().read(node, attachment)

    def is_odd(self) -> bool:
        """Whether some variable has none of several values that conditions compare it to, as hardly anybody means."""
        if self._is_odd is None:  # it is asked for every policy
            questions = self._configuration.questions
            self._is_odd = any(
                len(questions.answers(variable)) > 1 and questions.given(variable).text == OTHER
                for variable in self._configuration.root.module.variables.values()
            )
        return self._is_odd

    def prepared(self, tree: Node) -> Node:
        """The tree with a member of unknown name wherever an object may have more members than it shows, and without
        the nulls that are the default of a variable."""
        return _opened(tree, self._configuration.nulls)

    def is_certain(self, statement: Statement) -> bool:
        """Whether a statement is there for sure, as it stands."""
        return self._is_whole(statement) and not is_many(statement.node)

    def may_stay(self, statement: Statement) -> bool:
        """Whether a statement is kept that there are any number of: what it denies is not, lest it seem denied."""
        return self._is_whole(statement) and statement.allows

    def _is_whole(self, statement: Statement) -> bool:
        """Whether it is known what elements a statement has."""
        names = statement.node.value[::2]
        return super().is_certain(statement) and not any(isinstance(name.value, Template) for name in names)

    def read_statements(self, node: Node, attachment: Attachment) -> Policy | None:
        """The policy that is given as a list or map of statements, in the words of `aws_iam_policy_document`; None
        when it is not known, or has none."""
        blocks = [item for _, item in node.value.pairs()] if isinstance(node.value, Object) else node.items
        if not blocks or is_text(node):
            return None
        key = ("statements", id(node))
        document = self._configuration.ledger.once(key, lambda: policy_documents.document(blocks, node))
        return self.read(document, attachment)

    # Policies that nothing uses

    def read_unused(self) -> None:
        """Read the policy documents that no policy which was read takes anything from, as what they most likely are."""
        found: list[tuple[Node, Node, set[Place]]] = []
        merged: set[int] = set()
        for component in self._configuration.components(policy_documents.TYPE):
            if policy_documents.is_made(component):
                continue
            merged.update(map(id, self._merged_with(component)))
            node = self._configuration.attribute_node(component, "json", component.node)
            tree = self._configuration.embedded(node)
            if tree is not None:
                own = {_place(one) for one in component.items("statement")}
                found.append((node, tree, own or set(_places(tree))))
        used = {place for policy in self.document.policies for place in _places(policy.node)}
        for node, tree, own in found:
            if own and own.isdisjoint(used) and id(tree) not in merged:
                policy = self.read(node, likely_attachment(tree))
                if policy is not None:
                    policy.attachment = refined(policy)
                used.update(own)

    def _merged_with(self, component: Component) -> Iterator[Node]:
        """The documents that a policy document is merged with; of what can be none it is told."""
        for node in policy_documents.texts(component):
            tree = self._configuration.embedded(node)
            if tree is None:
                self.refuse(node)
            else:
                yield tree


def _statements(tree: Node) -> list[Node]:
    found = tree.get("Statement")
    return found.items if found is not None else []


def _places(tree: Node) -> Iterator[Place]:
    return map(_place, _statements(tree))


def _place(node: Node) -> Place:
    return id(node.source), node.start


def _opened(node: Node, nulls: Mapping[Place, str]) -> Node:
    value = node.value
    if value is None and nulls:
        name = nulls.get(_place(node))
        return unknown(name, node) if name is not None else node
    if not isinstance(value, list) or not isinstance(node, Value):
        return node  # what comes of a text in JSON shows all its members
    children = [_opened(child, nulls) for child in value]
    if not node.is_open and all(one is other for one, other in zip(children, value, strict=True)):
        return node
    if not isinstance(value, Object):
        found = Value(children, node)
    else:
        name = name_of(node)
        more = [unknown(f"{name} member", node, STRING), unknown(f"{name} value", node)] if node.is_open else []
        found = Value(Object([*children, *more]), node)
    return found.as_many() if is_many(node) else found
