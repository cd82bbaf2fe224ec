"""The scripts of a `package.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.code.shell.spelling import of_node
from bedrock_policy_lint.code.shell.words import Script
from bedrock_policy_lint.sources import json
from bedrock_policy_lint.sources.node import Object

if TYPE_CHECKING:
    from bedrock_policy_lint.code.shell.sites import Sites


def read(sites: Sites) -> None:
    """Follow each script."""
    try:
        scripts = json.read(sites.source)[0].get("scripts")
    except json.JsonError:
        return  # somebody else says so: nothing else reads it either
    if scripts is None or not isinstance(scripts.value, Object):
        return
    for _, script in scripts.value.pairs():
        if isinstance(script.value, str):
            text = of_node(script, script.value)
            sites.follow(Script(sites.source, text.text, [*text.starts, text.end]))
