"""What commands set variables to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.code.shell.commands import Assignment
from bedrock_policy_lint.code.shell.expand import Expansion
from bedrock_policy_lint.code.shell.scope import Binding
from bedrock_policy_lint.code.shell.spelling import Spelled, alternatives, are_too_many, joined
from bedrock_policy_lint.code.shell.words import Literal, Substitution
from bedrock_policy_lint.code.site import ENVIRONMENT
from bedrock_policy_lint.sources.node import Node

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bedrock_policy_lint.code.shell.scope import Scope
    from bedrock_policy_lint.code.shell.spelling import Marks
    from bedrock_policy_lint.code.shell.words import Word


class Assigning(Expansion):
    """Sets the variables of a scope, and says what commands see of them."""

    def __init__(self, marks: Marks, scope: Scope) -> None:
        super().__init__(marks, scope)
        self._frames: list[dict[str, Binding | None]] = []
        """What the variables of the functions that run hide."""

    def environment(self, name: str, own: Mapping[str, Binding]) -> tuple[Spelled, ...]:
        """What a command sees of a variable as far as the script says; empty where it says nothing."""
        if name in own:
            return own[name].values
        binding = self.scope.variables.get(name)
        if binding is None or not binding.values:
            return ()
        if binding.is_exported:
            return binding.values
        # Whether it was exported before the script began cannot be told.
        return self._unset(name)

    def doubt(self) -> None:
        """Something that cannot be read may have set any variable."""
        for name, binding in self.scope.variables.items():
            if binding.values:
                at = binding.values[0]
                unknown = self._hole(ENVIRONMENT + name, f"${name}", at.start, at.end)
                self.scope.variables[name] = binding._replace(
                    values=alternatives(binding.values, (unknown,)), items=None
                )

    def _declare(self, keyword: str, words: tuple[Word | Assignment, ...]) -> None:
        exports = keyword == "export"
        for word in words:
            if isinstance(word, Assignment):
                binding = self._assigned_value(word)
                self._localize(keyword, word.name)
                self.scope.set(word.name, binding._replace(is_exported=exports))
                continue
            plain = word.plain
            if plain is not None and plain.startswith("-"):
                exports = exports or "x" in plain
            elif plain is not None and plain.isidentifier():
                self._localize(keyword, plain)
                if exports:
                    self.scope.export(plain, self._hole(f"{ENVIRONMENT}{plain}", f"${plain}", word.start, word.end))
                elif keyword == "local":
                    self.scope.variables[plain] = Binding(())
            else:
                self._declared_text(word, exports=exports)

    def _declared_text(self, word: Word, *, exports: bool) -> None:
        """`export "X=$Y"`, `export $(cat .env)`."""
        if any(isinstance(part, Substitution) for part in word.parts) and not isinstance(word.parts[0], Literal):
            self._parts(word)
            self.doubt()
            return
        for argument in self._expanded(word):
            name, is_set, _ = argument.values[0].text.partition("=")
            if is_set and name.isidentifier():
                values = tuple(value.part(len(name) + 1) for value in argument.values)
                self.scope.set(name, Binding(values, is_exported=exports))

    def _localize(self, keyword: str, name: str) -> None:
        """Remember what a variable of a function hides."""
        if self._frames and keyword in ("local", "declare", "typeset"):
            self._frames[-1].setdefault(name, self.scope.variables.get(name))

    def _assigned_value(self, assignment: Assignment) -> Binding:
        source = self._script.source
        name = Node(assignment.name, assignment.start, assignment.end, source)
        before = self.scope.variables.get(assignment.name)
        if assignment.items is not None:
            items = self._arguments(assignment.items)
            if assignment.is_added:
                if before is None or before.items is None:
                    return Binding((self._reference(assignment),), name=name)
                items = (*before.items, *items)
            return Binding((), items=items, name=name)
        if assignment.is_element:
            return Binding((self._reference(assignment),), name=name)
        values = self._joined(assignment.value) if assignment.value else (self._empty(assignment.end),)
        if assignment.is_added:
            values = self._added(assignment, before, values)
        return Binding(values, name=name)

    def _added(
        self, assignment: Assignment, before: Binding | None, values: tuple[Spelled, ...]
    ) -> tuple[Spelled, ...]:
        known = self._unset(assignment.name) if before is None else before.values
        if len(known) != 1 or len(values) != 1 or are_too_many((known, values)):
            return (self._reference(assignment),)
        place = known[0].written_at(self._script.source, assignment.start, assignment.end)
        return (joined([place, values[0]], self._script.source, assignment.start),)

    def _reference(self, assignment: Assignment) -> Spelled:
        """A variable that holds more than is told."""
        hole = f"${assignment.name}"
        return self._hole(hole, hole, assignment.start, assignment.end)
