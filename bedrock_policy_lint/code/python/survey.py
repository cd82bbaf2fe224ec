"""One pass over the tree of a Python file: what binds its names, what it calls, and what it uses."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from bedrock_policy_lint.code.python.scopes import (
    AUGMENTED,
    CHANGED,
    CLASS,
    COMPREHENSION,
    DEFINITION,
    ELEMENT,
    ENTERED,
    FUNCTION,
    IMPORT,
    IMPORT_FROM,
    ITEM,
    MERGED,
    MODULE,
    PARAMETER,
    UNKNOWN,
    VALUE,
    Binding,
    Called,
    Change,
    Names,
    Scope,
    Store,
    Where,
    dotted,
    last_name,
    position,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from bedrock_policy_lint.code.python.scopes import Comprehension
    from bedrock_policy_lint.code.python.syntax import Syntax

_MERGING = frozenset({"update"})
_CHANGING = frozenset({"append", "clear", "extend", "insert", "pop", "popitem", "remove", "setdefault"})
_BLOCKS = ("body", "handlers", "orelse", "finalbody", "cases")
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)


def survey(path: str, syntax: Syntax) -> Names:
    """The names of a file."""
    names = Names(path, syntax)
    _Survey(names).run()
    names.calls.sort(key=lambda found: position(found.call.func))
    for found in names.calls:
        names.by_name.setdefault(last_name(found.call.func), []).append(found)
    names.classes = [node for node in names.inner if isinstance(node, ast.ClassDef)]
    for scope in (names.root, *names.inner.values()):
        scope.returns.sort(key=lambda returned: position(returned[0]))
        for bindings in scope.bindings.values():
            if len(bindings) > 1:
                bindings.sort(key=lambda binding: position(binding.node))
    return names


class _Survey:
    """Goes over a tree with a stack of its own: `elif` and `+` may nest deeper than Python's."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.blocks: list[tuple[list[ast.stmt], Where | None, str, Scope]] = []

    def run(self) -> None:
        tree = self.names.syntax.tree
        self.blocks.append((tree.body, None, "body", self.names.root))
        while self.blocks:
            block, parent, branch, scope = self.blocks.pop()
            for index, statement in enumerate(block):
                self.statement(statement, Where(statement, block, index, parent, branch), scope)

    def statement(self, statement: ast.stmt, where: Where, scope: Scope) -> None:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            self.function(statement, where, scope)
        elif isinstance(statement, ast.ClassDef):
            self.bind(scope, statement.name, Binding(DEFINITION, statement, None, where, scope))
            inner = self.open(CLASS, statement, scope, where)
            self.expressions([*statement.decorator_list, *statement.bases, *statement.keywords], where, scope)
            self.blocks.append((statement.body, None, "body", inner))
        else:
            handler = _STATEMENTS.get(type(statement))
            if handler is not None:
                handler(self, statement, where, scope)
            self.parts(statement, where, scope)

    def parts(self, statement: ast.stmt, where: Where, scope: Scope) -> None:
        """What a statement holds: lists of statements, and expressions."""
        for name, value in ast.iter_fields(statement):
            if name in _BLOCKS and isinstance(value, list):
                self.block(name, value, where, scope)
            elif isinstance(value, ast.AST):
                self.expressions([value], where, scope)
            elif isinstance(value, list):
                self.expressions([part for part in value if isinstance(part, ast.AST)], where, scope)

    def block(self, branch: str, block: list[ast.stmt], where: Where, scope: Scope) -> None:
        if branch not in ("handlers", "cases"):
            self.blocks.append((block, where, branch, scope))
            return
        for part in block:
            if isinstance(part, ast.ExceptHandler):
                if part.type is not None:
                    self.expressions([part.type], where, scope)
                if part.name:
                    self.bind(scope, part.name, Binding(UNKNOWN, part, None, where, scope))
                self.blocks.append((part.body, where, branch, scope))
            elif isinstance(part, ast.match_case):
                self.expressions([part.pattern], where, scope)
                for inner in ast.walk(part.pattern):
                    name = getattr(inner, "name", None) or getattr(inner, "rest", None)
                    if isinstance(name, str):
                        self.bind(scope, name, Binding(UNKNOWN, inner, None, where, scope))
                self.expressions([part.guard] if part.guard else [], where, scope)
                self.blocks.append((part.body, where, branch, scope))

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, where: Where, scope: Scope) -> None:
        self.bind(scope, node.name, Binding(DEFINITION, node, None, where, scope))
        inner = self.open(FUNCTION, node, scope, where)
        self.parameters(node.args, inner)
        outside: list[ast.AST] = [*node.decorator_list, *node.args.defaults]
        outside += [default for default in node.args.kw_defaults if default is not None]
        self.expressions(outside, where, scope)
        for statement in node.body:
            if isinstance(statement, ast.Global | ast.Nonlocal):
                self.declare(statement, inner)
        self.blocks.append((node.body, None, "body", inner))

    def open(self, kind: str, node: ast.AST, scope: Scope, where: Where | None) -> Scope:
        inner = self.names.inner[node] = Scope(kind, node, scope, self.names, where)
        return inner

    def parameters(self, arguments: ast.arguments, inner: Scope) -> None:
        found = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        found += [extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None]
        for parameter in found:
            inner.bindings.setdefault(parameter.arg, []).append(Binding(PARAMETER, parameter, None, None, inner))

    def declare(self, statement: ast.Global | ast.Nonlocal, scope: Scope) -> None:
        for name in statement.names:
            scope.elsewhere[name] = MODULE if isinstance(statement, ast.Global) else FUNCTION

    def bind(self, scope: Scope, name: str, binding: Binding) -> None:
        """Write a binding down where the name lives."""
        home = scope
        declared = scope.elsewhere.get(name)
        if declared == MODULE:
            home = self.names.root
        elif declared and scope.parent is not None:
            home = scope.parent
            while home.kind != FUNCTION and home.parent is not None:
                home = home.parent
        home.bindings.setdefault(name, []).append(binding)

    def target(self, target: ast.expr, binding: Binding) -> None:
        """Bind what an assignment assigns to."""
        stack = [(target, binding)]
        while stack:
            target, binding = stack.pop()
            if isinstance(target, ast.Name):
                self.bind(binding.scope, target.id, binding._replace(node=target))
            elif isinstance(target, ast.Tuple | ast.List):
                is_starred = any(isinstance(part, ast.Starred) for part in target.elts)
                for place, part in enumerate(target.elts):
                    inner = binding._replace(path=(*binding.path, place))
                    stack.append((part, inner._replace(kind=UNKNOWN) if is_starred else inner))
            elif isinstance(target, ast.Starred):
                stack.append((target.value, binding._replace(kind=UNKNOWN)))
            else:
                self.part_target(target, binding)

    def part_target(self, target: ast.expr, binding: Binding) -> None:
        scope, where = binding.scope.home, binding.where
        if isinstance(target, ast.Attribute):
            scope.stores.setdefault(target.attr, []).append(Store(target.value, binding._replace(node=target)))
            if not (isinstance(target.value, ast.Name) and target.value.id in ("self", "cls")):
                self.names.stores.add(target.attr)
        elif isinstance(target, ast.Subscript):
            is_plain = binding.kind == VALUE and not binding.path
            kind, value, key = (ITEM, binding.value, target.slice) if is_plain else (CHANGED, None, None)
            self.change(target.value, Change(kind, target, key, value, where, binding.scope))

    def change(self, owner: ast.expr, change: Change) -> None:
        name = dotted(owner)
        if name:
            change.scope.home.changes.setdefault(name, []).append(change)

    def expressions(self, roots: list[ast.AST], where: Where, scope: Scope) -> None:
        stack: list[tuple[ast.AST, Scope]] = [(root, scope) for root in reversed(roots)]
        while stack:
            node, scope = stack.pop()
            kind = type(node)
            if kind is ast.Name:
                self.use(node.id, scope)  # type: ignore[attr-defined]
                continue
            if kind is ast.Lambda:
                stack += self.function_without_name(node, where, scope)  # type: ignore[arg-type]
                continue
            if kind in _COMPREHENSIONS:
                scope = self.comprehension(node, where, scope)  # type: ignore[arg-type]
            else:
                handler = _EXPRESSIONS.get(kind)
                if handler is not None:
                    handler(self, node, where, scope)
            for name in _PARTS[kind]:
                value = getattr(node, name)
                if isinstance(value, list):
                    stack += [(part, scope) for part in value if isinstance(part, ast.AST)]
                elif isinstance(value, ast.AST):
                    stack.append((value, scope))

    def use(self, name: str, scope: Scope) -> None:
        self.names.loads[name] += 1
        scope.uses.add(name)

    def function_without_name(self, node: ast.Lambda, where: Where, scope: Scope) -> list[tuple[ast.AST, Scope]]:
        """Opens the scope of a lambda; what is to be looked at in it and around it."""
        inner = self.open(FUNCTION, node, scope, where)
        self.parameters(node.args, inner)
        inner.returns.append((node.body, where))
        defaults = [default for default in (*node.args.defaults, *node.args.kw_defaults) if default]
        return [(node.body, inner), *((default, scope) for default in defaults)]

    def comprehension(self, node: Comprehension, where: Where, scope: Scope) -> Scope:
        inner = self.open(COMPREHENSION, node, scope, where)
        for generator in node.generators:
            self.target(generator.target, Binding(ELEMENT, generator, generator.iter, where, inner))
        return inner

    def on_attribute(self, node: ast.Attribute, _where: Where, scope: Scope) -> None:
        self.use(node.attr, scope)

    def on_subscript(self, node: ast.Subscript, where: Where, scope: Scope) -> None:
        self.names.subscripts.append((node, scope, where))

    def on_named(self, node: ast.NamedExpr, where: Where, scope: Scope) -> None:
        self.target(node.target, Binding(VALUE, node, node.value, where, scope.home))

    def on_yield(self, node: ast.Yield, where: Where, scope: Scope) -> None:
        if node.value is not None:
            scope.home.yields.append((node.value, where))

    def on_call(self, call: ast.Call, where: Where, scope: Scope) -> None:
        self.names.calls.append(Called(call, scope, where))
        self.changing_call(call, where, scope)

    def changing_call(self, call: ast.Call, where: Where, scope: Scope) -> None:
        function = call.func
        if not isinstance(function, ast.Attribute) or function.attr not in _MERGING | _CHANGING:
            return
        if function.attr in _MERGING and len(call.args) <= 1:
            for value in call.args:
                self.change(function.value, Change(MERGED, call, None, value, where, scope))
            for keyword in call.keywords:
                key = ast.Constant(keyword.arg) if keyword.arg is not None else None
                kind = ITEM if key is not None else MERGED
                self.change(function.value, Change(kind, call, key, keyword.value, where, scope))
        elif function.attr in ("setdefault", "pop") and call.args:
            other = call.args[1] if function.attr == "setdefault" and len(call.args) > 1 else None
            self.change(function.value, Change(CHANGED, call, call.args[0], other, where, scope))
        else:
            self.change(function.value, Change(CHANGED, call, None, None, where, scope))

    def on_assign(self, statement: ast.Assign, where: Where, scope: Scope) -> None:
        for target in statement.targets:
            self.target(target, Binding(VALUE, statement, statement.value, where, scope))

    def on_annotated(self, statement: ast.AnnAssign, where: Where, scope: Scope) -> None:
        if statement.value is not None or scope.kind == CLASS:
            self.target(statement.target, Binding(VALUE, statement, statement.value, where, scope))

    def on_augmented(self, statement: ast.AugAssign, where: Where, scope: Scope) -> None:
        self.target(statement.target, Binding(AUGMENTED, statement, statement.value, where, scope))

    def on_for(self, statement: ast.For | ast.AsyncFor, where: Where, scope: Scope) -> None:
        self.target(statement.target, Binding(ELEMENT, statement, statement.iter, where, scope))

    def on_with(self, statement: ast.With | ast.AsyncWith, where: Where, scope: Scope) -> None:
        for item in statement.items:
            if item.optional_vars is not None:
                self.target(item.optional_vars, Binding(ENTERED, statement, item.context_expr, where, scope))

    def on_delete(self, statement: ast.Delete, where: Where, scope: Scope) -> None:
        for target in statement.targets:
            if isinstance(target, ast.Subscript):
                self.change(target.value, Change(CHANGED, target, target.slice, None, where, scope))

    def on_import(self, statement: ast.Import, where: Where, scope: Scope) -> None:
        self.names.imports.append(statement)
        for alias in statement.names:
            self.use_other_name(alias, scope)
            name = alias.asname or alias.name.split(".")[0]
            self.bind(scope, name, Binding(IMPORT, alias, None, where, scope))

    def on_import_from(self, statement: ast.ImportFrom, where: Where, scope: Scope) -> None:
        self.names.imports.append(statement)
        for alias in statement.names:
            if alias.name == "*":
                self.names.stars.append(statement)
            else:
                self.use_other_name(alias, scope)
                self.bind(scope, alias.asname or alias.name, Binding(IMPORT_FROM, statement, None, where, scope))

    def use_other_name(self, alias: ast.alias, scope: Scope) -> None:
        if alias.asname not in (None, alias.name):
            scope.uses.add(alias.name.rsplit(".", 1)[-1])  # else whoever uses it says the name again

    def on_declared(self, statement: ast.Global | ast.Nonlocal, _where: Where, scope: Scope) -> None:
        self.declare(statement, scope)

    def on_return(self, statement: ast.Return, where: Where, scope: Scope) -> None:
        if statement.value is not None:
            scope.returns.append((statement.value, where))


_EXPRESSIONS: dict[type[ast.AST], Callable[[_Survey, Any, Where, Scope], None]] = {
    ast.Attribute: _Survey.on_attribute,
    ast.Call: _Survey.on_call,
    ast.NamedExpr: _Survey.on_named,
    ast.Subscript: _Survey.on_subscript,
    ast.Yield: _Survey.on_yield,
}
_STATEMENTS: dict[type[ast.stmt], Callable[[_Survey, Any, Where, Scope], None]] = {
    ast.Assign: _Survey.on_assign,
    ast.AnnAssign: _Survey.on_annotated,
    ast.AugAssign: _Survey.on_augmented,
    ast.For: _Survey.on_for,
    ast.AsyncFor: _Survey.on_for,
    ast.With: _Survey.on_with,
    ast.AsyncWith: _Survey.on_with,
    ast.Delete: _Survey.on_delete,
    ast.Import: _Survey.on_import,
    ast.ImportFrom: _Survey.on_import_from,
    ast.Global: _Survey.on_declared,
    ast.Nonlocal: _Survey.on_declared,
    ast.Return: _Survey.on_return,
}
_NEVER_PARTS = frozenset({"attr", "conversion", "ctx", "id", "is_async", "kind", "op", "ops", "type_comment"})


class _Parts(dict[type[ast.AST], tuple[str, ...]]):
    """By the kind of a node: its fields in which expressions may stand."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        found = self[kind] = tuple(name for name in kind._fields if name not in _NEVER_PARTS)
        return found


_PARTS = _Parts()
