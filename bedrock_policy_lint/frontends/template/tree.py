"""The tree of a template, whichever language and form it is written in, and what kind of template it is."""

from __future__ import annotations

import re
from typing import NamedTuple

from bedrock_policy_lint.frontends.document import Document, Failure
from bedrock_policy_lint.sources import json
from bedrock_policy_lint.sources.json import Slip
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import EmbeddedSource, Source, Span

CLOUDFORMATION = "cloudformation"
SERVERLESS = "serverless"
CDK_MANIFEST = "cdk-manifest"

_FUNCTIONS = (
    *("And", "Base64", "Cidr", "Equals", "FindInMap", "ForEach", "GetAtt", "GetAZs", "If", "ImportValue", "Join"),
    *("Length", "Not", "Or", "Select", "Split", "Sub", "ToJsonString", "Transform"),
    # Those that only `Rules` take.
    *("Contains", "EachMemberEquals", "EachMemberIn", "RefAll", "ValueOf", "ValueOfAll"),
)
_TAGS = {"!Ref": "Ref", "!Condition": "Condition", **{f"!{name}": f"Fn::{name}" for name in _FUNCTIONS}}
_WORDS = {
    **dict.fromkeys(("yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("no", "No", "NO", "off", "Off", "OFF"), False),
}
"""CloudFormation takes these as YAML 1.1 does. Of `y` and `n` it is not documented: they stay texts, as do octal and
sexagesimal numbers, which are account ids and times more often than numbers."""
LOOP = "Fn::ForEach::"
"""What the name of a loop stands behind."""

_BLANK = " \t\r\n"


class Parsed(NamedTuple):
    """What came of reading a text."""

    root: Node | None
    slips: list[Slip]
    failure: Failure | None
    """Why there is no root."""
    language: str
    """`json` or `yaml`."""

    def document(self, root: Node) -> Document:
        """The document of its text, which has this tree, without the policies in it."""
        source = root.source
        document = Document(source)
        document.language = self.language
        document.add_root(root)
        document.slips.extend((source, slip) for slip in self.slips)
        return document


def parse(source: Source, *, serverless: bool = False) -> Parsed:
    """The tree of a template: short forms are what their long forms are.

    What the Serverless Framework reads is YAML 1.2, in which `yes` is a text: its main file is known by what it holds,
    of others it must be said.
    """
    # A text in a file of JSON may be YAML all the same.
    is_json = source.path.lower().endswith(".json") and not isinstance(source, EmbeddedSource)
    if not is_json and not source.text.lstrip(_BLANK).startswith(("{", "[")):
        return _parse_yaml(source, None, serverless=serverless)
    try:
        return Parsed(*json.read(source), None, "json")
    except json.JsonError as error:
        if is_json or isinstance(error, json.LimitError):
            return _failed(source, error, "json")
        return _parse_yaml(source, error, serverless=serverless)


def _parse_yaml(source: Source, refused: json.JsonError | None, *, serverless: bool) -> Parsed:
    """The tree of what is no JSON, for the reason that is given where it begins as JSON does."""
    from bedrock_policy_lint.sources import yaml

    later = yaml.Dialect(_TAGS, most_values=json.MAX_VALUES)
    try:
        root, slips = yaml.read(source, later if serverless else later.with_words(_WORDS))
        if not serverless and dialect(root) == SERVERLESS:
            root, slips = yaml.read(source, later)
    except json.JsonError as error:
        if refused is not None and yaml.looks_like_json(source.text):
            return _failed(source, refused, "json")
        return _failed(source, error, "yaml")
    return Parsed(root, slips, None, "yaml")


def _failed(source: Source, error: json.JsonError, language: str) -> Parsed:
    span = Span(source, error.start, min(error.end, len(source.text)))
    is_limit = isinstance(error, json.LimitError)
    kind = "invalid-json" if language == "json" and not is_limit else "unreadable-file"
    told = error.message if language == "json" or is_limit else f"it is not YAML: {error.message}"
    return Parsed(None, [], Failure(kind, span, told, error.hint, error.opened), language)


def dialect(root: Node) -> str:
    """Which kind of template a tree is, by what it holds: `cloudformation`, `serverless`, `cdk-manifest`, or none."""
    if not isinstance(root.value, Object):
        return ""
    members = root.value
    if members.get("AWSTemplateFormatVersion") or _has_transform(members) or _has_resources(members):
        return CLOUDFORMATION
    if _has_provider(members) and (members.get("service") or members.get("functions")):
        return SERVERLESS
    return CDK_MANIFEST if members.get("version") and _has_artifacts(members) else ""


def _has_transform(members: Object) -> bool:
    transform = members.get("Transform")
    if transform is None:
        return False
    if isinstance(transform.value, Object):
        return _begins(transform.value.get("Name"), ("AWS::",))
    return any(_begins(name, ("AWS::",)) for name in transform.items)


def _has_resources(members: Object) -> bool:
    resources = members.get("Resources")
    if resources is None or not isinstance(resources.value, Object):
        return False
    return any(_is_resource(name, resource) for name, resource in resources.value.pairs())


def _is_resource(name: Node, resource: Node) -> bool:
    if isinstance(resource.value, Object):
        kind = resource.value.get("Type")
        return kind is not None and isinstance(kind.value, str) and "::" in kind.value
    return name.value.startswith(LOOP) and isinstance(resource.value, list)


def _has_provider(members: Object) -> bool:
    provider = members.get("provider")
    if provider is not None and isinstance(provider.value, Object):
        provider = provider.value.get("name")
    return provider is not None and provider.value == "aws"


def _has_artifacts(members: Object) -> bool:
    artifacts = members.get("artifacts")
    if artifacts is None or not isinstance(artifacts.value, Object):
        return False
    return any(
        isinstance(artifact.value, Object) and _begins(artifact.value.get("type"), ("aws:cloudformation:", "cdk:"))
        for _, artifact in artifacts.value.pairs()
    )


def _begins(node: Node | None, beginnings: tuple[str, ...]) -> bool:
    return node is not None and isinstance(node.value, str) and node.value.startswith(beginnings)


_names_provider = re.compile(r"""(?<![\w.-])provider["']?\s*:""").search
_names_service = re.compile(r"""(?<![\w.-])(?:service|functions)["']?\s*:""").search


def may_be_template(text: str) -> bool:
    """Whether it is worth while to read a text that nobody named as a template: most YAML is something else's.

    Every template passes that spells the names which make it one without escapes.
    """
    if "AWSTemplateFormatVersion" in text or ("::" in text and ("Resources" in text or "Transform" in text)):
        return True
    if "artifacts" in text and ("aws:cloudformation:" in text or "cdk:" in text):
        return True
    return "aws" in text and bool(_names_provider(text) and _names_service(text))
