"""Which paths `.gitignore` files leave out, read without running git: a stranger's repository must not run code."""

from __future__ import annotations

import os
import re
import stat
from typing import NamedTuple

from bedrock_policy_lint.sources.globs import ANYWHERE, translate

_NAME = ".gitignore"
_LARGEST = 1_000_000


class _Pattern(NamedTuple):
    regex: re.Pattern[str]
    keeps: bool
    folders_only: bool


class Ignores:
    """The patterns in force in one folder: those of its own `.gitignore` and of the folders above it."""

    __slots__ = ("_above", "_folder", "_patterns")

    def __init__(self, folder: str = "", patterns: list[_Pattern] | None = None, above: Ignores | None = None) -> None:
        self._folder = folder.rstrip(os.sep)
        self._patterns = patterns or []
        self._above = above

    def __bool__(self) -> bool:
        """Whether anything may be ignored."""
        return bool(self._patterns)

    @classmethod
    def above(cls, folder: str) -> Ignores:
        """What is in force in `folder` from above it, up to the top of its repository; nothing outside of one."""
        folders: list[str] = []
        here = os.path.abspath(folder)
        while not os.path.lexists(os.path.join(here, ".git")):
            parent = os.path.dirname(here)
            if parent == here:
                return cls()
            folders.append(parent)
            here = parent
        ignores = cls()
        for place in reversed(folders):
            ignores = ignores.within(place)
        return ignores

    def within(self, folder: str) -> Ignores:
        """What is in force in a folder, given by its absolute path, that lies in this one."""
        patterns = _read(os.path.join(folder, _NAME))
        return Ignores(folder, patterns, self) if patterns else self

    def leaves_out(self, path: str, *, is_folder: bool) -> bool:
        """Whether the absolute `path` is ignored; the nearest `.gitignore` that speaks of it decides."""
        ignores: Ignores | None = self
        while ignores is not None:
            relative = _as_git_sees(path[len(ignores._folder) + 1 :].replace(os.sep, "/"))
            for pattern in reversed(ignores._patterns):
                if (is_folder or not pattern.folders_only) and pattern.regex.fullmatch(relative):
                    return not pattern.keeps
            ignores = ignores._above
        return False


def _read(path: str) -> list[_Pattern]:
    try:
        # Like git, do not follow a link out of the tree; nor wait for a pipe.
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return []
        with open(path, "rb") as file:
            data = file.read(_LARGEST).removeprefix(b"\xef\xbb\xbf")
    except OSError:
        return []
    lines = data.decode("latin-1").split("\n")
    return [pattern for line in lines if (pattern := _parse(_trim(line))) is not None]


def _as_git_sees(path: str) -> str:
    """The path with a character for each byte: that is what a question mark of git's stands for."""
    return path if path.isascii() else os.fsencode(path).decode("latin-1")


def _trim(line: str) -> str:
    """The line without its end and without trailing blanks, save one behind a backslash."""
    line = line.removesuffix("\r")
    trimmed = line.rstrip(" ")
    if len(trimmed) < len(line) and (len(trimmed) - len(trimmed.rstrip("\\"))) % 2:
        trimmed += " "
    return trimmed


def _parse(line: str) -> _Pattern | None:
    if line.startswith("#"):
        return None
    keeps = line.startswith("!")
    body = line[keeps:]
    folders_only = body.endswith("/")
    body = body.removesuffix("/")
    if not body:
        return None
    start = "" if "/" in body else ANYWHERE
    regex = re.compile(start + translate(body.removeprefix("/")), re.DOTALL)
    return _Pattern(regex, keeps, folders_only)
