"""A root module in one world: its resources and those of the modules below it, computed when they are asked for."""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, cast

from bedrock_policy_lint.deployment.deployment import Fault, Parameter, Stretch
from bedrock_policy_lint.deployment.world import OTHER
from bedrock_policy_lint.frontends.template.computed import hole, parts_at, text_of
from bedrock_policy_lint.frontends.template.embedded import Inside, TextsInside
from bedrock_policy_lint.frontends.terraform import (
    attributes,
    data,
    inputs,
    instances,
    policy_documents,
    providers,
    spelling,
)
from bedrock_policy_lint.frontends.terraform.blocks import Reader, reported
from bedrock_policy_lint.frontends.terraform.constraints import filled
from bedrock_policy_lint.frontends.terraform.evaluate import Evaluator
from bedrock_policy_lint.frontends.terraform.instances import Member, Members, Turn
from bedrock_policy_lint.frontends.terraform.module import META, Declared, Module, Variable
from bedrock_policy_lint.frontends.terraform.questions import NULL, Given, Questions
from bedrock_policy_lint.frontends.terraform.records import CIRCULAR, Ledger, Records
from bedrock_policy_lint.frontends.terraform.scope import Found
from bedrock_policy_lint.frontends.terraform.types import STRING
from bedrock_policy_lint.frontends.terraform.values import (
    Exceeded,
    Failed,
    Refused,
    Value,
    convert,
    name_of,
    node_of,
    open_object,
    plain,
    unknown,
)
from bedrock_policy_lint.model.text import Hole, Template, Text, join, split
from bedrock_policy_lint.sources import hcl_tree as tree
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.deployment.world import Choice, World
    from bedrock_policy_lint.frontends.document import Document
    from bedrock_policy_lint.frontends.policies import Memory as Policies
    from bedrock_policy_lint.frontends.terraform.files import Files
    from bedrock_policy_lint.frontends.terraform.inputs import Values
    from bedrock_policy_lint.frontends.terraform.library import Branch, Library
    from bedrock_policy_lint.frontends.terraform.records import Key
    from bedrock_policy_lint.frontends.terraform.registry_modules import Called
    from bedrock_policy_lint.frontends.terraform.scope import Scope

MAX_COMPONENTS = 20_000
"""So many instances of resources are looked at, all modules taken together."""
MAX_CALLED = 5_000
"""So many instances of modules are looked at."""
_COST = 200
"""What the attributes of a resource cost, compared to an expression."""

_ARN_FIELDS = 5


class Memory:
    """What was computed of one configuration, for the next world to take what is the same there."""

    def __init__(self) -> None:
        self.records = Records()
        self.embedded: dict[int, Inside] = {}
        self.policies: Policies = {}
        self.places: dict[int, dict[str, str]] = {}
        """By the identity of a module, all of which live as long as this."""
        self.unpartitioned = cache(_unpartitioned)


class Instance:
    """A module as often as it is called: the scope of everything that it declares."""

    __slots__ = ("branch", "children", "configuration", "key", "module", "parent", "path")

    many = 0

    def __init__(
        self, configuration: Configuration, branch: Branch, module: Module, parent: Instance | None, key: str
    ) -> None:
        self.configuration = configuration
        self.branch = branch
        self.module = module
        self.parent = parent
        self.key = key
        self.path: str = f"{parent.path}module.{branch.path[-1]}{key}." if parent is not None else ""
        """What the addresses of its resources begin with: `module.search["eu"].`; empty for the root module."""
        self.children: dict[tuple[str, str], Instance] = {}

    def look_up(self, path: Sequence[str], place: Node) -> Found | None:
        """What the first of these names stand for."""
        return self.configuration.look_up(self, path, place)

    def pick(self, path: Sequence[str], key: str | int, place: Node) -> Node | None:
        """The instance of a resource with that key."""
        return self.configuration.pick(self, path, key, place)

    def names(self) -> Iterable[str]:
        """What a reference can begin with."""
        module = self.module
        yield from (f"var.{name}" for name in module.variables)
        yield from (f"local.{name}" for name in module.locals)
        yield from module.resources
        yield from (f"module.{name}" for name in module.calls)


class Component:
    """An instance of a resource or data source, whose arguments are computed when they are asked for."""

    __slots__ = (
        "_configuration",
        "consulted",
        "declared",
        "defaults",
        "instance",
        "member",
        "name",
        "node",
        "scope",
        "type",
    )

    def __init__(self, configuration: Configuration, instance: Instance, declared: Declared, member: Member) -> None:
        self._configuration = configuration
        self.instance = instance
        self.declared = declared
        self.member = member
        self.name = f"{instance.path}{declared.address}{member.key}"
        """Its address: `aws_iam_role.chat`, `module.search.aws_iam_role.chat["eu"]`."""
        self.type = declared.type
        """`aws_iam_role`; of a data source `data.aws_iam_policy_document`."""
        self.node = declared.node
        """What names it in the file."""
        self.scope: Scope = instance
        if member.given:
            self.scope = Turn(member.given, instance, lambda: configuration.members(instance, declared))
        self.consulted: frozenset[str] = frozenset()
        """Keys of the questions that it hangs on, as far as it was looked at."""
        self.defaults: frozenset[str] = frozenset()
        """The variables whose defaults that rests on."""

    def __repr__(self) -> str:
        return f"Component({self.name!r})"

    @property
    def is_symbolic(self) -> bool:
        """Whether it stands for any number of resources, perhaps none."""
        instance: Instance | None = self.instance
        keys = [self.member.key]
        while instance is not None:
            keys.append(instance.key)
            instance = instance.parent
        return any(key.startswith(instances.SYMBOLIC[:-1]) for key in keys)

    @property
    def names(self) -> list[str]:
        """The names of its arguments and blocks."""
        return [name.text for name in self._configuration.reader.names(self.declared.body)]

    def get(self, *path: str) -> Node | None:
        """An argument, computed, or what it holds: `get("environment", "variables")`; None when it is absent, null, or
        something on the way is no object. Of several blocks the first is looked into. A value that is not known is a
        text with a hole."""
        node = self._configuration.value(self, path[0]) if path else None
        for at, name in enumerate(path[1:], 1):
            if node is not None and type(node.value) is list:
                node = node.value[0] if node.value else None
            if node is None:
                return None
            node = _member(node, name, ".".join(path[at:]))
        return node if node is not None and node.value is not None else None

    def items(self, *path: str) -> list[Node]:
        """The elements of a list or the blocks of one kind, computed; one value counts as a list of one."""
        node = self.get(*path)
        return [] if node is None else node.items

    def rest_on(self, key: Key) -> None:
        """Take note of what something that was computed for it rests on."""
        record = self._configuration.ledger.record(key)
        if record is not None:
            self.consulted |= record.consulted
            self.defaults |= record.defaults


def _member(node: Node, name: str, rest: str) -> Node | None:
    if isinstance(node.value, Template):
        return unknown(f"{name_of(node)}.{rest}", node)
    if not isinstance(node.value, Object):
        return None
    found = node.value.get(name)
    if found is not None:
        return found
    is_open = (
        isinstance(node, Value)
        and not node.is_known
        and any(isinstance(key.value, Template) for key in node.value[::2])
    )
    return unknown(f"{name_of(node)}.{rest}", node) if is_open else None


class Configuration(TextsInside):
    """A root module in one world."""

    def __init__(
        self,
        library: Library,
        document: Document,
        world: World,
        catalog: Catalog,
        memory: Memory,
        values: Values,
        files: Files | None = None,
    ) -> None:
        assert library.root.module is not None  # noqa: S101 - who opens a folder has found a module there
        self.library = library
        self.document = document
        """Takes the policies, defects and roots."""
        self.world = world
        self.catalog = catalog
        self.memory = memory
        self._texts = memory.embedded
        module = library.root.module
        self.region_variable = providers.region_variable(module)
        self.questions = Questions(module, library.literals, world, self.region_variable)
        self.evaluator = Evaluator(files, self._nearest)
        self.ledger = Ledger(
            self.evaluator,
            memory.records,
            self.questions.state,
            lambda trace: self.questions.is_unlikely(trace.consulted, trace.defaults),
        )
        self.reader = Reader(self.evaluator, self.ask)
        self.root = Instance(self, library.root, module, None, "")
        self._values = values
        self._called = 0
        self._is_full = False
        self._components: dict[str, Component] = {}
        self._asked_for: dict[str, Component | Called] = {}
        self._left_out: set[str] = set()
        self._owners: dict[str, dict[Text, list[Component]]] = {}
        self.computed: dict[str, Callable[[Component, str], Node | None]] = {}
        """By type: what makes attributes of which the files do not say what they come to, such as the `json` of a
        policy document."""
        policy_documents.install(self)

    def _nearest(self, name: str, candidates: Iterable[str]) -> str:
        found = self.catalog.nearest(name, candidates, 1)
        return found[0] if found else ""

    # Resources

    def components(self, *types: str) -> Iterator[Component]:
        """The resources of these types that are made in this world, module by module in the order of the text; all
        without types."""
        by_kind, questions = self._by_kind, self._questions_of_kind
        kinds = types or (*by_kind, *questions)
        made = [kind for kind in dict.fromkeys(kinds) if kind in by_kind]  # a few of the many that are asked for
        found = [component for kind in made for component in by_kind[kind]]
        if len(made) > 1:
            order = self._order
            found.sort(key=lambda component: order[component.name])
        for component in found:
            self._asked_for[component.name] = component
            yield component
        if questions:
            self._left_out.update(*(questions[kind] for kind in kinds if kind in questions))

    def component(self, address: str) -> Component | None:
        """The resource of that address, when it is made in this world."""
        if address not in self._order:
            return None
        found = self._components[address]
        self._asked_for[address] = found
        return found

    def asked_of(self, called: Called) -> Called:
        """Take note that a module which lies elsewhere was looked at."""
        known = self._asked_for.get(called.name)
        if known is not None:
            return cast("Called", known)
        called.rest_on(self.ledger.record(self._members_key(called.instance, f"module.{called.declared.name}")))
        self._asked_for[called.name] = called
        return called

    def peek(self, address: str) -> Component | None:
        """The same for whoever draws no conclusion from it that hangs on the questions which the resource hangs on."""
        return self._components[address] if address in self._order else None

    @cached_property
    def nulls(self) -> dict[tuple[int, int], str]:
        """By where a default of the root module is null: the variable. Who calls the module gives it something else."""
        return {
            (id(variable.default.source), variable.default.start): f"var.{name}"
            for name, variable in self.root.module.variables.items()
            if type(variable.default) is tree.Literal and variable.default.value is None
        }

    @cached_property
    def _by_kind(self) -> dict[str, list[Component]]:
        found: dict[str, list[Component]] = {}
        for component in self._all:
            found.setdefault(component.type, []).append(component)
        return found

    @cached_property
    def _order(self) -> dict[str, int]:
        return {component.name: at for at, component in enumerate(self._all)}

    @cached_property
    def _all(self) -> list[Component]:
        found: list[Component] = []
        waiting = [self.root]
        while waiting:
            instance = waiting.pop()
            self._prepare(instance)
            for declared in instance.module.resources.values():
                members = self.members(instance, declared)
                if members is not instances.SINGLE or instance.parent is not None:
                    self._note_questions(declared.type, self._members_key(instance, declared.address))
                for member in members.found:
                    if len(found) >= MAX_COMPONENTS:
                        self._full(declared.node)
                        return found
                    found.append(self._component(instance, declared, member))
            waiting += reversed(list(self.children(instance)))
        return found

    def _prepare(self, instance: Instance) -> None:
        """Compute inputs and locals from the top down, lest one value hang on another through many modules."""
        for name, variable in instance.module.variables.items():
            self._variable(instance, name, variable.node)
        for name, local in instance.module.locals.items():
            self._local(instance, name, local.node)

    def _full(self, node: Node) -> None:
        message = f"from here on there are more than {MAX_COMPONENTS:,} resources, which are not looked at"
        self.evaluator.note(Fault(node, message, is_warning=True))

    @cached_property
    def _questions_of_kind(self) -> dict[str, set[str]]:
        """By type: the questions on which it hangs how many resources there are."""
        return {}

    def _note_questions(self, kind: str, key: Key) -> None:
        record = self.ledger.record(key)
        if record is not None and record.consulted:
            self._questions_of_kind.setdefault(kind, set()).update(record.consulted)

    def _component(self, instance: Instance, declared: Declared, member: Member) -> Component:
        name = f"{instance.path}{declared.address}{member.key}"
        found = self._components.get(name)
        if found is None:
            found = self._components[name] = Component(self, instance, declared, member)
            if member.given or instance.parent is not None:
                found.rest_on(self._members_key(instance, declared.address))
        return found

    def children(self, instance: Instance) -> Iterator[Instance]:
        """The modules that one calls, as often as they are called."""
        for branch in instance.branch.branches.values():
            if branch.module is not None:
                for member in self.calls(instance, branch).found:
                    if self._called >= MAX_CALLED and (branch.path[-1], member.key) not in instance.children:
                        self._no_more(instance, branch)
                        break
                    yield self.child(instance, branch, member)

    def child(self, instance: Instance, branch: Branch, member: Member) -> Instance:
        """One of the modules that one calls."""
        key = (branch.path[-1], member.key)
        found = instance.children.get(key)
        if found is None:
            assert branch.module is not None  # noqa: S101 - others have no instances
            found = Instance(self, branch, branch.module, instance, member.key)
            instance.children[key] = found
            self._called += 1
        return found

    def _no_more(self, instance: Instance, branch: Branch) -> None:
        message = f"from here on there are more than {MAX_CALLED:,} instances of modules, which are not looked at"
        node = branch.call.node if branch.call is not None else instance.module.home
        if not self._is_full:
            self._is_full = True
            self.evaluator.faults.append(Fault(node, message, is_warning=True))

    def members(self, instance: Instance, declared: Declared) -> Members:
        """The instances of a resource."""
        if instance.parent is None and not declared.is_repeated:
            return instances.SINGLE
        return self._expanded(instance, declared.address, declared.body, declared.node)

    def calls(self, instance: Instance, branch: Branch) -> Members:
        """The instances of a module."""
        call = branch.call
        assert call is not None  # noqa: S101 - only the root module is not called
        return self._expanded(instance, f"module.{call.name}", call.body, call.node)

    def _members_key(self, instance: Instance, address: str) -> Key:
        return "members", instance.path, address

    def _expanded(self, instance: Instance, address: str, body: Any, node: Node) -> Members:
        full = f"{instance.path}{address}"
        key = self._members_key(instance, address)

        def make() -> Members:
            self._rest_on_existence(instance)
            return instances.expand(body, instance, full, self.evaluator, self.ask)

        found = self.ledger.once(key, make)
        if found is CIRCULAR:
            message = f"the number of instances of `{full}` depends on `{full}` itself"
            self.evaluator.fault(node, message, "compute `count` or `for_each` from something else")
            return instances.SINGLE
        return found  # type: ignore[no-any-return]

    def _rest_on_existence(self, instance: Instance) -> None:
        """Note that what a module declares is there only as often as the module."""
        if instance.parent is not None:
            self.calls(instance.parent, instance.branch)

    def ask(self, condition: str) -> bool:
        """Whether a condition holds that nobody can settle, noted as a question."""
        answer = self.questions.answer(condition)
        self.ledger.trace.rests_on[f"?{condition}"] = answer
        self.ledger.trace.consulted.add(condition)
        return answer == "true"

    # Values

    def value(self, component: Component, name: str) -> Node | None:
        """What a resource is declared with under a name; None for nothing."""
        key = ("value", component.name, id(component.declared), name)
        settled = self.memory.records.plain
        if key in settled:
            return settled[key]  # type: ignore[no-any-return]
        body, scope = component.declared.body, component.scope

        def make() -> Node | None:
            self.members(component.instance, component.declared)
            return self.reader.value(body, name, scope)

        found = self.ledger.once(key, make)
        if found is CIRCULAR:
            self._circular(f"{component.name}.{name}", component.node)
            return unknown(f"{component.name}.{name}", component.node)
        component.rest_on(key)
        return found  # type: ignore[no-any-return]

    def _circular(self, name: str, place: Node) -> None:
        hint = "break the cycle: remove one of these references"
        self.evaluator.fault(place, f"`{name}` refers to itself, directly or through others", hint)

    def look_up(self, instance: Instance, path: Sequence[str], place: Node) -> Found | None:  # noqa: PLR0911
        """What the first of these names stand for in a module."""
        word, name = path[0], path[1] if len(path) > 1 else ""
        if word in ("var", "local") and name:
            node = self._variable(instance, name, place) if word == "var" else self._local(instance, name, place)
            return Found(node, 2) if node is not None else self._open(instance, path, place)
        if word == "module" and name:
            return self._of_module(instance, path, place)
        if word == "path" and name:
            return Found(_path(instance, name, place), 2)
        if word == "terraform" and name:
            self.ledger.trace.rests_on["workspace"] = self.world.workspace
            if name == "workspace" and self.world.workspace:
                return Found(plain(self.world.workspace, place), 2)
            return Found(unknown(f"terraform.{name}", place, STRING), 2)
        length = 3 if word == "data" else 2
        declared = instance.module.resources.get(".".join(path[:length]))
        if declared is None or len(path) < length:
            return self._open(instance, path, place)
        members = self.members(instance, declared)
        components = [self._component(instance, declared, member) for member in members.found]
        if members.kind == "single" and len(path) > length:
            return Found(self.attribute_node(components[0], path[length], place), length + 1)
        self.evaluator.spend(_COST * len(components), place)
        nodes = [self._object(component, place) for component in components]
        return Found(instances.together(members, nodes, f"{instance.path}{declared.address}", declared.node), length)

    def pick(self, instance: Instance, path: Sequence[str], key: str | int, place: Node) -> Node | None:
        """The instance of a resource with that key; None where that is not certain, or there is none."""
        declared = instance.module.resources.get(".".join(path))
        if declared is None:
            return None
        members = self.members(instance, declared)
        wanted = f"[{key}]" if isinstance(key, int) else f'["{key}"]'
        found = next((member for member in members.found if member.key == wanted), None)
        if found is None or any(member.is_symbolic for member in members.found):
            return None
        return self._object(self._component(instance, declared, found), place)

    def _open(self, instance: Instance, path: Sequence[str], place: Node) -> Found | None:
        """What has no declaration: not known where that may stand in a file that could not be read."""
        if not instance.module.is_open or path[0] in ("each", "count", "self"):
            return None
        length = min(len(path), 3 if path[0] == "data" else 2)
        return Found(unknown(f"{instance.path}{'.'.join(path[:length])}", place), length)

    def _local(self, instance: Instance, name: str, place: Node) -> Node | None:
        local = instance.module.locals.get(name)
        if local is None:
            return None
        full = f"{instance.path}local.{name}"
        key = ("local", instance.path, name, id(local))
        found = self.ledger.once(key, lambda: self.evaluator.define(local.value, instance, full))
        if found is CIRCULAR:
            self._circular(full, place)
            return unknown(full, place)
        return found  # type: ignore[no-any-return]

    def _of_module(self, instance: Instance, path: Sequence[str], place: Node) -> Found | None:
        name = path[1]
        branch = instance.branch.branches.get(name)
        if branch is None:
            return self._open(instance, path, place)
        full = f"{instance.path}module.{name}"
        if branch.module is None:
            return Found(unknown(f"{full}.{path[2]}" if len(path) > 2 else full, place), min(len(path), 3))
        members = self.calls(instance, branch)
        below = [self.child(instance, branch, member) for member in members.found]
        if members.kind == "single" and len(path) > 2:
            node = self.output(below[0], path[2])
            return Found(node if node is not None else self._no_output(below[0], path[2], place), 3)
        nodes = [self._outputs(child, place) for child in below]
        return Found(instances.together(members, nodes, full, branch.call.node if branch.call else place), 2)

    def _no_output(self, child: Instance, name: str, place: Node) -> Node:
        full = f"{child.path}{name}"
        if not child.module.is_open:
            hint = self.evaluator.nearest(name, child.module.outputs)
            self.evaluator.fault(place, f"the module `{child.branch.path[-1]}` has no output `{name}`", hint)
        self.evaluator.doubts += 1
        return unknown(full, place)

    def output(self, instance: Instance, name: str) -> Node | None:
        """What a module gives out under a name; None when it gives nothing of that name."""
        output = instance.module.outputs.get(name)
        if output is None:
            return None
        full = f"{instance.path}{name}"
        attribute = output.body.attribute("value")
        if attribute is None:
            return unknown(full, output.node)
        found = self.ledger.once(
            ("output", instance.path, name, id(output)),
            lambda: self.evaluator.define(attribute.value, instance, full),
        )
        if found is CIRCULAR:
            self._circular(full, output.node)
            return unknown(full, output.node)
        return found  # type: ignore[no-any-return]

    def _outputs(self, instance: Instance, place: Node) -> Node:
        """All that a module gives out."""
        under_way = self.ledger.under_way
        members = Object()
        for name, output in instance.module.outputs.items():
            # One that is being computed is left out: nobody says that this refers to it.
            if ("output", instance.path, name, id(output)) not in under_way:
                node = self.output(instance, name)
                members += [output.node, node if node is not None else unknown(f"{instance.path}{name}", place)]
        return open_object(members, instance.path.removesuffix("."), place)

    # Attributes

    def _object(self, component: Component, place: Node) -> Node:
        """A resource as a whole."""
        under_way = self.ledger.under_way
        members = Object()
        for name in dict.fromkeys((*component.names, *attributes.known(component.type))):
            if ("value", component.name, id(component.declared), name) not in under_way:
                members += [plain(name, component.node), self.attribute_node(component, name, place)]
        return open_object(members, component.name, component.node)

    def attribute_node(self, component: Component, name: str, place: Node) -> Node:
        """What a reference to an attribute of a resource comes to."""
        found = self._found(component, name, place)
        if found is not None:
            return found
        full = f"{component.name}.{name}"
        text = self._form(component, name)
        if text is None:
            return unknown(full, place)
        return Value(text, place, None if isinstance(text, str) else STRING, parts_at(text, place))

    def _found(self, component: Component, name: str, place: Node) -> Node | None:
        """An attribute that the files say something of; None where there is but the form that AWS documents."""
        make = self.computed.get(component.type)
        made = make(component, name) if make is not None else None
        if made is not None:
            return made
        if name not in META and _is_declared(component.declared, name):
            node = self.value(component, name)
            if node is not None and node.value is not None:
                is_argument = component.declared.body.attribute(name) is not None
                return node if is_argument else reported(node, f"{component.name}.{name}")
        return data.attribute(self, component, name, place)

    def attribute(self, component: Component, name: str) -> Text:
        """What an attribute of a resource comes to as a text, in the form that AWS documents where that is known."""
        found = self._found(component, name, component.node)
        text = text_of(found) if found is not None else self._form(component, name)
        return text if text is not None else Template((hole(f"{component.name}.{name}"),))

    def _form(self, component: Component, name: str) -> Text | None:
        key = ("form", component.name, name)
        found = self.ledger.once(key, lambda: self._formed(component, name))
        return None if found is CIRCULAR else found

    def _formed(self, component: Component, name: str) -> Text | None:
        def read(argument: str) -> Text | None:
            node = self.value(component, argument) if _is_declared(component.declared, argument) else None
            return text_of(node) if node is not None else None

        return attributes.attribute(
            component.type, component.name, name, read, lambda place: self.place(place, component)
        )

    # Where it is deployed

    def place(self, name: str, component: Component | None = None) -> Text:
        """The Region, account or partition, or the suffix of host names; a hole where the world leaves it open."""
        region = self.region_of(component) if component is not None else self.world_region
        self.ledger.trace.rests_on["region"] = self.world.region
        if name == "AWS::Region":
            return region
        if name == "AWS::AccountId":
            self.ledger.trace.rests_on["account"] = self.world.account
            return self.world.account or self._place_hole(name)
        partition = self.catalog.partition_of(region) if isinstance(region, str) else None
        partition = partition or (self.catalog.partition_of(self.world.region) if self.world.region else None)
        if name == "AWS::Partition":
            return partition or self._place_hole(name)
        suffix = {"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com", "aws-cn": "amazonaws.com.cn"}
        return suffix.get(partition or "") or self._place_hole(name)

    @property
    def world_region(self) -> Text:
        """The Region of this world; a hole where it is open."""
        self.ledger.trace.rests_on["region"] = self.world.region
        return self.world.region or self._place_hole("AWS::Region")

    def _place_hole(self, name: str) -> Text:
        return Template((Hole(name, f"${{{self.places[name]}}}"),))

    def places_of(self, module: Module) -> dict[str, str]:
        """How a module writes what only the place of a deployment settles."""
        known = self.memory.places
        if id(module) not in known:  # all of its text is searched
            known[id(module)] = spelling.places(module)
        return known[id(module)]

    @cached_property
    def places(self) -> dict[str, str]:
        """The same for the root module, whose Region may be that of a variable."""
        found = self.places_of(self.root.module)
        return found | {spelling.REGION: f"var.{self.region_variable}"} if self.region_variable else found

    def region_of(self, component: Component) -> Text:
        """The Region that a resource is made in."""
        key = ("region of", component.name)
        found = self.ledger.once(key, lambda: self._region_of(component))
        return self.world_region if found is CIRCULAR else found

    def _region_of(self, component: Component) -> Text:
        body = component.declared.body
        own = "region" if _is_declared(component.declared, "region") else ""
        if component.type == "data.aws_region" and not own and body.attribute("name") is not None:
            own = "name"
        node = self.value(component, own) if own else None
        text = text_of(node) if node is not None and node.value is not None else None
        if text:
            return text
        return providers.region(self, component.instance, providers.of(body, component.type))

    # Variables

    def _variable(self, instance: Instance, name: str, place: Node) -> Node | None:
        variable = instance.module.variables.get(name)
        if variable is None:
            return None
        full = f"{instance.path}var.{name}"
        make: Callable[[], Node] = (
            (lambda: self._root_value(variable))
            if instance.parent is None
            else lambda: self._passed(instance, variable)
        )
        found = self.ledger.once(("var", instance.path, name, id(variable)), make)
        if found is CIRCULAR:
            self._circular(full, place)
            return unknown(full, place)
        return found  # type: ignore[no-any-return]

    def _root_value(self, variable: Variable) -> Node:
        given = self.questions.given(variable)
        trace = self.ledger.trace
        key = f"var.{variable.name}"
        trace.rests_on[key] = given
        if given.kind == "answer":
            trace.consulted.add(key)
        if given.has_default:
            trace.defaults.add(key)
        return self._typed(self._given(variable, given), variable, key)

    def _given(self, variable: Variable, given: Given) -> Node:
        name, home, type_ = f"var.{variable.name}", variable.node, variable.shape.type
        if given.kind == "supplied":
            written = self._values.written(variable.name, given.text)
            return inputs.supplied(given.text, written, type_, home, self.evaluator)
        if given.has_default and variable.default is not None:
            return self.evaluator.define(variable.default, inputs.Nothing(), name)
        if given.kind == "answer":
            return self._answered(variable, given.text, name)
        if variable.name == self.region_variable and not variable.checks.allowed:
            text = self._place_hole("AWS::Region")
            return Value(text, home, STRING, parts_at(text, home), unknown=name)
        return unknown(name, home, type_, variable.checks.allowed)

    def _answered(self, variable: Variable, answer: str, name: str) -> Node:
        home, type_ = variable.node, variable.shape.type
        if answer == NULL:
            return Value(None, home, type_)
        if answer != OTHER:
            return plain(answer, home)
        found = unknown(name, home, type_, self.questions.rest(variable))
        found.never = frozenset(None if one == NULL else one for one in self.questions.answers(variable))
        return found

    def _passed(self, instance: Instance, variable: Variable) -> Node:
        call, parent = instance.branch.call, instance.parent
        assert call is not None  # noqa: S101 - the root module has its own way
        assert parent is not None  # noqa: S101
        attribute = call.body.attribute(variable.name)
        full = f"{instance.path}var.{variable.name}"
        if attribute is None:
            return self._typed(self._default(variable, full), variable, full)
        members = self.calls(parent, instance.branch)
        member = next(one for one in members.found if one.key == instance.key)
        scope: Scope = parent
        if member.given:
            scope = Turn(member.given, parent, lambda: None)
        node = self.evaluator.define(attribute.value, scope, full)
        if node.value is None and not variable.is_nullable:
            node = self._default(variable, full)
        return self._typed(node, variable, full)

    def _default(self, variable: Variable, full: str) -> Node:
        if variable.default is None:
            return unknown(full, variable.node, variable.shape.type, variable.checks.allowed)
        return self.evaluator.define(variable.default, inputs.Nothing(), full)

    def _typed(self, node: Node, variable: Variable, full: str) -> Node:
        if isinstance(node, Refused):
            return unknown(full, node, variable.shape.type)
        try:
            whole = filled(node, variable.shape, lambda one: self.evaluator.define(one, inputs.Nothing()))
            found = convert(whole, variable.shape.type)
        except Failed as failed:
            self.evaluator.failed(failed)
        except Exceeded as exceeded:
            if exceeded.message:
                self.evaluator.failed(exceeded)
        else:
            if isinstance(found, Value) and isinstance(node, Value) and node.never:
                found.never = node.never
            return found
        return unknown(full, node_of(node), variable.shape.type)

    # Names

    def owner(self, node: Node, *types: str) -> Component | None:
        """The resource that a computed value names: by a reference, or because its name or ARN is this text.

        With types, one of these; a text that names several resources names none.
        """
        text = text_of(node)
        if text is None or text == "":
            return None
        if isinstance(text, Template) and len(text.parts) == 1:
            found = self._by_reference(text.holes[0].name)
            if found is not None:
                return found if not types or found.type in types else None
        text = self.memory.unpartitioned(text)
        fitting = [one for kind in types or tuple(self._by_kind) for one in self._named(kind).get(text, ())]
        names = {one.name for one in fitting}
        return self.component(fitting[0].name) if len(names) == 1 else None

    def _by_reference(self, name: str) -> Component | None:
        """The resource that the name of a hole begins with."""
        while name:
            found = self._by_spelling.get(name)
            if found is not None:
                return self.component(found)
            if name.endswith("]"):
                found_any = self._of_any_number(name)
                if found_any is not None:
                    return found_any
                name = name.rpartition("[")[0]
            else:
                name = name.rpartition(".")[0]
        return None

    def _of_any_number(self, name: str) -> Component | None:
        """The resource that stands for each of any number, by a reference to one of them with a key."""
        for at, char in enumerate(name):
            if char == "[":
                found = self._by_spelling.get(name[:at] + instances.SYMBOLIC)
                if found is not None:
                    return self.component(found)
        return None

    @cached_property
    def _by_spelling(self) -> dict[str, str]:
        """Addresses by the way in which the names of holes spell them."""
        return {hole(address).name: address for address in self._order}

    def _named(self, kind: str) -> dict[Text, list[Component]]:
        """The resources of a type by their names and ARNs; computed for those types alone that somebody asks for."""
        found = self._owners.get(kind)
        if found is None:
            found = self._owners[kind] = {}
            for component in self._by_kind.get(kind, ()):
                for name in attributes.known(kind):
                    text = self.memory.unpartitioned(self.attribute(component, name))
                    found.setdefault(text, []).append(component)
        return found

    # What it is like as a whole

    @property
    def faults(self) -> list[Fault]:
        """What is wrong with the files, in their order, as far as it was looked at; of locals and outputs all of it."""
        for instance in self.instances():
            self._prepare(instance)
        for name in self.root.module.outputs:
            self.output(self.root, name)
        found: list[Fault] = [*self.library.faults, *self._values.faults]
        for module in self.library.modules.values():
            found += module.faults if module is not None else ()
        found += self.evaluator.faults
        told: dict[tuple[str, int, str], Fault] = {}
        for fault in found:
            told.setdefault((fault.node.source.path, fault.node.start, fault.message), fault)
        return [told[key] for key in sorted(told)]

    def instances(self) -> Iterator[Instance]:
        """The root module and those below it, as often as they are called."""
        waiting = [self.root]
        while waiting:
            instance = waiting.pop()
            yield instance
            waiting += self.children(instance)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The values that are supplied when it is deployed."""
        found: list[Parameter] = []
        for variable in self.root.module.variables.values():
            default = node_of(variable.default) if variable.default is not None else None
            if default is not None:
                kept, self.evaluator.faults = self.evaluator.faults, []
                default = self.evaluator.define(variable.default, inputs.Nothing()) if variable.default else None
                self.evaluator.faults = kept
            checks, is_supplied = variable.checks, variable.name in self.world.parameters
            name = f"var.{variable.name}"
            found.append(Parameter(name, variable.node, default, checks.allowed, checks.pattern, is_supplied))
        return tuple(found)

    @property
    def _questions(self) -> list[str]:
        asked = (component.consulted for component in self._asked_for.values())
        return sorted(self._left_out.union(*asked))

    @property
    def answers(self) -> dict[str, Choice]:
        """The questions on which it hangs what is asked for, with their answers in this world."""
        return {key: self.questions.current(key) for key in self._questions}

    @property
    def alternatives(self) -> tuple[Choice, ...]:
        """All other answers to these questions."""
        return tuple(choice for key in self._questions for choice in self.questions.others(key))

    @property
    def defaults(self) -> dict[Stretch, frozenset[str]]:
        """By where a resource stands that was asked for: the variables whose defaults it rests on, in any instance."""
        found: dict[Stretch, frozenset[str]] = {}
        for component in self._asked_for.values():
            node, body = component.node, component.declared.body
            place = Stretch(node.source.path, node.start, max(node.end, body.end))
            found[place] = found.get(place, frozenset()) | component.defaults
        return found


def _is_declared(declared: Declared, name: str) -> bool:
    """Whether a resource is declared with an argument or a block of that name."""
    body = declared.body
    if body.attribute(name) is not None or body.blocks(name):
        return True
    return any(block.labels[0].text == name for block in body.blocks("dynamic", 1))


def _path(instance: Instance, name: str, place: Node) -> Node:
    if name == "module":
        return plain(instance.module.folder or ".", place)
    return plain(".", place) if name == "root" else unknown(f"path.{name}", place, STRING)


def _unpartitioned(text: Text) -> Text:
    """A text by which resources are found: whether a partition is spelled out makes no difference to an ARN."""
    first = text.parts[0] if isinstance(text, Template) else text
    if isinstance(first, Hole) or not first.startswith("arn:"):
        return text  # as nearly all are: names and ids
    fields = split(text, ":", _ARN_FIELDS)
    if len(fields) <= _ARN_FIELDS:
        return text
    return join([part for field in fields[2:] for part in (":", *_parts(field))])


def _parts(text: Text) -> tuple[str | Hole, ...]:
    return text.parts if isinstance(text, Template) else (text,)
