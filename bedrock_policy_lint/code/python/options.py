"""Options of command lines: argparse, click and typer say what holds when nobody gives one."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.python import environment
from bedrock_policy_lint.code.python.scopes import as_name, dotted
from bedrock_policy_lint.code.python.things import At, Foreign, Lazy, Unknown, Written, is_none

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bedrock_policy_lint.code.python.evaluate import Evaluator
    from bedrock_policy_lint.code.python.scopes import Scope
    from bedrock_policy_lint.code.python.things import Given, Thing

PARSED = frozenset({"argparse.ArgumentParser.parse_args"})
"""What gives the options of a command line as attributes."""

_DEFAULTS = frozenset(
    {"typer.Option", "typer.Argument"}
    | {f"fastapi.{name}" for name in ("Query", "Header", "Body", "Form", "Path", "Cookie")}
)
"""What a parameter is assigned to say how it is read: its first argument is the default."""


def of_argparse(evaluator: Evaluator, given: Given, name: str, expression: ast.expr, at: At) -> Iterable[Thing]:
    """What an option may be: its default, or what is typed."""
    unknown = evaluator.unknown(expression, at)
    for called in given.at.scope.module.by_name.get("add_argument", ()):
        call = called.call
        named = {keyword.arg: keyword.value for keyword in call.keywords}
        if _destination(call, named) == name and "default" in named:
            things = evaluator.things(named["default"], At(called.scope, called.where))
            return [*(thing for thing in things if not is_none(thing)), unknown]
    return (unknown,)


def _destination(call: ast.Call, named: dict[str | None, ast.expr]) -> str:
    chosen = named.get("dest")
    if isinstance(chosen, ast.Constant) and isinstance(chosen.value, str):
        return chosen.value
    return _longest(call)


def _longest(call: ast.Call) -> str:
    """The name that the spellings of an option give it: the first long one."""
    written = [value.value for value in call.args if isinstance(value, ast.Constant) and isinstance(value.value, str)]
    long = [value for value in written if value.startswith("--")] or written
    return long[0].lstrip("-").replace("-", "_") if long else ""


def of_click(evaluator: Evaluator, scope: Scope, parameter: ast.arg) -> list[Thing] | None:
    """What a parameter may be that is an option of click; None where it is none."""
    node = scope.node
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or scope.parent is None:
        return None
    at = At(scope.parent, scope.where)
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call) or dotted(decorator.func).rsplit(".", 1)[-1] != "option":
            continue
        texts = [value.value for value in decorator.args if isinstance(value, ast.Constant)]
        plain = [text for text in texts if isinstance(text, str) and text.isidentifier()]
        if parameter.arg not in (plain or [_longest(decorator)]):
            continue
        named = {keyword.arg: keyword.value for keyword in decorator.keywords}
        return _option(evaluator, parameter, named.get("default"), named.get("envvar"), at)
    return None


def _option(
    evaluator: Evaluator, parameter: ast.arg, default: ast.expr | None, variable: ast.expr | None, at: At
) -> list[Thing]:
    """The default of an option, the variable that may hold it, and what is typed."""
    things = [] if default is None else [one for one in evaluator.things(default, at) if not is_none(one)]
    if variable is not None:
        things = environment.read(evaluator, Lazy(variable, at), Lazy(as_name(parameter), at), things)
    return [*(one for one in things if not _is_ellipsis(one)), evaluator.unknown(as_name(parameter), at)]


def _is_ellipsis(thing: Thing) -> bool:
    return not isinstance(thing, Written | Unknown | Foreign) and getattr(thing, "value", None) is ...


def parameter_default(evaluator: Evaluator, parameter: ast.arg, default: Lazy) -> Iterable[Thing]:
    """What the default of a parameter is, which may say how it is read from a command line or a request."""
    expression, at = default
    if isinstance(expression, ast.Call):
        things = evaluator.things(expression.func, at)
        if len(things) == 1 and isinstance(things[0], Foreign) and things[0].name in _DEFAULTS:
            named = {keyword.arg: keyword.value for keyword in expression.keywords}
            first = named.get("default") or (expression.args[0] if expression.args else None)
            return _option(evaluator, parameter, first, named.get("envvar"), at)
    return evaluator.lazy(default)
