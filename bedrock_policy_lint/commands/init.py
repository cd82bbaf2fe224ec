"""The verb `init`: a commented configuration to start from, and the hooks of pre-commit and CI if asked."""

from __future__ import annotations

import os

import click

from bedrock_policy_lint import __version__
from bedrock_policy_lint.config import FILE_NAMES
from bedrock_policy_lint.sources.files import write

CONFIG = """\
# bedrock-policy-lint. The nearest configuration above a file holds for it, whole.
# `bedrock-policy-lint config check` checks this file; `config schema` prints what editors need to complete it.

# From which level findings fail a run: "info", "warning" or "error".
fail-on = "error"

# Files that a walk leaves out. What git ignores is left out anyway.
# exclude = ["examples/**"]

# What is called, and under which policies: then each call is judged, and what is granted beyond it is told.
# Here stands what a `bedrock-usage.yaml` would say. The path of such a file does too.
# [usage]
# role = "arn:aws:iam::111122223333:role/chat"
# region = "us-east-1"
# policies = "policies/chat.json"
# uses = ["converse-stream us.anthropic.claude-sonnet-4-6"]

# Where templates are deployed, and with which parameters. What nobody says stays open.
# [deploy]
# region = ["us-east-1", "eu-west-1"]
# account = "111122223333"
# parameters = { Stage = "prod" }
# parameter-files = { "chat/**" = "parameters/chat.json" }
# sam-environment = "default"
# [deploy.terraform.var-files]  # modules of Terraform, and their variables: a file, several, or sets by name
# "chat" = { dev = "vars/dev.tfvars", prod = "vars/prod.tfvars" }

# Which environment files belong to. Some rules are stricter in production.
[environments]
# production = ["**/prod/**"]

# What policies are attached as, where their content cannot tell:
# identity, boundary, session, scp, rcp, trust, vpc-endpoint, resource.
[kinds]
# scp = ["organization/**"]

# The level of single rules: "off", "info", "warning", "error".
[levels]
# "model-legacy" = "warning"

# Other levels for some paths.
# [[per-path]]
# paths = ["sandbox/**"]
# levels = { "wildcard-resource" = "off" }

# A finding that may stay. The address is what is printed after `in:`; * stands for anything.
# [[ignore]]
# rule = "wildcard-resource"
# path = "policies/admin.json"
# address = 'Statement "Everything" > Resource > *'
# reason = "break-glass role, reviewed each quarter"
"""

PRE_COMMIT = f"""\
repos:
  - repo: REPOSITORY  # where bedrock-policy-lint is kept
    rev: v{__version__}
    hooks:
      - id: bedrock-policy-lint  # policies, templates, Terraform, declarations of usage; all else passes
"""

GITHUB = """\
name: Bedrock permissions
on: [pull_request]
permissions:
  contents: read
  security-events: write
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: OWNER/bedrock-policy-lint@VERSION  # where bedrock-policy-lint is kept
        id: lint
      - uses: github/codeql-action/upload-sarif@v3
        if: always()
        with:
          sarif_file: ${{ steps.lint.outputs.sarif }}
"""

GITLAB = """\
bedrock-policy-lint:
  image: python:3.13-slim
  script:
    - pip install bedrock-policy-lint
    - bedrock-policy-lint . --report gitlab=gl-code-quality-report.json
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json
"""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--pre-commit", is_flag=True, help="Also write .pre-commit-config.yaml.")
@click.option("--github", is_flag=True, help="Also write a GitHub Actions workflow.")
@click.option("--gitlab", is_flag=True, help="Also write a GitLab CI job to include.")
def command(pre_commit: bool, github: bool, gitlab: bool) -> int:
    """Write a commented configuration here; a file that is already there is left as it is."""
    wanted = [(FILE_NAMES[0], CONFIG)]
    if pre_commit:
        wanted.append((".pre-commit-config.yaml", PRE_COMMIT))
    if github:
        wanted.append((os.path.join(".github", "workflows", "bedrock-policy-lint.yml"), GITHUB))
    if gitlab:
        wanted.append(("bedrock-policy-lint.gitlab-ci.yml", GITLAB))
    there = [path for path, _ in wanted if os.path.lexists(path)]
    for path, text in wanted:
        if path in there:
            click.echo(f"{path}: already there, left as it is", err=True)
        else:
            _write(path, text)
            click.echo(f"{path}: written")
    return 2 if there else 0


def _write(path: str, text: str) -> None:
    try:
        if os.path.dirname(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
        write(path, text.encode())
    except OSError as error:
        raise click.ClickException(f"{path}: cannot be written: {(error.strerror or str(error)).lower()}") from None
