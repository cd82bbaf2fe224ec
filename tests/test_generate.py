"""What `generate` writes is enough for the usage, is no wider, and reads back the same in every form."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import Ran, Run
from hypothesis import given, settings
from hypothesis import strategies as st

from bedrock_policy_lint import Inputs, catalog, cli, lint_text
from bedrock_policy_lint.authorize.decide import Authorizer
from bedrock_policy_lint.authorize.decision import ALLOWED, DENIED
from bedrock_policy_lint.authorize.layers import Layers
from bedrock_policy_lint.authorize.request import ContextValue, Identity, Request, Unknown
from bedrock_policy_lint.commands.usage_options import one_caller
from bedrock_policy_lint.engine import Settings, lint
from bedrock_policy_lint.frontends import policy_json
from bedrock_policy_lint.model.policy import Attachment, Policy
from bedrock_policy_lint.model.text import Hole, Text, join
from bedrock_policy_lint.sources.source import Source
from bedrock_policy_lint.usage.generate import (
    ANY,
    PINNED,
    Clause,
    Condition,
    OpenError,
    OutsideError,
    identity_policy,
    region_lock,
)
from bedrock_policy_lint.usage.row import PARTS, Row
from bedrock_policy_lint.usage.rows import rows
from bedrock_policy_lint.usage.write_policy import Home, write

CATALOG = catalog.default()
ACCOUNT, STRANGER = "111122223333", "999988887777"
SONNET = "anthropic.claude-sonnet-4-6"
HERE = f"arn:aws:bedrock:us-east-1:{ACCOUNT}"
US_SONNET = f"{HERE}:inference-profile/us.{SONNET}"
PROFILE_KEY = "bedrock:inferenceprofilearn"


def rows_of(api: str, model: str = "", region: str = "us-east-1", **options: Any) -> list[Row]:
    values = {"api": api, "model": model or None, "region": (region,), "account": ACCOUNT} | options
    caller = one_caller(values, CATALOG)
    return [row for usage in caller.usages for row in rows(usage, caller.identity, CATALOG)]


def policy(text: str, kind: str = "identity") -> Policy:
    document = policy_json.read(Source("policy.json", text), Attachment(kind, certain=True), claimed=True)
    assert not document.defects
    return document.policies[0]


def generated(of: list[Row], regions: str = PINNED) -> str:
    return write(identity_policy(of, CATALOG, regions), "json")


def outcome(text: str, request: Request, scp: str = "") -> str:
    layers = Layers(identity=(policy(text),), scps=((policy(scp, "scp"),),) if scp else ())
    return Authorizer(layers).decide(request).outcome


def statements(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(text)["Statement"]
    return found


# The law: enough for the usage


NEW: dict[str, Any] = {"allow_unknown_model": True}
TABLE: list[tuple[str, dict[str, Any]]] = [
    ("invoke-model", {"model": "amazon.nova-lite-v1:0"}),
    ("invoke-model-stream", {"model": "amazon.nova-lite-v1:0"}),
    ("converse", {"model": f"us.{SONNET}"}),
    ("converse-stream", {"model": f"us.{SONNET}"}),
    ("converse-stream", {"model": f"global.{SONNET}"}),
    ("converse-stream", {"model": f"eu.{SONNET}", "region": "eu-west-2"}),
    ("converse-stream", {"model": f"{HERE}:application-inference-profile/abc123", "source": (f"us.{SONNET}",)}),
    ("converse", {"model": f"{HERE}:application-inference-profile/abc123", "source": ("amazon.nova-lite-v1:0",)}),
    ("invoke-model", {"model": f"{HERE}:provisioned-model/abcdefgh1234"}),
    ("invoke-model", {"model": f"{HERE}:imported-model/abcdefgh1234"}),
    ("converse", {"model": f"{HERE}:custom-model-deployment/abcdefgh1234"}),
    ("converse", {"model": f"{HERE}:default-prompt-router/anthropic.claude:1", "source": (f"us.{SONNET}",)}),
    ("converse", {"model": f"{HERE}:prompt/ABCDEFGHIJ:1", "source": (f"us.{SONNET}",)}),
    ("bidirectional-stream", {"model": "amazon.nova-sonic-v1:0"}),
    ("async-invoke", {"model": "amazon.nova-reel-v1:0"}),
    ("count-tokens", {"model": SONNET, "region": "us-east-1"}),
    ("apply-guardrail", {"guardrail": "abc123:1"}),
    ("batch", {"model": f"us.{SONNET}", "service_role": f"arn:aws:iam::{ACCOUNT}:role/batch"}),
    ("invoke-agent", {"resource": "AGENT12345/ALIAS12345"}),
    ("invoke-inline-agent", {"model": f"us.{SONNET}"}),
    ("invoke-flow", {"resource": "FLOW123456/ALIAS12345"}),
    ("retrieve", {"resource": "KBID123456"}),
    ("retrieve-and-generate", {"resource": "KBID123456", "model": f"us.{SONNET}"}),
    ("rerank", {"model": "cohere.rerank-v3-5:0"}),
    ("render-prompt", {"resource": f"{HERE}:prompt/ABCDEFGHIJ"}),
    ("mantle", {"model": "openai.gpt-oss-120b"}),
    ("responses", {"model": "openai.gpt-oss-120b-1:0"}),
    ("chat-completions", {"model": "openai.gpt-oss-120b-1:0"}),
    ("list", {}),
    ("converse", {"model": f"us.{SONNET}", "guardrail": "abc123:1", "guardrail_profile": "us"}),
    ("converse", {"model": f"us.{SONNET}", "guardrail": "abc123"}),
    ("converse", {"model": f"us.{SONNET}", "tier": "priority"}),
    ("converse", {"model": f"us.{SONNET}", "credentials": "short-term-key"}),
    ("mantle", {"model": "openai.gpt-oss-120b", "credentials": "long-term-key"}),
    ("converse", {"model": f"us.{SONNET}", "tool": ("web-search",)}),
    ("responses", {"model": "openai.gpt-oss-120b-1:0", "stored": True}),
    ("converse", {"model": f"us.{SONNET}", "destination": ("us-east-1", "us-west-2")}),
    ("converse", {"model": f"us-gov.{SONNET}", "region": "us-gov-west-1", "destination": ("us-gov-east-1",)} | NEW),
    ("data-automation", {"resource": f"{HERE}:data-automation-project/abcdef123456"}),
]
IDS = [" ".join([api, *(f"{key}={value}" for key, value in options.items())]) for api, options in TABLE]


BOUND = (
    PROFILE_KEY,
    "bedrock:guardrailidentifier",
    "bedrock:servicetier",
    "bedrock:bearertokentype",
    "bedrock-mantle:model",
    "bedrock-mantle:bearertokentype",
    "iam:passedtoservice",
)


def foreign(row: Row, every: list[Row]) -> Iterator[Request]:
    """Requests that no row makes, each one step away from this one."""
    request = row.request
    yield request._replace(action="bedrock:DeleteGuardrail")
    yield from foreign_arns(request, every)
    for key in BOUND:
        values = request.value(key)
        if values and not isinstance(values, Unknown):
            yield with_key(request, key, ())
            yield with_key(request, key, (f"{values[0]}x",))


def foreign_arns(request: Request, every: list[Row]) -> Iterator[Request]:
    written = str(request.resource)
    if request.resource == "*" or not isinstance(request.resource, str):
        return
    if not written.endswith("*"):
        yield request._replace(resource=f"{written}x")
    fields = written.split(":", 5)
    if fields[3] and PROFILE_KEY not in request.context:
        assert all(row.region != "ap-south-2" for row in every)
        moved = [*fields[:3], "ap-south-2", *fields[4:]]
        yield with_key(request._replace(resource=":".join(moved)), "aws:requestedregion", ("ap-south-2",))
    if fields[4]:
        yield request._replace(resource=":".join([*fields[:4], STRANGER, fields[5]]))


def with_key(request: Request, key: str, values: ContextValue) -> Request:
    return request._replace(context={**request.context, key: values})


@pytest.mark.parametrize("regions", [PINNED, ANY])
@pytest.mark.parametrize(("api", "options"), TABLE, ids=IDS)
def test_what_is_generated_allows_every_request_of_the_usage_and_no_other(
    api: str, options: dict[str, Any], regions: str
) -> None:
    of = rows_of(api, **options)
    text = generated(of, regions)
    assert of
    assert {str(row.request.resource): outcome(text, row.request) for row in of} == {
        str(row.request.resource): ALLOWED for row in of
    }
    for row in of:
        for request in foreign(row, of):
            assert outcome(text, request) == DENIED, request


ROUTES = sorted(
    (profile.id, region)
    for profile in CATALOG.profiles()
    for region in profile.source_regions
    if profile.status == "listed"
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ROUTES), st.sampled_from(["converse", "converse-stream", "invoke-model"]), st.booleans())
def test_every_profile_of_the_catalogue_can_be_called_through_itself_alone(
    route: tuple[str, str], api: str, pinned: bool
) -> None:
    profile, region = route
    of = rows_of(api, profile, region)
    text = generated(of, PINNED if pinned else ANY)
    for row in of:
        assert outcome(text, row.request) == ALLOWED
        if PROFILE_KEY in row.request.context and row.request.value(PROFILE_KEY):
            assert outcome(text, with_key(row.request, PROFILE_KEY, ())) == DENIED


ON_DEMAND = sorted((model.id, region) for model in CATALOG.models() for region in model.on_demand_regions)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(ON_DEMAND), min_size=1, max_size=4), st.lists(st.sampled_from(ROUTES), max_size=4))
def test_many_usages_together_are_all_allowed(models: list[tuple[str, str]], routes: list[tuple[str, str]]) -> None:
    of = [row for model, region in models + routes for row in rows_of("converse", model, region)]
    text = generated(of)
    assert all(outcome(text, row.request) == ALLOWED for row in of)
    sids = [statement["Sid"] for statement in statements(text)]
    assert len(set(sids)) == len(sids)
    assert all(re.fullmatch("[A-Za-z0-9]+", sid) for sid in sids)
    assert text == generated(list(reversed(of)))


@pytest.mark.parametrize("part", PARTS)
def test_every_kind_of_row_has_its_place_in_a_policy(part: str) -> None:
    row = rows_of("converse", "amazon.nova-lite-v1:0")[0]._replace(part=part)
    assert len(statements(generated([row]))) == 1


def test_regions_that_nobody_lists_are_left_open_only_when_that_is_asked_for() -> None:
    of = rows_of("converse", f"us.{SONNET.replace('6', '99')}", **NEW)
    with pytest.raises(OpenError) as caught:
        generated(of)
    assert caught.value.is_region
    text = generated(of, ANY)
    assert {outcome(text, row.request) for row in of} == {ALLOWED}
    through = [row.request for row in of if row.request.value(PROFILE_KEY)]
    assert {outcome(text, with_key(request, PROFILE_KEY, ())) for request in through} == {DENIED}


def test_a_model_that_is_not_declared_is_no_star() -> None:
    with pytest.raises(OpenError) as caught:
        generated(rows_of("converse", f"{HERE}:prompt/ABCDEFGHIJ:1"), ANY)
    assert not caught.value.is_region


def test_a_name_with_a_wildcard_is_refused() -> None:
    with pytest.raises(OpenError):
        generated(rows_of("converse", "amazon.nova-lite-v1:0", tool=("*",)))


ABOUT_THE_USAGE = {"streaming-action-missing", "model-end-of-life", "unknown-profile"}
"""What is said of any policy for calls that do not stream, or for models that are old or too new."""


@pytest.mark.parametrize(("api", "options"), TABLE, ids=IDS)
def test_the_linter_has_nothing_to_say_of_what_is_generated(api: str, options: dict[str, Any]) -> None:
    result = lint(
        Source("policy.json", generated(rows_of(api, **options))), Settings(kind="identity", today="2026-11-20")
    )
    assert {finding.rule for finding in result.findings} <= ABOUT_THE_USAGE


def test_what_stands_behind_a_copied_profile_is_called_through_some_profile_only() -> None:
    of = rows_of("converse", f"{HERE}:application-inference-profile/abc123", source=(f"us.{SONNET}",))
    through = statements(generated(of))[1]
    assert through["Condition"] == {"Null": {"bedrock:InferenceProfileArn": "false"}}
    models = [row.request for row in of if "foundation-model" in str(row.request.resource)]
    assert {outcome(generated(of), with_key(request, PROFILE_KEY, ())) for request in models} == {DENIED}


# How it reads


def test_a_geographic_profile_is_two_statements() -> None:
    assert statements(generated(rows_of("converse-stream", f"us.{SONNET}"))) == [
        {
            "Sid": "InvokeProfile",
            "Effect": "Allow",
            "Action": "bedrock:InvokeModelWithResponseStream",
            "Resource": US_SONNET,
        },
        {
            "Sid": "InvokeModelThroughProfile",
            "Effect": "Allow",
            "Action": "bedrock:InvokeModelWithResponseStream",
            "Resource": [
                f"arn:aws:bedrock:{region}::foundation-model/{SONNET}"
                for region in ("us-east-1", "us-east-2", "us-west-2")
            ],
            "Condition": {"ArnLike": {"bedrock:InferenceProfileArn": US_SONNET}},
        },
    ]


def test_any_region_is_named_with_a_star_behind_the_same_profile() -> None:
    through = statements(generated(rows_of("converse", f"us.{SONNET}"), ANY))[1]
    assert through["Resource"] == f"arn:aws:bedrock:*::foundation-model/{SONNET}"
    assert through["Condition"] == {"ArnLike": {"bedrock:InferenceProfileArn": US_SONNET}}


def test_a_plain_model_stays_in_its_region_whatever_is_asked() -> None:
    (statement,) = statements(generated(rows_of("converse", "amazon.nova-lite-v1:0"), ANY))
    assert statement["Resource"] == "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"


def test_calls_from_two_regions_share_the_statement_of_their_common_models() -> None:
    of = rows_of("converse", f"us.{SONNET}", "us-east-1") + rows_of("converse", f"us.{SONNET}", "us-east-2")
    through = statements(generated(of))[1]
    assert through["Condition"]["ArnLike"]["bedrock:InferenceProfileArn"] == [
        f"arn:aws:bedrock:{region}:{ACCOUNT}:inference-profile/us.{SONNET}" for region in ("us-east-1", "us-east-2")
    ]


def test_models_of_two_profiles_are_not_mixed() -> None:
    of = rows_of("converse", f"us.{SONNET}") + rows_of("converse", "us.amazon.nova-lite-v1:0")
    text = generated(of)
    assert [statement["Sid"] for statement in statements(text)] == [
        "InvokeProfile",
        "InvokeModelThroughProfileUsAmazonNovaLiteV10",
        "InvokeModelThroughProfileUsAnthropicClaudeSonnet46",
    ]
    mixed = [row.request for row in of if f"foundation-model/{SONNET}" in str(row.request.resource)]
    assert mixed
    other = f"{HERE}:inference-profile/us.amazon.nova-lite-v1:0"
    assert {outcome(text, with_key(request, PROFILE_KEY, (other,))) for request in mixed} == {DENIED}


def test_a_grant_that_another_includes_is_left_out() -> None:
    plain, guarded = (
        rows_of("converse", "amazon.nova-lite-v1:0"),
        rows_of("converse", "amazon.nova-lite-v1:0", guardrail="abc123:1"),
    )
    assert [statement["Sid"] for statement in statements(generated(plain + guarded))] == [
        "InvokeModel",
        "ApplyGuardrail",
    ]


def test_a_guardrail_has_a_statement_of_its_own_and_binds_the_models() -> None:
    found = {s["Sid"]: s for s in statements(generated(rows_of("converse", f"us.{SONNET}", guardrail="abc123:1")))}
    assert found["ApplyGuardrail"]["Resource"] == f"{HERE}:guardrail/abc123"
    assert "Condition" not in found["ApplyGuardrail"]
    conditions = found["InvokeModelThroughProfile"]["Condition"]["ArnLike"]
    assert conditions["bedrock:GuardrailIdentifier"] == f"{HERE}:guardrail/abc123:1"


def test_actions_without_resources_stay_in_the_region() -> None:
    for statement in statements(generated(rows_of("list"))):
        if statement["Resource"] == "*":
            assert statement["Condition"] == {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}


# The Region lock


def other_call(region: str, profile: str = "") -> Request:
    context: dict[str, ContextValue] = {"aws:requestedregion": (region,)}
    if profile:
        context[PROFILE_KEY] = (profile,)
    model = f"arn:aws:bedrock:{region if region != 'unspecified' else ''}::foundation-model/{SONNET}"
    return Request("bedrock:InvokeModel", model, Identity(ACCOUNT), context)


EVERYTHING = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})


@pytest.mark.parametrize("prefix", ["us", "global"])
def test_the_region_lock_lets_the_profile_out_and_nothing_else(prefix: str) -> None:
    of = rows_of("converse", f"{prefix}.{SONNET}")
    lock = write(region_lock(of, CATALOG, ["us-east-1"]), "json")
    assert {outcome(EVERYTHING, row.request, lock) for row in of} == {ALLOWED}
    away = "unspecified" if prefix == "global" else "us-west-2"
    other = f"{HERE}:inference-profile/{prefix}.amazon.nova-lite-v1:0"
    assert outcome(EVERYTHING, other_call(away), lock) == DENIED
    assert outcome(EVERYTHING, other_call(away, other), lock) == DENIED
    assert outcome(EVERYTHING, other_call("us-east-1"), lock) == ALLOWED
    elsewhere = of[0].request._replace(resource=US_SONNET.replace("us-east-1", "eu-west-1"))
    assert outcome(EVERYTHING, with_key(elsewhere, "aws:requestedregion", ("eu-west-1",)), lock) == DENIED


def test_the_region_lock_refuses_to_open_a_region_for_a_plain_call() -> None:
    with pytest.raises(OutsideError) as caught:
        region_lock(rows_of("converse", "amazon.nova-lite-v1:0"), CATALOG, ["eu-west-1"])
    assert caught.value.region == "us-east-1"


@pytest.mark.parametrize(
    ("api", "options"),
    [
        ("converse", {"model": f"us.{SONNET}", "guardrail": "abc123:1", "guardrail_profile": "us"}),
        ("data-automation", {"resource": f"{HERE}:data-automation-project/abcdef123456"}),
        ("converse", {"model": f"us.{SONNET}", "tool": ("web-search",)}),
    ],
)
def test_the_region_lock_lets_the_other_profiles_of_a_call_out(api: str, options: dict[str, Any]) -> None:
    of = rows_of(api, **options)
    lock = write(region_lock(of, CATALOG, ["us-east-1"]), "json")
    assert {outcome(EVERYTHING, row.request, lock) for row in of} == {ALLOWED}


# The three forms


def account_open(written: str) -> Text:
    before, _, after = written.partition("<account>")
    return join([before, Hole("account", "<account>"), after])


ODD = (
    Clause(
        "Odd",
        "Allow",
        ("bedrock:GetPrompt", "bedrock:RenderPrompt"),
        (account_open('arn:aws:bedrock:us-east-1:<account>:prompt/${a}%{b}"\\'), "*"),
        (
            Condition(
                "ArnLike", "bedrock:InferenceProfileArn", (account_open(f"arn:aws:bedrock:x:<account>:{SONNET}"),)
            ),
            Condition("StringEquals", "aws:RequestedRegion", ("eu-west-1", "us-east-1")),
        ),
    ),
)


@pytest.fixture(params=["odd", "odd lock", *range(0, len(TABLE), 4)])
def clauses(request: pytest.FixtureRequest) -> tuple[Clause, ...]:
    if isinstance(request.param, str):
        return tuple(clause._replace(is_exempting=request.param == "odd lock") for clause in ODD)
    api, options = TABLE[request.param]
    return identity_policy(rows_of(api, **options), CATALOG)


@pytest.mark.parametrize("home", [Home(), Home(ACCOUNT, "us-east-1")], ids=["anywhere", "at home"])
def test_cloudformation_says_the_same_as_json(home: Home, clauses: tuple[Clause, ...]) -> None:
    text = write(clauses, "cloudformation", comment="one\ntwo", home=home)
    template = yaml.load(text, _Template)  # noqa: S506
    resource = template["Resources"]["BedrockPolicy"]
    assert resource["Type"] == "AWS::IAM::ManagedPolicy"
    assert resource["Properties"]["PolicyDocument"] == json.loads(write(clauses, "json").replace("<account>", ACCOUNT))


IN_A_TEMPLATE = """
  Logs:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          Effect: Allow
          Action: logs:PutLogEvents
          Resource: !Sub arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/chat:log-stream:*
"""


@pytest.mark.parametrize("regions", [PINNED, ANY])
@pytest.mark.parametrize("account", [ACCOUNT, None], ids=["account", "no account"])
@pytest.mark.parametrize(("api", "options"), TABLE, ids=IDS)
def test_nothing_is_found_in_a_template_with_what_is_generated(
    api: str, options: dict[str, Any], account: str | None, regions: str
) -> None:
    region = options.get("region", "us-east-1")
    clauses = identity_policy(rows_of(api, **options, account=account), CATALOG, regions)
    text = write(clauses, "cloudformation", comment="one", home=Home(account or "", region)) + IN_A_TEMPLATE
    for there in (Inputs(), Inputs(regions=(region,), account=ACCOUNT)):
        found = lint_text(text, "template.yaml", Settings(today="2026-11-20"), there)
        assert {finding.rule for finding in found} <= ABOUT_THE_USAGE


class _Template(yaml.SafeLoader):
    """Reads `!Sub` as CloudFormation resolves it."""


def _sub(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
    return re.sub(r"\$\{(!?)([^}]*)\}", lambda m: f"${{{m[2]}}}" if m[1] else PSEUDO[m[2]], str(node.value))


PSEUDO = {"AWS::AccountId": ACCOUNT, "AWS::Partition": "aws", "AWS::Region": "us-east-1"}
_Template.add_constructor("!Sub", _sub)
_Template.add_constructor("!Ref", lambda _, node: PSEUDO[node.value])


def test_terraform_says_the_same_as_json(clauses: tuple[Clause, ...]) -> None:
    text = write(clauses, "terraform", comment="one\ntwo")
    assert read_terraform(text) == [
        {key: value if key in ("Sid", "Effect", "Condition") else listed(value) for key, value in statement.items()}
        for statement in statements(write(clauses, "json"))
    ]


@pytest.mark.skipif(shutil.which("terraform") is None, reason="there is no terraform here")
def test_terraform_formats_it_as_it_is(clauses: tuple[Clause, ...]) -> None:
    text = write(clauses, "terraform", comment="one\ntwo")
    done = subprocess.run(["terraform", "fmt", "-"], input=text, capture_output=True, text=True, check=True)
    assert done.stdout == text


def listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


_NAMES = {"actions": "Action", "resources": "Resource", "not_resources": "NotResource"}


def read_terraform(text: str) -> list[dict[str, Any]]:
    """The statements of the one data source, with `data` references and the provider's `&{` resolved."""
    found = []
    for block in re.findall(r"^  statement \{\n(.*?)^  \}\n", text, re.MULTILINE | re.DOTALL):
        conditions = re.findall(r"^    condition \{\n(.*?)^    \}\n", block, re.MULTILINE | re.DOTALL)
        outer = attributes(re.sub(r"^    condition \{\n.*?^    \}\n", "", block, flags=re.MULTILINE | re.DOTALL))
        statement: dict[str, Any] = {"Sid": outer.pop("sid"), "Effect": outer.pop("effect")}
        statement |= {_NAMES[name]: value for name, value in outer.items()}
        for condition in map(attributes, conditions):
            values = condition["values"]
            tests = statement.setdefault("Condition", {}).setdefault(condition["test"], {})
            tests[condition["variable"]] = values[0] if len(values) == 1 else values
        found.append(statement)
    return found


def attributes(block: str) -> dict[str, Any]:
    pairs = re.findall(r"^ *(\w+) += (\[\n.*?^ *\]|[^\n]*)$", block, re.MULTILINE | re.DOTALL)
    return {name: read_value(written) for name, written in pairs}


def read_value(written: str) -> Any:
    strings = [resolved(found) for found in re.findall(r'"(?:[^"\\]|\\.)*"', written)]
    return strings if written.startswith("[") else strings[0]


def resolved(quoted: str) -> str:
    references = {
        "${data.aws_caller_identity.current.account_id}": "<account>",
        "${data.aws_partition.current.partition}": "aws",
    }
    for reference, value in references.items():
        quoted = quoted.replace(reference, value)
    assert not re.search(r"(?<!\$)\$\{|(?<!%)%\{", quoted)
    text: str = json.loads(quoted.replace("%%{", "%{").replace("$${", "${"))
    return text.replace("&{", "${")


# The verb


@pytest.fixture
def generate(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setitem(cli.VERBS, "generate", "Write the least policy for a usage.")

    def generate(*words: str, **options: Any) -> Ran:
        return run("generate", *words, **options)

    return generate


CALL = ("converse-stream", f"us.{SONNET}", "--region", "us-east-1")


def test_the_verb_prints_the_policy(generate: Run) -> None:
    done = generate(*CALL, "--account", ACCOUNT)
    assert (done.code, done.err) == (0, "")
    assert done.out == generated(rows_of("converse-stream", f"us.{SONNET}"))


def test_an_account_that_is_not_known_is_a_placeholder(generate: Run) -> None:
    done = generate(*CALL)
    assert f"arn:aws:bedrock:us-east-1:<account>:inference-profile/us.{SONNET}" in done.out
    assert "--account" in done.err


@pytest.mark.parametrize(
    ("form", "place"),
    [
        ("terraform", "us-east-1:${data.aws_caller_identity.current.account_id}"),
        ("cloudformation", "${AWS::Region}:${AWS::AccountId}"),
    ],
)
def test_templates_fill_in_the_account_by_themselves(generate: Run, form: str, place: str) -> None:
    done = generate(*CALL, "--format", form)
    assert f":bedrock:{place}:inference-profile/us.{SONNET}" in done.out
    assert (done.code, done.err) == (0, "")


def test_cloudformation_leaves_to_the_deployment_what_is_the_callers_own(generate: Run) -> None:
    done = generate(*CALL, "--account", ACCOUNT, "--format", "cloudformation")
    assert ACCOUNT not in done.out
    assert f"${{AWS::Region}}:${{AWS::AccountId}}:inference-profile/us.{SONNET}" in done.out
    assert "# Deploy it to us-east-1: " in done.out
    # The profile may lead to each of these, wherever the call is made.
    assert f"bedrock:us-east-1::foundation-model/{SONNET}" in done.out


def test_cloudformation_names_regions_where_calls_are_made_from_several(generate: Run) -> None:
    call = ("converse", "amazon.nova-lite-v1:0", "--region", "us-east-1", "--region", "us-west-2")
    done = generate(*call, "--format", "cloudformation")
    assert "bedrock:us-west-2::foundation-model/" in done.out
    assert "AWS::Region" not in done.out


def test_cloudformation_keeps_the_account_of_somebody_else(generate: Run) -> None:
    guardrail = f"arn:aws:bedrock:us-east-1:{STRANGER}:guardrail/abc123"
    done = generate(*CALL, "--account", ACCOUNT, "--guardrail", guardrail, "--format", "cloudformation")
    assert f"bedrock:${{AWS::Region}}:{STRANGER}:guardrail/abc123" in done.out


def test_the_policy_can_go_into_a_file(generate: Run, folder: Path) -> None:
    done = generate(*CALL, "--account", ACCOUNT, "--output", "policy.json")
    assert (done.code, done.out) == (0, "")
    assert statements((folder / "policy.json").read_text())
    assert generate(*CALL, "--output", "missing/policy.json").code == 2


def test_a_declaration_can_say_what_is_called(generate: Run, folder: Path) -> None:
    (folder / "usage.yaml").write_text(
        f"""account: "{ACCOUNT}"
region: us-east-1
principals:
  chat:
    uses:
      - converse us.{SONNET}
  search:
    policies: policies/not-there-yet.json
    uses:
      - invoke-model amazon.titan-embed-text-v2:0
"""
    )
    done = generate("--usage", "usage.yaml", "--principal", "search")
    assert done.code == 0
    assert [s["Resource"] for s in statements(done.out)] == [
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0"
    ]
    assert "`chat` or `search`" in generate("--usage", "usage.yaml").err
    assert "did you mean `search`" in generate("--usage", "usage.yaml", "--principal", "serch").err


def test_the_scp_is_written_where_it_is_asked_for(generate: Run) -> None:
    done = generate(*CALL, "--account", ACCOUNT, "--layer", "scp")
    assert json.loads(done.out)["Statement"][0]["Effect"] == "Deny"
    assert "NotAction" in done.err
    done = generate(*CALL, "--layer", "scp", "--format", "cloudformation")
    assert "Type: AWS::Organizations::Policy" in done.out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("convers-stream", f"us.{SONNET}", "--region", "us-east-1"), "converse-stream"),
        (("converse", f"us.{SONNET}", "--region", "us-esat-1"), "us-east-1"),
        (("converse", "us.anthropic.claude-sonet-4-6", "--region", "us-east-1"), f"us.{SONNET}"),
        ((*CALL, "--tier", "prioritty"), "priority"),
        (("--preset", "claude-cod", "--model", f"us.{SONNET}", "--region", "us-east-1"), "claude-code"),
        ((*CALL, "--credentials", "sig4"), "sigv4"),
        ((*CALL, "--layer", "scp", "--allowed-region", "us-est-1"), "us-east-1"),
    ],
)
def test_a_name_that_nobody_knows_is_answered_with_the_nearest(
    generate: Run, words: tuple[str, ...], expected: str
) -> None:
    done = generate(*words)
    assert (done.code, done.out) == (2, "")
    assert f"`{expected}`" in done.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), "say what is called"),
        (("converse", f"us.{SONNET}"), "--region"),
        ((*CALL, "--preset", "claude-code"), "--preset"),
        ((*CALL, "--api", "converse"), "contradict"),
        ((*CALL, "--small-model", f"us.{SONNET}"), "belongs to a --preset"),
        ((*CALL, "--usage", "usage.yaml"), "does not go with"),
        ((*CALL, "--principal", "chat"), "--usage"),
        ((*CALL, "--allowed-region", "us-east-1"), "--layer scp"),
        ((*CALL, "--region", "us-west-2", "--destination", "us-east-1"), "one --region"),
        (
            ("converse", "amazon.nova-lite-v1:0", "--region", "us-east-1", "--destination", "us-west-2"),
            "runs in one Region",
        ),
        (("converse", US_SONNET, "--region", "us-west-2"), "contradicts the Region"),
        (("converse", US_SONNET, "--account", STRANGER), STRANGER),
        ((*CALL, "--account", STRANGER, "--role", f"arn:aws:iam::{ACCOUNT}:role/chat"), ACCOUNT),
        ((*CALL, "--account", "1234"), "--account: `1234` is no account id"),
        ((*CALL, "--tier", "model"), "--tier: "),
        (("retrieve", "KBID123456", "--region", "us-east-1", "--guardrail", "abc"), "--guardrail: "),
        ((*CALL, "--tool", "*"), "leaves open"),
        (("converse", f"eu.{SONNET}", "--region", "us-east-1"), "--regions any"),
        (("converse", f"{HERE}:prompt/ABCDEFGHIJ"), "--source"),
        ((*CALL, "--context", "aws:SourceIp"), "KEY=VALUE"),
        ((*CALL, "--guardrail-profile", "us"), "--guardrail"),
        (("--usage", "missing.yaml"), "missing.yaml"),
        ((*CALL, "--layer", "scp", "--allowed-region", "eu-west-1"), "--allowed-region us-east-1"),
    ],
)
def test_options_that_cannot_be_meant_leave_with_code_2(generate: Run, words: tuple[str, ...], expected: str) -> None:
    done = generate(*words)
    assert (done.code, done.out) == (2, "")
    assert expected in done.err


def test_a_model_that_nobody_knows_is_taken_when_that_is_asked_for(generate: Run) -> None:
    call = ("converse", "anthropic.claude-sonnet-99", "--region", "us-east-1")
    assert generate(*call).code == 2
    done = generate(*call, "--allow-unknown-model")
    assert (
        statements(done.out)[0]["Resource"] == "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-99"
    )


def test_a_preset_is_enough(generate: Run) -> None:
    done = generate("--preset", "claude-code", "--model", f"us.{SONNET}", "--region", "us-east-1", "--account", ACCOUNT)
    assert done.code == 0
    assert "bedrock:InvokeModelWithResponseStream" in done.out
