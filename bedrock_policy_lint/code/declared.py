"""The calls in code that a declaration of usage names, beside those that it lists."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.code.calls import made
from bedrock_policy_lint.code.document import document_of
from bedrock_policy_lint.code.languages import SUFFIXES, is_harmless
from bedrock_policy_lint.code.loose import KIND
from bedrock_policy_lint.code.mentions import has_others
from bedrock_policy_lint.code.reach import Entry, reached
from bedrock_policy_lint.code.roots import is_test
from bedrock_policy_lint.deployment.callers import of_call, with_doubts
from bedrock_policy_lint.deployment.deployment import Deployment, Workload
from bedrock_policy_lint.deployment.references import References
from bedrock_policy_lint.deployment.world import World
from bedrock_policy_lint.frontends.declared_values import Fault
from bedrock_policy_lint.rule import Undecided
from bedrock_policy_lint.sources.globs import fixed_part, path_matches
from bedrock_policy_lint.wording import found

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.code.project import Project
    from bedrock_policy_lint.code.site import CallSite, CodeFile, Unread
    from bedrock_policy_lint.deployment.deployment import Call
    from bedrock_policy_lint.frontends.declaration import Coded, Declaration
    from bedrock_policy_lint.sources.node import Node
    from bedrock_policy_lint.usage.usage import Caller, Usage

_MOST_FILES = 5_000
"""So many files may one principal have; of more the first are read."""
_PROGRAMS = (*SUFFIXES["python"], *SUFFIXES["javascript"])
_UP = ".."


class _Code(NamedTuple):
    """What was read for one principal."""

    files: tuple[CodeFile, ...]
    sites: tuple[CallSite, ...]
    unread: tuple[Unread, ...]
    is_whole: bool


def with_code(declaration: Declaration, path: str, project: Project, catalog: Catalog) -> Declaration:
    """A declaration at a path with what the code calls that it names."""
    reader = _Reader(os.path.dirname(path), project, catalog)
    callers = tuple(
        caller if coded is None else reader.caller(caller, coded)
        for caller, coded in zip(declaration.callers, declaration.code, strict=True)
    )
    if reader.faults:
        callers = tuple(caller._replace(complete=False) for caller in callers)
    return declaration._replace(
        callers=callers,
        code_documents=tuple(document_of(file) for file in reader.files.values() if file.sites or file.unread),
        faults=tuple(sorted((*declaration.faults, *reader.faults), key=lambda fault: fault.node.start)),
        questions=tuple(dict.fromkeys(reader.questions)),
    )


class _Reader:
    """Reads the code of every principal of a declaration."""

    def __init__(self, folder: str, project: Project, catalog: Catalog) -> None:
        self.folder = folder
        self.project = project
        self.catalog = catalog
        self.files: dict[str, CodeFile] = {}
        self.faults: list[Fault] = []
        self.questions: list[Undecided] = []

    def caller(self, caller: Caller, coded: Coded) -> Caller:
        """A principal with the calls of its code."""
        code = self._read(list(dict.fromkeys(path for entry in coded.globs for path in self._matched(*entry))))
        self.files.update((file.source.path, file) for file in code.files)
        results = [made(site, {}) for site in code.sites]
        questions = [question for each in results for question in each.questions]
        questions += [Undecided(one.span, f"what this file calls: {one.reason}") for one in code.unread]
        self.questions += questions
        calls = [call for each in results for call in each.calls]
        usages = (*caller.usages, *self._usages(caller, coded, calls))
        is_known = code.is_whole and not questions and not has_others(code.files)
        is_known = is_known and is_harmless({name for file in code.files for name in file.foreign})
        return with_doubts(caller._replace(usages=usages, complete=caller.complete and is_known), self.catalog)

    # Which files

    def _matched(self, glob: str, node: Node) -> Iterator[str]:
        """The files that a pattern means, which counts from the folder of the declaration."""
        pattern, base = glob.replace("\\", "/").removeprefix("./"), self.folder
        while pattern == _UP or pattern.startswith(f"{_UP}/"):
            pattern, base = pattern[len(_UP) + 1 :], os.path.join(base, _UP)
        start = os.path.normpath(os.path.join(base, fixed_part(pattern)))
        if os.path.isabs(glob) or _UP in pattern.split("/") or "\0" in glob or self.project.why_closed(start):
            hint = "write a path from the folder of this file that stays in the repository"
            self.faults.append(Fault(node, f"`code`: {found(glob)} lies outside of the repository", hint))
            return
        is_any = False
        for path in self.project.code_below(start):
            inside = os.path.relpath(path, base or os.curdir).replace(os.sep, "/")
            if (not pattern or path_matches(pattern, inside)) and not is_test(os.path.relpath(path, start)):
                is_any = True
                yield path
        if not is_any:
            self.faults.append(Fault(node, f"`code`: no code lies at {found(glob)}", "check the path"))

    def _read(self, paths: list[str]) -> _Code:
        """All calls in these files, and those in others that run when they do."""
        project, meant = self.project, paths[:_MOST_FILES]
        own = {project.name_of(path) for path in meant}
        files = [project.read(path) for path in meant if project.may_call(path)]
        sites = [site for file in files for site in file.sites]
        unread = [one for file in files for one in file.unread]
        is_whole = len(meant) == len(paths)
        if any(project.name_of(path) not in own for path in project.callers(project.top) if path.endswith(_PROGRAMS)):
            program = reached(project, [Entry(path) for path in meant if path.endswith(_PROGRAMS)])
            others = {id(file.source) for file in program.files if project.name_of(file.source.path) not in own}
            sites += [site for site in program.sites if id(site.node.source) in others]
            unread += [one for one in program.unread if id(one.span.source) in others]
            files += [file for file in program.files if id(file.source) in others]
            is_whole = is_whole and program.is_whole
        return _Code(tuple(files), tuple(sites), tuple(unread), is_whole)

    # What they call

    def _usages(self, caller: Caller, coded: Coded, calls: list[Call]) -> Iterator[Usage]:
        regions = dict(coded.scope.regions)
        if calls and not regions and "region" not in coded.scope.nodes and not all(call.region for call in calls):
            node = coded.globs[0][1]
            hint = "add a `region` to the principal or at the top"
            self.faults.append(Fault(node, "no Region is given for what this code calls", hint))
        seen: set[tuple[object, ...]] = set()
        for region in regions or ("",):
            for usage in self._in(region, caller, coded, calls):
                key = usage.api, usage.target, usage.resource, usage.region, id(usage.node)
                if key not in seen:
                    seen.add(key)
                    yield usage

    def _in(self, region: str, caller: Caller, coded: Coded, calls: Iterable[Call]) -> Iterator[Usage]:
        from bedrock_policy_lint.frontends.document import Document
        from bedrock_policy_lint.sources.source import Source

        scope = coded.scope
        account = scope.account if isinstance(scope.account, str) else ""
        deployment = Deployment(World(region, account), Document(Source(self.folder, "")), is_template=False)
        names = References(deployment, self.catalog)
        given = {key: node for key, node in scope.nodes.items() if key != "region"}
        for call in calls:
            workload = Workload(caller.name, KIND, call.node)
            for usage in of_call(workload, call, names):
                yield usage._replace(
                    account=scope.account,
                    credentials=scope.credentials,
                    residency=scope.residency,
                    network=scope.network,
                    subscribed=scope.subscribed,
                    context={**scope.context, **usage.context},
                    nodes={**given, **usage.nodes},
                )
