"""Many files: each under the configuration nearest to it, on one core or several, always in the same order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import NamedTuple

from bedrock_policy_lint import config as configs
from bedrock_policy_lint.config import Config, Ignore
from bedrock_policy_lint.engine import Settings, lint, program
from bedrock_policy_lint.finding import Finding, Unknown
from bedrock_policy_lint.sources.files import STDIN, Input, Refusal, load
from bedrock_policy_lint.sources.source import Source

_POOL_FROM = 400
"""Below this many files a pool of processes costs more than it saves (measured; see bench/)."""

_JSON_STARTS = ("{", "[", '"', "%7B", "%7b")


class Task(NamedTuple):
    """A file and everything that decides how it is checked."""

    file: Input
    flags: Settings
    config: Config | None
    """The configuration named on the command line; None looks for the nearest."""


class Outcome(NamedTuple):
    """What checking one file gave."""

    path: str
    findings: list[Finding]
    withheld: list[Finding]
    """What is merely possible and not shown."""
    undecided: list[Unknown]
    policies: int
    ignored: int
    ignores: tuple[Ignore, ...]
    """The configuration's ignores that could have been used in this file."""
    used: set[tuple[str, int]]


def config_of(task: Task) -> Config:
    """The configuration in force for a file."""
    if task.config is not None:
        return task.config
    path = task.file.path
    return configs.nearest(os.getcwd() if path == STDIN else os.path.dirname(os.path.abspath(path)))


def is_excluded(task: Task) -> bool:
    """Whether the configuration leaves a file out that nobody named."""
    return not task.file.named and config_of(task).excludes(task.file.path)


def check(task: Task) -> Outcome:
    """Check one file."""
    source = load(task.file)
    if _is_of_another_kind(task.file, source):
        return Outcome(task.file.path, [], [], [], 0, 0, (), set())
    return check_text(task, source)


def _is_of_another_kind(file: Input, source: Source | Refusal) -> bool:
    """Whether a walked file without a suffix is no JSON: a program, a licence, a Makefile."""
    if file.named or "." in os.path.basename(file.path):
        return False
    if isinstance(source, Source):
        text = source.text
    elif source.is_text:
        return False  # it could not be read at all, which must be said
    else:
        text = source.source.text
    return not text.lstrip().startswith(_JSON_STARTS)


def check_text(task: Task, source: Source | Refusal) -> Outcome:
    """Check a text as if it stood in the file of the task."""
    config = config_of(task)
    path = task.file.path
    settings = config.settings(path, task.flags)
    result = lint(source, settings, claimed=_is_claimed(task.file))
    findings, withheld = result.findings, result.withheld
    ignores, used = config.ignores, set[tuple[str, int]]()
    if ignores:
        from bedrock_policy_lint.suppress import apply_config

        relative = config.relative(path)
        findings, used = apply_config(findings, ignores, relative)
        withheld, used_for_withheld = apply_config(withheld, ignores, relative)
        used |= used_for_withheld
        ran = ran_under(settings)
        ignores = tuple(ignore for ignore in ignores if ignore.rule in ran)
    ignored = result.ignored + len(result.findings) - len(findings)
    return Outcome(result.path, findings, withheld, result.undecided, result.policies, ignored, ignores, used)


def ran_under(settings: Settings) -> frozenset[str]:
    """The rules that run under these settings, and so can tell whether something of theirs has become idle."""
    return program(settings).names


def _is_claimed(file: Input) -> bool:
    """Whether a file must be JSON: a person named it, by a name of JSON or as standard input."""
    return file.named and (file.path == STDIN or file.path.lower().endswith((".json", ".jsonc")))


def check_all(tasks: list[Task], jobs: int, tick: Callable[[int], None]) -> Iterator[Outcome]:
    """The outcome of every task in the order of the tasks; `tick` hears how many are done."""
    jobs = jobs or (_cores() if len(tasks) >= _POOL_FROM else 1)
    jobs = min(jobs, len(tasks))
    for done, outcome in enumerate(_in_pool(tasks, jobs) if jobs > 1 else map(check, tasks), 1):
        tick(done)
        yield outcome


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_pool(tasks: list[Task], jobs: int) -> Iterator[Outcome]:
    import multiprocessing
    import signal

    # Forked workers start with everything already imported; where there is no fork they start afresh.
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    size = max(1, min(64, len(tasks) // (jobs * 4)))
    quietly = (signal.SIGINT, signal.SIG_IGN)  # whoever presses Ctrl-C hears it from the parent alone
    with multiprocessing.get_context(method).Pool(jobs, signal.signal, quietly) as pool:
        yield from pool.imap(check, tasks, chunksize=size)
