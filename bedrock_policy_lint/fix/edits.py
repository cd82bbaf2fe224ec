"""What the edits that a rule asks for come to in the texts that they concern, whichever language those are in."""

from __future__ import annotations

from typing import Any

from bedrock_policy_lint.fix.idiom import generalised, opened
from bedrock_policy_lint.fix.json_edits import JsonEdits
from bedrock_policy_lint.fix.rewrite import Rewrite, UnfitError
from bedrock_policy_lint.fix.spot import check_embedded, find
from bedrock_policy_lint.frontends.document import Document, Idiom
from bedrock_policy_lint.model.policy import Place
from bedrock_policy_lint.model.text import Template
from bedrock_policy_lint.rule import Add, AddMember, Cut, Edit, Remove, Replace
from bedrock_policy_lint.sources.node import Node
from bedrock_policy_lint.sources.source import Source

_MOST_NEIGHBOURS = 50


def rewrites(document: Document, edits: tuple[Edit, ...]) -> list[Rewrite]:
    """The stretches that change, in the text that each edit concerns; raises `UnfitError` where one cannot be made."""
    return [change for edit in edits for change in _rewrites(document, edit)]


def _rewrites(document: Document, edit: Edit) -> list[Rewrite]:
    if isinstance(edit, Cut):
        return [_cut(document, edit)]
    is_yaml = _source_of(edit) is document.source and document.language == "yaml"
    asked = _in_idiom(document, edit)
    if is_yaml:
        from bedrock_policy_lint.fix.yaml_edits import YamlEdits

        return YamlEdits(document).rewrites(asked)
    found = JsonEdits(document, _source_of(edit)).rewrites(asked)
    for change in found:
        check_embedded(document, change, is_written=isinstance(edit, Replace))
    return found


def _cut(document: Document, edit: Cut) -> Rewrite:
    source, start, end = edit.span
    if document.idiom is not None and end > start:
        spot = find(document, Node(None, start, end, source))
        if spot.whole is not spot.raw:
            raise UnfitError("it is computed")
    return Rewrite(source, start, end, edit.text)


def _source_of(edit: Replace | Remove | Add | AddMember) -> Source:
    at = edit.beside if isinstance(edit, Add) else edit.to if isinstance(edit, AddMember) else edit.at
    return at.node.source if isinstance(at, Place) else at.source


def _in_idiom(document: Document, edit: Replace | Remove | Add | AddMember) -> Replace | Remove | Add | AddMember:
    """The edit with its texts as a template would have them."""
    idiom = document.idiom
    if idiom is None or isinstance(edit, Remove):
        return edit
    if isinstance(edit, AddMember):
        return edit._replace(value=_value(edit.value, idiom))
    if isinstance(edit, Replace) and isinstance(edit.at, Place):
        return edit._replace(text=opened(edit.text, idiom))
    node = edit.beside if isinstance(edit, Add) else edit.at
    assert isinstance(node, Node)  # noqa: S101 - a part of a text is no text
    spot = find(document, node)
    spans = (each.source.in_file(each.start, each.end) for each in spot.siblings[:_MOST_NEIGHBOURS])
    near = [span.source.text[span.start : span.end] for span in spans]
    first, *more = generalised((edit.text, *edit.more), idiom, near)
    return edit._replace(text=first, more=tuple(more))


def _value(value: Any, idiom: Idiom) -> Any:
    if isinstance(value, dict):
        return {key: _value(each, idiom) for key, each in value.items()}
    if isinstance(value, list):
        return generalised(value, idiom) if all(isinstance(each, str | Template) for each in value) else value
    return generalised([value], idiom)[0] if isinstance(value, str | Template) else value
