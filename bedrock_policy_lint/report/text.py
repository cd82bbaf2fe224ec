"""The finding as a tired person reads it: fault, place, the text with a caret, why, and what to do."""

from __future__ import annotations

from bedrock_policy_lint.finding import Finding, FindingFix, Line, Region
from bedrock_policy_lint.report import Report, Style
from bedrock_policy_lint.report.screen import (
    BLUE,
    BOLD,
    DIM,
    GREEN,
    RED,
    SEVERITY_COLOURS,
    Paint,
    plural,
    safe,
    visible,
)
from bedrock_policy_lint.rule import Severity

_NARROWEST = 40
_MARGIN = 4
"""This part of the room is left to what stands before a change that does not fit."""


def render(report: Report, style: Style) -> str:
    """A block for each finding; repeats of one fault in one file are folded into the first."""
    writer = _Writer(style)
    blocks = []
    for finding, more in _fold(report.findings, style.verbose):
        blocks.append(writer.block(finding, more))
    if style.verbose and report.undecided:
        blocks.append(writer.undecided(report))
    return "\n".join(blocks)


def _fold(findings: list[Finding], verbose: bool) -> list[tuple[Finding, int]]:
    """Each finding with the number of equal ones (file, rule, message, value) that it stands for."""
    if verbose:
        return [(finding, 0) for finding in findings]
    first: dict[tuple[object, ...], int] = {}
    folded: list[tuple[Finding, int]] = []
    for finding in findings:
        key = (finding.path, finding.rule, finding.message, finding.address[-1:])
        if key in first:
            kept, more = folded[first[key]]
            folded[first[key]] = (kept, more + 1)
        else:
            first[key] = len(folded)
            folded.append((finding, 0))
    return folded


class _Writer:
    """Writes blocks in one style."""

    def __init__(self, style: Style) -> None:
        self.paint = Paint(style.colour)
        self.width = max(style.width, _NARROWEST)

    def block(self, finding: Finding, more: int) -> str:
        paint = self.paint
        colour = SEVERITY_COLOURS[finding.severity]
        head = paint(f"{finding.severity.word}[{finding.rule}]", BOLD, colour)
        lines = [f"{head}: {paint(safe(finding.message), BOLD)}"]
        numbers = [line.number for line in finding.lines]
        numbers += [line.number for related in finding.related for line in related.lines]
        gutter = len(str(max(numbers, default=1)))
        place = f"{safe(finding.path)}:{finding.region.line}:{finding.region.column}"
        lines.append(f"{' ' * gutter}{paint('-->', BLUE)} {place}")
        lines += self._excerpts(finding, gutter, colour)
        lines += self._answers(finding, gutter, more)
        return "\n".join(lines) + "\n"

    def _excerpts(self, finding: Finding, gutter: int, colour: str) -> list[str]:
        """The finding's lines and those that explain it, in the order of the file."""
        here = [related for related in finding.related if related.path == finding.path]
        shown = [(finding.region, finding.lines, finding.label, "^", colour)]
        shown += [(related.region, related.lines, related.label, "-", BLUE) for related in here]
        shown.sort(key=lambda entry: entry[0].start)
        if not finding.lines:
            return []
        bar = self.paint("|", BLUE)
        out = [f"{' ' * gutter} {bar}"]
        last: tuple[int, tuple[int, ...]] = (0, ())
        for region, lines, label, mark, tone in shown:
            if last[0] and lines and lines[0].number > last[0] + 1:
                out.append(self.paint("...", BLUE))
            for line in lines:
                # A long line is shown once more where another part of it is meant.
                view = (line.number, (line.first_column, *self._window(line, region, gutter)))
                if view != last:
                    out.append(self._source_line(line, region, gutter))
                last = view
            out += self._marks(region, lines, label, mark, tone, gutter)
        out.append(f"{' ' * gutter} {bar}")
        for related in finding.related:
            if related.path != finding.path:
                where = f"{safe(related.path)}:{related.region.line}:{related.region.column}"
                out.append(f"{' ' * gutter} {self.paint('=', BLUE)} see:  {where} {safe(related.label)}")
        return out

    def _room(self, gutter: int) -> int:
        return max(self.width - gutter - 3, _NARROWEST)

    def _window(self, line: Line, region: Region, gutter: int) -> tuple[int, int]:
        """Which characters of a line are shown, so that the caret and some of its surroundings fit."""
        room = self._room(gutter)
        if len(line.text) <= room:
            return 0, len(line.text)
        column = region.column - line.first_column if line.number == region.line else 0
        start = max(0, min(column - room // 4, len(line.text) - room))
        return start, start + room

    def _source_line(self, line: Line, region: Region, gutter: int) -> str:
        start, end = self._window(line, region, gutter)
        text = visible(line.text[start:end])
        before = "…" if start > 0 or line.first_column > 1 else ""
        after = "…" if end < len(line.text) or line.cut else ""
        text = before + text[len(before) :] if before else text
        text = text[: len(text) - len(after)] + after if after else text
        number = self.paint(f"{line.number:>{gutter}} |", BLUE)
        return f"{number} {text}".rstrip()

    def _marks(
        self, region: Region, lines: tuple[Line, ...], label: str, mark: str, tone: str, gutter: int
    ) -> list[str]:
        if not lines:
            return []
        line = lines[-1]
        start, end = self._window(line, region, gutter)
        first = (
            region.column
            if line.number == region.line
            else line.first_column + len(line.text) - len(line.text.lstrip())
        )
        last = region.end_column if line.number == region.end_line else line.first_column + len(line.text)
        at = max(first - line.first_column - start, 0)
        length = max(min(last - line.first_column, end) - max(first - line.first_column, start), 1)
        marks = self.paint(mark * length + (f" {safe(label)}" if label else ""), tone)
        return [f"{' ' * gutter} {self.paint('|', BLUE)} {' ' * at}{marks}"]

    def _answers(self, finding: Finding, gutter: int, more: int) -> list[str]:
        out = []
        if finding.address:
            out.append(self._answer(gutter, "in", safe(finding.address_text)))
        out.append(self._answer(gutter, "why", safe(finding.why)))
        if finding.fix:
            out += self._fix(finding.fix, gutter)
        out.append(self._answer(gutter, "docs", f"bedrock-policy-lint explain {finding.rule}"))
        if more:
            out.append(self._answer(gutter, "note", f"and {more:,} more like this in this file"))
        return out

    def _answer(self, gutter: int, name: str, text: str) -> str:
        # Padded outside the paint: colour codes take no room on a screen.
        padding = " " * (len("docs") - len(name) + 1)
        return f"{' ' * gutter} {self.paint('=', BLUE)} {self.paint(f'{name}:', BOLD)}{padding}{text}"

    def _fix(self, fix: FindingFix, gutter: int) -> list[str]:
        label = ""
        if fix.access:
            flag = "--fix" if fix.access == "same access" else "--fix=all"
            label = self.paint(f"  [{fix.access}: {flag}]", DIM)
        out = [self._answer(gutter, "fix", safe(fix.text) + label)]
        changes = _changes(fix.preview)
        for (sign, number, text), change in zip(fix.preview, changes, strict=True):
            shown = _around(visible(text), change, self._room(gutter))
            out.append(self.paint(f"{number:>{gutter}} {sign} {shown}", RED if sign == "-" else GREEN))
        return out

    def undecided(self, report: Report) -> str:
        lines = [self.paint("undecided:", BOLD)]
        for unknown in report.undecided:
            place = f"{safe(unknown.path)}:{unknown.region.line}:{unknown.region.column}"
            lines.append(f"  {place}: {safe(unknown.question)}")
        return "\n".join(lines) + "\n"


def _changes(preview: tuple[tuple[str, int, str], ...]) -> list[tuple[int, int]]:
    """What to see of each line of a preview: where it differs from the line that it replaces or is replaced by."""
    old, new = ([text for sign, _, text in preview if sign == mark] for mark in "-+")
    pairs = [_difference(*pair) for pair in zip(old, new, strict=False)]
    return [
        change
        for at, texts in enumerate((old, new))
        for change in (*(pair[at] for pair in pairs), *((0, len(text)) for text in texts[len(pairs) :]))
    ]


def _difference(old: str, new: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """The stretches of two lines in which they differ; of what is set around a text, the longer part."""
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    stretches = (start, len(old) - end), (start, len(new) - end)
    (first, last), (begin, stop) = stretches
    kept = new.find(old[first:last], begin, stop) if last > first else -1
    if kept < 0:
        return stretches
    after = kept + last - first
    return stretches[0], ((begin, kept) if kept - begin > stop - after else (after, stop))


def _alike(one: str, other: str) -> int:
    """With how many equal characters two texts begin."""
    differing = (at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1])
    return next(differing, min(len(one), len(other)))


def _around(text: str, change: tuple[int, int], room: int) -> str:
    """A line, or so much of it around a change as there is room for."""
    if len(text) <= room:
        return text
    start, end = change
    spare = room - (end - start) - len("……")
    begin = start - (spare // 2 + 1 if spare >= 0 else room // _MARGIN)
    begin = max(0, min(begin, len(text) - room))
    before, after = "…" if begin else "", "…" if begin + room < len(text) else ""
    return before + text[begin + len(before) : begin + room - len(after)] + after


def summary(report: Report, style: Style, fixable: tuple[int, int]) -> str:
    """The last lines of a run, for standard error."""
    faults = [
        plural(report.count(severity), noun)
        for severity, noun in (
            (Severity.ERROR, "error"),
            (Severity.WARNING, "warning"),
            (Severity.INFO, "note"),
        )
        if report.count(severity)
    ]
    paint = Paint(style.colour)
    with_findings = len({finding.path for finding in report.findings})
    if faults:
        lead = paint(", ".join(faults), BOLD, RED if report.count(Severity.ERROR) else BOLD)
        text = f"{lead} in {with_findings:,} of {plural(report.files, 'file')}."
    else:
        policies = plural(report.policies, "policy")
        text = f"{paint('No findings', BOLD, GREEN)} in {policies} of {plural(report.files, 'file')}."
    same, review = fixable
    if same:
        text += f" {_fixes(same)} can be applied (--fix)."
    if review:
        does = "changes access and needs" if review == 1 else "change access and need"
        text += f" {_fixes(review)} {does} review (--fix=all)."
    rest = [
        f"{count:,} {words}"
        for count, words in (
            (report.ignored, "ignored"),
            (report.baselined, "in the baseline"),
            (len(report.undecided), "undecided"),
        )
        if count
    ]
    return text + (f" {', '.join(rest)}." if rest else "") + "\n"


def _fixes(count: int) -> str:
    return "1 fix" if count == 1 else f"{count:,} fixes"
