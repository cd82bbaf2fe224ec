"""A usage with its surroundings: it spells ARNs and fills in what each request carries."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from bedrock_policy_lint.authorize.request import Request, Unknown
from bedrock_policy_lint.model import arn as arns
from bedrock_policy_lint.model.text import Hole, Template, Text, from_policy, join, parts_of
from bedrock_policy_lint.usage.row import Row
from bedrock_policy_lint.usage.terms import PUBLIC

if TYPE_CHECKING:
    from bedrock_policy_lint.authorize.request import ContextValue, Identity
    from bedrock_policy_lint.catalog import Catalog, Operation
    from bedrock_policy_lint.usage.apis import Api
    from bedrock_policy_lint.usage.basis import Basis
    from bedrock_policy_lint.usage.usage import Target, Usage

Keys = Mapping[str, "ContextValue"]

NOTHING: Keys = {}
REGION_KEY = "aws:requestedregion"
PROFILE_KEY = "bedrock:inferenceprofilearn"
ROUTER_KEY = "bedrock:promptrouterarn"
PROJECT_KEY = "bedrock:projectarn"

_OF_ONE_ROW = frozenset({REGION_KEY, PROFILE_KEY, ROUTER_KEY})
"""Keys whose value changes from row to row: one declared for the whole usage is right for none."""
_BEDROCK = frozenset({"bedrock", "bedrock-mantle", "aws-marketplace"})
_ENDPOINT_KEYS = (
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:vpcsourceip",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
)
_FORWARDING_KEYS = ("aws:viaawsservice", "aws:calledvia", "aws:calledviafirst", "aws:calledvialast")
_NETWORK_KEYS = ("aws:sourceip", *_ENDPOINT_KEYS)
_UNDECLARED_NETWORK = "the network path is not declared"
_DIRECT: Keys = {"aws:viaawsservice": ("false",)} | dict.fromkeys(_FORWARDING_KEYS[1:], ())
_ALWAYS: Keys = {
    "aws:securetransport": ("true",),
    "aws:currenttime": Unknown("the time of the call decides", present=True),
    "aws:epochtime": Unknown("the time of the call decides", present=True),
    "aws:tagkeys": (),
}
_NO_SERVICE: Keys = {
    "aws:principalisawsservice": ("false",),
    "aws:principalservicename": (),
    "aws:principalservicenameslist": (),
    "aws:sourcearn": (),
    "aws:sourceaccount": (),
    "aws:sourceorgid": (),
    "aws:sourceorgpaths": (),
}
_ELSEWHERE = "AWS does not say what `{}` holds where it weighs a call for another Region or service"
_UNOWNED = "AWS does not say to which account it counts what it owns itself"
_OF_AWS: Keys = {
    "aws:resourceaccount": Unknown(_UNOWNED),
    "aws:resourceorgid": Unknown(_UNOWNED),
    "aws:resourceorgpaths": Unknown(_UNOWNED),
}
"""What a row carries whose resource belongs to AWS, as a foundation model does."""


class Call:
    """A usage, who makes it, and the catalogue that answers for it."""

    def __init__(self, usage: Usage, identity: Identity, catalog: Catalog, api: Api) -> None:
        """Nothing is looked up yet."""
        self.usage = usage
        self.identity = identity
        self.catalog = catalog
        self.api = api

    @property
    def region(self) -> str:
        """Where the call is made."""
        return self.usage.region

    @cached_property
    def operation(self) -> Operation | None:
        """What the catalogue knows of the operation."""
        return self.api.operation(self.catalog)

    @cached_property
    def partition(self) -> str:
        """That of the Region; of an unknown Region that of what is called."""
        target = self.usage.target or self.usage.resource
        return self.catalog.partition_of(self.region) or (target.partition if target else "") or "aws"

    @property
    def action(self) -> str:
        """The action that invokes a model in this call."""
        actions = self.operation.actions if self.operation else ()
        return next((action for action in actions if action.startswith("bedrock:InvokeModel")), "bedrock:InvokeModel")

    def asks_sometimes(self, action: str) -> bool:
        """Whether AWS says that the operation can ask for an action."""
        operation = self.operation
        return operation is not None and (action in operation.sometimes or action in operation.actions)

    # ARNs

    def arn(
        self, resource: Text, *, region: Text | None = None, account: Text | None = None, service: str = ""
    ) -> Text:
        """An ARN of the call's Region and account, where nothing else is said."""
        where = self.region if region is None else region
        owner = self.usage.account if account is None else account
        return concat(f"arn:{self.partition}:{service or 'bedrock'}:", where, ":", owner, ":", resource)

    def model_arn(self, model: Text, region: Text | None = None) -> Text:
        """The ARN of a foundation model, which no account owns."""
        return self.arn(concat("foundation-model/", model), region=region, account="")

    def arn_of(self, target: Target, service: str = "") -> Text:
        """The ARN of something that an account owns; what its own ARN says goes first."""
        resource = from_policy(f"{target.kind}/{target.id}", variables=False)
        return self.arn(resource, region=target.region or self.region, account=self.owner_of(target), service=service)

    def owner_of(self, target: Target) -> Text:
        """The account that something belongs to."""
        return from_policy(target.account, variables=False) if target.account else self.usage.account

    # Rows

    def row(self, action: str, resource: Text, part: str, basis: Basis, keys: Keys = NOTHING) -> Row:
        """A request that AWS weighs in the call's own Region."""
        return self.row_in(self.region, action, resource, part, basis, keys)

    def row_in(self, region: Text, action: str, resource: Text, part: str, basis: Basis, keys: Keys = NOTHING) -> Row:
        """A request for a Region, be it another one; `keys` are its own context."""
        context = self._context(action, resource, keys, is_elsewhere=region != self.region)
        context.setdefault(REGION_KEY, (region,))
        return Row(Request(action, resource, self.identity, context), part, str(region), *basis)

    def forwarded(self, action: str, resource: Text, part: str, basis: Basis, keys: Keys) -> Row:
        """A request that a service makes in the caller's name; `keys` say which service."""
        context = self._context(action, resource, keys, is_elsewhere=True)
        context.setdefault(REGION_KEY, (self.region,))
        return Row(Request(action, resource, self.identity, context), part, self.region, *basis)

    def _context(self, action: str, resource: Text, keys: Keys, *, is_elsewhere: bool) -> dict[str, ContextValue]:
        network = self._network_elsewhere if is_elsewhere else self._network
        found = {**self._shared, **network, **self._owner(resource)}
        own = {key for key, value in keys.items() if not isinstance(value, Unknown)}
        declared = {
            key: value
            for key, value in self.usage.context.items()
            if key not in own and self._reaches(key, action, is_elsewhere)
        }
        return {**found, **keys, **declared}

    def _reaches(self, key: str, action: str, is_elsewhere: bool) -> bool:
        """Whether what is declared under a key is in the request of an action."""
        if key in _OF_ONE_ROW:
            return False
        # Presumably these rows carry the address of the original call, but AWS does not say so.
        if is_elsewhere and key in (*_NETWORK_KEYS, *_FORWARDING_KEYS):
            return False
        if key.partition(":")[0] not in _BEDROCK:
            return True
        known = self.catalog.action(action)
        return known is not None and key in known.condition_keys

    def _owner(self, resource: Text) -> Keys:
        arn = arns.parse(resource)
        if arn is None:
            return NOTHING
        if arn.account in ("", "aws"):
            return _OF_AWS
        found: dict[str, ContextValue] = {"aws:resourceaccount": (arn.account,)}
        organization = self.usage.context.get("aws:principalorgid")
        if organization is not None and arn.account == self.identity.account:
            found["aws:resourceorgid"] = organization
        return found

    @cached_property
    def _shared(self) -> Keys:
        identity = self.identity
        if identity.service:
            return {
                **_ALWAYS,
                "aws:principalisawsservice": ("true",),
                "aws:principalservicename": (identity.service,),
            }
        found: dict[str, ContextValue] = {**_ALWAYS, **_NO_SERVICE, "aws:principalaccount": (identity.account,)}
        if identity.arn is None:
            found["aws:principalarn"] = Unknown("the role or user is not declared", present=True)
            return found
        found["aws:principalarn"] = (identity.arn,)
        arn = arns.parse(identity.arn)
        if arn is not None and arn.type == "role":
            found |= {"aws:principaltype": ("AssumedRole",), "aws:username": ()}
        elif arn is not None and arn.type == "user":
            found["aws:principaltype"] = ("User",)
        return found

    @cached_property
    def _network(self) -> Keys:
        path = self.usage.network
        if path == PUBLIC:
            address = Unknown("the address of the caller is not declared", present=True)
            return {**_DIRECT, **dict.fromkeys(_ENDPOINT_KEYS, ()), "aws:sourceip": address}
        if not path:
            return {**_DIRECT, **dict.fromkeys(_NETWORK_KEYS, Unknown(_UNDECLARED_NETWORK))}
        return {
            **_DIRECT,
            "aws:sourceip": (),  # IAM leaves it out of a request that takes an endpoint
            "aws:sourcevpce": (path,),
            "aws:sourcevpc": Unknown("the VPC of the endpoint is not declared", present=True),
            "aws:vpcsourceip": Unknown("the address of the caller is not declared", present=True),
        }

    @cached_property
    def _network_elsewhere(self) -> Keys:
        found: dict[str, ContextValue] = {
            key: Unknown(_ELSEWHERE.format(key)) for key in (*_NETWORK_KEYS, *_FORWARDING_KEYS)
        }
        if self.usage.network == PUBLIC:
            # A call that took no endpoint has none to name, whoever weighs it.
            found |= dict.fromkeys(_ENDPOINT_KEYS, ())
        return found


def concat(*pieces: Text) -> Text:
    """The pieces as one text."""
    parts: list[str | Hole] = []
    for piece in pieces:
        parts += parts_of(piece)
    return join(parts)


def hole(name: str) -> Template:
    """A text that nobody has declared."""
    return Template((Hole(name, f"<{name}>"),))


def unsure(keys: Keys, where: str) -> Keys:
    """The same keys, where AWS does not say that a row carries them."""
    return {
        key: Unknown(f"AWS does not say whether `{key}` is set on {where}") if value != () else value
        for key, value in keys.items()
    }


def via(service: str) -> Keys:
    """What a request carries that a service makes in the caller's name."""
    called = ("aws:calledvia", "aws:calledviafirst", "aws:calledvialast")
    return {"aws:viaawsservice": ("true",), **dict.fromkeys(called, (service,))}
