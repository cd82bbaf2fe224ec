"""What expressions come to, without running anything: constants, names across files, arguments, the environment.

Every answer lists things that certainly reach the place; what cannot be told is a text with a hole, named as the code
names it. The work is bounded: by depth, by steps and by the number of alternatives.
"""

from __future__ import annotations

from collections.abc import Callable as Rule
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, product
from typing import Any

from bedrock_policy_lint.code.javascript import callers, known
from bedrock_policy_lint.code.javascript.expressions import is_environment
from bedrock_policy_lint.code.javascript.modules import Modules
from bedrock_policy_lint.code.javascript.texts import Composed, Presumed, Written, unescaped
from bedrock_policy_lint.code.javascript.tree import (
    EVERY,
    Array,
    Assignment,
    Binding,
    Call,
    Class,
    Either,
    Expression,
    Function,
    Imported,
    Index,
    Member,
    Module,
    Name,
    Parameter,
    Plain,
    Quoted,
    Record,
    Set,
    Spread,
    Sum,
    Templated,
    This,
)
from bedrock_policy_lint.code.javascript.values import (
    ABSENT,
    Absent,
    At,
    Callable,
    Environment,
    Fields,
    Foreign,
    Found,
    Frame,
    Instance,
    Items,
    Kind,
    Made,
    Names,
    Schema,
    What,
)
from bedrock_policy_lint.code.site import ENVIRONMENT
from bedrock_policy_lint.code.site import is_environment as variable_of
from bedrock_policy_lint.model.text import Hole, Template, Text, join, only_hole, parts_of
from bedrock_policy_lint.sources.node import Node, Object

_DEEPEST = 40
_MOST_STEPS = 3_000
"""So many expressions are looked at to answer one question."""
_MOST_STEPS_OF_A_FILE = 60_000
_MOST_AT_ONCE = 6
"""The calls of so many functions are looked for at once, each for the sake of another."""
_MOST_PARENTS = 8
_MOST = 12
"""So many alternatives are followed; of more, some are not told from unknown ones."""
_LONGEST_NAME = 60
_REST = "..."

Answer = tuple[Found, ...]


class Evaluator:
    """Tells what expressions of the modules of a project come to."""

    def __init__(self, modules: Modules) -> None:
        self.modules = modules
        self.depth = 0
        self.steps = 0
        self.total = 0
        self._under_way: set[tuple[int, int]] = set()
        self._cuts = 0
        """How often something was left out, since it is asked for already or too much; then an answer is not kept."""
        self._kept: dict[int, tuple[Expression, Answer]] = {}
        self._callers: dict[int, tuple[list[Made], bool]] = {}
        self._looking: set[int] = set()
        """The functions whose calls are being looked for."""
        self._rules: dict[type, Rule[[Any, At], Answer]] = {
            Quoted: self._quoted,
            Templated: self._templated,
            Plain: self._plain,
            Name: self._name,
            This: self._this,
            Member: self._member,
            Index: self._index,
            Call: self._call,
            Record: lambda value, at: (Found(Fields(value, at)),),
            Array: self._array,
            Either: self._either,
            Sum: self._sum,
            Assignment: self._assignment,
            Function: lambda value, at: (Found(Callable(value, at, at.frame.this if at.frame else None)),),
            Class: lambda value, at: (Found(Kind(value, at)),),
        }

    def begin(self) -> None:
        """Starts to count the steps of a file."""
        self.total = 0

    @property
    def is_exhausted(self) -> bool:
        """Whether a file asked for more than is looked at."""
        return self.total > _MOST_STEPS_OF_A_FILE

    def ask(self, value: Expression, at: At) -> Answer:
        """What an expression comes to."""
        self.total += self.steps
        self.steps = 0
        try:
            return self.values(value, at)
        except RecursionError:
            self.depth = 0
            self._under_way.clear()
            return (self.unknown(value, at),)

    def values(self, value: Expression, at: At) -> Answer:
        """The same, as part of a question."""
        rule = self._rules.get(type(value))
        if rule is None:
            return (self.unknown(value, at),)
        kept = self._kept.get(id(value)) if at.frame is None else None
        if kept is not None:
            return kept[1]
        key = id(value), id(at.frame)
        self.steps += 1
        if self.depth > _DEEPEST or self.steps > _MOST_STEPS or self.is_exhausted or key in self._under_way:
            self._cuts += 1
            return () if key in self._under_way else (self.unknown(value, at),)
        cuts = self._cuts
        self.depth += 1
        self._under_way.add(key)
        try:
            found = rule(value, at)
        finally:
            self.depth -= 1
            self._under_way.discard(key)
        if len(found) > _MOST:
            found = (*found[:_MOST], self.unknown(value, at))
        if self._cuts == cuts and at.frame is None:
            self._kept[id(value)] = value, found
        return found or (() if self.depth else (self.unknown(value, at),))

    def unknown(self, value: Expression, at: At) -> Found:
        """What only running the code would tell."""
        return Found(hole(at.module, value.start, value.end))

    # Literals

    def _quoted(self, value: Quoted, at: At) -> Answer:
        text = unescaped(at.module.source.text, value.start + 1, value.end - 1)[0]
        return (Found(Written(text, value.start, value.end, at.module.source)),)

    def _plain(self, value: Plain, at: At) -> Answer:
        if value.value is None:
            return (ABSENT,)
        return (Found(Node(value.value, value.start, value.end, at.module.source)),)

    def _array(self, value: Array, at: At) -> Answer:
        items: list[Answer] = []
        for item in value.items:
            if isinstance(item, Spread):
                for found in self.values(item.value, at):
                    items += found.what.found if isinstance(found.what, Items) else [(self.unknown(item, at),)]
            else:
                items.append(self.values(item, at))
        return (Found(Items(tuple(items))),)

    def _templated(self, value: Templated, at: At) -> Answer:
        text = at.module.source.text
        pieces: list[Sequence[_Piece]] = []
        for part in value.parts:
            if isinstance(part, tuple) and len(part) == 2 and isinstance(part[0], int):
                meant, places = unescaped(text, *part)
                pieces.append((_Piece(meant, places, Found(Node("", 0, 0, at.module.source))),))
            else:
                pieces.append(self._pieces(part, at))
        return self._composed(pieces, value, at)

    def _sum(self, value: Sum, at: At) -> Answer:
        return self._composed([self._pieces(operand, at) for operand in value.operands], value, at)

    def _pieces(self, value: Any, at: At) -> list[_Piece]:
        """What an expression may add to a text."""
        pieces = []
        for found in (
            one if _text_of(one.what) is not None else self.unknown(value, at) for one in self.values(value, at)
        ):
            told = _text_of(found.what) or ""
            start = value.start
            own = found.what.offsets() if isinstance(found.what, Node) and _stands_in(found.what, value, at) else None
            size = len(str(told))
            pieces.append(
                _Piece(told, own if own is not None and len(own) == size + 1 else [start] * (size + 1), found)
            )
        return pieces

    def _composed(self, pieces: Iterable[Sequence[_Piece]], value: Expression, at: At) -> Answer:
        answers = []
        for chosen in islice(product(*pieces), _MOST):
            text = join([part for piece in chosen for part in parts_of(piece.text)])
            places = [place for piece in chosen for place in piece.places[: len(str(piece.text))]]
            node = Composed(text, value.start, value.end, at.module.source, [*places, value.end])
            named = tuple(name for piece in chosen for name in piece.found.named)
            default_of = next((piece.found.default_of for piece in chosen if piece.found.default_of), "")
            answers.append(Found(node, named, default_of, any(piece.found.is_one_of_several for piece in chosen)))
        return tuple(answers)

    # Names

    def _name(self, value: Name, at: At) -> Answer:
        binding = value.scope.find(value.name)
        if binding is None or not binding.origins:
            return (self.unknown(value, at),)
        found = _told([one for origin in binding.origins for one in self._origin(origin, binding, value, at)])
        here = Node(value.name, value.start, value.end, at.module.source)
        return tuple(_patched(one, binding, at)._replace(named=(here, *one.named)) for one in found)

    def _origin(self, origin: Set | Imported | Parameter, binding: Binding, value: Name, at: At) -> Answer:
        if isinstance(origin, Imported):
            return self.imported(origin.specifier, origin.name, at, value)
        found = self._argument(origin, value, at) if isinstance(origin, Parameter) else self.values(origin.value, at)
        for step in origin.path:
            found = tuple(one for each in found for one in self._step(each, step, value, at))
        return self._or_default(found, origin.default, at)

    def _or_default(self, found: Answer, default: Expression | None, at: At) -> Answer:
        """With what holds where there is nothing: for sure, or where a variable of the environment is not set."""
        if default is None or not any(_may_be_absent(one) for one in found):
            return found
        return _either(found, self.values(default, at), is_last=True)

    def _step(self, found: Found, step: str, value: Name, at: At) -> Answer:
        """One step into a value, as a pattern takes it apart."""
        what = found.what
        if step == _REST:
            return (found,) if isinstance(what, Fields | Environment) else (self.unknown(value, at),)
        if isinstance(what, Items):
            if step == EVERY:
                return _several([one for item in what.found for one in item])
            return what.found[int(step)] if step.isdigit() and int(step) < len(what.found) else (ABSENT,)
        if step in (EVERY, "?"):
            return (self.unknown(value, at),)
        return self.lookup(found, step, value, at)

    def _argument(self, origin: Parameter, value: Name, at: At) -> Answer:
        """What a parameter is given: by the call that is looked at, or by all calls of the project."""
        frame = at.frame
        while frame is not None and frame.function is not origin.function:
            frame = frame.around
        if frame is not None:
            return self._given(origin, frame.arguments, frame.at, value, at)
        found: list[Found] = []
        calls, is_whole = self.callers(origin.function)
        for made in calls:
            found += self._given(origin, made.call.arguments, made.at, value, at)
        if not found or not is_whole:
            found.append(self.unknown(value, at))
        told = _told(found)
        is_left_out = any(isinstance(one.what, Absent) for one in found)
        return (*told, ABSENT) if is_left_out and not isinstance(told[0].what, Absent) else told

    def _given(self, origin: Parameter, arguments: tuple[Expression, ...], there: At, value: Name, at: At) -> Answer:
        before = arguments[: origin.place + 1]
        if any(isinstance(argument, Spread) for argument in before) or origin.path[:1] == (_REST,):
            return (self.unknown(value, at),)
        return self.values(arguments[origin.place], there) if origin.place < len(arguments) else (ABSENT,)

    def _this(self, value: This, at: At) -> Answer:
        frame = at.frame
        while frame is not None:
            if frame.this is not None and frame.this.made is value.owner:
                return (Found(frame.this),)
            frame = frame.around
        return (Found(Instance(value.owner, At(at.module))),)

    # Members

    def _member(self, value: Member, at: At) -> Answer:
        if is_environment(value):
            return (Found(Environment()),)
        here = Node(_shortened(at.module, value.start, value.end), value.start, value.end, at.module.source)
        owners = self.values(value.object, at)
        found = _told([one for owner in owners for one in self.lookup(owner, value.name, value, at)])
        return tuple(one._replace(named=(here, *one.named)) for one in found)

    def _index(self, value: Index, at: At) -> Answer:
        answers: list[Found] = []
        for owner in self.values(value.object, at):
            for key in self.values(value.key, at):
                name = _text_of(key.what)
                if isinstance(name, str):
                    answers += self.lookup(owner, name, value, at)
                else:
                    answers += self._any(owner, value, at)
        return tuple(answers)

    def _any(self, owner: Found, value: Expression, at: At) -> Answer:
        """Every member, where it is not known which."""
        what = owner.what
        if isinstance(what, Items):
            return _several([one for item in what.found for one in item])
        if isinstance(what, Fields) and all(isinstance(member, Spread) is False for member in what.record.members):
            members = [self.values(member.value, what.at) for member in what.record.members]
            return _several([one for member in members for one in member])
        return (self.unknown(value, at),)

    def lookup(self, owner: Found, name: str, value: Expression, at: At) -> Answer:
        """A member of a value; `value` is the expression that asks for it."""
        what = owner.what
        if isinstance(what, Absent):
            return (ABSENT,)
        key = id(value), hash((name, id(getattr(what, "record", None) or getattr(what, "made", None) or what)))
        self.steps += 1
        if self.depth > _DEEPEST or self.steps > _MOST_STEPS or key in self._under_way:
            self._cuts += 1
            return () if key in self._under_way else (self.unknown(value, at),)
        self.depth += 1
        self._under_way.add(key)
        try:
            found = self._looked_up(what, name, value, at)
        finally:
            self.depth -= 1
            self._under_way.discard(key)
        if found is None:
            return (self.unknown(value, at),)
        if owner.is_one_of_several or owner.default_of:
            found = tuple(
                one._replace(
                    is_one_of_several=one.is_one_of_several or owner.is_one_of_several,
                    default_of=one.default_of or owner.default_of,
                )
                for one in found
            )
        return found

    def _looked_up(self, what: What, name: str, value: Expression, at: At) -> Answer | None:
        found: Answer | None = None
        if isinstance(what, Fields):
            found = self._field(what, name, value, at)
        elif isinstance(what, Foreign):
            found = self._of_foreign(what, name, value, at)
        elif isinstance(what, Instance):
            found = self._of_instance(what, name, value, at)
        elif isinstance(what, Kind):
            found = self._of_class(what.made.statics, what, name)
        elif isinstance(what, Names):
            found = self.exported(what.module, name, value, at)
        elif isinstance(what, Environment):
            found = (Found(variable(name, at.module, value)),)
        elif isinstance(what, Schema):
            found = known.of_schema(self, what, name, value, at)
        elif isinstance(what, Items) and name.isdigit():
            found = what.found[int(name)] if int(name) < len(what.found) else (ABSENT,)
        elif isinstance(what, Node) and isinstance(what.value, Object):
            inner = what.value.get(name)
            found = (ABSENT,) if inner is None else (Found(inner),)
        return found

    def _field(self, what: Fields, name: str, value: Expression, at: At) -> Answer:
        """A member of a literal: the last of its name, unless what is spread behind it has one too."""
        found: list[Found] = []
        for patch in what.patches.get(name, ()):
            found += self.values(patch, what.at)
        is_optional = False
        for member in reversed(what.record.members):
            if isinstance(member, Spread):
                inner = self._spread_field(member, name, what.at, value, at)
                there = [one for one in inner if not isinstance(one.what, Absent)]
                found += there
                is_optional = is_optional or 0 < len(there) < len(inner)
                if not any(_may_be_absent(one) for one in inner):
                    return _told(found)
            elif member.key is None and member.name == name:
                found += self.values(member.value, what.at)
                return _told(found) or self._cut(member.value, what.at)
            elif member.key is not None and self._may_be(member.key, name, what.at):
                found += self.values(member.value, what.at)
        told = _told(found)
        return (*told, ABSENT) if is_optional or not told else told

    def _cut(self, value: Expression, at: At) -> Answer:
        """In place of something that goes round in circles: nothing within a question, a hole as its answer."""
        return (self.unknown(value, at),) if self.depth <= 1 else ()

    def _may_be(self, key: Expression, name: str, at: At) -> bool:
        return any(_text_of(one.what) == name for one in self.values(key, at))

    def _spread_field(self, member: Spread, name: str, there: At, value: Expression, at: At) -> Answer:
        """A member of something spread into a literal; it may be missing where that is not known."""
        answers: list[Found] = []
        for owner in self.values(member.value, there):
            if isinstance(owner.what, Node) and not isinstance(owner.what.value, Object):
                answers.append(owner._replace(what=presumed(owner.what, name)))
            else:
                answers += self.lookup(owner, name, value, at)
        return tuple(answers)

    def _of_foreign(self, what: Foreign, name: str, value: Expression, at: At) -> Answer:
        if what.package in known.PROCESS and what.path.rpartition(".")[2] == "env":
            return (Found(variable(name, at.module, value)),)
        path = f"{what.path}.{name}" if what.path else name
        return (Found(what._replace(path=path)),)

    def _of_instance(self, what: Instance, name: str, value: Expression, at: At) -> Answer | None:
        here = self._inside(what)
        found: list[Found] = []
        for member in what.made.members.get(name, ()):
            if isinstance(member, Function) and member.is_getter:
                found += self._returned(Callable(member, here, what), (), at)
            elif isinstance(member, Function):
                found.append(Found(Callable(member, here, what)))
            else:
                found += self.values(member, here)
        if found:
            return _told(found)
        if name in what.made.statics:
            return self._of_class(what.made.statics, Kind(what.made, what.at), name)
        for parent in self._parents(what.made, what.at):
            if isinstance(parent.what, Kind):
                inherited = self._of_instance(
                    Instance(parent.what.made, parent.what.at, what.call, what.call_at), name, value, at
                )
                if inherited is not None:
                    return inherited
        return None

    def _inside(self, what: Instance) -> At:
        """Where the members of an instance are looked at: in the call that made it, if that is known."""
        constructor = _constructor(what.made)
        if what.call is None or what.call_at is None:
            return At(what.at.module)
        if constructor is None:
            return At(what.at.module, what.at.frame)
        return At(what.at.module, Frame(constructor, what.call.arguments, what.call_at, what, what.at.frame))

    def _parents(self, made: Class, at: At) -> Answer:
        return () if made.parent is None else self.values(made.parent, at)

    def _of_class(self, members: dict[str, list[Expression]], kind: Kind, name: str) -> Answer | None:
        found: list[Found] = []
        for member in members.get(name, ()):
            found += self.values(member, kind.at)
        if found:
            return _told(found)
        for parent in self._parents(kind.made, kind.at):
            if isinstance(parent.what, Kind):
                return self._of_class(parent.what.made.statics, parent.what, name)
        return None

    # Calls

    def _call(self, value: Call, at: At) -> Answer:
        special = known.called(self, value, at)
        if special is not None:
            return special
        answers: list[Found] = []
        for found in self.values(value.callee, at):
            what = found.what
            if isinstance(what, Callable) and not value.is_new:
                answers += self._returned(what, value.arguments, at)
            elif isinstance(what, Kind) and value.is_new:
                answers.append(Found(Instance(what.made, what.at, value, at)))
            elif isinstance(what, Foreign):
                answers += known.made(self, what, value, at)
            else:
                answers.append(self.unknown(value, at))
        return tuple(answers)

    def _returned(self, what: Callable, arguments: tuple[Expression, ...], at: At) -> Answer:
        frame = Frame(what.function, arguments, at, what.this, what.at.frame)
        there = At(what.at.module, frame)
        found = [one for value in what.function.returns for one in self.values(value, there)]
        return _told(found) or (ABSENT,)

    def callers(self, function: Function) -> tuple[list[Made], bool]:
        """The calls of a function in the project; and whether these are all."""
        key = id(function)
        kept = self._callers.get(key)
        if kept is not None:
            return kept
        if key in self._looking or len(self._looking) >= _MOST_AT_ONCE:
            self._cuts += 1
            return [], False
        cuts = self._cuts
        self._looking.add(key)
        found: list[Made] = []
        modules, are_all = self.modules.around(function)
        try:
            for module in modules:
                at = At(module)
                calls = callers.candidates(module, function)
                found += [Made(call, at) for call in calls if any(one is function for one in self._functions(call, at))]
        finally:
            self._looking.discard(key)
        is_whole = are_all and self._cuts == cuts and not callers.is_handed_on(function, modules)
        if self._cuts == cuts:
            self._callers[key] = found, is_whole
        return found, is_whole

    def _functions(self, call: Call, at: At) -> Iterator[Function]:
        """The functions of the project that a call may call."""
        made = at.module.supers.get(id(call))
        if made is not None:
            kinds = self._parents(made, At(at.module))
            yield from (one for kind in kinds for one in self._constructors(kind))
            return
        for found in self.values(call.callee, at):
            if isinstance(found.what, Callable):
                yield found.what.function
            elif call.is_new:
                yield from self._constructors(found)

    def _constructors(self, found: Found) -> Iterator[Function]:
        """The constructor of a class, or that which it inherits."""
        for _ in range(_MOST_PARENTS):
            what = found.what
            if not isinstance(what, Kind):
                return
            own = _constructor(what.made)
            if own is not None:
                yield own
                return
            parents = self._parents(what.made, what.at)
            if len(parents) != 1:
                return
            found = parents[0]

    # Choices

    def _either(self, value: Either, at: At) -> Answer:
        if value.operator == "&&":
            return (*_several(self.values(value.operands[-1], at)), ABSENT)
        operands = value.operands
        if value.operator == "?:" and not self._is_fallback(value, at):
            return _several([one for operand in operands for one in self.values(operand, at)])
        found: Answer = ()
        for place, operand in enumerate(operands):
            found = _either(found, self.values(operand, at), is_last=place == len(operands) - 1)
            if found and not any(_may_be_absent(one) for one in found):
                break
        return found

    def _is_fallback(self, value: Either, at: At) -> bool:
        """Whether `x ? x : y` is meant."""
        first = value.operands[0]
        return len(value.operands) == 2 and at.module.source.text[first.start : first.end] == value.test

    def _assignment(self, value: Assignment, at: At) -> Answer:
        if value.operator == "=":
            return self.values(value.value, at)
        return _told([*self.values(value.target, at), *self.values(value.value, at)])

    # Modules

    def imported(self, specifier: str, name: str, at: At, value: Expression) -> Answer:
        """What a module exports, by the import of it."""
        path = self.modules.resolve(specifier, at.module.source.path)
        if not path:
            return (Found(Foreign(specifier, "" if name == "*" else name)),)
        if path.endswith(".json"):
            tree = self.modules.tree(path)
            if tree is None:
                return (self.unknown(value, at),)
            return (Found(tree),) if name in ("*", "default") else self.lookup(Found(tree), name, value, at)
        module = self.modules.module(path)
        if module is None:
            return (self.unknown(value, at),)
        if name == "*":
            return self.required(module)
        return self.exported(module, name, value, at)

    def required(self, module: Module) -> Answer:
        """All that a module exports."""
        exports = module.exports.get("=", ())
        found = [one for export in exports if export.value for one in self.values(export.value, At(module))]
        return tuple(found) or (Found(Names(module)),)

    def exported(self, module: Module, name: str, value: Expression, at: At) -> Answer:
        """What a module exports under a name."""
        if self.depth > _DEEPEST:
            self._cuts += 1
            return (self.unknown(value, at),)
        self.depth += 1
        try:
            found = self._exported(module, name, value, at)
        finally:
            self.depth -= 1
        return _told(found) or (self.unknown(value, at),)

    def _exported(self, module: Module, name: str, value: Expression, at: At) -> list[Found]:
        there = At(module)
        found: list[Found] = []
        for export in module.exports.get(name, ()):
            if export.value is not None:
                found += self.values(export.value, there)
            else:
                found += self.imported(export.specifier, export.name, there, value)
        if found:
            return found
        if "=" in module.exports:
            whole = self.required(module)
            return list(whole) if name == "default" else [x for one in whole for x in self.lookup(one, name, value, at)]
        for export in module.exports.get("*", ()):
            found += self._through(export.specifier, name, there, value)
        return found

    def _through(self, specifier: str, name: str, at: At, value: Expression) -> Answer:
        """What `export * from` gives under a name, if anything."""
        path = self.modules.resolve(specifier, at.module.source.path)
        if not path:
            return (Found(Foreign(specifier, name)),)
        module = None if path.endswith(".json") else self.modules.module(path)
        if module is None or not module.exports.keys() & {name, "*", "="}:
            return ()
        return self.exported(module, name, value, at)


class _Piece:
    """A piece of a text that is put together, and where its characters stand."""

    __slots__ = ("found", "places", "text")

    def __init__(self, text: Text, places: Sequence[int], found: Found) -> None:
        self.text = text
        self.places = places
        self.found = found


def hole(module: Module, start: int, end: int) -> Node:
    """A value that is not known, named as it is written."""
    name = _shortened(module, start, end)
    return _hole_node(module, name, f"${{{name}}}", start, end)


def variable(name: str, module: Module, value: Expression) -> Node:
    """The value of a variable of the environment."""
    return _hole_node(module, ENVIRONMENT + name, f"${name}", value.start, value.end)


def presumed(whole: Node, name: str) -> Node:
    """A member of something that is not known."""
    told = only_hole(whole.value)
    full = f"{told.name}.{name}" if told is not None else name
    written = f"${{{full}}}"
    places = [whole.start] * len(written) + [whole.end]
    return Presumed(Template((Hole(full, written),)), whole.start, whole.end, whole.source, places)


def _hole_node(module: Module, name: str, written: str, start: int, end: int) -> Node:
    places = [start] * len(written) + [end]
    return Composed(Template((Hole(name, written),)), start, end, module.source, places)


def _shortened(module: Module, start: int, end: int) -> str:
    """What stands there, as a name."""
    text = module.source.text[start : min(end, start + _LONGEST_NAME * 2)]
    name = " ".join(text.split()).replace("{", "(").replace("}", ")")
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"


def _text_of(what: object) -> Text | None:
    """The text that something is, or a number as text."""
    if not isinstance(what, Node):
        return None
    value = what.value
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str | Template) else None


def _stands_in(node: Node, value: Expression, at: At) -> bool:
    return node.source is at.module.source and value.start <= node.start and node.end <= value.end


def _may_be_absent(found: Found) -> bool:
    """Whether there may be nothing, so that a default holds."""
    what = found.what
    if isinstance(what, Absent):
        return True
    if not isinstance(what, Node):
        return False
    return what.value == "" or (isinstance(what.value, Template) and len(what.value.parts) == 1)


def _either(first: Answer, second: Answer, *, is_last: bool) -> Answer:
    """What `first` is, and where it may be nothing, what `second` is."""
    kept = [one for one in first if not isinstance(one.what, Absent) and not _is_empty(one)]
    names = [name for one in kept if isinstance(one.what, Node) and (name := variable_of(one.what.value))]
    if not kept and not names:
        return second
    if len(names) == len(kept):
        return (*kept, *(one._replace(default_of=one.default_of or names[0]) for one in second))
    if not is_last:
        return (*kept, *second)
    return _several([*kept, *second])


def _is_empty(found: Found) -> bool:
    return isinstance(found.what, Node) and found.what.value == ""


def _told(found: Sequence[Found]) -> Answer:
    """Alternatives: what is there counts before nothing, and one thing is not told twice."""
    there = [one for one in found if not isinstance(one.what, Absent)]
    if not there:
        return tuple(found[:1])
    different: dict[object, Found] = {}
    for one in there:
        different.setdefault(_identity(one.what), one)
    told = list(different.values())
    if len([one for one in told if not one.default_of]) > 1:
        return _several(told)
    return tuple(told)


def _identity(what: What) -> object:
    if isinstance(what, Node):
        return id(what.source), what.start, what.end, str(what.value)
    if isinstance(what, Foreign):
        return what.package, what.path, *(id(made.call) for made in what.calls)
    if isinstance(what, Instance):
        return id(what.made), id(what.call)
    return id(what)


def _several(found: Iterable[Found]) -> Answer:
    """Alternatives between which the code chooses."""
    answers = tuple(found)
    if len([one for one in answers if not isinstance(one.what, Absent)]) < 2:
        return answers
    return tuple(one._replace(is_one_of_several=True) for one in answers)


def _patched(found: Found, binding: Binding, at: At) -> Found:
    if not binding.patches or not isinstance(found.what, Fields):
        return found
    return found._replace(what=found.what._replace(patches={**found.what.patches, **binding.patches}))


def _constructor(made: Class) -> Function | None:
    for member in made.members.get("constructor", ()):
        if isinstance(member, Function):
            return member
    return None


def is_of_platform(callee: Expression) -> bool:
    """Whether what is called is known to the platform: `console.log`, `JSON.stringify`."""
    while isinstance(callee, Member):
        callee = callee.object
    return isinstance(callee, Name) and callee.scope.find(callee.name) is None
