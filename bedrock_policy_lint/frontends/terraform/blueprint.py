"""A folder of Terraform, read once: what it deploys in each world that somebody asks about."""

from __future__ import annotations

import os
from functools import cached_property, partial
from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment import managed
from bedrock_policy_lint.deployment.deployment import Deployment
from bedrock_policy_lint.deployment.world import Inputs, World
from bedrock_policy_lint.frontends import jobs
from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.frontends.terraform import (
    anew,
    features,
    iam,
    networks,
    providers,
    registry_functions,
    registry_modules,
    workloads,
)
from bedrock_policy_lint.frontends.terraform import inputs as values
from bedrock_policy_lint.frontends.terraform import resource_policies as of_resources
from bedrock_policy_lint.frontends.terraform.configuration import Configuration, Memory
from bedrock_policy_lint.frontends.terraform.files import Loaded
from bedrock_policy_lint.frontends.terraform.installed import Calls, is_installed
from bedrock_policy_lint.frontends.terraform.layout import layout
from bedrock_policy_lint.frontends.terraform.library import Library
from bedrock_policy_lint.frontends.terraform.module import File, Tree
from bedrock_policy_lint.frontends.terraform.policies import Policies
from bedrock_policy_lint.frontends.terraform.role_names import role_of
from bedrock_policy_lint.sources.files import Refusal
from bedrock_policy_lint.sources.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.run import Result
    from bedrock_policy_lint.sources.hcl_tree import Body
    from bedrock_policy_lint.sources.node import Node

_MISSING = "no such file or directory"
_MOST_NAMES = 20_000
"""No folder with more entries is looked through."""


def tree_of(folder: str, now: Mapping[str, Source] | None = None) -> Tree:
    """The files below and around a folder, none of which lies outside of its repository."""
    from bedrock_policy_lint.config import is_inside
    from bedrock_policy_lint.declarations import loader, top_of

    load = loader(os.path.join(folder or ".", "main.tf"), now)
    known: dict[str, list[str] | Refusal] = {}

    def names(below: str) -> list[str] | Refusal:
        if below not in known:
            known[below] = listed(below)
        return known[below]

    def listed(below: str) -> list[str] | Refusal:
        there = os.path.normpath(os.path.join(folder or ".", below))
        nowhere = Source(there, "")
        try:
            if not is_inside(os.path.realpath(there), top_of(os.path.abspath(folder or "."))):
                return Refusal(nowhere, "it lies outside of the repository", "move it into the repository")
            found: list[str] = []
            with os.scandir(there) as entries:
                for at, entry in enumerate(entries):
                    if at >= _MOST_NAMES:
                        return Refusal(nowhere, f"it has more than {_MOST_NAMES:,} entries", "divide it up")
                    if not _is_folder(entry):
                        found.append(entry.name)
        except (OSError, ValueError) as error:
            because = getattr(error, "strerror", None) or "no path can hold such a character"
            return Refusal(nowhere, str(because).lower(), "check the path")
        return sorted(found)

    return Tree(load, names)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself; who reads it hears of that
        return False


class TerraformBlueprint:
    """A root module with everything that it leads to."""

    def __init__(self, files: Tree, catalog: Catalog, folder: str = "", told: Sequence[values.Values] = ()) -> None:
        """`told` are the values in files that somebody has named, the strongest first."""
        self._files = files
        self._folder = folder
        self._catalog = catalog
        self._library = Library(files, folder)
        self._values = values.with_told(values.beside(files, folder), told)
        self._memory = Memory()
        self._loaded: dict[str, Loaded] = {}
        self._budget = anew.Budget()
        self._layouts: dict[int, Node] = {}

    @property
    def is_module(self) -> bool:
        """Whether there is a module in the folder at all."""
        return self._library.root.module is not None

    @property
    def document(self) -> Document:
        """The first file of the root module, with the trees of all files, and without the policies in them."""
        root = self._library.root.module
        assert root is not None  # noqa: S101 - who asks has seen that there is one
        document = Document(root.home.source)
        document.language = "hcl"
        for file in self._all_files():
            document.add_root(self._layout(file.body))
        for body in self._values.bodies:
            document.add_root(self._layout(body))
        return document

    def _layout(self, body: Body) -> Node:
        """The tree of a file, made once; its body lives as long as this."""
        found = self._layouts.get(id(body))
        if found is None:
            found = self._layouts[id(body)] = layout(body)
        return found

    @property
    def documents(self) -> tuple[Document, ...]:
        """Every file by itself, with its comments."""
        return tuple(_document(file, self._layout(file.body)) for file in self._all_files())

    @property
    def paths(self) -> list[str]:
        """Those of all files."""
        return [file.source.path for file in self._all_files()]

    def _all_files(self) -> Iterable[File]:
        for module in self._library.modules.values():
            if module is not None:
                yield from module.files

    @property
    def inputs(self) -> Inputs:
        """The values in the files of variables beside it, and the Region that its provider names."""
        given = {name: written.text for name, written in self._values.values.items()}
        root = self._library.root.module
        known = {name: text for name, text in given.items() if root is None or name in root.variables}
        return Inputs(parameters=known, regions=self.regions(known))

    def regions(self, given: Mapping[str, str], workspace: str = "", asked: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The Region that its provider names when these values are given, else those that are asked for.

        What is asked for comes before what a variable says, but not before what is written out.
        """
        root = self._library.root.module
        if root is None or providers.DEFAULT not in root.providers or (asked and providers.region_variable(root)):
            return asked
        configuration = self._configuration(World(parameters=given, workspace=workspace), self.document)
        region = providers.region(configuration, configuration.root, providers.DEFAULT)
        return (region,) if isinstance(region, str) and self._catalog.region(region) is not None else asked

    def told_where_called(self, result: Result) -> Result:
        """What was found, where it lies in modules from elsewhere at their calls."""
        calls = self._calls
        return result._replace(
            findings=list(map(calls.finding, result.findings)),
            withheld=list(map(calls.finding, result.withheld)),
            undecided=list(map(calls.question, result.undecided)),
        )

    @cached_property
    def _calls(self) -> Calls:
        return Calls(self._library)

    def deployment(self, world: World) -> Deployment:
        """What it deploys in a world."""
        configuration, documents = self.configuration(world), self.documents
        found = assemble(configuration, documents)
        anew.make_editable(configuration, documents, self._again, self._budget)
        return found._replace(told_at=self._calls.finding) if any(map(is_installed, self.paths)) else found

    def _again(self, changed: Source, configuration: Configuration) -> Configuration | None:
        """The configuration with a changed file, in the same world; None when that cannot be read any more."""
        files = {file.path: file.source for file in self._all_files()}
        other = TerraformBlueprint(anew.with_change(self._files, files, changed), self._catalog, self._folder)
        other._values, other._loaded = self._values, self._loaded
        errors = [sum(len(file.errors) for file in one._all_files()) for one in (self, other)]
        return other.configuration(configuration.world) if errors[1] <= errors[0] else None

    def configuration(self, world: World) -> Configuration:
        """The root module in a world."""
        return self._configuration(world, self.document)

    def _configuration(self, world: World, document: Document) -> Configuration:
        return Configuration(self._library, document, world, self._catalog, self._memory, self._values, self._load)

    def _load(self, path: str) -> Loaded:
        """A file that an expression names."""
        if path not in self._loaded:
            self._loaded[path] = _loaded(self._files.load(path), path)
        return self._loaded[path]


def _loaded(source: Source | Refusal, path: str) -> Loaded:
    if isinstance(source, Refusal):
        return Loaded(None, f"the file `{path}` cannot be read: {source.message}", source.message == _MISSING)
    return Loaded(source)


def _document(file: File, root: Node) -> Document:
    document = Document(file.source)
    document.language = "json" if file.is_json else "hcl"
    document.add_root(root)
    if not is_installed(file.source.path):  # what strangers excuse is not excused here
        document.slips.extend((file.source, slip) for slip in file.body.comments)
    return document


def assemble(configuration: Configuration, documents: tuple[Document, ...] = ()) -> Deployment:
    """What a root module deploys in the world of its configuration, with those below it."""
    configuration.document.places = configuration.places
    reader = Policies(configuration, configuration.memory.policies)
    roles = tuple(iam.roles(configuration, reader))
    iam.limits(configuration, reader)
    endpoints = networks.endpoint_policies(configuration, reader)
    resource_policies = of_resources.resource_policies(configuration, reader)
    made, running = registry_functions.functions(configuration, reader)
    registry_modules.read(configuration, reader)
    reader.read_unused()
    found = [*workloads.workloads(configuration), *running]
    started = jobs.features(found, partial(role_of, configuration))
    granted = [policy for role in (*roles, *made) for policy in (*role.policies, *role.boundary)]
    return Deployment(
        configuration.world,
        configuration.document,
        documents=(*documents, *managed.documents(granted)),
        roles=(*roles, *made),
        workloads=tuple(found),
        features=(*features.features(configuration), *started),
        permissions=tuple(of_resources.permissions(configuration)),
        resource_policies=tuple(resource_policies),
        access_policies=tuple(of_resources.access_policies(configuration)),
        endpoints=endpoints,
        parameters=configuration.parameters,
        faults=tuple(configuration.faults),
        answers=configuration.answers,
        alternatives=configuration.alternatives,
        defaults=configuration.defaults,
    )
