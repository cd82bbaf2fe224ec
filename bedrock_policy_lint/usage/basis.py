"""What each kind of row rests on: how sure it is, and where that is said."""

from __future__ import annotations

from typing import NamedTuple

from bedrock_policy_lint.usage.row import AWS_SAYS, INFERRED, SEEN

_GUIDE = "https://docs.aws.amazon.com/bedrock/latest/userguide/"
_REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference/"
_MANAGED = "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/"


class Basis(NamedTuple):
    """How sure it is that AWS makes a request, and the address of what says so."""

    confidence: str
    source: str

    @property
    def doubted(self) -> Basis:
        """The same page, read for what it does not say."""
        return Basis(INFERRED, self.source)


REFERENCE = Basis(AWS_SAYS, _REFERENCE + "list_bedrock.html")
MODEL = Basis(AWS_SAYS, _GUIDE + "inference-prereq.html")
GEOGRAPHIC = Basis(AWS_SAYS, _GUIDE + "geographic-cross-region-inference.html")
GLOBAL = Basis(AWS_SAYS, _GUIDE + "global-cross-region-inference.html")
APPLICATION = Basis(SEEN, "aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws#235")
"""The guide only lets it be inferred; a denial shows it."""
APPLICATION_MODELS = Basis(INFERRED, _GUIDE + "inference-profiles-prereq.html")
APPLICATION_ROUTES = Basis(INFERRED, _GUIDE + "batch-iam-sr.html")
PROVISIONED = Basis(AWS_SAYS, _GUIDE + "security_iam_id-based-policy-examples.html")
MARKETPLACE = Basis(AWS_SAYS, _MANAGED + "AmazonBedrockMarketplaceAccess.html")
GUARDRAIL_USE = Basis(AWS_SAYS, _GUIDE + "guardrails-permissions-id.html")
GUARDRAIL_PROFILE = Basis(AWS_SAYS, _GUIDE + "guardrail-profiles-permissions.html")
ENFORCED = Basis(AWS_SAYS, _GUIDE + "guardrails-enforcements.html")
TOKEN = Basis(AWS_SAYS, _GUIDE + "api-keys-permissions.html")
MANTLE = Basis(AWS_SAYS, _REFERENCE + "list_bedrock-mantle.html")
BATCH = Basis(AWS_SAYS, _GUIDE + "batch-inference-prereq.html")
KNOWLEDGE = Basis(AWS_SAYS, _GUIDE + "kb-permissions.html")
RERANK_MODEL = Basis(INFERRED, _GUIDE + "rerank-prereq.html")
INLINE_MODEL = Basis(INFERRED, _GUIDE + "inline-agent-prereq.html")
DATA_AUTOMATION = Basis(AWS_SAYS, _GUIDE + "bda-cris.html")
SUBSCRIPTION = Basis(AWS_SAYS, _GUIDE + "model-access.html")
