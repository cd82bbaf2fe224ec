"""Expressions of Terraform's language, by recursive descent over the words of the text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.sources.hcl_scan import ACROSS_LINES, BY_LINE, Scanner, UnreadableError
from bedrock_policy_lint.sources.hcl_text import (
    Directive,
    join,
    nest,
    remove_indent,
    strip_before,
    strip_start,
    unescape,
)
from bedrock_policy_lint.sources.hcl_tree import (
    MAX_DEPTH,
    MAX_HEIGHT,
    Binary,
    Broken,
    Call,
    Conditional,
    Each,
    Expression,
    ForObject,
    ForTuple,
    GetAttr,
    Index,
    Interpolation,
    Literal,
    Name,
    ObjectCons,
    ObjectItem,
    Paren,
    Splat,
    TemplateText,
    TextPart,
    Tuple,
    Unary,
    Variable,
    is_higher_than,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from bedrock_policy_lint.sources.hcl_text import Segment
    from bedrock_policy_lint.sources.hcl_tree import Kind
    from bedrock_policy_lint.sources.source import Source

_POWERS = {
    "||": 1,
    "&&": 2,
    "==": 3,
    "!=": 3,
    "<": 4,
    ">": 4,
    "<=": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "%": 6,
}
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_LONGEST_NUMBER = 400
_MOST_UNCLOSED_HEREDOCS = 5
"""Each is looked for to the end of the text."""

_NEAR = 500
"""So far behind an error within `${ … }` its end is looked for."""

_plain_quoted = re.compile(r"(?:[^\"\\$%\r\n]++|\\[^\r\n]|\$\$\{|%%\{|[$%](?!\{))*+").match
_plain_line = re.compile(r"(?:[^$%\r\n]++|\$\$\{|%%\{|[$%](?!\{))*+(?:\r?\n)?").match


class Expressions(Scanner):
    """Reads expressions; raises `UnreadableError` where one cannot be read."""

    __slots__ = ("_unclosed_heredocs",)

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._unclosed_heredocs: set[str] = set()
        """The closing words that do not stand in the rest of the text."""

    def expression(self) -> Expression:
        """The expression that begins at the word it is at."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.too_deep()
        value = self.operand()
        if self.kind in _POWERS:
            value = self._binary(value, 1)
        if self.kind == "?":
            value = self._conditional(value)
        self.depth -= 1
        return value

    def too_deep(self) -> UnreadableError:
        """The complaint that something nests deeper than the tree may."""
        return UnreadableError("this nests too deep to be read", self.start, self.end)

    def check_height(self, value: Expression) -> None:
        """Complain about an expression that is too high because of long chains, which do not nest."""
        if self.links > MAX_HEIGHT - MAX_DEPTH and is_higher_than(value, MAX_HEIGHT):
            message = f"this chain is too long to be read: more than {MAX_HEIGHT} links hang on each other"
            raise UnreadableError(message, value.start, value.start + 1)

    def _binary(self, left: Expression, lowest: int) -> Expression:
        """The operators that bind no less than `lowest`, and their right operands."""
        powers = _POWERS
        while (power := powers.get(self.kind, 0)) >= lowest:
            operator = self.kind
            self.next()
            right = self.operand()
            while powers.get(self.kind, 0) > power:
                right = self._binary(right, power + 1)
            left = Binary(operator, left, right, left.start, right.end, self.source)
            self.links += 1
        return left

    def _conditional(self, condition: Expression) -> Expression:
        asked = self.start
        self.next()
        then = self.expression()
        if self.kind != ":":
            raise self.expected("`:` and a value for the other case", asked)
        self.next()
        otherwise = self.expression()
        self.links += 1
        return Conditional(condition, then, otherwise, condition.start, otherwise.end, self.source)

    def operand(self) -> Expression:
        """A value with what is done with it: attributes, indexes, splats; or one with a sign before it."""
        kind = self.kind
        start, end = self.start, self.end
        value: Expression
        if kind == "string":
            value = self._string(start, end)
            self.next()
        elif kind == "id":
            value = self._word(start, end)
        elif kind == "[":
            value = self._tuple()
        elif kind == "{":
            value = self._object()
        elif kind == "quote":
            value = self._quoted()
        elif kind == "number":
            value = self._number(start, end)
            self.next()
        elif kind == "heredoc":
            value = self._heredoc()
        elif kind == "(":
            mode = self._enter()
            inner = self.expression()
            value = Paren(inner, start, self._leave(")", "an operator or `)`", mode, start), self.source)
        elif kind in ("-", "!"):
            return self._unary()
        else:
            raise self._no_value()
        if self.kind == "." or self.kind == "[":  # noqa: PLR1714 -- this is hot
            return self._steps(value)
        return value

    def _unary(self) -> Expression:
        operator, start = self.kind, self.start
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.too_deep()
        self.next()
        operand = self.operand()
        self.depth -= 1
        return Unary(operator, operand, start, operand.end, self.source)

    def _no_value(self) -> UnreadableError:
        if self.text.startswith("<<", self.start):
            hint = "write `<<`, a word, and a line end right behind it"
            error = UnreadableError("this begins no heredoc", self.start, self.end + 1, hint=hint)
            error.in_text = True
            return error
        return self.expected("a value")

    def _enter(self) -> Callable[[str, int], re.Match[str] | None]:
        """Go on behind an opening bracket; what held for line ends before is to be given to `_leave`."""
        mode = self.match
        self.match = ACROSS_LINES
        self.next()
        return mode

    def _leave(self, closer: str, what: str, mode: Callable[[str, int], re.Match[str] | None], opened: int) -> int:
        """Go on behind a closing bracket, and give its end."""
        if self.kind != closer:
            raise self.expected(what, opened)
        end = self.end
        self.match = mode
        self.next()
        return end

    # Plain values.

    def _string(self, start: int, end: int) -> Literal:
        plain = self.text[start + 1 : end - 1]
        if "\\" not in plain:
            return Literal(plain, start, end, self.source)
        text, places = unescape(self.source, start + 1, end - 1, quoted=True, complain=self.complain)
        return Literal(text, start, end, self.source, None if type(places) is range else places)

    def _number(self, start: int, end: int) -> Literal:
        written = self.text[start:end]
        if len(written) > _LONGEST_NUMBER:
            raise UnreadableError(f"this number has more than {_LONGEST_NUMBER} characters", start, end)
        try:
            value = int(written) if written.isdigit() else float(written)
        except ValueError:
            raise UnreadableError(f"`{written[:40]}` is no number", start, end) from None
        return Literal(value, start, end, self.source)

    def _word(self, start: int, end: int) -> Expression:
        word = self.text[start:end]
        self.next()
        while self.kind == "::":
            self.next()
            end = self.end
            word += "::" + self._identifier("the name of a function")
        if self.kind == "(":
            return self._call(Name(word, start, end, self.source))
        if word in _WORDS:
            return Literal(_WORDS[word], start, end, self.source)
        if "::" in word:
            raise self.expected(f"`(`, as `{word[:40]}` is a function,")
        return Variable(word, start, end, self.source)

    # What is done with a value.

    def _steps(self, value: Expression) -> Expression:
        """Attributes, indexes and splats behind a value."""
        while True:
            if self.kind == ".":
                value = self._dot(value)
            elif self.kind == "[":
                value = self._index(value)
            else:
                return value
            self.links += 1

    def _dot(self, subject: Expression) -> Expression:
        dot = self.start
        self.next()
        start, end = self.start, self.end
        if self.kind == "id":
            name = Name(self._identifier("an attribute's name"), start, end, self.source)
            return GetAttr(subject, name, subject.start, end, self.source)
        if self.kind == "number":
            return self._numbered(subject)
        if self.kind == "*":
            return self._attribute_splat(subject, dot, end)
        raise self.expected("an attribute's name", hint="delete the dot")

    def _numbered(self, subject: Expression) -> Expression:
        """`list.0`, as Terraform 0.11 had it."""
        start, end = self.start, self.end
        written = self.text[start:end]
        if "." in written:
            hint = f"write `[{written.replace('.', '][')}]`"
            raise UnreadableError("one index behind the other is written in brackets", start, end, hint=hint)
        key = self._number(start, end)
        self.next()
        return Index(subject, key, subject.start, end, self.source)

    def _attribute_splat(self, subject: Expression, dot: int, end: int) -> Expression:
        self.next()
        each: Expression = Each(end, end, self.source)
        while self.kind == ".":
            if self.text.startswith("*", self.at):
                raise UnreadableError("a splat with `.*` holds no other", dot, end, hint="write `[*]`")
            each = self._dot(each)
            self.links += 1
        return Splat(subject, each, False, subject.start, each.end, self.source)

    def _index(self, subject: Expression) -> Expression:
        opened, mode = self.start, self.match
        self.next()
        if self.kind == "*":
            # Unlike an index, it must stand on one line.
            self.next()
            end = self._leave("]", "`]`", mode, opened)
            return self._full_splat(subject, end)
        self.match = ACROSS_LINES
        if self.kind == "newline":
            self.next()
        key = self.expression()
        return Index(subject, key, subject.start, self._leave("]", "`]`", mode, opened), self.source)

    def _full_splat(self, subject: Expression, end: int) -> Expression:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.too_deep()
        each = self._steps(Each(end, end, self.source))
        self.depth -= 1
        return Splat(subject, each, True, subject.start, each.end, self.source)

    def _call(self, name: Name) -> Expression:
        opened = self.start
        mode = self._enter()
        arguments: list[Expression] = []
        expands = False
        while self.kind != ")":
            arguments.append(self.expression())
            if self.kind == "...":
                expands = True
                self.next()
                break
            if self.kind != ",":
                break
            self.next()
        what = "`)`" if expands else "`,` or `)`"
        end = self._leave(")", what, mode, opened)
        return Call(name, tuple(arguments), expands, name.start, end, self.source)

    # Collections.

    def _tuple(self) -> Expression:
        opened = self.start
        mode = self._enter()
        if self._is_word("for"):
            return self._for_tuple(opened, mode)
        items: list[Expression] = []
        while self.kind != "]":
            items.append(self.expression())
            if self.kind != ",":
                break
            self.next()
        end = self._leave("]", "`,` or `]`", mode, opened)
        return Tuple(tuple(items), opened, end, self.source)

    def _object(self) -> Expression:
        opened = self.start
        mode = self._enter()
        if self._is_word("for"):
            return self._for_object(opened, mode)
        self.match = BY_LINE
        items: list[ObjectItem] = []
        while self.kind != "}":
            if self.kind == "newline":
                self.next()
                continue
            key = self._key()
            if self.kind not in ("=", ":"):
                raise self.expected("`=`", opened)
            self.next()
            items.append(ObjectItem(key, self.expression()))
            if self.kind == ",":
                self.next()
            elif self.kind != "newline":
                break
        end = self._leave("}", "`,`, a new line or `}`", mode, opened)
        return ObjectCons(tuple(items), opened, end, self.source)

    def _key(self) -> Expression:
        """The key of an item, where a bare word stands for itself."""
        key = self.expression()
        if type(key) is Variable or (type(key) is Literal and (key.value is None or type(key.value) is bool)):
            start, end = key.start, key.end
            return Literal(self.text[start:end], start, end, self.source, range(start, end + 1))
        return key

    def _is_word(self, word: str) -> bool:
        return self.kind == "id" and self.text.startswith(word, self.start) and self.end - self.start == len(word)

    def _identifier(self, what: str) -> str:
        """The identifier that it is at; goes on behind it."""
        word = self.word()
        if self.kind != "id" or "::" in word:
            raise self.expected(what)
        self.next()
        return word

    def _loop(self) -> tuple[Name | None, Name, Expression]:
        """`key, value in collection`, from the word `for` on."""
        self.next()
        key, value = None, self._loop_name()
        if self.kind == ",":
            self.next()
            key, value = value, self._loop_name()
        if not self._is_word("in"):
            raise self.expected("`in`")
        self.next()
        return key, value, self.expression()

    def _loop_name(self) -> Name:
        start, end = self.start, self.end
        return Name(self._identifier("a name"), start, end, self.source)

    def _for_tuple(self, opened: int, mode: Callable[[str, int], re.Match[str] | None]) -> Expression:
        key_name, value_name, collection = self._loop()
        self._colon()
        result = self.expression()
        if self.kind == "=>":
            raise self.expected("`]`", opened, hint="write braces for an object")
        condition = self._if()
        end = self._leave("]", "`if` or `]`", mode, opened)
        return ForTuple(key_name, value_name, collection, result, condition, opened, end, self.source)

    def _for_object(self, opened: int, mode: Callable[[str, int], re.Match[str] | None]) -> Expression:
        key_name, value_name, collection = self._loop()
        self._colon()
        key = self.expression()
        if self.kind != "=>":
            raise self.expected("`=>` and a value", opened, hint="write `[` and `]` for a list")
        self.next()
        value = self.expression()
        groups = self.kind == "..."
        if groups:
            self.next()
        condition = self._if()
        end = self._leave("}", "`if` or `}`", mode, opened)
        return ForObject(key_name, value_name, collection, key, value, condition, groups, opened, end, self.source)

    def _colon(self) -> None:
        if self.kind != ":":
            raise self.expected("`:`")
        self.next()

    def _if(self) -> Expression | None:
        if not self._is_word("if"):
            return None
        self.next()
        return self.expression()

    # Templates.

    def _quoted(self) -> Expression:
        """A text in quotes that is more than one word."""
        opened, mode = self.start, self.match
        text = self.text
        at = opened + 1
        tokens: list[Segment] = []
        strips = False
        while True:
            end = _end(_plain_quoted, text, at)
            if end > at:
                strips = self._text(tokens, at, end, strips, quoted=True)
            if text.startswith('"', end):
                break
            if not text.startswith(("${", "%{"), end):
                raise self._unclosed_string(opened, end)
            at, strips = self._sequence(tokens, end, opened)
        self.match = mode
        self.at = end + 1
        self.next()
        return self._template("quoted", join(tokens), opened, end + 1)

    def _unclosed_string(self, opened: int, end: int) -> UnreadableError:
        hint = "write `\\n` for a line end" if self.text[end : end + 1] in "\r\n" else ""
        return UnreadableError("this string has no closing quote on its line", opened, max(end, opened + 1), hint=hint)

    def _heredoc(self) -> Expression:
        opened, mode = self.start, self.match
        head = self.text[opened : self.end]
        indented = head.startswith("<<-")
        tag = head[3 if indented else 2 :].strip()
        tokens, at = self._lines(self.end, opened, tag)
        self.match = mode
        line_end = self.text.index("\n", at)
        end = at + len(self.text[at:line_end].rstrip())
        # Other white space than blanks may stand behind the tag, but nowhere else.
        self.at = line_end - 1 if self.text[line_end - 1] == "\r" else line_end
        self.next()
        if indented:
            remove_indent(tokens)
        return self._template("indented" if indented else "heredoc", join(tokens), opened, end)

    def bare_template(self) -> Expression:
        """The whole text as a template."""
        tokens, end = self._lines(0, 0, None)
        value = self._template("bare", join(tokens), 0, end)
        self.check_height(value)
        return value

    def _lines(self, at: int, opened: int, tag: str | None) -> tuple[list[Segment], int]:
        """The tokens of a template whose lines stand for themselves, and where it ends: at the line with its tag."""
        if tag in self._unclosed_heredocs or len(self._unclosed_heredocs) >= _MOST_UNCLOSED_HEREDOCS:
            raise _unclosed_heredoc(tag, opened)
        tokens: list[Segment] = []
        text = self.text
        begins_line, strips = True, False
        while not (begins_line and tag is not None and _is_tag(text, at, tag)):
            end = _end(_plain_line, text, at)
            if end > at:
                strips = self._text(tokens, at, end, strips, quoted=False)
                begins_line = text[end - 1] == "\n"
            if text.startswith(("${", "%{"), end):
                at, strips = self._sequence(tokens, end, opened)
                begins_line = False
            elif end < len(text):
                at = end if end > at else self._carriage_return(tokens, at)
            elif tag is None:
                return tokens, end
            else:
                self._unclosed_heredocs.add(tag)
                raise _unclosed_heredoc(tag, opened)
        return tokens, at

    def _carriage_return(self, tokens: list[Segment], at: int) -> int:
        """Go on behind one that does not belong to a line end."""
        self.complain("a carriage return stands here without a line feed", at, at + 1, hint="delete it")
        self._text(tokens, at, at + 1, False, quoted=False)
        return at + 1

    def _text(self, tokens: list[Segment], start: int, end: int, strips: bool, *, quoted: bool) -> bool:
        """Add a piece of text; what stands behind it is not to be stripped."""
        text, places = unescape(self.source, start, end, quoted=quoted, complain=self.complain)
        part = TextPart(text, places, start, end, self.source)
        tokens.append(strip_start(part) if strips else part)
        return False

    def _sequence(self, tokens: list[Segment], start: int, opened: int) -> tuple[int, bool]:
        """Add `${ … }` or `%{ … }`; where it ends, and whether the text behind it is stripped."""
        at = start + 2
        strips_before = self.text.startswith("~", at)
        if strips_before:
            strip_before(tokens)
            at += 1
        self.match = ACROSS_LINES
        self.at = at
        depth = self.depth
        if self.text[start] == "%":
            self.next()
            directive = self._directive(start)
            strips = self._end_of_sequence(start)
            tokens.append(directive._replace(end=self.end))
            self.links += 1
            return self.end, strips
        try:
            self.next()
            value = self.expression()
            strips = self._end_of_sequence(start)
            end = self.end
        except UnreadableError as stop:
            # Scripts in heredocs have much that looks like this: what stands around it is read all the same.
            end = self._closing_brace(max(stop.start, self.start))
            if not end:
                raise
            self.record(stop)
            self.depth = depth
            value, strips = Broken(at, end - 1, self.source), False
        tokens.append(Interpolation(value, strips_before, strips, start, end, self.source))
        return end, strips

    def _closing_brace(self, at: int) -> int:
        """Behind the next `}`, if it is near and on the same line, or 0."""
        end = self.text.find("}", at, at + _NEAR) + 1
        return end if end and "\n" not in self.text[at:end] else 0

    def _end_of_sequence(self, start: int) -> bool:
        """Whether it ends in `~}`."""
        if self.kind not in ("}", "~}"):
            hint = f"write `{self.text[start] * 2}{{` if this is meant for another program"
            raise self.expected("`}`", start, hint)
        return self.kind == "~}"

    def _directive(self, start: int) -> Directive:
        word = self.word()
        if word == "for":
            key_name, value_name, collection = self._loop()
            return Directive(word, start, start, key_name, value_name, collection)
        if word == "if":
            self.next()
            return Directive(word, start, start, subject=self.expression())
        if word in ("else", "endif", "endfor"):
            self.next()
            return Directive(word, start, start)
        hint = "write `%%{` if this is meant for another program"
        raise self.expected("`if`, `else`, `endif`, `for` or `endfor`", start, hint)

    def _template(self, kind: Kind, tokens: list[Segment], start: int, end: int) -> Expression:
        if len(tokens) <= 1 and kind in ("quoted", "bare"):
            part = tokens[0] if tokens else TextPart("", (start,), start, start, self.source)
            if type(part) is TextPart:
                return Literal(part.text, start, end, self.source, part.places)
        if not tokens:
            at = self.text.index("\n", start) + 1
            tokens.append(TextPart("", (at,), at, at, self.source))
        try:
            parts = nest(tokens, self.source)
        except UnreadableError as stop:
            self.record(stop)
            return Broken(start, end, self.source)
        return TemplateText(kind, parts, start, end, self.source)


def _is_tag(text: str, at: int, tag: str) -> bool:
    """Whether the line that begins here is the last of a heredoc; it needs a line end."""
    end = text.find("\n", at)
    if end < 0:
        return False
    line = text[at:end].removesuffix("\r")
    return line.strip() == tag and "\r" not in line


def _unclosed_heredoc(tag: str | None, opened: int) -> UnreadableError:
    hint = f"write `{tag}` on a line of its own where it ends"
    error = UnreadableError("this heredoc has no end", opened, opened + 2, hint=hint)
    error.in_text = True
    return error


def _end(match: Callable[[str, int], re.Match[str] | None], text: str, at: int) -> int:
    found = match(text, at)
    return found.end() if found else at
