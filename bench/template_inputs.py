"""The templates that are measured: made anew for each run, the same bytes every time."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Any

PER_GROUP = 4
"""So many resources belong together: a role, a function that runs with it, a table and a queue."""

_MODEL = "us.anthropic.claude-sonnet-4-6"
_ARN = "arn:${AWS::Partition}:bedrock:${AWS::Region}:${AWS::AccountId}"
_SHORT = {"Ref": "!Ref", "Fn::Sub": "!Sub", "Fn::GetAtt": "!GetAtt", "Fn::If": "!If", "Fn::Equals": "!Equals"}
_is_plain = re.compile(r"[A-Za-z][\w$.:/*{}+-]*(?<!:)", re.ASCII).fullmatch

Tree = dict[str, Any]


def template(resources: int) -> Tree:
    """A template as people write them for functions that call a model; nothing is wrong with it."""
    return _with({name: body for number in range(resources // PER_GROUP) for name, body in _group(number).items()})


def faulty(resources: int) -> Tree:
    """The same with an action in every policy that does not exist."""
    whole = template(resources)
    for body in whole["Resources"].values():
        for policy in body["Properties"].get("Policies", ()):
            policy["PolicyDocument"]["Statement"][0]["Action"].append("bedrock:Converse")
    return whole


def plain(resources: int) -> Tree:
    """A template of tables and queues alone, but for one function and its role."""
    found = _group(0)
    for number in range(1, (resources - PER_GROUP) // 2 + 1):
        found |= {f"Table{number}": _table(), f"Queue{number}": _queue()}
    return _with(found)


def sam(resources: int) -> Tree:
    """A SAM template of functions with statements of their own, and tables; each function becomes a role too."""
    found = {}
    for number in range(resources // 2):
        found[f"Fn{number}"] = {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "CodeUri": f"src/fn{number}",
                "Handler": "app.handler",
                "MemorySize": {"Fn::If": ["IsProd", 1024, 256]},
                "Environment": {"Variables": {"MODEL_ID": _MODEL, "TABLE": {"Ref": f"Table{number}"}}},
                "Policies": [{"Version": "2012-10-17", "Statement": _statements(number)}],
            },
        }
        found[f"Table{number}"] = _table()
    return {
        **_with(found),
        "Transform": "AWS::Serverless-2016-10-31",
        "Globals": {"Function": {"Runtime": "python3.12", "Timeout": 30}},
    }


def _with(resources: Tree) -> Tree:
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Parameters": {"Env": {"Type": "String", "Default": "dev", "AllowedValues": ["dev", "prod"]}},
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]}},
        "Resources": resources,
    }


def _group(number: int) -> Tree:
    return {
        f"Role{number}": _role(number),
        f"Fn{number}": _function(number),
        f"Table{number}": _table(),
        f"Queue{number}": _queue(),
    }


def _role(number: int) -> Tree:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = {"Version": "2012-10-17", "Statement": _statements(number)}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "Policies": [{"PolicyName": "invoke", "PolicyDocument": policy}],
        },
    }


def _statements(number: int) -> list[Tree]:
    model = f"arn:${{AWS::Partition}}:bedrock:*::foundation-model/{_MODEL.removeprefix('us.')}"
    group = f"arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:/aws/lambda/fn{number}:*"
    return [
        {
            "Sid": "Invoke",
            "Effect": "Allow",
            "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
            "Resource": [{"Fn::Sub": f"{_ARN}:inference-profile/{_MODEL}"}, {"Fn::Sub": model}],
        },
        {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": {"Fn::Sub": group}},
    ]


def _function(number: int) -> Tree:
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Handler": "app.handler",
            "Runtime": "python3.12",
            "Code": {"S3Bucket": "code", "S3Key": f"fn{number}.zip"},
            "Role": {"Fn::GetAtt": [f"Role{number}", "Arn"]},
            "MemorySize": {"Fn::If": ["IsProd", 1024, 256]},
            "Environment": {"Variables": {"MODEL_ID": _MODEL, "TABLE": {"Ref": f"Table{number}"}}},
        },
    }


def _table() -> Tree:
    return {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        },
    }


def _queue() -> Tree:
    tag = {"Key": "team", "Value": {"Fn::Sub": "team-${Env}"}}
    return {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 30, "Tags": [tag]}}


def write_yaml(path: str, tree: Tree) -> str:
    """Write a template as YAML, with the short forms of functions; its path."""
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in _lines(tree))
    return path


def write_json(path: str, tree: Tree) -> str:
    """Write a template as JSON; its path."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(tree, file, indent=2)
    return path


def write_templates(folder: str, count: int) -> str:
    """Write that many templates of four resources; their folder."""
    os.makedirs(folder)
    for number in range(count):
        write_yaml(os.path.join(folder, f"stack-{number:04d}.yaml"), _with(_group(number)))
    return folder


def write_others(folder: str, count: int) -> str:
    """Write that many YAML files that are no templates, a hundred to a folder; the folder of all."""
    for number in range(count):
        within = os.path.join(folder, f"part-{number // 100:02d}")
        os.makedirs(within, exist_ok=True)
        write_yaml(os.path.join(within, f"worker-{number:04d}.yaml"), _deployment(number))
    return folder


def _deployment(number: int) -> Tree:
    labels = {"app": f"worker-{number}"}
    container = {
        "name": "worker",
        "image": f"registry.example.com/worker:{number}",
        "resources": {"limits": {"cpu": "500m", "memory": "256Mi"}},
        "env": [{"name": "AWS_REGION", "value": "us-east-1"}, {"name": "MODEL", "value": _MODEL}],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": f"worker-{number}", "labels": labels},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


def _lines(value: Tree | list[Any]) -> Iterator[str]:
    """A mapping or list in block style."""
    entries = value.items() if isinstance(value, dict) else (("", item) for item in value)
    for name, item in entries:
        head = f"{name}:" if name else "-"
        flow = _flow(item)
        if flow is not None:
            yield f"{head} {flow}"
        elif head == "-":
            for at, line in enumerate(_lines(item)):
                yield f"  {line}" if at else f"- {line}"
        else:
            yield head
            yield from (f"  {line}" for line in _lines(item))


def _flow(value: Any) -> str | None:
    """A scalar or a function of one line; None for what is written in block style."""
    if isinstance(value, str):
        return value if _is_plain(value) else json.dumps(value)
    if isinstance(value, dict) and len(value) == 1:
        [(name, argument)] = value.items()
        return f"{_SHORT[name]} {_argument(name, argument)}" if name in _SHORT else None
    return None if isinstance(value, dict | list) else json.dumps(value)


def _argument(name: str, value: Any) -> str | None:
    if name == "Fn::GetAtt":
        return ".".join(value)
    return f"[{', '.join(str(_flow(item)) for item in value)}]" if isinstance(value, list) else _flow(value)
