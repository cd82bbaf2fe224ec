"""A test or a value of it that no request can meet.

## What it finds

- A value that the operator cannot read: `Bool` or `Null` with anything but `true` and `false`, `NumericLessThan` with
  a word, `IpAddress` with `10.*`, a date that is none.
- `*` or `?` under `StringEquals` and the other operators that read them as plain characters.
- A value that is no ARN where the key holds one: the id of a guardrail under `bedrock:GuardrailIdentifier`, the id of a
  profile, or its ARN without an account, under `bedrock:InferenceProfileArn`.
- A value outside the few that a key can have, such as `long_term` for `bedrock:BearerTokenType`; letter case counts.
- An operator for another type than the key's, and two tests of one key that exclude each other.
- A profile in the `Resource` of an Allow that asks for `bedrock:InferenceProfileArn`: the check of the profile itself
  does not carry that key.

Values with variables or placeholders are left alone. Names of Regions are the business of `unknown-region`.

## Why it matters

IAM stores such a condition without complaint. An Allow then allows nothing; a Deny never applies, or always, when the
operator is a negated one. Where only one of several values is dead, the others work and hide it.

## How to fix it

Write the value as the key has it, or the operator that reads wildcards.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:*::foundation-model/amazon.nova-lite-v1:0",
    "Condition": {
      "StringEquals": {
        "bedrock:InferenceProfileArn": «"arn:aws:bedrock:*:111122223333:inference-profile/us.amazon.nova-lite-v1:0"»
      }
    }
  }
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:*::foundation-model/amazon.nova-lite-v1:0",
    "Condition": {
      "StringLike": {
        "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:111122223333:inference-profile/us.amazon.nova-lite-v1:0"
      }
    }
  }
}
```

The key holds the ARN of the guardrail, so this Deny stops every call, with the guardrail or without:

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "*",
    "Condition": {
      "StringNotEquals": {
        "bedrock:GuardrailIdentifier": «"abc123def456"»
      }
    }
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:CallWithBearerToken",
    "Resource": "*",
    "Condition": {
      "StringEquals": {
        "bedrock:BearerTokenType": «"short-term"»
      }
    }
  }
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:CallWithBearerToken",
    "Resource": "*",
    "Condition": {
      "StringEquals": {
        "bedrock:BearerTokenType": "SHORT_TERM"
      }
    }
  }
}
```

The check of the profile does not carry the key that this statement asks for:

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": [
      «"arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.amazon.nova-lite-v1:0"»,
      "arn:aws:bedrock:*::foundation-model/amazon.nova-lite-v1:0"
    ],
    "Condition": {
      "ArnLike": {
        "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:111122223333:inference-profile/us.amazon.nova-lite-v1:0"
      }
    }
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
    "Condition": {
      "Bool": {
        "aws:SecureTransport": «"yes"»
      },
      "IpAddress": {
        "aws:SourceIp": ["10.0.0.0/8", «"192.168.*"»]
      },
      "StringEquals": {
        «"aws:PrincipalOrgID"»: "o-abc123"
      },
      "StringNotLike": {
        "aws:PrincipalOrgID": "o-abc*"
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
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
    "Condition": {
      "Bool": {
        "aws:SecureTransport": true
      },
      "ArnLike": {
        "bedrock:GuardrailIdentifier": "arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123def456*"
      },
      "StringEquals": {
        "aws:PrincipalTag/team": "${aws:RequestTag/team}"
      }
    }
  }
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/guardrails-permissions-id.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import APPLICATION, PROFILE, target
from bedrock_policy_lint.bedrock.invocable import PROFILE_KEY
from bedrock_policy_lint.model.arn import parse
from bedrock_policy_lint.model.condition import can_read, outcome, told, when_absent
from bedrock_policy_lint.model.pattern import glob, is_wild, meets
from bedrock_policy_lint.model.scope import speaks_of_bedrock
from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Replace, Severity, rule
from bedrock_policy_lint.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import ConditionKey
    from bedrock_policy_lint.model.policy import Operator, Test
    from bedrock_policy_lint.sources.node import Node

_KINDS = {"Bool": "a boolean", "Null": "a boolean", "Numeric": "a number", "Date": "a date", "IpAddress": "an IP range"}
_HELD = {"ARN": "an ARN", "Bool": "a boolean", "Date": "a date", "IPAddress": "an IP address", "Numeric": "a number"}
_READ = {"Arn": "ARN", "Bool": "Bool", "Date": "Date", "IpAddress": "IPAddress", "Numeric": "Numeric"}

_ANY_ARN = "arn:*:*:*:*:*"
_HOLDS_TYPES = {
    PROFILE_KEY: (PROFILE, APPLICATION),
    "bedrock:guardrailidentifier": ("guardrail",),
    "bedrock:promptrouterarn": ("prompt-router", "default-prompt-router"),
}
"""The resource types whose ARNs a key holds; all of them have an account."""

_FREE_TEXT = ("aws:referer", "aws:useragent")
"""Keys whose values a caller writes, asterisks included."""

_MOST_TESTS = 50
_MOST_VALUES = 5
_MOST_RESOURCES = 1000


@rule(Severity.ERROR, gate="permission")
def check(test: Test, context: Context) -> Iterator[Problem]:
    statement, operator = test.statement, test.operator
    if not operator.known or not (statement.allows or statement.denies):
        return
    if not (test.key.lower().startswith("bedrock") or speaks_of_bedrock(statement)):
        return
    key = context.catalog.condition_key(test.key)
    clash = _clash(test, key)
    if clash:
        yield clash
        return
    dead = [found for node in test.values if (found := _weigh(node, test, key, context)) is not None]
    whole = len(dead) == len(test.values)
    for found in dead[:_MOST_VALUES]:
        yield _problem(test, found, whole)
    if not dead and len(statement.tests) <= _MOST_TESTS:
        yield from _contradiction(test, key)
        yield from _on_profiles(test)


def _problem(test: Test, found: Problem, whole: bool) -> Problem:
    """What a dead value means for the test that it stands in."""
    operator = test.operator
    if not whole:
        follows = "this value never matches"
    elif operator.if_exists or operator.quantifier == "ForAllValues":
        follows = "only requests without the key pass the test"
    else:
        holds = operator.negated and operator.quantifier != "ForAnyValue"
        follows = told(test.statement, holds)
    return found._replace(
        why=f"{found.why}: {follows}", label="never matches", severity=found.severity if whole else Severity.WARNING
    )


def _clash(test: Test, key: ConditionKey | None) -> Problem | None:
    """An operator that compares another type than the key has; numbers and dates are read as each other."""
    read = _READ.get(test.operator.family)
    if (
        key is None
        or read is None
        or key.type not in _HELD
        or read == key.type
        or {read, key.type} == {"Numeric", "Date"}
    ):
        return None
    holds = test.operator.negated
    return Problem(
        test.operator_node,
        f"`{test.operator_node.value}` compares {_HELD[read]}, and `{test.key}` is {_HELD[key.type]}",
        f"the two never match: {outcome(test.statement, holds)}",
        label=f"for {_HELD[read]}",
    )


def _weigh(node: Node, test: Test, key: ConditionKey | None, context: Context) -> Problem | None:
    """A value that nothing can equal."""
    text, operator = test.statement.text(node), test.operator
    if not isinstance(text, str):
        return None
    if not can_read(operator, text):
        return Problem(node, f"`{text}` is not {_KINDS[operator.family]}", f"`{operator.base}` cannot read it")
    if operator.family == "String" and key is not None:
        if not operator.wild and is_wild(text) and _has_no_wildcards(key):
            return _literal_wildcard(node, text, test)
        if key.values and not _is_among(text, key, operator):
            return _outside(node, text, key, context)
    if operator.family == "Arn" or (operator.family == "String" and key is not None and key.type == "ARN"):
        return _no_arn(node, text, test)
    return None


def _has_no_wildcards(key: ConditionKey) -> bool:
    name = key.name.lower()
    return name.startswith(("aws:", "bedrock", "aws-marketplace:", "iam:")) and name not in _FREE_TEXT


def _literal_wildcard(node: Node, text: str, test: Test) -> Problem:
    base, written = test.operator.base, test.operator_node.value
    char = "*" if "*" in text else "?"
    why = f"`{base}` reads `{char}` as a plain character, and no value of `{test.key}` holds one"
    at = written.lower().rfind(base.lower())
    like = written[:at] + base.replace("Equals", "Like") + written[at + len(base) :]
    block = test.statement.condition_node
    if base.endswith("IgnoreCase"):
        return Problem(node, f"`{char}` is no wildcard under `{written}`", why)
    alone = block is not None and block.value.get(like) is None and _is_only_key(test)
    return Problem(
        node,
        f"`{char}` is no wildcard under `{written}`",
        why,
        fix=Fix(f"write `{like}`", (Replace(test.operator_node, like),) if alone else ()),
    )


def _is_only_key(test: Test) -> bool:
    return sum(other.operator_node is test.operator_node for other in test.statement.tests) == 1


def _is_among(text: str, key: ConditionKey, operator: Operator) -> bool:
    if operator.base.endswith("IgnoreCase") or key.type == "Bool":
        return text.lower() in [value.lower() for value in key.values]
    return any(glob(text, value) if operator.wild else text == value for value in key.values)


def _outside(node: Node, text: str, key: ConditionKey, context: Context) -> Problem:
    plain = text.upper().replace("-", "_")
    meant = next((value for value in key.values if value.upper() == plain), None)
    near = () if meant else context.catalog.nearest(text, key.values)
    advice = Fix(f"did you mean {one_of(near)}?") if near else None
    return Problem(
        node,
        f"`{text}` is no value of `{key.name}`",
        f"on {context.catalog.actions_date} it is {one_of(key.values[:5])}, in this spelling",
        fix=Fix(f"write `{meant}`", (Replace(node, meant),)) if meant else advice,
        severity=None if meant else Severity.WARNING,
    )


def _no_arn(node: Node, text: str, test: Test) -> Problem | None:
    kinds = _HOLDS_TYPES.get(test.key.lower())
    if not meets(text, _ANY_ARN):
        advice = Fix(f"write `arn:aws:bedrock:<region>:<account>:{kinds[0]}/{text}`") if kinds else None
        return Problem(node, f"`{text}` is no ARN", f"`{test.key}` is compared as a whole ARN", fix=advice)
    if kinds is None or any(_can_name(text, kind, test.operator) for kind in kinds):
        return None
    listed = one_of([f"arn:aws:bedrock:<region>:<account>:{kind}/<id>" for kind in kinds])
    return Problem(node, f"`{text}` cannot match `{test.key}`", f"the key holds {listed}")


def _can_name(text: str, kind: str, operator: Operator) -> bool:
    """Whether a pattern can match the ARN of a resource of Bedrock that lives in an account."""
    if operator.family != "Arn" and is_wild(text):
        # Under a string operator a star may span colons.
        return "::" not in text and meets(text, f"arn:*:bedrock:*:?*:{kind}/*")
    arn = parse(text)
    if arn is None:
        return is_wild(text)
    fields = (str(arn.service), "bedrock"), (str(arn.account), "?*"), (str(arn.resource), f"{kind}/*")
    return all(meets(field, form) for field, form in fields)


def _contradiction(test: Test, key: ConditionKey | None) -> Iterator[Problem]:
    """Another test of the key that leaves this one nothing to hold for."""
    others = [other for other in test.statement.tests_of(test.key.lower()) if other.key_node is not test.key_node]
    if not others or (key is not None and key.multivalued) or when_absent(test) is not False:
        return
    left = {text for text in test.texts() if isinstance(text, str)}
    exact = test.operator.base == "StringEquals" and not test.operator.quantifier and len(left) == len(test.values)
    for other in others:
        if other.operator.base == "Null" and when_absent(other) and test.operator.base != "Null":
            excluded = True
        elif exact and not (other.operator.base == "StringEquals" and _comes_first(other, test)):
            left = {value for value in left if _admits(other, value)}
            excluded = not left
        else:
            excluded = False
        if excluded:
            yield Problem(
                test,
                f"this test and `{other.operator_node.value}` on the same key exclude each other",
                f"all tests of a statement must hold at once: {outcome(test.statement, False)}",
                label="cannot hold",
                related=(Note(other, "excludes it"),),
            )
            return


def _comes_first(other: Test, test: Test) -> bool:
    return other.key_node.start < test.key_node.start


def _admits(test: Test, value: str) -> bool:
    """Whether a test can hold for a request whose only value of the key is this; where that is unclear, it can."""
    base, texts = test.operator.base, test.texts()
    if test.operator.quantifier or not all(isinstance(text, str) for text in texts):
        return True
    patterns = [str(text) for text in texts]
    if base.endswith("IgnoreCase"):
        found = value.lower() in [pattern.lower() for pattern in patterns]
    elif base in ("StringEquals", "StringNotEquals"):
        found = value in patterns
    elif base in ("StringLike", "StringNotLike", "ArnLike", "ArnEquals"):
        found = any(glob(pattern, value) for pattern in patterns)
    else:
        return True
    return found != test.operator.negated


def _on_profiles(test: Test) -> Iterator[Problem]:
    """A test of the profile in a statement that is to allow the profile itself."""
    statement = test.statement
    if test.key.lower() != PROFILE_KEY or not statement.allows or when_absent(test) is not False:
        return
    if len(statement.resource_nodes) > _MOST_RESOURCES:
        return
    resources = [] if statement.not_resource_nodes else statement.resources
    profiles = [entry for entry in resources if (named := target(entry.arn)) and named.kind in (PROFILE, APPLICATION)]
    if profiles:
        yield Problem(
            profiles[0],
            f"`{profiles[0].text}` is not allowed by this statement, for it asks for `{test.key}`",
            "the key is set when the model behind a profile is checked, and absent when the profile itself is",
            label="checked without that key",
            fix=Fix("allow the profile in a statement without this test"),
            related=(Note(test, "never true for a profile"),),
            severity=Severity.ERROR if len(profiles) == len(resources) else Severity.WARNING,
        )
