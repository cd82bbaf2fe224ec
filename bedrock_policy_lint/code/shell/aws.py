"""Calls of Bedrock through the AWS command line."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.bedrock.operations import CLIENTS, OPERATIONS
from bedrock_policy_lint.code.shell.parameters import FILES, UnreadableError, of_file, of_json, structure
from bedrock_policy_lint.code.shell.scope import Argument
from bedrock_policy_lint.code.shell.spelling import Spelled, alternatives
from bedrock_policy_lint.code.site import (
    CREDENTIALS,
    ENDPOINT,
    ENVIRONMENT,
    MODEL,
    PROFILE,
    REGION,
    CallSite,
    Unread,
)
from bedrock_policy_lint.model.text import Hole
from bedrock_policy_lint.sources.node import Node
from bedrock_policy_lint.sources.source import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bedrock_policy_lint.code.shell.parameters import Tree
    from bedrock_policy_lint.code.shell.run import Run
    from bedrock_policy_lint.code.shell.scope import Binding
    from bedrock_policy_lint.code.site import Value

LIBRARY = "aws-cli"
_NOT_COMMANDS = frozenset(
    {
        "ConverseStream",
        "InvokeModelWithResponseStream",
        "InvokeModelWithBidirectionalStream",
        "InvokeAgent",
        "InvokeInlineAgent",
        "InvokeFlow",
        "RetrieveAndGenerateStream",
    }
)
"""Operations that answer in a stream are no commands of the AWS command line, as its reference lists them:
https://docs.aws.amazon.com/cli/latest/reference/bedrock-runtime/ and
https://docs.aws.amazon.com/cli/latest/reference/bedrock-agent-runtime/."""
_GLOBAL_FLAGS = frozenset(
    {
        *("--debug", "--no-verify-ssl", "--no-paginate", "--no-sign-request", "--no-cli-pager", "--cli-auto-prompt"),
        *("--no-cli-auto-prompt", "--version", "--v2-debug", "--no-cli-prompt"),
    }
)
"""Options of every command that take no value:
https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-options.html."""
_INPUT = "--cli-input-json"
_NOT_SENT = "--generate-cli-skeleton"
"""With it nothing is sent."""
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_BEARER_TOKEN_BEDROCK", "AWS_WEB_IDENTITY_TOKEN_FILE")
"""Variables that bring credentials that are not those of the role that code runs with."""
_PROFILES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
_ENDPOINTS = ("AWS_ENDPOINT_URL_{}", "AWS_ENDPOINT_URL")
_humps = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def kebab(name: str) -> str:
    """A name of the API as the command line writes it."""
    return _humps.sub("-", name).lower()


_COMMANDS = {
    (operation.client, kebab(name)): name for name, operation in OPERATIONS.items() if name not in _NOT_COMMANDS
}


class _Line(NamedTuple):
    """A command line, taken apart."""

    words: tuple[Argument, ...]
    """What stands before the first option that is no global one: `bedrock-runtime converse`."""
    options: Mapping[str, Argument]
    open: tuple[Argument, ...]
    """What may be options that cannot be told."""


class Found(NamedTuple):
    """What a command line comes to."""

    site: CallSite | None = None
    unread: Unread | None = None


def find(arguments: tuple[Argument, ...], run: Run, own: Mapping[str, Binding]) -> Found:
    """The call that a command line of `aws` makes."""
    line = _taken_apart(arguments[1:], run)
    if not line.words or run.plain(line.words[0]) not in CLIENTS or _NOT_SENT in line.options:
        return Found()
    client = run.plain(line.words[0]) or ""
    if len(line.words) < 2:
        return Found()
    command = run.plain(line.words[1])
    if command is None:
        at = line.words[1].values[0]
        return Found(unread=Unread(Span(at.source, at.start, at.end), f"which command of `aws {client}` is run"))
    name = _COMMANDS.get((client, command))
    if name is None or any(run.plain(word) == "help" for word in line.words[2:3]):
        return Found()
    given = {**_parameters(name, line, run), **_surroundings(client, line, run, own)}
    return Found(CallSite(name, _caller(arguments[0], line, f"{client} {command}"), LIBRARY, client, given=given))


def _caller(aws: Argument, line: _Line, called: str) -> Node:
    """`aws bedrock-runtime converse`, from the first word that stands in the same line as the last."""
    last = line.words[1].values[0]
    source = last.source
    for first, text in ((aws.values[0], f"aws {called}"), (line.words[0].values[0], called)):
        stretch = source.text[first.start : last.end]
        if first.source is source and first.start < last.start and "\n" not in stretch:
            return Node(text, first.start, last.end, source)
    return Node(called, last.start, last.end, source)


def _taken_apart(arguments: tuple[Argument, ...], run: Run) -> _Line:
    words: list[Argument] = []
    options: dict[str, Argument] = {}
    unknown: list[Argument] = []
    waiting = ""
    """The option whose value comes next."""
    for argument in arguments:
        first = argument.values[0].text
        if first.startswith("--") and len(first) > 2:
            name, is_given, _ = first.partition("=")
            waiting = "" if is_given or name in _GLOBAL_FLAGS else name
            if is_given:
                options[name] = Argument(tuple(value.part(len(name) + 1) for value in argument.values))
            elif name in _GLOBAL_FLAGS or name == _NOT_SENT:
                options[name] = argument
        elif waiting:
            options[waiting] = argument
            waiting = ""
        elif run.plain(argument) is None and len(words) != 1:
            unknown.append(argument)
        else:
            words.append(argument)
    return _Line(tuple(words), options, tuple(unknown))


def _parameters(name: str, line: _Line, run: Run) -> dict[str, tuple[Value, ...]]:
    """What the parameters of an operation are given."""
    found: dict[str, list[Spelled]] = {}
    whole = line.options.get(_INPUT)
    for path, meaning in OPERATIONS[name].parameters.items():
        first, *rest = path.split(".")
        option = line.options.get(f"--{kebab(first)}")
        if option is not None:
            values = _at(option, rest, run)
        elif whole is not None:
            values = _at(whole, [first, *rest], run)
        elif line.open and meaning == MODEL and not rest:
            values = list(line.open[0].values)
        else:
            continue
        found.setdefault(meaning, []).extend(values)
    return {
        meaning: tuple(value.value(run.marks) for value in alternatives(values))
        for meaning, values in found.items()
        if values
    }


def _at(option: Argument, path: list[str], run: Run) -> list[Spelled]:
    """What stands at a path of an option, for each value that it may have; the value itself where that is unknown."""
    found: list[Spelled] = []
    for value in option.values:
        if not path:
            found.append(_unknown(value, run) if value.text.startswith(FILES) else value)
            continue
        try:
            tree: Tree | None = _tree(value, run)
        except UnreadableError:
            found.append(_unknown(value, run))
            continue
        for name in path:
            tree = None if tree is None or isinstance(tree, Spelled) else tree.get(name)
        if isinstance(tree, Spelled):
            found.append(tree)
    if path and len(found) == len(option.values) and len({value.text for value in found}) == 1:
        return [found[0]._replace(default_of="", is_one_of_several=False)]
    return found


def _unknown(value: Spelled, run: Run) -> Spelled:
    """What only running the script would tell."""
    if run.marks.hole(value.text) is not None:
        return value
    written = run.marks.written(value.text)
    mark = run.marks.mark(Hole(written, written))
    return Spelled(mark, [value.start], [value.end], value.source, value.start)


def _tree(value: Spelled, run: Run) -> Mapping[str, Tree]:
    scheme = next((scheme for scheme in FILES if value.text.startswith(scheme)), "")
    if not scheme:
        text = value.text.lstrip()
        return of_json(value, run.marks) if text[:1] == "{" else structure(value, run.marks)
    from bedrock_policy_lint.sources import json

    path = run.find(Argument((value.part(len(scheme)),)))
    source = run.files.source(path) if path else None
    if source is None:
        raise UnreadableError
    try:
        return of_file(json.read(source)[0])
    except json.JsonError:
        raise UnreadableError from None


def _surroundings(client: str, line: _Line, run: Run, own: Mapping[str, Binding]) -> dict[str, tuple[Value, ...]]:
    """Region, profile, credentials, endpoint: options first, then variables."""
    found: dict[str, tuple[Spelled, ...]] = {REGION: region(line.options.get("--region"), run, own)}
    if not found[REGION] and line.open:
        found[REGION] = line.open[0].values
    profile = line.options.get("--profile")
    found[PROFILE] = profile.values if profile else _first(_PROFILES, run, own)
    found[CREDENTIALS] = () if profile else _first(KEYS, run, own)
    endpoint = line.options.get("--endpoint-url")
    names = [name.format(client.upper().replace("-", "_")) for name in _ENDPOINTS]
    found[ENDPOINT] = endpoint.values if endpoint else _first(names, run, own)
    return {
        name: tuple(value.value(run.marks) for value in values) for name, values in found.items() if _is_there(values)
    }


def _is_there(values: tuple[Spelled, ...]) -> bool:
    return any(value.text for value in values)


def _first(names: tuple[str, ...] | list[str], run: Run, own: Mapping[str, Binding]) -> tuple[Spelled, ...]:
    """What the first of these variables is set to that a script sets to something else than it was."""
    for name in names:
        itself = run.marks.mark(Hole(ENVIRONMENT + name, f"${name}"))
        values = tuple(value for value in run.environment(name, own) if value.text not in ("", itself))
        if values:
            return values
    return ()


def region(option: Argument | None, run: Run, own: Mapping[str, Binding]) -> tuple[Spelled, ...]:
    """The Region of a command. `AWS_REGION` overrides `AWS_DEFAULT_REGION`
    (https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html), and services of AWS set it."""
    if option is not None:
        return option.values
    set_here = run.environment("AWS_REGION", own)
    if set_here:
        return set_here
    default = run.environment("AWS_DEFAULT_REGION", own)
    if not default:
        return ()
    at = default[0]
    mark = run.marks.mark(Hole(f"{ENVIRONMENT}AWS_REGION", "$AWS_REGION"))
    unknown = Spelled(mark, [at.start], [at.end], at.source, at.start)
    return (unknown, *(value._replace(default_of=value.default_of or "AWS_REGION") for value in default))


def is_aws(name: str) -> bool:
    """Whether a command is the AWS command line."""
    return os.path.basename(name) in ("aws", "aws.exe")
