"""What Bedrock asks for with the roles that it is given, by what they are given to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.authorize.request import Unknown
from bedrock_policy_lint.bedrock.arns import APPLICATION, PROFILE
from bedrock_policy_lint.deployment.models import restated
from bedrock_policy_lint.deployment.references import References, anything, unknown
from bedrock_policy_lint.model import arn as arns
from bedrock_policy_lint.model.text import Text, from_policy, is_text
from bedrock_policy_lint.usage.apis import SERVICE_ROLE
from bedrock_policy_lint.usage.call import concat
from bedrock_policy_lint.usage.invocations import model_behind
from bedrock_policy_lint.usage.row import AWS_SAYS, INFERRED, SEEN
from bedrock_policy_lint.usage.usage import Guardrail, Need, Usage

if TYPE_CHECKING:
    from bedrock_policy_lint.authorize.request import ContextValue
    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.deployment.deployment import Deployment, Feature
    from bedrock_policy_lint.sources.node import Node
    from bedrock_policy_lint.usage.usage import Target

KINDS: Mapping[str, str] = {
    "agent": "agent",
    "agent-alias": "agent alias",
    "knowledge-base": "knowledge base",
    "data-source": "data source",
    "flow": "flow",
    "prompt": "prompt",
    "guardrail": "guardrail",
    "application-inference-profile": "application inference profile",
    "data-automation-project": "data automation project",
    "batch-job": "batch job",
    "custom-model": "custom model",
    "logging": "invocation logging",
    "agentcore-runtime": "AgentCore runtime",
    "agentcore-gateway": "AgentCore gateway",
    "agentcore-memory": "AgentCore memory",
    "agentcore-browser": "AgentCore browser",
    "agentcore-code-interpreter": "AgentCore code interpreter",
    "evaluator": "evaluator",
    "flow-alias": "flow alias",
    "prompt-version": "prompt version",
    "prompt-router": "prompt router",
    "enforced-guardrail": "enforced guardrail",
    "reasoning-policy": "automated reasoning policy",
    "data-automation-library": "data automation library",
    "blueprint": "blueprint",
    "mantle-project": "project",
    "agentcore-online-evaluation": "AgentCore online evaluation",
    "agentcore-policy-engine": "AgentCore policy engine",
}
"""Every kind of feature, and its name in a message."""

AGENT, RUNTIME = "agent-role-incomplete", "agentcore-runtime-role-incomplete"
KB_MODEL, KB_STORE = "kb-model-permission-missing", "kb-store-permission-missing"
BATCH, LOGGING, KEYS = "batch-permissions-incomplete", "logging-role-incomplete", "kms-chain-incomplete"

_GUIDE = "https://docs.aws.amazon.com/bedrock/latest/userguide/"
_CORE_GUIDE = "https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/"
_AGENTS, _BASES = f"{_GUIDE}agents-permissions.html", f"{_GUIDE}kb-permissions.html"
_TRANSFORMATIONS = f"{_GUIDE}kb-custom-transformation.html"
_GRAPHS = f"{_GUIDE}knowledge-base-build-graphs-build.html"
_PARSED = "https://github.com/aws-samples/bedrock-chat/issues/1126"
_FLOWS, _JOBS = f"{_GUIDE}flows-permissions.html", f"{_GUIDE}batch-iam-sr.html"
_CUSTOM, _LOGS = f"{_GUIDE}model-customization-iam-role.html", f"{_GUIDE}model-invocation-logging.html"
_RUNTIMES, _GATEWAYS = f"{_CORE_GUIDE}runtime-permissions.html", f"{_CORE_GUIDE}gateway-prerequisites-permissions.html"
_BROWSERS = f"{_CORE_GUIDE}browser-resource-session-management.html"
_OVERRIDES = f"{_CORE_GUIDE}long-term-configuring-custom-strategies.html"
_STRATEGIES = f"{_CORE_GUIDE}memory-self-managed-strategies.html"
_EVALUATIONS = f"{_CORE_GUIDE}evaluations-prerequisites.html"
_INDEXED = (
    "https://github.com/aws-samples/"
    "sample-from-prototype-to-production-agentic-ai-evaluation-and-observability-with-aws/pull/46"
)
_ENGINES = f"{_CORE_GUIDE}policy-permissions.html"
_BASE_KEYS, _GUARDRAIL_KEYS = f"{_GUIDE}encryption-kb.html", f"{_GUIDE}guardrails-permissions-kms.html"

_KEYS_OF_SERVICES = (
    *("aws:viaawsservice", "aws:calledvia", "aws:calledviafirst", "aws:calledvialast"),
    *("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"),
)
_SERVICE_KEYS: Mapping[str, ContextValue] = dict.fromkeys(
    _KEYS_OF_SERVICES, Unknown("AWS does not say what a service leaves here that works with a role")
)
_OWNER: Mapping[str, ContextValue] = {"aws:resourceaccount": Unknown("whose it is does not stand in its ARN")}
_GUARDED: Mapping[str, ContextValue] = {
    "bedrock:guardrailidentifier": Unknown("AWS does not say which of these calls carry the guardrail"),
}

Form = Callable[[References, Text], "Text | None"]
"""From a value to the ARN in the request; None where nothing is asked for."""


class _Ask(NamedTuple):
    """What is asked for something that a feature names in a slot."""

    slot: str
    actions: tuple[str, ...]
    on: Form
    source: str
    rule: str = ""
    confidence: str = AWS_SAYS


def _arn(_: References, text: Text) -> Text:
    return text if arns.parse(text) is not None else unknown(text)


def _everything(_: References, __: Text) -> Text:
    return "*"


def _bedrock(kind: str) -> Form:
    return lambda names, text: names.bedrock(text, kind)


def _bucket(names: References, text: Text) -> Text:
    return names.bucket(text)[0]


def _object(names: References, text: Text) -> Text:
    """The object that is named, or any one below what is named."""
    bucket, key = names.bucket(text)
    is_whole = key and not str(key).endswith("/")
    return concat(bucket, "/", key) if is_whole else concat(bucket, "/", key, anything("object"))


def _below(names: References, text: Text) -> Text:
    """Any object whose name begins with what is named."""
    bucket, key = names.bucket(text)
    return concat(bucket, "/", key, anything("object"))


def _inside(_: References, text: Text) -> Text:
    """Any index of a domain."""
    return concat(text, "/", anything("index")) if arns.parse(text) is not None else unknown(text)


def _log_stream(names: References, text: Text) -> Text:
    return concat(names.log_group(text), ":log-stream:aws/bedrock/modelinvocations")


def _log_group(names: References, text: Text) -> Text:
    """The group, or what of it the service asks for: of the two forms that AWS grants it does not say which counts."""
    return concat(names.log_group(text), anything("group or stream"))


def _any_image(names: References, text: Text) -> Text | None:
    return None if names.repository(text) is None else "*"


_READS, _WRITES, _FILLS = ("kms:Decrypt",), ("kms:GenerateDataKey",), ("kms:GenerateDataKey", "kms:Decrypt")
_SECRET = ("secretsmanager:GetSecretValue",)
_CALLS = ("lambda:InvokeFunction",)
_AUTHORIZES = ("bedrock-agentcore:AuthorizeAction", "bedrock-agentcore:PartiallyAuthorizeActions")
_SEARCHES = tuple(f"es:ESHttp{method}" for method in ("Get", "Post", "Put", "Delete"))
_GRAPH = tuple(
    f"neptune-graph:{name}" for name in ("GetGraph", "ReadDataViaQuery", "WriteDataViaQuery", "DeleteDataViaQuery")
)
_VECTORS = tuple(
    f"s3vectors:{name}" for name in ("GetIndex", "GetVectors", "PutVectors", "DeleteVectors", "QueryVectors")
)

_ASKS: Mapping[str, tuple[_Ask, ...]] = {
    "agent": (
        _Ask("knowledge-base", ("bedrock:Retrieve",), _bedrock("knowledge-base"), _AGENTS, AGENT),
        _Ask("schema-bucket", ("s3:GetObject",), _object, _AGENTS, AGENT),
        _Ask("collaborator", ("bedrock:GetAgentAlias", "bedrock:InvokeAgent"), _bedrock("agent-alias"), _AGENTS, AGENT),
    ),
    "knowledge-base": (
        _Ask("collection", ("aoss:APIAccessAll",), _arn, _BASES, KB_STORE),
        _Ask("cluster", ("rds-data:ExecuteStatement", "rds-data:BatchExecuteStatement"), _arn, _BASES, KB_STORE),
        _Ask("cluster", ("rds:DescribeDBClusters",), _arn, _BASES, KB_STORE),
        _Ask("graph", _GRAPH, _arn, _BASES, KB_STORE),
        _Ask("kendra-index", ("kendra:Retrieve", "kendra:DescribeIndex"), _arn, _BASES, KB_STORE),
        # A domain has a policy of its own, which may let the role in.
        _Ask("domain", ("es:DescribeDomain",), _arn, _BASES, KB_STORE, INFERRED),
        _Ask("domain", _SEARCHES, _inside, _BASES, KB_STORE, INFERRED),
        _Ask("secret", _SECRET, _arn, _BASES, KB_STORE),
        _Ask("multimodal-bucket", ("s3:GetObject", "s3:PutObject"), _below, _BASES, KB_STORE, INFERRED),
    ),
    "data-source": (
        _Ask("bucket", ("s3:ListBucket",), _bucket, _BASES, KB_STORE),
        _Ask("secret", _SECRET, _arn, _BASES, KB_STORE),
        _Ask("function", _CALLS, _arn, _TRANSFORMATIONS, KB_STORE, INFERRED),
    ),
    "flow": (
        _Ask("prompt", ("bedrock:RenderPrompt",), _bedrock("prompt"), _FLOWS),
        _Ask("knowledge-base", ("bedrock:Retrieve",), _bedrock("knowledge-base"), _FLOWS),
        _Ask("agent-alias", ("bedrock:InvokeAgent",), _bedrock("agent-alias"), _FLOWS),
        _Ask("function", _CALLS, _arn, _FLOWS),
        _Ask("bot", ("lex:RecognizeUtterance",), _arn, _FLOWS),
        _Ask("input-bucket", ("s3:GetObject",), _object, _FLOWS),
        _Ask("output-bucket", ("s3:PutObject",), _below, _FLOWS),
    ),
    "batch-job": (
        _Ask("input-bucket", ("s3:GetObject",), _object, _JOBS, BATCH),
        _Ask("input-bucket", ("s3:ListBucket",), _bucket, _JOBS, BATCH),
        _Ask("output-bucket", ("s3:PutObject",), _below, _JOBS, BATCH),
    ),
    "custom-model": (
        _Ask("input-bucket", ("s3:GetObject",), _object, _CUSTOM),
        _Ask("input-bucket", ("s3:ListBucket",), _bucket, _CUSTOM),
        _Ask("output-bucket", ("s3:PutObject",), _below, _CUSTOM),
    ),
    "logging": (_Ask("log-group", ("logs:CreateLogStream", "logs:PutLogEvents"), _log_stream, _LOGS, LOGGING),),
    "agentcore-runtime": (
        _Ask("container-image", ("ecr:GetAuthorizationToken",), _any_image, _RUNTIMES, RUNTIME),
        _Ask(
            "container-image",
            ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
            References.repository,
            _RUNTIMES,
            RUNTIME,
        ),
    ),
    "agentcore-gateway": (
        _Ask("function", _CALLS, _arn, _GATEWAYS),
        _Ask("schema-bucket", ("s3:GetObject",), _object, _GATEWAYS, confidence=INFERRED),
        _Ask("policy-engine", ("bedrock-agentcore:GetPolicyEngine", *_AUTHORIZES), _arn, _ENGINES),
    ),
    "agentcore-memory": (
        _Ask("output-bucket", ("s3:GetBucketLocation",), _bucket, _STRATEGIES),
        _Ask("output-bucket", ("s3:PutObject",), _below, _STRATEGIES),
        _Ask("topic", ("sns:GetTopicAttributes", "sns:Publish"), _arn, _STRATEGIES),
    ),
    "agentcore-browser": (
        _Ask("recording-bucket", ("s3:PutObject",), _below, _BROWSERS),
        # What a recording takes in parts, or breaks off, needs these; a page names them without saying when.
        _Ask(
            "recording-bucket",
            ("s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"),
            _below,
            _BROWSERS,
            confidence=INFERRED,
        ),
    ),
    "agentcore-online-evaluation": (
        _Ask("log-group", ("logs:DescribeIndexPolicies", "logs:PutIndexPolicy"), _log_group, _INDEXED, LOGGING, SEEN),
    ),
}

_KEYS_USED: Mapping[str, tuple[tuple[str, ...], str, str]] = {
    # The page on roles sends to one on old agents; for those made today another asks it of the caller (cmk-agent-
    # resources).
    "agent": (_READS, _AGENTS, INFERRED),
    "data-source": (_FILLS, _BASE_KEYS, AWS_SAYS),
    "batch-job": (_WRITES, _JOBS, AWS_SAYS),
}
"""What is asked of the key in the slot `key`, where that is said, and how surely."""

_MODELS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "agent": (("model", _AGENTS, AGENT), ("override-model", _AGENTS, AGENT)),
    "knowledge-base": (("embedding-model", _BASES, KB_MODEL),),
    "data-source": (("parsing-model", _PARSED, KB_MODEL), ("enrichment-model", _GRAPHS, KB_MODEL)),
    "flow": (("model", _FLOWS, ""),),
    "agentcore-memory": (("model", _OVERRIDES, ""),),
    "agentcore-online-evaluation": (("model", _EVALUATIONS, ""),),
}
"""The slots that hold a model that is invoked, each with who says so, and the rule that tells when it may not be."""


def usages(feature: Feature, deployment: Deployment, catalog: Catalog) -> tuple[Usage, ...]:
    """What a feature asks for with its role, in a deployment whose Region is known.

    A value that is not known makes a request for a resource that is not known: it is denied only where nothing is
    allowed that could be meant.
    """
    return tuple(_Duties(feature, deployment, catalog).all())


class _Duties:
    """The requests of one feature."""

    def __init__(self, feature: Feature, deployment: Deployment, catalog: Catalog) -> None:
        self.feature = feature
        self.names = References(deployment, catalog)
        self.catalog = catalog
        self.who = f"the {KINDS.get(feature.kind, feature.kind)} `{feature.name}`"
        self.needs: dict[str, list[Need]] = {}
        """By the rule that tells when they are not met."""

    def slot(self, name: str) -> Iterator[Node]:
        return (node for node in self.feature.slots.get(name, ()) if is_text(node))

    def all(self) -> Iterator[Usage]:
        for slot, source, rule in _MODELS.get(self.feature.kind, ()):
            for node in self.slot(slot):
                yield from self.invocations(node, source, rule)
        if self.feature.kind == "batch-job":
            yield from self.batch_profiles()
        if self.feature.kind in ("agent", "flow"):
            yield from self.guardrails()
        self.asks()
        self.authorization_of_gateway()
        self.logs_of_runtime()
        self.vector_index()
        self.objects_of_source()
        self.keys()
        for rule, needs in self.needs.items():
            yield self.usage(SERVICE_ROLE.name, rule, self.who, self.feature.node)._replace(needs=tuple(needs))

    def usage(self, api: str, rule: str, words: str, node: Node, target: Target | None = None) -> Usage:
        context = {**_SERVICE_KEYS, **(_GUARDED if "guardrail" in self.feature.slots else {})}
        return Usage(
            api,
            self.names.region,
            self.names.account,
            target,
            context=context,
            rule=rule,
            words=words,
            node=node,
            nodes={"model": node} if target is not None else {},
        )

    def need(self, rule: str, action: str, resource: Text, node: Node, source: str, confidence: str = AWS_SAYS) -> None:
        found = Need(action, resource, source, node, confidence, self.owner(resource))
        self.needs.setdefault(rule, []).append(found)

    def owner(self, resource: Text) -> Mapping[str, ContextValue]:
        """Whose a resource is, where its ARN does not say it."""
        arn = arns.parse(resource)
        if arn is None or arn.account or arn.service != "s3":
            return {}
        return {"aws:resourceaccount": (self.names.account,)} if self.names.is_own_bucket(resource) else _OWNER

    # Models

    def invocations(self, node: Node, source: str, rule: str) -> Iterator[Usage]:
        target = self.names.model(node.value)
        if target is None:
            arn = node.value if arns.parse(node.value) is not None else unknown(node.value)
            confidence = INFERRED if self.feature.kind == "agentcore-memory" else AWS_SAYS
            self.need(rule, "bedrock:InvokeModel", arn, node, source, confidence)
            return
        words = f"{self.who} invoking `{target.written}`"
        found = self.usage("invoke-model", rule, words, node, target)
        yield found._replace(is_likely=self.feature.kind == "agentcore-memory" and self.is_on_mantle(target))
        if self.feature.kind == "agent":
            yield from self.agent_extras(node, target, words)
        if self.feature.kind in ("agent", "flow") and target.kind == "provisioned-model":
            arn = from_policy(target.written, variables=False)
            self.need(rule, "bedrock:GetProvisionedModelThroughput", arn, node, source)

    def is_on_mantle(self, target: Target) -> bool:
        """Whether a model is served by bedrock-mantle, which has actions of its own."""
        model = self.catalog.model(target.id)
        return model is not None and bool(model.mantle_regions)

    def agent_extras(self, node: Node, target: Target, words: str) -> Iterator[Usage]:
        """What an agent needs beside the plain invocation of its model."""
        is_profile = target.kind in (PROFILE, APPLICATION)
        streams = "streams" in self.feature.slots
        if is_profile or streams:
            # Only a caller who wants the answer as it comes makes the agent ask for a stream.
            streaming = self.usage("invoke-model-stream", AGENT, words, node, target)
            yield streaming._replace(is_likely=not streams)
        if is_profile:
            yield self.usage("get-profile", AGENT, words, node, target)
        if target.kind == PROFILE:
            model = from_policy(f"foundation-model/{model_behind(target, self.catalog)}", variables=False)
            arn = concat(f"arn:{self.names.partition}:bedrock:{target.region or self.names.region}::", model)
            # AWS lists it, and agents were made to work without (hashicorp/terraform-provider-aws#42324).
            self.need(AGENT, "bedrock:GetFoundationModel", arn, node, _AGENTS, INFERRED)

    def batch_profiles(self) -> Iterator[Usage]:
        """A job invokes what it names with its role only where that is a profile."""
        for node in self.slot("model"):
            target = self.names.model(node.value)
            if target is not None and target.kind in (PROFILE, APPLICATION):
                yield self.usage("invoke-model", BATCH, f"{self.who} invoking `{target.written}`", node, target)

    # Guardrails

    def guardrails(self) -> Iterator[Usage]:
        rule = AGENT if self.feature.kind == "agent" else ""
        source = _AGENTS if rule else _FLOWS
        for node in self.slot("guardrail"):
            arn = self.names.bedrock(node.value, "guardrail")
            declared = self.names.feature(node.value)
            named = restated(arn)
            if arns.parse(arn) is None or not named:
                self.need(rule, "bedrock:ApplyGuardrail", arn, node, source)
                continue
            profile = _guardrail_profile(declared)
            words = f"{self.who} applying its guardrail"
            found = self.usage("apply-guardrail", rule, words, node)
            yield found._replace(guardrail=Guardrail(named, profile=profile), nodes={"guardrail": node})
            for key in declared.slots.get("key", ()) if declared else ():
                self.key(key, _READS, node, _GUARDRAIL_KEYS, AWS_SAYS)

    # Everything else

    def asks(self) -> None:
        for ask in _ASKS.get(self.feature.kind, ()):
            for node in self.slot(ask.slot):
                resource = ask.on(self.names, node.value)
                for action in ask.actions if resource is not None else ():
                    self.need(ask.rule, action, resource or "", node, ask.source, ask.confidence)

    def authorization_of_gateway(self) -> None:
        """A gateway with a policy engine asks for it on the engine and on itself."""
        if self.feature.kind == "agentcore-gateway" and self.feature.arn:
            for node in self.slot("policy-engine"):
                for action in _AUTHORIZES:
                    self.need("", action, self.feature.arn, node, _ENGINES)

    def logs_of_runtime(self) -> None:
        """AWS lists it among what the role needs; a runtime starts without, and has no logs.

        So aws-ia/terraform-aws-agentcore#30 tells.
        """
        arn = arns.parse(self.feature.arn)
        if self.feature.kind == "agentcore-runtime" and arn is not None:
            group = concat("log-group:/aws/bedrock-agentcore/runtimes/", arn.id, "-", anything("endpoint"))
            stream = self.names.own(concat(group, ":log-stream:", anything("stream")), "logs")
            for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
                self.need(RUNTIME, action, stream, self.feature.node, _RUNTIMES, INFERRED)

    def vector_index(self) -> None:
        """The index of a store in S3 Vectors, which is named by its ARN or by its bucket and its name."""
        bucket = next(self.slot("vector-bucket"), None)
        for node in self.slot("vector-index"):
            arn = _arn(self.names, node.value)
            if bucket is not None and isinstance(node.value, str) and arns.parse(node.value) is None:
                arn = concat(bucket.value, "/index/", node.value)
            for action in _VECTORS if self.feature.kind == "knowledge-base" else ():
                self.need(KB_STORE, action, arn, node, _BASES)

    def objects_of_source(self) -> None:
        """What a data source reads in its bucket: everything, or what its prefixes take in."""
        if self.feature.kind != "data-source":
            return
        prefixes = list(self.slot("bucket-prefix"))
        for node in self.slot("bucket"):
            bucket = self.names.bucket(node.value)[0]
            for prefix in prefixes or (None,):
                start = prefix.value if prefix is not None else ""
                objects = concat(bucket, "/", start, anything("object"))
                self.need(KB_STORE, "s3:GetObject", objects, prefix or node, _BASES)

    def keys(self) -> None:
        actions, source, confidence = _KEYS_USED.get(self.feature.kind, ((), "", INFERRED))
        for node in self.slot("key"):
            self.key(node, actions, node, source, confidence)

    def key(self, key: Node, actions: tuple[str, ...], node: Node, source: str, confidence: str) -> None:
        """What is asked of a key; a key whose policy lies elsewhere may let the role in without the role's own."""
        if is_text(key):
            arn, is_declared = self.names.key(key.value)
            for action in actions:
                self.need(KEYS, action, arn, node, source, confidence if is_declared else INFERRED)


def _guardrail_profile(feature: Feature | None) -> str:
    """The cross-Region profile of a guardrail that is declared here, where it is known."""
    for node in feature.slots.get("profile", ()) if feature is not None else ():
        value = node.value
        arn = arns.parse(value) if is_text(node) else None
        name = arn.id if arn is not None else value
        if isinstance(name, str):
            return name
    return ""
