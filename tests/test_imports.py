"""What a start may load: start-up is a feature, and an import is easily added without anybody noticing."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

CLEAN = """{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
"""
SLOW = frozenset(
    {
        "concurrent",
        "dataclasses",
        "difflib",
        "fnmatch",
        "hashlib",
        "html",
        "http",
        "inspect",
        "ipaddress",
        "jsonschema",
        "logging",
        "multiprocessing",
        "parliament",
        "boto3",
        "pathlib",
        "shutil",
        "socket",
        "ssl",
        "tomllib",
        "urllib",
        "xml",
        "yaml",
    }
)


@cache
def loaded_by(code: str, folder: str = ".") -> frozenset[str]:
    """The modules that a fresh interpreter loads for some code."""
    wrapped = f"""
import sys
for name in [name for name in sys.modules if name.partition(".")[0] in {set(SLOW)}]:
    del sys.modules[name]  # the finder of an editable install may have loaded it already
before = set(sys.modules)
{code}
print("\\n" + " ".join(set(sys.modules) - before), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", wrapped], capture_output=True, text=True, check=True, cwd=folder)
    return frozenset(done.stderr.splitlines()[-1].split())


def run_code(*words: str) -> str:
    return f"from bedrock_policy_lint import cli; cli.run({list(words)})"


def test_the_version_loads_the_command_line_and_nothing_else() -> None:
    ours = loaded_by(run_code("--version")) - loaded_by("import click")

    assert ours <= {"bedrock_policy_lint", "bedrock_policy_lint.cli", "locale", "_locale"}


def test_help_loads_no_verb() -> None:
    ours = {name for name in loaded_by(run_code("--help")) if name.startswith("bedrock_policy_lint")}

    assert ours == {"bedrock_policy_lint", "bedrock_policy_lint.cli"}


def test_a_clean_policy_is_checked_without_what_is_slow_to_load(tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text(CLEAN)

    loaded = loaded_by(run_code("policy.json"), str(tmp_path)) - loaded_by("import click")

    assert "bedrock_policy_lint.frontends.policy_json" in loaded
    assert {name for name in loaded if name.partition(".")[0] in SLOW} == set()


@pytest.mark.parametrize(
    "module",
    [
        "suppress",
        "commands.excuses",
        "config_places",
        "fix.apply",
        "fix.edits",
        "fix.json_edits",
        "fix.yaml_edits",
        "fix.label",
        "commands.fixing",
        "report.json",
    ],
)
def test_a_clean_policy_is_checked_without_what_only_findings_need(tmp_path: Path, module: str) -> None:
    (tmp_path / "policy.json").write_text(CLEAN)

    assert f"bedrock_policy_lint.{module}" not in loaded_by(run_code("policy.json"), str(tmp_path))
