"""A condition on the network that the path of a call does not meet.

## What it finds

A call with a declared network path (`endpoint: public` or the id of a VPC endpoint), or with network keys in
its `context`, and a statement that tests `aws:SourceVpce`, `aws:SourceVpc`, `aws:SourceIp`, `aws:VpcSourceIp`,
`aws:ViaAWSService` or `aws:CalledVia`: an Allow that does not apply on that path, or a Deny that does.

A call without a declared path is never reported: then nobody knows.

Calls in code and in templates count like declared ones.

## Why it matters

Where a policy ties Bedrock to a VPC endpoint, a client that uses the public host name is denied, and the message only
says that no policy allows the action. A call that takes an endpoint carries no `aws:SourceIp`, and one that takes none
carries no `aws:SourceVpce`.

## How to fix it

Call through the endpoint that the policy names (its DNS name, or private DNS in the VPC), or correct the condition.

## Examples

```yaml bad
region: us-east-1
account: "111122223333"
endpoint: public
uses:
  - converse amazon.nova-lite-v1:0
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:InvokeModel
    Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
    Condition:
      StringEquals: {«"aws:SourceVpce"»: vpce-0123456789abcdef0}
```

```yaml bad
region: us-east-1
account: "111122223333"
endpoint: vpce-0123456789abcdef0
uses:
  - converse amazon.nova-lite-v1:0
policies:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Action: bedrock:InvokeModel
      Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
    - Effect: Deny
      Action: bedrock:*
      Resource: "*"
      Condition:
        NotIpAddress: {«"aws:SourceIp"»: 203.0.113.0/24}
        Bool: {"aws:ViaAWSService": "false"}
```

```yaml good
region: us-east-1
account: "111122223333"
endpoint: vpce-0123456789abcdef0
uses:
  - converse amazon.nova-lite-v1:0
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:InvokeModel
    Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
    Condition:
      StringEquals: {"aws:SourceVpce": vpce-0123456789abcdef0}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/vpc-interface-endpoints.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.problem import carried, problem, wanted
from bedrock_policy_lint.diagnosis.wording import fails, layer, resources
from bedrock_policy_lint.model.policy import Test
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule
from bedrock_policy_lint.usage.terms import PUBLIC

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause


@rule(Severity.ERROR, gate="permission")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    test = cause.place
    if not isinstance(test, Test):
        return
    does = "denies" if test.statement.denies else "does not allow"
    carries = carried(cause.first.ruling, test.key)
    yield problem(
        cause,
        f"{fails(cause)}: the {layer(cause)}, which tests `{test.key}`, {does} {resources(cause.rulings)} by this path",
        f"{_path(cause, test)}, so that {carries}" if carries else _path(cause, test),
        label="another path is wanted here",
        fix=Fix(_cure(test)),
    )


def _path(cause: Cause, test: Test) -> str:
    taken = cause.first.verdict.usage.network
    if test.key.lower().startswith(("aws:via", "aws:calledvia")):
        return "the caller makes this request itself, and no service in its name"
    if not taken:
        return "the `context` of the call is declared"
    return "the call takes no VPC endpoint" if taken == PUBLIC else f"the call takes the VPC endpoint `{taken}`"


def _cure(test: Test) -> str:
    wants = test.operator.negated == test.statement.denies
    if test.key.lower() in ("aws:sourcevpce", "aws:sourcevpc") and wants and test.operator.family == "String":
        return f"call through {wanted(test)}, or correct the condition"
    return "call by a path that passes this test, or correct the condition"
