"""Paths as other programs want them: seen from one folder, with forward slashes."""

from __future__ import annotations

import os

from bedrock_policy_lint.sources.files import STDIN_NAME


def seen_from(path: str, folder: str = "") -> str:
    """The path relative to a folder (the working directory when none is given); standard input keeps its name."""
    if path == STDIN_NAME:
        return path
    if folder or os.path.isabs(path):
        try:
            path = os.path.relpath(path, folder or None)
        except ValueError:  # on another Windows drive
            path = os.path.abspath(path)
    path = os.path.normpath(path)
    return path.replace("\\", "/") if os.sep == "\\" else path
