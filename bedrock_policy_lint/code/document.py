"""A file of code as a document, so that findings can stand in it and comments excuse them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.sources.json import Slip
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.code.site import CodeFile
    from bedrock_policy_lint.sources.source import Source

_MODULE = "module"
"""What stands in an address for what a module does when it is loaded."""


def document_of(file: CodeFile) -> Document:
    """The document of a file of code, with its calls and what these are given as its tree."""
    document = Document(file.source)
    document.language = file.language
    document.slips += [(span.source, Slip("code-comment", span.start, span.end)) for span in file.comments]
    for source, named in _by_source(file).items():
        pairs = [node for name, node in _apart(named) for node in (Node(name, node.start, node.start, source), node)]
        document.add_root(Node(Object(pairs), 0, len(source.text), source))
    return document


def _by_source(file: CodeFile) -> dict[Source, list[tuple[str, Node]]]:
    found: dict[Source, list[tuple[str, Node]]] = {file.source: []}
    for site in file.sites:
        block = file.blocks[site.block].name or _MODULE
        given = (value.node for values in site.given.values() for value in values)
        for node in (site.node, *given):
            found.setdefault(node.source, []).append((block, node))
    return found


def _apart(named: list[tuple[str, Node]]) -> Iterator[tuple[str, Node]]:
    """The nodes in the order of the text, without those that begin inside another."""
    end = -1
    for name, node in sorted(named, key=lambda pair: (pair[1].start, -pair[1].end)):
        if node.start >= end:
            yield name, node
            end = node.end
