"""Nested blocks as values: those that are written, and those that `dynamic` makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment.deployment import Fault
from bedrock_policy_lint.frontends.terraform import loops
from bedrock_policy_lint.frontends.terraform.instances import MAX_INSTANCES, settled
from bedrock_policy_lint.frontends.terraform.module import META, name_node
from bedrock_policy_lint.frontends.terraform.scope import Inner
from bedrock_policy_lint.frontends.terraform.values import (
    Exceeded,
    Failed,
    Value,
    copy,
    is_many,
    many,
    node_of,
    open_object,
    plain,
    unknown,
)
from bedrock_policy_lint.sources import hcl_tree as tree
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bedrock_policy_lint.frontends.terraform.evaluate import Evaluator
    from bedrock_policy_lint.frontends.terraform.scope import Scope

MAX_DEPTH = 20
"""So deep may blocks nest: none of use does."""
_DYNAMIC = "dynamic"


class Reader:
    """Reads what bodies hold."""

    __slots__ = ("_ask", "_depth", "evaluator")

    def __init__(self, evaluator: Evaluator, ask: Callable[[str], bool]) -> None:
        self.evaluator = evaluator
        self._ask = ask
        self._depth = 0

    def value(self, body: tree.Body, name: str, scope: Scope) -> Node | None:
        """What a body holds under a name: an argument's value, or its blocks as a list; None for nothing."""
        attribute = body.attribute(name)
        written = [] if attribute is not None else body.blocks(name)
        made = [block for block in body.blocks(_DYNAMIC, 1) if block.labels[0].text == name]
        if attribute is not None and not made:
            return self.evaluator.define(attribute.value, scope)
        if not written and not made:
            return None
        found: list[Node] = []
        for block in sorted((*written, *made), key=lambda block: block.start):
            if block.type.text == _DYNAMIC and block in made:
                found += self._made(block, name, scope)
            else:
                found.append(self.object(block.body, scope))
        first, last = (*written, *made)[0], (*written, *made)[-1]
        start, end = min(first.start, last.start), max(first.end, last.end)
        return Value(found, Node(None, start, end, first.source))

    def object(self, body: tree.Body, scope: Scope) -> Node:
        """A block as an object of its arguments and blocks."""
        home = Node(None, body.start, body.end, body.source)
        if self._depth >= MAX_DEPTH:
            self.evaluator.fault(home, f"blocks nest here more than {MAX_DEPTH} deep")
            return unknown(f"block {body.start}", home)
        self._depth += 1
        members = Object()
        for name in self.names(body):
            value = self.value(body, name.text, scope)
            if value is not None:
                members += [name_node(name), value]
        self._depth -= 1
        return Value(members, home)

    def names(self, body: tree.Body) -> Iterator[tree.Name]:
        """What a body holds, each name once, those of its `dynamic` blocks among them."""
        names = [name for name in body.names() if name.text != _DYNAMIC]
        names += [block.labels[0] for block in body.blocks(_DYNAMIC, 1)]
        seen: set[str] = set()
        for name in names:
            if name.text not in seen and name.text not in META:
                seen.add(name.text)
                yield name

    def _made(self, block: tree.Block, name: str, scope: Scope) -> Iterator[Node]:
        each, content = block.body.attribute("for_each"), block.body.blocks("content")
        if each is None or not content:
            return
        iterator = block.body.reference("iterator")
        word = iterator.value.name if iterator is not None and type(iterator.value) is tree.Variable else name
        node = settled(each.value, scope, self.evaluator, self._ask)
        try:
            entries = loops.entries(self.evaluator, node)
        except Failed as failure:
            self.evaluator.failed(failure)
            return
        except Exceeded as exceeded:
            if exceeded.message:
                self.evaluator.failed(exceeded)
            return
        if len(entries) > MAX_INSTANCES:
            message = f"this makes {len(entries):,} blocks, of which the first {MAX_INSTANCES:,} are looked at"
            self.evaluator.note(Fault(node_of(each.value), message, is_warning=True))
        depth = getattr(scope, "many", 0)
        for key, item in entries[:MAX_INSTANCES]:
            is_loose = is_many(item) or is_many(key)
            members = Object([plain("key", key), copy(key, key), plain("value", item), copy(item, item)])
            inner = Inner({word: Value(members, item)}, scope, depth + 1 if is_loose else depth)
            found = self.object(content[0].body, inner)
            yield many(found) if is_loose else found


def reported(node: Node, name: str) -> Node:
    """Blocks as a reference finds them: the provider adds attributes to each, and blocks where there are none."""
    if isinstance(node.value, Object):
        members = Object()
        for key, item in node.value.pairs():
            members += [key, reported(item, f"{name}.{key.value}")]
        found = open_object(members, name, node)
        return found.as_many() if is_many(node) else found
    if type(node.value) is not list or not all(isinstance(item.value, Object) for item in node.value):
        return node
    if not node.value:
        return unknown(name, node)
    return Value([reported(item, f"{name}[{at}]") for at, item in enumerate(node.value)], node)
