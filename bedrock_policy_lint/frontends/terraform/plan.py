"""Plans and states as `terraform show -json` writes them: resources as in a configuration, with their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bedrock_policy_lint.deployment.world import Inputs
from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.frontends.terraform import inputs, instances, plan_text
from bedrock_policy_lint.frontends.terraform.blueprint import assemble
from bedrock_policy_lint.frontends.terraform.configuration import Configuration, Memory
from bedrock_policy_lint.frontends.terraform.library import Branch, Library
from bedrock_policy_lint.frontends.terraform.module import META, Declared, Module
from bedrock_policy_lint.frontends.terraform.values import Value, unknown
from bedrock_policy_lint.sources import hcl_tree as tree
from bedrock_policy_lint.sources import json
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.templates import PLAN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.deployment.deployment import Deployment
    from bedrock_policy_lint.deployment.world import World
    from bedrock_policy_lint.frontends.terraform.configuration import Component, Instance
    from bedrock_policy_lint.frontends.terraform.instances import Members
    from bedrock_policy_lint.frontends.terraform.plan_text import Entry, Outline
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.sources.source import Source

_DOCUMENT = "data.aws_iam_policy_document"
_PROVIDER = "aws"
_MOST_STEPS = 50
"""So many modules may hand a value on."""
_COUNTED = frozenset({"each.key", "each.value", "count.index"})


def read(source: Source, catalog: Catalog) -> PlanBlueprint | None:
    """The blueprint in a plan or a state; None when a text is neither."""
    if not plan_text.may_be_plan(source.text):
        return None
    outline = plan_text.outline(source)
    return PlanBlueprint(source, outline, catalog) if outline is not None else None


class PlanBlueprint:
    """A plan or a state, whose resources are read when they are asked for."""

    def __init__(self, source: Source, outline: Outline, catalog: Catalog) -> None:
        self._source = source
        self._outline = outline
        self._catalog = catalog
        self._memory = Memory()
        # A document that has been read already is known where it is used.
        is_plan = any(entry.is_change for entry in outline.entries)
        self._bodies = {
            entry.address: Body(entry, outline)
            for entry in outline.entries
            if entry.is_change or not is_plan or entry.type != _DOCUMENT
        }
        self._root = Node(Object(self._layout()), 0, len(source.text), source)

    def _layout(self) -> list[Node]:
        """The addresses of all resources, each before the values of the resource."""
        return [node for body in self._bodies.values() for node in (body.label, body.values)]

    @property
    def document(self) -> Document:
        """The file, without the policies in it."""
        document = Document(self._source)
        document.language = PLAN
        document.add_root(self._root)
        return document

    @property
    def inputs(self) -> Inputs:
        """The Region of its provider, and the account that was asked for."""
        found = self._found("data.aws_caller_identity", "account_id")
        region = self._region
        return Inputs(regions=(region,) if region else (), account=found if found.isdigit() else "")

    @property
    def _region(self) -> str:
        expression = _provider(self._outline, _PROVIDER)
        known = _constant(expression, self._outline) or self._found("data.aws_region", "name")
        return known if self._catalog.region(known) is not None else ""

    def _found(self, kind: str, name: str) -> str:
        """What all data sources of a kind have found; empty when they differ."""
        bodies = (body for body in self._bodies.values() if body.entry.type == kind)
        found = {str(node.value) for body in bodies if (node := body.values.get(name)) is not None}
        return found.pop() if len(found) == 1 else ""

    def deployment(self, world: World) -> Deployment:
        """What it deploys in a world."""
        return assemble(
            PlanConfiguration(self._outline, self._bodies, self.document, world, self._catalog, self._memory)
        )


def _provider(outline: Outline, key: str) -> dict[str, Any]:
    """How the Region of a provider is configured."""
    return plan_text.part(outline.configuration, "provider_config", key, "expressions", "region")


def _constant(expression: dict[str, Any], outline: Outline, *, is_root: bool = True) -> str:
    """The text that an expression is, itself or as a variable of the root module; empty where that is not known."""
    value = expression.get("constant_value")
    named = plan_text.references(expression)
    if is_root and len(named) == 1 and named[0].startswith("var."):
        value = plan_text.part(outline.variables, named[0].removeprefix("var.")).get("value")
    return value if isinstance(value, str) else ""


class _Values(Node):
    """The values of a resource, read when somebody looks."""

    __slots__ = ("_made", "_make")

    def __init__(self, make: Callable[[], Object], start: int, end: int, source: Source) -> None:
        self._make: Callable[[], Object] = make
        self._made: Object | None = None
        self.start = start
        self.end = end
        self.source = source

    @property
    def value(self) -> Object:
        """The members."""
        if self._made is None:
            self._made = self._make()
        return self._made


class Body(tree.Body):
    """A resource of a plan in the form in which one of a configuration is declared."""

    __slots__ = ("_change", "_expressions", "_outline", "entry", "label", "name", "values")

    def __init__(self, entry: Entry, outline: Outline) -> None:
        self.entry = entry
        self.name = entry.name
        super().__init__([], [], entry.start, entry.end, entry.name.source)
        self.label = Node(entry.address, entry.start, entry.start, self.source)
        """Stands for the address before all of it, wherever among the members that is."""
        self._outline = outline
        self._change: Node | None = None
        self._expressions: dict[str, Any] | None = None
        self.values = _Values(self._known, self.start, self.end, self.source)

    def _known(self) -> Object:
        after = self._part("after" if self.entry.is_change else "values")
        return after.value if after is not None and isinstance(after.value, Object) else Object()

    def _part(self, name: str) -> Node | None:
        if self._change is None:
            whole = json.value_at(self.source, self.entry.start)
            self._change = (whole.get("change") or whole) if self.entry.is_change else whole
        return self._change.get(name)

    @property
    def unknown(self) -> Node | None:
        """What is not known before it is applied, in the form of the values."""
        return self._part("after_unknown") if self.entry.is_change else None

    @property
    def expressions(self) -> dict[str, Any]:
        """What it is configured with."""
        if self._expressions is None:
            self._expressions = plan_text.part(plan_text.configured(self._outline, self.entry.address), "expressions")
        return self._expressions

    def is_open(self, name: str) -> bool:
        """Whether an argument is given a value that is not known; what AWS makes up by itself is none."""
        open_ = self.unknown.get(name) if self.unknown is not None else None
        return open_ is not None and open_.value is True and name in self.expressions

    def attribute(self, name: str) -> tree.Attribute | None:
        """The argument of that name, without an expression: the configuration knows the value."""
        if name in META:
            return None
        member = self.values.value.member(name)
        if member is None and not self.is_open(name):
            return None
        key = member[0] if member is not None else self.name
        place = member[1] if member is not None else self.name
        value = tree.Broken(place.start, place.end, self.source)
        return tree.Attribute(
            tree.Name(name, key.start, key.end, self.source), value, key.start, place.end, self.source
        )

    def attributes(self) -> Sequence[tree.Attribute]:
        """Every argument."""
        return [found for name in self.names() if (found := self.attribute(name.text)) is not None]

    def names(self) -> Sequence[tree.Name]:
        """The names of all arguments."""
        known = [(str(key.value), key) for key, _ in self.values.value.pairs()]
        open_ = [(name, self.name) for name in self.expressions if self.is_open(name)]
        return [tree.Name(name, place.start, place.end, self.source) for name, place in known + open_]


class _Library(Library):
    """The one module that holds all resources of a plan, by their whole addresses."""

    def __init__(self, bodies: dict[str, Body]) -> None:
        module = Module("", ())
        for address, body in bodies.items():
            module.resources[address] = Declared(address, body.entry.type, address, body.name, body)
        self.faults = []
        self.modules = {"": module}
        self.root = Branch((), None, module)
        self.literals = {}


class PlanConfiguration(Configuration):
    """A plan or a state in one world."""

    def __init__(
        self,
        outline: Outline,
        bodies: dict[str, Body],
        document: Document,
        world: World,
        catalog: Catalog,
        memory: Memory,
    ) -> None:
        super().__init__(_Library(bodies), document, world, catalog, memory, inputs.Values((), (), {}, ()))
        self._outline = outline
        self._bodies = bodies
        self._computed: dict[tuple[str, str], Node | None] = {}
        self._under_way: set[tuple[str, str]] = set()

    def members(self, instance: Instance, declared: Declared) -> Members:
        """In a plan every instance is a resource by itself."""
        return instances.SINGLE

    def value(self, component: Component, name: str) -> Node | None:
        """What a resource is given under a name; None for nothing."""
        key = (component.name, name)
        if key not in self._computed:
            if key in self._under_way:
                return unknown(f"{component.name}.{name}", component.node)
            self._under_way.add(key)
            self._computed[key] = self._value(self._bodies[component.name], name)
            self._under_way.discard(key)
        return self._computed[key]

    def _value(self, body: Body, name: str) -> Node | None:
        full = f"{body.entry.address}.{name}"
        if body.is_open(name):
            return self._referred(body, name) or unknown(full, body.name)
        known = body.values.get(name)
        open_ = body.unknown.get(name) if body.unknown is not None else None
        return known if known is None or open_ is None else _merged(known, open_, full)

    def _region_of(self, component: Component) -> Text:
        own = self.value(component, "region")
        if own is not None and isinstance(own.value, str) and self.catalog.region(own.value) is not None:
            return own.value
        key = plan_text.configured(self._outline, component.name).get("provider_config_key", _PROVIDER)
        if key == _PROVIDER or not isinstance(key, str):
            return self.world_region
        region = _constant(_provider(self._outline, key), self._outline, is_root=not key.startswith("module."))
        return region if self.catalog.region(region) is not None else self._place_hole("AWS::Region")

    # References

    def _referred(self, body: Body, name: str) -> Node | None:
        """What an argument comes to that is nothing but a reference; None where that is not sure."""
        module = plan_text.module_of(self._outline, body.entry.address)
        found = _followed(body.expressions.get(name), module)
        if found is None:
            return None
        prefix, reference = found
        address, attribute = self._addressed(prefix, reference, plan_text.key_of(body.entry.address))
        component = self.component(address) if address else None
        if component is None:
            return None
        wanted = _wanted(name, component.type, attribute)
        return self.attribute_node(component, wanted, body.name) if wanted else None

    def _addressed(self, prefix: str, reference: str, key: str) -> tuple[str, str]:
        """The address of a resource that a reference begins with, and the attribute behind it."""
        steps = reference.split(".")
        length = 3 if steps[0] == "data" else 2
        address, attribute = prefix + ".".join(steps[:length]), ".".join(steps[length:])
        for one in (address, address + key):
            if one in self._bodies:
                return one, attribute
        return "", ""


def _merged(known: Node, open_: Node, name: str) -> Node:
    """A value with holes for what is not known."""
    if open_.value is True:
        return unknown(name, known)
    if isinstance(known.value, Object) and isinstance(open_.value, Object):
        members = Object()
        for key, value in known.value.pairs():
            inner = open_.value.get(key.value)
            members += [key, value if inner is None else _merged(value, inner, f"{name}.{key.value}")]
        for key, value in open_.value.pairs():
            if value.value is True and known.value.get(key.value) is None:
                members += [Node(key.value, known.start, known.start + 1, known.source), _hole(known, name, key)]
        return Value(members, known)
    if type(known.value) is list and type(open_.value) is list and len(known.value) == len(open_.value):
        pairs = zip(known.value, open_.value, strict=True)
        return Value([_merged(value, inner, f"{name}[{at}]") for at, (value, inner) in enumerate(pairs)], known)
    return known


def _hole(known: Node, name: str, key: Node) -> Node:
    return unknown(f"{name}.{key.value}", Node(None, known.start, known.start + 1, known.source))


def _followed(expression: Any, module: plan_text.Module | None) -> tuple[str, str] | None:
    """The one resource that an expression refers to, through variables and outputs: its module's path and its name
    with what is taken of it. What each instance has of its own is left out."""
    for _ in range(_MOST_STEPS):
        named = [name for name in plan_text.references(expression) if name not in _COUNTED]
        if len(named) != 1 or module is None:
            return None
        word, _, rest = named[0].partition(".")
        if word == "var":
            expression, module = plan_text.part(module.call, "expressions", rest.partition(".")[0]), module.above
        elif word == "module":
            call, _, output = rest.partition(".")
            below = plan_text.part(module.configuration, "module_calls", call)
            inner = plan_text.part(below, "module")
            expression = plan_text.part(inner, "outputs", output, "expression")
            module = plan_text.Module(f"{module.path}module.{call}.", inner, below, module)
        elif word in ("local", "path", "terraform", "each", "count", "self"):
            return None
        else:
            return module.path, named[0]
    return None


_IDENTITIES = {"role": "_iam_role", "user": "_iam_user", "group": "_iam_group"}
_PARTS_OF_ARNS = ("source_arn", "resource_arn", "destination_arn")
"""Arguments to whose reference something is often added."""


def _wanted(argument: str, kind: str, attribute: str) -> str:
    """The attribute that an argument certainly is when it refers to a resource of a kind; empty for none.

    A plan names what an expression refers to, and not what it makes of that: `"${aws_s3_bucket.b.arn}/*"` and
    `aws_s3_bucket.b.arn` look the same. Only arguments that take the attribute as it is are followed.
    """
    if argument.endswith("policy"):
        return "json" if kind == _DOCUMENT and attribute in ("json", "minified_json", "") else ""
    end = _IDENTITIES.get(argument)
    if end is not None:
        return (attribute or "name") if kind.endswith(end) and attribute in ("arn", "name", "id", "") else ""
    if argument.endswith("role_arn") or argument in ("execution_role", "service_role", "permissions_boundary"):
        return "arn" if attribute in ("arn", "") and kind.endswith(("_iam_role", "_iam_policy")) else ""
    if argument.endswith("_arn") and argument not in _PARTS_OF_ARNS:
        return attribute if attribute.endswith("arn") else ""
    if argument.endswith(("_id", "_identifier")):
        return attribute if attribute.endswith(("id", "arn", "identifier")) else ""
    return ""
