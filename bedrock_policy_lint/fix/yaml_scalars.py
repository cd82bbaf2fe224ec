"""How a text is written as a scalar of YAML: plain where that reads as the text, else in quotes."""

from __future__ import annotations

import json
import re
from functools import lru_cache

_WORDS = frozenset(
    ("", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "=", "<<", ".inf", "-.inf", ".nan")
)
"""Texts that one version of YAML or another reads as something else, in lower case."""
_may_be_number = re.compile(r"[-+.]?[0-9][-+0-9_.:eExXa-fA-FoObB]*").fullmatch
is_date = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
"""A date is one to some readers of YAML, and the text to those that read policies: `Version: 2012-10-17`."""
_begins_badly = re.compile(r"-(?:[ \t]|$)|[?:\[\]{},#&*!|>'\"%@`]").match
_separates = re.compile(r":(?:[ \t]|$)|[ \t]#").search
_unprintable = re.compile("[^ -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\x7f-\x9f\u2028\u2029\ufeff]")
_quotes = re.compile(r"""(?:[:\-,\[][ \t]+|\[)(["'])""")


def is_plain(text: str, *, in_flow: bool = False, is_key: bool = False) -> bool:
    """Whether a text reads as itself without quotes."""
    if text.strip(" \t") != text or text.lower() in _WORDS or (_may_be_number(text) and not is_date(text)):
        return False
    if _begins_badly(text) or _separates(text) or _unprintable.search(text):
        return False
    return not ((in_flow or is_key) and re.search(r"[\[\]{},]", text))


def scalar(text: str, style: str) -> str:
    """A text in a style: `"`, `'`, or without quotes, which must fit it."""
    if style == "'" and not _unprintable.search(text):
        return f"'{escaped(text, style)}'"
    return '"' + escaped(text, '"') + '"' if style in ("'", '"') else text


def escaped(text: str, style: str) -> str:
    """What stands for a text between quotes of that style; nothing is escaped without."""
    if style == "'":
        return text.replace("'", "''")
    if style != '"':
        return text
    written = json.dumps(text, ensure_ascii=False)[1:-1]
    return _unprintable.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def style_of(text: str, at: int) -> str:
    """The quote with which the scalar at that offset begins, or `|` or `>`; empty where there is none."""
    first = text[at : at + 1]
    return first if first and first in "\"'|>" else ""


@lru_cache(maxsize=4)
def favourite(text: str) -> str:
    """The quotes that a file uses more."""
    found = _quotes.findall(text)
    return "'" if found.count("'") > found.count('"') else '"'
