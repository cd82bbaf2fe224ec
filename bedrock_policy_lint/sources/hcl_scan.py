"""The words of Terraform's language: one at a time, under the rule for line ends that holds where it stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.sources.hcl_tree import HclError
from bedrock_policy_lint.sources.json import Slip

if TYPE_CHECKING:
    from collections.abc import Callable

    from bedrock_policy_lint.sources.source import Source

MOST_ERRORS = 50
"""So many errors of a file are kept; those behind them help nobody."""

IDENTIFIER = r"[^\W\d][\w-]*+"
_TOKEN = rf"""
    (?: (?P<id> {IDENTIFIER} (?: :: {IDENTIFIER} )*+ )
    | (?P<sign> [\]\[(){{}},] | =(?![=>]) | \.(?!\.\.) )
    | (?P<newline> \r?\n )
    | (?P<string> " [^"\\$%\r\n]*+ (?: (?: \\[^\r\n] | [$%](?!\{{) ) [^"\\$%\r\n]*+ )*+ " )
    | (?P<comment> (?: \# | // ) [^\n]* | /\* .*? \*/ )
    | (?P<unclosed> /\* )
    | (?P<heredoc> <<-? {IDENTIFIER} \r?\n )
    | (?P<conflict> ^ (?: <{{7}} | ={{7}} | >{{7}} | \|{{7}} ) (?: [ ] [^\n]*+ )? \r? $ )
    | (?P<op> && | \|\| | [=!<>]= | => | :: | \.\.\. | ~\}} | [?:=+*/%<>!-] )
    | (?P<number> [0-9]+ (?: \.+[0-9]+ | [eE][+-]?[0-9]+ )*+ )
    | (?P<quote> " )
    | (?P<end> \Z )
    | (?P<strange> . )
    )"""
_FLAGS = re.VERBOSE | re.DOTALL | re.MULTILINE
BY_LINE = re.compile(r"[ \t]*+" + _TOKEN, _FLAGS).match
"""A line end is a word of its own."""
ACROSS_LINES = re.compile(r"(?: [ \t\n]++ | \r\n )*+" + _TOKEN, _FLAGS).match
"""A line end is white space, as it is in brackets."""
_end_of_conflict = re.compile(r"^>{7}(?: [^\n]*+)?\r?$", re.MULTILINE).search

_LONGEST_QUOTED = 40
_NEAR = 500
"""So far behind a quote another is looked for, to name an error."""
_QUOTES = {"'": "single quotes", "`": "backticks", "\u201c": "curly quotes", "\u201d": "curly quotes"}


class UnreadableError(Exception):
    """Reading cannot go on within this item."""

    in_text = False
    """Whether what stands behind it is the text of a heredoc."""

    def __init__(self, message: str, start: int, end: int, opened: int | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = max(end, start + 1)
        self.opened = opened
        self.hint = hint


class Scanner:
    """One pass over one text: the word that it is at, and what has been found wrong so far."""

    __slots__ = (
        "_ends_conflicts",
        "at",
        "comments",
        "depth",
        "end",
        "errors",
        "in_conflict",
        "kind",
        "links",
        "match",
        "source",
        "start",
        "text",
    )

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.at = 1 if source.text.startswith("\ufeff") else 0
        """Where the next word is looked for."""
        self.match: Callable[[str, int], re.Match[str] | None] = BY_LINE
        self.kind = ""
        """What the word is; of an operator or a bracket, the word itself."""
        self.start = self.end = self.at
        self.errors: list[HclError] = []
        self.comments: list[Slip] = []
        self.depth = 0
        self.links = 0
        """How often something has hung on what stands before it, which does not nest."""
        self.in_conflict = False
        """Whether what it reads is the first of two versions that stand here."""
        self._ends_conflicts = True
        """Whether there may be a marker behind it that ends one."""

    def next(self) -> None:
        """Go on to the next word."""
        while True:
            match = self.match(self.text, self.at)
            assert match is not None  # noqa: S101 -- one of its words always fits
            kind: str = match.lastgroup  # type: ignore[assignment]
            start, end = match.span(match.lastindex)  # type: ignore[arg-type]
            if kind == "sign" or kind == "op":  # noqa: PLR1714 -- this is hot
                kind = self.text[start:end]
            elif kind == "comment" or kind == "conflict" or kind == "unclosed":  # noqa: PLR1714 -- this is hot
                self._aside(kind, start, end)
                continue
            self.kind = kind
            self.start = start
            self.at = self.end = end
            return

    def word(self) -> str:
        """The word as it is written."""
        return self.text[self.start : self.end]

    def _aside(self, kind: str, start: int, end: int) -> None:
        """What stands between the words."""
        if kind == "unclosed":
            self.complain("this comment has no end", start, end, hint="write `*/` behind it")
            end = len(self.text)
        elif kind == "conflict":
            end = self._behind_marker(start, end)
        if kind != "conflict" and (not self.comments or start >= self.comments[-1].end):
            stripped = end - 1 if self.text[end - 1] == "\r" else end
            self.comments.append(Slip("hcl-comment", start, stripped))
        self.at = end

    def _behind_marker(self, start: int, end: int) -> int:
        """Where to go on at a marker of `git merge`: of two versions the first is read, which is of one piece."""
        char = self.text[start]
        if char == "<":
            message = "two versions of the text stand here, as `git merge` left them"
            self.complain(message, start, end, hint="keep one of them and delete the markers")
        elif not self.in_conflict:
            self.complain("`git merge` has left this marker", start, end, hint="delete it")
        elif char != ">":
            closing = _end_of_conflict(self.text, end) if self._ends_conflicts else None
            self._ends_conflicts = closing is not None
            end = closing.end() if closing is not None else end
        self.in_conflict = char == "<"
        return end

    def complain(self, message: str, start: int, end: int, opened: int | None = None, hint: str = "") -> None:
        """Report something and go on."""
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(HclError(message, start, max(end, start + 1), self.source, opened, hint))

    def record(self, stop: UnreadableError) -> None:
        """Report what reading stopped at."""
        self.complain(stop.message, stop.start, stop.end, stop.opened, stop.hint)

    def expected(self, what: str, opened: int | None = None, hint: str = "") -> UnreadableError:
        """The complaint about the word that it is at."""
        text, start = self.text, self.start
        if self.kind == "end":
            last = len(text.rstrip())
            return UnreadableError(f"the text ends where {what} is expected", max(last - 1, 0), last, opened, hint)
        if self.kind == "newline":
            return UnreadableError(f"the line ends where {what} is expected", max(start - 1, 0), start, opened, hint)
        if self.kind == "strange" and (found := self._strange()):
            return found
        if self.kind == "quote" and not self._is_quoted_again():
            return UnreadableError("this string has no closing quote on its line", start, start + 1, opened)
        return UnreadableError(f"{what} is expected here, not {self._seen()}", start, self.end, opened, hint)

    def _seen(self) -> str:
        """How to name the word."""
        if self.kind in ("quote", "heredoc"):
            return "a string" if self.kind == "quote" else "a heredoc"
        word = self.word()
        return f"`{word}`" if len(word) <= _LONGEST_QUOTED else f"`{word[:_LONGEST_QUOTED]}…`"

    def _is_quoted_again(self) -> bool:
        """Whether another quote stands behind this one, near and on the same line."""
        text, start = self.text, self.start
        quote = text.find('"', start + 1, start + _NEAR)
        return quote >= 0 and "\n" not in text[start:quote]

    def _strange(self) -> UnreadableError | None:
        char, at = self.text[self.start], self.start
        if quotes := _QUOTES.get(char):
            return UnreadableError(f"this string stands in {quotes}", at, at + 1, hint="use double quotes")
        if char == "\r":
            return UnreadableError(
                "a carriage return stands here without a line feed",
                at,
                at + 1,
                hint="save the file with other line ends",
            )
        if not char.isprintable():
            message = f"a character that cannot be seen stands here, U+{ord(char):04X}"
            return UnreadableError(message, at, at + 1, hint="delete it")
        return None
