"""What SAM makes of functions and state machines: roles, policies, and what it refuses."""

from __future__ import annotations

import textwrap

import pytest
from trees import plain

from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.deployment.deployment import Fault, Role
from bedrock_policy_lint.deployment.world import World
from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.frontends.template import sam, sam_globals, sam_policies
from bedrock_policy_lint.frontends.template.policies import Policies
from bedrock_policy_lint.frontends.template.stack import Stack, open_stack
from bedrock_policy_lint.frontends.template.tree import parse
from bedrock_policy_lint.locate import span_of
from bedrock_policy_lint.model.policy import Place, Policy
from bedrock_policy_lint.sources.node import Node
from bedrock_policy_lint.sources.source import Source

HEAD = "Transform: AWS::Serverless-2016-10-31\n"
WORLD = World("us-east-1", "111122223333")


def tree(text: str) -> Node:
    root = parse(Source("template.yaml", HEAD + textwrap.dedent(text))).root
    assert root is not None
    return root


def stack(text: str, world: World = WORLD) -> Stack:
    root = tree(text)
    document = Document(root.source)
    document.add_root(root)
    return open_stack(sam_globals.with_globals(root), document, world, default())


def roles(text: str, world: World = WORLD) -> dict[str, Role]:
    opened = stack(text, world)
    return {role.name: role for role in sam.roles(opened, Policies(opened))}


def role(properties: str, world: World = WORLD, more: str = "") -> Role:
    """The role of a function with these properties."""
    text = "Resources:\n  Chat:\n    Type: AWS::Serverless::Function\n    Properties:\n"
    text += textwrap.indent(textwrap.dedent(properties), " " * 6) + textwrap.indent(textwrap.dedent(more), " " * 2)
    return roles(text, world)["ChatRole"]


def said(policy: Policy) -> list[tuple[list[str], list[str]]]:
    """Actions and resources of each statement."""
    return [
        ([str(action.text) for action in statement.actions], [str(resource.text) for resource in statement.resources])
        for statement in policy.statements
    ]


def inline(role: Role) -> list[Policy]:
    return [policy for policy in role.policies if policy.attachment.holder == "role"]


INVOKE = "{Effect: Allow, Action: bedrock:InvokeModel, Resource: '*'}"
INVOKED = [(["bedrock:InvokeModel"], ["*"])]


# Roles


@pytest.mark.parametrize(
    "entry",
    [
        f"Policies: {{Version: '2012-10-17', Statement: [{INVOKE}]}}",
        f"Policies: {{Statement: {INVOKE}}}",
        f"Policies: [{{Statement: [{INVOKE}]}}]",
        f"Policies:\n  - Statement:\n      - {INVOKE}",
        f"Policies: !If [Never, !Ref AWS::NoValue, {{Statement: {INVOKE}}}]",
        f"Policies:\n  - !If [Never, !Ref AWS::NoValue, {{Statement: {INVOKE}}}]",
        "Policies: [!Ref Allow]",
    ],
)
def test_a_document_is_read_however_it_is_given(entry: str) -> None:
    made = role(
        entry + "\n",
        more=f"Allow:\n  Type: AWS::IAM::ManagedPolicy\n  Properties: {{PolicyDocument: {{Statement: [{INVOKE}]}}}}\n"
        if "Ref Allow" in entry
        else "Never: {Type: AWS::SNS::Topic}\n",
    )

    assert INVOKED in [said(policy) for policy in made.policies]
    assert made.unread == frozenset()


def test_documents_are_among_those_of_the_template_and_made_policies_are_not() -> None:
    opened = stack(
        f"""
        Resources:
          Chat:
            Type: AWS::Serverless::Function
            Properties:
              Policies:
                - Statement: {INVOKE}
                - S3ReadPolicy: {{BucketName: texts}}
        """
    )

    sam.roles(opened, Policies(opened))

    assert [said(policy) for policy in opened.document.policies] == [INVOKED]


def test_a_generated_role_trusts_its_service_and_bears_its_name() -> None:
    made = roles(
        """
        Resources:
          Chat: {Type: AWS::Serverless::Function}
          Flow: {Type: AWS::Serverless::StateMachine, Properties: {Definition: {}}}
        """
    )

    assert {name: str(found.trust.statements[0].principals[0].text) for name, found in made.items() if found.trust} == {
        "ChatRole": "lambda.amazonaws.com",
        "FlowRole": "states.amazonaws.com",
    }
    assert str(made["ChatRole"].arn) == "arn:aws:iam::111122223333:role/${ChatRole}"
    assert str(role("RolePath: /chat/\n", World()).arn) == (
        "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/chat/${ChatRole}"
    )


@pytest.mark.parametrize(
    ("properties", "names"),
    [
        ("Runtime: python3.13\n", {"AWSLambdaBasicExecutionRole"}),
        ("Tracing: Active\n", {"AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess"}),
        ("Tracing: Disabled\n", {"AWSLambdaBasicExecutionRole"}),
        ("VpcConfig: {SubnetIds: [s]}\n", {"AWSLambdaBasicExecutionRole", "AWSLambdaVPCAccessExecutionRole"}),
        ("DurableConfig: {ExecutionTimeout: 60}\n", {"AWSLambdaBasicDurableExecutionRolePolicy"}),
    ],
)
def test_sam_attaches_what_the_function_needs_to_run(properties: str, names: set[str]) -> None:
    made = role(properties)

    assert {policy.node.source.path.rpartition("/")[2] for policy in made.policies} == names
    assert made.managed == ()


def test_managed_policies_are_known_by_name_and_by_arn() -> None:
    made = role(
        "Policies: [AmazonBedrockFullAccess, !Sub 'arn:${AWS::Partition}:iam::aws:policy/AmazonS3FullAccess']\n"
    )

    assert [entry.name for entry in made.managed] == ["AmazonBedrockFullAccess", "AmazonS3FullAccess"]
    assert made.unread == frozenset()
    assert len(made.policies) == 3


@pytest.mark.parametrize(
    "entry",
    ["NoSuchPolicyOfAws", "arn:aws:iam::111122223333:policy/own", "!ImportValue policy", "{Bedrok: {}}", "3"],
)
def test_what_is_not_known_leaves_the_role_open(entry: str) -> None:
    assert role(f"Policies: [{entry}]\n").unread == frozenset({"identity"})


def test_boundary_and_trust_are_those_that_are_given() -> None:
    made = role(
        """
        PermissionsBoundary: !Ref Limit
        AssumeRolePolicyDocument:
          Statement: {Effect: Allow, Action: sts:AssumeRole, Principal: {Service: scheduler.amazonaws.com}}
        """,
        more=f"Limit:\n  Type: AWS::IAM::ManagedPolicy\n  Properties: {{PolicyDocument: {{Statement: [{INVOKE}]}}}}\n",
    )

    assert [said(policy) for policy in made.boundary] == [INVOKED]
    assert made.trust is not None
    assert str(made.trust.statements[0].principals[0].text) == "scheduler.amazonaws.com"
    assert role("PermissionsBoundary: arn:aws:iam::111122223333:policy/x\n").unread == frozenset({"boundary"})


def test_a_policy_may_name_the_generated_role() -> None:
    made = role(
        "Runtime: python3.13\n",
        more="Allow:\n  Type: AWS::IAM::Policy\n  Properties:\n    Roles: [!Ref ChatRole]\n"
        f"    PolicyDocument: {{Statement: [{INVOKE}]}}\n",
    )

    assert INVOKED in [said(policy) for policy in made.policies]


# Policy templates


def test_a_policy_template_is_filled_in_and_stands_at_its_name() -> None:
    made = role("Policies:\n  - S3ReadPolicy: {BucketName: !Ref Texts}\n", more="Texts: {Type: AWS::S3::Bucket}\n")

    (policy,) = inline(made)
    (statement,) = policy.statements
    assert [str(resource.text) for resource in statement.resources] == [
        "arn:aws:s3:::${Texts}",
        "arn:aws:s3:::${Texts}/*",
    ]
    action = statement.actions[0]
    for at in (action, statement, Place(action.node, 0, 2)):
        inner = span_of(at)
        span = inner.source.in_file(inner.start, inner.end)
        assert span.source.text[span.start : span.end] == "S3ReadPolicy"


def test_region_and_account_of_a_policy_template_stay_open_where_nobody_says_them() -> None:
    (policy,) = inline(role("Policies: [{KMSDecryptPolicy: {KeyId: key}}]\n", World()))

    assert said(policy) == [(["kms:Decrypt"], ["arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/key"])]


@pytest.mark.parametrize("name", sam_policies.names())
def test_every_policy_template_makes_a_sound_policy(name: str) -> None:
    given = ", ".join(f"{parameter}: value" for parameter in sam_policies.parameters(name))

    made = role(f"Policies: [{{{name}: {{{given}}}}}]\n")

    assert made.unread == frozenset()
    for policy in inline(made):
        assert all(statement.grants and statement.actions and statement.resources for statement in policy.statements)
        assert "${" not in str(said(policy))


def test_state_machines_have_policies_too() -> None:
    made = roles(
        """
        Resources:
          Flow:
            Type: AWS::Serverless::StateMachine
            Properties:
              Tracing: {Enabled: true}
              Policies: [{LambdaInvokePolicy: {FunctionName: chat}}]
        """
    )["FlowRole"]

    assert said(inline(made)[0]) == [
        (["lambda:InvokeFunction"], ["arn:aws:lambda:us-east-1:111122223333:function:chat*"])
    ]
    assert len(made.policies) == 2


# Workloads


def test_a_function_has_its_environment_and_its_role() -> None:
    opened = stack(
        """
        Parameters: {Elsewhere: {Type: String}}
        Resources:
          Own: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}
          Chat:
            Type: AWS::Serverless::Function
            Properties: {Environment: {Variables: {MODEL: amazon.nova-lite-v1:0, LIMIT: 3, LIST: [a]}}}
          Given: {Type: AWS::Serverless::Function, Properties: {Role: !GetAtt Own.Arn}}
          Shared: {Type: AWS::Serverless::Function, Properties: {Role: !GetAtt ChatRole.Arn}}
          Foreign: {Type: AWS::Serverless::Function, Properties: {Role: !Ref Elsewhere}}
        """
    )

    found = {workload.name: workload for workload in sam.workloads(opened)}

    assert {name: workload.role for name, workload in found.items()} == {
        "Chat": "ChatRole",
        "Given": "Own",
        "Shared": "ChatRole",
        "Foreign": None,
    }
    settings = found["Chat"].settings
    assert [(setting.name, setting.node.value) for setting in settings] == [
        ("MODEL", "amazon.nova-lite-v1:0"),
        ("LIMIT", 3),
    ]


# Globals


def test_globals_are_merged_as_sam_merges_them() -> None:
    root = tree(
        """
        Globals:
          Function:
            Runtime: python3.13
            Timeout: 3
            Layers: [a]
            Architectures: [x86_64]
            Tracing: Active
            Environment: {Variables: {A: one, B: two}}
            VpcConfig: {SubnetIds: !Ref Subnets}
        Resources:
          Chat:
            Type: AWS::Serverless::Function
            Properties:
              Timeout: 9
              Layers: [b]
              Architectures: [arm64]
              Environment: {Variables: {B: !Ref Two, C: three}}
              VpcConfig: {SubnetIds: [s]}
          Bare: {Type: AWS::Serverless::Function}
          Alone: {Type: AWS::Serverless::Function, IgnoreGlobals: '*'}
          Partly:
            {Type: AWS::Serverless::Function, IgnoreGlobals: [Environment, VpcConfig, Layers, Tracing, Architectures]}
          Topic: {Type: AWS::SNS::Topic}
          Fn::ForEach::Each:
            - Name
            - [A]
            - ${Name}: {Type: AWS::Serverless::Function, Properties: {Timeout: 1}}
        """
    )

    merged = plain(sam_globals.with_globals(root))

    assert isinstance(merged, dict)
    resources = merged["Resources"]
    assert resources["Chat"]["Properties"] == {
        "Runtime": "python3.13",
        "Timeout": 9,
        "Layers": ["a", "b"],
        "Architectures": ["arm64"],
        "Tracing": "Active",
        "Environment": {"Variables": {"A": "one", "B": {"Ref": "Two"}, "C": "three"}},
        "VpcConfig": {"SubnetIds": ["s"]},
    }
    assert resources["Bare"]["Properties"] == merged["Globals"]["Function"]
    assert "Properties" not in resources["Alone"]
    assert resources["Partly"]["Properties"] == {"Runtime": "python3.13", "Timeout": 3}
    assert resources["Topic"] == {"Type": "AWS::SNS::Topic"}
    assert resources["Fn::ForEach::Each"][2]["${Name}"]["Properties"]["Runtime"] == "python3.13"


def test_what_comes_from_globals_is_edited_there() -> None:
    opened = stack(
        """
        Globals: {Function: {Environment: {Variables: {MODEL: amazon.nova-lite-v1:0}}}}
        Resources: {Chat: {Type: AWS::Serverless::Function}}
        """
    )

    (setting,) = sam.workloads(opened)[0].settings

    assert opened.document.address(setting.node.source, setting.node.start, setting.node.end)[0] == "Globals"


@pytest.mark.parametrize(
    "text",
    [
        "Globals: 3\nResources: {A: {Type: FUNCTION}}",
        "Globals: {Function: [a]}\nResources: {A: {Type: FUNCTION}}",
        "Globals: {Function: {Timeout: 3}}\nResources: [a]",
        "Globals: {Function: {Timeout: 3}}\nResources: {A: 3, B: {Type: 3}, C: {Type: FUNCTION, Properties: 3}}",
        "Globals: {Function: {Timeout: 3}}\nResources: {'Fn::ForEach::X': [], A: {Type: FUNCTION, IgnoreGlobals: 3}}",
        "Resources: {A: {Type: FUNCTION, Properties: {Policies: {}, Environment: 3, VpcConfig: 3, Tracing: []}}}",
        "Resources: {A: {Type: FUNCTION, Properties: {Policies: [[], null, {S3ReadPolicy: {BucketName: []}}]}}}",
    ],
)
def test_wrong_types_are_survived(text: str) -> None:
    opened = stack(text.replace("FUNCTION", sam.FUNCTION))

    sam.roles(opened, Policies(opened))
    sam.workloads(opened)
    sam.faults(opened)


# Faults


@pytest.mark.parametrize(
    ("entry", "at", "message", "hint"),
    [
        (
            "S3ReedPolicy: {BucketName: a}",
            "S3ReedPolicy",
            "SAM has no policy template `S3ReedPolicy`",
            "did you mean `S3Read",
        ),
        ("BedrockInvokePolicy: {}", "BedrockInvokePolicy", "SAM has no policy template", "SAM has none for Bedrock"),
        (
            "S3ReadPolicy",
            "S3ReadPolicy",
            "`S3ReadPolicy` is a policy template",
            "write `S3ReadPolicy: {BucketName: …}`",
        ),
        ("S3ReadPolicy:", "S3ReadPolicy", "is given a mapping", "write `S3ReadPolicy: {BucketName: …}`"),
        ("S3ReadPolicy: {Bucket: a}", "S3ReadPolicy", "needs `BucketName`", "in place of `Bucket`"),
        ("DynamoDBStreamReadPolicy: {}", "DynamoDBStreamReadPolicy", "needs `StreamName` and `TableName`", ""),
        ("S3ReadPolicy:\n  BucketName: a", "S3ReadPolicy", "the only key of its entry", "indent its parameters below"),
        ("Effect: Allow\n  Action: a:b\n  Resource: '*'", "Effect", "SAM expects a document", "under `Statement:`"),
        ("PolicyName: a\n  PolicyDocument: {}", "PolicyName", "SAM expects a document", "under `PolicyDocument`"),
        ("[a]", "[a]", "SAM expects a document", ""),
    ],
)
def test_what_sam_refuses_is_told_at_its_place(entry: str, at: str, message: str, hint: str) -> None:
    opened = stack(
        "Resources:\n  A:\n    Type: AWS::Serverless::Function\n    Properties:\n      Policies:\n"
        + textwrap.indent(f"- {entry}\n", " " * 8)
    )

    (fault,) = sam.faults(opened)

    assert fault.node.source.text[fault.node.start :].startswith(at)
    assert message in fault.message
    assert hint in fault.hint
    assert bool(hint) or not fault.hint


def test_policies_beside_a_role_do_nothing() -> None:
    given = "{Role: arn:aws:iam::111122223333:role/a, Policies: [ReadOnlyAccess]}"
    text = "Resources: {{A: {{Type: {}, Properties: " + given.replace("{", "{{").replace("}", "}}") + "}}}}"

    told = [sam.faults(stack(text.format(kind))) for kind in (sam.FUNCTION, sam.MACHINE)]

    assert [[(fault.message, fault.is_warning) for fault in faults] for faults in told] == [
        [("SAM passes over `Policies` beside `Role`", True)],
        [("SAM refuses `Policies` beside `Role`", False)],
    ]


def test_globals_take_no_policies() -> None:
    root = tree(f"Globals: {{Function: {{Policies: [{{Statement: {INVOKE}}}]}}}}\nResources: {{}}\n")

    (fault,) = sam_globals.faults(root)

    assert isinstance(fault, Fault)
    assert fault.message == "SAM takes no `Policies` in `Globals`"
    assert root.source.text[fault.node.start : fault.node.end] == "Policies"
