"""What a template declares, before anything of it is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.deployment.deployment import Fault
from bedrock_policy_lint.frontends.template.computed import text_of
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Iterator

SAM = "AWS::Serverless-2016-10-31"
REGION = "AWS::Region"

_CLOSED = frozenset({SAM, "AWS::LanguageExtensions"})
"""Transforms that declare nothing but what can be told from the template."""
_ANY_LIST = ("CommaDelimitedList", "List<")
_SSM = "AWS::SSM::Parameter::Value<"


class Declared(NamedTuple):
    """A parameter as it is declared."""

    name: str
    node: Node
    """Of its name."""
    type: str = "String"
    default: str | None = None
    default_node: Node | None = None
    allowed: tuple[str, ...] = ()
    pattern: str = ""
    is_secret: bool = False

    @property
    def is_looked_up(self) -> bool:
        """Whether what is supplied is the name under which Systems Manager keeps the value."""
        return self.type.startswith(_SSM)

    @property
    def is_list(self) -> bool:
        """Whether its value is taken apart at commas."""
        return self.type.removeprefix(_SSM).startswith(_ANY_LIST)


class Outline:
    """The sections of a template, with what is wrong with their form."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self.faults: list[Fault] = []
        self.sections: dict[str, Node] = {}
        if isinstance(root.value, Object):
            self.sections = {str(key.value): value for key, value in root.value.pairs()}
        else:
            self.faults.append(_no_mapping(root, "a template"))
        self.transforms = frozenset(self._transforms())
        self.is_sam = SAM in self.transforms
        self.parameters = {name: self._parameter(key, node) for name, key, node in self._members("Parameters")}
        self.mappings = {name: node for name, _, node in self._members("Mappings") if self._is_mapping(name, node)}
        self.resources = self.section("Resources")
        self.conditions = self.section("Conditions")
        self.outputs = self.section("Outputs")
        self.is_open = bool(self.transforms - _CLOSED) or self._has_includes()
        """Whether a macro may declare more than can be seen."""
        self.literals: dict[str, tuple[str, ...]] = {}
        """The parameters that conditions ask for, with the values that they are compared to."""
        for name, literal in self._compared():
            known = self.literals.get(name, ())
            self.literals[name] = known if literal is None or literal in known else (*known, literal)

    def section(self, name: str) -> Object:
        """The members of a section; none when it is absent or no mapping."""
        node = self.sections.get(name)
        if node is None or node.value is None:
            return Object()
        if isinstance(node.value, Object):
            return node.value
        self.faults.append(_no_mapping(node, f"`{name}`"))
        return Object()

    def answers(self, name: str) -> tuple[str, ...]:
        """The values that a parameter can be told to have: those that are allowed, else those it is compared to."""
        declared = self.parameters.get(name)
        return (declared.allowed if declared else ()) or self.literals.get(name, ())

    def _members(self, section: str) -> Iterator[tuple[str, Node, Node]]:
        for key, node in self.section(section).pairs():
            if isinstance(node.value, Object):
                yield str(key.value), key, node
            elif not str(key.value).startswith("Fn::"):
                self.faults.append(_no_mapping(node, f"`{key.value}` in `{section}`"))

    def _is_mapping(self, name: str, node: Node) -> bool:
        for key, row in node.value.pairs():
            if not isinstance(row.value, Object) and not str(key.value).startswith("Fn::"):
                self.faults.append(_no_mapping(row, f"`{key.value}` of the mapping `{name}`"))
        return True

    def _transforms(self) -> Iterator[str]:
        node = self.sections.get("Transform")
        for item in node.items if node else ():
            name = item.value.get("Name") if isinstance(item.value, Object) else item
            yield str(name.value) if name is not None else ""

    def _has_includes(self) -> bool:
        """Whether something is put into the template, or into the sections that declare names."""
        return any(
            key.value == "Fn::Transform"
            for members in (self.root.value, *(self.section(name) for name in ("Parameters", "Resources")))
            if isinstance(members, Object)
            for key, _ in members.pairs()
        )

    def _parameter(self, key: Node, node: Node) -> Declared:
        members = node.value
        kind, default, allowed = members.get("Type"), members.get("Default"), members.get("AllowedValues")
        pattern, secret = members.get("AllowedPattern"), members.get("NoEcho")
        if kind is not None and not isinstance(kind.value, str):
            self.faults.append(Fault(kind, f"the type of the parameter `{key.value}` must be a string"))
            kind = None
        values = [text_of(item) for item in allowed.items] if allowed is not None else []
        return Declared(
            str(key.value),
            key,
            kind.value if kind is not None else "String",
            self._default(default, str(key.value)),
            default,
            tuple(dict.fromkeys(value for value in values if isinstance(value, str))),
            pattern.value if pattern is not None and isinstance(pattern.value, str) else "",
            secret is not None and text_of(secret) in ("true", "True"),
        )

    def _default(self, node: Node | None, name: str) -> str | None:
        if node is None or node.value is None:
            return None
        texts = [text_of(item) for item in node.items]
        if isinstance(node.value, Object) or None in texts:
            message = f"the default of the parameter `{name}` must be a string"
            self.faults.append(Fault(node, message, "write it without functions, lists with commas"))
            return None
        return ",".join(text for text in texts if isinstance(text, str))

    def _compared(self) -> Iterator[tuple[str, str | None]]:
        """The parameters that conditions compare to a value, and the value, None where it is no literal."""
        left = [node for _, node in self.conditions.pairs()][::-1]
        while left:
            node = left.pop()
            if not isinstance(node.value, list):
                continue
            sides = node.value.get("Fn::Equals") if isinstance(node.value, Object) else None
            if sides is not None and type(sides.value) is list and len(sides.value) == 2:
                yield from self._sides(*sides.value)
                yield from self._sides(*reversed(sides.value))
            left.extend(reversed(node.value))

    def _sides(self, one: Node, other: Node) -> Iterator[tuple[str, str | None]]:
        name = direct(one)
        declared = self.parameters.get(name)
        if name != REGION and (declared is None or declared.is_list):
            return
        literal = text_of(other)
        if isinstance(literal, str) and "{" not in literal:
            yield name, literal
        elif declared is not None and declared.allowed:
            yield name, None


def direct(node: Node) -> str:
    """The name that an expression is a `Ref` of and nothing else; empty for every other one."""
    if isinstance(node.value, Object) and len(node.value) == 2 and node.value[0].value == "Ref":
        return str(node.value[1].value)
    return ""


def _no_mapping(node: Node, what: str) -> Fault:
    return Fault(node, f"{what} must be a mapping", "write its members as `Name: value`")
