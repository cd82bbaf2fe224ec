"""A caller may create long-term API keys of Bedrock, and nothing declared stops or limits them.

## What it finds

A principal whose policies, in all declared layers, certainly allow `iam:CreateServiceSpecificCredential` for
`bedrock.amazonaws.com` on some user, where none of them limits the age of the key
(`iam:ServiceSpecificCredentialAgeDays`) and no service control policy denies its use (`bedrock:CallWithBearerToken`
with `bedrock:BearerTokenType` = `LONG_TERM`).

Without declared service control policies nobody knows what the organisation forbids; the finding is then shown with
`--pedantic` only.

## Why it matters

A long-term key is a password of an IAM user. Unless it was created with an age it never expires, it is sent with each
call, and whoever finds it in a log or a repository calls models at the account's expense. Short-term keys end with the
session that made them, after twelve hours at most.

## How to fix it

Deny it for the whole organisation: `iam:CreateServiceSpecificCredential` where
`iam:ServiceSpecificCredentialServiceName` is `bedrock.amazonaws.com`, and `bedrock:CallWithBearerToken` where
`bedrock:BearerTokenType` is `LONG_TERM`, with the same for `bedrock-mantle`. Or allow creating keys only below an age.

## Examples

```yaml bad
region: us-east-1
account: "111122223333"
uses:
  - converse amazon.nova-lite-v1:0
policies:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Action: bedrock:InvokeModel
      Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
    - Effect: Allow
      Action: «iam:CreateServiceSpecificCredential»
      Resource: arn:aws:iam::111122223333:user/BedrockAPIKey-*
scps:
  - Version: "2012-10-17"
    Statement:
      Effect: Deny
      Action: organizations:LeaveOrganization
      Resource: "*"
```

```yaml good
region: us-east-1
account: "111122223333"
uses:
  - converse amazon.nova-lite-v1:0
policies:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Action: bedrock:InvokeModel
      Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
    - Effect: Allow
      Action: iam:CreateServiceSpecificCredential
      Resource: arn:aws:iam::111122223333:user/BedrockAPIKey-*
scps:
  - Version: "2012-10-17"
    Statement:
      - Effect: Deny
        Action: bedrock:CallWithBearerToken
        Resource: "*"
        Condition:
          StringEquals:
            bedrock:BearerTokenType: LONG_TERM
      - Effect: Deny
        Action: bedrock-mantle:CallWithBearerToken
        Resource: "*"
        Condition:
          StringEquals:
            bedrock-mantle:BearerTokenType: LONG_TERM
```

With an age of at most thirty days, and for another service:

```yaml good pedantic=yes
region: us-east-1
account: "111122223333"
uses:
  - converse amazon.nova-lite-v1:0
policies:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Action: bedrock:InvokeModel
      Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
    - Effect: Allow
      Action: iam:CreateServiceSpecificCredential
      Resource: arn:aws:iam::111122223333:user/BedrockAPIKey-*
      Condition:
        NumericLessThanEquals:
          iam:ServiceSpecificCredentialAgeDays: "30"
    - Effect: Allow
      Action: iam:CreateServiceSpecificCredential
      Resource: arn:aws:iam::111122223333:user/*
      Condition:
        StringEquals:
          iam:ServiceSpecificCredentialServiceName: codecommit.amazonaws.com
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-permissions.html
- https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceSpecificCredential.html
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.authorize.request import Unknown
from bedrock_policy_lint.model.arn import parse
from bedrock_policy_lint.model.pattern import covers, is_wild
from bedrock_policy_lint.rule import CERTAIN, POSSIBLE, Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.attempts import Attempts
    from bedrock_policy_lint.diagnosis.verdict import Assessment
    from bedrock_policy_lint.model.policy import Action, Resource
    from bedrock_policy_lint.model.text import Text

_CREATE = "iam:CreateServiceSpecificCredential"
_USE = "bedrock:CallWithBearerToken"
_MOST_ENTRIES, _MOST_USERS = 50, 20


class _User(NamedTuple):
    """For whom keys may be created."""

    arn: Text
    word: str


@rule(Severity.WARNING, gate="credentials")
def check(assessment: Assessment, context: Context) -> Iterator[Problem]:
    from bedrock_policy_lint.diagnosis.attempts import attempts, entries  # only a declaration is worth its load

    found = list(islice(entries(assessment, _CREATE), _MOST_ENTRIES))
    attempt = next(attempts(assessment, context.catalog), None) if found else None
    for entry in found:
        if attempt is None:
            return
        user = next((user for user in _users(entry, attempt) if _is_open(entry, user, attempt)), None)
        if user is not None:
            yield _problem(entry, user, assessment)


def _users(entry: Action, attempt: Attempts) -> Iterator[_User]:
    """Those whom the statement names, as far as they are settled."""
    named = (user for resource in entry.statement.resources if (user := _user(resource, attempt)))
    return islice(named, _MOST_USERS)


def _user(resource: Resource, attempt: Attempts) -> _User | None:
    arn = resource.arn
    if resource.is_star or (arn is not None and isinstance(arn.resource, str) and covers(arn.resource, "user/*")):
        return _User(attempt.own("user", service="iam"), "any user")
    if arn is None or arn.type != "user":
        return None
    if isinstance(arn.id, str):
        word = f"users like `{arn}`" if is_wild(arn.id) else f"the user `{arn}`"
        return _User(attempt.own("user", arn.id, service="iam"), word)
    itself = attempt.call.identity.arn
    named = parse(itself) if itself is not None else None
    return _User(itself, "itself") if itself is not None and named is not None and named.type == "user" else None


def _is_open(entry: Action, user: _User, attempt: Attempts) -> bool:
    """Whether a key can be created for the user, of any age, and be used as far as the organisation goes."""
    keys = {
        "iam:servicespecificcredentialservicename": ("bedrock.amazonaws.com",),
        # The age is up to the caller, so that no test of it settles anything: such a policy has thought of it.
        "iam:servicespecificcredentialagedays": Unknown("the age of the key is not declared"),
        **attempt.iam_region,
    }
    if not attempt.grants(entry.statement, attempt.request(_CREATE, user.arn, keys)):
        return False
    return not attempt.may_be_denied(user.arn, _USE, {"bedrock:bearertokentype": ("LONG_TERM",)})


def _problem(entry: Action, user: _User, assessment: Assessment) -> Problem:
    knows_limits = bool(assessment.caller.layers.scps)
    rest = (
        "no known service control policy denies it or the use of such keys"
        if knows_limits
        else "no service control policy is known that could deny it"
    )
    return Problem(
        entry,
        f"the caller `{assessment.caller.name}` may create long-term API keys of Bedrock for {user.word}, and {rest}",
        "unless it is created with an age such a key never expires, and whoever finds it has the rights of its user",
        label="long-term API keys",
        fix=Fix(
            f"deny `{_CREATE}` where `iam:ServiceSpecificCredentialServiceName` is `bedrock.amazonaws.com` in a service"
            f" control policy, and `{_USE}` and its like of `bedrock-mantle` where `BearerTokenType` is `LONG_TERM`"
        ),
        confidence=CERTAIN if knows_limits else POSSIBLE,
    )
