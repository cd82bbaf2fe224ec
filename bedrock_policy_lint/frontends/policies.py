"""The policy documents of templates and configurations: each is read once, in however many worlds."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, Protocol

from bedrock_policy_lint.frontends import policy_document
from bedrock_policy_lint.frontends.document import Defect, Part
from bedrock_policy_lint.model.text import Template, is_text
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.document import Document
    from bedrock_policy_lint.model.policy import Attachment, Policy, Statement

_DOCUMENT = "PolicyDocument"


class Holder(Protocol):
    """What holds policies: a template or a configuration in one world."""

    document: Document

    def embedded(self, node: Node, /) -> Node | None:
        """The tree of a JSON text inside a text, which the document is told of; None when it is none."""

    def refuse(self, node: Node, /) -> bool:
        """Whether a text is meant as JSON and certainly is none, which the document is told."""


class Entry(NamedTuple):
    """A document that was read."""

    node: Node
    """As the file holds it: an object, or a text in JSON. It is kept so that its identity stays its own."""
    tree: Node
    policy: Policy
    defects: tuple[Defect, ...]


Memory = dict[tuple[int, str], Entry]
"""By the identity of the tree and by the kind of policy that it is attached as."""


class PolicyReader:
    """Reads the policy documents of one template or configuration in one world into its document."""

    def __init__(self, holder: Holder, memory: Memory | None = None) -> None:
        """`memory` hands over what was read in other worlds: the same tree gives the same policy."""
        self.document = holder.document
        self._holder = holder
        self._memory: Memory = {} if memory is None else memory
        self._added: set[int] = set()
        self._refused: set[tuple[int, int]] = set()

    def read(self, node: Node | None, attachment: Attachment) -> Policy | None:
        """The policy that a node holds as an object or as a text in JSON; None when it is not known, or is none, which
        is told."""
        if node is None:
            return None
        # Another world has another document, to which a text inside a text is new, even if it has been read before.
        tree = self._holder.embedded(node) if is_text(node) else node
        if tree is None or not isinstance(tree.value, Object):
            self.refuse(node)
            return None
        key = (id(tree), attachment.kind)
        entry = self._memory.get(key)
        if entry is None:
            entry = self._memory[key] = self._entry(node, tree, attachment)
        if id(tree) not in self._added:
            self._added.add(id(tree))
            self.document.policies.append(entry.policy)
            self.document.defects.extend(entry.defects)
        return entry.policy

    def again(self, node: Node, attachment: Attachment) -> Part | None:
        """The policy that a node holds as an object, which goes into no document."""
        if not isinstance(node.value, Object):
            return None
        entry = self._entry(node, node, attachment)
        return Part(entry.policy, entry.defects)

    def refuse(self, node: Node, expected: str = "an object") -> None:
        """Tell, once, that something stands where a policy belongs that can be none, unless it is not known."""
        place = (node.start, node.end)
        if place in self._refused or self.may_be_more():
            return
        self._refused.add(place)
        if not self._holder.refuse(node) and not isinstance(node.value, Object | Template):
            defect = Defect("wrong-type", node, self._name(node), policy_document.type_name(node), (expected,))
            self.document.defects.append(defect)

    def may_be_more(self) -> bool:
        """Whether the text could not be read to its end, so that little can be said of what seems to be wrong."""
        return False

    def is_odd(self) -> bool:
        """Whether the world is one that hardly anybody means, so that an empty list is no fault."""
        return False

    def prepared(self, tree: Node) -> Node:
        """The tree as the grammar is to see it."""
        return tree

    def is_certain(self, statement: Statement) -> bool:
        """Whether a statement is there for sure, as it stands."""
        return not _has_open_member(statement)

    def may_stay(self, statement: Statement) -> bool:
        """Whether a statement that is not certain can be kept in a policy of which it is known to be open."""
        return False

    def _name(self, node: Node) -> str:
        """The name of the property that a node is the value of, or an entry of it."""
        path = self.document.path_to(node.source, node.start, node.end)
        keys = [str(key.value) for holder, key in pairwise(path) if isinstance(holder.value, Object)]
        return next((key for key in reversed(keys) if key != "Ref" and not key.startswith("Fn::")), _DOCUMENT)

    def _entry(self, node: Node, tree: Node, attachment: Attachment) -> Entry:
        defects: list[Defect] = []
        policy = policy_document.read(self.prepared(tree), attachment, defects)
        if not all(map(self.is_certain, policy.statements)):
            # Without its condition or principal a statement would seem to say more than it does.
            policy.statements[:] = [one for one in policy.statements if self.is_certain(one) or self.may_stay(one)]
            policy.is_open = True
        if self.is_odd():
            defects = [defect for defect in defects if not _is_emptied(defect)]
        return Entry(node, tree, policy, tuple(defects))


def _has_open_member(statement: Statement) -> bool:
    """Whether it is not known under which condition, or for whom, the statement holds."""
    return any(
        name not in statement.members and value is not None and _is_open(value)
        for name in ("Condition", "Principal", "NotPrincipal")
        for value in (statement.node.value.get(name),)
    )


def _is_emptied(defect: Defect) -> bool:
    """Whether a list has nothing in it because conditions leave everything out."""
    from bedrock_policy_lint.frontends.template.computed import Computed

    return defect.kind == "empty-element" and isinstance(defect.node, Computed)


def _is_open(node: Node) -> bool:
    value = node.value
    if isinstance(value, Object):
        return any(isinstance(key.value, Template) or _is_open(inner) for key, inner in value.pairs())
    return isinstance(value, Template)
