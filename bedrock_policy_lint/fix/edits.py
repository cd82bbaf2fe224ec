"""What the edits that a rule asks for come to in the texts that they concern, whichever language those are in."""

from __future__ import annotations

from bedrock_policy_lint.fix.idiom import generalised, generalised_value, opened
from bedrock_policy_lint.fix.json_edits import JsonEdits
from bedrock_policy_lint.fix.rewrite import Rewrite, UnfitError
from bedrock_policy_lint.fix.spot import check_embedded, find
from bedrock_policy_lint.frontends.document import Document, Idiom
from bedrock_policy_lint.model.policy import Place
from bedrock_policy_lint.rule import Add, AddMember, Cut, Edit, Remove, Replace
from bedrock_policy_lint.sources.node import Node
from bedrock_policy_lint.sources.source import EmbeddedSource, Source

_MOST_NEIGHBOURS = 50


def rewrites(document: Document, edits: tuple[Edit, ...]) -> list[Rewrite]:
    """The stretches that change, in the text that each edit concerns; raises `UnfitError` where one cannot be made."""
    return [change for edit in edits for change in _rewrites(document, edit)]


def _rewrites(document: Document, edit: Edit) -> list[Rewrite]:
    if document.language == "hcl":
        return _in_terraform(document, edit)
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


def _in_terraform(document: Document, edit: Edit) -> list[Rewrite]:
    """The same in a file of Terraform's language, or in JSON that stands in a text of it."""
    source = edit.span.source if isinstance(edit, Cut) else _source_of(edit)
    if not isinstance(source, EmbeddedSource):
        from bedrock_policy_lint.fix.hcl_edits import HclEdits

        if source is not document.source:
            raise UnfitError("it stands in another file")
        return HclEdits(document).rewrites(edit)
    from bedrock_policy_lint.fix.hcl_embedded import Host

    host = Host(document, source)
    if isinstance(edit, Cut):
        found = [Rewrite(source, edit.span.start, edit.span.end, edit.text)]
    else:
        inside = JsonEdits(document, source)
        inside.idiom = _at_home(inside.idiom, host.slot.home)
        found = inside.rewrites(_in_idiom(document, edit))
    return [host.placed(change, is_written=isinstance(edit, Replace | Cut)) for change in found]


def _at_home(idiom: Idiom | None, home: str) -> Idiom | None:
    """The idiom of what is written into one resource."""
    reference = idiom.reference if idiom is not None else None
    if idiom is None or reference is None:
        return idiom
    return idiom._replace(reference=lambda text, _: reference(text, home))


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
        return edit._replace(value=generalised_value(edit.value, idiom))
    if isinstance(edit, Replace) and isinstance(edit.at, Place):
        return edit._replace(text=opened(edit.text, idiom))
    node = edit.beside if isinstance(edit, Add) else edit.at
    assert isinstance(node, Node)  # noqa: S101 - a part of a text is no text
    spot = find(document, node)
    spans = (each.source.in_file(each.start, each.end) for each in spot.siblings[:_MOST_NEIGHBOURS])
    near = [span.source.text[span.start : span.end] for span in spans]
    first, *more = generalised((edit.text, *edit.more), idiom, near)
    return edit._replace(text=first, more=tuple(more))
