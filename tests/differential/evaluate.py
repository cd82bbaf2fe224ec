"""The same case put to both evaluators."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from typing import IO

from generate import HOME, Case, Document

from bedrock_policy_lint.authorize.decide import Authorizer
from bedrock_policy_lint.authorize.decision import Decision
from bedrock_policy_lint.authorize.layers import Layers, ResourcePolicy
from bedrock_policy_lint.authorize.request import Identity, Request
from bedrock_policy_lint.frontends import policy_document
from bedrock_policy_lint.frontends.document import Defect
from bedrock_policy_lint.model.policy import Attachment, Policy
from bedrock_policy_lint.sources import json as spanned
from bedrock_policy_lint.sources.source import Source

_BATCH = 500
"""So many lines are written before any answer is read: few enough for the pipes not to fill up both ways."""
_OUTCOMES = {"Allowed": "allowed", "ImplicitlyDenied": "denied", "ExplicitlyDenied": "denied"}


class PeerError(Exception):
    """The peer gave no decision."""


def ours(case: Case) -> Decision:
    """What this project decides."""
    return Authorizer(_layers(case)).decide(_request(case))


def _request(case: Case) -> Request:
    caller = Identity("", None, case.principal) if case.by_service else Identity(HOME, case.arn)
    context = {key.lower(): (value,) if isinstance(value, str) else tuple(value) for key, value in case.context.items()}
    return Request(case.action, case.resource, caller, context, is_open=False)


def _layers(case: Case) -> Layers:
    attached = () if case.resource_policy is None else (_policy("resource", case.resource_policy),)
    return Layers(
        identity=_policies("identity", case.identity),
        boundary=_policies("boundary", case.boundary),
        session=_policies("session", case.session),
        scps=tuple(_policies("scp", level) for level in case.scps),
        rcps=tuple(_policies("rcp", level) for level in case.rcps),
        endpoint=_policies("vpc-endpoint", case.endpoint),
        resources=tuple(ResourcePolicy(case.resource, policy) for policy in attached),
    )


def _policies(kind: str, documents: Sequence[Document]) -> tuple[Policy, ...]:
    return tuple(_policy(kind, document) for document in documents)


def _policy(kind: str, document: Document) -> Policy:
    node, _ = spanned.read(Source(kind, json.dumps(document)))
    defects: list[Defect] = []
    return policy_document.read(node, Attachment(kind, True), defects)


class Peer:
    """A process of the other evaluator."""

    def __init__(self, script: str, package: str) -> None:
        self._process = subprocess.Popen(
            ["node", script, package], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe(self._process.stdin).close()
        self._process.wait()

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe

    def decide(self, cases: Sequence[Case]) -> list[str]:
        """`allowed` or `denied` for each case, or why there is no answer."""
        answers: list[str] = []
        for start in range(0, len(cases), _BATCH):
            answers += self._batch(cases[start : start + _BATCH])
        return answers

    def _batch(self, cases: Sequence[Case]) -> list[str]:
        written, read = self._pipe(self._process.stdin), self._pipe(self._process.stdout)
        answers = []
        for case in cases:
            written.write(json.dumps(_simulation(case)) + "\n")
        written.flush()
        for _ in cases:
            line = read.readline()
            if not line:
                raise PeerError(f"the process ended with {self._process.wait()}")
            answer = json.loads(line)
            answers.append(_OUTCOMES[answer["outcome"]] if "outcome" in answer else "no answer: " + answer["error"])
        return answers


def _simulation(case: Case) -> Document:
    return {
        "request": {
            "principal": case.principal,
            "action": case.action,
            "resource": {"resource": case.resource, "accountId": case.owner},
            "contextVariables": case.context,
        },
        "identityPolicies": _named("identity", case.identity),
        "permissionBoundaryPolicies": _named("boundary", case.boundary) or None,
        "sessionPolicy": case.session[0] if case.session else None,
        "serviceControlPolicies": _levels("scp", case.scps),
        "resourceControlPolicies": _levels("rcp", case.rcps),
        "vpcEndpointPolicies": _named("endpoint", case.endpoint) or None,
        "resourcePolicy": case.resource_policy,
    }


def _named(kind: str, documents: Sequence[Document]) -> list[Document]:
    return [{"name": f"{kind}-{index}", "policy": document} for index, document in enumerate(documents)]


def _levels(kind: str, levels: Sequence[Sequence[Document]]) -> list[Document]:
    return [
        {"orgIdentifier": f"level-{index}", "policies": _named(f"{kind}-{index}", level)}
        for index, level in enumerate(levels)
    ]
