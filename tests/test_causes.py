"""Which fault explains a denial: the rule that tells it, the entry that it points at, and what it stops."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest
from conftest import Run

from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.diagnosis.cause import Cause
from bedrock_policy_lint.diagnosis.causes import causes
from bedrock_policy_lint.diagnosis.verdict import assess
from bedrock_policy_lint.engine import Result, Settings, lint_declaration
from bedrock_policy_lint.finding import Finding
from bedrock_policy_lint.frontends.declaration import read
from bedrock_policy_lint.sources.files import no_file
from bedrock_policy_lint.sources.source import Source

HOME, AWAY = "111122223333", "999988887777"
INVOKE, STREAM = "bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"
NOVA, SONNET, OLDER = (
    "amazon.nova-lite-v1:0",
    "anthropic.claude-sonnet-4-6",
    "anthropic.claude-sonnet-4-5-20250929-v1:0",
)
US, EU, GLOBAL = f"us.{SONNET}", f"eu.{SONNET}", f"global.{SONNET}"
KNOWLEDGE_BASE = f"arn:aws:bedrock:us-east-1:{HOME}:knowledge-base/KBID123456"
OTHER_BASE, GENERATE = KNOWLEDGE_BASE.replace("KBID123456", "KBID999999"), "bedrock:RetrieveAndGenerate"

Statement = dict[str, Any]


def model(id_: str, region: str = "us-east-1", account: str = "") -> str:
    return f"arn:aws:bedrock:{region}:{account}:foundation-model/{id_}"


def profile(id_: str, region: str = "us-east-1", account: str = HOME, kind: str = "inference-profile") -> str:
    return f"arn:aws:bedrock:{region}:{account}:{kind}/{id_}"


COPY = profile("abc123def456", kind="application-inference-profile")
SOURCE, EAST, WEST = model(SONNET), model(SONNET, "us-east-2"), model(SONNET, "us-west-2")
ANYWHERE, REGIONLESS = model(SONNET, "*"), model(SONNET, "")
MODELS = [SOURCE, EAST, WEST]


def allow(*resources: str, action: str | list[str] = INVOKE, **more: Any) -> Statement:
    return {"Effect": "Allow", "Action": action, "Resource": list(resources), **more}


def where(key: str, value: str, operator: str = "StringEquals") -> dict[str, Any]:
    return {operator: {key: value}}


THROUGH_US = where("bedrock:InferenceProfileArn", profile("us.*", "*"), "ArnLike")
THROUGH_EU = where("bedrock:InferenceProfileArn", profile("eu.*", "*"), "ArnLike")


def source(use: Any, *statements: Statement, **more: Any) -> Source:
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    uses = use if isinstance(use, list) else [use]
    declared = {"region": "us-east-1", "account": HOME, "uses": uses, "policies": policy, **more}
    return Source("bedrock-usage.yaml", json.dumps(declared, indent=1))


def explained(text: Source) -> list[Cause]:
    catalog = default()
    declaration = read(text, no_file, catalog)
    assert not declaration.faults
    return causes([assess(caller, catalog) for caller in declaration.callers], catalog)


def found(text: Source, *rules: str) -> Result:
    return lint_declaration(text, no_file, Settings(select=frozenset(rules), today="2026-11-20"))


def told(text: Source, rule: str) -> Finding:
    [finding] = found(text, rule).findings
    return finding


def place_of(cause: Cause) -> str:
    place = cause.place
    return str(getattr(place, "key", "") or getattr(place, "text", "") or "")


CASES = {
    # A plain model
    "allowed": (f"converse {NOVA}", [allow(model(NOVA))], []),
    "not allowed": (
        f"converse {NOVA}",
        [allow("*", action="s3:GetObject")],
        [("invoke-not-allowed", "", [model(NOVA)])],
    ),
    "another Region": (
        f"converse {NOVA}",
        [allow(model(NOVA, "us-west-2"))],
        [("grant-region-mismatch", model(NOVA, "us-west-2"), [model(NOVA)])],
    ),
    "another partition": (
        f"converse {NOVA}",
        [allow("arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.nova-lite-v1:0")],
        [
            (
                "grant-region-mismatch",
                "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.nova-lite-v1:0",
                [model(NOVA)],
            )
        ],
    ),
    "one of two Regions": (
        {"api": "converse", "model": NOVA, "region": ["us-east-1", "us-west-2"]},
        [allow(model(NOVA))],
        [("grant-region-mismatch", model(NOVA), [model(NOVA, "us-west-2")])],
    ),
    "a test of another Region": (
        f"converse {NOVA}",
        [allow("*", Condition=where("aws:RequestedRegion", "eu-west-1"))],
        [("grant-region-mismatch", "aws:RequestedRegion", [model(NOVA)])],
    ),
    "an account in the model's ARN": (
        f"converse {NOVA}",
        [allow(model("amazon.*", account=HOME))],
        [("arn-account-field-wrong", model("amazon.*", account=HOME), [model(NOVA)])],
    ),
    "the model as a profile": (
        f"converse {NOVA}",
        [allow(profile(NOVA))],
        [("profile-id-in-foundation-model-arn", profile(NOVA), [model(NOVA)])],
    ),
    "another model of the family": (
        f"converse {NOVA}",
        [allow(model("amazon.nova-pro-v1:0"))],
        [("model-policy-drift", model("amazon.nova-pro-v1:0"), [model(NOVA)])],
    ),
    "a model of another provider": (f"converse {NOVA}", [allow(ANYWHERE)], [("invoke-not-allowed", "", [model(NOVA)])]),
    "left out by NotResource": (
        f"converse {NOVA}",
        [{"Effect": "Allow", "Action": INVOKE, "NotResource": model(NOVA)}],
        [("invoke-not-allowed", "", [model(NOVA)])],
    ),
    "left out by NotAction": (
        f"converse {NOVA}",
        [{"Effect": "Allow", "NotAction": ["bedrock:Invoke*", "bedrock:Converse"], "Resource": "*"}],
        [("invoke-not-allowed", "", [model(NOVA)])],
    ),
    "only for calls through a profile": (
        f"converse {NOVA}",
        [allow("*", Condition=THROUGH_US)],
        [("condition-blocks-call", "bedrock:InferenceProfileArn", [model(NOVA)])],
    ),
    # The action
    "streaming": (f"converse-stream {NOVA}", [allow(model(NOVA))], [("api-action-missing", INVOKE, [model(NOVA)])]),
    "not streaming": (
        f"converse {NOVA}",
        [allow(model(NOVA), action=STREAM)],
        [("api-action-missing", STREAM, [model(NOVA)])],
    ),
    "streaming for the profile": (
        f"converse-stream {US}",
        [allow(profile(US), *MODELS), allow(ANYWHERE, action=STREAM)],
        [("api-action-missing", INVOKE, [profile(US)])],
    ),
    "neither the action nor all that it is for": (
        f"converse-stream {US}",
        [allow(MODELS[0])],
        [
            ("api-action-missing", INVOKE, [MODELS[0]]),
            ("foundation-model-without-profile", MODELS[0], [profile(US)]),
            ("profile-destination-region-missing", MODELS[0], MODELS[1:]),
        ],
    ),
    "no action": (
        f"converse {NOVA}",
        [allow(model(NOVA), action="bedrock:Converse*")],
        [("action-not-in-reference", "bedrock:Converse*", [model(NOVA)])],
    ),
    "no prefix of a service": (
        f"converse-stream {NOVA}",
        [allow(model(NOVA), action=["bedrock-runtime:ConverseStream"])],
        [("action-unknown-prefix", "bedrock-runtime:ConverseStream", [model(NOVA)])],
    ),
    "counting tokens": (f"count-tokens {NOVA}", [allow(model(NOVA))], [("api-action-missing", INVOKE, [model(NOVA)])]),
    "retrieval": (
        {"api": "retrieve-and-generate", "model": NOVA, "resource": "KBID123456"},
        [allow(model(NOVA))],
        [("api-action-missing", "", ["*", KNOWLEDGE_BASE])],
    ),
    "retrieval on a knowledge base": (
        {"api": "retrieve-and-generate", "model": NOVA, "resource": "KBID123456"},
        [allow(model(NOVA)), allow(KNOWLEDGE_BASE, action=["bedrock:Retrieve", "bedrock:RetrieveAndGenerate"])],
        [],  # AWS's pages contradict each other on whether that is enough
    ),
    "retrieval on another knowledge base": (
        {"api": "retrieve-and-generate", "model": NOVA, "resource": "KBID123456"},
        [allow(model(NOVA)), allow(KNOWLEDGE_BASE, action="bedrock:Retrieve"), allow(OTHER_BASE, action=GENERATE)],
        [("api-action-missing", GENERATE, ["*"])],
    ),
    "another knowledge base": (
        {"api": "retrieve", "resource": "KBID123456"},
        [allow(f"arn:aws:bedrock:us-east-1:{HOME}:knowledge-base/KBID999999", action="bedrock:Retrieve")],
        [("api-action-missing", "bedrock:Retrieve", [KNOWLEDGE_BASE])],
    ),
    "an agent": (
        {"api": "invoke-agent", "resource": "AGENT12345/ALIAS12345"},
        [allow("*")],
        [("api-action-missing", "", [f"arn:aws:bedrock:us-east-1:{HOME}:agent-alias/AGENT12345/ALIAS12345"])],
    ),
    "an asynchronous job": (
        {"api": "async-invoke", "model": "amazon.nova-2-multimodal-embeddings-v1:0"},
        [allow(model("amazon.nova-2-multimodal-embeddings-v1:0"))],
        [("api-action-missing", INVOKE, [f"arn:aws:bedrock:us-east-1:{HOME}:async-invoke/*"])],
    ),
    # A geographic profile
    "profile and models": (f"converse {US}", [allow(profile(US), ANYWHERE)], []),
    "profile and models in several statements": (f"converse {US}", [allow(profile(US)), *map(allow, MODELS)], []),
    "nothing of a profile": (f"converse {US}", [], [("invoke-not-allowed", "", [profile(US), *MODELS])]),
    "models alone": (
        f"converse {US}",
        [allow(ANYWHERE)],
        [("foundation-model-without-profile", ANYWHERE, [profile(US)])],
    ),
    "profile alone": (
        f"converse {US}",
        [allow(profile(US))],
        [("profile-without-foundation-model", profile(US), MODELS)],
    ),
    "one Region": (
        f"converse {US}",
        [allow(profile(US)), allow(SOURCE)],
        [("profile-destination-region-missing", SOURCE, [EAST, WEST])],
    ),
    "one Region without the profile": (
        f"converse {US}",
        [allow(SOURCE)],
        [
            ("foundation-model-without-profile", SOURCE, [profile(US)]),
            ("profile-destination-region-missing", SOURCE, [EAST, WEST]),
        ],
    ),
    "the profile as a model": (
        f"converse {US}",
        [allow(model(US))],
        [("profile-id-in-foundation-model-arn", model(US), [profile(US), *MODELS])],
    ),
    "the profile as a model beside one Region": (
        f"converse {US}",
        [allow(model(US, "*"), SOURCE)],
        [
            ("profile-id-in-foundation-model-arn", model(US, "*"), [profile(US)]),
            ("profile-destination-region-missing", SOURCE, [EAST, WEST]),
        ],
    ),
    "the model's id as the profile's": (
        f"converse {US}",
        [allow(profile(SONNET), ANYWHERE)],
        [("profile-id-in-foundation-model-arn", profile(SONNET), [profile(US)])],
    ),
    "a profile without an account": (
        f"converse {US}",
        [allow(profile(US, account=""), ANYWHERE)],
        [("arn-account-field-wrong", profile(US, account=""), [profile(US)])],
    ),
    "models with an account": (
        f"converse {US}",
        [allow(profile(US), model(SONNET, "*", HOME))],
        [("arn-account-field-wrong", model(SONNET, "*", HOME), MODELS)],
    ),
    "the profile of another Region": (
        f"converse {US}",
        [allow(profile(US, "us-west-2"), ANYWHERE)],
        [("grant-region-mismatch", profile(US, "us-west-2"), [profile(US)])],
    ),
    "the profile of another account": (
        f"converse {US}",
        [allow(profile(US, account=AWAY), ANYWHERE)],
        [("grant-region-mismatch", profile(US, account=AWAY), [profile(US)])],
    ),
    "everything of another Region": (
        f"converse {US}",
        [allow(profile(US, "eu-west-1"), model(SONNET, "eu-west-1"))],
        [("grant-region-mismatch", profile(US, "eu-west-1"), [profile(US), *MODELS])],
    ),
    "another geography": (
        f"converse {US}",
        [allow(profile(EU), ANYWHERE)],
        [("profile-geography-not-granted", profile(EU), [profile(US)])],
    ),
    "all profiles of another geography": (
        f"converse {US}",
        [allow(profile("eu.*"), ANYWHERE)],
        [("profile-geography-not-granted", profile("eu.*"), [profile(US)])],
    ),
    "another version": (
        f"converse {US}",
        [allow(profile(f"us.{OLDER}"), model(OLDER, "*"))],
        [("model-policy-drift", profile(f"us.{OLDER}"), [profile(US), *MODELS])],
    ),
    "another version of another geography": (
        f"converse {US}",
        [allow(profile(f"eu.{OLDER}"), ANYWHERE)],
        [("model-policy-drift", profile(f"eu.{OLDER}"), [profile(US)])],
    ),
    "a test that the profile cannot meet": (
        f"converse {US}",
        [allow("*", Condition=THROUGH_US)],
        [("condition-blocks-call", "bedrock:InferenceProfileArn", [profile(US)])],
    ),
    "a test of another profile": (
        f"converse {US}",
        [allow(profile(US)), allow(ANYWHERE, Condition=THROUGH_EU)],
        [("condition-blocks-call", "bedrock:InferenceProfileArn", MODELS)],
    ),
    "a test of the source Region": (
        f"converse {US}",
        [allow("*", Condition=where("aws:RequestedRegion", "us-east-1"))],
        [("requested-region-vs-profile", "aws:RequestedRegion", [EAST, WEST])],
    ),
    "of several statements the one that lacks least": (
        {"api": "converse", "model": NOVA, "tier": "flex"},
        [
            allow(
                "*",
                Condition={
                    "StringEquals": {"aws:RequestedRegion": "eu-west-1", "bedrock:ServiceTier": "priority"},
                },
            ),
            allow(model(NOVA), Condition=where("bedrock:ServiceTier", "priority")),
        ],
        [("condition-blocks-call", "bedrock:ServiceTier", [model(NOVA)])],
    ),
    "two calls, one fault": (
        [f"converse {US}", f"converse-stream {US}"],
        [allow(ANYWHERE, action=[INVOKE, STREAM])],
        [("foundation-model-without-profile", ANYWHERE, [profile(US), profile(US)])],
    ),
    # A global profile
    "the model with a Region": (
        f"converse {GLOBAL}",
        [allow(profile(GLOBAL), SOURCE)],
        [("global-profile-regionless-fm-missing", SOURCE, [REGIONLESS])],
    ),
    "the global profile alone": (
        f"converse {GLOBAL}",
        [allow(profile(GLOBAL))],
        [("profile-without-foundation-model", profile(GLOBAL), [SOURCE, REGIONLESS])],
    ),
    "all but the global profile": (
        f"converse {GLOBAL}",
        [allow(SOURCE, REGIONLESS)],
        [("foundation-model-without-profile", SOURCE, [profile(GLOBAL)])],
    ),
    # An application profile
    "the copied profile": (
        {"api": "converse", "model": COPY, "source": US},
        [allow(profile(US), ANYWHERE)],
        [("application-inference-profile-not-covered", profile(US), [COPY])],
    ),
    "the copied profile alone": (
        {"api": "converse", "model": COPY, "source": US},
        [allow(profile(US))],
        [("application-inference-profile-not-covered", profile(US), [COPY, *MODELS])],
    ),
    "the model that it stands for": (
        {"api": "converse", "model": COPY, "source": NOVA},
        [allow(model(NOVA))],
        [("application-inference-profile-not-covered", model(NOVA), [COPY])],
    ),
    "the application profile of another Region": (
        {"api": "converse", "model": COPY, "source": NOVA},
        [allow(COPY.replace("us-east-1", "us-west-2"), model(NOVA))],
        [("grant-region-mismatch", COPY.replace("us-east-1", "us-west-2"), [COPY])],
    ),
    # A model beside the main one
    "a second model": (
        [f"converse {NOVA}", {"api": "converse", "model": US, "part": "small model"}],
        [allow(model(NOVA), profile(US))],
        [("secondary-model-not-covered", "", MODELS)],
    ),
}


@pytest.mark.parametrize(("use", "statements", "expected"), CASES.values(), ids=CASES)
def test_a_denial_is_put_down_to_the_fault_that_explains_it(
    use: Any, statements: list[Statement], expected: list[tuple[str, str, list[str]]]
) -> None:
    found = explained(source(use, *statements))

    assert {cause.layer for cause in found} <= {"identity"}
    assert [
        (cause.rule, place_of(cause), [str(ruling.row.request.resource) for ruling in cause.rulings]) for cause in found
    ] == expected


ONLY_EAST_1 = where("aws:RequestedRegion", "us-east-1")


@pytest.mark.parametrize(
    ("statements", "fits"),
    [
        ([allow(ANYWHERE)], True),
        ([allow(ANYWHERE, Condition=THROUGH_US)], False),
        ([allow(profile(US), SOURCE)], True),
        ([allow(profile(US), SOURCE, Condition=ONLY_EAST_1)], False),
        ([allow(profile(US)), allow(SOURCE, Condition=THROUGH_US)], True),
    ],
)
def test_nothing_is_added_to_a_statement_whose_condition_would_still_fail(
    statements: list[Statement], fits: bool
) -> None:
    [cause] = explained(source(f"converse {US}", *statements))

    assert cause.fits is fits
    finding = told(source(f"converse {US}", *statements), cause.rule)
    assert finding.fix is not None
    assert bool(finding.fix.edits) is fits


@pytest.mark.parametrize(
    ("use", "statement", "rule"),
    [
        (f"converse {NOVA}", allow(model(NOVA), action="bedrock:Converse"), "action-not-in-reference"),
        (f"converse {NOVA}", allow(model(NOVA), action="bedrock-runtime:Converse"), "action-unknown-prefix"),
        (f"converse {NOVA}", allow(model(NOVA, account=HOME)), "arn-account-field-wrong"),
        (f"converse {US}", allow(model(US)), "profile-id-in-foundation-model-arn"),
    ],
)
def test_a_fault_in_an_inline_policy_that_explains_a_denial_is_told_once(
    use: str, statement: Statement, rule: str
) -> None:
    finding = told(source(use, statement), rule)

    assert finding.severity.word == "error"
    assert finding.message.startswith("`converse` of ")
    assert "no identity-based policy allows" in finding.message


def test_a_fault_that_explains_no_denial_is_told_as_it_is() -> None:
    finding = told(
        source(f"converse {NOVA}", allow(model(NOVA), model("meta.llama*", account=HOME))), "arn-account-field-wrong"
    )

    assert finding.message == "`foundation-model` ARNs have no account"


def test_a_rule_that_guesses_without_a_declaration_knows_with_one() -> None:
    rule = "profile-without-foundation-model"
    statement = allow(profile(US))

    assert told(source(f"converse {US}", statement), rule).severity.word == "error"
    assert not found(source(f"converse {NOVA}", statement, allow(model(NOVA))), rule).findings


@pytest.mark.parametrize(
    "use",
    [
        f"converse {US}",
        {"api": "converse-stream", "model": GLOBAL, "region": ["us-east-1", "eu-west-1"]},
        {"api": "converse", "model": COPY, "source": NOVA},
        {"api": "invoke-model", "model": "amazon.nova-unheard-of-v9:0"},
    ],
)
def test_the_command_for_a_call_that_nothing_allows_writes_a_policy_that_does(use: Any, run: Run) -> None:
    nothing = allow("*", action="s3:GetObject")
    fix = told(source(use, nothing), "invoke-not-allowed").fix
    assert fix is not None
    [command] = [part for part in fix.text.split("`") if part.startswith("bedrock-policy-lint ")]

    written = run(*shlex.split(command)[1:])

    assert written.code == 0, written.err
    policy = json.loads(written.out)
    assert not explained(source(use, nothing, *policy["Statement"]))
