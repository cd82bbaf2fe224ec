"""Pipelines of CI that are written in YAML: told apart by their names and by what stands in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.code.site import broken
from bedrock_policy_lint.sources import yaml
from bedrock_policy_lint.sources.node import Object
from bedrock_policy_lint.sources.yaml import Dialect, LimitError, YamlError

if TYPE_CHECKING:
    from bedrock_policy_lint.code.shell.sites import Sites

_GITLAB = Dialect(tags={"!reference": "reference"})


def read(sites: Sites) -> None:
    """Follow the commands of a pipeline."""
    try:
        root = yaml.read(sites.source, _GITLAB)[0]
    except (YamlError, LimitError) as error:
        sites.unread.append(broken(sites.source, "YAML", error.start, error.end, error.message))
        return
    if not isinstance(root.value, Object):
        return
    path = sites.source.path.replace("\\", "/")
    if root.get("phases"):
        from bedrock_policy_lint.code.shell.codebuild import follow
    elif root.get("tasks") and "askfile" in path:
        from bedrock_policy_lint.code.shell.taskfile import follow
    elif "/.circleci/" in f"/{path}":
        from bedrock_policy_lint.code.shell.circleci import follow
    elif "azure-pipelines" in path:
        from bedrock_policy_lint.code.shell.azure import follow
    elif root.get("jobs") or root.get("runs"):
        from bedrock_policy_lint.code.shell.github import follow
    else:
        from bedrock_policy_lint.code.shell.gitlab import follow
    follow(root, sites)
