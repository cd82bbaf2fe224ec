"""A template in every world that its open values ask for: what is found in each, told once with where it holds."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bedrock_policy_lint import locate
from bedrock_policy_lint.deployment import managed
from bedrock_policy_lint.deployment.models import target_of
from bedrock_policy_lint.deployment.world import Inputs, Variant, World
from bedrock_policy_lint.families import Families, Known
from bedrock_policy_lint.registry import rules
from bedrock_policy_lint.rule import Undecided
from bedrock_policy_lint.run import Program, Result, Run
from bedrock_policy_lint.sightings import Key, Look, key_of, told_once
from bedrock_policy_lint.sources.source import Span

if TYPE_CHECKING:
    from bedrock_policy_lint.deployment.blueprint import Blueprint
    from bedrock_policy_lint.deployment.deployment import Deployment, Workload
    from bedrock_policy_lint.finding import Finding
    from bedrock_policy_lint.model.policy import Policy

_MOST_CHOICES = 24
"""So many other answers are looked at; every one makes a world."""
_MOST_PARTS = 20_000
"""So many roles, workloads and features are looked at in all worlds together, but for the first."""

_BY_DEFAULT = "wildcard-via-parameter"
_WIDE = ("wildcard-bedrock", "wildcard-resource")
_NOTHING, _THE_MODEL, _EVERYTHING = frozenset[str](), frozenset({"model"}), frozenset({"api", "model"})


def lint(blueprint: Blueprint, inputs: Inputs, program: Program) -> Result:
    """What is found in a template, in the order of its text."""
    return _Worlds(blueprint, program).result(inputs)


class _Worlds:
    """Looks at one template in several worlds."""

    def __init__(self, blueprint: Blueprint, program: Program) -> None:
        self.blueprint = blueprint
        self.program = program
        self.first: Run | None = None
        self.looks: list[Look] = []
        self._told: dict[tuple[int, frozenset[str]], tuple[Policy, list[Finding]]] = {}
        """What is found in each policy, by identity: one that looks the same in another world is the same object."""
        self._calls: dict[int, Known] = {}
        """By template: what was judged of calls."""

    def result(self, inputs: Inputs) -> Result:
        for variant in inputs.variants or (Variant("", "", inputs.parameters, inputs.regions),):
            world = World("", inputs.account, variant.parameters, unknown=inputs.unknown)
            world = world._replace(variant=variant.name, workspace=variant.workspace)
            for region in variant.regions or ("",):
                self._look_around(world._replace(region=region))
        run = self.first
        assert run is not None  # noqa: S101 - there is always a first world
        told = told_once(self.looks)
        kept = [finding for finding in told if not _comes_from_default(finding, told) and self._holds(finding)]
        move = self.looks[0].deployment.told_at
        run.take(kept if move is None else list(map(move, kept)))
        policies = sum(len(part.document.policies) for part in _parts(self.looks[0].deployment))
        result = run.result()._replace(policies=policies)
        for look in self.looks:
            for part in _parts(look.deployment):
                for policy in part.document.policies:
                    policy.release()
        return result

    def _holds(self, finding: Finding) -> bool:
        """Whether it may be told although it is not found in every world: what is too much must be so in all."""
        return rules()[finding.rule].level != "Grants" or all(_is_in(finding, look) for look in self.looks)

    def _look_around(self, world: World) -> None:
        """Look at a world, and at those that differ from it by one answer."""
        base = self._look(world)
        if any(base.deployment.defaults.values()):
            self._look(world._replace(takes_defaults=False))
        alternatives = base.deployment.alternatives
        most = min(_MOST_CHOICES, _MOST_PARTS // max(_size(base.deployment), 1))
        for choice in alternatives[:most]:
            self._look(world._replace(choices=(choice,)))
        if len(alternatives) > most and self.first is not None:
            left = len(alternatives) - most
            start = Span(base.deployment.document.source, 0, 0)
            self.first.ask(Undecided(start, f"what holds under {left} more answers to what its conditions ask"))

    def _look(self, world: World) -> Look:
        deployment = self.blueprint.deployment(world)
        parts = _parts(deployment)
        texts = [document for part in parts for document in (part.document, *part.documents)]
        run = Run(deployment.document, self.program)
        run.look_at(deployment.document, tuple(texts[1:]))
        if self.first is None:
            self.first = run
        for at, part in enumerate(parts):
            self._part(run, part)
            known_calls = self._calls.setdefault(at, {})
            families = Families(partial(self._deployed, at), self.program, known_calls)
            run.findings += families.findings_of_passers(part)
            told = families.findings(part, run)
            run.findings = [each for each in run.findings if not _echoes(each, told)]
            known = len(run.findings)
            run.findings += told
            run.drop_explained(known)
            run.findings += families.findings_of_excess(part)
        found: dict[Key, Finding] = {}
        for finding in (*run.findings, *run.withheld):
            shown = _where_attached(finding, parts) if finding.path.startswith(managed.SCHEME) else finding
            found.setdefault(key_of(shown), shown)
        look = Look(world, deployment, found)
        self.looks.append(look)
        return look

    def _deployed(self, at: int, world: World) -> Deployment:
        """What one of the templates deploys in another world."""
        return _parts(self.blueprint.deployment(world))[at]

    def _part(self, run: Run, deployment: Deployment) -> None:
        """What one template deploys."""
        run.check("Document", deployment.document)
        settled = self._settled(deployment)
        for policy in deployment.document.policies:
            self._policy(run, policy, settled.get(id(policy), _NOTHING))
        run.check("Deployment", deployment)
        for question in deployment.questions:
            run.ask(question)

    def _policy(self, run: Run, policy: Policy, settled: frozenset[str]) -> None:
        known = self._told.get((id(policy), settled))
        if known is not None:
            run.findings += known[1]
            return
        shown, withheld = len(run.findings), len(run.withheld)
        run.policy(policy, settled)
        self._told[id(policy), settled] = policy, run.findings[shown:] + run.withheld[withheld:]

    def _settled(self, deployment: Deployment) -> dict[int, frozenset[str]]:
        """By the identity of a policy: what no rule need guess, for it is known, or other policies are beside."""
        known = {feature.role for feature in deployment.features}
        known |= {workload.role for workload in deployment.workloads if workload.calls}
        told = {workload.role for workload in deployment.workloads if self._names_model(workload)}
        settled = {}
        for role in deployment.roles:
            is_one_of_many = len(role.policies) > 1 or "identity" in role.unread
            found = (
                _EVERYTHING if role.name in known or is_one_of_many else _THE_MODEL if role.name in told else _NOTHING
            )
            settled.update({id(policy): found for policy in role.policies})
        return settled

    def _names_model(self, workload: Workload) -> bool:
        catalog = self.program.context.catalog
        values = (setting.node.value for setting in workload.settings)
        return any(isinstance(value, str) and target_of(value, "", catalog) is not None for value in values)


def _size(deployment: Deployment) -> int:
    return sum(len(part.roles) + len(part.workloads) + len(part.features) for part in _parts(deployment))


def _parts(deployment: Deployment) -> tuple[Deployment, ...]:
    """What a template deploys, and what those deploy that it leads to."""
    return (deployment, *deployment.nested)


def _is_in(finding: Finding, look: Look) -> bool:
    key = key_of(finding)[:-1]
    return any(other[:-1] == key for other in look.found)


def _echoes(finding: Finding, told: list[Finding]) -> bool:
    """Whether of a grant the very same is said as of a call, such as that the model is a legacy one: the call is it."""
    return any(
        other.path == finding.path and other.severity >= finding.severity and other.message.endswith(finding.message)
        for other in told
    )


def _comes_from_default(finding: Finding, found: list[Finding]) -> bool:
    """Whether a wildcard is told already as the default of the parameter that stands there."""
    if finding.rule not in _WIDE:
        return False
    at = finding.region
    return any(
        path == finding.path and region.start <= at.start and at.end <= region.end
        for other in found
        if other.rule == _BY_DEFAULT
        for path, region in ((other.path, other.region), *((near.path, near.region) for near in other.related))
    )


def _where_attached(finding: Finding, parts: tuple[Deployment, ...]) -> Finding:
    """A finding in a policy of AWS's, which nobody can edit, at where that policy is attached."""
    name = finding.path.removeprefix(managed.SCHEME)
    for part in parts:
        attached = (each for role in part.roles for each in (*role.managed, *role.limits))
        for node in (each.node for each in attached if each.name == name):
            span = node.source.in_file(node.start, node.end)
            address = part.document.address(node.source, node.start, node.end)
            place, excerpt = locate.region(span), locate.lines(span)
            return finding._replace(path=span.source.path, region=place, address=address, lines=excerpt, fix=None)
    return finding
