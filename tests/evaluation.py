"""Policies, requests and decisions in few words, for the tests of the evaluator."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bedrock_policy_lint.authorize.decide import Authorizer
from bedrock_policy_lint.authorize.decision import Decision
from bedrock_policy_lint.authorize.layers import Layers, ResourcePolicy
from bedrock_policy_lint.authorize.request import ContextValue, Identity, Request, Unknown
from bedrock_policy_lint.frontends.policy_json import read
from bedrock_policy_lint.model.policy import Attachment, Policy, Statement
from bedrock_policy_lint.model.text import Hole, Template, Text, from_policy
from bedrock_policy_lint.sources.source import Source

Document = Mapping[str, Any]
"""One statement, as JSON."""

HOME, AWAY = "111122223333", "999988887777"
ROLE = f"arn:aws:iam::{HOME}:role/chat"
USER = f"arn:aws:iam::{HOME}:user/ann"
SESSION = f"arn:aws:sts::{HOME}:assumed-role/chat/s1"
MODEL = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
INVOKE = "bedrock:InvokeModel"
VERSION = "2012-10-17"

ALLOW: Document = {"Effect": "Allow", "Action": "*", "Resource": "*"}
DENY: Document = {"Effect": "Deny", "Action": "*", "Resource": "*"}
NOTHING: Document = {"Effect": "Allow", "Action": "s3:ListBuckets", "Resource": "*"}
UNSURE = {"StringEquals": {"aws:PrincipalTag/team": "search"}}
"""A condition that nobody can settle for a request without a context."""


def policy(*statements: Document, kind: str = "identity", version: str = VERSION) -> Policy:
    """A policy document of these statements, attached as `kind`."""
    text = json.dumps({"Version": version, "Statement": list(statements)})
    [found] = read(Source("policy.json", text), Attachment(kind, True), claimed=True).policies
    return found


def statement(document: Document, kind: str = "identity", version: str = VERSION) -> Statement:
    """One statement of a policy of its own."""
    return policy(document, kind=kind, version=version).statements[0]


def request(
    action: str = INVOKE,
    resource: Text = MODEL,
    context: Mapping[str, ContextValue | str | None] | None = None,
    caller: Identity | None = None,
    is_open: bool = True,
) -> Request:
    """A request by a role; a context value may be a single text, or None for what is certainly absent."""
    values = {key.lower(): _value(value) for key, value in (context or {}).items()}
    return Request(action, resource, caller or Identity(HOME, ROLE), values, is_open)


def _value(value: ContextValue | str | None) -> ContextValue:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


def unknown(key: str, *, present: bool = False) -> Unknown:
    """A value that nobody has declared."""
    return Unknown(f"the value of `{key}` is not declared", present)


def decide(asked: Request | None = None, **layers: Any) -> Decision:
    """The decision over layers given as statements; `scps` and `rcps` level by level, an empty layer is none."""
    return Authorizer(attached(**layers)).decide(asked or request())


def attached(**given: Any) -> Layers:
    """Layers of statements; `resource` holds those of one policy on the resource in `on`."""
    kinds = {"identity": "identity", "boundary": "boundary", "session": "session", "endpoint": "vpc-endpoint"}
    built: dict[str, Any] = {
        name: (policy(*given[name], kind=kind),) for name, kind in kinds.items() if given.get(name)
    }
    if given.get("identity") == ():
        built["identity"] = ()
    for name in ("scps", "rcps"):
        built[name] = tuple((policy(*level, kind=name[:-1]),) for level in given.get(name, ()))
    if "resource" in given:
        built["resources"] = (ResourcePolicy(given["on"], policy(*given["resource"], kind="resource")),)
    return Layers(**built)


def text(written: str) -> Text:
    """A text with its placeholders as holes."""
    return from_policy(written, variables=False)


def one_of(name: str, *values: str) -> Template:
    """A hole that the file gives a closed set of values."""
    return Template((Hole(name, f"${{{name}}}", values=values),))
