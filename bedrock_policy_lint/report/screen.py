"""What every text for a terminal needs: colours that can be off, and strings that cannot take the screen over."""

from __future__ import annotations

import os
import re
from typing import TextIO

from bedrock_policy_lint.rule import Severity

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]|\n")

_WIDTH = 110
"""Columns where nobody says how many there are."""

RED, YELLOW, BLUE, GREEN, BOLD, DIM = "31", "33", "34", "32", "1", "2"
SEVERITY_COLOURS = {Severity.ERROR: RED, Severity.WARNING: YELLOW, Severity.INFO: BLUE}


def safe(text: str) -> str:
    """The text with control, direction-changing and broken characters shown as escapes: the input is a stranger's."""
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape", "surrogatepass").decode(), text)


def visible(line: str) -> str:
    """A source line with one cell for each character: tabs become blanks, so that carets stand true."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", line.replace("\t", " "))


class Paint:
    """Wraps text in colours, or leaves it as it is."""

    __slots__ = ("on",)

    def __init__(self, on: bool) -> None:
        self.on = on

    def __call__(self, text: str, *codes: str) -> str:
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if self.on and text else text


def plural(count: int, noun: str) -> str:
    """`1 error`, `2 errors`, `2 policies`."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun[:-1]}ies" if noun.endswith("y") else f"{count:,} {noun}s"


def has_colour(stream: TextIO, choice: str = "auto") -> bool:
    """Whether text for this stream is coloured: by choice, else by the customary variables, else on terminals."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    force = os.environ.get("FORCE_COLOR")
    if force:
        return force != "0"
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def width_of(stream: TextIO) -> int:
    """How many columns text for this stream may take: those of the terminal, where it is one."""
    if not stream.isatty():
        return _WIDTH
    import shutil

    return shutil.get_terminal_size((_WIDTH, 24)).columns
