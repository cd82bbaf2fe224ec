"""Measure the installed program on templates, as whole processes, beside cfn-lint and other programs, and print ratios.

`python bench/templates.py --python VENV/bin/python --cfn-lint OTHER/bin/cfn-lint` needs the standard library alone.
"""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import subprocess
import sys
import tempfile
from typing import NamedTuple

import template_inputs as inputs
from run import MEGABYTE, Bench, Series, interleave, megabytes, row, table

_RESOURCES = 2000
_DEPLOYABLE = 400
"""A stack may have 500 resources."""
_TARGET = "≤ 0.1"
_PEER_ROUNDS = 2
"""cfn-lint takes about half a minute for the largest template."""
_FINE = range(16)
"""Exit codes with which the programs say what they found: cfn-lint adds up 2, 4 and 8."""


class Peer(NamedTuple):
    """Another program, which takes the path of a template as its last argument."""

    name: str
    command: list[str]


class TemplateBench:
    """One run over one installation."""

    def __init__(self, bench: Bench, peers: list[Peer]) -> None:
        self.folder = bench.folder
        self.lint = bench.lint
        self.rounds = bench.rounds
        self.peers = peers

    def all(self) -> None:
        """Measure and print everything."""
        if self.peers:
            self.beside_peers()
        self.growth()
        self.kinds()
        self.folders()

    def path(self, name: str) -> str:
        """A path in the folder of this run."""
        return os.path.join(self.folder, name)

    def beside_peers(self) -> None:
        """The same templates through all programs."""
        columns = ("template", "program", "s", "CPU s", "peak MB", "times", "CPU times", "target")
        table("Beside others, on the same template", columns)
        templates = {
            f"{_DEPLOYABLE:,} resources": inputs.template(_DEPLOYABLE),
            f"{_RESOURCES:,} resources": inputs.template(_RESOURCES),
            f"{_RESOURCES:,} tables and queues": inputs.plain(_RESOURCES),
        }
        for at, (label, tree) in enumerate(templates.items()):
            path = inputs.write_yaml(self.path("peers.yaml"), tree)
            commands = {"ours": [*self.lint, path], **{peer.name: [*peer.command, path] for peer in self.peers}}
            # The first and smallest template fills the caches for the others.
            self._peers(label, interleave(commands, _PEER_ROUNDS, warm=not at, fine=_FINE))

    def _peers(self, label: str, costs: dict[str, Series]) -> None:
        ours = costs["ours"]
        for name, cost in costs.items():
            ratios = ("", "", "")
            if name != "ours":
                target = _TARGET if name == "cfn-lint" else "< 1"
                ratios = (f"{ours.times(cost):.3f}", f"{ours.times_cpu(cost):.3f}", target)
            row(label, name, f"{cost.wall:.2f}", f"{cost.cpu:.2f}", megabytes(cost.peak), *ratios)

    def growth(self) -> None:
        """Whether a resource costs the same among many as among few."""
        counts = (100, 1000, 10_000)
        paths = {count: inputs.write_yaml(self.path(f"{count}.yaml"), inputs.template(count)) for count in counts}
        one = inputs.write_yaml(self.path("one.yaml"), inputs.template(inputs.PER_GROUP))
        commands = {f"{count}": [*self.lint, path] for count, path in paths.items()}
        costs = interleave({"one": [*self.lint, one], **commands}, self.rounds)
        columns = ("resources", "MB", "s", "CPU ms each", "times the cost each among 100", "peak MB", "KB each")
        table("One template", columns)
        start, base = costs["one"].cpu, costs["one"].peak

        def each(count: int) -> float:
            return (costs[f"{count}"].cpu - start) / (count - inputs.PER_GROUP)

        for count in counts:
            cost, size = costs[f"{count}"], os.path.getsize(paths[count])
            shares = f"{each(count) * 1000:.3f}", f"{each(count) / each(counts[0]):.2f}"
            memory = megabytes(cost.peak), f"{(cost.peak - base) / (count - inputs.PER_GROUP) / 1000:.0f}"
            row(f"{count:,}", f"{size / MEGABYTE:.2f}", f"{cost.wall:.2f}", *shares, *memory)

    def kinds(self) -> None:
        """What differs with the language and the content, at the same number of resources."""
        whole = inputs.template(_RESOURCES)
        yaml = inputs.write_yaml(self.path("yaml.yaml"), whole)
        labels = {
            "YAML": [yaml],
            "YAML, to two Regions": [yaml, "--region", "us-east-1", "--region", "eu-central-1"],
            "JSON": [inputs.write_json(self.path("json.json"), whole)],
            "SAM": [inputs.write_yaml(self.path("sam.yaml"), inputs.sam(_RESOURCES))],
            "a fault in every policy": [inputs.write_yaml(self.path("faulty.yaml"), inputs.faulty(_RESOURCES))],
            "tables and queues": [inputs.write_yaml(self.path("plain.yaml"), inputs.plain(_RESOURCES))],
        }
        costs = interleave({label: [*self.lint, *words] for label, words in labels.items()}, self.rounds)
        table(f"{_RESOURCES:,} resources", ("template", "MB", "s", "CPU s", "peak MB"))
        for label, cost in costs.items():
            size = os.path.getsize(labels[label][0])
            row(label, f"{size / MEGABYTE:.2f}", f"{cost.wall:.2f}", f"{cost.cpu:.2f}", megabytes(cost.peak))

    def folders(self) -> None:
        """Many small templates, and a repository full of YAML of another kind."""
        templates, others = 300, 3000
        commands = {
            "start": [*self.lint, "--version"],
            f"{templates:,} templates of {inputs.PER_GROUP} resources": [
                *self.lint,
                inputs.write_templates(self.path("small"), templates),
            ],
            f"{others:,} YAML files that are no templates, `--jobs 1`": [
                *self.lint,
                "--jobs",
                "1",
                inputs.write_others(self.path("others"), others),
            ],
        }
        costs = interleave(commands, self.rounds)
        start = costs.pop("start").cpu
        table("Folders", ("files", "s", "CPU ms each", "peak MB"))
        for (label, cost), count in zip(costs.items(), (templates, others), strict=True):
            row(label, f"{cost.wall:.2f}", f"{(cost.cpu - start) / count * 1000:.2f}", megabytes(cost.peak))


def _version(peer: Peer) -> str:
    """What a program says of its version; its name where it says nothing."""
    told = subprocess.run([*peer.command, "--version"], capture_output=True, text=True, check=False)
    return told.stdout.strip() or peer.name


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--python", default=sys.executable, help="the interpreter to measure (default: this one)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each command runs (default: 3)")
    parser.add_argument("--cfn-lint", metavar="PATH", help="measure this cfn-lint beside it")
    parser.add_argument(
        "--peer",
        action="append",
        default=[],
        metavar="NAME=COMMAND",
        help="measure a program beside it that takes a template as its last argument; repeatable",
    )
    given = parser.parse_args()
    cfn_lint = [Peer("cfn-lint", [os.path.abspath(given.cfn_lint)])] if given.cfn_lint else []
    others = [Peer(name, shlex.split(words)) for name, _, words in (text.partition("=") for text in given.peer)]
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(os.path.abspath(given.python), folder, given.rounds, quick=False)
        beside = "".join(f", {_version(peer)}" for peer in cfn_lint)
        print(f"{bench.versions}{beside}; {bench.install}; {platform.system()} {platform.machine()}, ", end="")
        print(f"{os.cpu_count()} cores; medians of {given.rounds} interleaved rounds of whole processes")
        TemplateBench(bench, cfn_lint + others).all()


if __name__ == "__main__":
    main()
