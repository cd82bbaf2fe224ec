"""Which code runs when a program starts somewhere: by what is loaded, and whose names are used.

A function counts as called when code that runs uses its bare name, so that what is left out is certainly not called.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bedrock_policy_lint.code.project import Project
    from bedrock_policy_lint.code.site import CallSite, CodeFile, Unread

_MOST_FILES = 5_000
"""So many files are followed from one start; of a program that loads more, not everything is known."""


class Entry(NamedTuple):
    """Where a program starts."""

    path: str
    function: str = ""
    """What is called of it, as its block is named; empty where it is loaded alone, as a script is."""


class Reached(NamedTuple):
    """What a program does, as far as it was read."""

    files: tuple[CodeFile, ...]
    sites: tuple[CallSite, ...]
    unread: tuple[Unread, ...]
    is_whole: bool
    """Whether every file that it loads was read in full, and none was left aside."""

    @property
    def foreign(self) -> frozenset[str]:
        """The packages of others that it loads."""
        return frozenset(name for file in self.files for name in file.foreign)


def reached(project: Project, entries: Iterable[Entry]) -> Reached:
    """What runs when a program starts at these places."""
    entries = tuple(entries)
    files, is_whole = _loaded(project, [entry.path for entry in entries])
    runs = _running(files, entries, project)
    sites = tuple(site for at, file in enumerate(files) for site in file.sites if (at, site.block) in runs)
    unread = tuple(one for file in files for one in file.unread)
    return Reached(files, sites, unread, is_whole and not unread)


def _loaded(project: Project, paths: list[str]) -> tuple[tuple[CodeFile, ...], bool]:
    """The files that these load, themselves first; and whether that is all of them."""
    waiting = deque(paths)
    files: dict[str, CodeFile] = {}
    while waiting and len(files) < _MOST_FILES:
        name = project.name_of(waiting.popleft())
        if name not in files:
            files[name] = project.read(name)
            waiting += files[name].imports
    return tuple(files.values()), not waiting


def _running(files: tuple[CodeFile, ...], entries: tuple[Entry, ...], project: Project) -> set[tuple[int, int]]:
    """The blocks that run, by the places of file and block."""
    starts: dict[int, set[str]] = {}
    for entry in entries:
        starts.setdefault(id(project.read(entry.path)), set()).add(entry.function)
    by_name: dict[str, list[tuple[int, int]]] = {}
    waiting: list[tuple[int, int]] = []
    for at, file in enumerate(files):
        started = starts.get(id(file), set())
        for number, block in enumerate(file.blocks):
            bare = block.name.rpartition(".")[2]
            by_name.setdefault(bare, []).append((at, number))
            is_started = bool(started & {block.name, bare}) or (block.is_exported and "" in started)
            if not number or block.is_called_from_outside or is_started:
                waiting.append((at, number))
    runs: set[tuple[int, int]] = set()
    used: set[str] = set()
    while waiting:
        place = waiting.pop()
        if place in runs:
            continue
        runs.add(place)
        fresh = files[place[0]].blocks[place[1]].uses - used
        used |= fresh
        for name in fresh:
            waiting += by_name.get(name, ())
    return runs
