"""The commands of a shell's language as a tree: what is run, after what, and whether it is run at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from bedrock_policy_lint.code.shell.words import MAX_DEPTH, Literal, TooDeepError, Word, WordReader

if TYPE_CHECKING:
    from collections.abc import Callable

    from bedrock_policy_lint.code.shell.words import Script


class Assignment(NamedTuple):
    """`NAME=value`, `NAME+=value`, `NAME=(a b)`."""

    name: str
    start: int
    end: int
    value: Word | None
    items: tuple[Word, ...] | None = None
    is_added: bool = False
    is_element: bool = False


class Simple(NamedTuple):
    """A command with its arguments."""

    assignments: tuple[Assignment, ...]
    words: tuple[Word | Assignment, ...]
    """Of what declares variables, `export X=(a b)`, assignments stand among them."""
    heard: list[Word]
    """The texts of here-documents; they are read when the line is."""


class Pipeline(NamedTuple):
    """Commands that run in shells of their own: a pipeline, a subshell, something in the background."""

    commands: tuple[Command, ...]


class Sequence(NamedTuple):
    """Commands that run one after the other: `{ …; }`."""

    commands: tuple[Command, ...]


class Choice(NamedTuple):
    """Ways of which at most one is gone: `if`, `case`."""

    condition: tuple[Command, ...]
    """Runs in any case."""
    branches: tuple[tuple[Command, ...], ...]
    is_whole: bool
    """Whether one of them is gone in any case."""


class Maybe(NamedTuple):
    """What runs depending on what came before: behind `&&` and `||`."""

    first: Command
    rest: tuple[tuple[str, Command], ...]


class Loop(NamedTuple):
    """`for`, `while`, `until`, `select`."""

    condition: tuple[Command, ...]
    body: tuple[Command, ...]
    name: str = ""
    words: tuple[Word, ...] | None = None
    """What the name takes one after the other; None where that is not written."""


class Function(NamedTuple):
    """A function is defined."""

    name: str
    body: tuple[Command, ...]


Command: TypeAlias = Simple | Pipeline | Sequence | Choice | Maybe | Loop | Function

_blank = re.compile(r"(?:[ \t\r]|\\\r?\n)+").match
_comment = re.compile(r"#[^\n]*").match
_assignment = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\[[^\]\n]*\])?(\+?)=").match
_function = re.compile(r"([^\s'\"\\$`|&;()<>=]+)[ \t]*\([ \t]*\)").match
_redirect = re.compile(r"(?:[0-9]+|\{[A-Za-z_]\w*\})?(<<<|<<-|<<|<>|>>|>\||>&|<&|>|<)|&>>?").match
_reserved = re.compile(r"(?:[{}!]|\[\[|\]\]|[a-z]+)(?=[\s;&|()<>]|$)").match
DECLARING = frozenset({"export", "declare", "typeset", "local", "readonly"})
_NOTHING: frozenset[str] = frozenset()
_THEN, _BRANCH, _FI = frozenset({"then"}), frozenset({"elif", "else", "fi"}), frozenset({"fi"})
_ESAC, _DO, _DONE, _BRACE = frozenset({"esac"}), frozenset({"do"}), frozenset({"done"}), frozenset({"}"})
_NOT_COMMANDS = frozenset({"then", "do", "else", "elif", "fi", "done", "esac", "}"})


class _Pending(NamedTuple):
    delimiter: str
    is_quoted: bool
    strips_tabs: bool
    found: list[Word]


def parse(script: Script) -> tuple[Command, ...]:
    """The commands of a script; raises `TooDeepError`."""
    parser = _Parser(script)
    commands: list[Command] = []
    while parser.at < parser.end:
        commands += parser.list_until(_NOTHING)
        parser.at += parser.at < parser.end  # a word or bracket that closes nothing
        parser.pass_word()
    return tuple(commands)


class _Parser(WordReader):
    def __init__(self, script: Script) -> None:
        super().__init__(script)
        self._pending: list[_Pending] = []

    def substituted(self, close: str) -> tuple[Command, ...]:
        commands = self.list_until(_NOTHING, close)
        if close == ")" and self.text[self.at : self.at + 1] == ")" and self.at < self.end:
            self.at += 1
        return tuple(commands)

    def list_until(self, stops: frozenset[str], close: str = "") -> list[Command]:
        """The commands up to one of these words or this character, which is not passed."""
        commands: list[Command] = []
        while True:
            self._skip_lines()
            if self.at >= self.end or self.text[self.at] in f"){close}" or self._ends_branch():
                return commands
            if self._peek() in stops or self._peek() in _NOT_COMMANDS:
                return commands
            before = self.at
            command = self._chain()
            if command is not None:
                commands.append(command)
            if self.at == before:
                self.at += 1  # what no command begins with

    # Blanks, lines, words of the language

    def _skip_blanks(self) -> None:
        if match := _blank(self.text, self.at, self.end):
            self.at = match.end()
        if self.text[self.at : self.at + 1] == "#" and (match := _comment(self.text, self.at, self.end)):
            self.at = match.end()

    def _skip_lines(self) -> None:
        while True:
            self._skip_blanks()
            if self.at >= self.end:
                return
            char = self.text[self.at]
            if char == "\n":
                self.at += 1
                self._read_heredocs()
            elif (char == ";" and not self._ends_branch()) or (char == "&" and not self.text.startswith("&&", self.at)):
                self.at += 1
            else:
                return

    def _ends_branch(self) -> bool:
        return self.text.startswith((";;", ";&"), self.at)

    def pass_word(self) -> None:
        """Pass what is left of a word."""
        while self.at < self.end and self.text[self.at].isalpha():
            self.at += 1

    def _peek(self) -> str:
        """The word of the language that begins here, if one does."""
        match = _reserved(self.text, self.at, self.end)
        return match[0] if match else ""

    def _take(self, word: str) -> bool:
        self._skip_lines()
        if self._peek() != word:
            return False
        self.at += len(word)
        return True

    # Commands

    def _chain(self) -> Command | None:
        first = self._pipeline()
        if first is None:
            return None
        rest: list[tuple[str, Command]] = []
        while True:
            self._skip_blanks()
            operator = self.text[self.at : self.at + 2]
            if operator not in ("&&", "||"):
                break
            self.at += 2
            self._skip_lines()
            following = self._pipeline()
            if following is None:
                break
            rest.append((operator, following))
        whole: Command = Maybe(first, tuple(rest)) if rest else first
        if self.text[self.at : self.at + 1] == "&" and self.at < self.end:
            self.at += 1
            return Pipeline((whole,))
        return whole

    def _pipeline(self) -> Command | None:
        while True:
            self._skip_blanks()
            if self._peek() in ("!", "time"):
                self.at += len(self._peek())
            else:
                break
        first = self._command_here()
        if first is None:
            return None
        commands = [first]
        while True:
            self._skip_blanks()
            if self.text[self.at : self.at + 1] != "|" or self.text.startswith("||", self.at) or self.at >= self.end:
                break
            self.at += 1 + self.text.startswith("|&", self.at)
            self._skip_lines()
            following = self._command_here()
            if following is None:
                break
            commands.append(following)
        return commands[0] if len(commands) == 1 else Pipeline(tuple(commands))

    def _command_here(self) -> Command | None:
        self._skip_blanks()
        if self.at >= self.end:
            return None
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TooDeepError(self.script.offsets[self.at])
        try:
            word = self._peek()
            read = _COMPOUND.get(word)
            if read is not None:
                self.at += len(word)
                command: Command | None = read(self)
                self._skip_redirects()
            elif self.text.startswith("((", self.at) and (end := self.text.find("))", self.at, self.end)) > 0:
                self.at = end + 2
                command = Sequence(())
            elif self.text[self.at] == "(":
                self.at += 1
                command = Pipeline(tuple(self.list_until(_NOTHING, ")")))
                self.at += self.text[self.at : self.at + 1] == ")"
                self._skip_redirects()
            elif (match := _function(self.text, self.at, self.end)) and match[1] not in _COMPOUND:
                self.at = match.end()
                command = self._function_body(match[1])
            else:
                command = self._simple()
            return command
        finally:
            self.depth -= 1

    def _function_body(self, name: str) -> Command | None:
        self._skip_lines()
        body = self._command_here()
        return Function(name, () if body is None else (body,))

    def _named_function(self) -> Command | None:
        self._skip_blanks()
        word = self.word()
        self._skip_blanks()
        if self.text.startswith("()", self.at):
            self.at += 2
        return self._function_body((word.plain or "") if word else "")

    def _if(self) -> Command:
        condition = tuple(self.list_until(_THEN))
        self._take("then")
        branches = [tuple(self.list_until(_BRANCH))]
        while self._take("elif"):
            further = self.list_until(_THEN)
            self._take("then")
            branches.append((*further, *self.list_until(_BRANCH)))
        is_whole = self._take("else")
        if is_whole:
            branches.append(tuple(self.list_until(_FI)))
        self._take("fi")
        return Choice(condition, tuple(branches), is_whole)

    def _case(self) -> Command:
        self._skip_blanks()
        self.word()
        self._take("in")
        branches: list[tuple[Command, ...]] = []
        is_whole = False
        while True:
            self._skip_lines()
            if self.at >= self.end or self._take("esac"):
                break
            start = self.at
            self._pass_pattern()
            is_whole = is_whole or self.text[start : self.at].strip("( \t)") == "*"
            branches.append(tuple(self.list_until(_ESAC)))
            while self.at < self.end and self.text[self.at] in ";&":
                self.at += 1
            if self.at == start:
                break
        return Choice((), tuple(branches), is_whole)

    def _pass_pattern(self) -> None:
        self.at += self.text[self.at] == "("
        while self.at < self.end:
            self._skip_blanks()
            char = self.text[self.at : self.at + 1]
            if char in {")", "\n", ""}:
                self.at += char == ")"
                return
            if self.word() is None:
                self.at += 1

    def _for(self) -> Command:
        self._skip_blanks()
        if self.text.startswith("((", self.at):
            end = self.text.find("))", self.at, self.end)
            self.at = self.end if end < 0 else end + 2
            return self._do((), "", None)
        word = self.word()
        name = (word.plain or "") if word else ""
        words: list[Word] | None = None
        if self._take("in"):
            words = []
            while True:
                self._skip_blanks()
                found = self.word()
                if found is None:
                    break
                words.append(found)
        return self._do((), name, None if words is None else tuple(words))

    def _while(self) -> Command:
        return self._do(tuple(self.list_until(_DO)), "", None)

    def _do(self, condition: tuple[Command, ...], name: str, words: tuple[Word, ...] | None) -> Command:
        if self._take("{"):
            return Loop(condition, (self._braces(),), name, words)
        self._take("do")
        body = tuple(self.list_until(_DONE))
        self._take("done")
        return Loop(condition, body, name, words)

    def _braces(self) -> Command:
        commands = tuple(self.list_until(_BRACE))
        self._take("}")
        return Sequence(commands)

    def _test(self) -> Command:
        """`[[ … ]]`."""
        words: list[Word | Assignment] = [self.literal_word(self.at - 2, self.at)]
        while self.at < self.end:
            self._skip_blanks()
            if self._peek() == "]]" or self.text[self.at : self.at + 1] in ("\n", ""):
                self.at += 2 * (self._peek() == "]]")
                break
            word = self.word()
            if word is None:
                self.at += 1
            else:
                words.append(word)
        return Simple((), tuple(words), [])

    # Simple commands

    def _simple(self) -> Command | None:
        assignments: list[Assignment] = []
        words: list[Word | Assignment] = []
        heard: list[Word] = []
        start = self.at
        while True:
            self._skip_blanks()
            if self.at >= self.end:
                break
            if self._redirect(heard):
                continue
            declares = bool(words) and isinstance(words[0], Word) and words[0].plain in DECLARING
            if (not words or declares) and (match := _assignment(self.text, self.at, self.end)):
                (words or assignments).append(self._assignment(match))
                continue
            word = self.word()
            if word is None:
                break
            words.append(word)
        if self.at == start:
            return None
        return Simple(tuple(assignments), tuple(words), heard)

    def _assignment(self, match: re.Match[str]) -> Assignment:
        start, end = self.script.offsets[match.start(1)], self.script.offsets[match.end(1)]
        self.at = match.end()
        name, is_element, is_added = match[1], bool(match[2]), bool(match[3])
        if self.text[self.at : self.at + 1] == "(" and self.at < self.end:
            self.at += 1
            return Assignment(name, start, end, None, tuple(self._items()), is_added, is_element)
        return Assignment(name, start, end, self.word(), None, is_added, is_element)

    def _items(self) -> list[Word]:
        items: list[Word] = []
        while self.at < self.end:
            before = self.at
            self._skip_lines()
            if self.text[self.at : self.at + 1] == ")":
                self.at += 1
                break
            word = self.word()
            if word is not None:
                items.append(word)
            elif self.at == before:
                self.at += 1
        return items

    def _skip_redirects(self) -> None:
        self._skip_blanks()
        while self._redirect([]):
            self._skip_blanks()

    def _redirect(self, heard: list[Word]) -> bool:
        match = _redirect(self.text, self.at, self.end)
        if match is None or self.text.startswith(("<(", ">("), match.start()):
            return False
        self.at = match.end()
        kind = match[1]
        self._skip_blanks()
        if kind in ("<<", "<<-"):
            self._expect_heredoc(kind, heard)
            return True
        word = self.word()
        if kind == "<<<" and word is not None:
            heard.append(word)
        return True

    def _expect_heredoc(self, kind: str, heard: list[Word]) -> None:
        start = self.at
        word = self.word()
        if word is None:
            return
        raw = self.text[start : self.at]
        delimiter = "".join(part.text for part in word.parts if isinstance(part, Literal))
        self._pending.append(_Pending(delimiter, any(mark in raw for mark in "'\"\\"), kind == "<<-", heard))

    def _read_heredocs(self) -> None:
        pending, self._pending = self._pending, []
        for one in pending:
            start = self.at
            end, self.at = self._heredoc_end(one, start)
            word = self.literal_word(start, end) if one.is_quoted else self.text_of(start, end)
            one.found.append(word)

    def _heredoc_end(self, one: _Pending, start: int) -> tuple[int, int]:
        """Where the text ends, and where what follows it begins."""
        at = start
        while at < self.end:
            line_end = self.text.find("\n", at, self.end)
            line_end = self.end if line_end < 0 else line_end
            line = self.text[at:line_end].rstrip("\r")
            if (line.lstrip("\t") if one.strips_tabs else line) == one.delimiter:
                return at, line_end
            at = line_end + 1
        return self.end, self.end


_COMPOUND: dict[str, Callable[[_Parser], Command | None]] = {
    "if": _Parser._if,
    "case": _Parser._case,
    "for": _Parser._for,
    "select": _Parser._for,
    "while": _Parser._while,
    "until": _Parser._while,
    "{": _Parser._braces,
    "[[": _Parser._test,
    "function": _Parser._named_function,
}
