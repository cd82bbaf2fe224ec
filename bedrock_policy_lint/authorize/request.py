"""One authorisation request: what AWS decides on, as far as the files settle it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from bedrock_policy_lint.model.text import Text


_REQUEST_TAGS = "aws:requesttag/"
"""Tags are part of what is asked for: a request whose context lists none carries none."""


class Unknown(NamedTuple):
    """The value of a context key that the files do not settle."""

    reason: str
    """A clause that says what would settle it: "the network path is not declared"."""
    present: bool = False
    """Whether the key is certainly in the request, whatever its value."""


ContextValue = tuple["Text", ...] | Unknown
"""The values of a context key; none at all when the request does not carry the key."""


class Identity(NamedTuple):
    """Who asks."""

    account: Text
    """A hole when it is not declared."""
    arn: Text | None = None
    """Of the role or user; None when it is not declared."""
    service: str = ""
    """The service principal, such as `bedrock.amazonaws.com`, when a service asks in its own name."""


class Request(NamedTuple):
    """One action on one resource, with its context."""

    action: str
    """With its prefix: `bedrock:InvokeModel`."""
    resource: Text
    """An ARN, or `*` for an action without resource types."""
    caller: Identity
    context: Mapping[str, ContextValue]
    """By key in lower case."""
    is_open: bool = True
    """Whether global keys (`aws:…`) that the context does not list are unknown rather than absent."""
    unsettled: tuple[str, ...] = ()
    """Prefixes of further keys of which the same is true, such as `kms:`."""

    def value(self, key: str) -> ContextValue:
        """What the request carries under a key, given in lower case."""
        found = self.context.get(key)
        if found is not None:
            return found
        if self.is_open and key.startswith("aws:") and not key.startswith(_REQUEST_TAGS):
            return Unknown(f"the value of `{key}` is not declared")
        if self.unsettled and key.startswith(self.unsettled):
            return Unknown(f"the value of `{key}` is not known")
        return ()
