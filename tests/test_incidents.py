"""Incidents that people reported, re-made: what is found in them is the fault and nothing else; mended, nothing is."""

from __future__ import annotations

import json
import re
import shutil
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import Run

INCIDENTS = Path(__file__).parent.parent / "fixtures/incidents"
ALL = sorted(path for path in INCIDENTS.iterdir() if path.is_dir())
MENDED = [path for path in ALL if (path / "fixed").is_dir()]
TODAY = "2026-11-20"
"""Models come to their end, and the incidents must not."""


class Told(NamedTuple):
    """One finding: where, which rule, and what its message names or, of one that is found, its message."""

    head: str
    words: tuple[str, ...]


@pytest.fixture(autouse=True)
def _on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "strftime", lambda *_: TODAY)


@pytest.mark.parametrize("incident", ALL, ids=lambda path: path.name)
def test_an_incident_is_found_and_nothing_beside_it(run: Run, folder: Path, incident: Path) -> None:
    lay_out(incident, folder)
    expected = read_expected((incident / "expected.txt").read_text())

    ran = run(".", "--format", "concise")

    found = read_findings(ran.out)
    assert [finding.head for finding in found] == [finding.head for finding in expected], ran.out
    for finding, wanted in zip(found, expected, strict=True):
        message = finding.words[0]
        assert [word for word in wanted.words if word not in message] == [], message
    assert ran.code == int(any(" error[" in finding.head for finding in expected))


@pytest.mark.parametrize("incident", MENDED, ids=lambda path: path.name)
def test_a_mended_incident_gives_nothing(run: Run, folder: Path, incident: Path) -> None:
    lay_out(incident, folder)
    shutil.copytree(incident / "fixed", folder, dirs_exist_ok=True)

    ran = run(".", "--format", "concise")

    assert (ran.code, ran.out) == (0, "")


@pytest.mark.parametrize("incident", ALL, ids=lambda path: path.name)
def test_the_fixes_of_an_incident_mend_what_they_are_offered_for(run: Run, folder: Path, incident: Path) -> None:
    lay_out(incident, folder)
    report = json.loads(run(".", "--format", "json").out)
    offered = [finding for finding in report["findings"] if finding["fix"] and finding["fix"]["edits"]]

    run(".", "--fix=all")

    left = read_findings(run(".", "--format", "concise").out)
    assert len(left) <= len(report["findings"]) - len(offered), left


@pytest.mark.parametrize("name", ["i001", "i002", "i010", "i082", "i111", "i116", "i139"])
def test_no_denial_stays_untold_whatever_field_of_a_grant_is_wrong(run: Run, folder: Path, name: str) -> None:
    (incident,) = (path for path in MENDED if path.name.startswith(name))
    lay_out(incident, folder)
    shutil.copytree(incident / "fixed", folder, dirs_exist_ok=True)
    (policy,) = folder.glob("*/*.json") if name == "i001" else folder.glob("*.json")
    sound = policy.read_text()
    untold = []

    for arn in set(re.findall(r'"Resource": "(arn:[^"]+)"|^ *"(arn:[^"]+)",?$', sound, re.MULTILINE)):
        for number, wrong in enumerate(("aws-cn", "s3", "sa-east-1", "444455556666", "guardrail/none"), start=1):
            written = "".join(arn)
            fields = written.split(":", 5)
            broken = ":".join([*fields[:number], wrong, *fields[number + 1 :]])
            policy.write_text(sound.replace(f'"{written}"', f'"{broken}"'))
            if run(".", "--format", "concise").code != 1:
                untold.append(broken)

    assert untold == []


@pytest.mark.parametrize("incident", MENDED, ids=lambda path: path.name)
def test_what_mends_an_incident_stands_in_files_that_it_has(incident: Path) -> None:
    mended = incident / "fixed"
    names = [path.relative_to(mended) for path in mended.rglob("*") if path.is_file()]

    assert names
    for name in names:
        assert (mended / name).read_text() != (incident / name).read_text()


def test_the_list_names_every_incident_and_its_source() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| (\S.*?) \| (\S.*?) \|$", (INCIDENTS / "README.md").read_text(), re.MULTILINE)

    assert [name for name, _, _ in rows] == [path.name for path in ALL]


def lay_out(incident: Path, folder: Path) -> None:
    """Copy the files of an incident to where the program is to run."""
    shutil.copytree(incident, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("fixed", "expected.txt"))


def read_expected(text: str) -> list[Told]:
    """The findings of an `expected.txt`: a line for where and which rule, then an indented one for each word."""
    heads = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    return [
        Told(head, tuple(word.strip() for word in words)) for head, *words in (entry.splitlines() for entry in heads)
    ]


def read_findings(text: str) -> list[Told]:
    """The findings in the concise format: `path:line:column: level[rule] message`."""
    found = []
    for line in text.splitlines():
        match = re.fullmatch(r"(\S+:\d+:\d+): (\w+\[[\w-]+\]) (.+)", line)
        assert match, line
        found.append(Told(f"{match[1]} {match[2]}", (match[3],)))
    return found
