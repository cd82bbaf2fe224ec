"""A call of the bedrock-mantle endpoint that no action of bedrock-mantle is allowed for.

## What it finds

A call of the bedrock-mantle endpoint, the OpenAI- and Anthropic-style one, whose identity policies do not
allow `bedrock-mantle:CreateInference` on its project.

Calls in code and in templates count like declared ones.

## Why it matters

bedrock-mantle has a prefix of its own: `bedrock:InvokeModel` gives nothing there, and a model that works on
bedrock-runtime is denied on bedrock-mantle by the same policy. What is called is a project, `project/default` where
none is named, and not a model.

## How to fix it

Allow `bedrock-mantle:CreateInference` on the project. Confine models by the condition `bedrock-mantle:Model`. With an
API key, `bedrock-mantle:CallWithBearerToken` on `*` is needed too.

## Examples

```yaml bad
region: us-east-1
account: "111122223333"
complete: false
uses:
  - mantle openai.gpt-oss-120b
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: [«bedrock:InvokeModel», bedrock:InvokeModelWithResponseStream]
    Resource: arn:aws:bedrock:us-east-1::foundation-model/openai.gpt-oss-120b-1:0
```

```json bad
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": [{"api": "mantle", "model": "openai.gpt-oss-120b", "resource": "proj_search"}],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock-mantle:CreateInference",
      "Resource": [
        «"arn:aws:bedrock-mantle:us-east-1:111122223333:project/default"»
      ]
    }
  },
  "complete": false
}
```

```json fixed
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": [{"api": "mantle", "model": "openai.gpt-oss-120b", "resource": "proj_search"}],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock-mantle:CreateInference",
      "Resource": [
        "arn:aws:bedrock-mantle:us-east-1:111122223333:project/default",
        "arn:aws:bedrock-mantle:us-east-1:111122223333:project/proj_search"
      ]
    }
  },
  "complete": false
}
```

```yaml good
region: us-east-1
account: "111122223333"
uses:
  - mantle openai.gpt-oss-120b
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock-mantle:CreateInference
    Resource: arn:aws:bedrock-mantle:us-east-1:111122223333:project/default
```

## References

- https://docs.aws.amazon.com/service-authorization/latest/reference/list_bedrock-mantle.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.problem import add_grant, grants, nearest_label, problem
from bedrock_policy_lint.diagnosis.wording import fails, layer
from bedrock_policy_lint.model.policy import Action
from bedrock_policy_lint.rule import Context, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause


@rule(Severity.ERROR, gate="permission")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    is_other = isinstance(cause.place, Action) and cause.place.service == "bedrock"
    yield problem(
        cause,
        f"{fails(cause)}: no {layer(cause)} allows {grants(cause.rulings)}",
        "this endpoint asks for actions of bedrock-mantle on a project, and `bedrock:InvokeModel` is none of them",
        label="this does not reach bedrock-mantle" if is_other else nearest_label(cause),
        fix=add_grant(cause),
    )
