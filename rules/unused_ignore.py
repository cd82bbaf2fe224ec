"""An ignore or a baseline entry that excuses nothing.

## What it finds

A comment `bedrock-policy-lint: ignore[rule] reason`, an `[[ignore]]` of the configuration or an entry of the baseline
that no finding matches any more; an ignore in the `Metadata` of a template likewise. And one that gives no reason, or
that cannot be understood, which therefore excuses nothing.

## Why it matters

The fault is gone, or has moved. An excuse that stays behind silently covers the next fault of that name in its place.

## How to fix it

Delete the ignore. For the baseline, `--write-baseline` takes out what is gone. Give a reason where it is missing.

## Examples

```json bad also=json-comment
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    // «bedrock-policy-lint: ignore[action-not-in-reference] the guide says so»
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

```json good also=json-comment
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    // bedrock-policy-lint: ignore[action-not-in-reference] kept until the old client is gone
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream", "bedrock:Converse"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.suppress import Exemption

_WORDS = {
    "unused": ("this ignore of `{names}` matches no finding", "delete it"),
    "no-reason": ("this ignore of `{names}` gives no reason, so it excuses nothing", "write the reason behind it"),
    "malformed": (
        "this ignore cannot be understood, so it excuses nothing",
        "write `ignore: {rule-name: reason}`, or a list of `{rule, reason, address}`",
    ),
    "gone": ("the baseline knows a finding of `{names}` that is gone", "run with --write-baseline"),
}


@rule(Severity.WARNING, gate="hygiene")
def check(exemption: Exemption, context: Context) -> Iterator[Problem]:
    message, advice = _WORDS[exemption.fault]
    yield Problem(
        exemption.span,
        message.format(names="`, `".join(exemption.rules)),
        "an excuse that outlives its fault will cover the next one",
        fix=Fix(advice),
    )
