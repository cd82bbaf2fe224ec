"""Which test of a statement decides against a request, and which rule puts that into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.actions import INVOKE
from bedrock_policy_lint.bedrock.invocable import PROFILE_KEY

if TYPE_CHECKING:
    from bedrock_policy_lint.diagnosis.verdict import Ruling, Verdict
    from bedrock_policy_lint.model.policy import Statement, Test

REGION_KEY, _GUARDRAIL_KEY, _PASSED_KEY = "aws:requestedregion", "bedrock:guardrailidentifier", "iam:passedtoservice"
_CARRIERS = {_GUARDRAIL_KEY: INVOKE, _PASSED_KEY: frozenset({"iam:PassRole"})}
"""Which actions know a key."""
_PATH_KEYS = (
    *("aws:sourceip", "aws:vpcsourceip", "aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce"),
    *("aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"),
)
"""By which network a call comes."""
_SERVICE_KEYS = ("aws:viaawsservice", "aws:calledvia", "aws:calledviafirst", "aws:calledvialast")
"""By which service a call comes."""
_RULES = {
    _GUARDRAIL_KEY: "guardrail-required-but-omitted",
    **dict.fromkeys((*_PATH_KEYS, *_SERVICE_KEYS), "network-condition-vs-path"),
    _PASSED_KEY: "passrole-missing",
}
"""In the order in which they explain a Deny that tests several."""
_RANKS = {key: rank for rank, key in enumerate(_RULES)}
_OWN_LAYERS = ("identity", "boundary", "session")


def of_allow(test: Test, layer: str, verdict: Verdict, rulings: list[Ruling]) -> str:
    """The rule that explains a test for which an Allow does not apply; empty when no rule is about its key."""
    key = test.key.lower()
    if key == REGION_KEY and layer in _OWN_LAYERS and _are_elsewhere(verdict, rulings):
        return "requested-region-vs-profile"
    return _RULES.get(key, "") if _concerns(key, rulings) else ""


def of_deny(deny: Statement, layer: str, verdict: Verdict, rulings: list[Ruling]) -> tuple[Test | None, str]:
    """The test that decides that a Deny applies, and the rule that explains it."""
    limit = _region_test(deny)
    if limit is not None and _are_elsewhere(verdict, rulings):
        return limit, _rule_of_region(layer, rulings)
    # A negated test of the Region closes Regions, the caller's own among them; another one only selects.
    told = (test for test in deny.tests if test.key.lower() in _RULES and _concerns(test.key.lower(), rulings))
    closes = limit is not None and limit.operator.negated
    named = None if closes else min(told, key=_rank, default=None)
    if named is not None:
        return named, _RULES[named.key.lower()]
    demands = [test for test in deny.tests if test.operator.negated]
    blind = next((test for test in demands if test.key.lower() == PROFILE_KEY), None)
    if blind is not None and not closes and all(ruling.row.part == "profile" for ruling in rulings):
        return blind, "negated-operator-missing-key"
    return limit if closes else next(iter([*demands, *deny.tests]), None), "call-denied"


def _concerns(key: str, rulings: list[Ruling]) -> bool:
    """Whether some of the requests are such as may carry a key that only some actions know."""
    carriers = _CARRIERS.get(key)
    return carriers is None or any(ruling.row.request.action in carriers for ruling in rulings)


def _rank(test: Test) -> int:
    return _RANKS[test.key.lower()]


def _region_test(deny: Statement) -> Test | None:
    """The test of the Region; of several the one that lists what stays open."""
    tests = deny.tests_of(REGION_KEY)
    return next((test for test in tests if test.operator.negated), tests[0] if tests else None)


def _rule_of_region(layer: str, rulings: list[Ruling]) -> str:
    if layer == "scp":
        world_wide = all(ruling.row.part == "global-model" for ruling in rulings)
        return "scp-global-unspecified-region" if world_wide else "scp-region-deny-blocks-cris"
    return "requested-region-vs-profile" if layer in _OWN_LAYERS else "call-denied"


def _are_elsewhere(verdict: Verdict, rulings: list[Ruling]) -> bool:
    """Whether all requests are weighed for other Regions than the call's own."""
    return all(ruling.row.region != verdict.usage.region for ruling in rulings)
