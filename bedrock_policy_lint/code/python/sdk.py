"""Calls of AWS's own SDK for Python: which object is a client of Bedrock, and with what it was set up."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.operations import OPERATIONS, Operation
from bedrock_policy_lint.code.python import arguments, environment, values
from bedrock_policy_lint.code.python.containers import Taken
from bedrock_policy_lint.code.python.imports import SDKS
from bedrock_policy_lint.code.python.things import At, Foreign, Given, Result, Unknown, Written, distinct, is_none
from bedrock_policy_lint.code.site import CREDENTIALS, ENDPOINT, PROFILE, REGION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bedrock_policy_lint.code.python.evaluate import Evaluator
    from bedrock_policy_lint.code.python.scopes import Names
    from bedrock_policy_lint.code.python.things import Thing
    from bedrock_policy_lint.code.site import Value

_SESSIONS = ("boto3.Session", "aioboto3.Session", "boto3.DEFAULT_SESSION")
_BOTOCORE_SESSIONS = ("botocore.session.Session", "aiobotocore.session.AioSession")
MAKERS = frozenset(
    {"boto3.client", "aioboto3.client"}
    | {f"{session}.client" for session in _SESSIONS}
    | {f"{session}.create_client" for session in _BOTOCORE_SESSIONS}
)
"""The functions that make a client of a service, whose name is their first argument."""

_STUBS = re.compile(
    r"(?:mypy_boto3|types_boto3|types_aiobotocore|types_aioboto3)_(?P<service>bedrock\w*)\.(?:client\.)?\w+Client"
)
"""The types of clients, as packages of stubs name them."""
_STUB_PACKAGES = ("mypy_boto3", "types_boto3", "types_aiobotocore", "types_aioboto3")

_REGION_VARIABLE = "AWS_DEFAULT_REGION"
"""Where the SDK looks for the Region of a session that is given none."""
_CLIENT_PLACES = {"region_name": 1, "endpoint_url": 5, "aws_access_key_id": 6}
_SESSION_PLACES = {"region_name": 3, "profile_name": 5, "aws_access_key_id": 0}
_ROLES = {
    REGION: "region_name",
    ENDPOINT: "endpoint_url",
    CREDENTIALS: "aws_access_key_id",
    PROFILE: "profile_name",
}


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


METHODS: Mapping[str, str] = {_snake(name): name for name in OPERATIONS}
"""The operations by the names of their methods."""

_UNMISTAKABLE = frozenset(
    {
        "converse_stream",
        "create_model_invocation_job",
        "invoke_inline_agent",
        "invoke_model_with_response_stream",
        "list_foundation_models",
        "list_inference_profiles",
        "retrieve_and_generate",
        "retrieve_and_generate_stream",
        "start_async_invoke",
    }
)
"""Methods that nothing else has."""


def imports_sdk(names: Names) -> bool:
    """Whether a file imports the SDK, or the types of its clients."""
    for statement in names.imports:
        dotted = [alias.name for alias in statement.names]
        if isinstance(statement, ast.ImportFrom):
            dotted = [statement.module or ""] if not statement.level else []
        if any(name.split(".")[0] in SDKS or name.startswith(_STUB_PACKAGES) for name in dotted):
            return True
    return False


def client_of(thing: Foreign | Result) -> Result | None:
    """The client that something is an attribute of, or was made with."""
    owner: Result | None = thing if isinstance(thing, Result) else thing.owner
    while owner is not None and owner.name not in MAKERS and not _STUBS.fullmatch(owner.name):
        owner = owner.owner
    return owner


def of_session(session: Result) -> Result | None:
    """A client as a session makes it when it is told nothing more; None for what is no session."""
    if session.given is None or session.name not in _SESSIONS:
        return None
    call = ast.Call(session.given.call.func, [], [])
    return Result(f"{session.name}.client", Given(call, session.given.at), session)


def region_of(evaluator: Evaluator, thing: Foreign) -> Iterable[Thing]:
    """What `session.region_name` or `client.meta.region_name` is; nothing for anything else."""
    made = thing.owner
    if made is None or thing.name not in (f"{made.name}.region_name", f"{made.name}.meta.region_name"):
        return ()
    client = made if made.name in MAKERS else of_session(made)
    if client is None or client.given is None:
        return ()
    taken = _given(evaluator, client, "region_name")
    if taken.is_sure or taken.unknown is not None or _given(evaluator, client, "profile_name").things:
        return taken.things
    fallback = made.given or client.given
    return (*taken.things, environment.hole(_REGION_VARIABLE, evaluator.node(fallback.call, fallback.at)))


def services(evaluator: Evaluator, client: Result) -> tuple[str, ...]:
    """The services that a client may be for; empty where that cannot be told."""
    stub = _STUBS.fullmatch(client.name)
    if stub:
        return (stub["service"].replace("_", "-"),)
    if client.given is None:
        return ()
    things = arguments.argument(evaluator, client.given, "service_name", 0).things
    texts = [thing.text for thing in things if isinstance(thing, Written) and isinstance(thing.text, str)]
    return tuple(text for text in texts if isinstance(text, str)) if len(texts) == len(things) else ()


def operation(evaluator: Evaluator, thing: Thing) -> str:
    """The operation of Bedrock that calling something calls; empty for none."""
    client = client_of(thing) if isinstance(thing, Foreign) else None
    if client is None or not isinstance(thing, Foreign) or thing.owner is None:
        return ""
    method = thing.name[len(client.name) + 1 :]
    if method == "get_paginator.paginate" and thing.owner.given is not None:
        names = arguments.argument(evaluator, thing.owner.given, "operation_name", 0).things
        method = names[0].text if len(names) == 1 and isinstance(names[0], Written) else ""  # type: ignore[assignment]
    found = METHODS.get(method, "")
    return found if found and OPERATIONS[found].client in services(evaluator, client) else ""


def untraced(evaluator: Evaluator, function: ast.expr, given: Given) -> str:
    """The operation that a call certainly means, although what it is called on cannot be traced; empty for none."""
    if not isinstance(function, ast.Attribute) or function.attr not in METHODS:
        return ""
    at = given.at
    if not imports_sdk(at.scope.module):
        return ""
    owners = evaluator.things(function.value, at)
    is_unknown = all(isinstance(owner, Unknown) or _is_untold(evaluator, owner) for owner in owners)
    if not is_unknown:
        return ""
    name = METHODS[function.attr]
    if function.attr in _UNMISTAKABLE:
        return name
    told = {path.split(".")[0] for path in OPERATIONS[name].parameters}
    telling = [key for key in told if key != key.lower()]
    return name if any(arguments.argument(evaluator, given, key).things for key in telling) else ""


def _is_untold(evaluator: Evaluator, owner: Thing) -> bool:
    """Whether it is None, or a client of a service that cannot be told."""
    return is_none(owner) or (isinstance(owner, Result) and owner.name in MAKERS and not services(evaluator, owner))


def setting(
    evaluator: Evaluator, clients: Iterable[Result], fallback: ast.expr, at: At
) -> dict[str, tuple[Value, ...]]:
    """What clients are set up with: Region, endpoint, credentials, profile."""
    made = list(clients)
    found: dict[str, tuple[Value, ...]] = {}
    for role, name in _ROLES.items():
        ways = [_given(evaluator, client, name) for client in made]
        is_told = [bool(way.things) or way.unknown is not None for way in ways]
        if any(is_told) and not all(is_told):
            ways = [way._replace(is_sure=False) for way in ways]
        value = values.of(
            evaluator, (way._replace(is_sure=way.is_sure and bool(way.things)) for way in ways), fallback, at
        )
        if value:
            found[role] = value
    if any(client.given is None for client in made):
        found[REGION] = (*found.get(REGION, ()), *values.unknown(evaluator, fallback, at))
    return found


def _given(evaluator: Evaluator, client: Result, name: str) -> Taken:
    """What one client is given, by itself, by its configuration or by its session: the first that says it."""
    found: list[Thing] = []
    unknown = written = None
    for way in _ways(evaluator, client, name):
        told = [thing for thing in way.things if not is_none(thing)]
        found += told
        unknown = unknown or (way.unknown if name == "region_name" else None)
        written = written or (way.written if told else None)
        if told and way.is_sure and len(told) == len(way.things):
            return Taken(distinct(found), True, unknown, written)
    return Taken(distinct(found), False, unknown, written)


def _ways(evaluator: Evaluator, client: Result, name: str) -> Iterator[Taken]:
    if client.given is None:
        return
    yield arguments.argument(evaluator, client.given, name, _CLIENT_PLACES.get(name))
    if name == "region_name":
        yield from _configured(evaluator, client.given)
    session = client.owner
    if session is not None and session.given is not None and session.name in _SESSIONS:
        yield arguments.argument(evaluator, session.given, name, _SESSION_PLACES.get(name))
    elif session is None:
        yield from _default_session(evaluator, client.given, name)


def _configured(evaluator: Evaluator, given: Given) -> Iterator[Taken]:
    for thing in arguments.argument(evaluator, given, "config").things:
        if isinstance(thing, Result) and thing.name == "botocore.config.Config" and thing.given is not None:
            yield arguments.argument(evaluator, thing.given, "region_name")


def _default_session(evaluator: Evaluator, given: Given, name: str) -> Iterator[Taken]:
    for called in given.at.scope.module.by_name.get("setup_default_session", ()):
        if isinstance(called.call.func, ast.Attribute):
            at = At(called.scope, called.where)
            yield arguments.argument(evaluator, Given(called.call, at), name, _SESSION_PLACES.get(name))


def parameters(
    evaluator: Evaluator, operation: Operation, given: Given | None, fallback: ast.expr, at: At
) -> dict[str, tuple[Value, ...]]:
    """What a call of an operation is given."""
    ways: dict[str, list[Taken]] = {}
    for path, role in operation.parameters.items():
        if given is not None:
            ways.setdefault(role, []).append(values.at_path(evaluator, given, path, role))
        elif "." not in path and role in values.REQUIRED:
            return {role: values.unknown(evaluator, fallback, at)}
    found = {role: values.of(evaluator, taken, fallback, at) for role, taken in ways.items()}
    return {role: value for role, value in found.items() if value}
