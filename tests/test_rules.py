"""Every example of every rule page runs: bad ones fire where marked, good ones stay silent, fixes do what they say."""

from __future__ import annotations

import pytest

from bedrock_policy_lint.examples import run, settings_of, source_of
from bedrock_policy_lint.fix.apply import fix_text
from bedrock_policy_lint.page import Example, parse
from bedrock_policy_lint.registry import rules

PAGES = {name: parse(rule.page) for name, rule in rules().items()}
EXAMPLES = [
    pytest.param(name, example, id=f"{name}-{number}-{example.kind}")
    for name, page in PAGES.items()
    for number, example in enumerate(page.examples)
    if example.kind != "fixed"
]
FIXES = [
    pytest.param(name, before, after, id=f"{name}-{number}")
    for name, page in PAGES.items()
    for number, (before, after) in enumerate(zip(page.examples, page.examples[1:], strict=False))
    if after.kind == "fixed"
]


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_an_example_gives_its_rule_at_its_marks_and_nothing_else(name: str, example: Example) -> None:
    also = set(example.options.get("also", "").split(",")) - {""}

    result = run(source_of(example), settings_of(example))

    found = [(finding.rule, finding.region.start, finding.region.end) for finding in result.findings]
    expected = [(name, *span) for span in example.spans] if example.kind == "bad" else []
    assert sorted(entry for entry in found if entry[0] not in also - {name}) == sorted(expected)
    assert also <= {entry[0] for entry in found}


@pytest.mark.parametrize(("name", "before", "after"), FIXES)
def test_a_fix_turns_the_bad_example_into_the_fixed_one(name: str, before: Example, after: Example) -> None:
    settings = settings_of(before, name)

    fixed = fix_text(source_of(before), lambda source: run(source, settings).findings, everything=True)

    assert fixed.text == after.text
    assert not run(source_of(after), settings).findings
