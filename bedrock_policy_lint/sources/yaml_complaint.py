"""What is wrong with a text that is no YAML, in words that help: the parsers' own speak of tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.sources.json import JsonError

if TYPE_CHECKING:
    from yaml import MarkedYAMLError

_LONGEST_QUOTED = 40
_WORD_ENDS = " \t\r\n,[]{}"


class YamlError(JsonError):
    """The text is not YAML; `start` and `end` bound the place where reading stopped."""


class _Complaint(NamedTuple):
    """What PyYAML or libyaml says, and what to say instead."""

    theirs: tuple[str, ...]
    message: str
    hint: str = ""
    at_context: bool = False
    """Whether the place to point at is where the thing began, not where reading it stopped."""


_INDENTATION = "check the indentation"
_QUOTE = "put the text in quotes"
_COMPLAINTS = (
    _Complaint(("scanning an anchor",), "an unquoted `&` begins an anchor in YAML", _QUOTE, True),
    _Complaint(("mapping values are not allowed",), "no `:` is expected here", f"{_QUOTE}, or {_INDENTATION}"),
    _Complaint(("end of stream",), "this string has no closing quote", "", True),
    _Complaint(("unexpected document",), "a new document begins inside a string", "close the quote"),
    _Complaint(("could not find expected ':'",), "a `:` is missing behind this name", _INDENTATION, True),
    _Complaint(("entries are not allowed",), "no list can begin here", "begin it on a line of its own"),
    _Complaint(("keys are not allowed",), "no name can begin here", "begin it on a line of its own"),
    _Complaint(
        ("a tag: did not find expected whitespace", "a tag: expected ' '"),
        "a space belongs behind a tag",
        f"write one, or {_QUOTE}",
        True,
    ),
    _Complaint(("undefined tag handle", "a tag"), "this tag is not one that YAML knows", _QUOTE, True),
    _Complaint(
        ("a block scalar",), "nothing may stand behind `|` or `>` on its line", "begin the text on the next line", True
    ),
    _Complaint(("incompatible",), "this version of YAML is not known", "delete the line"),
    _Complaint(
        ("directive", "%TAG", "tag handle"), "this directive is not one that YAML knows", "delete the line", True
    ),
)


def complaint(text: str, error: MarkedYAMLError) -> YamlError:
    """The parser's complaint in our words; libyaml and PyYAML's own parser word theirs differently."""
    at = error.problem_mark.index if error.problem_mark else 0
    opened = error.context_mark.index if error.context_mark else None
    theirs = f"{error.context}: {error.problem}"
    if "scanning an alias" in theirs:
        return _star(text, at if opened is None else opened)
    if "any token" in theirs or "tab character" in theirs:
        return _foreign(text, at)
    if any(word in theirs for word in ("escape", "hexdecimal")):
        return escape(text, at)
    if "a flow" in theirs:
        return _open_bracket(text, at, opened)
    known = next((known for known in _COMPLAINTS if any(words in theirs for words in known.theirs)), None)
    if known is None:
        return _left_over(text, at)
    place = opened if known.at_context and opened is not None else at
    return _stop(text, known.message, place, None if place == opened else opened, known.hint)


def _foreign(text: str, at: int) -> YamlError:
    """What begins nothing in YAML."""
    if text[at : at + 1] == "\t":
        return YamlError("a tab stands here where YAML takes only spaces", at, at + 1, hint="write spaces")
    return YamlError(f"a text without quotes cannot begin with {seen(text, at)}", at, at + 1, hint=_QUOTE)


def _star(text: str, at: int) -> YamlError:
    end = at + 1
    while end < len(text) and text[end] not in _WORD_ENDS:
        end += 1
    hint = 'quote the star: write `"*"`' if end == at + 1 else f"quote the star: {_QUOTE}"
    return YamlError("an unquoted `*` begins an alias in YAML", at, end, hint=hint)


def escape(text: str, at: int) -> YamlError:
    """The complaint about an escape in a string in double quotes, in or just before which reading stopped."""
    at = max(text.rfind("\\", 0, at + 1), 0)
    kind = text[at + 1 : at + 2]
    digits = {"x": 2, "u": 4, "U": 8}.get(kind)
    if digits is None:
        return YamlError(f"YAML has no escape `\\{kind}`", at, at + 2, hint="write two backslashes for one")
    written = text[at + 2 : at + 2 + digits]
    if len(written) == digits and not written.strip("0123456789abcdefABCDEF"):
        message, hint = "this escape stands for no character", "write the character itself"
        return YamlError(message, at, at + 2 + digits, hint=hint)
    return YamlError(f"`\\{kind}` must be followed by {digits} hexadecimal digits", at, at + 2)


def _open_bracket(text: str, at: int, opened: int | None) -> YamlError:
    bracket = text[opened : opened + 1] if opened is not None else ""
    closer = {"[": "`,` or `]`", "{": "`,` or `}`"}.get(bracket, "a value")
    return _stop(text, f"{closer} is expected here, not {seen(text, at)}", at, opened, _QUOTE, ends=closer)


def _left_over(text: str, at: int) -> YamlError:
    """What fits nowhere: on a line of its own it is indented wrongly, else it stands behind a whole value."""
    before = text[:at].rstrip(" \t")
    if before and before[-1] not in "\r\n" and at < len(text):
        message = f"{seen(text, at)} is not expected behind what stands before it"
        return YamlError(message, at, at + 1, hint=f"{_QUOTE}, or begin a new line")
    return _stop(text, "this does not continue what stands above it", at, None, _INDENTATION)


def _stop(text: str, message: str, at: int, opened: int | None, hint: str, *, ends: str = "") -> YamlError:
    """A complaint that points at something one can see, even where the text has ended."""
    if at >= len(text):
        at = max(len(text.rstrip()) - 1, 0)
        if ends:
            message, hint = f"the text ends where {ends} is expected", ""
    return YamlError(message, at, at + 1, opened, hint)


def seen(text: str, at: int) -> str:
    """How to name the character there; one that nobody can see goes by its number."""
    char = text[at : at + 1]
    if not char:
        return "the end of the text"
    return f"`{char}`" if char.isprintable() else f"U+{ord(char):04X}"


def quoted(word: str) -> str:
    """A word of the text, or its beginning."""
    return f"`{word[:_LONGEST_QUOTED]}`"
