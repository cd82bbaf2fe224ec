"""Modules as they are written: what the files of one folder declare together."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any, NamedTuple

from bedrock_policy_lint.deployment.deployment import Fault
from bedrock_policy_lint.frontends.terraform.constraints import Shape, shape_of
from bedrock_policy_lint.frontends.terraform.literals import literals_in
from bedrock_policy_lint.frontends.terraform.validations import Validated, validated
from bedrock_policy_lint.sources import hcl_tree as tree
from bedrock_policy_lint.sources.files import MODULE_NAMES, VARIABLE_NAMES, Refusal
from bedrock_policy_lint.sources.node import Node
from bedrock_policy_lint.sources.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from bedrock_policy_lint.frontends.declared_policies import Load

    Names = Callable[[str], "Sequence[str] | Refusal"]

MAX_FILES = 10_000
"""So many files may one module have."""

_OVERRIDES = ("override.tf", "override.tofu", "override.tf.json", "override.tofu.json")
_META = ("count", "for_each", "provider", "providers", "depends_on", "lifecycle", "provisioner", "connection")
META = frozenset(_META)
"""Arguments of every resource that do not belong to it."""


class Tree(NamedTuple):
    """The files that may be read, by paths from the folder of the root module on."""

    load: Load
    """Reads a file, or says why it cannot be had."""
    names: Names
    """The names of the files in a folder."""


class File(NamedTuple):
    """A file that was read."""

    path: str
    """From the root module's folder on."""
    source: Source
    body: tree.Body
    errors: list[tree.HclError]
    """Those of JSON come as it is looked through."""
    is_override: bool

    @property
    def is_json(self) -> bool:
        """Whether it is written in JSON."""
        return is_json(self.source)


class Merged(tree.Body):
    """A body with what override files say of it: an argument replaces the argument, blocks all blocks of their type."""

    __slots__ = ("_layers",)

    def __init__(self, layers: list[tree.Body]) -> None:
        first = layers[0]
        super().__init__([], [], first.start, first.end, first.source)
        self._layers = layers[::-1]

    def attribute(self, name: str) -> tree.Attribute | None:
        """The argument of that name."""
        return next((found for layer in self._layers if (found := layer.attribute(name)) is not None), None)

    def attributes(self) -> Sequence[tree.Attribute]:
        """Every argument."""
        found = {one.name.text: one for layer in reversed(self._layers) for one in layer.attributes()}
        return list(found.values())

    def blocks(self, type_: str, labels: int = 0) -> Sequence[tree.Block]:
        """The blocks of that type that have so many labels."""
        return next((found for layer in self._layers if (found := layer.blocks(type_, labels))), ())

    def reference(self, name: str) -> tree.Attribute | None:
        """The argument of that name where it names things."""
        return next((found for layer in self._layers if (found := layer.reference(name)) is not None), None)

    def names(self) -> Sequence[tree.Name]:
        """The names of all arguments and blocks."""
        found = {one.text: one for layer in reversed(self._layers) for one in layer.names()}
        return list(found.values())


class Variable(NamedTuple):
    """A declared input of a module."""

    name: str
    node: Node
    """Of its name."""
    body: tree.Body
    default: tree.Expression | None
    shape: Shape
    checks: Validated
    is_nullable: bool
    is_sensitive: bool


class Declared(NamedTuple):
    """A resource or data source, as it is written."""

    address: str
    """`aws_iam_role.chat`, `data.aws_region.current`."""
    type: str
    """`aws_iam_role`; `data.aws_region`."""
    name: str
    node: Node
    """Of its name."""
    body: tree.Body
    is_repeated: bool = False
    """Whether it says how often there is one."""

    @property
    def is_data(self) -> bool:
        """Whether it is a data source."""
        return self.type.startswith("data.")


class Call(NamedTuple):
    """A `module` block."""

    name: str
    node: Node
    body: tree.Body


class Local(NamedTuple):
    """An entry of `locals`."""

    node: Node
    value: tree.Expression


class Output(NamedTuple):
    """An output of a module."""

    node: Node
    body: tree.Body


class Module:
    """What the files of one folder declare."""

    def __init__(self, folder: str, files: tuple[File, ...], faults: Iterable[Fault] = ()) -> None:
        self.folder = folder
        """From the root module's folder on; empty for that itself."""
        self.files = files
        self.variables: dict[str, Variable] = {}
        self.locals: dict[str, Local] = {}
        self.resources: dict[str, Declared] = {}
        self.calls: dict[str, Call] = {}
        self.outputs: dict[str, Output] = {}
        self.providers: dict[str, Call] = {}
        """By name and alias: `aws`, `aws.west`."""
        self._faults = list(faults)
        self.is_open = bool(self._faults)
        """Whether it may declare more than could be read."""
        for file in files:
            self._take(file)
        self.is_open = self.is_open or any(file.errors for file in files)
        self.literals = literals_in(self)
        """By variable: what it is compared to."""

    @property
    def faults(self) -> Iterator[Fault]:
        """What is wrong with the files."""
        yield from self._faults
        for file in self.files:
            for error in file.errors:
                yield fault_of(error)

    @property
    def home(self) -> Node:
        """A place for what concerns all of it."""
        source = self.files[0].source if self.files else Source(self.folder or ".", "")
        return Node(None, 0, 0, source)

    def fault(self, node: Node, message: str, hint: str = "") -> None:
        """Note that something is wrong."""
        self._faults.append(Fault(node, message, hint))

    def _take(self, file: File) -> None:
        body = file.body
        for block in body.blocks("variable", 1):
            self._declare(self.variables, block, file, "variable", block.labels[0].text, _variable)
        for block in body.blocks("locals"):
            for attribute in block.body.attributes():
                self._local(attribute, file)
        for kind, prefix in (("resource", ""), ("data", "data.")):
            for block in body.blocks(kind, 2):
                name = f"{prefix}{block.labels[0].text}.{block.labels[1].text}"
                self._declare(self.resources, block, file, "resource" if not prefix else "data source", name, _resource)
        for block in body.blocks("module", 1):
            self._declare(self.calls, block, file, "module", block.labels[0].text, _call)
        for block in body.blocks("output", 1):
            self._declare(self.outputs, block, file, "output", block.labels[0].text, _output)
        for block in body.blocks("provider", 1):
            alias = block.body.attribute("alias")
            text = tree.plain_text(alias.value) if alias is not None else None
            name = f"{block.labels[0].text}.{text}" if text else block.labels[0].text
            self._declare(self.providers, block, file, "provider", name, _call)

    def _declare(
        self,
        home: dict[str, Any],
        block: tree.Block,
        file: File,
        word: str,
        name: str,
        make: Callable[[str, tree.Block, tree.Body], Any],
    ) -> None:
        there = home.get(name)
        if there is not None and file.is_override:
            home[name] = make(name, block, Merged([there.body, block.body]))._replace(node=there.node)
            return
        if there is not None:
            place = there.node.source.path
            line = there.node.source.point(there.node.start).line
            message = f"the {word} `{name}` is declared already, in {place} on line {line}"
            self.fault(_label_node(block), message, "give one of the two another name")
            return
        home[name] = make(name, block, block.body)

    def _local(self, attribute: tree.Attribute, file: File) -> None:
        name = attribute.name.text
        there = self.locals.get(name)
        if there is not None and not file.is_override:
            line = there.node.source.point(there.node.start).line
            message = f"`local.{name}` has a value already, in {there.node.source.path} on line {line}"
            self.fault(name_node(attribute.name), message, "keep one of the two")
            return
        self.locals[name] = Local(name_node(attribute.name), attribute.value)


def name_node(name: tree.Name) -> Node:
    """A name as a node."""
    return Node(name.text, name.start, name.end, name.source)


def fault_of(error: tree.HclError) -> Fault:
    """What is wrong with a text as a fault."""
    return Fault(Node(None, error.start, error.end, error.source), error.message, error.hint, opened=error.opened)


def _label_node(block: tree.Block) -> Node:
    return name_node(block.labels[-1])


def _variable(name: str, block: tree.Block, body: tree.Body) -> Variable:
    default = body.attribute("default")
    type_ = body.reference("type")
    return Variable(
        name,
        _label_node(block),
        body,
        default.value if default is not None else None,
        shape_of(type_.value if type_ is not None else None),
        validated(name, body),
        _flag(body, "nullable", default=True),
        _flag(body, "sensitive", default=False),
    )


def _flag(body: tree.Body, name: str, *, default: bool) -> bool:
    attribute = body.attribute(name)
    if attribute is None or type(attribute.value) is not tree.Literal:
        return default
    return attribute.value.value in (True, "true")


def _resource(name: str, block: tree.Block, body: tree.Body) -> Declared:
    kind, _, last = name.rpartition(".")
    is_repeated = body.attribute("count") is not None or body.attribute("for_each") is not None
    return Declared(name, kind, last, _label_node(block), body, is_repeated)


def _call(name: str, block: tree.Block, body: tree.Body) -> Call:
    return Call(name, _label_node(block), body)


def _output(name: str, block: tree.Block, body: tree.Body) -> Output:
    return Output(_label_node(block), body)


# Reading


def read(folder: str, files: Tree) -> Module | None:
    """The module in a folder; None where there is none, or where it may not be looked at."""
    names = files.names(folder)
    if isinstance(names, Refusal):
        return None
    wanted = sorted(name for name in names if name.endswith(MODULE_NAMES) and not name.startswith("."))
    # Of two files that differ in `.tofu` alone the other one does not count.
    hidden = {name.replace(".tofu", ".tf") for name in wanted if ".tofu" in name}
    wanted = [name for name in wanted if name not in hidden]
    if not wanted:
        return None
    faults: list[Fault] = []
    read_: list[File] = []
    for name in sorted(wanted[:MAX_FILES], key=lambda name: (_is_override(name), name)):
        path = posixpath.join(folder, name)
        found = _file(path, files, is_override=_is_override(name))
        if isinstance(found, Fault):
            faults.append(found)
        else:
            read_.append(found)
    if len(wanted) > MAX_FILES:
        node = Node(None, 0, 0, read_[0].source if read_ else Source(folder, ""))
        faults.append(Fault(node, f"this module has more than {MAX_FILES:,} files; the rest is not read"))
    return Module(folder, tuple(read_), faults)


def _is_override(name: str) -> bool:
    return name in _OVERRIDES or name.removesuffix(".json").endswith(("_override.tf", "_override.tofu"))


def _file(path: str, files: Tree, *, is_override: bool) -> File | Fault:
    source = files.load(path)
    if isinstance(source, Refusal):
        node = Node(None, source.start, source.end, source.source)
        return Fault(node, f"this file cannot be read: {source.message}", source.hint)
    body, errors = parse(source)
    return File(path, source, body, errors, is_override)


def is_json(source: Source) -> bool:
    """Whether a text is one of JSON: by the name of its file, or of a text without such a name by its content."""
    if source.path.endswith((*MODULE_NAMES, *VARIABLE_NAMES)):
        return source.path.endswith(".json")
    return source.text.lstrip().startswith("{")


def parse(source: Source) -> tuple[tree.Body, list[tree.HclError]]:
    """The tree of a file in either language."""
    if is_json(source):
        from bedrock_policy_lint.sources import hcl_json

        return hcl_json.read(source)
    from bedrock_policy_lint.sources import hcl

    return hcl.read(source)
