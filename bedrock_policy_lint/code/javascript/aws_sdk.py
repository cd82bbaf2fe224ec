"""Calls through AWS's own SDKs for JavaScript: commands that clients send, methods of clients, paginators; v2 as well.

What is called how was read in the packages @aws-sdk/client-bedrock-runtime, client-bedrock-agent-runtime and
client-bedrock 3.1162.0 and aws-sdk 2.1693.0 (2026-11-20).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from bedrock_policy_lint.bedrock.operations import CLIENTS, OPERATIONS
from bedrock_policy_lint.code import site as words
from bedrock_policy_lint.code.javascript.evaluate import Evaluator, hole
from bedrock_policy_lint.code.javascript.given import Arguments, Given, merged
from bedrock_policy_lint.code.javascript.tree import Call, Expression, Member, Module
from bedrock_policy_lint.code.javascript.values import At, Callable, Foreign, Found, Made
from bedrock_policy_lint.code.site import Value

_PACKAGE = "@aws-sdk/client-"
_CLASSES = {client: "Bedrock" + "".join(word.capitalize() for word in client.split("-")[1:]) for client in CLIENTS}
"""The class that has a client's operations as methods; `Client` behind it names the one that sends commands."""
_BY_CLASS = {name: client for client, name in _CLASSES.items()}
_V2 = "aws-sdk"
_V2_MODULES = {f"{_V2}/clients/{name.lower()}": client for client, name in _CLASSES.items()}
_METHODS = {name[0].lower() + name[1:]: name for name in OPERATIONS}
_SETTINGS = {
    "region": words.REGION,
    "endpoint": words.ENDPOINT,
    "credentials": words.CREDENTIALS,
    "credentialDefaultProvider": words.CREDENTIALS,
    "token": words.CREDENTIALS,
    "profile": words.PROFILE,
}
_SETTINGS_V2 = {**_SETTINGS, "accessKeyId": words.CREDENTIALS}
_UNIQUE = frozenset(
    [
        "converseStream",
        "invokeModelWithResponseStream",
        "invokeModelWithBidirectionalStream",
        "retrieveAndGenerate",
        "retrieveAndGenerateStream",
    ]
)
"""Methods whose names nothing else has."""


class Called(NamedTuple):
    """An operation that a call in code calls."""

    operation: str
    library: str
    client: str
    given: Given


class Sdk:
    """Finds calls through the SDK."""

    def __init__(self, evaluator: Evaluator, arguments: Arguments) -> None:
        self.evaluator = evaluator
        self.arguments = arguments
        self._senders: dict[str, dict[int, list[tuple[Found, Made]]]] = {}
        self._handed: dict[str, dict[int, list[Call]]] = {}
        self._configurations: dict[str, Given] = {}

    def called(self, what: Foreign, made: Made) -> Called | None:
        """What a call of something foreign calls, if it is the SDK's and Bedrock's."""
        if what.package.startswith(_PACKAGE):
            client = what.package.removeprefix(_PACKAGE)
            return self._of_version_3(what, made, client) if client in CLIENTS else None
        if what.package == _V2 or what.package in _V2_MODULES:
            return self._of_version_2(what, made)
        return None

    def _of_version_3(self, what: Foreign, made: Made, client: str) -> Called | None:
        path = what.path.removeprefix("default.").removesuffix("()")
        name = path.removesuffix("Command")
        if name != path and self._is_operation(name, client) and made.call.is_new:
            return Called(name, what.package, client, {**self._sender(made), **self._input(name, made)})
        name = path.removeprefix("paginate")
        if name != path and self._is_operation(name, client):
            owners = self.arguments.member(self.arguments.at(made, 0), "client", made)
            settings = merged(self.settings(owner, made) for owner in owners)
            return Called(name, what.package, client, {**settings, **self._input(name, made, 1)})
        owner, _, method = path.rpartition(".")
        name = _METHODS.get(method, "")
        if owner == f"{_CLASSES[client]}()" and self._is_operation(name, client):
            settings = self.arguments.of(what.calls[0], _SETTINGS)
            return Called(name, what.package, client, {**settings, **self._input(name, made)})
        return None

    def _of_version_2(self, what: Foreign, made: Made) -> Called | None:
        owner, _, method = what.path.removesuffix("()").rpartition(".")
        owner = owner.removeprefix("default").removeprefix(".").removesuffix("()")
        client = _V2_MODULES.get(what.package) or _BY_CLASS.get(owner, "")
        name = _METHODS.get(method, "")
        if not client or not self._is_operation(name, client):
            return None
        settings = self.arguments.of(what.calls[0], _SETTINGS_V2)
        if words.REGION not in settings:
            settings |= self._configured(made.at.module)
        return Called(name, _V2, client, {**settings, **self._input(name, made)})

    def _is_operation(self, name: str, client: str) -> bool:
        operation = OPERATIONS.get(name)
        return operation is not None and operation.client == client

    def _input(self, name: str, made: Made, place: int = 0) -> Given:
        parameters = OPERATIONS[name].parameters
        given = self.arguments.of(made, parameters, place)
        for path, value in made.at.module.inputs.get(id(made.call), ()):
            self._replaced(given, path, value, parameters, made)
        return given

    def _replaced(
        self, given: Given, changed: str, value: Expression, parameters: Mapping[str, str], made: Made
    ) -> None:
        """What is given where a part of the input is set after the command was made: one or the other."""
        found = self.evaluator.ask(value, made.at)
        for path, word in parameters.items():
            inner: tuple[Found, ...]
            if "*" in changed:
                inner = (self.evaluator.unknown(value, made.at),) if word in given else ()
            elif changed == path:
                inner = found
            elif not changed or path.startswith(f"{changed}."):
                inner = self.arguments.member(found, path[len(changed) :].lstrip("."), made)
            else:
                continue
            values = (*given.get(word, ()), *self.arguments.values(inner, made))
            if values:
                given[word] = tuple(one._replace(is_one_of_several=True) for one in values)

    def _configured(self, module: Module) -> Given:
        """What `AWS.config.update({…})` says in the same file."""
        path = module.source.path
        if path not in self._configurations:
            self._configurations[path] = self._configuration(module)
        return self._configurations[path]

    def _configuration(self, module: Module) -> Given:
        for call in module.calls:
            if isinstance(call.callee, Member) and call.callee.name == "update":
                for found in self.evaluator.ask(call.callee, At(module)):
                    what = found.what
                    if isinstance(what, Foreign) and what.package == _V2 and what.path.endswith("config.update"):
                        return self.arguments.of(Made(call, At(module)), _SETTINGS_V2)
        return {}

    def settings(self, owner: Found, made: Made) -> Given:
        """What a client was set up with; a hole for its Region where it is not known."""
        what = owner.what
        if isinstance(what, Foreign) and what.calls and what.package.startswith(_PACKAGE):
            return self.arguments.of(what.calls[-1], _SETTINGS)
        if isinstance(what, Foreign) and what.package in (_V2, *_V2_MODULES) and what.calls:
            return self.arguments.of(what.calls[-1], _SETTINGS_V2)
        return {words.REGION: self.arguments.values((owner,), made)}

    def _sender(self, command: Made) -> Given:
        """What the client that sends a command was set up with."""
        senders = self.senders(command.at.module).get(id(command.call), [])
        if not senders:
            senders = self._sent_elsewhere(command)
        if not senders:
            callee = command.call.callee
            node = hole(command.at.module, callee.start, callee.end)
            return {words.REGION: (Value(node),)}
        return merged(self.settings(owner, made) for owner, made in senders)

    def senders(self, module: Module) -> dict[int, list[tuple[Found, Made]]]:
        """The clients that send commands in a module, by the calls that make the commands."""
        path = module.source.path
        if path not in self._senders:
            self._senders[path] = {}
            self._senders[path] = self._sent_in(module)
        return self._senders[path]

    def _sent_in(self, module: Module) -> dict[int, list[tuple[Found, Made]]]:
        sent: dict[int, list[tuple[Found, Made]]] = {}
        at = At(module)
        for call in module.calls:
            callee = call.callee
            if not isinstance(callee, Member) or callee.name != "send" or not call.arguments:
                continue
            made = Made(call, at)
            for found in self.evaluator.ask(call.arguments[0], at):
                what = found.what
                if isinstance(what, Foreign) and what.path.endswith("Command()"):
                    owners = self.evaluator.ask(callee.object, at)
                    sent.setdefault(id(what.calls[-1].call), []).extend((owner, made) for owner in owners)
        return sent

    def _sent_elsewhere(self, command: Made) -> list[tuple[Found, Made]]:
        """The clients of other files that a command is handed to."""
        at = At(command.at.module)
        for call in self._handed_to(at.module).get(id(command.call), ()):
            for found in self.evaluator.ask(call.callee, at):
                if isinstance(found.what, Callable):
                    other = found.what.function.scope.module
                    return self.senders(other).get(id(command.call), [])
        return []

    def _handed_to(self, module: Module) -> dict[int, list[Call]]:
        """The calls of a module by the calls that are their arguments."""
        path = module.source.path
        if path not in self._handed:
            handed = self._handed[path] = {}
            for call in module.calls:
                for argument in call.arguments:
                    if isinstance(argument, Call):
                        handed.setdefault(id(argument), []).append(call)
        return self._handed[path]

    def guessed(self, call: Call, at: At, foreign: tuple[str, ...]) -> Called | None:
        """A method that only Bedrock's clients have, of something that cannot be traced, where the SDK is loaded."""
        callee = call.callee
        if not isinstance(callee, Member) or callee.name not in _UNIQUE:
            return None
        name = _METHODS[callee.name]
        client = OPERATIONS[name].client
        libraries = [one for one in foreign if one in (_V2, *_V2_MODULES) or one == _PACKAGE + client]
        if not libraries:
            return None
        owner = hole(at.module, callee.object.start, callee.object.end)
        made = Made(call, at)
        return Called(name, libraries[0], client, {words.REGION: (Value(owner),), **self._input(name, made)})
