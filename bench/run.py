"""Measure the installed program as whole processes, beside bare Python and parliament, and print ratios.

`python bench/run.py --python VENV/bin/python` needs the standard library alone; the interpreter that it is given needs
bedrock-policy-lint and parliament.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Container
from statistics import median
from typing import NamedTuple

from inputs import write_faults, write_list, write_small, write_statements

MEGABYTE = 1_000_000

_PARLIAMENT = """
import os, sys, types
stub = types.ModuleType("pkg_resources")
stub.resource_filename = lambda package, name: os.path.join(os.path.dirname(sys.modules[package].__file__), name)
sys.modules["pkg_resources"] = stub
import parliament
for path in sys.stdin.read().splitlines() if sys.argv[1:] == ["-"] else sys.argv[1:]:
    with open(path) as file:
        policy = parliament.analyze_policy_string(file.read(), path)
    for finding in policy.findings:
        print(path, finding)
"""
"""What its command line does, without the package that Python no longer ships."""

_ABOUT = """
import importlib.metadata as metadata, os, platform, sysconfig, bedrock_policy_lint as package
names = ("bedrock-policy-lint", "click", "parliament")
print(sysconfig.get_path("scripts"))
print("installed" if os.path.dirname(package.__file__).startswith(sysconfig.get_path("purelib")) else "editable")
print(f"Python {platform.python_version()}", *(f"{name} {metadata.version(name)}" for name in names), sep=", ")
"""


class Cost(NamedTuple):
    """What one process took."""

    wall: float
    """Seconds from start to end."""
    cpu: float
    """Seconds of all its cores."""
    peak: float
    """Largest resident memory in bytes."""


class Series(NamedTuple):
    """The costs of one command, one for each round."""

    costs: list[Cost]

    @property
    def wall(self) -> float:
        """The median of the wall times."""
        return median(cost.wall for cost in self.costs)

    @property
    def cpu(self) -> float:
        """The median of the processor times."""
        return median(cost.cpu for cost in self.costs)

    @property
    def peak(self) -> float:
        """The largest memory of any round."""
        return max(cost.peak for cost in self.costs)

    def times(self, other: Series) -> float:
        """How many times the wall time of the other it took: the median over rounds, each against its neighbour."""
        return median(mine.wall / theirs.wall for mine, theirs in zip(self.costs, other.costs, strict=True))

    def times_cpu(self, other: Series) -> float:
        """The same for the processor time."""
        return median(mine.cpu / theirs.cpu for mine, theirs in zip(self.costs, other.costs, strict=True))


def run(command: list[str], fine: Container[int] = (0, 1)) -> Cost:
    """Run a command with its output thrown away; findings are no failure, other exit codes than these are."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in fine:
        raise SystemExit(f"exit code {process.returncode} from: {' '.join(command)[:300]}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * unit)


def interleave(
    commands: dict[str, list[str]], rounds: int, *, warm: bool = True, fine: Container[int] = (0, 1)
) -> dict[str, Series]:
    """Run every command once in each round, so that a slow minute of the machine slows all alike."""
    found: dict[str, Series] = {name: Series([]) for name in commands}
    for command in commands.values() if warm else ():
        run(command, fine)  # fills the caches
    for _ in range(rounds):
        for name, command in commands.items():
            found[name].costs.append(run(command, fine))
    return found


class Bench:
    """One run over one installation."""

    def __init__(self, python: str, folder: str, rounds: int, *, quick: bool) -> None:
        self.python = python
        self.folder = folder
        self.rounds = rounds
        self.quick = quick
        about = subprocess.run([python, "-c", _ABOUT], capture_output=True, text=True, check=True, cwd=folder)
        scripts, self.install, self.versions = about.stdout.splitlines()
        self.lint = [os.path.join(scripts, "bedrock-policy-lint")]

    def all(self) -> None:
        """Measure and print everything."""
        print(f"{self.versions}; {self.install}; {platform.system()} {platform.machine()}, {os.cpu_count()} cores;")
        print(f"medians of {self.rounds} interleaved rounds of whole processes, wall time unless it says CPU\n")
        if self.install == "editable":
            print("NOTE: an editable installation finds its modules slowly; measure an installed wheel\n")
        self.start_up()
        self.beside_parliament()
        self.many_policies()
        self.large_policies("one list of resources", write_list)
        self.large_policies("statements of 400 bytes", write_statements)
        self.large_policies("the same, each with a fault", write_faults)

    def parliament(self, *paths: str) -> list[str]:
        """The command that has parliament analyse these files."""
        return [self.python, "-c", _PARLIAMENT, *paths]

    def start_up(self) -> None:
        """What a run costs before and around the work."""
        path = write_small(os.path.join(self.folder, "one"), 1)[0]
        alone = write_small(os.path.join(self.folder, "alone"), 1, others=False)[0]
        costs = interleave(
            {
                "`python -c pass`": [self.python, "-c", "pass"],
                "`python -c 'import click'`": [self.python, "-c", "import click"],
                "`--version`": [*self.lint, "--version"],
                "`--help`": [*self.lint, "--help"],
                "one policy about Bedrock alone": [*self.lint, alone],
                "one policy about S3 and logs too": [*self.lint, path],
            },
            self.rounds * 3,
        )
        bare = costs["`python -c pass`"]
        table("Start-up", ("run", "ms", "CPU ms", "times bare Python", "CPU times"))
        for name, cost in costs.items():
            row(name, ms(cost.wall), ms(cost.cpu), f"{cost.times(bare):.1f}", f"{cost.times_cpu(bare):.1f}")

    def beside_parliament(self) -> None:
        """The same files through both programs."""
        many = 100 if self.quick else 1000
        paths = write_small(os.path.join(self.folder, "many"), many)
        alone = write_small(os.path.join(self.folder, "alone"), many, others=False)
        table("Beside parliament, on the same files", ("files", "ms", "parliament, ms", "times", "CPU times", "target"))
        for label, files, options, target in (
            ("1 policy", paths[:1], [], "≤ 0.4"),
            ("1 policy about Bedrock alone", alone[:1], [], "≤ 0.4"),
            (f"{many:,} policies", paths, [], "≤ 0.2"),
            (f"{many:,} policies about Bedrock alone", alone, [], "≤ 0.2"),
            (f"{many:,} policies, `--jobs 1`", paths, ["--jobs", "1"], ""),
        ):
            costs = interleave(
                {"mine": [*self.lint, *options, *files], "theirs": self.parliament(*files)},
                self.rounds * 3 if len(files) == 1 else self.rounds,
            )
            mine, theirs = costs["mine"], costs["theirs"]
            ratios = f"{mine.times(theirs):.2f}", f"{mine.times_cpu(theirs):.2f}"
            row(label, ms(mine.wall), ms(theirs.wall), *ratios, target)

    def many_policies(self) -> None:
        """Whether a policy costs the same among many as among few."""
        counts = (1, 100, 1000) if self.quick else (1, 100, 1000, 10_000)
        folders = {count: os.path.join(self.folder, f"count-{count}") for count in counts}
        for count, folder in folders.items():
            write_small(folder, count)
        commands = {f"{count}": [*self.lint, "--jobs", "1", folders[count]] for count in counts}
        commands["pool"] = [*self.lint, folders[counts[-1]]]
        costs = interleave(commands, self.rounds)
        table("Policies in a folder", ("policies", "s", "CPU ms each", "times the cost each among 100", "peak MB"))
        one = costs["1"].cpu

        def each(count: int) -> float:
            return (costs[f"{count}"].cpu - one) / (count - 1)

        for count in counts[1:]:
            cost = costs[f"{count}"]
            flat = f"{each(count) / each(counts[1]):.2f}"
            row(f"{count:,}, `--jobs 1`", f"{cost.wall:.2f}", f"{each(count) * 1000:.3f}", flat, megabytes(cost.peak))
        pool = costs["pool"]
        row(f"{counts[-1]:,}, as many jobs as cores", f"{pool.wall:.2f}", "", "", megabytes(pool.peak))

    def large_policies(self, what: str, write: Callable[[str, int], None]) -> None:
        """Whether time and memory grow no faster than one document does."""
        sizes = (1.25, 2.5, 5) if self.quick else (2.5, 5, 10, 20)
        paths = {}
        for size in sizes:
            paths[size] = os.path.join(self.folder, f"large-{size}.json")
            write(paths[size], int(size * MEGABYTE))
        commands = {f"{size}": [*self.lint, path] for size, path in paths.items()}
        costs = interleave({"start": [*self.lint, "--version"], **commands}, self.rounds)
        table(f"One document: {what}", ("MB", "s", "CPU s per MB", "times the first", "peak MB", "times the file"))
        start = costs["start"].cpu
        rates = {size: (costs[f"{size}"].cpu - start) / size for size in sizes}
        for size in sizes:
            cost = costs[f"{size}"]
            growth = f"{rates[size] / rates[sizes[0]]:.2f}"
            memory = f"{cost.peak / (size * MEGABYTE):.1f}"
            row(f"{size:g}", f"{cost.wall:.2f}", f"{rates[size]:.3f}", growth, megabytes(cost.peak), memory)


def table(title: str, columns: tuple[str, ...]) -> None:
    """Print a heading and the head of a table."""
    print(f"\n{title}:\n")
    row(*columns)
    row("---", *("---:" for _ in columns[1:]))


def row(*cells: str) -> None:
    """Print one line of a table."""
    print(f"| {' | '.join(cells)} |", flush=True)


def ms(seconds: float) -> str:
    """Seconds as milliseconds."""
    return f"{seconds * 1000:,.0f}"


def megabytes(size: float) -> str:
    """Bytes as megabytes."""
    return f"{size / MEGABYTE:,.0f}"


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--python", default=sys.executable, help="the interpreter to measure (default: this one)")
    parser.add_argument("--rounds", type=int, default=7, help="how often each command runs (default: 7)")
    parser.add_argument("--quick", action="store_true", help="few rounds and small inputs: a minute, and less exact")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rounds = 3 if given.quick else given.rounds
        Bench(os.path.abspath(given.python), folder, rounds, quick=given.quick).all()


if __name__ == "__main__":
    main()
