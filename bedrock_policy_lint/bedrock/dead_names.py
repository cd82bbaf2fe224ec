"""What comes of a name that is no action, and what to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.rule import Fix, Remove, Replace
from bedrock_policy_lint.wording import all_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bedrock_policy_lint.model.policy import Action
    from bedrock_policy_lint.rule import Context


def effect_of(action: Action) -> str:
    """What comes of an entry that no action matches, in the words of a label."""
    return "grants nothing" if action.statement.allows and not action.in_not_action else "matches nothing"


def rewrite(action: Action, meant: Sequence[str], context: Context) -> Fix | None:
    """Delete a dead entry where the actions it means are already listed, else put them in its place."""
    statement = action.statement
    listed = context.actions_of(statement)
    missing = [name for name in meant if not listed.issuperset(context.catalog.expand(name))]
    if not missing and len(statement.actions) > 1:
        return Fix(
            f"delete it: {all_of(meant)} {'is' if len(meant) == 1 else 'are'} in the list", (Remove(action.node),)
        )
    if len(missing) == 1:
        return Fix(f"write `{missing[0]}`", (Replace(action.node, missing[0]),))
    return Fix(f"write {all_of(missing)}") if missing else None
