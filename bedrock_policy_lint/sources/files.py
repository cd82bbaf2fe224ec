"""Files: what is walked, what is read, what is refused, and how one is written whole or not at all."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from operator import attrgetter
from typing import NamedTuple

from bedrock_policy_lint.sources.gitignore import Ignores
from bedrock_policy_lint.sources.source import Source

MAX_BYTES = 64 * 1024 * 1024
"""A larger file is refused; the largest policy that AWS takes has a few thousand characters."""

_BOM = b"\xef\xbb\xbf"

STDIN = "-"
STDIN_NAME = "<stdin>"
COMMAND_LINE = "<command line>"
"""The path of a declaration that flags make up."""

USAGE_NAMES = ("bedrock-usage.yaml", "bedrock-usage.yml", "bedrock-usage.json")
"""How declarations of usage are called; they are walked beside what may hold a policy."""

MODULE_NAMES = (".tf", ".tofu", ".tf.json", ".tofu.json")
"""How files of Terraform end: those of a folder are one module."""
VARIABLE_NAMES = (".tfvars", ".tfvars.json")
"""How files with the values of its variables end: they are read with a module, and never walked."""

_SUFFIXES = (".json", ".jsonc", ".policy", ".iam", ".yaml", ".yml", ".template", *MODULE_NAMES)
_NEVER_WALKED = frozenset(
    {
        ".git",
        ".hg",
        ".svn",
        "node_modules",
        ".terraform",
        ".venv",
        "venv",
        "__pycache__",
        ".tox",
        ".mypy_cache",
    }
)


_name = attrgetter("name")


class Input(NamedTuple):
    """A file to read."""

    path: str
    """As it is shown: the way the user would name it from here."""
    named: bool
    """Whether the user named it; a walked file of another kind passes in silence."""
    data: bytes | None = None
    """What standard input held, which can be read only once, or the flags say."""


class Refusal(NamedTuple):
    """Why a file could not become a text."""

    source: Source
    message: str
    hint: str
    start: int = 0
    end: int = 0
    is_text: bool = True
    """False when its bytes were read and are no UTF-8."""


def no_file(path: str) -> Refusal:
    """The refusal of a file that is not there: what loads files for a text that stands alone."""
    return Refusal(Source(path, ""), "no such file or directory", "check the path")


class MissingPathError(Exception):
    """A path on the command line does not exist."""


def find(paths: Iterable[str]) -> Iterator[Input]:
    """Every file that the paths mean, each once, in a stable order."""
    seen = set()
    for path in paths:
        for found in _expand(path):
            key = found.path if found.path == STDIN else os.path.normcase(os.path.abspath(found.path))
            if key not in seen:
                seen.add(key)
                yield found


def _expand(path: str) -> Iterator[Input]:
    if path == STDIN:
        yield Input(STDIN, True, sys.stdin.buffer.read(MAX_BYTES + 1))
        return
    if not os.path.lexists(path):
        raise MissingPathError(path)
    if os.path.isdir(path):
        for found in walk(path, may_hold_policy):
            # A folder that cannot be walked counts as named: reading it will say why it cannot be read.
            yield Input(found, os.path.isdir(found))
    else:
        yield Input(path, True)


def walk(
    top: str,
    is_meant: Callable[[str], bool],
    is_left_out: Callable[[str, frozenset[str]], bool] = lambda name, beside: False,
) -> Iterator[str]:
    """Every file below a folder whose name is meant, sorted; without recursion, for folders can be deep.

    What git ignores is left out, and folders that nobody writes in, or that are said to be left out, by their name and
    the names beside it; a folder that cannot be looked into comes as it is.
    """
    waiting = [(os.path.normpath(top), Ignores.above(top), True)]
    while waiting:
        path, above, is_folder = waiting.pop()
        if not is_folder:
            yield path
            continue
        try:
            with os.scandir(path) as found:
                entries = sorted(found, key=_name, reverse=True)
        except OSError:
            yield path
            continue
        folder = os.path.abspath(path)
        ignores = above.within(folder)
        beside = "" if path == os.curdir else os.path.join(path, "")
        inside = os.path.join(folder, "")
        names = frozenset(map(_name, entries))
        for entry in entries:
            name = entry.name
            # Links are not followed: their targets are walked where they lie, or lie outside the tree.
            below = entry.is_dir(follow_symlinks=False)
            if below:
                wanted = name not in _NEVER_WALKED and not is_left_out(name, names)
            else:
                wanted = is_meant(name) and entry.is_file(follow_symlinks=False)
            if wanted and not (ignores and ignores.leaves_out(inside + name, is_folder=below)):
                waiting.append((beside + name, ignores, below))


def may_hold_policy(name: str) -> bool:
    """Whether a file of that name is looked into for policies and templates."""
    if name.endswith(VARIABLE_NAMES):
        return False
    return name.endswith(_SUFFIXES) or "." not in name or name in USAGE_NAMES


def load(file: Input) -> Source | Refusal:
    """The text of an input, or why it cannot be had."""
    if file.data is None:
        return read(file.path)
    return decode(STDIN_NAME if file.path == STDIN else file.path, file.data)


def read(path: str) -> Source | Refusal:
    """The text of a file, or why it cannot be had."""
    try:
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            os.scandir(path).close()  # says what is wrong with a folder that could not be walked
        if not stat.S_ISREG(status.st_mode):
            return _refuse(path, f"it is {_kind(status.st_mode)}, not a file", "to check a stream, give `-`")
        if status.st_size > MAX_BYTES:
            return _too_large(path, status.st_size)
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        return _refuse(path, (error.strerror or str(error)).lower(), "check the path and its permissions")
    except ValueError:  # Python words it differently from release to release
        return _refuse(path, "no path can hold such a character", "check the path")
    return decode(path, data)


def decode(path: str, data: bytes) -> Source | Refusal:
    """The text of a file's bytes, which must be UTF-8."""
    if len(data) > MAX_BYTES:
        return _too_large(path, len(data))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        hint = "save it as UTF-8, which is what AWS reads"
        return Refusal(Source(path, ""), "it is written in UTF-16", hint, is_text=False)
    body = data.removeprefix(_BOM)
    bom = len(body) < len(data)
    try:
        return Source(path, body.decode(), bom=bom)
    except UnicodeDecodeError as error:
        at = len(body[: error.start].decode())
        message = f"the byte 0x{body[error.start]:02x} here is not UTF-8"
        source = Source(path, body.decode("utf-8", "replace"), bom=bom)
        return Refusal(source, message, "save the file as UTF-8", at, at + 1, is_text=False)


def _too_large(path: str, size: int) -> Refusal:
    limit = MAX_BYTES // (1024 * 1024)
    return _refuse(path, f"it has {size // (1024 * 1024)} MiB; files over {limit} MiB are not read", "leave it out")


def _refuse(path: str, message: str, hint: str) -> Refusal:
    return Refusal(Source(path, ""), message, hint)


def _kind(mode: int) -> str:
    if stat.S_ISFIFO(mode):
        return "a pipe"
    if stat.S_ISSOCK(mode):
        return "a socket"
    return "a folder" if stat.S_ISDIR(mode) else "a device"


def write(path: str, data: bytes) -> None:
    """Give a file these bytes, whole or not at all: written beside and moved over it, with the mode that it had."""
    there = os.stat(path) if os.path.exists(path) else None
    if there is not None and not stat.S_ISREG(there.st_mode):
        with open(path, "wb") as stream:  # a pipe or a device
            stream.write(data)
        return
    target = os.path.realpath(path)
    beside = f"{target}.{os.getpid()}.new"
    made = False
    try:
        with open(beside, "xb") as file:
            made = True
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if there is not None:
            _keep_owner_and_mode(beside, there)
        os.replace(beside, target)
    except BaseException:
        if made:
            os.unlink(beside)
        raise


def _keep_owner_and_mode(path: str, old: os.stat_result) -> None:
    if hasattr(os, "chown") and (os.geteuid(), os.getegid()) != (old.st_uid, old.st_gid):
        with suppress(PermissionError):
            os.chown(path, old.st_uid, old.st_gid)
    os.chmod(path, stat.S_IMODE(old.st_mode))
