"""Terraform's resources under the names that CloudFormation has for them, where both have the same parts: those of the
provider awscc, and much of Bedrock in the provider aws.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.terraform import awscc
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bedrock_policy_lint.frontends.terraform.configuration import Component, Configuration
    from bedrock_policy_lint.model.text import Text

_AWS: dict[str, dict[str, dict[str, str]]] = {
    "AWS::Bedrock::Agent": {"aws_bedrockagent_agent": {}},
    "AWS::Bedrock::AgentAlias": {"aws_bedrockagent_agent_alias": {}},
    "AWS::Bedrock::KnowledgeBase": {
        "aws_bedrockagent_knowledge_base": {
            "KnowledgeBaseArn": "arn",
            "SupplementalDataStorageLocations": "storage_location",
        },
    },
    "AWS::Bedrock::DataSource": {"aws_bedrockagent_data_source": {"Transformations": "transformation"}},
    "AWS::Bedrock::Flow": {"aws_bedrockagent_flow": {"Nodes": "node"}},
    "AWS::Bedrock::Prompt": {"aws_bedrockagent_prompt": {"Variants": "variant"}},
    "AWS::Bedrock::IntelligentPromptRouter": {"aws_bedrock_prompt_router": {}},
    "AWS::Bedrock::Guardrail": {
        "aws_bedrock_guardrail": {"GuardrailProfileArn": "guardrail_profile_identifier"},
    },
    "AWS::Bedrock::EnforcedGuardrailConfiguration": {"aws_bedrock_enforced_guardrail_configuration": {}},
    "AWS::Bedrock::ApplicationInferenceProfile": {"aws_bedrock_inference_profile": {"InferenceProfileArn": "arn"}},
    "AWS::BedrockAgentCore::Runtime": {"aws_bedrockagentcore_agent_runtime": {}},
    "AWS::BedrockAgentCore::Gateway": {
        "aws_bedrockagentcore_gateway": {"InterceptorConfigurations": "interceptor_configuration"},
    },
    "AWS::BedrockAgentCore::GatewayTarget": {
        "aws_bedrockagentcore_gateway_target": {
            "CredentialProviderConfigurations": "credential_provider_configuration",
        },
    },
    "AWS::BedrockAgentCore::Memory": {"aws_bedrockagentcore_memory": {"MemoryArn": "arn", "Resources": "resource"}},
    "AWS::BedrockAgentCore::BrowserCustom": {"aws_bedrockagentcore_browser": {"RecordingConfig": "recording"}},
    "AWS::BedrockAgentCore::CodeInterpreterCustom": {"aws_bedrockagentcore_code_interpreter": {}},
    "AWS::BedrockAgentCore::Evaluator": {"aws_bedrockagentcore_evaluator": {}},
    "AWS::BedrockAgentCore::OnlineEvaluationConfig": {
        "aws_bedrockagentcore_online_evaluation_config": {"Evaluators": "evaluator"},
    },
    "AWS::BedrockAgentCore::PolicyEngine": {"aws_bedrockagentcore_policy_engine": {}},
    "AWS::EC2::VPC": {"aws_vpc": {}},
    "AWS::EC2::Subnet": {"aws_subnet": {}},
    "AWS::EC2::RouteTable": {"aws_route_table": {}},
    "AWS::EC2::SubnetRouteTableAssociation": {"aws_route_table_association": {}},
    "AWS::EC2::Route": {"aws_route": {}},
    "AWS::EC2::VPNGatewayRoutePropagation": {"aws_vpn_gateway_route_propagation": {}},
    "AWS::EC2::VPCEndpoint": {"aws_vpc_endpoint": {}},
    "AWS::EC2::TransitGatewayVpcAttachment": {"aws_ec2_transit_gateway_vpc_attachment": {}},
    "AWS::EC2::VPCPeeringConnection": {"aws_vpc_peering_connection": {}},
    "AWS::NetworkManager::VpcAttachment": {"aws_networkmanager_vpc_attachment": {}},
    "AWS::VpcLattice::ServiceNetworkVpcAssociation": {"aws_vpclattice_service_network_vpc_association": {}},
}
"""By type of CloudFormation: the types of the provider aws, with the names that are others than those of CloudFormation
in small letters. (Terraform AWS provider: the schemas of 5.100, and the pages of 6.x on what came later.)"""


class _Names:
    """What a type calls its properties and attributes."""

    __slots__ = ("_others", "_spell")

    def __init__(self, others: Mapping[str, str] | None) -> None:
        self._others = others or {}
        self._spell = awscc.spelled if others is None else awscc.snake

    def __getitem__(self, name: str) -> str:
        return (self._others.get(name) or self._spell(name)) if name else "id"


class _Mapping(Object):
    """A mapping in which names of CloudFormation are looked up."""

    __slots__ = ("_names",)

    def __init__(self, members: Object, names: _Names) -> None:
        super().__init__(members)
        self._names = names

    def get(self, name: str) -> Node | None:
        found = super().get(self._names[name])
        return None if found is None else _named(found, self._names)


def _named(node: Node, names: _Names) -> Node:
    """A value with names of CloudFormation in it; a single block is what it holds."""
    value = node.value
    if type(value) is list and len(value) == 1 and isinstance(value[0].value, Object):
        node, value = value[0], value[0].value
    if isinstance(value, Object):
        return Node(_Mapping(value, names), node.start, node.end, node.source)
    if type(value) is list and any(isinstance(child.value, Object) for child in value):
        return Node([_named(child, names) for child in value], node.start, node.end, node.source)
    return node


class Twin:
    """A resource under its name of CloudFormation."""

    __slots__ = ("component", "names", "type")

    def __init__(self, component: Component, kind: str, names: _Names) -> None:
        self.component = component
        self.type = kind
        """`AWS::Bedrock::Agent`."""
        self.names = names

    @property
    def name(self) -> str:
        """Its address."""
        return self.component.name

    @property
    def node(self) -> Node:
        """What names it in the file."""
        return self.component.node

    def get(self, *path: str) -> Node | None:
        """A property, or what it holds; None when it is absent."""
        top = self.component.get(self.names[path[0]]) if path else None
        return _named(top, self.names).get(*path[1:]) if top is not None else None

    def items(self, *path: str) -> list[Node]:
        """The elements of a list; one value counts as a list of one."""
        node = self.get(*path)
        return [] if node is None else node.items


class Twins:
    """The resources of a configuration, by types of CloudFormation."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self._made: dict[str, Twin] = {}

    def components(self, *types: str) -> Iterator[Twin]:
        """The resources of these types, in the order of the text."""
        kinds = _kinds(types)
        return (self._twin(component, kinds) for component in self.configuration.components(*kinds))

    def owner(self, node: Node, /, *types: str) -> Twin | None:
        """The resource of one of these types that a value names."""
        kinds = _kinds(types)
        component = self.configuration.owner(node, *kinds)
        return self._twin(component, kinds) if component is not None else None

    def attribute(self, component: Twin, name: str = "", /) -> Text:
        """What an attribute of a resource comes to."""
        return self.configuration.attribute(component.component, component.names[name])

    def embedded(self, node: Node, /) -> Node | None:
        """The tree of a JSON text inside a text; None when it is none."""
        return self.configuration.embedded(node)

    def _twin(self, component: Component, kinds: Mapping[str, str]) -> Twin:
        found = self._made.get(component.name)
        if found is None:
            kind = kinds[component.type]
            names = _Names(_AWS.get(kind, {}).get(component.type))
            found = self._made[component.name] = Twin(component, kind, names)
        return found


@cache
def _kinds(types: tuple[str, ...]) -> dict[str, str]:
    """By type of Terraform: the type of CloudFormation."""
    return {own: kind for kind in types for own in (awscc.type_of(kind), *_AWS.get(kind, ()))}
