"""A template in several worlds: its resources, the questions they hang on, and what stays the same object."""

from __future__ import annotations

from textwrap import dedent

import pytest
from stacks import open_text, open_worlds

from bedrock_policy_lint.deployment.world import OTHER, Choice, World
from bedrock_policy_lint.frontends import policy_document
from bedrock_policy_lint.frontends.document import Defect
from bedrock_policy_lint.frontends.template.stack import Stack
from bedrock_policy_lint.model.policy import Attachment, Policy
from bedrock_policy_lint.model.text import Hole, Template
from bedrock_policy_lint.sources.node import Node

_WORLDS = """
Parameters:
  Env: {Type: String, Default: dev, AllowedValues: [dev, stage, prod]}
  Vpc: {Type: String, Default: ""}
  Kind: {Type: String}
  Zones: {Type: CommaDelimitedList}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  HasVpc: !Not [!Equals [!Ref Vpc, ""]]
  IsLarge: !Equals [!Ref Kind, large]
  IsOdd: !Equals [!Select [0, !Ref Zones], !Ref Kind]
  IsHere: !Equals [!Ref AWS::Region, eu-west-1]
  Never: !And [!Condition IsProd, !Equals [a, b]]
Resources:
  Plain: {Type: AWS::IAM::Role, Properties: {RoleName: plain}}
  Prod: {Type: AWS::IAM::Role, Condition: IsProd, Properties: {RoleName: !Ref Env}}
  Branch: {Type: AWS::IAM::User, Properties: {UserName: !If [IsProd, one, two], Path: !If [HasVpc, !Ref Vpc, /]}}
  Kinds: {Type: AWS::IAM::Group, Properties: {GroupName: !If [IsLarge, large, !Ref Kind]}}
  Odd: {Type: AWS::S3::Bucket, Properties: {BucketName: !If [IsOdd, odd, even]}}
  Here: {Type: AWS::SNS::Topic, Properties: {TopicName: !If [IsHere, here, !Ref AWS::Region]}}
  Never: {Type: AWS::SQS::Queue, Condition: Never}
"""


def _text(stack: Stack, name: str, *path: str) -> str:
    component = stack.component(name)
    found = component.get(*path) if component else None
    return "nothing" if found is None else str(found.value)


def _words(stack: Stack) -> list[str]:
    return [choice.words for choice in stack.alternatives]


def _choose(stack: Stack, words: str) -> World:
    choice = next(choice for choice in stack.alternatives if choice.words == words)
    return stack.world._replace(choices=(choice,))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Plain", []),
        ("Branch", ["`Env` is `stage`", "`Env` is `prod`", "`Vpc` is not empty"]),
        ("Prod", ["`Env` is `stage`", "`Env` is `prod`"]),
        ("Kinds", ["`Kind` is `large`"]),
        ("Odd", ["the condition `IsOdd` holds"]),
        ("Here", ["`AWS::Region` is `eu-west-1`"]),
        ("Never", ["`Env` is `stage`", "`Env` is `prod`"]),
    ],
)
def test_what_is_asked_for_offers_the_other_answers_to_its_questions(name: str, expected: list[str]) -> None:
    stack = open_text(_WORLDS)
    component = stack.component(name)
    assert component is None or component.properties is not None
    assert _words(stack) == expected


def test_a_known_value_leaves_no_question() -> None:
    stack = open_text(_WORLDS, World("eu-west-1", parameters={"Env": "prod", "Kind": "large", "Vpc": "v"}))
    assert [component.name for component in stack.components("AWS::IAM::Role")] == ["Plain", "Prod"]
    assert _text(stack, "Here", "TopicName") == "here"
    assert _text(stack, "Kinds", "GroupName") == "large"
    assert stack.alternatives == ()


def test_an_answer_holds_everywhere() -> None:
    base = open_text(_WORLDS)
    assert all(component.properties for component in base.components())
    assert _text(base, "Branch", "UserName") == "two"
    assert base.component("Prod") is None
    prod = open_text(_WORLDS, _choose(base, "`Env` is `prod`"))
    assert _text(prod, "Branch", "UserName") == "one"
    assert _text(prod, "Prod", "RoleName") == "prod"
    vpc = open_text(_WORLDS, _choose(base, "`Vpc` is not empty"))
    assert _text(vpc, "Branch", "Path") == "${Vpc}"
    odd = open_text(_WORLDS, _choose(base, "the condition `IsOdd` holds"))
    assert _text(odd, "Odd", "BucketName") == "odd"
    here = open_text(_WORLDS, _choose(base, "`AWS::Region` is `eu-west-1`"))
    assert _text(here, "Here", "TopicName") == "here"


def test_an_answer_has_words() -> None:
    base = open_text(_WORLDS)
    assert all(component.properties for component in base.components())
    assert {key: choice.words for key, choice in base.answers.items()} == {
        "AWS::Region": "`AWS::Region` is not `eu-west-1`",
        "Env": "`Env` is `dev`",
        "Kind": "`Kind` is not `large`",
        "Select(0, ${Zones}) = ${Kind}": "the condition `IsOdd` does not hold",
        "Vpc": "`Vpc` is empty",
    }


def test_several_literals_are_named_together() -> None:
    text = """
Parameters: {P: {Type: String, Default: a}}
Conditions: {A: !Equals [a, !Ref P], B: !Equals [!Ref P, b]}
Resources: {R: {Type: AWS::IAM::Role, Properties: {RoleName: !If [A, 1, !If [B, 2, 3]]}}}
"""
    stack = open_text(text)
    assert _text(stack, "R", "RoleName") == "1"
    assert _words(stack) == ["`P` is `b`", "`P` is none of `a` and `b`"]
    other = open_text(text, World(choices=(Choice("P", OTHER, ""),)))
    assert _text(other, "R", "RoleName") == "3"


def test_what_rests_on_the_same_is_the_same_object_in_another_world() -> None:
    base, prod, again = open_worlds(_WORLDS, World(), World(choices=(Choice("Env", "prod", ""),)), World())

    def properties(stack: Stack, name: str) -> list[int]:
        component = stack.component(name)
        assert component is not None
        return [id(node) for node in component.properties.values()]

    for name in ("Plain", "Kinds", "Odd"):
        assert properties(base, name) == properties(prod, name)
    assert properties(base, "Branch") != properties(prod, "Branch")
    assert properties(base, "Branch") == properties(again, "Branch")
    one, other = base.component("Branch"), prod.component("Branch")
    assert one is not None
    assert other is not None
    assert one.get("Path") is other.get("Path")


def test_defaults_are_told_and_can_be_left_out() -> None:
    base, without = open_worlds(_WORLDS, World(), World(takes_defaults=False))
    component = base.component("Branch")
    assert component is not None
    assert component.properties
    assert component.defaults == {"Env", "Vpc"}
    assert [place.start for place in base.defaults] == [_WORLDS.index("Branch:")]
    assert list(base.defaults.values()) == [{"Env", "Vpc"}]
    open_env = open_text(_WORLDS.replace("Condition: IsProd, ", ""), World(takes_defaults=False))
    found = open_env.component("Prod")
    assert found is not None
    name = found.get("RoleName")
    assert name is not None
    assert name.value == Template((Hole("Env", "${Env}", values=("dev", "stage", "prod")),))
    assert _text(without, "Branch", "UserName") == "two"


def test_a_value_that_is_nowhere_written_is_a_hole() -> None:
    text = "Parameters: {P: {Type: String, Default: x}}\nResources: {R: {Type: T, Properties: {V: !Ref P}}}"
    assert _text(open_text(text, World(unknown=frozenset({"P"}))), "R", "V") == "${P}"


_NAMES = """
Resources:
  Role: {Type: AWS::IAM::Role, Properties: {RoleName: chat}}
  Function: {Type: AWS::Lambda::Function, Properties: {FunctionName: chat, Role: !GetAtt Role.Arn}}
  Bucket: {Type: AWS::S3::Bucket}
  Uses:
    Type: Test
    Properties:
      Ref: !Ref Role
      Arn: !GetAtt Role.Arn
      Spelled: !Sub arn:aws:iam::${AWS::AccountId}:role/chat
      Name: chat
      Bucket: !Ref Bucket
      Objects: !Sub "${Bucket.Arn}/*"
      Other: something
"""


@pytest.mark.parametrize(
    ("name", "types", "owner"),
    [
        ("Arn", (), "Role"),
        ("Spelled", (), "Role"),
        ("Bucket", (), "Bucket"),
        ("Name", (), None),
        ("Name", ("AWS::IAM::Role",), "Role"),
        ("Ref", ("AWS::Lambda::Function",), "Function"),
        ("Bucket", ("AWS::IAM::Role",), None),
        ("Objects", (), None),
        ("Other", (), None),
    ],
)
def test_a_value_names_its_owner(name: str, types: tuple[str, ...], owner: str | None) -> None:
    stack = open_text(_NAMES)
    uses = stack.component("Uses")
    value = uses.get(name) if uses else None
    assert value is not None
    found = stack.owner(value, *types)
    assert (found.name if found else None) == owner


def test_what_is_not_known_is_a_hole_and_what_is_absent_is_nothing() -> None:
    stack = open_text(
        """
Parameters: {P: {Type: String}}
Resources:
  R:
    Type: T
    Properties:
      Known: {a: {b: c}}
      Open: {Fn::Transform: {Name: Mine}, a: b}
      Hole: !Ref P
      Gone: !Ref AWS::NoValue
"""
    )
    assert _text(stack, "R", "Known", "a", "b") == "c"
    assert _text(stack, "R", "Known", "a", "x") == "nothing"
    assert _text(stack, "R", "Known", "a", "b", "c") == "nothing"
    assert _text(stack, "R", "Open", "a") == "b"
    assert _text(stack, "R", "Open", "x").startswith("${")
    assert _text(stack, "R", "Hole", "x").startswith("${")
    assert _text(stack, "R", "Gone") == "nothing"


def test_json_inside_a_text_has_places_and_holes() -> None:
    text = """
Parameters: {Account: {Type: String}, Count: {Type: Number}}
Resources:
  R:
    Type: T
    Properties:
      Sub: !Sub '{"a": ["arn:${AWS::Partition}:x:${Account}", ${Count}], "${Account}:sub": "${!aws:username}"}'
      Joined: !Join ["", ['{"a": "', !Ref Account, '"}']]
      Tree: !ToJsonString {a: !Ref Account}
      Text: no JSON
"""
    stack = open_text(text)
    component = stack.component("R")
    assert component is not None
    substituted = component.get("Sub")
    assert substituted is not None
    root = stack.embedded(substituted)
    assert root is not None
    items = root.value.get("a").items
    assert items[0].value == Template(
        ("arn:", Hole("AWS::Partition", "${AWS::Partition}"), ":x:", Hole("Account", "${Account}"))
    )
    assert items[1].value == Template((Hole("Count", "${Count}"),))
    assert len(items[1].offsets()) == len("${Count}") + 1
    key, value = list(root.value.pairs())[1]
    assert key.value == Template((Hole("Account", "${Account}"), ":sub"))
    assert value.value == "${aws:username}"
    span = items[0].source.in_file(items[0].start, items[0].end)
    assert text[span.start : span.end] == '"arn:${AWS::Partition}:x:${Account}"'
    span = value.source.in_file(value.start, value.end)
    assert text[span.start : span.end] == '"${!aws:username}"'
    assert stack.embedded(substituted) is root
    for name in ("Joined", "Tree"):
        found = component.get(name)
        assert found is not None
        tree = stack.embedded(found)
        assert tree is not None
        assert str(tree.value.get("a").value) == "${Account}"
    plain = component.get("Text")
    assert plain is not None
    assert stack.embedded(plain) is None


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("", "the template has no parameter or resource `FnStageRole`"),
        ("Transform: AWS::LanguageExtensions", "the template has no parameter or resource `FnStageRole`"),
        ("Transform: AWS::Serverless-2016-10-31", None),
        ("Transform: [Mine]", None),
    ],
)
def test_only_a_macro_may_declare_more(head: str, message: str | None) -> None:
    fn = "Fn: {Type: AWS::Serverless::Function, Properties: {Layers: !Ref FnStageRole}}"
    stack = open_text(f"{head}\nResources:\n  {fn}\n")
    assert [fault.message for fault in stack.faults] == ([message] if message else [])


def test_the_role_that_sam_makes_has_the_path_of_its_function() -> None:
    stack = open_text(
        """
Transform: AWS::Serverless-2016-10-31
Resources:
  Fn: {Type: AWS::Serverless::Function, Properties: {RolePath: /apps/}}
  Uses: {Type: T, Properties: {Arn: !GetAtt FnRole.Arn}}
"""
    )
    assert _text(stack, "Uses", "Arn") == "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/apps/${FnRole}"


def test_a_loop_makes_resources() -> None:
    stack = open_text(
        """
Transform: AWS::LanguageExtensions
Parameters: {Names: {Type: CommaDelimitedList, Default: "a-b,c"}}
Conditions:
  Fn::ForEach::Any: [Name, [One, Two], {"Is${Name}": !Equals ["${Name}", One]}]
Resources:
  Fn::ForEach::Topics:
    - Name
    - !Ref Names
    - Topic&{Name}: {Type: AWS::SNS::Topic, Properties: {TopicName: !Sub "${Name}.x", DisplayName: !Ref Name}}
  Fn::ForEach::Made: [Name, [One, Two], {"Q${Name}": {Type: AWS::SQS::Queue, Condition: "Is${Name}"}}]
  Plain: {Type: AWS::SNS::Topic, Properties: {DisplayName: !GetAtt Topicab.TopicName}}
"""
    )
    assert [component.name for component in stack.components()] == ["Topicab", "Topicc", "QOne", "Plain"]
    assert _text(stack, "Topicab", "DisplayName") == "a-b"
    assert _text(stack, "Plain", "DisplayName") == "a-b.x"
    component = stack.component("Topicc")
    assert component is not None
    assert component.defaults == {"Names"}
    assert stack.faults == []


def test_a_loop_that_is_not_known_leaves_names_open() -> None:
    stack = open_text(
        """
Parameters: {Names: {Type: CommaDelimitedList}}
Resources:
  Fn::ForEach::Topics: [Name, !Ref Names, {"Topic${Name}": {Type: AWS::SNS::Topic}}]
  Uses: {Type: T, Properties: {Topic: !Ref TopicA}}
"""
    )
    assert _text(stack, "Uses", "Topic") == "${TopicA}"
    assert stack.faults == []


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("Resources: [a]", ["`Resources` must be a mapping"]),
        ("Resources: {R: a}", ["the resource `R` must be a mapping"]),
        ("Resources: {R: {Properties: {}}}", ["the resource `R` must have a `Type`, a text"]),
        ("Resources: {R: {Type: T, Properties: a}}", ["`Properties` of `R` must be a mapping"]),
        ("Resources: {R: {Type: T, Condition: C}}", ["the template has no condition `C`"]),
        ("Parameters: {P: a}", ["`P` in `Parameters` must be a mapping"]),
        ("Parameters: a", ["`Parameters` must be a mapping"]),
        ("Parameters: {P: {Default: {a: b}}}", ["the default of the parameter `P` must be a string"]),
        ("Mappings: {M: {a: b}}", ["`a` of the mapping `M` must be a mapping"]),
        ("Resources: {R: {Type: AWS::IAM::Role, Properties: {RoleName: !Ref R}}}", ["this value refers to itself"]),
    ],
)
def test_a_template_of_the_wrong_form_has_faults(text: str, messages: list[str]) -> None:
    stack = open_text(text)
    assert all(isinstance(component.properties, dict) for component in stack.components())
    assert [fault.message for fault in stack.faults] == messages


def test_names_are_looked_at_even_where_nobody_asked() -> None:
    stack = open_text("Resources: {R: {Type: T, Properties: {A: {B: [!Sub '${Nope}']}}}, S: {Type: T}}")
    (fault,) = stack.faults
    assert fault.message == "the template has no parameter or resource `Nope`"
    assert stack.alternatives == ()


def _policy(document: str) -> tuple[Policy, list[Defect]]:
    indented = "\n".join(f"        {line}" for line in document.strip().splitlines())
    stack = open_text(
        "Parameters: {P: {Type: String}}\nResources:\n  R:\n    Type: T\n    Properties:\n      D:\n" + indented
    )
    component = stack.component("R")
    found: Node | None = component.get("D") if component else None
    assert found is not None
    defects: list[Defect] = []
    return policy_document.read(found, Attachment("identity"), defects), defects


@pytest.mark.parametrize(
    "document",
    [
        "!Ref P",
        "{Version: 2012-10-17, Statement: !Ref P}",
        "{Version: 2012-10-17, Statement: [!Ref P]}",
        "{Version: 2012-10-17, Fn::Transform: {Name: Mine}}",
        "{Version: 2012-10-17, Statement: [{Effect: !Ref P, Action: 's3:*', Resource: '*'}]}",
    ],
)
def test_a_policy_with_unknown_statements_is_open_and_has_no_defects(document: str) -> None:
    policy, defects = _policy(document)
    assert policy.is_open
    assert defects == []


@pytest.mark.parametrize(
    "rest",
    [
        "Condition: !Ref P",
        "Condition: {StringEquals: !Ref P}",
        "Condition: {StringEquals: {Fn::Transform: {Name: Mine}, a: b}}",
        "Principal: !Ref P",
    ],
)
def test_an_element_that_is_not_known_is_dropped_without_a_defect(rest: str) -> None:
    policy, defects = _policy(f"{{Statement: [{{Effect: Allow, Action: 's3:*', Resource: '*', {rest}}}]}}")
    (statement,) = policy.statements
    assert rest.partition(":")[0] not in statement.members
    assert defects == []
    assert not policy.is_open


def test_variables_of_iam_are_understood_between_holes() -> None:
    policy, _ = _policy(
        """
Version: 2012-10-17
Statement:
  - Effect: Allow
    Action: s3:GetObject
    Resource:
      - !Sub arn:aws:s3:::${P}/${!aws:username}/*
      - !Join ['', ['arn:aws:s3:::x/${aws:PrincipalTag/', !Ref P, '}']]
"""
    )
    one, other = (resource.text for resource in policy.statements[0].resources)
    assert isinstance(one, Template)
    assert [(hole.name, hole.at_request) for hole in one.holes] == [("P", False), ("aws:username", True)]
    assert isinstance(other, Template)
    assert [(hole.name, hole.at_request) for hole in other.holes] == [("aws:PrincipalTag/${P}", True)]
    assert str(other) == "arn:aws:s3:::x/${aws:PrincipalTag/${P}}"


def test_names_that_read_as_booleans_are_names_all_the_same() -> None:
    stack = open_text(
        dedent("""
        Parameters: {Off: {Type: String, Default: all}}
        Conditions:
          On: !Equals [a, b]
          No: !Not [{Condition: On}]
        Mappings: {Map: {Yes: {No: mapped}}}
        Resources:
          One: {Type: AWS::SNS::Topic, Condition: On}
          Two:
            Type: AWS::SNS::Topic
            Condition: No
            Properties: {A: !If [On, one, two], B: {Ref: Off}, C: !FindInMap [Map, Yes, No]}
        Outputs: {Name: {Value: !Ref One, Condition: On}}
        """)
    )
    assert [component.name for component in stack.components()] == ["Two"]
    assert [_text(stack, "Two", name) for name in "ABC"] == ["two", "all", "mapped"]
    assert stack.faults == []
