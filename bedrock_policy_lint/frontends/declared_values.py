"""The values of a declaration: each is read with its type and meaning, and what is wrong is told where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.model.text import Hole, Template, Text
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.wording import found, one_of

if TYPE_CHECKING:
    from bedrock_policy_lint.authorize.request import ContextValue
    from bedrock_policy_lint.catalog import Catalog

UNDECLARED_ACCOUNT: Text = Template((Hole("account", "<account>"),))
"""What stands for an account id that nobody declared."""

_MOST_FAULTS = 10_000
"""Nobody mends more of them; memory must not run out."""
_MOST_LISTED = 200
"""No list or table inside a usage is longer: there are fewer Regions, and nobody declares so many context keys."""
_MOST_SUGGESTIONS = 100
"""Looking for what is near takes longer than all other reading."""
_LONGEST_WORD = 100
"""A longer word is like no name."""
_TOO_LARGE = 10**60
"""A number from here on is not shown."""
_GLOBAL = "global"

_account = re.compile(r"[0-9]{12}").fullmatch
_organization = re.compile(r"o-[a-z0-9]+").fullmatch
_context_key = re.compile(r"[A-Za-z][A-Za-z0-9-]*:\S.*", re.DOTALL).fullmatch
_principal_arn = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):iam::(?P<account>[0-9]{12}):(?P<kind>role|user)/(?P<path>[^\s*?]+)"
).fullmatch
_written_number = re.compile(r"[-+.]?[0-9][-+.0-9eE]{0,60}").fullmatch
_session_arn = re.compile(r"arn:aws[a-z-]*:sts::[0-9]{12}:assumed-role/.+").fullmatch


class Fault(NamedTuple):
    """What is wrong with the declaration itself."""

    node: Node
    message: str
    hint: str = ""


class PrincipalArn(NamedTuple):
    """The ARN of a role or user, taken apart."""

    text: str
    partition: str
    account: str
    kind: str
    name: str
    """Without its path."""


Members = Mapping[str, tuple[Node, Node]]
"""Keys and values by the name of the key."""


class Values:
    """Reads values; a value that is wrong is told and counts as not given."""

    def __init__(self, catalog: Catalog, doubled: Iterable[int] = ()) -> None:
        """`doubled` holds where names stand that their mapping holds before."""
        self.catalog = catalog
        self.doubled = frozenset(doubled)
        self.faults: list[Fault] = []
        self.told = 0
        """How often something was wrong, repetitions included."""
        self._seen: set[tuple[int, int, str]] = set()
        self._regions: tuple[str, ...] = ()

    def tell(self, node: Node, message: str, hint: str = "") -> None:
        """Keep a fault; one and the same is told once, however many usages inherit it."""
        self.told += 1
        key = (node.start, node.end, message)
        if key not in self._seen and len(self.faults) < _MOST_FAULTS:
            self._seen.add(key)
            self.faults.append(Fault(node, message, hint))

    def expect(self, node: Node, key: str, what: str, hint: str = "") -> None:
        """Tell that a value is not what its key takes."""
        self.tell(node, f"`{key}`: expected {what}, found {shown(node)}", hint)

    def nearest(self, word: str, candidates: Iterable[str]) -> str:
        """`; did you mean …?` with the nearest three names, or nothing when none is near."""
        if len(self.faults) > _MOST_SUGGESTIONS:
            return ""
        near = self.catalog.nearest(word[:_LONGEST_WORD], candidates)
        return f"; did you mean {one_of(near)}?" if near else ""

    # Shapes

    def members(self, node: Node, key: str, allowed: Iterable[str]) -> Members | None:
        """The members of a mapping; a key that is not allowed is told. None for what is no mapping."""
        if not isinstance(node.value, Object):
            self.expect(node, key, "a mapping")
            return None
        known = tuple(allowed)
        members: dict[str, tuple[Node, Node]] = {}
        for name, value in self.pairs(node.value):
            if name.value in known:
                members[name.value] = (name, value)
            else:
                near = self.nearest(name.value, known)
                self.tell(name, f"no such key {shown(name)}{near}", "" if near else f"the keys here are {_all(known)}")
        return members

    def pairs(self, mapping: Object) -> Iterator[tuple[Node, Node]]:
        """The names and values of a mapping; a name that stands twice is told, for only one value can be meant."""
        for name, value in mapping.pairs():
            if name.start in self.doubled:
                self.tell(name, f"{shown(name)} stands twice here", "keep the one that you mean")
            yield name, value

    def entries(self, node: Node, key: str, what: str) -> list[Node]:
        """The elements of a list or the one value in its stead, up to a number that nobody needs."""
        items = node.items
        if len(items) > _MOST_LISTED:
            self.tell(node, f"`{key}`: a list of {len(items):,} entries, and at most {_MOST_LISTED} are read", "cut it")
        if not items:
            self.tell(node, f"`{key}`: expected {what}, found an empty list")
        return items[:_MOST_LISTED]

    def text(self, node: Node, key: str) -> str:
        """A text that is not empty."""
        if isinstance(node.value, str) and node.value:
            return node.value
        self.expect(node, key, "a text", "put it in quotes" if _is_number(node) else "")
        return ""

    def texts(self, node: Node, key: str) -> list[tuple[str, Node]]:
        """A text or a list of texts, each with its node."""
        entries = self.entries(node, key, "a text or a list of texts")
        return [(text, entry) for entry in entries if (text := self.text(entry, key))]

    def identifier(self, node: Node, key: str) -> str:
        """A text; a whole number without quotes is one too."""
        return digits(node) or self.text(node, key)

    def flag(self, node: Node, key: str) -> bool:
        """True or false."""
        if isinstance(node.value, bool):
            return node.value
        self.expect(node, key, "true or false")
        return False

    def choice(self, node: Node, key: str, allowed: tuple[str, ...]) -> str:
        """One of a few words."""
        word = self.text(node, key)
        if word and word not in allowed:
            near = self.nearest(word, allowed)
            self.tell(node, f"`{key}`: expected {one_of(allowed)}, found {found(word)}{near}")
            return ""
        return word

    # Meanings

    def account(self, node: Node) -> str:
        """An account id."""
        text = self.identifier(node, "account")
        if text and not _account(text):
            self.tell(node, f"{found(text)} is no account id", "an account id has 12 digits; put them in quotes")
            return ""
        return text

    def regions(self, node: Node, key: str) -> tuple[tuple[str, Node], ...]:
        """One Region or several, each once."""
        regions: dict[str, Node] = {}
        for text, entry in self.texts(node, key):
            if self.catalog.region(text) is not None:
                regions.setdefault(text, entry)
                continue
            self._regions = self._regions or tuple(region.name for region in self.catalog.regions())
            self.tell(entry, f"no AWS Region is called {found(text)}{self.nearest(text, self._regions)}")
        return tuple(regions.items())

    def geography(self, node: Node, key: str) -> str:
        """The prefix of a geography that has borders."""
        text = self.text(node, key)
        known = tuple(name for name in self.catalog.geographies() if name != _GLOBAL)
        if not text or text in known:
            return text
        if text == _GLOBAL:
            self.tell(
                node, f"`{key}`: `{_GLOBAL}` is no geography: it has no borders", f"the geographies are {_all(known)}"
            )
        else:
            near = self.nearest(text, known)
            hint = "" if near else f"the geographies are {_all(known)}"
            self.tell(node, f"`{key}`: no geography is called {found(text)}{near}", hint)
        return ""

    def organization(self, node: Node) -> str:
        """The id of an organisation."""
        text = self.text(node, "organization")
        if text and not _organization(text):
            self.tell(node, f"{found(text)} is no id of an organisation", "such an id begins with `o-`")
            return ""
        return text

    def principal(self, node: Node, key: str) -> PrincipalArn | None:
        """The ARN of a role or user; `key` is `role` or `user`."""
        text = self.text(node, key)
        if not text:
            return None
        match = _principal_arn(text)
        if match is not None and match["kind"] == key:
            name = match["path"].rpartition("/")[2]
            return PrincipalArn(text, match["partition"], match["account"], key, name)
        hint = f"it has the form `arn:aws:iam::111122223333:{key}/NAME`"
        if match is not None:
            hint = f"it is the ARN of a {match['kind']}: write `{match['kind']}:`"
        elif _session_arn(text):
            hint = f"it is the ARN of a session: {hint.replace('it has', 'that of its role has')}"
        self.tell(node, f"{found(text)} is no ARN of a {key}", hint)
        return None

    def context(self, node: Node) -> dict[str, ContextValue]:
        """Condition keys, in lower case, and their values; null says that the request does not carry the key."""
        context: dict[str, ContextValue] = {}
        if not isinstance(node.value, Object):
            self.expect(node, "context", "a mapping of condition keys")
            return context
        if len(node.value) > 2 * _MOST_LISTED:
            self.tell(node, f"`context`: more than {_MOST_LISTED} keys", "leave out those that no policy tests")
        for key, value in list(self.pairs(node.value))[:_MOST_LISTED]:
            if not _context_key(key.value):
                self.tell(key, f"{shown(key)} is no condition key", "such a key has a prefix, as in `aws:SourceIp`")
                continue
            entries = [] if value.value is None else value.items
            texts = [self._scalar(entry, key.value[:_LONGEST_WORD]) for entry in entries]
            known = tuple(text for text in texts if text is not None)
            if len(known) == len(texts):
                context[key.value.lower()] = known
        return context

    def _scalar(self, node: Node, key: str) -> str | None:
        value = node.value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str):
            return value
        if _is_number(node) and (text := _number(node)):
            return text
        self.expect(node, key, "a text, a number, true or false, or a list of those")
        return None


def shown(node: Node) -> str:
    """A value as a message shows it."""
    value = node.value
    if isinstance(value, Object):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if _is_number(node):
        return found(_number(node)) if _number(node) else "a number"
    return found(value)


def digits(node: Node) -> str:
    """The text of a whole number of decimal digits as it was written; empty for anything else."""
    text = _number(node) if _is_number(node) else ""
    return text if text.isascii() and text.isdigit() else ""


def _is_number(node: Node) -> bool:
    return isinstance(node.value, int | float) and not isinstance(node.value, bool)


def _number(node: Node) -> str:
    """A number as it was written, since `007` is not `7`; empty for one that is too long to be meant."""
    written = node.source.text[node.start : node.end]
    if _written_number(written):
        return written
    # What stands there is no plain number but, for instance, a reference to one.
    return str(node.value) if -_TOO_LARGE < node.value < _TOO_LARGE or node.value != node.value else ""


def _all(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
