"""Deployments made by hand: what a reader of templates would give, without a template."""

from __future__ import annotations

import json
from typing import Any

from bedrock_policy_lint.authorize.layers import ResourcePolicy
from bedrock_policy_lint.deployment.deployment import Deployment, Feature, Role, Setting, Workload
from bedrock_policy_lint.deployment.world import World
from bedrock_policy_lint.frontends import policy_document
from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.model.policy import Attachment, Policy
from bedrock_policy_lint.model.text import Text, from_policy
from bedrock_policy_lint.sources import json as reader
from bedrock_policy_lint.sources.node import Node
from bedrock_policy_lint.sources.source import Source

REGION, ACCOUNT = "us-east-1", "${AWS::AccountId}"
OWN = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:"
FILE = Source("template.yaml", "")

Statement = dict[str, Any]


def text(written: str) -> Text:
    """A computed text: every `${…}` is a hole."""
    return from_policy(written, variables=False)


def node(written: str) -> Node:
    """A computed value."""
    return Node(text(written), 0, 0, FILE)


def allow(actions: str | list[str], *resources: str, **more: Any) -> Statement:
    return {"Effect": "Allow", "Action": actions, "Resource": list(resources), **more}


def policy(*statements: Statement, kind: str = "identity") -> Policy:
    """A policy whose texts may have holes."""
    written = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    root = reader.read(Source("policy.json", written))[0]
    return policy_document.read(root, Attachment(kind, True, "role"), [])


def role(*statements: Statement, name: str = "Role", **fields: Any) -> Role:
    arn = text(f"arn:aws:iam::{ACCOUNT}:role/${{{name}}}")
    return Role(name, "role", arn, node(name), (policy(*statements),) if statements else (), **fields)


def feature(kind: str, name: str = "Support", arn: str = "", owner: str | None = "Role", **slots: Any) -> Feature:
    """A feature; the names of slots have `_` for `-`."""
    given = {slot.replace("_", "-"): value if isinstance(value, list) else [value] for slot, value in slots.items()}
    nodes = {slot: tuple(node(value) for value in values) for slot, values in given.items()}
    return Feature(kind, name, node(name), owner, None, nodes, text(arn))


def function(name: str = "Chat", kind: str = "Lambda function", **settings: str) -> Workload:
    given = tuple(Setting(setting, node(value)) for setting, value in settings.items())
    return Workload(name, kind, node(name), "Role", given)


def key_policy(arn: str, *statements: Statement) -> ResourcePolicy:
    return ResourcePolicy(text(arn), policy(*statements, kind="resource"))


def deployment(*parts: Any, region: str = REGION) -> Deployment:
    """What is deployed, of parts in any order."""

    def of(kind: type) -> tuple[Any, ...]:
        return tuple(part for part in parts if isinstance(part, kind))

    return Deployment(
        World(region),
        Document(FILE),
        roles=of(Role),
        workloads=of(Workload),
        features=of(Feature),
        resource_policies=of(ResourcePolicy),
    )
