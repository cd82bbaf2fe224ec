"""Rules on what templates deploy: what they say, where, and above all what they leave alone."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest
from root_modules import blueprint as root_module

from bedrock_policy_lint import templates
from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.deployment import managed
from bedrock_policy_lint.deployment.function_names import are_same, named
from bedrock_policy_lint.deployment.references import References, refers_to
from bedrock_policy_lint.deployment.world import Inputs, World
from bedrock_policy_lint.engine import lint_template
from bedrock_policy_lint.finding import Finding
from bedrock_policy_lint.model.text import Hole, Template, from_policy, join
from bedrock_policy_lint.page import Example, parse
from bedrock_policy_lint.registry import rules
from bedrock_policy_lint.run import Settings
from bedrock_policy_lint.sources.files import no_file
from bedrock_policy_lint.sources.source import Source

ACCOUNT = "111122223333"


def lint(
    rule: str,
    text: str,
    *,
    region: str = "",
    account: str = "",
    pedantic: bool = False,
    path: str = "template.yaml",
    parameters: dict[str, str] | None = None,
) -> list[Finding]:
    """The findings of one rule in a template."""
    blueprint = templates.read(Source(path, dedent(text)), no_file, default())
    assert blueprint is not None
    assert not isinstance(blueprint, templates.Broken)
    inputs = Inputs(parameters or {}, (region,) if region else (), account)
    settings = Settings(select=frozenset({rule}), pedantic=pedantic, today="2026-11-20")
    return [finding for finding in lint_template(blueprint, inputs, settings).findings if finding.rule == rule]


def marked(found: list[Finding], text: str) -> list[str]:
    """What the findings point at."""
    return [dedent(text)[finding.region.start : finding.region.end] for finding in found]


# Trust policies

AGENT = """\
Resources:
  Agent:
    Type: AWS::Bedrock::Agent
    Properties:
      AgentName: support
      FoundationModel: amazon.nova-lite-v1:0
      AgentResourceRoleArn: !GetAtt Role.Arn
"""
RUNTIME = """\
Resources:
  Runtime:
    Type: AWS::BedrockAgentCore::Runtime
    Properties:
      AgentRuntimeName: support
      RoleArn: !GetAtt Role.Arn
"""


def role(*statements: str) -> str:
    """A role of this trust policy, as a resource; statements are YAML."""
    listed = "".join(indent(f"- {indent(dedent(one).strip(), '  ').strip()}\n", " " * 10) for one in statements)
    return (
        "  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument:\n"
        f'        Version: "2012-10-17"\n        Statement:\n{listed}'
    )


def trust(principal: str, condition: str = "", action: str = "sts:AssumeRole") -> str:
    """A statement that lets a service assume the role, under a condition in YAML's flow style."""
    tests = f"\nCondition: {condition}" if condition else ""
    return f"Effect: Allow\nPrincipal: {principal}\nAction: {action}{tests}"


BEDROCK, AGENTCORE = "{Service: bedrock.amazonaws.com}", "{Service: bedrock-agentcore.amazonaws.com}"
LAMBDA = "{Service: lambda.amazonaws.com}"


@pytest.mark.parametrize(
    ("feature", "principal", "pointed"),
    [
        (AGENT, LAMBDA, "lambda.amazonaws.com"),
        (AGENT, AGENTCORE, "bedrock-agentcore.amazonaws.com"),
        (AGENT, "{Service: bedrock-runtime.amazonaws.com}", "bedrock-runtime.amazonaws.com"),
        (RUNTIME, BEDROCK, "bedrock.amazonaws.com"),
        (AGENT, "{Service: [lambda.amazonaws.com, states.amazonaws.com]}", "lambda.amazonaws.com"),
        (AGENT, "{AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}", "Role"),
    ],
)
def test_a_role_that_the_service_cannot_assume(feature: str, principal: str, pointed: str) -> None:
    text = feature + role(trust(principal))

    found = lint("service-trust-principal", text)

    assert marked(found, text) == [pointed]
    assert found[0].severity.word == "error"
    assert [text[note.region.start : note.region.end] for note in found[0].related] == ["Role.Arn"]


@pytest.mark.parametrize(
    ("feature", "statements"),
    [
        (AGENT, [trust(BEDROCK)]),
        (RUNTIME, [trust(AGENTCORE)]),
        (AGENT, [trust(LAMBDA), trust(BEDROCK)]),
        (AGENT, [trust("{Service: [lambda.amazonaws.com, bedrock.amazonaws.com]}")]),
        (AGENT, [trust("{Service: !Sub 'bedrock.${AWS::URLSuffix}'}")]),
        (AGENT, [trust("{Service: !Ref Principal}")]),
        (AGENT, [trust("'*'")]),
        (AGENT, [trust(BEDROCK, action="sts:*")]),
        (AGENT, [trust(BEDROCK, condition="{StringEquals: {aws:SourceAccount: '999988887777'}}")]),
    ],
)
def test_a_role_that_the_service_may_be_able_to_assume_is_no_finding(feature: str, statements: list[str]) -> None:
    parameter = "Parameters:\n  Principal: {Type: String}\n"

    assert lint("service-trust-principal", parameter + feature + role(*statements)) == []


def test_a_role_of_another_template_is_not_judged() -> None:
    assert lint("service-trust-principal", AGENT.replace("!GetAtt Role.Arn", "arn:aws:iam::111122223333:role/x")) == []


def test_a_role_that_nothing_of_bedrock_works_with_is_not_judged() -> None:
    assert lint("service-trust-principal", "Resources:\n" + role(trust(LAMBDA))) == []


def like(pattern: str, key: str = "aws:SourceArn", operator: str = "ArnLike") -> str:
    return f"{{{operator}: {{{key}: {pattern}}}}}"


KB_PATTERN = "!Sub 'arn:${AWS::Partition}:bedrock:${AWS::Region}:${AWS::AccountId}:knowledge-base/*'"


@pytest.mark.parametrize(
    ("feature", "principal", "condition"),
    [
        (AGENT, BEDROCK, like(KB_PATTERN)),
        (AGENT, BEDROCK, like("'arn:aws:bedrock-agentcore:us-east-1:111122223333:*'")),
        (AGENT, BEDROCK, like("'arn:aws:bedrock:us-west-2:111122223333:agent/*'")),
        (AGENT, BEDROCK, like("'arn:aws:bedrock:us-east-1:999988887777:agent/*'")),
        (AGENT, BEDROCK, like("['arn:aws:bedrock:us-east-2:*:agent/*', 'arn:aws:bedrock:us-west-2:*:agent/*']")),
        (AGENT, BEDROCK, like("'999988887777'", "aws:SourceAccount", "StringEquals")),
        (RUNTIME, AGENTCORE, like("'arn:aws:bedrock:us-east-1:111122223333:*'")),
    ],
)
def test_a_source_that_is_never_the_features(feature: str, principal: str, condition: str) -> None:
    found = lint(
        "service-trust-sourcearn-mismatch",
        feature + role(trust(principal, condition)),
        region="us-east-1",
        account=ACCOUNT,
    )

    assert [finding.severity.word for finding in found] == ["error"]


@pytest.mark.parametrize(
    "condition",
    [
        like("!Sub 'arn:${AWS::Partition}:bedrock:${AWS::Region}:${AWS::AccountId}:agent/*'"),
        like("'arn:aws:bedrock:*:111122223333:*'"),
        like("'*'", operator="StringLike"),
        like("'arn:aws:bedrock:us-east-1:111122223333:agent/ABCDE12345'"),
        like("!Ref Pattern"),
        like("['arn:aws:bedrock:us-west-2:*:agent/*', 'arn:aws:bedrock:us-east-1:*:agent/*']"),
        like("!Ref AWS::AccountId", "aws:SourceAccount", "StringEquals"),
        like("o-abc", "aws:SourceOrgID", "StringEquals"),
    ],
)
def test_a_source_that_may_be_the_features_is_no_finding(condition: str) -> None:
    parameter = "Parameters:\n  Pattern: {Type: String}\n"
    text = parameter + AGENT + role(trust(BEDROCK, condition))

    assert lint("service-trust-sourcearn-mismatch", text, region="us-east-1", account=ACCOUNT) == []


@pytest.mark.parametrize("pattern", ["'arn:aws:bedrock:us-west-2:999988887777:agent/*'", "!Sub '${Source}'"])
def test_where_nobody_says_where_it_is_deployed_any_region_and_account_may_be_right(pattern: str) -> None:
    text = "Parameters:\n  Source: {Type: String}\n" + AGENT + role(trust(BEDROCK, like(pattern)))

    assert lint("service-trust-sourcearn-mismatch", text) == []


def test_another_statement_that_holds_is_enough() -> None:
    text = AGENT + role(trust(BEDROCK, like(KB_PATTERN)), trust(BEDROCK))

    assert lint("service-trust-sourcearn-mismatch", text) == []


@pytest.mark.parametrize(
    ("statement", "count"),
    [
        (trust(BEDROCK), 1),
        (trust(AGENTCORE), 1),
        (trust(LAMBDA), 0),
        (trust(BEDROCK, like("'111122223333'", "AWS:sourceaccount", "StringEquals")), 0),
        (trust(BEDROCK, like("o-abc", "aws:SourceOrgID", "StringEquals")), 0),
        (trust(BEDROCK, like("'true'", "aws:SecureTransport", "Bool")), 1),
    ],
)
def test_a_trust_policy_for_anybodys_account(statement: str, count: int) -> None:
    found = lint("service-trust-confused-deputy", "Resources:\n" + role(statement))

    assert [finding.severity.word for finding in found] == ["warning"] * count


# Managed policies


def attached(name: str, user: str = "") -> str:
    return role(trust(LAMBDA)) + f"      ManagedPolicyArns: ['arn:aws:iam::aws:policy/{name}']\n{user}"


FUNCTION = """\
  Chat:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt Role.Arn
      Code: {ZipFile: ""}
"""
CALLING = FUNCTION + "      Environment: {Variables: {MODEL_ID: 'amazon.nova-lite-v1:0'}}\n"


@pytest.mark.parametrize(
    ("name", "user", "count"),
    [
        ("AmazonBedrockFullAccess", FUNCTION, 1),
        ("AmazonBedrockMantleFullAccess", FUNCTION, 1),
        ("BedrockAgentCoreFullAccess", FUNCTION, 1),
        ("AdministratorAccess", CALLING, 1),
        ("AdministratorAccess", FUNCTION, 0),
        ("AmazonBedrockReadOnly", FUNCTION, 0),
        ("AmazonBedrockFullAccess", "", 0),
    ],
)
def test_full_access_for_what_runs_with_the_role(name: str, user: str, count: int) -> None:
    text = "Resources:\n" + attached(name, user)

    found = lint("full-access-managed-policy", text)

    assert [pointed.strip("'") for pointed in marked(found, text)] == [f"arn:aws:iam::aws:policy/{name}"] * count


# Parameters


def granting(resource: str, parameter: str = "", action: str = "bedrock:InvokeModel") -> str:
    parameters = f"Parameters:\n  Model: {parameter}\n" if parameter else ""
    return parameters + dedent(f"""\
        Resources:
          ChatPolicy:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument:
                Version: "2012-10-17"
                Statement:
                  - Effect: Allow
                    Action: {action}
                    Resource: {resource}
        """)


SUB = "!Sub 'arn:aws:bedrock:us-east-1::foundation-model/${Model}'"


@pytest.mark.parametrize(
    ("resource", "parameter", "pointed"),
    [
        ("!Ref Model", "{Type: String, Default: '*'}", "'*'"),
        ("!Ref Model", "{Type: CommaDelimitedList, Default: '*'}", "'*'"),
        (SUB, "{Type: String, Default: '*'}", "'*'"),
        ("[!Ref Model, 'arn:aws:bedrock:*::foundation-model/x']", "{Type: String, Default: '*'}", "'*'"),
        (
            "!Ref Model",
            "{Type: String, Default: 'arn:aws:bedrock:*::foundation-model/*'}",
            "'arn:aws:bedrock:*::foundation-model/*'",
        ),
        ("!Ref Model", "{Type: String, AllowedValues: ['*', x]}", "Model"),
    ],
)
def test_a_parameter_that_means_everything(resource: str, parameter: str, pointed: str) -> None:
    text = granting(resource, parameter)

    assert marked(lint("wildcard-via-parameter", text), text) == [pointed]


@pytest.mark.parametrize(
    ("resource", "parameter", "action"),
    [
        ("!Ref Model", "{Type: String}", "bedrock:InvokeModel"),
        (SUB, "{Type: String, Default: amazon.nova-lite-v1:0}", "bedrock:InvokeModel"),
        ("!Ref Model", "{Type: String, Default: '*'}", "bedrock:ListFoundationModels"),
        ("!Ref Model", "{Type: String, Default: '*'}", "s3:GetObject"),
        ("!Sub 'arn:aws:bedrock:${Model}::foundation-model/x'", "{Type: String, Default: '*'}", "bedrock:InvokeModel"),
    ],
)
def test_a_parameter_that_means_one_thing_or_nothing_of_bedrock(resource: str, parameter: str, action: str) -> None:
    assert lint("wildcard-via-parameter", granting(resource, parameter, action)) == []


def test_a_parameter_without_limits_is_merely_possible() -> None:
    text = granting("!Ref Model", "{Type: String}")

    assert marked(lint("wildcard-via-parameter", text, pedantic=True), text) == ["Model"]
    limited = granting("!Ref Model", "{Type: String, AllowedPattern: 'arn:.*'}")
    assert lint("wildcard-via-parameter", limited, pedantic=True) == []


def test_a_supplied_value_is_no_default() -> None:
    text = granting("!Ref Model", "{Type: String, Default: '*'}")

    assert lint("wildcard-via-parameter", text, parameters={"Model": "arn:aws:bedrock:*::foundation-model/x"}) == []


# Regions and accounts that are written out

HERE = "${AWS::Region}"
OTHERS = '      Description: !Sub "in ${AWS::Region} of ${AWS::AccountId}"\n'
BASE = "knowledge-base/ABCDE12345"


@pytest.mark.parametrize(
    ("resource", "pointed", "pedantic"),
    [
        ("!Sub 'arn:aws:bedrock:us-east-1:${AWS::AccountId}:" + BASE + "'", ["us-east-1"], False),
        ("'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0'", [], False),
        ("'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0'", ["us-east-1"], True),
        ("!Sub 'arn:aws:bedrock:${AWS::Region}:111122223333:" + BASE + "'", [], False),
        ("!Sub 'arn:aws:bedrock:${AWS::Region}:111122223333:" + BASE + "'", [ACCOUNT], True),
        ("'arn:aws:bedrock:us-east-1:111122223333:" + BASE + "'", [], True),
        (
            "[!Sub 'arn:aws:bedrock:us-east-1:${AWS::AccountId}:inference-profile/us.x',"
            " !Sub 'arn:aws:bedrock:us-west-2:${AWS::AccountId}:inference-profile/us.x']",
            [],
            True,
        ),
    ],
)
def test_a_region_or_account_that_is_written_out(resource: str, pointed: list[str], pedantic: bool) -> None:
    text = granting(resource) + OTHERS

    assert marked(lint("hardcoded-region-account", text, pedantic=pedantic), text) == pointed


def test_a_region_is_not_written_out_in_vain_where_it_is_known_or_meant() -> None:
    literal = "!Sub 'arn:aws:bedrock:us-east-1:${AWS::AccountId}:" + BASE + "'"
    setting = "  Chat:\n    Type: AWS::Lambda::Function\n    Properties:\n" + (
        "      Code: {ZipFile: ''}\n      Environment: {Variables: {BEDROCK_REGION: us-east-1}}\n"
    )

    assert lint("hardcoded-region-account", granting(literal)) == []
    assert lint("hardcoded-region-account", granting(literal) + OTHERS, region="us-east-1", account=ACCOUNT) == []
    assert lint("hardcoded-region-account", granting(literal) + OTHERS + setting) == []


def test_a_region_that_a_parameter_or_condition_brings_is_not_written_out() -> None:
    parameter = granting("!Ref Model", "{Type: String, Default: 'arn:aws:bedrock:us-east-1::foundation-model/x'}")
    condition = "Conditions: {Home: !Equals [!Ref AWS::Region, us-east-1]}\n"
    chosen = "!Sub 'arn:aws:bedrock:${AWS::Region}:${AWS::AccountId}:" + BASE + "'"
    text = condition + granting(f"!If [Home, {chosen}, '*']") + OTHERS

    assert lint("hardcoded-region-account", parameter + OTHERS, pedantic=True) == []
    assert lint("hardcoded-region-account", text, pedantic=True) == []


# Variables that nothing substitutes


@pytest.mark.parametrize(
    ("resource", "pointed"),
    [
        ("'arn:aws:bedrock:${AWS::Region}::foundation-model/x'", "${AWS::Region}"),
        ("arn:aws:bedrock:us-east-1::foundation-model/${Model}", "${Model}"),
        ("!Join ['', ['arn:aws:bedrock:${AWS::Region}', '::foundation-model/x']]", "${AWS::Region}"),
        ("!Sub 'arn:aws:bedrock:${AWS::Region}::foundation-model/x'", ""),
        ("!Sub 'arn:aws:bedrock:${!AWS::Region}::foundation-model/x'", ""),
        ("'arn:aws:bedrock:us-east-1:111122223333:knowledge-base/${aws:PrincipalTag/base}'", ""),
        ("'arn:aws:bedrock:us-east-1::foundation-model/${Other}'", ""),
    ],
)
def test_a_variable_outside_of_sub(resource: str, pointed: str) -> None:
    text = granting(resource, "{Type: String}")

    assert marked(lint("unsubstituted-variable", text), text) == ([pointed] if pointed else [])


# Functions of agents

ACTIONS = """\
      ActionGroups:
        - ActionGroupName: orders
          ActionGroupExecutor: {Lambda: !GetAtt Orders.Arn}
"""
ORDERS = """\
  Orders:
    Type: AWS::Lambda::Function
    Properties: {Code: {ZipFile: ""}, Role: "arn:aws:iam::111122223333:role/orders"}
"""


def permission(function: str, principal: str = "bedrock.amazonaws.com", more: str = "") -> str:
    return (
        "  Permission:\n    Type: AWS::Lambda::Permission\n    Properties:\n      Action: lambda:InvokeFunction\n"
        f"      FunctionName: {function}\n      Principal: {principal}\n{more}"
    )


@pytest.mark.parametrize(
    ("permitted", "count"),
    [
        ("", 1),
        (permission("!Ref Orders"), 0),
        (permission("!GetAtt Orders.Arn"), 0),
        (permission("!Ref Orders", "events.amazonaws.com"), 1),
        (permission("!Ref Orders", "!Ref Who"), 0),
        (permission("!Ref Which"), 0),
        (permission("!Ref Other") + ORDERS.replace("Orders:", "Other:"), 1),
    ],
)
def test_an_action_group_needs_a_permission_on_its_function(permitted: str, count: int) -> None:
    parameters = "Parameters:\n  Who: {Type: String}\n  Which: {Type: String}\n"
    text = parameters + AGENT + ACTIONS + ORDERS + permitted

    found = lint("action-group-permission-missing", text)

    assert marked(found, text) == ["Orders.Arn"] * count


@pytest.mark.parametrize(
    ("permitted", "count"),
    [
        ("", 1),
        (permission("orders"), 0),
        (permission("!Ref Orders"), 0),
        (permission("!GetAtt Orders.Arn"), 0),
        (permission("bills"), 1),
        (permission("!Ref Other") + ORDERS.replace("Orders:", "Other:"), 1),
    ],
)
@pytest.mark.parametrize("kind", ["AWS::Lambda::Function", "AWS::Serverless::Function"])
def test_a_function_may_have_a_name(kind: str, permitted: str, count: int) -> None:
    orders = ORDERS.replace("Properties: {", "Properties: {FunctionName: orders, ").replace(
        "AWS::Lambda::Function", kind
    )
    text = AGENT + ACTIONS + orders + permitted
    found = lint("action-group-permission-missing", text)

    assert marked(found, text) == ["Orders.Arn"] * count
    assert all("the function `Orders`" in finding.message for finding in found)


@pytest.mark.parametrize("account", ["111122223333", "444455556666"])
def test_a_function_of_the_same_name_may_lie_elsewhere(account: str) -> None:
    arn = f"arn:aws:lambda:us-east-1:{account}:function:orders"
    orders = ORDERS.replace("Properties: {", "Properties: {FunctionName: orders, ")
    text = AGENT + ACTIONS.replace("!GetAtt Orders.Arn", arn) + orders
    found = lint("action-group-permission-missing", text, region="us-east-1", account="111122223333")

    assert len(found) == (account == "111122223333")
    assert lint("action-group-permission-missing", text) == []


def test_a_function_of_elsewhere_is_not_judged() -> None:
    actions = ACTIONS.replace("!GetAtt Orders.Arn", "arn:aws:lambda:us-east-1:111122223333:function:orders")

    assert lint("action-group-permission-missing", AGENT + actions) == []


@pytest.mark.parametrize(
    ("more", "principal", "count"),
    [
        ("", "bedrock.amazonaws.com", 1),
        ("      SourceAccount: !Ref AWS::AccountId\n", "bedrock.amazonaws.com", 0),
        ("      SourceArn: !GetAtt Agent.AgentArn\n", "bedrock.amazonaws.com", 0),
        ("", "events.amazonaws.com", 0),
    ],
)
def test_a_permission_for_anybodys_account(more: str, principal: str, count: int) -> None:
    text = AGENT + ORDERS + permission("!Ref Orders", principal, more)

    assert len(lint("function-permission-confused-deputy", text)) == count


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("orders", "orders", True),
        ("orders", "arn:aws:lambda:us-east-1:111122223333:function:orders", True),
        ("orders", "arn:aws:lambda:us-east-1:111122223333:function:orders:live", None),
        ("${A}", "${A.Arn}", True),
        ("${A}", "${B}", False),
        ("${A}", "${Elsewhere}", None),
        ("orders", "bills", False),
        ("orders", "${A}", None),
    ],
)
def test_names_of_functions(one: str, other: str, same: bool | None) -> None:
    texts = [named(from_policy(text, variables=False)) for text in (one, other)]

    assert are_same(texts[0], texts[1], {"A": "", "B": ""}) is same
    assert are_same(texts[1], texts[0], {"A": "", "B": ""}) is same


# The template itself


def test_a_template_beyond_a_megabyte() -> None:
    text = granting("'arn:aws:bedrock:us-east-1::foundation-model/x'")

    assert len(lint("template-too-large", text + "#" * (1024 * 1024 - len(text) + 1))) == 1
    assert lint("template-too-large", text + "#" * (1024 * 1024 - len(text))) == []


# Rules on policies, where a template writes those


def test_what_functions_come_to_counts_and_not_how_they_are_written() -> None:
    entries = ", ".join(
        f"!Join ['', ['arn:aws:bedrock:', !Ref 'AWS::Region', '::foundation-model/m{n}']]" for n in range(90)
    )
    text = granting(f"[{entries}]")
    assert len(text) > 6_144

    assert lint("policy-too-large", text) == []
    models = ", ".join(f"'arn:aws:bedrock:us-east-1::foundation-model/m{n}'" for n in range(140))
    long = granting(f"[{models}]")
    assert len(lint("policy-too-large", long)) == 1


def test_a_name_that_stands_twice_outside_of_policies_is_no_matter_of_iam() -> None:
    outside = granting("'*'") + "      Description: one\n      Description: two\n"
    inside = granting("'*'").replace("Resource: '*'", "Resource: '*'\n            Resource: x")

    assert ["IAM" in finding.why for finding in lint("duplicate-key", outside)] == [False]
    assert ["IAM" in finding.why for finding in lint("duplicate-key", inside)] == [True]


def test_elements_that_an_anchor_brings_in_may_exclude_each_other() -> None:
    text = granting("'*'").replace("Effect: Allow", "Effect: Allow\n            <<: {NotAction: 's3:*'}")

    assert len(lint("conflicting-elements", text)) == 1


# Data access policies

COLLECTION = """\
Parameters:
  Somebody: {Type: String}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {}}
  Other:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {}}
  Collection:
    Type: AWS::OpenSearchServerless::Collection
    Properties: {Name: docs}
  Access:
    Type: AWS::OpenSearchServerless::AccessPolicy
    Properties:
      Policy: !Sub '[{"Rules": [{"ResourceType": "index", "Resource": ["index/docs/*"], "Permission": ["aoss:*"]}],
        "Principal": [PRINCIPALS]}]'
  Base:
    Type: AWS::Bedrock::KnowledgeBase
    Properties:
      RoleArn: !GetAtt Role.Arn
      StorageConfiguration:
        OpensearchServerlessConfiguration: {CollectionArn: !GetAtt Collection.Arn}
"""


@pytest.mark.parametrize(
    ("principals", "is_told"),
    [
        ('"${Other.Arn}"', True),
        ('"saml/111122223333/idp/user/ann"', True),
        ("", True),
        ('"${Role.Arn}"', False),
        ('"${Other.Arn}", "arn:aws:iam::${AWS::AccountId}:role/${Role}"', False),
        ('"${Somebody}"', False),
        ('"arn:aws:iam::111122223333:role/ann"', False),
        ('"arn:aws:iam::111122223333:role/*"', False),
        ('"arn:aws:iam::111122223333:root"', False),
    ],
)
def test_a_collection_whose_access_policy_certainly_does_not_name_the_role(principals: str, *, is_told: bool) -> None:
    text = COLLECTION.replace("PRINCIPALS", principals)
    found = lint("kb-store-access-missing", text)
    assert marked(found, text) == (["Collection.Arn"] if is_told else [])


def test_access_policies_elsewhere_are_not_missed() -> None:
    policy = COLLECTION[COLLECTION.index("  Access:") : COLLECTION.index("  Base:")]
    assert lint("kb-store-access-missing", COLLECTION.replace(policy, "")) == []
    elsewhere = COLLECTION.replace("PRINCIPALS", "").replace("!GetAtt Collection.Arn", "!Ref Somebody")
    assert lint("kb-store-access-missing", elsewhere) == []
    known = COLLECTION.replace("PRINCIPALS", "").replace("Properties: {Assume", "Properties: {RoleName: kb, Assume", 1)
    assert lint("kb-store-access-missing", known) == []
    assert len(lint("kb-store-access-missing", known, pedantic=True)) == 1


# Managed policies of AWS


@pytest.mark.parametrize(
    ("attached", "region", "found"),
    [
        ("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole", "", ["AWSLambdaBasicExecutionRole"]),
        ("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", "", []),
        ("arn:aws:iam::aws:policy/job-function/PowerUserAccess", "", ["job-function/PowerUserAccess"]),
        (
            "!Join ['', ['arn:', !Ref AWS::Partition, ':iam::aws:policy/AmazonBedrockFullAcess']]",
            "",
            ["AmazonBedrockFullAcess"],
        ),
        ("arn:aws:iam::aws:policy/SomethingQuiteNew", "", []),
        ("arn:aws:iam::aws:policy/aws-service-role/AmazonBedrockFullAcess", "", []),
        ("arn:aws-cn:iam::aws:policy/AmazonBedrockFullAcess", "", []),
        ("!Sub 'arn:${AWS::Partition}:iam::aws:policy/AmazonBedrockFullAcess'", "us-gov-west-1", []),
        ("!Sub 'arn:aws:iam::aws:policy/${Name}'", "", []),
        ("arn:aws:iam::111122223333:policy/AmazonBedrockFullAcess", "", []),
    ],
)
def test_a_managed_policy_has_the_name_and_path_that_aws_gave_it(attached: str, region: str, found: list[str]) -> None:
    text = f"""
        Parameters: {{Name: {{Type: String}}}}
        Resources:
          One:
            Type: AWS::IAM::Role
            Properties: {{ManagedPolicyArns: [{attached}], AssumeRolePolicyDocument: {{Statement: []}}}}
          Two:
            Type: AWS::IAM::User
            Properties: {{Groups: [!Ref Three]}}
          Three: {{Type: AWS::IAM::Group}}
    """
    assert marked(lint("unknown-managed-policy", text, region=region), text) == found


def test_what_a_group_is_given_is_told_once() -> None:
    text = """
        Resources:
          One: {Type: AWS::IAM::User, Properties: {Groups: [!Ref Team]}}
          Two: {Type: AWS::IAM::User, Properties: {Groups: [!Ref Team]}}
          Team: {Type: AWS::IAM::Group, Properties: {ManagedPolicyArns: ["arn:aws:iam::aws:policy/PowerUserAcces"]}}
    """
    assert marked(lint("unknown-managed-policy", text), text) == ["PowerUserAcces"]


def test_names_in_sam_and_boundaries_are_managed_policies_too() -> None:
    text = """
        Transform: AWS::Serverless-2016-10-31
        Resources:
          Chat:
            Type: AWS::Serverless::Function
            Properties:
              Policies: [AmazonBedrockFullAcess, AWSLambdaBasicExecutionRole, OwnPolicy]
              PermissionsBoundary: arn:aws:iam::aws:policy/service-role/PowerUserAccess
    """
    found = lint("unknown-managed-policy", text)
    assert marked(found, text) == ["AmazonBedrockFullAcess", "service-role/PowerUserAccess"]
    assert [finding.message for finding in found] == [
        f"AWS had no managed policy `AmazonBedrockFullAcess` on {managed.as_of()}",
        "the ARN of the managed policy `PowerUserAccess` ends in `policy/PowerUserAccess`",
    ]


# What a template leaves open


@pytest.mark.parametrize(
    ("resource", "question"),
    [
        ("!GetAtt Bucket.Arn", ""),
        ("!Sub '${Bucket.Arn}/*'", ""),
        ("!Sub 'arn:${AWS::Partition}:bedrock:${AWS::Region}:${AWS::AccountId}:knowledge-base/${Base}'", ""),
        ("!GetAtt ChatRole.Arn", ""),
        ("!Sub 'arn:aws:s3:::${Name}-${Bucket}'", "the value of ${Name} is not in this file"),
        ("!ImportValue shared-Arn", "the value of ${ImportValue shared-Arn} is not in this file"),
        ("!GetAtt Other.Outputs.Arn", "the value of ${Other.Outputs.Arn} is not in this file"),
    ],
)
def test_names_that_aws_makes_up_for_resources_of_the_template_are_no_questions(resource: str, question: str) -> None:
    text = f"""
        Transform: AWS::Serverless-2016-10-31
        Parameters: {{Name: {{Type: String}}}}
        Resources:
          Bucket: {{Type: AWS::S3::Bucket}}
          Base: {{Type: AWS::Bedrock::KnowledgeBase}}
          Chat: {{Type: AWS::Serverless::Function}}
          Other: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: "https://example.com/other.yaml"}}}}
          Allow:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument: {{Statement: [{{Effect: Allow, Action: "*", Resource: {resource}}}]}}
    """
    blueprint = templates.read(Source("template.yaml", dedent(text)), no_file, default())
    assert blueprint is not None
    result = lint_template(blueprint, Inputs(), Settings())
    assert [unknown.question for unknown in result.undecided] == ([question] if question else [])


def test_a_finding_names_the_defaults_that_it_points_at() -> None:
    text = """
        Parameters:
          Name: {Type: String, Default: chat}
          Model: {Type: String, Default: amazon.nova-light-v1:0}
          Scope: {Type: String, Default: "*"}
        Resources:
          Allow:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              ManagedPolicyName: !Ref Name
              PolicyDocument:
                Version: "2012-10-17"
                Statement:
                  - Effect: Allow
                    Action: bedrock:InvokeModel
                    Resource: !Sub arn:aws:bedrock:us-east-1::foundation-model/${Model}
                  - {Effect: Allow, Action: bedrock:InvokeModel, Resource: {Ref: Scope}}
    """
    found = [finding.message.partition(":")[0] for finding in lint("unknown-model", text)]
    assert found == ["with the default of `Model`"]
    found = [finding.message.partition(":")[0] for finding in lint("wildcard-resource", text)]
    assert found == ["with the default of `Scope`"]


# In Terraform's words


def in_terraform(text: str | dict[str, str], *select: str, region: str = "us-east-1") -> list[Finding]:
    """What is found in a root module, in all worlds of one Region; an empty one leaves that open."""
    inputs = Inputs(regions=(region,) if region else ())
    settings = Settings(select=frozenset(select), pedantic=True)
    return lint_template(root_module(text), inputs, settings).findings


def sentences(finding: Finding) -> list[str]:
    advice = [finding.fix.text] if finding.fix else []
    return [finding.message, finding.why, finding.label, *advice, *(related.label for related in finding.related)]


HCL_EXAMPLES = [
    pytest.param(example, id=f"{rule.name}-{number}")
    for rule in rules().values()
    for number, example in enumerate(parse(rule.page).examples)
    if example.language == "hcl" and example.kind == "bad"
]
OPEN_ACCOUNT = """
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["bedrock.amazonaws.com"]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:aws:bedrock:eu-west-1:*:agent/*"]
    }
  }
}

resource "aws_iam_role" "agent" {
  name               = "agent"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "agent" {
  role   = aws_iam_role.agent.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_bedrockagent_agent" "support" {
  agent_name              = "support"
  foundation_model        = "us.amazon.nova-lite-v1:0"
  agent_resource_role_arn = aws_iam_role.agent.arn
}
"""
WHO = 'data "aws_caller_identity" "me" {}\n'


@pytest.mark.parametrize("example", HCL_EXAMPLES)
def test_nothing_is_said_of_terraform_in_the_words_of_cloudformation(example: Example) -> None:
    found = in_terraform(example.text) + in_terraform(example.text, region="")
    said = [sentence for finding in found for sentence in sentences(finding)]
    assert said
    assert not [one for one in said if "AWS::" in one or "Fn::" in one or "template" in one or "parameter" in one]


@pytest.mark.parametrize(
    ("start", "account"), [("", "data.aws_caller_identity.current"), (WHO, "data.aws_caller_identity.me")]
)
def test_what_terraform_does_not_know_goes_by_its_expression(start: str, account: str) -> None:
    said = [sentence for finding in in_terraform(start + OPEN_ACCOUNT) for sentence in sentences(finding)]
    named = f"arn:aws:bedrock:us-east-1:${{{account}.account_id}}"
    assert any(f"` on `{named}:inference-profile/us.amazon.nova-lite-v1:0`" in one for one in said)
    assert f"write `{named}:agent/*` under `ArnLike`" in said
    assert not [one for one in said if "AWS::" in one]


BLOCKS = """
data "aws_iam_policy_document" "a" {
  statement {
    not_actions = ["s3:*"]
    resources   = ["*"]
  }
}

resource "aws_iam_policy" "a" {
  policy = data.aws_iam_policy_document.a.json
}
"""
ENCODED = """
resource "aws_iam_policy" "a" {
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", NotAction = ["s3:*"], Resource = "*" }]
  })
}
"""


@pytest.mark.parametrize(
    ("written", "name", "advice"), [(BLOCKS, "not_actions", "actions"), (ENCODED, "NotAction", "Action")]
)
def test_elements_are_called_as_the_file_calls_them(written: str, name: str, advice: str) -> None:
    (found,) = in_terraform(written, "notaction-allow")
    assert found.message.startswith(f"an Allow with `{name}` allows")
    assert found.fix is not None
    assert found.fix.text.startswith(f"list what is needed in `{advice}`")


@pytest.mark.parametrize(
    ("form", "version"),
    [
        (
            'jsonencode({ Statement = [{ Effect = "Deny", Action = "bedrock:*", Resource = "*" }] })',
            'Version = "2012-10-17"',
        ),
        ('"{\\"Statement\\": []}"', '"Version": "2012-10-17"'),
    ],
)
def test_a_member_is_written_as_it_must_stand_there(form: str, version: str) -> None:
    found = in_terraform(f'resource "aws_iam_policy" "a" {{\n  policy = {form}\n}}\n', "policy-version")
    assert [finding.fix.text for finding in found if finding.fix] == [f"add `{version}`"]


@pytest.mark.parametrize("kept", ["", 'provider "aws" {\n  alias  = "west"\n  region = "us-west-2"\n}\n'])
def test_a_region_may_be_written_out_in_a_module_with_several_providers(kept: str) -> None:
    (example,) = [one for one in parse(rules()["hardcoded-region-account"].page).examples if one.language == "hcl"][:1]
    found = in_terraform(example.text + kept, "hardcoded-region-account", region="")
    assert len(found) == (0 if kept else 1)


@pytest.mark.parametrize("made", [True, False])
@pytest.mark.parametrize("key", ["", '["a.b"]'])
def test_a_bucket_goes_by_its_whole_address(made: bool, key: str) -> None:
    name = f'module.search["eu"].aws_s3_bucket.docs{key}.id' if made else f"data.aws_s3_bucket.docs{key}.id"
    hole = Template((Hole(name, f"${{{name}}}"),))
    names = References(root_module('resource "aws_x" "a" {}\n').deployment(World("us-east-1")), default())
    assert names.is_own_bucket(join(["arn:aws:s3:::", *hole.parts])) is made


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("module.m.aws_x.y.id", "module.m.aws_x.y", True),
        ('aws_x.y["a.b"].id', 'aws_x.y["a.b"]', True),
        ("Agent.AgentArn", "Agent", True),
        ("Agent", "Agent", True),
        ("Agents.Arn", "Agent", False),
        ("aws_x.yy.id", "aws_x.y", False),
    ],
)
def test_a_reference_begins_with_the_whole_name(text: str, name: str, expected: bool) -> None:
    assert refers_to(Template((Hole(text, f"${{{text}}}"),)), name) is expected
    assert not refers_to(Template(("x", Hole(text, f"${{{text}}}"))), name)
    assert not refers_to(text, name)


@pytest.mark.parametrize("model", ["${var.model}", "amazon.nova-lite-v1:0"])
def test_slips_of_json_within_a_heredoc_are_found(model: str) -> None:
    policy = f"""
variable "model" {{
  type = string
}}

resource "aws_iam_policy" "a" {{
  policy = <<-EOF
    {{
      "Version": "2012-10-17",
      "Statement": {{
        "Effect": "Allow",
        "Effect": "Allow",
        "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
        "Resource": "arn:aws:bedrock:us-east-1::foundation-model/{model}",
      }}
    }}
  EOF
}}
"""
    found = in_terraform(policy, "trailing-comma", "duplicate-key")
    assert [(finding.rule, finding.region.line) for finding in found] == [("duplicate-key", 12), ("trailing-comma", 14)]
    # A definition is no policy.
    machine = policy.replace("aws_iam_policy", "aws_sfn_state_machine").replace("policy =", "definition =")
    assert in_terraform(machine, "trailing-comma", "duplicate-key") == []


def test_the_default_that_a_finding_hangs_on_is_looked_for_in_its_own_file() -> None:
    files = {
        "a.tf": 'resource "aws_iam_policy" "a" {\n  policy = jsonencode({ Version = "2012-10-17", '
        'Statement = [{ Effect = "Allow", Action = var.first, Resource = "*" }] })\n}\n',
        "b.tf": 'resource "aws_iam_policy" "b" {\n  policy = jsonencode({ Version = "2012-10-17", '
        'Statement = [{ Effect = "Allow", Action = "bedrock:${var.second}", Resource = "*" }] })\n}\n',
        "c.tf": 'variable "first" {\n  default = "bedrock:GetAgnt"\n}\nvariable "second" {\n  default = "GetAgnt"\n}\n',
    }
    found = in_terraform(files, "action-not-in-reference")
    assert [finding.message.partition(":")[0] for finding in found] == [
        "with the default of `var.second`",
        "with the default of `var.first`",
    ]
