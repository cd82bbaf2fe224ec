"""The verb `rules`: every rule on a line, as JSON, or as the Markdown of a documentation site."""

from __future__ import annotations

import json

import click

from bedrock_policy_lint.page import parse
from bedrock_policy_lint.registry import rules
from bedrock_policy_lint.rule import Rule


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--format", type=click.Choice(["text", "json", "markdown"]), default="text", help="How to print them.")
def command(format: str) -> int:  # noqa: A002 - the name of the flag
    """List the rules, with the level each has by default."""
    known = list(rules().values())
    if format == "json":
        click.echo(json.dumps([record(rule) for rule in known], indent=2))
    elif format == "markdown":
        click.echo(_markdown(known))
    else:
        click.echo(_table(known))
    return 0


def record(rule: Rule) -> dict[str, object]:
    """What is said of a rule in JSON."""
    return {
        "name": rule.name,
        "summary": rule.summary,
        "severity": rule.severity.word,
        "confidence": rule.confidence,
        "gate": rule.gate,
        "level": rule.level.lower(),
        "since": rule.since,
        "references": list(parse(rule.page).references),
    }


def page_text(rule: Rule) -> str:
    """The page of a rule as people read it: without the marks that tests need in its examples."""
    return rule.page.strip().replace("«", "").replace("»", "")


def _table(known: list[Rule]) -> str:
    width = max(len(rule.name) for rule in known)
    rows = [
        f"{rule.name:<{width}}  {rule.severity.word:<7}  {rule.confidence:<8}  {rule.summary}".rstrip()
        for rule in known
    ]
    return "\n".join([*rows, "", f"{len(known)} rules. `bedrock-policy-lint explain RULE` tells all of one."])


def _markdown(known: list[Rule]) -> str:
    head = "| rule | level | confidence | gate | what it finds |\n| --- | --- | --- | --- | --- |\n"
    rows = []
    for rule in known:
        summary = rule.summary.replace("|", "\\|")
        cells = (f"[{rule.name}](#{rule.name})", rule.severity.word, rule.confidence, rule.gate, summary)
        rows.append(f"| {' | '.join(cells)} |")
    pages = [f"# {rule.name}\n\n{page_text(rule)}" for rule in known]
    return head + "\n".join(rows) + "\n\n" + "\n\n".join(pages)
