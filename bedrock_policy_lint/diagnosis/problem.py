"""What a rule about denied calls yields: where it points, what explains it, and the grant that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.authorize.request import Unknown
from bedrock_policy_lint.bedrock.arns import APPLICATION, PROFILE
from bedrock_policy_lint.diagnosis.near import names
from bedrock_policy_lint.diagnosis.sites import share_line, who_asks
from bedrock_policy_lint.diagnosis.wording import actions, arns, fails, is_declared, layer, resources
from bedrock_policy_lint.model.pattern import matches
from bedrock_policy_lint.model.policy import Action, Resource, Test
from bedrock_policy_lint.rule import CERTAIN, POSSIBLE, Add, AddMember, Fix, Note, Problem, Replace, Severity, Undecided
from bedrock_policy_lint.sources.node import Object
from bedrock_policy_lint.sources.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.diagnosis.cause import Cause
    from bedrock_policy_lint.diagnosis.verdict import Ruling
    from bedrock_policy_lint.model.policy import Statement
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.rule import At, Edit
    from bedrock_policy_lint.sources.node import Node
    from bedrock_policy_lint.usage.usage import Usage

PROFILE_KEY = "bedrock:InferenceProfileArn"
_MOST = 3
_NAMED = {"guardrail": ("guardrail", "guardrail-profile", "reasoning"), "resource": ("resource",)}
"""What of a call requests of a part are about, if not its model."""
_LANDING_ZONE, _OF_UNIT = "GRREGIONDENY", "CTMULTISERVICEPV1"
"""The `Sid`s of the two Region denies that Control Tower makes."""


def problem(cause: Cause, message: str, why: str, *, label: str = "", fix: Fix | None = None) -> Problem:
    """A problem at the place that is at fault, else at the usage, with the usage as the second place."""
    at = narrow_list(cause) or cause.at or _whole_policy(cause)
    asks = cause.first.verdict.usage
    is_call = asks.is_code or is_declared(asks)
    return Problem(
        at,
        message,
        why,
        label=label if cause.place is not None else "this call" if is_call else "needs what is not granted",
        fix=fix,
        related=tuple(_asked(cause, getattr(at, "node", at))),
        confidence=CERTAIN if cause.is_certain else POSSIBLE,
    )


def _asked(cause: Cause, pointed: object) -> Iterator[Note]:
    """The other places: where it is called, and where stands what a service needs its role for."""
    told = {id(pointed)}
    for note in _other_places(cause):
        if id(note.at) not in told:
            told.add(id(note.at))
            yield note


def _other_places(cause: Cause) -> Iterator[Note]:
    usage, node = cause.first.verdict.usage, cause.usage_node
    if node is not None:
        yield Note(node, who_asks(usage))
    calls = (denied.verdict.usage for denied in cause.denied)
    sites = {id(call.node): call.node for call in calls if call.is_code and call.node is not None}
    yield from (Note(site, "called here") for site in list(sites.values())[:_MOST])
    field = next((field for field in _NAMED if all(part in _NAMED[field] for part in _parts_of(cause))), "model")
    named = usage.nodes.get(field)
    if usage.is_code and named is not None and not share_line(named, node):
        yield Note(named, f"this {field}")
    yield from (Note(needed, "asked for here") for needed in cause.needed_by[:_MOST])


def _parts_of(cause: Cause) -> set[str]:
    return {ruling.row.part for ruling in cause.rulings}


def denied(cause: Cause, why: str) -> Problem:
    """The plain words for what no policy of the layer allows, with the grant that would."""
    message = f"{fails(cause)}: no {layer(cause)} allows {grants(cause.rulings)}"
    return problem(cause, message, why, label=nearest_label(cause), fix=add_grant(cause))


def narrow_list(cause: Cause) -> Resource | None:
    """Where the entry at fault names the action already: the end of the list that does not name the resource."""
    statement = cause.statement
    if statement is None or statement.denies or not statement.resource_nodes or not _names_the_action(cause):
        return None
    return statement.resources[-1]


def _names_the_action(cause: Cause) -> bool:
    entry = cause.place
    if not isinstance(entry, Action) or entry.statement.not_action_nodes:
        return False
    return all(names(entry, ruling.row.request.action) for ruling in cause.rulings)


def nearest_label(cause: Cause, elsewhere: str = "allowed on other resources") -> str:
    """What the entry that comes nearest does instead of allowing the call; `elsewhere` if it names the action."""
    entry = cause.place
    if isinstance(entry, Test):
        return "does not hold for the call"
    if isinstance(entry, Action):
        if entry.statement.not_action_nodes:
            return "left out here"
        return elsewhere if _names_the_action(cause) else "other actions are allowed here"
    if isinstance(entry, Resource):
        return "left out here" if entry.statement.not_resource_nodes else "another resource is allowed here"
    is_effect = cause.statement is not None and entry is cause.statement.effect_node
    return "does not allow the call" if is_effect else "other principals are named here"


def as_denial(cause: Cause, found: Iterable[Problem | Undecided]) -> Iterator[Problem]:
    """What a rule says of the entry at fault, told as what calls fail of; nothing where it is not sure that they do."""
    usage = cause.usage_node
    for fault in found:
        if isinstance(fault, Problem) and cause.is_certain:
            is_deny = cause.statement is not None and cause.statement.denies
            does = f"the {layer(cause)} denies" if is_deny else f"no {layer(cause)} allows"
            denied = f"{does} {grants(cause.rulings)}"
            yield fault._replace(
                message=f"{fails(cause)}: {fault.message}, and {denied}",
                related=(*fault.related, Note(usage, who_asks(cause.first.verdict.usage))) if usage else fault.related,
                severity=Severity.ERROR,
            )


def _whole_policy(cause: Cause) -> At:
    """The first policy of the caller: a usage on the command line has no place of its own."""
    policies = cause.first.caller.layers.policies
    if not policies:
        return Span(Source("", ""), 0, 0)
    node = policies[0].node
    return node.value[0] if node.value else node


def add_resources(cause: Cause, beside: Resource | None) -> Fix:
    """Add the ARNs that are missing to the list that an entry stands in, where they can be written down."""
    missing = list(dict.fromkeys(ruling.row.request.resource for ruling in cause.rulings))
    text = f"allow {grants(cause.rulings)}"
    if beside is None or not all(map(_is_known, missing)):
        return Fix(text)
    if not cause.fits:
        return Fix(f"{text}, in a statement of its own")
    first, *more = missing
    return Fix(f"add {resources(cause.rulings)}", (Add(beside.node, first, tuple(more)),))


def replace_resource(cause: Cause, entry: Resource) -> Fix:
    """Write the ARNs that are missing in the place of an entry that matches nothing."""
    missing = list(dict.fromkeys(ruling.row.request.resource for ruling in cause.rulings))
    there = [other for other in entry.statement.resources if other is not entry]
    lacking = [text for text in missing if not any(matches(other.text, text) for other in there)]
    text = f"write {arns(missing)} in its place"
    if not cause.fits or not lacking or not all(map(_is_known, lacking)):
        return Fix(text)
    first, *more = lacking
    return Fix(text, (Replace(entry.node, first, tuple(more)),))


def add_grant(cause: Cause) -> Fix:
    """Add what is missing to the nearest statement, where that lacks either actions or resources; else advice."""
    advice = f"allow {grants(cause.rulings)}"
    entry, statement = cause.place, cause.statement
    if isinstance(entry, Test):
        return Fix(f"let the call pass this test of `{entry.key}`, or {advice} in a statement of its own")
    if not isinstance(entry, (Action, Resource)) or statement is None or not cause.fits:
        return Fix(advice)
    edit = _addition(cause, entry, statement)
    if edit is None:
        return Fix(advice)
    return Fix(f"add {arns((edit.text, *edit.more))} to the nearest statement of the {layer(cause)}", (edit,))


def _addition(cause: Cause, entry: Action | Resource, statement: Statement) -> Add | None:
    """The actions beside an entry of the statement that holds the resources, or the resources behind its own."""
    asked = list(dict.fromkeys(ruling.row.request.action for ruling in cause.rulings))
    missing = list(dict.fromkeys(ruling.row.request.resource for ruling in cause.rulings))
    is_open = bool(statement.action_nodes and statement.resource_nodes)
    # Who may pass a role, say, is nothing to widen without a thought.
    if not is_open or not all(action.startswith("bedrock") for action in asked):
        return None
    absent = [action for action in asked if not any(names(other, action) for other in statement.actions)]
    outside = [text for text in missing if not any(matches(other.text, text) for other in statement.resources)]
    if absent and not outside and isinstance(entry, Action):
        return Add(entry.node, absent[0], tuple(absent[1:]))
    if absent or not outside or "*" in outside or not all(map(_is_known, outside)):
        return None
    first, *more = outside
    return Add(statement.resources[-1].node, first, tuple(more))


def _is_known(text: Text) -> bool:
    """Whether a text can be written down: in full, or with variables that a template fills in."""
    return isinstance(text, str) or all(hole.written == f"${{{hole.name}}}" for hole in text.holes)


def grants(rulings: Iterable[Ruling]) -> str:
    """What requests need to be allowed: each action with its own resources, those with the same ones together."""
    asked: dict[str, dict[Text, Ruling]] = {}
    for ruling in rulings:
        asked.setdefault(ruling.row.request.action, {}).setdefault(ruling.row.request.resource, ruling)
    groups: dict[frozenset[Text], list[Ruling]] = {}
    for found in asked.values():
        groups.setdefault(frozenset(found), []).extend(found.values())
    return ", and ".join(f"{actions(group)} on {resources(group)}" for group in groups.values())


def carried(ruling: Ruling, key: str) -> str:
    """What a request carries under a condition key, as a clause; empty where that is not known."""
    value = ruling.row.request.value(key.lower())
    if isinstance(value, Unknown):
        return ""
    return f"`{key}` is {', '.join(f'`{text}`' for text in value)}" if value else f"there is no `{key}`"


def wanted(test: Test) -> str:
    """The values of a test."""
    return either([f"`{text}`" for text in test.texts()])


def either(names: list[str]) -> str:
    """A few of several names: "`a`, `b` or `c`"."""
    shown = names if len(names) == _MOST + 1 else names[:_MOST]
    if len(names) > len(shown):
        shown = [*shown, f"one of {len(names) - _MOST} more"]
    return " or ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))


def exempt_profile(cause: Cause, catalog: Catalog) -> Fix:
    """Exempt the profiles' geographies in a Deny by Region: requests through them pass, and nothing else does."""
    patterns = list(dict.fromkeys(_profile_pattern(denied.verdict.usage, catalog) for denied in cause.denied))
    exemption = f"`ArnNotLike` `{PROFILE_KEY}` {' and '.join(f'`{one}`' for one in patterns)}"
    if is_of_control_tower(cause):
        return Fix(_beside_control_tower(cause.statement, exemption))
    text = f"exempt the profile in this Deny: {exemption}"
    condition = cause.statement.condition_node if cause.statement else None
    return Fix(text, (_exemption(condition, patterns),) if condition is not None else ())


def _exemption(condition: Node, patterns: list[str]) -> Edit:
    """The edit that adds profiles to those that a condition exempts."""
    value = patterns[0] if len(patterns) == 1 else patterns
    for operator, keys in condition.value.pairs():
        if operator.value.lower() == "arnnotlike" and isinstance(keys.value, Object):
            for key, values in keys.value.pairs():
                if key.value.lower() == PROFILE_KEY.lower():
                    return Add(values.items[-1], patterns[0], tuple(patterns[1:]))
            return AddMember(keys, PROFILE_KEY, value)
    return AddMember(condition, "ArnNotLike", {PROFILE_KEY: value})


def is_of_control_tower(cause: Cause) -> bool:
    """Whether a Deny of Regions is one of Control Tower's own, which takes edits back when it is updated."""
    statement = cause.statement
    if statement is None or cause.layer != "scp":
        return False
    file = statement.node.source.path.replace("\\", "/").rpartition("/")[2]
    return statement.sid.startswith((_LANDING_ZONE, _OF_UNIT)) or file.startswith("aws-guardrails-")


def _beside_control_tower(statement: Statement | None, exemption: str) -> str:
    control = "`CT.MULTISERVICE.PV.1`"
    if statement is not None and statement.sid.startswith(_OF_UNIT):
        start = f"exempt `bedrock:Invoke*` in its control {control}"
    else:
        start = f"replace its landing zone Region deny by the one for OUs, {control}, with `bedrock:Invoke*` exempt"
    return (
        f"edit nothing here, for Control Tower resets its policies: {start}, and deny that by an SCP of your own"
        f" with {exemption}"
    )


def _profile_pattern(usage: Usage, catalog: Catalog) -> str:
    """The profiles that a call goes through, no wider than their geography."""
    named = usage.target
    partition = catalog.partition_of(usage.region) or "aws"
    if named is not None and named.kind == APPLICATION:
        return f"arn:{partition}:bedrock:*:*:{APPLICATION}/{named.id}"
    split = catalog.split_profile_id(named.id) if named else None
    return f"arn:{partition}:bedrock:*:*:{PROFILE}/{split[0] if split else '*'}.*"
