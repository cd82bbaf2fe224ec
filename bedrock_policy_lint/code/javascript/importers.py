"""What the files of a project load: told by the words of their imports, before anything is parsed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.javascript.packages import package_of
from bedrock_policy_lint.code.javascript.resolve import SUFFIXES
from bedrock_policy_lint.sources.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.code.javascript.resolve import Resolver
    from bedrock_policy_lint.code.reader import Files

_SPECIFIER = rb"""\s*["']([^"'\n]{1,300})["']"""
_loads = tuple(re.compile(word + _SPECIFIER).findall for word in (rb"from", rb"require\s*\(", rb"import\s*\(?"))
"""Each begins with a word, which is quick to look for."""
_MOST_FILES = 4_000
"""So many files of a project are searched for those that import one."""
_MOST_IMPORTERS = 400


class Loads:
    """What the files of a project load."""

    def __init__(self, files: Files, resolver: Resolver) -> None:
        self.files = files
        self.resolver = resolver
        self._importers: dict[str, list[str]] | None = None
        self._loads: dict[str, tuple[tuple[str, ...], bool]] = {}
        """By a file: the files of the project that it loads, and whether it loads a package that is looked for."""

    def reaches(self, source: Source, packages: frozenset[str]) -> bool:
        """Whether a file, or one of the project that it loads in turn, loads one of these packages."""
        waiting, is_direct = self._loaded(source.text.encode("utf-8", "replace"), source.path, packages)
        found = set(waiting)
        left = list(found)
        while left and not is_direct and len(found) < _MOST_FILES:
            path = left.pop()
            if path not in self._loads:
                self._loads[path] = self._loaded(self.files.bytes_of(path), path, packages)
            loads, is_direct = self._loads[path]
            left += [one for one in loads if one not in found]
            found.update(loads)
        return is_direct

    def _loaded(self, text: bytes, path: str, packages: frozenset[str]) -> tuple[tuple[str, ...], bool]:
        loaded = dict.fromkeys(specifiers(text))
        paths = (self.resolver.resolve(specifier, path) for specifier in loaded)
        is_direct = any(package_of(specifier) in packages for specifier in loaded)
        return tuple(one for one in paths if one.endswith(SUFFIXES)), is_direct

    def importers(self, path: str, word: str) -> Iterator[str]:
        """The files that import one, or a file that imports it in turn, and hold a word; of many only some."""
        if self._importers is None:
            self._importers = {}
            for file in self.files.written_in("javascript")[:_MOST_FILES]:
                for specifier in dict.fromkeys(specifiers(self.files.bytes_of(file))):
                    self._importers.setdefault(self.resolver.resolve(specifier, file), []).append(file)
        found: dict[str, None] = {}
        waiting = [path]
        while waiting and len(found) < _MOST_IMPORTERS:
            fresh = [one for one in self._importers.get(waiting.pop(0), ()) if one not in found and one != path]
            found.update(dict.fromkeys(fresh))
            waiting += fresh
        sources = ((one, self.files.source(one)) for one in found)
        return (one for one, source in sources if source is not None and word in source.text)


def specifiers(text: bytes) -> Iterator[str]:
    """What a text loads, as it is written there."""
    return (found.decode("utf-8", "replace") for loads in _loads for found in loads(text))
