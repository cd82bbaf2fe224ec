"""A call whose action is not allowed, though what it calls may be allowed with another one.

## What it finds

A call that asks for an action which no identity policy allows on its resource: `InvokeModel` is granted and
`InvokeModelWithResponseStream` is needed, or the reverse; `RetrieveAndGenerate`, `InvokeAgent`, `CountTokens` and the
other actions of Bedrock's APIs that nothing allows.

Calls in code and in templates count like declared ones.

## Why it matters

The names of API operations and of IAM actions differ: Converse is authorised by `bedrock:InvokeModel`, ConverseStream
by `bedrock:InvokeModelWithResponseStream`. A client that switches streaming on asks for another action, and some
operations ask for several, each of which must be allowed.

## How to fix it

Allow the action that the message names. Where the other way of invoking is allowed on the same resource, add the
action beside it. Where an action knows no resource type, such as `bedrock:RetrieveAndGenerate`, give it a statement
of its own on `*`.

## Examples

```json bad
{
  "region": "us-east-1",
  "account": "111122223333",
  "complete": false,
  "uses": ["converse-stream amazon.nova-lite-v1:0"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": «"bedrock:InvokeModel"»,
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    }
  }
}
```

```json fixed
{
  "region": "us-east-1",
  "account": "111122223333",
  "complete": false,
  "uses": ["converse-stream amazon.nova-lite-v1:0"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    }
  }
}
```

The action is allowed, and not on everything that the call asks it for:

```json bad
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": [{"api": "async-invoke", "model": "amazon.nova-2-multimodal-embeddings-v1:0"}],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        «"arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-2-multimodal-embeddings-v1:0"»
      ]
    }
  }
}
```

```json fixed
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": [{"api": "async-invoke", "model": "amazon.nova-2-multimodal-embeddings-v1:0"}],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-2-multimodal-embeddings-v1:0",
        "arn:aws:bedrock:us-east-1:111122223333:async-invoke/*"
      ]
    }
  }
}
```

Nothing comes near `bedrock:RetrieveAndGenerate`:

```yaml bad
region: us-east-1
account: "111122223333"
uses:
  - «{api: retrieve-and-generate, resource: KBID123456, model: amazon.nova-lite-v1:0}»
policies:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Action: bedrock:Retrieve
      Resource: arn:aws:bedrock:us-east-1:111122223333:knowledge-base/KBID123456
    - Effect: Allow
      Action: bedrock:InvokeModel
      Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
```

```yaml good
region: us-east-1
account: "111122223333"
uses:
  - converse amazon.nova-lite-v1:0
  - converse-stream amazon.nova-lite-v1:0
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: [bedrock:InvokeModel, bedrock:InvokeModelWithResponseStream]
    Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
```

## References

- https://docs.aws.amazon.com/service-authorization/latest/reference/list_bedrock.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-prereq.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.problem import add_grant, grants, nearest_label, problem
from bedrock_policy_lint.diagnosis.wording import fails, layer
from bedrock_policy_lint.rule import Context, Problem, Severity, rule
from bedrock_policy_lint.usage import apis
from bedrock_policy_lint.usage.row import PARTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.diagnosis.cause import Cause


@rule(Severity.ERROR, gate="permission")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    yield problem(
        cause,
        f"{fails(cause)}: no {layer(cause)} allows {grants(cause.rulings)}",
        _why(cause, context.catalog),
        label=nearest_label(cause),
        fix=add_grant(cause),
    )


def _why(cause: Cause, catalog: Catalog) -> str:
    usage, row = cause.first.verdict.usage, cause.first.ruling.row
    action = row.request.action
    api = apis.find(usage.api)
    operation = api.operation(catalog) if api else None
    on = PARTS[row.part] if row.request.resource != "*" else "`*`, as the action has no resource type"
    if usage.api == apis.SERVICE_ROLE.name:
        return "Bedrock does this with the role that it was given, whoever asks for it"
    if operation is None:
        return f"the call asks for `{action}` on {on}"
    never = catalog.never_action(f"bedrock:{operation.name}")
    if never is not None and action in never.authorised_by:
        return f"{operation.name} is authorised by `{action}`: there is no action `{never.name}`"
    return f"{operation.name} asks for `{action}` on {on}"
