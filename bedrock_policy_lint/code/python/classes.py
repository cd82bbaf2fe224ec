"""Classes of the project: what attributes of their objects stand for, and the members of enumerations."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from bedrock_policy_lint.code.python import arguments, callers, functions, names, settings
from bedrock_policy_lint.code.python.scopes import VALUE, dotted
from bedrock_policy_lint.code.python.things import (
    At,
    Class,
    Defined,
    Foreign,
    Given,
    Instance,
    Items,
    Lazy,
    Mapping,
    Member,
    Result,
    distinct,
    is_none,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bedrock_policy_lint.code.python.evaluate import Evaluator
    from bedrock_policy_lint.code.python.scopes import Scope, Store
    from bedrock_policy_lint.code.python.things import Thing

_MOST_BASES = 12
_MOST_CLASSES = 60
"""A file with more classes was made by a program; among the first of them those are found that derive from another."""
_ENUMERATIONS = frozenset({"Enum", "StrEnum", "IntEnum", "Flag"})
_RECORD_DECORATORS = frozenset({"dataclass", "define", "frozen", "mutable", "attrs", "s"})
_RECORD_BASES = frozenset({"BaseModel", "BaseSettings", "NamedTuple", "Struct"})


def lineage(evaluator: Evaluator, found: Class) -> list[Class | Foreign]:
    """A class and those that it is derived from, the nearest first; one of the project or not."""

    def look() -> list[Class | Foreign]:
        line: list[Class | Foreign] = [found]
        at = 0
        while at < len(line) <= _MOST_BASES:
            current = line[at]
            at += 1
            if not isinstance(current, Class) or current.scope.parent is None:
                continue
            for base in current.node.bases:
                expression = base.value if isinstance(base, ast.Subscript) else base
                for thing in evaluator.things(expression, At(current.scope.parent, current.scope.where)):
                    if isinstance(thing, Class | Foreign) and thing not in line:
                        line.append(thing)
        return line

    return evaluator.keep(("lineage", found.node), look)


def initialiser(found: Class) -> Scope | None:
    """The scope of the `__init__` that a class itself has."""
    for binding in found.scope.bindings.get("__init__", ()):
        if binding.where is not None and binding.where.statement in found.scope.module.inner:
            return found.scope.module.inner[binding.where.statement]
    return None


def made_as(evaluator: Evaluator, found: Class) -> list[Foreign]:
    """The foreign classes whose initialiser making an object of a class calls with the same arguments."""
    line = lineage(evaluator, found)
    if any(isinstance(one, Class) and initialiser(one) is not None for one in line):
        return []
    return [one for one in line if isinstance(one, Foreign)]


def base_names(evaluator: Evaluator, found: Class) -> set[str]:
    """The last names of the foreign classes that a class is derived from."""
    return {thing.name.rsplit(".", 1)[-1] for thing in lineage(evaluator, found) if isinstance(thing, Foreign)}


def is_record(evaluator: Evaluator, found: Class) -> bool:
    """Whether its initialiser is made of its fields."""
    decorated = set()
    for decorator in found.node.decorator_list:
        expression = decorator.func if isinstance(decorator, ast.Call) else decorator
        decorated.add(dotted(expression).rsplit(".", 1)[-1])
    return bool(decorated & _RECORD_DECORATORS) or bool(base_names(evaluator, found) & _RECORD_BASES)


def attribute(evaluator: Evaluator, instance: Instance, name: str) -> tuple[Thing, ...] | None:
    """What an attribute of an object may be; None where nothing is known of it."""
    line = lineage(evaluator, instance.of)
    for place, found in enumerate(line):
        if isinstance(found, Foreign):
            if found.name.startswith("builtins.") or found.name.rsplit(".", 1)[-1] in _RECORD_BASES:
                continue
            return (Foreign(f"{found.name}.{name}", Result(found.name, instance.given)),)
        things = _own_attribute(evaluator, instance, line[:place], found, name)
        if things is not None:
            return things
    return None


def _own_attribute(
    evaluator: Evaluator, instance: Instance, derived: list[Class | Foreign], found: Class, name: str
) -> tuple[Thing, ...] | None:
    stores = [
        (scope, store) for scope in _methods(found) for store in scope.stores.get(name, ()) if _is_own(scope, store)
    ]
    things: list[Thing] = []
    is_set_first = False
    for scope, store in stores:
        is_first = isinstance(scope.node, ast.FunctionDef) and scope.node.name in ("__init__", "__post_init__")
        is_set_first = is_set_first or is_first
        given = _initial(evaluator, instance, derived, found) if is_first else None
        frame = evaluator.frame(scope, given, instance)
        stored = names.of_binding(evaluator, store.binding, name, frame)
        things += [_changed(evaluator, thing, found, name, store) for thing in stored]
    in_class = name in found.scope.bindings
    if in_class and not is_set_first:
        things += _class_attribute(evaluator, instance, found, name)
    if instance.given is None and not derived and not is_set_first:
        things += _in_derived(evaluator, found, name)
    if stores:
        things = _without_placeholder(things)
    return distinct(things) if stores or in_class or things else None


def _in_derived(evaluator: Evaluator, found: Class, name: str) -> Iterable[Thing]:
    """What classes of the same file that are derived from one say instead."""
    module = found.scope.module
    for node in module.classes[:_MOST_CLASSES]:
        other = Class(node, module.inner[node])
        if node is not found.node and name in other.scope.bindings and found in lineage(evaluator, other):
            yield from _class_attribute(evaluator, Instance(other), other, name)


def _without_placeholder(things: list[Thing]) -> list[Thing]:
    """Without the None that an attribute is before it is set, where it is set at all."""
    set_later = [thing for thing in things if not is_none(thing)]
    return set_later or things


def _methods(found: Class) -> list[Scope]:
    module = found.scope.module
    return [
        module.inner[binding.where.statement]
        for bindings in found.scope.bindings.values()
        for binding in bindings
        if binding.where is not None
        and isinstance(binding.where.statement, ast.FunctionDef | ast.AsyncFunctionDef)
        and binding.where.statement in module.inner
    ]


def _is_own(scope: Scope, store: Store) -> bool:
    """Whether it is assigned on the object that a method belongs to."""
    node = scope.node
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not isinstance(store.owner, ast.Name):
        return False
    first = [*node.args.posonlyargs, *node.args.args][:1]
    return bool(first) and first[0].arg == store.owner.id


def _changed(evaluator: Evaluator, thing: Thing, found: Class, name: str, store: Store) -> Thing:
    from bedrock_policy_lint.code.python.containers import changed

    if not isinstance(thing, Mapping | Items):
        return thing
    owner = dotted(store.owner)
    changes = [change for scope in _methods(found) for change in scope.changes.get(f"{owner}.{name}", ())]
    return changed(evaluator, thing, changes, (None, None), None)


def _initial(evaluator: Evaluator, instance: Instance, derived: list[Class | Foreign], found: Class) -> Given | None:
    """What the initialiser of a class is called with when the object is made."""
    given = instance.given
    for one in derived:
        scope = initialiser(one) if isinstance(one, Class) else None
        if scope is None or given is None:
            continue
        inner = _super_call(scope)
        if inner is None:
            return None
        given = Given(inner[0], At(scope, inner[1], evaluator.frame(scope, given, instance)))
    return given


def _super_call(scope: Scope) -> tuple[ast.Call, Any] | None:
    for called in scope.module.by_name.get("__init__", ()):
        if called.scope is scope and isinstance(called.call.func, ast.Attribute):
            return called.call, called.where
    return None


def _class_attribute(evaluator: Evaluator, instance: Instance, found: Class, name: str) -> Iterable[Thing]:
    bindings = found.scope.bindings[name]
    definition = bindings[-1].where.statement if bindings[-1].where else None
    if isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef):
        return _method(evaluator, instance, found, definition)
    is_field = isinstance(definition, ast.AnnAssign)
    if is_field and isinstance(definition, ast.AnnAssign) and is_record(evaluator, found):
        return _field(evaluator, instance, found, definition, name)
    return names.bound(evaluator, found.scope, name, None, None)


def _method(
    evaluator: Evaluator, instance: Instance, found: Class, node: ast.FunctionDef | ast.AsyncFunctionDef
) -> Iterable[Thing]:
    decorated = functions.decorators(node)
    method = Defined(node, found.scope.module.inner[node], None, instance)
    if decorated & {"property", "cached_property"}:
        frame = evaluator.frame(method.scope, None, instance)
        at = [(value, At(method.scope, where, frame)) for value, where in method.scope.returns]
        return [thing for value, place in at for thing in evaluator.things(value, place)]
    return (method,)


def _field(evaluator: Evaluator, instance: Instance, found: Class, node: ast.AnnAssign, name: str) -> list[Thing]:
    """What a field of a record may be: what the object was made with, or its default."""
    own = settings.names_of(evaluator, found, node) if settings.is_settings(evaluator, found) else ()
    places = None if own else _place(found, node)
    if instance.given is not None:
        givens: tuple[Given, ...] = (instance.given,)
        is_complete = True
    else:
        known = callers.of_class(evaluator, instance.of)
        givens, is_complete = known.givens, bool(own) or (known.is_complete and bool(known.givens))
    things: list[Thing] = []
    is_left_out = not givens
    for given in givens:
        taken = arguments.argument(evaluator, given, name, places)
        things += taken.things
        is_left_out = is_left_out or not taken.is_sure
        is_complete = is_complete and taken.unknown is None
    if is_left_out:
        things += settings.default(evaluator, found, node, own)
    if not is_complete or not things:
        things.append(evaluator.unknown(node.target, At(found.scope, None)))
    return things


def _place(found: Class, node: ast.AnnAssign) -> int | None:
    fields = [statement for statement in found.node.body if isinstance(statement, ast.AnnAssign)]
    return fields.index(node) if node in fields else None


def of_class(evaluator: Evaluator, found: Class, name: str) -> tuple[Thing, ...]:
    """What an attribute of a class itself may be."""
    for one in lineage(evaluator, found):
        if isinstance(one, Foreign):
            if one.name.startswith("builtins."):
                continue
            return () if is_enumeration(evaluator, found) else (Foreign(f"{one.name}.{name}"),)
        if any(name in scope.stores for scope in _methods(one)):
            return attribute(evaluator, Instance(found), name) or ()
        if name not in one.scope.bindings:
            continue
        binding = one.scope.bindings[name][-1]
        statement = binding.where.statement if binding.where else None
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            is_bound = "classmethod" in functions.decorators(statement)
            owner = Instance(found) if is_bound else None
            return (Defined(statement, one.scope.module.inner[statement], None, owner),)
        if is_enumeration(evaluator, one) and binding.kind == VALUE and binding.value is not None:
            return (Member(one, Lazy(binding.value, At(one.scope, binding.where))),)
        return tuple(names.bound(evaluator, one.scope, name, None, None))
    return ()


def is_enumeration(evaluator: Evaluator, found: Class) -> bool:
    """Whether it is an enumeration."""
    return bool(base_names(evaluator, found) & _ENUMERATIONS)


def text_of_member(evaluator: Evaluator, member: Member) -> tuple[Thing, ...]:
    """What a member of an enumeration is as a text; nothing where it is none."""
    is_text = base_names(evaluator, member.of) & {"StrEnum", "str"}
    return evaluator.lazy(member.value) if is_text else ()
