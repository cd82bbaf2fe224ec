"""What a fix does to access, computed from the statements before and after: nobody types the label."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.authorize.compare import compare, expander
from bedrock_policy_lint.authorize.decision import SAME
from bedrock_policy_lint.authorize.pieces import Expand, Piece, pieces
from bedrock_policy_lint.catalog import Catalog
from bedrock_policy_lint.finding import TextEdit
from bedrock_policy_lint.fix.rewrite import Rewrite
from bedrock_policy_lint.frontends import policy_document, policy_json
from bedrock_policy_lint.frontends.document import Defect, Document, Reread
from bedrock_policy_lint.model.policy import Policy, Statement
from bedrock_policy_lint.sources import json
from bedrock_policy_lint.sources.files import no_file
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import Source
from bedrock_policy_lint.sources.yaml import Tag

if TYPE_CHECKING:
    from collections.abc import Iterable

LARGEST = 256 * 1024
"""In a longer document or statement a fix is advice only: judging it would mean reading all of it again."""
_MOST_BESIDE = 100
"""In a policy with more statements a change is judged without the others: that would take too long for every fix."""

_MOST_CHANGED = 20
"""So many policies may change with a text of Terraform that several modules or instances share."""

_BREAKS = ("wrong-type", "missing-element", "empty-element")
"""Defects that make a policy unusable."""


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


class _Whole(NamedTuple):
    """A policy that stands in a file as a mapping, and the stretch that it takes up."""

    policy: Policy
    start: int
    end: int


def read_anew(document: Document, edits: list[TextEdit]) -> int:
    """How many characters are read to judge edits in a file that no policy can be taken out of without its form."""
    if document.language == "hcl":
        from bedrock_policy_lint.fix.hcl_site import path_to, stretch_of

        # What else hangs on the block is read at the expense of the configuration.
        path = path_to(document.source, min(edits).start, max(edit.end for edit in edits))
        start, end = stretch_of(path[min(1, len(path) - 1)])
        return end - start
    whole = _whole(document, edits)
    return whole.end - whole.start if whole else len(document.source.text)


def label_anew(document: Document, edits: list[TextEdit], catalog: Catalog) -> str | None:
    """The same of edits in a file that has to be read again; None, too, where they change two policies."""
    whole = _whole(document, edits)
    if whole is not None:
        return _label_part(document, whole, edits, catalog)
    source = document.source
    changed = edited(source, edits)
    if document.reread_block is not None:
        near = document.reread_block(changed, min(edits).start, max(edit.end for edit in edits))
        if near is not None:
            return _label_near(near, catalog)
    after = document.reread(changed) if document.reread and len(source.text) <= LARGEST else None
    if after is None:
        return None
    change = _change(document.whole or document, after, catalog)
    for policy in after.policies:
        policy.release()
    return change


def _label_near(near: Reread, catalog: Catalog) -> str | None:
    if near.after is None or _breaks(near.after.defects) > _breaks(near.defects):
        return None
    change = _difference(near.before, near.after.policy, catalog)
    near.after.policy.release()
    return change


def _whole(document: Document, edits: list[TextEdit]) -> _Whole | None:
    """The policy that alone changes, if it can be read by itself."""
    if document.reread_part is None:
        return None
    source = document.source
    policies = _in_order(document, len(document.policies))
    at = bisect_right(policies, min(edits).start, key=lambda policy: policy.node.start) - 1
    if at < 0 or (at > 0 and policies[at - 1].node.start == policies[at].node.start):
        return None
    policy = policies[at]
    start, end = policy.node.start, policy.node.end
    path = document.path_to(source, start, end)
    raw = path[-1] if path else None
    if raw is None or raw.start != start or not isinstance(raw.value, Object):
        return None
    if not raw.value or isinstance(raw.value[0], Tag):
        return None
    if not source.text.startswith("{", start):
        # Behind the last value of a block may stand a comment, and behind that is where something is added.
        end = source.line_bounds(source.point(end).line)[1]
    return _Whole(policy, start, end) if max(edit.end for edit in edits) <= end else None


@lru_cache(maxsize=2)
def _in_order(document: Document, count: int) -> list[Policy]:
    """The policies of a file, of which there are so many, that stand in no text of it, by their places."""
    policies = (policy for policy in document.policies[:count] if policy.node.source is document.source)
    return sorted(policies, key=lambda policy: policy.node.start)


def _label_part(document: Document, whole: _Whole, edits: list[TextEdit], catalog: Catalog) -> str | None:
    source, (policy, start, end) = document.source, whole
    inside = [edit._replace(start=edit.start - start, end=edit.end - start) for edit in edits]
    text = edited(Source(source.path, source.text[start:end]), inside).text
    column = source.point(start).column - 1
    assert document.reread_part is not None  # noqa: S101 - else there is no part
    after = document.reread_part(Source(source.path, " " * column + text), policy.attachment)
    if after is None:
        return None
    before = [defect for defect in document.defects if _is_within(defect.node, policy.node)]
    is_broken = _breaks(after.defects) > _breaks(before)
    change = None if is_broken else _difference(policy, after.policy, catalog)
    after.policy.release()
    return change


def _is_within(node: Node, other: Node) -> bool:
    return node.source is other.source and other.start <= node.start and node.end <= other.end


def _change(before: Document, after: Document, catalog: Catalog) -> str | None:
    if len(after.failures) > len(before.failures) or len(before.policies) != len(after.policies):
        return None
    if _breaks(after.defects) > _breaks(before.defects):
        return None
    pairs = zip(before.policies, after.policies, strict=True)
    changed = [pair for pair in pairs if not _is_same(pair[0].node, pair[1].node)]
    if len(changed) > (_MOST_CHANGED if before.language == "hcl" else 1):
        return None
    labels = {_difference(*pair, catalog) for pair in changed}
    if len(changed) > 1 and labels != {SAME}:
        return None
    return labels.pop() if labels else SAME


def _difference(old: Policy, new: Policy, catalog: Catalog) -> str:
    """How access changes with a policy."""
    expand = expander(catalog)
    if len(old.statements) != len(new.statements) or old.has_variables != new.has_variables:
        return compare(old.statements, new.statements, expand)
    altered = [pair for pair in zip(old.statements, new.statements, strict=True) if not _is_same(*_nodes(pair))]
    one, other = [pair[0] for pair in altered], [pair[1] for pair in altered]
    change = compare(one, other, expand)
    if change != SAME and len(altered) == 1 and len(old.statements) <= _MOST_BESIDE:
        change = compare(one, other, expand, _beside(one[0], expand))
    return change


def _nodes(pair: tuple[Statement, Statement]) -> tuple[Node, Node]:
    return pair[0].node, pair[1].node


def _breaks(defects: Iterable[Defect]) -> int:
    return sum(defect.kind in _BREAKS for defect in defects)


def _is_same(one: Node, other: Node) -> bool:
    """Whether two trees hold the same values."""
    waiting = [(one.value, other.value)]
    while waiting:
        old, new = waiting.pop()
        if isinstance(old, list) and isinstance(new, list) and isinstance(old, Object) == isinstance(new, Object):
            if len(old) != len(new):
                return False
            waiting += ((before.value, after.value) for before, after in zip(old, new, strict=True))
        elif type(old) is not type(new) or old != new:
            return False
    return True


def keeps_access(before: Source, after: Source, catalog: Catalog) -> bool:
    """Whether every policy in a text still allows the same in another: each fix alone may, and two together not."""
    old, new = _policies(before, catalog), _policies(after, catalog)
    expand = expander(catalog)
    kept = len(old) == len(new) and all(
        compare(one.statements, other.statements, expand) == SAME for one, other in zip(old, new, strict=True)
    )
    for policy in (*old, *new):
        policy.release()
    return kept


def _policies(source: Source, catalog: Catalog) -> list[Policy]:
    """The policies that stand in a file; of a template, as it is deployed when nobody says more."""
    from bedrock_policy_lint import templates
    from bedrock_policy_lint.declarations import is_declaration
    from bedrock_policy_lint.sources.files import Input

    if templates.is_module(source):
        return _policies_of_module(source, catalog)
    # Other files are not what is edited.
    blueprint = templates.read(source, no_file, catalog)
    if isinstance(blueprint, templates.Broken):
        return []
    if blueprint is not None:
        from bedrock_policy_lint.deployment.world import World

        return blueprint.deployment(World()).document.policies
    if is_declaration(Input(source.path, named=True), source):
        from bedrock_policy_lint.frontends import declaration

        return declaration.read(source, no_file, catalog).document.policies
    return policy_json.read(source, None, claimed=False).policies


def _policies_of_module(source: Source, catalog: Catalog) -> list[Policy]:
    """The policies of a module that is one file of Terraform."""
    from bedrock_policy_lint import templates
    from bedrock_policy_lint.deployment.world import World
    from bedrock_policy_lint.frontends.terraform.anew import read_policies

    blueprint = templates.module(source.path, catalog, alone=source)
    if blueprint is None:
        return []
    configuration = blueprint.configuration(World())
    read_policies(configuration)
    return configuration.document.policies


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


def edited(source: Source, edits: list[TextEdit]) -> Source:
    """The text after edits of which none reaches into another."""
    pieces = []
    at = 0
    for edit in sorted(edits):
        pieces += [source.text[at : edit.start], edit.text]
        at = edit.end
    return Source(source.path, "".join(pieces) + source.text[at:], bom=source.bom)


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
    if any(defect.kind in _BREAKS for defect in defects):
        after.release()
        return None
    return after
