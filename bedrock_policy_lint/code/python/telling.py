"""Which calls of a file are worth a look: by their names alone, since following every one would take long."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.python import environment, frameworks, sdk
from bedrock_policy_lint.code.python.scopes import ENTERED, IMPORT, IMPORT_FROM, MODULE, PARAMETER, VALUE, dotted

if TYPE_CHECKING:
    from bedrock_policy_lint.code.python.scopes import Binding, Scope


_SDK = frozenset({*sdk.METHODS, "paginate"})


@cache
def _names() -> frozenset[str]:
    """The last names of what calls Bedrock through a library."""
    found: set[str] = set()
    for name, ways in frameworks.LIBRARIES.items():
        found.add(name.rsplit(".", 1)[-1])
        found.update(method.rsplit(".", 1)[-1] for made in ways for method, calls in made.methods.items() if calls)
    return frozenset(found)


@cache
def _readers() -> frozenset[str]:
    """The last names of what reads the environment."""
    return frozenset(name.rsplit(".", 1)[-1] for name in environment.READERS)


def may_call(function: ast.expr, scope: Scope) -> bool:
    """Whether calling an expression may call Bedrock."""
    if isinstance(function, ast.Attribute):
        if function.attr in _SDK:
            return True
        return function.attr in _names() and not _is_of_parameter(function.value, scope)
    if isinstance(function, ast.Call):
        return isinstance(function.func, ast.Name) and (function.func.id != "getattr" or _gets_one(function))
    if not isinstance(function, ast.Name):
        return False
    return any(_leads_on(binding, function.id, _names()) for binding in _bindings(function.id, scope))


def _is_of_parameter(owner: ast.expr, scope: Scope) -> bool:
    """Whether something is a parameter, or a part of one: what libraries make is a site where it is made and handed
    on."""
    while isinstance(owner, ast.Attribute):
        owner = owner.value
    if not isinstance(owner, ast.Name) or owner.id in ("self", "cls"):
        return False
    bindings = _bindings(owner.id, scope)
    return bool(bindings) and all(binding.kind == PARAMETER for binding in bindings)


def _gets_one(call: ast.Call) -> bool:
    """Whether `getattr(…)` may get something that calls Bedrock."""
    name = call.args[1] if len(call.args) > 1 else None
    return isinstance(name, ast.Constant) and (name.value in _SDK or name.value in _names())


def may_read(function: ast.expr, scope: Scope) -> bool:
    """Whether calling an expression, or taking a key of it, may read the environment."""
    root = function
    while isinstance(root, ast.Attribute):
        root = root.value
    if not isinstance(root, ast.Name):
        return False
    if isinstance(function, ast.Attribute) and function.attr not in _readers() | {"environ"}:
        return False
    return any(_is_plain(binding) for binding in _bindings(root.id, scope))


def may_name(key: ast.expr, scope: Scope) -> bool:
    """Whether a key may be a text that is easily told: written there, or a constant of a module."""
    while isinstance(key, ast.Attribute):
        key = key.value
    if isinstance(key, ast.Name):
        return any(_is_plain(binding) for binding in _bindings(key.id, scope))
    return isinstance(key, ast.Constant)


def _is_plain(binding: Binding) -> bool:
    return binding.kind in (IMPORT, IMPORT_FROM) or (binding.kind == VALUE and binding.scope.kind == MODULE)


def _bindings(name: str, scope: Scope) -> list[Binding]:
    """What may bind a name, in the nearest scope that does."""
    step: Scope | None = scope
    while step is not None:
        if name in step.bindings:
            return step.bindings[name]
        step = step.parent
    return []


def _leads_on(binding: Binding, name: str, names: frozenset[str]) -> bool:
    """Whether a name may stand for something of one of these names."""
    if binding.kind == IMPORT_FROM and isinstance(binding.node, ast.ImportFrom):
        original = next((alias.name for alias in binding.node.names if (alias.asname or alias.name) == name), name)
        return original in names
    if isinstance(binding.node, ast.ClassDef):
        return any(dotted(base).rsplit(".", 1)[-1] in names for base in binding.node.bases)
    return binding.kind in (VALUE, ENTERED)
