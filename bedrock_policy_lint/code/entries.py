"""Where the code of a workload starts: the file that a handler or a Dockerfile names, or all that may call Bedrock."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.code.languages import SUFFIXES
from bedrock_policy_lint.code.reach import Entry
from bedrock_policy_lint.rule import Undecided

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bedrock_policy_lint.code.project import Project
    from bedrock_policy_lint.deployment.deployment import Code, Container
    from bedrock_policy_lint.sources.node import Node

_LANGUAGES = ("python", "javascript")
_MOST_STARTS = 1_000
"""Where nobody says what of a folder runs, so many files are looked at."""
_ARCHIVES = (".zip", ".jar", ".whl", ".tar.gz", ".tgz")


class Starts(NamedTuple):
    """The starts of some code."""

    entries: tuple[Entry, ...] = ()
    """None where it is not to be found."""
    are_all: bool = False
    """Whether nothing else of it starts."""
    environment: Mapping[str, Node] = {}
    """What the image of its container sets."""
    question: Undecided | None = None
    """Why it is not to be found."""


def starts(code: Code, folder: str, project: Project) -> Starts:
    """The starts of code that a template in that folder names."""
    if code.text is not None:
        return Starts((_inline(code, folder, project),), are_all=True)
    place = os.path.normpath(os.path.join(folder, code.path))
    why_not = project.why_closed(place) or _why_unread(place) if code.path else ""
    if why_not:
        return Starts(question=Undecided(code.node, f"what the code at `{code.path}` calls: {why_not}"))
    return _at(place, code, project) if code.path else Starts()


def _at(place: str, code: Code, project: Project) -> Starts:
    if code.container is not None:
        return _of_container(code, code.container, place, project)
    if code.starts:
        return _of_build(code, place, project)
    if code.handler:
        return _of_handler(code, place, project)
    if os.path.isfile(place):
        return Starts((Entry(place),), are_all=True)
    return Starts(tuple(_anything(code, place, project)))


def _why_unread(place: str) -> str:
    if not os.path.lexists(place):
        return "there is no such file or folder"
    return "archives are not opened" if place.lower().endswith(_ARCHIVES) and os.path.isfile(place) else ""


def _inline(code: Code, folder: str, project: Project) -> Entry:
    assert code.text is not None  # noqa: S101 - the caller saw it
    _, _, function = code.handler.rpartition(".")
    return Entry(project.take(code.text, folder, code.language or "python"), function)


def _anything(code: Code, place: str, project: Project) -> Iterator[Entry]:
    """All files of a folder that may call Bedrock."""
    from bedrock_policy_lint.code.roots import is_test

    suffixes = _suffixes(code)
    callers = (path for path in project.callers(place) if path.endswith(suffixes))
    meant = (path for path in callers if not is_test(os.path.relpath(path, place)))
    return (Entry(path) for path in islice(meant, _MOST_STARTS))


def _suffixes(code: Code) -> tuple[str, ...]:
    return SUFFIXES.get(code.language) or tuple(suffix for language in _LANGUAGES for suffix in SUFFIXES[language])


# By a handler


def _of_handler(code: Code, place: str, project: Project) -> Starts:
    for path, function in _handlers(place, code.handler):
        for file in _files(path, code, project):
            return Starts((Entry(file, function),), are_all=True)
    question = f"what the code at `{code.path}` calls: no file there is that of the handler `{code.handler}`"
    return Starts(question=Undecided(code.node, question))


def _handlers(place: str, handler: str) -> Iterator[tuple[str, str]]:
    """What a handler may mean: `pkg/app.handler` and `pkg.app.handler` are the function of the module `pkg/app`."""
    module, _, function = handler.rpartition(".")
    if module:
        yield _below(place, module), function
        yield _below(place, module.replace(".", "/")), function
    yield _below(place, handler), ""


def _below(place: str, written: str) -> str:
    return os.path.normpath(os.path.join(place, *written.lstrip("/").split("/")))


def _files(path: str, code: Code, project: Project) -> Iterator[str]:
    """The files that a module may be, the path itself first."""
    suffixes = _suffixes(code)
    names = (path, *(path + suffix for suffix in suffixes), *(os.path.join(path, "index" + one) for one in suffixes))
    return (name for name in names if project.is_file(name))


def _of_build(code: Code, place: str, project: Project) -> Starts:
    """The handler is a function of one of the files that a bundler starts from: that of the same name, or the only."""
    module, _, function = code.handler.rpartition(".")
    named = {os.path.splitext(start)[0]: start for start in code.starts}
    last = os.path.basename(module)
    fitting = [start for stem, start in named.items() if stem == module or stem.endswith("/" + module)]
    fitting = fitting or [start for stem, start in named.items() if os.path.basename(stem) == last]
    fitting = fitting or list(code.starts)
    if len(fitting) == 1:
        for file in _files(_below(place, fitting[0]), code, project):
            return Starts((Entry(file, function),), are_all=True)
    return _of_handler(code, place, project)


# By a Dockerfile


def _of_container(code: Code, container: Container, place: str, project: Project) -> Starts:
    from bedrock_policy_lint.code import containers

    dockerfile = os.path.normpath(os.path.join(place, container.dockerfile))
    source = project.source(dockerfile) if project.is_file(dockerfile) else None
    image = containers.image(source.text, container.target) if source is not None else None
    if source is None or image is None:
        return Starts(tuple(_anything(code, place, project)))
    environment = dict(_set_by(dockerfile, project))
    program = containers.program(image, container.entrypoint, container.command)
    if program is not None:
        origins = (os.path.join(place, one) for path in program.paths for one in image.origins(path))
        for file in _first_of(origins, code, project):
            return Starts((Entry(file, program.function),), are_all=True, environment=environment)
    return Starts(tuple(_anything(code, place, project)), environment=environment)


def _first_of(paths: Iterable[str], code: Code, project: Project) -> Iterator[str]:
    for path in paths:
        packaged = (os.path.join(path, "__main__.py"), os.path.join(path, "__init__.py"))
        yield from _files(os.path.normpath(path), code, project)
        yield from (name for name in packaged if project.is_file(name))


def _set_by(dockerfile: str, project: Project) -> Iterator[tuple[str, Node]]:
    """What an image sets in the environment of its containers, as far as that is certain."""
    from bedrock_policy_lint.code.shell import docker
    from bedrock_policy_lint.code.shell.sites import Sites

    source = project.source(dockerfile)
    if source is None:
        return
    sites = Sites(source, project)
    for name, binding in docker.environment(sites).items():
        values = [value.value(sites.marks) for value in binding.values]
        if len(values) == 1 and isinstance(values[0].node.value, str):
            yield name, values[0].node
