"""`aws_iam_policy_document`: the policy that its blocks make, every part of it at the place where it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.template.computed import pieces_of, text_of
from bedrock_policy_lint.frontends.terraform.records import CIRCULAR
from bedrock_policy_lint.frontends.terraform.types import STRING
from bedrock_policy_lint.frontends.terraform.values import (
    Exceeded,
    Failed,
    Value,
    as_text,
    can_meet,
    is_many,
    many,
    name_of,
    plain,
    text,
    unknown,
)
from bedrock_policy_lint.model.text import Template, Text, is_text
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bedrock_policy_lint.frontends.terraform.configuration import Component, Configuration

TYPE = "data.aws_iam_policy_document"
ATTRIBUTES = ("json", "minified_json")

_BEFORE = ("source_json", "source_policy_documents")
_AFTER = ("override_policy_documents", "override_json")
_LISTS = {"actions": "Action", "not_actions": "NotAction", "resources": "Resource", "not_resources": "NotResource"}
_WHO = {"principals": "Principal", "not_principals": "NotPrincipal"}
_PAIRS = (("actions", "not_actions"), ("resources", "not_resources"), ("principals", "not_principals"))
_WITH_VARIABLES = ("resources", "not_resources")
"""Where `&{` begins a policy variable, besides conditions and principals."""
_VARIABLE, _OLD = "&{", "2008-10-17"
_VERSION = "2012-10-17"


def install(configuration: Configuration) -> None:
    """Let references to a policy document come to what its blocks make."""
    configuration.computed[TYPE] = lambda component, name: attribute(configuration, component, name)


def attribute(configuration: Configuration, component: Component, name: str) -> Node | None:
    """What a reference to an attribute of a policy document comes to; None for what it is declared with."""
    if name not in ATTRIBUTES or is_made(component):
        return None
    full = f"{component.name}.{name}"
    # Both attributes are one and the same policy.
    found = configuration.ledger.once(("policy document", component.name), lambda: made(configuration, component))
    if found is CIRCULAR:
        message = f"`{full}` refers to itself, directly or through others"
        configuration.evaluator.fault(component.node, message, "break the cycle: remove one of these references")
        return unknown(full, component.node, STRING)
    return found  # type: ignore[no-any-return]


def is_made(component: Component) -> bool:
    """Whether it says itself what it comes to, as in a plan."""
    return component.declared.body.attribute(ATTRIBUTES[0]) is not None


def texts(component: Component) -> Iterator[Node]:
    """The documents that a policy document is merged with."""
    for name in (*_BEFORE, *_AFTER):
        yield from (node for node in component.items(name) if not _is_empty(node))


def statements(component: Component) -> list[Node]:
    """The statements that its own blocks make."""
    return [statement(block) for block in component.items("statement")]


def made(configuration: Configuration, component: Component) -> Node:
    """A text whose tree is the policy."""
    from bedrock_policy_lint.frontends.terraform.functions.encoding import FUNCTIONS

    _refuse_variables(configuration, component)
    home, evaluator = component.node, configuration.evaluator
    found = unknown(f"{component.name}.json", home, STRING)
    try:
        tree = _merged(configuration, component)
        found.inner = tree
        encoded = FUNCTIONS["jsonencode"].call(evaluator, "jsonencode", [tree], home)
    except (Failed, Exceeded) as failure:
        if failure.message:
            evaluator.failed(failure)
        return found
    if isinstance(encoded, Value) and not encoded.unknown:
        found = encoded
        found.inner = tree
    return found


def _merged(configuration: Configuration, component: Component) -> Node:
    merged = _Merged(component.node)
    for name in _BEFORE:
        for node in component.items(name):
            merged.put_before(node, _tree(configuration, node))
    merged.put_own(component)
    for name in _AFTER:
        for node in component.items(name):
            merged.put_over(node, _tree(configuration, node))
    return merged.tree()


def _tree(configuration: Configuration, node: Node) -> Node | None:
    """The tree of a document that is merged with; None when it is not known."""
    found = configuration.embedded(node) if is_text(node) else None
    return found if found is not None and isinstance(found.value, Object) else None


def _is_empty(node: Node) -> bool:
    return node.value is None or node.value == ""


def _refuse_variables(configuration: Configuration, component: Component) -> None:
    """Tell of policy variables in a version of the language that has none."""
    version = component.get("version")
    if version is None or version.value != _OLD:
        return
    for block in component.items("statement"):
        for name in _WITH_VARIABLES:
            for item in _entries(block.get(name)):
                if _VARIABLE in str(item.value):
                    message = f"a policy of version {_OLD} has no variables, and Terraform refuses `&{{` in it"
                    configuration.evaluator.fault(item, message, f'write `version = "{_VERSION}"`')


class _Merged:
    """A document put together of several, as the provider does it."""

    __slots__ = ("_home", "_id", "_is_more", "_places", "_statements", "_version")

    def __init__(self, home: Node) -> None:
        self._home = home
        self._version: Node | None = None
        self._id: Node | None = None
        self._statements: list[Node] = []
        self._places: dict[Text, int] = {}
        """By Sid: where its statement stands."""
        self._is_more = False
        """Whether there may be statements even if none can be seen."""

    def put_before(self, node: Node, tree: Node | None) -> None:
        """Add a document whose statements must not have the Sids of each other."""
        if _is_empty(node):
            return
        if tree is None:
            self._put_unknown(node)
            return
        self._put_head(tree)
        for one in _statements_of(tree, node):
            self._append(one)

    def put_own(self, component: Component) -> None:
        """Add the blocks; each replaces a statement of the same Sid from before."""
        version = component.get("version") or plain(_VERSION, component.node)
        self._put_version(version)
        id_ = component.get("policy_id")
        if id_ is not None and not _is_empty(id_):
            self._id = _as_text(id_)
        before, self._places = self._places, {}
        self._is_more = self._is_more or any(is_many(one) for one in component.items("statement"))
        declared = component.declared.body
        self._is_more = self._is_more or bool(declared.blocks("dynamic", 1))
        for one in statements(component):
            self._put(one, before)
        self._places = {**before, **self._places}

    def put_over(self, node: Node, tree: Node | None) -> None:
        """Add a document whose statements replace those of the same Sid."""
        if _is_empty(node):
            return
        if tree is None:
            self._put_unknown(node)
            for at in self._places.values():
                self._statements[at] = many(self._statements[at])
            return
        self._put_head(tree)
        for one in _statements_of(tree, node):
            self._put(one, self._places)

    def tree(self) -> Node:
        """The policy."""
        home = self._home
        members = Object([plain("Version", home), self._version or plain(_VERSION, home)])
        if self._id is not None:
            members += [plain("Id", home), self._id]
        if self._statements:
            members += [plain("Statement", home), Value(self._statements, home)]
        elif self._is_more:
            members += [unknown("statement", home, STRING), unknown("statements", home)]
        return Value(members, home)

    def _put_unknown(self, node: Node) -> None:
        self._statements.append(unknown(f"{name_of(node)} statements", node))

    def _put_head(self, tree: Node) -> None:
        self._is_more = True
        version, id_ = tree.value.get("Version"), tree.value.get("Id")
        if version is not None:
            self._put_version(version)
        if id_ is not None and not _is_empty(id_):
            self._id = id_

    def _put_version(self, version: Node) -> None:
        now = self._version
        if now is None or (isinstance(now.value, str) and isinstance(version.value, str) and version.value > now.value):
            self._version = version

    def _append(self, one: Node) -> None:
        sid = _sid(one)
        if sid:
            self._places.setdefault(sid, len(self._statements))
        self._statements.append(one)

    def _put(self, one: Node, there: dict[Text, int]) -> None:
        """Put a statement in the place of the one of its Sid, or behind all."""
        sid = _sid(one)
        at = there.get(sid) if sid and not is_many(one) else None
        if at is not None:
            self._statements[at] = one
            self._places[sid] = at
            return
        if isinstance(sid, Template) or is_many(one):
            self._make_doubtful(sid, there)
        self._append(one)

    def _make_doubtful(self, sid: Text, there: dict[Text, int]) -> None:
        """Note of the statements whose Sid it may come to have that they are perhaps replaced."""
        for other, at in there.items():
            if sid and can_meet(sid, other):
                self._statements[at] = many(self._statements[at])


def _sid(statement: Node) -> Text:
    node = statement.get("Sid")
    return node.value if node is not None and is_text(node) else ""


def _statements_of(tree: Node, node: Node) -> Iterator[Node]:
    """The statements of a document that is merged with; perhaps there, if the document is."""
    found = tree.value.get("Statement")
    for one in found.items if found is not None else ():
        yield many(one) if is_many(node) and not is_many(one) else one
    if found is None and any(isinstance(key.value, Template) for key in tree.value[::2]):
        yield unknown(f"{name_of(node)} statements", node)


# Statements


def statement(block: Node) -> Node:
    """A block, or an object of the same members, as a statement."""
    if not isinstance(block.value, Object):
        return block
    members = Object()
    doubtful = _doubtful(block.value)
    for key, value in block.value.pairs():
        if isinstance(key.value, Template):
            members += [key, value]
        elif key.value in doubtful:
            members += doubtful[key.value]
        elif value.value is not None:
            members += _member(key, value)
    if not any(key.value == "Effect" for key in members[::2]):
        members += [plain("Effect", block), plain("Allow", block)]
    is_open = isinstance(block, Value) and block.is_open
    if is_open:
        members += [unknown(f"{name_of(block)} member", block, STRING), unknown(f"{name_of(block)} value", block)]
    found = Value(members, block)
    return found.as_many() if is_many(block) else found


def _doubtful(block: Object) -> dict[str, list[Node]]:
    """What comes of members that may be null, so that it is not known which of a pair is there: one of unknown name;
    nothing beside one that is certain."""
    found: dict[str, list[Node]] = {}
    for pair in _PAIRS:
        there = [(name, value) for name in pair if (value := block.get(name)) is not None and value.value is not None]
        loose = [(name, value) for name, value in there if _may_be_absent(value)]
        if len(there) > 1:
            for name, value in loose:
                key = unknown(f"{name} or not", value, STRING)
                found[name] = [key, value] if len(loose) == len(there) else []
    return found


def _may_be_absent(value: Node) -> bool:
    """Whether a value may come to null, or to no elements."""
    if isinstance(value, Value) and value.unknown and None not in value.never:
        return True
    return type(value.value) is list and all(map(is_many, value.value))


def _member(key: Node, value: Node) -> list[Node]:
    """The members of a statement that come of one of its block."""
    name = key.value
    if name == "sid":
        return [] if value.value == "" else [plain("Sid", key), _as_text(value)]
    if name == "effect":
        return [plain("Effect", key), _as_text(value)]
    if name in _LISTS:
        found = [_unescaped(one) if name in _WITH_VARIABLES else one for one in _texts(value)]
        return [plain(_LISTS[name], key), _list(found, value)] if found else []
    if name in _WHO:
        blocks = _entries(value, "type")
        return [plain(_WHO[name], key), _who(blocks, value)] if blocks else []
    if name in ("condition", "conditions"):
        blocks = _entries(value, "test")
        return [plain("Condition", key), _condition(blocks, value)] if blocks else []
    return []


def _texts(node: Node) -> list[Node]:
    """The elements of a set of texts; one that is written twice stands there twice, to be told and mended."""
    return [_as_text(one) for one in _entries(node) if one.value is not None]


def _as_text(node: Node) -> Node:
    """A number, `true` and `false` become texts."""
    return as_text(node) if isinstance(node.value, bool | int | float) else node


def _entries(node: Node | None, mark: str = "") -> list[Node]:
    """The elements of a list, or the values of a map, unless that has the member `mark`, as one element has."""
    if node is None or node.value is None:
        return []
    if isinstance(node.value, Object) and mark and node.value.get(mark) is None:
        return [many(item) if isinstance(key.value, Template) else item for key, item in node.value.pairs()]
    return node.items


def _list(items: list[Node], home: Node) -> Node:
    return items[0] if len(items) == 1 and not is_many(items[0]) else Value(items, home)


def _unescaped(node: Node) -> Node:
    """A text in which `&{` has become `${`, which is how Terraform has people write policy variables."""
    if not is_text(node) or _VARIABLE not in str(node.value):
        return node
    pieces = [
        piece._replace(part=piece.part.replace(_VARIABLE, "${")) if isinstance(piece.part, str) else piece
        for piece in pieces_of(node)
    ]
    found = text(pieces, node)
    return found.as_many() if is_many(node) else found


def _who(blocks: list[Node], home: Node) -> Node:
    """Principals: blocks of one type together; what is not known is a member whose name is none."""
    found: dict[str, tuple[Node, list[Node]]] = {}
    is_more = False
    for block in blocks:
        type_ = block.get("type")
        kind = text_of(type_) if type_ is not None else None
        if type_ is None or not isinstance(kind, str) or is_many(block):
            is_more = True
            continue
        names = [_unescaped(one) for one in _texts(block.get("identifiers") or Node(None, 0, 0, block.source))]
        found.setdefault(kind, (type_, []))[1].extend(names)
    if list(found) == ["*"] and not is_more:
        ((_, names),) = found.values()
        if len(names) == 1 and names[0].value == "*":
            return names[0]
    if any(names for _, names in found.values()):
        found = {kind: entry for kind, entry in found.items() if entry[1]}
    members = Object()
    for kind, (type_, names) in found.items():
        members += [_named(kind, type_), _list(names, home)]
    return _object(members, home, is_more=is_more)


def _condition(blocks: list[Node], home: Node) -> Node:
    """Conditions: those of one operator together, and the values of one key."""
    found: dict[str, tuple[Node, dict[str, tuple[Node, list[Node], Node]]]] = {}
    is_more = False
    for block in blocks:
        test, variable = block.get("test"), block.get("variable")
        operator = text_of(test) if test is not None else None
        name = text_of(variable) if variable is not None else None
        values = block.get("values")
        is_plain = isinstance(operator, str) and isinstance(name, str) and not is_many(block)
        if not is_plain or test is None or variable is None or values is None:
            is_more = True
            continue
        keys = found.setdefault(str(operator), (test, {}))[1]
        entry = keys.setdefault(str(name), (variable, [], values))
        entry[1].extend(map(_unescaped, _texts(values)))
    members = Object()
    for operator_name, (test, keys) in found.items():
        inner = Object()
        for key, (variable, texts_, values) in keys.items():
            inner += [_named(key, variable), _list(texts_, values)]
        members += [_named(operator_name, test), Value(inner, home)]
    return _object(members, home, is_more=is_more)


def _named(name: str, node: Node) -> Node:
    """A text as the name of a member, at its own place."""
    return node if node.value == name else plain(name, node)


def _object(members: Object, home: Node, *, is_more: bool) -> Node:
    if is_more:
        members += [unknown(f"block {home.start}", home, STRING), unknown(f"block {home.start} value", home)]
    return Value(members, home)


def document(blocks: Iterable[Node], home: Node) -> Node | None:
    """The policy that statements make which are given as objects; None when they nest too deep for one."""
    try:
        found = Value([statement(block) for block in blocks], home)
        return Value(Object([plain("Version", home), plain(_VERSION, home), plain("Statement", home), found]), home)
    except Exceeded:
        return None
