"""Shell commands and settings in tests: a project in memory, and what is found in it as short lines.

`Converse aws bedrock-runtime converse model=a~ | $M region=b?AWS_REGION`, as `python_code` writes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

from python_code import Project, line, written

from bedrock_policy_lint.code.settings import reader as settings
from bedrock_policy_lint.code.shell import reader as shell
from bedrock_policy_lint.code.shell.kinds import SETTINGS, kind_of
from bedrock_policy_lint.code.site import CodeFile
from bedrock_policy_lint.sources.node import Node


def file(text: str | Mapping[str, str], path: str = "ask.sh") -> CodeFile:
    """What is known of one file of a project."""
    texts = {path: text} if isinstance(text, str) else text
    project = Project({name: dedent(content) for name, content in texts.items()})
    source = project.sources[path]
    read = settings.read if kind_of(path, source.text) == SETTINGS else shell.read
    return read(source, project)


def sites(text: str | Mapping[str, str], path: str = "ask.sh") -> list[str]:
    """The call sites of one file as lines."""
    return [line(site) for site in file(text, path).sites]


def given(text: str | Mapping[str, str], what: str = "model", path: str = "ask.sh") -> list[str]:
    """What the call sites of one file are given of one kind, one line for each."""
    return [" | ".join(map(written, site.given.get(what, ()))) for site in file(text, path).sites]


def stretch(node: Node) -> str:
    """What stands in the file where a node is."""
    return node.source.text[node.start : node.end]
