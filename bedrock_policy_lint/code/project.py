"""The code below a folder, read as far as somebody asks; nothing outside of the folder is ever looked at."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.code.languages import SUFFIXES, language_of, may_call, reader_of
from bedrock_policy_lint.code.leads import leading
from bedrock_policy_lint.code.site import CodeFile, Unread
from bedrock_policy_lint.sources import files
from bedrock_policy_lint.sources.files import Refusal
from bedrock_policy_lint.sources.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_LARGEST = 8 * 1024 * 1024
"""No person writes a larger file of code; what is larger was made by a program."""
_NOT_WRITTEN_HERE = frozenset(
    {
        *("site-packages", "dist-packages", "bower_components", "vendor", "third_party", ".yarn", ".pnpm-store"),
        *(".aws-sam", ".serverless", ".next", ".nuxt", ".output", ".svelte-kit", ".vercel", ".angular"),
        *(".turbo", ".parcel-cache", ".webpack", ".eggs", ".nox", ".ipynb_checkpoints", ".pytest_cache"),
    }
)
"""Folders with other people's code, and with what programs made of the code beside them, beside those that are never
walked."""
_OFTEN_MADE = frozenset({"dist", "build", "out", "cdk.out"})
"""Folders with what programs made of the code of a package, where they lie beside its manifest; other folders of these
names are like any."""
_MANIFESTS = frozenset({"package.json", "pyproject.toml", "setup.py", "setup.cfg", "cdk.json"})
_SOURCES = "src"
_PROGRAMS = (*SUFFIXES["python"], *SUFFIXES["javascript"])


class Project:
    """The files below a folder; what the readers of languages ask for."""

    def __init__(self, top: str, now: Mapping[str, Source] | None = None) -> None:
        """`now` holds what files read like, by absolute path, where not as saved."""
        self.top = os.path.abspath(top)
        self._here = os.getcwd().rstrip(os.sep) + os.sep
        """Where the names of files begin; those that do not lie below it have absolute ones."""
        self.memory: dict[object, object] = {}
        self._real_top = os.path.realpath(top)
        self._now = now or {}
        self._sources: dict[str, Source | Refusal] = {}
        self._read: dict[str, CodeFile] = {}
        self._taken: dict[str, Source] = {}
        """Texts that stand in other files, which are told apart by identity."""
        self._programs = frozenset[str]()
        self._leading: frozenset[str] | None = None
        self._folders: dict[str, _Folder] = {}
        self._roots: dict[str, tuple[str, ...]] = {}
        self._by_language: dict[str, tuple[str, ...]] | None = None
        self._layers: dict[str, tuple[str, ...]] = {}
        """Folders from which the code of a folder loads modules beside those around it."""

    def name_of(self, path: str) -> str:
        """The one name that a file or folder has for all who read: whoever compares names compares files."""
        full = os.path.abspath(path)
        return full.removeprefix(self._here) if full + os.sep != self._here else ""

    def add_layers(self, folder: str, layers: Iterable[str]) -> None:
        """Let the code of a folder load modules from others as well."""
        place = os.path.abspath(folder)
        known = self._layers.get(place, ())
        found = tuple(dict.fromkeys((*known, *(self.name_of(layer) for layer in layers if self._is_inside(layer)))))
        if found != known:
            self._layers[place] = found
            self._roots.clear()
            # What was read without them may have missed something.
            self.memory.clear()
            self._read = {path: file for path, file in self._read.items() if path in self._taken}

    # What readers ask for

    def is_file(self, path: str) -> bool:
        """Whether there is such a file of the project."""
        folder, name = os.path.split(path)
        there = self._folder(folder)
        return name in there.files or (name in there.links and self._is_inside(path) and os.path.isfile(path))

    def source(self, path: str) -> Source | None:
        """Its text, read once; None where it cannot be read."""
        found = self._source(path)
        return found if isinstance(found, Source) else None

    def bytes_of(self, path: str) -> bytes:
        """What is in a file, which is not kept; something that must be read where it cannot be had."""
        now = self._now.get(os.path.abspath(path)) if self._now else None
        return _bytes(path) if now is None else now.text.encode("utf-8", "replace")

    def names(self, folder: str) -> tuple[str, ...]:
        """The names of the files and folders in a folder of the project, in order."""
        return self._folder(folder).names

    def written_in(self, language: str) -> tuple[str, ...]:
        """All files of the project in a language, in order."""
        if self._by_language is None:
            found: dict[str, list[str]] = {}
            for path in self.code_below(self.top):
                found.setdefault(language_of(path), []).append(self.name_of(path))
            self._by_language = {name: tuple(paths) for name, paths in found.items()}
        return self._by_language.get(language, ())

    def roots(self, path: str) -> tuple[str, ...]:
        """The folders from which absolute imports of a file may start, the nearest first."""
        folder = os.path.dirname(path)
        if folder not in self._roots:
            self._roots[folder] = tuple(dict.fromkeys(self._roots_of(os.path.abspath(folder))))
        return self._roots[folder]

    def _roots_of(self, folder: str) -> Iterator[str]:
        while self._is_inside(folder):
            yield self.name_of(folder)
            yield self.name_of(os.path.join(folder, _SOURCES))
            yield from self._layers.get(folder, ())
            if folder == self.top:
                break
            folder = os.path.dirname(folder)

    def _folder(self, path: str) -> _Folder:
        if path not in self._folders:
            self._folders[path] = _listed(path) if self._is_inside(path) else _NOTHING
        return self._folders[path]

    # What asks for code

    def read(self, path: str) -> CodeFile:
        """What one file calls."""
        key = os.path.abspath(path)
        if key not in self._read:
            self._read[key] = self._read_file(self.name_of(path))
        return self._read[key]

    def take(self, text: Source, folder: str, language: str) -> str:
        """Take code that stands in another file as one of its own, in a folder; the path that it then has."""
        path = os.path.join(folder, f"{os.path.basename(text.path)}#{id(text)}{SUFFIXES[language][0]}")
        key = os.path.abspath(path)
        self._taken[key] = text
        if key not in self._read:
            self._read[key] = reader_of(language)(text, self)
        return path

    def callers(self, folder: str) -> Iterator[str]:
        """The files of code below a folder that may call Bedrock, in a stable order."""
        return filter(self.may_call, self.code_below(folder))

    def code_below(self, folder: str) -> Iterator[str]:
        """The files of code below a folder, in a stable order; of a file that itself."""
        if not self._is_inside(folder):
            return iter(())
        if os.path.isfile(folder):
            return iter((folder,) if is_code(folder) else ())
        return files.walk(folder, is_code, _is_left_out)

    def may_call(self, path: str) -> bool:
        """Whether the bytes of a file have a word without which nobody calls Bedrock."""
        return may_call(self.bytes_of(path))

    def may_lead_to_call(self, path: str) -> bool:
        """Whether a program in a file may call Bedrock, be it in files that it loads."""
        if self._leading is None:
            programs = [*self.written_in("python"), *self.written_in("javascript")]
            self._programs = frozenset(programs)
            self._leading = leading(self, programs)
        name = self.name_of(path)
        return name in self._leading or name not in self._programs  # what git ignores is not known so well

    def why_closed(self, path: str) -> str:
        """Why nothing at a path is looked at; empty where it is a part of the project."""
        return "" if self._is_inside(path) else "it lies outside of the repository"

    def _read_file(self, path: str) -> CodeFile:
        source = self._source(path)
        if isinstance(source, Refusal):
            unread = Unread(Span(source.source, source.start, source.end), source.message)
            return CodeFile(source.source, language_of(path), unread=(unread,))
        language = language_of(path, source.text)
        reason = ""
        if not language:
            reason = "it is no code in a language that is read"
        elif len(source.text) > _LARGEST:
            reason = f"it has more than {_LARGEST // (1024 * 1024)} MiB"
        if reason:
            return CodeFile(source, language, unread=(Unread(Span(source, 0, 0), reason),))
        return reader_of(language)(source, self)

    def _source(self, path: str) -> Source | Refusal:
        known = self._sources.get(path)
        if known is None:
            name, key = self.name_of(path), os.path.abspath(path)
            known = self._sources.get(name) or self._now.get(key) or self._load(name)
            self._sources[name] = self._sources[path] = known
        return known

    def _load(self, path: str) -> Source | Refusal:
        if not self._is_inside(path):
            return Refusal(Source(path, ""), "it lies outside of the repository", "move it into the repository")
        return files.read(path)

    def _is_inside(self, path: str) -> bool:
        try:
            there = os.path.realpath(path)
        except ValueError:  # a name that no file can have
            return False
        return there == self._real_top or there.startswith(self._real_top.rstrip(os.sep) + os.sep)


class _Folder(NamedTuple):
    """What lies in a folder."""

    names: tuple[str, ...]
    """Of everything, in order."""
    files: frozenset[str]
    links: frozenset[str]


_NOTHING = _Folder((), frozenset(), frozenset())


def _listed(path: str) -> _Folder:
    try:
        with os.scandir(path or os.curdir) as found:
            entries = list(found)
        files = frozenset(entry.name for entry in entries if entry.is_file(follow_symlinks=False))
        links = frozenset(entry.name for entry in entries if entry.is_symlink())
    except (OSError, ValueError):  # a name that no folder can have
        return _NOTHING
    return _Folder(tuple(sorted(entry.name for entry in entries)), files, links)


_UNREADABLE = b"bedrock"
"""Stands for what cannot be read, so that reading it says why."""
_TO_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0)


def _bytes(path: str) -> bytes:
    """What is in a file, or the most of it: without the buffers of `open`, which would take half of the time."""
    try:
        file = os.open(path, _TO_READ)
        try:
            return os.read(file, min(os.fstat(file).st_size, _LARGEST))
        finally:
            os.close(file)
    except OSError:
        return _UNREADABLE


def _is_left_out(name: str, beside: frozenset[str]) -> bool:
    return name in _NOT_WRITTEN_HERE or (name in _OFTEN_MADE and not beside.isdisjoint(_MANIFESTS))


def is_code(name: str) -> bool:
    """Whether a file of that name is code."""
    return bool(language_of(name))
