"""The command that writes what calls lack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.problem import grants
from bedrock_policy_lint.model.text import Template
from bedrock_policy_lint.rule import Fix
from bedrock_policy_lint.usage.targets import first_unknown

if TYPE_CHECKING:
    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.diagnosis.cause import Cause
    from bedrock_policy_lint.usage.usage import Target


def write_policy(cause: Cause, catalog: Catalog) -> Fix:
    """Write the policy by the command for it; of what the command line cannot say, what to allow."""
    if any("${" in usage.target.written for denied in cause.denied if (usage := denied.verdict.usage).target):
        return Fix(f"allow {grants(cause.rulings)}")
    return Fix(f"write the policy with `{_command(cause, catalog)}`")


def _command(cause: Cause, catalog: Catalog) -> str:
    """The command that writes the least policy: for the call, or for all that is declared when it takes more to say."""
    import shlex

    first, usages = cause.first.verdict.usage, [denied.verdict.usage for denied in cause.denied]
    is_one = len({(usage.api, usage.target, usage.resource) for usage in usages}) == 1
    extras = (first.guardrail, first.destinations, first.tools, first.stored, first.tier, first.preset)
    words = ["bedrock-policy-lint", "generate"]
    if first.node is not None and not first.words and (not is_one or any(extras)):
        words += ["--usage", first.node.source.path, "--principal", cause.first.caller.name]
    else:
        words += [first.api, *(_target(first.target) if first.target else ())]
        words += ["--resource", first.resource.written] if first.resource else []
        words += ["--service-role", first.role] if first.role else []
        words += [word for region in dict.fromkeys(usage.region for usage in usages) for word in ("--region", region)]
        words += ["--account", first.account] if isinstance(first.account, str) else []
    if any(isinstance(ruling.row.request.resource, Template) for ruling in cause.rulings):
        words += ["--regions", "any"]
    if not all(first_unknown(usage.target, catalog) is None for usage in usages):
        words.append("--allow-unknown-model")
    return shlex.join(words)


def _target(target: Target) -> list[str]:
    return [target.written, *(word for source in target.sources for word in ("--source", source.written))]
