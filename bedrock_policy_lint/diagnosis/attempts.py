"""What a caller may do beside what it is declared to call: requests of any kind, put to its policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.authorize.decide import Authorizer
from bedrock_policy_lint.authorize.decision import ALLOWED, DENIED
from bedrock_policy_lint.authorize.layers import Layers
from bedrock_policy_lint.authorize.request import Identity, Unknown
from bedrock_policy_lint.diagnosis.near import names
from bedrock_policy_lint.usage import apis, basis
from bedrock_policy_lint.usage.call import REGION_KEY, Call, Keys, concat, hole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bedrock_policy_lint.authorize.request import ContextValue, Request
    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.diagnosis.verdict import Assessment
    from bedrock_policy_lint.model.policy import Action, Statement
    from bedrock_policy_lint.model.text import Text

_IAM_TAG = "iam:resourcetag/"
_IAM_REGION = "us-east-1"
"""Of the one endpoint of IAM in the partition `aws`, as reference_policies_condition-keys says."""
_MOST_STATEMENTS = 2000


class Attempts:
    """One caller from one of its Regions."""

    def __init__(self, assessment: Assessment, call: Call) -> None:
        self.assessment = assessment
        self.call = call
        policies = assessment.caller.layers.policies
        tests = (test.key.lower() for policy in policies for one in policy.statements for test in one.tests)
        self._tags: Mapping[str, ContextValue] = {
            key: Unknown("the tags of the resource are not declared") for key in tests if key.startswith(_IAM_TAG)
        }

    def request(self, action: str, resource: Text, keys: Keys) -> Request:
        """A request of the caller's own making; keys of IAM and Bedrock that are not given are absent from it."""
        row = self.call.row(action, resource, "", basis.REFERENCE, {**self._tags, **keys})
        return row.request

    def granted(self, request: Request) -> Statement | None:
        """The statement that grants a request, where no layer can stop it whatever is unknown."""
        decision = self.assessment.authorizer.decide(request)
        return decision.grant if decision.outcome == ALLOWED else None

    def grants(self, statement: Statement, request: Request) -> bool:
        """Whether a request is certainly allowed, and by this statement."""
        granted = self.granted(request)
        return granted is statement or (
            granted is not None and self.assessment.authorizer.match(statement, request).whole is True
        )

    def may_be_denied(self, user: Text, action: str, keys: Keys) -> bool:
        """Whether what is declared stops a user of the account, or may do so; only the caller's own rights are known.

        Of another user the policies that are not declared count for nothing here: it may have what it needs.
        """
        call, layers = self.call, self.assessment.caller.layers
        if user == call.identity.arn:
            return self.granted(self.request(action, "*", keys)) is None
        other = Call(call.usage._replace(context={}), Identity(call.identity.account, user), call.catalog, call.api)
        request = other.row(action, "*", "", basis.REFERENCE, keys).request
        decision = Authorizer(Layers(scps=layers.scps)).decide(request)
        return decision.outcome == DENIED or decision.layer == "scp"

    def own(self, kind: str, pattern: str = "*", *, service: str) -> Text:
        """The ARN of any resource of the account whose id a pattern matches."""
        region = "" if service == "iam" else None
        account = self.call.identity.account
        return self.call.arn(concat(f"{kind}/", _any(pattern, kind)), region=region, account=account, service=service)

    @property
    def iam_region(self) -> Keys:
        """The Region that a call of IAM names, whatever Region the caller works in."""
        known = self.call.partition == "aws"
        return {REGION_KEY: (_IAM_REGION,) if known else Unknown("where the endpoint of IAM is, is not known", True)}


def attempts(assessment: Assessment, catalog: Catalog) -> Iterator[Attempts]:
    """Those of a caller, once for each Region in which it calls; none where its policies are not known."""
    caller = assessment.caller
    if caller.layers.identity is None or caller.unread:
        return
    seen: set[str] = set()
    for usage in caller.usages:
        api = apis.of(usage)
        if api is not None and usage.region not in seen:
            seen.add(usage.region)
            yield Attempts(assessment, Call(usage, caller.identity, catalog, api))


def entries(assessment: Assessment, action: str) -> Iterator[Action]:
    """The entries of the caller's identity policies that allow an action on resources that they list."""
    for policy in assessment.caller.layers.identity or ():
        for statement in policy.statements[:_MOST_STATEMENTS]:
            if statement.allows and statement.action_nodes and statement.resource_nodes:
                entry = naming(statement, action)
                if entry is not None:
                    yield entry


def naming(statement: Statement, action: str) -> Action | None:
    """The entry of `Action` that names an action."""
    if not statement.action_nodes:
        return None
    return next((entry for entry in statement.actions if names(entry, action)), None)


def _any(pattern: str, kind: str) -> Text:
    """What a pattern matches, with a hole for each star."""
    first, *rest = pattern.replace("?", "0").split("*")
    pieces: list[Text] = [first]
    for number, piece in enumerate(rest, 1):
        pieces += (hole(f"any {kind}" if len(rest) == 1 else f"any {kind} {number}"), piece)
    return concat(*pieces)
