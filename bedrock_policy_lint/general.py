"""The bridge to parliament: what is wrong in statements about services outside Bedrock, by its data.

Everything is looked at twice. A quick look finds the few suspects and costs nothing where there are none; only a
suspect is put to parliament, and only what both find is a fault. So parliament never meets what it would misread:
placeholders, names newer than its data, and Bedrock itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from bedrock_policy_lint.model.condition import can_read, when_absent
from bedrock_policy_lint.model.pattern import glob, is_wild
from bedrock_policy_lint.model.scope import speaks_of_bedrock
from bedrock_policy_lint.model.text import Hole, Template, from_policy
from bedrock_policy_lint.rule import Undecided

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.model.policy import Action, Place, Policy, Resource, Statement, Test
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.parliament_data import Library
    from bedrock_policy_lint.sources.node import Node

    Entries = dict[Action, tuple[str, ...]]
    """Entries of `Action`, each with the full names of the actions it stands for."""

_MFA_KEY = "aws:multifactorauthpresent"
_OURS = ("bedrock", "aws-marketplace")
"""The catalogue has newer tables of these services, and other rules speak of them."""

_MOST_STATEMENTS = 200
_MOST_RESOURCES = 500
_MOST_PAIRS = 200_000
_MOST_TESTS = 200
_MOST_ASKED = 20

_LONGEST_ARN = 2048
_MOST_STARS = 20
_ACCEPTED = {
    "partition": "(aws(-cn|-us-gov)?)?",
    "region": "(([a-z]{2}|us-gov)-[a-z]+-[0-9])?",
    "account": "([0-9]{12})?",
}
"""What parliament takes as it is in these fields; what else AWS allows there is shown to it as a star."""


class Fault(NamedTuple):
    """Something that parliament finds and a second look bears out."""

    at: Action | Resource | Test | Place | Node
    source: str
    """Whose data says so, and of which date."""
    names: tuple[str, ...] = ()
    """The actions, the key, or the field of an ARN concerned; no actions where it is all of them."""
    right: tuple[str, ...] = ()
    """What would be right there: ARN forms, actions that have the key, a documented type."""
    certain: bool = True
    """False where the data may be too old, or where it takes a person to judge."""


class General:
    """Asks parliament about statements; the first that could be wrong loads it."""

    __slots__ = ("_catalog", "_policy", "_reaches", "_told")

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._told = False
        self._policy: Policy | None = None
        self._reaches: dict[int, frozenset[str] | None] = {}

    def mismatches(self, statement: Statement) -> Iterator[Fault | Undecided]:
        """The entries of `Action` none of whose actions works on a resource beside it."""
        if not (statement.allows and statement.action_nodes and statement.resource_nodes) or _has_star(statement):
            return
        foreign = self._foreign(statement)
        arns = _arns(statement) if foreign else []
        library = (yield from self._library(statement)) if arns else None
        if library is None:
            return
        crowded = sum(map(len, foreign.values())) * len(arns) > _MOST_PAIRS
        suspects = {} if crowded else _mismatched(foreign, arns, library)
        if suspects:
            crowded = len(statement.resource_nodes) > len(arns) or len(statement.policy.statements) > _MOST_STATEMENTS
        if crowded:
            yield Undecided(statement, "too many actions, resources or statements to compare each with each")
            return
        names = [name for found in suspects.values() for name in found]
        asked = {"Effect": "Allow", "Action": names, "Resource": arns}
        details = library.ask(asked, "RESOURCE_MISMATCH") if names else []
        reported = {row["action"] for rows in details for row in rows}
        for action, found in suspects.items():
            if reported.issuperset(found) and not self._works_elsewhere(found, statement, library):
                forms = library.forms(found)
                certain = _is_certain_mismatch(found, arns, typed=bool(forms))
                yield Fault(action, library.source, found, forms, certain)

    def arn(self, resource: Resource) -> Iterator[Fault | Undecided]:
        """The part of an ARN that no ARN has: a partition, Region or account that cannot be."""
        field = self._impossible_field(resource)
        library = (yield from self._library(resource.statement)) if field else None
        if library:
            asked = {"Effect": "Deny", "Action": "*", "Resource": _shown(resource, field)}
            if library.ask(asked, "INVALID_ARN"):
                yield Fault(resource.place(field), library.source, (field,))

    def keys(self, statement: Statement) -> Iterator[Fault | Undecided]:
        """The condition keys that no action of the statement has, or that some of those it allows lack."""
        tests = [test for test in self._tests(statement) if self._is_foreign_key(test) and test.operator.base != "Null"]
        library = (yield from self._library(statement)) if tests else None
        entries = self._all_known(statement, library) if library else {}
        if library is None or not entries:
            return
        for test in tests:
            key = test.key.lower()
            lacking = [names for names in entries.values() if not any(library.has_key(name, key) for name in names)]
            whole = len(lacking) == len(entries)
            if not lacking or (not whole and (statement.denies or when_absent(test) is not False)):
                continue
            names = sorted({name for found in lacking for name in found})
            details = library.ask(_asked(names, test), "UNKNOWN_CONDITION_FOR_ACTION")
            if len(details) == len(names[:_MOST_ASKED]):
                carriers = library.carriers(key)
                yield Fault(test, library.source, () if whole else tuple(names), carriers, whole and bool(carriers))

    def types(self, statement: Statement) -> Iterator[Fault | Undecided]:
        """The operators that are not made for the type of their key, and the values that they cannot read."""
        for test in self._tests(statement):
            texts = {node: text for node in test.values if isinstance(text := statement.text(node), str)}
            dead = [node for node, text in texts.items() if not can_read(test.operator, text)]
            if not dead and test.operator.family in ("", "String", "Null"):
                continue
            library = yield from self._library(statement)
            entries = self._all_known(statement, library) if library else {}
            if library is None or not entries:
                return
            names = [name for found in entries.values() for name in found]
            for node in dead[:_MOST_ASKED]:
                asked = _asked(names, test, texts[node])
                if library.ask(asked, "MISMATCHED_TYPE", "MISMATCHED_TYPE_OPERATION_TO_NULL"):
                    yield Fault(node, library.source, (test.key,), (test.operator.family,))
            known = self._catalog.condition_key(test.key)
            type_ = known.type if known else library.type_of(test.key.lower())
            clash = None if dead else _clash(test, type_)
            asked = _asked(names, test, next(iter(texts.values()), ""))
            if clash is not None and library.ask(asked, "MISMATCHED_TYPE"):
                yield Fault(test.operator_node, library.source, (test.key,), (type_,), clash)

    def mfa(self, statement: Statement) -> Iterator[Fault | Undecided]:
        """The tests that shall stop what comes without MFA, and are not true for what says nothing about MFA."""
        for test in statement.tests_of(_MFA_KEY) if statement.denies else ():
            others = statement.policy.statements
            if not _asks_for_false(test) or len(others) > _MOST_STATEMENTS or any(map(_stops_the_silent, others)):
                continue
            library = yield from self._library(statement)
            if library and library.ask(_asked([], test, "false"), "BAD_PATTERN_FOR_MFA"):
                yield Fault(test, library.source)

    def stars(self, statement: Statement) -> Iterator[Fault | Undecided]:
        """The `*` that lets actions loose on more resources than they would have to be."""
        if not statement.grants or statement.policy.kind == "resource" or statement.condition_node is not None:
            return
        star = next((resource for resource in statement.resources if resource.is_star), None)
        foreign = self._foreign(statement) if star and statement.resource_nodes and statement.action_nodes else {}
        library = (yield from self._library(statement)) if foreign else None
        if library and star:
            names = [name for found in foreign.values() if library.knows(found) for name in found]
            asked = {"Effect": "Allow", "Action": names, "Resource": "*"}
            limitable = [name for found in library.ask(asked, "RESOURCE_STAR") for name in found] if names else []
            if limitable:
                yield Fault(star, library.source, tuple(limitable), certain=False)

    def _library(self, statement: Statement) -> Generator[Undecided, None, Library | None]:
        """Parliament; where there is none, nothing but a word about that, once."""
        from bedrock_policy_lint.parliament_data import load

        loaded = load()
        if not isinstance(loaded, str):
            return loaded
        if not self._told:
            self._told = True
            yield Undecided(statement, f"statements about other services are not checked: {loaded}")
        return None

    def _foreign(self, statement: Statement) -> Entries:
        """The entries that name actions of other services, with the full names of those actions."""
        return {
            action: names
            for action in statement.actions
            if action.service and not action.service.startswith(_OURS) and not is_wild(action.service)
            if (names := self._catalog.expand(action.pattern))
        }

    def _all_known(self, statement: Statement, library: Library) -> Entries:
        """All entries of a statement; nothing where parliament does not know an action of one of them."""
        foreign = self._foreign(statement)
        every = len(foreign) == len(statement.actions)
        return foreign if every and all(library.knows(names) for names in foreign.values()) else {}

    def _works_elsewhere(self, names: tuple[str, ...], statement: Statement, library: Library) -> bool:
        """Whether another statement allows one of the actions on something that it may work on."""
        if self._policy is not statement.policy:
            self._policy, self._reaches = statement.policy, {}
        for other in statement.policy.statements:
            if other is not statement and other.allows:
                if other.index not in self._reaches:
                    self._reaches[other.index] = self._reach(other, library)
                reach = self._reaches[other.index]
                if reach is None or not reach.isdisjoint(names):
                    return True
        return False

    def _reach(self, statement: Statement, library: Library) -> frozenset[str] | None:
        """The actions that a statement names together with something they may work on; None where that is anything."""
        stated = statement.action_nodes and statement.resource_nodes
        if not stated or any(entry.text == "*" for entry in statement.actions):
            return None
        foreign = self._foreign(statement)
        arns = [] if _has_star(statement) else _arns(statement)
        idle = _mismatched(foreign, arns, library)
        return frozenset(name for action, names in foreign.items() if action not in idle for name in names)

    def _impossible_field(self, resource: Resource) -> str:
        arn = resource.arn
        if arn is None or not isinstance(arn.service, str) or arn.service.startswith("bedrock"):
            return ""
        partition, region, account = arn.partition, arn.region, arn.account
        if isinstance(partition, str) and not any(glob(partition, known) for known in self._catalog.partitions()):
            return "partition"
        if isinstance(region, str) and region and not is_wild(region) and not self._catalog.region(region):
            return "region"
        digits = isinstance(account, str) and account.isascii() and account.replace("-", "").isdigit()
        if digits and not (len(account) == 12 and "-" not in account):
            return "account"
        return ""

    def _tests(self, statement: Statement) -> list[Test]:
        """The first tests of a statement that is not about Bedrock, those of Bedrock's keys left out."""
        if statement.condition_node is None or not statement.action_nodes or speaks_of_bedrock(statement):
            return []
        tests = statement.tests[:_MOST_TESTS]
        tests = [test for test in tests if test.operator.known and not test.key.lower().startswith("bedrock")]
        return [test for test in tests if isinstance(from_policy(test.key), str)]

    def _is_foreign_key(self, test: Test) -> bool:
        """Whether the key belongs to a service whose keys the catalogue leaves to parliament."""
        service, colon, _ = test.key.lower().partition(":")
        return bool(colon) and self._catalog.knows_prefix(service) and self._catalog.service(service) is None


def _has_star(statement: Statement) -> bool:
    return any(node.value == "*" for node in statement.resource_nodes)


def _arns(statement: Statement) -> list[str]:
    """The first resources as parliament can read them; none where one of them cannot be judged."""
    arns = [_shown(resource) for resource in statement.resources[:_MOST_RESOURCES]]
    return arns if all(arns) else []


def _shown(resource: Resource, field: str = "") -> str:
    """An ARN with stars for holes and for what parliament would not take, `field` excepted; empty when it is none."""
    arn = resource.arn
    if arn is None or isinstance(arn.service, Template) or is_wild(arn.service):
        return ""
    parts = [_starred(part) for part in arn.fields]
    for at, name in ((1, "partition"), (3, "region"), (4, "account")):
        if name != field and not re.fullmatch(_ACCEPTED[name], parts[at]):
            parts[at] = "*"
    shown = ":".join(parts)
    return shown if len(shown) <= _LONGEST_ARN and shown.count("*") <= _MOST_STARS else ""


def _starred(text: Text) -> str:
    return text if isinstance(text, str) else "".join("*" if isinstance(part, Hole) else part for part in text.parts)


def _mismatched(entries: Entries, arns: list[str], library: Library) -> Entries:
    """The entries of which no action works on one of these ARNs, as far as their types are known."""
    known = {action: names for action, names in entries.items() if library.knows(names)} if arns else {}
    suspects = {action: names for action, names in known.items() if not library.works_on(names, arns)}
    judged = {service for service in {action.service for action in suspects} if library.recognises(service, arns)}
    return {action: names for action, names in suspects.items() if action.service in judged}


def _is_certain_mismatch(names: tuple[str, ...], arns: list[str], *, typed: bool) -> bool:
    """Whether neither the age of the data nor a custom of AWS explains it.

    AWS asks for many actions without a documented type on ARNs of their own or a sister service, for what creates on
    the ARN of what shall be, and for tags on whatever can have them.
    """
    if typed and not any(":Create" in name or "Tag" in name for name in names):
        return True
    own = {name.partition(":")[0] for name in names}
    named = {arn.split(":", 3)[2] for arn in arns}
    return not any(one.startswith(other) or other.startswith(one) for one in own for other in named)


def _asked(names: list[str], test: Test, value: str | None = None) -> dict[str, Any]:
    """A statement with one test for parliament; a Deny, for it then leaves the resources alone."""
    condition = {test.operator_node.value: {test.key: [] if value is None else value}}
    return {"Effect": "Deny", "Action": names[:_MOST_ASKED] or "*", "Resource": "*", "Condition": condition}


def _clash(test: Test, documented: str) -> bool | None:
    """Whether the operator is made for another type than the documented: surely, perhaps (False), or not (None)."""
    family = test.operator.family
    type_ = documented.removeprefix("ArrayOf")
    own = {"ARN": "Arn", "IPAddress": "IpAddress"}.get(type_, type_)
    if family in ("", "String", "Null", own) or not own or {family, own} == {"Numeric", "Date"}:
        return None
    if own != "String":
        return True
    if family != "Arn":
        return False  # many a key of numbers is documented as a string
    holds_arns = any(not isinstance(text, str) or text.startswith(("arn:", "*")) for text in test.texts())
    return None if holds_arns else True


def _asks_for_false(test: Test) -> bool:
    operator = test.operator
    plain = operator.base == "Bool" and not operator.if_exists and not operator.quantifier
    return plain and {str(text).lower() for text in test.texts()} == {"false"}


def _stops_the_silent(statement: Statement) -> bool:
    """Whether a Deny applies to requests that say nothing about MFA."""
    return statement.denies and any(when_absent(test) for test in statement.tests_of(_MFA_KEY))
