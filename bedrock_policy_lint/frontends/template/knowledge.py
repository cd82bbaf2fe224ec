"""Knowledge bases and their data sources: the stores they write to and what they read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.places import text_at
from bedrock_policy_lint.frontends.template.computed import placed
from bedrock_policy_lint.model.text import join, parts_of

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.resources import AnyResources, Resource
    from bedrock_policy_lint.sources.node import Node

_BASE = "AWS::Bedrock::KnowledgeBase"

STORES = {
    "OPENSEARCH_SERVERLESS": "opensearch-serverless",
    "OPENSEARCH_MANAGED_CLUSTER": "opensearch-managed",
    "S3_VECTORS": "s3-vectors",
    "RDS": "rds",
    "PINECONE": "pinecone",
    "MONGO_DB_ATLAS": "mongodb",
    "NEPTUNE_ANALYTICS": "neptune",
    "KENDRA": "kendra",
    "SQL": "sql",
}
"""The words of the slot `store-kind`, by the type of the store or of the knowledge base."""

_VECTORS = "StorageConfiguration.S3VectorsConfiguration"
_ENGINE = "KnowledgeBaseConfiguration.SqlKnowledgeBaseConfiguration.RedshiftConfiguration.QueryEngineConfiguration"
_EMBEDDING = "KnowledgeBaseConfiguration.VectorKnowledgeBaseConfiguration"
_SUPPLEMENT = "SupplementalDataStorageConfiguration.SupplementalDataStorageLocations[].S3Location.URI"

SLOTS = {
    "embedding-model": (f"{_EMBEDDING}.EmbeddingModelArn",),
    "multimodal-bucket": (f"{_EMBEDDING}.{_SUPPLEMENT}",),
    "collection": ("StorageConfiguration.OpensearchServerlessConfiguration.CollectionArn",),
    "domain": ("StorageConfiguration.OpensearchManagedClusterConfiguration.DomainArn",),
    "vector-bucket": (f"{_VECTORS}.VectorBucketArn",),
    "vector-index": (f"{_VECTORS}.IndexArn",),
    "cluster": ("StorageConfiguration.RdsConfiguration.ResourceArn",),
    "graph": ("StorageConfiguration.NeptuneAnalyticsConfiguration.GraphArn",),
    "kendra-index": ("KnowledgeBaseConfiguration.KendraKnowledgeBaseConfiguration.KendraIndexArn",),
    "workgroup": (f"{_ENGINE}.ServerlessConfiguration.WorkgroupArn",),
    "secret": (
        *(
            f"StorageConfiguration.{store}Configuration.CredentialsSecretArn"
            for store in ("Rds", "Pinecone", "MongoDbAtlas")
        ),
        *(
            f"{_ENGINE}.{engine}Configuration.AuthConfiguration.UsernamePasswordSecretArn"
            for engine in ("Provisioned", "Serverless")
        ),
    ),
}
"""What a knowledge base names, by paths."""

_INGESTION = "VectorIngestionConfiguration"
_TRANSFORMATION = f"{_INGESTION}.CustomTransformationConfiguration"

SOURCE_SLOTS = {
    "knowledge-base": ("KnowledgeBaseId",),
    "bucket": ("DataSourceConfiguration.S3Configuration.BucketArn",),
    "bucket-prefix": ("DataSourceConfiguration.S3Configuration.InclusionPrefixes[]",),
    "bucket-owner": ("DataSourceConfiguration.S3Configuration.BucketOwnerAccountId",),
    "parsing-model": (f"{_INGESTION}.ParsingConfiguration.BedrockFoundationModelConfiguration.ModelArn",),
    "enrichment-model": (f"{_INGESTION}.ContextEnrichmentConfiguration.BedrockFoundationModelConfiguration.ModelArn",),
    "function": (
        f"{_TRANSFORMATION}.Transformations[].TransformationFunction.TransformationLambdaConfiguration.LambdaArn",
    ),
    "transformation-bucket": (f"{_TRANSFORMATION}.IntermediateStorage.S3Location.URI",),
    "secret": tuple(
        f"DataSourceConfiguration.{source}Configuration.SourceConfiguration.CredentialsSecretArn"
        for source in ("Confluence", "Salesforce", "SharePoint")
    ),
    "key": ("ServerSideEncryptionConfiguration.KmsKeyArn",),
}
"""What a data source names, by paths."""


def base(resources: AnyResources, component: Resource) -> dict[str, list[Node]]:
    """What a knowledge base names that no path tells."""
    return {"store-kind": _store_kind(component), "vector-index": _index_by_name(component)}


def _store_kind(component: Resource) -> list[Node]:
    nodes = (text_at(component, path) for path in ("StorageConfiguration.Type", "KnowledgeBaseConfiguration.Type"))
    return [
        placed(STORES[node.value], node)
        for node in nodes
        if node is not None and isinstance(node.value, str) and node.value in STORES
    ]


def _index_by_name(component: Resource) -> list[Node]:
    """The ARN of a vector index that is given by its bucket and name."""
    bucket, name = text_at(component, f"{_VECTORS}.VectorBucketArn"), text_at(component, f"{_VECTORS}.IndexName")
    if bucket is None or name is None or text_at(component, f"{_VECTORS}.IndexArn") is not None:
        return []
    return [placed(join([*parts_of(bucket.value), "/index/", *parts_of(name.value)]), name)]


def source(resources: AnyResources, component: Resource) -> dict[str, list[Node]]:
    """What a data source names that no path tells."""
    strategy = text_at(component, f"{_INGESTION}.ParsingConfiguration.ParsingStrategy")
    is_automated = strategy is not None and strategy.value == "BEDROCK_DATA_AUTOMATION"
    return {"parsing-automation": [strategy] if strategy is not None and is_automated else []}


def borrowed(resources: AnyResources, component: Resource) -> Node | None:
    """Where the knowledge base that a data source fills is given its role, when it is declared beside it."""
    named = text_at(component, "KnowledgeBaseId")
    found = resources.owner(named, _BASE) if named is not None else None
    return text_at(found, "RoleArn") if found is not None else None
