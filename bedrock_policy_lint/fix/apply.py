"""Applies the fixes of findings to a text until nothing more changes."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable
from typing import NamedTuple

from bedrock_policy_lint import catalog as catalogs
from bedrock_policy_lint.authorize.decision import SAME
from bedrock_policy_lint.finding import Finding, TextEdit
from bedrock_policy_lint.sources.source import Source

_MOST_ROUNDS = 20
"""Every round applies at least one fix; a document that needs more is left where it then is."""
_MOST_READ = 4 * 1024 * 1024
"""So many characters are checked anew, round after round, before a long document is left where it then is."""


class Fixed(NamedTuple):
    """A text after its fixes."""

    text: str
    applied: int
    is_partial: bool = False
    """Whether it was left before a round found nothing more to do."""


def fix_text(source: Source, find: Callable[[Source], list[Finding]], *, everything: bool) -> Fixed:
    """The text with the fixes of what `find` finds: those that keep access the same, or all."""
    fixing = Fixing(source, everything=everything)
    while fixing.take(find):
        pass
    return fixing.fixed


class Fixing:
    """A text whose fixes are applied round after round."""

    def __init__(self, source: Source, *, everything: bool) -> None:
        self.source = source
        """As it reads now."""
        self._everything = everything
        self._applied = 0
        self._rounds = 0
        self._read = len(source.text)
        self._is_partial = False

    @property
    def fixed(self) -> Fixed:
        """What has come of it."""
        return Fixed(self.source.text, self._applied, self._is_partial)

    def take(self, find: Callable[[Source], list[Finding]]) -> bool:
        """Apply fixes of what is found now, as many as go together; whether there were any, and more may follow."""
        if self._is_partial:
            return False
        findings = find(self.source)
        chosen = _harmless(self.source, choose(findings, everything=False))
        if not chosen and self._everything:
            chosen = choose(findings, everything=True)
        if not chosen:
            return False
        self._applied += len(chosen)
        self.source = _edited(self.source, chosen)
        self._rounds += 1
        self._read += len(self.source.text)
        # The second round is there to see that the first was enough.
        self._is_partial = self._rounds >= _MOST_ROUNDS or (self._rounds > 1 and self._read > _MOST_READ)
        return not self._is_partial


def _harmless(source: Source, chosen: list[tuple[TextEdit, ...]]) -> list[tuple[TextEdit, ...]]:
    """As many of the first fixes as keep access the same when they are applied together, too."""
    from bedrock_policy_lint.fix.label import keeps_access

    while len(chosen) > 1 and not keeps_access(source, _edited(source, chosen), catalogs.default()):
        chosen = chosen[: len(chosen) // 2]
    return chosen


def _edited(source: Source, chosen: list[tuple[TextEdit, ...]]) -> Source:
    from bedrock_policy_lint import templates
    from bedrock_policy_lint.fix.label import edited

    edits = list({edit for edits in chosen for edit in edits})
    if templates.is_module(source) and not source.path.endswith(".json"):
        from bedrock_policy_lint.fix.hcl_layout import settled

        edits = settled(source, edits)
    return edited(source, edits)


def choose(findings: list[Finding], *, everything: bool) -> list[tuple[TextEdit, ...]]:
    """The edits of the fixes that may be applied together: in the order of the text, none into another's stretch."""
    chosen: list[tuple[TextEdit, ...]] = []
    taken: list[TextEdit] = []
    for finding in findings:
        fix = finding.fix
        if fix is None or not fix.edits or not (everything or fix.access == SAME):
            continue
        if any(_collides(edit, taken) for edit in fix.edits):
            continue
        chosen.append(fix.edits)
        for edit in fix.edits:
            insort(taken, edit)
    return chosen


def _collides(edit: TextEdit, taken: list[TextEdit]) -> bool:
    """Whether an edit collides with one of these; as none of them collides with another, its neighbours tell."""
    at = bisect_left(taken, edit)
    return any(_collide(edit, near) for near in taken[max(0, at - 1) : at + 1])


def _collide(one: TextEdit, other: TextEdit) -> bool:
    if one.start == one.end or other.start == other.end:
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end
