"""Resources and modules as often as there are of them: `count` and `for_each`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.deployment.deployment import Fault
from bedrock_policy_lint.frontends.template.computed import Piece
from bedrock_policy_lint.frontends.terraform import loops
from bedrock_policy_lint.frontends.terraform.types import ANY, NUMBER, STRING, Type
from bedrock_policy_lint.frontends.terraform.values import (
    Exceeded,
    Failed,
    Refused,
    Value,
    convert,
    copy,
    is_many,
    kind_of,
    name_of,
    node_of,
    plain,
    truth,
)
from bedrock_policy_lint.model.text import Hole, Template
from bedrock_policy_lint.sources import hcl_tree as tree
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bedrock_policy_lint.frontends.terraform.evaluate import Evaluator
    from bedrock_policy_lint.frontends.terraform.scope import Found, Scope

MAX_INSTANCES = 1_000
"""So many instances of one resource or module are looked at."""
_COST = 100
"""What an instance costs, compared to an expression."""
SYMBOLIC = "[*]"
"""Marks in an address the instance that stands for any number of them."""


class Member(NamedTuple):
    """One instance."""

    key: str = ""
    """`[0]`, `["chat"]`, `[*]`; empty for the only one of something that is neither counted nor gone through."""
    given: tuple[tuple[str, Node], ...] = ()
    """What `each.key`, `each.value` or `count.index` is."""

    @property
    def is_symbolic(self) -> bool:
        """Whether it stands for any number of instances."""
        return self.key.startswith(SYMBOLIC[:-1])


class Members(NamedTuple):
    """All instances of something."""

    kind: str
    """`single`, `count` or `each`."""
    found: tuple[Member, ...]


SINGLE = Members("single", (Member(),))


class Turn:
    """The scope of one instance: its module's with `each`, `count` and what else it is given."""

    __slots__ = ("given", "many", "note", "outer")

    def __init__(self, given: Iterable[tuple[str, Node]], outer: Scope, note: Callable[[], object]) -> None:
        self.given = dict(given)
        self.outer = outer
        self.note = note
        """Called when something is looked up that hangs on how often there is an instance."""
        self.many = getattr(outer, "many", 0)

    def look_up(self, path: Sequence[str], place: Node) -> Found | None:
        """What the first of these names stand for."""
        from bedrock_policy_lint.frontends.terraform.scope import Found

        node = self.given.get(".".join(path[:2]))
        if node is None:
            return self.outer.look_up(path, place)
        self.note()
        return Found(node, 2)

    def pick(self, path: Sequence[str], key: str | int, place: Node) -> Node | None:
        """The instance of a resource with that key."""
        from bedrock_policy_lint.frontends.terraform.scope import pick

        return pick(self.outer, path, key, place)

    def names(self) -> Iterable[str]:
        """What a reference can begin with."""
        return [*self.given, *self.outer.names()]


def expand(body: tree.Body, scope: Scope, address: str, evaluator: Evaluator, ask: Callable[[str], bool]) -> Members:
    """The instances of a resource or module; `ask` answers conditions that nobody can settle."""
    count, each = body.attribute("count"), body.attribute("for_each")
    try:
        if count is not None:
            return Members("count", tuple(_counted(settled(count.value, scope, evaluator, ask), address, evaluator)))
        if each is not None:
            return Members("each", tuple(_gone_through(settled(each.value, scope, evaluator, ask), address, evaluator)))
    except Failed as failure:
        evaluator.failed(failure)
    except Exceeded as exceeded:
        if exceeded.message:
            evaluator.failed(exceeded)
    else:
        return SINGLE
    kind = "count" if count is not None else "each"
    node = node_of((count or each).value) if (count or each) is not None else Node(None, 0, 0, body.source)  # type: ignore[union-attr]
    return Members(kind, (_symbolic(kind, address, node),))


def settled(expression: tree.Expression, scope: Scope, evaluator: Evaluator, ask: Callable[[str], bool]) -> Node:
    """What an expression comes to; where it is a choice that nobody can make, `ask` does."""
    while True:
        if type(expression) is tree.Paren:
            expression = expression.inner
        elif type(expression) is tree.Conditional:
            condition = evaluator.define(expression.condition, scope)
            try:
                condition = truth(condition)
            except Failed as failure:
                evaluator.failed(failure)
                return Refused(node_of(expression))
            if isinstance(condition, Refused) or isinstance(condition.value, bool):
                return evaluator.define(expression, scope)
            key, is_inverted = _question(name_of(condition))
            expression = expression.then if ask(key) is not is_inverted else expression.otherwise
        else:
            return evaluator.define(expression, scope)


def _question(spelling: str) -> tuple[str, bool]:
    """One spelling for a condition and its contrary, and whether this is the latter."""
    is_inverted = False
    while spelling.startswith("!"):
        spelling, is_inverted = spelling[1:], not is_inverted
    if spelling.startswith("(") and " != " in spelling and spelling.count(" != ") == 1:
        return spelling.replace(" != ", " == "), not is_inverted
    return spelling, is_inverted


def _counted(node: Node, address: str, evaluator: Evaluator) -> Iterable[Member]:
    if isinstance(node, Refused):
        return (_symbolic("count", address, node),)
    number = convert(node, NUMBER).value
    if number is None:
        raise Failed(node, "`count` cannot be null")
    if isinstance(number, Template):
        return (_symbolic("count", address, node),)
    if not isinstance(number, int) or number < 0:
        raise Failed(node, "`count` must be a whole number, 0 or greater")
    if number > MAX_INSTANCES:
        _too_many(number, node, evaluator)
    number = min(number, MAX_INSTANCES)
    evaluator.spend(_COST * number, node)
    return [Member(f"[{at}]", (("count.index", Value(at, node)),)) for at in range(number)]


def _too_many(number: int, node: Node, evaluator: Evaluator) -> None:
    message = f"this makes {number:,} instances, of which the first {MAX_INSTANCES:,} are looked at"
    evaluator.faults.append(Fault(node, message, is_warning=True))


def _gone_through(node: Node, address: str, evaluator: Evaluator) -> Iterable[Member]:
    if isinstance(node, Refused):
        return (_symbolic("each", address, node),)
    if node.value is not None and type(node.value) is list and kind_of(node) in ("list", "tuple"):
        evaluator.fault(
            node, "`for_each` takes a map or a set of strings, and this is a list", "put `toset()` around it"
        )
    entries = loops.entries(evaluator, node)
    if len(entries) > MAX_INSTANCES:
        _too_many(len(entries), node, evaluator)
    evaluator.spend(_COST * min(len(entries), MAX_INSTANCES), node)
    found: list[Member] = []
    is_set = type(node.value) is list
    symbolic = 0
    for key, item in entries[:MAX_INSTANCES]:
        if is_many(item) or is_many(key):
            symbolic += 1
            found.append(_loose(key, item, address, symbolic))
            continue
        text = (item if is_set else key).value
        if not isinstance(text, str | Template):
            text = str(text)
        found.append(Member(f'["{text}"]', (("each.key", item if is_set else key), ("each.value", item))))
    return found


def _loose(key: Node, item: Node, address: str, at: int) -> Member:
    """An instance for each of any number of elements, of which the value may have a form that is known."""
    value = copy(item, item)
    is_plain = isinstance(value.value, Template) and len(value.value.parts) == 1
    name = named(f"{address} each.key", "each.key", key, STRING)
    if is_plain:
        value = named(f"{address} each.value", "each.value", item, value.type or ANY)
    return Member(f"[*{at if at > 1 else ''}]", (("each.key", name), ("each.value", value)))


def _symbolic(kind: str, address: str, home: Node) -> Member:
    if kind == "count":
        return Member(SYMBOLIC, (("count.index", named(f"{address} count.index", "count.index", home, NUMBER)),))
    each = (("each.key", STRING), ("each.value", ANY))
    return Member(SYMBOLIC, tuple((name, named(f"{address} {name}", name, home, type_)) for name, type_ in each))


def named(name: str, spelling: str, home: Node, type_: Type) -> Value:
    """A value that is not known, under a name of its own, as it is spelled in the file."""
    part = Hole(name, f"${{{spelling}}}")
    return Value(Template((part,)), home, type_, (Piece(part, home),), unknown=name)


def together(members: Members, nodes: Sequence[Node], address: str, home: Node) -> Node:
    """All instances as the value that a reference to them gives."""
    if members.kind == "single":
        return nodes[0]
    name = address if any(member.is_symbolic for member in members.found) else ""
    items = [
        copy(node, node).as_many() if member.is_symbolic else node
        for member, node in zip(members.found, nodes, strict=True)
    ]
    if members.kind == "count":
        return Value(items, home, unknown=name)
    entries = Object()
    for member, item in zip(members.found, items, strict=True):
        key = dict(member.given).get("each.key") or plain("", home)
        entries += [copy(key, key).as_many() if member.is_symbolic else key, item]
    return Value(entries, home, unknown=name)
