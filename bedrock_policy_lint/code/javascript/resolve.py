"""Which file of a project an import means."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.javascript.packages import package_of
from bedrock_policy_lint.sources import json
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.code.reader import Files

SUFFIXES = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte")
_ALL = (*SUFFIXES, ".json")
_COMPILED = {".js": (".ts", ".tsx"), ".jsx": (".tsx",), ".mjs": (".mts",), ".cjs": (".cts",)}
"""TypeScript names the files that it will write."""
_WORKSPACE = re.compile(r"""^\s*-\s*["']?([^"'\s#]+)""", re.MULTILINE)
_MOST_FOLDERS = 400
"""So many packages of a monorepo are looked into."""
_SKIPPED = frozenset({"node_modules", "dist", "build", "out", "coverage", "cdk.out", "vendor", "__pycache__"})
_DEEPEST_EXTENDS = 4


class Resolver:
    """Finds the files that imports mean."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._resolved: dict[tuple[str, str], str] = {}
        self._trees: dict[str, Node | None] = {}
        self._aliases: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {}
        self._packages: dict[str, dict[str, str]] = {}

    def tree(self, path: str) -> Node | None:
        """What a file of JSON says."""
        if path not in self._trees:
            source = self.files.source(path)
            try:
                self._trees[path] = None if source is None else json.read(source)[0]
            except json.JsonError:
                self._trees[path] = None
        return self._trees[path]

    def resolve(self, specifier: str, path: str) -> str:
        """The file that an import in a file means; empty for what is not part of the project."""
        key = specifier, os.path.dirname(path)
        if key not in self._resolved:
            full = os.path.abspath(path)
            found = self._resolve(specifier, os.path.dirname(full), full)
            self._resolved[key] = self.files.name_of(found) if found else ""
        return self._resolved[key]

    def _resolve(self, specifier: str, folder: str, path: str) -> str:
        if specifier.startswith("."):
            return self._file(os.path.normpath(os.path.join(folder, specifier)))
        if "\0" in specifier or not specifier:
            return ""
        for found in self._through_aliases(specifier, folder):
            return found
        package = package_of(specifier)
        home = self._package_folders(path).get(package)
        if home is not None:
            return self._of_package(home, specifier[len(package) :].strip("/"))
        if specifier[:2] in ("@/", "~/"):
            for root in self.files.roots(path):
                found = self._file(os.path.normpath(os.path.join(root, specifier[2:])))
                if found:
                    return found
        return ""

    def _file(self, base: str) -> str:
        """The file that a path without its suffix means."""
        stem, suffix = os.path.splitext(base)
        if suffix in _ALL and self.files.is_file(base):
            return base
        for compiled in _COMPILED.get(suffix, ()):
            if self.files.is_file(stem + compiled):
                return stem + compiled
        for ending in _ALL:
            if self.files.is_file(base + ending):
                return base + ending
        for ending in SUFFIXES:
            index = os.path.join(base, "index" + ending)
            if self.files.is_file(index):
                return index
        return ""

    def _through_aliases(self, specifier: str, folder: str) -> Iterator[str]:
        """Through `paths` and `baseUrl` of the nearest `tsconfig.json`."""
        for pattern, targets in self._aliases_of(folder):
            before, star, behind = pattern.partition("*")
            if not (specifier.startswith(before) and specifier.endswith(behind)) or (not star and specifier != pattern):
                continue
            part = specifier[len(before) : len(specifier) - len(behind)] if star else ""
            for target in targets:
                found = self._file(os.path.normpath(target.replace("*", part, 1)))
                if found:
                    yield found

    def _aliases_of(self, folder: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        if folder not in self._aliases:
            self._aliases[folder] = ()
            for name in ("tsconfig.json", "jsconfig.json"):
                config = os.path.join(folder, name)
                if self.files.is_file(config):
                    self._aliases[folder] = self._configured(config, 0)
                    break
            else:
                above = os.path.dirname(folder)
                if above != folder and len(above) >= len(self._top(folder)):
                    self._aliases[folder] = self._aliases_of(above)
        return self._aliases[folder]

    def _top(self, folder: str) -> str:
        roots = self.files.roots(os.path.join(folder, "x.ts"))
        return min(roots, key=len) if roots else folder

    def _configured(self, config: str, depth: int) -> tuple[tuple[str, tuple[str, ...]], ...]:
        tree = self.tree(config)
        if tree is None:
            return ()
        folder = os.path.dirname(config)
        base = _text(tree.get("compilerOptions", "baseUrl"))
        paths = tree.get("compilerOptions", "paths")
        home = os.path.join(folder, base) if base is not None else folder
        found: list[tuple[str, tuple[str, ...]]] = []
        if paths is not None and isinstance(paths.value, Object):
            for key, value in paths.value.pairs():
                targets = tuple(os.path.join(home, one.value) for one in value.items if isinstance(one.value, str))
                found.append((str(key.value), targets))
        if base is not None:
            found.append(("*", (os.path.join(home, "*"),)))
        extended = _text(tree.get("extends"))
        if extended is not None and extended.startswith(".") and depth < _DEEPEST_EXTENDS:
            above = os.path.normpath(os.path.join(folder, extended))
            found += self._configured(above if above.endswith(".json") else above + ".json", depth + 1)
        return tuple(found)

    def _package_folders(self, path: str) -> dict[str, str]:
        """The folders of the packages of a monorepo, by their names."""
        top = self._top(os.path.dirname(path))
        if top not in self._packages:
            folders = list(dict.fromkeys(self._workspaces(top)))[:_MOST_FOLDERS]
            named = {_text(self._package(folder, "name")): folder for folder in folders}
            self._packages[top] = {name: folder for name, folder in named.items() if name}
        return self._packages[top]

    def _workspaces(self, top: str) -> Iterator[str]:
        workspaces = self._package(top, "workspaces")
        listed = workspaces and (workspaces.get("packages") or workspaces)
        patterns = [one.value for one in listed.items if isinstance(one.value, str)] if listed else []
        source = self.files.source(os.path.join(top, "pnpm-workspace.yaml"))
        patterns += _WORKSPACE.findall(source.text) if source else []
        for pattern in patterns:
            folder = os.path.normpath(os.path.join(top, pattern.partition("*")[0]))
            if "*" not in pattern:
                yield folder
            else:
                yield from (os.path.join(folder, name) for name in self.files.names(folder) if name not in _SKIPPED)

    def _package(self, folder: str, *path: str) -> Node | None:
        file = os.path.join(folder, "package.json")
        tree = self.tree(file) if self.files.is_file(file) else None
        return tree.get(*path) if tree is not None else None

    def _of_package(self, folder: str, inner: str) -> str:
        """A file of a package of the project: as `exports` and `main` say, or where its source is wont to be."""
        if not inner:
            for key in ("source", "module", "main", "types"):
                entry = _text(self._package(folder, key))
                found = self._file(os.path.normpath(os.path.join(folder, entry))) if entry else ""
                if found and not found.endswith(".d.ts"):
                    return found
        exported = self._exported(folder, "./" + inner if inner else ".")
        candidates = [exported] if exported else []
        candidates += [os.path.join("src", inner or "index"), inner or "index"]
        for candidate in candidates:
            found = self._file(os.path.normpath(os.path.join(folder, candidate)))
            if found and not found.endswith(".d.ts"):
                return found
        return ""

    def _exported(self, folder: str, name: str) -> str:
        exports = self._package(folder, "exports")
        if exports is not None and isinstance(exports.value, Object):
            exports = exports.value.get(name) or (exports if name == "." else None)
        for _ in range(3):
            if exports is None or not isinstance(exports.value, Object):
                break
            exports = exports.get("source") or exports.get("import") or exports.get("default")
        return _text(exports) or ""


def _text(node: Node | None) -> str | None:
    return node.value if node is not None and isinstance(node.value, str) else None
