"""Functions of lists, sets, maps and objects; elements stay the nodes that they are."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.terraform.choice import either
from bedrock_policy_lint.frontends.terraform.functions.function import EVERY, Called, Function
from bedrock_policy_lint.frontends.terraform.types import (
    ANY,
    BOOL,
    NUMBER,
    STRING,
    Type,
    list_of,
    map_of,
    set_of,
    unify,
)
from bedrock_policy_lint.frontends.terraform.values import (
    MANY,
    Failed,
    Value,
    a_kind,
    alike,
    blurred,
    convert,
    copy,
    equal,
    has_unknown_length,
    is_known,
    is_many,
    is_unsettled,
    kind_of,
    look,
    many,
    name_of,
    ordered,
    pairs,
    put,
    spelled,
    type_of,
    unknown,
)
from bedrock_policy_lint.model.text import Template
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Callable

_LISTS = list_of(ANY)
MAX_PRODUCT = 100_000


def _elements(node: Node, name: str, *, sets: bool = True) -> list[Node]:
    """The elements of a list argument; of one that is not known any number of an unknown one."""
    if is_unsettled(node):
        return [many(unknown(f"{name_of(node)}{MANY}", node))]
    if type(node.value) is not list or (kind_of(node) == "set" and not sets):
        raise Failed(node, f"`{name}` takes lists, and this is {a_kind(node)}")
    if kind_of(node) == "set" and not is_known(node):
        return [item if is_many(item) else many(item) for item in node.value]
    return list(node.value)


def _concat(called: Called) -> Node:
    found: list[Node] = []
    for node in called.arguments:
        found += _elements(node, "concat", sets=False)
    called.evaluator.spend(len(found), called.home)
    if all(kind_of(node) == "list" for node in called.arguments):
        common = unify([type_of(node) for node in called.arguments])
        if common is not None:
            items, inner = alike(called.home, found, common.inner or ANY)
            return Value(items, called.home, list_of(inner if items else common.inner or ANY))
    if any(is_unsettled(node) for node in called.arguments):
        return Value([blurred(item) if is_many(item) else item for item in found], called.home)
    return Value(found, called.home)


def _flatten(called: Called) -> Node:
    source = called.arguments[0]
    found: list[Node] = []
    waiting = [(item, is_many(item)) for item in reversed(_elements(source, "flatten"))]
    while waiting:
        item, is_loose = waiting.pop()
        if type(item.value) is list:
            inside = _elements(item, "flatten")
            waiting += [(child, is_loose or is_many(child)) for child in reversed(inside)]
        elif is_unsettled(item):
            found.append(many(item))
        else:
            found.append(many(item) if is_loose else item)
        called.evaluator.spend(1, called.home)
    return Value(found, called.home)


def _distinct(called: Called) -> Node:
    source = called.arguments[0]
    found: list[Node] = []
    seen: set[tuple[type, object]] = set()
    is_settled = True
    for item in _elements(source, "distinct"):
        is_new = is_known(item)
        if is_new and isinstance(item.value, str | bool | int | float):
            key = type(item.value), item.value
            if key in seen:
                continue
            seen.add(key)
        elif is_new:
            called.evaluator.spend(len(found), called.home)
            if any(equal(item, other) for other in found):
                continue
        # Behind something unknown an element may be one that has been there before.
        is_certain = is_settled and (is_new or not found)
        found.append(item if is_certain else many(item))
        is_settled = is_settled and is_new
    return Value(found, called.home, source.type if isinstance(source, Value) else None)


def _merge(called: Called) -> Node:
    members = Object()
    places: dict[str, int] = {}
    given = [node for node in called.arguments if node.value is not None]
    for node in given:
        if is_unsettled(node):
            name = name_of(node)
            put(members, unknown(f"{name} key", node, STRING).as_many(), unknown(f"{name}{MANY}", node), places)
        elif isinstance(node.value, Object):
            called.evaluator.spend(len(node.value), called.home)
            for key, item in node.value.pairs():
                put(members, key, item, places)
            if isinstance(node, Value) and node.is_open:
                name = node.unknown
                put(members, unknown(f"{name} key", node, STRING).as_many(), unknown(f"{name}{MANY}", node), places)
        else:
            raise Failed(node, f"`merge` takes maps and objects, and this is {a_kind(node)}")
    types = [type_of(node) for node in given]
    if given and all(one.kind == "map" for one in types) and all(one == types[0] for one in types):
        return Value(members, called.home, types[0])
    return Value(members, called.home)


def _lookup(called: Called) -> Node:
    source, key = called.arguments[:2]
    default = called.arguments[2] if len(called.arguments) > 2 else None
    if is_unsettled(source):
        return called.unknown()
    if not isinstance(source.value, Object):
        raise Failed(source, f"`lookup` takes a map, and this is {a_kind(source)}")
    type_ = type_of(source)
    if type_.kind == "map" and type_.inner is not None and default is not None and default.value is not None:
        default = _same_type(called, default, type_.inner)
    if not isinstance(key.value, str):
        return _lookup_any(called, source, key, default)
    sight = look(source, key.value)
    if sight.nodes and sight.is_certain:
        return either(sight.nodes, called.spelled, called.home)
    if not sight.is_certain:
        return called.unknown()
    if default is None:
        names = [str(name.value) for name in source.value[::2]]
        message = f"the map has no key `{key.value}`, and `lookup` no default"
        raise Failed(key, message, called.evaluator.nearest(key.value, names))
    return default


def _same_type(called: Called, default: Node, inner: Type) -> Node:
    if inner.kind == "null" or inner == type_of(default) or ANY in (inner, type_of(default)):
        return default
    found = convert(default, inner)
    if unify([inner, type_of(default)]) != inner:
        raise Failed(default, f"the default is not of the type of the map's elements, {inner}")
    return found


def _lookup_any(called: Called, source: Node, key: Node, default: Node | None) -> Node:
    from bedrock_policy_lint.frontends.terraform.functions.function import closed
    from bedrock_policy_lint.frontends.terraform.values import can_read

    if not is_known(source):
        return called.unknown()
    names = {name.value for name in source.value[::2]}
    found = [item for name, item in source.value.pairs() if can_read(key.value, name.value)]
    keys = closed(key)
    is_certain = bool(keys) and names.issuperset(keys)
    if not is_certain and default is None:
        called.evaluator.doubts += 1
    if not is_certain and default is not None:
        found.append(default)
    return either(found, called.spelled, called.home) if found else called.unknown()


def _element(called: Called) -> Node:
    source, index = called.arguments
    if is_unsettled(source):
        return called.unknown()
    if kind_of(source) not in ("list", "tuple"):
        raise Failed(source, f"`element` takes a list, and this is {a_kind(source)}")
    items: list[Node] = source.value
    if not items:
        raise Failed(source, "`element` takes a list with something in it")
    if isinstance(index.value, Template):
        return either(items, called.spelled, called.home)
    is_below = isinstance(index.value, int) and index.value < 0 and index.value % len(items) > 0
    if not isinstance(index.value, int) or (is_below and kind_of(source) == "tuple"):
        raise Failed(index, "`element` takes a whole number from 0 on")
    if not any(map(is_many, items)):
        return items[index.value % len(items)]
    # Behind an unknown number of elements the index may go round.
    return called.unknown()


def _keys(called: Called) -> Node:
    source = called.arguments[0]
    _check_map(called, source)
    if not isinstance(source.value, Object) or (isinstance(source, Value) and source.is_open):
        return called.unknown(list_of(STRING))
    is_fixed = not any(isinstance(key.value, Template) for key in source.value[::2])
    keys: list[Node] = [key if is_fixed or is_many(key) else many(key) for key, _ in pairs(source)]
    return Value(keys, called.home, list_of(STRING) if kind_of(source) == "map" else None)


def _values(called: Called) -> Node:
    source = called.arguments[0]
    _check_map(called, source)
    if not isinstance(source.value, Object) or (isinstance(source, Value) and source.is_open):
        return called.unknown(_LISTS)
    is_fixed = not any(isinstance(key.value, Template) for key in source.value[::2])
    items: list[Node] = [item if is_fixed and not is_many(key) else many(item) for key, item in pairs(source)]
    type_ = type_of(source)
    return Value(items, called.home, list_of(type_.inner) if type_.inner is not None else None)


def _check_map(called: Called, node: Node) -> None:
    if not isinstance(node.value, Object) and not is_unsettled(node):
        raise Failed(node, f"`{called.name}` takes a map, and this is {a_kind(node)}")


def _zipmap(called: Called) -> Node:
    keys, values = called.arguments
    if is_unsettled(values):
        return called.unknown()
    names, items = keys.value, _elements(values, "zipmap", sets=False)
    if any(map(is_many, (*names, *items))):
        return called.unknown()
    if len(names) != len(items):
        raise Failed(called.home, f"`zipmap` takes as many keys as values, and has {len(names)} and {len(items)}")
    members = Object()
    places: dict[str, int] = {}
    for key, item in zip(names, items, strict=True):
        if key.value is None:
            raise Failed(key, "a key cannot be null")
        put(members, key, item, places)
    type_ = type_of(values)
    return Value(members, called.home, map_of(type_.inner) if type_.inner is not None else None)


def _setproduct(called: Called) -> Node:
    if len(called.arguments) < 2:
        raise Failed(called.home, "`setproduct` takes two or more lists")
    columns: list[list[Node]] = []
    inners: list[Type] = []
    count = 1
    for node in called.arguments:
        if is_unsettled(node):
            columns.append(_elements(node, "setproduct"))
            inners.append(ANY)
            continue
        if type(node.value) is not list:
            raise Failed(node, f"`setproduct` takes lists and sets, and this is {a_kind(node)}")
        found, inner = alike(node, _elements(node, "setproduct"), ANY)
        columns.append(found)
        inners.append(inner)
        count *= len(found)
    if count > MAX_PRODUCT:
        raise Failed(called.home, f"`setproduct` makes more than {MAX_PRODUCT:,} elements here")
    called.evaluator.spend(count * len(columns), called.home)
    rows: list[Node] = []
    for row in product(*columns):
        cells = [copy(cell, cell) if is_many(cell) else cell for cell in row]
        made = Value(cells, called.home)
        rows.append(many(made) if any(map(is_many, row)) else made)
    is_set = any(kind_of(node) == "set" for node in called.arguments)
    type_ = Type("set" if is_set else "list", Type("tuple", items=tuple(inners)))
    return Value(ordered(rows) if is_set else rows, called.home, type_)


def _sets(called: Called) -> tuple[list[list[Node]], Type] | None:
    """The elements of sets, all of one type; None when one is not known at all."""
    if any(map(is_unsettled, called.arguments)):
        return None
    found = [_elements(node, called.name) for node in called.arguments]
    common = unify([type_of(convert(node, set_of(ANY))) for node in called.arguments])
    if common is None and any(is_many(item) for items in found for item in items):
        return None  # one that turns out to be empty is of any type
    if common is None:
        raise Failed(called.home, f"`{called.name}` takes sets of one type")
    inner = common.inner or ANY
    return [alike(called.home, items, inner)[0] if inner.kind != "null" else items for items in found], inner


def _union(called: Called) -> Node:
    given = _sets(called)
    if given is None:
        return called.unknown(set_of(ANY))
    lists, inner = given
    return Value(ordered([item for items in lists for item in items]), called.home, set_of(inner))


def _intersection(called: Called) -> Node:
    return _filtered(called, all)


def _subtract(called: Called) -> Node:
    return _filtered(called, lambda hits: not any(hits))


def _filtered(called: Called, keeps: Callable[[list[bool]], bool]) -> Node:
    given = _sets(called)
    if given is None:
        return called.unknown(set_of(ANY))
    (first, *others), inner = given
    if not all(is_known(item) for items in (first, *others) for item in items):
        return Value(ordered([many(item) for item in first]), called.home, set_of(inner))
    names = [{spelled_key(item) for item in items} for items in others]
    kept = [item for item in first if keeps([spelled_key(item) in one for one in names])]
    return Value(ordered(kept), called.home, set_of(inner))


def spelled_key(node: Node) -> object:
    """What two equal values of one type have in common."""
    value = node.value
    return (type(value), value) if not isinstance(value, list) else spelled(node)


def _contains(called: Called) -> Node:
    source, wanted = called.arguments
    if is_unsettled(source):
        return called.unknown()
    if type(source.value) is not list:
        raise Failed(source, f"`contains` takes a list, and this is {a_kind(source)}")
    called.evaluator.spend(len(source.value), called.home)
    is_open = False
    for item in source.value:
        same = equal(item, wanted)
        if same and not is_many(item):
            return called.plain(True)
        is_open = is_open or same is not False
    return called.unknown() if is_open else called.plain(False)


def _length(called: Called) -> Node:
    from bedrock_policy_lint.frontends.terraform.functions.texts import graphemes

    node = called.arguments[0]
    if is_unsettled(node) or isinstance(node.value, Template):
        if kind_of(node) in ("number", "bool"):
            raise Failed(node, f"`length` takes a string, list or map, and this is {a_kind(node)}")
        return called.unknown()
    if isinstance(node.value, str):
        return called.plain(len(graphemes(node.value)))
    if not isinstance(node.value, list):
        raise Failed(node, f"`length` takes a string, list or map, and this is {a_kind(node)}")
    if has_unknown_length(node):
        return called.unknown()
    return called.plain(len(node.value) // (2 if isinstance(node.value, Object) else 1))


def _reverse(called: Called) -> Node:
    node = called.arguments[0]
    if is_unsettled(node):
        return called.unknown(_LISTS)
    items = _elements(node, "reverse")
    type_ = type_of(node)
    return Value(items[::-1], called.home, list_of(type_.inner) if type_.inner is not None else None)


def _slice(called: Called) -> Node:
    node, start, end = called.arguments
    if is_unsettled(node) or not is_known(start) or not is_known(end):
        return called.unknown()
    if kind_of(node) not in ("list", "tuple"):
        raise Failed(node, f"`slice` takes a list, and this is {a_kind(node)}")
    first, last = start.value, end.value
    certain = next((at for at, item in enumerate(node.value) if is_many(item)), len(node.value))
    if not isinstance(first, int) or not isinstance(last, int) or first < 0 or last < first:
        raise Failed(called.home, "`slice` takes a start and an end behind it, both whole numbers from 0 on")
    if last > certain:
        if certain < len(node.value):
            return called.unknown(_LISTS)
        raise Failed(end, f"the list has {len(node.value)} elements, and ends before {last}")
    return Value(node.value[first:last], called.home, node.type if isinstance(node, Value) else None)


def _chunks(called: Called) -> Node:
    node, size = called.arguments
    if not is_known(size) or any(map(is_many, node.value)):
        return called.unknown()
    if not isinstance(size.value, int) or size.value < 0:
        raise Failed(size, "`chunklist` takes a whole number from 0 on")
    step = size.value or len(node.value) or 1
    type_ = node.type if isinstance(node, Value) else None
    rows = [Value(node.value[at : at + step], called.home, type_) for at in range(0, len(node.value), step)]
    return Value(rows, called.home, list_of(type_ or ANY))


def _index(called: Called) -> Node:
    node, wanted = called.arguments
    if is_unsettled(node):
        return called.unknown()
    if kind_of(node) not in ("list", "tuple"):
        raise Failed(node, f"`index` takes a list, and this is {a_kind(node)}")
    for at, item in enumerate(node.value):
        same = equal(item, wanted)
        if same is None or is_many(item):
            return called.unknown()
        if same:
            return called.plain(at)
    raise Failed(wanted, "the list has no such element")


def _one(called: Called) -> Node:
    node = called.arguments[0]
    if is_unsettled(node):
        return called.unknown()
    if type(node.value) is not list:
        raise Failed(node, f"`one` takes a list, and this is {a_kind(node)}")
    items: list[Node] = node.value
    if has_unknown_length(node):
        return called.unknown()
    if len(items) > 1:
        raise Failed(node, f"`one` takes a list with at most one element, and this has {len(items)}")
    return items[0] if items else Value(None, called.home)


def _all_true(called: Called) -> Node:
    return _over(called, decisive=False)


def _any_true(called: Called) -> Node:
    return _over(called, decisive=True)


def _over(called: Called, decisive: bool) -> Node:
    is_open = False
    for item in called.arguments[0].value:
        value = item.value if item.value is not None else False
        if value is decisive and not is_many(item):
            return called.plain(decisive)
        is_open = is_open or (is_many(item) and value is not (not decisive)) or isinstance(value, Template)
    return called.unknown() if is_open else called.plain(not decisive)


def _transpose(called: Called) -> Node:
    found: dict[str, list[str]] = {}
    for key, items in pairs(called.arguments[0]):
        for item in items.value:
            if item.value is None:
                raise Failed(item, "`transpose` does not take null")
            found.setdefault(item.value, []).append(key.value)
    return called.plain({name: found[name] for name in sorted(found)}, map_of(list_of(STRING)))


def _match_keys(called: Called) -> Node:
    values, keys, wanted = called.arguments
    if len(values.value) != len(keys.value):
        raise Failed(called.home, "`matchkeys` takes as many keys as values")
    common = unify([type_of(keys).inner or ANY, type_of(wanted).inner or ANY])
    if common is None:
        raise Failed(wanted, "`matchkeys` takes two lists of keys of one type")
    names = {spelled_key(convert(item, common)) for item in wanted.value}
    kept = [
        item for item, key in zip(values.value, keys.value, strict=True) if spelled_key(convert(key, common)) in names
    ]
    return Value(kept, called.home, values.type if isinstance(values, Value) else None)


def _coalesce(called: Called) -> Node:
    arguments = called.arguments
    common = unify([type_of(node) for node in arguments])
    if common is None:
        raise Failed(called.home, "`coalesce` takes values of one type")
    converted = [blurred(node) if common == ANY else convert(node, common) for node in arguments]
    possible: list[Node] = []
    for node in converted:
        if node.value is None or node.value == "":
            continue
        possible.append(node)
        if _is_something(node):
            if len(possible) == 1:
                return node
            return either(possible, called.spelled, called.home)
    if not possible:
        raise Failed(called.home, "`coalesce` has nothing to give: all its arguments are null or empty")
    called.evaluator.doubts += 1
    return unknown(called.spelled, called.home, common)


def _is_something(node: Node) -> bool:
    """Whether a value is certainly neither null nor an empty text."""
    if isinstance(node.value, Template):
        return any(isinstance(part, str) for part in node.value.parts)
    return not (isinstance(node, Value) and node.unknown) and node.value is not None


def _coalesce_list(called: Called) -> Node:
    for node in called.arguments:
        if is_unsettled(node):
            return called.unknown()
        if kind_of(node) not in ("list", "tuple"):
            raise Failed(node, f"`coalescelist` takes lists, and this is {a_kind(node)}")
    for node in called.arguments:
        if any(map(is_many, node.value)) and all(map(is_many, node.value)):
            return called.unknown()
        if node.value:
            return node
    raise Failed(called.home, "`coalescelist` has nothing to give: all its lists are empty")


def _compact(called: Called) -> Node:
    source = called.arguments[0]
    found: list[Node] = []
    for item in _elements(source, "compact"):
        if item.value is None or item.value == "":
            continue
        found.append(item if _is_something(item) or is_many(item) else many(item))
    return Value(found, called.home, list_of(STRING))


FUNCTIONS = {
    "concat": Function(_concat, (ANY,), ANY, takes_unknown=True),
    "flatten": Function(_flatten, (ANY,), takes_unknown=True),
    "distinct": Function(_distinct, (_LISTS,), gives=_LISTS, takes_unknown=True),
    "merge": Function(_merge, (), ANY, takes_unknown=True, takes_null=EVERY),
    "lookup": Function(_lookup, (ANY, STRING, ANY), optional=1, takes_unknown=True, takes_null=range(2, 3)),
    "element": Function(_element, (ANY, NUMBER), takes_unknown=True),
    "keys": Function(_keys, (ANY,), gives=list_of(STRING), takes_unknown=True),
    "values": Function(_values, (ANY,), takes_unknown=True),
    "zipmap": Function(_zipmap, (list_of(STRING), ANY), takes_unknown=True),
    "setproduct": Function(_setproduct, (), ANY, takes_unknown=True),
    "setunion": Function(_union, (ANY,), ANY, takes_unknown=True),
    "setintersection": Function(_intersection, (ANY,), ANY, takes_unknown=True),
    "setsubtract": Function(_subtract, (ANY, ANY), takes_unknown=True),
    "contains": Function(_contains, (ANY, ANY), gives=BOOL, takes_unknown=True),
    "length": Function(_length, (ANY,), gives=NUMBER, takes_unknown=True),
    "reverse": Function(_reverse, (ANY,), takes_unknown=True),
    "slice": Function(_slice, (ANY, NUMBER, NUMBER), takes_unknown=True),
    "chunklist": Function(_chunks, (_LISTS, NUMBER), gives=list_of(_LISTS), takes_unknown=True),
    "index": Function(_index, (ANY, ANY), gives=NUMBER, takes_unknown=True),
    "one": Function(_one, (ANY,), takes_unknown=True),
    "alltrue": Function(_all_true, (list_of(BOOL),), gives=BOOL, takes_unknown=True),
    "anytrue": Function(_any_true, (list_of(BOOL),), gives=BOOL, takes_unknown=True),
    "transpose": Function(_transpose, (map_of(list_of(STRING)),), gives=map_of(list_of(STRING))),
    "matchkeys": Function(_match_keys, (_LISTS, _LISTS, _LISTS), gives=_LISTS),
    "coalesce": Function(_coalesce, (ANY,), ANY, takes_unknown=True, takes_null=EVERY),
    "coalescelist": Function(_coalesce_list, (ANY,), ANY, takes_unknown=True),
    "compact": Function(_compact, (list_of(STRING),), gives=list_of(STRING), takes_unknown=True),
}
