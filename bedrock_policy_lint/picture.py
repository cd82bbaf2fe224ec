"""What each principal calls, what it may, what it lacks and what it has too much of, as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.authorize.decision import ALLOWED, DENIED, UNKNOWN
from bedrock_policy_lint.bedrock.actions import EVERYTHING
from bedrock_policy_lint.bedrock.arns import SERVICES
from bedrock_policy_lint.deployment.callers import callers
from bedrock_policy_lint.diagnosis.verdict import PARTLY, assess
from bedrock_policy_lint.diagnosis.wording import is_declared, operation_of
from bedrock_policy_lint.locate import span_of
from bedrock_policy_lint.registry import rules
from bedrock_policy_lint.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.deployment.deployment import Deployment, Role
    from bedrock_policy_lint.diagnosis.verdict import Verdict
    from bedrock_policy_lint.finding import Finding, Related, Unknown
    from bedrock_policy_lint.frontends.declaration import Declaration
    from bedrock_policy_lint.model.policy import Policy, Resource, Statement
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.rule import At
    from bedrock_policy_lint.runner import Outcome
    from bedrock_policy_lint.sources.node import Node
    from bedrock_policy_lint.usage.usage import Caller, Usage

CODE, TEMPLATE, SETTING, DECLARATION = "code", "template", "setting", "declaration"
"""Where it is said that something is called."""
_LEVELS = {"Cause": "missing", "Declaration": "wrong", "Deployment": "wrong", "Grants": "excess"}
"""What a finding means for a principal, by what its rule looks at."""
ANY_REGION = "*"

_Spot = tuple[str, int, int]


class Place(NamedTuple):
    """Where something stands."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class Called(NamedTuple):
    """Something that is called, with all the places that call it."""

    operation: str
    """As SDKs name it; empty where only a service says what it does with its role."""
    model: str
    """Or what else is called: an agent, a knowledge base."""
    region: str
    """Empty where it is that of the deployment, or of the surroundings of the code."""
    guardrail: str
    words: str
    """What is done, where there is no operation."""
    said_by: str
    outcome: str
    """`allowed`, `denied`, `partly denied` or `unknown`."""
    places: tuple[Place, ...]


class Granted(NamedTuple):
    """What one statement allows or denies of Bedrock."""

    effect: str
    actions: tuple[str, ...]
    """As written; `not` stands before those of `NotAction`."""
    resources: tuple[str, ...]
    """Ids of models and profiles, other resources with their types; `*` for all."""
    regions: tuple[str, ...]
    """As the ARNs write them; `*` for any."""
    is_conditional: bool
    place: Place


class Told(NamedTuple):
    """What a rule says of a principal."""

    rule: str
    severity: Severity
    message: str
    fix: str
    place: Place


class Open(NamedTuple):
    """What is not known of a principal."""

    question: str
    place: Place | None


class Principal(NamedTuple):
    """Who calls Bedrock, or may."""

    name: str
    kind: str
    """`role`, `user`, `group`, `declared principal`, or `code` for what no template runs."""
    place: Place | None
    runs: tuple[str, ...]
    """What runs with it: "the Lambda function `Chat`"."""
    calls: tuple[Called, ...]
    may: tuple[Granted, ...]
    missing: tuple[Told, ...]
    wrong: tuple[Told, ...]
    excess: tuple[Told, ...]
    unknown: tuple[Open, ...]


def of_deployment(deployment: Deployment, here: Deployment, outcome: Outcome, catalog: Catalog) -> list[Principal]:
    """The principals of a deployment; `here` is the same in a Region where it may be, to be judged in."""
    who = {caller.name: caller for caller in callers(here, catalog)}
    pictures = []
    for role in deployment.roles:
        picture = _Picture(outcome, catalog, region=deployment.world.region)
        caller = who.get(role.name)
        granted = tuple(_granted(role.policies, catalog))
        if caller is None and not granted:
            continue
        if caller is not None:
            picture.add(caller)
        picture.look_at(_nodes(role, deployment), role.policies)
        pictures.append((picture, role, caller, granted))
    _share_out(picture for picture, *_ in pictures)
    found = []
    for picture, role, caller, granted in pictures:
        runs = (f"the {each.kind} `{each.name}`" for each in deployment.workloads if each.role == role.name)
        serves = (f"the {each.kind} `{each.name}`" for each in deployment.features if each.role == role.name)
        place = _place(role.node)
        questions = _open_points(role, deployment, has_calls=caller is not None)
        found.append(picture.principal(role.name, role.kind, place, (*runs, *serves), granted, questions))
    return found


def of_code(deployment: Deployment, here: Deployment, outcome: Outcome, catalog: Catalog) -> list[Principal]:
    """The code that no template runs, as one principal."""
    return [
        principal._replace(kind="code", name=workload.name, runs=())
        for principal in of_deployment(deployment, here, outcome, catalog)
        for workload in deployment.workloads[:1]
    ]


def of_declaration(declaration: Declaration, outcome: Outcome, catalog: Catalog) -> list[Principal]:
    """The principals of a declaration."""
    coded = [caller.name for caller, code in zip(declaration.callers, declaration.code, strict=False) if code]
    pictures = []
    for caller in declaration.callers:
        picture = _Picture(outcome, catalog, region="")
        picture.add(caller)
        picture.look_at((), caller.layers.identity or ())
        pictures.append((picture, caller))
    _share_out(picture for picture, _ in pictures)
    found = []
    for picture, caller in pictures:
        policies = caller.layers.identity or ()
        place = _place(caller.node) if caller.node is not None else None
        granted = tuple(_granted(policies, catalog))
        # Whose code a question is about is only known where one principal has all of it.
        own = declaration.questions if coded == [caller.name] else ()
        asked = (Open(each.question, _place(each.at)) for each in own)
        found.append(picture.principal(caller.name, "declared principal", place, (), granted, asked))
    return found


def _nodes(role: Role, deployment: Deployment) -> Iterator[Node]:
    """What else than its calls belongs to a role: what its workloads are told."""
    for workload in deployment.workloads:
        if workload.role == role.name:
            yield from (setting.node for setting in workload.settings)
            for call in workload.calls:
                yield call.node
                yield from (node for node in (call.model, call.default, call.region) if node is not None)


def _open_points(role: Role, deployment: Deployment, *, has_calls: bool) -> Iterator[Open]:
    """What nobody can tell of a role, beside what is asked of its calls."""
    if "identity" in role.unread and not has_calls:
        yield Open("what it may: not all of its policies are known", None)
    for workload in deployment.workloads:
        if workload.role != role.name:
            continue
        for asked in workload.questions:
            yield Open(asked.question, _place(asked.at))
        if not (workload.calls or workload.questions or workload.is_code_known or has_calls):
            yield Open(f"what the {workload.kind} `{workload.name}` calls", _place(workload.node))


class _Picture:
    """Puts together what belongs to one principal."""

    def __init__(self, outcome: Outcome, catalog: Catalog, *, region: str) -> None:
        self.outcome = outcome
        self.catalog = catalog
        self.region = region
        self.spots: set[_Spot] = set()
        self.failing: set[_Spot] = set()
        """Of the calls that are not allowed."""
        self.others: set[_Spot] = set()
        """Of those of other principals, when they are none of its own: code and settings are shared."""
        self.verdicts: tuple[Verdict, ...] = ()
        self.stretches: set[_Spot] = set()
        """Of its policies."""
        self.foreign: set[_Spot] = set()
        """Of those of other principals that are none of its own."""

    def add(self, caller: Caller) -> None:
        """Take what it calls."""
        self.verdicts = tuple(assess(caller, self.catalog).verdicts)
        for verdict in self.verdicts:
            usage = verdict.usage
            nodes = (*usage.nodes.values(), *([usage.node] if usage.node is not None else []))
            self.look_at(nodes, ())
            if verdict.outcome != ALLOWED:
                self.failing.update(map(_spot, nodes))

    def look_at(self, nodes: Iterable[Node], policies: Iterable[Policy]) -> None:
        """Count places and policies as its own."""
        self.spots.update(map(_spot, nodes))
        self.stretches.update(_spot(policy.node) for policy in policies)

    def principal(
        self,
        name: str,
        kind: str,
        place: Place | None,
        runs: tuple[str, ...],
        may: tuple[Granted, ...],
        questions: Iterable[Open],
    ) -> Principal:
        """All that is known of it."""
        told: dict[str, list[Told]] = {"missing": [], "wrong": [], "excess": []}
        belongs = {"missing": self._fails_by, "wrong": self._touches, "excess": self._is_within}
        for finding in self.outcome.findings:
            sort = next((_LEVELS[level] for level in _LEVELS if level in _levels(finding)), "")
            if sort and belongs[sort](finding):
                told[sort].append(_told(finding))
        own = (each for each in self.outcome.undecided if _spot_of(each) in self.spots - self.others)
        asked = [Open(each.question, _place_of(each)) for each in own]
        calls = tuple(self._calls(is_failing=bool(told["missing"])))
        missing, wrong, excess = (tuple(told[sort]) for sort in ("missing", "wrong", "excess"))
        unknown = tuple(dict.fromkeys((*questions, *asked)))
        return Principal(name, kind, place, runs, calls, may, missing, wrong, excess, unknown)

    def _touches(self, finding: Finding) -> bool:
        return not self.spots.isdisjoint(_spots_of(finding))

    def _fails_by(self, finding: Finding) -> bool:
        """Whether a finding explains why calls of its own fail, as far as that can be told."""
        spots = _spots_of(finding)
        if _is_within(finding, self.foreign):
            return False
        return self._touches(finding) and (not self.failing.isdisjoint(spots) or self.others.isdisjoint(spots))

    def _is_within(self, finding: Finding) -> bool:
        return _is_within(finding, self.stretches)

    def _calls(self, *, is_failing: bool) -> Iterator[Called]:
        found: dict[Called, dict[Place, None]] = {}
        for verdict in self.verdicts:
            usage = verdict.usage
            called = self._called(usage, self._outcome(verdict.outcome, usage, is_failing=is_failing))
            places = found.setdefault(called, {})
            if usage.node is not None:
                places[_place(usage.node)] = None
        for called, places in found.items():
            yield called._replace(places=tuple(places))

    def _outcome(self, outcome: str, usage: Usage, *, is_failing: bool) -> str:
        """What comes of a call; where its Region is open, a denial in one of them alone says nothing."""
        is_open = not self.region and not is_declared(usage) and not _names_region(usage)
        return UNKNOWN if is_open and outcome in (DENIED, PARTLY) and not is_failing else outcome

    def _called(self, usage: Usage, outcome: str) -> Called:
        named = usage.target or usage.resource
        is_placed = bool(self.region) or is_declared(usage) or _names_region(usage)
        return Called(
            "" if usage.needs else usage.api if is_declared(usage) else operation_of(usage.api),
            named.written if named is not None else "",
            usage.region if is_placed else "",
            usage.guardrail.id if usage.guardrail is not None else "",
            usage.words if usage.needs else "",
            _said_by(usage),
            outcome,
            (),
        )


def _share_out(pictures: Iterable[_Picture]) -> None:
    """Tell each principal which calls fail for others alone."""
    pictures = tuple(pictures)
    failing = {spot for picture in pictures for spot in picture.failing}
    stretches = {stretch for picture in pictures for stretch in picture.stretches}
    for picture in pictures:
        picture.others = failing - picture.failing
        picture.foreign = stretches - picture.stretches


def _is_within(finding: Finding, stretches: Iterable[_Spot]) -> bool:
    at = finding.region
    return any(path == finding.path and start <= at.start and at.end <= end for path, start, end in stretches)


def _spots_of(finding: Finding) -> set[_Spot]:
    return {_spot_of(finding), *map(_spot_of, finding.related)}


def _names_region(usage: Usage) -> bool:
    node = usage.nodes.get("region")
    return node is not None and isinstance(node.value, str)


def _said_by(usage: Usage) -> str:
    if is_declared(usage):
        return DECLARATION
    return CODE if usage.is_code else SETTING if usage.is_setting else TEMPLATE


# Grants


def _granted(policies: Iterable[Policy], catalog: Catalog) -> Iterator[Granted]:
    """What statements say of Bedrock, in short."""
    for policy in policies:
        for statement in policy.statements:
            if (statement.allows or statement.denies) and _is_of_bedrock(statement, catalog):
                yield _in_short(statement)


def _is_of_bedrock(statement: Statement, catalog: Catalog) -> bool:
    if statement.not_action_nodes:
        return statement.allows
    return any(entry.text in EVERYTHING or entry.service in SERVICES for entry in statement.actions)


def _in_short(statement: Statement) -> Granted:
    negated = "not " if statement.not_action_nodes else ""
    actions = dict.fromkeys(f"{negated}{entry.text}" for entry in statement.actions if _concerns(entry.text))
    resources = {_name(entry): None for entry in statement.resources}
    regions = {_region(entry): None for entry in statement.resources if entry.arn is None or entry.arn.region != ""}
    return Granted(
        statement.effect,
        tuple(actions),
        tuple(resources),
        (ANY_REGION,) if ANY_REGION in regions else tuple(regions),
        bool(statement.tests),
        _place(statement.node),
    )


def _concerns(text: Text) -> bool:
    return text in EVERYTHING or str(text).lower().startswith("bedrock")


def _name(entry: Resource) -> str:
    negated = "not " if entry.in_not_resource else ""
    arn = entry.arn
    if arn is None or arn.type is None:
        return f"{negated}{entry.text}"
    is_plain = arn.type in ("foundation-model", "inference-profile") and str(arn.id) != "*"
    return f"{negated}{arn.id if is_plain else arn.resource}"


def _region(entry: Resource) -> str:
    return str(entry.arn.region) if entry.arn is not None else ANY_REGION


# Places


def _levels(finding: Finding) -> tuple[str, ...]:
    return tuple(level for level, _ in rules()[finding.rule].checks)


def _told(finding: Finding) -> Told:
    fix = finding.fix.text if finding.fix is not None else ""
    return Told(finding.rule, finding.severity, finding.message, fix, _place_of(finding))


def _place(at: At) -> Place:
    place = span_of(at)
    span = place.source.in_file(place.start, place.end)
    point = span.source.point(span.start)
    return Place(span.source.path, point.line, point.column)


def _place_of(found: Finding | Unknown) -> Place:
    return Place(found.path, found.region.line, found.region.column)


def _spot(node: Node) -> _Spot:
    span = node.source.in_file(node.start, node.end)
    return span.source.path, span.start, span.end


def _spot_of(found: Finding | Related | Unknown) -> _Spot:
    return found.path, found.region.start, found.region.end
