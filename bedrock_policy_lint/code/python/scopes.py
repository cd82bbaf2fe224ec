"""What the names of a Python file are bound to, and where, as the pass over its tree finds out."""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from bedrock_policy_lint.code.python.syntax import Syntax

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp

MODULE, FUNCTION, CLASS, COMPREHENSION = "module", "function", "class", "comprehension"

VALUE, ELEMENT, ENTERED, PARAMETER = "value", "element", "entered", "parameter"
DEFINITION, IMPORT, IMPORT_FROM, AUGMENTED, UNKNOWN = "definition", "import", "import-from", "augmented", "unknown"
"""How a name gets its value: by an assignment, in a loop, from a context manager, from the caller, by `def` and
`class`, by an import, by `+=`, in a way that is not followed."""

ITEM, MERGED, CHANGED = "item", "merged", "changed"
"""How what a name stands for is changed: `x[key] = value`, `x.update(value)`, in another way: then `key` may be gone,
or may have the value; without a key anything may be changed."""


class Where:
    """Where a statement stands: in which list of statements, and that list in which part of which other statement."""

    __slots__ = ("block", "branch", "index", "parent", "statement")

    def __init__(
        self, statement: ast.stmt, block: list[ast.stmt], index: int, parent: Where | None, branch: str
    ) -> None:
        self.statement = statement
        self.block = block
        self.index = index
        self.parent = parent
        self.branch = branch


class Binding(NamedTuple):
    """One way in which a name gets its value."""

    kind: str
    node: ast.AST
    value: ast.expr | None
    where: Where | None
    scope: Scope
    path: tuple[int, ...] = ()
    """The places in the value, where it is taken apart: `a, (b, c) = value`."""


class Change(NamedTuple):
    """One way in which what a name stands for is changed."""

    kind: str
    node: ast.expr
    key: ast.expr | None
    value: ast.expr | None
    where: Where | None
    scope: Scope


class Store(NamedTuple):
    """`owner.name = value`."""

    owner: ast.expr
    binding: Binding


class Scope:
    """A stretch of code with names of its own."""

    __slots__ = (
        "bindings",
        "changes",
        "elsewhere",
        "kind",
        "module",
        "node",
        "parent",
        "returns",
        "stores",
        "uses",
        "where",
        "yields",
    )

    def __init__(self, kind: str, node: ast.AST, parent: Scope | None, module: Names, where: Where | None) -> None:
        self.kind = kind
        self.node = node
        self.parent = parent
        self.module = module
        self.where = where
        self.bindings: dict[str, list[Binding]] = {}
        self.changes: dict[str, list[Change]] = {}
        self.elsewhere: dict[str, str] = {}
        """The names that it declares `global` or `nonlocal`."""
        self.returns: list[tuple[ast.expr, Where | None]] = []
        self.yields: list[tuple[ast.expr, Where | None]] = []
        self.stores: dict[str, list[Store]] = {}
        """What is assigned to attributes in it, by the attribute."""
        self.uses: set[str] = set()
        """The names in it, and the attributes by their last name; what it imports under another name by its own."""

    @property
    def home(self) -> Scope:
        """The scope whose statements these are: that of a comprehension is around it."""
        scope = self
        while scope.kind == COMPREHENSION and scope.parent is not None:
            scope = scope.parent
        return scope


class Called(NamedTuple):
    """A call, and where it stands."""

    call: ast.Call
    scope: Scope
    where: Where | None


class Names:
    """The scopes of one file, and the places that readers ask for."""

    __slots__ = (
        "by_name",
        "calls",
        "classes",
        "imports",
        "inner",
        "loads",
        "path",
        "root",
        "stars",
        "stores",
        "subscripts",
        "syntax",
    )

    def __init__(self, path: str, syntax: Syntax) -> None:
        self.path = path
        self.syntax = syntax
        self.calls: list[Called] = []
        self.subscripts: list[tuple[ast.Subscript, Scope, Where | None]] = []
        self.imports: list[ast.Import | ast.ImportFrom] = []
        self.stars: list[ast.ImportFrom] = []
        self.stores: set[str] = set()
        """The attributes that are assigned on something else than `self`."""
        self.inner: dict[ast.AST, Scope] = {}
        self.loads: Counter[str] = Counter()
        """How often each name, and each attribute by its last name, is read."""
        self.root = Scope(MODULE, syntax.tree, None, self, None)
        self.by_name: dict[str, list[Called]] = {}
        """The calls by the last name of what is called."""
        self.classes: list[ast.ClassDef] = []


def position(node: ast.AST) -> tuple[int, int, int, int]:
    """Where a node ends and begins, to bring nodes into the order in which they run."""
    if not isinstance(node, ast.expr | ast.stmt | ast.arg | ast.keyword | ast.alias):
        return (0, 0, 0, 0)
    return (node.end_lineno or 0, node.end_col_offset or 0, node.lineno, node.col_offset)


def dotted(expression: ast.expr) -> str:
    """A name or a chain of attributes as it is written; empty for anything else."""
    names: list[str] = []
    while isinstance(expression, ast.Attribute):
        names.append(expression.attr)
        expression = expression.value
    if not isinstance(expression, ast.Name):
        return ""
    names.append(expression.id)
    return ".".join(reversed(names))


def as_name(node: ast.arg) -> ast.expr:
    """A parameter as an expression that stands where its name does."""
    name = ast.Name(node.arg, ast.Load())
    name.lineno, name.col_offset = node.lineno, node.col_offset
    name.end_lineno, name.end_col_offset = node.lineno, node.col_offset + len(node.arg.encode())
    return name


def last_name(expression: ast.expr) -> str:
    """The name that an expression ends with: an attribute, or a name alone; empty for anything else."""
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""
