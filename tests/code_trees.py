"""Small repositories of templates and code, and what is found in them in short lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import Run

GRANTED, CALLED = "amazon.nova-lite-v1:0", "amazon.nova-pro-v1:0"
"""A model that policies here grant, and another that code calls."""
DRIFT = "model-policy-drift"


def python(model: str = CALLED, name: str = "handler") -> str:
    """A module of Python that calls a model on line 5, column 12."""
    return (
        "import boto3\n\n"
        'client = boto3.client("bedrock-runtime")\n'
        f"def {name}(event, context):\n"
        f'    return client.converse(modelId="{model}", messages=[])\n'
    )


def typescript(model: str = CALLED, name: str = "handler") -> str:
    """A module of TypeScript that calls a model on line 4, column 26."""
    return (
        'import { BedrockRuntimeClient, ConverseCommand } from "@aws-sdk/client-bedrock-runtime";\n'
        "const client = new BedrockRuntimeClient({});\n"
        f"export const {name} = async () =>\n"
        f'  await client.send(new ConverseCommand({{ modelId: "{model}", messages: [] }}));\n'
    )


def arn(model: str = GRANTED) -> str:
    return f"arn:aws:bedrock:us-east-1::foundation-model/{model}"


def statement(model: str = GRANTED, action: str = "bedrock:InvokeModel") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": arn(model)}


def document(model: str = GRANTED) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [statement(model)]}


def policy(model: str = GRANTED) -> str:
    """A policy file, whose resource stands on line 7."""
    return json.dumps(document(model), indent=2)


def lay(folder: Path, files: Mapping[str, str | dict[str, Any]]) -> None:
    """Write files, mappings as JSON."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1))


def told(run: Run, *words: str, region: str = "us-east-1") -> list[str]:
    """What is found: `rule path:line:column ← path:line:column`, without what a rule guesses from a policy alone."""
    ran = run(*(words or (".",)), *_flags(region), "--ignore", "streaming-action-missing")
    found = json.loads(ran.out)["findings"]
    assert not [one for one in found if one["rule"] == "internal-error"], found
    return [_line(one) for one in found]


def _line(finding: dict[str, Any]) -> str:
    near = [f" ← {one['path']}:{one['line']}:{one['column']}" for one in finding["related"] if "called" in one["label"]]
    return f"{finding['rule']} {finding['path']}:{finding['line']}:{finding['column']}{''.join(near)}"


def _flags(region: str) -> list[str]:
    return [*(["--region", region] if region else []), "--format", "json"]


def asked(run: Run, *words: str, region: str = "us-east-1") -> list[str]:
    """The open questions: `path:line what`."""
    ran = run(*(words or (".",)), *_flags(region))
    return [f"{one['path']}:{one['line']} {one['question']}" for one in json.loads(ran.out)["undecided"]]
