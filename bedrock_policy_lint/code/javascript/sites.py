"""The places in a module that call Bedrock, through the SDK or a library."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from bedrock_policy_lint.code import site as words
from bedrock_policy_lint.code.javascript.aws_sdk import Sdk
from bedrock_policy_lint.code.javascript.evaluate import Evaluator, hole, is_of_platform
from bedrock_policy_lint.code.javascript.frameworks import (
    LIBRARIES,
    OPENAI_PROVIDERS,
    SAME,
    TAKE_NAMES,
    TOLD_BY_METHODS,
    USES,
    WRAPS,
)
from bedrock_policy_lint.code.javascript.given import Arguments, Given, merged
from bedrock_policy_lint.code.javascript.texts import Composed
from bedrock_policy_lint.code.javascript.tree import Call, Module
from bedrock_policy_lint.code.javascript.values import Absent, At, Foreign, Found, Made
from bedrock_policy_lint.code.libraries import CLIENT, INNER, MANTLE
from bedrock_policy_lint.code.libraries import Made as Row
from bedrock_policy_lint.code.site import CallSite, Value
from bedrock_policy_lint.model.text import Hole, Template, join, only_hole, parts_of
from bedrock_policy_lint.sources.node import Node

_SAME = re.compile(rf"\.(?:{'|'.join(sorted(SAME))})\(\)")
_ENDPOINT = re.compile(r"https?://bedrock-(runtime|mantle)(?:-fips)?\.([a-z0-9-]+|\0)\.(?:amazonaws\.com|api\.aws)")
_STREAM_WORDS = ("stream", "streaming")


class _Operations(NamedTuple):
    """What a call through a library calls; one of them, where `is_choice`."""

    names: tuple[str, ...]
    is_choice: bool = False


class Sites:
    """Finds the sites of a module."""

    def __init__(self, evaluator: Evaluator, module: Module, foreign: tuple[str, ...]) -> None:
        self.evaluator = evaluator
        self.module = module
        self.foreign = foreign
        self.arguments = Arguments(evaluator)
        self.sdk = Sdk(evaluator, self.arguments)
        self.used: set[int] = set()
        """The calls that make something whose use is seen."""
        self.made: list[tuple[Foreign, Made, Row]] = []
        """What is made, and may be used where that is not seen."""

    def all(self) -> list[CallSite]:
        """The sites, in the order of the text."""
        found: dict[tuple[int, str], CallSite] = {}
        for call in sorted(self.module.calls, key=lambda call: (call.start, -call.end)):
            if is_of_platform(call.callee):
                continue
            for site in self._of_call(call):
                found.setdefault((site.node.start, site.operation), site)
        for what, made, row in self.made:
            if id(made.call) not in self.used:
                for site in self._unused(what, made, row):
                    found.setdefault((site.node.start, site.operation), site)
        return sorted(found.values(), key=lambda site: site.node.start)

    def _of_call(self, call: Call) -> Iterator[CallSite]:
        at = At(self.module)
        made = Made(call, at)
        is_traced = False
        for found in self.evaluator.ask(call.callee, at):
            what = found.what
            if isinstance(what, Foreign):
                is_traced = True
                yield from self._of_foreign(what._replace(path=f"{what.path}()", calls=(*what.calls, made)), made)
            else:
                is_traced = is_traced or not _is_unknown(found)
        if not is_traced:
            called = self.sdk.guessed(call, at, self.foreign)
            if called is not None:
                yield self._site(call, called.operation, called.library, called.client, called.given)

    def _of_foreign(self, what: Foreign, made: Made) -> Iterator[CallSite]:
        called = self.sdk.called(what, made)
        if called is not None:
            yield self._site(made.call, called.operation, called.library, called.client, called.given)
            return
        use = USES.get(what.package, {}).get(what.path)
        if use is not None:
            holder = what.calls[0]
            for inner in self.arguments.member(self.arguments.at(holder, 0), use.argument, holder):
                yield from self._use(inner, use.method, made)
            return
        rows = LIBRARIES.get(what.package)
        if rows is not None:
            yield from self._of_library(what, made, rows)

    def _use(self, found: Found, method: str, made: Made) -> Iterator[CallSite]:
        """Something done with a model that a library made."""
        what = self._unwrapped(found)
        row = LIBRARIES.get(what.package, {}).get(what.path) if what is not None else None
        if what is None or row is None:
            return
        maker = what.calls[-1]
        self.used.add(id(maker.call))
        is_within = maker.at.module is self.module and made.call.start <= maker.call.start < made.call.end
        operation = row.methods.get(method, row.unknown)
        given = self._given(what, row)
        if found.is_one_of_several:
            given = {
                word: tuple(value._replace(is_one_of_several=True) for value in values)
                for word, values in given.items()
            }
        for name in operation:
            yield self._site(maker.call if is_within else made.call, name, row.library, row.client, given)

    def _unwrapped(self, found: Found) -> Foreign | None:
        what = found.what
        for _ in range(4):
            if not isinstance(what, Foreign):
                return None
            argument = WRAPS.get(what.package, {}).get(what.path)
            if argument is None:
                return what
            inner = self.arguments.member(self.arguments.at(what.calls[-1], 0), argument, what.calls[-1])
            what = inner[0].what if inner else what
        return None

    def _of_library(self, what: Foreign, made: Made, rows: Mapping[str, Row]) -> Iterator[CallSite]:
        path = _SAME.sub("", what.path)
        row = rows.get(path)
        if row is not None:
            if path == what.path:
                self.made.append((what, made, row))
            return
        for start, row in rows.items():
            if path.startswith(f"{start}.") and path.endswith("()"):
                operations = row.methods.get(path[len(start) + 1 : -2])
                if operations is not None:
                    self.used.add(id(what.calls[start.count("()") - 1].call))
                    yield from self._called(what, made, row, operations)
                return

    def _called(self, what: Foreign, made: Made, row: Row, operations: tuple[str, ...]) -> Iterator[CallSite]:
        """A method of something that a library made."""
        given = self._given(what, row)
        client = row.client
        if row.endpoint_holds:
            client = self._openai_endpoint(what, given)
            if not client:
                return
        yield from self._sites(made.call, self._streamed(what, row, operations), row, client, given)

    def _sites(
        self, call: Call, operations: _Operations, row: Row, client: str, given: Given, preset: str = ""
    ) -> Iterator[CallSite]:
        if operations.is_choice:
            yield self._site(call, "", row.library, client, given, operations.names, preset)
            return
        for name in operations.names:
            yield self._site(call, name, row.library, client, given, preset=preset)

    def _streamed(self, what: Foreign, row: Row, operations: tuple[str, ...]) -> _Operations:
        """The operations in place of these, where the code asks for a stream, or may."""
        if not row.streams or operations == row.streams:
            return _Operations(operations)
        says = [one for made in self._telling(what, row) for one in self._flag(made)]
        told = {one.what.value for one in says if isinstance(one.what, Node)} or {row.streams_by_default}
        if told == {False}:
            return _Operations(operations)
        if told == {True}:
            return _Operations(row.streams)
        return _Operations(tuple(dict.fromkeys((*operations, *row.streams))), is_choice=True)

    def _flag(self, made: Made) -> Iterator[Found]:
        """What a call says of streaming."""
        if not made.call.arguments:
            return
        whole = self.arguments.at(made, 0)
        for word in _STREAM_WORDS:
            for found in self.arguments.member((one for one in whole if not _is_text(one)), word, made):
                if not isinstance(found.what, Absent):
                    yield found

    def _unused(self, what: Foreign, made: Made, row: Row) -> Iterator[CallSite]:
        """What is made and handed on: one of its operations is called."""
        if not row.unknown or (what.path in TAKE_NAMES and not self._takes_name(made)):
            return
        operations = self._streamed(what, row, row.unknown)
        operations = operations._replace(is_choice=len(operations.names) > 1)
        yield from self._sites(made.call, operations, row, row.client, self._given(what, row), row.preset)

    def _takes_name(self, made: Made) -> bool:
        models = self.arguments.member(self.arguments.at(made, 0), "model", made)
        return all(
            isinstance(one.what, Absent) or (isinstance(one.what, Node) and not only_hole(one.what.value))
            for one in models
        )

    def _given(self, what: Foreign, row: Row) -> Given:
        """What the calls that lead to something are given, the last ones first."""
        given: Given = {}
        named = {path: word for path, word in row.arguments.items() if not path.isdigit()}
        placed = {int(path): word for path, word in row.arguments.items() if path.isdigit()}
        for made in reversed(self._telling(what, row)):
            for place, word in placed.items():
                texts = tuple(one for one in self.arguments.at(made, place) if _is_text(one))
                if texts and word not in given:
                    given[word] = self.arguments.values(texts, made)
            for place in range(min(len(made.call.arguments), 2)):
                objects = tuple(one for one in self.arguments.at(made, place) if not _is_text(one) or not placed)
                if objects and not all(isinstance(one.what, Absent) for one in objects):
                    self._add(given, objects, named, made)
        return self._with_default(given, what, row)

    def _telling(self, what: Foreign, row: Row) -> tuple[Made, ...]:
        """The calls whose arguments count: those that make something, and of some libraries those of its methods."""
        if row.library in TOLD_BY_METHODS or not row.methods:
            return what.calls
        key = _SAME.sub("", what.path)
        starts = (start for start in LIBRARIES[what.package] if key == start or key.startswith(f"{start}."))
        return what.calls[: max(start.count("()") for start in starts)]

    def _add(self, given: Given, objects: tuple[Found, ...], named: dict[str, str], made: Made) -> None:
        fresh: Given = {}
        for path, word in named.items():
            if word in given or (
                word in fresh and not any(isinstance(one.node.value, Template) for one in fresh[word])
            ):
                continue
            if word == CLIENT:
                owners = [one for one in self.arguments.member(objects, path, made) if not isinstance(one.what, Absent)]
                for key, values in merged(self.sdk.settings(owner, made) for owner in owners).items() if owners else ():
                    fresh.setdefault(key, values)
            elif word != INNER:
                values = self.arguments.told(objects, path, word, made, fresh)
                if values:
                    fresh[word] = (*fresh.get(word, ()), *values)
        given.update(fresh)

    def _with_default(self, given: Given, what: Foreign, row: Row) -> Given:
        if words.MODEL in row.arguments.values() and words.MODEL not in given:
            callee = what.calls[0].call.callee
            module = what.calls[0].at.module
            if row.default_model:
                places = [callee.start] * len(row.default_model) + [callee.end]
                node: Node = Composed(row.default_model, callee.start, callee.end, module.source, places)
            else:
                node = hole(module, callee.start, callee.end)
            given[words.MODEL] = (Value(node),)
        return given

    def _openai_endpoint(self, what: Foreign, given: Given) -> str:
        """The client of Bedrock that OpenAI's client is pointed at, with its Region; empty where it is another's."""
        for value in given.pop(words.ENDPOINT, ()):
            parts = parts_of(value.node.value)
            marked = "".join(part if isinstance(part, str) else "\0" for part in parts)
            match = _ENDPOINT.search(marked)
            if match is not None:
                region = self._slice(value, match.span(2))
                given[words.REGION] = (*given.get(words.REGION, ()), region)
                return f"bedrock-{match[1]}"
        for found in self.arguments.member(self.arguments.at(what.calls[0], 0), "provider", what.calls[0]):
            provider = found.what
            if isinstance(provider, Foreign) and provider.package in OPENAI_PROVIDERS and provider.calls:
                given.update(self.arguments.of(provider.calls[-1], {"region": words.REGION}))
                return MANTLE
        return ""

    def _slice(self, value: Value, span: tuple[int, int]) -> Value:
        """The part of a text between two places, where each hole takes up one."""
        node = value.node
        pieces: list[str | Hole] = []
        at = written = 0
        first = last = -1
        for part in parts_of(node.value):
            size = len(part) if isinstance(part, str) else 1
            low, high = max(span[0] - at, 0), min(span[1] - at, size)
            if low < high:
                pieces.append(part[low:high] if isinstance(part, str) else part)
                size_written = len(part) if isinstance(part, str) else len(part.written)
                first = written + low if first < 0 else first
                last = written + (high if isinstance(part, str) else size_written)
            at += size
            written += len(part) if isinstance(part, str) else len(part.written)
        places = list(node.offsets())[first : last + 1]
        return value._replace(node=Composed(join(pieces), places[0], places[-1], node.source, places))

    def _site(
        self,
        call: Call,
        operation: str,
        library: str,
        client: str,
        given: Given,
        operations: tuple[str, ...] = (),
        preset: str = "",
    ) -> CallSite:
        callee = call.callee
        text = "".join(self.module.source.text[callee.start : callee.end].split())
        node = Node(text, callee.start, callee.end, self.module.source)
        block = self.module.blocks.at(call.start) if self.module.blocks is not None else 0
        return CallSite(operation, node, library, client, operations, given, block, preset)


def _is_text(found: Found) -> bool:
    return isinstance(found.what, Node) and isinstance(found.what.value, str | Template)


def _is_unknown(found: Found) -> bool:
    return isinstance(found.what, Node)
