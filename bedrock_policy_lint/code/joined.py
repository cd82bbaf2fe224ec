"""Templates together with the code that their workloads run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.code.calls import made
from bedrock_policy_lint.code.document import document_of
from bedrock_policy_lint.code.entries import starts
from bedrock_policy_lint.code.languages import is_harmless, may_call
from bedrock_policy_lint.code.mentions import has_others, never_read
from bedrock_policy_lint.code.reach import reached
from bedrock_policy_lint.rule import Undecided

if TYPE_CHECKING:
    from bedrock_policy_lint.code.project import Project
    from bedrock_policy_lint.code.reach import Entry, Reached
    from bedrock_policy_lint.code.site import CodeFile
    from bedrock_policy_lint.deployment.blueprint import Blueprint
    from bedrock_policy_lint.deployment.deployment import Code, Deployment, Role, Workload
    from bedrock_policy_lint.deployment.world import Inputs, World
    from bedrock_policy_lint.frontends.document import Document
    from bedrock_policy_lint.sources.node import Node


_PLACED = "Lambda function"
"""What certainly tells its code in which Region it runs."""


class _Known(NamedTuple):
    """What is known of some code."""

    reached: Reached
    is_whole: bool
    """Whether nothing runs that was not read, or that calls Bedrock for it."""
    names_more: bool
    """Whether more may be called than was found."""
    environment: Mapping[str, Node]
    """What the images of its containers set."""
    questions: tuple[Undecided, ...]
    """Why parts of it are not known."""
    idle: dict[frozenset[str], frozenset[str]]
    """What is found of variables already."""

    def never_read(self, variables: Mapping[str, Node]) -> frozenset[str]:
        """Those of the variables of the environment that it certainly does not read."""
        names = frozenset(variables)
        if names not in self.idle:
            self.idle[names] = never_read(self.reached.files, names)
        return self.idle[names]


class WithCode:
    """A template whose workloads make the calls that stand in their code."""

    def __init__(self, blueprint: Blueprint, project: Project) -> None:
        self.blueprint = blueprint
        self.project = project
        self._known: dict[tuple[object, ...], _Known] = {}
        self._documents: dict[str, Document] = {}

    @property
    def document(self) -> Document:
        """The template."""
        return self.blueprint.document

    @property
    def inputs(self) -> Inputs:
        """What it says of its own deployment."""
        return self.blueprint.inputs

    def deployment(self, world: World) -> Deployment:
        """What it deploys in a world, with what that calls."""
        return self._joined(self.blueprint.deployment(world))

    def _joined(self, deployment: Deployment) -> Deployment:
        nested = tuple(self._joined(each) for each in deployment.nested)
        roles = {role.name: role for role in deployment.roles}
        # What runs with a role that lies elsewhere is held against nothing.
        coded = [workload for workload in deployment.workloads if workload.code and workload.role in roles]
        if not coded:
            return deployment._replace(nested=nested)
        folder = os.path.dirname(deployment.document.source.path)
        self._add_layers(folder, coded)
        files: dict[str, CodeFile] = {}
        questions: list[Undecided] = []
        joined: dict[int, Workload] = {}
        for workload in coded:
            concerns = _concerns_bedrock(roles[workload.role or ""])
            known = self._of(folder, workload.code, is_asked=concerns)
            if known is None:
                continue
            joined[id(workload)], asked = _with_calls(workload, known, concerns)
            questions += asked
            files.update((file.source.path, file) for file in known.reached.files if file.sites or file.unread)
        own = {deployment.document.source.path, *(document.source.path for document in deployment.documents)}
        others = tuple(self._document(file) for path, file in files.items() if path not in own)
        return deployment._replace(
            workloads=tuple(joined.get(id(workload), workload) for workload in deployment.workloads),
            documents=(*deployment.documents, *others),
            questions=(*deployment.questions, *dict.fromkeys(questions)),
            nested=nested,
        )

    def _add_layers(self, folder: str, workloads: list[Workload]) -> None:
        """Make layers known before anything is read that may load modules from them."""
        for code in (code for workload in workloads for code in workload.code if code.roots):
            place = os.path.normpath(os.path.join(folder, code.path))
            self.project.add_layers(place, [os.path.normpath(os.path.join(folder, root)) for root in code.roots])

    def _of(self, folder: str, code: tuple[Code, ...], *, is_asked: bool) -> _Known | None:
        """What code does; None where nobody asks and nothing near it has to do with Bedrock."""
        key = folder, tuple(map(_key, code))
        if key in self._known:
            return self._known[key]
        found = [starts(each, folder, self.project) for each in code]
        entries = dict.fromkeys(entry for each in found for entry in each.entries)
        if not is_asked and not any(each.text for each in code) and not any(map(self._may_call, entries)):
            return None
        program = reached(self.project, entries)
        are_all = all(each.are_all for each in found) and program.is_whole
        known = self._known[key] = _Known(
            program,
            are_all and is_harmless(program.foreign),
            has_others(program.files),
            {name: node for each in found for name, node in each.environment.items()},
            tuple(each.question for each in found if each.question is not None),
            {},
        )
        return known

    def _may_call(self, entry: Entry) -> bool:
        return self.project.may_lead_to_call(entry.path)

    def _document(self, file: CodeFile) -> Document:
        path = file.source.path
        if path not in self._documents:
            self._documents[path] = document_of(file)
        return self._documents[path]


def _key(code: Code) -> tuple[object, ...]:
    """What tells code apart, in whichever world it was met."""
    text = (code.text.text, code.text.path, code.node.start) if code.text is not None else None
    return (*code[1:4], text, *code[5:])


def _concerns_bedrock(role: Role) -> bool:
    """Whether the policies of a role name actions of Bedrock."""
    entries = (entry for policy in role.policies for statement in policy.statements for entry in statement.actions)
    return any(isinstance(entry.text, str) and entry.text.lower().startswith("bedrock") for entry in entries)


def _with_calls(workload: Workload, known: _Known, concerns: bool) -> tuple[Workload, list[Undecided]]:
    """A workload with what its code calls, and what nobody can tell of that."""
    program = known.reached
    around = {**known.environment, **{setting.name: setting.node for setting in workload.settings}}
    # Elsewhere the variables of the Region are mostly set too, but nobody says so.
    is_placed = True if workload.kind == _PLACED else None
    found = [made(site, around, is_placed=is_placed) for site in program.sites]
    calls = tuple(call for each in found for call in each.calls)
    questions = [question for each in found for question in each.questions]
    questions += [
        Undecided(one.span, f"what this file calls: {one.reason}")
        for one in program.unread
        if concerns or may_call(one.span.source.text.encode("utf-8", "replace"))
    ]
    questions += known.questions if concerns or calls else ()
    joined = workload._replace(
        calls=(*workload.calls, *calls),
        is_code_known=known.is_whole and not questions and not known.names_more,
        read=frozenset(name for file in program.files for name in file.environment) if calls else frozenset(),
        questions=tuple(questions),
        idle=known.never_read(around) if known.is_whole and calls else frozenset(),
    )
    return joined, questions
