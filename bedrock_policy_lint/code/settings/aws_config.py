"""Files like `~/.aws/config` in a repository: the Regions of profiles.

https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.settings.nodes import Quoted

if TYPE_CHECKING:
    from bedrock_policy_lint.sources.node import Node
    from bedrock_policy_lint.sources.source import Source

_section = re.compile(r"\[[ \t]*(?:profile[ \t]+)?[\"']?([^\]\"']+?)[\"']?[ \t]*\]").match
_region = re.compile(r"region[ \t]*=[ \t]*([\w-]+)").match
_line = re.compile(r"^.*$", re.MULTILINE)


def regions(source: Source) -> dict[str, Node]:
    """The Region of each profile that has one; `default` is that of commands that name none."""
    found: dict[str, Node] = {}
    profile = ""
    for line in _line.finditer(source.text):
        if section := _section(source.text, line.start()):
            profile = section[1]
        elif profile and (region := _region(source.text, line.start())):
            found[profile] = Quoted(region[1], *region.span(1), source)
    return found
