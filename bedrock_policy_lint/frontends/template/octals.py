"""Account ids without quotes that CloudFormation reads as octal numbers, as YAML 1.1 has them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment.deployment import Fault
from bedrock_policy_lint.sources.node import path_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.sources.node import Node

_SECTIONS = ("Parameters", "Mappings", "Resources")
_candidates = re.compile(r"[:\-\[,][ \t]*(?P<id>0[0-7]{11})(?=[ \t]*(?:[,\]}\r\n]|[ \t]#|\Z))").finditer


def faults(root: Node) -> Iterator[Fault]:
    """Every account id of a YAML template that becomes another number; the tree has it as it is written."""
    for match in _candidates(root.source.text):
        path = path_to(root, *match.span("id"))
        is_plain = (path[-1].start, path[-1].value) == (match.start("id"), match["id"])
        if is_plain and len(path) > 1 and path[1].value in _SECTIONS:
            yield Fault(
                path[-1],
                f"CloudFormation takes `{match['id']}` for the octal number {int(match['id'], 8)}, no account id",
                "put it in quotes",
                is_warning=True,
            )
