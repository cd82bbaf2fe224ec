"""Alignment as `terraform fmt` has it: what an edit does to the width of a line moves its neighbours' signs along."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Any, NamedTuple

from bedrock_policy_lint.finding import TextEdit
from bedrock_policy_lint.fix.hcl_site import path_to
from bedrock_policy_lint.fix.label import apply_to
from bedrock_policy_lint.fix.rewrite import Rewrite
from bedrock_policy_lint.sources import hcl
from bedrock_policy_lint.sources import hcl_tree as tree
from bedrock_policy_lint.sources.source import Source

_LARGEST = 64 * 1024
"""In a larger block nothing is aligned."""


class _Line(NamedTuple):
    """A line as the formatter sees it; a heredoc belongs to the line that it begins on."""

    start: int
    end: int
    sign: int
    """Where the `=` stands that is aligned; -1 for none."""
    comment: int
    """Where the comment behind it begins; -1 for none."""


class _Gap(NamedTuple):
    """White space before a sign or a comment, and how wide it should be."""

    start: int
    end: int
    width: int


def aligned(source: Source, changes: list[Rewrite]) -> list[Rewrite]:
    """Changes of one block, with the gaps of lines that are to be aligned with those that change."""
    changes = sorted(changes, key=lambda change: (change.start, change.end))
    block = _block_around(source, changes)
    if block is None or block.end - block.start > _LARGEST:
        return changes
    start, end = source.line_bounds(source.point(block.start).line)[0], block.end
    line_end = source.line_bounds(source.point(end).line)[1]
    before = Source(source.path, source.text[start:line_end])
    local = [change._replace(source=before, start=change.start - start, end=change.end - start) for change in changes]
    if local[0].start < 0 or local[-1].end > len(before.text):
        return changes
    after = Source(source.path, apply_to(before.text, 0, local))
    old, new = _lines(before), _lines(after)
    if old is None or new is None:
        return changes
    odd = {line.start for chain in _chains(before, old) if not _is_aligned(chain[1]) for line in chain[0]}
    moves = _Moves(local)
    gaps: list[_Gap] = []
    for lines, wanted in _chains(after, new):
        if not _is_aligned(wanted) and not any(moves.old(line.start) in odd for line in lines):
            gaps += [gap for gap in wanted if gap.end - gap.start != gap.width]
    found = moves.with_gaps(gaps)
    if found is None:
        return changes
    return [change._replace(source=source, start=change.start + start, end=change.end + start) for change in found]


def settled(source: Source, edits: list[TextEdit]) -> list[TextEdit]:
    """Edits of several fixes, with the gaps of lines that come to be neighbours only by all of them together."""
    by_block: dict[int, list[Rewrite]] = {}
    for edit in edits:
        block = _block_around(source, [Rewrite(source, *edit)])
        by_block.setdefault(-1 if block is None else block.start, []).append(Rewrite(source, *edit))
    return [
        TextEdit(change.start, change.end, change.text)
        for start, changes in by_block.items()
        for change in (aligned(source, changes) if start >= 0 else changes)
    ]


def _block_around(source: Source, changes: list[Rewrite]) -> Any:
    """The block at the top of a file that holds all changes."""
    path = path_to(source, changes[0].start, max(change.end for change in changes))
    return path[1] if len(path) > 1 and type(path[1]) is tree.Block else None


class _Moves:
    """Where in a text something stood before changes were made to it."""

    def __init__(self, changes: list[Rewrite]) -> None:
        self.changes = changes
        self._begins: list[int] = []
        """Where the text of each change stands after all."""
        self._ends: list[int] = []
        shift = 0
        for change in changes:
            self._begins.append(change.start + shift)
            self._ends.append(change.start + shift + len(change.text))
            shift += len(change.text) - (change.end - change.start)

    def old(self, at: int) -> int:
        """Where something stood, or what it stands in the place of."""
        index = bisect_right(self._begins, at) - 1
        if index < 0:
            return at
        if at < self._ends[index]:
            return self.changes[index].start
        return at - self._ends[index] + self.changes[index].end

    def with_gaps(self, gaps: list[_Gap]) -> list[Rewrite] | None:
        """The changes, and those of gaps; None where a gap is half old and half new."""
        texts = [change.text for change in self.changes]
        more: list[Rewrite] = []
        for gap in sorted(gaps, reverse=True):
            index = bisect_right(self._begins, gap.start) - 1
            if index >= 0 and gap.start < self._ends[index]:
                if gap.end > self._ends[index]:
                    return None
                begin = self._begins[index]
                text = texts[index]
                texts[index] = text[: gap.start - begin] + " " * gap.width + text[gap.end - begin :]
                continue
            if bisect_left(self._begins, gap.end) - 1 > index and self._begins[index + 1] < gap.end:
                return None
            start = self.old(gap.start) if index >= 0 else gap.start
            more.append(Rewrite(self.changes[0].source, start, start + gap.end - gap.start, " " * gap.width))
        kept = [change._replace(text=text) for change, text in zip(self.changes, texts, strict=True)]
        return sorted([*kept, *more], key=lambda change: (change.start, change.end))


def _is_aligned(wanted: list[_Gap]) -> bool:
    return all(gap.end - gap.start == gap.width for gap in wanted)


def _chains(source: Source, lines: list[_Line]) -> list[tuple[list[_Line], list[_Gap]]]:
    """Neighbouring lines whose signs are aligned, and then those whose comments are."""
    text = source.text
    found: list[tuple[list[_Line], list[_Gap]]] = []
    moved: dict[int, int] = {}
    for chain in _runs(lines, [line.sign >= 0 for line in lines]):
        leads = [_width(text, line.start, line.sign) for line in chain]
        gaps = [_gap(text, line.sign, max(leads) - lead + 1) for line, lead in zip(chain, leads, strict=True)]
        moved.update((line.start, gap.width - (gap.end - gap.start)) for line, gap in zip(chain, gaps, strict=True))
        found.append((chain, gaps))
    for chain in _runs(lines, [line.comment >= 0 for line in lines]):
        leads = [_width(text, line.start, line.comment) + moved.get(line.start, 0) for line in chain]
        gaps = [_gap(text, line.comment, max(leads) - lead + 1) for line, lead in zip(chain, leads, strict=True)]
        found.append((chain, gaps))
    return found


def _runs(lines: list[_Line], has: list[bool]) -> list[list[_Line]]:
    runs: list[list[_Line]] = []
    is_open = False
    for line, is_in in zip(lines, has, strict=True):
        if is_in and is_open:
            runs[-1].append(line)
        elif is_in:
            runs.append([line])
        is_open = is_in
    return runs


def _width(text: str, start: int, end: int) -> int:
    return len(text[start:end].rstrip(" \t"))


def _gap(text: str, end: int, width: int) -> _Gap:
    start = end
    while start > 0 and text[start - 1] in " \t":
        start -= 1
    return _Gap(start, end, width)


def _lines(source: Source) -> list[_Line] | None:
    """The lines of a block; None where it cannot be read, or is laid out in a way that no formatter would leave."""
    body, errors = hcl.read(source)
    if errors:
        return None
    text = source.text
    comments = {comment.start: comment.end for comment in body.comments}
    if any("\n" in text[start:end] for start, end in comments.items()):
        return None
    signs, heredocs = _signs(body, source)
    starts = list(source.line_starts)
    lines: list[_Line] = []
    number = 0
    behind = sorted(comments)
    while number < len(starts):
        start = starts[number]
        last = heredocs.get(number, number)
        end = source.line_bounds(last + 1)[1]
        at = bisect_left(behind, starts[last])
        comment = -1
        for begin in behind[at : bisect_left(behind, end)]:
            # The formatter does not align `/* … */`.
            if comments[begin] == end and text[start:begin].strip() and text[begin : begin + 2] != "/*":
                comment = begin
        sign = signs.get(start, -1)
        lines.append(_Line(start, end, sign, comment))
        number = last + 1
    return lines


def _signs(body: tree.Body, source: Source) -> tuple[dict[int, int], dict[int, int]]:
    """By the start of a line: the `=` that is aligned there; by the number of a line: the last one of its heredoc."""
    signs: dict[int, int] = {}
    heredocs: dict[int, int] = {}
    waiting: list[Any] = [body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tree.Body):
            waiting += node.attributes()
            for name in dict.fromkeys(one.text for one in node.names()):
                for labels in range(3):
                    waiting += (block.body for block in node.blocks(name, labels))
            continue
        if type(node) is tree.Attribute or type(node) is tree.ObjectItem:
            _sign(node[0], node.value, source, signs)
        if type(node) is tree.TemplateText and node.kind in ("heredoc", "indented"):
            first, last = source.point(node.start).line - 1, source.point(node.end).line - 1
            heredocs[first] = max(last, heredocs.get(first, 0))
        if isinstance(node, tuple):
            waiting += (field for field in node if isinstance(field, tuple))
    return signs, heredocs


def _sign(key: Any, value: Any, source: Source, signs: dict[int, int]) -> None:
    """Note the sign of an item that begins its line and does not go on behind it."""
    text = source.text
    line = source.point(key.start).line
    start, _ = source.line_bounds(line)
    sign = text.find("=", key.end, value.start)
    is_heredoc = type(value) is tree.TemplateText and value.kind in ("heredoc", "indented")
    last = source.point(value.end).line
    if text[start : key.start].strip() or sign < 0 or (last != line and not is_heredoc):
        return
    rest = text[value.end : source.line_bounds(last)[1]].lstrip(" \t,")
    if not rest.startswith(("}", "]", ")")):
        signs[start] = sign
