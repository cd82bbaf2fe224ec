"""A policy larger than AWS takes.

## What it finds

A policy with more characters than its kind may have. White space is not counted, nor are comments and whatever a
template fills in, so what is reported is too large in any layout.

| kind | characters |
| --- | --- |
| managed policy, permissions boundary | 6,144 |
| inline policy of a user | 2,048 in all |
| inline policy of a group | 5,120 in all |
| inline policy of a role | 10,240 in all |
| inline policy of a permission set | 32,768 |
| session policy | 2,048 |
| trust policy | 2,048, by request up to 8,192 |
| service control policy | 10,240 (5,120 before May 2026) |
| resource control policy | 5,120 |
| VPC endpoint policy | 20,480 |

A lone file does not say what kind of identity policy it is. It is an error when it is too large for every kind, a
warning above what roles, groups and users take, and a note above what a managed policy takes.

## Why it matters

AWS refuses to save the policy, often in the middle of a deployment.

## How to fix it

Put statements with the same effect, resources and conditions together; write wildcards where they grant nothing new;
drop the Sids; divide the policy into several managed policies. For a trust policy, ask for a higher quota ("Role
trust policy length").

IAM does not count white space. AWS Organizations does when a policy is saved by API, so minify a large service
control policy first.

## Examples

This policy of a user has more than 2,200 characters; as a policy of a role it would be small enough.

```json bad
{
  "UserName": "app",
  "PolicyName": "guardrails",
  "PolicyDocument": «{»
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Deny",
      "Action": "bedrock:ApplyGuardrail",
      "Resource": [
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g01abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g02abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g03abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g04abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g05abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g06abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g07abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g08abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g09abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g10abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g11abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g12abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g13abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g14abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g15abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g16abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g17abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g18abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g19abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g20abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g21abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g22abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g23abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g24abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g25abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g26abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g27abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g28abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g29abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g30abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g31abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g32abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g33abcdefghi"
      ]
    }
  }
}
```

```json good
{
  "UserName": "app",
  "PolicyName": "guardrails",
  "PolicyDocument": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Deny",
      "Action": "bedrock:ApplyGuardrail",
      "Resource": [
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g01abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g02abcdefghi",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/g03abcdefghi"
      ]
    }
  }
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
- https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
- https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_PutInlinePolicyToPermissionSet.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from bedrock_policy_lint.model.text import Template, from_policy, has_unknown
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule
from bedrock_policy_lint.sources.node import Object
from bedrock_policy_lint.sources.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.document import Document
    from bedrock_policy_lint.model.policy import Attachment, Policy
    from bedrock_policy_lint.sources.node import Node


class Quota(NamedTuple):
    """More characters than this, and what follows from it."""

    characters: int
    words: str
    severity: Severity = Severity.ERROR
    advice: str = "shorten it, or divide it"


_ASK = "shorten or divide it, or ask for a higher quota"
_BY_HOLDER = {
    "managed": (Quota(6_144, "a managed policy may have 6,144"),),
    "user": (Quota(2_048, "all inline policies of a user may have 2,048"),),
    "group": (Quota(5_120, "all inline policies of a group may have 5,120"),),
    "role": (Quota(10_240, "all inline policies of a role may have 10,240"),),
}
_BY_KIND = {
    "boundary": (Quota(6_144, "a permissions boundary may have 6,144"),),
    "session": (Quota(2_048, "a session policy may have 2,048"),),
    "trust": (
        Quota(8_192, "a trust policy may have 2,048, by request up to 8,192"),
        Quota(2_048, "a trust policy may have 2,048, by request up to 8,192", Severity.WARNING, _ASK),
    ),
    "scp": (
        Quota(10_240, "a service control policy may have 10,240"),
        Quota(5_120, "a service control policy may have 10,240 since May 2026, and 5,120 before", Severity.INFO),
    ),
    "rcp": (Quota(5_120, "a resource control policy may have 5,120"),),
    "vpc-endpoint": (Quota(20_480, "a VPC endpoint policy may have 20,480"),),
}
_OPEN = (
    Quota(32_768, "no policy of an identity may have more than 32,768"),
    Quota(10_240, "only the inline policy of a permission set may have more than 10,240", Severity.WARNING),
    Quota(6_144, "a managed policy may have 6,144; only inline policies of a role may have more", Severity.INFO),
)
"""For a lone file, which does not say what it is: what holds for some kinds of policy is told, not asserted."""

_SMALLEST = 2_048


@rule(Severity.ERROR, gate="permission")
def check(document: Document, context: Context) -> Iterator[Problem]:
    for policy in document.policies:
        if policy.node.end - policy.node.start <= _SMALLEST:
            continue
        quotas = _quotas(policy.attachment)
        if quotas and policy.node.end - policy.node.start > quotas[-1].characters:
            count = min(_count(document, policy), _least(policy.node))
            quota = next((quota for quota in quotas if count > quota.characters), None)
            if quota and not _is_printed(document, policy):
                yield _problem(policy, count, quota)


def _quotas(attachment: Attachment) -> tuple[Quota, ...]:
    """What holds for such a policy, the largest number first."""
    kind, certain, holder = attachment
    if kind in ("identity", "scp") and not certain:
        return _OPEN
    if kind == "identity":
        return _BY_HOLDER.get(holder, _OPEN)
    return _BY_KIND.get(kind, ())


def _count(document: Document, policy: Policy) -> int:
    """The characters that count in every layout and for every value of what is not known yet."""
    node = policy.node
    count = _visible(node.source.text[node.start : node.end])
    for source, slip in document.slips:
        if slip.kind == "json-comment" and source is node.source and node.start <= slip.start < node.end:
            count -= _visible(source.text[slip.start : slip.end])
    text = from_policy(node.source.text[node.start : node.end])
    if isinstance(text, Template) and has_unknown(text):
        count -= sum(_visible(hole.written) for hole in text.holes if not hole.at_request and not hole.values)
    return count


def _least(root: Node) -> int:
    """The characters of the policy as JSON, which YAML and functions of a template write otherwise."""
    count = 0
    waiting: list[Any] = [root]
    while waiting:
        value = waiting.pop().value
        if isinstance(value, list):
            members = len(value) // 2 if isinstance(value, Object) else max(len(value) - 1, 0)
            # Between brackets a comma before all but the first; in an object a colon for each member besides.
            count += 2 + members + (max(members - 1, 0) if isinstance(value, Object) else 0)
            waiting += value
        elif isinstance(value, str | Template):
            parts = value.parts if isinstance(value, Template) else (value,)
            known = [part if isinstance(part, str) else part.written * part.at_request for part in parts]
            count += 2 + sum(_visible(part) + part.count('"') + part.count("\\") for part in known)
        else:
            count += (
                {None: 4, True: 4, False: 5}[value] if value is None or isinstance(value, bool) else len(str(value))
            )
    return count


def _visible(text: str) -> int:
    return len(text) - sum(text.count(blank) for blank in " \t\r\n")


def _is_printed(document: Document, policy: Policy) -> bool:
    """Whether it is a version of a managed policy as AWS printed it: saved already, and AWS's own may be larger."""
    node = policy.node
    address = document.address(node.source, node.start, node.end)
    return any(step.startswith("PolicyVersion") for step in address)


def _problem(policy: Policy, count: int, quota: Quota) -> Problem:
    return Problem(
        Span(policy.node.source, policy.node.start, policy.node.start + 1),
        f"this policy has {count:,} characters without white space; {quota.words}",
        "AWS refuses to save a policy that is larger than its quota",
        label="this policy",
        fix=Fix(quota.advice),
        severity=quota.severity,
    )
