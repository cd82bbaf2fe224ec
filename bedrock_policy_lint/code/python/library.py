"""Calls through libraries: which made thing a method is called on, and which operations that calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.code.python import frameworks
from bedrock_policy_lint.code.python.made import describe, made_by
from bedrock_policy_lint.code.python.things import Foreign

if TYPE_CHECKING:
    from bedrock_policy_lint.code.libraries import Made
    from bedrock_policy_lint.code.python.evaluate import Evaluator
    from bedrock_policy_lint.code.python.made import Use
    from bedrock_policy_lint.code.python.things import Given, Result, Thing


def of_call(evaluator: Evaluator, thing: Thing, given: Given) -> tuple[Use, str] | None:
    """What a call of something calls at Bedrock: the made thing, and its method; None for nothing."""
    if not isinstance(thing, Foreign):
        return None
    for made in frameworks.LIBRARIES.get(thing.name, ()):
        use = describe(evaluator, made, given)
        if use is not None:
            return use, ""
    found = made_by(thing.owner) if thing.owner is not None else None
    if found is None or found[1].given is None:
        return None
    for made in found[0]:
        method = _method_of(thing, made, found[1])
        use = describe(evaluator, made, found[1].given, given) if method else None
        if use is not None:
            return use, method
    return None


def _method_of(thing: Foreign, made: Made, result: Result) -> str:
    """The method of a made thing that an attribute is, in the words of the table; empty for none that calls."""
    path = thing.name[len(result.name) + 1 :]
    while not made.methods.get(path):
        first, dot, rest = path.partition(".")
        if not dot or made.methods.get(first, ("",)) != ():
            return ""
        path = rest
    return path


def operations(use: Use, method: str) -> list[tuple[str, ...]]:
    """What a method calls: each is the operations of which one is called."""
    if not method:
        return [_streamed(use, use.made.calls)] if use.made.calls else []
    found: list[tuple[str, ...]] = []
    for names in use.made.methods[method]:
        alternatives = names.split("|")
        if alternatives[0][:1].isupper():
            found.append(_streamed(use, tuple(alternatives)))
        elif use.inner:
            found += _of_inner(use, alternatives)
        elif use.made.unknown:
            found.append(_streamed(use, use.made.unknown))
    return list(dict.fromkeys(found))


def _of_inner(use: Use, methods: list[str]) -> list[tuple[str, ...]]:
    """What methods of the things inside call, of which one is called."""
    found: list[tuple[str, ...]] = []
    for inner in use.inner:
        known = [method for method in methods if inner.made.methods.get(method)]
        called = [name for method in known for names in operations(inner, method) for name in names]
        if called:
            found.append(tuple(dict.fromkeys(called)))
    return found


def untold(use: Use) -> tuple[str, ...]:
    """The operations of which some is called by something that is made and handed on."""
    if use.inner:
        return tuple(dict.fromkeys(name for inner in use.inner for name in untold(inner)))
    return _streamed(use, use.made.unknown) if use.is_told else use.made.unknown


def _streamed(use: Use, plain: tuple[str, ...]) -> tuple[str, ...]:
    """The operations in place of these, where answers are streamed."""
    streams = use.made.streams
    if not streams:
        return plain
    if use.streams is None:
        return tuple(dict.fromkeys((*plain, *streams)))
    if use.streams:
        return streams
    return tuple(name for name in plain if name not in streams) or plain
