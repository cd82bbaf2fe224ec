"""Declarations of usage: what is told where when one is wrong, and the callers and usages that a good one means."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trees import plain

from bedrock_policy_lint import catalog
from bedrock_policy_lint.authorize.request import Identity
from bedrock_policy_lint.frontends import declaration
from bedrock_policy_lint.frontends.declaration import Declaration, Load
from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.model.text import Template
from bedrock_policy_lint.sources import files, yaml
from bedrock_policy_lint.sources import json as json_reader
from bedrock_policy_lint.sources.files import Refusal
from bedrock_policy_lint.sources.source import Source
from bedrock_policy_lint.usage import apis, presets
from bedrock_policy_lint.usage.terms import CREDENTIALS, TIERS
from bedrock_policy_lint.usage.usage import Caller, Guardrail, Usage

DATA = Path(__file__).parent / "data" / "usage"
SCHEMA = Path(declaration.__file__).parents[1] / "schemas" / "usage.schema.json"
CATALOG = catalog.default()
PROFILE = "us.anthropic.claude-sonnet-4-6"
MODEL = "amazon.nova-lite-v1:0"
ROLE = "arn:aws:iam::111122223333:role/chat"


def load(path: str) -> Source | Refusal:
    """A policy of the test data, under the name that the declaration uses."""
    found = files.read(str(DATA / "policies" / path))
    return found if isinstance(found, Refusal) else Source(path, found.text)


def read(text: str, path: str = "bedrock-usage.yaml", load: Load = load) -> Declaration:
    return declaration.read(Source(path, text), load, CATALOG)


def caller(text: str) -> Caller:
    """The only caller of a declaration without faults."""
    declared = read(text)
    assert (declared.document.failures, declared.faults) == ([], ())
    (only,) = declared.callers
    return only


def usages(text: str) -> tuple[Usage, ...]:
    return caller(text).usages


def told(declared: Declaration) -> list[str]:
    """Every fault as `LINE:COLUMN message -> hint`."""
    lines = []
    for node, message, hint in declared.faults:
        line, column = node.source.point(node.start)
        lines.append(f"{line}:{column} {message}" + (f" -> {hint}" if hint else ""))
    return lines


def named(*folders: str) -> list[object]:
    return [pytest.param(path, id=path.name) for folder in folders for path in sorted((DATA / folder).iterdir())]


def breaches(path: Path) -> list[str]:
    root, _ = yaml.read(Source(path.name, path.read_text()))
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    return [error.message for error in validator.iter_errors(plain(root))]


# Faults


@pytest.mark.parametrize("path", named("bad", "beyond"))
def test_every_fault_is_told_at_its_place_with_its_cure(path: Path) -> None:
    text = path.read_text()
    expected = [line.removeprefix("# ") for line in text.splitlines() if line.startswith("# ")]

    assert told(read(text, path.name)) == expected


@pytest.mark.parametrize("path", named("good"))
def test_a_good_declaration_has_no_faults(path: Path) -> None:
    declared = read(path.read_text(), path.name)

    assert (declared.document.failures, told(declared)) == ([], [])
    assert all(caller.usages for caller in declared.callers)


@pytest.mark.parametrize("text", ['[{"uses": ["list"]}]', '{"name": "hello", "version": 1}', "hello"])
def test_what_has_no_key_of_a_declaration_is_one_fault(text: str) -> None:
    (fault,) = told(read(text, "usage.yaml"))
    assert fault.startswith("1:1 this is neither a declaration of usage nor a template -> a declaration has `uses`")


@pytest.mark.parametrize(
    ("path", "text", "kind", "message"),
    [
        ("usage.yaml", "uses: [list\n", "unreadable-file", "it is not YAML: "),
        ("usage.json", '{"uses": ["list" "list"]}', "invalid-json", "a comma is missing"),
        ("usage.yaml", "", "unreadable-file", "it is not YAML: the file is empty"),
    ],
)
def test_a_text_that_cannot_be_read_is_a_failure(path: str, text: str, kind: str, message: str) -> None:
    declared = read(text, path)

    (failure,) = declared.document.failures
    assert (failure.kind, declared.callers, declared.faults) == (kind, (), ())
    assert failure.message.startswith(message)


def test_a_fault_in_one_place_does_not_stop_the_rest() -> None:
    declared = read(f"region: us-east-1\nuses: [convers {MODEL}, converse {MODEL}, {{api: list, subscribed: 1}}]")

    assert len(declared.faults) == 2
    assert [usage.api for usage in declared.callers[0].usages] == ["converse"]


def test_with_a_fault_nothing_can_be_too_much() -> None:
    assert caller("region: us-east-1\nuses: [list]").complete
    assert not read("region: us-east-1\nuses: [list, lst]").callers[0].complete
    assert not caller("region: us-east-1\ncomplete: false\nuses: [list]").complete


def test_an_inherited_fault_is_told_once() -> None:
    declared = read("region: us-esat-1\nuses: [list, list, list]")

    assert [line.partition(" ")[0] for line in told(declared)] == ["1:9"]
    assert declared.callers[0].usages == ()


def test_an_unknown_model_is_left_to_the_rules() -> None:
    (usage,) = usages("region: us-east-1\nuses: [converse anthropic.claude-nine-v1:0]")

    assert usage.target is not None
    assert (usage.target.kind, usage.target.id) == ("foundation-model", "anthropic.claude-nine-v1:0")


def test_a_region_without_bedrock_is_left_to_the_rules() -> None:
    assert not CATALOG.region("ap-east-1").bedrock  # type: ignore[union-attr]
    assert [usage.region for usage in usages("region: ap-east-1\nuses: [list]")] == ["ap-east-1"]


# What belongs to one call


def test_the_short_form_names_api_and_model() -> None:
    (usage,) = usages(f"region: us-east-1\nuses:\n  - converse-stream {PROFILE}")

    assert (usage.api, usage.region, usage.target and usage.target.written) == ("converse-stream", "us-east-1", PROFILE)
    assert usage.nodes["api"] is usage.nodes["model"] is usage.node


@pytest.mark.parametrize(
    ("entry", "kind", "name"),
    [
        ("invoke-agent AGENT12345/ALIAS12345", "agent-alias", "AGENT12345/ALIAS12345"),
        ("retrieve KBID123456", "knowledge-base", "KBID123456"),
        ("{api: retrieve, resource: 1234567890}", "knowledge-base", "1234567890"),
        ("apply-guardrail abc123", "guardrail", "abc123"),
        (f"{{api: retrieve-and-generate, resource: KBID123456, model: '{MODEL}'}}", "knowledge-base", "KBID123456"),
    ],
)
def test_a_call_names_a_resource(entry: str, kind: str, name: str) -> None:
    (usage,) = usages(f"region: us-east-1\nuses:\n  - {entry}")

    assert usage.resource is not None
    assert (usage.resource.kind, usage.resource.id) == (kind, name)


@pytest.mark.parametrize("word", ["ConverseStream", "conversestream", "converse_stream"])
def test_an_operation_of_the_sdk_is_a_name_too(word: str) -> None:
    assert [usage.api for usage in usages(f"region: us-east-1\nuses: [{word} {PROFILE}]")] == ["converse-stream"]


def test_each_region_of_a_list_is_a_usage() -> None:
    text = (
        f"region: us-west-2\nuses:\n  - {{api: converse, model: '{PROFILE}', region: [us-east-1, us-east-2]}}\n  - list"
    )

    found = usages(text)

    assert [(usage.api, usage.region) for usage in found] == [
        ("converse", "us-east-1"),
        ("converse", "us-east-2"),
        ("list", "us-west-2"),
    ]
    assert [usage.nodes["region"].value for usage in found] == ["us-east-1", "us-east-2", "us-west-2"]


def test_what_stands_behind_a_target_is_parsed_with_it() -> None:
    model = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1"
    (usage,) = usages(f"region: us-east-1\nuses: [{{api: converse, model: '{model}', source: {PROFILE}}}]")

    assert usage.target is not None
    assert usage.target.kind == "application-inference-profile"
    assert [source.id for source in usage.target.sources] == [PROFILE]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("abc123", Guardrail("abc123")),
        ("123456", Guardrail("123456")),
        ("{id: abc123, version: 3, profile: us, enforced: true}", Guardrail("abc123", "3", "", "us", True)),
        ("{id: abc123, account: 999988887777, version: DRAFT}", Guardrail("abc123", "DRAFT", "999988887777")),
        ("{id: abc123, account: '111122223333'}", Guardrail("abc123")),
        ("arn:aws:bedrock:us-east-1:999988887777:guardrail/abc123", Guardrail("abc123", account="999988887777")),
        ("arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123", Guardrail("abc123")),
    ],
)
def test_a_guardrail_is_an_id_an_arn_or_more(written: str, expected: Guardrail) -> None:
    start = "account: '111122223333'\nregion: us-east-1\nuses:\n"

    (usage,) = usages(f"{start}  - {{api: converse, model: '{MODEL}', guardrail: {written}}}")

    assert usage.guardrail == expected


def test_further_fields_are_kept_with_their_places() -> None:
    usage = usages((DATA / "good" / "targets.yaml").read_text())[0]

    assert usage.tier == "priority"
    assert usage.destinations == ("us-east-1", "us-west-2")
    assert usage.tools == ("web-search",)
    assert usage.part == "summary"
    places = {"api", "model", "region", "account", "guardrail", "tier", "destinations", "source"}
    assert places <= usage.nodes.keys()
    assert usage.at("tier").value == "priority"  # type: ignore[union-attr]
    assert usage.at("residency") is usage.node


def test_a_preset_becomes_the_calls_of_its_client() -> None:
    small = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
    entry = f"{{preset: claude-code, model: {PROFILE}, small-model: '{small}', tier: flex}}"
    preset = presets.find("claude-code")
    assert preset is not None

    found = usages(f"region: [us-east-1, us-west-2]\nuses: [{entry}]")

    expected = presets.expand(preset, {"model": PROFILE, "small-model": small})
    assert [(usage.api, usage.target.id if usage.target else "", usage.part) for usage in found] == 2 * [
        (use.api, use.model, use.part) for use in expected
    ]
    assert {usage.preset for usage in found} == {"claude-code"}
    assert {usage.nodes["model"].value for usage in found if usage.target} == {PROFILE, small}
    assert {usage.tier for usage in found if usage.api == "list-profiles"} == {""}


def test_a_preset_can_call_through_an_application_profile() -> None:
    application = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/app"
    models = f"model: '{application}', source: {PROFILE}, small-model: us.amazon.nova-micro-v1:0"

    found = usages(f"region: us-east-1\nuses: [{{preset: claude-code, {models}}}]")

    behind = {(usage.part, tuple(source.id for source in usage.target.sources)) for usage in found if usage.target}
    assert behind == {("", (PROFILE,)), ("small model", ())}


# What is inherited


def test_the_innermost_value_holds() -> None:
    chat, batch = read((DATA / "good" / "several.yaml").read_text()).callers

    first, _, own = chat.usages
    assert (first.region, first.residency, first.network, first.credentials) == (
        "us-east-1",
        "us",
        "vpce-0abc123",
        "sigv4",
    )
    assert (own.region, own.residency, own.network, own.credentials) == ("us-east-1", "eu", "public", "short-term-key")
    assert [usage.region for usage in chat.usages] == ["us-east-1", "us-west-2", "us-east-1"]
    assert [usage.region for usage in batch.usages] == ["us-west-2"]
    assert (first.subscribed, batch.usages[0].subscribed) == (True, False)
    assert first.nodes["residency"].value == "us"
    assert first.nodes["account"].value == "111122223333"


def test_context_is_joined_key_by_key() -> None:
    chat, _ = read((DATA / "good" / "several.yaml").read_text()).callers

    assert chat.usages[0].context == {
        "aws:principalorgid": ("o-abc",),
        "aws:principaltag/team": ("search",),
        "aws:sourceip": (),
        "aws:multifactorauthpresent": ("true",),
        "aws:tagkeys": ("a", "b"),
        "aws:epochtime": ("1.50",),
    }
    assert chat.usages[2].context["aws:principaltag/team"] == ("chat",)


def test_a_role_names_its_account() -> None:
    only = caller(f"role: {ROLE}\nregion: us-east-1\nuses: [list]")

    assert only.name == "chat"
    assert only.identity == Identity("111122223333", ROLE)
    assert only.usages[0].account == "111122223333"
    assert only.usages[0].nodes["account"].value == ROLE


def test_an_account_that_nobody_declares_is_a_hole() -> None:
    only = caller("region: us-east-1\nuses: [list]")

    assert isinstance(only.identity.account, Template)
    assert str(only.identity.account) == "<account>"
    assert only.usages[0].account == only.identity.account


@pytest.mark.parametrize("written", ['"012345678901"', "012345678901"])
def test_an_account_id_keeps_its_leading_zero(written: str) -> None:
    assert caller(f"account: {written}\nregion: us-east-1\nuses: [list]").identity.account == "012345678901"


def test_a_number_in_json_is_an_account_id_too() -> None:
    declared = read('{"account": 111122223333, "region": "us-east-1", "uses": ["list"]}', "usage.json")

    assert (declared.faults, declared.callers[0].identity.account) == ((), "111122223333")


# Policies


def test_policies_go_to_their_layers_with_their_kinds() -> None:
    declared = read((DATA / "good" / "several.yaml").read_text())
    chat, batch = declared.callers

    assert chat.layers.identity is not None
    assert [policy.kind for policy in chat.layers.identity] == ["identity", "identity"]
    assert [policy.kind for policy in chat.layers.boundary] == ["boundary"]
    assert [[policy.kind for policy in level] for level in chat.layers.scps] == [["scp"], ["scp", "scp"]]
    assert [policy.kind for policy in chat.layers.endpoint] == ["vpc-endpoint"]
    assert [(found.resource, found.policy.kind) for found in chat.layers.resources] == [
        ("arn:aws:bedrock:us-east-1:999988887777:guardrail/abc", "resource")
    ]
    assert [len(level) for level in batch.layers.scps] == [1]
    assert batch.layers.endpoint == ()


def test_an_inline_policy_belongs_to_the_declaration_and_points_into_it() -> None:
    text = (DATA / "good" / "several.yaml").read_text()
    declared = read(text)

    (inline,) = declared.document.policies
    (statement,) = inline.statements
    assert statement.effect_node is not None
    assert text[statement.effect_node.start : statement.effect_node.end] == "Deny"
    assert declared.callers[0].layers.identity[1] is inline  # type: ignore[index]


def test_a_breach_of_the_grammar_in_an_inline_policy_is_a_defect() -> None:
    declared = read("region: us-east-1\npolicies: {Version: '2012-10-17', Statment: []}\nuses: [list]")

    assert declared.faults == ()
    assert [(defect.kind, defect.element) for defect in declared.document.defects] == [("unknown-element", "Statment")]


def test_each_policy_file_is_read_once() -> None:
    asked: list[str] = []

    def counting(path: str) -> Source | Refusal:
        asked.append(path)
        return load(path)

    declared = read((DATA / "good" / "several.yaml").read_text(), load=counting)

    assert sorted(asked) == ["chat.json", "endpoint.json", "guardrail.json", "regions.json", "root.json"]
    assert sorted(document.source.path for document in declared.documents) == sorted(asked)
    first, second = (caller.layers.identity[0] for caller in declared.callers)  # type: ignore[index]
    assert first is second


def test_without_policies_nobody_knows_what_is_granted() -> None:
    assert caller("region: us-east-1\nuses: [list]").layers.identity is None
    assert caller("region: us-east-1\npolicies: []\nuses: [list]").layers.identity == ()


def test_layers_with_an_unread_policy_are_named() -> None:
    (only,) = read((DATA / "beyond" / "policy_files.yaml").read_text()).callers

    assert only.unread == {"identity", "boundary", "scp"}
    assert only.layers.identity is None


def test_an_unread_policy_of_an_endpoint_concerns_whoever_takes_it() -> None:
    text = """
region: us-east-1
endpoint: {id: vpce-1, policies: missing.json}
principals:
  through: {uses: [list]}
  past: {endpoint: public, uses: [list]}
  partly: {endpoint: public, uses: [{api: list, endpoint: vpce-1}]}
"""
    assert [caller.unread for caller in read(text).callers] == [{"endpoint"}, set(), {"endpoint"}]


def test_a_file_of_two_kinds_is_read_as_each_and_listed_once() -> None:
    declared = read("region: us-east-1\npolicies: root.json\nrcps: [root.json]\nuses: [list]")
    layers = declared.callers[0].layers

    assert layers.identity is not None
    assert (layers.identity[0].kind, layers.rcps[0][0].kind) == ("identity", "rcp")
    assert [document.source.path for document in declared.documents] == ["root.json"]
    assert id(layers.identity[0].node.source) in declared.documents[0].texts
    assert id(layers.rcps[0][0].node.source) in declared.documents[0].texts


def test_a_principal_that_says_its_own_is_free_of_an_unread_policy_above() -> None:
    text = (
        "region: us-east-1\nscps: missing.json\nprincipals:\n  a: {uses: [list]}\n  b: {scps: root.json, uses: [list]}"
    )

    assert [caller.unread for caller in read(text).callers] == [{"scp"}, set()]


def test_a_call_takes_the_policy_of_its_own_endpoint() -> None:
    text = """
region: us-east-1
endpoint: vpce-1
principals:
  early: {uses: [list, {api: list, endpoint: public}]}
  late: {endpoint: {id: vpce-1, policies: endpoint.json}, uses: [list]}
"""
    early, late = read(text).callers

    through, past = early.usages
    assert early.layers.endpoint == late.layers.endpoint != ()
    assert early.layers_of(through).endpoint == late.layers.endpoint
    assert early.layers_of(past).endpoint == ()


def test_a_policy_behind_an_alias_is_one_policy() -> None:
    text = """
region: us-east-1
principals:
  a: {policies: &shared {Statement: {Effect: Allow, Action: "*", Resource: "*"}}, uses: [list]}
  b: {policies: *shared, uses: [list]}
"""
    declared = read(text)

    assert len(declared.document.policies) == 1
    assert declared.callers[0].layers.identity == declared.callers[1].layers.identity


def test_a_table_of_the_configuration_is_read_from_its_tree() -> None:
    source = Source("bedrock-policy-lint.json", '{"usage": {"region": "us-east-1", "uses": ["list", "lst"]}}')
    root, _ = json_reader.read(source)
    document = Document(source)
    document.add_root(root)

    declared = declaration.read_tree(document, root.value.get("usage"), load, CATALOG)

    assert declared.document is document
    assert told(declared) == ["1:52 no API is called `lst`; did you mean `list`?"]
    assert [usage.api for usage in declared.callers[0].usages] == ["list"]


# What is a declaration


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("uses: [converse x]", True),
        ("uses: [{preset: claude-code}]", True),
        ("region: us-east-1\nuses: [convers x]", True),
        ("principals: {chat: {uses: [convers x]}}", True),
        ("uses: [actions/checkout@v4]", False),
        ("name: build\nuses: [actions/checkout@v4]", False),
        ("uses: ./workflow.yaml", False),
        ("principals: [a, b]", False),
        ("principals: {a: {name: b}}", False),
        ("Version: '2012-10-17'\nStatement: []", False),
        ("[uses]", False),
        ("uses", False),
    ],
)
def test_a_declaration_is_known_by_its_content(text: str, expected: bool) -> None:
    root, _ = yaml.read(Source("any.yaml", text))

    assert declaration.is_declaration(root) is expected


# The schema


@pytest.mark.parametrize("path", named("good", "beyond"))
def test_the_schema_accepts_what_only_the_catalogue_can_refuse(path: Path) -> None:
    assert breaches(path) == []


@pytest.mark.parametrize("path", named("bad"))
def test_the_schema_refuses_what_the_reader_refuses(path: Path) -> None:
    assert breaches(path)


def test_the_schema_names_what_there_is() -> None:
    known = json.loads(SCHEMA.read_text())["$defs"]
    takes = {parameter.name for name in presets.names() for parameter in presets.find(name).parameters}  # type: ignore[union-attr]

    assert known["api"]["anyOf"][0]["enum"] == list(apis.names())
    assert known["preset"]["enum"] == list(presets.names())
    assert takes <= known["client"]["properties"].keys()
    assert (known["tier"]["enum"], known["credentials"]["enum"]) == (list(TIERS), list(CREDENTIALS))
    assert set(known["residency"]["examples"]) == set(CATALOG.geographies()) - {"global"}


# Hostile input


def test_a_list_longer_than_anybody_needs_is_refused() -> None:
    declared = read(
        json.dumps({"region": ["us-east-1"] * 201, "context": {f"a:{key}": 1 for key in range(201)}, "uses": []})
    )

    assert [fault.message for fault in declared.faults] == [
        "`region`: a list of 201 entries, and at most 200 are read",
        "`context`: more than 200 keys",
    ]


def test_more_usages_than_anybody_has_are_refused() -> None:
    declared = read(json.dumps({"region": ["us-east-1", "us-west-2"], "uses": ["list"] * 5001}))

    assert len(declared.callers[0].usages) == 10_000
    assert [fault.message for fault in declared.faults] == ["more than 10,000 usages are declared"]


def test_more_principals_than_anybody_has_are_refused() -> None:
    principals = {f"p{number}": {"uses": ["list"]} for number in range(1001)}

    declared = read(json.dumps({"region": "us-east-1", "principals": principals}))

    assert len(declared.callers) == 1000
    assert [fault.message for fault in declared.faults] == ["more than 1,000 principals are declared"]


def test_more_policy_files_than_anybody_has_are_refused() -> None:
    policy = (DATA / "policies" / "root.json").read_text()
    paths = [f"{number}.json" for number in range(5002)]

    declared = read(
        json.dumps({"region": "us-east-1", "policies": paths, "uses": ["list"]}),
        load=lambda path: Source(path, policy),
    )

    assert len(declared.documents) == 5000
    assert [fault.message for fault in declared.faults] == 2 * ["more than 5,000 policies are declared"]


KEYS = (
    *("principals", "uses", "role", "user", "policies", "boundary", "session", "scps", "rcps", "resource-policies"),
    *("organization", "complete", "account", "region", "credentials", "residency", "endpoint", "context"),
    *("subscribed", "api", "model", "source", "resource", "guardrail", "tier", "destinations", "tools", "stored"),
    *("part", "preset", "small-model", "id", "version", "profile", "enforced", "reasoning", "Statement", "Effect"),
)
WORDS = (
    *("us-east-1", "us-gov-west-1", "converse", "list", "apply-guardrail", "retrieve", PROFILE, MODEL, ROLE, "us"),
    *("converse " + MODEL, "public", "vpce-1", "claude-code", "priority", "chat.json", "arn:aws:bedrock:::x/y", "abc"),
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(WORDS)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), inner, max_size=6)
    ),
    max_leaves=40,
)


@given(st.dictionaries(st.sampled_from(KEYS), values, max_size=8) | values)
def test_no_value_makes_a_traceback(value: object) -> None:
    text = json.dumps(value, allow_nan=False) if _is_finite(value) else "null"
    for path in ("usage.json", "usage.yaml"):
        declared = read(text, path, load=lambda path: Refusal(Source(path, ""), "no", ""))

        for fault in declared.faults:
            assert fault.node.source.point(fault.node.start)
            assert fault.message
            declared.document.address(fault.node.source, fault.node.start, fault.node.end)


def _is_finite(value: object) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


@given(st.text(st.sampled_from("uses: -\n[]{}&*ab,\"'|><#0.5"), max_size=60))
def test_no_text_makes_a_traceback(text: str) -> None:
    read(text)
