"""What the validations of a variable leave as its values."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.sources import hcl_tree as tree

if TYPE_CHECKING:
    from collections.abc import Iterator


class Validated(NamedTuple):
    """What a variable can be."""

    allowed: tuple[str, ...] = ()
    """The only values, where they are known."""
    pattern: str = ""
    """A regular expression that its text must match."""


def validated(name: str, body: tree.Body) -> Validated:
    """What the `validation` blocks of a variable say; a later one can only narrow an earlier one."""
    allowed: list[tuple[str, ...]] = []
    pattern = ""
    for block in body.blocks("validation"):
        condition = block.body.attribute("condition")
        for part in _parts(condition.value) if condition is not None else ():
            values = _values(name, part)
            if values:
                allowed.append(values)
            pattern = pattern or _pattern(name, part)
    kept = tuple(one for one in allowed[0] if all(one in more for more in allowed[1:])) if allowed else ()
    return Validated(kept, pattern)


def is_variable(expression: tree.Expression, name: str) -> bool:
    """Whether an expression is nothing but that variable."""
    return variable_in(expression) == name


def variable_in(expression: tree.Expression) -> str:
    """The variable that an expression is; empty when it is something else."""
    expression = bare(expression)
    if type(expression) is tree.GetAttr and type(expression.subject) is tree.Variable:
        return expression.name.text if expression.subject.name == "var" else ""
    if type(expression) is tree.TemplateText and len(expression.parts) == 1:
        part = expression.parts[0]
        return variable_in(part.value) if type(part) is tree.Interpolation else ""
    return ""


def bare(expression: tree.Expression) -> tree.Expression:
    """An expression without parentheses around it."""
    while type(expression) is tree.Paren:
        expression = expression.inner
    return expression


def _parts(condition: tree.Expression) -> Iterator[tree.Expression]:
    """What must hold, all of it."""
    left = [condition]
    while left:
        part = bare(left.pop())
        if type(part) is tree.Binary and part.operator == "&&":
            left += [part.right, part.left]
        else:
            yield part


def _values(name: str, part: tree.Expression) -> tuple[str, ...]:
    if type(part) is tree.Call and part.name.text == "contains" and len(part.arguments) == 2:
        return texts_in(part.arguments[0]) if is_variable(part.arguments[1], name) else ()
    found: list[str] = []
    left = [part]
    while left:
        one = bare(left.pop())
        if type(one) is tree.Binary and one.operator == "||":
            left += [one.right, one.left]
            continue
        if type(one) is not tree.Binary or one.operator != "==":
            return ()
        sides = [(one.left, one.right), (one.right, one.left)]
        texts = [tree.plain_text(other) for side, other in sides if is_variable(side, name)]
        if not texts or texts[0] is None:
            return ()
        found.append(texts[0])
    return tuple(found)


def texts_in(expression: tree.Expression) -> tuple[str, ...]:
    """The texts of a list that is written out; none when there is anything else in it."""
    expression = bare(expression)
    if type(expression) is tree.Call and expression.name.text in ("toset", "tolist") and expression.arguments:
        return texts_in(expression.arguments[0])
    if type(expression) is not tree.Tuple:
        return ()
    found = [tree.plain_text(item) for item in expression.items]
    return tuple(one for one in found if one is not None) if None not in found else ()


def _pattern(name: str, part: tree.Expression) -> str:
    """The pattern of `can(regex("…", var.name))`."""
    if type(part) is not tree.Call or part.name.text != "can" or len(part.arguments) != 1:
        return ""
    inner = bare(part.arguments[0])
    if type(inner) is not tree.Call or inner.name.text != "regex" or len(inner.arguments) != 2:
        return ""
    if not is_variable(inner.arguments[1], name):
        return ""
    return tree.plain_text(inner.arguments[0]) or ""
