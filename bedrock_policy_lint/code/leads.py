"""Which files may lead to one that calls Bedrock: told by the words of their imports, before anything is parsed.

What loads a module names it: by the name of its file, of its folder, or of its package. So a file that none of these
words leads from to a file that may call Bedrock does not call it, whatever else the words may mean.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bedrock_policy_lint.code.project import Project

_imports = re.compile(rb"\bimport\s*\([^)]{0,2000}\)|\b(?:from|import|require)\b[^\n;]{0,300}").findall
_words = re.compile(rb"[\w-]+").findall
_named = re.compile(rb'"name"\s*:\s*"([^"\n]{1,200})"').search
_BARE = ("index", "__init__", "__main__")
"""Files that are loaded by the name of their folder."""
_MANIFEST = "package.json"


def leading(project: Project, paths: Iterable[str]) -> frozenset[str]:
    """The names of those of these files that may call Bedrock, or load others that do."""
    found: set[str] = set()
    loads: dict[bytes, list[str]] = {}
    waiting: list[str] = []
    for path in paths:
        name = project.name_of(path)
        for word in {word for stretch in _imports(project.bytes_of(path)) for word in _words(stretch)}:
            loads.setdefault(word, []).append(name)
        if project.may_call(path):
            waiting.append(name)
    packages: dict[str, list[bytes]] = {}
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        for word in _known_as(path, project, packages):
            waiting += loads.pop(word, ())
    return frozenset(found)


def _known_as(path: str, project: Project, packages: dict[str, list[bytes]]) -> Iterator[bytes]:
    """The words by which a file may be loaded."""
    folder, name = os.path.split(path)
    stem = name.partition(".")[0]
    yield os.fsencode(stem)
    if stem in _BARE:
        yield os.fsencode(os.path.basename(folder))
    yield from _package(os.path.abspath(folder), project, packages)


def _package(folder: str, project: Project, packages: dict[str, list[bytes]]) -> list[bytes]:
    """The words in the name of the package that a folder is part of."""
    if folder not in packages:
        manifest = os.path.join(folder, _MANIFEST)
        above = os.path.dirname(folder)
        if project.is_file(manifest):
            named = _named(project.bytes_of(manifest))
            packages[folder] = _words(named[1])[-1:] if named is not None else []
        elif folder in (project.top, above):
            packages[folder] = []
        else:
            packages[folder] = _package(above, project, packages)
    return packages[folder]
