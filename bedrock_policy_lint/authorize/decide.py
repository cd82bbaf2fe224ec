"""What AWS decides on a request, weighing every layer of policies in three values."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.authorize import principals
from bedrock_policy_lint.authorize.decision import ALLOWED, DENIED, UNKNOWN, Decision, Failure, Match
from bedrock_policy_lint.authorize.groups import Group, Weight
from bedrock_policy_lint.authorize.layers import WORDS
from bedrock_policy_lint.authorize.logic import agreed, either, every, if_true
from bedrock_policy_lint.authorize.ownership import RCP_SERVICES, is_foreign, is_shared_by_policy, must_be_allowed_by
from bedrock_policy_lint.authorize.statements import ON_RESOURCES, Clause
from bedrock_policy_lint.authorize.texts import lacking_of_arn, like_arn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bedrock_policy_lint.authorize.layers import Layers
    from bedrock_policy_lint.authorize.request import Request
    from bedrock_policy_lint.model.pattern import Tri
    from bedrock_policy_lint.model.policy import Statement
    from bedrock_policy_lint.model.text import Text

_ORDER = {layer: number for number, layer in enumerate(WORDS)}


class _Gate(NamedTuple):
    """A layer that must let a request through."""

    layer: str
    level: int
    opens: Tri
    why: list[str]


def _beside(ways: Mapping[str, Tri]) -> dict[str, Tri]:
    """For each layer of the caller's own policies, whether a policy on the resource does without it in one account.

    It grants to a session or user directly, to a role within its boundary and session policies
    (reference_policies_evaluation-logic_policy-eval-denyallow). A grant to everybody is settled here only where the
    boundary and session policies allow too, one to the account only where the identity policies do.
    """
    session = either((ways.get(principals.SESSION, False), ways.get(principals.SERVICE, False)))
    user, role = ways.get(principals.USER, False), ways.get(principals.ROLE, False)
    anyone, account = ways.get(principals.ANYONE, False), ways.get(principals.ACCOUNT, False)
    return {
        "identity": either((session, user, role, anyone, every((account, None)))),
        "boundary": either((session, user, every((anyone, None)))),
        "session": either((session, every((user, None)), every((anyone, None)))),
    }


def _direct(action: str, ways: Mapping[str, Tri]) -> Mapping[str, Tri]:
    """The ways that may do without the caller's own policies.

    A key policy that names the account only lets its identity policies decide (kms: key-policy-default).
    """
    return {**ways, principals.ACCOUNT: False} if action.startswith("kms:") else ways


class Authorizer:
    """Decides requests over one set of policies.

    Every layer is weighed, also when an earlier one has stopped the request: AWS names one cause, a person must mend
    all. Explicit denies come before what nothing allows, and within each the layers stand in the order of `WORDS`,
    which is that of the page on access-denied messages (troubleshoot_access-denied): of AWS's evaluation logic the
    order of layers behind the explicit denies has no effect on the outcome.
    """

    def __init__(self, layers: Layers) -> None:
        self._knows_identity = layers.identity is not None
        self._has_boundary, self._has_endpoint = bool(layers.boundary), bool(layers.endpoint)
        # A NotPrincipal with Deny in a policy on a resource always denies a user or role that has a boundary, whomever
        # it names (access_policies_boundaries); of the other policies that name principals AWS does not say it.
        on_resource, elsewhere = (False, None) if layers.boundary else (True, True)
        self._identity = Group("identity", layers.identity or ())
        self._boundary = Group("boundary", layers.boundary)
        self._session = [Group("session", (policy,)) for policy in layers.session]
        self._scps = [Group("scp", level, at) for at, level in enumerate(layers.scps)]
        self._rcps = [Group("rcp", level, at, asks_who=True, exempts=elsewhere) for at, level in enumerate(layers.rcps)]
        self._endpoint = Group("endpoint", layers.endpoint, asks_who=True, exempts=elsewhere)
        self._resources = [
            (attached.resource, Group("resource", (attached.policy,), asks_who=True, exempts=on_resource))
            for attached in layers.resources
        ]
        self._exempts: dict[int, Tri] = {id(attached.policy): on_resource for attached in layers.resources}
        """For the policies that name principals, whether a NotPrincipal of theirs exempts the caller."""
        for policies in (layers.endpoint, *layers.rcps):
            self._exempts |= dict.fromkeys(map(id, policies), elsewhere)

    def decide(self, request: Request) -> Decision:
        """What comes of a request."""
        return _Case(self, request).decision()

    def match(self, statement: Statement, request: Request) -> Match:
        """How one statement takes a request, part by part."""
        policy = statement.policy
        asks_who = policy.kind in ON_RESOURCES or id(policy) in self._exempts
        clause = Clause(statement, asks_who=asks_who, exempts=self._exempts.get(id(policy), True))
        why: list[str] = []
        return Match(
            statement,
            clause.action(request.action.lower(), why),
            clause.resource(request, why),
            clause.principal(request, why),
            tuple([(condition.test, condition.holds(request, why)) for condition in clause.conditions]),
        )

    def attached(self, resource: Text) -> list[tuple[Group, Tri]]:
        """The policies that are, or may be, attached to a resource."""
        found = ((group, like_arn(arn, resource)) for arn, group in self._resources)
        return [(group, outcome) for group, outcome in found if outcome is not False]


class _Case:
    """One request before all layers."""

    __slots__ = ("action", "by", "gates", "granters", "is_service", "request", "weights")

    def __init__(self, by: Authorizer, request: Request) -> None:
        self.by = by
        self.request = request
        self.action = request.action.lower()
        self.is_service = bool(request.caller.service)
        self.weights: list[tuple[Weight, Tri]] = []
        """What was weighed, and whether it bears on the request."""
        self.gates: list[_Gate] = []
        self.granters: list[Statement] = []

    def decision(self) -> Decision:
        """Weigh all layers and sum up."""
        if not self.is_service:
            # A service that asks in its own name is subject to none of these (orgs_manage_policies_scps).
            self.levels(self.by._scps, bears=True)
        self.rcps()
        if self.by._has_endpoint and not self.is_service:
            weight = self.weigh(self.by._endpoint)
            self.gates.append(_Gate("endpoint", 0, weight.allow, weight.why))
        self.own_and_resource()
        if all(gate.opens for gate in self.gates) and not any(weight.deny is not False for weight, _ in self.weights):
            return Decision(ALLOWED, grant=next(iter(self.granters), None))
        self.gates.sort(key=lambda gate: _ORDER[gate.layer])
        self.weights.sort(key=lambda pair: _ORDER[pair[0].group.layer])
        failures = [
            Failure(weight.group.layer, weight.group.level, weight.denier)
            for weight, bears in self.weights
            if bears and weight.deny
        ]
        failures += [Failure(gate.layer, gate.level) for gate in self.gates if gate.opens is False]
        if failures:
            return Decision(DENIED, tuple(failures))
        doubts = sorted(self.doubts(), key=lambda doubt: _ORDER[doubt[0]])
        reasons = dict.fromkeys(reason for _, why in doubts for reason in why)
        return Decision(UNKNOWN, reasons=tuple(reasons), layer=doubts[0][0])

    def doubts(self) -> list[tuple[str, list[str]]]:
        """The layers that are not settled, each with what would settle it."""
        found = [(gate.layer, gate.why) for gate in self.gates if gate.opens is None]
        found += [
            (weight.group.layer, weight.why) for weight, bears in self.weights if every((bears, weight.deny)) is None
        ]
        return found

    def weigh(self, group: Group, bears: Tri = True) -> Weight:
        weight = group.weigh(self.request, self.action)
        self.weights.append((weight, bears))
        return weight

    def levels(self, groups: list[Group], bears: Tri) -> None:
        """Every level must allow; one that only denies is taken to keep AWS's own policy that allows everything."""
        for group in groups:
            weight = self.weigh(group, bears)
            opens = True if group.keeps_all or weight.allow else weight.allow if bears else None
            self.gates.append(_Gate(group.layer, group.level, opens, weight.why))

    def rcps(self) -> None:
        """Resource control policies reach the services that support them, and nothing of Bedrock."""
        service = self.action.partition(":")[0]
        if not self.by._rcps or service.startswith("bedrock"):
            return
        foreign = is_foreign(self.request)
        bears: Tri = True if service in RCP_SERVICES and foreign is False else None
        before = len(self.gates)
        self.levels(self.by._rcps, bears)
        if bears is None:
            reason = f"whether resource control policies reach this request to {service} is not known"
            for gate in self.gates[before:]:
                if gate.opens is None:
                    gate.why.append(reason)
            for weight, _ in self.weights:
                if weight.group.layer == "rcp" and weight.deny is not False:
                    weight.why.append(reason)

    def own_and_resource(self) -> None:
        """The caller's own policies and those of the resource: either is enough, or both are needed."""
        request, by = self.request, self.by
        attached = by.attached(request.resource) if by._resources else []
        held = [self.weigh(group, outcome) for group, outcome in attached]
        ways: dict[str, Tri] = {}
        for group, outcome in attached:
            for how, granted in group.grants(request, self.action):
                ways[how] = either((ways.get(how, False), every((granted, outcome))))
        for weight, (_, outcome) in zip(held, attached, strict=True):
            if outcome is None:
                for arn, _ in by._resources:
                    weight.why.extend(lacking_of_arn(arn, request.resource))
        lacks = [reason for weight in held for reason in weight.why]
        if self.is_service:
            opens = either(ways.values()) if attached else None
            why = lacks if attached else ["the policy of the resource is not given"]
            self.gates.append(_Gate("resource", 0, opens, why))
        else:
            self.together(ways, lacks, has_policy=any(outcome for _, outcome in attached), may=bool(attached))
        self.granters += [weight.granter for weight in held if weight.granter]

    def together(self, ways: dict[str, Tri], lacks: list[str], *, has_policy: bool, may: bool) -> None:
        """What an IAM user or role needs: of its own policies, and of the resource's.

        Within one account what the resource's policy grants stands beside the caller's own policies; between accounts
        both sides must allow.
        """
        request = self.request
        granted = either(ways.values())
        foreign = is_foreign(request)
        needs = True if must_be_allowed_by(self.action) else foreign
        beside = _beside(_direct(self.action, ways)) if ways else {}
        for layer, own, why in self.own():
            within = either((own, beside[layer])) if ways else own
            opens = own if foreign else within if foreign is False else agreed(own, within)
            doubts = [*why, *lacks] if may else why
            if opens is None and not doubts:
                doubts = [f"whether the resource's policy is enough without the {WORDS[layer]} is not certain"]
            self.gates.append(_Gate(layer, 0, opens, doubts))
        if needs is not False:
            # Who owns a bucket its ARN does not tell. In another account it would need a policy that allows: so much
            # stays open, unless the files say whose it is (`aws:ResourceAccount`) or the policy given allows anyhow.
            given, why = granted, lacks
            if not has_policy and not may:
                given = False if foreign and is_shared_by_policy(request) else None
                why = [f"the policy of {request.resource} is not given"]
            if needs is None:
                given = if_true(given)
                why = [*why, "whether the resource is in the caller's account is not declared"]
            self.gates.append(_Gate("resource", 0, given, why))

    def own(self) -> Iterator[tuple[str, Tri, list[str]]]:
        """What the caller's own policies say, layer by layer."""
        by = self.by
        weight = self.weigh(by._identity)
        if weight.granter:
            self.granters.insert(0, weight.granter)
        if by._knows_identity:
            yield "identity", weight.allow, weight.why
        else:
            reason = "the identity-based policies of the caller are not given"
            # What was not given may deny as well.
            self.weights[-1] = (weight._replace(deny=None, why=[reason]), True)
            yield "identity", None, [reason]
        if by._has_boundary:
            weight = self.weigh(by._boundary)
            yield "boundary", weight.allow, weight.why
        if by._session:
            weights = [self.weigh(group) for group in by._session]
            allow = weights[0].allow
            why = [reason for weight in weights for reason in weight.why]
            if any(weight.allow is not allow for weight in weights):
                allow = None
                why.append("AWS does not say whether every session policy must allow, or one of them")
            yield "session", allow, why
