"""State machines: the tasks that call Bedrock, wherever they are nested and however their parameters are given."""

from __future__ import annotations

import json
from typing import Any

import pytest
from stacks import open_text

from bedrock_policy_lint.deployment.deployment import Call, Workload
from bedrock_policy_lint.frontends.template import state_machines
from bedrock_policy_lint.frontends.template.stack import Stack
from bedrock_policy_lint.model.text import Template
from bedrock_policy_lint.sources import json as json_source
from bedrock_policy_lint.sources.node import Node
from bedrock_policy_lint.sources.source import Source

INVOKE = "arn:aws:states:::bedrock:invokeModel"
NOVA = "amazon.nova-lite-v1:0"


def task(resource: str = INVOKE, **parameters: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, "Parameters": parameters}


def machine(state: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": state}}


def template(properties: dict[str, Any], kind: str = "AWS::StepFunctions::StateMachine", **others: Any) -> Stack:
    role = {"Type": "AWS::IAM::Role", "Properties": {}}
    resources = {"Role": role, "Machine": {"Type": kind, "Properties": properties}, **others}
    return open_text(json.dumps({"Resources": resources}))


def read(definition: Any, **properties: Any) -> Workload:
    given = {"RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}, "Definition": definition, **properties}
    (workload,) = state_machines.workloads(template(given))
    return workload


def value(node: Node | None) -> str | None:
    return None if node is None else str(node.value)


def called(call: Call) -> tuple[str, str, str | None]:
    return call.client, call.operation, value(call.model)


def only(workload: Workload) -> Call:
    (call,) = workload.calls
    return call


def test_a_machine_has_its_role_and_its_calls() -> None:
    workload = read(machine(task(ModelId=NOVA, GuardrailIdentifier="g1")))
    call = only(workload)

    assert (workload.name, workload.kind, workload.role) == ("Machine", "state machine", "Role")
    assert called(call) == ("bedrock-runtime", "InvokeModel", NOVA)
    assert value(call.guardrail) == "g1"
    assert call.node.value == INVOKE
    assert call.model is not None
    assert call.model.source.text[call.model.start : call.model.end] == f'"{NOVA}"'


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("arn:aws:states:::bedrock:invokeModel", ("bedrock-runtime", "InvokeModel")),
        ("arn:aws-us-gov:states:::bedrock:invokeModel", ("bedrock-runtime", "InvokeModel")),
        ("arn:aws:states:::bedrock:createModelCustomizationJob.sync", ("bedrock", "CreateModelCustomizationJob")),
        ("arn:aws:states:::aws-sdk:bedrockruntime:converse", ("bedrock-runtime", "Converse")),
        (
            "arn:aws:states:::aws-sdk:bedrockruntime:startAsyncInvoke.waitForTaskToken",
            ("bedrock-runtime", "StartAsyncInvoke"),
        ),
        ("arn:aws:states:::aws-sdk:bedrockagentruntime:retrieve", ("bedrock-agent-runtime", "Retrieve")),
        ("arn:aws:states:::aws-sdk:bedrockagent:startIngestionJob", ("bedrock-agent", "StartIngestionJob")),
        ("arn:aws:states:::aws-sdk:bedrock:createModelInvocationJob", ("bedrock", "CreateModelInvocationJob")),
        ("arn:aws:states:::aws-sdk:bedrockagentcore:invokeAgentRuntime", ("bedrock-agentcore", "InvokeAgentRuntime")),
    ],
)
def test_a_resource_names_client_and_operation(resource: str, expected: tuple[str, str]) -> None:
    call = only(read(machine(task(resource))))

    assert (call.client, call.operation) == expected


@pytest.mark.parametrize(
    "resource",
    [
        "arn:aws:states:::lambda:invoke",
        "arn:aws:states:::aws-sdk:s3:getObject",
        "arn:aws:lambda:us-east-1:123456789012:function:x",
        "arn:aws:states:::bedrock:unheardOf",
        "bedrock:invokeModel",
        "",
        7,
        ["arn:aws:states:::bedrock:invokeModel"],
    ],
)
def test_other_resources_are_no_calls(resource: Any) -> None:
    assert read(machine(task(resource, ModelId=NOVA))).calls == ()


@pytest.mark.parametrize(
    "nested",
    [
        machine({"Type": "Parallel", "Branches": [machine({"Type": "Pass"}), machine(task(ModelId=NOVA))]}),
        machine({"Type": "Map", "ItemProcessor": machine(task(ModelId=NOVA))}),
        machine({"Type": "Map", "Iterator": machine(task(ModelId=NOVA))}),
        machine(
            {"Type": "Map", "ItemProcessor": machine({"Type": "Parallel", "Branches": [machine(task(ModelId=NOVA))]})}
        ),
    ],
)
def test_tasks_are_found_wherever_they_are_nested(nested: dict[str, Any]) -> None:
    assert called(only(read(nested))) == ("bedrock-runtime", "InvokeModel", NOVA)


def test_a_definition_in_a_string_is_read_with_places_in_the_file() -> None:
    text = json.dumps(machine(task(ModelId=NOVA)))
    stack = template({"DefinitionString": text})
    call = only(state_machines.workloads(stack)[0])

    assert called(call) == ("bedrock-runtime", "InvokeModel", NOVA)
    assert call.model is not None
    span = call.model.source.in_file(call.model.start + 1, call.model.end - 1)
    assert span.source.text[span.start : span.end] == NOVA


def test_substitutions_take_the_place_of_names() -> None:
    definition = machine(task("${Task}", ModelId="${Model}", GuardrailIdentifier="arn:x:${Guard}:${Other}"))
    call = only(
        read(
            definition,
            DefinitionSubstitutions={
                "Task": INVOKE,
                "Model": {"Ref": "Chosen"},
                "Guard": {"Fn::Sub": "${AWS::Region}-1"},
            },
        )
    )

    assert call.model is not None
    assert call.model.source.text[call.model.start : call.model.end] == '"Chosen"'
    assert value(call.guardrail) == "arn:x:${AWS::Region}-1:${Other}"
    assert call.guardrail is not None
    assert [hole.name for hole in call.guardrail.value.holes] == ["AWS::Region"]
    assert len(call.guardrail.offsets()) == len(str(call.guardrail.value)) + 1


@pytest.mark.parametrize(
    "parameters",
    [
        {"ModelId.$": "$.model"},
        {"ModelId": "$.model"},
        {"ModelId": "{% $states.input.model %}"},
    ],
)
def test_a_model_that_the_run_decides_is_a_hole(parameters: dict[str, Any]) -> None:
    model = only(read(machine(task(**parameters)))).model

    assert model is not None
    assert isinstance(model.value, Template)
    assert str(model.value) == next(iter(parameters.values()))


def test_two_such_models_are_not_the_same() -> None:
    states = {"A": task(**{"ModelId.$": "$.model"}), "B": task(**{"ModelId.$": "$.model"})}
    one, other = read({"States": states}).calls

    assert one.model is not None
    assert other.model is not None
    assert one.model.value != other.model.value


def test_arguments_of_jsonata_are_parameters() -> None:
    resource = "arn:aws:states:::aws-sdk:bedrockruntime:converse"
    arguments = {"ModelId": NOVA, "GuardrailConfig": {"GuardrailIdentifier": "g1"}}
    call = only(read(machine({"Type": "Task", "Resource": resource, "Arguments": arguments})))

    assert (called(call), value(call.guardrail)) == (("bedrock-runtime", "Converse", NOVA), "g1")


def test_arguments_that_are_one_expression_hide_the_model() -> None:
    call = only(read(machine({"Type": "Task", "Resource": INVOKE, "Arguments": "{% $states.input %}"})))

    assert call.model is not None
    assert isinstance(call.model.value, Template)


AGENTS = "arn:aws:states:::aws-sdk:bedrockagentruntime"


@pytest.mark.parametrize(
    ("resource", "parameters", "model", "named", "guardrail"),
    [
        (f"{AGENTS}:invokeAgent", {"AgentId": "A1", "AgentAliasId": "B1"}, None, "A1/B1", None),
        (f"{AGENTS}:invokeAgent", {"AgentId": "A1"}, None, None, None),
        (f"{AGENTS}:invokeFlow", {"FlowIdentifier": "F1", "FlowAliasIdentifier": "L1"}, None, "F1/L1", None),
        (f"{AGENTS}:invokeFlow", {"FlowIdentifier": "F1", "FlowAliasIdentifier": "arn:x"}, None, "arn:x", None),
        (f"{AGENTS}:retrieve", {"KnowledgeBaseId": "K1"}, None, "K1", None),
        (
            f"{AGENTS}:retrieveAndGenerate",
            {
                "RetrieveAndGenerateConfiguration": {
                    "KnowledgeBaseConfiguration": {
                        "KnowledgeBaseId": "K1",
                        "ModelArn": "m1",
                        "GenerationConfiguration": {"GuardrailConfiguration": {"GuardrailId": "g1"}},
                    }
                }
            },
            "m1",
            "K1",
            "g1",
        ),
        (
            "arn:aws:states:::aws-sdk:bedrockruntime:applyGuardrail",
            {"GuardrailIdentifier": "g1", "GuardrailVersion": "1"},
            None,
            "g1",
            None,
        ),
    ],
)
def test_parameters_tell_what_is_called(
    resource: str, parameters: dict[str, Any], model: str | None, named: str | None, guardrail: str | None
) -> None:
    call = only(read(machine(task(resource, **parameters))))

    assert (value(call.model), value(call.resource), value(call.guardrail)) == (model, named, guardrail)


def test_an_alias_of_the_same_template_is_known_by_its_arn() -> None:
    parameters = {"AgentId": {"Ref": "Agent"}, "AgentAliasId": {"Fn::GetAtt": ["Alias", "AgentAliasId"]}}
    stack = template(
        {"Definition": machine(task(f"{AGENTS}:invokeAgent", **parameters))},
        Alias={"Type": "AWS::Bedrock::AgentAlias", "Properties": {}},
    )
    alias = stack.component("Alias")
    call = only(state_machines.workloads(stack)[0])

    assert alias is not None
    assert call.resource is not None
    assert call.resource.value == stack.attribute(alias, "AgentAliasArn")


def test_the_role_of_a_job_is_kept() -> None:
    resource = "arn:aws:states:::bedrock:createModelCustomizationJob.sync"
    call = only(read(machine(task(resource, BaseModelIdentifier=NOVA, RoleArn="arn:aws:iam::1:role/x"))))

    assert (value(call.model), value(call.role)) == (NOVA, "arn:aws:iam::1:role/x")


# SAM, and files

SAM = "AWS::Serverless::StateMachine"


def test_sam_makes_a_role_for_a_machine_that_names_none() -> None:
    (made,) = state_machines.workloads(template({}, SAM))
    (given,) = state_machines.workloads(template({"Role": {"Fn::GetAtt": ["Role", "Arn"]}}, SAM))

    assert (made.role, given.role) == ("MachineRole", "Role")


def test_a_local_file_is_read_by_whoever_can() -> None:
    asked = []

    def load(node: Node) -> Node | None:
        asked.append(node.value)
        return json_source.read(Source("x.asl.json", json.dumps(machine(task(ModelId=NOVA)))))[0]

    stack = template({"DefinitionUri": "x.asl.json"}, SAM)

    assert called(only(state_machines.workloads(stack, load)[0])) == ("bedrock-runtime", "InvokeModel", NOVA)
    assert state_machines.workloads(stack)[0].calls == ()
    assert asked == ["x.asl.json"]


@pytest.mark.parametrize("uri", ["s3://bucket/x.json", "https://example.com/x.json", {"Bucket": "b", "Key": "k"}])
def test_a_file_elsewhere_is_not_asked_for(uri: Any) -> None:
    def load(node: Node) -> Node | None:
        raise AssertionError(node.value)

    assert state_machines.workloads(template({"DefinitionUri": uri}, SAM), load)[0].calls == ()


def test_a_definition_that_is_joined_keeps_its_holes() -> None:
    """As CDK writes it."""
    written = json.dumps(machine(task("arn:@:states:::bedrock:invokeModel", ModelId=NOVA)))
    before, after = written.split("@")
    stack = template({"DefinitionString": {"Fn::Join": ["", [before, {"Ref": "AWS::Partition"}, after]]}})
    call = only(state_machines.workloads(stack)[0])

    assert called(call) == ("bedrock-runtime", "InvokeModel", NOVA)
    assert str(call.node.value) == "arn:${AWS::Partition}:states:::bedrock:invokeModel"


def test_a_hole_is_no_name_of_a_substitution() -> None:
    model = {"Fn::Sub": "${Model}.${!Model}"}
    call = only(read(machine(task(ModelId=model)), DefinitionSubstitutions={"Model": "x"}))

    assert value(call.model) == "${Model}.x"
