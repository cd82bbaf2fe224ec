"""The guardrail of a declared call: an id, an ARN, or a mapping that says more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.declared_values import Values
from bedrock_policy_lint.model import arn as arns
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.usage.usage import Guardrail
from bedrock_policy_lint.wording import found

if TYPE_CHECKING:
    from bedrock_policy_lint.model.text import Text

_KEYS = ("id", "version", "account", "profile", "enforced", "reasoning")
_PROFILE = ".guardrail.v1:0"

_id = re.compile(r"[a-z0-9]+").fullmatch
_number = re.compile(r"[1-9][0-9]*|DRAFT").fullmatch


def read(values: Values, node: Node, caller: Text) -> Guardrail | None:
    """The guardrail that a node declares for a call from the account `caller`; None when it cannot be told."""
    if not isinstance(node.value, Object):
        return _named(values, values.identifier(node, "guardrail"), node, caller)
    members = values.members(node, "guardrail", _KEYS) or {}
    given = {key: value for key, (_, value) in members.items()}
    if "id" not in given:
        values.tell(node, "`guardrail`: no `id` is given", "add the `id` of the guardrail")
        return None
    guardrail = _named(values, values.identifier(given["id"], "id"), given["id"], caller)
    if guardrail is None:
        return None
    if "version" in given:
        guardrail = guardrail._replace(version=_version(values, given["version"]))
    if "account" in given:
        guardrail = guardrail._replace(account=_owner(values, given["account"], guardrail.account, caller))
    if "profile" in given:
        guardrail = guardrail._replace(profile=_profile(values, given["profile"]))
    if "enforced" in given:
        guardrail = guardrail._replace(enforced=values.flag(given["enforced"], "enforced"))
    if "reasoning" in given:
        guardrail = guardrail._replace(reasoning=tuple(_arns(values, given["reasoning"], "reasoning")))
    return guardrail


def _named(values: Values, text: str, node: Node, caller: Text) -> Guardrail | None:
    if not text:
        return None
    arn = arns.parse(text)
    name, owner = (str(arn.id), str(arn.account)) if arn and arn.type == "guardrail" else (text, "")
    if _id(name):
        return Guardrail(name, account="" if owner == caller else owner)
    head, _, version = name.partition(":")
    hint = "give its id or its ARN"
    if _id(head) and _number(version):
        hint = f"its version stands apart: `{{id: {head}, version: {version}}}`"
    values.tell(node, f"{found(text)} is no id of a guardrail", hint)
    return None


def _owner(values: Values, node: Node, named: str, caller: Text) -> str:
    account = values.account(node)
    if account and named and account != named:
        values.tell(node, f"the ARN of the guardrail names the account {named}", "leave `account` out")
    return "" if account == caller else account


def _version(values: Values, node: Node) -> str:
    text = values.identifier(node, "version")
    if text and not _number(text):
        values.expect(node, "version", "a number or `DRAFT`")
        return ""
    return text


def _profile(values: Values, node: Node) -> str:
    """The geography; the id of its guardrail profile says the same."""
    if isinstance(node.value, str) and node.value.endswith(_PROFILE):
        values.tell(node, f"`profile`: expected a geography, found {found(node.value)}", f"cut off `{_PROFILE}`")
        return ""
    return values.geography(node, "profile")


def _arns(values: Values, node: Node, key: str) -> Iterator[str]:
    for text, entry in values.texts(node, key):
        if arns.parse(text) is None:
            values.tell(entry, f"`{key}`: {found(text)} is no ARN")
        else:
            yield text
