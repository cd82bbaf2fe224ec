"""The files that are measured: made anew for each run, the same bytes every time."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator

_MODELS = ("amazon.nova-lite-v1:0", "amazon.nova-pro-v1:0", "amazon.nova-micro-v1:0")
_REGIONS = ("us-east-1", "us-west-2", "eu-west-1")


_OTHERS_FROM = 3
"""From which statement on a small policy speaks of other services than Bedrock."""


def small_policy(number: int, *, others: bool = True) -> str:
    """A policy as people write them, about 2 KB; no two numbers give the same one."""
    account = f"{111122220000 + number:012d}"
    region = _REGIONS[number % len(_REGIONS)]
    statements = [
        {
            "Sid": f"InvokeModels{number}",
            "Effect": "Allow",
            "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
            "Resource": [f"arn:aws:bedrock:us-east-1::foundation-model/{model}" for model in _MODELS],
        },
        {
            "Sid": "UseGuardrail",
            "Effect": "Allow",
            "Action": "bedrock:ApplyGuardrail",
            "Resource": f"arn:aws:bedrock:{region}:{account}:guardrail/gr{number:010d}",
        },
        {
            "Sid": "AskKnowledgeBase",
            "Effect": "Allow",
            "Action": ["bedrock:Retrieve", "bedrock:GetKnowledgeBase"],
            "Resource": f"arn:aws:bedrock:{region}:{account}:knowledge-base/KB{number:08d}",
            "Condition": {"StringEquals": {"aws:RequestedRegion": region}},
        },
        {
            "Sid": "ReadDocuments",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": [f"arn:aws:s3:::documents-{number}", f"arn:aws:s3:::documents-{number}/*"],
            "Condition": {"StringEquals": {"aws:ResourceAccount": account}},
        },
        {
            "Sid": "WriteLogs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": f"arn:aws:logs:{region}:{account}:log-group:/app/worker-{number}:*",
        },
    ]
    chosen = statements if others else statements[:_OTHERS_FROM]
    return json.dumps({"Version": "2012-10-17", "Statement": chosen}, indent=2) + "\n"


def write_small(folder: str, count: int, *, others: bool = True) -> list[str]:
    """Write `count` distinct small policies, with or without statements about other services; their paths."""
    os.makedirs(folder, exist_ok=True)
    paths = []
    for number in range(count):
        paths.append(os.path.join(folder, f"policy-{number:05d}.json"))
        with open(paths[-1], "w", encoding="utf-8") as file:
            file.write(small_policy(number, others=others))
    return paths


def write_list(path: str, size: int) -> None:
    """Write a policy with one statement whose list of resources fills `size` bytes."""
    head = (
        '{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n'
        '      "Action": ["bedrock:GetPrompt", "bedrock:RenderPrompt"],\n      "Resource": [\n'
    )
    _fill(path, size, head, _resource, "\n      ]\n    }\n  ]\n}\n")


def _resource(number: int) -> str:
    region = _REGIONS[number % len(_REGIONS)]
    return f'        "arn:aws:bedrock:{region}:111122223333:prompt/PROMPT{number:010d}"'


def write_statements(path: str, size: int) -> None:
    """Write a policy whose statements, each about 400 bytes, fill `size` bytes."""
    _fill(path, size, '{\n  "Version": "2012-10-17",\n  "Statement": [\n', _statement, "\n  ]\n}\n")


def _statement(number: int) -> str:
    return (
        f'    {{\n      "Sid": "Prompt{number:08d}",\n      "Effect": "Allow",\n'
        '      "Action": ["bedrock:GetPrompt", "bedrock:RenderPrompt"],\n'
        f'      "Resource": [\n{_resource(number)}\n      ],\n'
        '      "Condition": {\n        "StringEquals": {\n'
        f'          "aws:PrincipalTag/team": "team-{number:08d}"\n        }}\n      }}\n    }}'
    )


def write_faults(path: str, size: int) -> None:
    """Write a policy in which every statement names an action that does not exist: a finding for each."""
    _fill(path, size, '{\n  "Version": "2012-10-17",\n  "Statement": [\n', _fault, "\n  ]\n}\n")


def _fault(number: int) -> str:
    return _statement(number).replace('["bedrock:GetPrompt", ', '["bedrock:Converse", "bedrock:GetPrompt", ')


def _fill(path: str, size: int, head: str, item: Callable[[int], str], tail: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(head)
        file.writelines(_items(item, size - len(head) - len(tail)))
        file.write(tail)


def _items(item: Callable[[int], str], room: int) -> Iterator[str]:
    number = 0
    text = item(0)
    while room > 0:
        yield text
        room -= len(text)
        number += 1
        text = f",\n{item(number)}"
