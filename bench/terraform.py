"""Measure the installed program on folders of Terraform, as whole processes, beside checkov, and print ratios.

`python bench/terraform.py --python VENV/bin/python --checkov OTHER/bin/checkov` needs the standard library alone.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile

import terraform_inputs as inputs
from run import MEGABYTE, Bench, Series, interleave, megabytes, row, table

_FILES = 500
_TARGET = "≤ 0.1"
_FLAGS = ("--framework", "terraform", "--quiet", "--compact", "--skip-download")
"""Those with which checkov reads Terraform alone and fetches nothing."""


class TerraformBench:
    """One run over one installation."""

    def __init__(self, bench: Bench, checkov: str) -> None:
        self.folder = bench.folder
        self.lint = bench.lint
        self.rounds = bench.rounds
        self.checkov = checkov

    def all(self) -> None:
        """Measure and print everything."""
        if self.checkov:
            self.beside_checkov()
        self.growth("Modules of ten files each", inputs.write_folders, (50, 500, 5000))
        self.growth("One module", inputs.write_module, (50, 500, 2000))
        self.kinds()

    def path(self, name: str) -> str:
        """A path in the folder of this run."""
        return os.path.join(self.folder, name)

    def beside_checkov(self) -> None:
        """The same folders through both programs."""
        columns = ("files", "program", "s", "CPU s", "peak MB", "times", "CPU times", "target")
        table("Beside checkov, on the same folder", columns)
        folders = {
            f"{_FILES} in modules of ten": inputs.write_folders(self.path("folders"), _FILES),
            f"{_FILES} in one module": inputs.write_module(self.path("module"), _FILES),
            f"{_FILES} without IAM": inputs.write_others(self.path("others"), _FILES),
        }
        for at, (label, folder) in enumerate(folders.items()):
            commands = {"ours": [*self.lint, folder], "checkov": [self.checkov, "-d", folder, *_FLAGS]}
            costs = interleave(commands, self.rounds, warm=not at)
            ours, theirs = costs["ours"], costs["checkov"]
            row(label, "ours", *_cells(ours), "", "", "")
            ratios = f"{ours.times(theirs):.3f}", f"{ours.times_cpu(theirs):.3f}"
            row(label, "checkov", *_cells(theirs), *ratios, _TARGET)

    def growth(self, title: str, write: inputs.Write, counts: tuple[int, ...]) -> None:
        """Whether a file costs the same among many as among few."""
        folders = {count: write(self.path(f"{write.__name__}-{count}"), count) for count in counts}
        commands = {f"{count}": [*self.lint, "--jobs", "1", folder] for count, folder in folders.items()}
        start = [*self.lint, "--jobs", "1", write(self.path(f"{write.__name__}-one"), inputs.PER_SERVICE)]
        costs = interleave({"start": start, **commands}, self.rounds)
        table(
            f"{title}, `--jobs 1`", ("files", "s", "CPU ms each", "times the cost each among 50", "peak MB", "KB each")
        )

        def each(count: int) -> float:
            return (costs[f"{count}"].cpu - costs["start"].cpu) / (count - inputs.PER_SERVICE)

        for count in counts:
            cost = costs[f"{count}"]
            memory = (cost.peak - costs["start"].peak) / (count - inputs.PER_SERVICE) / 1000
            shares = f"{each(count) * 1000:.2f}", f"{each(count) / each(counts[0]):.2f}"
            row(f"{count:,}", f"{cost.wall:.2f}", *shares, megabytes(cost.peak), f"{memory:.0f}")

    def kinds(self) -> None:
        """What differs with the form and the content."""
        folders = self.path("kinds")
        labels = {
            "10 files of 60 lines": [inputs.write_folders(self.path("ten"), inputs.PER_SERVICE)],
            "one file of 5,400 lines": [inputs.write_file(self.path("long"), 5400)],
            "one file of 54,000 lines": [inputs.write_file(self.path("longer"), 54_000)],
            f"{_FILES} files": [inputs.write_folders(folders, _FILES), "--jobs", "1"],
            f"{_FILES} files, as many jobs as cores": [folders],
            f"{_FILES} files, to two Regions": [folders, *("--region", "us-east-1", "--region", "eu-central-1")],
            f"{_FILES} files, a fault in every policy": [inputs.write_faulty(self.path("faulty"), _FILES)],
        }
        costs = interleave({label: [*self.lint, *words] for label, words in labels.items()}, self.rounds)
        table("Other things", ("what", "MB", "s", "CPU s", "peak MB"))
        for label, cost in costs.items():
            row(label, f"{inputs.size(labels[label][0]) / MEGABYTE:.2f}", *_cells(cost))


def _cells(cost: Series) -> tuple[str, str, str]:
    return f"{cost.wall:.2f}", f"{cost.cpu:.2f}", megabytes(cost.peak)


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--python", default=sys.executable, help="the interpreter to measure (default: this one)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each command runs (default: 3)")
    parser.add_argument("--checkov", metavar="PATH", help="measure this checkov beside it")
    given = parser.parse_args()
    checkov = os.path.abspath(given.checkov) if given.checkov else ""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(os.path.abspath(given.python), folder, given.rounds, quick=False)
        told = subprocess.run([checkov, "--version"], capture_output=True, text=True, check=True) if checkov else None
        beside = f", checkov {told.stdout.strip()}" if told is not None else ""
        print(f"{bench.versions}{beside}; {bench.install}; {platform.system()} {platform.machine()}, ", end="")
        print(f"{os.cpu_count()} cores; medians of {given.rounds} interleaved rounds of whole processes")
        TerraformBench(bench, checkov).all()


if __name__ == "__main__":
    main()
