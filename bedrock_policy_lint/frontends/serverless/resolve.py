"""What the variables of a `serverless.yml` come to; nothing is asked of the machine, of AWS or of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.deployment.deployment import Fault
from bedrock_policy_lint.frontends.serverless.grammar import Origin, Parsed, Pieces, Variable, parse
from bedrock_policy_lint.frontends.serverless.nodes import made, mapping
from bedrock_policy_lint.frontends.template.computed import (
    Computed,
    Piece,
    excerpt,
    hole,
    parts_at,
    pieces_of,
    text_node,
)
from bedrock_policy_lint.model.text import Hole, Template, Text, is_text
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bedrock_policy_lint.frontends.serverless.files import Files

DEFAULT_STAGE = "dev"
DEFAULT_REGION = "us-east-1"
MAX_DEPTH = 120
"""Lists and mappings may nest so deep once variables are replaced; readers allow 100 in one file."""
MAX_CHAIN = 40
"""So many variables may stand for one another."""
MAX_SIZE = 200_000
"""So many values and characters may come of one value."""

_PSEUDO = {"region": "AWS::Region", "accountId": "AWS::AccountId"}
_NOT_READ = frozenset(
    ("aws", "cf", "doppler", "git", "http", "output", "s3", "secrets", "sls", "ssm", "state", "terraform", "vault")
)
"""Where values come from that only a deployment can ask."""
_TRUE, _FALSE = ("true", "1"), ("false", "0")


class Given(NamedTuple):
    """What is known of a deployment beside its files."""

    parameters: Mapping[str, str] = {}
    """Values of options and parameters: `stage`."""
    unknown: frozenset[str] = frozenset()
    """Those that are given a value which is nowhere written."""
    region: str = ""
    """Where it goes."""
    is_elsewhere: bool = False
    """Whether that is another Region than the file says."""
    account: str = ""


class _Unknown:
    """What only a deployment can tell."""


_UNKNOWN = _Unknown()
_Found = Node | _Unknown | None
"""A value that may still hold variables; None stands for nothing: then the next place is asked."""


class Resolver:
    """Replaces the variables in one configuration, and remembers what is wrong with them."""

    def __init__(self, root: Node, given: Given, files: Files) -> None:
        self.root = root
        self.given = given
        self.files = files
        self.faults: list[Fault] = []
        self._done: dict[int, tuple[Node, Node, int]] = {}
        """By identity of a node: the node itself, so that it lives on, what came of it, and how large that is."""
        self._opening: set[int] = set()
        """Texts whose variable is being looked up."""
        self._resolving: set[int] = set()
        """Texts whose value is being made, by which time they may be looked into again."""
        self._chain = 0
        self._depth = 0
        self._told: set[tuple[int, int, int]] = set()

    def resolve(self, node: Node) -> Node:
        """The value without variables: itself when it has none. What stays unknown becomes a hole."""
        known = self._done.get(id(node))
        if known is not None:
            return known[1]
        if self._depth >= MAX_DEPTH:
            self.fault(node, f"more than {MAX_DEPTH} lists and mappings are open here")
            return made(None, node)
        self._depth += 1
        found = self._children(node) if isinstance(node.value, list) else self._scalar(node)
        self._depth -= 1
        size = self._size(found)
        if size > MAX_SIZE and found is not node:
            self.fault(node, f"variables stand for more than {MAX_SIZE:,} values and characters here")
            found, size = _unknown_text(node, "too large"), 1
        self._done[id(node)] = node, found, size
        self._done.setdefault(id(found), (found, found, size))
        return found

    def fault(self, node: Node, message: str, hint: str = "", *, is_warning: bool = False) -> None:
        """Remember what is wrong, each once."""
        key = id(node.source), node.start, node.end
        if key not in self._told:
            self._told.add(key)
            self.faults.append(Fault(node, message, hint, is_warning))

    def _size(self, node: Node) -> int:
        if isinstance(node.value, list):
            return 1 + sum(self._done[id(child)][2] if id(child) in self._done else 1 for child in node.value)
        return 1 + (len(str(node.value)) if is_text(node) else 0)

    def _children(self, node: Node) -> Node:
        nodes: list[Node] = node.value
        is_mapping = isinstance(node.value, Object)
        resolved = list(nodes)
        for at in range(1, len(nodes), 2) if is_mapping else range(len(nodes)):
            resolved[at] = self.resolve(nodes[at])
        if is_mapping and len(nodes) == 2 and nodes[0].value == "Fn::Sub":
            resolved[1] = _substitutable(resolved[1])
        if all(new is old for new, old in zip(resolved, nodes, strict=True)):
            return node
        return made(Object(resolved) if is_mapping else resolved, node)

    def _scalar(self, node: Node) -> Node:
        parsed = _variables(node)
        if parsed is None:
            return node
        if id(node) in self._resolving:
            return self._circle(node)
        self._resolving.add(id(node))
        whole = _whole(node, parsed)
        found = self._put(node, whole) if whole is not None else self._joined(node, parsed)
        self._resolving.discard(id(node))
        return found

    def _circle(self, node: Node) -> Node:
        self.fault(node, "this variable stands for itself, by way of others", "give it a value of its own")
        return _unknown_text(node, node.value)

    def _put(self, node: Node, variable: Variable) -> Node:
        """The value of a text that is a variable and nothing else: of the variable's type."""
        found = self._variable(variable, node)
        if not isinstance(found, Node):
            return _unknown_text(node, variable.written)
        found = self.resolve(found)
        if is_text(found) and not _is_written_in(found, node):
            return text_node(parts_at(found.value, node, 0, len(node.value)), node)
        return found

    def _joined(self, node: Node, parsed: Parsed) -> Node:
        pieces: list[Piece] = []
        at = 0
        for variable in parsed.variables:
            pieces += _literals(node, at, variable.start, parsed.dropped)
            text, found = self._text_of(variable, node)
            if isinstance(found, Computed) and _is_written_in(found, node):
                pieces += found.pieces
            else:
                pieces += parts_at(text, node, variable.start, variable.end)
            at = variable.end
        pieces += _literals(node, at, len(node.value), parsed.dropped)
        return text_node(pieces, node)

    def _text_of(self, variable: Variable, node: Node) -> tuple[Text, Node | None]:
        """What a variable adds to the text that it stands in, and where that comes from."""
        found = self._variable(variable, node)
        if isinstance(found, Node):
            value = self.resolve(found).value
            if isinstance(value, str | Template):
                return value, found
            if isinstance(value, bool):
                return str(value).lower(), None
            if isinstance(value, int | float):
                return str(value), None
            told = "nothing" if value is None else "a list or mapping"
            self.fault(_place(variable, node), f"`{variable.written}` is {told}, and stands inside a text")
        return Template((_hole_of(variable.written),)), None

    # Where values come from

    def _variable(self, variable: Variable, node: Node) -> _Found:
        """The first value that one of its origins has; it is no variable itself any more, but may hold some."""
        if self._chain >= MAX_CHAIN:
            self.fault(node, f"more than {MAX_CHAIN} variables stand for one another here")
            return _UNKNOWN
        self._chain += 1
        self._opening.add(id(node))
        found = self._first(variable, node)
        self._opening.discard(id(node))
        self._chain -= 1
        return found

    def _first(self, variable: Variable, node: Node) -> _Found:
        for origin in variable.origins:
            found = self._origin(origin, variable, node)
            if isinstance(found, Node):
                found = self._opened(found)
            if isinstance(found, _Unknown) or (found is not None and found.value is not None):
                return found
        last = variable.origins[-1]
        if last.type == "self":
            self.fault(_place(variable, node), f"`{variable.written}` names nothing", "correct it, or add a fallback")
        return made(None, node) if not last.type else _UNKNOWN

    def _opened(self, node: Node) -> _Found:
        """What stands for a text that is a variable and nothing else; anything else itself."""
        parsed = _variables(node)
        whole = _whole(node, parsed) if parsed is not None else None
        if whole is None:
            return node
        if id(node) in self._opening:
            self._circle(node)
            return _UNKNOWN
        return self._variable(whole, node)

    def _origin(self, origin: Origin, variable: Variable, node: Node) -> _Found:
        if not origin.type:
            return self._literal(origin, node)
        ask: Callable[[Origin, Variable, Node], _Found] | None = getattr(self, f"_from_{origin.type}", None)
        if ask is not None:
            return ask(origin, variable, node)
        if origin.type not in _NOT_READ and len(variable.origins) == 1:
            self._foreign(variable, node)
        return _UNKNOWN

    def _literal(self, origin: Origin, node: Node) -> _Found:
        if origin.address:
            inner = origin.address[0]
            if isinstance(inner, Variable) and len(origin.address) == 1:
                return self._first(inner, node)
            word = self._word(origin.address, node)
            return made(word, node) if word is not None else _UNKNOWN
        if origin.at < 0 or not isinstance(origin.literal, str) or not _stands_in(origin.literal, origin.at, node):
            return made(origin.literal, node)
        return excerpt(node, origin.at, origin.at + len(origin.literal))

    def _foreign(self, variable: Variable, node: Node) -> None:
        message = f"the Serverless Framework takes `{variable.written}` for a variable of its own, and knows none such"
        hint = f"write `\\{variable.written}` if it is meant for IAM"
        self.fault(_place(variable, node), message, hint, is_warning=True)

    def _word(self, pieces: Pieces, node: Node) -> str | None:
        """An address or argument; None when a part of it is not known."""
        words = []
        for piece in pieces:
            text = piece if isinstance(piece, str) else self._text_of(piece, node)[0]
            if isinstance(text, Template):
                return None
            words.append(text)
        return "".join(words)

    def _from_self(self, origin: Origin, variable: Variable, node: Node) -> _Found:
        address = self._word(origin.address, node)
        if address is None:
            return _UNKNOWN
        found = self._walk(self.root, address)
        if found is None and address == "provider.stage":
            return made(self.given.parameters.get("stage", DEFAULT_STAGE), node)
        if found is None and address == "provider.region":
            return made(self.given.region or DEFAULT_REGION, node)
        return found

    def _walk(self, start: Node, address: str) -> _Found:
        """The value on a path of names with dots between them; variables on the way are followed."""
        node = start
        for key in address.split(".") if address else ():
            opened = self._opened(node)
            if not isinstance(opened, Node):
                return opened
            below = _below(opened, key)
            if below is None:
                return _UNKNOWN if isinstance(opened.value, Template) else None
            node = below
        return node

    def _from_opt(self, origin: Origin, variable: Variable, node: Node) -> _Found:
        name = self._word(origin.address, node)
        if name is None:
            return _UNKNOWN
        value = self.given.parameters.get(name)
        if name in self.given.unknown:
            return _UNKNOWN
        if value is None and name == "region" and self.given.is_elsewhere:
            value = self.given.region
        if value is None:
            return None if len(variable.origins) > 1 else _UNKNOWN
        return made(value, node)

    def _from_env(self, origin: Origin, variable: Variable, node: Node) -> _Found:
        return None if len(variable.origins) > 1 else _UNKNOWN

    def _from_param(self, origin: Origin, variable: Variable, node: Node) -> _Found:
        name, stage = self._word(origin.address, node), self.stage()
        if name is None:
            return _UNKNOWN
        if name in self.given.parameters:
            return made(self.given.parameters[name], node)
        if isinstance(stage, Template) or name in self.given.unknown:
            return _UNKNOWN
        for path in (f"params.{stage}", f"stages.{stage}.params", "params.default", "stages.default.params"):
            found = self._walk(self.root, f"{path}.{name}")
            if found is not None:
                return found
        return None if len(variable.origins) > 1 else _UNKNOWN

    def _from_sls(self, origin: Origin, variable: Variable, node: Node) -> _Found:
        return made(self.stage(), node) if self._word(origin.address, node) == "stage" else _UNKNOWN

    def _from_aws(self, origin: Origin, variable: Variable, node: Node) -> _Found:
        name = self._word(origin.address, node)
        pseudo = _PSEUDO.get(name or "")
        if pseudo is None:
            self._foreign(variable, node)
            return _UNKNOWN
        value = self.given.region if name == "region" else self.given.account
        return made(value or Template((hole(pseudo),)), node)

    def _from_file(self, origin: Origin, variable: Variable, node: Node) -> _Found:
        path = self._word(origin.params[0], node) if origin.params else None
        address = self._word(origin.address, node)
        if not path or address is None:
            return _UNKNOWN
        file = self.files.read(path)
        if file.root is not None:
            return self._walk(file.root, address)
        if file.refused and len(variable.origins) == 1:
            self.fault(_place(variable, node), f"`{path}` cannot be read: {file.refused}")
        return None if file.refused and len(variable.origins) > 1 else _UNKNOWN

    def _from_strToBool(self, origin: Origin, variable: Variable, node: Node) -> _Found:  # noqa: N802 - its name
        word = self._word(origin.params[0], node) if origin.params else None
        word = word.strip().lower() if word is not None else ""
        return made(word in _TRUE, node) if word in (*_TRUE, *_FALSE) else _UNKNOWN

    def stage(self) -> Text:
        """The stage that is deployed."""
        given = self.given.parameters.get("stage")
        if given:
            return given
        provider = self._walk(self.root, "provider.stage")
        if provider is None:
            return DEFAULT_STAGE
        value = self.resolve(provider).value if isinstance(provider, Node) else None
        return value if isinstance(value, str | Template) else Template((_hole_of("${sls:stage}"),))

    def region(self) -> str:
        """The Region that the file says, or the framework's own; empty when it is not known."""
        found = self._walk(self.root, "provider.region")
        if found is None:
            return DEFAULT_REGION
        value = self.resolve(found).value if isinstance(found, Node) else None
        return value if isinstance(value, str) else ""


def _variables(node: Node) -> Parsed | None:
    """The variables of a text; None when there are none."""
    if not isinstance(node.value, str) or "${" not in node.value or isinstance(node, Computed):
        return None
    parsed = parse(node.value)
    return parsed if parsed.variables or parsed.dropped else None


def _whole(node: Node, parsed: Parsed | None) -> Variable | None:
    """The variable that a text is, when it is nothing else."""
    first = parsed.variables[0] if parsed is not None and parsed.variables else None
    return first if first is not None and first.end - first.start == len(node.value) else None


def _below(node: Node, key: str) -> Node | None:
    if isinstance(node.value, Object):
        return node.value.get(key)
    if type(node.value) is list and key.isdecimal() and len(key) < 10 and int(key) < len(node.value):
        found: Node = node.value[int(key)]
        return found
    return None


def _stands_in(text: str, at: int, node: Node) -> bool:
    return isinstance(node.value, str) and node.value.startswith(text, at)


def _literals(node: Node, start: int, end: int, dropped: tuple[int, ...]) -> list[Piece]:
    """A stretch of a text as it stands there, without the characters that are dropped."""
    found = []
    for place in (*(place for place in dropped if start <= place < end), end):
        found.append(Piece(node.value[start:place], node, start))
        start = place + 1
    return found


def _is_written_in(found: Node, node: Node) -> bool:
    """Whether a value stands inside the text that asks for it, as a fallback does."""
    return isinstance(found, Computed) and any(piece.node is node and piece.start >= 0 for piece in found.pieces)


def _place(variable: Variable, node: Node) -> Node:
    """Where a variable stands; one inside another stands where that does."""
    return excerpt(node, variable.start, variable.end) if _stands_in(variable.written, variable.start, node) else node


def _hole_of(written: str) -> Hole:
    return hole(written.removeprefix("${").removesuffix("}").strip())


def _unknown_text(node: Node, written: str) -> Node:
    return text_node((Piece(_hole_of(written), node),), node)


def _substitutable(argument: Node) -> Node:
    """The argument of `Fn::Sub` with what is not known taken out of its text, into the mapping that it can have."""
    text, known = argument, None
    if type(argument.value) is list and len(argument.value) == 2:
        text, known = argument.value
    if not isinstance(text.value, Template) or not (known is None or isinstance(known.value, Object)):
        return argument
    values: dict[str, Node | Text | None] = {}
    pieces: list[Piece] = []
    for piece in pieces_of(text):
        if isinstance(piece.part, Hole):
            name = f"Serverless{len(values)}"
            values[name] = text_node((piece,), text)
            pieces.append(piece._replace(part=f"${{{name}}}", end=max(piece.end, piece.start)))
        else:
            pieces.append(piece)
    holes = mapping(text, values)
    both = made(Object([*known.value, *holes.value]), known) if known is not None else holes
    return made([text_node(pieces, text), both], argument)
