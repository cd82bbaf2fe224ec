"""Policies and statements: frozen views over the spanned tree they were read from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeVar, overload

from bedrock_policy_lint.model import arn as arns
from bedrock_policy_lint.model.text import Template, Text, from_policy, from_policy_template
from bedrock_policy_lint.sources.node import Node, Object

KINDS = ("identity", "boundary", "session", "scp", "rcp", "trust", "vpc-endpoint", "resource")
"""What a policy document can be attached as."""

GRANTING_KINDS = frozenset({"identity", "session", "resource"})
"""Kinds whose Allow gives access by itself; in the others an Allow only sets the outer limit."""

IAM_KINDS = frozenset({"identity", "boundary", "session", "trust"})
"""Kinds that IAM itself stores, whose Sids follow its rules; a service's own policies may be laxer."""

_KEEP = 1000
"""Lists up to this length are taken apart once; of longer ones an entry each time that it is looked at.

Of a policy with more statements only the one that was looked at last keeps its parts.
"""

_Entry = TypeVar("_Entry")


class Attachment(NamedTuple):
    """What a document is attached as, and how sure that is."""

    kind: str
    certain: bool = False
    """False when only the content suggests the kind."""
    holder: str = ""
    """`managed`, `role`, `user` or `group` when the file says so."""


class Place(NamedTuple):
    """A part of a node's text, as offsets into its decoded value."""

    node: Node
    start: int
    end: int


class Action:
    """One entry of `Action` or `NotAction`."""

    __slots__ = ("name", "node", "service", "statement", "text")

    def __init__(self, node: Node, text: Text, statement: Statement) -> None:
        self.node = node
        self.text = text
        self.statement = statement
        service, colon, name = text.partition(":") if isinstance(text, str) else ("", "", "")
        self.service = service.lower() if colon else ""
        """The prefix in lower case; empty for `*` and for a text that is no plain `prefix:name`."""
        self.name = name
        """What stands behind the colon, as written."""

    @property
    def in_not_action(self) -> bool:
        """Whether it stands in `NotAction`."""
        return bool(self.statement.not_action_nodes)

    @property
    def pattern(self) -> str:
        """Prefix and name, as the catalogue is asked for them; a bare colon for what is no plain `prefix:name`."""
        return f"{self.service}:{self.name}"

    @property
    def prefix_place(self) -> Place:
        """Where the service prefix stands."""
        return Place(self.node, 0, len(self.service))


class Resource:
    """One entry of `Resource` or `NotResource`."""

    __slots__ = ("arn", "node", "statement", "text")

    def __init__(self, node: Node, text: Text, statement: Statement) -> None:
        self.node = node
        self.text = text
        self.statement = statement
        self.arn = arns.parse(text)
        """Its fields, or None for `*` and for what is no ARN."""

    @property
    def is_star(self) -> bool:
        """Whether it is `*` alone."""
        return self.text == "*"

    @property
    def in_not_resource(self) -> bool:
        """Whether it stands in `NotResource`."""
        return bool(self.statement.not_resource_nodes)

    def place(self, field: str) -> Place:
        """Where a field of its ARN stands; see `Arn.field_at`."""
        assert self.arn is not None  # noqa: S101 - asking for a field of no ARN is a mistake in a rule
        return Place(self.node, *self.arn.field_at(field))


class Operator(NamedTuple):
    """A condition operator taken apart: `ForAnyValue:StringNotLikeIfExists`."""

    base: str
    """Canonical spelling (`StringNotLike`), or the text as written when AWS knows no such operator."""
    known: bool
    if_exists: bool
    quantifier: str
    """`ForAllValues`, `ForAnyValue` or nothing."""

    @property
    def negated(self) -> bool:
        """Whether it is true when the key is absent (unless quantified)."""
        return "Not" in self.base

    @property
    def family(self) -> str:
        """What it compares: `String`, `Arn`, `Numeric`, `Date`, `Bool`, `IpAddress`, `Binary` or `Null`."""
        return _FAMILIES.get(self.base, "")

    @property
    def wild(self) -> bool:
        """Whether `*` and `?` in its values are wildcards."""
        return self.base.endswith("Like") or self.family == "Arn"


_FAMILIES = {
    "StringEquals": "String",
    "StringNotEquals": "String",
    "StringEqualsIgnoreCase": "String",
    "StringNotEqualsIgnoreCase": "String",
    "StringLike": "String",
    "StringNotLike": "String",
    "NumericEquals": "Numeric",
    "NumericNotEquals": "Numeric",
    "NumericLessThan": "Numeric",
    "NumericLessThanEquals": "Numeric",
    "NumericGreaterThan": "Numeric",
    "NumericGreaterThanEquals": "Numeric",
    "DateEquals": "Date",
    "DateNotEquals": "Date",
    "DateLessThan": "Date",
    "DateLessThanEquals": "Date",
    "DateGreaterThan": "Date",
    "DateGreaterThanEquals": "Date",
    "Bool": "Bool",
    "BinaryEquals": "Binary",
    "IpAddress": "IpAddress",
    "NotIpAddress": "IpAddress",
    "ArnEquals": "Arn",
    "ArnNotEquals": "Arn",
    "ArnLike": "Arn",
    "ArnNotLike": "Arn",
    "Null": "Null",
}
OPERATORS = tuple(_FAMILIES)
"""Every condition operator of IAM."""
_SPELLING = {name.lower(): name for name in _FAMILIES}


@lru_cache(maxsize=256)
def parse_operator(written: str) -> Operator:
    """A condition operator taken apart; letter case does not matter to IAM."""
    quantifier, _, rest = written.rpartition(":")
    lowered = rest.lower()
    if_exists = lowered.endswith("ifexists") and lowered != "nullifexists"
    base = lowered.removesuffix("ifexists") if if_exists else lowered
    prefix = {"forallvalues": "ForAllValues", "foranyvalue": "ForAnyValue", "": ""}.get(quantifier.lower())
    known = base in _SPELLING and prefix is not None
    return Operator(_SPELLING.get(base, rest), known, if_exists, prefix or "")


class Test:
    """One test of a `Condition`: an operator, a key and the values."""

    __slots__ = ("key", "key_node", "operator", "operator_node", "statement", "values", "values_node")

    def __init__(self, operator_node: Node, key_node: Node, values_node: Node, statement: Statement) -> None:
        self.operator_node = operator_node
        self.operator = parse_operator(operator_node.value)
        self.key_node = key_node
        self.key: str = key_node.value
        """As written; compare `key.lower()`, for IAM ignores the case of key names."""
        self.values_node = values_node
        self.values = values_node.items
        self.statement = statement

    def texts(self) -> list[Text]:
        """The values as texts; numbers and booleans as IAM reads them."""
        return [self.statement.text(value) for value in self.values]

    @property
    def node(self) -> Node:
        """The key, which names the test."""
        return self.key_node


class Principal(NamedTuple):
    """One entry of `Principal` or `NotPrincipal`."""

    type: str
    """`AWS`, `Service`, `Federated`, `CanonicalUser`, or `*` for the bare star."""
    text: Text
    node: Node


class Statement:
    """One statement. Absent or ill-typed elements are empty here; the grammar has its own rules."""

    __slots__ = (
        "_actions",
        "_resources",
        "_tests",
        "action_nodes",
        "condition_node",
        "effect",
        "effect_node",
        "expanded",
        "index",
        "members",
        "node",
        "not_action_nodes",
        "not_principal_node",
        "not_resource_nodes",
        "policy",
        "principal_node",
        "resource_nodes",
        "sid",
        "sid_node",
    )

    def __init__(self, node: Node, index: int, policy: Policy, members: dict[str, Node]) -> None:
        self.node = node
        self.index = index
        self.policy = policy
        self.members = members
        """Its well-typed elements by name."""
        nothing: list[Node] = []
        get = members.get
        self.sid_node = get("Sid")
        self.sid: str = str(self.sid_node.value) if self.sid_node else ""
        self.effect_node = get("Effect")
        self.effect: str = str(self.effect_node.value) if self.effect_node else ""
        self.action_nodes = members["Action"].items if "Action" in members else nothing
        self.not_action_nodes = members["NotAction"].items if "NotAction" in members else nothing
        self.resource_nodes = members["Resource"].items if "Resource" in members else nothing
        self.not_resource_nodes = members["NotResource"].items if "NotResource" in members else nothing
        self.condition_node = get("Condition")
        self.principal_node = get("Principal")
        self.not_principal_node = get("NotPrincipal")
        self._actions: Sequence[Action] | None = None
        self._resources: Sequence[Resource] | None = None
        self._tests: list[Test] | None = None
        self.expanded: frozenset[str] | None = None
        """Filled by `Context.actions_of`: the detailed actions that the statement names."""

    @property
    def allows(self) -> bool:
        """Whether its effect is Allow."""
        return self.effect == "Allow"

    @property
    def denies(self) -> bool:
        """Whether its effect is Deny."""
        return self.effect == "Deny"

    @property
    def grants(self) -> bool:
        """Whether it gives access by itself: an Allow of an identity, session or resource policy."""
        return self.effect == "Allow" and self.policy.attachment.kind in GRANTING_KINDS

    def text(self, node: Node) -> Text:
        """The text of a value, with its policy variables and placeholders as holes."""
        value = node.value
        if type(value) is str:
            return from_policy(value, variables=self.policy.has_variables)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, Template):
            return from_policy_template(value, variables=self.policy.has_variables)
        return str(value)

    @property
    def actions(self) -> Sequence[Action]:
        """The entries of `Action` or `NotAction`."""
        if self._actions is None:
            self.policy.turn_to(self)
            self._actions = self._entries(Action, self.action_nodes or self.not_action_nodes)
        return self._actions

    @property
    def resources(self) -> Sequence[Resource]:
        """The entries of `Resource` or `NotResource`."""
        if self._resources is None:
            self.policy.turn_to(self)
            self._resources = self._entries(Resource, self.resource_nodes or self.not_resource_nodes)
        return self._resources

    def _entries(self, make: Callable[[Node, Text, Statement], _Entry], nodes: list[Node]) -> Sequence[_Entry]:
        if len(nodes) > _KEEP:
            return _Long(make, nodes, self)
        return [make(node, self.text(node), self) for node in nodes]

    @property
    def tests(self) -> list[Test]:
        """Every well-formed test of the condition block."""
        if self._tests is None:
            self.policy.turn_to(self)
            self._tests = []
            if self.condition_node is not None:
                for operator_node, keys in self.condition_node.value.pairs():
                    if isinstance(keys.value, Object):
                        self._tests.extend(Test(operator_node, key, values, self) for key, values in keys.value.pairs())
        return self._tests

    def forget(self) -> None:
        """Drop what was taken apart; it is made again when it is asked for."""
        self._actions = self._resources = self._tests = self.expanded = None

    def tests_of(self, key: str) -> list[Test]:
        """The tests of one condition key, given in lower case."""
        return [test for test in self.tests if test.key.lower() == key]

    @property
    def principals(self) -> list[Principal]:
        """The entries of `Principal` or `NotPrincipal`."""
        node = self.principal_node or self.not_principal_node
        if node is None:
            return []
        if not isinstance(node.value, Object):
            return [Principal("*", self.text(entry), entry) for entry in node.items]
        return [
            Principal(key.value, self.text(entry), entry)
            for key, values in node.value.pairs()
            for entry in values.items
        ]


class _Long(Sequence[_Entry]):
    """The entries of a list too long to keep taken apart: each is made when it is asked for."""

    __slots__ = ("_make", "_nodes", "_statement")

    def __init__(self, make: Callable[[Node, Text, Statement], _Entry], nodes: list[Node], of: Statement) -> None:
        self._make = make
        self._nodes = nodes
        self._statement = of

    def __len__(self) -> int:
        return len(self._nodes)

    @overload
    def __getitem__(self, at: int) -> _Entry: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[_Entry]: ...

    def __getitem__(self, at: int | slice) -> _Entry | Sequence[_Entry]:
        if isinstance(at, slice):
            return _Long(self._make, self._nodes[at], self._statement)
        node = self._nodes[at]
        return self._make(node, self._statement.text(node), self._statement)

    def __iter__(self) -> Iterator[_Entry]:
        make, statement = self._make, self._statement
        return (make(node, statement.text(node), statement) for node in self._nodes)


class Policy:
    """One policy document."""

    __slots__ = (
        "_last",
        "attachment",
        "has_variables",
        "is_open",
        "node",
        "statements",
        "version",
        "version_node",
        "written",
    )

    def __init__(self, node: Node, attachment: Attachment, version_node: Node | None, written: str) -> None:
        self.node = node
        self.attachment = attachment
        self.version_node = version_node
        self.version: str = str(version_node.value) if version_node is not None else "2008-10-17"
        """IAM takes a document without a version for one of 2008-10-17."""
        self.written = written
        """`document`, `statement` for a bare statement, or `statements` for a bare list of them."""
        self.has_variables = self.version != "2008-10-17" or written != "document"
        self.statements: list[Statement] = []
        self.is_open = False
        """Whether there are statements, or effects of them, that the file does not settle."""
        self._last: Statement | None = None

    @property
    def kind(self) -> str:
        """What it is attached as: one of `KINDS`."""
        return self.attachment.kind

    def turn_to(self, statement: Statement) -> None:
        """A statement is about to be taken apart: in a long policy the one before it gives its parts up."""
        if len(self.statements) > _KEEP and self._last is not statement:
            if self._last is not None:
                self._last.forget()
            self._last = statement

    def release(self) -> None:
        """Cut the circles between a policy and its statements, so that their memory is free at once."""
        for statement in self.statements:
            statement.forget()
        self.statements.clear()
        self._last = None
