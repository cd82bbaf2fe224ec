"""A slow and obvious evaluator for requests of which everything is known: the evaluator is held against it.

It reads statements as JSON, matches by recursion over characters, and knows nothing of indexes, holes or reasons.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

Document = Mapping[str, Any]


class Asked(NamedTuple):
    """A request."""

    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]]


def glob(pattern: str, value: str) -> bool:
    """Wildcards by their definition."""
    if not pattern:
        return not value
    if pattern[0] == "*":
        return glob(pattern[1:], value) or (bool(value) and glob(pattern, value[1:]))
    return bool(value) and pattern[0] in ("?", value[0]) and glob(pattern[1:], value[1:])


def glob_arn(pattern: str, value: str, field: int = 0) -> bool:
    """Wildcards in an ARN: before the fifth colon only a star that ends its field takes a colon."""
    if not pattern:
        return not value
    first, rest = pattern[0], pattern[1:]
    if first == "*":
        if glob_arn(rest, value, field):
            return True
        may = bool(value) and (value[0] != ":" or field >= 5 or rest[:1] in ("", ":"))
        return may and glob_arn(pattern, value[1:], field)
    if first == "?":
        return bool(value) and (value[0] != ":" or field >= 5) and glob_arn(rest, value[1:], field)
    return value[:1] == first and glob_arn(rest, value[1:], field + (first == ":"))


def match_arn(pattern: str, value: str) -> bool | None:
    """Whether an entry of `Resource` matches; unknown where it would, but a wildcard hides the type."""
    kind = re.match(r"(?:[^:]*:){5}([^:/]*[:/])", pattern)
    hides = kind is not None and kind[1] != "*/" and ("*" in kind[1] or "?" in kind[1])
    return glob_arn(pattern, value) and (None if hides else True)


def listed(value: Any) -> list[Any]:
    """A single value counts as a list of one."""
    return value if isinstance(value, list) else [value]


def applies(statement: Document, asked: Asked) -> bool:
    """Whether a statement speaks of the request."""
    actions = listed(statement.get("Action", statement.get("NotAction")))
    speaks = any(glob(action.lower(), asked.action.lower()) for action in actions)
    if speaks is ("NotAction" in statement):
        return False
    resources = listed(statement.get("Resource", statement.get("NotResource")))
    speaks = any(resource_matches(resource, asked) for resource in resources)
    if speaks is ("NotResource" in statement):
        return False
    return all(
        holds(operator, key.lower(), listed(values), asked)
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    )


def resource_matches(pattern: str, asked: Asked) -> bool:
    """Whether an entry of `Resource` stands for the resource; its variables are tried as plain text without stars."""
    filled = fill(pattern, asked)
    return filled is not None and glob_arn(filled, asked.resource)


def fill(text: str, asked: Asked) -> str | None:
    """Policy variables filled in; None when one has no value. Values here hold no wildcards."""
    while found := re.search(r"\$\{([^},]*)\}", text):
        value = asked.context.get(found[1].lower(), ())
        if not value:
            return None
        text = text[: found.start()] + value[0] + text[found.end() :]
    return text


def holds(operator: str, key: str, values: Sequence[str], asked: Asked) -> bool:
    """Whether one test holds."""
    present = asked.context.get(key, ())
    quantifier, _, base = operator.rpartition(":")
    if base == "Null":
        return str(not present).lower() in values
    if not present:
        if base.endswith("IfExists") or quantifier == "ForAllValues":
            return True
        return "Not" in base and quantifier != "ForAnyValue"
    base = base.removesuffix("IfExists")
    outcomes = [one(base, value, values, asked) for value in present]
    return all(outcomes) if quantifier == "ForAllValues" else any(outcomes)


def one(base: str, value: str, values: Sequence[str], asked: Asked) -> bool:
    """Whether one value of the request passes the operator."""
    agree = AGREE[base.replace("Not", "")]
    filled = [text for text in (fill(written, asked) for written in values) if text is not None]
    return any(agree(text, value) for text in filled) is not ("Not" in base)


def _arns_agree(pattern: str, value: str) -> bool:
    return all(glob(*pair) for pair in zip(pattern.split(":", 5), value.split(":", 5), strict=True))


AGREE: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda text, value: text == value,
    "StringEqualsIgnoreCase": lambda text, value: text.lower() == value.lower(),
    "StringLike": glob,
    "ArnLike": _arns_agree,
    "ArnEquals": _arns_agree,
    "NumericLessThan": lambda text, value: float(value) < float(text),
    "Bool": lambda text, value: text == value,
}


def is_allowed(asked: Asked, identity: Sequence[Document], limits: Sequence[Sequence[Document]], scps: Any) -> bool:
    """The decision for a principal with these identity statements, limiting layers and levels of SCPs."""
    everything = [*identity, *(one for layer in (*limits, *scps) for one in layer)]
    if any(one["Effect"] == "Deny" and applies(one, asked) for one in everything):
        return False
    keeping = [level for level in scps if any(one["Effect"] == "Allow" for one in level)]
    return all(
        any(one["Effect"] == "Allow" and applies(one, asked) for one in layer)
        for layer in (identity, *limits, *keeping)
    )
