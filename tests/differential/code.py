"""Read all code in folders of other people's packages: nothing may crash, and a sample of what is found can be read.

python tests/differential/code.py FOLDER… [--sample 50] [--seed 1] [--library NAME] [--slow 2] [--limit 60] [--json F]

A folder is an unpacked package or a checkout, taken for one project, its tests included. Nothing is fetched or run.
Needs a system with SIGALRM.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import signal
import sys
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))

from bedrock_policy_lint.code import scan
from bedrock_policy_lint.code.project import Project
from bedrock_policy_lint.code.site import AGENT, FLOW, KNOWLEDGE_BASE, MODEL, PROMPT, CallSite, CodeFile
from bedrock_policy_lint.usage import apis

_CALLED = (MODEL, AGENT, FLOW, KNOWLEDGE_BASE, PROMPT)
_SLOWEST = 12
_BEFORE, _AFTER = 3, 6
"""So many lines around a place are shown."""


class Look(NamedTuple):
    """What has come of one file."""

    path: str
    seconds: float
    rows: tuple[scan.Row, ...] = ()
    told: int = 0
    """How many sites have a model, or something else that is called, of which nothing is open."""
    unread: tuple[str, ...] = ()
    trouble: str = ""
    """Why it was not read to its end."""


class _TooLongError(BaseException):
    """The time for one file is over; no `except Exception` of the program may hold it up."""


def look(folder: str, limit: float) -> list[Look]:
    """Read the code of one folder as the program would, each file for no longer than the limit."""
    signal.signal(signal.SIGALRM, _over)
    project = Project(folder)
    return [_file(project, path, limit) for path in project.callers(folder)]


def _file(project: Project, path: str, limit: float) -> Look:
    start = time.perf_counter()
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        read = project.read(path)
        trouble = "; ".join(_faults(read))
    except _TooLongError:
        return Look(path, time.perf_counter() - start, trouble=f"took longer than {limit:g} s")
    except Exception as error:
        return Look(path, time.perf_counter() - start, trouble=f"{type(error).__name__}: {error}")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    unread = tuple(one.reason for one in read.unread)
    told = sum(map(_is_told, read.sites))
    return Look(path, time.perf_counter() - start, tuple(scan.rows([read])), told, unread, trouble)


def _over(*_: object) -> None:
    raise _TooLongError


def _is_told(site: CallSite) -> bool:
    values = [value for name in _CALLED for value in site.given.get(name, ())]
    return bool(values) and all(isinstance(value.node.value, str) for value in values)


def _faults(read: CodeFile) -> list[str]:
    """What must hold of every site, wherever it is."""
    found = []
    for site in read.sites:
        operations = (site.operation,) if site.operation else site.operations
        found += [f"{name} is no API" for name in operations if apis.find(name) is None]
        for values in site.given.values():
            for value in values:
                node = value.node
                places = [*node.offsets(), node.start, node.end]
                if node.start > node.end or min(places) < 0 or max(places) > len(node.source.text):
                    found.append(f"a value does not stand in its file: {value.node.value}")
    return found


def report(looks: list[Look], slow: float) -> None:
    """Print the counts."""
    rows = [row for seen in looks for row in seen.rows]
    print(f"files    {len(looks):6}  ({sum(seen.seconds for seen in looks):.1f} s)")
    print(f"sites    {len(rows):6}")
    for title, counted in (
        ("libraries", Counter(row.library for row in rows)),
        ("operations", Counter("/".join(row.operations) for row in rows)),
        ("unread", Counter(reason for seen in looks for reason in seen.unread)),
    ):
        print(title)
        for name, count in counted.most_common():
            print(f"         {count:6}  {name}")
    print(f"told     {sum(seen.told for seen in looks):6}")
    for seen in sorted(looks, key=lambda seen: -seen.seconds)[:_SLOWEST]:
        if seen.seconds > slow:
            print(f"slow     {seen.seconds:6.1f}  {seen.path}")
    for seen in looks:
        if seen.trouble:
            print(f"TROUBLE  {seen.path}: {seen.trouble}")


def spread(rows: list[scan.Row], most: int, seed: int) -> list[scan.Row]:
    """A random sample in which no library is left out because others are called more."""
    left: dict[str, list[scan.Row]] = {}
    for row in sorted(rows, key=lambda row: hashlib.sha256(f"{seed} {row.place}".encode()).digest()):
        left.setdefault(row.library, []).append(row)
    found: list[scan.Row] = []
    while left and len(found) < most:
        for library in sorted(left):
            found.append(left[library].pop())
            if not left[library]:
                del left[library]
    return found[:most]


def show(rows: list[scan.Row]) -> None:
    """Print sites with the lines around them, for somebody who holds the one against the other."""
    for number, row in enumerate(rows, 1):
        print(f"\n{number}. {row.place}  {row.function}")
        print(f"   {row.library} {'/'.join(row.operations)} models={list(row.models)} regions={list(row.regions)}")
        print(f"   resource={row.resource or '-'} guardrail={row.guardrail or '-'}")
        lines = Path(row.path).read_text(encoding="utf-8", errors="replace").splitlines()
        first = max(0, row.line - 1 - _BEFORE)
        for at, line in enumerate(lines[first : row.line + _AFTER], first + 1):
            print(f"   {'>' if at == row.line else ' '} {line[:160]}")


def main() -> int:
    """Read everything; whether nothing broke down."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folders", nargs="+")
    arguments.add_argument("--sample", type=int, default=0)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--library", default="")
    arguments.add_argument("--slow", type=float, default=2)
    arguments.add_argument("--limit", type=float, default=60)
    arguments.add_argument("--json", default="")
    given = arguments.parse_args()
    with multiprocessing.Pool() as pool:
        looks = [one for found in pool.imap(partial(look, limit=given.limit), given.folders) for one in found]
    report(looks, given.slow)
    rows = [row for seen in looks for row in seen.rows if given.library in ("", row.library)]
    if given.json:
        Path(given.json).write_text(json.dumps([row._asdict() for row in rows], indent=1), encoding="utf-8")
    show(spread(rows, given.sample, given.seed))
    return int(any(seen.trouble for seen in looks))


if __name__ == "__main__":
    sys.exit(main())
