"""What archives and images of a template are built of: local paths, the metadata of SAM and CDK, assets of CDK."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment.deployment import Container
from bedrock_policy_lint.frontends import cdk
from bedrock_policy_lint.frontends.code_places import Built, text_in
from bedrock_policy_lint.model.text import is_text, parts_of

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.resources import Resource
    from bedrock_policy_lint.frontends.template.stack import Component, Stack
    from bedrock_policy_lint.sources.node import Node

_LAYERS = {"AWS::Serverless::LayerVersion": "ContentUri", "AWS::Lambda::LayerVersion": "Content"}
_LANGUAGES = ("python", "nodejs/node_modules", "nodejs")
"""Where runtimes look in a layer."""
_DOCKERFILE = "Dockerfile"
_PLACES = ("CodeUri", "InlineCode", "ImageUri")
"""Where a function of SAM says what it runs."""


class TemplateBuilds:
    """Knows what a template says, or whoever wrote it, of archives and images."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def of(self, component: Resource, local: Node | None, uploaded: Node | None) -> Built | None:
        """What a resource runs whose properties name a path, or a place that it is uploaded to."""
        resource = self._stack.component(component.name)
        told = _told(resource) if resource is not None else None
        if told is None and local is not None and isinstance(local.value, str) and "://" not in local.value:
            return Built(local.value, starts=_entry_points(resource))
        if told is None and resource is not None and _is_beside(resource):
            return Built(".", starts=_entry_points(resource))
        named = uploaded or local
        return told or (self._asset(named) if named is not None else None)

    def layers(self, named: list[Node]) -> tuple[str, ...]:
        """The folders that layers are built of, and those in them in which runtimes look."""
        return tuple(folder for node in named for folder in self._layer(node))

    def _layer(self, node: Node) -> list[str]:
        layer = self._stack.owner(node, *_LAYERS)
        if layer is None:
            return []
        content = _LAYERS[layer.type]
        built = self.of(layer, _text(layer, content), _text(layer, f"{content}.S3Key"))
        return [f"{built.path}/{name}" for name in _LANGUAGES] + [built.path] if built is not None else []

    def _asset(self, node: Node) -> Built | None:
        """By the id in which the place of an asset ends."""
        asset = cdk.asset(self._stack.document.source.path, _last(node))
        return Built(asset.path, Container(asset.dockerfile) if asset.dockerfile else None) if asset else None


def _text(component: Component, path: str) -> Node | None:
    node = component.get(*path.split("."))
    return node if node is not None and is_text(node) else None


def _last(node: Node) -> str:
    """The end of a text, from which an asset is known; empty where that is not known."""
    last = parts_of(node.value)[-1:] if is_text(node) else ()
    return last[0] if last and isinstance(last[0], str) else ""


def _told(resource: Component) -> Built | None:
    """By the metadata of a resource."""
    metadata = resource.body.get("Metadata")
    path = text_in(metadata, "aws:asset:path")
    if path:
        is_image = "Image" in text_in(metadata, "aws:asset:property")
        dockerfile = text_in(metadata, "aws:asset:dockerfile-path") or (_DOCKERFILE if is_image else "")
        target = text_in(metadata, "aws:asset:docker-build-target")
        return Built(path, Container(dockerfile, target) if dockerfile else None)
    context = text_in(metadata, "DockerContext")
    kind = _text(resource, "PackageType")
    if context or (kind is not None and kind.value == "Image" and text_in(metadata, "Dockerfile")):
        dockerfile = text_in(metadata, "Dockerfile") or _DOCKERFILE
        return Built(context or ".", Container(dockerfile, text_in(metadata, "DockerBuildTarget")))
    return None


def _is_beside(resource: Component) -> bool:
    """Whether nothing says where the code of a function lies: then SAM packages the folder of the template."""
    is_said = any(resource.get(name) is not None for name in _PLACES)
    return resource.type == "AWS::Serverless::Function" and resource.get("Handler") is not None and not is_said


def _entry_points(resource: Component | None) -> tuple[str, ...]:
    """The files that SAM has `esbuild` start from."""
    listed = resource.body.get("Metadata", "BuildProperties", "EntryPoints") if resource is not None else None
    return tuple(node.value for node in listed.items if isinstance(node.value, str)) if listed is not None else ()
