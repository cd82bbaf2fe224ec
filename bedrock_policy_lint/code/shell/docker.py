"""Dockerfiles: what `ENV` and `ARG` set, and the commands of `RUN`, `CMD` and `ENTRYPOINT`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.shell.builder import Builder
from bedrock_policy_lint.code.shell.run import Run
from bedrock_policy_lint.code.shell.scope import Argument, Binding
from bedrock_policy_lint.code.shell.spelling import Spelled, of_node
from bedrock_policy_lint.code.shell.words import Script
from bedrock_policy_lint.code.site import ENVIRONMENT
from bedrock_policy_lint.sources import json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.code.shell.sites import Sites
    from bedrock_policy_lint.sources.source import Source

_directive = re.compile(r"#[ \t]*escape[ \t]*=[ \t]*`", re.IGNORECASE).match
_instruction = re.compile(r"[ \t]*([A-Za-z]+)[ \t]+").match
_comment = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|$)").match
_flag = re.compile(r"(?:--[a-z]+(?:=\S*)?(?:[ \t]+|\\\r?\n))+").match
_pair = re.compile(r"[ \t]*(?:\\\r?\n)*[ \t]*([A-Za-z_]\w*)=").match
_old_pair = re.compile(r"[ \t]*([A-Za-z_]\w*)[ \t]+(?=\S)").match
"""`ENV NAME value`, which takes the rest of the line."""
_heredoc = re.compile(r"<<-?[\"']?(\w+)[\"']?[ \t]*\r?\n?$").search


def read(sites: Sites) -> None:
    """Follow the commands of a Dockerfile, stage by stage."""
    variables: dict[str, Binding] = {}
    for name, script in _instructions(sites):
        if name == "FROM":
            variables = {}
        elif name in ("ENV", "ARG"):
            _set(sites, script, variables, is_argument=name == "ARG")
        elif name in ("RUN", "CMD", "ENTRYPOINT"):
            _run(sites, script, dict(variables))
    sites.set_up(variables)


def environment(sites: Sites) -> dict[str, Binding]:
    """What `ENV` of the last stage sets."""
    variables: dict[str, Binding] = {}
    for name, script in _instructions(sites):
        if name == "FROM":
            variables = {}
        elif name in ("ENV", "ARG"):
            _set(sites, script, variables, is_argument=name == "ARG")
    return {name: binding for name, binding in variables.items() if binding.is_exported}


def _instructions(sites: Sites) -> Iterator[tuple[str, Script]]:
    """Each instruction with what it is given; comments within are left out."""
    source = sites.source
    text, at = source.text, 0
    escape = "`" if _directive(text) else "\\"
    while at < len(text):
        blank = _comment(text, at)
        if blank is not None and blank.end() > at:
            at = blank.end()
            continue
        match = _instruction(text, at)
        start = match.end() if match else at
        builder = Builder(source, sites.marks)
        at = _lines(source, builder, start, escape)
        script = builder.script()
        heredoc = _heredoc(script.text)
        if match and heredoc and match[1].upper() == "RUN":
            begin = at
            at, end = _behind(text, at, heredoc[1])
            yield "RUN", Script(source, text[begin:end], range(begin, end + 1))
        elif match:
            yield match[1].upper(), script


def _lines(source: Source, builder: Builder, at: int, escape: str) -> int:
    """The lines of an instruction; where the next begins."""
    text = source.text
    while at < len(text):
        line_end = text.find("\n", at)
        line_end = len(text) if line_end < 0 else line_end
        line = text[at:line_end].rstrip()
        if not line.endswith(escape):
            builder.add(at, line_end)
            return line_end + 1
        builder.add(at, at + len(line) - 1)
        at = line_end + 1
        while at < len(text) and (blank := _comment(text, at)) and blank.end() > at:
            at = blank.end()
        builder.gap(at)
    return at


def _behind(text: str, at: int, delimiter: str) -> tuple[int, int]:
    """Where the instruction behind a here-document begins, and where that ends."""
    match = re.compile(rf"^[\t]*{re.escape(delimiter)}[ \t\r]*$", re.MULTILINE).search(text, at)
    return (len(text), len(text)) if match is None else (match.end() + 1, match.start())


def _set(sites: Sites, script: Script, variables: dict[str, Binding], *, is_argument: bool) -> None:
    """`ENV NAME=value NAME=value`, `ARG NAME=value`: written as a shell would."""
    old = None if is_argument or _pair(script.text) else _old_pair(script.text)
    if old is not None:
        end = len(script.text.rstrip())
        value = Spelled(
            script.text[old.end() : end],
            script.offsets[old.end() : end],
            script.offsets[old.end() + 1 : end + 1],
            script.source,
            script.offsets[old.end()],
        )
        unknown = sites.hole_at(value.text, value.text, value.start, value.end)
        variables[old[1]] = Binding((unknown if "$" in value.text else value,), is_exported=True)
        return
    run = Run(sites.files, sites.marks, _ignore, dict(variables))
    run.follow(script)
    for name, binding in run.scope.variables.items():
        if binding is variables.get(name):
            continue
        values = binding.values
        if is_argument:
            # `docker build --build-arg` may set it to something else.
            at = values[0].start if values else script.offsets[0]
            unknown = sites.hole_at(f"{ENVIRONMENT}{name}", f"${name}", at, at)
            values = (unknown, *(value._replace(default_of=value.default_of or name) for value in values))
        variables[name] = Binding(values, is_exported=True, name=binding.name)


def _ignore(arguments: tuple[Argument, ...], run: Run, own: object) -> None:
    pass


def _run(sites: Sites, script: Script, variables: dict[str, Binding]) -> None:
    flags = _flag(script.text)
    if flags is not None:
        end = flags.end()
        script = script._replace(text=script.text[end:], offsets=script.offsets[end:])
    if script.text.lstrip().startswith("["):
        arguments = _listed(script)
        if arguments:
            sites.run(arguments, script, variables)
            return
    sites.follow(script, variables)


def _listed(script: Script) -> tuple[Argument, ...]:
    """`["aws", "bedrock-runtime", …]`."""
    start = script.offsets[len(script.text) - len(script.text.lstrip())]
    try:
        node = json.value_at(script.source, start)
    except json.JsonError:
        return ()
    if not isinstance(node.value, list) or not all(isinstance(item.value, str) for item in node.value):
        return ()
    return tuple(Argument((of_node(item, item.value),)) for item in node.value)
