"""The words of a shell's language: quotes taken away, expansions as parts, each with its place."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bedrock_policy_lint.code.shell.commands import Command
    from bedrock_policy_lint.code.shell.spelling import Spelled
    from bedrock_policy_lint.sources.source import Source

MAX_DEPTH = 60
"""So deep may expansions and compound commands nest."""


class Script(NamedTuple):
    """A text that a shell reads."""

    source: Source
    """Where it is written."""
    text: str
    offsets: Sequence[int]
    """Where each of its characters is written, and where the last one ends."""
    fills: Mapping[str, tuple[Spelled, ...]] = {}
    """What stands in its place before the shell sees it, by the character that stands there: variables of make,
    expressions of a workflow."""


def whole(source: Source) -> Script:
    """The script that a file is."""
    return Script(source, source.text, range(len(source.text) + 1))


class Literal(NamedTuple):
    """Characters that stand for themselves."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    quoted: bool


class Variable(NamedTuple):
    """`$NAME`, `${NAME:-word}`."""

    name: str
    operator: str
    """`:-`, `-`, `:=`, `=`, `:?`, `?`, `:+`, `+`; `other` for those that change the value; empty for none."""
    word: Word | None
    start: int
    end: int
    quoted: bool
    element: str = ""
    """Which element of an array; `@` for all."""


class Substitution(NamedTuple):
    """`$(commands)`."""

    body: tuple[Command, ...]
    start: int
    end: int
    quoted: bool


class Unknown(NamedTuple):
    """What only running the script would tell: `$((1 + 1))`, `<(commands)`."""

    start: int
    end: int
    quoted: bool
    body: tuple[Command, ...] = ()


class Fill(NamedTuple):
    """What stands in its place before the shell sees it."""

    mark: str
    start: int
    end: int
    quoted: bool


Part: TypeAlias = Literal | Variable | Substitution | Unknown | Fill


class Word(NamedTuple):
    """What the shell makes one argument of, or several, or none."""

    parts: tuple[Part, ...]
    start: int
    end: int

    @property
    def plain(self) -> str | None:
        """Its text where nothing in it is quoted or expanded: what can be a word of the language itself."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Literal) and not self.parts[0].quoted:
            return self.parts[0].text
        return None


class TooDeepError(Exception):
    """The script nests deeper than is read."""

    def __init__(self, at: int) -> None:
        super().__init__("nested too deep")
        self.at = at


_run = re.compile(r"[^\s'\"\\$`|&;()<>]+").match
_run_in_double = re.compile(r"[^\"\\$`]+").match
_run_in_brace = re.compile(r"[^'\"\\$`}]+").match
_run_in_double_brace = re.compile(r"[^\"\\$`}]+").match
_run_in_text = re.compile(r"[^\\$`]+").match
_name = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-]").match
_short_name = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]").match
_index = re.compile(r"\[([^\]\n]*)\]").match
_operator = re.compile(r":?[-=?+]").match
_LONGEST_SUM = 2000
_ESCAPABLE = '"\\$`'
"""What a backslash takes the meaning of between double quotes; in a here-document no quote is among it."""
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b", "E": "\x1b"}
_run_in_ansi = re.compile(r"[^'\\]+").match
_ansi_escape = re.compile(r"\\(?:x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[0-7]{1,3}|.)", re.DOTALL).match


class WordReader:
    """Reads words from a place on; what reads commands builds on it."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.text = script.text
        self.at = 0
        self.end = len(script.text)
        self.depth = 0
        self._escapable = _ESCAPABLE
        self._is_fill: Callable[[str], re.Match[str] | None] | None = None
        if script.fills:
            self._is_fill = re.compile(f"[{''.join(map(re.escape, script.fills))}]").search

    def substituted(self, close: str) -> tuple[Command, ...]:
        """The commands up to what closes them, which is passed."""
        raise NotImplementedError

    def word(self) -> Word | None:
        """The word that begins here; None where none does."""
        start = self.at
        parts: list[Part] = []
        text = self.text
        while self.at < self.end:
            if match := _run(text, self.at, self.end):
                self._literal(parts, match.start(), match.end(), quoted=False)
                self.at = match.end()
                continue
            char = text[self.at]
            if char in "<>" and text[self.at + 1 : self.at + 2] == "(" and not parts:
                parts.append(self._process())
            elif char in " \t\r\n|&;()<>" or char.isspace():
                break
            else:
                self._special(parts, char, quoted=False)
        if self.at == start:
            return None
        return self._finished(parts, start)

    def text_of(self, start: int, end: int) -> Word:
        """A here-document with expansions in it, as a word."""
        kept = self.at, self.end, self._escapable
        self.at, self.end, self._escapable = start, end, "\\$`"
        parts: list[Part] = []
        try:
            while self.at < end:
                if match := _run_in_text(self.text, self.at, end):
                    self._literal(parts, match.start(), match.end(), quoted=True)
                    self.at = match.end()
                else:
                    self._special(parts, self.text[self.at], quoted=True)
        finally:
            self.at, self.end, self._escapable = kept
        return self._finished(parts, start, end)

    def literal_word(self, start: int, end: int) -> Word:
        """A stretch of the script as it stands."""
        parts: list[Part] = []
        self._literal(parts, start, end, quoted=True)
        return self._finished(parts, start, end)

    def _finished(self, parts: list[Part], start: int, end: int | None = None) -> Word:
        offsets = self.script.offsets
        stop = offsets[self.at if end is None else end]
        if len(parts) == 1:
            return Word((parts[0],), offsets[start], stop)
        merged: list[Part] = []
        for key, group in groupby(parts, _kind):
            if isinstance(key, bool):
                merged.append(_together([part for part in group if isinstance(part, Literal)]))
            else:
                merged.extend(group)
        return Word(tuple(merged), offsets[start], stop)

    def _special(self, parts: list[Part], char: str, *, quoted: bool) -> None:
        """What begins with a character that means something."""
        if char == "'" and not quoted:
            self._single(parts)
        elif char == '"' and not quoted:
            self._double(parts)
        elif char == "\\":
            self._escape(parts, quoted=quoted)
        elif char == "$":
            self._dollar(parts, quoted=quoted)
        elif char == "`":
            parts.append(self._backquoted(quoted=quoted))
        else:
            self._literal(parts, self.at, self.at + 1, quoted=quoted)
            self.at += 1

    def _literal(self, parts: list[Part], start: int, end: int, *, quoted: bool) -> None:
        offsets, text = self.script.offsets, self.text
        while self._is_fill and (match := self._is_fill(text[start:end])):
            at = start + match.start()
            if at > start:
                parts.append(Literal(text[start:at], offsets[start:at], offsets[start + 1 : at + 1], quoted))
            parts.append(Fill(text[at], offsets[at], offsets[at + 1], quoted))
            start = at + 1
        if start < end or not parts:
            parts.append(Literal(text[start:end], offsets[start:end], offsets[start + 1 : end + 1], quoted))

    def _escape(self, parts: list[Part], *, quoted: bool) -> None:
        text, at, offsets = self.text, self.at, self.script.offsets
        escaped = text[at + 1 : at + 2]
        if text.startswith(("\n", "\r\n"), at + 1):
            self.at = at + 2 + (escaped == "\r")
            return
        if not escaped or (quoted and escaped not in self._escapable):
            self._literal(parts, at, at + 1, quoted=True)
            self.at += 1
            return
        parts.append(Literal(escaped, [offsets[at]], [offsets[at + 2]], True))
        self.at += 2

    def _single(self, parts: list[Part]) -> None:
        end = self.text.find("'", self.at + 1, self.end)
        end = self.end if end < 0 else end
        self._empty_or(parts, self.at + 1, end)
        self.at = min(end + 1, self.end)

    def _empty_or(self, parts: list[Part], start: int, end: int) -> None:
        if start < end:
            self._literal(parts, start, end, quoted=True)
        else:
            parts.append(Literal("", [], [], True))

    def _ansi(self, parts: list[Part]) -> None:
        """`$'…'`."""
        text, offsets = self.text, self.script.offsets
        self.at += 2
        before = len(parts)
        while self.at < self.end and text[self.at] != "'":
            if run := _run_in_ansi(text, self.at, self.end):
                self._literal(parts, self.at, run.end(), quoted=True)
                self.at = run.end()
                continue
            match = _ansi_escape(text, self.at, self.end)
            if match is None:  # a backslash that ends the text
                self.at = self.end
                break
            parts.append(Literal(_meant(match[0]), [offsets[match.start()]], [offsets[match.end()]], True))
            self.at = match.end()
        if len(parts) == before:
            parts.append(Literal("", [], [], True))
        self.at = min(self.at + 1, self.end)

    def _double(self, parts: list[Part]) -> None:
        self.at += 1
        before = len(parts)
        while self.at < self.end and self.text[self.at] != '"':
            if match := _run_in_double(self.text, self.at, self.end):
                self._literal(parts, match.start(), match.end(), quoted=True)
                self.at = match.end()
            else:
                self._special(parts, self.text[self.at], quoted=True)
        if len(parts) == before:
            parts.append(Literal("", [], [], True))
        self.at = min(self.at + 1, self.end)

    def _dollar(self, parts: list[Part], *, quoted: bool) -> None:
        text, at = self.text, self.at
        after = text[at + 1 : at + 2]
        if after == "{":
            parts.append(self._braced(quoted=quoted))
        elif text.startswith("((", at + 1) and (part := self._arithmetic(quoted=quoted)):
            parts.append(part)
        elif after == "(":
            parts.append(self._command(quoted=quoted))
        elif after == "'" and not quoted:
            self._ansi(parts)
        elif after == '"' and not quoted:
            self.at += 1
            self._double(parts)
        elif match := _short_name(text, at + 1):
            self.at = match.end()
            parts.append(Variable(match[0], "", None, *self._span(at), quoted, "@" if match[0] in "@*" else ""))
        else:
            self._literal(parts, at, at + 1, quoted=quoted)
            self.at += 1

    def _span(self, start: int) -> tuple[int, int]:
        return self.script.offsets[start], self.script.offsets[self.at]

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TooDeepError(self.script.offsets[self.at])

    def _command(self, *, quoted: bool) -> Substitution:
        start = self.at
        self.at += 2
        self._deeper()
        body = self.substituted(")")
        self.depth -= 1
        return Substitution(body, *self._span(start), quoted)

    def _process(self) -> Unknown:
        start = self.at
        self.at += 2
        self._deeper()
        body = self.substituted(")")
        self.depth -= 1
        return Unknown(*self._span(start), True, body)

    def _backquoted(self, *, quoted: bool) -> Substitution:
        start = self.at
        end = start + 1
        while end < self.end and self.text[end] != "`":
            end += 2 if self.text[end] == "\\" else 1
        end = min(end, self.end)
        self._deeper()
        kept, self.end = self.end, end
        self.at = start + 1
        body = self.substituted("`")
        self.end = kept
        self.depth -= 1
        self.at = min(end + 1, self.end)
        return Substitution(body, *self._span(start), quoted)

    def _arithmetic(self, *, quoted: bool) -> Unknown | None:
        """`$((…))`; None where it is a subshell in a substitution."""
        text, start = self.text, self.at
        depth = 0
        for at in range(start + 1, min(self.end, start + _LONGEST_SUM)):
            depth += (text[at] == "(") - (text[at] == ")")
            if depth == 0:
                if text[at - 1] != ")":
                    return None
                self.at = at + 1
                return Unknown(*self._span(start), quoted)
        return None

    def _braced(self, *, quoted: bool) -> Part:
        """`${…}`."""
        text, start = self.text, self.at
        self.at += 2
        is_changed = text[self.at : self.at + 1] in ("!", "#") and text[self.at + 1 : self.at + 2] not in ("}", "")
        self.at += is_changed
        name = _name(text, self.at)
        if name is None:
            return self._skip_braced(start, quoted=quoted)
        self.at = name.end()
        index = ""
        if found := _index(text, self.at):
            self.at = found.end()
            index = found[1]
        operator = _operator(text, self.at)
        if operator is not None:
            self.at = operator.end()
        elif text[self.at : self.at + 1] != "}":
            is_changed = True
        self._deeper()
        word = self._brace_word(quoted=quoted)
        self.depth -= 1
        shown = "other" if is_changed else operator[0] if operator else ""
        if name[0] in ("@", "*"):
            index = "@"
        return Variable(
            name[0], shown, word if operator and not is_changed else None, *self._span(start), quoted, index
        )

    def _brace_word(self, *, quoted: bool) -> Word:
        """What stands before the closing brace, which is passed."""
        start = self.at
        parts: list[Part] = []
        run = _run_in_double_brace if quoted else _run_in_brace
        while self.at < self.end and self.text[self.at] != "}":
            if match := run(self.text, self.at, self.end):
                self._literal(parts, match.start(), match.end(), quoted=quoted)
                self.at = match.end()
            elif self.text[self.at] == '"' and quoted:
                self._double(parts)
            else:
                self._special(parts, self.text[self.at], quoted=quoted)
        word = self._finished(parts, start)
        self.at = min(self.at + 1, self.end)
        return word

    def _skip_braced(self, start: int, *, quoted: bool) -> Unknown:
        end = self.text.find("}", self.at, self.end)
        self.at = self.end if end < 0 else end + 1
        return Unknown(*self._span(start), quoted)


def _kind(part: Part) -> object:
    """What neighbours share that are one part: literals that are quoted alike."""
    return part.quoted if isinstance(part, Literal) else type(part)


def _together(parts: list[Literal]) -> Literal:
    if len(parts) == 1:
        return parts[0]
    return Literal(
        "".join(part.text for part in parts),
        [at for part in parts for at in part.starts],
        [at for part in parts for at in part.ends],
        parts[0].quoted,
    )


def _meant(escape: str) -> str:
    code = escape[1:]
    if code in _ESCAPED:
        return _ESCAPED[code]
    try:
        if code[0] in "xuU" and len(code) > 1:
            return chr(int(code[1:], 16))
        return chr(int(code, 8)) if code[0] in "01234567" else code
    except (ValueError, OverflowError):
        return "\ufffd"
