"""The addresses of what lies in buckets, where the bucket is named apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.places import text_below
from bedrock_policy_lint.frontends.template.computed import placed
from bedrock_policy_lint.model.text import join, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bedrock_policy_lint.sources.node import Node


def bucket_address(bucket: Node, key: Node | None = None) -> Node:
    """The address, `s3://BUCKET/KEY`, of what lies in a bucket that is given by its name."""
    parts = ["s3://", *parts_of(bucket.value)]
    if key is not None:
        parts += ["/", *parts_of(key.value)]
    return placed(join(parts), bucket)


def objects(places: Iterable[Node], bucket: str, key: str = "") -> list[Node]:
    """The addresses of what lies in buckets that are given by name, each with a key or prefix."""
    return [
        bucket_address(name, text_below(place, key) if key else None)
        for place in places
        if (name := text_below(place, bucket)) is not None
    ]
