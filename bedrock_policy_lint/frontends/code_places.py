"""Where resources say that the code lies which they run."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple, Protocol

from bedrock_policy_lint.deployment.deployment import Code, Container
from bedrock_policy_lint.frontends.places import below, find, texts
from bedrock_policy_lint.sources.node import Object
from bedrock_policy_lint.sources.source import EmbeddedSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.resources import Resource
    from bedrock_policy_lint.sources.node import Node


class CodeForm(NamedTuple):
    """How a kind of resource says where its code lies; paths are those of `places`, of several the first counts."""

    path: tuple[str, ...] = ()
    """A local archive, folder or script."""
    uploaded: tuple[str, ...] = ()
    """Where that lies once it is uploaded."""
    text: str = ""
    """The code itself."""
    handler: str = ""
    runtime: str = ""
    image: tuple[str, ...] = ()
    """The container image that runs in place of an archive."""
    entrypoint: str = ""
    command: str = ""
    """What runs in the container in place of what its image says."""
    containers: str = ""
    """Where the containers stand that the paths of image, entry point and command begin at."""
    layers: str = ""
    script: str = ""
    """The file of the archive that is run, the last of a list."""


class Built(NamedTuple):
    """What an archive or image is built of; paths are from the folder of the template."""

    path: str = ""
    container: Container | None = None
    starts: tuple[str, ...] = ()
    """The files that a bundler starts from."""
    texts: tuple[tuple[str, Node], ...] = ()
    """The files of an archive whose content stands in the template: names and texts."""


class Builds(Protocol):
    """Knows what archives and images are built of."""

    def of(self, component: Resource, local: Node | None, uploaded: Node | None) -> Built | None:
        """What a resource runs whose properties name a path, or a place to upload to; None where that is not known."""

    def layers(self, named: list[Node]) -> tuple[str, ...]:
        """The folders that layers are built of."""


_LANGUAGES = {"python": "python", "nodejs": "javascript"}
"""What runtimes run, by how they begin."""


def language_of(runtime: str) -> str:
    """The language that a runtime runs: `python3.12`, `PYTHON_3_12`; empty where that is not known."""
    return next((name for start, name in _LANGUAGES.items() if runtime.lower().startswith(start)), "")


def code_of(component: Resource, part: Node | None, form: CodeForm, builds: Builds) -> tuple[Code, ...]:
    """The code that a resource runs, or the part of it at a node; none where nothing is said of any."""
    handler, language = _plain(component, part, form.handler), language_of(_plain(component, part, form.runtime))
    text = _first(component, part, (form.text,))
    if text is not None and isinstance(text.value, str) and language:
        source = EmbeddedSource(text.source, text.value, text.offsets())
        return (Code(text, handler=handler, language=language, text=source),)
    local, uploaded = _first(component, part, form.path), _first(component, part, form.uploaded)
    named = local or uploaded or component.node
    built = builds.of(component, local, uploaded)
    if built is not None and form.script:
        script = [node.value for node in texts(_at(component, part, form.script))][-1:]
        handler = script[0] if script and isinstance(script[0], str) else ""
    if built is not None and built.container is None:
        return tuple(_codes(built, named, handler, language, _layers(component, form, builds)))
    if form.containers:
        containers = _at(component, part, form.containers)
        return tuple(_of_container(component, one, form, builds) for one in containers)
    if built is not None or _first(component, part, form.image) is not None:
        return (_of_container(component, part, form, builds),)
    return ()


def _codes(built: Built, named: Node, handler: str, language: str, layers: tuple[str, ...]) -> Iterator[Code]:
    if not built.texts:
        yield Code(named, built.path, handler, language, starts=built.starts, roots=layers)
        return
    module = handler.rpartition(".")[0].replace(".", "/")
    for name, node in built.texts:
        if posixpath.splitext(name)[0] == module and language:
            source = EmbeddedSource(node.source, node.value, node.offsets())
            yield Code(node, handler=handler, language=language, text=source)


def _of_container(component: Resource, part: Node | None, form: CodeForm, builds: Builds) -> Code:
    """The code in a container; without a path where its image comes from elsewhere."""
    image = _first(component, part, form.image)
    built = builds.of(component, None, image)
    place = image or component.node
    if built is None or built.container is None:
        return Code(place)
    entrypoint, command = (_words(component, part, path) for path in (form.entrypoint, form.command))
    if entrypoint == () or command == ():
        return Code(place, built.path, container=Container(built.container.dockerfile, built.container.target, (), ()))
    container = built.container._replace(entrypoint=entrypoint, command=command)
    return Code(place, built.path, container=container)


def _words(component: Resource, part: Node | None, path: str) -> tuple[str, ...] | None:
    """A command; None where none is given, empty where it is not known."""
    if not path:
        return None
    found = [node for node in _at(component, part, path) if node.value not in ("", [])]
    words = tuple(word.value for node in found for word in node.items)
    if not found:
        return None
    return words if all(isinstance(word, str) for word in words) else ()


def _layers(component: Resource, form: CodeForm, builds: Builds) -> tuple[str, ...]:
    return builds.layers(list(texts(find(component, form.layers)))) if form.layers else ()


def _at(component: Resource, part: Node | None, path: str) -> list[Node]:
    return find(component, path) if part is None else below(part, path)


def _first(component: Resource, part: Node | None, paths: tuple[str, ...]) -> Node | None:
    nodes = (node for path in paths if path for node in texts(_at(component, part, path)))
    return next(nodes, None)


def _plain(component: Resource, part: Node | None, path: str) -> str:
    node = _first(component, part, (path,))
    return node.value if node is not None and isinstance(node.value, str) else ""


def text_in(node: Node | None, *path: str) -> str:
    """A plain text in a tree; empty where there is none."""
    found = node.get(*path) if node is not None and isinstance(node.value, Object) else None
    return found.value if found is not None and isinstance(found.value, str) else ""
