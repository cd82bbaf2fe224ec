# Policy documents with everything that the data source knows; `terraform_documents.py` compares what they come to.

locals {
  account = "111122223333"
  models  = { nova = "amazon.nova-lite-v1:0", haiku = "anthropic.claude-3-haiku-20240307-v1:0" }
  regions = ["us-east-1", "us-west-2"]
  nothing = null
  text    = "{\"Version\":\"2008-10-17\",\"Id\":\"old\",\"Statement\":[{\"Sid\":\"One\",\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"
}

data "aws_iam_policy_document" "empty" {}

data "aws_iam_policy_document" "head" {
  version   = "2008-10-17"
  policy_id = "head"
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::docs/*"]
  }
}

data "aws_iam_policy_document" "numbers" {
  policy_id = 7
  statement {
    sid       = 1
    actions   = ["s3:GetObject"]
    resources = [12, true]
    condition {
      test     = "NumericLessThan"
      variable = "s3:max-keys"
      values   = [10, 1.5, "20"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = [true]
    }
  }
}

data "aws_iam_policy_document" "empty_texts" {
  policy_id = ""
  statement {
    sid       = ""
    effect    = "Deny"
    actions   = ["s3:*", "s3:*"]
    resources = ["*", "*"]
  }
}

data "aws_iam_policy_document" "nulls" {
  version = local.nothing
  statement {
    sid           = local.nothing
    effect        = local.nothing
    actions       = ["s3:GetObject"]
    not_actions   = local.nothing
    resources     = ["*"]
    not_resources = []
  }
}

data "aws_iam_policy_document" "contrary" {
  statement {
    effect        = "Deny"
    not_actions   = ["bedrock:InvokeModel", "bedrock:Converse"]
    not_resources = ["arn:aws:bedrock:*::foundation-model/*"]
  }
  statement {
    effect      = "Deny"
    not_actions = ["iam:*"]
    resources   = ["*"]
    not_principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
  }
}

data "aws_iam_policy_document" "everybody" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
  statement {
    actions   = ["s3:PutObject"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}

data "aws_iam_policy_document" "principals" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
    principals {
      type        = "Service"
      identifiers = ["bedrock.amazonaws.com", "ecs-tasks.amazonaws.com"]
    }
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${local.account}:root", local.account]
    }
    principals {
      type        = "Federated"
      identifiers = ["cognito-identity.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "every_one_of_two_kinds" {
  statement {
    actions   = ["sns:Publish"]
    resources = ["*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "nobody" {
  statement {
    actions   = ["sns:Publish"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = []
    }
    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "conditions" {
  statement {
    actions   = ["bedrock:InvokeModel"]
    resources = ["*"]
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = local.regions
    }
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:aws:bedrock:*:${local.account}:agent/*"]
    }
    condition {
      test     = "ForAllValues:StringLike"
      variable = "aws:TagKeys"
      values   = ["b", "a"]
    }
  }
}

data "aws_iam_policy_document" "one_key_twice" {
  statement {
    actions   = ["bedrock:InvokeModel"]
    resources = ["*"]
    condition {
      test     = "StringLike"
      variable = "aws:PrincipalArn"
      values   = ["a"]
    }
    condition {
      test     = "StringLike"
      variable = "aws:PrincipalArn"
      values   = ["c", "b"]
    }
  }
}

data "aws_iam_policy_document" "variables" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::docs/&{aws:username}/*", "arn:aws:s3:::$${aws:username}"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::*:user/&{aws:username}"]
    }
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["home/&{aws:username}/*", "a&{b"]
    }
  }
  statement {
    not_actions   = ["s3:&{x}"]
    not_resources = ["arn:aws:s3:::&{aws:userid}"]
  }
}

data "aws_iam_policy_document" "characters" {
  statement {
    sid       = "A"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::<é>&\"\\/日本*"]
  }
}

data "aws_iam_policy_document" "dynamic_map" {
  dynamic "statement" {
    for_each = local.models
    content {
      sid       = title(statement.key)
      actions   = ["bedrock:InvokeModel"]
      resources = [for region in local.regions : "arn:aws:bedrock:${region}::foundation-model/${statement.value}"]
    }
  }
}

data "aws_iam_policy_document" "dynamic_nested" {
  dynamic "statement" {
    for_each = [{ name = "A", who = ["lambda"] }, { name = "B", who = ["bedrock", "ec2"] }, { name = "C", who = [] }]
    iterator = one
    content {
      sid     = one.value.name
      actions = ["sts:AssumeRole"]
      dynamic "principals" {
        for_each = one.value.who
        content {
          type        = "Service"
          identifiers = ["${principals.value}.amazonaws.com"]
        }
      }
      dynamic "condition" {
        for_each = one.key == 1 ? [1] : []
        content {
          test     = "StringEquals"
          variable = "aws:SourceAccount"
          values   = [local.account]
        }
      }
    }
  }
}

data "aws_iam_policy_document" "dynamic_none" {
  dynamic "statement" {
    for_each = toset([])
    content {
      actions   = ["s3:*"]
      resources = ["*"]
    }
  }
}

data "aws_iam_policy_document" "written_and_dynamic" {
  statement {
    sid       = "First"
    actions   = ["s3:*"]
    resources = ["*"]
  }
  dynamic "statement" {
    for_each = toset(["b", "a"])
    content {
      sid       = upper(statement.key)
      actions   = ["s3:${statement.value}"]
      resources = ["*"]
    }
  }
  statement {
    sid       = "Last"
    actions   = ["s3:*"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "source" {
  source_policy_documents = [data.aws_iam_policy_document.head.json, data.aws_iam_policy_document.dynamic_map.json]
}

data "aws_iam_policy_document" "source_replaced" {
  source_policy_documents = [data.aws_iam_policy_document.dynamic_map.json]
  statement {
    sid       = "Nova"
    effect    = "Deny"
    actions   = ["bedrock:*"]
    resources = ["*"]
  }
  statement {
    actions   = ["s3:*"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "source_of_texts" {
  source_policy_documents = [
    local.text,
    "",
    jsonencode({ Statement = [{ Effect = "Allow", Action = ["a:B", "a:A"], Resource = "*" }] }),
    <<-EOT
      {
        "Version": "2012-10-17",
        "Statement": [
          {"Sid": "", "Effect": "Allow", "NotAction": "s3:*", "NotResource": ["b", "a"], "Principal": "*"},
          {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Principal": {"AWS": ["1", "2"], "Service": "x"}}
        ]
      }
    EOT
  ]
}

data "aws_iam_policy_document" "source_id" {
  source_policy_documents = [local.text, jsonencode({ Id = "new", Statement = [] })]
}

data "aws_iam_policy_document" "source_own_id" {
  policy_id               = "own"
  source_policy_documents = [local.text]
}

data "aws_iam_policy_document" "override" {
  statement {
    sid       = "Nova"
    actions   = ["bedrock:InvokeModel"]
    resources = ["*"]
  }
  statement {
    sid       = "Kept"
    actions   = ["s3:*"]
    resources = ["*"]
  }
  override_policy_documents = [
    data.aws_iam_policy_document.dynamic_map.json,
    jsonencode({ Statement = [{ Sid = "Haiku", Effect = "Deny", Action = "*", Resource = "*" }] }),
    jsonencode({ Statement = [{ Effect = "Deny", Action = "iam:*", Resource = "*" }] }),
  ]
}

data "aws_iam_policy_document" "override_id" {
  policy_id                 = "own"
  override_policy_documents = [local.text]
}

data "aws_iam_policy_document" "source_and_override" {
  source_policy_documents   = [local.text]
  override_policy_documents = [jsonencode({ Statement = [{ Sid = "One", Effect = "Allow", Action = "a:B", Resource = "*" }] })]
  statement {
    sid       = "Two"
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "source_conditions" {
  source_policy_documents = [jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "s3:*"
      Resource  = "arn:aws:s3:::$${aws:username}"
      Condition = { StringEquals = { "a:b" = "x", "a:c" = ["z", "y"] }, StringLike = { "a:b" = ["&{x}"] } }
    }]
  })]
}

data "aws_iam_policy_document" "computed" {
  statement {
    actions   = distinct(concat(["bedrock:InvokeModel"], [for one in ["Get", "List"] : "bedrock:${one}*"]))
    resources = formatlist("arn:aws:bedrock:%s::foundation-model/%s", local.regions, values(local.models))
  }
  statement {
    actions   = toset(["s3:b", "s3:a"])
    resources = compact(["", "*"])
  }
}

data "aws_iam_policy_document" "counted" {
  count = 2
  statement {
    sid       = "N${count.index}"
    actions   = ["s3:*"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "of_counted" {
  source_policy_documents = data.aws_iam_policy_document.counted[*].json
}

data "aws_iam_policy_document" "each" {
  for_each = local.models
  statement {
    sid       = each.key
    actions   = ["bedrock:InvokeModel"]
    resources = ["arn:aws:bedrock:*::foundation-model/${each.value}"]
  }
}

data "aws_iam_policy_document" "of_each" {
  source_policy_documents   = [for one in data.aws_iam_policy_document.each : one.json]
  override_policy_documents = [data.aws_iam_policy_document.each["nova"].minified_json]
}

data "aws_iam_policy_document" "chain" {
  source_policy_documents = [data.aws_iam_policy_document.of_each.json]
  statement {
    sid       = "haiku"
    effect    = "Deny"
    actions   = jsondecode(data.aws_iam_policy_document.of_each.json).Statement[*].Action
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "without_elements" {
  statement {
    sid = "Nothing"
  }
}
