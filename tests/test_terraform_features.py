"""What a configuration makes of Bedrock: roles, slots, where their values stand; and nothing from wrong types."""

from __future__ import annotations

import re

import pytest
from configurations import deployed, linted, opened, written

from bedrock_policy_lint.deployment.deployment import Feature
from bedrock_policy_lint.frontends.terraform import awscc, features, workloads
from bedrock_policy_lint.model.text import is_text

ROLE = """
resource "aws_iam_role" "role" {
  name               = "role"
  assume_role_policy = "{}"
}
"""


def read(text: str) -> list[Feature]:
    return features.features(opened(ROLE + text))


def of(kind: str, text: str) -> Feature:
    (feature,) = (feature for feature in read(text) if feature.kind == kind)
    return feature


def slots(feature: Feature) -> dict[str, list[str]]:
    return {slot: [str(node.value) for node in nodes] for slot, nodes in feature.slots.items()}


AGENT = """
resource "aws_bedrockagent_agent" "it" {
  agent_resource_role_arn     = aws_iam_role.role.arn
  foundation_model            = "model-1"
  customer_encryption_key_arn = "key-1"
  agent_collaboration         = "SUPERVISOR"
  guardrail_configuration {
    guardrail_identifier = aws_bedrock_guardrail.it.guardrail_id
    guardrail_version    = "DRAFT"
  }
  prompt_override_configuration {
    override_lambda = "function-1"
    prompt_configurations {
      prompt_state = "ENABLED"
    }
  }
}
resource "aws_bedrock_guardrail" "it" {
  kms_key_arn = "key-2"
  cross_region_config {
    guardrail_profile_identifier = "profile-1"
  }
}
resource "aws_bedrockagent_agent_action_group" "one" {
  agent_id = aws_bedrockagent_agent.it.agent_id
  action_group_executor {
    lambda = "function-2"
  }
  api_schema {
    s3 {
      s3_bucket_name = "schemas"
      s3_object_key  = "api.json"
    }
  }
}
resource "aws_bedrockagent_agent_action_group" "off" {
  agent_id           = aws_bedrockagent_agent.it.agent_id
  action_group_state = "DISABLED"
  action_group_executor {
    lambda = "function-3"
  }
}
resource "aws_bedrockagent_agent_action_group" "elsewhere" {
  agent_id = "AGENT12345"
  action_group_executor {
    lambda = "function-4"
  }
}
resource "aws_bedrockagent_agent_knowledge_base_association" "one" {
  agent_id             = aws_bedrockagent_agent.it.id
  knowledge_base_id    = "base-1"
  knowledge_base_state = "ENABLED"
}
resource "aws_bedrockagent_agent_knowledge_base_association" "off" {
  agent_id             = aws_bedrockagent_agent.it.id
  knowledge_base_id    = "base-2"
  knowledge_base_state = "DISABLED"
}
resource "aws_bedrockagent_agent_collaborator" "one" {
  agent_id = aws_bedrockagent_agent.it.agent_id
  agent_descriptor {
    alias_arn = "alias-1"
  }
}
"""
KNOWLEDGE = """
resource "aws_bedrockagent_knowledge_base" "it" {
  role_arn = aws_iam_role.role.arn
  knowledge_base_configuration {
    type = "VECTOR"
    vector_knowledge_base_configuration {
      embedding_model_arn = "embedding-1"
      supplemental_data_storage_configuration {
        storage_location {
          type = "S3"
          s3_location {
            uri = "s3://media/x"
          }
        }
      }
    }
  }
  storage_configuration {
    type = "%s"
    %s {
      %s
    }
  }
}
"""
SOURCE = """
resource "aws_bedrockagent_knowledge_base" "base" {
  role_arn = aws_iam_role.role.arn
}
resource "aws_bedrockagent_data_source" "it" {
  knowledge_base_id = aws_bedrockagent_knowledge_base.base.id
  server_side_encryption_configuration {
    kms_key_arn = "key-1"
  }
  data_source_configuration {
    type = "S3"
    s3_configuration {
      bucket_arn              = "bucket-1"
      bucket_owner_account_id = "111122223333"
      inclusion_prefixes      = ["one/", "two/"]
    }
  }
  vector_ingestion_configuration {
    parsing_configuration {
      parsing_strategy = "BEDROCK_FOUNDATION_MODEL"
      bedrock_foundation_model_configuration {
        model_arn = "model-1"
      }
    }
    custom_transformation_configuration {
      intermediate_storage {
        s3_location {
          uri = "s3://between/x"
        }
      }
      transformation {
        step_to_apply = "POST_CHUNKING"
        transformation_function {
          transformation_lambda_configuration {
            lambda_arn = "function-1"
          }
        }
      }
    }
  }
}
"""
FLOW = """
resource "aws_bedrockagent_flow" "it" {
  execution_role_arn          = aws_iam_role.role.arn
  customer_encryption_key_arn = "key-1"
  definition {
    node {
      name = "Ask"
      configuration {
        prompt {
          source_configuration {
            inline {
              model_id = "model-1"
            }
          }
        }
      }
    }
    node {
      name = "Look"
      configuration {
        knowledge_base {
          knowledge_base_id = "base-1"
          model_id          = "model-2"
          guardrail_configuration {
            guardrail_identifier = "guardrail-1"
          }
        }
      }
    }
    node {
      name = "Keep"
      configuration {
        storage {
          service_configuration {
            s3 {
              bucket_name = "kept"
            }
          }
        }
      }
    }
    node {
      name = "Call"
      configuration {
        lambda_function {
          lambda_arn = "function-1"
        }
      }
    }
  }
}
"""
JOBS = """
resource "aws_bedrock_custom_model" "it" {
  role_arn               = aws_iam_role.role.arn
  base_model_identifier  = "model-1"
  custom_model_kms_key_id = "key-1"
  training_data_config {
    s3_uri = "s3://in/train"
  }
  validation_data_config {
    validator {
      s3_uri = "s3://in/validate"
    }
  }
  output_data_config {
    s3_uri = "s3://out/"
  }
}
resource "aws_bedrock_model_invocation_job" "it" {
  role_arn = aws_iam_role.role.arn
  model_id = "model-2"
  input_data_config {
    s3_input_data_config {
      s3_uri = "s3://in/"
    }
  }
  output_data_config {
    s3_output_data_config {
      s3_uri               = "s3://out/"
      s3_encryption_key_id = "key-2"
    }
  }
}
resource "aws_bedrock_model_invocation_logging_configuration" "it" {
  logging_config {
    text_data_delivery_enabled = true
    cloudwatch_config {
      log_group_name = "group-1"
      role_arn       = aws_iam_role.role.arn
    }
  }
}
"""
CORE = """
resource "aws_bedrockagentcore_agent_runtime" "it" {
  role_arn = aws_iam_role.role.arn
  agent_runtime_artifact {
    container_configuration {
      container_uri = "111122223333.dkr.ecr.us-east-1.amazonaws.com/app:1"
    }
    code_configuration {
      code {
        s3 {
          bucket = "code"
          prefix = "app.zip"
        }
      }
    }
  }
}
resource "aws_bedrockagentcore_gateway" "it" {
  role_arn    = aws_iam_role.role.arn
  kms_key_arn = "key-1"
  interceptor_configuration {
    interceptor {
      lambda {
        arn = "function-1"
      }
    }
  }
  policy_engine_configuration {
    arn = aws_bedrockagentcore_policy_engine.it.policy_engine_arn
  }
}
resource "aws_bedrockagentcore_policy_engine" "it" {
  encryption_key_arn = "key-2"
}
resource "aws_bedrockagentcore_gateway_target" "it" {
  gateway_identifier = aws_bedrockagentcore_gateway.it.gateway_id
  credential_provider_configuration {
    oauth {
      provider_arn = "provider-1"
    }
  }
  target_configuration {
    mcp {
      lambda {
        lambda_arn = "function-2"
        tool_schema {
          s3 {
            uri = "s3://tools/one.json"
          }
        }
      }
    }
  }
}
resource "aws_bedrockagentcore_memory" "it" {
  memory_execution_role_arn = aws_iam_role.role.arn
  encryption_key_arn        = "key-3"
  stream_delivery_resources {
    resource {
      kinesis {
        data_stream_arn = "stream-1"
      }
    }
  }
}
resource "aws_bedrockagentcore_memory_strategy" "it" {
  memory_id = aws_bedrockagentcore_memory.it.id
  type      = "CUSTOM"
  configuration {
    type = "SEMANTIC_OVERRIDE"
    extraction {
      model_id = "model-1"
    }
    consolidation {
      model_id = "model-2"
    }
  }
}
resource "aws_bedrockagentcore_browser" "it" {
  execution_role_arn = aws_iam_role.role.arn
  recording {
    enabled = true
    s3_location {
      bucket = "films"
      prefix = "x/"
    }
  }
}
resource "aws_bedrockagentcore_code_interpreter" "it" {
  execution_role_arn = aws_iam_role.role.arn
  certificate {
    location {
      secrets_manager {
        secret_arn = "secret-1"
      }
    }
  }
}
resource "aws_bedrockagentcore_evaluator" "it" {
  kms_key_arn = "key-4"
  evaluator_config {
    llm_as_a_judge {
      model_config {
        bedrock_evaluator_model_config {
          model_id = "model-3"
        }
      }
    }
  }
}
resource "aws_bedrockagentcore_online_evaluation_config" "it" {
  evaluation_execution_role_arn = aws_iam_role.role.arn
  data_source_config {
    cloud_watch_logs {
      log_group_names = ["group-1"]
    }
  }
  evaluator {
    evaluator_id = "Builtin.Helpfulness"
  }
  evaluator {
    evaluator_id = aws_bedrockagentcore_evaluator.it.evaluator_id
  }
}
"""
SMALL = """
resource "aws_bedrockagent_agent_alias" "it" {
  agent_id = "AGENT12345"
}
resource "aws_bedrockagent_prompt" "it" {
  customer_encryption_key_arn = "key-1"
  variant {
    model_id = "model-1"
  }
  variant {
    gen_ai_resource {
      agent {
        agent_identifier = "alias-1"
      }
    }
  }
}
resource "aws_bedrock_inference_profile" "it" {
  model_source {
    copy_from = "model-2"
  }
}
resource "aws_bedrock_prompt_router" "it" {
  fallback_model {
    model_arn = "model-3"
  }
  models {
    model_arn = "model-4"
  }
  models {
    model_arn = "model-5"
  }
}
resource "aws_bedrock_enforced_guardrail_configuration" "it" {
  guardrail_identifier = "guardrail-1"
}
"""
AWSCC = """
resource "awscc_bedrock_agent" "it" {
  agent_resource_role_arn = aws_iam_role.role.arn
  foundation_model        = "model-1"
  guardrail_configuration = { guardrail_identifier = "guardrail-1" }
  knowledge_bases = [
    { knowledge_base_id = "base-1" },
    { knowledge_base_id = "base-2", knowledge_base_state = "DISABLED" },
  ]
  action_groups = [{
    action_group_executor = { lambda = "function-1" }
    api_schema            = { s3 = { s3_bucket_name = "schemas", s3_object_key = "api.json" } }
  }]
}
resource "awscc_bedrock_knowledge_base" "it" {
  role_arn                     = aws_iam_role.role.arn
  knowledge_base_configuration = { vector_knowledge_base_configuration = { embedding_model_arn = "embedding-1" } }
  storage_configuration = {
    type                     = "S3_VECTORS"
    s3_vectors_configuration = { vector_bucket_arn = "vectors-1", index_name = "index-1" }
  }
}
resource "aws_bedrockagent_data_source" "it" {
  knowledge_base_id = awscc_bedrock_knowledge_base.it.knowledge_base_id
}
resource "awscc_bedrock_flow" "it" {
  execution_role_arn = aws_iam_role.role.arn
  definition = {
    nodes = [{ configuration = { prompt = { source_configuration = { inline = { model_id = "model-2" } } } } }]
  }
}
resource "awscc_bedrockagentcore_online_evaluation_config" "it" {
  evaluation_execution_role_arn = aws_iam_role.role.arn
  data_source_config            = { cloudwatch_logs = { log_group_names = ["group-1"] } }
}
"""


def test_an_agent_has_what_is_declared_apart_too() -> None:
    agent = of("agent", AGENT)
    assert (agent.name, agent.role) == ("aws_bedrockagent_agent.it", "aws_iam_role.role")
    assert written(agent.role_node) == "aws_iam_role.role.arn"
    assert slots(agent) == {
        "model": ["model-1"],
        "guardrail": ["${aws_bedrock_guardrail.it.guardrail_id}"],
        "function": ["function-1", "function-2"],
        "key": ["key-1"],
        "schema-bucket": ["s3://schemas/api.json"],
        "knowledge-base": ["base-1"],
        "collaborator": ["alias-1"],
    }
    assert str(agent.arn).endswith("agent/${aws_bedrockagent_agent.it.agent_id}")


def test_an_agent_without_collaboration_has_no_collaborators() -> None:
    assert "collaborator" not in of("agent", AGENT.replace("SUPERVISOR", "DISABLED")).slots


def test_values_know_where_they_stand() -> None:
    text = 'variable "model" {\n  default = "model-9"\n}\n' + AGENT.replace('"model-1"', "var.model")
    found = of("agent", text).slots
    assert written(found["model"][0]) == '"model-9"'
    assert written(found["guardrail"][0]) == "aws_bedrock_guardrail.it.guardrail_id"
    assert written(found["knowledge-base"][0]) == '"base-1"'
    assert written(found["schema-bucket"][0]) == '"schemas"'


def test_a_guardrail_has_its_key_and_its_profile() -> None:
    assert slots(of("guardrail", AGENT)) == {"key": ["key-2"], "profile": ["profile-1"]}


@pytest.mark.parametrize(
    ("type_", "block", "body", "expected"),
    [
        (
            "OPENSEARCH_SERVERLESS",
            "opensearch_serverless_configuration",
            'collection_arn = "c"',
            {"store-kind": ["opensearch-serverless"], "collection": ["c"]},
        ),
        (
            "S3_VECTORS",
            "s3_vectors_configuration",
            'vector_bucket_arn = "b"\n      index_name = "i"',
            {"store-kind": ["s3-vectors"], "vector-bucket": ["b"], "vector-index": ["b/index/i"]},
        ),
        (
            "RDS",
            "rds_configuration",
            'resource_arn = "r"\n      credentials_secret_arn = "s"',
            {"store-kind": ["rds"], "cluster": ["r"], "secret": ["s"]},
        ),
        (
            "NEPTUNE_ANALYTICS",
            "neptune_analytics_configuration",
            'graph_arn = "g"',
            {"store-kind": ["neptune"], "graph": ["g"]},
        ),
    ],
)
def test_a_knowledge_base_has_its_store(type_: str, block: str, body: str, expected: dict[str, list[str]]) -> None:
    base = of("knowledge-base", KNOWLEDGE % (type_, block, body))
    assert base.role == "aws_iam_role.role"
    assert slots(base) == {"embedding-model": ["embedding-1"], "multimodal-bucket": ["s3://media/x"], **expected}


def test_a_data_source_works_with_the_role_of_its_base() -> None:
    source = of("data-source", SOURCE)
    assert source.role == "aws_iam_role.role"
    assert slots(source) == {
        "knowledge-base": ["${aws_bedrockagent_knowledge_base.base.id}"],
        "bucket": ["bucket-1"],
        "bucket-prefix": ["one/", "two/"],
        "bucket-owner": ["111122223333"],
        "parsing-model": ["model-1"],
        "function": ["function-1"],
        "transformation-bucket": ["s3://between/x"],
        "key": ["key-1"],
    }


def test_a_flow_has_what_its_nodes_call() -> None:
    flow = of("flow", FLOW)
    assert flow.role == "aws_iam_role.role"
    assert slots(flow) == {
        "model": ["model-1", "model-2"],
        "knowledge-base": ["base-1"],
        "guardrail": ["guardrail-1"],
        "function": ["function-1"],
        "output-bucket": ["s3://kept"],
        "bucket": ["s3://kept"],
        "key": ["key-1"],
    }


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        (
            JOBS,
            "custom-model",
            {
                "model": ["model-1"],
                "input-bucket": ["s3://in/train", "s3://in/validate"],
                "output-bucket": ["s3://out/"],
                "key": ["key-1"],
            },
        ),
        (
            JOBS,
            "batch-job",
            {"model": ["model-2"], "input-bucket": ["s3://in/"], "output-bucket": ["s3://out/"], "key": ["key-2"]},
        ),
        (JOBS, "logging", {"log-group": ["group-1"]}),
        (
            CORE,
            "agentcore-runtime",
            {
                "container-image": ["111122223333.dkr.ecr.us-east-1.amazonaws.com/app:1"],
                "code-bucket": ["s3://code/app.zip"],
            },
        ),
        (
            CORE,
            "agentcore-gateway",
            {
                "function": ["function-1", "function-2"],
                "policy-engine": ["${aws_bedrockagentcore_policy_engine.it.policy_engine_arn}"],
                "key": ["key-1"],
                "schema-bucket": ["s3://tools/one.json"],
                "credential-provider": ["provider-1"],
            },
        ),
        (CORE, "agentcore-memory", {"key": ["key-3"], "stream": ["stream-1"], "model": ["model-1", "model-2"]}),
        (CORE, "agentcore-browser", {"recording-bucket": ["s3://films/x/"]}),
        (CORE, "agentcore-code-interpreter", {"secret": ["secret-1"]}),
        (
            CORE,
            "agentcore-online-evaluation",
            {
                "evaluator": ["Builtin.Helpfulness", "${aws_bedrockagentcore_evaluator.it.evaluator_id}"],
                "log-group": ["group-1"],
                "model": ["model-3"],
            },
        ),
    ],
)
def test_every_kind_has_its_role_and_its_slots(text: str, kind: str, expected: dict[str, list[str]]) -> None:
    found = of(kind, text)
    assert found.role == "aws_iam_role.role"
    # The target itself is one, whatever it holds.
    assert {slot: values for slot, values in slots(found).items() if slot != "target"} == expected


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        (CORE, "evaluator", {"model": ["model-3"], "key": ["key-4"]}),
        (CORE, "agentcore-policy-engine", {"key": ["key-2"]}),
        (SMALL, "agent-alias", {"agent": ["AGENT12345"]}),
        (SMALL, "prompt", {"model": ["model-1"], "agent-alias": ["alias-1"], "key": ["key-1"]}),
        (SMALL, "application-inference-profile", {"source": ["model-2"]}),
        (SMALL, "prompt-router", {"model": ["model-4", "model-5"], "fallback-model": ["model-3"]}),
        (SMALL, "enforced-guardrail", {"guardrail": ["guardrail-1"]}),
    ],
)
def test_what_has_no_role_has_its_slots(text: str, kind: str, expected: dict[str, list[str]]) -> None:
    found = of(kind, text)
    assert found.role is None
    assert slots(found) == expected


def test_a_recording_that_is_off_names_no_bucket() -> None:
    assert slots(of("agentcore-browser", CORE.replace("enabled = true", "enabled = false"))) == {}


# The provider awscc


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (
            "agent",
            {
                "model": ["model-1"],
                "guardrail": ["guardrail-1"],
                "knowledge-base": ["base-1"],
                "function": ["function-1"],
                "schema-bucket": ["s3://schemas/api.json"],
            },
        ),
        (
            "knowledge-base",
            {
                "embedding-model": ["embedding-1"],
                "vector-bucket": ["vectors-1"],
                "vector-index": ["vectors-1/index/index-1"],
                "store-kind": ["s3-vectors"],
            },
        ),
        ("data-source", {"knowledge-base": ["${awscc_bedrock_knowledge_base.it.knowledge_base_id}"]}),
        ("flow", {"model": ["model-2"]}),
        ("agentcore-online-evaluation", {"log-group": ["group-1"]}),
    ],
)
def test_the_types_of_awscc_are_read_as_those_of_cloudformation(kind: str, expected: dict[str, list[str]]) -> None:
    found = of(kind, AWSCC)
    assert found.role == "aws_iam_role.role"
    assert slots(found) == expected


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("TextS3Location", "text_s3_location"),
        ("LlmAsAJudge", "llm_as_a_judge"),
        ("URI", "uri"),
        ("CloudWatchLogs", "cloudwatch_logs"),
        ("MongoDbAtlasConfiguration", "mongo_db_atlas_configuration"),
        ("S3EncryptionKeyId", "s3_encryption_key_id"),
    ],
)
def test_awscc_spells_names_in_its_own_way(name: str, spelled: str) -> None:
    assert awscc.spelled(name) == spelled


def test_awscc_names_its_types_after_those_of_cloudformation() -> None:
    assert awscc.type_of("AWS::BedrockAgentCore::BrowserCustom") == "awscc_bedrockagentcore_browser_custom"


def test_the_attributes_of_awscc_have_the_forms_of_cloudformation() -> None:
    configuration = opened('resource "awscc_bedrock_agent" "it" {}\n')
    agent = configuration.component("awscc_bedrock_agent.it")
    assert agent is not None
    assert str(configuration.attribute(agent, "agent_id")) == "${awscc_bedrock_agent.it.agent_id}"
    assert str(configuration.attribute(agent, "agent_arn")).endswith(":agent/${awscc_bedrock_agent.it.agent_id}")


# Repeated and open


def test_each_of_many_is_a_feature_with_its_own_parts() -> None:
    text = """
resource "aws_bedrockagent_agent" "it" {
  for_each         = { a = "model-1", b = "model-2" }
  foundation_model = each.value
}
resource "aws_bedrockagent_agent_knowledge_base_association" "it" {
  for_each             = toset(["a", "b"])
  agent_id             = aws_bedrockagent_agent.it[each.key].agent_id
  knowledge_base_id    = "base-${each.key}"
  knowledge_base_state = "ENABLED"
}
"""
    found = {feature.name: slots(feature) for feature in read(text)}
    assert found == {
        'aws_bedrockagent_agent.it["a"]': {"model": ["model-1"], "knowledge-base": ["base-a"]},
        'aws_bedrockagent_agent.it["b"]': {"model": ["model-2"], "knowledge-base": ["base-b"]},
    }


def test_a_role_that_lies_elsewhere_is_none() -> None:
    text = """
data "aws_iam_role" "there" {
  name = "there"
}
resource "aws_bedrockagent_agent" "it" {
  agent_resource_role_arn = data.aws_iam_role.there.arn
}
"""
    agent = of("agent", text)
    assert agent.role is None
    assert written(agent.role_node) == "data.aws_iam_role.there.arn"


def test_a_feature_in_a_module_has_a_role_that_it_is_handed() -> None:
    files = {
        "main.tf": ROLE + 'module "it" {\n  source = "./inner"\n  role = aws_iam_role.role.arn\n}\n',
        "inner/main.tf": """
variable "role" {}
resource "aws_bedrockagent_agent" "it" {
  agent_resource_role_arn = var.role
  foundation_model        = "model-1"
}
""",
    }
    (agent,) = deployed(files).features
    assert (agent.name, agent.role) == ("module.it.aws_bedrockagent_agent.it", "aws_iam_role.role")
    assert agent.node.source.path == "inner/main.tf"


# Wrong types

ALL = AGENT + SOURCE + FLOW + JOBS + CORE + SMALL + AWSCC + KNOWLEDGE.replace('"it"', '"two"') % ("RDS", "x", "y = 1")
_argument = re.compile(r"^( *[a-z_0-9]+ *= *)\S.*[^{\[(,]$", re.MULTILINE)


@pytest.mark.parametrize("value", ["7", "true", "null", '["x", 7]', '{ a = ["x"] }', "[[{}]]", '""', "var.unknown"])
def test_wrong_types_give_nothing(value: str) -> None:
    text = _argument.sub(lambda match: match[1] + value, ALL)
    configuration = opened(f'variable "unknown" {{}}\n{ROLE}{text}')
    for feature in (*features.features(configuration), *workloads.workloads(configuration)):
        for nodes in getattr(feature, "slots", {}).values():
            assert all(map(is_text, nodes))


def test_blocks_of_a_wrong_kind_give_nothing() -> None:
    for name in dict.fromkeys(re.findall(r"^ +([a-z_0-9]+) \{", ALL, re.MULTILINE)):
        text = re.sub(rf"^( +){name} \{{", r"\1other {", ALL, flags=re.MULTILINE)
        features.features(opened(ROLE + text))


# Through the engine

INCOMPLETE = """
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["bedrock.amazonaws.com"]
    }
  }
}
resource "aws_iam_role" "agent" {
  name               = "agent"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
resource "aws_iam_role_policy" "agent" {
  role = aws_iam_role.agent.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "%s"
      Resource = "*"
    }]
  })
}
resource "%s" "support" {
  agent_name              = "support"
  agent_resource_role_arn = aws_iam_role.agent.arn
  foundation_model        = "amazon.nova-lite-v1:0"
}
"""


@pytest.mark.parametrize("type_", ["aws_bedrockagent_agent", "awscc_bedrock_agent"])
def test_an_agent_whose_role_lacks_its_model_is_told_where_it_names_it(type_: str) -> None:
    text = INCOMPLETE % ("bedrock:Retrieve", type_)
    (finding,) = linted(text, "agent-role-incomplete")
    assert "`bedrock:InvokeModel`" in finding.message
    assert text[finding.region.start : finding.region.end] == '"amazon.nova-lite-v1:0"'


@pytest.mark.parametrize("type_", ["aws_bedrockagent_agent", "awscc_bedrock_agent"])
def test_an_agent_whose_role_has_its_model_is_fine(type_: str) -> None:
    assert not linted(INCOMPLETE % ("bedrock:InvokeModel", type_), "agent-role-incomplete")


def test_what_a_part_asks_for_is_told_there() -> None:
    text = (
        (INCOMPLETE % ("bedrock:InvokeModel", "aws_bedrockagent_agent"))
        + """
resource "aws_bedrockagent_agent_knowledge_base_association" "docs" {
  agent_id             = aws_bedrockagent_agent.support.agent_id
  knowledge_base_id    = "KB12345678"
  knowledge_base_state = "ENABLED"
}
"""
    )
    (finding,) = linted(text, "agent-role-incomplete")
    assert "`bedrock:Retrieve`" in finding.message
    assert '"KB12345678"' in [text[one.region.start : one.region.end] for one in finding.related]
