"""What a configuration makes of Bedrock itself; the slots are those of `frontends.template.features`.

Types that CloudFormation has too are read as what they are there. The provider aws declares some parts of these apart,
and has types for jobs and for the logging of invocations. Left out are types that no rule asks about: versions of
guardrails, provisioned throughput, evaluation jobs.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.frontends import features as shared
from bedrock_policy_lint.frontends.buckets import objects
from bedrock_policy_lint.frontends.features import Form
from bedrock_policy_lint.frontends.places import find, text_at, texts
from bedrock_policy_lint.frontends.template import features as twinned
from bedrock_policy_lint.frontends.template import flows
from bedrock_policy_lint.frontends.terraform.paths import blocks
from bedrock_policy_lint.frontends.terraform.providers import elsewhere
from bedrock_policy_lint.frontends.terraform.role_names import role_of
from bedrock_policy_lint.frontends.terraform.twins import Twins

if TYPE_CHECKING:
    from collections.abc import Callable

    from bedrock_policy_lint.deployment.deployment import Feature
    from bedrock_policy_lint.frontends.terraform.configuration import Component, Configuration
    from bedrock_policy_lint.sources.node import Node

    Slots = dict[str, list[Node]]

_LOGS = "logging_config.cloudwatch_config"

_FORMS = {
    "aws_bedrock_model_invocation_logging_configuration": Form(
        "logging", role=blocks(f"{_LOGS}.role_arn"), slots={"log-group": (blocks(f"{_LOGS}.log_group_name"),)}
    ),
    "aws_bedrock_custom_model": Form(
        "custom-model",
        "custom_model_arn",
        "role_arn",
        {
            "model": ("base_model_identifier",),
            "input-bucket": (
                blocks("training_data_config.s3_uri"),
                blocks("validation_data_config.validator.s3_uri"),
            ),
            "output-bucket": (blocks("output_data_config.s3_uri"),),
            "key": ("custom_model_kms_key_id",),
        },
    ),
    "aws_bedrock_model_invocation_job": Form(
        "batch-job",
        "job_arn",
        "role_arn",
        {
            "model": ("model_id",),
            "input-bucket": (blocks("input_data_config.s3_input_data_config.s3_uri"),),
            "output-bucket": (blocks("output_data_config.s3_output_data_config.s3_uri"),),
            "key": (blocks("output_data_config.s3_output_data_config.s3_encryption_key_id"),),
        },
    ),
}
"""What CloudFormation has no type for."""


# Parts of a feature that the provider aws declares apart, or in a form of its own


def _action_group(part: Component, agent: Component) -> Slots:
    if _value(part, "action_group_state") == "DISABLED":
        return {}
    return {
        "function": find(part, blocks("action_group_executor.lambda")),
        "schema-bucket": objects(find(part, "api_schema[].s3[]"), "s3_bucket_name", "s3_object_key"),
    }


def _association(part: Component, agent: Component) -> Slots:
    is_off = _value(part, "knowledge_base_state") == "DISABLED"
    return {} if is_off else {"knowledge-base": find(part, "knowledge_base_id")}


def _collaborator(part: Component, agent: Component) -> Slots:
    is_off = _value(agent, "agent_collaboration") == "DISABLED"
    return {} if is_off else {"collaborator": find(part, blocks("agent_descriptor.alias_arn"))}


def _strategy(part: Component, memory: Component) -> Slots:
    steps = ("extraction", "consolidation")
    return {"model": [node for step in steps for node in find(part, blocks(f"configuration.{step}.model_id"))]}


def _target(part: Component, gateway: Component) -> Slots:
    paths = (blocks(f"credential_provider_configuration.{kind}.provider_arn") for kind in ("oauth", "api_key"))
    return {"credential-provider": [node for path in paths for node in find(part, path)]}


def _certificates(part: Component, whole: Component) -> Slots:
    return {"secret": find(part, blocks("certificate.location.secrets_manager.secret_arn"))}


def _value(component: Component, name: str) -> object:
    """The value of an argument; None when it is absent."""
    node = component.get(name)
    return None if node is None else node.value


class _Part(NamedTuple):
    """What adds to a feature."""

    owner: str
    """The argument that names the feature; empty where it is the feature itself."""
    type: str
    """Of the feature."""
    slots: Callable[[Component, Component], Slots]
    """What it adds, given itself and the feature."""


_BROWSER, _INTERPRETER = "aws_bedrockagentcore_browser", "aws_bedrockagentcore_code_interpreter"
_PARTS = {
    "aws_bedrockagent_agent_action_group": _Part("agent_id", "aws_bedrockagent_agent", _action_group),
    "aws_bedrockagent_agent_knowledge_base_association": _Part("agent_id", "aws_bedrockagent_agent", _association),
    "aws_bedrockagent_agent_collaborator": _Part("agent_id", "aws_bedrockagent_agent", _collaborator),
    "aws_bedrockagentcore_memory_strategy": _Part("memory_id", "aws_bedrockagentcore_memory", _strategy),
    "aws_bedrockagentcore_gateway_target": _Part("gateway_identifier", "aws_bedrockagentcore_gateway", _target),
    _BROWSER: _Part("", _BROWSER, _certificates),
    _INTERPRETER: _Part("", _INTERPRETER, _certificates),
}


def features(configuration: Configuration) -> list[Feature]:
    """Everything of Bedrock's that the configuration makes."""
    roles, twins = partial(role_of, configuration), Twins(configuration)
    found = [
        *shared.features(twins, twinned.FORMS, roles),
        *flows.features(twins, roles),
        *shared.features(configuration, _FORMS, roles),
    ]
    more = _more(configuration)
    found = [_with(feature, more[feature.name]) if feature.name in more else feature for feature in found]
    return [feature._replace(region=elsewhere(configuration, feature.name)) for feature in found]


def _more(configuration: Configuration) -> dict[str, Slots]:
    """What parts add, by the name of the feature."""
    found: dict[str, Slots] = {}
    for component in configuration.components(*_PARTS):
        part = _PARTS[component.type]
        owner: Component | None = component
        if part.owner:
            named = text_at(component, part.owner)
            owner = configuration.owner(named, part.type) if named is not None else None
        if owner is not None:
            for slot, nodes in part.slots(component, owner).items():
                found.setdefault(owner.name, {}).setdefault(slot, []).extend(nodes)
    return found


def _with(feature: Feature, more: Slots) -> Feature:
    added = {slot: (*feature.slots.get(slot, ()), *texts(nodes)) for slot, nodes in more.items() if texts(nodes)}
    return feature._replace(slots={**feature.slots, **added})
