"""Lines of PowerShell that run the AWS command line: nothing is followed but variables set to a text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.shell.scope import Argument, Binding
from bedrock_policy_lint.code.shell.spelling import Spelled, alternatives
from bedrock_policy_lint.code.shell.words import whole
from bedrock_policy_lint.code.site import ENVIRONMENT
from bedrock_policy_lint.sources.node import Node

if TYPE_CHECKING:
    from bedrock_policy_lint.code.shell.sites import Sites
    from bedrock_policy_lint.code.shell.words import Script

_line = re.compile(r"(?:[^\n`]|`\r?\n|`.?)+").finditer
_comment = re.compile(r"<#.*?#>", re.DOTALL)
_assignment = re.compile(
    r"\s*\$(?P<env>env:)?(?P<name>\w+)\s*=\s*(?:\"(?P<double>[^\"$`\n]*)\"|'(?P<single>[^'\n]*)')\s*;?\s*(?:#.*)?$",
    re.IGNORECASE,
).match
_changed = re.compile(r"\$(?P<env>env:)?(?P<name>\w+)\s*[+\-*/]?=(?!=)", re.IGNORECASE).finditer
_aws = re.compile(r"(?:^|[|;&(={]|\bdo\b)\s*&?\s*(?P<aws>aws(?:\.exe)?)(?=\s)", re.IGNORECASE).search
_word = re.compile(
    r"(?:`\r?\n|[ \t\r])*(?:\"(?P<double>(?:[^\"`]|`.)*)\"|'(?P<single>[^']*)'"
    r"|(?P<bare>[^\s\"'`;|&)}{(]+)|(?P<open>[({]))"
).match
_variable = re.compile(r"\$(?:\{(?P<braced>[\w:]+)\}|(?P<name>(?:env:)?\w+))(?!\.|\[)", re.IGNORECASE)


def read(sites: Sites) -> None:
    """Follow the lines of a script."""
    follow(whole(sites.source), sites, {})


def follow(script: Script, sites: Sites, variables: dict[str, Binding]) -> None:
    """Follow lines of PowerShell in surroundings that set these variables."""
    if script.fills:
        return  # expressions of a workflow in PowerShell
    text = _comment.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), script.text)
    held = {f"env:{name.lower()}": binding.values for name, binding in variables.items()}
    names = {name.lower(): name for name in variables}
    depth = 0
    for match in _line(text):
        start, end = match.span()
        line = text[start:end]
        if line.lstrip().startswith("#"):
            continue
        _assign(script, line, start, held, names, sites, is_certain=depth == 0)
        depth += line.count("{") - line.count("}")
        if found := _aws(line):
            arguments = _arguments(script, text, start + found.start("aws"), end, held, sites)
            own = {
                names.get(name[4:], name[4:].upper()): Binding(values, is_exported=True)
                for name, values in held.items()
                if name.startswith("env:")
            }
            sites.run(arguments, script, own)


def _assign(
    script: Script,
    line: str,
    start: int,
    held: dict[str, tuple[Spelled, ...]],
    names: dict[str, str],
    sites: Sites,
    *,
    is_certain: bool,
) -> None:
    for match in _changed(line):
        key = f"{(match['env'] or '').lower()}{match['name'].lower()}"
        if match["env"]:
            names[match["name"].lower()] = match["name"]
        values = (_unknown(script, sites, f"${match['name']}", start + match.start(), start + match.end("name")),)
        if whole_line := _assignment(line):
            group = "double" if whole_line["double"] is not None else "single"
            values = (_literal(script, *(start + at for at in whole_line.span(group))),)
        before = held.get(
            key, (_unknown(script, sites, _named(key), start + match.start(), start + match.end("name")),)
        )
        held[key] = values if is_certain else alternatives(before, values)


def _named(key: str) -> str:
    return f"{ENVIRONMENT}{key[4:].upper()}" if key.startswith("env:") else f"${key}"


def _literal(script: Script, start: int, end: int) -> Spelled:
    offsets = script.offsets
    return Spelled(
        script.text[start:end], offsets[start:end], offsets[start + 1 : end + 1], script.source, offsets[start]
    )


def _unknown(script: Script, sites: Sites, name: str, start: int, end: int) -> Spelled:
    written = f"$env:{name[len(ENVIRONMENT) :]}" if name.startswith(ENVIRONMENT) else name
    return sites.hole_at(name, written, script.offsets[start], script.offsets[end])


def _arguments(
    script: Script, text: str, at: int, end: int, held: dict[str, tuple[Spelled, ...]], sites: Sites
) -> tuple[Argument, ...]:
    """The words of a command line."""
    found: list[Argument] = []
    while match := _word(text, at, end):
        at = match.end()
        group = next(name for name in ("double", "single", "bare", "open") if match[name] is not None)
        begin, close = match.span(group)
        if group == "bare" and text[begin] == "#":
            break
        if group == "open":
            break
        content = text[begin:close]
        if group == "single" or not ("$" in content or "`" in content):
            found.append(Argument((_literal(script, begin, close),)))
            continue
        variable = _variable.fullmatch(content)
        key = ((variable["braced"] or variable["name"]) if variable else "").lower()
        if key in held:
            name = Node(content, script.offsets[begin], script.offsets[close], script.source)
            found.append(Argument(tuple(value._replace(named=(name, *value.named)) for value in held[key])))
        else:
            hole = _named(key) if key.startswith("env:") else content
            found.append(Argument((_unknown(script, sites, hole, begin, close),)))
    return tuple(found)
