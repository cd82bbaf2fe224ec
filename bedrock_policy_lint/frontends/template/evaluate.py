"""The values of a template in one world, each computed once, with what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from bedrock_policy_lint.deployment.deployment import Fault
from bedrock_policy_lint.deployment.world import OTHER
from bedrock_policy_lint.frontends.template import attributes, loops
from bedrock_policy_lint.frontends.template.computed import (
    Computed,
    Piece,
    has_reference,
    hole,
    parts_at,
    placed,
    text_node,
    text_of,
    unknown_node,
    written,
)
from bedrock_policy_lint.frontends.template.outline import REGION
from bedrock_policy_lint.frontends.template.tree import LOOP
from bedrock_policy_lint.model.text import Template, Text, join, split
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.deployment.world import World
    from bedrock_policy_lint.frontends.template.loops import Entry, Scope
    from bedrock_policy_lint.frontends.template.outline import Declared, Outline

MAX_DEPTH = 80
"""So deep may values nest, with what they refer to: no template of use does."""
MAX_SPENT = 5_000_000
"""So many characters may the values of a template have, those included that are taken apart and put together again."""
PER_PIECE = 20
"""A piece of a text or an element of a list is as dear as so many characters."""
MAX_COPIES = 10_000
"""So many copies may the loops of a template make."""

_MOST_HINTS = 50
_SUFFIXES = {
    "aws": "amazonaws.com",
    "aws-us-gov": "amazonaws.com",
    "aws-cn": "amazonaws.com.cn",
}
_PSEUDO = (
    *("AWS::AccountId", "AWS::NotificationARNs", "AWS::NoValue", "AWS::Partition", REGION),
    *("AWS::StackId", "AWS::StackName", "AWS::URLSuffix"),
)
_WITH_ROLES = ("AWS::Serverless::Function", "AWS::Serverless::StateMachine")
_MODULE = "::MODULE"
"""How the types of modules end, whose resources are called by the module's name with theirs behind."""
_MADE_BY_SAM = ("Serverless", "CodeDeployServiceRole")


CIRCULAR: Any = object()
"""Stands for the value of what is being computed just now."""
TOO_DEEP: Any = object()
"""Stands for a value behind too many others."""
_LONGEST = 200


class Trace:
    """What a computation came upon."""

    __slots__ = ("consulted", "defaults", "faults", "rests_on")

    def __init__(self) -> None:
        self.rests_on: set[str] = set()
        """Names of inputs, and with a `?` before them questions."""
        self.consulted: set[str] = set()
        self.defaults: set[str] = set()
        self.faults: list[Fault] = []


class Record(NamedTuple):
    """What was computed, and what must be the same for it to come out the same."""

    value: Any
    states: tuple[tuple[str, Any], ...]
    consulted: frozenset[str]
    defaults: frozenset[str]
    faults: tuple[Fault, ...]


class Given(NamedTuple):
    """The value that a parameter has in a world, None where it is not known, and why."""

    text: Text | None
    because: str


Records = dict[tuple[Any, ...], list[Record]]


class Evaluator:
    """Computes the values of one template in one world."""

    def __init__(self, outline: Outline, world: World, catalog: Catalog, records: Records) -> None:
        from bedrock_policy_lint.frontends.template.functions import FUNCTIONS

        self._functions = FUNCTIONS
        self.outline = outline
        self.world = world
        self.catalog = catalog
        self.records = records
        self.trace = self._whole = Trace()
        self.depth = 0
        self.copies = 0
        self._spent = 0
        self._hints = 0
        self._chosen = {choice.key: choice.answer for choice in world.choices}
        self._done: dict[tuple[Any, ...], Record] = {}
        self._under_way: set[tuple[Any, ...]] = set()
        self._given: dict[str, Given] = {}
        self.passed: Mapping[str, Text] = {}
        """What a parent passes to this template's parameters, as far as it is not known throughout."""
        self.output: Callable[[str, str], Text | None] | None = None
        """What an output of a nested stack comes to, by logical id and name."""

    # What computations rest on

    def once(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """What `make` gives, computed once for all worlds in which it rests on the same; `CIRCULAR` inside itself."""
        record = self._done.get(key)
        if record is None:
            if key in self._under_way:
                return CIRCULAR
            record = self._kept(key) or self._computed(key, make)
            self._done[key] = record
        trace = self.trace
        trace.rests_on.update(name for name, _ in record.states)
        trace.consulted |= record.consulted
        trace.defaults |= record.defaults
        trace.faults.extend(record.faults)
        return record.value

    @property
    def faults(self) -> list[Fault]:
        """What has been found wrong with the template up to now."""
        return self._whole.faults

    def record(self, key: tuple[Any, ...]) -> Record:
        """What is known of a computation that has been made in this world."""
        return self._done[key]

    def _kept(self, key: tuple[Any, ...]) -> Record | None:
        for record in self.records.get(key, ()):
            if all(self._state(name) == state for name, state in record.states):
                return record
        return None

    def _computed(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Record:
        outer, self.trace = self.trace, Trace()
        self._under_way.add(key)
        try:
            value = make()
        finally:
            trace, self.trace = self.trace, outer
            self._under_way.discard(key)
        states = tuple((name, self._state(name)) for name in sorted(trace.rests_on))
        faults = tuple(dict.fromkeys(trace.faults))
        record = Record(value, states, frozenset(trace.consulted), frozenset(trace.defaults), faults)
        self.records.setdefault(key, []).append(record)
        return record

    def _state(self, name: str) -> Any:
        if name.startswith("?"):
            return self.answer(name[1:])
        return self.given(name) if name in self.outline.parameters else self._input(name)

    def _input(self, name: str) -> str:
        return self.region if name == REGION else self.world.account

    def fault(self, node: Node, message: str, hint: str = "") -> None:
        """Note that something is wrong with the template."""
        self.trace.faults.append(Fault(node, message, hint))

    def mark(self) -> int:
        """How many faults the computation under way has come upon."""
        return len(self.trace.faults)

    def move_faults(self, mark: int, node: Node, place: Node) -> None:
        """Let faults since then that point at a node point at a part of it."""
        faults = self.trace.faults
        faults[mark:] = [fault._replace(node=place) if fault.node is node else fault for fault in faults[mark:]]

    def spend(self, amount: int, home: Node) -> bool:
        """Take account of work and memory: a short template can ask for more than any machine has."""
        before = self._spent
        self._spent += amount
        if before <= MAX_SPENT < self._spent:
            self.fault(
                home, f"the values of this template come to more than {MAX_SPENT:,} characters", "leave some out"
            )
        return self._spent <= MAX_SPENT

    def made(self, pieces: Sequence[Piece], home: Node) -> Computed:
        """The text that pieces make, if it is not too long."""
        if self.spend(sum(len(written(piece.part)) for piece in pieces), home):
            return text_node(pieces, home)
        return unknown_node(f"{self.spell(home, ())} {home.start}", home)

    def nearest(self, name: str, candidates: Iterable[str]) -> str:
        """A hint at the name that was probably meant."""
        self._hints += 1
        found = self.catalog.nearest(name, candidates, 1) if self._hints <= _MOST_HINTS else ()
        return f"did you mean `{found[0]}`?" if found else ""

    # Questions and parameters

    @property
    def region(self) -> str:
        """The Region of this world; empty when it is not known."""
        chosen = self._chosen.get(REGION, OTHER)
        return self.world.region or ("" if chosen == OTHER else chosen)

    def is_settled(self, key: str) -> bool:
        """Whether a question has been answered from without, so that it has no other answers."""
        if key == REGION:
            return bool(self.world.region)
        declared = self.outline.parameters.get(key)
        return declared is not None and key in self.world.parameters and not declared.is_looked_up

    def answer(self, key: str) -> str:
        """The answer to a question in this world."""
        if key in self._chosen:
            return self._chosen[key]
        if key == REGION:
            return self.world.region or OTHER
        declared = self.outline.parameters.get(key)
        if declared is None:
            return "false"
        if not declared.is_looked_up:
            if key in self.world.parameters:
                return self.world.parameters[key]
            if declared.default is not None and key not in self.world.unknown:
                return declared.default
        return declared.allowed[0] if declared.allowed else OTHER

    def ask(self, key: str) -> str:
        """The answer to a question, noted as one that was asked."""
        trace = self.trace
        trace.rests_on.add(f"?{key}")
        if not self.is_settled(key):
            trace.consulted.add(key)
            declared = self.outline.parameters.get(key)
            if declared is not None and key not in self._chosen and self.answer(key) == declared.default:
                trace.defaults.add(key)
        return self.answer(key)

    def given(self, name: str) -> Given:
        """The value that a parameter has wherever it is referred to."""
        found = self._given.get(name)
        if found is None:
            found = self._find_given(self.outline.parameters[name])
            if name in self.passed and name not in self._chosen:
                found = Given(self.passed[name], "supplied")
            self._given[name] = found
        return found

    def _find_given(self, declared: Declared) -> Given:
        name, world = declared.name, self.world
        if name in self._chosen:
            chosen = self._chosen[name]
            return Given(None if chosen == OTHER else chosen, "chosen")
        if declared.is_looked_up:
            return Given(None, "")
        if name in world.parameters:
            return Given(world.parameters[name], "supplied")
        if name not in world.unknown and declared.default is not None:
            return Given(declared.default, "default") if world.takes_defaults else Given(None, "")
        answer = self.answer(name) if name in self.outline.literals else OTHER
        return Given(None if answer == OTHER else answer, "answer" if name in self.outline.literals else "")

    # Values

    def compute(self, node: Node, scope: Scope = ()) -> Node | None:
        """The value of an expression: the node itself when nothing in it is computed; None for `AWS::NoValue`."""
        value = node.value
        if isinstance(value, str):
            if "{" in value and (scope or has_reference(value)):
                return loops.filled(self, node, scope)
            return node
        if not isinstance(value, list):
            return node
        if self.depth >= MAX_DEPTH:
            self.fault(node, f"values nest here more than {MAX_DEPTH} deep, with those that they refer to")
            return unknown_node(self.spell(node, scope), node)
        self.depth += 1
        try:
            return self._mapping(node, scope) if isinstance(value, Object) else self._list(node, scope)
        finally:
            self.depth -= 1

    def text(self, node: Node, scope: Scope) -> Text | None:
        """The text of an expression; None when it is a list, a mapping or nothing."""
        found = self.compute(node, scope)
        return None if found is None else text_of(found)

    def name(self, node: Node, scope: Scope) -> Text | None:
        """The same of an expression that names something: keys are as they are written, though they be `On` or `No`."""
        found = self.compute(node, scope)
        if found is not None and isinstance(found.value, bool):
            return found.source.text[found.start : found.end]
        return None if found is None else text_of(found)

    def _list(self, node: Node, scope: Scope) -> Node:
        items: list[Node] = []
        is_same = True
        for item in node.value:
            found = self.compute(item, scope)
            is_same = is_same and found is item
            if found is not None:
                items.append(found)
        return node if is_same else Computed(items, node)

    def _mapping(self, node: Node, scope: Scope) -> Node | None:
        value: Object = node.value
        if len(value) == 2:
            function = self._functions.get(value[0].value)
            if function is not None:
                return function(self, node, value[1], scope)
        members = Object()
        is_same = True
        for key, raw in value.pairs():
            name = key.value
            if isinstance(name, str) and name.startswith("Fn::"):
                is_same = False
                members.extend(self._inserted(node, key, raw, scope))
                continue
            found_key = loops.filled(self, key, scope) if scope else key
            found = self.compute(raw, scope)
            is_same = is_same and found is raw and found_key is key
            if found is not None:
                members += [found_key, found]
        return node if is_same else Computed(members, node)

    def _inserted(self, node: Node, key: Node, raw: Node, scope: Scope) -> list[Node]:
        """The members that a function among others brings; one with a hole for its name when they are not known."""
        if key.value.startswith(LOOP):
            entries = loops.copies(self, key, raw, scope)
            if entries is not None:
                members: list[Node] = []
                for entry in entries:
                    found = self.compute(entry.node, entry.scope)
                    members += [entry.key, found] if found is not None else []
                return members
        elif key.value in self._functions:
            if key.value != "Fn::Transform":
                self.fault(key, f"`{key.value}` must be the only member of its mapping")
        elif not self.outline.is_open:
            self.fault(key, f"`{key.value}` is no function", self.nearest(key.value, self._functions))
        if len(node.value) == 2 and not key.value.startswith(LOOP):
            return [unknown_node(key.value, key), unknown_node(self.spell(node, scope), raw)]
        name = f"{key.value} {self.spell(raw, scope)}"
        return [unknown_node(name, key), unknown_node(name, raw)]

    def spell(self, node: Node, scope: Scope) -> str:
        """One spelling for an expression that comes to the same wherever it stands."""
        spelled = loops.spell(node, scope)
        if len(spelled) <= _LONGEST:
            return spelled
        from zlib import crc32

        return f"{spelled[:_LONGEST]}… {crc32(spelled.encode('utf-8', 'surrogatepass')):x}"

    # Names

    def named(self, name: str, home: Node, scope: Scope) -> Node | None:
        """What `Ref` of a name comes to, at the place of the name; None for `AWS::NoValue`."""
        if name == "AWS::NoValue":
            return None
        for variable, value in scope:
            if variable == name:
                return placed(value, home)
        if name in self.outline.parameters:
            return self._parameter(self.outline.parameters[name], home)
        if name in _PSEUDO:
            return placed(self.pseudo(name), home)
        if self.entry(name) is None and not self._is_forgiven(name):
            known = [*self.outline.parameters, *self.entries, *_PSEUDO]
            message = f"the template has no parameter or resource `{name}`"
            self.fault(home, message, self.nearest(name, known))
        return self.made(parts_at(self.attribute(name, "", home), home), home)

    def got(self, logical: str, name: str, home: Node) -> Node:
        """What `GetAtt` of an attribute comes to, at that place."""
        if self.entry(logical) is None and not self._is_forgiven(logical):
            if logical in self.outline.parameters:
                self.fault(home, f"`{logical}` is a parameter, which has no attributes", "use `Ref`")
            else:
                self.fault(home, f"the template has no resource `{logical}`", self.nearest(logical, self.entries))
        return self.made(parts_at(self.attribute(logical, name, home), home), home)

    def _is_forgiven(self, name: str) -> bool:
        """Whether something that cannot be seen may declare a name."""
        if self.outline.is_open or self.has_open_names:
            return True
        makers = [name[:end] for end in range(len(name) - 1, 0, -1) if name[:end] in self.entries]
        if any(self.kind_of(maker).endswith(_MODULE) for maker in makers):
            return True
        return self.outline.is_sam and (name.startswith(_MADE_BY_SAM) or bool(makers))

    def pseudo(self, name: str) -> Text:
        """What a pseudo parameter comes to."""
        found: str | None = None
        if name == "AWS::AccountId":
            self.trace.rests_on.add(name)
            found = self.world.account
        elif name in (REGION, "AWS::Partition", "AWS::URLSuffix"):
            self.trace.rests_on.add(REGION)
            if not self.world.region and REGION in self._chosen:
                self.trace.consulted.add(REGION)
            found = self.region
            if name != REGION:
                found = self.catalog.partition_of(found) if found else None
                found = found if name == "AWS::Partition" else _SUFFIXES.get(found or "")
        return found or Template((hole(name),))

    def _parameter(self, declared: Declared, home: Node) -> Node:
        name = declared.name
        trace = self.trace
        trace.rests_on.add(name)
        given = self.given(name)
        if given.because == "default":
            trace.defaults.add(name)
        elif given.because in ("answer", "chosen"):
            self.ask(name)
        if given.text is None or declared.is_secret:
            values = () if given.because in ("chosen", "answer") else declared.allowed
            if declared.is_list or declared.is_looked_up or declared.is_secret:
                values = ()
            return unknown_node(name, home, values)
        if declared.is_list:
            items = split(given.text, ",", MAX_COPIES) if str(given.text).strip() else []
            if not self.spend(len(items) * PER_PIECE, home):
                return unknown_node(name, home)
            return Computed([placed(_stripped(item), home) for item in items], home)
        return placed(given.text, home)

    # Resources

    @property
    def entries(self) -> Mapping[str, Entry]:
        """The resources by logical id, copies of loops included."""
        found, _ = self._section("Resources")
        return found

    @property
    def has_open_names(self) -> bool:
        """Whether a loop makes resources of which the names are not known."""
        return self._section("Resources")[1]

    def entry(self, name: str) -> Entry | None:
        """The resource of that logical id, whether or not it is made in this world."""
        return self.entries.get(name)

    def condition_entries(self) -> tuple[Mapping[str, Entry], bool]:
        """The conditions by name, and whether a loop makes some that are not known."""
        return self._section("Conditions")

    def _section(self, name: str) -> tuple[Mapping[str, Entry], bool]:
        key = ("section", name)
        record = self._done.get(key)
        if record is None:
            # Which names there are is looked up everywhere; only what a loop copies hangs on what it goes through.
            outer, self.trace = self.trace, self._whole
            found = self.once(key, lambda: loops.members(self, self.outline.section(name)))
            self.trace = outer
            if found is CIRCULAR:
                return {}, True
            record = self._done[key]
        self.trace.rests_on.update(name for name, _ in record.states)
        return record.value  # type: ignore[no-any-return]

    def members(self, entry: Entry) -> Object:
        """The properties of a resource, not yet computed, but those that a loop or an insertion brings."""
        node = entry.node.get("Properties")
        if node is None or node.value is None:
            return Object()
        value = node.value
        if isinstance(value, Object) and not any(str(key.value).startswith("Fn::") for key in value[::2]):
            return value
        found = self.once(("properties", id(node), entry.scope), lambda: self.compute(node, entry.scope))
        if found is None or found is CIRCULAR:
            return Object()
        if isinstance(found.value, Object):
            return found.value
        if isinstance(found.value, Template):
            return Object([unknown_node("Properties", node), found])
        self.fault(node, f"`Properties` of `{entry.name}` must be a mapping", "write its members as `Name: value`")
        return Object()

    def property(self, entry: Entry, name: str) -> Node | None:
        """A property of a resource, computed."""
        members = self.members(entry)
        raw = members.get(name)
        if raw is None:
            is_open = any(isinstance(key.value, Template) for key in members[::2])
            return unknown_node(f"{entry.name} {name}", entry.key) if is_open else None
        return self.computed(raw, entry.scope)

    def computed(self, raw: Node, scope: Scope) -> Node | None:
        """A part of the template, computed once."""
        if type(raw) is Computed:
            return raw
        if not isinstance(raw.value, list | str):
            return raw
        found = self.once(("value", id(raw), scope), lambda: self.compute(raw, scope))
        if found is CIRCULAR:
            self.fault(raw, "this value refers to itself")
            return unknown_node(self.spell(raw, scope), raw)
        return found  # type: ignore[no-any-return]

    def attribute(self, logical: str, name: str, home: Node | None = None) -> Text:
        """What `Ref` (without a name) or `GetAtt` of a resource comes to."""
        if self.output is not None and name.startswith("Outputs."):
            text = self.output(logical, name.removeprefix("Outputs."))
            if text is not None:
                return text
        kind = self.kind_of(logical)
        if name not in attributes.known(kind):
            return Template((hole(f"{logical}.{name}" if name else logical),))

        def make() -> Any:
            self.depth += 3
            try:
                if self.depth >= MAX_DEPTH:
                    return TOO_DEEP
                return attributes.attribute(kind, logical, name, lambda of: self._name(logical, of), self.pseudo)
            finally:
                self.depth -= 3

        found = self.once(("attribute", logical, name), make)
        if found is not CIRCULAR and found is not TOO_DEEP:
            return found  # type: ignore[no-any-return]
        if home is not None:
            others = (
                "itself, directly or through others" if found is CIRCULAR else "others, and they to others, too deep"
            )
            self.fault(home, f"`{logical}` refers to {others}")
        return Template((hole(f"{logical}.{name}" if name else logical),))

    def kind_of(self, logical: str) -> str:
        """The type of a resource, of the roles too that SAM makes; empty when it is not known."""
        entry = self.entry(logical)
        if entry is not None:
            kind = entry.node.get("Type")
            return kind.value if kind is not None and isinstance(kind.value, str) else ""
        is_made = self.outline.is_sam and logical.endswith("Role")
        return "AWS::IAM::Role" if is_made and self.kind_of(logical[: -len("Role")]) in _WITH_ROLES else ""

    def _name(self, logical: str, name: str) -> Text | None:
        """A property as a text; None when it is absent."""
        entry = self.entry(logical)
        if entry is None:
            return self._of_made_role(logical, name)
        found = self.property(entry, name)
        text = text_of(found) if found is not None else None
        return text or None

    def _of_made_role(self, logical: str, name: str) -> Text | None:
        """A property of a role that SAM makes: its path is given to the function."""
        if name != "Path":
            return None
        entry = self.entry(logical[: -len("Role")])
        found = self.property(entry, "RolePath") if entry is not None else None
        return (text_of(found) if found is not None else None) or None


def _stripped(text: Text) -> Text:
    """The text without blanks around it."""
    if isinstance(text, str):
        return text.strip()
    first, *rest = text.parts
    parts = [first.lstrip() if isinstance(first, str) else first, *rest]
    last = parts[-1]
    return join([*parts[:-1], last.rstrip() if isinstance(last, str) else last])
