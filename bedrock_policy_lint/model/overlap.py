"""Does one statement cover another? True is a proof that every request of the one is one of the other's too."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.model import arn as arns
from bedrock_policy_lint.model import pattern
from bedrock_policy_lint.model.bounds import widest
from bedrock_policy_lint.model.scope import speaks_of_bedrock
from bedrock_policy_lint.model.text import Hole, Template, Text

if TYPE_CHECKING:
    from bedrock_policy_lint.model.policy import Operator, Policy, Statement, Test
    from bedrock_policy_lint.sources.node import Node

Expand = Callable[[str], Collection[str]]
"""The full names that an action pattern with a literal service prefix stands for."""

NO_RESOURCE = "no resource"
"""What a statement lacks that speaks of what its policy is attached to."""

_NO_ACTION = "no action"
_ELEMENTS = ("Action", "NotAction", "Resource", "NotResource", "Condition", "Principal", "NotPrincipal")
_FIRST_MARK = 0xE000
_MOST_STATEMENTS = 200
_MOST_ENTRIES = 2000
_MOST_WILD = 100
_MOST_PROOFS = 400_000


class Said(NamedTuple):
    """A test as it is compared: without the order and letter case that IAM ignores."""

    operator: Operator
    key: str
    values: frozenset[Text]


class Reach(NamedTuple):
    """What a statement says, without the order, layout and letter case that IAM ignores: equal for equal meaning."""

    effect: str
    actions: frozenset[Text]
    """In lower case."""
    all_but_actions: bool
    """Whether it speaks of all but these; likewise for resources and principals."""
    resources: frozenset[Text]
    all_but_resources: bool
    principals: frozenset[tuple[str, Text]]
    all_but_principals: bool
    tests: frozenset[Said]
    unread: frozenset[str]
    """Elements that are missing or ill-typed: what such a statement means is only known to be what its like means."""


def reach(statement: Statement) -> Reach | None:
    """What a statement says, or None when some element of it is missing or cannot be read."""
    if not (statement.allows or statement.denies):
        return None
    said = said_by(statement)
    return None if said.unread - {NO_RESOURCE} else said


def said_by(statement: Statement) -> Reach:
    """What a statement says, as far as it can be read."""
    text = statement.text
    actions = statement.action_nodes or statement.not_action_nodes
    resources = statement.resource_nodes or statement.not_resource_nodes
    return Reach(
        statement.effect,
        frozenset([_lowered(text(node)) for node in actions]),
        bool(statement.not_action_nodes),
        frozenset([text(node) for node in resources]),
        bool(statement.not_resource_nodes),
        frozenset([(who.type, who.text) for who in statement.principals]),
        statement.not_principal_node is not None,
        frozenset([_said(test) for test in statement.tests]),
        _unread(statement, has_action=bool(actions), has_resource=bool(resources)),
    )


def _unread(statement: Statement, *, has_action: bool, has_resource: bool) -> frozenset[str]:
    members, get = statement.members, statement.node.value.get
    found = {f"{name} {_spelled(node)}" for name in _ELEMENTS if name not in members and (node := get(name))}
    if not has_action:
        found.add(_NO_ACTION)
    if not has_resource:
        found.add(NO_RESOURCE)
    return frozenset(found)


def _spelled(node: Node) -> str:
    return node.source.text[node.start : node.end]


class Reaches(NamedTuple):
    """The statements of a policy that speak of Bedrock, with what they say."""

    read: tuple[tuple[Statement, Reach], ...]
    left_out: Node | None
    """What is too long to be weighed: a statement, or the policy."""


@lru_cache(maxsize=2)
def reaches(policy: Policy) -> Reaches:
    """What the statements of a policy say, as far as they speak of Bedrock and are few enough to be compared."""
    statements = [statement for statement in policy.statements if speaks_of_bedrock(statement)]
    if len(statements) > _MOST_STATEMENTS:
        return Reaches((), policy.node)
    left_out = next((statement.node for statement in statements if is_long(statement)), None)
    said = ((statement, reach(statement)) for statement in statements if not is_long(statement))
    return Reaches(tuple((statement, found) for statement, found in said if found), left_out)


def is_long(statement: Statement) -> bool:
    """Whether its lists are too long to be held against those of other statements."""
    entries = len(statement.resource_nodes) + len(statement.not_resource_nodes)
    return entries + len(statement.action_nodes) + len(statement.not_action_nodes) > _MOST_ENTRIES


def _lowered(text: Text) -> Text:
    return text.lower() if isinstance(text, str) else text


def _said(test: Test) -> Said:
    return Said(test.operator, test.key.lower(), frozenset(test.texts()))


def covers(wide: Reach, narrow: Reach, expand: Expand) -> bool:
    """Whether every request that `narrow` speaks of is one that `wide` speaks of too, whatever their effects."""
    return (
        # All tests of a statement must hold, so fewer of them reach further.
        wide.tests <= narrow.tests
        and covers_principals(wide, narrow)
        and _actions(wide, narrow, expand)
        and _resources(wide, narrow)
    )


def covers_principals(wide: Reach, narrow: Reach) -> bool:
    """Whether everybody of whom `narrow` speaks is somebody of whom `wide` does."""
    if wide.principals == narrow.principals and wide.all_but_principals == narrow.all_but_principals:
        return True
    if wide.all_but_principals or narrow.all_but_principals or not (wide.principals and narrow.principals):
        return False
    if narrow.principals <= wide.principals:
        return True
    everyone = any(text == "*" and kind in ("*", "AWS") for kind, text in wide.principals)
    return everyone and all(kind in ("*", "AWS") for kind, _ in narrow.principals)


def _actions(wide: Reach, narrow: Reach, expand: Expand) -> bool:
    if wide.all_but_actions and narrow.all_but_actions:
        return all(_any_covers(narrow.actions, left_out, covers_action) for left_out in wide.actions)
    if narrow.all_but_actions:
        return "*" in wide.actions
    if wide.all_but_actions:
        return not any(_actions_meet(left_out, action) for left_out in wide.actions for action in narrow.actions)
    return all(_has_action(wide.actions, action, expand) for action in narrow.actions)


def _has_action(wide: frozenset[Text], action: Text, expand: Expand) -> bool:
    if _any_covers(wide, action, covers_action):
        return True
    if not isinstance(action, str) or not pattern.is_wild(action) or pattern.is_wild(action.partition(":")[0]):
        return False
    names = expand(action) if ":" in action else ()
    return bool(names) and all(_any_covers(wide, name.lower(), covers_action) for name in names)


def _resources(wide: Reach, narrow: Reach) -> bool:
    if wide.all_but_resources and narrow.all_but_resources:
        return all(_any_covers(narrow.resources, left_out, covers_resource) for left_out in wide.resources)
    if narrow.all_but_resources:
        return "*" in wide.resources
    if wide.all_but_resources:
        return bool(narrow.resources) and not any(
            may_meet(left_out, resource) for left_out in wide.resources for resource in narrow.resources
        )
    if not wide.resources or not narrow.resources:
        return not wide.resources and not narrow.resources
    return all(_any_covers(wide.resources, resource, covers_resource) for resource in narrow.resources)


def _any_covers(wide: frozenset[Text], narrow: Text, proves: Callable[[Text, Text], bool]) -> bool:
    return narrow in wide or any(proves(text, narrow) for text in wide)


def covers_action(wide: Text, narrow: Text) -> bool:
    """Whether one action pattern covers another; both in lower case."""
    if wide in ("*", narrow):
        return True
    if isinstance(wide, Template) or isinstance(narrow, Template):
        return False
    service, colon, name = wide.partition(":")
    other_service, other_colon, other_name = narrow.partition(":")
    return bool(colon and other_colon) and service == other_service and pattern.covers(name, other_name)


def covers_resource(wide: Text, narrow: Text) -> bool:
    """Whether one resource pattern covers another, field by field: true whether or not a wildcard may span colons."""
    if wide in ("*", narrow):
        return True
    one, other = arns.parse(wide), arns.parse(narrow)
    if one is None or other is None:
        return False
    return all(_covers_field(field, inner) for field, inner in zip(one.fields, other.fields, strict=True))


def may_meet(one: Text, other: Text) -> bool:
    """Whether some text can match both patterns, if their holes are filled in some way."""
    return pattern.meets(widest(one), widest(other))


def _actions_meet(one: Text, other: Text) -> bool:
    return may_meet(_lowered(one), _lowered(other))


def _covers_field(wide: Text, narrow: Text) -> bool:
    if wide in ("*", narrow):
        return True
    if isinstance(wide, str) and isinstance(narrow, str):
        return pattern.covers(wide, narrow)
    if "?" in str(wide):
        return False  # a question mark takes one character, a hole may be filled with more
    marks: dict[Hole, str] = {}
    return pattern.covers(_spell(wide, marks), _spell(narrow, marks))


def _spell(text: Text, marks: dict[Hole, str]) -> str:
    """The text with each hole as one character that stands for nothing else."""
    if isinstance(text, str):
        return text
    return "".join(
        part if isinstance(part, str) else marks.setdefault(part, chr(_FIRST_MARK + len(marks))) for part in text.parts
    )


class Covered(NamedTuple):
    """The entries of a list that another entry of it covers: (place of the entry, place of the other)."""

    pairs: list[tuple[int, int]]
    complete: bool
    """False when the list is too long to be settled."""


def covered(entries: Sequence[Text], proves: Callable[[Text, Text], bool]) -> Covered:
    """Which entries of a list say nothing that another one does not say; linear for lists of plain names."""
    first: dict[Text, int] = {}
    pairs = []
    for at, entry in enumerate(entries):
        if first.setdefault(entry, at) != at:
            pairs.append((at, first[entry]))
    wild = [(text, at) for text, at in first.items() if pattern.is_wild(text)]
    if len(wild) > _MOST_WILD:
        return Covered(pairs, False)
    heads = tuple({_head(text) for text, _ in wild})
    left = _MOST_PROOFS
    for text, at in first.items() if wild else ():
        if not str(text).startswith(heads):
            continue
        left -= len(wild)
        if left < 0:
            return Covered(pairs, False)
        by = next((other for wide, other in wild if other != at and _says_all(wide, other, text, at, proves)), None)
        if by is not None:
            pairs.append((at, by))
    return Covered(sorted(pairs), True)


def _says_all(wide: Text, other: int, text: Text, at: int, proves: Callable[[Text, Text], bool]) -> bool:
    # Of two patterns that cover each other the first one stays.
    return proves(wide, text) and (other < at or not proves(text, wide))


def _head(text: Text) -> str:
    written = str(text)
    ends = [end for end in map(written.find, "*?$<{") if end >= 0]
    return written[: min(ends)] if ends else written
