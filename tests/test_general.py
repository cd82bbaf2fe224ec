"""Parliament is asked only where it can help, hears only what it can judge, and its word is checked."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedrock_policy_lint import catalog, parliament_data
from bedrock_policy_lint.engine import Result, Settings, lint
from bedrock_policy_lint.frontends import policy_json
from bedrock_policy_lint.general import Fault, General
from bedrock_policy_lint.model.policy import Attachment, Statement
from bedrock_policy_lint.registry import rules
from bedrock_policy_lint.rule import Context, Undecided
from bedrock_policy_lint.sources.source import Source

CATALOG = catalog.default()
RULES = frozenset(name for name in rules() if name.startswith("general-"))
BUCKET, OBJECTS = "arn:aws:s3:::amzn-s3-demo-bucket", "arn:aws:s3:::amzn-s3-demo-bucket/*"


def statements(*written: Any, kind: str = "identity") -> list[Statement]:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(written)})
    return (
        policy_json.read(Source("policy.json", text), Attachment(kind, certain=True), claimed=True)
        .policies[0]
        .statements
    )


def statement(action: Any, resource: Any = "*", condition: Any = None, effect: str = "Allow") -> Statement:
    written = {"Effect": effect, "Action": action, "Resource": resource}
    return statements(written | ({"Condition": condition} if condition else {}))[0]


def shown(found: Iterator[Fault | Undecided]) -> list[str]:
    """What each fault points at, a question mark behind what is not certain."""
    texts = []
    for fault in found:
        assert isinstance(fault, Fault)
        at: Any = fault.at
        place = str(at.node.value)[at.start : at.end] if hasattr(at, "start") and hasattr(at, "node") else ""
        texts.append((place or str(getattr(at, "node", at).value)) + ("" if fault.certain else "?"))
    return texts


def general() -> General:
    return General(CATALOG)


def findings(*written: Any, **options: Any) -> Result:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(written)}, indent=1)
    return lint(Source("policy.json", text), Settings(select=RULES, **options))


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return done.stdout.strip()


LINT = """
import json, sys
from bedrock_policy_lint.engine import Settings, lint
from bedrock_policy_lint.sources.source import Source
def run(*statements):
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return lint(Source("policy.json", text), Settings())
invoke = {"Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": "arn:aws:bedrock:*::foundation-model/*"}
read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket"}
"""


# Loading


def test_a_policy_about_bedrock_alone_does_not_load_parliament() -> None:
    assert python(LINT + "run(invoke); print('parliament' in sys.modules)") == "False"


def test_a_policy_with_a_statement_about_s3_does() -> None:
    assert python(LINT + "run(invoke, read); print('parliament' in sys.modules)") == "True"


@pytest.mark.parametrize("installed", [True, False])
def test_parliament_loads_without_pkg_resources_and_leaves_no_trace_of_the_stand_in(installed: bool) -> None:
    code = f"""
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("pkg_resources", "setuptools"):
            raise ModuleNotFoundError(name) if not {installed} else AssertionError(name)
import sys, gc
sys.meta_path.insert(0, Watch())
from bedrock_policy_lint.parliament_data import Library, load
print(isinstance(load(), Library), "pkg_resources" in sys.modules, gc.isenabled())
"""
    assert python(code) == "True False True"


def test_a_pkg_resources_that_is_loaded_already_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = ModuleType("pkg_resources")
    monkeypatch.setitem(sys.modules, "pkg_resources", mine)

    parliament_data.load.__wrapped__()

    assert sys.modules["pkg_resources"] is mine


def test_without_parliament_the_rules_are_silent_and_the_run_says_so_once() -> None:
    code = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "parliament":
            raise ModuleNotFoundError(f"No module named {name!r}")
sys.meta_path.insert(0, Missing())
results = [run(read, read), run(read)]
print([len(result.findings) for result in results], [unknown.question for r in results for unknown in r.undecided])
"""
    said = python(LINT + code)

    assert said.startswith("[0, 0] ")
    assert said.count("parliament cannot be loaded (ModuleNotFoundError: No module named 'parliament')") == 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, "AttributeError"),
        ([{"prefix": "s3"}], "KeyError"),
        ([{"prefix": "s3", "privileges": [], "resources": [], "conditions": []}], "not as expected"),
    ],
)
def test_a_broken_parliament_is_as_good_as_none(data: Any, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parliament_data.load()
    broken = ModuleType("parliament")
    if data is not None:
        vars(broken).update(vars(sys.modules["parliament"]))
        broken.iam_definition = data  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "parliament", broken)

    loaded = parliament_data.load.__wrapped__()

    assert isinstance(loaded, str)
    assert reason in loaded


def test_parliament_opens_its_two_data_files_and_no_connection() -> None:
    code = """
opened, connections = [], []
def note(event, arguments):
    if event == "open" and str(arguments[0]).endswith((".json", ".yaml")):
        opened.append(str(arguments[0]).replace("\\\\", "/").rpartition("/parliament/")[2])
    if event.startswith("socket.") or (event in ("open", "import") and "auditors" in str(arguments)):
        connections.append(event)
from bedrock_policy_lint.registry import rules
from bedrock_policy_lint.catalog import default
default().actions_date, default().partitions(), rules()
sys.addaudithook(note)
run(read, {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"s3:max-keys": "x"}}})
print(sorted(name for name in opened if "catalog" not in name), connections)
"""
    assert python(LINT + code) == "['config.yaml', 'iam_definition.json'] []"


@pytest.mark.parametrize(
    "harmless",
    [
        statement("bedrock:NoSuchActionYet", "arn:aws:bedrock:us-east-1:111122223333:newer-type/x"),
        statement("bedrock:InvokeModel", BUCKET, {"Bool": {"bedrock:ServiceTier": "x"}}),
        statement("logs:PutLogEvents"),
        statement("logs:PutLogEvents", condition={"StringEquals": {"aws:ResourceAccount": "111122223333"}}),
        statement("s3:GetObject", OBJECTS, {"StringEquals": {"oidc.example.com:sub": "x"}}, effect="Deny"),
        statement("s4:GetObject", BUCKET),
        statement(["s3:GetObject", "bedrock:InvokeModel"], "*", {"Bool": {"aws:SecureTransport": "yes"}}),
        statement("*", BUCKET),
        statement("s3:${Verb}", BUCKET),
        statement("s3:GetObject", ["${Arn}", BUCKET]),
        statements({"Effect": "Allow", "NotAction": "s3:GetObject", "Resource": BUCKET})[0],
        statements({"Effect": "Allow", "Action": "s3:GetObject", "NotResource": BUCKET})[0],
    ],
)
def test_parliament_is_not_loaded_where_nothing_can_be_wrong(
    harmless: Statement, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise AssertionError("loaded")

    monkeypatch.setattr(parliament_data, "load", refuse)
    context = Context(CATALOG, "", "2026-11-20", pedantic=False)

    for name in RULES:
        subjects = harmless.resources if rules()[name].level == "Resource" else [harmless]
        assert not [found for subject in subjects for found in rules()[name].check(subject, context)]


# Actions and resources


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        (["s3:GetObject", "s3:ListBucket"], BUCKET, ["s3:GetObject"]),
        (["s3:GetObject", "s3:ListBucket"], OBJECTS, ["s3:ListBucket"]),
        (["S3:getobject", "s3:Get*Acl"], [BUCKET], ["S3:getobject"]),
        ("s3:GetObjectRet*", BUCKET, ["s3:GetObjectRet*"]),
        ("s3:Get*", BUCKET, []),
        ("kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:alias/orders", ["kms:Decrypt"]),
        ("dynamodb:GetItem", ["arn:aws:sqs:us-east-1:111122223333:orders", BUCKET], ["dynamodb:GetItem"]),
        (
            ["bedrock:InvokeModel", "sts:GetCallerIdentity"],
            "arn:aws:bedrock:*::foundation-model/*",
            ["sts:GetCallerIdentity"],
        ),
    ],
)
def test_an_action_that_works_on_no_resource_beside_it_is_found(
    action: Any, resource: Any, expected: list[str]
) -> None:
    assert shown(general().mismatches(statement(action, resource))) == expected


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", "arn:aws:s3:::amzn-s3-demo-*"),
        ("s3:GetObject", "arn:aws:s3:::${BucketAndKey}"),
        ("s3:GetObject", "arn:aws:s3:::amzn-s3-demo-bucket/${aws:username}/*"),
        ("s3:GetObject", ["${Arn}", BUCKET]),
        ("s3:GetObject", "arn:aws:s3:us-west-2:111122223333:accesspoint/mine/object/*"),
        ("s3:ListBucket", "arn:aws:s3:us-west-2:111122223333:accesspoint/mine"),
        ("s3:GetObject", "arn:aws:s3:us-west-2:111122223333:newer-type/x"),
        ("s3:GetObject", "arn:aws:newer:us-west-2:111122223333:type/x"),
        ("s3:GetObject", "arn:aws:*:us-west-2:111122223333:type/x"),
        ("sqs:SendMessage", "arn:aws-iso-b:sqs:us-isob-east-1:111122223333:orders"),
        ("sqs:SendMessage", "arn:aws:sqs:us-*:*:orders"),
        ("iam:GetPolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("iam:GetUser", "arn:aws:iam::111122223333:u*"),
        ("execute-api:Invoke", "execute-api:/prod/GET/*"),
        ("ec2:RunInstances", "arn:aws:ec2:*:*:subnet/*"),
        ("elasticloadbalancing:DeleteLoadBalancer", "arn:aws:elasticloadbalancing:*:111122223333:loadbalancer/app/a/b"),
        ("elasticloadbalancing:DeleteLoadBalancer", "arn:aws:elasticloadbalancing:*:111122223333:loadbalancer/classic"),
        ("wisdom:SearchSessions", "arn:aws:wisdom:us-east-1:111122223333:assistant/x"),
        ("s3:GetObject", "arn:aws:s3:::amzn-s3-demo-bucket?reports"),
        ("ssm-sap:GetDatabase", "arn:aws:ssm-sap:*:*:*"),
        ("cleanrooms:BatchGetSchema", "arn:aws:cleanrooms:*:111122223333:membership/m/newer-type/x"),
        ("ec2:DeleteKeyPair", "arn:aws:ec2:us-east-1:111122223333:instance/*"),
    ],
)
def test_what_may_be_the_right_resource_is_left_alone(action: str, resource: Any) -> None:
    assert not shown(general().mismatches(statement(action, resource)))


@pytest.mark.parametrize(
    ("action", "resource"),
    [("s3:ListAllMyBuckets", BUCKET), ("ssmmessages:OpenDataChannel", "arn:aws:ssm:*:111122223333:session/*")],
)
def test_an_action_without_a_resource_type_beside_a_sister_s_resource_is_merely_possible(
    action: str, resource: str
) -> None:
    assert shown(general().mismatches(statement(action, resource))) == [f"{action}?"]


def test_an_action_that_is_newer_than_parliament_s_data_is_not_judged() -> None:
    library = parliament_data.load()
    assert isinstance(library, parliament_data.Library)
    newer = next(name for name in CATALOG.expand("s3:*") if not library.knows([name]))

    queue = "arn:aws:sqs:us-east-1:111122223333:orders"
    assert shown(general().mismatches(statement([newer, "s3:GetObject"], queue))) == ["s3:GetObject"]
    assert not shown(general().mismatches(statement("s3:*", queue)))


@pytest.mark.parametrize("resource", [OBJECTS, "*", "arn:aws:s3:::other/*", "${Arn}"])
def test_an_entry_that_another_statement_serves_is_idle_not_wrong(resource: str) -> None:
    idle, serving = statements(
        {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": BUCKET},
        {"Effect": "Allow", "Action": "s3:Get*", "Resource": resource},
    )

    assert not shown(general().mismatches(idle))
    assert not shown(general().mismatches(serving))


def test_another_statement_that_denies_or_mismatches_too_serves_nothing() -> None:
    wrong, denying, mismatching = statements(
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": BUCKET},
        {"Effect": "Deny", "Action": "s3:GetObject", "Resource": OBJECTS},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{BUCKET}-2"},
    )

    assert [shown(general().mismatches(one)) for one in (wrong, denying, mismatching)] == [
        ["s3:GetObject"],
        [],
        ["s3:GetObject"],
    ]


def test_what_is_too_large_to_compare_is_said_to_be_undecided() -> None:
    buckets = [f"{BUCKET}-{number}" for number in range(501)]

    (undecided,) = general().mismatches(statement("s3:GetObject", buckets))

    assert isinstance(undecided, Undecided)
    assert not list(general().mismatches(statement("s3:ListBucket", buckets)))


def test_a_pattern_of_many_stars_is_compared_in_no_time() -> None:
    evil, worse = ("arn:aws:logs:us-east-1:111122223333:log-group:" + "*a" * stars for stars in (20, 21))

    assert shown(general().mismatches(statement("logs:DeleteDestination", evil))) == ["logs:DeleteDestination"]
    assert not shown(general().mismatches(statement("logs:DeleteDestination", worse)))


def test_a_heap_of_mismatches_is_one_finding() -> None:
    objects = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:RestoreObject"]

    (finding,) = findings({"Effect": "Allow", "Action": objects, "Resource": BUCKET}).findings

    assert finding.message.startswith("`s3:GetObject` and 3 more work on none of the resources beside them")
    assert len(finding.related) == 2


# ARNs


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws:sqs:us-east1:111122223333:orders", ["us-east1"]),
        ("arn:aws:sqs:us-east-1:1111-2222-3333:orders", ["1111-2222-3333"]),
        ("arn:aws:sqs:us-east-1:11112222333:orders", ["11112222333"]),
        ("arn:asw:sqs:us-east-1:111122223333:orders", ["asw"]),
        ("arn:aws:sqs:eu-isoe-west-1:111122223333:orders", []),
        ("arn:aws:sqs:zz-north-9:111122223333:orders", []),
        ("arn:aws-eusc:sqs:eusc-de-east-1:111122223333:orders", []),
        ("arn:*:sqs:us-*:1111*:orders", []),
        ("arn:${AWS::Partition}:sqs:${Region}:<ACCOUNT_ID>:orders", []),
        ("arn:aws:bedrock:us-east1:1111:agent/x", []),
        ("arn:aws:imagebuilder:us-east-1:aws-marketplace:component/x", []),
        ("orders", []),
    ],
)
def test_a_field_that_no_arn_has_is_found(arn: str, expected: list[str]) -> None:
    (resource,) = statement("sqs:SendMessage", arn).resources

    assert shown(general().arn(resource)) == expected


# Conditions


@pytest.mark.parametrize(
    ("action", "operator", "key", "expected"),
    [
        ("s3:GetObject", "StringLike", "s3:prefix", ["s3:prefix"]),
        ("s3:GetObject", "StringNotLike", "S3:Prefix", ["S3:Prefix"]),
        ("sqs:SendMessage", "StringEquals", "s3:prefix", ["s3:prefix"]),
        ("s3:GetObject", "StringEquals", "s3:prefx", ["s3:prefx?"]),
        (["s3:GetObject", "s3:ListBucket"], "StringLike", "s3:prefix", ["s3:prefix?"]),
        (["s3:GetObject", "s3:ListBucket"], "StringLikeIfExists", "s3:prefix", []),
        ("s3:ListBucket*", "StringLike", "s3:prefix", []),
        ("s3:GetObject", "Null", "s3:prefix", []),
        ("s3:GetObject", "StringEquals", "s3:ExistingObjectTag/team", []),
        ("kms:Decrypt", "StringEquals", "kms:EncryptionContext:aws:s3:arn", []),
        ("rds:DeleteDBInstance", "StringEquals", "rds:db-tag/team", []),
        ("ec2:StartInstances", "StringEquals", "ec2:SourceInstanceARN", ["ec2:SourceInstanceARN?"]),
        ("s3:GetObject", "StringEquals", "oidc.example.com:sub", []),
        ("s3:GetObject", "StringEquals", "aws:NoSuchKey", []),
        ("s3:GetObject", "StringEquals", "bedrock:ServiceTier", []),
        ("sts:AssumeRole", "StringEquals", "sts:ExternalId", []),
        (["s3:GetObject", "bedrock:InvokeModel"], "StringLike", "s3:prefix", []),
        (["s3:GetObject", "s3:NoSuchActionYet"], "StringLike", "s3:prefix", []),
        (["s3:GetObject", "s3:${Verb}"], "StringLike", "s3:prefix", []),
    ],
)
def test_a_key_that_the_actions_lack_is_found(action: Any, operator: str, key: str, expected: list[str]) -> None:
    assert shown(general().keys(statement(action, "*", {operator: {key: "x"}}))) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"Bool": {"s3:max-keys": "true"}}, ["Bool"]),
        ({"NumericLessThan": {"s3:max-keys": ["10", "few", "${aws:username}"]}}, ["few"]),
        ({"Bool": {"aws:SecureTransport": "yes"}}, ["yes"]),
        ({"Null": {"aws:SourceVpc": "vpc-1"}}, ["vpc-1"]),
        ({"IpAddress": {"aws:SourceIp": "the office"}}, ["the office"]),
        ({"NumericEquals": {"s3:prefix": "10"}}, ["NumericEquals?"]),
        ({"ArnLike": {"s3:prefix": "home"}}, ["ArnLike"]),
        ({"StringEquals": {"s3:max-keys": "10"}}, []),
        ({"NumericEquals": {"s3:max-keys": 10}}, []),
        ({"Bool": {"aws:SecureTransport": True}}, []),
        ({"DateLessThan": {"aws:CurrentTime": ["2027-01-01", "1795161600"]}}, []),
        ({"IpAddress": {"aws:SourceIp": "2001:db8::/32"}}, []),
        ({"ArnLike": {"s3:DataAccessPointArn": "arn:aws:s3:*:111122223333:accesspoint/*"}}, []),
        ({"StringSounds": {"s3:max-keys": "x"}}, []),
    ],
)
def test_an_operator_or_value_of_the_wrong_type_is_found(condition: Any, expected: list[str]) -> None:
    assert shown(general().types(statement("s3:ListBucket", BUCKET, condition))) == expected


@pytest.mark.parametrize(
    ("operator", "value", "effect", "expected"),
    [
        ("Bool", "false", "Deny", 1),
        ("bool", False, "Deny", 1),
        ("Bool", ["false"], "Deny", 1),
        ("Bool", "true", "Deny", 0),
        ("Bool", "false", "Allow", 0),
        ("BoolIfExists", "false", "Deny", 0),
        ("Bool", "${Flag}", "Deny", 0),
    ],
)
def test_a_deny_that_lets_requests_without_mfa_pass_is_found(
    operator: str, value: Any, effect: str, expected: int
) -> None:
    condition = {operator: {"aws:MultiFactorAuthPresent": value}}

    assert len(shown(general().mfa(statement("s3:*", "*", condition, effect)))) == expected


def test_a_second_deny_stops_those_that_say_nothing_about_mfa() -> None:
    tests = {"Bool": "false"}, {"Null": "true"}
    written = [
        {
            "Effect": "Deny",
            "Action": "s3:*",
            "Resource": "*",
            "Condition": {name: {"aws:MultiFactorAuthPresent": value}},
        }
        for test in tests
        for name, value in test.items()
    ]

    assert not [fault for one in statements(*written) for fault in general().mfa(one)]


# Every kind of policy

PEACEFUL = [
    ("resource", {"Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}),
    ("resource", {"Principal": {"CanonicalUser": "79a5"}, "Action": "s3:GetObject", "Resource": OBJECTS}),
    ("resource", {"Principal": {"AWS": "AIDACKCEVSQ6C2EXAMPLE"}, "Action": "kms:*", "Resource": "*"}),
    ("resource", {"Principal": {"AWS": "111122223333"}, "Action": "ecr:BatchGetImage"}),
    (
        "resource",
        {
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "lambda:InvokeFunctionUrl",
            "Resource": "arn:aws:lambda:us-east-1:111122223333:function:f:live",
            "Condition": {"ArnLike": {"AWS:SourceArn": BUCKET}, "StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}},
        },
    ),
    (
        "trust",
        {
            "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:o/r:*"}},
        },
    ),
    (
        "trust",
        {"Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"SAML:aud": "x"}}},
    ),
    ("scp", {"Action": "s3:*", "Resource": "*"}),
    ("scp", {"Effect": "Deny", "Action": "s3:GetObject", "Resource": BUCKET}),
    (
        "scp",
        {
            "Effect": "Deny",
            "NotAction": ["iam:*", "s3:ListAllMyBuckets"],
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1", "s3:prefix": "x"}},
        },
    ),
    (
        "scp",
        {
            "Effect": "Deny",
            "Action": "ec2:RunInstances",
            "Resource": "arn:aws:ec2:*:*:instance/*",
            "Condition": {"StringNotEquals": {"ec2:InstanceType": "t3.micro", "ec2:MetadataHttpTokens": "required"}},
        },
    ),
    (
        "rcp",
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:*", "sqs:*", "kms:*"],
            "Resource": "*",
            "Condition": {
                "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"},
                "NumericLessThan": {"s3:TlsVersion": 1.2},
            },
        },
    ),
    ("vpc-endpoint", {"Principal": "*", "Action": "s3:GetObject", "Resource": OBJECTS}),
    ("boundary", {"Action": ["s3:*", "logs:*"], "Resource": "*"}),
]


@pytest.mark.parametrize(("kind", "written"), PEACEFUL)
def test_policies_of_every_kind_are_taken_for_what_they_are(kind: str, written: dict[str, Any]) -> None:
    assert not findings({"Effect": "Allow"} | written, kind=kind).findings


def test_only_an_identity_policy_is_told_to_name_resources() -> None:
    written = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListAllMyBuckets"], "Resource": "*"}

    rated = {
        kind: shown(general().stars(statements(written, kind=kind)[0])) for kind in ("identity", "scp", "resource")
    }

    assert rated == {"identity": ["*?"], "scp": [], "resource": []}


def test_what_is_merely_possible_is_not_looked_for_unless_wanted() -> None:
    everything = statement("s3:GetObject")
    star = rules()["general-resource-star"]

    assert not list(star.check(everything, Context(CATALOG, "", "2026-11-20", pedantic=False)))
    assert len(list(star.check(everything, Context(CATALOG, "", "2026-11-20", pedantic=True)))) == 1


# Whatever the text

WORDS = re.findall(
    r"\S+",
    """
* s3:* s3:GetObject s3:prefix ec2:* kms:EncryptionContext:x aws:SourceIp aws:MultiFactorAuthPresent a:b:c s3: false
arn:aws:s3:::b arn:aws:s3:::b/[x] arn:::s3::: arn:aws:sqs:us-east1:1:x ${a} arn:aws:s3:::${a} arn:aws:s3
Bool Null NumericLessThan ArnLike DateEquals IpAddress BinaryEquals ForAllValues:StringEquals
""",
)
TEXTS = st.one_of(
    st.sampled_from(WORDS),
    st.text(max_size=12),
    st.from_regex(r"(arn|s3|ec2):[a-z*?\[${}]{0,4}:[^x]{0,3}:[0-9]{0,3}:[0-9-]{0,3}:[*?/a-z\[\]]{0,6}", fullmatch=True),
)
JSON = st.recursive(
    st.one_of(TEXTS, st.booleans(), st.none(), st.floats(allow_nan=False, allow_infinity=False), st.integers()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)
LISTS = st.one_of(TEXTS, st.lists(TEXTS, max_size=3))
CONDITIONS = st.dictionaries(TEXTS, st.dictionaries(TEXTS, st.one_of(LISTS, JSON), max_size=3), max_size=3)
STATEMENTS = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"])},
    optional={
        "Action": st.one_of(LISTS, JSON),
        "NotAction": LISTS,
        "Resource": st.one_of(LISTS, JSON),
        "NotResource": LISTS,
        "Principal": JSON,
        "Condition": st.one_of(CONDITIONS, JSON),
    },
)


@settings(max_examples=300, deadline=None)
@given(st.lists(STATEMENTS, max_size=3), st.sampled_from(["", "scp", "resource", "trust", "rcp"]))
def test_no_statement_makes_it_stumble(written: list[Any], kind: str) -> None:
    findings(*written, kind=kind, pedantic=True)
