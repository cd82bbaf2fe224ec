"""The IAM policy grammar: a spanned tree becomes a `Policy`, and every breach becomes a located `Defect`.

Dialects that end in a policy document (JSON, templates) all come through here.
"""

from __future__ import annotations

from functools import lru_cache

from bedrock_policy_lint.frontends.document import Defect
from bedrock_policy_lint.model.policy import Attachment, Policy, Statement
from bedrock_policy_lint.model.text import Template, Text, from_policy
from bedrock_policy_lint.sources.node import Node, Object

POLICY_ELEMENTS = ("Version", "Id", "Statement")
STATEMENT_ELEMENTS = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
PRINCIPAL_TYPES = ("AWS", "Service", "Federated", "CanonicalUser")
VERSIONS = ("2012-10-17", "2008-10-17")
EFFECTS = ("Allow", "Deny")
_VALUES = {"Version": VERSIONS, "Effect": EFFECTS}

_PAIRS = (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal"))
_known_policy = frozenset(POLICY_ELEMENTS)
_known_statement = frozenset(STATEMENT_ELEMENTS)


def read(node: Node, attachment: Attachment, defects: list[Defect], *, written: str = "document") -> Policy:
    """The policy of a document node, a bare statement or a bare list of statements."""
    reader = _Reader(defects)
    if written != "document":
        return reader.bare(node, attachment, written)
    return reader.document(node, attachment)


class _Reader:
    """Reads one policy and keeps the list that its defects go to."""

    __slots__ = ("defects",)

    def __init__(self, defects: list[Defect]) -> None:
        self.defects = defects

    def report(self, kind: str, node: Node, element: str, detail: str = "", expected: tuple[str, ...] = ()) -> None:
        self.defects.append(Defect(kind, node, element, detail, expected))

    def bare(self, node: Node, attachment: Attachment, written: str) -> Policy:
        policy = Policy(node, attachment, None, written)
        self.statements(node, policy)
        return policy

    def document(self, node: Node, attachment: Attachment) -> Policy:
        members: dict[str, Node] = {}
        meant = set()
        if isinstance(node.value, Template):
            policy = Policy(node, attachment, None, "document")
            policy.is_open = True
            return policy
        for key, value in node.value.pairs():
            if key.value in _known_policy:
                members[key.value] = value
            elif _has_hole(key.value):
                meant.add("Statement")
            elif key.value not in _known_statement or node.value.get("Statement") is not None:
                # A statement without braces around it is no unknown element but a missing `Statement`.
                meant.add(self.unknown(key, POLICY_ELEMENTS))
        for name in ("Version", "Id"):
            if name in members and not self.single(name, members[name]):
                del members[name]
        policy = Policy(node, attachment, members.get("Version"), "document")
        statement = members.get("Statement")
        if statement is not None:
            self.statements(statement, policy)
        elif any(isinstance(key.value, Template) for key in node.value[::2]):
            policy.is_open = True
        elif "Statement" not in meant:
            self.report("missing-element", node, "Statement")
        return policy

    def unknown(self, key: Node, known: tuple[str, ...]) -> str:
        """Report an element that does not exist, and return the one that was probably meant."""
        lowered = key.value.lower()
        meant = next((name for name in known if name.lower() == lowered), "") or _nearest(key.value, known)
        self.report("unknown-element", key, key.value, meant, known)
        return meant

    def statements(self, node: Node, policy: Policy) -> None:
        if type(node.value) is list and not node.value:
            self.report("empty-element", node, "Statement")
        for index, item in enumerate(node.items):
            if isinstance(item.value, Object):
                policy.statements.append(self.statement(item, index, policy))
            elif isinstance(item.value, Template):
                policy.is_open = True
            else:
                self.report("wrong-type", item, "Statement", type_name(item), ("an object",))

    def statement(self, node: Node, index: int, policy: Policy) -> Statement:
        members: dict[str, Node] = {}
        named: set[str] = set()
        for key, value in node.value.pairs():
            name = key.value
            if name not in _known_statement:
                # A name that is not known yet may be that of any element.
                named.update(_known_statement if _has_hole(name) else (self.unknown(key, STATEMENT_ELEMENTS),))
                continue
            named.add(name)
            if self.well_typed(name, value):
                members[name] = value
            else:
                members.pop(name, None)
        self.presence(node, named, policy)
        statement = Statement(node, index, policy, members)
        effect = members.get("Effect")
        if isinstance(effect.value if effect else None, Template) or (effect is None and _has_open_name(node)):
            policy.is_open = True
        return statement

    def well_typed(self, name: str, value: Node) -> bool:
        if name in ("Sid", "Effect"):
            return self.single(name, value)
        if name == "Condition":
            return self.condition(value)
        if name in ("Principal", "NotPrincipal"):
            return self.principal(name, value)
        return self.strings(name, value)

    def single(self, name: str, value: Node) -> bool:
        if not isinstance(value.value, str | Template):
            self.report("wrong-type", value, name, type_name(value), ("a string",))
            return False
        allowed = _VALUES.get(name)
        text = value.value
        if allowed and isinstance(text, str) and text not in allowed and not _has_hole(text):
            self.report("invalid-value", value, name, text, allowed)
        return True

    def strings(self, name: str, value: Node) -> bool:
        """Whether every entry of a string or list of strings is one; an empty list is a defect of its own."""
        items = value.items
        if not items:
            self.report("empty-element", value, name)
            return False
        for item in items:
            if not isinstance(item.value, str | Template):
                self.report("wrong-type", item, name, type_name(item), ("a string",))
                return False
        return True

    def principal(self, name: str, value: Node) -> bool:
        if isinstance(value.value, Template):
            return False
        if not isinstance(value.value, Object):
            return self.everyone(name, value)
        if _has_open_name(value):
            return False
        good = True
        if not value.value:
            self.report("empty-element", value, name)
            return False
        for key, entries in value.value.pairs():
            if key.value not in PRINCIPAL_TYPES and not _has_hole(key.value):
                self.report("invalid-value", key, name, key.value, PRINCIPAL_TYPES)
            good = self.strings(f"{name}.{key.value}", entries) and good
        return good

    def everyone(self, name: str, value: Node) -> bool:
        """Whether a principal that is no object is the star, or may become it."""
        if isinstance(value.value, str) and value.value != "*" and not _has_hole(value.value):
            self.report("wrong-type", value, name, type_name(value), ("an object", "`*`"))
            return False
        return self.strings(name, value)

    def condition(self, value: Node) -> bool:
        if isinstance(value.value, Template):
            return False
        if not isinstance(value.value, Object):
            self.report("wrong-type", value, "Condition", type_name(value), ("an object",))
            return False
        good = not _has_open_name(value)
        for operator, keys in value.value.pairs():
            if isinstance(keys.value, Template) or (isinstance(keys.value, Object) and _has_open_name(keys)):
                good = False
                continue
            if not isinstance(keys.value, Object):
                expected = ("an object of condition keys",)
                self.report("wrong-type", keys, operator.value, type_name(keys), expected)
                good = False
                continue
            for key, values in keys.value.pairs():
                good = self.condition_values(key, values) and good
            if len(keys.value) > 2:
                self.same_keys(keys.value)
        return good

    def same_keys(self, keys: Object) -> None:
        """Report condition keys that differ only in letter case; exact duplicates are the JSON reader's business."""
        seen: dict[str, str] = {}
        for key in keys[::2]:
            first = seen.setdefault(key.value.lower(), key.value)
            if first != key.value:
                self.report("duplicate-key", key, key.value, first)

    def condition_values(self, key: Node, values: Node) -> bool:
        for item in values.items:
            if item.value is None or isinstance(item.value, list):
                self.report("wrong-type", item, key.value, type_name(item), ("a string",))
                return False
        return True

    def presence(self, node: Node, named: set[str], policy: Policy) -> None:
        """Which elements a statement must have, and which may not stand together."""
        for one, other in _PAIRS:
            if one in named and other in named:
                pair = node.value.member(one), node.value.member(other)
                if pair[0] and pair[1]:  # not merely meant by a misspelt name
                    self.report("conflicting-elements", pair[1][0], one, other)
        if "Effect" not in named:
            self.report("missing-element", node, "Effect")
        if not named & {"Action", "NotAction"}:
            self.report("missing-element", node, "Action")
        kind, certain = policy.attachment.kind, policy.attachment.certain
        has_principal = bool(named & {"Principal", "NotPrincipal"})
        has_resource = bool(named & {"Resource", "NotResource"})
        if kind == "trust":
            if not has_principal:
                self.report("missing-element", node, "Principal", kind)
        elif kind in ("resource", "vpc-endpoint", "rcp"):
            if not has_principal and certain:
                self.report("missing-element", node, "Principal", kind)
        elif not has_resource and not has_principal:
            self.report("missing-element", node, "Resource", kind)


def _has_hole(text: Text) -> bool:
    """Whether another program fills in a part of the text, so that nobody knows yet what it says."""
    return isinstance(text, Template) or isinstance(from_policy(text), Template)


def _has_open_name(node: Node) -> bool:
    """Whether some member of a mapping has a name that is not known."""
    return any(isinstance(key.value, Template) for key in node.value[::2])


@lru_cache(maxsize=256)
def _nearest(word: str, known: tuple[str, ...]) -> str:
    import difflib

    return next(iter(difflib.get_close_matches(word, known, 1, 0.7)), "")


def type_name(node: Node) -> str:
    """What a value is, in words of JSON."""
    value = node.value
    if isinstance(value, Object):
        return "an object"
    if isinstance(value, list):
        return "an array"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    return "a string" if isinstance(value, str | Template) else "a number"
