"""From what a rule points at to what a person reads: offsets become lines, columns, addresses and excerpts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.finding import Finding, FindingFix, Line, Region, Related, TextEdit, Unknown
from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.model.policy import Place
from bedrock_policy_lint.rule import At, Fix, Note, Problem, Rule, Severity, Undecided
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.fix.rewrite import Rewrite

_LONGEST_LINE = 240
_LONGEST_SENTENCE = 1000
"""Sentences quote the file, whose texts can be longer than any reader's patience."""
_MOST_JUDGED = 8 * 1024 * 1024
"""So much text is read again to judge the fixes in one file; what then remains is advice."""
_REREADING = 8
"""Reading YAML and computing its functions takes so much longer than reading JSON."""
_BLOCKS = "data.aws_iam_policy_document."
_EDITABLE = ("json", "yaml", "hcl")
_MOST_LINES = 3
_MOST_PREVIEW = 12


class Locator:
    """Turns the problems of one document into findings."""

    __slots__ = ("_catalog", "_left", "_places", "document")

    def __init__(self, document: Document, catalog: Catalog, beside: Document | None = None) -> None:
        """What the document does not say of how it names the parameters of AWS, the one `beside` it does."""
        self.document = document
        self._places = document.places or (beside.places if beside is not None else {})
        self._catalog = catalog
        self._left = _MOST_JUDGED

    def finding(self, rule: Rule, problem: Problem, severity: Severity) -> Finding:
        """The finding that a rule's problem becomes."""
        inner = span_of(problem.at)
        span = inner.source.in_file(inner.start, inner.end)
        address = self._address(problem.at, inner)
        say = self._words(inner.source, address)
        return Finding(
            path=span.source.path,
            region=region(span),
            rule=rule.name,
            severity=severity,
            confidence=problem.confidence or rule.confidence,
            message=say(problem.message),
            why=say(problem.why),
            label=say(problem.label),
            address=address,
            lines=lines(span),
            fix=self._fix(problem.fix, say) if problem.fix else None,
            related=tuple(_related(note, say) for note in problem.related),
        )

    def unknown(self, undecided: Undecided) -> Unknown:
        """An open question with its place."""
        inner = span_of(undecided.at)
        span = inner.source.in_file(inner.start, inner.end)
        address = self._address(undecided.at, inner)
        return Unknown(span.source.path, region(span), address, self._words(inner.source, address)(undecided.question))

    def _address(self, at: At, inner: Span) -> tuple[str, ...]:
        whole = at.node if isinstance(at, Place) else at
        node = whole if isinstance(whole, Node) else getattr(whole, "node", None)
        if node is not None:
            return self.document.address(node.source, node.start, node.end)
        return self.document.address(inner.source, inner.start, inner.end)

    def _words(self, source: Source, address: tuple[str, ...]) -> Callable[[str], str]:
        """What puts sentences about a place into the words of the document."""
        if not self._places:
            return _short
        from bedrock_policy_lint.frontends.terraform import sayings

        is_code = self.document.language == "hcl" and source is self.document.source
        is_block = is_code and address[:1] and address[0].startswith(_BLOCKS)
        return lambda text: _short(sayings.said(text, self._places, is_code=is_code, is_block=bool(is_block)))

    def _fix(self, fix: Fix, say: Callable[[str], str]) -> FindingFix:
        advice = FindingFix(say(fix.text), "", (), ())
        if not fix.edits or self.document.language not in _EDITABLE:
            return advice
        from bedrock_policy_lint.fix.edits import rewrites
        from bedrock_policy_lint.fix.rewrite import UnfitError

        if self._left <= 0:
            return advice
        try:
            changes = rewrites(self.document, fix.edits)
        except UnfitError:
            return advice
        edits = self._edits(changes)
        access = self._label(fix, changes, edits)
        if access is None:
            return advice
        return FindingFix(advice.text, access, tuple(edits), _preview(self.document.source, edits))

    def _edits(self, changes: list[Rewrite]) -> list[TextEdit]:
        edits = []
        for change in changes:
            span = change.source.in_file(change.start, change.end)
            edits.append(TextEdit(span.start, span.end, change.source.escape(change.text)))
        return sorted(edits)

    def _label(self, fix: Fix, changes: list[Rewrite], edits: list[TextEdit]) -> str | None:
        """What the edits do to access; None where that cannot be told, or not at a cost that is left."""
        from bedrock_policy_lint.fix.label import LARGEST, label, label_anew, read_anew

        document = self.document
        if document.reread is None:
            size = self._judged_with(span_of(fix.edits[0][0]))
            if document.language != "json" or size > LARGEST or not self._spend(size):
                return None
            return label(document, changes, self._catalog)
        if any(change.source.in_file(change.start, change.end).source is not document.source for change in changes):
            return None
        size = read_anew(document, edits)
        if size > LARGEST or not self._spend(size * _REREADING):
            return None
        return label_anew(document, edits, self._catalog)

    def _spend(self, size: int) -> bool:
        """Use up some of what judging may cost, if so much is left."""
        is_left = size <= self._left
        self._left -= size if is_left else 0
        return is_left

    def _judged_with(self, place: Span) -> int:
        """How much text is read again to judge a change there: the statement's, else the document's."""
        for node in reversed(self.document.path_to(*place)):
            if isinstance(node.value, Object) and (node.value.get("Effect") or node.value.get("Statement")):
                return node.end - node.start
        return len(place.source.text)


def span_of(at: At) -> Span:
    """The stretch that a rule points at, in the text it was read from."""
    if isinstance(at, Span):
        return at
    if isinstance(at, Node):
        return Span(at.source, at.start, at.end)
    if isinstance(at, Place):
        node = at.node
        offsets = node.offsets()
        start, end = offsets[at.start], offsets[at.end]
        if start == end and at.start < at.end:
            # A part of what a name brings from elsewhere stands where that name stands.
            end = next((offset for offset in offsets[at.end :] if offset > start), start)
        return Span(node.source, start, end)
    return span_of(at.node)


def region(span: Span) -> Region:
    """Lines and columns of a stretch of a file."""
    first, last = span.source.point(span.start), span.source.point(span.end)
    return Region(span.start, span.end, first.line, first.column, last.line, last.column)


def lines(span: Span) -> tuple[Line, ...]:
    """The first lines of a stretch, long ones cut around its beginning."""
    source = span.source
    if not source.text:
        return ()
    first, last = source.point(span.start), source.point(span.end)
    numbers = range(first.line, min(last.line, first.line + _MOST_LINES - 1) + 1)
    return tuple(_line(source, number, first.column if number == first.line else 1) for number in numbers)


def _line(source: Source, number: int, column: int) -> Line:
    start, end = source.line_bounds(number)
    if end - start <= _LONGEST_LINE:
        return Line(number, source.text[start:end], 1, False)
    skip = max(0, column - 1 - _LONGEST_LINE // 4)
    begin = start + skip
    stop = min(begin + _LONGEST_LINE, end)
    return Line(number, source.text[begin:stop], skip + 1, stop < end)


def _related(note: Note, say: Callable[[str], str]) -> Related:
    inner = span_of(note.at)
    span = inner.source.in_file(inner.start, inner.end)
    return Related(span.source.path, region(span), say(note.label), lines(span))


def _short(text: str) -> str:
    """The text, or its beginning and its end."""
    if len(text) <= _LONGEST_SENTENCE:
        return text
    return f"{text[: _LONGEST_SENTENCE // 2]}…{text[-_LONGEST_SENTENCE // 2 :]}"


def _preview(source: Source, edits: list[TextEdit]) -> tuple[tuple[str, int, str], ...]:
    """The lines before and after the edits; nothing where they are too many or too long to show."""
    first = source.point(edits[0].start).line
    last = source.point(edits[-1].end).line
    start, end = source.line_bounds(first)[0], source.line_bounds(last)[1]
    if last - first >= _MOST_PREVIEW or end - start > _MOST_PREVIEW * _LONGEST_LINE:
        return ()
    before = source.text[start:end]
    after = before
    for edit in reversed(edits):
        after = after[: edit.start - start] + edit.text + after[edit.end - start :]
    old, new = before.splitlines(), after.splitlines()
    if len(old) + len(new) > _MOST_PREVIEW or len(after) > _MOST_PREVIEW * _LONGEST_LINE:
        return ()
    removed = [("-", first + at, line) for at, line in enumerate(old) if line not in new]
    added = [("+", first + at, line) for at, line in enumerate(new) if line not in old]
    return (*removed, *added)
