"""Whose a resource is, and which services have policies of their own kinds: what decides which layers count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.authorize.logic import negation
from bedrock_policy_lint.authorize.request import Unknown
from bedrock_policy_lint.authorize.texts import same
from bedrock_policy_lint.model.arn import parse as parse_arn

if TYPE_CHECKING:
    from bedrock_policy_lint.authorize.request import Request
    from bedrock_policy_lint.model.pattern import Tri

_REACHED = """
aoss appconfig appstream autoscaling autoscaling-plans budgets clouddirectory cloudfront cloudsearch
cloudtrail-data codeartifact codebuild codecommit codepipeline cognito-identity cognito-idp comprehend
comprehendmedical compute-optimizer cost-optimization-hub dax dsql dynamodb ecr ecr-public events firehose
fis fms gamelift health inspector-scan kendra kinesisvideo kms logs memorydb networkmonitor notifications
opensearch pca-connector-ad personalize polly pricing resource-groups rolesanywhere s3 secretsmanager
servicediscovery signin sqs sts support swf textract timestream-influxdb transcribe transfer translate wafv2
workspaces xray
"""
RCP_SERVICES = frozenset(_REACHED.split())
"""Prefixes of the services that resource control policies reach, of which Bedrock is none.

From the Organizations guide as of 2026 (orgs_manage_policies_rcps, "List of AWS services that support RCPs").
The list grows; a service that is neither in it nor Bedrock is taken for undecided.
"""

_SHARED = ("guardrail", "guardrail-profile", "knowledge-base", "custom-model", "runtime")
"""Resource types of Bedrock and AgentCore that another account can open only by a policy on them; agents beside."""


def is_foreign(request: Request) -> Tri:
    """Whether the resource lies in an account that is not the caller's."""
    arn = parse_arn(request.resource)
    if arn is None or arn.account == "aws":
        # `*` stands for the caller's own account; what bears the account `aws` is open to all.
        return False
    if arn.account:
        return negation(same(request.caller.account, arn.account))
    if str(arn.service).startswith("bedrock"):
        # A foundation model is AWS's own, and nobody asks whose it is.
        return False
    # A bucket and its like have an owner of whom the ARN says nothing.
    owner = request.value("aws:resourceaccount")
    if isinstance(owner, Unknown) or len(owner) != 1:
        return None
    return negation(same(request.caller.account, owner[0]))


def is_shared_by_policy(request: Request) -> bool:
    """Whether a resource of Bedrock in another account is out of reach without a policy on it."""
    arn = parse_arn(request.resource)
    if arn is None or not str(arn.service).startswith("bedrock"):
        return False
    return arn.type is not None and (arn.type in _SHARED or arn.type.startswith("agent"))


def must_be_allowed_by(action: str) -> bool:
    """Whether the resource's own policy must allow even within one account: keys, and roles that are assumed."""
    return action.startswith(("kms:", "sts:assumerole"))
