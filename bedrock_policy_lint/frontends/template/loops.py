"""`Fn::ForEach`: copies of members, with the loop's variable replaced; and one spelling for every expression."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from bedrock_policy_lint.frontends.template.computed import (
    Piece,
    has_reference,
    parts_at,
    text_node,
    text_of,
)
from bedrock_policy_lint.frontends.template.tree import LOOP
from bedrock_policy_lint.model.text import Template, Text
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bedrock_policy_lint.frontends.template.evaluate import Evaluator

Scope = tuple[tuple[str, Text], ...]
"""The variables of the loops around an expression, the innermost first."""

_variable = re.compile(r"([$&])\{([^{}!]+)\}").finditer
_not_plain = re.compile("[^A-Za-z0-9]+")


class Entry(NamedTuple):
    """A member of a section, or a copy that a loop makes of one."""

    name: str
    key: Node
    node: Node
    scope: Scope


def members(evaluator: Evaluator, section: Object) -> tuple[Mapping[str, Entry], bool]:
    """The members of a section by name, with the copies that loops make, and whether there are some not known."""
    found: dict[str, Entry] = {}
    is_open = False
    for key, node in section.pairs():
        name = str(key.value)
        if name.startswith(LOOP):
            entries = copies(evaluator, key, node, ())
            is_open = is_open or entries is None
            found.update((entry.name, entry) for entry in entries or ())
        elif name == "Fn::Transform":
            is_open = True
        else:
            found[name] = Entry(name, key, node, ())
    return found, is_open


def copies(evaluator: Evaluator, key: Node, node: Node, scope: Scope) -> list[Entry] | None:
    """The members that a loop makes; None when it is not known how many."""
    parts = node.value if type(node.value) is list else []
    if len(parts) != 3 or not isinstance(parts[0].value, str) or not isinstance(parts[2].value, Object):
        evaluator.fault(key, f"`{key.value}` takes a variable, a list, and a mapping to be copied")
        return []
    variable, collection, body = parts
    texts = _collected(evaluator, key, collection, scope)
    if texts is None:
        return None
    found: list[Entry] = []
    for text in texts:
        for name, value in body.value.pairs():
            if not _takes_one_more(evaluator, key):
                return found
            more = _copied(evaluator, name, value, ((variable.value, text), *scope))
            if more is None:
                return None
            found += more
    return found


def _collected(evaluator: Evaluator, key: Node, node: Node, scope: Scope) -> list[str] | None:
    """What a loop goes through; None when not all of it is known."""
    items = evaluator.compute(node, scope)
    if items is None or isinstance(items.value, Template):
        return None
    if type(items.value) is not list:
        evaluator.fault(node, f"`{key.value}` goes through a list, and this is none")
        return []
    texts = [text_of(item) for item in items.value]
    plain = [text for text in texts if isinstance(text, str)]
    return plain if len(plain) == len(texts) else None


def _copied(evaluator: Evaluator, name: Node, value: Node, scope: Scope) -> list[Entry] | None:
    if isinstance(name.value, str) and name.value.startswith(LOOP):
        return copies(evaluator, name, value, scope)
    copied = filled(evaluator, name, scope)
    return [Entry(str(copied.value), copied, value, scope)]


def _takes_one_more(evaluator: Evaluator, key: Node) -> bool:
    from bedrock_policy_lint.frontends.template.evaluate import MAX_COPIES

    evaluator.copies += 1
    if evaluator.copies == MAX_COPIES + 1:
        evaluator.fault(key, f"the loops of this template make more than {MAX_COPIES:,} copies", "leave some out")
    return evaluator.copies <= MAX_COPIES


def filled(evaluator: Evaluator, node: Node, scope: Scope) -> Node:
    """A text with the variables of loops replaced, and with references to be looked up as holes."""
    text = node.value
    pieces: list[Piece] = []
    at = 0
    for match in _variable(text) if scope else ():
        value = variable(match[1], match[2], scope)
        if value is None:
            continue
        pieces.append(Piece(text[at : match.start()], node, at))
        pieces += parts_at(value, node, match.start(), match.end())
        at = match.end()
    if not pieces and not has_reference(text):
        return node
    found = text_node((*pieces, Piece(text[at:], node, at)), node)
    return node if found.value == text else found


def variable(mark: str, name: str, scope: Scope) -> Text | None:
    """What `${Name}` or `&{Name}` stands for in a loop; the latter keeps letters and digits alone."""
    for known, value in scope:
        if known == name:
            return _not_plain.sub("", value) if mark == "&" and isinstance(value, str) else value
    return None


def spell(node: Node, scope: Scope) -> str:
    """One spelling for an expression, with the variables of loops replaced."""
    value: Any = node.value
    if isinstance(value, Object):
        if len(value) == 2 and str(value[0].value).startswith(("Ref", "Condition", "Fn::")):
            return _call(str(value[0].value), value[1], scope)
        return "{" + ", ".join([f"{key.value}: {spell(item, scope)}" for key, item in value.pairs()]) + "}"
    if isinstance(value, list):
        return "[" + _spelled(value, scope) + "]"
    text = text_of(node)
    if not scope or not isinstance(text, str):
        return "null" if text is None else str(text)
    found: list[str] = []
    at = 0
    for match in _variable(text):
        given = variable(match[1], match[2], scope)
        if given is not None:
            found += [text[at : match.start()], str(given)]
            at = match.end()
    return "".join([*found, text[at:]])


def _call(name: str, argument: Node, scope: Scope) -> str:
    if name == "Ref":
        given = variable("$", str(argument.value), scope)
        return f"${{{argument.value}}}" if given is None else str(given)
    if name == "Fn::GetAtt":
        return "${" + ".".join([spell(item, scope) for item in argument.items]) + "}"
    if name == "Fn::Sub" and isinstance(argument.value, str):
        return spell(argument, scope)
    if name == "Condition":
        return spell(argument, scope)
    if name == "Fn::Equals" and len(argument.items) == 2:
        one, other = [spell(item, scope) or "''" for item in argument.items]
        return f"{other} = {one}" if "${" in other and "${" not in one else f"{one} = {other}"
    given_items = argument.value if type(argument.value) is list else [argument]
    return f"{name.removeprefix('Fn::')}({_spelled(given_items, scope)})"


def _spelled(items: list[Node], scope: Scope) -> str:
    return ", ".join([spell(item, scope) for item in items])
