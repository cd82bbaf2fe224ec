"""Folders of Terraform among the files of a run: each is one module, checked once, and through who calls it."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.config import is_inside
from bedrock_policy_lint.sources.files import MODULE_NAMES, STDIN, VARIABLE_NAMES, Input, read
from bedrock_policy_lint.sources.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bedrock_policy_lint.finding import Finding, Region
    from bedrock_policy_lint.runner import Outcome, Task

_MOST_NAMED = 3
_local_sources = re.compile(r'\bsource"?\s*[=:]\s*"(\.\.?(?:[/\\][^"\n]*)?)"').findall


def is_part(file: Input) -> bool:
    """Whether a file is read as part of the module in its folder."""
    return file.path.endswith((*MODULE_NAMES, *VARIABLE_NAMES))


def folded(tasks: list[Task], paths: Sequence[str]) -> list[Task]:
    """The tasks, with one for each module in place of those for its files; `paths` are those of the command line."""
    groups: dict[str, list[Task]] = {}
    for task in tasks:
        if is_part(task.file) and (task.file.named or not os.path.basename(task.file.path).startswith(".")):
            groups.setdefault(_folder(task.file.path), []).append(task)
    if not groups:
        return tasks
    walked = [os.path.abspath(path) for path in paths if path != STDIN and os.path.isdir(path)]
    called = set(_called(groups))
    folded = {
        folder: _module(group, is_whole=any(is_inside(folder, top) for top in walked), is_called=folder in called)
        for folder, group in groups.items()
    }
    found: list[Task] = []
    for task in tasks:
        if not is_part(task.file):
            found.append(task)
        elif (module := folded.pop(_folder(task.file.path), None)) is not None:
            found.append(module)
    return found


def _folder(path: str) -> str:
    return os.path.dirname(os.path.abspath(path))


def _module(group: list[Task], *, is_whole: bool, is_called: bool) -> Task:
    first = next((task for task in group if task.file.path.endswith(MODULE_NAMES)), group[0])
    files = tuple(task.file.path for task in group)
    return first._replace(files=files, is_whole=is_whole, is_called=is_called)


def _called(groups: Mapping[str, list[Task]]) -> Iterator[str]:
    """The folders that others seem to call: whether they do is known when those have been checked."""
    for folder, group in groups.items():
        for task in group:
            source = read(task.file.path)
            if not isinstance(source, Source) or ('"./' not in source.text and '"..' not in source.text):
                continue
            for written in _local_sources(source.text):
                there = os.path.normpath(os.path.join(folder, written.replace("\\", "/")))
                if there != folder and there in groups:
                    yield there


# What is reported


def reported(outcomes: list[Outcome], tasks: list[Task]) -> list[Outcome]:
    """The outcomes, with that of their modules which the run is about, each fault once.

    Who names single files hears what lies in them and in the texts that their modules take in, or what others say of
    them; who names a folder hears all.
    """
    modules = {task.file.path: task for task in tasks if task.files}
    if not modules:
        return outcomes
    wanted = {os.path.abspath(path) for task in tasks for path in (task.files or (task.file.path,))}
    narrowed = [
        _narrowed(outcome, modules[outcome.path], wanted) if outcome.path in modules else outcome
        for outcome in outcomes
    ]
    return list(_distinct(_with_callers(narrowed)))


def _narrowed(outcome: Outcome, task: Task, wanted: set[str]) -> Outcome:
    from bedrock_policy_lint.runner import config_of

    excludes = config_of(task).excludes
    known: dict[str, bool] = {}

    def is_wanted(path: str) -> bool:
        if path not in known:
            is_meant = task.is_whole or not path.endswith(MODULE_NAMES)
            known[path] = os.path.abspath(path) in wanted or (is_meant and not excludes(path))
        return known[path]

    def kept(findings: list[Finding]) -> list[Finding]:
        return [
            finding
            for finding in findings
            if is_wanted(finding.path)
            or (not task.is_whole and any(is_wanted(related.path) for related in finding.related))
        ]

    return outcome._replace(
        findings=kept(outcome.findings),
        withheld=kept(outcome.withheld),
        undecided=[question for question in outcome.undecided if is_wanted(question.path)],
        files=tuple(path for path in outcome.files if is_wanted(path)),
    )


_Fault = tuple[str, str, "Region", str]


def _fault(finding: Finding) -> _Fault:
    return os.path.abspath(finding.path), finding.rule, finding.region, finding.message


def _with_callers(outcomes: list[Outcome]) -> list[Outcome]:
    """The outcomes, where what is found in a shared module for some of its callers alone says for which."""
    callers: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        for path in map(os.path.abspath, outcome.files):
            callers.setdefault(path, []).append(outcome)
    shared = {path: found for path, found in callers.items() if len(found) > 1}
    if not shared:
        return outcomes
    tellers: dict[_Fault, list[Outcome]] = {}
    for outcome in outcomes:
        for finding in outcome.findings:
            if os.path.abspath(finding.path) in shared:
                tellers.setdefault(_fault(finding), []).append(outcome)

    def told(finding: Finding) -> Finding:
        by = tellers.get(_fault(finding), [])
        if not by or len(by) == len(shared[os.path.abspath(finding.path)]):
            return finding
        return _called_from(finding, [os.path.dirname(outcome.path) or "." for outcome in by])

    return [outcome._replace(findings=[told(finding) for finding in outcome.findings]) for outcome in outcomes]


def _called_from(finding: Finding, folders: list[str]) -> Finding:
    """A finding that holds when the module is called from there; no other caller has judged its fix."""
    from bedrock_policy_lint.sightings import as_advice
    from bedrock_policy_lint.wording import all_of

    names = list(dict.fromkeys(folders))
    shown = names[:_MOST_NAMED] + ([f"{len(names) - _MOST_NAMED} more"] if len(names) > _MOST_NAMED else [])
    return as_advice(finding)._replace(message=f"called from {all_of(shown)}: {finding.message}")


def _distinct(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    seen: set[_Fault] = set()
    for outcome in outcomes:
        findings = [finding for finding in outcome.findings if _fault(finding) not in seen]
        seen.update(map(_fault, findings))
        yield outcome._replace(findings=findings)
