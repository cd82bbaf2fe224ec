"""Functions that the module of the registry makes for AWS Lambda, with the roles that it makes for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment.deployment import Code, Role, Workload
from bedrock_policy_lint.frontends.attached import NOTHING, UNKNOWN, Attached, unread, written
from bedrock_policy_lint.frontends.code_places import language_of
from bedrock_policy_lint.frontends.template.computed import hole
from bedrock_policy_lint.frontends.terraform import iam, providers, registry_modules
from bedrock_policy_lint.frontends.terraform.builds import TerraformBuilds, of_module
from bedrock_policy_lint.frontends.terraform.handed import named_outputs
from bedrock_policy_lint.frontends.terraform.role_names import role_of
from bedrock_policy_lint.frontends.terraform.values import is_many
from bedrock_policy_lint.frontends.workloads import settings_in
from bedrock_policy_lint.model.policy import Attachment
from bedrock_policy_lint.model.text import Template, is_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.terraform.configuration import Configuration
    from bedrock_policy_lint.frontends.terraform.policies import Policies
    from bedrock_policy_lint.frontends.terraform.registry_modules import Called
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.sources.node import Node

_SOURCE = "terraform-aws-modules/lambda"
_MANAGED = Attachment("identity", True, "managed")
_STATEMENTS = registry_modules.INLINE
_NAMES = ("lambda_role_name", "lambda_role_unique_id", "")
"""Outputs by which others attach policies to the role, or all of them."""
_REGION = "region"
_TO_TARGETS = "attach_async_event_policy"


def functions(configuration: Configuration, policies: Policies) -> tuple[list[Role], list[Workload]]:
    """The functions, each with the role that the module makes for it, unless it is given one."""
    roles: list[Role] = []
    found: list[Workload] = []
    for called in registry_modules.calls(configuration, _SOURCE):
        if not all(_flag(called, name, default) is default for name, default in _MAKES_ONE.items()):
            continue
        makes_role = _flag(called, "create_role", default=True)
        if makes_role:
            roles.append(_role(configuration, policies, called))
        given = called.get("lambda_role") if makes_role is False else None
        found.append(
            Workload(
                called.name,
                "Lambda function",
                called.node,
                called.name if makes_role else role_of(configuration, given),
                tuple(settings_in(settings)) if (settings := called.get("environment_variables")) is not None else (),
                arn=Template((hole(f"{called.name}.lambda_function_arn"),)),
                code=_code(called, TerraformBuilds(configuration)),
                region=_region(configuration, called),
            )
        )
    return roles, found


def _region(configuration: Configuration, called: Called) -> Text:
    own = called.get(_REGION)
    if own is None or not is_text(own):
        return providers.of_call(configuration, called.instance, called.declared.body)
    return "" if own.value == configuration.world_region else own.value


_MAKES_ONE = {"create": True, "create_function": True, "create_layer": False}


def _flag(called: Called, name: str, default: bool = False) -> bool | None:
    """Whether a flag is set; None when that is not known."""
    node = called.get(name)
    if node is None:
        return default
    return {True: True, False: False, "true": True, "false": False}.get(node.value) if _is_plain(node) else None


def _code(called: Called, builds: TerraformBuilds) -> tuple[Code, ...]:
    handler, runtime = (_text(called, name) for name in ("handler", "runtime"))
    built = of_module(called)
    package, image = called.get("local_existing_package"), called.get("image_uri")
    if built is None:
        built = builds.archive(package) if package is not None else builds.image(image) if image is not None else None
    if built is None:
        return ()
    place = called.get("source_path") or package or image or called.node
    if built.container is not None:
        return (Code(place, built.path, container=built.container),)
    layers = builds.layers(called.items("layers"))
    return (Code(place, built.path, handler, language_of(runtime), starts=built.starts, roots=layers),)


def _text(called: Called, name: str) -> str:
    node = called.get(name)
    return node.value if node is not None and isinstance(node.value, str) else ""


def _is_plain(node: Node) -> bool:
    return isinstance(node.value, bool | str)


def _role(configuration: Configuration, policies: Policies, called: Called) -> Role:
    attached = _attached(configuration, policies, called)
    if not named_outputs(configuration, called).isdisjoint(_NAMES):
        attached = attached.plus(UNKNOWN)
    limit = called.get("role_permissions_boundary")
    boundary = iam.managed(configuration, policies, limit, "boundary") if limit is not None else NOTHING
    return Role(
        name=called.name,
        kind="role",
        arn=Template((hole(f"{called.name}.lambda_role_arn"),)),
        node=called.node,
        policies=attached.policies,
        boundary=boundary.policies,
        limits=boundary.managed,
        managed=attached.managed,
        unread=unread(identity=attached, boundary=boundary, trust=UNKNOWN),
    )


def _attached(configuration: Configuration, policies: Policies, called: Called) -> Attached:
    found = NOTHING if _flag(called, _TO_TARGETS) is False else UNKNOWN
    for name in ("policy_json", "policy_statements", "policy_jsons", "policy", "policies"):
        is_attached = _flag(called, f"attach_{name}")
        if is_attached is not False:
            some = _given(configuration, policies, called, name)
            found = found.plus(some if is_attached else some.plus(UNKNOWN))
    return found


def _given(configuration: Configuration, policies: Policies, called: Called, name: str) -> Attached:
    node = called.get(name)
    if node is None:
        return NOTHING
    if name == "policy_statements":
        policy = policies.read_statements(node, _STATEMENTS)
        return Attached((policy,), is_known=not policy.is_open) if policy is not None else _unless_empty(node)
    found = _unless_all_count(called, name, node)
    for item in _texts(node):
        if name in ("policy", "policies"):
            found = found.plus(iam.managed(configuration, policies, item, "identity"))
        else:
            found = found.plus(written(policies, item, _MANAGED)).plus(UNKNOWN if is_many(item) else NOTHING)
    return found


def _texts(node: Node) -> Iterator[Node]:
    yield from (item for item in node.items if is_text(item) and item.value != "")


def _unless_empty(node: Node) -> Attached:
    return NOTHING if isinstance(node.value, list) and not node.value else UNKNOWN


def _unless_all_count(called: Called, name: str, node: Node) -> Attached:
    """Nothing, unless it is not known that the module takes as many policies as it is given."""
    if name not in ("policy_jsons", "policies"):
        return NOTHING
    number = called.get(f"number_of_{name}")
    return NOTHING if number is not None and number.value == len(node.items) else UNKNOWN
