"""The shipped fixtures: whole screens for the faulty ones, silence for the clean ones, and a README that is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import Run

ROOT = Path(__file__).parent.parent
FAULTY = sorted((ROOT / "fixtures/policies").glob("*.json"))
CLEAN = sorted((ROOT / "fixtures/clean").glob("*.json"))
SCREENS = ROOT / "tests/data/screens"


@pytest.fixture
def at_root(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The program in the root of this repository, as the README runs it."""
    monkeypatch.chdir(ROOT)
    return run


@pytest.mark.parametrize("path", FAULTY, ids=lambda path: path.stem)
def test_a_faulty_fixture_gives_its_screen(at_root: Run, path: Path) -> None:
    ran = at_root(str(path.relative_to(ROOT)))

    assert ran.out == (SCREENS / f"{path.stem}.txt").read_text()
    assert ran.code == int("error[" in ran.out)


@pytest.mark.parametrize("path", CLEAN, ids=lambda path: path.stem)
def test_a_clean_fixture_gives_nothing(at_root: Run, path: Path) -> None:
    ran = at_root(str(path.relative_to(ROOT)), "--env", "production")

    assert (ran.code, ran.out) == (0, "")


def test_the_finding_in_the_readme_is_the_one_that_is_printed(at_root: Run) -> None:
    shown = re.search(r"```\n(error\[.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)

    assert shown
    assert shown[1] in at_root("fixtures/policies/setup-guide.json").out


def test_every_screen_belongs_to_a_fixture() -> None:
    assert {path.stem for path in SCREENS.glob("*.txt")} == {path.stem for path in FAULTY}
