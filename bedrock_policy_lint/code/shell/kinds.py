"""Which files hold shell commands, and which settings of clients: told by their names, some by how they begin."""

from __future__ import annotations

import os
import re

SCRIPT = "script"
"""A script of a shell; the other formats are named after the modules that read them."""
SHELL, SETTINGS = "shell", "settings"

_BY_ENDING = {
    **dict.fromkeys((".sh", ".bash", ".zsh", ".ksh", ".envrc", ".bats"), SCRIPT),
    **dict.fromkeys((".mk", ".mak"), "make"),
    **dict.fromkeys((".dockerfile", ".containerfile"), "docker"),
    ".just": "just",
    ".ps1": "powershell",
}
_BY_NAME = {
    ".envrc": SCRIPT,
    **dict.fromkeys(("makefile", "gnumakefile"), "make"),
    **dict.fromkeys(("justfile", ".justfile"), "just"),
    "package.json": "package",
}
_NOT_DOCKERFILES = (".md", ".py", ".json", ".txt", ".j2")
_PIPELINES = re.compile(
    r"\.gitlab-ci\.ya?ml|.*\.gitlab-ci\.ya?ml|buildspec[\w.-]*\.ya?ml|azure-pipelines[\w.-]*\.ya?ml"
    r"|action\.ya?ml|taskfile(\.dist)?\.ya?ml",
    re.IGNORECASE,
).fullmatch
_FOLDERS = (".github/workflows/", ".circleci/", ".gitlab/ci/", ".gitlab-ci/", ".github/actions/")
_SETTINGS = frozenset(
    {
        *("settings.json", "settings.local.json", "managed-settings.json", "devcontainer.json", ".devcontainer.json"),
        *("config.json", ".aider.conf.yml", ".claude.json"),
    }
)
_hashbang = re.compile(r"#![^\n]*\b(?:ba|da|k|z)?sh\b").match


def kind_of(path: str, text: str = "") -> str:
    """`shell` or `settings`; empty for a file that is neither. Without its text, what has no ending is not told."""
    if format_of(path, text):
        return SHELL
    return SETTINGS if is_settings(path) else ""


def is_settings(path: str) -> bool:
    """Whether a file may hold settings of a client, by its name."""
    name = os.path.basename(path)
    lower = name.lower()
    if lower in _SETTINGS or lower.endswith((".yml", ".yaml")):
        return True
    return is_environment(name) or (lower == "config" and _folder(path).endswith(".aws/"))


def is_environment(name: str) -> bool:
    """Whether a file by its name sets variables of the environment: `.env`, `.env.local`, `chat.env`."""
    lower = name.lower()
    return lower == ".env" or lower.startswith(".env.") or lower.endswith(".env")


def format_of(path: str, text: str = "") -> str:
    """The format that shell commands stand in; empty where there are none."""
    name = os.path.basename(path).lower()
    ending = os.path.splitext(name)[1]
    known = _BY_NAME.get(name) or _BY_ENDING.get(ending)
    if known is not None:
        return known
    if name.startswith(("dockerfile", "containerfile")):
        return "" if ending in _NOT_DOCKERFILES else "docker"
    if ending in (".yml", ".yaml"):
        return "pipelines" if _PIPELINES(name) or _folder(path).endswith(_FOLDERS) else ""
    return SCRIPT if not ending and text and _hashbang(text) else ""


def _folder(path: str) -> str:
    return os.path.dirname(path).replace(os.sep, "/") + "/"
