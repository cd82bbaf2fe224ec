"""Code that no template runs: one principal for each project, to whom the policies beside the code apply."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.calls import made
from bedrock_policy_lint.code.document import document_of
from bedrock_policy_lint.code.region import VARIABLES
from bedrock_policy_lint.code.site import ENVIRONMENT
from bedrock_policy_lint.deployment.deployment import Deployment, Role, Setting, Workload
from bedrock_policy_lint.deployment.world import Inputs
from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.model.text import Hole, Template
from bedrock_policy_lint.rule import Undecided
from bedrock_policy_lint.sources.node import Node
from bedrock_policy_lint.sources.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from bedrock_policy_lint.code.site import CodeFile
    from bedrock_policy_lint.deployment.deployment import Call
    from bedrock_policy_lint.deployment.world import World
    from bedrock_policy_lint.model.policy import Policy

KIND = "code in"
"""What code is, as a kind of workload, that no template runs."""
_ROLE = "the code"


class LooseCode:
    """The code of a project as something that is deployed with the policies beside it."""

    inputs = Inputs()

    def __init__(
        self,
        top: str,
        files: Iterable[CodeFile],
        policies: Iterable[Document] = (),
        environment: Callable[[str], Mapping[str, Node]] = lambda path: {},
        sets_region: Callable[[str, Iterable[CodeFile]], bool] | None = None,
    ) -> None:
        """`policies` are those that may be meant for the code; with none, what it may do is not known.

        `environment` tells which variables are set for a file, and `sets_region` whether something beside the code sets
        its Region.
        """
        self.document = Document(Source(top, ""))
        self.files = tuple(file for file in files if file.sites or file.unread)
        self.policies = tuple(policies)
        self.environment = environment
        self._sets_region = sets_region
        self._is_region_set: bool | None = None
        self._documents = (*(document_of(file) for file in self.files), *self.policies)

    @property
    def has_calls(self) -> bool:
        """Whether any call in it was found."""
        return any(file.sites for file in self.files)

    def deployment(self, world: World) -> Deployment:
        """What it calls, and what it may call."""
        found = [
            made(site, around)
            for file in self.files
            for around in (self.environment(file.source.path),)
            for site in file.sites
        ]
        calls = tuple(call for each in found for call in each.calls)
        questions = [question for each in found for question in each.questions]
        questions += [
            Undecided(one.span, f"what this file calls: {one.reason}") for file in self.files for one in file.unread
        ]
        if not calls:
            return Deployment(world, self.document, self._documents, questions=tuple(questions))
        top = calls[0].node
        policies = tuple(self._granting())
        role = Role(
            _ROLE,
            "role",
            Template((Hole("role", "<role>"),)),
            Node(_ROLE, top.start, top.end, top.source),
            policies,
            unread=frozenset() if policies else frozenset({"identity"}),
        )
        name = os.path.basename(os.path.abspath(self.document.source.path))
        workload = Workload(name, KIND, top, _ROLE, self._settings(calls), calls, questions=tuple(questions))
        return Deployment(
            world,
            self.document,
            self._documents,
            roles=(role,),
            workloads=(workload,),
            questions=tuple(questions),
            is_template=False,
        )

    def _settings(self, calls: tuple[Call, ...]) -> tuple[Setting, ...]:
        """The Region, where something beside the code may set it that these calls leave open."""
        if not self.policies or self._sets_region is None or all(call.region for call in calls):
            return ()
        if self._is_region_set is None:
            self._is_region_set = self._sets_region(self.document.source.path, self.files)
        node, name = calls[0].node, VARIABLES[0]
        unknown = Template((Hole(f"{ENVIRONMENT}{name}", f"${name}"),))
        return (Setting(name, Node(unknown, node.start, node.end, node.source)),) if self._is_region_set else ()

    def _granting(self) -> Iterator[Policy]:
        for document in self.policies:
            for policy in document.policies:
                if policy.kind == "identity":
                    yield policy
