"""What runs in a configuration: its role, its settings, its network, and what it calls of Bedrock without code."""

from __future__ import annotations

import pytest
from configurations import deployed, linted, opened, written

from bedrock_policy_lint.deployment.deployment import Call, Network, Workload
from bedrock_policy_lint.frontends.terraform import workloads

ROLE = """
resource "aws_iam_role" "role" {
  name               = "worker"
  assume_role_policy = "{}"
}
resource "aws_iam_instance_profile" "profile" {
  name = "profile"
  role = aws_iam_role.role.name
}
"""


def read(text: str) -> list[Workload]:
    return workloads.workloads(opened(ROLE + text))


def only(text: str) -> Workload:
    (workload,) = read(text)
    return workload


def settings(workload: Workload) -> dict[str, str]:
    return {setting.name: str(setting.node.value) for setting in workload.settings}


# Every kind

EVERY = {
    "Lambda function": """
resource "aws_lambda_function" "it" {
  function_name = "it"
  role          = aws_iam_role.role.arn
  environment {
    variables = { MODEL = "amazon.nova-lite-v1:0", SIZE = 3 }
  }
}
""",
    "ECS task": """
resource "aws_ecs_task_definition" "it" {
  task_role_arn      = aws_iam_role.role.arn
  execution_role_arn = "arn:aws:iam::111122223333:role/other"
  container_definitions = jsonencode([
    { name = "a", environment = [{ name = "MODEL", value = "amazon.nova-lite-v1:0" }] },
    { name = "b", environment = [{ name = "SIZE", value = "3" }] },
  ])
}
""",
    "App Runner service": """
resource "aws_apprunner_service" "it" {
  instance_configuration {
    instance_role_arn = aws_iam_role.role.arn
  }
  source_configuration {
    image_repository {
      image_configuration {
        runtime_environment_variables = { MODEL = "amazon.nova-lite-v1:0", SIZE = 3 }
      }
    }
  }
}
""",
    "CodeBuild project": """
resource "aws_codebuild_project" "it" {
  service_role = aws_iam_role.role.arn
  environment {
    environment_variable {
      name  = "MODEL"
      value = "amazon.nova-lite-v1:0"
    }
    environment_variable {
      name  = "SIZE"
      value = 3
      type  = "PLAINTEXT"
    }
    environment_variable {
      name  = "SECRET"
      value = "/app/secret"
      type  = "PARAMETER_STORE"
    }
  }
}
""",
    "SageMaker model": """
resource "aws_sagemaker_model" "it" {
  execution_role_arn = aws_iam_role.role.arn
  primary_container {
    environment = { MODEL = "amazon.nova-lite-v1:0" }
  }
  container {
    environment = { SIZE = 3 }
  }
}
""",
    "Glue job": """
resource "aws_glue_job" "it" {
  role_arn                  = aws_iam_role.role.arn
  default_arguments         = { MODEL = "amazon.nova-lite-v1:0" }
  non_overridable_arguments = { SIZE = 3 }
}
""",
    "AgentCore runtime": """
resource "aws_bedrockagentcore_agent_runtime" "it" {
  role_arn              = aws_iam_role.role.arn
  environment_variables = { MODEL = "amazon.nova-lite-v1:0", SIZE = 3 }
}
""",
}
TASK = 'environment = [{ name = "MODEL", value = "amazon.nova-lite-v1:0" }, { name = "SIZE", value = "3" }]'
JOB = f"jobRoleArn = aws_iam_role.role.arn, {TASK}"
TASKS = f"taskProperties = [{{ taskRoleArn = aws_iam_role.role.arn, containers = [{{ {TASK} }}] }}]"


@pytest.mark.parametrize(("kind", "resource"), EVERY.items())
def test_a_workload_has_its_role_and_its_settings(kind: str, resource: str) -> None:
    workload = only(resource)

    assert (workload.kind, workload.role) == (kind, "aws_iam_role.role")
    assert workload.name.endswith(".it")
    assert written(workload.node) == '"it"'
    assert settings(workload) == {"MODEL": "amazon.nova-lite-v1:0", "SIZE": "3"}
    assert written(workload.settings[0].node) == '"amazon.nova-lite-v1:0"'


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("container_properties", JOB),
        ("ecs_properties", TASKS),
        ("node_properties", f"nodeRangeProperties = [{{ container = {{ {JOB} }} }}]"),
        ("node_properties", f"nodeRangeProperties = [{{ ecsProperties = {{ {TASKS} }} }}]"),
    ],
)
def test_every_form_of_a_batch_job_is_read(argument: str, value: str) -> None:
    workload = only(f'resource "aws_batch_job_definition" "it" {{\n  {argument} = jsonencode({{ {value} }})\n}}\n')

    assert (workload.kind, workload.role) == ("Batch job", "aws_iam_role.role")
    assert settings(workload) == {"MODEL": "amazon.nova-lite-v1:0", "SIZE": "3"}


def test_definitions_of_containers_may_be_a_text() -> None:
    workload = only("""
variable "model" {
  default = "amazon.nova-lite-v1:0"
}
resource "aws_ecs_task_definition" "it" {
  container_definitions = <<-JSON
    [{ "name": "a", "environment": [{ "name": "MODEL", "value": "${var.model}" }, { "name": "SIZE", "value": "3" }] }]
  JSON
}
""")
    assert settings(workload) == {"MODEL": "amazon.nova-lite-v1:0", "SIZE": "3"}
    assert written(workload.settings[1].node) == '"3"'


@pytest.mark.parametrize(
    "text", ['"[{"', "module.containers.json", '"7"', 'jsonencode({ a = "x" })', "7", "[1]", "file(local.gone)"]
)
def test_definitions_of_containers_that_cannot_be_read_hold_no_settings(text: str) -> None:
    workload = only(f"""
module "containers" {{
  source = "terraform-aws-modules/ecs/aws//modules/container-definition"
}}
resource "aws_ecs_task_definition" "it" {{
  task_role_arn         = aws_iam_role.role.arn
  container_definitions = {text}
}}
""")
    assert (workload.role, workload.settings) == ("aws_iam_role.role", ())


@pytest.mark.parametrize(
    ("type_", "body"),
    [
        ("aws_instance", "iam_instance_profile = aws_iam_instance_profile.profile.name"),
        ("aws_instance", "iam_instance_profile = aws_iam_instance_profile.profile.id"),
        ("aws_launch_configuration", "iam_instance_profile = aws_iam_instance_profile.profile.name"),
        ("aws_launch_template", "iam_instance_profile {\n    name = aws_iam_instance_profile.profile.name\n  }"),
        ("aws_launch_template", "iam_instance_profile {\n    arn = aws_iam_instance_profile.profile.arn\n  }"),
    ],
)
def test_an_instance_has_the_role_of_its_profile(type_: str, body: str) -> None:
    assert only(f'resource "{type_}" "it" {{\n  {body}\n}}\n').role == "aws_iam_role.role"


def test_a_function_has_its_arn() -> None:
    assert str(only(EVERY["Lambda function"]).arn).endswith(":function:it")


@pytest.mark.parametrize(
    "role", ['"arn:aws:iam::111122223333:role/other"', "var.role", "data.aws_iam_role.there.arn", "7", "null"]
)
def test_a_role_from_elsewhere_is_none(role: str) -> None:
    more = 'variable "role" {}\ndata "aws_iam_role" "there" {\n  name = "there"\n}\n'
    assert only(more + f'resource "aws_lambda_function" "it" {{\n  role = {role}\n}}\n').role is None


def test_a_role_is_found_by_its_name() -> None:
    assert only('resource "aws_lambda_function" "it" {\n  role = "worker"\n}\n').role == "aws_iam_role.role"


def test_settings_may_be_merged() -> None:
    workload = only("""
resource "aws_lambda_function" "it" {
  environment {
    variables = merge({ MODEL = "amazon.nova-lite-v1:0" }, { SIZE = 3 })
  }
}
""")
    assert settings(workload) == {"MODEL": "amazon.nova-lite-v1:0", "SIZE": "3"}


@pytest.mark.parametrize("variables", ["7", '"x"', "[1]", "var.unknown", "{ A = [1], B = null, C = {} }", "null"])
def test_settings_of_wrong_types_are_none(variables: str) -> None:
    workload = only(f"""
variable "unknown" {{}}
resource "aws_lambda_function" "it" {{
  environment {{
    variables = {variables}
  }}
}}
""")
    assert workload.settings == ()


# The provider awscc


def test_the_types_of_awscc_are_read_as_those_of_cloudformation() -> None:
    workload = only("""
resource "awscc_lambda_function" "it" {
  role        = aws_iam_role.role.arn
  environment = { variables = { MODEL = "amazon.nova-lite-v1:0" } }
}
""")
    assert (workload.kind, workload.role, settings(workload)) == (
        "Lambda function",
        "aws_iam_role.role",
        {"MODEL": "amazon.nova-lite-v1:0"},
    )


def test_pairs_of_awscc_are_settings() -> None:
    workload = only("""
resource "awscc_ecs_task_definition" "it" {
  task_role_arn         = aws_iam_role.role.arn
  container_definitions = [{ environment = [{ name = "MODEL", value = "amazon.nova-lite-v1:0" }] }]
}
""")
    assert (workload.role, settings(workload)) == ("aws_iam_role.role", {"MODEL": "amazon.nova-lite-v1:0"})


# Networks

VPC = """
resource "aws_vpc" "vpc" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_subnet" "one" {
  vpc_id = aws_vpc.vpc.id
}
resource "aws_subnet" "many" {
  count  = 2
  vpc_id = aws_vpc.vpc.id
}
resource "aws_subnet" "public" {
  vpc_id = aws_vpc.vpc.id
}
resource "aws_route_table" "private" {
  vpc_id = aws_vpc.vpc.id
}
resource "aws_route_table" "open" {
  vpc_id = aws_vpc.vpc.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.it.id
  }
}
resource "aws_internet_gateway" "it" {}
resource "aws_route_table_association" "one" {
  subnet_id      = aws_subnet.one.id
  route_table_id = aws_route_table.private.id
}
resource "aws_route_table_association" "public" {
  subnet_id      = aws_subnet.public.id
  route_table_id = aws_route_table.open.id
}
"""


def network_of(subnets: str, more: str = "") -> Network | None:
    """The network of a function with these subnets."""
    function = f'resource "aws_lambda_function" "it" {{\n  vpc_config {{\n    subnet_ids = {subnets}\n  }}\n}}\n'
    (workload,) = read(VPC + more + function)
    return workload.network


@pytest.mark.parametrize(
    ("subnets", "is_closed"),
    [
        ("[aws_subnet.one.id]", True),
        ("aws_subnet.many[*].id", True),
        ("[for subnet in aws_subnet.many : subnet.id]", True),
        ("[aws_subnet.one.id, aws_subnet.public.id]", False),
    ],
)
def test_subnets_without_routes_are_closed(subnets: str, is_closed: bool) -> None:
    network = network_of(subnets)
    assert network is not None
    assert network.is_closed == is_closed


@pytest.mark.parametrize("subnets", ["var.subnets", '["subnet-1"]', "module.vpc.private_subnets", "[]", "7"])
def test_subnets_from_elsewhere_tell_nothing(subnets: str) -> None:
    assert network_of(subnets, 'variable "subnets" {}\nmodule "vpc" {\n  source = "x/y/z"\n}\n') is None


@pytest.mark.parametrize(
    "more",
    [
        'resource "aws_route" "x" {\n  route_table_id = aws_route_table.private.id\n}',
        'resource "aws_route" "x" {\n  route_table_id = aws_vpc.vpc.main_route_table_id\n}',
        'resource "aws_vpn_gateway_route_propagation" "x" {\n  route_table_id = aws_route_table.private.id\n}',
        'resource "aws_default_route_table" "x" {\n  default_route_table_id = aws_vpc.vpc.default_route_table_id\n'
        '  route {\n    cidr_block = "0.0.0.0/0"\n  }\n}',
        'resource "aws_main_route_table_association" "x" {\n  vpc_id = aws_vpc.vpc.id\n}',
        'resource "aws_ec2_transit_gateway_vpc_attachment" "x" {\n  vpc_id = aws_vpc.vpc.id\n}',
        'resource "aws_vpc_peering_connection" "x" {\n  vpc_id = "vpc-1"\n  peer_vpc_id = aws_vpc.vpc.id\n}',
        'resource "aws_cloudformation_stack" "x" {\n  name = "x"\n}',
        'module "x" {\n  source = "x/y/z"\n}',
    ],
)
def test_what_may_lead_out_opens_a_network(more: str) -> None:
    network = network_of("[aws_subnet.one.id]", more + "\n")
    assert network is not None
    assert not network.is_closed


def test_a_default_table_without_routes_leads_nowhere() -> None:
    more = (
        'resource "aws_default_route_table" "x" {\n  default_route_table_id = aws_vpc.vpc.default_route_table_id\n}\n'
    )
    network = network_of("[aws_subnet.one.id]", more)
    assert network is not None
    assert network.is_closed


def test_a_network_has_its_endpoints() -> None:
    more = """
resource "aws_vpc_endpoint" "it" {
  vpc_id            = aws_vpc.vpc.id
  service_name      = "com.amazonaws.us-east-1.bedrock-runtime"
  vpc_endpoint_type = "Interface"
}
resource "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc.vpc.id
  service_name = "com.amazonaws.us-east-1.s3"
}
"""
    network = network_of("[aws_subnet.one.id]", more)
    assert network is not None
    assert (network.endpoints, network.knows_all_endpoints) == ({"bedrock-runtime"}, True)
    assert {service: str(id_) for service, id_ in network.paths.items()} == {
        "bedrock-runtime": "${aws_vpc_endpoint.it.id}"
    }
    assert str(network.vpc) == "${aws_vpc.vpc.id}"


def test_a_task_runs_where_its_service_puts_it() -> None:
    (task,) = read(
        VPC
        + """
resource "aws_ecs_task_definition" "it" {
  family = "it"
}
resource "aws_ecs_service" "it" {
  task_definition = aws_ecs_task_definition.it.arn
  network_configuration {
    subnets = [aws_subnet.one.id]
  }
}
"""
    )
    assert task.network is not None
    assert task.network.is_closed


# Calls without code

MACHINE = """
resource "aws_sfn_state_machine" "it" {
  role_arn   = aws_iam_role.role.arn
  definition = %s
}
"""
STATES = """{
    StartAt = "One"
    States = {
      One = {
        Type = "Map"
        ItemProcessor = {
          States = {
            Ask = {
              Type       = "Task"
              Resource   = "arn:aws:states:::bedrock:invokeModel"
              Parameters = { ModelId = "amazon.nova-lite-v1:0" }
            }
          }
        }
      }
      Two = {
        Type       = "Task"
        Resource   = "arn:aws:states:::aws-sdk:bedrockagentruntime:invokeAgent"
        Parameters = { AgentId = "A", AgentAliasId = aws_bedrockagent_agent_alias.it.agent_alias_id }
      }
      Other = {
        Type     = "Task"
        Resource = "arn:aws:states:::lambda:invoke"
      }
    }
  }"""
ALIAS = 'resource "aws_bedrockagent_agent_alias" "it" {\n  agent_id = "A"\n}\n'


def calls(text: str) -> list[tuple[str, str, str, str]]:
    """Of all workloads: operation, client, model and resource."""
    return [_shown(call) for workload in read(text) for call in workload.calls]


def _shown(call: Call) -> tuple[str, str, str, str]:
    model, resource = (str(node.value) if node is not None else "" for node in (call.model, call.resource))
    return call.operation, call.client, model, resource


def test_a_state_machine_has_the_calls_of_its_tasks() -> None:
    text = ALIAS + MACHINE % f"jsonencode({STATES})"
    (machine,) = read(text)
    assert (machine.kind, machine.role) == ("state machine", "aws_iam_role.role")
    (agent, model) = sorted(map(_shown, machine.calls))
    assert agent[:2] == ("InvokeAgent", "bedrock-agent-runtime")
    assert agent[3].endswith(":agent-alias/A/${aws_bedrockagent_agent_alias.it.agent_alias_id}")
    assert model == ("InvokeModel", "bedrock-runtime", "amazon.nova-lite-v1:0", "")
    asked = next(call.model for call in machine.calls if call.model is not None)
    assert written(asked) == '"amazon.nova-lite-v1:0"'


def test_a_definition_may_stand_in_a_file() -> None:
    asl = """{"States": {"Ask": {
  "Type": "Task",
  "Resource": "arn:aws:states:::bedrock:invokeModel",
  "Parameters": {"ModelId": "${model}"}
}}}"""
    machine = MACHINE % 'templatefile("ask.asl.json", { model = "amazon.nova-lite-v1:0" })'
    (found,) = workloads.workloads(opened({"main.tf": ROLE + machine, "ask.asl.json": asl}))
    (call,) = found.calls
    assert _shown(call) == ("InvokeModel", "bedrock-runtime", "amazon.nova-lite-v1:0", "")


@pytest.mark.parametrize(
    "definition", ['"{"', "7", '"[]"', "[]", "module.x.definition", 'jsonencode({ States = ["x"] })']
)
def test_a_definition_that_cannot_be_read_makes_no_calls(definition: str) -> None:
    (machine,) = read('module "x" {\n  source = "x/y/z"\n}\n' + MACHINE % definition)
    assert (machine.role, machine.calls) == ("aws_iam_role.role", ())


def test_a_job_that_a_state_machine_starts_is_a_feature() -> None:
    states = """{
    States = {
      Start = {
        Type     = "Task"
        Resource = "arn:aws:states:::aws-sdk:bedrock:createModelInvocationJob"
        Parameters = {
          ModelId         = "amazon.nova-lite-v1:0"
          RoleArn         = aws_iam_role.role.arn
          InputDataConfig = { S3InputDataConfig = { S3Uri = "s3://in/" } }
        }
      }
    }
  }"""
    (job,) = deployed(ROLE + MACHINE % f"jsonencode({states})").features
    assert (job.kind, job.role) == ("batch-job", "aws_iam_role.role")
    assert {slot: str(nodes[0].value) for slot, nodes in job.slots.items()} == {
        "model": "amazon.nova-lite-v1:0",
        "input-bucket": "s3://in/",
    }


SCHEDULE = """
resource "aws_scheduler_schedule" "it" {
  target {
    arn      = "arn:aws:scheduler:::aws-sdk:bedrockruntime:converse"
    role_arn = aws_iam_role.role.arn
    input    = jsonencode({ ModelId = "amazon.nova-lite-v1:0" })
  }
}
"""
SIGNED = """
resource "aws_appsync_datasource" "it" {
  name             = "bedrock"
  type             = "HTTP"
  service_role_arn = aws_iam_role.role.arn
  http_config {
    endpoint = "https://bedrock-runtime.us-east-1.amazonaws.com"
    authorization_config {
      aws_iam_config {
        signing_service_name = "bedrock"
      }
    }
  }
}
resource "aws_appsync_resolver" "it" {
  data_source = aws_appsync_datasource.it.name
  code        = "/model/amazon.nova-lite-v1:0/converse"
}
"""
OWN = """
resource "aws_appsync_datasource" "it" {
  name             = "bedrock"
  type             = "AMAZON_BEDROCK_RUNTIME"
  service_role_arn = aws_iam_role.role.arn
}
resource "aws_appsync_function" "it" {
  data_source = "bedrock"
  code        = "converse({ modelId: 'amazon.nova-lite-v1:0' })"
}
"""
METHOD = """
resource "aws_api_gateway_integration" "it" {
  credentials = aws_iam_role.role.arn
  uri         = "arn:aws:apigateway:us-east-1:bedrock-runtime:path/model/amazon.nova-lite-v1%3A0/converse"
}
"""
INTEGRATION = """
resource "aws_apigatewayv2_integration" "it" {
  credentials_arn = aws_iam_role.role.arn
  integration_uri = "arn:aws:apigateway:us-east-1:bedrock-runtime:path/model/amazon.nova-lite-v1:0/converse"
}
"""
API = """
resource "aws_api_gateway_rest_api" "it" {
  body = jsonencode({
    paths = {
      "/ask" = {
        post = {
          x-amazon-apigateway-integration = {
            credentials = aws_iam_role.role.arn
            uri         = "arn:aws:apigateway:us-east-1:bedrock-runtime:path/model/amazon.nova-lite-v1:0/converse"
          }
        }
      }
    }
  })
}
"""


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("schedule", SCHEDULE),
        ("AppSync data source", SIGNED),
        ("AppSync data source", OWN),
        ("API Gateway integration", METHOD),
        ("API Gateway integration", INTEGRATION),
        ("API Gateway integration", API),
    ],
)
def test_what_calls_bedrock_itself_is_a_workload(kind: str, text: str) -> None:
    (workload,) = read(text)
    assert (workload.kind, workload.role) == (kind, "aws_iam_role.role")
    assert [_shown(call) for call in workload.calls] == [("Converse", "bedrock-runtime", "amazon.nova-lite-v1:0", "")]


@pytest.mark.parametrize(
    "text",
    [
        SCHEDULE.replace("bedrockruntime", "sqs"),
        SCHEDULE.replace('"arn:aws:scheduler:::aws-sdk:bedrockruntime:converse"', "7"),
        METHOD.replace("bedrock-runtime:path", "lambda:path"),
        API.replace("bedrock-runtime:path", "lambda:path"),
        SIGNED.replace('signing_service_name = "bedrock"', 'signing_service_name = "x"'),
        OWN.replace("AMAZON_BEDROCK_RUNTIME", "NONE"),
    ],
)
def test_what_calls_something_else_is_none(text: str) -> None:
    assert read(text) == []


# Through the engine


def test_a_setting_that_names_a_model_that_its_role_may_not_invoke_is_told() -> None:
    text = """
resource "aws_iam_role" "it" {
  assume_role_policy = "{}"
}
resource "aws_iam_role_policy" "it" {
  role = aws_iam_role.it.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "bedrock:InvokeModel"
      Resource = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0"
    }]
  })
}
resource "aws_lambda_function" "it" {
  role = aws_iam_role.it.arn
  environment {
    variables = { MODEL_ID = "amazon.nova-lite-v1:0" }
  }
}
"""
    (finding,) = linted(text, "model-policy-drift")
    assert "`MODEL_ID` of `aws_lambda_function.it`" in finding.message
    assert '"amazon.nova-lite-v1:0"' in [text[one.region.start : one.region.end] for one in finding.related]
