"""Where reading goes on behind an error: at the next place that looks like the beginning of an argument or block."""

from __future__ import annotations

import re

from bedrock_policy_lint.sources.hcl_scan import IDENTIFIER

_WIDEST = 200
"""Only so far back is looked for where a line begins: it may hold a million errors."""

_mark = re.compile(
    r"""
    " (?: [^"\\\n] | \\[^\n] )*+ "?
    | (?: \# | // ) [^\n]*+
    | (?P<open> [\[({] )
    | (?P<close> [\])}] )
    | (?P<line> \n [ \t]*+ )
    """,
    re.VERBOSE,
).finditer
_item = re.compile(
    rf"""
    {IDENTIFIER} [ \t]*+
    (?: = (?! [=>] )
    | \{{
    | (?: (?: " [^"\n]*+ " | {IDENTIFIER} ) [ \t]*+ )++ \{{ )
    """,
    re.VERBOSE,
).match
_top_level = re.compile(
    r"""
    (?: resource | data | ephemeral | module | variable | output | locals | provider | terraform | moved | import
    | removed | check ) \b
    (?: [ \t]*+ " [^"\n]*+ " )*+ [ \t]*+ \{
    """,
    re.VERBOSE,
).match


def resume(text: str, item: int, error: int, *, in_text: bool = False) -> int:
    """The offset to go on at when the item that begins at `item` cannot be read further than `error`.

    That is behind the line on which the brackets of the item are closed again; or, as a bracket may be what is missing,
    at a line before it that looks like another item and is not indented more; or where the body ends. With `in_text`,
    what stands behind the error is no code, and brackets tell nothing.
    """
    indent = _indent(text, item)
    error_line = max(text.rfind("\n", item, error), item)
    depth = 0
    for mark in _mark(text, item):
        kind = mark.lastgroup
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
            if depth < 0 and mark.start() >= error and mark[0] == "}" and not in_text:
                return max(mark.start(), item + 1)
        elif kind == "line" and mark.start() >= error_line:
            end = mark.end()
            width = end - mark.start() - 1
            if depth <= 0 and mark.start() >= error and not in_text:
                return mark.start()
            if (width <= indent and _item(text, end)) or (width < indent and text[end : end + 1] == "}"):
                return mark.start()
    return len(text)


def begins_top_level(text: str, at: int) -> bool:
    """Whether a line begins here, without indentation, that only the outermost level of a file has."""
    return (at == 0 or text[at - 1] == "\n") and _top_level(text, at) is not None


def _indent(text: str, at: int) -> int:
    line = text.rfind("\n", max(at - _WIDEST, 0), at)
    before = text[line + 1 if line >= 0 else max(at - _WIDEST, 0) : at]
    return len(before) - len(before.lstrip(" \t"))
