"""Shell scripts and what holds shell commands, to calls."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.shell.kinds import SCRIPT, format_of
from bedrock_policy_lint.code.shell.sites import Sites
from bedrock_policy_lint.code.shell.words import whole
from bedrock_policy_lint.code.site import CodeFile, Unread
from bedrock_policy_lint.sources.source import Span

if TYPE_CHECKING:
    from bedrock_policy_lint.code.reader import Files
    from bedrock_policy_lint.sources.source import Source


_LONGEST = 1_000_000


def read(source: Source, files: Files) -> CodeFile:
    """What one file calls. Never fails: what cannot be read is said in `unread`."""
    sites = Sites(source, files)
    kind = format_of(source.path, source.text)
    if len(source.text) > _LONGEST:
        unread = Unread(Span(source, 0, 0), f"it has more than {_LONGEST:,} characters, and no person writes so many")
        return CodeFile(source, "shell", unread=(unread,))
    if kind == SCRIPT:
        sites.follow(whole(source))
    elif kind:
        import_module(f"bedrock_policy_lint.code.shell.{kind}").read(sites)
    return CodeFile(
        source,
        "shell",
        sites.sites,
        imports=tuple(dict.fromkeys(sites.loaded)),
        environment=sites.read,
        unread=tuple(sites.unread),
    )
