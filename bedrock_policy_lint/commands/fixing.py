"""What `--fix` and `--diff` do to the files of a run."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, TextIO

import click

from bedrock_policy_lint import modules
from bedrock_policy_lint.agreement import agreed
from bedrock_policy_lint.declarations import is_declaration
from bedrock_policy_lint.finding import Finding
from bedrock_policy_lint.fix.apply import Fixed, Fixing, fix_text
from bedrock_policy_lint.report.screen import visible
from bedrock_policy_lint.runner import Task, check_all, check_declaration, check_module, check_text
from bedrock_policy_lint.sources.files import COMMAND_LINE, STDIN, Refusal, load, read, write
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
    declared = _fix_declared(tasks, reported, everything=everything)
    applied += _fix_modules(tasks, reported, everything=everything, show=show)
    for task in tasks:
        if task.files:
            after.append(task)
            continue

        def find(now: Source, task: Task = task) -> list[Finding]:
            return reported(_here(check_text(task, now).findings, now))

        source = load(task.file)
        fixed = declared.get(os.path.abspath(task.file.path))
        if fixed is None and isinstance(source, Source) and source.path != COMMAND_LINE:
            fixed = fix_text(source, find, everything=everything)
        written, fixes = _apply(task, source, fixed, everything=everything, show=show)
        after.append(written)
        applied += fixes
    return Round(after, applied)


def _here(findings: list[Finding], source: Source) -> list[Finding]:
    """Those that lie in this file."""
    path = os.path.abspath(source.path)
    return [found for found in findings if os.path.abspath(found.path) == path]


def _fix_modules(tasks: list[Task], reported: Visible, *, everything: bool, show: bool) -> int:
    """Fix the files of modules, each judged through all that call it; how many fixes were applied."""
    checked = [task for task in tasks if task.files]
    outcomes = modules.reported(list(check_all(checked, 1, lambda done: None)), tasks) if checked else []
    by_path = {task.file.path: task for task in checked}
    findings = [finding for outcome in outcomes for finding in outcome.findings]
    now: dict[str, Source] = {}
    applied = 0
    for path in dict.fromkeys(finding.path for finding in findings if finding.fix and finding.fix.edits):
        callers = [by_path[outcome.path] for outcome in outcomes if path in outcome.files]
        source = read(path)

        def find(text: Source, callers: list[Task] = callers) -> list[Finding]:
            texts = {**now, os.path.abspath(text.path): text}
            found = modules.reported([check_module(task, texts) for task in callers], tasks)
            return reported(_here([finding for outcome in found for finding in outcome.findings], text))

        if isinstance(source, Source):
            fixed = fix_text(source, find, everything=everything)
            now[os.path.abspath(path)] = Source(path, fixed.text, bom=source.bom)
            _tell(path, source, fixed, everything=everything, show=show)
            if fixed.applied and not show:
                _write(path, _bytes(source, fixed.text))
            applied += fixed.applied
    return applied


def _fix_declared(tasks: list[Task], reported: Visible, *, everything: bool) -> dict[str, Fixed]:
    """What comes of the declarations and of the policies that they name, by absolute path.

    They are fixed side by side: each round judges a declaration once, and not once more for every policy in it.
    """
    declarations = [task for task in tasks if task.only is not None or is_declaration(task.file, load(task.file))]
    paths = {task.file.path for task in declarations}
    members: list[tuple[Task, Fixing]] = []
    for task in tasks:
        source = load(task.file) if task.slot or task.file.path in paths else None
        if isinstance(source, Source) and source.path != COMMAND_LINE:
            members.append((task, Fixing(source, everything=everything)))
    holders = {os.path.abspath(task.file.path): task.declarations for task in tasks}
    is_open = bool(members)
    while is_open:
        now = {os.path.abspath(task.file.path): fixing.source for task, fixing in members}
        told = _told(declarations, holders, now)

        def find(now: Source, task: Task, told: dict[str, list[Finding]] = told) -> list[Finding]:
            own = [] if task.file.path in paths else _here(check_text(task, now).findings, now)
            return reported(own + told.get(os.path.abspath(now.path), []))

        takes = [fixing.take(partial(find, task=task)) for task, fixing in members]
        is_open = any(takes)
    return {os.path.abspath(task.file.path): fixing.fixed for task, fixing in members}


def _told(declarations: list[Task], holders: dict[str, int], now: dict[str, Source]) -> dict[str, list[Finding]]:
    """What is found in declarations and on account of them, by absolute path, where the files read like this now."""
    outcomes = []
    for declaration in declarations:
        source = now.get(os.path.abspath(declaration.file.path)) or load(declaration.file)
        outcomes.append(check_declaration(declaration, source, now))
    told: dict[str, list[Finding]] = {}
    for outcome in agreed(outcomes, holders):
        for found in outcome.findings:
            told.setdefault(os.path.abspath(found.path), []).append(found)
    return told


def _apply(
    task: Task, source: Source | Refusal, fixed: Fixed | None, *, everything: bool, show: bool
) -> tuple[Task, int]:
    """Write what has come of a file, or print the difference; a file that could not be read has none."""
    path = task.file.path
    text, applied = "", 0
    if isinstance(source, Source) and fixed is not None:
        text, applied = fixed.text, fixed.applied
        _tell(path, source, fixed, everything=everything, show=show)
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


def _tell(path: str, source: Source, fixed: Fixed, *, everything: bool, show: bool) -> None:
    """Print what has become of a file, where that is asked for."""
    if fixed.is_partial:
        click.echo(f"{visible(path)}: too much to mend in one run; the rest was left as it is", err=True)
    if fixed.applied and (show or everything):
        stream = sys.stdout if show else sys.stderr
        stream.write(_diff(source, fixed.text, stream))


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
