"""JavaScript and TypeScript as tokens: tolerant, linear, with the places of templates, regular expressions and JSX."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

NAME, STRING, NUMBER, REGEX, OTHER, END = "name", "string", "number", "regex", "other", "end"
WHOLE, HEAD, MIDDLE, TAIL = "`", "`{", "}{", "}`"
"""The pieces of a template: without a hole; before the first, between two, behind the last."""
JSX, JSX_END, TAG, ATTRIBUTE = "<jsx", "jsx>", "tag", "attribute"

_TOKEN = re.compile(
    r"""(?P<space>[\s\ufeff]+)
    |(?P<comment>//[^\n]*|(?m:^\#![^\n]*)|<!--[^\n]*)
    |(?P<block>/\*)
    |(?P<name>[#]?(?:[^\W\d]|[$]|\\u)[\w$\\]*+)
    |(?P<string>"(?:[^"\\\n]++|\\(?:\r\n|[\s\S]))*+"|'(?:[^'\\\n]++|\\(?:\r\n|[\s\S]))*+')
    |(?P<unclosed>"(?:[^"\\\n]++|\\(?:\r\n|[\s\S]))*+|'(?:[^'\\\n]++|\\(?:\r\n|[\s\S]))*+)
    |(?P<number>(?:\d|\.\d)(?:[eE][+-]\d|[\w.])*+)
    |(?P<template>`)
    |(?P<mark>=>|\.\.\.|\?\.(?!\d)|\?\?=?|&&=?|\|\|=?|\+\+|--|===?|!==?|<=|\*\*=?|[-+*/%&|^]=|[-+*/%=<>!&|^~?:;,.(){}\[\]@])
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
).match
_REGEX = re.compile(r"/(?![*/])(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*+\])++/[A-Za-z]*").match
BEHIND = 8
"""So many tokens stand behind the end of a text: whoever looks ahead, or skips what is missing, finds one."""
_LONGEST_REGEX = 100_000
"""Less and less is looked at where that fails again and again, so that a long line takes no square of its length."""
_CHUNK = re.compile(r"(?:[^`\\$]++|\\[\s\S]|\$(?!\{))*+").match
_TAG = re.compile(r"<\s*(?:>|(?P<name>[A-Za-z_$][\w$.:-]*))").match
_GENERIC = re.compile(r"""<\s*(?:const\s+)?[A-Za-z_$][\w$]*\s*(?:,|extends\b|=[^>{"'])""").match
_ATTRIBUTE = re.compile(
    r"""\s+|//[^\n]*|(?P<string>"[^"]*"|'[^']*')|(?P<hole>\{)|(?P<closed>/\s*>)|(?P<open>>)|[^\s=>{/"']+|.""", re.DOTALL
).match
_TEXT = re.compile(r"[^<{]*").match
_BEFORE_VALUE = frozenset(
    [
        "return",
        "typeof",
        "case",
        "in",
        "of",
        "do",
        "else",
        "void",
        "delete",
        "throw",
        "new",
        "instanceof",
        "await",
        "yield",
        "default",
        "extends",
        "as",
        "satisfies",
    ]
)
_BEFORE_CONDITION = frozenset({"if", "while", "for", "with"})


class Tokens(NamedTuple):
    """The tokens of a text, in parallel lists; the last ones say that it has ended."""

    kinds: list[str]
    words: list[str]
    """The text of names and marks; empty for all others."""
    starts: list[int]
    ends: list[int]
    partners: dict[int, int]
    """For the place of an opening bracket, that of the closing one, and the other way round from `~place`; a template
    and an element of JSX are brackets too."""
    comments: list[tuple[int, int]]
    stray: int
    """Where the first bracket without a partner stands; -1 where all have one."""


def tokens(text: str, *, has_jsx: bool) -> Tokens:
    """The tokens of a text, whatever it is."""
    return _Lexer(text, has_jsx).read()


class _Lexer:
    def __init__(self, text: str, has_jsx: bool) -> None:
        self.text = text
        self.has_jsx = has_jsx
        self.kinds: list[str] = []
        self.words: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.partners: dict[int, int] = {}
        self.comments: list[tuple[int, int]] = []
        self.open: list[tuple[str, int]] = []
        """What is open, and the token that opened it: brackets, holes of templates (`$`), of the attributes (`=`) and
        children (`+`) of JSX, and its elements (`<`, -1 for one within another)."""
        self.braces = 0
        self.longest_regex = _LONGEST_REGEX
        self.stray = -1

    def read(self) -> Tokens:
        text, at, end = self.text, 0, len(self.text)
        while at < end:
            match = _TOKEN(text, at)
            if match is None:
                break
            kind = match.lastgroup or OTHER
            stop = match.end()
            if kind == "space":
                at = stop
            elif kind == "mark":
                at = self._mark(match[0], at, stop)
            elif kind == "template":
                at = self._template(at, stop, WHOLE, HEAD)
            elif kind in ("comment", "block"):
                at = self._comment(at, stop, kind)
            elif kind == "unclosed":
                self._add(OTHER, "", at, stop)
                at = stop
            else:
                self._add(kind, match[0] if kind == NAME else "", at, stop)
                at = stop
        for _ in range(BEHIND):
            self._add(END, "", end, end)
        if self.open and self.stray < 0:
            self.stray = next((self.starts[opened] for _, opened in self.open if opened >= 0), -1)
        return Tokens(self.kinds, self.words, self.starts, self.ends, self.partners, self.comments, self.stray)

    def _add(self, kind: str, word: str, start: int, end: int) -> int:
        self.kinds.append(kind)
        self.words.append(word)
        self.starts.append(start)
        self.ends.append(end)
        return len(self.kinds) - 1

    def _comment(self, at: int, stop: int, kind: str) -> int:
        if kind == "block":
            close = self.text.find("*/", stop)
            stop = len(self.text) if close < 0 else close + 2
        self.comments.append((at, stop))
        return stop

    def _mark(self, mark: str, at: int, stop: int) -> int:
        if mark[0] == "/" and self._is_value_next(at):
            regex = _REGEX(self.text, at, at + self.longest_regex)
            if regex is None:
                self.longest_regex = max(self.longest_regex // 2, 200)
            else:
                self._add(REGEX, "", at, regex.end())
                return regex.end()
        elif mark == "<" and self.has_jsx and self.text[at - 1 : at] != "<" and self._is_value_next(at):
            tag = _TAG(self.text, at)
            if tag is not None and not _GENERIC(self.text, at):
                return self._jsx(*self._element(tag, self._add(JSX, "", at, tag.end())))
        elif mark in "([{":
            self.braces += mark == "{"
            self.open.append((mark, self._add(mark, mark, at, stop)))
            return stop
        elif mark in ")]":
            self._close(mark, at, stop)
            return stop
        elif mark == "}":
            return self._close_brace(at, stop)
        self._add(mark, mark, at, stop)
        return stop

    def _is_value_next(self, at: int) -> bool:
        """Whether a value may begin here, so that `/` is no division and `<` no comparison."""
        if not self.kinds:
            return True
        last = len(self.kinds) - 1
        kind = self.kinds[last]
        if kind == NAME:
            return self.words[last] in _BEFORE_VALUE and not (last and self.kinds[last - 1] in (".", "?."))
        if kind == ")":
            opened = self.partners.get(~last)
            return opened is not None and opened > 0 and self.words[opened - 1] in _BEFORE_CONDITION
        if kind == "}":
            return "\n" in self.text[self.ends[last] : at]
        return kind not in (STRING, NUMBER, REGEX, WHOLE, TAIL, JSX_END, "]", "++", "--", OTHER)

    def _close(self, mark: str, at: int, stop: int) -> None:
        place = self._add(mark, mark, at, stop)
        if self.open and self.open[-1][0] == ("(" if mark == ")" else "["):
            self._pair(self.open.pop()[1], place)
        elif self.stray < 0:
            self.stray = at

    def _pair(self, opened: int, place: int) -> None:
        self.partners[opened] = place
        self.partners[~place] = opened

    def _close_brace(self, at: int, stop: int) -> int:
        if not self.braces:
            self.stray = at if self.stray < 0 else self.stray
            self._add("}", "}", at, stop)
            return stop
        while self.open[-1][0] in "([<":
            self.open.pop()
            self.stray = at if self.stray < 0 else self.stray
        mode, opened = self.open.pop()
        self.braces -= 1
        if mode == "$":
            return self._template(at, stop, TAIL, MIDDLE, opened)
        self._pair(opened, self._add("}", "}", at, stop))
        if mode in "=+":
            return self._jsx(_Lexer._attributes if mode == "=" else _Lexer._children, stop)
        return stop

    def _template(self, at: int, stop: int, closed: str, holed: str, opened: int = -1) -> int:
        """A piece of a template, from its backtick or the end of a hole to the next hole or its end."""
        match = _CHUNK(self.text, stop)
        end = stop if match is None else match.end()
        if self.text.startswith("${", end):
            place = self._add(holed, "", at, end + 2)
            self.open.append(("$", place if opened < 0 else opened))
            self.braces += 1
            return end + 2
        end = min(end + 1, len(self.text))
        place = self._add(closed, "", at, end)
        if opened >= 0:
            self._pair(opened, place)
        return end

    def _jsx(self, step: _Step | None, at: int) -> int:
        """Elements of JSX up to a hole in them or their end, in steps, since one may have thousands of children."""
        while step is not None:
            step, at = step(self, at)
        return at

    def _element(self, tag: re.Match[str], root: int) -> tuple[_Step | None, int]:
        """An element from its name on; `root` is -1 for one that is the child of another."""
        self.open.append(("<", root))
        name = tag["name"]
        if name is None:
            return _Lexer._children, tag.end()
        self._add(TAG, name.partition(".")[0], tag.start("name"), tag.end())
        return _Lexer._attributes, tag.end()

    def _attributes(self, at: int) -> tuple[_Step | None, int]:
        text, end = self.text, len(self.text)
        while at < end:
            match = _ATTRIBUTE(text, at)
            if match is None:
                break
            kind = match.lastgroup
            at = match.end()
            if kind == "hole":
                return None, self._hole("=", at)
            if kind == "string":
                self._add(ATTRIBUTE, "", match.start(), at)
            elif kind == "closed":
                return (None if self._is_out(at) else _Lexer._children), at
            elif kind == "open":
                return _Lexer._children, at
        return None, at

    def _hole(self, mode: str, at: int) -> int:
        self.braces += 1
        self.open.append((mode, self._add("{", "{", at - 1, at)))
        return at

    def _is_out(self, at: int) -> bool:
        """Ends an element; whether that was the outermost one."""
        root = self.open.pop()[1]
        if root >= 0:
            self._pair(root, self._add(JSX_END, "", at - 1, at))
        return root >= 0

    def _children(self, at: int) -> tuple[_Step | None, int]:
        text, end = self.text, len(self.text)
        while at < end:
            match = _TEXT(text, at)
            at = end if match is None else match.end()
            if at >= end:
                break
            if text[at] == "{":
                return None, self._hole("+", at + 1)
            if text.startswith("</", at):
                close = text.find(">", at)
                at = end if close < 0 else close + 1
                if self._is_out(at):
                    break
                continue
            tag = _TAG(text, at)
            if tag is not None:
                return self._element(tag, -1)
            at += 1
        return None, at


_Step = Callable[[_Lexer, int], "tuple[_Step | None, int]"]
