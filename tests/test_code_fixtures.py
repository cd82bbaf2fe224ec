"""The shipped programs: what their comments say is found in them, at both ends, and nothing else."""

from __future__ import annotations

import json
import re
import shutil
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from conftest import Run
from template_cases import Expected, Place, expected, listed, options

ROOT = Path(__file__).parent.parent / "fixtures/code"
TODAY = "2026-11-20"
"""Models come to their end, and the programs must not."""
ALL = {path.relative_to(ROOT).as_posix(): path for path in sorted(ROOT.glob("*/*")) if path.is_dir()}
_LISTED, _CALLS = "expected.txt", "calls.txt"
"""What is found in files that hold no comments, and what `usage scan` prints."""
_PLACES = ("--region", "--account", "--parameter", "--parameters", "--var", "--var-file")
"""Options of a check that `usage show` has, too."""
_is_good = re.compile(r"good", re.IGNORECASE).search


@pytest.fixture(autouse=True)
def _on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "strftime", lambda *_: TODAY)


@pytest.mark.parametrize("name", ALL)
def test_what_the_comments_say_is_found_and_nothing_else(run: Run, folder: Path, name: str) -> None:
    findings = report(run, folder, name)

    wanted = [each for each in marked(ALL[name]) if not each.is_other]
    found = {(place(each), each["rule"]): each["message"] for each in findings}
    assert sorted(found) == sorted((each.place, each.rule) for each in wanted)
    for each in wanted:
        message = found[each.place, each.rule]
        assert [words for words in each.words if words not in message] == [], message


@pytest.mark.parametrize("name", ALL)
def test_every_other_end_is_where_the_comments_say(run: Run, folder: Path, name: str) -> None:
    findings = report(run, folder, name)

    wanted = {(each.place, each.rule, *each.words) for each in marked(ALL[name]) if each.is_other}
    found = {(place(end), each["rule"], end["label"]) for each in findings for end in each["related"]}
    assert found == wanted


@pytest.mark.parametrize("name", ALL)
def test_sarif_has_both_ends_at_the_same_places(run: Run, folder: Path, name: str) -> None:
    words = lay_out(folder, name)

    findings = json.loads(run("check", *words, "--format", "json").out)["findings"]
    (sarif,) = json.loads(run("check", *words, "--format", "sarif").out)["runs"]

    here = [(place(each), [(place(end), end["label"]) for end in each["related"]]) for each in findings]
    there = [
        (located(result["locations"][0]), [(located(end), end["message"]["text"]) for end in others])
        for result in sarif["results"]
        for others in (result.get("relatedLocations", []),)
    ]
    assert here == there


@pytest.mark.parametrize("name", ALL)
def test_what_is_good_calls_something_and_is_allowed_to(run: Run, folder: Path, name: str) -> None:
    words = lay_out(folder, name)

    findings = json.loads(run("check", *words, "--format", "json").out)["findings"]
    shown = json.loads(run("usage", "show", *places(words), "--format", "json").out)["principals"]

    assert [each["message"] for each in findings if any(map(_is_good, [each["path"], *each["address"]]))] == []
    good = [each for each in shown if _is_good(each["name"]) or _is_good(each["place"]["path"])]
    assert [told for each in good for sort in ("missing", "wrong", "excess", "unknown") for told in each[sort]] == []
    calls = [call for each in good for call in each["calls"]]
    assert calls != []
    assert [call for call in calls if call["outcome"] != "allowed"] == []


@pytest.mark.parametrize("name", ALL)
def test_what_it_calls_is_listed(run: Run, folder: Path, name: str) -> None:
    lay_out(folder, name)

    ran = run("usage", "scan", ".")

    assert ran.code == 0
    assert ran.out == (ALL[name] / _CALLS).read_text()


@pytest.mark.parametrize("name", ALL)
def test_what_fails_is_told_of_whoever_calls(run: Run, folder: Path, name: str) -> None:
    words = lay_out(folder, name)

    findings = json.loads(run("check", *words, "--format", "json").out)["findings"]
    shown = json.loads(run("usage", "show", *places(words), "--format", "json").out)["principals"]

    told = {
        (one["rule"], one["place"]["path"], one["place"]["line"], one["place"]["column"])
        for each in shown
        for sort in ("missing", "wrong", "excess")
        for one in each[sort]
    }
    assert told == {(each["rule"], each["path"], each["line"], each["column"]) for each in findings}


@pytest.mark.parametrize("name", ["boto3/module-client", "aws-sdk-v3/commands", "shell/script"])
def test_a_process_of_its_own_says_the_same(program: Run, run: Run, folder: Path, name: str) -> None:
    words = lay_out(folder, name)

    here, there = (json.loads(each("check", *words, "--format", "json").out)["findings"] for each in (run, program))

    assert [(place(each), each["rule"]) for each in here] == [(place(each), each["rule"]) for each in there]


def test_the_list_names_every_fixture() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| (\S.*?) \|$", (ROOT / "README.md").read_text(), re.MULTILINE)

    assert rows == [(name, described(path)) for name, path in ALL.items()]


def lay_out(folder: Path, name: str) -> list[str]:
    """Copy a program; the words with which it is checked."""
    ignored = shutil.ignore_patterns(_LISTED, _CALLS)
    shutil.copytree(ALL[name], folder, dirs_exist_ok=True, ignore=ignored)
    words = next((found for head in heads(ALL[name]) if (found := options(head))), [])
    return words if words and not words[0].startswith("-") else [".", *words]


def report(run: Run, folder: Path, name: str) -> list[dict[str, Any]]:
    """The findings in a program, as it wants to be checked."""
    ran = run("check", *lay_out(folder, name), "--format", "json")
    assert ran.out, ran.err
    findings: list[dict[str, Any]] = json.loads(ran.out)["findings"]
    return findings


def marked(folder: Path) -> list[Expected]:
    """What is to be found in the files of a program."""
    found = []
    for path in files(folder):
        if path.name == _LISTED:
            found += listed(path.read_text())
        elif path.name != _CALLS and path.suffix not in (".json", ".ipynb"):
            found += expected(path.relative_to(folder).as_posix(), path.read_text())
    return found


def files(folder: Path) -> list[Path]:
    """Everything that lies in a folder, at whatever depth."""
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


def heads(folder: Path) -> list[str]:
    """How the files of a program begin."""
    return [path.read_text() for path in files(folder) if path.name != _CALLS]


def described(folder: Path) -> str:
    """What a program says of itself, below how it is checked."""
    (head,) = [text for text in heads(folder) if options(text)]
    return head.splitlines()[1].removeprefix("# ").removeprefix("// ")


def places(words: list[str]) -> list[str]:
    """Those words of a check that say what is looked at, and where that is deployed."""
    pairs = pairwise(words)
    return [words[0], *(each for name, value in pairs if name in _PLACES for each in (name, value))]


def place(finding: dict[str, Any]) -> Place:
    """Where a finding points."""
    return Place(*(finding[field] for field in Place._fields))


def located(location: dict[str, Any]) -> Place:
    """Where a location of SARIF points."""
    physical = location["physicalLocation"]
    region = physical["region"]
    line, column = region["startLine"], region["startColumn"]
    return Place(
        physical["artifactLocation"]["uri"],
        line,
        column,
        region.get("endLine", line),
        region["endColumn"],
    )
