"""Who uses a role: whether all of them are known, so that what none of them needs is granted for nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.deployment.deployment import Deployment, Role
    from bedrock_policy_lint.model.policy import Policy

_PRINCIPALS = {
    "Lambda function": "lambda.amazonaws.com",
    "ECS task": "ecs-tasks.amazonaws.com",
    "App Runner service": "tasks.apprunner.amazonaws.com",
    "Glue job": "glue.amazonaws.com",
}
"""Which service takes the role of a kind of workload, to run code and nothing else."""

_outputs = re.compile(
    r"^[\"' \t{]{0,6}Outputs[\"']?[ \t]*:.*?(?=^[\"']?[A-Z]\w+[\"']?[ \t]*:|\Z)|^[ \t]*output[ \t]+\"[^\n]*\{.*?^\}",
    re.MULTILINE | re.DOTALL,
).findall
"""What CloudFormation and Terraform hand out."""


def is_known(role: Role, deployment: Deployment) -> bool:
    """Whether everything is known that runs with a role: its code was read in full, and nobody else can take it."""
    workloads = [workload for workload in deployment.workloads if workload.role == role.name]
    kinds = {_PRINCIPALS.get(workload.kind, "") for workload in workloads}
    if not workloads or not all(workload.is_code_known for workload in workloads) or "" in kinds:
        return False
    if any(feature.role == role.name for feature in deployment.features):
        return False
    if role.trust is None or "trust" in role.unread or not kinds.issuperset(_trusted(role.trust)):
        return False
    return not _is_handed_out(role, deployment)


def _trusted(trust: Policy) -> Iterator[str]:
    """Who may take a role; an empty text for anybody who is not a service of AWS."""
    for statement in trust.statements:
        if statement.allows:
            if statement.principal_node is None or not statement.principals:
                yield ""
            for who in statement.principals:
                yield who.text if who.type == "Service" and isinstance(who.text, str) else ""


def _is_handed_out(role: Role, deployment: Deployment) -> bool:
    """Whether other templates may be told of a role: by an output, or as what a nested one has from elsewhere."""
    if any(workload.role is None for nested in deployment.nested for workload in nested.workloads):
        return True
    texts = {document.source.text for document in (deployment.document, *deployment.documents)}
    bare = role.name.rpartition(".")[2]
    return any(re.search(rf"\b{re.escape(bare)}\b", found) for text in texts for found in _outputs(text))
