"""An ARN of Bedrock that has the shape of none.

## What it finds

- an ARN with a colon too few or too many, or with `:` where a `/` belongs;
- a model id, a name or a path in place of an ARN, of whatever service;
- the name of an SDK client in the service field (`bedrock-runtime`);
- a resource type that the service does not have: `guardrails/…`, `workload-identity/*` outside its directory;
- an id that is missing, or that cannot be one: agents and knowledge bases have ids of ten letters and digits.

The ARNs of `bedrock`, `bedrock-mantle` and `bedrock-agentcore` are looked at. Ids with placeholders are left alone.

## Why it matters

IAM compares the ARN of the request with the pattern as text. A pattern that no ARN can look like matches nothing, and
nobody says so: the call is denied, or the Deny does not deny.

## How to fix it

Write `arn:<partition>:<service>:<region>:<account>:<type>/<id>`. A foundation model has an empty account, so two
colons follow its Region. A type that is not known but well formed is a warning with the date of the catalogue, for it
may be newer.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1:«foundation-model/amazon.nova-lite-v1»:0"
  }
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:ApplyGuardrail",
    "Resource": "arn:aws:bedrock:us-east-1:111122223333:«guardrails»/abcd1234efgh"
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:Retrieve",
    "Resource": "arn:aws:bedrock:us-east-1:111122223333:knowledge-base/«KnowledgeBaseIDABCDE12345»"
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock-agentcore:GetWorkloadIdentity",
    "Resource": "arn:aws:bedrock-agentcore:us-east-1:111122223333:«workload-identity»/orders"
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "bedrock:ApplyGuardrail",
      "Resource": "arn:aws:bedrock:us-east-1:111122223333:guardrail/abcd1234efgh"
    },
    {
      "Effect": "Allow",
      "Action": "bedrock-agentcore:GetWorkloadIdentity",
      "Resource": [
        "arn:aws:bedrock-agentcore:us-east-1:111122223333:workload-identity-directory/default",
        "arn:aws:bedrock-agentcore:us-east-1:111122223333:workload-identity-directory/default/workload-identity/orders"
      ]
    }
  ]
}
```

Wildcards may stand for any part of the shape, and a template fills in its ids later:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:Retrieve", "bedrock:InvokeAgent"],
    "Resource": [
      "arn:aws:bedrock:us-east-1:111122223333:knowledge-base/${KnowledgeBaseId}",
      "arn:aws:bedrock:us-east-1:111122223333:agent-alias/*"
    ]
  }
}
```

## References

- https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
- https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrockagentcore.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import SERVICES, geography_of, last_field, provider_of, types_by_head
from bedrock_policy_lint.model.bounds import widest
from bedrock_policy_lint.model.pattern import is_wild, meets
from bedrock_policy_lint.model.policy import Place, Resource
from bedrock_policy_lint.model.text import length, split
from bedrock_policy_lint.rule import Context, Fix, Problem, Replace, Severity, rule
from bedrock_policy_lint.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import ResourceType
    from bedrock_policy_lint.model.arn import Arn
    from bedrock_policy_lint.model.text import Text

_IDS_OF_TEN = {"agent": "an agent", "agent-alias": "an agent", "knowledge-base": "a knowledge base"}
_NO_MATCH = "no ARN looks like this, so the pattern matches nothing"
_FORM = "write `arn:<partition>:<service>:<region>:<account>:<type>/<id>`; empty fields keep their colons"


_ARNS_ONLY = ("identity", "boundary", "session", "scp")


@rule(Severity.ERROR, gate="permission")
def check(resource: Resource, context: Context) -> Iterator[Problem]:
    arn = resource.arn
    found: Problem | None = None
    if arn is None:
        found = _cut_short(resource, context) or _bare(resource, context)
    elif arn.service not in SERVICES:
        found = _other_service(resource, arn, context)
    elif arn.resource != "*":
        found = _cut_short(resource, context) or _extra(resource, arn) or _form(resource, arn, context)
    if found:
        yield found


# Fields


def _cut_short(resource: Resource, context: Context) -> Problem | None:
    """Fields are missing: what begins the resource part stands too far left."""
    fields = split(resource.text, ":", 5)
    if fields[0] != "arn":
        return None
    service = next((at for at in (2, 1) if at < len(fields) and fields[at] in SERVICES), None)
    if service is None:
        return None
    early = next((at for at in range(service + 1, min(len(fields), 5)) if "/" in widest(fields[at])), None)
    if early is None:
        cut = len(fields) < 6 and not is_wild(fields[-1])
        return _problem(resource, f"the ARN has {len(fields)} of its 6 parts", "cut short", Fix(_FORM)) if cut else None
    start = sum(length(field) + 1 for field in fields[:early])
    types = types_by_head(str(fields[service]), context.catalog)
    known = types.get(widest(fields[early]).partition("/")[0])
    return _problem(
        Place(resource.node, start, start + length(fields[early])),
        "the ARN has too few colons",
        "a field is missing before it",
        _missing(resource, start, known[0].has_account if known else None, early if service == 2 else 0, fields[3]),
    )


def _missing(resource: Resource, start: int, has_account: bool | None, early: int, region: Text) -> Fix:
    """What to write before the resource part that begins `early` fields from the left."""
    if early not in (3, 4) or has_account is None:
        return Fix(_FORM)
    if not has_account and early == 4 and region:
        return Fix("write a second colon before it", (Replace(Place(resource.node, start, start), ":"),))
    if not has_account:
        return Fix("write `<region>::` before it, or `::` for the model behind a global profile")
    return Fix("write `<account>:` before it" if early == 4 and region else "write `<region>:<account>:` before it")


def _bare(resource: Resource, context: Context) -> Problem | None:
    """An id, a name or a path where an ARN belongs. Some resource policies take paths, so those are not judged."""
    text = resource.text
    if resource.statement.policy.kind not in _ARNS_ONLY:
        return None
    if isinstance(text, str):
        is_bare = not text.startswith("arn:") and not is_wild(text[:1])
    else:
        is_bare = bool(provider_of(text, context.catalog) or geography_of(text, context.catalog))
    if not is_bare:
        return None
    return _problem(resource, f"`{text}` is no ARN", "no ARN", Fix(_FORM), "IAM refuses a resource that is no ARN")


def _other_service(resource: Resource, arn: Arn, context: Context) -> Problem | None:
    service = arn.service
    if arn.partition in SERVICES:
        right = context.catalog.partition_of(service) if isinstance(service, str) else None
        place = resource.place("partition")
        edits = (Replace(Place(place.node, place.start, place.start), f"{right}:"),) if right else ()
        fix = Fix(f"write `{right or '<partition>'}:` before it", edits)
        return _problem(place, "the ARN has no partition", "the partition is missing before it", fix)
    if not isinstance(service, str) or not service.lower().startswith("bedrock"):
        return None
    lowered = service.lower()
    meant = lowered if lowered in SERVICES else context.catalog.right_prefix(service)
    if not meant or meant not in SERVICES:
        return None
    place = resource.place("service")
    fix = Fix(f"write `{meant}`", (Replace(place, meant),))
    return _problem(place, f"`{service}` is not the service name of any ARN", "no such service in an ARN", fix)


def _extra(resource: Resource, arn: Arn) -> Problem | None:
    """A colon or slash too many in front of the resource part."""
    written = widest(arn.resource)
    count = len(written) - len(written.lstrip(":/"))
    if not count:
        return None
    start = resource.place("resource").start
    place = Place(resource.node, start, start + count)
    fix = Fix(f"delete `{written[:count]}`", (Replace(place, ""),))
    return _problem(place, f"the resource part begins with `{written[:count]}`", "too many", fix)


# The resource part


def _form(resource: Resource, arn: Arn, context: Context) -> Problem | None:
    types = types_by_head(str(arn.service), context.catalog)
    kind = arn.type
    written = widest(arn.resource)
    known = types.get(kind) if isinstance(kind, str) else None
    if known is None:
        hidden = not isinstance(kind, str)
        if hidden and any(meets(written, last_field(form)) for forms in types.values() for form in forms):
            return None
        return _unknown_type(resource, arn, types, context)
    if not arn.id or not any(_fits(written, form) for form in known):
        return _problem(
            resource.place("resource"),
            f"`{arn.resource}` does not have the form of its type",
            "another form" if arn.id else "no id",
            Fix(f"write `{_spelled(known[0])}`"),
        )
    if arn.region == "" and known[0].has_region and known[0].has_account and known[0].name != "evaluator":
        return _no_region(resource, known[0])
    return _wrong_id(resource, arn.id, _IDS_OF_TEN[kind]) if kind in _IDS_OF_TEN else None


def _fits(written: str, form: ResourceType) -> bool:
    form_of_last = last_field(form)
    simple = form_of_last == form.resource_prefix + "*"
    return written.startswith(form.resource_prefix) if simple else meets(written, form_of_last)


def _spelled(form: ResourceType) -> str:
    return last_field(form).replace("*", "<id>")


def _unknown_type(
    resource: Resource, arn: Arn, types: dict[str, list[ResourceType]], context: Context
) -> Problem | None:
    kind = str(arn.type or arn.resource)
    before, colon, _ = kind.partition(":")
    if colon and before in types:
        start = resource.place("resource").start + len(before)
        slash = Place(resource.node, start, start + 1)
        fix = Fix("write `/`", (Replace(slash, "/"),))
        return _problem(slash, f"a `/` belongs between `{before}` and its id", "must be `/`", fix)
    place = resource.place("type")
    message = f"`{kind}` does not begin any ARN of `{arn.service}`"
    lowered = kind.lower()
    if lowered in types:
        fix = Fix(f"write `{lowered}`", (Replace(place, lowered),))
        return _problem(place, message, "ARNs heed upper and lower case", fix)
    catalog = context.catalog
    service = catalog.service(str(arn.service))
    inner = service.resource_types.get(lowered) if service else None
    near = catalog.nearest(kind, types)
    if inner:
        return _problem(place, message, "stands deeper in its ARNs", Fix(f"write `{_spelled(inner)}`"))
    if near:
        advice = Fix(f"did you mean {one_of(near)}?")
        return _problem(place, message, "no such resource type", advice)
    message += f" that was known on {catalog.actions_date}"
    why = "if the type is not newer than that, the pattern matches nothing"
    return _problem(place, message, "unknown to the catalogue", None, why)._replace(severity=Severity.WARNING)


def _no_region(resource: Resource, kind: ResourceType) -> Problem:
    place = resource.place("region")
    return _problem(
        Place(place.node, place.start - 1, place.end + 1),
        f"the ARN of `{kind.name}` lacks its Region",
        "Region missing",
        Fix("write the Region between the two colons"),
    )


def _wrong_id(resource: Resource, written: Text, what: str) -> Problem | None:
    first = split(written, "/", 1)[0]
    if not isinstance(first, str) or is_wild(first) or _is_id(first):
        return None
    start = resource.place("id").start
    return _problem(
        Place(resource.node, start, start + len(first)),
        f"`{first}` cannot be the id of {what}",
        "not ten letters and digits",
        Fix("write the id that AWS gave it: ten letters and digits"),
    )


def _is_id(text: str) -> bool:
    return len(text) == 10 and text.isascii() and text.isalnum()


def _problem(at: Resource | Place, message: str, label: str, fix: Fix | None, why: str = _NO_MATCH) -> Problem:
    return Problem(at, message, why, label=label, fix=fix)
