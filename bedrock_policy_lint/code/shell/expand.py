"""The words of a script as texts: what expansions come to where variables hold what is known of them."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.shell.commands import Simple
from bedrock_policy_lint.code.shell.scope import Argument, Binding, Scope
from bedrock_policy_lint.code.shell.shape import first_word
from bedrock_policy_lint.code.shell.spelling import Spelled, alternatives, are_too_many, distinct, joined
from bedrock_policy_lint.code.shell.words import Fill, Literal, Substitution, Variable, Word
from bedrock_policy_lint.code.site import ENVIRONMENT
from bedrock_policy_lint.model.text import Hole
from bedrock_policy_lint.sources.node import Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bedrock_policy_lint.code.shell.commands import Command
    from bedrock_policy_lint.code.shell.spelling import Marks
    from bedrock_policy_lint.code.shell.words import Part, Script

_LONGEST_NUMBER = 6
_SEPARATORS = " \t\n"
_SET_BY_SHELL = frozenset(
    {
        *("OPTARG", "OPTIND", "REPLY", "RANDOM", "LINENO", "SECONDS", "PIPESTATUS", "FUNCNAME", "IFS", "PPID", "UID"),
        *("EUID", "SHLVL", "BASH_SOURCE", "BASH_REMATCH", "BASH_VERSION", "BASHPID", "PWD", "OLDPWD"),
    }
)
"""Variables that come from no environment, or not as it has them."""


class Expansion:
    """Makes texts of words, as the variables of a scope are."""

    _script: Script

    def __init__(self, marks: Marks, scope: Scope) -> None:
        self.marks = marks
        self.scope = scope
        self.read: dict[str, Node] = {}
        """The variables of the environment that were read, and where."""

    def _apart(self, commands: tuple[Command, ...]) -> None:
        """Run commands in a subshell, which changes nothing."""
        raise NotImplementedError

    def plain(self, argument: Argument) -> str | None:
        """The text of an argument that is certain."""
        if len(argument.values) != 1 or not self.marks.is_literal(argument.values[0].text):
            return None
        return argument.values[0].text

    def _empty(self, at: int) -> Spelled:
        return Spelled("", (), (), self._script.source, at)

    def _hole(self, name: str, written: str, start: int, end: int) -> Spelled:
        mark = self.marks.mark(Hole(name, written))
        return Spelled(mark, [start], [end], self._script.source, start)

    def _unset(self, name: str) -> tuple[Spelled, ...]:
        """A variable that nobody here has set."""
        at = self._script.offsets[0]
        return (self._hole(ENVIRONMENT + name, f"${name}", at, at),)

    def _arguments(self, words: Iterable[Word]) -> tuple[Argument, ...]:
        return tuple(argument for word in words for argument in self._expanded(word))

    def _expanded(self, word: Word) -> list[Argument]:
        """The arguments that a word becomes."""
        if len(word.parts) == 1:
            part = word.parts[0]
            if isinstance(part, Variable) and part.element in ("@", "*") and not part.operator:
                several = self._several(part)
                if several is not None:
                    return several
            if isinstance(part, Variable | Fill | Substitution) and not part.quoted:
                return self._split(self._part(part))
        return [Argument(self._joined(word))]

    def _several(self, part: Variable) -> list[Argument] | None:
        """`"$@"`, `"${ITEMS[@]}"`."""
        if part.name in "@*":
            return None if self.scope.positional is None else list(self.scope.positional)
        binding = self.scope.variables.get(part.name)
        return None if binding is None or binding.items is None else list(binding.items)

    def _split(self, values: tuple[Spelled, ...]) -> list[Argument]:
        """What is not quoted becomes as many arguments as it has words."""
        if len(values) == 1:
            return [Argument((piece,)) for piece in _pieces(values[0])]
        if all(value.text and not any(char in _SEPARATORS for char in value.text) for value in values):
            return [Argument(values)]
        first = values[0]
        written = self._script.source.text[first.start : first.end] or "$?"
        return [Argument((self._hole(written, written, first.start, first.end),))]

    def _joined(self, word: Word) -> tuple[Spelled, ...]:
        """The texts that a word may be, taken as one."""
        parts = self._parts(word)
        if len(parts) == 1:
            return parts[0]
        source = self._script.source
        if are_too_many(parts):
            parts = [
                values if isinstance(part, Literal) else (self._of_part(part),)
                for part, values in zip(word.parts, parts, strict=True)
            ]
        places = [(part.start, part.end) if not isinstance(part, Literal) else None for part in word.parts]
        found: list[Spelled] = []
        for choice in product(*parts):
            pieces = [
                piece if place is None else piece.written_at(source, *place)
                for piece, place in zip(choice, places, strict=True)
            ]
            found.append(joined(pieces, source, word.start))
        return distinct(found)

    def _of_part(self, part: Part) -> Spelled:
        if isinstance(part, Literal):
            return Spelled(part.text, part.starts, part.ends, self._script.source, part.starts[0] if part.text else 0)
        written = self._script.source.text[part.start : part.end]
        return self._hole(written, written, part.start, part.end)

    def _parts(self, word: Word) -> list[tuple[Spelled, ...]]:
        return [self._part(part, word.start) for part in word.parts]

    def _part(self, part: Part, at: int = 0) -> tuple[Spelled, ...]:
        match part:
            case Literal():
                source = self._script.source
                return (Spelled(part.text, part.starts, part.ends, source, part.starts[0] if part.text else at),)
            case Variable():
                return self._variable(part)
            case Substitution():
                return self._output(part)
            case Fill():
                return self._script.fills[part.mark]
        self._apart(part.body)
        return (self._of_part(part),)

    def _variable(self, part: Variable) -> tuple[Spelled, ...]:
        values = self._held(part)
        if not part.operator or part.operator in (":?", "?"):
            return values
        if part.operator == "other" or part.word is None:
            return (self._of_part(part),)
        word = self._joined(part.word)
        if part.operator in (":+", "+"):
            is_set = all(value.text and not self._may_be_empty(value) for value in values)
            return word if is_set else (self._of_part(part),)
        defaulted = self._defaulted(values, word)
        if "=" in part.operator:
            self.scope.set(part.name, Binding(defaulted))
        return defaulted

    def _may_be_empty(self, value: Spelled) -> bool:
        return len(value.text) <= 1 and (not value.text or self.marks.hole(value.text) is not None)

    def _defaulted(self, values: tuple[Spelled, ...], word: tuple[Spelled, ...]) -> tuple[Spelled, ...]:
        """What something is of which there is a default."""
        kept = [value for value in values if value.text]
        unknown = [hole for value in kept if (hole := self.marks.hole(value.text)) is not None]
        if len(kept) == len(values) and not unknown:
            return values
        if not kept:
            return word
        name = unknown[0].name if unknown else ""
        if len(kept) == len(values) == 1 and name.startswith(ENVIRONMENT):
            variable = name[len(ENVIRONMENT) :]
            return distinct((*kept, *(one._replace(default_of=one.default_of or variable) for one in word)))
        return alternatives(kept, word)

    def _held(self, part: Variable) -> tuple[Spelled, ...]:
        """What a variable holds."""
        name = part.name
        if name.isdecimal() and name != "0":
            return self._positional(part)
        if not name.isidentifier() or part.element in ("@", "*"):
            return (self._of_part(part),)
        reference = Node(name, part.start, part.end, self._script.source)
        binding = self.scope.variables.get(name)
        if part.element or (binding is not None and binding.items is not None):
            return self._element(part, (binding.items if binding else None) or ())
        if binding is None:
            return (self._from_outside(part, reference),)
        values = binding.values or (self._empty(part.start),)
        return tuple(value._replace(named=(reference, *value.named)) for value in values)

    def _positional(self, part: Variable) -> tuple[Spelled, ...]:
        known = self.scope.positional
        if known is None:
            return (self._hole(f"${part.name}", f"${part.name}", part.start, part.end),)
        at = int(part.name) - 1
        return known[at].values if at < len(known) else (self._empty(part.start),)

    def _from_outside(self, part: Variable, reference: Node) -> Spelled:
        name = part.name
        if name in _SET_BY_SHELL:
            return self._hole(f"${name}", f"${name}", part.start, part.end)
        self.read.setdefault(name, reference)
        return self._hole(ENVIRONMENT + name, f"${name}", part.start, part.end)

    def _element(self, part: Variable, items: tuple[Argument, ...]) -> tuple[Spelled, ...]:
        at = part.element or "0"
        if not (at.isascii() and at.isdecimal() and len(at) < _LONGEST_NUMBER and int(at) < len(items)):
            return (self._of_part(part),)
        return items[int(at)].values

    def _output(self, part: Substitution) -> tuple[Spelled, ...]:
        """What commands print, where that is plain."""
        if len(part.body) == 1 and isinstance(part.body[0], Simple):
            command = part.body[0]
            name = first_word(command)
            if name == "cat" and len(command.words) == 1 and len(command.heard) == 1:
                return tuple(_without_end(value) for value in self._joined(command.heard[0]))
            if name == "echo" and len(command.words) == 2 and isinstance(command.words[1], Word):
                return self._joined(command.words[1])
        self._apart(part.body)
        return (self._of_part(part),)


def _pieces(value: Spelled) -> Sequence[Spelled]:
    """The words of a text."""
    if not any(char in _SEPARATORS for char in value.text):
        return [value] if value.text else []
    found: list[Spelled] = []
    start: int | None = None
    for at, char in enumerate(value.text + " "):
        if char in _SEPARATORS:
            if start is not None:
                found.append(value.part(start, at))
            start = None
        elif start is None:
            start = at
    return found


def _without_end(value: Spelled) -> Spelled:
    return value.part(0, len(value.text.rstrip("\n")))
