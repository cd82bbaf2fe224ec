"""The code beside templates and policies: which files of a run are code, and whose code they are."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bedrock_policy_lint.declarations import top_of
from bedrock_policy_lint.sources.files import STDIN, Input, may_hold_policy, read
from bedrock_policy_lint.sources.source import Source
from bedrock_policy_lint.templates import Broken

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.code.loose import LooseCode
    from bedrock_policy_lint.code.project import Project
    from bedrock_policy_lint.code.site import CodeFile
    from bedrock_policy_lint.deployment.blueprint import Blueprint
    from bedrock_policy_lint.frontends.declaration import Declaration
    from bedrock_policy_lint.frontends.document import Document
    from bedrock_policy_lint.runner import Outcome, Task
    from bedrock_policy_lint.sources.node import Node

_projects: dict[str, Project] = {}
"""By folder: code is read once, however many templates run it."""


def with_code(blueprint: Blueprint | Broken, path: str, now: Mapping[str, Source] | None = None) -> Blueprint | Broken:
    """A template with the code that its workloads run; `now` holds what files read like, where not as saved."""
    if path == STDIN or isinstance(blueprint, Broken):
        return blueprint
    from bedrock_policy_lint.code.joined import WithCode

    return WithCode(blueprint, project_of(path, now))


def with_declared_code(declaration: Declaration, path: str, catalog: Catalog) -> Declaration:
    """A declaration with what the code calls that it names."""
    from bedrock_policy_lint.code.declared import with_code

    return with_code(declaration, path, project_of(path), catalog)


def project_of(path: str, now: Mapping[str, Source] | None = None) -> Project:
    """The project that a file belongs to: the repository that it lies in."""
    return _project_in(os.path.dirname(os.path.abspath(path)), now)


def _project_in(folder: str, now: Mapping[str, Source] | None = None) -> Project:
    from bedrock_policy_lint.code.project import Project

    top = top_of(os.path.abspath(folder))
    if now:
        return Project(top, now)
    if top not in _projects:
        _projects[top] = Project(top)
    return _projects[top]


# Code that no template runs


def tasks_of(paths: Sequence[str], like: Task) -> list[Task]:
    """The projects below these folders that have code which may call Bedrock, each as a task.

    Code that is named is one project, with whatever else is named.
    """
    folders = [path for path in paths if os.path.isdir(path)]
    named = [path for path in paths if path not in folders and not may_hold_policy(os.path.basename(path))]
    if not folders and not named:
        return []  # and nothing that reads code is imported
    found = _callers(folders)
    if programs := [path for path in named if path != STDIN and _is_program(path)]:
        files = [path for path in paths if path not in folders and path != STDIN]
        top = os.path.relpath(os.path.commonpath([os.path.dirname(os.path.abspath(path)) for path in files]))
        found.setdefault(top, []).extend(programs)
    return [like._replace(file=Input(top, named=True), code=tuple(files)) for top, files in found.items()]


def _is_program(path: str) -> bool:
    from bedrock_policy_lint.code.languages import SUFFIXES

    return path.lower().endswith(tuple(suffix for suffixes in SUFFIXES.values() for suffix in suffixes))


def scanned(paths: Sequence[str], *, with_tests: bool) -> dict[str, list[CodeFile]]:
    """What is read of the code at these paths, by the tops of its projects."""
    return {
        top: [project_of(path).read(path) for path in files]
        for top, files in _callers(paths, with_tests=with_tests).items()
    }


def _callers(paths: Sequence[str], *, with_tests: bool = False) -> dict[str, list[str]]:
    """The files at these paths that may call Bedrock, by the tops of their projects."""
    from bedrock_policy_lint.code.roots import is_test, tops

    found: dict[str, list[str]] = {}
    for path in paths:
        if not os.path.isdir(path):
            found.setdefault(os.path.dirname(path) or ".", []).append(path)
            continue
        callers = _project_in(path).callers(path)
        meant = [name for name in callers if with_tests or not is_test(os.path.relpath(name, path))]
        for top, files in tops(meant, path).items():
            found.setdefault(top, []).extend(files)
    return {top: list(dict.fromkeys(files)) for top, files in found.items()}


def loose(task: Task, others: list[Outcome]) -> LooseCode:
    """The code of a task that nothing else in the run has as its own, with the policies beside it."""
    from bedrock_policy_lint.code.loose import LooseCode
    from bedrock_policy_lint.code.region import is_set
    from bedrock_policy_lint.code.settings.environment import environment

    top = task.file.path
    project = _project_in(top)
    taken = {os.path.abspath(path) for outcome in others for path in outcome.included}
    files = [project.read(path) for path in task.code if os.path.abspath(path) not in taken]

    def around(path: str) -> dict[str, Node]:
        return {name: value.node for name, value in environment(project, path).items()}

    return LooseCode(top, files, _policies(top, others, taken), around, sets_region=is_set)


def _policies(top: str, others: list[Outcome], taken: set[str]) -> list[Document]:
    """The policies below a folder that may be meant for the code there; none where a template makes some."""
    from bedrock_policy_lint.config import is_inside
    from bedrock_policy_lint.frontends import policy_json

    near = [outcome for outcome in others if is_inside(os.path.abspath(outcome.path), os.path.abspath(top))]
    if any(outcome.is_template or outcome.is_declared for outcome in near):
        return []
    found = []
    for outcome in near:
        if outcome.policies and os.path.abspath(outcome.path) not in taken:
            source = read(outcome.path)
            if isinstance(source, Source):
                found.append(policy_json.read(source, None, claimed=False))
    return found
