"""A configuration read again after a change to one of its files, and how its files write what is not settled there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bedrock_policy_lint.frontends.document import Document, Idiom
from bedrock_policy_lint.frontends.terraform import (
    attributes,
    iam,
    networks,
    providers,
    registry_modules,
    resource_policies,
    spelling,
)
from bedrock_policy_lint.frontends.terraform.block_anew import Blocks, Places
from bedrock_policy_lint.frontends.terraform.module import Tree
from bedrock_policy_lint.frontends.terraform.policies import Policies
from bedrock_policy_lint.model.text import Template, Text, parts_of
from bedrock_policy_lint.sources import hcl_tree as tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bedrock_policy_lint.frontends.document import Reread, RereadBlock
    from bedrock_policy_lint.frontends.terraform.configuration import Component, Configuration, Instance
    from bedrock_policy_lint.frontends.terraform.module import Declared, Module
    from bedrock_policy_lint.sources.source import Source

    Again = Callable[[Source, Configuration], "Configuration | None"]

_MOST_READ = 2 * 1024 * 1024
"""So many characters are read again for the sake of fixes, all files of a configuration taken together."""
_LARGEST = 256 * 1024
"""Of a larger configuration nothing is read again."""

_MADE_UP = (".suffix",)
"""How names of holes end that no attribute bears."""

_paths = re.compile(r"[a-z][\w-]*(?:\.[A-Za-z_][\w-]*)+").finditer
_reference = re.compile(r"(?:data\.)?[a-z][\w-]*(?:\.[A-Za-z_][\w-]*)+").fullmatch


class Budget:
    """How much may still be read again for one configuration, in all worlds."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = _MOST_READ

    def take(self, size: int) -> bool:
        """Use up some of it, if so much is left."""
        is_left = size <= min(self.left, _LARGEST)
        self.left -= size if is_left else 0
        return is_left


def make_editable(configuration: Configuration, documents: tuple[Document, ...], again: Again, budget: Budget) -> None:
    """Let the document of each file tell how it is written, and what becomes of the policies when its text changes."""
    whole = configuration.document
    of_file = {document.source: document for document in documents}
    for root, host in list(whole.roots):
        document = of_file.get(host.source) if host is not None else None
        if document is not None:
            document.add_root(root, host)
    size = sum(len(document.source.text) for document in documents)
    homes, places = _homes(configuration), Places(whole)
    for document in documents:
        document.whole = whole
        home = homes.get(document.source)
        document.places = home.places if home is not None else whole.places
        if document.language != "hcl" or home is None:
            continue
        document.idiom = home.idiom(document.source.text)
        document.reread = _reread_all(configuration, again, budget, size)
        document.reread_block = home.blocks(document.source, places, budget)


def _homes(configuration: Configuration) -> dict[Source, _Home]:
    """By file: the module that it belongs to, as often as that is called."""
    found: dict[Source, _Home] = {}
    by_module: dict[int, list[Instance]] = {}
    for instance in configuration.instances():
        by_module.setdefault(id(instance.module), []).append(instance)
    for called in by_module.values():
        home = _Home(configuration, called)
        found.update((file.source, home) for file in called[0].module.files)
    return found


class _Home:
    """A module as the home of what is written into its files."""

    def __init__(self, configuration: Configuration, called: list[Instance]) -> None:
        self._configuration = configuration
        self._called = called
        self._module: Module = called[0].module

    def idiom(self, text: str) -> Idiom:
        """How its files write what only the deployment settles; of several names the one that this file uses."""
        return self._idiom._replace(spelled=_Spelled(self, text))

    @cached_property
    def places(self) -> Mapping[str, str]:
        """How messages about its files write what only the deployment settles."""
        root = self._configuration.root.module
        return self._configuration.places if self._module is root else self._configuration.places_of(self._module)

    @cached_property
    def _idiom(self) -> Idiom:
        configuration, region = self._configuration, self._region
        made = [declared.address for declared in self._module.resources.values() if not declared.is_data]
        return Idiom(
            partition=(configuration.catalog.partition_of(region) if region else "") or "",
            region=region,
            account=configuration.world.account,
            made=frozenset(f"{called.path}{address}" for address in made for called in self._called),
            reference=self._reference,
            is_shared=self._is_shared,
        )

    def blocks(self, source: Source, places: Places, budget: Budget) -> RereadBlock | None:
        """What reads a block of one of its files again; None where the module is called more than once."""
        if len(self._called) > 1:
            return None
        blocks = Blocks(self._configuration, self._called[0], source, places)

        def reread(changed: Source, start: int, end: int) -> Reread | None:
            block = blocks.around(start, end)
            is_left = block is not None and budget.take(block.end - block.start)
            return blocks.reread(block, changed) if block is not None and is_left else None

        return reread

    @cached_property
    def _region(self) -> str:
        """The Region that its data sources find; empty where that is open, or hangs on who calls it."""
        found = {providers.region(self._configuration, called, providers.DEFAULT) for called in self._called}
        region = found.pop()
        return region if isinstance(region, str) and not found else ""

    # Names of what only the deployment settles

    @cached_property
    def text(self) -> str:
        """All its files."""
        return spelling.text_of(self._module)

    @cached_property
    def names(self) -> dict[str, list[str]]:
        """By what it is: the expressions that come to it in this module."""
        found: dict[str, list[str]] = {}
        for name in (spelling.REGION, spelling.ACCOUNT, spelling.PARTITION):
            type_, attributes_ = spelling.forms(name, self._module)
            sources = [one for one in self._module.resources.values() if one.type == type_ and _is_plain(one)]
            direct = [f"{one.address}.{attribute}" for one in sources for attribute in attributes_]
            named = [f"local.{local}" for local, one in self._module.locals.items() if _spelling(one.value) in direct]
            found[name] = [*direct, *named]
        variable = self._configuration.region_variable
        if variable and self._called[0].parent is None:
            found[spelling.REGION].append(f"var.{variable}")
        return found

    # Names of what stands in a text

    def _reference(self, text: Text, home: str) -> str:
        """The expression that comes to a text: a variable, a local, or an attribute of a resource."""
        if not isinstance(text, Template):
            return ""
        if len(text.parts) == 1:
            found = self._name(text.holes[0].name)
        else:
            found = next(filter(None, (self._attribute(text, part.name) for part in text.holes)), "")
        return "" if found and home and home in self._needs(found) else found

    def _needs(self, expression: str) -> set[str]:
        """The resources and local values without which an expression has no value."""
        found: set[str] = set()
        waiting = [expression]
        while waiting:
            for name in self._named(waiting.pop()):
                if name not in found:
                    found.add(name)
                    waiting.append(self._texts[name])
        return found

    def _named(self, text: str) -> Iterator[str]:
        """The resources and local values that a text names."""
        for match in _paths(text):
            words = match[0].split(".")
            name = ".".join(words[: 3 if words[0] == "data" else 2])
            if name in self._texts:
                yield name

    @cached_property
    def _texts(self) -> dict[str, str]:
        """By address: what a resource or a local value is declared with."""
        parts: dict[str, Any] = {f"local.{name}": one.value for name, one in self._module.locals.items()}
        parts |= {name: one.body for name, one in self._module.resources.items()}
        return {name: one.source.text[one.start : one.end] for name, one in parts.items()}

    def _name(self, name: str) -> str:
        """The name of a hole as this module writes it; empty where it is none here."""
        own = next((name[len(one.path) :] for one in self._called if name.startswith(one.path)), "")
        if not _reference(own) or own.endswith(_MADE_UP):
            return ""
        words = own.split(".")
        if words[0] in ("var", "local"):
            declared = self._module.variables if words[0] == "var" else self._module.locals
            return own if words[1] in declared else ""
        length = 3 if words[0] == "data" else 2
        resource = self._module.resources.get(".".join(words[:length]))
        return own if resource is not None and len(words) > length and _is_single(resource) else ""

    def _attribute(self, text: Template, hole_name: str) -> str:
        """The attribute of a resource that comes to a text of which this is a part."""
        name = self._name(hole_name)
        address = name.rpartition(".")[0]
        if not name or address not in self._module.resources:
            return ""
        wanted = self._filled(text)
        for component in self._components(address):
            for attribute in attributes.known(component.type):
                if self._filled(self._configuration.attribute(component, attribute)) == wanted:
                    return f"{address}.{attribute}"
        return ""

    def _filled(self, text: Text) -> str:
        """A text with what is known of the place of the deployment, whatever its partition."""
        region, account = self._region, self._configuration.world.account
        known = {"AWS::Region": region, "AWS::AccountId": account}
        parts = [
            part if isinstance(part, str) else known.get(part.name) or part.name.replace(":", ".")
            for part in parts_of(text)
        ]
        begin, _, rest = "".join(parts).partition(":")
        return rest.partition(":")[2] if begin == "arn" else f"{begin}:{rest}"

    def _components(self, address: str) -> Iterator[Component]:
        found = (self._configuration.peek(f"{called.path}{address}") for called in self._called)
        return (component for component in found if component is not None)

    # Uses

    def _is_shared(self, local: str) -> bool:
        """Whether a local value is named more than once."""
        return len(spelling.uses(f"local.{local}").findall(self.text)) != 1


class _Spelled(Mapping[str, str]):
    """What stands for the parameters of AWS in a file, found when somebody asks for it."""

    def __init__(self, home: _Home, text: str) -> None:
        self._home = home
        self._text = text

    @cached_property
    def _known(self) -> dict[str, str]:
        texts = (self._text, self._home.text)
        return {name: spelling.favourite(names, texts) for name, names in self._home.names.items() if names}

    def __getitem__(self, name: str) -> str:
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def _is_plain(declared: Declared) -> bool:
    """Whether a data source tells of the place where its module is deployed, and of no other."""
    return _is_single(declared) and not any(name.text != "lifecycle" for name in declared.body.names())


def _is_single(declared: Declared) -> bool:
    return all(declared.body.attribute(name) is None for name in ("count", "for_each"))


def _spelling(expression: tree.Expression) -> str:
    """A reference as it is written."""
    while type(expression) is tree.Paren:
        expression = expression.inner
    if type(expression) is not tree.GetAttr:
        return ""
    return expression.source.text[expression.start : expression.end]


# Reading again


def _reread_all(
    configuration: Configuration, again: Again, budget: Budget, size: int
) -> Callable[[Source], Document | None]:
    """What reads the policies of a configuration of that size with a changed file; None when that cannot be read."""

    def reread(changed: Source) -> Document | None:
        spent = configuration.evaluator.spent  # a few lines can stand for thousands of resources
        other = again(changed, configuration) if budget.take(max(size, spent)) else None
        if other is None:
            return None
        read_policies(other)
        return other.document

    return reread


def read_policies(configuration: Configuration) -> None:
    """Read every policy of a configuration into its document."""
    reader = Policies(configuration)
    for _ in iam.roles(configuration, reader):
        pass
    iam.limits(configuration, reader)
    networks.endpoint_policies(configuration, reader)
    for _ in resource_policies.resource_policies(configuration, reader):
        pass
    registry_modules.read(configuration, reader)
    reader.read_unused()


def with_change(files: Tree, known: Mapping[str, Source], changed: Source) -> Tree:
    """The files of a tree, with one of those that are known as it reads after a change."""
    now = {path: changed if source.path == changed.path else source for path, source in known.items()}
    return Tree(lambda path: now.get(path) or files.load(path), files.names)
