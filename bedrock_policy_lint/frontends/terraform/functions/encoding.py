"""Functions that write values as text and read them: JSON, YAML, Base64, URLs and digests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bedrock_policy_lint.frontends.template.computed import Piece, pieces_of
from bedrock_policy_lint.frontends.template.embedded import embedded
from bedrock_policy_lint.frontends.terraform import numbers
from bedrock_policy_lint.frontends.terraform.functions.function import (
    EVERY,
    Called,
    Function,
    NotKnown,
    Refusal,
    simple,
)
from bedrock_policy_lint.frontends.terraform.types import ANY, STRING
from bedrock_policy_lint.frontends.terraform.values import (
    Failed,
    Value,
    copy,
    has_unknown_length,
    kind_of,
    pairs,
    plain,
    spell_scalar,
    unknown,
)
from bedrock_policy_lint.model.text import Hole, Template
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import EmbeddedSource

if TYPE_CHECKING:
    from collections.abc import Callable

_escape = re.compile('[\x00-\x1f"\\\\<>&\u2028\u2029]').sub
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def _quoted(text: str, *, html: bool = True) -> str:
    """A text inside a JSON string, as Terraform writes it."""

    def one(match: re.Match[str]) -> str:
        char = match[0]
        if not html and char in "<>&":
            return char
        return _SHORT.get(char) or f"\\u{ord(char):04x}"

    return _escape(one, text)


# JSON


def _json_encode(called: Called) -> Node:
    inner = called.arguments[0]
    pieces: list[Piece] = []
    if not _dump(inner, called.home, pieces):
        found = called.unknown()
        assert isinstance(found, Value)  # noqa: S101
        found.inner = inner
        return found
    made = called.evaluator.text(pieces, called.home)
    made.inner = inner if isinstance(inner.value, list) else None
    return made


def json_text(node: Node) -> str:
    """A known value as JSON."""
    pieces: list[Piece] = []
    _dump(node, node, pieces)
    return "".join(str(piece.part) for piece in pieces)


def _dump(node: Node, home: Node, pieces: list[Piece]) -> bool:
    """Add the pieces of the JSON of a value; False when not even its form is known."""
    value = node.value
    place = _place(node, home)
    if isinstance(value, list):
        if has_unknown_length(node) or (isinstance(node, Value) and node.unknown):
            return False
        return _dump_members(node, home, pieces) if isinstance(value, Object) else _dump_items(node, home, pieces)
    if isinstance(value, Template):
        if kind_of(node) != "string":
            part = value.parts[0]
            pieces.append(Piece(part, place))
            return kind_of(node) in ("number", "bool")
        parts = [part if isinstance(part, Hole) else _quoted(part) for part in value.parts]
        pieces.extend(Piece(part, place) for part in ('"', *parts, '"'))
    elif isinstance(value, str):
        pieces.extend((Piece('"', place), *_exact(node, value, place, home), Piece('"', place)))
    else:
        pieces.append(Piece("null" if value is None else spell_scalar(value), place))
    return True


def _exact(node: Node, value: str, place: Node, home: Node) -> tuple[Piece, ...]:
    """The pieces of a text; at their own places if nothing in it must be escaped."""
    quoted = _quoted(value)
    return pieces_of(node) if quoted == value and place is not home else (Piece(quoted, place),)


def _dump_members(node: Node, home: Node, pieces: list[Piece]) -> bool:
    mark = "{"
    for key, item in pairs(node):
        pieces.append(Piece(mark, home))
        if not _dump(key, home, pieces):
            return False
        pieces.append(Piece(":", home))
        if not _dump(item, home, pieces):
            return False
        mark = ","
    pieces.append(Piece("}" if node.value else "{}", home))
    return True


def _dump_items(node: Node, home: Node, pieces: list[Piece]) -> bool:
    if kind_of(node) == "set" and not (isinstance(node, Value) and node.is_known):
        return len(node.value) == 1 and _dump_one(node, home, pieces)
    pieces.append(Piece("[", home))
    for at, item in enumerate(node.value):
        if at:
            pieces.append(Piece(",", home))
        if not _dump(item, home, pieces):
            return False
    pieces.append(Piece("]", home))
    return True


def _dump_one(node: Node, home: Node, pieces: list[Piece]) -> bool:
    pieces.append(Piece("[", home))
    is_written = _dump(node.value[0], home, pieces)
    pieces.append(Piece("]", home))
    return is_written


def _place(node: Node, home: Node) -> Node:
    is_inside = node.source is home.source and home.start <= node.start and node.end <= home.end
    if not is_inside:
        return home
    return node


def _json_decode(called: Called) -> Node:
    from bedrock_policy_lint.sources import json

    node = called.arguments[0]
    inner = node.inner if isinstance(node, Value) else None
    if inner is not None:
        return generalized(inner)
    if isinstance(node.value, Template):
        tree = embedded(node)
        return called.unknown() if tree is None else _value(tree, called)
    source = EmbeddedSource(node.source, node.value, node.offsets())
    try:
        root, slips = json.read(source)
    except json.JsonError as error:
        raise Failed(called.home, f"this string is not JSON: {error.message}") from None
    bad = [slip for slip in slips if slip.kind != "duplicate-key"]
    if bad:
        raise Failed(called.home, "this string is not JSON: it has a comma or a comment that JSON does not allow")
    return _value(root, called)


def generalized(node: Node) -> Node:
    """A value as reading its JSON gives it: lists as tuples, maps as objects."""
    value = node.value
    name = node.unknown if isinstance(node, Value) else ""
    if isinstance(value, Object):
        members = Object()
        for key, item in node.value.pairs():
            members += [key, generalized(item)]
        is_open = isinstance(node, Value) and node.is_open
        found = Value(members, node, unknown=name, is_open=is_open)
    elif isinstance(value, list):
        if kind_of(node) == "set" and not (isinstance(node, Value) and node.is_known):
            return unknown(name or f"elements {node.start}", node)
        found = Value([generalized(item) for item in value], node, unknown=name)
    else:
        return node if not (value is None and isinstance(node, Value)) else Value(None, node)
    return found.as_many() if isinstance(node, Value) and node.many else found


def _value(node: Node, called: Called) -> Value:
    """A node of another reader as a value."""
    value = node.value
    if isinstance(value, Object):
        members = Object()
        places: dict[str, int] = {}
        from bedrock_policy_lint.frontends.terraform.values import put

        for key, item in value.pairs():
            put(members, _value(key, called), _value(item, called), places)
        return Value(members, node)
    called.evaluator.spend(1, called.home)
    if isinstance(value, list):
        return Value([_value(item, called) for item in value], node)
    if isinstance(value, float):
        read = numbers.read(node.source.text[node.start : node.end])
        return Value(value if read is None else read, node)
    if isinstance(value, str | Template):
        is_whole = isinstance(value, Template) and len(value.parts) == 1
        if is_whole and node.source.text[node.start : node.start + 1] == '"' and isinstance(node, Value):
            return copy(node, node, STRING)
        return Value(value, node, None if isinstance(value, str) else ANY if is_whole else STRING, pieces_of(node))
    return Value(value, node)


# YAML

_PLAIN_WORDS = re.compile(r"(?:true|false|null|~|-?\d+(?:\.\d+)?|)", re.IGNORECASE).fullmatch
_ambiguous = re.compile(
    r"(?:y|yes|n|no|on|off|[-+]?[.\d][\d_.:xXoOeE+-]*[a-fA-F\d]*|[-+]?\.(?:inf|nan)|\d{4}-\d.*|=|<<)", re.IGNORECASE
).fullmatch


def _yaml_encode(called: Called) -> Node:
    inner = called.arguments[0]
    if isinstance(inner, Value) and not inner.is_known:
        found = called.unknown()
    else:
        lines: list[str] = []
        try:
            _emit(inner, 0, lines)
            if not isinstance(inner.value, str | list):
                lines.append("...\n")
            found = called.plain("".join(lines))
        except NotKnown:
            found = called.unknown()
    assert isinstance(found, Value)  # noqa: S101
    found.inner = inner if isinstance(inner.value, list) else None
    return found


def _emit(node: Node, indent: int, lines: list[str]) -> None:
    """Add a value as it stands behind `- ` or `key: `, its line end with it."""
    value = node.value
    blank = " " * indent
    if isinstance(value, Object) and value:
        for at, (key, item) in enumerate(pairs(node)):
            name = _scalar(key.value, indent)
            if "\n" in name:
                raise NotKnown
            lines.append(f"{blank if at else ''}{name}:")
            _emit_below(item, indent, lines)
    elif isinstance(value, list) and value:
        for at, item in enumerate(value):
            lines.append(f"{blank if at else ''}- ")
            _emit(item, indent + 2, lines)
    else:
        lines.append(_scalar(value, indent) + "\n")


def _emit_below(item: Node, indent: int, lines: list[str]) -> None:
    if isinstance(item.value, list) and item.value:
        deeper = indent + 2 if isinstance(item.value, Object) else indent
        lines.append("\n" + " " * deeper)
        _emit(item, deeper, lines)
    else:
        lines.append(" ")
        lines.append(_scalar(item.value, indent + 2) + "\n")


def _scalar(value: Any, indent: int) -> str:
    if isinstance(value, Object):
        return "{}"
    if isinstance(value, list):
        return "[]"
    if value is None:
        return "null"
    if not isinstance(value, str):
        return spell_scalar(value)
    if "\n" in value:
        return _block(value, indent)
    if any(not char.isprintable() for char in value):
        raise NotKnown
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _block(value: str, indent: int) -> str:
    """A text of several lines; only the plain ones are written as Terraform's library does."""
    lines = value.split("\n")
    is_plain = value[0] not in " \n\t" and all(line.isprintable() and line == line.rstrip() for line in lines)
    if not is_plain or value.endswith("\n\n") or not indent:
        raise NotKnown
    mark = "|" if value.endswith("\n") else "|-"
    body = lines[:-1] if value.endswith("\n") else lines
    blank = " " * indent
    return "\n".join([mark, *(f"{blank}{line}" if line else "" for line in body)])


def _yaml_decode(called: Called) -> Node:
    from bedrock_policy_lint.sources import yaml

    node = called.arguments[0]
    inner = node.inner if isinstance(node, Value) else None
    if inner is not None:
        return generalized(inner)
    if isinstance(node.value, Template):
        return called.unknown()
    if not node.value.strip():
        raise NotKnown
    try:
        root, slips = yaml.read(EmbeddedSource(node.source, node.value, node.offsets()))
    except yaml.YamlError as error:
        raise Failed(called.home, f"this string is not YAML: {error}") from None
    except yaml.LimitError as error:
        raise Failed(called.home, f"this string is not YAML: {error.message}") from None
    if any(slip.kind == "duplicate-key" for slip in slips):
        raise NotKnown
    return _yaml_value(root, called)


def _yaml_value(node: Node, called: Called) -> Value:
    value = node.value
    called.evaluator.spend(1, called.home)
    if isinstance(value, Object):
        members = Object()
        for key, item in value.pairs():
            name = key.value
            if not isinstance(name, str | bool | int) or name == "<<":
                raise NotKnown
            members += [plain(name if isinstance(name, str) else spell_scalar(name), key), _yaml_value(item, called)]
            if isinstance(name, str):
                members[-2] = Value(name, key, None, (Piece(name, key, 0),))
        return Value(members, node)
    if isinstance(value, list):
        return Value([_yaml_value(item, called) for item in value], node)
    if isinstance(value, str):
        first = node.source.text[node.start : node.start + 1]
        if first not in ('"', "'", "|", ">") and _ambiguous(value):
            raise NotKnown
        return Value(value, node, None, (Piece(value, node, 0),))
    if isinstance(value, float):
        read = numbers.read(node.source.text[node.start : node.end])
        if read is None:
            raise NotKnown
        return Value(read, node)
    if isinstance(value, int) and not isinstance(value, bool):
        written = node.source.text[node.start : node.end]
        if not written.lstrip("-").isdecimal() or (written.lstrip("-").startswith("0") and value):
            raise NotKnown
    return Value(value, node)


# Others


def _base64_encode(text: str) -> str:
    from base64 import b64encode

    return b64encode(_bytes(text)).decode("ascii")


def _base64_decode(text: str) -> str:
    from base64 import b64decode

    try:
        return b64decode("".join(text.split("\n")).encode("ascii"), validate=True).decode("utf-8")
    except (ValueError, UnicodeError):
        raise Refusal("takes UTF-8 in Base64") from None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _url_encode(text: str) -> str:
    from urllib.parse import quote_plus

    return quote_plus(_bytes(text), safe="-_.~")


def _digest(name: str, *, base64: bool = False) -> Callable[[str], str]:
    def compute(text: str) -> str:
        import hashlib
        from base64 import b64encode

        found = hashlib.new(name, _bytes(text), usedforsecurity=False)
        return b64encode(found.digest()).decode("ascii") if base64 else found.hexdigest()

    return compute


FUNCTIONS = {
    "jsonencode": Function(_json_encode, (ANY,), gives=STRING, takes_unknown=True, takes_null=EVERY),
    "jsondecode": Function(_json_decode, (STRING,), takes_unknown=True),
    "yamlencode": Function(_yaml_encode, (ANY,), gives=STRING, takes_unknown=True, takes_null=EVERY),
    "yamldecode": Function(_yaml_decode, (STRING,), takes_unknown=True),
    "base64encode": simple(_base64_encode, (STRING,), STRING),
    "base64decode": simple(_base64_decode, (STRING,), STRING),
    "urlencode": simple(_url_encode, (STRING,), STRING),
    **{name: simple(_digest(name), (STRING,), STRING) for name in ("md5", "sha1", "sha256", "sha512")},
    **{f"base64{name}": simple(_digest(name, base64=True), (STRING,), STRING) for name in ("sha256", "sha512")},
}
