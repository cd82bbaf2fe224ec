"""The managed policies of AWS that can be attached to a role, as they stood on the date of the shipped data."""

from __future__ import annotations

import os
import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.frontends import policy_document
from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.model import arn as arns
from bedrock_policy_lint.model.policy import Attachment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bedrock_policy_lint.model.policy import Policy
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.sources.node import Node

_DATA = os.path.join(os.path.dirname(__file__), "data")
_INDEX, _BLOCKS = "managed_policies.txt", "managed_policies.bin"
SCHEME = "aws:policy/"
"""What the paths of these texts begin with."""
_NAME = re.compile(r"[\w+=,.@-]+", re.ASCII)


class Entry(NamedTuple):
    """What is known of a managed policy beside its document."""

    name: str
    path: str
    """`/`, `/service-role/`, …: part of its ARN."""
    version: str
    """`v11`."""
    date: str
    """When that version was made, as an ISO date."""
    block: tuple[int, int]
    """Where the block that its document lies in begins and ends in the file of documents."""
    line: int
    """Which line of the block it is."""


def find(name_or_arn: Text, kind: str = "identity") -> Policy | None:
    """The policy of that name or ARN, attached as `kind`; None when there is none or its name is not known.

    Only the partition `aws` is known: of the same name there are other documents in others.
    """
    name = name_of(name_or_arn)
    return _policy(name, kind) if name else None


def name_of(name_or_arn: Text) -> str:
    """The name of the policy that a name or an ARN stands for; empty when it stands for none that is known."""
    if isinstance(name_or_arn, str) and not name_or_arn.startswith("arn:"):
        return name_or_arn if entry(name_or_arn) else ""
    arn = arns.parse(name_or_arn)
    if arn is None or not is_aws_managed(name_or_arn) or not isinstance(arn.id, str):
        return ""
    if isinstance(arn.partition, str) and arn.partition != "aws":
        return ""
    path, _, name = arn.id.rpartition("/")
    found = entry(name)
    return name if found and found.path.strip("/") == path else ""


def is_aws_managed(arn: Text) -> bool:
    """Whether a text is the ARN of a managed policy of AWS, known or not."""
    fields = arns.parse(arn)
    return fields is not None and fields.service == "iam" and fields.account == "aws" and fields.type == "policy"


def entry(name: str) -> Entry | None:
    """What is known of the policy of that name, spelt exactly so."""
    if not _NAME.fullmatch(name):
        return None
    index = _index()
    start = index.find(f"\n{name}\t")
    if start < 0:
        return None
    found, path, version, date, begin, end, line = index[start + 1 : index.index("\n", start + 1)].split("\t")
    return Entry(found, path, version, date, (int(begin), int(end)), int(line))


def known_names() -> tuple[str, ...]:
    """Every policy, in the order of the names."""
    return tuple(line.partition("\t")[0] for line in _index().splitlines()[1:])


def as_of() -> str:
    """The date of the newest policy in the shipped data."""
    return _index().partition("# as_of ")[2].partition(",")[0]


def document(name: str) -> Document:
    """The text of a known policy, so that a place in it can be shown; it is nobody's file, so no policies are in it."""
    return _read(name)[0]


def documents(policies: Iterable[Policy]) -> list[Document]:
    """The texts of those of the policies that came from here, each once."""
    sources = {id(policy.node.source): policy.node.source for policy in policies}
    found = []
    for source in sources.values():
        name = source.path.removeprefix(SCHEME)
        if name != source.path and entry(name) and document(name).source is source:
            found.append(document(name))
    return found


@cache
def _policy(name: str, kind: str) -> Policy:
    return policy_document.read(_read(name)[1], Attachment(kind, True, "managed"), [])


@cache
def _read(name: str) -> tuple[Document, Node]:
    import json
    import zlib

    from bedrock_policy_lint.sources.json import read
    from bedrock_policy_lint.sources.source import Source

    found = entry(name)
    assert found is not None  # noqa: S101 - to ask for what `find` does not know is a mistake
    start, end = found.block
    with open(os.path.join(_DATA, _BLOCKS), "rb") as file:
        file.seek(start)
        block = zlib.decompress(file.read(end - start))
    text = json.dumps(json.loads(block.split(b"\n")[found.line]), ensure_ascii=False, indent=2)
    made = Document(Source(f"{SCHEME}{name}", text))
    root, _ = read(made.source)
    made.add_root(root)
    return made, root


@cache
def _index() -> str:
    with open(os.path.join(_DATA, _INDEX), encoding="utf-8") as file:
        return file.read()
