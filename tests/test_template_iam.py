"""Which policies a template attaches to whom."""

from __future__ import annotations

from textwrap import dedent
from typing import NamedTuple

import pytest
from stacks import open_text, open_worlds

from bedrock_policy_lint.deployment.deployment import Role
from bedrock_policy_lint.deployment.world import World
from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.frontends.template.iam import Identities, limits, roles
from bedrock_policy_lint.frontends.template.policies import Memory, Policies
from bedrock_policy_lint.model.policy import Policy
from bedrock_policy_lint.sources.node import Node

ASSUME = """
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}
"""
INVOKE = '{Version: "2012-10-17", Statement: [{Effect: Allow, Action: bedrock:InvokeModel, Resource: "*"}]}'


class Read(NamedTuple):
    """What was read from a template."""

    roles: dict[str, Role]
    document: Document


def read(resources: str) -> Read:
    """The identities of a template with these resources."""
    stack = open_text("Resources:\n" + resources)
    found = roles(stack, Policies(stack))
    return Read({role.name: role for role in found}, stack.document)


def written(node: Node) -> str:
    """What stands in the file where a node is."""
    return node.source.text[node.start : node.end]


def actions(policy: Policy) -> list[str]:
    """The actions that a policy names, as they stand in the file."""
    return [written(action.node) for statement in policy.statements for action in statement.actions]


def test_a_role_has_its_inline_policies_and_its_trust_policy() -> None:
    role = read(f"""
  ChatRole:
    Type: AWS::IAM::Role
    Properties:{ASSUME}
      Policies:
        - PolicyName: invoke
          PolicyDocument: {INVOKE}
""").roles["ChatRole"]
    assert (role.kind, written(role.node)) == ("role", "ChatRole")
    assert str(role.arn) == "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${ChatRole}"
    assert [actions(policy) for policy in role.policies] == [["bedrock:InvokeModel"]]
    assert (role.policies[0].kind, role.policies[0].attachment.holder) == ("identity", "role")
    assert role.trust is not None
    assert (role.trust.kind, actions(role.trust)) == ("trust", ["sts:AssumeRole"])
    assert role.unread == frozenset()


@pytest.mark.parametrize(
    ("kind", "holder", "attached"),
    [
        ("AWS::IAM::Policy", "role", "Roles: [!Ref ChatRole]"),
        ("AWS::IAM::ManagedPolicy", "managed", "Roles: [!Ref ChatRole]"),
        ("AWS::IAM::RolePolicy", "role", "RoleName: !Ref ChatRole"),
    ],
)
def test_a_policy_of_its_own_belongs_to_the_role_that_it_names(kind: str, holder: str, attached: str) -> None:
    found = read(f"""
  ChatRole:
    Type: AWS::IAM::Role
    Properties: {{}}
  ChatPolicy:
    Type: {kind}
    Properties:
      {attached}
      PolicyDocument: {INVOKE}
""")
    (policy,) = found.roles["ChatRole"].policies
    assert actions(policy) == ["bedrock:InvokeModel"]
    assert policy.attachment.holder == holder
    assert found.document.policies == [policy]


def test_a_role_names_a_managed_policy_of_the_template() -> None:
    found = read(f"""
  ChatRole:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: [!Ref ChatPolicy]
  ChatPolicy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Roles: [!Ref ChatRole]
      PolicyDocument: {INVOKE}
""")
    assert found.document.policies == list(found.roles["ChatRole"].policies)
    assert len(found.document.policies) == 1


def test_a_user_has_the_policies_of_its_groups() -> None:
    found = read(f"""
  Users:
    Type: AWS::IAM::Group
    Properties:
      Policies: [{{PolicyName: invoke, PolicyDocument: {INVOKE}}}]
  Readers:
    Type: AWS::IAM::Group
    Properties:
      ManagedPolicyArns: [arn:aws:iam::aws:policy/AmazonBedrockReadOnly]
  Ann:
    Type: AWS::IAM::User
    Properties:
      Groups: [!Ref Readers]
  Membership:
    Type: AWS::IAM::UserToGroupAddition
    Properties: {{GroupName: !Ref Users, Users: [!Ref Ann]}}
  More:
    Type: AWS::IAM::GroupPolicy
    Properties:
      GroupName: !Ref Users
      PolicyDocument: {INVOKE.replace("InvokeModel", "GetGuardrail")}
""")
    ann = found.roles["Ann"]
    assert ann.kind == "user"
    assert [managed.name for managed in ann.managed] == ["AmazonBedrockReadOnly"]
    assert [actions(policy) for policy in ann.policies[1:]] == [["bedrock:InvokeModel"], ["bedrock:GetGuardrail"]]
    assert ann.unread == frozenset()
    assert [policy.attachment.holder for policy in found.roles["Users"].policies] == ["group", "group"]


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        "!Sub arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    ],
)
def test_a_policy_of_aws_is_read_but_not_among_the_policies_of_the_file(arn: str) -> None:
    found = read(f"""
  ChatRole:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns:
        - {arn}
""")
    role = found.roles["ChatRole"]
    (managed,) = role.managed
    assert managed.name == "AWSLambdaBasicExecutionRole"
    assert written(managed.node) == arn.removeprefix("!Sub ")
    (policy,) = role.policies
    assert "logs:PutLogEvents" in [action.text for statement in policy.statements for action in statement.actions]
    assert role.unread == frozenset()
    assert found.document.policies == []


@pytest.mark.parametrize(
    "properties",
    [
        "ManagedPolicyArns: [arn:aws:iam::111122223333:policy/Shared]",
        "ManagedPolicyArns: [!Ref PolicyArn]",
        "ManagedPolicyArns: !Ref PolicyArns",
        "ManagedPolicyArns: [arn:aws:iam::aws:policy/NobodyKnowsThis]",
        "Policies: !Ref Policies",
        "Policies: [{PolicyName: p, PolicyDocument: !Ref Document}]",
        "Policies: [{PolicyName: p, PolicyDocument: {Version: '2012-10-17', Statement: [!Ref Statement]}}]",
    ],
)
def test_what_lies_elsewhere_leaves_the_identity_policies_open(properties: str) -> None:
    found = read(f"""
  ChatRole:
    Type: AWS::IAM::Role
    Properties:
      {properties}
""")
    assert found.roles["ChatRole"].unread == {"identity"}
    assert found.document.defects == []


@pytest.mark.parametrize(
    "condition", ["!Ref Condition", "{StringEquals: !Ref Values}", "{Fn::Transform: {Name: AWS::Include}}"]
)
def test_a_statement_whose_condition_is_open_is_not_taken_for_one_without(condition: str) -> None:
    found = read(f"""
  ChatRole:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: p
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - {{Effect: Allow, Action: bedrock:*, Resource: '*', Condition: {condition}}}
              - {{Effect: Allow, Action: bedrock:InvokeModel, Resource: '*'}}
""")
    role = found.roles["ChatRole"]
    assert [actions(policy) for policy in role.policies] == [["bedrock:InvokeModel"]]
    assert role.unread == {"identity"}
    assert found.document.defects == []


def test_a_policy_for_a_role_elsewhere_is_read_all_the_same() -> None:
    found = read(f"""
  ChatPolicy:
    Type: AWS::IAM::Policy
    Properties:
      Roles: [!Ref RoleName]
      PolicyDocument: {INVOKE}
""")
    assert found.roles == {}
    assert [actions(policy) for policy in found.document.policies] == [["bedrock:InvokeModel"]]


def test_a_role_that_sam_generates_has_what_names_it() -> None:
    stack = open_text(f"""
Resources:
  ChatPolicy:
    Type: AWS::IAM::Policy
    Properties:
      Roles: [!Ref ChatFunctionRole]
      PolicyDocument: {INVOKE}
""")
    attached = Identities(stack, Policies(stack)).attached_to("ChatFunctionRole")
    assert [actions(policy) for policy in attached.policies] == [["bedrock:InvokeModel"]]


@pytest.mark.parametrize(
    ("boundary", "kinds", "unread"),
    [
        ("!Ref Limit", ["boundary"], frozenset()),
        ("arn:aws:iam::aws:policy/PowerUserAccess", ["boundary"], frozenset()),
        ("!Ref BoundaryArn", [], {"boundary"}),
        ("arn:aws:iam::111122223333:policy/Limit", [], {"boundary"}),
    ],
)
def test_a_permissions_boundary(boundary: str, kinds: list[str], unread: frozenset[str]) -> None:
    found = read(f"""
  ChatRole:
    Type: AWS::IAM::Role
    Properties:
      PermissionsBoundary: {boundary}
  Limit:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {INVOKE}
""")
    role = found.roles["ChatRole"]
    assert [policy.kind for policy in role.boundary] == kinds
    assert role.unread == unread
    assert [policy.kind for policy in found.document.policies] == [
        "boundary" if boundary == "!Ref Limit" else "identity"
    ]


def test_a_trust_policy_that_is_not_known() -> None:
    found = read("""
  ChatRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: !Ref Trust
  TaskRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: !Ref Who, Action: sts:AssumeRole}]
""")
    role, other = found.roles.values()
    assert (role.trust, role.unread) == (None, {"trust"})
    assert other.trust is not None
    assert (other.trust.statements, other.unread) == ([], {"trust"})
    assert found.document.defects == []


def test_a_permission_set() -> None:
    found = read("""
  Builders:
    Type: AWS::SSO::PermissionSet
    Properties:
      InlinePolicy: '{"Statement": {"Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": "*"}}'
      ManagedPolicies: [arn:aws:iam::aws:policy/AmazonBedrockReadOnly]
      CustomerManagedPolicyReferences: [{Name: shared}]
      PermissionsBoundary: {CustomerManagedPolicyReference: {Name: limit}}
""")
    role = found.roles["Builders"]
    assert (role.kind, role.arn) == ("permission set", "")
    assert role.unread == {"identity", "boundary"}
    assert [managed.name for managed in role.managed] == ["AmazonBedrockReadOnly"]
    (action,) = role.policies[0].statements[0].actions
    span = action.node.source.in_file(action.node.start, action.node.end)
    assert span.source.text[span.start : span.end] == '"bedrock:InvokeModel"'
    assert found.document.policies == [role.policies[0]]


def test_the_policies_of_an_organisation_and_of_endpoints() -> None:
    stack = open_text(
        dedent("""
        Resources:
          Scp:
            Type: AWS::Organizations::Policy
            Properties:
              Type: SERVICE_CONTROL_POLICY
              Content: {Statement: {Effect: Deny, Action: "bedrock:*", Resource: "*"}}
          Rcp:
            Type: AWS::Organizations::Policy
            Properties:
              Type: RESOURCE_CONTROL_POLICY
              Content: '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}}'
          Tags:
            Type: AWS::Organizations::Policy
            Properties:
              Type: TAG_POLICY
              Content: {tags: {}}
          Endpoint:
            Type: AWS::EC2::VPCEndpoint
            Properties:
              PolicyDocument: {Statement: {Effect: Allow, Principal: "*", Action: "bedrock:*", Resource: "*"}}
        """)
    )
    found = limits(stack, Policies(stack))
    assert [policy.kind for policy in found] == ["scp", "rcp", "vpc-endpoint"]
    assert stack.document.policies == found
    assert stack.document.defects == []


def test_a_breach_of_the_grammar_is_told_once_however_often_the_policy_is_attached() -> None:
    found = read("""
  One: {Type: AWS::IAM::Role, Properties: {ManagedPolicyArns: [!Ref Shared]}}
  Two: {Type: AWS::IAM::Role, Properties: {ManagedPolicyArns: [!Ref Shared]}}
  Shared:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Statement: [{Effect: Allow, Actions: bedrock:InvokeModel, Resource: "*"}]}
""")
    assert [written(defect.node) for defect in found.document.defects if defect.kind == "unknown-element"] == [
        "Actions"
    ]
    assert found.roles["One"].policies == found.roles["Two"].policies


def test_the_same_document_is_the_same_policy_in_every_world() -> None:
    text = f"""
Parameters: {{Name: {{Type: String}}}}
Resources:
  ChatRole:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - {{PolicyName: same, PolicyDocument: {INVOKE}}}
        - PolicyName: text
          PolicyDocument: '{{"Statement": {{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}}}'
        - {{PolicyName: other, PolicyDocument: {INVOKE.replace('"*"', "!Ref Name")}}}
"""
    memory: Memory = {}
    stacks = open_worlds(text, World(parameters={"Name": "one"}), World(parameters={"Name": "two"}))
    (first,), (second,) = (roles(stack, Policies(stack, memory)) for stack in stacks)
    assert [one is other for one, other in zip(first.policies, second.policies, strict=True)] == [True, True, False]
    texts = [str(role.policies[2].statements[0].resources[0].text) for role in (first, second)]
    assert texts == ["one", "two"]
    for stack, role in zip(stacks, (first, second), strict=True):
        assert stack.document.policies == list(role.policies)
        node = role.policies[1].statements[0].actions[0].node
        address = stack.document.address(node.source, node.start, node.end)
        assert address[-2:] == ("Action", "s3:*")
        assert address[:3] == ("Resources", "ChatRole", "Properties")


def test_in_other_partitions_the_documents_of_aws_are_others() -> None:
    text = """
Resources:
  ChatRole:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns:
        - !Sub arn:${AWS::Partition}:iam::aws:policy/AmazonBedrockReadOnly
"""
    stacks = open_worlds(text, World("us-east-1"), World("us-gov-west-1"))
    commercial, government = (roles(stack, Policies(stack))[0] for stack in stacks)
    assert (len(commercial.policies), commercial.unread) == (1, frozenset())
    assert (len(government.policies), government.unread) == (0, {"identity"})
    assert [managed.name for managed in government.managed] == ["AmazonBedrockReadOnly"]
