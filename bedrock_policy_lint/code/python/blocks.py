"""The stretches of a Python file that run as one: functions, methods, and the module itself."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.python.callers import INNOCENT
from bedrock_policy_lint.code.python.functions import decorators
from bedrock_policy_lint.code.python.scopes import CLASS, MODULE, dotted
from bedrock_policy_lint.code.site import Block

if TYPE_CHECKING:
    from bedrock_policy_lint.code.python.scopes import Names, Scope

_PLAIN_BASES = frozenset(
    {"object", "ABC", "Protocol", "Generic", "BaseModel", "BaseSettings", "Enum", "StrEnum", "str"}
)
"""Classes that do not call the methods of what is derived from them."""


class Blocks:
    """The blocks of a file, and which one a scope belongs to."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._places: dict[ast.AST, int] = {}
        exported = _exported(names)
        classes = {node.name for node in names.classes}
        functions = [node for node in names.inner if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        functions.sort(key=lambda node: (node.lineno, node.col_offset))
        for place, node in enumerate(functions, 1):
            self._places[node] = place
        uses: list[set[str]] = [set() for _ in range(len(functions) + 1)]
        for scope in (names.root, *names.inner.values()):
            uses[self.of(scope)] |= scope.uses
        self.all: list[Block] = [Block("", frozenset(uses[0]))]
        for node, used in zip(functions, uses[1:], strict=True):
            scope = names.inner[node]
            is_outside = node.name in exported or _is_called_from_outside(scope, node, classes)
            self.all.append(Block(_qualified(scope), frozenset(used), is_outside))

    def of(self, scope: Scope | None) -> int:
        """The block that a scope belongs to."""
        while scope is not None and scope.node not in self._places:
            scope = scope.parent
        return 0 if scope is None else self._places[scope.node]


def _qualified(scope: Scope) -> str:
    parts: list[str] = []
    step: Scope | None = scope
    while step is not None and step.kind != MODULE:
        parts.append(getattr(step.node, "name", ""))
        step = step.parent
    return ".".join(part for part in reversed(parts) if part)


def _is_called_from_outside(scope: Scope, node: ast.FunctionDef | ast.AsyncFunctionDef, classes: set[str]) -> bool:
    if decorators(node) - INNOCENT:
        return True
    owner = scope.parent.node if scope.parent is not None and scope.parent.kind == CLASS else None
    if not isinstance(owner, ast.ClassDef):
        return False
    if node.name.startswith("__") and node.name.endswith("__"):
        return True
    bases = {dotted(base.value if isinstance(base, ast.Subscript) else base).rsplit(".", 1)[-1] for base in owner.bases}
    return bool(bases - classes - _PLAIN_BASES)


def _exported(names: Names) -> set[str]:
    """What `__all__` lists."""
    found: set[str] = set()
    for binding in names.root.bindings.get("__all__", ()):
        for item in getattr(binding.value, "elts", ()):
            if isinstance(item, ast.Constant) and isinstance(item.value, str):
                found.add(item.value)
    return found
