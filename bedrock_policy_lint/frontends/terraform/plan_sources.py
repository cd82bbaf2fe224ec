"""Where the resources of a plan are declared, when the configuration lies beside it."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from bedrock_policy_lint import locate
from bedrock_policy_lint.finding import Finding, Related
from bedrock_policy_lint.frontends.terraform import plan_text
from bedrock_policy_lint.frontends.terraform.blueprint import tree_of
from bedrock_policy_lint.frontends.terraform.library import Library

if TYPE_CHECKING:
    from bedrock_policy_lint.sources.node import Node

_steps = re.compile(r"module\.([^.]+)\.").match


def with_sources(findings: list[Finding], path: str) -> list[Finding]:
    """The findings in a plan, each with the place where its resource is declared."""
    library = Library(tree_of(os.path.dirname(path))) if findings else None
    if library is None or library.root.module is None:
        return findings
    return [_with_source(finding, library, path) for finding in findings]


def _with_source(finding: Finding, library: Library, path: str) -> Finding:
    node = _declared(library, finding.address[0]) if finding.address and finding.path == path else None
    if node is None:
        return finding
    span = node.source.in_file(node.start, node.end)
    place = Related(span.source.path, locate.region(span), "declared here", locate.lines(span))
    return finding._replace(related=(*finding.related, place))


def _declared(library: Library, address: str) -> Node | None:
    """What names a resource in the configuration."""
    address, branch = plan_text.without_keys(address), library.root
    while (step := _steps(address)) is not None:
        below = branch.branches.get(step[1])
        if below is None:
            return None
        address, branch = address[step.end() :], below
    declared = branch.module.resources.get(address) if branch.module is not None else None
    return declared.node if declared is not None else None
