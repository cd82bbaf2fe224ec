"""How an edit that a rule asks for is written in YAML, with the layout and the quotes that the file has."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from bedrock_policy_lint.fix import idiom as idioms
from bedrock_policy_lint.fix.rewrite import Rewrite, UnfitError
from bedrock_policy_lint.fix.spot import SUB, Spot, check_entry, check_unshared, check_whole, find, stretch
from bedrock_policy_lint.fix.yaml_scalars import escaped, favourite, is_date, is_plain, scalar, style_of
from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.model.policy import Place
from bedrock_policy_lint.model.text import Template, Text
from bedrock_policy_lint.rule import Add, AddMember, Edit, Remove, Replace
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.yaml import Tag

_STEP = 2
_MOST_NEAR = 200
_short_form = re.compile(r"!(?:Sub|Ref|GetAtt|Join|If|Select|FindInMap|ImportValue)\b").search
_long_form = re.compile(r"\bFn::\w+[\"']?\s*:").search
_to_line_end = re.compile(r"[^\r\n]*").match
_line_break = re.compile(r"\r\n|\n|\r")
_comma = re.compile(r"[ \t]*,").match
_comma_and_comment = re.compile(r"[ \t]*(,?)[ \t]+#[^\r\n]*").match
_space = re.compile(r"[ \t\r\n]*").match


class YamlEdits:
    """Writes edits into one YAML file."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.idiom = document.idiom
        self.source = document.source
        self.text = document.source.text
        first = self.text.find("\n")
        self.newline = "\r\n" if first > 0 and self.text[first - 1] == "\r" else "\n"

    def rewrites(self, edit: Edit) -> list[Rewrite]:
        """The stretches that change."""
        if isinstance(edit, Replace):
            if isinstance(edit.at, Place):
                return [self._replace_part(edit.at, edit.text)]
            return self._replace(edit.at, (edit.text, *edit.more))
        if isinstance(edit, Remove):
            return self._remove(edit.at)
        if isinstance(edit, Add):
            return self._add(edit)
        if isinstance(edit, AddMember):
            return [self._add_member(edit)]
        raise TypeError(edit)

    def _spot(self, node: Node) -> Spot:
        spot = find(self.document, node)
        check_unshared(self.document, spot.whole)
        return spot

    # The text of a value

    def _write(self, text: Text, style: str, *, in_flow: bool, is_entry: bool = False) -> str:
        """A text as a value of its own: an entry of a list, or the value of a member."""
        if not idioms.has_holes(text):
            return self._scalar(idioms.plain(text, self.idiom), style, in_flow=in_flow)
        written = idioms.substituted(text, self.idiom)
        if _takes_short_forms(self.text):
            return f"!Sub {self._scalar(written, style, in_flow=in_flow)}"
        if is_entry and not in_flow:
            return f"{SUB}: {self._scalar(written, style)}"
        return f'{{"{SUB}": {self._scalar(written, style, in_flow=True)}}}'

    def _scalar(self, text: str, style: str, *, in_flow: bool = False) -> str:
        return scalar(text, style or ("" if is_plain(text, in_flow=in_flow) else favourite(self.text)))

    # Replacing

    def _replace(self, node: Node, texts: tuple[Text, ...]) -> list[Rewrite]:
        spot = self._spot(node)
        check_whole(self.document, node, spot)
        whole, raw = spot.whole, spot.raw
        in_flow = self._is_in_flow(spot)
        style = style_of(self.text, raw.start)
        first, *more = texts
        if spot.is_substituted and whole is not raw and idioms.has_holes(first):
            here = Rewrite(self.source, raw.start, raw.end, self._filled_in(first, style, in_flow=in_flow))
        else:
            is_entry = spot.within is not None
            new = self._write(first, style, in_flow=in_flow, is_entry=is_entry)
            here = Rewrite(self.source, whole.start, whole.end, new)
        if not more:
            return [here]
        behind = self._entries_behind(spot, tuple(more), style)
        return [here, *behind]

    def _filled_in(self, text: Text, style: str, *, in_flow: bool) -> str:
        return self._scalar(idioms.substituted(text, self.idiom), style, in_flow=in_flow)

    def _replace_part(self, place: Place, text: Text) -> Rewrite:
        anchored = getattr(place.node, "anchored", None)
        if anchored is not None:
            raise UnfitError("it is shared")
        spot = self._spot(place.node)
        raw = spot.raw
        start, end = stretch(self.document, place, spot)
        old: str = raw.value
        style = style_of(self.text, raw.start)
        in_flow = self._is_in_flow(spot)
        if idioms.has_holes(text) and not spot.is_substituted:
            if self.idiom is not None and self.idiom.is_filled_before:
                raise UnfitError("another program fills in what stands beside it")
            before, after = (idioms.substituted(part, None) for part in (old[:start], old[end:]))
            written = self._scalar(f"{before}{idioms.substituted(text, self.idiom)}{after}", style, in_flow=in_flow)
            return Rewrite(self.source, raw.start, raw.end, f"!Sub {written}")
        spelled = idioms.substituted if spot.is_substituted else idioms.plain
        new = spelled(text, self.idiom)
        is_key = len(spot.path) > 1 and isinstance(spot.path[-2].value, Object)
        whole = old[:start] + new + old[end:]
        if not style and not is_plain(whole, in_flow=in_flow, is_key=is_key):
            return Rewrite(self.source, raw.start, raw.end, self._scalar(whole, style, in_flow=in_flow))
        offsets = raw.offsets()
        return Rewrite(self.source, offsets[start], offsets[end], escaped(new, style))

    # Adding

    def _add(self, edit: Add) -> list[Rewrite]:
        spot = self._spot(edit.beside)
        return self._entries_behind(spot, (edit.text, *edit.more), style_of(self.text, spot.raw.start))

    def _entries_behind(self, spot: Spot, texts: tuple[Text, ...], style: str) -> list[Rewrite]:
        """What it takes to have more entries behind one, which becomes a list if it stands alone."""
        check_entry(self.document, spot)
        whole = spot.whole
        if spot.within is None:
            return self._listed(spot, texts, style)
        if self._is_flow(spot.within):
            written = [self._write(text, style, in_flow=True) for text in texts]
            return self._behind_in_flow(whole, written)
        dash = self._dash(spot)
        gap = self.text[dash + 1 : whole.start]
        lead = " " * self._column(dash) + "-" + (gap if gap and not gap.strip(" ") else " ")
        return [self._lines_behind(whole, [lead + self._write(t, style, in_flow=False, is_entry=True) for t in texts])]

    def _behind_in_flow(self, entry: Node, written: list[str]) -> list[Rewrite]:
        gap = self._gap(entry.start)
        commented = _comma_and_comment(self.text, entry.end)
        if commented is None or not _line_break.search(gap):
            return [Rewrite(self.source, entry.end, entry.end, "".join(f",{gap}{one}" for one in written))]
        # The comment stays with the entry that it speaks of.
        end = commented.end()
        if commented[1]:
            return [Rewrite(self.source, end, end, "".join(f"{gap}{one}," for one in written))]
        lines = ",".join(f"{gap}{one}" for one in written)
        return [Rewrite(self.source, entry.end, entry.end, ","), Rewrite(self.source, end, end, lines)]

    def _lines_behind(self, node: Node, lines: list[str]) -> Rewrite:
        end = self._line_end(node.end)
        return Rewrite(self.source, end, end, "".join(f"{self.newline}{line}" for line in lines))

    def _listed(self, spot: Spot, texts: tuple[Text, ...], style: str) -> list[Rewrite]:
        """The value of a member becomes a list, in brackets or in lines as the lists around it are."""
        whole = spot.whole
        if len(spot.path) < 3 or not isinstance(spot.path[-3].value, Object):
            raise UnfitError("it is no member")
        mapping, key = spot.path[-3], spot.path[-2]
        old = self.text[whole.start : whole.end]
        if self._is_flow(mapping) or (self._lists_are_flow(mapping) and self._fits_flow(spot, old)):
            written = ", ".join(self._write(text, style, in_flow=True) for text in texts)
            opened = Rewrite(self.source, whole.start, whole.start, "[")
            return [opened, Rewrite(self.source, whole.end, whole.end, f", {written}]")]
        colon = self.text.find(":", key.end)
        gap = self.text[colon + 1 : whole.start]
        if "&" in gap or "!" in gap:
            raise UnfitError("something stands before it")
        key_column = self._column(key.start)
        is_on_line = "\n" not in gap and "\r" not in gap
        column = key_column + self._dash_step(spot) if is_on_line else self._column(whole.start)
        lead = " " * column + "- "
        dash = f"{self.newline}{lead}" if is_on_line else "- "
        begin = colon + 1 if is_on_line else whole.start
        shift = " " * (column + 2 - key_column if is_on_line else 2)
        changes = [Rewrite(self.source, begin, whole.start, dash)]
        for match in _line_break.finditer(self.text, whole.start, whole.end):
            at = match.end()
            if at < whole.end and self.text[at] not in "\r\n":
                changes.append(Rewrite(self.source, at, at, shift))
        lines = [lead + self._write(text, style, in_flow=False, is_entry=True) for text in texts]
        return [*changes, self._lines_behind(whole, lines)]

    def _fits_flow(self, spot: Spot, old: str) -> bool:
        if _line_break.search(old) or style_of(self.text, spot.raw.start) in ("|", ">"):
            return False
        return bool(style_of(self.text, spot.raw.start)) or is_plain(str(spot.raw.value), in_flow=True)

    def _lists_are_flow(self, mapping: Node) -> bool:
        """Whether the lists in a mapping stand in brackets."""
        lists = [value for _, value in mapping.value.pairs() if type(value.value) is list]
        return bool(lists) and all(self._is_flow(each) for each in lists)

    # Members

    def _add_member(self, edit: AddMember) -> Rewrite:
        mapping = find(self.document, edit.to).raw
        check_unshared(self.document, mapping)
        if not isinstance(mapping.value, Object):
            raise UnfitError("it is computed")
        spot = find(self.document, edit.to)
        own = [each for each in mapping.value if mapping.start <= each.start and each.end <= mapping.end]
        key_style, style = self._styles(own)
        if self._is_flow(mapping):
            member = f"{self._key(edit.key, key_style, in_flow=True)}: {self._flow(edit.value, style, key_style)}"
            if not own:
                return Rewrite(self.source, mapping.start, mapping.end, f"{{{member}}}")
            return Rewrite(self.source, own[-1].end, own[-1].end, f",{self._gap(own[0].start)}{member}")
        if not own:
            raise UnfitError("nothing stands there")
        column = self._column(own[0].start)
        layout = _Layout(self._step(spot), self._dash_step(spot), style, key_style)
        return self._lines_behind(own[-1], [" " * column + self._member(edit.key, edit.value, column, layout)])

    def _styles(self, nodes: list[Node]) -> tuple[str, str]:
        """How keys and texts are quoted among these members."""
        keys, values = nodes[::2], list(reversed(nodes[1::2]))
        key_style = style_of(self.text, keys[0].start) if keys else ""
        while values:
            node = values.pop()
            if isinstance(node.value, Object):
                values += reversed(node.value[1::2])
            elif isinstance(node.value, list):
                values += reversed(node.value)
            elif isinstance(node.value, str):
                return key_style, style_of(self.text, node.start)
        return key_style, ""

    def _key(self, key: str, style: str, *, in_flow: bool) -> str:
        if not style and not is_plain(key, in_flow=in_flow, is_key=True):
            style = favourite(self.text)
        return scalar(key, style)

    def _flow(self, value: Any, style: str, key_style: str) -> str:
        if isinstance(value, dict):
            keys = (self._key(key, key_style, in_flow=True) for key in value)
            values = (self._flow(each, style, key_style) for each in value.values())
            return f"{{{', '.join(f'{key}: {each}' for key, each in zip(keys, values, strict=True))}}}"
        if isinstance(value, list):
            return f"[{', '.join(self._flow(each, style, key_style) for each in value)}]"
        return self._value(value, style, in_flow=True)

    def _value(self, value: Any, style: str, *, in_flow: bool, is_entry: bool = False) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str) and is_date(value):
            return self._scalar(value, style or favourite(self.text), in_flow=in_flow)
        if isinstance(value, str | Template):
            return self._write(value, style, in_flow=in_flow, is_entry=is_entry)
        return str(value)

    def _member(self, key: str, value: Any, column: int, layout: _Layout) -> str:
        """A member in lines of its own, from the column on at which its key stands."""
        begun = f"{self._key(key, layout.key_style, in_flow=False)}:"
        if isinstance(value, dict):
            inner = column + layout.step
            lines = [self._member(name, each, inner, layout) for name, each in value.items()]
            return begun + "".join(f"{self.newline}{' ' * inner}{line}" for line in lines)
        if isinstance(value, list):
            inner = column + layout.dash
            lines = [self._value(each, layout.style, in_flow=False, is_entry=True) for each in value]
            return begun + "".join(f"{self.newline}{' ' * inner}- {line}" for line in lines)
        return f"{begun} {self._value(value, layout.style, in_flow=False)}"

    # Removing

    def _remove(self, node: Node) -> list[Rewrite]:
        spot = self._spot(node)
        check_entry(self.document, spot)
        path = spot.path
        parent = next((each for each in reversed(path[:-1]) if isinstance(each.value, list)), None)
        if parent is None:
            raise UnfitError("it is all there is")
        parts: list[Node] = [each for each in parent.value if parent.start <= each.start and each.end <= parent.end]
        width = 2 if isinstance(parent.value, Object) else 1
        at = _index(parts, spot.whole)
        first = at - at % width
        if len(parts) == width:
            raise UnfitError("nothing would be left")
        if self._is_flow(parent):
            return self._remove_in_flow(parts, first, width)
        begin = parts[first].start if width == 2 else self._dash_before(parts, first, parent)
        follower = first + width
        is_last = follower == len(parts)
        after = None if is_last else parts[follower].start if width == 2 else self._dash_before(parts, follower, parent)
        return [self._cut_lines(begin, parts[follower - 1].end, after)]

    def _cut_lines(self, begin: int, end: int, after: int | None) -> Rewrite:
        """Take away the lines of an entry; of one that begins behind something else, what stands up to the next."""
        line = self._line_start(begin)
        end = self._line_end(end)
        if not self.text[line:begin].strip(" "):
            match = _line_break.match(self.text, end)
            if match is not None:
                return Rewrite(self.source, line, match.end(), "")
            before = self.text[:line]
            return Rewrite(self.source, len(before.removesuffix("\n").removesuffix("\r")), end, "")
        if after is None:
            raise UnfitError("something stands before it")
        found = _space(self.text, end)
        return Rewrite(self.source, begin, found.end() if found else after, "")

    def _remove_in_flow(self, parts: list[Node], first: int, width: int) -> list[Rewrite]:
        behind = first + width
        start, end = parts[first].start, parts[behind - 1].end
        line, line_end = self._line_start(start), self._line_end(end)
        comma = _comma(self.text, end)
        rest = self.text[comma.end() if comma else end : line_end].strip(" \t")
        has_own_lines = line > 0 and not self.text[line:start].strip() and (not rest or rest.startswith("#"))
        if has_own_lines:
            match = _line_break.match(self.text, line_end)
            whole = Rewrite(self.source, line, match.end() if match else line_end, "")
            before = None if comma else _comma(self.text, parts[first - 1].end)
            return [Rewrite(self.source, before.end() - 1, before.end(), ""), whole] if before else [whole]
        if first > 0:
            return [Rewrite(self.source, parts[first - 1].end, end, "")]
        return [Rewrite(self.source, start, parts[behind].start, "")]

    # Where things stand

    def _gap(self, at: int) -> str:
        """The white space before an entry in brackets; a single blank where there is none."""
        before = at
        while self.text[before - 1] in " \t\r\n":
            before -= 1
        return self.text[before:at] or " "

    def _is_flow(self, container: Node) -> bool:
        return self.text[container.start : container.start + 1] in ("[", "{")

    def _is_in_flow(self, spot: Spot) -> bool:
        inside = [node for node in self._around(spot) if isinstance(node.value, list)]
        return any(self._is_flow(node) for node in inside)

    def _around(self, spot: Spot) -> list[Node]:
        path = self.document.path_to(self.source, spot.raw.start, spot.raw.end)
        return path[:-1]

    def _dash(self, spot: Spot) -> int:
        parent = spot.within
        assert parent is not None  # noqa: S101 - only entries have dashes
        entries: list[Node] = parent.value
        return self._dash_before(entries, _index(entries, spot.whole), parent)

    def _dash_before(self, entries: list[Node], at: int, parent: Node) -> int:
        """Where the dash of an entry stands: all of a list stand in one column."""
        first = parent.start
        if self.text[first : first + 1] != "-":
            raise UnfitError("no dash")
        if at == 0:
            return first
        column = self._column(first)
        dash = re.compile(rf"^ {{{column}}}-(?=[ \t\r\n])", re.MULTILINE)
        found = None
        for found in dash.finditer(self.text, self._line_end(entries[at - 1].end), entries[at].start):  # noqa: B007
            pass
        if found is None:
            raise UnfitError("no dash")
        return found.end() - 1

    def _column(self, at: int) -> int:
        return at - self._line_start(at)

    def _line_start(self, at: int) -> int:
        return self.source.line_starts[self.source.point(at).line - 1]

    def _line_end(self, at: int) -> int:
        found = _to_line_end(self.text, at)
        return found.end() if found else at

    def _step(self, spot: Spot) -> int:
        """How far a mapping is indented in another one here."""
        return next((step for step in self._steps(spot, Object) if step > 0), _STEP)

    def _dash_step(self, spot: Spot) -> int:
        """How far the dashes of a list are indented from its key here."""
        return next((step for step in self._steps(spot, list) if step >= 0), self._step(spot))

    def _steps(self, spot: Spot, kind: type) -> list[int]:
        """How far containers of a kind are indented from their keys: those nearest first."""
        path = self.document.path_to(self.source, spot.raw.start, spot.raw.end)
        around = [node.value for node in reversed(path) if isinstance(node.value, Object)]
        near = [member for members in around for member in members.pairs()]
        return [
            self._column(value.start) - self._column(key.start)
            for key, value in near[:_MOST_NEAR]
            if type(value.value) is kind and value.value and not self._is_flow(value) and not isinstance(key, Tag)
            if self.source.point(key.end).line < self.source.point(value.start).line
        ]


def _index(parts: list[Node], node: Node) -> int:
    """Which of these begins where a node does."""
    found = next((at for at, part in enumerate(parts) if part.start == node.start), None)
    if found is None:
        raise UnfitError("it stands elsewhere")
    return found


@lru_cache(maxsize=4)
def _takes_short_forms(text: str) -> bool:
    """Whether a file has functions as tags; one that has none at all may as well."""
    return bool(_short_form(text)) or not _long_form(text)


class _Layout:
    """How new members are laid out."""

    __slots__ = ("dash", "key_style", "step", "style")

    def __init__(self, step: int, dash: int, style: str, key_style: str) -> None:
        self.step = step
        self.dash = dash
        self.style = style
        self.key_style = key_style
