"""Rules on a usage that cannot be right in itself: silent on what is supported, and on what is not known."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest

from bedrock_policy_lint.authorize.layers import Layers
from bedrock_policy_lint.authorize.request import Identity
from bedrock_policy_lint.catalog import Model, default
from bedrock_policy_lint.engine import Settings, lint_declaration
from bedrock_policy_lint.frontends.declaration import Declaration
from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.registry import rules
from bedrock_policy_lint.rule import Context, Problem
from bedrock_policy_lint.sources.files import no_file
from bedrock_policy_lint.sources.node import Node
from bedrock_policy_lint.sources.source import Source
from bedrock_policy_lint.usage import apis, targets
from bedrock_policy_lint.usage.usage import Caller, Usage

TODAY = "2026-11-20"
ACCOUNT = "111122223333"
CATALOG = default()
CONTEXT = Context(CATALOG, "", TODAY)
NAMES = (
    "usage-unknown-model",
    "on-demand-unsupported-model",
    "geo-prefix-region-mismatch",
    "usage-region-without-bedrock",
    "usage-model-not-in-region",
    "streaming-unsupported-model",
    "api-unsupported-model",
    "usage-model-end-of-life",
    "residency-broken",
)
BY_ID = ("invoke", "converse", "converse_stream", "bidirectional_stream")
SOURCE = Source("bedrock-usage.yaml", "uses: []")


def declared(*calls: tuple[str, str, str], residency: str = "") -> Declaration:
    """A declaration of calls, each an API, an id and a Region, and each at a place of its own."""
    usages = []
    for api, model, region in calls:
        node = Node(f"{api} {model}", 0, 0, SOURCE)
        target = targets.parse(model, region, CATALOG)
        assert target is not None, model
        usages.append(Usage(api, region, ACCOUNT, target, residency=residency, node=node, nodes={"region": node}))
    caller = Caller("", Identity(ACCOUNT), Layers(), tuple(usages))
    return Declaration(Document(SOURCE), (caller,), (), ())


def told(declaration: Declaration, *names: str, context: Context = CONTEXT) -> list[tuple[str, str]]:
    """Which rule says what of a declaration."""
    return [
        (name, found.message)
        for name in names or NAMES
        for _, check in rules()[name].checks
        for found in check(declaration, context)
        if isinstance(found, Problem)
    ]


def known_to_work(model: Model) -> list[str]:
    """The APIs of bedrock-runtime that a model certainly supports."""
    found = []
    for name in apis.names():
        api = apis.find(name)
        assert api is not None
        if api.family in BY_ID and model.apis.get(api.family) and not (api.streams and model.streaming is False):
            found.append(name)
    return found


def supported() -> Iterator[tuple[str, str, str]]:
    """Every call that the catalogue certainly supports: an API, an id and a Region."""
    for model in CATALOG.models():
        if model.status != "active":
            continue
        runtime = known_to_work(model)
        yield from product(runtime, [model.id], model.on_demand_regions)
        for profile_id in model.profiles:
            profile = CATALOG.profile(profile_id)
            assert profile is not None
            if profile.status in ("listed", "documented"):
                yield from product(runtime, [profile_id], profile.source_regions)
        yield from product(["mantle"] if model.mantle_apis else [], [model.id], model.mantle_regions)


def test_no_rule_speaks_of_a_call_that_the_catalogue_supports() -> None:
    calls = list(supported())

    assert len(calls) > 5000
    assert told(declared(*calls)) == []


def test_no_rule_breaks_down_on_any_model_region_or_api() -> None:
    ids = [
        *(model.id for model in CATALOG.models()),
        *(model.id for model in CATALOG.other_models()),
        *(profile.id for profile in CATALOG.profiles()),
        *(profile.id for profile in CATALOG.community_profiles()),
    ]
    regions = [region.name for region in CATALOG.regions()]
    # Every pair of two of the three, and not every triple.
    calls = {
        *product(["converse-stream"], ids, regions),
        *product(apis.names(), ids, ["eu-west-1"]),
        *product(apis.names(), ["us.anthropic.claude-sonnet-4-6", "amazon.nova-lite-v1:0"], regions),
    }

    found = told(declared(*sorted(calls), residency="eu"))

    assert {name for name, _ in found} == set(NAMES)


def test_of_a_region_that_nobody_scanned_it_is_not_said_what_it_lacks() -> None:
    regions = [region.name for region in CATALOG.regions() if region.bedrock and not region.scanned]
    calls = product(["invoke-model"], [model.id for model in CATALOG.models()], regions)

    assert told(declared(*calls), "on-demand-unsupported-model", "usage-model-not-in-region") == []


def test_a_model_without_known_apis_is_not_said_to_lack_one() -> None:
    unknown = [model.id for model in CATALOG.models() if not model.apis and "bedrock-runtime" in model.endpoints]
    calls = list(product(apis.names(), unknown, ["us-east-1"]))

    assert calls
    assert told(declared(*calls), "api-unsupported-model") == []


def test_one_call_in_many_regions_is_one_finding() -> None:
    text = """
region: [us-east-1, us-east-2, us-west-2, eu-west-1, eu-west-3, ap-south-1]
uses:
  - converse anthropic.claude-opus-5
"""
    assert [(finding.rule, finding.region.line) for finding in lint(text)] == [("on-demand-unsupported-model", 4)]
    assert "`us-east-1`, `us-east-2`, `us-west-2` and 3 more Regions" in lint(text)[0].message


def test_one_fault_of_several_apis_is_one_finding() -> None:
    text = """
region: us-east-1
uses:
  - {preset: langchain, model: cohere.embed-english-v3}
"""
    messages = [finding.message for finding in lint(text)]

    assert len(messages) == 1
    assert messages[0].startswith("`converse` and `converse-stream` of `cohere.embed-english-v3` fail")


def test_a_dead_model_is_told_once_and_not_for_its_region_too() -> None:
    text = "region: us-east-1\nuses:\n  - converse anthropic.claude-3-haiku-20240307-v1:0\n"

    assert [finding.rule for finding in lint(text)] == ["usage-model-end-of-life"]


def test_a_life_that_ends_later_is_no_error_yet() -> None:
    text = "region: us-east-1\nuses:\n  - converse ai21.jamba-1-5-mini-v1:0\n"

    before, after = lint(text), lint(text, today="2026-11-27")

    assert [finding.severity.word for finding in before] == ["warning"]
    assert [finding.severity.word for finding in after] == ["error"]


def test_declared_destinations_override_the_sources_of_a_profile() -> None:
    call = "{api: converse, model: eu.anthropic.claude-sonnet-4-6, region: us-east-1%s}"

    alone = lint(f"uses:\n  - {call % ''}\n")
    overridden = lint(f"uses:\n  - {call % ', destinations: [eu-west-1]'}\n")

    assert [finding.rule for finding in alone] == ["geo-prefix-region-mismatch"]
    assert overridden == []


def test_a_region_without_bedrock_is_told_once_for_all_calls() -> None:
    text = """
region: ap-east-1
principals:
  a: {uses: [converse us.anthropic.claude-sonnet-4-6, converse anthropic.claude-opus-5]}
  b: {uses: [invoke-model amazon.titan-embed-text-v2:0]}
"""
    assert [finding.rule for finding in lint(text)] == ["usage-region-without-bedrock"]


@pytest.mark.parametrize(
    ("residency", "call", "broken"),
    [
        ("eu", "{api: converse, model: eu.anthropic.claude-sonnet-4-6, region: eu-west-1}", False),
        ("eu", "{api: converse, model: global.anthropic.claude-sonnet-4-6, region: eu-west-1}", True),
        ("us", "{api: converse, model: us.anthropic.claude-sonnet-4-6, region: us-east-1}", False),
        ("eu", "{api: invoke-model, model: 'amazon.titan-embed-text-v2:0', region: us-east-1}", True),
        ("jp", "{api: invoke-model, model: 'amazon.titan-embed-text-v2:0', region: ap-southeast-2}", True),
        # New Zealand is a Region of `au.` profiles, and nobody says that it is not meant by `apac`.
        ("apac", "{api: converse, model: au.anthropic.claude-sonnet-4-6, region: ap-southeast-6}", False),
        ("us", "{api: converse, model: us-gov.anthropic.claude-opus-5, region: us-gov-west-1}", False),
        (
            "eu",
            "{api: converse, model: eu.anthropic.claude-sonnet-4-6, region: eu-west-1, destinations: [us-east-1]}",
            True,
        ),
        ("eu", "{api: list, region: us-east-1}", False),
        ("jp", "{api: apply-guardrail, guardrail: {id: abc, profile: apac}, region: ap-northeast-1}", True),
        ("apac", "{api: apply-guardrail, guardrail: {id: abc, profile: apac}, region: ap-northeast-1}", False),
        ("apac", "{api: data-automation, resource: abc, region: ap-southeast-1}", True),
        ("apac", "{api: data-automation, resource: abc, region: ap-northeast-1}", False),
        (
            "eu",
            f"{{api: converse, model: 'arn:aws:bedrock:eu-west-1:{ACCOUNT}:application-inference-profile/a',"
            " source: global.anthropic.claude-sonnet-4-6, region: eu-west-1}",
            True,
        ),
    ],
)
def test_residency_is_broken_by_what_certainly_leads_out(residency: str, call: str, broken: bool) -> None:
    found = lint(f"account: '{ACCOUNT}'\nresidency: {residency}\nuses:\n  - {call}\n")

    assert [finding.rule for finding in found] == (["residency-broken"] if broken else [])


@pytest.mark.parametrize(
    ("statement", "confidence"),
    [
        ("{Effect: Deny, Action: 'aws-marketplace:Subscribe', Resource: '*'}", "certain"),
        ("{Effect: Allow, Action: 'bedrock:CountTokens', Resource: '*'}", "possible"),
        ("{Effect: Allow, Action: ['aws-marketplace:Subscribe', 'aws-marketplace:ViewSubscriptions'],"
         " Resource: '*', Condition: {StringEquals: {'aws:CalledViaLast': bedrock.amazonaws.com}}}", ""),
        ("{Effect: Deny, Action: 'aws-marketplace:*', Resource: '*',"
         " Condition: {StringNotEquals: {'aws:RequestedRegion': eu-west-1}}}", "possible"),
    ],
)  # fmt: skip
def test_a_first_call_that_cannot_subscribe_is_certain_only_where_it_is_forbidden(
    statement: str, confidence: str
) -> None:
    text = f"""
region: us-east-1
account: "{ACCOUNT}"
uses:
  - invoke-model cohere.embed-english-v3
policies:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Action: bedrock:InvokeModel
      Resource: arn:aws:bedrock:us-east-1::foundation-model/cohere.embed-english-v3
    - {statement}
"""
    found = lint(text, pedantic=True, only="marketplace-first-invoke-missing")

    assert [finding.confidence for finding in found] == ([confidence] if confidence else [])


def test_no_global_profile_is_offered_where_data_must_stay() -> None:
    text = "region: us-east-1\n{}uses:\n  - converse anthropic.claude-opus-5\n"

    (free,), (bound,) = lint(text.format("")), lint(text.format("residency: us\n"))

    assert "`global.anthropic.claude-opus-5`" in free.fix.text
    assert bound.fix.text == "call `us.anthropic.claude-opus-5`"


def test_for_a_profile_that_is_gone_another_of_the_same_model_is_offered() -> None:
    (finding,) = lint("region: eu-west-1\nuses:\n  - invoke-model eu.anthropic.claude-fable-5\n")

    assert finding.rule == "usage-model-end-of-life"
    assert finding.fix.text == "call `global.anthropic.claude-fable-5` from `eu-west-1`"


def test_where_no_date_is_known_the_reason_names_the_regions_that_have_one() -> None:
    (finding,) = lint("region: ap-south-1\nuses:\n  - invoke-model anthropic.claude-3-haiku-20240307-v1:0\n")

    assert "its life ended in `ap-northeast-1`, " in finding.why
    assert finding.why.endswith(" on 2026-09-10; elsewhere no date was found")


def test_a_profile_that_cannot_be_called_at_all_breaks_no_residency() -> None:
    found = lint("region: us-east-1\nresidency: us\nuses:\n  - converse eu.anthropic.claude-sonnet-4-6\n")

    assert [finding.rule for finding in found] == ["geo-prefix-region-mismatch"]


def test_a_region_without_bedrock_breaks_no_residency() -> None:
    found = lint("region: ap-east-1\nresidency: eu\nuses:\n  - converse amazon.nova-lite-v1:0\n")

    assert [finding.rule for finding in found] == ["usage-region-without-bedrock"]


@pytest.mark.parametrize(
    ("model", "known"),
    [
        ("amazon.nova-lite-v1:0:300k", True),  # a provisioned variant
        ("cohere.command-r-v1:0", True),  # gone: told by another rule
        ("amazon.nova-light-v1:0", False),
        ("us.amazon.nova-light-v1:0", False),
        ("apac.anthropic.claude-sonnet-4-6", False),  # in hand-kept lists only
        ("us-gov.anthropic.claude-sonnet-5-5", True),  # not confirmed
    ],
)
def test_an_unknown_id_is_told(model: str, known: bool) -> None:
    assert bool(told(declared(("list", model, "us-east-1")), "usage-unknown-model")) is not known


def test_without_identity_policies_nobody_knows_whether_the_caller_may_subscribe() -> None:
    text = "region: us-east-1\nuses:\n  - invoke-model cohere.embed-english-v3\n"

    assert lint(text, pedantic=True, only="marketplace-first-invoke-missing") == []


def test_the_state_of_the_account_is_told_once_for_a_model_of_a_principal() -> None:
    text = """
region: [us-east-1, us-west-2]
principals:
  a: {uses: [converse us.anthropic.claude-sonnet-4-6, converse-stream us.anthropic.claude-sonnet-4-6]}
  b: {uses: [converse us.anthropic.claude-sonnet-4-6]}
"""
    assert len(lint(text, pedantic=True, only="model-access-account-state")) == 2
    assert lint(text, only="model-access-account-state") == []


def lint(text: str, *, today: str = TODAY, pedantic: bool = False, only: str = "") -> list:  # type: ignore[type-arg]
    """The findings in a declaration."""
    source = Source("bedrock-usage.yaml", text)
    settings = Settings(select=frozenset({only} if only else ()), pedantic=pedantic, today=today)
    return lint_declaration(source, no_file, settings).findings
