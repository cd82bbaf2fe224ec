"""The networks of a configuration: what the provider aws tells of them in ways of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.networks import Beside, Networks
from bedrock_policy_lint.model.text import is_text

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.terraform.configuration import Component, Configuration
    from bedrock_policy_lint.frontends.terraform.twins import Twins
    from bedrock_policy_lint.sources.node import Node

_VPCS = ("aws_vpc", "awscc_ec2_vpc")
_MAIN = "aws_main_route_table_association"
_ELSEWHERE = ("aws_cloudformation_stack", "aws_cloudcontrolapi_resource", "awscc_cloudformation_stack")
"""What may make routes and endpoints that are not declared as such."""
_TABLE, _DEFAULT = "aws_route_table", "aws_default_route_table"


def networks(configuration: Configuration, twins: Twins) -> Networks:
    """The networks that are made in a configuration."""
    branches = (one for instance in configuration.instances() for one in instance.branch.branches.values())
    is_all = all(branch.module is not None for branch in branches) and not any(configuration.components(*_ELSEWHERE))
    tables = configuration.components(_TABLE, _DEFAULT)
    with_routes = [table for table in tables if table.items("route") or table.items("propagating_vgws")]
    # Subnets without a table of their own have that of their VPC.
    mains = [table.get("default_route_table_id") for table in with_routes if table.type == _DEFAULT]
    mains += [association.get("vpc_id") for association in configuration.components(_MAIN)]
    beside = Beside(
        is_all,
        frozenset(table.name for table in with_routes if table.type == _TABLE),
        frozenset(_vpc(configuration, node) for node in mains),
    )
    return Networks(twins, configuration.world.region, beside)


def _vpc(configuration: Configuration, node: Node | None) -> str:
    """The VPC that a value names, itself or what belongs to it; empty when it may be any."""
    found: Component | None = configuration.owner(node, *_VPCS) if node is not None and is_text(node) else None
    return found.name if found is not None else ""
