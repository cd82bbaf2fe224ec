"""The policies that a declaration names or holds: each file is read once, each inline document where it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bedrock_policy_lint.authorize.layers import ResourcePolicy
from bedrock_policy_lint.frontends import policy_document, policy_json
from bedrock_policy_lint.frontends.declared_values import Values, shown
from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.model import arn as arns
from bedrock_policy_lint.model.pattern import is_wild
from bedrock_policy_lint.model.policy import Attachment, Policy
from bedrock_policy_lint.sources.files import Refusal
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import Source
from bedrock_policy_lint.wording import found

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.document import Failure

_MOST_DOCUMENTS = 5000
_MOST_MENTIONS = 100_000
"""So often a policy may be named: in a file with references to other parts of it a few lines can name millions."""
LAYERS = {
    "identity": "identity",
    "boundary": "boundary",
    "session": "session",
    "scp": "scp",
    "rcp": "rcp",
    "vpc-endpoint": "endpoint",
    "resource": "resource",
}
"""The layer that a policy of each kind belongs to."""
_EXPECTED = "a path or a policy, or a list of those"

Load = Callable[[str], Source | Refusal]


class Slots:
    """Reads what stands in `policies`, `boundary`, `scps` and the like."""

    def __init__(self, values: Values, document: Document, load: Load) -> None:
        self.values = values
        self.document = document
        self.load = load
        self.missed: set[str] = set()
        """Layers of which a policy that is named could not be had; the reader of a principal starts them anew."""
        self._documents: dict[str, Document] = {}
        self._loaded: dict[str, Source | Refusal] = {}
        self._read: dict[tuple[str, str], Document] = {}
        self._inline: dict[tuple[int, str], Policy] = {}
        self._mentions = 0

    @property
    def documents(self) -> tuple[Document, ...]:
        """Those of the policy files, in the order in which they were first named."""
        return tuple(self._documents.values())

    def slot(self, node: Node, key: str, kind: str) -> tuple[Policy, ...]:
        """The policies of a slot: a path, an inline document, or a list of both."""
        return tuple(policy for entry in node.items for policy in self._entry(entry, key, kind))

    def levels(self, node: Node, key: str, kind: str) -> tuple[tuple[Policy, ...], ...]:
        """Level by level: each entry of the list is one, and may be a list itself."""
        return tuple(self.slot(level, key, kind) for level in node.items)

    def of_resources(self, node: Node, key: str) -> tuple[ResourcePolicy, ...]:
        """The policies of resources, by ARN."""
        if not isinstance(node.value, Object):
            self.values.expect(node, key, "a mapping of ARNs to policies")
            return ()
        policies: list[ResourcePolicy] = []
        for name, value in self.values.pairs(node.value):
            if arns.parse(name.value) is None or is_wild(name.value):
                hint = "write the ARN of the one resource that the policy is attached to"
                self.values.tell(name, f"{shown(name)} is no ARN of a resource", hint)
                continue
            policies += (ResourcePolicy(name.value, policy) for policy in self.slot(value, key, "resource"))
        return tuple(policies)

    def _entry(self, node: Node, key: str, kind: str) -> tuple[Policy, ...]:
        self._mentions += 1
        if self._mentions > _MOST_MENTIONS:
            return self._miss(node, kind, f"more than {_MOST_MENTIONS:,} policies are named", "divide the declaration")
        if isinstance(node.value, Object):
            return self._document(node, kind)
        if not isinstance(node.value, str) or not node.value:
            return self._miss(node, kind, f"`{key}`: expected {_EXPECTED}, found {shown(node)}")
        if node.value.lstrip()[:1] in ("{", "["):
            return self._miss(
                node, kind, f"`{key}`: a policy stands in a text here", "write it as it is, without quotes"
            )
        return self._file(node, kind)

    def _document(self, node: Node, kind: str) -> tuple[Policy, ...]:
        # An alias of YAML shares the value that it stands for.
        known = self._inline.get((id(node.value), kind))
        if known is None:
            if self._is_full():
                return self._too_many(node, kind)
            is_bare = node.value.get("Effect") is not None and node.value.get("Statement") is None
            written = "statement" if is_bare else "document"
            defects = self.document.defects
            known = policy_document.read(node, Attachment(kind, certain=True), defects, written=written)
            self._inline[id(node.value), kind] = known
            self.document.policies.append(known)
        return (known,)

    def _file(self, node: Node, kind: str) -> tuple[Policy, ...]:
        path: str = node.value
        source = self._loaded.get(path)
        if source is None:
            if len(self._loaded) >= _MOST_DOCUMENTS:
                return self._too_many(node, kind)
            source = self._loaded[path] = self.load(path)
        if isinstance(source, Refusal):
            return self._miss(node, kind, f"{found(path)} cannot be read: {source.message}", source.hint)
        document = self._read.get((source.path, kind))
        if document is None:
            document = policy_json.read(source, Attachment(kind, certain=True), claimed=True)
            self._read[source.path, kind] = document
            # A file that is attached as two kinds is still one file: it is listed as what it is first.
            self._documents.setdefault(source.path, document)
        for failure in document.failures:
            self._miss(node, kind, f"{found(path)} cannot be read: {_told(failure)}", failure.hint)
        if not document.policies and not document.failures:
            self._miss(node, kind, f"{found(path)} holds no policy")
        return tuple(document.policies)

    def _is_full(self) -> bool:
        return len(self._loaded) + len(self._inline) >= _MOST_DOCUMENTS

    def _too_many(self, node: Node, kind: str) -> tuple[Policy, ...]:
        return self._miss(node, kind, f"more than {_MOST_DOCUMENTS:,} policies are declared", "divide the declaration")

    def _miss(self, node: Node, kind: str, message: str, hint: str = "") -> tuple[Policy, ...]:
        self.values.tell(node, message, hint)
        self.missed.add(LAYERS[kind])
        return ()


def _told(failure: Failure) -> str:
    span = failure.span.source.in_file(failure.span.start, failure.span.end)
    point = span.source.point(span.start)
    kind = "it is not JSON: " if failure.kind == "invalid-json" else ""
    return f"line {point.line}: {kind}{failure.message}"
