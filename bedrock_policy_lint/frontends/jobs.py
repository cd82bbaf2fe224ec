"""Jobs of Bedrock that state machines and schedules start with a service role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment.deployment import Feature
from bedrock_policy_lint.frontends.calls import given

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bedrock_policy_lint.deployment.deployment import Call, Workload
    from bedrock_policy_lint.frontends.resources import RoleOf

_KINDS = {
    "CreateModelInvocationJob": (
        "batch-job",
        {
            "input-bucket": ("InputDataConfig.S3InputDataConfig.S3Uri",),
            "output-bucket": ("OutputDataConfig.S3OutputDataConfig.S3Uri",),
            "key": ("OutputDataConfig.S3OutputDataConfig.S3EncryptionKeyId",),
        },
    ),
    "CreateModelCustomizationJob": (
        "custom-model",
        {
            "input-bucket": ("TrainingDataConfig.S3Uri",),
            "output-bucket": ("OutputDataConfig.S3Uri",),
            "key": ("CustomModelKmsKeyId",),
        },
    ),
    "PutModelInvocationLoggingConfiguration": (
        "logging",
        {"log-group": ("LoggingConfig.CloudWatchConfig.LogGroupName",)},
    ),
}


def features(workloads: Iterable[Workload], role_of: RoleOf) -> list[Feature]:
    """The jobs that these start."""
    return [_job(maker, call, role_of) for maker in workloads for call in maker.calls if call.operation in _KINDS]


def _job(maker: Workload, call: Call, role_of: RoleOf) -> Feature:
    kind, paths = _KINDS[call.operation]
    slots = {}
    for slot, places in paths.items():
        slots[slot] = tuple(node for path in places if (node := given(call.parameters, path)) is not None)
    slots["model"] = (call.model,) if call.model is not None else ()
    filled = {slot: nodes for slot, nodes in slots.items() if nodes}
    return Feature(kind, maker.name, call.node, role_of(call.role), call.role, filled, region=maker.region)
