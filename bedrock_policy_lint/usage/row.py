"""One row of what a call causes: a request with what is known about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from bedrock_policy_lint.authorize.request import Request
    from bedrock_policy_lint.model.text import Text

AWS_SAYS, SEEN, INFERRED = "A", "B", "C"
"""How sure it is that AWS makes the request: AWS says so, a real denial showed it, or it is inferred."""


class Row(NamedTuple):
    """An authorisation that a call causes."""

    request: Request
    part: str
    """What it is about: one of `PARTS`."""
    region: str
    """What `aws:RequestedRegion` holds: a Region or `unspecified`."""
    confidence: str
    source: str
    """The address of the page, or the thread or file, that says so."""
    contested: Text | None = None
    """Another resource on which some page of AWS grants the action: that a grant on it is not enough is not settled."""

    @property
    def is_certain(self) -> bool:
        """Whether AWS says that it is made, or a real denial showed it."""
        return self.confidence != INFERRED


PARTS = {
    "model": "the model",
    "profile": "the inference profile",
    "source-model": "the model in the caller's Region",
    "destination-model": "the model where the profile may send the call",
    "global-model": "the model without a Region",
    "resource": "the resource that is called",
    "guardrail": "the guardrail",
    "guardrail-profile": "the profile of the guardrail",
    "data-automation-profile": "the profile of data automation",
    "reasoning": "the automated reasoning policy",
    "token": "the API key",
    "prompt": "the prompt",
    "project": "the project",
    "tool": "the system tool",
    "job": "the job",
    "role": "the service role",
    "endpoint": "the endpoint behind it",
    "subscription": "the model's subscription",
    "listing": "the list",
}
"""What rows are about, as a message names it."""
