"""What `--fix` and `--diff` do to the files of a run."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import NamedTuple, TextIO

import click

from bedrock_policy_lint.finding import Finding
from bedrock_policy_lint.fix.apply import fix_text
from bedrock_policy_lint.report.screen import visible
from bedrock_policy_lint.runner import Task, check_text
from bedrock_policy_lint.sources.files import STDIN, load, write
from bedrock_policy_lint.sources.source import Source

_BOM = b"\xef\xbb\xbf"
_LINE = re.compile(r"[^\n]*\n|[^\n]+")

Visible = Callable[[list[Finding]], list[Finding]]
"""Those of the findings in one file that a report would show: what is hidden is not fixed either."""


class Round(NamedTuple):
    """What fixing came to."""

    tasks: list[Task]
    """The tasks as they are now: standard input holds its fixed text."""
    applied: int


def fix_files(tasks: list[Task], reported: Visible, *, everything: bool, show: bool) -> Round:
    """Fix every file, or with `show` print the difference that fixing would make."""
    applied = 0
    after = []
    for task in tasks:
        fixed, fixes = _fix(task, reported, everything=everything, show=show)
        after.append(fixed)
        applied += fixes
    return Round(after, applied)


def _fix(task: Task, reported: Visible, *, everything: bool, show: bool) -> tuple[Task, int]:
    path = task.file.path
    source = load(task.file)
    text, applied = "", 0
    if isinstance(source, Source):
        fixed = fix_text(source, lambda now: reported(check_text(task, now).findings), everything=everything)
        text, applied = fixed.text, fixed.applied
        if fixed.is_partial:
            click.echo(f"{visible(path)}: too much to mend in one run; the rest was left as it is", err=True)
        if applied and (show or everything):
            stream = sys.stdout if show else sys.stderr
            stream.write(_diff(source, text, stream))
    if show:
        return task, applied
    if path == STDIN:
        data = _bytes(source, text) if isinstance(source, Source) else task.file.data or b""
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return task._replace(file=task.file._replace(data=data)), applied
    if applied and isinstance(source, Source):
        _write(path, _bytes(source, text))
    return task, applied


def _bytes(source: Source, text: str) -> bytes:
    # The byte-order mark is not part of the text: a file that had one keeps it.
    return (_BOM if source.bom else b"") + text.encode()


def _write(path: str, data: bytes) -> None:
    try:
        write(path, data)
    except OSError as error:
        raise click.ClickException(f"{path}: cannot be written: {(error.strerror or str(error)).lower()}") from None


def _diff(source: Source, text: str, stream: TextIO) -> str:
    from difflib import unified_diff

    lines = unified_diff(_LINE.findall(source.text), _LINE.findall(text), f"a/{source.path}", f"b/{source.path}")
    if stream.isatty():
        lines = (visible(line.removesuffix("\n")) + "\n" * line.endswith("\n") for line in lines)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
