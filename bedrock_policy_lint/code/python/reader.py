"""Reads a file of Python: what it calls of Bedrock, and what else a project needs to know of it."""

from __future__ import annotations

import ast
import gc
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.code.python import environment, settings, sites, telling
from bedrock_policy_lint.code.python.blocks import Blocks
from bedrock_policy_lint.code.python.containers import key_of
from bedrock_policy_lint.code.python.evaluate import MAX_STEPS, Evaluator
from bedrock_policy_lint.code.python.modules import Modules
from bedrock_policy_lint.code.python.syntax import UnreadableError, comments
from bedrock_policy_lint.code.python.things import At, Class, Foreign
from bedrock_policy_lint.code.site import CodeFile, Unread

if TYPE_CHECKING:
    from collections.abc import Container

    from bedrock_policy_lint.code.python.scopes import Names
    from bedrock_policy_lint.code.reader import Files
    from bedrock_policy_lint.sources.node import Node
    from bedrock_policy_lint.sources.source import Source

_LANGUAGE = "python"
_NOTEBOOK = ".ipynb"
_MEMORY = "python"
"""Where the memory of a project holds what is known of its files of Python."""


def read(source: Source, files: Files) -> CodeFile:
    """What one file of Python, or a notebook, calls."""
    if source.path.endswith(_NOTEBOOK):
        from bedrock_policy_lint.code.python.notebook import cells

        text, unread = cells(source)
        found = _read(text, files) if text is not None else CodeFile(source, _LANGUAGE)
        return found._replace(source=source, unread=unread + found.unread)
    return _read(source, files)


def _read(source: Source, files: Files) -> CodeFile:
    found = CodeFile(source, _LANGUAGE, comments=tuple(source.in_file(*comment) for comment in comments(source)))
    evaluator = _evaluator(files)
    try:
        names = evaluator.modules.own(source)
    except UnreadableError as error:
        unread = Unread(source.in_file(error.start, error.end), error.reason)
        return found._replace(comments=(), unread=(unread,))
    evaluator.begin()
    blocks = Blocks(names)
    try:
        return _evaluated(found, evaluator, names, blocks)
    except RecursionError:
        del files.memory[_MEMORY]  # it was left in the middle of things
        unread = Unread(source.in_file(0, 0), "its expressions lead too deep")
        return found._replace(blocks=tuple(blocks.all), unread=(unread,))


def _evaluated(found: CodeFile, evaluator: Evaluator, names: Names, blocks: Blocks) -> CodeFile:
    """The file with what it calls, loads and reads."""
    source = found.source
    sites_found = tuple(sites.find(evaluator, names, blocks))
    imports, foreign = evaluator.modules.imports.loaded(names)
    variables = _environment(evaluator, names)
    exhausted = Unread(source.in_file(0, 0), f"its expressions lead to more than {MAX_STEPS:,} others")
    return found._replace(
        sites=sites_found,
        blocks=tuple(blocks.all),
        imports=imports,
        foreign=foreign,
        environment=variables,
        unread=(exhausted,) if evaluator.is_exhausted else (),
    )


def _evaluator(files: Files) -> Evaluator:
    """The one of the project, which knows what was found out so far; a new one where that was too much to keep."""
    evaluator = files.memory.get(_MEMORY)
    if not isinstance(evaluator, Evaluator):
        evaluator = files.memory[_MEMORY] = Evaluator(Modules(files))
    elif evaluator.modules.is_full:
        modules = evaluator.modules
        del evaluator, files.memory[_MEMORY]
        modules.forget()
        gc.collect()  # trees and scopes know each other
        evaluator = files.memory[_MEMORY] = Evaluator(modules)
    return evaluator


def _environment(evaluator: Evaluator, names: Names) -> dict[str, Node]:
    """The variables that a file reads, and where it does first."""
    found: dict[str, Node] = {}
    for called in names.calls:
        if called.call.args and telling.may_read(called.call.func, called.scope):
            read = _Read(called.call, called.call.func, called.call.args[0])
            _note(evaluator, read, At(called.scope, called.where), environment.READERS, found)
    for subscript, scope, where in names.subscripts:
        if isinstance(subscript.ctx, ast.Load) and telling.may_read(subscript.value, scope):
            read = _Read(subscript, subscript.value, subscript.slice)
            _note(evaluator, read, At(scope, where), environment.MAPPINGS, found)
    for node, scope in names.inner.items():
        if isinstance(node, ast.ClassDef) and settings.is_settings(evaluator, Class(node, scope)):
            for name, field in settings.variables(evaluator, Class(node, scope)):
                found.setdefault(name, field)
    return found


class _Read(NamedTuple):
    """An expression that may read a variable."""

    whole: ast.expr
    owner: ast.expr
    key: ast.expr


def _note(evaluator: Evaluator, read: _Read, at: At, readers: Container[str], found: dict[str, Node]) -> None:
    """Write down the variable that an expression reads, if it does."""
    if not telling.may_name(read.key, at.scope):
        return
    things = evaluator.things(read.owner, at)
    if any(isinstance(thing, Foreign) and thing.name in readers for thing in things):
        name = key_of(evaluator, read.key, at)
        if name is not None:
            found.setdefault(name, evaluator.node(read.whole, at))
