"""What a file of JavaScript or TypeScript calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from bedrock_policy_lint.code.javascript import bundles
from bedrock_policy_lint.code.javascript.evaluate import Evaluator
from bedrock_policy_lint.code.javascript.frameworks import PACKAGES
from bedrock_policy_lint.code.javascript.modules import Modules
from bedrock_policy_lint.code.javascript.packages import is_built_in, package_of
from bedrock_policy_lint.code.javascript.sites import Sites
from bedrock_policy_lint.code.javascript.tree import Module
from bedrock_policy_lint.code.site import Block, CallSite, CodeFile, Unread
from bedrock_policy_lint.sources.node import Node
from bedrock_policy_lint.sources.source import Source, Span

if TYPE_CHECKING:
    from bedrock_policy_lint.code.reader import Files

_LANGUAGE = "javascript"


def read(source: Source, files: Files) -> CodeFile:
    """What one file calls; whatever it is, this does not fail."""
    evaluator = _evaluator(files)
    modules = evaluator.modules
    may_call = modules.reaches(source, PACKAGES)
    if not may_call and bundles.is_bundle(source.text):
        return _bundle(source, modules)
    module = modules.given(source)
    evaluator.begin()
    resolved = {specifier: modules.resolve(specifier, source.path) for specifier in module.specifiers}
    sites: list[CallSite] = []
    if may_call:
        sites = Sites(evaluator, module, tuple(specifier for specifier, path in resolved.items() if not path)).all()
    if evaluator.is_exhausted:
        module.trouble.append((0, "what it calls is too much to follow"))
    return CodeFile(
        source,
        _LANGUAGE,
        tuple(sites),
        module.blocks.all if module.blocks is not None else (Block("", frozenset()),),
        tuple(dict.fromkeys(path for path in resolved.values() if path)),
        _foreign(resolved),
        _environment(module),
        tuple(Span(source, start, end) for start, end in module.comments),
        _unread(module),
    )


def _bundle(source: Source, modules: Modules) -> CodeFile:
    """What is known of a bundle, in which no package is loaded by its name."""
    resolved = {specifier: modules.resolve(specifier, source.path) for specifier in modules.specifiers(source)}
    reason = "it is a bundle, in which packages cannot be told from what calls them"
    return CodeFile(
        source,
        _LANGUAGE,
        blocks=(Block("", bundles.names(source.text)),),
        imports=tuple(dict.fromkeys(path for path in resolved.values() if path)),
        foreign=_foreign(resolved),
        unread=(Unread(Span(source, 0, 0), reason),) if bundles.may_call(source.text) else (),
    )


def _evaluator(files: Files) -> Evaluator:
    """The one of the project, which keeps what it has read."""
    kept = files.memory.get(_LANGUAGE)
    if kept is None:
        kept = files.memory[_LANGUAGE] = Evaluator(Modules(files))
    return cast(Evaluator, kept)


def _foreign(resolved: dict[str, str]) -> tuple[str, ...]:
    names = (package_of(specifier) for specifier, path in resolved.items() if not path and not is_built_in(specifier))
    return tuple(dict.fromkeys(name for name in names if name and not name.startswith(".")))


def _environment(module: Module) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for name, start, end in module.environment:
        found.setdefault(name, Node(module.source.text[start:end], start, end, module.source))
    return found


def _unread(module: Module) -> tuple[Unread, ...]:
    """Each reason once, with the first place."""
    first: dict[str, int] = {}
    for at, reason in module.trouble:
        first.setdefault(reason, at)
    size = len(module.source.text)
    return tuple(Unread(Span(module.source, at, min(at + 1, size)), reason) for reason, at in first.items())
