"""CodeBuild's build specifications: https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.shell.expressions import Expressions
from bedrock_policy_lint.code.shell.stages import commands, members, text, together, variables

if TYPE_CHECKING:
    from bedrock_policy_lint.code.shell.sites import Sites
    from bedrock_policy_lint.sources.node import Node

_nothing = re.compile(r"(?P<name>(?!))")
_PHASES = ("install", "pre_build", "build", "post_build")


def follow(root: Node, sites: Sites) -> None:
    """Follow the commands of all phases: since version 0.2 one shell runs them all."""
    if text(root.get("env", "shell")).startswith("p"):
        return
    expressions = Expressions(_nothing, lambda name: None, sites.marks)
    own = variables(root.get("env", "variables"), expressions)
    phases = dict(members(root.get("phases")))
    parts = [phases[name].get(kind) for name in _PHASES if name in phases for kind in ("commands", "finally")]
    script = together(commands(parts), expressions)
    if script is not None:
        sites.follow(script, own)
