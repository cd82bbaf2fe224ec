"""The modules of a project, each read once."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.javascript.importers import Loads, specifiers
from bedrock_policy_lint.code.javascript.parse import parse
from bedrock_policy_lint.code.javascript.resolve import Resolver
from bedrock_policy_lint.sources.source import Source

if TYPE_CHECKING:
    from bedrock_policy_lint.code.javascript.tree import Function, Module
    from bedrock_policy_lint.code.reader import Files
    from bedrock_policy_lint.sources.node import Node

_MOST_IMPORTERS = 40
"""In so many modules calls of one function are looked for."""


class Modules:
    """Finds and keeps the modules of a project."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._resolver = Resolver(files)
        self._loads = Loads(files, self._resolver)
        self._modules: dict[str, Module | None] = {}
        self._given: dict[int, Module] = {}

    def module(self, path: str) -> Module | None:
        """The module in a file; None where it cannot be read."""
        if path not in self._modules:
            source = self.files.source(path)
            self._modules[path] = None if source is None else self.given(source)
        return self._modules[path]

    def given(self, source: Source) -> Module:
        """The module that a text is, which may stand in a file of another kind."""
        if id(source) not in self._given:
            self._given[id(source)] = parse(source)
            if type(source) is Source:
                self._modules[source.path] = self._given[id(source)]
        return self._given[id(source)]

    def tree(self, path: str) -> Node | None:
        """What a file of JSON says."""
        return self._resolver.tree(path)

    def resolve(self, specifier: str, path: str) -> str:
        """The file that an import in a file means; empty for what is not part of the project."""
        return self._resolver.resolve(specifier, path)

    def specifiers(self, source: Source) -> list[str]:
        """What a text loads, as it is written there, told without parsing it."""
        return list(dict.fromkeys(specifiers(source.text.encode("utf-8", "replace"))))

    def reaches(self, source: Source, packages: frozenset[str]) -> bool:
        """Whether a file, or one of the project that it loads in turn, loads one of these packages."""
        return self._loads.reaches(source, packages)

    def around(self, function: Function) -> tuple[tuple[Module, ...], bool]:
        """The modules that may call a function: its own, and those that import that; and whether these are all."""
        module = function.scope.module
        if not module.exports:
            return (module,), True
        made = function.owner if function.name == "constructor" else None
        name = made.name if made is not None else function.name
        paths = list(islice(self._loads.importers(module.source.path, name), _MOST_IMPORTERS + 1))
        importers = [found for path in paths[:_MOST_IMPORTERS] if (found := self.module(path)) is not None]
        return (module, *importers), len(paths) <= _MOST_IMPORTERS
