"""Measure the search for calls in application code beside the mere reading of the same files, and print ratios.

`python bench/code.py --python VENV/bin/python` needs the standard library alone.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile

import code_inputs as inputs
from run import Bench, Series, interleave, megabytes, row, table

_READ = """
import os, sys
total = 0
waiting = [sys.argv[1]]
while waiting:
    for entry in os.scandir(waiting.pop()):
        if entry.is_dir():
            waiting.append(entry.path)
        else:
            with open(entry.path, "rb") as file:
                total += len(file.read())
"""
"""What nobody can do without who looks into every file, in the same language."""


def measure(bench: Bench, counts: tuple[int, ...]) -> None:
    """Measure and print everything."""
    scan = [*bench.lint, "usage", "scan"]
    table(
        "`usage scan` of trees, half Python, half TypeScript",
        ("files", "with calls", "s", "CPU s", "files per s", "peak MB", "times `cat`", "times reading in Python"),
    )
    for share in (0.0, 0.02):
        for count in counts:
            top = inputs.write_tree(os.path.join(bench.folder, f"tree-{count}-{share}"), count, share)
            commands = {
                "scan": [*scan, top],
                "cat": ["sh", "-c", f"find {top} -type f -print0 | xargs -0 cat > /dev/null"],
                "read": [bench.python, "-c", _READ, top],
            }
            costs = interleave(commands, bench.rounds)
            cost = costs["scan"]
            ratios = f"{costs['scan'].times(costs['cat']):.1f}", f"{costs['scan'].times(costs['read']):.1f}"
            row(f"{count:,}", f"{share:.0%}", *_cells(cost, count), *ratios)
    _bundles(bench, scan)


def _bundles(bench: Bench, scan: list[str]) -> None:
    table("One minified file", ("MB", "s", "CPU s", "peak MB"))
    sizes = {
        size: inputs.write_bundle(os.path.join(bench.folder, f"{size}.js"), size * 1_000_000) for size in (1, 2, 5)
    }
    costs = interleave({f"{size}": [*scan, path] for size, path in sizes.items()}, bench.rounds)
    for size in sizes:
        cost = costs[f"{size}"]
        row(f"{size}", f"{cost.wall:.2f}", f"{cost.cpu:.2f}", megabytes(cost.peak))


def _cells(cost: Series, count: int) -> tuple[str, str, str, str]:
    return f"{cost.wall:.2f}", f"{cost.cpu:.2f}", f"{count / cost.wall:,.0f}", megabytes(cost.peak)


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--python", default=sys.executable, help="the interpreter to measure (default: this one)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each command runs (default: 3)")
    parser.add_argument("--quick", action="store_true", help="smaller trees")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(os.path.abspath(given.python), folder, given.rounds, quick=given.quick)
        print(
            f"{bench.versions}; {bench.install}; {platform.system()} {platform.machine()}, {os.cpu_count()} cores; ",
            end="",
        )
        print(f"medians of {given.rounds} interleaved rounds of whole processes")
        measure(bench, (500, 5_000) if given.quick else (500, 5_000, 50_000))


if __name__ == "__main__":
    main()
