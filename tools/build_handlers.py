"""Build the shipped list of what CloudFormation calls for Bedrock's resource types, from the package cfn-lint.

    pip install --no-deps cfn-lint
    python tools/build_handlers.py           # write bedrock_policy_lint/deployment/data
    python tools/build_handlers.py --check   # exit 1 if the shipped data differs from a fresh build

AWS publishes a schema for every resource type; under `handlers` it lists the permissions that CloudFormation's handlers
for the type need. cfn-lint carries these schemas. Of the types of Bedrock that are made by an action of their own name
it keeps that action, what reads and what deletes the resource, and what the handlers list besides: its update, its
tags. The lists also name what only some templates need, such as keys, roles to pass and parts of other types: that is
left out. cfn-lint is read and not imported, so that what it depends on is not needed; nothing is fetched.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent))  # however the script is loaded, its neighbour is found
from pinned import BuildError, folder_of

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "bedrock_policy_lint" / "deployment" / "data"
FILE = "handlers.txt"

PACKAGE = "cfn-lint"
VERSION = "1.58.0"
"""Published 2026-10-20 (MIT-0); its `data/schemas` are what CloudFormation publishes for us-east-1, with a date."""
MODULE = "cfnlint"
REGION = "us-east-1"
NAMESPACES = ("AWS::Bedrock::", "AWS::BedrockAgentCore::", "AWS::BedrockMantle::")
TAGS = ("ListTagsForResource", "TagResource")


class Handlers(NamedTuple):
    """The actions that CloudFormation's handlers for a type call, with their prefix."""

    create: str
    read: str
    """Empty where the schema lists none that the create handler calls too."""
    delete: str
    further: tuple[str, ...]
    """Of the update, and of tags: not every template needs them."""
    within: tuple[str, ...] = ()
    """What creates other types whose handlers call `create` too, without the rest: a runtime's workload identity."""


def schemas_folder() -> Path:
    """Where the package has its schemas, if it is the version that this script describes."""
    return folder_of(PACKAGE, VERSION, MODULE) / "data" / "schemas"


def published(folder: Path) -> tuple[str, dict[str, Any]]:
    """The date of the schemas, and those of Bedrock by type."""
    date: str = json.loads((folder / "version.json").read_text("utf-8"))["schema_date"][:10]
    listed: dict[str, str] = json.loads((folder / "providers" / f"{REGION}.json").read_text("utf-8"))
    found = {
        name: json.loads((folder / "resources" / f"{key}.json").read_text("utf-8"))
        for name, key in sorted(listed.items())
        if name.startswith(NAMESPACES)
    }
    if not found:
        raise BuildError(f"{PACKAGE} lists no types of Bedrock: adapt `published` to its new form")
    return date, found


def select(schemas: dict[str, Any]) -> dict[str, Handlers]:
    """The actions of every type that has one to create it."""
    listed = {
        name: {kind: set(handler["permissions"]) for kind, handler in schema.get("handlers", {}).items()}
        for name, schema in schemas.items()
    }
    creates = {name: _creates(name, found.get("create", set())) for name, found in listed.items()}
    types = {name: _handlers(create, listed[name]) for name, create in creates.items() if create}
    return {
        name: made._replace(
            within=tuple(sorted(types[at].create for at in types if at != name and _is_in_part(made, listed[at])))
        )
        for name, made in types.items()
    }


def _is_in_part(made: Handlers, other: dict[str, set[str]]) -> bool:
    """Whether the handlers of another type create resources of this one without all that its own handlers call."""
    rest = made.read in other["create"] and made.delete in other.get("delete", set())
    return made.create in other["create"] and not rest


def _creates(name: str, permissions: set[str]) -> str:
    """The action that creates a type and not what it consists of; empty where another verb does."""
    own = name.rpartition("::")[2].lower()
    nouns = {_noun(permission, "Create"): permission for permission in permissions if _noun(permission, "Create")}
    nouns = {noun.lower(): permission for noun, permission in nouns.items() if permission.startswith("bedrock")}
    near = [noun for noun in nouns if noun == own] or [noun for noun in nouns if own in noun or noun in own]
    if len(near) > 1:
        near = [noun for noun in near if all(other.startswith(noun) for other in near)]
    if nouns and not near:
        raise BuildError(f"which of {sorted(nouns.values())} creates {name} is not clear: adapt `_creates`")
    return nouns[near[0]] if near else ""


def _handlers(create: str, listed: dict[str, set[str]]) -> Handlers:
    prefix, noun = create.partition(":")[0], _noun(create, "Create")
    reads = listed["create"] & listed.get("read", set())
    wanted = {f"{prefix}:{tag}" for tag in TAGS}
    further = wanted & (listed["create"] | listed.get("read", set()))
    further |= {f"{prefix}:Update{noun}"} & listed.get("update", set())
    deletes = listed.get("delete", set())
    return Handlers(create, _of(noun, "Get", reads), _of(noun, "Delete", deletes), tuple(sorted(further)))


def _of(noun: str, verb: str, permissions: set[str]) -> str:
    """The action of a verb for a type: by its own name, or by what that begins with, as with versions."""
    named = {_noun(permission, verb): permission for permission in permissions if _noun(permission, verb)}
    return named[max(fit, key=len)] if (fit := [other for other in named if noun.startswith(other)]) else ""


def _noun(permission: str, verb: str) -> str:
    action = permission.partition(":")[2]
    return action.removeprefix(verb) if action.startswith(verb) else ""


def pack(date: str, types: dict[str, Handlers]) -> str:
    """The shipped text: a line for each type."""
    lines = [f"# as_of {date}, source {PACKAGE} {VERSION}"]
    for name, (create, read, delete, further, within) in types.items():
        lines.append("\t".join((name, create, read, delete, " ".join(further), " ".join(within))))
    return "\n".join(lines) + "\n"


def differences(built: str, data: Path) -> list[str]:
    """The lines that a fresh build would change."""
    try:
        shipped = (data / FILE).read_text("utf-8")
    except OSError as error:
        return [str(error)]
    return sorted(set(built.splitlines()) ^ set(shipped.splitlines()))


def main(arguments: list[str] | None = None) -> int:
    """Build, then write or compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the shipped data, write nothing")
    parser.add_argument("--data", type=Path, default=DATA, help="the data directory (default: the shipped one)")
    options = parser.parse_args(arguments)
    try:
        date, schemas = published(schemas_folder())
        built = pack(date, select(schemas))
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if options.check:
        found = differences(built, options.data)
        print("\n".join(found) if found else "the shipped list is what a fresh build gives")
        return 1 if found else 0
    options.data.mkdir(parents=True, exist_ok=True)
    (options.data / FILE).write_text(built, "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
