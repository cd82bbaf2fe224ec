"""Which files of a project seem to import a module: told by the words of their imports, before anything is parsed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.python.paths import folder_of, is_test

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bedrock_policy_lint.code.reader import Files

_imports = re.compile(rb"^[ \t]*(?:from[ \t]+(?P<dots>\.*)(?P<within>[\w.]*)|import\b)(?P<rest>[^\n]*)", re.MULTILINE)
_words = re.compile(rb"\w+").findall
_PACKAGE = "__init__"
_TELLING_PARTS = 3
"""So many parts of a module's path are looked for in imports, the last ones."""


class Importers:
    """The imports of the files of a project."""

    def __init__(self, files: Files, paths: Iterable[str]) -> None:
        self._by_word: dict[bytes, list[str]] = {}
        self._by_folder: dict[str, list[str]] = {}
        """The files that take names from a package around them, `from . import chat`, by its folder."""
        for path in paths:
            self._note(path, files.bytes_of(path))

    def _note(self, path: str, text: bytes) -> None:
        words: set[bytes] = set()
        folders: set[str] = set()
        for match in _imports.finditer(text):
            words.update(_words(match["within"] or b"")[-1:])
            words.update(_words(match["rest"]))
            if match["dots"] and not match["within"]:
                folders.add(_above(path, len(match["dots"])))
        for word in words:
            self._by_word.setdefault(word, []).append(path)
        for folder in folders:
            self._by_folder.setdefault(folder, []).append(path)

    def of(self, path: str) -> list[str]:
        """The files that seem to import what stands in a file, or a package that hands it on; tests for tests alone."""
        found = dict.fromkeys(self._found(path))
        return [one for one in found if one != path and (is_test(path) or not is_test(one))]

    def _found(self, path: str) -> Iterator[str]:
        by_name = [one for word in _told(path) for one in self._by_word.get(word.encode("utf-8", "replace"), ())]
        yield from by_name
        folders = {folder_of(one) for one in by_name if one.endswith(f"{_PACKAGE}.py")}
        folder = folder_of(path)
        while folder:
            folders.add(folder)
            folder = folder_of(folder)
        for folder in sorted({*folders, ""}):
            yield from self._by_folder.get(folder, ())


def _told(path: str) -> list[str]:
    """What whoever imports a module is likely to name."""
    parts = path.removesuffix(".py").split("/")[-_TELLING_PARTS:]
    return [part for part in parts if part != _PACKAGE]


def _above(path: str, dots: int) -> str:
    folder = folder_of(path)
    for _ in range(dots - 1):
        folder = folder_of(folder)
    return folder
