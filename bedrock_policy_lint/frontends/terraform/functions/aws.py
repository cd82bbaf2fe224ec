"""Functions of the AWS provider: ARNs taken apart and put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.template.computed import Piece, cut, masked, written
from bedrock_policy_lint.frontends.terraform.functions.function import Called, Function
from bedrock_policy_lint.frontends.terraform.types import STRING, object_of
from bedrock_policy_lint.frontends.terraform.values import Failed, Value, name_of, plain, text_pieces, unknown, within
from bedrock_policy_lint.model.text import Hole
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Sequence

_FIELDS = ("partition", "service", "region", "account_id", "resource")
_PARSED = object_of((name, STRING) for name in _FIELDS)


def _fields(called: Called) -> list[Node] | None:
    """The five fields of an ARN; None when they cannot be told apart."""
    pieces = text_pieces(called.arguments[0])
    spelled = masked(pieces)
    found: list[Node] = []
    at = 0
    for count in range(6):
        end = spelled.find(":", at) if count < 5 else sum(len(written(piece.part)) for piece in pieces)
        if end < 0:
            return None
        found.append(_cut(called, pieces, at, end))
        at = end + 1
    # A hole that is a whole field of an ARN has no colon in it.
    return found[1:] if found[0].value == "arn" else None


def _cut(called: Called, pieces: Sequence[Piece], start: int, end: int) -> Node:
    return called.evaluator.text([Piece(piece.part, called.home) for piece in cut(pieces, start, end)], called.home)


def _parse(called: Called) -> Node:
    node = called.arguments[0]
    fields = _fields(called)
    if fields is None:
        if isinstance(node.value, str):
            raise Failed(node, "this string is not an ARN")
        return unknown(f"arn_parse({name_of(node)})", called.home, _PARSED)
    members = Object()
    for name, field in zip(_FIELDS, fields, strict=True):
        members += [plain(name, called.home), field]
    return Value(members, called.home)


def _build(called: Called) -> Node:
    pieces = [Piece("arn", called.home)]
    for field in called.arguments:
        pieces += [Piece(":", called.home), *within(field, called.home, field)]
    return called.evaluator.text(pieces, called.home)


def _trim_path(called: Called) -> Node:
    """`arn:aws:iam::123456789012:role/with/path/name` without the path."""
    node = called.arguments[0]
    pieces = text_pieces(node)
    spelled = masked(pieces)
    start = spelled.find(":role/")
    if start < 0 or isinstance(pieces[-1].part, Hole):
        if isinstance(node.value, str):
            raise Failed(node, "this string is not an ARN of a role")
        return called.unknown()
    end = spelled.rfind("/")
    if "\0" in spelled[end:]:
        return called.unknown()
    kept = [*cut(pieces, 0, start + 6), *cut(pieces, end + 1, len(spelled))]
    return called.evaluator.text([Piece(piece.part, called.home) for piece in kept], called.home)


FUNCTIONS = {
    "provider::aws::arn_parse": Function(_parse, (STRING,), gives=_PARSED, takes_unknown=True),
    "provider::aws::arn_build": Function(_build, (STRING,) * 5, gives=STRING, takes_unknown=True),
    "provider::aws::trim_iam_role_path": Function(_trim_path, (STRING,), gives=STRING, takes_unknown=True),
}
