"""Justfiles: their variables, and the recipes that a shell runs line by line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.shell.builder import Builder
from bedrock_policy_lint.code.shell.scope import Binding
from bedrock_policy_lint.code.shell.spelling import Spelled, distinct, literal
from bedrock_policy_lint.code.site import ENVIRONMENT
from bedrock_policy_lint.sources.node import Node

if TYPE_CHECKING:
    from bedrock_policy_lint.code.shell.sites import Sites
    from bedrock_policy_lint.code.shell.words import Script

_assignment = re.compile(r"(?P<export>export[ \t]+)?(?P<name>[A-Za-z_][\w-]*)[ \t]*:=[ \t]*(?P<value>[^\n]*)").match
_text = re.compile(r"(?P<quote>['\"])(?P<text>[^'\"\n]*)(?P=quote)[ \t]*(?:#.*)?$").match
_environment = re.compile(
    r"env(?:_var|_var_or_default)?\([ \t]*['\"](?P<name>\w+)['\"][ \t]*"
    r"(?:,[ \t]*(?P<quote>['\"])(?P<text>[^'\"\n]*)(?P=quote)[ \t]*)?\)[ \t]*$"
).match
_recipe = re.compile(r"@?[A-Za-z_][\w-]*(?P<parameters>[^:\n]*):(?!=)").match
_parameter = re.compile(r"[$*+]?([A-Za-z_][\w-]*)(?:=(?P<quote>['\"])([^'\"\n]*)(?P=quote))?").finditer
_hole = re.compile(r"\{\{[ \t]*(?P<name>[^{}]*?)[ \t]*\}\}").finditer


def read(sites: Sites) -> None:
    """Follow the recipes of a justfile."""
    source = sites.source
    text = source.text
    lines = [(match.start(), match.end()) for match in re.finditer(r"(?:[^\n\\]++|\\\n?)++", text)]
    held: dict[str, tuple[Spelled, ...]] = {}
    exported: dict[str, Binding] = {}
    for start, end in lines:
        if found := _assignment(text, start, end):
            same = held.get(found["value"].strip())
            held[found["name"]] = same or _value(sites, found.start("value"), found.end("value"))
            if found["export"]:
                exported[found["name"]] = Binding(held[found["name"]], is_exported=True)
    parameters: dict[str, tuple[Spelled, ...]] = {}
    whole: list[tuple[int, int]] = []
    for start, end in [*lines, (len(text), len(text))]:
        if text[start : start + 1] in (" ", "\t"):
            if whole or text[start:end].strip().startswith("#!"):
                whole.append((start, end))
            else:
                sites.follow(_script(sites, [(start, end)], {**held, **parameters}), dict(exported))
            continue
        if whole:
            sites.follow(_script(sites, whole, {**held, **parameters}), dict(exported))
            whole = []
        if found := _recipe(text, start, end):
            parameters = _parameters(sites, *found.span("parameters"))


def _value(sites: Sites, start: int, end: int) -> tuple[Spelled, ...]:
    source = sites.source
    if found := _text(source.text, start, end):
        return (literal(found["text"], source, found.start("text")),)
    if found := _environment(source.text, start, end):
        unknown = sites.hole_at(f"{ENVIRONMENT}{found['name']}", f"${found['name']}", start, end)
        if found["text"] is None:
            return (unknown,)
        default = literal(found["text"], source, found.start("text"))
        return distinct((unknown, default._replace(default_of=found["name"])))
    written = source.text[start:end].strip() or "?"
    return (sites.hole_at(written, written, start, end),)


def _parameters(sites: Sites, start: int, end: int) -> dict[str, tuple[Spelled, ...]]:
    """What the parameters of a recipe are: unknown, or what they are where nothing is given."""
    found: dict[str, tuple[Spelled, ...]] = {}
    for match in _parameter(sites.source.text, start, end):
        unknown = sites.hole_at(match[1], f"{{{{{match[1]}}}}}", *match.span(1))
        if match[3] is None:
            found[match[1]] = (unknown,)
        else:
            default = literal(match[3], sites.source, match.start(3))
            found[match[1]] = tuple(value._replace(is_one_of_several=True) for value in (unknown, default))
    return found


def _script(sites: Sites, lines: list[tuple[int, int]], held: dict[str, tuple[Spelled, ...]]) -> Script:
    source = sites.source
    builder = Builder(source, sites.marks)
    for start, end in lines:
        at = start
        while at < end and source.text[at] in " \t@-":
            at += 1
        for match in _hole(source.text, at, end):
            builder.add(at, match.start())
            name = match["name"]
            values = held.get(name) or (sites.hole_at(match[0], match[0], *match.span()),)
            reference = Node(name, *match.span(), source)
            values = tuple(
                value._replace(named=(reference, *value.named)) if name in held else value for value in values
            )
            builder.put(name, values, *match.span())
            at = match.end()
        builder.add(at, min(end + 1, len(source.text)))
    return builder.script()
