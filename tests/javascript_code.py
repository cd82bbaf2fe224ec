"""JavaScript and TypeScript in tests: a project in memory, and what is found in it as short lines.

`Converse ConverseCommand model=anthropic.x~ | $MODEL_ID region=us-east-1?AWS_REGION` is a call of Converse whose model
is one of several values, among them the variable MODEL_ID, and whose Region is us-east-1 where AWS_REGION is not set.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from textwrap import dedent

from bedrock_policy_lint.code.javascript.reader import read
from bedrock_policy_lint.code.site import CallSite, CodeFile, Value
from bedrock_policy_lint.sources.source import Source

TOP = os.path.abspath(os.path.join(os.sep, "project"))
SDK = "@aws-sdk/client-bedrock-runtime"


class Project:
    """Files in memory, by their paths below a folder."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        paths = {os.path.join(TOP, *path.split("/")): text for path, text in texts.items()}
        self.sources = {path: Source(path, text) for path, text in paths.items()}
        self.memory: dict[object, object] = {}

    def name_of(self, path: str) -> str:
        return path

    def is_file(self, path: str) -> bool:
        return path in self.sources

    def source(self, path: str) -> Source | None:
        return self.sources.get(path)

    def names(self, folder: str) -> tuple[str, ...]:
        start = folder.rstrip(os.sep) + os.sep
        inside = (path[len(start) :] for path in self.sources if path.startswith(start))
        return tuple(sorted({path.split(os.sep)[0] for path in inside}))

    def bytes_of(self, path: str) -> bytes:
        return self.sources[path].text.encode()

    def written_in(self, language: str) -> tuple[str, ...]:
        return tuple(sorted(path for path in self.sources if not path.endswith(".json")))

    def roots(self, path: str) -> tuple[str, ...]:
        found = []
        folder = os.path.dirname(path)
        while folder.startswith(TOP):
            found += [folder, os.path.join(folder, "src")]
            folder = os.path.dirname(folder)
        return tuple(found)


def file(code: str | Mapping[str, str], path: str = "app.ts") -> CodeFile:
    """What is known of one file of a project."""
    texts = {path: code} if isinstance(code, str) else code
    project = Project({name: dedent(text) for name, text in texts.items()})
    return read(project.sources[os.path.join(TOP, *path.split("/"))], project)


def sites(code: str | Mapping[str, str], path: str = "app.ts") -> list[str]:
    """The call sites of one file as lines."""
    return [line(site) for site in file(code, path).sites]


def line(site: CallSite) -> str:
    """A call site as a line."""
    words = [site.operation or "/".join(site.operations), str(site.node.value)]
    words += [f"{role}={' | '.join(map(written, values))}" for role, values in sorted(site.given.items())]
    return " ".join(words)


def written(value: Value) -> str:
    """A value as a word."""
    default = f"?{value.default_of}" if value.default_of else ""
    return f"{value.node.value}{default}{'~' if value.is_one_of_several else ''}"


def models(code: str | Mapping[str, str], path: str = "app.ts") -> list[str]:
    """The values of the models of all call sites of one file."""
    return [written(value) for site in file(code, path).sites for value in site.given.get("model", ())]
