"""JSON that stands in a text of a file of Terraform's language: its edits, in the spelling of that text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bedrock_policy_lint.fix import hcl_texts as texts
from bedrock_policy_lint.fix.hcl_site import Site, path_to, site_at
from bedrock_policy_lint.fix.rewrite import Rewrite, UnfitError
from bedrock_policy_lint.sources import hcl_tree as tree
from bedrock_policy_lint.sources.source import EmbeddedSource

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.document import Document

_HEREDOCS = ("heredoc", "indented")
_line_break = re.compile(r"\r\n|\n")


class Host:
    """The text of a file in which JSON stands."""

    def __init__(self, document: Document, inner: EmbeddedSource) -> None:
        """Raises `UnfitError` where it stands in none, or what makes it is no plain text."""
        if inner.host is not document.source:
            raise UnfitError("it stands in no text of the file")
        self._document = document
        self._inner = inner
        site = self._site()
        leaf = site.leaf
        is_text = type(leaf) is tree.TemplateText or (type(leaf) is tree.Literal and isinstance(leaf.value, str))
        if not is_text:
            raise UnfitError("it is computed")
        self.slot = site.slot(document.idiom)
        """How texts are written there."""
        self._is_quoted = type(leaf) is tree.Literal or leaf.kind not in _HEREDOCS
        parts = () if type(leaf) is tree.Literal else leaf.parts
        self._filled = [part for part in parts if type(part) is not tree.TextPart]

    def _site(self) -> Site:
        source, offsets = self._document.source, self._inner.offsets
        path = path_to(source, offsets[0], offsets[-1])
        while len(path) > 1 and type(path[-1]) in (tree.TextPart, tree.Name):
            path = path[:-1]
        return site_at(self._document, source, path[-1].start, path[-1].end)

    def placed(self, change: Rewrite, *, is_written: bool) -> Rewrite:
        """A change of the JSON as one of the file; raises `UnfitError` where it does not begin and end in plain text.

        With `is_written` something else is written there, and nothing may be lost that Terraform would fill in.
        """
        source, offsets = self._document.source, self._inner.offsets
        start, end = offsets[change.start], offsets[change.end]
        ends = (start, offsets[change.end - 1]) if change.start < change.end else ()
        for part in self._filled:
            if any(part.start <= at < part.end for at in ends):
                raise UnfitError("it is computed")
            if is_written and start < part.end and part.start < end and not self._is_place(part):
                raise UnfitError("it is computed")
        written = texts.placed_in(change.text.replace("\r\n", "\n"), quoted=self._is_quoted)
        return Rewrite(source, start, end, written if self._is_quoted else self._indented(written))

    def _is_place(self, part: Any) -> bool:
        idiom = self._document.idiom
        if type(part) is not tree.Interpolation or idiom is None:
            return False
        text = self._document.source.text
        return bool(texts.place_named(text[part.value.start : part.value.end], idiom))

    def _indented(self, text: str) -> str:
        """Lines as they stand in a heredoc that is indented as a whole."""
        host, inner = self._document.source, self._inner
        newline = "\r\n" if "\r\n" in host.text else "\n"
        first = next((at for at, char in enumerate(inner.text) if char not in "\r\n"), 0)
        column = host.point(inner.offsets[first]).column - 1
        return text.replace("\n", f"{newline}{' ' * column}")
