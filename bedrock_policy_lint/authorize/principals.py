"""Whether `Principal` or `NotPrincipal` of a policy that is attached to a resource names who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.authorize.logic import either, negation
from bedrock_policy_lint.authorize.texts import lacking, same
from bedrock_policy_lint.model.arn import Arn
from bedrock_policy_lint.model.arn import parse as parse_arn
from bedrock_policy_lint.model.pattern import is_wild
from bedrock_policy_lint.model.text import Template, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bedrock_policy_lint.authorize.request import Identity
    from bedrock_policy_lint.model.pattern import Tri
    from bedrock_policy_lint.model.policy import Principal, Statement

ACCOUNT, ANYONE, ROLE, USER, SESSION, SERVICE = "account", "anyone", "role", "user", "session", "service"
"""As what an entry names the caller: what it grants beside the caller's own policies depends on it."""


class Named(NamedTuple):
    """How one entry takes the caller."""

    outcome: Tri
    how: str


def names(statement: Statement, caller: Identity, why: list[str], exempts: Tri = True) -> Tri:
    """Whether the statement applies to the caller, given whether `NotPrincipal` of a Deny exempts whom it names."""
    entries = statement.principals
    if not entries:
        why.append("a statement of a policy on a resource names no principal")
        return None
    notes: list[str] = []
    found = [named(entry, caller, notes) for entry in entries]
    if statement.principal_node is None:
        answer = _all_but(statement, found, notes)
        if exempts is not True and statement.denies and not caller.service:
            notes.append("AWS does not say whether NotPrincipal exempts a caller with a permissions boundary here")
            answer = either((answer, negation(exempts)))
    else:
        answer = either(one.outcome for one in found)
    if answer is None:
        why.extend(notes)
    return answer


def ways(statement: Statement, caller: Identity) -> dict[str, Tri]:
    """As what the entries of `Principal` name the caller; of `NotPrincipal`, as anyone."""
    if statement.principal_node is None:
        return {ANYONE: True}
    found: dict[str, Tri] = {}
    for entry in statement.principals:
        outcome, how = named(entry, caller, [])
        if outcome is not False:
            found[how] = found.get(how) or outcome
    return found


def _all_but(statement: Statement, found: Sequence[Named], notes: list[str]) -> Tri:
    """Whether `NotPrincipal` leaves the caller in the statement's reach.

    AWS may look at the account first, then at the role, then at the session, so that an exemption is certain only when
    the account is listed with whoever asks (reference_policies_elements_notprincipal).
    """
    if all(one.outcome is False for one in found):
        if statement.allows:
            notes.append("AWS does not support NotPrincipal with Allow")
            return None
        return True
    certain = {one.how for one in found if one.outcome}
    if certain & {ANYONE, SERVICE} or (ACCOUNT in certain and certain & {ROLE, USER}):
        return False
    if None not in {one.outcome for one in found}:
        notes.append("NotPrincipal exempts for certain only when the account is listed beside the role or user")
    return None


def named(entry: Principal, caller: Identity, why: list[str]) -> Named:
    """How one entry takes the caller."""
    text = entry.text
    if entry.type == "Service":
        return Named(_same(text, caller.service, why) if caller.service else False, SERVICE)
    if text == "*":
        if entry.type == "*" or (entry.type == "AWS" and not caller.service):
            return Named(True, ANYONE)
    elif entry.type == "AWS":
        return _aws(text, caller, why)
    elif entry.type == "Federated" and caller.arn is not None and _kind(caller.arn) == "user":
        return Named(False, SESSION)
    why.append(f"whether the principal {text} is the caller is not declared")
    return Named(None, ANYONE)


def _aws(text: Text, caller: Identity, why: list[str]) -> Named:
    if caller.service:
        return Named(False, ACCOUNT)
    arn = parse_arn(text)
    account = arn.account if arn and arn.resource == "root" else text
    if account is not text or (isinstance(text, str) and text.isdigit() and len(text) == 12):
        return Named(_same(account, caller.account, why), ACCOUNT)
    if arn is None or is_wild(text):
        # A unique id, an account in a hole, or what AWS would reject.
        _note(text, caller.account, why)
        return Named(None, ANYONE)
    how = {"role": ROLE, "user": USER}.get(arn.type or "", SESSION)
    if caller.arn is not None:
        return Named(_is_caller(arn, text, caller.arn, why), how)
    if same(arn.account, caller.account) is False:
        return Named(False, how)
    why.append("the ARN of the caller is not declared")
    return Named(None, how)


def _is_caller(arn: Arn, text: Text, caller: Text, why: list[str]) -> Tri:
    """Whether an ARN of a role, user or session is the caller's, or that of the role whose session asks."""
    mine = parse_arn(caller)
    kinds = (arn.type, mine.type if mine else None)
    if mine is None or kinds not in (("role", "assumed-role"), ("assumed-role", "role")):
        return _same(text, caller, why)
    # The ARN of a session leaves the path of its role out; within an account names of roles are unique.
    session, role = (mine, arn) if kinds[0] == "role" else (arn, mine)
    name, _, _ = str(session.id).partition("/")
    is_plain = isinstance(session.id, str) and isinstance(role.id, str)
    account = same(arn.account, mine.account)
    if account is False or (is_plain and str(role.id).rpartition("/")[2] != name):
        return False
    if not is_plain or account is None:
        _note(text, caller, why)
        return None
    if kinds[0] == "role":
        return True
    why.append("the session that asks is not declared")
    return None


def _kind(arn: Text) -> str:
    parsed = parse_arn(arn)
    return (parsed.type or "") if parsed else ""


def _same(one: Text, other: Text, why: list[str]) -> Tri:
    answer = same(one, other)
    if answer is None:
        why.extend(lacking(one, other))
    return answer


def _note(text: Text, other: Text, why: list[str]) -> None:
    if isinstance(text, Template) or isinstance(other, Template):
        why.extend(lacking(text, other))
    else:
        why.append(f"whether the principal {text} is the caller is not declared")
