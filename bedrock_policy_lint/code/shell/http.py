"""Calls of Bedrock's HTTP API with `curl`: the URL says what is called, a header with whose credentials."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from bedrock_policy_lint.code.shell.spelling import Spelled
from bedrock_policy_lint.code.site import (
    AGENT,
    ALIAS,
    CREDENTIALS,
    FLOW,
    GUARDRAIL,
    GUARDRAIL_VERSION,
    KNOWLEDGE_BASE,
    MODEL,
    PROFILE,
    REGION,
    CallSite,
)
from bedrock_policy_lint.sources.node import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bedrock_policy_lint.code.shell.run import Run
    from bedrock_policy_lint.code.shell.scope import Argument, Binding
    from bedrock_policy_lint.code.site import Value

COMMANDS = frozenset({"curl", "awscurl", "http", "https", "xh", "xhs", "wget", "httpie"})
_AWSCURL = "awscurl"
_FIELD = r"[^/?#\s\"']+"
_host = re.compile(
    r"https://(?P<client>bedrock-runtime|bedrock-agent-runtime)(?:-fips)?\.(?P<region>[^./\s]+)\.amazonaws\.com(?:\.cn)?"
    r"(?::443)?/(?P<path>[^?#\s]*)"
).match
_PATHS: Mapping[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    # https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html
    "bedrock-runtime": (
        (re.compile(r"model/(?P<model>.+)/invoke"), "InvokeModel"),
        (re.compile(r"model/(?P<model>.+)/invoke-with-response-stream"), "InvokeModelWithResponseStream"),
        (re.compile(r"model/(?P<model>.+)/converse"), "Converse"),
        (re.compile(r"model/(?P<model>.+)/converse-stream"), "ConverseStream"),
        (re.compile(r"model/(?P<model>.+)/count-tokens"), "CountTokens"),
        (re.compile(rf"guardrail/(?P<guardrail>{_FIELD})/version/(?P<version>{_FIELD})/apply"), "ApplyGuardrail"),
    ),
    # https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Agents_for_Amazon_Bedrock_Runtime.html
    "bedrock-agent-runtime": (
        (re.compile(rf"knowledgebases/(?P<base>{_FIELD})/retrieve"), "Retrieve"),
        (re.compile(rf"agents/(?P<agent>{_FIELD})/agentAliases/(?P<alias>{_FIELD})/sessions/.+"), "InvokeAgent"),
        (re.compile(rf"flows/(?P<flow>{_FIELD})/aliases/(?P<alias>{_FIELD})"), "InvokeFlow"),
    ),
}
_MEANINGS = {
    "model": MODEL,
    "guardrail": GUARDRAIL,
    "version": GUARDRAIL_VERSION,
    "base": KNOWLEDGE_BASE,
    "agent": AGENT,
    "alias": ALIAS,
    "flow": FLOW,
}
_HEADERS = {
    # https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html
    "x-amzn-bedrock-guardrailidentifier": GUARDRAIL,
    "x-amzn-bedrock-guardrailversion": GUARDRAIL_VERSION,
    "authorization": CREDENTIALS,
}
_KEY_OPTIONS = ("-u", "--user")
_escape = re.compile(r"%[0-9a-fA-F]{2}")


def find(arguments: tuple[Argument, ...], run: Run, own: Mapping[str, Binding]) -> Iterator[CallSite]:
    """The calls that a command line with URLs makes."""
    around = _around(arguments, run)
    for argument in arguments[1:]:
        urls = [found for value in argument.values if (found := _called(value, run))]
        for operation, client, given in urls:
            first = arguments[0].values[0]
            node = Node(first.text, first.start, first.end, first.source)
            several = {
                name: tuple(
                    value._replace(is_one_of_several=value.is_one_of_several or len(urls) > 1) for value in held
                )
                for name, held in given.items()
            }
            yield CallSite(operation, node, _name(first), client, given={**around, **several})


def _name(command: Spelled) -> str:
    return command.text.rsplit("/", 1)[-1]


def _called(url: Spelled, run: Run) -> tuple[str, str, dict[str, tuple[Value, ...]]] | None:
    """What a URL calls."""
    match = _host(url.text)
    if match is None:
        return None
    path = match["path"].rstrip("/")
    for pattern, operation in _PATHS[match["client"]]:
        found = pattern.fullmatch(path)
        if found is None:
            continue
        begin = match.start("path")
        given: dict[str, tuple[Value, ...]] = {REGION: (url.part(*match.span("region")).value(run.marks),)}
        for group in found.groupdict():
            start, end = found.span(group)
            given[_MEANINGS[group]] = (_decoded(url.part(begin + start, begin + end)).value(run.marks),)
        return operation, match["client"], given
    return None


def _decoded(spelled: Spelled) -> Spelled:
    """What stands percent-encoded in a path."""
    if "%" not in spelled.text:
        return spelled
    text, starts, ends = "", list[int](), list[int]()
    at = 0
    while at < len(spelled.text):
        width = 3 if _escape.match(spelled.text, at) else 1
        piece = unquote(spelled.text[at : at + width], errors="replace")
        text += piece
        starts += [spelled.starts[at]] * len(piece)
        ends += [spelled.ends[at + width - 1]] * len(piece)
        at += width
    return spelled._replace(text=text, starts=starts, ends=ends)


def _around(arguments: tuple[Argument, ...], run: Run) -> dict[str, tuple[Value, ...]]:
    """What headers and options say."""
    found: dict[str, tuple[Value, ...]] = {}
    for option, argument in zip(arguments, (*arguments[1:], None), strict=True):
        header = option.values[0]
        name, is_header, content = header.text.partition(":")
        meaning = _HEADERS.get(name.strip().lower())
        if is_header and meaning:
            start = len(name) + 1 + len(content) - len(content.lstrip())
            found[meaning] = (header.part(start).value(run.marks),)
        text = run.plain(option)
        if argument is None or text is None:
            continue
        if text in _KEY_OPTIONS:
            found[CREDENTIALS] = tuple(value.value(run.marks) for value in argument.values)
        elif text == "--profile" and _name(arguments[0].values[0]) == _AWSCURL:
            found[PROFILE] = tuple(value.value(run.marks) for value in argument.values)
    return found
