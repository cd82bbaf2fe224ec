"""Calls whose outcome is known without their code: those of the language, of the environment, of schemas for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.javascript.texts import Composed
from bedrock_policy_lint.code.javascript.tree import Call, Expression, Member, Name, Quoted
from bedrock_policy_lint.code.javascript.values import (
    ABSENT,
    At,
    Environment,
    Fields,
    Foreign,
    Found,
    Items,
    Made,
    Schema,
)
from bedrock_policy_lint.sources.node import Node

if TYPE_CHECKING:
    from bedrock_policy_lint.code.javascript.evaluate import Answer, Evaluator

PROCESS = frozenset({"process", "node:process", "bun"})
_KEEPS = frozenset({"Object.freeze", "Object.seal", "Promise.resolve", "String", "structuredClone", "Array.from"})
"""What gives back what it is given."""
_WRAPS = frozenset({"__importDefault", "__importStar", "__toESM", "_interopRequireDefault", "_interopRequireWildcard"})
"""What compilers put around `require`."""
_SAME_TEXT = frozenset({"toString", "valueOf"})
_CHANGES: dict[str, Callable[[str], str]] = {"toLowerCase": str.lower, "toUpperCase": str.upper, "trim": str.strip}
_LOADS = frozenset({"require", "import"})
_TRACED = frozenset({"captureAWSv3Client", "captureAWSClient", "captureAWS"})
"""What tracing libraries (aws-xray-sdk-core, Powertools) put around a client, and which gives it back."""
_PARSES = frozenset({"parse", "safeParse", "parseAsync", "safeParseAsync"})
_OBJECTS = ("object()", "strictObject()", "looseObject()")
_DEFAULTS = frozenset({"default", "catch", "prefault"})
_SCHEMAS = {
    "@t3-oss/env-core": "createEnv()",
    "@t3-oss/env-nextjs": "createEnv()",
    "@t3-oss/env-nuxt": "createEnv()",
    "envalid": "cleanEnv()",
}
_GROUPS = ("server", "client", "shared")


def called(evaluator: Evaluator, value: Call, at: At) -> Answer | None:
    """What a call comes to, if the language or the platform says; None if it is for others to say."""
    callee = value.callee
    if not value.arguments:
        return _of_text(evaluator, value, callee, at) if isinstance(callee, Member) else None
    first = value.arguments[0]
    name = _plain_name(callee)
    if name in _LOADS:
        return _loaded(evaluator, first, at, value) if isinstance(first, Quoted) else None
    if name in _KEEPS or name.rpartition(".")[2] in _WRAPS:
        return evaluator.values(first, at)
    if name == "Object.values":
        return tuple(
            _all(evaluator, found, at) or evaluator.unknown(value, at) for found in evaluator.values(first, at)
        )
    if name == "Deno.env.get":
        return _of_environment(evaluator, value, at)
    is_parsed = isinstance(callee, Member) and callee.name in _PARSES
    return _parsed(evaluator, callee, first, at) if is_parsed and isinstance(callee, Member) else None


def _of_environment(evaluator: Evaluator, value: Call, at: At) -> Answer:
    answers: list[Found] = []
    for key in evaluator.values(value.arguments[0], at):
        name = key.what.value if isinstance(key.what, Node) else None
        if isinstance(name, str):
            answers += evaluator.lookup(Found(Environment()), name, value, at)
        else:
            answers.append(evaluator.unknown(value, at))
    return tuple(answers)


def _plain_name(callee: Expression) -> str:
    """`Object.freeze`, where `Object` is no name of the module; the bare name where that is all."""
    parts: list[str] = []
    while isinstance(callee, Member):
        parts.append(callee.name)
        callee = callee.object
    if not isinstance(callee, Name):
        return ""
    binding = callee.scope.find(callee.name)
    is_known = binding is None or (not parts and callee.name in _WRAPS)
    return ".".join([callee.name, *reversed(parts)]) if is_known else ""


def _loaded(evaluator: Evaluator, specifier: Quoted, at: At, value: Call) -> Answer:
    name = at.module.source.text[specifier.start + 1 : specifier.end - 1]
    return evaluator.imported(name, "*", at, value)


def _all(evaluator: Evaluator, found: Found, at: At) -> Found | None:
    """The members of an object, as an array."""
    if not isinstance(found.what, Fields):
        return None
    members = found.what.record.members
    return Found(Items(tuple(evaluator.values(member.value, found.what.at) for member in members)))


def _of_text(evaluator: Evaluator, value: Call, callee: Member, at: At) -> Answer | None:
    """Methods of a text that say what they make of it."""
    if callee.name in _SAME_TEXT:
        return evaluator.values(callee.object, at)
    change = _CHANGES.get(callee.name)
    if change is None:
        return None
    answers = []
    for found in evaluator.values(callee.object, at):
        what = found.what
        if isinstance(what, Node) and isinstance(what.value, str):
            text = change(what.value)
            node = Composed(text, value.start, value.end, at.module.source, [value.start] * len(text) + [value.end])
            answers.append(found._replace(what=node))
        else:
            answers.append(evaluator.unknown(value, at))
    return tuple(answers)


def made(evaluator: Evaluator, what: Foreign, value: Call, at: At) -> Answer:
    """What a call of something foreign makes."""
    name = what.path.rpartition(".")[2]
    if name in _TRACED and value.arguments:
        return evaluator.values(value.arguments[0], at)
    path = f"{what.path}()"
    if _SCHEMAS.get(what.package) == path and value.arguments:
        schema = _schema(evaluator, what.package, value, at)
        if schema is not None:
            return (Found(schema),)
    return (Found(Foreign(what.package, path, (*what.calls, Made(value, at)))),)


def _schema(evaluator: Evaluator, package: str, value: Call, at: At) -> Schema | None:
    if package == "envalid":
        if len(value.arguments) < 2:
            return None
        return Schema(
            tuple(one.what for one in evaluator.values(value.arguments[1], at) if isinstance(one.what, Fields))
        )
    groups: list[Fields] = []
    for options in evaluator.values(value.arguments[0], at):
        for group in _GROUPS:
            groups += (one.what for one in evaluator.lookup(options, group, value, at) if isinstance(one.what, Fields))
    return Schema(tuple(groups))


def _parsed(evaluator: Evaluator, callee: Member, first: Expression, at: At) -> Answer | None:
    """`z.object({…}).parse(process.env)`."""
    if not any(isinstance(one.what, Environment) for one in evaluator.values(first, at)):
        return None
    records: list[Fields] = []
    for found in evaluator.values(callee.object, at):
        what = found.what
        if not isinstance(what, Foreign) or what.package.split("/")[0] not in ("zod", "@hono"):
            return None
        for call in what.calls:
            if (
                isinstance(call.call.callee, Member)
                and f"{call.call.callee.name}()" in _OBJECTS
                and call.call.arguments
            ):
                shapes = evaluator.values(call.call.arguments[0], call.at)
                records += (one.what for one in shapes if isinstance(one.what, Fields))
    return (Found(Schema(tuple(records))),) if records else None


def of_schema(evaluator: Evaluator, schema: Schema, name: str, value: Expression, at: At) -> Answer:
    """A variable of the environment as a schema gives it, with the default that it says."""
    if name == "data" and not any(_property(record, name) for record in schema.records):
        return (Found(schema),)
    variable = evaluator.lookup(Found(Environment()), name, value, at)
    for record in schema.records:
        says = _property(record, name)
        if says is None:
            continue
        default = _default(says)
        if default is not None:
            held = evaluator.values(default, record.at)
            return (*variable, *(one._replace(default_of=name) for one in held if one is not ABSENT))
        options = says.arguments[0] if isinstance(says, Call) and says.arguments else None
        if options is not None:
            held = tuple(
                one
                for each in evaluator.values(options, record.at)
                if isinstance(each.what, Fields)
                for one in evaluator.lookup(each, "default", value, at)
                if one is not ABSENT
            )
            return (*variable, *(one._replace(default_of=name) for one in held))
    return variable


def _property(record: Fields, name: str) -> Expression | None:
    for member in record.record.members:
        if getattr(member, "name", None) == name:
            return member.value
    return None


def _default(says: Expression) -> Expression | None:
    """What `.default(…)` says in a chain of calls."""
    for _ in range(20):
        if not isinstance(says, Call) or not isinstance(says.callee, Member):
            return None
        if says.callee.name in _DEFAULTS and says.arguments:
            return says.arguments[0]
        says = says.callee.object
    return None
