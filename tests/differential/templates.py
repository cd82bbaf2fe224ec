"""Check every template found in folders of other people's packages: nothing may crash, and each finding can be read.

python tests/differential/templates.py FOLDER… [--show RULE] [--silent] [--slow 2] [--limit 60] [--json FILE]

A folder is an unpacked source package, a `cdk.out` or a checkout; nothing is fetched. Needs a system with SIGALRM.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))

from bedrock_policy_lint import templates
from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.config import Config
from bedrock_policy_lint.declarations import loader
from bedrock_policy_lint.finding import Finding
from bedrock_policy_lint.frontends.template.blueprint import TemplateBlueprint
from bedrock_policy_lint.run import Settings
from bedrock_policy_lint.runner import Outcome, Task, check_template
from bedrock_policy_lint.sources.files import Input, Refusal, load

_SUFFIXES = (".json", *templates.SUFFIXES)
_CRASH = "internal-error"
_SLOWEST = 12


class Look(NamedTuple):
    """What has come of one file."""

    path: str
    dialect: str
    """Empty where it is no template."""
    seconds: float
    size: int
    findings: tuple[Finding, ...] = ()
    withheld: int = 0
    undecided: int = 0
    policies: int = 0
    names_bedrock: bool = False
    trouble: str = ""
    """Why the check did not end as it should."""


class _TooLongError(BaseException):
    """The time for one file is over; no `except Exception` of the program may hold it up."""


def look(path: str, limit: float, check: Callable[[str], Look]) -> Look:
    """Check one file, or one folder, as the program would, for no longer than the limit."""
    signal.signal(signal.SIGALRM, _over)
    signal.setitimer(signal.ITIMER_REAL, limit)
    start = time.perf_counter()
    try:
        seen = check(path)
    except _TooLongError:
        seen = Look(path, "unknown", 0, 0, trouble=f"took longer than {limit:g} s")
    except Exception as error:  # the program itself lets nothing through: this is a fault of its frame
        seen = Look(path, "unknown", 0, 0, trouble=f"{type(error).__name__}: {error}")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return seen._replace(seconds=time.perf_counter() - start)


def _over(*_: object) -> None:
    raise _TooLongError


def _check(path: str) -> Look:
    source = load(Input(path, named=True))
    if isinstance(source, Refusal):
        return Look(path, "", 0, 0)
    blueprint = templates.read(source, loader(path), default())
    seen = Look(path, "", 0, len(source.text), names_bedrock="bedrock" in source.text.lower())
    if blueprint is None:
        return seen
    task = Task(Input(path, named=True), Settings(), Config())
    return told(seen._replace(dialect=_dialect(blueprint, source.text)), check_template(task, blueprint))


def told(seen: Look, outcome: Outcome) -> Look:
    """The look with what came of the check."""
    crash = next((finding.message for finding in outcome.findings if finding.rule == _CRASH), "")
    detail = next((each.question for each in outcome.undecided if "stopped with" in each.question), "")
    return seen._replace(
        findings=tuple(outcome.findings),
        withheld=len(outcome.withheld),
        undecided=len(outcome.undecided),
        policies=outcome.policies,
        trouble=f"{crash} {detail}".strip(),
    )


def _dialect(blueprint: object, text: str) -> str:
    if isinstance(blueprint, templates.Broken):
        return "broken"
    if not isinstance(blueprint, TemplateBlueprint):
        return "serverless"
    if "AWS::Serverless" in text:
        return "sam"
    return "cdk" if '"CDKMetadata"' in text or '"aws:cdk:' in text or "BootstrapVersion" in text else "cloudformation"


def files(folders: Iterable[str]) -> Iterator[str]:
    """Every file that a template may be in, in a settled order."""
    for folder in folders:
        if os.path.isfile(folder):
            yield folder
        for home, inner, names in os.walk(folder):
            inner.sort()
            yield from (os.path.join(home, name) for name in sorted(names) if name.lower().endswith(_SUFFIXES))


def report(looks: list[Look], slow: float) -> None:
    """Print the counts."""
    dialects = Counter(seen.dialect for seen in looks if seen.dialect)
    print(f"files        {len(looks):6}")
    print(f"templates    {dialects.total():6}  ({_counts(dialects)})")
    bedrock = [seen for seen in looks if seen.dialect and seen.names_bedrock]
    print(f"name Bedrock {len(bedrock):6}  ({sum(not seen.findings for seen in bedrock)} of them without a finding)")
    print(f"policies     {sum(seen.policies for seen in looks):6}")
    findings = [finding for seen in looks for finding in seen.findings]
    severities = Counter(finding.severity.name.lower() for finding in findings)
    print(f"findings     {len(findings):6}  ({_counts(severities)})")
    for (rule, severity), count in Counter((each.rule, each.severity.name.lower()) for each in findings).most_common():
        print(f"             {count:6}  {rule} ({severity})")
    print(f"withheld     {sum(seen.withheld for seen in looks):6}")
    print(f"undecided    {sum(seen.undecided for seen in looks):6}")
    print(f"over {slow:g} s     {sum(seen.seconds > slow for seen in looks):6}")
    for seen in sorted(looks, key=lambda seen: -seen.seconds)[:_SLOWEST]:
        print(f"             {seen.seconds:6.2f} s  {seen.size:,} characters  {seen.path}")
    troubled = [seen for seen in looks if seen.trouble]
    print(f"troubled     {len(troubled):6}")
    for seen in troubled:
        print(f"{seen.path}: {seen.trouble}")


def show(looks: list[Look], rule: str) -> None:
    """Print the findings of a rule, or of all, with the line that each points at."""
    for seen in looks:
        for finding in seen.findings:
            if rule in ("all", finding.rule):
                region = finding.region
                print(f"\n{finding.path}:{region.line}:{region.column} {finding.severity.name} [{finding.rule}]")
                print(f"    {finding.message}\n    at   {finding.address_text}")
                print(*(f"    {line.number:5} | {line.text}" for line in finding.lines), sep="\n")
                print(f"    why  {finding.why}")
                if finding.fix is not None:
                    print(f"    fix  {finding.fix.text} [{finding.fix.access or 'advice'}]")


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counter.most_common())


def _saved(looks: list[Look]) -> str:
    """Everything as JSON, to be compared with a later run."""
    return json.dumps(
        [
            {
                **seen._replace(findings=())._asdict(),
                "findings": [
                    [each.rule, each.severity.name, each.region.line, each.region.column, each.message]
                    for each in seen.findings
                ],
            }
            for seen in looks
            if seen.dialect
        ],
        indent=1,
    )


def main() -> int:
    """0 when no file crashed or was given up."""
    return run(str(__doc__), files, _check)


def run(usage: str, found: Callable[[list[str]], Iterable[str]], check: Callable[[str], Look]) -> int:
    """Check what is found in the folders of the command line, and print it; 0 when nothing crashed or was given up."""
    parser = argparse.ArgumentParser(description=usage, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    parser.add_argument("--show", default="", metavar="RULE", help="print the findings of a rule, or of `all`")
    parser.add_argument("--silent", action="store_true", help="list what names Bedrock and has no finding")
    parser.add_argument("--slow", type=float, default=2.0, help="count what takes longer, in seconds")
    parser.add_argument("--limit", type=float, default=60.0, help="give up after so many seconds")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", default="", metavar="FILE", help="save what was found")
    options = parser.parse_args()
    paths = list(dict.fromkeys(found(options.folders)))
    if not paths:
        parser.error("there is nothing to check in these folders")
    with multiprocessing.Pool(options.jobs) as pool:
        looks = list(pool.imap(partial(look, limit=options.limit, check=check), paths, chunksize=4))
    if options.show:
        show(looks, options.show)
    if options.silent:
        print(*(seen.path for seen in looks if seen.dialect and seen.names_bedrock and not seen.findings), sep="\n")
    if options.json:
        Path(options.json).write_text(_saved(looks), encoding="utf-8")
    report(looks, options.slow)
    return 1 if any(seen.trouble for seen in looks) else 0


if __name__ == "__main__":
    sys.exit(main())
