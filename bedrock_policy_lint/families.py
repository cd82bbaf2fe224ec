"""What is called from a template whose Region or API is open: only what holds for every way they may come out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.bedrock.arns import MODEL, PROFILE
from bedrock_policy_lint.catalog.models import Profile
from bedrock_policy_lint.deployment.callers import callers, holders, may_pass, passers
from bedrock_policy_lint.deployment.managed import SCHEME
from bedrock_policy_lint.deployment.models import regions_for
from bedrock_policy_lint.deployment.users import is_known
from bedrock_policy_lint.diagnosis.causes import causes
from bedrock_policy_lint.diagnosis.grants import all_grants
from bedrock_policy_lint.diagnosis.verdict import assess
from bedrock_policy_lint.frontends.declaration import Declaration
from bedrock_policy_lint.registry import rules
from bedrock_policy_lint.rule import Severity
from bedrock_policy_lint.run import Program, Run, is_hopeless
from bedrock_policy_lint.sightings import as_advice, of_any_region

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping

    from bedrock_policy_lint.deployment.deployment import Deployment
    from bedrock_policy_lint.deployment.world import World
    from bedrock_policy_lint.finding import Finding
    from bedrock_policy_lint.sources.node import Node
    from bedrock_policy_lint.usage.usage import Caller, Target, Usage

APIS = ("invoke-model", "invoke-model-stream")
"""What a workload may do with a model that it is merely told."""

_FIRST = "us-east-1"
"""The Region that is tried first: nearly all models can be called from there."""
_OTHER = "eu-central-1"
"""A Region of another kind: what is found in both hangs on neither."""

_PARTITION = "aws"
"""The partition that is meant where nothing is said: a question that stays open in another speaks against nothing."""

_BY_REGION = (
    *("on_demand_regions", "on_demand_unconfirmed_regions", "profile_only_regions", "mantle_regions"),
    *("govcloud_regions", "govcloud_geo_regions", "eol_regions"),
)
"""What the catalogue knows of a model by Region."""

Key = tuple[str, str, int, int]
Place = tuple[str, int, int]
"""Where something is written: path, start and end."""

_NOWHERE: Place = ("", 0, 0)


class Member(NamedTuple):
    """One way in which the open values may come out."""

    region: str
    api: str
    findings: dict[Key, Finding]
    places: frozenset[Place]
    """Where something is named whose call was judged."""
    live: frozenset[Place]
    """Those of them that can be called at all this way."""
    regions: Mapping[Place, tuple[str, ...]]
    """Where each of them can be called."""
    targets: Mapping[Target, None]
    """What is called."""
    owners: Mapping[Place, set[Place]]
    """The calls to which each place belongs: where they stand, and where their model or Region is named."""
    hopeless: frozenset[Place] = frozenset()
    """The calls that nobody means to make this way: that fail whatever the policies allow, or in another partition."""

    def about(self, finding: Finding) -> frozenset[Place]:
        """The calls that a finding is about."""
        return frozenset(owner for place in _places_of(finding) for owner in self.owners.get(place, ()))


class Faultless(NamedTuple):
    """Who was judged without a fault or an open question; what is merely possible has no fix that rests on a world."""

    who: tuple[Caller, ...]
    member: Member
    withheld: list[Finding]


Known = dict[tuple[str, str, bool], Faultless]
"""By Region, API and whether the Region is open: the last of them."""


class _Agreement:
    """What all members say: of a usage itself in any case, of a call where it can be made at all."""

    def __init__(self) -> None:
        self.pairs: dict[tuple[Key, Place], Finding] = {}
        self.first: dict[tuple[Key, Place], Member] = {}
        """The member by which each is told."""
        self.varying: set[tuple[Key, Place]] = set()
        """What reads otherwise in another Region."""
        self.judged: frozenset[Place] = frozenset()
        self.lived: frozenset[Place] = frozenset()
        self.regions: dict[Place, tuple[str, ...]] = {}
        self.targets: dict[Target, None] = {}
        self.facts: set[Hashable] = set()
        """What is known of these in the Regions that were tried."""
        self.failing: dict[Place, tuple[Member, dict[Key, Finding]]] = {}
        """What fails in every member, though not for the same reason: the first of these, and why there."""
        self.tried: set[str] = set()
        """The Regions of all members."""

    def take(self, member: Member) -> None:
        """Keep what this member says too."""
        about = {
            (key, place): finding
            for key, finding in member.findings.items()
            for place in member.about(finding) & (member.places if _is_of_usage(key) else member.live)
        }
        if not self.judged:
            about |= {(key, _NOWHERE): finding for key, finding in member.findings.items() if _is_of_role(key)}
        for pair in list(self.pairs):
            if pair[1] not in (member.places if _is_of_usage(pair[0]) else member.live):
                continue
            if pair[1] in member.hopeless and pair not in about and not _is_of_usage(pair[0]):
                self.varying.add(pair)  # it holds there too, behind something worse
                continue
            if pair not in about:
                del self.pairs[pair]
                continue
            said = about[pair]
            first = self.first[pair]
            if first.api == member.api and said.message != self.pairs[pair].message:
                self.varying.add(pair)
            if said.severity < self.pairs[pair].severity:
                # What is worse elsewhere is no fault of every Region: the mildest is.
                self.pairs[pair], self.first[pair] = said, member
            if _edits(self.pairs[pair]) != _edits(said):
                self.pairs[pair] = as_advice(self.pairs[pair])
        for pair, finding in about.items():
            if pair[1] not in (self.judged if _is_of_usage(pair[0]) else self.lived):
                self.pairs[pair], self.first[pair] = finding, member
        self._take_failures(member)
        self.tried.add(member.region)
        self.judged |= member.places
        self.lived |= member.live
        self.regions.update(member.regions)
        self.targets.update(member.targets)

    def _take_failures(self, member: Member) -> None:
        errors: dict[Place, dict[Key, Finding]] = {}
        for key, finding in member.findings.items():
            if _is_failure(finding):
                for place in member.about(finding) & member.live:
                    errors.setdefault(place, {})[key] = finding
        for place in member.live:
            if place not in errors:
                self.failing.pop(place, None)
            elif place not in self.lived:
                self.failing[place] = member, errors[place]

    @property
    def open(self) -> frozenset[Place]:
        """What the next member may still change: where something is said, and what could not be called yet."""
        said = frozenset(place for _, place in self.pairs if place != _NOWHERE)
        return said.union(self.failing, self.judged - self.lived)

    @property
    def findings(self) -> list[Finding]:
        """Each once; of what reads otherwise in other Regions, that it is an example."""
        found = {}
        for pair, finding in self.pairs.items():
            if pair in self.varying:
                region = self.first[pair].region
                found[pair[0]] = of_any_region(finding, region, likewise=True)
            else:
                found[pair[0]] = finding
        told = {pair[1] for pair, finding in self.pairs.items() if _is_failure(finding)}
        for place, (first, errors) in self.failing.items():
            for key, finding in errors.items() if place not in told else ():
                shown = of_any_region(finding, first.region, likewise=False) if len(self.tried) > 1 else finding
                found.setdefault(key, as_advice(shown))
        return list(found.values())


class Families:
    """Judges the calls of a deployment in every Region where it may run, and by every API that may be meant."""

    def __init__(self, deployed: Callable[[World], Deployment], program: Program, known: Known) -> None:
        """`deployed` tells what is deployed in another world; `known` hands over what was seen in other worlds."""
        self.deployed = deployed
        self.program = program
        self._known = known
        self.catalog = program.context.catalog

    def findings(self, deployment: Deployment, run: Run) -> list[Finding]:
        """What is found whichever way it comes out; open questions go to the run."""
        if not (deployment.workloads or deployment.features):
            return []
        agreement = _Agreement()
        for region in self._regions(deployment, agreement):
            there = self._in(region, deployment)
            for api in APIS:
                wanted = agreement.open if agreement.judged else None
                if wanted is None or wanted:
                    asker = None if agreement.judged else run
                    agreement.take(self._member(there, api, wanted, asker, is_open=there is not deployment))
        return agreement.findings

    def findings_of_passers(self, deployment: Deployment) -> list[Finding]:
        """What those who may pass roles can do with that, whatever they call."""
        if not self.program.by_level["Caller"] or not any(may_pass(role) for role in deployment.roles):
            return []
        known = deployment.world.region
        found = [self._of_passers(deployment, region) for region in ((known,) if known else (_FIRST, _OTHER))]
        return [finding for key, finding in found[0].items() if all(key in others for others in found)]

    def _of_passers(self, deployment: Deployment, region: str) -> dict[Key, Finding]:
        there = self._in(region, deployment)
        run = Run(deployment.document, self.program)
        run.look_at(there.document, there.documents)
        for caller in passers(there, self.catalog):
            run.check("Caller", caller)
        return {_key(finding): finding for finding in (*run.findings, *run.withheld)}

    def findings_of_excess(self, deployment: Deployment) -> list[Finding]:
        """What is granted for nothing in whichever Region, to roles of which all users are known."""
        if not self.program.by_level["Grants"] or not any(is_known(role, deployment) for role in deployment.roles):
            return []
        known = deployment.world.region
        first = self._of_excess(deployment, known or _FIRST, is_first=True)
        for region in () if known else self.catalog.regions():
            if first and region.bedrock and region.name != _FIRST:
                there = self._of_excess(deployment, region.name, is_first=False)
                first = {key: each for key, each in first.items() if key in there}
        return list(first.values())

    def _of_excess(self, deployment: Deployment, region: str, *, is_first: bool) -> dict[Key, Finding]:
        there = self._in(region, deployment)
        run = Run(deployment.document, self.program)
        run.look_at(there.document, there.documents)
        who = holders(there, self.catalog)
        # Who calls what fails in any case is about to call something else; in other Regions that says nothing.
        broken = self._hopeless(there, who) if is_first else frozenset()
        who = tuple(
            caller._replace(complete=caller.complete and broken.isdisjoint(_owners(caller.usages))) for caller in who
        )
        blamed = causes([assess(caller, self.catalog) for caller in who], self.catalog)
        for grants in all_grants(who, blamed, self.catalog):
            run.check("Grants", grants)
        return {_key(finding): finding for finding in run.findings if not finding.path.startswith(SCHEME)}

    def _hopeless(self, deployment: Deployment, who: tuple[Caller, ...]) -> frozenset[Place]:
        """Where something is named that cannot be called, whatever the policies allow."""
        run = Run(deployment.document, self.program)
        run.look_at(deployment.document, deployment.documents)
        run.check("Declaration", Declaration(deployment.document, who, deployment.documents, ()))
        return frozenset(place for each in run.findings if is_hopeless(each) for place in _places_of(each))

    def _in(self, region: str, deployment: Deployment) -> Deployment:
        if region == deployment.world.region:
            return deployment
        there = self.deployed(deployment.world._replace(region=region))
        for document in (there.document, *there.documents):
            if document.idiom is not None:
                document.idiom = document.idiom._replace(is_region_open=True)
        return there

    def _regions(self, deployment: Deployment, agreement: _Agreement) -> Iterator[str]:
        """The Regions to be tried, those first in which something can be called that could not be before."""
        if deployment.world.region:
            yield deployment.world.region
            return
        left = dict.fromkeys([_FIRST, *(region.name for region in self.catalog.regions() if region.bedrock)])
        yield _FIRST
        del left[_FIRST]
        while agreement.open:
            dead_first = sorted(agreement.open, key=lambda place: (place in agreement.lived, place))
            fresh = (region for place in dead_first for region in agreement.regions.get(place) or left)
            region = next((region for region in fresh if region in left), None)
            if region is None:
                return  # where a model cannot be called nobody means to
            del left[region]
            alike = self._facts_of(region, agreement.targets)
            if alike not in agreement.facts or region in deployment.document.source.text:
                agreement.facts.add(alike)
                yield region

    def _facts_of(self, region: str, targets: Iterable[Target]) -> Hashable:
        """All that the catalogue knows of these targets in a Region: where that is the same, so is what is found."""
        facts: list[Hashable] = [self.catalog.partition_of(region)]
        for target in targets:
            profile = self.catalog.profile(target.id) if target.kind == PROFILE else None
            if isinstance(profile, Profile):
                facts += [profile.destinations(region), region in profile.documented_unscanned_sources]
                facts.append(region in profile.withdrawn_sources)
            model = self.catalog.model(target.id) if target.kind == MODEL else None
            if model is not None:
                facts += [region in (getattr(model, field) or ()) for field in _BY_REGION]
        return tuple(facts)

    def _member(
        self, deployment: Deployment, api: str, wanted: frozenset[Place] | None, asker: Run | None, *, is_open: bool
    ) -> Member:
        """What is found in a Region by an API about these places; open questions are put to the asker."""
        who = callers(deployment, self.catalog, api=api)
        if wanted is not None:
            who = tuple(caller for caller in who if not wanted.isdisjoint(_places(caller.usages)))
        here = deployment.world.region
        known = self._known.get((here, api, is_open))
        if known is not None and known.who == who:
            # The same calls under the same policies: most worlds differ in something else.
            if asker is not None:
                asker.withheld += known.withheld
            return known.member
        run = Run(deployment.document, self.program)
        run.look_at(deployment.document, deployment.documents)
        run.usage(Declaration(deployment.document, who, deployment.documents, ()))
        if asker is not None:
            # What is merely possible was not asked for: one Region and one API must do.
            asker.withheld += run.withheld
            asker.undecided += run.undecided
        usages = [usage for caller in who for usage in caller.usages]
        targets = {_place(usage.node): usage.target for usage in usages if usage.node is not None}
        regions = {
            place: regions_for(_moving(target, here) if is_open else target, self.catalog)
            for place, target in targets.items()
            if target is not None
        }
        called = dict.fromkeys(_moving(target, here) for target in targets.values() if target is not None)
        live = {place for place in targets if not is_open or here in regions.get(place, (here,))}
        findings = {_key(finding): finding for finding in run.findings}
        owners = _owners(usages)
        is_foreign = is_open and self.catalog.partition_of(here) != _PARTITION
        # Where an ARN says `arn:aws:`, the other partitions fail for a reason of their own.
        told = [
            finding
            for key, finding in findings.items()
            if (_is_of_usage(key) and is_hopeless(finding)) or (is_foreign and _is_failure(finding))
        ]
        hopeless = frozenset(who for each in told for place in _places_of(each) for who in owners.get(place, ()))
        if is_foreign:
            asked = {(each.path, each.region.start, each.region.end) for each in run.undecided}
            live -= asked.difference(*map(_places_of, run.findings))
        places = frozenset(targets)
        member = Member(here, api, findings, places, frozenset(live), regions, called, owners, hopeless)
        if not (run.findings or run.undecided):
            self._known[here, api, is_open] = Faultless(who, member, run.withheld)
        return member


def _moving(target: Target, here: str) -> Target:
    """What is called, where the Region in its ARN may be that of the deployment: it moves along."""
    return target._replace(region="") if target.region == here else target


def _key(finding: Finding) -> Key:
    return finding.path, finding.rule, finding.region.start, finding.region.end


def _is_failure(finding: Finding) -> bool:
    """Whether it says that a call fails."""
    rule = rules()[finding.rule]
    return finding.severity == Severity.ERROR and rule.level in ("Declaration", "Cause") and rule.gate != "hygiene"


def _is_of_role(key: Key) -> bool:
    """Whether a finding is about what a role may do, whatever is called where."""
    return rules()[key[1]].level == "Assessment"


def _is_of_usage(key: Key) -> bool:
    return rules()[key[1]].level == "Declaration"


def _places(usages: Iterable[Usage]) -> frozenset[Place]:
    nodes = (usage.node for usage in usages)
    return frozenset(_place(node) for node in nodes if node is not None)


def _owners(usages: Iterable[Usage]) -> dict[Place, set[Place]]:
    owners: dict[Place, set[Place]] = {}
    for usage in usages:
        if usage.node is not None:
            for node in (usage.node, *usage.nodes.values()):
                owners.setdefault(_place(node), set()).add(_place(usage.node))
    return owners


def _place(node: Node) -> Place:
    span = node.source.in_file(node.start, node.end)
    return span.source.path, span.start, span.end


def _places_of(finding: Finding) -> frozenset[Place]:
    """Where a finding points: a denied call is named by its place or the one beside it."""
    regions = [(finding.path, finding.region), *((near.path, near.region) for near in finding.related)]
    return frozenset((path, region.start, region.end) for path, region in regions)


def _edits(finding: Finding) -> object:
    return finding.fix.edits if finding.fix else None
