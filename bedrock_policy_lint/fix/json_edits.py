"""How an edit that a rule asks for is written in JSON, with the layout that the file has."""

from __future__ import annotations

import json
from bisect import bisect_left
from typing import Any, NamedTuple

from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.model.policy import Place
from bedrock_policy_lint.rule import Add, AddMember, Cut, Edit, Remove, Replace
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import Source


class Rewrite(NamedTuple):
    """A stretch of one JSON text and what to write there."""

    source: Source
    start: int
    end: int
    text: str


def rewrites(document: Document, edits: tuple[Edit, ...]) -> list[Rewrite]:
    """The stretches that change, in the text that each edit concerns."""
    return [_rewrite(document, edit) for edit in edits]


def _rewrite(document: Document, edit: Edit) -> Rewrite:
    if isinstance(edit, Replace):
        return _replace(document, edit)
    if isinstance(edit, Remove):
        return _remove(document, edit.at)
    if isinstance(edit, Add):
        return _add(document, edit)
    if isinstance(edit, AddMember):
        return _add_member(edit)
    if isinstance(edit, Cut):
        return Rewrite(*edit.span, edit.text)
    raise TypeError(edit)


def _replace(document: Document, edit: Replace) -> Rewrite:
    text = json.dumps(edit.text, ensure_ascii=False)
    if isinstance(edit.at, Node) and edit.more:
        texts = [text, *(json.dumps(more, ensure_ascii=False) for more in edit.more)]
        return Rewrite(edit.at.source, edit.at.start, edit.at.end, _listed(document, edit.at, texts))
    if isinstance(edit.at, Place):
        node = edit.at.node
        offsets = node.offsets()
        return Rewrite(node.source, offsets[edit.at.start], offsets[edit.at.end], text[1:-1])
    return Rewrite(edit.at.source, edit.at.start, edit.at.end, text)


def _remove(document: Document, node: Node) -> Rewrite:
    path = document.path_to(node.source, node.start, node.end)
    parent = next((before for before in reversed(path[:-1]) if isinstance(before.value, list)), None)
    if parent is None:
        return Rewrite(node.source, node.start, node.end, "")
    parts = parent.value
    width = 2 if isinstance(parts, Object) else 1
    at = bisect_left(parts, node.start, key=lambda part: part.start)
    first = at - at % width
    behind = first + width
    start, end = parts[first].start, parts[behind - 1].end
    if first > 0:
        start = parts[first - 1].end
    elif behind < len(parts):
        end = parts[behind].start
    return Rewrite(node.source, start, end, "")


def _add(document: Document, edit: Add) -> Rewrite:
    node = edit.beside
    old = node.source.text[node.start : node.end]
    texts = [old, *(json.dumps(text, ensure_ascii=False) for text in (edit.text, *edit.more))]
    listed = _listed(document, node, texts)
    if listed.startswith("["):
        return Rewrite(node.source, node.start, node.end, listed)
    return Rewrite(node.source, node.end, node.end, listed.removeprefix(old))


def _listed(document: Document, node: Node, texts: list[str]) -> str:
    """Entries to stand where one stands: laid out like its neighbours, or as a list where it stands alone."""
    path = document.path_to(node.source, node.start, node.end)
    parent = path[-2] if len(path) > 1 else node
    if isinstance(parent.value, list) and not isinstance(parent.value, Object):
        return f",{_gap(node.source, node.start)}".join(texts)
    return f"[{', '.join(texts)}]"


def _add_member(edit: AddMember) -> Rewrite:
    node = edit.to
    source = node.source
    key = json.dumps(edit.key, ensure_ascii=False)
    if not node.value:
        return Rewrite(source, node.start, node.end, f"{{{key}: {_dump(edit.value, '', '')}}}")
    gap = _gap(source, node.value[0].start)
    last = node.value[-1]
    step = _indent(gap).removeprefix(_indent(_gap(source, node.end - 1)))
    return Rewrite(source, last.end, last.end, f",{gap}{key}: {_dump(edit.value, gap, step)}")


def _gap(source: Source, start: int) -> str:
    """The white space before an entry; a single blank where there is none, as in `["a"]`."""
    at = start
    while at > 0 and source.text[at - 1] in " \t\r\n":
        at -= 1
    return source.text[at:start] or " "


def _indent(gap: str) -> str:
    return gap[gap.rfind("\n") + 1 :] if "\n" in gap else ""


def _dump(value: Any, gap: str, step: str) -> str:
    """A value laid out like its neighbours, whose white space before is `gap` and whose indentation grows by `step`."""
    if "\n" not in gap:
        return json.dumps(value, ensure_ascii=False)
    newline = "\r\n" if "\r\n" in gap else "\n"
    lines = json.dumps(value, ensure_ascii=False, indent=step or "  ").split("\n")
    return (newline + _indent(gap)).join(lines)
