"""What the roles, users and groups of a template may do, whatever works with them."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest
from scripts import load_script
from test_deployment_rules import lint, marked

from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.deployment import handlers

ROOT = Path(__file__).resolve().parent.parent
PRIVESC, GAP, PASS = "privesc-through-agents", "deploy-role-gap", "passrole-missing"
CORE = "arn:${AWS::Partition}:bedrock-agentcore:${AWS::Region}:${AWS::AccountId}:"
OWN = "arn:${AWS::Partition}:bedrock:${AWS::Region}:${AWS::AccountId}:"
Json = dict[str, Any]


def sub(text: str) -> Json:
    return {"Fn::Sub": text}


def allow(actions: str | list[str], resource: Any = "*", **more: Any) -> Json:
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


def document(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(*services: str) -> Json:
    return document({"Effect": "Allow", "Principal": {"Service": list(services)}, "Action": "sts:AssumeRole"})


def holder(
    *statements: Json, kind: str = "AWS::IAM::Role", services: Any = ("lambda.amazonaws.com",), **more: Any
) -> Json:
    """A role, user or group with one policy."""
    properties = {"Policies": [{"PolicyName": "p", "PolicyDocument": document(*statements)}], **more}
    if kind == "AWS::IAM::Role":
        properties["AssumeRolePolicyDocument"] = trust(*services)
    return {"Type": kind, "Properties": properties}


def template(**resources: Json) -> str:
    return json.dumps({"Resources": resources}, indent=1)


# privesc-through-agents

INTERPRETER = (
    allow("bedrock-agentcore:CreateCodeInterpreter"),
    allow(
        ["bedrock-agentcore:StartCodeInterpreterSession", "bedrock-agentcore:InvokeCodeInterpreter"],
        sub(CORE + "code-interpreter-custom/*"),
    ),
)
PASS_ALL = allow("iam:PassRole", sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*"))


@pytest.mark.parametrize("kind", ["Role", "User", "Group"])
@pytest.mark.parametrize("region", ["", "us-west-2"])
def test_who_works_with_nothing_may_escalate_too(kind: str, region: str) -> None:
    text = template(Holder=holder(*INTERPRETER, PASS_ALL, kind=f"AWS::IAM::{kind}"))
    found = lint(PRIVESC, text, region=region, path="template.json")
    assert marked(found, text) == ['"iam:PassRole"']
    assert found[0].message.startswith("the caller `Holder` can act as any role that trusts `bedrock-agentcore")


def test_a_permission_set_may_escalate_too() -> None:
    inline = json.dumps(document(*INTERPRETER[:1], allow("bedrock-agentcore:*CodeInterpreter*"), allow("iam:PassRole")))
    properties = {"InstanceArn": "arn:aws:sso:::instance/ssoins-1", "Name": "builders", "InlinePolicy": inline}
    text = template(Builders={"Type": "AWS::SSO::PermissionSet", "Properties": properties})
    assert len(lint(PRIVESC, text, path="template.json")) == 1


@pytest.mark.parametrize(
    "role",
    [
        holder(*INTERPRETER, allow("iam:PassRole", sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/one"))),
        holder(*INTERPRETER, PASS_ALL, PermissionsBoundary="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"),
        holder(*INTERPRETER, PASS_ALL, PermissionsBoundary={"Ref": "Elsewhere"}),
        holder(*INTERPRETER, PASS_ALL, ManagedPolicyArns=[{"Ref": "Elsewhere"}]),
        holder(*INTERPRETER, PASS_ALL, ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"]),
        holder(*INTERPRETER, PASS_ALL, {"Effect": "Deny", "Action": "bedrock-agentcore:Create*", "Resource": "*"}),
        holder(*INTERPRETER[:1], PASS_ALL),
        holder(*INTERPRETER, allow("iam:PassRole", {"Ref": "Elsewhere"})),
    ],
)
def test_what_ends_a_chain_or_leaves_it_open(role: Json) -> None:
    text = json.loads(template(Holder=role)) | {"Parameters": {"Elsewhere": {"Type": "String"}}}
    assert lint(PRIVESC, json.dumps(text), path="template.json") == []


def test_what_hangs_on_the_region_is_not_told_without_one() -> None:
    given = {
        "Mappings": {"Passed": {"us-east-1": {"Roles": "*"}, "eu-central-1": {"Roles": "arn:aws:iam::1:role/one"}}},
        "Resources": {
            "Holder": holder(
                *INTERPRETER, allow("iam:PassRole", {"Fn::FindInMap": ["Passed", {"Ref": "AWS::Region"}, "Roles"]})
            )
        },
    }
    assert lint(PRIVESC, json.dumps(given), path="template.json") == []
    assert len(lint(PRIVESC, json.dumps(given), path="template.json", region="us-east-1")) == 1


def test_no_other_rule_takes_a_bystander_for_a_caller() -> None:
    text = template(Holder=holder(allow(["iam:CreateServiceSpecificCredential", "iam:PassRole"])))
    assert lint("long-term-api-key-allowed", text, path="template.json", pedantic=True) == []


# deploy-role-gap


def deployer(*statements: Json, services: tuple[str, ...] = ("cloudformation.amazonaws.com",), **more: Any) -> str:
    return template(Deploy=holder(*statements, services=services, **more))


def gaps(text: str, *, pedantic: bool = False) -> list[str]:
    return [found.message for found in lint(GAP, text, path="template.json", pedantic=pedantic)]


GUARDRAIL = ["bedrock:CreateGuardrail", "bedrock:GetGuardrail", "bedrock:DeleteGuardrail"]
SAYS = "with the role `Deploy` CloudFormation may create an `AWS::Bedrock::Guardrail`, but not call "


@pytest.mark.parametrize(
    ("actions", "missing"),
    [
        (GUARDRAIL, ""),
        (GUARDRAIL[:1], "`bedrock:GetGuardrail` and `bedrock:DeleteGuardrail`"),
        (GUARDRAIL[:2], "`bedrock:DeleteGuardrail`"),
        ([GUARDRAIL[0], "bedrock:get*", "bedrock:D*"], ""),
        (["bedrock:*"], ""),
        (GUARDRAIL[1:], ""),
    ],
)
def test_what_is_missing_beside_what_creates(actions: list[str], missing: str) -> None:
    assert gaps(deployer(allow(actions))) == ([SAYS + missing] if missing else [])


def test_what_not_every_template_needs_is_only_possible() -> None:
    text = deployer(allow(GUARDRAIL))
    assert gaps(text) == []
    assert gaps(text, pedantic=True) == [
        SAYS + "`bedrock:ListTagsForResource`, `bedrock:TagResource` and `bedrock:UpdateGuardrail`"
    ]


@pytest.mark.parametrize(
    "text",
    [
        deployer(allow(GUARDRAIL[0]), services=("lambda.amazonaws.com",)),
        deployer(allow(GUARDRAIL[0]), services=("cloudformation.amazonaws.com", "codepipeline.amazonaws.com")),
        deployer(allow(GUARDRAIL[0]), allow(sub("bedrock:${AWS::StackName}"))),  # type: ignore[arg-type]
        deployer(allow(GUARDRAIL[0]), ManagedPolicyArns=[sub("arn:aws:iam::${AWS::AccountId}:policy/more")]),
        deployer(allow(GUARDRAIL[0]), ManagedPolicyArns=["arn:aws:iam::aws:policy/AmazonBedrockFullAccess"]),
        deployer(allow(GUARDRAIL[0]), {"Effect": "Deny", "Action": "bedrock:*Guardrail", "Resource": "*"}),
        deployer(allow(GUARDRAIL[0]), PermissionsBoundary="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"),
        deployer({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
    ],
)
def test_where_nothing_is_certain_nothing_is_said(text: str) -> None:
    assert gaps(text) == []


def test_a_boundary_may_take_away_what_a_policy_grants() -> None:
    boundary = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"PolicyDocument": document(allow(GUARDRAIL[:2]))},
    }
    role = holder(allow("bedrock:*Guardrail"), services=("cloudformation.amazonaws.com",))
    role["Properties"]["PermissionsBoundary"] = {"Ref": "Boundary"}
    assert gaps(template(Deploy=role, Boundary=boundary)) == [SAYS + "`bedrock:DeleteGuardrail`"]


def test_a_wildcard_is_one_finding() -> None:
    (message,) = gaps(deployer(allow("bedrock:Create*")))
    assert message.startswith("with the role `Deploy` CloudFormation may create 20 types of resources, but not call ")
    assert message.endswith(" more")


def test_what_is_made_along_with_another_type_is_left_alone() -> None:
    runtime = ["CreateAgentRuntime", "GetAgentRuntime", "DeleteAgentRuntime"]
    identity = [f"bedrock-agentcore:{action}" for action in ("CreateWorkloadIdentity", "DeleteWorkloadIdentity")]
    assert gaps(deployer(allow([f"bedrock-agentcore:{action}" for action in runtime] + identity))) == []
    assert len(gaps(deployer(allow(identity)))) == 1


# What is shipped of the handlers


script = load_script("build_handlers")


def test_every_shipped_action_is_one() -> None:
    types = handlers.types()
    assert len(types) > 40
    assert handlers.as_of() >= "2026-10-20"
    catalog = default()
    for kind in types:
        for action in (kind.create, kind.read, kind.delete, *kind.further, *kind.within):
            assert not action or catalog.action(action), (kind.type, action)


def test_the_script_tells_a_type_from_its_parts() -> None:
    def schema(**permissions: str) -> Json:
        return {"handlers": {kind: {"permissions": listed.split()} for kind, listed in permissions.items()}}

    built = script.select(
        {
            "AWS::Bedrock::Agent": schema(
                create="bedrock:CreateAgent bedrock:CreateAgentPart bedrock:GetAgent bedrock:GetAgentPart kms:Decrypt",
                read="bedrock:GetAgent bedrock:GetAgentPart bedrock:ListTagsForResource",
                update="bedrock:UpdateAgent",
                delete="bedrock:DeleteAgent",
            ),
            "AWS::Bedrock::AgentPart": schema(
                create="bedrock:CreateAgentPart bedrock:GetAgent", read="bedrock:GetAgent", delete="bedrock:DeleteAgent"
            ),
            "AWS::Bedrock::Policy": schema(create="bedrock:PutPolicy bedrock:GetPolicy"),
        }
    )
    agent = script.Handlers(
        "bedrock:CreateAgent",
        "bedrock:GetAgent",
        "bedrock:DeleteAgent",
        ("bedrock:ListTagsForResource", "bedrock:UpdateAgent"),
    )
    part = script.Handlers("bedrock:CreateAgentPart", "bedrock:GetAgent", "bedrock:DeleteAgent", ())
    assert built == {"AWS::Bedrock::Agent": agent, "AWS::Bedrock::AgentPart": part}


def test_what_is_shipped_is_what_the_package_gives() -> None:
    try:
        installed = version(script.PACKAGE)
    except PackageNotFoundError:
        pytest.skip(f"{script.PACKAGE} is not installed")
    if installed != script.VERSION:
        pytest.skip(f"{script.PACKAGE} {installed} is installed, not {script.VERSION}")
    assert script.main(["--check"]) == 0


# passrole-missing


def machine(operation: str, *granted: Json, **parameters: Any) -> str:
    passed = {
        "JobRole": {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": trust("bedrock.amazonaws.com")},
        }
    }
    task = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::aws-sdk:bedrock:{operation}",
        "Parameters": {"RoleArn": {"Fn::GetAtt": "JobRole.Arn"}, **parameters},
        "End": True,
    }
    properties = {
        "RoleArn": {"Fn::GetAtt": "Role.Arn"},
        "Definition": {"StartAt": "Job", "States": {"Job": task}},
    }
    role = holder(*granted, services=("states.amazonaws.com",))
    return template(Role=role, Machine={"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}, **passed)


NOVA = "amazon.nova-lite-v1:0"
BATCH = allow(
    "bedrock:CreateModelInvocationJob",
    [
        sub("arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/" + NOVA),
        sub(OWN + "model-invocation-job/*"),
    ],
)
PASS_JOB = allow(
    "iam:PassRole",
    {"Fn::GetAtt": "JobRole.Arn"},
    Condition={"StringEquals": {"iam:PassedToService": "bedrock.amazonaws.com"}},
)
IMPORT = allow("bedrock:CreateModelImportJob")


@pytest.mark.parametrize(
    ("operation", "given", "granted"),
    [("createModelInvocationJob", {"ModelId": NOVA}, BATCH), ("createModelImportJob", {}, IMPORT)],
)
@pytest.mark.parametrize("region", ["", "us-east-1"])
def test_a_machine_passes_the_role_of_a_job(operation: str, given: Json, granted: Json, region: str) -> None:
    text = machine(operation, granted, **given)
    (found,) = lint(PASS, text, region=region, path="template.json")
    assert "`iam:PassRole`" in found.message
    assert f"the state machine `Machine` calling {operation[0].upper()}{operation[1:]}" in found.message
    assert lint(PASS, machine(operation, granted, PASS_JOB, **given), region=region, path="template.json") == []


def test_another_service_in_the_condition_keeps_bedrock_out() -> None:
    other = json.loads(json.dumps(PASS_JOB).replace("bedrock.amazonaws.com", "sagemaker.amazonaws.com"))
    text = machine("createModelImportJob", IMPORT, other)
    (found,) = lint(PASS, text, region="us-east-1", path="template.json")
    assert found.fix is not None
    assert found.fix.text == "add `bedrock.amazonaws.com`"


def test_a_role_that_is_known_only_then_is_not_judged() -> None:
    text = machine("createModelImportJob", IMPORT).replace('"Fn::GetAtt": "JobRole.Arn"', '"Ref": "Elsewhere"')
    assert lint(PASS, text, region="us-east-1", path="template.json") == []
