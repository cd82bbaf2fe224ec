"""What a call gives."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.python import (
    arguments,
    attributes,
    classes,
    containers,
    environment,
    functions,
    names,
    texts,
)
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
    Partial,
    Result,
    Written,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bedrock_policy_lint.code.python.evaluate import Evaluator
    from bedrock_policy_lint.code.python.things import Thing

_SAME = {
    "asyncio.run": 0,
    "asyncio.wait_for": 0,
    "contextlib.AsyncExitStack.enter_async_context": 0,
    "contextlib.AsyncExitStack.enter_context": 0,
    "contextlib.ExitStack.enter_context": 0,
    "contextlib.closing": 0,
    "contextlib.aclosing": 0,
    "copy.copy": 0,
    "copy.deepcopy": 0,
    "typing.cast": 1,
    "typing_extensions.cast": 1,
}
"""Functions that give back one of their arguments: which."""


def look_up(evaluator: Evaluator, call: ast.Call, at: At) -> Iterable[Thing]:
    """What a call gives."""
    made = _of_container(evaluator, call, at)
    if made is not None:
        return made
    found: list[Thing] = []
    given = Given(call, at)
    for thing in evaluator.things(call.func, at):
        found += of(evaluator, thing, given) or (evaluator.unknown(call, at),)
    node = evaluator.node(call.func, at)
    return [names.with_name(thing, node) for thing in found]


def of(evaluator: Evaluator, thing: Thing, given: Given) -> Iterable[Thing]:
    """What calling a thing gives; nothing where that is not known."""
    if isinstance(thing, Defined):
        return functions.call(evaluator, thing, given)
    if isinstance(thing, Class):
        return () if classes.is_enumeration(evaluator, thing) else (Instance(thing, given),)
    if isinstance(thing, Foreign):
        return _of_foreign(evaluator, thing, given)
    if isinstance(thing, Result):
        return _of_foreign(evaluator, Foreign(f"{thing.name}.__call__", thing), given)
    if isinstance(thing, Partial):
        return of(evaluator, thing.of, given._replace(before=thing.given))
    methods = classes.attribute(evaluator, thing, "__call__") if isinstance(thing, Instance) else ()
    return [made for method in methods or () if isinstance(method, Defined) for made in of(evaluator, method, given)]


def _of_foreign(evaluator: Evaluator, thing: Foreign, given: Given) -> Iterable[Thing]:
    call, at = given.call, given.at
    special = _SPECIAL.get(thing.name)
    if special is not None:
        made = special(evaluator, given)
        return (evaluator.unknown(call, at),) if made is None else made
    place = _SAME.get(thing.name)
    if place is not None:
        return evaluator.things(call.args[place], at) if len(call.args) > place else ()
    read = environment.called(evaluator, thing.name, given, Lazy(call, at))
    if read is not None:
        return read
    return (Result(thing.name, given, thing.owner),)


def _of_container(evaluator: Evaluator, call: ast.Call, at: At) -> Iterable[Thing] | None:
    """What a method of a text or a dictionary gives; None where it is something else."""
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr not in _METHODS:
        return None
    made: list[Thing] = []
    for thing in evaluator.things(function.value, at):
        inner: Iterable[Thing] | None = None
        if isinstance(thing, Written):
            inner = texts.method(evaluator, thing, function.attr, call, at)
        elif isinstance(thing, Mapping):
            inner = _of_mapping(evaluator, thing, function.attr, call, at)
        if inner is None and not isinstance(thing, Written | Mapping):
            return None
        made += (evaluator.unknown(call, at),) if inner is None else inner
    return made


_METHODS = frozenset(
    {"get", "pop", "copy", "format", "join", "strip", "lstrip", "rstrip", "lower", "upper", "replace"}
    | {"removeprefix", "removesuffix"}
)


def _of_mapping(evaluator: Evaluator, mapping: Mapping, name: str, call: ast.Call, at: At) -> Iterable[Thing] | None:
    if name == "copy":
        return (mapping,)
    if name not in ("get", "pop") or not call.args:
        return None
    default = evaluator.things(call.args[1], at) if len(call.args) > 1 else ()
    key = containers.key_of(evaluator, call.args[0], at)
    if key is None:
        things = [thing for value in mapping.values for thing in evaluator.lazy(value)]
        unknown = [evaluator.unknown(call, at)] if mapping.unknown is not None or not things else []
        return [*things, *default, *unknown]
    taken = containers.take(evaluator, mapping, key)
    if taken.is_sure and taken.unknown is None:
        return taken.things
    unknown = [evaluator.unknown(call, at)] if taken.unknown is not None or not (taken.things or default) else []
    return [*taken.things, *default, *unknown]


def _dict(evaluator: Evaluator, given: Given) -> Iterable[Thing] | None:
    mapping = arguments.left_over(evaluator, given, set(), given.call)
    for value in given.call.args[:1]:
        first = containers.merge(evaluator, Lazy(value, given.at))
        mapping = mapping._replace(entries=first.entries + mapping.entries)
    return (mapping,)


def _str(evaluator: Evaluator, given: Given) -> Iterable[Thing] | None:
    if len(given.call.args) != 1:
        return None
    return texts.all_written(evaluator, given.call.args[0], given.at)


def _getattr(evaluator: Evaluator, given: Given) -> Iterable[Thing] | None:
    values = given.call.args
    if len(values) < 2 or not isinstance(values[1], ast.Constant) or not isinstance(values[1].value, str):
        return None
    found: list[Thing] = []
    for thing in evaluator.things(values[0], given.at):
        things = list(attributes.of(evaluator, thing, values[1].value, given.call, given.at))
        found += things or [evaluator.unknown(given.call, given.at)]
    return found if len(values) < 3 else [*found, *evaluator.things(values[2], given.at)]


def _partial(evaluator: Evaluator, given: Given) -> Iterable[Thing] | None:
    if not given.call.args:
        return None
    inner = Given(given.call, given.at, 1)
    return [Partial(thing, inner) for thing in evaluator.things(given.call.args[0], given.at)]


def _on_the_way(evaluator: Evaluator, given: Given) -> Iterable[Thing] | None:
    """`to_thread(function, …)`: what the function gives."""
    if not given.call.args:
        return None
    inner = Given(given.call, given.at, 1)
    return [made for thing in evaluator.things(given.call.args[0], given.at) for made in of(evaluator, thing, inner)]


def _depends(evaluator: Evaluator, given: Given) -> Iterable[Thing] | None:
    """`Depends(function)`: what the function gives, or yields."""
    if not given.call.args:
        return None
    nothing = ast.copy_location(ast.Call(given.call.func, [], []), given.call)
    found: list[Thing] = []
    for thing in evaluator.things(given.call.args[0], given.at):
        found += of(evaluator, thing, Given(nothing, given.at))
        if isinstance(thing, Defined):
            at = [(value, At(thing.scope, where)) for value, where in thing.scope.yields]
            found += [made for value, place in at for made in evaluator.things(value, place)]
    return found


def _list(evaluator: Evaluator, given: Given) -> Iterable[Thing] | None:
    if len(given.call.args) != 1:
        return None
    things = evaluator.things(given.call.args[0], given.at)
    return [thing if isinstance(thing, Items) else evaluator.unknown(given.call, given.at) for thing in things]


_SPECIAL: dict[str, Callable[[Evaluator, Given], Iterable[Thing] | None]] = {
    "builtins.dict": _dict,
    "builtins.str": _str,
    "builtins.getattr": _getattr,
    "builtins.list": _list,
    "builtins.tuple": _list,
    "functools.partial": _partial,
    "asyncio.to_thread": _on_the_way,
    "anyio.to_thread.run_sync": _on_the_way,
    "fastapi.Depends": _depends,
    "fastapi.params.Depends": _depends,
}
"""Functions of Python and of packages that say themselves what they give."""
