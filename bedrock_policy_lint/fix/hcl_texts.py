"""How texts are written in Terraform's language: quotes, escapes, and the names of what only a deployment settles."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.fix.rewrite import UnfitError
from bedrock_policy_lint.model.text import Hole, Template, Text, join, parts_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from bedrock_policy_lint.frontends.document import Idiom

_VARIABLE = "${"
_OF_IAM = ("${*}", "${?}", "${$}")
_begins_template = re.compile(r"[$%](?=\{)")
_unprintable = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
_interpolated = re.compile(r"\$\{\s*([^{}]*?)\s*\}")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Slot(NamedTuple):
    """Where a text is written."""

    idiom: Idiom | None
    variables: str | None = "${"
    """What policy variables begin with there; None where that hangs on who uses the text."""
    home: str = ""
    """The address of the resource or local value that it is written into."""

    def expression(self, text: Text) -> str:
        """A text as a value of its own: in quotes, or the name of what has it."""
        if isinstance(text, Template):
            named = self._reference(text)
            if named:
                return named
            if len(text.parts) == 1 and not _is_of_iam(text.holes[0]):
                return self._named(text.holes[0])
        return f'"{self.inner(text)}"'

    def inner(self, text: Text, *, quoted: bool = True) -> str:
        """A text as it stands between quotes, or within a heredoc."""
        return self._joined(text, lambda part: self._literal(part, quoted=quoted))

    def in_json(self, text: Text) -> str:
        """A text as it stands between the quotes of JSON that a heredoc or a string holds, but for JSON's escapes."""
        named = self._reference(text) if isinstance(text, Template) else ""
        return f"${{{named}}}" if named else self._joined(text, _escaped)

    def _joined(self, text: Text, literal: Callable[[str], str]) -> str:
        found: list[str] = []
        for part in _with_variables(text):
            if isinstance(part, str):
                found.append(literal(part))
                continue
            if found and found[-1].endswith(("$", "%")):
                raise UnfitError("a dollar sign before `${` would escape it")
            found.append(f"${{{self._named(part)}}}")
        return "".join(found)

    def _literal(self, text: str, *, quoted: bool) -> str:
        if _VARIABLE in text:
            if self.variables is None or "$${" in text:
                raise UnfitError("who uses it decides how a policy variable is written")
            text = text.replace(_VARIABLE, self.variables)
        if quoted:
            text = text.replace("\\", "\\\\").replace('"', '\\"')
            text = _unprintable.sub(lambda found: _SHORT.get(found[0]) or f"\\u{ord(found[0]):04x}", text)
        return _escaped(text)

    def _reference(self, text: Template) -> str:
        reference = self.idiom.reference if self.idiom is not None else None
        return reference(text, self.home) if reference is not None else ""

    def _named(self, hole: Hole) -> str:
        """The expression for a hole; raises `UnfitError` where it has no name there."""
        spelled = self.idiom.spelled if self.idiom is not None else None
        named = (spelled or {}).get(hole.name) or self._reference(Template((hole,)))
        if not named:
            raise UnfitError(hole.name)
        return named


def _with_variables(text: Text) -> tuple[str | Hole, ...]:
    """The parts of a text; the variables of IAM are literal to Terraform."""
    parts = [part.written if isinstance(part, Hole) and _is_of_iam(part) else part for part in parts_of(text)]
    return parts_of(join(parts))


def _is_of_iam(hole: Hole) -> bool:
    return hole.at_request or hole.written in _OF_IAM


def _escaped(text: str) -> str:
    """A text in which nothing is filled in."""
    return _begins_template.sub(lambda found: found[0] * 2, text)


def placed_in(written: str, *, quoted: bool) -> str:
    """JSON in which all is escaped that Terraform would fill in, as it is written between the quotes of a string."""
    return json.dumps(written, ensure_ascii=False)[1:-1] if quoted else written


def opened(text: Text, idiom: Idiom) -> Text:
    """A text with holes where it spells out what Terraform would fill in, as texts do that are made of others there."""
    if isinstance(text, Template) or _VARIABLE not in text:
        return text
    parts: list[str | Hole] = []
    at = 0
    for match in _interpolated.finditer(text):
        name = place_named(match[1], idiom)
        hole = Hole(name or match[1], match[0])
        if name or (idiom.reference is not None and idiom.reference(Template((hole,)), "")):
            parts += [text[at : match.start()], hole]
            at = match.end()
    return join([*parts, text[at:]])


_PLACES = (
    (re.compile(r"data\.aws_region\.\w+\.(?:name|id|region)"), "AWS::Region"),
    (re.compile(r"data\.aws_caller_identity\.\w+\.(?:account_id|id)"), "AWS::AccountId"),
    (re.compile(r"data\.aws_partition\.\w+\.(?:partition|id)"), "AWS::Partition"),
)


def place_named(written: str, idiom: Idiom) -> str:
    """Which part of the place of a deployment an expression is: `AWS::Region`; empty for none of it."""
    known = next((name for name, spelled in (idiom.spelled or {}).items() if spelled == written), "")
    return known or next((name for pattern, name in _PLACES if pattern.fullmatch(written)), "")
