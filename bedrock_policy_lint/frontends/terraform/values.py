"""The values of Terraform's expressions: nodes that know their type, their places, and how much of them is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from bedrock_policy_lint.frontends.template.computed import Computed, Piece, hole, parts_at, pieces_of, written
from bedrock_policy_lint.frontends.terraform import numbers
from bedrock_policy_lint.frontends.terraform.types import (
    ANY,
    BOOL,
    NULL,
    NUMBER,
    PRIMITIVE,
    STRING,
    Type,
    converts,
    object_of,
)
from bedrock_policy_lint.model.text import Hole, Template, Text, join
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bedrock_policy_lint.sources.source import Source

MAX_DEPTH = 100
"""So deep may values nest: none of use does."""
MAX_SIZE = 300_000
"""So much may a value hold, counted as often as it is in it: what is named twice by each of sixty is never spelled out.
A string counts for more by its length."""
_LONG = 64
"""So many characters of a string count like one element."""
MANY = "[*]"
"""Stands in the name of a hole for whichever element of a collection."""
_LONGEST = 200


class Failed(Exception):  # noqa: N818
    """Terraform would refuse this; the evaluator makes a fault of it."""

    def __init__(self, node: Node, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.node = node
        self.message = message
        self.hint = hint


class Exceeded(Exception):  # noqa: N818
    """There is more to compute than is reasonable; not even `try` goes on."""

    def __init__(self, node: Node, message: str) -> None:
        super().__init__(message)
        self.node = node
        self.message = message


class Written(Node):
    """A literal text, whose reader knows where its characters stand."""

    __slots__ = ("places",)

    def __init__(self, value: str, start: int, end: int, source: Source, places: Sequence[int]) -> None:
        super().__init__(value, start, end, source)
        self.places = places

    def offsets(self) -> Sequence[int]:
        """Where each of its characters begins, and where the last one ends."""
        return self.places


class Value(Computed):
    """What an expression comes to."""

    __slots__ = ("depth", "is_known", "is_open", "many", "never", "size", "spelling", "type", "unknown")

    def __init__(
        self,
        value: Any,
        home: Node,
        type_: Type | None = None,
        pieces: tuple[Piece, ...] = (),
        inner: Node | None = None,
        *,
        unknown: str = "",
        is_open: bool = False,
    ) -> None:
        super().__init__(value, home, pieces, inner)
        self.type = type_
        """Of a list, set, map or what is not known; a text, number, tuple or object tells its own."""
        self.many = False
        """As an element or a key: it stands for any number of such, perhaps none."""
        self.unknown = unknown
        """The name of a value that is not known, though its form may be. It can be null."""
        self.is_open = is_open
        """Whether an object may have members beside those that it shows."""
        self.never: frozenset[str | None] = frozenset()
        """Of what is not known: texts that it is certainly none of; None among them when it is not null."""
        self.is_known = not unknown and not is_open
        self.depth = 0
        self.size = 1
        self.spelling = ""
        """What `spelled` has made of it."""
        if isinstance(value, list):
            for child in value:
                depth, known, size = _facts(child)
                self.depth = max(self.depth, depth + 1)
                self.is_known = self.is_known and known
                self.size += size
            if self.depth > MAX_DEPTH:
                raise Exceeded(home, f"values nest here more than {MAX_DEPTH} deep")
            if self.size > MAX_SIZE:
                raise Exceeded(home, "this value is too large to be looked at")
        elif isinstance(value, Template):
            self.is_known = False
        elif isinstance(value, str):
            self.size += len(value) // _LONG

    def as_many(self) -> Value:
        """The same, for any number of elements."""
        found = Value(self.value, self, self.type, self.pieces, self.inner, unknown=self.unknown, is_open=self.is_open)
        found.many = True
        found.is_known = False
        return found


def _facts(node: Node) -> tuple[int, bool, int]:
    """How deep a value nests, whether all of it is known, and how large it is."""
    if isinstance(node, Value):
        return node.depth, node.is_known, node.size
    value = node.value
    if isinstance(value, list):
        depths, known, sizes = zip(*map(_facts, value), strict=True) if value else ((0,), (True,), (0,))
        return 1 + max(depths), all(known), 1 + sum(sizes)
    return 0, not isinstance(value, Template), 1 + len(value) // _LONG if isinstance(value, str) else 1


def is_known(node: Node) -> bool:
    """Whether everything about a value is known."""
    return _facts(node)[1]


def size_of(node: Node) -> int:
    """How much a value holds, counted as often as it is in it."""
    return _facts(node)[2]


def is_many(node: Node) -> bool:
    """Whether an element stands for any number of them."""
    return isinstance(node, Value) and node.many


def many(node: Node) -> Value:
    """An element that stands for any number of such."""
    return (node if isinstance(node, Value) else copy(node, node)).as_many()


def copy(node: Node, home: Node, type_: Type | None = None) -> Value:
    """The same value as a `Value`, at a place and perhaps of another type."""
    own = node.type if isinstance(node, Value) else None
    pieces = pieces_of(node) if isinstance(node.value, str | Template) else ()
    inner = node.inner if isinstance(node, Computed) else None
    name = node.unknown if isinstance(node, Value) else ""
    is_open = isinstance(node, Value) and node.is_open
    return Value(node.value, home, type_ or own, pieces, inner, unknown=name, is_open=is_open)


# Making values


def plain(value: Any, home: Node, type_: Type | None = None) -> Value:
    """A value that is computed, all of it at one place: a scalar, or a Python list or dict of such."""
    if isinstance(value, Node):
        return value if isinstance(value, Value) else copy(value, value, type_)
    inner = type_.inner if type_ is not None else None
    if isinstance(value, dict):
        members = Object()
        for key, item in value.items():
            members += [plain(key, home), plain(item, home, inner)]
        return Value(members, home, type_)
    if isinstance(value, list | tuple):
        return Value([plain(item, home, inner) for item in value], home, type_)
    if isinstance(value, str | Template):
        return Value(value, home, None, parts_at(value, home))
    return Value(value, home, type_)


def text(pieces: Iterable[Piece], home: Node) -> Value:
    """The text that pieces make; what comes from elsewhere is taken to stand where it is put in."""
    kept = [piece for piece in pieces if piece.part != ""]
    value = join([piece.part for piece in kept])
    return Value(value, home, None if isinstance(value, str) else STRING, tuple(kept))


def within(node: Node, home: Node, place: Node) -> tuple[Piece, ...]:
    """The pieces of a scalar as part of a text: at their own places, if those lie in that text, else at `place`."""
    if place.source is not home.source:
        place = home
    pieces = text_pieces(node)
    if all(
        piece.node.source is home.source and home.start <= piece.node.start and piece.node.end <= home.end
        for piece in pieces
    ):
        return pieces
    return tuple(Piece(piece.part, place) for piece in pieces)


def text_pieces(node: Node) -> tuple[Piece, ...]:
    """The pieces of a scalar as a text."""
    value = node.value
    if isinstance(value, str | Template):
        return pieces_of(node)
    return (Piece(spell_scalar(value), node),)


def spell_scalar(value: Any) -> str:
    """A number or boolean as Terraform turns it into text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return numbers.spell(value)


def unknown(name: str, home: Node, type_: Type = ANY, values: tuple[str, ...] = ()) -> Value:
    """A value that is not known, of a type that may be: a hole, or a list or object of holes."""
    if type_.inner is not None:
        element = unknown(name + MANY, home, type_.inner).as_many()
        if type_.kind == "map":
            return Value(Object([unknown(f"{name} key", home, STRING).as_many(), element]), home, type_, unknown=name)
        return Value([element], home, type_, unknown=name)
    if type_.kind == "object":
        members = Object()
        for member, one in type_.members:
            members += [plain(member, home), unknown(f"{name}.{member}", home, one)]
        return Value(members, home, type_, unknown=name)
    if type_.kind == "tuple":
        items = [unknown(f"{name}[{at}]", home, one) for at, one in enumerate(type_.items)]
        return Value(items, home, type_, unknown=name)
    part = hole(name, values)
    return Value(Template((part,)), home, type_, (Piece(part, home),), unknown=part.name)


def open_object(members: Object, name: str, home: Node) -> Value:
    """An object of which some members are known, such as a resource with what it is declared with."""
    return Value(members, home, unknown=name, is_open=True)


# Types


def type_of(node: Node) -> Type:  # noqa: PLR0911
    """The type of a value."""
    if isinstance(node, Value) and node.type is not None:
        return node.type
    value = node.value
    if isinstance(value, Object):
        if isinstance(node, Value) and node.is_open:
            return ANY
        if any(isinstance(key.value, Template) or is_many(key) for key in value[::2]):
            return ANY
        return object_of((key.value, type_of(item)) for key, item in value.pairs())
    if isinstance(value, list):
        if any(is_many(item) for item in value):
            return ANY
        return Type("tuple", items=tuple(type_of(item) for item in value))
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, int | float):
        return NUMBER
    return NULL if value is None else STRING


def kind_of(node: Node) -> str:
    """The kind of a value's type, without looking into it: `tuple` and `object` even where the rest is not known."""
    if isinstance(node, Value) and node.type is not None:
        return node.type.kind
    value = node.value
    if isinstance(value, list):
        return "object" if isinstance(value, Object) else "tuple"
    return type_of(node).kind


def is_unsettled(node: Node) -> bool:
    """Whether not even the form of a value is known."""
    return (
        isinstance(node, Value) and node.type is not None and node.type.kind == "any" and type(node.value) is Template
    )


def is_list(node: Node) -> bool:
    """Whether a value is a list, set or tuple of which elements can be seen."""
    return type(node.value) is list


def name_of(node: Node) -> str:
    """How to call a value that is not known, so that the same value has the same name."""
    if isinstance(node, Value) and node.unknown:
        return node.unknown
    return spelled(node)


def spelled(node: Node) -> str:
    """One spelling for a value."""
    if isinstance(node, Value) and node.spelling:
        return node.spelling
    parts: list[str] = []
    _spell(node, parts)
    found = shortened("".join(parts))
    if isinstance(node, Value):
        node.spelling = found
    return found


def shortened(name: str) -> str:
    """A name of a length that can be read."""
    if len(name) <= _LONGEST:
        return name
    from zlib import crc32

    return f"{name[:_LONGEST]}… {crc32(name.encode('utf-8', 'surrogatepass')):x}"


def _spell(node: Node, parts: list[str]) -> None:
    value = node.value
    if isinstance(node, Value) and node.unknown and not node.is_open:
        parts.append(node.unknown)
    elif isinstance(value, Object):
        parts.append("{")
        for key, item in value.pairs():
            _spell(key, parts)
            parts.append(" = ")
            _spell(item, parts)
            parts.append(", ")
        parts.append("}")
    elif isinstance(value, list):
        parts.append("[")
        for at, item in enumerate(value):
            if at:
                parts.append(", ")
            _spell(item, parts)
        parts.append("]")
    elif isinstance(value, str | Template):
        parts.append(f"'{value}'")
    else:
        parts.append("null" if value is None else spell_scalar(value))


# What a value can be


class Sight(NamedTuple):
    """What an object says of a name."""

    nodes: tuple[Node, ...]
    """The values that the name can have."""
    is_certain: bool
    """Whether it has one of them."""


def look(node: Node, name: str) -> Sight:
    """The values that a member of an object can have."""
    found: list[Node] = []
    members: Object = node.value
    if isinstance(node, Value) and node.is_known:
        exact = members.get(name)
        return Sight(() if exact is None else (exact,), True)
    for at in range(len(members) - 2, -1, -2):
        key = members[at]
        if key.value == name:
            found.append(members[at + 1])
            if not is_many(key):
                return Sight(tuple(found), True)
        elif isinstance(key.value, Template) and can_read(key.value, name):
            found.append(members[at + 1])
    is_open = isinstance(node, Value) and node.is_open
    return Sight(tuple(found), not found and not is_open)


def can_read(pattern: Text, name: str) -> bool:
    """Whether a text with holes can come out as a given one, as far as its ends and closed sets tell."""
    if isinstance(pattern, str):
        return pattern == name
    first, last = pattern.parts[0], pattern.parts[-1]
    if isinstance(first, str) and not name.startswith(first):
        return False
    if isinstance(last, str) and not name.endswith(last):
        return False
    if len(pattern.parts) == 1 and isinstance(first, Hole) and first.values:
        return name in first.values
    return sum(len(part) for part in pattern.parts if isinstance(part, str)) <= len(name)


def can_meet(one: Text, other: Text) -> bool:
    """Whether two texts can come out the same."""
    if isinstance(one, str):
        return can_read(other, one)
    if isinstance(other, str):
        return can_read(one, other)
    closed = [_closed(text) for text in (one, other)]
    if closed[0] and closed[1]:
        return not closed[0].isdisjoint(closed[1])
    ends = [(text.parts[0], text.parts[-1]) for text in (one, other)]
    (first, last), (start, end) = ends
    if isinstance(first, str) and isinstance(start, str):
        short = min(len(first), len(start))
        if first[:short] != start[:short]:
            return False
    if isinstance(last, str) and isinstance(end, str):
        short = min(len(last), len(end))
        return last[-short:] == end[-short:]
    return True


def _closed(text: Template) -> set[str]:
    part = text.parts[0]
    return set(part.values) if len(text.parts) == 1 and isinstance(part, Hole) else set()


def equal(one: Node, other: Node) -> bool | None:  # noqa: PLR0911
    """Whether two values are equal, their types included; None where that is not known."""
    if one.value is None or other.value is None:
        if one.value is None and other.value is None:
            return True
        there = other if one.value is None else one
        return None if isinstance(there, Value) and there.unknown and None not in there.never else False
    kinds = kind_of(one), kind_of(other)
    name = _own(one)
    if name and name == _own(other) and kinds[0] == kinds[1]:
        return None if MANY in name or (isinstance(one, Value) and one.is_open) else True
    if _is_ruled_out(one, other) or _is_ruled_out(other, one):
        return False
    if "any" in kinds:
        return _meet(one, other)
    if kinds[0] != kinds[1]:
        return False
    if kinds[0] in PRIMITIVE:
        return _equal_scalars(one, other)
    types = type_of(one), type_of(other)
    settled = ANY not in types and not _has_any(types[0]) and not _has_any(types[1])
    if settled and _loose(types[0]) != _loose(types[1]):
        return False
    return _equal_collections(one, other, kinds[0])


def _is_ruled_out(node: Node, value: Node) -> bool:
    return isinstance(node, Value) and isinstance(value.value, str) and value.value in node.never


def _loose(type_: Type) -> Type:
    """A type without what only a constraint says."""
    return type_._replace(
        inner=None if type_.inner is None else _loose(type_.inner),
        items=tuple(_loose(one) for one in type_.items),
        members=tuple((name, _loose(one)) for name, one in type_.members),
        optional=frozenset(),
    )


def _has_any(type_: Type) -> bool:
    if type_.kind in ("any", "null"):
        return True
    if type_.inner is not None:
        return _has_any(type_.inner)
    return any(map(_has_any, type_.items)) or any(_has_any(one) for _, one in type_.members)


def _meet(one: Node, other: Node) -> bool | None:
    """Of values one of which has an unknown type: only a closed set of texts tells anything."""
    if isinstance(one.value, str | Template) and isinstance(other.value, str | Template):
        return None if can_meet(one.value, other.value) else False
    return None


def _equal_scalars(one: Node, other: Node) -> bool | None:
    left, right = one.value, other.value
    if isinstance(left, Template) or isinstance(right, Template):
        if left == right and not any(MANY in part.name for part in left.holes):
            return True
        if kind_of(one) != "string":
            return None
        return None if can_meet(left, right) else False
    if isinstance(left, bool | str):
        return bool(left == right)
    return numbers.exact(left) == numbers.exact(right)


def _equal_collections(one: Node, other: Node, kind: str) -> bool | None:
    if kind in ("map", "object"):
        return _equal_keys(one, other)
    if any(map(is_many, one.value)) or any(map(is_many, other.value)):
        return None
    if kind == "set" and not (is_known(one) and is_known(other)):
        return None
    if len(one.value) != len(other.value):
        return False
    return _all([equal(*pair) for pair in zip(one.value, other.value, strict=True)])


def _equal_keys(one: Node, other: Node) -> bool | None:
    for node in (one, other):
        is_open = isinstance(node, Value) and node.is_open
        if is_open or any(isinstance(key.value, Template) or is_many(key) for key in node.value[::2]):
            return None
    left = {key.value: item for key, item in one.value.pairs()}
    right = {key.value: item for key, item in other.value.pairs()}
    if left.keys() != right.keys():
        return False
    return _all([equal(left[name], right[name]) for name in left])


def _all(answers: Sequence[bool | None]) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True


# Conversion


def convert(node: Node, wanted: Type) -> Node:  # noqa: PLR0911
    """A value as one of a type; raises `Failed` where Terraform refuses that."""
    kind = wanted.kind
    if kind in ("any", "null"):
        return node
    if node.value is None:
        return Value(None, node, wanted)
    if is_unsettled(node):
        if kind == "string":
            return retyped(node, STRING)
        return unknown(name_of(node), node, wanted, _values(node) if kind in PRIMITIVE else ())
    if kind == "string":
        return as_text(node)
    if kind == "number":
        return _as_number(node)
    if kind == "bool":
        return _as_bool(node)
    if kind in ("list", "set", "tuple"):
        return _as_list(node, wanted)
    return _as_map(node, wanted) if kind == "map" else _as_object(node, wanted)


def retyped(node: Node, type_: Type) -> Value:
    """A value that is not known as one of a narrower type."""
    return copy(node, node, type_)


def _values(node: Node) -> tuple[str, ...]:
    value = node.value
    part = value.parts[0] if isinstance(value, Template) and len(value.parts) == 1 else None
    return part.values if isinstance(part, Hole) else ()


def as_text(node: Node) -> Node:
    """A scalar as text."""
    value = node.value
    if isinstance(value, str):
        return node
    if isinstance(value, Template):
        return node if isinstance(node, Value) and node.type == STRING else retyped(node, STRING)
    if isinstance(value, bool | int | float):
        return Value(spell_scalar(value), node, None, text_pieces(node))
    raise Failed(node, f"a string is needed here, and this is {a_kind(node)}")


def a_kind(node: Node) -> str:
    """What a value is, for messages."""
    names = {"string": "a string", "bool": "true or false", "object": "an object", "null": "null"}
    if node.value is None:
        return "null"
    kind = kind_of(node)
    return names.get(kind, f"a {kind}")


def _as_number(node: Node) -> Node:
    value = node.value
    if isinstance(value, bool | list):
        raise Failed(node, f"a number is needed here, and this is {a_kind(node)}")
    if isinstance(value, int | float):
        return node
    if isinstance(value, Template):
        if kind_of(node) == "bool":
            raise Failed(node, "a number is needed here, and this is true or false")
        return node if kind_of(node) == "number" else unknown(name_of(node), node, NUMBER)
    found = numbers.read(value)
    if found is None:
        raise Failed(node, "a number is needed here, and this string is not one")
    return Value(found, node)


def _as_bool(node: Node) -> Node:
    value = node.value
    if isinstance(value, bool):
        return node
    if isinstance(value, Template):
        if kind_of(node) == "number":
            raise Failed(node, "true or false is needed here, and this is a number")
        return node if kind_of(node) == "bool" else unknown(name_of(node), node, BOOL)
    if value in ("true", "1"):
        return Value(True, node)
    if value in ("false", "0"):
        return Value(False, node)
    raise Failed(node, f"true or false is needed here, and this is {a_kind(node)}")


def _as_list(node: Node, wanted: Type) -> Node:
    if not is_list(node) or (wanted.kind == "tuple" and kind_of(node) == "set"):
        raise Failed(node, f"a {wanted.kind} is needed here, and this is {a_kind(node)}")
    items: list[Node] = node.value
    if wanted.kind == "tuple":
        if any(map(is_many, items)):
            return unknown(name_of(node), node, wanted)
        if len(items) != len(wanted.items):
            raise Failed(node, f"{len(wanted.items)} elements are needed here, and this has {len(items)}")
        return _rebuilt(node, [convert(*pair) for pair in zip(items, wanted.items, strict=True)], wanted)
    found, inner = _all_alike(node, items, wanted)
    type_ = Type(wanted.kind, inner)
    if kind_of(node) == "set" and not is_known(node):
        found = [many(item) for item in found]
    if wanted.kind == "set":
        found = ordered(found)
    return _rebuilt(node, found, type_)


def _all_alike(node: Node, items: list[Node], wanted: Type) -> tuple[list[Node], Type]:
    own = node.type.inner if isinstance(node, Value) and node.type is not None else None
    if own is not None and own != ANY and wanted.inner == ANY:
        return items, own
    if own is not None and wanted.inner is not None and not converts(own, wanted.inner):
        raise Failed(node, f"a {wanted} is needed here, and this is a {node.type}")  # type: ignore[attr-defined]
    return alike(node, items, wanted.inner or ANY)


def _rebuilt(node: Node, value: list[Node], type_: Type) -> Node:
    if isinstance(node, Value):
        if node.type == type_:
            return node
        return Value(value, node, type_, unknown=node.unknown)
    return Value(value, node, type_)


def alike(home: Node, items: list[Node], inner: Type) -> tuple[list[Node], Type]:
    """Values as all of one type; `any` is the type that they have in common."""
    from bedrock_policy_lint.frontends.terraform.types import unify

    if inner == ANY:
        common = unify([type_of(item) for item in items])
        if common is None and any(map(is_many, items)):
            common = ANY
        if common is None:
            raise Failed(home, "all elements must have one type here, and these have none in common")
        if common == ANY:
            return [blurred(item) for item in items], ANY
        if common.kind == "null":
            return items, common
        inner = common
    return [_element(item, inner) for item in items], inner


def _element(item: Node, inner: Type) -> Node:
    if not is_many(item):
        return convert(item, inner)
    try:
        return _kept(item, convert(item, inner))
    except Failed:
        # There may be no such element, and nothing wrong with it then.
        return many(unknown(name_of(item), item, inner))


def _kept(item: Node, found: Node) -> Node:
    return many(found) if is_many(item) and not is_many(found) else found


def blurred(node: Node) -> Node:
    """A value beside one of an unknown type, which it takes on: a number may become a text."""
    value = node.value
    if isinstance(value, bool | int | float):
        spelling = spell_scalar(value)
        return unknown(spelling, node, ANY, (spelling,))
    if isinstance(value, list) and not (isinstance(node, Value) and node.type is not None):
        if isinstance(value, Object):
            members = Object(blurred(child) if at % 2 else child for at, child in enumerate(value))
            return Value(members, node, unknown=_own(node), is_open=isinstance(node, Value) and node.is_open)
        return _kept(node, Value([blurred(child) for child in value], node, unknown=_own(node)))
    return node


def _own(node: Node) -> str:
    return node.unknown if isinstance(node, Value) else ""


def ordered(items: list[Node]) -> list[Node]:
    """The elements of a set: each once, in the order that Terraform gives them."""
    found: list[Node] = []
    seen: dict[Any, Node] = {}
    others: list[Node] = []
    for item in items:
        value = item.value
        if isinstance(value, bool | int | float | str) and not is_many(item):
            key = (type(value) is str, type(value) is bool, value if isinstance(value, str) else numbers.exact(value))
            seen.setdefault(key, item)
        elif not any(equal(item, other) for other in others[-_MOST_COMPARED:]):
            others.append(item)
    found = [seen[key] for key in sorted(seen)]
    known = [item for item in others if is_known(item)]
    known.sort(key=spelled)
    return [*found, *known, *(item for item in others if not is_known(item))]


_MOST_COMPARED = 200


def _as_map(node: Node, wanted: Type) -> Node:
    if not isinstance(node.value, Object):
        raise Failed(node, f"a map is needed here, and this is {a_kind(node)}")
    keys, items = node.value[::2], node.value[1::2]
    found, inner = _all_alike(node, items, wanted)
    type_ = Type("map", inner)
    if isinstance(node, Value) and node.type == type_:
        return node
    members = Object()
    for pair in zip(keys, found, strict=True):
        members += pair
    return Value(members, node, type_, unknown=_own(node), is_open=isinstance(node, Value) and node.is_open)


def _as_object(node: Node, wanted: Type) -> Node:
    if not isinstance(node.value, Object):
        raise Failed(node, f"an object is needed here, and this is {a_kind(node)}")
    members = Object()
    for name, type_ in wanted.members:
        members += [plain(name, node), _member(node, name, type_, name in wanted.optional)]
    return Value(members, node, None if is_known(node) else wanted, unknown=_own(node))


def _member(node: Node, name: str, type_: Type, is_optional: bool) -> Node:
    sight = look(node, name)
    if sight.is_certain and sight.nodes and len(sight.nodes) == 1:
        return convert(sight.nodes[0], type_)
    if not sight.is_certain:
        return unknown(f"{name_of(node)}.{name}", node, type_)
    if sight.nodes:
        return unknown(f"{name_of(node)}.{name}", node, type_)
    if is_optional:
        return Value(None, node, type_)
    raise Failed(node, f"the object has no attribute `{name}`, which is needed here")


def pairs(node: Node) -> list[tuple[Node, Node]]:
    """The members of an object in Terraform's order, those with a name that is not known behind the others."""
    found = list(node.value.pairs())
    found.sort(key=lambda pair: (isinstance(pair[0].value, Template), str(pair[0].value)))
    return found


def put(members: Object, key: Node, item: Node, places: dict[str, int]) -> None:
    """Add a member to an object that is being made, in place of one of the same name."""
    name = key.value
    if isinstance(name, str) and not is_many(key):
        at = places.get(name)
        if at is not None:
            members[at] = key
            members[at + 1] = item
            return
        places[name] = len(members)
    elif not isinstance(name, str):
        # It may be any of the names before it, which no longer are certain to hold.
        places.clear()
    members += [key, item]


def has_unknown_length(node: Node) -> bool:
    """Whether it is not known how many elements a collection has."""
    value = node.value
    if isinstance(value, Object):
        is_open = isinstance(node, Value) and node.is_open
        keys = value[::2]
        return is_open or any(is_many(key) or isinstance(key.value, Template) for key in keys)
    if kind_of(node) == "set" and not is_known(node):
        return len(value) > 1 or is_many(value[0])
    return any(map(is_many, value))


def length_of(part: str | Hole) -> int:
    """How long a part of a text is as written."""
    return len(written(part))


class Refused(Value):
    """What Terraform refuses to compute: not known, and of no type that anything else would have to take on."""

    __slots__ = ()

    def __init__(self, home: Node, name: str = "") -> None:
        part = hole(name or f"refused {home.start}")
        super().__init__(Template((part,)), home, ANY, (Piece(part, home),), unknown=part.name)


def node_of(expression: Any) -> Node:
    """The place of a part of the syntax tree."""
    return Node(None, expression.start, expression.end, expression.source)


def truth(node: Node) -> Node:
    """A condition as true, false or unknown."""
    found = convert(node, BOOL)
    if found.value is None:
        raise Failed(node, "a condition is true or false, and this is null")
    return found
