"""Models may be invoked with a streamed answer only.

## What it finds

A policy that allows `bedrock:InvokeModelWithResponseStream` on models, and allows `bedrock:InvokeModel` on none of
them. It is shown with `--pedantic` only, for a policy made for streaming alone is right as it stands.

## Why it matters

With this policy alone Converse, InvokeModel, StartAsyncInvoke and two-way streams are denied: all of them ask for
`bedrock:InvokeModel`. The service reference also names it for the operation InvokeModelWithResponseStream, though
policies with the streaming action alone are reported to work.

## How to fix it

Add `bedrock:InvokeModel` if the application also calls without streaming; otherwise ignore the finding with that
reason.

## Examples

```json bad pedantic=yes
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": «"bedrock:InvokeModelWithResponseStream"»,
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

A wildcard that takes in the streaming action only:

```json bad pedantic=yes
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:GetFoundationModel", «"bedrock:InvokeModelWithResponse*"»],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-*"
  }
}
```

```json good pedantic=yes
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

Without `--pedantic` a policy for streaming alone is left in peace:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:InvokeModelWithResponseStream",
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-prereq.html
- https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.pairing import STREAMED, WHOLE, unpaired
from bedrock_policy_lint.rule import POSSIBLE, Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Policy


@rule(Severity.INFO, gate="permission", confidence=POSSIBLE, guesses="api")
def check(policy: Policy, context: Context) -> Iterator[Problem]:
    for action, _ in unpaired(policy, STREAMED, WHOLE, context):
        yield Problem(
            action,
            f"`{STREAMED}` is allowed without `{WHOLE}`",
            f"this policy would deny Converse and InvokeModel: both ask for `{WHOLE}`",
            label="streaming only",
            fix=Fix(f"add `{WHOLE}` if the application also calls without streaming"),
        )
