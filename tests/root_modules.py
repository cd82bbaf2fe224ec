"""Root modules of Terraform for tests, from the texts of their files, in any world."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from bedrock_policy_lint import worlds
from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.deployment.world import Inputs, World
from bedrock_policy_lint.frontends.terraform.blueprint import TerraformBlueprint
from bedrock_policy_lint.frontends.terraform.module import Tree
from bedrock_policy_lint.registry import DEPLOYMENT
from bedrock_policy_lint.run import Result, Settings, program
from bedrock_policy_lint.sources.files import Refusal
from bedrock_policy_lint.sources.source import Source

if TYPE_CHECKING:
    from bedrock_policy_lint.deployment.deployment import Deployment

Files = dict[str, str] | str
"""Texts by path; a text alone is that of `main.tf`."""


def _refusal(path: str) -> Refusal:
    return Refusal(Source(path, ""), "no such file or directory", "check the path")


def blueprint(files: Files) -> TerraformBlueprint:
    texts = {"main.tf": files} if isinstance(files, str) else files
    sources = {path: Source(path, text) for path, text in texts.items()}

    def load(path: str) -> Source | Refusal:
        return sources.get(posixpath.normpath(path)) or _refusal(path)

    def names(folder: str) -> list[str] | Refusal:
        return [posixpath.basename(path) for path in sorted(sources) if posixpath.dirname(path) == folder] or _refusal(
            folder
        )

    return TerraformBlueprint(Tree(load, names), default())


def deployed(files: Files, world: World = World()) -> Deployment:  # noqa: B008 - it is a constant
    """What is deployed in a world."""
    return blueprint(files).deployment(world)


def linted(files: Files, region: str = "us-east-1") -> Result:
    """All that is found where it is deployed to a Region."""
    return worlds.lint(blueprint(files), Inputs(regions=(region,)), program(Settings(), DEPLOYMENT))
