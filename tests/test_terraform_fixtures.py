"""The shipped configurations of Terraform: what their comments say is found in them, and nothing else."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import Run
from template_cases import Expected, Place, expected, listed, options

ROOT = Path(__file__).parent.parent / "fixtures/terraform"
TODAY = "2026-11-20"
"""Models come to their end, and the fixtures must not."""
ALL = {path.relative_to(ROOT).as_posix(): path for path in sorted(ROOT.glob("*/*")) if path.is_dir()}
SPELLINGS = sorted(name for name in ALL if name.startswith("spellings/"))
UNFORMATTED = ("broken/conflict", "broken/syntax")
_COMMENTED = (".tf", ".tofu", ".tfvars")
_LISTED = "expected.txt"
"""What is found in files that hold no comments."""

_date = re.compile(r"\d{4}-\d\d-\d\d").sub
"""Of the catalogue, which is renewed."""
_is_good = re.compile(r"\.good(?:_|\b)").search


@pytest.fixture(autouse=True)
def _on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "strftime", lambda *_: TODAY)


@pytest.mark.parametrize("name", ALL)
def test_what_the_comments_say_is_found_and_nothing_else(run: Run, folder: Path, name: str) -> None:
    findings = report(run, folder, name)

    found = {(place(each), each["rule"]): each["message"] for each in findings}
    wanted = list(marked(ALL[name]))
    assert sorted(found) == sorted((each.place, each.rule) for each in wanted)
    for each in wanted:
        message = found[each.place, each.rule]
        assert [words for words in each.words if words not in message] == [], message


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_found_in_what_is_good(run: Run, folder: Path, name: str) -> None:
    findings = report(run, folder, name)

    assert [each["message"] for each in findings if any(map(_is_good, each["address"]))] == []


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_service_gives_the_same_findings_however_its_policies_are_written(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    here = {(each["rule"], each["severity"], each["message"]) for each in report(run, folder, name)}

    (other := tmp_path / "other" / ".git").mkdir(parents=True)
    monkeypatch.chdir(other.parent)
    there = {(each["rule"], each["severity"], each["message"]) for each in report(run, other.parent, SPELLINGS[0])}

    assert here == there
    assert [message for _, _, message in here if "`aws_lambda_function.bad`" in message] != []
    assert [message for _, _, message in here if "good" in message] == []


def test_there_are_six_spellings() -> None:
    assert [name.partition("/")[2] for name in SPELLINGS] == [
        *("data-source", "file", "heredoc", "jsonencode", "module", "templatefile"),
    ]


def test_what_a_tree_of_modules_leaves_open_is_counted_and_listed_and_is_no_fault(run: Run, folder: Path) -> None:
    name = "tree/services"
    words = lay_out(folder, name)

    quiet, told = run("check", *words), run("check", *words, "-v")

    assert _date("<date>", told.out) == (ROOT / name / "output.txt").read_text()
    assert "2 warnings in" in told.err
    assert told.err.count("5 undecided") == quiet.err.count("5 undecided") == 1
    assert "undecided" not in quiet.out
    assert quiet.out == told.out.partition("\nundecided:")[0]


def test_what_is_left_open_is_told_once_it_is_given_a_value(run: Run, folder: Path) -> None:
    words = lay_out(folder, "tree/services")

    ran = run("check", *words, "--var", "judge=amazon.nova-light-v1:0", "--format", "json")

    found = json.loads(ran.out)
    assert "`amazon.nova-light-v1:0`" in " ".join(each["message"] for each in found["findings"])
    assert found["summary"]["undecided"] == 3


def test_what_another_provider_makes_is_judged_in_its_region(run: Run, folder: Path) -> None:
    words = lay_out(folder, "tree/services")
    main = folder / "main.tf"
    main.write_text(main.read_text().replace('"apac"', '"us"'))

    ran = run("check", *words, "--format", "concise", "--select", "geo-prefix-region-mismatch,profile-not-in-region")

    assert sorted(re.findall(r"\[([\w-]+)\] `us\.amazon.* from `(.+)`", ran.out)) == [
        ("geo-prefix-region-mismatch", "ap-northeast-1"),
        ("profile-not-in-region", "ap-northeast-1"),
    ]


def test_a_finding_in_a_plan_names_the_line_of_the_file_beside_it(run: Run, folder: Path) -> None:
    findings = report(run, folder, "plan/applied")

    beside = [next(one for one in each["related"] if one["path"] == "main.tf") for each in findings]
    lines = (ROOT / "plan/applied/main.tf").read_text().splitlines()
    assert [lines[one["line"] - 1].split(" {")[0] for one in beside] == [
        'resource "aws_iam_policy" "bad"',
        'resource "aws_iam_role_policy" "chat"',
    ]


@pytest.mark.parametrize("name", ["spellings/module", "values/tfvars", "formats/json"])
def test_a_process_of_its_own_says_the_same(program: Run, run: Run, folder: Path, name: str) -> None:
    words = lay_out(folder, name)

    here, there = (json.loads(each("check", *words, "--format", "json").out)["findings"] for each in (run, program))

    assert [(place(each), each["rule"]) for each in here] == [(place(each), each["rule"]) for each in there]


def test_every_file_is_formatted() -> None:
    terraform = shutil.which("terraform")
    if terraform is None:
        pytest.skip("no terraform here")
    files = [str(path) for name in ALL if name not in UNFORMATTED for path in ALL[name].rglob("*.tf*")]
    files = [path for path in files if path.endswith((".tf", ".tfvars"))]

    done = subprocess.run([terraform, "fmt", "-check", *files], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_the_list_names_every_fixture() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| (\S.*?) \|$", (ROOT / "README.md").read_text(), re.MULTILINE)

    assert rows == [(name, described(path)) for name, path in ALL.items()]


def lay_out(folder: Path, name: str) -> list[str]:
    """Copy a fixture; the words with which it is checked."""
    shutil.copytree(ALL[name], folder, dirs_exist_ok=True)
    words = next((found for head in heads(ALL[name]) if (found := options(head))), [])
    return words if words and not words[0].startswith("-") else [".", *words]


def report(run: Run, folder: Path, name: str) -> list[dict[str, Any]]:
    """The findings in a fixture, as it wants to be checked."""
    ran = run("check", *lay_out(folder, name), "--format", "json")
    assert ran.out, ran.err
    findings: list[dict[str, Any]] = json.loads(ran.out)["findings"]
    return findings


def marked(folder: Path) -> list[Expected]:
    """What is to be found in the files of a fixture."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.name == _LISTED:
            found += listed(path.read_text())
        elif path.name.endswith(_COMMENTED):
            found += expected(path.relative_to(folder).as_posix(), path.read_text())
    return found


def heads(folder: Path) -> list[str]:
    """How the files at the top of a fixture begin."""
    return [path.read_text() for path in sorted(folder.iterdir()) if path.name.endswith((*_COMMENTED, _LISTED))]


def described(folder: Path) -> str:
    """What a fixture says of itself."""
    lines = [line for text in heads(folder) for line in text.splitlines()[:2] if line.startswith("# ")]
    return next(line[2:] for line in lines if not options(line))


def place(finding: dict[str, Any]) -> Place:
    """Where a finding points."""
    return Place(*(finding[field] for field in Place._fields))
