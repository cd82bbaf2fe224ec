"""What the AWS CDK writes beside its templates: where a stack goes, with which values, and what is nested in it."""

from __future__ import annotations

import os
import re
import stat
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.deployment.world import Inputs
from bedrock_policy_lint.sources import json
from bedrock_policy_lint.sources.files import read
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

MANIFEST = "manifest.json"
MAX_ASSEMBLIES = 200
"""So many assemblies are looked into, nested ones included."""

_STACK, _ASSEMBLY, _ASSETS = "aws:cloudformation:stack", "cdk:cloud-assembly", "cdk:asset-manifest"
_UNKNOWN = ("unknown-account", "unknown-region")
_FILE_ASSET = "aws:cdk:asset"
_asset_id = re.compile(r"(?:^|.*[/:])([0-9a-f]{16,128})(?:\.[a-z0-9.]+)?$", re.DOTALL).match


class Asset(NamedTuple):
    """A folder or file that is uploaded, or that an image is built of."""

    path: str
    """From the folder of the template."""
    dockerfile: str = ""
    """Of an image: from that path; empty for what is uploaded as it is."""


def environment_of(template_path: str) -> Inputs:
    """What the manifest beside a template says of its deployment; nothing without one.

    A nested stack goes where its parent goes; its values are in the parent's template.
    """
    folder, name = os.path.split(template_path)
    stack = _stack_of(folder, name)
    if stack is None:
        return Inputs()
    inputs = _inputs(stack)
    return inputs if _template_of(stack) == name else inputs._replace(parameters={})


def nested_template(template_path: str, url: str) -> str | None:
    """The name of the local file that a nested stack is uploaded from: its `TemplateURL` ends in the id of an asset."""
    folder, name = os.path.split(template_path)
    asset, dot, _ = url.rpartition("/")[2].partition(".")
    stack = _stack_of(folder, name)
    return _assets(stack, folder).get(asset) if stack is not None and dot else None


def asset(template_path: str, written: str) -> Asset | None:
    """What an archive or image of a stack is made of whose place in the cloud ends like this: in the id of an asset."""
    found = _asset_id(written)
    folder, name = os.path.split(template_path)
    stack = _stack_of(folder, name) if found else None
    if stack is None or found is None:
        return None
    id_ = found[1]
    path = _assets(stack, folder).get(id_)
    if path:
        return Asset(path)
    image = next((entry for entry_id, entry in _listed(stack, folder, "dockerImages") if entry_id == id_), None)
    context = _text(image, "source", "directory") if image is not None else ""
    if image is None or not context:
        return None
    return Asset(context, _text(image, "source", "dockerFile") or "Dockerfile")


def templates(manifest_path: str) -> list[str]:
    """The paths of the templates in an assembly and those nested in it, without the nested stacks' own."""
    found: list[str] = []
    waiting = [manifest_path]
    seen: set[str] = set()
    while waiting and len(seen) < MAX_ASSEMBLIES:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        folder = os.path.dirname(path)
        for artifact in _artifacts(path).values():
            if name := _template_of(artifact):
                found.append(os.path.join(folder, name))
            below = _plain_name(_text(artifact, "properties", "directoryName"))
            if _text(artifact, "type") == _ASSEMBLY and below:
                waiting.append(os.path.join(folder, below, MANIFEST))
    return list(dict.fromkeys(found))


def _stack_of(folder: str, name: str) -> Node | None:
    """The stack that a file is the template of, or else the first that it is uploaded for."""
    stacks = [artifact for artifact in _artifacts(os.path.join(folder, MANIFEST)).values() if _template_of(artifact)]
    own = (stack for stack in stacks if _template_of(stack) == name)
    above = (stack for stack in stacks if name in _assets(stack, folder).values())
    return next(own, None) or next(above, None)


def _template_of(artifact: Node) -> str:
    """The name of a stack's template; empty for what is no stack."""
    return _plain_name(_text(artifact, "properties", "templateFile")) if _text(artifact, "type") == _STACK else ""


def _inputs(artifact: Node) -> Inputs:
    account, region = _environment(_text(artifact, "environment"))
    parameters = {
        key.value: value.value
        for key, value in _members(artifact.get("properties", "parameters"))
        if isinstance(value.value, str) and "${" not in value.value
    }
    return Inputs(parameters, (region,) if region else (), account)


def _environment(written: str) -> tuple[str, str]:
    """Account and Region of `aws://111122223333/eu-west-1`; empty where they are left open."""
    scheme, _, rest = written.partition("://")
    account, _, region = rest.partition("/")
    if scheme != "aws":
        return "", ""
    known = ["" if part in _UNKNOWN or "$" in part else part for part in (account, region)]
    return known[0], known[1]


def _assets(stack: Node, folder: str) -> dict[str, str]:
    """The files of a stack by their ids: from the list of its assets, or as older versions tell it, from metadata."""
    found = dict(_told_assets(stack.get("metadata")))
    for id_, entry in _listed(stack, folder, "files"):
        found[id_] = _text(entry, "source", "path")
    return {key: path for key, path in found.items() if path}


def _listed(stack: Node, folder: str, kind: str) -> Iterator[tuple[str, Node]]:
    """The assets of a kind in the lists that a stack depends on, by their ids."""
    artifacts = _artifacts(os.path.join(folder, MANIFEST))
    dependencies = stack.get("dependencies")
    for dependency in dependencies.items if dependencies is not None else ():
        assets = artifacts.get(dependency.value) if isinstance(dependency.value, str) else None
        file = _plain_name(_text(assets, "properties", "file")) if assets is not None else ""
        if assets is not None and file and _text(assets, "type") == _ASSETS:
            yield from ((key.value, entry) for key, entry in _members_of(os.path.join(folder, file), kind))


def _told_assets(metadata: Node | None) -> Iterator[tuple[str, str]]:
    for _, entries in _members(metadata):
        for entry in entries.items:
            if _text(entry, "type") == _FILE_ASSET:
                yield _text(entry, "data", "sourceHash"), _text(entry, "data", "path")


def _artifacts(manifest_path: str) -> dict[str, Node]:
    return {key.value: artifact for key, artifact in _members_of(manifest_path, "artifacts")}


def _members_of(path: str, name: str) -> list[tuple[Node, Node]]:
    """The members under a name in a file."""
    root = _tree(path)
    return _members(root.get(name)) if root is not None else []


def _tree(path: str) -> Node | None:
    """The tree of a file of JSON; None when there is none. Links are not followed, as they are not in a walk."""
    try:
        status = os.lstat(path)
    except (OSError, ValueError):
        return None
    return _read(path, status.st_mtime_ns, status.st_size) if stat.S_ISREG(status.st_mode) else None


@lru_cache(maxsize=16)
def _read(path: str, changed: int, size: int) -> Node | None:
    source = read(path)
    if not isinstance(source, Source):
        return None
    try:
        return json.read(source)[0]
    except json.JsonError:
        return None


def _plain_name(written: str) -> str:
    """A name of a file or folder that lies beside the manifest: a stranger's may not lead elsewhere."""
    return written if written and os.path.basename(written) == written and written not in (".", "..") else ""


def _text(node: Node, *path: str) -> str:
    found = node.get(*path)
    return found.value if found is not None and isinstance(found.value, str) else ""


def _members(node: Node | None) -> list[tuple[Node, Node]]:
    return list(node.value.pairs()) if node is not None and isinstance(node.value, Object) else []
