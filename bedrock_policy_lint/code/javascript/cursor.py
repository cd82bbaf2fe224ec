"""A place among the tokens of a text that moves on, and past the types of TypeScript, which say nothing of values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.code.javascript.tokens import BEHIND, HEAD, NAME, NUMBER, STRING, TAIL, WHOLE, Tokens

if TYPE_CHECKING:
    from bedrock_policy_lint.code.javascript.tree import Module

_MOST_OF_A_TYPE = 4_000
"""So many tokens are looked at to find the end of a type."""
_DEEPEST_TYPE = 30
_BEFORE_TYPE = frozenset({"keyof", "typeof", "unique", "readonly", "infer", "asserts", "abstract", "new"})
_OPENING = frozenset({"(", "[", "{"})


class Cursor:
    """Moves along the tokens of a module."""

    def __init__(self, module: Module, tokens: Tokens, *, is_typed: bool) -> None:
        self.module = module
        self.text = module.source.text
        self.is_typed = is_typed
        self.kinds, self.words, self.starts, self.ends = tokens[:4]
        self.partners = tokens.partners
        self.last = len(tokens.kinds) - BEHIND
        self.at = 0
        self.limit = 0
        """The token at which the search for the end of a type gives up."""
        self._arguments_end: dict[int, int] = {}
        """The token behind `<…>`, by that which it begins with, once looked for."""

    @property
    def word(self) -> str:
        """The name or mark here."""
        return self.words[self.at]

    @property
    def kind(self) -> str:
        """What kind of token is here."""
        return self.kinds[self.at]

    @property
    def start(self) -> int:
        """Where the token here begins."""
        return self.starts[self.at]

    @property
    def behind(self) -> int:
        """Where the token before this one ends."""
        return self.ends[self.at - 1] if self.at else 0

    def next_word(self, steps: int = 1) -> str:
        """The name or mark some tokens further on."""
        return self.words[min(self.at + steps, self.last)]

    def take(self, word: str) -> bool:
        """Moves past this name or mark, if it is here."""
        if self.words[self.at] != word or self.at >= self.last:
            return False
        self.at += 1
        return True

    def partner(self, at: int) -> int:
        """The token that closes the bracket there; the end where nothing does."""
        return self.partners.get(at, self.last)

    def leave(self, closing: int) -> None:
        """Moves behind a closing bracket; what was not understood before it is noted."""
        if self.at < closing:
            self.trouble(self.at)
        self.at = max(self.at, min(closing + 1, self.last))

    def trouble(self, at: int, reason: str = "it is not JavaScript or TypeScript that is understood") -> None:
        """Notes what could not be read."""
        self.module.trouble.append((self.starts[at], reason))

    def is_on_new_line(self, at: int) -> bool:
        """Whether a token is the first one of its line."""
        return at > 0 and self.text.find("\n", self.ends[at - 1], self.starts[at]) >= 0

    def skip_type(self) -> None:
        """Moves behind the type here."""
        self.limit = self.at + _MOST_OF_A_TYPE
        found = self._type(self.at, 0)
        self.at = max(self.at, found)

    def type_arguments(self, at: int) -> int:
        """The token behind `<…>`; -1 where that is none."""
        if at not in self._arguments_end:
            self.limit = at + _MOST_OF_A_TYPE
            self._arguments_end[at] = self._arguments(at, 0)
        return self._arguments_end[at]

    def _arguments(self, at: int, depth: int) -> int:
        """Also for parameters: `<T extends X = Y>`."""
        words = self.words
        at += 1
        while 0 <= at < min(self.limit, self.last):
            if words[at] == ">":
                return at + 1
            while words[at] in ("const", "in", "out") and self.kinds[at + 1] == NAME:
                at += 1
            if self.kinds[at] == NAME and words[at + 1] in ("extends", "="):
                at += 1
                if words[at] == "extends":
                    at = self._type(at + 1, depth + 1)
                if at >= 0 and words[at] == "?":
                    at = self._behind_question(at, depth)
                if at >= 0 and words[at] == "=":
                    at = self._type(at + 1, depth + 1)
            else:
                at = self._type(at, depth + 1)
            if at < 0 or words[at] not in (",", ">"):
                return -1
            at += words[at] == ","
        return -1

    def _type(self, at: int, depth: int) -> int:
        """The token behind a type; -1 where there is none."""
        words = self.words
        if depth > _DEEPEST_TYPE:
            return -1
        while at < min(self.limit, self.last):
            while words[at] in ("|", "&"):
                at += 1
            at = self._one_type(at, depth)
            if at < 0:
                return -1
            if words[at] in ("|", "&"):
                continue
            if words[at] == "extends" and not self.is_on_new_line(at):
                at = self._type_of_condition(at, depth)
            return at
        return -1

    def _type_of_condition(self, at: int, depth: int) -> int:
        """Behind `A extends B ? C : D`, from `extends` on."""
        at = self._type(at + 1, depth + 1)
        return self._behind_question(at, depth) if at >= 0 and self.words[at] == "?" else at

    def _behind_question(self, at: int, depth: int) -> int:
        at = self._type(at + 1, depth + 1)
        return self._type(at + 1, depth + 1) if at >= 0 and self.words[at] == ":" else -1

    def _one_type(self, at: int, depth: int) -> int:
        words, kinds = self.words, self.kinds
        while words[at] in _BEFORE_TYPE and (
            kinds[at + 1] in (NAME, HEAD, WHOLE) or words[at + 1] in ("(", "[", "{", "<")
        ):
            at += 1
        if words[at] == "<":
            at = self._arguments(at, depth + 1)
            if at < 0 or words[at] != "(":
                return -1
        kind = kinds[at]
        if kind in _OPENING or kind == HEAD:
            was = words[at]
            at = self.partner(at) + 1
            if was == "(" and at <= self.last and words[at] == "=>":
                return self._type(at + 1, depth + 1)
        elif kind in (NAME, STRING, NUMBER, WHOLE, TAIL):
            at += 1
        elif words[at] in ("-", "*", "?") and kinds[at + 1] == NUMBER:
            at += 2
        else:
            return -1
        return self._behind_type(min(at, self.last), depth)

    def _behind_type(self, at: int, depth: int) -> int:
        """Past `.name`, `<…>`, `[…]` and `is …`."""
        words = self.words
        while at < min(self.limit, self.last):
            if words[at] == "." and self.kinds[at + 1] == NAME:
                at += 2
            elif words[at] == "<":
                at = self._arguments(at, depth + 1)
                if at < 0:
                    return -1
            elif (words[at] == "[" and not self.is_on_new_line(at)) or (words[at] == "(" and words[at - 1] == "import"):
                at = min(self.partner(at) + 1, self.last)
            elif words[at] == "is" and not self.is_on_new_line(at):
                return self._type(at + 1, depth + 1)
            else:
                break
        return at
