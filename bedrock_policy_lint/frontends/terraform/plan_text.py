"""What `terraform show -json` writes, as far as it is needed: where resources stand, and what refers to what."""

from __future__ import annotations

import re
from json import JSONDecoder
from typing import TYPE_CHECKING, Any, NamedTuple

from bedrock_policy_lint.sources.node import Node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bedrock_policy_lint.sources.source import Source

_MARKS = ('"format_version"', '"terraform_version"')
_CONTENTS = ('"resource_changes"', '"planned_values"', '"values"')
MAX_DEPTH = 30
"""So deep may modules nest."""

_space = re.compile(r"[ \t\n\r]*").match
_scanner: Callable[[str, int], tuple[Any, int]] = JSONDecoder().scan_once  # type: ignore[attr-defined]
_DELETED = (["delete"], ["forget"])


class Entry(NamedTuple):
    """A resource in a plan or a state."""

    address: str
    """`module.search["eu"].aws_iam_role.chat`."""
    type: str
    """`aws_iam_role`; of a data source `data.aws_iam_policy_document`."""
    name: Node
    """Its address where it stands in the text."""
    start: int
    end: int
    """Of the object that describes it."""
    is_change: bool
    """Whether its values stand under `change`, with what is not known yet."""


class Outline(NamedTuple):
    """A plan or a state, before any resource in it is looked at."""

    entries: tuple[Entry, ...]
    configuration: dict[str, Any]
    variables: dict[str, Any]
    configured: dict[str, dict[str, Any]]
    """By address without the keys of instances: how a resource is configured."""


def may_be_plan(text: str) -> bool:
    """Whether a text may be a plan or a state; no more than a few searches."""
    return all(mark in text for mark in _MARKS) and any(mark in text for mark in _CONTENTS)


def outline(source: Source) -> Outline | None:
    """The outline of a plan or a state; None when it is neither, or no JSON."""
    try:
        return _outline(source)
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return None


def _outline(source: Source) -> Outline | None:
    text = source.text
    sections = dict(_members(text, _behind_space(text, 0)))
    if not all(mark.strip('"') in sections for mark in _MARKS):
        return None
    changes = sections.get("resource_changes")
    planned = sections.get("planned_values", sections.get("values"))
    if changes is None and planned is None:
        return None
    found = list(_changes(source, changes)) if changes is not None else list(_of_state(source, planned))
    if changes is not None and "prior_state" in sections:
        known = {entry.address for entry in found}
        prior = dict(_members(text, sections["prior_state"]))
        found += [
            entry
            for entry in _of_state(source, prior.get("values"))
            if entry.type.startswith("data.") and entry.address not in known
        ]
    found.sort(key=lambda entry: entry.start)
    beside = {name: _scan(text, sections[name])[0] for name in ("configuration", "variables") if name in sections}
    configuration = part(beside, "configuration")
    return Outline(
        tuple(found), configuration, part(beside, "variables"), dict(_configured(part(configuration, "root_module")))
    )


def part(value: Any, *names: str) -> dict[str, Any]:
    """The object that lies there under these names, one in another; an empty one where there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _configured(module: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    waiting = [("", module)]
    while waiting:
        path, module = waiting.pop()
        yield from ((path + one["address"], one) for one in module.get("resources") or ())
        for name, call in part(module, "module_calls").items():
            if path.count(".") < 2 * MAX_DEPTH:
                waiting.append((f"{path}module.{name}.", part(call, "module")))


def _scan(text: str, at: int) -> tuple[Any, int]:
    """The value that begins there, and where it ends."""
    try:
        return _scanner(text, at)
    except StopIteration:
        raise ValueError(at) from None


def _behind_space(text: str, at: int) -> int:
    match = _space(text, at)
    return match.end() if match else at


def _members(text: str, at: int) -> Iterator[tuple[str, int]]:
    """The names in the object that begins there, and where the value of each begins."""
    if text[at : at + 1] != "{":
        raise ValueError(at)
    at = _behind_space(text, at + 1)
    while text[at : at + 1] == '"':
        name, at = _scan(text, at)
        at = _behind_space(text, at)
        value = _behind_space(text, at + 1)
        yield name, value
        at = _behind_space(text, _scan(text, value)[1])
        if text[at : at + 1] == ",":
            at = _behind_space(text, at + 1)


def _elements(text: str, at: int) -> Iterator[tuple[Any, int, int]]:
    """The elements of the list that begins there, and where each begins and ends."""
    if text[at : at + 1] != "[":
        return
    at = _behind_space(text, at + 1)
    while text[at : at + 1] not in ("]", ""):
        value, end = _scan(text, at)
        yield value, at, end
        at = _behind_space(text, end)
        if text[at : at + 1] == ",":
            at = _behind_space(text, at + 1)


def _changes(source: Source, at: int) -> Iterator[Entry]:
    for value, start, end in _elements(source.text, at):
        if value["change"]["actions"] not in _DELETED and "deposed" not in value:
            yield _entry(source, value, start, end, is_change=True)


def _of_state(source: Source, at: int | None) -> Iterator[Entry]:
    """The resources of a state, those of its modules included."""
    module = dict(_members(source.text, at)).get("root_module") if at is not None else None
    waiting = [(module, 0)] if module is not None else []
    while waiting:
        at, depth = waiting.pop()
        sections = dict(_members(source.text, at))
        if "resources" in sections:
            for value, start, end in _elements(source.text, sections["resources"]):
                yield _entry(source, value, start, end, is_change=False)
        if "child_modules" in sections and depth < MAX_DEPTH:
            below = _elements(source.text, sections["child_modules"])
            waiting += [(start, depth + 1) for _, start, _ in below]


def _entry(source: Source, value: dict[str, Any], start: int, end: int, *, is_change: bool) -> Entry:
    address = value["address"]
    if not isinstance(address, str):
        raise TypeError(address)
    kind = f"data.{value['type']}" if value["mode"] == "data" else str(value["type"])
    place = next(at for name, at in _members(source.text, start) if name == "address")
    return Entry(address, kind, Node(address, place, _scan(source.text, place)[1], source), start, end, is_change)


# References


class Module(NamedTuple):
    """A module as it is configured."""

    path: str
    """What the addresses of its resources begin with: `module.search["eu"].`."""
    configuration: dict[str, Any]
    call: dict[str, Any]
    """How it is called."""
    above: Module | None


_step = re.compile(r'module\.([^.\[]+)(?:\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?\.')
_key = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\](?=\.|$)')
_last_key = re.compile(rf"{_key.pattern}$")


def module_of(outline: Outline, address: str) -> Module:
    """The module that a resource belongs to."""
    module = Module("", part(outline.configuration, "root_module"), {}, None)
    at = 0
    while (match := _step.match(address, at)) is not None:
        call = part(module.configuration, "module_calls", match[1])
        at = match.end()
        module = Module(address[:at], part(call, "module"), call, module)
    return module


def key_of(address: str) -> str:
    """The key of an instance: `["eu"]`, `[0]`; empty for the only one."""
    match = _last_key.search(address)
    return match[0] if match else ""


def without_keys(address: str) -> str:
    """An address as it is configured: `module.search.aws_iam_role.chat`."""
    return _key.sub("", address)


def configured(outline: Outline, address: str) -> dict[str, Any]:
    """How a resource is configured."""
    return part(outline.configured, without_keys(address))


def references(expression: Any) -> list[str]:
    """What an expression refers to, without what is merely the beginning of another reference."""
    found = expression.get("references") if isinstance(expression, dict) else None
    names = [name for name in found if isinstance(name, str)] if isinstance(found, list) else []
    return [name for name in names if not any(_begins(other, name) for other in names if other != name)]


def _begins(name: str, part: str) -> bool:
    return name.startswith((f"{part}.", f"{part}["))
