"""The calls of Bedrock in a file: through the SDK, through libraries, and where either is handed on."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.operations import OPERATIONS
from bedrock_policy_lint.code.python import classes, library, sdk, telling
from bedrock_policy_lint.code.python.things import At, Class, Foreign, Given, Partial, Result, distinct
from bedrock_policy_lint.code.site import REGION, CallSite, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bedrock_policy_lint.code.python.blocks import Blocks
    from bedrock_policy_lint.code.python.evaluate import Evaluator
    from bedrock_policy_lint.code.python.made import Use
    from bedrock_policy_lint.code.python.scopes import Called, Names
    from bedrock_policy_lint.code.python.things import Thing

_SDK = "boto3"
_HANDED_FIRST = frozenset({"to_thread", "run_sync", "partial", "submit", "run_in_executor"})
"""Functions that are given another one, and behind it the arguments of its call."""


def find(evaluator: Evaluator, names: Names, blocks: Blocks) -> list[CallSite]:
    """The call sites of a file, in the order of the text."""
    search = _Search(evaluator, names, blocks)
    for called in names.calls:
        if telling.may_call(called.call.func, called.scope):
            search.call(called)
        search.handed_on(called)
    found = {_identity(site): site for site in (*search.sites, *search.left())}
    return sorted(found.values(), key=lambda site: (site.node.start, site.node.end, site.operation))


def _identity(site: CallSite) -> object:
    """What two sites have in common that say the same, found in two ways: an SDK and what is put around it."""
    given = frozenset((role, tuple(str(value.node.value) for value in values)) for role, values in site.given.items())
    return site.node.start, site.node.end, site.operation, site.operations, given


class _Search:
    """One pass over the calls of a file."""

    def __init__(self, evaluator: Evaluator, names: Names, blocks: Blocks) -> None:
        self.evaluator = evaluator
        self.names = names
        self.blocks = blocks
        self.sites: list[CallSite] = []
        self.made: dict[ast.Call, CallSite] = {}
        """What is made in this file, or prepared, without that a call of it was seen so far."""
        self.used: set[ast.Call] = set()

    def left(self) -> Iterator[CallSite]:
        """What was made and handed on."""
        return (site for call, site in self.made.items() if call not in self.used)

    def call(self, called: Called) -> None:
        """Look at one call."""
        at = At(called.scope, called.where)
        given = Given(called.call, at)
        things = self.evaluator.things(called.call.func, at)
        self._of_sdk(called, things, given)
        for thing in things:
            if isinstance(thing, Result):
                self._of_library(called, Foreign(f"{thing.name}.__call__", thing), given)
            elif isinstance(thing, Class):
                for base in classes.made_as(self.evaluator, thing):
                    self._of_library(called, base, given)
            else:
                self._of_library(called, thing, given)

    def _of_sdk(self, called: Called, things: Iterable[Thing], given: Given) -> None:
        clients: dict[str, list[Result]] = {}
        for called_thing in things:
            thing = called_thing
            if isinstance(thing, Partial):
                self.used.add(thing.given.call)
                given = given._replace(before=thing.given)
                thing = thing.of
            name = sdk.operation(self.evaluator, thing)
            if name and isinstance(thing, Foreign) and (client := sdk.client_of(thing)) is not None:
                clients.setdefault(name, []).append(client)
        for name, owners in clients.items():
            self.sites.append(self._sdk_site(called, name, owners, given))
        if not clients:
            name = sdk.untraced(self.evaluator, called.call.func, given)
            if name:
                self.sites.append(self._sdk_site(called, name, [], given))

    def _sdk_site(
        self, called: Called, name: str, clients: list[Result], given: Given | None, function: ast.expr | None = None
    ) -> CallSite:
        function = function or called.call.func
        at = At(called.scope, called.where)
        owner = function.value if isinstance(function, ast.Attribute) else function
        operation = OPERATIONS[name]
        values = sdk.setting(self.evaluator, distinct(clients), owner, at)  # type: ignore[arg-type]
        if not clients:
            unknown = self.evaluator.unknown(owner, at)
            values[REGION] = (Value(unknown.node),)
        values |= sdk.parameters(self.evaluator, operation, given, function, at)
        return self._site(called, (name,), function, values)._replace(library=_SDK, client=operation.client)

    def _site(
        self, called: Called, names: tuple[str, ...], function: ast.expr, given: dict[str, tuple[Value, ...]]
    ) -> CallSite:
        node = self.evaluator.node(function, At(called.scope, called.where))
        block = self.blocks.of(called.scope)
        if len(names) == 1:
            return CallSite(names[0], node, "", given=given, block=block)
        return CallSite("", node, "", operations=names, given=given, block=block)

    def _of_library(self, called: Called, thing: Thing, given: Given) -> None:
        found = library.of_call(self.evaluator, thing, given)
        if found is None:
            return
        use, method = found
        inner = use.calls if method else use.calls[1:]
        self.used.update(inner)
        operations = library.operations(use, method)
        for names in operations:
            self.sites.append(self._library_site(called, names, use))
        if not method and not operations and (names := library.untold(use)):
            self.made[called.call] = self._library_site(called, names, use)

    def _library_site(self, called: Called, names: tuple[str, ...], use: Use) -> CallSite:
        site = self._site(called, names, called.call.func, use.given)
        return site._replace(library=use.made.library, client=use.client, preset=use.made.preset)

    def handed_on(self, called: Called) -> None:
        """A method of a client that is an argument of something else, which calls it."""
        call, at = called.call, At(called.scope, called.where)
        function = call.func
        last = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        for place, argument in enumerate([*call.args, *(keyword.value for keyword in call.keywords)]):
            if not isinstance(argument, ast.Attribute) or argument.attr not in sdk.METHODS:
                continue
            clients: dict[str, list[Result]] = {}
            for thing in self.evaluator.things(argument, at):
                name = sdk.operation(self.evaluator, thing)
                if name and isinstance(thing, Foreign) and (client := sdk.client_of(thing)) is not None:
                    clients.setdefault(name, []).append(client)
            is_first = last in _HANDED_FIRST and place < len(call.args)
            given = Given(call, at, place + 1) if is_first else None
            for name, owners in clients.items():
                self.made[call] = self._sdk_site(called, name, owners, given, argument)
