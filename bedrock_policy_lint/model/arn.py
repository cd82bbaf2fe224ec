"""ARNs and ARN patterns, taken apart once so that nobody cuts strings elsewhere."""

from __future__ import annotations

from typing import NamedTuple

from bedrock_policy_lint.model.text import Text, length, split

FIELDS = ("arn", "partition", "service", "region", "account", "resource")

_CACHE: dict[Text, Arn | None] = {}
_CACHE_SIZE = 4096


class Arn(NamedTuple):
    """The six fields of an ARN pattern; each may hold wildcards or holes."""

    arn: Text
    partition: Text
    service: Text
    region: Text
    account: Text
    resource: Text
    type: str | None
    """The resource type as written: what stands before the first `/`, or None when a wildcard or hole hides it."""
    id: Text
    """What stands behind the first `/` of the resource; empty when there is none."""

    @property
    def fields(self) -> tuple[Text, ...]:
        """What `FIELDS` names, in that order."""
        return self.arn, self.partition, self.service, self.region, self.account, self.resource

    def field_at(self, name: str) -> tuple[int, int]:
        """Where a field stands in the text as written: a name of `FIELDS`, or `type` or `id`."""
        start = 0
        for field, value in zip(FIELDS, self.fields, strict=True):
            end = start + length(value)
            if field == name:
                return start, end
            if field != "resource":
                start = end + 1
        slash = start + length(split(self.resource, "/", 1)[0])
        return (start, slash) if name == "type" else (min(slash + 1, end), end)

    def __str__(self) -> str:
        return ":".join(str(field) for field in self.fields)


def parse(text: Text) -> Arn | None:
    """The fields of a text that has the shape of an ARN, else None."""
    if text in _CACHE:
        return _CACHE[text]
    fields = split(text, ":", 5)
    arn = None
    if len(fields) == len(FIELDS) and fields[0] == "arn":
        head, *rest = split(fields[5], "/", 1)
        is_plain = isinstance(head, str) and "*" not in head and "?" not in head
        _, partition, service, region, account, resource = fields
        kind = str(head) if is_plain else None
        arn = Arn("arn", partition, service, region, account, resource, kind, rest[0] if rest else "")
    if len(_CACHE) >= _CACHE_SIZE:
        _CACHE.clear()
    _CACHE[text] = arn
    return arn
