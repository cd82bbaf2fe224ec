"""The verb `explain`: the page of a rule, with its example shown as the finding that it gives."""

from __future__ import annotations

import json
import sys

import click

from bedrock_policy_lint.commands.rules import page_text, record
from bedrock_policy_lint.examples import run, settings_of, source_of
from bedrock_policy_lint.page import Example, parse
from bedrock_policy_lint.registry import rules
from bedrock_policy_lint.report import Report, Style, render
from bedrock_policy_lint.report.screen import has_colour
from bedrock_policy_lint.rule import Rule
from bedrock_policy_lint.wording import did_you_mean


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("rule")
@click.option("--json", "as_json", is_flag=True, help="Print the page as JSON.")
def command(rule: str, as_json: bool) -> int:
    """Say what RULE finds, why it matters and how to fix it, with examples."""
    known = rules().get(rule.lower().replace("_", "-"))
    if known is None:
        raise click.ClickException(f"no rule `{rule}`{did_you_mean(rule, rules())}")
    # Not click's echo, which takes out colours that FORCE_COLOR asks for.
    sys.stdout.write(_json(known) if as_json else _text(known))
    return 0


def _text(rule: Rule) -> str:
    page = parse(rule.page)
    head = f"{rule.name} ({rule.severity.word}, {rule.confidence}, gate: {rule.gate}, since {rule.since})\n\n"
    shown = next((example for example in page.examples if example.kind == "bad"), None)
    finding = _finding(rule, shown) if shown else ""
    return f"{head}{page_text(rule)}\n" + (f"\n## The first example, as it is reported\n\n{finding}" if finding else "")


def _finding(rule: Rule, example: Example) -> str:
    result = run(source_of(example), settings_of(example)._replace(pedantic=True))
    mine = [finding for finding in result.findings if finding.rule == rule.name]
    report = Report(mine, result.undecided, 1, result.policies)
    return render("text", report, Style(has_colour(sys.stdout)))


def _json(rule: Rule) -> str:
    page = parse(rule.page)
    examples = [
        {"kind": example.kind, "language": example.language, "options": example.options, "text": example.text}
        for example in page.examples
    ]
    return json.dumps({**record(rule), "sections": page.sections, "examples": examples}, indent=2) + "\n"
