"""What a call in code is given: arguments by their paths, as values that stand in the code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bedrock_policy_lint.code import site as words
from bedrock_policy_lint.code.javascript.evaluate import Evaluator, hole, presumed
from bedrock_policy_lint.code.javascript.texts import Presumed
from bedrock_policy_lint.code.javascript.tree import Expression, Spread
from bedrock_policy_lint.code.javascript.values import (
    ABSENT,
    Absent,
    At,
    Callable,
    Fields,
    Foreign,
    Found,
    Made,
)
from bedrock_policy_lint.code.site import Value, is_environment
from bedrock_policy_lint.model.text import Template
from bedrock_policy_lint.sources.node import Node, Object

Given = dict[str, tuple[Value, ...]]

_OF_SURROUNDINGS = frozenset(
    [
        "fromNodeProviderChain",
        "defaultProvider",
        "fromContainerMetadata",
        "fromInstanceMetadata",
        "fromTokenFile",
        "fromEnv",
        "fromWebToken",
        "createCredentialChain",
    ]
)
"""Providers of credentials that take those of the role that the code runs with."""
_OWN_KEYS = frozenset({"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK"})
"""Variables that SDKs read without being told."""
_EXCEPTIONAL = frozenset({words.CREDENTIALS, words.PROFILE, words.ENDPOINT})
"""What few calls have: settings that are not known are not presumed to hold it."""


class Arguments:
    """Reads the arguments of calls."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def at(self, made: Made, place: int) -> tuple[Found, ...]:
        """What stands at a place among the arguments."""
        arguments = made.call.arguments
        if any(isinstance(argument, Spread) for argument in arguments[: place + 1]):
            return (self.evaluator.unknown(arguments[0], made.at),)
        return self.evaluator.ask(arguments[place], made.at) if place < len(arguments) else (ABSENT,)

    def member(self, found: Iterable[Found], path: str, made: Made) -> tuple[Found, ...]:
        """What stands at a path in values: `guardrailConfig.guardrailIdentifier`."""
        answers = tuple(found)
        for step in path.split(".") if path else ():
            answers = tuple(
                one
                for each in answers
                for one in (
                    self.evaluator.lookup(each, step, made.call, made.at)
                    if not isinstance(each.what, Node) or isinstance(each.what.value, Object)
                    else (each._replace(what=presumed(each.what, step)),)
                )
            )
        return answers

    def values(self, found: Iterable[Found], made: Made) -> tuple[Value, ...]:
        """Values as a call has them; what is no text is a hole."""
        answers: dict[object, Value] = {}
        found = tuple(found)
        is_optional = any(isinstance(one.what, Absent) for one in found)
        for one in found:
            for each in self._settled(one):
                if isinstance(each.what, Absent):
                    continue
                node = self._text(each, made)
                key = (id(node.source), node.start, node.end, str(node.value))
                several = each.is_one_of_several or one.is_one_of_several or is_optional
                answers.setdefault(key, Value(node, each.named, each.default_of or one.default_of, several))
        return tuple(answers.values())

    def _settled(self, found: Found) -> tuple[Found, ...]:
        """What a function gives back that stands in place of a value, as the region of a client may."""
        what = found.what
        if not isinstance(what, Callable) or not what.function.returns:
            return (found,)
        there = At(what.at.module, what.at.frame)
        return tuple(one for value in what.function.returns for one in self.evaluator.ask(value, there))

    def _text(self, found: Found, made: Made) -> Node:
        what = found.what
        if isinstance(what, Node) and isinstance(what.value, str | Template):
            return what
        if isinstance(what, Foreign) and what.calls:
            return _written_hole(what.calls[-1].call, what.calls[-1].at)
        if isinstance(what, Fields):
            return _written_hole(what.record, what.at)
        if isinstance(what, Callable):
            return hole(what.at.module, what.function.start, what.function.end)
        if found.named:
            named = found.named[0]
            return hole(made.at.module, named.start, named.end) if named.source is made.at.module.source else named
        return _written_hole(made.call.callee, made.at)

    def of(self, made: Made, parameters: Mapping[str, str], place: int = 0) -> Given:
        """What the members of an argument say, by the words for them; of two for the same, the first that is there."""
        whole = self.at(made, place)
        given: Given = {}
        for path, word in parameters.items():
            if word in given and not any(_is_open(value) for value in given[word]):
                continue
            values = self.told(whole, path, word, made, given)
            if values:
                given[word] = (*given.get(word, ()), *values)
        return given

    def told(self, whole: Iterable[Found], path: str, word: str, made: Made, given: Given) -> tuple[Value, ...]:
        """What values say of something at a path in them."""
        found = self.member(whole, path, made)
        if word in _EXCEPTIONAL:
            found = tuple(one for one in found if not isinstance(one.what, Presumed))
        return self.credentials(found, made, given) if word == words.CREDENTIALS else self.values(found, made)

    def credentials(self, found: Iterable[Found], made: Made, given: Given) -> tuple[Value, ...]:
        """Credentials, unless they are those of the surroundings; a profile goes to where it is given."""
        own: list[Found] = []
        for one in found:
            what = one.what
            if isinstance(what, Foreign) and what.calls:
                name = what.path.rpartition(".")[2].removesuffix("()")
                profile = self.values(self.member(self.at(what.calls[-1], 0), "profile", what.calls[-1]), made)
                profile = () if not what.calls[-1].call.arguments else profile
                if profile:
                    given[words.PROFILE] = profile
                if profile or name in _OF_SURROUNDINGS:
                    continue
            if isinstance(what, Absent) or self._is_own_key(one, made):
                continue
            own.append(one)
        return self.values(own, made)

    def _is_own_key(self, found: Found, made: Made) -> bool:
        what = found.what
        if isinstance(what, Fields):
            return all(
                self._is_own_key(one, made)
                for name in ("accessKeyId", "secretAccessKey")
                for one in self.member((found,), name, made)
            )
        return isinstance(what, Node) and is_environment(what.value) in _OWN_KEYS


def _is_open(value: Value) -> bool:
    return isinstance(value.node.value, Template)


def _written_hole(value: Expression, at: At) -> Node:
    return hole(at.module, value.start, value.end)


def merged(alternatives: Iterable[Given]) -> Given:
    """What is given where it is one or another; what only some say is one of several."""
    every = list(alternatives)
    if len(every) == 1:
        return every[0]
    joined: Given = {}
    for word in dict.fromkeys(word for given in every for word in given):
        values = [value for given in every for value in given.get(word, ())]
        told: dict[object, Value] = {
            (id(value.node.source), value.node.start, value.node.end): value for value in values
        }
        is_choice = len(told) > 1 or any(word not in given for given in every)
        joined[word] = tuple(
            value._replace(is_one_of_several=value.is_one_of_several or is_choice) for value in told.values()
        )
    return joined
