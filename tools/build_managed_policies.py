"""Build the shipped documents of AWS's managed policies from the package moto, which carries them.

    pip install --no-deps moto
    python tools/build_managed_policies.py           # write bedrock_policy_lint/deployment/data
    python tools/build_managed_policies.py --check   # exit 1 if the shipped data differs from a fresh build

Of every policy that a role, user or group can be given it keeps the document of the default version, unabridged, with
path, version and date. Policies of service-linked roles (`/aws-service-role/`) can be attached by nobody and are left
out. moto is read and not imported, so that what it depends on is not needed; nothing is fetched.

The documents lie compressed in blocks. The index has a line for each policy: name, path, version, date, where its
block begins and ends, and which line of the block it is.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
import zlib
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent))  # however the script is loaded, its neighbour is found
from pinned import BuildError, folder_of

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "bedrock_policy_lint" / "deployment" / "data"
INDEX, BLOCKS = "managed_policies.txt", "managed_policies.bin"

PACKAGE = "moto"
VERSION = "5.2.5"
"""Published 2026-10-27 (Apache-2.0); its `iam/aws_managed_policies.py` is what IAM's own API listed."""

PER_BLOCK = 8
"""Policies of like names resemble each other: a block takes a third less than its documents one by one."""


class Shipped(NamedTuple):
    """A policy as it is shipped."""

    path: str
    version: str
    date: str
    document: str
    """Compact JSON."""


def source_text() -> str:
    """The module of the package that holds the policies, if it is the version that this script describes."""
    return (folder_of(PACKAGE, VERSION, PACKAGE) / "iam" / "aws_managed_policies.py").read_text("utf-8")


def listed(text: str) -> dict[str, Any]:
    """What the module's one constant says of each policy, by its name."""
    constants = [node.value for node in ast.parse(text).body if isinstance(node, ast.Assign)]
    if len(constants) != 1:
        raise BuildError(f"{PACKAGE}'s module is no longer one constant: adapt `listed` to its new form")
    found: dict[str, Any] = json.loads(ast.literal_eval(constants[0]))
    return found


def select(policies: dict[str, Any]) -> dict[str, Shipped]:
    """Those that can be attached, in the order of their names."""
    return {
        name: Shipped(
            policy["Path"],
            policy["DefaultVersionId"],
            policy["UpdateDate"][:10],
            json.dumps(policy["Document"], ensure_ascii=False, separators=(",", ":")),
        )
        for name, policy in sorted(policies.items())
        if policy["Path"] != "/aws-service-role/"
    }


def pack(policies: dict[str, Shipped]) -> tuple[str, bytes]:
    """Index and blocks."""
    names = list(policies)
    newest = max(policy.date for policy in policies.values())
    lines = [f"# as_of {newest}, source {PACKAGE} {VERSION}"]
    blocks = b""
    for first in range(0, len(names), PER_BLOCK):
        inside = names[first : first + PER_BLOCK]
        block = zlib.compress("\n".join(policies[name].document for name in inside).encode(), 9)
        start, end = len(blocks), len(blocks) + len(block)
        blocks += block
        for at, name in enumerate(inside):
            path, number, date, _ = policies[name]
            lines.append("\t".join((name, path, number, date, str(start), str(end), str(at))))
    return "\n".join(lines) + "\n", blocks


def unpack(index: str, blocks: bytes) -> dict[str, Shipped]:
    """What index and blocks hold; two compressors may write the same documents differently."""
    policies = {}
    for line in index.splitlines()[1:]:
        name, path, number, date, start, end, at = line.split("\t")
        block = zlib.decompress(blocks[int(start) : int(end)]).decode()
        policies[name] = Shipped(path, number, date, block.split("\n")[int(at)])
    return policies


def differences(built: dict[str, Shipped], data: Path) -> list[str]:
    """The policies that a fresh build would change."""
    try:
        shipped = unpack((data / INDEX).read_text("utf-8"), (data / BLOCKS).read_bytes())
    except OSError as error:
        return [str(error)]
    return [name for name in sorted(built.keys() | shipped.keys()) if built.get(name) != shipped.get(name)]


def main(arguments: list[str] | None = None) -> int:
    """Build, then write or compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the shipped data, write nothing")
    parser.add_argument("--data", type=Path, default=DATA, help="the data directory (default: the shipped one)")
    options = parser.parse_args(arguments)
    try:
        policies = select(listed(source_text()))
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if options.check:
        found = differences(policies, options.data)
        print("\n".join(found) if found else "the shipped policies are what a fresh build gives")
        return 1 if found else 0
    index, blocks = pack(policies)
    options.data.mkdir(parents=True, exist_ok=True)
    (options.data / INDEX).write_text(index, "utf-8", newline="\n")
    (options.data / BLOCKS).write_bytes(blocks)
    return 0


if __name__ == "__main__":
    sys.exit(main())
