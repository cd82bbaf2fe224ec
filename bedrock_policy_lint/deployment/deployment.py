"""What a template deploys, as far as it bears on Bedrock: plain values that no dialect shines through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from bedrock_policy_lint.authorize.layers import ResourcePolicy
    from bedrock_policy_lint.deployment.world import Choice, World
    from bedrock_policy_lint.finding import Finding
    from bedrock_policy_lint.frontends.document import Document
    from bedrock_policy_lint.model.policy import Policy
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.rule import Undecided
    from bedrock_policy_lint.sources.node import Node
    from bedrock_policy_lint.sources.source import Source


class Managed(NamedTuple):
    """A managed policy of AWS that is attached by its ARN or name."""

    name: str
    """`AmazonBedrockFullAccess`."""
    node: Node
    """Where it is attached."""


class Role(NamedTuple):
    """A role, user or group with everything that is attached to it."""

    name: str
    """As the template calls it."""
    kind: str
    """`role`, `user`, `group` or `permission set`; the last has no ARN."""
    arn: Text
    node: Node
    """What names it in the template."""
    policies: tuple[Policy, ...] = ()
    """Identity policies, those of AWS included, as far as they could be read."""
    boundary: tuple[Policy, ...] = ()
    trust: Policy | None = None
    managed: tuple[Managed, ...] = ()
    """The identity policies that AWS manages, those included of which no more is known than the name."""
    limits: tuple[Managed, ...] = ()
    """The boundary, where AWS manages that."""
    unread: frozenset[str] = frozenset()
    """Keys of `layers.WORDS`, and `trust`: of what not everything that is attached is known."""


class Setting(NamedTuple):
    """A value that a workload is given, such as an environment variable."""

    name: str
    node: Node
    """Of the value."""


class Call(NamedTuple):
    """A call of Bedrock that a workload makes without code, such as a task of a state machine."""

    operation: str
    """As SDKs name it: `Converse`, `InvokeModel`, `InvokeAgent`."""
    node: Node
    model: Node | None = None
    resource: Node | None = None
    """What is called beside or without a model: an agent alias, a knowledge base."""
    guardrail: Node | None = None
    client: str = ""
    """The SDK client, as the catalogue names it: `bedrock-runtime`."""
    role: Node | None = None
    """The service role that a job is given."""
    parameters: Node | None = None
    """All that it is called with, as far as the template says."""
    region: Node | None = None
    """Where it is made, when that is not where it is deployed."""
    choice: str = ""
    """Why it may be made with something else, as a clause: "the default of `MODEL_ID`"; empty where it may not."""
    default: Node | None = None
    """The model that the code would call if nobody set the variable that names it."""
    is_one_of_several: bool = False
    """Whether the same place of the code makes other calls as well, as it chooses."""
    is_code: bool = False
    """Whether it stands in application code."""
    guardrail_version: Node | None = None
    part: str = ""
    """What the model is beside the main one of a client: `small model`."""
    filled: tuple[Node, ...] = ()
    """The settings of its workload that are parts of what it is made with."""


class Code(NamedTuple):
    """Where the code of a workload lies; paths are from the folder of the template."""

    node: Node
    """What names it in the template."""
    path: str = ""
    """The folder or file; empty for a text in the template itself, and for code that nobody can tell the place of."""
    handler: str = ""
    """What is called of it, as the runtime is told: `app.handler`; empty where that is not known."""
    language: str = ""
    """`python` or `javascript`, as the runtime says; empty where it does not."""
    text: Source | None = None
    """The code, where it stands in the template itself."""
    starts: tuple[str, ...] = ()
    """The files that a build starts from, from the path on; empty where the handler tells it."""
    container: Container | None = None
    """For the folder that a container image is built of: how, and what runs in it."""
    roots: tuple[str, ...] = ()
    """Folders of layers, from which modules are loaded too."""


class Container(NamedTuple):
    """How a container image is built, and what runs in it."""

    dockerfile: str = "Dockerfile"
    """From the folder that it is built of."""
    target: str = ""
    """The stage that is built; empty for the last."""
    entrypoint: tuple[str, ...] | None = None
    """What the template says in place of `ENTRYPOINT`."""
    command: tuple[str, ...] | None = None
    """What the template says in place of `CMD`."""


class Network(NamedTuple):
    """Where in a VPC a workload runs."""

    node: Node
    """The list of its subnets."""
    is_closed: bool
    """Whether none of its subnets certainly has a way out but VPC endpoints."""
    endpoints: frozenset[str]
    """Names of the services that its VPC has interface endpoints for, as far as they are known: `bedrock-runtime`."""
    knows_all_endpoints: bool
    """Whether the VPC and so its endpoints are declared here altogether."""
    vpc: Text = ""
    """The id of the VPC, a hole."""
    paths: Mapping[str, Text] = {}
    """By service: the id of the endpoint, a hole, where calls of that service have no other way."""


class Workload(NamedTuple):
    """Something that runs with a role and may call Bedrock."""

    name: str
    kind: str
    """In words: `Lambda function`, `ECS task`, `state machine`."""
    node: Node
    """What names it in the template."""
    role: str | None = None
    """The name of its role among `Deployment.roles`; None when that lies elsewhere."""
    settings: tuple[Setting, ...] = ()
    calls: tuple[Call, ...] = ()
    code: tuple[Code, ...] = ()
    """The code that runs, each part of it; without a path where the template does not say where a part lies."""
    is_code_known: bool = False
    """Whether all that the code calls is among the calls: nothing else is called."""
    read: frozenset[str] = frozenset()
    """The settings that the code reads itself, so that nobody need guess what becomes of them."""
    questions: tuple[Undecided, ...] = ()
    """What nobody can tell of what its code calls."""
    idle: frozenset[str] = frozenset()
    """The settings that the code certainly never reads."""
    network: Network | None = None
    arn: Text = ""
    """Of a function; the name in it is a hole when AWS makes it up. Empty for anything else."""
    region: Text = ""
    """That it runs in, where this is not the one of the deployment; a hole where it is not known."""


class Feature(NamedTuple):
    """Something of Bedrock's that works with a role of its own: an agent, a knowledge base, a runtime."""

    kind: str
    """A key of `duties.KINDS`: `agent`, `knowledge-base`, `agentcore-runtime`."""
    name: str
    node: Node
    """What names it in the template."""
    role: str | None = None
    """The name of its role among `Deployment.roles`; None when that lies elsewhere."""
    role_node: Node | None = None
    """Where it is given its role."""
    slots: Mapping[str, tuple[Node, ...]] = {}
    """What it names, by what that is to it: `model`, `guardrail`, `bucket`; see `duties`."""
    arn: Text = ""
    """Its own ARN; the id in it is a hole when AWS makes it up."""
    region: Text = ""
    """That it is made in, where this is not the one of the deployment; a hole where it is not known."""


class Parameter(NamedTuple):
    """A value that is supplied when the template is deployed."""

    name: str
    """As a reference calls it: `Model`, in Terraform `var.model`."""
    node: Node
    """Of its name."""
    default: Node | None = None
    allowed: tuple[str, ...] = ()
    pattern: str = ""
    """The regular expression that its values must match; empty for none."""
    is_supplied: bool = False


class Permission(NamedTuple):
    """Who may invoke a function, as its resource-based policy says."""

    function: Text
    """The name or ARN of the function."""
    principal: Text
    node: Node
    source_arn: Text = ""
    source_account: Text = ""


class AccessGrant(NamedTuple):
    """A rule of a data access policy of OpenSearch Serverless; its entries are texts."""

    kind: str
    """`collection` or `index`."""
    resources: tuple[Node, ...]
    """`collection/docs`, `index/docs/*`: patterns with `*` at their end."""
    permissions: tuple[Node, ...]
    """`aoss:APIAccessAll`, `aoss:*`: names and patterns."""
    principals: tuple[Node, ...]
    """ARNs of roles and users, or `saml/…`."""


class AccessPolicy(NamedTuple):
    """A data access policy of OpenSearch Serverless."""

    name: str
    """As the template calls it."""
    node: Node
    """What names it in the template."""
    grants: tuple[AccessGrant, ...] | None
    """None when not all of it is known."""


class Fault(NamedTuple):
    """What is wrong with the template itself, as far as values hang on it."""

    node: Node
    message: str
    hint: str = ""
    is_warning: bool = False
    opened: int | None = None
    """Where something begins that is still open there, in the same text."""


class Stretch(NamedTuple):
    """A part of a file."""

    path: str
    start: int
    end: int

    def holds(self, path: str, at: int) -> bool:
        """Whether a place lies in it."""
        return self.path == path and self.start <= at < self.end


class Deployment(NamedTuple):
    """A template in one world."""

    world: World
    document: Document
    """Of the template itself, with the policies in it."""
    documents: tuple[Document, ...] = ()
    """Of other texts that belong to it: files that it takes parts from, policies that AWS manages."""
    nested: tuple[Deployment, ...] = ()
    """What the templates deploy that it leads to, those of the inner ones included."""
    roles: tuple[Role, ...] = ()
    workloads: tuple[Workload, ...] = ()
    features: tuple[Feature, ...] = ()
    permissions: tuple[Permission, ...] = ()
    resource_policies: tuple[ResourcePolicy, ...] = ()
    access_policies: tuple[AccessPolicy, ...] = ()
    endpoints: Mapping[Text, tuple[Policy, ...]] = {}
    """The policies of VPC endpoints by id, as far as they are known; none for one that lets everything through."""
    parameters: tuple[Parameter, ...] = ()
    faults: tuple[Fault, ...] = ()
    answers: Mapping[str, Choice] = {}
    """The questions that were met, with the answers that they have in this world."""
    alternatives: tuple[Choice, ...] = ()
    """Other answers to the questions that were met: each makes a world that looks different."""
    questions: tuple[Undecided, ...] = ()
    """What nobody can tell of the code that its workloads run."""
    defaults: Mapping[Stretch, frozenset[str]] = {}
    """By where a resource stands: the parameters whose defaults it rests on."""
    is_template: bool = True
    """Whether a template deploys it, which can speak of its own account; else it is code that somebody runs."""
    told_at: Callable[[Finding], Finding] | None = None
    """What moves findings in files that nobody edits to where those are made part of it."""

    def role(self, name: str | None) -> Role | None:
        """The role of that name."""
        return next((role for role in self.roles if role.name == name), None)
