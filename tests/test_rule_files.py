"""The rules themselves are linted: names, pages, examples and references."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from bedrock_policy_lint.page import HEADINGS, parse
from bedrock_policy_lint.registry import rules
from bedrock_policy_lint.rule import CERTAIN, GATES, POSSIBLE, Rule
from bedrock_policy_lint.run import LEVELS

FILES = sorted((Path(__file__).parent.parent / "rules").rglob("*.py"))
RULES = [pytest.param(rule, id=name) for name, rule in rules().items()]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_declares_what_the_engine_understands(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", rule.name)
    assert rule.level in LEVELS
    assert rule.gate in GATES
    assert rule.confidence in (CERTAIN, POSSIBLE)


@pytest.mark.parametrize("rule", RULES)
def test_a_page_has_a_summary_and_every_section_in_order(rule: Rule) -> None:
    page = parse(rule.page)

    assert page.summary.endswith(".")
    assert len(page.summary) < 100
    assert tuple(page.sections) == HEADINGS
    assert all(page.sections.values())


@pytest.mark.parametrize("rule", RULES)
def test_a_page_shows_a_bad_and_a_good_example(rule: Rule) -> None:
    examples = parse(rule.page).examples

    # No file brings a crash about: one that does becomes a test, and the rule is mended.
    assert {"bad", "good"} <= {example.kind for example in examples} or rule.level == "Crash"
    assert all(example.spans for example in examples if example.kind == "bad")
    assert not any(example.spans for example in examples if example.kind != "bad")


@pytest.mark.parametrize("rule", RULES)
def test_a_page_names_its_authority(rule: Rule) -> None:
    assert parse(rule.page).references


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_rule_file_takes_nothing_from_another(path: Path) -> None:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))

    taken = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            taken |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    assert not {name for name in taken if name.startswith((".", "rules", "bedrock_policy_lint.rules"))}
