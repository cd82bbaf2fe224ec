"""Why calls fail: what is denied, gathered under the one fault that explains it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from bedrock_policy_lint.authorize.decision import ALLOWED, DENIED
from bedrock_policy_lint.bedrock.actions import EVERYTHING, INVOKE
from bedrock_policy_lint.bedrock.arns import APPLICATION, MODEL, PROFILE, is_misplaced, target
from bedrock_policy_lint.diagnosis.cause import Cause, Denied
from bedrock_policy_lint.diagnosis.deciding import REGION_KEY, of_allow, of_deny
from bedrock_policy_lint.diagnosis.kinship import is_copied, is_other_geography, is_other_version, is_same_name
from bedrock_policy_lint.diagnosis.near import MOST_STATEMENTS, names, nearest
from bedrock_policy_lint.diagnosis.verdict import Assessment, Ruling, Verdict
from bedrock_policy_lint.model.arn import parse
from bedrock_policy_lint.model.pattern import glob, is_wild, matches
from bedrock_policy_lint.model.policy import Action, Test
from bedrock_policy_lint.sources.node import Node
from bedrock_policy_lint.usage.apis import MANTLE
from bedrock_policy_lint.usage.invocations import model_behind

if TYPE_CHECKING:
    from bedrock_policy_lint.authorize.decision import Match
    from bedrock_policy_lint.catalog import Catalog, NeverAction
    from bedrock_policy_lint.diagnosis.near import Near
    from bedrock_policy_lint.model.arn import Arn
    from bedrock_policy_lint.model.policy import Policy, Resource, Statement

_MODEL_PARTS = frozenset({"model", "source-model", "destination-model", "global-model"})
_INVOKED = _MODEL_PARTS | {"profile"}
_FIELDS = ("partition", "service", "region", "account", "resource")
_GUARDRAIL_PARTS = frozenset({"guardrail", "guardrail-profile", "reasoning"})
_RULE_OF_LAYER = {
    "scp": "scp-does-not-allow",
    "boundary": "session-boundary-intersection",
    "session": "session-boundary-intersection",
    "endpoint": "endpoint-policy-blocks-call",
    "resource": "cross-account-resource-policy-missing",
}
_RULE_OF_PART = {
    "token": "bearer-token-action-missing",
    "guardrail-profile": "guardrail-profile-missing",
    "listing": "discovery-action-missing",
    "role": "passrole-missing",
}
_RULES_OF_ROUTES = ("bda-profile-regions", "guardrail-profile-missing")
"""Those about profiles that are no inference profiles."""


def causes(assessments: Iterable[Assessment], catalog: Catalog) -> list[Cause]:
    """Every fault behind the denials, the first cause first; one that stops several calls is one."""
    merged: dict[tuple[str, str, int, bool], Cause] = {}
    for assessment in assessments:
        diagnosis = _Diagnosis(assessment, catalog)
        for verdict in assessment.verdicts:
            for cause in diagnosis.of(verdict):
                node = cause.node
                # One file may be attached at several levels: its fault is one.
                # Of what a service asks for, the certain is not to vouch for what is no more than likely.
                is_sure = cause.is_certain or not verdict.usage.rule
                key = (cause.rule, cause.layer, id(node) if node is not None else id(verdict), is_sure)
                known = merged.setdefault(key, cause)
                if known is not cause:
                    known.denied += cause.denied
                    known.fits = known.fits and cause.fits
    return list(merged.values())


class _Diagnosis:
    """Looks for what explains the denials of one caller."""

    def __init__(self, assessment: Assessment, catalog: Catalog) -> None:
        self.caller = assessment.caller
        self.authorizer = assessment.authorizer
        self.catalog = catalog
        statements = [
            statement for policy in assessment.caller.layers.identity or () for statement in policy.statements
        ]
        allows = [statement for statement in statements if statement.allows]
        self.allows = allows if len(allows) <= MOST_STATEMENTS else []
        self._matches: dict[int, list[Match]] = {}
        self._mended: set[int] = set()
        """Statements that lack the action of the call at hand and are told to: of what else is missing there, each as
        if it had it, by identity."""

    def of(self, verdict: Verdict) -> Iterator[Cause]:
        """The causes behind one verdict."""
        groups: dict[tuple[str, int, int], tuple[Statement | None, list[Ruling]]] = {}
        for ruling in verdict.rulings:
            if ruling.decision.outcome == DENIED:
                for failure in ruling.decision.failures:
                    key = (failure.layer, failure.level, id(failure.deny))
                    groups.setdefault(key, (failure.deny, []))[1].append(ruling)
        for (layer, level, _), (deny, rulings) in groups.items():
            if deny is not None:
                yield self._by_deny(verdict, layer, level, deny, rulings)
            elif layer == "identity":
                yield from self._by_identity(verdict, rulings)
            else:
                yield from self._by_layer(verdict, layer, level, rulings)

    def _cause(
        self,
        rule: str,
        verdict: Verdict,
        rulings: Iterable[Ruling],
        place: Test | Resource | Action | Node | None = None,
        statement: Statement | None = None,
        *,
        layer: str = "identity",
        level: int = 0,
    ) -> Cause:
        cause = Cause(rule, layer, level)
        cause.place, cause.statement = place, statement
        cause.denied = [Denied(self.caller, verdict, ruling) for ruling in rulings]
        if statement is not None and statement.allows:
            cause.fits = all(self._fits(place, statement, ruling) for ruling in cause.rulings)
        return cause

    def _fits(self, place: Test | Resource | Action | Node | None, statement: Statement, ruling: Ruling) -> bool:
        match = self.authorizer.match(statement, ruling.row.request)
        others = [outcome for test, outcome in match.tests if test is not place]
        return bool(match.resource or self._has_action(match)) and False not in others

    def _by_deny(self, verdict: Verdict, layer: str, level: int, deny: Statement, rulings: list[Ruling]) -> Cause:
        test, rule = of_deny(deny, layer, verdict, rulings)
        place = test or _denying(deny, rulings[0]) or deny.effect_node
        return self._cause(rule, verdict, rulings, place, deny, layer=layer, level=level)

    def _by_layer(self, verdict: Verdict, layer: str, level: int, rulings: list[Ruling]) -> Iterator[Cause]:
        """What explains that a layer beside the identity policies does not allow these requests."""
        groups: dict[tuple[int, str], tuple[Near | None, list[Ruling]]] = {}
        for ruling in rulings:
            request = ruling.row.request
            near = nearest(self.authorizer, self._policies(verdict, layer, level, ruling), request)
            at = getattr(near.place, "node", near.place) if near else None
            action = request.action if near and isinstance(near.place, Test) else ""
            groups.setdefault((id(at), action), (near, []))[1].append(ruling)
        for near, some in groups.values():
            place, statement = near or (None, None)
            rule = _RULE_OF_LAYER.get(layer, "call-denied")
            if layer == "resource" and verdict.usage.needs:
                rule = verdict.usage.rule or rule
            if isinstance(place, Test):
                rule = of_allow(place, layer, verdict, some) or rule
            elif isinstance(place, Action):
                rule, place = self._dead_in(place.statement, some[0]) or (rule, place)
            elif near is None and some[0].row.part in _GUARDRAIL_PARTS:
                place = verdict.usage.nodes.get("guardrail")
            yield self._cause(rule, verdict, some, place, statement, layer=layer, level=level)

    def _dead_in(self, statement: Statement, ruling: Ruling) -> tuple[str, Action] | None:
        """An entry of a statement that is meant to allow the action and names none that exists."""
        asked = ruling.row.request.action
        if statement.not_action_nodes or any(names(entry, asked) for entry in statement.actions):
            return None
        found = ((self._rule_of_dead(entry, asked), entry) for entry in statement.actions)
        return next(((rule, entry) for rule, entry in found if rule), None)

    def _policies(self, verdict: Verdict, layer: str, level: int, ruling: Ruling) -> tuple[Policy, ...]:
        """The policies of a layer that bear on a request."""
        layers, asked = self.caller.layers_of(verdict.usage), ruling.row.request.resource
        levels = {"scp": layers.scps, "rcp": layers.rcps}
        if layer in levels:
            return levels[layer][level]
        if layer == "resource":
            return tuple(entry.policy for entry in layers.resources if matches(entry.resource, asked) is not False)
        own = {"boundary": layers.boundary, "session": layers.session, "endpoint": layers.endpoint}
        return own.get(layer, ())

    def _by_identity(self, verdict: Verdict, rulings: list[Ruling]) -> Iterator[Cause]:
        """What explains that no identity policy allows these requests."""
        left = []
        blocked: dict[tuple[int, str], tuple[Test, Statement, list[Ruling]]] = {}
        for ruling in rulings:
            found = self._blocking_test(ruling)
            if found is None:
                left.append(ruling)
            else:
                test, statement = found
                key = (id(test), ruling.row.request.action)
                blocked.setdefault(key, (test, statement, []))[2].append(ruling)
        for test, statement, some in blocked.values():
            rule = self._rule_of_blocking(test, verdict, some)
            yield self._cause(rule, verdict, some, test, statement)
        yield from self._by_part(verdict, left)

    def _rule_of_blocking(self, test: Test, verdict: Verdict, rulings: list[Ruling]) -> str:
        other = "grant-region-mismatch" if test.key.lower() == REGION_KEY else "condition-blocks-call"
        return of_allow(test, "identity", verdict, rulings) or other

    def _blocking_test(self, ruling: Ruling) -> tuple[Test, Statement] | None:
        """The first test that fails in a statement about the request; of several, in the one with the fewest such."""
        failing = [
            ([test for test, outcome in match.tests if outcome is False], match.statement)
            for match in self._matched(ruling)
            if match.action and match.resource and match.condition is False
        ]
        if not failing:
            return None
        tests, statement = min(failing, key=lambda found: len(found[0]))
        return tests[0], statement

    def _matched(self, ruling: Ruling) -> list[Match]:
        known = self._matches.get(id(ruling))
        if known is None:
            request = ruling.row.request
            known = self._matches[id(ruling)] = [self.authorizer.match(allow, request) for allow in self.allows]
        return known

    def _by_part(self, verdict: Verdict, rulings: list[Ruling]) -> Iterator[Cause]:
        groups: dict[tuple[str, str], list[Ruling]] = {}
        for ruling in rulings:
            kind = self._kind_of(verdict, ruling)
            by_action = kind == "api-action-missing" or bool(verdict.usage.needs)
            groups.setdefault((kind, ruling.row.request.action if by_action else ""), []).append(ruling)
        for (kind, _), some in groups.items():
            if kind == "":
                yield from self._by_model(verdict, some)
            else:
                yield self._of_part(kind, verdict, some)

    def _of_part(self, kind: str, verdict: Verdict, rulings: list[Ruling]) -> Cause:
        """What explains that requests of a kind are not allowed which are about something else than a model."""
        first = rulings[0]
        dead = self._dead_action(first)
        if dead is not None:
            return self._cause(dead[0], verdict, rulings, dead[1], dead[1].statement)
        elsewhere = self._elsewhere(first) if kind == "api-action-missing" else None
        if elsewhere is not None:
            return self._cause("grant-region-mismatch", verdict, rulings, elsewhere, elsewhere.statement)
        routed = self._of_same_type(verdict, rulings) if kind in _RULES_OF_ROUTES else None
        place = routed or self._nearest(first)
        if place is None and first.row.part == "model":
            place = self._other_action(first)
        elif place is None and kind != "api-action-missing":
            place = self._roomy(first)
        if place is None and first.row.part == "token":
            return self._cause(kind, verdict, rulings, verdict.usage.nodes.get("credentials"))
        return self._cause(kind, verdict, rulings, place, place.statement if place else None)

    def _kind_of(self, verdict: Verdict, ruling: Ruling) -> str:
        """The rule for a request about something else than a model; empty for one about a model."""
        row = ruling.row
        if row.part in _INVOKED and row.request.action in INVOKE:
            return ""
        if verdict.usage.rule and row.part != "guardrail-profile":
            return verdict.usage.rule
        if row.part != "token":
            if row.request.action.startswith(f"{MANTLE}:"):
                return "mantle-actions-missing"
            if verdict.usage.api == "data-automation":
                return "bda-profile-regions"
        if row.part in _GUARDRAIL_PARTS:
            return self._kind_of_guardrail(verdict, row.part)
        return _RULE_OF_PART.get(row.part, "api-action-missing")

    def _kind_of_guardrail(self, verdict: Verdict, part: str) -> str:
        asked = [other for other in verdict.rulings if other.row.part == "guardrail"]
        is_whole = part == "reasoning" or any(other.decision.outcome == DENIED for other in asked)
        return "applyguardrail-missing" if is_whole else "guardrail-profile-missing"

    def _elsewhere(self, ruling: Ruling) -> Resource | None:
        """The entry that allows the action on what is asked for, but in another Region."""
        asked = parse(ruling.row.request.resource)
        near = self._nearest_resource(ruling, is_same_name)
        if asked is None or near is None or near.arn is None or matches(near.arn.region, asked.region) is not False:
            return None
        return near

    def _nearest(self, ruling: Ruling) -> Action | None:
        """An entry for the same action, or one whose statement holds the resource: where the grant could be added."""
        for match in self._matched(ruling):
            if match.action and not match.statement.not_action_nodes:
                action = ruling.row.request.action
                return next((entry for entry in match.statement.actions if names(entry, action)), None)
        return None

    def _of_same_type(self, verdict: Verdict, rulings: list[Ruling]) -> Resource | None:
        """An entry for a profile of the same type: one of no use to the call, else one that allows part of it."""
        found = {}
        for ruling in rulings:
            asked = parse(ruling.row.request.resource)
            for entry in self._beside_resource(ruling):
                if asked is not None and entry.arn is not None and entry.arn.type == asked.type:
                    found[id(entry.node)] = entry
        asks = [ruling.row.request.resource for ruling in verdict.rulings]
        idle = (entry for entry in found.values() if not any(matches(entry.text, asked) for asked in asks))
        return next(idle, next(iter(found.values()), None))

    def _roomy(self, ruling: Ruling) -> Action | None:
        """An entry for the same service whose statement lacks no more than the action; else what one may invoke."""
        service = ruling.row.request.action.partition(":")[0]
        for entry in self._beside_action(ruling):
            if entry.service == service or (service == MANTLE and entry.service == "bedrock"):
                return entry
        return self._for_other_endpoint() if service == MANTLE and ruling.row.part != "token" else None

    def _for_other_endpoint(self) -> Action | None:
        """An entry that allows to invoke models, which does not reach the endpoint bedrock-mantle."""
        entries = (entry for allow in self.allows if allow.action_nodes for entry in allow.actions)
        return next((entry for entry in entries if entry.text not in EVERYTHING and _invokes(entry)), None)

    # A model, or a profile and its models

    def _by_model(self, verdict: Verdict, rulings: list[Ruling]) -> Iterator[Cause]:
        found: dict[int, tuple[str, Action | Resource, list[Ruling]]] = {}
        left = []
        for ruling in rulings:
            wrong = self._wrong_entry(verdict, ruling)
            if wrong is None:
                left.append(ruling)
            else:
                rule, entry = wrong
                found.setdefault(id(entry.node), (rule, entry, []))[2].append(ruling)
        for rule, entry, some in found.values():
            yield self._cause(rule, verdict, some, entry, entry.statement)
        self._mended = {id(entry.statement) for _, entry, _ in found.values() if isinstance(entry, Action)}
        if left and verdict.usage.rule and self._is_whole(verdict, left):
            yield self._explained(verdict, left, verdict.usage.rule)
        elif left and verdict.usage.part:
            yield self._cause("secondary-model-not-covered", verdict, left)
        elif left:
            yield from self._by_resource(verdict, left)

    def _wrong_entry(self, verdict: Verdict, ruling: Ruling) -> tuple[str, Action | Resource] | None:
        """An entry that is meant for the request, and the rule that says what is wrong with it."""
        dead = self._dead_action(ruling) or self._misplaced(verdict, ruling) or self._misowned(ruling)
        if dead is not None or verdict.usage.part:
            return dead
        other = self._other_action(ruling)
        return (verdict.usage.rule or "api-action-missing", other) if other is not None else None

    def _is_whole(self, verdict: Verdict, rulings: list[Ruling]) -> bool:
        """Whether neither a model nor a profile of the call is allowed."""
        asked = [ruling for ruling in verdict.rulings if ruling.row.part in _INVOKED]
        return len(rulings) == len(asked)

    def _by_resource(self, verdict: Verdict, rulings: list[Ruling]) -> Iterator[Cause]:
        profiles = [ruling for ruling in rulings if ruling.row.part == "profile"]
        models = [ruling for ruling in rulings if ruling.row.part in _MODEL_PARTS]
        every_model = [ruling for ruling in verdict.rulings if ruling.row.part in _MODEL_PARTS]
        has_profile = any(ruling.row.part == "profile" for ruling in verdict.rulings)
        whole = len(models) == len(every_model)
        if whole and (profiles or not has_profile):
            yield self._explained(verdict, rulings, "invoke-not-allowed")
            return
        if profiles:
            kind = target(parse(profiles[0].row.request.resource))
            is_application = kind is not None and kind.kind == APPLICATION
            rule = "application-inference-profile-not-covered" if is_application else "foundation-model-without-profile"
            yield self._explained(verdict, profiles, rule)
        if models and whole:
            yield self._explained(verdict, models, "profile-without-foundation-model")
        elif models:
            world_wide = all(ruling.row.part == "global-model" for ruling in models)
            rule = "global-profile-regionless-fm-missing" if world_wide else "profile-destination-region-missing"
            near = self._nearest_resource(models[0], is_same_name)
            yield self._cause(rule, verdict, models, near, near.statement if near else None)

    def _explained(self, verdict: Verdict, rulings: list[Ruling], otherwise: str) -> Cause:
        """A grant for another Region, geography or version explains best why the right one is absent."""
        catalog = self.catalog
        is_whole = otherwise in ("invoke-not-allowed", verdict.usage.rule)
        entry = None if is_whole else self._neighbour(verdict)
        if otherwise == "profile-without-foundation-model" and entry and not is_wild(entry.text):
            # Whoever names the profile means its model: a grant of another one is for another call.
            near = next(filter(None, (self._nearest_resource(ruling, is_same_name) for ruling in rulings)), None)
            rule, place = ("grant-region-mismatch", near) if near else (otherwise, entry)
            return self._cause(rule, verdict, rulings, place, place.statement)
        for rule, is_near in (
            ("grant-region-mismatch", is_same_name),
            ("application-inference-profile-not-covered", lambda arn, _: is_copied(arn, verdict)),
            ("profile-geography-not-granted", lambda arn, asked: is_other_geography(arn, asked, catalog)),
            ("model-policy-drift", lambda arn, asked: is_other_version(arn, asked, catalog)),
        ):
            for ruling in rulings:
                near = self._nearest_resource(ruling, is_near)
                if near is not None:
                    return self._cause(rule, verdict, rulings, near, near.statement)
        return self._cause(otherwise, verdict, rulings, entry, entry.statement if entry else None)

    def _neighbour(self, verdict: Verdict) -> Resource | None:
        """The entry that allows another request of the same call: the missing one belongs beside it."""
        asked = [ruling for ruling in verdict.rulings if ruling.row.part in _INVOKED]
        allowing = [(ruling.decision.grant, ruling) for ruling in asked if ruling.decision.grant is not None]
        if self._mended:
            matched = ((match, ruling) for ruling in asked for match in self._matched(ruling) if match.resource)
            allowing += [(match.statement, ruling) for match, ruling in matched if id(match.statement) in self._mended]
        found = (_taking_in(statement, ruling) for statement, ruling in allowing)
        return next((entry for entry in found if entry is not None), None)

    def _has_action(self, match: Match) -> bool:
        return bool(match.action) or id(match.statement) in self._mended

    def _nearest_resource(self, ruling: Ruling, is_near: Callable[[Arn, Arn], bool]) -> Resource | None:
        asked = parse(ruling.row.request.resource)
        if asked is None:
            return None
        near = (entry for entry in self._beside_resource(ruling) if entry.arn is not None and is_near(entry.arn, asked))
        return next(near, None)

    def _other_action(self, ruling: Ruling) -> Action | None:
        """An entry that allows to invoke in another way what is to be invoked."""
        asked = ruling.row.request.action
        for entry in (*self._beside_action(ruling), *self._beside_action(ruling, blocked=True)):
            if any(names(entry, name) for name in INVOKE if name != asked):
                return entry
        return None

    def _dead_action(self, ruling: Ruling) -> tuple[str, Action] | None:
        """An entry that is meant to grant the action and names none that exists."""
        for entry in self._beside_action(ruling):
            rule = self._rule_of_dead(entry, ruling.row.request.action)
            if rule:
                return rule, entry
        return None

    def _beside_action(self, ruling: Ruling, *, blocked: bool = False) -> Iterator[Action]:
        """What is allowed on the resource in the place of the action, or would be but for a test as well."""
        for match in self._matched(ruling):
            is_list = not match.statement.not_action_nodes
            if is_list and match.action is False and match.resource and (match.condition is False) is blocked:
                yield from match.statement.actions

    def _rule_of_dead(self, entry: Action, asked: str) -> str:
        if any(asked in never.authorised_by for never in self._never(entry)):
            return "action-not-in-reference"
        right = self.catalog.right_prefix(entry.service) if entry.service else None
        if right is None or self.catalog.knows_prefix(entry.service):
            return ""
        meant = f"{right}:{entry.name}"
        never = self.catalog.never_action(meant)
        names = never.authorised_by if never else self.catalog.expand(meant)
        return "action-unknown-prefix" if asked in names else ""

    def _never(self, entry: Action) -> Iterator[NeverAction]:
        """The names of no action that an entry matches, where it matches no action."""
        if entry.service and not is_wild(entry.service) and not self.catalog.expand(entry.pattern):
            pattern = entry.pattern.lower()
            yield from (never for never in self.catalog.never_actions() if glob(pattern, never.name.lower()))

    def _misplaced(self, verdict: Verdict, ruling: Ruling) -> tuple[str, Resource] | None:
        """The id of the usage's profile in the ARN of a model, or the reverse."""
        named = verdict.usage.target
        if named is None or named.kind not in (MODEL, PROFILE):
            return None
        is_closed = not any(_is_model(other) and other.decision.outcome == ALLOWED for other in verdict.rulings)
        for entry in self._beside_resource(ruling):
            pointed = target(entry.arn)
            if pointed is None or not is_misplaced(pointed, self.catalog):
                continue
            if pointed.kind == MODEL:
                is_meant = not _is_model(ruling) or is_closed
                meant = named.id if named.kind == PROFILE else ""
            else:
                is_meant = ruling.row.part in ("profile", "model")
                meant = model_behind(named, self.catalog)
            if is_meant and meant and matches(pointed.id, meant):
                return "profile-id-in-foundation-model-arn", entry
        return None

    def _misowned(self, ruling: Ruling) -> tuple[str, Resource] | None:
        """The ARN that is asked for, but for its partition, or for an account that is missing or does not belong."""
        asked = parse(ruling.row.request.resource)
        for entry in self._beside_resource(ruling):
            arn = entry.arn
            if asked is None or arn is None:
                continue
            wrong = [name for name in _FIELDS if matches(getattr(arn, name), getattr(asked, name)) is not True]
            if wrong == ["partition"]:
                return "partition-mismatch", entry
            if wrong == ["account"] and "" in (arn.account, asked.account):
                return "arn-account-field-wrong", entry
        return None

    def _beside_resource(self, ruling: Ruling) -> Iterator[Resource]:
        """What the action is allowed on in the place of the resource."""
        for match in self._matched(ruling):
            if self._has_action(match) and match.resource is False and not match.statement.not_resource_nodes:
                yield from match.statement.resources


def _taking_in(statement: Statement, ruling: Ruling) -> Resource | None:
    """The entry of a statement that the resource of a request matches."""
    return next((entry for entry in statement.resources if matches(entry.text, ruling.row.request.resource)), None)


def _denying(deny: Statement, ruling: Ruling) -> Resource | Action | None:
    """The entry by which a Deny takes a request in, where one says more than `*`."""
    request = ruling.row.request
    if deny.resource_nodes:
        found = _taking_in(deny, ruling)
        if found is not None and found.text != "*":
            return found
    entries = deny.actions if deny.action_nodes else ()
    return next((entry for entry in entries if entry.text not in EVERYTHING and names(entry, request.action)), None)


def _invokes(entry: Action) -> bool:
    return any(names(entry, action) for action in INVOKE)


def _is_model(ruling: Ruling) -> bool:
    return ruling.row.part in _MODEL_PARTS
