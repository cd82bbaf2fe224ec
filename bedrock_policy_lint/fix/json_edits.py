"""How an edit that a rule asks for is written in JSON, with the layout that the text has."""

from __future__ import annotations

import json
from bisect import bisect_left
from typing import Any

from bedrock_policy_lint.fix import idiom as idioms
from bedrock_policy_lint.fix.rewrite import Rewrite, UnfitError
from bedrock_policy_lint.fix.spot import SUB, Spot, check_entry, check_whole, find, is_substituted, stretch
from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.model.policy import Place
from bedrock_policy_lint.model.text import Template, Text
from bedrock_policy_lint.rule import Add, AddMember, Edit, Remove, Replace
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import EmbeddedSource, Source


class JsonEdits:
    """Writes edits into one JSON text: that of a file, or one that stands in a text of it."""

    def __init__(self, document: Document, source: Source) -> None:
        self.document = document
        self.idiom = document.idiom
        self.source = source
        self.is_inside = isinstance(source, EmbeddedSource)
        self.is_substituted = isinstance(source, EmbeddedSource) and is_substituted(document, source)

    def rewrites(self, edit: Edit) -> list[Rewrite]:
        """The stretches that change."""
        if isinstance(edit, Replace):
            return [self._replace(edit)]
        if isinstance(edit, Remove):
            return [self._remove(edit.at)]
        if isinstance(edit, Add):
            return self._add(edit)
        if isinstance(edit, AddMember):
            return [self._add_member(edit)]
        raise TypeError(edit)

    def _write(self, text: Text) -> str:
        """A text as a value of its own."""
        if self.is_substituted:
            return _quoted(idioms.substituted(text, self.idiom))
        if not idioms.has_holes(text):
            return _quoted(idioms.plain(text, self.idiom))
        if self.is_inside:
            raise UnfitError("the text around it is not substituted")
        return f'{{"{SUB}": {_quoted(idioms.substituted(text, self.idiom))}}}'

    def _replace(self, edit: Replace) -> Rewrite:
        if isinstance(edit.at, Place):
            return self._replace_part(edit.at, edit.text)
        spot = find(self.document, edit.at)
        check_whole(self.document, edit.at, spot)
        whole = spot.whole
        if edit.more:
            check_entry(self.document, spot)
            return self._rewrite(whole, self._listed(spot, [self._write(text) for text in (edit.text, *edit.more)]))
        if spot.is_substituted and idioms.has_holes(edit.text):
            return self._rewrite(spot.raw, _quoted(idioms.substituted(edit.text, self.idiom)))
        return self._rewrite(whole, self._write(edit.text))

    def _replace_part(self, place: Place, text: Text) -> Rewrite:
        spot = find(self.document, place.node)
        raw = spot.raw
        start, end = stretch(self.document, place, spot)
        is_filled_in = spot.is_substituted or self.is_substituted
        if idioms.has_holes(text) and not is_filled_in:
            old = raw.value
            before, after = (idioms.substituted(part, None) for part in (old[:start], old[end:]))
            if self.is_inside or self.idiom is None:
                raise UnfitError("the text around it is not substituted")
            written = f"{before}{idioms.substituted(text, self.idiom)}{after}"
            return self._rewrite(raw, f'{{"{SUB}": {_quoted(written)}}}')
        spelled = idioms.substituted if is_filled_in else idioms.plain
        offsets = raw.offsets()
        return Rewrite(raw.source, offsets[start], offsets[end], _quoted(spelled(text, self.idiom))[1:-1])

    def _rewrite(self, node: Node, text: str) -> Rewrite:
        return Rewrite(node.source, node.start, node.end, text)

    def _remove(self, node: Node) -> Rewrite:
        spot = find(self.document, node)
        path = spot.path
        parent = next((before for before in reversed(path[:-1]) if isinstance(before.value, list)), None)
        if parent is None:
            return self._rewrite(node, "")
        check_entry(self.document, spot)
        parts = parent.value
        width = 2 if isinstance(parts, Object) else 1
        at = bisect_left(parts, spot.whole.start, key=lambda part: part.start)
        first = at - at % width
        behind = first + width
        start, end = parts[first].start, parts[behind - 1].end
        if first > 0:
            start = parts[first - 1].end
        elif behind < len(parts):
            end = parts[behind].start
        return Rewrite(node.source, start, end, "")

    def _add(self, edit: Add) -> list[Rewrite]:
        spot = find(self.document, edit.beside)
        check_entry(self.document, spot)
        whole = spot.whole
        new = [self._write(text) for text in (edit.text, *edit.more)]
        if spot.within is None:
            # What stands there is left as it is written: it may hold what a template fills in.
            opened = Rewrite(whole.source, whole.start, whole.start, "[")
            return [opened, Rewrite(whole.source, whole.end, whole.end, f", {', '.join(new)}]")]
        gap = _gap(whole.source, whole.start)
        return [Rewrite(whole.source, whole.end, whole.end, "".join(f",{gap}{text}" for text in new))]

    def _listed(self, spot: Spot, texts: list[str]) -> str:
        """Entries to stand where one stands: laid out like its neighbours, or as a list where it stands alone."""
        if spot.within is not None:
            return f",{_gap(spot.whole.source, spot.whole.start)}".join(texts)
        return f"[{', '.join(texts)}]"

    def _add_member(self, edit: AddMember) -> Rewrite:
        node = find(self.document, edit.to).raw
        source = node.source
        if not isinstance(node.value, Object):
            raise UnfitError("it is computed")
        key = _quoted(edit.key)
        value = self._plain_value(edit.value)
        if not node.value:
            return Rewrite(source, node.start, node.end, f"{{{key}: {_dump(value, '', '')}}}")
        gap = _gap(source, node.value[0].start)
        last = node.value[-1]
        step = _indent(gap).removeprefix(_indent(_gap(source, node.end - 1)))
        return Rewrite(source, last.end, last.end, f",{gap}{key}: {_dump(value, gap, step)}")

    def _plain_value(self, value: Any) -> Any:
        """A value of which every text is as it is written; one with holes is a function."""
        if isinstance(value, dict):
            return {key: self._plain_value(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._plain_value(each) for each in value]
        return json.loads(self._write(value)) if isinstance(value, str | Template) else value


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


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
