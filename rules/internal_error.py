"""A check that broke down on this file.

## What it finds

A rule of this linter, or the reader of the file, that stopped with an error of its own.

## Why it matters

What that rule would have found is missing, so the file counts as not fully checked: a gate must not pass on silence.
The other rules ran as usual. The fault is the linter's, whatever stands in the file.

## How to fix it

Run again with `-v`, which shows the place in the linter's code, and report it with the smallest file that shows it.
Until it is mended, `--ignore` and the rule's name leave that rule out, and AWS's own validation can check the form.

## Examples

There are none that can be shown: a file that breaks a rule becomes a test of that rule, and the rule is mended.

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-policy-validation.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from bedrock_policy_lint.run import Crash


@rule(Severity.ERROR, gate="hygiene")
def check(crash: Crash, context: Context) -> Iterator[Problem]:
    yield Problem(
        crash.at,
        f"{crash.part} broke down here: {crash.error}",
        "what it would have found in this file is missing; the fault is the linter's, not the file's",
        fix=Fix("report it with what `-v` shows, and leave the rule out with --ignore until it is mended"),
    )
