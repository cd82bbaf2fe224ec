"""What reads code offers, and what it is offered: the other files of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bedrock_policy_lint.code.site import CodeFile
    from bedrock_policy_lint.sources.source import Source


class Files(Protocol):
    """The files of a project, as far as a reader may look at them: nothing outside of its folder, nothing ignored."""

    def name_of(self, path: str) -> str:
        """The one name that a file or folder has for all who read, however it is written."""

    def is_file(self, path: str) -> bool:
        """Whether there is such a file of the project."""

    def source(self, path: str) -> Source | None:
        """Its text, read once; None where it cannot be read."""

    def bytes_of(self, path: str) -> bytes:
        """What is in a file, which is not kept."""

    def names(self, folder: str) -> tuple[str, ...]:
        """The names of the files and folders in a folder of the project, in order."""

    def written_in(self, language: str) -> tuple[str, ...]:
        """All files of the project in a language, as `languages` names it, in order."""

    def roots(self, path: str) -> tuple[str, ...]:
        """The folders from which absolute imports of a file may start, the nearest first: its own folder, those above
        it up to the project's, and `src` folders in them."""

    memory: dict[object, object]
    """Where readers keep what they made of a file, by keys of their own, as long as the project is looked at."""


class Reader(Protocol):
    """Reads a language."""

    def __call__(self, source: Source, files: Files) -> CodeFile:
        """What one file calls. Never fails: what cannot be read is said in `unread`."""
