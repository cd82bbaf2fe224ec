"""Templates inside templates: nested stacks, applications and stack sets, each with the values that it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.deployment.deployment import Fault
from bedrock_policy_lint.deployment.world import World
from bedrock_policy_lint.frontends import cdk
from bedrock_policy_lint.frontends.template import policies, sam_globals, tree
from bedrock_policy_lint.frontends.template.computed import hole, text_of
from bedrock_policy_lint.frontends.template.stack import Component, Memory, Stack, open_stack
from bedrock_policy_lint.model.text import Hole, Template, Text, is_text, join, parts_of
from bedrock_policy_lint.sources.files import Refusal
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import EmbeddedSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.frontends.declared_policies import Load

MAX_DEPTH = 8
"""So deep may stacks nest."""
MAX_STACKS = 200
"""So many stacks may one template lead to."""

_STACK, _APPLICATION, _SET = (
    "AWS::CloudFormation::Stack",
    "AWS::Serverless::Application",
    "AWS::CloudFormation::StackSet",
)
_TOLD = ("TemplateURL", "Location", "Parameters")
"""The properties that outputs hang on."""
_DEEPEST = 50
_STEP = 6
"""So much deeper are values in a nested stack, in terms of the evaluator's own limit."""
_ASSET = "aws:asset:path"
_EVERYWHERE = frozenset({"AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::URLSuffix"})
"""Names that mean the same in a nested stack as around it."""
_GLOBAL = ("ImportValue ", "resolve:")
_ABOVE = "../"


class Child(NamedTuple):
    """A template that another one deploys, with the stack that it becomes."""

    name: str
    """The logical ids that lead to it: `Search`, `Search.Index`."""
    component: Component
    """What deploys it."""
    stack: Stack
    policies: policies.Memory
    """Keeps its policies from one world to the next."""
    load: Load
    """Reads files by their path as this template writes it."""


class _File(NamedTuple):
    """A template that was read."""

    root: Node
    parsed: tree.Parsed
    memory: Memory
    policies: policies.Memory
    path: str
    """As the outermost template would write it; empty for one that stands in a string."""


class _Given(NamedTuple):
    """What a parent gives to its child."""

    texts: dict[str, Text]
    unknown: frozenset[str]


class Family:
    """Opens the stacks that one template leads to, in any number of worlds; each file is read once."""

    def __init__(self, catalog: Catalog, load: Load) -> None:
        self._catalog = catalog
        self._load = load
        self._files: dict[str, _File | Refusal] = {}
        self._inline: dict[int, tuple[Node, _File | None]] = {}

    def children(self, stack: Stack) -> tuple[list[Child], list[Fault]]:
        """The stacks below one, parents first, and what keeps others from being read."""
        return _Opening(self, stack).result()

    def load_from(self, folder: str) -> Load:
        """What reads files by their path as a template in that folder writes it."""
        return lambda written: self._load(_joined(folder, written))

    def file(self, path: str) -> _File | Refusal:
        """The template in a file."""
        if path not in self._files:
            self._files[path] = self._read(path)
        return self._files[path]

    def _read(self, path: str) -> _File | Refusal:
        source = self._load(path)
        if isinstance(source, Refusal):
            return source
        parsed = tree.parse(source)
        if parsed.root is None:
            failure = parsed.failure
            return Refusal(source, failure.message if failure else "it cannot be read", failure.hint if failure else "")
        if tree.dialect(parsed.root) != tree.CLOUDFORMATION:
            return Refusal(source, "it is no template of CloudFormation", "check the path")
        return _File(parsed.root, parsed, Memory(), {}, path)

    def inline(self, body: Node, stack: Stack) -> _File | None:
        """The template in a string; None when it cannot be read."""
        known = self._inline.get(id(body))
        if known is None:
            known = self._inline[id(body)] = body, _inline(body, stack)
        return known[1]

    def open(self, file: _File, world: World, given: _Given) -> Stack:
        """A template that was read, as a stack."""
        whole = file.memory.outline.root if file.memory.outline is not None else sam_globals.with_globals(file.root)
        document = file.parsed.document(file.root)
        document.template = file.root
        stack = open_stack(whole, document, world, self._catalog, file.memory)
        stack.evaluator.passed = {name: text for name, text in given.texts.items() if isinstance(text, Template)}
        return stack


class _Opening:
    """Goes down from one stack; outputs of those below are told to those above them."""

    def __init__(self, family: Family, top: Stack) -> None:
        self.family = family
        self.top = top
        self.found: list[Child] = []
        self.faults: list[Fault] = []
        self.is_full = False

    def result(self) -> tuple[list[Child], list[Fault]]:
        self._below(self.top, "", "", (self.top.document.source.path,))
        return self.found, self.faults

    def _below(self, stack: Stack, prefix: str, folder: str, above: tuple[str, ...]) -> None:
        outputs = _Outputs(self, stack, folder)
        stack.evaluator.output = outputs.text
        for component in stack.components(_STACK, _APPLICATION, _SET):
            file = self.file(stack, component, folder, report=True)
            if file is None:
                continue
            node = _location(component) or component.node
            source = file.root.source.path if file.path else ""
            if source in above:
                self.fault(node, f"`{source}` nests itself, directly or through others", "take the circle apart")
                continue
            if len(above) > MAX_DEPTH:
                self.fault(node, f"stacks nest here more than {MAX_DEPTH} deep")
                continue
            for world, given in _worlds(stack, component):
                if len(self.found) >= MAX_STACKS:
                    if not self.is_full:
                        self.fault(node, f"from here on more than {MAX_STACKS} stacks are nested, which are not read")
                    self.is_full = True
                    return
                child = self.family.open(file, world, given)
                inner = _folder(file.path) if file.path else folder
                name = f"{prefix}{component.name}"
                self.found.append(Child(name, component, child, file.policies, self.family.load_from(inner)))
                self._below(child, f"{name}.", inner, (*above, source))

    def file(self, stack: Stack, component: Component, folder: str, *, report: bool) -> _File | None:
        """The template that a resource deploys; None when it lies elsewhere or cannot be read."""
        body = component.get("TemplateBody") if component.type == _SET else None
        if body is not None:
            return self.family.inline(body, stack)
        path = _path(stack, component)
        if path is None:
            return None
        file = self.family.file(_joined(folder, path))
        if isinstance(file, Refusal):
            node = _location(component)
            # What is uploaded from elsewhere need not be here.
            if report and node is not None and node.value == path:
                self.fault(node, f"the template `{path}` cannot be read: {file.message}", file.hint)
            return None
        return file

    def fault(self, node: Node, message: str, hint: str = "") -> None:
        # A build step may make the file, and deployment tells anyway.
        self.faults.append(Fault(node, message, hint, is_warning=True))


class _Outputs:
    """The outputs of the stacks nested in one, for those who refer to them."""

    def __init__(self, opening: _Opening, stack: Stack, folder: str) -> None:
        self._opening = opening
        self._stack = stack
        self._folder = folder
        self._under_way: set[str] = set()
        self._stacks: dict[str, Stack | None] = {}

    def text(self, logical: str, name: str) -> Text | None:
        """What an output comes to in the names of the stack around it; None when it is not known."""
        evaluator = self._stack.evaluator
        entry, kind = evaluator.entry(logical), evaluator.kind_of(logical)
        if entry is None or kind not in (_STACK, _APPLICATION) or logical in self._under_way:
            return None
        if evaluator.depth > _DEEPEST:
            return None
        self._under_way.add(logical)
        # Whatever rests on the output rests on what its stack is given.
        given = {member: evaluator.property(entry, member) for member in _TOLD}
        evaluator.trace.rests_on |= {"AWS::Region", "AWS::AccountId"}
        if logical not in self._stacks:
            known = {member: node for member, node in given.items() if node is not None}
            component = Component(entry, kind, evaluator, known)
            self._stacks[logical] = self._open(component)
        stack = self._stacks[logical]
        text = _output(stack, name, evaluator.depth) if stack is not None else None
        self._under_way.discard(logical)
        return _outward(text, logical) if text is not None else None

    def _open(self, component: Component) -> Stack | None:
        file = self._opening.file(self._stack, component, self._folder, report=False)
        if file is None:
            return None
        world, given = next(_worlds(self._stack, component))
        stack = self._opening.family.open(file, world, given)
        stack.evaluator.output = _Outputs(self._opening, stack, _folder(file.path)).text
        return stack


def _output(stack: Stack, name: str, depth: int) -> Text | None:
    # Its values nest inside those around it.
    stack.evaluator.depth, before = depth + _STEP, stack.evaluator.depth
    node = stack.section("Outputs", name, "Value")
    stack.evaluator.depth = before
    return text_of(node) if node is not None else None


def _inline(body: Node, stack: Stack) -> _File | None:
    """The template in a string: of YAML only where all of it is known."""
    root = stack.embedded(body)
    if root is not None:
        return _File(root, tree.Parsed(root, [], None, "json"), Memory(), {}, "")
    if not isinstance(body.value, str):
        return None
    parsed = tree.parse(EmbeddedSource(body.source, body.value, body.offsets()))
    if parsed.root is None or tree.dialect(parsed.root) != tree.CLOUDFORMATION:
        return None
    stack.document.add_root(parsed.root, body)
    return _File(parsed.root, parsed, Memory(), {}, "")


# Where a template lies


def _location(component: Component) -> Node | None:
    return component.get("Location" if component.type == _APPLICATION else "TemplateURL")


def _path(stack: Stack, component: Component) -> str | None:
    """The path of a local template; None for one that lies elsewhere."""
    node = _location(component)
    asset = component.body.get("Metadata", _ASSET)
    if asset is not None and isinstance(asset.value, str) and asset.value:
        return asset.value
    if node is None or not is_text(node):
        return None
    written = str(node.value)
    if "://" in written:
        return cdk.nested_template(stack.document.source.path, written)
    return written if isinstance(node.value, str) and written.strip() else None


def _joined(folder: str, written: str) -> str:
    return f"{folder}/{written}" if folder and not written.startswith("/") else written


def _folder(path: str) -> str:
    import posixpath

    return posixpath.dirname(posixpath.normpath(path))


# What it is given


def _worlds(stack: Stack, component: Component) -> Iterator[tuple[World, _Given]]:
    """The worlds that it is deployed into: one, or of a stack set one for each Region."""
    given = _set_parameters(component) if component.type == _SET else _parameters(component)
    above = stack.world
    for region, account in _places(component) if component.type == _SET else ((above.region, above.account),):
        known = {name: text for name, text in given.texts.items() if isinstance(text, str)}
        # What the parent leaves open is open here too, whatever the defaults.
        unknown = given.unknown.union(name for name in given.texts if name not in known)
        yield World(region, account, known, unknown=unknown), given


def _parameters(component: Component) -> _Given:
    node = component.get("Parameters")
    if node is None:
        return _Given({}, frozenset())
    if not isinstance(node.value, Object):
        return _Given({}, frozenset())
    texts: dict[str, Text] = {}
    unknown: set[str] = set()
    for key, value in node.value.pairs():
        name, text = str(key.value), _passed(value)
        if text is None:
            unknown.add(name)
        else:
            texts[name] = _inward(text)
    return _Given(texts, frozenset(unknown))


def _passed(value: Node) -> Text | None:
    """A value as it is passed on: a list with commas between its elements."""
    if type(value.value) is not list:
        return text_of(value)
    parts: list[str | Hole] = []
    for item in value.value:
        text = text_of(item)
        if text is None:
            return None
        parts += [","] if parts else []
        parts += parts_of(text)
    return join(parts)


def _set_parameters(component: Component) -> _Given:
    texts: dict[str, Text] = {}
    for entry in component.items("Parameters"):
        name, value = entry.get("ParameterKey"), entry.get("ParameterValue")
        text = text_of(value) if value is not None else None
        if name is not None and isinstance(name.value, str) and text is not None:
            texts[name.value] = _inward(text)
    overridden = set()
    for group in component.items("StackInstancesGroup"):
        overrides = group.get("ParameterOverrides")
        for entry in overrides.items if overrides is not None else ():
            name = entry.get("ParameterKey")
            overridden.add(str(name.value) if name is not None else "")
    return _Given({name: text for name, text in texts.items() if name not in overridden}, frozenset(overridden))


def _places(component: Component) -> list[tuple[str, str]]:
    """The Regions that a stack set goes to, with the account where there is just one; an empty one when unknown."""
    regions: dict[str, None] = {}
    accounts: dict[str, None] = {}
    for group in component.items("StackInstancesGroup"):
        named = group.get("Regions")
        for node in named.items if named is not None else ():
            regions[node.value if isinstance(node.value, str) else ""] = None
        owners = group.get("DeploymentTargets", "Accounts")
        for node in owners.items if owners is not None else ():
            text = text_of(node)
            accounts[text if isinstance(text, str) else ""] = None
        if owners is None:
            accounts[""] = None
    account = next(iter(accounts)) if len(accounts) == 1 else ""
    return [(region, account) for region in regions] if regions and "" not in regions else [("", account)]


# Names: what is not known is called differently inside and outside, lest two things be taken for one


def _inward(text: Text) -> Text:
    return _renamed(text, lambda name: f"{_ABOVE}{name}")


def _outward(text: Text, logical: str) -> Text:
    return _renamed(
        text, lambda name: name.removeprefix(_ABOVE) if name.startswith(_ABOVE) else f"{logical}.Outputs {name}"
    )


def _renamed(text: Text, rename: Callable[[str], str]) -> Text:
    if isinstance(text, str):
        return text
    return join([_renamed_hole(part, rename) if isinstance(part, Hole) else part for part in text.parts])


def _renamed_hole(part: Hole, rename: Callable[[str], str]) -> Hole:
    if part.at_request or part.name in _EVERYWHERE or part.name.startswith(_GLOBAL):
        return part
    return hole(rename(part.name), part.values)
