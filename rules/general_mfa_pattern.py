"""A Deny for those without MFA that does not apply to requests made without MFA.

## What it finds

A Deny whose test is `"Bool": {"aws:MultiFactorAuthPresent": "false"}`, where no Deny of the policy applies to requests
that lack the key.

## Why it matters

The key is absent from requests that are signed with long-term access keys, so the test is not true for them and the
Deny lets them pass. They are just the requests that never saw an MFA device.

## How to fix it

Write `BoolIfExists`: it is true when the key is `false` and when it is absent.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": "s3:DeleteObject",
    "Resource": "*",
    "Condition": {
      "Bool": {
        «"aws:MultiFactorAuthPresent"»: "false"
      }
    }
  }
}
```

A boolean is as good as the word, and whatever the other actions are:

```json bad kind=scp
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "NotAction": ["iam:ListMFADevices", "sts:GetSessionToken"],
    "Resource": "*",
    "Condition": {
      "Bool": {
        «"aws:MultiFactorAuthPresent"»: false
      }
    }
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": "s3:DeleteObject",
    "Resource": "*",
    "Condition": {
      "BoolIfExists": {
        "aws:MultiFactorAuthPresent": "false"
      }
    }
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "s3:DeleteObject",
    "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*",
    "Condition": {
      "Bool": {
        "aws:MultiFactorAuthPresent": "true"
      }
    }
  }
}
```

Two Denies do it as well:

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Deny",
      "Action": "s3:DeleteObject",
      "Resource": "*",
      "Condition": {
        "Bool": {
          "aws:MultiFactorAuthPresent": "false"
        }
      }
    },
    {
      "Effect": "Deny",
      "Action": "s3:DeleteObject",
      "Resource": "*",
      "Condition": {
        "Null": {
          "aws:MultiFactorAuthPresent": "true"
        }
      }
    }
  ]
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bedrock_policy_lint.model.policy import Statement
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, Undecided, rule


@rule(Severity.WARNING, gate="credentials")
def check(statement: Statement, context: Context) -> Iterator[Problem | Undecided]:
    for found in context.general.mfa(statement):
        if isinstance(found, Undecided):
            yield found
        else:
            yield Problem(
                found.at,
                "this Deny does not stop requests that are signed with long-term access keys",
                "they carry no `aws:MultiFactorAuthPresent` at all, and `Bool` is not true for a key that is absent",
                label="absent without a session",
                fix=Fix("write `BoolIfExists`"),
            )
