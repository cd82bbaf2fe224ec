"""Reading the data files: whole, or only the line that a question needs."""

from __future__ import annotations

import os
from typing import Any


class Store:
    """The data directory; a file is read once, when first asked for."""

    def __init__(self, directory: str) -> None:
        """Remember the directory; nothing is opened."""
        self._directory = directory
        self._bytes: dict[str, bytes] = {}
        self._json: dict[str, Any] = {}

    def read(self, name: str) -> bytes:
        """The bytes of a file."""
        found = self._bytes.get(name)
        if found is None:
            with open(os.path.join(self._directory, name), "rb") as file:
                found = self._bytes[name] = file.read()
        return found

    def load(self, name: str) -> Any:
        """The parsed content of a JSON file."""
        if name not in self._json:
            import json

            self._json[name] = json.loads(self.read(name))
        return self._json[name]

    def line(self, name: str, start: str) -> str | None:
        """The first line, after the very first, that begins with the given text."""
        data = self.read(name)
        at = data.find(b"\n" + start.encode("utf-8", "surrogatepass"))
        if at < 0:
            return None
        end = data.find(b"\n", at + 1)
        return data[at + 1 : end].decode("utf-8")

    def record(self, name: str, record_id: str) -> dict[str, Any] | None:
        """The record with this id; every record is one line of its file and starts with its id."""
        import json

        line = self.line(name, '{"id":' + json.dumps(record_id, ensure_ascii=False) + ",")
        if line is None:
            return None
        found: dict[str, Any] = json.loads(line.removesuffix(","))
        return found
