"""What data sources find, as far as the catalogue and the world say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.template.computed import parts_at, text_of
from bedrock_policy_lint.frontends.terraform.types import STRING
from bedrock_policy_lint.frontends.terraform.values import Value, plain
from bedrock_policy_lint.model.text import Template, Text, join
from bedrock_policy_lint.sources.node import Node

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.terraform.configuration import Component, Configuration


def attribute(configuration: Configuration, component: Component, name: str, place: Node) -> Node | None:
    """What an attribute of a data source is; None where nothing is known of it."""
    if component.type == "data.aws_partition" and name == "reverse_dns_prefix":
        return plain("com.amazonaws", place)
    if component.type == "data.aws_iam_policy":
        return _managed(configuration, component, name, place)
    if component.type == "data.aws_bedrock_foundation_model":
        return _model(configuration, component, name, place)
    if component.type == "data.aws_bedrock_inference_profile" and name == "models":
        return _models(configuration, component, place)
    return None


def _read(component: Component, name: str) -> Text | None:
    node = component.get(name)
    return text_of(node) if node is not None else None


def _managed(configuration: Configuration, component: Component, name: str, place: Node) -> Node | None:
    """A managed policy that is found by its name or its ARN."""
    from bedrock_policy_lint.deployment import managed

    arn, own = _read(component, "arn"), _read(component, "name")
    known = managed.name_of(arn) if arn else managed.name_of(own) if own else ""
    entry = managed.entry(known) if known else None
    if name == "name":
        return plain(known, place) if known else None
    if name not in ("arn", "id"):
        return None
    if arn:
        return _text(arn, place)
    if entry is None:
        return None
    partition = configuration.place("AWS::Partition", component)
    parts = partition.parts if isinstance(partition, Template) else (partition,)
    return _text(join(["arn:", *parts, f":iam::aws:policy{entry.path}{entry.name}"]), place)


def _model(configuration: Configuration, component: Component, name: str, place: Node) -> Node | None:
    id_ = _read(component, "model_id")
    known = configuration.catalog.model(id_) if isinstance(id_, str) else None
    if known is None:
        return None
    value = {"model_name": known.name, "provider_name": known.provider}.get(name)
    return plain(value, place) if value else None


def _models(configuration: Configuration, component: Component, place: Node) -> Node | None:
    """The models of an inference profile, where the Region is known and with it where its calls go."""
    id_, region = _read(component, "inference_profile_id"), configuration.region_of(component)
    profile = configuration.catalog.profile(id_) if isinstance(id_, str) else None
    routes = profile.destinations(region) if profile is not None and isinstance(region, str) else None
    if not routes or profile is None or profile.scope == "global":
        return None
    arns = [f"arn:{profile.partition}:bedrock:{one}::foundation-model/{profile.model_id}" for one in routes]
    return plain([{"model_arn": arn} for arn in arns], place)


def _text(text: Text, place: Node) -> Value:
    return Value(text, place, None if isinstance(text, str) else STRING, parts_at(text, place))
