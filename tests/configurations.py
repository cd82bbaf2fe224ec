"""Texts of Terraform as configurations, for tests of what reads configurations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.deployment.world import Inputs, World
from bedrock_policy_lint.engine import lint_template
from bedrock_policy_lint.frontends.terraform.blueprint import TerraformBlueprint
from bedrock_policy_lint.frontends.terraform.module import Tree
from bedrock_policy_lint.run import Settings
from bedrock_policy_lint.sources.files import Refusal
from bedrock_policy_lint.sources.source import Source

if TYPE_CHECKING:
    from bedrock_policy_lint.deployment.deployment import Deployment
    from bedrock_policy_lint.finding import Finding
    from bedrock_policy_lint.frontends.terraform.configuration import Configuration
    from bedrock_policy_lint.sources.node import Node

REGION = "us-east-1"
Files = dict[str, str] | str
"""By path, or the text of `main.tf`."""


def blueprint(files: Files) -> TerraformBlueprint:
    texts = {"main.tf": files} if isinstance(files, str) else files
    sources = {path: Source(path, text) for path, text in texts.items()}

    def load(path: str) -> Source | Refusal:
        return sources.get(path) or Refusal(Source(path, ""), "no such file or directory", "check the path")

    def names(folder: str) -> list[str] | Refusal:
        prefix = f"{folder}/" if folder else ""
        found = [path.removeprefix(prefix) for path in sources if path.startswith(prefix)]
        here = sorted(name for name in found if "/" not in name)
        return here or Refusal(Source(folder, ""), "no such file or directory", "check the path")

    return TerraformBlueprint(Tree(load, names), default())


def opened(files: Files, region: str = REGION) -> Configuration:
    """The configuration where it is deployed to a Region."""
    return blueprint(files).configuration(World(region))


def deployed(files: Files, region: str = REGION) -> Deployment:
    """What it deploys there."""
    return blueprint(files).deployment(World(region))


def linted(files: Files, *rules: str, region: str = REGION) -> list[Finding]:
    """What these rules find."""
    result = lint_template(blueprint(files), Inputs(regions=(region,)), Settings())
    crashed = [finding.message for finding in result.findings if finding.rule == "internal-error"]
    assert not crashed, crashed
    return [finding for finding in result.findings if finding.rule in rules]


def written(node: Node | None) -> str:
    """What stands in the file where a value is."""
    if node is None:
        return ""
    span = node.source.in_file(node.start, node.end)
    return span.source.text[span.start : span.end]
