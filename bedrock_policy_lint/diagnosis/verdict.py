"""The verdict on a usage: every request that it causes, decided by the policies of its caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.authorize.decide import Authorizer
from bedrock_policy_lint.authorize.decision import ALLOWED, DENIED, UNKNOWN, Decision
from bedrock_policy_lint.authorize.layers import WORDS
from bedrock_policy_lint.usage.rows import rows

if TYPE_CHECKING:
    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.usage.row import Row
    from bedrock_policy_lint.usage.usage import Caller, Usage

PARTLY = "partly denied"
"""Only some of the Regions where a profile may run the call are open to it."""

_BEHIND = ("endpoint", "role")
"""The parts that are requests of other services."""
ROUTES = ("destination-model", "source-model")
"""The parts that stand for a Region where the call may run."""


class Ruling(NamedTuple):
    """A row and what comes of it."""

    row: Row
    decision: Decision
    is_elsewhere: bool = False
    """Whether it is weighed for another Region or service, so that AWS does not say that an endpoint policy counts."""

    @property
    def stops(self) -> bool:
        """Whether the call certainly fails by it: AWS makes the request for certain, and it is denied."""
        if not self.row.is_certain or self.decision.outcome != DENIED:
            return False
        return not self.is_elsewhere or any(failure.layer != "endpoint" for failure in self.decision.failures)


class Verdict(NamedTuple):
    """What comes of one usage."""

    usage: Usage
    rulings: tuple[Ruling, ...]

    @property
    def outcome(self) -> str:
        """`allowed`, `denied`, `partly denied` or `unknown`."""
        stopped = [ruling for ruling in self.rulings if ruling.stops]
        if stopped:
            return PARTLY if self._is_partial(stopped) else DENIED
        # A denied request that AWS may not even make leaves the outcome open.
        return ALLOWED if all(ruling.decision.outcome == ALLOWED for ruling in self.rulings) else UNKNOWN

    def _is_partial(self, stopped: list[Ruling]) -> bool:
        """Whether some route of the profile stays open: AWS does not settle whether a call then fails at once."""
        if any(ruling.row.part != "destination-model" for ruling in stopped):
            return False
        # That the source is asked for where no call runs is not certain, and then it is no route.
        routes = (ruling for ruling in self.rulings if ruling.row.part in ROUTES and ruling.row.is_certain)
        return any(not ruling.stops for ruling in routes)


class Assessment(NamedTuple):
    """Everything that is decided of one caller."""

    caller: Caller
    authorizer: Authorizer
    """Over the policies that apply to every call."""
    verdicts: tuple[Verdict, ...]


def assess(caller: Caller, catalog: Catalog) -> Assessment:
    """The verdicts on all usages of a caller."""
    by_layers = {caller.layers: Authorizer(caller.layers)}
    verdicts = []
    for usage in caller.usages:
        layers = caller.layers_of(usage)
        if layers not in by_layers:
            by_layers[layers] = Authorizer(layers)
        found = rows(usage, caller.identity, catalog)
        rulings = [
            Ruling(row, _sure(_decided(row, by_layers[layers]), caller), _is_elsewhere(row, usage)) for row in found
        ]
        verdicts.append(Verdict(usage, tuple(rulings)))
    return Assessment(caller, by_layers[caller.layers], tuple(verdicts))


def _is_elsewhere(row: Row, usage: Usage) -> bool:
    return row.region != usage.region or row.part in _BEHIND


def _decided(row: Row, authorizer: Authorizer) -> Decision:
    """What comes of a row; open where only a grant on a contested resource speaks against a denial."""
    decision = authorizer.decide(row.request)
    if row.contested is None or decision.outcome != DENIED or any(failure.deny for failure in decision.failures):
        return decision
    if authorizer.decide(row.request._replace(resource=row.contested)).outcome == DENIED:
        return decision
    reason = f"AWS's pages contradict each other on whether a grant on `{row.contested}` is enough"
    return Decision(UNKNOWN, reasons=(reason,), layer=decision.failures[0].layer)


def _sure(decision: Decision, caller: Caller) -> Decision:
    """The decision, unless a policy that could not be read may change it."""
    if decision.outcome == UNKNOWN or not caller.unread:
        return decision
    # What could not be read may allow, but takes no Deny back.
    known = [failure for failure in decision.failures if failure.deny or failure.layer not in caller.unread]
    if known:
        return decision._replace(failures=tuple(known))
    return Decision(UNKNOWN, reasons=layers_unread(caller), layer=min(caller.unread))


def layers_unread(caller: Caller) -> tuple[str, ...]:
    """Why nobody knows what a caller may do: layers of which not every policy is known, as clauses."""
    return tuple(f"not every {WORDS[name]} is known" for name in sorted(caller.unread))
