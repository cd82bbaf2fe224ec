"""What archives and images of a configuration are built of: `archive_file`, objects in S3, `docker_image`, modules."""

from __future__ import annotations

import os
import posixpath
from functools import cached_property
from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment.deployment import Container
from bedrock_policy_lint.frontends.code_places import Built
from bedrock_policy_lint.frontends.template.computed import text_of
from bedrock_policy_lint.frontends.terraform import registry_modules
from bedrock_policy_lint.model.text import Template, is_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.resources import Resource
    from bedrock_policy_lint.frontends.terraform.configuration import Component, Configuration
    from bedrock_policy_lint.frontends.terraform.registry_modules import Called
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.sources.node import Node

_ARCHIVES = ("data.archive_file", "archive_file")
_OBJECTS = ("aws_s3_object", "aws_s3_bucket_object")
_IMAGES = ("docker_image", "docker_registry_image")
_LAYER = "aws_lambda_layer_version"
_IMAGE_MODULE = "terraform-aws-modules/lambda//modules/docker-build"
_IN_LAYERS = ("python", "nodejs/node_modules", "nodejs", ".")
"""Where runtimes look in a layer, and where its builders put what goes there."""
_HCL = (".tf", ".tofu", ".json")


class TerraformBuilds:
    """Knows what a configuration says of archives and images."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._folder = os.path.dirname(configuration.document.source.path)

    def of(self, component: Resource, local: Node | None, uploaded: Node | None) -> Built | None:
        """What a resource runs whose arguments name a file, or a place that it is uploaded to."""
        if local is not None:
            return self.archive(local)
        if uploaded is None:
            return None
        return self._object(uploaded) or self.image(uploaded)

    def archive(self, named: Node) -> Built | None:
        """What a file is built of: the archive that is written there, or else the file itself."""
        archive = self._owner(named, _ARCHIVES)
        archives = [archive] if archive is not None else self._outputs.get(_path(text_of(named)), [])
        if archives:
            # A module that is called twice writes the same archive twice.
            found = [self._archived(one) for one in archives]
            return found[0] if all(one == found[0] for one in found) else None
        return Built(named.value) if isinstance(named.value, str) and "://" not in named.value else None

    def layers(self, named: list[Node]) -> tuple[str, ...]:
        """The folders that layers are built of, and those in them in which runtimes look."""
        found: list[str] = []
        for node in named:
            layer = self._owner(node, (_LAYER,))
            filename = layer.get("filename") if layer is not None else None
            built = self.archive(filename) if filename is not None else None
            if built is not None and built.path:
                found += [posixpath.normpath(posixpath.join(built.path, name)) for name in _IN_LAYERS]
        return tuple(found)

    def _owner(self, node: Node, kinds: tuple[str, ...]) -> Component | None:
        return self._configuration.owner(node, *kinds) if is_text(node) else None

    @cached_property
    def _outputs(self) -> dict[Text | None, list[Component]]:
        """The archives by where they are written to."""
        found: dict[Text | None, list[Component]] = {}
        for archive in self._configuration.components(*_ARCHIVES):
            found.setdefault(_path(_text(archive, "output_path")), []).append(archive)
        found.pop(None, None)
        return found

    def _archived(self, archive: Component) -> Built | None:
        folder, file = _text(archive, "source_dir"), archive.get("source_file")
        if isinstance(folder, str) and folder:
            return Built(folder)
        if file is not None:
            return _of_file(file.value) if isinstance(file.value, str) else None
        return self._of_texts(tuple(_texts_in(archive)))

    def _of_texts(self, texts: tuple[tuple[str, Node], ...]) -> Built | None:
        """An archive of texts, one of which may be the whole of a file."""
        if len(texts) == 1 and not texts[0][1].source.path.endswith(_HCL):
            _, node = texts[0]
            if node.end - node.start == len(node.source.text):
                return _of_file(os.path.relpath(node.source.path, self._folder or os.curdir))
        return Built(texts=texts) if texts else None

    def _object(self, key: Node) -> Built | None:
        """What lies under a key of a bucket that is uploaded here."""
        objects = [one for one in self._configuration.components(*_OBJECTS) if _text(one, "key") == text_of(key)]
        file = objects[0].get("source") if len(objects) == 1 else None
        return self.archive(file) if file is not None else None

    # Images

    def image(self, named: Node) -> Built | None:
        """What an image is built of, where that is done here."""
        text = text_of(named)
        for called in registry_modules.calls(self._configuration, _IMAGE_MODULE):
            if isinstance(text, Template) and text.holes[-1].name.startswith(f"{called.name}."):
                return _of_image_module(called)
        image = next((one for one in self._images if _text(one, "name") == text), None) or self._digested(text)
        return self._built(image) if image is not None else None

    @cached_property
    def _images(self) -> list[Component]:
        """The images that are built here, and those that are pushed."""
        return list(self._configuration.components(*_IMAGES))

    def _digested(self, text: Text | None) -> Component | None:
        """The image of which an attribute ends a text: `…@${docker_registry_image.chat.sha256_digest}`."""
        last = text.parts[-1] if isinstance(text, Template) else ""
        name = "" if isinstance(last, str) else last.name.rpartition(".")[0]
        return next((one for one in self._images if one.name == name), None)

    def _built(self, image: Component) -> Built | None:
        name = _text(image, "name")
        alike = [one for one in self._images if one is image or (name and _text(one, "name") == name)]
        for one in alike:
            context = one.get("build", "context")
            if context is not None and isinstance(context.value, str):
                dockerfile, target = (_plain(one.get("build", key)) for key in ("dockerfile", "target"))
                return Built(context.value, Container(dockerfile or "Dockerfile", target))
        return None


def of_module(called: Called) -> Built | None:
    """What the module of the registry makes a package of for a function."""
    source = called.get("source_path")
    if source is None:
        return None
    paths = [item.value if is_text(item) else _plain(item.get("path")) for item in source.items]
    paths = [path for path in paths if path]
    if len(paths) != 1 or not isinstance(paths[0], str):
        return None
    return _of_file(paths[0]) if posixpath.splitext(paths[0])[1] else Built(paths[0])


def _of_image_module(called: Called) -> Built | None:
    context = _plain(called.get("source_path"))
    dockerfile, target = _plain(called.get("docker_file_path")), _plain(called.get("build_target"))
    return Built(context, Container(dockerfile or "Dockerfile", target)) if context else None


def _of_file(path: str) -> Built:
    folder, name = posixpath.split(path.replace(os.sep, "/"))
    return Built(folder or ".", starts=(name,))


def _texts_in(archive: Component) -> Iterator[tuple[str, Node]]:
    pairs = [(block.get("filename"), block.get("content")) for block in archive.items("source")]
    pairs.append((archive.get("source_content_filename"), archive.get("source_content")))
    for name, content in pairs:
        if content is not None and isinstance(content.value, str) and _plain(name):
            yield _plain(name), content


def _text(component: Component, name: str) -> Text | None:
    node = component.get(name)
    return text_of(node) if node is not None else None


def _plain(node: Node | None) -> str:
    return node.value if node is not None and isinstance(node.value, str) else ""


def _path(text: Text | None) -> Text | None:
    """A path in one spelling."""
    return posixpath.normpath(text) if isinstance(text, str) and text else text
