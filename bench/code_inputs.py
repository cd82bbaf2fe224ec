"""Trees of application code to measure with: the same bytes every time, of which a share calls Bedrock."""

from __future__ import annotations

import os

_PER_FOLDER = 100

_PYTHON = '''\
"""Orders of the shop, part {number}."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field

logger = logging.getLogger(__name__)


@dataclass
class Order{number}:
    """An order with its lines."""

    identifier: str
    customer: str
    lines: list[dict[str, object]] = field(default_factory=list)

    def total(self) -> int:
        """What it costs in cents."""
        return sum(int(line["price"]) * int(line.get("count", 1)) for line in self.lines)

    def as_json(self) -> str:
        """The order for other services."""
        return json.dumps({{"id": self.identifier, "customer": self.customer, "lines": self.lines}})


def load_{number}(text: str) -> Order{number}:
    """The order in a text."""
    data = json.loads(text)
    logger.info("order %s of %s", data["id"], data["customer"])
    order = Order{number}(data["id"], data["customer"])
    for line in data.get("lines", []):
        if line.get("price", 0) < 0:
            raise ValueError(f"a negative price in {{data['id']}}")
        order.lines.append(line)
    return order
'''
_PYTHON_CALL = '''\


import os

import boto3

runtime_{number} = boto3.client("bedrock-runtime", region_name=os.environ.get("AWS_REGION", "us-east-1"))


def summary_{number}(order: Order{number}) -> str:
    """The order in one sentence."""
    answer = runtime_{number}.converse(
        modelId=os.environ.get("MODEL_ID", "us.anthropic.claude-sonnet-4-6"),
        messages=[{{"role": "user", "content": [{{"text": order.as_json()}}]}}],
    )
    return answer["output"]["message"]["content"][0]["text"]
'''
_TYPESCRIPT = """\
import {{ createHash }} from "node:crypto";

export interface Line{number} {{
  price: number;
  count?: number;
  name: string;
}}

export class Basket{number} {{
  private readonly lines: Line{number}[] = [];

  constructor(private readonly customer: string) {{}}

  add(line: Line{number}): this {{
    if (line.price < 0) {{
      throw new Error(`a negative price in the basket of ${{this.customer}}`);
    }}
    this.lines.push(line);
    return this;
  }}

  get total(): number {{
    return this.lines.reduce((sum, line) => sum + line.price * (line.count ?? 1), 0);
  }}

  digest(): string {{
    return createHash("sha256").update(JSON.stringify(this.lines)).digest("hex");
  }}
}}

export const format{number} = (basket: Basket{number}): string =>
  new Intl.NumberFormat("en", {{ style: "currency", currency: "EUR" }}).format(basket.total / 100);
"""
_TYPESCRIPT_CALL = """\

import {{ BedrockRuntimeClient, ConverseCommand }} from "@aws-sdk/client-bedrock-runtime";

const client{number} = new BedrockRuntimeClient({{ region: process.env.AWS_REGION ?? "us-east-1" }});

export async function describe{number}(basket: Basket{number}): Promise<unknown> {{
  return client{number}.send(
    new ConverseCommand({{
      modelId: "us.anthropic.claude-sonnet-4-6",
      messages: [{{ role: "user", content: [{{ text: basket.digest() }}] }}],
    }}),
  );
}}
"""


def write_tree(top: str, files: int, share: float = 0.0) -> str:
    """A tree of so many files, half Python, half TypeScript, of which a share calls Bedrock; the folder."""
    every = round(1 / share) if share else 0
    for number in range(files):
        folder = os.path.join(top, f"part{number // _PER_FOLDER:04}")
        if number % _PER_FOLDER == 0:
            os.makedirs(folder, exist_ok=True)
        is_python = number % 2 == 0
        text = _PYTHON if is_python else _TYPESCRIPT
        if every and number % every in (0, 1):
            text += _PYTHON_CALL if is_python else _TYPESCRIPT_CALL
        with open(os.path.join(folder, f"m{number:05}.{'py' if is_python else 'ts'}"), "w", encoding="utf-8") as file:
            file.write(text.format(number=number))
    return top


def write_bundle(path: str, size: int) -> str:
    """A bundle as minifiers make it: one line of so many bytes with one call in it; the path."""
    piece = 'function a(b,c){return b.map(d=>({e:d,f:`${c}-${d}`,g:/[a-z]+/.test(d)?"h":null}))}'
    call = (
        'import{BedrockRuntimeClient as B,ConverseCommand as C}from"@aws-sdk/client-bedrock-runtime";'
        'new B({region:"us-east-1"}).send(new C({modelId:"us.anthropic.claude-sonnet-4-6"}));'
    )
    with open(path, "w", encoding="utf-8") as file:
        file.write(call + piece * (size // len(piece)))
    return path
