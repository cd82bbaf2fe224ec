"""Findings that may stay: ignores in comments, in the metadata of templates and in the configuration; the baseline.

Each says which finding it means by rule, path and address; none by a line number of its own. Whatever matches nothing
is reported, so that no excuse outlives its reason.
"""

from __future__ import annotations

import json
import os
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from bedrock_policy_lint.config import TABLE, Ignore
from bedrock_policy_lint.finding import Finding
from bedrock_policy_lint.paths import seen_from
from bedrock_policy_lint.sources.files import write
from bedrock_policy_lint.sources.globs import path_matches
from bedrock_policy_lint.sources.source import Source, Span

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.template.metadata_ignores import MetadataIgnore
    from bedrock_policy_lint.sources.node import Node

_DIRECTIVE = re.compile(r"bedrock-policy-lint:\s*ignore\[(?P<rules>[^\]\n]*)\](?P<reason>[^\n]*)")
_BLANK = re.compile(r"[ \t/#*]*")
_COMMENT_MARKS = ("//", "/*", "*", "#")

BASELINE_NAME = ".bedrock-policy-lint-baseline.json"
_NEVER_KNOWN = "internal-error"


class Exemption(NamedTuple):
    """An ignore or baseline entry that has no finding to excuse, or may not excuse any."""

    span: Span
    rules: tuple[str, ...]
    fault: str
    """`unused`, `no-reason`, `malformed` for metadata that cannot be understood, or `gone` for an entry of the
    baseline."""


class _Directive(NamedTuple):
    span: Span
    rules: tuple[str, ...]
    reason: str
    lines: tuple[int, ...]


def apply_comments(
    findings: list[Finding], comments: Iterable[Span], ran: frozenset[str]
) -> tuple[list[Finding], list[Exemption]]:
    """What is left after the ignores in comments, and the ignores at fault.

    Only rules that `ran` can tell that an ignore has become idle; a name that no rule bears always was.
    """
    below = _Below()
    directives = [directive for comment in comments for directive in _directives(comment, below)]
    if not directives:
        return findings, []
    excuses = _by_rule(directives)
    kept = [finding for finding in findings if finding.rule not in excuses or not excuses[finding.rule].take(finding)]
    used = {(number, rule) for rule, excuse in excuses.items() for number in excuse.used()}
    idle = []
    for number, directive in enumerate(directives):
        unused = tuple(name for name in directive.rules if (number, name) not in used and _would_show(name, ran))
        if not directive.reason:
            idle.append(Exemption(directive.span, directive.rules, "no-reason"))
        elif unused:
            idle.append(Exemption(directive.span, unused, "unused"))
    return kept, idle


def _would_show(name: str, ran: frozenset[str]) -> bool:
    from bedrock_policy_lint.registry import rules

    return name in ran or name not in rules()


class _Excuses:
    """What the directives say about one rule, by line."""

    __slots__ = ("_lines", "_numbers", "_steps")

    def __init__(self, places: list[tuple[int, int]]) -> None:
        """From lines and the numbers of the directives that speak of them."""
        places.sort()
        self._lines = [line for line, _ in places]
        self._numbers = [number for _, number in places]
        self._steps = [0] * (len(places) + 1)
        """How many findings begin here to use the places, less how many end: a long finding costs no more."""

    def take(self, finding: Finding) -> bool:
        """Whether a directive speaks of a line of the finding; all that do are used then."""
        first = bisect_left(self._lines, finding.region.line)
        end = bisect_right(self._lines, finding.region.end_line)
        self._steps[first] += 1
        self._steps[end] -= 1
        return first < end

    def used(self) -> Iterator[int]:
        """The directives that some finding used."""
        return (number for number, uses in zip(self._numbers, accumulate(self._steps), strict=False) if uses)


def _by_rule(directives: list[_Directive]) -> dict[str, _Excuses]:
    places: dict[str, list[tuple[int, int]]] = {}
    for number, directive in enumerate(directives):
        for rule in directive.rules if directive.reason else ():
            places.setdefault(rule, []).extend((line, number) for line in directive.lines)
    return {rule: _Excuses(found) for rule, found in places.items()}


def _directives(comment: Span, below: _Below) -> Iterator[_Directive]:
    source = comment.source
    for match in _DIRECTIVE.finditer(source.text, comment.start, comment.end):
        span = Span(source, match.start(), match.start() + len(match[0].removesuffix("*/").rstrip()))
        place = source.in_file(span.start, span.end)
        names = tuple(name.strip() for name in match["rules"].split(",") if name.strip())
        reason = match["reason"].strip().removesuffix("*/").strip()
        yield _Directive(span, names, reason, below.lines_of(place))


class _Below:
    """Which lines of one file a comment speaks of; a run of comments is read once."""

    __slots__ = ("_first_text", "_next_text")

    def __init__(self) -> None:
        self._first_text: dict[int, int] = {}
        self._next_text: dict[int, int] = {}

    def lines_of(self, place: Span) -> tuple[int, ...]:
        """The line of a comment, and where it stands alone the line that it speaks of: the next that is no comment."""
        source = place.source
        line = source.point(place.start).line
        if line not in self._first_text:
            blank = _BLANK.match(source.text, *source.line_bounds(line))
            self._first_text[line] = blank.end() if blank else 0
        return (line,) if self._first_text[line] < place.start else (line, self._below(source, line))

    def _below(self, source: Source, line: int) -> int:
        if line in self._next_text:
            return self._next_text[line]
        passed = []
        below = line
        while below < len(source.line_starts):
            passed.append(below)
            below += 1
            start, end = source.line_bounds(below)
            text = source.text[start:end].strip()
            if text and not text.startswith(_COMMENT_MARKS):
                break
            if below in self._next_text:
                below = self._next_text[below]
                break
        self._next_text.update(dict.fromkeys(passed, below))
        return below


def apply_metadata(findings: list[Finding], root: Node, ran: frozenset[str]) -> tuple[list[Finding], list[Exemption]]:
    """What is left after the ignores in the metadata of a template, and the ignores at fault.

    Those of a resource speak of what begins inside it, those of the template of all in its file; `ran` as for comments.
    """
    from bedrock_policy_lint.frontends.template.metadata_ignores import metadata_ignores

    ignores = list(metadata_ignores(root))
    if not ignores:
        return findings, []
    scopes = _Scopes(ignore for ignore in ignores if ignore.reason and not ignore.malformed)
    path = root.source.path
    kept = [finding for finding in findings if finding.path != path or not scopes.take(finding)]
    # Resources that share their text by an alias share its ignores: they are idle when they are for all of them.
    faults = {}
    for ignore in ignores:
        place = (ignore.span.start, ignore.rule)
        if ignore.malformed:
            faults[place] = Exemption(ignore.span, (), "malformed")
        elif not ignore.reason:
            faults[place] = Exemption(ignore.span, (ignore.rule,), "no-reason")
        elif place not in scopes.used and _would_show(ignore.rule, ran):
            faults[place] = Exemption(ignore.span, (ignore.rule,), "unused")
    return kept, list(faults.values())


class _Scopes:
    """What the metadata of a template says about rules, by the stretch of text that it speaks of."""

    __slots__ = ("_by_start", "_starts", "_whole", "used")

    def __init__(self, ignores: Iterable[MetadataIgnore]) -> None:
        self._whole: list[MetadataIgnore] = []
        self._by_start: dict[int, list[MetadataIgnore]] = {}
        self.used: set[tuple[int, str]] = set()
        """The places and rules of the ignores that excused something."""
        for ignore in ignores:
            if ignore.scope is None:
                self._whole.append(ignore)
            else:
                self._by_start.setdefault(ignore.scope.start, []).append(ignore)
        self._starts = sorted(self._by_start)

    def take(self, finding: Finding) -> bool:
        """Whether an ignore speaks of the finding; all that do are used then."""
        by = [
            ignore
            for ignore in self._around(finding.region.start)
            if ignore.rule == finding.rule and _names(ignore.address, finding)
        ]
        self.used.update((ignore.span.start, ignore.rule) for ignore in by)
        return bool(by)

    def _around(self, at: int) -> Iterator[MetadataIgnore]:
        """The ignores that speak of a place: resources do not overlap."""
        yield from self._whole
        nearest = bisect_right(self._starts, at) - 1
        if nearest >= 0:
            for ignore in self._by_start[self._starts[nearest]]:
                if ignore.scope is not None and at < ignore.scope.end:
                    yield ignore


def apply_config(
    findings: list[Finding], ignores: tuple[Ignore, ...], relative: Callable[[str], str]
) -> tuple[list[Finding], set[tuple[str, int]]]:
    """What is left after the ignores of a configuration, and which were used; `relative` gives a path as it sees it."""
    meant: dict[str, list[Ignore]] = {}
    used: set[tuple[str, int]] = set()
    kept = []
    for finding in findings:
        if finding.path not in meant:
            path = relative(finding.path)
            meant[finding.path] = [ignore for ignore in ignores if path_matches(ignore.path, path)]
        mine = meant[finding.path]
        by = [ignore for ignore in mine if ignore.rule == finding.rule and _names(ignore.address, finding)]
        used |= {(ignore.config, ignore.number) for ignore in by}
        if not by:
            kept.append(finding)
    return kept, used


def _names(pattern: str, finding: Finding) -> bool:
    # Square brackets stand in addresses as they are, and must not read as a set of characters.
    return fnmatchcase(finding.address_text, pattern.replace("[", "[[]"))


def idle_ignore(ignore: Ignore) -> Exemption:
    """The exemption of a configuration's ignore that matched nothing."""
    from bedrock_policy_lint.config_places import line_of_ignore

    source = _source_of(ignore.config)
    return Exemption(_line_span(source, line_of_ignore(ignore.config, ignore.number, TABLE)), (ignore.rule,), "unused")


def _source_of(path: str) -> Source:
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            return Source(path, file.read())
    except (OSError, UnicodeDecodeError):
        return Source(path, "")


def _line_span(source: Source, line: int) -> Span:
    start, end = source.line_bounds(min(line, len(source.line_starts)))
    text = source.text[start:end]
    start += len(text) - len(text.lstrip())
    return Span(source, start, max(end, start))


class BaselineError(Exception):
    """The baseline cannot be read; exit code 2."""


Key = tuple[str, str, str]
"""What the baseline knows a finding by: path, rule and address."""

Judge = Callable[[str, str], bool]
"""Whether a run would have shown a finding in that file (an absolute path) by that rule."""


class Baseline:
    """Findings that were there when the tool came: a list that only shrinks."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.exists = os.path.exists(path)
        self.known: Counter[Key] = self._read() if self.exists else Counter()
        self._folder = os.path.dirname(os.path.abspath(path))

    def _read(self) -> Counter[Key]:
        known: Counter[Key] = Counter()
        try:
            with open(self.path, encoding="utf-8") as file:
                data = json.load(file)
            for entry in data["findings"]:
                key, count = (entry["path"], entry["rule"], entry["address"]), entry["count"]
                if not all(isinstance(text, str) for text in key) or not isinstance(count, int) or count < 1:
                    raise ValueError(entry)
                known[key] += count
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            problem = error.strerror.lower() if isinstance(error, OSError) and error.strerror else ""
            raise BaselineError(f"{self.path}: {problem or 'not a baseline of this program'}") from None
        return known

    def key(self, finding: Finding) -> Key:
        """What a finding is known by."""
        return seen_from(finding.path, self._folder), finding.rule, finding.address_text

    def fresh(self, findings: list[Finding]) -> list[Finding]:
        """The findings that it does not know; what this program failed to check never counts as known."""
        left = Counter(self.known)
        fresh = []
        for finding in findings:
            key = self.key(finding)
            if left[key] > 0 and finding.rule != _NEVER_KNOWN:
                left[key] -= 1
            else:
                fresh.append(finding)
        return fresh

    def gone(self, findings: list[Finding], judge: Judge) -> list[Exemption]:
        """Its entries that nothing matches any more, of those that the run can judge."""
        left = self.known - Counter(self.key(finding) for finding in findings)
        gone = sorted(key for key in left if self._is_judged(key, judge))
        if not gone:
            return []
        source = _source_of(self.path)
        places = self._places(source)
        return [Exemption(_line_span(source, places.get(key, 1)), (key[1],), "gone") for key in gone]

    def _is_judged(self, key: Key, judge: Judge) -> bool:
        return judge(os.path.normpath(os.path.join(self._folder, key[0])), key[1])

    def _places(self, source: Source) -> dict[Key, int]:
        """The line of each entry: one line holds one, as `write` leaves them."""
        places = {}
        for number in range(1, len(source.line_starts) + 1):
            start, end = source.line_bounds(number)
            try:
                entry = json.loads(source.text[start:end].rstrip(", "))
                places[entry["path"], entry["rule"], entry["address"]] = number
            except (ValueError, KeyError, TypeError, RecursionError):
                continue
        return places

    def write(self, findings: list[Finding], judge: Judge) -> None:
        """Save all findings, or where there was a baseline, what is left of it; it knows no others from then on."""
        counts = Counter(self.key(finding) for finding in findings)
        if self.exists:
            unjudged = {key: count for key, count in self.known.items() if not self._is_judged(key, judge)}
            counts = (counts & self.known) | Counter(unjudged)
        entries = [_entry(key, count) for key, count in sorted(counts.items())]
        body = ",\n".join(entries)
        text = '{"version": 1, "findings": [\n' + body + ("\n" if body else "") + "]}\n"
        write(self.path, text.encode())
        self.exists, self.known = True, counts


def _entry(key: Key, count: int) -> str:
    entry: dict[str, Any] = dict(zip(("path", "rule", "address"), key, strict=True))
    return json.dumps({**entry, "count": count})
