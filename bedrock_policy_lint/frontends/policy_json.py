"""Which policies a JSON file holds: a document, bare statements, or what the AWS CLI prints around them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends import policy_document
from bedrock_policy_lint.frontends.document import Document, Failure
from bedrock_policy_lint.model.policy import Attachment
from bedrock_policy_lint.sources import json
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import EmbeddedSource, Source, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bedrock_policy_lint.model.policy import Policy

_WRAPPERS: dict[str, Attachment] = {
    "AssumeRolePolicyDocument": Attachment("trust", True, "role"),
    "RolePolicyList": Attachment("identity", True, "role"),
    "UserPolicyList": Attachment("identity", True, "user"),
    "GroupPolicyList": Attachment("identity", True, "group"),
    "PolicyVersion": Attachment("identity", True, "managed"),
    "PolicyVersionList": Attachment("identity", True, "managed"),
    "RoleName": Attachment("identity", True, "role"),
    "UserName": Attachment("identity", True, "user"),
    "GroupName": Attachment("identity", True, "group"),
    "InlinePolicy": Attachment("identity", True, "role"),
    "VpcEndpoints": Attachment("vpc-endpoint", True),
    "VpcEndpoint": Attachment("vpc-endpoint", True),
    "ResourcePolicy": Attachment("resource", True),
    "resourcePolicy": Attachment("resource", True),
}
"""What the name of a member says about the policy inside or beside it, in the shapes that the AWS CLI prints."""

_ORGANIZATIONS = {
    "SERVICE_CONTROL_POLICY": Attachment("scp", True),
    "RESOURCE_CONTROL_POLICY": Attachment("rcp", True),
}
_DOCUMENT_MEMBERS = frozenset(
    {"Document", "PolicyDocument", "AssumeRolePolicyDocument", "Content", "Policy", "InlinePolicy"}
    | {"ResourcePolicy", "resourcePolicy", "policy", "policyDocument", "policyText"}
)
_REPEATED = frozenset({"InstanceProfileList"})
"""Members of get-account-authorization-details that hold once more what the roles hold."""

_MOST_INSIDE = 5
"""A policy in a string is common, one in a string of a string happens; deeper ones only keep the machine busy."""

_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+|\+")
_percent_encoded = re.compile(r"\s*(?:%0[9AaDd]|%20|\+)*%(?:7[Bb]|5[Bb])").match
_UNDECODED = re.compile("[\udc80-\udcff]")
_TEMPLATE_MEMBERS = frozenset({"AWSTemplateFormatVersion", "resource_changes", "planned_values", "terraform_version"})


def mentions_policy(text: str) -> bool:
    """Whether a text can hold a policy at all: a cheap test before anything is parsed."""
    return "Effect" in text or "Statement" in text or "2012-10-17" in text


def read(source: Source, attachment: Attachment | None, *, claimed: bool) -> Document:
    """The policies of a JSON text.

    `attachment` is what the user says the file is; `claimed` that the file is known to be JSON, so that broken JSON is
    reported even where it does not speak of policies.
    """
    return _Reader(source, attachment).read(claimed)


class _Reader:
    """Finds the policies of one file and reads each."""

    def __init__(self, source: Source, attachment: Attachment | None) -> None:
        self.source = source
        self.attachment = attachment
        self.document = Document(source)
        self.inside = 0
        """In how many strings inside one another the reader is."""

    def read(self, claimed: bool) -> Document:
        text = self.source.text
        if claimed and "\0" in text:
            self.unreadable(text.index("\0"))
        elif _percent_encoded(text):
            self.embedded_percent(self.source, text, range(len(text) + 1))
        elif claimed or mentions_policy(text):
            root = self.parse(self.source, None, claimed=claimed)
            if root is not None:
                self.root(root, self.attachment)
        return self.document

    def unreadable(self, at: int) -> None:
        span = Span(self.source, at, at + 1)
        message = "it holds NUL characters, as text in UTF-16 does"
        self.document.failures.append(Failure("unreadable-file", span, message, "save it as UTF-8"))

    def parse(self, source: Source, host: Node | None, *, claimed: bool = True) -> Node | None:
        document = self.document
        try:
            root, slips = json.read(source)
        except json.JsonError as error:
            if claimed or mentions_policy(source.text):
                span = Span(source, error.start, min(error.end, len(source.text)))
                kind = "unreadable-file" if isinstance(error, json.LimitError) else "invalid-json"
                document.failures.append(Failure(kind, span, error.message, error.hint, error.opened))
                document.add_root(Node("", 0, len(source.text), source), host)
            return None
        document.add_root(root, host)
        document.slips.extend((source, slip) for slip in slips)
        return root

    def root(self, root: Node, attachment: Attachment | None) -> None:
        """Read what a whole text holds: the file's, or one that stands in a string of it."""
        if isinstance(root.value, Object):
            if not _is_template(root):
                self.object(root, attachment)
        elif isinstance(root.value, list):
            if _are_statements(root.value):
                self.policy(root, attachment, "statements")
            else:
                self.walk(root, attachment)
        elif isinstance(root.value, str):
            self.string(root, attachment)

    def object(self, node: Node, attachment: Attachment | None) -> None:
        if _is_document(node):
            self.policy(node, attachment, "document")
        elif _is_statement(node):
            self.policy(node, attachment, "statement")
        else:
            self.walk(node, attachment)

    def walk(self, node: Node, attachment: Attachment | None) -> None:
        """Look for policies in what is wrapped around them."""
        if not isinstance(node.value, Object):
            for item in node.value:
                if isinstance(item.value, Object):
                    self.object(item, attachment)
                elif type(item.value) is list:
                    self.walk(item, attachment)
            return
        beside = self.attachment or _from_summary(node) or _from_names(node) or attachment
        for key, value in node.value.pairs():
            inside = self.attachment or _WRAPPERS.get(key.value) or beside
            if key.value in _REPEATED:
                continue
            if key.value == "PolicyVersionList":
                self.versions(node, value, inside)
            elif isinstance(value.value, Object):
                self.object(value, inside)
            elif type(value.value) is list:
                self.walk(value, inside)
            elif isinstance(value.value, str) and key.value in _DOCUMENT_MEMBERS:
                self.string(value, inside)

    def versions(self, managed: Node, versions: Node, attachment: Attachment | None) -> None:
        """The version of a managed policy that is in force."""
        boundary = self.attachment or _boundary(managed) or attachment
        for version in versions.items:
            if isinstance(version.value, Object) and not _is_stale(version):
                self.object(version, boundary)

    def string(self, node: Node, attachment: Attachment | None) -> None:
        """A policy inside a JSON string, plain or percent-encoded."""
        text: str = node.value
        if not mentions_policy(text):
            return
        if _percent_encoded(text):
            offsets = node.offsets()
            self.embedded_percent(node.source, text, offsets, node, attachment)
        elif text.lstrip()[:1] in ("{", "["):
            offsets = node.offsets()
            self.embedded(EmbeddedSource(node.source, text, offsets), node, attachment)

    def embedded_percent(
        self,
        source: Source,
        text: str,
        offsets: Sequence[int],
        host: Node | None = None,
        attachment: Attachment | None = None,
    ) -> None:
        from array import array

        decoded, places = _percent_decode(text)
        offsets = array("I", map(offsets.__getitem__, places))
        inner = EmbeddedSource(source, decoded, offsets, percent_encoded=True)
        self.embedded(inner, host, attachment)

    def embedded(self, source: EmbeddedSource, host: Node | None, attachment: Attachment | None) -> None:
        if host is not None and self.inside == _MOST_INSIDE:
            span = Span(host.source, host.start, host.end)
            message = f"a policy stands here in strings inside strings, more than {_MOST_INSIDE} deep"
            self.document.failures.append(Failure("unreadable-file", span, message, "put it into a file of its own"))
            return
        self.inside += 1
        root = self.parse(source, host)
        if root is not None and not isinstance(root.value, str):
            self.root(root, self.attachment or attachment)
        self.inside -= 1

    def policy(self, node: Node, attachment: Attachment | None, written: str) -> None:
        guess = attachment or likely_attachment(node, written)
        policy = policy_document.read(node, guess, self.document.defects, written=written)
        if attachment is None:
            policy.attachment = refined(policy)
        self.document.policies.append(policy)


def _is_template(root: Node) -> bool:
    """Whether the file is a template or plan: other dialects, in which a policy is not yet a policy."""
    if any(key.value in _TEMPLATE_MEMBERS for key, _ in root.value.pairs()) or _is_construct_tree(root):
        return True
    resources = root.value.get("Resources")
    if resources is None or not isinstance(resources.value, Object):
        return False
    return any(isinstance(entry.value, Object) and entry.value.get("Type") for _, entry in resources.value.pairs())


def _is_construct_tree(root: Node) -> bool:
    """Whether it is what the CDK writes beside its templates: every policy once more, not yet computed."""
    version = root.value.get("version")
    return version is not None and isinstance(version.value, str) and version.value.startswith("tree-")


def _is_document(node: Node) -> bool:
    version = node.value.get("Version")
    if version is not None and version.value in policy_document.VERSIONS:
        return True
    statement = node.value.get("Statement")
    if statement is not None:
        return isinstance(statement.value, list)
    return _is_document_in_lower_case(node)


def _is_document_in_lower_case(node: Node) -> bool:
    """Whether it is a policy but for the letter case of its elements, which IAM does not forgive."""
    lowered = {key.value.lower(): value for key, value in node.value.pairs()}
    version = lowered.get("version")
    return version is not None and version.value in policy_document.VERSIONS and "statement" in lowered


def _is_statement(node: Node) -> bool:
    if not isinstance(node.value, Object) or node.value.get("Effect") is None:
        return False
    return any(node.value.get(name) is not None for name in ("Action", "NotAction", "Resource", "Principal"))


def _are_statements(items: list[Node]) -> bool:
    """Whether a list holds statements and nothing else; one of them may lack its Effect."""
    if not any(_is_statement(item) for item in items):
        return False
    known = policy_document.STATEMENT_ELEMENTS
    return all(isinstance(item.value, Object) and any(item.value.get(name) for name in known) for item in items)


def _is_stale(version: Node) -> bool:
    """Whether it is a version of a managed policy that is not in force."""
    default = version.value.get("IsDefaultVersion")
    return default is not None and default.value is False


def _boundary(managed: Node) -> Attachment | None:
    """The attachment of a managed policy that is only used as a permissions boundary."""
    attached, bounding = managed.value.get("AttachmentCount"), managed.value.get("PermissionsBoundaryUsageCount")
    if attached is None or bounding is None or attached.value != 0 or not bounding.value:
        return None
    return Attachment("boundary", True, "managed")


def _from_summary(node: Node) -> Attachment | None:
    summary = node.value.get("PolicySummary")
    if summary is None or not isinstance(summary.value, Object):
        return None
    kind = summary.value.get("Type")
    return _ORGANIZATIONS.get(str(kind.value)) if kind is not None else None


def _from_names(node: Node) -> Attachment | None:
    if node.value.get("PolicyDocument") is None:
        return None
    for name in ("RoleName", "UserName", "GroupName"):
        if node.value.get(name) is not None:
            return _WRAPPERS[name]
    return None


def likely_attachment(node: Node, written: str = "document") -> Attachment:
    """What a document without a label most likely is, judged by its statements' elements."""
    statements = node if written != "document" else node.value.get("Statement")
    if statements is None:
        return Attachment("identity")
    items = [item for item in statements.items if isinstance(item.value, Object)]
    with_principal = any(item.value.get("Principal") or item.value.get("NotPrincipal") for item in items)
    with_resource = any(item.value.get("Resource") or item.value.get("NotResource") for item in items)
    if not with_resource:
        actions = [action for item in items for action in _actions(item)]
        assumes = [action.startswith("sts:") for action in actions]
        if assumes and (any(assumes) if with_principal else all(assumes)):
            return Attachment("trust")
    return Attachment("resource" if with_principal else "identity")


def _actions(statement: Node) -> list[str]:
    action = statement.value.get("Action")
    return [item.value.lower() for item in action.items if isinstance(item.value, str)] if action else []


def refined(policy: Policy) -> Attachment:
    """A document that only denies reads like a service control policy; nothing certain follows from it."""
    attachment = policy.attachment
    if attachment.kind == "identity" and policy.statements and all(statement.denies for statement in policy.statements):
        return Attachment("scp")
    return attachment


def _percent_decode(text: str) -> tuple[str, Sequence[int]]:
    """The decoded text, and where each of its characters begins in the encoded one."""
    from array import array
    from urllib.parse import unquote_to_bytes

    decoded: list[str] = []
    offsets = array("I")
    at = 0
    for match in _PERCENT.finditer(text):
        offsets.extend(range(at, match.start()))
        decoded.append(text[at : match.start()])
        at = match.start()
        # A byte that is not UTF-8 becomes one character, so that the offsets stay exact.
        piece = " " if match[0] == "+" else unquote_to_bytes(match[0]).decode("utf-8", "surrogateescape")
        for char in piece:
            offsets.append(at)
            at += 1 if match[0] == "+" else 3 * len(char.encode("utf-8", "surrogateescape"))
        decoded.append(_UNDECODED.sub("\ufffd", piece))
    offsets.extend(range(at, len(text) + 1))
    decoded.append(text[at:])
    return "".join(decoded), offsets
