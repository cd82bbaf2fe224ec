"""JSON to spanned nodes: every key and value has its place, and common slips are survived and reported."""

from __future__ import annotations

import re
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any, NamedTuple

from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bedrock_policy_lint.sources.source import Source

MAX_DEPTH = 200
"""No policy nests deeper; a file that does is refused with its position."""
MAX_VALUES = 2_000_000
"""A text may promise no more values than this: each takes some 200 bytes of memory, and the least has 2 of text."""

_space = re.compile(r"[ \t\n\r]*").match
_number = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?").match
_word = re.compile(r"[^\s,:{}\[\]\"]+").match
_line_end = re.compile(r"[\r\n]").search
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)
_SURROGATE_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_MEANT = {"True": "true", "False": "false", "None": "null", "TRUE": "true", "FALSE": "false"}
_TEMPLATE = ("${", "%{", "{{", "{%", "<")
_QUOTES = {"'": "single quotes", "`": "backticks", "\u201c": "curly quotes", "\u201d": "curly quotes"}
_LONGEST_NUMBER = 400
_LONGEST_QUOTED = 40
_MOST_SHARED = 4096
"""How many different strings are kept to be used again: names, effects and actions come back, most others do not."""


class Slip(NamedTuple):
    """Something strict JSON forbids and its reader survives; a comment of any language."""

    kind: str
    """`trailing-comma`, `duplicate-key`, `json-comment`, `yaml-comment` or `toml-comment`."""
    start: int
    end: int


class JsonError(Exception):
    """The text is not JSON; `start` and `end` bound the place where reading stopped.

    `opened` is where the bracket, string or comment began that reading stopped in; `hint` says what to write.
    """

    def __init__(self, message: str, start: int, end: int, opened: int | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = max(end, start + 1)
        self.opened = opened
        self.hint = hint


class LimitError(JsonError):
    """The text may be JSON, but there is more in it than this reader takes."""


def read(source: Source) -> tuple[Node, list[Slip]]:
    """The tree of a JSON text and the slips survived on the way; raises `JsonError`."""
    reader = _Reader(source)
    text = source.text
    if len(text) > MAX_VALUES and sum(map(text.count, ",[{")) > MAX_VALUES:
        message = f"it has more than {MAX_VALUES:,} commas and brackets, and no policy has so many"
        raise LimitError(message, 0, 0, hint="leave it out")
    start = reader.skip(0)
    if start == len(text):
        raise JsonError("the file is empty", 0, 0)
    try:
        root = reader.value(start, 0)
    except JSONDecodeError as error:
        raise _string_error(text, error) from None
    end = reader.skip(root.end)
    if end != len(text):
        raise _left_over(text, end)
    return root, reader.slips


def value_at(source: Source, at: int) -> Node:
    """The tree of the value that begins at an offset of a text that is JSON; raises `JsonError`."""
    try:
        return _Reader(source).value(at, 0)
    except JSONDecodeError as error:
        raise _string_error(source.text, error) from None


def _left_over(text: str, at: int) -> JsonError:
    """What stands behind the document."""
    if text[at] in "{[":
        hint = "write the statements of both into one `Statement` list, or each document into a file of its own"
        return JsonError("a second document begins here, and a file holds one", at, at + 1, hint=hint)
    if text[at] in "}]":
        return JsonError(f"this `{text[at]}` closes nothing", at, at + 1, hint="delete it")
    return JsonError(f"the document ends before {_seen(text, at)}", at, at + 1, hint="delete what stands behind it")


class _Reader:
    """One pass over one text, with the state that the pass needs."""

    __slots__ = ("_shared", "slips", "source", "text")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.slips: list[Slip] = []
        self._shared: dict[str, str] = {}

    def skip(self, at: int) -> int:
        """The offset behind white space and comments."""
        text = self.text
        match = _space(text, at)
        at = match.end() if match else at
        if text[at : at + 1] != "/":
            return at
        while text.startswith(("//", "/*"), at):
            if text[at + 1] == "/":
                line_end = _line_end(text, at)
                end = line_end.start() if line_end else len(text)
            else:
                end = text.find("*/", at + 2) + 2
                if end < 2:
                    raise JsonError("this comment has no end", at, at + 2, hint="delete it: JSON has no comments")
            self.slips.append(Slip("json-comment", at, end))
            match = _space(text, end)
            at = match.end() if match else end
        return at

    def value(self, at: int, depth: int, opened: int | None = None) -> Node:
        """The value that begins at `at`, which must not be white space, inside the bracket at `opened`."""
        first = self.text[at : at + 1]
        if first == '"':
            string, end = scanstring(self.text, at + 1, True)
            shared = self._shared
            find = shared.setdefault if len(shared) < _MOST_SHARED else shared.get
            return Node(find(string, string), at, end, self.source)
        if first == "{":
            return self._object(at, depth + 1)
        if first == "[":
            return self._array(at, depth + 1)
        return self._plain(at, opened)

    def _object(self, opened: int, depth: int) -> Node:
        members: list[Node] = []
        add = members.append
        seen: set[str] = set()
        source, text, shared = self.source, self.text, self._shared
        at = self._open(opened, depth)
        while text[at : at + 1] != "}":
            if text[at : at + 1] != '"':
                raise self._no_name(at, opened)
            name, end = scanstring(text, at + 1, True)
            name = shared.setdefault(name, name)
            if name in seen:
                self.slips.append(Slip("duplicate-key", at, end))
            seen.add(name)
            add(Node(name, at, end, source))
            colon = end if text[end : end + 1] == ":" else self.skip(end)
            if text[colon : colon + 1] != ":":
                raise self._expected(f"`:` after the name `{name[:40]}`", colon, opened)
            value = self.value(self.skip(colon + 1), depth, opened)
            add(value)
            at = self._after(value, opened, "}")
        return Node(Object(members), opened, at + 1, source)

    def _array(self, opened: int, depth: int) -> Node:
        items: list[Node] = []
        text = self.text
        at = self._open(opened, depth)
        while text[at : at + 1] != "]":
            value = self.value(at, depth, opened)
            items.append(value)
            at = self._after(value, opened, "]")
        return Node(items, opened, at + 1, self.source)

    def _open(self, opened: int, depth: int) -> int:
        if depth > MAX_DEPTH:
            message = f"more than {MAX_DEPTH} brackets are open here, and no policy nests so deep"
            raise LimitError(message, opened, opened + 1)
        return self.skip(opened + 1)

    def _after(self, value: Node, opened: int, closer: str) -> int:
        """The offset of the next member or of the closing bracket behind `value`."""
        text = self.text
        at = value.end
        if text[at : at + 1] not in (",", closer):
            at = self.skip(at)
        if text[at : at + 1] == closer:
            return at
        if text[at : at + 1] != ",":
            raise self._no_comma(value, at, opened, closer)
        comma = at
        at = self.skip(at + 1)
        if text[at : at + 1] == closer:
            self.slips.append(Slip("trailing-comma", comma, comma + 1))
        return at

    def _plain(self, at: int, opened: int | None) -> Node:
        text = self.text
        match = _word(text, at)
        if match is None:
            raise self._expected("a value", at, opened)
        word = match[0]
        if word in _WORDS:
            return Node(_WORDS[word], at, match.end(), self.source)
        number = _number(text, at)
        if number and number.end() == match.end():
            if len(word) > _LONGEST_NUMBER:
                raise JsonError(f"this number has more than {_LONGEST_NUMBER} digits", at, match.end())
            plain: Any = float(word) if word.lstrip("-").strip("0123456789") else int(word)
            return Node(plain, at, match.end(), self.source)
        raise self._no_value(word, at, match.end())

    def _no_value(self, word: str, at: int, end: int) -> JsonError:
        if word in _MEANT:
            return JsonError(f"`{word}` is not JSON", at, end, hint=f"write `{_MEANT[word]}`")
        return self._foreign(at, end) or JsonError(
            f"`{word[:_LONGEST_QUOTED]}` is neither a string nor a number nor `true`, `false` or `null`",
            at,
            end,
            hint="put text in double quotes",
        )

    def _no_name(self, at: int, opened: int) -> JsonError:
        word = _word(self.text, at)
        end = word.end() if word else at + 1
        if opened == at - 1 and self.text.startswith(_TEMPLATE, opened):
            at = opened
        foreign = self._foreign(at, end)
        if foreign or not word:
            return foreign or self._expected("a name in double quotes or `}`", at, opened)
        message = f"the name `{word[0][:_LONGEST_QUOTED]}` stands without double quotes"
        return JsonError(message, at, end, hint="put it in double quotes")

    def _no_comma(self, value: Node, at: int, opened: int, closer: str) -> JsonError:
        foreign = self._foreign(at, at + 1)
        if not foreign and self.text[at : at + 1] in tuple('"{['):
            # Behind the value: that is where the comma goes.
            message = "a comma is missing between this value and the next"
            return JsonError(message, value.end - 1, value.end, hint="write a comma behind this value")
        return foreign or self._expected(f"`,` or `{closer}`", at, opened)

    def _foreign(self, at: int, end: int) -> JsonError | None:
        """The complaint about what JSON never holds outside a string: templates, other quotes, unseen characters."""
        text = self.text
        if text.startswith(_TEMPLATE, at):
            message = "a template stands outside a string here"
            return JsonError(message, at, end, hint="check the rendered file")
        first = text[at:end][:1]
        if quotes := _QUOTES.get(first):
            return JsonError(f"this string stands in {quotes}", at, at + 1, hint="use double quotes")
        if first == "#":
            return JsonError("JSON has no comments", at, at + 1, hint="delete the comment")
        for place in range(at, min(end, len(text))):
            if not text[place].isprintable():
                message = f"a character that cannot be seen stands here, {_seen(text, place)}"
                return JsonError(message, place, place + 1, hint="delete it")
        return None

    def _expected(self, what: str, at: int, opened: int | None) -> JsonError:
        text = self.text
        if at >= len(text):
            last = len(text.rstrip()) - 1
            return JsonError(f"the text ends where {what} is expected", max(last, 0), last + 1, opened)
        return JsonError(f"{what} is expected here, not {_seen(text, at)}", at, at + 1, opened)


def _seen(text: str, at: int) -> str:
    """How to name the character there; one that nobody can see goes by its number."""
    char = text[at]
    return f"`{char}`" if char.isprintable() else f"U+{ord(char):04X}"


def _string_error(text: str, error: JSONDecodeError) -> JsonError:
    """The standard library's complaint about a string, in our words."""
    at = error.pos
    if error.msg.startswith("Unterminated"):
        return JsonError("this string has no closing quote", at, at + 1)
    if error.msg.startswith("Invalid control"):
        if text[at] in "\r\n":
            return JsonError("the line ends inside a string", at, at + 1, _opening_quote(text, at), "close the quote")
        hint = f"write `\\u{ord(text[at]):04x}`"
        return JsonError("a control character stands inside a string", at, at + 1, _opening_quote(text, at), hint)
    at = text.rindex("\\", 0, at + 1)
    if text.startswith("\\u", at):
        return JsonError("`\\u` must be followed by four hexadecimal digits", at, at + 2)
    hint = "write two backslashes for one"
    return JsonError('a backslash must be followed by one of `"\\/bfnrtu`', at, at + 2, hint=hint)


def _opening_quote(text: str, at: int) -> int:
    """Where the string began that goes on at `at`."""
    while True:
        at = quote = text.rindex('"', 0, at)
        while at > 0 and text[at - 1] == "\\":
            at -= 1
        if (quote - at) % 2 == 0:
            return quote


def string_offsets(source: Source, start: int, end: int) -> Sequence[int]:
    """For the string literal at that stretch: where each decoded character begins, and where the last one ends."""
    if source.text.find("\\", start + 1, end - 1) < 0:
        return range(start + 1, end)
    from array import array

    raw = source.text[start + 1 : end - 1]
    base = start + 1
    offsets = array("I")
    at = 0
    for match in _ESCAPE.finditer(raw):
        if match.start() < at:
            continue
        offsets.extend(range(base + at, base + match.start() + 1))
        pair = _SURROGATE_PAIR.match(raw, match.start())
        at = pair.end() if pair else match.end()
    offsets.extend(range(base + at, base + len(raw) + 1))
    return offsets
