"""GitHub workflows and composite actions.

Their formats: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax and
https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.shell.expressions import Expressions, plain
from bedrock_policy_lint.code.shell.scope import Binding
from bedrock_policy_lint.code.shell.spelling import Spelled, alternatives
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.code.shell.sites import Sites

_expression = re.compile(r"\$\{\{(?P<name>.*?)\}\}", re.DOTALL)
_CREDENTIALS = "aws-actions/configure-aws-credentials"
"""It exports `AWS_REGION` and `AWS_DEFAULT_REGION`, and the keys of the role that it assumes:
https://github.com/aws-actions/configure-aws-credentials."""
_CLAUDE = ("anthropics/claude-code-action", "anthropics/claude-code-base-action")
_POSIX = ("", "bash", "sh")
_POWERSHELL = ("pwsh", "powershell")


def follow(root: Node, sites: Sites) -> None:
    """Follow every step of every job."""
    workflow = _Workflow(root, sites)
    steps = root.get("runs", "steps")
    if steps is not None:
        workflow.follow_steps(steps, {}, {}, "")
    jobs = root.get("jobs")
    for job in _members(jobs):
        workflow.follow_job(job)


def _members(node: Node | None) -> Iterator[Node]:
    if node is not None and isinstance(node.value, Object):
        for _, value in node.value.pairs():
            yield value


class _Workflow:
    def __init__(self, root: Node, sites: Sites) -> None:
        self._sites = sites
        self._root = root
        self._matrix: dict[str, tuple[Spelled, ...]] = {}
        self._environment: dict[str, Binding] = {}
        self._inputs = _inputs(root)

    def follow_job(self, job: Node) -> None:
        """Follow the steps of one job."""
        self._environment = {}
        self._matrix = self._read_matrix(job.get("strategy", "matrix"))
        common = self._variables(self._root.get("env"))
        self._environment = {**common, **self._variables(job.get("env"))}
        shell = job.get("defaults", "run", "shell") or self._root.get("defaults", "run", "shell")
        steps = job.get("steps")
        if steps is not None:
            self.follow_steps(steps, self._environment, {}, _text(shell))

    def follow_steps(
        self, steps: Node, environment: dict[str, Binding], exported: dict[str, Binding], shell: str
    ) -> None:
        """Follow steps one after the other; what one exports the next ones see."""
        exported = dict(exported)
        for step in steps.items:
            self._environment = {**environment, **exported}
            own = self._variables(step.get("env"))
            self._environment = {**self._environment, **own}
            uses = _text(step.get("uses")).partition("@")[0]
            run = step.get("run")
            if uses == _CREDENTIALS:
                exported.update(self._credentials(step.get("with")))
            elif uses in _CLAUDE:
                self._claude(step)
            elif run is not None:
                self._run(run, _text(step.get("shell")) or shell)

    def _run(self, run: Node, shell: str) -> None:
        kind = shell.partition(" ")[0]
        if kind in _POSIX:
            self._sites.follow(self._expressions.script(run), dict(self._environment))
        elif kind in _POWERSHELL:
            from bedrock_policy_lint.code.shell.powershell import follow as follow_powershell

            follow_powershell(self._expressions.script(run), self._sites, dict(self._environment))

    @property
    def _expressions(self) -> Expressions:
        return Expressions(_expression, self._ask, self._sites.marks)

    def _ask(self, name: str) -> tuple[Spelled, ...] | None:
        """What an expression comes to."""
        context, _, key = name.partition(".")
        if context == "env" and key in self._environment:
            return self._environment[key].values
        if context == "matrix":
            return self._matrix.get(key)
        default = self._inputs.get(key) if context == "inputs" or name.startswith("github.event.inputs.") else None
        if context == "github":
            default = self._inputs.get(name.rpartition(".")[2]) if default else None
        if default is None:
            return None
        unknown = self._sites.hole_at(name, f"${{{{ {name} }}}}", default.start, default.end)
        return alternatives((unknown,), self._expressions.values(default))

    def _variables(self, node: Node | None) -> dict[str, Binding]:
        """What an `env` sets."""
        found: dict[str, Binding] = {}
        if node is None or not isinstance(node.value, Object):
            return found
        for key, value in node.value.pairs():
            values = self._expressions.values(value)
            if values:
                found[key.value] = Binding(values, is_exported=True, name=key)
        return found

    def _read_matrix(self, node: Node | None) -> dict[str, tuple[Spelled, ...]]:
        found: dict[str, tuple[Spelled, ...]] = {}
        if node is None or not isinstance(node.value, Object) or node.get("include") is not None:
            return found
        for key, values in node.value.pairs():
            if isinstance(values.value, list) and not isinstance(values.value, Object):
                texts = [self._expressions.values(item) for item in values.items if plain(item) is not None]
                if len(texts) == len(values.items):
                    found[key.value] = alternatives(*texts)
        return found

    def _credentials(self, given: Node | None) -> dict[str, Binding]:
        """What `aws-actions/configure-aws-credentials` exports."""
        found: dict[str, Binding] = {}
        if given is None:
            return found
        region = given.get("aws-region")
        if region is not None:
            binding = Binding(self._expressions.values(region), is_exported=True, name=region)
            found["AWS_REGION"] = found["AWS_DEFAULT_REGION"] = binding
        role = given.get("role-to-assume") or given.get("aws-access-key-id")
        if role is not None:
            found["AWS_ACCESS_KEY_ID"] = Binding(self._expressions.values(role), is_exported=True, name=role)
        return found

    def _claude(self, step: Node) -> None:
        from bedrock_policy_lint.code.settings.claude_action import sites_of

        for site in sites_of(step, self._expressions, self._environment):
            self._sites.add(site)


def _inputs(root: Node) -> dict[str, Node]:
    """The defaults of the inputs of a workflow or an action."""
    found: dict[str, Node] = {}
    # YAML 1.1 readers take `on` for a boolean; this one keeps it.
    for inputs in (
        root.get("inputs"),
        root.get("on", "workflow_dispatch", "inputs"),
        root.get("on", "workflow_call", "inputs"),
    ):
        if inputs is None or not isinstance(inputs.value, Object):
            continue
        for key, value in inputs.value.pairs():
            default = value.get("default")
            if default is not None and plain(default):
                found[key.value] = default
    return found


def _text(node: Node | None) -> str:
    return "" if node is None or not isinstance(node.value, str) else node.value
