"""Makefiles: their variables, and the recipes that a shell runs line by line."""

from __future__ import annotations

import os
import re
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.code.shell.builder import Builder
from bedrock_policy_lint.code.shell.scope import Binding
from bedrock_policy_lint.code.shell.spelling import Spelled, alternatives, are_too_many, distinct, joined, literal
from bedrock_policy_lint.code.site import ENVIRONMENT
from bedrock_policy_lint.model.text import Hole
from bedrock_policy_lint.sources.node import Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.code.shell.sites import Sites
    from bedrock_policy_lint.code.shell.words import Script
    from bedrock_policy_lint.sources.source import Source

_MOST_DEPTH = 20
_MOST_FILES = 20
_line = re.compile(r"(?:[^\n\\]++|\\(?:\r?\n)?)*+").match
_assignment = re.compile(
    r"[ ]*(?:(?:override|private|export)[ \t]+)*(?P<name>[\w.-]+)[ \t]*(?P<operator>::?:?=|\?=|\+=|!=|=)[ \t]*"
).match
_specific = re.compile(
    r"[^\s:=#][^:=#\n]*:[ \t]*(?:(?:override|private|export)[ \t]+)*(?P<name>[\w.-]+)[ \t]*"
    r"(?P<operator>::?:?=|\?=|\+=|!=|=)[ \t]*"
).match
_include = re.compile(r"[ ]*(?:-include|sinclude|include)[ \t]+(?P<files>.*)").match
_export = re.compile(r"[ ]*export(?:[ \t]+(?P<names>[\w .\t-]+))?[ \t]*(?:#.*)?$").match
_opening = re.compile(r"[ ]*(?:ifeq|ifneq|ifdef|ifndef)\b").match
_closing = re.compile(r"[ ]*endif\b").match
_define = re.compile(r"[ ]*(?:(?:override|export)[ \t]+)*define[ \t]+(?P<name>[\w.-]+)").match
_rule = re.compile(r"[^\s#=][^#=]*::?(?!=)").match
_dollar = re.compile(r"\$(?:\$|\((?P<round>[^()$\n]*)\)|\{(?P<curly>[^{}$\n]*)\}|(?P<single>[^\s({$]))").match
_name = re.compile(r"[\w.-]+").fullmatch


class _Held(NamedTuple):
    """What a variable is set to."""

    values: tuple[Spelled, ...]
    raw: tuple[Source, int, int] | None = None
    """Where its text stands, when it is made only where it is used."""
    is_default: bool = False


class _Recipe(NamedTuple):
    start: int
    end: int


def read(sites: Sites) -> None:
    """Follow the recipes of a makefile."""
    make = _Makefile(sites)
    make.read(sites.source, 0)
    variables = make.exported()
    if not make.is_one_shell:
        for recipe in make.recipes:
            sites.follow(make.script([recipe]), dict(variables))
        return
    for rule in make.rules:
        sites.follow(make.script(rule), dict(variables))


class _Makefile:
    def __init__(self, sites: Sites) -> None:
        self.recipes: list[_Recipe] = []
        self.rules: list[list[_Recipe]] = []
        self.is_one_shell = False
        self._sites = sites
        self._marks = sites.marks
        self._held: dict[str, _Held] = {}
        self._exported: set[str] = set()
        self._exports_all = False
        self._files = 0
        self._conditions = 0
        self._made_of: dict[tuple[Source, int, int], tuple[Spelled, ...]] = {}
        """What texts that are made only where they are used come to, until a variable is set."""

    # Reading

    def read(self, source: Source, depth: int) -> None:
        """Note the variables of a makefile, and the recipes of the first."""
        text = source.text
        at, is_own, is_in_rule = 0, source is self._sites.source, False
        while at < len(text):
            match = _line(text, at)
            end = match.end() if match else len(text)
            if text[at : at + 1] == "\t" and is_in_rule:
                if is_own:
                    self.recipes.append(_Recipe(at + 1, end))
                    self.rules[-1].append(_Recipe(at + 1, end))
            elif define := _define(text, at, end):
                end = self._defined(source, define["name"], at, end)
            elif text[at:end].strip() and not text[at:end].lstrip().startswith("#"):
                is_in_rule = self._statement(source, at, end, depth) or (
                    is_in_rule and self._is_condition(text, at, end)
                )
            at = end + 1

    def _is_condition(self, text: str, at: int, end: int) -> bool:
        return bool(_opening(text, at, end) or _closing(text, at, end)) or text[at:end].strip().startswith("else")

    def _statement(self, source: Source, at: int, end: int, depth: int) -> bool:
        """One line that is no recipe; says whether a rule begins."""
        text = source.text
        if _opening(text, at, end):
            self._conditions += 1
        elif _closing(text, at, end):
            self._conditions = max(self._conditions - 1, 0)
        elif found := _include(text, at, end):
            self._included(source, found["files"], depth)
        elif found := _export(text, at, end):
            self._exports_all = self._exports_all or found["names"] is None
            self._exported.update((found["names"] or "").split())
        elif found := _assignment(text, at, end):
            if re.match(r"[ ]*(?:override[ \t]+)?export\b", text[at:end]):
                self._exported.add(found["name"])
            self._assign(source, found, end, is_certain=not self._conditions)
        elif found := _specific(text, at, end):
            self._assign(source, found, end, is_certain=False)
        elif _rule(text, at, end):
            self.is_one_shell = self.is_one_shell or text.startswith(".ONESHELL", at)
            self.rules.append([])
            return True
        return False

    def _defined(self, source: Source, name: str, at: int, end: int) -> int:
        """A text of several lines, which is not read."""
        close = re.compile(r"^[ ]*endef\b.*$", re.MULTILINE).search(source.text, end)
        self._held[name] = _Held((self._hole(f"$({name})", source, at, end),))
        return close.end() if close else len(source.text)

    def _included(self, source: Source, names: str, depth: int) -> None:
        for name in names.partition("#")[0].split():
            path = os.path.normpath(os.path.join(os.path.dirname(source.path), name))
            self._files += 1
            if depth < _MOST_DEPTH and self._files < _MOST_FILES and self._sites.files.is_file(path):
                included = self._sites.files.source(path)
                if included is not None:
                    self._sites.loaded.append(path)
                    self.read(included, depth + 1)

    def _assign(self, source: Source, found: re.Match[str], end: int, *, is_certain: bool) -> None:
        name, operator = found["name"], found["operator"]
        self._made_of.clear()
        start, end = found.end(), _without_comment(source.text, found.end(), end)
        before = self._held.get(name)
        if operator == "!=":
            held = _Held((self._hole(f"$({name})", source, start, end),))
        elif operator == "?=":
            if before is not None and is_certain:
                return
            held = _Held((), (source, start, end), is_default=before is None)
        elif operator == "+=":
            held = _Held(self._added(name, source, start, end))
        elif operator == "=":
            held = _Held((), (source, start, end))
        else:
            held = _Held(self._made(source, start, end, 0))
        if not is_certain:
            known = self._value(name, source, start, end, 0)
            held = _Held(alternatives(known, self._of(name, held, 0)))
        self._held[name] = held

    def _added(self, name: str, source: Source, start: int, end: int) -> tuple[Spelled, ...]:
        before, more = self._value(name, source, start, end, 0), self._made(source, start, end, 0)
        if name not in self._held:
            return more
        if len(before) != 1 or len(more) != 1 or are_too_many((before, more)):
            return (self._hole(f"$({name})", source, start, end),)
        place = before[0].written_at(source, start, end)
        return (joined([place, Spelled(" ", [start], [start], source, start), more[0]], source, start),)

    # Values

    def _hole(self, name: str, source: Source, start: int, end: int) -> Spelled:
        written = f"$({name[len(ENVIRONMENT) :]})" if name.startswith(ENVIRONMENT) else name
        mark = self._marks.mark(Hole(name, written))
        return Spelled(mark, [start], [end], source, start)

    def _value(self, name: str, source: Source, start: int, end: int, depth: int) -> tuple[Spelled, ...]:
        """What a variable holds, for a reference at a place."""
        held = self._held.get(name)
        if held is None:
            return (self._hole(ENVIRONMENT + name, source, start, end),)
        reference = Node(name, start, end, source)
        return tuple(value._replace(named=(reference, *value.named)) for value in self._of(name, held, depth))

    def _of(self, name: str, held: _Held, depth: int) -> tuple[Spelled, ...]:
        if held.raw is None:
            return held.values
        source, start, end = held.raw
        known = self._made_of.get(held.raw)
        if known is None:
            if depth > _MOST_DEPTH:
                return (self._hole(f"$({name})", source, start, end),)
            known = self._made_of[held.raw] = self._made(source, start, end, depth + 1)
        values = known
        if not held.is_default:
            return values
        unknown = self._hole(ENVIRONMENT + name, source, start, end)
        return distinct((unknown, *(value._replace(default_of=value.default_of or name) for value in values)))

    def _made(self, source: Source, start: int, end: int, depth: int) -> tuple[Spelled, ...]:
        """The texts that a stretch may be made into."""
        parts = [
            (literal(source.text[piece], source, piece.start),)
            if isinstance(piece, slice)
            else self._of_reference(piece, source, depth)
            for piece in _cut(source.text, start, end)
        ]
        if len(parts) == 1:
            return parts[0]
        if are_too_many(parts):
            return (self._hole(source.text[start:end] or "$", source, start, end),)
        return distinct(
            joined([_placed(piece, source, start, end) for piece in choice], source, start)
            for choice in product(*parts)
        )

    def _of_reference(self, match: re.Match[str], source: Source, depth: int) -> tuple[Spelled, ...]:
        name = match["round"] or match["curly"] or match["single"] or ""
        if match[0] == "$$":
            return (Spelled("$", [match.start()], [match.end()], source, match.start()),)
        if not _name(name):
            return (self._hole(match[0], source, *match.span()),)
        return self._value(name, source, *match.span(), depth)

    # Recipes

    def exported(self) -> dict[str, Binding]:
        """The variables that recipes see in their environment, and those of which that cannot be told."""
        found: dict[str, Binding] = {}
        for name, held in self._held.items():
            is_exported = self._exports_all or name in self._exported
            if name.isidentifier() and (is_exported or name.startswith("AWS_")):
                found[name] = Binding(self._of(name, held, 0), is_exported)
        return found

    def script(self, recipes: list[_Recipe]) -> Script:
        """What the shell is given of some lines: variables of make in their place, `$$` as `$`."""
        source = self._sites.source
        text = source.text
        builder = Builder(source, self._marks)
        for recipe in recipes:
            start = recipe.start
            while start < recipe.end and text[start] in "@-+ \t":
                start += 1
            for piece in _cut(text, start, recipe.end):
                if isinstance(piece, slice):
                    builder.add(piece.start, piece.stop)
                elif piece[0] == "$$":
                    builder.add(piece.start() + 1, piece.end())
                else:
                    builder.put(piece[0], self._of_reference(piece, source, 0), *piece.span())
            builder.add(recipe.end, min(recipe.end + 1, len(text)))
        return builder.script()


def _placed(piece: Spelled, source: Source, start: int, end: int) -> Spelled:
    """A part of a longer text: where it is written, if that is within it, else the whole."""
    if piece.source is source and start <= piece.start <= piece.end <= end:
        return piece
    return piece.written_at(source, start, end)


def _without_comment(text: str, start: int, end: int) -> int:
    """Where a value ends, before a comment and blanks."""
    at = text.find("#", start, end)
    while at > 0 and text[at - 1] == "\\":
        at = text.find("#", at + 1, end)
    end = end if at < 0 else at
    while end > start and text[end - 1].isspace():
        end -= 1
    return end


def _cut(text: str, start: int, end: int) -> Iterator[slice | re.Match[str]]:
    """A stretch as literal stretches and references."""
    at = begin = start
    while (at := text.find("$", at, end)) >= 0:
        match = _dollar(text, at, end)
        if match is None:
            at += 1
            continue
        if begin < at:
            yield slice(begin, at)
        yield match
        at = begin = match.end()
    if begin < end or start == end:
        yield slice(begin, end)
