"""The GitHub Action's own scripts, run as the runner would run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())


@pytest.fixture
def runner(tmp_path: Path) -> dict[str, str]:
    """The variables of a runner on which the install step has been done."""
    home = tmp_path / "runner" / "bedrock-policy-lint" / "bin"
    home.mkdir(parents=True)
    program = home / "bedrock-policy-lint"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bedrock_policy_lint "$@"\n')
    program.chmod(0o755)
    return {
        **os.environ,
        "RUNNER_TEMP": str(tmp_path / "runner"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
    }


def run_step(name: str, env: dict[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    (step,) = (step for step in ACTION["runs"]["steps"] if step["id"] == name)
    script = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    return subprocess.run(script, env=env, cwd=cwd, capture_output=True, text=True, check=False)


def test_the_action_annotates_writes_sarif_and_a_summary_and_fails(runner: dict[str, str], tmp_path: Path) -> None:
    policy = tmp_path / "policies" / "guide.json"
    policy.parent.mkdir()
    policy.write_text((ROOT / "fixtures/policies/setup-guide.json").read_text())
    env = {**runner, "PATHS": "policies", "ARGS": "--select action-not-in-reference", "SARIF": "out.sarif"}

    ran = run_step("run", env, tmp_path)

    assert ran.returncode == 1, ran.stderr
    assert "::error file=policies/guide.json,line=10" in ran.stdout
    results = json.loads((tmp_path / "out.sarif").read_text())["runs"][0]["results"]
    assert len(results) == 2
    assert "action-not-in-reference" in Path(env["GITHUB_STEP_SUMMARY"]).read_text()
    assert Path(env["GITHUB_OUTPUT"]).read_text() == "sarif=out.sarif\n"


def test_an_input_cannot_become_a_command(runner: dict[str, str], tmp_path: Path) -> None:
    env = {**runner, "PATHS": "$(touch pwned) ; touch pwned", "ARGS": "", "SARIF": "out.sarif"}

    ran = run_step("run", env, tmp_path)

    assert ran.returncode == 2
    assert not (tmp_path / "pwned").exists()


def test_no_step_pastes_an_expression_into_a_script() -> None:
    assert all("${{" not in step["run"] for step in ACTION["runs"]["steps"])
