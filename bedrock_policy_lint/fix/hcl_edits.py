"""How an edit that a rule asks for is written in Terraform's language, with the layout that the file has."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

from bedrock_policy_lint.fix import hcl_texts as texts
from bedrock_policy_lint.fix import idiom as idioms
from bedrock_policy_lint.fix.hcl_layout import aligned
from bedrock_policy_lint.fix.hcl_site import Site, items_of, site_at, site_of, stretch_of
from bedrock_policy_lint.fix.rewrite import Rewrite, UnfitError
from bedrock_policy_lint.model.policy import Place
from bedrock_policy_lint.model.text import is_text
from bedrock_policy_lint.rule import Add, AddMember, Cut, Edit, Remove, Replace
from bedrock_policy_lint.sources import hcl_tree as tree

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.document import Document
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.sources.node import Node

_STEP = "  "
_MOST_NEIGHBOURS = 50
_VERSION = "Version"
_NESTED = 5
"""So long is the path to what a nested block has."""
_HEREDOCS = ("heredoc", "indented")
_STATEMENTS = ("statement", "content")
_REFERENCES = (tree.GetAttr, tree.Index, tree.Variable)

_is_identifier = re.compile(r"[^\W\d][\w-]*").fullmatch
_comma = re.compile(r"[ \t]*,").match
_behind = re.compile(r"[ \t]*(?P<comma>,?)[ \t]*(?P<comment>(?:#|//)[^\r\n]*|/\*[^\r\n]*?\*/)?[ \t]*(?=[\r\n]|$)").match
"""What may stand behind an entry that has the rest of its line for itself."""
_line_break = re.compile(r"\r\n|\n")


class HclEdits:
    """Writes edits into one file of Terraform's language."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.idiom = document.idiom
        self.source = document.source
        self.text = document.source.text
        first = self.text.find("\n")
        self.newline = "\r\n" if first > 0 and self.text[first - 1] == "\r" else "\n"

    def rewrites(self, edit: Edit) -> list[Rewrite]:
        """The stretches that change."""
        return aligned(self.source, self._rewrites(edit))

    def _rewrites(self, edit: Edit) -> list[Rewrite]:
        if isinstance(edit, Cut):
            return [self._cut(edit)]
        if isinstance(edit, Replace):
            return [self._replace_part(edit.at, edit.text)] if isinstance(edit.at, Place) else self._replace(edit)
        if isinstance(edit, Remove):
            return self._remove(edit.at)
        return self._add(edit) if isinstance(edit, Add) else self._add_member(edit)

    def _general(self, site: Site, asked: tuple[Text, ...]) -> list[Text]:
        """Texts as they are to stand there, with names for what only the deployment settles."""
        if self.idiom is None:
            return list(asked)
        near = [self.text[slice(*stretch_of(each))] for each in site.siblings[:_MOST_NEIGHBOURS]]
        return idioms.generalised(asked, self.idiom, near)

    def _write(self, text: Text, site: Site) -> str:
        return site.slot(self.idiom).expression(text)

    # Replacing

    def _cut(self, edit: Cut) -> Rewrite:
        site = site_at(self.document, *edit.span)
        if type(site.leaf) is not tree.Literal or not edit.text:
            raise UnfitError("it is computed")
        try:
            meant = json.loads(edit.text)
        except ValueError:
            raise UnfitError("it is written otherwise here") from None
        written = self._write(meant, site) if isinstance(meant, str) else edit.text
        return Rewrite(self.source, site.leaf.start, site.leaf.end, written)

    def _replace(self, edit: Replace) -> list[Rewrite]:
        assert not isinstance(edit.at, Place)  # noqa: S101 - parts of texts are another matter
        site = site_of(self.document, edit.at)
        leaf = site.leaf
        self._check_lost(leaf)
        first, *more = self._general(site, (edit.text, *edit.more))
        if type(site.holder) is tree.ObjectItem and site.holder.key is leaf:
            written = self._key(str(first), is_quoted=self.text.startswith('"', leaf.start))
        else:
            written = self._write(first, site)
        here = Rewrite(self.source, leaf.start, leaf.end, written)
        return [here, *self._entries_behind(site, [self._write(text, site) for text in more])] if more else [here]

    def _check_lost(self, leaf: Any) -> None:
        """Raise `UnfitError` where something would be lost that hangs on more than the place of the deployment."""
        if type(leaf) is tree.TemplateText and leaf.kind not in _HEREDOCS:
            for part in leaf.parts:
                if type(part) is not tree.TextPart and not self._is_place(part):
                    raise UnfitError("it is computed")
        elif type(leaf) is not tree.Literal:
            raise UnfitError("it is computed")

    def _is_place(self, part: Any) -> bool:
        if type(part) is not tree.Interpolation or self.idiom is None:
            return False
        return bool(texts.place_named(self.text[part.value.start : part.value.end], self.idiom))

    def _replace_part(self, place: Place, text: Text) -> Rewrite:
        node = place.node
        site = site_of(self.document, node)
        if type(site.leaf) not in (tree.Literal, tree.TemplateText) or not is_text(node):
            raise UnfitError("it is computed")
        offsets = node.offsets()
        start, end = offsets[place.start], offsets[place.end]
        old = str(node.value)[place.start : place.end]
        slot = site.slot(self.idiom)
        is_written = any(
            _holds(literal, where, start, end, old, slot.variables) for literal, where in _literals(site.leaf)
        )
        if not is_written:
            raise UnfitError("it is computed")
        opened = idioms.opened(text, self.idiom) if self.idiom is not None else text
        is_quoted = type(site.leaf) is tree.Literal or site.leaf.kind not in _HEREDOCS
        return Rewrite(self.source, start, end, slot.inner(opened, quoted=is_quoted))

    # Adding entries

    def _add(self, edit: Add) -> list[Rewrite]:
        site = site_of(self.document, edit.beside)
        asked = self._general(site, (edit.text, *edit.more))
        return self._entries_behind(site, [self._write(text, site) for text in asked], edit.beside)

    def _entries_behind(self, site: Site, new: list[str], beside: Node | None = None) -> list[Rewrite]:
        """What it takes to have more entries behind one, which becomes a list if it stands alone."""
        whole = site.whole
        if site.within is not None:
            return self._behind(site.within.items, _index(site.within.items, whole), new)
        if type(site.holder) not in (tree.Attribute, tree.ObjectItem) or site.holder.value is not whole:
            raise UnfitError("it is computed")
        if type(whole) is tree.TemplateText and whole.kind in _HEREDOCS:
            raise UnfitError("a heredoc cannot be an entry")
        if type(site.leaf) not in (tree.Literal, tree.TemplateText) and not (beside and _is_one_text(beside)):
            raise UnfitError("it may be a list")
        return self._listed(site, new)

    def _listed(self, site: Site, new: list[str]) -> list[Rewrite]:
        """One value becomes a list, in one line or in lines as the lists beside it are."""
        whole = site.whole
        near = [list_ for list_ in _lists_beside(site) if self._has_lines(list_)]
        if not near:
            return [
                Rewrite(self.source, whole.start, whole.start, "["),
                Rewrite(self.source, whole.end, whole.end, f", {', '.join(new)}]"),
            ]
        ends_in_comma = _comma(self.text, near[0].items[-1].end) is not None
        outer = self._indent(whole.start)
        gap = self.newline + outer + _STEP
        lines = "".join(f",{gap}{text}" for text in new)
        closing = f"{',' if ends_in_comma else ''}{self.newline}{outer}]"
        return [
            Rewrite(self.source, whole.start, whole.start, f"[{gap}"),
            Rewrite(self.source, whole.end, whole.end, f"{lines}{closing}"),
        ]

    def _behind(self, parts: tuple[Any, ...], at: int, new: list[str]) -> list[Rewrite]:
        """Parts behind one of a list or an object: in lines of their own, if it has one."""
        start, end = stretch_of(parts[at])
        rest = _behind(self.text, end)
        if not self._begins_line(start) or rest is None:
            return [Rewrite(self.source, end, end, "".join(f", {text}" for text in new))]
        gap = self.newline + self._indent(start)
        if rest["comma"]:
            here = rest.end() if rest["comment"] else rest.end("comma")
            return [Rewrite(self.source, here, here, "".join(f"{gap}{text}," for text in new))]
        lines = ",".join(f"{gap}{text}" for text in new)
        if not rest["comment"]:
            return [Rewrite(self.source, end, end, f",{lines}")]
        # The comment stays with what it speaks of.
        return [
            Rewrite(self.source, end, end, ","),
            Rewrite(self.source, rest.end("comment"), rest.end("comment"), lines),
        ]

    # Adding members

    def _add_member(self, edit: AddMember) -> list[Rewrite]:
        site = site_of(self.document, edit.to)
        value = idioms.generalised_value(edit.value, self.idiom) if self.idiom is not None else edit.value
        if type(site.leaf) is tree.ObjectCons:
            return self._add_item(site, edit.key, value)
        if isinstance(site.leaf, tree.Body):
            return self._add_blocks(site, edit.key, value)
        raise UnfitError("it is computed")

    def _add_item(self, site: Site, key: str, value: Any) -> list[Rewrite]:
        items = site.leaf.items
        if not items:
            written = self._item(key, value, site, _Style(), None)
            return [Rewrite(self.source, site.leaf.start, site.leaf.end, f"{{ {written} }}")]
        style = self._style(items)
        has_lines = self._begins_line(items[0].key.start)
        at = 0 if key == _VERSION else len(items) - 1
        start, end = stretch_of(items[at])
        indent = self._indent(start) if has_lines else None
        written = self._item(key, value, site, style, indent)
        if at == 0 and key == _VERSION:
            separator = ("," if style.comma else "") + f"{self.newline}{indent}" if has_lines else ", "
            return [Rewrite(self.source, start, start, f"{written}{separator}")]
        if has_lines and not style.comma:
            rest = _behind(self.text, end)
            if rest is None:
                raise UnfitError("something stands behind it")
            here = rest.end() if rest["comment"] else end
            return [Rewrite(self.source, here, here, f"{self.newline}{indent}{written}")]
        if not has_lines:
            return [Rewrite(self.source, end, end, f", {written}")]
        return self._behind(items, at, [written])

    def _style(self, items: tuple[Any, ...]) -> _Style:
        """How the items of an object are written."""
        first, last = items[0], items[-1]
        sign = self.text[last.key.end : last.value.start]
        is_quoted = all(self.text.startswith('"', item.key.start) for item in items)
        ends = (first, last) if len(items) > 1 else (last,)
        return _Style(
            sign if ":" in sign and not _line_break.search(sign) else " = ",
            is_quoted=is_quoted,
            comma=":" in sign or any(_comma(self.text, stretch_of(item)[1]) is not None for item in ends),
        )

    def _key(self, key: str, *, is_quoted: bool) -> str:
        return key if not is_quoted and _is_identifier(key) else f'"{texts.Slot(None).inner(key)}"'

    def _item(self, key: str, value: Any, site: Site, style: _Style, indent: str | None) -> str:
        """An item of an object, in lines of its own if it has an indentation."""
        return f"{self._key(key, is_quoted=style.is_quoted)}{style.sign}{self._value(value, site, style, indent)}"

    def _value(self, value: Any, site: Site, style: _Style, indent: str | None) -> str:
        if isinstance(value, dict):
            deeper = None if indent is None else indent + _STEP
            items = [self._item(key, each, site, style, deeper) for key, each in value.items()]
            if deeper is None:
                return f"{{ {', '.join(items)} }}"
            mark = "," if style.comma else ""
            lines = f"{mark}{self.newline}{deeper}".join(items)
            return f"{{{self.newline}{deeper}{lines}{self.newline}{indent}}}"
        if isinstance(value, list):
            return f"[{', '.join(self._value(each, site, style, None) for each in value)}]"
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value) if isinstance(value, int | float) else self._write(value, site)

    def _add_blocks(self, site: Site, key: str, value: Any) -> list[Rewrite]:
        """A condition in a statement of a policy document: a block for each key that it tests."""
        block, items = site.holder, items_of(site.leaf)
        is_statement = type(block) is tree.Block and block.type.text in _STATEMENTS
        if key != "Condition" or not is_statement or site.slot(None).variables != "&{" or not items:
            raise UnfitError("it is written in another way")
        last = items[-1]
        rest = _behind(self.text, last.end)
        if not self._begins_line(items[0].start) or rest is None:
            raise UnfitError("something stands behind it")
        indent = self._indent(items[0].start)
        lines: list[str] = []
        for operator, keys in value.items():
            for name, values in keys.items():
                lines += ["", "condition {", *self._members(operator, name, values, site), "}"]
        written = "".join(f"{self.newline}{indent}{line}" if line else self.newline for line in lines)
        here = rest.end() if rest["comment"] else last.end
        return [Rewrite(self.source, here, here, written)]

    def _members(self, operator: str, name: str, values: Any, site: Site) -> list[str]:
        """The arguments of a condition, aligned."""
        members = {"test": operator, "variable": name, "values": [*map(_as_text, _listed(values))]}
        width = max(map(len, members))
        return [
            f"{_STEP}{each:<{width}} = {self._value(value, site, _Style(), None)}" for each, value in members.items()
        ]

    # Removing

    def _remove(self, node: Node) -> list[Rewrite]:
        site = site_of(self.document, node)
        holder = site.holder
        if site.within is not None:
            return self._remove_part(site.within.items, _index(site.within.items, site.whole))
        if type(holder) is tree.ObjectItem and holder.key is site.whole:
            items = site.around.items
            return self._remove_part(items, _index(items, holder))
        is_block = isinstance(site.leaf, tree.Body) or (type(holder) is tree.Block and holder.type is site.leaf)
        is_argument = type(holder) is tree.Attribute and holder.name is site.leaf
        if len(site.path) >= _NESTED and (is_block or is_argument):
            return [self._remove_block(holder, site.around)]
        raise UnfitError("it is all there is")

    def _remove_block(self, block: Any, body: Any) -> Rewrite:
        """Take away a nested block or an argument with its lines."""
        if not isinstance(body, tree.Body) or len(items_of(body)) < 2:
            raise UnfitError("nothing would be left")
        if type(block) is tree.Block:
            name = block.type.text
            alike = [one for one in items_of(body) if type(one) is tree.Block and one.type.text == name]
            if name == "content" or len(alike) < 2:
                raise UnfitError("nothing would be left")
        found = self._lines_of(block.start, block.end)
        if found is None:
            raise UnfitError("something else stands on its lines")
        start, end = found
        above, below = self._line_before(start), self._line_at(end)
        if above == "" and (below == "" or below.startswith("}")):
            start = self.source.line_starts[self.source.point(start).line - 2]
        elif above is not None and above.endswith("{") and below == "":
            end = self.source.line_starts[self.source.point(end).line]
        return Rewrite(self.source, start, end, "")

    def _line_before(self, start: int) -> str | None:
        line = self.source.point(start).line - 1
        return self.text[slice(*self.source.line_bounds(line))].strip() if line > 0 else None

    def _line_at(self, start: int) -> str:
        return self.text[slice(*self.source.line_bounds(self.source.point(start).line))].strip()

    def _remove_part(self, parts: tuple[Any, ...], at: int) -> list[Rewrite]:
        """Take away an entry of a list or an item of an object: with its line, if it has one."""
        if len(parts) < 2:
            raise UnfitError("nothing would be left")
        start, end = stretch_of(parts[at])
        lines = self._lines_of(start, end)
        if lines is not None:
            whole = Rewrite(self.source, *lines, "")
            comma = None
            if at == len(parts) - 1 and not _comma(self.text, end):
                comma = _comma(self.text, stretch_of(parts[at - 1])[1])
            return [Rewrite(self.source, comma.end() - 1, comma.end(), ""), whole] if comma else [whole]
        if at > 0 and not self._begins_line(start):
            return [Rewrite(self.source, stretch_of(parts[at - 1])[1], end, "")]
        if at + 1 < len(parts):
            follower = stretch_of(parts[at + 1])[0]
            if self.source.point(follower).line == self.source.point(end).line:
                return [Rewrite(self.source, start, follower, "")]
        raise UnfitError("something else stands on its lines")

    # Where things stand

    def _lines_of(self, start: int, end: int) -> tuple[int, int] | None:
        """The lines of something, to where the next one begins; None where it shares them with something else."""
        rest = _behind(self.text, end)
        if rest is None or not self._begins_line(start):
            return None
        match = _line_break.match(self.text, rest.end())
        return start - len(self._indent(start)), match.end() if match else rest.end()

    def _begins_line(self, at: int) -> bool:
        return not self.text[self._line_start(at) : at].strip(" \t")

    def _line_start(self, at: int) -> int:
        return self.source.line_starts[self.source.point(at).line - 1]

    def _indent(self, at: int) -> str:
        """The white space that the line of a place begins with."""
        line = self.text[self._line_start(at) : at]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def _has_lines(self, list_: tree.Tuple) -> bool:
        return bool(list_.items) and self._begins_line(list_.items[0].start)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _as_text(value: Any) -> Any:
    """A value of JSON as an entry of a list of texts."""
    return json.dumps(value) if isinstance(value, bool | int | float) else value


class _Style:
    """How the items of an object are written."""

    __slots__ = ("comma", "is_quoted", "sign")

    def __init__(self, sign: str = " = ", *, is_quoted: bool = False, comma: bool = False) -> None:
        self.sign = sign
        """What stands between a key and its value."""
        self.is_quoted = is_quoted
        self.comma = comma
        """Whether commas stand between items that have lines of their own."""


def _index(parts: tuple[Any, ...], part: Any) -> int:
    """Which of the parts of a list or an object one is."""
    start = stretch_of(part)[0]
    return bisect_left(parts, start, key=lambda each: stretch_of(each)[0])


def _literals(leaf: Any) -> list[tuple[str, Any]]:
    """The literal texts of a value, each with where its characters stand."""
    if type(leaf) is tree.Literal:
        return [(leaf.value, leaf.offsets())] if isinstance(leaf.value, str) else []
    return [(part.text, part.places) for part in leaf.parts if type(part) is tree.TextPart]


def _holds(text: str, offsets: Any, start: int, end: int, wanted: str, variables: str | None) -> bool:
    """Whether a literal has that text between these two offsets."""
    first, last = bisect_left(offsets, start), bisect_left(offsets, end)
    if last >= len(offsets) or offsets[first] != start or offsets[last] != end:
        return False
    found = text[first:last]
    return found == wanted or (variables == "&{" and found.replace("&{", "${") == wanted)


def _lists_beside(site: Site) -> list[tree.Tuple]:
    """The lists that the same body or object holds."""
    around = site.around
    if isinstance(around, tree.Body):
        values = [item.value for item in items_of(around) if type(item) is tree.Attribute]
    else:
        values = [item.value for item in around.items] if type(around) is tree.ObjectCons else []
    return [value for value in values if type(value) is tree.Tuple]


def _is_one_text(node: Node) -> bool:
    """Whether a value is certainly a text, and no list of which one element stands for all."""
    from bedrock_policy_lint.frontends.terraform.values import kind_of

    return is_text(node) and kind_of(node) == "string"
