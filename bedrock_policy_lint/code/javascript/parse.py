"""A file of JavaScript or TypeScript, read into its names, calls, imports and exports."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.javascript.blocks import Blocks
from bedrock_policy_lint.code.javascript.statements import Statements, exported_member, quoted
from bedrock_policy_lint.code.javascript.tokens import tokens
from bedrock_policy_lint.code.javascript.tree import (
    Call,
    Class,
    Export,
    Expression,
    Function,
    Index,
    Member,
    Module,
    Name,
    Opaque,
    Record,
    Set,
    This,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.sources.source import Source

MOST = 1_500_000
"""A file of more characters is a bundle that nobody edits, and not read."""
_TYPED = (".ts", ".tsx", ".mts", ".cts", ".vue", ".svelte", ".astro")
_NO_JSX = (".ts", ".mts", ".cts", ".vue", ".svelte", ".astro")
_COMPONENT = (".vue", ".svelte", ".astro")
_SCRIPT = re.compile(r"<script\b[^>]*>(.*?)</script\s*>|\A\s*---\n(.*?)\n---", re.DOTALL | re.IGNORECASE)
_NOT_LINE_END = re.compile(r"[^\n]")


def parse(source: Source) -> Module:
    """A file; whatever it is, something is made of it."""
    path = source.path.lower()
    text = _scripts(source.text) if path.endswith(_COMPONENT) else source.text
    if len(text) > MOST:
        module = Module(source)
        size = f"{len(text) / 1_000_000:.1f} million characters"
        module.trouble.append((0, f"it has {size}, more than the {MOST / 1_000_000:.1f} that are read"))
        return module
    read = tokens(text, has_jsx=not path.endswith(_NO_JSX))
    module = Module(source)
    module.comments = read.comments
    reader = Statements(module, read, is_typed=path.endswith(_TYPED))
    reader.all()
    if read.stray >= 0:
        module.trouble.append((read.stray, "its brackets do not pair up"))
    for target, operator, value in reader.assigned:
        _assign(module, target, operator, value)
    module.inputs = _inputs(reader.assigned)
    _required(module)
    _open_exports(module)
    module.blocks = Blocks(read, reader.functions, module.declared)
    return module


def _scripts(text: str) -> str:
    """The scripts of a component, all else blank, so that places stay."""
    pieces: list[str] = []
    end = 0
    for match in _SCRIPT.finditer(text):
        group = 1 if match[1] is not None else 2
        pieces += [_NOT_LINE_END.sub(" ", text[end : match.start(group)]), match[group]]
        end = match.end(group)
    pieces.append(_NOT_LINE_END.sub(" ", text[end:]))
    return "".join(pieces)


def _assign(module: Module, target: Expression, operator: str, value: Expression) -> None:
    """What an assignment says of a name or a member; what it makes by calculation is not known."""
    if operator not in ("=", "??=", "||="):
        value = Opaque(target.start, value.end)
    exported = exported_member(target)
    if exported is not None:
        if isinstance(value, Function) and not value.name:
            value.name = exported
        module.exports.setdefault(exported, []).append(Export(value))
        module.declared.add(target.end - len(exported))  # to export something is not to use it
    elif isinstance(target, Name):
        binding = target.scope.find(target.name)
        if binding is not None:
            if isinstance(value, Function | Class) and not value.name:
                value.name = target.name
            binding.origins.append(Set(value))
    elif isinstance(target, Member | Index):
        _patch(target, value)


def _patch(target: Member | Index, value: Expression) -> None:
    """A member that is set outside of the literal or class that it belongs to."""
    owner: Expression = target.object
    name = target.name if isinstance(target, Member) else "*"
    if isinstance(owner, This):
        if isinstance(value, Function) and not value.name:
            value.name, value.owner = name, owner.owner
        owner.owner.members.setdefault(name, []).append(value)
        return
    while isinstance(owner, Member | Index):  # what is deep in it is not known any more
        name = owner.name if isinstance(owner, Member) else "*"
        owner, value = owner.object, Opaque(target.start, value.end)
    if isinstance(owner, Name):
        binding = owner.scope.find(owner.name)
        if binding is not None:
            binding.patches.setdefault(name, []).append(value)


def _inputs(assigned: list[tuple[Expression, str, Expression]]) -> dict[int, list[tuple[str, Expression]]]:
    """What the commands that calls make are given later, by the identity of the call: `command.input.modelId = …`."""
    found: dict[int, list[tuple[str, Expression]]] = {}
    for target, operator, value in assigned:
        path: list[str] = []
        owner = target
        while isinstance(owner, Member | Index):
            path.insert(0, owner.name if isinstance(owner, Member) else "*")
            owner = owner.object
        binding = owner.scope.find(owner.name) if path[:1] == ["input"] and isinstance(owner, Name) else None
        for origin in binding.origins if binding is not None else ():
            if isinstance(origin, Set) and isinstance(origin.value, Call):
                given = value if operator == "=" else Opaque(target.start, value.end)
                found.setdefault(id(origin.value), []).append((".".join(path[1:]), given))
    return found


def _required(module: Module) -> None:
    """What is loaded by calls: `require("…")`, `import("…")`."""
    for call in module.calls:
        callee = call.callee
        if call.arguments and isinstance(callee, Name) and callee.name in ("require", "import"):
            specifier = quoted(module, call.arguments[0])
            if specifier is not None:
                module.specifiers.setdefault(specifier, call.start)


def _open_exports(module: Module) -> None:
    """Marks the functions that other modules or a framework may call."""
    values: list[Expression] = []
    for made in module.classes:
        if made.parent is not None or made.is_decorated:
            values += [one for members in made.members.values() for one in members]
    values += [argument for call in module.calls for argument in call.arguments]
    known: set[tuple[str, str]] = set()
    for name, exported in _exported(module):
        if isinstance(exported, Name):
            if (name, exported.name) in known:
                continue
            known.add((name, exported.name))
        for value in _values(exported):
            if isinstance(value, Function) and value.name == name:
                value.is_exported = True
            else:
                values.append(value)
        if isinstance(exported, Name) and exported.name == name:
            module.declared.add(exported.start)  # to export something is not to use it
    for value in values:
        if isinstance(value, Function):
            value.is_called_from_outside = True


def _exported(module: Module) -> Iterator[tuple[str, Expression | None]]:
    """What is exported, with the names for it: of `module.exports = {…}` its members."""
    for name, exports in module.exports.items():
        for export in exports:
            if name == "=" and isinstance(export.value, Record):
                yield from ((getattr(one, "name", "..."), one.value) for one in export.value.members)
            else:
                yield name, export.value


def _values(value: Expression | None, depth: int = 0) -> list[Expression]:
    """What an exported expression is, and the members of an exported object."""
    if isinstance(value, Name) and depth < 4:
        binding = value.scope.find(value.name)
        origins = binding.origins if binding is not None else []
        return [one for origin in origins if isinstance(origin, Set) for one in _values(origin.value, depth + 1)]
    if isinstance(value, Record) and depth < 4:
        return [one for member in value.members for one in _values(member.value, depth + 1)]
    if isinstance(value, Call) and depth < 4:
        return [one for argument in value.arguments for one in _values(argument, depth + 1)]
    return [] if value is None else [value]
