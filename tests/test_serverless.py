"""Services of the Serverless Framework: what their variables come to, and what is deployed of them."""

from __future__ import annotations

import os
from itertools import pairwise
from typing import Any

import pytest
import yaml

from bedrock_policy_lint import templates
from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.deployment.deployment import Deployment
from bedrock_policy_lint.deployment.world import World
from bedrock_policy_lint.frontends.serverless.blueprint import ServerlessBlueprint
from bedrock_policy_lint.frontends.serverless.files import Files
from bedrock_policy_lint.frontends.serverless.resolve import Given, Resolver
from bedrock_policy_lint.frontends.serverless.service import template
from bedrock_policy_lint.frontends.template import tree
from bedrock_policy_lint.model.text import Template
from bedrock_policy_lint.sources.files import Refusal
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import Source

HERE = os.path.join(os.path.dirname(__file__), "data", "serverless")
BESIDE = {
    "more.yml": "model: small\nlist: ['${self:custom.more.model, file(more.yml):model}', 'in ${sls:stage}']\n",
    "note.txt": "a note\n",
    "code.js": "module.exports = {model: 'large'}\n",
    "broken.yml": "a: [\n",
    "res.yml": "Resources:\n  Extra:\n    Type: AWS::S3::Bucket\n",
}


def load(path: str) -> Source | Refusal:
    name = os.path.normpath(path)
    text = BESIDE.get(name)
    return Source(name, text) if text is not None else Refusal(Source(name, ""), "there is no such file", "")


def resolver(text: str, given: Given | None = None) -> Resolver:
    parsed = tree.parse(Source("serverless.yml", text))
    assert parsed.root is not None, parsed.failure
    return Resolver(parsed.root, given or Given(region="eu-west-1"), Files(load))


def plain(node: Node) -> Any:
    if isinstance(node.value, Object):
        return {key.value: plain(value) for key, value in node.value.pairs()}
    if isinstance(node.value, list):
        return [plain(item) for item in node.value]
    return str(node.value) if isinstance(node.value, Template) else node.value


def at(node: Node, *path: str) -> Node:
    for name in path:
        below = node.value.get(name)
        assert below is not None, name
        node = below
    return node


def cases() -> list[Any]:
    with open(os.path.join(HERE, "variables.yml"), encoding="utf-8") as file:
        return [pytest.param(case, id=f"{number}: {case['it']}") for number, case in enumerate(yaml.safe_load(file))]


@pytest.mark.parametrize("case", cases())
def test_a_variable_comes_to_what_the_framework_makes_of_it(case: dict[str, Any]) -> None:
    service = {"custom": {**case.get("custom", {}), "it": case["it"]}}
    if "params" in case:
        service["params"] = case["params"]
    made = resolver(yaml.safe_dump(service), Given(case.get("given", {}), region="eu-west-1"))

    assert plain(made.resolve(at(made.root, "custom", "it"))) == case["is"]
    assert not made.faults


def places(node: Node) -> str:
    """What stands in the file at each character of a text."""
    offsets = node.offsets()
    assert len(offsets) == len(str(node.value)) + 1
    return "|".join(node.source.text[a:b] for a, b in pairwise(offsets))


def test_each_character_of_a_text_is_known_in_the_file() -> None:
    made = resolver("custom:\n  b: xy\n  a: 'p${self:custom.b}q'\n")
    found = made.resolve(at(made.root, "custom", "a"))

    text = made.root.source.text
    start = text.index("${")
    assert list(found.offsets()) == [start - 1, start, start, start + len("${self:custom.b}"), start + 17]
    assert text[found.start : found.end] == "'p${self:custom.b}q'"


def test_a_fallback_stands_where_it_is_written() -> None:
    made = resolver("custom:\n  a: ${opt:model, 'small'}\n  b: x-${opt:model, 'small'}\n")

    alone = made.resolve(at(made.root, "custom", "a"))
    within = made.resolve(at(made.root, "custom", "b"))

    assert alone.source.text[alone.start : alone.end] == "small"
    assert places(within).endswith("|s|m|a|l|l")


def test_a_list_that_a_variable_names_stands_where_it_is_written() -> None:
    made = resolver("custom:\n  a: ${self:custom.b}\n  b: [one]\n")
    found = made.resolve(at(made.root, "custom", "a"))

    assert found is at(made.root, "custom", "b")


def test_what_has_no_variables_stays_the_node_that_was_read() -> None:
    made = resolver("provider:\n  iam: {role: {statements: [{Effect: Allow}]}}\n")

    assert made.resolve(made.root) is made.root


@pytest.mark.parametrize(
    ("text", "points_at", "says"),
    [
        ("custom: {it: '${self:custom.it}'}", "'${self:custom.it}'", "stands for itself"),
        ("custom: {it: 'x${self:custom.b}', b: 'y${self:custom.it}'}", "'x${self:custom.b}'", "stands for itself"),
        ("custom: {it: '${self:custom}'}", "'${self:custom}'", "stands for itself"),
        ("custom: {it: '${self:custom.b}', b: '${self:custom.it}'}", "'${self:custom.b}'", "stands for itself"),
        ("custom: {it: 'a ${self:custom.none}'}", "${self:custom.none}", "names nothing"),
        ("custom: {it: 'a ${self:custom.b}', b: [1]}", "${self:custom.b}", "is a list or mapping"),
        ("custom: {it: '${file(broken.yml)}'}", "${file(broken.yml)}", "cannot be read"),
        ("custom: {it: '${file(none.yml):a}'}", "${file(none.yml):a}", "there is no such file"),
        ("custom: {it: 'user/${aws:username}'}", "${aws:username}", "takes `${aws:username}` for a variable"),
    ],
)
def test_what_is_wrong_with_a_variable_is_told_at_its_place(text: str, points_at: str, says: str) -> None:
    made = resolver(text)
    found = made.resolve(at(made.root, "custom", "it"))

    (fault,) = made.faults
    assert fault.node.source.text[fault.node.start : fault.node.end] == points_at
    assert says in fault.message
    assert "${" in str(plain(found))


@pytest.mark.parametrize(
    "text",
    [
        # Each line doubles the one before it.
        "custom:\n  a0: xxxxxxxxxx\n"
        + "".join(f"  a{n}: ${{self:custom.a{n - 1}}}${{self:custom.a{n - 1}}}\n" for n in range(1, 40))
        + "  it: ${self:custom.a39}\n",
        "custom:\n  a0: [x]\n"
        + "".join(f"  a{n}: ['${{self:custom.a{n - 1}}}', '${{self:custom.a{n - 1}}}']\n" for n in range(1, 40))
        + "  it: ${self:custom.a39}\n",
        "custom:\n  a0: x\n"
        + "".join(f"  a{n}: ${{self:custom.a{n - 1}}}\n" for n in range(1, 3000))
        + "  it: ${self:custom.a2999}\n",
        "custom:\n  a0: x\n"
        + "".join(f"  a{n}: [[[[[[[['${{self:custom.a{n - 1}}}']]]]]]]]\n" for n in range(1, 1000))
        + "  it: ${self:custom.a999}\n",
        "custom:\n  it: " + "${self:" * 500 + "x" + "}" * 500 + "\n",
        "custom:\n  it: " + "${opt:a, " * 5000 + "\n",
    ],
    ids=["long text", "wide list", "long chain", "deep list", "nested", "unfinished"],
)
def test_variables_cannot_take_up_memory_or_the_stack(text: str) -> None:
    made = resolver(text)
    made.resolve(at(made.root, "custom", "it"))


def service(text: str, **given: str) -> tuple[Any, list[str]]:
    made = resolver("service: chat\n" + text, Given(given, region="eu-west-1"))
    return plain(template(made))["Resources"], [fault.message for fault in made.faults]


STATEMENT = "{Effect: Allow, Action: 'bedrock:InvokeModel', Resource: '*'}"
READ = {"Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": "*"}


def statements(role: Any) -> list[Any]:
    return [entry["PolicyDocument"]["Statement"] for entry in role["Properties"].get("Policies", [])]


def role_of(resources: Any, name: str) -> Any:
    return resources[name]["Properties"]["Role"]


@pytest.mark.parametrize(
    "provider",
    [
        f"{{name: aws, iam: {{role: {{statements: [{STATEMENT}]}}}}}}",
        f"{{name: aws, iamRoleStatements: [{STATEMENT}]}}",
    ],
)
def test_the_default_role_has_the_statements_of_the_provider(provider: str) -> None:
    resources, _ = service(f"provider: {provider}\nfunctions:\n  my-chat_fn: {{handler: a.b}}\n")

    assert statements(resources["IamRoleLambdaExecution"]) == [[READ]]
    function = resources["MyDashchatUnderscorefnLambdaFunction"]["Properties"]
    assert function["Role"] == {"Fn::GetAtt": ["IamRoleLambdaExecution", "Arn"]}
    assert function["FunctionName"] == "chat-dev-my-chat_fn"


def test_a_function_can_have_a_role_of_its_own() -> None:
    resources, _ = service(
        f"""
provider:
  name: aws
  iam: {{role: {{statements: [{{Sid: All}}], permissionsBoundary: 'arn:aws:iam::111122223333:policy/b'}}}}
functions:
  alone: {{handler: a.b, iamRoleStatements: [{STATEMENT}]}}
  heir: {{handler: a.b, iamRoleStatements: [{STATEMENT}], iamRoleStatementsInherit: true}}
  given: {{handler: a.b, role: 'arn:aws:iam::111122223333:role/r'}}
  logical: {{handler: a.b, role: MyRole}}
"""
    )

    assert "IamRoleLambdaExecution" not in resources
    assert statements(resources["AloneIamRoleLambdaExecution"]) == [[READ]]
    assert statements(resources["HeirIamRoleLambdaExecution"]) == [[{"Sid": "All"}], [READ]]
    boundary = resources["AloneIamRoleLambdaExecution"]["Properties"]["PermissionsBoundary"]
    assert boundary == "arn:aws:iam::111122223333:policy/b"
    assert role_of(resources, "AloneLambdaFunction") == {"Fn::GetAtt": ["AloneIamRoleLambdaExecution", "Arn"]}
    assert role_of(resources, "GivenLambdaFunction") == "arn:aws:iam::111122223333:role/r"
    assert role_of(resources, "LogicalLambdaFunction") == {"Fn::GetAtt": ["MyRole", "Arn"]}


def test_functions_inherit_where_the_plugin_is_told_so() -> None:
    resources, _ = service(
        f"""
provider: {{name: aws, iamRoleStatements: [{{Sid: All}}]}}
custom: {{serverless-iam-roles-per-function: {{defaultInherit: true}}}}
functions:
  a: {{iamRoleStatements: [{STATEMENT}]}}
  b: {{iamRoleStatements: [{STATEMENT}], iamRoleStatementsInherit: false}}
"""
    )

    assert statements(resources["AIamRoleLambdaExecution"]) == [[{"Sid": "All"}], [READ]]
    assert statements(resources["BIamRoleLambdaExecution"]) == [[READ]]


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("arn:aws:iam::111122223333:role/r", "arn:aws:iam::111122223333:role/r"),
        ("MyRole", {"Fn::GetAtt": ["MyRole", "Arn"]}),
        ("!GetAtt MyRole.Arn", {"Fn::GetAtt": "MyRole.Arn"}),
    ],
)
@pytest.mark.parametrize("key", ["iam: {role: %s}", "role: %s"])
def test_all_functions_can_have_one_existing_role(key: str, role: str, expected: Any) -> None:
    resources, _ = service(f"provider:\n  name: aws\n  {key % role}\nfunctions: {{a: {{handler: x}}}}\n")

    assert role_of(resources, "ALambdaFunction") == expected
    assert "IamRoleLambdaExecution" not in resources


def test_environments_are_merged() -> None:
    resources, _ = service(
        """
provider: {name: aws, environment: {MODEL: small, REGION: '${aws:region}'}}
functions:
  a: {environment: {MODEL: large}}
  b: {handler: x}
"""
    )

    assert resources["ALambdaFunction"]["Properties"]["Environment"] == {
        "Variables": {"MODEL": "large", "REGION": "eu-west-1"}
    }
    assert resources["BLambdaFunction"]["Properties"]["Environment"]["Variables"]["MODEL"] == "small"


def test_functions_and_resources_can_be_lists_of_files() -> None:
    resources, faults = service(
        """
provider: {name: aws, iam: {role: {name: mine}}}
functions:
  - a: {handler: x}
  - b: {handler: x}
resources:
  - ${file(res.yml)}
  - Resources:
      IamRoleLambdaExecution: {Properties: {Path: /team/}}
      Topic: {Type: 'AWS::SNS::Topic'}
  - extensions:
      Topic: {Condition: Wanted, Properties: {TopicName: t}}
      Absent: {Properties: {}}
"""
    )

    assert not faults
    assert {"ALambdaFunction", "BLambdaFunction", "Extra", "Topic"} <= set(resources)
    role = resources["IamRoleLambdaExecution"]
    assert (role["Type"], role["Properties"]["RoleName"], role["Properties"]["Path"]) == (
        "AWS::IAM::Role",
        "mine",
        "/team/",
    )
    assert resources["Topic"] == {"Type": "AWS::SNS::Topic", "Condition": "Wanted", "Properties": {"TopicName": "t"}}


def test_pseudo_parameters_in_plain_texts_are_replaced_by_their_plugin_alone() -> None:
    text = """
provider: {name: aws, environment: {A: 'x-#{AWS::Region}', B: 'x-${AWS::Region}', C: !Sub 'x-${AWS::Region}'}}
functions: {a: {handler: x}}
"""
    sub = {"Fn::Sub": "x-${AWS::Region}"}
    without, _ = service(text)
    with_plugin, _ = service(text + "plugins: [serverless-pseudo-parameters]\n")

    kept = {"A": "x-#{AWS::Region}", "B": "x-${AWS::Region}", "C": sub}
    assert without["ALambdaFunction"]["Properties"]["Environment"]["Variables"] == kept
    assert with_plugin["ALambdaFunction"]["Properties"]["Environment"]["Variables"] == {**kept, "A": sub}


def test_a_state_machine_keeps_its_definition_and_role() -> None:
    resources, _ = service(
        """
provider: {name: aws}
stepFunctions:
  stateMachines:
    ask: {role: !GetAtt [R, Arn], definition: {StartAt: A, States: {A: {Type: Pass, End: true}}}}
    none: {name: nothing}
"""
    )

    machine = resources["AskStepFunctionsStateMachine"]["Properties"]
    assert machine["RoleArn"] == {"Fn::GetAtt": ["R", "Arn"]}
    assert machine["Definition"]["StartAt"] == "A"
    assert "NoneStepFunctionsStateMachine" not in resources


WRONG = ["7", "text", "[]", "[[1]]", "{}", "null", "true", "{a: 1}", "[{a: [1]}]", "'${env:X}'"]


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize(
    "text",
    [
        "provider: %s\nfunctions: {a: {}}",
        "provider: {iam: %s}\nfunctions: {a: {}}",
        "provider: {iam: {role: %s}}\nfunctions: {a: {}}",
        "provider: {iam: {role: {statements: %s, managedPolicies: %s, name: %s}}}\nfunctions: {a: {}}",
        "provider: {stage: %s, region: %s}\nfunctions: {a: {environment: {S: '${sls:stage}'}}}",
        "functions: %s",
        "functions: {a: %s}",
        "functions: {a: {role: %s, environment: %s, vpc: %s, name: %s, iamRoleStatements: %s}}",
        "functions: {a: {iamRoleStatements: %s, iamRoleStatementsInherit: %s}}",
        "resources: %s",
        "resources: {Resources: %s, extensions: %s}\nfunctions: {a: {}}",
        "resources: {Resources: {IamRoleLambdaExecution: %s}, extensions: {IamRoleLambdaExecution: %s}}\n"
        "functions: {a: {}}",
        "resources: [%s, {extensions: {ALambdaFunction: {Properties: %s}}}]\nfunctions: {a: {}}",
        "custom: %s\nfunctions: {a: {}}",
        "custom: {serverless-iam-roles-per-function: %s}\nfunctions: {a: {iamRoleStatements: []}}",
        "stepFunctions: %s",
        "stepFunctions: {stateMachines: %s}",
        "stepFunctions: {stateMachines: {a: {definition: %s, role: %s}}}",
        "plugins: %s",
        "params: %s\nfunctions: {a: {name: '${param:x}'}}",
        "params: {default: %s}\nfunctions: {a: {name: '${param:x}-${param:a.b}'}}",
    ],
)
def test_a_wrong_type_anywhere_makes_no_exception(text: str, wrong: str) -> None:
    service(text.replace("%s", wrong))
    head = "" if text.startswith("provider") else "provider: aws\n"
    source = Source("serverless.yml", f"service: chat\n{head}{text.replace('%s', wrong)}\n")
    blueprint = templates.read(source, load, default())
    if isinstance(blueprint, ServerlessBlueprint):
        for region in blueprint.inputs.regions or ("",):
            blueprint.deployment(World(region))


# What is deployed

CHAT = """
service: chat
provider:
  name: aws
  stage: ${opt:stage, 'dev'}
  region: eu-west-1
  iam: {role: {statements: '${file(statements.yml)}'}}
  environment: {MODEL_ID: '${self:custom.models.${sls:stage}}'}
custom:
  models: {dev: small, prod: large}
functions:
  ask: {handler: a.b}
  tell: {handler: a.b, role: Own}
resources:
  Resources:
    Own:
      Type: AWS::IAM::Role
      Properties: {RoleName: !Sub 'own-${AWS::Region}-${env:TEAM}'}
"""
BESIDE["statements.yml"] = """
- Effect: Allow
  Action: bedrock:InvokeModel
  Resource: !Sub 'arn:aws:bedrock:${AWS::Region}::foundation-model/${self:custom.models.${sls:stage}}'
- Effect: Allow
  Actions: bedrock:InvokeModel
  Resource: '*'
"""


def chat(text: str = CHAT) -> ServerlessBlueprint:
    found = templates.read(Source("serverless.yml", text), load, default())
    assert isinstance(found, ServerlessBlueprint)
    return found


def deployed(stage: str = "dev") -> Deployment:
    return chat().deployment(World("eu-west-1", parameters={} if stage == "dev" else {"stage": stage}))


@pytest.mark.parametrize(("stage", "model"), [("dev", "small"), ("prod", "large")])
def test_functions_are_deployed_with_their_roles(stage: str, model: str) -> None:
    found = deployed(stage)

    assert [(work.name, work.kind, work.role) for work in found.workloads] == [
        ("AskLambdaFunction", "Lambda function", "IamRoleLambdaExecution"),
        ("TellLambdaFunction", "Lambda function", "Own"),
    ]
    assert [(one.name, one.node.value) for one in found.workloads[0].settings] == [("MODEL_ID", model)]
    role = found.role("IamRoleLambdaExecution")
    assert role is not None
    assert role.trust is not None
    (policy,) = role.policies
    assert policy.has_variables
    (resource,) = policy.statements[0].resources
    assert str(resource.text) == f"arn:aws:bedrock:eu-west-1::foundation-model/{model}"
    own = found.role("Own")
    assert own is not None
    assert str(own.arn) == "arn:aws:iam::${AWS::AccountId}:role/own-eu-west-1-${env:TEAM}"


def test_a_fault_in_a_statement_is_told_in_the_file_that_it_stands_in() -> None:
    found = deployed()
    defect = next(defect for defect in found.document.defects if defect.kind == "unknown-element")

    assert (defect.node.source.path, defect.element) == ("statements.yml", "Actions")
    assert "statements.yml" in [document.source.path for document in found.documents]
    assert not found.faults


def test_what_is_the_same_in_another_world_is_the_same_object() -> None:
    blueprint = chat()
    one, other = blueprint.deployment(World("eu-west-1")), blueprint.deployment(World("eu-west-1"))

    assert one.role("IamRoleLambdaExecution").policies[0] is other.role("IamRoleLambdaExecution").policies[0]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("provider", "regions"),
    [
        ("{name: aws}", ("us-east-1",)),
        ("{name: aws, region: eu-west-1}", ("eu-west-1",)),
        ("{name: aws, region: '${opt:region, ''eu-west-2''}'}", ("eu-west-2",)),
        ("{name: aws, region: '${env:REGION}'}", ()),
        ("{name: aws, region: [1]}", ()),
    ],
)
def test_the_region_is_that_of_the_provider(provider: str, regions: tuple[str, ...]) -> None:
    assert chat(f"service: chat\nprovider: {provider}\n").inputs.regions == regions


def test_another_region_that_is_given_answers_for_the_option() -> None:
    text = """
service: chat
provider: {name: aws, region: "${opt:region, 'eu-west-1'}", environment: {A: '${aws:region}', B: "${opt:region, 'x'}"}}
functions: {ask: {handler: a.b}}
"""
    here, there = (chat(text).deployment(World(region)) for region in ("eu-west-1", "us-east-1"))

    assert [one.node.value for one in here.workloads[0].settings] == ["eu-west-1", "x"]
    assert [one.node.value for one in there.workloads[0].settings] == ["us-east-1", "us-east-1"]
