"""What a fix does to access, computed from the statements before and after: nobody types the label."""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache

from bedrock_policy_lint.authorize.compare import compare, expander
from bedrock_policy_lint.authorize.decision import SAME
from bedrock_policy_lint.authorize.pieces import Expand, Piece, pieces
from bedrock_policy_lint.catalog import Catalog
from bedrock_policy_lint.fix.json_edits import Rewrite
from bedrock_policy_lint.frontends import policy_document, policy_json
from bedrock_policy_lint.frontends.document import Defect, Document
from bedrock_policy_lint.model.policy import Policy, Statement
from bedrock_policy_lint.sources import json
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import Source

LARGEST = 256 * 1024
"""In a longer document or statement a fix is advice only: judging it would mean reading all of it again."""
_MOST_BESIDE = 100
"""In a policy with more statements a change is judged without the others: that would take too long for every fix."""


def label(document: Document, rewrites: list[Rewrite], catalog: Catalog) -> str | None:
    """`same access`, `grants less` or `grants more`; None when it cannot be judged, and so must not be applied."""
    source = rewrites[0].source
    if any(rewrite.source is not source for rewrite in rewrites):
        return None
    policy = _policy_of(document, source, rewrites)
    if policy is None:
        return None
    statement = _statement_of(policy, rewrites)
    node = statement.node if statement else policy.node
    if not statement and rewrites[0].start < node.start:
        node = Node(None, 0, len(source.text), source)
    if node.end - node.start > LARGEST:
        return None
    after = _reread(node, rewrites, policy)
    if after is None:
        return None
    before = [statement] if statement else policy.statements
    expand = expander(catalog)
    change = compare(before, after.statements, expand)
    if change != SAME and statement and len(policy.statements) <= _MOST_BESIDE:
        # What the statement loses or gains another one may still allow, or deny anyhow.
        change = compare(before, after.statements, expand, _beside(statement, expand))
    after.release()
    return change


def _beside(statement: Statement, expand: Expand) -> set[Piece]:
    """What the other statements of the policy say."""
    each = _said(statement.policy, expand)
    others = zip(statement.policy.statements, each, strict=True)
    return {piece for other, said in others if other is not statement for piece in said}


@lru_cache(maxsize=2)
def _said(policy: Policy, expand: Expand) -> list[set[Piece]]:
    return [pieces([statement], expand) for statement in policy.statements]


def keeps_access(before: Source, after: Source, catalog: Catalog) -> bool:
    """Whether every policy in a text still allows the same in another: each fix alone may, and two together not."""
    old = policy_json.read(before, None, claimed=False).policies
    new = policy_json.read(after, None, claimed=False).policies
    expand = expander(catalog)
    kept = len(old) == len(new) and all(
        compare(one.statements, other.statements, expand) == SAME for one, other in zip(old, new, strict=True)
    )
    for policy in (*old, *new):
        policy.release()
    return kept


def _policy_of(document: Document, source: Source, rewrites: list[Rewrite]) -> Policy | None:
    candidates = [policy for policy in document.policies if policy.node.source is source]
    for policy in candidates:
        if all(policy.node.start <= rewrite.start and rewrite.end <= policy.node.end for rewrite in rewrites):
            return policy
    return candidates[0] if len(candidates) == 1 else None


def _statement_of(policy: Policy, rewrites: list[Rewrite]) -> Statement | None:
    first = min(rewrite.start for rewrite in rewrites)
    at = bisect_left(policy.statements, first, key=lambda statement: statement.node.start) - 1
    if at < 0:
        return None
    statement = policy.statements[at]
    return statement if all(rewrite.end < statement.node.end for rewrite in rewrites) else None


def apply_to(text: str, base: int, rewrites: list[Rewrite]) -> str:
    """`text`, which begins at offset `base` of its source, with the stretches rewritten."""
    pieces = []
    at = base
    for rewrite in sorted(rewrites, key=lambda rewrite: (rewrite.start, rewrite.end)):
        pieces += [text[at - base : rewrite.start - base], rewrite.text]
        at = rewrite.end
    return "".join(pieces) + text[at - base :]


def _reread(node: Node, rewrites: list[Rewrite], policy: Policy) -> Policy | None:
    """The policy as it reads after the rewrite, or None when the rewrite would break it."""
    text = apply_to(node.source.text[node.start : node.end], node.start, rewrites)
    try:
        root, _ = json.read(Source(node.source.path, text))
    except json.JsonError:
        return None
    defects: list[Defect] = []
    if isinstance(root.value, Object) and root.value.get("Statement") is not None:
        after = policy_document.read(root, policy.attachment, defects)
    else:
        after = policy_document.read(root, policy.attachment, defects, written="statement")
        after.has_variables = policy.has_variables
    broken = {defect.kind for defect in defects} & {"wrong-type", "missing-element", "empty-element"}
    if broken:
        after.release()
        return None
    return after
