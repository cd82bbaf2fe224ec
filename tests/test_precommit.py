"""The hook, run by the real pre-commit in a scratch repository that uses this one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

pytestmark = [
    pytest.mark.skipif(not (ROOT / ".git").exists(), reason="pre-commit installs hooks from a git repository"),
    pytest.mark.skipif(shutil.which("git") is None, reason="needs git"),
]

DEAD_ACTION = """{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:Converse"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
"""

TEMPLATE = """AWSTemplateFormatVersion: "2010-09-09"
Resources:
  ChatPolicy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          Effect: Allow
          Action: bedrock:Converse
          Resource: "*"
"""
OTHERS = {
    "package.json": '{"name": "no policy here"}\n',
    "tsconfig.json": '{"strict": true,} // no JSON either\n',
    ".github/workflows/ci.yaml": "on: [push]\njobs: {}\n",
    "chart/templates/role.yaml": "{{- if .Values.role }}\nkind: Role\n{{ end }}\n",
    "two.yml": "kind: A\n---\nkind: B\n",
}


def run(*command: str, cwd: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


def test_the_hook_stops_bad_policies_and_templates_and_passes_what_is_neither(tmp_path: Path) -> None:
    pytest.importorskip("pre_commit")
    author = {
        "GIT_AUTHOR_NAME": "t",
        "GIT_AUTHOR_EMAIL": "t@t",
        "GIT_COMMITTER_NAME": "t",
        "GIT_COMMITTER_EMAIL": "t@t",
    }
    env = {**os.environ, **author, "PRE_COMMIT_HOME": str(tmp_path / "cache"), "GIT_CONFIG_GLOBAL": os.devnull}
    head = run("git", "rev-parse", "HEAD", cwd=ROOT, env=env).stdout.strip()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    config = f"repos:\n  - repo: {ROOT}\n    rev: {head}\n    hooks:\n      - id: bedrock-policy-lint\n"
    (scratch / ".pre-commit-config.yaml").write_text(config)
    for path, text in OTHERS.items():
        (scratch / path).parent.mkdir(parents=True, exist_ok=True)
        (scratch / path).write_text(text)
    run("git", "init", "-q", cwd=scratch, env=env)
    run("git", "add", ".", cwd=scratch, env=env)
    hook = (sys.executable, "-m", "pre_commit", "run", "--all-files")

    without_policy = run(*hook, cwd=scratch, env=env)
    (scratch / "policy.json").write_text(DEAD_ACTION)
    (scratch / "chat.yaml").write_text(TEMPLATE)
    (scratch / "chat.template").write_text(TEMPLATE)
    run("git", "add", ".", cwd=scratch, env=env)
    with_policy = run(*hook, cwd=scratch, env=env)

    assert without_policy.returncode == 0, without_policy.stdout + without_policy.stderr
    assert "Passed" in without_policy.stdout
    assert with_policy.returncode == 1
    assert "policy.json:5:39" in with_policy.stdout
    assert "chat.yaml:10:19" in with_policy.stdout
    assert "chat.template:10:19" in with_policy.stdout
    assert "`bedrock:Converse` is not an IAM action" in with_policy.stdout
