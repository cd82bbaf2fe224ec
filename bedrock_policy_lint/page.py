"""The docstring of a rule file, taken apart: summary, sections, and examples that can be run."""

from __future__ import annotations

import re
from typing import NamedTuple

HEADINGS = ("What it finds", "Why it matters", "How to fix it", "Examples", "References")
"""The sections of every page, in this order."""

_FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^## (?P<title>.+)$", re.MULTILINE)
_MARK = re.compile("[«»]")


class Example(NamedTuple):
    """A fenced block of a page: ```` ```json bad env=production ````."""

    language: str
    kind: str
    """`bad`, `good`, or `fixed`: what the bad example before it becomes."""
    options: dict[str, str]
    marked: str
    """The body with the marks « » around what is wrong."""

    @property
    def text(self) -> str:
        """The body without marks."""
        return _MARK.sub("", self.marked)

    @property
    def spans(self) -> list[tuple[int, int]]:
        """The marked stretches, as offsets into `text`."""
        spans = []
        starts: list[int] = []
        for count, mark in enumerate(_MARK.finditer(self.marked)):
            at = mark.start() - count
            if mark[0] == "«":
                starts.append(at)
            else:
                spans.append((starts.pop(), at))
        return sorted(spans)


class Page(NamedTuple):
    """A rule's documentation."""

    summary: str
    sections: dict[str, str]
    examples: tuple[Example, ...]

    @property
    def references(self) -> tuple[str, ...]:
        """The URLs under References."""
        return tuple(re.findall(r"https://\S+", self.sections.get("References", "")))


def parse(docstring: str) -> Page:
    """The page of a rule file's docstring."""
    text = docstring.strip() + "\n"
    headings = list(_HEADING.finditer(_FENCE.sub(lambda fence: "\0" * len(fence[0]), text)))
    sections = {}
    for heading, following in zip(headings, [*headings[1:], None], strict=True):
        end = following.start() if following else len(text)
        sections[heading["title"]] = text[heading.end() : end].strip()
    return Page(text.split("\n", 1)[0], sections, tuple(_example(fence) for fence in _FENCE.finditer(text)))


def _example(fence: re.Match[str]) -> Example:
    language, kind, *options = fence["info"].split()
    return Example(language, kind, dict(option.split("=", 1) for option in options), fence["body"])
