"""The files that a `serverless.yml` takes parts from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.frontends.template import tree
from bedrock_policy_lint.sources.files import Refusal
from bedrock_policy_lint.sources.node import Node

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.declared_policies import Load
    from bedrock_policy_lint.sources.source import Source

MOST_FILES = 200
_TREES = (".yml", ".yaml", ".json", ".tfstate")
_PROGRAMS = (".js", ".cjs", ".mjs", ".ts")


class File(NamedTuple):
    """What came of reading a file."""

    root: Node | None
    """None when only running it would tell, or when it cannot be read."""
    refused: str = ""
    """Why it cannot be read."""


class Files:
    """Reads files by their path as the configuration writes it, each once."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._known: dict[str, File] = {}
        self.documents: list[Document] = []
        """One of each file, without policies."""

    def read(self, path: str) -> File:
        """The tree of YAML or JSON, the text of anything else; programs are not run."""
        if path not in self._known:
            self._known[path] = self._read(path)
        return self._known[path]

    def _read(self, path: str) -> File:
        if path.lower().endswith(_PROGRAMS):
            return File(None)
        if len(self._known) >= MOST_FILES:
            return File(None, f"more than {MOST_FILES} files are named")
        source = self._load(path)
        if isinstance(source, Refusal):
            return File(None, source.message)
        return self._tree(source) if path.lower().endswith(_TREES) else self._text(source)

    def _tree(self, source: Source) -> File:
        parsed = tree.parse(source)
        if parsed.root is None:
            return File(None, parsed.failure.message if parsed.failure else "it cannot be read")
        self.documents.append(parsed.document(parsed.root))
        return File(parsed.root)

    def _text(self, source: Source) -> File:
        document = Document(source)
        root = _Whole(source.text, 0, len(source.text), source)
        document.add_root(root)
        self.documents.append(document)
        return File(root)


class _Whole(Node):
    """The text of a file as one value."""

    __slots__ = ()

    def offsets(self) -> range:
        """Every character stands where it stands."""
        return range(len(self.source.text) + 1)
