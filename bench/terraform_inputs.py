"""The folders of Terraform that are measured: made anew for each run, the same bytes every time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

LINES = 60
"""So many lines has every file."""
PER_SERVICE = 10
"""So many files belong together: two functions with what they need."""

Write = Callable[[str, int], str]
"""Writes a folder of so many files; gives its path."""

_STAGE = """\
variable "stage" {
  description = "Where this is deployed"
  type        = string
  default     = "dev"

  validation {
    condition     = contains(["dev", "prod"], var.stage)
    error_message = "dev or prod."
  }
}
"""

_SETTINGS = """\
variable "settings_@" {
  type = object({
    memory  = number
    timeout = number
    tags    = map(string)
  })
  default = { memory = 512, timeout = 30, tags = {} }
}
"""

_LOCALS = """\
data "aws_region" "current_@" {}

data "aws_caller_identity" "current_@" {}

data "aws_partition" "current_@" {}

locals {
  name_@    = "service-@"
  region_@  = data.aws_region.current_@.name
  account_@ = data.aws_caller_identity.current_@.account_id
  bedrock_@ = "arn:${data.aws_partition.current_@.partition}:bedrock"
  model_@   = "us.anthropic.claude-sonnet-4-6"
  tags_@    = merge({ service = local.name_@ }, { team = "platform", part = "@" })
}
"""

_ROLE = """\
data "aws_iam_policy_document" "trust_@" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "worker_@" {
  name               = "worker-@"
  assume_role_policy = data.aws_iam_policy_document.trust_@.json
  tags               = { service = "service-@" }
}
"""

_DOCUMENT = """\
data "aws_iam_policy_document" "invoke_@" {
  statement {
    sid     = "Invoke"
    actions = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    resources = [
      "${local.bedrock_@}:${local.region_@}:${local.account_@}:inference-profile/${local.model_@}",
      "${local.bedrock_@}:*::foundation-model/${trimprefix(local.model_@, "us.")}",
    ]
  }

  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["arn:aws:logs:${local.region_@}:${local.account_@}:log-group:/aws/lambda/worker-@:*"]
  }
}

resource "aws_iam_role_policy" "invoke_@" {
  name   = "invoke"
  role   = aws_iam_role.worker_@.id
  policy = data.aws_iam_policy_document.invoke_@.json
}
"""

_OTHER_POLICY = """\
resource "aws_iam_policy" "tables_@" {
  name        = "tables-@"
  description = "Reads and writes the table"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]
      Resource = [aws_dynamodb_table.items_@.arn, "${aws_dynamodb_table.items_@.arn}/index/*"]
    }]
  })
}

resource "aws_iam_role_policy_attachment" "tables_@" {
  role       = aws_iam_role.worker_@.name
  policy_arn = aws_iam_policy.tables_@.arn
}
"""

_FUNCTION = """\
resource "aws_cloudwatch_log_group" "worker_@" {
  name              = "/aws/lambda/worker-@"
  retention_in_days = 30
}

resource "aws_lambda_function" "worker_@" {
  function_name = "worker-@"
  role          = aws_iam_role.worker_@.arn
  handler       = "app.handler"
  runtime       = "python3.12"
  filename      = "${path.module}/worker.zip"
  memory_size   = var.settings_@.memory
  timeout       = var.settings_@.timeout

  environment {
    variables = {
      MODEL_ID = local.model_@
      TABLE    = aws_dynamodb_table.items_@.name
      STAGE    = var.stage
    }
  }

  tracing_config {
    mode = var.stage == "prod" ? "Active" : "PassThrough"
  }
}
"""

_BUCKET = """\
resource "aws_s3_bucket" "documents_@" {
  bucket        = "documents-@"
  force_destroy = var.stage != "prod"
  tags          = local.tags_@
}

resource "aws_s3_bucket_versioning" "documents_@" {
  bucket = aws_s3_bucket.documents_@.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "documents_@" {
  bucket                  = aws_s3_bucket.documents_@.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
"""

_NETWORK = """\
resource "aws_security_group" "worker_@" {
  name        = "worker-@"
  description = "What the worker may reach"
  vpc_id      = "vpc-0123456789abcdef0"

  dynamic "ingress" {
    for_each = toset(["10.0.0.0/16", "10.1.0.0/16"])
    content {
      from_port   = 443
      to_port     = 443
      protocol    = "tcp"
      cidr_blocks = [ingress.value]
    }
  }

  egress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  tags = local.tags_@
}
"""

_TABLE = """\
resource "aws_dynamodb_table" "items_@" {
  name         = "items-@"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  tags = local.tags_@
}
"""

_QUEUES = """\
resource "aws_sqs_queue" "dead_@" {
  name                      = "work-@-dead"
  message_retention_seconds = 1209600
}

resource "aws_sqs_queue" "work_@" {
  name                       = "work-@"
  visibility_timeout_seconds = 6 * var.settings_@.timeout

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_@.arn
    maxReceiveCount     = 5
  })
}

resource "aws_cloudwatch_metric_alarm" "dead_@" {
  alarm_name          = "work-@-dead"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "ApproximateNumberOfMessagesVisible"
  namespace           = "AWS/SQS"
  period              = 300
  statistic           = "Maximum"
  threshold           = 0
  dimensions          = { QueueName = aws_sqs_queue.dead_@.name }
}
"""

_OUTPUT = """\
output "worker_arn_@" {
  description = "The function"
  value       = aws_lambda_function.worker_@.arn
}

output "table_@" {
  description = "Its table"
  value       = aws_dynamodb_table.items_@.name
}
"""

_PARAMETER = """\
resource "aws_ssm_parameter" "setting_@" {
  name  = "/service/setting-@"
  type  = "String"
  value = "plain"
}
"""

_CALL = """\
module "topic_@" {
  source = "SHARED"
  name   = local.name_@
}
"""

_SHARED = """\
variable "name" {
  type = string
}

resource "aws_sns_topic" "news" {
  name              = "${var.name}-news"
  kms_master_key_id = "alias/aws/sns"
}

resource "aws_sqs_queue" "news" {
  name = "${var.name}-news"
}

resource "aws_sns_topic_subscription" "news" {
  topic_arn = aws_sns_topic.news.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.news.arn
}

output "topic_arn" {
  value = aws_sns_topic.news.arn
}
"""

_FILES = {
    "variables": (_SETTINGS,),
    "main": (_LOCALS, _CALL),
    "role_a": (_ROLE, _DOCUMENT),
    "role_b": (_ROLE, _DOCUMENT),
    "policies": (_OTHER_POLICY, _OUTPUT),
    "functions": (_FUNCTION,),
    "buckets": (_BUCKET,),
    "network": (_NETWORK,),
    "tables": (_TABLE,),
    "queues": (_QUEUES,),
}
"""What the files of a service hold, for both functions, unless their name says for which."""


def write_folders(folder: str, files: int) -> str:
    """Write so many files, a module for every ten, all of which call one more module; the folder of all."""
    for service in range(files // PER_SERVICE):
        for name, text in _service(service, "../shared", _STAGE):
            _write(folder, f"service-{service:03d}/{name}.tf", text)
    return _finished(folder)


def write_module(folder: str, files: int) -> str:
    """Write the same files as one module; its folder."""
    for service in range(files // PER_SERVICE):
        for name, text in _service(service, "./shared", "" if service else _STAGE):
            _write(folder, f"{name}-{service:03d}.tf", text)
    return _finished(folder)


def write_file(folder: str, lines: int) -> str:
    """Write the same as a module of one file of about so many lines; its folder."""
    services = lines // (LINES * PER_SERVICE)
    texts = (
        text for service in range(services) for _, text in _service(service, "./shared", "" if service else _STAGE)
    )
    _write(folder, "main.tf", "".join(texts))
    return _finished(folder)


def write_others(folder: str, files: int) -> str:
    """Write so many files without anything about IAM: buckets, networks, tables, and what they refer to."""
    plain = ("variables", "main", "buckets", "network", "tables")
    for service in range(files // len(plain)):
        for name, text in _service(service, "../shared", _STAGE):
            if name in plain:
                _write(folder, f"service-{service:03d}/{name}.tf", text)
    return _finished(folder)


def write_faulty(folder: str, files: int) -> str:
    """Write so many files in modules of ten with an action in every policy that does not exist."""
    for service in range(files // PER_SERVICE):
        for name, text in _service(service, "../shared", _STAGE):
            faulty = text.replace('"bedrock:InvokeModel", ', '"bedrock:InvokeModel", "bedrock:Converse", ')
            _write(folder, f"service-{service:03d}/{name}.tf", faulty)
    return _finished(folder)


def size(folder: str) -> int:
    """How many bytes the files in a folder have together."""
    return sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk(folder) for name in names)


def _service(number: int, shared: str, stage: str) -> Iterator[tuple[str, str]]:
    """The names and texts of the files of one service; `stage` declares the variable that a module has once."""
    for name, blocks in _FILES.items():
        parts = name[-1] if name.startswith("role_") else "ab"
        texts = [
            block.replace("@", f"{number:03d}_{part}").replace("SHARED", shared) for part in parts for block in blocks
        ]
        if stage and name == "variables":
            texts.insert(0, stage)
        yield name, _padded(texts, f"{name}_{number:03d}")


def _padded(blocks: list[str], name: str) -> str:
    """The blocks with small resources behind them, and a few lines of comment, to fill a file."""
    room = LINES - sum(block.count("\n") + 1 for block in blocks)
    own = _PARAMETER.count("\n") + 1
    more = [_PARAMETER.replace("@", f"{name}_{at}") for at in range(room // own)]
    return "\n".join(["# Part of a service.\n" * (room % own) + blocks[0], *blocks[1:], *more, ""])


def _finished(folder: str) -> str:
    """The folder, with the module that all call, and as a repository, out of which no module may lead."""
    _write(folder, "shared/main.tf", _SHARED)
    os.makedirs(os.path.join(folder, ".git"), exist_ok=True)
    return folder


def _write(folder: str, path: str, text: str) -> None:
    full = os.path.join(folder, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "w", encoding="utf-8") as file:
        file.write(text)
