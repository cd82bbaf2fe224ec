"""What the values of a deployment name: models, and resources as the ARNs that requests carry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import APPLICATION
from bedrock_policy_lint.deployment.models import restated, target_of
from bedrock_policy_lint.model import arn as arns
from bedrock_policy_lint.model.pattern import is_wild
from bedrock_policy_lint.model.text import Hole, Template, Text, is_text, only_hole, split
from bedrock_policy_lint.usage import targets
from bedrock_policy_lint.usage.call import concat, hole
from bedrock_policy_lint.usage.usage import Target

if TYPE_CHECKING:
    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.deployment.deployment import Deployment, Feature

_IN_MODULES = r'(?:module\.[\w-]+(?:\[(?:"(?:[^"\\]|\\.)*"|\d+|\*)\])?\.)*'
"""How addresses of Terraform's begin: `module.search["eu"].`"""
_ACCOUNT = Template((Hole("AWS::AccountId", "${AWS::AccountId}"),))


class References:
    """Reads the values of one deployment whose Region is known."""

    def __init__(self, deployment: Deployment, catalog: Catalog) -> None:
        self.deployment = deployment
        self.catalog = catalog
        self.region = deployment.world.region
        self.account: Text = deployment.world.account or (_ACCOUNT if deployment.is_template else hole("account"))
        self.partition = catalog.partition_of(self.region) or "aws"

    def feature(self, text: Text) -> Feature | None:
        """What of Bedrock's is declared here and named by a text: by its ARN, its id, or a reference to it."""
        for feature in self.deployment.features:
            if feature.arn and text in (feature.arn, _id(feature.arn)):
                return feature
            if refers_to(text, feature.name):
                return feature
        return None

    def model(self, text: Text) -> Target | None:
        """What a value names that is known to stand for a model; None when that is not known."""
        feature = self.feature(text)
        if feature is not None and feature.kind == APPLICATION:
            return self._application(feature, text)
        return self._plain_model(text)

    def declared_model(self, text: Text) -> Target | None:
        """What a value names that may be anything: a model beyond doubt, or a profile that is declared here."""
        feature = self.feature(text)
        if feature is not None and feature.kind == APPLICATION:
            return self._application(feature, text)
        return target_of(text, self.region, self.catalog)

    def _plain_model(self, text: Text) -> Target | None:
        if isinstance(text, str) and not is_wild(text):
            return targets.parse(text, self.region, self.catalog)
        return target_of(text, self.region, self.catalog)

    def _application(self, feature: Feature, written: Text) -> Target | None:
        sources = (self._plain_model(node.value) for node in feature.slots.get("source", ()) if is_text(node))
        found = tuple(source for source in sources if source is not None)
        named = self.named(feature.arn, APPLICATION)
        return named._replace(written=str(written), sources=found) if named else None

    def named(self, arn: Text, kind: str) -> Target | None:
        """What an ARN names, holes included, where the same text can be put together again."""
        parsed = arns.parse(arn)
        if parsed is None or parsed.type != kind or not isinstance(parsed.region, str):
            return None
        written = restated(arn)
        if not isinstance(parsed.partition, str) or not written:
            return None
        return Target(kind, str(parsed.id), written, parsed.region, restated(parsed.account), parsed.partition)

    def bedrock(self, text: Text, kind: str) -> Text:
        """The ARN of a resource of Bedrock's that is named by its id or ARN; a hole where it may be either."""
        feature = self.feature(text)
        if feature is not None and feature.arn:
            return feature.arn
        if arns.parse(text) is not None:
            return text
        return self.own(f"{kind}/{text}", "bedrock") if isinstance(text, str) else unknown(text)

    def own(self, resource: Text, service: str) -> Text:
        """An ARN in the deployment's Region and account."""
        return concat(f"arn:{self.partition}:{service}:{self.region}:", self.account, ":", resource)

    def key(self, text: Text) -> tuple[Text, bool]:
        """The ARN of a KMS key, and whether its policy is declared here."""
        attached = [entry.resource for entry in self.deployment.resource_policies if _service(entry.resource) == "kms"]
        for arn in attached:
            if text in (arn, _id(arn)):
                return arn, True
        parsed = arns.parse(text)
        is_key = parsed is not None and parsed.service == "kms" and parsed.type == "key"
        return (text if is_key else unknown(text)), False

    def bucket(self, text: Text) -> tuple[Text, Text]:
        """The ARN of a bucket that is named by name, ARN or address, and the rest of what is named, if anything."""
        head = split(text, ":::", 1)
        if len(head) == 2 and _service(text) == "s3":
            name, *key = split(head[1], "/", 1)
            return concat(head[0], ":::", name), key[0] if key else ""
        address = split(text, "://", 1)
        if len(address) == 2 and address[0] == "s3":
            name, *key = split(address[1], "/", 1)
            return concat(f"arn:{self.partition}:s3:::", name), key[0] if key else ""
        # A name that is not known may be an ARN or an address as well.
        name = text if isinstance(text, str) else unknown(text)
        return (concat(f"arn:{self.partition}:s3:::", name) if isinstance(text, str) else name), ""

    def is_own_bucket(self, arn: Text) -> bool:
        """Whether the bucket of an ARN is certainly made in the same deployment."""
        bucket = self.bucket(arn)[0]
        if any(entry.resource == bucket for entry in self.deployment.resource_policies):
            return True
        hole = only_hole(split(bucket, ":::", 1)[-1])
        return hole is not None and is_made(hole.name, self.deployment, "aws_s3_bucket")

    def repository(self, image: Text) -> Text | None:
        """The ARN of the private repository of a container image; None for an image from elsewhere."""
        account, *rest = split(image, ".dkr.ecr.", 1)
        if not rest:
            return None if isinstance(image, str) else unknown(image)
        where, _, path = _cut(rest[0], ".")
        _, slash, name = _cut(path, "/")
        if not slash:
            return unknown(image)
        name = split(split(name, "@", 1)[0], ":", 1)[0]
        return concat(f"arn:{self.partition}:ecr:", where, ":", account, ":repository/", name)

    def log_group(self, text: Text) -> Text:
        """The ARN of a log group that is named by its name or ARN, without the star that `GetAtt` puts behind it."""
        parsed = arns.parse(text)
        if parsed is None:
            return self.own(f"log-group:{text}", "logs") if isinstance(text, str) else unknown(text)
        fields = split(parsed.resource, ":", 2)
        return self._of_log_group(parsed, fields[1]) if len(fields) > 1 else unknown(text)

    def _of_log_group(self, parsed: arns.Arn, name: Text) -> Text:
        return concat("arn:", parsed.partition, ":logs:", parsed.region, ":", parsed.account, ":log-group:", name)


def unknown(text: Text) -> Text:
    """A resource of which no more is known than the value that names it."""
    if only_hole(text) is not None:
        return text
    return Template((Hole(f"resource of {text}", str(text)),))


def anything(name: str) -> Text:
    """A part of a name that only the request knows."""
    return Template((Hole(name, f"<{name}>"),))


def refers_to(text: Text, name: str) -> bool:
    """Whether a text is nothing but a reference to what is declared under that name, or to an attribute of it."""
    hole = only_hole(text)
    return hole is not None and (hole.name == name or hole.name.startswith(f"{name}."))


def is_made(name: str, deployment: Deployment, kind: str) -> bool:
    """Whether what a reference names is certainly made by the template; in Terraform, a resource of that type."""
    if deployment.document.is_terraform:
        return re.match(rf"{_IN_MODULES}{kind}\.", name) is not None
    base = name.partition(".")[0]
    return base.isalnum() and all(parameter.name != base for parameter in deployment.parameters)


def _id(arn: Text) -> Text | None:
    parsed = arns.parse(arn)
    return parsed.id or None if parsed else None


def _service(text: Text) -> Text | None:
    parsed = arns.parse(text)
    return parsed.service if parsed else None


def _cut(text: Text, separator: str) -> tuple[Text, bool, Text]:
    first, *rest = split(text, separator, 1)
    return first, bool(rest), rest[0] if rest else ""
