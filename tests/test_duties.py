"""What service roles must be allowed: the requests of each feature, and which rule tells what is missing."""

from __future__ import annotations

import pytest
from deployed import ACCOUNT, OWN, REGION, Statement, allow, deployment, feature, function, key_policy, role

from bedrock_policy_lint.authorize.decision import DENIED, UNKNOWN
from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.deployment.callers import callers
from bedrock_policy_lint.deployment.deployment import Feature
from bedrock_policy_lint.deployment.duties import KINDS, usages
from bedrock_policy_lint.diagnosis.cause import Cause
from bedrock_policy_lint.diagnosis.causes import causes
from bedrock_policy_lint.diagnosis.verdict import assess
from bedrock_policy_lint.diagnosis.wording import fails
from bedrock_policy_lint.registry import rules
from bedrock_policy_lint.rule import Context, Problem

CATALOG = default()
NOVA, SONNET = "amazon.nova-lite-v1:0", "anthropic.claude-sonnet-4-6"
MODEL = f"arn:aws:bedrock:{REGION}::foundation-model/{NOVA}"
INVOKE, RETRIEVE = "bedrock:InvokeModel", "bedrock:Retrieve"
BASE = OWN + "knowledge-base/KBID123456"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/${{Key}}"
INDEX = f"arn:aws:s3vectors:{REGION}:{ACCOUNT}:bucket/docs/index/docs"
BUCKET = "arn:aws:s3:::docs"
TRUSTING = {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}


def asked(one: Feature, *others: object) -> set[tuple[str, str, str]]:
    """Action, resource and confidence of every request."""
    made = deployment(role(), one, *others)
    found = usages(one, made, CATALOG)
    (caller,) = callers(made, CATALOG)
    rows = [ruling.row for verdict in assess(caller, CATALOG).verdicts for ruling in verdict.rulings]
    assert found == caller.usages
    return {(row.request.action, str(row.request.resource), row.confidence) for row in rows}


def explained(*parts: object) -> list[Cause]:
    return causes([assess(caller, CATALOG) for caller in callers(deployment(*parts), CATALOG)], CATALOG)


def told(*parts: object) -> list[tuple[str, str]]:
    """Rule and message of what is certainly wrong."""
    context = Context(CATALOG, "", "2026-11-20")
    known = rules()
    found = []
    for cause in explained(*parts):
        problems = [one for one in known[cause.rule].check(cause, context) if isinstance(one, Problem)]
        found += [(cause.rule, one.message) for one in problems if one.confidence == "certain"]
    return found


def missing(one: Feature, *statements: Statement) -> dict[str, set[str]]:
    """By rule, the actions that are certainly denied."""
    found: dict[str, set[str]] = {}
    for cause in explained(role(*statements), one):
        if cause.is_certain:
            found.setdefault(cause.rule, set()).update(ruling.row.request.action for ruling in cause.rulings)
    return found


def test_an_agent_invokes_its_model_and_uses_what_it_is_given() -> None:
    agent = feature(
        "agent", model=NOVA, knowledge_base="KBID123456", guardrail="abc", schema_bucket="arn:aws:s3:::b/api.json"
    )
    assert asked(agent) == {
        (INVOKE, MODEL, "A"),
        (RETRIEVE, BASE, "A"),
        ("bedrock:ApplyGuardrail", OWN + "guardrail/abc", "A"),
        ("s3:GetObject", "arn:aws:s3:::b/api.json", "A"),
    }


def test_an_agent_with_a_profile_looks_it_up_and_may_stream() -> None:
    found = asked(feature("agent", model=f"us.{SONNET}"))
    profile = OWN + f"inference-profile/us.{SONNET}"
    model = f"arn:aws:bedrock:us-east-1::foundation-model/{SONNET}"
    assert ("bedrock:GetInferenceProfile", profile, "A") in found
    assert (INVOKE, profile, "A") in found
    assert ("bedrock:InvokeModelWithResponseStream", profile, "C") in found
    assert ("bedrock:GetFoundationModel", model, "C") in found


def test_an_agent_that_streams_must_be_allowed_to() -> None:
    found = asked(feature("agent", model=NOVA, streams="true"))
    assert ("bedrock:InvokeModelWithResponseStream", MODEL, "A") in found


def test_a_supervisor_invokes_its_collaborators_beside_its_model() -> None:
    alias = OWN + "agent-alias/AGENT/ALIAS"
    found = asked(feature("agent", model=NOVA, collaborator=alias))
    assert {("bedrock:InvokeAgent", alias, "A"), ("bedrock:GetAgentAlias", alias, "A"), (INVOKE, MODEL, "A")} == found


def test_provisioned_throughput_is_looked_up() -> None:
    arn = OWN + "provisioned-model/abc"
    assert ("bedrock:GetProvisionedModelThroughput", arn, "A") in asked(feature("agent", model=arn))


def test_what_the_template_declares_is_named_by_its_arn() -> None:
    base = feature("knowledge-base", "Docs", OWN + "knowledge-base/${Docs}", owner=None)
    assert (RETRIEVE, OWN + "knowledge-base/${Docs}", "A") in asked(
        feature("agent", model=NOVA, knowledge_base="${Docs}"), base
    )


def test_a_declared_application_profile_has_its_source() -> None:
    arn = OWN + "application-inference-profile/${Copy.InferenceProfileId}"
    copy = feature("application-inference-profile", "Copy", arn, owner=None, source=MODEL)
    found = asked(feature("agent", model=arn), copy)
    assert (INVOKE, arn, "B") in found
    assert (INVOKE, MODEL, "C") in found


def test_a_guardrail_of_the_template_brings_its_profile_and_its_key() -> None:
    own = OWN + "guardrail/${Rail.GuardrailId}"
    rail = feature("guardrail", "Rail", own, owner=None, profile="us.guardrail.v1:0", key=KEY)
    agent = feature("agent", model=NOVA, guardrail="${Rail.GuardrailId}")
    keeper = key_policy(KEY, allow("kms:*", "*", **TRUSTING))
    found = asked(agent, rail, keeper)
    assert ("bedrock:ApplyGuardrail", own, "A") in found
    assert ("bedrock:ApplyGuardrail", OWN + "guardrail-profile/us.guardrail.v1:0", "A") in found
    assert ("kms:Decrypt", KEY, "A") in found
    granted = allow("bedrock:ApplyGuardrail", own)
    parts = (role(allow(INVOKE, MODEL), granted), agent, rail, keeper)
    assert {rule for rule, _ in told(*parts)} == {"guardrail-profile-missing", "kms-chain-incomplete"}


def test_a_knowledge_base_needs_its_model_and_its_store() -> None:
    base = feature("knowledge-base", embedding_model=MODEL, store_kind="s3-vectors", vector_index=INDEX)
    actions = ("GetIndex", "GetVectors", "PutVectors", "DeleteVectors", "QueryVectors")
    assert asked(base) == {(INVOKE, MODEL, "A"), *((f"s3vectors:{name}", INDEX, "A") for name in actions)}


@pytest.mark.parametrize(
    ("slots", "actions"),
    [
        ({"collection": f"arn:aws:aoss:{REGION}:{ACCOUNT}:collection/abc"}, {"aoss:APIAccessAll"}),
        (
            {"cluster": f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:docs"},
            {"rds-data:ExecuteStatement", "rds-data:BatchExecuteStatement", "rds:DescribeDBClusters"},
        ),
        (
            {"secret": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:x"},
            {"secretsmanager:GetSecretValue"},
        ),
        ({"vector_bucket": f"arn:aws:s3vectors:{REGION}:{ACCOUNT}:bucket/docs"}, set()),
        (
            {"graph": f"arn:aws:neptune-graph:{REGION}:{ACCOUNT}:graph/g-abc"},
            {f"neptune-graph:{name}DataViaQuery" for name in ("Read", "Write", "Delete")} | {"neptune-graph:GetGraph"},
        ),
        (
            {"kendra_index": f"arn:aws:kendra:{REGION}:{ACCOUNT}:index/abc"},
            {"kendra:Retrieve", "kendra:DescribeIndex"},
        ),
    ],
)
def test_stores_have_actions_of_their_own(slots: dict[str, str], actions: set[str]) -> None:
    one = feature("knowledge-base", **slots)
    found = usages(one, deployment(role(), one), CATALOG)
    assert {need.action for usage in found for need in usage.needs} == actions


def test_a_data_source_reads_its_bucket_below_its_prefix() -> None:
    assert asked(feature("data-source", bucket=BUCKET)) == {
        ("s3:ListBucket", BUCKET, "A"),
        ("s3:GetObject", f"{BUCKET}/<object>", "A"),
    }
    found = asked(feature("data-source", bucket=BUCKET, bucket_prefix="public/"))
    assert ("s3:GetObject", f"{BUCKET}/public/<object>", "A") in found


def test_a_batch_job_invokes_with_its_role_only_through_a_profile() -> None:
    places = {"input_bucket": "s3://in/questions.jsonl", "output_bucket": "s3://out/"}
    storage = {
        ("s3:GetObject", "arn:aws:s3:::in/questions.jsonl", "A"),
        ("s3:ListBucket", "arn:aws:s3:::in", "A"),
        ("s3:PutObject", "arn:aws:s3:::out/<object>", "A"),
    }
    assert asked(feature("batch-job", model=NOVA, **places)) == storage
    profile = OWN + f"inference-profile/us.{SONNET}"
    assert asked(feature("batch-job", model=f"us.{SONNET}", **places)) >= {*storage, (INVOKE, profile, "A")}


@pytest.mark.parametrize("group", ["/bedrock", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/bedrock:*"])
def test_logging_writes_one_stream_of_its_group(group: str) -> None:
    stream = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/bedrock:log-stream:aws/bedrock/modelinvocations"
    assert asked(feature("logging", log_group=group)) == {
        ("logs:CreateLogStream", stream, "A"),
        ("logs:PutLogEvents", stream, "A"),
    }


def test_a_runtime_fetches_its_image() -> None:
    image = f"{ACCOUNT}.dkr.ecr.us-west-2.amazonaws.com/team/agent:latest"
    repository = f"arn:aws:ecr:us-west-2:{ACCOUNT}:repository/team/agent"
    assert asked(feature("agentcore-runtime", container_image=image)) == {
        ("ecr:GetAuthorizationToken", "*", "A"),
        ("ecr:BatchGetImage", repository, "A"),
        ("ecr:GetDownloadUrlForLayer", repository, "A"),
    }


def test_a_runtime_possibly_writes_its_logs() -> None:
    runtime = f"arn:aws:bedrock-agentcore:{REGION}:{ACCOUNT}:runtime/${{Support}}"
    group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/bedrock-agentcore/runtimes/"
    stream = group + "${Support}-<endpoint>:log-stream:<stream>"
    agent = feature("agentcore-runtime", arn=runtime)
    assert asked(agent) == {("logs:CreateLogStream", stream, "C"), ("logs:PutLogEvents", stream, "C")}
    assert explained(role(allow(["logs:CreateLogStream", "logs:PutLogEvents"], group + "*")), agent) == []


def test_a_flow_uses_what_its_nodes_name() -> None:
    bot = f"arn:aws:lex:{REGION}:{ACCOUNT}:bot-alias/BOT/ALIAS"
    throughput = OWN + "provisioned-model/abc"
    assert asked(feature("flow", prompt=OWN + "prompt/P1", bot=bot, model=throughput)) == {
        ("bedrock:RenderPrompt", OWN + "prompt/P1", "A"),
        ("lex:RecognizeUtterance", bot, "A"),
        (INVOKE, throughput, "A"),
        ("bedrock:GetProvisionedModelThroughput", throughput, "A"),
    }


def test_a_gateway_asks_its_policy_engine_on_the_engine_and_on_itself() -> None:
    core = f"arn:aws:bedrock-agentcore:{REGION}:{ACCOUNT}:"
    engine, own = core + "policy-engine/rules-abc", core + "gateway/${Support}"
    authorized = ("bedrock-agentcore:AuthorizeAction", "bedrock-agentcore:PartiallyAuthorizeActions")
    assert asked(feature("agentcore-gateway", arn=own, policy_engine=engine)) == {
        ("bedrock-agentcore:GetPolicyEngine", engine, "A"),
        *((action, resource, "A") for action in authorized for resource in (engine, own)),
    }


def test_a_memory_that_others_work_on_delivers_to_a_bucket_and_a_topic() -> None:
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:jobs"
    assert asked(feature("agentcore-memory", output_bucket="s3://payloads", topic=topic)) == {
        ("s3:GetBucketLocation", "arn:aws:s3:::payloads", "A"),
        ("s3:PutObject", "arn:aws:s3:::payloads/<object>", "A"),
        ("sns:GetTopicAttributes", topic, "A"),
        ("sns:Publish", topic, "A"),
    }


def test_a_memory_may_invoke_its_model_elsewhere() -> None:
    is_on_mantle = {bool(one.mantle_regions): one.id for one in CATALOG.models()}
    for on_mantle, model in is_on_mantle.items():
        one = feature("agentcore-memory", model=model)
        (usage,) = usages(one, deployment(role(), one), CATALOG)
        assert usage.is_likely is on_mantle


@pytest.mark.parametrize("granted", ["", ":*"])
def test_an_online_evaluation_indexes_its_log_groups(granted: str) -> None:
    groups = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:"
    one = feature("agentcore-online-evaluation", log_group=["aws/spans", "/runtime"])
    actions = ["logs:DescribeIndexPolicies", "logs:PutIndexPolicy"]
    assert missing(one, allow("logs:StartQuery", "*")) == {"logging-role-incomplete": set(actions)}
    both = allow(actions, groups + "aws/spans" + granted, groups + "/runtime" + granted)
    assert missing(one, both) == {}


def test_a_runtime_of_code_or_of_a_public_image_fetches_none() -> None:
    for slots in ({"code_bucket": BUCKET}, {"container_image": "public.ecr.aws/team/agent:1"}):
        one = feature("agentcore-runtime", **slots)
        assert not usages(one, deployment(role(), one), CATALOG)


# What comes of it


@pytest.mark.parametrize(
    ("one", "rule", "actions"),
    [
        (feature("agent", model=NOVA), "agent-role-incomplete", {INVOKE}),
        (feature("agent", knowledge_base="KBID123456"), "agent-role-incomplete", {RETRIEVE}),
        (feature("agent", guardrail="abc"), "agent-role-incomplete", {"bedrock:ApplyGuardrail"}),
        (feature("knowledge-base", embedding_model=MODEL), "kb-model-permission-missing", {INVOKE}),
        (feature("data-source", parsing_model=MODEL), "kb-model-permission-missing", {INVOKE}),
        (
            feature("data-source", bucket=BUCKET),
            "kb-store-permission-missing",
            {"s3:ListBucket", "s3:GetObject"},
        ),
        (feature("batch-job", output_bucket=BUCKET), "batch-permissions-incomplete", {"s3:PutObject"}),
        (feature("flow", knowledge_base="KBID123456"), "api-action-missing", {RETRIEVE}),
        (feature("flow", model=NOVA), "invoke-not-allowed", {INVOKE}),
        (
            feature("logging", log_group="/bedrock"),
            "logging-role-incomplete",
            {"logs:CreateLogStream", "logs:PutLogEvents"},
        ),
    ],
)
def test_the_rule_of_the_feature_tells_what_is_missing(one: Feature, rule: str, actions: set[str]) -> None:
    assert missing(one) == {rule: actions}
    assert missing(one, allow("sqs:SendMessage", "*")) == {rule: actions}
    assert missing(one, allow(sorted(actions), "*")) == {}


def test_a_grant_that_only_the_template_can_spell_is_enough() -> None:
    base = feature("knowledge-base", "Docs", OWN + "knowledge-base/${Docs}", owner=None)
    agent = feature("agent", knowledge_base="${Docs}")
    assert explained(role(allow(RETRIEVE, OWN + "knowledge-base/${Docs}")), agent, base) == []


@pytest.mark.parametrize(
    ("one", "statement"),
    [
        (feature("agent", knowledge_base="${BaseId}"), allow(RETRIEVE, BASE)),
        (feature("agent", model="${ModelId}"), allow(INVOKE, MODEL)),
        (feature("agent", model="us.anthropic.${Name}"), allow(INVOKE, f"arn:aws:bedrock:*:{ACCOUNT}:inference-*")),
        (feature("data-source", bucket="${BucketArn}"), allow(["s3:GetObject", "s3:ListBucket"], "arn:aws:s3:::x*")),
        (feature("data-source", bucket=BUCKET), allow(["s3:GetObject", "s3:ListBucket"], BUCKET, f"{BUCKET}/public/*")),
        (
            feature("data-source", bucket=BUCKET),
            allow(["s3:*"], "*", Condition={"StringEquals": {"aws:ResourceAccount": "111122223333"}}),
        ),
        (
            feature("data-source", bucket=BUCKET),
            allow(["s3:*"], "*", Condition={"StringLike": {"s3:prefix": "public/*"}}),
        ),
        (
            feature("agentcore-runtime", container_image="${Image}"),
            allow(["ecr:*"], "arn:aws:ecr:us-east-1:111122223333:repository/x", "*"),
        ),
    ],
)
def test_what_is_not_known_is_never_denied_where_something_like_it_is_granted(
    one: Feature, statement: Statement
) -> None:
    assert missing(one, statement) == {}


def test_an_open_value_is_denied_where_nothing_could_be_meant() -> None:
    assert missing(feature("agent", knowledge_base="${BaseId}"), allow(INVOKE, "*")) == {
        "agent-role-incomplete": {RETRIEVE}
    }


def test_one_feature_gives_one_finding_for_one_place() -> None:
    agent = feature("agent", knowledge_base="KBID123456", schema_bucket="arn:aws:s3:::b/api.json")
    (found,) = told(role(allow("sqs:SendMessage", "*")), agent)
    assert found == (
        "agent-role-incomplete",
        "the agent `Support` fails: no identity-based policy allows "
        f"`bedrock:Retrieve` on `{BASE}`, and `s3:GetObject` on `arn:aws:s3:::b/api.json`",
    )


def test_a_grant_on_another_resource_is_where_the_cure_belongs() -> None:
    statement = allow(RETRIEVE, OWN + "knowledge-base/OTHER12345")
    (cause,) = explained(role(statement), feature("agent", knowledge_base="KBID123456"))
    assert cause.rule == "agent-role-incomplete"
    (found,) = rules()[cause.rule].check(cause, Context(CATALOG, "", "2026-11-20"))
    assert isinstance(found, Problem)
    assert found.at.node.value == OWN + "knowledge-base/OTHER12345"  # type: ignore[union-attr]
    assert [note.label for note in found.related] == ["asked for here", "asked for here"]


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        (allow("bedrock:Converse", MODEL), "action-not-in-reference"),
        (allow(INVOKE, MODEL.replace("nova-lite", "nova-pro")), "model-policy-drift"),
        (allow(INVOKE, MODEL.replace("us-east-1", "us-west-2")), "grant-region-mismatch"),
        (allow("bedrock:InvokeModelWithResponseStream", MODEL), "agent-role-incomplete"),
    ],
)
def test_a_more_exact_explanation_goes_first(statement: Statement, rule: str) -> None:
    (cause,) = explained(role(statement), feature("agent", model=NOVA))
    assert cause.rule == rule
    assert fails(cause) == f"the agent `Support` invoking `{NOVA}` fails"


def test_a_profile_without_its_models_is_told_as_such() -> None:
    profile = OWN + f"inference-profile/us.{SONNET}"
    found = missing(feature("agent", model=f"us.{SONNET}"), allow([INVOKE, "bedrock:GetInferenceProfile"], profile))
    assert found == {"profile-without-foundation-model": {INVOKE}}


@pytest.mark.parametrize(
    ("statements", "rule"),
    [
        ([allow("kms:*", "*", **TRUSTING)], "kms-chain-incomplete"),
        ([allow("kms:*", "*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/${{Role}}"})], ""),
        ([allow("kms:*", "*", Principal={"Service": "bedrock.amazonaws.com"})], "kms-chain-incomplete"),
        ([], ""),
    ],
)
def test_a_key_takes_the_consent_of_its_policy(statements: list[Statement], rule: str) -> None:
    keeper = [key_policy(KEY, *statements)] if statements else []
    found = told(role(allow("sqs:SendMessage", "*")), feature("data-source", key=KEY), *keeper)
    assert {name for name, _ in found} == ({rule} if rule else set())


def test_a_key_policy_that_names_somebody_else_stops_the_role() -> None:
    keeper = key_policy(KEY, allow("kms:*", "*", Principal={"Service": "bedrock.amazonaws.com"}))
    granted = role(allow(["kms:Decrypt", "kms:GenerateDataKey"], KEY))
    ((rule, message),) = told(granted, feature("data-source", key=KEY), keeper)
    assert rule == "kms-chain-incomplete"
    assert "no resource-based policy allows `kms:GenerateDataKey` and `kms:Decrypt`" in message


def test_the_key_of_an_agent_is_possibly_read_with_its_role() -> None:
    keeper = key_policy(KEY, allow("kms:*", "*", **TRUSTING))
    assert ("kms:Decrypt", KEY, "C") in asked(feature("agent", model=NOVA, key=KEY), keeper)


def test_a_batch_job_writes_with_the_key_of_its_output() -> None:
    keeper = key_policy(KEY, allow("kms:*", "*", **TRUSTING))
    assert ("kms:GenerateDataKey", KEY, "A") in asked(feature("batch-job", key=KEY), keeper)


def test_a_role_of_which_a_policy_is_not_known_is_not_judged() -> None:
    agent = feature("agent", model=NOVA)
    made = deployment(role(unread=frozenset({"identity", "trust"})), agent)
    (caller,) = callers(made, CATALOG)
    assert caller.unread == {"identity"}
    outcomes = {ruling.decision.outcome for verdict in assess(caller, CATALOG).verdicts for ruling in verdict.rulings}
    assert outcomes == {UNKNOWN}


def test_a_boundary_counts_for_a_service_role() -> None:
    agent = feature("agent", knowledge_base="KBID123456")
    boundary = role(allow("bedrock:*", "*"), boundary=role(allow(INVOKE, "*")).policies)
    (cause,) = explained(boundary, agent)
    assert (cause.rule, cause.layer) == ("session-boundary-intersection", "boundary")


def test_conditions_on_what_a_service_leaves_in_a_request_stay_open() -> None:
    statement = allow(INVOKE, MODEL, Condition={"Bool": {"aws:ViaAWSService": "true"}})
    (caller,) = callers(deployment(role(statement), feature("agent", model=NOVA)), CATALOG)
    ((ruling,),) = [verdict.rulings for verdict in assess(caller, CATALOG).verdicts]
    assert ruling.decision.outcome != DENIED


def test_every_kind_has_a_name() -> None:
    for kind, words in KINDS.items():
        assert words
        made = feature(kind, "Thing", function="arn:aws:lambda:us-east-1:111122223333:function:f", key=KEY)
        for usage in usages(made, deployment(role(), made, function()), CATALOG):
            assert usage.words.startswith(f"the {words} `Thing`")
