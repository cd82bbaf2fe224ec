"""A template in one world: its resources, with their properties computed when they are asked for."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bedrock_policy_lint.deployment.deployment import Fault, Parameter, Stretch
from bedrock_policy_lint.frontends.template import attributes, conditions
from bedrock_policy_lint.frontends.template.computed import text_of, unknown_node
from bedrock_policy_lint.frontends.template.embedded import Inside, TextsInside
from bedrock_policy_lint.frontends.template.evaluate import CIRCULAR, Evaluator
from bedrock_policy_lint.frontends.template.outline import Outline
from bedrock_policy_lint.frontends.template.tree import LOOP
from bedrock_policy_lint.model.text import Template, Text, only_hole, parts_of, split
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.deployment.world import Choice, World
    from bedrock_policy_lint.frontends.document import Document
    from bedrock_policy_lint.frontends.template.evaluate import Record, Records
    from bedrock_policy_lint.frontends.template.loops import Entry, Scope

_ARN_FIELDS = 5
_variables = re.compile(r"\$\{([^!{}][^{}]*)\}").findall


class Component:
    """A resource of a template, whose properties are computed when they are asked for."""

    __slots__ = (
        "_computed",
        "_entry",
        "_evaluator",
        "_members",
        "body",
        "consulted",
        "defaults",
        "name",
        "node",
        "type",
    )

    def __init__(self, entry: Entry, kind: str, evaluator: Evaluator, known: Mapping[str, Node] | None = None) -> None:
        """`known` holds properties that are computed already, and stands for all."""
        self._entry = entry
        self._evaluator = evaluator
        self._members: Object | None = Object() if known is not None else None
        self._computed: dict[str, Node | None] = dict(known or {})
        self.name = entry.name
        """Its logical id."""
        self.type = kind
        """`AWS::IAM::Role`."""
        self.node = entry.key
        """Of its logical id, which names it."""
        self.body = entry.node
        """All that is written under its logical id, not computed."""
        self.consulted: frozenset[str] = frozenset()
        """Keys of the questions that it hangs on, as far as it was looked at."""
        self.defaults: frozenset[str] = frozenset()
        """Names of the parameters whose defaults that rests on."""

    def __repr__(self) -> str:
        return f"Component({self.name!r}, {self.type!r})"

    @property
    def properties(self) -> dict[str, Node]:
        """All of them, computed; under an empty name what stands for properties that are not known."""
        for key in self.members[::2]:
            self._property(_name_of(key))
        return {name: node for name, node in self._computed.items() if node is not None}

    @property
    def members(self) -> Object:
        """The properties, not computed."""
        if self._members is None:
            self._members = self._recorded(("members", id(self.body), self._entry.scope), self._raw)
        return self._members

    def get(self, *path: str) -> Node | None:
        """A property, computed: `get("GuardrailConfiguration", "GuardrailIdentifier")`; None when it is absent, is
        `AWS::NoValue`, or something on the way is no mapping. A property that is not known is a text with a hole."""
        if not path:
            return None
        node = self._property(path[0])
        if node is None:
            open_rest = self._property("")
            return None if open_rest is None else unknown_node(f"{self.name} {'.'.join(path)}", open_rest)
        for at, name in enumerate(path[1:], 2):
            if isinstance(node.value, Template):
                return unknown_node(f"{node.value} {'.'.join(path[at - 1 :])}", node)
            if not isinstance(node.value, Object):
                return None
            found = node.value.get(name)
            if found is None:
                is_open = any(isinstance(key.value, Template) for key in node.value[::2])
                return unknown_node(f"{self.name} {'.'.join(path)}", node) if is_open else None
            node = found
        return node

    def items(self, *path: str) -> list[Node]:
        """The elements of a list property, computed; one value counts as a list of one; none when it is absent."""
        node = self.get(*path)
        return [] if node is None else node.items

    def rest_on(self, record: Record) -> None:
        """Take note of what something that was computed for it rests on."""
        self.consulted |= record.consulted
        self.defaults |= record.defaults

    def _property(self, name: str) -> Node | None:
        if name not in self._computed:
            raw = next((raw for key, raw in self.members.pairs() if _name_of(key) == name), None)
            key = ("property", id(raw), self._entry.scope)
            scope = self._entry.scope
            self._computed[name] = (
                None if raw is None else self._recorded(key, lambda: self._evaluator.computed(raw, scope))
            )
        return self._computed[name]

    def _raw(self) -> Object:
        return self._evaluator.members(self._entry)

    def _recorded(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        found = self._evaluator.once(key, make)
        if found is CIRCULAR:
            return None
        self.rest_on(self._evaluator.record(key))
        return found


def _name_of(key: Node) -> str:
    """The name of a property; empty for one that is not known."""
    return "" if isinstance(key.value, Template) else str(key.value)


class Memory:
    """What was computed of one template, for the next world to take what is the same there."""

    def __init__(self) -> None:
        self.outline: Outline | None = None
        self.records: Records = {}
        self.embedded: dict[int, Inside] = {}
        self._references: dict[int, tuple[frozenset[str], frozenset[str]]] = {}
        """By the identity of a part of the template, which lives as long as its outline."""

    def outline_of(self, template: Node) -> Outline:
        """The outline of a template; of another one than before all is forgotten."""
        if self.outline is None or self.outline.root is not template:
            self.records, self.embedded, self._references = {}, {}, {}
            self.outline = Outline(template)
        return self.outline

    def references_of(self, part: Node) -> tuple[frozenset[str], frozenset[str]]:
        """The names that a part of the template refers to, and the conditions, as far as they are plain to see."""
        found = self._references.get(id(part))
        if found is None:
            found = self._references[id(part)] = _references(part)
        return found


class Stack(TextsInside):
    """A template in one world."""

    def __init__(self, outline: Outline, document: Document, world: World, catalog: Catalog, memory: Memory) -> None:
        self.world = world
        self.document = document
        """Takes the policies, defects and roots."""
        self.catalog = catalog
        self.outline = outline
        self.evaluator = Evaluator(outline, world, catalog, memory.records)
        self._memory = memory
        self._texts = memory.embedded
        self._found: dict[str, Component | None] = {}
        self._asked_for: dict[str, Component] = {}
        self._left_out: set[str] = set()
        """Questions on which it hangs that resources are not made in this world."""
        self._owners: dict[str, dict[Text, list[str]]] = {}

    # Resources

    def components(self, *types: str) -> Iterator[Component]:
        """The resources of these types that are made in this world, in the order of the text; all without types."""
        kinds = types or tuple(self._by_kind)
        for _, name in sorted(entry for kind in kinds for entry in self._by_kind.get(kind, ())):
            component = self.component(name)
            if component is not None:
                yield component

    @cached_property
    def _by_kind(self) -> dict[str, list[tuple[int, str]]]:
        """The names of all resources by type, each with its place in the order of the text."""
        found: dict[str, list[tuple[int, str]]] = {}
        for at, name in enumerate(self.evaluator.entries):
            found.setdefault(self.evaluator.kind_of(name), []).append((at, name))
        return found

    def component(self, name: str) -> Component | None:
        """The resource of that logical id, when it is made in this world."""
        if name in self._asked_for:
            return self._asked_for[name]
        entry = self.evaluator.entry(name)
        if entry is None:
            return None
        found = self._component(entry)
        if found is None:
            made = self.evaluator.record(_made(entry)) if isinstance(entry.node.value, Object) else None
            self._left_out |= made.consulted if made else frozenset()
        else:
            self._asked_for[name] = found
        return found

    def _component(self, entry: Entry) -> Component | None:
        if entry.name not in self._found:
            self._found[entry.name] = self._make(entry)
        return self._found[entry.name]

    def _make(self, entry: Entry) -> Component | None:
        evaluator = self.evaluator
        body = entry.node.value
        if not isinstance(body, Object):
            evaluator.fault(entry.node, f"the resource `{entry.name}` must be a mapping", "write its `Type`")
            return None
        if not evaluator.once(_made(entry), lambda: self._is_made(entry)):
            return None
        kind = evaluator.kind_of(entry.name)
        if not kind and not evaluator.outline.is_open:
            at = body.get("Type") or entry.key
            evaluator.fault(at, f"the resource `{entry.name}` must have a `Type`, a text")
        found = Component(entry, kind, evaluator)
        found.rest_on(evaluator.record(_made(entry)))
        if entry.scope:
            found.rest_on(evaluator.record(("section", "Resources")))
        return found

    def _is_made(self, entry: Entry) -> bool:
        name = entry.node.value.get("Condition")
        if name is None:
            return True
        text = self.evaluator.name(name, entry.scope)
        if isinstance(text, str):
            return conditions.holds(self.evaluator, text, name)
        self.evaluator.fault(name, "`Condition` takes the name of a condition")
        return True

    def section(self, *path: str) -> Node | None:
        """A part of the template outside its resources, computed: `section("Globals", "Function")`."""
        node = self.outline.sections.get(path[0])
        node = node.get(*path[1:]) if node is not None else None
        return None if node is None else self.evaluator.computed(node, ())

    # Names

    def attribute(self, component: Component, name: str = "") -> Text:
        """What `Ref` (without a name) or `GetAtt` of a resource comes to; a hole `Logical` or `Logical.Attribute`
        inside the form that AWS documents where that is known."""
        return self.evaluator.attribute(component.name, name)

    def owner(self, node: Node, *types: str) -> Component | None:
        """The resource that a computed value names: by `Ref` or `GetAtt`, or because its name or ARN is this text.

        With types, one of these; a text that names several resources names none.
        """
        text = text_of(node)
        if text is None or text == "":
            return None
        hole = only_hole(text)
        if hole is not None:
            found = self.component(hole.name.partition(".")[0])
            if found is not None:
                return found if not types or found.type in types else None
        text = _unpartitioned(text)
        fitting = {name for kind in types or self._by_kind for name in self._named(kind).get(text, ())}
        return self.component(fitting.pop()) if len(fitting) == 1 else None

    def _named(self, kind: str) -> dict[Text, list[str]]:
        """The resources of a type by their names and ARNs; computed for those types alone that somebody asks for."""
        found = self._owners.get(kind)
        if found is None:
            found = self._owners[kind] = {}
            for _, name in self._by_kind.get(kind, ()):
                for attribute in attributes.known(kind):
                    text = _unpartitioned(self.evaluator.attribute(name, attribute))
                    found.setdefault(text, []).append(name)
        return found

    # What it is like as a whole

    @property
    def faults(self) -> list[Fault]:
        """What is wrong with the template, in the order of the text; of parts that nobody asked for, their names."""
        evaluator = self.evaluator
        for entry in evaluator.entries.values():
            if self._is_suspicious(entry.node, entry.scope) and self._component(entry) is not None:
                for raw in evaluator.members(entry)[1::2]:
                    evaluator.computed(raw, entry.scope)
        if not self.outline.is_open:
            for entry in evaluator.condition_entries()[0].values():
                conditions.holds(evaluator, entry.name, entry.key)
        for _, node in self.outline.outputs.pairs():
            if self._is_suspicious(node, ()):
                self._look_through(node)
        found = dict.fromkeys((*self.outline.faults, *self.evaluator.faults))
        told = {(fault.node.start, fault.message): fault for fault in reversed(found)}
        return sorted(told.values(), key=lambda fault: (fault.node.start, fault.node.end))

    def _look_through(self, output: Node) -> None:
        """Compute an output where it is made."""
        if not isinstance(output.value, Object):
            return
        condition = output.value.get("Condition")
        text = self.evaluator.name(condition, ()) if condition is not None else None
        if isinstance(text, str) and condition is not None and not conditions.holds(self.evaluator, text, condition):
            return
        for name in ("Value", "Export"):
            raw = output.value.get(name)
            if raw is not None:
                self.evaluator.computed(raw, ())

    def _is_suspicious(self, node: Node, scope: Scope) -> bool:
        """Whether a part that nobody asked for may refer to something that is not declared."""
        if scope or not isinstance(node.value, Object):
            return True
        names, asked = self._memory.references_of(node)
        known = self.outline.parameters, self.evaluator.entries, self.outline.mappings
        is_known = all(any(name in declared for declared in known) for name in names)
        return not is_known or not asked <= self.evaluator.condition_entries()[0].keys()

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The values that are supplied when it is deployed."""
        supplied = self.world.parameters
        return tuple(
            Parameter(one.name, one.node, one.default_node, one.allowed, one.pattern, one.name in supplied)
            for one in self.outline.parameters.values()
        )

    @property
    def _questions(self) -> list[str]:
        """What the resources hang on that were asked for, and those that would be there otherwise."""
        return sorted(self._left_out.union(*(component.consulted for component in self._asked_for.values())))

    @property
    def answers(self) -> dict[str, Choice]:
        """The questions on which it hangs what is asked for, with their answers in this world."""
        return {key: conditions.current(self.evaluator, key) for key in self._questions}

    @property
    def alternatives(self) -> tuple[Choice, ...]:
        """All other answers to these questions."""
        return tuple(choice for key in self._questions for choice in conditions.others(self.evaluator, key))

    @property
    def defaults(self) -> dict[Stretch, frozenset[str]]:
        """By where a resource stands that was asked for: the parameters whose defaults it rests on."""
        found: dict[Stretch, frozenset[str]] = {}
        for component in self._asked_for.values():
            key, body = (node.source.in_file(node.start, node.end) for node in (component.node, component.body))
            found[Stretch(key.source.path, key.start, max(key.end, body.end))] = component.defaults
        return found


def open_stack(
    template: Node, document: Document, world: World, catalog: Catalog, memory: Memory | None = None
) -> Stack:
    """A template in a world; `memory` brings what was computed of the same template in others."""
    memory = memory or Memory()
    return Stack(memory.outline_of(template), document, world, catalog, memory)


def _made(entry: Entry) -> tuple[object, ...]:
    """Under which key it is kept whether a resource is made."""
    return "made", id(entry.node), entry.scope


def _unpartitioned(text: Text) -> Text:
    """A text by which resources are found: whether a partition is spelled out makes no difference to an ARN."""
    fields = split(text, ":", _ARN_FIELDS)
    if len(fields) <= _ARN_FIELDS or fields[0] != "arn":
        return text
    return Template(tuple(part for field in fields[2:] for part in (":", *parts_of(field))))


def _references(part: Node) -> tuple[frozenset[str], frozenset[str]]:
    names: set[str] = set()
    asked: set[str] = set()
    left = [part]
    while left:
        value = left.pop().value
        if not isinstance(value, list):
            continue
        if isinstance(value, Object):
            if len(value) == 2:
                names.update(name for name in _names(value) if not name.startswith("AWS::"))
            asked.update(_conditions(value))
        left.extend(value)
    return frozenset(names), frozenset(asked)


def _names(value: Object) -> Iterator[str]:
    """The names that a function refers to; one that nothing bears when it is not plain to see."""
    function, argument = value[0].value, value[1].value
    if function == "Ref":
        yield str(argument)
    elif function == "Fn::GetAtt":
        first = argument[0].value if isinstance(argument, list) and argument else argument
        yield str(first).partition(".")[0]
    elif function == "Fn::Sub" and isinstance(argument, str):
        for name in _variables(argument):
            yield name.partition(".")[0]
    elif function == "Fn::FindInMap":
        yield str(argument[0].value) if isinstance(argument, list) and argument else ""
    elif isinstance(function, str) and (function == "Fn::Sub" or function.startswith(LOOP)):
        yield ""


def _conditions(value: Object) -> Iterator[str]:
    """The conditions that a mapping names, as far as that is plain to see; much else is called `Condition` too."""
    for key, argument in value.pairs():
        if key.value == "Condition" and isinstance(argument.value, str):
            yield argument.value
        elif key.value == "Fn::If" and isinstance(argument.value, list):
            yield from (name.value for name in argument.value[:1] if isinstance(name.value, str))
