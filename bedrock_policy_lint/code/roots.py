"""Which files of code belong to one project, and which are there to test others: told by names alone."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MANIFESTS = frozenset(
    {
        *("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "Pipfile", "environment.yml"),
        *("package.json", "deno.json", "deno.jsonc", ".git"),
    }
)
"""What lies at the top of a project."""
_is_test = re.compile(
    r"(?:^|/)(?:tests?|__tests__|__mocks__|testing|fixtures|spec)/"
    r"|(?:^|/)(?:test_[^/]*|[^/]*_test|conftest)\.py$|\.(?:test|spec)\.[a-z]+$"
).search


def tops(paths: Iterable[str], above: str) -> dict[str, list[str]]:
    """Files by the top of the project that they belong to, which is no higher than `above`."""
    known: dict[str, str] = {}
    found: dict[str, list[str]] = {}
    for path in paths:
        folder = os.path.dirname(path)
        if folder not in known:
            known[folder] = _top(folder, above)
        found.setdefault(known[folder], []).append(path)
    return found


def _top(folder: str, above: str) -> str:
    here = folder
    limit = os.path.abspath(above)
    while os.path.abspath(here) != limit and os.path.abspath(here).startswith(limit):
        if any(os.path.lexists(os.path.join(here, name)) for name in MANIFESTS):
            return here
        here = os.path.dirname(here)
    return above


def is_test(path: str) -> bool:
    """Whether code is there to test other code: what it calls is mostly made up."""
    return _is_test(path.replace(os.sep, "/")) is not None
