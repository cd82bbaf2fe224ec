"""Providers: which one a resource has, and the Region that it is made in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.template.computed import hole
from bedrock_policy_lint.frontends.terraform.validations import variable_in
from bedrock_policy_lint.model.text import Template, Text
from bedrock_policy_lint.sources import hcl_tree as tree

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.terraform.configuration import Configuration, Instance
    from bedrock_policy_lint.frontends.terraform.module import Module

DEFAULT = "aws"
_AWS = ("aws_", "data.aws_")
_REGION = "region"


def region_variable(module: Module) -> str:
    """The variable that the Region of a root module's default provider is; empty when it is none."""
    provider = module.providers.get(DEFAULT)
    attribute = provider.body.attribute(_REGION) if provider is not None else None
    return variable_in(attribute.value) if attribute is not None else ""


def of(body: tree.Body, kind: str) -> str:
    """The provider that a resource names, or that it has by its type: `aws`, `aws.west`."""
    attribute = body.reference("provider")
    named = _named(attribute.value) if attribute is not None else ""
    return named or (DEFAULT if kind.startswith(_AWS) else kind.removeprefix("data.").partition("_")[0])


def _named(expression: tree.Expression) -> str:
    """The spelling of a reference to a provider."""
    if type(expression) is tree.Variable:
        return expression.name
    if type(expression) is tree.GetAttr and type(expression.subject) is tree.Variable:
        return f"{expression.subject.name}.{expression.name.text}"
    return tree.plain_text(expression) or ""


def region(configuration: Configuration, instance: Instance, provider: str) -> Text:
    """The Region of a provider as a module calls it."""
    for _ in range(_MOST):
        declared = instance.module.providers.get(provider)
        if declared is not None:
            break
        if instance.parent is None or instance.branch.call is None:
            return configuration.world_region if "." not in provider else _unknown(instance, provider)
        handed = _handed(instance.branch.call.body, provider)
        if not handed and "." in provider:
            return _unknown(instance, provider)
        instance, provider = instance.parent, handed or provider
    is_default = instance.parent is None and provider == DEFAULT
    if is_default and configuration.world.region:
        return configuration.world_region
    attribute = declared.body.attribute(_REGION) if declared is not None else None
    if attribute is None:
        return configuration.world_region
    node = configuration.evaluator.define(attribute.value, instance)
    if isinstance(node.value, str) and node.value:
        return node.value
    return configuration.world_region if is_default else _unknown(instance, provider)


def elsewhere(configuration: Configuration, address: str) -> Text:
    """The Region of a resource, where that is not the one of the deployment; empty where it is."""
    component = configuration.component(address)
    found = configuration.region_of(component) if component is not None else ""
    return "" if found == configuration.world.region else found


def of_call(configuration: Configuration, instance: Instance, body: tree.Body) -> Text:
    """The Region that a module has from the provider which it is handed, where that is not the one of the deployment;
    empty where it is."""
    found = region(configuration, instance, _handed(body, DEFAULT) or DEFAULT)
    return "" if found == configuration.world_region else found


_MOST = 100
"""Modules nest less deep than this."""


def _unknown(instance: Instance, provider: str) -> Text:
    return Template((hole(f"{instance.path}provider.{provider}.region"),))


def _handed(body: tree.Body, provider: str) -> str:
    """What a call hands to its module as that provider; empty for nothing."""
    attribute = body.reference("providers")
    if attribute is None or type(attribute.value) is not tree.ObjectCons:
        return ""
    for item in attribute.value.items:
        key = item.key.inner if type(item.key) is tree.Paren else item.key
        if _named(key) == provider:
            return _named(item.value)
    return ""
