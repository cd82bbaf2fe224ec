"""What attributes of resources come to, in the form that AWS documents; what AWS makes up is a hole."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.template.computed import hole
from bedrock_policy_lint.frontends.terraform import awscc
from bedrock_policy_lint.model.text import Hole, Template, Text, join

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Read = Callable[[str], Text | None]
    Place = Callable[[str], Text]

_BEDROCK = "arn:<P>:bedrock:<R>:<A>:"
_CORE = "arn:<P>:bedrock-agentcore:<R>:<A>:"
_LAMBDA = "arn:<P>:lambda:<R>:<A>:function:<function_name>"
_STATES = "arn:<P>:states:<R>:<A>:stateMachine:<name>"
_LOGS = "arn:<P>:logs:<R>:<A>:log-group:<name>"


def _iam(kind: str) -> dict[str, str]:
    """An entity of IAM, which is known by its name."""
    return {"arn": f"arn:<P>:iam::<A>:{kind}<path><name>", "name": "<name>", "id": "<name>"}


_FORMS: dict[str, dict[str, str]] = {
    "aws_iam_role": _iam("role"),
    "aws_iam_user": _iam("user"),
    "aws_iam_group": _iam("group"),
    "aws_iam_instance_profile": _iam("instance-profile"),
    "aws_iam_policy": {**_iam("policy"), "id": "arn:<P>:iam::<A>:policy<path><name>"},
    "aws_lambda_function": {
        "arn": _LAMBDA,
        "function_name": "<function_name>",
        "id": "<function_name>",
        "qualified_arn": f"{_LAMBDA}:<.version>",
    },
    "aws_bedrockagent_agent": {
        "agent_arn": f"{_BEDROCK}agent/<.agent_id>",
        "agent_id": "<.agent_id>",
        "id": "<.agent_id>",
    },
    "aws_bedrockagent_agent_alias": {
        "agent_alias_arn": f"{_BEDROCK}agent-alias/<agent_id>/<.agent_alias_id>",
        "agent_alias_id": "<.agent_alias_id>",
    },
    "aws_bedrockagent_knowledge_base": {"arn": f"{_BEDROCK}knowledge-base/<.id>", "id": "<.id>"},
    "aws_bedrockagent_flow": {"arn": f"{_BEDROCK}flow/<.id>", "id": "<.id>"},
    "aws_bedrockagent_prompt": {"arn": f"{_BEDROCK}prompt/<.id>", "id": "<.id>"},
    "aws_bedrock_guardrail": {
        "guardrail_arn": f"{_BEDROCK}guardrail/<.guardrail_id>",
        "guardrail_id": "<.guardrail_id>",
    },
    "aws_bedrock_inference_profile": {
        "arn": f"{_BEDROCK}application-inference-profile/<.id>",
        "id": "<.id>",
    },
    "aws_bedrock_provisioned_model_throughput": {
        "provisioned_model_arn": f"{_BEDROCK}provisioned-model/<.id>",
    },
    "aws_bedrockagentcore_agent_runtime": {
        "agent_runtime_arn": f"{_CORE}runtime/<.agent_runtime_id>",
        "agent_runtime_id": "<.agent_runtime_id>",
    },
    "aws_bedrockagentcore_gateway": {
        "gateway_arn": f"{_CORE}gateway/<.gateway_id>",
        "gateway_id": "<.gateway_id>",
    },
    "aws_bedrockagentcore_memory": {"arn": f"{_CORE}memory/<.id>", "id": "<.id>"},
    "aws_bedrockagentcore_browser": {
        "browser_arn": f"{_CORE}browser-custom/<.browser_id>",
        "browser_id": "<.browser_id>",
    },
    "aws_bedrockagentcore_code_interpreter": {
        "code_interpreter_arn": f"{_CORE}code-interpreter-custom/<.code_interpreter_id>",
        "code_interpreter_id": "<.code_interpreter_id>",
    },
    "aws_bedrockagentcore_evaluator": {
        "evaluator_arn": f"{_CORE}evaluator/<.evaluator_id>",
        "evaluator_id": "<.evaluator_id>",
    },
    "aws_s3_bucket": {"arn": "arn:<P>:s3:::<bucket>", "id": "<bucket>", "bucket": "<bucket>"},
    "aws_kms_key": {"arn": "arn:<P>:kms:<R>:<A>:key/<.key_id>", "key_id": "<.key_id>", "id": "<.key_id>"},
    "aws_kms_alias": {"arn": "arn:<P>:kms:<R>:<A>:<name>", "name": "<name>"},
    "aws_sqs_queue": {"arn": "arn:<P>:sqs:<R>:<A>:<name>", "name": "<name>"},
    "aws_sns_topic": dict.fromkeys(("arn", "id"), "arn:<P>:sns:<R>:<A>:<name>"),
    "aws_dynamodb_table": {
        "arn": "arn:<P>:dynamodb:<R>:<A>:table/<name>",
        "name": "<name>",
        "id": "<name>",
        "stream_arn": "arn:<P>:dynamodb:<R>:<A>:table/<name>/stream/<.stream_label>",
    },
    "aws_opensearchserverless_collection": {"arn": "arn:<P>:aoss:<R>:<A>:collection/<.id>", "id": "<.id>"},
    "aws_secretsmanager_secret": dict.fromkeys(("arn", "id"), "arn:<P>:secretsmanager:<R>:<A>:secret:<name>-<.suffix>"),
    "aws_cloudwatch_log_group": {"arn": _LOGS, "name": "<name>", "id": "<name>"},
    "aws_sfn_state_machine": {"arn": _STATES, "id": _STATES, "name": "<name>"},
    "aws_ecs_cluster": {
        **dict.fromkeys(("arn", "id"), "arn:<P>:ecs:<R>:<A>:cluster/<name>"),
        "name": "<name>",
    },
    "aws_ecs_task_definition": {
        "arn": "arn:<P>:ecs:<R>:<A>:task-definition/<family>:<.revision>",
        "id": "<family>",
        "arn_without_revision": "arn:<P>:ecs:<R>:<A>:task-definition/<family>",
    },
    "aws_ecr_repository": {
        "arn": "arn:<P>:ecr:<R>:<A>:repository/<name>",
        "name": "<name>",
        "id": "<name>",
        "repository_url": "<A>.dkr.ecr.<R>.<S>/<name>",
    },
    "aws_ssm_parameter": {"name": "<name>", "id": "<name>"},
    **{
        f"awscc_iam_{kind}": {
            "arn": f"arn:<P>:iam::<A>:{kind}<path><{kind}_name>",
            f"{kind}_name": f"<{kind}_name>",
            "id": f"<{kind}_name>",
        }
        for kind in ("role", "user", "group")
    },
    "data.aws_iam_policy_document": {name: f"<.{name}>" for name in ("json", "minified_json")},
    "data.aws_region": dict.fromkeys(("name", "id", "region"), "<R>"),
    "data.aws_caller_identity": dict.fromkeys(("account_id", "id"), "<A>"),
    "data.aws_partition": {"partition": "<P>", "id": "<P>", "dns_suffix": "<S>"},
    "data.aws_s3_bucket": {"arn": "arn:<P>:s3:::<bucket>", "id": "<bucket>", "bucket": "<bucket>"},
    "data.aws_bedrock_foundation_model": {
        "model_arn": "arn:<P>:bedrock:<R>::foundation-model/<model_id>",
        "model_id": "<model_id>",
        "id": "<model_id>",
    },
    "data.aws_bedrock_inference_profile": {
        "inference_profile_arn": f"{_BEDROCK}inference-profile/<inference_profile_id>",
        "inference_profile_id": "<inference_profile_id>",
    },
}
"""By type and attribute. `<P>`, `<R>`, `<A>` and `<S>` are partition, Region, account and the suffix of host names;
`<.id>` is an attribute that AWS makes up; another name is that of an argument, without which AWS makes up a name.
(Terraform AWS provider, "Attribute Reference" of each type.)"""

_tokens = cache(re.compile(r"<([^>]*)>").split)
PLACES = {"P": "AWS::Partition", "R": "AWS::Region", "A": "AWS::AccountId", "S": "AWS::URLSuffix"}


def _forms(kind: str) -> Mapping[str, str]:
    own = _FORMS.get(kind, {})
    return {**awscc.forms(kind), **own} if kind.startswith(awscc.PREFIX) else own


def known(kind: str) -> tuple[str, ...]:
    """The attributes of a type whose form is known."""
    return tuple(_forms(kind))


def attribute(kind: str, address: str, name: str, read: Read, place: Place) -> Text | None:
    """What an attribute of a resource comes to; None when its form is not known."""
    form = _forms(kind).get(name)
    if form is None:
        return None
    parts: list[str | Hole] = []
    for at, token in enumerate(_tokens(form)):
        found = _filled(token, address, read, place) if at % 2 else token
        parts.extend(found.parts if isinstance(found, Template) else (found,))
    return join(parts)


def _filled(name: str, address: str, read: Read, place: Place) -> Text:
    if name in PLACES:
        return place(PLACES[name])
    if name.startswith("."):
        return Template((hole(address + name),))
    found = read(name)
    if name == "path":
        return found or "/"
    return found or Template((hole(f"{address}.{name}"),))
