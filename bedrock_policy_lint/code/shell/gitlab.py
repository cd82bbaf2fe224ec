"""GitLab's pipelines: https://docs.gitlab.com/ci/yaml/."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.shell.expressions import Expressions
from bedrock_policy_lint.code.shell.stages import commands, members, together, variables

if TYPE_CHECKING:
    from bedrock_policy_lint.code.shell.sites import Sites
    from bedrock_policy_lint.sources.node import Node

_input = re.compile(r"\$\[\[(?P<name>.*?)\]\]", re.DOTALL)


def follow(root: Node, sites: Sites) -> None:
    """Follow the scripts of every job; `before_script` runs in the shell of `script`."""
    expressions = Expressions(_input, lambda name: None, sites.marks)
    common = variables(root.get("variables"), expressions)
    before = root.get("default", "before_script") or root.get("before_script")
    after = root.get("default", "after_script") or root.get("after_script")
    for name, job in members(root):
        if name in ("default", "variables", "workflow", "include", "stages") or job.get("script") is None:
            continue
        own = {**common, **variables(job.get("variables"), expressions)}
        for parts in ((job.get("before_script") or before, job.get("script")), (job.get("after_script") or after,)):
            script = together(commands(parts), expressions)
            if script is not None:
                sites.follow(script, dict(own))
