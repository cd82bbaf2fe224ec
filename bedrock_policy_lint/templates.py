"""Which files are templates or modules of Terraform, and what reads them."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.sources.files import MODULE_NAMES
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.config import Config
    from bedrock_policy_lint.deployment.blueprint import Blueprint
    from bedrock_policy_lint.deployment.world import Inputs
    from bedrock_policy_lint.frontends.declared_policies import Load
    from bedrock_policy_lint.frontends.template.tree import Parsed
    from bedrock_policy_lint.frontends.terraform.blueprint import TerraformBlueprint
    from bedrock_policy_lint.frontends.terraform.inputs import Values
    from bedrock_policy_lint.frontends.terraform.module import Tree
    from bedrock_policy_lint.sources.files import Refusal

SUFFIXES = (".yaml", ".yml", ".template")
"""How templates are called that are not called like JSON; other files of these names are none of ours."""

PLAN = "plan"
"""What the document of a plan of Terraform is written in: nobody edits it."""
MAIN = "main.tf"
"""How a text of Terraform counts as called that has no such name."""
_BLOCKS = frozenset(
    ("resource", "data", "module", "provider", "variable", "output", "locals", "terraform", "moved", "import", "check")
)
"""What a file of Terraform declares."""

_says_so = re.compile(
    r"^[ \t{]*[\"']?(?:AWSTemplateFormatVersion[\"']?\s*:|Transform[\"']?\s*:.*AWS::)", re.MULTILINE
).search


_declares = re.compile(
    r"""^[ \t]*(?:
        (?:resource|data)[ \t]+"[^"\n]+"[ \t]+"[^"\n]+" | (?:module|provider|variable|output)[ \t]+"[^"\n]+"
        | (?:locals|terraform)
    )[ \t]*\{""",
    re.MULTILINE | re.VERBOSE,
).search


class Broken(NamedTuple):
    """A text that is meant as a template and cannot be read."""

    document: Document


def read(source: Source, load: Load, catalog: Catalog) -> Blueprint | Broken | None:
    """The blueprint in a text, by its content; why it cannot be read; None for what is no template.

    A text that cannot be read is one only if it says so itself.
    """
    from bedrock_policy_lint.frontends.template import tree

    if may_be_plan(source.text) and (plan := _plan(source, catalog)) is not None:
        return plan
    if not tree.may_be_template(source.text):
        return None
    parsed = tree.parse(source)
    if parsed.root is None:
        return _broken(source, parsed) if _says_so(source.text) else None
    dialect = tree.dialect(parsed.root)
    if dialect == "cloudformation":
        from bedrock_policy_lint.frontends.template.blueprint import TemplateBlueprint

        return TemplateBlueprint(source, parsed, load, catalog)
    if dialect == "serverless":
        from bedrock_policy_lint.frontends import serverless

        return serverless.read(source, parsed, load, catalog)
    return None


def may_be_plan(text: str) -> bool:
    """Whether a text may be a plan or a state of Terraform's in JSON."""
    return text.lstrip().startswith("{") and '"terraform_version"' in text


def _plan(source: Source, catalog: Catalog) -> Blueprint | None:
    from bedrock_policy_lint.frontends.terraform import plan

    return plan.read(source, catalog)


def is_template(source: Source) -> bool:
    """Whether a text is a template, or says of itself that it is meant as one."""
    from bedrock_policy_lint.frontends.template import tree

    if not tree.may_be_template(source.text):
        return False
    if _says_so(source.text):
        return True
    root = tree.parse(source).root
    return root is not None and tree.dialect(root) in (tree.CLOUDFORMATION, tree.SERVERLESS)


def is_module(source: Source) -> bool:
    """Whether a text is one of Terraform: by the name of its file, or of a text without such a name by its content."""
    name = os.path.basename(source.path)
    if name.endswith(MODULE_NAMES) or "." in name:
        return name.endswith(MODULE_NAMES)
    return _declares_in_json(source) if source.text.lstrip().startswith("{") else _declares(source.text) is not None


def _declares_in_json(source: Source) -> bool:
    if not any(f'"{word}"' in source.text for word in _BLOCKS):
        return False
    from bedrock_policy_lint.sources import json

    try:
        root, _ = json.read(source)
    except json.JsonError:
        return False
    names = {key.value for key, _ in root.value.pairs()} if isinstance(root.value, Object) else set()
    return bool(names & _BLOCKS) and names <= {*_BLOCKS, "//", "removed", "ephemeral"}


def module(
    path: str,
    catalog: Catalog,
    told: Sequence[Values] = (),
    now: Mapping[str, Source] | None = None,
    alone: Source | None = None,
) -> TerraformBlueprint | None:
    """The module that the file at a path belongs to; None when there is none.

    `told` are the values in files that somebody named, the strongest first; `now` holds what files read like where not
    as saved, and `alone` the text of a module in no folder.
    """
    from bedrock_policy_lint.frontends.terraform.blueprint import TerraformBlueprint, tree_of

    around = tree_of(os.path.dirname(path), now)
    found = TerraformBlueprint(around if alone is None else _with_text(around, alone), catalog, told=told)
    return found if found.is_module else None


def unlisted(path: str) -> Refusal | None:
    """Why the folder of a file cannot be looked into, if that is so."""
    from bedrock_policy_lint.frontends.terraform.blueprint import tree_of
    from bedrock_policy_lint.sources.files import Refusal

    names = tree_of(os.path.dirname(path)).names("")
    return names if isinstance(names, Refusal) else None


def _with_text(around: Tree, text: Source) -> Tree:
    """The files of a tree with a text in place of all that lie at its top."""
    from bedrock_policy_lint.frontends.terraform.module import Tree

    name = os.path.basename(text.path)
    name = name if name.endswith(MODULE_NAMES) else MAIN
    return Tree(
        lambda path: text if path == name else around.load(path),
        lambda folder: around.names(folder) if folder else [name],
    )


def _broken(source: Source, parsed: Parsed) -> Broken:
    document = Document(source)
    document.language = parsed.language
    document.add_root(Node("", 0, len(source.text), source))
    if parsed.failure is not None:
        document.failures.append(parsed.failure)
    return Broken(document)


def inputs_of(blueprint: Blueprint | Broken, path: str, config: Config, flags: Inputs) -> Inputs:
    """What is known of the deployment of the template at a path."""
    if isinstance(blueprint, Broken):
        return flags
    from bedrock_policy_lint.catalog import default
    from bedrock_policy_lint.deployment import inputs

    return inputs.of(path, config, flags, default(), _own(blueprint, path))


def told_of(blueprint: Blueprint | Broken, path: str, told: Inputs | None) -> Inputs:
    """What is known of it where no configuration is looked for."""
    from bedrock_policy_lint.deployment.world import Inputs, over

    told = told or Inputs()
    return told if isinstance(blueprint, Broken) else over(told, _own(blueprint, path))


def _own(blueprint: Blueprint, path: str) -> Inputs:
    """What a template says itself, or its manifest."""
    from bedrock_policy_lint.deployment.world import over
    from bedrock_policy_lint.frontends import cdk

    return over(cdk.environment_of(path), blueprint.inputs)
