"""The modules of a project, each of them read once."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.python.importers import Importers
from bedrock_policy_lint.code.python.imports import Imports
from bedrock_policy_lint.code.python.survey import survey
from bedrock_policy_lint.code.python.syntax import UnreadableError, parse

if TYPE_CHECKING:
    from bedrock_policy_lint.code.python.scopes import Names
    from bedrock_policy_lint.code.reader import Files
    from bedrock_policy_lint.sources.source import Source

MAX_FILES = 5_000
"""In a project of more files of Python than this, not all callers of a function are looked for."""

MAX_CALLING_FILES = 400
MAX_CALLING_FILES_OF_ONE = 24
"""So many files are read only since they may call something, and so many for one file: beyond that parameters are what
their defaults are, or holes."""

MAX_READ_FOR_ONE = 100
"""So many files are read for one, callers and what is imported together."""

MAX_CHARACTERS = 25_000_000
"""So much text is kept as trees, which take up to fifty times its memory; then what was found out is forgotten."""


class Modules:
    """The files of Python of one project."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._names: dict[str, Names | None] = {}
        self._looked_at = self._of_this_file = self._read_for_this = 0
        self.imports = Imports(files)
        self._importers: Importers | None = None
        self._characters = 0

    def names(self, path: str) -> Names | None:
        """What the file at a path binds; None where it cannot be read."""
        if path not in self._names:
            if self._read_for_this >= MAX_READ_FOR_ONE:
                return None
            self._read_for_this += 1
            self._names[path] = None
            source = self.files.source(path)
            if source is not None:
                with suppress(UnreadableError):
                    self._names[path] = self._survey(source)
        return self._names[path]

    def names_of_caller(self, path: str) -> Names | None:
        """The same for a file that is read only since it may call something; None where too many were already."""
        if path not in self._names:
            if self._looked_at >= MAX_CALLING_FILES or self._of_this_file >= MAX_CALLING_FILES_OF_ONE:
                return None
            self._looked_at += 1
            self._of_this_file += 1
        return self.names(path)

    def begin(self) -> None:
        """Start on another file, with its own share of work."""
        self._of_this_file = self._read_for_this = 0

    def own(self, source: Source) -> Names:
        """What a file binds that is read for itself: the same as for those that loaded it before, since whatever is
        known of its functions is known by their nodes. Raises `UnreadableError`."""
        names = self._names.get(source.path)
        if names is None or self.files.source(source.path) is not source:
            names = self._names[source.path] = self._survey(source)
        return names

    def _survey(self, source: Source) -> Names:
        self._characters += len(source.text)
        return survey(source.path, parse(source))

    @property
    def is_full(self) -> bool:
        """Whether so much is kept that it should be forgotten."""
        return self._characters > MAX_CHARACTERS

    def forget(self) -> None:
        """Forget what was read; where imports lead to stays known."""
        self._names.clear()
        self._characters = 0

    def importers(self, path: str) -> tuple[list[str], bool]:
        """The files that seem to import a module, and whether none was left out."""
        paths = self.files.written_in("python")
        if self._importers is None:
            self._importers = Importers(self.files, paths[:MAX_FILES])
        return self._importers.of(path), len(paths) <= MAX_FILES
