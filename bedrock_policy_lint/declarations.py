"""Declarations of usage among the files of a run: which there are, and how the policies that they name are read."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from bedrock_policy_lint.config import FILE_NAMES, PYPROJECT, TABLE, Config, ConfigError, is_inside, nearest, shown
from bedrock_policy_lint.sources.files import COMMAND_LINE, STDIN, USAGE_NAMES, Input, Refusal, read
from bedrock_policy_lint.sources.source import Source
from bedrock_policy_lint.wording import found

if TYPE_CHECKING:
    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.frontends.declaration import Declaration, Load
    from bedrock_policy_lint.frontends.document import Document
    from bedrock_policy_lint.sources.node import Node

    Reader = Callable[[Source, Load, Catalog], Declaration]

_YAML = (".yaml", ".yml")
_MARK = '"uses"'


def standing(config: Config) -> list[str]:
    """The declarations that hold without being named: the configuration's, else those of the usual name."""
    if config.declares:
        return [config.path]
    if config.usage:
        return [_below(config, path) for path in config.usage]
    here = os.getcwd()
    folders = dict.fromkeys((config.root or top_of(here), here))
    usual = (os.path.join(folder, name) for folder in folders for name in USAGE_NAMES)
    return [os.path.relpath(path) for path in usual if os.path.isfile(path) and _is_within(path, os.path.dirname(path))]


def _below(config: Config, path: str) -> str:
    """A declaration that a configuration names: a stranger's may not name a file outside of its repository."""
    if not _can_be_path(path):
        raise ConfigError(config.path, "`usage`", f"no file can be called {found(path)}")
    full = os.path.normpath(os.path.join(config.root, path))
    if not _is_within(full, config.root):
        raise ConfigError(config.path, "`usage`", f"`{path}` lies outside of the repository")
    return shown(full)


def _is_within(path: str, folder: str) -> bool:
    return is_inside(os.path.realpath(path), top_of(os.path.abspath(folder)))


def is_declaration(file: Input, source: Source | Refusal) -> bool:
    """Whether an input is to be read as a declaration: by its name, as YAML that a person named, or its content."""
    if file.named and os.path.basename(file.path) in (*FILE_NAMES, PYPROJECT):
        return is_table(nearest(os.path.dirname(os.path.abspath(file.path))), file.path)
    if os.path.basename(file.path) in USAGE_NAMES:
        return True
    if file.named and file.path.lower().endswith(_YAML):
        return not _is_template(source)
    if not file.named or file.path == STDIN or not isinstance(source, Source) or _MARK not in source.text:
        return False
    from bedrock_policy_lint.frontends.declaration import is_declaration
    from bedrock_policy_lint.sources import json

    try:
        root, _ = json.read(source)
    except json.JsonError:
        return False
    return is_declaration(root)


def _is_template(source: Source | Refusal) -> bool:
    from bedrock_policy_lint.templates import is_template

    return isinstance(source, Source) and is_template(source)


def is_table(config: Config, path: str) -> bool:
    """Whether a file is this configuration, and declares usage itself."""
    return config.declares and os.path.abspath(path) == os.path.abspath(config.path)


def reader(config: Config, path: str, *, with_code: bool = True) -> Reader:
    """What reads the declaration in a file that is checked under a configuration, with the code that it names: the
    whole of it, or its table."""
    from bedrock_policy_lint.frontends import declaration

    plain = read_table if is_table(config, path) else declaration.read

    def read(source: Source, load: Load, catalog: Catalog) -> Declaration:
        declared = plain(source, load, catalog)
        if not (with_code and any(declared.code)):
            return declared
        from bedrock_policy_lint.programs import with_declared_code

        return with_declared_code(declared, path, catalog)

    return read


def read_table(source: Source, load: Load, catalog: Catalog) -> Declaration:
    """The declaration in the table `usage` of a configuration."""
    from bedrock_policy_lint.frontends import declaration
    from bedrock_policy_lint.frontends.declared_values import Fault
    from bedrock_policy_lint.frontends.document import Document
    from bedrock_policy_lint.sources import toml

    document = Document(source)
    document.language = "toml" if source.path.endswith(".toml") else "yaml"
    node = _table(source, document)
    if node is None:
        return declaration.Declaration(document, (), (), ())
    if document.language == "yaml":
        document.reread = lambda changed: read_table(changed, load, catalog).document
    apart = toml.first_apart(node) if document.language == "toml" else None
    if apart is None:
        return declaration.read_tree(document, node, load, catalog)
    fault = Fault(apart, "a table goes on here, apart from its beginning", "move the parts of the table together")
    return declaration.Declaration(document, (), (), (fault,))


def _table(source: Source, document: Document) -> Node | None:
    """The tree of the table; a failure when the file cannot be read."""
    from bedrock_policy_lint import config_places
    from bedrock_policy_lint.frontends.document import Failure
    from bedrock_policy_lint.sources.json import JsonError
    from bedrock_policy_lint.sources.node import Node
    from bedrock_policy_lint.sources.source import Span

    try:
        node, slips = config_places.usage(source, TABLE)
    except JsonError as error:
        document.add_root(Node("", 0, len(source.text), source))
        span = Span(source, error.start, min(error.end, len(source.text)))
        document.failures.append(Failure("unreadable-file", span, error.message, error.hint, error.opened))
        return None
    document.add_root(node)
    document.slips.extend((source, slip) for slip in slips)
    return node


def loader(path: str, now: Mapping[str, Source] | None = None) -> Callable[[str], Source | Refusal]:
    """What reads a file by its path as a declaration writes it.

    The texts in `now`, by absolute path, stand for the saved ones of their files.
    """
    folder = os.path.dirname(path)

    def load(written: str) -> Source | Refusal:
        if not _can_be_path(written):
            return Refusal(Source(path, ""), "no file can have such a name", "check the path")
        there = _as_walked(os.path.normpath(os.path.join(folder, written)))
        if now and (text := now.get(os.path.abspath(there))) is not None:
            return text
        # Whoever names a policy on the command line may name any.
        if path != COMMAND_LINE and not _is_within(there, folder):
            return Refusal(Source(there, ""), "it lies outside of the repository", "move it into the repository")
        source = read(there)
        if isinstance(source, Refusal) and "\\" in written and os.sep == "/":
            return source._replace(hint="folders are parted by `/`")
        return source

    return load


def _can_be_path(text: str) -> bool:
    """Whether the system can be asked for a file of this name at all."""
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def _as_walked(path: str) -> str:
    """The path of a file as a walk from here would name it, so that it is one and the same in a report."""
    below = shown(os.path.abspath(path))
    return path if os.path.isabs(below) else below


@cache
def top_of(folder: str) -> str:
    """The folder that a declaration may not lead out of: the repository's, else the working directory or its own."""
    top = folder
    while not os.path.exists(os.path.join(top, ".git")):
        parent = os.path.dirname(top)
        if parent == top:
            here = os.getcwd()
            return os.path.realpath(here if is_inside(folder, here) else folder)
        top = parent
    return os.path.realpath(top)
