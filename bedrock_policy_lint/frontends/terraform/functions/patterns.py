"""`replace`, `regex` and `regexall`: the part of RE2 that Python reads the same way; of the rest nothing is known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from bedrock_policy_lint.frontends.template.computed import Piece, hole
from bedrock_policy_lint.frontends.terraform.functions.function import Called, Function, NotKnown, Refusal, simple
from bedrock_policy_lint.frontends.terraform.types import ANY, STRING, Type, list_of, object_of
from bedrock_policy_lint.frontends.terraform.values import Value, plain, text_pieces
from bedrock_policy_lint.model.text import Hole, Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.sources.node import Node

_MOST_STEPS = 500_000_000
"""So often may parts of a text be compared, at the worst; what repeats something that repeats is not tried at all."""

_token = re.compile(
    r"(?P<class>\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\])"
    r"|(?P<open>\((?:\?(?:P?<(?P<name>[A-Za-z_]\w*)>|(?P<flags>[ims]*)(?P<colon>[:)])|(?P<odd>.?)))?)"
    r"|(?P<close>\))"
    r"|(?P<repeat>(?:[*+?]|\{(?P<least>\d+)(?P<comma>,)?(?P<most>\d*)\})\??)"
    r"|\\(?P<escape>.)"
    r"|(?P<bar>\|)|(?P<dollar>\$)|(?P<plain>.)",
    re.DOTALL | re.ASCII,
).match
_POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "digit": "0-9",
    "lower": "a-z",
    "upper": "A-Z",
    "space": r"\t\n\v\f\r ",
    "word": r"\w",
    "xdigit": "0-9A-Fa-f",
    "punct": r"!-/:-@\[-`{-~",
}
_posix = re.compile(r"\[:(\^?\w+):\]", re.ASCII).sub
_ESCAPES = "dDwWsSbBAnrtfv"
_PUNCTUATION = r"""!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~"""
_reference = re.compile(r"\$(?:\$|\{(\w+)\}|(\w+))", re.ASCII).sub


class Pattern(NamedTuple):
    """A regular expression that Python reads as RE2 does."""

    compiled: re.Pattern[str]
    unbounded: int
    """How many repetitions without a limit it has."""
    choices: int
    """In how many ways the others can come out, at the most."""


class _Translator:
    """Rewrites a pattern of RE2 for Python; raises `NotKnown` for what the two do not have in common."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.found: list[str] = []
        self.unbounded = 0
        self.choices = 1
        self.groups: list[list[bool]] = []
        """Of each open group, and of those that are read: whether something in it repeats or has a choice."""
        self.last: list[bool] | None = None
        self.repeated = False
        self.names: set[str] = set()

    def read(self) -> Pattern:
        at = 0
        while at < len(self.pattern):
            match = _token(self.pattern, at)
            if match is None:
                raise NotKnown
            kind = match.lastgroup or ""
            if kind not in ("class", "close", "bar", "dollar", "plain", "escape"):
                kind = "repeat" if match["repeat"] else "open"
            getattr(self, f"_{kind}")(match)
            self.repeated = kind == "repeat"
            at = match.end()
        try:
            compiled = re.compile("".join(self.found), re.ASCII)
        except (re.error, RecursionError, OverflowError):
            raise Refusal("takes a regular expression, and this is none") from None
        return Pattern(compiled, self.unbounded, self.choices)

    def _class(self, match: re.Match[str]) -> None:
        text = match["class"]

        def named(match: re.Match[str]) -> str:
            if match[1] not in _POSIX:
                raise NotKnown
            return _POSIX[match[1]]

        found = _posix(named, text)
        escapes = re.findall(r"\\(.)", found, re.DOTALL)
        if any(char not in "dwsnrtfvDWS" and char not in _PUNCTUATION for char in escapes):
            raise NotKnown
        body = found[1:]
        if "&&" in body or "||" in body or "--" in body or "~~" in body or "[" in re.sub(r"\\.", "", body):
            body = re.sub(r"(?<!\\)\[", r"\\[", body)
            if "&&" in body or "||" in body or "--" in body or "~~" in body:
                raise NotKnown
        self._atom("[" + body)

    def _atom(self, text: str) -> None:
        self.found.append(text)
        self.last = None

    def _open(self, match: re.Match[str]) -> None:
        if match["odd"] is not None or (match["flags"] and match["colon"] == ")" and self.found):
            if match["odd"] in ("=", "!", "<"):
                raise Refusal("takes a regular expression of RE2, which has no look-around")
            raise NotKnown
        text = match["open"].replace("(?<", "(?P<") if match["name"] else match["open"]
        if match["name"] in self.names:
            raise NotKnown
        self.names.update([match["name"]] if match["name"] else [])
        if "m" in (match["flags"] or ""):
            raise NotKnown
        self.found.append(text)
        if match["colon"] != ")":
            self.groups.append([False])
        self.last = None

    def _close(self, match: re.Match[str]) -> None:
        if not self.groups:
            raise Refusal("takes a regular expression, and this closes a group that is not open")
        self.last = self.groups.pop()
        if self.groups and self.last[0]:
            self.groups[-1][0] = True
        self.found.append(")")

    def _repeat(self, match: re.Match[str]) -> None:
        if self.repeated:
            raise Refusal("takes a regular expression of RE2, which cannot repeat a repetition")
        text = match["repeat"]
        if text[0] == "{" and max(int(match["least"][:5]), int((match["most"] or "0")[:5])) > 100:
            raise NotKnown
        if text[0] in "*+" or (text[0] == "{" and match["comma"] and not match["most"]):
            self.unbounded += 1
        else:
            least, most = int(match["least"] or 0), int(match["most"] or match["least"] or 1)
            self.choices *= max(most - least, 0) + 1
        if self.last is not None and self.last[0] and text[0] != "?":
            raise NotKnown
        if self.groups:
            self.groups[-1][0] = True
        self.found.append(text)

    def _bar(self, match: re.Match[str]) -> None:
        if self.groups:
            self.groups[-1][0] = True
        self.choices *= 2
        self.found.append("|")
        self.last = None

    def _dollar(self, match: re.Match[str]) -> None:
        self._atom(r"\Z")

    def _escape(self, match: re.Match[str]) -> None:
        char = match["escape"]
        if char == "z":
            self._atom(r"\Z")
        elif char in _ESCAPES or char in _PUNCTUATION:
            self._atom(match[0])
        elif char.isdigit():
            raise Refusal("takes a regular expression of RE2, which has no references to groups")
        else:
            raise NotKnown

    def _plain(self, match: re.Match[str]) -> None:
        char = match[0]
        self._atom("\\{" if char == "{" else "\\}" if char == "}" else "\\]" if char == "]" else char)


def _compiled(pattern: str, text: str) -> re.Pattern[str]:
    if len(pattern) > 2000:
        raise NotKnown
    found = _Translator(pattern).read()
    if (len(text) + 1) ** min(found.unbounded + 1, 20) * found.choices > _MOST_STEPS:
        raise NotKnown
    if found.compiled.flags & re.IGNORECASE and not (pattern.isascii() and text.isascii()):
        raise NotKnown
    return found.compiled


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """All matches; an empty one right behind another does not count."""
    end = -1
    for match in pattern.finditer(text):
        if match.end() == match.start() == end:
            continue
        end = match.end()
        yield match


def _capture(match: re.Match[str]) -> Any:
    groups, names = match.groups(), match.groupdict()
    if names:
        return {name: names[name] for name in sorted(names)}
    return list(groups) if groups else match[0]


def _check_names(compiled: re.Pattern[str]) -> None:
    if compiled.groupindex and len(compiled.groupindex) != compiled.groups:
        raise Refusal("takes a regular expression whose groups all have names, or none")


def _regex(pattern: str, text: str) -> Any:
    compiled = _compiled(pattern, text)
    _check_names(compiled)
    match = compiled.search(text)
    if match is None:
        raise Refusal("finds nothing in this string that the regular expression matches")
    return _capture(match)


def _regex_all(called: Called) -> Node:
    pattern, text = (argument.value for argument in called.arguments)
    compiled = _compiled(pattern, text)
    _check_names(compiled)
    inner = STRING
    if compiled.groupindex:
        inner = object_of((name, STRING) for name in compiled.groupindex)
    elif compiled.groups:
        inner = Type("tuple", items=(STRING,) * compiled.groups)
    found = [_capture(match) for match in _matches(compiled, text)]
    called.evaluator.spend(len(found), called.home)
    return Value([plain(item, called.home) for item in found], called.home, list_of(inner))


def _replaced(text: str, pattern: str, by: str) -> str:
    compiled = _compiled(pattern, text)
    found: list[str] = []
    at = 0
    for match in _matches(compiled, text):
        found += [text[at : match.start()], _expanded(by, match)]
        at = match.end()
    return "".join([*found, text[at:]])


def _expanded(by: str, match: re.Match[str]) -> str:
    def group(reference: re.Match[str]) -> str:
        name = reference[1] or reference[2]
        if name is None:
            return "$"
        if name.isdigit():
            return (match[int(name)] or "") if int(name[:5]) <= match.re.groups else ""
        return (match[name] or "") if name in match.re.groupindex else ""

    return _reference(group, by)


def _replace(called: Called) -> Node:
    source, wanted, by = called.arguments
    if isinstance(wanted.value, Template) or isinstance(by.value, Template):
        return called.unknown()
    mark: str = wanted.value
    is_regex = len(mark) > 1 and mark[0] == mark[-1] == "/"
    if isinstance(source.value, str):
        if is_regex:
            return called.plain(_replaced(source.value, mark[1:-1], by.value))
        return called.plain(source.value.replace(mark, by.value)) if mark in source.value else source
    if is_regex or len(mark) != 1:
        return called.unknown()
    return _around_holes(called, source, mark, by.value)


def _around_holes(called: Called, source: Node, mark: str, by: str) -> Node:
    """One character replaced in the literal parts; what stands in a hole is another hole."""
    pieces: list[Piece] = []
    for piece in text_pieces(source):
        part = piece.part
        if isinstance(part, Hole):
            values = tuple(dict.fromkeys(value.replace(mark, by) for value in part.values))
            pieces.append(Piece(hole(f"replace({part.name}, '{mark}', '{by}')", values), called.home))
        elif mark in part:
            pieces.append(Piece(part.replace(mark, by), called.home))
        else:
            pieces.append(piece)
    return called.evaluator.text(pieces, called.home)


FUNCTIONS = {
    "replace": Function(_replace, (STRING, STRING, STRING), gives=STRING, takes_unknown=True),
    "regex": simple(_regex, (STRING, STRING), ANY),
    "regexall": Function(_regex_all, (STRING, STRING), gives=list_of(ANY)),
}
