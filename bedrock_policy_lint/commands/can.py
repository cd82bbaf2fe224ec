"""The verb `can`: is a call allowed? Every request that it causes, with what comes of it and why."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from bedrock_policy_lint.authorize.decision import ALLOWED, UNKNOWN
from bedrock_policy_lint.commands.layers import Attachments, layer_options
from bedrock_policy_lint.commands.usage_options import callers, usage_arguments, usage_options
from bedrock_policy_lint.diagnosis.causes import causes
from bedrock_policy_lint.diagnosis.verdict import assess
from bedrock_policy_lint.report.screen import has_colour
from bedrock_policy_lint.report.verdict import as_json, as_text
from bedrock_policy_lint.rule import Context, Problem

if TYPE_CHECKING:
    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.diagnosis.verdict import Assessment
    from bedrock_policy_lint.usage.usage import Caller

_HELP = """Say whether a call is allowed: each request that AWS makes for it, and which policy decides.

\b
  bedrock-policy-lint can converse-stream us.anthropic.claude-sonnet-4-6 \\
      --region us-east-1 --account 111122223333 --policy policy.json --scp root.json --scp workloads.json
  bedrock-policy-lint can --usage bedrock-usage.yaml --principal chat

What is not given is unknown, never taken for granted: an account, a network path, the value of a condition key. Of
control policies those given are all there are; a level without an Allow is taken to keep FullAWSAccess.

Exit codes: 0 allowed, 1 denied (also in some Regions of a profile only), 3 undecided, 2 could not run.
"""
_CODES = {ALLOWED: 0, UNKNOWN: 3}
_DENIED = 1


@click.command(help=_HELP, context_settings={"help_option_names": ["-h", "--help"]})
@usage_arguments
@usage_options
@layer_options
@click.option("--json", "is_json", is_flag=True, help="Print the decisions as JSON.")
def command(is_json: bool, **given: Any) -> int:
    """See `_HELP`."""
    from bedrock_policy_lint.catalog import default

    catalog = default()
    attachments = Attachments()
    attached = attachments.layers(given)
    assessments = [assess(_with(caller, attached, given), catalog) for caller in callers(given, catalog)]
    problems = _problems(assessments, catalog)
    if is_json:
        text = json.dumps(as_json(assessments, problems, catalog), indent=2, ensure_ascii=False) + "\n"
    else:
        text = as_text(assessments, problems, catalog, colour=has_colour(sys.stdout))
    sys.stdout.write(text)
    return _code(assessments)


def _with(caller: Caller, attached: Any, given: dict[str, Any]) -> Caller:
    """The caller with the policies of the command line, which a declaration names itself."""
    if not any(attached):
        return caller
    if given.get("usage"):
        raise click.UsageError("the declaration names the policies: no policy can be given beside --usage")
    return caller._replace(layers=attached)


def _code(assessments: list[Assessment]) -> int:
    outcomes = {verdict.outcome for assessment in assessments for verdict in assessment.verdicts}
    codes = {_CODES.get(outcome, _DENIED) for outcome in outcomes}
    return _DENIED if _DENIED in codes else max(codes, default=0)


def _problems(assessments: list[Assessment], catalog: Catalog) -> list[Problem]:
    """What the rules say of the denials, the first cause first."""
    from time import strftime

    from bedrock_policy_lint.registry import rules

    context = Context(catalog, "", strftime("%Y-%m-%d"))
    tellers = {rule.name: check for rule in rules().values() for level, check in rule.checks if level == "Cause"}
    problems: list[Problem] = []
    for cause in causes(assessments, catalog):
        told = list(tellers[cause.rule](cause, context))
        if not told and cause.is_certain:
            told = list(tellers[cause.plain_rule](cause, context))
        problems += [found for found in told if isinstance(found, Problem)]
    return problems
