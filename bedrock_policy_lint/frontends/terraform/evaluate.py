"""What expressions come to: known values, texts with holes, and faults where Terraform would refuse them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from bedrock_policy_lint.deployment.deployment import Fault
from bedrock_policy_lint.frontends.template.computed import Piece
from bedrock_policy_lint.frontends.terraform import loops, numbers, operators
from bedrock_policy_lint.frontends.terraform.access import attribute, element, key_of, splat_items
from bedrock_policy_lint.frontends.terraform.choice import either
from bedrock_policy_lint.frontends.terraform.functions import FUNCTIONS, IMPURE, UNKNOWN
from bedrock_policy_lint.frontends.terraform.scope import pick
from bedrock_policy_lint.frontends.terraform.types import ANY, STRING, list_of
from bedrock_policy_lint.frontends.terraform.values import (
    Exceeded,
    Failed,
    Refused,
    Value,
    Written,
    convert,
    is_known,
    is_unsettled,
    kind_of,
    name_of,
    node_of,
    put,
    shortened,
    size_of,
    spelled,
    text,
    truth,
    unknown,
    within,
)
from bedrock_policy_lint.model.text import Template
from bedrock_policy_lint.sources import hcl_tree as tree
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bedrock_policy_lint.frontends.terraform.files import Files
    from bedrock_policy_lint.frontends.terraform.functions.function import Function
    from bedrock_policy_lint.frontends.terraform.scope import Scope

    Visit = Callable[["Evaluator", Any, Scope], Node]

MAX_DEPTH = 130
"""So deep may expressions nest, with what they refer to; a tree alone is at most 120 high."""
MAX_SPENT = 8_000_000
"""So many characters and elements may be computed for one configuration."""
_STEP = 8
"""So much does an expression cost, whatever comes of it."""
MAX_TEXT = 2_000_000
"""No text may be longer."""
_MOST_FAULTS = 1000
_MOST_COMPARED = 10_000
"""To so many names what nobody declares is compared, to find which was meant; all of that takes a second at most."""


def _no_hint(name: str, candidates: Iterable[str]) -> str:
    return ""


class Static(Fault):
    """A fault that Terraform finds before it computes anything, even in what it will never compute."""

    __slots__ = ()


class Attempt(NamedTuple):
    """What came of computing an expression that may fail."""

    node: Node
    faults: list[Fault]
    """What was wrong, unless that has been noted already."""
    is_refused: bool
    is_doubtful: bool
    """Whether it may fail for some value of what is not known."""


class Evaluator:
    """Computes expressions, and keeps what is wrong with them."""

    def __init__(self, files: Files | None = None, nearest: Callable[[str, Iterable[str]], str] = _no_hint) -> None:
        self.faults: list[Fault] = []
        self.files = files
        self.doubts = 0
        """How often something was done that fails for some of the values which something unknown can have."""
        self._nearest = nearest
        self._compared = 0
        self._depth = 0
        self._spent = 0
        self._each: list[Node] = []

    # What goes wrong

    def fault(self, node: Node, message: str, hint: str = "") -> None:
        """Note that something is wrong."""
        self.note(Fault(node, message, hint))

    def note(self, fault: Fault) -> None:
        """Keep a fault."""
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(fault)

    def static(self, node: Node, message: str, hint: str = "") -> None:
        """Note that something is wrong which no `try` and no condition excuses."""
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(Static(node, message, hint))

    def failed(self, failure: Failed | Exceeded, place: Node | None = None) -> None:
        """Note what an operation was refused for; at a place, unless it says so itself."""
        hint = failure.hint if isinstance(failure, Failed) else "leave some out"
        self.fault(failure.node if place is None else place, failure.message, hint)

    def nearest(self, name: str, candidates: Iterable[str]) -> str:
        """A hint at the name that was probably meant."""
        known = list(candidates)
        self._compared += len(known)
        found = self._nearest(name, known) if self._compared <= _MOST_COMPARED else ""
        return f"did you mean `{found}`?" if found else ""

    def spend(self, amount: int, place: Node | tree.Expression) -> None:
        """Take account of work and memory; raises `Exceeded`."""
        before, self._spent = self._spent, self._spent + amount
        if self._spent > MAX_SPENT:
            home = place if isinstance(place, Node) else node_of(place)
            if before > MAX_SPENT:
                raise Exceeded(home, "")
            raise Exceeded(home, f"the values of this configuration come to more than {MAX_SPENT:,} characters")

    @property
    def spent(self) -> int:
        """How much has been computed."""
        return self._spent

    @property
    def is_exhausted(self) -> bool:
        """Whether so much has been computed that nothing more is."""
        return self._spent > MAX_SPENT

    # Expressions

    def evaluate(self, expression: tree.Expression, scope: Scope) -> Node:
        """What an expression comes to; faults are kept, and what is refused is unknown."""
        depth, self._depth = self._depth, 0
        try:
            return self.define(expression, scope)
        finally:
            self._depth = depth

    def define(self, expression: tree.Expression, scope: Scope, name: str = "") -> Node:
        """The same within another evaluation, for what others refer to by a name."""
        try:
            return self.compute(expression, scope)
        except Exceeded as exceeded:
            if exceeded.message:
                self.failed(exceeded)
            home = node_of(expression)
            return unknown(name or f"{type(expression).__name__} {home.start}", home)

    def compute(self, expression: tree.Expression, scope: Scope) -> Node:
        """What an expression within another comes to."""
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                home = node_of(expression)
                raise Exceeded(home, f"expressions nest here more than {MAX_DEPTH} deep, with what they refer to")
            self.spend(_STEP, expression)
            return _VISIT[type(expression)](self, expression, scope)
        except Failed as failure:
            self.failed(failure)
            home = node_of(expression)
            return Refused(home)
        finally:
            self._depth -= 1

    def nest(self, by: int) -> None:
        """Count what is around an expression beside other expressions; a negative number takes that back."""
        self._depth += by

    def attempt(self, expression: tree.Expression, scope: Scope) -> Attempt:
        """What an expression comes to where it need not succeed; only faults that count in any case are kept."""
        doubts = self.doubts
        # A full list of faults would hide whether there is one more.
        kept, self.faults = self.faults, []
        try:
            found = self.compute(expression, scope)
        finally:
            own, self.faults = self.faults, kept
            kept.extend(fault for fault in own if isinstance(fault, Static))
        faults = [fault for fault in own if not isinstance(fault, Static)]
        return Attempt(found, faults, bool(own), self.doubts > doubts)

    def perhaps(self, expression: tree.Expression, scope: Scope) -> Node:
        """What an expression comes to that is perhaps never computed, so that it is no fault if it fails."""
        attempt = self.attempt(expression, scope)
        self.doubts += attempt.is_refused
        return attempt.node

    def text(self, pieces: Sequence[Piece], home: Node) -> Value:
        """The text that pieces make, if it is not too long."""
        length = sum(len(piece.part if isinstance(piece.part, str) else piece.part.written) for piece in pieces)
        self.spend(length + len(pieces), home)
        if length > MAX_TEXT:
            raise Exceeded(home, f"a string is longer here than {MAX_TEXT:,} characters")
        return text(pieces, home)


def _literal(evaluator: Evaluator, expression: tree.Literal, scope: Scope) -> Node:
    value = expression.value
    if isinstance(value, str):
        return Written(value, expression.start, expression.end, expression.source, expression.offsets())
    if isinstance(value, float):
        read = numbers.read(expression.source.text[expression.start : expression.end])
        if read is None:
            raise Failed(node_of(expression), "this number is too large")
        value = read
    return Node(value, expression.start, expression.end, expression.source)


def _template(evaluator: Evaluator, expression: tree.TemplateText, scope: Scope) -> Node:
    parts = expression.parts
    if len(parts) == 1 and type(parts[0]) is tree.Interpolation:
        return evaluator.compute(parts[0].value, scope)
    home = node_of(expression)
    pieces = parts_of(evaluator, parts, scope, home)
    if pieces is None:
        return unknown(f"text {home.start}", home, STRING)
    if len(pieces) == 1 and isinstance(pieces[0].node, Written) and pieces[0].start == 0:
        whole = pieces[0].node
        return Written(whole.value, home.start, home.end, home.source, whole.places)
    return evaluator.text(pieces, home)


def parts_of(evaluator: Evaluator, parts: Iterable[tree.Part], scope: Scope, home: Node) -> list[Piece] | None:
    """The pieces of a template."""
    pieces: list[Piece] = []
    for part in parts:
        found: Iterable[Piece]
        if isinstance(part, tree.TextPart):
            found = (Piece(part.text, Written(part.text, part.start, part.end, part.source, part.places), 0),)
        elif isinstance(part, tree.Interpolation):
            found = _interpolated(evaluator, part, scope, home)
        else:
            found = _directed(evaluator, part, scope, home)
        pieces.extend(found)
        evaluator.spend(len(pieces) // 8, home)
    return pieces


def _interpolated(evaluator: Evaluator, part: tree.Interpolation, scope: Scope, home: Node) -> Iterable[Piece]:
    place = node_of(part)
    try:
        found = evaluator.compute(part.value, scope)
        evaluator.doubts += is_unsettled(found)
        found = convert(found, STRING)
        if found.value is None:
            raise Failed(place, "this is null, which cannot be put into a string")
    except Failed as failure:
        evaluator.failed(failure, place)
        found = Refused(place)
    return within(found, home, place)


def _directed(evaluator: Evaluator, part: tree.IfPart | tree.ForPart, scope: Scope, home: Node) -> Iterable[Piece]:
    try:
        if isinstance(part, tree.IfPart):
            return _if_part(evaluator, part, scope, home)
        return loops.for_part(evaluator, part, scope, home)
    except Failed as failure:
        evaluator.failed(failure)
        return within(Refused(node_of(part)), home, node_of(part))


def _if_part(evaluator: Evaluator, part: tree.IfPart, scope: Scope, home: Node) -> Iterable[Piece]:
    condition = truth(evaluator.compute(part.condition, scope))
    if isinstance(condition.value, bool):
        chosen = part.parts if condition.value else part.otherwise
        return parts_of(evaluator, chosen, scope, home) or ()
    place = node_of(part)
    mark = len(evaluator.faults)
    both = [text(parts_of(evaluator, parts, scope, home) or (), home) for parts in (part.parts, part.otherwise)]
    if len(evaluator.faults) > mark:
        loops.excuse(evaluator, mark)
    name = f"({name_of(condition)} ? {spelled(both[0])} : {spelled(both[1])})"
    found = either(both, shortened(name), place)
    return within(found, home, place)


def _variable(evaluator: Evaluator, expression: tree.Variable, scope: Scope) -> Node:
    return refer(evaluator, expression, [], scope)


def _attribute(evaluator: Evaluator, expression: tree.GetAttr, scope: Scope) -> Node:
    names: list[tree.Name] = []
    subject: tree.Expression = expression
    while type(subject) is tree.GetAttr:
        names.append(subject.name)
        subject = subject.subject
    names.reverse()
    if type(subject) is tree.Variable:
        return refer(evaluator, subject, names, scope)
    found = evaluator.compute(subject, scope)
    for name in names:
        found = attribute(evaluator, found, name.text, node_of(name))
    return found


_UNBOUND = {
    "each": "`{}` has a value only in a block with `for_each`",
    "count": "`{}` has a value only in a block with `count`",
    "self": "`{}` has a value only in provisioners, connections and postconditions",
}
"""Words that are always there, and why one has no value."""


def refer(evaluator: Evaluator, first: tree.Variable, names: list[tree.Name], scope: Scope) -> Node:
    """What a reference comes to."""
    path = [first.name, *(name.text for name in names)]
    place = Node(None, first.start, names[-1].end if names else first.end, first.source)
    found = scope.look_up(path, place)
    if found is None:
        spelling = ".".join(path)
        known = [name for name in scope.names() if name.count(".") < len(path)]
        short = ".".join(path[: 3 if first.name == "data" else 2])
        message = _UNBOUND.get(first.name, "").format(short) or f"this module declares no `{short}`"
        evaluator.static(place, message, "" if first.name in _UNBOUND else evaluator.nearest(short, known))
        return Refused(place, spelling)
    node = found.node
    for name in names[found.length - 1 :]:
        node = attribute(evaluator, node, name.text, node_of(name))
    return node


def _index(evaluator: Evaluator, expression: tree.Index, scope: Scope) -> Node:
    key = evaluator.compute(expression.key, scope)
    found = _instance(expression.subject, key, scope)
    if found is not None:
        return found
    subject = evaluator.compute(expression.subject, scope)
    return element(evaluator, subject, key, node_of(expression))


def _instance(subject: tree.Expression, key: Node, scope: Scope) -> Node | None:
    """One instance of a resource by its key: a thousand that refer to each other must not each look at all."""
    if type(key.value) not in (int, str):
        return None
    place, names = node_of(subject), list[str]()
    while type(subject) is tree.GetAttr:
        names.append(subject.name.text)
        subject = subject.subject
    if type(subject) is not tree.Variable:
        return None
    return pick(scope, [subject.name, *reversed(names)], key.value, place)


def _splat(evaluator: Evaluator, expression: tree.Splat, scope: Scope) -> Node:
    subject = evaluator.compute(expression.subject, scope)
    home = node_of(expression)
    items, type_ = splat_items(evaluator, subject)
    evaluator.spend(len(items), home)
    found: list[Node] = []
    for item in items:
        evaluator._each.append(item)
        try:
            is_loose = loops.is_many(item)
            result = (evaluator.perhaps if is_loose else evaluator.compute)(expression.each, scope)
        finally:
            evaluator._each.pop()
        found.append(loops.as_many(result) if is_loose else result)
    if not found and type_ is not None and type_.inner is not None and type(expression.each) is tree.Each:
        return Value(found, home, list_of(type_.inner))
    return Value(found, home, loops.type_of_list(found, type_))


def _each(evaluator: Evaluator, expression: tree.Each, scope: Scope) -> Node:
    return evaluator._each[-1]


def _unary(evaluator: Evaluator, expression: tree.Unary, scope: Scope) -> Node:
    operand = evaluator.compute(expression.operand, scope)
    _doubt(evaluator, operand)
    return operators.unary(expression.operator, operand, node_of(expression))


def _binary(evaluator: Evaluator, expression: tree.Binary, scope: Scope) -> Node:
    left = evaluator.compute(expression.left, scope)
    right = evaluator.compute(expression.right, scope)
    if expression.operator not in ("==", "!="):
        _doubt(evaluator, left)
        _doubt(evaluator, right)
    if Refused in (type(left), type(right)):
        return Refused(node_of(expression))
    evaluator.spend(size_of(left) + size_of(right), left)
    return operators.binary(expression.operator, left, right, node_of(expression))


def _doubt(evaluator: Evaluator, operand: Node) -> None:
    """Note an operand that may turn out not to be what an operator takes."""
    if not is_known(operand) and kind_of(operand) not in ("number", "bool"):
        evaluator.doubts += 1


def _conditional(evaluator: Evaluator, expression: tree.Conditional, scope: Scope) -> Node:
    condition = evaluator.compute(expression.condition, scope)
    _doubt(evaluator, condition)
    condition = truth(condition)
    home = node_of(expression)
    answers = [evaluator.attempt(one, scope) for one in (expression.then, expression.otherwise)]
    if isinstance(condition.value, bool):
        # What is wrong with a branch that is not taken, or perhaps not taken, does not matter.
        evaluator.faults.extend(answers[0 if condition.value else 1].faults)
    found = [answer.node for answer in answers]
    if isinstance(condition.value, bool):
        other, branch = (1, expression.otherwise) if condition.value else (0, expression.then)
        if answers[other].is_refused and type(branch) is tree.Call:
            # Nothing is known of its type, so that the other branch keeps its own.
            found[other] = Refused(node_of(branch))
        elif answers[other].is_doubtful:
            found[other] = unknown(f"not taken {branch.start}", node_of(branch))
    evaluator.spend(size_of(found[0]) + size_of(found[1]), home)
    return operators.choose(condition, found[0], found[1], home)


def _tuple(evaluator: Evaluator, expression: tree.Tuple, scope: Scope) -> Node:
    return Value([evaluator.compute(item, scope) for item in expression.items], node_of(expression))


def _object(evaluator: Evaluator, expression: tree.ObjectCons, scope: Scope) -> Node:
    members = Object()
    places: dict[str, int] = {}
    for item in expression.items:
        key = key_of(evaluator, evaluator.compute(item.key, scope))
        value = evaluator.compute(item.value, scope)
        put(members, key, value, places)
    return Value(members, node_of(expression))


def _call(evaluator: Evaluator, expression: tree.Call, scope: Scope) -> Node:
    name = expression.name.text
    home = node_of(expression)
    function: Function | None = FUNCTIONS.get(name.removeprefix("core::"))
    if function is None:
        arguments = [evaluator.compute(argument, scope) for argument in expression.arguments]
        if name not in UNKNOWN and not name.startswith("provider::"):
            place = node_of(expression.name)
            evaluator.static(place, f"there is no function `{name}`", evaluator.nearest(name, [*FUNCTIONS, *UNKNOWN]))
            return Refused(home)
        evaluator.doubts += 1
        spelling = shortened(f"{name}({', '.join(map(spelled, arguments))})")
        if name in IMPURE:
            spelling = f"{spelling} {home.start}"
        return unknown(spelling, home, UNKNOWN.get(name, ANY))
    if function.special is not None:
        return function.special(evaluator, expression, scope)
    arguments, is_certain = _arguments(evaluator, expression, scope)
    if not is_certain:
        evaluator.doubts += 1
        return unknown(shortened(f"{name}({', '.join(map(spelled, arguments))}...)"), home, function.gives)
    if any(type(argument) is Refused for argument in arguments):
        return Refused(home)
    return function.call(evaluator, name, arguments, home)


def _arguments(evaluator: Evaluator, expression: tree.Call, scope: Scope) -> tuple[list[Node], bool]:
    """The arguments of a call, and whether those are all."""
    arguments = [evaluator.compute(argument, scope) for argument in expression.arguments]
    if not expression.expands or not arguments:
        return arguments, True
    last = arguments.pop()
    if isinstance(last.value, list) and not isinstance(last.value, Object):
        if any(map(loops.is_many, last.value)) or (kind_of(last) == "set" and not is_known(last)):
            return [*arguments, last], False
        evaluator.spend(len(last.value), last)
        return [*arguments, *last.value], True
    if isinstance(last.value, Template):
        return [*arguments, last], False
    raise Failed(last, "`...` must follow a list")


def _paren(evaluator: Evaluator, expression: tree.Paren, scope: Scope) -> Node:
    return evaluator.compute(expression.inner, scope)


def _broken(evaluator: Evaluator, expression: tree.Broken, scope: Scope) -> Node:
    return Refused(node_of(expression))


_VISIT: dict[type, Visit] = {
    tree.Literal: _literal,
    tree.TemplateText: _template,
    tree.Variable: _variable,
    tree.GetAttr: _attribute,
    tree.Index: _index,
    tree.Splat: _splat,
    tree.Each: _each,
    tree.Unary: _unary,
    tree.Binary: _binary,
    tree.Conditional: _conditional,
    tree.Tuple: _tuple,
    tree.ObjectCons: _object,
    tree.ForTuple: loops.for_tuple,
    tree.ForObject: loops.for_object,
    tree.Call: _call,
    tree.Paren: _paren,
    tree.Broken: _broken,
}
