"""The catalogue: what it answers, what it opens to do so, and laws its data keeps."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from bedrock_policy_lint import catalog as catalog_module
from bedrock_policy_lint.catalog import Catalog, describe
from bedrock_policy_lint.catalog.actions import starred
from bedrock_policy_lint.commands import catalog as verb

CATALOG = catalog_module.default()

OPENED = """
import sys
opened = set()
def watch(event, details):
    if event == "open" and "catalog/data/" in str(details[0]).replace(chr(92), "/"):
        opened.add(str(details[0]).replace(chr(92), "/").partition("catalog/data/")[2])
sys.addaudithook(watch)
had_json = "json" in sys.modules
from bedrock_policy_lint.catalog import default
imported_json = "json" in sys.modules and not had_json
{question}
print(sorted(opened), imported_json)
"""


def opened_by(question: str) -> str:
    """The data files a fresh interpreter opens for a question, and whether the import alone loaded json."""
    done = subprocess.run(
        [sys.executable, "-c", OPENED.format(question=question)], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


# What is opened


@pytest.mark.parametrize(
    ("question", "files"),
    [
        ("", []),
        ("default()", []),
        ('default().expand("s3:Get*")', ["action_names.txt"]),
        ('default().knows_prefix("s4")', ["action_names.txt"]),
        ("default().actions_date", ["index.json"]),
        ('default().split_profile_id("us.anthropic.x")', ["index.json"]),
        ('default().model("amazon.nova-lite-v1:0")', ["models.json"]),
        ('default().profile("us.amazon.nova-lite-v1:0")', ["profiles.json"]),
        ('default().partition_of("us-east-1")', ["regions.json"]),
        ('default().never_action("bedrock:Converse")', ["never.json"]),
        ('default().global_key("aws:SourceIp")', ["condition_keys.json"]),
        ('default().service("bedrock")', ["index.json", "services/bedrock.json"]),
        ('default().service("s3")', ["index.json"]),
    ],
)
def test_a_question_opens_only_what_it_needs(question: str, files: list[str]) -> None:
    assert opened_by(question) == f"{files} False"


def test_a_file_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = Catalog()
    fresh.expand("bedrock:Get*")
    monkeypatch.setattr("builtins.open", None)
    assert "s3:GetObject" in fresh.expand("s3:Get*")


def test_record_types_can_be_imported_from_the_package() -> None:
    for name in catalog_module.__all__:
        assert getattr(catalog_module, name)
    with pytest.raises(AttributeError):
        _ = catalog_module.NoSuchThing


# Actions


def test_a_service_is_found_whatever_the_case() -> None:
    service = CATALOG.service("Bedrock")
    assert service is not None
    assert service.actions["invokemodel"].full_name == "bedrock:InvokeModel"
    assert service is CATALOG.service("bedrock")


def test_only_some_services_have_a_full_table() -> None:
    assert CATALOG.service("s3") is None
    assert CATALOG.knows_prefix("S3")
    assert {"bedrock", "bedrock-mantle", "bedrock-agentcore", "bedrock-websearch"} <= set(CATALOG.detailed_services())
    assert all(CATALOG.service(prefix) for prefix in CATALOG.detailed_services())


def test_the_action_record_has_what_rules_ask_for() -> None:
    action = CATALOG.action("bedrock:invokemodel")
    assert action is not None
    assert action.access_level == "Read"
    assert "foundation-model" in action.resource_types
    assert "bedrock:inferenceprofilearn" in action.condition_keys
    assert "bedrock:bearertokentype" not in action.condition_keys


def test_the_access_level_is_one_word_of_five() -> None:
    services = filter(None, map(CATALOG.service, CATALOG.detailed_services()))
    levels = {action.access_level for service in services for action in service.actions.values()}
    assert levels == {"Read", "Write", "List", "Tagging", "Permissions management"}


def test_keys_of_one_resource_type_count_for_the_action() -> None:
    action = CATALOG.action("bedrock-mantle:CreateInference")
    assert action is not None
    assert action.resource_type_keys["project"] <= action.condition_keys


def test_a_documented_key_that_the_table_forgets_is_attached() -> None:
    subscribe = CATALOG.action("aws-marketplace:Subscribe")
    assert subscribe is not None
    assert "aws-marketplace:productid" in subscribe.condition_keys


@pytest.mark.parametrize(
    ("name", "arn", "has_region", "has_account", "prefix"),
    [
        ("foundation-model", "arn:*:bedrock:*::foundation-model/*", True, False, "foundation-model/"),
        ("inference-profile", "arn:*:bedrock:*:*:inference-profile/*", True, True, "inference-profile/"),
        ("system-tool", "arn:*:bedrock::*:system-tool/*", False, True, "system-tool/"),
        ("flow-alias", "arn:*:bedrock:*:*:flow/*/alias/*", True, True, "flow/"),
    ],
)
def test_resource_types_have_patterns(name: str, arn: str, has_region: bool, has_account: bool, prefix: str) -> None:
    service = CATALOG.service("bedrock")
    assert service is not None
    found = service.resource_types[name]
    assert (found.arns, found.has_region, found.has_account, found.resource_prefix) == (
        (arn,),
        has_region,
        has_account,
        prefix,
    )


def test_starred_leaves_nothing_variable() -> None:
    assert starred("arn:${Partition}:x:${Region}::a/${B}:${C}") == "arn:*:x:*::a/*:*"
    assert starred("plain") == "plain"


# Patterns of actions


def test_expand_spells_names_as_the_reference_does() -> None:
    assert CATALOG.expand("BEDROCK:invokemodel") == ("bedrock:InvokeModel",)
    assert CATALOG.expand("bedrock:InvokeModel*") == (
        "bedrock:InvokeModel",
        "bedrock:InvokeModelWithResponseStream",
    )
    assert CATALOG.expand("bedrock:?nvokeModel") == ("bedrock:InvokeModel",)


def test_expand_finds_nothing_for_what_is_unknown() -> None:
    assert CATALOG.expand("bedrock:Converse") == ()
    assert CATALOG.expand("no-such-service:*") == ()
    assert CATALOG.expand("bedrock:") == ()


@pytest.mark.parametrize("pattern", ["*", "", "InvokeModel", "bed*:InvokeModel", "b?drock:*", ":x"])
def test_expand_wants_a_literal_prefix(pattern: str) -> None:
    with pytest.raises(ValueError, match="no literal service prefix"):
        CATALOG.expand(pattern)


def slow_match(pattern: str, text: str) -> bool:
    """The reference: a pattern as a regular expression."""
    parts = {"*": ".*", "?": "."}
    return re.fullmatch("".join(parts.get(c, re.escape(c)) for c in pattern), text, re.DOTALL) is not None


NAMES = CATALOG.action_names("bedrock")


@given(
    st.sampled_from(NAMES),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 4), st.sampled_from("*?")), max_size=3),
)
def test_expand_agrees_with_the_reference(name: str, cuts: list[tuple[int, int, str]]) -> None:
    for start, length, wildcard in cuts:
        name = name[:start] + wildcard + name[start + length :]
    wanted = tuple(f"bedrock:{n}" for n in NAMES if slow_match(name.lower(), n.lower()))
    assert CATALOG.expand(f"bedrock:{name}") == wanted


# Names that are no names


def test_converse_was_never_an_action() -> None:
    found = CATALOG.never_action("BEDROCK:converse")
    assert found is not None
    assert found.authorised_by == ("bedrock:InvokeModel",)
    assert CATALOG.never_action("bedrock:InvokeModel") is None


def test_what_was_never_an_action_is_in_no_table_and_what_is_meant_is() -> None:
    for never in CATALOG.never_actions():
        assert CATALOG.expand(never.name) == ()
        assert all(CATALOG.expand(meant) == (meant,) for meant in never.authorised_by)


@pytest.mark.parametrize(
    ("client", "prefix"),
    [
        ("bedrock-runtime", "bedrock"),
        ("Bedrock-Agent-Runtime", "bedrock"),
        ("bedrock-agentcore-control", "bedrock-agentcore"),
        ("bedrock-mantle", None),
        ("bedrock", None),
    ],
)
def test_the_name_of_a_client_leads_to_the_prefix(client: str, prefix: str | None) -> None:
    assert CATALOG.right_prefix(client) == prefix
    assert CATALOG.knows_prefix(client) == (prefix is None)


# Operations


@pytest.mark.parametrize(
    ("operation", "actions"),
    [
        ("Converse", ("bedrock:InvokeModel",)),
        ("ConverseStream", ("bedrock:InvokeModelWithResponseStream",)),
        ("StartAsyncInvoke", ("bedrock:InvokeModel",)),
        ("RetrieveAndGenerate", ("bedrock:RetrieveAndGenerate", "bedrock:Retrieve", "bedrock:InvokeModel")),
        ("CreateAgent", ("bedrock:CreateAgent",)),
    ],
)
def test_operations_ask_for_actions(operation: str, actions: tuple[str, ...]) -> None:
    found = CATALOG.operation(operation)
    assert found is not None
    assert found.actions == actions


def test_the_same_operation_of_two_endpoints_is_told_apart() -> None:
    runtime = CATALOG.operation("Responses", "bedrock-runtime")
    mantle = CATALOG.operation("Responses", "bedrock-mantle")
    assert runtime is not None
    assert mantle is not None
    assert runtime.actions != mantle.actions


def test_operations_ask_for_actions_that_exist() -> None:
    for operation in CATALOG.operations():
        asked = [*operation.actions, *operation.sometimes, *operation.uncertain, *operation.caller_also]
        assert operation.actions
        assert operation.confidence in {"A", "B", "C"}
        for action in asked:
            assert CATALOG.expand(action) == (action,), operation


# Condition keys


@pytest.mark.parametrize(
    ("name", "kind", "multivalued"),
    [
        ("aws:RequestedRegion", "String", False),
        ("AWS:sourceip", "IPAddress", False),
        ("aws:CalledVia", "String", True),
        ("aws:ResourceTag/team", "String", False),
        ("aws:PrincipalTag/cost/center", "String", False),
        ("aws:SecureTransport", "Bool", False),
    ],
)
def test_global_keys_have_a_type(name: str, kind: str, multivalued: bool) -> None:
    key = CATALOG.global_key(name)
    assert key is not None
    assert (key.type, key.multivalued) == (kind, multivalued)


@pytest.mark.parametrize("name", ["aws:ResourceTag", "aws:ResourceTag/", "aws:Nothing", "aws:SourceIp/x", ""])
def test_what_is_no_global_key_is_not_found(name: str) -> None:
    assert CATALOG.global_key(name) is None


def test_keys_of_services_are_found_with_their_closed_sets() -> None:
    tier = CATALOG.condition_key("bedrock:servicetier")
    assert tier is not None
    assert (tier.name, tier.values) == ("bedrock:ServiceTier", ("reserved", "priority", "default", "flex"))
    assert CATALOG.condition_key("iam:ResourceTag/team") is not None
    assert CATALOG.condition_key("bedrock:ModelId") is None


def test_every_key_an_action_names_is_a_key_of_its_service() -> None:
    for prefix in CATALOG.detailed_services():
        service = CATALOG.service(prefix)
        assert service is not None
        for action in service.actions.values():
            unknown = {key for key in action.condition_keys if CATALOG.global_key(key) is None}
            assert unknown <= service.condition_keys.keys(), action.full_name


def test_a_misnamed_key_leads_to_the_right_one() -> None:
    found = CATALOG.misnamed_key("aws:inferenceprofilearn")
    assert found is not None
    assert found.right == "bedrock:InferenceProfileArn"
    assert CATALOG.condition_key(found.right)
    assert CATALOG.misnamed_key("bedrock:InferenceProfileArn") is None


# Models and profiles


def test_a_single_record_is_the_one_in_the_list() -> None:
    assert all(CATALOG.model(model.id) == model for model in CATALOG.models())
    assert all(CATALOG.other_model(model.id) == model for model in CATALOG.other_models())
    assert all(CATALOG.profile(profile.id) == profile for profile in CATALOG.profiles())
    assert all(CATALOG.community_profile(found.id) == found for found in CATALOG.community_profiles())


def test_an_identifier_is_of_one_sort() -> None:
    ids = [
        record.id
        for records in (
            CATALOG.models(),
            CATALOG.other_models(),
            CATALOG.profiles(),
            CATALOG.community_profiles(),
        )
        for record in records
    ]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", ["", "\n", '"', 'amazon.nova-lite-v1:0","x', "\ud800", "\0", "{", "a" * 9999])
def test_hostile_identifiers_are_merely_unknown(name: str) -> None:
    assert CATALOG.model(name) is None
    assert CATALOG.other_model(name) is None
    assert CATALOG.profile(name) is None
    assert CATALOG.region(name) is None
    assert not CATALOG.knows_prefix(name)


def test_a_provisioned_variant_is_known() -> None:
    found = next(model for model in CATALOG.other_models() if model.category == "provisioned_variant")
    assert CATALOG.model(found.id) is None
    assert CATALOG.other_model(found.id) == found


def test_leftovers_of_failed_scans_are_not_listed() -> None:
    assert CATALOG.model("anthropic.claude-sonnet-4-20250514-v1:0") is None
    gone = CATALOG.other_model("anthropic.claude-sonnet-4-20250514-v1:0")
    assert gone is not None
    assert (gone.category, gone.eol_date) == ("gone", "2026-10-14")
    haiku = CATALOG.model("anthropic.claude-3-haiku-20240307-v1:0")
    assert haiku is not None
    assert "eu-west-3" not in haiku.on_demand_regions


def test_unknown_is_not_no() -> None:
    mantle_only = next(model for model in CATALOG.models() if model.endpoints == ("bedrock-mantle",))
    assert mantle_only.streaming is None
    assert mantle_only.inference_profile_only is None


def test_regions_of_a_model_are_of_one_sort_only() -> None:
    for model in CATALOG.models():
        sure, unsure = set(model.on_demand_regions), set(model.on_demand_unconfirmed_regions)
        through = set(model.profile_only_regions)
        assert not sure & unsure
        assert not through & (sure | unsure)
        assert {*sure, *unsure, *through, *model.mantle_regions} <= {r.name for r in CATALOG.regions()}


def test_a_model_and_its_profiles_point_at_each_other() -> None:
    for model in CATALOG.models():
        found = [p.id for p in CATALOG.profiles() if p.model_id == model.id and p.status in CURRENT]
        assert sorted(model.profiles) == sorted(found)


CURRENT = {"listed", "documented"}


def test_every_profile_is_of_a_known_model() -> None:
    for profile in CATALOG.profiles():
        assert CATALOG.model(profile.model_id) or CATALOG.other_model(profile.model_id), profile.id


def test_routes_run_between_known_regions_of_one_partition() -> None:
    for profile in CATALOG.profiles():
        assert set(profile.routes or {}) <= set(profile.source_regions)
        assert set(profile.unconfirmed_routes or {}) <= set(profile.source_regions)
        assert not (profile.routes and profile.unconfirmed_routes)
        routes = [*(profile.routes or {}).values(), *(profile.unconfirmed_routes or {}).values()]
        regions = {*profile.source_regions}.union(*routes)
        assert {CATALOG.partition_of(region) for region in regions} <= {profile.partition}
        assert profile.destinations("nowhere") is None


def test_a_listed_profile_of_a_geography_has_all_its_routes() -> None:
    for profile in CATALOG.profiles():
        if profile.status == "listed" and profile.scope == "geo":
            assert sorted(profile.routes or {}) == sorted(profile.source_regions)


def test_nobody_lists_the_destinations_of_a_global_profile() -> None:
    assert all(p.routes is None for p in CATALOG.profiles() if p.scope == "global")


def test_the_destinations_depend_on_the_source() -> None:
    profile = CATALOG.profile("us.anthropic.claude-opus-4-8")
    assert profile is not None
    assert profile.destinations("us-east-1") == ("us-east-1", "us-east-2", "us-west-2")
    assert profile.destinations("us-west-1") == ("us-east-1", "us-east-2", "us-west-1", "us-west-2")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("us.anthropic.claude-x", ("us", "anthropic.claude-x")),
        ("us-gov.amazon.x", ("us-gov", "amazon.x")),
        ("global.anthropic.*", ("global", "anthropic.*")),
        ("anthropic.claude-x", None),
        ("us.nobody.x", None),
        ("us.*", None),
        ("mars.anthropic.x", None),
        ("us", None),
        ("", None),
    ],
)
def test_profile_ids_are_split(text: str, parts: tuple[str, str] | None) -> None:
    assert CATALOG.split_profile_id(text) == parts


def test_every_profile_id_splits_into_its_geography_and_model() -> None:
    for profile in CATALOG.profiles():
        assert CATALOG.split_profile_id(profile.id) == (profile.prefix, profile.model_id)
    assert all(CATALOG.split_profile_id(model.id) is None for model in CATALOG.models())


def test_provider_tokens_start_model_ids() -> None:
    assert {"anthropic", "amazon", "meta"} <= CATALOG.provider_tokens()
    tokens = {token for provider in CATALOG.providers() for token in provider.tokens}
    assert tokens <= CATALOG.provider_tokens()


# Regions, dates, sources


def test_regions_have_a_partition() -> None:
    assert CATALOG.partition_of("us-gov-west-1") == "aws-us-gov"
    assert CATALOG.partition_of("cn-north-1") == "aws-cn"
    assert CATALOG.partition_of("us-east-9") is None
    assert {region.partition for region in CATALOG.regions()} == set(CATALOG.partitions())


def test_a_region_without_bedrock_says_so() -> None:
    hong_kong, virginia = CATALOG.region("ap-east-1"), CATALOG.region("us-east-1")
    assert hong_kong is not None
    assert virginia is not None
    assert (hong_kong.bedrock, virginia.bedrock) == (False, True)


def test_geographies_are_those_of_the_profiles() -> None:
    current = {p.prefix for p in CATALOG.profiles() if p.status in CURRENT}
    assert set(CATALOG.geographies()) == current
    for prefix in current:
        geography = CATALOG.geography(prefix)
        assert geography is not None
        assert (geography.destination_regions is None) == (prefix == "global")


def test_facts_are_dated() -> None:
    for date in (CATALOG.actions_date, CATALOG.models_date, CATALOG.regions_date):
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", date)


def test_records_name_sources_that_are_described() -> None:
    described = set(CATALOG.sources())
    for records in (CATALOG.models(), CATALOG.other_models(), CATALOG.profiles(), CATALOG.operations()):
        for record in records:
            assert record.source
            assert set(record.source) <= described


def test_error_messages_have_a_gate_and_a_fix() -> None:
    assert len({error.id for error in CATALOG.errors()}) == len(CATALOG.errors()) > 50
    for error in CATALOG.errors():
        assert error.gate in range(1, 7)
        assert error.cause
        assert error.fix


def test_nearest_names_ignore_case() -> None:
    assert CATALOG.nearest("INVOKEMODLE", CATALOG.action_names("bedrock"))[0] == "InvokeModel"
    assert len(CATALOG.nearest("Invoke", CATALOG.action_names("bedrock"), 2)) <= 2
    assert CATALOG.nearest("zzzz", ["abc"]) == ()


# The verb


def run(*arguments: str) -> Result:
    """Run the verb on an 80-column terminal."""
    return CliRunner().invoke(verb.command, arguments, env={"COLUMNS": "80"})


def test_a_profile_page_names_routes_and_arns() -> None:
    shown = run("profile", "us.anthropic.claude-opus-4-8").output
    assert "from us-east-1 us-east-2 us-west-2\n    to us-east-1 us-east-2 us-west-2" in shown
    assert "arn:aws:bedrock:us-west-1::foundation-model/anthropic.claude-opus-4-8" in shown
    assert f"as of {CATALOG.models_date}" in shown


def test_a_global_profile_needs_the_arn_without_a_region() -> None:
    shown = run("profile", "global.anthropic.claude-opus-4-8").output
    assert "arn:aws:bedrock:::foundation-model/anthropic.claude-opus-4-8" in shown


def test_a_profile_of_another_partition_has_its_arns() -> None:
    found = CATALOG.profile("us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0")
    assert found is not None
    assert describe.profile_arns(found)["models"][0].startswith("arn:aws-us-gov:bedrock:us-gov-east-1::")


def test_an_action_that_never_was_tells_what_to_write() -> None:
    shown = json.loads(run("action", "bedrock-runtime:ConverseStream", "--json").output)
    assert shown["exists"] is False
    assert shown["write_instead"] == ["bedrock:InvokeModelWithResponseStream"]


def test_an_action_page_names_the_operations_that_ask_for_it() -> None:
    shown = run("action", "invokemodel").output
    assert "Converse of bedrock-runtime" in shown
    assert "InvokeModelWithResponseStream of bedrock-runtime (not certain)" in shown


def test_an_action_without_resource_types_says_what_grants_it() -> None:
    assert 'only "Resource": "*"' in run("action", "bedrock:CallWithBearerToken").output


def test_a_key_with_the_prefix_of_no_service_is_shown() -> None:
    assert "catalog:ChangeType" in run("action", "aws-marketplace:StartChangeSet").output


def test_a_model_that_is_gone_says_so() -> None:
    assert "no longer" in run("model", "anthropic.claude-3-opus-20240229-v1:0").output


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("model", "amazon.nova-lite"), "nearest: amazon.nova-lite-v1:0"),
        (("model", "us.amazon.nova-lite-v1:0"), "form of an inference profile id"),
        (("profile", "amazon.nova-lite-v1:0"), "that is a model id"),
        (("profile", "us.anthropic.claude-mythos-5"), "price table"),
        (("action", "bedrock:InvokeModell"), "nearest: InvokeModel"),
        (("action", "bedrok:InvokeModel"), "nearest: bedrock"),
        (("action", "b*:x"), "no service prefix"),
        (("region", "us-est-1"), "us-east-1"),
    ],
)
def test_an_unknown_name_is_an_error_with_help(arguments: tuple[str, ...], part: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("error: no ")
    assert part in result.stderr
    assert result.stderr.count(",") < 3


def test_a_name_may_be_an_arn() -> None:
    arn = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    assert run("model", arn).output == run("model", "amazon.nova-lite-v1:0").output


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("model", "amazon.nova-lite-v1:0"),
        ("model", "anthropic.claude-3-opus-20240229-v1:0"),
        ("profile", "us.amazon.nova-lite-v1:0"),
        ("action", "bedrock:InvokeModel"),
        ("action", "s3:GetObject"),
        ("action", "bedrock:Converse"),
        ("action", "bedrock-runtime:InvokeModel"),
        ("action", "bedrock:Invoke*"),
        ("region", "us-east-1"),
        ("region", "us-gov-west-1"),
    ],
)
def test_the_help_lists_the_fields_of_the_json(kind: str, name: str) -> None:
    forms = re.findall(r"JSON[^:]*: ([^J]+)", run(kind, "--help").output.partition("Options:")[0])
    fields = list(json.loads(run(kind, name, "--json").output))
    assert ", ".join(fields) in [" ".join(form.split()) for form in forms]


def every_answer() -> list[tuple[describe.Answer, str]]:
    """An answer and its page for everything that is known."""
    found: list[tuple[describe.Answer, str]] = []
    for model in (*CATALOG.models(), *CATALOG.other_models()):
        answer = describe.describe_model(CATALOG, model.id)
        found.append((answer, verb.model_page(answer, 80)))
    for profile in CATALOG.profiles():
        answer = describe.describe_profile(CATALOG, profile.id)
        found.append((answer, verb.profile_page(answer, 80)))
    for region in CATALOG.regions():
        answer = describe.describe_region(CATALOG, region.name)
        found.append((answer, verb.region_page(answer, 80)))
    names = [never.name for never in CATALOG.never_actions()]
    for prefix in ("bedrock", "bedrock-mantle", "aws-marketplace"):
        names += [f"{prefix}:{name}" for name in CATALOG.action_names(prefix)]
    for name in [*names, "s3:GetObject", "bedrock:*", "s3:Get*"]:
        answer = describe.describe_action(CATALOG, name)
        found.append((answer, verb.action_page(answer, 80)))
    return found


def test_every_page_fits_the_terminal_and_every_answer_is_json() -> None:
    for answer, shown in every_answer():
        assert json.loads(json.dumps(answer)) == answer
        assert "None" not in shown
        too_wide = [line for line in shown.splitlines()[2:] if len(line) > 80 and " " in line.strip()]
        assert not too_wide
