"""Things that libraries make which call Bedrock: what they are given, where they are made and where they are used."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.code.libraries import CHOICE, CLIENT, INNER, INSTEAD, MANTLE, SESSION, SETUP, STREAM, Made
from bedrock_policy_lint.code.python import arguments, endpoints, frameworks, sdk, values
from bedrock_policy_lint.code.python.literals import ComputedNode
from bedrock_policy_lint.code.python.things import Chain, Plain, Result, Written, is_none
from bedrock_policy_lint.code.site import ENDPOINT, MODEL, REGION, Value, is_environment
from bedrock_policy_lint.model.text import Hole, Template, parts_of

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Iterator

    from bedrock_policy_lint.code.python.containers import Taken
    from bedrock_policy_lint.code.python.evaluate import Evaluator
    from bedrock_policy_lint.code.python.things import Given, Thing
    from bedrock_policy_lint.model.text import Text

_MOST_NESTED = 6
"""So deep may made things be in others: a chain in an agent in a graph."""
_ROOT = re.compile(r"[^/:]*[/:]")
"""What names the provider in front of a model."""
_HOLE = "\0"
"""What stands for a hole where a text is looked at as a whole."""


class Use(NamedTuple):
    """What is known of a made thing where it is used."""

    made: Made
    given: dict[str, tuple[Value, ...]]
    streams: bool | None
    """Whether its answers are streamed; None where that cannot be told."""
    is_told: bool
    """Whether it says so itself."""
    inner: tuple[Use, ...] = ()
    calls: tuple[ast.Call, ...] = ()
    """The calls that made it, and what is in it."""

    @property
    def client(self) -> str:
        """What its calls go to: what is in it may be made for the other endpoint."""
        inner = self.inner[0].client if self.inner else ""
        return inner if inner == MANTLE else self.made.client


def made_by(thing: Thing | None) -> tuple[tuple[Made, ...], Result] | None:
    """What a library may have made, and the call that made it; None for anything else."""
    owner = thing if isinstance(thing, Result) else None
    while owner is not None:
        ways = frameworks.LIBRARIES.get(owner.name)
        if ways is not None and owner.given is not None:
            return ways, owner
        owner = owner.owner
    return None


def describe(evaluator: Evaluator, made: Made, given: Given, method: Given | None = None, depth: int = 0) -> Use | None:
    """What a made thing, and a call of its method, are given; None where it is not this, or none of Bedrock's."""
    reading = _Reading(evaluator, made, given, depth)
    for source in (given, method):
        if source is not None:
            reading.read(source, is_method=source is not given)
    return reading.use()


class _Reading:
    """Reads the arguments of one made thing."""

    def __init__(self, evaluator: Evaluator, made: Made, given: Given, depth: int) -> None:
        self.evaluator = evaluator
        self.made = made
        self.given = given
        self.depth = depth
        self.found: dict[str, tuple[Value, ...]] = {}
        self.clients: list[Result] = []
        self.inner: list[Use] = []
        self.setup: list[Use] = []
        self.has_inner = False
        self.is_named = False
        """Whether the name of a model stands where another made thing could."""
        self.instead: list[Taken] = []
        self.choice: str | None = ""
        """What chooses among ways of the library: empty where nothing is given, None where that cannot be told."""
        self.streams: bool | None = made.streams_by_default
        self.is_told = made.streams_by_default

    def read(self, given: Given, *, is_method: bool) -> None:
        """Take over what one call is given; what a method is given goes before what its object was."""
        ways: dict[str, list[Taken]] = {}
        for path, role in {"stream": STREAM, **self.made.arguments}.items():
            if path[:1].isdigit() and is_method:
                continue
            for place, taken in self._take(given, path, role):
                ways.setdefault(place, []).append(taken)
        for role, taken_ways in ways.items():
            value = values.of(self.evaluator, taken_ways, given.call.func, given.at)
            if value:
                self.found[role] = value

    def _take(self, given: Given, path: str, role: str) -> Iterable[tuple[str, Taken]]:
        """What an argument says, by what it is."""
        if role == INSTEAD:
            taken = arguments.path(self.evaluator, given, path)
            self.instead += [taken] if any(not is_none(thing) for thing in taken.things) else []
            return ()
        taken = values.at_path(self.evaluator, given, path, role)
        if role == STREAM:
            self._stream(taken)
        elif role == CHOICE:
            self._choose(taken)
        elif role in (CLIENT, SESSION):
            self._client(taken, role, given)
        elif role == SETUP:
            self.setup += self._uses(taken.things)
        elif role == INNER:
            return [(MODEL, text) for text in self._inner(taken)]
        else:
            return [(role, taken)]
        return ()

    def _stream(self, taken: Taken) -> None:
        if not taken.things:
            return
        told = {thing.value for thing in taken.things if isinstance(thing, Plain)}
        is_told = taken.is_sure and len(told) == 1 and all(isinstance(thing, Plain) for thing in taken.things)
        self.streams = bool(told.pop()) if is_told else None
        self.is_told = True

    def _choose(self, taken: Taken) -> None:
        things = [thing for thing in taken.things if not is_none(thing)]
        if not things and taken.unknown is None:
            return
        texts = {_choice(thing) for thing in things}
        is_told = taken.unknown is None and len(things) == len(taken.things) and len(texts) == 1
        self.choice = texts.pop() if is_told else None

    def _client(self, taken: Taken, role: str, given: Given) -> None:
        for thing in taken.things:
            client = sdk.client_of(thing) if isinstance(thing, Result) and role == CLIENT else None
            if role == SESSION and isinstance(thing, Result):
                client = sdk.of_session(thing)
            if client is not None:
                self.clients.append(client)
            elif not is_none(thing):
                written = taken.written.expression if taken.written is not None else given.call.func
                self.found[REGION] = values.unknown(self.evaluator, written, given.at)

    def _inner(self, taken: Taken) -> Iterable[Taken]:
        """The made things that are handed in; what is a text instead is the name of a model."""
        things = [thing for thing in taken.things if not is_none(thing)]
        self.has_inner = self.has_inner or bool(things) or taken.unknown is not None
        texts = tuple(thing for thing in things if isinstance(thing, Written))
        if things:
            self.found.pop(MODEL, None)
            self.inner = list(self._uses(things))
            self.is_named = bool(texts)
        if texts:
            yield taken._replace(things=texts, is_sure=taken.is_sure and len(texts) == len(taken.things))

    def _uses(self, things: Iterable[Thing]) -> Iterator[Use]:
        for thing in things:
            for part in thing.things if isinstance(thing, Chain) else (thing,):
                found = made_by(part)
                if found is None or self.depth >= _MOST_NESTED or found[1].given is None:
                    continue
                given = found[1].given
                ways = (describe(self.evaluator, made, given, None, self.depth + 1) for made in found[0])
                use = next((way for way in ways if way is not None), None)
                if use is not None:
                    yield use

    def use(self) -> Use | None:
        """What was read, together."""
        made = self.made
        if not self._is_this() or not self._is_bedrock():
            return None
        if self.clients:
            self.found |= sdk.setting(self.evaluator, self.clients, self.given.call.func, self.given.at)
        for inner in (*self.inner, *self.setup):
            for role, value in inner.given.items():
                self.found[role] = (*self.found.get(role, ()), *value)
        if len(self.inner) > 1 or (self.inner and MODEL in self.found and len(self.found[MODEL]) > 1):
            self.found[MODEL] = tuple(one._replace(is_one_of_several=True) for one in self.found.get(MODEL, ()))
        if self.instead:
            self._replace_model()
        takes_model = MODEL in made.arguments.values() or self.inner
        if MODEL not in self.found and takes_model and (not self.depth or made.default_model):
            self.found[MODEL] = (self._default(),)
        if REGION not in self.found and made.endpoint_holds:
            self.found |= endpoints.region(self.found.get(ENDPOINT, ()))
        calls = (self.given.call, *(call for inner in (*self.inner, *self.setup) for call in inner.calls))
        return Use(made, self.found, self.streams, self.is_told, tuple(self.inner), calls)

    def _is_this(self) -> bool:
        """Whether everything holds that makes it this of several things of its name."""
        for role, pattern in self.made.when.items():
            if role == CHOICE:
                if self.choice is None or not re.fullmatch(pattern, self.choice):
                    return False
                continue
            told = [text for text in _told(self.found.get(role, ())) if role != MODEL or self._may_be_meant(text)]
            if not pattern:
                if role in self.found:
                    return False
            elif not told or not all(re.fullmatch(pattern, text) for text in told):
                return False
        return True

    def _may_be_meant(self, model: str) -> bool:
        """Whether the name of a model may be one of Bedrock's, and not certainly that of another provider."""
        roots = tuple({match[0] for one in self.made.model_prefix.split() if (match := _ROOT.match(one))})
        return not roots or model.startswith((*roots, _HOLE))

    def _is_bedrock(self) -> bool:
        """Whether what it was given leads to Bedrock; also leaves out what does not."""
        made = self.made
        if made.endpoint_holds:
            ends = [one for one in self.found.get(ENDPOINT, ()) if made.endpoint_holds in _flat(one.node.value)]
            if not ends:
                return False
            self.found[ENDPOINT] = tuple(ends)
        if made.model_prefix and MODEL in self.found and not self._strip_prefix():
            return False
        if INNER in made.arguments.values() and not self.inner and not self.is_named:
            if self.has_inner or not (made.default_model or made.is_bedrock_by_default):
                return False
            self.found[MODEL] = (self._default(),)
        return MODEL in self.found or bool(made.default_model) or not made.model_prefix or bool(self.inner)

    def _strip_prefix(self) -> bool:
        """Take away what names the library's way to Bedrock; False where nothing certainly goes there."""
        others = tuple(self.made.other_prefixes.split())
        prefixes = tuple(sorted(self.made.model_prefix.split(), key=len, reverse=True))
        models = [one for one in self.found[MODEL] if not others or not _flat(one.node.value).startswith(others)]
        left = [one for value in models if (one := values.without_prefix(value, prefixes)) is not None]
        if not any(all(one.node is not value.node for value in models) for one in left):
            return False
        split = [endpoints.split_region(value) for value in left]
        self.found[MODEL] = tuple(model for model, _ in split)
        regions = tuple(region for _, region in split if region is not None)
        if regions and REGION not in self.found:
            self.found[REGION] = regions
        return True

    def _replace_model(self) -> None:
        """Take the model that is called in place of the one that is named."""
        replaced = values.of(self.evaluator, self.instead, self.given.call.func, self.given.at)
        if any(value.is_one_of_several or value.default_of for value in replaced):
            replaced = tuple(one._replace(is_one_of_several=True) for one in (*self.found.get(MODEL, ()), *replaced))
        self.found[MODEL] = replaced

    def _default(self) -> Value:
        """The model that is called where none is named."""
        node = self.evaluator.node(self.given.call.func, self.given.at)
        name = f"model of {self.made.library}"
        text = self.made.default_model or Template((Hole(name, f"<{name}>"),))
        return Value(ComputedNode(text, node.start, node.end, node.source))


def _choice(thing: Thing) -> str | None:
    if isinstance(thing, Plain):
        return str(thing.value)
    return thing.text if isinstance(thing, Written) and isinstance(thing.text, str) else None


def _told(given: tuple[Value, ...]) -> list[str]:
    """The texts of values, but not what a variable of the environment holds, if there is a default beside it."""
    has_default = any(value.default_of for value in given)
    return [_flat(value.node.value) for value in given if not (has_default and is_environment(value.node.value))]


def _flat(text: Text) -> str:
    return "".join(part if isinstance(part, str) else _HOLE for part in parts_of(text))
