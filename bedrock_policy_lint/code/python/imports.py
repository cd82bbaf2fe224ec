"""Which file of a project an import means."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.code.python.frameworks import LIBRARIES
from bedrock_policy_lint.code.python.paths import folder_of, join

if TYPE_CHECKING:
    from bedrock_policy_lint.code.python.scopes import Names
    from bedrock_policy_lint.code.reader import Files

SDKS = frozenset({"boto3", "botocore", "aioboto3", "aiobotocore"})
"""Whatever stands in the project under these names, AWS's packages are meant: stubs and copies are like them."""

_LIBRARIES = frozenset(name.split(".", 1)[0] for name in LIBRARIES)

_PACKAGE = "__init__.py"


class Found(NamedTuple):
    """What an import means in a project."""

    path: str
    """Of its file, or of its folder where it has none."""
    is_file: bool


class Imports:
    """Finds the files of Python that imports mean."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._found: dict[tuple[str, str], Found | None] = {}

    def absolute(self, dotted: str, importer: str) -> Found | None:
        """What `import dotted` means in a file."""
        top = dotted.split(".", 1)[0]
        if top in SDKS or top in sys.stdlib_module_names:
            return None
        for root in self.files.roots(importer):
            found = self._within(root, dotted)
            if found is not None and not (top in _LIBRARIES and self._is_namesake(found, root, importer)):
                return found
        return None

    def _is_namesake(self, found: Found, root: str, importer: str) -> bool:
        """Whether something has the name of a library, but Python would not load it: a folder without a file of its
        own, the file that imports, or what lies beside it in a package."""
        return not found.is_file or found.path == importer or self.files.is_file(join(root, _PACKAGE))

    def relative(self, level: int, dotted: str, importer: str) -> Found | None:
        """What `from ..dotted import` means in a file."""
        folder = folder_of(importer)
        for _ in range(level - 1):
            if not folder:
                return None
            folder = folder_of(folder)
        return self._within(folder, dotted) if dotted else self._package(folder)

    def of_import(self, statement: ast.ImportFrom, importer: str) -> Found | None:
        """What a `from … import` takes its names from."""
        if statement.level:
            return self.relative(statement.level, statement.module or "", importer)
        return self.absolute(statement.module or "", importer)

    def member(self, package: Found, name: str) -> Found | None:
        """A module of a package."""
        folder = package.path
        if package.is_file:
            if not folder.endswith(_PACKAGE):
                return None
            folder = folder_of(folder)
        return self._within(folder, name)

    def _within(self, root: str, dotted: str) -> Found | None:
        key = (root, dotted)
        if key not in self._found:
            self._found[key] = self._look(root, dotted)
        return self._found[key]

    def _look(self, root: str, dotted: str) -> Found | None:
        if not all(part.isidentifier() for part in dotted.split(".")):
            return None
        path = join(root, dotted.replace(".", "/"))
        if self.files.is_file(f"{path}/{_PACKAGE}"):
            return Found(f"{path}/{_PACKAGE}", True)
        if self.files.is_file(f"{path}.py"):
            return Found(f"{path}.py", True)
        return self._package(path)

    def _package(self, folder: str) -> Found | None:
        if self.files.is_file(join(folder, _PACKAGE)):
            return Found(join(folder, _PACKAGE), True)
        names = self.files.names(folder)
        holds = any(name.endswith(".py") or self._holds_python(join(folder, name)) for name in names)
        return Found(folder, False) if holds else None

    def _holds_python(self, folder: str) -> bool:
        name = folder.rsplit("/", 1)[-1]
        return "." not in name and any(inner.endswith(".py") for inner in self.files.names(folder))

    def loaded(self, names: Names) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The files of the project that a file imports, and the foreign packages."""
        paths: dict[str, None] = {}
        foreign: dict[str, None] = {}
        for statement in names.imports:
            if isinstance(statement, ast.Import):
                for alias in statement.names:
                    self._load(alias.name, names.path, paths, foreign)
            else:
                self._load_from(statement, names.path, paths, foreign)
        paths.pop(names.path, None)
        return tuple(paths), tuple(foreign)

    def _load(self, dotted: str, importer: str, paths: dict[str, None], foreign: dict[str, None]) -> None:
        parts = dotted.split(".")
        is_ours = False
        for end in range(1, len(parts) + 1):
            found = self.absolute(".".join(parts[:end]), importer)
            if found is None:
                break
            is_ours = True
            if found.is_file:
                paths[found.path] = None
        if not is_ours and parts[0] not in sys.stdlib_module_names:
            foreign[parts[0]] = None

    def _load_from(
        self, statement: ast.ImportFrom, importer: str, paths: dict[str, None], foreign: dict[str, None]
    ) -> None:
        if not statement.level:
            self._load(statement.module or "", importer, paths, foreign)
        package = self.of_import(statement, importer)
        if package is None:
            return
        if package.is_file:
            paths[package.path] = None
        for alias in statement.names:
            member = self.member(package, alias.name) if alias.name != "*" else None
            if member is not None and member.is_file:
                paths[member.path] = None
