"""The policy documents of a template, wherever a resource holds one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment.world import OTHER
from bedrock_policy_lint.frontends.policies import Entry, Memory, PolicyReader

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.template.stack import Stack

__all__ = ["Entry", "Memory", "Policies"]


class Policies(PolicyReader):
    """Reads the policy documents of one template in one world into its document."""

    def __init__(self, stack: Stack, memory: Memory | None = None) -> None:
        """`memory` hands over what was read in other worlds."""
        super().__init__(stack, memory)
        self._stack = stack

    def may_be_more(self) -> bool:
        """Whether parts of the template come from elsewhere."""
        return self._stack.outline.is_open

    def is_odd(self) -> bool:
        """Whether some parameter has none of several values that conditions compare it to, as hardly anybody means."""
        evaluator = self._stack.evaluator
        named = (name for name, compared in evaluator.outline.literals.items() if len(compared) > 1)
        return any(evaluator.answer(name) == OTHER for name in named)
