"""The policy documents of a template, wherever a resource holds one: each is read once, in however many worlds."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.deployment.world import OTHER
from bedrock_policy_lint.frontends import policy_document
from bedrock_policy_lint.frontends.document import Defect, Part
from bedrock_policy_lint.frontends.template.computed import Computed
from bedrock_policy_lint.model.text import Template, is_text
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.template.stack import Stack
    from bedrock_policy_lint.model.policy import Attachment, Policy, Statement


_DOCUMENT = "PolicyDocument"


class Entry(NamedTuple):
    """A document that was read."""

    node: Node
    """As the template holds it: an object, or a text in JSON. It is kept so that its identity stays its own."""
    tree: Node
    policy: Policy
    defects: tuple[Defect, ...]


Memory = dict[tuple[int, str], Entry]
"""By the identity of the node and by the kind of policy that it is attached as."""


class Policies:
    """Reads the policy documents of one template in one world into its document."""

    __slots__ = ("_added", "_memory", "_refused", "_stack")

    def __init__(self, stack: Stack, memory: Memory | None = None) -> None:
        """`memory` hands over what was read in other worlds: the same node gives the same policy."""
        self._stack = stack
        self._memory: Memory = {} if memory is None else memory
        self._added: set[int] = set()
        self._refused: set[tuple[int, int]] = set()

    def read(self, node: Node | None, attachment: Attachment) -> Policy | None:
        """The policy that a node holds as an object or as a text in JSON; None when it is not known, or is none, which
        is told."""
        if node is None:
            return None
        key = (id(node), attachment.kind)
        entry = self._memory.get(key) or self._read(node, attachment)
        if entry is None:
            self.refuse(node)
            return None
        self._memory[key] = entry
        if id(node) not in self._added:
            self._added.add(id(node))
            self._add(entry)
        return entry.policy

    def again(self, node: Node, attachment: Attachment) -> Part | None:
        """The policy that a node holds as an object, which goes into no document."""
        entry = self._read(node, attachment)
        return Part(entry.policy, entry.defects) if entry is not None else None

    def refuse(self, node: Node, expected: str = "an object") -> None:
        """Tell, once, that something stands where a policy belongs that can be none, unless it is not known."""
        stack, place = self._stack, (node.start, node.end)
        if place in self._refused or stack.outline.is_open:
            return
        self._refused.add(place)
        if not stack.refuse(node) and not isinstance(node.value, Object | Template):
            defect = Defect("wrong-type", node, self._name(node), policy_document.type_name(node), (expected,))
            stack.document.defects.append(defect)

    def _name(self, node: Node) -> str:
        """The name of the property that a node is the value of, or an entry of it."""
        path = self._stack.document.path_to(node.source, node.start, node.end)
        keys = [str(key.value) for holder, key in pairwise(path) if isinstance(holder.value, Object)]
        return next((key for key in reversed(keys) if key != "Ref" and not key.startswith("Fn::")), _DOCUMENT)

    def _add(self, entry: Entry) -> None:
        document = self._stack.document
        if entry.tree is not entry.node:
            self._stack.embedded(entry.node)  # another world has another document, to which the text is new
        document.policies.append(entry.policy)
        document.defects.extend(entry.defects)

    def _read(self, node: Node, attachment: Attachment) -> Entry | None:
        tree = self._stack.embedded(node) if is_text(node) else node
        if tree is None or not isinstance(tree.value, Object):
            return None
        defects: list[Defect] = []
        policy = policy_document.read(tree, attachment, defects)
        whole = [statement for statement in policy.statements if not _has_open_member(statement)]
        if len(whole) < len(policy.statements):
            # Without its condition or principal a statement would seem to say more than it does.
            policy.statements[:] = whole
            policy.is_open = True
        if self._is_odd():
            defects = [defect for defect in defects if not _is_emptied(defect)]
        return Entry(node, tree, policy, tuple(defects))

    def _is_odd(self) -> bool:
        """Whether some parameter has none of several values that conditions compare it to, as hardly anybody means."""
        evaluator = self._stack.evaluator
        named = (name for name, compared in evaluator.outline.literals.items() if len(compared) > 1)
        return any(evaluator.answer(name) == OTHER for name in named)


def _has_open_member(statement: Statement) -> bool:
    """Whether it is not known under which condition, or for whom, the statement holds."""
    return any(
        name not in statement.members and value is not None and _is_open(value)
        for name in ("Condition", "Principal", "NotPrincipal")
        for value in (statement.node.value.get(name),)
    )


def _is_emptied(defect: Defect) -> bool:
    """Whether a list has nothing in it because conditions leave everything out."""
    return defect.kind == "empty-element" and isinstance(defect.node, Computed)


def _is_open(node: Node) -> bool:
    value = node.value
    if isinstance(value, Object):
        return any(isinstance(key.value, Template) or _is_open(inner) for key, inner in value.pairs())
    return isinstance(value, Template)
