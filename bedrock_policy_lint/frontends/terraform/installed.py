"""What is found in modules from elsewhere, which nobody edits: it is told where they are called."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bedrock_policy_lint import locate
from bedrock_policy_lint.finding import Finding, Related, Unknown
from bedrock_policy_lint.sources.node import Node

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.terraform.library import Branch, Library

_FOLDER = ".terraform"


def is_installed(path: str) -> bool:
    """Whether a file lies where Terraform puts modules from elsewhere."""
    return _FOLDER in path.replace(os.sep, "/").split("/")


class Calls:
    """The calls that lead to modules from elsewhere."""

    def __init__(self, library: Library) -> None:
        self._by_path: dict[str, tuple[Node, str]] = {}
        """By file: what names the outermost call, and its address."""
        waiting: list[tuple[Branch, tuple[Node, str] | None]] = [(library.root, None)]
        while waiting:
            branch, above = waiting.pop()
            is_own = branch.module is None or not is_installed(branch.module.folder)
            call = above
            if not is_own and above is None and branch.call is not None:
                call = branch.call.node, "".join(f"module.{name}." for name in branch.path).rstrip(".")
            if call is not None and branch.module is not None:
                for file in branch.module.files:
                    self._by_path.setdefault(file.source.path, call)
            waiting += [(below, call) for below in branch.branches.values()]

    def finding(self, finding: Finding) -> Finding:
        """A finding at the call of the module that it lies in; one in a module of one's own as it is."""
        call = self._by_path.get(finding.path)
        if call is None:
            return finding
        node, address = call
        span = node.source.in_file(node.start, node.end)
        there = Related(finding.path, finding.region, "in the module", finding.lines)
        return finding._replace(
            path=span.source.path,
            region=locate.region(span),
            address=(address, *finding.address),
            lines=locate.lines(span),
            fix=finding.fix._replace(access="", edits=(), preview=()) if finding.fix else None,
            related=(there, *finding.related),
        )

    def question(self, unknown: Unknown) -> Unknown:
        """The same for an open question."""
        call = self._by_path.get(unknown.path)
        if call is None:
            return unknown
        node, address = call
        span = node.source.in_file(node.start, node.end)
        return Unknown(span.source.path, locate.region(span), (address, *unknown.address), unknown.question)
